"""Runs the cells of a notebook that show a widget, in this process, and keeps the widgets."""

import ast
import contextlib
import io
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path

from klteach.explorers.explorer import Explorer
from klteach.practice.quiz.widget import QuizWidget
from website.cells import run

Widget = Explorer | QuizWidget
TO_RUN = "<p><i>Run this cell to answer.</i></p>"  # how a quiz ends where nothing runs


def widgets_of(notebook, folder: Path) -> dict[str, Widget]:
    """The widgets of a notebook by the id of the cell that shows them.

    Its other outputs are taken as they were saved: they are tested, and the same on every machine.
    So of its other cells nothing is run but the imports; what a widget needs stands in its cell.
    """
    found: dict[str, Widget] = {}
    with _as_main() as names, contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for cell in notebook.cells:
                if cell.cell_type != "code":
                    continue
                if not _shows_a_widget(cell):
                    run(_imports(cell.source), names, cell.id)
                    continue
                value = run(cell.source, names, cell.id)
                if isinstance(value, Widget):
                    found[cell.id] = value
    return found


def _shows_a_widget(cell) -> bool:
    """By what it shows where nothing runs: an explorer its picture, a quiz its questions."""
    shown = [output.get("data", {}) for output in cell.outputs]
    return any("image/png" in data or TO_RUN in data.get("text/html", "") for data in shown)


def _imports(source: str) -> str:
    kept = [
        node for node in ast.parse(source).body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    return "\n".join(map(ast.unparse, kept))


@contextlib.contextmanager
def _as_main() -> Iterator[dict]:
    """The names of a fresh `__main__`, where the verbs of the exercises look for answers."""
    module = types.ModuleType("__main__")
    before = sys.modules["__main__"]
    sys.modules["__main__"] = module
    try:
        yield module.__dict__
    finally:
        sys.modules["__main__"] = before
