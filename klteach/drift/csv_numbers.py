"""Numbers in a CSV: how its dialect spells them, and what looks like those of another dialect."""

import re
from collections import Counter
from dataclasses import replace

import polars as pl

from klteach.drift.csv_dialect import CsvDialect

# Of a column of numbers; of categories these are categories: NA is Namibia.
MISSING_NUMBERS = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None")
# what databases, spreadsheets and statistics programs write, and only an option allows
OTHER_MISSING = (
    "-", "--", "?", ".", "\\N", "n/a", "#N/A", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?",
    "#NUM!", "missing", "unknown", "(null)", "<NA>", "<null>", "nil", "none", "NaT",
)  # fmt: skip
SIGNS = "$€£¥₹%"
# in this order where several read equally many: 12,300 has thousands if all values look like it
_MARKS = ((".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'"))
_LOOK = 10_000


def bare(values: pl.Series, dialect: CsvDialect) -> pl.Series:
    """Without the spaces around it, and null for what stands for a missing number."""
    text = values.str.strip_chars()
    return text.set(text.is_in([*MISSING_NUMBERS, *dialect.missing, ""]), None)


def present(values: pl.Series, dialect: CsvDialect) -> pl.Series:
    """Text, and null for what the dialect calls missing."""
    if not dialect.missing:
        return values
    return values.set(values.str.strip_chars().is_in(dialect.missing), None)


def numbers(values: pl.Series, dialect: CsvDialect) -> pl.Series:
    """The numbers as 64-bit floats; null for what is none in this dialect."""
    text = values
    if dialect.signs:
        text = text.str.replace_all(f"[{re.escape(dialect.signs)}]", "").str.strip_chars()
    if dialect.thousands:
        mark, point = re.escape(dialect.thousands), re.escape(dialect.decimal)
        # 12,34 is not taken for 1234
        parted = text.str.contains(rf"^[+-]?\d{{1,3}}({mark}\d{{3}})+({point}\d*)?$")
        together = text.str.replace_all(dialect.thousands, "", literal=True)
        text = together.zip_with(parted.fill_null(False), text)
    if dialect.decimal != ".":
        text = text.set(text.str.contains(".", literal=True), None)
        text = text.str.replace(dialect.decimal, ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def flags(values: pl.Series) -> pl.Series | None:
    """1 and 0 for a column that holds nothing but true and false, 1 and 0; else None."""
    text = values.str.to_lowercase()
    on, off = text.is_in(["true", "1", "1.0"]), text.is_in(["false", "0", "0.0"])
    if not (on | off | text.is_null()).all():
        return None
    return on.cast(pl.Float64)


def suggested(values: pl.Series, dialect: CsvDialect) -> CsvDialect | None:
    """The dialect in which more than half of the values are numbers, if it is another one."""
    text = bare(values.head(_LOOK), dialect).drop_nulls()
    signs = "".join(sign for sign in SIGNS if text.str.contains(sign, literal=True).any())
    best, most = None, len(text) // 2
    for decimal, thousands in _MARKS:
        together = "".join(dict.fromkeys(dialect.signs + signs))
        tried = replace(dialect, decimal=decimal, thousands=thousands, signs=together)
        read = len(text) - numbers(text, tried).null_count()
        if read > most:
            best, most = tried, read
    return best if best != dialect else None


def gap(bad: pl.Series) -> str | None:
    """The spelling of missing values, if all that is no number is one that is in use."""
    found = Counter(bad.to_list())
    usual = [text for text in found if text in OTHER_MISSING]
    return usual[0] if len(found) == 1 and usual else None
