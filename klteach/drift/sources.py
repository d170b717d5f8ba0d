"""What is to be read: files, folders, patterns, partitioned data sets and the standard input."""

import glob
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from klteach.drift.csv_dialect import CsvDialect
from klteach.drift.errors import DriftError
from klteach.drift.tables import Table

try:
    from klteach.drift.files import (
        CSV_ENDINGS,
        PARQUET_ENDINGS,
        ParquetFile,
        ending_of,
        file_table,
    )
except ImportError:
    raise DriftError('reading files needs Polars: pip install "klteach[drift]".') from None

STANDARD_INPUT = "standard input"
_PARTITION = re.compile(r"[^=]+=.*")


@dataclass(frozen=True)
class Source:
    """One table that can be opened.

    name   what it is called in a report: the name of a file or folder
    path   where it is
    parts  the files of a partitioned data set; of a file, none
    """

    name: str
    path: Path
    parts: tuple[Path, ...] = ()
    _kept: tempfile.TemporaryDirectory | None = field(default=None, repr=False, compare=False)

    def open(self, kinds: dict[str, str] | None = None, dialect: CsvDialect | None = None) -> Table:
        """The table, as `files.file_table` opens a file."""
        if self.parts:
            return ParquetFile(self.path, str(self.path), list(self.parts))
        return file_table(self.path, kinds, dialect, STANDARD_INPUT if self._kept else "")

    def close(self) -> None:
        """Remove the copy of the standard input; nothing for what was a file before."""
        if self._kept:
            self._kept.cleanup()


def sources(paths: Iterable, standard_input: BinaryIO | None = None) -> list[Source]:
    """The tables behind paths, in the order of the paths, files of a folder in natural order.

    paths           files; folders; patterns with *, ? or [; "-" for the standard input
    standard_input  what "-" reads; without it that of the process

    A folder whose folders are called key=value is one table, with the keys as columns. Any other
    folder is its CSV and Parquet files, not those of folders inside, and a pattern is what it
    matches. Errors: DriftError if a path or pattern finds nothing, or "-" comes twice.
    """
    paths = [str(path) for path in ([paths] if isinstance(paths, (str, Path)) else paths)]
    if not paths:
        raise DriftError("no file is named.")
    if paths.count("-") > 1:
        raise DriftError("the standard input, -, can be read only once.")
    found: list[Source] = []
    for path in paths:
        if path == "-":
            found.append(_of_standard_input(standard_input or sys.stdin.buffer))
        else:
            found += _at(path)
    names = [source.name for source in found]
    return [
        Source(str(s.path), s.path, s.parts, s._kept) if names.count(s.name) > 1 else s
        for s in found
    ]


def natural(name: str) -> tuple:
    """A key for sorting: day-2 comes before day-10.

    >>> sorted(["day-10", "day-2", "Day-3"], key=natural)
    ['day-2', 'Day-3', 'day-10']
    """
    pieces = re.split(r"(\d+)", name.casefold())
    return [(0, int(p), p) if p.isdecimal() else (1, 0, p) for p in pieces if p], name


def _at(path: str) -> list[Source]:
    place = Path(path)
    if place.is_dir():
        return _in_folder(place)
    if not place.exists() and re.search(r"[*?\[]", path):
        matches = sorted(glob.glob(path, recursive=True), key=natural)
        files = [Path(match) for match in matches if not _hidden(Path(match))]
        if not files:
            raise DriftError(f"no file matches {path}.")
        return [source for file in files for source in _at(str(file))]
    if not place.exists():
        raise DriftError(f"there is no file {path}.")
    return [Source(place.name, place)]


def _in_folder(folder: Path) -> list[Source]:
    inside = sorted(folder.iterdir(), key=lambda path: natural(path.name))
    inside = [path for path in inside if not _hidden(path)]
    if any(path.is_dir() and _PARTITION.fullmatch(path.name) for path in inside):
        return [_partitioned(folder)]
    endings = CSV_ENDINGS + PARQUET_ENDINGS
    files = [path for path in inside if path.is_file() and ending_of(path) in endings]
    if not files:
        raise DriftError(f"the folder {folder} has no CSV or Parquet file.")
    return [Source(path.name, path) for path in files]


def _partitioned(folder: Path) -> Source:
    files = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PARQUET_ENDINGS
        and path.is_file()
        and not any(_hidden(Path(name)) for name in path.relative_to(folder).parts)
    ]
    if not files:
        raise DriftError(f"the folders in {folder} have no Parquet file.")
    keys = {
        tuple(name.split("=")[0] for name in path.relative_to(folder).parts[:-1]): path
        for path in files
    }
    if len(keys) > 1:
        one, other = sorted(map(str, list(keys.values())[:2]))
        raise DriftError(f"{one} and {other} are not in folders of the same kind, key=value.")
    files.sort(key=lambda path: natural(str(path)))
    return Source(folder.name or str(folder), folder, tuple(files))


def _hidden(path: Path) -> bool:
    # _SUCCESS and _metadata, and what an editor or a file system leaves
    return path.name.startswith((".", "_"))


def _of_standard_input(stream: BinaryIO) -> Source:
    """A copy of the standard input as a file, since a table is read more than once."""
    kept = tempfile.TemporaryDirectory(prefix="klteach-")
    start = stream.read(4)
    if not start:
        kept.cleanup()
        raise DriftError("the standard input is empty.")
    path = Path(kept.name) / ("input.parquet" if start == b"PAR1" else "input.csv")
    with open(path, "wb") as copy:
        copy.write(start)
        shutil.copyfileobj(stream, copy, 1 << 20)
    return Source(STANDARD_INPUT, path, (), kept)
