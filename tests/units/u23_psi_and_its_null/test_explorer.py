"""The picture of unit 23: PSI of simulated comparisons and three lines, by a second route."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u23_psi_and_its_null import explorer as unit_23
from tests.units.states import readout, state_of


@pytest.fixture(scope="module")
def plane():
    explorer = unit_23.psi_and_its_null()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_23._update(state)


def counts_of(raw):
    """(current, baseline) counts of the hundred comparisons of a state, (100, cells) each."""
    shift, cells = round(raw["shift"] / 0.1), (5, 10, 20)[raw["cells"]]
    return (
        side[shift, raw["doublings"]].reshape(100, cells, 20 // cells).sum(axis=-1)
        for side in unit_23.counts()
    )


def psi(p, q):
    return (special.rel_entr(p, q) + special.rel_entr(q, p)).sum()


def merged(a, b):
    """One-sided cells become one; if it is still one-sided, the rarest other cell joins."""
    both = (a > 0) & (b > 0)
    pool = [place for place in range(len(a)) if (a[place] > 0) != (b[place] > 0)]
    rest = sorted((place for place in range(len(a)) if both[place]), key=lambda i: a[i] + b[i])
    while pool and not (a[pool].sum() and b[pool].sum()):
        pool.append(rest.pop(0))
    p = np.append(a[rest], a[pool].sum())
    q = np.append(b[rest], b[pool].sum())
    return psi(p / a.sum(), q / b.sum())


def by_hand(a, b, policy):
    if policy == 0:
        used = (a > 0) | (b > 0)
        a, b = a[used] + 0.5, b[used] + 0.5
        return psi(a / a.sum(), b / b.sum())
    if policy == 1:
        return psi(a / a.sum(), b / b.sum())
    if policy == 2:
        return merged(a, b)
    if not ((a == 0) != (b == 0)).any():
        return psi(a / a.sum(), b / b.sum())
    return psi(np.maximum(a / a.sum(), 1e-6), np.maximum(b / b.sum(), 1e-6))


def some(raws, step=13):
    return range(0, len(raws), step)


def heights(frame, row):
    return frame.shapes["dashes"][row, :, 0, 1]


def test_the_counts_are_what_they_are_said_to_be():
    current, baseline = unit_23.counts()
    assert current.shape == baseline.shape == (7, 12, 100, 20)
    assert (current.sum(axis=-1) == unit_23.ROWS[:, None]).all()
    assert (baseline.sum(axis=-1) == unit_23.ROWS[:, None]).all()
    edges = stats.norm.ppf(np.arange(21) / 20)
    for step in (0, 2, 6):
        law = np.diff(stats.norm.cdf(edges - 0.1 * step))
        pooled = current[step, -1].sum(axis=0)
        assert stats.chisquare(pooled, law * pooled.sum()).pvalue > 1e-4
    flat = baseline[0, -1].sum(axis=0)
    assert stats.chisquare(flat).pvalue > 1e-4


def test_a_dash_stands_at_the_psi_of_its_comparison(plane):
    _, raws, _, frame = plane
    for row in some(raws):
        raw = raws[row]
        current, baseline = counts_of(raw)
        values = np.array(
            [by_hand(a, b, raw["policy"]) for a, b in zip(current, baseline, strict=True)]
        )
        places = np.where(np.isinf(values), unit_23.INFINITY, np.log10(np.maximum(values, 1e-12)))
        np.testing.assert_allclose(
            heights(frame, row), np.maximum(places, unit_23.LOWEST), atol=0.0051
        )
        assert (frame.shapes["dashes"][row, :, :, 0].mean(axis=-1) == raw["doublings"]).all()


def test_the_counts_above_the_lines_are_those_of_the_dashes(plane):
    _, raws, state, frame = plane
    null = readout(frame, "95 % line of the null")
    cells = np.array([5, 10, 20])[state.cells]
    rows = 50 * 2**state.doublings
    np.testing.assert_allclose(null, 2 / rows * stats.chi2.ppf(0.95, cells - 1))
    np.testing.assert_array_equal(readout(frame, "rows on each side"), rows)
    np.testing.assert_allclose(readout(frame, "rows a cell expects"), rows / cells)
    for row in some(raws, 7):
        for label, line in (("above 0.1, of 100", 0.1), ("above the null, of 100", null[row])):
            above = heights(frame, row) > math.log10(line)
            near = abs(heights(frame, row) - math.log10(line)) < 0.006  # drawn to two decimals
            assert abs(above.sum() - readout(frame, label)[row]) <= near.sum()


def test_the_null_s_line_is_where_its_readout_says(plane):
    _, raws, state, frame = plane
    for row in some(raws):
        x, y = frame.shapes["null"][row, 0].T
        here = y[x == state.doublings[row]]
        assert here == pytest.approx(math.log10(readout(frame, "95 % line of the null")[row]))
        np.testing.assert_allclose(np.diff(y), -math.log10(2))


def test_the_line_of_endless_rows_is_psi_of_the_laws_in_the_cells(plane):
    _, raws, state, frame = plane
    limit = readout(frame, "PSI with endless rows")
    for row in some(raws):
        cells = (5, 10, 20)[raws[row]["cells"]]
        edges = stats.norm.ppf(np.arange(cells + 1) / cells)
        law = np.diff(stats.norm.cdf(edges - state.shift[row]))
        value = psi(law, np.full(cells, 1 / cells))
        assert limit[row] == pytest.approx(value, abs=1e-12)
        assert value <= state.shift[row] ** 2 + 1e-12  # the PSI of the two normals themselves
        height = frame.shapes["limit"][row, 0, 0, 1]
        assert height == (pytest.approx(math.log10(value)) if state.shift[row] else -math.inf)


def test_the_invariants_hold_in_every_state(plane):
    least = plane[3].invariants[0].margins
    assert (least > 0).all() and not np.isnan(least).any()


def test_an_empty_cell_makes_infinite_dashes_under_one_policy_alone(plane):
    _, raws, state, frame = plane
    infinite = (frame.shapes["dashes"][..., 0, 1] == unit_23.INFINITY).sum(axis=1)
    assert infinite[state.policy == 1].max() > 50
    assert infinite[state.policy != 1].max() == 0
    for row in some(raws, 5):
        assert (f"{infinite[row]} of them infinite" in frame.sentence[row]) == (infinite[row] > 0)


def test_the_outlines_are_the_shares_of_the_first_comparison(plane):
    _, raws, _, frame = plane
    for row in some(raws):
        for name, side in zip("pq", counts_of(raws[row]), strict=True):
            first = side[0] / side[0].sum() * len(side[0])
            x, y = frame.shapes[name][row, 0].T
            np.testing.assert_allclose(x, np.arange(21).repeat(2) / 20)
            assert y[0] == y[-1] == 0 and (y[1:-1:2] == y[2:-1:2]).all()
            shown = y[1:-1:2].reshape(len(first), -1)
            np.testing.assert_allclose(shown.T, [np.minimum(first, unit_23.TALLEST)] * len(shown.T))


def test_the_sentence_says_what_is_drawn(plane):
    _, raws, state, frame = plane
    for row in some(raws, 5):
        text = frame.sentence[row]
        assert text.startswith("No drift" if state.shift[row] == 0 else "A shift of 0.")
        assert f"{readout(frame, 'above 0.1, of 100')[row]:g} are above 0.1" in text
        assert f"{readout(frame, 'rows on each side')[row]:g} rows" in text
        assert "simulated" in text


def test_the_table_holds_the_three_lines(plane):
    _, _, _, frame = plane
    table = frame.table
    assert table.rows == ("by custom: 0.1", "by custom: 0.25", "95 % line of the null")
    values, above = table.columns.values()
    assert (values[:, 0] == 0.1).all() and (values[:, 1] == 0.25).all()
    assert (above[:, 0] >= above[:, 1]).all()
    np.testing.assert_allclose(above[:, 2] * 100, readout(frame, "above the null, of 100"))


def test_the_picture_says_that_it_is_simulated(plane):
    explorer = plane[0]
    assert "simulated" in explorer.spec["title"]
    assert explorer.spec["description"].startswith("Simulated data.")


def test_how_many_states_there_are(plane):
    _, raws, _, _ = plane
    assert len(raws) == 7 * 12 * 3 * 4
