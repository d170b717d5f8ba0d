"""Several windows: each judged by itself, and one verdict that quiet days rarely turn to drift."""

import json
from dataclasses import replace
from math import comb

import numpy as np
import pytest

from klteach.drift import Profile, compare
from klteach.drift.comparison import compare_windows
from klteach.drift.errors import DriftError
from klteach.drift.seasons import like_labels, usual_like
from klteach.drift.timeline import Timeline, WindowCheck
from tests.drift.test_drift_null import within

ROWS = 60


def table(days, shift=0.0, seed=0, first=1):
    """Days in May and June, each with an effect of its own."""
    random = np.random.default_rng(seed)
    names = np.datetime64("2024-05-01") + np.arange(first - 1, first - 1 + days)
    x = random.normal(size=days * ROWS) + np.repeat(random.normal(0, 0.1, days), ROWS) + shift
    return {"day": np.repeat(names, ROWS), "x": x, "y": random.choice(["a", "b"], days * ROWS)}


@pytest.fixture(scope="module")
def baseline():
    return Profile.of(table(40), window="day", cells=5)


def timeline(baseline, current, **options):
    return compare_windows(baseline, baseline.count(current, window="day"), **options)


def with_drift(baseline, drifting, windows=14, **options):
    """A timeline of windows of which some drift."""
    quiet = compare(baseline, {"x": [0.0] * 200, "y": ["a", "b"] * 100}, null="permutation")
    columns = [replace(c, verdict="no drift", value=1.0, threshold=0.9) for c in quiet.columns]
    report = replace(quiet, columns=tuple(columns), **options)
    loud = replace(report, columns=(replace(columns[0], verdict="drift"), columns[1]))
    checks = [
        WindowCheck(f"day {place}", "", loud if place in drifting else report)
        for place in range(windows)
    ]
    return Timeline(tuple(checks), 0.05)


def test_each_window_is_the_comparison_of_its_rows(baseline):
    current = table(3, shift=0.7, seed=5, first=41)
    found = timeline(baseline, current, like="none")
    assert [window.name for window in found.windows] == ["2024-06-10", "2024-06-11", "2024-06-12"]
    for place, window in enumerate(found.windows):
        rows = slice(place * ROWS, (place + 1) * ROWS)
        alone = compare(baseline, {name: current[name][rows] for name in ("x", "y")})
        assert window.report["x"].value == alone["x"].value
        assert window.report["x"].threshold == alone["x"].threshold
    assert found.verdict == "drift"
    assert found.headline.startswith("drift in 3 of 3 windows, first 2024-06-10: x in 3")


def test_a_row_null_needs_as_many_drifting_windows_as_the_binomial_law_says(baseline):
    found = with_drift(baseline, {3, 9, 10})
    chances = [
        sum(comb(14, k) * 0.05**k * 0.95 ** (14 - k) for k in range(least, 15))
        for least in range(1, 5)
    ]
    assert chances[1] > 0.05 > chances[2] and found.least == 3
    assert found.verdict == "drift"
    few = with_drift(baseline, {3, 9})
    assert few.verdict == "no drift" and "by chance in 15 % of such data" in few.headline
    assert replace(few, alarm="any").verdict == "drift"
    assert replace(few, alarm="last").verdict == "no drift"
    assert replace(with_drift(baseline, {13}), alarm="last").verdict == "drift"


def test_one_window_that_is_far_out_alarms_by_itself(baseline):
    found = with_drift(baseline, {3, 9})
    column = found.windows[3].report.columns[0]
    for times, verdict in ((3.9, "no drift"), (4, "drift")):
        far = replace(column, value=times * column.threshold)
        report = replace(found.windows[3].report, columns=(far,))
        windows = (*found.windows[:3], WindowCheck("outage", "", report), *found.windows[4:])
        assert Timeline(windows, 0.05).verdict == verdict


@pytest.mark.parametrize("known, new, least", [(60, 14, 3), (60, 1, 1), (19, 5, 2), (200, 14, 3)])
def test_windows_that_share_a_baseline_go_astray_together(baseline, known, new, least):
    window = {"column": "day", "from": "1", "to": str(known), "windows": known}
    found = with_drift(baseline, set(), new, null="windows", baseline_window=window)
    assert found.least == least
    # the law itself, by drawing: new ones beyond the r-th largest of the known ones
    random = np.random.default_rng([known, new])
    beyond = int(0.05 * (known + 1) + 1e-9)
    drawn = random.random((20_000, known + new))
    limit = np.sort(drawn[:, :known], axis=1)[:, -beyond]
    reached = ((drawn[:, known:] > limit[:, None]).sum(axis=1) >= least).mean()
    assert within(reached, found._chance(least), 20_000, errors=3)
    assert found._chance(least) <= 0.05 < (found._chance(least - 1) if least > 1 else 1)


def test_quiet_fortnights_rarely_alarm_and_drifting_ones_do():
    random = np.random.default_rng(1)
    alarms = {0.0: 0, 0.8: 0}
    for seed in random.integers(0, 2**31, 40):
        known = Profile.of(table(40, seed=int(seed)), window="day", cells=5)
        for shift in alarms:
            current = table(14, shift, int(seed) + 1, first=41)
            alarms[shift] += timeline(known, current).verdict == "drift"
    assert alarms[0.0] <= 6 and alarms[0.8] == 40  # of 40; more than 6 come once in 70 times


def test_windows_that_cannot_be_judged_are_no_all_clear(baseline):
    found = timeline(baseline, {name: values[: ROWS + 3] for name, values in table(2).items()})
    assert [window.report.verdict for window in found.windows] == ["no drift", "too few rows"]
    assert found.verdict == "too few rows"
    assert found.headline.startswith("cannot tell: too few rows (no drift seen in 2 windows)")


def test_a_line_of_json_for_each_window(baseline):
    found = timeline(baseline, table(3, first=41))
    lines = [json.loads(line) for line in found.to_json_lines().splitlines()]
    assert [line["window"] for line in lines] == [window.name for window in found.windows]
    assert lines[0]["columns"][0]["column"] == "x"
    assert json.loads(found.to_json())["windows"] == lines


def test_what_is_no_timeline_is_refused(baseline):
    with pytest.raises(DriftError, match="no window at all"):
        Timeline((), 0.05)
    with pytest.raises(DriftError, match="alarm 'all' is not known"):
        replace(timeline(baseline, table(1)), alarm="all")
    with pytest.raises(DriftError, match="not counted by windows"):
        compare_windows(baseline, baseline.count(table(1)))


def weekly(weeks, seed, weekend=1.0, rows=200):
    """Days whose weekends are shifted."""
    random = np.random.default_rng(seed)
    names = np.datetime64("2024-01-01") + np.arange(7 * weeks)  # a Monday
    shift = np.where(np.arange(7 * weeks) % 7 >= 5, weekend, 0)
    return {
        "day": np.repeat(names, rows),
        "x": random.normal(size=7 * weeks * rows) + np.repeat(shift, rows),
    }


def test_like_is_held_against_like():
    known = Profile.of(weekly(9, 0), window="day", cells=5)
    wednesday = {"day": ["2024-03-06"] * 200, "x": weekly(1, 1)["x"][5 * 200 : 6 * 200]}
    saturday = {"day": ["2024-03-09"] * 200, "x": wednesday["x"]}
    assert timeline(known, wednesday, like="none").verdict == "no drift"  # a weekend hides it
    for like in ("weekend", "weekday", None):
        assert timeline(known, wednesday, like=like).verdict == "drift"
        assert timeline(known, saturday, like=like).verdict == "no drift"
    assert "weekends are held against weekends" in timeline(known, saturday).basis[-2]
    assert "those of the same weekday" in timeline(known, saturday, like="weekday").basis[-2]


def test_weekends_are_held_against_weekends_where_there_are_enough():
    days = [f"2024-03-{day:02}" for day in range(1, 32)]
    assert usual_like(days) == "weekend"  # five weekends
    assert usual_like(days[:23]) is None and usual_like(days[:24]) == "weekend"
    saturdays = [f"2024-{month:02}-{day:02}" for month, day in ((3, 2), (3, 9), (3, 16), (3, 23))]
    assert usual_like(saturdays * 3) is None
    assert usual_like(["2024-W09"] * 40) is None
    assert usual_like(range(40)) is None
    assert usual_like([f"{day} 09:00" for day in days]) is None


def test_what_is_no_day_is_held_against_all_days():
    known = Profile.of(weekly(9, 0), window="day", cells=5)
    wednesday = weekly(1, 1)["x"][5 * 200 : 6 * 200]
    report = compare(known, {"x": wednesday})
    assert report.verdict == "no drift"
    assert not any("weekends" in note for note in report.notes)
    with pytest.raises(DriftError, match="is no day or time"):
        compare(known, {"x": wednesday}, like="weekend")


def test_how_windows_are_alike():
    days = ["2024-03-01", "2024-03-02", "2024-03-03 09:00"]
    assert like_labels("weekday", days) == ["Fri", "Sat", "Sun"]
    assert like_labels("weekend", days) == ["workday", "weekend", "weekend"]
    assert like_labels("hour", days) == ["00", "00", "09"]
    assert like_labels("month", days) == ["03"] * 3
    with pytest.raises(DriftError, match="like 'moon' is not known; there are weekday"):
        like_labels("moon", days)
    with pytest.raises(DriftError, match="'class 3' is no day or time"):
        like_labels("weekday", ["class 3"])


def test_like_needs_windows_and_one_of_its_kind(baseline):
    current = {"x": [0.0] * 100, "y": ["a", "b"] * 50}
    with pytest.raises(DriftError, match="the null is 'permutation'"):
        compare(baseline, current, null="permutation", like="weekday")
    april = {"day": np.repeat(np.array(["2024-04-03"], "datetime64[D]"), 100)} | current
    with pytest.raises(DriftError, match=r"no window like '2024-04-03' \(month 04\)"):
        timeline(baseline, april, like="month")
