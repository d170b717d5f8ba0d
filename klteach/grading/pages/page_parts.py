"""What both kinds of page are made of: header and footer, feedback, bars."""

import re
from collections.abc import Sequence
from importlib.resources import files

from klteach.html_page import document, text

_LONGEST_NAME = 64
_MOST_LINES = 200  # of a learner's code
_LINK = re.compile(r"\[([^\]]+)\]\(\.\./notebooks/[\w.-]+\)")
_CODE = re.compile(r"`([^`]+)`")


def page(title: str, header: str, main: str, footer: str) -> str:
    """The text of one HTML file, to be written as UTF-8; all but the title is HTML already."""
    style = files("klteach.grading.pages").joinpath("static/page.css").read_text(encoding="utf-8")
    return document(
        title,
        style,
        f"<header>\n<h1>{text(title)}</h1>\n{header}</header>\n<main>\n{main}</main>\n"
        f"<footer>\n{footer}</footer>\n",
    )


def marked(words: str) -> str:
    """Words of the feedback: `code` is marked up, a link becomes its label, the rest is text.

    Links lead into the course's folder, where a page that was sent to somebody is not.
    """
    return _CODE.sub(r"<code>\1</code>", text(_LINK.sub(r"\1", words)))


def paragraphs(words: str) -> str:
    """Each line of the words as a paragraph."""
    lines = (line for line in words.splitlines() if line.strip())
    return "".join(f"<p>{marked(line)}</p>\n" for line in lines)


def name(value: str) -> str:
    """A name of a student or a file: it may be written in any direction, and it may be long."""
    if len(value) > _LONGEST_NAME:
        value = f"{value[: _LONGEST_NAME // 2]} … {value[-_LONGEST_NAME // 4 :]}"
    return f"<bdi>{text(value)}</bdi>"


def code(value: str) -> str:
    """The name of a question, which may break after a _."""
    return f"<code>{text(value).replace('_', '_<wbr>')}</code>"


def number(value: float) -> str:
    """Points as people write them.

    >>> number(2.0), number(1.5)
    ('2', '1.5')
    """
    return f"{value:.4g}"


def percent(share: float) -> str:
    """The share in whole per cent; only nothing is 0 and only everything is 100.

    >>> percent(0.999), percent(0.25), percent(0.0)
    ('99 %', '25 %', '0 %')
    """
    whole = round(100 * share)
    if share not in (0, 1):
        whole = min(max(whole, 1), 99)
    return f"{whole} %"


def several(count: int, one: str, more: str = "") -> str:
    """The count and its noun.

    >>> several(1, "notebook"), several(3, "notebook"), several(2, "person", "people")
    ('1 notebook', '3 notebooks', '2 people')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def several_points(value: float) -> str:
    """Points and their noun.

    >>> several_points(1.0), several_points(0.5)
    ('1 point', '0.5 points')
    """
    return f"{number(value)} point{'s' if value != 1 else ''}"


def table(caption: str, heads: Sequence[str], rows: str) -> str:
    """A table; caption, heads and rows are HTML already."""
    # whoever has no mouse scrolls a wide table with the keyboard, so it can be focused
    cells = "".join(f'<th scope="col">{head}</th>' if head else "<td></td>" for head in heads)
    return (
        f'<div class="wide" role="region" aria-label="{caption}" tabindex="0">\n<table>\n'
        f"<caption>{caption}</caption>\n<thead><tr>{cells}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def source(written: str, open_up_to: int = 15) -> str:
    """Code as its author wrote it, under a line that unfolds it; open up to so many lines."""
    lines = written.expandtabs(4).splitlines()
    if not any(line.strip() for line in lines):
        return ""
    shown = "\n".join(text(line) for line in lines[:_MOST_LINES])
    more = f"\n… {len(lines) - _MOST_LINES} more lines" if len(lines) > _MOST_LINES else ""
    opened = " open" if len(lines) <= open_up_to else ""
    return (
        f"<details{opened}><summary>The code of this answer ({several(len(lines), 'line')})"
        f'</summary>\n<pre tabindex="0">{shown}{more}</pre></details>\n'
    )


def bar(*parts: tuple[str, float]) -> str:
    """A bar from 0 to 1 with parts (class, share); the words beside it have to say the same."""
    drawn, start = [], 0.0
    for kind, share in parts:
        if share:
            drawn.append(
                f'<rect class="{kind}" x="{100 * start:.2f}%" width="{100 * share:.2f}%" '
                'height="100%"/>'
            )
        start += share
    return f'<svg class="bar" aria-hidden="true">{"".join(drawn)}</svg>'


def facts(pairs: dict[str, str]) -> str:
    """A list of names and values; the values are HTML already."""
    rows = "".join(f"<dt>{text(key)}</dt><dd>{value}</dd>\n" for key, value in pairs.items())
    return f"<dl>\n{rows}</dl>\n"
