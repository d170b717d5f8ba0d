"""The pictures of unit 12: a tilt that moves no sum, and generators kept convex, in every state."""

import numpy as np
import pytest
from scipy import optimize, special

from klteach.explorers.handles import At
from klteach.units.u12_f_divergences import explorer as unit_12
from tests.units.states import area, readout, state_of


@pytest.fixture(scope="module")
def tilt():
    explorer = unit_12.tilt_the_generator()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_12._update_tilt(state)


@pytest.fixture(scope="module")
def shape():
    explorer = unit_12.shape_the_generator()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_12._update_shape(state)


def js(p, q):
    middle = (p + q) / 2
    return (special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum(axis=-1) / 2


# of each choice, the divergence by its own formula, from p and q and with no generator
FORMULAS = (
    lambda p, q: special.rel_entr(p, q).sum(axis=-1),
    lambda p, q: special.rel_entr(q, p).sum(axis=-1),
    lambda p, q: np.abs(p - q).sum(axis=-1) / 2,
    lambda p, q: 2 - 2 * np.sqrt(p * q).sum(axis=-1),
    lambda p, q: (p**2 / q).sum(axis=-1) - 1,
    js,
)


def divergences(state, turned):
    q = unit_12.P + state.far[:, None] * (unit_12.FAR - unit_12.P)
    p = np.broadcast_to(unit_12.P, q.shape)
    there = np.array([formula(p, q) for formula in FORMULAS])
    back = np.array([formula(q, p) for formula in FORMULAS])
    rows = np.arange(len(q))
    return np.where(turned, back[state.generator, rows], there[state.generator, rows])


# The tilt


def test_the_sum_is_the_divergence_whatever_the_tilt(tilt):
    _, _, state, frame = tilt
    expected = divergences(state, state.used == 1)
    total = readout(frame, "D, the sum of the bars")
    np.testing.assert_allclose(total, expected, atol=1e-12)
    np.testing.assert_allclose(area(frame.shapes["sum"])[:, 0] / 0.64, total, atol=1e-12)
    assert np.abs(readout(frame, "moved by the tilt")).max() < 1e-12
    other = divergences(state, state.used == 0)
    np.testing.assert_allclose(readout(frame, "the other direction"), other, atol=1e-12)


def test_the_bars_move_and_add_up(tilt):
    _, _, state, frame = tilt
    heights = {name: frame.shapes[name][..., 1] for name in ("bars", "before")}
    bars, before = (y.min(axis=-1) + y.max(axis=-1) for y in heights.values())
    total = readout(frame, "D, the sum of the bars")
    np.testing.assert_allclose(bars.sum(axis=-1), total, atol=1e-12)
    q = frame.table.columns["q"]
    np.testing.assert_allclose(bars - before, state.tilt[:, None] * (unit_12.P - q), atol=1e-12)
    moved = np.abs(bars - before).max(axis=-1)
    assert (moved[(state.tilt != 0) & (state.far > 0)] > 1e-3).all()


def test_the_curve_passes_through_the_diamonds_and_bends_up(tilt):
    _, _, _, frame = tilt
    t, y = np.moveaxis(frame.shapes["curve"][:, 0], -1, 0)
    diamonds = frame.shapes["ratios"].mean(axis=2)
    q = frame.table.columns["q"]
    np.testing.assert_allclose(diamonds[..., 0], unit_12.P / q, atol=1e-12)
    for row in range(0, len(t), 17):
        on_curve = np.interp(diamonds[row, :, 0], t[row], y[row])
        # the curve has 59 vertices only
        np.testing.assert_allclose(diamonds[row, :, 1], on_curve, atol=0.02)
        slopes = np.diff(y[row]) / np.diff(t[row])
        assert (np.diff(slopes) > -1e-9).all()
        assert np.interp(1, t[row], y[row]) == pytest.approx(0, abs=1e-12)
    bar = q * diamonds[..., 1]
    np.testing.assert_allclose(bar, frame.table.columns["bar"], atol=1e-12)


def test_the_added_line_passes_through_the_handle(tilt):
    explorer, _, state, frame = tilt
    assert frame.shapes["added"][0, 0, :, 0].tolist() == [0, 3.25]
    y = frame.shapes["added"][:, 0, :, 1]
    at_handle = y[:, 0] + (y[:, 1] - y[:, 0]) * unit_12.HANDLE / 3.25
    np.testing.assert_allclose(at_handle, state.tilt, atol=1e-12)
    np.testing.assert_allclose(y[:, 0] + (y[:, 1] - y[:, 0]) / 3.25, 0, atol=1e-12)
    (handle,) = explorer._picture._handles
    assert (handle.x, handle.y) == (unit_12.HANDLE, At("tilt"))


def test_the_letters_stand_apart(tilt):
    _, _, _, frame = tilt
    x, _, _ = frame.texts["ratios"]
    assert (np.diff(x, axis=-1) >= unit_12.LETTERS - 1e-12).all()


def test_the_sentences_of_the_tilt(tilt):
    _, raws, _, frame = tilt
    names = frame.readouts[0].texts()
    for raw, name, sentence in zip(raws, names, frame.sentence, strict=True):
        if raw["far"] == 0:
            assert sentence.startswith("Q is P")
        elif raw["tilt"] == 0:
            assert sentence.startswith("The bars are") and f"{name} = " in sentence
        else:
            assert f"so {name} stays" in sentence
    conjugates = {(raw["generator"], raw["used"]): name
                  for raw, name in zip(raws, names, strict=True)}  # fmt: skip
    assert conjugates[0, 0] == conjugates[1, 1] == "KL(P‖Q)"
    assert conjugates[1, 0] == conjugates[0, 1] == "KL(Q‖P)"


def test_nothing_leaves_its_panel(tilt, shape):
    for explorer, _, _, frame in (tilt, shape):
        low, high = explorer._picture.axes["sum"].get_ylim()
        _, y, _ = frame.texts["values"]
        assert low < y.min() and y.max() < high - 0.02
    explorer, _, _, frame = tilt
    low, high = explorer._picture.axes["curve"].get_ylim()
    diamonds = frame.shapes["ratios"][..., 1]
    assert low < diamonds.min() and diamonds.max() < high - 0.1


def test_how_many_states_there_are(tilt, shape):
    assert len(tilt[1]) == 1716 and len(shape[1]) == 1547
    assert "D, the sum of the bars: 0.434 nats" in repr(tilt[0])
    assert "D, the sum of the bars: 0.650" in repr(shape[0])


# A generator of one's own


def highest_convex(left, near, right):
    """The values of the highest convex f ≥ 0 with f(1) = 0 below the three points, by a program."""
    # f(1/4), f(3/4), f(3); the slopes of the four lines must grow
    rising = [[-2, 2 + 4, 0], [0, -4, -0.5]]
    result = optimize.linprog(
        [-1, -1, -1], A_ub=rising, b_ub=[0, 0],
        bounds=[(0, left), (0, near), (0, right)],
    )  # fmt: skip
    return result.x


def test_the_curve_is_the_highest_convex_one_below_the_points(shape):
    _, _, state, frame = shape
    used = frame.table.columns["f(t)"]
    for row in range(0, len(used), 31):
        found = highest_convex(state.left[row], state.near[row], state.right[row])
        np.testing.assert_allclose(used[row], found, atol=1e-7)


def test_the_curve_bends_up_and_passes_through_f_of_1(shape):
    _, _, _, frame = shape
    x, y = np.moveaxis(frame.shapes["curve"][:, 0], -1, 0)
    slopes = np.diff(y) / np.diff(x)
    assert (np.diff(slopes, axis=-1) >= -1e-12).all()
    assert (y[x == 1] == 0).all() and (y >= 0).all()
    bend = next(item.margins for item in frame.invariants if "bends" in item.label)
    np.testing.assert_allclose(bend, np.diff(slopes, axis=-1)[:, 1:].min(axis=-1), atol=1e-12)
    np.testing.assert_allclose(readout(frame, "f(0)"), y[:, 0], atol=1e-12)
    np.testing.assert_allclose(readout(frame, "slope at ∞"), slopes[:, -1], atol=1e-12)


def test_the_sum_of_the_shaped_generator(shape):
    _, _, _, frame = shape
    x, y = np.moveaxis(frame.shapes["curve"][:, 0], -1, 0)
    ratios = unit_12.P / unit_12.FAR
    values = np.array([np.interp(ratios, a, b) for a, b in zip(x, y, strict=True)])
    total = (unit_12.FAR * values).sum(axis=-1)
    np.testing.assert_allclose(readout(frame, "D, the sum of the bars"), total, atol=1e-12)
    np.testing.assert_allclose(area(frame.shapes["bars"]).sum(-1) / 0.64, total, atol=1e-12)
    largest = readout(frame, "largest D of any pair, f(0) + slope")
    assert (total <= largest + 1e-12).all()


def test_total_variation_is_among_the_shapes(shape):
    explorer, raws, _, frame = shape
    total = dict(zip(map(str, raws), readout(frame, "D, the sum of the bars"), strict=True))
    presets = {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}
    tv = np.abs(unit_12.P - unit_12.FAR).sum() / 2
    for name in ("total variation", "bent on one side"):
        state = {key: presets[name][key] for key in raws[0]}
        assert total[str(state)] == pytest.approx(tv)


def test_the_sentences_of_the_shape(shape):
    _, raws, _, frame = shape
    total = readout(frame, "D, the sum of the bars")
    for raw, value, sentence in zip(raws, total, frame.sentence, strict=True):
        free = raw["near"] > raw["left"] / 3 + 1e-12
        if value == 0:
            assert sentence.startswith("This f is 0")
        else:
            assert sentence.startswith("Point b hangs" if free else "f is convex")


def test_a_preset_sets_all_that_its_name_promises_whatever_was_moved_before():
    spec = unit_12.tilt_the_generator().spec
    controls = {control["name"] for control in spec["controls"]}
    presets = {preset["name"]: set(preset["state"]) for preset in spec["presets"]}
    presets.pop("Q = P, tilted")  # of any generator
    assert all(state == controls for state in presets.values())
