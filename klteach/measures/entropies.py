"""Entropy, cross-entropy and perplexity of discrete distributions.

Each measure begins with the formula of the textbook. Where the result comes out small, large parts
of that sum have cancelled and took digits with them; those rows are computed again with a form in
which nothing cancels, at the end of the file.
"""

import numpy as np

from klteach.measures.blocks import sums_in_blocks
from klteach.measures.distributions import Distributions
from klteach.measures.terms import SMALL


@np.errstate(under="ignore")
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
    total, result = distributions.sums(lambda p, total: (np.vecdot(p, surprise(p, p)),))
    result = result / total + np.log(total)  # the entropy of p/Σp: Σp may be off by rounding
    small = result < SMALL
    if small.any():
        (rows,) = distributions.rows_where(small)
        result[small] = concentrated_cross_entropy(rows, rows)
    return distributions.one_per_row(result)


@np.errstate(under="ignore")
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
    total_p, total_q, result = distributions.sums(
        lambda p, q, total_p, total_q: (np.vecdot(p, surprise(p, q)),)
    )
    result = result / total_p + np.log(total_q)  # of p/Σp and q/Σq: sums may be off by rounding
    small = result < SMALL
    if small.any():
        result[small] = concentrated_cross_entropy(*distributions.rows_where(small))
    return distributions.one_per_row(result)


@np.errstate(under="ignore")
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


def surprise(p, q):
    """-log q; where p = 0 something finite, so that -p log q is 0 there."""
    if q.min() == 0:
        q = q + (p == 0)
    with np.errstate(divide="ignore"):
        return -np.log(q)


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
