"""The divergence from samples alone: from log-probabilities, from counts, from nearest neighbours.

All of them estimate KL(p‖q) from samples of p, the first argument; none of them draws anything.
"""

import numpy as np
from numpy.typing import ArrayLike

from klteach.inference.reading import FloatOrArray, probabilities, require_whole
from klteach.measures.distributions import normalize
from klteach.measures.divergences import kl_divergence
from klteach.measures.families.logarithms import tangent_gap
from klteach.measures.labels import require_same_labels
from klteach.measures.parameters import (
    plain,
    read,
    require,
    require_finite,
    require_one_shape,
)
from klteach.measures.validation import (
    numbers,
    place,
    require_non_negative,
    require_outcomes,
    require_same_shape,
)


@np.errstate(under="ignore")
def k1(log_p: ArrayLike, log_q: ArrayLike) -> FloatOrArray:
    """One estimate of KL(p‖q) for each sample from p: the log ratio, of either sign.

    Formula: log p(x) - log q(x), whose mean over samples x from p is KL(p‖q).
    Shapes:  log_p and log_q of one shape, or an array and a number, give an array; two numbers a
             float.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError for nan, for log_p that is not finite, since the samples come from p, for
             log_q = inf, or for two different shapes. inf where q rules out a sample.
    Source:  J. Schulman, "Approximating KL divergence" (2020).

    >>> k1([-1.0, -2.0], [-1.5, -1.0])
    array([ 0.5, -1. ])
    """
    return plain(_log_ratios(log_p, log_q))


@np.errstate(under="ignore")
def k2(log_p: ArrayLike, log_q: ArrayLike) -> FloatOrArray:
    """One estimate of KL(p‖q) for each sample from p: half the squared log ratio, so biased.

    Formula: (log p(x) - log q(x))² / 2, never negative. Its mean over samples x from p is near
             KL(p‖q) only where p is near q.
    Shapes:  log_p and log_q of one shape, or an array and a number, give an array; two numbers a
             float.
    Units:   nats; use to_bits for bits.
    Errors:  as for k1. A value above 1.8e308 is inf, with NumPy's overflow warning.
    Source:  J. Schulman, "Approximating KL divergence" (2020).

    >>> k2([-1.0, -2.0], [-1.5, -1.0])
    array([0.125, 0.5  ])
    """
    ratios = _log_ratios(log_p, log_q)
    return plain(ratios * (ratios / 2))


@np.errstate(under="ignore")
def k3(log_p: ArrayLike, log_q: ArrayLike) -> FloatOrArray:
    """One estimate of KL(p‖q) for each sample from p: unbiased and never negative.

    Formula: r - 1 - log r with r = q(x)/p(x). Its mean over samples x from p is KL(p‖q), as that
             of r - 1 is 0 where q has no outcomes beyond those of p. Near r = 1, where the parts
             cancel, it is about (log r)²/2 and has all its digits.
    Shapes:  log_p and log_q of one shape, or an array and a number, give an array; two numbers a
             float.
    Units:   nats; use to_bits for bits.
    Errors:  as for k1. A value above 1.8e308 is inf, with NumPy's overflow warning.
    Source:  J. Schulman, "Approximating KL divergence" (2020).

    >>> k3([-1.0, -2.0], [-1.5, -1.0]).round(6)
    array([0.106531, 0.718282])
    """
    ratios = _log_ratios(log_p, log_q)
    return plain(tangent_gap(np.expm1(-ratios), -ratios))


@np.errstate(under="ignore")
def plug_in_kl(counts: ArrayLike, q: ArrayLike) -> FloatOrArray:
    """The divergence of the observed shares from q: what a sample says, and on average too much.

    Formula: KL(counts/n ‖ q) with n = Σ counts. It is never negative, so chance makes it too large;
             for samples from q itself by about `plug_in_bias`.
    Shapes:  counts (k,) and q (k,) give a float; a batch of counts (..., k), beside one q or as
             many, gives (...,).
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if a count is negative or no whole number, if a total is 0, if q is not a
             distribution, or if they do not match in shape. inf where q rules out what was counted.
    Source:  L. Paninski, "Estimation of entropy and mutual information" (2003), on what is put in
             for the unknown p.

    >>> round(plug_in_kl([7, 2, 1], [0.5, 0.3, 0.2]), 6)
    0.085123
    """
    require_same_labels(-1, counts=counts, q=q)
    given = numbers("counts", counts)
    require_outcomes("counts", given)
    model = probabilities("q", q)
    require_same_shape({"counts": given, "q": model})
    require_non_negative("counts", given, "pass how often each outcome came")
    require_whole("counts", given, 0, "pass how often each outcome came, not its share")
    return plain(kl_divergence(normalize(given), model))


@np.errstate(under="ignore")
def plug_in_bias(outcomes: ArrayLike, n: ArrayLike) -> FloatOrArray:
    """How much too large plug_in_kl is on average, to first order in 1/n.

    Formula: (outcomes - 1) / (2n), where outcomes is the number of those that can occur. Right for
             any p once n is large; with few observations for each outcome, only a rough guide.
    Shapes:  two numbers give a float; arrays of one shape, or an array and a number, an array.
    Units:   nats; use to_bits for bits.
    Errors:  ValueError if an argument is no whole number from 1 on, or for two different shapes.
    Source:  G. A. Miller, "Note on the bias of information estimates" (1955).

    >>> plug_in_bias(10, 50)
    0.09
    """
    kinds, size = read(outcomes=outcomes, n=n)
    require_one_shape(outcomes=kinds, n=size)
    require_whole("outcomes", kinds, 1, "the number of outcomes that can occur")
    require_whole("n", size, 1, "the number of observations")
    return plain((kinds - 1) / size / 2)


@np.errstate(under="ignore")
def nearest_neighbour_kl(x: ArrayLike, y: ArrayLike, neighbours: int = 5) -> float:
    """The divergence of two densities from a sample of each, by distances to nearest neighbours.

    Formula: d/n Σ log(ν_i/ρ_i) + log(m/(n-1)), where ρ_i is the distance from x_i to its k-th
             nearest other point of x, and ν_i that to its k-th nearest point of y. An estimate: for
             p = q it is negative about half of the time, and in many dimensions it is too small.
    Shapes:  x (n, d) from p and y (m, d) from q give a float; (n,) and (m,) mean d = 1. neighbours
             is k.
    Units:   nats, whatever the units of the coordinates; use to_bits for bits.
    Errors:  ValueError if a coordinate is not finite, if x and y differ in d, if there are too few
             points for k neighbours, or if so many points coincide that a distance is 0: what has
             a density never takes a value twice.
    Source:  Q. Wang, S. R. Kulkarni and S. Verdu, "Divergence estimation for multidimensional
             densities via k-nearest-neighbor distances" (2009).

    >>> round(nearest_neighbour_kl([0.0, 1.0, 3.0], [4.0, 5.0, 6.0, 8.0], neighbours=1), 6)
    1.2904
    """
    from scipy.spatial import cKDTree

    of_p, of_q, k = _two_samples(x, y, neighbours)
    # Squares of distances must stay in float64, and a power of two changes no digit.
    exponent = np.frexp(max(np.abs(of_p).max(), np.abs(of_q).max()))[1]
    of_p, of_q = np.ldexp(of_p, -exponent), np.ldexp(of_q, -exponent)
    # every point is its own nearest neighbour in x, at distance 0, and does not count
    own = cKDTree(of_p).query(of_p, k=[k + 1])[0][:, 0]
    other = cKDTree(of_q).query(of_p, k=[k])[0][:, 0]
    for name, distances in (("x", own), ("y", other)):
        _require_no_ties(name, distances, k, of_p)
    n, dimensions = of_p.shape
    ratios = np.log(other) - np.log(own)
    return float(dimensions * np.add.reduce(ratios) / n + np.log(len(of_q) / (n - 1)))


def _log_ratios(log_p: ArrayLike, log_q: ArrayLike) -> np.ndarray:
    """log_p - log_q; ValueError unless they can belong to samples from p."""
    require_same_labels(-1, log_p=log_p, log_q=log_q)
    of_p, of_q = read(log_p=log_p, log_q=log_q)
    require_one_shape(log_p=of_p, log_q=of_q)
    came = "must be finite, as p gave this sample: if the samples come from q, pass log_q first"
    require(np.isfinite(of_p), "log_p", of_p, came)
    require(of_q < np.inf, "log_q", of_q, "must not be inf: find out where it comes from")
    return of_p - of_q


def _two_samples(x: ArrayLike, y: ArrayLike, neighbours: int) -> tuple[np.ndarray, np.ndarray, int]:
    given_x, given_y = read(x=x, y=y)
    samples = []
    for name, array in (("x", given_x), ("y", given_y)):
        if array.ndim not in (1, 2):
            raise ValueError(
                f"{name} has shape {array.shape}: pass a row for each point and a column for each "
                "coordinate, (n, d)."
            )
        require_finite(**{name: array})
        samples.append(array if array.ndim == 2 else array[:, np.newaxis])
    of_p, of_q = samples
    if given_x.ndim != given_y.ndim or of_p.shape[1] != of_q.shape[1]:
        raise ValueError(
            f"x has shape {given_x.shape} and y has shape {given_y.shape}: both must have a row "
            "for each point and the same coordinates as columns."
        )
    (wanted,) = read(neighbours=neighbours)
    if wanted.ndim:
        raise ValueError(f"neighbours has shape {wanted.shape}: pass a single whole number.")
    require_whole("neighbours", wanted, 1, "which nearest neighbour is looked for")
    k = int(wanted)
    for name, points, needed in (("x", of_p, k + 1), ("y", of_q, k)):
        if len(points) < needed:
            raise ValueError(
                f"{name} has {len(points)} points, but neighbours = {k} needs at least {needed}: "
                "pass more points or a smaller number of neighbours."
            )
    return of_p, of_q, k


def _require_no_ties(name: str, distances: np.ndarray, k: int, points: np.ndarray) -> None:
    tied = distances == 0
    if not tied.any():
        return
    where = place("x", tied, tied)
    others = (
        f"{k} other {'point' if k == 1 else 'points'} of x"
        if name == "x"
        else (f"{k} {'point' if k == 1 else 'points'} of y")
    )
    raise ValueError(
        f"{where} coincides with {others}, so the distance to its {k}-th neighbour in {name} is 0 "
        f"({int(tied.sum())} of {len(points)} points are tied so). A density gives no value twice: "
        "count the values and use plug_in_kl, take more neighbours, or, if they were rounded, add "
        "noise as wide as the rounding, rng.uniform(-step / 2, step / 2, x.shape)."
    )
