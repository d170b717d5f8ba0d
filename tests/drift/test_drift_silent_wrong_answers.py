"""Ten wrong answers that drift monitors gave without a word, and that this one does not give.

Each test is named after the failure, and shows it where it can be written in a line or two. Rates
are measured here with few trials, and by `benchmarks.drift_calibration` with many.
"""

import math

import numpy as np
import pytest

from klteach.drift.binning import Binning
from klteach.drift.comparison import compare
from klteach.drift.divergence import divergence
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.profile import Profile
from klteach.drift.smoothing import Smoothing
from tests.drift.drift_tables import days, normal_shares, of_windows, profile, table_counts

RATE = 0.05


def two_errors(trials, rate=RATE):
    return 2 * math.sqrt(rate * (1 - rate) / trials)


def of_values(binning, values):
    return Profile({binning.column: binning.count(values)}, rows=len(values))


def psi(p, q):
    """The formula as it is copied from a blog, with no check at all."""
    return ((p - q) * np.log(p / q)).sum()


@pytest.fixture
def shifted():
    """A baseline, its cells, and current values half a standard deviation higher."""
    generator = np.random.default_rng(1)
    baseline, current = generator.normal(0, 1, 10_000), generator.normal(0.5, 1, 5000)
    return baseline, Binning.of_numbers("x", baseline), current


def test_1_cells_refitted_on_both_sides_so_that_one_outlier_hides_the_shift(shifted):
    baseline, binning, current = shifted
    outlier = np.append(current, 1e6)

    def refitted(current):
        edges = np.histogram_bin_edges(np.concatenate([baseline, current]), 10)
        p, q = (np.histogram(x, edges)[0] + 0.5 for x in (current, baseline))
        return psi(p / p.sum(), q / q.sum())

    assert refitted(current) > 0.2 and refitted(outlier) < 0.02
    then, *now = (of_values(binning, values) for values in (baseline, current, outlier))
    reports = [compare(then, profile) for profile in now]
    assert [report.verdict for report in reports] == ["drift", "drift"]
    assert reports[1]["x"].value == pytest.approx(reports[0]["x"].value, rel=0.01)


def test_2_a_column_that_is_90_percent_missing(shifted):
    baseline, binning, _ = shifted
    current = np.random.default_rng(2).permutation(baseline)[:5000]
    before = compare(of_values(binning, baseline), of_values(binning, current))
    current[500:] = np.nan
    after = compare(of_values(binning, baseline), of_values(binning, current))
    assert (before.verdict, after.verdict) == ("no drift", "drift")
    found = after["x"]
    assert found.review == ("missing",) and found.current_shares["missing"] == 0.9
    assert found.contributions["missing"] > found.value / 2


def test_3_the_number_of_cells_is_ignored(shifted):
    baseline, _, current = shifted
    found = []
    for cells in (5, 10, 20):
        binning = Binning.of_numbers("x", baseline, cells=cells)
        report = compare(of_values(binning, baseline), of_values(binning, current), null="chi2")
        found.append(report["x"])
    assert [column.cells for column in found] == [5, 10, 20]
    # finer cells see more of the same shift, and have to
    assert found[0].value < found[1].value < found[2].value
    assert found[0].threshold < found[1].threshold < found[2].threshold


def test_4_a_fill_for_zeros_jumps_across_the_alarm_on_one_row():
    baseline, one, none = (np.array(counts) for counts in ([9900, 100], [9999, 1], [10_000, 0]))
    filled = [psi(np.maximum(counts / 10_000, 1e-10), baseline / 10_000) for counts in (one, none)]
    assert filled[0] < 0.1 < filled[1]
    for smoothing in ("additive:0.5", "additive:1"):
        reports = [
            compare(profile({"x": baseline}), profile({"x": counts}), smoothing=smoothing)
            for counts in (one, none)
        ]
        assert [report.verdict for report in reports] == ["drift", "drift"]
        values = [report["x"].value for report in reports]
        assert values[0] < values[1] < 1.3 * values[0]
        # the answer depends on the policy, so the policy is part of the answer
        assert all(smoothing in str(report) and smoothing in report.to_json() for report in reports)


def test_5_a_fixed_cutoff_of_a_tenth_alarms_at_200_rows_without_drift():
    generator = np.random.default_rng(5)
    trials, fixed, calibrated = 200, 0, 0
    for _ in range(trials):
        sides = [profile({"x": generator.multinomial(200, np.full(12, 1 / 12))}) for _ in "PQ"]
        found = compare(*sides, draws=199)["x"]
        fixed += found.value > 0.1
        calibrated += found.verdict == "drift"
    assert fixed / trials > 0.4
    assert abs(calibrated / trials - RATE) <= two_errors(trials)


def test_5_a_fixed_cutoff_of_a_tenth_sleeps_at_100_000_rows():
    generator = np.random.default_rng(6)
    sides = [
        profile({"x": generator.multinomial(100_000, normal_shares(shift))}) for shift in (0, 0.1)
    ]
    for null in ("permutation", "chi2"):
        found = compare(*sides, null=null)["x"]
        assert found.value < 0.02 and found.verdict == "drift"


def test_6_a_threshold_from_windows_that_are_part_of_their_own_baseline():
    # Six windows, and "three standard deviations", said to be 0.135 %.
    generator = np.random.default_rng(7)
    smoothing, trials, contained, left_out = Smoothing.additive(), 500, 0, 0
    for _ in range(trials):
        current, *windows = generator.multinomial(500, np.full(10, 0.1), 7)
        total = np.sum(windows, axis=0)
        inside = divergence("psi", *smoothing.shares(windows, total))
        value = divergence("psi", *smoothing.shares(current, total))
        contained += value > np.mean(inside) + 3 * np.std(inside)
    assert contained / trials > 10 * 0.00135
    trials = 200
    for _ in range(trials):
        current, *windows = generator.multinomial(500, np.full(10, 0.1), 20)
        report = compare(of_windows({"x": windows}), profile({"x": current}), null="windows")
        left_out += report.verdict == "drift"
    assert abs(left_out / trials - RATE) <= two_errors(trials)


def test_6_six_windows_are_not_enough_for_5_percent_and_this_is_said():
    windows = np.random.default_rng(8).multinomial(500, np.full(10, 0.1), 7)
    report = compare(of_windows({"x": windows[1:]}), profile({"x": windows[0]}), null="windows")
    assert report.verdict == "too few windows" and "needs 19" in report["x"].note


@pytest.mark.parametrize("rows", [1000, 10_000])
def test_7_counts_in_a_formula_for_shares(rows):
    current, baseline = np.array([40, 30, 20, 10]) * rows // 100, np.array([30] * 3 + [10])
    baseline = baseline * rows // 100
    assert psi(current, baseline) > 0.05 * rows  # it grows with the rows
    found = compare(profile({"x": baseline}), profile({"x": current}), smoothing="infinite")["x"]
    assert found.value == pytest.approx(psi(current / rows, baseline / rows), rel=1e-9)
    assert found.value < 0.1


def test_7_shares_where_counts_belong():
    binning = Binning.of_categories("x", ["a", "b"])
    with pytest.raises(DriftError, match="counts are whole numbers"):
        Histogram(binning, np.array([0.4, 0.6, 0.0, 0.0]))


def test_8_rows_are_permuted_although_those_of_a_day_belong_together():
    generator = np.random.default_rng(9)
    trials = 100
    alarms = {"permutation": 0, "windows": 0}
    for _ in range(trials):
        current, *windows = days(generator, 40, rows=1000)
        baseline = of_windows({"x": np.array(windows)})
        for null in alarms:
            report = compare(baseline, profile({"x": current}), null=null, draws=99)
            alarms[null] += report.verdict == "drift"
    assert alarms["permutation"] / trials > 0.3
    assert alarms["windows"] / trials <= 0.1
    report = compare(baseline, profile({"x": current}), null="permutation")
    assert "takes rows as independent" in report.notes[0]


def test_9_each_of_34_columns_at_5_percent():
    generator = np.random.default_rng(10)
    trials, each = 40, 0
    alarms = dict.fromkeys(("benjamini-hochberg", "bonferroni"), 0)
    for _ in range(trials):
        sides = [profile(table_counts(generator, [0] * 34, 2000)) for _ in "PQ"]
        for method in alarms:
            report = compare(*sides, null="chi2", multiplicity=method)
            alarms[method] += report.verdict == "drift"
        each += min(column.p_value for column in report.columns) <= RATE
    assert each / trials == pytest.approx(1 - 0.95**34, abs=two_errors(trials, 0.825))
    for found in alarms.values():
        assert found / trials <= RATE + two_errors(trials)


@pytest.mark.parametrize("null", ["permutation", "chi2", "windows"])
def test_10_an_empty_or_all_missing_table_is_no_all_clear(null):
    windows = np.random.default_rng(11).multinomial(100, np.full(4, 0.25), 30)
    baseline = of_windows({"x": windows})
    binning = baseline.histograms["x"].binning
    for values, verdict in (
        ([], "too few rows"),
        ([None] * 3, "too few rows"),
        (["v0"], "too few rows"),
        ([None] * 100, "drift"),  # the rows are there: a hundred of them have moved to one cell
        (["new"] * 100, "drift"),
    ):
        report = compare(baseline, of_values(binning, values), null=null)
        assert report.verdict == verdict, values
        if verdict != "drift":
            assert "needed" in report["x"].note or "no rows" in report["x"].note
