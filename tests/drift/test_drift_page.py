"""The report as one HTML file: complete, readable without colours, safe whatever it names."""

import json
import re
from dataclasses import replace
from html import unescape
from importlib.resources import files
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klteach.drift import Profile, compare
from klteach.drift.failure_page import failure_json, failure_page
from klteach.drift.labels import distinct_labels, spread
from klteach.drift.picture import MOST_SHOWN, Cell, picture
from klteach.drift.report_page import report_page
from klteach.html_page import common_style
from tests.drift.page_reader import (
    Reader,
    assert_all_can_use_it,
    assert_loads_and_runs_nothing,
    blend,
    contrast,
    palettes,
    words_of,
)

NASTY = "<script>alert(\"1\")</script> & 'x' \u202e"
ABOUT = {"file": "today.parquet", "baseline": "baseline.json", "checked": "2024-05-02 06:00 UTC"}


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
    assert_loads_and_runs_nothing(page)
    assert_all_can_use_it(page)


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
    assert sum("What adds most:" in (label or "") for label in labels) == pictures


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


def with_facts(report, **facts):
    """The report with more facts about it."""
    changed = replace(report)
    for name, fact in facts.items():
        object.__setattr__(changed, name, fact)
    return changed


def test_title_and_head_say_which_file_and_window_was_held_against_which_baseline_and_when():
    window = {"column": "day", "from": "2024-05-01", "to": "2024-05-01", "windows": 1}
    report = with_facts(report_of(1.0), about=ABOUT, current_window=window)
    page = words_of(report_page(report))
    title = re.search(r"<title>(.*?)</title>", page)[1]
    head = re.search(r"<header>(.*?)</header>", page, re.DOTALL)[1]
    assert title.startswith("Drift in 2 of 4 columns – today.parquet, day 2024-05-01")
    for fact in (*ABOUT.values(), "day 2024-05-01"):
        assert fact in title and fact in head, fact


def test_a_report_about_no_file_has_no_empty_line_in_its_head():
    page = with_facts(report_of(), about={}).to_html()
    assert 'class="about"' not in page and "<title>No drift seen in 4 columns</title>" in page


def test_new_columns_are_mentioned():
    page = words_of(report_page(with_facts(report_of(), new_columns=("<b>voucher", "tip"))))
    assert "New since the baseline, and not judged: <b>voucher, tip." in page
    assert "<b>voucher" not in report_page(with_facts(report_of(), new_columns=("<b>voucher",)))


@pytest.mark.parametrize("verdict", ["too few windows", "not there", "other kind"])
def test_whatever_could_not_be_judged_is_no_all_clear(verdict):
    report = report_of(1.0)
    lost = replace(report.columns[1], verdict=verdict, value=np.nan, threshold=np.nan)
    lost = replace(lost, contributions={}, current_shares={}, baseline_shares={}, note="why so")
    report = replace(report, columns=(report.columns[0], lost, *report.columns[2:]))
    # what the headline says of such columns is the report's own concern
    page = words_of(report_page(with_headline(report, "drift in 2 of 4 columns")))
    assert f"? {verdict}" in page and "no all-clear" in page and "why so" in page
    assert page.index("column_1: ") < page.index("column_2: ")
    assert "there is nothing to draw" in page


def with_headline(report, words):
    """The report under another headline."""
    named = type("Named", (type(report),), {"headline": words})
    return with_facts(named(**{key: getattr(report, key) for key in report.__dataclass_fields__}))


def test_every_number_is_on_the_page_and_no_table_has_more_than_seven_columns():
    report = report_of(1.0)
    page = words_of(report.to_html())
    for column in report.columns:
        for value in (column.value, column.bits, column.threshold, column.kl, column.reverse_kl):
            assert f"<td>{value:.4g}</td>" in page
        for value in (column.p_value, column.adjusted_p, column.value / column.threshold):
            assert f"<td>{value:.3g}</td>" in page
        for value in (column.n, column.m, column.cells):
            assert f"<td>{value:,}</td>" in page
    heads = re.findall(r"<thead>(.*?)</thead>", page, re.DOTALL)
    assert max(head.count("<th") for head in heads) == 7


def many_columns(count, shift=0.0):
    report = report_of(shift)
    columns = [c for c in report.columns if "script" not in c.column]
    return replace(
        report,
        columns=tuple(
            replace(columns[place % len(columns)], column=f"column_{place}")
            for place in range(count)
        ),
    )


def test_a_page_of_500_columns_is_smaller_than_a_megabyte_and_has_all_of_them_in_numbers():
    report = many_columns(500)
    page = report.to_html()
    assert len(page.encode()) < 1_000_000
    Reader(page)
    assert page.count("<figure") == 40
    for place in range(500):
        assert page.count(f"<bdi>column_<wbr>{place}</bdi>") >= 3


def test_no_more_than_60_drifting_columns_are_drawn_and_none_is_left_out():
    page = many_columns(300, shift=1.0).to_html()
    drifting = page.count("▲ drift")
    assert drifting == 100 and page.count("<figure") == 60 + 40
    assert len(page.encode()) < 1_200_000


def test_a_column_without_a_picture_lists_the_cells_that_add_most_and_the_rest_as_one():
    names = [f"name {place}" for place in range(30)]
    baseline = Profile.of({"x": np.array(names * 40)}, categorical=["x"])
    report = compare(baseline, {"x": np.array(names * 20)})
    columns = tuple(replace(report["x"], column=f"x{place}") for place in range(41))
    page = words_of(replace(report, columns=columns).to_html())
    assert page.count("<th>20 more cells</th><td>66.7 %</td><td>66.7 %</td>") == 1


def test_labels_with_a_common_beginning_stay_different_in_the_picture():
    names = [f"category_with_a_longish_name_{place}" for place in range(20)]
    drawn = picture("x", [Cell(name, 0.05, 0.05, 0.01) for name in names])
    labels = re.findall(r'text-anchor="end">([^<]*)</text></g>', drawn)
    assert len(set(labels)) == len(labels) == 20
    assert all(f"<title>{name}: " in drawn for name in names)


ALIKE = st.lists(st.text("ab", max_size=40), unique=True, min_size=1, max_size=30)


@given(ALIKE, st.integers(8, 20))
def test_different_names_have_different_labels_and_none_is_too_long(names, longest):
    labels = distinct_labels(names, longest)
    assert len(set(labels)) == len(names)
    assert all(len(label) <= longest for label in labels)
    pairs = zip(names, labels, strict=True)
    assert all(name == label for name, label in pairs if len(name) <= longest)


def test_a_long_name_loses_its_end_if_that_is_enough():
    assert distinct_labels(["short", "a" + "b" * 30], 10) == ["short", "abbbbbbbb…"]


def test_labels_that_would_touch_are_left_out():
    spans = [(place * 10, place * 10 + 25) for place in range(30)]
    shown = spread(spans, [7, 29, 0])
    assert {0, 7, 29} <= set(shown)
    assert all(after - before >= 3 for before, after in pairwise(shown))


def test_the_page_of_a_failed_check_has_a_reason_and_no_verdict():
    message = "column 'created' of <today> holds dates or times; leave it out: --without created"
    page = failure_page(message, ABOUT)
    assert_loads_and_runs_nothing(page)
    assert_all_can_use_it(page)
    assert "<today>" not in page
    words = words_of(page)
    assert "No verdict: the check could not be done" in re.search("<h1>(.*?)</h1>", words)[1]
    assert "column 'created' of <today> holds dates or times" in words
    assert "no drift" not in words.lower() and "no all-clear" in words
    title = re.search("<title>(.*?)</title>", words)[1]
    for fact in ABOUT.values():
        assert fact in title and words.count(fact) >= 2


def test_the_json_of_a_failed_check_is_a_report_without_columns():
    found = json.loads(failure_json("no such file: ü", ABOUT))
    assert found["format"] == "klteach drift report" and found["columns"] == []
    assert found["verdict"] == "cannot tell" and found["error"] == "no such file: ü"
    assert found["about"] == ABOUT


def test_a_failed_check_of_which_nothing_is_known_has_a_page_too():
    page = failure_page("the baseline cannot be read", {})
    assert "<title>No verdict: the check could not be done</title>" in page


# text on its ground; lines and forms on theirs need less
TEXTS = [
    ("ink", "paper"), ("muted", "paper"), ("ink", "faint"), ("drift", "paper"),
    ("on-drift", "drift"), ("on-calm", "calm"), ("on-blind", "blind"),
]  # fmt: skip
FORMS = [("p", "paper"), ("q", "paper"), ("drift", "calm"), ("drift", "blind")]


def test_every_colour_can_be_told_from_its_ground_in_light_dark_and_print():
    style = files("klteach.drift").joinpath("static/page.css").read_text(encoding="utf-8")
    common, own = palettes(common_style()), palettes(style)
    assert len(common) == len(own) == 3
    found = [of_all | of_these for of_all, of_these in zip(common, own, strict=True)]
    assert all(set(palette) == set(found[0]) for palette in found)
    assert all(set(of_all) == set(common[0]) for of_all in common)
    opacity = float(re.search(r"\.band \{[^}]*opacity: ([\d.]+);", style)[1])
    for palette in found:
        for one, other in TEXTS:
            assert contrast(palette[one], palette[other]) >= 4.5, (one, other)
        for one, other in FORMS:
            assert contrast(palette[one], palette[other]) >= 3, (one, other)
        band = blend(palette["drift"], palette["paper"], opacity)
        assert all(contrast(palette[line], band) >= 3 for line in ("p", "q", "drift"))
