"""The intervals of `closing()` hold what they are meant to hold about as often as they say."""

import numpy as np
import pytest
from scipy import stats

from klteach.practice.closing_page import ENOUGH
from klteach.practice.uncertainty import LEVEL, mean_interval, rate_interval


@pytest.mark.parametrize(("hits", "count"), [(0, 1), (1, 1), (0, 7), (3, 7), (7, 7), (40, 60)])
def test_the_interval_of_a_rate_is_the_exact_one(hits, count):
    exact = stats.binomtest(hits, count).proportion_ci(LEVEL, method="exact")
    assert rate_interval(hits, count) == pytest.approx((exact.low, exact.high))


def covered(count, score, repeats=300):
    """How often the interval holds the expected score, of a learner who is a little too sure."""
    random = np.random.default_rng(count)
    said = np.array([0.34, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
    truth = np.clip(said - 0.1, 0.05, 0.95)
    expected = np.mean(truth * score(said, 1.0) + (1 - truth) * score(said, 0.0))
    held = 0
    for _ in range(repeats):
        chosen = random.integers(len(said), size=count)
        came = (random.random(count) < truth[chosen]).astype(float)
        low, high = mean_interval(list(score(said[chosen], came)))
        held += low <= expected <= high
    return held / repeats


def brier(said, came):
    return (said - came) ** 2


def surprise(said, came):
    return -np.log(np.where(came, said, 1 - said))


@pytest.mark.parametrize("score", [brier, surprise], ids=lambda score: score.__name__)
def test_the_interval_of_a_score_holds_it_about_nine_times_in_ten(score):
    assert 0.8 <= covered(ENOUGH, score) <= 0.96
    assert 0.85 <= covered(30, score) <= 0.95


def test_the_interval_of_a_mean_is_the_same_every_time_and_as_the_scatter_asks():
    values = list(np.random.default_rng(5).normal(size=40))
    low, high = mean_interval(values)
    assert (low, high) == mean_interval(values)
    by_t = stats.t.interval(LEVEL, 39, np.mean(values), stats.sem(values))
    assert (low, high) == pytest.approx(by_t, abs=0.06)
    assert mean_interval([0.25] * 12) == (0.25, 0.25)
