"""How fast two hypotheses can be told apart, as the number of observations grows."""

import numpy as np
from numpy.typing import ArrayLike

from klteach.inference.reading import FloatOrArray
from klteach.measures.distributions import Distributions, balanced

GOLDEN = (5**0.5 - 1) / 2
# Each round keeps this share of an interval of weights; the error of the maximum is the square of
# what is left, 1e-10, times a curvature.
ROUNDS = 50


@np.errstate(under="ignore")
def chernoff_information(p: ArrayLike, q: ArrayLike, *, axis: int = -1) -> FloatOrArray:
    """Chernoff information: the rate at which the best test of p against q stops making errors.

    Formula: C(p, q) = max over 0 <= λ <= 1 of -log Σ p^λ q^(1-λ), over the outcomes that both
             allow. With n observations, the best test errs with a probability of exp(-n C) to
             first order, whichever is true. Symmetric; 0 only for p = q, inf where p and q share no
             outcome. λ = 1/2 alone gives a lower bound, the Bhattacharyya distance.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   nats for each observation; use to_bits for bits.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  H. Chernoff, "A measure of asymptotic efficiency for tests of a hypothesis based on
             the sum of observations" (1952).

    >>> round(chernoff_information([0.8, 0.2], [0.5, 0.5]), 6)
    0.052753
    """
    distributions = Distributions(axis, p=p, q=q)
    total, excess = (sums[:, np.newaxis] for sums in distributions.excess())
    rows_p, rows_q = distributions.rows
    rows_p, rows_q, difference = balanced(rows_p, rows_q, excess)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        separation = _separation(rows_p, rows_q, difference, total)
        low, high = np.zeros_like(total), np.ones_like(total)
        best = np.maximum(separation(low), separation(high))
        for _ in range(ROUNDS):  # the separation is concave in the weight: golden section
            reach = GOLDEN * (high - low)
            left, right = high - reach, low + reach
            at_left, at_right = separation(left), separation(right)
            best = np.maximum(best, np.maximum(at_left, at_right))
            rises = at_left < at_right
            low, high = np.where(rises, left, low), np.where(rises, high, right)
    return distributions.one_per_row(best[:, 0])


def _separation(p, q, difference, total):
    """The function λ -> -log Σ p^λ q^(1-λ) of each row, for weights λ of shape (rows, 1)."""
    smaller, larger = np.minimum(p, q), np.maximum(p, q)
    # t = smaller/larger - 1, exact near p = q, and the logarithm of that ratio
    t = np.where(larger > 0, -np.abs(difference) / larger, 0.0)
    logarithm = np.where(t > -0.5, np.log1p(t), np.log(smaller) - np.log(larger))
    near = np.abs(t) <= 0.01
    absent = smaller == 0

    def separation(weight):
        power = np.where(p < q, weight, 1 - weight)  # of the smaller one
        exponent = np.where(absent, -np.inf, power * np.where(absent, 0.0, logarithm))
        # λp + (1-λ)q - p^λ q^(1-λ) is never negative, and sums to what is missing to 1. Near
        # p = q its parts cancel, and the binomial series of (1+t)^λ takes their place.
        missing = larger * np.where(near, _series(power, t), power * t - np.expm1(exponent))
        share = missing.sum(axis=-1, keepdims=True) / total
        logs = np.log(larger) + exponent
        top = np.maximum(logs.max(axis=-1, keepdims=True), -1e308)  # all may be -inf
        overlap = top + np.log(np.exp(logs - top).sum(axis=-1, keepdims=True)) - np.log(total)
        return np.where(share < 0.5, -np.log1p(-share), -overlap)

    return separation


def _series(power, t):
    """1 + λt - (1+t)^λ for |t| <= 1/100, to all digits."""
    series = np.ones_like(t)
    for k in range(9, 1, -1):
        series = 1 + (power - k) / (k + 1) * t * series
    return power * (1 - power) / 2 * t * t * series
