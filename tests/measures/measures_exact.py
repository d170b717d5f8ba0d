"""The independent route: the textbook formulas in mpmath, with as many digits as they need.

Nothing here is clever. p and q are divided by their exact sums first, then the plain sums are taken
in arithmetic with so many digits that cancellation does not matter. 60 digits do for ordinary
input; 1 + 1e-300 needs more than 300 to be kept apart from 1, and its square more than 600.
"""

import mpmath

ORDINARY = 60
EXTREME = 800


def exact_kl(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        pairs = list(zip(shares(p), shares(q)))
        if any(a > 0 and b == 0 for a, b in pairs):
            return mpmath.inf
        return mpmath.fsum(a * mpmath.log(a / b) for a, b in pairs if a > 0)


def exact_cross_entropy(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        pairs = list(zip(shares(p), shares(q)))
        if any(a > 0 and b == 0 for a, b in pairs):
            return mpmath.inf
        return mpmath.fsum(-a * mpmath.log(b) for a, b in pairs if a > 0)


def exact_entropy(p, digits=ORDINARY):
    return exact_cross_entropy(p, p, digits)


def exact_kl_terms(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        pairs = zip(shares(p), shares(q))
        return [a * mpmath.log(a / b) - a + b if a > 0 else b for a, b in pairs]


def shares(values):
    values = [mpmath.mpf(float(value)) for value in values]
    total = mpmath.fsum(values)
    return [value / total for value in values]


def relative_error(value, truth):
    """|value - truth| / truth, or 0 where both are the same infinity or zero."""
    if value == truth:
        return 0.0
    with mpmath.workdps(EXTREME):
        return float(abs(mpmath.mpf(float(value)) / truth - 1)) if truth != 0 else float("inf")
