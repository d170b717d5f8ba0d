"""Warm-ups: when a question comes back, and with which numbers."""

import json

import pytest

from klteach.practice.quiz.warm_up import WAITS, cards_of, choose
from klteach.units import WRITTEN
from klteach.units.lookup import review_of
from tests.together import together

NAMES = [f"question {letter}" for letter in "abcdefghijkl"]
FIRST = NAMES[0]


def answered(*notebooks):
    """The events of a learner: for each notebook {question: whether the answer was right}."""
    return [
        {"item": name, "hit": hit, "warm_up": f"{number:02d}"}
        for number, answers in enumerate(notebooks, 1)
        for name, hit in answers.items()
    ]


def asked(events, warm_up, count=3):
    return choose(NAMES, events, warm_up, count)


@pytest.mark.parametrize(
    ("answers", "wait"),
    [
        ([False], 1),
        ([True], 3),
        ([True, True], 7),
        ([True, True, True], 7),
        ([True, True, False], 1),
        ([True, True, False, True], 3),
    ],
)
def test_the_boxes_wait_one_three_and_seven_notebooks(answers, wait):
    assert WAITS == (1, 3, 7)
    history = [{FIRST: hit} for hit in answers]
    for waited in range(1, 9):
        # other notebooks, in which something else was answered
        events = answered(*history, *[{NAMES[5]: True}] * (waited - 1))
        now = f"{len(answers) + waited:02d}"
        assert (FIRST in asked(events, now)) == (waited >= wait), waited


def test_a_beginner_sees_the_first_three():
    assert asked([], "01") == NAMES[:3]


def test_wrong_answers_come_first_then_something_new_then_what_is_due():
    a, b, c, d, e, f, *_ = NAMES
    events = answered({a: True, b: True, c: True}, {d: True}, {e: False})
    assert asked(events, "04", 5) == [e, f, a, b, c]
    assert asked(answered({a: False, b: False, c: False}), "02") == [a, b, d]


def test_the_same_notebook_again_asks_other_questions_and_moves_no_clock():
    wrong = dict.fromkeys(NAMES[:3], False)
    assert asked(answered(wrong), "01") == NAMES[3:6]
    events = answered(wrong | dict.fromkeys(NAMES[3:6], True))
    assert asked(events, "02") == [*NAMES[:2], NAMES[6]]


def test_three_wrong_answers_leave_room_and_all_of_them_come_back():
    a, b, c, *_ = NAMES
    history, met = [{a: False, b: False, c: False}], set()
    for number in range(2, 6):
        chosen = asked(answered(*history), f"{number:02d}")
        assert any(name not in met | {a, b, c} for name in chosen)  # something new each time
        met |= set(chosen)
        history.append(dict.fromkeys(chosen, False))
    assert {a, b, c} <= met


def test_when_nothing_is_due_or_new_the_one_that_is_due_soonest_comes():
    names = NAMES[:4]
    events = answered({name: name != names[2] for name in names})
    assert choose(names, events, "01", 1) == [names[2]]


def test_a_learner_who_knows_everything_meets_every_question():
    history, met = [], set()
    for number in range(1, 13):
        chosen = asked(answered(*history), f"{number:02d}")
        met |= set(chosen)
        history.append(dict.fromkeys(chosen, True))
    assert met == set(NAMES)


def test_a_damaged_or_an_older_event_is_as_good_as_a_wrong_answer():
    cards = cards_of([{"item": "x", "hit": True}, {"item": "x", "hit": "yes"}, {"hit": True}])
    assert cards["x"].box == 0 and cards["x"].times == 2


# Other numbers

REVIEW = [question for unit in WRITTEN for question in review_of(unit)]
VARIED = [question for question in REVIEW if question.vary]


def test_there_are_questions_with_other_numbers():
    assert len(VARIED) >= 4


@together([(item.unit, item.name, (item,)) for item in REVIEW])
def test_asked_again_a_question_is_still_a_question(question):
    codes = sorted(option.code for option in question.answers.options)
    for times in range(1, 60):
        again = question.asked_again(times)
        assert again == question.asked_again(times)  # the same on every machine
        assert again.name == question.name
        assert sorted(option.code for option in again.answers.options) == codes
        texts = [option.text for option in again.answers.options]
        assert len(set(texts)) == len(texts), texts


@together([(item.unit, item.name, (item,)) for item in VARIED])
def test_other_numbers_come(question):
    again = [question.asked_again(times) for times in range(1, 30)]
    assert len({one.text for one in again}) >= 3
    assert all(len(json.dumps(one.answers.public())) < 1000 for one in again)
    places = {[option.code for option in one.answers.options].index("right") for one in again}
    assert len(places) == len(question.answers.options)
