"""What the monitor finds in data, and what it leaves in peace.

`benchmarks.drift_calibration` measures the rates with ten times the seeds.
"""

import numpy as np
import pytest

from klteach.data import footfall, hour_of_day, lifetime_value, weekday
from klteach.data.lifetime_value import BASELINE_WEEKS, DRIFTING, LATEST_WEEKS
from klteach.drift import Profile, compare

LOCKDOWN = np.datetime64("2020-03-26"), np.datetime64("2020-04-28")
SEEDS = range(10)


@pytest.fixture(scope="module")
def street():
    """(times, counts) of one sensor, 2019 and 2020."""
    data = footfall()
    return data.time, data.sensor("45 Queen Street")


def mornings(time):
    return (weekday(time) == 0) & np.isin(hour_of_day(time), range(6, 12))


def profile_of(time, counts, chosen, cells=5):
    days = time[chosen].astype("datetime64[D]").astype(str)
    return Profile.of({"people": counts[chosen], "day": days}, cells=cells, window="day")


def in_year(time, year):
    return time.astype("datetime64[Y]") == np.datetime64(str(year))


@pytest.mark.parametrize("null", ["permutation", "windows"])
def test_lockdown_is_found_and_mondays_against_mondays_are_not(street, null):
    time, counts = street
    monday = mornings(time) & ~np.isnan(counts)
    normal = monday & in_year(time, 2019)
    closed = monday & (time >= LOCKDOWN[0]) & (time < LOCKDOWN[1])
    even = (time.astype("datetime64[D]").astype(int) // 7) % 2 == 0
    assert (normal.sum(), closed.sum()) == (312, 30)

    options = {"null": null, "rate": 0.05, "least_rows": 5}
    baseline = profile_of(time, counts, normal & even)
    assert compare(baseline, {"people": counts[closed]}, **options).verdict == "drift"
    if null == "permutation":
        others = {"people": counts[normal & ~even]}
        assert compare(baseline, others, **options).verdict == "no drift"
    else:
        # a morning at a time, as the windows are; of 26, the rate lets one or two alarm
        verdicts = [
            compare(baseline, {"people": counts[normal & (time.astype("datetime64[D]") == day)]},
                    **options).verdict
            for day in np.unique(time[normal & ~even].astype("datetime64[D]"))
        ]  # fmt: skip
        assert set(verdicts) <= {"drift", "no drift"} and verdicts.count("drift") <= 4


def test_monday_mornings_against_the_whole_year_are_a_false_alarm(street):
    # the trap: they differ from the year every week, and nothing has happened
    time, counts = street
    year = in_year(time, 2019) & ~np.isnan(counts)
    baseline = Profile.of({"people": counts[year]})
    week = mornings(time) & year
    assert compare(baseline, {"people": counts[week]}).verdict == "drift"


@pytest.fixture(scope="module")
def verdicts():
    """For each seed the drifting columns, by Benjamini-Hochberg and by Bonferroni."""
    found = {"benjamini-hochberg": [], "bonferroni": []}
    for seed in SEEDS:
        data = lifetime_value(seed)
        baseline = Profile.of(data.in_weeks(BASELINE_WEEKS).columns)
        current = baseline.count(data.in_weeks(LATEST_WEEKS).columns)
        for method, flagged in found.items():
            report = compare(baseline, current, null="chi2", multiplicity=method)
            flagged.append({column.column for column in report.with_verdict("drift")})
    return found


def test_the_three_drifting_features_of_34_are_found_in_every_seed(verdicts):
    for flagged in verdicts.values():
        assert all(set(DRIFTING) <= columns for columns in flagged)


def test_the_others_are_left_in_peace_as_often_as_was_promised(verdicts):
    shares = [
        len(columns - set(DRIFTING)) / len(columns) for columns in verdicts["benjamini-hochberg"]
    ]
    error = np.std(shares, ddof=1) / np.sqrt(len(shares))
    assert np.mean(shares) <= 0.05 + 2 * error
    any_false = [bool(columns - set(DRIFTING)) for columns in verdicts["bonferroni"]]
    assert np.mean(any_false) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / len(any_false))
