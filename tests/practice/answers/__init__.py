"""Answers to every question: the typed right one, other right forms, and wrong ones.

A unit's module holds RIGHT, RIGHT_FORMS, SINGLE_PRECISION, TYPED_MISTAKES and, where a mutant
changes nothing, EQUIVALENT_MUTANTS. Here they are those of all units together.
"""

import pkgutil
from importlib import import_module

from .typed import function, notebook, wrapped

__all__ = [
    "EQUIVALENT_MUTANTS",
    "RIGHT",
    "RIGHT_FORMS",
    "SINGLE_PRECISION",
    "TYPED_MISTAKES",
    "function",
    "notebook",
    "wrapped",
]

_UNITS = [
    import_module(f".{module.name}", __name__)
    for module in pkgutil.iter_modules(__path__)
    if module.name.startswith("unit_")
]


def _of_all_units(name):
    return {key: value for unit in _UNITS for key, value in getattr(unit, name, {}).items()}


RIGHT = _of_all_units("RIGHT")
RIGHT_FORMS = _of_all_units("RIGHT_FORMS")
SINGLE_PRECISION = _of_all_units("SINGLE_PRECISION")
EQUIVALENT_MUTANTS = _of_all_units("EQUIVALENT_MUTANTS")
TYPED_MISTAKES = [mistake for unit in _UNITS for mistake in unit.TYPED_MISTAKES]
