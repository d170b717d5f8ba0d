"""What the quiz items of unit 10 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.special import rel_entr

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def kl_of_widths(old, new):
    """KL(N(0, old)‖N(0, new))."""
    ratio = (old / new) ** 2
    return (ratio - 1 - math.log(ratio)) / 2


def kl_of_coins(p, q):
    return rel_entr([p, 1 - p], [q, 1 - q]).sum()


# Predictions


def test_the_price_of_a_step_falls_with_the_square_of_the_width():
    assert right("10-scale") == "about 100 times"
    ratio = kl_of_widths(1, 1.01) / kl_of_widths(10, 10.01)
    assert f"{ratio:.1f} times" in PREDICTIONS["10-scale"].reveal
    smaller = kl_of_widths(1, 1 + 1e-4) / kl_of_widths(10, 10 + 1e-4)
    assert ratio < smaller < 100 and smaller == pytest.approx(100, rel=1e-3)
    offered = (1, 10, 100, 1000)
    assert min(offered, key=lambda n: abs(n - ratio)) == 100
    assert 0.01 / 1 == 0.01 and 0.01 / 10 == 0.001  # a hundredth, a thousandth


def test_half_of_a_small_step_costs_a_quarter():
    assert right("10-halve") == "0.00005 nats"
    step = math.sqrt(2 * 0.0002 * 0.21)  # of a coin with p = 0.3
    assert kl_of_coins(0.3, 0.3 + step) == pytest.approx(0.0002, rel=0.05)
    assert kl_of_coins(0.3, 0.3 + step / 2) == pytest.approx(0.00005, rel=0.03)
    assert (
        0.0002 / 8 == 0.000025
        and "0.000025" in options("10-halve")["price-goes-with-the-cube"].text
    )


def test_in_the_logarithm_equal_steps_cost_the_same():
    assert right("10-log") == "in log σ"
    prices = {
        "log σ": [kl_of_widths(s, s * math.exp(0.01)) for s in (0.1, 1, 10)],
        "σ": [kl_of_widths(s, s + 0.01) for s in (0.1, 1, 10)],
        "σ²": [kl_of_widths(math.sqrt(v), math.sqrt(v + 0.01)) for v in (0.01, 1, 100)],
    }
    assert np.ptp(prices["log σ"]) < 1e-15
    assert prices["σ"][1] > 50 * prices["σ"][2] and prices["σ"][0] > 50 * prices["σ"][1]
    says = options("10-log")["variance-has-the-ruler"].says
    assert "about 10 000 times" in says
    assert prices["σ²"][1] / prices["σ²"][2] == pytest.approx(10_000, rel=0.02)
    # F is 2 everywhere
    h = 1e-4
    for s in (0.1, 1, 10):
        both_sides = kl_of_widths(s, s * math.exp(h)) + kl_of_widths(s, s * math.exp(-h))
        assert both_sides / h**2 == pytest.approx(2, rel=1e-6)


def test_a_batch_of_a_hundred_leaves_a_hundredth():
    assert right("10-batch") == "F / 100"
    for p in (0.1, 0.3, 0.5):
        heads = np.arange(101)
        sums = heads / p - (100 - heads) / (1 - p)
        chances = stats.binom.pmf(heads, 100, p)
        fisher = 1 / p + 1 / (1 - p)
        assert chances @ (sums / 100) ** 2 == pytest.approx(fisher / 100)
        assert chances @ sums**2 == pytest.approx(100 * fisher)  # "the squares of sums"
        assert chances @ sums == pytest.approx(0, abs=1e-9)
        assert p * (1 / p) - (1 - p) / (1 - p) == pytest.approx(0)  # all data, at the optimum


# Review questions


def test_the_price_of_a_step_of_a_coin():
    for (p, step), answers in variants("10-step-of-a-coin"):
        exact = (kl_of_coins(p, p + step) + kl_of_coins(p, p - step)) / 2
        price = float(answers[RIGHT].text.split()[0])
        assert price == pytest.approx(exact, rel=0.01, abs=6e-7)
        wrong = answers["local-kl-without-half"].text, answers["fisher-is-a-variance"].text
        assert float(wrong[0].split()[0]) == pytest.approx(2 * exact, rel=0.01, abs=6e-7)
        assert float(wrong[1].split()[0]) == pytest.approx(step**2 * p * (1 - p) / 2, abs=6e-7)
        assert len({answer.text for answer in answers.values()}) == 3
        assert f"({p:.2f} · {1 - p:.2f})" in answers[RIGHT].says


def test_the_standard_error_of_a_share():
    for (p, fisher, flips), answers in variants("10-standard-error"):
        assert fisher == pytest.approx(1 / (p * (1 - p)))
        error = stats.binom(flips, p).std() / flips
        assert answers[RIGHT].text == f"{error:.3f}"
        assert float(answers["error-goes-with-n"].text) == pytest.approx(0.4 / flips, abs=6e-6)
        assert answers["error-ignores-n"].text == f"{stats.bernoulli(p).std():.3f}"
        assert len({answer.text for answer in answers.values()}) == 3


def test_the_information_about_a_mean_in_another_unit():
    factors = {"centimetres": 100, "minutes": 60, "grams": 1000, "cents": 100, "milliseconds": 1000}
    for (fisher, *_), answers in variants("10-unit"):
        (factor,) = {f for f in factors.values() if f"a number {f} times" in answers[RIGHT].says}
        sigma = 1 / math.sqrt(fisher)  # of the normal, in the larger unit
        assert float(answers[RIGHT].text) == pytest.approx(1 / (sigma * factor) ** 2)
        assert float(answers["information-follows-the-unit"].text) == pytest.approx(4 / factor)
        assert len({answer.text for answer in answers.values()}) == 3


def test_the_error_goes_with_the_cube():
    assert right("10-error") == "about 1000 times"
    errors = [abs(kl_of_coins(0.2, 0.2 + d) - d**2 / 0.32) for d in (1e-2, 1e-3)]
    assert errors[0] / errors[1] == pytest.approx(1000, rel=0.1)
    kls = [kl_of_coins(0.2, 0.2 + d) for d in (1e-2, 1e-3)]
    assert kls[0] / kls[1] == pytest.approx(100, rel=0.05)  # "KL itself falls a hundredfold"


def test_the_mean_of_squares_at_an_optimum():
    assert right("10-optimum").startswith("it is above 0")
    pulls = np.array([2.0, -2.0, 1.0, -1.0])
    assert pulls.mean() == 0 < (pulls**2).mean()
    other = pulls + 0.7
    assert (other**2).mean() == pytest.approx(other.mean() ** 2 + other.var())


def test_the_difference_of_the_directions_fades():
    assert right("10-both-directions") == "it goes to 0"
    differences = []
    for d in (0.2, 0.02, 0.002, 0.0002):
        one, other = kl_of_coins(0.3, 0.3 + d), kl_of_coins(0.3 + d, 0.3)
        differences.append((abs(one - other) / one, abs(one - other)))
    shares, sizes = np.transpose(differences)
    assert (np.diff(shares) < 0).all() and shares[-1] < 2e-4
    assert sizes[2] / sizes[3] == pytest.approx(1000, rel=0.1)


def test_what_the_first_step_does_under_both_names():
    assert right("10-names").startswith("differently with the plain gradient")
    sigma, truth, rate = 3.0, 5.0, 1e-4
    slope = 1 / sigma - truth**2 / sigma**3
    plain = sigma - rate * slope, sigma * math.exp(-rate * sigma * slope)
    natural = (
        sigma - rate * slope / (2 / sigma**2),
        sigma * math.exp(-rate * sigma * slope / 2),
    )
    moved = np.subtract(plain, sigma), np.subtract(natural, sigma)
    assert moved[0][1] / moved[0][0] == pytest.approx(9, rel=1e-3)
    assert "9 times" in options("10-names")["plain-step-knows-no-names"].says
    assert moved[1][1] / moved[1][0] == pytest.approx(1, rel=1e-3)
