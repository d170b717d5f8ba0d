"""What lesson 27 and its exercises say: numbers by a second route, claims in words."""

from collections import Counter
from functools import cache
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import special, stats

from klteach.data import tool_calls
from klteach.units.u27_agent_trajectories import explorer as unit_27
from klteach.units.u27_agent_trajectories.hand_off import days_of, share_of_new_path
from tests.units.lesson_text import read, says

LESSON = "notebooks/27_agent_trajectories"
EXERCISES = LESSON.replace("notebooks", "solutions")
DATA = {name: tool_calls(name) for name in ("base", "miss_func", "miss_param", "long_context")}
MARK = "."


def calls(task):
    return [tool for turn in task for tool in turn]


def steps(task):
    return [step for turn in task for step in [*turn, MARK]]


def neighbours(walk):
    walk = ["<", *walk, ">"]
    return [(walk[place], walk[place + 1]) for place in range(len(walk) - 1)]


WAYS = {
    "calls": calls,
    "steps": steps,
    "transitions": lambda task: neighbours(steps(task)),
    "flat": lambda task: neighbours(calls(task)),
}


@cache
def rows_of(name, way):
    """Counts (200, cells) of a variant and of the base in the cells that either of them uses."""
    pieces = [[WAYS[way](task) for task in DATA[which]] for which in (name, "base")]
    cells = sorted({piece for side in pieces for task in side for piece in task})
    place = {cell: number for number, cell in enumerate(cells)}
    counts = np.zeros((2, 200, len(cells)), dtype=int)
    for side, tasks in enumerate(pieces):
        for row, task in enumerate(tasks):
            for piece in task:
                counts[side, row, place[piece]] += 1
    return counts, cells


def kl_of_counts(current, baseline, alpha=0.5):
    p, q = np.asarray(current) + alpha, np.asarray(baseline) + alpha
    return special.rel_entr(p / p.sum(), q / q.sum()).sum()


def moved(name, way, alpha=0.5):
    (current, baseline), _ = rows_of(name, way)
    return kl_of_counts(current.sum(axis=0), baseline.sum(axis=0), alpha)


@cache
def swapped(name, way, alpha, seed=27, draws=999):
    """Divergences of swapped tasks; with the seed of the lesson its own draws."""
    (current, baseline), _ = rows_of(name, way)
    chosen = np.random.default_rng(seed).random((draws, 200)) < 0.5
    return np.array(
        [
            kl_of_counts(
                current[~row].sum(axis=0) + baseline[row].sum(axis=0),
                baseline[~row].sum(axis=0) + current[row].sum(axis=0),
                alpha,
            )
            for row in chosen
        ]
    )


def p_among(null, seen):
    return (1 + sum(d >= seen for d in null)) / (1 + len(null))


@cache
def every_swap():
    """The divergences of the calls in all ways to swap the tasks that differ, as they are first."""
    (current, baseline), _ = rows_of("long_context", "calls")
    places = [row for row in range(200) if DATA["long_context"][row] != DATA["base"][row]]
    found = []
    for flips in product((False, True), repeat=len(places)):
        sides = [current.copy(), baseline.copy()]
        for place, flip in zip(places, flips, strict=True):
            if flip:
                sides[0][place], sides[1][place] = baseline[place], current[place]
        found.append(kl_of_counts(*(side.sum(axis=0) for side in sides)))
    return places, np.array(found)


def square(name, names):
    """How often each state follows each, the state between the tasks first."""
    counts = np.zeros((len(names) + 1,) * 2, dtype=int)
    for task in DATA[name]:
        walk = [step if step in names else "call" for step in steps(task)]
        places = [0, *(1 + names.index(step) for step in walk), 0]
        for before, after in pairwise(places):
            counts[before, after] += 1
    return counts


def rate_parts(name, names):
    """(weights, divergence of each row), ½ in each cell."""
    p, q = square(name, names) + 0.5, square("base", names) + 0.5
    return p.sum(axis=1) / p.sum(), np.array(
        [stats.entropy(a, b) for a, b in zip(p, q, strict=True)]
    )


HAND = ["call", MARK]
TOOLS = sorted({tool for task in DATA["base"] for tool in calls(task)})
WEIGHTS, ROWS = rate_parts("miss_func", HAND)
FULL = np.dot(*rate_parts("miss_func", [*TOOLS, MARK]))
TURNS = [turn for task in DATA["base"] for turn in task if turn]


def carried():
    (current, baseline), cells = rows_of("miss_func", "transitions")
    p, q = (side.sum(axis=0) + 0.5 for side in (current, baseline))
    terms = special.kl_div(p / p.sum(), q / q.sum())
    order = np.argsort(-terms)[:2]
    return [
        (cells[i], terms[i], current.sum(axis=0)[i], baseline.sum(axis=0)[i]) for i in order
    ], terms.sum()


def requested_and_executed():
    done = [turn[-1:] if place % 10 == 0 else turn for place, turn in enumerate(TURNS)]
    sides = [Counter(tool for turn in log for tool in turn) for log in (TURNS, done)]
    p, q = (np.array([side[tool] for tool in TOOLS]) for side in sides)
    return p.sum(), q.sum(), stats.entropy(p, q)


def kl_of_day(size, day, rows=None):
    """KL of the hand-offs of a good day from the other good days; rows: of the agents entered."""
    tables, _ = days_of(size, unit_27.SEED)
    used = tables.sum(axis=0) > 0
    good = tables[:20].sum(axis=0) - tables[day - 1]
    if rows == "agents":
        return kl_of_counts(tables[day - 1].sum(axis=0)[1:], good.sum(axis=0)[1:])
    return kl_of_counts(tables[day - 1][used], good[used])


ALPHAS = (1, 0.5, 0.05, 0.001)
SAID = {}
SAID[LESSON, "text"] = [
    # Explore
    (
        "The transitions, at {:.3f} nats; single calls stay at {:.4f}.",
        moved("miss_func", "transitions"),
        moved("miss_func", "calls"),
    ),
    ("{:.4f} nats. The end of a turn was the whole signal", moved("miss_func", "flat")),
    # By hand
    (
        "the rows of P sum to {:.1f}, {:.1f} and {:.1f}, so $\\pi = ({:.3f}, {:.3f}, {:.3f})$",
        *(square("miss_func", HAND) + 0.5).sum(axis=1),
        *WEIGHTS,
    ),
    ("are ${:.3f}$, ${:.3f}$ and ${:.3f}$, so the rate is", *ROWS),
    (
        "${:.3f} \\cdot {:.3f} + {:.3f} \\cdot {:.3f} + {:.3f} \\cdot {:.3f} = {:.3f}$ nats",
        *np.stack([WEIGHTS, ROWS], axis=1).ravel(),
        WEIGHTS @ ROWS,
    ),
    # By code
    (
        "sees more than the transitions**, {:.4f} against {:.4f}",
        moved("long_context", "calls"),
        moved("long_context", "transitions"),
    ),
    ("the steps that they are made of, {:.4f}", moved("long_context", "steps")),
    ("the rate by hand becomes {:.3f}: ½ in each of", FULL),
    ("p = 3/32 = {:.2f}, no alarm", np.mean(every_swap()[1] >= every_swap()[1][0])),
]
SAID[LESSON, "printed"] = lambda: [
    (
        "both divergences are 0, with α = ½. | KL of single calls: {:.4f} nats; KL of "
        "transitions: {:.4f} nats; {} % of swaps are below: {:.4f} nats; KL ≥ 0, "
        "both: holds, margin {:.3f}",
        *2 * [kl_of_counts([3, 4], [3, 4])],
        95,
        *2 * [kl_of_counts([3, 4], [3, 4])],
    ),
    (
        "hands {:.0f} % of tasks straight to the writer",
        100 * days_of(200, unit_27.SEED)[0][19, 1, 3] / 200,
    ),
    (
        "KL of hand-offs: {:.4f} nats; KL of agents: {:.4f} nats; completed: {:.1f} %; "
        "KL ≥ 0, both: holds, margin {:.3f}",
        kl_of_day(200, 20),
        kl_of_day(200, 20, "agents"),
        100 * days_of(200, unit_27.SEED)[1][19],
        kl_of_day(200, 20, "agents"),
    ),
    *(
        (f"{name} {{:.4f}} {{:.4f}} {{:.4f}} {{:.4f}}", *(moved(name, way) for way in WAYS))
        for name in ("miss_func", "miss_param", "long_context")
    ),
    *(
        (
            f"alpha {alpha}: {{:.3f}} nats, {{}} % of swaps below {{:.3f}}, p = {{:.3f}}",
            moved("miss_func", "transitions", alpha),
            95,
            np.quantile(swapped("miss_func", "transitions", alpha), 0.95),
            p_among(
                swapped("miss_func", "transitions", alpha), moved("miss_func", "transitions", alpha)
            ),
        )
        for alpha in ALPHAS
    ),
    *(
        (f"alpha {{}}: {moved('miss_func', 'transitions', alpha):.3f} nats", alpha)
        for alpha in ALPHAS[1:]
    ),
    (
        "{:.4f} nats, reached by {} of {} ways to swap",
        every_swap()[1][0],
        (every_swap()[1] >= every_swap()[1][0]).sum(),
        len(every_swap()[1]),
    ),
    ("{} requested, {} executed: {:.4f} nats", *requested_and_executed()),
]


def worth(tool):
    """How many independent calls the calls of the larger surroundings are worth, by hand."""
    (current, _), cells = rows_of("long_context", "calls")
    hits, total = current[:, cells.index(tool)], current.sum(axis=1)
    share = hits.sum() / total.sum()
    off = [x - share * n for x, n in zip(hits, total, strict=True)]
    variance = 200 / 199 * sum(one * one for one in off) / total.sum() ** 2
    return total.sum(), hits.sum(), share * (1 - share) / variance


def signs_of_the_exercise():
    """The p-value with the draws of the exercise."""
    (current, baseline), _ = rows_of("long_context", "calls")
    signs = np.random.default_rng(27).choice([-1, 1], (999, 200))
    null = [
        kl_of_counts(
            current[row > 0].sum(axis=0) + baseline[row < 0].sum(axis=0),
            baseline[row > 0].sum(axis=0) + current[row < 0].sum(axis=0),
        )
        for row in signs
    ]
    return p_among(null, moved("long_context", "calls"))


SAID[EXERCISES, "text"] = [
    ("The rate is {:.3f} nats per step", FULL),
    ("ways to swap: about {:.1f}.", np.mean(every_swap()[1] >= every_swap()[1][0])),
]
SAID[EXERCISES, "printed"] = [
    ("withheld tool: {:.3f} nats per step", FULL),
    *(
        (f"{{}} calls, of them {{}} {tool}: worth {{:.0f}} calls", *worth(tool))
        for tool in ("rm", "pressBrakePedal")
    ),
    (
        "larger surroundings: {:.4f} nats, p = {:.2f}",
        moved("long_context", "calls"),
        signs_of_the_exercise(),
    ),
]
SAID[EXERCISES, "code"] = [
    ("np.array([[0, 3], [3, 0]]))\n {}", kl_of_counts([3, 0], [3, 0])),
    ("np.array([5, 5, 5, 5])))\n {}", 1 / (4 / 3) * 4),
]

# The claims in words


def test_an_executor_of_the_last_call_drops_more_than_a_third():
    says(LESSON, "would drop **411 of 1142 calls**")
    total = sum(map(len, TURNS))
    assert (total - len(TURNS), total) == (411, 1142)


def test_the_withheld_tool_moves_two_squares_and_nothing_after_a_call():
    says(
        LESSON,
        "*between tasks → end of turn* and *end of turn → end of turn*",
        "After a call nothing has changed.",
        "two cells carry nine tenths, and in the baseline one was empty and one had 3 counts.",
    )
    cells, total = carried()
    assert [cell for cell, *_ in cells] == [("<", MARK), (MARK, MARK)]
    assert (cells[0][3], cells[1][3]) == (0, 3)
    assert (cells[0][1] + cells[1][1]) / total == pytest.approx(0.9, abs=0.02)
    assert ROWS[1] < 1e-5


@pytest.mark.parametrize(("name", "column"), [("base", 0), ("miss_func", 1)])
def test_the_table_by_hand_is_counted(name, column):
    rows = {"between tasks": 0, "a call": 1, "end of turn": 2}
    for row, place in rows.items():
        line = next(one for one in read(LESSON).text.split("\n") if one.startswith(f"| {row} |"))
        said = [int(number) for number in line.split("|")[2 + column].split(",")]
        assert said == square(name, HAND)[place].tolist()


def test_an_empty_turn_is_what_withholding_looks_like():
    says(LESSON, "each for one turn")
    empty = {name: sum(not turn for task in DATA[name] for turn in task) for name in DATA}
    turns = {name: sum(map(len, DATA[name])) for name in DATA}
    assert empty["base"] == empty["long_context"] == 3
    for name in ("miss_func", "miss_param"):
        assert empty[name] == 203 and turns[name] == turns["base"] + 200


def test_transitions_are_states_and_a_rate():
    """The chain rule, on two tables without a 0."""
    says(LESSON, "Both parts are at least 0", "the sum of row $i$ over the sum of all")
    p, q = square("miss_func", HAND) + 1, square("base", HAND) + 1
    p, q = p / p.sum(), q / q.sum()
    whole = special.rel_entr(p, q).sum()
    states = special.rel_entr(p.sum(axis=1), q.sum(axis=1)).sum()
    rate = sum(p[i].sum() * stats.entropy(p[i] / p[i].sum(), q[i] / q[i].sum()) for i in range(3))
    assert whole == pytest.approx(states + rate, abs=1e-12) and min(states, rate) > 0
    np.testing.assert_allclose(p.sum(axis=0), p.sum(axis=1), atol=1e-15)  # entered as often as left
    chain = p / p.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(p.sum(axis=1) @ chain, p.sum(axis=1), atol=1e-15)


def test_the_number_of_cells_of_the_square_table():
    says(LESSON, "With 83 states, one for each tool", "½ in each of 6889 cells, most of which")
    assert len(TOOLS) == 81 and (len(TOOLS) + 2) ** 2 == 6889
    used = square("base", [*TOOLS, MARK]) + square("miss_func", [*TOOLS, MARK])
    assert np.count_nonzero(used) < 6889 / 10


def test_the_verdict_is_the_same_with_every_alpha():
    says(LESSON, "The same verdict each time, from numbers that differ more than twofold.")
    values = [moved("miss_func", "transitions", alpha) for alpha in ALPHAS]
    assert max(values) > 2 * min(values)
    for alpha, value in zip(ALPHAS, values, strict=True):
        null = swapped("miss_func", "transitions", alpha, seed=2701, draws=300)
        assert value > 5 * null.max()


def test_two_tasks_carry_the_larger_surroundings():
    says(
        LESSON,
        "Two tasks out of 200.",
        "these are 60 new ones among 1203",
        "Five tasks differ, so there are 32 ways to swap",
        "Three of them reach as far, the data as they are among them",
    )
    places, every = every_swap()
    assert places == [38, 46, 153, 154, 180] and len(every) == 32
    assert (every >= every[0]).sum() == 3
    for place in (38, 46):
        more = Counter(calls(DATA["long_context"][place])) - Counter(calls(DATA["base"][place]))
        assert more == {"rm": 30}
    assert sum(len(calls(task)) for task in DATA["long_context"]) == 1203


def test_a_shuffle_of_single_calls_would_ring():
    says(LESSON, "For a shuffle of single calls these are", "and it rings")
    (current, baseline), _ = rows_of("long_context", "calls")
    p, q = current.sum(axis=0), baseline.sum(axis=0)
    draws = np.random.default_rng(2702).multivariate_hypergeometric(
        p + q, p.sum(), 400, method="marginals"
    )
    null = [kl_of_counts(draw, p + q - draw) for draw in draws]
    assert np.mean(null >= kl_of_counts(p, q)) <= 0.01


def test_halves_of_the_tasks_differ_by_more_than_the_lost_calls():
    says(LESSON, "since two samples of different tasks differ by far more")
    (_, baseline), _ = rows_of("long_context", "calls")
    random = np.random.default_rng(2703)
    found = []
    for _ in range(300):
        order = random.permutation(200)
        halves = [baseline[some].sum(axis=0) for some in (order[:100], order[100:])]
        found.append(kl_of_counts(*halves))
    assert min(found) > 20 * requested_and_executed()[2]


def test_equal_shares_hide_lost_calls():
    says(LESSON, "if every tool lost a tenth of its calls, the shares would agree")
    counts = np.array([100, 50, 20])
    assert stats.entropy(counts, counts * 9 // 10) == pytest.approx(0, abs=1e-15)


def rings(values, limit, below=False):
    outside = values < limit if below else values > limit
    days = [day for day in range(21, 60) if outside[day - 1] and outside[day]]
    return days[0] if days else 99


@cache
def ringing(size, seed):
    """The days on which the hand-offs, the agents and the completion rate begin to ring."""
    tables, completed = days_of(size, seed)
    used = tables.sum(axis=0) > 0
    found = []
    for counts in (tables[:, used], tables.sum(axis=1)[:, 1:]):
        good = counts[:20].sum(axis=0)
        limit = max(kl_of_counts(one, good - one) for one in counts[:20])
        values = np.array([0.0] * 20 + [kl_of_counts(one, good) for one in counts[20:]])
        found.append(rings(values, limit))
    return [*found, rings(completed, completed[:20].min(), below=True)]


def test_the_hand_offs_ring_first():
    says(
        LESSON,
        "With 200 tasks a day they ring on days 23 and 24",
        "Day 45, three weeks later. How often each agent works rings from day 29 on",
        "Of 40 such simulations 33 go in this order, and in all 40 the hand-offs ring before",
        "for two days running",
    )
    first, second, third = ringing(200, unit_27.SEED)
    assert (first, second, third + 1) == (23, 29, 45)
    all_of_them = [ringing(200, seed) for seed in range(40)]
    assert sum(a < b < c for a, b, c in all_of_them) == 33
    assert all(a < c for a, _, c in all_of_them)


def test_one_more_task_of_a_hundred_each_day():
    says(LESSON, "From day 21 on the planner hands one more task of a hundred each day straight")
    shares = [share_of_new_path(day) for day in range(1, 61)]
    assert set(shares[:20]) == {0.02}
    np.testing.assert_allclose(np.diff(shares[19:]), 0.01)


def test_what_the_comparison_of_the_exercises_shows():
    says(
        EXERCISES,
        "for their share all 1203 calls are worth 41",
        "The 62 calls of `rm` came from a handful of tasks",
        "pressed once in a task, if at all",
        "so for it they are worth more than they are",
    )
    (current, _), cells = rows_of("long_context", "calls")
    brake, rm = (current[:, cells.index(tool)] for tool in ("pressBrakePedal", "rm"))
    assert brake.max() == 1 and 2 <= np.count_nonzero(rm) <= 5 and rm.sum() == 62
    assert round(worth("rm")[2]) == 41 and worth("pressBrakePedal")[2] > 1203
    for tool in ("rm", "pressBrakePedal"):  # the formula, against whole tasks drawn again
        hits, total = current[:, cells.index(tool)], current.sum(axis=1)
        draws = np.random.default_rng(2704).integers(0, 200, (4000, 200))
        shares = hits[draws].sum(axis=1) / total[draws].sum(axis=1)
        share = hits.sum() / total.sum()
        assert share * (1 - share) / shares.var() == pytest.approx(worth(tool)[2], rel=0.15)
