"""Tables that a person typed or a spreadsheet saved: with commas, semicolons or tabs."""

import csv
import io
import unicodedata
from pathlib import Path

from klteach.grading.errors import GradingError

_LARGEST = 5_000_000  # bytes
Row = tuple[int, list[str]]  # the number of its line in the file, and its cells


def read_sheet(path: Path, heading: frozenset[str] | None = None) -> tuple[list[Row], str]:
    """The rows of a table without blank ones, cells `as_typed`; and its delimiter.

    The delimiter is the one of the first line that has any; `heading` decides where it has several.

    Errors: GradingError if the file cannot be read.
    """
    text = _text(path)
    delimiter = _delimiter(text, heading or frozenset())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[Row] = []
    end = 0
    try:
        for cells in reader:
            line, end = end + 1, reader.line_num
            cells = list(map(as_typed, cells))
            if any(cells):
                rows.append((line, cells))
    except csv.Error as error:
        raise GradingError(
            f"line {reader.line_num} of {path} is no row of a table: {error}."
        ) from None
    return rows, delimiter


def as_typed(text: str) -> str:
    """A text in the one way in which its letters and blanks can be typed, line by line.

    >>> as_typed(" Zoe\u0308\xa0  Ray ") == "Zo\xeb Ray"
    True
    """
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n".join(filter(None, lines))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes() if path.stat().st_size <= _LARGEST else None
    except OSError as error:
        raise GradingError(f"{path} cannot be read: {error.strerror}.") from None
    if data is None:
        raise GradingError(f"{path} is too large to be a table of a class.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"  # "Unicode text" of a spreadsheet
    elif data.startswith(b"PK\x03\x04"):
        raise GradingError(f"{path} is a spreadsheet. Save it as CSV (UTF-8).")
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise GradingError(
            f"{path} is not in UTF-8, so that some letters cannot be told. Save it as CSV UTF-8."
        ) from None


def _delimiter(text, heading) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    for delimiter in (";", "\t", ","):
        names = {name.strip().strip('"').casefold() for name in first.split(delimiter)}
        if len(names & heading) > 1:
            return delimiter
    counts = {delimiter: first.count(delimiter) for delimiter in (";", "\t", ",")}
    return max(counts, key=lambda delimiter: counts[delimiter]) if any(counts.values()) else ","
