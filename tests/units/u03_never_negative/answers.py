"""Answers to the questions of unit 03: right in other words, and wrong."""

import numpy as np
from scipy import special, stats


def gaps(p, q):
    t = np.divide(q, p, out=np.ones(len(p)), where=p > 0)
    return np.where(p > 0, p * (t - 1 - np.log(t)), q)


def log_sum_margin(p1, q1, p2, q2, lam):
    """The margin as the log-sum inequality finds it: outcome by outcome."""
    a, b = np.array([lam * p1, (1 - lam) * p2]), np.array([lam * q1, (1 - lam) * q2])
    return (special.rel_entr(a, b).sum(axis=0) - special.rel_entr(a.sum(0), b.sum(0))).sum()


def fading(n):
    p = 0.5 ** np.arange(n)
    return p / p.sum()


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "tangent_terms": {
        "gaps": gaps,
        "kl_div": special.kl_div,
        "rel_entr": lambda p, q: special.rel_entr(p, q) + q - p,
        "list": lambda p, q: special.kl_div(p, q).tolist(),
        "masked": lambda p, q: np.where(p > 0, q - p + p * np.log(p / q), q),
        "logarithms apart": lambda p, q: q - p + special.xlogy(p, p) - special.xlogy(p, q),
    },
    "broken_pair": {
        "array": lambda n: np.full((2, n), 1 / n),
        "lists": lambda n: ([1 / n] * n, [1 / n] * n),
        "unequal shares": lambda n: (fading(n), fading(n)),
        "one outcome": lambda n: (np.eye(n)[0], np.eye(n)[0]),
        "zeros": lambda n: np.tile(np.r_[0.5, 0.5, np.zeros(n - 2)], (2, 1)),
        "nearly equal": lambda n: (
            np.full(n, 1 / n),
            np.full(n, 1 / n) + np.r_[1e-7, -1e-7, np.zeros(n - 2)] / n,
        ),
    },
    "convexity_margin": {
        "scipy": lambda p1, q1, p2, q2, lam: (
            lam * stats.entropy(p1, q1)
            + (1 - lam) * stats.entropy(p2, q2)
            - stats.entropy(lam * p1 + (1 - lam) * p2, lam * q1 + (1 - lam) * q2)
        ),
        "log-sum": log_sum_margin,
        "never below 0": lambda *arguments: max(log_sum_margin(*arguments), 0.0),
    },
}

SINGLE_PRECISION = {
    "tangent_terms": RIGHT_FORMS["tangent_terms"]["masked"],
    "convexity_margin": RIGHT_FORMS["convexity_margin"]["log-sum"],
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("tangent_terms", "q - p", "p - q", "p - q added"),
    ("tangent_terms", "q - p", "0 * p", "plain terms"),
    ("tangent_terms", "q - p", "q.copy()", "minus 1 forgotten"),
    ("tangent_terms", "q - p", "np.where(p > 0, q - p, 0)", "zero where p is 0"),
    ("tangent_terms", "p[occurs] * np.log(p[occurs]", "q[occurs] * np.log(p[occurs]", None),
    ("tangent_terms", "p[occurs] / q[occurs]", "q[occurs] / p[occurs]", "sign of the logarithm"),
    ("tangent_terms", "np.log(", "np.log2(", "another base inside"),
    ("tangent_terms", "/ q[occurs]", "/ (q[occurs] + 1e-10)", "small number added"),
    ("tangent_terms", "return terms", "return np.abs(terms - q + p)", "absolute values"),
    ("tangent_terms", "return terms", "return terms[occurs]", None),
    ("tangent_terms", "return terms", "return terms.sum()", None),
    ("broken_pair", "1 / n", "1.0", "not divided by n"),
    ("broken_pair", "return p, p", "return p, 2 * p", "q not normalised"),
    ("broken_pair", "return p, p", "return p, p + 1e-10", "sum is not 1"),
    ("broken_pair", "return p, p", "return p, np.eye(n)[0]", "one outcome in q"),
    ("broken_pair", "return p, p", "return np.eye(n)[0], p", "one outcome in p"),
    ("broken_pair", "return p, p", "return p, np.arange(1, n + 1) * 2 / n / (n + 1)",
     "too far apart"),
    ("broken_pair", "return p, p", "return p, p - np.eye(n)[0] / n + np.eye(n)[1] / n",
     "impossible outcome"),
    ("broken_pair", "return p, p", "return p, p - 2 * np.eye(n)[0] + 2 * np.eye(n)[1]",
     "negative share"),
    ("broken_pair", "return p, p", "return p", None),
    ("broken_pair", "np.full(n, 1 / n)", "np.full(3, 1 / 3)", None),
    ("convexity_margin", "lam * p1 + (1 - lam) * p2", "p1", "only q mixed"),
    ("convexity_margin", "lam * q1 + (1 - lam) * q2", "q1", "only p mixed"),
    ("convexity_margin", "lam * q1 + (1 - lam) * q2", "lam * q2 + (1 - lam) * q1",
     "weights crossed"),
    ("convexity_margin", "lam * kl(p1, q1) + (1 - lam) * kl(p2, q2)",
     "(1 - lam) * kl(p1, q1) + lam * kl(p2, q2)", "chord reversed"),
    ("convexity_margin", "lam * kl(p1, q1) + (1 - lam) * kl(p2, q2)", "kl(p1, q1) + kl(p2, q2)",
     "weights missing in the chord"),
    ("convexity_margin", "lam * p1 + (1 - lam) * p2", "lam * p1 + 1 - lam * p2", "bracket missing"),
    ("convexity_margin", "kl(lam * p1 + (1 - lam) * p2, lam * q1 + (1 - lam) * q2)",
     "kl(p1 + p2, q1 + q2)", "sums for mixtures"),
    ("convexity_margin", "return chord - kl", "return -chord + kl", "sign"),
    ("convexity_margin", "np.log(", "np.log2(", "bits"),
    ("convexity_margin", "def kl(p, q)", "def kl(q, p)", "swapped"),
]  # fmt: skip

# Mutants that change nothing: the shares are arrays already, and what is added to every divergence
# leaves their difference alone.
EQUIVALENT_MUTANTS = {
    "tangent_terms": {"q, q = (np.asarray(p, dtype=float), np.asarray(q, dtype=float))"},
    "convexity_margin": {
        "q1, q1, p2, q2 = (np.asarray(",
        "p1, p2, p2, q2 = (np.asarray(",
        "p1, q1, q2, q2 = (np.asarray(",
        "q[occurs])) + 0.001",
    },
}
