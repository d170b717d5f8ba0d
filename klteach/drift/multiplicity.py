"""Many columns are many chances of a false alarm: 34 at 5 % each alarm in 83 % of all months.

What each way promises for the false-alarm rate `rate`:

    benjamini-hochberg   of the columns that alarm, `rate` are false on average (the default)
    bonferroni           any false alarm at all with probability `rate` at most
    max                  the same from the column that is furthest out, window by window; columns
                         that move together cost less, and few windows are enough. Of nulls that
                         are drawn column by column it is Šidák's bound
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from klteach.drift.errors import DriftError
from klteach.drift.null import TIE

# How far a column is out is measured against so many of its largest values without drift, and
# their spread on a logarithmic scale counts as this at least: values that happen to lie close
# together must not make a hair's breadth an alarm.
LARGEST, LEAST_SPREAD = 5, 0.15
HALVINGS = 60  # until a threshold is known to the last digit

METHODS = {
    "benjamini-hochberg": "of the alarms, a share of {rate} false on average (Benjamini-Hochberg)",
    "bonferroni": "any false alarm with probability {rate} at most (Bonferroni)",
    "max": "any false alarm with probability {rate} at most (the column furthest out)",
}


def adjusted(p_values, method: str) -> np.ndarray:
    """p-values that answer for all columns: a column is flagged where this is at most the rate.

    Formula: Bonferroni min(1, c p); max, of independent columns, 1 - (1 - p)^c; Benjamini-Hochberg
             the smallest of c p_(j) / j over the ranks j ≥ i, where p_(i) is the i-th smallest.
    Shapes:  (c,) gives (c,).
    Source:  Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate" (1995).

    >>> adjusted([0.01, 0.04, 0.03], "benjamini-hochberg").round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p_values = np.asarray(p_values, dtype=float)
    if method == "bonferroni":
        return np.minimum(1, len(p_values) * p_values)
    if method == "max":
        with np.errstate(divide="ignore"):
            return -np.expm1(len(p_values) * np.log1p(-p_values))
    if method != "benjamini-hochberg":
        raise DriftError(f"the way {method!r} is not known; there are {', '.join(METHODS)}.")
    order = np.argsort(-p_values, kind="stable")
    ranks = np.arange(len(p_values), 0, -1)
    result = np.empty(len(p_values))
    result[order] = np.minimum.accumulate(np.append(1, len(p_values) / ranks * p_values[order]))[1:]
    return result


def flags(p_values, rate: float, method: str) -> np.ndarray:
    """Which columns drift: (c,) gives (c,) of booleans.

    >>> flags([0.01, 0.04, 0.03], 0.05, "bonferroni").tolist()
    [True, False, False]
    """
    return adjusted(p_values, method) <= rate * (1 + TIE)


def benjamini_hochberg(p_values, rate: float) -> np.ndarray:
    """`flags` by Benjamini-Hochberg."""
    return flags(p_values, rate, "benjamini-hochberg")


def bonferroni(p_values, rate: float) -> np.ndarray:
    """`flags` by Bonferroni."""
    return flags(p_values, rate, "bonferroni")


def level(p_values, rate: float, method: str) -> float:
    """What a column's own p-value was compared with.

    Formula: rate / c; by Benjamini-Hochberg times the number of flagged columns, if there are any;
             max 1 - (1 - rate)^(1/c).

    >>> level([0.01, 0.04, 0.5, 0.02], 0.05, "benjamini-hochberg")
    0.025
    """
    if method == "max":
        return float(-np.expm1(np.log1p(-rate) / len(p_values)))
    flagged = int(np.count_nonzero(flags(p_values, rate, method)))
    return rate / len(p_values) * (max(1, flagged) if method == "benjamini-hochberg" else 1)


@dataclass(frozen=True, eq=False)
class FurthestOut:
    """What `furthest_out` found.

    adjusted    p-values that answer for all columns
    window      number of the window that sets the thresholds; None if there are too few windows
    column      number of the column that is furthest out in that window
    """

    adjusted: np.ndarray
    window: int | None
    column: int | None
    _table: np.ndarray = field(repr=False)
    _noise: np.ndarray = field(repr=False)
    _distances: np.ndarray = field(repr=False)
    _rate: float = field(repr=False)

    @cached_property
    def thresholds(self) -> np.ndarray:
        """A column is flagged where its value is larger, all others being as they are: (c,).

        It is ∞ where no value is an alarm.
        """
        observed, windows = self._table[0], self._table[1:]
        if self.window is None:
            return np.full(len(observed), np.inf)
        limit = self._rate * (1 + TIE)
        flagged = self.adjusted <= limit
        low, high = np.where(flagged, 0, observed), np.where(flagged, observed, np.inf)
        step = np.maximum(self._table.max(axis=0), self._noise[0])
        for _ in range(HALVINGS):
            with np.errstate(invalid="ignore"):
                middle = np.where(high < np.inf, low / 2 + high / 2, low + step)
            step = step * 2
            moved = _distances(np.vstack([middle, windows]), self._noise)
            above = _p_values(moved[0], _with_one_moved(self._distances, moved)) <= limit
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.where(high == np.inf, np.inf, low)


def furthest_out(observed, windows, noise, rate: float) -> FurthestOut:
    """Columns judged by windows, all together, each in units of its own largest values.

    A table of windows has one number for each window: how far out that column is which is furthest
    out. The observation is one more window. How far out a column is says

        (log d - log d_1) / (s + 0.15),

    where d_1 is the largest of the other windows' values of the column, and s how far the logs of
    the five largest lie above that of the sixth, on average. A value that chance alone makes of as
    many independent rows, which is `noise`, counts as the least noise of any window. So a column
    that is quiet in nearly all windows, or never the same twice, is measured by itself, and does
    not hide the others; one that has always been constant is not out because of one row; and a
    window of few rows, which scatter more, is not out because of that.

    Any false alarm comes with probability `rate` at most, whatever the columns are like and
    however they move together, if the observation is a window like the others.

    Shapes:  observed (c,), windows (W, c); noise (W + 1, c), of the observation first.
    Source:  P. H. Westfall and S. S. Young, "Resampling-based multiple testing" (1993); for the
             spread, B. M. Hill, "A simple general approach to inference about the tail of a
             distribution" (1975).

    >>> windows = np.stack([np.arange(1.0, 20.0), np.arange(19.0, 0.0, -1)], axis=1)
    >>> furthest_out([40, 2], windows, np.ones((20, 2)), 0.05).adjusted.tolist()
    [0.05, 1.0]
    """
    observed = np.asarray(observed, dtype=float)
    table, noise = np.vstack([observed, windows]), np.asarray(noise, dtype=float)
    if len(table) < 3:  # no window has others to be held against
        ones = np.ones(len(observed))
        return FurthestOut(ones, None, None, table, noise, np.zeros_like(table), rate)
    distances = _distances(table, noise)
    furthest = distances[1:].max(axis=1)
    adjusted = _p_values(distances[0], furthest[:, None])
    window = column = None
    allowed = int(rate * len(table) * (1 + TIE))  # windows that may be as far out
    if allowed:
        window = int(np.argsort(-furthest, kind="stable")[allowed - 1])
        column = int(np.argmax(distances[1 + window]))
    return FurthestOut(adjusted, window, column, table, noise, distances, rate)


def _distances(table, noise) -> np.ndarray:
    """How far out each value is among the others of its column: (W, c) gives (W, c)."""
    # the least noise for all, or what chance makes of fewer rows would tell windows apart
    logs = np.log(np.where(table > noise, table, np.min(noise, axis=0)))
    others = min(LARGEST, len(table) - 2)
    top = -np.partition(-logs, range(others + 2), axis=0)[: others + 2]
    rank = np.argsort(np.argsort(-logs, axis=0, kind="stable"), axis=0, kind="stable")
    first = np.where(rank == 0, top[1], top[0])
    after = np.where(rank <= others, top[others + 1], top[others])
    with np.errstate(invalid="ignore"):
        within = top[: others + 1].sum(axis=0) - np.where(rank <= others, logs, top[others])
        distances = (logs - first) / (within / others - after + LEAST_SPREAD)
    # an infinite value is no further out than another one, and all else is as far in
    infinite = first == np.inf
    return np.where(infinite, np.where(logs == np.inf, 0.0, -np.inf), distances)


def _with_one_moved(distances, moved) -> np.ndarray:
    """For each column the windows' largest distances, that column's from `moved`: (W, c)."""
    windows = distances[1:]
    order = np.sort(windows, axis=1)
    columns = windows.shape[1]
    second = order[:, -2] if columns > 1 else np.full(len(windows), -np.inf)
    best = order[:, -1]
    rest = np.where(windows == best[:, None], second[:, None], best[:, None])
    return np.maximum(rest, moved[1:])


def _p_values(scores, furthest) -> np.ndarray:
    """The share of windows, the observation among them, that are as far out.

    Shapes: (c,) and the windows' distances (W, c), or (W, 1) for all columns, give (c,).
    """
    reached = (furthest >= scores - TIE).sum(axis=0)
    return (1 + reached) / (1 + len(furthest))
