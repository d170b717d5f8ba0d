"""Make exercises/ from solutions/: the same notebooks with the answers taken out, executed.

    python tools/build_exercises.py [SOLUTION ...] [--check]

`--check` writes nothing, says which cells would change and exits with 1. What differs between a
solution and its exercise:

* the first line: "# Solutions 01 · Title" becomes "# Exercises 01 · Title"; all other text is
  shared, so it is written for the exercise;
* the lines from ### BEGIN SOLUTION to ### END SOLUTION in a starter cell: a stub that raises
  NotImplementedError stands there, at the indent of BEGIN;
* the nbgrader metadata of the graded cells: with nbgrader's own checksums;
* the outputs: those of the untouched exercise.

For nbgrader, `solutions/` is the source of an assignment and `exercises/` its release.
"""

import argparse
import hashlib
import re
import sys
from copy import deepcopy
from pathlib import Path

from cell_ids import assign_cell_ids
from klteach.units import UNITS
from normalise_notebooks import committed_form, process, read_notebook
from notebook_running import ROOT, NotebookProblem, course_path, running_notebook

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")
METADATA = {
    "grade": bool,
    "grade_id": str,
    "locked": bool,
    "schema_version": int,
    "solution": bool,
    "task": bool,
}
# learners are given every notebook of exercises/
DRAFTS = {f"{unit.name}.ipynb" for unit in UNITS if not unit.written}
CHECK_CALL = re.compile(r"^check\(", re.MULTILINE)


def exercise_of(solution, path):
    """The exercise notebook, not yet executed, of the solution notebook that stands at `path`.

    Raises NotebookProblem, naming file and cell, for a notebook that is no valid source.
    """
    exercise = deepcopy(solution)
    if not exercise.cells:
        raise NotebookProblem(path, "has no cells")
    _retitle(exercise.cells[0], path)
    grade_ids = set()
    for position, cell in enumerate(exercise.cells, start=1):
        try:
            _check_metadata(cell, grade_ids)
            cell.source = _without_solution(cell)
        except ValueError as error:
            raise NotebookProblem(path, str(error), position, cell) from None
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
        metadata = cell.metadata.get("nbgrader", {})
        if metadata.get("grade") or metadata.get("solution") or metadata.get("locked"):
            metadata.cell_type = cell.cell_type
            metadata.checksum = checksum(cell)
    assign_cell_ids(exercise, path)
    return exercise


def _retitle(title, path):
    lesson = Path(path).stem.split("_")[0]
    beginning = f"# Solutions {lesson} · "
    if not title.source.startswith(beginning):
        raise NotebookProblem(path, f'must begin with "{beginning}Title"', 1, title)
    title.source = title.source.replace("Solutions", "Exercises", 1)


def _check_metadata(cell, grade_ids):
    """Refuse what nbgrader would refuse or, worse, read differently from us."""
    metadata = cell.metadata.get("nbgrader")
    if metadata is None:
        if CHECK_CALL.search(cell.source) and cell.cell_type == "code":
            raise ValueError("calls check(...) but has no nbgrader metadata")
        return
    for key, kind in METADATA.items():
        if type(metadata.get(key)) is not kind:
            raise ValueError(f"nbgrader metadata needs {key!r} ({kind.__name__})")
    if metadata.schema_version != 3:
        raise ValueError(f"nbgrader metadata has schema {metadata.schema_version}, not 3")
    if not re.fullmatch(r"[\w-]+", metadata.grade_id):
        raise ValueError(f"the grade_id {metadata.grade_id!r} must be letters, digits, - and _")
    if metadata.grade_id in grade_ids:
        raise ValueError(f"the grade_id {metadata.grade_id!r} stands twice")
    grade_ids.add(metadata.grade_id)
    points = metadata.get("points")
    if metadata.grade and (isinstance(points, bool) or not isinstance(points, (int, float))):
        raise ValueError("nbgrader metadata of a graded cell needs 'points' (a number)")


def _without_solution(cell):
    """The cell's source with a stub in place of each solution region."""
    is_starter = cell.metadata.get("nbgrader", {}).get("solution", False)
    lines, begin = [], None
    regions = 0
    for number, line in enumerate(cell.source.split("\n"), start=1):
        marker = line.strip()
        # nbgrader finds these words anywhere in a line: a variant would be cut by it and not by us
        if re.search("(BEGIN|END) SOLUTION", line) and marker not in (BEGIN, END):
            raise ValueError(f"line {number}: the marker must stand alone as {BEGIN} or {END}")
        if marker == BEGIN:
            if begin is not None:
                raise ValueError(f"line {number}: {BEGIN} inside the region of line {begin}")
            if not is_starter:
                raise ValueError(f"line {number}: {BEGIN} in a cell without solution metadata")
            begin, regions = number, regions + 1
            indent = line[: -len(line.lstrip())] if line[0].isspace() else ""
            lines += [indent + stub for stub in STUB]
        elif marker == END:
            if begin is None:
                raise ValueError(f"line {number}: {END} without {BEGIN}")
            begin = None
        elif begin is None:
            lines.append(line)
    if begin is not None:
        raise ValueError(f"line {begin}: {BEGIN} without {END}")
    if is_starter and (not regions or cell.cell_type != "code"):
        raise ValueError(f"a solution cell must be code with a region {BEGIN} ... {END}")
    return "\n".join(lines)


def checksum(cell):
    """nbgrader's checksum of a graded cell (`nbgrader.utils.compute_checksum`)."""
    metadata = cell.metadata.nbgrader
    locked = not metadata.solution and (metadata.grade or metadata.locked)
    parts = [
        cell.source,
        cell.cell_type,
        str(metadata.grade),
        str(metadata.solution),
        str(locked),
        metadata.grade_id,
    ]
    if metadata.grade:
        parts.append(str(float(metadata.points)))
    return hashlib.md5("".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()


def built(solution_path, exercise_path):
    """The text that the exercise should have: made from its solution, executed, normalised."""
    exercise = exercise_of(read_notebook(solution_path), solution_path)
    committed = read_notebook(exercise_path) if Path(exercise_path).exists() else exercise
    with running_notebook(exercise, exercise_path) as client:
        return committed_form(client.nb, committed, exercise_path)


def main(arguments=None, root=ROOT):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, help="solution notebooks; all if none")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it would")
    options = parser.parse_args(arguments)
    exercises, solutions = root / "exercises", root / "solutions"
    exercises.mkdir(exist_ok=True)
    sources = {path.name: path for path in options.files or sorted(solutions.glob("*.ipynb"))}
    for name in DRAFTS & sources.keys():
        print(f"solutions/{name}: a draft, of which learners see no exercise yet")
        del sources[name]
    code = process(
        [exercises / name for name in sources],
        lambda exercise: built(sources[exercise.name], exercise),
        options.check,
    )
    for orphan in sorted(exercises.glob("*.ipynb")):
        if not (solutions / orphan.name).exists():
            print(f"{course_path(orphan)}: has no source in solutions/", file=sys.stderr)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
