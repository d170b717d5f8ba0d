"""Families of proportions: beta, for one proportion, and Dirichlet, for several that sum to 1."""

import numpy as np

from klteach.measures.families.log_gamma import log_gamma_gap
from klteach.measures.families.logarithms import product_gap
from klteach.measures.parameters import (
    plain,
    read,
    require_one_length,
    require_one_shape,
    require_positive,
)

COUNTS = "it is a count of observations plus that of a prior, such as 1"


@np.errstate(under="ignore")
def kl_beta(a_p, b_p, a_q, b_q):
    """Divergence between two beta distributions of an unknown proportion.

    Formula: KL = log B(a_q, b_q) - log B(a_p, b_p) + (a_p - a_q) ψ(a_p) + (b_p - b_q) ψ(b_p)
                  - (a_p + b_p - a_q - b_q) ψ(a_p + b_p),
             where ψ is the derivative of log Γ and B(a, b) = Γ(a) Γ(b) / Γ(a + b).
    Shapes:  four numbers give a float; arrays of one shape, beside numbers or not, an array.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError for a parameter that is not positive and finite, or for different shapes.
    Source:  T. W. Rauber, T. Braun and K. Berns, "Probabilistic distance measures of the
             Dirichlet and beta distributions" (2008).

    >>> round(kl_beta(0.1, 0.2, 1.0, 1.0), 3)
    4.977
    """
    a_p, b_p, a_q, b_q = read(a_p=a_p, b_p=b_p, a_q=a_q, b_q=b_q)
    require_one_shape(a_p=a_p, b_p=b_p, a_q=a_q, b_q=b_q)
    require_positive(COUNTS, a_p=a_p, b_p=b_p, a_q=a_q, b_q=b_q)
    a_p, b_p, a_q, b_q = np.broadcast_arrays(a_p, b_p, a_q, b_q)
    return plain(dirichlet_divergence(np.stack([a_p, b_p], -1), np.stack([a_q, b_q], -1)))


@np.errstate(under="ignore")
def kl_dirichlet(alpha_p, alpha_q):
    """Divergence between two Dirichlet distributions of unknown proportions.

    Formula: KL = log Γ(Σ alpha_p) - log Γ(Σ alpha_q) - Σ (log Γ(alpha_p) - log Γ(alpha_q))
                  + Σ (alpha_p - alpha_q) (ψ(alpha_p) - ψ(Σ alpha_p)),
             where ψ is the derivative of log Γ.
    Shapes:  (..., k) twice gives (...,); one side may be a single list of shape (k,). Two single
             lists give a float.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError for a parameter that is not positive and finite, or where the two do not
             match in shape.
    Source:  W. D. Penny, "Kullback-Liebler divergences of normal, gamma, Dirichlet and Wishart
             densities" (2001).

    >>> round(kl_dirichlet([1.0, 1.0, 1.0], [3.0, 2.0, 1.0]), 6)
    1.098803
    """
    alpha_p, alpha_q = read(alpha_p=alpha_p, alpha_q=alpha_q)
    remedy = "pass one number for each proportion"
    for name, alpha in {"alpha_p": alpha_p, "alpha_q": alpha_q}.items():
        require_one_length(remedy, **{name: alpha})
        if alpha.shape[-1] == 1:
            raise ValueError(f"{name} lists one proportion, which is always 1: list all of them.")
    require_one_length(remedy, alpha_p=alpha_p, alpha_q=alpha_q)
    require_positive(COUNTS, alpha_p=alpha_p, alpha_q=alpha_q)
    return plain(dirichlet_divergence(alpha_p, alpha_q))


def dirichlet_divergence(alpha_p, alpha_q):
    """KL along the last axis, in two parts of which neither is negative.

    Right to 11 digits for parameters from 1e-3 to 1e6. Where only larger ones differ between p and
    q, a smaller one of 1e-6 leaves 9 digits, one of 1e-9 leaves 6, and so on.
    """
    change = alpha_q - alpha_p
    # The total of the changes, not the change of the totals: it keeps its digits near equality.
    total_p, total_q, total_change = (
        alpha.sum(axis=-1, keepdims=True) for alpha in (alpha_p, alpha_q, change)
    )
    # The total of q times the divergence between the mean proportions, q from p, ...
    of_the_means = alpha_q * product_gap(alpha_p, alpha_q, total_q, total_p, total_change)
    # ... and what the concentrations add: the gaps of the parts less the gap of the total. That is
    # never negative either, because x ψ'(x) falls as x grows; rounding must not make it so.
    parts = log_gamma_gap(alpha_p, alpha_q, change).sum(axis=-1)
    total = log_gamma_gap(total_p, total_q, total_change)[..., 0]
    with np.errstate(invalid="ignore"):
        of_the_spread = np.where(np.isinf(parts), np.inf, np.maximum(parts - total, 0.0))
    return of_the_means.sum(axis=-1) + of_the_spread
