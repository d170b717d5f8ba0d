"""Which ideas a learner may want to look at again, and where the course teaches them."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from klteach.practice.beliefs import NOT_KNOWN, Met, TwoAnswers, beliefs_left, is_belief
from klteach.practice.calibration import latest_predictions
from klteach.practice.course_folder import course_root
from klteach.practice.events import is_confidence
from klteach.practice.feedback import opening_cell
from klteach.practice.progress import NOT_ATTEMPTED, exercise_states
from klteach.practice.quiz.misconceptions import MISCONCEPTIONS
from klteach.units import UNITS, Unit
from klteach.units.lookup import find_question

# What a wrong answer weighs. One of the second asking is the latest word on the course as a whole,
# one of the first was given before the course; a prediction weighs more, the surer it was.
SECOND_ASKING, FIRST_ASKING, PREDICTION, REVIEW = 3.0, 0.5, 1.0, 1.0


@dataclass(frozen=True)
class Idea:
    """Something to look at again: what it is about, why it is named, the cell that teaches it."""

    about: str
    why: str
    cell: str

    @property
    def unit(self) -> Unit:
        return UNITS[int(self.cell[:2])]

    @property
    def link(self) -> str:
        """The unit, as a link of Markdown to the cell."""
        target = f"../notebooks/{self.unit.name}.ipynb#cell-id={self.cell}"
        return f"[{self.unit.code} {self.unit.title}]({target})"


def ideas_to_revisit(events: list[dict], inventory: list[TwoAnswers], most: int = 3) -> list[Idea]:
    """At most so many: wrong beliefs first, then exercises left open, then what was least sure.

    The beliefs are those of the latest answers, the one with the most and surest wrong answers
    first.
    """
    sources = (_beliefs(events, inventory), _exercises(events), _doubts(events))
    return list(islice(chain(*sources), most))


@dataclass(frozen=True)
class _Sign:
    """A wrong answer that speaks for an idea: its weight, what it was, which question it was to.

    The cell that it leads to is looked up if it is not known.
    """

    weight: float
    why: str
    item: str
    cell: str = ""


def _beliefs(events: list[dict], inventory: list[TwoAnswers]) -> Iterator[Idea]:
    found: dict[str, list[_Sign]] = defaultdict(list)
    for answers in inventory:
        code = answers.second or answers.first
        weight = SECOND_ASKING if answers.second else FIRST_ASKING
        question = answers.question
        if is_belief(code):
            sign = _Sign(weight, "the ten questions", question.name, question.taught)
            found[_about(code)].append(sign)
        elif code == NOT_KNOWN:
            why = "not known in the ten questions"
            sign = _Sign(weight / 2, why, question.name, question.taught)
            found[f"the question “{question.text}”"].append(sign)
    for met in beliefs_left(events):
        if _is_of_the_course(met.item):
            found[_about(met.belief)].append(_sign(met))
    for about, signs in sorted(found.items(), key=lambda pair: -sum(s.weight for s in pair[1])):
        signs.sort(key=lambda sign: -sign.weight)
        why = "; ".join(dict.fromkeys(sign.why for sign in signs))
        yield Idea(about, why, signs[0].cell or _cell_of(signs[0].item))


def _about(code: str) -> str:
    return f"the belief “{MISCONCEPTIONS[code]}”"


def _sign(met: Met) -> _Sign:
    if met.kind == "review":
        return _Sign(REVIEW, f"warm-up question on {met.item[:2]}", met.item)
    if met.confidence is None:
        return _Sign(PREDICTION, f"prediction {met.item}", met.item)
    why = f"prediction {met.item}, {100 * met.confidence:.0f} % sure"
    return _Sign(PREDICTION + met.confidence, why, met.item)


def _exercises(events: list[dict]) -> Iterator[Idea]:
    for _, name, state, _, _ in exercise_states(events):
        if state != NOT_ATTEMPTED and not state.startswith("correct"):
            yield Idea(f"the exercise `{name}`", state, opening_cell(find_question(name)))


def _doubts(events: list[dict]) -> Iterator[Idea]:
    """Right predictions, the least sure one first."""
    doubts = [
        (event["confidence"], name)
        for name, event in latest_predictions(events).items()
        if event.get("hit") is True and is_confidence(event.get("confidence"))
    ]
    for sure, name in sorted(doubts):
        if sure < 1 and _is_of_the_course(name):
            why = f"right, and only {100 * sure:.0f} % sure"
            yield Idea(f"the prediction {name}", why, _cell_of(name))


def _is_of_the_course(item: str) -> bool:
    return item[:2] in {unit.code for unit in UNITS}


def _cell_of(item: str) -> str:
    """The cell that asks this prediction, and for a review question the idea of its unit."""
    section = "three-verbs" if item[:2] == "00" else "the-idea"
    return _cell_that_asks(item) or f"{item[:2]}-{section}-text"


def _cell_that_asks(name: str) -> str:
    """The id of the cell that calls `predict(name)`; "" if there is none, or no lesson at hand."""
    root = course_root()
    if root is None:
        return ""
    try:
        lesson = root / "notebooks" / f"{UNITS[int(name[:2])].name}.ipynb"
        for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
            if f'predict("{name}")' in "".join(cell["source"]):
                return cell["id"]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # a lesson that the learner has changed or damaged: the unit's idea is named instead
    return ""
