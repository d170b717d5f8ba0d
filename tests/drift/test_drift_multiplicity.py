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
    level,
    max_statistic,
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


@pytest.mark.parametrize("method", ["benjamini-hochberg", "bonferroni"])
def test_the_level_is_what_the_flagged_stay_under(method):
    generator = np.random.default_rng(2)
    for _ in range(200):
        p_values = generator.beta(0.2, 1, 12)
        compared_with = level(p_values, RATE, method)
        assert (p_values <= compared_with).tolist() == flags(p_values, RATE, method).tolist()


def test_the_largest_over_columns_keeps_the_rate_and_knows_dependence():
    # Twenty columns that are nearly one column: Bonferroni alarms in far less than 5 % of cases.
    generator = np.random.default_rng(3)
    trials, columns, alarms, cautious = 1000, 20, 0, 0
    for _ in range(trials):
        common = generator.chisquare(9, (200, 1))
        table = (common + generator.chisquare(0.2, (200, columns))) * np.linspace(1, 50, columns)
        observed, null = table[0], table[1:]
        p_values, thresholds = max_statistic(observed, null, RATE)
        assert ((p_values <= RATE) == (observed > thresholds)).all()
        alarms += (p_values <= RATE).any()
        own = (1 + (null >= observed).sum(axis=0)) / 200
        cautious += bonferroni(own, RATE).any()
    error = math.sqrt(RATE * (1 - RATE) / trials)
    assert abs(alarms / trials - RATE) <= 2 * error
    assert cautious / trials < RATE - 2 * error


def test_the_largest_over_columns_of_other_scales_finds_the_small_one():
    generator = np.random.default_rng(4)
    null = generator.chisquare(9, (999, 3)) * [1, 1e-6, 1e6]
    p_values, _ = max_statistic([9, 60e-6, 9e6], null, RATE)
    assert p_values[1] == 0.001 and (p_values[[0, 2]] > 0.5).all()


def test_the_largest_over_columns_with_infinite_and_constant_ones():
    null = np.stack([np.full(99, np.inf), np.zeros(99), np.linspace(0.1, 1, 99)], axis=1)
    p_values, thresholds = max_statistic([np.inf, 0.0, 0.5], null, RATE)
    # a column that is infinite without drift hides all others, and nothing is flagged
    assert (p_values == 1).all() and (thresholds == np.inf).all()
    p_values, _ = max_statistic([0.0, 50.0], null[:, 1:], RATE)
    assert p_values.tolist() == [1.0, 0.01]


def test_no_other_method():
    with pytest.raises(DriftError, match="'holm'"):
        adjusted([0.1], "holm")
    with pytest.raises(DriftError, match="p-values alone"):
        flags([0.1], RATE, "max")
