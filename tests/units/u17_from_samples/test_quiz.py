"""What the quiz items of unit 17 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import special, stats
from scipy.spatial.distance import cdist

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def three(log_p, log_q):
    log_r = log_q - log_p
    return -log_r, log_r**2 / 2, np.exp(log_r) - 1 - log_r


def spreads(width):
    """KL, and the spreads of k1 and k3 in units of it, of a bell of this width against 1."""
    p = stats.norm(0, width)
    x = np.linspace(-30, 30, 60_001)
    weights = p.pdf(x) * (x[1] - x[0])
    first, _, third = three(p.logpdf(x), stats.norm.logpdf(x))
    kl = weights @ first
    return kl, *(math.sqrt(weights @ (values - kl) ** 2) / kl for values in (first, third))


# Predictions


def test_how_many_samples_a_tenth_of_a_small_kl_takes():
    assert right("17-how-many") == "40 000"
    # two normals with centres 0.1 apart: KL 0.005, and one log ratio scatters by 0.1
    x = np.linspace(-12, 12, 20_001)
    weights = stats.norm.pdf(x, 0.1) * (x[1] - x[0])
    ratio = stats.norm.logpdf(x, 0.1) - stats.norm.logpdf(x)
    kl = weights @ ratio
    one = math.sqrt(weights @ (ratio - kl) ** 2)
    assert kl == pytest.approx(0.005) and one == pytest.approx(0.1)
    assert (one / (0.1 * kl)) ** 2 == pytest.approx(40_000)
    assert one / (0.1 * kl) == pytest.approx(200)  # what errors that fall like 1/n would need
    assert "20 times KL" in options("17-how-many")["error-goes-with-n"].says
    assert one / kl == pytest.approx(20)
    assert "average 0.005 and the standard deviation 0.1" in PREDICTIONS["17-how-many"].reveal


def test_near_equality_the_spread_needs_no_more_than_kl():
    assert "about 2 KL" in options("17-how-many")["spread-needs-the-law"].says
    random = np.random.default_rng(1)
    for p in random.dirichlet(np.ones(5), 20):
        q = p * (1 + 0.02 * random.uniform(-1, 1, 5))
        q = q / q.sum()
        ratio = np.log(p / q)
        kl = p @ ratio
        assert p @ (ratio - kl) ** 2 == pytest.approx(2 * kl, rel=0.05)


def test_k3_scatters_more_for_a_sharper_p():
    assert right("17-sharper") == "k3"
    _, first, third = spreads(0.75)
    reveal = PREDICTIONS["17-sharper"].reveal
    assert f"one value of it scatters by {third:.1f} times KL" in reveal
    assert f"one of k1 by {first:.1f} times" in reveal
    assert 0.7 < math.sqrt(0.5) < 0.75  # "a little sharper still, and its variance is infinite"


def test_the_plug_in_estimate_of_nothing():
    counts = np.arange(51)
    share = counts / 50
    mean = math.log(10) - 10 * stats.binom.pmf(counts, 50, 0.1) @ special.entr(share)
    answers = PREDICTIONS["17-plug-in"].answers
    assert answers.truth == pytest.approx(mean, abs=5e-5)
    assert f"{mean:.3f} nats on average" in PREDICTIONS["17-plug-in"].reveal
    assert answers.judge(9 / 100).code == RIGHT
    assert answers.judge(9 / 50).code == "bias-without-half"
    assert answers.judge(0.0).code == "same-law-is-zero"
    assert answers.judge(0.03).code == "bias-is-small"
    assert answers.judge(0.5).code == "bias-is-large"
    assert math.log(10) > answers.high  # the range forbids nothing that anybody would mean


# Review questions


def test_k3_of_one_sample():
    for numbers, answers in variants("17-one-sample"):
        log_p, log_q = (-abs(number) for number in numbers[:2])
        first, second, third = three(log_p, log_q)
        turned = math.exp(-log_q + log_p) - 1 - (log_p - log_q)
        assert answers[RIGHT].text == f"{third:.3f}"
        assert answers["k2-is-k3"].text == f"{second:.3f}"
        assert answers["k1-for-k3"].text.replace("−", "-") == f"{first:.3f}"
        assert answers["ratio-turned"].text == f"{turned:.3f}"
        assert len({answer.text for answer in answers.values()}) == 4


def test_the_bias_of_counts():
    for (outcomes, rows, *_), answers in variants("17-bias"):
        assert answers[RIGHT].text == f"{(outcomes - 1) / (2 * rows):.3f} nats"
        assert answers["bias-without-half"].text == f"{(outcomes - 1) / rows:.3f} nats"


def test_samples_of_q_lead_to_minus_the_other_direction():
    assert right("17-wrong-samples") == "−KL(Q‖P)"
    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    assert q @ np.log(p / q) == pytest.approx(-special.rel_entr(q, p).sum())


def test_cutting_at_0_makes_readings_too_large_most_so_for_a_small_kl():
    assert right("17-minus").startswith("show its standard error")
    gains = []
    for kl in (0.005, 0.02):
        error = math.sqrt(2 * kl / 100)  # of k1 over 100 samples
        x = np.linspace(0, kl + 12 * error, 20_001)
        gains.append(np.trapezoid(x * stats.norm(kl, error).pdf(x), x) / kl - 1)
    assert gains[0] > gains[1] > 0


def test_the_standard_error_of_a_heavy_tail_is_too_small_as_a_rule():
    assert right("17-tail") == "it is too small as a rule, and KL as well"
    random = np.random.default_rng(2)
    x = random.normal(0, 0.6, (800, 1000))
    k3 = three(stats.norm(0, 0.6).logpdf(x), stats.norm.logpdf(x))[2]
    kl = -math.log(0.6) - (1 - 0.6**2) / 2
    runs = k3.mean(axis=1)
    assert (runs < kl).mean() > 0.55
    own = np.median(k3.std(axis=1) / math.sqrt(1000))
    assert own < runs.std()  # and the true one is infinite
    assert np.median(runs) == pytest.approx(0.17, abs=0.01)
    assert own == pytest.approx(0.02, abs=0.012)


def knn(x, y, k=5):
    within = np.partition(cdist(x, x), k, axis=1)[:, k]
    between = np.partition(cdist(x, y), k - 1, axis=1)[:, k - 1]
    return x.shape[1] * np.mean(np.log(between / within)) + math.log(len(y) / (len(x) - 1))


def test_half_of_the_estimates_of_0_are_below_it():
    assert right("17-below-zero") == "in about half of the runs"
    random = np.random.default_rng(3)
    found = [knn(*random.normal(size=(2, 300, 1))) for _ in range(60)]
    assert 15 <= sum(value < 0 for value in found) <= 45


def test_the_size_of_a_tiny_noise_has_a_part_in_the_result():
    assert right("17-jitter") == "a number that the size of the noise has a part in"
    random = np.random.default_rng(4)
    x, y = np.round(random.normal(size=(2, 500, 1)) + [[[0]], [[1]]], 1)
    unit = random.uniform(-0.5, 0.5, (2, 500, 1))
    by_size = [knn(x + size * unit[0], y + size * unit[1]) for size in (1e-10, 1e-4, 0.1)]
    assert abs(by_size[0] - by_size[1]) > 0.05
    assert abs(by_size[2] - 0.5) < 0.25


def test_a_unit_changes_the_estimate_and_not_kl():
    assert right("17-unit-of-points") == "the estimate, not KL"
    random = np.random.default_rng(5)
    found = []
    for _ in range(6):
        x, y = random.normal(size=(2, 400, 2))
        y = y + [1, 0]
        found.append((knn(x, y), knn(x * [1, 1000], y * [1, 1000])))
    metres, millimetres = np.mean(found, axis=0)
    assert abs(metres - 0.5) < 0.15 and abs(millimetres - 0.5) > 0.3
