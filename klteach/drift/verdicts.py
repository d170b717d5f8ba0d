"""What can be said of a column, and what is then said of the whole table."""

from collections.abc import Iterable

DRIFT, NO_DRIFT, TOO_FEW = "drift", "no drift", "too few rows"
# What has to be looked at stands first.
BY_URGENCY = (DRIFT, TOO_FEW, NO_DRIFT)


def most_urgent(verdicts: Iterable[str]) -> str:
    """Drift if a column drifts; else too few rows if a column could not be judged.

    >>> most_urgent([NO_DRIFT, TOO_FEW, NO_DRIFT])
    'too few rows'
    """
    return min(verdicts, key=BY_URGENCY.index, default=NO_DRIFT)
