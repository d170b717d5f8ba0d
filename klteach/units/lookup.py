"""Finds what the units hold by its name, and imports no unit but the one that is meant.

A unit's package says in QUESTION_NAMES which questions it has; the name of a prediction begins with
the unit: "13-small".
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from klteach.units import UNITS, WRITTEN, Unit

if TYPE_CHECKING:
    from klteach.practice.question import Question
    from klteach.practice.quiz.items import InventoryQuestion, Prediction, ReviewQuestion


class UnknownQuestion(LookupError):
    """No question has this name."""


@cache
def questions() -> dict[str, Question]:
    """Every question of the written units by its name, in the order of the units."""
    found: dict[str, Question] = {}
    for unit in WRITTEN:
        for question in questions_of(unit):
            if question.name in found:
                raise ValueError(f"two questions are named {question.name!r}")
            found[question.name] = question
    return found


def questions_of(unit: Unit) -> list[Question]:
    """The questions of one unit."""
    return import_module(f"{unit.package}.questions").QUESTIONS


def find_question(name: str) -> Question:
    """The question called `name`; UnknownQuestion, with the likeliest names, if there is none."""
    unit = _unit_of_question().get(name)
    if unit is not None:
        return next(question for question in questions_of(unit) if question.name == name)
    known = list(_unit_of_question())
    likely = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    if likely:
        raise UnknownQuestion(f"no question is named {name!r}. Did you mean {likely[0]!r}?")
    raise UnknownQuestion(f"no question is named {name!r}. The questions are: {', '.join(known)}.")


@cache
def at_hand() -> dict[str, Unit]:
    """The units that a notebook can ask for, by their code: "13".

    The written ones, and those whose author tries them in a notebook before they are written.
    """
    return {unit.code: unit for unit in UNITS if unit.written or find_spec(unit.package)}


def unit_of_question(name: str) -> str:
    """The code of the unit that has this question, or "" if none has it."""
    unit = _unit_of_question().get(name)
    return unit.code if unit else ""


def question_names(unit: Unit) -> tuple[str, ...]:
    """The names of one unit's questions, without the questions themselves."""
    return import_module(unit.package).QUESTION_NAMES


@cache
def _unit_of_question() -> dict[str, Unit]:
    return {name: unit for unit in at_hand().values() for name in question_names(unit)}


def predictions_of(unit: Unit) -> list[Prediction]:
    """The predictions of one unit."""
    return import_module(f"{unit.package}.quiz").PREDICTIONS


def review_of(unit: Unit) -> list[ReviewQuestion]:
    """The review questions on one unit, which warm-ups of later units ask."""
    return import_module(f"{unit.package}.quiz").REVIEW


def inventory_questions() -> list[InventoryQuestion]:
    """The concept inventory, which the first unit asks and the last asks again."""
    return import_module(f"{UNITS[0].package}.quiz").INVENTORY
