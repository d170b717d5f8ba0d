"""Has it drifted? The current data held against the baseline, column by column.

"No drift" is said only where a drift could have been seen. An empty table, too few rows or too few
windows are `too few rows`, which is no all-clear.
"""

import math
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from klteach.drift.decisions import Decision, decide
from klteach.drift.divergence import contributions, divergence, formula, require_known
from klteach.drift.errors import DriftError, listed
from klteach.drift.histogram import Histogram
from klteach.drift.multiplicity import METHODS
from klteach.drift.null import (
    DRAWS,
    MOST_DRAWS,
    NULLS,
    NullModel,
    chi2_null,
    permutation_null,
    windows_needed,
    windows_null,
)
from klteach.drift.profile import Profile
from klteach.drift.report import ColumnReport, DriftReport
from klteach.drift.smoothing import Smoothing
from klteach.drift.verdicts import DRIFT
from klteach.whole_files import made_with

DEFAULT_SEED = 0
ROWS_PER_CELL = 5
# The review is about the cells that carry this much of what the cells with more rows now carry.
REVIEWED = 0.8
# Windows are few, so a p-value from them is coarse: over 34 columns Benjamini-Hochberg would need
# hundreds of windows, and the largest value over columns needs 19.
USUAL_MULTIPLICITY = {
    "chi2": "benjamini-hochberg",
    "permutation": "benjamini-hochberg",
    "windows": "max",
}


def compare(
    baseline: Profile,
    current,
    *,
    divergence: str = "psi",
    smoothing: Smoothing | str = Smoothing.additive(0.5),
    null: str = "permutation",
    rate: float = 0.05,
    multiplicity: str | None = None,
    least_rows: int | None = None,
    draws: int = DRAWS,
    random: int | None = None,
) -> DriftReport:
    """Hold the current data against the baseline, column by column.

    baseline      a Profile
    current       a Profile in the same cells, or a table that is counted in them
    divergence    "psi", "kl" (of the current data from the baseline), "reverse kl" or "js"
    smoothing     what to do about empty cells
    null          what no drift looks like: "permutation" and "chi2" take rows as independent;
                  "windows" is right where rows share a day, a class or a task
    rate          the false-alarm rate over all columns, in the sense of `multiplicity`:
                  "benjamini-hochberg", "bonferroni" or "max"; if None the first, and "max"
                  where the null is windows
    least_rows    a column with fewer rows on either side is not judged; 5 per used cell if None
    draws         of the permutation null; more are drawn where `rate` over all columns needs them
    random        a seed, which the report keeps; None is a fixed one

    A column that is missing altogether has n rows in its cell for missing values, and is judged: it
    drifts if the baseline had values. Windows with fewer than `least_rows` rows are left out of the
    null.

    Errors:  DriftError for other columns or other cells than the baseline's, for a table or an
             option that cannot be used, and by the smoothing policy `error`.

    >>> baseline = Profile.of({"price": list(range(1000))}, cells=4)
    >>> report = compare(baseline, {"price": list(range(200, 1200))})
    >>> report.headline, report["price"].review
    ('drift in 1 of 1 column', ('749 or more',))
    """
    if draws < 1:
        raise DriftError(f"draws is {draws}; a null needs one draw at least, and 1000 are usual.")
    null = _one_of("null", null, NULLS)
    if multiplicity is None:
        multiplicity = USUAL_MULTIPLICITY[null]
    options = _Options(
        divergence=require_known(divergence),
        smoothing=Smoothing.parse(smoothing) if isinstance(smoothing, str) else smoothing,
        null=null,
        rate=_rate(rate),
        multiplicity=_one_of("multiplicity", multiplicity, METHODS),
        least_rows=_least_rows(least_rows),
        seed=_seed(random),
    )
    if not isinstance(current, Profile):
        current = baseline.count(current)
    pairs = _pairs(baseline, current)
    if null == "windows" and not baseline.window_counts:
        raise DriftError(
            "the baseline keeps no windows, so it cannot say what a known-good window looks like. "
            "Make it again with window= and the column by which rows belong together."
        )
    reasons = {name: _too_few(*pair, options) for name, pair in pairs.items()}
    judged = [name for name, reason in reasons.items() if not reason]
    draws = _enough_draws(draws, len(judged), options)
    values = {name: _value(*pair, options) for name, pair in pairs.items()}
    nulls = {
        name: _null(*pairs[name], draws, options, (baseline.window_counts or {}).get(name))
        for name in judged
    }
    decisions = {
        **{name: Decision.not_judged(reason) for name, reason in reasons.items() if reason},
        **decide(nulls, values, draws, options.rate, multiplicity, options.seed),
    }
    columns = tuple(
        _column_report(*pair, values[name], options, nulls.get(name), decisions[name])
        for name, pair in pairs.items()
    )
    return DriftReport(
        columns=columns,
        rate=options.rate,
        multiplicity=multiplicity,
        null=null,
        smoothing=str(options.smoothing),
        divergence=divergence,
        seed=options.seed,
        draws=draws if null == "permutation" else 0,
        baseline_window=dict(baseline.window),
        current_window=dict(current.window),
        made_with=made_with(),
        notes=_notes(baseline, len(judged), options),
    )


@dataclass(frozen=True)
class _Options:
    divergence: str
    smoothing: Smoothing
    null: str
    rate: float
    multiplicity: str
    least_rows: int | None
    seed: int

    def generator(self, column: str) -> np.random.Generator:
        # a column's draws stay the same when another column is added
        return np.random.default_rng([self.seed, crc32(column.encode())])

    def least(self, cells: int) -> int:
        return ROWS_PER_CELL * cells if self.least_rows is None else self.least_rows


def _pairs(baseline, current) -> dict[str, tuple[Histogram, Histogram]]:
    """(current, baseline) of each column."""
    missing = [name for name in baseline.histograms if name not in current.histograms]
    extra = [name for name in current.histograms if name not in baseline.histograms]
    if missing or extra:
        said = []
        if missing:
            said.append(f"the current data lacks {listed(missing)}, which the baseline has")
        if extra:
            said.append(f"the current data has {listed(extra)}, which the baseline lacks")
        raise DriftError(
            "; ".join(said) + ". Rename the column, or make the baseline from the columns that "
            "are there."
        )
    if not baseline.histograms:
        raise DriftError("the baseline has no columns.")
    for name, histogram in baseline.histograms.items():
        histogram.require_same_cells(current.histograms[name])
    return {
        name: (current.histograms[name], histogram)
        for name, histogram in baseline.histograms.items()
    }


def _too_few(current: Histogram, baseline: Histogram, options: _Options) -> str:
    """Why the column cannot be judged, or ""."""
    sides = (("current data", current), ("baseline", baseline))
    for side, histogram in sides:
        if not histogram.total:
            return f"the {side} has no rows"
    if not current.counts[:-1].any() and not baseline.counts[:-1].any():
        return "every value is missing on both sides"
    cells = _cells_used(current, baseline)
    least = options.least(cells)
    for side, histogram in sides:
        if histogram.total < least:
            return f"the {side} has {histogram.total} rows; {least} are needed for {cells} cells"
    return ""


def _cells_used(current, baseline):
    return int(np.count_nonzero(current.counts + baseline.counts))


def _shares(current, baseline, smoothing):
    try:
        return smoothing.shares(current.counts, baseline.counts, cells=baseline.binning.cells)
    except DriftError as error:
        raise DriftError(f"column {baseline.binning.column!r}: {error}") from None


def _value(current, baseline, options) -> float:
    if not current.total or not baseline.total:
        return math.nan
    return float(divergence(options.divergence, *_shares(current, baseline, options.smoothing)))


def _enough_draws(draws: int, columns: int, options: _Options) -> int:
    """So many draws that one column's p-value can be as small as it has to be."""
    if options.null != "permutation" or not columns:
        return draws
    parts = 1 if options.multiplicity == "max" else columns
    needed = windows_needed(options.rate / parts)
    if max(draws, needed) > MOST_DRAWS:
        raise DriftError(
            f"a rate of {options.rate:g} over {columns} columns needs {max(draws, needed)} draws a "
            f'column, and {MOST_DRAWS} are the most. Use null="chi2", or a larger rate.'
        )
    return max(draws, needed)


def _null(current, baseline, draws, options, windows) -> NullModel:
    random = options.generator(baseline.binning.column)
    if options.null == "chi2":
        return chi2_null(options.divergence, current.counts, baseline.counts)
    if options.null == "permutation":
        return permutation_null(
            options.divergence, options.smoothing, current.counts, baseline.counts, draws, random
        )
    if windows is None:
        raise DriftError(f"the baseline keeps no windows of column {baseline.binning.column!r}.")
    least = options.least(_cells_used(current, baseline))
    return windows_null(
        options.divergence, options.smoothing, windows, current.total, least, random
    )


def _column_report(current, baseline, value, options, null, decision) -> ColumnReport:
    binning = baseline.binning
    used = np.flatnonzero(current.counts + baseline.counts)
    parts, both = np.zeros(len(binning.cells)), [math.nan, math.nan]
    if not math.isnan(value):
        shares = _shares(current, baseline, options.smoothing)
        parts = contributions(options.divergence, *shares)
        both = [float(divergence(name, *shares)) for name in ("kl", "reverse kl")]

    def by_cell(numbers):
        return {binning.cells[place]: float(numbers[place]) for place in used}

    return ColumnReport(
        column=binning.column,
        divergence=options.divergence,
        direction=formula(options.divergence),
        value=value,
        bits=value / math.log(2),
        kl=both[0],
        reverse_kl=both[1],
        smoothing=str(options.smoothing),
        null=null.name if null else options.null,
        threshold=decision.threshold,
        p_value=decision.p_value,
        adjusted_p=decision.adjusted_p,
        n=current.total,
        m=baseline.total,
        cells=len(used),
        verdict=decision.verdict,
        note=decision.note,
        contributions=by_cell(parts),
        current_shares=by_cell(current.counts / max(1, current.total)),
        baseline_shares=by_cell(baseline.counts / max(1, baseline.total)),
        review=_review(current, baseline, options) if decision.verdict == DRIFT else (),
        binning=binning,
    )


def _review(current, baseline, options) -> tuple[str, ...]:
    """The fewest cells that carry most of what the cells with a larger share now carry."""
    smoothing = options.smoothing
    if smoothing.kind != "additive":
        # merged cells and infinite ones have no order among themselves
        smoothing = Smoothing.additive()
    parts = contributions(options.divergence, *smoothing.shares(current.counts, baseline.counts))
    more = current.counts / current.total > baseline.counts / baseline.total
    order = np.argsort(-np.where(more, parts, -1), kind="stable")[: np.count_nonzero(more)]
    carried = np.cumsum(parts[order])
    enough = int(np.searchsorted(carried, REVIEWED * carried[-1])) + 1 if len(order) else 0
    return tuple(baseline.binning.cells[place] for place in order[:enough])


def _notes(baseline, judged, options) -> tuple[str, ...]:
    notes = []
    if options.null != "windows" and baseline.window_counts:
        notes.append(
            "the baseline keeps windows, and this null takes rows as independent: if rows of a "
            'window have something in common, it alarms too often, and null="windows" does not'
        )
    if options.multiplicity == "max" and options.null != "windows" and judged > 1:
        notes.append(
            "each column is drawn by itself, as histograms do not say how columns move together"
        )
    return tuple(notes)


def _one_of(name, value, there):
    if value not in there:
        raise DriftError(f"{name} {value!r} is not known; there are {listed(there)}.")
    return value


def _rate(rate) -> float:
    if not 0 < rate < 1:
        raise DriftError(f"the rate is a probability between 0 and 1, not {rate}.")
    return float(rate)


def _least_rows(least) -> int | None:
    if least is not None and least < 2:
        raise DriftError(f"least_rows is {least}: one row shows no distribution; 2 are the least.")
    return least


def _seed(random) -> int:
    if random is None:
        return DEFAULT_SEED
    if isinstance(random, bool) or not isinstance(random, (int, np.integer)) or random < 0:
        raise DriftError(f"random is a seed, a whole number from 0 on, not {random!r}.")
    return int(random)
