"""What one measure says about another: bounds that hold for every pair of distributions.

`total_variation` is meant throughout as a number from 0 to 1, half the sum of |p - q|.
"""

import numpy as np

from klteach.measures.parameters import plain, read, require_between, require_one_shape

DIVERGENCE = "a divergence is never negative, so mend the sum that it comes from"
TOTAL_VARIATION = "total variation is half the sum of |p - q|"
LOG_TWO = np.log(2.0)


@np.errstate(under="ignore")
def pinsker(kl):
    """Pinsker's bound: the total variation is at most this, if the divergence is kl.

    Formula: TV(p, q) <= sqrt(KL(p‖q) / 2). It is not cut off at 1: from KL = 2 on it says nothing,
             which a 1 would hide. Above KL = 1.5936 `bretagnolle_huber` is tighter.
    Shapes:  a number gives a float, an array an array.
    Units:   nats in; the total variation is from 0 to 1, half the sum of |p - q|.
    Errors:  ValueError if kl is negative or NaN; infinity gives infinity.
    Source:  I. Csiszar, "Information-type measures of difference of probability distributions and
             indirect observations" (1967), which has the best constant.

    >>> round(pinsker(1.101868), 4)
    0.7422
    """
    (kl,) = read(kl=kl)
    require_between(0, np.inf, DIVERGENCE, kl=kl)
    return plain(np.sqrt(kl / 2))


@np.errstate(under="ignore")
def bretagnolle_huber(kl):
    """The Bretagnolle-Huber bound: the total variation is at most this, if the divergence is kl.

    Formula: TV(p, q) <= sqrt(1 - exp(-KL(p‖q))), which is below 1 for every finite divergence;
             from 37 nats on it is rounded to 1. Below KL = 1.5936 `pinsker` is tighter.
    Shapes:  a number gives a float, an array an array.
    Units:   nats in; the total variation is from 0 to 1, half the sum of |p - q|.
    Errors:  ValueError if kl is negative or NaN; infinity gives 1.
    Source:  J. Bretagnolle and C. Huber, "Estimation des densites: risque minimax" (1979).

    >>> round(bretagnolle_huber(1.101868), 4)
    0.8172
    """
    (kl,) = read(kl=kl)
    require_between(0, np.inf, DIVERGENCE, kl=kl)
    return plain(np.sqrt(-np.expm1(-kl)))


@np.errstate(under="ignore")
def reverse_pinsker(total_variation, smallest_q):
    """The divergence is at most this, if no outcome is rarer than smallest_q under the model.

    Formula: KL(p‖q) <= log(1 + 2 TV² / smallest_q), where smallest_q = min q. It is attained by
             two outcomes with q = (1/2, 1/2) and p = (1, 0). Without such a floor under q there is
             no bound: smallest_q = 0 gives inf.
    Shapes:  two numbers give a float; arrays of one shape, or an array and a number, an array.
    Units:   nats out; the total variation is from 0 to 1, half the sum of |p - q|.
    Errors:  ValueError if an argument is outside 0 to 1, or for two different shapes.
    Source:  I. Sason and S. Verdu, "Upper bounds on the relative entropy and Renyi divergence as
             a function of total variation distance for finite alphabets" (2015).

    >>> round(reverse_pinsker(0.6, 0.1), 4)
    2.1041
    """
    total_variation, smallest_q = read(total_variation=total_variation, smallest_q=smallest_q)
    require_one_shape(total_variation=total_variation, smallest_q=smallest_q)
    require_between(0, 1, TOTAL_VARIATION, total_variation=total_variation)
    require_between(0, 1, "it is the smallest probability of the model", smallest_q=smallest_q)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        bound = np.log1p(2 * total_variation * (total_variation / smallest_q))
    return plain(np.where(total_variation == 0, 0.0, bound))


@np.errstate(under="ignore")
def js_upper_bound(total_variation):
    """The Jensen-Shannon divergence is at most this, if the total variation is given.

    Formula: JS(p, q) <= log 2 * TV(p, q), with equality where p and q share no outcome, and where
             they are equal.
    Shapes:  a number gives a float, an array an array.
    Units:   nats out; the total variation is from 0 to 1, half the sum of |p - q|.
    Errors:  ValueError if total_variation is outside 0 to 1.
    Source:  J. Lin, "Divergence measures based on the Shannon entropy" (1991).

    >>> round(js_upper_bound(0.6), 4)
    0.4159
    """
    (total_variation,) = read(total_variation=total_variation)
    require_between(0, 1, TOTAL_VARIATION, total_variation=total_variation)
    return plain(LOG_TWO * total_variation)


@np.errstate(under="ignore")
def total_variation_bounds(hellinger):
    """The total variation is at least and at most this, if the Hellinger distance is given.

    Formula: H² <= TV <= H sqrt(2 - H²), where H² = 1 - Σ sqrt(p q), so that H is from 0 to 1.
    Shapes:  a number gives a pair of floats (lower, upper), an array a pair of arrays.
    Units:   none; both distances are from 0 to 1.
    Errors:  ValueError if hellinger is outside 0 to 1.
    Source:  A. B. Tsybakov, "Introduction to Nonparametric Estimation" (2009), lemma 2.3, whose
             H² is twice this one.

    >>> [round(bound, 4) for bound in total_variation_bounds(0.5)]
    [0.25, 0.6614]
    """
    (hellinger,) = read(hellinger=hellinger)
    require_between(0, 1, "this is the Hellinger distance with the factor 1/2", hellinger=hellinger)
    squared = hellinger**2
    return plain(squared), plain(hellinger * np.sqrt(2 - squared))
