"""The picture of unit 29: every day of every story, by a second route."""

from functools import cache

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u29_after_the_alarm import explorer as unit_29
from klteach.units.u29_after_the_alarm.deliveries import golden, orders
from tests.units.states import margins_hold, readout, state_of

STORIES = ("a new district", "a week of rain", "a release")
DAYS = range(22, 71)


@pytest.fixture(scope="module")
def picture():
    explorer = unit_29.after_the_alarm()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_29._update(state)


def column(frame, name):
    return frame.table.columns[name]


@cache
def recorded(story, rolled_back=None):
    """(distance as recorded, minutes), a row of 400 orders for each day."""
    made = orders(STORIES[story])
    distance = made.distance.reshape(-1, 400).copy()
    if rolled_back is not None and story == 2:
        distance[rolled_back - 1 :] = made.true.reshape(-1, 400)[rolled_back - 1 :]
    return distance, made.minutes.reshape(-1, 400)


def learnt(distance, minutes):
    means = []
    for kilometre in range(10):
        there = np.floor(np.minimum(distance, 9)) == kilometre
        means.append(minutes[there].mean() if there.any() else means[-1])
    return np.array(means)


def share_right(means, distance, minutes):
    return (abs(means[np.minimum(distance, 9).astype(int)] - minutes) <= 5).mean()


def expected(story, decision, acted):
    """(PSI, threshold, right, right of the golden set) of each day that is shown."""
    distance, minutes = recorded(story, acted if decision == 2 else None)
    known = golden()
    hit = np.random.default_rng(291).random(400) < 0.3
    rows = []
    for day in DAYS:
        anew = decision == 1 and day >= acted
        past = slice(acted - 22, acted - 1) if anew else slice(0, 21)
        old = distance[past].ravel()
        ordered = np.sort(old)
        edges = ordered[np.ceil(np.arange(1, 10) / 10 * len(old)).astype(int) - 1]
        edges, times = np.unique(edges, return_counts=True)
        edges = np.union1d(edges, np.nextafter(edges[times > 1], np.inf))
        p, q = (
            np.bincount(np.searchsorted(edges, side, side="right"), minlength=len(edges) + 1)
            for side in (distance[day - 1], old)
        )
        p, q = (p + 0.5) / (p + 0.5).sum(), (q + 0.5) / (q + 0.5).sum()
        threshold = stats.chi2.isf(0.01, len(p) - 1) * (1 / 400 + 1 / len(old))
        means = learnt(old, minutes[past].ravel())
        broken = story == 2 and day >= 29 and not (decision == 2 and day >= acted)
        seen = np.where(hit, 1.5, known.true) if broken else known.true
        rows.append((
            special.rel_entr(p, q).sum() + special.rel_entr(q, p).sum(),
            threshold,
            share_right(means, distance[day - 1], minutes[day - 1]),
            share_right(means, seen, known.minutes),
        ))  # fmt: skip
    return np.array(rows).T


def test_the_four_rows_of_the_table(picture):
    _, raws, _, frame = picture
    names = ("PSI", "threshold", "right, orders", "right, golden")
    chosen = [(place, raw) for place, raw in enumerate(raws) if raw["day"] in (30, 44, 63)]
    for place, raw in chosen:
        rows = expected(raw["story"], raw["decision"], raw["day"])
        for name, row in zip(names, rows, strict=True):
            np.testing.assert_allclose(column(frame, name)[place], row, atol=1e-12)
    assert len(chosen) == 27 and len(raws) == 9 * 34


def test_the_readouts_are_those_of_the_last_seven_days(picture):
    _, _, _, frame = picture
    loud = column(frame, "PSI") > column(frame, "threshold")
    np.testing.assert_array_equal(readout(frame, "alarms, last 7 days"), loud[:, -7:].sum(axis=1))
    for label, name in (
        ("right, orders of these days", "right, orders"),
        ("right, golden set", "right, golden"),
    ):
        values = 100 * column(frame, name)[:, -7:].mean(axis=1)
        np.testing.assert_allclose(readout(frame, label), values)
    margins_hold(frame)


def test_bars_that_are_above_the_threshold_are_marked(picture):
    _, _, _, frame = picture
    loud = column(frame, "PSI") > column(frame, "threshold")
    tops = {
        name: np.asarray(frame.shapes[name]).reshape(len(loud), 49, 4, 2)[:, :, 1, 1]
        for name in ("alarms", "quiet")
    }
    np.testing.assert_array_equal(tops["alarms"] > unit_29.LOWEST, loud)
    drawn = np.where(loud, tops["alarms"], tops["quiet"])
    np.testing.assert_allclose(drawn, np.maximum(column(frame, "PSI"), unit_29.LOWEST))
    assert column(frame, "PSI").max() < unit_29.HIGHEST


def test_the_good_week_before_is_quiet(picture):
    _, _, _, frame = picture
    assert (column(frame, "PSI")[:, :7] < column(frame, "threshold")[:, :7]).all()


def test_what_repairs_and_what_only_silences(picture):
    """In A training, in C the roll-back; training C clears the alarm and repairs nothing."""
    _, raws, _, frame = picture
    alarms = readout(frame, "alarms, last 7 days")
    scores = readout(frame, "right, orders of these days")
    on_golden = readout(frame, "right, golden set")
    for place, raw in enumerate(raws):
        story, decision, day = raw["story"], raw["decision"], raw["day"]
        if story == 1:
            assert scores[place] > 90 and on_golden[place] > 90
        if decision == 0:
            assert alarms[place] == 7
        if story == 0:
            assert (scores[place] > 90) == (decision == 1) and on_golden[place] > 90
        if story == 2:
            assert (scores[place] > 90) == (on_golden[place] > 90) == (decision == 2)
        if decision == 1 and day >= 50:
            assert alarms[place] <= 1


def test_each_task_can_be_done_in_one_way_only(picture):
    _, raws, _, frame = picture
    ways = [
        {(raws[place]["story"], raws[place]["decision"]) for place in np.flatnonzero(task.reached)}
        for task in frame.tasks
    ]
    assert ways == [{(0, 1)}, {(2, 1)}, {(2, 2)}]


def test_the_sentence_says_what_was_done_and_what_came_of_it(picture):
    _, raws, _, frame = picture
    alarms = readout(frame, "alarms, last 7 days")
    scores, on_golden = (
        readout(frame, label) for label in ("right, orders of these days", "right, golden set")
    )
    for raw, sentence, loud, first, second in zip(
        raws, frame.sentence, alarms, scores, on_golden, strict=True
    ):
        day = raw["day"]
        did = (
            "Nobody acts",
            f"Trained anew on days {day - 21} to {day - 1}",
            f"Rolled back on day {day}",
        )[raw["decision"]]
        assert sentence.startswith(f"Story {'ABC'[raw['story']]}. {did}: ")
        assert (f"{loud} alarm" if loud else "no alarm") in sentence
        assert ("the forecasts are right" in sentence) == (min(first, second) >= 90)
        assert ("of the orders" in sentence) == (first < 90)
        assert ("the golden set" in sentence) == (second < 90)
