"""The picture of unit 02: its areas, bills and bankrolls by a second route, in every state."""

import numpy as np
import pytest
from scipy import special

from klteach.units.u02_cross_entropy_and_kl import explorer as unit_02
from tests.units.lesson_text import presets
from tests.units.states import area, readout, state_of


@pytest.fixture(scope="module")
def code():
    explorer = unit_02.wrong_code()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_02._update(state)


def test_the_extra_area_less_the_saved_area_is_kl(code):
    _, _, state, frame = code
    kl = special.rel_entr(unit_02.P, state.q).sum(axis=-1)
    extra, saved = (area(frame.shapes[name]).sum(axis=-1) for name in ("extra", "saved"))
    np.testing.assert_allclose(extra - saved, kl, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "KL(P‖Q)"), kl, atol=1e-12)


def test_the_solid_and_extra_areas_are_the_cross_entropy(code):
    _, _, state, frame = code
    own, extra = (area(frame.shapes[name]).sum(axis=-1) for name in ("own", "extra"))
    expected = -(unit_02.P * np.log(state.q)).sum(axis=-1)
    np.testing.assert_allclose(own + extra, expected, atol=1e-12)
    np.testing.assert_allclose(readout(frame, "H(P, Q)"), expected, atol=1e-12)


def test_the_running_bill_is_the_mean_cost_of_the_symbols_so_far(code):
    _, _, state, frame = code
    drawn = np.random.default_rng(2).choice(3, size=unit_02.ROUNDS, p=unit_02.P)
    row = 17
    cost = -np.log(state.q[row])
    expected = [cost[drawn[:n]].mean() for n in unit_02.MARKS]
    np.testing.assert_allclose(frame.shapes["running"][row, 0, :, 1], expected, atol=1e-12)


def test_the_bankroll_grows_by_the_product_of_the_stakes_times_the_odds(code):
    _, _, state, frame = code
    drawn = np.random.default_rng(2).choice(3, size=unit_02.ROUNDS, p=unit_02.P)
    row = len(state.q) // 2 + 17
    assert state.view[row] == 1
    bankroll = np.prod((unit_02.P / state.q[row])[drawn])
    expected = np.log(bankroll) / unit_02.ROUNDS
    assert frame.shapes["running"][row, 0, -1, 1] == pytest.approx(expected, rel=1e-9)


def test_the_game_can_be_won_and_says_so_only_when_it_is(code):
    _, _, state, frame = code
    kl = readout(frame, "KL(P‖Q)")
    game = next(item for item in frame.readouts if item.label.startswith("game")).strings
    hits = {tuple(q) for q, text in zip(state.q.tolist(), game, strict=True) if text == "hit"}
    assert len(hits) == 10
    assert [text == "hit" for text in game] == (abs(kl - 1.0) <= 0.02).tolist()


def test_a_wrong_code_is_cheaper_for_some_symbol_and_never_on_average(code):
    _, _, state, frame = code
    kl = readout(frame, "KL(P‖Q)")
    wrong = (state.q != unit_02.P).any(axis=-1)
    assert (kl[~wrong] == 0).all()
    assert (kl[wrong] > 0).all()
    cheaper = (np.log(state.q) > np.log(unit_02.P)).any(axis=-1)
    assert cheaper[wrong].all()


def test_how_many_states_there_are(code):
    _, raws, _, _ = code
    assert len(raws) == 2352


def test_the_first_state_answers_no_prediction(code):
    """Whether a wrong code is ever cheaper is asked in the cells above the saved picture."""
    shown = repr(code[0])
    assert "KL(P‖Q): 0.000 nats" in shown
    assert "less" not in shown and "wasted" not in shown and "1.102" not in shown


def test_the_wrong_code_to_choose_is_the_standard_probe(code):
    explorer, _, state, frame = code
    (row,) = np.flatnonzero((state.q == [0.1, 0.3, 0.6]).all(axis=-1) & (state.view == 0))
    assert presets(explorer, "q")["a wrong code"] == state.q[row].tolist()
    assert f"{readout(frame, 'KL(P‖Q)')[row]:.3f}" == "1.102"
    assert f"{readout(frame, 'H(P, Q)')[row]:.3f}" == "1.904"
