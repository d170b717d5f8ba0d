"""Reads what an answer returned: numbers as an array, or a sentence about what is wrong with it.

Only exact types are let in. An object of the learner's own class could call itself equal to
everything, so it is refused by its type and never asked to compare itself with anything.
"""

from dataclasses import dataclass

import numpy as np

from klteach.practice.question import RETURNS

NUMBERS = (int, float, *{np.dtype(code).type for code in "bhilqBHILQefdg"})
_IN_WORDS = {
    bool: "`True` or `False`",
    np.bool_: "`True` or `False`",
    str: "a string",
    bytes: "a string",
    dict: "a dictionary",
    set: "a set",
    list: "a list",
    tuple: "a tuple",
    complex: "a complex number",
    np.complex128: "a complex number",
}


@dataclass(frozen=True, eq=False)
class Result:
    """What one call returned: `values` in double precision, or the `problem` with it.

    `problem` is a pair: the rung ("returned nothing", "wrong type", "wrong shape") and a sentence.
    """

    values: np.ndarray | None = None
    single_precision: bool = False
    problem: tuple[str, str] | None = None


def read_result(value, returns: str, argument) -> Result:
    """`value` as a Result, if it is what the question asks for after the first `argument`."""
    wanted = RETURNS[returns]
    if value is None:
        return Result(problem=("returned nothing", f"It returned `None`, not {wanted}."))
    array = _as_array(value)
    if array is None:
        words = _IN_WORDS.get(type(value), f"an object of type `{type(value).__name__}`")
        return Result(problem=("wrong type", f"It returned {words}, not {wanted}."))
    problem = _shape_problem(array, returns, np.shape(argument))
    if problem:
        return Result(problem=("wrong shape", problem))
    single = array.dtype.kind == "f" and array.dtype.itemsize < 8
    return Result(array.astype(float), single_precision=single)


def _as_array(value) -> np.ndarray | None:
    if type(value) in NUMBERS:
        value = np.asarray(value)
    elif type(value) in (list, tuple) and _holds_numbers(value):
        try:
            value = np.array(value)
        except ValueError:  # rows of different lengths
            return None
    if type(value) is not np.ndarray or value.dtype.kind not in "iuf":
        return None
    return value


def _holds_numbers(values) -> bool:
    """Whether lists and tuples, one in another at most, hold numbers and nothing else."""
    return all(
        type(v) in NUMBERS
        or (type(v) in (list, tuple) and all(type(inner) in NUMBERS for inner in v))
        or (type(v) is np.ndarray and v.ndim == 0 and v.dtype.kind in "iuf")
        for v in values
    )


def _shape_problem(array: np.ndarray, returns: str, argument: tuple[int, ...]) -> str | None:
    wanted = () if returns == "number" else argument
    if array.shape == wanted:
        return None
    if wanted == ():
        if array.size == 1:
            return "It returned an array that holds one number. Return the number itself."
        if array.shape == argument:
            return "It returned one number per outcome, not one number. Is a sum missing?"
        return f"It returned an array of shape {array.shape}, not one number."
    if array.ndim == 0:
        return (
            "It returned one number for a whole array. Was everything added up, or was only one "
            "element used?"
        )
    if array.ndim == len(wanted) == 1 and len(array) < wanted[0]:
        return (
            f"It returned {len(array)} values for {wanted[0]} outcomes. If some were filtered out, "
            "put a value in their place, so that each stays beside its outcome."
        )
    return f"It returned an array of shape {array.shape}; the shape should be {wanted}."
