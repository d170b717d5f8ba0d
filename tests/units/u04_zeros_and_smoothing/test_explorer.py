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


def alpha_of(raw):
    """What each count gets: 100 times the ε, and nothing below 1e-12."""
    return 100 * 10.0 ** raw["added"] if raw["added"] >= -12 else 0.0


def q_of(raw):
    """Q by the words of the lesson: count, divide, add ε, divide again."""
    counts = [16 + 2 - raw["count"], 14, 8, 8, 12, 12, 6, 6, 8, 5, 3, raw["count"]]
    shares = [count / 100 + alpha_of(raw) / 100 for count in counts]
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
    infinite = np.array([raw["count"] == 0 and raw["added"] < -12 for raw in raws])
    assert infinite.any() and (np.isinf(readout(frame, "KL(P‖Q)")) == infinite).all()
    # the arrow has a size there, and only there, and the words say ∞ and no number
    assert ((area(frame.shapes["arrow"])[:, 0] > 0) == infinite).all()
    bar = [row[0] for row in frame.texts["kl"][2]]
    assert [text == "∞" for text in bar] == infinite.tolist()
    for sentence, inf in zip(frame.sentence, infinite, strict=True):
        assert ("infinite" in sentence) == inf
        assert not inf or not any(letter.isdigit() for letter in sentence)


def test_the_bar_is_as_high_as_kl_and_within_its_axis(zero):
    _, _, state, frame = zero
    kl = readout(frame, "KL(P‖Q)")
    finite = np.isfinite(kl)
    height = np.ptp(frame.shapes["kl"][:, 0, :, 1], axis=-1)
    np.testing.assert_allclose(height[finite], kl[finite], atol=1e-12)
    assert kl[finite].max() < 0.9 * unit_04.TOP and height.max() < unit_04.TOP
    assert frame.shapes["curve"][..., 1].max() < unit_04.TOP
    # it stands on the line that is dragged
    np.testing.assert_allclose(frame.shapes["kl"][:, 0, :, 0].mean(axis=-1), state.added)
    np.testing.assert_allclose(frame.shapes["arrow"][:, 0, 1, 0], state.added)


def test_the_curve_falls_by_p_log_10_per_power_of_ten_while_the_word_is_unseen(zero):
    _, _, state, frame = zero
    curve = frame.shapes["curve"][:, 0]
    small = curve[0, :, 0] <= -4
    slopes = np.diff(curve[:, small, 1]) / np.diff(curve[:, small, 0])
    unseen = state.count == 0
    np.testing.assert_allclose(slopes[unseen], -0.02 * math.log(10), rtol=0.01)
    assert np.abs(slopes[~unseen]).max() < 0.001


def test_the_bar_reaches_to_the_curve(zero):
    _, _, state, frame = zero
    kl, curve = readout(frame, "KL(P‖Q)"), frame.shapes["curve"][:, 0]
    on_it = state.added >= -12
    heights = [np.interp(x, *points.T) for x, points in zip(state.added, curve, strict=True)]
    np.testing.assert_allclose(kl[on_it], np.array(heights)[on_it], atol=1e-12)


def test_the_curve_has_its_minimum_inside_while_the_word_is_unseen(zero):
    _, _, state, frame = zero
    heights = frame.shapes["curve"][state.count == 0][0, 0, :, 1]
    best = heights.argmin()
    assert 0 < best < len(heights) - 1
    assert (np.diff(heights[: best + 1]) < 0).all() and (np.diff(heights[best:]) > 0).all()


def test_both_scales_name_the_same_place():
    axes = unit_04.smoothing_a_zero()._picture.axes["kl"]
    (above,) = axes.child_axes
    assert above.get_xlim() == axes.get_xlim()
    for scale, factor in ((axes, 1), (above, 100)):
        ticks = zip(scale.get_xticks(), scale.get_xticklabels(), strict=True)
        for place, label in ticks:
            power = label.get_text().translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
            power = power.replace("10-", "1e-")
            assert float(power) == pytest.approx(factor * 10.0**place if place >= -12 else 0)


def test_the_hatched_blocks_are_alpha_high(zero):
    _, raws, _, frame = zero
    heights = np.ptp(frame.shapes["added"][..., 1], axis=-1)
    rare = np.ptp(frame.shapes["scam added"][..., 1], axis=-1)
    expected = np.array([alpha_of(raw) for raw in raws])
    np.testing.assert_allclose(heights, expected[:, None] * np.ones(11), atol=1e-9)
    np.testing.assert_allclose(rare[:, 0], expected, atol=1e-9)
    axes = unit_04.smoothing_a_zero()._picture.axes
    assert frame.shapes["added"][..., 1].max() <= axes["words"].get_ylim()[1]
    unseen = np.array([raw["count"] == 0 for raw in raws])
    assert frame.shapes["scam added"][unseen][..., 1].max() <= axes["scam"].get_ylim()[1]


def test_the_gap_times_p_is_the_term_of_the_word(zero):
    _, raws, _, frame = zero
    shown = np.array([raw["count"] == 0 and raw["added"] >= -12 for raw in raws])
    edges = frame.shapes["gap"][:, 0, :, 1]
    gap = (edges[:, 2] - edges[:, 0]) * math.log(10)
    terms = readout(frame, "of it, scam")
    np.testing.assert_allclose(0.02 * gap[shown], terms[shown], atol=1e-9)
    assert any(frame.texts["gap"][2][row][0] for row in np.flatnonzero(shown))
    for row in np.flatnonzero(shown):
        words, first, _, second = frame.texts["gap"][2][row]
        if words:
            assert first == f"{gap[row]:.1f} nats" and second == f"= {terms[row]:.3f}"


def test_the_sentence_says_who_pays(zero):
    _, raws, _, frame = zero
    for raw, sentence in zip(raws, frame.sentence, strict=True):
        alpha = alpha_of(raw)
        if alpha >= 0.1:
            assert sentence.startswith("All counts pay")
            assert f"{100 * 12 * alpha / (100 + 12 * alpha):.1f} % of Q" in sentence
        elif alpha and raw["count"] == 0:
            assert sentence.startswith("Scam pays, and ε sets the price")
            assert f"{special.rel_entr(0.02, q_of(raw)[-1]):.3f} of it" in sentence
        elif alpha:
            assert "changes little" in sentence
            assert readout(frame, "KL(P‖Q)")[raws.index(raw)] < 0.1


def test_the_tasks_are_done_where_they_say_so(zero):
    _, raws, _, frame = zero
    infinite, silenced, smallest = [t.reached for t in frame.tasks]
    kl = np.array([special.rel_entr(P, q_of(raw)).sum() for raw in raws])
    unseen = np.array([raw["count"] == 0 for raw in raws])
    eps = np.array([alpha_of(raw) / 100 for raw in raws])
    assert (infinite == np.isinf(kl)).all()
    assert (silenced == (unseen & (kl < 0.3) & (eps < 0.999e-6))).all()
    assert smallest.sum() == 1 and kl[smallest][0] == kl[unseen].min()


def test_the_slider_says_what_is_added(zero):
    explorer, _, _, _ = zero
    slider = explorer._controls[1]
    for raw, name in zip(slider.every(), slider.names, strict=True):
        eps = alpha_of({"added": raw}) / 100
        assert (
            name == "nothing"
            if eps == 0
            else float(name.removeprefix("ε = ")) == pytest.approx(eps, rel=0.02)
        )


def test_how_many_states_there_are(zero):
    _, raws, _, _ = zero
    assert len(raws) == 9 * 49
