"""The picture of unit 24: every state of the alarms, by a second route."""

import re

import numpy as np
import pytest
from scipy import special, stats

from klteach.data.lifetime_value import DRIFTING, LAUNCHES, lifetime_value
from klteach.units.u24_thirty_four_features import explorer as unit_24
from tests.units.states import readout, state_of

WEEKS = np.arange(78, 130)


@pytest.fixture(scope="module")
def strip():
    explorer = unit_24.alarm_threshold()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_24._update(state)


@pytest.fixture(scope="module")
def truth():
    """(p-values, drifting), both (34, 52), counted and compared here."""
    data = lifetime_value(unit_24.SEED, unit_24.CUSTOMERS_A_WEEK)
    known = data.week < 78
    p_values, drifting = [], []
    for name, values in data.columns.items():
        place = cells(values, values[known])
        number = place.max() + 1
        baseline = np.bincount(place[known], minlength=number)
        counts = np.array([np.bincount(place[data.week == w], minlength=number) for w in WEEKS])
        p_values.append([p_value(week[baseline > 0], baseline[baseline > 0]) for week in counts])
        first = LAUNCHES[1] if name == "average_session_length" else LAUNCHES[0]
        drifting.append((WEEKS > first) & (name in DRIFTING))
    return np.array(p_values), np.array(drifting)


def cells(values, known):
    if known.dtype == object:
        return np.unique(values, return_inverse=True)[1]
    distinct = np.unique(known)
    edges = (distinct[1:] + distinct[:-1]) / 2
    if len(distinct) > unit_24.CELLS:
        quantiles = np.quantile(known, np.arange(1, 5) / 5, method="inverted_cdf")
        edges = np.unique(quantiles)
        # a value that is two quantiles at once is a cell of its own
        often = [edge for edge in edges if (quantiles == edge).sum() > 1]
        edges = np.sort([*edges, *np.nextafter(often, np.inf)])
    return np.digitize(values, edges)


def p_value(current, baseline):
    p, q = (current + 0.5), (baseline + 0.5)
    p, q = p / p.sum(), q / q.sum()
    psi = special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum()
    scale = 1 / current.sum() + 1 / baseline.sum()
    return stats.chi2.sf(psi / scale, len(current) - 1)


def alarms(p_values, level, rule):
    """By the rules of SciPy."""
    if rule == 0:
        return p_values <= level / 100 * (1 + 1e-9)
    if rule == 2:
        return 34 * p_values <= level / 100 * (1 + 1e-9)
    each_week = [stats.false_discovery_control(week) for week in p_values.T]
    return np.stack(each_week, axis=1) <= level / 100 * (1 + 1e-9)


def test_what_is_watched_is_counted_anew(truth):
    features, p_values, drifting = unit_24.watched()
    assert features == tuple(lifetime_value(1, 1).columns)
    np.testing.assert_allclose(p_values, truth[0], rtol=1e-8, atol=1e-300)
    np.testing.assert_array_equal(drifting, truth[1])
    assert drifting.sum() == 131


def test_every_state_counts_its_alarms(strip, truth):
    _, raws, _, frame = strip
    p_values, drifting = truth
    assert len(raws) == 40 * 3
    for row, raw in enumerate(raws):
        found = alarms(p_values, raw["level"], raw["rule"])
        false, caught = found & ~drifting, found & drifting
        assert readout(frame, "false alarms")[row] == false.sum()
        assert readout(frame, "weeks with one")[row] == false.any(axis=0).sum()
        assert readout(frame, "caught, of 131")[row] == caught.sum()
        assert readout(frame, "false, of all alarms")[row] == pytest.approx(
            100 * false.sum() / max(1, found.sum())
        )
        own = [sum(bad) / max(1, sum(all_)) for bad, all_ in zip(false.T, found.T, strict=True)]
        mean = readout(frame, "false, mean of weeks")[row]
        assert mean == pytest.approx(100 * np.mean(own))
        table = frame.table.columns
        np.testing.assert_array_equal(table["false alarms"][row], false.sum(axis=1))
        np.testing.assert_array_equal(table["caught"][row], caught.sum(axis=1))
        np.testing.assert_array_equal(table["weeks with drift"][row], drifting.sum(axis=1))


def marks(frame, feature):
    """The corners of the marks in one row, (states, marks, 4, 2)."""
    return frame.shapes[feature].reshape(len(frame.sentence), -1, 4, 2)


def test_a_mark_stands_where_a_feature_alarms(strip, truth):
    _, raws, _, frame = strip
    wanted = np.array([alarms(truth[0], raw["level"], raw["rule"]) for raw in raws])
    for row, feature in enumerate(unit_24.watched()[0]):
        corners = marks(frame, feature)
        week, height = np.floor(corners[..., 0, 0]), np.ptp(corners[..., 1], axis=-1)
        shown = np.zeros((len(raws), 52), dtype=bool)
        shown[:, week[0].astype(int) - 78] = height > 0
        np.testing.assert_array_equal(shown, wanted[:, row])


def test_marks_stay_within_their_cells(strip):
    _, _, _, frame = strip
    features = unit_24.watched()[0]
    edges = zip(features, unit_24._bottoms(features), unit_24._heights(features), strict=True)
    for feature, bottom, height in edges:
        corners = marks(frame, feature)
        assert (np.floor(corners[..., 0]) == np.floor(corners[..., :1, 0])).all()
        assert (corners[..., 1] >= bottom).all() and (corners[..., 1] <= bottom + height).all()


def test_the_curves_are_the_shares_at_every_level(strip, truth):
    _, raws, _, frame = strip
    p_values, drifting = truth
    for rule in range(3):
        row = next(i for i, raw in enumerate(raws) if raw["rule"] == rule)
        found = [alarms(p_values, level, rule) for level in unit_24.LEVELS]
        caught = [(x & drifting).sum() / drifting.sum() for x in found]
        false = [(x & ~drifting).any(axis=0).mean() for x in found]
        np.testing.assert_allclose(frame.shapes["caught"][row, 0, :, 1], caught)
        np.testing.assert_allclose(frame.shapes["false"][row, 0, :, 1], false)
        np.testing.assert_allclose(frame.shapes["false"][row, 0, :, 0], unit_24.LEVELS)


def test_the_corrections_lie_one_in_the_other(strip):
    _, _, _, frame = strip
    assert all((invariant.margins > 0).any() for invariant in frame.invariants)


def test_the_sentence_says_the_numbers_of_its_state(strip):
    _, raws, _, frame = strip
    for row, (raw, text) in enumerate(zip(raws, frame.sentence, strict=True)):
        false = int(readout(frame, "false alarms")[row])
        assert f"at {raw['level']:.1f} %" in text and "(simulated)" in text
        assert re.search(rf"\b{false} false alarm{'s' if false != 1 else ''} in ", text)
        assert ("Bonferroni" in text) == (raw["rule"] == 2)
    assert any(" 1 false alarm in 1 of 52 weeks" in text for text in frame.sentence)


def test_the_tasks_are_done_where_they_say_so(strip, truth):
    _, raws, _, frame = strip
    p_values, drifting = truth
    half, thrifty = (task.reached for task in frame.tasks)
    assert half.any() and thrifty.any()
    for row, raw in enumerate(raws):
        found = alarms(p_values, raw["level"], raw["rule"])
        false = found & ~drifting
        assert half[row] == (false.any(axis=0).sum() >= 26)
        assert thrifty[row] == ((found & drifting).sum() >= 116 and false.sum() < 10)


def test_it_says_that_it_is_simulated_and_frames_the_drift(strip):
    svg = strip[0].spec["svg"]
    assert "Simulated" in svg and "without" in svg
    assert "simulated" in strip[0].spec["title"]


def test_the_first_state_does_not_answer_the_prediction_on_fifty_features(strip):
    assert "Bonferroni at 5.0 %: 1 false alarm in 1 of 52 weeks" in repr(strip[0])
