"""Markdown cells as HTML: formulas that need no script, links that stay on the site."""

import re
from html import escape, unescape

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from website.fonts import letters_of
from website.formulas import formula
from website.links import Links


class Renderer(IPythonRenderer):
    """One page's text. Ids of headings are those that JupyterLab gives them."""

    def __init__(self, links: Links):
        super().__init__(escape=False, exclude_anchor_links=True)
        self._links = links
        self._ids: set[str] = set()
        self.letters: set[str] = set()

    def heading(self, text, level, **attributes):
        name = unescape(re.sub("<[^>]+>", "", text)).replace(" ", "-")
        if name in self._ids:
            return f"<h{level}>{text}</h{level}>\n"
        self._ids.add(name)
        return f'<h{level} id="{escape(name)}">{text}</h{level}>\n'

    def inline_math(self, body):
        return self._formula(body, False)

    def block_math(self, body):
        # mistune puts it into a paragraph, where no block may stand
        return (
            '<span class="formula" tabindex="0" role="group" aria-label="Formula">'
            f"{self._formula(body, True)}</span>"
        )

    def _formula(self, tex, display):
        html = formula(tex, display)
        self.letters |= letters_of(html)
        return html

    def link(self, text, url, title=None):
        target = url if url == "../record.html" else self._links.target(unescape(url))
        if target is None:
            return text
        kind = ' class="term"' if "B_glossary.html#b-" in target else ""
        return f'<a{kind} href="{escape(target)}">{text}</a>'

    def table(self, text):
        return (
            '<div class="wide" tabindex="0" role="group" aria-label="Table">'
            f"<table>\n{text}</table></div>\n"
        )


class Markdown:
    """Turns the Markdown cells of one page into HTML."""

    def __init__(self, links: Links):
        self._renderer = Renderer(links)

    def html(self, source: str) -> str:
        return MarkdownWithMath(renderer=self._renderer).render(source)

    @property
    def letters(self) -> set[str]:
        """The letters of all formulas so far."""
        return self._renderer.letters
