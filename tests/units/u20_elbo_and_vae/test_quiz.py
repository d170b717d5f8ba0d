"""What the quiz items of unit 20 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants
from tests.units.u20_elbo_and_vae.networks import figures, pixels

POSTERIOR = stats.norm(1, math.sqrt(1 / 3))


def kl(p, q):
    return integrate.quad(lambda z: p.pdf(z) * (p.logpdf(z) - q.logpdf(z)), -10, 10)[0]


# Predictions


def test_the_gap_of_the_prior():
    assert right("20-prior") == "about 2 nats"
    prior = stats.norm()
    evidence = stats.norm.logpdf(1.5, 0, math.sqrt(1.5))
    bound = integrate.quad(
        lambda z: prior.pdf(z) * stats.norm.logpdf(1.5, z, math.sqrt(0.5)), -10, 10
    )[0]
    assert evidence - bound == pytest.approx(kl(prior, POSTERIOR))
    reveal = PREDICTIONS["20-prior"].reveal.replace("−", "-")
    assert f"{evidence - bound:.3f} nats: log p(x) is {evidence:.3f}" in reveal
    assert f"the ELBO {bound:.3f}" in reveal
    # "much of its mass where x = 1.5 is unlikely, at z below 0"
    assert prior.cdf(0) == 0.5 and stats.norm.sf(1.5, 0, math.sqrt(0.5)) < 0.02
    assert "x is N(0, 1.5)" in options("20-prior")["evidence-is-never-known"].says


def test_samples_of_a_model_that_has_memorised():
    assert right("20-beta-zero").startswith("strokes that are no digit")
    reveal = PREDICTIONS["20-beta-zero"].reveal
    assert f"is {figures(0.01).samples:.0f} nats away" in reveal
    assert f"At β = 1 it is {figures(1.0).samples:.0f}" in reveal


def test_the_noise_moves_the_collapse():
    assert right("20-noise") == "from about 5 on"
    seen = pixels()[0]
    largest = np.linalg.svd(seen - seen.mean(axis=0), compute_uv=False)[0] ** 2 / 100
    reveal = PREDICTIONS["20-noise"].reveal
    assert f"From {largest / 0.16:.1f} on, a quarter of {largest / 0.04:.1f}" in reveal
    assert f"β = {largest / 0.16:.1f} with s = 0.4" in reveal
    said = {code: option.text for code, option in options("20-noise").items()}
    assert "about 9" in said["collapse-by-the-sd"] and 9 < largest / 0.08 < 9.5
    assert "about 19" in said["collapse-ignores-noise"] and 18.5 < largest / 0.04 < 19.5
    assert "about 75" in said["noise-holds-collapse-off"] and 74 < 4 * largest / 0.04 < 76
    # the same loss but for a factor: error / (2 s²) + β KL
    error, price = 3.7, 1.9
    assert error / 0.32 + 4.7 * price == pytest.approx((error / 0.08 + 18.8 * price) / 4)


# Review questions


def test_bound_and_gap_add_up():
    for (evidence, bound), answers in variants("20-gap"):
        assert answers[RIGHT].text == f"{bound - evidence:.1f} nats"
        assert answers["loss-is-the-gap"].text == f"{bound:.1f} nats"
        assert bound > evidence


def test_a_mean_over_latents_is_a_small_beta():
    for (latents,), answers in variants("20-mean-over-latents"):
        assert answers[RIGHT].text == f"β = 1/{latents:.0f}"
        assert answers["mean-weighs-more"].text == f"β = {latents:.0f}"


def test_a_log_variance():
    for (value,), answers in variants("20-log-variance"):
        variance = math.exp(-abs(value))
        assert answers[RIGHT].text == f"{math.sqrt(variance):.3f}"
        assert answers["variance-is-sd"].text == f"{variance:.3f}"


def test_information_is_at_most_the_log_of_the_images():
    for (count, nats, *_), answers in variants("20-named"):
        most = stats.entropy(np.full(int(count), 1 / count))
        assert answers[RIGHT].text == f"at least {nats - most:.1f} nats"
        assert f"log {count:.0f} = {most:.1f}" in answers[RIGHT].says
        assert f"takes {most:.1f} nats" in answers["kl-is-all-information"].says
        assert answers["kl-is-all-gap"].text == f"all of it, {nats:.0f} nats"


def test_losses_with_different_beta_say_nothing_of_the_bound():
    assert right("20-two-betas").startswith("one cannot tell")
    # 10 + 0.1 · 40 and 12 + 8, 13 + 0.1 · 10 and 12 + 8: the first bound is worse, then better
    for error, price, worse in ((10, 40, True), (13, 10 * 0.6, False)):
        loss = error + 0.1 * price
        assert loss <= 14
        assert (error + price > 20) == worse


def test_a_collapsed_model_is_the_one_of_large_beta():
    assert right("20-all-alike").startswith("the posterior collapsed")
    assert figures(20.0).kl < 0.001 < figures(15.0).kl


def test_the_gap_seeks():
    assert right("20-direction").startswith("on one of the hills")
    z = np.linspace(-12, 12, 4001)
    step = z[1] - z[0]
    posterior = 0.5 * stats.norm.pdf(z, -4, 1) + 0.5 * stats.norm.pdf(z, 4, 1)

    def reverse(mean, sd):
        q = stats.norm.pdf(z, mean, sd)
        return np.sum(q * (stats.norm.logpdf(z, mean, sd) - np.log(posterior))) * step

    wide = min(reverse(0, sd) for sd in np.linspace(0.5, 5, 46))
    assert reverse(4, 1) < wide
