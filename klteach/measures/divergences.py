"""Divergences and distances between discrete distributions.

A divergence adds up one term per outcome. In the form of the textbook these terms cancel where p
is near q, and with them the digits of the result; `terms` writes them so that nothing cancels, and
each measure here is a few lines on top of that.
"""

import numpy as np

from klteach.measures import textbook
from klteach.measures.distributions import Distributions, balanced
from klteach.measures.kl_sums import kl_sums
from klteach.measures.terms import (
    chi_square_term,
    kl_term,
    squared_hellinger_term,
    total_variation_term,
)

LOG_2 = np.log(2.0)


@np.errstate(under="ignore")
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
    quick = textbook.KL.of_plain(p, q, axis)  # the same without the machinery
    if quick is not None:
        return quick
    distributions = Distributions(axis, p=p, q=q)
    total_p, total_q, gap, result = distributions.sums(kl_sums)
    # The totals may be off by rounding. Then the terms of p and q add up to the divergence between
    # p/Σp and q/Σq and one more term, between the totals.
    between_totals = kl_term(total_p, total_q, gap)
    if (between_totals > 0.9 * result).any():
        # p is so nearly a multiple of q that this difference would have no digits left.
        return distributions.one_per_row(distributions.sum_of_terms(kl_term))
    return distributions.one_per_row((result - between_totals) / total_p)


@np.errstate(under="ignore")
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
    total_p, excess = (sums[:, np.newaxis] for sums in distributions.excess())
    rows_p, rows_q = distributions.rows
    terms = kl_term(*balanced(rows_p, rows_q, excess)) / total_p
    return distributions.one_per_outcome(terms)


@np.errstate(under="ignore")
def jeffreys_divergence(p, q, *, axis=-1):
    """Jeffreys divergence: the cost of believing q when p is true, plus that of the reverse.

    Formula: J(p, q) = KL(p‖q) + KL(q‖p) = Σ (p - q) log(p/q); inf where just one of the two is 0.
             Symmetric, 0 only for p = q. Half of it is not the Jensen-Shannon divergence.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  H. Jeffreys, "An invariant form for the prior probability in estimation problems"
             (1946).

    >>> round(jeffreys_divergence([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    2.103972
    """
    return quickest(textbook.JEFFREYS, p, q, axis)


@np.errstate(under="ignore")
def js_divergence(p, q, *, axis=-1):
    """Jensen-Shannon divergence: the average divergence of p and of q from their middle.

    Formula: JS(p, q) = KL(p‖m)/2 + KL(q‖m)/2 with m = (p+q)/2; symmetric, at most log 2, which it
             reaches where p and q share no outcome. Its square root is a distance: js_distance.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   nats; use to_bits for bits, in which the largest value is 1.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  J. Lin, "Divergence measures based on the Shannon entropy" (1991).

    >>> round(js_divergence([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    0.230645
    """
    return quickest(textbook.JENSEN_SHANNON, p, q, axis, largest=LOG_2)


@np.errstate(under="ignore")
def js_distance(p, q, *, axis=-1):
    """Jensen-Shannon distance: the square root of js_divergence, which is a metric.

    Formula: √JS(p, q): symmetric, 0 only for p = q, never longer than a detour over a third
             distribution. Several libraries return it under the name of the divergence.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   square root of nats; at most √log 2 = 0.832555.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  D. M. Endres and J. E. Schindelin, "A new metric for probability distributions"
             (2003).

    >>> round(js_distance([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    0.480256
    """
    result = np.minimum(np.sqrt(js_divergence(p, q, axis=axis)), np.sqrt(LOG_2))
    return float(result) if np.ndim(result) == 0 else result


@np.errstate(under="ignore")
def total_variation(p, q, *, axis=-1):
    """Total variation: the most by which p and q can disagree about the chance of an event.

    Formula: TV(p, q) = Σ |p - q| / 2 = max over events A of p(A) - q(A). A metric between 0 and 1;
             not the sum of |p - q|, which is twice as large, nor the largest single |p - q|.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   a probability.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  A. B. Tsybakov, "Introduction to Nonparametric Estimation" (2009), section 2.4.

    >>> round(total_variation([0.4, 0.3, 0.2, 0.1], [0.1, 0.15, 0.25, 0.5]), 6)
    0.45
    """
    return sum_over_outcomes(total_variation_term, p, q, axis, largest=1.0)


@np.errstate(under="ignore")
def hellinger_distance(p, q, *, axis=-1):
    """Hellinger distance: how far apart the square roots of p and q are, on a scale from 0 to 1.

    Formula: h(p, q) = √(Σ (√p - √q)² / 2) = √(1 - Σ √(pq)). A metric; 1 where p and q share no
             outcome. The squared Hellinger divergence Σ (√p - √q)² = 2 h² leaves out the half.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   none.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape.
    Source:  A. B. Tsybakov, "Introduction to Nonparametric Estimation" (2009), section 2.4,
             without the half.

    >>> round(hellinger_distance([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    0.495507
    """

    def finish(result):
        return np.sqrt(result) * np.sqrt(0.5)  # half of the smallest number there is would be 0

    return sum_over_outcomes(squared_hellinger_term, p, q, axis, finish=finish, largest=1.0)


@np.errstate(under="ignore")
def chi_square_divergence(p, q, *, axis=-1):
    """Chi-square divergence of Pearson: squared differences, relative to what q expects.

    Formula: χ²(p‖q) = Σ (p - q)² / q = Σ p²/q - 1; inf where q = 0 < p. Not symmetric. With n
             observations, n χ² of the observed shares is Pearson's test statistic.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the outcomes.
    Units:   none; not nats, though near p = q it is twice the KL divergence.
    Errors:  ValueError if p or q is not a distribution, or if they do not match in shape. A value
             above 1.8e308 is inf, with NumPy's overflow warning.
    Source:  K. Pearson, "On the criterion that a given system of deviations ..." (1900).

    >>> round(chi_square_divergence([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    4.05
    """
    return sum_over_outcomes(chi_square_term, p, q, axis)


@np.errstate(under="ignore")
def population_stability_index(p, q, *, axis=-1):
    """Population stability index (PSI) of binned data: the Jeffreys divergence of the bins.

    Formula: PSI = Σ (p - q) log(p/q) = KL(p‖q) + KL(q‖p) over the shares of the same bins; inf
             where a bin is empty on one side only. It is not KL on bins: near p = q it is twice
             as large.
    Shapes:  (..., k) twice gives (...,); one side may be a single distribution of shape (k,).
             Two single distributions give a float. `axis` runs over the bins.
    Units:   nats, which the customary limits 0.1 and 0.25 take for granted.
    Errors:  ValueError if p or q is not a distribution, above all if they are percentages, or if
             they do not match in shape.
    Source:  B. Yurdakul and J. Naranjo, "Statistical properties of the population stability
             index" (2020).

    >>> round(population_stability_index([0.7, 0.2, 0.1], [0.6, 0.3, 0.1]), 6)
    0.055962
    """
    return jeffreys_divergence(p, q, axis=axis)


def quickest(divergence, p, q, axis, largest=np.inf):
    """A divergence of `textbook`, row by row, kept by force from rounding above `largest`."""
    quick = divergence.of_plain(p, q, axis)
    if quick is not None:
        return min(quick, largest)
    distributions = Distributions(axis, p=p, q=q)
    return distributions.one_per_row(np.minimum(divergence.of_rows(distributions), largest))


def sum_over_outcomes(term, p, q, axis, finish=np.asarray, largest=np.inf):
    """finish(Σ term) of each pair of distributions, kept by force from rounding above `largest`."""
    distributions = Distributions(axis, p=p, q=q)
    result = finish(distributions.sum_of_terms(term))
    return distributions.one_per_row(np.minimum(result, largest))
