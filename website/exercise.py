"""The body of an exercise page: the tasks with their starters, and where they are solved."""

import re

import nbformat

from website.page import Body, PageMaker

VERBS = re.compile(r"# hint\(|check\(")
# What every exercise begins with is no task.
IMPORTS_ONLY = re.compile(r"(?:(?:import|from) .*\n?|\n)+")


def exercise_body(notebook, maker: PageMaker) -> Body:
    """The tasks of a notebook. Its verbs stay in it until the page has a Python of its own."""
    cells = [cell for cell in notebook.cells if not _is_a_verb(cell)]
    for cell in cells:
        if cell.cell_type == "code" and "nbgrader" in cell.metadata:
            cell.outputs = []
    page = nbformat.v4.new_notebook(cells=cells)
    return maker.body(page, {})


def _is_a_verb(cell) -> bool:
    if cell.cell_type != "code":
        return False
    return bool(VERBS.match(cell.source)) or bool(IMPORTS_ONLY.fullmatch(cell.source))
