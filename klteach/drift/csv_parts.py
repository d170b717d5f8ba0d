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
from klteach.drift.csv_bytes import CsvBytes
from klteach.drift.csv_dialect import CsvDialect
from klteach.drift.csv_numbers import bare, flags, gap, numbers, present, suggested
from klteach.drift.csv_sniffing import encoding_hint, separator_hint
from klteach.drift.errors import DriftError
from klteach.drift.tables import DATES, ColumnError, mixed, unusable, way_out
from klteach.drift.windows import DATED

PART_BYTES = 1 << 24
INDEX = "column 1"
_QUOTED = re.compile(rb'"[^"]*"')
_CLOCK = r"^\d{1,2}:\d\d:\d\d([.]\d+)?$"


class CsvParts:
    """The rows of a CSV file with a header, as its dialect has them.

    Errors: DriftError for a file that is not written so, with the option that would read it.
    """

    def __init__(self, path: Path, dialect: CsvDialect, name: str, size: int = PART_BYTES):
        self.path = path
        self._name = name
        self._size = size
        self._dialect = dialect
        usual = "\t" if ".tsv" in [part.lower() for part in path.suffixes] else ","
        self._separator = dialect.separator or usual
        comment = re.escape(dialect.comment.encode())
        self._comment = (
            re.compile(rb"^" + comment + rb"[^\n]*\n", re.MULTILINE) if comment else None
        )
        with self._open() as file:
            if file.plain:
                self._require_end()
            header, self._start, self._header_lines = self._header(file)
        self.names = self._names(header)
        if next(self._blocks(), None) is None:
            raise DriftError(f"{name} has a header and no rows.")
        self._first: pl.DataFrame | None = None

    def _open(self) -> CsvBytes:
        return CsvBytes(self.path, self._dialect, self._name)

    def _header(self, file) -> tuple[bytes, int, int]:
        """The first row, where it ends, and its last line; comments before it are passed over.

        It has several lines if a name has a line break in quotation marks.
        """
        text, start, lines = b"", 0, 0
        comment = self._dialect.comment.encode()
        while True:
            end = text.find(b"\n", start) + 1
            while end and text.count(b'"', start, end) % 2:
                end = text.find(b"\n", end) + 1
            if not end:
                new = file.read(self._size)
                text = self._unquoted(text + new)
                if not new:
                    end = len(text)
            if end:
                row = text[start:end]
                lines += max(1, row.count(b"\n"))
                if not comment or not row.removeprefix(b"\xef\xbb\xbf").startswith(comment):
                    break
                start = end
            elif not text:
                raise DriftError(f"{self._name} is empty: it has not even a header.")
        if not row.strip():
            raise DriftError(
                f"the first line of {self._name} is empty, where the header should be."
            )
        return row, end, lines

    def _names(self, header: bytes) -> list[str]:
        try:
            text = header.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._not_utf8() from None
        names = next(csv.reader([text], delimiter=self._separator), [])
        names = [name.strip() for name in names]
        for other in ",;\t|":
            if len(names) == 1 and other != self._separator and other in text:
                raise DriftError(
                    f"the header of {self._name} has {other!r} between the names, where "
                    f"{self._separator!r} should be. If that is how the file is written, add "
                    f"{separator_hint(self._look(), self._dialect)}."
                )
        self._unnamed = len(names) > 1 and names[0] == ""
        if self._unnamed:
            names[0] = INDEX
        if "" in names:
            raise DriftError(
                f"column {names.index('') + 1} of {self._name} has no name in the header; give it "
                "one."
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DriftError(
                f"the header of {self._name} has the name {', '.join(map(repr, twice))} more than "
                "once. Rename one of each."
            )
        return names

    def _look(self) -> str:
        """The beginning of the file, for hints."""
        with self._open() as file:
            return file.read(1 << 16).decode("utf-8-sig", errors="replace")

    def _require_end(self):
        with open(self.path, "rb") as file:
            if b"\0" in file.read(100):
                raise self._not_utf8()
            file.seek(-1, 2)
            if not self._dialect.last_line_open and file.read(1) != b"\n":
                raise self._open_end()

    def _open_end(self):
        option = CsvDialect(last_line_open=True).options
        return DriftError(
            f"the last row of {self._name} does not end: a file that was cut off looks like this, "
            "and its last value may be half a value. If the file is whole, put a line break at its "
            f"end, or add {option}."
        )

    def _not_utf8(self):
        return DriftError(
            f"{self._name} is no text in UTF-8; save it as CSV in UTF-8, or add "
            f"{encoding_hint(self.path)}."
        )

    @property
    def first(self) -> pl.DataFrame:
        """The first part of the file, as text."""
        if self._first is None:
            text, line, _ = next(self._blocks())
            self._first = self._frame(text, line, self.names)
        return self._first

    def look(self, column: str) -> pl.Series:
        """The values of the first part, and null for what the dialect calls missing."""
        return present(self.first[column], self._dialect)

    def kind(self, column: str) -> str:
        """Whether the first part of the file shows numbers or categories in this column."""
        values = bare(self.first[column], self._dialect).drop_nulls()
        bad = values.filter(numbers(values, self._dialect).is_null())
        if len(bad) == 0:
            return NUMBERS
        if values.str.contains(DATED).all() or values.str.contains(_CLOCK).all():
            raise unusable(column, DATES)
        if 2 * len(bad) < len(values) and flags(values) is None:
            where = f", among others, in {self._name}"
            raise mixed(column, bad[0], where, self._mixture_hint(values, bad))
        return CATEGORIES

    def _mixture_hint(self, values, bad) -> str:
        """The option that would make numbers of what is none, "" if there is none."""
        if text := gap(bad):
            return f"If it stands for a missing value, add {CsvDialect(missing=(text,)).options}."
        better = suggested(values, self._dialect)
        if better and numbers(values, better).null_count() == 0:
            return f"These are numbers as well with {better.options}."
        return ""

    def hints(self) -> dict[str, str]:
        """A sentence on each column of text that looks like numbers, and on an index."""
        found = {}
        if self._unnamed:
            found[INDEX] = (
                "has no name in the header and looks like the index that pandas writes, which "
                f"always drifts. Leave it out: {way_out('without', INDEX)}."
            )
        for column in self.names:
            try:
                if self.kind(column) == CATEGORIES and (hint := self._number_hint(column)):
                    found[column] = hint
            except ColumnError:
                pass  # it will not be watched at all
        return found

    def _number_hint(self, column) -> str:
        values = bare(self.first[column], self._dialect).drop_nulls()
        better = suggested(values, self._dialect)
        if better is None:
            return ""
        return (
            f"looks like numbers that are written as text ({values[0]!r}), and is watched as text. "
            f"To watch it as numbers, add {better.options}"
        )

    def read(
        self, columns, kinds: dict[str, str], bad: dict[str, str] | None = None
    ) -> Iterator[tuple[pl.DataFrame, int]]:
        """Frames with these columns, and how many rows the file will have had, by its length.

        bad    where given, a column of numbers that has text is left out from there on, and is
               put here with the reason
        """
        done = 0
        for text, line, share in self._blocks():
            frame = self._frame(text, line, columns)
            made = []
            for column in columns:
                if kinds.get(column) != NUMBERS:
                    made.append(present(frame[column], self._dialect))
                    continue
                try:
                    made.append(self._as_numbers(frame[column], text, line))
                except ColumnError as error:
                    if bad is None:
                        raise
                    bad[column] = error.reason
            if bad:
                columns = [column for column in columns if column not in bad]
            done += len(frame)
            yield pl.DataFrame(made), done if share >= 1 else round(done / share)
            if not columns:
                return

    def _blocks(self) -> Iterator[tuple[bytes, int, float]]:
        """Whole rows, about as many bytes as a part has, the line on which they begin, the share.

        The share is that of the file that ends with them.
        """
        line = 1 + self._header_lines
        with self._open() as file:
            text = file.read(self._size)
            while len(text) < self._start:
                text += file.read(self._size)
            text = text[self._start :]
            while True:
                share = file.share
                new = file.read(self._size)
                text = self._unquoted(text)
                if not new and text and not text.endswith(b"\n"):
                    if not self._dialect.last_line_open:
                        raise self._open_end()
                    text += b"\n"
                cut = _end_of_rows(text)
                if not new and cut < len(text):
                    raise DriftError(
                        f"{self._name}: a quotation mark on line {line} or later is not closed. "
                        "The file was cut off, or a text has a quotation mark that is not doubled."
                    )
                if len(text) - cut > 16 * self._size:
                    raise DriftError(
                        f"{self._name}: a quotation mark after line {line} is not closed for "
                        f"{len(text) - cut} bytes."
                    )
                rows, text = text[:cut], text[cut:]
                if not new and len(self.names) > 1:
                    # empty lines at the end of the file are no rows
                    rows = rows.rstrip(b"\r\n") + b"\n" if rows.strip() else b""
                if rows and not (self._comment and self._comment.sub(b"", rows) == b""):
                    yield rows, line, share if new else 1.0
                line += rows.count(b"\n")
                if not new:
                    return
                text += new

    def _unquoted(self, text: bytes) -> bytes:
        """Without quotation marks in comments, where they quote nothing; as long as before."""
        if self._comment is None or b'"' not in text:
            return text
        parts, at, quotes = [], 0, 0
        for comment in self._comment.finditer(text):
            before = text[at : comment.start()]
            quotes += before.count(b'"')
            line = comment[0]
            if quotes % 2:
                quotes += line.count(b'"')  # it is a line of a text in quotation marks
            else:
                line = line.replace(b'"', b"'")
            parts += [before, line]
            at = comment.end()
        return b"".join([*parts, text[at:]])

    def _frame(self, text: bytes, line: int, columns) -> pl.DataFrame:
        """The columns as text, after every row was seen to have all of its fields."""
        outside = _QUOTED.sub(b"", text) if b'"' in text else text
        if self._comment:
            outside = self._comment.sub(b"", outside)
        rows = outside.count(b"\n")
        if not rows:
            return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
        fields = rows * (len(self.names) - 1)
        if outside.count(self._separator.encode()) != fields:
            raise self._ragged(text, line)
        try:
            frame = pl.read_csv(
                io.BytesIO(text),
                has_header=False,
                separator=self._separator,
                schema=dict.fromkeys(self.names, pl.String),
                columns=sorted(map(self.names.index, columns)),
                comment_prefix=self._dialect.comment or None,
            )
        except (pl.exceptions.PolarsError, OSError) as error:
            raise self._ragged(text, line, str(error).strip().splitlines()[0]) from None
        if len(frame) != rows:
            raise self._ragged(text, line, f"{rows} rows are there and {len(frame)} were read")
        return frame.select(columns)

    def _ragged(self, text: bytes, line: int, reason: str = "") -> DriftError:
        """The first row whose fields are not those of the header."""
        try:
            for before, row in self._rows(text):
                if len(row) != len(self.names):
                    return DriftError(
                        f"line {line + before} of {self._name} has {len(row)} "
                        f"field{'s' * (len(row) != 1)} and the "
                        f"header has {len(self.names)}. Mend or remove the row; a text with "
                        f"{self._separator!r} in it needs quotation marks."
                    )
        except UnicodeDecodeError as error:
            line += text[: error.start].count(b"\n")
            return DriftError(
                f"line {line} of {self._name} is no text in UTF-8. Save it as CSV in UTF-8, or add "
                f"{encoding_hint(self.path)}."
            )
        last = line + text.count(b"\n") - 1
        return DriftError(
            f"lines {line} to {last} of {self._name} cannot be read as CSV ({reason})."
        )

    def _as_numbers(self, values: pl.Series, text: bytes, line: int) -> pl.Series:
        found = numbers(values, self._dialect)
        if found.null_count() == values.null_count():
            return found
        # rare spellings, which the quick reading above leaves out
        plain = bare(values, self._dialect)
        found = numbers(plain, self._dialect)
        bad = (found.is_null() & plain.is_not_null()).arg_true()
        if not len(bad):
            return found
        if (flag := flags(plain)) is not None:
            return flag
        where = f" on line {self._line(text, line, bad[0])} of {self._name}"
        hint = self._mixture_hint(plain.drop_nulls(), plain.gather(bad))
        raise mixed(values.name, values[bad[0]], where, hint)

    def _rows(self, text: bytes) -> Iterator[tuple[int, list[str]]]:
        """The fields of each row, and how many lines come before it."""
        lines = io.StringIO(text.decode("utf-8"), newline="")
        reader = csv.reader(lines, delimiter=self._separator)
        before = 0
        for row in reader:
            comment = self._dialect.comment
            if not (comment and row and row[0].startswith(comment)):
                yield before, row
            before = reader.line_num

    def _line(self, text, line, row):
        """The line on which a row of the part begins; a quoted text may have several lines."""
        if b'"' not in text and not self._comment:
            return line + row
        return line + next(before for at, (before, _) in enumerate(self._rows(text)) if at == row)


def _end_of_rows(text: bytes) -> int:
    """Behind the last line break that is not inside quotation marks."""
    cut = text.rfind(b"\n") + 1
    quotes = text.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = text.rfind(b"\n", 0, cut - 1) + 1
        quotes -= text.count(b'"', before, cut)
        cut = before
    return cut
