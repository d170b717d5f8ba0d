"""The pictures of unit 03: gaps below a tangent and a mixture below its chord, in every state."""

import numpy as np
import pytest
from scipy import special

from klteach.units.u03_never_negative import explorer as unit_03
from tests.units.states import readout, state_of


@pytest.fixture(scope="module")
def gaps():
    explorer = unit_03.tangent_gaps()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_03._update_gaps(state)


@pytest.fixture(scope="module")
def mixture():
    explorer = unit_03.joint_convexity()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_03._update_mixture(state)


def column(frame, name):
    return frame.table.columns[name]


# The logarithm and its tangent


def test_both_sums_end_at_kl_and_the_weighted_gaps_are_the_terms_of_scipy(gaps):
    _, _, state, frame = gaps
    lifted = special.kl_div(unit_03.P, state.q)
    np.testing.assert_allclose(column(frame, "p · (t − 1 − log t)"), lifted, atol=1e-12)
    kl = special.rel_entr(unit_03.P, state.q).sum(axis=-1)
    for label in ("KL(P‖Q)", "sum of the plain terms", "sum of the weighted gaps"):
        np.testing.assert_allclose(readout(frame, label), kl, atol=1e-12)
    for name, terms in (("areas", lifted), ("terms", special.rel_entr(unit_03.P, state.q))):
        first, last = frame.shapes[name][:, :, 0, 0], frame.shapes[name][:, :, 1, 0]
        np.testing.assert_allclose(last - first, terms, atol=1e-12)
        np.testing.assert_allclose(first[:, 0], 0, atol=1e-12)
        np.testing.assert_allclose(first[:, 1:], last[:, :-1], atol=1e-12)
        np.testing.assert_allclose(last[:, -1], kl, atol=1e-12)
        np.testing.assert_allclose(frame.shapes[f"{name} end"][:, 0, :, 0].T, [kl, kl], atol=1e-12)


def test_each_hatched_gap_reaches_from_the_curve_to_the_tangent_or_to_the_top(gaps):
    _, _, state, frame = gaps
    expected = state.q / unit_03.P
    for name in ("gaps", "zoomed"):
        corners = frame.shapes[name]
        t = corners[..., 0].mean(axis=-1)
        np.testing.assert_allclose(t, expected, atol=1e-12)
        np.testing.assert_allclose(corners[..., 1].min(axis=-1), np.log(t), atol=1e-12)
        top = np.minimum(t - 1, unit_03.HIGHEST_TANGENT)
        np.testing.assert_allclose(corners[..., 1].max(axis=-1), top, atol=1e-12)
    # where the picture cuts a gap, it says how high it is
    for row, said in enumerate(frame.texts["beyond"][2]):
        for place, text in zip(expected[row], said, strict=True):
            cut = place - 1 > unit_03.HIGHEST_TANGENT
            assert text == (f"gap {place - 1 - np.log(place):.1f}" if cut else "")


def test_what_is_dragged_is_t_itself(gaps):
    explorer, _, state, frame = gaps
    handles = explorer.spec["layout"]["handles"]
    assert [handle["x"]["index"] for handle in handles] == [0, 1, 2]
    for handle, p in zip(handles, unit_03.P, strict=True):
        assert handle["x"]["scale"] == pytest.approx(1 / p) and handle["x"]["power"] == 1
    x, y, names = frame.texts["names"]
    np.testing.assert_allclose(x, state.q / unit_03.P)
    assert names[0] == list("abc") and len(set(y)) == 3  # at Q = P one stands above the other


def test_the_plain_terms_have_both_signs_and_the_gaps_have_one(gaps):
    _, raws, state, frame = gaps
    plain, gap = column(frame, "p · log(p/q)"), column(frame, "t − 1 − log t")
    np.testing.assert_allclose(plain, special.rel_entr(unit_03.P, state.q), atol=1e-12)
    wrong = np.array([raw["q"] != [35, 10, 5] for raw in raws])
    assert ((plain[wrong] < 0).any(axis=-1) & (plain[wrong] > 0).any(axis=-1)).all()
    assert (gap >= 0).all() and (gap[~wrong] == 0).all()


def test_the_sentence_names_the_negative_terms(gaps):
    _, _, _, frame = gaps
    plain = column(frame, "p · log(p/q)")
    for terms, sentence in zip(plain, frame.sentence, strict=True):
        names = [name for name, term in zip("abc", terms, strict=True) if term < 0]
        if names:
            assert f" of {' and '.join(names)} {'is' if len(names) == 1 else 'are'}" in sentence
        else:
            assert sentence.startswith("Every t is 1") and (terms == 0).all()


def test_nothing_leaves_its_panel(gaps):
    explorer, _, _, frame = gaps
    for shape, panel in (("gaps", "curve"), ("areas", "areas"), ("terms", "terms")):
        axes = explorer._picture.axes[panel]
        x, y = np.moveaxis(frame.shapes[shape], -1, 0)
        assert axes.get_xlim()[0] <= x.min() and x.max() <= axes.get_xlim()[1] + 1e-9
        assert axes.get_ylim()[0] <= y.min() and y.max() <= axes.get_ylim()[1]


def test_the_tasks_of_the_gaps_are_done_where_they_say_so(gaps):
    _, raws, state, frame = gaps
    closed, one = (task.reached for task in frame.tasks)
    assert closed.tolist() == [raw["q"] == [35, 10, 5] for raw in raws]
    negative = [np.count_nonzero(q > unit_03.P + 1e-9) for q in state.q]
    assert one.tolist() == [count == 1 for count in negative]


def test_how_many_states_there_are(gaps):
    explorer, raws, _, _ = gaps
    assert len(raws) == 1176
    assert "KL(P‖Q): 1.102 nats" in repr(explorer)


# Mixing two pairs


def parts(state):
    """Both pairs of every state, and the weight of the first, from the table of pairs alone."""
    pairs = [unit_03.PAIRS[choice][1:] for choice in state.pairs]
    return [np.array(shares) for shares in zip(*pairs, strict=True)], state.weight[:, None]


def test_the_pairs_are_distributions():
    for _, *shares in unit_03.PAIRS:
        np.testing.assert_allclose(np.sum(shares, axis=1), 1)
        assert np.min(shares) > 0


def test_the_mixture_the_chord_and_the_margin(mixture):
    _, _, state, frame = mixture
    (p1, q1, p2, q2), weight = parts(state)
    a, b = [weight * p1, (1 - weight) * p2], [weight * q1, (1 - weight) * q2]
    chord = special.rel_entr(a, b).sum(axis=(0, 2))  # λ log(λp/λq) is λ log(p/q)
    kl = special.rel_entr(np.sum(a, axis=0), np.sum(b, axis=0)).sum(axis=1)
    np.testing.assert_allclose(readout(frame, "KL of the mixture"), kl, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "chord"), chord, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "margin"), chord - kl, atol=1e-12)
    margin = frame.shapes["margin"][:, 0, :, 1]
    np.testing.assert_allclose(margin.min(axis=-1), np.minimum(kl, chord), atol=1e-12)
    np.testing.assert_allclose(margin.max(axis=-1), chord, atol=1e-12)


def test_the_bars_are_the_mixed_distributions(mixture):
    _, _, state, frame = mixture
    (p1, q1, p2, q2), weight = parts(state)
    for name, first, second in (("p", p1, p2), ("q", q1, q2)):
        heights = frame.shapes[name][..., 1].max(axis=-1)
        np.testing.assert_allclose(heights, weight * first + (1 - weight) * second, atol=1e-12)
        np.testing.assert_allclose(heights.sum(axis=-1), 1)


def test_the_curve_passes_through_the_mixture_below_the_chord(mixture):
    _, raws, _, frame = mixture
    x, curve = np.moveaxis(frame.shapes["kl"][:, 0], -1, 0)
    ends = frame.shapes["chord"][:, 0, :, 1]
    for row, raw in enumerate(raws):
        here = np.interp(raw["weight"], x[row], curve[row])
        assert here == pytest.approx(readout(frame, "KL of the mixture")[row], abs=1e-9)
        chord = np.interp(x[row], [0, 1], ends[row])
        assert (curve[row] <= chord + 1e-12).all()
        assert curve[row, [0, -1]] == pytest.approx(ends[row], abs=1e-12)
    assert np.max(curve) < unit_03.HIGHEST


def test_the_sentences_of_the_special_states(mixture):
    _, raws, _, frame = mixture
    margin = readout(frame, "margin")
    for raw, gap, sentence in zip(raws, margin, frame.sentence, strict=True):
        if raw["weight"] in (0.0, 1.0):
            assert sentence.startswith("Only the ") and gap == pytest.approx(0, abs=1e-12)
        elif unit_03.NAMES[raw["pairs"]] == "two unlike groups":
            assert sentence.startswith("Mixing takes nothing") and gap == pytest.approx(
                0, abs=1e-12
            )
        else:
            assert sentence.startswith("Apart") and gap > 1e-4


def test_the_tasks_of_the_mixture_are_done_where_they_say_so(mixture):
    _, raws, _, frame = mixture
    gone, nothing = (task.reached for task in frame.tasks)
    half = {"pairs": unit_03.NAMES.index("errors that cancel"), "weight": 0.5}
    assert gone.tolist() == [raw == half for raw in raws]
    unlike = unit_03.NAMES.index("two unlike groups")
    inside = [raw["pairs"] == unlike and raw["weight"] not in (0.0, 1.0) for raw in raws]
    assert nothing.tolist() == inside


def test_how_many_mixtures_there_are(mixture):
    explorer, raws, _, _ = mixture
    assert len(raws) == 4 * 51
    assert "margin: 0.208 nats" in repr(explorer)
