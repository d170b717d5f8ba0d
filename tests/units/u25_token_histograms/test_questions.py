"""What the design of unit 25 says of its questions, recomputed."""

import math
from collections import Counter

import numpy as np
import pytest
from scipy import special, stats

from klteach.drift.binning import Binning
from klteach.drift.divergence import contributions
from klteach.drift.null import windows_null
from klteach.drift.smoothing import Smoothing
from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT, mistake, right_value, wrong_value

HALF = Smoothing.additive(0.5)


def test_the_smoothed_kl_is_that_of_scipy_on_counts():
    for case in find_question("smoothed_kl").cases():
        current, baseline, alpha = case.copies()
        value = find_question("smoothed_kl").reference(current, baseline, alpha)
        assert value == pytest.approx(stats.entropy(current + alpha, baseline + alpha), abs=1e-12)


def test_the_cases_have_words_that_came_went_and_neither():
    kinds = set()
    for case in find_question("smoothed_kl").cases():
        current, baseline, _ = case.arguments
        kinds |= set(zip((current > 0).tolist(), (baseline > 0).tolist(), strict=True))
    assert kinds == {(True, True), (True, False), (False, True), (False, False)}


def test_the_eps_is_the_answer_as_its_message_says():
    current, baseline, _ = find_question("smoothed_kl").visible[1].copies()
    found = mistake("smoothed_kl", "eps on shares")
    padded = [v for v in found.variants if math.isfinite(v(current, baseline, 1.0))]
    assert len(padded) == len(found.variants)
    p, q = current / current.sum(), baseline / baseline.sum()
    steps = [special.rel_entr(p, q + eps).sum() for eps in (1e-6, 1e-9, 1e-12)]
    np.testing.assert_allclose(np.diff(steps), p[2] * math.log(1000), rtol=1e-4)


def test_equal_texts_differ_if_one_side_alone_is_smoothed():
    counts = np.array([5, 0, 3])
    found = mistake("smoothed_kl", "alpha in the baseline only")
    assert found.function(counts, counts, 0.5) > 0.05
    assert find_question("smoothed_kl").reference(counts, counts, 0.5) == 0


def test_the_insight_on_a_new_word():
    baseline, alpha = np.append(np.full(50, 400), 0), 0.5
    current = np.append(np.full(50, 40), 60)
    p = (current + alpha) / (current + alpha).sum()
    q = (baseline + alpha) / (baseline + alpha).sum()
    term = p[-1] * math.log(p[-1] / q[-1])
    assert term == pytest.approx(p[-1] * math.log(p[-1] * baseline.sum() / alpha), rel=0.01)


def test_locked_shares_are_those_of_the_monitor():
    for case in find_question("locked_shares").cases():
        baseline, current, most = case.copies()
        value = find_question("locked_shares").reference(baseline, current, most)
        cells = Binning.of_categories("token", baseline.astype(str).astype(object), most)
        counts = cells.count(current.astype(str).astype(object)).counts[:-1]
        np.testing.assert_allclose(value, counts / len(current), atol=1e-12)
        assert value.sum() == pytest.approx(1)


def test_no_two_tokens_of_a_baseline_come_equally_often():
    for case in find_question("locked_shares").cases():
        _, counts = np.unique(case.arguments[0], return_counts=True)
        assert len(set(counts.tolist())) == len(counts)


def test_no_two_of_the_commonest_come_equally_often_in_the_current_tokens_or_in_all():
    """So that a vocabulary which was chosen from these is one, whoever breaks ties how."""
    for case in find_question("locked_shares").cases():
        baseline, current, most = case.arguments
        for tokens in (current, np.concatenate([baseline, current])):
            counts = [times for _, times in Counter(tokens.tolist()).most_common(most + 1)]
            assert len(set(counts)) == len(counts)


def test_what_the_mistakes_make_of_a_new_token():
    assert right_value("locked_shares") == pytest.approx([3 / 8, 0, 5 / 8])
    assert wrong_value("locked_shares", "vocabulary of the current data") == (
        pytest.approx([4 / 8, 3 / 8, 1 / 8])
    )
    assert wrong_value("locked_shares", "OTHER dropped", variant=2) == (pytest.approx([1, 0, 0]))
    assert wrong_value("locked_shares", "only new tokens in OTHER", variant=1) == (
        pytest.approx([3 / 8, 0, 4 / 8])
    )


def test_the_passage_test_is_that_of_the_monitor():
    for case in find_question("passage_test").cases():
        passages, current = case.copies()
        if (passages == 0).all(axis=0).any():
            continue  # a cell that nobody uses has no share in the monitor
        null = windows_null("kl", HALF, passages)
        value = stats.entropy(current + 0.5, passages.sum(axis=0) + 0.5)
        reference = find_question("passage_test").reference(passages, current)
        assert reference == pytest.approx([value, null.p_value(value)])


def test_some_fixed_case_tells_each_mistake_from_the_right_answer():
    """So that it is told with every seed: the grader has its own."""
    question = find_question("passage_test")
    cases = [
        (one, other)
        for one, other in zip(question.cases(b"1"), question.cases(b"2"), strict=True)
        if all(map(np.array_equal, one.arguments, other.arguments))
    ]
    for name in ("the text in the pool", "ties left out", "passages not left out"):
        for variant in mistake("passage_test", name).variants:
            assert any(
                not np.allclose(variant(*c.copies()), question.reference(*c.copies()))
                for c, _ in cases
            ), name


def test_the_words_give_too_small_a_p_value_as_the_message_says():
    below = 0
    for case in find_question("passage_test").cases():
        passages, current = case.copies()
        if len(passages) < 19:
            continue
        _, fair = find_question("passage_test").reference(passages, current)
        found = mistake("passage_test", "words as the unit")
        below += found.function(passages, current)[1] < fair
    assert below >= 8


def test_the_smallest_p_value_of_three_passages_is_a_quarter():
    assert right_value("passage_test")[1] == 1 / 4


def test_the_carriers_are_those_of_the_monitor():
    for case in find_question("carriers").cases():
        p, q, top = case.copies()
        order = np.argsort(-contributions("kl", p, q))[:top]
        assert find_question("carriers").reference(p, q, top).tolist() == order.tolist()
        lifted = special.kl_div(p, q)
        assert np.argsort(-lifted)[:top].tolist() == order.tolist()
        assert np.diff(np.sort(lifted)).min() > 1e-9  # no two carry the same


def test_the_word_that_became_rare_carries_most():
    p, q, top = find_question("carriers").visible[0].copies()
    assert find_question("carriers").reference(p, q, top)[0] == 2 and p[2] < q[2]
    assert wrong_value("carriers", "plain terms")[0] != 2


@pytest.mark.parametrize(
    ("name", "old", "new", "word"),
    [
        ("locked_shares", "np.append(shares, 1 - np.sum(shares))", "shares", "shape"),
        ("passage_test", "[observed, (1", "((1", "list of 2 numbers"),
        ("smoothed_kl", "return np.sum(", "print(", "None"),
    ],
)
def test_an_answer_of_another_form_is_met_by_its_form(name, old, new, word):
    assert old in RIGHT[name]
    source = RIGHT[name].replace(old, new)
    if name == "passage_test":
        source = source.replace("(1 + len(passages))]", "(1 + len(passages)))")
    feedback = check_answer(find_question(name), notebook(source))
    assert feedback.score == 0 and word in str(feedback), str(feedback)
