"""Bring into step what lists the units: the README, the lines between notebooks, lesson 00.

    python tools/course_lists.py [--check]

The course's table, klteach/units/__init__.py, is the one place where a unit is added, renamed or
marked as written. From it come the table of the README, the first and last line of links in each
lesson and solution, and in lesson 00 the units that exist and the routes. `--check` writes nothing,
says what would change and exits with 1. The exercises follow by tools/build_exercises.py, the
picture of the map by tools/normalise_notebooks.py.
"""

import argparse
import re
import sys

from nbformat import v4

from klteach.units import PARTS, UNITS, WRITTEN
from klteach.units.routes import CORE, ROUTES
from normalise_notebooks import read_notebook, write
from notebook_running import ROOT

START = "00_start_here.ipynb"
MAP = f"{START}#cell-id=00-map-of-the-course-text"
# a line of links holds the way up to the map, whatever stands before and after it
LINKS = re.compile(r"^.*\[↑ Map of the course\].*$", re.MULTILINE)


def lesson_links(unit):
    """The line that leads from a lesson to the one before, to the map and to the one after."""
    earlier = [other for other in WRITTEN if other.number < unit.number]
    later = [other for other in WRITTEN if other.number > unit.number]
    parts = []
    if earlier:
        parts.append(f"[← {earlier[-1].code} {earlier[-1].title}]({earlier[-1].name}.ipynb)")
    parts.append(f"[↑ Map of the course]({MAP if unit.number else '#Map-of-the-course'})")
    if later:
        parts.append(_forwards(later[0]))
        parts += [
            f"{', '.join(names)}: {_forwards(following)}"
            for following, names in _elsewhere(unit, later).items()
        ]
    elif unit.number + 1 < len(UNITS):
        following = UNITS[unit.number + 1]
        parts.append(f"{following.code} {following.title} (on its way)")
    return " · ".join(parts)


def _forwards(unit):
    return f"[{unit.code} {unit.title} →]({unit.name}.ipynb)"


def _elsewhere(unit, later):
    """Where the routes go on that pass over the next unit: {unit: names of the routes}.

    The last unit of a route leads to the one that closes the course.
    """
    found = {}
    for route in ROUTES:
        own = [other for other in later if other.number in route.numbers or other == UNITS[-1]]
        if unit.number in route.numbers and own and own[0] != later[0]:
            found.setdefault(own[0], []).append(route.name)
    return found


def exercise_links(unit):
    """The line that leads from an exercise to its lesson, to the map and to other exercises.

    Those of the unit before; 00 holds a trial and no exercises to go back to.
    """
    earlier = [other for other in WRITTEN if 0 < other.number < unit.number]
    later = [other for other in WRITTEN if other.number > unit.number]
    parts = [
        f"[← Lesson {unit.code}](../notebooks/{unit.name}.ipynb)",
        f"[↑ Map of the course](../notebooks/{MAP})",
    ]
    if earlier:
        parts.append(f"[Exercises {earlier[-1].code}]({earlier[-1].name}.ipynb)")
    elif later:
        parts.append(f"[Exercises {later[0].code} →]({later[0].name}.ipynb)")
    return " · ".join(parts)


def readme_table():
    """The units by part, those that are written with a link."""
    rows = ["| part | units |", "|---|---|"]
    for part in PARTS:
        units = ", ".join(_in_readme(unit) for unit in part.units)
        rows.append(f"| {part.letter} {part.title} | {units} |")
    return "\n".join(rows)


def _in_readme(unit):
    words = f"{unit.code} {unit.title}"
    return f"[{words}](notebooks/{unit.name}.ipynb)" if unit.written else words


def units_that_exist():
    """The sentence of lesson 00 below the map."""
    *others, last = (unit.code for unit in WRITTEN)
    if len(WRITTEN) == len(UNITS):
        return f"Units {others[0]} to {last} exist."
    return f"Units {', '.join(others)} and {last} exist so far."


def routes_table():
    """The table of lesson 00: a route, for whom, its units, its hours."""
    rows = ["| Route | For | Units | Planned hours |", "|---|---|---|---|"]
    for route in ROUTES:
        minutes = sum(UNITS[number].minutes for number in route.numbers)
        codes = (
            f"Core + {_codes(route.numbers - CORE)}"
            if route.numbers > CORE
            else _codes(route.numbers)
        )
        rows.append(f"| **{route.name}** | {route.purpose} | {codes} | {minutes / 60:.0f} |")
    return "\n".join(rows)


def _codes(numbers):
    """00–05 11 13: four and more in a row as a range."""
    runs = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(
        f"{run[0]:02d}–{run[-1]:02d}" if len(run) > 3 else " ".join(f"{n:02d}" for n in run)
        for run in runs
    )


def in_step():
    """{path: the text that it should have}."""
    texts = {}
    readme = ROOT / "README.md"
    texts[readme] = re.sub(
        r"^\| part \|.*?(?=\n\n)", lambda _: readme_table(), _read(readme), flags=re.M | re.S
    )
    for unit in WRITTEN:
        for folder, links in (("notebooks", lesson_links), ("solutions", exercise_links)):
            path = ROOT / folder / f"{unit.name}.ipynb"
            notebook = read_notebook(path)
            line = links(unit)
            for cell in (notebook.cells[0], notebook.cells[-1]):
                cell.source = LINKS.sub(lambda _, line=line: line, cell.source)
            if path.name == START and folder == "notebooks":
                _lesson_00(notebook)
            texts[path] = v4.writes(notebook) + "\n"
    return texts


def _lesson_00(notebook):
    for cell in notebook.cells:
        if cell.id == "00-map-of-the-course-text-2":
            cell.source = re.sub(
                r"^Units .*? exist( so far)?\.", units_that_exist(), cell.source, flags=re.M
            )
        if cell.id == "00-routes-text":
            cell.source = re.sub(
                r"^\| Route \|.*?(?=\n\n)", lambda _: routes_table(), cell.source, flags=re.M | re.S
            )


def _read(path):
    return path.read_text(encoding="utf-8")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would")
    options = parser.parse_args(arguments)
    changed = {path: text for path, text in in_step().items() if _read(path) != text}
    for path, text in changed.items():
        if not options.check:
            write(path, text)
        print(f"{path.relative_to(ROOT)}: {'would change' if options.check else 'written'}")
    return int(options.check and bool(changed))


if __name__ == "__main__":
    sys.exit(main())
