"""Numbers, arrays and calls as a person would write them, for the sentences of the feedback."""

import re
from collections.abc import Sequence

import numpy as np

from klteach.practice.calls import Failure
from klteach.practice.question import Case, Question

_LONGEST_TEXT = 200
_LONGEST_ARRAY = 8


def shorten(text: str) -> str:
    """At most 200 characters of `text`, on one line, without backticks (they mark code)."""
    text = " ".join(text.replace("`", "'").split())
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def show(value, depth: int = 2) -> str:
    """A number, or the beginning of an array or a list.

    >>> show(np.array([0.5, 1 / 3]))
    '[0.5, 0.3333333]'
    """
    if isinstance(value, np.ndarray):  # cut first: it may be large
        value = value[(slice(_LONGEST_ARRAY + 1),) * value.ndim]
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)) and depth:
        dots = ["..."] if len(value) > _LONGEST_ARRAY else []
        return f"[{', '.join([*(show(x, depth - 1) for x in value[:_LONGEST_ARRAY]), *dots])}]"
    if isinstance(value, float):
        return f"{value + 0.0:.7g}"  # no minus before a zero
    try:
        return shorten(repr(value))
    except Exception:  # an object of the learner's that fails to describe itself
        return f"({type(value).__name__})"


def in_seconds(number: float) -> str:
    """A time with its unit.

    >>> in_seconds(1.0), in_seconds(2.5)
    ('1 second', '2.5 seconds')
    """
    return f"{number:g} second{'s' if number != 1 else ''}"


def is_small(case: Case) -> bool:
    """Whether the whole case can be shown in a sentence."""
    return all(np.size(argument) <= _LONGEST_ARRAY for argument in case.arguments)


def call_text(question: Question, case: Case) -> str:
    """The call as code, with the arguments themselves if they are short."""
    if is_small(case):
        return f"`{question.name}({', '.join(map(show, case.arguments))})`"
    names = question.argument_names
    described = map(_describe, names, case.arguments)
    return f"`{question.name}({', '.join(names)})` with {', '.join(described)}"


def _describe(name: str, argument) -> str:
    if np.ndim(argument) == 0:
        return f"{name} = {show(argument)}"
    if np.ndim(argument) == 1:
        return f"{name} of length {len(argument)}"
    return f"{name} of shape {np.shape(argument)}"


def value_text(question: Question, case: Case, values: np.ndarray) -> str:
    """What the learner's function gave for this case."""
    label = f", for {case.label}" if case.label else ""
    returned = show(question.returns.as_returned(values))
    return f"Yours{label}: {call_text(question, case)} gives `{returned}`."


def failure_text(failure: Failure, question: Question, case: Case) -> str:
    """The error in the learner's terms: its message, their own line, a word on frequent ones."""
    kind = failure.kinds[0]
    sentence = f"`{shorten(f'{kind}: {failure.text}')}`"
    if "SystemExit" in failure.kinds:
        sentence = "It called `exit` or `quit`; a function ends with `return`"
    if failure.line is not None:
        sentence += f", in line {failure.line} of its cell"
        sentence += f": `{shorten(failure.source)}`" if failure.source else ""
    remark = _remark(failure, question, case)
    return f"{sentence}." + (f" {remark}" if remark else "")


# what a message of an error has in it, and what to say; the first that fits
_REMARKS = (
    (
        ("return arrays must be of ArrayType",),
        "The second argument of a function such as `np.log` is no base but an array for the "
        "result: `np.log2` has the base 2, and `np.log(x) / np.log(b)` the base b.",
    ),
    (
        ("Cannot cast ufunc", "float infinity to integer", "float NaN to integer"),
        "An array of whole numbers takes no others. `dtype=float` or `.astype(float)` makes one "
        "that does, and `x = x + y` a new array where `x += y` keeps the old one.",
    ),
    (
        ("truth value of an array",),
        "`if` decides once for a whole array; a mask such as `p > 0` decides per outcome.",
    ),
    (
        ("converted to Python scalars", "0-dimensional arrays"),
        "`float` and the functions of `math` take one number, those of `np` a whole array.",
    ),
    (
        ("unsupported operand type(s) for ^", "ufunc 'bitwise_xor' not supported"),
        "`^` is no power in Python; `**` is.",
    ),
    (
        ("could not be broadcast together",),
        "Two arrays stand side by side whose shapes do not fit. Was one of them masked and the "
        "other not, or is `keepdims=True` missing in a sum over one axis?",
    ),
    (
        ("inhomogeneous shape",),
        "Rows of different lengths, or arrays of different shapes, make no table. Print their "
        "shapes.",
    ),
    (
        ("zero-size array", "empty sequence"),
        "Nothing is left in the array here: what should the answer be then?",
    ),
    (
        ("boolean index did not match",),
        "A mask picks from an array of its own shape. Was that array masked before, or is the mask "
        "made from another one?",
    ),
    (
        ("too many indices for array",),
        "The square brackets hold more places than the array has axes. Print its shape.",
    ),
    (
        ("is out of bounds for axis", "list index out of range"),
        "The first entry is number 0, so the last of n is number n − 1.",
    ),
    (
        ("arrays used as indices must be", "only integers, slices", "indices must be integers"),
        "What stands in square brackets is a whole number or a mask. `//` and `int` give whole "
        "numbers, `astype(bool)` a mask.",
    ),
    (
        ("Singular matrix",),
        "This matrix has no inverse: its rows depend on each other. Print it.",
    ),
    (
        ("math range error", "Numerical result out of range"),
        "The result is larger than any float, which end near 1.8e308. Where a power or an "
        "exponential is taken, its logarithm has room.",
    ),
    (
        ("'numpy.ndarray' object has no attribute", "'numpy.float64' object has no attribute"),
        "The arrays here are NumPy's. What is no method of theirs is often a function: "
        "`np.log(x)`, not `x.log()`.",
    ),
    (
        ("module 'numpy' has no attribute",),
        "NumPy has no such function. Is it one of `scipy.special` or `scipy.stats`?",
    ),
    (
        ("has no len()", "'float' object is not iterable", "'float' object is not subscriptable"),
        "Here a single number stands where the code expects an array.",
    ),
    (
        ("NoneType",),
        "Something returned `None`: a function that works in place, such as `shuffle` or `sort`, "
        "or one without a `return`.",
    ),
    (
        ("builtin_function_or_method", "_ArrayFunctionDispatcher"),
        "A function without brackets is the function itself: `x.sum()` calls it.",
    ),
    (
        ("object is not callable",),
        "Round brackets call a function; square brackets pick an entry. Or was a name such as "
        "`sum` given to a number?",
    ),
)


def _remark(failure: Failure, question: Question, case: Case) -> str:
    kinds, text = failure.kinds, failure.text
    if "RecursionError" in kinds:
        return "The function calls itself without an end."
    if "StdinNotImplementedError" in kinds or "EOFError" in kinds:
        return "Nobody is asked while it is checked: what it needs are its arguments."
    if "ZeroDivisionError" in kinds or "math domain" in text or "positive input" in text:
        return _of_zero(failure, question, case)
    if "ModuleNotFoundError" in kinds:
        return "It is not installed here. NumPy, SciPy and pandas are."
    if "NameError" in kinds and "UnboundLocalError" not in kinds:
        return "Is there an import or a cell that has not been run yet?"
    if "axis 1 is out of bounds for array of dimension 1" in text:
        if any(np.ndim(argument) > 1 for argument in case.arguments):
            return (
                "The array has no columns any more here: a mask on a table, as in `p[p > 0]`, "
                "gives one flat array. `np.where` keeps the shape."
            )
        return "The array has one axis, and that is axis 0."
    if "raise " in failure.source or failure.source.startswith("assert "):
        return "Yours stops itself here, and a value is asked for on this input too."
    return next((remark for words, remark in _REMARKS if any(w in text for w in words)), "")


def _of_zero(failure: Failure, question: Question, case: Case) -> str:
    shares = shares_of(question, case)
    if any((share == 0).any() for share in shares.values()):
        return f"Some entry of {listed([*_with_zeros(shares)])} is 0: what should happen then?"
    if "ZeroDivisionError" in failure.kinds:
        return "Something is divided by 0 here. Print what stands below the line for this input."
    return "A logarithm or a root was taken of a number for which there is none. Print it."


def _with_zeros(shares: dict[str, np.ndarray]):
    return (f"`{name}`" for name, share in shares.items() if (share == 0).any())


_SHARES = re.compile(r"[pq]\d*|counts|current|baseline|windows|passages")


def shares_of(question: Question, case: Case) -> dict[str, np.ndarray]:
    """The arguments that are shares of outcomes or counts of them, by their names."""
    named = zip(question.argument_names, case.arguments, strict=True)
    return {
        name: np.asarray(value)
        for name, value in named
        if _SHARES.fullmatch(name) and np.ndim(value)
    }


def listed(words: Sequence[str]) -> str:
    """The words with commas and an "and".

    >>> listed(["p", "q", "m"])
    'p, q and m'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
