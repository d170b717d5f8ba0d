"""The frame of a report that is one HTML file, and text that is safe in it.

A page loads nothing and runs nothing: its style is in it, and it forbids the browser the rest.
Names come from data and from learners, who may write anything: every one goes through `text`.
"""

from functools import cache
from html import escape
from importlib.resources import files

# What has no shape, and the marks that turn the direction of writing: they would turn what follows.
_UNPRINTABLE = dict.fromkeys(
    [*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)],
    "\N{REPLACEMENT CHARACTER}",
) | dict.fromkeys(map(ord, "\t\n\r\u2028\u2029"), " ")


def document(title: str, style: str, body: str) -> str:
    """The text of one HTML file, to be written as UTF-8; its style follows the common one.

    Style and body are HTML already.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>\n{common_style()}\n{style}</style>\n</head>\n"
        f"<body>\n{body}</body>\n</html>\n"
    )


@cache
def common_style() -> str:
    """The style sheet that all reports begin with."""
    return files("klteach").joinpath("static/page.css").read_text(encoding="utf-8")


def text(value) -> str:
    """The value as text that is safe between tags and within quotes.

    >>> text("<b>\\x1b[2J \\u202e")
    '&lt;b&gt;\ufffd[2J \ufffd'
    """
    written = str(value).translate(_UNPRINTABLE).encode("utf-8", "backslashreplace")
    return escape(written.decode("utf-8"), quote=True)
