"""Families of whole numbers: one coin, one die, counts of rare events."""

import numpy as np

from klteach.measures.divergences import kl_divergence
from klteach.measures.families.logarithms import weighted_gap
from klteach.measures.parameters import (
    plain,
    read,
    require_between,
    require_finite,
    require_one_shape,
)


@np.errstate(under="ignore")
def kl_bernoulli(p, q):
    """Divergence between two coins, or any two yes-or-no questions.

    Formula: KL = p log(p/q) + (1-p) log((1-p)/(1-q)), where p and q are the probabilities of yes;
             inf where q rules out what p allows.
    Shapes:  two numbers give a float; arrays of one shape, or an array and a number, an array.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError for a probability outside 0 to 1, or for two different shapes.
    Source:  T. M. Cover and J. A. Thomas, "Elements of Information Theory" (2006), example 2.3.1.

    >>> round(kl_bernoulli(0.5, 0.9), 6)
    0.510826
    """
    p, q = read(p=p, q=q)
    require_one_shape(p=p, q=q)
    require_between(0, 1, "it is the probability of yes, not a percentage or a count", p=p, q=q)
    # 1-p and 1-q are rounded, but their difference p-q is known.
    return plain(weighted_gap(p, q) + weighted_gap(1 - p, 1 - q, p - q))


@np.errstate(under="ignore")
def kl_categorical(p, q, *, axis=-1):
    """Divergence between two dice: kl_divergence by the name that it has among the families.

    Formula: KL = Σ p log(p/q), where p and q list the probabilities of the sides.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the sides.
    Units:   nats; use to_bits for bits.
    Errors:  as for kl_divergence.
    Source:  S. Kullback and R. A. Leibler, "On information and sufficiency" (1951).

    >>> round(kl_categorical([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    1.101868
    """
    return kl_divergence(p, q, axis=axis)


@np.errstate(under="ignore")
def kl_poisson(rate_p, rate_q):
    """Divergence between two Poisson distributions, the counts of rare events.

    Formula: KL = rate_p log(rate_p/rate_q) - rate_p + rate_q; a rate of 0 means no event ever, so
             the result is rate_q for rate_p = 0 and inf for rate_q = 0 < rate_p.
    Shapes:  two numbers give a float; arrays of one shape, or an array and a number, an array.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError for a rate that is negative or not finite, or for two different shapes.
    Source:  S. Kullback, "Information Theory and Statistics" (1959), chapter 7 on Poisson
             populations.

    >>> round(kl_poisson(3.0, 5.0), 6)
    0.467523
    """
    rate_p, rate_q = read(rate_p=rate_p, rate_q=rate_q)
    require_one_shape(rate_p=rate_p, rate_q=rate_q)
    require_finite(rate_p=rate_p, rate_q=rate_q)
    remedy = "it is a mean count, not its logarithm"
    require_between(0, float("inf"), remedy, rate_p=rate_p, rate_q=rate_q)
    return plain(weighted_gap(rate_p, rate_q))
