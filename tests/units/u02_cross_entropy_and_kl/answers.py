"""Answers to the questions of unit 02: right, right in other words, and wrong."""

import numpy as np
from scipy import special, stats


def softmax_cross_entropy(p, q):
    with np.errstate(divide="ignore"):
        logits = np.log(q) + 3.0
    log_q = logits - special.logsumexp(logits)
    return -np.sum(p[p > 0] * log_q[p > 0])


def as_list(function):
    return lambda *arguments: list(map(float, function(*arguments)))

RIGHT = {
    "cross_entropy": """
def cross_entropy(p, q):
    used = p > 0
    return -np.sum(p[used] * np.log(q[used]))
""",
    "kl": """
def kl(p, q):
    used = p > 0
    return np.sum(p[used] * np.log(p[used] / q[used]))
""",
    "kl_contributions": """
def kl_contributions(p, q):
    used = p > 0
    terms = np.zeros(len(p))
    terms[used] = p[used] * np.log(p[used] / q[used])
    return terms
""",
    "kelly_growth": """
def kelly_growth(p, q, winners):
    return np.mean(np.log(p / q)[winners])
""",
}

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
        "cross-entropy minus entropy": lambda p, q: -special.xlogy(p, q).sum()
        - special.entr(p).sum(),
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
        "counted": lambda p, q, winners: np.bincount(winners, minlength=len(p))
        @ np.log(p / q)
        / len(winners),
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
    ("cross_entropy", "np.log(q[used])", "np.log(p[used])", "entropy of p"),
    ("cross_entropy", "p[used] * np.log(q[used])", "q * np.log(p)", "swapped"),
    ("kl", "p[used] *", "q[used] *", "expectation under q"),
    ("kl", "p[used] * np.log", "np.log", "weights missing"),
    ("kl", "p[used] / q[used]", "q[used] / p[used]", "sign"),
    ("kl", "np.log(", "np.log2(", "bits"),
    ("kl", "np.log(", "np.log10(", "log10"),
    ("kl", "/ q[used]", "/ (q[used] + 1e-10)", "small number added"),
    ("kl", "p > 0", "(p > 0) & (q > 0)", "outcomes removed"),
    ("kl", "np.sum(", "np.sum(np.abs(", "abs of each term"),
    ("kl", "np.sum(", "np.abs(np.sum(", "abs of the sum"),
    ("kl_contributions", "return terms", "return terms - p + q", "kl_div"),
    ("kl_contributions", "p[used] *", "1 *", "weights missing"),
    ("kelly_growth", "np.mean(np.log(p / q)[winners])", "np.mean((p / q)[winners]) - 1",
     "arithmetic growth"),
    ("kelly_growth", "(p / q)", "(1 / q / np.sum(1 / q) / q)", "bets on the odds"),
]

# Mutants that change nothing: the length of p is the length of q.
EQUIVALENT_MUTANTS = {"kl_contributions": {"terms = np.zeros(len(q))"}}
