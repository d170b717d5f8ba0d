"""Predictions, warm-ups and the concept inventory: the verbs that a notebook calls."""

from difflib import get_close_matches

from klteach.practice.events import history
from klteach.practice.quiz.items import Prediction, ReviewQuestion
from klteach.practice.quiz.sheet import Sheet
from klteach.practice.quiz.warm_up import cards_of, choose
from klteach.units import WRITTEN
from klteach.units.lookup import (
    at_hand,
    inventory_questions,
    predictions_of,
    review_of,
    unit_of_question,
)
from klteach.units.routes import CORE

WARM_UP_LENGTH = 3


def predict(name: str):
    """The prediction of that name, to be committed with a confidence before anything is revealed.

    Returns a widget. Raises ValueError if there is no such prediction.
    """
    prediction = find_prediction(name)
    return _widget(Sheet(f"Prediction {name}", [prediction]))


def reveal(name: str):
    """The prediction of that name that was kept for a later unit, opened.

    Whoever has not committed an answer yet may do so here. Returns a widget. Raises ValueError if
    there is no such prediction.
    """
    prediction = find_prediction(name)
    return _widget(Sheet(f"Prediction {name}, opened", [prediction], opened=True))


def warm_up(unit: str):
    """Three short questions from earlier units, chosen by the learner's own history.

    They are about units in which the learner has done something, and for who begins here about
    those of the core. A question comes back one, three or seven notebooks after it was answered,
    sooner if the answer was wrong, and with other numbers. Returns a widget. Raises ValueError if
    the unit is not known, and for unit "00", which has nothing before it.
    """
    chosen = warm_up_questions(unit)
    intro = "Three questions from earlier units."
    return _widget(Sheet(f"Warm-up {unit}", chosen, warm_up=unit), intro=intro)


def inventory(again: bool = False):
    """Ten questions on common beliefs about KL, not graded: in unit 00, and again in unit 31.

    again      the second asking. What was said at the first is not shown, and nothing is revealed
               before the answers are recorded; `closing()` sets the two beside each other.
    Returns a widget.
    """
    intro, done = _SECOND_ASKING if again else _FIRST_ASKING
    title = "Concept inventory, again" if again else "Concept inventory"
    sheet = Sheet(title, inventory_questions(), together=True, again=again)
    return _widget(sheet, intro=intro, done=done)


_FIRST_ASKING = (
    "Ten questions on common beliefs about KL, before the course has taught any of it. "
    "Nothing is graded. Do not guess: not to know is a good answer here.",
    "Recorded, and not marked on purpose: the same ten questions come back in unit 31, and the "
    "difference between the two answers is what you have learned.",
)
_SECOND_ASKING = (
    "The same ten questions as in unit 00. Nothing is graded, and not to know is still a good "
    "answer.",
    "Recorded: closing() sets these answers beside your first ones.",
)


def find_prediction(name: str) -> Prediction:
    """The prediction of that name; ValueError with a suggestion if there is none."""
    units = at_hand()
    own = str(name)[:2]
    # its own unit alone, unless the name is wrong and the likeliest is to be told
    for unit in [units[own]] if own in units else []:
        for prediction in predictions_of(unit):
            if prediction.name == name:
                return prediction
    known = [prediction.name for unit in units.values() for prediction in predictions_of(unit)]
    raise ValueError(f"no prediction is called {name!r}{_did_you_mean(name, known)}")


def warm_up_questions(unit: str) -> list[ReviewQuestion]:
    """The three questions that `warm_up(unit)` asks, given the history so far."""
    units = at_hand()
    if unit not in units:
        raise ValueError(f"no unit is called {unit!r}{_did_you_mean(unit, units)}")
    earlier = [known for known in WRITTEN if known.code < unit]
    if not earlier:
        raise ValueError(f"unit {unit} is the first one: there is nothing to warm up on yet")
    visited = visited_units(history())
    # whoever skipped a unit, as a route may ask for, is asked nothing about it
    own = [known for known in earlier if known.code in visited]
    if sum(len(review_of(known)) for known in own) < WARM_UP_LENGTH:
        own = [known for known in earlier if known.code in visited or known.number in CORE]
    # One question of each unit in turn, the latest unit first: a first-time reader gets a mixture.
    pools = [review_of(known) for known in reversed(own)]
    longest = max(len(pool) for pool in pools)
    mixed = [pool[turn] for turn in range(longest) for pool in pools if turn < len(pool)]
    questions = {question.name: question for question in mixed}
    events = history("review")
    cards = cards_of(events)
    return [
        questions[name].asked_again(cards[name].times) if name in cards else questions[name]
        for name in choose(list(questions), events, unit, WARM_UP_LENGTH)
    ]


def visited_units(events: list[dict]) -> set[str]:
    """The codes of the units in which something was done: checked, looked up or predicted.

    Answers of a warm-up are no visit of the unit that they ask about.
    """
    visited = set()
    for event in events:
        if event["kind"] == "prediction":
            visited.add(event.get("item", "")[:2])
        elif event["kind"] in ("check", "seen"):
            visited.add(unit_of_question(event.get("question", "")))
    return visited


def _did_you_mean(name, known) -> str:
    close = [str(name).zfill(2)]  # 1 and "1" mean "01"
    if close[0] not in known:
        close = get_close_matches(str(name), known, n=1, cutoff=0.4)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(repr(each) for each in known)}"


def _widget(sheet: Sheet, **words):
    # ipywidgets is slow to import, and a notebook that only checks answers does not need it.
    from klteach.practice.quiz.widget import QuizWidget

    return QuizWidget(sheet, **words)
