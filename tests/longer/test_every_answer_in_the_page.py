"""Every known answer has in the page's Python the verdict that it has in this one.

It takes minutes, so it is run where it is named, with the folder of the browser's Python:

    python3 course.py site --fetch-python FOLDER
    KLTEACH_PYODIDE=FOLDER python3 course.py test tests/longer -n 0 -s
"""

import ast
import contextlib
import io
import json
import re
from collections import Counter
from html import unescape

import pytest

from klteach.units import WRITTEN
from klteach.units.lookup import questions_of
from tests.browser.lab import ROOT
from tests.plugins.processor_time import seconds_of_tree
from tests.units.known_answers import RIGHT, TYPED_MISTAKES
from tests.website import site_with_python
from website.cells import LONGEST
from website.exercise import scipy_modules

# What both judge by: of each answer the state, the mistake, the points and the words.
JUDGE = """
import contextlib
import io
import linecache
import math

import numpy as np

from klteach.practice.verbs import check
from klteach.units.lookup import find_question


def judge(answers):
    verdicts = []
    for number, (name, source) in enumerate(answers):
        cell = f"<cell {number}>"
        linecache.cache[cell] = (len(source), None, source.splitlines(keepends=True), cell)
        names = {"__name__": "__main__", "np": np, "math": math}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(source, cell, "exec"), names)
            found = check(name, names)
        verdicts.append([found.state, found.mistake, found.score, str(found)])
    return verdicts


def judge_mistakes(names):
    verdicts = []
    for name in names:
        for mistake in find_question(name).mistakes:
            for variant in mistake.variants:
                found = check(name, {name: variant})
                verdicts.append([found.state, found.mistake, found.score, str(found)])
    return verdicts
"""
PIECE = LONGEST // 3  # letters, some of which are written as two
# A worker as the page starts it, which runs what it is given without a limit of time.
START = """files => {
  const absolute = (path) => new URL(`../${path}`, location.href).href;
  const python = new Worker(absolute(files.worker), { type: "module" });
  const places = ["core", "course", "more"].map((name) => [name, absolute(files[name])]);
  python.postMessage({ files: { ...files, ...Object.fromEntries(places) } });
  window.ask = (source) => new Promise((done, failed) => {
    python.onmessage = ({ data }) => {
      if (data.type === "failed") failed(new Error(data.text));
      else if (data.type === "done") done(data.answer);
    };
    python.postMessage({ cell: "here", source });
  });
}"""


class InThePage:
    """The Python of exercise pages: one for all units whose pages load the same."""

    def __init__(self, page, address):
        self.page, self.address, self.packages = page, address, None

    def go_to(self, unit):
        """Have the packages that the unit's page loads, and no other."""
        path = f"exercises/{unit.name}.html"
        found = re.search(
            r'data-python="([^"]*)"', self.page.request.get(self.address + path).text()
        )
        files = json.loads(unescape(found[1]))
        if files["packages"] != self.packages:
            self.page.goto(self.address + path)
            self.page.evaluate(START, files)
            self.packages = files["packages"]

    def shown(self, source):
        return self.page.evaluate("source => ask(source)", source)

    def value(self, source):
        answer = self.shown(source)
        assert "error" not in answer, answer["error"]
        return ast.literal_eval(answer["text"])

    def verdicts(self, call):
        """What the call gives, in pieces: of a long value the page shows the beginning."""
        length = self.value(f"{JUDGE}\nimport json\nfound = json.dumps({call})\nlen(found)")
        return json.loads(
            "".join(self.value(f"found[{at} : {at + PIECE}]") for at in range(0, length, PIECE))
        )


@pytest.fixture(scope="module")
def in_the_page(browser, tmp_path_factory):
    with site_with_python.served(tmp_path_factory.mktemp("site")) as address:
        page = browser.new_page()
        page.set_default_timeout(0)
        yield InThePage(page, address)
        page.close()


def here(call):
    names = {"__name__": "here"}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(JUDGE, names)
        return json.loads(json.dumps(eval(call, names)))


def cells(folder, unit):
    path = ROOT / folder / f"{unit.name}.ipynb"
    code = [c for c in json.loads(path.read_text("utf-8"))["cells"] if c["cell_type"] == "code"]
    return [("".join(cell["source"]), cell) for cell in code]


def answers(unit):
    """(question, source) of the untouched starters, of the right answers, of typed mistakes."""
    names = [question.name for question in questions_of(unit)]
    starters = {
        cell["metadata"]["nbgrader"]["grade_id"]: source
        for source, cell in cells("exercises", unit)
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
    wrong = [(name, RIGHT[name].replace(old, new)) for name, old, new, _ in TYPED_MISTAKES]
    return (
        [(name, starters[name]) for name in names],
        [(name, RIGHT[name]) for name in names],
        [(name, source) for name, source in wrong if name in names],
    )


def needs_scipy(unit):
    questions = ROOT / "klteach" / "units" / f"u{unit.name}" / "questions.py"
    return bool(scipy_modules(ROOT / "solutions" / f"{unit.name}.ipynb", questions))


# First those without SciPy, which a cell that compares may bring later.
IN_ORDER = sorted(WRITTEN, key=needs_scipy)


@pytest.mark.parametrize("unit", IN_ORDER, ids=lambda unit: unit.code)
def test_the_page_judges_every_answer_as_python_does_here(unit, in_the_page):
    untouched, right, wrong = answers(unit)
    names = [name for name, _ in right]
    in_the_page.go_to(unit)
    before = seconds_of_tree()
    calls = [f"judge({[*untouched, *right, *wrong]!r})", f"judge_mistakes({names!r})"]
    theirs = [verdict for call in calls for verdict in in_the_page.verdicts(call)]
    between = seconds_of_tree()
    ours = [verdict for call in calls for verdict in here(call)]
    words = sum(one[3] != other[3] for one, other in zip(theirs, ours, strict=True))
    print(
        f"\n{unit.code}: {len(names)} questions, {len(wrong)} mistakes typed, "
        f"{len(ours) - 2 * len(names) - len(wrong)} named; {words} in other words; "
        f"{between - before:.0f} CPU s in the page, "
        f"{seconds_of_tree() - between:.0f} here"
    )
    assert {state for state, *_ in theirs[: len(names)]} == {"not attempted"}
    assert Counter(state for state, *_ in theirs[len(names) : 2 * len(names)]) == {
        "correct": len(names)
    }
    different = [
        f"{one}\n{other}" for one, other in zip(theirs, ours, strict=True) if one[:3] != other[:3]
    ]
    assert not different, "\n\n".join(different)


@pytest.mark.parametrize("unit", IN_ORDER[::-1], ids=lambda unit: unit.code)
def test_a_solved_page_prints_what_the_solved_notebook_prints(unit, in_the_page):
    in_the_page.go_to(unit)
    for source, cell in cells("solutions", unit):
        answer = in_the_page.shown(source)
        assert "error" not in answer, answer["error"]
        saved = "".join("".join(each.get("text", "")) for each in cell["outputs"])
        assert answer["printed"] == saved, source
