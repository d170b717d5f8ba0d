"""The words of a piece of HTML, for the search and for titles."""

from html.parser import HTMLParser

VOID = {"br", "img", "hr", "input", "wbr", "link", "meta", "col", "source"}


class _Words(HTMLParser):
    """Collects text, and leaves out formulas: their letters stand twice in KaTeX's HTML."""

    def __init__(self):
        super().__init__()
        self.parts: list[str] = []
        self._inside_formula = 0

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            return
        if self._inside_formula or "katex" in (dict(attributes).get("class") or "").split():
            self._inside_formula += 1
        elif tag in ("p", "li", "td", "th", "div", "tr"):
            self.parts.append(" ")

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if self._inside_formula and tag not in VOID:
            self._inside_formula -= 1

    def handle_data(self, data):
        if not self._inside_formula:
            self.parts.append(data)


def words_of(html: str) -> str:
    """The text between the tags in one line, without formulas.

    >>> words_of("<p>one <b>two</b></p><p>three</p>")
    'one two three'
    """
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.parts).split())
