"""What the design of unit 23 says of its questions, recomputed; and what each judge recognises."""

import math

import numpy as np
import pytest
from scipy import stats

from klteach.practice.checker import check_answer
from klteach.practice.common_mistakes import SMALL_NUMBERS
from klteach.units.lookup import questions
from tests.practice.typed_answers import function, notebook, wrapped
from tests.units.known_answers import mistake

SHARES = np.array([0.1, 0.2, 0.3, 0.4]), np.full(4, 0.25)


def of_ten(label="ten rows against eight"):
    return next(c for c in questions()["psi"].cases() if c.label == label).arguments


# E1


def test_psi_is_jeffreys_on_the_shares_of_the_course():
    value = stats.entropy(*SHARES) + stats.entropy(*SHARES[::-1])
    assert f"{value:.6f}" == "0.228217"
    assert questions()["psi"].reference(*of_ten()) == pytest.approx(value)


def test_the_wrong_values_of_the_course():
    value = stats.entropy(*SHARES) + stats.entropy(*SHARES[::-1])
    one, other = mistake("psi", "one direction").variants
    assert {round(one(*of_ten()), 9), round(other(*of_ten()), 9)} == {
        round(float(stats.entropy(*pair)), 9) for pair in (SHARES, SHARES[::-1])
    }
    (percent,) = mistake("psi", "percentages").variants
    assert percent(*of_ten()) == pytest.approx(100 * value)
    own = mistake("psi", "separate cells").variants[0]
    assert own(*questions()["psi"].visible[0].arguments) == 0  # eight rows each, two in each cell
    eps = mistake("psi", "small number added").variants
    # 0.01 and less, each added and as a floor, also made to sum to 1; and the largest number
    assert len(eps) == 4 * (1 + len(SMALL_NUMBERS)) + 1
    for empty in questions()["psi"].visible[2:]:
        assert questions()["psi"].reference(*empty.arguments) == math.inf
        assert all(np.isfinite(wrong(*empty.arguments)) for wrong in eps)


def test_no_row_lies_on_an_edge_whatever_the_edges_are():
    """So that it does not matter to which side of an edge an answer counts."""
    for case in questions()["psi"].cases():
        current, baseline, cells = case.arguments
        for ruler in (current, baseline, np.concatenate([current, baseline])):
            edges = np.quantile(ruler, np.arange(1, cells) / cells)
            for side in (current, baseline):
                assert not np.isin(side, edges).any(), case.label


def test_every_kind_of_case_is_there():
    cases = [c.arguments for c in questions()["psi"].cases()]
    values = [questions()["psi"].reference(*c) for c in cases]
    assert math.inf in values and sum(np.isfinite(v) for v in values) >= 7
    beyond = [c for c in cases if max(c[0]) > max(c[1]) or min(c[0]) < min(c[1])]
    assert len(beyond) > 3  # rows that closed cells would lose


# E2


def test_the_thresholds_of_the_course():
    threshold = questions()["psi_threshold"].reference
    assert f"{threshold(200, 200, 10):.4f}" == "0.1692"
    random = np.random.default_rng(1)
    sides = [random.multinomial(200, np.full(10, 0.1), 40_000) + 0.5 for _ in range(2)]
    p, q = (side / side.sum(axis=1, keepdims=True) for side in sides)
    simulated = np.quantile(((p - q) * np.log(p / q)).sum(axis=1), 0.95)
    assert 0.160 < simulated < 0.176


@pytest.mark.parametrize(("cells", "rows"), [(5, 190), (10, 339), (20, 603)])
def test_the_rows_of_the_course(cells, rows):
    question = questions()["rows_needed"]
    assert question.reference(cells, 0.1) == rows
    exact = 2 * stats.chi2.isf(0.05, cells - 1) / 0.1
    assert rows - 1 < exact <= rows
    down, nearest = mistake("rows_needed", "rounded down").variants
    assert down(cells, 0.1) == rows - 1 and nearest(cells, 0.1) in (rows, rows - 1)


def test_what_the_messages_say_of_wrong_thresholds():
    lower = mistake("psi_threshold", "lower tail").variants[0]
    assert stats.chi2.sf(lower(200, 200, 10) / 0.01, 9) == pytest.approx(0.95)
    (average,) = mistake("psi_threshold", "average").variants
    above = stats.chi2.sf(average(200, 200, 10) / 0.01, 9)
    assert 0.4 < above < 0.5  # "nearly half"
    (rows,) = mistake("rows_needed", "average").variants
    n = rows(10, 0.1)
    assert stats.chi2.sf(0.1 * n / 2, 9) == pytest.approx(0.44, abs=0.02)  # "nearly every other"


# E3a: judged by the law of the draws

WRONG_DRAWS = {
    "with replacement": "random.multinomial(n, pool / pool.sum(), size=draws)",
    "from the baseline": "random.multinomial(n, baseline / baseline.sum(), size=draws)",
    "from the current data": "random.multinomial(n, current / n, size=draws)",
    "cells shuffled": "np.array([random.permutation(current) for _ in range(draws)])",
    "the other side": "random.multivariate_hypergeometric(pool, int(baseline.sum()), size=draws)",
    "the pool": "np.tile(pool, (draws, 1))",
    "always the same": "np.tile(current, (draws, 1))",
    "wrong number of rows": "random.binomial(pool, n / pool.sum(), size=(draws, len(pool)))",
    "no counts": "random.multivariate_hypergeometric(pool, n, size=draws) / n",
}


@pytest.mark.parametrize("fault", WRONG_DRAWS)
def test_wrong_draws_are_told_apart(fault):
    body = [
        "random = np.random.default_rng(seed)",
        "pool, n = current + baseline, int(current.sum())",
        f"return {WRONG_DRAWS[fault]}",
    ]
    source = "def shuffled_counts(current, baseline, draws, seed):\n"
    answer = notebook(source + "".join(f"    {line}\n" for line in body))
    feedback = check_answer(questions()["shuffled_counts"], answer)
    assert (feedback.mistake, feedback.score) == (fault, 0)


def judged(values, arguments=None):
    question = questions()["shuffled_counts"]
    found = question.judge(*(arguments or question.visible[0].arguments), np.asarray(values, float))
    return found and found[0]


def test_right_means_with_too_little_or_too_much_chance():
    arguments = np.array([10, 10]), np.array([30, 30]), 400, 0
    steady = np.tile([10, 10], (400, 1))
    steady[::4] += [1, -1]
    steady[1::4] -= [1, -1]
    assert judged(steady, arguments) == "too little chance"
    loose = np.random.default_rng(0).multinomial(20, [0.5, 0.5], 400)
    assert judged(loose, arguments) is None or judged(loose, arguments) == "with replacement"
    equal = np.array([40, 40]), np.array([40, 40]), 400, 0
    assert judged(np.random.default_rng(0).multinomial(80, [0.5, 0.5], 400), equal) == (
        "with replacement"
    )


def test_right_draws_pass_with_every_seed():
    question = questions()["shuffled_counts"]
    for case in question.cases():
        current, baseline, draws, _ = case.arguments
        for seed in range(100):
            values = question.reference(current, baseline, draws, seed)
            assert question.judge(current, baseline, draws, seed, values.astype(float)) is None


def test_draws_from_shares_of_no_side_get_a_message_of_their_own():
    arguments = np.array([100, 0, 20]), np.array([0, 100, 20]), 300, 0
    values = np.random.default_rng(0).multinomial(120, [0.6, 0.1, 0.3], 300)
    values = np.minimum(values, [100, 100, 40])
    values[:, 0] += 120 - values.sum(axis=1)
    assert judged(values, arguments) == "other means"


# E3b


def test_the_p_value_is_never_zero_and_holds_its_rate():
    reference = questions()["p_value"].reference
    assert reference(9.0, np.arange(5.0)) == 1 / 6
    random = np.random.default_rng(0)
    found = [reference(x[0], x[1:]) for x in random.chisquare(3, (4000, 20))]
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.012)


# E4


def test_each_situation_has_a_sentence_for_each_wrong_policy():
    question = questions()["new_category"]
    right = question.reference()
    assert right == ["infinite", "merge", "add-alpha", "add-alpha", "merge", "infinite"]
    said = set()
    for place, policy in enumerate(right):
        for other in {"infinite", "merge", "add-alpha"} - {policy}:
            chosen = [*right]
            chosen[place] = other
            feedback = check_answer(question, wrapped("new_category", lambda c=chosen: c))
            name, sentence = feedback.message.split("\n")
            assert name == "Of the six, 1 does not fit." and sentence.startswith(f"{place + 1} (")
            said.add(sentence)
    assert len(said) == 12


@pytest.mark.parametrize("policy", ["infinite", "merge", "add-alpha"])
def test_one_policy_for_all_is_asked_back(policy):
    feedback = check_answer(
        questions()["new_category"], function("new_category", "", repr([policy] * 6))
    )
    assert feedback.mistake == "one policy for all" and repr(policy) in feedback.message


def test_an_unknown_policy_is_told_the_three():
    feedback = check_answer(
        questions()["new_category"], function("new_category", "", repr(["ignore"] * 6))
    )
    assert feedback.score == 0 and "'add-alpha'" in str(feedback)


def test_the_numbers_in_the_messages_of_the_situations():
    """What half a row does to one row in 40 000, and a band of 2 % in 80 rows."""
    n = m = 40_000
    p, q = 1.5 / (n + 3), 0.5 / (m + 3)
    assert (p - q) * math.log(p / q) < 1e-4  # "next to nothing"
    assert stats.binom.pmf(0, 80, 0.02) == pytest.approx(0.2, abs=0.005)  # "one day of five"
