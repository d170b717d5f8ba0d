"""The picture of unit 10: every curve at the KL that it stands for, by a second route."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from klteach.units.u10_fisher_information import explorer as unit_10
from tests.units.states import readout, state_of


@pytest.fixture(scope="module")
def half_plane():
    explorer = unit_10.zoom_in()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_10._update(state)


def kl(mu_p, sigma_p, mu_q, sigma_q):
    """From the formula for the ratio of the variances, unlike the library's."""
    ratio = sigma_p**2 / sigma_q**2
    return (ratio - 1 - np.log(ratio) + (mu_p - mu_q) ** 2 / sigma_q**2) / 2


def by_quadrature(mu_p, sigma_p, mu_q, sigma_q):
    p, q = stats.norm(mu_p, sigma_p), stats.norm(mu_q, sigma_q)
    ends = mu_p - 12 * sigma_p, mu_p + 12 * sigma_p
    return integrate.quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), *ends)[0]


def nats_of(state):
    return 0.25**state.zoom / 2


def test_the_formula_of_this_file_is_kl():
    for pair in ((0, 1, 0.3, 1.4), (1, 0.2, 0.9, 0.1), (-0.5, 1.2, 0.5, 0.5)):
        assert kl(*pair) == pytest.approx(by_quadrature(*pair), rel=1e-7)


def test_every_point_of_a_curve_has_its_kl(half_plane):
    _, raws, state, frame = half_plane
    mu, sigma, nats = (x[:, None] for x in (state.mu, state.sigma, nats_of(state)))
    for name, divergence in (
        ("forward", lambda m, s: kl(mu, sigma, m, s)),
        ("reverse", lambda m, s: kl(m, s, mu, sigma)),
        ("ellipse", lambda m, s: (m - mu) ** 2 / (2 * sigma**2) + (s - sigma) ** 2 / sigma**2),
    ):
        curve = frame.shapes[name][:, 0]
        assert (curve[..., 1] > 0).all()
        values = divergence(curve[..., 0], curve[..., 1])
        np.testing.assert_allclose(values, np.broadcast_to(nats, values.shape), rtol=1e-6)
    assert len(raws) == 9 * 12 * 7


def test_a_curve_goes_all_the_way_round(half_plane):
    """It has points above, below, left and right of P, and no long chord."""
    _, _, state, frame = half_plane
    for name in ("forward", "reverse", "ellipse"):
        curve = frame.shapes[name][:, 0]
        size = np.ptp(curve, axis=1).max(axis=-1)
        steps = np.linalg.norm(curve - np.roll(curve, -1, axis=1), axis=-1)
        assert (steps.max(axis=1) < 0.15 * size).all()
        low, high = curve.min(axis=1), curve.max(axis=1)
        centre = np.stack([state.mu, state.sigma], axis=-1)
        assert ((low < centre) & (centre < high)).all()


def test_the_ends_of_a_curve_are_found_by_another_root_finder():
    for nats in (0.5, 0.125, 0.5 * 0.25**6):
        for square, divergence in (
            (unit_10._forward_square, lambda s: kl(0, 1, 0, s)),
            (unit_10._reverse_square, lambda s: kl(0, s, 0, 1)),
        ):
            _, s = unit_10._curve(square, nats)
            low = optimize.brentq(lambda x, d=divergence, n=nats: d(x) - n, 1e-3, 1, xtol=1e-13)
            high = optimize.brentq(lambda x, d=divergence, n=nats: d(x) - n, 1, 8, xtol=1e-13)
            assert (s.min(), s.max()) == pytest.approx((low, high), rel=1e-9)


def test_the_lens_keeps_the_ellipse_and_shows_the_same_curves(half_plane):
    _, _, state, frame = half_plane
    for name in ("forward", "reverse", "ellipse"):
        plane, lens = frame.shapes[name][:, 0], frame.shapes[f"lens {name}"][:, 0]
        centre = np.stack([state.mu, state.sigma], axis=-1)[:, None]
        size = (state.sigma * 0.5**state.zoom)[:, None, None]
        np.testing.assert_allclose(lens, (plane - centre) / size, atol=1e-9)
    ellipse = frame.shapes["lens ellipse"]
    assert np.ptp(ellipse, axis=0).max() < 1e-12
    assert abs(lens).max() < 1.62  # inside its panel
    for name in ("lens forward", "lens reverse"):
        assert abs(frame.shapes[name]).max() < 1.62


def test_the_curves_merge_as_one_zooms_in(half_plane):
    _, _, state, frame = half_plane
    distance = {}
    for zoom in range(7):
        row = np.flatnonzero(state.zoom == zoom)[0]
        gaps = []
        for name in ("lens forward", "lens reverse"):
            x, y = frame.shapes[name][row, 0].T
            gaps.append(abs(np.hypot(x, math.sqrt(2) * y) - 1).max())
        distance[zoom] = max(gaps)
    values = list(distance.values())
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.5 and values[6] < 0.012
    # each doubling about halves it, near the end
    assert values[5] / values[6] == pytest.approx(2, abs=0.05)


def test_the_readouts(half_plane):
    _, _, state, frame = half_plane
    nats, step = nats_of(state), math.sqrt(0.5) * 0.5**state.zoom
    lowest = state.sigma * (1 - step)
    np.testing.assert_allclose(readout(frame, "½ dᵀFd on the whole ellipse"), nats)
    np.testing.assert_allclose(
        readout(frame, "KL(P‖Q) at its lowest point"), kl(0, state.sigma, 0, lowest), rtol=1e-9
    )
    np.testing.assert_allclose(
        readout(frame, "KL(Q‖P) there"), kl(0, lowest, 0, state.sigma), rtol=1e-9
    )
    np.testing.assert_allclose(
        readout(frame, "KL of a step of 0.001 in σ"),
        1e6 * kl(0, state.sigma, 0, state.sigma + 0.001),
        rtol=1e-6,
    )


def test_the_lowest_point_is_where_the_ellipse_is_furthest_off(half_plane):
    """So the sentence tells the largest error, and the first task speaks of the whole ellipse."""
    _, _, state, frame = half_plane
    angle = np.linspace(0, 2 * math.pi, 721)
    for zoom in range(7):
        radius = 0.5**zoom
        a, s = radius * np.cos(angle), 1 + radius * math.sqrt(0.5) * np.sin(angle)
        for values in (kl(0, 1, a, s), kl(a, s, 0, 1)):
            off = abs(values / (radius**2 / 2) - 1)
            assert angle[off.argmax()] == pytest.approx(1.5 * math.pi, abs=0.01)
        row = np.flatnonzero(state.zoom == zoom)[0]
        first_task = frame.tasks[0].reached[row]
        assert first_task == (abs(kl(0, 1, a, s) / (radius**2 / 2) - 1).max() < 0.05)
        assert first_task == (zoom >= 5)


def test_the_sentence_tells_both_errors(half_plane):
    _, _, state, frame = half_plane
    forward = readout(frame, "KL(P‖Q) at its lowest point") / nats_of(state) - 1
    reverse = readout(frame, "KL(Q‖P) there") / nats_of(state) - 1
    for row, text in enumerate(frame.sentence):
        digits = 0 if reverse[row] >= 0.095 else 1
        assert f"σ = {state.sigma[row]:.1f}" in text
        assert f"KL(P‖Q) is {100 * forward[row]:.{digits}f} % larger than that" in text
        assert f"KL(Q‖P) {100 * reverse[row]:.{digits}f} %." in text


def test_the_margins_are_those_of_the_table(half_plane):
    _, _, state, frame = half_plane
    forward, reverse = frame.table.columns["KL(P‖Q)"], frame.table.columns["KL(Q‖P)"]
    nats = nats_of(state)
    above, below, equal = (invariant.margins for invariant in frame.invariants)
    np.testing.assert_allclose(above, np.minimum(forward, reverse)[:, 2] - nats)
    np.testing.assert_allclose(below, nats - np.maximum(forward, reverse)[:, 0])
    assert (above > 0).all() and (below > 0).all() and (abs(equal) < 1e-12).all()
    mu, sigma = frame.table.columns["μ of Q"], frame.table.columns["σ of Q"]
    again = kl(state.mu[:, None], state.sigma[:, None], mu, sigma)
    np.testing.assert_allclose(forward, again, rtol=1e-6)


def test_the_faint_ellipses_have_one_kl():
    across, up = unit_10._ellipse(unit_10.FIELD)
    for sigma in (0.25, 0.5, 1.0, 2.0):
        step_in_mu, step_in_sigma = sigma * across, sigma * (up - 1)
        price = step_in_mu**2 / (2 * sigma**2) + step_in_sigma**2 / sigma**2
        np.testing.assert_allclose(price, unit_10.FIELD**2 / 2)


def test_the_second_task_is_down_at_the_side(half_plane):
    _, _, state, frame = half_plane
    expected = (state.sigma < 0.15) & (abs(state.mu) > 0.1)
    assert (frame.tasks[1].reached == expected).all() and expected.any()
