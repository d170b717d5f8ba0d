"""Many windows as one HTML page: the verdict, then window by window, then column by column."""

import math
from dataclasses import dataclass

from klteach.drift.labels import distinct_labels
from klteach.drift.page_parts import (
    BLIND,
    KINDS,
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
    whole,
)
from klteach.drift.picture import number
from klteach.drift.timeline_picture import Point, timeline_picture
from klteach.drift.verdicts import DRIFT, NO_DRIFT
from klteach.html_page import text

MOST_WINDOWS = 120  # more are not told apart in a picture as wide as a page
# of each kind; 60 windows of 40 columns are 2400 marks, each with its numbers
MOST_SHOWN = {"drift": 60, "blind": 40, "quiet": 40}
MOST_HEADINGS = 20
LONGEST_HEADING = 16
# windows: the strip is narrow for few, has small marks for many, and is wider than a page for most
FEW, MANY, MOST = 8, 24, 70
WIDE = 36  # windows: pictures with more take a wider place
ANY_COLUMN = "any column"


@dataclass(frozen=True)
class Track:
    """One column over the windows; None where a window says nothing of it."""

    column: str
    windows: tuple
    found: tuple

    @property
    def kind(self) -> str:
        """ "drift" if a window drifts, else "blind" if one could not be judged, else "quiet"."""
        kinds = {_kind(column) for column in self.found}
        return next(kind for kind in ("drift", "blind", "quiet") if kind in kinds)

    @property
    def drifting(self) -> list[int]:
        """The places of the windows that drift."""
        return [place for place, found in enumerate(self.found) if _kind(found) == "drift"]

    @property
    def largest(self) -> tuple[float, int]:
        """The largest value as a multiple of its threshold, and the place of that window."""
        times = [times_threshold(found) if found else math.nan for found in self.found]
        known = [(value, -place) for place, value in enumerate(times) if not math.isnan(value)]
        value, place = max(known, default=(math.nan, 0))
        return value, -place

    @property
    def rank(self):
        """First what drifts, the latest and the most often of it first; then by size."""
        drifting, (largest, _) = self.drifting, self.largest
        return (
            ("drift", "blind", "quiet").index(self.kind),
            -max(drifting, default=-1),
            -len(drifting),
            math.inf if math.isnan(largest) else -largest,
            self.column,
        )


def timeline_page(timeline) -> str:
    """The windows as the text of one HTML file, to be written as UTF-8."""
    windows = timeline.windows[-MOST_WINDOWS:]
    tracks = sorted(_tracks(windows), key=lambda track: track.rank)
    about = _about(windows)
    span = _span(windows)
    verdict = capital(timeline.headline)
    shown, rest = _shown_and_rest(tracks)
    lead = _lead(timeline, windows, tracks)
    header = f"<h1>{text(verdict)}</h1>\n{about_line(about, span)}{lead}"
    main = (
        f"<section>\n<h2>Window by window</h2>\n{_STRIP_LEGEND}"
        f"{_strip(windows, shown)}{_not_shown(rest)}</section>\n"
        f"<section>\n<h2>Column by column</h2>\n{_PICTURE_LEGEND}{_pictures(shown)}</section>\n"
        f"<section>\n<h2>How it was judged</h2>\n{_list(timeline.basis)}</section>\n"
    )
    return page(title_of(verdict, about, span), header, main)


def _tracks(windows) -> list[Track]:
    """The columns of all windows, each looked up once."""
    found = [{column.column: column for column in window.report.columns} for window in windows]
    names = dict.fromkeys(column for columns in found for column in columns)
    return [Track(name, windows, tuple(columns.get(name) for columns in found)) for name in names]


def _kind(column) -> str:
    return kind(column.verdict) if column else BLIND


def _about(windows) -> dict[str, str]:
    """What the page is about; several files are counted instead of being named."""
    about = windows[-1].report.about
    files = list(dict.fromkeys(window.file for window in windows if window.file))
    return about | ({"file": several(len(files), "file")} if len(files) > 1 else {})


def _span(windows) -> str:
    first, last = windows[0].name, windows[-1].name
    return f"{several(len(windows), 'window')}, {first}" + (f" to {last}" if last != first else "")


def _lead(timeline, windows, tracks):
    said = []
    counts = {kind: sum(track.kind == kind for track in tracks) for kind in MOST_SHOWN}
    parts = [
        f"{several(counts['drift'], 'column')} with drift" if counts["drift"] else "",
        f"{counts['blind']:,} not judged in every window" if counts["blind"] else "",
        f"{counts['quiet']:,} quiet throughout" if counts["quiet"] else "",
    ]
    if tracks:
        said.append(f'<p class="lead">{capital("; ".join(filter(None, parts)))}.</p>')
    if counts["blind"]:
        said.append(
            "<p>“Cannot tell” is no all-clear: there the column was not judged, and may have "
            "drifted.</p>"
        )
    if earlier := len(timeline.windows) - len(windows):
        said.append(
            f"<p>Below are the latest {len(windows)} windows; {several(earlier, 'window')} before "
            "them are in the verdict above and not below.</p>"
        )
    new: dict[str, str] = {}
    for window in windows:
        for column in window.report.new_columns:
            new.setdefault(column, window.name)
    if new:
        listed = ", ".join(f"{name(column)} (from {whole(since)})" for column, since in new.items())
        said.append(f"<p>New since the baseline, and not judged: {listed}.</p>")
    return "\n".join(said) + "\n"


def _shown_and_rest(tracks):
    shown: list[Track] = []
    rest: list[Track] = []
    counts = dict.fromkeys(MOST_SHOWN, 0)
    for track in tracks:
        counts[track.kind] += 1
        (shown if counts[track.kind] <= MOST_SHOWN[track.kind] else rest).append(track)
    return shown, rest


# -- the strip --------------------------------------------------------------------------------


def _strip(windows, tracks) -> str:
    names = distinct_labels([window.name for window in windows], LONGEST_HEADING)
    every = math.ceil(len(names) / MOST_HEADINGS)
    # counted from the end, as the last window is the one that is asked about
    shown = [(len(names) - 1 - place) % every == 0 for place in range(len(names))]
    heads = "".join(
        f'<th scope="col" title="{text(window.name)}"><span{_hidden(not seen)}>{text(label)}'
        "</span></th>"
        for window, label, seen in zip(windows, names, shown, strict=True)
    )
    rows = []
    if len(tracks) > 1:
        rows.append(_strip_row(f"<strong>{ANY_COLUMN}</strong>", _worst(windows)))
    rows += [_strip_row(name(track.column), _marks(track)) for track in tracks]
    sizes = {"few": len(windows) <= FEW, "many": len(windows) > MANY, "most": len(windows) > MOST}
    size = "".join(f"{name} " for name, fits in sizes.items() if fits)
    table = (
        f'<table class="{size}strip">\n<thead><tr><th scope="col">column</th>{heads}</tr></thead>\n'
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )
    return scrolling("Verdicts: columns by windows", table, "latest")


def _hidden(hidden):
    return ' class="hidden"' if hidden else ""


def _strip_row(heading, marks):
    cells = "".join(
        f'<td class="{kind}" title="{text(words)}"><span aria-hidden="true">{form}</span>'
        f'<span class="hidden">{text(verdict)}</span></td>'
        for kind, form, verdict, words in marks
    )
    return f'<tr><th scope="row">{heading}</th>{cells}</tr>\n'


def _marks(track):
    for window, column in zip(track.windows, track.found, strict=True):
        verdict = column.verdict if column else "not there"
        words = f"{track.column}, {_words(window, column)}"
        yield kind(verdict), sign(verdict), verdict, words


def _worst(windows):
    for window in windows:
        columns = window.report.columns
        verdict = min((column.verdict for column in columns), key=urgency, default=NO_DRIFT)
        drifting = [column.column for column in columns if column.verdict == DRIFT]
        words = f"{_label(window)}: {verdict}" + (f" in {', '.join(drifting)}" if drifting else "")
        yield kind(verdict), sign(verdict), verdict, words


def _label(window) -> str:
    apart = window.file and window.file != window.name
    return f"{window.name} ({window.file})" if apart else window.name


def _words(window, column) -> str:
    """What a mark says when it is pointed at."""
    if column is None:
        return f"{_label(window)}: not there"
    said = f"{_label(window)}: {column.verdict}, {number(column.value)} nats"
    if not math.isnan(column.threshold):
        said += f", threshold {threshold_of(column)}"
    return f"{said}, {column.n:,} rows"


def _not_shown(rest) -> str:
    if not rest:
        return ""
    rows = "".join(
        f"<li>{name(track.column)}: {_VERDICT[track.kind]}{_most(track)}</li>\n" for track in rest
    )
    return folded(f"{several(len(rest), 'more column')}", f"<ul>\n{rows}</ul>\n")


_VERDICT = {"drift": "drift", "blind": "cannot tell in every window", "quiet": "quiet"}


def _most(track) -> str:
    largest, place = track.largest
    if math.isnan(largest):
        return ""
    times = number(largest, 2) if largest < 10 or math.isinf(largest) else f"{largest:,.0f}"
    return f"; largest {times} × its threshold, {whole(track.windows[place].name)}"


# -- the pictures -----------------------------------------------------------------------------


def _pictures(tracks) -> str:
    of_kind = {kind: [t for t in tracks if t.kind == kind] for kind in MOST_SHOWN}
    loud, blind, quiet = (of_kind[kind] for kind in ("drift", "blind", "quiet"))
    grids = [_grid(loud)] if loud else []
    if blind:
        said = f"{several(len(blind), 'column')} without drift, but not judged in every window"
        grids.append(folded(said, _grid(blind), "group"))
    if quiet:
        said = f"{several(len(quiet), 'quiet column')}"
        grids.append(folded(said, _grid(quiet), "group"))
    return "".join(grids)


def _grid(tracks) -> str:
    wide = " broad" if len(tracks[0].windows) > WIDE else ""
    return f'<div class="tracks{wide}">\n{"".join(map(_figure, tracks))}</div>\n'


def _figure(track) -> str:
    points = [
        Point(
            window.name,
            column.value if column else math.nan,
            column.threshold if column else math.nan,
            column.verdict if column else "not there",
            _words(window, column),
        )
        for window, column in zip(track.windows, track.found, strict=True)
    ]
    drawn = scrolling(f"Picture of {track.column}", timeline_picture(track.column, points))
    numbers = scrolling(f"Numbers of {track.column}", _numbers(track))
    return (
        f"<figure>\n<figcaption><h3>{name(track.column)}</h3><p>{_caption(track)}</p></figcaption>"
        f"\n{drawn}{folded('In numbers', numbers)}</figure>\n"
    )


def _caption(track) -> str:
    drifting, windows = track.drifting, track.windows
    if drifting:
        said = f"▲ drift in {len(drifting)} of {several(len(windows), 'window')}"
        said += f", first {whole(windows[drifting[0]].name)}"
    elif track.kind == KINDS[NO_DRIFT]:
        said = "· no drift"
    else:
        blind = sum(_kind(column) == BLIND for column in track.found)
        said = f"? cannot tell in {blind} of {several(len(windows), 'window')}"
    return f"{said}{_most(track)}."


def _numbers(track) -> str:
    rows = []
    for window, column in zip(track.windows, track.found, strict=True):
        if column is None:
            numbers, verdict = ["–"] * 5, "not there"
        else:
            verdict = column.verdict
            numbers = [
                number(column.value),
                threshold_of(column),
                number(times_threshold(column), 3),
                number(column.adjusted_p, 3),
                f"{column.n:,}",
            ]
        note = f" ({text(column.note)})" if column and column.note else ""
        cells = "".join(f"<td>{value}</td>" for value in numbers)
        loud = ' class="drift"' if verdict == DRIFT else ""
        rows.append(
            f"<tr{loud}><th>{name(_label(window))}</th>"
            f'<td class="verdict">{sign(verdict)} {text(verdict)}{note}</td>{cells}</tr>\n'
        )
    return (
        '<table>\n<thead><tr><th>window</th><th class="verdict">verdict</th><th>nats</th>'
        "<th>threshold</th><th>× threshold</th><th>p, all columns</th><th>n</th></tr></thead>\n"
        f"<tbody>\n{''.join(rows)}</tbody>\n</table>\n"
    )


def _list(lines) -> str:
    return "<ul>\n" + "".join(f"<li>{text(line)}</li>\n" for line in lines) + "</ul>\n"


_STRIP_LEGEND = (
    '<ul class="legend">\n'
    '<li><span class="chip drift" aria-hidden="true">▲</span>drift</li>\n'
    '<li><span class="chip quiet" aria-hidden="true">·</span>no drift</li>\n'
    '<li><span class="chip blind" aria-hidden="true">?</span>cannot tell: not judged</li>\n'
    "</ul>\n"
)
_PICTURE_LEGEND = (
    '<ul class="legend">\n'
    '<li><svg width="30" height="14" aria-hidden="true"><path d="M0 7H30" class="value"/>'
    '<circle cx="15" cy="7" r="2.8" class="p"/></svg>divergence of the window, nats</li>\n'
    '<li><svg width="30" height="14" aria-hidden="true"><path d="M0 7H30" class="limit"/></svg>'
    "threshold: what lies above is drift</li>\n"
    '<li><svg width="30" height="14" aria-hidden="true"><rect x="6" width="18" height="14" '
    'class="band"/><path d="M15 1l6 11h-12z" class="alarm"/></svg>drift</li>\n'
    '<li><svg width="30" height="14" aria-hidden="true"><text x="15" y="12" '
    'text-anchor="middle" class="unknown">?</text></svg>cannot tell</li>\n</ul>\n'
)
