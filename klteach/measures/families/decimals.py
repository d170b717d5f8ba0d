"""Two multivariate normals in 60 decimal digits, for covariances that float64 can hardly invert.

Slow, seldom needed, and so loaded only when it is.
"""

from decimal import Context, Decimal, localcontext

import numpy as np

DIGITS = 60


def divergence_in_decimals(mu_p, cov_p, mu_q, cov_q):
    """KL with so many digits that a nearly singular covariance may cost thirty of them."""
    with localcontext(Context(prec=DIGITS)):
        mu_p, cov_p, mu_q, cov_q = (
            np.vectorize(Decimal, otypes=[object])(values) for values in (mu_p, cov_p, mu_q, cov_q)
        )
        factor_p, factor_q = decimal_cholesky(cov_p), decimal_cholesky(cov_q)
        distance = decimal_solution(factor_q, mu_p - mu_q)
        columns = [
            decimal_solution(factor_q[start:, start:], factor_p[start:, start])
            for start in range(len(factor_q))
        ]
        variances = [column[0] ** 2 for column in columns]
        gaps = sum(variance - 1 - variance.ln() for variance in variances)
        gaps += sum(column[1:] @ column[1:] for column in columns if len(column) > 1)
        return float((gaps + distance @ distance) / 2)


def decimal_cholesky(cov):
    """The lower triangular L with L Lᵀ = cov, for an array of Decimals."""
    factor = np.full(cov.shape, Decimal(0), dtype=object)
    for k in range(len(cov)):
        column = cov[k:, k] - (factor[k:, :k] @ factor[k, :k] if k else 0)
        factor[k:, k] = column / column[0].sqrt()
    return factor


def decimal_solution(lower, column):
    """The x with lower x = column, for arrays of Decimals."""
    solution = column.copy()
    for k in range(len(column)):
        known = lower[k, :k] @ solution[:k] if k else 0
        solution[k] = (column[k] - known) / lower[k, k]
    return solution
