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

from klteach.drift import tables
from klteach.drift.arrays import ArrayTable
from klteach.drift.binning import CATEGORIES, NUMBERS
from klteach.drift.errors import DriftError
from klteach.drift.tables import (
    DATES,
    NOT_THERE,
    ColumnError,
    Table,
    accepts,
    added,
    no_times,
    not_numbers,
    require_columns,
    too_many,
    unusable,
)
from klteach.drift.time_parts import FORMATS, WEEKDAY
from klteach.drift.values import merged
from klteach.drift.windows import AFTER_DAY, AFTER_HOUR, TIMED, Windows

# Quantiles need the values themselves. More rows than this are not taken out of another engine.
MOST_ROWS = 1_000_000
_ROWS, _WINDOW, _VALUE = "klteach rows", "klteach window", "klteach value"
_TEXTS = (nw.String, nw.Categorical, nw.Enum)
# what Python's strip takes away; engines differ in what they call a space
_SPACES = "\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# texts that may be another spelling of a category: outer spaces, empty, 1.0, TRUE
_SPELLING = rf"^$|^[{_SPACES}]|[{_SPACES}]$|^-?\d+\.0+$|^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"


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
    if dtype in (nw.Boolean, *_TEXTS):
        return CATEGORIES
    if dtype in (nw.Date, nw.Datetime, nw.Time, nw.Duration):
        raise unusable(column, DATES)
    raise unusable(column, f"values of the type {dtype}")


class EagerTable(ArrayTable):
    """A frame in memory whose columns are NumPy arrays, or become arrays one at a time."""

    _called = "the frame"

    def __init__(self, frame: nw.DataFrame):
        self._frame = frame
        self.names = frame.columns
        require_columns((), self.names, "the frame")
        self._rows = len(frame)

    def kind(self, column):
        if column in self._derived:
            self._array(column)
            return CATEGORIES
        dtype = self._dtype(column)
        return super().kind(column) if dtype == nw.Object else kind_of(column, dtype)

    def _dtype(self, column):
        # Narwhals takes a column of Python objects for text if there are none
        native = getattr(self._frame[column].to_native(), "dtype", None)
        objects = isinstance(native, np.dtype) and native.kind == "O"
        return nw.Object() if objects else self._frame.schema[column]

    def values(self, columns):
        found: dict[str, Counter | None] = {}
        for column in columns:
            if column in self._derived or self._dtype(column) == nw.Object:
                found |= super().values([column])
            else:
                found[column] = _category_counts(self._frame, column)
        return found

    def _categories(self, column, binning, keys, codes):
        plain = codes is None and column not in self._derived
        if plain and self._dtype(column) != nw.Object:
            return [binning.count_found(merged(_rows_of_values(self._frame, column)))]
        return super()._categories(column, binning, keys, codes)

    def _require_kind(self, column, binning):
        if column in self._derived:
            self._array(column)
            return
        dtype = self._dtype(column)
        if dtype == nw.Object:
            super()._require_kind(column, binning)
        elif not accepts(binning.kind, kind_of(column, dtype), boolean=dtype == nw.Boolean):
            raise not_numbers(column, "text")

    def _times(self, column):
        if column in self._derived or self._dtype(column) != nw.Datetime:
            return None
        return self._frame[column].dt.replace_time_zone(None).to_numpy()

    def _numbers(self, column):
        series = self._frame[column]
        if series.dtype.is_integer() and series.null_count():
            # NaN for what is missing; they are compared as 64-bit floats in any case. Arrow refuses
            # to cast whole numbers that are rounded by it.
            if self._arrow(series):
                return series.to_arrow().to_numpy(zero_copy_only=False)
            return series.cast(nw.Float64).to_numpy()
        return self._array(column)

    @staticmethod
    def _arrow(series):
        native = getattr(series.to_native(), "dtype", None)
        return series.implementation.is_pyarrow() or hasattr(native, "pyarrow_dtype")

    def _array(self, column):
        if column in self._derived:
            return self._part(*self._derived[column])
        series = self._frame[column]
        if series.dtype.is_float() or (series.dtype.is_integer() and not series.null_count()):
            return series.to_numpy()  # a view where the frame holds arrays
        values = series.to_list()
        # one by one, or NumPy would make a table of a column of arrays
        return np.fromiter(values, dtype=object, count=len(values))


class LazyTable(Table):
    """A query that is run where the data is: Polars, DuckDB and others with lazy frames."""

    _called = "the frame"

    def __init__(self, frame: nw.LazyFrame, eager: nw.DataFrame | None = None):
        self._eager = eager
        # the schema of a relation with a name twice has it once
        polars = frame.implementation.is_polars()
        self.names = frame.collect_schema().names() if polars else list(frame.columns)
        require_columns((), self.names, "the frame")
        self._frame = _in_utc(frame)
        self._schema = self._frame.collect_schema()

    @property
    def rows(self) -> int:
        if self._eager is not None:
            return len(self._eager)
        return int(self._frame.select(nw.len().alias(_ROWS)).collect()[_ROWS][0])

    def kind(self, column):
        if column in self._derived:
            self._require_times(column)
            return CATEGORIES
        dtype = self._schema[column]
        if dtype == nw.Unknown and not self._frame.implementation.is_polars():
            raise unusable(column, "values of a type that Narwhals does not know")
        return kind_of(column, dtype)

    def _require_times(self, name):
        column, part = self._derived[name]
        if column not in self._schema:
            raise ColumnError(f"there is no column {column!r}.", name, NOT_THERE)
        days = part == WEEKDAY and self._schema[column] == nw.Date
        if not days and self._schema[column] not in (nw.Datetime, nw.Unknown):
            raise no_times(column, part, str(self._schema[column]))

    def _add_parts(self):
        made = []
        for name, (column, part) in self._derived.items():
            dtype = self._schema.get(column)
            if name not in self._schema and (
                dtype == nw.Datetime or (part == WEEKDAY and dtype == nw.Date)
            ):
                made.append(nw.col(column).dt.to_string(FORMATS[part]).alias(name))
        self._frame = self._frame.with_columns(made) if made else self._frame
        self._schema = self._frame.collect_schema()

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

    def values(self, columns) -> dict[str, Counter | None]:
        return {column: _category_counts(self._frame, column) for column in columns}

    def _require_kind(self, column, binning):
        boolean = self._schema.get(column) == nw.Boolean
        if not accepts(binning.kind, self.kind(column), boolean):
            raise not_numbers(column, "text")

    def _count(self, binnings, windows, progress, skip) -> dict:
        frame, keys = self._frame, []
        if windows:
            frame, keys = frame.with_columns(self._key(windows).alias(_WINDOW)), [_WINDOW]
        numbers = {c: binning for c, binning in binnings.items() if binning.kind == NUMBERS}
        counts = self._count_numbers(frame, keys, windows, numbers)
        for column, binning in binnings.items():
            if binning.kind == CATEGORIES:
                added(counts, self._count_categories(frame, keys, windows, column, binning))
        if progress:
            rows = sum(int(next(iter(part.values())).sum()) for part in counts.values() if part)
            progress(rows, rows)
        return counts

    def _key(self, windows: Windows):
        """What the rows of a window have in common, or of a few windows that are one by name."""
        key, dtype = nw.col(windows.column), self._schema[windows.column]
        if dtype == nw.Datetime:
            return key.dt.truncate("1h" if windows.hours else "1d")
        if dtype not in _TEXTS:
            return key
        text = key.cast(nw.String)
        bare = text.str.strip_chars()
        coarse = bare.str.replace_all(AFTER_HOUR if windows.hours else AFTER_DAY, "")
        return nw.when(bare.str.contains(TIMED)).then(coarse).otherwise(text)

    def _count_numbers(self, frame, keys, windows, binnings) -> dict:
        sums = [nw.len().alias(_ROWS)]
        for place, (column, binning) in enumerate(binnings.items()):
            number = _number(column)
            for at, bound in enumerate([*binning.edges, math.inf]):
                sums.append((number < bound).sum().alias(f"{place} below {at}"))
            sums.append((number == -math.inf).sum().alias(f"{place} -inf"))
            sums.append((number == math.inf).sum().alias(f"{place} +inf"))
        found = frame.group_by(keys, drop_null_keys=False).agg(sums) if keys else frame.select(sums)
        counts: dict = {}
        for row in found.collect().rows(named=True):
            key = windows.key(row[_WINDOW]) if windows else None
            part = {}
            for place, (column, binning) in enumerate(binnings.items()):
                names = [f"{place} below {at}" for at in range(len(binning.edges) + 1)]
                # a sum over no rows may be null
                below = [int(row[name] or 0) for name in names]
                minus, plus = (int(row[f"{place} {sign}inf"] or 0) for sign in "-+")
                regular = np.diff(np.array(below) - minus, prepend=0)
                missing = int(row[_ROWS]) - below[-1] - plus
                part[column] = np.array([*regular, minus, plus, missing], dtype=np.int64)
            added(counts, {key: part})
        return counts

    def _count_categories(self, frame, keys, windows, column, binning) -> dict:
        text = self._schema[column] in _TEXTS
        value = nw.col(column).cast(nw.String) if text else nw.col(column)
        keys = [*keys, _VALUE]
        found = (
            frame.with_columns(value.alias(_VALUE))
            .group_by(keys, drop_null_keys=False)
            .agg(nw.len().alias(_ROWS))
        )
        if text and binning.closed:
            # all others are one category, so that a million unseen ones stay where they are
            value = nw.col(_VALUE)
            told = value.is_in(binning.named) | value.str.contains(_SPELLING)
            other = nw.lit(_other(binning))
            value = nw.when(told | value.is_null()).then(value).otherwise(other)
            found = (
                found.with_columns(value.alias(_VALUE))
                .group_by(keys, drop_null_keys=False)
                .agg(nw.col(_ROWS).sum())
            )
        found = found.collect()
        pairs: dict = {} if windows else {None: []}
        groups = found[_WINDOW].to_list() if windows else [None] * len(found)
        for group, value, rows in zip(
            groups, found[_VALUE].to_list(), found[_ROWS].to_list(), strict=True
        ):
            pairs.setdefault(group, []).append((value, rows))
        counts: dict = {}
        for group, of_group in pairs.items():
            key = windows.key(group) if windows else None
            added(counts, {key: {column: binning.count_found(merged(of_group))}})
        return counts


class DaskTable(Table):
    """A Dask frame: each worker counts its partitions, and only counts travel.

    As expressions of Narwhals this takes 20 times as long: each of the hundreds of sums becomes a
    task for each partition. The workers need klteach to be installed.
    """

    _called = "the frame"

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

    def values(self, columns) -> dict[str, Counter | None]:
        columns = list(columns)
        found: dict[str, Counter | None] = {column: Counter() for column in columns}
        for part in self._each(_values_of_partition, columns, columns):
            for column in columns:
                mine, more = found[column], part[column]
                if mine is not None and more is not None:
                    mine.update(more)
                    more = None if too_many(mine) else mine
                found[column] = more if mine is not None else None
        return found

    def _add_parts(self):
        self._first = self._first.with_parts(self._derived)

    def _require_kind(self, column, binning):
        self._first._require_kind(column, binning)

    def _count(self, binnings, windows, progress, skip) -> dict:
        wanted = [*binnings, *([windows.column] if windows else [])]
        counts: dict = {}
        for part, reasons in self._each(_count_partition, wanted, binnings, windows, skip):
            self.skipped |= reasons
            added(counts, part)
        if progress:
            rows = sum(int(next(iter(part.values())).sum()) for part in counts.values() if part)
            progress(rows, rows)
        return counts

    def _each(self, work, columns, *details):
        import dask

        sources = dict.fromkeys(self._derived.get(column, (column,))[0] for column in columns)
        derived = {c: self._derived[c] for c in columns if c in self._derived}
        parts = self._frame[list(sources)].to_delayed()
        return dask.compute(*(dask.delayed(work)(part, derived, *details) for part in parts))


def _partition(partition, derived) -> EagerTable:
    return EagerTable(nw.from_native(partition, eager_only=True)).with_parts(derived)


def _count_partition(partition, derived, binnings, windows, skip):
    table = _partition(partition, derived)
    usable, reasons = table.countable(binnings)
    if reasons and not skip:
        for column, binning in binnings.items():
            table._require_kind(column, binning)
    return table._count(usable, windows, None, skip), reasons


def _values_of_partition(partition, derived, columns):
    return _partition(partition, derived).values(columns)


def _in_utc(frame: nw.LazyFrame) -> nw.LazyFrame:
    """Times with a zone as those of UTC, where the zone is that of the session, not of the data."""
    if not frame.implementation.is_duckdb():
        return frame
    zoned = [
        name
        for name, dtype in frame.collect_schema().items()
        if isinstance(dtype, nw.Datetime) and dtype.time_zone
    ]
    if not zoned:
        return frame
    quoted = ['"' + name.replace('"', '""') + '"' for name in zoned]
    plain = ", ".join(f"({name} AT TIME ZONE 'UTC') AS {name}" for name in quoted)
    return nw.from_native(frame.to_native().select(f"* REPLACE ({plain})"))


def _number(column):
    return nw.col(column).cast(nw.Float64)


def _other(binning) -> str:
    """A text that is no category of the binning, and no other spelling of one."""
    text = "other"
    while text in binning.values:
        text += "'"
    return text


def _category_counts(frame, column) -> Counter | None:
    """The counts of a column; None if it has too many different values to be one of categories."""
    counts = merged(_rows_of_values(frame, column, tables.MOST_CATEGORIES + 1))
    return None if too_many(counts) else counts


def _rows_of_values(frame, column, most: int | None = None):
    """The distinct values, or so many of them, and the number of rows of each."""
    found = frame.group_by(column, drop_null_keys=False).agg(nw.len().alias(_ROWS))
    if most:
        found = found.head(most)
    if isinstance(found, nw.LazyFrame):
        found = found.collect()
    return zip(found[column].to_list(), found[_ROWS].to_list(), strict=True)
