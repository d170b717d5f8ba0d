"""CSV and Parquet files, which may be larger than memory: read in parts, counted part by part.

A part holds so many rows that its values fill some tens of megabytes, however long the file is.
Polars may unpack a whole row group of Parquet at once, so memory is bounded where row groups are:
the usual writers make them of a million rows at most.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import narwhals as nw
import numpy as np
import polars as pl

from klteach.drift.binning import CATEGORIES, NUMBERS
from klteach.drift.csv_bytes import GZIP, ZSTANDARD
from klteach.drift.csv_dialect import CsvDialect
from klteach.drift.csv_numbers import suggested
from klteach.drift.csv_parts import CsvParts
from klteach.drift.csv_times import CsvTimes
from klteach.drift.errors import DriftError
from klteach.drift.frames import LazyTable, kind_of
from klteach.drift.sampling import Sample
from klteach.drift.tables import (
    MOST_WINDOWS,
    ColumnError,
    Table,
    added,
    require_columns,
    require_few_windows,
    too_many,
)

PARQUET_ENDINGS = (".parquet", ".pq")
CSV_ENDINGS = (".csv", ".tsv")
PACKED_ENDINGS = (".gz", ".zst")
# how many values a part has, all columns together: 64 MB as 64-bit floats
PART = 8_000_000
LEAST_ROWS = 1 << 16
_LOOK = 10_000


def file_table(
    path: str | os.PathLike,
    kinds: dict[str, str] | None = None,
    dialect: CsvDialect | None = None,
    name: str = "",
):
    """The table in a CSV or Parquet file.

    kinds    NUMBERS or CATEGORIES for columns whose kind is known, for a CSV, which does not say
    dialect  how a CSV is written, if not as usual
    name     what the file is called in messages, if not by its path

    Errors: DriftError, with the reason in one sentence, for a file that is not there, is a folder,
    is empty, damaged or cut off, or is of another format than its name says.
    """
    path = Path(path)
    name = name or str(path)
    if path.is_dir():
        raise DriftError(f"{path} is a folder; name one CSV or Parquet file.")
    if not path.exists():
        raise DriftError(f"there is no file {path}.")
    ending = ending_of(path)
    if ending not in PARQUET_ENDINGS + CSV_ENDINGS:
        raise DriftError(
            f"{path} ends in {path.suffix.lower() or 'nothing'!r}; only "
            f"{', '.join(CSV_ENDINGS + PARQUET_ENDINGS)} files are read, a CSV also with .gz or "
            ".zst behind."
        )
    try:
        with open(path, "rb") as file:
            start = file.read(4)
            file.seek(max(0, path.stat().st_size - 4))
            end = file.read(4)
    except OSError as error:
        raise DriftError(f"{path} cannot be read: {error.strerror}.") from None
    if not start:
        raise DriftError(f"{name} is empty: it has not even a header.")
    if ending in CSV_ENDINGS:
        if start == b"PAR1":
            raise DriftError(f"{name} is a Parquet file; rename it to end in .parquet.")
        return CsvFile(path, kinds or {}, dialect or CsvDialect(), name)
    if start != b"PAR1":
        packed = start.startswith(GZIP) or start == ZSTANDARD
        raise DriftError(
            f"{name} is no Parquet file: it does not begin like one."
            + " It is compressed as a whole; unpack it." * packed
        )
    if end != b"PAR1":
        raise DriftError(f"{name} was cut off: its end, which lists the columns, is missing.")
    return ParquetFile(path, name)


def ending_of(path: Path) -> str:
    """The ending that tells the format: .csv of days.csv.gz."""
    endings = [ending.lower() for ending in path.suffixes]
    if len(endings) > 1 and endings[-1] in PACKED_ENDINGS and endings[-2] in CSV_ENDINGS:
        return endings[-2]
    return endings[-1] if endings else ""


class FileTable(Table):
    """What CSV and Parquet share: a table that comes in parts.

    A subclass has `names`, `kind` and `parts`.
    """

    def parts(self, columns, bad=None) -> Iterator[tuple[pl.DataFrame, int]]:
        """Frames, and with each the number of rows in all, as far as it can be told.

        bad    where given, columns that cannot be counted are put here with the reason, and left
               out from there on
        """
        raise NotImplementedError

    def numbers(self, columns) -> dict[str, np.ndarray]:
        """The values of columns of numbers; of a file with more than a million rows, a sample."""
        columns = list(columns)
        sample, rows = Sample(), 0
        for frame, _ in self.parts(columns):
            rows += len(frame)
            sample.add({c: frame[c].cast(pl.Float64).to_numpy() for c in columns})
        found = sample.values()
        # The few values of an almost empty column may all have been passed over.
        sparse = [c for c in columns if sample.thinned and not np.isfinite(found[c]).any()]
        if sparse:
            found |= self._finite(sparse)
        return found

    def _finite(self, columns):
        found: dict[str, list[np.ndarray]] = {column: [] for column in columns}
        for frame, _ in self.parts(columns):
            for column in columns:
                values = frame[column].cast(pl.Float64)
                found[column].append(values.filter(values.is_finite()).to_numpy())
        return {column: np.concatenate(parts) for column, parts in found.items()}

    def values(self, columns) -> dict[str, Counter | None]:
        columns = list(columns)
        counts: dict[str, Counter | None] = {column: Counter() for column in columns}
        for frame, _ in self.parts(columns):
            open_ones = [column for column, found in counts.items() if found is not None]
            for column, more in self._table(frame).values(open_ones).items():
                found = counts[column]
                if found is None or more is None:
                    counts[column] = None
                    continue
                found.update(more)
                counts[column] = None if too_many(found) else found
        return counts

    def _count(self, binnings, windows, progress, skip) -> dict:
        wanted = [*binnings, *([windows.column] if windows else [])]
        bad: dict[str, str] | None = {} if skip else None
        counts: dict = {}
        done = 0
        for frame, rows in self.parts(list(dict.fromkeys(wanted)), bad):
            usable = {column: binnings[column] for column in binnings if column not in (bad or ())}
            added(counts, self._table(frame)._count(usable, windows, None, skip))
            if windows:
                # the names of several keys may be one, but not those of a key for each row
                require_few_windows(windows.column, len(counts), 30 * MOST_WINDOWS)
            done += len(frame)
            if progress:
                progress(done, max(done, rows))
        for column, why in (bad or {}).items():
            held = "it held numbers and holds" if binnings[column].kind == NUMBERS else "it holds"
            self.skipped[column] = f"{held} {why} now"
        return counts

    def _table(self, frame: pl.DataFrame) -> LazyTable:
        eager = nw.from_native(frame)
        return LazyTable(eager.lazy(), eager)


class ParquetFile(FileTable):
    """A Parquet file, read in slices of rows, with only the columns that are wanted.

    It may also be a folder of files that share a table; then names of folders such as day=1 are
    values of a column.
    """

    def __init__(self, path: Path, name: str, files: list[Path] | None = None):
        self._name = self._called = name
        self._files = files or []
        with self._reading():
            self._frame = pl.scan_parquet(
                files or path, glob=False, hive_partitioning=files is not None
            )
            self._frame.collect_schema()
            self._rows = self._frame.select(pl.len()).collect().item()
        self._schema = nw.from_native(self._frame).collect_schema()
        self.names = self._schema.names()
        if not self._rows:
            raise DriftError(f"{name} has no rows.")

    @property
    def rows(self) -> int:
        return self._rows

    def kind(self, column):
        if column in self._derived:
            return self._empty([column]).kind(column)
        return kind_of(column, self._schema[column])

    def parts(self, columns, bad=None) -> Iterator[tuple[pl.DataFrame, int]]:
        columns = self._stored(columns)
        size = max(LEAST_ROWS, PART // max(1, len(columns)))
        for start in range(0, self.rows, size):
            with self._reading():
                frame = self._frame.select(columns).slice(start, size).collect(engine="streaming")
            if len(frame) != min(size, self.rows - start):
                raise DriftError(
                    f"{self._name} is damaged: it says that it has {self.rows} rows, and has fewer."
                )
            yield frame, self.rows

    def hints(self) -> dict[str, str]:
        texts = [column for column, dtype in self._schema.items() if dtype == nw.String]
        with self._reading():
            frame = self._frame.select(texts).head(_LOOK).collect(engine="streaming")
        return {
            column: f"looks like numbers that are written as text ({values[0]!r}), and is watched "
            "as text. To watch it as numbers, write it as numbers."
            for column in texts
            if len(values := frame[column].drop_nulls()) and suggested(values, CsvDialect())
        }

    def _require_kind(self, column, binning):
        # the table of a part would say the same, after the first part was read
        self._empty([column])._require_kind(column, binning)

    def _empty(self, columns) -> LazyTable:
        return self._table(self._frame.select(self._stored(columns)).clear().collect())

    def _stored(self, columns) -> list[str]:
        return list(dict.fromkeys(self._derived.get(column, (column,))[0] for column in columns))

    def _table(self, frame):
        derived = {
            name: (column, part)
            for name, (column, part) in self._derived.items()
            if column in frame.columns
        }
        return super()._table(frame).with_parts(derived)

    def _reading(self):
        return _Reading(self._name, self._files)


class CsvFile(FileTable):
    """A CSV file: text, of which some columns are read as numbers.

    Which ones is decided by `kinds` (in a check: by the baseline), and for all others by the first
    part of the file.
    """

    def __init__(self, path: Path, kinds: dict[str, str], dialect: CsvDialect, name: str):
        self._called = name
        self._parts = CsvParts(path, dialect, name)
        self.names = self._parts.names
        self._kinds = dict(kinds)

    @property
    def empty(self) -> bool:
        return False  # it would have been refused

    @property
    def rows(self) -> int:
        return sum(len(frame) for frame, _ in self.parts(self.names[:1]))

    def kind(self, column):
        if column in self._derived:
            self._times(column)
            return CATEGORIES
        if column not in self._kinds:
            self._kinds[column] = self._parts.kind(column)
        return self._kinds[column]

    def set_kinds(self, kinds: dict[str, str]):
        self._kinds |= {name: kind for name, kind in kinds.items() if name not in self._derived}

    def hints(self) -> dict[str, str]:
        return self._parts.hints()

    def parts(self, columns, bad=None) -> Iterator[tuple[pl.DataFrame, int]]:
        times = {column: self._times(column) for column in columns if column in self._derived}
        sources = {name: self._derived[name][0] for name in times}
        stored = list(dict.fromkeys([*(c for c in columns if c not in times), *sources.values()]))
        # text, whatever else the column may be watched as
        kinds = {c: k for c, k in self._kinds.items() if c not in sources.values()}
        for frame, rows in self._parts.read(stored, kinds, bad):
            made = []
            for name in times:
                try:
                    made.append(times[name].of(frame[sources[name]]).alias(name))
                except ColumnError as error:
                    if bad is None:
                        raise
                    bad[name] = error.reason
            times = {name: of for name, of in times.items() if name not in (bad or ())}
            yield frame.with_columns(made), rows

    def _require_kind(self, column, binning):
        if column in self._derived:
            self._times(column)

    def _times(self, name) -> CsvTimes:
        column, part = self._derived[name]
        require_columns([column], self._parts.names, self._called)
        return CsvTimes(column, part, self._parts.look(column))


class _Reading:
    """What Polars says about a damaged file, in one sentence with the name of the file."""

    def __init__(self, name, files=()):
        self._name = name
        self._files = files

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        # a panic of Polars is a BaseException
        panic = getattr(pl.exceptions, "PanicException", pl.exceptions.PolarsError)
        if isinstance(error, (pl.exceptions.PolarsError, panic, OSError)):
            reason = str(error).strip().splitlines() or [kind.__name__]
            raise DriftError(
                f"{self._culprit() or self._name} is damaged or cut off and cannot be read "
                f"({reason[0][:200]}). Write it again."
            ) from None

    def _culprit(self) -> str:
        """The first file of a data set that cannot be opened."""
        for path in self._files:
            try:
                pl.read_parquet_schema(path)
            except (pl.exceptions.PolarsError, OSError):
                return str(path)
        return ""
