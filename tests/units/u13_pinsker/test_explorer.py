"""The picture of unit 13: every pair of coins under both curves, by a second route."""

import numpy as np
import pytest
from scipy import optimize, special

from klteach.units.u13_pinsker import explorer as unit_13
from tests.units.states import readout, state_of


@pytest.fixture(scope="module")
def plane():
    explorer = unit_13.touch_the_curve()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_13._update(state)


def divergences(state):
    """(KL, TV) of the pairs of coins."""
    kl = special.rel_entr(state.p, state.q) + special.rel_entr(1 - state.p, 1 - state.q)
    return kl, abs(state.p - state.q)


def bounds(kl):
    return np.sqrt(kl / 2), np.sqrt(1 - np.exp(-kl))


def test_the_readouts_are_the_divergences_and_their_bounds(plane):
    _, _, state, frame = plane
    kl, tv = divergences(state)
    pinsker, other = bounds(kl)
    np.testing.assert_allclose(readout(frame, "KL(P‖Q)"), kl, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "TV(P, Q)"), tv, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "Pinsker"), pinsker, atol=1e-7)
    np.testing.assert_allclose(readout(frame, "Bretagnolle–Huber"), other, atol=1e-7)


def test_no_state_is_above_a_curve(plane):
    _, raws, state, frame = plane
    kl, tv = divergences(state)
    pinsker, other = bounds(kl)
    floor = np.minimum(state.q, 1 - state.q)
    with np.errstate(divide="ignore", invalid="ignore"):
        reverse = np.where(kl == 0, 0, np.log1p(2 * tv**2 / floor))
        room = np.where(np.isinf(reverse), np.inf, reverse - kl)
    for invariant, margin in zip(frame.invariants, (pinsker - tv, other - tv, room), strict=True):
        np.testing.assert_allclose(invariant.margins, margin, atol=1e-7)
        assert not np.isnan(invariant.margins).any()
    assert len(raws) == 51 * 51


def test_the_note_says_which_bound_is_the_tighter_and_by_how_much(plane):
    _, _, state, frame = plane
    kl, _ = divergences(state)
    pinsker, other = bounds(kl)
    notes = frame.readouts[-1].strings
    for nats, first, second, note in zip(kl, pinsker, other, notes, strict=True):
        if nats < 1e-12:
            assert note == "both are 0"
        elif np.isinf(nats):
            assert note == "neither" and second == 1
        else:
            name, by = note.split(", by ")
            assert name == ("Pinsker" if first < second else "B–H")
            assert by == f"{abs(first - second):.3f}"
            assert (name == "Pinsker") == (nats < unit_13.CROSSING)


def test_the_pair_stands_at_its_kl_and_tv_and_the_gap_ends_at_the_lower_curve(plane):
    _, _, state, frame = plane
    kl, tv = divergences(state)
    place = np.where(np.isinf(kl), unit_13.INFINITY, kl)
    centre = frame.shapes["pair"][:, 0].mean(axis=1)
    np.testing.assert_allclose(centre, np.stack([place, tv], axis=-1), atol=1e-12)
    gap = frame.shapes["gap"][:, 0]
    assert (gap[:, 0, 0] == gap[:, 1, 0]).all()
    np.testing.assert_allclose(gap[:, 0, 1], tv, atol=1e-12)
    np.testing.assert_allclose(gap[:, 1, 1], np.minimum(*bounds(kl)), atol=1e-7)
    assert max(kl[np.isfinite(kl)]) < unit_13.END


def test_the_share_is_that_of_the_lower_bound(plane):
    _, _, state, frame = plane
    kl, tv = divergences(state)
    for nats, variation, (text,) in zip(kl, tv, frame.texts["share"][2], strict=True):
        if nats < 1e-12 or np.isinf(nats):
            assert text == ""  # where the bounds say nothing, so does the label
            continue
        share = 100 * variation / min(*bounds(nats))
        assert float(text.split()[0]) == pytest.approx(share, abs=0.5 + 1e-9)
        assert text.endswith(" % of the bound")
        assert not text.startswith("100")


def test_the_sentence_names_the_tighter_bound_and_a_vacuous_one(plane):
    _, _, state, frame = plane
    kl, tv = divergences(state)
    pinsker, other = bounds(kl)
    for row, text in enumerate(frame.sentence):
        if kl[row] < 1e-12:
            assert text.startswith("P = Q")
        elif np.isinf(kl[row]):
            assert "infinite" in text and "says never" in text
            assert (f"TV is only {tv[row]:.2f}" in text) == (tv[row] < 1)
        else:
            lower = min(pinsker[row], other[row])
            assert f"at most {lower:.3f}, and your pair has {tv[row]:.3f}" in text
            assert ("says nothing" in text) == (pinsker[row] >= 1)


def test_the_tasks_are_done_where_they_say_so(plane):
    _, _, state, frame = plane
    kl, tv = divergences(state)
    touched, beyond, never = (task.reached for task in frame.tasks)
    finite = np.isfinite(kl) & (kl > 1e-12)
    share = np.divide(tv, np.minimum(*bounds(kl)), out=np.zeros(len(kl)), where=finite)
    np.testing.assert_array_equal(touched, share >= 0.999)
    np.testing.assert_array_equal(beyond, (share >= 0.95) & (kl > 2))
    np.testing.assert_array_equal(never, np.isinf(kl) & (tv < 0.05))
    assert touched.any() and beyond.any() and never.any()


def test_the_diamond_itself_is_dragged(plane):
    held, point = plane[0].spec["layout"]["handles"]
    assert held["kind"] == "held" and held["controls"] == ["p", "q"]
    assert held["id"] == "shape-pair-0"
    assert (point["x"]["control"], point["y"]["control"]) == ("p", "q")


def test_the_crossing_is_where_both_curves_meet():
    crossing = optimize.brentq(lambda x: np.subtract(*bounds(x)), 1, 2, xtol=1e-14)
    assert unit_13.CROSSING == pytest.approx(crossing, abs=1e-8)
    assert f"{crossing:.3f}, {bounds(crossing)[0]:.3f}" == "1.594, 0.893"
    assert bounds(unit_13.VACUOUS)[0] == 1


def test_the_picture_marks_the_crossing_and_what_is_vacuous(plane):
    svg = plane[0].spec["svg"]
    for words in ("1.594, 0.893", "Pinsker is vacuous", "Pinsker tighter"):
        assert words in svg
    assert "KL = 1.594" in plane[0].spec["description"]


def test_the_cloud_holds_hundreds_of_pairs_of_many_kinds_under_both_curves():
    kl, tv = unit_13.cloud()
    assert len(kl) > 300
    assert (tv <= np.minimum(*bounds(kl))).all()
    counts, _ = np.histogram(kl, [0, 0.1, 0.5, 1, 1.6, 2, unit_13.END])
    assert (counts >= 10).all()  # on both sides of the crossing and of what is vacuous
    again = unit_13.cloud()
    assert np.array_equal(again, (kl, tv))


def test_the_first_state_is_the_pair_of_unit_05(plane):
    assert "KL(P‖Q): 0.511 nats; TV(P, Q): 0.400" in repr(plane[0])
