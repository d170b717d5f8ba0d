"""What the quiz items of unit 27 claim, each claim recomputed by a route of its own."""

from collections import Counter
from itertools import pairwise, product

import numpy as np
import pytest
from scipy import stats

from klteach.data import tool_calls
from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, REVIEW, options, right, variants

BASE = tool_calls("base")


def calls(task):
    return [tool for turn in task for tool in turn]


def transitions(task, marks=True):
    walk = [step for turn in task for step in (*turn, *["|"] * marks)]
    return list(pairwise(["<", *walk, ">"]))


def moved(tasks, pieces, base=BASE, alpha=0.5):
    p, q = (Counter(piece for task in side for piece in pieces(task)) for side in (tasks, base))
    cells = sorted(p.keys() | q.keys())
    return stats.entropy([p[cell] + alpha for cell in cells], [q[cell] + alpha for cell in cells])


# Predictions


def test_only_transitions_see_the_withheld_tool():
    assert right("27-withheld") == "the transitions alone"
    item, tasks = PREDICTIONS["27-withheld"], tool_calls("miss_func")
    assert len(tasks) == 200 and len({tool for task in BASE for tool in calls(task)}) == 81
    assert "each of 200 tasks" in item.text and "each of 81 tools" in item.text
    flat = moved(tasks, lambda task: transitions(task, marks=False))
    said = (
        f"Single calls move by {moved(tasks, calls):.5f} nats and transitions by "
        f"{moved(tasks, transitions):.3f}"
    )
    assert said in item.reveal and f"{flat:.4f} nats" in item.reveal
    assert "a threshold of about 0.013" in item.reveal  # recomputed in test_lesson
    both = options("27-withheld")["every-change-shows-in-counts"].says
    assert "the same to within two" in both
    totals = [sum(len(calls(task)) for task in side) for side in (tasks, BASE)]
    assert totals[1] - totals[0] == 2 and all(a != b for a, b in zip(tasks, BASE, strict=True))
    # "It is called a turn later": the calls of nearly every task are the same, in the same order
    assert sum(calls(a) == calls(b) for a, b in zip(tasks, BASE, strict=True)) == 198


def test_two_tasks_carry_the_larger_surroundings():
    assert right("27-how-many") == "in two"
    item, tasks = PREDICTIONS["27-how-many"], tool_calls("long_context")
    gaps = {
        place: sum((Counter(calls(a)) - Counter(calls(b))).values())
        + sum((Counter(calls(b)) - Counter(calls(a))).values())
        for place, (a, b) in enumerate(zip(tasks, BASE, strict=True))
    }
    differ = {place: gap for place, gap in gaps.items() if gap}
    assert sorted(differ.values()) == [1, 1, 1, 30, 30]
    assert {place for place, gap in differ.items() if gap > 1} == {38, 46}
    assert "tasks 46 and 38 call the tool rm 30 times more each, three others" in item.reveal
    assert "195 are the same" in item.reveal and len(gaps) - len(differ) == 195
    assert f"by {moved(tasks, calls):.4f} nats" in item.text
    others = [place for place in range(200) if place not in (38, 46)]
    rest = moved([tasks[i] for i in others], calls, [BASE[i] for i in others])
    assert f"divergence is {rest:.4f} nats" in item.reveal
    largest = max(moved(tool_calls(name), calls) for name in ("miss_func", "miss_param"))
    assert moved(tasks, calls) > largest  # "more than anything else today"


# Review questions


def test_an_order_moves_the_transitions_and_not_the_counts():
    assert right("27-other-order") == "the transitions"
    before, after = [(("read", "edit"),)] * 30, [(("edit", "read"),)] * 30
    assert moved(after, calls, before) == 0
    assert moved(after, transitions, before) > 1


def test_shuffled_calls_ring_too_often():
    assert right("27-shuffled-calls").startswith("in general too often")
    random = np.random.default_rng(2730)
    tools = sorted({tool for task in BASE for tool in calls(task)})
    rows = np.array([[calls(task).count(tool) for tool in tools] for task in BASE])
    total = rows.sum(axis=0)
    kl = lambda one: stats.entropy(one + 0.5, total - one + 0.5)  # noqa: E731
    draws = random.multivariate_hypergeometric(total, total.sum() // 2, 400, method="marginals")
    limit = np.quantile([kl(draw) for draw in draws], 0.95)
    halves = [kl(rows[random.permutation(200)[:100]].sum(axis=0)) for _ in range(400)]
    assert np.mean(np.array(halves) > limit) > 0.08


def test_two_records_of_the_same_calls_agree_exactly():
    assert right("27-requested") == "yes: it should be exactly 0"
    counts = np.array([300, 120, 80, 17])
    assert stats.entropy(counts, counts) == 0
    assert 0 < stats.entropy(counts, counts - [9, 0, 0, 0]) < 0.001


def test_equal_shares_do_not_prove_equal_totals():
    assert right("27-zero-requested") == "not necessarily: KL compares shares"
    counts = np.array([300, 120, 80, 20])
    assert stats.entropy(counts, counts * 9 / 10) == pytest.approx(0, abs=1e-15)


def test_the_smallest_p_value_of_swapped_pairs():
    for (differ, *_), found in variants("27-smallest-p"):
        differ = int(differ)
        assert found[RIGHT].text == f"1/{2**differ}"
        assert found["pairs-are-windows"].text == f"1/{differ + 1}"
        gaps = 2.0 ** np.arange(differ)
        values = [np.dot(signs, gaps) for signs in product((1, -1), repeat=differ)]
        assert np.mean(np.array(values) >= gaps.sum()) == 1 / 2**differ


def test_the_rows_have_the_weights_of_p():
    assert right("27-rate-weights") == "how often P's chain is in that state"
    p, q = np.array([[0.9, 0.1], [0.5, 0.5]]), np.array([[0.8, 0.2], [0.5, 0.5]])
    random, state, total, steps = np.random.default_rng(2731), 0, 0.0, 200_000
    for flip in random.random(steps):
        after = int(flip >= p[state, 0])
        total += np.log(p[state, after] / q[state, after])
        state = after
    law = np.array([5, 1]) / 6
    assert total / steps == pytest.approx(
        law @ [stats.entropy(*pair) for pair in zip(p, q, strict=True)], abs=0.003
    )


def test_the_three_smoothings():
    assert right("27-which-alpha").startswith("any one, named")
    item, tasks = REVIEW["27-which-alpha"], tool_calls("miss_func")
    values = [moved(tasks, transitions, alpha=alpha) for alpha in (1, 0.5, 0.001)]
    assert "is {:.2f}, {:.2f} and {:.2f} nats".format(*values) in item.text.replace(
        "0.25,", "0.25,"
    )
