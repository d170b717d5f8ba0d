"""Fits: the normal distribution nearest to a mixture, in both directions, and the best temperature.

A temperature and a fit under KL(mixture‖·) are the answer of one equation. Under KL(·‖mixture)
there may be several local minima, and each must be found before the best one can be named.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from klteach.inference.reading import probabilities, shares
from klteach.measures.parameters import (
    read,
    require,
    require_finite,
    require_one_shape,
    require_positive,
)
from klteach.measures.validation import place

REACH = 10.0  # standard deviations on either side of a fit; what is beyond weighs 1e-23
ALIKE = 1e-12  # nats
NARROWEST = 1e-9  # of the whole mixture's standard deviation, so that a place within has 7 digits


@np.errstate(under="ignore")
def fit_normal_forward(
    weights: ArrayLike, means: ArrayLike, sigmas: ArrayLike
) -> tuple[float, float]:
    """The normal distribution with the least KL(mixture‖·): it covers everything.

    Formula: mu = Σ w m and sigma² = Σ w (s² + (m - mu)²), the mean and the variance of the mixture,
             since KL(mixture‖·) is least where the expected log-likelihood is largest.
    Shapes:  weights (k,), means (k,) and sigmas (k,) give two floats, (mu, sigma); means or sigmas
             may be a number that holds for all.
    Units:   those of means and sigmas.
    Errors:  ValueError if weights is not a distribution, if a sigma is not positive or a mean not
             finite, or if they do not match in shape.
    Source:  C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), section 10.7.

    >>> fit_normal_forward([0.5, 0.5], [-3.0, 3.0], [4.0, 4.0])
    (0.0, 5.0)
    """
    share, mean, sigma = _mixture(weights, means, sigmas)
    return _moments(share, mean, sigma)


@np.errstate(under="ignore")
def fit_normal_reverse(
    weights: ArrayLike, means: ArrayLike, sigmas: ArrayLike
) -> tuple[float, float, float]:
    """The normal distribution with the least KL(·‖mixture), and that divergence: it picks a part.

    Formula: the (mu, sigma) that minimises KL(N(mu, sigma)‖Σ w N(m, s)) over all local minima.
             Newton's method starts at the mean and the sd of every run of neighbouring components,
             from each one alone to all of them. The divergence is a sum over a fine grid, which is
             refined until nothing changes. Of minima that are equally deep, the one with the
             largest mu is given.
    Shapes:  weights (k,), means (k,) and sigmas (k,) give three floats, (mu, sigma, kl); means or
             sigmas may be a number that holds for all.
    Units:   those of means and sigmas; kl in nats.
    Errors:  as for fit_normal_forward; also if a sigma is below 1e-9 of the whole mixture's.
    Source:  C. M. Bishop, "Pattern Recognition and Machine Learning" (2006), section 10.1.2.

    >>> [round(value, 4) for value in fit_normal_reverse([0.5, 0.5], [-3.0, 3.0], 1.0)]
    [2.9843, 1.0234, 0.6888]
    """
    share, mean, sigma = _mixture(weights, means, sigmas)
    if (mean == mean[0]).all() and (sigma == sigma[0]).all():
        return float(mean[0]), float(sigma[0]), 0.0
    middle, unit = _moments(share, mean, sigma)
    if sigma.min() < NARROWEST * unit:
        raise ValueError(
            f"the narrowest of sigmas is {sigma.min():.12g}, which float64 cannot tell from 0 in a "
            f"mixture that is {unit:.12g} wide: leave that component out, or widen it."
        )
    mixture = _Mixture(share, (mean - middle) / unit, sigma / unit)
    grid = _coarse_grid()
    rough = _distinct([_minimum(mixture, start, grid) for start in _starts(mixture)])
    minima = [_refined(mixture, minimum) for minimum in _within(1.0, rough)]
    best = max(_within(ALIKE, minima))
    # by force, as the sum over the grid is rounded
    return middle + unit * best.mu, unit * float(np.exp(best.log_sigma)), max(best.kl, 0.0)


@np.errstate(under="ignore")
def fit_temperature(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature by which logits must be divided so that their log loss is least.

    Formula: the T > 0 that minimises the mean of -log softmax(logits/T)[label]. In 1/T the loss is
             convex, and its slope, the mean of Σ softmax(logits/T) logit minus the mean logit of
             the labels, is 0 there.
    Shapes:  logits (n, classes) and labels (n,), class numbers from 0, give a float. A logit of
             -inf rules out its class at every temperature.
    Units:   none.
    Errors:  ValueError if no T is best: if every label has the largest logit of its row, the loss
             falls for ever as T goes to 0; if labels have on average no larger logits than the
             other classes, it falls as T goes to infinity; if all logits of each row are equal, T
             changes nothing. Also for nan, for a label that is no class, or for other shapes.
    Source:  C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural
             networks" (2017).

    >>> round(fit_temperature([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0]], [0, 0, 1]), 6)
    5.77078
    """
    leads = _leads(logits, labels)
    possible = leads > -np.inf
    unit = np.abs(leads[possible]).max()
    if unit == 0:
        raise ValueError(
            "the logits of each row are all equal, so every temperature gives the same log loss: "
            "pass what the model says before the softmax."
        )
    if (leads <= 0).all():
        raise ValueError(
            "every label has the largest logit of its row, so the log loss falls for ever as T "
            "goes to 0, and no temperature is best: fit it on more rows, ones that the model was "
            "not trained on."
        )
    leads = leads / unit

    def slope(coldness):
        """The derivative of the log loss by 1/T, and that of the slope by log(1/T)."""
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = np.where(leads == 0, 0.0, coldness * leads)
            weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
            weights /= weights.sum(axis=1, keepdims=True)
            finite = np.where(possible, leads, 0.0)
            means = (weights * finite).sum(axis=1, keepdims=True)
            spread = (weights * (finite - means) ** 2).sum(axis=1)
        return means.mean(), coldness * spread.mean()

    if slope(0.0)[0] >= 0:
        raise ValueError(
            "the labels have on average no larger logits than the other classes, so the log loss "
            "falls as T goes to infinity, and no temperature is best: do labels and logits belong "
            "together, row by row and class by class?"
        )
    return float(unit / _root(slope))


class _Mixture(NamedTuple):
    shares: np.ndarray
    means: np.ndarray
    sigmas: np.ndarray


class _Point(NamedTuple):
    """A normal distribution; the order of its parts decides between equally good ones."""

    mu: float
    log_sigma: float
    kl: float = np.inf


def _mixture(
    weights: ArrayLike, means: ArrayLike, sigmas: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The components that have weight, as three arrays (k,); ValueError for anything else."""
    share = probabilities("weights", weights)
    if share.ndim != 1:
        raise ValueError(f"weights has shape {share.shape}: pass one weight for each component.")
    mean, sigma = read(means=means, sigmas=sigmas)
    require_one_shape(weights=share, means=mean)
    require_one_shape(weights=share, sigmas=sigma)
    require_finite(means=mean)
    require_positive("it is a standard deviation, np.sqrt of a variance", sigmas=sigma)
    there = share > 0
    mean, sigma = (np.broadcast_to(array, share.shape)[there] for array in (mean, sigma))
    return shares(share)[there], mean, sigma


def _moments(share: np.ndarray, mean: np.ndarray, sigma: np.ndarray) -> tuple[float, float]:
    """The mean and the standard deviation of a mixture, whatever the place and the scale."""
    offsets = mean - mean[0]
    shift = share @ offsets / share.sum()
    apart = offsets - shift
    unit = max(np.abs(apart).max(), sigma.max())  # squares must stay in float64
    variance = share @ ((sigma / unit) ** 2 + (apart / unit) ** 2) / share.sum()
    return float(mean[0] + shift), float(unit * np.sqrt(variance))


def _starts(mixture: _Mixture) -> list[_Point]:
    """The moments of every run of neighbouring components, near which a local minimum may be."""
    order = np.argsort(mixture.means, kind="stable")
    starts = []
    for first in range(len(order)):
        for last in range(first, len(order)):
            run = order[first : last + 1]
            mu, sigma = _moments(*(array[run] for array in mixture))
            starts.append(_Point(mu, float(np.log(sigma))))
    return starts


def _distinct(minima: list[_Point]) -> list[_Point]:
    """One of each, where several starts have led to the same minimum."""
    found: list[_Point] = []
    for minimum in minima:
        if not any((_gaps(minimum, other)[:2] <= 1e-6).all() for other in found):
            found.append(minimum)
    return found


def _within(nats: float, minima: list[_Point]) -> list[_Point]:
    """The minima that are no more than so many nats above the deepest."""
    least = min(minimum.kl for minimum in minima)
    return [minimum for minimum in minima if minimum.kl <= least + nats]


def _refined(mixture: _Mixture, found: _Point) -> _Point:
    """A local minimum of the coarse grid on one so fine that a finer one changes nothing."""
    for fineness in (2, 4, 8, 16):
        finer = _minimum(mixture, found, _fine_grid(mixture, found, fineness))
        same = _gaps(finer, found) <= (1e-9, 1e-9, 1e-13)
        found = finer
        if same.all():
            break
    return found


def _gaps(one: _Point, other: _Point) -> np.ndarray:
    """How far two points are apart in mu/sigma, in log sigma and in divergence."""
    gaps = np.abs(np.subtract(one, other))
    gaps[0] /= np.exp(one.log_sigma)
    return gaps


def _coarse_grid() -> tuple[np.ndarray, np.ndarray]:
    """Places z and weights for the mean over a standard normal distribution."""
    z = np.linspace(-REACH, REACH, 1025)
    weights = np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def _fine_grid(mixture: _Mixture, at: _Point, fineness: int) -> tuple[np.ndarray, np.ndarray]:
    """The same by Gauss's rule in short panels, shorter where a narrow component needs it.

    The density may go up and down within a component's width, and where another component takes
    over, which in all that matters is no more than a few widths away from one of the two.
    """
    sigma = np.exp(at.log_sigma)
    widths = np.linspace(-40, 40, 80 * fineness + 1)
    edges = (mixture.means[:, np.newaxis] + mixture.sigmas[:, np.newaxis] * widths - at.mu) / sigma
    own = np.linspace(-REACH, REACH, 20 * fineness + 1)
    edges = np.unique(np.concatenate([own, edges[np.abs(edges) < REACH]]))
    nodes, shares_there = np.polynomial.legendre.leggauss(16)
    halves = np.diff(edges)[:, np.newaxis] / 2
    z = (edges[:-1, np.newaxis] + halves * (1 + nodes)).ravel()
    weights = (halves * shares_there).ravel() * np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def _minimum(mixture: _Mixture, start: _Point, grid: tuple[np.ndarray, np.ndarray]) -> _Point:
    """The local minimum below a start by Newton's method, with means taken over this grid."""
    z, weights = grid
    mu, log_sigma, _ = start
    kl, gradient, curvature = _divergence(mixture, mu, log_sigma, z, weights)
    idle = 0
    for _ in range(200):
        step = _newton_step(gradient, curvature)
        length = float(np.hypot(*step))
        rounding = 1e-15 * (1 + kl)
        while length > 1e-12:
            new = mu + step[0] * np.exp(log_sigma), log_sigma + step[1]
            trial = _divergence(mixture, *new, z, weights)
            if trial[0] <= kl + rounding:
                break
            step, length = step / 2, length / 2
        else:
            break  # as low as it gets
        # What can be gained is soon below rounding; two more steps bring mu and sigma to rest.
        idle = 0 if trial[0] < kl - rounding else idle + 1
        (mu, log_sigma), (kl, gradient, curvature) = new, trial
        if idle == 3:
            break
    return _Point(float(mu), float(log_sigma), float(kl))


def _newton_step(gradient, curvature):
    """Where to go from here: downhill on hills too, and no further than half a sigma."""
    values, directions = np.linalg.eigh(curvature)
    step = -directions @ (directions.T @ gradient / np.maximum(np.abs(values), 1e-6))
    return step * min(1.0, 0.5 / max(float(np.hypot(*step)), 1e-300))


def _divergence(mixture, mu, log_sigma, z, weights):
    """KL(N(mu, sigma)‖mixture), its gradient and its curvature, in steps of mu/sigma and log sigma.

    With l(x) the log density of the mixture, they are means of l, l', l'' and their products with
    z over x = mu + sigma z.
    """
    sigma = np.exp(log_sigma)
    log_density, shares_there, slopes = _log_density(mixture, mu + sigma * z)
    kl = -log_sigma - 0.5 * np.log(2 * np.pi * np.e) - weights @ log_density
    first = (shares_there * slopes).sum(axis=-1)
    second = (shares_there * ((slopes - first[:, np.newaxis]) ** 2 - mixture.sigmas**-2.0)).sum(-1)
    first, second = sigma * first, sigma**2 * second
    gradient = np.array([-(weights @ first), -1 - weights @ (z * first)])
    across = -(weights @ (z * second))
    along_sigma = -(weights @ (z * z * second)) - weights @ (z * first)
    return kl, gradient, np.array([[-(weights @ second), across], [across, along_sigma]])


def _log_density(mixture, x):
    """The log density of the mixture at x, the share of each component in it, and its slope."""
    distances = (x[..., np.newaxis] - mixture.means) / mixture.sigmas
    logs = np.log(mixture.shares) - np.log(mixture.sigmas) - distances**2 / 2
    top = logs.max(axis=-1, keepdims=True)
    parts = np.exp(logs - top)
    total = parts.sum(axis=-1, keepdims=True)
    log_density = (top + np.log(total))[..., 0] - 0.5 * np.log(2 * np.pi)
    return log_density, parts / total, -distances / mixture.sigmas


def _leads(logits: ArrayLike, labels: ArrayLike) -> np.ndarray:
    """By how much each logit is above that of the label, (n, classes); ValueError for bad input."""
    table, numbers = read(logits=logits, labels=labels)
    if table.ndim != 2:
        raise ValueError(
            f"logits has shape {table.shape}: pass a row for each case and a column for each class."
        )
    if numbers.shape != table.shape[:1]:
        raise ValueError(
            f"labels has shape {numbers.shape} and logits has shape {table.shape}: pass one class "
            "number for each row of logits."
        )
    require(table < np.inf, "logits", table, "must not be inf: find out where it comes from")
    last = table.shape[1] - 1
    whole = (numbers >= 0) & (numbers <= last) & (numbers == np.floor(numbers))
    require(whole, "labels", numbers, f"must be a class number from 0 to {last}")
    of_label = np.take_along_axis(table, numbers[:, np.newaxis].astype(int), axis=1)
    ruled_out = np.isneginf(of_label[:, 0])
    if ruled_out.any():
        raise ValueError(
            f"the logit of {place('labels', numbers, ruled_out)} is -inf, so the log loss is inf "
            "at every temperature: leave the row out, or mend its logits."
        )
    return table - of_label


def _root(slope) -> float:
    """Where an increasing function is 0: `slope(x)` gives its value and its derivative by log x."""
    low, high = 1.0, 1.0
    while slope(low)[0] > 0:
        low /= 8
    while slope(high)[0] < 0:
        high *= 8
    x = np.sqrt(low) * np.sqrt(high)
    for _ in range(200):
        value, derivative = slope(x)
        if value == 0:
            break
        low, high = (x, high) if value < 0 else (low, x)
        with np.errstate(all="ignore"):
            new = x * np.exp(-value / derivative)
        if not low < new < high:
            new = np.sqrt(low) * np.sqrt(high)
        x, last = new, x
        if abs(x - last) <= 1e-10 * x:  # each step doubles the digits
            break
    return float(x)
