"""What the quiz items of unit 29 claim, each claim recomputed by a route of its own."""

import numpy as np
import pytest
from scipy import stats

from klteach.data.lifetime_value import LATEST_WEEKS, lifetime_value
from klteach.practice.quiz.items import RIGHT
from klteach.units.u29_after_the_alarm.deliveries import Forecast, golden, orders
from klteach.units.u29_after_the_alarm.explorer import followed
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants
from tests.units.u29_after_the_alarm.test_lesson import alarms, bias, psi

TENTHS = np.arange(1, 101.0).reshape(10, 10)


def test_a_release_that_is_learnt():
    assert right("29-silenced") == "the alarm clears, and the forecasts stay wrong"
    text = PREDICTIONS["29-silenced"].text
    assert "30 % of all orders" in text and "After three weeks" in text
    psi_of_days, threshold, today, _ = followed(2, 1, 50)  # trained on days 29 to 49
    assert (psi_of_days[-7:] < threshold[-7:]).all() and today[-7:].max() < 0.85
    made = orders("a release").of_days(range(29, 50))
    assert (made.distance == 1.5).mean() == pytest.approx(0.3, abs=0.01)
    assert "One of the three stories" in PREDICTIONS["29-silenced"].reveal


def test_the_mean_of_ten_quartiles():
    item = PREDICTIONS["29-quartiles"]
    found = [np.percentile(TENTHS, share, axis=1).mean() for share in (25, 50, 75)]
    assert item.answers.truth == found[0]
    assert "48.25, 50.5 and 52.75" in item.reveal and found == [48.25, 50.5, 52.75]
    held = np.histogram(TENTHS, [0, *found, 101])[0]
    assert "hold 48, 2, 2 and 48" in item.reveal and held.tolist() == [48, 2, 2, 48]
    assert np.percentile(TENTHS, 25) == 25.75 and "25.75" in item.text
    assert np.percentile(TENTHS[:3], 25, axis=1).astype(int).tolist() == [3, 13, 23]
    assert np.percentile(TENTHS[-1], 25) > 90
    judge = item.answers.judge
    assert {answer: judge(answer).code for answer in (48.25, 47.0, 25.75, 3.25, 50.5)} == {
        48.25: RIGHT,
        47.0: RIGHT,
        25.75: "quantiles-average",
        3.25: "first-part-stands-for-all",
        50.5: "quantile-is-median",
    }


def test_the_rows_of_the_new_model():
    assert right("29-rows") == "about a third too low"
    none, one, two = (alarms() == number for number in range(3))
    assert f"{-100 * bias(1, none):.0f} % too low" in PREDICTIONS["29-rows"].reveal
    assert f"they were {100 * bias(0, none):.0f} % too high" in PREDICTIONS["29-rows"].reveal
    assert abs(bias(1)) < 0.01
    says = options("29-rows")["errors-cancel-at-the-ends"].says
    assert "it is the middle that is too high" in says and min(bias(1, one), bias(1, two)) > 0
    latest = lifetime_value().in_weeks(LATEST_WEEKS)
    assert none.sum() / len(latest.week) < 0.3


def test_a_golden_set_does_not_see_the_world():
    assert right("29-golden").startswith("the system")
    known, model = golden(), Forecast.trained_on(orders().of_days(range(1, 22)))
    before = model.right(known).mean()
    for story in (0, 1):
        assert (followed(story, 0, 40)[3] == before).all()
    assert followed(2, 0, 40)[3][-1] < before - 0.1


def test_a_cleared_alarm_is_no_repair():
    assert right("29-clears").startswith("that is not known yet")
    cleared = [followed(story, 1, 50) for story in (0, 2)]
    assert all((days[0] < days[1])[-7:].all() for days in cleared)
    assert cleared[0][2][-7:].min() > 0.9 > cleared[1][2][-7:].max()


def test_a_hundred_times_as_many_rows():
    assert right("29-two-lines") == "the first falls to a hundredth, the second stays"
    lines = [stats.chi2.isf(0.05, 9) * (1 / n + 1 / n) for n in (400, 40_000)]
    assert lines[0] / lines[1] == pytest.approx(100)
    random = np.random.default_rng(8)
    drawn = [
        np.quantile([psi(*random.multinomial(n, np.full(10, 0.1), 2)) for _ in range(400)], 0.95)
        for n in (400, 40_000)
    ]
    assert drawn[0] / drawn[1] == pytest.approx(100, rel=0.25)


def test_what_adds_up_over_machines():
    assert right("29-parts") == "its counts in locked cells"
    parts, baseline = np.array([[900, 100], [10, 90], [500, 500], [1, 9]]), np.array([700, 700])
    whole = parts.sum(axis=0)
    each = np.array([psi(part, baseline) for part in parts])
    assert not np.isclose(each.sum(), psi(whole, baseline))
    assert not np.isclose(each.mean(), psi(whole, baseline))
    mean = (parts / parts.sum(axis=1, keepdims=True)).mean(axis=0)
    assert not np.allclose(mean, whole / whole.sum())
    # "Two parts that are off in opposite ways have a PSI each, and together none."
    opposite = np.array([[600, 400], [400, 600]])
    assert psi(opposite[0], baseline) > 0.03 and psi(opposite.sum(axis=0), baseline) == 0


def test_an_empty_file():
    assert right("29-empty") == "2: cannot tell"


def test_the_line_among_good_days():
    names = {"the largest": 1, "the second largest": 2, "the third largest": 3,
             "the fourth largest": 4}  # fmt: skip
    for numbers, answers in variants("29-line"):
        days, rate = numbers
        place = names[answers[RIGHT].text]
        null = np.arange(days)  # 0 is the smallest, days - 1 the largest
        p = [(1 + (null >= days - k + 0.5).sum()) / (1 + days) for k in (place, place + 1)]
        assert p[0] <= rate / 100 + 1e-12 < p[1]
        assert names[answers["new-week-does-not-count"].text] == place + 1
        assert f"{rate:.0f} % of {days + 1:.0f} days" in answers[RIGHT].says
        says = answers["new-week-does-not-count"].says
        assert f"{place + 1} of {days + 1:.0f}: more than" in says
    assert REVIEW["29-line"].text.startswith("You know 39 good days")
