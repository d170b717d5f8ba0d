"""How long a test waits: minutes for what has to happen, seconds only for what never ends.

Where many programs compute on one machine, a cell that takes milliseconds can take seconds.
"""

import time

from klteach.grading.limits import Limits

PATIENT = Limits(cell_seconds=300.0, call_seconds=300.0, submission_seconds=900.0)
# for notebooks in which something goes on for ever: their other cells take milliseconds
HASTY = Limits(cell_seconds=1.0, call_seconds=1.0, submission_seconds=900.0)
_SECONDS = 300.0


def wait_until(happened, what: str) -> None:
    """Wait until `happened()` is true; `what` says for what."""
    end = time.monotonic() + _SECONDS
    while not happened():
        assert time.monotonic() < end, f"after {_SECONDS:g} seconds still not: {what}"
        time.sleep(0.02)
