"""What the quiz items of unit 03 claim, each claim recomputed by a route of its own."""

import math
import re
from random import Random

import mpmath
import numpy as np
import pytest
from scipy import optimize
from scipy.special import rel_entr
from scipy.stats import entropy

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right

P, Q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]


def pairs(size, count=2000):
    random = np.random.default_rng(size)
    return random.dirichlet(np.ones(size), count), random.dirichlet(np.ones(size), count)


# Predictions


def test_one_or_two_of_three_terms_are_negative():
    negative = (rel_entr(*pairs(3)) < 0).sum(axis=1)
    assert set(negative) == {1, 2}
    assert right("03-signs") == "one or two, never none or all"


def test_kl_is_zero_only_for_q_equal_to_p():
    assert right("03-only-equal") == "they are the same"
    for size in (2, 3, 10):
        assert (rel_entr(*pairs(size)).sum(axis=1) > 0).all()
        (p, *_), _ = pairs(size)
        best = optimize.minimize(
            lambda z, p=p: entropy(p, np.exp(z) / np.exp(z).sum()), np.zeros(size), tol=1e-12
        )
        assert best.fun == pytest.approx(0, abs=1e-9)
        np.testing.assert_allclose(np.exp(best.x) / np.exp(best.x).sum(), p, atol=1e-4)


def test_mass_outside_the_support_of_p_counts():
    kl = mpmath.log(mpmath.mpf("0.5") / mpmath.mpf("0.4"))
    assert right("03-outside") == f"log(0.5/0.4) = {float(kl):.3f} nats"
    assert entropy([0.5, 0.5, 0], [0.4, 0.4, 0.2]) == pytest.approx(float(kl))
    assert f"wasted {1 - 0.4 - 0.4:.1f} of its mass" in options("03-outside")[RIGHT].says


def test_a_quarter_of_the_mass_is_wasted():
    kl = float(rel_entr([0.6, 0.4, 0], [0.45, 0.3, 0.25]).sum())
    assert right("03-unused") == f"{kl:.3f} nats"
    assert f"−log 0.75 = {-math.log(0.75):.3f} nats" in PREDICTIONS["03-unused"].reveal
    assert kl == pytest.approx(-math.log(0.75))
    assert 0.45 / 0.6 == pytest.approx(0.3 / 0.4) == pytest.approx(1 - 0.25)


def test_the_pool_of_the_prediction():
    p, q = np.array(P), np.array(Q)
    both = entropy(p, q), entropy(q, p)
    text = PREDICTIONS["03-pool"].text
    assert all(f"{kl:.2f}" in text for kl in both)
    assert right("03-pool").startswith(f"{sum(both) / 2:.2f} nats at most")
    assert entropy((p + q) / 2, (q + p) / 2) == 0  # P and Q exchanged in the second group


def test_a_q_that_sums_to_more_than_one():
    assert right("03-not-normalised") == "yes, if Q has nearly the shape of P"
    assert f"log 1.05 = {math.log(1.05):.3f} nats" in PREDICTIONS["03-not-normalised"].reveal
    p, q = pairs(3)
    sums = rel_entr(p, 1.05 * q).sum(axis=1)
    np.testing.assert_allclose(sums, entropy(p, q, axis=1) - math.log(1.05), atol=1e-12)
    assert (sums < 0).any() and (sums > 0).any()
    assert ((sums < 0) == (entropy(p, q, axis=1) < math.log(1.05))).all()
    assert sums.min() > -math.log(1.05)


# Review questions


def test_the_logarithm_lies_below_its_tangent():
    t = np.geomspace(1e-6, 1e6, 10_001)
    assert (np.log(t) <= t - 1).all() and not (np.log(t) >= t - 1).all()
    assert (np.log(t) < 0).any()
    assert right("03-tangent") == "log t ≤ t − 1"


def test_the_lifted_terms_keep_their_sum_and_lose_their_sign():
    assert right("03-lifted") == "the same KL"
    for size in (2, 3, 10):
        p, q = pairs(size)
        plain = rel_entr(p, q)
        lifted = plain + q - p
        assert (lifted >= 0).all() and (plain < 0).any(axis=1).all()
        np.testing.assert_allclose(lifted.sum(axis=1), entropy(p, q, axis=1), atol=1e-12)
        assert (np.abs(plain).sum(axis=1) > lifted.sum(axis=1) + 1e-9).all()


def test_the_flipped_ratio_is_never_positive():
    assert right("03-flipped") == "it is never positive: the ratio is upside down"
    for size in (2, 3, 10):
        p, q = pairs(size)
        assert ((p * np.log(q / p)).sum(axis=1) < 0).all()
    average = 0.7 * math.log(0.3 / 0.7) + 0.3 * math.log(0.7 / 0.3)
    assert f"−{abs(average):.3f}" in options("03-flipped")["log-ratio-either-way"].says
    assert average < 0


def test_the_hair_below_zero_is_the_small_number_and_no_rounding():
    text = REVIEW["03-hair"].text.replace("−", "-")
    shown = float(re.search(r"-0\.0+\d", text)[0])
    with mpmath.workdps(40):
        exact = mpmath.fsum(
            mpmath.mpf(p) * mpmath.log(1 / (1 + mpmath.mpf(10) ** -10 / mpmath.mpf(p)))
            for p in ("0.7", "0.2", "0.1")
        )
    assert shown == pytest.approx(float(exact), rel=1e-6)
    assert right("03-hair") == "a small number was added to q"
    (rounding,) = re.findall(r"0\.0+1", options("03-hair")["rounding-explains-it"].says)
    p, _ = pairs(3)
    bill, floor = (p * np.log(p)).sum(axis=1), -entropy(p, axis=1)  # the same in another order
    assert 0 < np.abs(bill - floor).max() < 20 * float(rounding)


@pytest.mark.parametrize("seed", range(20))
def test_the_pool_of_two_groups(seed):
    question = REVIEW["03-pooled"]
    text, answers = question.vary(Random(seed)) if seed else (question.text, question.answers)
    one, other = map(float, re.findall(r"0\.\d+|1\.\d+", text))
    half = (one + other) / 2
    said = {option.code: option.text for option in answers.options}
    assert said == {
        "kl-is-linear": f"{half:.2f} nats",
        RIGHT: f"at most {half:.2f} nats",
        "mixing-adds-divergence": f"at least {half:.2f} nats",
    }


def test_mixing_never_adds_divergence():
    for size in (2, 3, 10):
        (p1, q1), (p2, q2) = pairs(size), (x[::-1] for x in pairs(size))
        pool = entropy((p1 + p2) / 2, (q1 + q2) / 2, axis=1)
        average = (entropy(p1, q1, axis=1) + entropy(p2, q2, axis=1)) / 2
        assert (pool < average).all()


def test_the_tangent_plane_touches_at_q():
    assert right("03-bregman") == "it touches at Q, measured at P"

    def gap(touch, measured):
        slope = np.log(touch) + 1
        at_touch, at_measured = -entropy(touch), -entropy(measured)
        return at_measured - at_touch - slope @ (measured - touch)

    p, q = np.array(P), np.array(Q)
    assert gap(q, p) == pytest.approx(entropy(p, q))
    assert gap(p, q) == pytest.approx(entropy(q, p)) and gap(q, q) == 0
    middle = (p + q) / 2
    assert gap(middle, p) == pytest.approx(entropy(p, middle))
    assert "KL(P‖M)" in options("03-bregman")["kl-is-symmetric"].says
