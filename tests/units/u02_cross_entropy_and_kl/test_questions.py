"""What the design of unit 02 says of its questions, recomputed."""

import numpy as np
import pytest

from klteach.measures import kl_divergence
from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question, questions
from tests.units.docstring_examples import failures
from tests.units.known_answers import right_value, wrong_value


@pytest.mark.parametrize("name", ["cross_entropy", "kl"])
def test_the_example_of_the_docstring_holds_for_the_third_hint(name):
    assert failures(find_question(name)) == ""


@pytest.mark.parametrize(
    ("guard", "words", "shown"),
    [(abs, "an `abs`", "0.3465736"), (lambda total: max(0.0, total), "cut off at 0", "0")],
)
def test_what_hides_a_sign_is_right_with_a_note(guard, words, shown):
    """The note shows what it hides, on a p that does not sum to 1."""

    def kl(p, q):
        occurs = p > 0
        return guard(np.sum(p[occurs] * np.log(p[occurs] / q[occurs])))

    feedback = check_answer(find_question("kl"), {"kl": kl})
    assert (feedback.state, feedback.score) == ("correct", 2)
    assert words in feedback.notes[0]
    assert f"`kl([0.25, 0.25], [0.5, 0.5])` gives `{shown}`" in feedback.notes[0]
    assert np.sum([0.25 * np.log(0.5)] * 2) == pytest.approx(-0.3465736)


@pytest.mark.parametrize("name", ["cross_entropy", "kl", "kl_contributions"])
def test_infinity_at_any_zero_of_q_is_not_told_to_mask_p(name):
    """Its p is masked already: the zero that it minds is one of q."""
    question = find_question(name)

    def answer(p, q):
        right = question.reference(p, q)
        return np.where(q == 0, np.inf, right) if np.ndim(right) else _inf_or(right, q)

    feedback = check_answer(question, {name: answer})
    assert feedback.mistake == "infinite at any zero"
    assert "mask it" not in feedback.message
    assert "[0.25, 0.75, 0]" in feedback.evidence


def _inf_or(value, q):
    return np.inf if (q == 0).any() else value


def test_logits_are_named_and_not_only_the_infinity_that_they_miss():
    def cross_entropy(p, q):
        log_softmax = q - np.logaddexp.reduce(q)
        return -np.sum(p * log_softmax)

    feedback = check_answer(find_question("cross_entropy"), {"cross_entropy": cross_entropy})
    assert feedback.mistake == "logits"


@pytest.mark.parametrize(
    ("name", "mistake", "value"),
    [
        ("kl", "swapped", 1.002104),
        ("kl", "expectation under q", -1.002104),
        ("kl", "weights missing", -0.251314),
        ("kl", "mean", 0.367289),
        ("kl", "bits", 1.589660),
        ("kl", "log10", 0.478535),
        ("kl", "abs of each term", 1.622406),
    ],
)
def test_the_wrong_values_are_those_of_the_course(name, mistake, value):
    assert wrong_value(name, mistake) == pytest.approx(value, abs=6e-7)


@pytest.mark.parametrize(("name", "value"), [("kl", 1.101868), ("cross_entropy", 1.903687)])
def test_the_right_values_are_those_of_the_course(name, value):
    assert right_value(name) == pytest.approx(value, abs=5e-7)


def test_the_terms_are_those_of_the_course():
    right = right_value("kl_contributions")
    assert right == pytest.approx([1.362, -0.081, -0.179], abs=5e-4)
    assert wrong_value("kl_contributions", "kl_div")[0] == pytest.approx(0.762, abs=5e-4)


def test_the_bettor_grows_by_the_divergence_within_three_standard_errors():
    question = questions()["kelly_growth"]
    long = [case for case in question.cases() if len(case.arguments[2]) >= 20_000]
    assert long
    for case in long:
        p, q, winners = case.copies()
        logs = np.log(p / q)[winners]
        error = logs.std(ddof=1) / np.sqrt(len(winners))
        assert abs(question.reference(p, q, winners) - kl_divergence(p, q)) < 3 * error
