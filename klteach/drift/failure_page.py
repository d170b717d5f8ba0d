"""What replaces yesterday's report when today's check could not be done.

An old page that says "no drift" would be taken for today's.
"""

import json
import re

from klteach.drift.page_parts import about_line, page, title_of
from klteach.html_page import text

NO_VERDICT = "No verdict: the check could not be done"
_OPTION = re.compile(r"(?<!\S)(--[a-z-]+)")


def failure_page(message: str, about: dict[str, str]) -> str:
    """The page of a check that ended with this message, as the text of one HTML file.

    `about` has "file", "baseline" and "checked", as far as they are known.
    """
    header = f"<h1>{text(NO_VERDICT)}</h1>\n{about_line(about)}"
    main = (
        f'<section>\n<h2>Why</h2>\n<p class="lead">{_marked(message)}</p>\n</section>\n'
        "<section>\n<h2>What this means</h2>\n"
        "<p>Nothing is known about drift in this data: it may have drifted or not. This is no "
        "all-clear. An earlier report that stood here was about an earlier check.</p>\n</section>\n"
    )
    return page(title_of(NO_VERDICT, about), header, main)


def _marked(message: str) -> str:
    """Options of the command are marked up, so that they do not break at their dashes."""
    return _OPTION.sub(r"<code>\1</code>", text(message))


def failure_json(message: str, about: dict[str, str]) -> str:
    """The same as JSON, in the form of a report without columns."""
    content = {
        "format": "klteach drift report",
        "version": 1,
        "verdict": "cannot tell",
        "error": message,
        "about": dict(about),
        "columns": [],
    }
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
