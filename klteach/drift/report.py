"""What a comparison found: a verdict for each column, with everything the verdict rests on."""

import html
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from klteach.drift import multiplicity as methods
from klteach.drift.arrays import as_array
from klteach.drift.binning import Binning
from klteach.drift.divergence import formula
from klteach.drift.errors import DriftError, listed, several
from klteach.drift.null import NULLS
from klteach.drift.page_parts import window_of
from klteach.drift.report_page import report_page
from klteach.drift.summary import in_words, summary_of
from klteach.drift.tables import require_columns
from klteach.drift.verdicts import (
    BY_URGENCY,
    CANNOT_TELL,
    DRIFT,
    LOST,
    NO_DRIFT,
    RETYPED,
    SMALL,
    TOO_FEW,
    TOO_FEW_WINDOWS,
    TOO_MANY,
    most_urgent,
)

__all__ = ["DRIFT", "NO_DRIFT", "TOO_FEW", "ColumnReport", "DriftReport"]
NOT_THERE = "–"
_WITH = {
    TOO_FEW: "with too few rows",
    TOO_FEW_WINDOWS: "with too few windows",
    TOO_MANY: "with too many rows",
    LOST: "not there",
    RETYPED: "of another kind now",
}


@dataclass(frozen=True)
class ColumnReport:
    """One column: what was measured, what it was held against, and the verdict.

    column           its name
    divergence       "psi", "kl", "reverse kl" or "js"
    direction        the same as a formula: P is the current data, Q the baseline
    value, bits      the divergence in nats and in bits; NaN if a side has no rows
    kl, reverse_kl   KL(current‖baseline) and KL(baseline‖current), nats
    smoothing        how empty cells were treated: "additive:0.5"
    null             "chi2", "permutation" or "windows"
    threshold        it drifts if `value` is larger; NaN where nothing could be judged
    p_value          the chance of such a value in this column without drift
    adjusted_p       the same, answering for all columns: it drifts where this is at most the rate
    n, m             rows of the current data and of the baseline
    cells            how many cells either side uses
    verdict          "drift", "no drift" or "too few rows"
    note             what to know about this verdict, or ""
    contributions    nats of each used cell; they sum to `value`
    current_shares, baseline_shares   the share of the rows in each used cell, not smoothed
    review           the cells whose rows should be looked at: more frequent now, and carrying most
    approximate      whether the threshold is that of a fitted law: the column is far from it
    least_effect     a smaller divergence is "small drift" at most
    """

    column: str
    divergence: str
    direction: str
    value: float
    bits: float
    kl: float
    reverse_kl: float
    smoothing: str
    null: str
    threshold: float
    p_value: float
    adjusted_p: float
    n: int
    m: int
    cells: int
    verdict: str
    note: str
    contributions: dict[str, float]
    current_shares: dict[str, float]
    baseline_shares: dict[str, float]
    review: tuple[str, ...]
    binning: Binning = field(repr=False)
    approximate: bool = False
    least_effect: float = 0.0

    @property
    def shift(self) -> float:
        """How far a normal law moves, in standard deviations, for as large a divergence.

        Formula: √(KL(P‖Q) + KL(Q‖P)); of N(0, 1) and N(δ, 1) that is δ.
        """
        return math.sqrt(self.kl + self.reverse_kl)

    @property
    def summary(self) -> dict[str, dict]:
        """Missing and new values, quartiles or the commonest value: {"now": ..., "baseline": ...}.

        Both are empty if the column was not counted.
        """
        if not self.n or not self.m:
            return {"now": {}, "baseline": {}}
        return {
            "now": summary_of(self.binning, self.current_shares),
            "baseline": summary_of(self.binning, self.baseline_shares),
        }

    @property
    def in_words(self) -> str:
        """The summary in one line, the baseline in brackets; "" if there is none."""
        now, then = self.summary.values()
        return in_words(now, then) if now else ""

    def to_dict(self) -> dict:
        """Plain values for JSON: None for what is not known, "infinite" for ∞."""
        names = [name for name in self.__dataclass_fields__ if name != "binning"]
        return {name: _plain(getattr(self, name)) for name in (*names, "shift", "summary")}


@dataclass(frozen=True)
class DriftReport:
    """The verdicts of all columns, and what they rest on.

    columns      a ColumnReport each, in the order of the baseline
    rate         the false-alarm rate, in the sense of `multiplicity`
    seed, draws  what the draws came from: the same again gives the same bytes
    baseline_window, current_window   from when to when, if the profiles say so
    notes        what to know about the whole report
    about        where it comes from, as it was told: "file", "window", "baseline", "checked"
    new_columns  columns of the current data that the baseline does not know, which nobody judged
    """

    columns: tuple[ColumnReport, ...]
    rate: float
    multiplicity: str
    null: str
    smoothing: str
    divergence: str
    seed: int
    draws: int
    baseline_window: dict
    current_window: dict
    made_with: str
    notes: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)
    new_columns: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Drift if a column drifts; else too few rows if a column could not be judged."""
        return most_urgent(column.verdict for column in self.columns)

    def __getitem__(self, column: str) -> ColumnReport:
        """The report of the column of this name."""
        for found in self.columns:
            if found.column == column:
                return found
        raise DriftError(
            f"the report has no column {column!r}; it has "
            f"{listed(found.column for found in self.columns)}."
        )

    def with_verdict(self, verdict: str) -> tuple[ColumnReport, ...]:
        """The columns with this verdict."""
        return tuple(column for column in self.columns if column.verdict == verdict)

    def rows_to_review(self, table) -> dict[str, np.ndarray]:
        """The rows behind an alarm: of each drifting column, the numbers of the rows to look at.

        A divergence is about all rows together and says nothing about any one of them. These are
        the rows in the cells that are more frequent now and carry the drift: take them out with
        `frame[rows]` or `frame.iloc[rows]`. `table` is the current data: a dict of arrays, or any
        frame, in the order in which its engine hands the rows out.
        """
        return {
            column.column: _rows_in(column, _values(table, column.column))
            for column in self.with_verdict(DRIFT)
        }

    def to_dict(self) -> dict:
        """Plain values for JSON."""
        about = {
            name: _plain(getattr(self, name))
            for name in self.__dataclass_fields__
            if name != "columns"
        }
        return {
            "format": "klteach drift report",
            "version": 1,
            "verdict": self.verdict,
            **about,
            "columns": [column.to_dict() for column in self.columns],
        }

    def to_json(self) -> str:
        """The report as JSON; the same bytes for the same profiles, options and seed."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def to_html(self) -> str:
        """The report as one HTML file, plots and all, that loads nothing."""
        return report_page(self)

    @property
    def headline(self) -> str:
        """The verdict in one line.

        "drift in 3 of 34 columns; 1 column with too few rows"
        """
        drifting, small = len(self.with_verdict(DRIFT)), len(self.with_verdict(SMALL))
        blind = {kind: len(self.with_verdict(kind)) for kind in CANNOT_TELL}
        blind = {kind: count for kind, count in blind.items() if count}
        of = several(len(self.columns), "column")
        if sum(blind.values()) == len(self.columns):
            return f"cannot tell: {' and '.join(blind)} in {of}"
        said = f"drift in {drifting} of {of}" if drifting else f"no drift seen in {of}"
        if small:
            said += f"; {several(small, 'column')} with a drift too small to matter"
        for kind, count in blind.items():
            said += f"; {several(count, 'column')} {_WITH[kind]}"
        return said if drifting or not blind else f"cannot tell: {said}"

    @property
    def basis(self) -> tuple[str, ...]:
        """What the verdicts rest on, a line each."""
        drawn = f", {self.draws} draws a column" if self.null == "permutation" else ""
        null = f"without drift: {NULLS[self.null]} ({self.null} null{drawn}, seed {self.seed})"
        windows = (("baseline", self.baseline_window), ("current data", self.current_window))
        what = ", ".join(f"{key} {value}" for key, value in self.about.items() if value)
        return (
            *([what] if what else []),
            f"{formula(self.divergence)} in nats; P is the current data, Q the baseline; "
            f"smoothing {self.smoothing}",
            "shift: how far a normal law moves for as large a divergence, in standard deviations",
            null,
            "rate: " + methods.METHODS[self.multiplicity].format(rate=f"{self.rate:g}"),
            *(f"{side}: {window_of(window)}" for side, window in windows if window),
            *(
                [f"columns that the baseline does not know: {listed(self.new_columns)}"]
                if self.new_columns
                else []
            ),
            *(f"note: {note}" for note in self.notes),
        )

    def __str__(self):
        rows = [_HEADINGS, *map(_cells_of_text, self._ranked())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if place in _LEFT else cell.rjust(width)
                for place, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        notes = [
            f"{column.column}, now (baseline): {column.in_words}"
            for column in self.with_verdict(DRIFT)
            if column.in_words
        ] + self._column_notes()
        return "\n".join([self.headline, *self.basis, "", *lines, *([""] * bool(notes)), *notes])

    def _repr_html_(self):
        head = _html_row(_HEADINGS, 'th scope="col"', 'th scope="col"')
        body = "".join(
            _html_row(_cells_of_text(column), 'th scope="row"', "td", column.verdict == DRIFT)
            for column in self._ranked()
        )
        basis = "<br>".join(map(html.escape, self.basis))
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self._column_notes())
        # colours are those around it, so that it reads on a light and on a dark page
        return (
            '<table style="color:inherit;background:transparent;border-collapse:collapse">'
            f'<caption style="text-align:left;color:inherit"><strong>{html.escape(self.headline)}'
            f"</strong><br><small>{basis}</small></caption>"
            f"<thead>{head}</thead><tbody>{body}</tbody></table>"
            + (f"<ul>{notes}</ul>" if notes else "")
        )

    def _column_notes(self) -> list[str]:
        """A line for each note, with the columns that it is about."""
        about: dict[str, list[str]] = {}
        for column in self._ranked():
            if column.note:
                about.setdefault(column.note, []).append(column.column)
        return [f"{', '.join(names)}: {note}" for note, names in about.items()]

    def _ranked(self):
        return sorted(self.columns, key=lambda column: BY_URGENCY.index(column.verdict))


def _rows_in(column: ColumnReport, values) -> np.ndarray:
    places = [column.binning.cells.index(cell) for cell in column.review]
    return np.flatnonzero(np.isin(column.binning.cell_of(values), places))


def _values(table, name):
    """One column of a dict of arrays or of any frame, missing values and all."""
    if isinstance(table, Mapping) or (isinstance(table, np.ndarray) and table.dtype.names):
        require_columns([name], table if isinstance(table, Mapping) else table.dtype.names)
        return as_array(name, table[name])
    try:
        import narwhals
    except ImportError:
        raise DriftError('data frames need Narwhals: pip install "klteach[drift]".') from None
    try:
        frame = narwhals.from_native(table).lazy()
    except TypeError:
        raise DriftError(
            "rows to review are taken from a dict of arrays or a frame; this is "
            f"{type(table).__name__}. Open a file first, with polars.scan_parquet for example."
        ) from None
    require_columns([name], frame.collect_schema().names())
    series = frame.select(name).collect()[name]
    whole = series.dtype.is_float() or (series.dtype.is_integer() and not series.null_count())
    return series.to_numpy() if whole else series.to_list()


def _plain(value):
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "infinite"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


_HEADINGS = (
    "column", "verdict", "nats", "bits", "threshold", "shift", "p", "p of all", "n",
    "m", "cells", "more frequent now",
)  # fmt: skip
_LEFT = (0, 1, 11)


def _cells_of_text(column: ColumnReport) -> tuple[str, ...]:
    return (
        column.column if column.column.isprintable() else repr(column.column),
        column.verdict,
        _number(column.value),
        _number(column.bits),
        "≈ " * column.approximate + _number(column.threshold),
        _number(column.shift),
        *map(_number, (column.p_value, column.adjusted_p)),
        str(column.n),
        str(column.m),
        str(column.cells),
        ", ".join(column.review),
    )


def _number(value: float) -> str:
    if math.isnan(value):
        return NOT_THERE
    return "∞" if math.isinf(value) else f"{value:.3g}"


def _html_row(cells, first, others, loud=False) -> str:
    shown = []
    for place, cell in enumerate(cells):
        tag = others if place else first
        side = "left" if place in _LEFT else "right"
        weight = "bold" if loud else "normal"
        style = f"text-align:{side};font-weight:{weight}"
        shown.append(f'<{tag} style="{style}">{html.escape(cell)}</{tag.split()[0]}>')
    return f"<tr>{''.join(shown)}</tr>"
