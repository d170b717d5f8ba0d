"""What the quiz items of unit 14 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import optimize
from scipy.stats import binom, entropy

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants
from tests.units.u14_hypothesis_testing.test_lesson import crossing, peeked, walked

BENT, FAIR = [0.8, 0.2], [0.5, 0.5]
KL_P, KL_Q = entropy(BENT, FAIR), entropy(FAIR, BENT)
HEADS, TAILS = math.log(1.6), math.log(0.4)


# Predictions


def test_the_flips_to_twenty():
    *_, flips, at_stop = walked(0.8, math.log(20))
    assert right("14-twenty") == "about 17"
    reveal = PREDICTIONS["14-twenty"].reveal
    assert reveal.startswith(f"{flips:.1f} flips.")
    assert f"log 20 = {math.log(20):.2f}" in reveal
    assert f"0.8 · {HEADS:.3f} − 0.2 · {-TAILS:.3f} = {KL_P:.3f} a flip" in reveal
    assert f"KL(P‖Q): {math.log(20) / KL_P:.1f} flips" in reveal
    assert f"at {at_stop:.2f} on average, and that takes {flips:.1f}." in reveal
    says = options("14-twenty")
    assert f"A head gives {HEADS:.2f} of one" in says["one-nat-each"].says
    assert f"takes {-TAILS:.2f} away" in says["one-nat-each"].says
    assert 1.6**6 < 20 < 1.6**7  # "about 7"
    assert 1.9 < -TAILS / HEADS < 2  # "nearly what two heads gave"
    # "about 250": two standard errors of a share of 0.8 are 5 points
    assert (1.96 * 0.4 / 0.05) ** 2 == pytest.approx(250, abs=5)


def test_the_flips_to_four_hundred():
    flips = [walked(0.8, math.log(odds))[2] for odds in (20, 400)]
    assert right("14-surer") == "about twice as many"
    assert f"{flips[1]:.1f} flips instead of {flips[0]:.1f}." in PREDICTIONS["14-surer"].reveal
    assert flips[1] / flips[0] == pytest.approx(2, abs=0.15)
    assert 4 < math.sqrt(20) < 5


def test_the_rate_at_which_both_errors_fall():
    share, height = crossing()
    assert right("14-both").startswith("at about 0.05, a quarter")
    item = PREDICTIONS["14-both"]
    assert f"KL(P‖Q) = {KL_P:.3f} nats" in item.text and f"it is {KL_Q:.3f}." in item.text
    assert f"At {height:.4f} nats a flip" in item.reveal
    assert f"a share of {share:.3f} heads" in item.reveal
    assert f"0.193/4 = {KL_P / 4:.3f} and 0.223/4 = {KL_Q / 4:.3f}" in item.reveal
    assert options("14-both")["both-at-half"].text.startswith(f"at about {KL_P / 2:.2f}")
    assert abs(share - 0.65) < 0.02  # "about half-way between the coins"
    # "near its own coin's share each of them is flat, so half-way there is less than half"
    middle = [0.65, 0.35]
    assert entropy(middle, BENT) < entropy(FAIR, BENT) / 2
    assert entropy(middle, FAIR) < entropy(BENT, FAIR) / 2


def test_more_flips_make_both_errors_smaller():
    assert "errors-only-trade" in options("14-both")
    small, large = (
        [binom.cdf(k - 1, n, 0.8), binom.sf(k - 1, n, 0.5)] for n, k in ((20, 13), (60, 40))
    )
    assert large[0] < small[0] and large[1] < small[1]


# Review questions


def test_which_kl_the_other_error_falls_by():
    for (first, second, *_), answers in variants("14-which-kl"):
        assert answers[RIGHT].text == f"like exp(−{first:.2f} n)"
        assert answers["stein-the-other-way"].text == f"like exp(−{second:.2f} n)"
        assert f"{(first + second) / 2:.3f} n" in answers["stein-by-the-mean"].text
        assert first != second


def test_the_rows_to_twenty():
    for (kl, *_), answers in variants("14-rows"):
        for code, exact in (
            (RIGHT, math.log(20) / kl),
            ("one-nat-is-enough", 1 / kl),
            ("odds-without-logarithm", 20 / kl),
        ):
            shown = float(answers[code].text.removeprefix("about ").replace(",", ""))
            assert shown == pytest.approx(exact, rel=0.02)
        assert f"log 20 = {math.log(20):.1f} nats" in answers[RIGHT].says
        assert f"odds of e, {math.e:.1f}:1" in answers["one-nat-is-enough"].says
    assert math.exp(20) == pytest.approx(5e8, rel=0.04)  # "five hundred million"


def test_how_often_the_wrong_one_ever_gets_so_far():
    for (odds, *_), answers in variants("14-ever"):
        assert answers[RIGHT].text == f"at most 1 in {odds:.0f}"
        assert 0.4 / odds < walked(0.5, math.log(odds), most=400)[0] <= 1 / odds
        assert f"at least {odds:.0f} times likelier" in answers[RIGHT].says
        assert f"1 in {odds:.0f}" in answers["each-look-a-new-chance"].text


def test_alpha_and_the_exponent():
    assert right("14-alpha").startswith("nothing")
    ratio = math.log(0.001) / math.log(0.05)
    assert f"about {ratio:.1f}" in options("14-alpha")["log-alpha-in-the-exponent"].text
    assert 0.05 / 0.001 == pytest.approx(50)
    n, k = 100, [binom.ppf(alpha, 100, 0.8) for alpha in (0.05, 0.001)]
    # "for a given number of outcomes type II is larger"
    assert binom.sf(k[1] - 1, n, 0.5) > binom.sf(k[0] - 1, n, 0.5)


def test_where_the_walk_goes_if_q_is_true():
    assert right("14-drift") == "down, by KL(Q‖P) an outcome"
    assert 0.5 * HEADS + 0.5 * TAILS == pytest.approx(-KL_Q)


def test_what_stands_first_in_a_rare_share():
    seen = [0.7, 0.3]
    assert right("14-seen") == f"KL(0.7‖0.5) = {entropy(seen, FAIR):.4f}"
    wrong = options("14-seen")
    assert wrong["sanov-the-other-way"].text == f"KL(0.5‖0.7) = {entropy(FAIR, seen):.4f}"
    assert wrong["bound-taken-for-the-rate"].text == f"2 · 0.2² = {2 * 0.2**2:.4f}"
    n = 20_000
    rate = -np.logaddexp.reduce(binom.logpmf(np.arange(14_000, n + 1), n, 0.5)) / n
    assert rate == pytest.approx(entropy(seen, FAIR), rel=0.005)


def test_how_often_a_p_value_alarms_that_is_looked_at_all_the_time():
    assert right("14-peek") == "about a third"
    says = options("14-peek")[RIGHT].says
    assert says.startswith(f"{100 * peeked():.0f} %")
    assert peeked(100) < peeked(300) < peeked()  # "and it goes on rising"
    assert f"at most {100 / 20:.0f} %" in says


def test_every_review_question_has_three_answers():
    own = [item for name, item in REVIEW.items() if name.startswith("14-")]
    assert len(own) >= 5 and all(len(item.answers.options) == 3 for item in own)


def test_the_half_way_point_by_another_equation():
    share = optimize.brentq(lambda r: r * HEADS + (1 - r) * TAILS, 0.5, 0.8)
    assert share == pytest.approx(crossing()[0], rel=1e-9)
