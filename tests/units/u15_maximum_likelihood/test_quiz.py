"""What the quiz items of unit 15 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants


def heaps(count=20_000):
    random = np.random.default_rng(15)
    return random.normal(random.choice([-3.0, 3.0], count), 1)


# Predictions


def test_the_likeliest_normal_covers_both_heaps():
    assert right("15-two-heaps") == "in the middle, with an sd above 3"
    assert f"√(1 + 3²) = {math.sqrt(10):.2f}" in PREDICTIONS["15-two-heaps"].reveal
    rows = heaps()

    def loss(mean, sd):
        return -stats.norm.logpdf(rows, mean, sd).mean()

    found = optimize.minimize(lambda x: loss(x[0], math.exp(x[1])), [3.0, 0.0])
    assert found.x[0] == pytest.approx(0, abs=0.1)
    assert math.exp(found.x[1]) == pytest.approx(math.sqrt(10), abs=0.03)
    # "on one of the heaps", "in the middle, with an sd of 1": both much less likely
    assert found.fun < loss(0, 1) - 1 and found.fun < loss(3, 1) - 1
    # half of the rows lie six sd away from the other heap, all about three from the middle
    assert np.median(rows[rows < 0] - 3) == pytest.approx(-6, abs=0.05)
    assert np.median(abs(rows)) == pytest.approx(3, abs=0.05)
    # "its peak is where hardly any row is"
    assert np.mean(abs(rows) < 0.25) < 0.005


def poisson_fit(days):
    """(loss, KL) of the likeliest Poisson."""
    shares = np.bincount(days) / len(days)
    loss = -stats.poisson.logpmf(days, days.mean()).mean()
    return loss, loss - stats.entropy(shares)


def test_a_lower_loss_may_belong_to_the_nearer_fit_or_to_the_other():
    assert right("15-lower-loss") == "the losses do not tell"
    steady = np.repeat([3, 4], [12, 8])
    spread = np.repeat(np.arange(9), [0, 2, 5, 3, 3, 4, 1, 1, 1])
    few = np.repeat([0, 1, 2, 3, 4], [4, 8, 5, 2, 1])
    losses, gaps = zip(*map(poisson_fit, (steady, spread, few)), strict=True)
    assert f"{losses[0]:.1f} {losses[1]:.1f}" == "1.6 2.0"
    assert gaps[0] > gaps[1]  # a lower loss, further away
    assert losses[2] < losses[1] and gaps[2] < gaps[1]  # a lower loss, nearer
    assert min(gaps) > 0  # "0 only if the family holds the shares themselves"


def test_a_hundredth_of_a_nat_is_one_per_cent_of_any_perplexity():
    assert right("15-hundredth") == "its perplexity falls by 1 %"
    for loss in (0.5, 2.0, 5.41):
        assert math.exp(loss - 0.01) / math.exp(loss) == pytest.approx(0.990, abs=5e-4)
    assert math.exp(5.41) - math.exp(5.40) > 2  # by much more than 0.01
    assert 0.01 * 1_000_000 == 10_000
    assert "e to 10 000" in PREDICTIONS["15-hundredth"].reveal
    assert f"{math.exp(-0.01):.3f}" in options("15-hundredth")[RIGHT].says


# Review questions


def test_the_likeliest_table_is_the_shares():
    for (rows, first, second, *_), answers in variants("15-table"):
        assert rows == first + second
        assert answers[RIGHT].text == f"{first:g}/{rows:g}, 0, {second:g}/{rows:g}"
        counts = np.array([first, 0, second])
        smooth = (counts + 1) / (rows + 3)
        top = stats.multinomial.logpmf(counts, rows, counts / rows)
        assert answers["mle-smooths"].text.endswith(f"{second + 1:g}/{rows + 3:g}")
        others = [smooth, np.full(3, 1 / 3), *np.random.default_rng(1).dirichlet([1, 1, 1], 200)]
        assert all(top > stats.multinomial.logpmf(counts, rows, q) for q in others)


def test_the_loss_less_the_floor_is_kl():
    for (loss, floor), answers in variants("15-floor"):
        assert answers[RIGHT].text == f"{loss - floor:.2f} nats"
        assert answers["loss-is-kl"].text == f"{loss:.2f} nats, the loss"
        assert answers["added-for-subtracted"].text == f"{loss + floor:.2f} nats"


def test_the_likeliest_spread_of_two_rows():
    for (low, high, *_), answers in variants("15-spread"):
        assert float(answers[RIGHT].text) == pytest.approx(stats.norm.fit([low, high])[1])
        unbiased = np.std([low, high], ddof=1)
        assert float(answers["unbiased-is-likeliest"].text) == pytest.approx(unbiased, abs=0.005)
        assert float(answers["variance-for-sd"].text) == pytest.approx(np.var([low, high]))
        assert (low + high) / 2 == 10


def test_nats_add_up_over_a_corpus():
    assert "50 000 tokens" in REVIEW["15-corpus"].text
    for numbers, answers in variants("15-corpus"):
        thousands, nothing, each = numbers[:3]
        assert (nothing, each) == (0, 0.02)
        tokens = 1000 * thousands
        assert answers[RIGHT].text == f"by {0.02 * tokens:.0f} nats"
        root = f"by {0.02 * math.sqrt(tokens):.1f} nats"
        assert answers["kl-grows-with-the-root"].text == root


def test_another_unit_moves_the_loss_of_every_model_alike():
    assert right("15-metres").startswith("nothing: every model's loss")
    heights = np.random.default_rng(2).normal(170, 7, 500)
    models = [(170, 7), (160, 10)]
    in_cm = [-stats.norm.logpdf(heights, m, s).mean() for m, s in models]
    in_m = [-stats.norm.logpdf(heights / 100, m / 100, s / 100).mean() for m, s in models]
    moved = np.subtract(in_cm, in_m)
    assert moved == pytest.approx([math.log(100)] * 2)
    assert f"{math.log(100):.1f}" == "4.6" and round(3.3 - math.log(100), 1) == -1.3
    assert in_m[0] < 0  # "this one may" be negative


def test_a_text_known_by_heart_has_a_loss_of_nearly_nothing_and_fresh_text_has_not():
    assert right("15-by-heart") == "that it knows this text by heart"
    random = np.random.default_rng(3)
    text, fresh = random.choice(4, 400), random.choice(4, 400)
    # contexts of 20 tokens come once each: the shares behind each are on one token
    contexts = {tuple(text[i : i + 20]) for i in range(380)}
    assert len(contexts) == 380
    assert not contexts & {tuple(fresh[i : i + 20]) for i in range(380)}
    assert stats.entropy([1, 1, 1, 1]) > 1  # and the source is as far from 0 as can be


def test_an_intercept_keeps_the_share_of_the_label():
    assert right("15-intercept") == "3 %"
    random = np.random.default_rng(4)
    x = np.column_stack([np.ones(400), random.normal(size=(400, 2))])
    y = np.zeros(400)
    y[:12] = 1
    weights = np.zeros(3)
    for _ in range(50):  # Newton's method
        q = 1 / (1 + np.exp(-x @ weights))
        weights += np.linalg.solve((x.T * (q * (1 - q))) @ x, x.T @ (y - q))
    assert np.mean(1 / (1 + np.exp(-x @ weights))) == pytest.approx(0.03, abs=1e-9)


def test_two_programs_may_count_one_parameter_more_or_less():
    assert right("15-criterion") == "nothing"
    log_likelihood = -183.0
    assert [2 * k - 2 * log_likelihood for k in (2, 3)] == [370, 372]
