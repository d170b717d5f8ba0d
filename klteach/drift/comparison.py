"""Has it drifted? The current data held against the baseline, column by column.

"No drift" is said only where a drift could have been seen. An empty table, too few rows, too few
windows or a column that is not there any more are no all-clear.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from klteach.drift.binning import Binning
from klteach.drift.decisions import Decision, decide
from klteach.drift.divergence import contributions, divergence, formula, require_known
from klteach.drift.errors import DriftError, joined, listed
from klteach.drift.histogram import Histogram
from klteach.drift.multiplicity import METHODS
from klteach.drift.null import (
    DRAWS,
    NULLS,
    NullModel,
    chi2_null,
    permutation_null,
    quantiles_null,
    windows_null,
)
from klteach.drift.profile import Profile
from klteach.drift.report import ColumnReport, DriftReport
from klteach.drift.seasons import POOLED, is_day, like_labels, usual_like
from klteach.drift.smoothing import Smoothing
from klteach.drift.tables import NOT_THERE
from klteach.drift.timeline import Timeline, WindowCheck
from klteach.drift.verdicts import DRIFT, LOST, NO_DRIFT, RETYPED, SMALL, TOO_MANY
from klteach.whole_files import made_with

DEFAULT_SEED = 0
ROWS_PER_CELL = 5
# The review is about the cells that carry this much of what the cells with more rows now carry.
REVIEWED = 0.8
MOST_TIMES = 2  # as many rows as the largest known window may still be one window
_HARDLY = (
    "nearly every row of the baseline had a text of its own: only a crowd in one of {groups} "
    "groups of texts would show"
)
# Windows are few, so a p-value from them is coarse: over 34 columns Benjamini-Hochberg would need
# hundreds of windows, and the column that is furthest out needs 19.
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
    null: str | None = None,
    rate: float = 0.05,
    multiplicity: str | None = None,
    least_rows: int | None = None,
    least_effect: float | Mapping[str, float] = 0.0,
    like: str | None = None,
    draws: int = DRAWS,
    random: int | None = None,
    about: Mapping[str, str] | None = None,
) -> DriftReport:
    """Hold the current data against the baseline, column by column.

    baseline      a Profile
    current       a Profile in the same cells, or a table that is counted in them
    divergence    "psi", "kl" (of the current data from the baseline), "reverse kl" or "js"
    smoothing     what to do about empty cells
    null          what no drift looks like: "windows" takes rows that share a day, a class or a task
                  as belonging together, "permutation" and "chi2" take all rows as independent; if
                  None, "windows" where the baseline keeps windows, and "permutation" where not
    rate          the false-alarm rate over all columns, in the sense of `multiplicity`:
                  "benjamini-hochberg", "bonferroni" or "max"; if None the first, and "max"
                  where the null is windows
    least_rows    a column with fewer rows on either side is not judged; 5 per used cell if None
    least_effect  a smaller divergence is no drift but "small drift", even if it is more than chance
                  makes of it; one number for all columns, or one each for some of them
    like          with windows: hold like against like, by "weekday", "weekend", "month" or "hour",
                  or by "none"; if None, "weekend" where the baseline's windows are days and eight
                  or more of them weekends, and "none" elsewhere
    draws         of the permutation null; more are drawn of a column where that decides
    random        a seed, which the report keeps; None is a fixed one
    about         what the report is to say of where it comes from: "file", "baseline", "checked"

    A column that is missing altogether has n rows in its cell for missing values, and is judged: it
    drifts if the baseline had values. A column that is not there at all, or that held numbers and
    now holds text, is "not there" or of an "other kind", and the rest is judged. Windows with fewer
    than `least_rows` rows are left out of the null.

    Errors:  DriftError for other cells than the baseline's, for a table or an option that cannot be
             used, if no column of the baseline is there, and by the smoothing policy `error`.

    >>> baseline = Profile.of({"price": list(range(1000))}, cells=4)
    >>> report = compare(baseline, {"price": list(range(200, 1200))})
    >>> report.headline, report["price"].review
    ('drift in 1 of 1 column', ('above 999',))
    """
    options = Options.checked(
        baseline,
        divergence=divergence,
        smoothing=smoothing,
        null=null,
        rate=rate,
        multiplicity=multiplicity,
        least_rows=least_rows,
        least_effect=least_effect,
        like=like,
        draws=draws,
        random=random,
    )
    if not isinstance(current, Profile):
        current = baseline.count(current, absent="report")
    return _report(baseline, current, options, about or {})


def compare_windows(baseline: Profile, current: Profile, **options) -> Timeline:
    """Hold each window of the current data against the baseline, one after the other.

    current    a Profile with windows, as `baseline.count(table, window="day")` gives it
    options    as for `compare`; `rate` is that of one window

    >>> days = {"day": [d for d in range(20) for _ in range(50)], "x": list(range(50)) * 20}
    >>> days["city"] = ["Ulm", "Bern"] * 500
    >>> baseline = Profile.of(days, window="day", cells=4)
    >>> compare_windows(baseline, baseline.count(days, window="day")).headline
    'no drift seen in 20 windows'
    """
    about = dict(options.pop("about", None) or {})
    checked = Options.checked(baseline, **options)
    if current.window_counts is None:
        raise DriftError("the current data is not counted by windows: count(table, window=...).")
    checks = []
    for place, name in enumerate(current.window_names):
        window = current.of_window(place)
        report = _report(baseline, window, checked, about | {"window": name})
        checks.append(WindowCheck(name, about.get("file", ""), report))
    return Timeline(tuple(checks), checked.rate)


@dataclass(frozen=True)
class Options:
    """How to compare, every option checked and filled in."""

    divergence: str
    smoothing: Smoothing
    null: str
    rate: float
    multiplicity: str
    least_rows: int | None
    least_effect: Mapping[str, float]
    like: str | None
    like_is_usual: bool
    draws: int
    seed: int

    @classmethod
    def checked(
        cls,
        baseline: Profile,
        *,
        divergence: str = "psi",
        smoothing: Smoothing | str = Smoothing.additive(0.5),
        null: str | None = None,
        rate: float = 0.05,
        multiplicity: str | None = None,
        least_rows: int | None = None,
        least_effect: float | Mapping[str, float] = 0.0,
        like: str | None = None,
        draws: int = DRAWS,
        random: int | None = None,
    ) -> "Options":
        """The options of `compare`; DriftError for one that cannot be used with this baseline."""
        if draws < 1:
            raise DriftError(
                f"draws is {draws}; a null needs one draw at least, and 1000 are usual."
            )
        if null is None:
            null = "windows" if baseline.window_counts else "permutation"
        null = _one_of("null", null, NULLS)
        if null == "windows" and not baseline.window_counts:
            raise DriftError(
                "the baseline keeps no windows, so it cannot say what a known-good window looks "
                "like. Make it again with window= and the column by which rows belong together."
            )
        like_is_usual = like is None
        if like_is_usual and null == "windows":
            like = usual_like(baseline.window_names)
        elif like == POOLED:
            like = None
        elif like is not None:
            if null != "windows":
                raise DriftError(f"like {like!r} is about windows, and the null is {null!r}.")
            like_labels(like, baseline.window_names)
        if multiplicity is None:
            multiplicity = USUAL_MULTIPLICITY[null]
        if not baseline.histograms:
            raise DriftError("the baseline has no columns.")
        return cls(
            divergence=require_known(divergence),
            smoothing=Smoothing.parse(smoothing) if isinstance(smoothing, str) else smoothing,
            null=null,
            rate=_rate(rate),
            multiplicity=_one_of("multiplicity", multiplicity, METHODS),
            least_rows=_least_rows(least_rows),
            least_effect=_least_effect(least_effect, baseline.histograms),
            like=like,
            like_is_usual=like_is_usual,
            draws=draws,
            seed=_seed(random),
        )

    def generator(self, column: str) -> np.random.Generator:
        """A column's draws stay the same when another column is added."""
        return np.random.default_rng([self.seed, crc32(column.encode("utf-8", "surrogatepass"))])

    def like_of(self, window: str) -> str | None:
        """How this window is held against like ones; a usual way is none for what is no day."""
        return None if self.like_is_usual and not is_day(window) else self.like

    def least(self, cells: int) -> int:
        """So many rows are needed to judge a column with so many used cells."""
        return ROWS_PER_CELL * cells if self.least_rows is None else self.least_rows


@dataclass(frozen=True)
class _Column:
    """What is compared of one column: counts now, counts then, and those of the known windows."""

    current: Histogram[Binning]
    baseline: Histogram[Binning]
    windows: np.ndarray | None = None
    like: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        return self.baseline.binning.column

    @property
    def many(self) -> bool:
        """Whether these are far more rows than any known window has, as of several in one."""
        if self.windows is None:
            return False
        return self.current.total > MOST_TIMES * self.windows.sum(axis=1).max(initial=0)

    @property
    def cells_used(self) -> int:
        return int(np.count_nonzero(self.current.counts + self.baseline.counts))


def _report(baseline, current, options, about) -> DriftReport:
    like = options.like_of(current.window_name)
    columns = _columns(baseline, current, options, like)
    reasons = {name: _too_few(column, options) for name, column in columns.items()}
    values = {name: _value(column, options) for name, column in columns.items()}
    nulls = {name: _null(columns[name], options) for name, reason in reasons.items() if not reason}
    decided = decide(nulls, values, options.rate, options.multiplicity, baseline.window_names)
    decisions = {
        name: decided.of[name] if name in decided.of else Decision.not_judged(reasons[name])
        for name in columns
    }
    reports = {
        name: _column_report(column, values[name], options, nulls.get(name), decisions[name])
        for name, column in columns.items()
    }
    for name, reason in current.absent.items():
        if name in baseline.histograms:
            reports[name] = _absent(baseline.histograms[name], reason, options)
    return DriftReport(
        columns=tuple(reports[name] for name in baseline.histograms),
        rate=options.rate,
        multiplicity=options.multiplicity,
        null=options.null,
        smoothing=str(options.smoothing),
        divergence=options.divergence,
        seed=options.seed,
        draws=decided.draws if options.null == "permutation" else 0,
        baseline_window=dict(baseline.window),
        current_window=dict(current.window),
        made_with=made_with(),
        notes=_notes(baseline, current, len(nulls), options, like, decided.note),
        about=dict(about),
        new_columns=current.new_columns,
    )


def _columns(baseline, current, options, like) -> dict[str, _Column]:
    """What is compared of each column that is there now."""
    there = {*current.histograms, *current.absent}
    missing = [name for name in baseline.histograms if name not in there]
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
    columns = {}
    labels = _labels(baseline, current, like)
    for name, now in current.histograms.items():
        then = baseline.histograms[name]
        then.require_same_cells(now)
        windows = (baseline.window_counts or {}).get(name)
        if options.null != "windows":
            then, windows = baseline.independent(name), None
        elif windows is None:
            raise DriftError(f"the baseline keeps no windows of column {name!r}.")
        elif labels:
            own, *others = labels
            alike = [label == own for label in others]
            then = Histogram(then.binning, windows[alike].sum(axis=0))
        columns[name] = _Column(now, then, windows, labels[1:] or None)
    return {name: columns[name] for name in baseline.histograms if name in columns}


def _labels(baseline, current, like) -> tuple[str, ...]:
    """What the current window is like, then what each of the baseline's is; () for no matter."""
    if like is None:
        return ()
    own, *others = like_labels(like, [current.window_name, *baseline.window_names])
    if own not in others:
        raise DriftError(
            f"the baseline has no window like {current.window_name!r} ({like} {own}); it "
            f"has {listed(sorted(set(others)))}."
        )
    return (own, *others)


def _too_few(column: _Column, options: Options) -> str:
    """Why the column cannot be judged, or ""."""
    current, baseline = column.current, column.baseline
    sides = (("current data", current), ("baseline", baseline))
    for side, histogram in sides:
        if not histogram.total:
            return f"the {side} has no rows"
    if not current.counts[:-1].any() and not baseline.counts[:-1].any():
        return "every value is missing on both sides"
    cells = column.cells_used
    least = options.least(cells)
    for side, histogram in sides:
        if histogram.total < least:
            said = f"the {side} has {histogram.total} rows; {least} are needed for {cells} cells"
            return said + (f", {ROWS_PER_CELL} each" if options.least_rows is None else "")
    return ""


def _shares(column: _Column, smoothing):
    binning = column.baseline.binning
    try:
        return smoothing.shares(column.current.counts, column.baseline.counts, cells=binning.cells)
    except DriftError as error:
        raise DriftError(f"column {column.name!r}: {error}") from None


def _value(column, options) -> float:
    if not column.current.total or not column.baseline.total:
        return math.nan
    return float(divergence(options.divergence, *_shares(column, options.smoothing)))


def _null(column: _Column, options: Options) -> NullModel:
    current, baseline = column.current.counts, column.baseline.counts
    random = options.generator(column.name)
    if options.null == "windows":
        least = options.least(column.cells_used)
        return windows_null(
            options.divergence,
            options.smoothing,
            column.windows,
            column.current.total,
            least,
            random,
            column.like,
        )
    note = ""
    if options.null == "chi2":
        null = chi2_null(options.divergence, current, baseline)
        if not null.note:
            return null
        note = f"{null.note.partition(':')[0]}; the permutation null stands in for it"
    counts = (options.divergence, options.smoothing, current, baseline)
    binning = column.baseline.binning
    drawn = (
        quantiles_null(*counts, binning.single, options.draws, random)
        if binning.quantiles
        else permutation_null(*counts, options.draws, random)
    )
    return drawn.with_note(note) if note else drawn


def _absent(baseline, reason, options) -> ColumnReport:
    """A column that could not be counted in the current data."""
    used = np.flatnonzero(baseline.counts)
    names = [baseline.binning.cells[place] for place in used]
    nothing = dict.fromkeys(names, 0.0)
    shares = baseline.counts[used] / max(1, baseline.total)
    return ColumnReport(
        column=baseline.binning.column,
        divergence=options.divergence,
        direction=formula(options.divergence),
        value=math.nan,
        bits=math.nan,
        kl=math.nan,
        reverse_kl=math.nan,
        smoothing=str(options.smoothing),
        null=options.null,
        threshold=math.nan,
        p_value=math.nan,
        adjusted_p=math.nan,
        n=0,
        m=baseline.total,
        cells=len(used),
        verdict=LOST if reason == NOT_THERE else RETYPED,
        note=reason,
        contributions=nothing,
        current_shares=nothing,
        baseline_shares=dict(zip(names, map(float, shares), strict=True)),
        review=(),
        binning=baseline.binning,
    )


def _column_report(column, value, options, null, decision) -> ColumnReport:
    current, baseline = column.current, column.baseline
    binning = baseline.binning
    used = np.flatnonzero(current.counts + baseline.counts)
    parts, both = np.zeros(len(binning.cells)), [math.nan, math.nan]
    if not math.isnan(value):
        shares = _shares(column, options.smoothing)
        parts = contributions(options.divergence, *shares)
        both = [float(divergence(name, *shares)) for name in ("kl", "reverse kl")]

    def by_cell(numbers):
        return {binning.cells[place]: float(numbers[place]) for place in used}

    verdict = decision.verdict
    note = decision.note
    if verdict == DRIFT and value < options.least_effect.get(binning.column, 0.0):
        verdict = SMALL
    if verdict == NO_DRIFT and column.many:
        verdict = TOO_MANY
    if verdict == NO_DRIFT and binning.groups and not binning.known:
        note = joined(note, _HARDLY.format(groups=binning.groups))
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
        verdict=verdict,
        note=note,
        contributions=by_cell(parts),
        current_shares=by_cell(current.counts / max(1, current.total)),
        baseline_shares=by_cell(baseline.counts / max(1, baseline.total)),
        review=_review(current, baseline, options) if verdict == DRIFT else (),
        binning=binning,
        approximate=decision.approximate,
        least_effect=options.least_effect.get(binning.column, 0.0),
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


def _notes(baseline, current, judged, options, like, note) -> tuple[str, ...]:
    notes = [note] if note else []
    if options.null == "windows" and (usual := _unusual(baseline, current.rows)):
        notes.insert(0, usual)
    if options.null != "windows" and baseline.window_counts:
        notes.append(
            "the baseline keeps windows, and this null takes rows as independent: if rows of a "
            'window have something in common, it alarms too often, and null="windows" does not'
        )
    if options.multiplicity == "max" and options.null != "windows" and judged > 1:
        notes.append(
            "each column is drawn by itself, as histograms do not say how columns move together"
        )
    if like == "weekend":
        notes.append("weekends are held against weekends, and workdays against workdays")
    elif like:
        notes.append(f"a window is held against those of the same {like}")
    return tuple(notes)


def _unusual(baseline, rows) -> str:
    """What to say of a window with far fewer or far more rows than any known one, or ""."""
    windows = next(iter(baseline.window_counts.values())).sum(axis=1)
    least, most = int(windows.min()), int(windows.max())
    if least <= 2 * rows and rows <= 2 * most:
        return ""
    return f"{rows} rows, where a window of the baseline has {least} to {most}"


def _one_of(name, value, there):
    if value not in there:
        raise DriftError(f"{name} {value!r} is not known; there are {listed(there)}.")
    return value


def _rate(rate) -> float:
    if not 0 < rate < 1:
        raise DriftError(f"the rate is a probability between 0 and 1, not {rate}.")
    return float(rate)


def _least_effect(least, columns) -> dict[str, float]:
    """The smallest divergence that matters, of each column."""
    some = dict(least) if isinstance(least, Mapping) else dict.fromkeys(columns, least)
    strangers = [name for name in some if name not in columns]
    if strangers:
        raise DriftError(f"least_effect is given for {listed(strangers)}, which is not watched.")
    for name, effect in some.items():
        if not effect >= 0:
            raise DriftError(f"least_effect of {name!r} is {effect!r}; it is 0 or more.")
    return {name: float(some.get(name, 0.0)) for name in columns}


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
