"""Answers to every question: the one that ships, other right forms, and wrong ones.

The right answer is the cell of solutions/ that learners see. A unit's `answers.py` holds RIGHT_FORMS,
SINGLE_PRECISION, TYPED_MISTAKES and, where a mutant changes nothing, EQUIVALENT_MUTANTS; here they
are those of all written units together.
"""

from importlib import import_module

from klteach.practice.verbs import solution_code
from klteach.units import WRITTEN
from klteach.units.registry import questions

_UNITS = [import_module(f"tests.units.u{unit.name}.answers") for unit in WRITTEN]


def _of_all_units(name):
    return {key: value for unit in _UNITS for key, value in getattr(unit, name, {}).items()}


RIGHT = {name: solution_code(question) + "\n" for name, question in questions().items()}
RIGHT_FORMS = _of_all_units("RIGHT_FORMS")
SINGLE_PRECISION = _of_all_units("SINGLE_PRECISION")
EQUIVALENT_MUTANTS = _of_all_units("EQUIVALENT_MUTANTS")
# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [mistake for unit in _UNITS for mistake in unit.TYPED_MISTAKES]
