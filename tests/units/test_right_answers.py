"""Right answers in other words: other formulas, types and precisions."""

import numpy as np
from scipy import stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook, wrapped
from tests.together import together
from tests.units.known_answers import RIGHT, RIGHT_FORMS, SINGLE_PRECISION, case_of

each_in_single_precision = together([case_of(name, name) for name in SINGLE_PRECISION])


def single(function):
    """The answer in single precision throughout."""

    def narrow(*arguments):
        arguments = [
            np.asarray(a, np.float32) if np.asarray(a).dtype.kind == "f" else a for a in arguments
        ]
        return np.asarray(function(*arguments), dtype=np.float32)

    return narrow


@together([
    case_of(name, name, answer, part=form)
    for name, forms in RIGHT_FORMS.items()
    for form, answer in forms.items()
])  # fmt: skip
def test_an_equivalent_form_passes(name, answer):
    feedback = check_answer(find_question(name), wrapped(name, answer))
    assert feedback.state == "correct", str(feedback)


@together([case_of(name, name) for name in RIGHT])
def test_the_answer_of_the_solution_passes(name):
    assert check_answer(find_question(name), notebook(RIGHT[name])).state == "correct"


@each_in_single_precision
def test_single_precision_passes(name):
    feedback = check_answer(find_question(name), wrapped(name, single(SINGLE_PRECISION[name])))
    assert feedback.state == "correct", str(feedback)


WRONG_IN_EVERY_PRECISION = {
    "off by 9e-5": lambda value: value * (1 + 9e-5),
    "off by 5e-6": lambda value: value * (1 + 5e-6),
    "6 decimals": lambda value: np.round(value, 6),
    "not at all": lambda value: value,
}


@each_in_single_precision
def test_single_precision_is_forgiven_nothing_but_its_own_rounding(name):
    """The same fault has the same marks in both precisions."""
    question = find_question(name)
    if question.judge or question.returns.choices:
        return  # judged by other rules, in which the precision has no part
    for fault, change in WRONG_IN_EVERY_PRECISION.items():
        states = {
            check_answer(question, wrapped(name, changed(question, change, precision))).state
            for precision in (float, np.float32)
        }
        if not at_the_limit(question, change):
            assert len(states) == 1, f"{fault}: {states}"


def changed(question, change, precision):
    """The right answer with a fault, as numbers of this precision."""
    return lambda *arguments: np.asarray(
        change(question.returns.numbers(question.reference(*arguments))), dtype=precision
    )


def at_the_limit(question, change) -> bool:
    """Whether the largest fault is so near to the tolerance that single precision cannot tell."""
    largest = 0.0
    for case in question.cases():
        right = question.values(question.reference, case)
        counts = np.isfinite(right) & (abs(right) > 1e-12)
        faults = abs(change(right[counts]) / right[counts] - 1)
        largest = max(largest, faults.max(initial=0))
    return 0.7 < largest / question.tolerance < 1.4


def test_an_answer_may_use_other_names_of_its_notebook():
    names = notebook(
        """
def surprise(p):
    return -np.log2(p)

def entropy_bits(p):
    return sum(x * surprise(x) for x in p if x > 0)
"""
    )
    assert check_answer(find_question("entropy_bits"), names).state == "correct"


def test_minus_zero_and_infinity_are_values_like_others():
    def kl(p, q):
        value = stats.entropy(p, q)
        return -0.0 if value == 0 else value

    assert check_answer(find_question("kl"), {"kl": kl}).state == "correct"


@each_in_single_precision
def test_a_named_mistake_is_recognised_in_single_precision_too(name):
    question = find_question(name)
    for mistake in question.mistakes[:3]:
        if not (mistake.probes or question.returns.choices):
            in_double, in_single = (
                check_answer(question, wrapped(name, changed_to(mistake, question, precision)))
                for precision in (float, np.float32)
            )
            assert in_single.mistake == in_double.mistake == mistake.name


def changed_to(mistake, question, precision):
    """The mistake, as numbers of this precision."""
    return lambda *arguments: np.asarray(
        question.returns.numbers(mistake.variants[0](*arguments)), dtype=precision
    )
