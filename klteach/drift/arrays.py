"""Tables in memory: a dict of arrays or lists, or a NumPy structured array."""

import datetime
import numbers
from collections import Counter
from collections.abc import Hashable, Mapping
from itertools import pairwise

import numpy as np

from klteach.drift.binning import CATEGORIES, NUMBERS, Binning
from klteach.drift.errors import DriftError
from klteach.drift.tables import (
    Table,
    WindowCounts,
    accepts,
    mixed,
    not_numbers,
    require_columns,
    unusable,
    window_text,
)
from klteach.drift.values import as_categories, as_numbers, is_missing

_TIMES = (datetime.date, datetime.time, datetime.timedelta, np.datetime64, np.timedelta64)


class ArrayTable(Table):
    """Columns of one length. Arrays of numbers are counted where they are, without a copy."""

    def __init__(self, source):
        if isinstance(source, Mapping):
            self.names = list(source)
        else:
            self.names = list(source.dtype.names)
        require_columns((), self.names)
        self._source = source
        self._arrays: dict[str, np.ndarray] = {}
        lengths = {name: len(self._array(name)) for name in self.names}
        if len(set(lengths.values())) > 1:
            shortest = min(lengths, key=lengths.__getitem__)
            longest = max(lengths, key=lengths.__getitem__)
            raise DriftError(
                f"the columns are not of one length: {shortest!r} has {lengths[shortest]} rows and "
                f"{longest!r} {lengths[longest]}."
            )
        self._rows = next(iter(lengths.values()), 0)

    @property
    def rows(self) -> int:
        return self._rows

    def kind(self, column: str) -> str:
        array = self._array(column)
        if array.dtype.kind in "fiu":
            return NUMBERS
        if array.dtype.kind in "bU":
            return CATEGORIES
        if array.dtype.kind in "mM":
            raise unusable(column, "dates or times")
        if array.dtype.kind != "O":
            raise unusable(column, f"values of the type {array.dtype}")
        values = [value for value in array.tolist() if not is_missing(value)]
        types = set(map(type, values))
        if any(issubclass(kind, _TIMES) for kind in types):
            raise unusable(column, "dates or times")
        text = [kind for kind in types if issubclass(kind, str)]
        boolean = [kind for kind in types if issubclass(kind, (bool, np.bool_))]
        number = [
            kind
            for kind in types
            if issubclass(kind, numbers.Number) and not issubclass(kind, (complex, bool))
        ]
        rest = types - {*text, *boolean, *number}
        if rest:
            raise unusable(column, f"values of the type {min(kind.__name__ for kind in rest)}")
        if text and number:
            raise mixed(column, next(value for value in values if isinstance(value, str)))
        return CATEGORIES if text or boolean else NUMBERS

    def numbers(self, columns) -> dict[str, np.ndarray]:
        return {column: as_numbers(column, self._array(column)) for column in columns}

    def values(self, columns) -> dict[str, Counter]:
        return {column: Counter(as_categories(self._array(column))) for column in columns}

    def count(self, binnings: dict[str, Binning], window=None, progress=None) -> WindowCounts:
        require_columns([*binnings, *([window] if window else [])], self.names)
        for column, binning in binnings.items():
            self._require_kind(column, binning)
        parts = self._windows(window) if window else {None: slice(None)}
        counts: WindowCounts = {name: {} for name in parts}
        for done, (column, binning) in enumerate(binnings.items()):
            array = self._array(column)
            for name, rows in parts.items():
                counts[name][column] = binning.count(array[rows]).counts
            if progress:
                progress(self.rows * (done + 1) // len(binnings), self.rows)
        return counts

    def _require_kind(self, column, binning):
        array = self._array(column)
        try:
            found = self.kind(column)
        except DriftError:
            # what the baseline took as categories may be numbers and text
            if array.dtype.kind != "O" or binning.kind == NUMBERS:
                raise
            return
        if found != binning.kind and not accepts(binning.kind, found, boolean=_booleans(array)):
            text = next((v for v in array.tolist() if isinstance(v, str)), None)
            raise not_numbers(column, "true and false" if text is None else f"the text {text!r}")

    def _windows(self, window):
        """The row numbers of each window."""
        array = self._array(window)
        if array.dtype.kind == "M":
            array = array.astype("datetime64[D]")
        # a day may have as many times as rows: a name for each distinct value, then for each row
        values, codes = _codes(array.tolist())
        names, name_codes = _codes(map(window_text, values))
        codes = name_codes[codes]
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=len(names)))
        bounds = pairwise([0, *ends])
        return {name: order[start:end] for name, (start, end) in zip(names, bounds, strict=True)}

    def _array(self, column) -> np.ndarray:
        if column not in self._arrays:
            self._arrays[column] = as_array(column, self._source[column])
        return self._arrays[column]


def as_array(column, values) -> np.ndarray:
    """One column as an array of one dimension; None where a masked array has no value."""
    if isinstance(values, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(values)
        values = values.data.astype(object)
        values[mask] = None
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise DriftError(f"column {column!r} is {values!r}, where a list or an array is expected.")
    if not isinstance(values, np.ndarray):
        try:
            array = np.asarray(values)
        except ValueError:  # lists of several lengths
            raise unusable(column, "lists") from None
        if array.dtype.kind == "U":
            # NumPy has written None, NaN and numbers as text to have one type
            array = np.array(list(values), dtype=object)
        values = array
    if values.ndim != 1:
        raise DriftError(
            f"column {column!r} has the shape {values.shape}; a column has one value for each row."
        )
    if values.dtype.kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError:
            raise unusable(column, "bytes that are not text in UTF-8") from None
    return values


def _booleans(array) -> bool:
    if array.dtype.kind == "b":
        return True
    found = (value for value in array.tolist() if not is_missing(value))
    usable = (bool, np.bool_, int, float)
    return array.dtype.kind == "O" and all(isinstance(value, usable) for value in found)


def _codes(values):
    """The distinct values, and for each row which of them it has."""
    places: dict[Hashable, int] = {}
    codes = [places.setdefault(None if is_missing(v) else v, len(places)) for v in values]
    return list(places), np.array(codes, dtype=np.intp)
