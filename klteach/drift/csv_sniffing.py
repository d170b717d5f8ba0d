"""Which option a CSV file asks for that does not fit. Only messages come of it, never counts."""

import csv
from dataclasses import replace
from pathlib import Path

import polars as pl

from klteach.drift.csv_dialect import CsvDialect
from klteach.drift.csv_numbers import suggested

_SEPARATORS = ",;\t|"
_LOOK = 1 << 16


def separator_hint(text: str, dialect: CsvDialect) -> str:
    """The options for a beginning of a file whose header is one field; "" if none would help."""
    rows = text.splitlines()[:-1][:200] or text.splitlines()
    found = {mark: rows[0].count(mark) for mark in _SEPARATORS}
    mark = max(found, key=found.__getitem__)
    if not found[mark]:
        return ""
    fitting = replace(dialect, separator=mark)
    parts = [row for row in csv.reader(rows[1:], delimiter=mark) if len(row) == found[mark] + 1]
    for column in zip(*parts, strict=True):
        better = suggested(pl.Series(column, dtype=pl.String), fitting)
        # signs and units are a matter of single columns
        if better and not better.signs:
            fitting = better
            break
    return fitting.options


def encoding_hint(path: Path) -> str:
    """The option for a file that is no text in UTF-8."""
    with open(path, "rb") as file:
        start = file.read(_LOOK)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif b"\0" in start[:100]:
        encoding = "utf-16-le" if start[1:2] == b"\0" else "utf-16-be"
    elif any(0x80 <= byte < 0xA0 for byte in start):
        encoding = "cp1252"
    else:
        encoding = "latin-1"
    return CsvDialect(encoding=encoding).options
