"""Cell ids that say where a cell stands: the lesson, the section or question, the kind of cell.

`01-explore-code` is the first code cell under "## Explore" in lesson 01. In an exercise notebook a
section is named by its question: `01-kl` is the starter, `01-check_kl` its check, `01-kl-text` the
text above them. A cell added to one section leaves the ids of all other sections alone.
"""

import re
from collections import Counter
from pathlib import Path

OPENING = "start"
LONGEST_SECTION = 40  # a cell id holds 64 characters at most


def assign_cell_ids(notebook, path):
    """Give every cell of `notebook` its id, from its place alone."""
    lesson = _plain(Path(path).stem.split("_")[0])
    used = Counter()
    for cell, section in zip(notebook.cells, _sections(notebook.cells), strict=True):
        grade_id = _grade_id(cell)
        kind = "code" if cell.cell_type == "code" else "text"
        name = f"{lesson}-{_plain(grade_id)}" if grade_id else f"{lesson}-{section}-{kind}"
        used[name] += 1
        cell.id = name if used[name] == 1 else f"{name}-{used[name]}"


def _sections(cells):
    """The section's name for every cell."""
    starts = [0] + [i for i, cell in enumerate(cells) if i and _heading(cell) is not None]
    names = []
    for start, end in zip(starts, starts[1:] + [len(cells)], strict=True):
        heading = _heading(cells[start]) if cells else None
        starters = [
            _grade_id(cell)
            for cell in cells[start:end]
            if cell.metadata.get("nbgrader", {}).get("solution")
        ]
        name = starters[0] if starters else heading or OPENING
        names += [_plain(name) or "section"] * (end - start)
    return names


def _heading(cell):
    """The second-level heading that a cell opens with, without its time mark; else None."""
    found = re.match(r"##\s+([^\n]+)", cell.source) if cell.cell_type == "markdown" else None
    return found[1].split(" · ")[0] if found else None


def _grade_id(cell):
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def _plain(text):
    """Letters, digits, - and _ only, as the notebook format asks of an id."""
    lowered = re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")
    return lowered[:LONGEST_SECTION].strip("-")
