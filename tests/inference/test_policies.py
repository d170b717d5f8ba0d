"""Policies, against exact arithmetic, against every sequence of draws, against their limits."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from klteach import kl_divergence
from klteach.inference import best_of_n, best_of_n_bound, tilted_policy
from tests.inference.inference_exact import exact_best_of_n, exact_tilted, near
from tests.refusals import refusal

REFERENCE, REWARD = [0.4, 0.3, 0.2, 0.1], [0.0, 1.0, 2.0, 4.0]

TILTS = {
    "of the course": (REFERENCE, REWARD, 1.0),
    "weak": (REFERENCE, REWARD, 1e6),
    "hardly any": (REFERENCE, REWARD, 1e300),
    "strong": (REFERENCE, REWARD, 0.01),
    "the strongest": (REFERENCE, REWARD, 1e-300),
    "subnormal beta": (REFERENCE, REWARD, 5e-324),
    "ties at the top, tiny beta": (REFERENCE, [1.0, 4.0, 0.0, 4.0], 1e-300),
    "large rewards": (REFERENCE, [-1e6, 1e6, 0.0, 1e6 - 1], 1.0),
    "large rewards, tiny beta": (REFERENCE, [-1e6, 1e6, 0.0, -1e6], 1e-300),
    "the largest rewards": (REFERENCE, [-1e308, 1e308, 0.0, 1e308], 1e307),
    "tiny differences": (REFERENCE, [0.0, 1e-300, 2e-300, 4e-300], 1e-300),
    "the best is ruled out": ([0.5, 0.5, 0.0], [0.0, 1.0, 1e6], 1.0),
    "the best is ruled out, tiny beta": ([0.6, 0.4, 0.0], [0.0, 1.0, 2.0], 5e-324),
    "the best is rare": ([1.0, 1e-300], [0.0, 700.0], 1.0),
    "the best is subnormal": ([1.0, 1e-310], [0.0, 1.0], 1e-3),
    "one action": ([1.0], [-5.0], 0.1),
    "negative rewards": (REFERENCE, [-1.0, -2.0, -3.0, -700.0], 0.5),
}


@pytest.mark.parametrize("kind", TILTS)
def test_the_tilted_policy_is_that_of_exact_arithmetic(kind):
    reference, reward, beta = TILTS[kind]
    with np.errstate(all="raise"):
        policy = tilted_policy(reference, reward, beta)
    assert policy.sum() == pytest.approx(1, abs=1e-14)
    for value, exact in zip(policy, exact_tilted(reference, reward, beta), strict=True):
        # what is too small for float64 is 0
        assert near(value, exact) or (exact < 1e-305 and abs(value - exact) < 1e-305)


def test_the_numbers_of_the_course():
    policy = tilted_policy(REFERENCE, REWARD, 1.0)
    assert policy.round(4).tolist() == [0.0491, 0.1, 0.1813, 0.6697]
    kl = kl_divergence(policy, REFERENCE)
    assert kl == pytest.approx(1.042778, abs=5e-7)
    log_z = math.log(np.dot(REFERENCE, np.exp(REWARD)))
    assert policy @ REWARD - kl == pytest.approx(log_z) == pytest.approx(2.0984, abs=5e-7)
    assert kl_divergence(tilted_policy(REFERENCE, REWARD, 1e-9), REFERENCE) == pytest.approx(
        math.log(10)
    )


def test_a_tie_at_the_top_is_shared_in_proportion_to_the_reference():
    policy = tilted_policy([0.5, 0.3, 0.2], [0.0, 7.0, 7.0], 1e-300)
    assert policy.tolist() == pytest.approx([0, 0.6, 0.4], rel=1e-14)
    assert policy[0] == 0


def test_a_batch_is_tilted_row_by_row():
    rewards = np.random.default_rng(1).standard_normal((3, 2, 4))
    policies = tilted_policy(REFERENCE, rewards, 0.3)
    assert policies.shape == (3, 2, 4)
    np.testing.assert_allclose(policies[2, 1], tilted_policy(REFERENCE, rewards[2, 1], 0.3))
    references = np.random.default_rng(2).dirichlet(np.ones(4), 3)
    np.testing.assert_allclose(
        tilted_policy(references, REWARD, 2)[1], tilted_policy(references[1], REWARD, 2)
    )


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_the_best_of_n_is_what_every_sequence_of_draws_gives(n):
    reference, reward = [0.35, 0.05, 0.25, 0.2, 0.15], [1.0, 3.0, 0.0, 1.0, 3.0]
    expected = np.zeros(5)
    for draws in itertools.product(range(5), repeat=n):
        first_best = max(draws, key=lambda draw: reward[draw])
        expected[first_best] += math.prod(reference[draw] for draw in draws)
    np.testing.assert_allclose(best_of_n(reference, reward, n), expected, rtol=1e-12)


CHOICES = {
    "of the course": (REFERENCE, REWARD, 4),
    "many draws": (REFERENCE, REWARD, 100_000),
    "rare best, few draws": ([1.0, 1e-300], [0, 1], 4),
    "rare best, many draws": ([1 - 1e-12, 1e-12], [0, 1], 10**12),
    "rare worst": ([1e-300, 1.0], [0, 1], 2),
    "rare worst of three": ([1e-100, 1e-90, 1.0], [0, 1, 2], 3),
    "ruled out": ([0.5, 0.0, 0.5], [0, 1, 2], 3),
    "ruled out at both ends": ([0.0, 0.5, 0.5, 0.0], [0, 1, 2, 3], 3),
    "all tied": (REFERENCE, [1, 1, 1, 1], 8),
    "tied with what is ruled out": ([0.5, 0.5, 0.0], [0, 1, 1], 8),
    "unsorted": ([0.1, 0.2, 0.3, 0.4], [5, -1, 2, 0], 6),
    "one action": ([1.0], [3.0], 9),
}


@pytest.mark.parametrize("kind", CHOICES)
def test_the_best_of_n_is_that_of_exact_arithmetic(kind):
    reference, reward, n = CHOICES[kind]
    policy = best_of_n(reference, reward, n)
    assert policy.sum() == pytest.approx(1, abs=1e-12)
    for value, exact in zip(policy, exact_best_of_n(reference, reward, n, 400), strict=True):
        assert near(value, exact) or (exact < 1e-305 and abs(value - exact) < 1e-305)


def test_the_best_of_one_is_the_reference():
    assert best_of_n(REFERENCE, REWARD, 1).tolist() == pytest.approx(REFERENCE, rel=1e-14)


def test_the_best_of_n_is_what_a_simulation_gives():
    random = np.random.default_rng(7)
    draws = random.choice(4, size=(50_000, 3), p=REFERENCE)
    winners = draws[np.arange(50_000), np.array(REWARD)[draws].argmax(axis=1)]
    shares = np.bincount(winners, minlength=4) / 50_000
    policy = best_of_n(REFERENCE, REWARD, 3)
    error = np.sqrt(policy * (1 - policy) / 50_000)
    assert (np.abs(shares - policy) < 4 * error).all()


@pytest.mark.parametrize(
    "n, bound, kl", [(2, 0.193147, 0.157199), (4, 0.636294, 0.587114), (8, 1.204442, 1.124108)]
)
def test_the_bound_and_the_divergences_of_the_course(n, bound, kl):
    assert best_of_n_bound(n) == pytest.approx(bound, abs=5e-7)
    assert kl_divergence(best_of_n(REFERENCE, REWARD, n), REFERENCE) == pytest.approx(kl, abs=5e-7)


def test_the_bound_is_reached_where_every_action_is_rare():
    k, n = 20_000, 8
    kl = kl_divergence(best_of_n(np.full(k, 1 / k), np.arange(k), n), np.full(k, 1 / k))
    assert best_of_n_bound(n) - 1e-3 < kl < best_of_n_bound(n)


def test_the_bound_of_one_draw_is_0_and_arrays_give_arrays():
    assert best_of_n_bound(1) == 0 and isinstance(best_of_n_bound(1), float)
    assert best_of_n_bound([1, 2]).tolist() == [0, pytest.approx(math.log(2) - 0.5)]
    assert best_of_n_bound(10**15) == pytest.approx(15 * math.log(10) - 1, rel=1e-14)


@pytest.mark.parametrize(
    "function, arguments, parts",
    [
        (tilted_policy, (REFERENCE, REWARD, 0), ["beta is 0", "positive", "price of a nat"]),
        (tilted_policy, (REFERENCE, REWARD, -1.0), ["beta is -1"]),
        (tilted_policy, (REFERENCE, REWARD, np.nan), ["beta is nan"]),
        (tilted_policy, (REFERENCE, REWARD, np.inf), ["beta is inf"]),
        (tilted_policy, (REFERENCE, REWARD, [1, 2]), ["beta has shape (2,)", "single number"]),
        (tilted_policy, ([4, 3, 2, 1], REWARD, 1), ["reference holds whole numbers", "normalize"]),
        (tilted_policy, ([0.5, 0.3], [0, 1], 1), ["reference sums to 0.8"]),
        (tilted_policy, (REFERENCE, [0, 1], 1), ["reference has 4 outcomes and reward has 2"]),
        (tilted_policy, (REFERENCE, [0, np.inf, 0, 0], 1), ["reward[1] is inf"]),
        (tilted_policy, (REFERENCE, [0, np.nan, 0, 0], 1), ["reward[1] is nan"]),
        (tilted_policy, (REFERENCE, 3.0, 1), ["reward is the single number 3"]),
        (best_of_n, (REFERENCE, REWARD, 0), ["n is 0", "whole number from 1 on"]),
        (best_of_n, (REFERENCE, REWARD, 2.5), ["n is 2.5"]),
        (best_of_n, (REFERENCE, REWARD, np.inf), ["n is inf"]),
        (best_of_n, (REFERENCE, REWARD, [1, 2]), ["n has shape (2,)"]),
        (best_of_n, (REFERENCE, REWARD, True), ["n holds True and False"]),
        (best_of_n, ([REFERENCE, REFERENCE], REWARD, 2), ["reference has shape (2, 4)", "(k,)"]),
        (best_of_n, (REFERENCE, [0, -np.inf, 0, 0], 2), ["reward[1] is -inf"]),
        (best_of_n, ([0.5, -0.5, 1.0], [0, 1, 2], 2), ["reference[1] is -0.5"]),
        (best_of_n_bound, (0.5,), ["n is 0.5"]),
        (best_of_n_bound, ([4, -1],), ["n[1] is -1"]),
    ],
)
def test_bad_input_is_refused_by_name(function, arguments, parts):
    message = refusal(function, *arguments)
    assert all(part in message for part in parts), message


def test_labels_in_another_order_are_refused():
    reference = pd.Series([0.5, 0.5], index=["a", "b"])
    reward = pd.Series([0.0, 1.0], index=["b", "a"])
    assert "reference lists a, b and reward lists b, a" in refusal(
        tilted_policy, reference, reward, 1.0
    )
