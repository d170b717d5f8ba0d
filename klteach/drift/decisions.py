"""From divergences and their nulls to a verdict on each column that has enough rows.

A column drifts where its p-value, answering for all columns, is at most the rate. Where not even
the smallest p-value that its null allows would have been an alarm, there was nothing to be seen.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from klteach.drift import multiplicity as methods
from klteach.drift.errors import DriftError, joined
from klteach.drift.null import (
    MOST_DRAWS,
    SEEN,
    TIE,
    DrawnNull,
    NullModel,
    WindowsNull,
    windows_needed,
)
from klteach.drift.verdicts import DRIFT, NO_DRIFT, TOO_FEW, TOO_FEW_WINDOWS

MORE = 4  # times as many draws where those there are do not decide
_INFINITE = (
    "without drift the divergence would be infinite more often than the rate allows, so this "
    "smoothing shows nothing here; additive:0.5 does"
)


@dataclass(frozen=True)
class Decision:
    """The verdict on one column and the numbers behind it; NaN where nothing could be judged.

    approximate   whether the threshold is that of a fitted law, since so few draws were needed
    """

    verdict: str
    threshold: float
    p_value: float
    adjusted_p: float
    note: str
    approximate: bool = False

    @classmethod
    def not_judged(cls, why: str, verdict: str = TOO_FEW) -> "Decision":
        """No verdict is possible, for this reason."""
        return cls(verdict, math.nan, math.nan, math.nan, why)


@dataclass(frozen=True)
class Decisions:
    """The decisions on all columns.

    of      the decision on each
    note    what to know about all of them, or ""
    draws   so many were drawn of the column that most were drawn of; 0 if none were
    """

    of: dict[str, Decision]
    note: str = ""
    draws: int = 0


def decide(
    nulls: Mapping[str, NullModel],
    values: Mapping[str, float],
    rate: float,
    multiplicity: str,
    window_names: tuple[str, ...] = (),
) -> Decisions:
    """A decision on each column that has a null, all columns together; `values` may have more.

    Nulls that are drawn are drawn further where that decides. Errors: DriftError if that would take
    too many draws.
    """
    if not nulls:
        return Decisions({})
    names = list(nulls)
    observed = np.array([values[name] for name in names])
    if multiplicity == "max" and isinstance(nulls[names[0]], WindowsNull):
        return _by_furthest(names, nulls, observed, rate, window_names)
    nulls = _drawn_enough(nulls, observed, rate, multiplicity)
    p_values = _p_values(nulls, observed)
    adjusted = methods.adjusted(p_values, multiplicity)
    own = methods.level(p_values, rate, multiplicity)
    smallest = np.array([_smallest_p(null) for null in nulls.values()])
    coarse = _too_coarse(p_values, smallest, rate, multiplicity)
    decisions = {}
    for place, name in enumerate(names):
        null = nulls[name]
        threshold, approximate = null.threshold(own), False
        if threshold == math.inf and isinstance(null, DrawnNull) and null.settled:
            # it was seen long before that the column is nothing special
            threshold, approximate = max(null.fitted_threshold(own), float(observed[place])), True
        why = ""
        if coarse[place]:
            there = round(1 / smallest[place]) - 1
            why = _windows_wanted(there, len(names), rate, multiplicity)
        decision = Decision(
            DRIFT if adjusted[place] <= rate * (1 + TIE) else NO_DRIFT,
            float(threshold),
            float(p_values[place]),
            float(adjusted[place]),
            null.note,
            approximate,
        )
        decisions[name] = _unless_blind(decision, why)
    draws = [len(null.values) for null in nulls.values() if isinstance(null, DrawnNull)]
    return Decisions(decisions, draws=max(draws, default=0))


def _by_furthest(names, nulls, observed, rate, window_names) -> Decisions:
    """All columns by the one that is furthest out, window by window."""
    values = np.stack([nulls[name].values for name in names], axis=1)
    noise = np.stack([nulls[name].noise(rate / len(names)) for name in names], axis=1)
    kept = ~np.isnan(values).any(axis=1)
    found = methods.furthest_out(observed, values[kept], noise[np.append(True, kept)], rate)
    why = ""
    if found.window is None:
        why = _windows_wanted(int(kept.sum()), len(names), rate, "max")
    decisions = {}
    for place, name in enumerate(names):
        adjusted = float(found.adjusted[place])
        decision = Decision(
            DRIFT if adjusted <= rate * (1 + TIE) else NO_DRIFT,
            float(found.thresholds[place]),
            nulls[name].p_value(observed[place]),
            adjusted,
            nulls[name].note,
        )
        decisions[name] = _unless_blind(decision, why)
    note = ""
    if found.window is not None and window_names:
        window = np.array(window_names)[kept][found.window]
        note = (
            f"the thresholds are set by {names[found.column]!r} in the window {window}: without "
            f"drift, one window in {1 / rate:.3g} has a column that is as far out"
        )
    return Decisions(decisions, note)


def _unless_blind(decision: Decision, windows_wanted: str) -> Decision:
    """No "no drift" where nothing that these counts could have shown would have been an alarm."""
    if decision.verdict == DRIFT or not (windows_wanted or decision.threshold == math.inf):
        return decision
    verdict = TOO_FEW_WINDOWS if windows_wanted else TOO_FEW
    note = joined(windows_wanted or _INFINITE, decision.note)
    return replace(decision, verdict=verdict, threshold=math.nan, note=note)


def _p_values(nulls, observed) -> np.ndarray:
    return np.array(
        [null.p_value(value) for null, value in zip(nulls.values(), observed, strict=True)]
    )


def _drawn_enough(nulls, observed, rate, multiplicity) -> dict[str, NullModel]:
    """So many draws of each column that more of them would not change what is flagged.

    A column that ten of a thousand draws reach is done. Only one that hardly any reaches is
    drawn on, until its p-value is as small as it has to be: with many columns, a few.
    """
    nulls = dict(nulls)
    needed = windows_needed(methods.level(np.ones(len(nulls)), rate, multiplicity))
    while True:
        p_values = _p_values(nulls, observed)
        flagged = methods.flags(p_values, rate, multiplicity)
        best = np.where(_reached(nulls, p_values) < SEEN, 0.0, p_values)
        might = methods.flags(best, rate, multiplicity)
        unsettled = [
            name
            for place, (name, null) in enumerate(nulls.items())
            if isinstance(null, DrawnNull)
            and null.more is not None
            and len(null.values) < needed
            and might[place]
            and not flagged[place]
        ]
        if not unsettled:
            return nulls
        if needed > MOST_DRAWS:
            raise DriftError(
                f"a rate of {rate:g} over {len(nulls)} columns needs {needed} draws of a column, "
                f"and {MOST_DRAWS} are the most. Choose a larger rate."
            )
        for name in unsettled:
            nulls[name] = nulls[name].with_more(min(needed, MORE * len(nulls[name].values)))


def _reached(nulls, p_values) -> np.ndarray:
    """How many draws are as large as the observation; ∞ where nothing is drawn."""
    return np.array(
        [
            p_value * len(null.values) if isinstance(null, DrawnNull) else math.inf
            for null, p_value in zip(nulls.values(), p_values, strict=True)
        ]
    )


def _smallest_p(null) -> float:
    """The smallest p-value that a null can give; one that can be drawn further gives any."""
    return 0.0 if isinstance(null, DrawnNull) and null.settled else null.smallest_p


def _too_coarse(p_values, smallest, rate, method) -> np.ndarray:
    """Which columns would not be flagged even with the smallest p-value that they can have."""
    coarse = np.zeros(len(p_values), dtype=bool)
    for place in np.flatnonzero(smallest):
        least = smallest[place]
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
