"""The picture of unit 04: its numbers by a second route, its invariants in every state."""

import math

import numpy as np
import pytest
from scipy import special

from klteach.units.u04_zeros_and_smoothing import explorer as unit_04
from tests.units.states import area, readout, state_of

P = np.array([14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2]) / 100


@pytest.fixture(scope="module")
def zero():
    explorer = unit_04.smoothing_a_zero()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_04._update(state)


def q_of(raw):
    """Q by the words of the lesson: count, add, divide."""
    counts = [16 + 2 - raw["count"], 14, 8, 8, 12, 12, 6, 6, 8, 5, 3, raw["count"]]
    if raw["treatment"] == 1:
        shares = [count / 100 + 10.0 ** raw["epsilon"] for count in counts]
    else:
        shares = [count + (raw["treatment"] == 2) * 10.0 ** raw["alpha"] for count in counts]
    return np.array(shares) / sum(shares)


def test_kl_is_that_of_the_counts_and_of_what_is_added(zero):
    _, raws, _, frame = zero
    expected = [special.rel_entr(P, q_of(raw)).sum() for raw in raws]
    np.testing.assert_allclose(readout(frame, "KL(P‖Q)"), expected, atol=1e-12)
    terms = [special.rel_entr(P[-1], q_of(raw)[-1]) for raw in raws]
    np.testing.assert_allclose(readout(frame, "of it, scam"), terms, atol=1e-12)
    np.testing.assert_allclose(frame.table.columns["q"], [q_of(raw) for raw in raws], atol=1e-15)


def test_infinite_exactly_where_the_word_is_unseen_and_nothing_added(zero):
    _, raws, _, frame = zero
    infinite = np.array([raw["count"] == 0 and raw["treatment"] == 0 for raw in raws])
    assert infinite.any() and (np.isinf(readout(frame, "KL(P‖Q)")) == infinite).all()
    # the arrow has a size there, and only there, and the words say ∞ and no number
    assert ((area(frame.shapes["arrow"])[:, 0] > 0) == infinite).all()
    meter = [row[0] for row in frame.texts["meter"][2]]
    assert [text == "∞" for text in meter] == infinite.tolist()
    for sentence, inf in zip(frame.sentence, infinite, strict=True):
        assert ("infinite" in sentence) == inf
        assert not inf or not any(letter.isdigit() for letter in sentence)


def test_the_meter_is_as_high_as_kl_and_within_its_axis(zero):
    _, _, _, frame = zero
    kl = readout(frame, "KL(P‖Q)")
    finite = np.isfinite(kl)
    height = np.ptp(frame.shapes["meter"][:, 0, :, 1], axis=-1)
    np.testing.assert_allclose(height[finite], kl[finite], atol=1e-12)
    assert kl[finite].max() < 0.9 * unit_04.TOP and height.max() < unit_04.TOP
    for name in ("epsilon curve", "alpha curve"):
        assert frame.shapes[name][..., 1].max() < unit_04.TOP


def test_the_line_falls_by_p_log_10_per_power_of_ten_while_the_word_is_unseen(zero):
    _, _, state, frame = zero
    line = frame.shapes["epsilon curve"][:, 0]
    small = line[0, :, 0] <= -4
    slopes = np.diff(line[:, small, 1]) / np.diff(line[:, small, 0])
    unseen = state.count == 0
    np.testing.assert_allclose(slopes[unseen], -0.02 * math.log(10), rtol=0.01)
    assert np.abs(slopes[~unseen]).max() < 0.001
    per_thousand = readout(frame, "ε ÷ 1000 adds")[unseen & (state.epsilon <= -4)]
    np.testing.assert_allclose(per_thousand, 0.02 * math.log(1000), rtol=0.01)


def test_the_points_stand_on_their_curves(zero):
    _, _, state, frame = zero
    for name in ("epsilon", "alpha"):
        middle = frame.shapes[f"{name} point"][:, 0].mean(axis=1)
        np.testing.assert_allclose(middle[:, 0], getattr(state, name), atol=1e-9)
        curve = frame.shapes[f"{name} curve"][:, 0]
        heights = [np.interp(x, *points.T) for x, points in zip(middle[:, 0], curve, strict=True)]
        np.testing.assert_allclose(middle[:, 1], heights, atol=1e-9)


def test_the_point_of_the_chosen_treatment_is_the_meter(zero):
    _, _, state, frame = zero
    kl = readout(frame, "KL(P‖Q)")
    for treatment, name in ((1, "epsilon"), (2, "alpha")):
        chosen = state.treatment == treatment
        point = frame.shapes[f"{name} point"][:, 0].mean(axis=1)[:, 1]
        np.testing.assert_allclose(point[chosen], kl[chosen], atol=1e-12)


def test_the_curve_of_alpha_has_its_minimum_inside_while_the_word_is_unseen(zero):
    _, _, state, frame = zero
    heights = frame.shapes["alpha curve"][state.count == 0][0, 0, :, 1]
    best = heights.argmin()
    assert 0 < best < len(heights) - 1
    assert (np.diff(heights[: best + 1]) < 0).all() and (np.diff(heights[best:]) > 0).all()


def test_the_hatched_blocks_are_alpha_high_and_only_there_for_alpha(zero):
    _, _, state, frame = zero
    heights = np.ptp(frame.shapes["added"][..., 1], axis=-1)
    expected = np.where(state.treatment == 2, 10.0**state.alpha, 0.0)
    np.testing.assert_allclose(heights, expected[:, None] * np.ones(12), atol=1e-9)
    assert frame.shapes["added"][..., 1].max() <= 29


def test_the_gap_times_p_is_the_term_of_the_word(zero):
    _, _, state, frame = zero
    shown = (state.count == 0) & (state.treatment == 1)
    edges = frame.shapes["gap"][:, 0, :, 1]
    gap = np.ptp(edges, axis=-1) * math.log(10)
    terms = readout(frame, "of it, scam")
    np.testing.assert_allclose(0.02 * gap[shown], terms[shown], atol=1e-9)
    for row in np.flatnonzero(shown)[::7]:
        first, second = frame.texts["gap"][2][row]
        if first:
            assert f"{gap[row]:.1f} nats" in first and f"= {terms[row]:.3f}" in second


def test_the_sentence_says_who_pays(zero):
    _, raws, _, frame = zero
    for raw, sentence in zip(raws, frame.sentence, strict=True):
        if raw["treatment"] == 2:
            alpha = 10.0 ** raw["alpha"]
            assert sentence.startswith("All counts pay")
            assert f"{100 * 12 * alpha / (100 + 12 * alpha):.1f} % of Q" in sentence
        elif raw["treatment"] == 1 and raw["count"] == 0:
            assert sentence.startswith("Scam pays, and ε sets the price")
            assert f"{special.rel_entr(0.02, q_of(raw)[-1]):.3f} of it" in sentence


def test_how_many_states_there_are(zero):
    _, raws, _, _ = zero
    assert len(raws) == 9 * 3 * 11 * 7
