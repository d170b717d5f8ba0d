"""Wasserstein distance on a line: unlike the divergences, it knows how far apart outcomes are."""

import warnings

import numpy as np

from klteach.measures.distributions import Distributions
from klteach.measures.labels import require_same_labels
from klteach.measures.validation import counted, last_axis, numbers, place

LARGEST = np.finfo(np.float64).max / 2  # the width of a gap must not overflow


@np.errstate(under="ignore")
def wasserstein_distance(x, y, p=None, q=None, *, axis=-1):
    """Wasserstein distance W1: how far probability must be carried, on average, from p to q.

    Formula: W1 = ∫ |F(t) - G(t)| dt, where F is the distribution function of positions x with
             probabilities p, and G that of y with q. Without p or q, all positions of that side
             are equally likely, as in a sample. A metric; 0 only for the same distribution. Unlike
             the other measures it begins with positions: probabilities alone, (p, q), would be
             taken for samples, of which a UserWarning tells.
    Shapes:  x and p (..., n), y and q (..., m) give (...,); each of the four may be a single list
             beside a batch. Single lists give a float. `axis` runs over the positions.
    Units:   those of x and y.
    Errors:  ValueError if a position is not finite, if p or q is not a distribution, or if the
             four do not match in shape.
    Source:  S. S. Vallender, "Calculation of the Wasserstein distance between probability
             distributions on the line" (1974).

    >>> round(wasserstein_distance([1, 2, 3], [1, 2, 3], [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 6)
    1.1
    """
    x, y, p, q = read(axis, x=x, y=y, p=p, q=q)
    batch = np.broadcast_shapes(*[array.shape[:-1] for array in (x, y, p, q)])
    x, p = (np.broadcast_to(array, (*batch, x.shape[-1])) for array in (x, p))
    y, q = (np.broadcast_to(array, (*batch, y.shape[-1])) for array in (y, q))
    if np.array_equal(x, y):
        positions, more_p, q_there = x, p - q, q  # differences p - q are exact near p = q
    else:
        positions = np.concatenate([x, y], axis=-1)
        more_p = np.concatenate([p, -q], axis=-1)
        q_there = np.concatenate([np.zeros_like(p), q], axis=-1)
    order = np.argsort(positions, axis=-1)
    positions, more_p, q_there = (
        np.take_along_axis(array, order, axis=-1) for array in (positions, more_p, q_there)
    )
    gap, below_q = more_p.cumsum(axis=-1), q_there.cumsum(axis=-1)  # F - G, and G
    gap -= gap[..., -1:] / below_q[..., -1:] * below_q  # totals may differ by rounding
    carried = np.add.reduce(np.abs(gap[..., :-1]) * np.diff(positions), axis=-1)
    result = carried / p.sum(axis=-1)
    return float(result) if result.ndim == 0 else result


def read(axis, **given):
    """Positions and probabilities as float64 arrays whose last axis runs over the positions."""
    for positions, probabilities in ("xp", "yq"):
        pair = (positions, probabilities)
        require_same_labels(axis, **{name: given[name] for name in pair})
    arrays = {
        name: numbers(name, values)
        for name, values in given.items()
        if name in "xy" or values is not None
    }
    for name in "xy":
        require_positions(name, arrays[name])
    if len(arrays) == 2 and all(map(_look_like_probabilities, arrays.values())):
        warnings.warn(
            "x and y sum to 1, as probabilities do, and are taken for positions. The distance "
            "between two lists of probabilities p and q on the places x is "
            "wasserstein_distance(x, x, p, q).",
            stacklevel=4,  # errstate is between this and the caller
        )
    dimensions = max(array.ndim for array in arrays.values())
    for name, array in arrays.items():
        own_axis = axis if array.ndim == dimensions else -1
        if name in "pq":
            Distributions(own_axis, **{name: array}).sums(lambda *blocks: ())
        arrays[name] = last_axis(name, array, own_axis).astype(np.float64)
    for positions, probabilities in ("xp", "yq"):
        require_same_length(arrays, positions, probabilities)
    batches = {name: array.shape[:-1] for name, array in arrays.items() if array.ndim > 1}
    for name, batch in batches.items():
        first = next(iter(batches))
        if batch != batches[first]:
            raise ValueError(
                f"{first} is a batch of shape {batches[first]} and {name} one of shape {batch}: "
                "give both the same shape, or make one of them a single list."
            )
    return arrays["x"], arrays["y"], *probabilities_of(arrays)


def _look_like_probabilities(array):
    if array.dtype.kind != "f" or array.shape[-1] < 2 or (array < 0).any():
        return False
    return bool(np.allclose(array.sum(axis=-1), 1, rtol=0, atol=1e-9))


def probabilities_of(arrays):
    """p and q; where neither is given, as whole numbers, since sums of those are exact."""
    n, m = arrays["x"].shape[-1], arrays["y"].shape[-1]
    if "p" not in arrays and "q" not in arrays:
        return np.full(n, float(m)), np.full(m, float(n))
    return arrays.get("p", np.full(n, 1 / n)), arrays.get("q", np.full(m, 1 / m))


def require_positions(name, array):
    """ValueError unless the array lists at least one position, all of them finite."""
    if array.ndim == 0:
        raise ValueError(
            f"{name} is the single number {array[()]:.12g}: pass a list of positions, even of one."
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}): pass at least one position.")
    bad = ~(np.abs(array.astype(np.float64)) <= LARGEST)
    if bad.any():
        raise ValueError(
            f"{place(name, array, bad)} is {array[bad][0]:.12g}, which is not a finite position "
            "(or one above 8.9e307): replace it or leave it out, with its probability."
        )


def require_same_length(arrays, positions, probabilities):
    """ValueError unless every position has a probability."""
    if probabilities not in arrays:
        return
    length, given = arrays[positions].shape[-1], arrays[probabilities].shape[-1]
    if length != given:
        noun = "position" if length == 1 else "positions"
        raise ValueError(
            f"{positions} has {length} {noun} and {probabilities} has {counted(given)}: give "
            f"{probabilities} one probability for each position in {positions}."
        )
