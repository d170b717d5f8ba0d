"""A CSV file in parts of whole rows, each checked before it is counted.

A reader of CSV that is made to be helpful fills a row that was cut off with missing values, and
renames a column that comes twice. Here neither may pass, since both end as counts. So the text is
cut into parts at the ends of rows, and of each part it is checked that every row has as many fields
as the header. Only then Polars reads it, as text, and the columns of numbers become numbers.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from klteach.drift.binning import CATEGORIES, NUMBERS
from klteach.drift.errors import DriftError
from klteach.drift.tables import mixed, unusable

PART_BYTES = 1 << 24
# What the usual programs write for a missing number. In a column of categories these are
# categories: NA is Namibia.
MISSING_NUMBERS = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None")
_QUOTED = re.compile(rb'"[^"]*"')
_DATE = r"^\d{4}-\d\d-\d\d([T ]|$)"


class CsvParts:
    """The rows of a CSV file (separated by commas; .tsv: by tabs), in UTF-8, with a header."""

    def __init__(self, path: Path, size: int = PART_BYTES):
        self.path = path
        self._size = size
        self._separator = "\t" if path.suffix.lower() == ".tsv" else ","
        self._bytes = path.stat().st_size
        self._require_end()
        with open(path, "rb") as file:
            header = _row(file, self.path)
            self._start = file.tell()
        self._header_lines = header.count(b"\n")
        self.names = self._names(header)
        if next(self._blocks(), None) is None:
            raise DriftError(f"{path} has a header and no rows.")
        self._first: pl.DataFrame | None = None

    def _names(self, header: bytes) -> list[str]:
        try:
            text = header.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._not_utf8() from None
        names = next(csv.reader([text], delimiter=self._separator), [])
        names = [name.strip() for name in names]
        for other in ";\t|":
            if len(names) == 1 and other != self._separator and other in text:
                raise DriftError(
                    f"the header of {self.path} has {other!r} between the names; fields must be "
                    f"separated by {self._separator!r}."
                )
        if "" in names:
            raise DriftError(
                f"column {names.index('') + 1} of {self.path} has no name in the header; give it "
                "one."
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DriftError(
                f"the header of {self.path} has the name {', '.join(map(repr, twice))} more than "
                "once. Rename one of each."
            )
        return names

    def _require_end(self):
        with open(self.path, "rb") as file:
            if b"\0" in file.read(100):
                raise self._not_utf8()
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                raise DriftError(
                    f"the last row of {self.path} does not end: a file that was cut off looks like "
                    "this, and its last value may be half a value. If the file is whole, put a "
                    "line break at its end."
                )

    def _not_utf8(self):
        return DriftError(f"{self.path} is no text in UTF-8; save it as CSV in UTF-8.")

    def kind(self, column: str) -> str:
        """Whether the first part of the file shows numbers or categories in this column."""
        if self._first is None:
            text, line = next(self._blocks())
            self._first = self._frame(text, line, self.names)
        values = _bare(self._first[column]).drop_nulls()
        bad = values.filter(_numbers(values).is_null())
        if len(bad) == 0:
            return NUMBERS
        if values.str.contains(_DATE).all():
            raise unusable(column, "dates or times")
        if 2 * len(bad) < len(values):
            raise mixed(column, bad[0], f", among others, in {self.path}")
        return CATEGORIES

    def read(self, columns, kinds: dict[str, str]) -> Iterator[tuple[pl.DataFrame, int]]:
        """Frames with these columns, and how many rows the file will have had, by its length."""
        done, seen = 0, self._start
        for text, line in self._blocks():
            frame = self._frame(text, line, columns)
            numbers = [column for column in columns if kinds.get(column) == NUMBERS]
            frame = frame.with_columns(
                self._as_numbers(frame[column], text, line) for column in numbers
            )
            done, seen = done + len(frame), seen + len(text)
            yield frame, done if seen >= self._bytes else round(done * self._bytes / seen)

    def _blocks(self) -> Iterator[tuple[bytes, int]]:
        """Whole rows, about as many bytes as a part has, and the line on which they begin."""
        line, rest = 1 + self._header_lines, b""
        with open(self.path, "rb") as file:
            file.seek(self._start)
            while True:
                new = file.read(self._size)
                text = rest + new
                if not new:
                    if text:
                        raise DriftError(
                            f"{self.path}: a quotation mark on line {line} or later is not closed. "
                            "The file was cut off, or a text has a quotation mark that is not "
                            "doubled."
                        )
                    return
                cut = _end_of_rows(text)
                if len(text) - cut > 16 * self._size:
                    raise DriftError(
                        f"{self.path}: a quotation mark after line {line} is not closed for "
                        f"{len(text) - cut} bytes."
                    )
                text, rest = text[:cut], text[cut:]
                if not rest and file.tell() == self._bytes and len(self.names) > 1:
                    # empty lines at the end of the file are no rows
                    text = text.rstrip(b"\r\n") + b"\n" if text.strip() else b""
                if text:
                    yield text, line
                    line += text.count(b"\n")

    def _frame(self, text: bytes, line: int, columns) -> pl.DataFrame:
        """The columns as text, after every row was seen to have all of its fields."""
        bare = _QUOTED.sub(b"", text) if b'"' in text else text
        rows = bare.count(b"\n")
        fields = rows * (len(self.names) - 1)
        if bare.count(self._separator.encode()) != fields:
            raise self._ragged(text, line)
        try:
            frame = pl.read_csv(
                io.BytesIO(text),
                has_header=False,
                separator=self._separator,
                schema=dict.fromkeys(self.names, pl.String),
                columns=sorted(map(self.names.index, columns)),
            )
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._ragged(text, line, str(error).strip().splitlines()[0]) from None
        if len(frame) != rows:
            raise self._ragged(text, line, f"{rows} rows are there and {len(frame)} were read")
        return frame.select(columns)

    def _ragged(self, text: bytes, line: int, reason: str = "") -> DriftError:
        """The first row whose fields are not those of the header."""
        try:
            reader = self._reader(text)
        except UnicodeDecodeError as error:
            line += text[: error.start].count(b"\n")
            return DriftError(f"line {line} of {self.path} is no text in UTF-8.")
        before = 0
        for row in reader:
            if len(row) != len(self.names):
                return DriftError(
                    f"line {line + before} of {self.path} has {len(row)} fields and the header has "
                    f"{len(self.names)}. Mend or remove the row; a text with "
                    f"{self._separator!r} in it needs quotation marks."
                )
            before = reader.line_num
        last = line + text.count(b"\n") - 1
        return DriftError(
            f"lines {line} to {last} of {self.path} cannot be read as CSV ({reason})."
        )

    def _as_numbers(self, values: pl.Series, text: bytes, line: int) -> pl.Series:
        numbers = _numbers(values)
        if numbers.null_count() == values.null_count():
            return numbers
        # rare spellings, which the quick reading above leaves out
        bare = _bare(values)
        numbers = _numbers(bare)
        bad = (numbers.is_null() & bare.is_not_null()).arg_true()
        if len(bad):
            where = f" on line {self._line(text, line, bad[0])} of {self.path}"
            raise mixed(values.name, values[bad[0]], where)
        return numbers

    def _reader(self, text: bytes):
        return csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=self._separator)

    def _line(self, text, line, row):
        """The line on which a row of the part begins; a quoted text may have several lines."""
        if b'"' not in text:
            return line + row
        reader = self._reader(text)
        for _ in range(row):
            next(reader)
        return line + reader.line_num


def _row(file, path) -> bytes:
    """The first row, which has several lines if a name has a line break in quotation marks."""
    row = file.readline()
    while row.count(b'"') % 2 and (more := file.readline()):
        row += more
    if not row.strip():
        raise DriftError(f"the first line of {path} is empty, where the header should be.")
    return row


def _end_of_rows(text: bytes) -> int:
    """Behind the last line break that is not inside quotation marks."""
    cut = text.rfind(b"\n") + 1
    quotes = text.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = text.rfind(b"\n", 0, cut - 1) + 1
        quotes -= text.count(b'"', before, cut)
        cut = before
    return cut


def _bare(values: pl.Series) -> pl.Series:
    """Without the spaces around it, and null for what stands for a missing number."""
    bare = values.str.strip_chars()
    return bare.set(bare.is_in([*MISSING_NUMBERS, ""]), None)


def _numbers(values: pl.Series) -> pl.Series:
    return values.cast(pl.Float64, strict=False)
