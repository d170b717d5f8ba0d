"""Answers to the questions of unit 18: right in other words, and wrong."""

import numpy as np
from scipy import optimize, special, stats


def nwj(c, critic_p, critic_q):
    return np.mean(critic_p) + c - np.mean(np.exp(critic_q + c - 1))


def by_root(critic_p, critic_q):
    """Where the slope of the bound is 0, near the largest critic value."""

    def slope(c):
        return 1 - np.mean(np.exp(critic_q + c - 1))

    centre = 1 - np.max(critic_q)
    return optimize.brentq(slope, centre - 1, centre + 10, xtol=1e-13)


def row_by_row(scores):
    terms = []
    for i, row in enumerate(scores):
        odds = sum(np.exp(score - row[i]) for score in row) / len(row)
        terms.append(-np.log(odds))
    return sum(terms) / len(terms)


def twin_by_loop(p, q, n):
    total = 0.0
    for truth, model in zip(p, q, strict=True):
        if truth > 0:
            total += truth * (np.log(truth) - np.log(((n - 1) * model + truth) / n))
    return total


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "dv_bound": {
        "scipy": lambda a, b: np.mean(a) - special.logsumexp(b) + np.log(len(b)),
        "weights": lambda a, b: a.mean() - special.logsumexp(b, b=1 / len(b)),
        "logaddexp": lambda a, b: np.mean(a) - np.logaddexp.reduce(b) + np.log(b.size),
        "nearest to the samples of p": lambda a, b: (
            -special.logsumexp(np.subtract(b, np.mean(a))) + np.log(len(b))
        ),
    },
    "best_constant": {
        "scipy": lambda a, b: 1 - special.logsumexp(b) + np.log(len(b)),
        "root of the slope": by_root,
        "from the bound": lambda a, b: 1 + (np.log(len(b)) - np.logaddexp.reduce(b)),
    },
    "infonce": {
        "log_softmax": lambda s: np.log(len(s)) + np.mean(np.diag(special.log_softmax(s, axis=1))),
        "row by row": row_by_row,
        "trace": lambda s: (
            (np.trace(s) - special.logsumexp(s, axis=1).sum()) / len(s) + np.log(len(s))
        ),
    },
    "twin_kl": {
        "rel_entr": lambda p, q, n: special.rel_entr(p, q - q / n + p / n).sum(),
        "scipy": lambda p, q, n: stats.entropy(p, ((n - 1) * q + p) / n),
        "loop": twin_by_loop,
    },
}

SINGLE_PRECISION = {
    "twin_kl": lambda p, q, n: np.sum(
        special.rel_entr(p, (np.float32(1) - np.float32(1) / np.float32(n)) * q + p / np.float32(n))
    ),
}

DV = "np.mean(critic_p) - (top + np.log(np.mean(np.exp(critic_q - top))))"
BEST = "1 - (top + np.log(np.mean(np.exp(critic_q - top))))"
ROWS = "top[:, 0] + np.log(np.mean(np.exp(scores - top), axis=1))"

# the question, what is replaced in its solution, by what, and what is recognised
TYPED_MISTAKES = [
    ("dv_bound", DV, "np.mean(critic_p) - np.mean(critic_q)", "mean of the logarithms"),
    ("dv_bound", "np.log(np.mean(", "np.log(np.sum(", "a sum for the mean"),
    (
        "dv_bound",
        "np.log(np.mean(np.exp(critic_q - top)))",
        "np.log(np.sum(np.exp(critic_q - top)) / len(critic_p))",
        "divided by the other number",
    ),
    ("dv_bound", "top = np.max(critic_q)", "top = 0", "overflow"),
    ("dv_bound", "top = np.max(critic_q)", "top = np.mean(critic_q)", "mean taken out"),
    ("dv_bound", "(top + np.log", "(np.log", "largest not put back"),
    (
        "dv_bound",
        "top = np.max(critic_q)",
        "critic_p, critic_q = critic_q, critic_p\n    top = np.max(critic_q)",
        "samples exchanged",
    ),
    ("dv_bound", "np.mean(critic_p) - (", "np.mean(critic_p) + (", "plus"),
    ("dv_bound", "np.mean(critic_p)", "np.sum(critic_p)", "a sum over the samples of p"),
    (
        "dv_bound",
        DV,
        "np.mean(critic_p) - np.mean(np.exp(critic_q - 1))",
        "nwj",
    ),
    ("dv_bound", DV, "np.mean(critic_p) - np.mean(np.exp(critic_q))", "logarithm left out"),
    (
        "dv_bound",
        "top = np.max(critic_q)",
        "critic_q = np.concatenate([critic_p, critic_q])\n    top = np.max(critic_q)",
        "all samples in the exponential mean",
    ),
    ("best_constant", BEST, "1.0", "always 1"),
    ("best_constant", "return 1 - (", "return -(", "1 forgotten"),
    ("best_constant", "return 1 - (", "return -1 - (", "1 with the wrong sign"),
    ("best_constant", "return 1 - (", "return 1 + (", "sign of the logarithm"),
    ("best_constant", BEST, "1 - np.mean(critic_q)", "mean of T"),
    ("best_constant", BEST, "1 - np.mean(np.exp(critic_q))", "logarithm left out"),
    ("best_constant", BEST, "1 - np.mean(np.exp(critic_q - 1))", "slope at 0"),
    ("best_constant", "np.log(np.mean(", "np.log(np.sum(", "a sum for the mean"),
    (
        "best_constant",
        "top = np.max(critic_q)",
        "critic_q = critic_p\n    top = np.max(critic_q)",
        "samples of p",
    ),
    ("best_constant", "np.max(critic_q)", "np.max(critic_p)", "largest of p taken out"),
    ("dv_bound", "np.max(critic_q)", "np.max(critic_p)", "largest of p taken out"),
    ("best_constant", "return 1 - (", "return np.mean(critic_p) - (", "the bound itself"),
    ("best_constant", BEST, f"np.exp({BEST})", "factor"),
    ("best_constant", "top = np.max(critic_q)", "top = 0", "overflow"),
    ("best_constant", "(top + np.log", "(np.log", "largest not put back"),
    ("infonce", "np.log(np.mean(", "np.log(np.sum(", "log N left out"),
    (
        "infonce",
        "np.mean(np.diagonal(scores) - rows)",
        "np.mean(rows - np.diagonal(scores)) + np.log(len(scores))",
        "the cross-entropy itself",
    ),
    (
        "infonce",
        "top = scores.max",
        "scores = scores.T\n    top = scores.max",
        "columns",
    ),
    ("infonce", "np.diagonal(scores) - rows", "scores - rows[:, None]", "all pairs"),
    ("infonce", ROWS, "np.mean(scores, axis=1)", "mean of the logarithms"),
    ("infonce", "return np.mean(np.diag", "return np.sum(np.diag", "a sum over the rows"),
    ("infonce", "top[:, 0] + ", "", "one largest for all rows, not put back"),
    ("infonce", ROWS, "np.log(np.mean(np.exp(scores), axis=1))", "overflow"),
    ("infonce", ROWS, "np.log(np.mean(np.exp(scores)))", "one mean for the whole table"),
    ("twin_kl", "(1 - 1 / n) * q + p / n", "q", "q itself"),
    ("twin_kl", "(1 - 1 / n) * q + p / n", "(1 - 1 / n) * p + q / n", "weights exchanged"),
    ("twin_kl", "(1 - 1 / n) * q + p / n", "q + p / n", "not normalised"),
    ("twin_kl", "(1 - 1 / n) * q + p / n", "(p + q) / 2", "half and half"),
    ("twin_kl", "(1 - 1 / n) * q + p / n", "(n * q + p) / (n + 1)", "n + 1"),
    (
        "twin_kl",
        "(1 - 1 / n) * q + p / n",
        "(1 - 1 / n) * q + 1 / n / len(q)",
        "uniform mixed in",
    ),
]

# Mutants that change nothing: any true value keeps the dimension.
EQUIVALENT_MUTANTS = {"infonce": {"keepdims=2"}}
