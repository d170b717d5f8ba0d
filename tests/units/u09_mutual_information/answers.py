"""Answers to the questions of unit 09: right in other words, and wrong."""

import math
from collections import Counter

import numpy as np
from scipy import special, stats


def by_entropies(p):
    return (
        special.entr(p.sum(axis=0)).sum()
        + special.entr(p.sum(axis=1)).sum()
        - special.entr(p).sum()
    )


def by_rows(p):
    total = 0.0
    for row in p:
        if row.sum() > 0:
            total += row.sum() * stats.entropy(row / row.sum(), p.sum(axis=0))
    return total


def by_cells(p):
    rows, columns = p.shape
    of_x = [sum(p[i, j] for j in range(columns)) for i in range(rows)]
    of_y = [sum(p[i, j] for i in range(rows)) for j in range(columns)]
    return sum(
        p[i, j] * (math.log(p[i, j]) - math.log(of_x[i]) - math.log(of_y[j]))
        for i in range(rows)
        for j in range(columns)
        if p[i, j] > 0
    )


def counted(x, y):
    """The plug-in information from counters, with no table."""
    n, both = len(x), Counter(zip(x.tolist(), y.tolist(), strict=True))
    of_x, of_y = Counter(x.tolist()), Counter(y.tolist())
    return sum(k / n * math.log(k * n / (of_x[i] * of_y[j])) for (i, j), k in both.items())


def with_counters(x, y, orders):
    observed = counted(x, y)
    null = [counted(x, y[order]) for order in orders]
    reached = sum(value >= observed for value in null)
    return observed, observed - sum(null) / len(null), (1 + reached) / (1 + len(null))


def x_shuffled(x, y, orders):
    observed = counted(x, y)
    null = np.array([counted(x[order], y) for order in orders])
    p_value = (1 + np.sum(null >= observed)) / (1 + len(null))
    return np.array([observed, observed - null.mean(), p_value])


def with_histograms(x, y, orders):
    def plug_in(x, y):
        cells = np.histogram2d(x, y, bins=(np.arange(x.max() + 2), np.arange(y.max() + 2)))[0]
        return by_entropies(cells / cells.sum())

    null = [plug_in(x, y[order]) for order in orders]
    observed = plug_in(x, y)
    reached = np.count_nonzero(null >= observed)
    return [observed, observed - np.mean(null), (reached + 1) / (len(orders) + 1)]


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "mutual_information": {
        "entropies": by_entropies,
        "rows": by_rows,
        "cells one by one": by_cells,
        "rel_entr": lambda p: special.rel_entr(p, np.outer(p.sum(axis=1), p.sum(axis=0))).sum(),
        "turned over": lambda p: by_rows(p.T),
        "bits turned into nats": lambda p: np.array(by_entropies(p) / math.log(2) * math.log(2)),
    },
    "normal_information": {
        "log of the root": lambda rho: -math.log(math.sqrt(1 - rho**2)),
        "log1p": lambda rho: -0.5 * np.log1p(-(rho**2)),
        "determinants": lambda rho: -0.5 * np.linalg.slogdet([[1, rho], [rho, 1]])[1],
        "two factors": lambda rho: -(math.log(1 - rho) + math.log(1 + rho)) / 2,
        "fraction": lambda rho: np.float64(np.log(1 / (1 - rho * rho)) / 2),
    },
    "beyond_chance": {
        "counters": with_counters,
        "x shuffled": x_shuffled,
        "histograms": with_histograms,
    },
}

SINGLE_PRECISION = {
    "mutual_information": lambda p: special.rel_entr(
        p, p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    ).sum(),
    "normal_information": lambda rho: -np.log1p(-(rho**2)) / 2,
}

TABLE = "p.sum(axis=1, keepdims=True) * p.sum(axis=0)"
TERMS = "p[seen] * np.log(p[seen] / q[seen])"
SHUFFLED = "np.array([plug_in(x, y[order]) for order in orders])"
EXCESS = "observed - null.mean()"
P_VALUE = "(1 + np.sum(null >= observed)) / (1 + len(null))"

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("mutual_information", f"np.sum({TERMS})", f"np.mean({TERMS})", "mean for sum"),
    ("mutual_information", f"np.sum({TERMS})", f"np.abs({TERMS}).sum()", "absolute terms"),
    ("mutual_information", f"np.sum({TERMS})", f"({TERMS}).max()", "largest term"),
    ("mutual_information", TERMS, "np.log(p[seen] / q[seen])", "weights missing"),
    ("mutual_information", TERMS, "q[seen] * np.log(p[seen] / q[seen])", "weights of the product"),
    ("mutual_information", TERMS, "p[seen] * (p[seen] / q[seen])", "logarithm missing"),
    ("mutual_information", TERMS, "p[seen] * np.log1p(p[seen] / q[seen])", "log1p"),
    ("mutual_information", TERMS, "-p[seen] * np.log(q[seen])", "sum of both entropies"),
    ("mutual_information", TERMS, "-p[seen] * np.log(p[seen])", "joint entropy"),
    (
        "mutual_information",
        TERMS,
        "p[seen] * np.log(p[seen] / q[seen] + 1e-6)",
        "small number added",
    ),
    ("mutual_information", TABLE, "np.full(p.shape, 1 / p.size)", "uniform model"),
    ("mutual_information", TABLE, "p.sum(axis=1, keepdims=True) + 0 * p", "conditional entropy"),
    ("normal_information", "-0.5 * ", "-", "half missing"),
    ("normal_information", "1 - rho**2", "1 - rho", "not squared"),
    ("normal_information", "1 - rho**2", "(1 - rho)**2", "not squared"),
    ("normal_information", "1 - rho**2", "1 - abs(rho)", "size in the place of the square"),
    ("normal_information", "1 - rho**2", "1 + rho**2", "plus for minus"),
    ("normal_information", "1 - rho**2", "rho**2", "1 minus missing"),
    ("normal_information", "1 - rho**2", "1 - rho**4", "squared twice"),
    ("normal_information", "-0.5 * np.log(1 - rho**2)", "1 - rho**2", "logarithm missing"),
    (
        "normal_information",
        "-0.5 * np.log(1 - rho**2)",
        "rho**2 / 2",
        "square of the correlation",
    ),
    ("normal_information", "-0.5 * np.log(1 - rho**2)", "np.arctanh(rho)", "fisher's z"),
    (
        "normal_information",
        "-0.5 * np.log(1 - rho**2)",
        "-np.log((1 - rho**2) / 2)",
        "half under the logarithm",
    ),
    ("beyond_chance", EXCESS, "observed", "compared with 0"),
    ("beyond_chance", EXCESS, "null.mean()", "mean of the null"),
    ("beyond_chance", EXCESS, "null.mean() - observed", "sign"),
    ("beyond_chance", "null.mean()", "np.median(null)", "median"),
    ("beyond_chance", "null.mean()", "np.quantile(null, 0.95)", "quantile"),
    (
        "beyond_chance",
        EXCESS,
        "(observed - null.mean()) / null.std()",
        "standard scores",
    ),
    ("beyond_chance", EXCESS, "observed / null.mean()", "ratio"),
    (
        "beyond_chance",
        P_VALUE,
        "np.mean(null >= observed)",
        "1 missing",
    ),
    (
        "beyond_chance",
        P_VALUE,
        "(1 + np.sum(null >= observed)) / len(null)",
        "1 on one side",
    ),
    (
        "beyond_chance",
        "counts = np.zeros((x.max() + 1, y.max() + 1))\n        np.add.at(counts, (x, y), 1)",
        "counts = np.histogram2d(x, y)[0]",
        "ten bins",
    ),
    ("beyond_chance", "null >= observed", "null > observed", "ties left out"),
    ("beyond_chance", "null >= observed", "null <= observed", "other tail"),
    (
        "beyond_chance",
        "plug_in(x, y[order])",
        "plug_in(x[order], y[order])",
        "both columns shuffled alike",
    ),
    ("beyond_chance", "for order in orders", "for order in orders[:1]", "first order only"),
    ("beyond_chance", "for order in orders", "for order in orders[-1:]", "last order only"),
    (
        "beyond_chance",
        f"{EXCESS}, {P_VALUE}",
        f"{P_VALUE}, {EXCESS}",
        "in the other order",
    ),
    (
        "beyond_chance",
        SHUFFLED,
        "np.array([plug_in(x, y := y[order]) for order in orders])",
        "one shuffle after the other",
    ),
]

# Mutants that change nothing: a table with one row or column of zeros more, another number that is
# true, and the length of a column as long as the other.
EQUIVALENT_MUTANTS = {
    "mutual_information": {"keepdims=2"},
    "beyond_chance": {"x.max() + 2", "y.max() + 2", "keepdims=2", "counts / len(y)"},
}
