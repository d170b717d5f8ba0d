"""What the functions of this layer accept: checks on top of those of the measures.

Every refusal is a `ValueError` that names the argument, the place, the value and the way out.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from klteach.measures.dependence import has_margins, require_table
from klteach.measures.distributions import Distributions
from klteach.measures.labels import require_same_labels
from klteach.measures.parameters import require
from klteach.measures.validation import (
    numbers,
    require_non_negative,
    rounding_allowance,
    wrong_total,
)

FloatOrArray: TypeAlias = Any  # a float where numbers came in, an array where arrays did


def probabilities(name: str, values: ArrayLike) -> np.ndarray:
    """Distributions along the last axis, in the type that they came in; ValueError if not that."""
    array = numbers(name, values)
    Distributions(-1, **{name: array}).sums(lambda *blocks: ())
    return array


def shares(array: np.ndarray) -> np.ndarray:
    """Distributions along the last axis in float64, without what rounding left in their totals."""
    array = array.astype(np.float64)
    return array / array.sum(axis=-1, keepdims=True)


def rows_of_probabilities(name: str, values: ArrayLike, meaning: str) -> np.ndarray:
    """A table whose rows are distributions; ValueError if it is not, or lies on its side."""
    array = numbers(name, values)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}: pass a table, in which {meaning}.")
    if np.isfinite(array).all() and (array >= 0).all():
        off = [
            (np.abs(array.sum(axis=axis, dtype=np.float64) - 1) > rounding_allowance(array)).any()
            for axis in (0, 1)
        ]
        if off[1] and not off[0]:
            raise ValueError(
                f"the columns of {name} sum to 1 and its rows do not, but {meaning}: pass {name}.T."
            )
    return probabilities(name, array)


def transition_matrix(name: str, values: ArrayLike) -> np.ndarray:
    """A square table whose rows are distributions."""
    meaning = "row i lists how likely each state is to follow state i"
    array = rows_of_probabilities(name, values, meaning)
    if array.shape[0] != array.shape[1]:
        raise ValueError(
            f"{name} has {array.shape[0]} rows and {array.shape[1]} columns: it needs a row and a "
            "column for every state, in the same order."
        )
    return array


def joint_tables(**tables: ArrayLike) -> list[np.ndarray]:
    """Tables of joint probabilities of one shape, in float64; ValueError if they are not."""
    require_same_labels(-1, **tables)
    arrays = {name: _joint_table(name, values) for name, values in tables.items()}
    (first, left), *others = arrays.items()
    for name, right in others:
        if left.shape[-2:] != right.shape[-2:]:
            raise ValueError(
                f"{first} has shape {left.shape} and {name} has shape {right.shape}: both must "
                "have a row for each value of X and a column for each value of Y, with 0 for a "
                "pair that never occurs."
            )
        if left.ndim > 2 and right.ndim > 2 and left.shape != right.shape:
            raise ValueError(
                f"{first} is a batch of shape {left.shape[:-2]} and {name} one of shape "
                f"{right.shape[:-2]}: give both the same shape, or make one of them a single table."
            )
    return list(arrays.values())


def _joint_table(name: str, values: ArrayLike) -> np.ndarray:
    given = numbers(name, values)
    require_table(name, given)
    one = given.ndim == 2
    remedy = f"{name} / {name}.sum({'' if one else 'axis=(-2, -1), keepdims=True'})"
    require_non_negative(name, given, f"pass {remedy}")
    table = given.astype(np.float64)
    with np.errstate(over="ignore"):
        total = table.sum(axis=(-2, -1))
    off = ~(np.abs(total - 1) <= rounding_allowance(given))
    if off.any():
        if one and has_margins(table):
            raise ValueError(
                f"{name} has its margins, which are sums and no outcomes: pass it without its last "
                "row and its last column."
            )
        where = name if one else f"{name}[{', '.join(map(str, np.argwhere(off)[0]))}, :, :]"
        raise ValueError(wrong_total(where, total[off][0], given, remedy))
    return table


def require_whole(name: str, array: np.ndarray, least: int, meaning: str) -> None:
    """ValueError that names the first value that is no whole number from `least` on."""
    whole = np.isfinite(array) & (array >= least) & (array == np.floor(array))
    require(whole, name, array, f"must be a whole number from {least} on: {meaning}")
