"""What a page says of itself: its tags, their attributes, and the colours of its style sheet."""

import re
from html import unescape
from html.parser import HTMLParser

VOID = {"meta", "rect", "path", "circle", "br", "wbr", "link", "img", "hr"}


class Reader(HTMLParser):
    """Collects tags and attributes, and insists that every tag is closed in its order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.elements = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def words_of(page):
    """The page as it is read: no tags within words."""
    return unescape(re.sub(r"</?(wbr|bdi|span|strong)[^>]*>", "", page))


def assert_loads_and_runs_nothing(page):
    reader = Reader(page)
    assert not {"script", "link", "img", "iframe", "form"} & set(reader.tags)
    names = {name for name, _ in reader.attributes}
    assert not names & {"src", "href", "style"}
    assert not any(name.startswith("on") for name in names)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert "@import" not in style and "url(" not in style.replace("url(#", "")
    assert "prefers-color-scheme: dark" in style


def assert_all_can_use_it(page):
    """What scrolls can be focused and has a name, a picture has words, a number has a heading."""
    reader = Reader(page)
    for tag, attributes in reader.elements:
        if "wide" in attributes.get("class", "").split():
            assert attributes["tabindex"] == "0" and attributes["role"] == "region"
            assert attributes["aria-label"]
        if tag == "svg":
            drawn = attributes.get("role") == "img" and attributes["aria-label"]
            assert drawn or attributes["aria-hidden"] == "true"
    assert reader.tags.count("h1") == reader.tags.count("main") == 1
    assert reader.tags.count("details") == reader.tags.count("summary")
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        widths = {
            len(re.findall(r"<(?:th|td)[ >]", row))
            for row in re.findall(r"<tr.*?</tr>", table, re.DOTALL)
        }
        assert len(widths) == 1, table


def palettes(style):
    """The colours by name: in light, in dark and in print."""
    blocks = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#\w{6});", block)) for block in blocks]


def contrast(one, other):
    """From 1 to 21, by WCAG 2."""
    lighter, darker = sorted(map(_luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def blend(colour, below, opacity):
    return tuple(
        opacity * one + (1 - opacity) * other
        for one, other in zip(_parts(colour), _parts(below), strict=True)
    )


def _luminance(colour):
    shares = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return sum(
        weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), shares, strict=True)
    )


def _parts(colour):
    if isinstance(colour, tuple):
        return colour
    return tuple(int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
