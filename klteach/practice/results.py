"""Reads what an answer returned: numbers as an array, or a sentence about what is wrong with it.

Only exact types are let in. An object of the learner's own class could call itself equal to
everything, so it is refused by its type and never asked to compare itself with anything.
"""

import math
from dataclasses import dataclass

import numpy as np

from klteach.practice.calls import NUMBERS, Undefined
from klteach.practice.returns import Returns, one_per_outcome
from klteach.practice.wording import show

_IN_WORDS = {
    bool: "`True` or `False`",
    np.bool_: "`True` or `False`",
    str: "a string",
    bytes: "a string",
    dict: "a dictionary",
    set: "a set",
    complex: "a complex number",
    np.complex128: "a complex number",
}
_HELP = {
    "Series": "`.to_numpy()` makes an array of it, in the order in which it is printed.",
    "DataFrame": "`.to_numpy()` makes an array of it.",
    "Tensor": "`.numpy()` makes an array of it.",
    "MaskedArray": "`.filled(...)` makes an array of it: what should stand where the mask is?",
    "matrix": "`np.asarray` makes an array of it.",
    "Decimal": "`float` makes a number of it.",
    "Fraction": "`float` makes a number of it.",
    "mpf": "`float` makes a number of it.",
    "generator": "`list` makes a list of it; `sum` adds it up.",
    "map": "`list` makes a list of it; `sum` adds it up.",
    "zip": "`list` makes a list of it.",
    "range": "`list` makes a list of it.",
    "dict_values": "`list` makes a list of it.",
    "list_iterator": "`list` makes a list of it.",
}


@dataclass(frozen=True, eq=False)
class Result:
    """What one call returned: `values` in double precision, or the `problem` with it.

    `problem` is a pair: the rung ("returned nothing", "wrong type", "wrong shape") and a sentence.
    `undefined` says where nan may have begun.
    """

    values: np.ndarray | None = None
    single_precision: bool = False
    problem: tuple[str, str] | None = None
    undefined: tuple[Undefined, ...] = ()


def read_result(value, returns: Returns, arguments: tuple) -> Result:
    """`value` as a Result, if it is what the question asks for after these arguments."""
    if value is None:
        return Result(problem=("returned nothing", f"It returned `None`, not {returns.asked}."))
    if returns.choices:
        return _read_words(value, returns, arguments)
    array = _as_array(value, returns.booleans)
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
        entries = "1 entry" if len(value) == 1 else f"{len(value)} entries"
        return Result(problem=("wrong shape", f"It returned {entries}, not {returns.asked}."))
    places = [returns.place(word) if type(word) is str else None for word in value]
    for number, (place, word) in enumerate(zip(places, value, strict=True), 1):
        if place is None:
            found = f"`{show(word)}`" if type(word) is str else f"no word but `{show(word)}`"
            problem = f"Entry {number} is {found}. The question asks for {returns.asked}."
            return Result(problem=("wrong type", problem))
    return Result(np.array(places, dtype=float))


def _type_problem(value, returns: Returns) -> str:
    kind = type(value).__name__
    words = _IN_WORDS.get(type(value), f"an object of type `{kind}`")
    if kind == "ndarray":
        words = "an array of " + _KINDS_OF_ARRAYS.get(_dtype_kind(value), "objects, not of numbers")
    elif type(value) in (list, tuple):
        words = f"a {kind} of {_content(value)}"
    sentence = f"It returned {words}. The question asks for {returns.asked}."
    return f"{sentence} {_HELP[kind]}" if kind in _HELP else sentence


_KINDS_OF_ARRAYS = {
    "b": "True and False",
    "U": "strings",
    "S": "strings",
    "c": "complex numbers",
    "O": "objects, not of numbers",
}


def _dtype_kind(value) -> str:
    # what another process sent may be a stand-in with the name of its type alone
    return value.dtype.kind if isinstance(value, np.ndarray) else ""


def _content(values) -> str:
    """What a list or a tuple that cannot be used as an array has in it."""
    kinds = {type(value) for value in values}
    if kinds <= {bool, np.bool_}:
        return "True and False"
    if kinds <= {str}:
        return "strings"
    if kinds <= {list, tuple, np.ndarray, *NUMBERS}:
        return "rows that do not make one table"
    return "objects, not of numbers alone"


def _as_array(value, booleans: bool) -> np.ndarray | None:
    if type(value) in NUMBERS:
        value = np.asarray(value)
    elif type(value) in (list, tuple) and _holds_numbers(value, booleans):
        try:
            value = np.array(value)
        except ValueError:  # rows of different lengths
            return None
    if type(value) is not np.ndarray or value.dtype.kind not in ("iufb" if booleans else "iuf"):
        return None
    return value


def _holds_numbers(values, booleans: bool) -> bool:
    """Whether lists, tuples and arrays, one in another at most, hold numbers and nothing else."""
    numbers = (*NUMBERS, bool, np.bool_) if booleans else NUMBERS
    return all(
        type(v) in numbers
        or (type(v) in (list, tuple) and all(type(inner) in numbers for inner in v))
        or (type(v) is np.ndarray and v.ndim <= 1 and v.dtype.kind in "iuf")
        for v in values
    )


def _is_covariance(argument) -> bool:
    """Whether an argument can be a covariance matrix, of which a determinant may be taken."""
    if np.ndim(argument) != 2 or np.shape(argument)[0] != np.shape(argument)[1]:
        return False
    return np.array_equal(argument, np.transpose(argument))


def _shape_problem(shape: tuple[int, ...], returns: Returns, arguments: tuple) -> str | None:
    wanted = returns.shape(*arguments)
    if shape == wanted:
        return None
    if wanted == ():
        if math.prod(shape) == 1:
            return "It returned an array that holds one number. Return the number itself."
        if shape == (2,) and any(_is_covariance(argument) for argument in arguments):
            return (
                "It returned two numbers, not one. `np.linalg.slogdet` gives two, a sign and the "
                "logarithm: is it the second that you need?"
            )
        if shape == (2,):
            return (
                "It returned two numbers, not one. Is a sum missing, or was a second result "
                "returned as well?"
            )
        if arguments and shape == np.shape(arguments[0]):
            return (
                f"It returned an array of shape {shape}, like the first argument, not one number. "
                "Is a sum missing?"
            )
        return f"It returned an array of shape {shape}, not one number."
    if returns.shape is not one_per_outcome:
        found = f"{shape[0]} numbers" if len(shape) == 1 else f"an array of shape {shape}"
        if shape in ((), (1,)):
            found = "an array of one number" if shape else "one number"
        return f"It returned {found}. The question asks for {returns.asked}."
    if shape == ():
        return (
            "It returned one number for a whole array. Was everything added up, or was only one "
            "element used?"
        )
    if len(shape) == len(wanted) == 1 and shape < wanted:
        values = "1 value" if shape[0] == 1 else f"{shape[0]} values"
        return (
            f"It returned {values} for {wanted[0]} outcomes. If some were filtered out, "
            "put a value in their place, so that each stays beside its outcome."
            + (" Or does a `return` stand inside the loop?" if shape[0] == 1 else "")
        )
    return f"It returned an array of shape {shape}; the shape should be {wanted}."
