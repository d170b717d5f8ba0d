"""What learners wrote: right answers are Correct, wrong ones are not, few get no explanation."""

from collections import defaultdict

import pytest

from tests.plugins.unit_option import chosen
from tests.units.learner_answers import BORDERLINE, RIGHT, WRONG, answers_of

EMPTY = "wrong"  # the state of an answer to which no mistake and no pattern fits
ONE_IN = 20  # so many wrong answers may have one that nothing is said about

_ANSWERS = defaultdict(list)
for _unit in chosen():
    for _answer in answers_of(_unit):
        _ANSWERS[f"{_unit.code} {_answer.question}"].append(_answer)


@pytest.mark.parametrize("question", _ANSWERS)
def test_learners_answers_get_what_they_deserve(question):
    refused, accepted, empty, wrong = [], [], [], 0
    for answer in _ANSWERS[question]:
        assert answer.kind in (RIGHT, WRONG, BORDERLINE)
        feedback = answer.feedback()
        wrong += answer.kind == WRONG
        if answer.kind == RIGHT and feedback.state != "correct":
            refused.append(f"{answer.label}: {feedback.message}")
        if answer.kind == WRONG and feedback.state == "correct":
            accepted.append(answer.label)
        if answer.kind == WRONG and feedback.state == EMPTY:
            empty.append(answer.label)
    assert not refused
    assert not accepted
    assert len(empty) <= max(1, wrong // ONE_IN), empty
