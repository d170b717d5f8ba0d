"""The fonts of the formulas, each cut down to the letters that the course writes with it.

As they come they would be half of what a reader loads before the first formula shows.
"""

import io
import logging
import re
from collections.abc import Iterable
from html import unescape

from fontTools import subset
from fontTools.ttLib import TTFont

from website.formulas import KATEX

VISIBLE = re.compile(r'<span class="katex-html".*', re.DOTALL)
# In a style sheet: the same font in three formats, of which the site has one, and another.
SOURCES = re.compile(r"src:url\(fonts/([\w-]+)\.woff2\)[^;}]*")


def letters_of(formula: str) -> set[str]:
    """The letters that a formula shows, without those of its MathML."""
    visible = VISIBLE.search(formula)
    return set(unescape(re.sub("<[^>]+>", "", visible[0]))) if visible else set()


def cut_fonts(letters: Iterable[str]) -> dict[str, bytes]:
    """Each font with these letters alone, by the name of its file."""
    numbers = sorted(map(ord, letters))
    return {
        f"{path.stem}.woff": _cut(path, numbers) for path in sorted((KATEX / "fonts").glob("*.ttf"))
    }


def style_sheet() -> str:
    """KaTeX's style sheet for these fonts."""
    text = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    return SOURCES.sub(r'src:url(fonts/\1.woff) format("woff")', text)


def _cut(path, numbers: list[int]) -> bytes:
    options = subset.Options()
    options.hinting = False
    options.name_IDs = [0, 1, 2]
    # KaTeX's fonts say that they were made in 1904, which is a warning for each of them
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    font = TTFont(path, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=numbers)
    cutter.subset(font)
    font.flavor = "woff"
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()
