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

# what may stand where a placeholder is: a number, or a word such as "ten" or "inf"
NUMBER = r"(-?\w+(?:\.\w+)?)"
# what must not stand in a lesson without a sentence of its own
MEASURED = re.compile(r"\d+\.\d+|\d+(?=\s?(?:%|[GM]B\b))")
QUIZ = re.compile(r"^(predict|warm_up|inventory)\(", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """The words of a notebook: its markdown, its code, the output of its cells and of its quizzes."""

    text: str
    code: str
    printed: str
    quizzes: str


@cache
def read(place):
    """The notebook at `place`, such as "notebooks/00_start_here"."""
    notebook = read_notebook(ROOT / f"{place}.ipynb")
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    quizzes = [bool(QUIZ.search(cell.source)) for cell in code]
    return Notebook(
        text=plain(without_targets(c.source) for c in notebook.cells if c.cell_type == "markdown"),
        code=plain(cell.source for cell in code),
        printed=plain(output(cell) for cell, quiz in zip(code, quizzes) if not quiz),
        quizzes=plain(output(cell) for cell, quiz in zip(code, quizzes) if quiz),
    )


def plain(parts):
    return "\n".join(parts).replace("−", "-")  # so that a minus is typed as one types it


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
    return "\n".join(filter(None, shown))


def matches(sentence, text):
    """Where the sentence stands in the text, whatever its numbers are."""
    literals = [re.escape(literal) for literal, *_ in Formatter().parse(sentence[0])]
    placeholders = [field is not None for _, field, _, _ in Formatter().parse(sentence[0])]
    pattern = "".join(
        literal + (NUMBER if number else "")
        for literal, number in zip(literals, placeholders, strict=True)
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
    """The measured numbers of a text that stand in no placeholder, each with the words around it."""
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
