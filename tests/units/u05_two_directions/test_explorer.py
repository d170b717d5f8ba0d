"""The picture of unit 05: two coins in every position, by a second route."""

import numpy as np
import pytest
from scipy import special

from klteach.units.u05_two_directions import explorer as unit_05
from tests.units.states import area, readout, state_of


@pytest.fixture(scope="module")
def coins():
    explorer = unit_05.two_coins()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_05._update(state)


def both_directions(state):
    p, q = (np.stack([heads, 1 - heads], axis=-1) for heads in (state.p, state.q))
    return special.rel_entr(p, q).sum(axis=-1), special.rel_entr(q, p).sum(axis=-1)


def test_the_readouts_are_both_directions(coins):
    _, _, state, frame = coins
    forward, reverse = both_directions(state)
    np.testing.assert_allclose(readout(frame, "KL(P‖Q)"), forward, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "KL(Q‖P)"), reverse, atol=1e-12)
    with np.errstate(invalid="ignore"):
        difference = forward - reverse
    np.testing.assert_allclose(readout(frame, "KL(P‖Q) − KL(Q‖P)"), difference, atol=1e-12)
    assert np.isnan(difference).sum() == 2
    units = frame.readouts[2].unit
    assert [unit == "" for unit in units] == np.isnan(difference).tolist()


def test_the_bars_are_as_long_as_the_divergences_and_leave_the_axis_where_those_do(coins):
    _, _, state, frame = coins
    forward, reverse = both_directions(state)
    for name, kl, arrow in (("forward", forward, 0), ("reverse", reverse, 1)):
        bar = frame.shapes[name][:, 0]
        finite = np.isfinite(kl)
        assert np.ptp(bar[:, :, 0], axis=1)[finite] == pytest.approx(kl[finite], abs=1e-12)
        assert (bar[~finite, :, 0].max(axis=1) == unit_05.BEYOND).all()
        assert (area(frame.shapes["arrows"][:, arrow]) > 0).tolist() == (~finite).tolist()
    assert max(forward[np.isfinite(forward)]) < unit_05.BEYOND


def test_the_hatched_bar_spans_the_difference(coins):
    _, _, state, frame = coins
    forward, reverse = both_directions(state)
    bar = frame.shapes["difference"][:, 0, :, 0]
    finite = np.isfinite(forward) & np.isfinite(reverse)
    ends = np.sort([forward, reverse], axis=0)[:, finite]
    np.testing.assert_allclose([bar.min(axis=1)[finite], bar.max(axis=1)[finite]], ends, atol=1e-12)
    both = np.isinf(forward) & np.isinf(reverse)
    assert (np.ptp(bar[both], axis=1) == 0).all()


def test_the_larger_direction_lies_in_the_sector_that_says_so(coins):
    _, _, state, frame = coins
    forward, reverse = both_directions(state)
    nearer_to_certain = np.round(abs(state.q - 0.5) - abs(state.p - 0.5), 9)
    assert (forward[nearer_to_certain > 0] > reverse[nearer_to_certain > 0]).all()
    assert (forward[nearer_to_certain < 0] < reverse[nearer_to_certain < 0]).all()
    assert not any(np.isnan(invariant.margins).any() for invariant in frame.invariants)


def test_the_table_holds_the_terms(coins):
    _, _, state, frame = coins
    p, q = (np.stack([heads, 1 - heads], axis=-1) for heads in (state.p, state.q))
    columns = frame.table.columns
    np.testing.assert_allclose(columns["p · log(p/q)"], special.rel_entr(p, q), atol=1e-12)
    np.testing.assert_allclose(columns["q · log(q/p)"], special.rel_entr(q, p), atol=1e-12)


def test_the_compass_names_the_side_that_the_model_rules_out(coins):
    _, _, state, frame = coins
    forward, reverse = both_directions(state)
    for truth, model, kl, column in (
        (state.p, state.q, forward, 0),
        (state.q, state.p, reverse, 1),
    ):
        said = [row[column] for row in frame.texts["here"][2]]
        assert [text == "finite" for text in said] == np.isfinite(kl).tolist()
        for heads, believed, text in zip(truth, model, said, strict=True):
            if text != "finite":
                side = {"heads": (heads, believed), "tails": (1 - heads, 1 - believed)}
                happens, thought = side[text.split()[1]]
                assert happens > 0 and thought == 0


def test_the_sentence_says_which_belief_costs_more(coins):
    _, _, state, frame = coins
    forward, reverse = both_directions(state)
    for row, text in enumerate(frame.sentence):
        assert f"{state.p[row]:.2f}" in text and f"{state.q[row]:.2f}" in text
        if "costs more" in text:
            larger = forward if "so believing Q of P costs more" in text else reverse
            assert larger[row] == max(forward[row], reverse[row]) < np.inf
        elif "mirror images" in text:
            assert state.p[row] + state.q[row] == pytest.approx(1)
        elif "same coin" in text:
            assert state.p[row] == state.q[row]
        else:
            assert "∞" in text and np.isinf(max(forward[row], reverse[row]))
            assert ("both directions" in text) == np.isinf(min(forward[row], reverse[row]))
            assert ("KL(P‖Q) is ∞" in text) <= np.isinf(forward[row])
            assert ("KL(Q‖P) is ∞" in text) <= np.isinf(reverse[row])


def test_how_many_states_there_are(coins):
    _, raws, _, _ = coins
    assert len(raws) == 51 * 51


def test_the_first_state_does_not_answer_the_prediction_and_a_preset_does(coins):
    explorer, raws, _, frame = coins
    shown = repr(explorer)
    assert "the same coin, so both directions are 0" in shown
    assert "costs more" not in shown and "0.511" not in shown
    (state,) = (p["state"] for p in explorer.spec["presets"] if p["name"] == "fair, believed 90/10")
    text = frame.sentence[raws.index(state)]
    assert "believing Q of P costs 0.511 nats a flip, believing P of Q 0.368" in text
