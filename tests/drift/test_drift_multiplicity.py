"""Many columns: as many false alarms as were asked for, and the drifting ones found."""

import math

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from klteach.drift.errors import DriftError
from klteach.drift.multiplicity import (
    adjusted,
    benjamini_hochberg,
    bonferroni,
    flags,
    furthest_out,
    level,
)

RATE = 0.05


@pytest.mark.parametrize("columns", [1, 2, 34, 500])
def test_benjamini_hochberg_is_that_of_scipy(columns):
    p_values = np.random.default_rng(columns).beta(0.3, 1, columns)
    expected = false_discovery_control(p_values)
    assert adjusted(p_values, "benjamini-hochberg") == pytest.approx(expected, rel=1e-12)


def test_benjamini_and_hochbergs_own_example():
    # The fifteen p-values of their paper of 1995: four rejected, and by Bonferroni three.
    p_values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p_values += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert benjamini_hochberg(p_values, RATE).sum() == 4
    assert bonferroni(p_values, RATE).sum() == 3


def test_bonferroni_stays_a_probability():
    assert adjusted([0.004, 0.6], "bonferroni").tolist() == [0.008, 1.0]


@pytest.mark.parametrize("method", ["benjamini-hochberg", "bonferroni", "max"])
def test_the_level_is_what_the_flagged_stay_under(method):
    generator = np.random.default_rng(2)
    for _ in range(200):
        p_values = generator.beta(0.2, 1, 12)
        compared_with = level(p_values, RATE, method)
        assert (p_values <= compared_with).tolist() == flags(p_values, RATE, method).tolist()


def test_sidaks_bound_is_exact_for_independent_columns():
    assert adjusted([0.01, 1.0, 0.0], "max") == pytest.approx([1 - 0.99**3, 1, 0])
    assert (1 - level(np.ones(12), RATE, "max")) ** 12 == pytest.approx(1 - RATE)


def gallery_of_windows(generator, trials, windows=60):
    """Columns of all kinds side by side: (trials, windows, c)."""
    shape = (trials, windows)
    common = generator.chisquare(9, shape)  # two columns that move together
    bursts = [
        (generator.random(shape) < share) * generator.exponential(1, shape)
        for share in (0.1, 0.04, 0.01)
    ]
    return np.stack(
        [
            generator.chisquare(9, shape),
            1e-6 * generator.chisquare(3, shape),
            1e6 * generator.chisquare(1, shape),
            common,
            common + generator.chisquare(0.2, shape),
            generator.standard_t(2, shape) ** 2,  # heavy tails
            np.zeros(shape),
            *bursts,
        ],
        axis=-1,
    )


def noise_of(table):
    """The 95 % quantile or so of the ordinary columns, and little for the others."""
    return np.broadcast_to([17, 8e-6, 4e6, 17, 17, 4, 0.5, 0.5, 0.5, 0.5], table.shape)


def test_the_column_furthest_out_keeps_the_rate_among_columns_of_all_kinds():
    generator = np.random.default_rng(3)
    trials = 2000
    alarms = 0
    for table in gallery_of_windows(generator, trials):
        found = furthest_out(table[0], table[1:], noise_of(table), RATE)
        alarms += (found.adjusted <= RATE).any()
    # of sixty windows three are as far out as the third, and ties make it a little less
    assert abs(alarms / trials - RATE) <= 2 * math.sqrt(RATE * (1 - RATE) / trials)


def test_a_column_is_flagged_where_its_value_is_above_its_threshold():
    for table in gallery_of_windows(np.random.default_rng(8), 200):
        table[0] *= np.random.default_rng(9).choice([1, 3, 30], 10)
        found = furthest_out(table[0], table[1:], noise_of(table), RATE)
        assert ((found.adjusted <= RATE) == (table[0] > found.thresholds)).all()


@pytest.mark.parametrize(
    "column, value", [(0, 60), (1, 50e-6), (2, 60e6), (5, 2e5), (6, 8), (9, 60)]
)
def test_each_column_is_found_by_its_own_measure(column, value):
    # A quiet column does not hide behind a loud one, and a loud one does not hide the quiet.
    generator = np.random.default_rng(4)
    trials, found = 60, 0
    for table in gallery_of_windows(generator, trials):
        table[0, column] = value
        found += furthest_out(table[0], table[1:], noise_of(table), RATE).adjusted[column] <= RATE
    assert found > 0.9 * trials


def test_a_bursty_column_does_not_raise_the_threshold_of_another_one_much():
    generator = np.random.default_rng(5)
    ordinary = generator.chisquare(9, (60, 3))
    bursts = np.zeros((60, 1))
    alone = furthest_out(ordinary[0], ordinary[1:], np.full((60, 3), 20.0), RATE)
    for days in (1, 3, 6):
        bursts[5 : 5 + days, 0] = 1000 * generator.exponential(1, days)
        table = np.hstack([ordinary, bursts])
        beside = furthest_out(table[0], table[1:], np.full((60, 4), 20.0), RATE)
        assert (beside.thresholds[:3] < 1.3 * alone.thresholds).all(), days
        assert beside.thresholds[3] > 1000 or days == 1


def test_no_value_is_out_that_chance_alone_would_make():
    windows = np.stack([np.zeros(59), np.random.default_rng(6).chisquare(9, 59)], axis=1)
    noise = np.full((60, 2), 20.0)
    assert furthest_out([19, 1], windows, noise, RATE).adjusted[0] == 1
    assert furthest_out([60, 1], windows, noise, RATE).adjusted[0] == 1 / 60


def test_the_window_that_sets_the_thresholds_is_named():
    windows = np.random.default_rng(7).chisquare(9, (59, 4))
    windows[[11, 12, 40], [2, 1, 3]] = 9000, 7000, 200  # three of sixty are as far out as the third
    found = furthest_out([1, 1, 1, 1], windows, np.full((60, 4), 20.0), RATE)
    assert (found.window, found.column) == (40, 3)
    found = furthest_out([1, 1, 1, 1], windows, np.full((60, 4), 20.0), 0.02)
    assert found.window in (11, 12)  # the furthest


def test_with_too_few_windows_nothing_can_be_found():
    found = furthest_out([1e9, 1], np.ones((18, 2)), np.ones((19, 2)), RATE)
    assert (found.thresholds == np.inf).all() and found.window is None
    assert (found.adjusted > RATE).all()


def test_infinite_values_are_out_only_where_there_were_none():
    noise = np.full((100, 3), 1e-3)
    windows = np.stack([np.full(99, np.inf), np.zeros(99), np.linspace(0.1, 1, 99)], axis=1)
    found = furthest_out([np.inf, 0.0, 0.5], windows, noise, RATE)
    assert (found.adjusted == 1).all() and found.thresholds[0] == np.inf
    found = furthest_out([np.inf, 0.0, 50.0], windows, noise, RATE)
    assert found.adjusted[[0, 2]].tolist() == [1.0, 0.01]
    assert furthest_out([1.0, 0.0, np.inf], windows, noise, RATE).adjusted[2] == 0.01


def test_no_other_method():
    with pytest.raises(DriftError, match="'holm'"):
        adjusted([0.1], "holm")
