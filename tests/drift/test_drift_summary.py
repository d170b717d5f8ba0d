"""A column in a few numbers: against the values themselves, as near as the cells allow."""

import numpy as np
import pytest

from klteach.drift import Profile, compare
from klteach.drift.summary import in_words, summary_of


def report(then, now):
    return compare(Profile.of({"x": then}), {"x": now})["x"]


def test_quartiles_are_about_those_of_the_values():
    random = np.random.default_rng(0)
    then, now = random.normal(size=5000), random.normal(0.5, 1, 3000)
    found = report(then, now)
    for side, values in (("now", now), ("baseline", then)):
        quartiles = np.quantile(values, (0.25, 0.5, 0.75))
        assert found.summary[side]["quartiles"] == pytest.approx(quartiles, abs=0.05)
    assert found.summary["now"]["new"] == np.mean((now < then.min()) | (now > then.max()))
    assert found.summary["baseline"]["new"] == 0


def test_a_value_that_most_rows_have_is_the_median_itself():
    random = np.random.default_rng(1)
    then = random.exponential(size=2000) * (random.random(2000) < 0.3)
    low, middle, high = report(then, then).summary["now"]["quartiles"]
    assert (low, middle) == (0, 0) and 0 < high < 1


def test_codes_have_a_commonest_value_and_no_median():
    found = report([200] * 80 + [404] * 20, [206] * 30 + [404] * 70)
    assert found.summary["now"] == {"missing": 0, "new": 0.3, "commonest": ["404", 0.7]}
    assert found.in_words == "commonest '404' 70 % ('200' 80 %); outside of the baseline 30 %"


def test_categories_and_what_is_missing():
    found = report(["a"] * 60 + ["b"] * 40, ["b"] * 50 + ["z"] * 25 + [None] * 25)
    assert found.summary["now"] == {"missing": 0.25, "new": 0.25, "commonest": ["b", 0.5]}
    assert "missing 25 % (0 %)" in found.in_words


def test_a_column_that_is_not_there_has_no_summary():
    report = compare(Profile.of({"x": [1.5, 2.5] * 40, "y": ["a", "b"] * 40}), {"y": ["a"] * 80})
    assert report["x"].summary == {"now": {}, "baseline": {}} and report["x"].in_words == ""


def test_an_all_missing_column_has_its_share_and_nothing_else():
    found = report([1.5, 2.5, 3.5] * 40, [None] * 100)
    assert found.summary["now"]["missing"] == 1 and "quartiles" not in found.summary["now"]
    assert found.in_words == "missing 100 % (0 %)"


def test_what_neither_side_has_is_not_said():
    assert in_words({"missing": 0.0, "new": 0.0}, {"missing": 0.0}) == ""


def test_a_plain_column_says_nothing_of_what_is_new():
    column = compare(Profile.of({"x": range(100)}, plain=True), {"x": range(100)})["x"]
    assert "new" not in summary_of(column.binning, column.current_shares)
