"""Answers to the questions of unit 24: right in other words, and wrong."""

import numpy as np
from scipy import special, stats


def from_the_largest(p_values, rate):
    """Step by step from the largest, as the rule is told."""
    p = sorted(p_values)
    m = len(p)
    for i in range(m, 0, -1):
        if p[i - 1] <= rate * i / m:
            return [int(x <= p[i - 1]) for x in p_values]
    return [0] * m


def by_adjusted(p_values, rate):
    adjusted = stats.false_discovery_control(p_values)
    return (adjusted <= rate * (1 + 1e-12)).astype(int)


def by_the_rank(p_values, rate):
    p = np.array(p_values)
    order = np.argsort(p)
    below = p[order] <= rate * np.arange(1, len(p) + 1) / len(p)
    flags = np.zeros(len(p))
    if below.any():
        flags[order[: np.flatnonzero(below)[-1] + 1]] = 1
    return flags


def by_the_line(p_values, rate):
    p = np.sort(p_values)
    k = max([i for i in range(1, len(p) + 1) if p[i - 1] <= i / len(p) * rate], default=0)
    return np.where(p_values <= k / len(p) * rate, 1, 0)


def week_by_week(windows):
    result = []
    for place in range(len(windows)):
        p, q = windows[place], np.delete(windows, place, axis=0).sum(axis=0)
        result.append(stats.entropy(p, q) + stats.entropy(q, p))
    return result


def of_entropies(windows):
    rest = windows.sum(0) - windows
    p, q = windows / windows.sum(1)[:, None], rest / rest.sum(1)[:, None]
    return special.rel_entr(p, q).sum(1) + special.rel_entr(q, p).sum(1)


def one_logarithm_each(windows):
    rest = windows.sum(axis=0) - windows
    p, q = windows / windows.sum(1, keepdims=True), rest / rest.sum(1, keepdims=True)
    return ((p - q) * (np.log(p) - np.log(q))).sum(axis=1)


def of_means(windows):
    rest = [np.delete(windows, i, axis=0).mean(axis=0) for i in range(len(windows))]
    return [stats.entropy(p, q) + stats.entropy(q, p) for p, q in zip(windows, rest, strict=True)]


def normal_equations(known, value, latest, latest_value):
    x = np.c_[np.ones(len(known)), known]
    model = np.linalg.solve(x.T @ x, x.T @ value)
    return float((np.c_[np.ones(len(latest)), latest] @ model).mean() / latest_value.mean() - 1)


def centred(known, value, latest, latest_value):
    """The constant by way of the means."""
    model = np.linalg.lstsq(known - known.mean(0), value - value.mean(), rcond=None)[0]
    forecast = value.mean() + (latest - known.mean(0)) @ model
    return (forecast.sum() - latest_value.sum()) / latest_value.sum()


def cumulative(current, baseline):
    p, q = current / current.sum(), baseline / baseline.sum()
    parts = special.rel_entr(p, q) + special.rel_entr(q, p)
    order = np.argsort(-parts)
    enough = np.argmax(np.cumsum(parts[order]) / parts.sum() >= 0.8) + 1
    ranks = np.zeros(len(parts), dtype=int)
    ranks[order[:enough]] = np.arange(enough) + 1
    return ranks


def cell_after_cell(current, baseline):
    p, q = current / current.sum(), baseline / baseline.sum()
    parts = (p - q) * np.log(p / q)
    ranks = np.zeros(len(parts))
    carried = 0
    for rank, cell in enumerate(np.argsort(parts)[::-1], 1):
        if carried < 0.8 * parts.sum():
            ranks[cell] = rank
            carried = carried + parts[cell]
    return ranks


def as_lists(current, baseline):
    p = [x / sum(current) for x in current]
    q = [x / sum(baseline) for x in baseline]
    parts = [(a - b) * np.log(a / b) for a, b in zip(p, q, strict=True)]
    ranked = sorted(range(len(parts)), key=lambda i: -parts[i])
    ranks, carried = [0] * len(parts), 0.0
    for rank, cell in enumerate(ranked, 1):
        ranks[cell] = rank
        carried += parts[cell]
        if carried >= 0.8 * sum(parts):
            return ranks


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "benjamini_hochberg": {
        "from the largest down": from_the_largest,
        "adjusted p-values of SciPy": by_adjusted,
        "by the last rank": by_the_rank,
        "by the last line": by_the_line,
        "floats": lambda p, rate: np.array(from_the_largest(p, rate), dtype=float),
    },
    "week_null": {
        "week by week, deleted": week_by_week,
        "both directions": of_entropies,
        "mean counts of the others": of_means,
        "one logarithm each": one_logarithm_each,
    },
    "window_p_value": {
        "mean with the new one": lambda null, observed: np.mean(
            np.append(null, observed) >= observed
        ),
        "sum of a list": lambda null, observed: (
            (1 + sum(x >= observed for x in null)) / (len(null) + 1)
        ),
        "not below": lambda null, observed: 1 - np.sum(null < observed) / (1 + len(null)),
    },
    "forecast_bias": {
        "normal equations": normal_equations,
        "centred": centred,
        "pseudo-inverse": lambda known, value, latest, latest_value: (
            (
                np.c_[np.ones(len(latest)), latest]
                @ (np.linalg.pinv(np.c_[np.ones(len(known)), known]) @ value)
            ).mean()
            / latest_value.mean()
            - 1
        ),
    },
    "cells_that_carry": {
        "cumulative": cumulative,
        "cell after cell": cell_after_cell,
        "plain lists": as_lists,
        "the sides exchanged": lambda current, baseline: cumulative(baseline, current),
    },
}

SINGLE_PRECISION = {
    "week_null": lambda windows: one_logarithm_each(windows.astype(np.float32)),
    "window_p_value": lambda null, observed: (1 + (null >= observed).sum()) / (1 + len(null)),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("benjamini_hochberg", "rate * np.arange(1, len(p) + 1) / len(p)", "rate", "no correction"),
    (
        "benjamini_hochberg",
        "rate * np.arange(1, len(p) + 1) / len(p)",
        "rate / len(p)",
        "bonferroni",
    ),
    (
        "benjamini_hochberg",
        "ordered[below].max()",
        "ordered[below.sum() - 1]",
        "as many as are below",
    ),
    (
        "benjamini_hochberg",
        "    if not below",
        "    below = np.logical_and.accumulate(below)\n    if not below",
        "first crossing",
    ),
    ("benjamini_hochberg", "np.arange(1, len(p) + 1)", "np.arange(len(p))", "ranks from 0"),
    (
        "benjamini_hochberg",
        "np.arange(1, len(p) + 1)",
        "np.arange(len(p), 0, -1)",
        "ranks from the largest",
    ),
    ("benjamini_hochberg", "ordered = np.sort(p)", "ordered = p", "not sorted"),
    (
        "benjamini_hochberg",
        "(p <= ordered[below].max())",
        "(ordered <= ordered[below].max())",
        "in sorted order",
    ),
    ("benjamini_hochberg", "below = ordered <=", "below = ordered <", "below instead of at most"),
    ("benjamini_hochberg", "(p <= ordered", "(p < ordered", "one feature too few"),
    (
        "benjamini_hochberg",
        "ordered[below].max()",
        "ordered[: np.flatnonzero(below)[-1] + 2].max()",
        "one feature too many",
    ),
    (
        "benjamini_hochberg",
        "rate * np.arange(1, len(p) + 1) / len(p)",
        "rate / np.arange(1, len(p) + 1)",
        "divided by the rank",
    ),
    (
        "benjamini_hochberg",
        "rate * np.arange(1, len(p) + 1) / len(p)",
        "rate / np.arange(len(p), 0, -1)",
        "hochberg",
    ),
    (
        "benjamini_hochberg",
        "np.arange(1, len(p) + 1) / len(p)",
        "np.arange(1, len(p) + 1)",
        "m missing",
    ),
    (
        "benjamini_hochberg",
        "np.zeros(len(p), dtype=int)\n    return (p <= ",
        "np.ones(len(p), dtype=int)\n    return (p > ",
        "upside down",
    ),
    (
        "week_null",
        "windows.sum(axis=0) - windows",
        "windows.sum(axis=0) + 0 * windows",
        "week in its own baseline",
    ),
    (
        "week_null",
        "windows.sum(axis=0) - windows",
        "(windows / windows.sum(axis=1, keepdims=True)).mean(axis=0) + 0 * windows",
        "shares averaged",
    ),
    ("week_null", "((p - q) * np.log(p / q))", "(p * np.log(p / q))", "one direction"),
    ("week_null", "((p - q) * np.log(p / q))", "(q * np.log(q / p))", "the other direction"),
    ("week_null", "((p - q) *", "((q - p) *", "sign"),
    ("week_null", "    return", "    p, q = windows, others\n    return", "counts for shares"),
    ("week_null", ".sum(axis=1)\n", ".mean(axis=1)\n", "mean over cells"),
    ("week_null", "sum(axis=1, keepdims", "sum(axis=0, keepdims", "wrong axis"),
    (
        "week_null",
        "others = windows.sum(axis=0) - windows",
        "others = windows.sum(axis=0) - windows + 0.5\n    windows = windows + 0.5",
        "smoothed",
    ),
    (
        "window_p_value",
        "(1 + np.count_nonzero(null >= observed)) / (1 + len(null))",
        "np.mean(null >= observed)",
        "no +1",
    ),
    (
        "window_p_value",
        "(1 + np.count_nonzero(null >= observed))",
        "np.count_nonzero(null >= observed)",
        "+1 below only",
    ),
    ("window_p_value", "/ (1 + len(null))", "/ len(null)", "+1 above only"),
    ("window_p_value", ">=", ">", "ties left out"),
    ("window_p_value", ">=", "<=", "wrong tail"),
    ("window_p_value", " / (1 + len(null))", "", "a count"),
    ("forecast_bias", "np.ones(", "np.zeros(", "no constant"),
    (
        "forecast_bias",
        "len(known)), known])\n    model = np.linalg.lstsq(x, value,",
        "len(latest)), latest])\n    model = np.linalg.lstsq(x, latest_value,",
        "nothing new was forecast",
    ),
    (
        "forecast_bias",
        "return forecast.mean() / latest_value.mean() - 1",
        "return 1 - forecast.mean() / latest_value.mean()",
        "sign",
    ),
    ("forecast_bias", " - 1\n", "\n", "ratio"),
    (
        "forecast_bias",
        "forecast.mean() / latest_value.mean() - 1",
        "(forecast / latest_value).mean() - 1",
        "mean of ratios",
    ),
    (
        "forecast_bias",
        "forecast.mean() / latest_value.mean() - 1",
        "forecast.mean() - latest_value.mean()",
        "in euros",
    ),
    (
        "forecast_bias",
        "forecast.mean() / latest_value.mean() - 1",
        "latest_value.mean() / forecast.mean() - 1",
        "truth over forecast",
    ),
    (
        "forecast_bias",
        "latest_value.mean() - 1",
        "value.mean() - latest_value.mean() / value.mean()",
        "share of the old value",
    ),
    (
        "cells_that_carry",
        "np.count_nonzero(carried < 0.8 * carried[-1]) + 1",
        "len(parts)",
        "all cells ranked",
    ),
    ("cells_that_carry", "carried[-1]) + 1", "carried[-1])", "one cell too few"),
    ("cells_that_carry", "(p - q) * np.log(p / q)", "p * np.log(p / q)", "terms of KL"),
    ("cells_that_carry", "(p - q) * np.log(p / q)", "np.abs(p - q)", "differences of shares"),
    ("cells_that_carry", "-parts", "parts", "smallest first"),
    ("cells_that_carry", "np.arange(1, fewest + 1)", "1", "not in order"),
    ("cells_that_carry", "np.arange(1, fewest + 1)", "np.arange(fewest)", "ranks from 0"),
    ("cells_that_carry", "0.8 *", "0.2 *", "20 %"),
    (
        "cells_that_carry",
        "current / current.sum(), baseline / baseline.sum()",
        "current, baseline",
        "counts for shares",
    ),
    (
        "cells_that_carry",
        "np.count_nonzero(carried < 0.8 * carried[-1]) + 1",
        "int(np.ceil(0.8 * len(parts)))",
        "80 % of the cells",
    ),
]

# Mutants that change nothing, each for its own reason.
EQUIVALENT_MUTANTS = {
    "benjamini_hochberg": {"dtype=int) * 1.0001", "return -np.zeros("},  # zero is what it was
    "week_null": {"keepdims=2"},  # as true as True
    "forecast_bias": {"np.ones(len(value))", "np.ones(len(latest_value))"},  # as many customers
    "cells_that_carry": {"np.log2(", "np.log10("},  # an order and a share of the sum have no unit
}
