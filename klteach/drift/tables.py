"""What every table says about a column, however it is stored: one of numbers or one of categories.

The messages about columns that cannot be counted are here, so that they are the same for arrays,
frames and files.
"""

import copy
import re
import shlex
from collections import Counter
from collections.abc import Mapping, Sized
from difflib import get_close_matches
from types import MappingProxyType
from typing import Self

import numpy as np

from klteach.drift.binning import NUMBERS, Binning
from klteach.drift.errors import DriftError
from klteach.drift.time_parts import require_part
from klteach.drift.windows import Windows

# {name of a window, or None where there are none: {column: counts}}
WindowCounts = dict[str | None, dict[str, np.ndarray]]
# a window is a day, a class or a task, of which a baseline has few; a clock time it is not
MOST_WINDOWS = 10_000
# A column with more categories than this is an identifier, and each row would have its own.
MOST_CATEGORIES = 1_000_000
NOT_THERE = "it is not there"
DATES = "dates or times"


class ColumnError(DriftError):
    """A column that cannot be watched or counted; the others can.

    reason    what it holds: "the text 'abc'"
    unwatched the same where it is to be watched: "numbers and also the text 'abc'", and the cure
    """

    def __init__(self, text: str, column: str = "", reason: str = "", unwatched: str = ""):
        super().__init__(text)
        self.column = column
        self.reason = reason
        self.unwatched = unwatched or reason


class Table:
    """A table, wherever it is: names, kinds, values for locking the cells, and counts in them.

    names    of its columns
    skipped  after a count with on_bad="skip": the columns that could not be counted, and why
    """

    names: list[str]
    skipped: dict[str, str]
    _derived: Mapping[str, tuple[str, str]] = MappingProxyType({})

    @property
    def rows(self) -> int:
        """How many rows it has."""
        raise NotImplementedError

    @property
    def empty(self) -> bool:
        """Whether it has no rows; counting the rows of a CSV would mean to read it."""
        return not self.rows

    def kind(self, column: str) -> str:
        """NUMBERS or CATEGORIES; ColumnError for what can be neither."""
        raise NotImplementedError

    def kinds(self, columns) -> tuple[dict[str, str], dict[str, str]]:
        """The kind of each column that can be watched, and the reason for each that cannot."""
        kinds: dict[str, str] = {}
        reasons: dict[str, str] = {}
        for column in columns:
            if column not in self.names:
                reasons[column] = NOT_THERE
                continue
            try:
                kinds[column] = self.kind(column)
            except ColumnError as error:
                reasons[column] = error.unwatched
            except DriftError as error:
                reasons[column] = str(error)
        return kinds, reasons

    def set_kinds(self, kinds: dict[str, str]) -> None:
        """What the columns are, for a table of text, which does not know it."""

    def hints(self) -> dict[str, str]:
        """What is odd about columns, in a sentence each: numbers that are written as text."""
        return {}

    def with_parts(self, parts: Mapping[str, tuple[str, str]]) -> Self:
        """The same table with columns that are parts of times: the hour or the weekday.

        parts    {"created:hour": ("created", "hour")}: name, column of times, part
        """
        derived = dict(parts)
        for name, (_, part) in derived.items():
            require_part(part)
            if name in self.names and self._derived.get(name) != parts[name]:
                raise DriftError(f"there is a column {name!r} already.")
        table = copy.copy(self)
        table.names = [*self.names, *(name for name in derived if name not in self.names)]
        table._derived = {**self._derived, **derived}
        table._add_parts()
        return table

    def _add_parts(self):
        """For tables that make the parts at once."""

    def numbers(self, columns) -> dict[str, np.ndarray]:
        """The values of columns of numbers, or a fair sample of them."""
        raise NotImplementedError

    def values(self, columns) -> dict[str, Counter | None]:
        """How often each category comes; None is missing.

        Of a column with more than a million different values there is None in place of the counts:
        it is an identifier.
        """
        raise NotImplementedError

    def countable(self, binnings: dict[str, Binning]) -> tuple[dict[str, Binning], dict[str, str]]:
        """The columns that can be counted in these cells, and the reason for each that cannot.

        A CSV shows text among numbers only while it is read: count it with on_bad="skip".
        """
        usable: dict[str, Binning] = {}
        reasons: dict[str, str] = {}
        for column, binning in binnings.items():
            if column not in self.names:
                reasons[column] = NOT_THERE
                continue
            try:
                self._require_kind(column, binning)
                usable[column] = binning
            except ColumnError as error:
                held = "it held numbers and" if binning.kind == NUMBERS else "it"
                reasons[column] = f"{held} holds {error.reason} now"
            except DriftError as error:
                reasons[column] = str(error)
        return usable, reasons

    def count(
        self,
        binnings: dict[str, Binning],
        window: str | None = None,
        progress=None,
        period: str = "day",
        on_bad: str = "raise",
    ) -> WindowCounts:
        """The counts of each column in each window; without windows, in one called None.

        period    of a column of times as window: hour, day, week or month
        on_bad    "raise": DriftError for a column that cannot be counted; "skip": it is left out of
                  all windows, and `skipped` says why
        """
        if on_bad not in ("raise", "skip"):
            raise DriftError(f"on_bad is {on_bad!r}; there are 'raise' and 'skip'.")
        self.skipped = {}
        if on_bad == "skip":
            binnings, self.skipped = self.countable(binnings)
        require_columns([*binnings, *([window] if window else [])], self.names, self._called)
        if on_bad == "raise":
            for column, binning in binnings.items():
                self._require_kind(column, binning)
        windows = Windows(window, period) if window else None
        found = self._count(binnings, windows, progress, on_bad == "skip")
        if windows:
            found = renamed(found, windows.names(found))
        # in the order of the binnings, whatever was counted first
        order = [column for column in binnings if column not in self.skipped]
        return {name: {column: part[column] for column in order} for name, part in found.items()}

    _called = "the table"

    def _count(self, binnings, windows: Windows | None, progress, skip: bool) -> dict:
        """The counts by the keys of the windows."""
        raise NotImplementedError

    def _require_kind(self, column, binning):
        """ColumnError where it can be seen beforehand that a column cannot be counted."""


def way_out(option: str, column: str) -> str:
    """An option as it is written on the command line, and in Python."""
    return f"--{option} {shlex.quote(column)} (in Python {option}=[{column!r}])"


def unusable(column: str, what: str) -> ColumnError:
    """A column that has no cells: dates, lists and the like."""
    dates = f"; a column of dates or times can be the window: --window {shlex.quote(column)}"
    return ColumnError(
        f"column {column!r} holds {what}, which have no cells. Leave it out: "
        f"{way_out('without', column)}{dates if what == DATES else ''}.",
        column,
        what,
    )


def mixed(column: str, text, where: str = "", hint: str = "") -> ColumnError:
    """Numbers, and here and there text."""
    cure = hint or (
        f"Mend the table, leave the column out, or name it as one of categories when the baseline "
        f"is made: {way_out('categorical', column)}."
    )
    return ColumnError(
        f"column {column!r} holds numbers and also the text {text!r}{where}. {cure}",
        column,
        f"the text {text!r}",
        f"numbers and also the text {text!r}" + (f" ({hint.rstrip('.')})" if hint else ""),
    )


def no_times(column: str, part: str, value) -> ColumnError:
    """A column whose hour or weekday is asked for, and that holds something else."""
    what = f"{value!r}, which has no {part}"
    return ColumnError(f"column {column!r} holds {what}: it is no time.", column, what)


def too_many(counts: Sized) -> bool:
    """Whether a column has so many different values that it is an identifier."""
    return len(counts) > MOST_CATEGORIES


def not_numbers(column: str, what: str) -> ColumnError:
    """A column of numbers in the baseline that holds something else now."""
    return ColumnError(
        f"column {column!r} held numbers in the baseline and holds {what} now. Mend the table; if "
        f"these are categories, make the baseline with {way_out('categorical', column)}.",
        column,
        what,
    )


def require_columns(wanted, there, table: str = "the table") -> None:
    """DriftError that names every column that is not there, and what it may be called now."""
    there = list(there)
    for name in there:
        if not isinstance(name, str):
            raise DriftError(f"{table} has a column called {name!r}; a column's name must be text.")
    twice = sorted(name for name, times in Counter(there).items() if times > 1)
    if twice:
        raise DriftError(
            f"{table} has {len(twice)} column name{'s' * (len(twice) != 1)} more than once: "
            f"{', '.join(map(repr, twice))}. Rename one of each."
        )
    absent = [name for name in wanted if name not in there]
    if not absent:
        return
    said = [f"{name!r}" + _similar(str(name), there) for name in absent]
    shown = ", ".join(map(repr, there[:20])) + (", ..." if len(there) > 20 else "")
    raise DriftError(f"{table} has no column {', '.join(said)}; it has {shown or 'no columns'}.")


def _similar(name: str, there: list[str]) -> str:
    plain = {other.casefold(): other for other in there}
    close = get_close_matches(name.casefold(), plain, n=1, cutoff=0.75)
    return f" (did you mean {plain[close[0]]!r}?)" if close else ""


def require_windows(counts: dict, window: str) -> dict:
    """The windows in their order; DriftError for rows without one, or for far too many windows."""
    if None in counts:
        rows = int(next(iter(counts[None].values())).sum()) if counts[None] else 0
        said = {0: "some rows have", 1: "1 row has"}.get(rows, f"{rows} rows have")
        raise DriftError(
            f"{said} no value of {window!r}, and so no window. Fill in the value, or leave such "
            "rows out."
        )
    require_few_windows(window, len(counts))
    return in_order(counts)


def require_few_windows(window: str, different: int, most: int | None = None) -> None:
    """DriftError for a column that has a value for each row."""
    if different > (most or MOST_WINDOWS):
        raise DriftError(
            f"the column {window!r} has {different} different values, which are no windows. A "
            "window is shared by many rows: a day, a class, a task. A time is understood when it "
            "is written as 2024-03-01 10:00."
        )


def in_order(windows: dict) -> dict:
    """The windows by name; 2 comes before 10, and dates come as time goes."""

    def place(name):
        return (0, int(name), name) if re.fullmatch(r"-?\d{1,18}", name) else (1, 0, name)

    return {name: windows[name] for name in sorted(windows, key=place)}


def added(counts: dict, more: dict) -> dict:
    """Window by window and column by column, the sum of the counts."""
    for name, columns in more.items():
        mine = counts.setdefault(name, {})
        for column, found in columns.items():
            mine[column] = mine[column] + found if column in mine else found
    return counts


def renamed(counts: dict, names: dict) -> WindowCounts:
    """The counts by the names of their keys; keys of one name are one window."""
    found: WindowCounts = {}
    for key, columns in counts.items():
        added(found, {names[key]: columns})
    return found


def accepts(kind: str, found: str, boolean: bool) -> bool:
    """Whether a column found to be of one kind can be counted in cells of another."""
    # true and false count as 1 and 0 where the baseline had numbers
    return kind != NUMBERS or found == NUMBERS or boolean
