"""Scores against their definitions, and decompositions whose parts add up to the score."""

import doctest
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klteach import entropy, kl_divergence
from klteach.measures import scores
from klteach.measures.families import kl_bernoulli
from klteach.measures.scores import (
    brier_decomposition,
    brier_score,
    calibration_curve,
    log_loss_decomposition,
    log_score,
)

NAMES = [
    "brier_decomposition",
    "brier_score",
    "calibration_curve",
    "log_loss_decomposition",
    "log_score",
]
BINNINGS = [None, 1, 3, 10, 1000, [0, 0.05, 0.5, 1]]


def sum_of(parts):
    return parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins


def forecasters(generator, count):
    """Outcomes and forecasts: honest, overconfident and rounded to tenths."""
    chance = generator.beta(0.7, 1.3, count)
    outcomes = (generator.random(count) < chance).astype(float)
    return outcomes, [chance, chance**2 / (chance**2 + (1 - chance) ** 2), chance.round(1)]


# -- scores ----------------------------------------------------------------------------------------


def test_scores_by_hand():
    outcomes, forecasts = [1, 0, 1], [0.9, 0.2, 0.6]
    assert brier_score(outcomes, forecasts) == pytest.approx((0.01 + 0.04 + 0.16) / 3)
    assert log_score(outcomes, forecasts) == pytest.approx(-math.log(0.9 * 0.8 * 0.6) / 3)
    weights = [1, 2, 3]
    assert brier_score(outcomes, forecasts, weights) == pytest.approx((0.01 + 0.08 + 0.48) / 6)
    expected = -math.log(0.9 * 0.8**2 * 0.6**3) / 6
    assert log_score(outcomes, forecasts, weights) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("said", "log_loss", "brier"), [(0.01, 0.7777, 0.0841), (0.1, 0.1537, 0.0400)]
)
def test_what_it_costs_to_say_too_little_of_a_30_percent_event(said, log_loss, brier):
    outcomes, truth = [1, 0], [0.3, 0.7]  # both outcomes, with the weights of their chances
    excess = log_score(outcomes, [said] * 2, truth) - log_score(outcomes, [0.3] * 2, truth)
    assert excess == pytest.approx(log_loss, abs=5e-5)
    assert excess == pytest.approx(kl_bernoulli(0.3, said), rel=1e-13)
    excess = brier_score(outcomes, [said] * 2, truth) - brier_score(outcomes, [0.3] * 2, truth)
    assert excess == pytest.approx(brier, abs=5e-5)
    assert excess == pytest.approx((0.3 - said) ** 2, rel=1e-13)


def test_classes_by_hand():
    outcomes, forecasts = [2, 0], [[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]]
    assert log_score(outcomes, forecasts) == pytest.approx(-math.log(0.5 * 0.6) / 2)
    expected = (0.04 + 0.09 + 0.25 + 0.16 + 0.16 + 0.0) / 2
    assert brier_score(outcomes, forecasts) == pytest.approx(expected)


def test_one_hot_rows_are_class_numbers():
    generator = np.random.default_rng(9)
    for classes in (2, 3, 10):
        labels = generator.integers(classes, size=40)
        forecasts = generator.dirichlet(np.ones(classes), 40)
        weights = generator.random(40)
        one_hot = np.eye(classes)[labels]
        # by the definitions, over all classes of a row
        brier = (((forecasts - one_hot) ** 2).sum(axis=1) * weights).sum() / weights.sum()
        log = -((one_hot * np.log(forecasts)).sum(axis=1) * weights).sum() / weights.sum()
        for outcomes in (labels, one_hot, one_hot.astype(bool), one_hot.astype(int).tolist()):
            assert brier_score(outcomes, forecasts, weights) == pytest.approx(brier, rel=1e-14)
            assert log_score(outcomes, forecasts, weights) == pytest.approx(log, rel=1e-14)


def test_the_brier_score_is_a_sum_over_the_classes_and_no_mean():
    assert brier_score([[0, 1, 0]], [[1, 0, 0]]) == brier_score([1], [[1, 0, 0]]) == 2
    assert brier_score([[0, 0, 0, 1]], [[0.25] * 4]) == 3 * 0.25**2 + 0.75**2


def test_a_one_hot_row_that_was_ruled_out_costs_infinitely_much_unless_it_has_no_weight():
    one_hot, forecasts = [[1, 0], [0, 1]], [[0.0, 1.0], [0.5, 0.5]]
    assert log_score(one_hot, forecasts) == math.inf
    assert log_score(one_hot, forecasts, [0, 1]) == pytest.approx(math.log(2))


def test_two_classes_and_one_event():
    outcomes, (forecasts, *_) = forecasters(np.random.default_rng(1), 50)
    classes = np.stack([1 - forecasts, forecasts], axis=1)
    assert log_score(outcomes, classes) == pytest.approx(log_score(outcomes, forecasts))
    assert brier_score(outcomes, classes) == pytest.approx(2 * brier_score(outcomes, forecasts))


def test_the_expected_excess_over_the_truth_is_the_divergence():
    truth, model = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
    score = [log_score([0, 1, 2], [belief] * 3, truth) for belief in (truth, model)]
    assert score[1] - score[0] == pytest.approx(kl_divergence(truth, model), rel=1e-13)


def test_a_weight_is_a_number_of_repetitions():
    outcomes, forecasts, weights = [1, 0, 0, 1], [0.3, 0.3, 0.8, 0.9], [3, 1, 2, 0]
    repeated = np.repeat(outcomes, weights), np.repeat(forecasts, weights)
    for score in (brier_score, log_score):
        assert score(outcomes, forecasts, weights) == pytest.approx(score(*repeated), rel=1e-14)
    for decompose in (brier_decomposition, log_loss_decomposition):
        weighted = decompose(outcomes, forecasts, 2, weights)
        assert weighted == pytest.approx(decompose(*repeated, 2), rel=1e-13)
    for part, other in zip(
        calibration_curve(outcomes, forecasts, 2, weights),
        calibration_curve(*repeated, 2),
        strict=True,
    ):
        assert part == pytest.approx(other)


def test_certainty():
    assert log_score([1, 0], [1.0, 0.0]) == brier_score([1, 0], [1.0, 0.0]) == 0
    assert math.copysign(1, log_score([1, 0], [1.0, 0.0])) == 1
    assert log_score([1, 0], [0.0, 0.0]) == log_score([0], [1.0]) == math.inf
    assert brier_score([1, 0], [0.0, 1.0]) == 1
    assert log_score([0, 1], [0.0, 0.5], [0, 1]) == pytest.approx(math.log(2))
    assert log_score([1, 1], [0.0, 0.5], [0, 1]) == pytest.approx(math.log(2))  # weight 0


def test_what_may_be_passed():
    expected = brier_score([1.0, 0.0], [0.25, 0.5])
    assert brier_score(np.array([True, False]), np.float32([0.25, 0.5])) == expected
    assert brier_score((1, 0), (0.25, 0.5), [1e-300, 1e-300]) == expected
    assert brier_score((1, 0), (0.25, 0.5), [1.7e308, 1.7e308]) == expected
    softmax = np.float32([[0.3333, 0.3333, 0.3334]]) * np.float32(1 + 1e-4)
    assert log_score([2], softmax) == pytest.approx(-math.log(0.3334), abs=1e-6)


# -- calibration -----------------------------------------------------------------------------------


def test_the_calibration_curve_by_hand():
    curve = calibration_curve([0, 1, 1, 0, 1], [0.1, 0.2, 0.3, 0.35, 1.0], bins=10)
    assert curve.edges.tolist() == [k / 10 for k in range(11)]
    assert curve.weight.tolist() == [0, 0.2, 0.2, 0.4, 0, 0, 0, 0, 0, 0.2]
    assert curve.forecast[[1, 2, 3, 9]] == pytest.approx([0.1, 0.2, 0.325, 1])
    assert curve.observed[[1, 2, 3, 9]].tolist() == [0, 1, 0.5, 1]
    for empty in (0, 4, 5, 6, 7, 8):
        assert math.isnan(curve.forecast[empty]) and math.isnan(curve.observed[empty])


def test_every_tenth_falls_into_the_bin_above_it():
    for bins in (2, 5, 10, 20, 100):
        tenths = np.arange(bins) / bins
        curve = calibration_curve(np.zeros(bins), tenths, bins)
        assert curve.forecast == pytest.approx(tenths, abs=1e-15)
        assert curve.weight == pytest.approx(np.full(bins, 1 / bins))


def test_the_calibration_curve_against_a_loop():
    outcomes, (forecasts, *_) = forecasters(np.random.default_rng(2), 300)
    weights = np.random.default_rng(3).random(300)
    edges = [0, 0.1, 0.35, 0.9, 1]
    curve = calibration_curve(outcomes, forecasts, edges, weights)
    assert curve.edges.tolist() == edges
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = [i for i, f in enumerate(forecasts) if low <= f < high]
        total = math.fsum(weights[i] for i in inside)
        assert curve.weight[number] == pytest.approx(total / math.fsum(weights))
        for part, values in ((curve.forecast, forecasts), (curve.observed, outcomes)):
            mean = math.fsum(weights[i] * values[i] for i in inside) / total
            assert part[number] == pytest.approx(mean)


def test_an_honest_forecaster_is_calibrated_up_to_noise():
    generator = np.random.default_rng(4)
    outcomes, (honest, overconfident, _) = forecasters(generator, 40_000)
    curve = calibration_curve(outcomes, honest)
    noise = np.sqrt(curve.forecast * (1 - curve.forecast) / (curve.weight * 40_000))
    assert (np.abs(curve.observed - curve.forecast) <= 4 * noise).all()
    assert brier_decomposition(outcomes, honest).reliability < 1e-3
    assert brier_decomposition(outcomes, overconfident).reliability > 5e-3


# -- decompositions --------------------------------------------------------------------------------


@pytest.mark.parametrize("bins", BINNINGS, ids=str)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_parts_add_up_to_the_score(bins, weighted):
    generator = np.random.default_rng(5)
    for count in (1, 2, 10, 5000):
        outcomes, forecasts = forecasters(generator, count)
        weights = generator.random(count) if weighted else None
        for forecast in forecasts:
            parts = brier_decomposition(outcomes, forecast, bins, weights)
            score = brier_score(outcomes, forecast, weights)
            assert sum_of(parts) == pytest.approx(score, rel=0, abs=2e-15)
            forecast = np.clip(forecast, 1e-9, 1 - 1e-9)
            parts = log_loss_decomposition(outcomes, forecast, bins, weights)
            score = log_score(outcomes, forecast, weights)
            assert sum_of(parts) == pytest.approx(score, rel=0, abs=2e-14)
            assert min(parts[:3]) >= 0


@pytest.mark.parametrize("decompose", [brier_decomposition, log_loss_decomposition])
def test_one_bin_for_each_forecast_leaves_nothing_within(decompose):
    outcomes, (_, _, tenths) = forecasters(np.random.default_rng(6), 3000)
    parts = decompose(outcomes, np.clip(tenths, 0.01, 0.99), bins=None)
    assert parts.within_bins == 0
    assert decompose([1, 0, 1], [0.1, 0.1, 0.1], bins=None).within_bins == 0


def test_the_brier_parts_by_their_definitions():
    generator = np.random.default_rng(7)
    outcomes, (forecasts, *_) = forecasters(generator, 400)
    weights = generator.random(400)
    parts = brier_decomposition(outcomes, forecasts, 10, weights)
    rate = np.average(outcomes, weights=weights)
    reliability = resolution = variance = covariance = 0
    for number in range(10):
        inside = (forecasts * 10).astype(int) == number
        share = weights[inside].sum() / weights.sum()
        f, y, w = forecasts[inside], outcomes[inside], weights[inside]
        mean, frequency = np.average(f, weights=w), np.average(y, weights=w)
        reliability += share * (mean - frequency) ** 2
        resolution += share * (frequency - rate) ** 2
        variance += share * np.average((f - mean) ** 2, weights=w)
        covariance += share * np.average((f - mean) * (y - frequency), weights=w)
    assert parts.reliability == pytest.approx(reliability)
    assert parts.resolution == pytest.approx(resolution)
    assert parts.uncertainty == pytest.approx(rate * (1 - rate))
    # the two extra components of Stephenson and others
    assert parts.within_bins == pytest.approx(variance - 2 * covariance)


def test_the_log_loss_parts_by_their_definitions():
    outcomes, (*_, tenths) = forecasters(np.random.default_rng(8), 400)
    tenths = np.clip(tenths, 0.05, 0.95)
    parts = log_loss_decomposition(outcomes, tenths, bins=None)
    rate = outcomes.mean()
    reliability = resolution = 0
    for forecast in set(tenths):
        inside = tenths == forecast
        frequency = outcomes[inside].mean()
        reliability += inside.mean() * kl_divergence(
            [frequency, 1 - frequency], [forecast, 1 - forecast]
        )
        resolution += inside.mean() * kl_divergence([frequency, 1 - frequency], [rate, 1 - rate])
    assert parts.reliability == pytest.approx(reliability)
    assert parts.resolution == pytest.approx(resolution)
    assert parts.uncertainty == pytest.approx(entropy([rate, 1 - rate]))


def test_a_ruled_out_event_that_came_costs_infinitely_much():
    parts = log_loss_decomposition([1, 0, 1], [0.0, 0.0, 0.5])
    assert parts.reliability == math.inf and parts.within_bins == 0
    parts = log_loss_decomposition([1, 0, 1], [0.0, 0.05, 0.5])
    assert parts.within_bins == math.inf and parts.reliability < math.inf
    assert sum_of(parts) == log_score([1, 0, 1], [0.0, 0.05, 0.5]) == math.inf


def test_an_event_that_always_or_never_comes():
    for outcome in (0, 1):
        for decompose in (brier_decomposition, log_loss_decomposition):
            parts = decompose([outcome] * 3, [0.2, 0.5, 0.5])
            assert parts.uncertainty == parts.resolution == 0
            assert parts.reliability > 0


def test_perfect_forecasts_turn_all_uncertainty_into_resolution():
    for decompose in (brier_decomposition, log_loss_decomposition):
        parts = decompose([1, 0, 1, 1], [1.0, 0.0, 1.0, 1.0])
        assert parts.reliability == parts.within_bins == 0
        assert parts.resolution == pytest.approx(parts.uncertainty, rel=1e-15)


CASES = st.lists(
    st.tuples(st.integers(0, 1), st.floats(0, 1), st.floats(0, 10)), min_size=1, max_size=20
).filter(lambda cases: sum(weight for _, _, weight in cases) > 0)


@given(CASES, st.sampled_from(BINNINGS))
def test_whatever_is_forecast_the_parts_add_up(cases, bins):
    outcomes, forecasts, weights = zip(*cases, strict=True)
    parts = brier_decomposition(outcomes, forecasts, bins, weights)
    assert abs(sum_of(parts) - brier_score(outcomes, forecasts, weights)) <= 1e-15
    assert min(parts[:3]) >= 0
    score = log_score(outcomes, forecasts, weights)
    assert score >= 0
    parts = log_loss_decomposition(outcomes, forecasts, bins, weights)
    total = sum_of(parts)
    assert total == score or abs(total - score) <= 1e-13 * max(1, score)
    assert min(parts[:3]) >= 0


# -- refusals --------------------------------------------------------------------------------------

ALL = [brier_score, log_score, calibration_curve, brier_decomposition, log_loss_decomposition]


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    ("outcomes", "forecasts", "parts"),
    [
        ([1, 0], [0.5, 1.5], ["forecasts[1] is 1.5 and must be between 0 and 1", "percentage"]),
        ([1, 0], [0.5, -0.5], ["forecasts[1] is -0.5"]),
        ([1, 0], [0.5, math.nan], ["forecasts[1] is nan"]),
        ([1, 0], [0.5, math.inf], ["forecasts[1] is inf"]),
        ([1, 0], ["0.5", "0.1"], ["forecasts holds text", "dtype=float"]),
        ([1, 0], [[0.5], [0.1, 0.9]], ["forecasts cannot be read"]),
        ([1, 0.3], [0.5, 0.5], ["outcomes[1] is 0.3 and must be 0 or 1", "event came"]),
        ([1, 2], [0.5, 0.5], ["outcomes[1] is 2 and must be 0 or 1"]),
        ([1, math.nan], [0.5, 0.5], ["outcomes[1] is nan"]),
        ("no", [0.5, 0.5], ["outcomes holds text"]),
        ([1, 0, 1], [0.5], ["outcomes has shape (3,) and forecasts has shape (1,)"]),
        ([1], [0.5, 0.5, 0.5], ["outcomes has shape (1,) and forecasts has shape (3,)"]),
        ([[1], [0]], [0.5, 0.5], ["outcomes has shape (2, 1)"]),
        (1, 0.5, ["forecasts has shape ()", "expected"]),
        ([], [], ["outcomes is empty"]),
    ],
)
def test_refusals(function, outcomes, forecasts, parts):
    with pytest.raises(ValueError) as caught:
        function(outcomes, forecasts)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    ("weights", "parts"),
    [
        ([1, -1], ["weights[1] is -1 and must be at least 0"]),
        ([1, math.nan], ["weights[1] is nan"]),
        ([1, math.inf], ["weights[1] is inf and must be finite"]),
        ([0, 0], ["weights are all 0"]),
        ([1], ["weights has shape (1,) and forecasts has shape (2,)"]),
        (["a", "b"], ["weights holds text"]),
    ],
)
def test_refusals_of_weights(function, weights, parts):
    with pytest.raises(ValueError) as caught:
        function([1, 0], [0.5, 0.5], weights=weights)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("function", ALL[2:])
@pytest.mark.parametrize(
    ("bins", "parts"),
    [
        (0, ["bins is 0", "at least one"]),
        (-3, ["bins is -3"]),
        ([0, 0.5], ["from 0 to 1"]),
        ([0.1, 1], ["from 0 to 1"]),
        ([0, 0.5, 0.5, 1], ["increase"]),
        ([0, 0.7, 0.5, 1], ["increase"]),
        ([[0, 1]], ["increase"]),
        (10.0, ["bins is 10.0", "whole number of bins"]),
        ([0, math.nan, 1], ["bins[1] is nan"]),
        ("quantile", ["bins holds text"]),
        (True, ["bins holds True and False"]),
    ],
)
def test_refusals_of_bins(function, bins, parts):
    with pytest.raises(ValueError) as caught:
        function([1, 0], [0.5, 0.5], bins=bins)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("function", [brier_score, log_score])
@pytest.mark.parametrize(
    ("outcomes", "forecasts", "parts"),
    [
        ([0], [[0.5, 0.4]], ["forecasts[0, :] sums to 0.9", "normalize(forecasts)"]),
        ([0], [[1.5, -0.5]], ["forecasts[0, 1] is -0.5"]),
        ([0, 1], [[0.5, 0.5], [3, 1]], ["forecasts[1, :] ", "sum"]),
        ([2], [[0.5, 0.5]], ["outcomes[0] is 2 and must be a class number from 0 to 1"]),
        ([-1], [[0.5, 0.5]], ["outcomes[0] is -1"]),
        ([0.5], [[0.5, 0.5]], ["outcomes[0] is 0.5"]),
        ([0, 1], [[0.5, 0.5]], ["outcomes has shape (2,) and forecasts has shape (1, 2)"]),
        ([0], [[[0.5, 0.5]]], ["forecasts has shape (1, 1, 2)", "(n, classes)"]),
        ([[0.9, 0.1]], [[0.5, 0.5]], ["outcomes[0, 0] is 0.9 and must be 0 or 1", "one-hot"]),
        ([[1, 0], [0, 2]], [[0.5, 0.5]] * 2, ["outcomes[1, 1] is 2", "one-hot"]),
        ([[1, 0], [0, 0]], [[0.5, 0.5]] * 2, ["outcomes[1, :] holds 0 ones", "one class came"]),
        ([[1, 1]], [[0.5, 0.5]], ["outcomes[0, :] holds 2 ones"]),
        ([[1, math.nan]], [[0.5, 0.5]], ["outcomes[0, 1] is nan"]),
        ([[1, 0, 0]], [[0.5, 0.5]], ["outcomes has shape (1, 3)", "one-hot row for each row"]),
        ([[1, 0]], [[0.5, 0.5]] * 2, ["outcomes has shape (1, 2) and forecasts has shape (2, 2)"]),
        ([[1], [0]], [[0.5, 0.5]] * 2, ["outcomes has shape (2, 1)"]),
        ([[[1, 0]]], [[0.5, 0.5]], ["outcomes has shape (1, 1, 2)"]),
    ],
)
def test_refusals_of_classes(function, outcomes, forecasts, parts):
    with pytest.raises(ValueError) as caught:
        function(outcomes, forecasts)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("function", ALL[2:])
def test_classes_have_no_single_curve(function):
    with pytest.raises(ValueError, match=r"forecasts has shape \(1, 2\) where \(n,\) is expected"):
        function([0], [[0.5, 0.5]])


@pytest.mark.parametrize("name", NAMES)
def test_the_example_runs(name):
    (found,) = doctest.DocTestFinder(recurse=False).find(getattr(scores, name), name)
    assert len(found.examples) == 1
    assert doctest.DocTestRunner().run(found).failed == 0
