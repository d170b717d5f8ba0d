"""Parts of times that can be watched: the hour of a day, and the weekday.

A time itself is never the same twice, so it has no cells. Its hour has 24 and its weekday seven,
and both drift: an export that is now in another zone, or a source that is silent at weekends.
"""

import datetime

import numpy as np

from klteach.drift.errors import DriftError
from klteach.drift.values import is_missing
from klteach.drift.windows import WEEKDAYS

HOUR, WEEKDAY = "hour", "weekday"
PARTS = (HOUR, WEEKDAY)
_HOURS = tuple(f"{hour:02d}" for hour in range(24))
# what the engines' own formatting of times calls them
FORMATS = {HOUR: "%H", WEEKDAY: "%a"}


def require_part(part: str) -> None:
    """DriftError for a part that is none."""
    if part not in PARTS:
        raise DriftError(f"{part!r} is no part of a time; there are {', '.join(PARTS)}.")


def parts_of_array(times: np.ndarray, part: str) -> np.ndarray:
    """The part of each datetime64 as text, None for NaT.

    >>> parts_of_array(np.array(["2024-05-01T09:30", "NaT"], dtype="datetime64[s]"), "weekday")
    array(['Wed', None], dtype=object)
    """
    days = times.astype("datetime64[D]")
    missing = np.isnat(days)
    if part == HOUR:
        codes = (times.astype("datetime64[h]") - days).astype(np.int64)
        labels = _HOURS
    else:
        # the first of January 1970 was a Thursday
        codes = (days.astype(np.int64) + 3) % 7
        labels = WEEKDAYS
    codes[missing] = 0
    texts = np.array(labels, dtype=object)[codes]
    texts[missing] = None
    return texts


def parts_of_objects(values, part: str) -> np.ndarray:
    """The same of Python's times, as they are written, in whatever zone."""
    texts = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        if not is_missing(value):
            texts[place] = part_of(value, getattr(value, "hour", 0), part)
    return texts


def part_of(day: datetime.date, hour: int, part: str) -> str:
    """The part of one time, as text."""
    return _HOURS[hour] if part == HOUR else WEEKDAYS[day.weekday()]
