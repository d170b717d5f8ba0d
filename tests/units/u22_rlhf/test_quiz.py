"""What the quiz items of unit 22 claim, each claim recomputed by a route of its own."""

import math
import re

import numpy as np
import pytest
from scipy import integrate, special, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import ITEMS, PREDICTIONS, options, right, variants

REF, REWARD = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.0, 1.0, 2.0, 4.0])


def tilted(ref, reward, beta):
    return special.softmax(np.log(ref) + np.asarray(reward) / beta)


# Predictions


def test_where_kl_stops_without_a_penalty():
    assert right("22-limit") == f"it stops at {math.log(10):.3f}, log 10"
    assert f"−log 0.1 = {-math.log(0.1):.3f}" in PREDICTIONS["22-limit"].reveal
    nearly = stats.entropy(tilted(REF, REWARD, 0.02), REF)
    assert nearly == pytest.approx(math.log(10), abs=1e-9)
    assert f"{math.log(4):.3f}, log 4" in options("22-limit")["limit-is-log-of-outcomes"].text
    uniform = np.full(4, 0.25)
    assert stats.entropy(tilted(uniform, REWARD, 0.02), uniform) == pytest.approx(math.log(4))
    assert f"at {REWARD.max():g}, the highest" in options("22-limit")["kl-limit-is-the-reward"].text


def test_the_truth_rises_and_falls_below_where_it_began():
    assert right("22-proxy") == "it rises, and then falls below where it began"
    words = np.arange(20, 401, 20)
    habit = stats.norm.pdf(words, 120, 80)
    habit = habit / habit.sum()
    assert habit[words <= 200].sum() > 0.5  # "most answers of the reference are shorter"
    truth = np.where(words <= 200, words, 300 - 0.5 * words) / 100
    policies = [tilted(habit, words / 100, beta) for beta in np.geomspace(50, 0.02, 60)]
    true, proxy = ([policy @ reward for policy in policies] for reward in (truth, words / 100))
    assert true[0] < max(true) and true[-1] < habit @ truth
    assert (np.diff(proxy) > 0).all()
    assert true[5] > true[0] > habit @ truth  # "a small step pays"


def test_which_divergence_k3_lowers():
    assert right("22-loss") == "KL(ref‖π), the other direction"
    policy = np.array([0.5, 0.2, 0.2, 0.1])
    logits, step = np.log(policy), 1e-6

    def slope(function):
        ends = [
            [function(special.softmax(logits + sign * step * e)) for e in np.eye(4)]
            for sign in (1, -1)
        ]
        return np.subtract(*ends) / (2 * step)

    k1 = slope(lambda p: policy @ np.log(p / REF))
    k2 = slope(lambda p: policy @ np.log(p / REF) ** 2 / 2)
    k3 = slope(lambda p: policy @ (REF / p - 1 - np.log(REF / p)))
    np.testing.assert_allclose(k1, 0, atol=1e-6)
    np.testing.assert_allclose(k2, slope(lambda p: stats.entropy(p, REF)), atol=1e-6)
    np.testing.assert_allclose(k3, slope(lambda p: stats.entropy(REF, p)), atol=1e-6)
    assert np.abs(k3 - k2).max() > 0.01
    # "From samples of π, k3 is an unbiased estimate of KL(π‖ref), and never negative"
    each = REF / policy - 1 - np.log(REF / policy)
    assert policy @ each == pytest.approx(stats.entropy(policy, REF)) and each.min() >= 0
    # "Near r = 1 both directions agree"
    near = REF * [1.01, 0.99, 1.0, 1.0]
    near = near / near.sum()
    assert stats.entropy(near, REF) == pytest.approx(stats.entropy(REF, near), rel=0.01)


# Review questions


def test_the_odds_of_two_answers():
    for (more, beta), answers in variants("22-odds"):
        first, second = tilted([0.9, 0.1], [0, more], beta)
        factor = (second / first) / (0.1 / 0.9)
        assert answers[RIGHT].text == f"by {factor:.1f}"
        assert answers["price-multiplies-reward"].text == f"by {math.exp(beta * more):.1f}"
        assert answers["log-odds-are-odds"].text == f"by {math.log(factor):.1f}"
        assert len({answer.text for answer in answers.values()}) == 3


def test_what_a_rare_answer_needs():
    for times in range(40):
        item = ITEMS["22-rare"].asked_again(times) if times else ITEMS["22-rare"]
        ten = float(re.search(r"once in 10\^(\d)", item.text)[1])
        beta = float(re.search(r"β = ([\d.]+\d)", item.text)[1])
        answers = {option.code: option for option in item.answers.options}
        rare = 10.0**-ten
        needed = beta * math.log((1 - rare) / rare)
        assert answers[RIGHT].text.startswith(f"{needed:.1f}, ")
        assert tilted([1 - rare, rare], [0, needed], beta)[1] == pytest.approx(0.5)
        expected = f"{beta / rare:.0f}, β times"
        assert answers["rareness-costs-in-proportion"].text.startswith(expected)
    assert f"costs β · {math.log(10):.3f}" in options("22-rare")[RIGHT].says


def test_what_choosing_costs_at_most():
    for (n, *_), answers in variants("22-best-of-n"):
        bound = integrate.quad(
            lambda u, n=n: special.xlogy(n * u ** (n - 1), n * u ** (n - 1)), 0, 1
        )[0]
        assert answers[RIGHT].text == f"at most {bound:.3f} nats"
        assert answers["best-of-n-bound-is-exact"].text == f"exactly {bound:.3f} nats"
        up_to = np.append(0, np.cumsum(REF))
        best = up_to[1:] ** n - up_to[:-1] ** n
        assert stats.entropy(best, REF) < bound
        assert (best / REF).max() <= n  # "n times as likely, and no more"


def test_samples_of_the_policy_do_not_average_to_less_than_nothing():
    assert right("22-negative") == "the answers are not plain samples from the policy"
    policy = np.array([0.3, 0.28, 0.22, 0.2])
    d = np.log(policy / REF)
    rows = np.random.default_rng(0).choice(4, p=policy, size=(2000, 20))
    answers = d[rows].sum(axis=1)  # of twenty tokens each
    assert (answers < 0).mean() > 0.2  # "Of few answers, yes"
    assert answers.mean() > 5 * answers.std() / math.sqrt(2000)
    assert (policy[:2] / policy[:2].sum()) @ d[:2] < 0


def test_k1_in_the_reward_and_in_the_loss():
    assert right("22-where-k1").startswith("take β · k1 off the reward")
    policy = np.array([0.5, 0.2, 0.2, 0.1])
    score, d = np.eye(4) - policy, np.log(policy / REF)
    np.testing.assert_allclose(policy @ score, 0, atol=1e-15)
    steps = 1e-6 * np.eye(4)
    ends = [
        [stats.entropy(special.softmax(np.log(policy) + sign * s), REF) for s in steps]
        for sign in (1, -1)
    ]
    np.testing.assert_allclose((policy * d) @ score, np.subtract(*ends) / 2e-6, atol=1e-6)


def test_a_nat_of_a_long_answer_becomes_cheap():
    assert right("22-mean").startswith("it falls with the length")
    beta, per_token = 0.1, 0.02
    charged = {n: beta * np.full(n, per_token).mean() for n in (50, 500)}
    nats = {n: np.full(n, per_token).sum() for n in (50, 500)}
    price = {n: charged[n] / nats[n] for n in (50, 500)}
    assert price[50] == pytest.approx(beta / 50) and price[500] == pytest.approx(beta / 500)
    assert "costs a 500th of β" in options("22-mean")["token-mean-keeps-the-price"].says


def test_only_another_measure_shows_what_a_proxy_hides():
    assert right("22-goodhart").startswith("only by another measure")
