"""Answers to every question: the one that ships, other right forms, and wrong ones.

The right answer is the cell of solutions/ that learners see. A unit's `answers.py` holds
RIGHT_FORMS, SINGLE_PRECISION, TYPED_MISTAKES and, where a mutant changes nothing,
EQUIVALENT_MUTANTS; here they are those of all units that are tested, together.
"""

from importlib import import_module

import numpy as np

from klteach.practice.verbs import solution_code
from klteach.units.lookup import find_question, questions_of
from tests.plugins.unit_option import chosen

_UNITS = [import_module(f"tests.units.u{unit.name}.answers") for unit in chosen()]


def _of_all_units(name):
    return {key: value for unit in _UNITS for key, value in getattr(unit, name, {}).items()}


def _shipped(question):
    code = solution_code(question)
    if code is None:
        raise LookupError(f"solutions/{question.lesson}.ipynb has no starter of {question.name}")
    return code + "\n"


QUESTIONS = [question for unit in chosen() for question in questions_of(unit)]
RIGHT = {question.name: _shipped(question) for question in QUESTIONS}
RIGHT_FORMS = _of_all_units("RIGHT_FORMS")
SINGLE_PRECISION = _of_all_units("SINGLE_PRECISION")
EQUIVALENT_MUTANTS = _of_all_units("EQUIVALENT_MUTANTS")
# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [mistake for unit in _UNITS for mistake in unit.TYPED_MISTAKES]


def mistake(question, name):
    """The named mistake of the question with this name."""
    known = {each.name: each for each in find_question(question).mistakes}
    if name not in known:
        raise LookupError(f"{question} has no mistake {name!r} but {', '.join(map(repr, known))}")
    return known[name]


def wrong_value(question, name, case=0, variant=0):
    """What a mistake makes of the visible case at this place."""
    asked = find_question(question)
    with np.errstate(all="ignore"):
        return asked.values(mistake(question, name).variants[variant], asked.visible[case])


def right_value(question, case=0):
    """The right value of the visible case at this place."""
    asked = find_question(question)
    return asked.values(asked.reference, asked.visible[case])


def unknown_answer(question):
    """An answer that is wrong on every case and like no mistake."""

    def answer(*arguments):
        words, right = question.returns.choices, question.reference(*arguments)
        if words:
            return [words[0]] * len(right)
        numbers = [argument for argument in arguments if not callable(argument)]
        return 0.7 * question.returns.numbers(right) + 1.2345 * np.sum(numbers[:1] or 1)

    return answer


def case_of(question, *arguments, part=""):
    """A case of `together`: what is tested of the question that bears this name, in its unit."""
    return find_question(question).lesson, f"{question}: {part}" if part else question, arguments
