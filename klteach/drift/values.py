"""What the values of a column are: numbers with NaN for what is missing, or text with None."""

import re
from collections import Counter
from decimal import Decimal
from numbers import Real

import numpy as np

from klteach.drift.errors import DriftError

# a whole number that another program has written as a fraction; 007 is a name, and so is 1.10
_WHOLE = re.compile(r"(-?(?:0|[1-9]\d*))\.0+")
_FLAGS = {"true": "True", "false": "False"}
_FLAG_OF_NUMBER = {"1": "True", "0": "False"}
_NUMBER_OF_FLAG = {"True": "1", "False": "0"}


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
                f"holds categories, say so when the baseline is made: --categorical {column} (in "
                f"Python categorical=[{column!r}])."
            )
        numbers[place] = value
    return numbers


def canonical(value) -> str | None:
    """The one text of a category, however a program has written it; None for what is missing.

    3, 3.0, "3" and "3.0" are one category, and so are True, "True", "true" and "TRUE". Spaces
    around a text do not count, and a text without anything else is missing, as it is in a CSV.

    >>> [canonical(value) for value in (3.0, " 3.0", "true", "007", "1.10", " ")]
    ['3', '3', 'True', '007', '1.10', None]
    """
    if is_missing(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    if whole := _WHOLE.fullmatch(text):
        return "0" if whole[1] == "-0" else whole[1]
    return _FLAGS.get(text.lower(), text) or None


def exact_text(value) -> str | None:
    """The text of a piece of a sequence, as it is: " the" and "the" are two tokens.

    >>> [exact_text(value) for value in (" the", "", 3.0, None)]
    [' the', '', '3', None]
    """
    if isinstance(value, str):
        return str(value)
    return canonical(value)


def as_categories(values) -> list[str | None]:
    """The canonical text of each value.

    >>> as_categories(["a", None, 3, 3.0, True])
    ['a', None, '3', '3', 'True']
    """
    texts, codes = category_codes(values)
    return [texts[code] for code in codes.tolist()]


def as_pieces(values) -> list[str | None]:
    """The exact text of each value.

    >>> as_pieces([" a", 3.0, None])
    [' a', '3', None]
    """
    texts, codes = category_codes(values, exact_text)
    return [texts[code] for code in codes.tolist()]


def category_counts(values) -> Counter[str | None]:
    """How often each category comes; None is missing.

    >>> sorted(category_counts(["a", " a", "1.0", 1]).items())
    [('1', 2), ('a', 2)]
    """
    texts, codes = category_codes(values)
    rows = np.bincount(codes, minlength=len(texts)).tolist()
    return merged(zip(texts, rows, strict=True))


def merged(found) -> Counter[str | None]:
    """The sum of the rows of each category, from pairs of any value and its rows."""
    counts: Counter[str | None] = Counter()
    for value, rows in found:
        counts[canonical(value)] += int(rows)
    return counts


def category_codes(values, text=canonical) -> tuple[list[str | None], np.ndarray]:
    """The texts of the distinct values, and for each row which of them it has.

    Few distinct values come often, so each is written once. A text may come twice, of 1 and of "1".
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        found, codes = np.unique(values, return_inverse=True)
        return [text(value) for value in found.tolist()], codes
    rows: list = values.tolist() if isinstance(values, np.ndarray) else list(values)
    try:
        if {bool, np.bool_} & set(map(type, rows)):
            # 1 and True are one key of a dictionary, and two categories
            rows = [str(v) if isinstance(v, (bool, np.bool_)) else v for v in rows]
        distinct = list(dict.fromkeys(rows))
        places = {value: place for place, value in enumerate(distinct)}
        # NaN is not equal to itself, and is found all the same: a dictionary asks for identity
        codes = np.fromiter(map(places.__getitem__, rows), dtype=np.intp, count=len(rows))
    except TypeError:
        bad = next(value for value in rows if not _hashable(value))
        kind = type(bad).__name__
        raise DriftError(f"{bad!r} is no category: it is of the type {kind}.") from None
    return [text(value) for value in distinct], codes


def flag_spellings(values) -> dict[str, str]:
    """How a flag may be written today, if these are the values that it has in the baseline.

    A column of True and False may be exported as 1 and 0 tomorrow, and the other way round. Only
    the baseline tells that 1 is a flag there, and no number of pieces.

    >>> flag_spellings(("True", "False"))
    {'1': 'True', '0': 'False'}
    >>> flag_spellings(("0", "1", "2"))
    {}
    """
    found = set(values)
    if found and found <= set(_NUMBER_OF_FLAG):
        return dict(_FLAG_OF_NUMBER)
    if found and found <= set(_FLAG_OF_NUMBER):
        return dict(_NUMBER_OF_FLAG)
    return {}


def is_missing(value) -> bool:
    """None, NaN, NaT and pandas.NA are missing."""
    if value is None:
        return True
    if isinstance(value, (str, np.ndarray)):
        return False
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA refuses to be true or false
        return True
    except ValueError:  # so does what holds several values
        return False


def _hashable(value) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
