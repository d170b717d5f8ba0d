"""What may be asked for besides numbers and arrays: pairs, named numbers, words."""

import numpy as np
import pandas as pd
import pytest

from klteach.practice.checker import check_answer
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import PAIR, Returns, choices, named_numbers


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

POLICY = question(
    "policy",
    lambda: ["keep-it", "drop"],
    choices("keep-it", "drop", count=2, also={"remove": "drop"}),
    case(),
    judge=lambda places: None if (places == [0, 1]).all() else ("guess", "Look again."),
)
FLAGS = question(
    "flags",
    lambda x: (x > 1).astype(int),
    Returns("an array of 0 and 1", lambda x: np.shape(x), booleans=True),
    case([1, 2, 3]),
    case([5, 0]),
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
        (RIDDLE, lambda: np.array(["yes", "no"])),
        (RIDDLE, lambda: list(np.array(["yes", "no"]))),
        (RIDDLE, lambda: np.array(["yes", "no"], dtype=object)),
        (RIDDLE, lambda: pd.Series(["yes", "no"])),
        (RIDDLE, lambda: [" Yes", "NO"]),
        (POLICY, lambda: ["keep-it", "drop"]),
        (POLICY, lambda: ["Keep it", "remove:0.5"]),
        (POLICY, lambda: ["KEEP_IT", "Remove"]),
        (FLAGS, lambda x: x > 1),
        (FLAGS, lambda x: [bool(each > 1) for each in x]),
        (FLAGS, lambda x: pd.Series(x) > 1),
        (FLAGS, lambda x: (pd.Series(x) > 1).astype("boolean")),
        (RANGE, lambda x: pd.Series([x.min(), x.max()])),
        (RANGE, lambda x: pd.Index([x.min(), x.max()])),
        (RANGE, lambda x: np.array([x.min(), x.max()], dtype=object)),
        (RANGE, lambda x: [np.array(x.min()), np.array(x.max())]),
        (RANGE, lambda x: np.frompyfunc(float, 1, 1)(np.array([x.min(), x.max()]))),
    ],
)
def test_any_sequence_of_the_right_form_is_read(question, answer):
    assert state(question, answer)[0] == "correct"


@pytest.mark.parametrize(
    ("question", "answer", "rung", "words"),
    [
        (HALVES, lambda n: np.full(n, 1 / n), "wrong shape", "It returned 2 numbers."),
        (HALVES, lambda n: ([1.0], [0.5, 0.5]), "wrong type", "a tuple of rows"),
        (HALVES, lambda n: print(n), "returned nothing", "not two distributions"),
        (RANGE, lambda x: x.min(), "wrong shape", "one number. The question asks"),
        (RANGE, lambda x: [1, 2, 3], "wrong shape", "3 numbers. The question asks"),
        (RIDDLE, lambda: "yes", "wrong type", "a string. The question asks"),
        (RIDDLE, lambda: ["yes"], "wrong shape", "1 entry, not a list of 2 entries"),
        (RIDDLE, lambda: ["yes", "perhaps"], "wrong type", "Entry 2 is `'perhaps'`"),
        (RANGE, lambda x: x > 1, "wrong type", "an array of True and False"),
        (RANGE, lambda x: [True, False], "wrong type", "a list of True and False"),
        (RANGE, lambda x: pd.Series([1, 3])[::-1], "wrong type", "`.to_numpy()` makes an array"),
        (RANGE, lambda x: pd.DataFrame([[1, 3]]), "wrong type", "`.to_numpy()` makes an array"),
        (RANGE, lambda x: (y for y in x), "wrong type", "`list` makes a list of it"),
        (RANGE, lambda x: [x.min()], "wrong shape", "It returned an array of one number."),
        (RIDDLE, lambda: ["yes", 0], "wrong type", "Entry 2 is no word but `0`"),
        (RIDDLE, lambda: 1, "wrong type", "asks for a list of 2 entries, each 'yes'"),
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
