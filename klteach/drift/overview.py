"""What a new baseline watches, and how closely, as a table: the time to see a mistake is now."""

import numpy as np

from klteach.drift.binning import NUMBERS
from klteach.drift.errors import listed, several
from klteach.drift.outliers import outlying_windows, seasonal_columns
from klteach.drift.picture import percent
from klteach.drift.profile import Profile

HEADINGS = ("column", "taken as", "cells", "missing", "watched")


def overview(baseline: Profile, name: str, hints: dict[str, str] | None = None) -> str:
    """The columns of a baseline, and what its maker should know about them.

    name    what the baseline is called
    hints   what is odd about columns, a sentence each

    >>> table = {"age": list(range(100)), "city": ["Ulm", "Bern"] * 50}
    >>> print(overview(Profile.of(table, cells=4), "b.json"))
    b.json: 2 columns, 100 rows
    <BLANKLINE>
    column  taken as    cells  missing  watched
    age     numbers         6      0 %  4 cells between quantiles, and beyond 0 and 99
    city    categories      2      0 %  2 values, and unseen ones
    """
    windows = f", {several(len(baseline.window_names), 'window')}" if baseline.window_names else ""
    columns = several(len(baseline.histograms), "column")
    head = f"{name}: {columns}, {several(baseline.rows, 'row')}{windows}"
    rows = [HEADINGS, *(_row(histogram) for histogram in baseline.histograms.values())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            text.rjust(width) if place in (2, 3) else text.ljust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    watched = {c: hint for c, hint in (hints or {}).items() if c in baseline.histograms}
    said = [f"{column}: {hint}" for column, hint in watched.items()]
    said += _about_windows(baseline)
    return "\n".join([head, "", *lines, *([""] * bool(said)), *said])


def _row(histogram) -> tuple[str, ...]:
    binning, counts = histogram.binning, histogram.counts
    missing = percent(counts[-1] / max(1, histogram.total))
    if binning.kind == NUMBERS:
        cells = len(binning.edges) + 1
        return binning.column, binning.kind, str(cells), missing, _numbers(binning)
    # what was never there has no cell to be counted
    cells = len(binning.values) + binning.groups
    return binning.column, binning.kind, str(cells), missing, _categories(binning, counts)


def _numbers(binning) -> str:
    if binning.quantiles:
        ends = binning.labels[0].removeprefix("below "), binning.labels[-1].removeprefix("above ")
        cells = several(len(binning.edges) - 1, "cell")
        return f"{cells} between quantiles, and beyond {ends[0]} and {ends[1]}"
    if binning.labels:
        return f"{several(len(binning.edges) // 2, 'value')}, and between and beyond them"
    return f"{several(len(binning.edges) + 1, 'cell')} between quantiles"


def _categories(binning, counts) -> str:
    values = len(binning.values)
    if not binning.groups:
        return f"{several(values, 'value')}, and {binning.rest} ones"
    present = max(1, int(counts[:-1].sum()))
    share = percent(np.sum(counts[values : values + binning.groups]) / present)
    if not binning.known:
        return (
            f"only {binning.groups} groups of texts: nearly every row has its own, as an "
            "identifier has" + (f"; {several(values, 'value')} by themselves" if values else "")
        )
    return (
        f"{several(values, 'value')}; {share} of the rows have {len(binning.known)} rarer "
        f"ones, in {binning.groups} groups; unseen ones"
    )


def _about_windows(baseline) -> list[str]:
    found = outlying_windows(baseline)
    said = [
        f"{like}s differ in {listed(columns)}: held against all windows, they hide a drift of the "
        f"others; klteach drift check --like {like}"
        for like, columns in seasonal_columns(baseline).items()
    ]
    if not found:
        return said
    each = "; ".join(f"{window} ({listed(columns)})" for window, columns in found.items())
    return said + [
        f"{several(len(found), 'window')} far from the others: {each}. If they were not good, "
        f"leave them out, since they hide a drift of their size: --without-windows "
        f"{','.join(found)}"
    ]
