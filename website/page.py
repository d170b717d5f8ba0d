"""The body of a page, made from a notebook cell by cell."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from html import escape, unescape
from struct import unpack

from nbconvert.filters import ansi2html
from nbconvert.filters.highlight import Highlight2HTML

from klteach.explorers.explorer import Explorer
from klteach.practice.quiz.widget import QuizWidget
from website.collect import TO_RUN, Widget
from website.links import Links
from website.markdown import Markdown
from website.plain_text import words_of
from website.widget_data import quiz_data
from website.words import for_the_site

HEADING = re.compile(r'<h([123])(?: id="[^"]*")?>(.*?)</h\1>', re.DOTALL)
NEEDS_A_KERNEL = (
    "This explorer computes in Python while it is dragged, so here it shows its first state. It "
    "moves in Binder and in JupyterLab."
)
COARSER = "In Binder and in JupyterLab it moves in smaller steps."
TO_SCRIPT = '<p class="note">It answers where the page may run its scripts.</p>'


@dataclass(frozen=True)
class Section:
    """A piece of a page under its heading, for the contents list and for the search.

    anchor is the id of its cell, which stays when the heading changes.
    """

    level: int
    anchor: str
    heading: str
    minutes: str
    words: str


@dataclass
class Body:
    """A page's HTML, the parts of it that others need, and the files that it asks for."""

    html: str = ""
    sections: list[Section] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    letters: set[str] = field(default_factory=set)  # of its formulas

    @property
    def title(self) -> str:
        return self.sections[0].heading


class PageMaker:
    """Writes the cells of one notebook. `root` is the way from the page to the site's folder."""

    def __init__(self, links: Links, root: str = "../"):
        self._links = links
        self._markdown = Markdown(links)
        self._highlight = Highlight2HTML()
        self._root = root

    def body(
        self, notebook, widgets: dict[str, Widget], instead: dict[str, str] | None = None
    ) -> Body:
        """The page's body; `instead` has the HTML of cells that show the site's own things."""
        body = Body()
        instead = instead or {}
        parts = []
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                parts.append(self._text(cell, body))
            elif cell.id in instead:
                parts.append(f'<div class="cell" id="{cell.id}">{instead[cell.id]}</div>')
            elif cell.cell_type == "code":
                parts.append(self._code(cell, widgets.get(cell.id), body))
        body.html = "\n".join(parts)
        body.letters = self._markdown.letters
        return body

    def _text(self, cell, body: Body) -> str:
        html = self._markdown.html(for_the_site(cell.source))
        found = HEADING.search(html)
        if found:
            heading, minutes = _without_minutes(words_of(found[2]))
            rest = html[: found.start()] + html[found.end() :]
            body.sections.append(Section(int(found[1]), cell.id, heading, minutes, words_of(rest)))
        elif body.sections:
            last = body.sections.pop()
            words = f"{last.words} {words_of(html)}".strip()
            body.sections.append(
                Section(last.level, last.anchor, last.heading, last.minutes, words)
            )
        return f'<div class="cell text" id="{cell.id}">\n{html}</div>'

    def _code(self, cell, widget: Widget | None, body: Body) -> str:
        code = f'<div class="input">{self._coloured(cell.source)}</div>'
        outputs = "\n".join(self._output(output, cell.id, widget, body) for output in cell.outputs)
        if isinstance(widget, QuizWidget):
            inside = outputs  # the question says it all
        elif widget is not None:
            # the picture is what is read; what drew it can be looked up
            code = f'<details class="source"><summary>Code</summary>{code}</details>'
            inside = f"{outputs}\n{code}"
        else:
            if outputs and cell.metadata.get("jupyter", {}).get("outputs_hidden"):
                outputs = f"<details><summary>Show the output</summary>\n{outputs}</details>"
            inside = f"{code}\n{outputs}"
        return f'<div class="cell code" id="{cell.id}">{inside}</div>'

    def _coloured(self, source: str) -> str:
        html = self._highlight(source)
        return html.replace("<pre>", '<pre tabindex="0">')

    def _output(self, output, cell: str, widget: Widget | None, body: Body) -> str:
        if output.output_type == "stream":
            return _preformatted(output.text)
        if output.output_type == "error":
            return _preformatted("\n".join(output.traceback), "output error")
        still = self._still(output, cell, body)
        if widget is None:
            return still
        kind = "explorer" if isinstance(widget, Explorer) else "quiz"
        data = widget.static_state() if kind == "explorer" else quiz_data(widget)
        if data is None:
            return f'{still}\n<p class="note">{NEEDS_A_KERNEL}</p>'
        place = _place(kind, cell, data, still, body)
        if kind == "explorer" and not widget.grid:
            return f'{place}\n<p class="note">{COARSER}</p>'
        return place

    def _still(self, output, cell: str, body: Body) -> str:
        """What the notebook shows without a kernel: a picture, HTML or text."""
        data = output["data"]
        if "image/png" in data:
            return self._picture(data["image/png"], output["metadata"]["image/png"], cell, body)
        if "text/html" in data:
            html = self._linked(data["text/html"].replace(TO_RUN, TO_SCRIPT))
            return f'<div class="wide" tabindex="0" role="group" aria-label="Output">{html}</div>'
        return _preformatted(data["text/plain"])

    def _picture(self, encoded: str, about: dict, cell: str, body: Body) -> str:
        png = base64.b64decode(encoded)
        width, height = unpack(">II", png[16:24])
        shown = about["width"]
        path = f"assets/pictures/{cell}.{digest(png)}.png"
        body.files[path] = png
        return (
            f'<div class="picture"><img src="{self._root}{path}" alt="{escape(about["alt"])}" '
            f'width="{shown}" height="{round(shown * height / width)}" loading="lazy"></div>'
        )

    def _linked(self, html: str) -> str:
        """The HTML of an output, its links led to the site's pages."""

        def lead(match):
            target = self._links.target(unescape(match[1]))
            return "" if target is None else f'href="{escape(target)}"'

        return re.sub(r'href="([^"]*)"', lead, html)


def _without_minutes(heading: str) -> tuple[str, str]:
    """A heading and the time in it, as "8 min"; "" where it has none.

    >>> _without_minutes("E1 · kl · 8 min · difficulty 2/5")
    ('E1 · kl', '8 min')
    """
    match = re.fullmatch(r"(.*?) · (\d+ min)(?: · .*)?", heading)
    return (match[1], match[2]) if match else (heading, "")


def _place(kind: str, cell: str, data: dict, still: str, body: Body) -> str:
    """Where a widget comes to life. What stands there until then is true without a script."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    script = f"klteach.take({json.dumps(cell)},{text});\n".encode()
    path = f"assets/data/{cell}.{digest(script)}.js"
    body.files[path] = script
    return (
        f'<div class="widget" data-widget="{kind}" data-cell="{cell}" data-source="{path}">'
        f"{still}</div>"
    )


def _preformatted(text: str, name: str = "output") -> str:
    return f'<pre class="{name}" tabindex="0">{ansi2html(text)}</pre>'


def digest(content: bytes) -> str:
    """The mark in a file's name by which a browser knows that it has the right one."""
    return hashlib.sha256(content).hexdigest()[:8]
