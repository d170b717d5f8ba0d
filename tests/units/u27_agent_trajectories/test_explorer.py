"""The pictures of unit 27: a withheld tool, and a hand-off that favours a new path."""

import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy import special, stats

from klteach.data import tool_calls
from klteach.units.u27_agent_trajectories import explorer as unit_27
from klteach.units.u27_agent_trajectories.hand_off import days_of
from tests.units.states import area, readout, state_of

BASE, WITHHELD = tool_calls("base"), tool_calls("miss_func")
ALPHAS = (1, 0.5, 0.05, 0.001)


def flat(task, marks):
    return [step for turn in task for step in (list(turn) + ["|"] * marks)]


@cache
def current(tasks):
    """The tasks of P: the first ones of a fixed order have a withheld tool."""
    order = np.random.default_rng(27).permutation(200)
    chosen = set(order[: int(tasks)].tolist())
    return [WITHHELD[place] if place in chosen else BASE[place] for place in range(200)]


def counted(tasks, pieces):
    found = {}
    for task in tasks:
        for piece in pieces(task):
            found[piece] = found.get(piece, 0) + 1
    return found


@cache
def divergence(tasks, way, alpha):
    pieces = {
        "calls": lambda task: flat(task, False),
        "marked": lambda task: pairwise(["<", *flat(task, True), ">"]),
        "flat": lambda task: pairwise(["<", *flat(task, False), ">"]),
    }[way]
    p, q = counted(current(tasks), pieces), counted(BASE, pieces)
    cells = sorted(set(p) | set(q))
    return stats.entropy(*([side.get(cell, 0) + alpha for cell in cells] for side in (p, q)))


@pytest.fixture(scope="module")
def withheld():
    explorer = unit_27.a_withheld_tool()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_27._update_withheld(state)


def test_the_divergences_are_those_of_scipy(withheld):
    _, raws, _, frame = withheld
    calls, transitions = (
        readout(frame, f"KL of {what}") for what in ("single calls", "transitions")
    )
    for row, raw in enumerate(raws):
        alpha, way = ALPHAS[raw["alpha"]], "flat" if raw["marks"] else "marked"
        assert calls[row] == pytest.approx(divergence(raw["tasks"], "calls", alpha), abs=1e-12)
        assert transitions[row] == pytest.approx(divergence(raw["tasks"], way, alpha), abs=1e-12)
    assert transitions.max() < unit_27.TOP


def test_the_threshold_is_that_of_swapped_tasks(withheld):
    """By draws of another seed, and one at a time."""
    _, raws, _, frame = withheld
    limits = readout(frame, "95 % of swaps are below")
    random = np.random.default_rng(2711)
    for raw in ({"tasks": 200, "marks": 0, "alpha": 1}, {"tasks": 100, "marks": 0, "alpha": 3}):
        rows = [
            [list(pairwise(["<", *flat(task, True), ">"])) for task in side]
            for side in (current(raw["tasks"]), BASE)
        ]
        cells = sorted({piece for side in rows for task in side for piece in task})
        place = {cell: i for i, cell in enumerate(cells)}
        counts = np.zeros((2, 200, len(cells)))
        for side in (0, 1):
            for task, pieces in enumerate(rows[side]):
                for piece in pieces:
                    counts[side, task, place[piece]] += 1
        alpha, null = ALPHAS[raw["alpha"]], []
        for _ in range(300):
            heads = random.integers(0, 2, 200)
            left = counts[heads, np.arange(200)].sum(axis=0)
            right = counts[1 - heads, np.arange(200)].sum(axis=0)
            null.append(stats.entropy(left + alpha, right + alpha))
        assert limits[raws.index(raw)] == pytest.approx(np.quantile(null, 0.95), rel=0.15)


def test_the_squares_are_the_shares_of_the_transitions(withheld):
    _, raws, _, frame = withheld
    names, _, _ = unit_27._matrices()
    commonest = counted(BASE, lambda task: flat(task, False))
    assert list(names[2:-1]) == sorted(commonest, key=lambda tool: (-commonest[tool], tool))[:7]
    areas = {side: area(frame.shapes[side]) for side in "pq"}
    for raw in ({"tasks": 200, "marks": 0, "alpha": 1}, {"tasks": 60, "marks": 1, "alpha": 0}):
        row = raws.index(raw)
        for side, tasks in (("p", current(raw["tasks"])), ("q", BASE)):
            expected = np.zeros((len(names), len(names)))
            for task in tasks:
                walk = [
                    {"|": "end of turn"}.get(step, step) for step in flat(task, not raw["marks"])
                ]
                walk = [step if step in names else "other tools" for step in walk]
                for before, after in pairwise(["between tasks", *walk, "between tasks"]):
                    expected[names.index(before), names.index(after)] += 1
            shares = expected.ravel() / expected.sum()
            np.testing.assert_allclose(areas[side][row], shares * (0.96**2 / 0.4), atol=1e-12)
            assert shares.max() < unit_27.LARGEST  # no square is larger than its cell
            three = [expected[0, 1], expected[1, 1], expected[1, 2:].sum()]
            np.testing.assert_allclose(
                frame.table.columns[side][row], np.array(three) / expected.sum(), atol=1e-12
            )


def test_the_trails_end_at_the_line(withheld):
    _, raws, state, frame = withheld
    for name, label in (("transitions", "KL of transitions"), ("calls", "KL of single calls")):
        ends = frame.shapes[name][:, 0, -1]
        np.testing.assert_allclose(ends[:, 0], state.tasks)
        np.testing.assert_allclose(ends[:, 1], readout(frame, label), atol=1e-12)
        assert (frame.shapes[name][:, 0, :, 0] <= state.tasks[:, None]).all()
    for raw in ({"tasks": 120, "marks": 0, "alpha": 2},):
        trail = frame.shapes["transitions"][raws.index(raw), 0]
        for tasks, height in trail:
            assert height == pytest.approx(divergence(tasks, "marked", 0.05), abs=1e-12)


def test_the_sentence_compares_with_the_swaps(withheld):
    _, raws, _, frame = withheld
    limits, seen = readout(frame, "95 % of swaps are below"), readout(frame, "KL of transitions")
    for row, raw in enumerate(raws):
        said = frame.sentence[row]
        if raw["tasks"] == 0:
            added = ("1", "½", "0.05", "0.001")[raw["alpha"]]
            assert said == (
                f"No task has changed: P is Q, and both divergences are 0, with α = {added}."
            )
            continue
        assert f"in {raw['tasks']} of 200 tasks" in said
        assert ("no end of a turn is counted" in said) == (raw["marks"] == 1)
        if abs(seen[row] - limits[row]) > 1e-9:
            assert ("transitions see it" in said) == (seen[row] > limits[row])
        assert f"({seen[row]:.4f})" in said


def test_the_start_and_the_saved_picture_do_not_answer_the_prediction(withheld):
    explorer, _, _, _ = withheld
    start = {control["name"]: control["value"] for control in explorer.spec["controls"]}
    assert start == {"tasks": 0, "marks": 0, "alpha": 1}
    assert "0.303" not in explorer.spec["svg"] and "0.303" not in repr(explorer)


def test_the_tasks_on_the_tool_are_done_where_they_say_so(withheld):
    _, raws, _, frame = withheld
    every, left_out = (task.reached for task in frame.tasks)
    for row, raw in enumerate(raws):
        assert every[row] == (raw == {"tasks": 200, "marks": 0, "alpha": 1})
        assert left_out[row] == (raw["tasks"] == 200 and raw["marks"] == 1)


# A new path


@pytest.fixture(scope="module")
def path():
    explorer = unit_27.a_new_path()
    raws, state = state_of(explorer)
    return explorer, raws, state, unit_27._update_path(state)


@cache
def story(size):
    return days_of(unit_27.SIZES[size], unit_27.SEED)


def kl_of(counts, other):
    p, q = np.asarray(counts) + 0.5, np.asarray(other) + 0.5
    return special.rel_entr(p / p.sum(), q / q.sum()).sum()


@cache
def day_by_day(size, what):
    tables, _ = story(size)
    used = tables.sum(axis=0) > 0
    rows = tables[:, used] if what == "moves" else tables.sum(axis=1)[:, 1:]
    good = rows[:20].sum(axis=0)
    return [kl_of(one, good - one if day < 20 else good) for day, one in enumerate(rows)]


def test_the_curves_are_those_of_scipy(path):
    _, raws, _, frame = path
    moves, visits, done = (
        readout(frame, label) for label in ("KL of hand-offs", "KL of agents", "completed")
    )
    for row, raw in enumerate(raws):
        day = raw["day"] - 1
        assert moves[row] == pytest.approx(day_by_day(raw["size"], "moves")[day], abs=1e-12)
        assert visits[row] == pytest.approx(day_by_day(raw["size"], "visits")[day], abs=1e-12)
        assert done[row] == pytest.approx(100 * story(raw["size"])[1][day])
        assert frame.shapes["moves"][row, 0, -1].tolist() == pytest.approx([day + 1, moves[row]])
        limit = max(day_by_day(raw["size"], "moves")[:20])
        np.testing.assert_allclose(frame.shapes["moves limit"][row, 0, :, 1], limit)
        lowest = story(raw["size"])[1][:20].min()
        np.testing.assert_allclose(frame.shapes["completed limit"][row, 0, :, 1], lowest)
    assert moves.max() < unit_27.KL_TOP and done.min() > 78 and done.max() <= 100


def test_the_arrows_are_as_wide_as_their_shares(path):
    _, raws, _, frame = path
    for row in range(0, len(raws), 7):
        tables, _ = story(raws[row]["size"])
        today, good = tables[raws[row]["day"] - 1], tables[:20].sum(axis=0)
        for side, table in (("p", today), ("q", good)):
            for place, (before, after) in enumerate(unit_27.ARROWS):
                share = table[before, after] / table.sum()
                assert frame.table.columns[side][row, place] == pytest.approx(share)
                first, *_, last = frame.shapes[side][row, place]
                assert np.hypot(*(first - last)) == pytest.approx(0.45 * share, abs=1e-12)


def test_every_hand_off_has_an_arrow():
    tables = story(2)[0].sum(axis=0)
    used = {(int(a), int(b)) for a, b in zip(*np.nonzero(tables), strict=True) if a > 0 and b > 0}
    assert used == set(unit_27.ARROWS)


def first_day(size, what):
    outside = (
        story(size)[1] < story(size)[1][:20].min()
        if what == "completed"
        else np.array(day_by_day(size, what)) > max(day_by_day(size, what)[:20])
    )
    return next((day for day in range(21, 60) if outside[day - 1] and outside[day]), 99)


def test_the_sentence_and_the_tasks_say_what_has_rung(path):
    _, raws, _, frame = path
    names = {
        "moves": "the hand-offs",
        "visits": "the agents' own counts",
        "completed": "the completion rate",
    }
    alone, too = (task.reached for task in frame.tasks)
    for row, raw in enumerate(raws):
        said, day = frame.sentence[row], raw["day"]
        rung = {what: day > first_day(raw["size"], what) for what in names}
        for what, name in names.items():
            assert (name in said) == rung[what], said
        assert ("good days" in said) == (day <= 20)
        assert alone[row] == (rung["moves"] and not rung["visits"] and not rung["completed"])
        assert too[row] == (day == first_day(raw["size"], "completed") + 1)
        table = story(raw["size"])[0][day - 1]
        percent = int(re.search(r"hands (\d+) % of tasks straight", said)[1])
        assert abs(percent - 100 * table[1, 3] / table[1].sum()) <= 0.5 + 1e-9


def test_the_days_of_the_lesson(path):
    assert [first_day(1, what) for what in ("moves", "visits", "completed")] == [23, 29, 44]


def test_the_simulation_is_what_its_text_says():
    random_days = [days_of(20_000, seed) for seed in (1, 2)]
    for tables, completed in random_days:
        new = tables[:, 1, 3] / tables[:, 1].sum(axis=1)
        assert new[:20].mean() == pytest.approx(0.02, abs=0.001)
        assert new[59] == pytest.approx(0.42, abs=0.01)
        for day in (0, 59):
            passed = (1 - new[day]) * (1 - 0.1**3) + new[day] * (1 - 0.4**3)
            assert completed[day] == pytest.approx(0.97 * passed, abs=0.005)
            again = (1 - new[day]) * (0.1 + 0.01) + new[day] * (0.4 + 0.16)
            assert tables[day, 4, 3] / 20_000 == pytest.approx(again, abs=0.01)
        np.testing.assert_array_equal(tables.sum(axis=1), tables.sum(axis=2))  # in as often as out
