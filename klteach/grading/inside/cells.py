"""Runs the cells of a notebook in this process, one after the other, and keeps their names.

A cell that raises is over, as in a kernel, and what it defined before counts; only its imports
still run. Where it failed for want of something that a learner has and this process has not (a
library, a file, a program, klteach), the rest of it runs too. A cell that outlasts its time is
stopped where it is. Output goes nowhere.
"""

import __future__

import ast
import asyncio
import builtins
import contextlib
import inspect
import linecache
import os
import sys
import types

from klteach.grading.inside.names import Meanings
from klteach.grading.inside.remainder import bound, failed_at, imports
from klteach.grading.inside.shell import Shell, line_as_magic
from klteach.grading.inside.shell import install as install_shell
from klteach.grading.inside.stand_in import NotHere, verb
from klteach.practice.time_limit import OutOfTime, TimeLimit

try:  # turns `%magic`, `!command` and `help?` into Python
    from IPython.core.inputtransformer2 import TransformerManager

    _plain = TransformerManager().transform_cell
except ImportError:

    def _plain(source):
        lines = source.splitlines(keepends=True)
        return "".join("\n" if line.lstrip().startswith(("%", "!")) else line for line in lines)


_LONGEST_TEXT = 500
_LEAST_SECONDS = 0.1  # of a cell, where the time of all is used up: enough to define a function
_FUTURES = {getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_WANTING = (ImportError, OSError, EOFError, NotHere)  # the machine here, and not the learner
_CUT = (
    "it was stopped, since the time for all cells was used up; what it had defined by then counts"
)
_NOT_RUN = "was left out: nothing is installed or started while grading"


_getpid, _end = os.getpid, os._exit


class Failed(Exception):
    """Ends what follows a magic in its cell, where what the magic ran has failed and was told."""


class Cells:
    """The names of one notebook, and what is remembered about how they came to be."""

    def __init__(self):
        module = types.ModuleType("__main__")
        self._process = os.getpid()
        self.names = vars(module)
        self.allot(None, 0)
        self._wanting: set[str] = set()  # names that could not be bound here
        self._futures = 0
        self._loop = None
        self._code = None  # what was compiled last for the cell that runs
        self._shell = Shell(self.names, self._run_part)
        self.names.update(
            __builtins__=builtins, display=verb, exit=_exit, quit=_exit, __name__="__main__"
        )
        install_shell(self._shell)
        sys.modules["__main__"] = module
        sys.displayhook = self._shell.show
        self.meanings = Meanings(self.names)
        sys.path.insert(0, "")  # what `%%writefile` wrote can be imported

    # A cell

    def allot(self, seconds: float | None, cells: int) -> None:
        """Give so many seconds to so many cells together, and a little to each in any case."""
        self.left = seconds
        share = _LEAST_SECONDS if seconds is None else seconds / (8 * max(cells, 1))
        self._least = min(_LEAST_SECONDS, share)

    def run(self, number: int, source: str, seconds: float) -> dict:
        """Run one cell; whether it was stopped, the error that ended it, and what is to be said."""
        left = 2 * seconds if self.left is None else max(self.left, self._least)
        cut = left < seconds
        self._number, self._notes, wanting = number, [], set(self._wanting)
        self._unfinished: list[ast.stmt] = []
        said: dict[str, object] = {"stopped": False, "error": None}
        self._said = said
        limit = TimeLimit(min(seconds, left), waiting=min(2 * seconds, left + self._least))
        try:
            with limit:
                self._shell.begin(source)
                self._run_all(source)
        except OutOfTime:
            said["stopped"] = not cut
            if cut:
                self._notes.append(_CUT)
            self._import_the_rest()
        except BaseException as error:  # SystemExit and KeyboardInterrupt among them
            said["error"] = [type(error).__name__, _text(error)]
        self.stay_one()
        if self.left is not None:
            self.left -= limit.spent
        self.meanings.remember()
        refused = [f"`{what[:80]}` {_NOT_RUN}" for what in self._shell.refused]
        said["notes"] = [*refused, *self._notes]
        said["wanting"] = sorted(map(str, self._wanting - wanting))[:100]
        return said

    def stay_one(self):
        """End a process that a cell or an answer has forked: only the first one answers."""
        if _getpid() != self._process:
            _end(0)

    def _run_all(self, source):
        """Run the statements of a cell, and after one that failed those that still can run."""
        self._rest = []
        self._rest = self._statements(source)
        last = self._rest[-1] if self._rest and not source.rstrip().endswith(";") else None
        while self._rest:
            try:
                return self._execute(self._rest, last)
            except OutOfTime as stop:
                place = failed_at(self._rest, self._code, stop.__traceback__)
                self._unfinished = self._unfinished or self._rest[place + 1 :]
                self._wanting |= bound(self._rest[place:])
                raise
            except BaseException as error:
                self._go_on(error)

    def _go_on(self, error):
        """Leave in `_rest` what can run after this error of one of its statements."""
        place = failed_at(self._rest, self._code, error.__traceback__)
        failed, following = self._rest[place : place + 1], self._rest[place + 1 :]
        wanting = self._is_wanting(error)
        if wanting:
            self._wanting |= bound(failed)
            if not isinstance(error, NameError):
                self._tell_of(error, following)
        elif self._said["error"] is None:
            self._said["error"] = [type(error).__name__, _text(error)]
        alone = isinstance(failed[0], (ast.Import, ast.ImportFrom)) and len(failed[0].names) == 1
        retried = [] if alone else imports(failed)
        self._rest = retried + (following if wanting else imports(following))

    def _is_wanting(self, error) -> bool:
        """Whether something is not there that is there where the learner works."""
        if self._shell.refused or isinstance(error, _WANTING):
            return True
        if isinstance(error, NameError):
            return getattr(error, "name", None) in self._wanting
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        inside = where.tb_frame.f_globals.get("__name__") if where else ""
        # a setting of the environment; a language of the machine
        return (isinstance(error, KeyError) and inside == "os") or inside == "locale"

    def _tell_of(self, error, following):
        on = "; the cell went on after it" if following else ""
        text = " ".join(_text(error).split())[:200]
        text = text if isinstance(error, NotHere) else f"{type(error).__name__}: {text}"
        if (note := f"{text}{on}") not in self._notes:
            self._notes.append(note)

    def _import_the_rest(self):
        """After a cell was stopped: what it would still have imported."""
        try:
            with TimeLimit(_LEAST_SECONDS, waiting=0.5):
                for statement in imports(self._unfinished):
                    with contextlib.suppress(Exception):
                        self._execute([statement], None)
        except BaseException:
            return

    # Its statements

    def _statements(self, source) -> list[ast.stmt]:
        name = f"<cell {self._number}>"
        try:
            tree = ast.parse(source, name)
        except SyntaxError:  # unless there are magics in it
            source = line_as_magic(source) or _plain(source)
            tree = ast.parse(source, name)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return tree.body

    def _execute(self, statements, shown):
        """Run statements; if the last is the expression `shown`, its value is remembered."""
        if isinstance(shown, ast.Expr) and statements[-1] is shown:
            statements = statements[:-1]
        else:
            shown = None
        name = f"<cell {self._number}>"
        if statements:
            self._evaluate(ast.Module(statements, []), name, "exec")
        if shown:
            self._evaluate(ast.Interactive([shown]), name, "single")

    def _evaluate(self, tree, name, mode):
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | self._futures
        self._code = code = compile(tree, name, mode, flags=flags, dont_inherit=True)
        for flag in _FUTURES:
            self._futures |= code.co_flags & flag
        value = eval(code, self.names)
        if code.co_flags & inspect.CO_COROUTINE:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            self._loop.run_until_complete(value)

    def _run_part(self, source):
        """Run what a magic such as `%%time` says of a cell."""
        rest, code, earlier = self._rest, self._code, self._said["error"]
        try:
            self._run_all(source)
        finally:
            self._rest, self._code = rest, code
        if self._said["error"] is not earlier:
            raise Failed


def _exit(code=None):
    raise SystemExit(code)


def _text(error) -> str:
    try:
        return str(error)[:_LONGEST_TEXT]
    except Exception:
        return ""
