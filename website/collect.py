"""Runs the code of a notebook in this process and keeps the widgets that its cells show."""

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

Widget = Explorer | QuizWidget


def widgets_of(notebook, folder: Path) -> dict[str, Widget]:
    """The widgets of a notebook by the id of the cell that shows them.

    Its other outputs are taken as they were saved: they are tested, and the same on every machine.
    """
    found: dict[str, Widget] = {}
    with _as_main() as names, contextlib.chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for cell in notebook.cells:
                if cell.cell_type == "code":
                    value = _run(cell.source, names, cell.id)
                    if isinstance(value, Widget):
                        found[cell.id] = value
    return found


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


def _run(source: str, names: dict, cell: str):
    """Run a cell; return the value of its last line if that is an expression."""
    tree = ast.parse(source, cell)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, cell, "exec"), names)
        return None
    del tree.body[-1]
    exec(compile(tree, cell, "exec"), names)
    return eval(compile(ast.Expression(last.value), cell, "eval"), names)
