"""What the quiz items of unit 05 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax
from scipy.stats import entropy

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants

FAIR, BENT, SURE = [0.5, 0.5], [0.9, 0.1], [1.0, 0.0]


# Predictions


def test_believing_90_10_of_a_fair_coin_costs_more():
    assert right("05-coins") == "to believe 90/10 of the fair coin"
    reveal = PREDICTIONS["05-coins"].reveal
    dear, cheap = entropy(FAIR, BENT), entropy(BENT, FAIR)
    assert dear > cheap
    assert f"wastes {dear:.3f} nats a flip" in reveal and f"wastes {cheap:.3f}." in reveal
    assert f"−log 0.1 = {-math.log(BENT[1]):.3f} nats" in reveal
    assert (
        f"log 2 = {-math.log(FAIR[0]):.3f} nats each"
        in options("05-coins")["surer-truth-costs-more"].says
    )


def test_a_zero_costs_only_where_it_is_believed():
    mostly = [0.8, 0.2]
    costs = [entropy(SURE, mostly), entropy(mostly, SURE)]

    def words(first, second):
        return f"{first} and {second}"

    finite, infinite = f"{costs[0]:.3f} nats", "infinity"
    assert costs[1] == math.inf
    assert right("05-sure") == words(finite, infinite)
    assert options("05-sure")["swapped-roles"].text == words(infinite, finite)
    assert f"costs −log 0.8 = {finite} a flip" in PREDICTIONS["05-sure"].reveal


# Review questions


def test_the_first_letter_supplies_the_samples():
    assert right("05-who-samples") == "P supplies them, Q is scored"
    p, q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
    random = np.random.default_rng(3)
    samples = random.choice(3, size=200_000, p=p)
    scored = np.mean(np.log(np.divide(p, q))[samples])
    assert scored == pytest.approx(entropy(p, q), abs=0.02)
    assert abs(scored - entropy(q, p)) > 0.05


def test_where_the_reverse_is_infinite():
    assert right("05-reverse-infinity") == "where Q does something that P never does"
    p, q = [0.5, 0.5, 0.0], [0.4, 0.4, 0.2]
    assert entropy(q, p) == math.inf > entropy(p, q)


def test_the_libraries_take_their_arguments_in_different_orders():
    assert right("05-call").startswith("that depends on the library")
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    kl = sum(a * math.log(a / b) for a, b in zip(p, q, strict=True))
    assert entropy(p, q) == pytest.approx(kl)  # SciPy: the truth first
    as_pytorch_has_it = np.sum(p * (np.log(p) - np.log(q)))  # kl_div(input=log q, target=p)
    assert as_pytorch_has_it == pytest.approx(kl)


def test_the_sum_the_mean_and_the_difference():
    for (forward, reverse), answers in variants("05-jeffreys"):
        assert answers[RIGHT].text == f"{forward + reverse:.2f}"
        assert answers["jeffreys-is-a-mean"].text == f"{(forward + reverse) / 2:.2f}"
        assert answers["jeffreys-is-a-difference"].text == f"{abs(forward - reverse):.2f}"
        assert len({answer.text for answer in answers.values()}) == 3


def test_psi_against_kl_and_js_for_close_histograms():
    assert right("05-psi") == "KL(P‖Q) + KL(Q‖P)"
    p = np.array([0.1, 0.2, 0.3, 0.4])
    q = p + 0.002 * np.array([1, -1, 1, -1])
    psi = np.sum((p - q) * np.log(p / q))
    assert psi == pytest.approx(entropy(p, q) + entropy(q, p))
    assert psi / entropy(p, q) == pytest.approx(2, rel=0.02)  # "about half of it"
    assert psi / jensenshannon(p, q) ** 2 == pytest.approx(8, rel=0.02)  # "an eighth of PSI"
    assert jensenshannon([1, 0], [0, 1]) ** 2 == pytest.approx(math.log(2))


def test_up_close_the_two_directions_differ_by_less_than_one_per_cent():
    assert right("05-close") == "nearly equal"
    # both are averages under q of these two functions of p/q, so their ratio lies between bounds
    ratio = np.concatenate([np.linspace(0.99, 1 - 1e-4, 500), np.linspace(1 + 1e-4, 1.01, 500)])
    forward, reverse = ratio * np.log(ratio) - ratio + 1, ratio - 1 - np.log(ratio)
    assert np.abs(forward / reverse - 1).max() < 0.01
    random = np.random.default_rng(4)
    for p in random.dirichlet(np.ones(5), 100):
        q = p * (1 + 0.004 * random.uniform(-1, 1, 5))
        q = q / q.sum()
        assert np.abs(p / q - 1).max() < 0.01
        assert entropy(p, q) / entropy(q, p) == pytest.approx(1, abs=0.01)
        assert entropy(p, q) == pytest.approx(np.sum((p - q) ** 2 / p) / 2, rel=0.02)


def test_mirror_images_cost_the_same():
    assert right("05-mirror") == "yes, if they are mirror images"
    for heads in (0.1, 0.3, 0.45):
        p, q = [heads, 1 - heads], [1 - heads, heads]
        assert entropy(p, q) == pytest.approx(entropy(q, p))
    says = options("05-mirror")["kl-is-symmetric"].says
    assert f"{entropy(FAIR, BENT):.3f} and {entropy(BENT, FAIR):.3f} nats" in says


def test_forward_spreads_a_one_peaked_model_over_both_peaks():
    assert right("05-cover") == "KL(P‖Q)" and options("05-cover")[RIGHT].text == "KL(P‖Q)"
    places = np.arange(21)
    p = np.exp(-0.5 * (places - 3) ** 2) + np.exp(-0.5 * (places - 17) ** 2)
    p = p / p.sum()

    def one_peak(z):
        return softmax(-0.5 * ((places - z[0]) / math.exp(z[1])) ** 2)

    def fitted(loss):
        starts = [(centre, width) for centre in (3, 10, 17) for width in (0.0, 2.0)]
        fits = [minimize(lambda z: loss(one_peak(z)), s, method="Nelder-Mead") for s in starts]
        return one_peak(min(fits, key=lambda fit: fit.fun).x)

    spread = fitted(lambda q: entropy(p, q))
    seeking = fitted(lambda q: np.sum(q * (np.log(q + 1e-300) - np.log(p))))
    assert min(spread[:8].sum(), spread[13:].sum()) > 0.25
    assert min(seeking[:8].sum(), seeking[13:].sum()) < 0.01
