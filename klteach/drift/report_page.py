"""A report as one HTML file: verdict first, then what it rests on, then every column."""

import math

from klteach.drift.divergence import formula
from klteach.drift.multiplicity import METHODS
from klteach.drift.null import NULLS
from klteach.drift.page_parts import (
    BLIND,
    about_line,
    capital,
    folded,
    kind,
    name,
    page,
    scrolling,
    several,
    sign,
    threshold_of,
    times_threshold,
    title_of,
    urgency,
    window_of,
)
from klteach.drift.picture import (
    Cell,
    number,
    percent,
    picture,
    shown_and_rest,
    together,
)
from klteach.drift.verdicts import DRIFT
from klteach.html_page import text

# Wider pictures get a row of the page for themselves.
MANY_CELLS = 13
MOST_NAMED = 8
# A picture is ten times as large as the numbers of a few cells: so many columns that drift and so
# many others get one, those with the largest part of their threshold first.
MOST_DRIFTING_DRAWN = 60
MOST_OTHERS_DRAWN = 40
MOST_CELLS_LISTED = 10  # of a column without a picture
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
# What a verdict is read from, and what is looked up: all at once would be wider than a page.
HEADINGS = {
    "nats": "the divergence, in nats",
    "threshold": "drift is what lies above this, in nats",
    "× threshold": "the divergence divided by its threshold",
    "p, all columns": "the chance of such a divergence without drift, answering for all columns",
    "n": "rows of the current data",
}
OTHER_HEADINGS = {
    "bits": "the divergence in bits",
    "p": "the chance of such a divergence in this column without drift",
    "KL(P‖Q)": "KL of the current data from the baseline, in nats",
    "KL(Q‖P)": "KL of the baseline from the current data, in nats",
    "m": "rows of the baseline",
    "cells": "cells that either side uses",
}


def report_page(report) -> str:
    """The report as the text of one HTML file, to be written as UTF-8."""
    columns = sorted(report.columns, key=_rank)
    about, window = report.about, window_of(report.current_window)
    verdict = capital(report.headline)
    loud = [column for column in columns if column.verdict == DRIFT]
    quiet = [column for column in columns if column.verdict != DRIFT]
    header = f"<h1>{text(verdict)}</h1>\n{about_line(about, window)}{_lead(report, loud)}"
    main = [
        f"<section>\n<h2>How it was judged</h2>\n{_basis(report, columns)}</section>\n",
        f"<section>\n<h2>Columns</h2>\n{_tables(columns)}</section>\n",
        f"<section>\n<h2>Cells</h2>\n{_LEGEND}",
        f'<div class="columns">\n{_figures(loud)}</div>\n' if loud else "",
        "".join(map(_without_picture, loud[MOST_DRIFTING_DRAWN:])),
        f'<div class="quiet">\n{_folds(quiet)}</div>\n' if quiet else "",
        "</section>\n",
    ]
    return page(title_of(verdict, about, window), header, "".join(main))


def _rank(column):
    times = times_threshold(column)
    return urgency(column.verdict), -times if times == times else math.inf, column.column


def _figures(loud):
    return "".join(map(_figure, loud[:MOST_DRIFTING_DRAWN]))


def _folds(quiet):
    drawn, others = quiet[:MOST_OTHERS_DRAWN], quiet[MOST_OTHERS_DRAWN:]
    said = ""
    if others:
        said = (
            f'<p class="muted">{several(len(others), "more column")}, in numbers: the cells that '
            "add most.</p>\n"
        )
    return "".join([*map(_folded, drawn), said, *map(_without_picture, others)])


def _lead(report, loud):
    said = []
    if loud:
        names = ", ".join(name(column.column) for column in loud[:MOST_NAMED])
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
    blind = dict.fromkeys(c.verdict for c in report.columns if kind(c.verdict) == BLIND)
    if blind:
        named = " and ".join(f"“{text(verdict)}”" for verdict in blind)
        said.append(
            f"<p>{capital(named)} {'are' if len(blind) > 1 else 'is'} no all-clear: such a column "
            "was not judged, and may have drifted.</p>"
        )
    if new := report.new_columns:
        listed = ", ".join(map(name, new))
        said.append(f"<p>New since the baseline, and not judged: {listed}.</p>")
    return "\n".join(said) + "\n"


def _sentence(words):
    return text(capital(words) + ".")


def _basis(report, columns):
    way, _, alpha = report.smoothing.partition(":")
    null = NULLS[report.null]
    if report.null == "permutation":
        null += f"; {report.draws:,} draws a column"
    facts = {
        "Divergence": f"{formula(report.divergence)}, {SUMS[report.divergence]} over the cells; "
        "natural logarithm, nats. P, with shares p, is the current data; Q, with shares q, the "
        "baseline",
        "Smoothing": f"{way}, {alpha} {SMOOTHING[way]}" if alpha else SMOOTHING[way],
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
    return "; ".join(filter(None, [said, window_of(window)]))


def _tables(columns):
    notes = list(dict.fromkeys(column.note for column in columns if column.note))
    listed = "".join(f"<li>{text(note)}</li>\n" for note in notes)
    rows = [
        _row(
            column,
            (
                number(column.value),
                threshold_of(column),
                number(times_threshold(column), 3),
                number(column.adjusted_p, 3),
                f"{column.n:,}",
            ),
            _verdict(column, notes),
        )
        for column in columns
    ]
    others = [
        _row(
            column,
            (
                number(column.bits),
                number(column.p_value, 3),
                number(column.kl),
                number(column.reverse_kl),
                f"{column.m:,}",
                f"{column.cells:,}",
            ),
        )
        for column in columns
    ]
    verdict = '<th scope="col" class="verdict">verdict</th>'
    table = scrolling("Table of columns", _table(HEADINGS, rows, verdict))
    more = scrolling("Table of the other numbers", _table(OTHER_HEADINGS, others))
    heads = ", ".join(OTHER_HEADINGS)
    return (
        table
        + (f'<ol class="notes">\n{listed}</ol>\n' if notes else "")
        + folded(f"The other numbers: {text(heads)}", more, "printed")
    )


def _table(headings, rows, verdict=""):
    heads = "".join(
        f'<th scope="col" title="{text(meaning)}">{text(head)}</th>'
        for head, meaning in headings.items()
    )
    return (
        f'<table>\n<thead><tr><th scope="col">column</th>{verdict}{heads}</tr></thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


def _row(column, numbers, verdict=""):
    cells = "".join(f"<td>{cell}</td>" for cell in numbers)
    loud = ' class="drift"' if column.verdict == DRIFT else ""
    return f'<tr{loud}><th scope="row">{name(column.column)}</th>{verdict}{cells}</tr>\n'


def _verdict(column, notes):
    note = f"<sup>{notes.index(column.note) + 1}</sup>" if column.note else ""
    return f'<td class="verdict">{sign(column.verdict)} {text(column.verdict)}{note}</td>'


def _cells(column):
    return [
        Cell(cell, column.current_shares[cell], column.baseline_shares[cell], adds)
        for cell, adds in column.contributions.items()
    ]


def _figure(column):
    cells = _cells(column)
    shown, rest = shown_and_rest(cells)
    drawn = "<p>Nothing was counted here, so there is nothing to draw.</p>\n"
    if shown:
        drawn = (
            scrolling(
                f"Picture of {column.column}",
                picture(f"Shares of the cells of {column.column}", cells),
            )
            + (f'<p class="muted">Not drawn: {text(together(rest))}.</p>\n' if rest else "")
            + folded(
                f"All {len(shown + rest):,} cells in numbers",
                scrolling(f"Cells of {column.column}", _numbers(cells)),
            )
        )
    wide = ' class="whole-row"' if len(shown) > MANY_CELLS else ""
    return (
        f"<figure{wide}>\n<figcaption><h3>{name(column.column)}</h3>"
        f"<p>{_caption(column)}</p></figcaption>\n{drawn}</figure>\n"
    )


def _folded(column):
    return folded(_summary(column), _figure(column))


def _without_picture(column):
    """The column in numbers alone, of the cells that add most."""
    ranked = sorted(_cells(column), key=lambda cell: -cell.adds)
    shown, rest = ranked[:MOST_CELLS_LISTED], ranked[MOST_CELLS_LISTED:]
    rows = shown + ([together(rest)] if rest else [])
    return folded(
        _summary(column),
        f"<p>{_caption(column)}</p>\n" + (_numbers(rows) if rows else ""),
    )


def _summary(column):
    return f"{name(column.column)}: {text(column.verdict)}, {number(column.value)} nats"


def _caption(column):
    said = f"{text(column.verdict)}: {number(column.value)} nats"
    if not math.isnan(column.threshold):
        said += f", threshold {threshold_of(column)}"
    if column.review:
        named = ", ".join(f"“{name(cell)}”" for cell in column.review[:MOST_NAMED])
        more = len(column.review) - MOST_NAMED
        said += f"; more frequent now: {named}" + (f" and {more} more" if more > 0 else "")
    said += (f"; {text(column.note)}" if column.note else "") + "."
    return said + (f" Now (baseline): {text(column.in_words)}." if column.in_words else "")


def _numbers(cells):
    # without scope a heading is that of its row or column all the same, and there are many
    rows = "".join(
        f"<tr><th>{name(cell.name)}</th><td>{percent(cell.current)}</td>"
        f"<td>{percent(cell.baseline)}</td><td>{number(cell.adds)}</td></tr>\n"
        for cell in cells
    )
    return (
        "<table>\n<thead><tr><th>cell</th><th>now</th><th>baseline</th><th>adds, nats</th></tr>"
        f"</thead>\n<tbody>\n{rows}</tbody>\n</table>\n"
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
