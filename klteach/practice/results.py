"""Reads what an answer returned: numbers as an array, or a sentence about what is wrong with it.

Only exact types are let in. An object of the learner's own class could call itself equal to
everything, so it is refused by its type and never asked to compare itself with anything.
"""

import math
from dataclasses import dataclass

import numpy as np

from klteach.practice.returns import Returns, one_per_outcome
from klteach.practice.wording import show

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


def read_result(value, returns: Returns, arguments: tuple) -> Result:
    """`value` as a Result, if it is what the question asks for after these arguments."""
    if value is None:
        return Result(problem=("returned nothing", f"It returned `None`, not {returns.asked}."))
    if returns.choices:
        return _read_words(value, returns, arguments)
    array = _as_array(value)
    if array is None:
        return Result(problem=("wrong type", _type_problem(value, returns)))
    problem = _shape_problem(array.shape, returns, arguments)
    if problem:
        return Result(problem=("wrong shape", problem))
    single = array.dtype.kind == "f" and array.dtype.itemsize < 8
    return Result(array.astype(float), single_precision=single)


def _read_words(value, returns: Returns, arguments: tuple) -> Result:
    if type(value) not in (list, tuple):
        return Result(problem=("wrong type", _type_problem(value, returns)))
    (wanted,) = returns.shape(*arguments)
    if len(value) != wanted:
        problem = f"It returned {len(value)} entries, not {returns.asked}."
        return Result(problem=("wrong shape", problem))
    for number, word in enumerate(value, 1):
        if type(word) is not str or word not in returns.choices:
            found = f"`{show(word)}`" if type(word) is str else f"no word but `{show(word)}`"
            problem = f"Entry {number} is {found}. Asked is {returns.asked}."
            return Result(problem=("wrong type", problem))
    return Result(returns.numbers(value))


def _type_problem(value, returns: Returns) -> str:
    words = _IN_WORDS.get(type(value), f"an object of type `{type(value).__name__}`")
    return f"It returned {words}, not {returns.asked}."


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
    """Whether lists, tuples and arrays, one in another at most, hold numbers and nothing else."""
    return all(
        type(v) in NUMBERS
        or (type(v) in (list, tuple) and all(type(inner) in NUMBERS for inner in v))
        or (type(v) is np.ndarray and v.ndim <= 1 and v.dtype.kind in "iuf")
        for v in values
    )


def _shape_problem(shape: tuple[int, ...], returns: Returns, arguments: tuple) -> str | None:
    wanted = returns.shape(*arguments)
    if shape == wanted:
        return None
    if wanted == ():
        if math.prod(shape) == 1:
            return "It returned an array that holds one number. Return the number itself."
        if arguments and shape == np.shape(arguments[0]):
            return "It returned one number per outcome, not one number. Is a sum missing?"
        return f"It returned an array of shape {shape}, not one number."
    if returns.shape is not one_per_outcome:
        found = f"{shape[0]} numbers" if len(shape) == 1 else f"an array of shape {shape}"
        return f"It returned {found if shape else 'one number'}, not {returns.asked}."
    if shape == ():
        return (
            "It returned one number for a whole array. Was everything added up, or was only one "
            "element used?"
        )
    if len(shape) == len(wanted) == 1 and shape < wanted:
        return (
            f"It returned {shape[0]} values for {wanted[0]} outcomes. If some were filtered out, "
            "put a value in their place, so that each stays beside its outcome."
        )
    return f"It returned an array of shape {shape}; the shape should be {wanted}."
