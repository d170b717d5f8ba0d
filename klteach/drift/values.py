"""What the values of a column are: numbers with NaN for what is missing, or text with None."""

from collections.abc import Hashable
from decimal import Decimal
from numbers import Real

import numpy as np

from klteach.drift.errors import DriftError


def as_numbers(column: str, values) -> np.ndarray:
    """The values as an array of numbers, with NaN for what is missing; DriftError if they are none.

    >>> as_numbers("age", [31, None, 27.5]).tolist()
    [31.0, nan, 27.5]
    """
    array = values if isinstance(values, np.ndarray) else np.array(list(values), dtype=object)
    if array.dtype.kind in "fiu":
        return array
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    numbers = np.empty(len(array))
    for place, value in enumerate(array.tolist()):
        if is_missing(value):
            value = np.nan
        elif not isinstance(value, (Real, Decimal, np.bool_)):
            raise DriftError(
                f"column {column!r} should hold numbers and has {value!r} in row {place}. If it "
                f"holds categories, say so when the baseline is made: categorical=[{column!r}]."
            )
        numbers[place] = value
    return numbers


def as_categories(values) -> list[str | None]:
    """The values as text, None for what is missing; 3 and 3.0 are the same category.

    >>> as_categories(["a", None, 3, 3.0, True])
    ['a', None, '3', '3', 'True']
    """
    values = values.tolist() if isinstance(values, np.ndarray) else list(values)
    # few distinct values come often, so each is written once
    texts: dict[Hashable, str | None] = {}
    return [
        texts[value] if value in texts else texts.setdefault(value, _category(value))
        for value in map(_hashable, values)
    ]


def is_missing(value) -> bool:
    """None, NaN, NaT and pandas.NA are missing."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA refuses to be true or false
        return True


def _hashable(value):
    # 1, 1.0 and True are one key of a dictionary; True is a category of its own
    if is_missing(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    return str(value) if isinstance(value, bool) else value


def _category(value) -> str | None:
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
