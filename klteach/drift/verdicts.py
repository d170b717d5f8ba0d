"""What can be said of a column, and what is then said of the whole table."""

from collections.abc import Iterable

DRIFT, NO_DRIFT = "drift", "no drift"
# more than chance makes of it, and less than anybody wants to be woken for
SMALL = "small drift"
TOO_FEW, TOO_FEW_WINDOWS = "too few rows", "too few windows"
# many windows in one hide what one of them shows
TOO_MANY = "too many rows"
LOST, RETYPED = "not there", "other kind"
CANNOT_TELL = (LOST, RETYPED, TOO_FEW, TOO_FEW_WINDOWS, TOO_MANY)
# What has to be looked at stands first.
BY_URGENCY = (DRIFT, *CANNOT_TELL, SMALL, NO_DRIFT)


def most_urgent(verdicts: Iterable[str]) -> str:
    """Drift if a column drifts; else why one could not be judged, if there is one; else the rest.

    >>> most_urgent([NO_DRIFT, TOO_FEW, NO_DRIFT])
    'too few rows'
    """
    return min(verdicts, key=BY_URGENCY.index, default=NO_DRIFT)
