"""Normal distributions of several numbers that vary together."""

import numpy as np

from klteach.measures.families.logarithms import log_quotient, tangent_gap
from klteach.measures.parameters import (
    plain,
    read,
    require_finite,
    require_one_batch,
    require_one_length,
    require_positive,
)
from klteach.measures.validation import place

EPSILON = np.finfo(np.float64).eps
SYMMETRIC = 1e-8  # how far two mirrored correlations may differ by the rounding that made them
# In float64 the result has a relative error of about 4e-16 over the smallest eigenvalue of the
# correlation matrix. Below this number over d, decimals take over, which are slow for large d.
NEARLY_SINGULAR = 5e-4


@np.errstate(under="ignore")
def kl_mvn(mu_p, cov_p, mu_q, cov_q):
    """Divergence between two multivariate normal distributions.

    Formula: KL = (tr(cov_q⁻¹ cov_p) - d + (mu_p - mu_q)ᵀ cov_q⁻¹ (mu_p - mu_q)
                   + log det cov_q - log det cov_p) / 2
    Shapes:  mu (d,) and cov (d, d) give a float. With a batch of means (..., d), of covariances
             (..., d, d) or of both, the result has the shape of the batch.
    Units:   nats, whatever the units of the coordinates; use to_bits for bits.
    Errors:  ValueError if a covariance is not symmetric, not positive definite, or singular up to
             rounding; if a value is not finite; if shapes do not match. A covariance that is
             nearly singular is worked out in 60 decimal digits: seconds, if d is in the hundreds.
    Source:  S. Kullback, "Information Theory and Statistics" (1959), chapter 9 on multivariate
             normal populations.

    >>> round(kl_mvn([0, 0], [[1, 0.8], [0.8, 1]], [0, 0], [[1, 0], [0, 1]]), 6)
    0.510826
    """
    mu_p, cov_p, mu_q, cov_q = read(mu_p=mu_p, cov_p=cov_p, mu_q=mu_q, cov_q=cov_q)
    batch = require_means_and_covariances(mu_p=mu_p, cov_p=cov_p, mu_q=mu_q, cov_q=cov_q)
    require_finite(mu_p=mu_p, cov_p=cov_p, mu_q=mu_q, cov_q=cov_q)
    cov_p, nearly_p = checked_covariance("cov_p", cov_p)
    cov_q, nearly_q = checked_covariance("cov_q", cov_q)
    length = mu_p.shape[-1]
    mu_p, mu_q = (np.broadcast_to(mu, (*batch, length)) for mu in (mu_p, mu_q))
    cov_p, cov_q = (np.broadcast_to(cov, (*batch, length, length)) for cov in (cov_p, cov_q))
    nearly_singular = np.broadcast_to(nearly_p | nearly_q, batch)
    result = np.empty(batch)
    for index in np.ndindex(batch):
        pair = mu_p[index], cov_p[index], mu_q[index], cov_q[index]
        value = np.nan if nearly_singular[index] else divergence(*pair)
        if not np.isfinite(value):
            # Decimals have more digits, and no largest number that a step on the way could exceed.
            from klteach.measures.families.decimals import divergence_in_decimals

            value = divergence_in_decimals(*pair)
        result[index] = value
    return plain(result)


def divergence(mu_p, cov_p, mu_q, cov_q):
    """KL of two well-conditioned normal distributions, as a sum of terms that are never negative.

    With cov_q = L Lᵀ, the formula is half the sum of |L⁻¹ (mu_p - mu_q)|² and of the gaps
    r - 1 - log r over the eigenvalues r of L⁻¹ cov_p L⁻ᵀ.
    """
    from scipy.linalg import solve_triangular

    def whitened(columns):
        return solve_triangular(factor_q, columns, lower=True, check_finite=False)

    factor_q = np.linalg.cholesky(cov_q)
    with np.errstate(all="ignore"):
        distance = whitened(mu_p - mu_q)
        difference = whitened(whitened(cov_p - cov_q).T)
        if np.linalg.norm(difference) <= 0.5:
            # Of two covariances that are close, r - 1 is known to more digits than r.
            excess = np.linalg.eigvalsh(difference)
            gaps = tangent_gap(excess, np.log1p(excess)).sum()
        else:
            # With cov_p = K Kᵀ, the r sum to |L⁻¹K|² and multiply to det(L⁻¹K)², which keeps the
            # digits that a small r loses beside a large one.
            factor_p = np.linalg.cholesky(cov_p)
            quotient = whitened(factor_p)
            logarithm = 2 * log_quotient(np.diag(factor_p), np.diag(factor_q))
            gaps = tangent_gap(np.diag(quotient) ** 2 - 1, logarithm).sum()
            gaps += (np.tril(quotient, -1) ** 2).sum()
        return (gaps + distance @ distance) / 2


def require_means_and_covariances(mu_p, cov_p, mu_q, cov_q):
    """ValueError unless the four shapes fit together; returns the shape of the batch, () if none.

    Lists of d numbers and matrices of d times d numbers may be single ones beside a batch.
    """
    means, covariances = {"mu_p": mu_p, "mu_q": mu_q}, {"cov_p": cov_p, "cov_q": cov_q}
    for name, mean in means.items():
        require_one_length("pass one number for each coordinate", **{name: mean})
    for name, cov in covariances.items():
        if cov.ndim < 2 or cov.shape[-1] != cov.shape[-2]:
            raise ValueError(
                f"{name} has shape {cov.shape}, but a covariance is a square matrix: pass one of "
                "shape (d, d), for independent coordinates np.diag(variances)."
            )
        if cov.shape[-1] != mu_p.shape[-1]:
            raise ValueError(
                f"mu_p lists {mu_p.shape[-1]} numbers and {name} has shape {cov.shape}: "
                "both must be about the same coordinates."
            )
    require_one_length("pass one number for each coordinate", mu_p=mu_p, mu_q=mu_q)
    batches = {name: mean.shape[:-1] for name, mean in means.items()}
    batches |= {name: cov.shape[:-2] for name, cov in covariances.items()}
    batches = {name: batch for name, batch in batches.items() if batch}
    require_one_batch(batches)
    return next(iter(batches.values()), ())


def checked_covariance(name, cov):
    """The covariance made exactly symmetric, and whether it is nearly singular, one per matrix.

    ValueError unless it is a covariance whose inverse float64 can know anything about.
    """
    only_diagonal = np.where(np.eye(cov.shape[-1], dtype=bool), cov, 1.0)
    require_positive("it is a variance; leave out what never varies", **{name: only_diagonal})
    deviations = np.sqrt(np.diagonal(cov, axis1=-2, axis2=-1))
    with np.errstate(over="ignore"):
        correlation = cov / deviations[..., np.newaxis] / deviations[..., np.newaxis, :]
    correlation = np.clip(correlation, -1e100, 1e100)  # no infinities; above 1 it is refused below
    asymmetry = np.abs(correlation - np.swapaxes(correlation, -1, -2))
    if (asymmetry > SYMMETRIC).any():
        here = tuple(np.argwhere(asymmetry > SYMMETRIC)[0])
        there = (*here[:-2], here[-1], here[-2])
        raise ValueError(
            f"{name}[{indices(here)}] is {cov[here]:.12g} but {name}[{indices(there)}] is "
            f"{cov[there]:.12g}, and a covariance is symmetric: mend it where it comes from, or "
            f"pass ({name} + {name}.T) / 2 if rounding made the difference."
        )
    # Halves first, as the sum of two large numbers might be infinite.
    symmetric = cov / 2 + np.swapaxes(cov, -1, -2) / 2
    smallest = np.linalg.eigvalsh(correlation / 2 + np.swapaxes(correlation, -1, -2) / 2)[..., 0]
    # Entries that are rounded, or only nearly symmetric, move the eigenvalues by about so much.
    noise = 4 * cov.shape[-1] * np.maximum(asymmetry.max(axis=(-2, -1)), EPSILON)
    bad = smallest < noise
    if bad.any():
        where, value = place(name, smallest, bad), smallest[bad][0]
        if value < -noise[bad][0]:
            raise ValueError(
                f"{where} is not positive definite: the smallest eigenvalue of its correlation "
                f"matrix is {value:.3g}. No numbers vary together like that: check how it was made."
            )
        raise ValueError(
            f"{where} is singular up to rounding: the smallest eigenvalue of its correlation "
            f"matrix is {value:.3g}. Leave out a coordinate that the others determine, or add "
            "some variance to its diagonal."
        )
    return symmetric, smallest < NEARLY_SINGULAR / cov.shape[-1]


def indices(position):
    return ", ".join(map(str, position))
