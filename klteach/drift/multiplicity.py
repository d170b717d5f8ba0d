"""Many columns are many chances of a false alarm: 34 at 5 % each alarm in 83 % of all months.

What each way promises for the false-alarm rate `rate`:

    benjamini-hochberg   of the columns that alarm, `rate` are false on average (the default)
    bonferroni           any false alarm at all with probability `rate` at most
    max                  the same from the largest value over columns in each draw; columns that
                         move together cost less, and few windows are enough
"""

import numpy as np

from klteach.drift.errors import DriftError
from klteach.drift.null import TIE, DrawnNull

METHODS = {
    "benjamini-hochberg": "of the alarms, a share of {rate} false on average (Benjamini-Hochberg)",
    "bonferroni": "any false alarm with probability {rate} at most (Bonferroni)",
    "max": "any false alarm with probability {rate} at most (largest over columns)",
}


def adjusted(p_values, method: str) -> np.ndarray:
    """p-values that answer for all columns: a column is flagged where this is at most the rate.

    Formula: Bonferroni min(1, c p); Benjamini-Hochberg the smallest of c p_(j) / j over the ranks
             j ≥ i, where p_(i) is the i-th smallest.
    Shapes:  (c,) gives (c,).
    Source:  Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate" (1995).

    >>> adjusted([0.01, 0.04, 0.03], "benjamini-hochberg").round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p_values = np.asarray(p_values, dtype=float)
    if method == "bonferroni":
        return np.minimum(1, len(p_values) * p_values)
    if method != "benjamini-hochberg":
        raise DriftError(
            f"p-values alone cannot be adjusted by {method!r}; there are 'benjamini-hochberg' and "
            "'bonferroni'."
        )
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
    """What a column's own p-value was compared with: rate / c, times the flagged ones by BH.

    >>> level([0.01, 0.04, 0.5, 0.02], 0.05, "benjamini-hochberg")
    0.025
    """
    flagged = int(np.count_nonzero(flags(p_values, rate, method)))
    return rate / len(p_values) * (max(1, flagged) if method == "benjamini-hochberg" else 1)


def max_statistic(observed, null, rate: float) -> tuple[np.ndarray, np.ndarray]:
    """Adjusted p-values and thresholds from the largest value over columns.

    Columns have scales of their own, by their number of cells, so each is divided by its median
    over all draws and the observation.

    Shapes:  observed (c,) and null (draws, c) give (c,) twice.
    Source:  P. H. Westfall and S. S. Young, "Resampling-based multiple testing" (1993).

    >>> null = np.stack([np.arange(19.0), np.arange(19.0)[::-1]], axis=1)
    >>> adjusted_p, thresholds = max_statistic([30, 2], null, 0.05)
    >>> adjusted_p.tolist()
    [0.05, 1.0]
    """
    observed, null = np.asarray(observed, dtype=float), np.asarray(null, dtype=float)
    scale = np.median(np.vstack([null, observed]), axis=0)
    scale = np.where((scale > 0) & (scale < np.inf), scale, 1)
    largest = DrawnNull("max", (null / scale).max(axis=1))
    p_values = np.array([largest.p_value(value) for value in observed / scale])
    return p_values, largest.threshold(rate) * scale
