"""A report as one HTML file: verdict first, then what it rests on, then every column."""

import math
from importlib.resources import files

from klteach.drift.divergence import formula
from klteach.drift.multiplicity import METHODS
from klteach.drift.null import NULLS
from klteach.drift.picture import (
    Cell,
    number,
    percent,
    picture,
    shown_and_rest,
    together,
)
from klteach.drift.verdicts import BY_URGENCY, DRIFT, NO_DRIFT, TOO_FEW
from klteach.html_page import document, text

# Wider pictures get a row of the page for themselves.
MANY_CELLS = 13
MOST_NAMED = 8
SUMS = {
    "psi": "Σ (p − q) log(p/q)",
    "kl": "Σ p log(p/q)",
    "reverse kl": "Σ q log(q/p)",
    "js": "½ Σ p log(2p/(p+q)) + ½ Σ q log(2q/(p+q))",
}
SMOOTHING = {
    "additive": "added to the count of every cell that either side uses",
    "infinite": "none: a cell that is empty on one side makes KL and PSI infinite",
    "error": "none: a cell that is empty on one side is refused",
    "merge-empty": "cells that are empty on one side are one cell, with the rarest of the others",
}
HEADINGS = {
    "nats": "the divergence, in nats",
    "bits": "the same in bits",
    "threshold": "drift is what lies above this, in nats",
    "× threshold": "the divergence divided by its threshold",
    "p": "the chance of such a divergence in this column without drift",
    "p, all columns": "the same, answering for all columns",
    "KL(P‖Q)": "KL of the current data from the baseline, in nats",
    "KL(Q‖P)": "KL of the baseline from the current data, in nats",
    "n": "rows of the current data",
    "m": "rows of the baseline",
    "cells": "cells that either side uses",
}


def report_page(report) -> str:
    """The report as the text of one HTML file, to be written as UTF-8."""
    columns = sorted(report.columns, key=_rank)
    title = report.headline[:1].upper() + report.headline[1:]
    loud = [column for column in columns if column.verdict == DRIFT]
    quiet = [column for column in columns if column.verdict != DRIFT]
    body = [
        f"<header>\n<h1>{text(title)}</h1>\n{_lead(report, loud)}</header>\n<main>\n",
        f"<section>\n<h2>How it was judged</h2>\n{_basis(report, columns)}</section>\n",
        f"<section>\n<h2>Columns</h2>\n{_table(columns)}</section>\n",
        f"<section>\n<h2>Cells</h2>\n{_LEGEND}",
        f'<div class="columns">\n{"".join(map(_figure, loud))}</div>\n' if loud else "",
        f'<div class="quiet">\n{"".join(map(_folded, quiet))}</div>\n' if quiet else "",
        "</section>\n</main>\n",
    ]
    return document(title, _style(), "".join(body))


def _style():
    return files("klteach.drift").joinpath("static/page.css").read_text(encoding="utf-8")


def _rank(column):
    urgency, times = BY_URGENCY.index(column.verdict), _times_threshold(column)
    return urgency, -times if times == times else math.inf, column.column


def _times_threshold(column) -> float:
    if not column.threshold > 0:  # 0 or not known
        return math.inf if column.threshold == 0 and column.value > 0 else math.nan
    return column.value / column.threshold if math.isfinite(column.threshold) else 0.0


def _lead(report, loud):
    said = []
    if loud:
        names = ", ".join(_name(column.column) for column in loud[:MOST_NAMED])
        more = f" and {len(loud) - MOST_NAMED} more" if len(loud) > MOST_NAMED else ""
        said.append(f'<p class="lead">{names}{more}.</p>')
    rate = METHODS[report.multiplicity].format(rate=percent(report.rate))
    said.append(f"<p>{_sentence(rate)}</p>")
    if loud:
        said.append(
            "<p>An alarm is about all rows together and blames none of them. Below, each column "
            "names the cells that are more frequent now; the rows in them are what "
            "<code>rows_to_review</code> hands out, and somebody has to look at them.</p>"
        )
    if any(column.verdict == TOO_FEW for column in report.columns):
        said.append(
            "<p>“Too few rows” is no all-clear: such a column was not judged, and may have "
            "drifted.</p>"
        )
    return "\n".join(said) + "\n"


def _sentence(words):
    return text(words[:1].upper() + words[1:] + ".")


def _basis(report, columns):
    kind, _, alpha = report.smoothing.partition(":")
    name = formula(report.divergence)
    null = NULLS[report.null]
    if report.null == "permutation":
        null += f"; {report.draws:,} draws a column"
    facts = {
        "Divergence": f"{name}, {SUMS[report.divergence]} over the cells; natural logarithm, nats. "
        "P, with shares p, is the current data; Q, with shares q, the baseline",
        "Smoothing": f"{kind}, {alpha} {SMOOTHING[kind]}" if alpha else SMOOTHING[kind],
        "No drift is": f"{null} ({report.null})",
        "Rate": f"{percent(report.rate)}; "
        + METHODS[report.multiplicity].format(rate=percent(report.rate)),
        "Columns": f"{len(columns):,}",
        "Current data": _side([column.n for column in columns], report.current_window),
        "Baseline": _side([column.m for column in columns], report.baseline_window),
        "Seed": str(report.seed),
        "Made with": report.made_with,
    }
    rows = "".join(f"<dt>{text(key)}</dt><dd>{text(fact)}</dd>\n" for key, fact in facts.items())
    notes = "".join(f"<dt>Note</dt><dd>{text(note)}</dd>\n" for note in report.notes)
    return f"<dl>\n{rows}{notes}</dl>\n"


def _side(rows, window):
    least, most = min(rows, default=0), max(rows, default=0)
    said = f"{most:,} rows" if least == most else f"{least:,} to {most:,} rows"
    return "; ".join([said, *(f"{key}: {value}" for key, value in window.items())])


def _table(columns):
    notes = list(dict.fromkeys(column.note for column in columns if column.note))
    heads = "".join(
        f'<th scope="col" title="{text(meaning)}">{text(head)}</th>'
        for head, meaning in HEADINGS.items()
    )
    rows = "".join(_row(column, notes) for column in columns)
    listed = "".join(f"<li>{text(note)}</li>\n" for note in notes)
    return (
        '<div class="wide" role="region" aria-label="Table of columns" tabindex="0">\n<table>\n'
        f'<thead><tr><th scope="col">column</th><th scope="col" class="verdict">verdict</th>{heads}'
        f"</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
        + (f'<ol class="notes">\n{listed}</ol>\n' if notes else "")
    )


def _row(column, notes):
    numbers = (
        number(column.value),
        number(column.bits),
        number(column.threshold),
        number(_times_threshold(column), 3),
        number(column.p_value, 3),
        number(column.adjusted_p, 3),
        number(column.kl),
        number(column.reverse_kl),
        f"{column.n:,}",
        f"{column.m:,}",
        f"{column.cells:,}",
    )
    cells = "".join(f"<td>{cell}</td>" for cell in numbers)
    note = f"<sup>{notes.index(column.note) + 1}</sup>" if column.note else ""
    kind = ' class="drift"' if column.verdict == DRIFT else ""
    return (
        f'<tr{kind}><th scope="row">{_name(column.column)}</th>'
        f'<td class="verdict">{_VERDICT[column.verdict]}{note}</td>{cells}</tr>\n'
    )


_VERDICT = {DRIFT: "▲ drift", TOO_FEW: "? too few rows", NO_DRIFT: "· no drift"}


def _name(column):
    # writing from right to left turns nothing but itself; a long name may break after a _
    return f"<bdi>{text(column).replace('_', '_<wbr>')}</bdi>"


def _figure(column):
    cells = [
        Cell(name, column.current_shares[name], column.baseline_shares[name], adds)
        for name, adds in column.contributions.items()
    ]
    shown, rest = shown_and_rest(cells)
    drawn = "<p>There are no rows on either side, so there is nothing to draw.</p>\n"
    if shown:
        # whoever has no mouse scrolls a wide picture with the keyboard, so it can be focused
        drawn = (
            '<div class="wide" tabindex="0">'
            + picture(f"Shares of the cells of {column.column}", cells)
            + "</div>\n"
            + (f'<p class="muted">Not drawn: {text(together(rest))}.</p>\n' if rest else "")
            + f"<details><summary>All {len(shown + rest):,} cells in numbers</summary>\n"
            f"{_numbers(cells)}</details>\n"
        )
    wide = ' class="whole-row"' if len(shown) > MANY_CELLS else ""
    return (
        f"<figure{wide}>\n<figcaption><h3>{_name(column.column)}</h3>"
        f"<p>{_caption(column)}</p></figcaption>\n{drawn}</figure>\n"
    )


def _folded(column):
    return (
        f"<details><summary>{_name(column.column)}: {text(column.verdict)}, "
        f"{number(column.value)} nats</summary>\n{_figure(column)}</details>\n"
    )


def _caption(column):
    said = f"{text(column.verdict)}: {number(column.value)} nats"
    if not math.isnan(column.threshold):
        said += f", threshold {number(column.threshold)}"
    if column.review:
        named = ", ".join(f"“{_name(cell)}”" for cell in column.review[:MOST_NAMED])
        more = len(column.review) - MOST_NAMED
        said += f"; more frequent now: {named}" + (f" and {more} more" if more > 0 else "")
    return said + (f"; {text(column.note)}" if column.note else "") + "."


def _numbers(cells):
    rows = "".join(
        f'<tr><th scope="row">{_name(cell.name)}</th><td>{percent(cell.current)}</td>'
        f"<td>{percent(cell.baseline)}</td><td>{number(cell.adds)}</td></tr>\n"
        for cell in cells
    )
    return (
        '<div class="wide"><table>\n<thead><tr><th scope="col">cell</th><th scope="col">now</th>'
        '<th scope="col">baseline</th><th scope="col">adds, nats</th></tr></thead>\n<tbody>\n'
        f"{rows}</tbody>\n</table></div>\n"
    )


_LEGEND = (
    '<ul class="legend">\n'
    '<li><svg width="26" height="14" aria-hidden="true"><defs><pattern id="hatch" width="5" '
    'height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V5" '
    'class="hatch"/></pattern></defs><rect x="1" y="1" width="24" height="12" class="p"/></svg>'
    "P, current data: share of the rows</li>\n"
    '<li><svg width="26" height="14" aria-hidden="true"><rect x="2" y="2" width="22" height="10" '
    'class="q"/></svg>Q, baseline: share of the rows</li>\n'
    '<li><svg width="26" height="14" aria-hidden="true"><rect x="1" y="1" width="24" height="12" '
    'class="cost"/></svg>what the cell adds to the divergence, in nats</li>\n</ul>\n'
)
