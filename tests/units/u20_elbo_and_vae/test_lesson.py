"""What lesson 20 and its exercises say: numbers by a second route, claims in words."""

import math
import re

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from scipy.spatial.distance import cdist

from tests.units.lesson_text import read, says
from tests.units.u20_elbo_and_vae.networks import BETAS, encoded, figures, off, pixels

LESSON = "notebooks/20_elbo_and_vae"
EXERCISES = LESSON.replace("notebooks", "solutions")

PRIOR, POSTERIOR = stats.norm(), stats.norm(1, math.sqrt(1 / 3))
EVIDENCE = math.log(
    integrate.quad(lambda z: stats.norm.pdf(z) * stats.norm.pdf(1.5, z, math.sqrt(0.5)), -9, 9)[0]
)


def kl(p, q):
    """KL of two normals by quadrature."""
    low, high = p.mean() - 9 * p.std(), p.mean() + 9 * p.std()
    return integrate.quad(lambda z: p.pdf(z) * (p.logpdf(z) - q.logpdf(z)), low, high)[0]


def fit(q):
    """The mean over q of log p(1.5|z), by quadrature."""
    low, high = q.mean() - 9 * q.std(), q.mean() + 9 * q.std()
    return integrate.quad(
        lambda z: q.pdf(z) * stats.norm.logpdf(1.5, z, math.sqrt(0.5)), low, high
    )[0]


START, ON_X = stats.norm(2.3, 0.35), stats.norm(1.5, 0.2)
# the two latents of the encoder of "By hand"
FIRST, SECOND = stats.norm(0.5, math.exp(-0.5)), stats.norm(-1, math.exp(0.25))
LATENT_KLS = kl(FIRST, PRIOR), kl(SECOND, PRIOR)


def largest_variance():
    seen = pixels()[0]
    return np.linalg.svd(seen - seen.mean(axis=0), compute_uv=False)[0] ** 2 / len(seen)


def error_of_the_mean():
    """What other images cost if the mean of the hundred is drawn for each."""
    seen, others, _ = pixels()
    return np.square(others - seen.mean(axis=0)).sum(axis=1).mean() / 0.08


def nearest_neighbour():
    """From a real image to the nearest other one, the mean."""
    everything = pixels()[2]
    squares = cdist(everything, everything, "sqeuclidean")
    np.fill_diagonal(squares, np.inf)
    return squares.min(axis=1).mean() / 0.08


def start_of_the_plane():
    """How far the drawing for z = (-1.5, 1.5) at β = 1 is from a real image."""
    from tests.units.u20_elbo_and_vae.networks import decoded

    return off(decoded(1.0, np.array([[-1.5, 1.5]])), pixels()[2])[0]


ROW = "\n {:g} {:.1f} {:.1f} {:.3f} {:.3f} {:.3f} {:.1f}"

SAID = {
    (LESSON, "text"): lambda: [
        ("The line of $\\log p(x) = {:.3f}$ never moves", EVIDENCE),
        ("and the gap is {:.3f} nats: that was the prediction", kl(PRIOR, POSTERIOR)),
        ("the price is {:.3f} nats, and the gap {:.1f}:", kl(ON_X, PRIOR), kl(ON_X, POSTERIOR)),
        (
            "-\\tfrac12 \\ln \\pi - ({:.1f}^2 + 1) = {:.3f} - {:.2f} = {:.3f}$, and",
            1.5,
            math.log(stats.norm.pdf(0, 0, math.sqrt(0.5))),
            (1.5**2 + 1) / (2 * 0.5),
            fit(PRIOR),
        ),
        (
            "- {:.1f}^2 / 3 = {:.3f} - {:.2f} = {:.3f}$",
            1.5,
            math.log(stats.norm.pdf(0, 0, math.sqrt(1.5))),
            0.75,
            EVIDENCE,
        ),
        ("The gap is {:.3f}, and $\\mathrm{{KL}}", EVIDENCE - fit(PRIOR)),
        ("3 \\cdot (1 + 1) - 1) = {:.3f}$.", kl(PRIOR, POSTERIOR)),
        (
            "\\tfrac12 ({:.2f} + {:.3f} - 1 + 1) + \\tfrac12 (1 + {:.3f} - 1 - {:.1f})",
            FIRST.mean() ** 2,
            FIRST.var(),
            SECOND.var(),
            math.log(SECOND.var()),
        ),
        ("= {:.3f} + {:.3f} = {:.3f}$ nats", *LATENT_KLS, sum(LATENT_KLS)),
        ("sum(dim=1)\n# {:.4f}", sum(LATENT_KLS)),
        ("# {:.4f}, {:.4f}: one for each latent", *LATENT_KLS),
        (
            "an error of {:.1f} nats, which is {:.2f} a pixel",
            figures(0.01).seen,
            math.sqrt(figures(0.01).seen * 0.08 / 64),
        ),
        ("The information is {:.3f} nats, $\\log 100$", math.log(100)),
        ("The rest of the KL, {:.1f} nats, is gap", figures(0.01).gap),
        ("prior is {:.0f} nats from any real digit", figures(0.01).samples),
        ("*worse* ({:.0f}) than", figures(0.01).others),
        ("the mean of all for everybody ({:.1f})", error_of_the_mean()),
        ("the gap is down to {:.1f} and {:.1f} nats", figures(1.0).gap, figures(3.0).gap),
        (
            "samples are {:.0f} and {:.0f} nats from a real image",
            figures(1.0).samples,
            figures(3.0).samples,
        ),
        ("(A real one has {:.1f} to its nearest neighbour", nearest_neighbour()),
        ("the KL is {:.3f}, and the decoder", figures(20.0).kl),
    ],
    (LESSON, "printed"): lambda: [
        (
            "The ELBO is {:.3f} nats, {:.3f} below log p(x) = {:.3f}: so far is q",
            EVIDENCE - kl(START, POSTERIOR),
            kl(START, POSTERIOR),
            EVIDENCE,
        ),
        (
            "expected log p(x|z): {:.3f} nats; KL(q‖prior): {:.3f} nats; ELBO: {:.3f} nats; "
            "KL(q‖posterior): {:.3f} nats; log p(x): {:.3f} nats",
            fit(START),
            kl(START, PRIOR),
            fit(START) - kl(START, PRIOR),
            kl(START, POSTERIOR),
            EVIDENCE,
        ),
        ("ELBO ≤ log p(x): holds, margin {:.3f}", kl(START, POSTERIOR)),
        ("= log p(x): holds, margin {:.3f}", 0.0),
        ("from scratch {:.4f}, mean over latents {:.4f}", sum(LATENT_KLS), sum(LATENT_KLS) / 2),
        ("the library {:.4f}", sum(LATENT_KLS)),
        (
            "come back with an error of {:.1f} nats, others with {:.1f}. For your z the decoder "
            "draws something like a 3, {:.1f} nats from",
            figures(1.0).seen,
            figures(1.0).others,
            start_of_the_plane(),
        ),
        (
            "error, trained on: {:.1f} nats; error, others: {:.1f} nats; KL(q(z|x)‖prior): {:.2f} "
            "nats; its information: {:.2f} nats; its gap: {:.2f} nats; samples off by: {:.1f} nats",
            *figures(1.0),
        ),
        ("information ≤ log 100: holds, margin {:.3f}", math.log(100) - figures(1.0).information),
        ("gap ≥ 0: holds, margin {:.3f}", figures(1.0).gap),
        (
            "samples off by" + ROW * len(BETAS),
            *(number for beta in BETAS for number in (beta, *figures(beta))),
        ),
        (
            "KL {:.2f} = information {:.2f} + gap {:.2f}",
            figures(1.0).kl,
            figures(1.0).information,
            figures(1.0).gap,
        ),
        (
            "their ratio\n{:.3f} {:.2f} {:.1f}\n{:.3f} {:.2f} {:.1f}",
            *(largest_variance(), 0.2**2, largest_variance() / 0.04),
            *(largest_variance(), 0.4**2, largest_variance() / 0.16),
        ),
        ("KL weighs {:.1f}\nwith", 0.1 * 128 * 128 * 3 / 512),
        ("over the latents {:.0f}", 0.1 * 128 * 128 * 3),
    ],
}

ALLOWED = {
    (LESSON, "text"): [
        ("$x = 1.5$, solid", "what was seen"),
        ("$x = 1.5$, $s^2", "what was seen"),
        ("(2 \\pi \\cdot 1.5)", "the variance of x, 1 + ½"),
        ("$\\mu = (0.5, -1)$", "an encoder's answer"),
        ("$(-1, 0.5)$:", "an encoder's answer"),
        ("Normal(0.0, 1.0)", "a call"),
        ("-0.5 * (1 + logvar", "a call"),
        ("a noise of $s = 0.2$", "chosen"),
        ("(CC BY 4.0)", "the name of a licence"),
        ("times 0.1.", "in the file"),
        ("the 0.1 made", "in the file"),
    ],
}


# Claims


def test_nothing_gets_above_the_evidence_and_the_posterior_touches_it():
    says(LESSON, "and nothing gets above it", "Whatever $q$ is, ELBO and hatched bar add up to it")
    for mean in (-0.5, 0.4, 1.0, 2.5):
        for sd in (0.2, 0.6, 1.5):
            q = stats.norm(mean, sd)
            assert fit(q) - kl(q, PRIOR) + kl(q, POSTERIOR) == pytest.approx(EVIDENCE, abs=1e-6)


def test_on_top_of_x_the_misfit_is_smallest():
    says(LESSON, "With $q$ narrow and on top of $x$ the misfit is smallest")
    others = [stats.norm(m, s) for m in np.arange(-0.5, 2.6, 0.25) for s in (0.2, 0.5, 1.0)]
    assert all(fit(ON_X) >= fit(q) for q in others)


def test_only_the_ratio_of_beta_and_noise_counts():
    says(LESSON, "the loss, divided by β, is that of a decoder with variance $\\beta s^2$")
    error, price, beta, variance = 3.1, 4.2, 7.0, 0.04
    loss = error / (2 * variance) + beta * price
    assert loss / beta == pytest.approx(error / (2 * beta * variance) + price)


def test_the_constant_is_that_of_a_normal_with_so_many_pixels():
    says(LESSON, "+ \\tfrac{D}{2} \\log (2 \\pi s^2)")
    x, drawn = np.array([0.1, 0.7, 0.4]), np.array([0.2, 0.5, 0.9])
    whole = -stats.norm.logpdf(x, drawn, 0.2).sum()
    assert whole == pytest.approx(
        np.square(x - drawn).sum() / 0.08 + 1.5 * math.log(2 * math.pi * 0.04)
    )


def test_less_than_a_grey_level_and_all_the_information():
    says(LESSON, "less than one of their 16 grey levels", "$\\log 100$ to all digits")
    assert math.sqrt(figures(0.01).seen * 0.08 / 64) < 1 / 16
    assert math.log(100) - figures(0.01).information < 0.0005


def test_dots_and_ellipses_that_fill_the_prior():
    says(LESSON, "The ellipses are dots", "fill the place where the prior lives")
    seen = pixels()[0]
    assert np.median(encoded(0.01, seen)[1]) < 0.006
    for beta, most in ((1.0, 0), (3.0, 0), (0.01, 100)):
        far = np.hypot(*encoded(beta, seen)[0].T) > 3
        assert far.sum() <= most
    assert far.sum() > 70  # of the dots at β = 0.01


def test_the_best_for_others_and_the_worst_sampler():
    says(LESSON, "* **β = 10** brings other images back best, of these nine.")
    assert min(BETAS, key=lambda beta: figures(beta).others) == 10
    says(LESSON, "By the error on training images the worst sampler is among the best models.")
    assert max(BETAS, key=lambda beta: figures(beta).samples) == 0.01
    assert figures(0.01).seen < min(figures(beta).seen for beta in BETAS if beta >= 0.3)


def test_samples_are_smoother_than_handwriting():
    says(LESSON, "samples are smoother than handwriting")
    from tests.units.u20_elbo_and_vae.networks import decoded

    drawn = decoded(3.0, np.random.default_rng(20).normal(size=(500, 2))).reshape(-1, 8, 8)
    real = pixels()[2].reshape(-1, 8, 8)
    roughness = [np.abs(np.diff(images, axis=1)).mean() for images in (drawn, real)]
    assert roughness[0] < roughness[1]


def best_posterior(x, w, noise, beta):
    """The best normal q for x in the linear VAE, found by a search."""

    def loss(q):
        m, s = q[0], math.exp(q[1])
        error = ((x - w * m) ** 2 + w**2 * s**2) / (2 * noise)
        return error + beta * (m**2 + s**2 - 1 - 2 * q[1]) / 2

    found = optimize.minimize(loss, [0.0, 0.0], method="BFGS", options={"gtol": 1e-9})
    return found.x[0], math.exp(2 * found.x[1]), found.fun


def test_the_best_posterior_of_a_linear_decoder():
    says(LESSON, "normal with variance $\\frac{c}{w^2 + c}$ and mean $\\frac{w x}{w^2 + c}$")
    for x, w, noise, beta in ((1.3, 0.7, 0.5, 2.0), (-2.0, 1.5, 0.2, 0.3)):
        mean, variance, _ = best_posterior(x, w, noise, beta)
        c = beta * noise
        assert mean == pytest.approx(w * x / (w**2 + c), rel=1e-4)
        assert variance == pytest.approx(c / (w**2 + c), rel=1e-4)


def test_the_mean_loss_of_the_linear_vae():
    says(LESSON, "\\frac{v}{w^2 + c} + \\log (w^2 + c)")
    rows, noise, beta = np.array([-1.2, 0.3, 0.9, 2.0, -2.0]), 0.5, 1.4
    v, c = np.mean(rows**2), beta * noise
    constants = [
        np.mean([best_posterior(x, w, noise, beta)[2] for x in rows])
        - beta / 2 * (v / (w**2 + c) + math.log(w**2 + c))
        for w in (0.1, 0.8, 1.9)
    ]
    assert np.ptp(constants) < 1e-6


@pytest.mark.parametrize("beta", [0.5, 1.9, 4.0, 4.5])
def test_where_it_is_least_and_what_its_kl_is(beta):
    says(LESSON, "$w^2 = \\max(0, v - \\beta s^2)$", "the KL is $\\tfrac12 \\log \\frac{v}{\\beta")
    v, noise = 2.1, 0.5
    c = beta * noise
    weights = np.linspace(0, 2, 20_001)
    best = weights[np.argmin(v / (weights**2 + c) + np.log(weights**2 + c))]
    assert best**2 == pytest.approx(max(0, v - c), abs=1e-3)
    # KL averaged over rows with this variance: mean² + variance - 1 - log variance, halved
    mean_square, variance = best**2 * v / (best**2 + c) ** 2, c / (best**2 + c)
    nats = (mean_square + variance - 1 - math.log(variance)) / 2
    assert nats == pytest.approx(max(0, math.log(v / c) / 2), abs=1e-3)


def test_with_a_fixed_decoder_the_best_q_never_is_the_prior():
    says(LESSON, "the best $q \\propto p(z)\\, p(x|z)^{1/\\beta}$ reaches the prior only at")
    x, w, noise = 1.3, 0.7, 0.5
    for beta in (1.0, 30.0, 1000.0):
        mean, variance, _ = best_posterior(x, w, noise, beta)
        precision = 1 + w**2 / noise / beta
        assert variance == pytest.approx(1 / precision, rel=1e-4) and variance < 1
        assert mean == pytest.approx(w * x / noise / beta / precision, rel=1e-3)


def test_the_models_collapse_between_the_two_that_surround_the_ratio():
    says(LESSON, "At β = 15 something of the images is left, at β = 20 nothing is.")
    assert figures(15.0).kl > 0.1 and figures(20.0).kl < 0.001
    assert 15 < largest_variance() / 0.04 < 20


def test_the_weights_of_the_story():
    """From the file: 3 × 128 × 128 pixels, 512 latents, a factor of 0.1; two means, one loss."""
    says(LESSON, "the error is a mean over the pixels, the KL a mean over the latents, times 0.1")
    squares, terms = 812.5, 37.25  # any sums of squared errors and of KL over the latents
    loss = squares / (3 * 128 * 128) + 0.1 * terms / 512
    assert loss * 3 * 128 * 128 == pytest.approx(squares + 9.6 * terms)
    with_sum = squares / (3 * 128 * 128) + 0.1 * terms
    assert with_sum * 3 * 128 * 128 == pytest.approx(squares + 4915.2 * terms)
    says(LESSON, "**512** in the code that it was taken from")
    assert 4915.2 / 9.6 == pytest.approx(512)


def test_the_slopes_of_the_lesson_are_three_hundred():
    assert "300 slopes, all within 1e-6: True" in read(LESSON).printed


# The exercises


def test_the_time_of_the_exercises():
    minutes = [int(m) for m in re.findall(r"^## .* (\d+) min", read(EXERCISES).text, re.MULTILINE)]
    says(LESSON, f"then {sum(minutes)} for the exercises")
