"""The hour and the weekday of times that are written as text."""

import datetime

import polars as pl

from klteach.drift.tables import no_times
from klteach.drift.time_parts import HOUR, part_of
from klteach.drift.windows import AFTER_DAY, AFTER_HOUR, DATED, TIMED, hour_of, reading

_ANY_DAY = datetime.date(2024, 1, 1)


class CsvTimes:
    """One part of the times of a column; the first values show how its dates are written.

    Errors: ColumnError if they are no times, DriftError if they can be read in two ways.
    """

    def __init__(self, column: str, part: str, first: pl.Series):
        self._column = column
        self._part = part
        self._pattern, self._rest = (TIMED, AFTER_HOUR) if part == HOUR else (DATED, AFTER_DAY)
        coarse = self._distinct(self._coarse(first))
        self._day = reading(column, [] if part == HOUR else coarse)

    def of(self, texts: pl.Series) -> pl.Series:
        """The part of each time, as text."""
        coarse = self._coarse(texts)
        known = {text: self._part_of(text) for text in self._distinct(coarse)}
        return coarse.replace_strict(known, default=None, return_dtype=pl.String)

    def _part_of(self, text):
        if self._part == HOUR:
            return part_of(_ANY_DAY, hour_of(text) or 0, HOUR)
        return part_of(self._day(text), 0, self._part)

    @staticmethod
    def _distinct(coarse) -> list[str]:
        return coarse.unique().drop_nulls().to_list()

    def _coarse(self, texts: pl.Series) -> pl.Series:
        """The texts without what is finer than the part."""
        bare = texts.str.strip_chars()
        bare = bare.set(bare == "", None)
        bad = bare.filter(~bare.str.contains(self._pattern)).drop_nulls()
        if len(bad):
            raise no_times(self._column, self._part, bad[0])
        return bare.str.replace_all(self._rest, "")
