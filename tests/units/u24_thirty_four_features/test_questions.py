"""What the design of unit 24 says of its questions, recomputed."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.drift import Smoothing
from klteach.drift.null import DrawnNull, windows_null
from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from tests.practice.typed_answers import function
from tests.units.known_answers import mistake


def cases(question):
    return [case.copies() for case in questions()[question].cases()]


def psi(current, baseline):
    p, q = current / current.sum(), baseline / baseline.sum()
    return special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()


# E1


def test_the_reference_is_the_procedure_of_scipy():
    for p, rate in cases("benjamini_hochberg"):
        flags = stats.false_discovery_control(p) <= rate * (1 + 1e-12)
        assert (questions()["benjamini_hochberg"].reference(p, rate) == flags).all()


def test_the_cases_hold_what_tells_the_wrong_answers_apart():
    reference = questions()["benjamini_hochberg"].reference
    flagged = [reference(*case) for case in cases("benjamini_hochberg")]
    assert any(flags.sum() == 0 for flags in flagged)  # nothing drifts
    ties = [
        (np.sort(p) == rate * np.arange(1, len(p) + 1) / len(p)).any()
        for p, rate in cases("benjamini_hochberg")
    ]
    assert any(ties)
    for p, _ in cases("benjamini_hochberg")[3:]:
        assert (np.diff(p) < 0).any()  # never in order


def test_rules_by_other_names_are_those_rules():
    p = np.array([0.0165, 0.014, 0.6, 0.009, 0.8])
    # Holm stops at 0.014 > 0.05/4; Hochberg goes up to 0.0165 <= 0.05/3
    (holm,), (hochberg,) = (mistake("benjamini_hochberg", n).variants for n in ("holm", "hochberg"))
    assert holm(p, 0.05).tolist() == [0, 0, 0, 1, 0]
    assert hochberg(p, 0.05).tolist() == [1, 1, 0, 1, 0]
    (dependent,) = mistake("benjamini_hochberg", "benjamini-yekutieli").variants
    for p, rate in cases("benjamini_hochberg"):
        assert (dependent(p, rate) == (stats.false_discovery_control(p, method="by") <= rate)).all()


def test_sidak_is_bonferroni_to_within_a_hair():
    assert 1 - 0.95 ** (1 / 34) == pytest.approx(0.05 / 34, rel=0.03)


def test_truth_values_count():
    answer = function("benjamini_hochberg", "p_values, rate", "p_values <= rate")
    feedback = check_answer(questions()["benjamini_hochberg"], answer)
    assert feedback.mistake == "no correction"


# E2


def test_the_null_is_that_of_the_monitor():
    for (windows,) in cases("week_null"):
        null = windows_null("psi", Smoothing.infinite(), windows)
        np.testing.assert_allclose(questions()["week_null"].reference(windows), null.values)
        assert (windows > 0).all()  # nothing has to be smoothed
        for week, value in zip(windows, null.values, strict=True):
            assert psi(week, windows.sum(axis=0) - week) == pytest.approx(value)


def test_a_week_in_its_own_baseline_is_tamer():
    (inside,) = mistake("week_null", "week in its own baseline").variants
    for (windows,) in cases("week_null"):
        assert (inside(windows) < questions()["week_null"].reference(windows)).all()


def test_shuffled_rows_give_the_mean_of_the_law_of_rows():
    mean, tail, median = mistake("week_null", "rows taken as independent").variants
    windows = np.array([[300, 200, 100], [150, 120, 80], [500, 300, 200]])
    rows = np.repeat(np.tile(np.arange(3), 3), windows.ravel())
    random, drawn = np.random.default_rng(1), []
    for _ in range(2000):
        random.shuffle(rows)
        first = np.bincount(rows[:600], minlength=3)
        drawn.append(psi(first, windows.sum(axis=0) - first))
    assert np.mean(drawn) == pytest.approx(mean(windows)[0], rel=0.1)
    assert np.quantile(drawn, 0.95) == pytest.approx(tail(windows)[0], rel=0.1)
    assert np.median(drawn) == pytest.approx(median(windows)[0], rel=0.1)


def test_the_p_value_is_that_of_the_monitor():
    for null, observed in cases("window_p_value"):
        reference = questions()["window_p_value"].reference(null, observed)
        assert reference == DrawnNull("windows", null).p_value(observed)
        assert reference == pytest.approx(np.mean(np.append(null, observed) >= observed))


def test_thirteen_good_weeks_and_one_beyond():
    null, observed = cases("window_p_value")[-1]
    assert len(null) == 13 and observed > null.max()
    assert questions()["window_p_value"].reference(null, observed) == pytest.approx(1 / 14)
    assert 1 / 14 > 0.05 >= 1 / (1 + 19)


# E3


def test_the_bias_is_that_of_a_line():
    known, value, latest, latest_value = cases("forecast_bias")[0]
    slope, constant = np.polyfit(known[:, 0], value, 1)
    forecast = constant + slope * latest[:, 0]
    bias = questions()["forecast_bias"].reference(known, value, latest, latest_value)
    assert bias == pytest.approx(forecast.mean() / latest_value.mean() - 1) == pytest.approx(-0.3)


def test_least_squares_has_no_bias_where_it_was_fitted():
    for known, value, latest, latest_value in cases("forecast_bias"):
        reference = questions()["forecast_bias"].reference
        assert abs(reference(known, value, known, value)) < 1e-12
        assert abs(reference(latest, latest_value, latest, latest_value)) < 1e-12


def test_there_are_cases_of_too_little_and_of_too_much():
    reference = questions()["forecast_bias"].reference
    signs = {np.sign(reference(*case)) for case in cases("forecast_bias")}
    assert signs == {-1.0, 1.0}


# E4


def test_the_ranked_cells_are_the_fewest_that_carry_80_per_cent():
    for current, baseline in cases("cells_that_carry"):
        p, q = current / current.sum(), baseline / baseline.sum()
        parts = (p - q) * np.log(p / q)
        ranks = questions()["cells_that_carry"].reference(current, baseline)
        listed = np.flatnonzero(ranks)
        carried = parts[listed].sum() / parts.sum()
        assert carried >= 0.8 > carried - parts[listed].min() / parts.sum()
        assert (parts[listed].min() >= np.delete(parts, listed)).all()
        order = listed[np.argsort(ranks[listed])]
        assert (np.diff(parts[order]) < 0).all()
        assert sorted(ranks[listed]) == list(range(1, len(listed) + 1))


def test_there_are_cases_of_one_cell_and_of_many():
    counts = {
        int(np.count_nonzero(questions()["cells_that_carry"].reference(*case)))
        for case in cases("cells_that_carry")
    }
    assert min(counts) == 1 and max(counts) >= 4


def test_a_cell_that_shrank_is_among_those_that_carry():
    """So that leaving them out, as the review of the monitor does, shows."""
    shrunk = [
        (current / current.sum() < baseline / baseline.sum())[
            questions()["cells_that_carry"].reference(current, baseline) > 0
        ].any()
        for current, baseline in cases("cells_that_carry")
    ]
    assert sum(shrunk) >= 3
