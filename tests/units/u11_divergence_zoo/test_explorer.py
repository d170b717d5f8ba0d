"""The picture of unit 11: six meters in every state, by a second route."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from klteach.units.u11_divergence_zoo import explorer as unit_11
from tests.units.states import readout, state_of

BINS = np.arange(-3.5, 5.51, 0.025)  # every edge of a box is an edge of a bin
MIDDLES = (BINS[1:] + BINS[:-1]) / 2
UNBOUNDED = ("KL(P‖Q)", "KL(Q‖P)", "W1")
BOUNDED = ("JS", "TV", "Hellinger")


@pytest.fixture(scope="module")
def meters():
    explorer = unit_11.divergence_meters()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_11._update(state)


def boxes(state, chosen):
    """The shares of P and Q in the bins, (states, bins)."""
    centre_p = np.where(state.shape[chosen] == 2, -2.5, 0.0)[:, None]
    centre_q, width = state.centre[chosen][:, None], state.width[chosen][:, None]
    p = (abs(MIDDLES - centre_p) < 0.5) * 0.025
    q = (abs(MIDDLES - centre_q) < width / 2) * 0.025 / width
    return p, q


def test_the_meters_of_boxes_by_their_shares_in_bins(meters):
    _, _, state, frame = meters
    chosen = state.shape != unit_11.GAUSSIANS
    p, q = boxes(state, chosen)
    assert p.sum(axis=1) == pytest.approx(1) and q.sum(axis=1) == pytest.approx(1)
    m = (p + q) / 2
    expected = {
        "KL(P‖Q)": special.rel_entr(p, q).sum(axis=1),
        "KL(Q‖P)": special.rel_entr(q, p).sum(axis=1),
        "JS": (special.rel_entr(p, m) + special.rel_entr(q, m)).sum(axis=1) / 2,
        "TV": abs(p - q).sum(axis=1) / 2,
        "Hellinger": np.sqrt(np.maximum(1 - np.sqrt(p * q).sum(axis=1), 0)),
    }
    for label, values in expected.items():
        np.testing.assert_allclose(readout(frame, label)[chosen], values, atol=1e-7)


def test_w1_by_quantiles(meters):
    _, _, state, frame = meters
    levels = (np.arange(4000) + 0.5) / 4000
    centre_p = np.where(state.shape == 2, -2.5, 0.0)[:, None]
    of_boxes, of_normals = levels - 0.5, stats.norm.ppf(levels) / 2
    spread = np.where((state.shape == unit_11.GAUSSIANS)[:, None], of_normals, of_boxes)
    way = state.centre[:, None] + state.width[:, None] * spread - (centre_p + spread)
    np.testing.assert_allclose(readout(frame, "W1"), abs(way).mean(axis=1), atol=2e-3)


def test_the_meters_of_gaussians_by_integration(meters):
    _, _, state, frame = meters
    chosen = np.flatnonzero(state.shape == unit_11.GAUSSIANS)
    x = np.linspace(-12, 16, 14_001)
    p = stats.norm(0, 0.5)
    log_p = p.logpdf(x)
    for row in chosen[::7]:
        q = stats.norm(state.centre[row], state.width[row] / 2)
        log_q = q.logpdf(x)
        log_m = np.logaddexp(log_p, log_q) - math.log(2)
        half_p, half_q = np.exp(log_p) * (log_p - log_m), np.exp(log_q) * (log_q - log_m)
        expected = {
            "KL(P‖Q)": np.exp(log_p) * (log_p - log_q),
            "KL(Q‖P)": np.exp(log_q) * (log_q - log_p),
            "JS": (half_p + half_q) / 2,
            "TV": abs(np.exp(log_p) - np.exp(log_q)) / 2,
        }
        for label, integrand in expected.items():
            value = integrate.simpson(integrand, x=x)
            assert readout(frame, label)[row] == pytest.approx(value, abs=1e-5), label
        overlap = integrate.simpson(np.exp((log_p + log_q) / 2), x=x)
        hellinger = math.sqrt(max(1 - overlap, 0))
        assert readout(frame, "Hellinger")[row] == pytest.approx(hellinger, abs=1e-5)


def test_the_bars_are_as_long_as_the_meters_and_leave_the_axis_where_those_do(meters):
    _, _, _, frame = meters
    for name, labels in (("open", UNBOUNDED), ("bounded", BOUNDED)):
        lengths = [
            np.ptp(frame.shapes[f"{name} {kind}"][..., 0], axis=-1) for kind in ("moving", "stuck")
        ]
        assert (np.minimum(*lengths) == 0).all()  # each meter has one bar
        values = np.stack([readout(frame, label) for label in labels], axis=-1)
        shown = np.minimum(values, unit_11.BEYOND)
        np.testing.assert_allclose(np.maximum(*lengths), shown, atol=1e-9)
    arrows = np.ptp(frame.shapes["arrows"][..., 1], axis=-1) > 0
    values = np.stack([readout(frame, label) for label in UNBOUNDED], axis=-1)
    assert (arrows == (values[:, :2] > unit_11.BEYOND)).all()
    assert values[:, 2].max() < unit_11.BEYOND  # W1 never leaves it


def test_a_meter_is_marked_as_moving_where_the_next_step_changes_it(meters):
    """The changes, from the readouts of the next position of Q."""
    _, raws, _, frame = meters
    key = {(r["shape"], r["width"], r["centre"]): i for i, r in enumerate(raws)}
    labels = (*UNBOUNDED, *BOUNDED)
    values = np.stack([readout(frame, label) for label in labels], axis=-1)
    texts = [
        [*open_words, *bounded_words]
        for open_words, bounded_words in zip(
            frame.texts["open values"][2], frame.texts["bounded values"][2], strict=True
        )
    ]
    seen = set()
    for (shape, width, centre), i in key.items():
        following = key.get((shape, width, round(centre + 0.1, 1)))
        if following is None:
            continue
        for here, there, words in zip(values[i], values[following], texts[i], strict=True):
            kind = words.split("  ")[1]
            seen.add(kind.split()[0])
            if np.isinf(here) or np.isinf(there):
                moves = here != there
            else:
                moves = abs(there - here) >= 1e-3
            if not moves:
                assert kind == ("hardly" if shape == unit_11.GAUSSIANS else "stuck")
                assert shape == unit_11.GAUSSIANS or here == there or abs(here - there) < 1e-9
            elif kind.startswith("↓ from ∞"):
                assert np.isinf(here) and np.isfinite(there)
            else:
                arrow, size = kind.split()
                assert arrow == ("↑" if there > here else "↓")
                assert size == ("∞" if np.isinf(there) else f"{abs(there - here):.3f}")
    assert seen == {"stuck", "hardly", "↑", "↓"}


def test_out_of_touch_only_w1_moves(meters):
    _, _, state, frame = meters
    distance = abs(state.centre - np.where(state.shape == 2, -2.5, 0.0))
    gap = distance - (1 + state.width) / 2
    apart = (state.shape != unit_11.GAUSSIANS) & (gap > 1e-9) & (state.centre > -0.5)
    assert apart.sum() > 300
    assert {frame.readouts[-1].texts()[i] for i in np.flatnonzero(apart)} == {"W1"}
    for label, ceiling in zip(BOUNDED, (math.log(2), 1, 1), strict=True):
        assert readout(frame, label)[apart] == pytest.approx(ceiling)
    for label in UNBOUNDED[:2]:
        assert np.isinf(readout(frame, label)[apart]).all()


def test_inside_p_only_w1_moves(meters):
    _, _, state, frame = meters
    stays = (state.shape == 0) & (abs(state.centre) + state.width / 2 < 0.5)
    stays &= state.centre + 0.1 + state.width / 2 <= 0.5
    assert stays.sum() > 3
    assert {frame.readouts[-1].texts()[i] for i in np.flatnonzero(stays)} == {"W1"}


def test_the_sentence_names_what_moves_and_what_is_stuck(meters):
    _, _, state, frame = meters
    moving = frame.readouts[-1].texts()
    boxes_apart = (state.shape != unit_11.GAUSSIANS) & (readout(frame, "TV") > 1 - 1e-9)
    for text, names, apart in zip(frame.sentence, moving, boxes_apart, strict=True):
        assert text.endswith(".") and text.startswith("Q is ")
        if names == "all six":
            assert text.endswith("all six meters move.")
        elif names == "W1":
            assert "only W1 still moves" in text
        else:
            assert f"{names} move; " in text
        assert ("nothing in common" in text) == (" % " not in text) == apart


def test_the_densities_are_the_shapes_that_are_drawn(meters):
    _, _, state, frame = meters
    for name, centre, width in (
        ("p", np.where(state.shape == 2, -2.5, 0.0), np.ones_like(state.width)),
        ("q", state.centre, state.width),
    ):
        x, y = np.moveaxis(frame.shapes[name][:, 0], -1, 0)
        area = np.trapezoid(y, x, axis=-1)
        assert area == pytest.approx(1, abs=2e-3)
        np.testing.assert_allclose(np.trapezoid(x * y, x, axis=-1) / area, centre, atol=1e-6)
        box = state.shape != unit_11.GAUSSIANS
        np.testing.assert_allclose(np.ptp(x[box], axis=1), width[box])


def test_the_invariants_hold_in_every_state(meters):
    for invariant in meters[3].invariants:
        assert invariant.margins.max() > 0.1  # they say something


def test_the_table_holds_the_meters_and_their_ceilings(meters):
    _, _, _, frame = meters
    values = np.stack([readout(frame, label) for label in (*UNBOUNDED, *BOUNDED)], axis=-1)
    np.testing.assert_allclose(frame.table.columns["value"], values)
    ceilings = frame.table.columns["ceiling"][0]
    assert ceilings.tolist() == [math.inf] * 3 + [math.log(2), 1, 1]


def test_how_many_states_there_are(meters):
    _, raws, _, _ = meters
    assert len(raws) == 51 * 7 * 3


def test_a_preset_sets_all_that_its_name_promises_whatever_was_moved_before():
    spec = unit_11.divergence_meters().spec
    controls = {control["name"] for control in spec["controls"]}
    presets = {preset["name"]: set(preset["state"]) for preset in spec["presets"]}
    assert all(state == controls for state in presets.values())
