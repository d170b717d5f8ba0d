"""What the quiz items of unit 24 claim, each claim recomputed by a route of its own."""

import re

import numpy as np
import pytest
from scipy import special, stats

from klteach.data import flights
from klteach.drift import Profile, compare
from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants

BY_HAND = np.array([0.004, 0.022, 0.029, 0.048, 0.5])


def any_alarm(features):
    return 1 - stats.binom.pmf(0, features, 0.05)


# Predictions


def test_fifty_features():
    item = PREDICTIONS["24-fifty"]
    assert item.answers.truth == pytest.approx(100 * any_alarm(50))
    assert f"0.95⁵⁰ = {100 * any_alarm(50):.1f} %" in item.reveal
    assert f"of this unit it is {100 * any_alarm(34):.1f} %, for one it is 5 %" in item.reveal
    judge = item.answers.judge
    assert {answer: judge(float(answer)).code for answer in (92, 5, 0, 100, 98, 70, 82)} == {
        92: RIGHT,
        5: "rate-of-one-is-the-rate-of-all",
        0: "any-is-all",
        100: "rates-add-up",
        98: "rates-add-up",
        70: "many-chances-little-risk",
        82: "many-chances-little-risk",
    }
    says = judge(100.0).says
    assert f"50 · 5 % are {50 * 0.05:g} false alarms" in says
    # "some weeks have five, and a few have none"
    assert stats.binom.pmf(5, 50, 0.05) > 0.05 and stats.binom.pmf(0, 50, 0.05) > 0.05


def psi(values, first):
    """Of the first rows against the others, in ten cells and one for missing values."""
    known = np.sort(values[~np.isnan(values)])
    edges = known[np.ceil(np.arange(1, 10) / 10 * len(known)).astype(int) - 1]
    place = np.where(np.isnan(values), 10, np.digitize(values, edges))
    p, q = (np.bincount(place[rows], minlength=11) + 0.5 for rows in (first, ~first))
    p, q = p / p.sum(), q / q.sum()
    return special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()


def test_the_two_halves_of_one_winter():
    winter = flights()
    text, reveal = PREDICTIONS["24-weeks"].text, PREDICTIONS["24-weeks"].reveal
    pressure = winter.columns["pressure"]
    days = winter.time.astype("datetime64[D]")
    week = (days - np.datetime64("2012-12-31")).astype(int) // 7
    assert f"{len(pressure):,} flights" in text and len(set(week)) == 13
    apart = psi(pressure, week % 2 == 0)
    assert f"{apart:.2f}, with {100 * np.isnan(pressure).mean():.0f} % of missing" in reveal
    assert right("24-weeks").startswith(f"about {apart:.1f}")
    shuffled = [psi(pressure, np.random.default_rng(seed).permutation(week % 2 == 0))
                for seed in range(5)]  # fmt: skip
    assert np.mean(shuffled) < 0.001 and "PSI of the pressure is 0.001." in text
    scale = 1 / (week % 2 == 0).sum() + 1 / (week % 2 == 1).sum()
    limit = stats.chi2.isf(0.05, 10) * scale
    assert f"counts rows is {limit:.3f} here" in reveal
    assert apart / limit == pytest.approx(600, rel=0.15) and "a factor of 600" in reveal
    per_hour = len(pressure) / len(set(winter.time.tolist()))
    assert "About fifty flights share an hour" in options("24-weeks")["rows-are-independent"].says
    assert per_hour == pytest.approx(50, abs=5)


def test_summer_against_the_winter():
    known = flights().columns["pressure"]
    now = flights("summer").columns["pressure"]
    finite = np.sort(known[~np.isnan(known)])
    edges = finite[np.ceil(np.arange(1, 10) / 10 * len(finite)).astype(int) - 1]
    shares = []
    for values in (now, known):
        place = np.where(np.isnan(values), 10, np.digitize(values, edges))
        counts = np.bincount(place, minlength=11) + 0.5
        shares.append(counts / counts.sum())
    summer = special.rel_entr(*shares).sum() + special.rel_entr(*shares[::-1]).sum()
    assert f"summer against this winter is {summer:.2f}" in PREDICTIONS["24-weeks"].reveal


def test_thirteen_good_weeks():
    assert right("24-thirteen").startswith("about 0.07")
    reveal = PREDICTIONS["24-thirteen"].reveal
    assert f"1/14 = {1 / 14:.3f}" in reveal and "19 good weeks" in reveal
    weeks = {"x": [number % 50 for number in range(1300)], "week": [n // 100 for n in range(1300)]}
    judged = compare(Profile.of(weeks, window="week"), {"x": [1000] * 100})["x"]
    assert f"It says “{judged.verdict}”" in reveal
    assert judged.p_value == pytest.approx(1 / 14) and "needs 19" in judged.note
    assert 1 / 20 <= 0.05 < 1 / 19
    # exchangeable weeks: the last one is the largest of 14 once in 14 times
    random = np.random.default_rng(1).gamma(0.2, 1, (40_000, 14))
    assert (random.argmax(axis=1) == 13).mean() == pytest.approx(1 / 14, abs=0.005)


# Review questions


def test_any_alarm_of_a_few_features():
    for numbers, answers in variants("24-any-alarm"):
        features = int(numbers[0])
        assert answers[RIGHT].text == f"{100 * any_alarm(features):.0f} %"
        assert answers["rates-add-up"].text == f"{5 * features} %"
        assert len({answer.text for answer in answers.values()}) == 3


def test_the_step_up_rule():
    assert right("24-step-up") == "3"
    flagged = stats.false_discovery_control(BY_HAND) <= 0.05
    assert flagged.sum() == 3
    lines = 0.05 * np.arange(1, 6) / 5
    below = BY_HAND <= lines
    assert below.tolist() == [True, False, True, False, False]
    assert options("24-step-up")["step-up-stops-early"].text.startswith("1:")
    assert options("24-step-up")["each-against-its-own-line"].text.startswith(f"{below.sum()}:")
    plain = (BY_HAND <= 0.05).sum()
    assert options("24-step-up")["rate-of-one-is-the-rate-of-all"].text.startswith(f"{plain}:")
    listed = ", ".join(f"{line:.2f}" for line in lines)
    assert f"The lines are {listed}" in options("24-step-up")[RIGHT].says


def test_the_promise_is_a_share_of_what_is_flagged():
    for numbers, answers in variants("24-promise"):
        features, rate, flagged, _ = numbers
        assert answers[RIGHT].text.startswith("in the mean over many such tables at most 5 %")
        assert f"of these {flagged:.0f} it may be none or {flagged / 10:.0f}" in answers[RIGHT].says
        expected = features * rate / 100
        assert answers["rate-of-all-features"].text.startswith(f"{expected:.0f} of the flagged")


def test_the_least_number_of_weeks():
    for (level,), answers in variants("24-least-weeks"):
        least = next(n for n in range(1, 200) if 1 / (1 + n) <= level / 100 + 1e-12)
        assert answers[RIGHT].text == f"{least}"
        assert f"1/{least + 1}" in answers[RIGHT].says
        assert answers["new-week-does-not-count"].text == f"{least + 1}"


def test_a_week_in_its_own_baseline_looks_tamer():
    assert right("24-own-baseline").startswith("it comes out too low")
    random = np.random.default_rng(2)
    counts = random.multinomial(500, np.full(8, 1 / 8), 6)
    total = counts.sum(axis=0)

    def apart(week, others):
        p, q = week / week.sum(), others / others.sum()
        return ((p - q) * np.log(p / q)).sum()

    for week in counts:
        assert apart(week, total) < apart(week, total - week)


def test_more_flights_in_the_same_hours_change_nothing():
    assert right("24-more-rows") == "it stays about what it is"
    random = np.random.default_rng(4)
    hours = random.normal(size=(12, 50)) + random.normal(size=(12, 1))  # weeks of hours

    def between(flights_an_hour):
        values = np.repeat(hours.ravel(), flights_an_hour)
        odd = np.repeat(np.arange(12) % 2 == 1, 50 * flights_an_hour)
        return psi(values, odd)

    assert between(5000) == pytest.approx(between(50), rel=0.05)


def test_what_a_new_baseline_shows_and_what_it_does_not():
    assert right("24-retrained").startswith("that no drift is seen between")
    assert "came after these months are held against them" in REVIEW["24-retrained"].text
    # inputs of one law, and a relation that has turned round
    random = np.random.default_rng(6)
    x, later = random.normal(size=(2, 4000))
    slope = np.polyfit(x, 2 * x, 1)[0]
    assert psi(np.r_[x, later], np.arange(8000) < 4000) < 0.02
    assert abs(slope * later - (-2 * later)).mean() > 2


def test_no_number_of_an_option_is_left_unchecked():
    """All numbers of the predictions' options are told above, or are made up by the learner."""
    made_up = {"0.001", "0.02", "0", "0.6", "0.07"}
    for name in ("24-weeks", "24-thirteen"):
        for option in PREDICTIONS[name].answers.options:
            assert set(re.findall(r"\d+(?:\.\d+)?", option.text)) <= made_up
