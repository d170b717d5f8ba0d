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

from klteach.drift.binning import Binning
from klteach.drift.csv_parts import CsvParts
from klteach.drift.errors import DriftError
from klteach.drift.frames import LazyTable, kind_of
from klteach.drift.sampling import Sample
from klteach.drift.tables import Table, WindowCounts, added, require_columns

PARQUET_ENDINGS = (".parquet", ".pq")
CSV_ENDINGS = (".csv", ".tsv")
# how many values a part has, all columns together: 64 MB as 64-bit floats
PART = 8_000_000
LEAST_ROWS = 1 << 16
# A column with more categories than this is an identifier, and each row would have its own.
MOST_CATEGORIES = 1_000_000


def file_table(path: str | os.PathLike, kinds: dict[str, str] | None = None):
    """The table in a CSV or Parquet file.

    kinds    NUMBERS or CATEGORIES for columns whose kind is known, for a CSV, which does not say

    Errors: DriftError, with the reason in one sentence, for a file that is not there, is a folder,
    is empty, damaged or cut off, or is of another format than its name says.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if path.is_dir():
        raise DriftError(f"{path} is a folder; name one CSV or Parquet file.")
    if not path.exists():
        raise DriftError(f"there is no file {path}.")
    if ending not in PARQUET_ENDINGS + CSV_ENDINGS:
        raise DriftError(
            f"{path} ends in {ending or 'nothing'!r}; only "
            f"{', '.join(CSV_ENDINGS + PARQUET_ENDINGS)} files are read."
        )
    try:
        with open(path, "rb") as file:
            start = file.read(4)
            file.seek(max(0, path.stat().st_size - 4))
            end = file.read(4)
    except OSError as error:
        raise DriftError(f"{path} cannot be read: {error.strerror}.") from None
    if not start:
        raise DriftError(f"{path} is empty: it has not even a header.")
    if ending in CSV_ENDINGS:
        if start == b"PAR1":
            raise DriftError(f"{path} is a Parquet file; rename it to end in .parquet.")
        return CsvFile(path, kinds or {})
    if start != b"PAR1":
        raise DriftError(f"{path} is no Parquet file: it does not begin like one.")
    if end != b"PAR1":
        raise DriftError(f"{path} was cut off: its end, which lists the columns, is missing.")
    return ParquetFile(path)


class FileTable(Table):
    """What CSV and Parquet share: a table that comes in parts.

    A subclass has `path`, `names`, `kind` and `parts`.
    """

    path: Path

    def parts(self, columns) -> Iterator[tuple[pl.DataFrame, int]]:
        """Frames, and with each the number of rows in all, as far as it can be told."""
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

    def values(self, columns) -> dict[str, Counter]:
        columns = list(columns)
        counts: dict[str, Counter] = {column: Counter() for column in columns}
        for frame, _ in self.parts(columns):
            for column, found in _table(frame).values(columns).items():
                counts[column].update(found)
                if len(counts[column]) > MOST_CATEGORIES:
                    raise DriftError(
                        f"column {column!r} of {self.path} has more than {MOST_CATEGORIES} "
                        "different values, as an identifier has. Leave it out with without=[...]."
                    )
        return counts

    def count(self, binnings: dict[str, Binning], window=None, progress=None) -> WindowCounts:
        wanted = [*binnings, *([window] if window else [])]
        require_columns(wanted, self.names, str(self.path))
        self._require_kinds(binnings)
        counts: WindowCounts = {}
        done = 0
        for frame, rows in self.parts(list(dict.fromkeys(wanted))):
            added(counts, _table(frame).count(binnings, window))
            done += len(frame)
            if progress:
                progress(done, max(done, rows))
        return counts

    def _require_kinds(self, binnings):
        """DriftError where the file itself says that a column cannot be counted."""


class ParquetFile(FileTable):
    """A Parquet file, read in slices of rows, with only the columns that are wanted."""

    def __init__(self, path: Path):
        self.path = path
        with self._reading():
            self._frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
            self._frame.collect_schema()
            self._rows = self._frame.select(pl.len()).collect().item()
        self._schema = nw.from_native(self._frame).collect_schema()
        self.names = self._schema.names()
        if not self._rows:
            raise DriftError(f"{path} has no rows.")

    @property
    def rows(self) -> int:
        return self._rows

    def kind(self, column):
        return kind_of(column, self._schema[column])

    def parts(self, columns) -> Iterator[tuple[pl.DataFrame, int]]:
        size = max(LEAST_ROWS, PART // max(1, len(columns)))
        for start in range(0, self.rows, size):
            with self._reading():
                frame = self._frame.select(columns).slice(start, size).collect(engine="streaming")
            if len(frame) != min(size, self.rows - start):
                raise DriftError(
                    f"{self.path} is damaged: it says that it has {self.rows} rows, and has fewer."
                )
            yield frame, self.rows

    def _require_kinds(self, binnings):
        # the table of a part would say the same, after the first part was read
        empty = LazyTable(nw.from_native(self._frame.select(list(binnings)).clear().lazy()))
        empty.count(binnings)

    def _reading(self):
        return _Reading(self.path)


class CsvFile(FileTable):
    """A CSV file: text, of which some columns are read as numbers.

    Which ones is decided by `kinds` (in a check: by the baseline), and for all others by the first
    part of the file.
    """

    def __init__(self, path: Path, kinds: dict[str, str]):
        self.path = path
        self._parts = CsvParts(path)
        self.names = self._parts.names
        self._kinds = dict(kinds)

    @property
    def empty(self) -> bool:
        return False  # it would have been refused

    @property
    def rows(self) -> int:
        return sum(len(frame) for frame, _ in self.parts(self.names[:1]))

    def kind(self, column):
        if column not in self._kinds:
            self._kinds[column] = self._parts.kind(column)
        return self._kinds[column]

    def set_kinds(self, kinds: dict[str, str]):
        self._kinds |= kinds

    def parts(self, columns) -> Iterator[tuple[pl.DataFrame, int]]:
        return self._parts.read(columns, self._kinds)


class _Reading:
    """What Polars says about a damaged file, in one sentence with the name of the file."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        # a panic of Polars is a BaseException
        panic = getattr(pl.exceptions, "PanicException", pl.exceptions.PolarsError)
        if isinstance(error, (pl.exceptions.PolarsError, panic, OSError)):
            reason = str(error).strip().splitlines() or [kind.__name__]
            raise DriftError(
                f"{self.path} is damaged or cut off and cannot be read ({reason[0][:200]}). Write "
                "it again."
            ) from None


def _table(frame: pl.DataFrame) -> LazyTable:
    eager = nw.from_native(frame)
    return LazyTable(eager.lazy(), eager)
