"""Finds a learner's function, calls it, and survives whatever it does: errors, exits, loops.

It protects a learner's session from accidents. It is no sandbox against bad will: marks that count
are made elsewhere, in a process that the learner's code does not control. That process loads this
module by itself, so it needs NumPy and nothing of klteach, and tells what it saw as plain values.
"""

import contextlib
import dis
import inspect
import io
import linecache
import os
import signal
import threading
import time
import traceback
import warnings
from dataclasses import dataclass
from types import CodeType, CoroutineType, FunctionType, ModuleType

import numpy as np

_LONGEST_TRANSCRIPT = 300
_LONGEST_TEXT = 1000
KINDS = ("function", "missing", "no function", "of klteach", "other arguments", "borrowed")
_DOES_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}


class OutOfTime(BaseException):
    """Raised inside a learner's function when its time is up; `waiting` if it hardly computed.

    A BaseException, so that an `except Exception` in the learner's code does not swallow it.
    """

    def __init__(self, waiting: bool = False):
        self.waiting = waiting


class TimeLimit:
    """A context in which `seconds` may be computed, and `waiting` seconds may pass besides.

    What counts is processor time, so that a busy machine takes nothing from anybody, and without
    what goes into imports: the first `import scipy` takes longer than most answers. `waiting`, by
    default twelve times `seconds`, ends what does not compute, such as a sleep; on Linux, time in
    which the thread would have computed and others had the processor is not counted either.

    On the main thread of a POSIX system timers interrupt the learner's code. Elsewhere the limit is
    looked at between calls (`check`), imports included, and an endless loop is ended by
    interrupting the kernel.
    """

    TICK = 0.05  # processor seconds from one look to the next

    def __init__(self, seconds: float, waiting: float | None = None):
        self.seconds = seconds
        self.waiting = 12 * seconds if waiting is None else waiting

    def __enter__(self):
        self._computed = 0.0
        self._last = time.thread_time()
        self._schedule = _open_schedule()
        self._start_time = time.monotonic() - self._held_up()
        self._active = True
        self._old = []
        if hasattr(signal, "setitimer") and (threading.current_thread() is threading.main_thread()):
            # They ring again and again: a bare `except:` may swallow one ring.
            self._start(signal.SIGPROF, signal.ITIMER_PROF, self.TICK, self.TICK)
            self._start(signal.SIGALRM, signal.ITIMER_REAL, self.waiting, 0.1)
        return self

    def _start(self, number, timer, first, interval):
        handler = signal.signal(number, self._interrupt)
        self._old.append((number, handler, timer, signal.setitimer(timer, first, interval)))

    def __exit__(self, *_):
        self._active = False
        if self._schedule is not None:
            os.close(self._schedule)
            self._schedule = None
        for number, handler, timer, old in self._old:
            signal.setitimer(timer, *old)
            signal.signal(number, handler)

    def _interrupt(self, _, frame):
        # Raised on the way in or out it would leave the timers running: a busy machine may ring
        # between the end of the answer and the first line of `__exit__`.
        if self._active and frame.f_code not in self._DOORS:
            self._look(importing=_is_importing(frame))

    _DOORS = (__enter__.__code__, __exit__.__code__, _start.__code__)

    def check(self):
        """Raise OutOfTime if the time is up."""
        self._look(importing=False)

    def _look(self, importing: bool):
        now = time.thread_time()
        if not importing:
            self._computed += now - self._last
        self._last = now
        if self._computed > self.seconds:
            raise OutOfTime
        if time.monotonic() - self._held_up() > self._start_time + self.waiting:
            raise OutOfTime(waiting=True)

    def _held_up(self) -> float:
        """Seconds in which this thread was ready and others had the processor, where it is told."""
        if self._schedule is None:
            return 0.0
        try:
            return int(os.pread(self._schedule, 100, 0).split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0


def _open_schedule() -> int | None:
    """What the kernel tells of the processor time of this thread; Linux has it."""
    try:
        return os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    except (OSError, AttributeError):
        return None


def _is_importing(frame) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


@dataclass(frozen=True)
class Found:
    """What stands under the name of an answer.

    kind        "function", or why it is none: "missing", "no function", "of klteach",
                "other arguments", or "borrowed" if it calls klteach to answer
    functions   if missing: the names of the learner's own functions
    type_name   if it is no function: its type
    parameters  if it takes other arguments: their names
    empty       whether the body is a docstring, `pass` or `...` and nothing else
    borrowed    if it calls klteach: the function's name there
    """

    kind: str
    functions: tuple[str, ...] = ()
    type_name: str = ""
    parameters: tuple[str, ...] = ()
    empty: bool = False
    borrowed: str = ""


@dataclass(frozen=True)
class Failure:
    """What a call raised.

    kinds         the name of its class and of those above it
    text          its message
    line, source  where in the learner's own cell, if it was there
    """

    kinds: tuple[str, ...]
    text: str = ""
    line: int | None = None
    source: str = ""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one call did."""

    value: object = None
    failure: Failure | None = None
    changed_its_input: bool = False
    printed: str = ""


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


def find(name: str, names: dict, arguments: int) -> Found:
    """Look for the function `name`, to be called with so many arguments, among `names`."""
    if name not in names:
        own = [
            other
            for other, value in names.items()
            if type(value) is FunctionType and value.__globals__ is names
        ]
        return Found("missing", functions=tuple(own))
    value = names[name]
    if not callable(value):
        return Found("no function", type_name=type(value).__name__)
    if _of_klteach(value):
        return Found("of klteach")
    borrowed = _borrowed(value, names)
    if borrowed:
        return Found("borrowed", borrowed=borrowed)
    try:
        signature = inspect.signature(value)
    except Exception:  # functions written in C may not tell theirs, and odd objects may object
        return Found("function")
    try:
        signature.bind(*range(arguments))
    except TypeError:
        return Found("other arguments", parameters=tuple(signature.parameters))
    return Found("function", empty=_does_nothing(value))


def _of_klteach(value) -> bool:
    home = value.__name__ if type(value) is ModuleType else getattr(value, "__module__", "")
    return str(home).split(".")[0] == "klteach"


def _borrowed(value, names: dict) -> str:
    """What of klteach a function of the notebook names in its code, or in functions it calls."""
    seen, left = set(), [value]
    while left:
        function = left.pop()
        if type(function) is not FunctionType or function.__globals__ is not names:
            continue
        codes = [function.__code__]
        while codes:
            code = codes.pop()
            if code in seen:
                continue
            seen.add(code)
            codes += [inner for inner in code.co_consts if type(inner) is CodeType]
            for name in code.co_names:
                used = names.get(name)
                if name.split(".")[0] == "klteach" or _of_klteach(used):
                    return name
                left.append(used)
    return ""


def _does_nothing(function) -> bool:
    return type(function) is FunctionType and all(
        step.opname in _DOES_NOTHING for step in dis.get_instructions(function)
    )


def call_all(
    function, calls, seconds: float, names: dict, waiting: float | None = None
) -> list[Outcome | None]:
    """What each call did; None for those that the time was not enough for.

    `calls` are tuples of arguments, of which copies are handed over. `names` are those of the
    notebook. A call in which `waiting` seconds passed and less than `seconds` were computed has the
    failure OutOfTime, see TimeLimit.
    """
    # what the frames of the learner's own code have in common, wherever it was written
    names = function.__globals__ if type(function) is FunctionType else names
    outcomes: list[Outcome | None] = [None] * len(calls)
    transcript = Transcript()
    with quiet(transcript):
        limit, place = TimeLimit(seconds, waiting), 0
        try:
            with limit:
                for place, arguments in enumerate(calls):
                    transcript.clear()
                    outcome = _call(function, arguments, names, transcript)
                    limit.check()
                    outcomes[place] = outcome
        except OutOfTime as end:
            if end.waiting:
                outcomes[place] = Outcome(failure=Failure(("OutOfTime",), f"{limit.waiting:g}"))
    return outcomes


def _call(function, arguments, names, transcript) -> Outcome:
    copies = tuple(a.copy() if isinstance(a, np.ndarray) else a for a in arguments)
    try:
        value = function(*copies)
    except (KeyboardInterrupt, OutOfTime):
        raise
    except BaseException as error:  # SystemExit among them: it must not end the session
        return Outcome(failure=_failure(error, names), printed=transcript.text)
    if type(value) is CoroutineType:
        value.close()  # a coroutine that nobody awaits would complain later
    changed = any(
        not np.array_equal(mine, theirs) for mine, theirs in zip(arguments, copies, strict=True)
    )
    return Outcome(value, changed_its_input=changed, printed=transcript.text)


def _failure(error: BaseException, names: dict) -> Failure:
    line, source = None, ""
    frames = traceback.walk_tb(error.__traceback__)
    own = [(frame, number) for frame, number in frames if frame.f_globals is names]
    if own:
        frame, line = own[-1]
        source = linecache.getline(frame.f_code.co_filename, line, frame.f_globals).strip()
    try:
        text = str(error)
    except Exception:  # a learner's exception whose own text fails
        text = "(its text cannot be read)"
    return Failure(
        kinds=tuple(kind.__name__ for kind in type(error).__mro__),
        text=text[:_LONGEST_TEXT],
        line=line,
        source=source[:_LONGEST_TEXT],
    )
