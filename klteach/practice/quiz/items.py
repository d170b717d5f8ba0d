"""What a quiz item is and how an answer to it is judged; no widget and no file in here."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import ClassVar

RIGHT = "right"


@dataclass(frozen=True)
class Judgement:
    """What is known about one answer: its misconception code and the sentence for the learner.

    `hit` is None where there is nothing to hit: a kept prediction has no single right answer.
    """

    answer: str | float
    code: str
    says: str
    hit: bool | None


@dataclass(frozen=True)
class Option:
    """One answer to choose, the sentence it gets at the reveal, and its misconception code."""

    text: str
    says: str
    code: str = RIGHT


@dataclass(frozen=True)
class Choice:
    """An answer chosen from a few options."""

    options: tuple[Option, ...]

    @property
    def right(self) -> int | None:
        """The place of the right option; None where every order of things has its own merit."""
        places = [place for place, option in enumerate(self.options) if option.code == RIGHT]
        return places[0] if places else None

    @property
    def guess(self) -> int:
        """The confidence in percent of somebody who chooses blindly."""
        return math.ceil(100 / len(self.options))

    @property
    def truth(self) -> str | None:
        return None if self.right is None else self.options[self.right].text

    def judge(self, place) -> Judgement:
        if type(place) is not int or not 0 <= place < len(self.options):
            raise ValueError(f"there is no option {place!r}: choose one of {len(self.options)}")
        option = self.options[place]
        hit = None if self.right is None else option.code == RIGHT
        return Judgement(option.text, option.code, option.says, hit)

    def place_of(self, event: dict) -> int | None:
        """The option that a recorded answer stands for; None if the course no longer has it."""
        for place, option in enumerate(self.options):
            if option.code == event.get("code"):
                return place
        return None

    def samples(self) -> list[int]:
        """Every answer that there is."""
        return list(range(len(self.options)))

    def public(self) -> dict:
        """What the browser may know before the learner commits."""
        return {"form": "choice", "options": [option.text for option in self.options]}


@dataclass(frozen=True)
class Band:
    """A range of wrong numbers, low <= answer <= high, with its sentence and misconception code."""

    low: float
    high: float
    says: str
    code: str


@dataclass(frozen=True)
class Number:
    """A number to type in, right within `tolerance`; the bands say why the others are wrong.

    Of overlapping bands the first one speaks, so the narrow ones come first.
    """

    truth: float
    tolerance: float
    low: float
    high: float
    says: str
    bands: tuple[Band, ...]
    label: str = "Your answer"
    unit: str = ""
    out_of_range: str = ""

    guess: ClassVar[int] = 0
    right: ClassVar[None] = None

    def judge(self, number) -> Judgement:
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            raise ValueError(f"{number!r} is not a number")
        if not self.low <= number <= self.high:
            raise ValueError(self.out_of_range)
        if abs(number - self.truth) <= self.tolerance:
            return Judgement(number, RIGHT, self.says, True)
        band = next(band for band in self.bands if band.low <= number <= band.high)
        return Judgement(number, band.code, band.says, False)

    def place_of(self, event: dict) -> float | None:
        """The recorded number, or None if it is not an answer to this question any more."""
        answer = event.get("answer")
        try:
            self.judge(answer)
        except ValueError:
            return None
        return answer

    def samples(self) -> list[float]:
        """One answer of each kind: the truth, then a number of each band, in the bands' order."""
        return [self.truth, *map(self._inside, self.bands)]

    def _inside(self, band: Band) -> float:
        """A number on which this band speaks, and neither the truth nor an earlier band."""
        for step in range(1, 1000):
            number = band.low + (band.high - band.low) * step / 1000
            if self.low <= number <= self.high and self.judge(number).says == band.says:
                return number
        raise ValueError(f"no number falls into the band from {band.low:g} to {band.high:g}")

    def public(self) -> dict:
        """What the browser may know before the learner commits."""
        return {
            "form": "number",
            "low": self.low,
            "high": self.high,
            "tolerance": self.tolerance,
            "label": self.label,
            "unit": self.unit,
            "outOfRange": self.out_of_range,
        }


@dataclass(frozen=True)
class Pair:
    """Two small distributions over the same few outcomes 1, 2, ..., drawn below the question."""

    name: str
    p: tuple[float, ...]
    q: tuple[float, ...]
    outcome: str


@dataclass(frozen=True)
class QuizItem:
    """A question with its answers. The name begins with its unit: "01-peak"."""

    name: str
    text: str
    answers: Choice | Number

    kind: ClassVar[str]

    @property
    def unit(self) -> str:
        return self.name[:2]


@dataclass(frozen=True)
class Prediction(QuizItem):
    """A question answered before the reveal, with a confidence where there is a right answer.

    `kept_until` names the unit that reveals the answer; "" reveals it at once.
    """

    reveal: str
    kept_until: str = ""
    pairs: tuple[Pair, ...] = ()

    kind = "prediction"

    @property
    def asks_confidence(self) -> bool:
        """Whether there is something to be sure of: a right option, or a number."""
        return isinstance(self.answers, Number) or self.answers.right is not None


@dataclass(frozen=True)
class ReviewQuestion(QuizItem):
    """A short question on an earlier unit, for a warm-up.

    `vary` writes it anew: a function of a `random.Random` that returns the text and the answers.
    """

    answers: Choice
    vary: Callable[[Random], tuple[str, Choice]] | None = None

    kind = "review"

    def asked_again(self, times: int) -> "ReviewQuestion":
        """The question for somebody who has answered it so many times: the same on every machine.

        The numbers change if `vary` is given, and the options change places in any case.
        """
        random = Random(f"{self.name} {times}")
        text, answers = self.vary(random) if self.vary else (self.text, self.answers)
        options = random.sample(answers.options, len(answers.options))
        return replace(self, text=text, answers=Choice(tuple(options)))


@dataclass(frozen=True)
class InventoryQuestion(QuizItem):
    """A question of the concept inventory: recorded now, and asked again in the last unit.

    `taught` is the cell of the lesson that answers it; a cell's name begins with its unit.
    """

    answers: Choice
    taught: str

    kind = "inventory"
