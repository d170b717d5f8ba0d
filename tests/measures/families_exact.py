"""The independent route for the families: the textbook formulas in mpmath, digits to spare.

Nothing here is rearranged: the formulas cancel, and have enough digits for it. Parameters may be
floats, which are taken as they are stored, or mpmath numbers. A value of the gamma function or of
its derivative is calculated once: tests hold one p against many q.
"""

from functools import cache

import mpmath
from mpmath import mpf

DIGITS = 120


def with_digits(formula):
    def calculated(*parameters, digits=DIGITS):
        with mpmath.workdps(digits):
            return formula(*parameters)

    return calculated


def log(x):
    return mpmath.log(mpf(x))


def log_gamma(x):
    return calculated_once(mpmath.loggamma, mpf(x), mpmath.mp.dps)


def psi(x):
    return calculated_once(mpmath.digamma, mpf(x), mpmath.mp.dps)


@cache
def calculated_once(function, x, digits):
    with mpmath.workdps(digits):
        return function(x)


@with_digits
def exact_bernoulli(p, q):
    p, q = mpf(p), mpf(q)
    pairs = [(p, q), (1 - p, 1 - q)]
    if any(a > 0 and b == 0 for a, b in pairs):
        return mpmath.inf
    return mpmath.fsum(a * log(a / b) for a, b in pairs if a > 0)


@with_digits
def exact_poisson(rate_p, rate_q):
    rate_p, rate_q = mpf(rate_p), mpf(rate_q)
    return rate_p * log(rate_p / rate_q) - rate_p + rate_q


@with_digits
def exact_exponential(rate_p, rate_q):
    rate_p, rate_q = mpf(rate_p), mpf(rate_q)
    return log(rate_p / rate_q) + rate_q / rate_p - 1


@with_digits
def exact_gamma(shape_p, rate_p, shape_q, rate_q):
    shape_p, rate_p, shape_q, rate_q = map(mpf, (shape_p, rate_p, shape_q, rate_q))
    return (
        (shape_p - shape_q) * psi(shape_p)
        - log_gamma(shape_p)
        + log_gamma(shape_q)
        + shape_q * log(rate_p / rate_q)
        + shape_p * (rate_q / rate_p - 1)
    )


@with_digits
def exact_dirichlet(alpha_p, alpha_q):
    alpha_p, alpha_q = [mpf(a) for a in alpha_p], [mpf(a) for a in alpha_q]
    total_p, total_q = mpmath.fsum(alpha_p), mpmath.fsum(alpha_q)
    return (
        log_gamma(total_p)
        - log_gamma(total_q)
        + mpmath.fsum(log_gamma(b) - log_gamma(a) for a, b in zip(alpha_p, alpha_q, strict=True))
        + mpmath.fsum(
            (a - b) * (psi(a) - psi(total_p)) for a, b in zip(alpha_p, alpha_q, strict=True)
        )
    )


def exact_beta(a_p, b_p, a_q, b_q, digits=DIGITS):
    return exact_dirichlet([a_p, b_p], [a_q, b_q], digits=digits)


@with_digits
def exact_normal(mu_p, sigma_p, mu_q, sigma_q):
    mu_p, sigma_p, mu_q, sigma_q = map(mpf, (mu_p, sigma_p, mu_q, sigma_q))
    return (
        log(sigma_q / sigma_p) + (sigma_p**2 + (mu_p - mu_q) ** 2) / (2 * sigma_q**2) - mpf(1) / 2
    )


@with_digits
def exact_mvn(mu_p, cov_p, mu_q, cov_q):
    difference = matrix([mu_p]).T - matrix([mu_q]).T
    cov_p, cov_q = matrix(cov_p), matrix(cov_q)
    inverse = cov_q**-1
    trace = mpmath.fsum((inverse * cov_p)[i, i] for i in range(cov_p.rows))
    distance = (difference.T * inverse * difference)[0]
    logs = log(mpmath.det(cov_q)) - log(mpmath.det(cov_p))
    return (trace - cov_p.rows + distance + logs) / 2


def matrix(rows):
    return mpmath.matrix([[mpf(float(value)) for value in row] for row in rows])
