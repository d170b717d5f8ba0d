"""What every table says about a column, however it is stored: one of numbers or one of categories.

The messages about columns that cannot be counted are here, so that they are the same for arrays,
frames and files.
"""

import datetime
import re
from collections import Counter
from difflib import get_close_matches

import numpy as np

from klteach.drift.binning import NUMBERS, Binning
from klteach.drift.errors import DriftError
from klteach.drift.values import as_categories

# {name of a window, or None where there are none: {column: counts}}
WindowCounts = dict[str | None, dict[str, np.ndarray]]
# a window is a day, a class or a task, of which a baseline has few; a clock time it is not
MOST_WINDOWS = 10_000


class Table:
    """A table, wherever it is: names, kinds, values for locking the cells, and counts in them."""

    names: list[str]  # of its columns

    @property
    def rows(self) -> int:
        """How many rows it has."""
        raise NotImplementedError

    @property
    def empty(self) -> bool:
        """Whether it has no rows; counting the rows of a CSV would mean to read it."""
        return not self.rows

    def kind(self, column: str) -> str:
        """NUMBERS or CATEGORIES; DriftError for what can be neither."""
        raise NotImplementedError

    def set_kinds(self, kinds: dict[str, str]) -> None:
        """What the columns are, for a table of text, which does not know it."""

    def numbers(self, columns) -> dict[str, np.ndarray]:
        """The values of columns of numbers, or a fair sample of them."""
        raise NotImplementedError

    def values(self, columns) -> dict[str, Counter]:
        """How often each category comes; None is missing."""
        raise NotImplementedError

    def count(self, binnings: dict[str, Binning], window=None, progress=None) -> WindowCounts:
        """The counts of each column in each window; without windows, in one called None."""
        raise NotImplementedError


def unusable(column: str, what: str) -> DriftError:
    """A column that has no cells: dates, lists and the like."""
    return DriftError(
        f"column {column!r} holds {what}, which have no cells. Leave it out with columns=[...] or "
        f"without=[{column!r}]; a column of dates or times can be the window."
    )


def mixed(column: str, text, where: str = "") -> DriftError:
    """Numbers, and here and there text."""
    return DriftError(
        f"column {column!r} holds numbers and also the text {text!r}{where}. Mend the table, leave "
        f"the column out, or name it as one of categories: categorical=[{column!r}]."
    )


def not_numbers(column: str, what: str) -> DriftError:
    """A column of numbers in the baseline that holds something else now."""
    return DriftError(
        f"column {column!r} held numbers in the baseline and holds {what} now. Mend the table; if "
        f"these are categories, make the baseline with categorical=[{column!r}]."
    )


def require_columns(wanted, there, table: str = "the table") -> None:
    """DriftError that names every column that is not there, and what it may be called now."""
    there = list(there)
    for name in there:
        if not isinstance(name, str):
            raise DriftError(f"{table} has a column called {name!r}; a column's name must be text.")
    twice = sorted({name for name in there if there.count(name) > 1})
    if twice:
        raise DriftError(
            f"{table} has {len(twice)} column name{'s' * (len(twice) != 1)} more than once: "
            f"{', '.join(map(repr, twice))}. Rename one of each."
        )
    absent = [name for name in wanted if name not in there]
    if not absent:
        return
    said = []
    for name in absent:
        close = get_close_matches(str(name), there, n=1)
        said.append(f"{name!r}" + (f" (did you mean {close[0]!r}?)" if close else ""))
    shown = ", ".join(map(repr, there[:20])) + (", ..." if len(there) > 20 else "")
    raise DriftError(f"{table} has no column {', '.join(said)}; it has {shown or 'no columns'}.")


def window_text(value) -> str | None:
    """The name of a window: the day of a date or time, the text of anything else.

    >>> window_text(datetime.datetime(2024, 5, 1, 9, 30)), window_text(3.0)
    ('2024-05-01', '3')
    """
    if isinstance(value, datetime.datetime) and value == value:  # NaT is a datetime too
        return value.date().isoformat()
    return as_categories([value])[0]


def require_windows(counts: dict, window: str) -> dict:
    """The windows in their order; DriftError for rows without one, or for far too many windows."""
    if None in counts:
        rows = next(iter(counts[None].values())).sum()
        raise DriftError(
            f"{rows} rows have no value of {window!r}, so they belong to no window. Fill them in, "
            "or leave them out."
        )
    if len(counts) > MOST_WINDOWS:
        raise DriftError(
            f"the column {window!r} has {len(counts)} different values, which are no windows. A "
            "window is shared by many rows: a day, a class, a task."
        )
    return in_order(counts)


def in_order(windows: dict) -> dict:
    """The windows by name; 2 comes before 10, and dates come as time goes."""

    def place(name):
        return (0, int(name), name) if re.fullmatch(r"-?\d{1,18}", name) else (1, 0, name)

    return {name: windows[name] for name in sorted(windows, key=place)}


def added(counts: WindowCounts, more: WindowCounts) -> WindowCounts:
    """Window by window and column by column, the sum of the counts."""
    for name, columns in more.items():
        mine = counts.setdefault(name, {})
        for column, found in columns.items():
            mine[column] = mine[column] + found if column in mine else found
    return counts


def accepts(kind: str, found: str, boolean: bool) -> bool:
    """Whether a column found to be of one kind can be counted in cells of another."""
    # true and false count as 1 and 0 where the baseline had numbers
    return kind != NUMBERS or found == NUMBERS or boolean
