"""Every question of every unit, automatically: its checker is tested like a product."""

import itertools
import re
from collections import Counter
from dataclasses import replace
from functools import cache, wraps

import numpy as np

from klteach.practice.checker import check_answer
from klteach.practice.wording import is_small, show
from tests.practice.typed_answers import notebook, wrapped
from tests.together import together
from tests.units.known_answers import QUESTIONS, case_of, unknown_answer

each_question = together([case_of(q.name, q) for q in QUESTIONS])
each_mistake = together([case_of(q.name, q, m, part=m.name) for q in QUESTIONS for m in q.mistakes])


def values_of(question, function, cases):
    with np.errstate(all="ignore"):
        return [question.values(function, case) for case in cases]


def right_values(question):
    return values_of(question, question.reference, question.cases())


def wrong_values(question):
    """Of each variant of each mistake: the mistake, and its values on every case."""
    cases = question.cases()
    return [(m, values_of(question, v, cases)) for m in question.mistakes for v in m.variants]


@cache
def right_numbers(question):
    """The right values of the visible cases, written with 3 to 16 digits."""
    values = np.concatenate([np.ravel(v) for v in right_values(question)[: len(question.visible)]])
    written = {f"{value:.{digits}g}" for value in values for digits in range(3, 17)}
    return {number for number in written if len(re.sub(r"\D", "", number).strip("0")) >= 3}


@cache
def any_right_number(question):
    """The pattern of a right number that stands in a text as a number of its own."""
    numbers = "|".join(map(re.escape, sorted(right_numbers(question))))
    return re.compile(rf"(?<![-\d.])(?:{numbers})(?!\d)") if numbers else re.compile("(?!)")


def gaps(a, b):
    """Of each pair of values the largest relative difference; inf where one is infinite."""
    for x, y in zip(a, b, strict=True):
        if x.shape != y.shape:
            yield np.inf
            continue
        x, y = np.ravel(x), np.ravel(y)
        with np.errstate(invalid="ignore"):
            different = ~((x == y) | (np.abs(x - y) <= 1e-12))  # what the verdict lets pass
        x, y = x[different], y[different]
        if not np.isfinite([x, y]).all():
            yield np.inf
            continue
        scale = np.maximum(np.abs(x), np.abs(y))
        yield np.max(np.abs(x - y) / scale, initial=0)


def are_far(a, b):
    """Whether two answers differ clearly on some case."""
    return any(gap >= 1e-3 for gap in gaps(a, b))


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
def test_a_named_mistake_gets_its_own_message_and_is_not_told_the_right_value(question, mistake):
    for variant in mistake.variants:
        feedback = check_answer(question, wrapped(question.name, variant))
        if mistake.probes:  # right on every fair input
            assert (feedback.state, feedback.mistake) == ("correct", mistake.name)
            assert feedback.score == question.points and mistake.message in feedback.notes[0]
            continue
        assert (feedback.state, feedback.mistake) == ("named mistake", mistake.name)
        assert feedback.message == mistake.message
        assert feedback.score == 0
        assert "Yours" in feedback.evidence
        # what it shows is the learner's own value, and no other number of it is a right one
        own = (values_of(question, variant, [case])[0] for case in question.cases())
        assert any(f"gives `{show(value)}`" in feedback.evidence for value in own)
        words = replace(feedback, evidence="")
        assert not any_right_number(question).search(f"{words} {words._repr_html_()}")


@each_question
def test_a_right_value_in_a_message_would_be_found(question):
    for number in right_numbers(question):
        assert any_right_number(question).search(f"Not {number}: look again.")


def test_most_questions_have_right_values_to_be_found():
    """Others have so few digits that they stand in many a sentence: 3, 0.5, 80."""
    assert sum(map(bool, map(right_numbers, QUESTIONS))) > 0.7 * len(QUESTIONS)


@each_question
def test_no_two_mistakes_say_the_same(question):
    messages = [mistake.message for mistake in question.mistakes]
    assert len(set(messages)) == len(messages)


@each_question
def test_a_mistake_is_far_from_the_reference(question):
    for mistake, values in wrong_values(question):
        if mistake.probes:  # it shows on them alone
            assert max(gaps(values, right_values(question))) < 1e-9, mistake.name
        else:
            assert are_far(values, right_values(question)), mistake.name


@each_question
def test_mistakes_are_far_from_each_other(question):
    seen = [(m.name, values) for m, values in wrong_values(question) if not m.probes]
    for (name, a), (other, b) in itertools.combinations(seen, 2):
        assert name == other or are_far(a, b), (name, other)


@each_question
def test_a_mistake_gives_numbers(question):
    """Or nan everywhere, as 0·∞ is: what is nan now and then is told by its own rung."""
    for mistake, values in wrong_values(question):
        if not mistake.probes:
            nan = [bool(np.isnan(value).any()) for value in values]
            assert all(nan) or not any(nan), mistake.name
    for mistake in question.mistakes:
        for variant in mistake.variants if mistake.probes else ():
            values = values_of(question, variant, mistake.probes)
            assert not any(np.isnan(value).any() for value in values), mistake.name


@each_question
def test_the_cases_are_the_same_every_time(question):
    first, second = question.cases(), replace(question).cases()  # a question draws its cases once
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


def counting(question, calls):
    """The question, whose functions count their calls: "right", "judge", or (mistake, variant)."""

    def counted(function, key):
        @wraps(function)
        def call(*arguments):
            calls[key] += 1
            return function(*arguments)

        return call

    def variants(mistake):
        numbered = enumerate(mistake.variants)
        return tuple(counted(variant, (mistake.name, number)) for number, variant in numbered)

    return replace(
        question,
        reference=counted(question.reference, "right"),
        judge=question.judge and counted(question.judge, "judge"),
        mistakes=[replace(mistake, function=variants(mistake)) for mistake in question.mistakes],
    )


def calls_of_a_check(question, answer):
    """How often a check of this answer called what, and its feedback."""
    calls = Counter()

    def called(*arguments):
        calls["answer"] += 1
        return answer(*arguments)

    return calls, check_answer(counting(question, calls), wrapped(question.name, called))


@each_question
def test_a_right_answer_is_called_once_on_each_case(question):
    """And nothing else is, but what a mistake that shows on its probes alone needs."""
    calls, feedback = calls_of_a_check(question, question.reference)
    assert feedback.state == "correct"
    cases, probes = len(question.cases()), {m.name: len(m.probes) for m in question.mistakes}
    assert calls.pop("right") == cases
    assert calls.pop("judge", 0) == (cases if question.judge else 0)
    assert calls.pop("answer") == cases + sum(probes.values())
    assert all(count <= probes[mistake] for (mistake, _), count in calls.items())


@each_question
def test_an_unknown_answer_costs_a_few_calls_of_each_function(question):
    """It goes through all mistakes and the whole diagnosis.

    What is like no variant of a mistake differs from it on the first case that is looked at. They
    are looked at twice: on all cases, and on those without a zero. The diagnosis calls the answer
    on every case again, with p and q exchanged, and with the outcomes of all arguments or of the
    last one in reverse; and the reference with p and q exchanged, to see whether it matters. A row
    that claims something tests it before, with a few calls more.
    """
    calls, feedback = calls_of_a_check(question, unknown_answer(question))
    assert feedback.state in ("diagnosed", "wrong"), str(feedback)
    cases = len(question.cases())
    assert calls.pop("right") <= 2 * cases + 30
    assert calls.pop("judge", 0) == (cases if question.judge else 0)
    assert calls.pop("answer") <= 5 * cases + 40
    assert all(count <= 2 for count in calls.values()), calls.most_common(1)


@each_question
def test_the_third_hint_solves_the_question(question):
    *lines, last = re.findall("`([^`]+)`", question.hints[2])
    if not last.startswith("return"):
        lines, last = [*lines, last], "return terms"
    body = "\n".join(f"    {line}" for line in [*lines, last])
    source = f"def {question.name}({', '.join(question.argument_names)}):\n{body}\n"
    assert check_answer(question, notebook(source)).state == "correct"
