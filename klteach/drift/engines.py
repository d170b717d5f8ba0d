"""Counts of a whole table in locked cells, wherever the table is.

NumPy counts arrays in memory. Everything else is an existing engine's work: frames through Narwhals
(Polars, pandas, DuckDB, Dask, PyArrow), files through Polars. The counts are equal, row for row.
"""

import os
from collections.abc import Mapping

import numpy as np

from klteach.drift.arrays import ArrayTable
from klteach.drift.binning import Binning
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.tables import Table, require_windows


def count_table(
    source, binnings: dict[str, Binning], progress=None
) -> tuple[dict[str, Histogram[Binning]], int]:
    """The histogram of each column of `binnings`, and the number of rows.

    source     a dict of arrays or lists, a NumPy structured array, a frame that Narwhals knows, or
               the path of a CSV or Parquet file
    progress   called as progress(rows done, rows in all)

    Errors: DriftError for a column that is not there or holds something else, and for a file that
    cannot be read.

    >>> ages = Binning.with_edges("age", [18, 65])
    >>> histograms, rows = count_table({"age": [3, 40, 41, None]}, {"age": ages})
    >>> histograms["age"].counts.tolist(), rows
    ([1, 2, 0, 0, 0, 1], 4)
    """
    table = table_of(source, {column: binning.kind for column, binning in binnings.items()})
    counts = table.count(binnings, progress=progress)[None]
    histograms = {
        column: Histogram(binning, counts[column]) for column, binning in binnings.items()
    }
    return histograms, next(iter(histograms.values())).total if histograms else table.rows


def count_windows(
    source, binnings: dict[str, Binning], window: str, progress=None, period: str = "day"
) -> dict:
    """The counts of each column in each window: {name of the window: {column: counts}}.

    A window is a value of the column `window`; of a column of times, stored as such or written as
    text, a day, or another `period`: hour, week, month. Errors: as `count_table`, and DriftError
    for rows that belong to no window.
    """
    table = table_of(source, {column: binning.kind for column, binning in binnings.items()})
    return require_windows(table.count(binnings, window, progress, period), window)


def table_of(source, kinds: dict[str, str] | None = None, dialect=None) -> Table:
    """The table behind a source.

    kinds    of columns, where known, decide how a CSV is read
    dialect  a CsvDialect, how a CSV is written, if not as usual
    """
    if isinstance(source, Table):
        return source  # it has been opened already
    if isinstance(source, Mapping) or (isinstance(source, np.ndarray) and source.dtype.names):
        return ArrayTable(source)
    if isinstance(source, (str, os.PathLike)):
        try:
            from klteach.drift.files import file_table
        except ImportError:
            raise DriftError('reading files needs Polars: pip install "klteach[drift]".') from None
        return file_table(source, kinds, dialect)
    if isinstance(source, (np.ndarray, list, tuple)):
        raise DriftError(
            "a table has columns with names: pass a dict of arrays, a frame or a path, not "
            f"{'an array' if isinstance(source, np.ndarray) else 'a ' + type(source).__name__}."
        )
    try:
        from klteach.drift.frames import table_of_frame
    except ImportError:
        raise DriftError('data frames need Narwhals: pip install "klteach[drift]".') from None
    table = table_of_frame(source)
    if table is None:
        raise DriftError(
            "a table is a dict of arrays, a frame that Narwhals knows, or the path of a CSV or "
            f"Parquet file; this is {type(source).__name__}."
        )
    return table
