"""Answers to the questions of unit 05: right in other words, and wrong."""

import numpy as np
from scipy import special, stats

# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "balanced_partner": {
        "reversed": lambda p: p[::-1],
        "list": lambda p: [1 - p[0], 1 - p[1]],
        "inverted odds": lambda p: (1 / p) / np.sum(1 / p),
        "flip": np.flip,
    },
    "jeffreys": {
        "two calls of scipy": lambda p, q: stats.entropy(p, q) + stats.entropy(q, p),
        "rel_entr": lambda p, q: special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum(),
        "kl_div": lambda p, q: np.sum(special.kl_div(p, q) + special.kl_div(q, p)),
        "absolute values": lambda p, q: np.nansum(np.abs(p - q) * np.abs(np.log(p / q))),
        "difference of logarithms": lambda p, q: np.nansum((p - q) * (np.log(p) - np.log(q))),
        "loop": lambda p, q: sum(
            (a - b) * np.log(a / b) for a, b in zip(p, q, strict=True) if a > 0 or b > 0
        ),
    },
    "directions": {
        "tuple": lambda: ("AB", "BA", "BA", "AB", "BA", "AB", "BA", "AB"),
        "split": lambda: "AB BA BA AB BA AB BA AB".split(),
    },
}

SINGLE_PRECISION = {
    "jeffreys": lambda p, q: np.nansum((p - q) * np.log(p / q)),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("balanced_partner", "1 - np.asarray(p, dtype=float)", "p", "p itself"),
    ("balanced_partner", "1 - np.asarray(p, dtype=float)", "np.array([0.5, 0.5])", "a fair coin"),
    ("balanced_partner", "1 - np.asarray(p, dtype=float)", "np.sort(p)", "sorted"),
    ("balanced_partner", "1 - np.asarray(p, dtype=float)", "1 / p", "not normalised"),
    ("balanced_partner", "1 - np.asarray(p, dtype=float)", "0.9 - p", "no distribution"),
    ("balanced_partner", "1 - np.asarray(p, dtype=float)", "np.array([0.0, 1.0])", "a sure coin"),
    ("jeffreys", "(p - q) * np.log(p / q)", "p * np.log(p / q)", "forward only"),
    ("jeffreys", "(p - q)", "(p + q)", "difference"),
    ("jeffreys", "p / q)", "q / p)", "sign"),
    ("jeffreys", "return np.sum", "return 0.5 * np.sum", "half of it"),
    ("jeffreys", "np.sum", "np.mean", "mean of the terms"),
    ("jeffreys", "np.log(", "np.log2(", "bits"),
    ("jeffreys", "(p > 0) | (q > 0)", "(p > 0) & (q > 0)", "outcomes removed"),
    ("jeffreys", "(p > 0) | (q > 0)", "p > 0", "outcomes removed"),
    ("directions", '"BA", "AB"]', '"AB", "AB"]', "1 wrong"),
    ("directions", '"AB", "BA", "BA"', '"BA", "AB", "AB"', "3 wrong"),
]

# Mutants that change nothing: both sides are arrays already.
EQUIVALENT_MUTANTS = {
    "jeffreys": {"q, q = (np.asarray(p, dtype=float), np.asarray(q, dtype=float))"},
}
