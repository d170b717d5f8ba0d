"""The VAE of unit 20: its slopes by finite differences, its figures from the committed weights."""

import math

import numpy as np
import pytest

from klteach.units.u20_elbo_and_vae.vae import (
    VAE,
    aggregate_gap,
    all_measures,
    images,
    loss_and_gradients,
    measures,
)
from tests.units.u20_elbo_and_vae import networks
from tests.units.u20_elbo_and_vae.networks import BETAS, encoded, figures, pixels, weights

STEP = 1e-5


def loss_of(arrays, noise, beta, rows):
    """The loss by a second route: a model that is run, and a KL by entropies."""
    kept = networks.weights
    networks.weights = lambda _: arrays
    try:
        mean, sd = encoded(None, rows)
        drawn = networks.decoded(None, mean + sd * noise)
        kl = networks.kl_of_latents(None, rows).sum(axis=1)
    finally:
        networks.weights = kept
    return (np.square(rows - drawn).sum(axis=1) / (2 * 0.2**2) + beta * kl).mean()


@pytest.fixture(scope="module")
def drawn_noise():
    return np.random.default_rng(3).normal(size=(3, 2))


@pytest.mark.parametrize("beta", [0.01, 1.0, 20.0])
def test_the_loss_is_that_of_a_second_route(beta, drawn_noise):
    rows = pixels()[0][:3]
    loss, _ = loss_and_gradients(weights(beta), rows, drawn_noise, beta)
    assert loss == pytest.approx(loss_of(weights(beta), drawn_noise, beta, rows), rel=1e-12)


def test_every_slope_is_the_central_difference_of_the_loss(drawn_noise):
    """All 12,932 of them, on three images."""
    rows, beta = pixels()[0][[3, 40, 77]], 1.0
    arrays = [array.copy() for array in weights(beta)]
    _, slopes = loss_and_gradients(arrays, rows, drawn_noise, beta)
    worst = 0.0
    for array, slope in zip(arrays, slopes, strict=True):
        assert slope.shape == array.shape
        for place in range(array.size):
            kept, ends = array.flat[place], []
            for moved in (kept + STEP, kept - STEP):
                array.flat[place] = moved
                ends.append(loss_and_gradients(arrays, rows, drawn_noise, beta)[0])
            array.flat[place] = kept
            worst = max(worst, abs((ends[0] - ends[1]) / (2 * STEP) - slope.flat[place]))
    assert worst < 1e-6


@pytest.mark.parametrize("beta", [0.01, 20.0])
def test_slopes_at_the_ends_of_beta_are_central_differences_too(beta, drawn_noise):
    rows = pixels()[0][[3, 40, 77]]
    arrays = [array.copy() for array in weights(beta)]
    _, slopes = loss_and_gradients(arrays, rows, drawn_noise, beta)
    random = np.random.default_rng(1)
    for array, slope in zip(arrays, slopes, strict=True):
        direction = random.normal(size=array.shape)
        kept, ends = array.copy(), []
        for sign in (1, -1):
            array[...] = kept + sign * 1e-6 * direction
            ends.append(loss_of(arrays, drawn_noise, beta, rows))
        array[...] = kept
        along = (ends[0] - ends[1]) / 2e-6
        assert along == pytest.approx((slope * direction).sum(), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("beta", BETAS)
def test_the_figures_are_those_of_the_committed_weights(beta):
    np.testing.assert_allclose(all_measures()[beta], figures(beta), rtol=1e-4, atol=3e-4)


def test_the_images_are_the_hundred_and_the_five_hundred_that_are_meant():
    for ours, theirs in zip(images(), pixels(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    seen = {tuple(row) for row in images().seen.tolist()}
    assert not seen & {tuple(row) for row in images().others.tolist()}


@pytest.mark.parametrize("beta", [0.3, 3.0, 10.0, 15.0])
def test_the_quadrature_of_the_error_is_fine_enough_for_the_digits_that_are_printed(beta):
    seen, others, _ = pixels()
    assert networks.expected_error(beta, seen, 25) == pytest.approx(figures(beta).seen, abs=0.03)
    assert networks.expected_error(beta, others[::5], 21) == pytest.approx(
        networks.expected_error(beta, others[::5], 9), abs=0.05
    )


@pytest.mark.parametrize("beta", [0.01, 1.0, 10.0])
def test_draws_find_the_same_error_and_the_same_gap(beta):
    """Simulation, within five standard errors."""
    seen = pixels()[0]
    mean, sd = encoded(beta, seen)
    random = np.random.default_rng(4)
    points = mean[:, None] + sd[:, None] * random.normal(size=(100, 60, 2))
    flat = points.reshape(-1, 2)
    drawn = networks.decoded(beta, flat).reshape(100, 60, 64)
    errors = np.square(drawn - seen[:, None]).sum(axis=-1) / (2 * 0.2**2)
    ratios = networks.log_aggregate(beta, flat) + (flat**2).sum(axis=1) / 2 + math.log(2 * math.pi)
    for draws, found in (
        (errors, figures(beta).seen),
        (ratios.reshape(100, 60), figures(beta).gap),
    ):
        # each image has its own draws, so only the spread within images is noise
        noise = math.sqrt((draws.var(axis=1, ddof=1) / 60).sum()) / 100
        assert abs(draws.mean() - found) < 5 * noise + 1e-6


def test_the_gap_is_an_integral_over_the_plane():
    """A third route where q(z) is smooth enough for a grid."""
    side = np.linspace(-6.5, 6.5, 326)
    x, y = np.meshgrid(side, side)
    points = np.column_stack([x.ravel(), y.ravel()])
    cell = (side[1] - side[0]) ** 2
    log_q = np.concatenate([networks.log_aggregate(10.0, part) for part in np.split(points, 326)])
    log_p = -(points**2).sum(axis=1) / 2 - math.log(2 * math.pi)
    assert np.exp(log_q).sum() * cell == pytest.approx(1, abs=1e-6)
    integral = (np.exp(log_q) * (log_q - log_p)).sum() * cell
    assert integral == pytest.approx(all_measures()[10.0].gap, abs=1e-3)


def test_posteriors_far_apart_name_their_image():
    far = np.array([[-9.0, 0.0], [0.0, 9.0], [9.0, 0.0], [0.0, -9.0]])
    sd = np.full((4, 2), 0.01)
    kl = 0.5 * (far**2 + sd**2 - 1 - np.log(sd**2)).sum(axis=1).mean()
    assert kl - aggregate_gap(far, sd) == pytest.approx(math.log(4))
    assert aggregate_gap(np.zeros((3, 2)), np.ones((3, 2))) == pytest.approx(0, abs=1e-12)


def test_a_model_that_draws_one_image_has_the_error_of_that_image():
    seen, others, _ = pixels()
    nothing = [np.zeros(array.shape) for array in weights(1.0)]
    found = measures(VAE(tuple(nothing)))
    assert found.reconstruction == pytest.approx(np.square(seen - 0.5).sum(axis=1).mean() / 0.08)
    assert found.of_others == pytest.approx(np.square(others - 0.5).sum(axis=1).mean() / 0.08)
    assert (found.kl, found.gap) == pytest.approx((0, 0), abs=1e-12)
