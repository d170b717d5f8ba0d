"""Runs the cells of a notebook in this process, one after the other, and keeps their names.

A cell that raises is over, and what it defined before counts. A cell that outlasts its time is
stopped where it is. Output goes nowhere.
"""

import ast
import asyncio
import builtins
import inspect
import linecache
import os
import sys
import types

from calls import OutOfTime, TimeLimit
from stand_in import Shell, verb

try:  # turns `%magic`, `!command` and `help?` into Python
    from IPython.core.inputtransformer2 import TransformerManager

    _plain = TransformerManager().transform_cell
except ImportError:

    def _plain(source):
        lines = source.splitlines(keepends=True)
        return "".join("\n" if line.lstrip().startswith(("%", "!")) else line for line in lines)


_LONGEST_TEXT = 500
_getpid, _end = os.getpid, os._exit


class Cells:
    """The names of one notebook, and what is remembered about how they came to be."""

    def __init__(self):
        module = types.ModuleType("__main__")
        self._process = os.getpid()
        self.names = vars(module)
        self.notes: list[str] = []
        shell = Shell(self.names, self.notes)
        self.names.update(
            __builtins__=builtins, get_ipython=lambda: shell, display=verb, exit=_exit, quit=_exit
        )
        sys.modules["__main__"] = module

    def run(self, number: int, source: str, seconds: float) -> dict:
        """Run one cell; whether it was stopped, and the error that ended it."""
        said: dict[str, object] = {"stopped": False, "error": None}
        try:
            with TimeLimit(seconds, waiting=seconds):
                self._run(f"<cell {number}>", source)
        except OutOfTime:
            said["stopped"] = True
        except BaseException as error:  # SystemExit and KeyboardInterrupt among them
            said["error"] = [type(error).__name__, _text(error)]
        self.stay_one()
        said["notes"], self.notes[:] = list(self.notes), []
        return said

    def stay_one(self):
        """End a process that a cell or an answer has forked: only the first one answers."""
        if _getpid() != self._process:
            _end(0)

    def _run(self, name, source):
        try:
            tree = ast.parse(source, name)
        except SyntaxError:  # unless there are magics in it
            source = _plain(source)
            tree = ast.parse(source, name)
        lines = source.splitlines(keepends=True)
        linecache.cache[name] = (len(source), None, lines, name)
        code = compile(tree, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        value = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(value)


def _exit(code=None):
    raise SystemExit(code)


def _text(error) -> str:
    try:
        return str(error)[:_LONGEST_TEXT]
    except Exception:
        return ""
