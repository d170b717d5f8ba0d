"""A limit to the time that a learner's code may compute, whatever else the machine does meanwhile.

The process in which marks are made loads this module by itself, so it needs nothing of klteach.
"""

import builtins
import importlib
import os
import signal
import threading
import time


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
    default twelve times `seconds`, ends what does not compute, such as a sleep, and an import
    without an end; on Linux, time in which the thread would have computed and others had the
    processor is not counted either. `spent` has what it took in all, once it is over.

    On the main thread of a POSIX system timers interrupt the learner's code. Elsewhere the limit is
    looked at between calls (`check`), and an endless loop is ended by interrupting the kernel.
    """

    TICK = 0.05  # processor seconds from one look to the next
    _DOORS: tuple = ()  # where a ring is not heard

    def __init__(self, seconds: float, waiting: float | None = None):
        self.seconds = seconds
        self.waiting = 12 * seconds if waiting is None else waiting
        self.spent = 0.0
        self.active = False

    def __enter__(self):
        self.importing = False
        self.thread = threading.get_ident()
        self._computed = 0.0
        self._schedule = _open_schedule()
        self._start_time = time.monotonic() - self._held_up()
        self._old = []
        self._importers = []
        for home, name in ((builtins, "__import__"), (importlib, "import_module")):
            apart = _Apart(self, getattr(home, name))
            self._importers.append((home, name, apart))
            setattr(home, name, apart)
        self._last = time.thread_time()
        self.active = True
        if hasattr(signal, "setitimer") and (threading.current_thread() is threading.main_thread()):
            # They ring again and again: a bare `except:` may swallow one ring.
            self._start(signal.SIGPROF, signal.ITIMER_PROF, self.TICK, self.TICK)
            self._start(signal.SIGALRM, signal.ITIMER_REAL, self.waiting, 0.1)
        return self

    def _start(self, number, timer, first, interval):
        handler = signal.signal(number, self._interrupt)
        self._old.append((number, handler, timer, signal.setitimer(timer, first, interval)))

    def __exit__(self, *_):
        self.active = False
        self.spent = self._passed()
        if self._schedule is not None:
            os.close(self._schedule)
            self._schedule = None
        for number, handler, timer, old in self._old:
            signal.setitimer(timer, *old)
            signal.signal(number, handler)
        for home, name, apart in self._importers:
            if getattr(home, name) is apart:  # and not what a learner has put in its place
                setattr(home, name, apart.load)

    def _interrupt(self, _, frame):
        # Raised on the way in or out it would leave the timers running: a busy machine may ring
        # between the end of the answer and the first line of `__exit__`.
        if self.active and frame.f_code not in self._DOORS:
            self.check()

    def check(self):
        """Raise OutOfTime if the time is up."""
        if not self.importing:
            self.count()
        if self._computed > self.seconds:
            raise OutOfTime
        if self._passed() > self._computed + self.waiting:
            raise OutOfTime(waiting=True)

    def count(self):
        """What was computed since this was last asked, or since the last import ended."""
        now = time.thread_time()
        self._computed += now - self._last
        self._last = now

    def skip(self):
        """What was computed since then does not count."""
        self._last = time.thread_time()

    def _passed(self) -> float:
        return time.monotonic() - self._held_up() - self._start_time

    def _held_up(self) -> float:
        """Seconds in which this thread was ready and others had the processor, where it is told."""
        if self._schedule is None:
            return 0.0
        try:
            return int(os.pread(self._schedule, 100, 0).split()[1]) / 1e9
        except (OSError, ValueError, IndexError):
            return 0.0


class _Apart:
    """An importer of Python's, whose time is not counted by a limit on its thread."""

    def __init__(self, limit: TimeLimit, load):
        self.limit = limit
        self.load = load

    def __call__(self, *arguments, **named):
        limit = self.limit
        if limit.importing or not limit.active or threading.get_ident() != limit.thread:
            return self.load(*arguments, **named)
        limit.count()
        limit.importing = True
        try:
            return self.load(*arguments, **named)
        finally:
            limit.skip()
            limit.importing = False


TimeLimit._DOORS = tuple(
    function.__code__
    for function in (
        *(TimeLimit.__enter__, TimeLimit.__exit__, TimeLimit._start, _Apart.__init__),
        *(TimeLimit.count, TimeLimit.skip, TimeLimit._passed, TimeLimit._held_up),
        *(TimeLimit.check, _Apart.__call__),
    )
)

_kept_schedule = -1


def keep_schedule(descriptor: int) -> None:
    """Use this descriptor of the main thread's /proc/thread-self/schedstat where /proc is gone."""
    global _kept_schedule
    _kept_schedule = descriptor


def _open_schedule() -> int | None:
    """What the kernel tells of the processor time of this thread; Linux has it."""
    try:
        return os.open("/proc/thread-self/schedstat", os.O_RDONLY)
    except (OSError, AttributeError):
        pass
    try:
        return os.dup(_kept_schedule)
    except OSError:
        return None
