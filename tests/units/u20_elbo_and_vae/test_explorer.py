"""The two pictures of unit 20, by a second route."""

import math
import re

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from klteach.units.u20_elbo_and_vae import explorer as unit_20
from tests.units.states import area, readout, state_of
from tests.units.u20_elbo_and_vae import networks
from tests.units.u20_elbo_and_vae.networks import BETAS, encoded, figures, pixels

NODES, SHARES = np.polynomial.hermite_e.hermegauss(24)
SHARES = SHARES / SHARES.sum()


@pytest.fixture(scope="module")
def floor():
    _, state = state_of(unit_20.touch_the_ceiling())
    return state, unit_20._update_floor(state)


@pytest.fixture(scope="module")
def plane():
    raws, state = state_of(unit_20.latent_plane())
    return raws, state, unit_20._update_plane(state)


# one observation


def averaged(state, function):
    """The mean over q of a function of z, by quadrature."""
    z = state.mean[:, None] + state.sd[:, None] * NODES
    return function(z) @ SHARES


def test_the_evidence_and_the_posterior_are_those_of_a_fine_grid():
    z = np.linspace(-12, 12, 200_001)
    joint = stats.norm.pdf(z) * stats.norm.pdf(1.5, z, math.sqrt(0.5))
    evidence = joint.sum() * (z[1] - z[0])
    assert unit_20.EVIDENCE == pytest.approx(math.log(evidence), abs=1e-10)
    mean = (z * joint).sum() / joint.sum()
    sd = math.sqrt(((z - mean) ** 2 * joint).sum() / joint.sum())
    assert unit_20.POSTERIOR == pytest.approx((mean, sd), abs=1e-9)


def test_the_parts_are_averages_over_q(floor):
    state, frame = floor
    q = stats.norm(state.mean[:, None], state.sd[:, None])
    fit = averaged(state, lambda z: stats.norm.logpdf(1.5, z, math.sqrt(0.5)))
    price = averaged(state, lambda z: q.logpdf(z) - stats.norm.logpdf(z))
    gap = averaged(state, lambda z: q.logpdf(z) - stats.norm.logpdf(z, 1, math.sqrt(1 / 3)))
    np.testing.assert_allclose(readout(frame, "expected log p(x|z)"), fit, atol=1e-9)
    np.testing.assert_allclose(readout(frame, "KL(q‖prior)"), price, atol=1e-9)
    np.testing.assert_allclose(readout(frame, "ELBO"), fit - price, atol=1e-9)
    np.testing.assert_allclose(readout(frame, "KL(q‖posterior)"), gap, atol=1e-9)
    assert np.unique(readout(frame, "log p(x)")).size == 1


def test_the_bars_end_where_the_numbers_say(floor):
    _, frame = floor
    fit, price, gap = (frame.shapes[name][:, 0] for name in ("fit", "to prior", "gap"))
    np.testing.assert_allclose(area(fit) / 0.6, -readout(frame, "expected log p(x|z)"))
    np.testing.assert_allclose(area(price) / 0.6, readout(frame, "KL(q‖prior)"), atol=1e-12)
    np.testing.assert_allclose(area(gap) / 0.6, readout(frame, "KL(q‖posterior)"), atol=1e-12)
    np.testing.assert_allclose(gap[..., 1].max(axis=-1), unit_20.EVIDENCE, atol=1e-9)
    np.testing.assert_allclose(price[..., 1].max(axis=-1), fit[..., 1].min(axis=-1), atol=1e-9)
    assert gap[..., 1].min() > unit_20.LOWEST


def test_the_dashed_bell_is_the_density_of_q(floor):
    state, frame = floor
    points = frame.shapes["q"][:, 0]
    density = stats.norm.pdf(points[..., 0], state.mean[:, None], state.sd[:, None])
    np.testing.assert_allclose(points[..., 1], density, atol=1e-12)
    assert points[..., 1].max() < 2.2


def test_the_ceiling_is_touched_near_the_posterior_alone(floor):
    state, frame = floor
    reached = frame.tasks[0].reached
    assert reached.any()
    assert abs(state.mean[reached] - 1).max() <= 0.1
    assert abs(state.sd[reached] - math.sqrt(1 / 3)).max() <= 0.1
    start = unit_20.touch_the_ceiling()._numeric([{"mean": 2.3, "sd": 0.35}])
    assert not any(task.reached[0] for task in unit_20._update_floor(start).tasks)


# the plane


def half():
    """Every second one of the ten images of each digit, in the order of the digits."""
    with np.load(networks.DATA / "digits.npz") as file:
        everything, labels = file["images"].reshape(-1, 64) / 16, file["labels"].tolist()
    rows = [[row for row, label in enumerate(labels) if label == digit] for digit in range(10)]
    return np.stack([everything[of_digit[34 * k]] for of_digit in rows for k in range(5)])


def test_an_ellipse_is_two_standard_deviations_of_a_posterior(plane):
    raws, _, frame = plane
    for index in range(0, len(raws), 97):
        beta = BETAS[raws[index]["beta"]]
        mean, sd = encoded(beta, half())
        offsets = (frame.shapes["posteriors"][index] - mean[:, None]) / sd[:, None]
        np.testing.assert_allclose(np.linalg.norm(offsets, axis=-1), 2, rtol=1e-6)


def test_the_readouts_are_the_figures_of_the_model(plane):
    raws, _, frame = plane
    labels = (
        "error, trained on",
        "error, others",
        "KL(q(z|x)‖prior)",
        "its information",
        "its gap",
        "samples off by",
    )
    for index in range(0, len(raws), 169):
        beta = BETAS[raws[index]["beta"]]
        found = [readout(frame, label)[index] for label in labels]
        np.testing.assert_allclose(found, figures(beta), rtol=1e-4, atol=3e-4)


def thickness(vertices):
    """The ink of a drawn image, from its lines: (15, 8), the rows of pixels among them."""
    lines = vertices.reshape(15, 2, 10, 2)
    there, back = lines[:, 0, 1:-1, 1], lines[:, 1, ::-1, 1][:, 1:-1]
    return 2 * (back - there)


def test_the_picture_of_z_is_what_the_decoder_draws(plane):
    raws, _, frame = plane
    for index in range(0, len(raws), 53):
        raw = raws[index]
        drawn = networks.decoded(BETAS[raw["beta"]], np.array([[raw["z1"], raw["z2"]]]))
        ink = thickness(frame.shapes["of z"][index, 0])
        np.testing.assert_allclose(ink[::2], drawn.reshape(8, 8), atol=1 / 32 + 1e-9)
        np.testing.assert_allclose(ink[1::2], (ink[:-2:2] + ink[2::2]) / 2, atol=1e-9)


def test_what_comes_back_is_decoded_from_the_mean_of_the_posterior(plane):
    raws, _, frame = plane
    seen, others, _ = pixels()
    shown = np.stack([seen[30], seen[77], others[222]])
    for index in range(0, len(raws), 169):
        beta = BETAS[raws[index]["beta"]]
        again = networks.decoded(beta, encoded(beta, shown)[0])
        for place in range(3):
            ink = thickness(frame.shapes[f"again {place}"][index, 0])
            np.testing.assert_allclose(ink[::2], again[place].reshape(8, 8), atol=1 / 32 + 1e-9)


def test_the_sentence_names_the_nearest_real_digit(plane):
    raws, _, frame = plane
    everything = pixels()[2]
    with np.load(networks.DATA / "digits.npz") as file:
        labels = file["labels"]
    for index in range(0, len(raws), 61):
        raw, sentence = raws[index], frame.sentence[index]
        if BETAS[raw["beta"]] == 20:
            assert "the same grey mean" in sentence
            continue
        drawn = networks.decoded(BETAS[raw["beta"]], np.array([[raw["z1"], raw["z2"]]]))
        squares = cdist(drawn, everything, "sqeuclidean")[0] / 0.08
        digit = labels[squares.argmin()]
        assert re.search(
            rf"\b(a|an) {digit}, {squares.min():.1f} nats|a?n? {digit}, is "
            rf"{squares.min():.1f} nats",
            sentence,
        )
        assert ("no digit" in sentence) == (squares.min() > 40)


def test_a_model_that_has_collapsed_draws_one_image(plane):
    raws, _, frame = plane
    last = [index for index, raw in enumerate(raws) if BETAS[raw["beta"]] == 20]
    drawn = frame.shapes["of z"][last]
    assert np.ptp(drawn, axis=0).max() < 0.1  # one step of ink at most
    assert readout(frame, "KL(q(z|x)‖prior)")[last].max() < 0.001


def test_a_digit_stands_above_an_image_of_it(plane):
    raws, _, frame = plane
    x, y, words = frame.texts["digits"]
    seen = pixels()[0]
    with np.load(networks.DATA / "digits.npz") as file:
        everything, labels = file["images"].reshape(-1, 64) / 16, file["labels"]
    mean, sd = encoded(1.0, seen)
    index = next(i for i, raw in enumerate(raws) if BETAS[raw["beta"]] == 1)
    for digit in range(10):
        (row,) = np.flatnonzero(np.isclose(mean[:, 0], x[index][digit], atol=1e-9))
        assert labels[(everything == seen[row]).all(axis=1).argmax()] == digit
        assert y[index][digit] == pytest.approx(mean[row, 1] + 2 * sd[row, 1])
        assert words[index][digit] == str(digit)


def test_the_tasks_are_reached_where_their_words_say(plane):
    raws, _, frame = plane
    zero, nothing, best, lost = (task.reached for task in frame.tasks)
    betas = np.array([BETAS[raw["beta"]] for raw in raws])
    assert set(betas[best]) == {min(BETAS, key=lambda beta: figures(beta).others)} == {10.0}
    assert set(betas[lost]) == {beta for beta in BETAS if figures(beta).kl < 0.001} == {20.0}
    assert all(" 0, " in frame.sentence[index] for index in np.flatnonzero(zero))
    assert all("no digit" in frame.sentence[index] for index in np.flatnonzero(nothing))
