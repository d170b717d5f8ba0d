"""Exercises with feedback, predictions and reviews: the verbs that notebooks import.

Each verb is loaded when it is first asked for, so that `check` does not wait for the widgets of the
predictions.
"""

from importlib import import_module

# Not when asked for: by then the import system has put the module of this name in its place.
from klteach.practice.progress import progress

_HOMES = {
    "check": "verbs",
    "failing_case": "verbs",
    "hint": "verbs",
    "solution": "verbs",
    "predict": "quiz.verbs",
    "reveal": "quiz.verbs",
    "warm_up": "quiz.verbs",
    "inventory": "quiz.verbs",
    "closing": "closing_page",
}

__all__ = [*_HOMES, "progress"]


def __getattr__(name):
    if name in _HOMES:
        return getattr(import_module(f"klteach.practice.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
