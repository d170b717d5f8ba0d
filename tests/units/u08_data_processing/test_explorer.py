"""The picture of unit 08: what the cells keep for every pair of edges, by a second route."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u08_data_processing import explorer as unit_08
from tests.units.states import readout, state_of

NUMBERS = 63  # positions of an edge
ENDS = (-2.6, 3.6)


@pytest.fixture(scope="module")
def cells():
    explorer = unit_08.beat_the_ceiling()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_08._update(state)


def shares(state, mean):
    """P of the three cells by the survival function; an edge at an end is at infinity."""
    edges = np.sort([state.one, state.other], axis=0)
    edges = np.where(edges == ENDS[0], -np.inf, np.where(edges == ENDS[1], np.inf, edges))
    above = stats.norm.sf(edges, mean)
    return np.stack([1 - above[0], above[0] - above[1], above[1]], axis=-1)


def kept(state):
    p, q = shares(state, 0), shares(state, 1)
    p, q = (np.where(np.abs(x) < 1e-12, 0, x) for x in (p, q))
    return special.rel_entr(p, q).sum(axis=-1), special.rel_entr(q, p).sum(axis=-1)


def test_the_grid_is_that_of_the_lesson(cells):
    explorer, raws, state, _ = cells
    assert len(raws) == NUMBERS**2 == 3969
    assert (state.one.min(), state.one.max()) == ENDS
    assert explorer.grid  # it moves without a kernel


def test_the_readouts_are_what_the_cells_keep(cells):
    _, _, state, frame = cells
    forward, reverse = kept(state)
    np.testing.assert_allclose(readout(frame, "KL(P‖Q) of the cells"), forward, atol=1e-9)
    np.testing.assert_allclose(readout(frame, "KL(Q‖P) of the cells"), reverse, atol=1e-9)
    both = readout(frame, "both added, Jeffreys")
    np.testing.assert_allclose(both, forward + reverse, atol=1e-9)


def test_the_ceiling_is_half_a_nat_in_both_directions(cells):
    _, _, state, frame = cells
    assert unit_08.CEILING == pytest.approx(1 / 2)
    for invariant, nats in zip(frame.invariants, kept(state), strict=True):
        np.testing.assert_allclose(invariant.margins, 0.5 - nats, atol=1e-9)
    assert max(map(np.max, kept(state))) < 0.41


def test_the_bars_are_the_shares_and_a_missing_cell_has_none(cells):
    _, _, state, frame = cells
    for name, mean in (("p", 0), ("q", 1)):
        corners = frame.shapes[name]
        heights = np.ptp(corners[..., 1], axis=-1)
        np.testing.assert_allclose(heights, shares(state, mean), atol=1e-12)
        wide = np.ptp(corners[..., 0], axis=-1) > 0
        assert (wide == (heights > 0)).all()
    np.testing.assert_allclose(np.ptp(frame.shapes["p"][..., 1], axis=-1).sum(axis=-1), 1)


def test_the_ratios_above_the_bars(cells):
    _, _, state, frame = cells
    p, q = shares(state, 0), shares(state, 1)
    _, heights, texts = frame.texts["ratio"]
    np.testing.assert_allclose(heights, np.maximum(p, q), atol=1e-12)
    for row in range(0, len(texts), 37):
        for cell, text in enumerate(texts[row]):
            if q[row, cell] < 1e-12:
                assert text == ""
            else:
                assert float(text.split()[1]) == pytest.approx(
                    p[row, cell] / q[row, cell], abs=6e-3
                )


def test_the_funnels_end_at_what_is_kept_and_the_rest_is_hatched(cells):
    _, _, state, frame = cells
    for name, nats in zip(("forward", "reverse"), kept(state), strict=True):
        through, lost = (frame.shapes[f"{name} {part}"][:, 0] for part in ("kept", "lost"))
        assert (through[:, 1, 1] == 0.5).all()
        np.testing.assert_allclose(through[:, 2, 1], nats, atol=1e-9)
        np.testing.assert_allclose(lost[:, 2, 1], nats, atol=1e-9)
        right = through[0, 0, 0] + 1
        np.testing.assert_allclose(through[:, 2, 0], right)
        np.testing.assert_allclose(lost[:, 1], np.tile([right, 0.5], (len(nats), 1)))
        _, height, words = frame.texts[f"{name} share"]
        for row in range(0, len(words), 37):
            assert float(words[row][0].split()[0]) == pytest.approx(200 * nats[row], abs=0.51)
        assert (height[:, 0] < 0.5).all() and (height[:, 0] > 0).all()


def test_the_sentence_names_the_edges_and_both_directions(cells):
    _, _, state, frame = cells
    forward, reverse = kept(state)
    for row, sentence in enumerate(frame.sentence):
        text = sentence.replace("−", "-")
        inside = sorted({x for x in (state.one[row], state.other[row]) if x not in ENDS})
        if not inside:
            assert text.startswith("Without an edge") and "nothing is kept" in text
            assert forward[row] == pytest.approx(0, abs=1e-9)
            continue
        start = "One edge at" if len(inside) == 1 else "Edges at"
        assert text.startswith(f"{start} {' and '.join(f'{x:.1f}' for x in inside)} keep")
        assert f" {forward[row]:.3f} of the 0.5 nats of KL(P‖Q)" in text
        assert f" {reverse[row]:.3f} of those of KL(Q‖P)" in text


def test_each_task_has_its_places(cells):
    _, _, state, frame = cells
    forward, _ = kept(state)
    first, second, third = frame.tasks
    single = np.isin(state.one, ENDS) ^ np.isin(state.other, ENDS)
    places = {}
    for name, task in (("forward", first), ("reverse", second)):
        assert (task.reached <= single).all()
        edges = np.where(np.isin(state.one, ENDS), state.other, state.one)[task.reached]
        places[name] = set(edges.round(1))
    assert places == {"forward": {0.2}, "reverse": {0.8}}
    assert (third.reached == (forward >= 0.4)).all() and 0 < third.reached.sum() < 100
    assert "0.318 nats" in first.text and "0.4 nats" in third.text


def test_the_first_state_tells_no_prediction(cells):
    explorer = cells[0]
    assert repr(explorer).startswith("What the cells keep | One edge at −1.0 keeps 0.182")
    assert "0.319" not in repr(explorer) and "0.206" not in explorer.spec["svg"]


def test_a_preset_sets_both_edges(cells):
    presets = cells[0].spec["presets"]
    assert {frozenset(preset["state"]) for preset in presets} == {frozenset({"one", "other"})}
