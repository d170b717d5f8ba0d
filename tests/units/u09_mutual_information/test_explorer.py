"""The pictures of unit 09, by a second route: every joint table and its entropies."""

import math

import numpy as np
import pytest
from scipy import special

from klteach.units.u09_mutual_information import explorer as unit_09
from tests.units.states import area, readout, state_of

VALUES = np.array([-1.0, 0.0, 1.0])
SHARES = np.array([0.3, 0.4, 0.3])


def nats(p):
    return special.entr(p.reshape(len(p), -1)).sum(axis=1)


@pytest.fixture(scope="module")
def joint():
    explorer = unit_09.joint_beside_product()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_09._update_joint(state)


@pytest.fixture(scope="module")
def family():
    explorer = unit_09.one_family()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_09._update_family(state)


def tables(frame, side):
    return frame.table.columns["p(x, y)"].reshape(-1, side, side)


# The joint beside the product


def test_every_table_is_a_joint_distribution_with_the_same_margins(joint):
    _, raws, _, frame = joint
    found = tables(frame, 3)
    assert len(raws) == 21 * 51 == len(found)
    assert (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=1), np.tile(SHARES, (len(found), 1)), atol=1e-12)
    np.testing.assert_allclose(found.sum(axis=2), np.tile(SHARES, (len(found), 1)), atol=1e-12)


def test_information_and_correlation_are_what_they_are_called(joint):
    _, _, state, frame = joint
    found = tables(frame, 3)
    information = 2 * special.entr(SHARES).sum() - nats(found)
    np.testing.assert_allclose(
        readout(frame, "mutual information, KL(P‖Q)"), information, atol=1e-12
    )
    covariance = np.einsum("sxy,x,y->s", found, VALUES, VALUES)
    correlation = readout(frame, "correlation of X and Y")
    np.testing.assert_allclose(correlation, covariance / (SHARES @ VALUES**2), atol=1e-12)
    np.testing.assert_allclose(correlation, state.shape * state.strength, atol=1e-12)


def test_a_column_of_the_square_is_as_wide_as_its_value_is_frequent(joint):
    _, _, _, frame = joint
    found = tables(frame, 3)
    areas = frame.shapes["joint"]
    np.testing.assert_allclose(area(areas), found.reshape(-1, 9), atol=1e-12)
    corners = areas.reshape(-1, 3, 3, 4, 2)
    np.testing.assert_allclose(
        corners[..., 0].min(axis=(2, 3)), np.tile([0, 0.3, 0.7], (len(found), 1)), atol=1e-12
    )
    np.testing.assert_allclose(corners[:, :, 2, :, 1].max(axis=-1), 1, atol=1e-12)
    assert np.array_equal(frame.shapes["edges"], areas)


def test_both_bars_are_equally_long_in_every_state(joint):
    _, _, _, frame = joint
    solid, hatched = frame.shapes["entropy"][:, 0], frame.shapes["kl"][:, 0]
    np.testing.assert_allclose(solid[:, :, 0].max(axis=1), nats(tables(frame, 3)), atol=1e-12)
    np.testing.assert_allclose(solid[:, :, 0].max(axis=1), hatched[:, :, 0].min(axis=1))
    whole = 2 * special.entr(SHARES).sum()
    np.testing.assert_allclose(hatched[:, :, 0].max(axis=1), whole, atol=1e-12)
    assert pytest.approx(whole) == unit_09.ALL


def test_the_sentence_says_the_share_that_is_saved(joint):
    _, _, state, frame = joint
    information = readout(frame, "mutual information, KL(P‖Q)")
    ceiling = special.entr(SHARES).sum()
    for row, text in enumerate(frame.sentence):
        correlation = state.shape[row] * state.strength[row]
        if state.strength[row] == 0:
            assert text.startswith("All cuts are level")
            continue
        assert f"saves {information[row]:.3f} of the {ceiling:.3f} nats of Y, " in text
        share = float(text.rsplit(", ", 1)[1].removesuffix(" %."))
        assert share == pytest.approx(100 * information[row] / ceiling, abs=0.5 + 1e-9)
        assert text.startswith("The correlation is 0, and yet") == (abs(correlation) < 1e-12)
        assert ("−" in text) == (correlation < -0.005)


def test_the_tasks_are_done_where_they_say(joint):
    _, _, state, frame = joint
    correlation = state.shape * state.strength
    information = readout(frame, "mutual information, KL(P‖Q)")
    first, second, third = (task.reached for task in frame.tasks)
    assert np.array_equal(first, (abs(correlation) < 1e-9) & (information > 0.3))
    assert np.array_equal(second, (abs(state.shape) == 1) & (state.strength == 1))
    assert np.array_equal(third, (abs(correlation - 0.2) < 1e-9) & (information > 0.25))
    assert first.any() and third.any()


def test_the_first_picture_does_not_answer_a_prediction(joint):
    """At the start the dependence is straight: that a bent one counts is asked before."""
    assert "The correlation is 0.50" in repr(joint[0])
    assert "and yet" not in repr(joint[0])


# One family


def test_the_cut_is_what_is_dragged_and_the_margins_stay(family):
    _, raws, state, frame = family
    found = tables(frame, 2)
    assert len(raws) == 41 and (found >= 0).all()
    np.testing.assert_allclose(found[:, 0, 0] / 0.4, state.given, atol=1e-12)
    for axis in (1, 2):
        np.testing.assert_allclose(
            found.sum(axis=axis), np.tile([0.4, 0.6], (len(found), 1)), atol=1e-12
        )
    np.testing.assert_allclose(area(frame.shapes["areas"]), found.reshape(-1, 4), atol=1e-12)


def test_the_four_bars_are_one_family(family):
    _, _, _, frame = family
    each = special.entr([0.4, 0.6]).sum()
    both = nats(tables(frame, 2))
    information = 2 * each - both
    assert unit_09.EACH == pytest.approx((each, each))
    np.testing.assert_allclose(readout(frame, "cross-entropy H(P, Q)"), 2 * each, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "entropy H(P)"), both, atol=1e-12)
    np.testing.assert_allclose(
        readout(frame, "KL(P‖Q), mutual information"), information, atol=1e-12
    )
    left, right = (end(frame.shapes["kl"][..., 0], axis=-1) for end in (np.min, np.max))
    np.testing.assert_allclose(right - left, np.stack(3 * [information], axis=-1), atol=1e-12)
    # beside H(P) it ends with the cross-entropy; below it is the overlap of H(X) and H(Y)
    np.testing.assert_allclose(right[:, 0], 2 * each, atol=1e-12)
    sides = frame.shapes["sides"][..., 0]
    np.testing.assert_allclose(left[:, 1], sides[:, 1].min(axis=-1), atol=1e-12)
    np.testing.assert_allclose(right[:, 1], sides[:, 0].max(axis=-1), atol=1e-12)
    np.testing.assert_allclose(sides[:, 1].max(axis=-1), both, atol=1e-12)


def test_what_the_second_sentence_says(family):
    _, _, state, frame = family
    each = special.entr([0.4, 0.6]).sum()
    left = nats(tables(frame, 2)) - each
    for row, text in enumerate(frame.sentence):
        given = state.given[row]
        if math.isclose(given, 0.4):
            assert text.startswith("Rain or dry, umbrellas are as frequent")
        elif given == 1:
            assert f"all of H(Y), {each:.3f} nats" in text
        else:
            assert f"is {'more' if given > 0.4 else 'less'} likely than in the dry" in text
            assert f"costs {each - left[row]:.3f} nats too much" in text
            assert f"{left[row]:.3f} of its {each:.3f} nats are left" in text


def test_the_tasks_of_the_second_are_done_where_they_say(family):
    _, _, state, frame = family
    information = readout(frame, "KL(P‖Q), mutual information")
    first, second, third = (task.reached for task in frame.tasks)
    assert np.array_equal(first, np.isclose(state.given, 0.4))
    assert np.array_equal(second, information > special.entr([0.4, 0.6]).sum() / 2)
    assert np.array_equal(third, (state.given < 0.4) & (information > 0.2))
    assert third.any() and second.any()


def test_it_begins_with_the_table_that_is_done_by_hand(family):
    _, raws, _, frame = family
    row = raws.index({"given": 0.75})
    np.testing.assert_allclose(tables(frame, 2)[row], [[0.3, 0.1], [0.1, 0.5]], atol=1e-12)
    assert f"{readout(frame, 'KL(P‖Q), mutual information')[row]:.3f} nats" in repr(family[0])
