"""What the search and the glossary's tips are made from."""

import re

from website.page import Body

FIRST_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
ENTRY = re.compile(
    r'<div class="cell text" id="(b-[\w-]+)">\n<h2[^>]*>(.*?)</h2>\n(.*?)</div>'
    r'(?=\n<div class="cell|\Z)',
    re.DOTALL,
)


def search_rows(path: str, title: str, body: Body) -> list[list[str]]:
    """A row for each section: page, anchor, the page's title, heading, words.

    The words are those of the text. What a prediction reveals is in none of them.
    """
    rows = []
    for section in body.sections:
        anchor = "" if section.level == 1 else section.anchor
        rows.append([path, anchor, title, section.heading, section.words])
    return rows


def glossary_terms(body: Body) -> dict[str, dict[str, str]]:
    """Each term's name and first paragraph, by the id of its cell. Links in it are plain words."""
    terms = {}
    for name, term, inside in ENTRY.findall(body.html):
        first = FIRST_PARAGRAPH.search(inside)
        if first:
            html = re.sub(r"</?a\b[^>]*>", "", first[1])
            terms[name] = {"term": re.sub("<[^>]+>", "", term), "html": html}
    return terms
