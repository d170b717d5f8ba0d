"""All quiz items of the course by their names, for the tests of what they claim."""

import re
from importlib import import_module

from klteach.practice.quiz import quiz_units
from klteach.practice.quizzes import unit_00

UNITS = {unit: import_module(f"klteach.practice.quizzes.unit_{unit}") for unit in quiz_units()}
PREDICTIONS = {item.name: item for unit in UNITS.values() for item in unit.PREDICTIONS}
REVIEW = {item.name: item for unit in UNITS.values() for item in unit.REVIEW}
INVENTORY = {item.name: item for item in unit_00.INVENTORY}
ITEMS = PREDICTIONS | REVIEW | INVENTORY
MARKED = {name: item for name, item in ITEMS.items() if name != "00-order"}


def right(name):
    return ITEMS[name].answers.truth


def options(name):
    return {option.code: option for option in ITEMS[name].answers.options}


def variants(name):
    """(the numbers of its text, its options by code), as a review question is asked over time."""
    for times in range(40):
        item = ITEMS[name].asked_again(times) if times else ITEMS[name]
        numbers = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", item.text)]
        yield numbers, {option.code: option for option in item.answers.options}
