"""Every question of every unit, automatically: its checker is tested like a product."""

import itertools
import re
import time
from dataclasses import replace

import numpy as np
import pytest
from tests.practice.typed_answers import notebook, wrapped
from tests.units.known_answers import RIGHT

from klteach.practice.checker import check_answer
from klteach.units.registry import questions
from klteach.practice.wording import is_small, show

QUESTIONS = list(questions().values())
MISTAKES = [(q, m) for q in QUESTIONS for m in q.mistakes]
GAP = 1e-3


def named(pairs):
    return [pytest.param(q, m, id=f"{q.name}: {m.name}") for q, m in pairs]


each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.name)
each_mistake = pytest.mark.parametrize(("question", "mistake"), named(MISTAKES))


def values_of(question, function, cases):
    with np.errstate(all="ignore"):
        return [question.values(function, case) for case in cases]


def gap(a, b):
    """The largest relative difference between two lists of values; inf where one is infinite."""
    largest = 0.0
    for x, y in zip(a, b, strict=True):
        if x.shape != y.shape:
            return np.inf
        x, y = np.ravel(x), np.ravel(y)
        with np.errstate(invalid="ignore"):
            different = ~((x == y) | (np.abs(x - y) <= 1e-12))  # what the verdict lets pass
        if not np.isfinite([x[different], y[different]]).all():
            return np.inf
        x, y = x[different], y[different]
        scale = np.maximum(np.abs(x), np.abs(y))
        largest = max(largest, np.max(np.abs(x - y) / scale, initial=0))
    return largest


def test_the_questions_of_the_three_units_are_there():
    assert set(RIGHT) == set(questions())


@each_question
def test_the_reference_passes(question):
    feedback = check_answer(question, wrapped(question.name, question.reference))
    assert (feedback.state, feedback.score) == ("correct", question.points)
    assert feedback.message == question.insight
    assert feedback.notes == ()


@each_question
def test_an_untouched_stub_is_not_attempted(question):
    arguments = ", ".join(question.argument_names)
    source = f'def {question.name}({arguments}):\n    """Text."""\n    # YOUR CODE HERE\n'
    feedback = check_answer(question, notebook(source + "    raise NotImplementedError()\n"))
    assert (feedback.state, repr(feedback)) == ("not attempted", "0")
    assert not feedback.attempted


@each_mistake
def test_a_named_mistake_gets_its_own_message(question, mistake):
    for variant in mistake.variants:
        feedback = check_answer(question, wrapped(question.name, variant))
        assert (feedback.state, feedback.mistake) == ("named mistake", mistake.name)
        assert feedback.message == mistake.message
        assert feedback.score == 0
        assert "Yours" in feedback.evidence


@each_question
def test_no_two_mistakes_say_the_same(question):
    messages = [mistake.message for mistake in question.mistakes]
    assert len(set(messages)) == len(messages)


@each_mistake
def test_a_mistake_is_far_from_the_reference(question, mistake):
    cases = question.cases()
    right = values_of(question, question.reference, cases)
    for variant in mistake.variants:
        if mistake.probes:
            assert gap(values_of(question, variant, cases), right) < 1e-9  # it shows on its probes alone
        else:
            assert gap(values_of(question, variant, cases), right) >= GAP


@each_question
def test_mistakes_are_far_from_each_other(question):
    cases = question.cases()
    values = [
        (mistake.name, values_of(question, variant, cases))
        for mistake in question.mistakes
        for variant in mistake.variants
        if not mistake.probes
    ]
    for (name, a), (other, b) in itertools.combinations(values, 2):
        assert name == other or gap(a, b) >= GAP, (name, other)


@each_question
def test_a_mistake_gives_numbers(question):
    for mistake in question.mistakes:
        for variant in mistake.variants:
            cases = mistake.probes or question.cases()
            assert not any(np.isnan(v).any() for v in values_of(question, variant, cases)), mistake.name


@each_question
def test_the_cases_are_the_same_every_time(question):
    first, second = question.cases(), question.cases()
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        assert all(np.array_equal(x, y) for x, y in zip(a.arguments, b.arguments, strict=True))


@each_question
def test_the_first_cases_can_be_checked_by_hand(question):
    assert all(is_small(case) for case in question.visible)


@each_question
def test_cases_cannot_be_spoilt(question):
    def greedy(*arguments):
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[...] = 1
        return 1.0

    before = [[np.copy(a) for a in case.arguments] for case in question.visible]
    check_answer(question, wrapped(question.name, greedy))
    for case, old in zip(question.visible, before, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(case.arguments, old, strict=True))


@each_question
def test_an_answer_that_writes_into_its_input_is_right_with_a_note(question):
    def careless(*arguments):
        value = question.reference(*(np.copy(a) if np.ndim(a) else a for a in arguments))
        for argument in arguments:
            if np.ndim(argument):
                argument[...] = 0
        return value

    feedback = check_answer(question, wrapped(question.name, careless))
    assert feedback.state == "correct"
    has_arrays = any(np.ndim(argument) for case in question.cases() for argument in case.arguments)
    assert any("changed the arrays" in note for note in feedback.notes) == has_arrays


def test_failing_feedback_never_tells_the_expected_value():
    looked_for = 0
    for question, mistake in MISTAKES:
        for variant in mistake.variants:
            feedback = check_answer(question, wrapped(question.name, variant))
            own = values_of(question, variant, [*question.cases(), *mistake.probes])
            assert any(f"gives `{show(value)}`" in feedback.evidence for value in own)
            feedback = replace(feedback, evidence="")
            text = f"{feedback} {feedback._repr_html_()}"
            for case in question.visible:
                for expected in np.ravel(question.values(question.reference, case)):
                    for number in {f"{expected:.{digits}g}" for digits in range(3, 17)}:
                        if len(re.sub(r"\D", "", number).strip("0")) < 3:
                            continue  # 3 or 0.5: such numbers stand in many a sentence
                        pattern = rf"(?<![-\d.]){re.escape(number)}(?!\d)"
                        assert not re.search(pattern, text), (question.name, mistake.name)
                        looked_for += 1
    assert looked_for > 1000


@each_question
def test_a_check_takes_less_than_50_milliseconds(question):
    def unknown(*arguments):  # an answer that goes through the whole diagnosis
        values = question.returns.numbers(question.reference(*arguments))
        return values * 0.7 + np.sum(arguments[0]) * 1.2345

    for answer in (question.reference, unknown):
        names = wrapped(question.name, answer)
        times = []
        for _ in range(5):
            start = time.thread_time()
            check_answer(question, names)
            times.append(time.thread_time() - start)
        assert min(times) < 0.05


@each_question
def test_the_third_hint_solves_the_question(question):
    *lines, last = re.findall("`([^`]+)`", question.hints[2])
    if not last.startswith("return"):
        lines, last = [*lines, last], "return terms"
    body = "\n".join(f"    {line}" for line in [*lines, last])
    source = f"def {question.name}({', '.join(question.argument_names)}):\n{body}\n"
    assert check_answer(question, notebook(source)).state == "correct"
