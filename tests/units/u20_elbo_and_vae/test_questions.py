"""What the design of unit 20 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from klteach.units.lookup import find_question
from tests.units.known_answers import mistake
from tests.units.u20_elbo_and_vae import networks

MEAN, LOG_VARIANCE = np.array([[0.5, -1.0]]), np.array([[-1.0, 0.5]])


def reference(name):
    return find_question(name).reference


def wrong(name, title, *arguments, variant=0):
    return mistake(name, title).variants[variant](*arguments)


# E1


def log_joint(z, x, variance):
    return stats.norm.logpdf(z) + stats.norm.logpdf(x, z, math.sqrt(variance))


def by_quadrature(x, variance, mean, sd):
    q = stats.norm(mean, sd)
    return integrate.quad(
        lambda z: q.pdf(z) * (log_joint(z, x, variance) - q.logpdf(z)), mean - 9 * sd, mean + 9 * sd
    )[0]


def test_the_values_of_the_course():
    evidence = math.log(integrate.quad(lambda z: math.exp(log_joint(z, 1.5, 0.5)), -9, 9)[0])
    bound = by_quadrature(1.5, 0.5, 0.0, 1.0)
    assert f"{evidence:.4f} {bound:.4f} {evidence - bound:.4f}" == "-1.8717 -3.8224 1.9507"
    assert reference("elbo")(1.5, 0.5, 0.0, 1.0) == pytest.approx(bound)
    assert wrong("elbo", "the evidence", 1.5, 0.5, 0.0, 1.0) == pytest.approx(evidence)
    assert wrong("elbo", "the gap", 1.5, 0.5, 0.0, 1.0) == pytest.approx(evidence - bound)


def test_the_bound_is_an_average_in_every_case():
    for case in find_question("elbo").cases():
        assert reference("elbo")(*case.arguments) == pytest.approx(by_quadrature(*case.arguments))


def test_without_its_constant_the_value_may_lie_above_the_evidence():
    """As the message says: for it is then no longer a bound for sure."""
    args = (0.0, 1.0, 0.0, math.sqrt(0.5))
    evidence = stats.norm.logpdf(0.0, 0, math.sqrt(2))
    assert wrong("elbo", "constant left out", *args) > evidence
    assert reference("elbo")(*args) <= evidence + 1e-12


def test_the_insight_at_the_posterior_the_bound_is_the_evidence():
    """The likelihood falls with a wider q, KL with a narrower one rises; in balance: no gap."""
    x, variance = 1.5, 0.5
    found = optimize.minimize(
        lambda q: -by_quadrature(x, variance, q[0], math.exp(q[1])),
        [0.0, 0.0],
        method="Nelder-Mead",
    )
    assert found.x[0] == pytest.approx(1, abs=1e-3)
    assert math.exp(found.x[1]) == pytest.approx(math.sqrt(1 / 3), abs=1e-3)
    evidence = stats.norm.logpdf(x, 0, math.sqrt(1.5))
    assert reference("elbo")(x, variance, 1.0, math.sqrt(1 / 3)) == pytest.approx(evidence)


# E2


def kl_from_prior(mean, log_variance):
    q = stats.norm(mean, math.exp(log_variance / 2))
    return integrate.quad(lambda z: q.pdf(z) * (q.logpdf(z) - stats.norm.logpdf(z)), -15, 15)[0]


def test_the_kl_of_the_course_and_its_wrong_values():
    (value,) = reference("kl_to_prior")(MEAN, LOG_VARIANCE)
    by_integral = sum(map(kl_from_prior, MEAN[0], LOG_VARIANCE[0]))
    assert f"{value:.6f}" == "0.883300" and value == pytest.approx(by_integral)
    for title, said in (
        ("mean over latents", "0.441650"),
        ("log variance taken for log sd", "1.551809"),
        ("sign", "-0.883300"),
        ("reverse", "1.055457"),
    ):
        (found,) = wrong("kl_to_prior", title, MEAN, LOG_VARIANCE)
        assert f"{found:.6f}" == said


def test_a_latent_at_the_prior_adds_nothing():
    more = np.zeros((1, 5))
    wide = [np.concatenate([part, more], axis=1) for part in (MEAN, LOG_VARIANCE)]
    assert reference("kl_to_prior")(*wide) == pytest.approx(
        reference("kl_to_prior")(MEAN, LOG_VARIANCE)
    )


def test_a_mean_over_latents_is_a_kl_over_their_number():
    for case in find_question("kl_to_prior").cases():
        d = case.arguments[0].shape[1]
        found = wrong("kl_to_prior", "mean over latents", *case.arguments)
        np.testing.assert_allclose(d * found, reference("kl_to_prior")(*case.arguments))


# E3


def test_both_parts_are_what_they_are_called():
    for case in find_question("information_and_gap").cases():
        posteriors, prior = case.arguments
        information, gap = reference("information_and_gap")(posteriors, prior)
        joint = posteriors / len(posteriors)
        product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
        assert information == pytest.approx(
            stats.entropy(joint.ravel(), product.ravel()), abs=1e-12
        )
        assert gap == pytest.approx(stats.entropy(posteriors.mean(axis=0), prior))
        whole = np.mean([stats.entropy(row, prior) for row in posteriors])
        assert information + gap == pytest.approx(whole)
        assert -1e-12 < information <= math.log(len(posteriors)) + 1e-12 and gap > -1e-12


def test_a_code_that_names_the_image_has_all_the_information():
    case = find_question("information_and_gap").cases()[-1]
    information, _ = reference("information_and_gap")(*case.arguments)
    assert information == pytest.approx(math.log(len(case.arguments[0])))


# E4


def loss(weight, variance, c):
    """β/2 of it: the mean loss of the linear VAE for a weight of its decoder, q being the best."""
    return variance / (weight**2 + c) + math.log(weight**2 + c)


@pytest.mark.parametrize(("beta", "collapsed"), [(0.97, False), (1.03, True)])
def test_the_best_weight_of_a_linear_decoder_is_0_from_there_on(beta, collapsed):
    rows, noise = find_question("collapse_beta").cases()[3].arguments
    at = beta * reference("collapse_beta")(rows, noise)
    variance = np.linalg.svd(np.cov(rows.T, ddof=0))[1].max()
    weights = np.linspace(0, 3, 30_001)
    best = weights[np.argmin([loss(w, variance, at * noise**2) for w in weights])]
    assert (best == 0) == collapsed
    assert best**2 == pytest.approx(max(0, variance - at * noise**2), abs=1e-3)


def test_the_value_for_the_hundred_digits():
    seen = networks.pixels()[0]
    variances = np.linalg.svd(seen - seen.mean(axis=0), compute_uv=False) ** 2 / 100
    assert reference("collapse_beta")(seen, 0.2) == pytest.approx(variances.max() / 0.04)
    assert f"{variances.max() / 0.04:.1f}" == "18.7"


def test_some_cases_tell_a_slanted_direction_from_the_largest_column():
    told = [
        wrong("collapse_beta", "largest column", *case.arguments)
        < 0.99 * reference("collapse_beta")(*case.arguments)
        for case in find_question("collapse_beta").cases()
    ]
    assert sum(told) >= 3
