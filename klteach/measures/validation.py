"""Checks of what a learner passes in: nothing wrong is repaired in silence.

Every refusal is a `ValueError` that names the argument, the place, the value or the sum, and the
way out.
"""

import numpy as np

REFUSED_KINDS = {
    "b": "True and False",
    "c": "complex numbers",
    "M": "dates",
    "m": "time differences",
    "O": "Python objects",
    "S": "bytes",
    "T": "text",
    "U": "text",
    "V": "records",
}

# Half the digits of float16, float32 and float64: 3.1e-2, 3.5e-4 and 1.5e-8, whatever the number of
# outcomes. NumPy's `Generator.choice` draws the line at the same place.
ROUNDING_ALLOWANCE = {char: float(np.sqrt(np.finfo(char).eps)) for char in "efd"}


def rounding_allowance(array):
    """How far the sum of the array may be from 1, by the type in which its values were stored."""
    return ROUNDING_ALLOWANCE.get(array.dtype.char, ROUNDING_ALLOWANCE["d"])


def numbers(name, values):
    """The values as an array of real numbers; ValueError if they are something else."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{name} cannot be read as an array of numbers; do its rows differ in length? ({error})"
        ) from None
    if array is not values and isinstance(values, np.ndarray) and np.ma.is_masked(values):
        raise ValueError(
            f"{name} has masked entries, which have no value here: fill them or leave them out."
        )
    kind = array.dtype.kind
    if kind in "fiu":
        return array
    if kind == "O" and array.ndim == 0:
        raise ValueError(
            f"{name} is of type {type(values).__name__}: pass numbers, as a list or an array."
        )
    advice = f"convert with np.asarray({name}, dtype=float)"
    if kind not in "bOSTU":
        advice = "pass real numbers"
    raise ValueError(f"{name} holds {REFUSED_KINDS[kind]}, not real numbers: {advice}.")


def require_not_nan(name, array):
    """ValueError that names the first NaN, if there is one."""
    if np.isnan(array).any():
        raise ValueError(
            f"{place(name, array, np.isnan(array))} is nan, which no unit can express: "
            "find out where it comes from."
        )


def require_outcomes(name, array):
    """ValueError if the array is a single number or has no entries."""
    if array.ndim == 0:
        raise ValueError(
            f"{name} is the single number {array[()]:.12g}, not a distribution: "
            "list every outcome, for a coin as [x, 1 - x]."
        )
    if array.size == 0:
        raise ValueError(
            f"{name} is empty (shape {array.shape}): a distribution needs at least one outcome."
        )


def require_same_shape(arrays):
    """ValueError unless all arrays list the same outcomes, for the same batch or for one of it.

    `arrays` maps names to arrays whose last axis runs over outcomes.
    """
    if len({array.shape for array in arrays.values()}) == 1:
        return
    (first, left), (last, right) = arrays.items()
    if left.shape[-1] != right.shape[-1]:
        raise ValueError(
            f"{first} has {counted(left.shape[-1])} and {last} has {counted(right.shape[-1])}: "
            "both must list the same outcomes in the same order, with 0 for one that never occurs."
        )
    if left.ndim > 1 and right.ndim > 1:
        raise ValueError(
            f"{first} is a batch of shape {left.shape[:-1]} and {last} one of shape "
            f"{right.shape[:-1]}: give both the same shape, or make one of them a single "
            "distribution with one axis."
        )


def last_axis(name, array, axis):
    """A view of the array with `axis` moved to the end; ValueError if there is no such axis."""
    whole = isinstance(axis, (int, np.integer)) and not isinstance(axis, bool)
    if not whole or not -array.ndim <= axis < array.ndim:
        raise ValueError(
            f"axis is {axis!r}, but {name} has axes {-array.ndim} to {array.ndim - 1}: "
            "choose the one that runs over the outcomes."
        )
    return array if axis in (-1, array.ndim - 1) else np.moveaxis(array, axis, -1)


def require_non_negative(name, array, remedy=None):
    """ValueError that names the first NaN, infinite or negative value, if there is one."""
    bad = ~(np.isfinite(array) & (array >= 0))
    if not bad.any():
        return
    remedy = remedy or f"call normalize({name})"
    value = array[bad][0]
    where = place(name, array, bad)
    if not np.isfinite(value):
        raise ValueError(
            f"{where} is {value}, not a finite number: replace it, or leave the outcome out of "
            f"every argument, then {remedy}."
        )
    raise ValueError(
        f"{where} is {value:.12g} and must not be negative: mend it where it comes from "
        f"(log-probabilities need np.exp), then {remedy}."
    )


def refuse_total(name, array, axis, totals):
    """ValueError that names the first distribution of the array whose total is not 1."""
    if array.ndim == 1:
        where, total = name, totals[0]
    else:
        off = ~(np.abs(totals - 1) <= rounding_allowance(array))
        batch = np.delete(array.shape, axis)
        where, total = row(name, axis % array.ndim, off.reshape(batch)), totals[off][0]
    raise ValueError(wrong_total(where, total, array, f"normalize({name})"))


def wrong_total(where, total, array, remedy):
    """What to say of a total that is not 1: what the values seem to be, and the remedy."""
    if total == 0:
        return (
            f"{where} sums to 0, so no outcome can occur, and {remedy} cannot mend that: "
            "is the data there?"
        )
    kind = "counts"
    if abs(total - 100) < 1:
        kind = "percentages" if array.dtype.kind == "f" else "counts or percentages"
    elif array.dtype.kind == "f":
        return f"{where} sums to {total:.9g}, not to 1: pass {remedy}."
    values = "values" if array.dtype.kind == "f" else "whole numbers"
    return (
        f"{where} holds {values} that sum to {total:.9g}, so these are {kind} and not "
        f"probabilities: pass {remedy}."
    )


def place(name, array, bad):
    """The first marked entry in the words of NumPy, such as `p[2, 0]`."""
    if array.ndim == 0:
        return name
    return f"{name}[{', '.join(map(str, np.argwhere(bad)[0]))}]"


def row(name, axis, bad):
    """The first marked distribution of a batch, such as `p[2, :]`; the name where it is alone."""
    if bad.ndim == 0:
        return name
    indices = [str(index) for index in np.argwhere(bad)[0]]
    indices.insert(axis, ":")
    return f"{name}[{', '.join(indices)}]"


def counted(number):
    """The number of outcomes, in words that agree."""
    return f"{number} outcome" if number == 1 else f"{number} outcomes"
