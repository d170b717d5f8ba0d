"""What the quiz items of unit 18 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants

RUNS, N = 4000, 500


@pytest.fixture(scope="module")
def eighteen():
    """Mean of log p/q under P and mean of p/q under Q, in samples of 500, at 18 nats."""
    random = np.random.default_rng(5)
    at_p = random.normal(18, 6, (RUNS, N)).mean(axis=1)  # log p/q is a normal under P
    z = np.exp(random.normal(-18, 6, (RUNS, N))).mean(axis=1)
    return at_p, z


# Predictions


def test_a_constant_in_the_critic():
    assert right("18-shift") == "DV stays at the truth, and NWJ falls"
    says = PREDICTIONS["18-shift"].reveal
    means = [
        integrate.quad(lambda x, c=c: math.exp(2 * x - 3 + c) * stats.norm.pdf(x), -9, 13)[0]
        for c in (0, 3)
    ]
    assert f"exp(2) = {means[1]:.2f} now, after exp(−1) = {means[0]:.2f}" in says
    assert f"falls by {means[1] - means[0] - 3:.2f} nats" in says


def test_the_dv_of_a_sample_at_18_nats(eighteen):
    at_p, z = eighteen
    dv = at_p - np.log(z)
    assert right("18-above").startswith("nearly always above 18")
    assert 100 * (dv > 18).mean() == pytest.approx(99, abs=0.8)
    assert dv.mean() == pytest.approx(23.5, abs=0.1)
    says = PREDICTIONS["18-above"].reveal
    assert "Above in 99 % of all cases, and 23.5 on average, 5.5 nats too high" in says
    # nearly all of the mean from points rarer than one in a hundred thousand
    rare = stats.norm.isf(1e-5)
    assert stats.norm.sf(rare, 6) > 0.95


def test_the_logarithm_is_too_small_much_more_often(eighteen):
    _, z = eighteen
    assert (np.log(z) < 0).mean() > 0.97
    assert "much more often than too large" in options("18-above")["estimates-scatter-evenly"].says


def test_the_nwj_of_a_sample_at_18_nats(eighteen):
    at_p, z = eighteen
    nwj = at_p + 1 - z
    assert right("18-nwj") == "about 19"
    says = PREDICTIONS["18-nwj"].reveal
    assert f"{np.median(nwj):.1f} in the median" in says
    assert f"see {np.median(z):.3f} of it" in says
    deviation = math.sqrt((math.exp(36) - 1 + 36) / N)
    assert f"deviation is {deviation / 1e6:.1f} million nats" in says
    assert f"about {math.log(500):.1f}, the logarithm of 500" in str(options("18-nwj"))
    assert "may be −5" in options("18-nwj")["bounds-miss-alike"].says
    assert np.median(np.log(z)) == pytest.approx(-5.8, abs=0.2)
    # samples rarer than two in a thousand make most of the mean, and they report minus thousands
    far = stats.norm.isf(0.002 / N)
    assert stats.norm.sf(far, 6) > 0.9
    least = (math.log(1000 * N) + 18) / 6  # one draw beyond it makes p/q above 1000 in the mean
    assert stats.norm.sf(least, 6) > 0.75 and N * stats.norm.sf(least) < 1e-4


# Review questions


def test_the_gap_is_a_divergence():
    assert right("18-gap").startswith("KL from P to Q bent by T")
    p, q = np.random.default_rng(0).dirichlet(np.ones(5), 2)
    t = np.random.default_rng(1).normal(0, 1, 5)
    bent = q * np.exp(t) / (q @ np.exp(t))
    dv = p @ t - math.log(q @ np.exp(t))
    assert stats.entropy(p, q) - dv == pytest.approx(stats.entropy(p, bent))
    assert f"missing {2 - 1.6:.1f}" in REVIEW["18-gap"].text


def test_the_ceiling_of_info_nce():
    for numbers, answers in variants("18-ceiling"):
        pairs = int(numbers[1])
        assert answers[RIGHT].text == f"{math.log(pairs):.2f} nats"
        assert answers["unit-is-a-name"].text == f"{math.log2(pairs):.0f} nats"
        assert answers["ceiling-is-n"].text == f"{pairs} nats"
        assert math.log(pairs) < numbers[0] == 12
        assert len({answer.text for answer in answers.values()}) == 4


def test_nwj_with_a_constant_too_much():
    for (truth, constant), answers in variants("18-shifted"):
        mean = math.sqrt(2 * truth)
        z = integrate.quad(
            lambda x, m=mean, c=constant: math.exp(m * x - m**2 / 2 + c - 1 + stats.norm.logpdf(x)),
            -10,
            14,
        )[0]
        assert answers[RIGHT].text == f"{truth + constant - z:.2f}"
        assert f"{z:.2f}" in answers["higher-critic-higher-bound"].says
        assert answers["constants-never-matter"].text == f"{truth:.2f}"
        assert len({answer.text for answer in answers.values()}) == 3


def test_the_logarithm_of_a_mean():
    assert right("18-log-of-mean").startswith("too small on average")
    draws = np.random.default_rng(2).exponential(1, (5000, 5)).mean(axis=1)
    assert np.log(draws).mean() < -0.05


def test_fresh_pairs_cure_the_fitting_alone(eighteen):
    assert right("18-fresh").startswith("6.9 is free of the fitting")
    assert f"log 500 is {math.log(500):.1f}" in options("18-fresh")[RIGHT].says
    # a critic that was fitted to nothing is too high on fresh samples: the log ratio itself
    at_p, z = eighteen
    assert (at_p - np.log(z)).mean() > 18


def test_how_many_samples_it_takes_to_vouch():
    for (nats,), answers in variants("18-certify"):
        number, _, word = answers[RIGHT].text.partition(" ")
        samples = float(number) * {"thousand": 1e3, "million": 1e6}[word]
        assert samples == pytest.approx(math.exp(nats), rel=0.03)
        assert f"exp({nats:.0f})" in answers[RIGHT].says
        assert len({answer.text for answer in answers.values()}) == 3


def test_the_bound_from_a_loss():
    for (pairs, loss), answers in variants("18-from-loss"):
        assert answers[RIGHT].text == f"{math.log(pairs) - loss:.2f} nats"
        assert answers["unit-is-a-name"].text == f"{math.log2(pairs) - loss:.2f} nats"
        assert answers["loss-is-the-bound"].text == f"{loss:.1f} nats"
        assert len({answer.text for answer in answers.values()}) == 3
