"""A unit that the tool has laid out: sound, saying what is to be written, and still a draft."""

import os
import re
import shutil
import subprocess
import sys

import pytest

import course_lists
import new_unit
from klteach.units import UNITS
from notebook_running import ROOT

COPIED = (
    "klteach", "tests", "tools", "benchmarks", "notebooks", "solutions", "exercises", "docs",
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "conftest.py", "course.py",
    "pyproject.toml",
)  # fmt: skip
# what an author meets at first, and nothing besides
TO_WRITE = {
    "test_nothing_is_left_to_do",
    "test_a_lesson_takes_about_the_minutes_of_the_plan",
    "test_what_a_lesson_refers_to_stands_in_the_bibliography_under_its_unit",
}


class Copy:
    """A copy of the course in which a draft may be laid out."""

    def __init__(self, root):
        self.root = root
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, root / name)

    def run(self, *words):
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def failing(self, *words):
        """The tests that fail there, by their names, and all that was said."""
        done = self.run("-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-q", *words)
        said = done.stdout + done.stderr
        assert re.search(r"\d+ passed", said), said
        return set(re.findall(r"^(?:FAILED|ERROR) [^:]+::(\w+)", said, re.MULTILINE)), said


@pytest.fixture(scope="module")
def draft():
    package = "klteach/units/u{}"
    new = [unit for unit in UNITS if not (ROOT / package.format(unit.name)).exists()]
    if not new:
        pytest.skip("every unit is laid out")
    return new[0]


@pytest.fixture(scope="module")
def course(tmp_path_factory, draft):
    copy = Copy(tmp_path_factory.mktemp("course"))
    done = copy.run("tools/new_unit.py", draft.code, draft.slug)
    assert done.returncode == 0, done.stderr
    assert f"course.py test --unit {draft.code}" in done.stdout
    return copy


def test_the_author_is_told_what_is_to_be_written_and_nothing_else(course, draft):
    where = ("tests/units", "tests/course")  # the tool has run the notebooks
    failing, said = course.failing("--unit", draft.code, *where)
    assert failing == TO_WRITE, said
    assert f"klteach/units/u{draft.name}/questions.py:" in said


def test_the_whole_course_stays_green_beside_a_draft(course, draft):
    tests = ("quiz_items", "lookup", "minutes")
    whole = ("exercises", "reference_notebooks", "course_lists", "layers")
    failing, said = course.failing(
        *(f"tests/units/test_{name}.py" for name in tests),
        *(f"tests/course/test_{name}.py" for name in whole),
    )
    assert failing == set(), said


def test_its_code_keeps_the_form(course, draft):
    places = (f"klteach/units/u{draft.name}", f"tests/units/u{draft.name}")
    for check in (("check",), ("format", "--check")):
        done = course.run("-m", "ruff", *check, *places)
        assert done.returncode == 0, done.stdout


def test_no_learner_is_given_its_exercise(course, draft):
    done = course.run("tools/build_exercises.py", f"solutions/{draft.name}.ipynb")
    assert done.returncode == 0 and "a draft" in done.stdout
    assert not (course.root / "exercises" / f"{draft.name}.ipynb").exists()


def test_a_unit_that_has_files_is_left_alone(course, draft):
    page = course.root / "klteach" / "units" / f"u{draft.name}" / "quiz.py"
    before = page.read_text("utf-8")
    done = course.run("tools/new_unit.py", draft.code)
    assert done.returncode == 1 and "is there already; nothing was written" in done.stderr
    assert page.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [(["99"], "is not in the course's table"), (["13", "pinskers"], "is called 'pinsker'")],
)
def test_a_unit_that_is_not_in_the_table_is_refused(arguments, problem):
    with pytest.raises(SystemExit, match=problem):
        new_unit.main(arguments)


def test_the_links_of_a_draft_are_those_that_it_will_have(draft):
    (made, _) = new_unit.notebooks_of(draft).values()
    assert course_lists.lesson_links(draft) in made.cells[0].source
    assert course_lists.lesson_links(draft) in made.cells[-1].source
