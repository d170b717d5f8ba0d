"""Entropy, cross-entropy and Kullback-Leibler divergence of discrete distributions.

Each measure begins with the formula of the textbook. Where the result comes out small, large parts
of that sum have cancelled and took digits with them; those rows are computed again with a form in
which nothing cancels. The forms stand at the end of the file, each with the reason for it.
"""

import numpy as np

from klteach.measures.blocks import sums_in_blocks
from klteach.measures.validation import (
    Distributions,
    last_axis,
    numbers,
    require_non_negative,
    require_outcomes,
    row,
)

# The textbook sums are right to a few 1e-16 in absolute terms, so above this value (in nats) they
# keep at least 13 digits.
SMALL = 0.01
SMALLEST = np.finfo(np.float64).smallest_subnormal


def entropy(p, *, axis=-1):
    """Entropy of p: the average surprise of somebody who knows p.

    Formula: H(p) = -Σ p log p, with 0 log 0 = 0; exactly 0 for a point mass.
    Shapes:  (..., k) gives (...,); one distribution gives a float. `axis` runs over the outcomes.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if p is not a distribution, with the place and the remedy.
    Source:  C. E. Shannon, "A mathematical theory of communication" (1948), section 6.

    >>> round(entropy([0.7, 0.2, 0.1]), 6)
    0.801819
    """
    distributions = Distributions(axis, p=p)
    total, result = distributions.sums(lambda p: np.vecdot(p, surprise(p, p)))
    result = result / total + np.log(total)  # the entropy of p/Σp: Σp may be off by rounding
    small = result < SMALL
    if small.any():
        (rows,) = distributions.rows_where(small)
        result[small] = concentrated_cross_entropy(rows, rows)
    return distributions.one_per_row(result)


def cross_entropy(p, q, *, axis=-1):
    """Cross-entropy: the average surprise of somebody who believes q while p is true.

    Formula: H(p, q) = -Σ p log q = H(p) + KL(p‖q); inf where q = 0 < p.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  T. M. Cover and J. A. Thomas, "Elements of Information Theory" (2006), theorem 5.4.3.

    >>> round(cross_entropy([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    1.903687
    """
    distributions = Distributions(axis, p=p, q=q)
    total_p, total_q, result = distributions.sums(lambda p, q: np.vecdot(p, surprise(p, q)))
    result = result / total_p + np.log(total_q)  # of p/Σp and q/Σq: sums may be off by rounding
    small = result < SMALL
    if small.any():
        result[small] = concentrated_cross_entropy(*distributions.rows_where(small))
    return distributions.one_per_row(result)


def kl_divergence(p, q, *, axis=-1):
    """Kullback-Leibler divergence: what it costs on average to believe q while p is true.

    Formula: KL(p‖q) = Σ p log(p/q), with 0 log 0 = 0; inf where q = 0 < p. Never negative, and
             exactly 0 for p = q, because near p = q it is summed as the terms of `kl_terms`.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  S. Kullback and R. A. Leibler, "On information and sufficiency" (1951).

    >>> round(kl_divergence([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    1.101868
    """
    distributions = Distributions(axis, p=p, q=q)
    total_p, total_q, result = distributions.sums(lambda p, q: np.vecdot(p, log_ratio(p, q)))
    result = result / total_p - np.log(total_p / total_q)  # KL of p/Σp and q/Σq
    small = result < SMALL
    if small.any():
        result[small] = divergence_near_equality(*distributions.rows_where(small))
    return distributions.one_per_row(result)


def kl_terms(p, q, *, axis=-1):
    """The divergence, outcome by outcome, in terms that are never negative and sum to KL(p‖q).

    Formula: p log(p/q) - p + q = q ((1+t) log(1+t) - t) with t = (p-q)/q; 0 where p = q, q where
             p = 0, inf where q = 0 < p. The added -p + q sums to 0 over all outcomes, and
             without it the terms p log(p/q) have both signs.
    Shapes:  (..., k) twice gives (..., k); one side may be a single distribution of shape (k,).
             `axis` runs over the outcomes.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  I. Csiszar, "Why least squares and maximum entropy?" (1991).

    >>> kl_terms([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]).round(4)
    array([0.7621, 0.0189, 0.3208])
    """
    distributions = Distributions(axis, p=p, q=q)
    total_p, total_q, gap = distributions.sums(lambda p, q: (p - q).sum(axis=-1))
    excess = (gap / total_q)[:, np.newaxis]
    terms = non_negative_terms(*distributions.rows, excess) / total_p[:, np.newaxis]
    return distributions.one_per_outcome(terms)


def perplexity(p, q=None, *, axis=-1):
    """Perplexity: how many equally likely outcomes would surprise as much.

    Formula: exp H(p) of a distribution, or exp H(p, q) of the model q on the truth p. The second
             is exp KL(p‖q) times the first.
    Shapes:  (..., k) gives (...,); one distribution gives a float. `axis` runs over the outcomes.
    Units:   outcomes, whatever the base of the logarithm.
    Errors:  as for entropy and cross_entropy. inf where q = 0 < p; a value above 1.8e308 is inf
             too, with NumPy's overflow warning.
    Source:  F. Jelinek and others, "Perplexity: a measure of the difficulty of speech recognition
             tasks" (1977).

    >>> round(perplexity([0.25, 0.25, 0.25, 0.25]), 6)
    4.0
    """
    nats = entropy(p, axis=axis) if q is None else cross_entropy(p, q, axis=axis)
    result = np.exp(nats)
    return float(result) if np.ndim(result) == 0 else result


def normalize(counts, *, axis=-1):
    """Turn counts or weights into probabilities.

    Formula: counts / Σ counts.
    Shapes:  (..., k) gives a float64 array of the same shape; each distribution along `axis` is
             divided by its own total.
    Units:   none: counts in, probabilities out.
    Errors:  ValueError if a count is negative, NaN or infinite, or if a total is 0.
    Source:  the relative frequency; T. M. Cover and J. A. Thomas, "Elements of Information
             Theory" (2006), section 11.1.

    >>> normalize([7, 2, 1])
    array([0.7, 0.2, 0.1])
    """
    given = numbers("counts", counts).astype(np.float64)
    require_outcomes("counts", given)
    values = last_axis("counts", given, axis)
    require_non_negative("counts", given)
    with np.errstate(over="ignore"):
        totals = values.sum(axis=-1, keepdims=True)
    if np.isinf(totals).any():
        # Two finite counts can have an infinite total. A power of two changes no digit.
        values = np.where(np.isinf(totals), values * 2.0**-64, values)
        totals = values.sum(axis=-1, keepdims=True)
    empty = totals[..., 0] == 0
    if empty.any():
        raise ValueError(
            f"the total of {row('counts', axis % given.ndim, empty)} is 0, so there is nothing to "
            "share out: leave it out, or add a constant to every count if that is what you mean."
        )
    return np.moveaxis(values / totals, -1, axis)


def surprise(p, q):
    """-log q; where p = 0 something finite, so that -p log q is 0 there."""
    if q.min() == 0:
        q = q + (p == 0)
    with np.errstate(divide="ignore"):
        return -np.log(q)


def log_ratio(p, q):
    """log(p/q); where p = 0 something finite, so that p log(p/q) is 0 there."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio = np.fmax(p / q, SMALLEST)  # fmax, since 0/0 is NaN; p > 0 is never below SMALLEST
        result = np.log(ratio)
        if result.max() == np.inf:
            # q is 0, or so small that the ratio is above 1.8e308: take the logarithms apart.
            result = np.where(np.isinf(ratio), np.log(p) - np.log(q), result)
    return result


def divergence_near_equality(p, q):
    """KL(p‖q) of each row, as a sum of terms none of which is negative."""
    total_p, total_q, gap = sums_in_blocks(
        lambda p, q: (p.sum(axis=-1), q.sum(axis=-1), (p - q).sum(axis=-1)), p, q
    )
    # Not total_p - total_q: the differences p - q are exact near p = q, the totals are rounded.
    excess = np.broadcast_to((gap / total_q)[:, np.newaxis], p.shape)
    (result,) = sums_in_blocks(
        lambda p, q, excess: (non_negative_terms(p, q, excess).sum(axis=-1),), p, q, excess
    )
    return result / total_p


def non_negative_terms(p, q, excess):
    """p log(p/q) - p + q, never negative, with q enlarged by (1 + excess) to the total of p.

    Near p = q the parts of this sum cancel: the result is about (p - q)²/2q. With d = p - q,
    m = p + q and s = d/m we have p/q = (1+s)/(1-s), and the series of that logarithm gives

        p log(p/q) - p + q = d s (1 + s (1+s) (1/3 + s²/5 + s⁴/7 + ...)),

    a square times a factor near 1: accurate, and 0 where p = q. For |s| <= 1/32 four terms of the
    series are right to 3e-15; beyond it the plain sum loses no more than two digits.
    """
    excess = excess[:, :1]
    correction = excess * q
    difference = (p - q) - correction
    middle = (p + q) + correction
    s = difference / np.maximum(middle, SMALLEST)
    square = s * s
    series = 1 / 3 + square * (1 / 5 + square * (1 / 7 + square * (1 / 9)))
    terms = difference * s * (1 + s * (1 + s) * series)
    far = np.abs(s) > 1 / 32
    if far.any():
        plain = p * (log_ratio(p, q) - np.log1p(excess)) - difference
        terms = np.where(far, plain, terms)
    return terms


def concentrated_cross_entropy(p, q):
    """Cross-entropy of each row, for rows where q is nearly a point mass.

    The likely outcome then adds -log(1 - r) ≈ r, where r is what q leaves to all the others. Read
    from the stored 1 - r, a small r has few digits or none; added up from the others, it has all.
    """
    likely = q.argmax(axis=-1)[:, np.newaxis]
    likely_p, likely_q = (np.take_along_axis(array, likely, axis=-1)[:, 0] for array in (p, q))
    p, q = p.copy(), q.copy()
    np.put_along_axis(p, likely, 0.0, axis=-1)
    np.put_along_axis(q, likely, 0.0, axis=-1)
    others_p, others_q, result = sums_in_blocks(
        lambda p, q: (p.sum(axis=-1), q.sum(axis=-1), np.vecdot(p, surprise(p, q))), p, q
    )
    total_q = likely_q + others_q
    result = result + others_p * np.log(total_q) - likely_p * np.log1p(-others_q / total_q)
    return result / (likely_p + others_p)
