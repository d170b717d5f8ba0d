"""The independent route: the textbook formulas in mpmath, with as many digits as they need.

Nothing here is clever. p and q are divided by their exact sums first, then the plain sums are taken
in arithmetic with so many digits that cancellation does not matter. 60 digits do for ordinary
input; 1 + 1e-300 needs more than 300 to be kept apart from 1, and its square more than 600.
"""

import mpmath

ORDINARY = 60
NEAR = 120
EXTREME = 800


def exact_kl(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        pairs = list(zip(shares(p), shares(q), strict=True))
        if any(a > 0 and b == 0 for a, b in pairs):
            return mpmath.inf
        return mpmath.fsum(a * mpmath.log(a / b) for a, b in pairs if a > 0)


def exact_cross_entropy(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        pairs = list(zip(shares(p), shares(q), strict=True))
        if any(a > 0 and b == 0 for a, b in pairs):
            return mpmath.inf
        return mpmath.fsum(-a * mpmath.log(b) for a, b in pairs if a > 0)


def exact_entropy(p, digits=ORDINARY):
    return exact_cross_entropy(p, p, digits)


def exact_kl_terms(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        pairs = zip(shares(p), shares(q), strict=True)
        return [a * mpmath.log(a / b) - a + b if a > 0 else b for a, b in pairs]


def exact_jeffreys(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        return exact_kl(p, q, digits) + exact_kl(q, p, digits)


def exact_js(p, q, digits=ORDINARY):
    def average_surprise(shares):
        return mpmath.fsum(-share * mpmath.log(share) for share in shares if share > 0)

    with mpmath.workdps(digits):
        p, q = shares(p), shares(q)
        middle = [(a + b) / 2 for a, b in zip(p, q, strict=True)]
        return average_surprise(middle) - (average_surprise(p) + average_surprise(q)) / 2


def exact_js_distance(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        return mpmath.sqrt(exact_js(p, q, digits))


def exact_total_variation(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        return mpmath.fsum(max(a - b, 0) for a, b in zip(shares(p), shares(q), strict=True))


def exact_squared_hellinger(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        roots = mpmath.fsum(mpmath.sqrt(a * b) for a, b in zip(shares(p), shares(q), strict=True))
        return 2 - 2 * roots


def exact_hellinger(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        return mpmath.sqrt(exact_squared_hellinger(p, q, digits) / 2)


def exact_chi_square(p, q, digits=ORDINARY):
    with mpmath.workdps(digits):
        pairs = list(zip(shares(p), shares(q), strict=True))
        if any(a > 0 and b == 0 for a, b in pairs):
            return mpmath.inf
        return mpmath.fsum(a * a / b for a, b in pairs if a > 0) - 1


def exact_mutual_information(joint, digits=ORDINARY):
    """H(X) + H(Y) - H(X, Y)."""
    with mpmath.workdps(digits):
        rows = [mpmath.fsum(float(value) for value in row) for row in joint]
        columns = [
            mpmath.fsum(float(value) for value in column) for column in zip(*joint, strict=True)
        ]
        whole = [value for row in joint for value in row]
        row_entropy, column_entropy, joint_entropy = (
            exact_entropy(values, digits) for values in (rows, columns, whole)
        )
        return row_entropy + column_entropy - joint_entropy


def exact_wasserstein(x, y, p, q, digits=ORDINARY):
    """Carry probability from the left to the right, as much at a time as fits."""
    with mpmath.workdps(digits):
        supply = sorted(
            ([mpmath.mpf(float(a)), b] for a, b in zip(x, shares(p), strict=True)), key=first
        )
        demand = sorted(
            ([mpmath.mpf(float(a)), b] for a, b in zip(y, shares(q), strict=True)), key=first
        )
        cost, i, j = mpmath.mpf(0), 0, 0
        while i < len(supply) and j < len(demand):
            moved = min(supply[i][1], demand[j][1])
            cost += moved * abs(supply[i][0] - demand[j][0])
            supply[i][1] -= moved
            demand[j][1] -= moved
            i, j = i + (supply[i][1] == 0), j + (demand[j][1] == 0)
        return cost


def first(pair):
    return pair[0]


def shares(values):
    values = [value if isinstance(value, mpmath.mpf) else float(value) for value in values]
    total = mpmath.fsum(values)
    return [value / total for value in map(mpmath.mpf, values)]


def relative_error(value, truth):
    """|value - truth| / truth, or 0 where both are the same infinity or zero."""
    if value == truth:
        return 0.0
    with mpmath.workdps(EXTREME):
        return float(abs(mpmath.mpf(float(value)) / truth - 1)) if truth != 0 else float("inf")
