"""Families of waiting times: exponential and gamma."""

import numpy as np

from klteach.measures.families.log_gamma import log_gamma_gap
from klteach.measures.families.logarithms import product_gap, quotient_gap
from klteach.measures.parameters import plain, read, require_one_shape, require_positive

RATE = "a rate is 1/scale, or 1/mean of waiting times without memory"
SHAPE = "a shape is the number of events waited for, or mean²/variance"


@np.errstate(under="ignore")
def kl_exponential(rate_p, rate_q):
    """Divergence between two exponential distributions, waiting times without memory.

    Formula: KL = log(rate_p/rate_q) + rate_q/rate_p - 1, where a rate is 1/mean.
    Shapes:  two numbers give a float; arrays of one shape, or an array and a number, an array.
    Units:   nats, whatever the unit of time; use to_bits for bits.
    Errors:  ValueError for a rate that is not positive and finite, or for two different shapes.
    Source:  W. D. Penny, "Kullback-Liebler divergences of normal, gamma, Dirichlet and Wishart
             densities" (2001), for a gamma distribution of shape 1.

    >>> round(kl_exponential(1.0, 2.0), 6)
    0.306853
    """
    rate_p, rate_q = read(rate_p=rate_p, rate_q=rate_q)
    require_one_shape(rate_p=rate_p, rate_q=rate_q)
    require_positive(RATE, rate_p=rate_p, rate_q=rate_q)
    return plain(quotient_gap(rate_q, rate_p))


@np.errstate(under="ignore")
def kl_gamma(shape_p, rate_p, shape_q, rate_q):
    """Divergence between two gamma distributions, waiting times for several events.

    Formula: KL = (shape_p - shape_q) ψ(shape_p) - log Γ(shape_p) + log Γ(shape_q)
                  + shape_q log(rate_p/rate_q) + shape_p (rate_q/rate_p - 1),
             where ψ is the derivative of log Γ and a rate is 1/scale.
    Shapes:  four numbers give a float; arrays of one shape, beside numbers or not, an array.
    Units:   nats, whatever the unit of time; use to_bits for bits.
    Errors:  ValueError for a parameter that is not positive and finite, or for different shapes.
    Source:  W. D. Penny, "Kullback-Liebler divergences of normal, gamma, Dirichlet and Wishart
             densities" (2001).

    >>> round(kl_gamma(2.0, 1.0, 3.0, 2.0), 6)
    0.190921
    """
    given = {"shape_p": shape_p, "rate_p": rate_p, "shape_q": shape_q, "rate_q": rate_q}
    shape_p, rate_p, shape_q, rate_q = read(**given)
    require_one_shape(shape_p=shape_p, rate_p=rate_p, shape_q=shape_q, rate_q=rate_q)
    require_positive(SHAPE, shape_p=shape_p, shape_q=shape_q)
    require_positive(RATE, rate_p=rate_p, rate_q=rate_q)
    # From p to the gamma distribution with q's shape and p's mean, and on from there to q: the
    # first step changes only the shape, the second only the mean, and the two divergences add up.
    to_the_shape = log_gamma_gap(shape_p, shape_q)
    with np.errstate(over="ignore"):
        to_the_mean = shape_q * product_gap(rate_q, rate_p, shape_p, shape_q)
    return plain(to_the_shape + to_the_mean)
