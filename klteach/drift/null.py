"""How large a divergence gets without any drift: three nulls, each with its assumption.

    chi2          the large-sample law; rows independent, and 20 rows expected in each cell (PSI)
    permutation   exact for independent rows: which rows are current is drawn anew, and where the
                  edges are the baseline's quantiles, they are found anew, too
    windows       for rows that share a day, a class or a task: known-good windows, each against
                  all the others

A fixed cutoff such as 0.1 is none of them. It alarms in a third of all comparisons of equal laws at
200 rows, and sleeps through a real shift at 100 000.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from klteach.drift.divergence import CHI2_FACTOR, divergence
from klteach.drift.errors import DriftError, joined
from klteach.drift.smoothing import Smoothing

NULLS = {
    "chi2": "the χ² law of many rows, all independent",
    "permutation": "which rows are current is drawn anew; rows independent",
    "windows": "each known-good window against all the others; windows independent",
}
DRAWS = 1000
SEEN = 10  # draws as large as the observation are enough to know that it is nothing special
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

    def with_note(self, note: str) -> "NullModel":
        """The same with another note before its own."""

    def p_value(self, observed: float) -> float:
        """The chance of a divergence at least this large without drift."""

    def threshold(self, rate: float) -> float:
        """Larger divergences come with probability `rate` at most without drift."""


@dataclass(frozen=True)
class Chi2Null:
    """scale · χ² with `degrees` degrees of freedom."""

    degrees: int
    scale: float
    note: str = ""
    name: str = "chi2"
    smallest_p: float = 0.0

    def with_note(self, note: str) -> "Chi2Null":
        return replace(self, note=joined(note, self.note))

    def p_value(self, observed: float) -> float:
        from scipy.special import chdtrc

        return float(chdtrc(self.degrees, observed / self.scale)) if self.degrees else 1.0

    def threshold(self, rate: float) -> float:
        from scipy.special import chdtri

        return float(self.scale * chdtri(self.degrees, rate)) if self.degrees else 0.0


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
    more: Callable[[int], np.ndarray] | None = field(default=None, repr=False)

    def with_note(self, note: str) -> "DrawnNull":
        return replace(self, note=joined(note, self.note))

    def with_more(self, draws: int) -> "DrawnNull":
        """The same law from `draws` draws in all; what has been drawn stays."""
        if self.more is None:
            raise DriftError(f"the null {self.name!r} cannot be drawn from.")
        values = np.concatenate([self.values, self.more(draws - len(self.values))])
        return replace(self, values=values)

    @property
    def kept(self) -> np.ndarray:
        """The values, without the windows that were left out."""
        return self.values[~np.isnan(self.values)]

    @property
    def settled(self) -> bool:
        """Whether more could be drawn, and all draws are finite: their tail can be guessed."""
        return self.more is not None and bool(np.isfinite(self.values).all())

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

    def fitted_threshold(self, rate: float) -> float:
        """About where the p-value falls to a rate that the draws do not reach.

        It is that of the multiple of a χ² law which has the mean and the variance of the draws.
        """
        from scipy.special import chdtri

        mean, variance = self.kept.mean(), self.kept.var()
        if not variance > 0:
            return float(mean)
        return float(variance / (2 * mean) * chdtri(2 * mean**2 / variance, rate))


@dataclass(frozen=True, eq=False)
class WindowsNull(DrawnNull):
    """The divergences of known-good windows; NaN for those that were left out.

    rows      of the current data and of each window, (W + 1,)
    others    of what each of these was held against
    cells     that any of them uses
    one_row   the divergence of one row in a cell that is empty otherwise, (W + 1,)
    """

    divergence: str = "psi"
    rows: np.ndarray = field(default_factory=lambda: np.empty(0))
    others: np.ndarray = field(default_factory=lambda: np.empty(0))
    cells: int = 2
    one_row: np.ndarray = field(default_factory=lambda: np.zeros(1))

    def noise(self, level: float) -> np.ndarray:
        """What independent rows exceed with probability `level`, and one odd row: (W + 1,).

        It is the χ² law of `chi2_null`, with one degree of freedom at least: something else might
        have come.
        """
        from scipy.special import chdtri

        scale = (1 / np.maximum(self.rows, 1) + 1 / np.maximum(self.others, 1)) / CHI2_FACTOR[
            self.divergence
        ]
        return np.maximum(scale * chdtri(max(1, self.cells - 1), level), self.one_row)


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
            'trusted here; null="permutation" needs no such rows'
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
    sooner, in cells that nobody chose on these rows. Above 10⁹ rows on both sides together it is
    the χ² law, and the note says so.

    Shapes:  (k,) twice gives `draws` values.
    """
    current, baseline = _used(current, baseline)
    pool, n = current + baseline, int(current.sum())
    if pool.sum() >= MOST_ROWS:
        return _of_too_many_rows(name, current, baseline)

    generator = np.random.default_rng(random)

    def draw(size):
        drawn = generator.multivariate_hypergeometric(pool, n, size=size, method="marginals")
        return drawn, pool - drawn

    return _drawn(name, smoothing, draw, draws)


def quantiles_null(
    name: str,
    smoothing: Smoothing,
    current,
    baseline,
    single,
    draws: int = DRAWS,
    random: int | np.random.Generator = 0,
) -> NullModel:
    """The same law where the edges between the first cells are values of the baseline.

    `single` has one entry for each of these cells: whether it holds but one value.

    Whichever rows the baseline is, it has about equally many in each cell; what is left to chance
    is where the current rows fall among them. The values of the baseline part the line into as many
    gaps as there are values and one more, and each distribution of the current rows over the gaps
    is as likely as any other. So the current counts are Dirichlet-multinomial, with the number of
    gaps in each cell as parameters: one beyond either end (and next to none where half of all rows
    are the smallest value). Which rows are special (±∞, missing) is drawn as by `permutation_null`.

    Formula: p ~ Dirichlet(gaps), current ~ Multinomial(n, p).
    Shapes:  (k,) twice gives `draws` values.
    Source:  S. S. Wilks, "Mathematical Statistics" (1962), on statistical tolerance regions.
    """
    current, baseline = np.asarray(current, np.int64), np.asarray(baseline, np.int64)
    _require_rows(current, baseline)
    if current.sum() + baseline.sum() >= MOST_ROWS:
        return _of_too_many_rows(name, *_used(current, baseline))
    regular = len(single)
    gaps = baseline[:regular].astype(float)
    for end, inner in ((0, 1), (-1, -2)):
        gaps[end] += 1 / max(1, gaps[inner]) if single[inner] else 1
    gaps[-2] = max(gaps[-2] - 1, 0)
    gaps[1:-1][single[:-2] & ~single[1:-1]] += 1  # a gap on either side of its values
    special = current[regular:] + baseline[regular:]
    pool = np.array([current[:regular].sum() + baseline[:regular].sum(), *special])
    n, generator = int(current.sum()), np.random.default_rng(random)

    used = np.flatnonzero(gaps)

    def draw(size):
        drawn = np.zeros((size, len(current)), dtype=np.int64)
        shares = generator.dirichlet(gaps[used], size)
        if not special.any():
            drawn[:, used] = generator.multinomial(n, shares)
            return drawn, baseline
        parts = generator.multivariate_hypergeometric(pool, n, size=size, method="marginals")
        drawn[:, used] = generator.multinomial(parts[:, 0], shares)
        drawn[:, regular:] = parts[:, 1:]
        rest = np.broadcast_to(baseline, drawn.shape).copy()
        rest[:, regular:] = special - parts[:, 1:]
        return drawn, rest

    return _drawn(name, smoothing, draw, draws)


def _drawn(name, smoothing, draw, draws) -> "DrawnNull":
    smoothing = _for_draws(smoothing)

    def values(size):
        blocks = [min(BLOCK, size - start) for start in range(0, size, BLOCK)]
        drawn = [divergence(name, *smoothing.shares(*draw(block))) for block in blocks]
        return np.concatenate(drawn)

    return DrawnNull("permutation", values(draws), more=values)


def _of_too_many_rows(name, current, baseline) -> Chi2Null:
    note = "10⁹ rows or more are too many for permutations; this is the χ² law"
    return chi2_null(name, current, baseline).with_note(note)


def windows_null(
    name: str,
    smoothing: Smoothing,
    windows,
    rows: int | None = None,
    least_rows: int = 1,
    random: int | np.random.Generator = 0,
    like=None,
) -> WindowsNull:
    """The divergences of known-good windows, each from all the others together.

    A threshold from windows that are part of what they are compared with is too low; so each is
    left out of its own baseline. A window with more rows than the current data's `rows` is thinned
    to as many, since few rows scatter more than many. Windows with fewer than `least_rows` are NaN.
    With `like`, a label for each window, a window is held against the others with its label.

    Shapes:  (W, k) gives W values.
    """
    windows = np.asarray(windows, dtype=np.int64)
    sizes = windows.sum(axis=1)
    others = _alike(windows, like) - windows
    random = np.random.default_rng(random)
    judged = np.flatnonzero((sizes >= max(1, least_rows)) & (others.sum(axis=1) > 0))
    values = np.full(len(windows), np.nan)
    thinned = windows.copy()
    if len(judged):
        if rows is not None:
            for window in judged:
                thinned[window] = _thinned(windows[window], rows, random)
        shares = _for_draws(smoothing).shares(thinned[judged], others[judged])
        values[judged] = divergence(name, *shares)
    notes = []
    if len(judged) < len(windows):
        left = len(windows) - len(judged)
        notes.append(f"{left} of {len(windows)} windows have too few rows and were left out")
    usual = np.median(sizes[judged]) if len(judged) else 0
    if rows is not None and len(judged) and rows > 1.5 * usual:
        notes.append(
            f"the current data has {rows} rows and a window {usual:.0f}: check one window at a "
            "time, since many together hide what one shows"
        )
    total = windows.sum(axis=0)
    now = np.array([usual if rows is None else rows, *thinned.sum(axis=1)])
    then = np.array([total.sum(), *others.sum(axis=1)])
    return WindowsNull(
        "windows",
        values,
        "; ".join(notes),
        divergence=name,
        rows=now,
        others=then,
        cells=int(np.count_nonzero(total)),
        one_row=_of_one_row(name, smoothing, now, then),
    )


def _of_one_row(name, smoothing, rows, others) -> np.ndarray:
    """The divergence of one row in a cell that is empty otherwise; 0 where it would be infinite."""
    if smoothing.kind != "additive":
        return np.zeros(len(rows))
    current = np.stack([np.maximum(rows - 1, 0), np.ones(len(rows))], axis=1)
    baseline = np.stack([np.maximum(others, 1), np.zeros(len(rows))], axis=1)
    return divergence(name, *smoothing.shares(current, baseline))


def _alike(windows, like) -> np.ndarray:
    """For each window the counts of all windows with its label, its own among them."""
    if like is None:
        return np.broadcast_to(windows.sum(axis=0), windows.shape)
    _, labels = np.unique(np.asarray(like), return_inverse=True)
    sums = np.zeros((labels.max(initial=-1) + 1, windows.shape[1]), dtype=np.int64)
    np.add.at(sums, labels, windows)
    return sums[labels]


def windows_needed(level: float) -> int:
    """How many windows it takes until a p-value can be as small as `level`.

    >>> windows_needed(0.05)
    19
    """
    return math.ceil(1 / level * (1 - TIE)) - 1


def _used(current, baseline) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the cells that either side uses: the others carry nothing and cost time."""
    current, baseline = np.asarray(current, dtype=np.int64), np.asarray(baseline, dtype=np.int64)
    _require_rows(current, baseline)
    used = (current > 0) | (baseline > 0)
    return current[used], baseline[used]


def _require_rows(current, baseline):
    if not current.sum() or not baseline.sum():
        raise DriftError("a histogram without rows has no threshold.")


def _for_draws(smoothing: Smoothing) -> Smoothing:
    # What the policy `error` refuses in the data is, in a draw, only a very large value.
    return Smoothing.infinite() if smoothing.kind == "error" else smoothing


def _thinned(window, rows, random):
    if window.sum() <= rows:
        return window
    if window.sum() >= MOST_ROWS:
        return random.multinomial(rows, window / window.sum())
    return random.multivariate_hypergeometric(window, rows, method="marginals")
