"""A sheet of quiz items: what the browser is told, what it may answer, what is recorded.

The truth stays in Python until an answer is committed. Everything that the browser sends is
checked, since a browser can send anything.
"""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from klteach.practice.events import history, is_confidence, record
from klteach.practice.quiz.items import Choice, Number, Prediction, QuizItem
from klteach.practice.quiz.pair_picture import pairs_html


class Sheet:
    """Some quiz items together, with the answers committed so far.

    title        shown above the items, and the name in the line of plain text: "Prediction 01-peak"
    together     one button commits all the items at once
    warm_up      the unit whose warm-up this is, recorded with every review question
    opened       a kept prediction is revealed here
    again        the second asking of the inventory, whose answers are revealed
    Predictions and inventory answers are committed once and for all: they are found again in the
    progress file. Review questions start afresh on every run.
    """

    def __init__(
        self,
        title: str,
        items: Sequence[QuizItem],
        together=False,
        warm_up="",
        opened=False,
        again=False,
    ):
        self.title = title
        self.together = together
        self._warm_up = warm_up
        self._opened = opened
        self._again = again
        self._items = {item.name: item for item in items}
        self._reveals: dict[str, dict] = {}
        for item in items:
            if item.kind != "review":
                self._remember(item)

    def state(self) -> list[dict]:
        """The items as the browser sees them: without the truth until they are committed."""
        return [self._public(item) for item in self._items.values()]

    def answer(self, message) -> dict:
        """Judge and record {"type": "commit", "item", "answer", "confidence"}; the reply.

        The reply is {"type": "reveal", "item", "reveal"}, or {"type": "error", "item", "message"}.
        An item that is committed already is revealed again and not recorded twice.
        """
        name = message.get("item") if isinstance(message, dict) else None
        try:
            if not isinstance(message, dict) or message.get("type") != "commit":
                raise ValueError("this message is not an answer")
            if not isinstance(name, str) or name not in self._items:
                raise ValueError(f"there is no question {name!r} here")
            self._commit(self._items[name], message.get("answer"), message.get("confidence"))
        except ValueError as problem:
            return {"type": "error", "item": name, "message": _sentence(problem)}
        return {"type": "reveal", "item": name, "reveal": self._reveals[name]}

    def reveals(self) -> dict[str, dict]:
        """What each possible answer would reveal, by item: for a page that has no Python.

        Each item has what its events hold ("kind", "unit", and "truth", "warm_up" or "again" where
        they do) and "answers", a list: one for each option, or for a number to type the truth's and
        then each band's, which say from where to where they are meant ("low", "high"; the first
        that fits speaks). An answer is the reveal that `answer` would send, less what depends on
        the learner ("answer", "confidence", "yours", "when", "alert"), and "said", "code" and
        "hit".

        Nothing is committed or recorded by it. What it returns holds the truth: it belongs into no
        page source and no search index.
        """
        return {name: self._known(item) for name, item in self._items.items()}

    def _known(self, item: QuizItem) -> dict:
        known: dict[str, object] = {"kind": item.kind, "unit": item.unit}
        if isinstance(item, Prediction):
            known["truth"] = item.answers.truth
        if item.kind == "review":
            known["warm_up"] = self._warm_up
        if item.kind == "inventory":
            known["again"] = self._again
        answers = []
        for answer in item.answers.samples():
            judgement = item.answers.judge(answer)
            reveal = self._reveal(item, answer, None)
            for name in ("answer", "confidence", "yours", "when", "alert"):
                del reveal[name]
            hit = None if item.kind == "inventory" else judgement.hit
            answers.append(reveal | {"said": judgement.answer, "code": judgement.code, "hit": hit})
        if isinstance(item.answers, Number):
            number = item.answers
            edges = [(number.truth - number.tolerance, number.truth + number.tolerance)]
            edges += [(band.low, band.high) for band in number.bands]
            for reveal, (low, high) in zip(answers, edges, strict=True):
                reveal |= {"low": low, "high": high}
        return known | {"answers": answers}

    def line(self) -> str:
        """One line of plain text, the same on every machine while nothing is committed."""
        if not self._reveals:
            return f"{self.title}: skipped"
        if len(self._items) > 1:
            return f"{self.title}: {len(self._reveals)} of {len(self._items)} answered"
        (reveal,) = self._reveals.values()
        return f"{self.title}: {reveal['yours']} {reveal['headline']}"

    def html(self) -> str:
        """The sheet for a reader without a kernel: the questions, and what was committed."""
        parts = [f"<p><b>{escape(self.title)}</b></p>"]
        for item in self._items.values():
            parts.append(f"<p>{escape(item.text)}</p>")
            if isinstance(item, Prediction) and item.pairs:
                parts.append(pairs_html(item.pairs))
            if isinstance(item.answers, Choice):
                options = "".join(f"<li>{escape(o.text)}</li>" for o in item.answers.options)
                parts.append(f"<ul>{options}</ul>")
            reveal = self._reveals.get(item.name)
            if reveal:
                words = [reveal["yours"], reveal["headline"], *reveal["lines"], reveal["when"]]
                parts.append("".join(f"<p>{escape(each)}</p>" for each in words if each))
        if not self._reveals:
            parts.append("<p><i>Run this cell to answer.</i></p>")
        return "\n".join(parts)

    def _public(self, item: QuizItem) -> dict:
        public: dict[str, object] = {
            "item": item.name,
            "text": item.text,
            "reveal": self._reveals.get(item.name),
        }
        if isinstance(item, Prediction):
            if item.asks_confidence:
                public["guess"] = item.answers.guess
            public["pairs"] = pairs_html(item.pairs) if item.pairs else ""
        return public | item.answers.public()

    def _commit(self, item: QuizItem, answer, confidence) -> None:
        # Another notebook may have committed the same prediction since this cell was run.
        if item.name in self._reveals or (item.kind != "review" and self._remember(item)):
            return
        judgement = item.answers.judge(answer)
        fields: dict[str, str | float | None] = {
            "unit": item.unit,
            "item": item.name,
            "answer": judgement.answer,
        }
        if isinstance(item, Prediction):
            fields["confidence"] = _checked(confidence, item)
            fields["truth"] = item.answers.truth
        if item.kind == "review":
            fields["warm_up"] = self._warm_up
        if item.kind == "inventory":
            fields["again"] = self._again
        else:
            fields["hit"] = judgement.hit
        not_saved = record(item.kind, **fields, code=judgement.code)
        self._reveals[item.name] = self._reveal(item, answer, fields.get("confidence"), not_saved)

    def _remember(self, item: QuizItem) -> bool:
        """Take the latest committed answer from the progress file; say whether there is one."""
        for event in reversed(history(item.kind)):
            asked = event.get("item") == item.name and (event.get("again") is True) is self._again
            answer = item.answers.place_of(event) if asked else None
            if answer is not None:
                confidence = event.get("confidence")
                if confidence is not None and not is_confidence(confidence):
                    continue
                self._reveals[item.name] = self._reveal(
                    item, answer, confidence, when=event["time"]
                )
                return True
        return False

    def _reveal(self, item: QuizItem, answer, confidence, not_saved="", when="") -> dict:
        """What is shown once an answer is committed."""
        answers, judgement = item.answers, item.answers.judge(answer)
        said = judgement.answer
        if isinstance(answers, Number):
            said = f"{said:g} {answers.unit}" if answers.unit else f"{said:g}"
        percent = "" if confidence is None else f", {100 * confidence:.0f} % sure"
        reveal = {
            "answer": answer,
            "confidence": None if confidence is None else round(100 * confidence),
            "yours": f"You said: {said}{percent}.",
            "right": None,
            "others": [],
            "when": _when(when),
            "alert": not_saved,
        }
        if item.kind == "inventory" and not self._again:
            return reveal | {"headline": "", "lines": []}
        kept_until = item.kept_until if isinstance(item, Prediction) else ""
        if kept_until and not self._opened:
            later = f"It is kept until unit {kept_until}, and nothing is revealed before."
            return reveal | {"headline": "Your answer is committed.", "lines": [later]}
        lines = [judgement.says]
        if isinstance(item, Prediction):
            lines.append(item.reveal)
        others = []
        if isinstance(answers, Choice):
            others = [
                {"text": option.text, "says": option.says}
                for place, option in enumerate(answers.options)
                if place != answer
            ]
        return reveal | {
            "headline": _headline(judgement.hit),
            "lines": lines,
            "right": answers.right,
            "others": others,
        }


def _headline(hit: bool | None) -> str:
    if hit is None:
        return "Opened: your answer, and what can be said of it."
    return "Right." if hit else "Not this time."


def _checked(confidence, item: Prediction) -> float | None:
    """A confidence in percent as a number from 0 to 1; None if the learner gave no opinion."""
    if confidence is None or not item.asks_confidence:
        return None
    if isinstance(confidence, bool) or not isinstance(confidence, (int, float)):
        raise ValueError(f"the confidence is {confidence!r}: it must be a number")
    guess = item.answers.guess
    if not guess <= confidence <= 100:
        raise ValueError(f"the confidence is {confidence:g} %: it must lie in {guess} to 100 %")
    return confidence / 100


def _when(time: str) -> str:
    if not time:
        return ""
    try:
        day = datetime.fromisoformat(time).astimezone()
    except (ValueError, OverflowError, OSError):
        return "You committed this earlier, and a commitment stays."
    return f"You committed this on {day.day} {day:%B %Y}, and a commitment stays."


def _sentence(problem: Exception) -> str:
    words = str(problem)
    return words[:1].upper() + words[1:].removesuffix(".") + "."
