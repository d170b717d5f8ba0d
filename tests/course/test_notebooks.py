"""The committed notebooks: their form, and that the normaliser would change nothing in them.

What stands in notebooks/ is run in test_slider_sweep.py and exercises in test_exercises.py, each
once; so only the solutions are run here.
"""

from functools import cache

import pytest
from normalise_notebooks import FOLDERS, differences, normalised, read_notebook
from tests.course.notebook_lint import is_reference, lint, sections_of_questions
from notebook_running import ROOT

from klteach.units.registry import questions

NOTEBOOKS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.ipynb"))]
READING = [path for path in NOTEBOOKS if path.parent.name == "notebooks"]
LESSONS = [path for path in READING if not is_reference(path.name)]
SOLUTIONS = [path for path in NOTEBOOKS if path.parent.name == "solutions"]
read = cache(read_notebook)


def place(path):
    return f"{path.parent.name}/{path.stem}"


def test_there_are_notebooks():
    assert LESSONS and SOLUTIONS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=place)
def test_a_notebook_keeps_every_rule(path):
    names = [notebook.name for notebook in READING]
    findings = lint(read(path), path, ROOT, read, names)
    assert not findings, "\n".join(findings)


@pytest.mark.parametrize("path", LESSONS, ids=place)
def test_feedback_sends_learners_to_sections_that_exist(path):
    wanted = {q.name: q.section for q in questions().values() if q.lesson == path.stem}
    assert sections_of_questions(read(path), wanted) == []


@pytest.mark.parametrize("path", SOLUTIONS, ids=place)
def test_the_normaliser_would_change_nothing(path):
    changes = differences(path, normalised(path))
    assert not changes, "\n".join([f"tools/normalise_notebooks.py {path.name} changes:", *changes])
