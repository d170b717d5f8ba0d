"""Runs a cell as a notebook does: for the builder here, and for a learner in the page's Python.

The page has this file beside klteach, and nothing else of the site, so it needs none of either.
"""

import ast
import contextlib
import functools
import io
import linecache
import sys
import time
import traceback

LONGEST = 20_000  # letters of what a cell prints, and of its value
# What klteach says to somebody in a notebook, and what it says in the page, where a button runs
# the cell as well.
SAID_IN_THE_PAGE = (
    (", run that cell, then check again.", ", then check again."),
    ("Run this cell again for the next hint.", "Ask again for the next hint."),
    (
        "in this notebook. Run the cell that defines it first. If you did, look for an error below "
        "that cell.",
        "on this page. Is there an error below your code?",
    ),
)

_own: set[str] = set()  # the names of the cells that were run


def run(source: str, names: dict, cell: str):
    """Run a cell; return the value of its last line if that is an expression."""
    tree = ast.parse(source, cell)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, cell, "exec"), names)
        return None
    del tree.body[-1]
    exec(compile(tree, cell, "exec"), names)
    return eval(compile(ast.Expression(last.value), cell, "eval"), names)


def shown(source: str, cell: str) -> dict[str, str]:
    """Run a cell among the names of `__main__`; what a notebook would show below it.

    printed  what it printed, warnings included
    html     the value of its last line, if klteach draws it
    text     any other value
    error    of an error the lines that are the learner's
    missing  the module that was not found, if that was the error
    """
    _own.add(cell)
    # by this a traceback, and a check, know the lines of the cell
    linecache.cache[cell] = (len(source), None, source.splitlines(keepends=True), cell)
    printed = _Printed()
    answer = {}
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            value = run(source, vars(sys.modules["__main__"]), cell)
            answer = {} if value is None else _drawn(value)
    except BaseException as error:  # SystemExit too, for there is no kernel to end
        answer["error"] = _in_short(error)
        if isinstance(error, ModuleNotFoundError):
            answer["missing"] = error.name or ""
    return answer | {"printed": printed.getvalue()}


class _Printed(io.StringIO):
    """Keeps the beginning of what is printed: a loop that prints would fill the memory."""

    def write(self, text: str) -> int:
        room = LONGEST - self.tell()
        if room > 0:
            super().write(_beginning(text, room))
        return len(text)


def _beginning(text: str, room: int = LONGEST) -> str:
    return text if len(text) <= room else f"{text[:room]}\n… and more"


def _drawn(value) -> dict[str, str]:
    if not type(value).__module__.startswith("klteach."):
        return {"text": _beginning(repr(value))}
    html = value._repr_html_()
    for in_a_notebook, in_the_page in SAID_IN_THE_PAGE:
        html = html.replace(in_a_notebook, in_the_page)
    return {"html": html}


def _in_short(error: BaseException) -> str:
    """The traceback without the frames of libraries and of this file."""
    whole = traceback.TracebackException.from_exception(error)
    own = [frame for frame in whole.stack if frame.filename in _own]
    head = ["Traceback (most recent call last):\n"] if own else []
    lines = [*head, *traceback.format_list(own), *whole.format_exception_only()]
    return "".join(lines).rstrip()


def make_up_for_the_page() -> None:
    """Put in what the page's Python lacks: the time of a thread, and words of 64 bits."""
    import numpy as np

    # by the time of its thread klteach limits an answer; here the process has but one
    time.thread_time = time.process_time
    # NumPy takes no array of 64-bit numbers for numbers of places where words have 32
    for function, place in ((np.bincount, 0), (np.repeat, 1), (np.take, 1)):
        setattr(np, function.__name__, _narrowing(function, place, np))


def _narrowing(function, place: int, np):
    """The function, but the argument at this place may be an array of 64-bit whole numbers."""

    @functools.wraps(function)
    def narrowed(*arguments, **named):
        values = list(arguments)
        if len(values) > place and getattr(values[place], "dtype", None) == np.int64:
            values[place] = values[place].astype(np.intp)
        return function(*values, **named)

    return narrowed
