"""What every quiz item must be: complete, marked, in the right place and in the course's words."""

import math
import re
from collections import Counter

import numpy as np

from klteach.practice.quiz.items import (
    RIGHT,
    Choice,
    InventoryQuestion,
    Number,
    Prediction,
    ReviewQuestion,
)
from klteach.practice.quiz.misconceptions import MISCONCEPTIONS
from klteach.units import WRITTEN
from klteach.units.lookup import at_hand, predictions_of, review_of
from tests.together import together
from tests.units.quiz_content import INVENTORY, ITEMS, MARKED, PREDICTIONS, REVIEW, case_of


def test_the_items_are_where_they_belong():
    for unit in WRITTEN:
        predictions, review = predictions_of(unit), review_of(unit)
        assert all(type(item) is Prediction and item.unit == unit.code for item in predictions)
        assert all(type(item) is ReviewQuestion and item.unit == unit.code for item in review)
        assert len(review) >= 5
        assert len(predictions) >= 2 or unit.number == 0
    assert all(type(item) is InventoryQuestion for item in INVENTORY.values())
    assert len(INVENTORY) == 10
    count = sum(len(predictions_of(unit)) + len(review_of(unit)) for unit in WRITTEN) + 10
    assert len(ITEMS) == count, "two items have the same name"


@together(map(case_of, ITEMS))
def test_every_item_is_complete(name):
    item = ITEMS[name]
    answers = item.answers.options if isinstance(item.answers, Choice) else item.answers.bands
    assert item.text[0].isupper()
    assert all(answer.says.endswith((".", ":")) for answer in answers)
    codes = [answer.code for answer in answers]
    assert len(set(codes)) == len(codes), "a recorded code must name one answer"
    if isinstance(item, Prediction):
        assert item.reveal.endswith(".")
    if isinstance(item.answers, Choice):
        texts = [option.text for option in item.answers.options]
        assert len(set(texts)) == len(texts)
        assert item.answers.guess == math.ceil(100 / len(texts))


@together(map(case_of, MARKED))
def test_one_answer_is_right_and_every_other_has_a_known_misconception(name):
    answers = MARKED[name].answers
    if isinstance(answers, Number):
        wrong = [band.code for band in answers.bands]
    else:
        codes = [option.code for option in answers.options]
        assert codes.count(RIGHT) == 1
        wrong = [code for code in codes if code != RIGHT]
    assert set(wrong) <= set(MISCONCEPTIONS)


def test_every_misconception_is_used():
    """By a unit that is written, or by one that is being written."""
    units = at_hand().values()
    items = [*INVENTORY.values(), *(i for u in units for i in (*predictions_of(u), *review_of(u)))]
    used = {
        answer.code
        for item in items
        if item.name != "00-order"
        for answer in getattr(item.answers, "options", None) or item.answers.bands
    }
    assert used - {RIGHT} == set(MISCONCEPTIONS)


def test_the_right_option_is_not_always_in_the_same_place():
    for group in (REVIEW, INVENTORY):
        places = Counter(item.answers.right for item in group.values())
        assert max(places.values()) <= len(group) / 2


def test_the_inventory_lets_a_beginner_say_so():
    for item in INVENTORY.values():
        assert item.answers.options[-1].code == "not-known-yet"


def test_words_that_the_course_does_not_use():
    said = [
        text
        for item in ITEMS.values()
        for answer in getattr(item.answers, "options", None) or item.answers.bands
        for text in (answer.says, getattr(answer, "text", ""))
    ]
    said += [item.text for item in ITEMS.values()]
    said += [item.reveal for item in PREDICTIONS.values()]
    for text in said:
        assert "!" not in text and "simply" not in text.lower()
        assert not re.search(r"KL distance|distance (between|from) P", text)


def test_no_number_in_range_is_without_a_sentence():
    for item in PREDICTIONS.values():
        if isinstance(item.answers, Number):
            for answer in np.linspace(item.answers.low, item.answers.high, 10_001):
                assert item.answers.judge(float(answer)).says
