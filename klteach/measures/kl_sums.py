"""The sum of p log(p/q), by the quickest of three forms that is accurate.

kl_divergence is measured against SciPy in time as well as in digits. So this file, alone, weighs
one against the other; what it computes is the sum of `terms.kl_term` and nothing else.
"""

import numpy as np

from klteach.measures.terms import SMALL, kl_term, log_ratio
from klteach.measures.textbook import kl_sum, likely

# Where 1e-16 times Σ |p - q|, at most √(2 KL), begins to cost more than 13 digits.
SMALLER = 1e-5


def kl_sums(p, q, total_p, total_q):
    """Σ (p - q) and Σ (p log(p/q) - p + q) of each row, as in the textbook where that is right.

    It is not where the result is small, and where p/q is too large for float64. Called by
    Distributions.sums, which keeps NumPy from warning.
    """
    guess = likely(p, q)
    if guess < SMALL:
        return careful_kl_sums(p, q, total_p, guess * total_p)
    gap = total_p - total_q
    (result,) = kl_sum(p, q)
    result -= gap
    right = (result >= SMALL * total_p) & (result < np.inf)
    if not right.all():
        rows = ~right if right.any() else slice(None)
        gap[rows], result[rows] = careful_kl_sums(p[rows], q[rows], total_p[rows], result[rows])
    return gap, result


def careful_kl_sums(p, q, total_p, textbook):
    """The same from the differences p - q, which are exact near p = q.

    With them log(p/q) is so good that rounding errors are 1e-16 times Σ |p - q| and not times Σ p.
    Where that is too much as well, the terms are taken one by one.
    """
    difference = p - q
    gap = np.add.reduce(difference, axis=-1)
    if (textbook < SMALLER * total_p).all():
        return gap, np.add.reduce(kl_term(p, q, difference), axis=-1)
    result = np.vecdot(p, log_ratio(p, q, difference)) - gap
    small = result < SMALLER * total_p
    if small.any():
        terms = kl_term(p[small], q[small], difference[small])
        result[small] = np.add.reduce(terms, axis=-1)
    return gap, result
