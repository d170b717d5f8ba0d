"""The gap between the logarithm and its tangent, of which every closed form here is made.

A divergence in closed form reads like log(a/b) + b/a - 1: parts of both signs, which cancel where
the two distributions are close and leave rounding errors, sometimes below zero. Put together as
r - 1 - log r they are the gap between log r and its tangent at r = 1, which is never negative and
is computed here without cancellation. The families then only add up gaps.
"""

import numpy as np


def tangent_gap(excess, logarithm):
    """r - 1 - log r, from excess = r - 1 and logarithm = log r: never negative, 0 for r = 1.

    Near r = 1 the result is about (r - 1)²/2. With s = (r-1)/(r+1) the logarithm has the series
    2 (s + s³/3 + s⁵/5 + ...), whose first term can be taken off r - 1 = 2s/(1-s) by hand. For
    |s| <= 1/10, six more terms are right to 1e-15; beyond it the plain difference loses one digit.
    """
    with np.errstate(all="ignore"):
        s = excess / (2 + excess)
        square = s * s
        series = 1 / 3 + square * (
            1 / 5 + square * (1 / 7 + square * (1 / 9 + square * (1 / 11 + square / 13)))
        )
        near = 2 * square * (1 / (1 - s) - s * series)
        return np.where(np.abs(s) <= 0.1, near, excess - logarithm)


def log_quotient(a, b):
    """log(a/b) for a, b >= 0, also where a/b itself is beyond the range of float64."""
    with np.errstate(all="ignore"):
        quotient = a / b
        ordinary = (quotient > 1e-300) & (quotient < 1e300)
        return np.where(ordinary, np.log(quotient), np.log(a) - np.log(b))


def quotient_gap(a, b, difference=None):
    """r - 1 - log r for r = a/b.

    `difference` is a - b, for callers who know it better than the rounded a and b can tell.
    """
    difference = a - b if difference is None else difference
    with np.errstate(over="ignore"):
        return tangent_gap(difference / b, log_quotient(a, b))


def product_gap(a, b, c, d, difference=None):
    """r - 1 - log r for r = (a/b)(c/d), where `difference` is c - d if that is known better."""
    difference = c - d if difference is None else difference
    logarithm = log_quotient(a, b) + log_quotient(c, d)
    with np.errstate(over="ignore", invalid="ignore"):
        first, second = (a - b) / b, difference / d
        near = np.maximum(np.abs(first), np.abs(second)) <= 0.5
        # (1 + first) (1 + second) - 1, in which two small excesses keep all their digits.
        excess = np.where(near, first + second + first * second, np.expm1(logarithm))
    return tangent_gap(excess, logarithm)


def weighted_gap(p, q, difference=None):
    """p log(p/q) - p + q, that is p times the gap of q/p: q where p = 0, inf where q = 0 < p.

    `difference` is q - p, for callers who know it better than the rounded p and q can tell.
    """
    difference = q - p if difference is None else difference
    with np.errstate(all="ignore"):
        logarithm = log_quotient(q, p)
        excess = difference / p
        weighted = p * tangent_gap(excess, logarithm)
        # p is 0, or so small beside q that q/p is beyond the range of float64.
        apart = difference - np.where(p > 0, p * logarithm, 0.0)
    return np.where(np.isfinite(excess), weighted, apart)
