"""The committed notebooks keep every rule of their form.

That they run, and that the normaliser would change nothing, is seen where they are run: in
tests/plugins/notebook_runs.py.
"""

from functools import cache

import pytest

from klteach.units import WRITTEN
from klteach.units.lookup import questions_of
from normalise_notebooks import FOLDERS, read_notebook
from notebook_running import ROOT
from tests.course.notebook_lint import is_reference, lint, sections_of_questions
from tests.plugins.unit_option import chosen

LESSONS = [ROOT / "notebooks" / f"{unit.name}.ipynb" for unit in chosen()]
REFERENCES = [
    path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if is_reference(path.name)
]
NOTEBOOKS = [
    path
    for folder in FOLDERS
    for unit in chosen()
    # a draft has no exercise yet, and a missing one is told by test_exercises.py
    if (path := ROOT / folder / f"{unit.name}.ipynb").exists() or folder != "exercises"
]
NAMES = [
    *sorted({f"{unit.name}.ipynb" for unit in (*WRITTEN, *chosen())}),
    *(reference.name for reference in REFERENCES),
]
read = cache(read_notebook)


def place(path):
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", [*NOTEBOOKS, *REFERENCES], ids=place)
def test_a_notebook_keeps_every_rule(path):
    findings = lint(read(path), path, ROOT, read, NAMES)
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("unit", chosen(), ids=lambda unit: unit.name)
def test_feedback_sends_learners_to_sections_that_exist(unit):
    wanted = {question.name: question.section for question in questions_of(unit)}
    path = ROOT / "notebooks" / f"{unit.name}.ipynb"
    assert sections_of_questions(read(path), wanted) == []
