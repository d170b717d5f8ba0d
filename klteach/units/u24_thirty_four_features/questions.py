"""The questions of unit 24: many features, whole weeks, a model trained anew, cells."""

import math

import numpy as np

from klteach.practice.common_mistakes import special
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import NUMBER, Returns

LESSON = "24_thirty_four_features"


# E1: Benjamini-Hochberg


def p_values_and_rates(random):
    """Tables of features in which drifts and flukes lie close together, in no order."""
    cases = []
    for size, drifting, rate in ((12, 4, 0.05), (34, 3, 0.1), (50, 20, 0.05), (20, 6, 0.2)):
        p = random.uniform(0, 1, size)
        p[:drifting] = rate * random.uniform(0, 1.3, drifting) * drifting / size
        cases.append(case(random.permutation(p), rate))
    return [
        *cases,
        # sorted, the third is below its line again and the second is not
        case([0.9, 0.0275, 0.004, 0.0385, 0.021], 0.05, label="a gap below the last crossing"),
        case([0.0625, 0.5, 0.03125, 0.25], 0.125, label="a p-value exactly on its line"),
        case([0.7, 0.3, 0.06, 0.9, 0.2], 0.05, label="no feature drifts"),
        case([0.028, 0.009, 0.5, 0.012, 0.9], 0.05),
        case([0.0165, 0.014, 0.6, 0.009, 0.8], 0.05),
        case([0.052, 0.8, 0.9, 0.051], 0.2),
        case([0.3, 0.052, 0.8, 0.9], 0.2),
        # all but the last come below their lines only near the end
        case(np.r_[np.linspace(0.034, 0.046, 14)[::-1], 0.9, 0.048], 0.05),
        case(np.r_[0.0135, 0.002, 0.0145, 0.011, np.linspace(0.3, 0.9, 12)], 0.05),
    ]


def _lines(p, rate):
    """The line of each rank: rate · i/m."""
    return rate * np.arange(1, len(p) + 1) / len(p)


def _first(p, count):
    """1 for the `count` smallest p-values, in the order of the features."""
    flags = np.zeros(len(p))
    flags[np.argsort(p, kind="stable")[:count]] = 1
    return flags


def _last(below):
    """How many p-values there are up to the last one that is below its line."""
    return int(np.flatnonzero(below)[-1]) + 1 if below.any() else 0


def _leading(below):
    """How many are below their line before the first one that is not."""
    return len(below) if below.all() else int(np.argmin(below))


def benjamini_hochberg(p_values, rate):
    return _first(p_values, _last(np.sort(p_values) <= _lines(p_values, rate)))


def _by_ranks(ranks, step_up=True):
    """Ranks found in a wrong way: each p-value against its own line, or all up to the largest."""

    def flag(p, rate):
        below = p <= rate * ranks(p) / len(p)
        if step_up:
            return (p <= p[below].max(initial=-1)).astype(float)
        return below.astype(float)

    return flag


def _places(p):
    return np.arange(1, len(p) + 1)


def _argsort(p):
    return np.argsort(p, kind="stable") + 1


def _from_the_largest(p):
    return len(p) - np.argsort(np.argsort(p, kind="stable"))


def _from_the_threshold_up(p, rate):
    """1 from the last flagged p-value up."""
    count = _last(np.sort(p) <= _lines(p, rate))
    return 1 * (p >= (np.sort(p)[count - 1] if count else 2))


def _among_the_small(p, rate):
    """The lines as if only the p-values up to the rate had been looked at."""
    small = max(1, np.count_nonzero(p <= rate))
    return _first(p, _last(np.sort(p) <= rate * np.arange(1, len(p) + 1) / small))


def _adjusted(p, rate):
    order = np.argsort(p)[::-1]
    result = np.empty(len(p))
    scaled = len(p) / np.arange(len(p), 0, -1) * p[order]
    result[order] = np.minimum(1, np.minimum.accumulate(scaled))
    return result


def _harmonic(p):
    return (1 / np.arange(1, len(p) + 1)).sum()


BENJAMINI_HOCHBERG = Question(
    "benjamini_hochberg",
    points=3,
    reference=benjamini_hochberg,
    returns=Returns(
        "an array with 1 for each feature that drifts and 0 for each other",
        lambda p_values, *_: np.shape(p_values),
        booleans=True,
    ),
    visible=[
        case([0.035, 0.5, 0.004, 0.036, 0.03], 0.05, label="five features, in no order"),
        case([0.2, 0.01, 0.04, 0.03], 0.05, label="four features"),
        case([0.001, 0.8], 0.1, label="two features"),
    ],
    inputs=[p_values_and_rates],
    mistakes=[
        Mistake(
            "no correction",
            lambda p, rate: 1 * (p <= rate),
            "Each feature was held against the rate by itself. Of 34 features that do not drift, "
            "how many come below 5 % in an ordinary week?",
        ),
        Mistake(
            "bonferroni",
            lambda p, rate: 1 * (p <= rate / len(p)),
            "That is Bonferroni: every p-value against rate/m. It protects against any false alarm "
            "at all, and misses more. Benjamini and Hochberg give each rank a line of its own.",
        ),
        Mistake(
            "first crossing",
            lambda p, rate: _first(p, _leading(np.sort(p) <= _lines(p, rate))),
            "You walked up from the smallest and stopped at the first p-value above its line. It "
            "is a step-up rule: start from the largest, stop at the first one that is below, and "
            "flag everything up to there.",
        ),
        Mistake(
            "each against its own line",
            _by_ranks(lambda p: np.argsort(np.argsort(p, kind="stable")) + 1, step_up=False),
            "Each p-value was held against its own line only, so a smaller p-value can be passed "
            "over where a larger one is flagged. What happens to the ranks below the last one "
            "that is under its line?",
        ),
        Mistake(
            "as many as are below",
            lambda p, rate: _first(p, np.count_nonzero(np.sort(p) <= _lines(p, rate))),
            "You counted how many p-values are below their lines and flagged as many. It is the "
            "rank of the last one below that counts, whatever lies in between.",
        ),
        Mistake(
            "ranks from 0",
            (
                lambda p, rate: _first(p, _last(np.sort(p) <= _lines(p, rate) - rate / len(p))),
                _by_ranks(lambda p: np.argsort(np.argsort(p, kind="stable")), step_up=False),
                lambda p, rate: _first(
                    p, max(0, _last(np.sort(p) <= _lines(p, rate) - rate / len(p)) - 1)
                ),
            ),
            "The ranks begin at 0, so the smallest p-value is held against a line at 0. "
            "The smallest has the rank 1: `np.arange(1, m + 1)`.",
        ),
        Mistake(
            "ranks one too high",
            lambda p, rate: _first(p, _last(np.sort(p) <= _lines(p, rate) + rate / len(p))),
            "The ranks begin at 2, so every line is one step too high. The largest p-value would "
            "be held against more than the rate.",
        ),
        Mistake(
            "ranks from the largest",
            (_by_ranks(_from_the_largest), _by_ranks(_from_the_largest, step_up=False)),
            "The ranks run the wrong way: the largest p-value got the rank 1. The smallest p-value "
            "has the lowest line, rate · 1/m.",
        ),
        Mistake(
            "not sorted",
            (
                _by_ranks(_places),
                _by_ranks(_places, step_up=False),
                lambda p, rate: 1 * (_places(p) <= _last(p <= _lines(p, rate))),
            ),
            "The ranks are the places in the table, so the answer depends on the order of the "
            "features. Sort the p-values first.",
        ),
        Mistake(
            "argsort taken for ranks",
            (_by_ranks(_argsort), _by_ranks(_argsort, step_up=False)),
            "`np.argsort` says which feature comes first, not which rank a feature has. Sort the "
            "p-values and compare those, or apply argsort twice.",
        ),
        Mistake(
            "in sorted order",
            lambda p, rate: np.sort(benjamini_hochberg(p, rate))[::-1],
            "The right number of features, in the wrong places: the flags stand in the order of "
            "the sorted p-values. Give every feature its own flag back.",
        ),
        Mistake(
            "below instead of at most",
            lambda p, rate: _first(p, _last(np.sort(p) < _lines(p, rate))),
            "A p-value that lies exactly on its line was left out. It counts: p ≤ rate · i/m.",
        ),
        Mistake(
            "holm",
            lambda p, rate: _first(p, _leading(np.sort(p) <= rate / np.arange(len(p), 0, -1))),
            "That is Holm's rule, rate/(m - i + 1) from the smallest on: it guards against any "
            "false alarm, as Bonferroni does. Here the lines are rate · i/m.",
        ),
        Mistake(
            "hochberg",
            lambda p, rate: _first(p, _last(np.sort(p) <= rate / np.arange(len(p), 0, -1))),
            "The lines are rate/(m - i + 1). That is Hochberg's rule of 1988, for any false alarm "
            "at all. The one of 1995 has rate · i/m.",
        ),
        Mistake(
            "divided by the rank",
            lambda p, rate: _first(p, _last(np.sort(p) <= rate / np.arange(1, len(p) + 1))),
            "The lines are rate/i, so they fall where they must rise. The line of rank i is "
            "rate · i/m.",
        ),
        Mistake(
            "m missing",
            lambda p, rate: _first(p, _last(np.sort(p) <= rate * np.arange(1, len(p) + 1))),
            "The lines are rate · i, which soon exceeds 1: the division by the number of features "
            "is missing. The highest line is the rate itself.",
        ),
        Mistake(
            "line of a count",
            lambda p, rate: 1 * (p <= rate * np.count_nonzero(p <= rate) / len(p)),
            "You took the number of p-values below the rate for the rank. The rank that counts is "
            "that of the last p-value below its own line.",
        ),
        Mistake(
            "benjamini-yekutieli",
            lambda p, rate: _first(p, _last(np.sort(p) <= _lines(p, rate) / _harmonic(p))),
            "The rate was divided by 1 + 1/2 + ... + 1/m as well. That is the rule of Benjamini "
            "and Yekutieli, for any dependence whatever; the question is about the one without it.",
        ),
        Mistake(
            "šidák",
            lambda p, rate: 1 * (p <= 1 - (1 - rate) ** (1 / len(p))),
            "That is Šidák's level, 1 - (1 - rate)^(1/m), for any false alarm among independent "
            "features: Bonferroni to within a hair. Each rank needs a line of its own.",
        ),
        Mistake(
            "upside down",
            (
                lambda p, rate: 1 - benjamini_hochberg(p, rate),
                _from_the_threshold_up,
            ),
            "The flags are the wrong way round: 1 stands for a feature that drifts, and those are "
            "the ones with small p-values.",
        ),
        Mistake(
            "one feature too many",
            (
                lambda p, rate: _first(p, _last(np.sort(p) <= _lines(p, rate)) + 1),
                lambda p, rate: _first(p, (k := _last(np.sort(p) <= _lines(p, rate))) + (k > 0)),
            ),
            "One feature too many: the rank of the last p-value below its line is how many are "
            "flagged. Is a place that counts from 0 used as if it counted from 1, plus one more?",
        ),
        Mistake(
            "one feature too few",
            lambda p, rate: _first(p, max(0, _last(np.sort(p) <= _lines(p, rate)) - 1)),
            "One feature too few: the last p-value below its line is flagged, too. Was `<` used "
            "against that p-value, or is a place that counts from 0 taken for a rank?",
        ),
        Mistake(
            "the last one alone",
            lambda p, rate: (
                benjamini_hochberg(p, rate)
                - _first(p, max(0, _last(np.sort(p) <= _lines(p, rate)) - 1))
            ),
            "One feature alone is flagged, the last whose p-value is below its line. It takes all "
            "smaller ones along.",
        ),
        Mistake(
            "m of the small ones",
            _among_the_small,
            "The lines are those of the p-values below the rate only. All features have been "
            "looked at, so m counts them all: each had its chance of a fluke.",
        ),
        Mistake(
            "adjusted p-values",
            _adjusted,
            "These are the adjusted p-values, which the report prints. One step is left: a feature "
            "is flagged where its adjusted p-value is at most the rate.",
        ),
    ],
    hints=[
        "Sort the p-values. Which line belongs to rank i, and which of the p-values below their "
        "lines is the last?",
        "k is the largest i with p_(i) ≤ rate · i/m; flag the k smallest p-values, none if there "
        "is no such i",
        "`p = np.asarray(p_values)`, `ordered = np.sort(p)`, "
        "`below = ordered <= rate * np.arange(1, len(p) + 1) / len(p)`, then "
        "`return (p <= ordered[below].max(initial=-1)).astype(int)`",
    ],
    insight="Of what it flags a share of at most the rate is false, in the mean over many tables. "
    "Where many features drift its line is far above Bonferroni's; where none does, it promises "
    "the same.",
    lesson=LESSON,
    section="The idea",
)


# E2a: known-good weeks, each against all the others


def window_counts(random):
    """Weeks of different sizes, with no empty cell."""
    cases = []
    for weeks, cells in ((5, 3), (13, 4), (20, 6)):
        shares = random.dirichlet(np.full(cells, 12.0), weeks)
        sizes = random.integers(200, 900, weeks)
        counts = [random.multinomial(n, share) + 1 for n, share in zip(sizes, shares, strict=True)]
        cases.append(case(np.array(counts)))
    return cases


def shares(counts):
    return counts / counts.sum(axis=-1, keepdims=True)


def psi(p, q):
    return ((p - q) * np.log(p / q)).sum(axis=-1)


def others(windows):
    return windows.sum(axis=0) - windows


def week_null(windows):
    return psi(shares(windows), shares(others(windows)))


def _sides(windows):
    return shares(windows), shares(others(windows))


def _mean_of_shares(windows):
    own = shares(windows)
    return psi(own, (own.sum(axis=0) - own) / (len(windows) - 1))


def _rows_as_independent(windows):
    """1/n + 1/m of each window, by which the χ² law is scaled, and its degrees of freedom."""
    return 1 / windows.sum(axis=1) + 1 / others(windows).sum(axis=1), windows.shape[1] - 1


def _jensen_shannon(p, q):
    middle = (p + q) / 2
    return (special().rel_entr(p, middle) + special().rel_entr(q, middle)).sum(axis=-1) / 2


def _from_earlier_weeks(windows):
    before = np.cumsum(windows, axis=0)[:-1]
    return np.concatenate([[0.0], psi(shares(windows[1:]), shares(before))])


def _mean_of_pairs(windows):
    own = shares(windows)
    return psi(own[:, None], own).sum(axis=1) / (len(own) - 1)


WEEK_NULL = Question(
    "week_null",
    points=2,
    reference=week_null,
    unit="nats",
    returns=Returns("an array with one number per week", lambda windows: windows.shape[:1]),
    visible=[
        case([[30, 10], [10, 30], [25, 25], [20, 40]], label="four weeks, two cells"),
        case([[10, 20, 30, 40], [400, 300, 200, 100]], label="two weeks, one ten times larger"),
        case([[6, 3], [8, 1], [50, 50]], label="three weeks, the last one large"),
    ],
    inputs=[window_counts],
    mistakes=[
        Mistake(
            "week in its own baseline",
            lambda windows: psi(shares(windows), shares(windows.sum(axis=0))),
            "Each week was compared with all weeks, itself among them, so it pulls the baseline "
            "its way and looks tamer than a new week will. Take its counts out of the total first.",
        ),
        Mistake(
            "shares averaged",
            (
                _mean_of_shares,
                lambda windows: psi(shares(windows), shares(windows).mean(axis=0)),
            ),
            "You averaged the shares of the weeks, so a small week weighs as much as a large one. "
            "Add up the counts of the other weeks first, and divide once.",
        ),
        Mistake(
            "rows taken as independent",
            (
                lambda windows: math.prod(_rows_as_independent(windows)),
                lambda windows: (
                    special().chdtri(windows.shape[1] - 1, 0.05) * _rows_as_independent(windows)[0]
                ),
                lambda windows: (
                    special().chdtri(windows.shape[1] - 1, 0.5) * _rows_as_independent(windows)[0]
                ),
            ),
            "That is what chance gives if rows are independent, as shuffling the rows would. It "
            "forgets that the rows of a week share something: keep each week whole, and compare "
            "it with the others.",
        ),
        Mistake(
            "one direction",
            lambda windows: special().rel_entr(*_sides(windows)).sum(axis=1),
            "That is KL of the week from the others alone. PSI has both directions: "
            "Σ (p - q) log(p/q).",
        ),
        Mistake(
            "the other direction",
            lambda windows: special().rel_entr(*_sides(windows)[::-1]).sum(axis=1),
            "That is KL of the other weeks from this one alone. PSI has both directions: "
            "Σ (p - q) log(p/q).",
        ),
        Mistake(
            "half",
            lambda windows: week_null(windows) / 2,
            "Half of it: PSI is the sum of the two directions of KL, not their mean.",
        ),
        Mistake(
            "counts for shares",
            lambda windows: psi(windows, others(windows)),
            "Counts went into a formula for shares, so the number grows with the rows. Divide each "
            "week by its total, and the other weeks by theirs.",
        ),
        Mistake(
            "one total for both",
            (
                lambda windows: psi(windows, others(windows)) / windows.sum(),
                lambda windows: psi(
                    shares(windows), others(windows) / windows.sum(axis=1, keepdims=True)
                ),
            ),
            "Both sides were divided by the same total, so at least one of them does not sum to 1. "
            "The week has its total, and the other weeks have theirs.",
        ),
        Mistake(
            "total of the whole table",
            (
                lambda windows: psi(
                    windows / windows.sum(), others(windows) / others(windows).sum()
                ),
                lambda windows: psi(windows / windows.sum(), shares(others(windows))),
            ),
            "Each week was divided by the total of the whole table, so the table sums to 1 and a "
            "week does not. A week's shares are its counts over its own total.",
        ),
        Mistake(
            "wrong axis",
            lambda windows: psi(
                windows / windows.sum(axis=0), others(windows) / others(windows).sum(axis=0)
            ),
            "Divided along the wrong axis: each cell sums to 1 over the weeks. A week is a row, "
            "and its shares sum to 1 over the cells.",
        ),
        Mistake(
            "week before",
            lambda windows: psi(shares(windows), shares(np.roll(windows, 1, axis=0))),
            "Each week was compared with the one before, so the baseline is a week, too, and as "
            "noisy as what it judges. Compare it with all the others together.",
        ),
        Mistake(
            "earlier weeks only",
            _from_earlier_weeks,
            "Each week was compared with the weeks before it, so the second week has one to be "
            "compared with and the first none. The weeks are all known to be good: compare each "
            "with all the others, later ones among them.",
        ),
        Mistake(
            "chi-square",
            lambda windows: (
                (shares(windows) - shares(others(windows))) ** 2 / shares(others(windows))
            ).sum(axis=1),
            "You squared the differences and divided by the share of the others. That is nearly "
            "PSI where the shares are close, and further away it is not: PSI has a logarithm.",
        ),
        Mistake(
            "jensen-shannon",
            tuple(
                lambda windows, root=root: root(_jensen_shannon(*_sides(windows)))
                for root in (np.asarray, np.sqrt)
            ),
            "You compared both with their mean. That is Jensen-Shannon (or its root), about an "
            "eighth of PSI where the shares are close.",
        ),
        Mistake(
            "first week as the baseline",
            lambda windows: psi(shares(windows), shares(windows[0])),
            "The first week is the baseline of all. What if it was an odd one? Compare each week "
            "with all the others together.",
        ),
        Mistake(
            "mean over pairs",
            _mean_of_pairs,
            "You averaged the PSI of each week against every single other week. Both sides are as "
            "noisy as a week then; the monitor compares one week with all the others together.",
        ),
        Mistake(
            "smoothed",
            tuple(
                lambda windows, x=x: psi(shares(windows + x), shares(others(windows) + x))
                for x in (0.5, 1.0)
            ),
            "You added something to each count. No cell is empty here, so nothing has to be "
            "smoothed; a policy that is used must be asked for and printed.",
        ),
        Mistake(
            "mean over cells",
            lambda windows: week_null(windows) / windows.shape[1],
            "You took the mean over the cells. The differences p - q are weights already: it is a "
            "sum.",
        ),
        Mistake(
            "absolute differences",
            (
                lambda windows: np.abs(np.subtract(*_sides(windows))).sum(axis=1),
                lambda windows: np.abs(np.subtract(*_sides(windows))).sum(axis=1) / 2,
            ),
            "That is Σ |p - q|, or half of it: total variation. PSI multiplies each difference "
            "with its log ratio.",
        ),
        Mistake(
            "sign",
            lambda windows: -week_null(windows),
            "Negative: the difference and the log ratio must have the same order, (p - q) and "
            "log(p/q). Then no term is below 0.",
        ),
        Mistake(
            "smallest and largest exchanged",
            lambda windows: np.sort(week_null(windows)),
            "The right numbers, in sorted order. Each week keeps its place, so that you can say "
            "which week was the odd one.",
        ),
    ],
    hints=[
        "What is the baseline of the first week? Which weeks does it consist of?",
        "p = the shares of the week, q = the shares of (total counts - its counts), "
        "PSI = Σ (p - q) log(p/q)",
        "`w = np.asarray(windows)`, `rest = w.sum(axis=0) - w`, "
        "`p = w / w.sum(axis=1, keepdims=True)`, `q = rest / rest.sum(axis=1, keepdims=True)`, "
        "then `return ((p - q) * np.log(p / q)).sum(axis=1)`",
    ],
    insight="This is all that the null `windows` of the monitor is: how much good weeks differ "
    "from good weeks. No law about rows is needed, and none is believed.",
    lesson=LESSON,
    section="The idea",
)


# E2b: the p-value of a new week


def nulls_and_observations(random):
    """Nulls of several sizes, and observations inside, beyond and exactly on a value."""
    cases = []
    for size in (12, 19, 52, 60):
        null = np.round(random.gamma(2, 0.1, size), 3)
        ordered = np.sort(null)
        for place in (size // 3, size - 3):
            cases.append(case(null, float(ordered[place] + 0.0004)))
        cases.append(case(null, float(ordered[size - 2])))
    return [*cases, case(random.gamma(2, 0.1, 13), 3.0, label="a week beyond all 13")]


def _reached(null, observed):
    return np.count_nonzero(null >= observed)


def window_p_value(null, observed):
    return (1 + _reached(null, observed)) / (1 + len(null))


def _by_t_law(null, observed, factor):
    """Beyond the mean by so many standard deviations, by Student's law."""
    scale = null.std(ddof=1) * math.sqrt(factor)
    return special().stdtr(len(null) - 1, (null.mean() - observed) / scale)


WINDOW_P_VALUE = Question(
    "window_p_value",
    points=1,
    reference=window_p_value,
    returns=NUMBER,
    visible=[
        case([0.1, 0.3, 0.2, 0.4], 0.25, label="four good weeks"),
        case([0.1, 0.3, 0.2, 0.4], 0.3, label="as large as one of the good weeks"),
        case([0.1, 0.3, 0.2, 0.4], 5.0, label="larger than all of them"),
        case([0.02, 0.01, 0.05, 0.03, 0.04, 0.06], 0.015, label="six good weeks, a quiet new one"),
    ],
    inputs=[nulls_and_observations],
    mistakes=[
        Mistake(
            "no +1",
            lambda null, observed: _reached(null, observed) / len(null),
            "The new week is not counted, so a week beyond all others gets p = 0: impossible, on "
            "the word of a few weeks. If nothing has happened it is one more good week: count it "
            "above and below.",
        ),
        Mistake(
            "+1 below only",
            lambda null, observed: _reached(null, observed) / (1 + len(null)),
            "The new week is counted among all weeks, but not among those that reach its own "
            "value, which it does. Add 1 above the line as well.",
        ),
        Mistake(
            "+1 above only",
            lambda null, observed: (1 + _reached(null, observed)) / len(null),
            "The new week is counted among those that reach its value, but not among all weeks. "
            "Then p can exceed 1. Add 1 below the line as well.",
        ),
        Mistake(
            "two added below",
            lambda null, observed: (1 + _reached(null, observed)) / (2 + len(null)),
            "One added above and two below: that smooths a share. Here one week is added, the new "
            "one, and it counts once in each.",
        ),
        Mistake(
            "ties left out",
            lambda null, observed: (1 + np.count_nonzero(null > observed)) / (1 + len(null)),
            "A good week with exactly the same value was not counted. It is as extreme as the new "
            "one: ≥, not >.",
        ),
        Mistake(
            "ties and the new week left out",
            (
                lambda null, observed: np.count_nonzero(null > observed) / len(null),
                lambda null, observed: np.count_nonzero(null > observed) / (1 + len(null)),
                lambda null, observed: (1 + np.count_nonzero(null > observed)) / len(null),
            ),
            "Two things. A good week with exactly the same value is as extreme as the new one: ≥, "
            "not >. And if nothing has happened the new week is one more good week: count it above "
            "and below.",
        ),
        Mistake(
            "floor",
            tuple(
                lambda null, observed, more=more: max(
                    _reached(null, observed) / len(null), 1 / (more + len(null))
                )
                for more in (0, 1)
            ),
            "It is never 0 now, but a floor puts right only the one case in which no good week "
            "reaches the new one. If nothing has happened the new week is one more good week, "
            "always: count it above and below.",
        ),
        Mistake(
            "brackets",
            (
                lambda null, observed: 1 + _reached(null, observed) / (1 + len(null)),
                lambda null, observed: 1 + _reached(null, observed) / 1 + len(null),
                lambda null, observed: 1 + _reached(null, observed) / len(null),
                lambda null, observed: (1 + _reached(null, observed)) / 1 + len(null),
            ),
            "Brackets: a share cannot exceed 1. All that stands above the line belongs together, "
            "and all that stands below it.",
        ),
        Mistake(
            "verdict",
            (
                lambda null, observed: float(observed > np.quantile(null, 0.95)),
                lambda null, observed: float(observed > null.max()),
                lambda null, observed: float(window_p_value(null, observed) <= 0.05),
            ),
            "1 or 0 is a verdict. Return the p-value; the rate is chosen by whoever reads it.",
        ),
        Mistake(
            "wrong tail",
            (
                lambda null, observed: (1 + np.count_nonzero(null <= observed)) / (1 + len(null)),
                lambda null, observed: (1 + np.count_nonzero(null < observed)) / (1 + len(null)),
                lambda null, observed: np.count_nonzero(null <= observed) / len(null),
                lambda null, observed: np.count_nonzero(null < observed) / len(null),
                lambda null, observed: np.count_nonzero(null < observed) / (1 + len(null)),
                lambda null, observed: np.count_nonzero(null <= observed) / (1 + len(null)),
                lambda null, observed: 1 - _reached(null, observed) / len(null),
            ),
            "You counted the weeks with a smaller divergence. A p-value asks how many good weeks "
            "are at least as far out as this one.",
        ),
        Mistake(
            "a count",
            (
                lambda null, observed: 1 + _reached(null, observed),
                lambda null, observed: _reached(null, observed),
            ),
            "That is how many weeks reach the value. Divide by how many weeks there are, the new "
            "one among them.",
        ),
        Mistake(
            "two-sided",
            lambda null, observed: min(1.0, 2 * window_p_value(null, observed)),
            "Doubled, as for a number that may err to both sides. A divergence that is too small "
            "is no alarm, so one side is all there is.",
        ),
        Mistake(
            "bell curve",
            (
                lambda null, observed: special().ndtr((null.mean() - observed) / null.std()),
                lambda null, observed: special().ndtr((null.mean() - observed) / null.std(ddof=1)),
                lambda null, observed: _by_t_law(null, observed, 1 + 1 / len(null)),
                lambda null, observed: _by_t_law(null, observed, 1),
            ),
            "You took the divergences for normal. They are skewed, and a few dozen of them do not "
            "say how a tail looks: count them instead.",
        ),
        Mistake(
            "threshold",
            (
                lambda null, observed: np.quantile(null, 0.95),
                lambda null, observed: null.max(),
            ),
            "That is a threshold for all weeks. The question asks for the p-value of this one.",
        ),
    ],
    hints=[
        "How many of the weeks, the new one among them, are at least as far out as the new one?",
        "p = (1 + #{null ≥ observed}) / (1 + number of good weeks)",
        "`null = np.asarray(null)` and then "
        "`return (1 + np.count_nonzero(null >= observed)) / (1 + len(null))`",
    ],
    insight="It is never below 1/(1 + W). With 13 good weeks no week, however wild, gets below "
    "5 %: the monitor then says that it cannot tell, and 19 weeks are the least.",
    lesson=LESSON,
    section="The idea",
)


# E3: train, forecast, compare


def tables_of_customers(random):
    """Customers in two periods: later their features are larger, and interact."""
    cases = []
    for rows, columns in ((12, 1), (30, 2), (60, 4)):
        known = random.gamma(4, 1, (rows, columns))
        latest = random.gamma(4, 1.4, (rows // 2 + 3, columns))
        values = [50 + 20 * x.sum(axis=1) + 5 * x.prod(axis=1) ** (1 / columns) * x[:, 0]
                  + random.gamma(2, 5, len(x)) for x in (known, latest)]  # fmt: skip
        cases.append(case(known, values[0], latest, values[1]))
    return cases


def _with_ones(x):
    return np.column_stack([np.ones(len(x)), x])


def _fitted(x, value):
    """By least squares: the constant, then a number for each feature."""
    return np.linalg.lstsq(_with_ones(x), value, rcond=None)[0]


def _forecast(x, value, now):
    return _with_ones(now) @ _fitted(x, value)


def forecast_bias(known, value, latest, latest_value):
    return _forecast(known, value, latest).mean() / latest_value.mean() - 1


def _without_constant(known, value, latest, latest_value):
    forecast = latest @ np.linalg.lstsq(known, value, rcond=None)[0]
    return forecast.mean() / latest_value.mean() - 1


def _scored(score):
    """A mistake in how the right forecast is compared with what came."""
    return lambda known, value, latest, latest_value: score(
        _forecast(known, value, latest), latest_value
    )


def _of_both(known, value, latest, latest_value):
    x, y = np.concatenate([known, latest]), np.concatenate([value, latest_value])
    return forecast_bias(x, y, latest, latest_value)


FORECAST_BIAS = Question(
    "forecast_bias",
    points=2,
    reference=forecast_bias,
    returns=NUMBER,
    exchangeable=False,
    visible=[
        case(
            [[1.0], [2.0], [3.0]],
            [30.0, 40.0, 50.0],
            [[4.0], [6.0]],
            [80.0, 120.0],
            label="one feature, values on a line",
        ),
        case(
            [[0.0], [1.0], [2.0], [3.0]],
            [12.0, 18.0, 33.0, 37.0],
            [[5.0], [4.0]],
            [70.0, 90.0],
            label="one feature, values about a line",
        ),
        case(
            [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, 1.0]],
            [25.0, 36.0, 44.0, 61.0],
            [[2.0, 2.0], [3.0, 1.0]],
            [60.0, 70.0],
            label="two features, and values that are smaller than the forecast",
        ),
    ],
    inputs=[tables_of_customers],
    mistakes=[
        Mistake(
            "no constant",
            _without_constant,
            "The model has no constant, so a customer with all features at 0 is worth 0. Add a "
            "column of ones.",
        ),
        Mistake(
            "constant lost in the forecast",
            lambda known, value, latest, latest_value: (
                (latest @ _fitted(known, value)[1:]).mean() / latest_value.mean() - 1
            ),
            "Fitted with a constant, and forecast without it. The latest customers need the column "
            "of ones as well.",
        ),
        Mistake(
            "nothing new was forecast",
            (
                lambda known, value, latest, latest_value: 0.0,
                _of_both,
            ),
            "The model was fitted on the customers that it is tried on, in whole or in part. "
            "Least squares with a constant has no bias there, by construction. Fit on `known`, "
            "forecast `latest`.",
        ),
        Mistake(
            "features not used",
            lambda known, value, latest, latest_value: value.mean() / latest_value.mean() - 1,
            "This is the old mean value against the new one, however you came by it: the features "
            "of the latest customers moved nothing. Were they not used, or measured from their own "
            "mean? What is taken off the known features, a mean or a scale, is taken off the "
            "latest ones, too.",
        ),
        Mistake(
            "periods swapped",
            lambda known, value, latest, latest_value: forecast_bias(
                latest, latest_value, known, value
            ),
            "Trained on the latest customers and tried on the old ones. Time runs the other way.",
        ),
        Mistake(
            "sign",
            _scored(lambda forecast, came: 1 - forecast.mean() / came.mean()),
            "The sign is turned round. A forecast that says too little has a negative bias: "
            "forecast less truth.",
        ),
        Mistake(
            "no sign",
            _scored(lambda forecast, came: abs(forecast.mean() / came.mean() - 1)),
            "The sign is gone. Too little and too much call for different actions.",
        ),
        Mistake(
            "ratio",
            _scored(lambda forecast, came: forecast.mean() / came.mean()),
            "That is the ratio of the two means. Without a bias it is 1, and a bias of 0 is what "
            "the question calls right.",
        ),
        Mistake(
            "truth over forecast",
            (
                _scored(lambda forecast, came: came.mean() / forecast.mean() - 1),
                _scored(lambda forecast, came: 1 - came.mean() / forecast.mean()),
            ),
            "You divided by the forecast. The bias is a share of what came: the mean of "
            "`latest_value` is below the line.",
        ),
        Mistake(
            "share of the old value",
            lambda known, value, latest, latest_value: (
                (_forecast(known, value, latest).mean() - latest_value.mean()) / value.mean()
            ),
            "You divided by the mean value of the old customers. It is a share of what came from "
            "the latest ones.",
        ),
        Mistake(
            "in euros",
            (
                _scored(lambda forecast, came: forecast.mean() - came.mean()),
                _scored(lambda forecast, came: forecast.sum() - came.sum()),
            ),
            "That is in euros. The question asks for a share: divide by what came.",
        ),
        Mistake(
            "in per cent",
            _scored(lambda forecast, came: 100 * (forecast.mean() / came.mean() - 1)),
            "That is in per cent. As a share, -15 % is -0.15.",
        ),
        Mistake(
            "mean of ratios",
            _scored(lambda forecast, came: (forecast / came).mean() - 1),
            "You averaged the ratio of each customer, in which small customers weigh as much as "
            "large ones. Take both means first, then divide.",
        ),
        Mistake(
            "median",
            (
                _scored(lambda forecast, came: np.median(forecast) / np.median(came) - 1),
                _scored(lambda forecast, came: np.median(forecast / came) - 1),
            ),
            "You compared medians. Money adds up, so a budget is wrong by the means.",
        ),
        Mistake(
            "size of the errors",
            (
                _scored(lambda forecast, came: np.abs(forecast - came).mean() / came.mean()),
                _scored(lambda forecast, came: (np.abs(forecast - came) / came).mean()),
                _scored(
                    lambda forecast, came: np.sqrt(((forecast - came) ** 2).mean()) / came.mean()
                ),
            ),
            "That is how large the errors are, whatever their sign. Errors that cancel are no "
            "bias: compare the means.",
        ),
    ],
    hints=[
        "On which customers is the model fitted, and on which is it tried?",
        "least squares on (1, known) → value; bias = mean forecast of (1, latest) / mean of "
        "latest_value - 1",
        "`ones = np.column_stack([np.ones(len(known)), known])`, "
        "`model = np.linalg.lstsq(ones, value, rcond=None)[0]`, "
        "`forecast = np.column_stack([np.ones(len(latest)), latest]) @ model`, then "
        "`return forecast.mean() / np.mean(latest_value) - 1`",
    ],
    insight="It needs the truth, which for a lifetime value comes late. That is what the drift "
    "alarm is for: it sounds months before this number can be computed.",
    lesson=LESSON,
    section="By code",
)


# E4: which cells carry the PSI?

ENOUGH = 0.8


def pairs_of_counts(random):
    """Counts of one column, without an empty cell, in which one to many cells carry the PSI."""
    cases = []
    for size, rows, spread in ((4, 300, 6.0), (6, 2000, 4.0), (10, 5000, 8.0), (12, 900, 2.0)):
        baseline = random.multinomial(4 * rows, random.dirichlet(np.full(size, 8.0))) + 2
        moved = random.dirichlet(spread * size * baseline / baseline.sum())
        cases.append(case(random.multinomial(rows, moved) + 2, baseline))
    return [
        *cases,
        case([180, 250, 195, 186, 189], [247, 10, 248, 244, 251], label="one cell took over"),
        case([50, 110, 80, 160, 130, 270], [100, 100, 100, 100, 100, 100]),
        case([60, 10, 110, 20], [50, 50, 50, 50], label="two cells fall just short of 80 %"),
    ]


def _parts(current, baseline):
    p, q = shares(current), shares(baseline)
    return (p - q) * np.log(p / q)


def _ranks(score):
    """1 for the largest."""
    return np.argsort(np.argsort(-score, kind="stable"), kind="stable") + 1


def _fewest(parts, share=ENOUGH):
    """How many of the largest parts it takes to reach a share of them all."""
    carried = np.cumsum(np.sort(parts)[::-1])
    return int(np.searchsorted(carried, share * carried[-1])) + 1


def _until(parts, sum_of):
    """How many of the largest parts it takes to reach a sum; all, if it is not reached."""
    return min(len(parts), int(np.searchsorted(np.cumsum(np.sort(parts)[::-1]), sum_of)) + 1)


def _of_their_sum(parts):
    return parts / parts.sum()


def _argsort_cut(current, baseline):
    """The order taken for the ranks, and cut off where 80 % are reached."""
    parts = _parts(current, baseline)
    return _cut(np.argsort(-parts, kind="stable") + 1, _fewest(parts))


def _cut(ranks, count):
    return np.where(ranks <= count, ranks, 0)


def _ranked(score, share=ENOUGH):
    """The same question asked of other parts than those of PSI."""

    def rank(current, baseline):
        parts = score(current, baseline)
        return _cut(_ranks(parts), _fewest(parts, share))

    return rank


cells_that_carry = _ranked(_parts)
# under a name of its own, for the names of its arguments
cells_that_carry.__name__ = "cells_that_carry"


def _with_count(count, score=_parts):
    """Right ranks, cut off after another number of cells."""

    def rank(current, baseline):
        parts = score(current, baseline)
        return _cut(_ranks(parts), count(parts))

    return rank


def _grown(current, baseline):
    p, q = shares(current), shares(baseline)
    return np.where(p > q, (p - q) * np.log(p / q), 0)


def _smallest_first(current, baseline):
    parts = _parts(current, baseline)
    ranks = len(parts) + 1 - _ranks(parts)
    carried = np.cumsum(np.sort(parts))
    return _cut(ranks, int(np.searchsorted(carried, ENOUGH * carried[-1])) + 1)


def _cells_in_order(first):
    """The numbers of the cells, the one that carries most first, then zeros."""

    def listed(current, baseline):
        parts = _parts(current, baseline)
        order = np.argsort(-parts, kind="stable") + first
        return np.where(np.arange(len(parts)) < _fewest(parts), order, 0)

    return listed


def _by(score):
    """Ranked by something else, while the cut asks for 80 % of the PSI."""

    def rank(current, baseline):
        p, q = shares(current), shares(baseline)
        parts = _parts(current, baseline)
        order = np.argsort(-score(p, q), kind="stable")
        carried = np.cumsum(parts[order])
        count = int(np.searchsorted(carried, ENOUGH * carried[-1])) + 1
        return _cut(_ranks(score(p, q)), count)

    return rank


CELLS_THAT_CARRY = Question(
    "cells_that_carry",
    points=3,
    reference=cells_that_carry,
    returns=Returns(
        "an array with one whole number per cell", lambda current, *_: np.shape(current)
    ),
    visible=[
        case([10, 20, 30, 140], [50, 50, 50, 50], label="four cells"),
        case([30, 70, 100], [60, 50, 90], label="three cells"),
        case([70, 20, 10], [40, 30, 30], label="three cells, one that took over"),
    ],
    inputs=[pairs_of_counts],
    mistakes=[
        Mistake(
            "all cells ranked",
            lambda current, baseline: _ranks(_parts(current, baseline)),
            "All cells have a rank. Only the fewest that carry 80 % get one, and the others 0.",
        ),
        Mistake(
            "one cell too few",
            _with_count(lambda parts: _fewest(parts) - 1),
            "One cell too few: what you list carries less than 80 %. The cell that takes the sum "
            "past 80 % belongs to them.",
        ),
        Mistake(
            "one cell too many",
            _with_count(lambda parts: _fewest(parts) + 1),
            "One cell too many: the ones before it carry 80 % already.",
        ),
        Mistake(
            "80 % of the cells",
            (
                _with_count(lambda parts: math.ceil(ENOUGH * len(parts))),
                _with_count(lambda parts: math.floor(ENOUGH * len(parts))),
                _with_count(lambda parts: round(ENOUGH * len(parts))),
            ),
            "Those are 80 % of the cells. The question asks for the fewest that carry 80 % of "
            "the PSI.",
        ),
        Mistake(
            "a share of their own",
            (
                _with_count(lambda parts: np.count_nonzero(parts >= 0.2 * parts.sum())),
                _with_count(lambda parts: np.count_nonzero(parts >= 0.8 * parts.max())),
                _with_count(lambda parts: np.count_nonzero(parts >= 0.8 * parts.sum())),
            ),
            "You held each cell against a limit of its own. It is together that the cells must "
            "carry 80 %: add them up from the largest down.",
        ),
        Mistake(
            "0.8 nats",
            _with_count(lambda parts: _until(parts, ENOUGH)),
            "The running sum was held against 0.8 itself, in nats. It is 80 % of the PSI of this "
            "column that the cells must carry: divide by the total, or multiply 0.8 with it.",
        ),
        Mistake(
            "contributions",
            (
                _parts,
                lambda current, baseline: _of_their_sum(_parts(current, baseline)),
                lambda current, baseline: np.sort(_parts(current, baseline))[::-1],
                lambda current, baseline: np.cumsum(np.sort(_parts(current, baseline))[::-1]),
            ),
            "These are what the cells contribute, or sums and shares of it. The question asks for "
            "ranks: 1, 2, ... for the cells that together reach 80 %, and 0 for the others.",
        ),
        Mistake(
            "argsort taken for ranks",
            _argsort_cut,
            "`np.argsort` says which cell comes first, not which rank a cell has. Put 1, 2, ... "
            "into the places that it names: `ranks[order[:few]] = ...`.",
        ),
        Mistake(
            "20 %",
            _ranked(_parts, share=0.2),
            "The cells stop where 20 % is reached, and they should carry 80 %.",
        ),
        Mistake(
            "smallest first",
            _smallest_first,
            "You began with the cell that carries least. Rank 1 belongs to the one that carries "
            "most.",
        ),
        Mistake(
            "terms of KL",
            (
                _ranked(lambda c, b: special().rel_entr(shares(c), shares(b))),
                _by(special().rel_entr),
            ),
            "Ranked by p log(p/q). Those are the terms of KL, and where a cell shrank they are "
            "negative. PSI has (p - q) log(p/q).",
        ),
        Mistake(
            "terms of reverse KL",
            (
                _ranked(lambda c, b: special().rel_entr(shares(b), shares(c))),
                _by(lambda p, q: special().rel_entr(q, p)),
            ),
            "Ranked by q log(q/p). Those are the terms of the other KL, and where a cell grew they "
            "are negative. PSI has (p - q) log(p/q).",
        ),
        Mistake(
            "sizes of the terms of KL",
            (
                _ranked(lambda c, b: np.abs(special().rel_entr(shares(c), shares(b)))),
                _ranked(lambda c, b: np.abs(special().rel_entr(shares(b), shares(c)))),
            ),
            "You took the absolute values of the terms of one KL. They do not add up to anything. "
            "The terms of PSI, (p - q) log(p/q), have no sign to be rid of.",
        ),
        Mistake(
            "lifted terms of KL",
            (
                _ranked(lambda c, b: special().kl_div(shares(c), shares(b))),
                _ranked(lambda c, b: special().kl_div(shares(b), shares(c))),
            ),
            "Ranked by p log(p/q) - p + q, in one direction or the other. These terms are never "
            "negative and add up to one KL; those of both directions together are "
            "(p - q) log(p/q), and they add up to PSI.",
        ),
        Mistake(
            "differences of shares",
            (
                _ranked(lambda c, b: np.abs(shares(c) - shares(b))),
                _by(lambda p, q: np.abs(p - q)),
            ),
            "Ranked by |p - q|. A step from 1 % to 3 % then weighs as much as one from 50 % to "
            "52 %; PSI multiplies the difference with its log ratio.",
        ),
        Mistake(
            "log ratios",
            (
                _ranked(lambda c, b: np.abs(np.log(shares(c) / shares(b)))),
                _by(lambda p, q: np.abs(np.log(p / q))),
                _by(lambda p, q: p / q),
            ),
            "Ranked by the ratio of the shares. A cell that few rows ever see can triple and carry "
            "next to nothing: multiply the log ratio with the difference.",
        ),
        Mistake(
            "fullest cells",
            (
                _ranked(lambda c, b: shares(c)),
                _by(lambda p, q: p),
            ),
            "Ranked by how many rows are in the cell now. A full cell that was always full "
            "carries nothing.",
        ),
        Mistake(
            "only cells that grew",
            (
                _ranked(_grown),
                lambda c, b: np.where(_grown(c, b) > 0, cells_that_carry(c, b), 0),
            ),
            "You left out the cells that became rarer. They carry PSI as well: (p - q) and "
            "log(p/q) are both negative there. (The monitor reviews the grown ones only, since a "
            "row that is gone cannot be looked at.)",
        ),
        Mistake(
            "counts for shares",
            (
                _ranked(lambda c, b: (c - b) * np.log(c / b)),
                _ranked(lambda c, b: np.abs(c - b)),
            ),
            "Ranked by counts. If the baseline has ten times the rows every cell seems to have "
            "shrunk: divide both sides by their totals first.",
        ),
        Mistake(
            "ranks from 0",
            lambda current, baseline: np.maximum(cells_that_carry(current, baseline) - 1, 0),
            "The ranks begin at 0, and 0 stands for the cells that do not belong to them. Begin "
            "at 1.",
        ),
        Mistake(
            "not in order",
            lambda current, baseline: np.minimum(cells_that_carry(current, baseline), 1),
            "The right cells, each with a 1. Their order is part of the answer: 1 for the cell "
            "that carries most, then 2, and so on.",
        ),
        Mistake(
            "ranks among the listed cells turned round",
            lambda current, baseline: np.where(
                cells_that_carry(current, baseline) > 0,
                _fewest(_parts(current, baseline)) + 1 - cells_that_carry(current, baseline),
                0,
            ),
            "The right cells, in the opposite order: 1 is for the cell that carries most.",
        ),
        Mistake(
            "numbers of the cells",
            (_cells_in_order(1), _cells_in_order(0)),
            "You listed the numbers of the cells. The question asks for the other table: for each "
            "cell, in its own place, its rank, or 0.",
        ),
    ],
    hints=[
        "What does one cell add to PSI? Which cell adds most, and how far do the first two get?",
        "(p - q) log(p/q) for each cell; sort from the largest down; stop where the running sum "
        "reaches 0.8 of the total",
        "`p, q = current / np.sum(current), baseline / np.sum(baseline)`, "
        "`parts = (p - q) * np.log(p / q)`, `order = np.argsort(-parts)`, "
        "`carried = np.cumsum(parts[order])`, "
        "`few = np.sum(carried < 0.8 * carried[-1]) + 1`, `ranks = np.zeros(len(parts))`, "
        "`ranks[order[:few]] = np.arange(1, few + 1)`, then `return ranks`",
    ],
    insight="A divergence of a table becomes a short list of cells, and a cell has rows that "
    "somebody can look at. That is the step after the alarm.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [
    BENJAMINI_HOCHBERG,
    WEEK_NULL,
    WINDOW_P_VALUE,
    FORECAST_BIAS,
    CELLS_THAT_CARRY,
]
