"""From divergences and their nulls to a verdict on each column that has enough rows.

A column drifts where its p-value, answering for all columns, is at most the rate. Where not even
the smallest p-value that its null allows would have been an alarm, there was nothing to be seen.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from klteach.drift import multiplicity as methods
from klteach.drift.null import TIE, NullModel, windows_needed
from klteach.drift.verdicts import DRIFT, NO_DRIFT, TOO_FEW

_INFINITE = (
    "without drift the divergence would be infinite more often than the rate allows, so this "
    "smoothing shows nothing here; additive:0.5 does"
)


@dataclass(frozen=True)
class Decision:
    """The verdict on one column and the numbers behind it; NaN where nothing could be judged."""

    verdict: str
    threshold: float
    p_value: float
    adjusted_p: float
    note: str

    @classmethod
    def not_judged(cls, why: str) -> "Decision":
        """Too few rows, for this reason."""
        return cls(TOO_FEW, math.nan, math.nan, math.nan, why)


def decide(
    nulls: Mapping[str, NullModel],
    values: Mapping[str, float],
    draws: int,
    rate: float,
    multiplicity: str,
    seed: int,
) -> dict[str, Decision]:
    """A decision on each column that has a null, all columns together; `values` may have more.

    `draws` and `seed` are for `multiplicity` "max", which draws from the nulls again.
    """
    if not nulls:
        return {}
    names = list(nulls)
    observed = np.array([values[name] for name in names])
    p_values = np.array(
        [nulls[name].p_value(value) for name, value in zip(names, observed, strict=True)]
    )
    if multiplicity == "max":
        samples = _samples(nulls, draws, seed)
        adjusted, thresholds = methods.max_statistic(observed, samples, rate)
        there = [len(samples)] * len(names)
        coarse = np.full(len(names), 1 / (1 + len(samples)) > rate * (1 + TIE))
    else:
        adjusted = methods.adjusted(p_values, multiplicity)
        own = methods.level(p_values, rate, multiplicity)
        thresholds = np.array([nulls[name].threshold(own) for name in names])
        smallest = np.array([nulls[name].smallest_p for name in names])
        there = [round(1 / p) - 1 if p else 0 for p in smallest]
        coarse = _too_coarse(p_values, smallest, rate, multiplicity)
    drifting = adjusted <= rate * (1 + TIE)
    decisions = {}
    for place, name in enumerate(names):
        note, threshold, verdict = nulls[name].note, float(thresholds[place]), NO_DRIFT
        if drifting[place]:
            verdict = DRIFT
        elif coarse[place] or threshold == math.inf:
            # nothing that these counts could have shown would have been an alarm
            why = _INFINITE
            if coarse[place]:
                why = _windows_wanted(there[place], len(names), rate, multiplicity)
            verdict, threshold = TOO_FEW, math.nan
            note = "; ".join(filter(None, [why, note]))
        decisions[name] = Decision(
            verdict, threshold, float(p_values[place]), float(adjusted[place]), note
        )
    return decisions


def _samples(nulls, draws, seed) -> np.ndarray:
    """Divergences without drift, (draws, columns), of the windows that every column has."""
    samples = np.stack(
        [
            null.sample(draws, np.random.default_rng([seed, place]))
            for place, null in enumerate(nulls.values())
        ],
        axis=1,
    )
    return samples[~np.isnan(samples).any(axis=1)]


def _too_coarse(p_values, smallest, rate, method) -> np.ndarray:
    """Which columns would not be flagged even with the smallest p-value that they can have."""
    coarse = np.zeros(len(p_values), dtype=bool)
    for place, least in enumerate(smallest):
        best = p_values.copy()
        best[place] = least
        coarse[place] = not methods.flags(best, rate, method)[place]
    return coarse


def _windows_wanted(there, columns, rate, multiplicity) -> str:
    alone = windows_needed(rate)
    if multiplicity == "max" or columns == 1:
        return f"{there} windows have enough rows, and a rate of {rate:g} needs {alone}"
    wanted = windows_needed(rate / columns)
    return (
        f"{there} windows have enough rows, and a rate of {rate:g} over {columns} columns "
        f'needs {wanted}; multiplicity="max" needs {alone}'
    )
