"""Many windows on one page: read in ten seconds, complete, and safe whatever it names."""

import math
import re
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest

from klteach.drift import Profile, compare
from klteach.drift.timeline import Timeline, WindowCheck
from klteach.drift.timeline_page import MOST_WINDOWS, timeline_page
from klteach.drift.timeline_picture import Point, Scale, scale_of, timeline_picture
from tests.drift.page_reader import (
    Reader,
    assert_all_can_use_it,
    assert_loads_and_runs_nothing,
    words_of,
)

NASTY = "<script>alert(\"1\")</script> & 'x' \u202e"
SINCE = 5  # the first of eight windows that drifts


@dataclass(frozen=True)
class Told(Timeline):
    """Windows under a headline."""

    rate: float = 0.001
    headline: str = "drift in km since day 5; the 5 windows before are quiet"
    basis: tuple[str, ...] = ("PSI in nats", "rate: <5 %>")


@cache
def windows():
    """Eight windows; the column km drifts from the sixth on."""
    random = np.random.default_rng(8)

    def table():
        return {
            "age": random.normal(size=1000),
            "km": random.exponential(size=1000),
            NASTY: random.choice(["a", "b"], size=1000),
        }

    baseline, found = Profile.of(table()), []
    for place in range(8):
        today = table()
        today["km"] = today["km"] * (2 if place >= SINCE else 1)
        report = compare(baseline, today, null="chi2", rate=0.001)
        assert bool(report.with_verdict("drift")) == (place >= SINCE)
        found.append(WindowCheck(f"day {place}", "", report))
    return tuple(found)


def with_column(window, name, **changes):
    """The window with another report of one column."""
    columns = [replace(c, **changes) if c.column == name else c for c in window.report.columns]
    return replace(window, report=replace(window.report, columns=tuple(columns)))


def strip_of(page):
    """The verdicts of the strip: a list for each row, by its heading."""
    strip = re.search(r'<table class="[^"]*strip">(.*?)</table>', page, re.DOTALL)[1]
    body = strip[strip.index("<tbody>") :]
    rows = {}
    for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL):
        heading = words_of(re.search(r'<th scope="row">(.*?)</th>', row)[1])
        rows[heading] = re.findall(
            r'<td class="(\w+)" title="([^"]*)"><span aria-hidden="true">(.)</span>'
            r'<span class="hidden">([^<]*)</span></td>',
            row,
        )
    return rows


def test_the_page_is_well_formed_and_loads_and_runs_nothing():
    page = timeline_page(Told(windows()))
    assert_loads_and_runs_nothing(page)
    assert_all_can_use_it(page)
    assert "<script" not in page and "\u202e" not in page and "&lt;5 %&gt;" in page


def test_the_verdict_comes_first_then_the_strip_then_the_columns_then_what_it_rests_on():
    page = words_of(timeline_page(Told(windows())))
    order = [
        "<h1>Drift in km since day 5; the 5 windows before are quiet</h1>",
        "1 column with drift; 2 quiet throughout.",
        'strip">',
        "<h3>km</h3>",
        "2 quiet columns",
        "PSI in nats",
    ]
    places = [page.index(words) for words in order]
    assert places == sorted(places)


def test_the_strip_has_a_row_a_column_and_the_one_that_drifts_comes_first():
    rows = strip_of(timeline_page(Told(windows())))
    assert list(rows)[:2] == ["any column", "km"] and len(rows) == 4
    for heading in ("any column", "km"):
        kinds = [kind for kind, *_ in rows[heading]]
        assert kinds == ["quiet"] * SINCE + ["drift"] * (8 - SINCE)
    assert {kind for kind, *_ in rows["age"]} == {"quiet"}


def test_a_cell_says_its_verdict_by_form_and_word_and_its_numbers_when_pointed_at():
    cannot = with_column(windows()[2], "age", verdict="too few rows", threshold=math.nan)
    checks = (*windows()[:2], cannot, *windows()[3:])
    rows = strip_of(timeline_page(Told(checks)))
    forms = {kind: form for row in rows.values() for kind, _, form, _ in row}
    assert forms == {"drift": "▲", "quiet": "·", "blind": "?"}
    assert rows["age"][2][3] == "too few rows" and rows["any column"][2][0] == "blind"
    column = windows()[6].report["km"]
    words = (
        f"km, day 6: drift, {column.value:.4g} nats, threshold {column.threshold:.4g}, 1,000 rows"
    )
    assert rows["km"][6][1] == words


def test_every_number_of_every_window_is_in_a_table_that_folds_open():
    page = words_of(timeline_page(Told(windows())))
    for window in windows():
        for column in window.report.columns:
            limit = "≈ " * column.approximate + f"{column.threshold:.4g}"
            row = re.escape(f"<td>{column.value:.4g}</td><td>{limit}</td>")
            assert re.search(rf"<th>{window.name}</th>[^\n]*{row}[^\n]*<td>1,000</td>", page)


def test_what_drifts_is_open_and_what_is_quiet_or_was_not_judged_is_folded():
    cannot = with_column(windows()[0], "age", verdict="not there", value=math.nan)
    page = words_of(timeline_page(Told((cannot, *windows()[1:]))))
    pictures = page[page.index("Column by column") :]
    assert pictures.index("<h3>km</h3>") < pictures.index('<details class="group">')
    groups = re.findall(r'<details class="group"><summary>(.*?)</summary>', pictures)
    assert groups == ["1 column without drift, but not judged in every window", "1 quiet column"]
    assert "no all-clear" in page


def test_a_column_that_a_window_does_not_have_is_not_there_in_it():
    lost = windows()[7]
    report = replace(lost.report, columns=lost.report.columns[1:])
    checks = (*windows()[:7], replace(lost, report=report))
    page = timeline_page(Told(checks))
    kind, words, form, verdict = strip_of(page)["age"][7]
    assert (kind, form, verdict, words) == ("blind", "?", "not there", "age, day 7: not there")
    Reader(page)


def test_the_picture_says_in_words_what_it_shows():
    page = words_of(timeline_page(Told(windows())))
    label = re.search(r'aria-label="(km\. .*?)"', page)[1]
    assert label.startswith("km. Drift in 3 of 8 windows, first in day 5, last in day 7. The larg")


def points_of(values, threshold=1.0, verdicts=None):
    verdicts = verdicts or ["drift" if value > threshold else "no drift" for value in values]
    return [
        Point(f"2024-05-{place + 1:02d}", value, threshold, verdict, f"said of {place}")
        for place, (value, verdict) in enumerate(zip(values, verdicts, strict=True))
    ]


def test_every_window_of_a_picture_can_be_pointed_at():
    drawn = timeline_picture("x", points_of([0.1, 2, math.inf, math.nan, 0.0]))
    assert re.findall("<title>(.*?)</title>", drawn) == [f"said of {place}" for place in range(5)]
    assert drawn.count('class="target"') == 5 and "∞" in drawn
    assert "inf" not in drawn and "nan" not in drawn


def test_drift_is_a_triangle_on_a_band_and_not_judged_a_question_mark():
    verdicts = ["no drift", "drift", "too few windows", "drift"]
    drawn = timeline_picture("x", points_of([0.5, 2, 0.4, 3], verdicts=verdicts))
    forms = {form: drawn.count(f'class="{form}"') for form in ("band", "alarm", "unknown", "p")}
    assert forms == {"band": 2, "alarm": 2, "unknown": 1, "p": 1}


@pytest.mark.parametrize("largest", [0.001, 0.5, 3.0, 40.0, 1e6])
def test_the_threshold_is_never_pressed_to_the_foot_of_the_picture(largest):
    scale = scale_of(points_of([0.0, largest / 1000, largest]))
    assert scale.height(1.0) >= 0.12 and scale.height(largest) <= 1
    assert scale.logarithmic == (largest > 8)
    assert 2 <= len(scale.ticks) <= 4


def test_a_scale_keeps_order_and_puts_what_is_out_of_it_on_its_edge():
    for scale in (Scale(0, 2, False), Scale(0.01, 100, True)):
        heights = [scale.height(value) for value in (0, 0.5, 1, 2, 1000, math.inf)]
        assert heights == sorted(heights) and heights[0] == 0 and heights[-1] == 1


@pytest.mark.parametrize("values", [[0.0], [math.nan], [0.0, 0.0], [1e-12, 1e9], [math.inf]])
@pytest.mark.parametrize("threshold", [math.nan, 0.0, 0.1])
def test_no_data_is_too_odd_to_be_drawn(values, threshold):
    drawn = timeline_picture("x", points_of(values, threshold, ["no drift"] * len(values)))
    assert "nan" not in drawn and "inf" not in drawn


def test_the_threshold_is_a_step_for_each_window_and_breaks_where_there_is_none():
    points = points_of([0.5, 0.5, 0.5])
    points[1] = replace(points[1], threshold=math.nan)
    path = re.search(r'<path d="([^"]*)" class="limit"/>', timeline_picture("x", points))[1]
    assert path.count("M") == 2 and path.count("H") == 2


def long_and_many(count):
    named = "warehouse/northern-europe/orders-of-the-week-"
    return tuple(
        replace(windows()[place % 8], name=f"{named}{place:03d}", file=f"part-{place}.parquet")
        for place in range(count)
    )


def test_sixty_windows_with_long_names_have_few_labels_and_all_their_numbers():
    page = timeline_page(Told(long_and_many(60)))
    assert_all_can_use_it(page)
    assert len(strip_of(page)["km"]) == 60
    head = re.search(r'strip">\s*<thead>(.*?)</thead>', page, re.DOTALL)[1]
    seen = re.findall(r"<span>([^<]*)</span>", head)
    assert len(seen) == len(set(seen)) == 20 and head.count('class="hidden"') == 40
    assert seen[-1].endswith("059") and all(len(label) <= 16 for label in seen)
    assert "60 files" in page and "(part-59.parquet)" in page
    for drawn in re.findall(r"<svg role.*?</svg>", page, re.DOTALL):
        labels = re.findall(r'class="(?:tick|first)">([^<]*\d)</text>', drawn)
        assert 2 <= len([label for label in labels if "…" in label]) <= 8


def test_of_very_many_windows_the_latest_are_drawn_and_the_page_says_so():
    page = words_of(timeline_page(Told(long_and_many(150))))
    assert len(strip_of(timeline_page(Told(long_and_many(150))))["km"]) == MOST_WINDOWS
    assert "the latest 120 windows; 30 windows before them" in page


def test_of_very_many_columns_the_most_telling_are_drawn_and_the_others_named():
    wide = []
    for window in windows():
        column = window.report["age"]
        columns = [replace(column, column=f"quiet_{place}") for place in range(500)]
        columns.append(window.report["km"])
        wide.append(replace(window, report=replace(window.report, columns=tuple(columns))))
    page = timeline_page(Told(tuple(wide)))
    assert page.count("<figure") == 41 and "460 more columns" in page
    assert all(f"quiet_<wbr>{place}</bdi>" in page for place in range(500))
    assert len(page.encode()) < 1_000_000


def test_the_page_says_what_was_held_against_what_and_when():
    about = {"file": "week.parquet", "baseline": "base.json", "checked": "2024-05-09 06:00 UTC"}
    last = windows()[7]
    report = replace(last.report)
    object.__setattr__(report, "about", about)
    object.__setattr__(report, "new_columns", ("tip",))
    page = words_of(timeline_page(Told((*windows()[:7], replace(last, report=report)))))
    title = re.search("<title>(.*?)</title>", page)[1]
    head = re.search("<header>(.*?)</header>", page, re.DOTALL)[1]
    for fact in (*about.values(), "8 windows, day 0 to day 7"):
        assert fact in title and fact in head
    assert "New since the baseline, and not judged: tip (from day 7)." in head


def test_the_same_windows_are_the_same_page():
    assert timeline_page(Told(windows())) == timeline_page(Told(windows()))
