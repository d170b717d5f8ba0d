"""Answers to the questions of unit 04: right in other words, and wrong."""

import numpy as np
from scipy import special, stats
from scipy.spatial.distance import jensenshannon


def kl(p, q):
    return special.rel_entr(p, q).sum()


def row_by_row(p, q):
    return [
        sum(a * np.log(a / b) for a, b in zip(*rows, strict=True) if a > 0)
        for rows in zip(p, q, strict=True)
    ]


def masked(p, q):
    terms = np.zeros(p.shape)
    sent = p > 0
    terms[sent] = p[sent] * np.log(p[sent] / q[sent])
    return terms.sum(axis=1)


def from_scipy(p, q, x):
    difference = stats.wasserstein_distance(x, x, p, q)
    return kl(p, q), jensenshannon(p, q) ** 2, 1 - np.minimum(p, q).sum(), difference


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "kl_safe": {
        "rel_entr": lambda p, q: special.rel_entr(p, q).sum(axis=1),
        "sum of kl_div": lambda p, q: special.kl_div(p, q).sum(axis=-1),
        "entropy": lambda p, q: stats.entropy(p, q, axis=1),
        "where": lambda p, q: np.sum(np.where(p > 0, p * np.log(p / q), 0), axis=1),
        "nansum": lambda p, q: np.nansum(p * np.log(p / q), axis=1),
        "mask": masked,
        "loop": row_by_row,
    },
    "add_alpha": {
        "divided by the total and what was added": lambda counts, alpha: (
            (counts + alpha) / (np.sum(counts) + alpha * len(counts))
        ),
        "divided by the new total": lambda counts, alpha: (counts + alpha) / (counts + alpha).sum(),
        "loop": lambda counts, alpha: [
            (n + alpha) / (sum(counts) + alpha * len(counts)) for n in counts
        ],
        "mixed with uniform": lambda counts, alpha: np.average(
            [counts / counts.sum(), np.full(len(counts), 1 / len(counts))],
            axis=0,
            weights=[counts.sum(), alpha * len(counts)],
        ),
    },
    "four_measures": {
        "scipy": from_scipy,
        "list": lambda p, q, x: [float(value) for value in from_scipy(p, q, x)],
        "array": lambda p, q, x: np.array(from_scipy(p, q, x)),
    },
}

SINGLE_PRECISION = {
    "kl_safe": RIGHT_FORMS["kl_safe"]["where"],
    "add_alpha": RIGHT_FORMS["add_alpha"]["divided by the new total"],
    "four_measures": from_scipy,
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("kl_safe", "np.where(p > 0,", "np.where((p > 0) & (q > 0),", "outcomes removed"),
    ("kl_safe", "np.log(p / q)", "np.log(p / (q + 1e-12))", "small number added"),
    ("kl_safe", "np.log(p / q)", "np.log(np.nan_to_num(p / q))", "ratio made finite"),
    ("kl_safe", "terms.sum(axis=1)", "np.nan_to_num(terms).sum(axis=1)", "large number"),
    ("kl_safe", "terms.sum(axis=1)", "np.nan_to_num(terms, posinf=0).sum(axis=1)",
     "outcomes removed"),
    ("kl_safe", "terms.sum(axis=1)", "np.where((q == 0).any(axis=1), np.inf, terms.sum(axis=1))",
     "infinite at every zero of q"),
    ("kl_safe", "def kl_safe(p, q):", "def kl_safe(q, p):", "swapped"),
    ("add_alpha", "smoothed.sum()", "np.sum(counts)", "old total"),
    ("add_alpha", "smoothed.sum()", "(np.sum(counts) + alpha)", "alpha once in the total"),
    ("add_alpha", "smoothed.sum()", "(np.sum(counts) + len(counts))", "alpha missing in the total"),
    ("add_alpha", "np.asarray(counts) + alpha", "np.where(counts == 0, alpha, counts)",
     "only where zero"),
    ("add_alpha", "smoothed / ", "np.where(counts == 0, alpha, counts) / ", None),
    ("four_measures", "m = (p + q) / 2", "m = p + q", "JS with m = p + q"),
    ("four_measures", "js = (kl(p, m) + kl(q, m)) / 2", "js = (kl(p, q) + kl(q, p)) / 2",
     "JS without the mixture"),
    ("four_measures", "js = (kl(p, m) + kl(q, m)) / 2", "js = (kl(m, p) + kl(m, q)) / 2",
     "JS the wrong way round"),
    ("four_measures", "(kl(p, m) + kl(q, m)) / 2", "kl(p, m) + kl(q, m)", "JS without the half"),
    ("four_measures", "np.sum(np.abs(p - q)) / 2", "np.sum(np.abs(p - q))", "TV doubled"),
    ("four_measures", " * np.diff(x)", "", "W1 without the gaps"),
    ("four_measures", "occurs = a > 0", "occurs = (a > 0) & (b > 0)",
     "KL without the outcomes of q"),
    ("four_measures", "np.log(a[occurs]", "np.log2(a[occurs]", "bits"),
    ("four_measures", "js, tv, w1", "tv, js, w1", "order"),
    # two things at once: the message names both
    ("four_measures", " / 2", "", "wrong: JS, TV"),
]  # fmt: skip

# Mutants that change nothing: the arguments are arrays already.
EQUIVALENT_MUTANTS = {
    "kl_safe": {"q, q = (np.asarray(p, dtype=float), np.asarray(q, dtype=float))"},
    "four_measures": {"q, q, x = (np.asarray(", "p, x, x = (np.asarray("},
}
