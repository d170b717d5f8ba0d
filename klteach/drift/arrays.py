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
    DATES,
    ColumnError,
    Table,
    accepts,
    mixed,
    no_times,
    not_numbers,
    require_columns,
    too_many,
    unusable,
)
from klteach.drift.time_parts import WEEKDAY, parts_of_array, parts_of_objects
from klteach.drift.values import as_numbers, category_codes, category_counts, is_missing
from klteach.drift.windows import Windows

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
        lengths = {name: _length(name, source[name]) for name in self.names}
        if len(set(lengths.values())) > 1:
            shortest = min(lengths, key=lengths.__getitem__)
            longest = max(lengths, key=lengths.__getitem__)
            raise DriftError(
                f"the columns are not of one length: {shortest!r} has {lengths[shortest]} "
                f"row{'s' * (lengths[shortest] != 1)} and {longest!r} {lengths[longest]}."
            )
        self._rows = next(iter(lengths.values()), 0)

    @property
    def rows(self) -> int:
        return self._rows

    def kind(self, column: str) -> str:
        if column in self._derived:
            self._array(column)
            return CATEGORIES
        array = self._array(column)
        if array.dtype.kind in "fiu":
            return NUMBERS
        if array.dtype.kind in "bU":
            return CATEGORIES
        if array.dtype.kind in "mM":
            raise unusable(column, DATES)
        if array.dtype.kind != "O":
            raise unusable(column, f"values of the type {array.dtype}")
        values = [value for value in array.tolist() if not is_missing(value)]
        types = set(map(type, values))
        if any(issubclass(kind, _TIMES) for kind in types):
            raise unusable(column, DATES)
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
        return {column: as_numbers(column, self._numbers(column)) for column in columns}

    def values(self, columns) -> dict[str, Counter | None]:
        found = {column: category_counts(self._array(column)) for column in columns}
        return {column: None if too_many(counts) else counts for column, counts in found.items()}

    def _count(self, binnings: dict[str, Binning], windows, progress, skip) -> dict:
        keys, codes = self._keys(windows) if windows else ([None], None)
        counts: dict = {key: {} for key in keys}
        order = None
        for done, (column, binning) in enumerate(binnings.items()):
            if binning.kind == CATEGORIES:
                parts = self._categories(column, binning, keys, codes)
            elif codes is None:
                parts = [binning.count(self._numbers(column)).counts]
            else:
                order = _rows_of(codes, len(keys)) if order is None else order
                values = self._numbers(column)
                parts = [binning.count(values[rows]).counts for rows in order]
            for key, part in zip(keys, parts, strict=True):
                counts[key][column] = part
            if progress:
                progress(self.rows * (done + 1) // len(binnings), self.rows)
        return counts

    def _categories(self, column, binning, keys, codes):
        """The counts of the cells in each window."""
        if codes is None:
            return [binning.count_found(category_counts(self._array(column)))]
        texts, text_codes = category_codes(self._array(column))
        cells = np.array(list(map(binning.place, texts)), dtype=np.intp)[text_codes]
        shape = len(keys), len(binning.cells)
        flat = np.bincount(codes * shape[1] + cells, minlength=shape[0] * shape[1])
        return list(flat.reshape(shape))

    def _require_kind(self, column, binning):
        array = self._array(column)
        if column in self._derived or array.dtype.kind in "fiu":
            return
        try:
            found = self.kind(column)
        except DriftError:
            # what the baseline took as categories may be numbers and text
            if array.dtype.kind != "O" or binning.kind == NUMBERS or not _plain(array):
                raise
            return
        if found != binning.kind and not accepts(binning.kind, found, boolean=_booleans(array)):
            text = next((v for v in array.tolist() if isinstance(v, str)), None)
            raise not_numbers(column, "true and false" if text is None else f"the text {text!r}")

    def _keys(self, windows: Windows) -> tuple[list[Hashable], np.ndarray]:
        """The keys of the windows, and for each row which of them it belongs to."""
        times = self._times(windows.column)
        if times is not None:
            return windows.keys_of_times(times)
        array = self._array(windows.column)
        # a day may have as many times as rows: a key for each distinct value, then for each row
        values, codes = _codes(array.tolist())
        keys, key_codes = _codes(map(windows.key, values))
        return keys, key_codes[codes]

    def _times(self, column) -> np.ndarray | None:
        """The column as times without a zone, if it is stored as times."""
        array = self._array(column)
        return array if array.dtype.kind == "M" else None

    def _numbers(self, column) -> np.ndarray:
        """The column where only its numbers matter, as 64-bit floats if that is quicker."""
        return self._array(column)

    def _array(self, column) -> np.ndarray:
        if column not in self._arrays:
            if column in self._derived:
                self._arrays[column] = self._part(*self._derived[column])
            else:
                self._arrays[column] = as_array(column, self._source[column])
        return self._arrays[column]

    def _part(self, column, part) -> np.ndarray:
        require_columns([column], self.names)
        times = self._times(column)
        if times is not None and times.dtype.kind == "M":
            return parts_of_array(times, part)
        values = self._array(column).tolist()
        held = next((value for value in values if not is_missing(value)), None)
        usable = datetime.date if part == WEEKDAY else datetime.datetime
        if held is not None and not isinstance(held, usable):
            raise no_times(column, part, held)
        return parts_of_objects(values, part)


def as_array(column, values) -> np.ndarray:
    """One column as an array of one dimension; None where a masked array has no value."""
    if isinstance(values, np.ma.MaskedArray):
        mask = np.ma.getmaskarray(values)
        values = values.data.astype(object)
        values[mask] = None
    if not isinstance(values, np.ndarray):
        _length(column, values)
        try:
            array = np.asarray(values)
        except ValueError:  # lists of several lengths
            raise unusable(column, "lists") from None
        if array.dtype.kind == "U":
            # NumPy has written None, NaN and numbers as text to have one type
            array = np.array(list(values), dtype=object)
        values = array
    if values.ndim != 1:
        raise ColumnError(
            f"column {column!r} has the shape {values.shape}; a column has one value for each row.",
            column,
            "several values in each row",
        )
    if values.dtype.kind == "S":
        try:
            values = np.char.decode(values, "utf-8")
        except UnicodeDecodeError:
            raise unusable(column, "bytes that are not text in UTF-8") from None
    return values


def _length(column, values) -> int:
    if isinstance(values, (str, bytes)) or not hasattr(values, "__len__"):
        raise DriftError(f"column {column!r} is {values!r}, where a list or an array is expected.")
    return len(values)


def _plain(array) -> bool:
    """Whether all values are text, numbers or flags, in any mixture."""
    usable = (str, numbers.Number, np.bool_)
    found = (value for value in array.tolist() if not is_missing(value))
    return all(isinstance(value, usable) for value in found)


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


def _rows_of(codes, groups) -> list[np.ndarray]:
    """The numbers of the rows of each group."""
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=groups))
    return [order[start:end] for start, end in pairwise([0, *ends])]
