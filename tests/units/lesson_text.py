"""What a notebook of the course says, and whether its numbers are the right ones.

A sentence is a fragment of a notebook with a placeholder for every number, and the numbers that a
second route finds for them: ("fills {:.1f} GB", 2.0). The placeholders are those of `str.format`.
"""

import html
import re
from dataclasses import dataclass
from functools import cache
from string import Formatter

from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.plugins.unit_option import chosen

LESSONS = [f"notebooks/{unit.name}" for unit in chosen()]
# exercises/ is made from solutions/ and tested to be its image
NOTEBOOKS = [
    *LESSONS,
    *(f"notebooks/{path.stem}" for path in sorted((ROOT / "notebooks").glob("[A-Z]_*.ipynb"))),
    *(f"solutions/{unit.name}" for unit in chosen()),
]

# what may stand where a placeholder is: a number, or a word such as "ten" or "inf"
NUMBER = r"(-?\w+(?:\.\w+)?)"
# what must not stand in a lesson without a sentence of its own
MEASURED = re.compile(r"\d+\.\d+|\d+(?=\s?(?:%|[GM]B\b))")
# a cell whose output is a quiz
QUIZ = re.compile(r"^(predict|reveal|warm_up|inventory)\(", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """The words of a notebook: its markdown, its code, the output of its cells, of its quizzes."""

    text: str
    code: str
    printed: str
    quizzes: str


@cache
def read(place):
    """The notebook at `place`, such as "notebooks/00_start_here"."""
    notebook = read_notebook(ROOT / f"{place}.ipynb")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return Notebook(
        text=plain(without_targets(c.source) for c in notebook.cells if c.cell_type == "markdown"),
        code=plain(cell.source for cell in code),
        printed=plain(output(cell) for cell in code if not QUIZ.search(cell.source)),
        quizzes=plain(output(cell) for cell in code if QUIZ.search(cell.source)),
    )


def plain(parts):
    """The parts in one text, with the minus as one types it and no blanks that only align."""
    return re.sub(" {2,}", " ", "\n".join(parts).replace("−", "-"))


def without_targets(source):
    """The source without the addresses that its links lead to: a DOI is no number of the lesson."""
    return re.sub(r"(?<=\])\([^)\s]*\)", "", source)


def output(cell):
    """What the cell shows in words: its prints, its plain text, its HTML without the tags."""
    shown = []
    for item in cell.outputs:
        data = item.get("data", {})
        tagless = re.sub(r"<[^>]*>", " ", data.get("text/html", ""))
        shown += [item.get("text", ""), data.get("text/plain", ""), html.unescape(tagless)]
    return "\n".join(words.strip("\n") for words in shown if words)


def matches(sentence, text):
    """Where the sentence stands in the text, whatever its numbers are."""
    pattern = "".join(
        re.escape(literal) + (NUMBER if field is not None else "")
        for literal, field, *_ in Formatter().parse(sentence[0])
    )
    return list(re.finditer(pattern, text))


def fault(sentence, text):
    """What is wrong with a sentence of the text, in words, or None."""
    fragment, *values = sentence
    wanted = fragment.format(*values)
    found = [match[0] for match in matches(sentence, text)]
    if not found:
        return f'gone: "{wanted}"'
    if len(found) > 1:
        return f'no longer unique: "{wanted}" and {found}'
    if found != [wanted]:
        return f'the notebook says "{found[0]}", the second route "{wanted}"'
    return None


def without_a_sentence(text, sentences):
    """The measured numbers of a text that stand in no placeholder, each with words around it."""
    covered = {
        position
        for sentence in sentences
        for match in matches(sentence, text)
        for group in range(1, len(match.groups()) + 1)
        for position in range(*match.span(group))
    }
    return [
        " ".join(text[max(number.start() - 30, 0) : number.end() + 20].split())
        for number in MEASURED.finditer(text)
        if number.start() not in covered
    ]


def says(place, *words):
    """The claim that a test is about must still be there, in these words."""
    for fragment in words:
        assert fragment in read(place).text, f"{place} no longer says: {fragment}"


def presets(explorer, name):
    """{preset: the distribution that it sets} for the control called `name`."""
    start = {control["name"]: control["value"] for control in explorer.spec["controls"]}
    steps = {preset["name"]: (start | preset["state"])[name] for preset in explorer.spec["presets"]}
    return {preset: [step / sum(values) for step in values] for preset, values in steps.items()}
