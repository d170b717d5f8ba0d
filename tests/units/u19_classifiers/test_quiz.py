"""What the quiz items of unit 19 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import optimize, special

from klteach.data import employment
from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def kl(o, f):
    return special.rel_entr(o, f) + special.rel_entr(1 - o, 1 - f)


# Predictions


def test_two_proper_scores_may_rank_two_models_differently():
    assert right("19-rank").startswith("either may be")
    log = kl(0.5, 0.6), kl(0.01, 0.0002)
    brier = (0.6 - 0.5) ** 2, (0.01 - 0.0002) ** 2
    assert log[0] < log[1] and brier[0] > brier[1]
    # "a gap of 0.1 near ½ and one of 0.01 next to 0 are weighed very differently"
    assert "Brier sees the gap alone" in PREDICTIONS["19-rank"].reveal


def group():
    people = employment()
    chosen = (people.columns["RELP"] == "17") & (people.score >= 0.7) & (people.score < 0.8)
    return people, people.score[chosen], people.employed[chosen]


def test_the_group_that_the_score_overrates():
    item = PREDICTIONS["19-groups"]
    people, score, employed = group()
    assert len(score) == 110 and employed.sum() == 46
    assert item.answers.truth == pytest.approx(100 * employed.mean(), abs=0.05)
    assert "gave 110 of them between 70 % and 80 %, on average 75 %" in item.text
    assert round(100 * score.mean()) == 75
    assert item.answers.says.startswith("46 of the 110.") and "42 %: 46 of 110" in item.reveal
    error = 100 * math.sqrt(employed.mean() * (1 - employed.mean()) / 110)
    assert "about 5 points either way" in item.reveal and error == pytest.approx(5, abs=0.5)
    everybody = (people.score >= 0.7) & (people.score < 0.8)
    assert f"of the {everybody.sum():,} people with such a score" in item.reveal
    for k in range(10):  # "differ by less than 2 points"
        tenth = (people.score >= k / 10) & (people.score < (k + 1) / 10)
        assert abs(people.score[tenth].mean() - people.employed[tenth].mean()) < 0.02
    assert f"{len(people.score):,} people in a survey" in item.text


def test_how_much_harsher_the_log_loss_is():
    truth = right("19-say")
    log, brier = kl(0.3, 0.01) / kl(0.3, 0.1), (0.29 / 0.2) ** 2
    assert truth == "by the log loss about five times, by Brier about twice"
    assert (round(log), round(brier)) == (5, 2)
    reveal = PREDICTIONS["19-say"].reveal
    assert f"{kl(0.3, 0.01):.4f} nats in the place of {kl(0.3, 0.1):.4f}" in reveal
    assert f"Brier: {0.29**2:.4f} in the place of {0.2**2:.4f}" in reveal
    says = {code: option.says for code, option in options("19-say").items()}
    assert "(29/20)² is 2.1" in says["brier-is-the-harsher"] and round(brier, 1) == 2.1
    assert f"{math.log(10):.1f} nats more surprising" in says["losses-follow-the-ratio"]
    assert "about one and a half times" in options("19-say")["losses-are-linear"].text
    assert round(29 / 20, 1) in (1.4, 1.5)


# Review questions


def test_the_square_of_the_gap():
    for (chance, _, forecast, _), answers in variants("19-square"):
        o, f = chance / 100, forecast / 100
        cost = [o * (1 - said) ** 2 + (1 - o) * said**2 for said in (f, o)]
        assert answers[RIGHT].text == f"{cost[0] - cost[1]:.4f}"
        assert answers["brier-is-a-gap"].text == f"{abs(o - f):.2f}"
        assert answers["brier-knows-no-chance"].text == f"{f**2:.4f}"
        assert len({answer.text for answer in answers.values()}) == 3


def test_what_is_left_after_the_best_map():
    for (loss, paid), answers in variants("19-after"):
        assert answers[RIGHT].text == f"{loss - paid:.2f} nats" and paid < loss
        assert answers["recalibration-changes-no-loss"].text.startswith(f"{loss:.2f} nats")
    # a model whose forecasts are mapped to what comes keeps the entropy alone
    o, f, share = np.array([0.1, 0.6]), np.array([0.3, 0.8]), np.array([0.4, 0.6])
    loss = -share @ (o * np.log(f) + (1 - o) * np.log(1 - f))
    mapped = -share @ (o * np.log(o) + (1 - o) * np.log(1 - o))
    assert loss - mapped == pytest.approx(share @ kl(o, f))


def test_two_definitions_of_one_score():
    for (one,), answers in variants("19-two-definitions"):
        texts = {code: float(answer.text.split(":")[0]) for code, answer in answers.items()}
        assert texts["brier-has-one-scale"] == one and texts[RIGHT] == pytest.approx(2 * one)
        assert texts["brier-averages-the-classes"] == pytest.approx(texts[RIGHT] / 4)
    f, y = 0.7, 1
    assert (f - y) ** 2 + ((1 - f) - (1 - y)) ** 2 == pytest.approx(2 * (f - y) ** 2)


def test_the_best_forecast_of_a_certain_class_under_smoothing():
    for (classes, epsilon), answers in variants("19-smoothing"):
        k = int(classes)
        target = np.full(k, epsilon / k)
        target[0] += 1 - epsilon

        def loss(z, target=target, k=k):
            row = np.concatenate([z, np.zeros(k - 1)])  # the others are alike
            return -target @ special.log_softmax(row)

        z = optimize.minimize(loss, [1.0], tol=1e-12).x
        best = special.softmax(np.concatenate([z, np.zeros(k - 1)]))[0]
        assert float(answers[RIGHT].text.split()[0]) == pytest.approx(100 * best, abs=0.01)
        assert answers["smoothing-spares-the-label"].text == f"{100 * (1 - epsilon):.0f} %"


def test_a_temperature_leaves_the_likeliest_class():
    assert right("19-temperature") == "how often its likeliest class is right"
    logits = np.random.default_rng(1).normal(0, 3, (200, 5))
    assert (logits.argmax(axis=1) == (logits / 3).argmax(axis=1)).all()
    labels = logits.argmax(axis=1)
    losses = [
        -special.log_softmax(logits / t, axis=1)[np.arange(200), labels].mean() for t in (1, 3)
    ]
    assert losses[0] != pytest.approx(losses[1])


def test_a_ruled_out_event_that_comes():
    assert right("19-never") == "infinite"
    assert f"about {math.log(1e6):.0f} nats" in options("19-never")["zero-is-one-in-n"].text


def test_the_base_rate():
    assert right("19-base-rate").startswith("its calibration KL is 0")
    came = np.array([1, 0, 0, 1, 0])
    loss = -np.mean(np.where(came == 1, math.log(0.4), math.log(0.6)))
    assert loss == pytest.approx(special.entr(0.4) + special.entr(0.6))


def test_a_search_that_stopped():
    assert right("19-stopped") == "that the best temperature is larger"
