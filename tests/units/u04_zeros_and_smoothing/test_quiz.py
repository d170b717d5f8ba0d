"""What the quiz items of unit 04 claim, each claim recomputed by a route of its own."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.stats import entropy, wasserstein_distance

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def term(p, eps):
    return float(p * mpmath.log(p / mpmath.mpf(eps)))


def js(p, q):
    middle = (np.array(p) + q) / 2
    return (entropy(p, middle) + entropy(q, middle)) / 2


# Predictions


def test_an_eps_never_settles():
    item, said = PREDICTIONS["04-eps"], options("04-eps")
    first, second = term(0.02, "1e-9"), term(0.02, "1e-12")
    step = 0.02 * math.log(1000)
    assert f"adds {first:.3f} nats" in item.text
    assert right("04-eps") == f"{second:.3f} nats"
    assert second - first == pytest.approx(step) == pytest.approx(term(0.02, "1e-15") - second)
    assert f"{first:.3f} becomes {second:.3f} nats" in item.reveal
    assert f"0.02·log 1000 = {step:.3f} once more" in item.reveal
    assert f"p·log 1000 = {step:.3f}" in said[RIGHT].says
    assert f"{math.log(1000):.1f} nats apart" in said["eps-is-smoothing"].says
    assert said["eps-grows-in-proportion"].text.startswith(f"about {1000 * first:.0f} nats")
    assert f"{step:.3f}" in said["eps-grows-in-proportion"].says
    assert second > first  # so "less" is wrong


def test_only_w1_follows_a_shift():
    p, q = [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]
    reveal = PREDICTIONS["04-shift"].reveal
    assert right("04-shift") == "W1 alone"
    # no position enters into the first three
    assert entropy(p, q) == math.inf and "KL stays infinite" in reveal
    assert f"log 2 = {js(p, q):.3f} nats" in reveal
    assert np.abs(np.subtract(p, q)).sum() / 2 == 1 and "TV stays at 1" in reveal
    shifts = [wasserstein_distance([0, 1], [start, start + 1]) for start in (10, 100)]
    assert f"W1 goes from {shifts[0]:.0f} to {shifts[1]:.0f}" in reveal


# Review questions


def test_the_share_of_the_unseen():
    for (first, unseen, third, alpha), answers in variants("04-unseen"):
        counts = np.array([first, unseen, third])
        assert (unseen, alpha) == (0, 1)
        share = ((counts + alpha) / (counts + alpha).sum())[1]
        assert answers[RIGHT].text == f"1/{round(1 / share)}"
        assert answers[RIGHT].says == f"(0 + 1)/({counts.sum():.0f} + 3·1)."
        total = counts.sum()
        assert answers["alpha-leaves-the-total"].text == f"1/{total:.0f}"
        assert answers["alpha-once"].text == f"1/{total + 1:.0f}"
        for code in ("alpha-leaves-the-total", "alpha-once"):
            assert f"{(counts + 1).sum():.0f}" in answers[code].says
        on_shares = (counts / total + 1) / (counts / total + 1).sum()
        assert answers["alpha-on-shares"].text == "1/4" and on_shares[1] == pytest.approx(1 / 4)


def test_a_thousand_times_smaller_eps():
    for numbers, answers in variants("04-thousandth"):
        p = numbers[0] / 100
        grows = f"{term(p, '1e-9') - term(p, '1e-6'):.2f} nats"
        assert answers[RIGHT].text == f"it grows by {grows}"
        assert answers[RIGHT].says.startswith(f"By p·log 1000 = {p:g}·{math.log(1000):.3f}")
        assert grows in answers["eps-is-smoothing"].says
        assert grows in answers["eps-grows-in-proportion"].says
        # and it is far from a thousandfold
        assert term(p, "1e-9") / term(p, "1e-6") < 2


def test_which_alpha_an_eps_is():
    for numbers, answers in variants("04-as-alpha"):
        total = numbers[2]  # after the 1 and the 6 of 1e-6
        alpha = float(answers[RIGHT].text)
        counts = np.array([7, 0, 3]) * total / 10
        shares = counts / total + 1e-6
        np.testing.assert_allclose(
            shares / shares.sum(), (counts + alpha) / (counts + alpha).sum(), rtol=1e-12
        )
        assert alpha != 1e-6


def test_what_zeros_add():
    assert right("04-zero-over-zero") == "nothing"
    assert entropy([0.5, 0.5, 0], [0.25, 0.75, 0]) == entropy([0.5, 0.5], [0.25, 0.75])


def test_when_kl_is_finite_by_enumeration():
    statements = {
        RIGHT: lambda p, q: all(b for a, b in zip(p, q, strict=True) if a),
        "support-the-wrong-way": lambda p, q: all(a for a, b in zip(p, q, strict=True) if b),
        "supports-must-agree": lambda p, q: p == q,
    }
    assert set(statements) == set(options("04-finite"))
    supports = [s for s in itertools.product((0, 1), repeat=3) if any(s)]
    agree = {
        code
        for code, holds in statements.items()
        if all(
            holds(p, q) == math.isfinite(entropy(np.array(p) / sum(p), np.array(q) / sum(q)))
            for p, q in itertools.product(supports, repeat=2)
        )
    }
    assert agree == {RIGHT}


def test_the_outcome_that_was_left_out():
    assert f"{0.98 * math.log(0.98):.2f}" == "-0.02"
    assert entropy([0.98, 0.02], [1, 0]) == math.inf
    assert right("04-left-out").startswith("KL is infinite")


def test_the_imagined_words_fade():
    said = options("04-more-data")
    assert f"{100 * 12 / 112:.0f} %" == "11 %"
    assert right("04-more-data") == f"{100 * 12 / 100_012:.2f} %"
    assert "12 of 100 012" in said[RIGHT].says


def test_a_new_word_moves_js_by_little():
    assert right("04-finite-choice") == "JS, in nats"
    assert 0 < js([0.98, 0.02], [1, 0]) < 0.01 and js([1, 0], [0, 1]) == pytest.approx(math.log(2))
    assert "log 2" in options("04-finite-choice")[RIGHT].says
