"""Tables of other engines, through Narwhals: the counting is done where the data is.

A column of numbers is one sum of comparisons for each edge, all columns in one query. Every value
is compared as a 64-bit float, as NumPy does it, so that the counts are equal on every engine.
Engines differ in where NaN belongs (it is the largest number, or compares with nothing), and in
what a null is. So nothing here asks for either: x < ∞ holds for no NaN and no null anywhere, and
what is neither below ∞ nor equal to it is missing.
"""

import math
from collections import Counter

import narwhals as nw
import numpy as np
from narwhals.dependencies import is_dask_dataframe

from klteach.drift.arrays import ArrayTable
from klteach.drift.binning import CATEGORIES, NUMBERS, Binning
from klteach.drift.errors import DriftError
from klteach.drift.tables import (
    Table,
    WindowCounts,
    accepts,
    added,
    not_numbers,
    require_columns,
    unusable,
    window_text,
)
from klteach.drift.values import as_categories

# Quantiles need the values themselves. More rows than this are not taken out of another engine.
MOST_ROWS = 1_000_000
_ROWS, _WINDOW, _VALUE = "klteach rows", "klteach window", "klteach value"


def table_of_frame(source):
    """The table behind a frame that Narwhals knows, or None."""
    if is_dask_dataframe(source):
        return DaskTable(source)
    try:
        frame = nw.from_native(source)
    except TypeError:
        return None
    except nw.exceptions.DuplicateError:
        # the same more plainly
        require_columns((), list(getattr(source, "column_names", source.columns)), "the frame")
        raise
    if isinstance(frame, nw.LazyFrame):
        return LazyTable(frame)
    if frame.implementation.is_polars():
        # its lazy engine counts all columns at once, on all processors
        return LazyTable(frame.lazy(), frame)
    return EagerTable(frame)


def kind_of(column: str, dtype) -> str:
    """NUMBERS or CATEGORIES; DriftError for what can be neither."""
    if dtype.is_numeric() or dtype == nw.Unknown:  # unknown: nothing but nulls
        return NUMBERS
    if dtype in (nw.Boolean, nw.String, nw.Categorical, nw.Enum):
        return CATEGORIES
    if dtype in (nw.Date, nw.Datetime, nw.Time, nw.Duration):
        raise unusable(column, "dates or times")
    raise unusable(column, f"values of the type {dtype}")


class EagerTable(ArrayTable):
    """A frame in memory whose columns are NumPy arrays, or become arrays one at a time."""

    def __init__(self, frame: nw.DataFrame):
        self._frame = frame
        self.names = frame.columns
        require_columns((), self.names, "the frame")
        self._rows = len(frame)

    def kind(self, column):
        dtype = self._dtype(column)
        return super().kind(column) if dtype == nw.Object else kind_of(column, dtype)

    def _dtype(self, column):
        # Narwhals takes a column of Python objects for text if there are none
        native = getattr(self._frame[column].to_native(), "dtype", None)
        objects = isinstance(native, np.dtype) and native.kind == "O"
        return nw.Object() if objects else self._frame.schema[column]

    def values(self, columns):
        found: dict[str, Counter] = {}
        for column in columns:
            if self._dtype(column) == nw.Object:
                found |= super().values([column])
            else:
                found[column] = _category_counts(self._frame, column)
        return found

    def count(self, binnings, window=None, progress=None):
        require_columns([*binnings, *([window] if window else [])], self.names, "the frame")
        quick = {}
        if not window:
            for column, binning in binnings.items():
                if binning.kind == CATEGORIES and self._dtype(column) != nw.Object:
                    kind_of(column, self._dtype(column))
                    quick[column] = _in_cells(binning, self.values([column])[column], self.rows)
        rest = {column: binning for column, binning in binnings.items() if column not in quick}
        counts = super().count(rest, window, progress)
        return added(counts, {None: quick}) if quick else counts

    def _require_kind(self, column, binning):
        dtype = self._dtype(column)
        if dtype == nw.Object:
            super()._require_kind(column, binning)
        elif not accepts(binning.kind, kind_of(column, dtype), boolean=dtype == nw.Boolean):
            raise not_numbers(column, "text")

    def _array(self, column):
        series = self._frame[column]
        if series.dtype.is_float() or (series.dtype.is_integer() and not series.null_count()):
            return series.to_numpy()  # a view where the frame holds arrays
        array = np.empty(len(series), dtype=object)
        array[:] = series.to_list()
        return array


class LazyTable(Table):
    """A query that is run where the data is: Polars, DuckDB and others with lazy frames."""

    def __init__(self, frame: nw.LazyFrame, eager: nw.DataFrame | None = None):
        self._frame = frame
        self._eager = eager
        self._schema = frame.collect_schema()
        # the schema of a relation with a name twice has it once
        polars = frame.implementation.is_polars()
        self.names = self._schema.names() if polars else list(frame.columns)
        require_columns((), self.names, "the frame")

    @property
    def rows(self) -> int:
        if self._eager is not None:
            return len(self._eager)
        return int(self._frame.select(nw.len().alias(_ROWS)).collect()[_ROWS][0])

    def kind(self, column):
        dtype = self._schema[column]
        if dtype == nw.Unknown and not self._frame.implementation.is_polars():
            raise unusable(column, "values of a type that Narwhals does not know")
        return kind_of(column, dtype)

    def numbers(self, columns) -> dict[str, np.ndarray]:
        columns = list(columns)
        if self._eager is None and self.rows > MOST_ROWS:
            raise DriftError(
                f"the frame has {self.rows} rows, too many to take out of its engine for "
                f"quantiles. Lock the cells on a sample of at most {MOST_ROWS} rows and count "
                "the whole in them: Profile.of(sample).count(whole). Or pass the path of a "
                "Parquet file."
            )
        values = self._frame.select(_number(column).alias(column) for column in columns).collect()
        return {column: values[column].to_numpy() for column in columns}

    def values(self, columns) -> dict[str, Counter]:
        return {column: _category_counts(self._frame, column) for column in columns}

    def count(self, binnings: dict[str, Binning], window=None, progress=None) -> WindowCounts:
        require_columns([*binnings, *([window] if window else [])], self.names, "the frame")
        for column, binning in binnings.items():
            found = self.kind(column)
            boolean = self._schema[column] == nw.Boolean
            if not accepts(binning.kind, found, boolean):
                raise not_numbers(column, "text")
        frame, keys = self._frame, []
        if window:
            key = nw.col(window)
            if self._schema[window] == nw.Datetime:
                key = key.dt.truncate("1d")
            frame, keys = frame.with_columns(key.alias(_WINDOW)), [_WINDOW]
        numbers = {c: binning for c, binning in binnings.items() if binning.kind == NUMBERS}
        counts = self._count_numbers(frame, keys, numbers)
        for column, binning in binnings.items():
            if binning.kind == CATEGORIES:
                added(counts, self._count_categories(frame, keys, column, binning))
        if progress:
            rows = sum(int(next(iter(part.values())).sum()) for part in counts.values())
            progress(rows, rows)
        # in the order of the binnings, whatever was counted first
        return {
            name: {column: part[column] for column in binnings} for name, part in counts.items()
        }

    def _count_numbers(self, frame, keys, binnings) -> WindowCounts:
        sums = [nw.len().alias(_ROWS)]
        for place, (column, binning) in enumerate(binnings.items()):
            number = _number(column)
            for at, bound in enumerate([*binning.edges, math.inf]):
                sums.append((number < bound).sum().alias(f"{place} below {at}"))
            sums.append((number == -math.inf).sum().alias(f"{place} -inf"))
            sums.append((number == math.inf).sum().alias(f"{place} +inf"))
        found = frame.group_by(keys, drop_null_keys=False).agg(sums) if keys else frame.select(sums)
        counts: WindowCounts = {}
        for row in found.collect().rows(named=True):
            name = window_text(row[_WINDOW]) if keys else None
            part = {}
            for place, (column, binning) in enumerate(binnings.items()):
                names = [f"{place} below {at}" for at in range(len(binning.edges) + 1)]
                # a sum over no rows may be null
                below = [int(row[name] or 0) for name in names]
                minus, plus = (int(row[f"{place} {sign}inf"] or 0) for sign in "-+")
                regular = np.diff(np.array(below) - minus, prepend=0)
                missing = int(row[_ROWS]) - below[-1] - plus
                part[column] = np.array([*regular, minus, plus, missing], dtype=np.int64)
            added(counts, {name: part})
        return counts

    def _count_categories(self, frame, keys, column, binning) -> WindowCounts:
        values = nw.col(column)
        if self._schema[column] in (nw.String, nw.Categorical, nw.Enum):
            # what is not a cell is one category, so that a million unseen ones stay where they are
            values = values.cast(nw.String)
            stays = values.is_in(list(binning.values)) | values.is_null()
            values = nw.when(stays).then(values).otherwise(nw.lit(_other(binning)))
        found = (
            frame.with_columns(values.alias(_VALUE))
            .group_by([*keys, _VALUE], drop_null_keys=False)
            .agg(nw.len().alias(_ROWS))
            .collect()
        )
        windows: dict[str | None, Counter] = {}
        for row in found.rows(named=True):
            name = window_text(row[_WINDOW]) if keys else None
            text = as_categories([row[_VALUE]])[0]
            windows.setdefault(name, Counter())[text] += int(row[_ROWS])
        if not keys:
            windows.setdefault(None, Counter())
        return {
            name: {column: _in_cells(binning, values, sum(values.values()))}
            for name, values in windows.items()
        }


class DaskTable(Table):
    """A Dask frame: each worker counts its partitions, and only counts travel.

    As expressions of Narwhals this takes 20 times as long: each of the hundreds of sums becomes a
    task for each partition. The workers need klteach to be installed.
    """

    def __init__(self, frame):
        self._frame = frame
        self._first = EagerTable(nw.from_native(frame._meta, eager_only=True))
        self.names = self._first.names

    @property
    def rows(self) -> int:
        import dask

        return sum(dask.compute(*(dask.delayed(len)(part) for part in self._frame.to_delayed())))

    def kind(self, column):
        return self._first.kind(column)

    def numbers(self, columns):
        columns = list(columns)
        if (rows := self.rows) > MOST_ROWS:
            raise DriftError(
                f"the frame has {rows} rows, too many to take to one place for quantiles. Lock the "
                f"cells on a sample of at most {MOST_ROWS} rows and count the whole in them: "
                "Profile.of(sample).count(whole)."
            )
        return EagerTable(nw.from_native(self._frame[columns].compute())).numbers(columns)

    def values(self, columns) -> dict[str, Counter]:
        columns = list(columns)
        found: dict[str, Counter] = {}
        for part in self._each(_values_of_partition, columns, columns):
            for column in columns:
                found.setdefault(column, Counter()).update(part[column])
        return found

    def count(self, binnings, window=None, progress=None) -> WindowCounts:
        wanted = [*binnings, *([window] if window else [])]
        require_columns(wanted, self.names, "the frame")
        counts: WindowCounts = {}
        for part in self._each(_count_partition, list(dict.fromkeys(wanted)), binnings, window):
            added(counts, part)
        if progress:
            rows = sum(int(next(iter(part.values())).sum()) for part in counts.values())
            progress(rows, rows)
        return counts

    def _each(self, work, columns, *details):
        import dask

        parts = self._frame[columns].to_delayed()
        return dask.compute(*(dask.delayed(work)(part, *details) for part in parts))


def _count_partition(partition, binnings, window):
    return EagerTable(nw.from_native(partition, eager_only=True)).count(binnings, window)


def _values_of_partition(partition, columns):
    return EagerTable(nw.from_native(partition, eager_only=True)).values(columns)


def _number(column):
    return nw.col(column).cast(nw.Float64)


def _other(binning) -> str:
    """A text that is no category of the binning."""
    text = "other"
    while text in binning.values:
        text += "'"
    return text


def _category_counts(frame, column) -> Counter:
    found = frame.group_by(column, drop_null_keys=False).agg(nw.len().alias(_ROWS))
    if isinstance(found, nw.LazyFrame):
        found = found.collect()
    counts: Counter[str | None] = Counter()
    for value, rows in found.rows():
        counts[as_categories([value])[0]] += int(rows)
    return counts


def _in_cells(binning, found: Counter, rows: int) -> np.ndarray:
    known = [found[value] for value in binning.values]
    missing = found[None]
    return np.array([*known, rows - sum(known) - missing, missing], dtype=np.int64)
