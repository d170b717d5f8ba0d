"""The pictures of the units: their numbers by a second route, their invariants in every state."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.explorers import unit_00, unit_01, unit_02


def state_of(explorer, count=None, seed=0):
    """(raw states, the arrays that update receives), all of them or a random choice."""
    control = explorer._controls[0]
    every = list(control.every()) if control.count() < 5000 else None
    random = np.random.default_rng(seed)
    if every is None:
        free = control.total - control.minimum * len(control.outcomes)
        shares = random.multinomial(free, np.ones(len(control.outcomes)) / 4, size=count)
        sparse = random.multinomial(free, [0.97, 0.01, 0.01, 0.01], size=count)
        every = np.concatenate([shares, sparse, [[free, 0, 0, 0]]]).tolist()
    raws = []
    for other in explorer._controls[1].every() if len(explorer._controls) > 1 else [None]:
        for raw in every:
            more = {explorer._controls[1].name: other} if other is not None else {}
            raws.append({control.name: raw} | more)
    return raws, explorer._numeric(raws)


def readout(frame, label):
    return next(item.values for item in frame.readouts if item.label == label)


def margins_hold(frame):
    for invariant in frame.invariants:
        assert (invariant.margins >= -invariant.tolerance).all(), invariant.label


def area(corners):
    """The area of polygons (..., vertices, 2), by the shoelace formula."""
    x, y = corners[..., 0], corners[..., 1]
    return abs((x * np.roll(y, -1, axis=-1) - y * np.roll(x, -1, axis=-1)).sum(axis=-1)) / 2


# -- 00 -------------------------------------------------------------------------------------------


def test_the_gauge_points_where_the_bar_stands_and_praises_only_one_half():
    explorer = unit_00.reach_one_half()
    raws, state = state_of(explorer)
    frame = unit_00._update(state)
    tip = frame.shapes["needle"][:, 0, 1]
    angle = np.degrees(np.arctan2(tip[:, 1], tip[:, 0]))
    np.testing.assert_allclose(angle, 180 * (1 - state.height), atol=1e-9)
    praised = [raw["height"] for raw, text in zip(raws, frame.sentence) if "works" in text]
    assert praised == [0.5]


# -- 01 -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def surprise():
    explorer = unit_01.surprise_areas()
    raws, state = state_of(explorer, count=300)
    return raws, state, unit_01._update(state)


def test_the_areas_add_up_to_the_entropy(surprise):
    _, state, frame = surprise
    bits = stats.entropy(state.p, base=2, axis=-1)
    np.testing.assert_allclose(area(frame.shapes["areas"]).sum(axis=-1), bits, atol=1e-12)
    np.testing.assert_allclose(area(frame.shapes["entropy"])[:, 0], bits, atol=1e-12)


def test_the_unit_changes_the_number_and_not_the_areas(surprise):
    _, state, frame = surprise
    half = len(state.p) // 2
    assert (state.unit[:half] == 0).all()
    assert np.array_equal(frame.shapes["areas"][:half], frame.shapes["areas"][half:])
    bits, nats = np.split(readout(frame, "entropy H(p)"), 2)
    np.testing.assert_allclose(nats, bits * np.log(2), atol=1e-12)
    np.testing.assert_allclose(nats, special.entr(state.p[:half]).sum(axis=-1), atol=1e-12)


def test_the_ruler_measures_in_the_unit_that_is_shown(surprise):
    _, state, frame = surprise
    mark_at_3 = frame.shapes["ruler"][:, 3, 0, 0]
    expected = np.where(state.unit == 1, 3 / np.log(2), 3.0)
    np.testing.assert_allclose(mark_at_3, expected)


def test_the_sentence_names_the_largest_area(surprise):
    raws, state, frame = surprise
    for p, text in zip(state.p, frame.sentence, strict=True):
        if "contributes most" in text:
            parts = special.entr(p)
            named = "abcd".index(text.split("; ")[1][0])
            assert parts[named] == pytest.approx(parts.max(), abs=1e-12)
        else:
            assert p.max() == 1


def test_entropy_keeps_its_bounds(surprise):
    margins_hold(surprise[2])


# -- 02 -------------------------------------------------------------------------------------------


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
    hits = {tuple(q) for q, text in zip(state.q.tolist(), game) if text == "hit"}
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
    margins_hold(frame)


def test_every_state_is_in_the_browser(code):
    explorer, raws, _, _ = code
    assert explorer.grid
    assert len(explorer.grid) < 1_000_000
    assert len(raws) == 2352


def test_the_first_state_shows_the_standard_probe(code):
    explorer = code[0]
    assert "KL(P‖Q): 1.102 nats" in repr(explorer)
    assert "H(P, Q): 1.904 nats" in repr(explorer)
