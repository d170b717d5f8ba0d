"""The body of an exercise page: the tasks with their starters, and what checks them in the page."""

import ast
import json
import re
from pathlib import Path

import nbformat

from website.page import Body, PageMaker

HINTS = re.compile(r"# hint\(")
CHECK = re.compile(r'check\("(\w+)"\)')
SCIPY = re.compile(r"scipy(?:\.|$)")


def exercise_body(notebook, maker: PageMaker) -> Body:
    """The tasks of a notebook. Its verbs are left out: in the page they are buttons."""
    cells = [cell for cell in notebook.cells if not _is_a_verb(cell)]
    for cell in cells:
        if cell.cell_type == "code" and "nbgrader" in cell.metadata:
            cell.outputs = []
    page = nbformat.v4.new_notebook(cells=cells)
    return maker.body(page, {})


def code_cells(notebook) -> list[dict[str, str]]:
    """The cells that the page runs, in their order: {id}, and of a starter {id, question}."""
    cells: list[dict[str, str]] = []
    for cell in notebook.cells:
        check = CHECK.fullmatch(cell.source)
        if check:
            cells[-1]["question"] = check[1]
        elif cell.cell_type == "code" and not _is_a_verb(cell):
            cells.append({"id": cell.id})
    return cells


def scipy_modules(solutions: Path, questions: Path) -> list[str]:
    """The modules of SciPy that answers to a page's questions use, or the judging of them."""
    notebook = json.loads(solutions.read_text(encoding="utf-8"))
    sources = [questions.read_text(encoding="utf-8")] + [
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    ]
    return sorted({name for source in sources for name in _imported(source) if SCIPY.match(name)})


def _imported(source: str) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "scipy":
            names += [f"scipy.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names.append(node.module or "")
            # klteach imports it for a question when it is first asked for
            if "special" in [alias.name for alias in node.names]:
                names.append("scipy.special")
    return names


def _is_a_verb(cell) -> bool:
    if cell.cell_type != "code":
        return False
    return bool(CHECK.fullmatch(cell.source) or HINTS.match(cell.source))
