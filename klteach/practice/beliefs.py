"""What a record tells of the learner's beliefs: the inventory's two askings, and where else."""

from dataclasses import dataclass

from klteach.practice.calibration import latest_predictions
from klteach.practice.events import is_confidence
from klteach.practice.quiz.items import RIGHT, InventoryQuestion
from klteach.practice.quiz.misconceptions import MISCONCEPTIONS

NOT_KNOWN = "not-known-yet"


@dataclass(frozen=True)
class TwoAnswers:
    """The codes of the answers to a question of the inventory at its two askings; "" for none."""

    question: InventoryQuestion
    first: str = ""
    second: str = ""


def two_answers(events: list[dict], questions: list[InventoryQuestion]) -> list[TwoAnswers]:
    """What was answered to each question of the inventory, first and at the end.

    A first answer that was given after the second one is none: it is no starting point.
    """
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    for event in events:
        name, code = event.get("item", ""), event.get("code")
        if event["kind"] != "inventory" or not isinstance(code, str):
            continue
        if event.get("again") is True:
            second[name] = code
        elif name not in second:
            first[name] = code
    found = []
    for question in questions:
        codes = (first.get(question.name, ""), second.get(question.name, ""))
        asked = {option.code for option in question.answers.options}
        found.append(TwoAnswers(question, *(code if code in asked else "" for code in codes)))
    return found


@dataclass(frozen=True)
class Met:
    """A wrong answer to a prediction or in a warm-up, and the belief that it stands for.

    confidence   0 to 1, or None in a warm-up and where it was not said
    """

    item: str
    kind: str
    belief: str
    confidence: float | None = None


def beliefs_met(events: list[dict]) -> list[Met]:
    """Every wrong answer to a prediction or in a warm-up whose belief is known, oldest first."""
    return [
        Met(event["item"], event["kind"], event["code"], _confidence(event))
        for event in events
        if event["kind"] in ("prediction", "review")
        and "item" in event
        and event.get("hit") is False
        and is_belief(event.get("code"))
    ]


def beliefs_left(events: list[dict]) -> list[Met]:
    """Those of `beliefs_met` in the latest answer to each question."""
    reviews = [event for event in events if event["kind"] == "review"]
    latest = {event.get("item"): event for event in reviews}
    return beliefs_met([*latest_predictions(events).values(), *latest.values()])


def is_belief(code) -> bool:
    """Whether a recorded code stands for a misconception."""
    return isinstance(code, str) and code in MISCONCEPTIONS and code not in (RIGHT, NOT_KNOWN)


def _confidence(event: dict) -> float | None:
    confidence = event.get("confidence")
    return float(confidence) if is_confidence(confidence) else None
