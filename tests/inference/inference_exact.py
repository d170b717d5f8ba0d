"""The independent route: textbook formulas in mpmath, with as many digits as they need.

Nothing here is clever. Probabilities are divided by their exact sums, then the plain formulas are
taken in arithmetic with so many digits that cancellation does not matter.
"""

import mpmath

from tests.measures.measures_exact import exact_kl

DIGITS = 60
EXTREME = 1500  # products of several probabilities of 1e-300


def exact_parts(joint_p, joint_q, digits=DIGITS):
    """KL of the row margins, and the mean KL of the rows under P; a row that Q never has adds 0."""
    with mpmath.workdps(digits):
        p, q = (
            [[mpmath.mpf(float(value)) for value in row] for row in table]
            for table in (joint_p, joint_q)
        )
        margins = [[mpmath.fsum(row) for row in table] for table in (p, q)]
        total = mpmath.fsum(margins[0])
        conditional = mpmath.fsum(
            weight / total * exact_kl(row_p, row_q, digits)
            for weight, of_q, row_p, row_q in zip(*margins, p, q, strict=True)
            if weight > 0 and of_q > 0
        )
        return exact_kl(*margins, digits), conditional


def exact_stationary(transitions, digits=DIGITS):
    """π = πP and Σ π = 1, solved as linear equations, for a chain that has one law."""
    with mpmath.workdps(digits):
        size = len(transitions)
        rows = [[mpmath.mpf(float(value)) for value in row] for row in transitions]
        equations = mpmath.matrix(size, size)
        for i in range(size):
            for j in range(size):
                equations[j, i] = rows[i][j]
            # what is not on the diagonal leaves: 1 - P_ii is known to fewer digits
            equations[i, i] = -mpmath.fsum(rows[i][j] for j in range(size) if j != i)
        for j in range(size):
            equations[size - 1, j] = 1
        right = mpmath.matrix(size, 1)
        right[size - 1] = 1
        return list(mpmath.lu_solve(equations, right))


def exact_rate(transitions_p, transitions_q, digits=DIGITS):
    with mpmath.workdps(digits):
        law = exact_stationary(transitions_p, digits)
        return mpmath.fsum(
            share * exact_kl(p, q, digits)
            for share, p, q in zip(law, transitions_p, transitions_q, strict=True)
        )


def near(value, exact, tolerance=1e-9):
    """Whether a number is right to this relative error; 0 and inf must be met exactly."""
    if not mpmath.isfinite(exact) or exact == 0:
        return value == exact
    return abs(mpmath.mpf(float(value)) - exact) <= tolerance * abs(exact)


def exact_chernoff(p, q, digits=DIGITS):
    """The maximum of -log Σ p^λ q^(1-λ), by halving where its slope changes sign."""
    with mpmath.workdps(digits):
        p, q = ([mpmath.mpf(float(value)) for value in values] for values in (p, q))
        p, q = ([value / mpmath.fsum(values) for value in values] for values in (p, q))
        common = [(a, b) for a, b in zip(p, q, strict=True) if a > 0 and b > 0]
        if not common:
            return mpmath.inf

        def slope(weight):
            return mpmath.fsum(a**weight * b ** (1 - weight) * mpmath.log(b / a) for a, b in common)

        low, high = mpmath.mpf(0), mpmath.mpf(1)
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) > 0 else (low, middle)
        return -mpmath.log(mpmath.fsum(a**low * b ** (1 - low) for a, b in common))


def exact_k3(log_ratio, digits=800):
    """r - 1 - log r for log r = -log_ratio."""
    with mpmath.workdps(digits):
        log_ratio = mpmath.mpf(float(log_ratio))
        return mpmath.exp(-log_ratio) - 1 + log_ratio


def exact_tilted(reference, reward, beta, digits=DIGITS):
    with mpmath.workdps(digits):
        reference = [mpmath.mpf(float(value)) for value in reference]
        reward = [mpmath.mpf(float(value)) for value in reward]
        best = max(r for p, r in zip(reference, reward, strict=True) if p > 0)
        weights = [
            p * mpmath.exp((r - best) / mpmath.mpf(beta))
            for p, r in zip(reference, reward, strict=True)
        ]
        return [weight / mpmath.fsum(weights) for weight in weights]


def exact_best_of_n(reference, reward, n, digits=DIGITS):
    """F(r)^n - F(r-)^n, shared in proportion to the reference."""
    with mpmath.workdps(digits):
        reference = [mpmath.mpf(float(value)) for value in reference]
        reference = [value / mpmath.fsum(reference) for value in reference]
        pairs = list(zip(reference, reward, strict=True))
        shares = []
        for own, level in pairs:
            below = mpmath.fsum(p for p, r in pairs if r < level)
            tied = mpmath.fsum(p for p, r in pairs if r == level)
            wins = (below + tied) ** n - below**n
            shares.append(own / tied * wins if own > 0 else mpmath.mpf(0))
        return shares
