"""Estimates from samples: exact values, exact means by enumeration or quadrature, simulations."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, multinomial

from klteach import kl_divergence
from klteach.inference import (
    k1,
    k2,
    k3,
    nearest_neighbour_kl,
    plug_in_bias,
    plug_in_kl,
)
from tests.inference.inference_exact import exact_k3, near
from tests.measures.measures_exact import exact_kl
from tests.refusals import refusal

P, Q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])


@pytest.mark.parametrize(
    "ratio",
    [0.0, *[sign * 10.0**e for sign in (1, -1) for e in (-300, -160, -20, -9, -5, -2, -1, 0, 2)]],
)
def test_each_estimate_has_all_its_digits(ratio):
    assert k1(ratio, 0.0) == ratio
    assert k2(ratio, 0.0) == pytest.approx(ratio**2 / 2, rel=1e-15)
    exact = exact_k3(ratio)
    if exact > 1e-300:
        assert near(k3(ratio, 0.0), exact, 1e-12)
    else:  # too small for float64
        assert abs(k3(ratio, 0.0) - exact) < 1e-320


@pytest.mark.parametrize("ratio", [0.05, -0.05, 0.1999, 0.2001, -0.1999, 0.21, 1.0, -700.0, 700.0])
def test_k3_is_right_where_its_two_forms_meet_and_far_away(ratio):
    assert near(k3(ratio - 3.0, -3.0), exact_k3((ratio - 3.0) + 3.0), 1e-12)


def test_k3_is_never_negative_and_0_only_where_the_two_agree():
    ratios = np.concatenate([[0.0], *[[s * 2.0**-e for e in range(0, 500)] for s in (1, -1)]])
    values = k3(ratios, np.zeros_like(ratios))
    assert (values[1:] > 0).all() and values[0] == 0
    assert k3(-700.123, -700.123) == k1(-5.0, -5.0) == k2(-5.0, -5.0) == 0


def test_the_means_over_all_outcomes():
    log_p, log_q = np.log(P), np.log(Q)
    assert P @ k1(log_p, log_q) == pytest.approx(kl_divergence(P, Q), rel=1e-12)
    assert P @ k3(log_p, log_q) == pytest.approx(kl_divergence(P, Q), rel=1e-12)
    assert abs(P @ k2(log_p, log_q) - kl_divergence(P, Q)) > 0.1
    # samples from the second argument: the other direction, with the other sign
    assert Q @ k1(log_p, log_q) == pytest.approx(-kl_divergence(Q, P), rel=1e-12)


def moments(estimator, shift, sigma=1.0):
    """Mean and sd of an estimate of KL(N(shift, sigma)‖N(0, 1)), by a sum over a fine grid."""
    z = np.linspace(-30, 30, 60_001)
    weights = np.exp(-(z**2) / 2)
    weights /= weights.sum()
    x = shift + sigma * z
    values = estimator(-(z**2) / 2 - math.log(sigma), -(x**2) / 2)
    mean = weights @ values
    return mean, math.sqrt(weights @ (values - mean) ** 2)


@pytest.mark.parametrize(
    "estimator, shift, spread",
    [(k1, 0.1, 20.0), (k2, 0.1, 1.418), (k3, 0.1, 1.417), (k1, 1.0, 2.0), (k3, 1.0, 1.695)],
)
def test_the_spread_of_the_course_for_shifted_normals(estimator, shift, spread):
    mean, sd = moments(estimator, shift)
    truth = shift**2 / 2
    assert sd / truth == pytest.approx(spread, abs=1e-3)
    assert mean / truth == pytest.approx(1 if estimator is not k2 else 1 + shift**2 / 4, rel=1e-9)


@pytest.mark.parametrize("sigma, of_k1, of_k3", [(0.9, 12.97, 4.51), (0.80, 5.90, 6.21)])
def test_the_spread_of_the_course_for_sharper_normals(sigma, of_k1, of_k3):
    truth = -math.log(sigma) + (sigma**2 - 1) / 2
    for estimator, spread in ((k1, of_k1), (k3, of_k3)):
        mean, sd = moments(estimator, 0.0, sigma)
        assert mean == pytest.approx(truth, rel=1e-9)
        assert sd / truth == pytest.approx(spread, abs=6e-3)


def test_a_sample_that_q_rules_out_gives_inf():
    assert k1(-1.0, -np.inf) == k2(-1.0, -np.inf) == k3(-1.0, -np.inf) == math.inf
    assert k3([-1.0, -2.0], [-np.inf, -2.0]).tolist() == [math.inf, 0.0]


@pytest.mark.parametrize("estimator, ratio", [(k2, 1e200), (k3, -1000.0)])
def test_an_estimate_beyond_float64_is_inf_and_numpy_says_so(estimator, ratio):
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert estimator(ratio, 0.0) == math.inf


@pytest.mark.parametrize("estimator", [k1, k2, k3])
def test_shapes_of_the_estimates(estimator):
    assert isinstance(estimator(-1, -2), float)
    assert estimator(np.full((2, 3), -1.0), -2.0).shape == (2, 3)


@pytest.mark.parametrize("estimator", [k1, k2, k3])
@pytest.mark.parametrize(
    "log_p, log_q, parts",
    [
        ([-1.0, -np.inf], [-1.0, -1.0], ["log_p[1] is -inf", "p gave this sample"]),
        ([-np.inf], [-np.inf], ["log_p[0] is -inf"]),
        (np.inf, -1.0, ["log_p is inf"]),
        ([-1.0], [np.inf], ["log_q[0] is inf"]),
        ([-1.0, np.nan], [-1.0, -1.0], ["log_p[1] is nan"]),
        ([-1.0, -1.0], [-1.0], ["log_p has shape (2,) and log_q has shape (1,)"]),
        ([], [], ["log_p is empty"]),
        (["a"], [-1.0], ["log_p holds text"]),
    ],
)
def test_what_are_no_log_probabilities_of_samples_is_refused(estimator, log_p, log_q, parts):
    message = refusal(estimator, log_p, log_q)
    assert all(part in message for part in parts), message


def test_the_plug_in_estimate_is_the_divergence_of_the_shares():
    counts = [7, 0, 3]
    assert near(plug_in_kl(counts, Q), exact_kl(counts, Q))
    assert plug_in_kl(counts, Q) == plug_in_kl([7.0, 0.0, 3.0], Q)
    assert plug_in_kl([3, 2, 5], [0.3, 0.2, 0.5]) == pytest.approx(0, abs=1e-30)
    assert plug_in_kl([1, 3], [0.25, 0.75]) == 0
    assert plug_in_kl([10**15, 1], [1.0, 1e-300]) > 0
    assert near(plug_in_kl([10**15, 1], [1.0, 1e-300]), exact_kl([10**15, 1], [1.0, 1e-300], 700))
    assert plug_in_kl([1, 1], [1, 0]) == math.inf and plug_in_kl([1, 0], [1, 0]) == 0


def test_a_batch_of_counts_gives_one_estimate_for_each():
    counts = np.random.default_rng(1).multinomial(20, Q, (2, 5))
    batch = plug_in_kl(counts, Q)
    assert batch.shape == (2, 5)
    assert batch[1, 3] == pytest.approx(plug_in_kl(counts[1, 3], Q), rel=1e-12)
    assert plug_in_kl(counts[0], np.tile(Q, (5, 1))).tolist() == batch[0].tolist()


def test_the_bias_of_the_course():
    """E KL(shares‖uniform) for 10 outcomes and 50 draws, from the binomial law of each count."""
    count = np.arange(1, 51)
    exact = 10 * (binom.pmf(count, 50, 0.1) @ (count / 50 * np.log(count / 5)))
    assert exact == pytest.approx(0.094462, abs=5e-7)
    assert plug_in_bias(10, 50) == pytest.approx(0.09, rel=1e-15)
    estimates = plug_in_kl(np.random.default_rng(3).multinomial(50, [0.1] * 10, 20_000), [0.1] * 10)
    assert abs(estimates.mean() - exact) < 4 * estimates.std() / math.sqrt(20_000)


def test_the_bias_is_right_to_first_order_for_any_p():
    """By every table of counts: n times the bias is near (k - 1)/2, and nearer for larger n."""
    misses = []
    for n in (20, 80):
        counts = np.array([c for c in itertools.product(range(n + 1), repeat=3) if sum(c) == n])
        mean = multinomial.pmf(counts, n, [0.5, 0.3, 0.2]) @ plug_in_kl(counts, Q)
        bias = mean - kl_divergence([0.5, 0.3, 0.2], Q)
        misses.append(abs(bias / plug_in_bias(3, n) - 1))
    assert misses[0] < 0.1 and misses[1] < misses[0] / 3


def test_plug_in_bias_takes_arrays():
    assert plug_in_bias([1, 2, 11], 10).tolist() == pytest.approx([0, 0.05, 0.5])
    assert plug_in_bias(10**6, 1e300) == pytest.approx(5e-295, rel=1e-5)


@pytest.mark.parametrize(
    "function, arguments, parts",
    [
        (plug_in_kl, ([0.7, 0.2, 0.1], Q), ["counts[0] is 0.7", "whole number", "not its share"]),
        (plug_in_kl, ([7, -2, 1], Q), ["counts[1] is -2", "negative"]),
        (plug_in_kl, ([7, np.nan, 1], Q), ["counts[1] is nan"]),
        (plug_in_kl, ([0, 0, 0], Q), ["the total of counts is 0"]),
        (plug_in_kl, ([[1, 2, 3], [0, 0, 0]], Q), ["counts[1, :] is 0"]),
        (plug_in_kl, ([7, 3], Q), ["counts has 2 outcomes and q has 3 outcomes"]),
        (plug_in_kl, ([7, 2, 1], [7, 2, 1]), ["q holds whole numbers that sum to 10"]),
        (plug_in_kl, (7, Q), ["counts is the single number 7"]),
        (plug_in_kl, ([True, False, True], Q), ["counts holds True and False"]),
        (plug_in_bias, (0, 10), ["outcomes is 0", "from 1 on"]),
        (plug_in_bias, (2.5, 10), ["outcomes is 2.5"]),
        (plug_in_bias, (3, 0), ["n is 0", "number of observations"]),
        (plug_in_bias, ([1, 2], [1, 2, 3]), ["outcomes has shape (2,) and n has shape (3,)"]),
    ],
)
def test_what_are_no_counts_is_refused(function, arguments, parts):
    message = refusal(function, *arguments)
    assert all(part in message for part in parts), message


def test_counts_in_another_order_are_refused():
    counts = pd.Series([5, 3], index=["a", "b"])
    assert "counts lists a, b and q lists b, a" in refusal(
        plug_in_kl, counts, pd.Series([0.5, 0.5], index=["b", "a"])
    )


def by_hand(x, y, k):
    """The formula with every distance written out."""
    total = 0.0
    for i, point in enumerate(x):
        own = sorted(math.dist(point, other) for j, other in enumerate(x) if j != i)
        others = sorted(math.dist(point, other) for other in y)
        total += math.log(others[k - 1] / own[k - 1])
    return len(x[0]) * total / len(x) + math.log(len(y) / (len(x) - 1))


@pytest.mark.parametrize("dimensions", [1, 2, 5])
@pytest.mark.parametrize("k", [1, 3, 5])
def test_nearest_neighbours_by_hand(dimensions, k):
    random = np.random.default_rng(8)
    x = random.standard_normal((40, dimensions))
    y = random.standard_normal((57, dimensions)) + 0.5
    assert nearest_neighbour_kl(x, y, k) == pytest.approx(by_hand(x, y, k), rel=1e-9)
    assert nearest_neighbour_kl(x, y, neighbours=k) == nearest_neighbour_kl(x, y, k)


def test_one_coordinate_may_be_a_list_and_five_neighbours_are_the_rule():
    random = np.random.default_rng(9)
    x, y = random.standard_normal(30), random.standard_normal(20)
    assert nearest_neighbour_kl(x, y) == nearest_neighbour_kl(x[:, None], y[:, None], 5)
    assert nearest_neighbour_kl(list(x), list(y)) == nearest_neighbour_kl(x, y)


@pytest.mark.parametrize("unit", [1e-300, 1e-160, 1e160, 1e300, -3.0])
def test_the_unit_of_the_coordinates_does_not_matter(unit):
    random = np.random.default_rng(10)
    x, y = random.standard_normal((50, 2)), random.standard_normal((40, 2))
    assert nearest_neighbour_kl(x * unit, y * unit, 2) == pytest.approx(
        nearest_neighbour_kl(x, y, 2), rel=1e-9
    )


@pytest.mark.parametrize("dimensions, mean, error", [(1, 0.479, 0.003), (5, 0.390, 0.002)])
def test_its_mean_is_that_of_the_course(dimensions, mean, error):
    """For N(0, I) against N(μ, I) with divergence 1/2, 1000 points of each and five neighbours."""
    random = np.random.default_rng(12)
    shift = np.zeros(dimensions)
    shift[0] = 1.0
    estimates = [
        nearest_neighbour_kl(
            random.standard_normal((1000, dimensions)),
            random.standard_normal((1000, dimensions)) + shift,
        )
        for _ in range(60)
    ]
    spread = math.hypot(np.std(estimates) / math.sqrt(60), error)
    assert abs(np.mean(estimates) - mean) < 4 * spread


def test_samples_of_different_size_are_compared_as_well():
    """A forgotten log(m/(n-1)) would show as log 4."""
    random = np.random.default_rng(13)
    estimates = [
        nearest_neighbour_kl(random.standard_normal(500), random.standard_normal(2000))
        for _ in range(40)
    ]
    assert abs(np.mean(estimates)) < 4 * np.std(estimates) / math.sqrt(40) + 0.01
    assert 5 < sum(estimate < 0 for estimate in estimates) < 35


def test_points_that_coincide_are_told_by_name():
    x, y = [0.0, 0.0, 1.0, 2.0], [3.0, 5.0, 1.0, 7.0]
    message = refusal(nearest_neighbour_kl, x, y, 1)
    assert "x[0] coincides with 1 other point of x" in message
    assert "2 of 4 points" in message and "plug_in_kl" in message and "rng.uniform" in message
    message = refusal(nearest_neighbour_kl, [0.0, 0.5, 1.0, 2.0], y, 1)
    assert "x[2] coincides with 1 point of y" in message and "1 of 4 points" in message
    # one tie is no matter where a later neighbour is looked for
    assert math.isfinite(nearest_neighbour_kl(x, y, 2))


@pytest.mark.parametrize(
    "x, y, neighbours, parts",
    [
        (np.zeros((3, 2)), np.zeros((3, 3)), 1, ["x has shape (3, 2) and y has shape (3, 3)"]),
        (np.zeros(3), np.zeros((3, 1)), 1, ["x has shape (3,) and y has shape (3, 1)"]),
        (np.zeros((3, 2, 2)), np.zeros((3, 2)), 1, ["x has shape (3, 2, 2)", "(n, d)"]),
        (0.5, [1.0, 2.0], 1, ["x has shape ()"]),
        ([1.0, np.nan], [1.0, 2.0], 1, ["x[1] is nan"]),
        ([1.0, 2.0], [1.0, np.inf], 1, ["y[1] is inf"]),
        ([1.0, 2.0], [1.0, 2.0], 2, ["x has 2 points", "needs at least 3"]),
        ([1.0, 2.0, 3.0], [1.0], 2, ["y has 1 points", "needs at least 2"]),
        ([1.0, 2.0], [1.0, 2.0], 0, ["neighbours is 0", "from 1 on"]),
        ([1.0, 2.0], [1.0, 2.0], 1.5, ["neighbours is 1.5"]),
        ([1.0, 2.0], [1.0, 2.0], [1, 2], ["neighbours has shape (2,)"]),
        ([], [1.0], 1, ["x is empty"]),
    ],
)
def test_what_are_no_two_samples_is_refused(x, y, neighbours, parts):
    message = refusal(nearest_neighbour_kl, x, y, neighbours)
    assert all(part in message for part in parts), message
