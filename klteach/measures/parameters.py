"""Checks of the parameters of a family and of other plain numbers: rates, bounds, forecasts.

Like `validation`, which checks distributions: every refusal is a `ValueError` that names the
argument, the place, the value and the way out, and nothing is stretched to fit in silence.
"""

import numpy as np

from klteach.measures.validation import numbers, place


def read(**given):
    """The arguments as arrays of float64 numbers, none of them empty or NaN; ValueError if not."""
    arrays = []
    for name, values in given.items():
        array = numbers(name, values).astype(np.float64)
        if array.size == 0:
            raise ValueError(f"{name} is empty (shape {array.shape}): pass at least one number.")
        nan = np.isnan(array)
        if nan.any():
            raise ValueError(
                f"{place(name, array, nan)} is nan, not a number: find out where it comes from."
            )
        arrays.append(array)
    return arrays


def require_one_shape(**arrays):
    """ValueError unless all arrays that are not single numbers have one shape."""
    shapes = {name: array.shape for name, array in arrays.items() if array.ndim}
    for name, shape in shapes.items():
        first = next(iter(shapes))
        if shape != shapes[first]:
            raise ValueError(
                f"{first} has shape {shapes[first]} and {name} has shape {shape}: "
                "give both the same shape, or one of them as a single number."
            )


def require_one_length(remedy, **arrays):
    """ValueError unless all arrays that are not single numbers agree in the length of a vector.

    A vector of shape (d,) may stand beside a batch of shape (..., d).
    """
    shapes = {name: array.shape for name, array in arrays.items() if array.ndim}
    if not shapes:
        name = next(iter(arrays))
        raise ValueError(f"{name} is the single number {arrays[name]:.12g}, not a list: {remedy}.")
    first = next(iter(shapes))
    for name, shape in shapes.items():
        if shape[-1] != shapes[first][-1]:
            raise ValueError(
                f"{first} lists {shapes[first][-1]} and {name} lists {shape[-1]} numbers along "
                f"the last axis, where both must list equally many: {remedy}."
            )
    require_one_batch({name: shape[:-1] for name, shape in shapes.items() if len(shape) > 1})


def require_one_batch(batches):
    """ValueError unless the shapes of all batches, by the names of their arguments, are one."""
    for name, batch in batches.items():
        first = next(iter(batches))
        if batch != batches[first]:
            raise ValueError(
                f"{first} is a batch of shape {batches[first]} and {name} one of shape {batch}: "
                "give both the same shape, or leave one of them without a batch."
            )


def require_finite(**arrays):
    """ValueError that names the first infinite value."""
    for name, array in arrays.items():
        require(np.isfinite(array), name, array, "must be finite: find out where it comes from")


def require_positive(remedy, **arrays):
    """ValueError that names the first value that is infinite, zero or negative."""
    require_finite(**arrays)
    for name, array in arrays.items():
        require(array > 0, name, array, f"must be positive: {remedy}")


def require_between(low, high, remedy, **arrays):
    """ValueError that names the first value below `low` or above `high`."""
    for name, array in arrays.items():
        inside = (array >= low) & (array <= high)
        border = f"at least {low:g}" if high == np.inf else f"between {low:g} and {high:g}"
        require(inside, name, array, f"must be {border}: {remedy}")


def require(right, name, array, demand):
    """ValueError that names the first value that is not right, and what is demanded of it."""
    if not right.all():
        where = place(name, array, ~right)
        raise ValueError(f"{where} is {array[~right][0]:.12g} and {demand}.")


def plain(values):
    """A float where there is one value, the array where there are more."""
    return float(values) if np.ndim(values) == 0 else values
