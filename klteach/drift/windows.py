"""The names of windows: a day of times, however they are stored or written, or the value itself.

A table is counted by keys that every engine can make: a date, an hour, or the text without its time
of day. Only when all keys of the column are there can it be told what 03/01/2024 means in it, so
the names come at the end.
"""

import datetime
import re
from collections.abc import Callable, Hashable, Iterable

import numpy as np

from klteach.drift.errors import DriftError
from klteach.drift.values import canonical, is_missing

PERIODS = ("hour", "day", "week", "month")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# These patterns are read by Python, Polars and DuckDB, so they have nothing that one of them lacks.
_DAY = r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})"
_CLOCK = r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?[AaPp][Mm]| ?Z| ?UTC| ?[+-]\d\d(:?\d\d)?)?"
TIMED = rf"^{_DAY}[T ]+{_CLOCK}$"
DATED = rf"^{_DAY}([T ]+{_CLOCK})?$"
# what is cut off a text of a time to leave the day, and the hour
AFTER_DAY = r"[T ]+\d{1,2}:.*$"
AFTER_HOUR = r":[0-9:.,]*( ?Z| ?UTC| ?[+-][0-9:]+)?"
_HOUR = re.compile(r"[T ]+(\d{1,2})(?::[0-9:.,]*)? ?(?:([AaPp])[Mm])?")
_TIMED, _DATED = re.compile(TIMED), re.compile(DATED)
_KEY = re.compile(rf"^{_DAY}([T ]+\d{{1,2}}( ?[AaPp][Mm])?)?$")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})[-/.](\d{4})")


def window_text(value, period: str = "day") -> str | None:
    """The name of a window: the day of a date or time, the text of anything else.

    >>> window_text(datetime.datetime(2024, 5, 1, 9, 30)), window_text(3.0)
    ('2024-05-01', '3')
    >>> window_text(datetime.date(2024, 5, 1), "week"), window_text("2024-05-01 09:30", "month")
    ('2024-W18', '2024-05')
    """
    windows = Windows("the window", period, strict=False)
    key = windows.key(value)
    return windows.names([key])[key]


class Windows:
    """Keys and names of the windows of one column.

    period    of a column of times: hour, day, week or month
    strict    whether a period that is not a day is refused where there are no times
    """

    def __init__(self, column: str, period: str = "day", strict: bool = True):
        if period not in PERIODS:
            raise DriftError(f"the period is {period!r}; there are {', '.join(PERIODS)}.")
        self.column = column
        self.period = period
        self.hours = period == "hour"
        self._strict = strict

    def key(self, value) -> Hashable:
        """A date or time without what is finer than the window, or a text; None for nothing."""
        if isinstance(value, str):
            text = value.strip()
            if not _TIMED.match(text):
                return canonical(text)
            if self.hours:
                return re.sub(AFTER_HOUR, "", text)
            return re.sub(AFTER_DAY, "", text)
        if is_missing(value):
            return None
        if isinstance(value, datetime.datetime):
            if self.hours:
                return datetime.datetime(value.year, value.month, value.day, value.hour)
            return datetime.date(value.year, value.month, value.day)
        return value if isinstance(value, datetime.date) else canonical(value)

    def keys_of_times(self, times: np.ndarray) -> tuple[list[Hashable], np.ndarray]:
        """The keys of an array of datetime64, and for each row which of them it has."""
        times = times.astype("datetime64[h]" if self.hours else "datetime64[D]")
        distinct, codes = np.unique(times, return_inverse=True)
        return [self.key(time) for time in distinct.tolist()], codes

    def names(self, keys: Iterable[Hashable]) -> dict[Hashable, str | None]:
        """The name of each key; DriftError if a date can be read in two ways."""
        keys = list(keys)
        texts = [key for key in keys if isinstance(key, str)]
        dated = [text for text in texts if _KEY.match(text)]
        if dated and len(dated) < len(texts) and not all(map(_YEAR_FIRST.match, dated)):
            other = next(text for text in texts if not _KEY.match(text))
            raise DriftError(
                f"the column {self.column!r} has dates such as {dated[0]!r} and also {other!r}. "
                "Mend the table, or write the dates as 2024-03-01."
            )
        day = reading(self.column, dated)
        times = [key for key in keys if isinstance(key, datetime.date)]
        if self._strict and self.period != "day" and keys and not (dated or times):
            raise DriftError(
                f"the column {self.column!r} holds no dates or times, so it has no windows of a "
                f"{self.period}."
            )
        names: dict[Hashable, str | None] = {}
        for key in keys:
            if isinstance(key, datetime.date):
                names[key] = self._name(key, getattr(key, "hour", 0))
            elif isinstance(key, str) and _KEY.match(key):
                names[key] = self._name(day(key), hour_of(key) or 0)
            else:
                names[key] = canonical(key)
        return names

    def _name(self, day: datetime.date, hour: int) -> str:
        date = f"{day.year:04d}-{day.month:02d}-{day.day:02d}"
        if self.period == "week":
            year, week, _ = day.isocalendar()
            return f"{year:04d}-W{week:02d}"
        return {"hour": f"{date} {hour:02d}:00", "day": date, "month": date[:7]}[self.period]


def is_dated(text: str) -> bool:
    """Whether a text looks like a date, with or without a time of day.

    >>> is_dated("2024-05-01T09:30:00Z"), is_dated("01.05.2024"), is_dated("1.5"), is_dated("may")
    (True, True, False, False)
    """
    return bool(_DATED.match(text.strip()))


def reading(column: str, texts: Iterable[str]) -> Callable[[str], datetime.date]:
    """How the dates of a column are read, if all of them together can be read in one way.

    >>> reading("when", ["03/01/2024", "03/25/2024"])("03/01/2024")
    datetime.date(2024, 3, 1)
    """
    texts = list(texts)
    day_first, bad = _readable(texts, _day_first)
    month_first, _ = _readable(texts, _month_first)
    if day_first is None and month_first is None:
        raise DriftError(
            f"the column {column!r} has {bad!r} among its dates, which is none. Write them as "
            "2024-03-01 or 2024-03-01 10:00."
        )
    if day_first is not None and month_first is not None and day_first != month_first:
        text = next(text for text in texts if _day_first(text) != _month_first(text))
        raise DriftError(
            f"the column {column!r} has dates such as {text!r}, which may be {_day_first(text)} or "
            f"{_month_first(text)}. Write them with the year first: 2024-03-01 or 2024-03-01 10:00."
        )
    read = _day_first if day_first is not None else _month_first

    def read_text(text: str) -> datetime.date:
        try:
            return read(text)
        except ValueError:
            raise DriftError(
                f"the column {column!r} has {text!r} among its dates, which is none, or is written "
                "in another way than the others. Write them as 2024-03-01 or 2024-03-01 10:00."
            ) from None

    return read_text


def hour_of(text: str) -> int | None:
    """The hour in a text of a time; None if it has only the day.

    >>> hour_of("2024-05-01 09:30"), hour_of("05/01/2024 12 PM"), hour_of("2024-05-01")
    (9, 12, None)
    """
    found = _HOUR.search(text)
    if not found:
        return None
    hour = int(found[1])
    if found[2]:
        hour = hour % 12 + (12 if found[2] in "pP" else 0)
    return hour


def _readable(texts, read):
    dates = []
    for text in texts:
        try:
            dates.append(read(text))
        except ValueError:
            return None, text
    return dates, ""


def _day_first(text: str) -> datetime.date:
    if found := _YEAR_FIRST.match(text):
        return datetime.date(*map(int, found.groups()))
    if not (found := _YEAR_LAST.match(text)):
        raise ValueError(text)
    return datetime.date(int(found[4]), int(found[3]), int(found[1]))


def _month_first(text: str) -> datetime.date:
    if found := _YEAR_FIRST.match(text):
        return datetime.date(*map(int, found.groups()))
    found = _YEAR_LAST.match(text)
    # with dots, the day comes first everywhere
    if not found or found[2] == ".":
        raise ValueError(text)
    return datetime.date(int(found[4]), int(found[1]), int(found[3]))
