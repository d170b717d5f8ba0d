"""How long a learner's process has had, so that a busy machine takes nothing from anybody.

What counts is the time on the clock, less that in which the process, or the grader itself, was
ready to go on and others had the processor. The kernel tells it; no word of the process is needed.
"""

import os
import time

UNTOLD = 4  # seconds on the clock count as one, where the system does not tell who had to wait
MOST = 10  # seconds on the clock count as one at least: a process that makes itself wait ends too


class OwnTime:
    """The time of one process since this was made.

    `schedule` is the descriptor of the schedstat that Linux keeps of its first thread; it is ours
    to close.
    """

    def __init__(self, schedule: int | None = None):
        self._schedules = [s for s in (schedule, _of_this_thread()) if s is not None]
        self.told = schedule is not None and _held_up(schedule) is not None
        self._waited = dict.fromkeys(self._schedules, 0.0)
        self._waited_before = self._held_up()
        self._start = time.monotonic()

    def passed(self) -> float:
        """Seconds of its own."""
        clock = time.monotonic() - self._start
        if not self.told:
            return clock / UNTOLD
        return max(clock - (self._held_up() - self._waited_before), clock / MOST)

    def close(self) -> None:
        """Keep nothing open."""
        for schedule in self._schedules:
            os.close(schedule)
        self._schedules = []

    def _held_up(self) -> float:
        for schedule in self._schedules:
            known = _held_up(schedule)
            if known is not None:  # else the process has ended
                self._waited[schedule] = known
        return sum(self._waited.values())


def _of_this_thread() -> int | None:
    try:
        return os.open("/proc/thread-self/schedstat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # macOS
        return None


def _held_up(schedule) -> float | None:
    """Seconds in which the thread was ready and others had the processor; None if it is untold."""
    try:
        computed, held_up, times = map(int, os.pread(schedule, 100, 0).split())
        return held_up / 1e9 if computed or held_up or times else None
    except (OSError, ValueError):
        return None
