"""The logarithm of the gamma function near equal arguments, without cancellation.

Gamma, beta and Dirichlet divergences contain log Γ(y) - log Γ(x) - ψ(x) (y - x), the gap between
log Γ and its tangent at x. By Stirling's formula

    log Γ(x) = x log x - x  -  (log x)/2  +  log(2π)/2  +  μ(x),

with a remainder μ that is small for large x. The families take care of x log x - x themselves,
since it cancels against the rest of their formula. `log_gamma_gap` is the gap of what is left.
"""

import numpy as np

from klteach.measures.families.logarithms import quotient_gap

LARGE = 16.0  # from here on the series below are right to 3e-16
HALF_LOG_TWO_PI = 0.5 * np.log(2 * np.pi)


def log_gamma_gap(x, y, difference=None):
    """The gap at y between log Γ(x) - x log x + x and its tangent at x: never negative.

    `difference` is y - x, for callers who know it better than the rounded x and y can tell.
    """
    difference = y - x if difference is None else difference
    return quotient_gap(y, x, difference) / 2 + remainder_gap(x, y, difference)


def remainder_gap(x, y, difference):
    """μ(y) - μ(x) - μ'(x) (y - x), the gap between Stirling's remainder and its tangent at x."""
    x, y, difference = np.broadcast_arrays(x, y, difference)
    gap = np.empty(x.shape)
    near = np.abs(difference) <= x / 2
    gap[near] = remainder_gap_nearby(x[near], difference[near])
    x, y, difference = x[~near], y[~near], difference[~near]
    with np.errstate(over="ignore"):
        gap[~near] = remainder(y) - remainder(x) - remainder_slope(x) * difference
    return gap


def remainder_gap_nearby(x, difference):
    """The same as an integral of μ'' >= 0 from x to x + difference, of which nothing cancels.

    Taylor's formula: (y - x)² ∫ (1-s) μ''(x + s (y-x)) ds over 0 <= s <= 1. For |y - x| <= x/2 the
    integrand is smooth enough for twelve Gauss-Legendre nodes to be right to 1e-15.
    """
    nodes, weights = np.polynomial.legendre.leggauss(12)
    nodes, weights = (1 + nodes) / 2, weights / 2
    between = x[..., np.newaxis] + difference[..., np.newaxis] * nodes
    relative = difference[..., np.newaxis] / between
    # relative² x² μ'' rather than difference² μ'', whose factors leave the range of float64.
    return (relative**2 * remainder_curvature(between)) @ (weights * (1 - nodes))


def remainder(x):
    """Stirling's remainder: μ(x) = log Γ(x) - (x - 1/2) log x + x - log(2π)/2."""
    from scipy.special import gammaln

    def directly(x):
        return gammaln(x) - (x - 0.5) * np.log(x) + x - HALF_LOG_TWO_PI

    def series(x):
        parts = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
        return odd_powers(x, *parts)

    return in_two_parts(x, directly, series)


def remainder_slope(x):
    """μ'(x) = ψ(x) - log x + 1/(2x)."""
    from scipy.special import digamma

    def directly(x):
        return digamma(x) - np.log(x) + 0.5 / x

    def series(x):
        parts = (-1 / 12, 1 / 120, -1 / 252, 1 / 240, -1 / 132, 691 / 32760, -1 / 12)
        return odd_powers(x, *parts) / x

    return in_two_parts(x, directly, series)


def remainder_curvature(x):
    """x² μ''(x) = x² ψ'(x) - x - 1/2."""
    from scipy.special import zeta

    def directly(x):
        return 0.5 - x + x**2 * zeta(2, 1 + x)  # ψ'(x) = 1/x² + ψ'(1 + x), and ψ' is this zeta

    def series(x):
        return odd_powers(x, 1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)

    return in_two_parts(x, directly, series)


def in_two_parts(x, directly, series):
    """`directly` where x is small and `series`, in powers of 1/x, where it is large."""
    result = np.empty(x.shape)
    large = x >= LARGE
    result[large], result[~large] = series(x[large]), directly(x[~large])
    return result


def odd_powers(x, *coefficients):
    """c0/x + c1/x³ + c2/x⁵ + ..."""
    total = np.zeros(x.shape)
    for coefficient in reversed(coefficients):
        total = coefficient + total / x / x
    return total / x
