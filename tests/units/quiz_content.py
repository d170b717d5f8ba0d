"""All quiz items of the course by their names, for the tests of what they claim."""

import re

from klteach.units import UNITS
from klteach.units.lookup import predictions_of, review_of
from klteach.units.u00_start_here.quiz import INVENTORY as INVENTORY_ITEMS
from tests.plugins.unit_option import chosen

PREDICTIONS = {item.name: item for unit in chosen() for item in predictions_of(unit)}
REVIEW = {item.name: item for unit in chosen() for item in review_of(unit)}
INVENTORY = {item.name: item for item in INVENTORY_ITEMS}
ITEMS = PREDICTIONS | REVIEW | INVENTORY
MARKED = {name: item for name, item in ITEMS.items() if name != "00-order"}


def case_of(name):
    """A case of `together`: the item of this name, in its unit."""
    return UNITS[int(ITEMS[name].unit)].name, name, (name,)


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
