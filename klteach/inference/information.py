"""Fisher information: KL(θ‖θ + d) is half of d² times this number, for a small step d.

It is the second derivative of the divergence at equal parameters, and the ruler by which a step in
one parameter can be compared with a step in another.
"""

import numpy as np
from numpy.typing import ArrayLike

from klteach.inference.reading import FloatOrArray
from klteach.measures.parameters import (
    plain,
    read,
    require_between,
    require_finite,
    require_one_shape,
    require_positive,
)


@np.errstate(under="ignore", divide="ignore", over="ignore")
def fisher_information_bernoulli(p: ArrayLike) -> FloatOrArray:
    """Fisher information about the probability of yes, from one toss of a coin.

    Formula: 1 / (p (1-p)); inf for p = 0 and p = 1, where a step costs more than any square of it.
    Shapes:  a number gives a float, an array an array.
    Units:   nats for each squared unit of p.
    Errors:  ValueError for a probability outside 0 to 1.
    Source:  E. L. Lehmann and G. Casella, "Theory of Point Estimation" (1998), section 2.5.

    >>> round(fisher_information_bernoulli(0.3), 6)
    4.761905
    """
    (chance,) = read(p=p)
    require_between(0, 1, "it is the probability of yes, not a percentage or a count", p=chance)
    return plain(1 / (chance + 0.0) / (1 - chance))  # + 0.0 turns -0.0 into 0.0


@np.errstate(under="ignore", divide="ignore", over="ignore")
def fisher_information_poisson(rate: ArrayLike) -> FloatOrArray:
    """Fisher information about the rate, from one count of a Poisson distribution.

    Formula: 1 / rate; inf for rate = 0.
    Shapes:  a number gives a float, an array an array.
    Units:   nats for each squared unit of the rate.
    Errors:  ValueError for a rate that is negative or not finite.
    Source:  E. L. Lehmann and G. Casella, "Theory of Point Estimation" (1998), section 2.5.

    >>> fisher_information_poisson(4.0)
    0.25
    """
    (mean,) = read(rate=rate)
    require_finite(rate=mean)
    require_between(0, np.inf, "it is a mean count, not its logarithm", rate=mean)
    return plain(1 / (mean + 0.0))


@np.errstate(under="ignore", over="ignore")
def fisher_information_normal(mu: ArrayLike, sigma: ArrayLike) -> np.ndarray:
    """Fisher information about (mu, sigma), from one value of a normal distribution.

    Formula: [[1/sigma², 0], [0, 2/sigma²]] for the parameters mu and sigma, where sigma is the
             standard deviation, not the variance. It does not depend on mu.
    Shapes:  two numbers give (2, 2); arrays of one shape (...), or an array and a number, give
             (..., 2, 2).
    Units:   nats for each product of units of mu and sigma.
    Errors:  ValueError for a sigma that is not positive, a value that is not finite, or different
             shapes.
    Source:  E. L. Lehmann and G. Casella, "Theory of Point Estimation" (1998), section 2.6.

    >>> fisher_information_normal(0.0, 2.0)
    array([[0.25, 0.  ],
           [0.  , 0.5 ]])
    """
    means, sigmas = read(mu=mu, sigma=sigma)
    require_one_shape(mu=means, sigma=sigmas)
    require_finite(mu=means)
    require_positive("it is a standard deviation, np.sqrt of a variance", sigma=sigmas)
    information = np.zeros((*np.broadcast_shapes(means.shape, sigmas.shape), 2, 2))
    information[..., 0, 0] = (1 / sigmas) ** 2
    information[..., 1, 1] = 2 * information[..., 0, 0]
    return information
