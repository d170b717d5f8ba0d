"""How large a divergence gets without any drift: three nulls, each with its assumption.

    chi2          the large-sample law; rows independent, and 20 rows expected in each cell (PSI)
    permutation   exact for independent rows: which rows are current is drawn anew
    windows       for rows that share a day, a class or a task: known-good windows, each against
                  all the others

A fixed cutoff such as 0.1 is none of them. It alarms in half of all comparisons of equal laws at
200 rows, and sleeps through a real shift at 100 000.
"""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from klteach.drift.divergence import CHI2_FACTOR, divergence
from klteach.drift.errors import DriftError
from klteach.drift.smoothing import Smoothing

NULLS = {
    "chi2": "the χ² law of many rows, all independent",
    "permutation": "which rows are current is drawn anew; rows independent",
    "windows": "each known-good window against all the others; windows independent",
}
DRAWS = 1000
BLOCK = 10_000  # draws at a time, so that a million of them stay small in memory
MOST_DRAWS = 1_000_000
MOST_ROWS = 1_000_000_000  # in both sides together; NumPy draws no larger hypergeometric
# Rows that a cell has to expect for the χ² law. With fewer than 50 KL and JS with half a row in
# each cell fall short of it, so that 5 % are 4 %.
LEAST_EXPECTED = {"psi": 20, "kl": 50, "reverse kl": 50, "js": 50}
# The same counts in another order give sums that differ in the last digits: a tie is a tie.
TIE = 1e-9


class NullModel(Protocol):
    """The law of the divergence without drift."""

    @property
    def name(self) -> str:
        """It is "chi2", "permutation" or "windows"."""

    @property
    def note(self) -> str:
        """Why it hardly applies here, or ""."""

    @property
    def smallest_p(self) -> float:
        """No observation gets a p-value below this."""

    def p_value(self, observed: float) -> float:
        """The chance of a divergence at least this large without drift."""

    def threshold(self, rate: float) -> float:
        """Larger divergences come with probability `rate` at most without drift."""

    def sample(self, draws: int, random: np.random.Generator) -> np.ndarray:
        """Divergences without drift; the windows are what they are, and NaN was left out."""


@dataclass(frozen=True)
class Chi2Null:
    """scale · χ² with `degrees` degrees of freedom."""

    degrees: int
    scale: float
    note: str = ""
    name: str = "chi2"
    smallest_p: float = 0.0

    def p_value(self, observed: float) -> float:
        from scipy.special import chdtrc

        return float(chdtrc(self.degrees, observed / self.scale)) if self.degrees else 1.0

    def threshold(self, rate: float) -> float:
        from scipy.special import chdtri

        return float(self.scale * chdtri(self.degrees, rate)) if self.degrees else 0.0

    def sample(self, draws: int, random: np.random.Generator) -> np.ndarray:
        if not self.degrees:
            return np.zeros(draws)
        return self.scale * random.chisquare(self.degrees, draws)


@dataclass(frozen=True, eq=False)
class DrawnNull:
    """Divergences without drift, drawn or seen. The observation counts as one of them.

    Formula: p = (1 + #{values ≥ observed}) / (1 + #values), which is at most `rate` with
             probability `rate` or less; ties make it less.
    Source:  B. Phipson and G. K. Smyth, "Permutation p-values should never be zero" (2010).

    >>> null = DrawnNull("permutation", np.arange(19.0))
    >>> null.p_value(17.5), round(null.threshold(0.05), 3), null.threshold(0.04)
    (0.1, 18.0, inf)
    """

    name: str
    values: np.ndarray
    note: str = ""

    @property
    def kept(self) -> np.ndarray:
        """The values, without the windows that were left out."""
        return self.values[~np.isnan(self.values)]

    @property
    def smallest_p(self) -> float:
        return 1 / (1 + len(self.kept))

    def p_value(self, observed: float) -> float:
        kept = self.kept
        reached = int(np.count_nonzero(kept >= observed * (1 - TIE)))
        return (1 + reached) / (1 + len(kept))

    def threshold(self, rate: float) -> float:
        """Exactly where the p-value falls to `rate`; ∞ if it never does."""
        kept = self.kept
        above = math.floor(rate * (1 + len(kept)) * (1 + TIE)) - 1  # as many may reach it
        if above < 0:
            return math.inf
        return float(np.partition(kept, -1 - above)[-1 - above]) / (1 - TIE)

    def sample(self, draws: int, random: np.random.Generator) -> np.ndarray:
        return self.values


def chi2_null(name: str, current, baseline) -> Chi2Null:
    """The large-sample law of a divergence between two rows of counts.

    Formula: c · divergence / (1/n + 1/m) → χ² with B - 1 degrees of freedom; c is 1 for PSI, 2 for
             either KL and 8 for JS; B cells are used by either side.
    Shapes:  (k,) twice.
    Source:  B. Yurdakul, "Statistical properties of the population stability index" (2018); for the
             factors, I. Csiszár and P. C. Shields, "Information theory and statistics: a
             tutorial" (2004).

    >>> null = chi2_null("psi", [50, 50], [450, 450])
    >>> round(null.threshold(0.05), 4), null.note
    (0.0427, '')
    """
    current, baseline = _used(current, baseline)
    n, m = current.sum(), baseline.sum()
    scale = float((1 / n + 1 / m) / CHI2_FACTOR[name])
    fewest = float(min(n, m) * ((current + baseline) / (n + m)).min())
    note = ""
    wanted = LEAST_EXPECTED[name]
    if fewest < wanted:
        note = (
            f"a cell expects {fewest:.3g} rows, and χ² wants {wanted}: its threshold is not to be "
            'trusted here; null="permutation" is exact'
        )
    return Chi2Null(len(current) - 1, scale, note)


def permutation_null(
    name: str,
    smoothing: Smoothing,
    current,
    baseline,
    draws: int = DRAWS,
    random: int | np.random.Generator = 0,
) -> NullModel:
    """The law of a divergence when it is chance which of all rows are the current ones.

    Counts are all that a divergence sees, so counts are drawn: the current ones are multivariate
    hypergeometric in the pooled ones. This is the law of shuffling the rows, thousands of times
    sooner. Above 10⁹ rows on both sides together it is the χ² law, and the note says so.

    Shapes:  (k,) twice gives `draws` values.
    """
    current, baseline = _used(current, baseline)
    pool, n = current + baseline, int(current.sum())
    if pool.sum() >= MOST_ROWS:
        null = chi2_null(name, current, baseline)
        note = "10⁹ rows or more are too many for permutations; this is the χ² law"
        return Chi2Null(null.degrees, null.scale, "; ".join(filter(None, [note, null.note])))
    random = np.random.default_rng(random)
    smoothing = _for_draws(smoothing)
    values = np.empty(draws)
    for start in range(0, draws, BLOCK):
        part = values[start : start + BLOCK]
        drawn = random.multivariate_hypergeometric(pool, n, size=len(part), method="marginals")
        part[:] = divergence(name, *smoothing.shares(drawn, pool - drawn))
    return DrawnNull("permutation", values)


def windows_null(
    name: str,
    smoothing: Smoothing,
    windows,
    rows: int | None = None,
    least_rows: int = 1,
    random: int | np.random.Generator = 0,
) -> DrawnNull:
    """The divergences of known-good windows, each from all the others together.

    A threshold from windows that are part of what they are compared with is too low; so each is
    left out of its own baseline. A window with more rows than the current data's `rows` is thinned
    to as many, since few rows scatter more than many. Windows with fewer than `least_rows` are NaN.

    Shapes:  (W, k) gives W values.
    """
    windows = np.asarray(windows, dtype=np.int64)
    total = windows.sum(axis=0)
    sizes = windows.sum(axis=1)
    random = np.random.default_rng(random)
    judged = np.flatnonzero((sizes >= max(1, least_rows)) & (sizes < sizes.sum()))
    values = np.full(len(windows), np.nan)
    if len(judged):
        left_out = windows[judged]
        others = total - left_out
        if rows is not None:
            left_out = np.array([_thinned(window, rows, random) for window in left_out])
        values[judged] = divergence(name, *_for_draws(smoothing).shares(left_out, others))
    notes = []
    if len(judged) < len(windows):
        left = len(windows) - len(judged)
        notes.append(f"{left} of {len(windows)} windows have too few rows and were left out")
    if rows is not None and len(judged) and rows > 1.5 * np.median(sizes[judged]):
        notes.append(
            f"the current data has {rows} rows and a window {np.median(sizes[judged]):.0f}: check "
            "one window at a time, since many together hide what one shows"
        )
    return DrawnNull("windows", values, "; ".join(notes))


def windows_needed(level: float) -> int:
    """How many windows it takes until a p-value can be as small as `level`.

    >>> windows_needed(0.05)
    19
    """
    return math.ceil(1 / level * (1 - TIE)) - 1


def _used(current, baseline) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the cells that either side uses: the others carry nothing and cost time."""
    current, baseline = np.asarray(current, dtype=np.int64), np.asarray(baseline, dtype=np.int64)
    used = (current > 0) | (baseline > 0)
    current, baseline = current[used], baseline[used]
    if not current.sum() or not baseline.sum():
        raise DriftError("a histogram without rows has no threshold.")
    return current, baseline


def _for_draws(smoothing: Smoothing) -> Smoothing:
    # What the policy `error` refuses in the data is, in a draw, only a very large value.
    return Smoothing.infinite() if smoothing.kind == "error" else smoothing


def _thinned(window, rows, random):
    if window.sum() <= rows:
        return window
    if window.sum() >= MOST_ROWS:
        return random.multinomial(rows, window / window.sum())
    return random.multivariate_hypergeometric(window, rows, method="marginals")
