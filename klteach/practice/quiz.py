"""Predictions, warm-ups and the concept inventory: the verbs that a notebook calls."""

import pkgutil
from difflib import get_close_matches
from importlib import import_module

from klteach.practice import quizzes
from klteach.practice.events import history
from klteach.practice.quiz_items import Prediction, ReviewQuestion

WARM_UP_LENGTH = 3


def predict(name: str):
    """The prediction of that name, to be committed with a confidence before anything is revealed.

    Returns a widget. Raises ValueError if there is no such prediction.
    """
    prediction = find_prediction(name)
    return _widget(f"Prediction {name}", [prediction])


def warm_up(unit: str):
    """Three short questions from the units before `unit`, chosen by the learner's own history.

    Questions answered wrongly last time come first, then those never answered, then the others,
    the longest-ago first. Returns a widget. Raises ValueError if the unit is not known, and for
    unit "00", which has nothing before it.
    """
    chosen = warm_up_questions(unit)
    return _widget(f"Warm-up {unit}", chosen, intro="Three questions from earlier units.")


def inventory():
    """Ten questions on common beliefs about KL: recorded now, asked again in unit 31, not graded.

    Returns a widget.
    """
    from klteach.practice.quizzes.unit_00 import INVENTORY
    from klteach.practice.quiz_sheet import INVENTORY_RECORDED

    return _widget(
        "Concept inventory",
        INVENTORY,
        together=True,
        intro="Ten questions on common beliefs about KL, before the course has taught any of it. "
        "Nothing is graded. Do not guess: not to know is a good answer here.",
        done=INVENTORY_RECORDED,
    )


def find_prediction(name: str) -> Prediction:
    """The prediction of that name; ValueError with a suggestion if there is none."""
    known = {
        prediction.name: prediction for unit in quiz_units() for prediction in _predictions(unit)
    }
    if not isinstance(name, str) or name not in known:
        raise ValueError(f"no prediction is called {name!r}{_did_you_mean(name, known)}")
    return known[name]


def warm_up_questions(unit: str) -> list[ReviewQuestion]:
    """The three questions that `warm_up(unit)` asks, given the history so far."""
    units = quiz_units()
    if unit not in units:
        raise ValueError(f"no unit is called {unit!r}{_did_you_mean(unit, units)}")
    earlier = [known for known in units if known < unit]
    if not earlier:
        raise ValueError(f"unit {unit} is the first one: there is nothing to warm up on yet")
    last = {event.get("item"): (place, event) for place, event in enumerate(history("review"))}

    def order(ranked: tuple[int, ReviewQuestion]):
        rank, question = ranked
        if question.name not in last:
            return 1, rank
        place, event = last[question.name]
        return (2 if event.get("hit") else 0), place

    # One question of each unit in turn, the latest unit first: a first-time reader gets a mixture.
    pools = [_review(known) for known in reversed(earlier)]
    longest = max(len(pool) for pool in pools)
    mixed = [pool[turn] for turn in range(longest) for pool in pools if turn < len(pool)]
    ranked = sorted(enumerate(mixed), key=order)
    return [question for _, question in ranked[:WARM_UP_LENGTH]]


def quiz_units() -> list[str]:
    """The units that have quiz items, in order: "00", "01", ..."""
    return sorted(
        module.name.removeprefix("unit_") for module in pkgutil.iter_modules(quizzes.__path__)
    )


def _predictions(unit: str) -> list[Prediction]:
    return import_module(f"klteach.practice.quizzes.unit_{unit}").PREDICTIONS


def _review(unit: str) -> list[ReviewQuestion]:
    return import_module(f"klteach.practice.quizzes.unit_{unit}").REVIEW


def _did_you_mean(name, known) -> str:
    close = get_close_matches(str(name), known, n=1, cutoff=0.4)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(repr(each) for each in known)}"


def _widget(title, items, together=False, **words):
    # ipywidgets is slow to import, and a notebook that only checks answers does not need it.
    from klteach.practice.quiz_sheet import Sheet
    from klteach.practice.quiz_widget import QuizWidget

    return QuizWidget(Sheet(title, items, together), **words)
