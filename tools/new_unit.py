"""Lay out every file of a unit that is in the course's table and has none yet.

    python tools/new_unit.py 14 [hypothesis_testing]

The files come from tools/unit_template: a whole small unit about odds, in which "TODO" marks each
thing to write. The unit stays a draft, which learners, the grader and the other units' tests do not
see, until its row in klteach/units/__init__.py says written=True. CONTRIBUTING.md says in which
order a unit is made; `python3 course.py test --unit 14` says what is left to do.
"""

import argparse
import re
import sys
from pathlib import Path

from nbformat import v4

from course_lists import exercise_links, lesson_links
from klteach.units import UNITS
from lesson_minutes import write as write_minutes
from normalise_notebooks import committed_form, read_notebook, write
from notebook_running import ROOT, running_notebook

PATTERN = Path(__file__).parent / "unit_template"
GRADING = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}


def files_of(unit):
    """{path: text} of the unit's Python files, from the pattern."""
    folders = {"package": f"klteach/units/u{unit.name}", "tests": f"tests/units/u{unit.name}"}
    return {
        ROOT / folder / path.name: filled(path.read_text(encoding="utf-8"), unit)
        for kind, folder in folders.items()
        for path in sorted((PATTERN / kind).glob("*.py"))
    }


def notebooks_of(unit):
    """{path: notebook}, not yet executed."""
    return {
        ROOT / folder / f"{unit.name}.ipynb": notebook(
            filled((PATTERN / name).read_text(encoding="utf-8"), unit).replace("LINKS", links)
        )
        for folder, name, links in (
            ("notebooks", "lesson.md", lesson_links(unit)),
            ("solutions", "solution.md", exercise_links(unit)),
        )
    }


def filled(text, unit):
    """The pattern's text with the unit's names in their places."""
    for name, value in (("NN", unit.code), ("SLUG", unit.slug), ("TITLE", unit.title)):
        text = text.replace(name, value)
    return text


def notebook(text):
    """A notebook from the pattern's form: a line "%% text", "%% code", ... begins each cell."""
    cells = []
    for kind, source in re.findall(
        r"^%% ([^\n]+)\n(.*?)(?=^%% |\Z)", text, re.MULTILINE | re.DOTALL
    ):
        kind, *words = kind.split()
        source = source.strip("\n")
        if kind == "text":
            cells.append(v4.new_markdown_cell(source))
        elif kind == "code":
            cells.append(v4.new_code_cell(source))
        elif kind == "starter":
            grading = GRADING | {"grade_id": words[0], "solution": True}
            cells.append(v4.new_code_cell(source, metadata={"nbgrader": grading}))
        else:
            name, points = words
            grading = {"grade": True, "grade_id": f"check_{name}", "locked": True}
            grading = GRADING | grading | {"points": int(points)}
            cells.append(v4.new_code_cell(f'check("{name}")', metadata={"nbgrader": grading}))
    return v4.new_notebook(cells=cells)


def unit_of(code, slug):
    """The row of the table; SystemExit, with the cure, where there is none that fits."""
    for unit in UNITS:
        if unit.code == code.zfill(2):
            break
    else:
        sys.exit(f"unit {code} is not in the course's table: add it to klteach/units/__init__.py.")
    if slug not in (None, unit.slug):
        sys.exit(f"unit {code} is called {unit.slug!r} in the course's table, not {slug!r}.")
    return unit


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("number", help="the unit's number in the course's table")
    parser.add_argument("slug", nargs="?", help="its name there, to be on the safe side")
    options = parser.parse_args(arguments)
    unit = unit_of(options.number, options.slug)
    texts, notebooks = files_of(unit), notebooks_of(unit)
    there = [path for path in (*texts, *notebooks) if path.exists()]
    if there:
        sys.exit(f"{there[0].relative_to(ROOT)} is there already; nothing was written.")
    for path, text in texts.items():
        path.parent.mkdir(exist_ok=True)
        write(path, text)
    for path, made in notebooks.items():
        with running_notebook(made, path) as client:
            write(path, committed_form(client.nb, made, path))
    lesson = ROOT / "notebooks" / f"{unit.name}.ipynb"
    write_minutes(lesson, read_notebook(lesson))
    for path in (*texts, *notebooks):
        print(path.relative_to(ROOT))
    print(f"\nWhat is left to do: python3 course.py test --unit {unit.code}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
