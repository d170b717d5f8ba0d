"""Answers to the questions of unit 13: right in other words, and wrong."""

import math

import numpy as np
from scipy import optimize, special, stats


def bisection():
    low, high = 0.1, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        too_low = np.sqrt(middle / 2) < np.sqrt(1 - np.exp(-middle))
        low, high = (middle, high) if too_low else (low, middle)
    return low


def newton():
    return optimize.newton(lambda x: x / 2 - 1 + np.exp(-x), 2.0)


def counted(p, q, total_error):
    kl = min(stats.entropy([p, 1 - p], [q, 1 - q]), stats.entropy([q, 1 - q], [p, 1 - p]))
    n = 0
    while 0.5 * math.exp(-n * kl) > total_error:
        n += 1
    return n


def written_out(p, q, total_error):
    forward = p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
    reverse = q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))
    return np.ceil(-np.log(2 * total_error) / min(forward, reverse))


def of_both(p, q, total_error):
    kls = special.rel_entr([[p, 1 - p], [q, 1 - q]], [[q, 1 - q], [p, 1 - p]]).sum(axis=1)
    return int(np.ceil(np.log(0.5 / total_error) / kls).max())


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "pinsker": {
        "root of the half": lambda kl: math.sqrt(0.5 * kl),
        "power": lambda kl: (kl / 2) ** 0.5,
        "half of the other bound": lambda kl: 0.5 * np.sqrt(2 * kl),
        "array": lambda kl: np.array(np.sqrt(np.array(kl) / 2)),
    },
    "bretagnolle_huber": {
        "expm1": lambda kl: math.sqrt(-math.expm1(-kl)),
        "from the overlap": lambda kl: np.sqrt(1 - np.exp(-kl / 2) ** 2),
        "power": lambda kl: (1 - math.e**-kl) ** 0.5,
    },
    "crossing": {
        "bisection": bisection,
        "newton": newton,
        "lambert w": lambda: (2 + special.lambertw(-2 * np.exp(-2))).real,
        "root of the difference": lambda: optimize.brentq(
            lambda x: math.sqrt(x / 2) - math.sqrt(-math.expm1(-x)), 1, 2
        ),
        "other ends": lambda: optimize.brentq(lambda x: x / 2 - 1 + np.exp(-x), 0.5, 2.5),
        "root_scalar": lambda: (
            optimize.root_scalar(lambda x: x / 2 - 1 + np.exp(-x), bracket=(1, 2)).root
        ),
    },
    "flips_needed": {
        "counted one by one": counted,
        "both written out": written_out,
        "the larger of both numbers": of_both,
        "python int": lambda p, q, e: int(of_both(p, q, e)),
        "numpy float": lambda p, q, e: np.float64(of_both(p, q, e)),
    },
}

SINGLE_PRECISION = {
    "pinsker": lambda kl: np.sqrt(kl / np.float32(2)),
    "bretagnolle_huber": lambda kl: np.sqrt(1 - np.exp(-kl)),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("pinsker", "np.sqrt(kl / 2)", "np.sqrt(2 * kl)", "L1"),
    ("pinsker", "np.sqrt(kl / 2)", "kl / 2", "root missing"),
    ("pinsker", "np.sqrt(kl / 2)", "np.sqrt(kl)", "half missing"),
    ("pinsker", "np.sqrt(kl / 2)", "np.sqrt(kl) / 2", "half outside the root"),
    ("pinsker", "np.sqrt(kl / 2)", "np.sqrt(kl / np.log(2) / 2)", "bits"),
    ("pinsker", "np.sqrt(kl / 2)", "np.sqrt(kl * np.log(2) / 2)", "nats taken for bits"),
    ("pinsker", "np.sqrt(kl / 2)", "min(1, np.sqrt(kl / 2))", "cut off at 1"),
    ("pinsker", "np.sqrt(kl / 2)", "np.sqrt(1 - np.exp(-kl))", "bretagnolle-huber"),
    ("bretagnolle_huber", "1 - np.exp(-kl)", "np.exp(-kl)", "1 minus missing"),
    ("bretagnolle_huber", "np.sqrt(1 - np.exp(-kl))", "1 - np.exp(-kl)", "root missing"),
    ("bretagnolle_huber", "np.sqrt(1 - np.exp(-kl))", "1 - 0.5 * np.exp(-kl)", "weaker form"),
    ("bretagnolle_huber", "np.exp(-kl)", "2.0**-kl", "bits"),
    ("bretagnolle_huber", "np.exp(-kl)", "np.exp(-kl / 2)", "half of KL in the exponent"),
    ("bretagnolle_huber", "1 - np.exp(-kl)", "kl / 2", "pinsker"),
    ("crossing", "1, 2)", "0, 1)", "the trivial crossing"),
    ("crossing", "kl / 2 - (1 - np.exp(-kl))", "kl / 2 - 1", "where pinsker becomes vacuous"),
    ("crossing", "(1 - np.exp(-kl)), 1", "np.sqrt(1 - np.exp(-kl)), 1", "no crossing"),
    ("crossing", "1, 2)", "1, 2) / np.log(2)", "bits"),
    (
        "crossing",
        "return brentq(lambda kl: kl / 2 - (1 - np.exp(-kl)), 1, 2)",
        "return np.sqrt(brentq(lambda kl: kl / 2 - (1 - np.exp(-kl)), 1, 2) / 2)",
        "the total variation",
    ),
    (
        "crossing",
        "return brentq(lambda kl: kl / 2 - (1 - np.exp(-kl)), 1, 2)",
        "return 1.594",
        "not exact",
    ),
    (
        "flips_needed",
        "min(kl(heads_p, heads_q), kl(heads_q, heads_p))",
        "kl(heads_p, heads_q)",
        "one direction only",
    ),
    (
        "flips_needed",
        "min(kl(heads_p, heads_q), kl(heads_q, heads_p))",
        "kl(heads_q, heads_p)",
        "the other direction only",
    ),
    ("flips_needed", "min(", "max(", "weaker direction"),
    ("flips_needed", "2 * total_error", "total_error", "one half forgotten"),
    ("flips_needed", "2 * total_error", "total_error / 2", "one half the wrong way"),
    ("flips_needed", "ceil(", "floor(", "rounded down"),
    (
        "flips_needed",
        "int(np.ceil(np.log(1 / (2 * total_error)) / smaller))",
        "np.log(1 / (2 * total_error)) / smaller",
        "not rounded",
    ),
    ("flips_needed", "np.log(1 / (2 *", "np.log2(1 / (2 *", "logarithm of the error in bits"),
    (
        "flips_needed",
        "np.log(p / q) + (1 - p) * np.log(",
        "np.log2(p / q) + (1 - p) * np.log2(",
        "bits",
    ),
    ("flips_needed", "np.log(1 / (2 * total_error))", "np.log(2 * total_error)", "sign"),
]

# Mutants that change nothing: 1 to 3 holds the same root as 1 to 2.
EQUIVALENT_MUTANTS = {"crossing": {", 1, 3)"}}
