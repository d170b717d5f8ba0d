"""Calls a learner's function and survives whatever it does: errors, exits, endless loops, prints.

It protects a learner's session from accidents. It is no sandbox against bad will: marks that count
are made elsewhere, in a process that the learner's code does not control.
"""

import contextlib
import io
import linecache
import signal
import threading
import time
import traceback
import warnings
from dataclasses import dataclass
from types import CoroutineType

import numpy as np

from klteach.practice.question import Case
from klteach.practice.wording import shorten

_LONGEST_TRANSCRIPT = 300


class OutOfTime(BaseException):
    """Raised inside a learner's function when its time is up.

    A BaseException, so that an `except Exception` in the learner's code does not swallow it.
    """


class TimeLimit:
    """A context in which `seconds` may pass.

    On the main thread of a POSIX system a timer interrupts the learner's code. Elsewhere the limit
    is looked at between calls (`check`), and an endless loop is ended by interrupting the kernel.
    """

    def __init__(self, seconds: float):
        self.seconds = seconds

    def __enter__(self):
        self._end = time.monotonic() + self.seconds
        self._active = True
        self._timed = (
            hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
        )
        if self._timed:
            self._old_handler = signal.signal(signal.SIGALRM, self._interrupt)
            # It rings again and again: a bare `except:` may swallow it once.
            self._old_timer = signal.setitimer(signal.ITIMER_REAL, self.seconds, 0.1)
        return self

    def __exit__(self, *_):
        self._active = False
        if self._timed:
            signal.setitimer(signal.ITIMER_REAL, *self._old_timer)
            signal.signal(signal.SIGALRM, self._old_handler)

    def _interrupt(self, *_):
        if self._active:
            raise OutOfTime

    def check(self):
        """Raise OutOfTime if the time is up."""
        if time.monotonic() > self._end:
            raise OutOfTime


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one call did."""

    value: object = None
    error: BaseException | None = None
    changed_its_input: bool = False


class Transcript(io.TextIOBase):
    """Keeps the beginning of what is printed and throws the rest away."""

    def __init__(self):
        self.text = ""

    def clear(self):
        self.text = ""

    def writable(self):
        return True

    def write(self, text):
        self.text += text[: max(0, _LONGEST_TRANSCRIPT - len(self.text))]
        return len(text)


@contextlib.contextmanager
def quiet(transcript: Transcript):
    """No warnings from Python or NumPy, and prints go into the transcript."""
    with (
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(transcript),
        contextlib.redirect_stderr(transcript),
    ):
        warnings.simplefilter("ignore")
        yield


def call(function, case: Case) -> Outcome:
    """Call `function` on copies of the arguments of `case`, and report what happened."""
    arguments = case.copies()
    try:
        value = function(*arguments)
    except (KeyboardInterrupt, OutOfTime):
        raise
    except BaseException as error:  # SystemExit among them: it must not end the session
        return Outcome(error=error)
    if type(value) is CoroutineType:
        value.close()  # a coroutine that nobody awaits would complain later
    changed = any(
        not np.array_equal(mine, theirs)
        for mine, theirs in zip(case.arguments, arguments, strict=True)
    )
    return Outcome(value, changed_its_input=changed)


def describe_error(error: BaseException, namespace: dict) -> str:
    """The error in the learner's terms: its message, their own line, a word on frequent ones."""
    frames = list(traceback.walk_tb(error.__traceback__))
    sentence = f"`{type(error).__name__}: {shorten(_text_of(error))}`"
    if isinstance(error, SystemExit):
        sentence = "It called `exit` or `quit`; a function ends with `return`"
    elif isinstance(error, ValueError) and _is_ours(frames[-1][0]):
        sentence = f"klteach refused an input: `{shorten(_text_of(error))}`"
    own = [(frame, number) for frame, number in frames if frame.f_globals is namespace]
    if own:
        frame, number = own[-1]
        source = linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
        sentence += f", in line {number} of its cell" + (f": `{shorten(source)}`" if source else "")
    remark = _remark(error)
    return f"{sentence}." + (f" {remark}" if remark else "")


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a learner's exception whose own text fails
        return "(its text cannot be read)"


def _is_ours(frame) -> bool:
    return frame.f_globals.get("__name__", "").startswith("klteach.")


def _remark(error: BaseException) -> str:
    text = _text_of(error)
    if isinstance(error, RecursionError):
        return "The function calls itself without an end."
    if isinstance(error, ZeroDivisionError) or "math domain" in text or "positive input" in text:
        return "One of the masses is 0 here: what should happen then?"
    if "truth value of an array" in text:
        return "`if` decides once for a whole array; a mask such as `p > 0` decides per outcome."
    if "converted to Python scalars" in text or "0-dimensional arrays" in text:
        return "`float` and the functions of `math` take one number, those of `np` a whole array."
    if isinstance(error, NameError) and not isinstance(error, UnboundLocalError):
        return "Is there an import or a cell that has not been run yet?"
    return ""
