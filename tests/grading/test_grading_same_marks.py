"""The check in the notebook and the grader give the same marks for the same notebook.

All known answers, right and wrong, go both ways: as the learner meets them, in a notebook whose
cells run one after the other and whose checks are called in place, and through `grade`.
"""

from collections import defaultdict
from contextlib import redirect_stdout, suppress
from io import StringIO
from itertools import zip_longest
from pathlib import Path

import pytest

from klteach.cli import main
from klteach.grading.grade import grade
from klteach.grading.session import Warm
from klteach.practice.feedback import plain
from klteach.practice.verbs import check
from tests.grading.patience import PATIENT
from tests.grading.submissions import LESSON, SWAPPED, as_bytes, submission
from tests.units.known_answers import QUESTIONS, RIGHT, RIGHT_FORMS, TYPED_MISTAKES

ROOT = Path(__file__).parents[2]
LESSONS = sorted({question.lesson for question in QUESTIONS})


@pytest.fixture(scope="module")
def warm():
    with Warm(PATIENT) as process:
        yield process


def answers(name):
    """Sources of all known answers to a question, as a cell may hold them."""
    yield RIGHT[name]
    for question, right, wrong, _ in TYPED_MISTAKES:
        if question == name:
            yield RIGHT[name].replace(right, wrong)
    for form in RIGHT_FORMS.get(name, ()):
        # the forms are functions among others: all of their file is the cell
        yield f"{file_of(name)}\n{name} = RIGHT_FORMS[{name!r}][{form!r}]\n"


def file_of(name):
    (lesson,) = {question.lesson for question in QUESTIONS if question.name == name}
    (path,) = ROOT.glob(f"tests/units/u{lesson}/answers.py")
    return path.read_text(encoding="utf-8")


def notebooks(lesson):
    """Notebooks that hold all of the known answers of a lesson, one of each question at a time."""
    names = [question.name for question in QUESTIONS if question.lesson == lesson]
    for chosen in zip_longest(*map(answers, names)):
        yield submission(dict(zip(names, chosen, strict=True)), lesson=lesson)


def marks_in_place(notebook, whole):
    """The score of each question as the checks of the notebook give it, where they stand.

    The cells in which nothing is asked take most of the time: they run if it is to be the `whole`.
    """
    names, scores = {"__name__": "__main__"}, {}
    for number, cell in enumerate(notebook["cells"]):
        about = cell["metadata"].get("nbgrader", {})
        needed = whole or about or cell["id"].endswith("-start-code")
        if about.get("grade"):
            name = about["grade_id"].removeprefix("check_")
            scores[name] = check(name, names).score
        elif cell["cell_type"] == "code" and needed:
            with suppress(Exception), redirect_stdout(StringIO()):  # which ends the cell
                exec(compile("".join(cell["source"]), f"<cell {number}>", "exec"), names)
    return scores


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_check_in_the_notebook_and_the_grader_give_the_same_marks(lesson, warm):
    different = defaultdict(list)
    for place, notebook in enumerate(notebooks(lesson)):
        in_place = marks_in_place(notebook, whole=place < 2)
        record = grade(as_bytes(notebook), warm, "a seed")
        for question in record["questions"]:
            name = question["name"]
            if question["score"] != in_place[name]:
                different[name].append((in_place[name], question["score"], question["message"]))
    assert not different, dict(different)


@pytest.mark.parametrize(
    "handed_in",
    [
        lambda: submission({"kl": SWAPPED, "kelly_growth": None}, after=["kl = 3", "1 / 0"]),
        lambda: submission({"kl": f"import torch\n{RIGHT['kl'].replace('np.', 'torch.')}"}),
    ],
    ids=["some wrong", "one without a verdict"],
)
def test_klteach_check_says_what_the_grader_finds(handed_in, warm, tmp_path, capsys):
    data = as_bytes(handed_in())
    path = tmp_path / f"{LESSON}.ipynb"
    path.write_bytes(data)
    record = grade(data, warm, "a seed")
    code = main(["check", str(path)])
    printed = capsys.readouterr().out
    assert code == (record["score"] != record["points"])
    for question in record["questions"]:
        score = "no score" if question["score"] is None else f"{question['score']:g}"
        assert f"{question['name']}, {score} of {question['points']:g}" in printed
        for said in (question["message"], *question["notes"]):
            assert all(plain(line) in printed for line in said.split("\n"))
    assert all(f"Note: {note}" in printed for note in record["notes"])
    last = printed.strip().split("\n")[-1]
    if record["score"] is None:
        assert last == f"No score: {record['problem']}"
    else:
        assert last == f"{record['score']:g} of {record['points']:g} points"
