"""What may be asked for besides numbers and arrays: pairs, named numbers, words."""

import numpy as np
import pytest

from klteach.practice.checker import check_answer
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import PAIR, choices, named_numbers


def question(name, reference, returns, *visible, **more):
    return Question(
        name,
        points=1,
        reference=reference,
        returns=returns,
        visible=visible,
        inputs=[],
        mistakes=more.pop("mistakes", []),
        hints=["Why?", "How?", "`This.`"],
        insight="Well done.",
        lesson="02_cross_entropy_and_kl",
        **more,
    )


def half(n):
    return np.full(n, 1 / n), np.full(n, 1 / n)


HALVES = question("halves", half, PAIR, case(2), case(3), judge=lambda n, pair: None)
RANGE = question(
    "ends", lambda x: [np.min(x), np.max(x)], named_numbers("low", "high"), case([3, 1]), case([2])
)
RIDDLE = question(
    "riddle",
    lambda: ["yes", "no"],
    choices("yes", "no", count=2),
    case(),
    judge=lambda words: None if (words == [0, 1]).all() else ("guess", "Look again."),
)


def state(question, answer):
    feedback = check_answer(question, {question.name: answer})
    return feedback.state, str(feedback)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (HALVES, half),
        (HALVES, lambda n: ([1 / n] * n, [1 / n] * n)),
        (HALVES, lambda n: np.full((2, n), 1 / n)),
        (RANGE, lambda x: (x.min(), x.max())),
        (RANGE, lambda x: np.array([min(x), max(x)])),
        (RIDDLE, lambda: ("yes", "no")),
    ],
)
def test_any_sequence_of_the_right_form_is_read(question, answer):
    assert state(question, answer)[0] == "correct"


@pytest.mark.parametrize(
    ("question", "answer", "rung", "words"),
    [
        (HALVES, lambda n: np.full(n, 1 / n), "wrong shape", "not two distributions over n"),
        (HALVES, lambda n: ([1.0], [0.5, 0.5]), "wrong type", "a tuple, not two distributions"),
        (HALVES, lambda n: print(n), "returned nothing", "not two distributions"),
        (RANGE, lambda x: x.min(), "wrong shape", "one number, not a list of 2 numbers"),
        (RANGE, lambda x: [1, 2, 3], "wrong shape", "3 numbers, not a list of 2 numbers, in the"),
        (RIDDLE, lambda: "yes", "wrong type", "a string, not a list of 2 entries"),
        (RIDDLE, lambda: ["yes"], "wrong shape", "1 entries, not a list of 2 entries"),
        (RIDDLE, lambda: ["yes", "perhaps"], "wrong type", "Entry 2 is `'perhaps'`"),
        (RIDDLE, lambda: ["yes", 0], "wrong type", "Entry 2 is no word but `0`"),
        (RIDDLE, lambda: 1, "wrong type", "not a list of 2 entries, each 'yes' or 'no'"),
    ],
)
def test_another_form_is_met_with_what_was_asked(question, answer, rung, words):
    found, text = state(question, answer)
    assert found == rung and words in text


def test_words_are_shown_as_they_were_returned():
    found, text = state(RIDDLE, lambda: ["no", "no"])
    assert found == "diagnosed"
    assert "`riddle()` gives `['no', 'no']`" in text and "Look again." in text


def test_a_named_mistake_may_be_in_words():
    swapped = Mistake("swapped", lambda: ["no", "yes"], "The wrong way round.")
    twice = question("riddle", RIDDLE.reference, RIDDLE.returns, case(), case(), mistakes=[swapped])
    assert state(twice, lambda: ["no", "yes"])[0] == "named mistake"
