"""The terms of the divergences: one number per outcome, never negative, exact near p = q.

Each function takes p, q and their difference p - q, arrays of one shape, and computes what an
outcome adds to a divergence. The textbook form of a term often subtracts numbers that are nearly
equal where p is near q. The forms here are the same terms written so that the difference, which is
known with all its digits, appears as a factor: nothing cancels, and the term is 0 where p = q.
"""

import numpy as np

# The textbook sums are right to a few 1e-16 in absolute terms, so above this value (in nats) they
# keep at least 13 digits.
SMALL = 0.01
SMALLEST = np.finfo(np.float64).smallest_subnormal
ALMOST_MINUS_1 = np.nextafter(-1.0, 0.0)


def kl_term(p, q, difference):
    """p log(p/q) - p + q; q where p = 0, inf where q = 0 < p.

    Near p = q the parts of this sum cancel: the result is about (p - q)²/2q. With d = p - q,
    m = p + q and s = d/m we have p/q = (1+s)/(1-s), and the series of that logarithm gives

        p log(p/q) - p + q = d (s + (1+s) (s²/3 + s⁴/5 + s⁶/7 + ...)),

    d²/m times a factor near 1: accurate, and 0 where p = q. For |s| <= 1/100 three terms of the
    series are right to 2e-15; beyond that, the plain sum loses no more than two digits.
    """
    s = p + q
    np.maximum(s, SMALLEST, out=s)  # in place, here and below: new arrays take most of the time
    np.divide(difference, s, out=s)
    square = s * s
    series = square * (1 / 7)
    for odd in (5, 3):
        series += 1 / odd
        series *= square
    series *= 1 + s
    series += s
    series *= difference
    near = square <= 1e-4
    if near.all():
        return series
    return np.where(near, series, p * log_ratio(p, q, difference) - difference)


def jeffreys_term(p, q, difference):
    """(p - q) log(p/q), as the sum of two terms that are not negative either."""
    return kl_term(p, q, difference) + kl_term(q, p, -difference)


def js_term(p, q, difference):
    """(p log(p/m) + q log(q/m)) / 2 with m = (p+q)/2.

    Both halves are terms of a divergence from m. Everything is doubled, since p + q is exact where
    (p+q)/2 is too small to be stored, and 2p - (p+q) is the difference.
    """
    both = p + q
    return (kl_term(2 * p, both, difference) + kl_term(2 * q, both, -difference)) / 4


def total_variation_term(p, q, difference):
    """|p - q| / 2."""
    return np.abs(difference) / 2


def squared_hellinger_term(p, q, difference):
    """(√p - √q)², since √p - √q = (p - q) / (√p + √q)."""
    return (difference / np.maximum(np.sqrt(p) + np.sqrt(q), SMALLEST)) ** 2


def chi_square_term(p, q, difference):
    """(p - q)² / q; inf where q = 0 < p.

    As a square of (p - q)/√q, which neither overflows nor underflows unless the term does.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        root = difference / np.sqrt(q)
    return np.where(difference == 0, 0.0, root) ** 2


def log_ratio(p, q, difference):
    """log(p/q), good for p log(p/q) - p + q: exact near p = q, and finite where p = 0.

    As log(1 + (p-q)/q), in which rounding costs 1e-16 times |p - q| and not times p. For p far
    below q that is enough as well, since then the term is about q.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # q + 0.0 turns -0.0 into 0.0. The ratio is -1 where p = 0; fmax, since 0/0 is NaN.
        ratio = np.fmax(difference / (q + 0.0), ALMOST_MINUS_1)
        result = np.log1p(ratio)
        if np.maximum.reduce(result, axis=None) == np.inf:
            # q is 0, or so small that the ratio is above 1.8e308: take the logarithms apart.
            result = np.where(np.isinf(ratio), np.log(p) - np.log(q), result)
    return result
