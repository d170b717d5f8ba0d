"""What the pages of the drift monitor share: their style, signs, names and what they are about."""

import math
from importlib.resources import files

from klteach.drift.picture import number
from klteach.drift.verdicts import DRIFT, NO_DRIFT, SMALL
from klteach.html_page import document, text

# Forms that differ without any colour. What is not here could not be judged.
SIGNS = {DRIFT: "▲", SMALL: "△", NO_DRIFT: "·"}
NOT_JUDGED = "?"
KINDS = {DRIFT: "drift", SMALL: "quiet", NO_DRIFT: "quiet"}
BLIND = "blind"
LONGEST_WHOLE = 30  # letters


def sign(verdict: str) -> str:
    """The verdict as a form: ▲ drift, △ small drift, · no drift, ? for what was not judged."""
    return SIGNS.get(verdict, NOT_JUDGED)


def kind(verdict: str) -> str:
    """ "drift", "quiet" or "blind"; the style sheet knows them by these names."""
    return KINDS.get(verdict, BLIND)


def urgency(verdict: str) -> int:
    """What has to be looked at stands first."""
    return (KINDS[DRIFT], BLIND, KINDS[NO_DRIFT]).index(kind(verdict))


def name(value) -> str:
    """A name out of the data; a long one may break after a _."""
    # writing from right to left turns nothing but itself
    return f"<bdi>{text(value).replace('_', '_<wbr>')}</bdi>"


def capital(words: str) -> str:
    """The words with a capital at their beginning."""
    return words[:1].upper() + words[1:]


def times_threshold(column) -> float:
    """How many times its threshold the value of a column is; NaN if that is not known."""
    if not column.threshold > 0:  # 0 or not known
        return math.inf if column.threshold == 0 and column.value > 0 else math.nan
    return column.value / column.threshold if math.isfinite(column.threshold) else 0.0


def threshold_of(column) -> str:
    """The threshold as text, marked where it is approximate."""
    mark = "≈ " if column.approximate else ""
    written = number(column.threshold)
    return written if math.isnan(column.threshold) else mark + written


def window_of(window) -> str:
    """The windows of one side: "day 2024-05-01", or "day 2024-05-01 to 2024-05-14, 14 windows".

    >>> window_of({"column": "day", "from": "1", "to": "2", "windows": 2})
    'day 1 to 2, 2 windows'
    """
    if "from" not in window or "to" not in window:
        return ", ".join(f"{key} {value}" for key, value in window.items() if key != "column")
    said = f"{window.get('column', 'window')} {window['from']}"
    if window["from"] != window["to"]:
        said += f" to {window['to']}"
    return said + (f", {window['windows']} windows" if window.get("windows", 1) != 1 else "")


def about_line(about, window: str = "") -> str:
    """Which file was held against which baseline, and when, as far as it is known; as HTML."""
    current = ", ".join(filter(None, [_strong(about.get("file")), whole(window)]))
    said = [
        current,
        f"against {_strong(about['baseline'])}" if about.get("baseline") else "",
        f"checked {whole(about['checked'])}" if about.get("checked") else "",
    ]
    known = " · ".join(filter(None, said))
    return f'<p class="about">{known}</p>\n' if known else ""


def whole(words: str) -> str:
    """The words on one line if they are few, so that no date breaks at its dashes; as HTML."""
    if len(words) > LONGEST_WHOLE:
        return text(words)
    return f'<span class="whole">{text(words)}</span>' if words else ""


def _strong(value) -> str:
    return f"<strong>{name(value)}</strong>" if value else ""


def title_of(verdict: str, about, window: str = "") -> str:
    """The title of the page: the verdict, and what it is about; it tells tabs and files apart."""
    against = f"against {about['baseline']}" if about.get("baseline") else ""
    known = [about.get("file"), window, against, about.get("checked")]
    return " – ".join(filter(None, [verdict, ", ".join(filter(None, known))]))


def page(title: str, header: str, main: str) -> str:
    """The text of one HTML file, to be written as UTF-8; all but the title is HTML already."""
    style = files("klteach.drift").joinpath("static/page.css").read_text(encoding="utf-8")
    body = f"<header>\n{header}</header>\n<main>\n{main}</main>\n"
    return document(title, style, body)


def scrolling(label: str, content: str, kind_of_box: str = "") -> str:
    """A box of its own for what may be wider than the page."""
    classes = f"wide {kind_of_box}".strip()
    # whoever has no mouse scrolls it with the keyboard, so it can be focused and has a name
    return (
        f'<div class="{classes}" role="region" aria-label="{text(label)}" tabindex="0">\n'
        f"{content}</div>\n"
    )


def folded(summary: str, content: str, kind_of_fold: str = "") -> str:
    """Something that opens when its summary, which is HTML already, is clicked."""
    attribute = f' class="{kind_of_fold}"' if kind_of_fold else ""
    return f"<details{attribute}><summary>{summary}</summary>\n{content}</details>\n"


def several(count: int, thing: str) -> str:
    """A count with its noun.

    >>> several(1, "column"), several(1200, "window")
    ('1 column', '1,200 windows')
    """
    return f"{count:,} {thing}" + "s" * (count != 1)
