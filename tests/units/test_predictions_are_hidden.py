"""A prediction is one: what stands on the page before it does not give the answer away.

The saved output of the next cells lies in view below the question, so it is hidden until the
learner opens it or runs the cell. And the number that is asked for stands nowhere above, be it in
words, code or outputs: three digits of it that agree are taken for the answer.
"""

import re

from klteach.practice.quiz.items import Number
from klteach.units.lookup import predictions_of
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.plugins.unit_option import chosen
from tests.together import together
from tests.units.lesson_text import QUIZ, output, plain

PREDICTIONS = [(unit, p) for unit in chosen() for p in predictions_of(unit)]
each_prediction = together([(unit.name, p.name, (unit, p)) for unit, p in PREDICTIONS])
HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)
NUMBER = re.compile(r"(?<![\d.])\d+(?:\.\d+)?")


def cells_around(unit, prediction):
    """The cells above the question, and those below it up to the next heading."""
    cells = read_notebook(ROOT / f"notebooks/{unit.name}.ipynb").cells
    asked = [i for i, cell in enumerate(cells) if f'predict("{prediction.name}")' in cell.source]
    assert len(asked) == 1, f"{prediction.name} is asked {len(asked)} times"
    below = []
    for cell in cells[asked[0] + 1 :]:
        if cell.cell_type == "markdown" and HEADING.search(cell.source):
            break
        below.append(cell)
    return cells[: asked[0]], below


def is_hidden(cell):
    return cell.metadata.get("jupyter", {}).get("outputs_hidden") is True


def telling_numbers(prediction):
    """What to look for: numbers of three digits and more in the truth, as they are written."""
    answers = prediction.answers
    truth = f"{answers.truth:.3g}" if isinstance(answers, Number) else str(answers.truth)
    return {n for n in NUMBER.findall(truth) if len(re.sub(r"\D", "", n).strip("0")) >= 3}


def begins(number, wanted):
    """Whether a number in the text is the wanted one, or has more digits of it."""
    return number == wanted or ("." in wanted and number.startswith(wanted))


@each_prediction
def test_no_output_below_is_in_view(unit, prediction):
    _, below = cells_around(unit, prediction)
    shown = [
        cell.source
        for cell in below
        if cell.cell_type == "code"
        and cell.outputs
        and not QUIZ.search(cell.source)
        and not is_hidden(cell)
    ]
    assert not shown


@each_prediction
def test_what_jupyterlab_shows_of_a_hidden_output_tells_nothing(unit, prediction):
    """It shows the first line that is not empty, beside three dots."""
    _, below = cells_around(unit, prediction)
    for cell in filter(is_hidden, below):
        first = next((line for line in output(cell).splitlines() if line.strip()), "")
        assert not re.search(r"\d", first), first


@each_prediction
def test_the_number_asked_for_stands_nowhere_above(unit, prediction):
    wanted = telling_numbers(prediction)
    above, _ = cells_around(unit, prediction)
    text = plain(
        part
        for cell in above
        for part in (cell.source, "" if cell.cell_type == "markdown" else output(cell))
    )
    found = [n for n in NUMBER.findall(text) if any(begins(n, number) for number in wanted)]
    assert not found


def test_the_check_sees_a_number_that_would_tell():
    looked_for = {p.name: telling_numbers(p) for _, p in PREDICTIONS}
    assert sum(map(bool, looked_for.values())) >= (3 if len(chosen()) > 1 else 0)
    assert begins("0.4741", "0.474") and not begins("0.47", "0.474") and not begins("4740", "474")
