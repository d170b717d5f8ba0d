"""The report as one HTML file: complete, readable without colours, safe whatever it names."""

import re
from html import unescape
from html.parser import HTMLParser

import numpy as np
import pytest

from klteach.drift import Profile, compare
from klteach.drift.picture import MOST_SHOWN, Cell, picture

NASTY = "<script>alert(\"1\")</script> & 'x' \u202e"
VOID = {"meta", "rect", "path", "br", "wbr", "link", "img", "hr"}


class Reader(HTMLParser):
    """Collects tags and attributes, and insists that every tag is closed in its order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def report_of(shift=0.0, columns=3, rows=2000, **options):
    random = np.random.default_rng(4)
    table = {f"column_{place}": random.normal(size=rows) for place in range(columns)}
    table[NASTY] = random.choice(["a", "<b>", 'c"'], size=rows)
    baseline = Profile.of(table)
    now = {name: random.permutation(values) for name, values in table.items()}
    now["column_0"] = now["column_0"] + shift
    if shift:
        now[NASTY] = np.where(random.random(rows) < 0.5, "<b>", now[NASTY])
    return compare(baseline, now, **options)


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_the_page_is_well_formed_and_loads_and_runs_nothing(shift):
    page = report_of(shift).to_html()
    reader = Reader(page)
    assert "script" not in reader.tags and "link" not in reader.tags and "img" not in reader.tags
    names = {name for name, _ in reader.attributes}
    assert not names & {"src", "href", "onclick", "onload", "style"}
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    assert "@import" not in style and "url(" not in style.replace("url(#", "")
    assert "prefers-color-scheme: dark" in style


def test_names_out_of_the_data_are_shown_and_do_nothing():
    page = report_of(1.0).to_html()
    assert "<script" not in page and "\u202e" not in page
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#x27;x&#x27;" in page
    assert "&lt;b&gt;" in page and "<b>" not in page


def test_the_verdict_comes_first_and_everything_it_rests_on_is_there():
    report = report_of(1.0)
    page = unescape(report.to_html()).replace("<wbr>", "")
    heading = re.search(r"<h1>(.*?)</h1>", page)[1]
    assert heading == "Drift in 2 of 4 columns"
    for words in (
        "PSI(P, Q) = KL(P‖Q) + KL(Q‖P)",
        "0.5 added to the count of every cell",
        "1,000 draws a column (permutation)",
        "Benjamini-Hochberg",
        "2,000 rows",
        report.made_with,
    ):
        assert words in page, words
    for column in report.columns:
        assert f"{column.value:.4g}" in page and f"{column.threshold:.4g}" in page
        assert all(name in page or "script" in name for name in column.contributions)


def test_no_colour_is_needed():
    page = report_of(1.0).to_html()
    assert page.count("▲ drift") == 2 and page.count("· no drift") == 2
    reader = Reader(page)
    pictures = page.count('<svg role="img" aria-label="')
    assert pictures == 4
    labels = [value for name, value in reader.attributes if name == "aria-label"]
    assert sum("What adds most:" in label for label in labels) == pictures


def test_a_long_list_is_folded_and_what_drifts_is_open():
    page = report_of(1.0, columns=33).to_html()
    folded = re.search(r'<div class="quiet">(.*)</div>', page, re.DOTALL)[1]
    assert folded.count("<figure") == page.count("<figure") - 2 == 32
    assert "column_<wbr>0" not in folded


def test_too_few_rows_are_no_all_clear():
    page = unescape(report_of(rows=30).to_html())
    assert "cannot tell" in page.lower() and "no all-clear" in page


def test_an_empty_side_has_nothing_to_draw():
    baseline = Profile.of({"x": np.arange(1000.0)})
    page = compare(baseline, {"x": np.array([])}).to_html()
    assert "the current data has no rows" in page
    Reader(page)


def test_an_infinite_contribution_is_drawn_as_such():
    drawn = picture("x", [Cell("a", 0.5, 0.0, np.inf), Cell("b", 0.5, 1.0, 0.2)])
    assert "∞" in drawn and "inf" not in drawn and "nan" not in drawn


def test_many_cells_keep_the_ones_that_add_most():
    cells = [Cell(f"cell {place}", 0.01, 0.01, place / 1000) for place in range(100)]
    drawn = picture("x", cells)
    assert drawn.count("<title>") == MOST_SHOWN
    assert ">cell 99<" in drawn and f">cell {99 - MOST_SHOWN}<" not in drawn


def test_what_is_not_drawn_is_said_and_listed():
    names = [f"name {place}" for place in range(30)]
    baseline = Profile.of({"x": np.array(names * 40)}, categorical=["x"])
    page = unescape(compare(baseline, {"x": np.array(names * 20)}).to_html())
    words = "Not drawn: 6 more cells: 20 % now, 20 % in the baseline, adds 0 nats."
    assert words in page
    assert all(f"<bdi>{name}</bdi>" in page for name in names)


def test_the_same_report_is_the_same_page():
    assert report_of(0.5).to_html() == report_of(0.5).to_html()
