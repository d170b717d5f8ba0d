"""Answers to the questions of unit 23: right in other words, and wrong."""

import math

import numpy as np
from scipy import special, stats

from klteach import population_stability_index
from klteach.drift import Binning


def with_binning(current, baseline, cells):
    """The monitor's own way to count, and the library's PSI."""
    binning = Binning.with_edges("x", np.quantile(baseline, np.arange(1, cells) / cells))
    p, q = (binning.count(np.asarray(side)).counts[:cells] for side in (current, baseline))
    return population_stability_index(p / p.sum(), q / q.sum())


def with_open_histogram(current, baseline, cells):
    edges = np.quantile(baseline, np.linspace(0, 1, cells + 1))
    edges[[0, -1]] = -np.inf, np.inf
    p, q = (np.histogram(side, edges)[0] / len(side) for side in (current, baseline))
    with np.errstate(divide="ignore"):
        return stats.entropy(p, q) + stats.entropy(q, p)


def row_by_row(current, baseline, cells):
    edges = np.quantile(baseline, np.arange(1, cells) / cells)
    p, q = [0] * cells, [0] * cells
    for side, shares in ((current, p), (baseline, q)):
        for value in side:
            shares[sum(value >= edge for edge in edges)] += 1 / len(side)
    return (
        math.inf
        if min(p) == 0
        else sum((a - b) * math.log(a / b) for a, b in zip(p, q, strict=True))
    )


def closed_above(current, baseline, cells):
    edges = np.quantile(baseline, np.arange(1, cells) / cells)
    p = np.bincount(np.searchsorted(edges, current), minlength=cells) / len(current)
    q = np.bincount(np.searchsorted(edges, baseline), minlength=cells) / len(baseline)
    return np.sum((p - q) * np.log(p / q))


def shuffling_rows(current, baseline, draws, seed):
    random = np.random.default_rng(seed)
    rows = np.repeat(np.arange(len(current)), np.add(current, baseline))
    drawn = [random.permutation(rows)[: np.sum(current)] for _ in range(draws)]
    return [np.bincount(cells, minlength=len(current)) for cells in drawn]


def cell_after_cell(current, baseline, draws, seed):
    random = np.random.default_rng(seed)
    pool = np.add(current, baseline)
    left, drawn = np.full(draws, np.sum(current)), []
    for place, rows in enumerate(pool):
        others = pool[place + 1 :].sum()
        drawn.append(random.hypergeometric(np.full(draws, rows), others, left))
        left = left - drawn[-1]
    return np.stack(drawn, axis=1)


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "psi": {
        "the monitor's cells": with_binning,
        "a histogram with open ends": with_open_histogram,
        "row by row": row_by_row,
        "an edge belongs to the cell below it": closed_above,
    },
    "psi_threshold": {
        "isf": lambda n, m, cells: (n + m) / (n * m) * stats.chi2.isf(0.05, cells - 1),
        "gamma": lambda n, m, cells: (
            (2 / n + 2 / m) * special.gammaincinv((cells - 1) / 2, 0.95)
        ),
    },
    "rows_needed": {
        "by trying": lambda cells, cutoff: next(
            n for n in range(1, 100_000) if 2 / n * special.chdtri(cells - 1, 0.05) <= cutoff
        ),
        "isf": lambda cells, cutoff: math.ceil(stats.chi2.isf(0.05, cells - 1) / cutoff * 2),
    },
    "shuffled_counts": {
        "shuffling the rows": shuffling_rows,
        "cell after cell": cell_after_cell,
    },
    "p_value": {
        "mean": lambda observed, null: np.mean(np.append(null, observed) >= observed),
        "loop": lambda observed, null: sum([1, *(x >= observed for x in null)]) / (len(null) + 1),
    },
    "new_category": {
        "tuple": lambda: ("infinite", "merge", "add-alpha", "add-alpha", "merge", "infinite"),
    },
}  # fmt: skip

SINGLE_PRECISION = {
    "psi": with_open_histogram,
    "psi_threshold": RIGHT_FORMS["psi_threshold"]["isf"],
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("psi", "np.searchsorted(edges, rows,",
     "np.searchsorted(np.quantile(rows, np.arange(1, cells) / cells), rows,", "separate cells"),
    ("psi", "np.quantile(baseline", "np.quantile(current", "cells of the current data"),
    ("psi", "np.quantile(baseline", "np.quantile(np.append(current, baseline)",
     "cells of both together"),
    ("psi", "np.quantile(baseline, np.arange(1, cells) / cells)",
     "np.linspace(baseline.min(), baseline.max(), cells + 1)[1:-1]", "equal width"),
    ("psi", "(p - q) * np.log(p / q)", "p * np.log(p / q)", "one direction"),
    ("psi", "np.sum((p - q)", "100 * np.sum((p - q)", "percentages"),
    ("psi", "    with np", "    p, q = p + 1e-6, q + 1e-6\n    with np", "small number added"),
    ("psi", "    with np", "    p, q = np.maximum(p, 1e-4), np.maximum(q, 1e-4)\n    with np",
     "small number added"),
    ("psi", "return np.sum(", "return 0.5 * np.sum(", "half of it"),
    ("psi", "np.log(", "np.log2(", "bits"),
    ("psi", "minlength=cells) / len(", "minlength=cells) * len(", None),
    ("psi_threshold", "1 / n + 1 / m", "1 / m", "current noise forgotten"),
    ("psi_threshold", "1 / n + 1 / m", "1 / n", "baseline noise forgotten"),
    ("psi_threshold", "cells - 1", "cells", "B degrees"),
    ("psi_threshold", "0.95", "0.05", "lower tail"),
    ("psi_threshold", "ppf", "cdf", "cdf for ppf"),
    ("psi_threshold", "0.95", "0.975", "two tails"),
    ("psi_threshold", "1 / n + 1 / m", "1 / (n + m)", "one pool"),
    ("rows_needed", "2 * chi2", "chi2", "one side only"),
    ("rows_needed", "cells - 1", "cells", "B degrees"),
    ("rows_needed", "0.95", "0.05", "lower tail"),
    ("rows_needed", "np.ceil", "np.floor", "rounded down"),
    ("rows_needed", "np.ceil", "", "rounded down"),
    ("shuffled_counts", "pool = current + baseline", "pool = baseline", None),
    ("shuffled_counts", "multivariate_hypergeometric(pool, int(current.sum()),",
     "multinomial(int(current.sum()), pool / pool.sum(),", "with replacement"),
    ("shuffled_counts", "int(current.sum())", "int(baseline.sum())", "the other side"),
    ("p_value", ">=", ">", "ties dropped"),
    ("p_value", ">=", "<=", "lower tail"),
    ("p_value", "(1 + np.sum(null >= observed)) / (1 + len(null))", "np.mean(null >= observed)",
     "observation left out"),
    ("p_value", "(1 + len(null))", "len(null)", "one above only"),
    ("new_category", '"infinite",    # impossible', '"merge",    # impossible', "1 wrong"),
    ("new_category", '"infinite"', '"add-alpha"', "2 wrong"),
]  # fmt: skip

# Mutants that change nothing: another seed is another draw of the same law.
EQUIVALENT_MUTANTS = {"shuffled_counts": {"default_rng(current)"}}
