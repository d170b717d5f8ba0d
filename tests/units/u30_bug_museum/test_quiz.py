"""What the quiz items of unit 30 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance

from tests.units.quiz_content import ITEMS, PREDICTIONS, options, right, variants


def test_the_mean_of_both_directions_keeps_all_but_the_bound():
    assert right("30-which") == "never above log 2"
    random = np.random.default_rng(0)
    pairs = random.dirichlet(np.ones(3), (200, 2))
    mean = [(entropy(p, q) + entropy(q, p)) / 2 for p, q in pairs]
    turned = [(entropy(q, p) + entropy(p, q)) / 2 for p, q in pairs]
    assert min(mean) > 0 and mean == turned and max(mean) > math.log(2)
    assert (entropy([1, 0], [0.5, 0.5]) + entropy([0.5, 0.5], [1, 0])) / 2 == math.inf
    assert "half of Jeffreys' divergence" in PREDICTIONS["30-which"].reveal


def test_shares_as_positions_do_not_see_a_mirror_image():
    assert right("30-positions") == "if q = p or q = 1 − p"
    grid = np.arange(1, 20) / 20
    for p in grid:
        for q in grid:
            value = wasserstein_distance([p, 1 - p], [q, 1 - q])
            assert (value < 1e-12) == (abs(p - q) < 1e-9 or abs(p + q - 1) < 1e-9)
    assert wasserstein_distance([0.5, 0.5], [0.9, 0.1]) > 0


def test_only_the_one_sided_sum_passes_inside():
    assert right("30-inside").startswith("B24")
    p = np.array([0.2, 0.3, 0.5])
    assert np.sum(p * (p / p)) == pytest.approx(1)  # B10
    below = np.sum(p * np.log(p / (p + 1e-10)))  # B4
    assert below == pytest.approx(-3e-10, rel=1e-3)
    assert "about 3e-10" in options("30-inside")["small-violation-is-rounding"].says
    assert 3e-10 / np.finfo(float).eps > 1e6  # "a million times what rounding leaves"
    random = np.random.default_rng(1)
    assert (random.dirichlet(np.ones(3), 100_000) > 0).all()


def test_a_value_above_the_bound():
    for (p, mirrored, value), by_code in variants("30-above-the-bound"):
        jeffreys = entropy([p, mirrored], [mirrored, p])
        assert value == pytest.approx(jeffreys, abs=5e-4) and value > math.log(2)
        assert mirrored == pytest.approx(1 - p)
        assert jensenshannon([p, mirrored], [mirrored, p]) ** 2 < math.log(2)
        assert "log 2 = 0.693" in by_code["right"].says
    assert f"{math.log(2):.3f}" == "0.693"


def test_twice_kl_has_every_property_of_kl():
    assert right("30-doubled") == "one known value"
    p, q = np.array([0.7, 0.3]), np.array([0.4, 0.6])
    two = [np.outer(x, x).ravel() for x in (p, q)]
    assert 2 * entropy(*two) == pytest.approx(2 * (2 * entropy(p, q)))
    assert 2 * entropy(p, p) == 0 < 2 * entropy(p, q)
    assert entropy(p, q) != pytest.approx(entropy(q, p), rel=1e-3)


def test_the_right_answers_of_the_other_questions():
    assert right("30-inputs").startswith("an equal pair, zeros on either side")
    assert right("30-abs").startswith("nothing")
    assert right("30-samples-as-shares") == "a number comes out that is no divergence"
    assert right("30-gradient").startswith("not by that alone")
    assert {name for name in ITEMS if name.startswith("30-")} == {
        "30-which",
        "30-positions",
        "30-inside",
        "30-above-the-bound",
        "30-doubled",
        "30-inputs",
        "30-abs",
        "30-samples-as-shares",
        "30-gradient",
    }


def test_samples_as_shares_give_a_number_where_nobody_asks():
    random = np.random.default_rng(0)
    a, b = np.sort(random.normal(0, 1, 1000)), np.sort(random.normal(1, 1, 1000))
    with np.errstate(invalid="ignore"):
        value = abs(np.nansum(a * np.log(a / b)))
    assert math.isfinite(value) and value > 100  # KL of the two normals is one half


def test_k3_has_the_gradient_of_the_other_kl():
    """Exactly, by enumeration, for a policy with three answers."""
    logits, ref = np.array([0.3, -0.2, 0.5]), np.array([0.5, 0.3, 0.2])
    step = 1e-6

    def policy(x):
        return np.exp(x) / np.exp(x).sum()

    def mean_of_k3(x):
        ratio = ref / policy(x)
        return np.sum(policy(logits) * (ratio - 1 - np.log(ratio)))

    def slope(f):
        return np.array([(f(logits + h) - f(logits - h)) / (2 * step) for h in step * np.eye(3)])

    assert mean_of_k3(logits) == pytest.approx(entropy(policy(logits), ref))
    other = slope(lambda x: entropy(ref, policy(x)))
    np.testing.assert_allclose(slope(mean_of_k3), other, atol=1e-8)
    assert abs(slope(lambda x: entropy(policy(x), ref)) - other).max() > 0.01
