"""Answers to the questions of unit 02: right in other words, and wrong."""

import numpy as np
from scipy import special, stats


def softmax_cross_entropy(p, q):
    with np.errstate(divide="ignore"):
        logits = np.log(q) + 3.0
    log_q = logits - special.logsumexp(logits)
    return -np.sum(p[p > 0] * log_q[p > 0])


def as_list(function):
    return lambda *arguments: list(map(float, function(*arguments)))


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "cross_entropy": {
        "xlogy": lambda p, q: -special.xlogy(p, q).sum(),
        "logsumexp": softmax_cross_entropy,
        "kl plus entropy": lambda p, q: stats.entropy(p, q) + stats.entropy(p),
    },
    "kl": {
        "scipy": stats.entropy,
        "rel_entr": lambda p, q: special.rel_entr(p, q).sum(),
        "sum of kl_div": lambda p, q: special.kl_div(p, q).sum(),
        "xlogy": lambda p, q: np.sum(special.xlogy(p, p) - special.xlogy(p, q)),
        "cross-entropy minus entropy": lambda p, q: (
            -special.xlogy(p, q).sum() - special.entr(p).sum()
        ),
        "masked": lambda p, q: np.sum(np.where(p > 0, p * np.log(p / q), 0)),
        "logsumexp": lambda p, q: softmax_cross_entropy(p, q) - special.entr(p).sum(),
        "nansum": lambda p, q: np.nansum(p * np.log(p / q)),
        "loop": lambda p, q: sum(a * np.log(a / b) for a, b in zip(p, q, strict=True) if a > 0),
    },
    "kl_contributions": {
        "rel_entr": special.rel_entr,
        "masked": lambda p, q: np.where(p > 0, p * np.log(p / q), 0),
        "xlogy": lambda p, q: special.xlogy(p, p) - special.xlogy(p, q),
        "list": as_list(special.rel_entr),
        "tuple": lambda p, q: tuple(special.rel_entr(p, q)),
    },
    "kelly_growth": {
        "loop": lambda p, q, winners: sum(np.log(p[w] / q[w]) for w in winners) / len(winners),
        "counted": lambda p, q, winners: (
            np.bincount(winners, minlength=len(p)) @ np.log(p / q) / len(winners)
        ),
    },
}

SINGLE_PRECISION = {
    "cross_entropy": RIGHT_FORMS["cross_entropy"]["xlogy"],
    "kl": RIGHT_FORMS["kl"]["masked"],
    "kl_contributions": RIGHT_FORMS["kl_contributions"]["masked"],
    "kelly_growth": lambda p, q, winners: np.mean(np.log(p / q)[winners]),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("cross_entropy", "np.log(q[occurs])", "np.log(p[occurs])", "entropy of p"),
    ("cross_entropy", "p[occurs] * np.log(q[occurs])", "q * np.log(p)", "swapped"),
    ("kl", "p[occurs] *", "q[occurs] *", "expectation under q"),
    ("kl", "p[occurs] * np.log", "np.log", "weights missing"),
    ("kl", "p[occurs] / q[occurs]", "q[occurs] / p[occurs]", "sign"),
    ("kl", "np.log(", "np.log2(", "bits"),
    ("kl", "np.log(", "np.log10(", "log10"),
    ("kl", "/ q[occurs]", "/ (q[occurs] + 1e-10)", "small number added"),
    ("kl", "p > 0", "(p > 0) & (q > 0)", "outcomes removed"),
    ("kl", "np.sum(p[occurs] * np.log(p[occurs] / q[occurs]))",
     "np.sum(np.abs(p[occurs] * np.log(p[occurs] / q[occurs])))", "abs of each term"),
    ("kl_contributions", "return terms", "return terms - p + q", "kl_div"),
    ("kl_contributions", "p[occurs] * np.log", "np.log", "weights missing"),
    ("kelly_growth", "np.mean(np.log(factor)[np.asarray(winners)])",
     "np.mean(factor[np.asarray(winners)]) - 1", "arithmetic growth"),
    ("kelly_growth", "factor = p / q", "factor = (1 / q) / np.sum(1 / q) / q", "bets on the odds"),
]  # fmt: skip

# Mutants that change nothing: both sides are arrays already, of the same length.
ARRAYS_AGAIN = "q, q = (np.asarray(p, dtype=float), np.asarray(q, dtype=float))"
EQUIVALENT_MUTANTS = {
    "cross_entropy": {ARRAYS_AGAIN},
    "kl": {ARRAYS_AGAIN},
    "kl_contributions": {ARRAYS_AGAIN, "terms = np.zeros_like(q)"},
    "kelly_growth": {ARRAYS_AGAIN},
}
