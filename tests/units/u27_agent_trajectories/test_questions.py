"""What the design of unit 27 says of its questions, recomputed."""

import numpy as np
import pytest
from scipy import stats

from klteach.inference import markov_kl_rate, stationary_distribution
from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT, mistake, right_value, wrong_value


def test_the_rate_is_that_of_the_library():
    for case in find_question("transition_rate").cases():
        p, q = (side + 0.5 for side in case.copies())
        p, q = (side / side.sum(axis=1, keepdims=True) for side in (p, q))
        value = find_question("transition_rate").reference(*case.copies())
        assert value == pytest.approx(markov_kl_rate(p, q), abs=1e-12)


def test_every_state_is_left_as_often_as_it_is_entered():
    """So the row sums are the stationary law, as the insight says."""
    for case in find_question("transition_rate").cases():
        for counts in case.arguments:
            np.testing.assert_array_equal(counts.sum(axis=0), counts.sum(axis=1))
            p = counts + 0.5
            law = stationary_distribution(p / p.sum(axis=1, keepdims=True))
            np.testing.assert_allclose(law, p.sum(axis=1) / p.sum(), atol=1e-12)


def test_the_whole_table_is_states_and_rate():
    for case in find_question("transition_rate").cases():
        whole, states = (
            mistake("transition_rate", name).function(*case.copies())
            for name in ("the whole table", "states alone")
        )
        rate = find_question("transition_rate").reference(*case.copies())
        assert whole == pytest.approx(states + rate, abs=1e-12)


def test_a_rare_state_counts_too_much_without_weights():
    current = np.array([[0, 50, 1], [50, 900, 0], [1, 0, 0]])
    baseline = np.array([[0, 50, 1], [51, 900, 0], [0, 0, 1]])
    right = find_question("transition_rate").reference(current, baseline)
    assert (
        mistake("transition_rate", "every row the same weight").function(current, baseline)
        > 20 * right
    )


def test_two_equal_tables_differ_if_one_side_alone_is_smoothed():
    counts = np.array([[0, 3], [3, 1]])
    found = mistake("transition_rate", "baseline smoothed only")
    assert found.function(counts, counts) > 0.05


def test_what_calls_are_worth_is_what_whole_tasks_drawn_again_say():
    random = np.random.default_rng(2720)
    calls = random.integers(3, 12, 400)
    hits = random.binomial(calls, random.beta(0.5, 1.0, 400))
    draws = random.integers(0, 400, (20_000, 400))
    shares = hits[draws].sum(axis=1) / calls[draws].sum(axis=1)
    share = hits.sum() / calls.sum()
    worth = find_question("worth_in_calls").reference(hits, calls)
    assert share * (1 - share) / shares.var() == pytest.approx(worth, rel=0.05)
    assert worth < calls.sum() / 2  # it comes in bursts


def test_sixteen_calls_of_four_tasks_that_repeat_themselves_are_worth_three():
    """As many as there are tasks, less the one that the common share takes."""
    assert right_value("worth_in_calls") == pytest.approx(3.0)
    assert wrong_value("worth_in_calls", "all calls") == 16


def test_a_tool_that_comes_once_a_task_is_worth_more_than_its_calls():
    hits, calls = np.ones(30, dtype=int), np.tile([4, 5, 6], 10)
    assert find_question("worth_in_calls").reference(hits, calls) > 5 * calls.sum()
    values = [
        (find_question("worth_in_calls").reference(*case.copies()), case.arguments[1].sum())
        for case in find_question("worth_in_calls").cases()
    ]
    assert any(worth > total for worth, total in values)
    assert any(worth < total / 2 for worth, total in values)


def test_the_swap_test_is_that_of_scipy():
    for case in find_question("swap_test").cases():
        current, baseline, signs = case.copies()
        total, gap = (current + baseline).sum(axis=0), current - baseline
        left = (total + signs @ gap) / 2
        null = [stats.entropy(one + 0.5, total - one + 0.5) for one in left]
        seen = stats.entropy(current.sum(axis=0) + 0.5, baseline.sum(axis=0) + 0.5)
        p_value = (1 + sum(d >= seen - 1e-12 for d in null)) / (1 + len(null))
        value = find_question("swap_test").reference(current, baseline, signs)
        assert value == pytest.approx([seen, p_value])


def test_ties_are_only_where_rounding_cannot_break_them():
    found = 0
    for number, case in enumerate(find_question("swap_test").cases()):
        current, baseline, signs = case.copies()
        total, gap = (current + baseline).sum(axis=0), current - baseline
        left = (total + signs @ gap) / 2
        null = np.array([stats.entropy(one + 0.5, total - one + 0.5) for one in left])
        seen = stats.entropy(current.sum(axis=0) + 0.5, baseline.sum(axis=0) + 0.5)
        tied = np.abs(null - seen) < 1e-9
        found += tied.any()
        assert number < 3 or not tied.any()
    assert found == 3


def test_two_tasks_that_differ_can_never_prove_a_drift():
    """The insight: with all four ways tried once, p is a quarter at best."""
    current, baseline = np.array([[30, 0], [30, 0], [4, 4]]), np.array([[0, 30], [0, 30], [4, 4]])
    signs = np.array([[-1, 1, 1], [1, -1, 1], [-1, -1, 1]])
    _, p_value = find_question("swap_test").reference(current, baseline, signs)
    assert p_value >= 1 / 4


@pytest.mark.parametrize(
    ("name", "old", "new", "word"),
    [
        (
            "transition_rate",
            "return np.sum(weights * np.sum(",
            "return (weights * np.sum(",
            "number",
        ),
        ("worth_in_calls", "return share", "print", "None"),
        ("swap_test", "return [observed, (1", "return [(1", "list of 2 numbers"),
    ],
)
def test_an_answer_of_another_form_is_met_by_its_form(name, old, new, word):
    assert old in RIGHT[name]
    source = RIGHT[name].replace(old, new)
    if name == "worth_in_calls":
        source = RIGHT[name].replace("return share * (1 - share) / variance", "print(variance)")
    feedback = check_answer(find_question(name), notebook(source))
    assert feedback.score == 0 and word in str(feedback), str(feedback)
