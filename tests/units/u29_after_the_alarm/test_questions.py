"""What is special about the questions of unit 29."""

import numpy as np
import pytest
from scipy import stats

from klteach.drift import Smoothing
from klteach.drift.divergence import divergence
from klteach.drift.null import DrawnNull
from klteach.units.lookup import find_question
from klteach.units.u29_after_the_alarm import daily_check


def reference(name):
    return find_question(name).reference


def cases(name):
    return [case.copies() for case in find_question(name).cases()]


def test_the_same_table_cut_in_another_way_has_the_same_psi():
    for parts, baseline in cases("psi_of_parts"):
        whole = parts.sum(axis=0, keepdims=True)
        finer = np.concatenate([parts // 2, parts - parts // 2])
        values = [reference("psi_of_parts")(cut, baseline) for cut in (parts, whole, finer)]
        assert values == pytest.approx([values[0]] * 3)


def test_psi_of_parts_is_that_of_the_monitor_where_every_cell_is_used():
    parts, baseline = np.array([[8, 2, 4], [10, 80, 1]]), np.array([50, 50, 9])
    p, q = Smoothing.additive().shares(parts.sum(axis=0), baseline)
    monitor = float(divergence("psi", p, q))
    assert reference("psi_of_parts")(parts, baseline) == pytest.approx(monitor)


def test_the_example_in_the_starter():
    value = reference("psi_of_parts")(np.array([[8, 2], [10, 80]]), np.array([50, 50]))
    p, q = np.array([18.5, 82.5]) / 101, np.array([0.5, 0.5])
    assert round(float(value), 6) == round(stats.entropy(p, q) + stats.entropy(q, p), 6) == 0.473672


def test_a_day_alarms_above_the_line_and_only_there():
    for null, rate, least in cases("alarm_line"):
        line = reference("alarm_line")(null, rate, least)
        for new in np.r_[null * (1 + 1e-9), null * (1 - 1e-9), least * (1 + 1e-9), least, 1e9]:
            p = (1 + (null >= new).sum()) / (1 + len(null))
            assert (new > line) == (p <= rate and new > least)


def test_the_line_is_the_threshold_of_the_monitor():
    for null, rate, _ in cases("alarm_line"):
        monitor = DrawnNull("windows", null).threshold(rate)
        assert reference("alarm_line")(null, rate, 0.0) == pytest.approx(monitor)


def test_the_rates_are_those_for_which_rounding_does_not_decide():
    for null, rate, _ in cases("alarm_line"):
        exact = rate * (1 + len(null))
        assert abs(exact - round(exact)) < 1e-12 or abs(exact - round(exact)) > 0.01
        assert int(exact) == int(exact * (1 + 1e-12))
        assert len(set(null.tolist())) == len(null)


def test_all_three_codes_come_out_and_a_loud_day_with_few_rows_among_them():
    for values, rows, line, least in cases("daily_check")[3:6]:
        codes = reference("daily_check")(values, rows, line, least)
        assert set(codes.tolist()) == {0, 1, 2}
        assert ((values > line) & (rows < least)).any() and ((values == line) & (codes == 0)).any()
        assert ((rows == least) & (codes == 1)).any()


def test_each_decision_comes_out_in_random_cases():
    for given in cases("decide")[1:4]:
        assert set(reference("decide")(*given).tolist()) == {0, 1, 2}


def test_the_scores_of_the_cases_can_be_scores():
    for *scores, least in cases("decide"):
        assert all(((side >= 0) & (side <= 1)).all() for side in scores) and 0 < least < 1


def test_the_daily_codes_are_those_of_the_script():
    script = (daily_check.QUIET, daily_check.ALARM, daily_check.CANNOT_TELL)
    values, rows = np.array([0.0, 1.0, 1.0]), np.array([99, 99, 1])
    assert script == tuple(reference("daily_check")(values, rows, 0.5, 50).tolist())
