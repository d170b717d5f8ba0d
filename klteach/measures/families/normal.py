"""Normal distributions of one number, and of several independent ones."""

import numpy as np

from klteach.measures.families.logarithms import log_quotient, tangent_gap
from klteach.measures.parameters import (
    plain,
    read,
    require_finite,
    require_one_length,
    require_one_shape,
    require_positive,
)

SIGMA = "it is a standard deviation, np.sqrt of a variance"


@np.errstate(under="ignore")
def kl_normal(mu_p, sigma_p, mu_q, sigma_q):
    """Divergence between two normal distributions of one number.

    Formula: KL = log(sigma_q/sigma_p) + (sigma_p² + (mu_p - mu_q)²) / (2 sigma_q²) - 1/2,
             where sigma is the standard deviation, not the variance.
    Shapes:  four numbers give a float; arrays of one shape, beside numbers or not, an array.
    Units:   nats, whatever the unit of the number; use to_bits for bits.
    Errors:  ValueError for a sigma that is not positive, a value that is not finite, or
             different shapes.
    Source:  S. Kullback, "Information Theory and Statistics" (1959), chapter 9 on multivariate
             normal populations.

    >>> round(kl_normal(0.0, 1.0, 1.0, 2.0), 6)
    0.443147
    """
    given = {"mu_p": mu_p, "sigma_p": sigma_p, "mu_q": mu_q, "sigma_q": sigma_q}
    mu_p, sigma_p, mu_q, sigma_q = read(**given)
    require_one_shape(mu_p=mu_p, sigma_p=sigma_p, mu_q=mu_q, sigma_q=sigma_q)
    require_finite(mu_p=mu_p, mu_q=mu_q)
    require_positive(SIGMA, sigma_p=sigma_p, sigma_q=sigma_q)
    return plain(normal_divergence(mu_p, sigma_p, mu_q, sigma_q))


@np.errstate(under="ignore")
def kl_normal_diag(mu_p, sigma_p, mu_q, sigma_q):
    """Divergence between two normal distributions of independent coordinates.

    Formula: KL = Σ (log(sigma_q/sigma_p) + (sigma_p² + (mu_p - mu_q)²) / (2 sigma_q²) - 1/2),
             one term for each coordinate; sigma is the standard deviation, not the variance.
    Shapes:  (..., d) gives (...,), and (d,) a float. Of the four, some may be (d,) beside a batch,
             or a number that holds for every coordinate: (mu, sigma, 0, 1) is the divergence of a
             VAE's latent code from its prior.
    Units:   nats, whatever the units of the coordinates; use to_bits for bits.
    Errors:  ValueError for a sigma that is not positive, a value that is not finite, or shapes
             that do not match.
    Source:  D. P. Kingma and M. Welling, "Auto-encoding variational Bayes" (2013), appendix B.

    >>> round(kl_normal_diag([0.0, 1.0], [1.0, 1.0], 0.0, 1.0), 6)
    0.5
    """
    given = {"mu_p": mu_p, "sigma_p": sigma_p, "mu_q": mu_q, "sigma_q": sigma_q}
    mu_p, sigma_p, mu_q, sigma_q = read(**given)
    arrays = {"mu_p": mu_p, "sigma_p": sigma_p, "mu_q": mu_q, "sigma_q": sigma_q}
    require_one_length("pass one number for each coordinate", **arrays)
    require_finite(mu_p=mu_p, mu_q=mu_q)
    require_positive(SIGMA, sigma_p=sigma_p, sigma_q=sigma_q)
    return plain(normal_divergence(mu_p, sigma_p, mu_q, sigma_q).sum(axis=-1))


def normal_divergence(mu_p, sigma_p, mu_q, sigma_q):
    """Half the gap of the ratio of the variances, plus half the squared distance of the means."""
    with np.errstate(over="ignore", invalid="ignore"):
        excess = (sigma_p - sigma_q) / sigma_q
        ratio_excess = excess * (2 + excess)  # of sigma_p²/sigma_q²
        difference = mu_p - mu_q
        # Two numbers whose difference is beyond float64 have opposite signs: nothing cancels.
        apart = mu_p / sigma_q - mu_q / sigma_q
        distance = np.where(np.isfinite(difference), difference / sigma_q, apart)
        return (tangent_gap(ratio_excess, 2 * log_quotient(sigma_p, sigma_q)) + distance**2) / 2
