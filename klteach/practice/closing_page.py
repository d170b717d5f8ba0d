"""The page that `closing()` shows: what has changed, how sure you were, what to revisit."""

import math
from html import escape

from klteach.practice.beliefs import (
    NOT_KNOWN,
    Met,
    TwoAnswers,
    beliefs_met,
    is_belief,
    two_answers,
)
from klteach.practice.calibration import Calibration, calibration_of, reliability_diagram
from klteach.practice.events import read
from klteach.practice.feedback import paragraph, plain
from klteach.practice.quiz.items import RIGHT
from klteach.practice.quiz.misconceptions import MISCONCEPTIONS
from klteach.practice.record_page import table, where_it_is_kept
from klteach.practice.revisit import ideas_to_revisit
from klteach.practice.uncertainty import LEVEL, RESAMPLES, mean_interval, rate_interval
from klteach.units.lookup import inventory_questions

NOTHING_YET = (
    "Nothing recorded yet. Three things will stand here: your two answers to each of the ten "
    "questions, how well your confidence agreed with what came out, and three ideas to revisit. "
    "They are made from the file of your answers on this machine, and sent nowhere."
)
NOTHING_TO_REVISIT = "This record names nothing to revisit."
# With fewer predictions an interval for a score holds the truth less often than it says.
ENOUGH = 10
HOW_UNCERTAIN = (
    f"“May be” holds what lies behind your answers about {100 * LEVEL:.0f} times in 100. It is a "
    f"bootstrap: your predictions were drawn anew {RESAMPLES} times. A rare miss at high "
    "confidence that has not come yet is in none of these numbers."
)
BARS = (
    f"The bar through a dot is the exact {100 * LEVEL:.0f} % interval (Clopper–Pearson) of how "
    "often you are right there. Where it crosses the dashed line, you may as well be calibrated."
)


def closing():
    """What has changed since unit 00, how calibrated your predictions were, what to revisit.

    Returns a page that the notebook shows, with plain text for everything else. It is made from
    whatever the record holds.
    """
    return ClosingPage(*read())


class ClosingPage:
    """The end of the course for one learner, as a page and as text."""

    def __init__(self, events: list[dict], notes: list[str]):
        self._notes = notes
        self._empty = not events
        answers = two_answers(events, inventory_questions())
        self._gain = _gain_words(answers)
        self._beliefs = _belief_rows(answers, beliefs_met(events))
        self._calibration = calibration_of(events)
        self._scores = _score_rows(self._calibration)
        self._ideas = [
            f"{idea.about} ({idea.why}): {idea.link}" for idea in ideas_to_revisit(events, answers)
        ]

    def __repr__(self) -> str:
        if self._empty:
            return "\n".join([NOTHING_YET, *self._notes])
        lines = [self._gain]
        for belief, first, now, where in self._beliefs:
            again = f"; {where}" if where else ""
            lines.append(f"  “{belief}”: answers at first {first}, now {now}{again}")
        lines.append(_calibration_words(self._calibration))
        lines += [f"  {name}: {value} ({interval})" for name, value, interval, _ in self._scores]
        lines.append("To revisit:" if self._ideas else NOTHING_TO_REVISIT)
        lines += [f"  {plain(idea)}" for idea in self._ideas]
        return "\n".join([*lines, *self._notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes)
        if self._empty:
            return f"<p>{NOTHING_YET}</p>{notes}"
        parts = [
            f"<p><b>The ten questions</b></p>{paragraph(self._gain)}",
            self._belief_table(),
            "<p><b>Your confidence against what came out</b></p>",
            paragraph(_calibration_words(self._calibration)),
            self._score_table(),
            self._diagram(),
            self._revisit(),
            notes,
            where_it_is_kept(),
        ]
        return "\n".join(part for part in parts if part)

    def _belief_table(self) -> str:
        if not self._beliefs:
            return ""
        columns = ("Belief", "Answers at first", "Answers now", "Met again")
        return table("What the other answers stood for", columns, self._beliefs)

    def _score_table(self) -> str:
        if not self._scores:
            return ""
        columns = ("Score", "Yours", "May be", "For comparison")
        return table("With the uncertainty of so few answers", columns, self._scores) + paragraph(
            HOW_UNCERTAIN
        )

    def _diagram(self) -> str:
        if not self._calibration.count:
            return ""
        return reliability_diagram(self._calibration, rate_interval) + paragraph(BARS)

    def _revisit(self) -> str:
        if not self._ideas:
            return paragraph(NOTHING_TO_REVISIT)
        items = "".join(f"<li>{paragraph(idea)}</li>" for idea in self._ideas)
        return f"<p><b>To revisit</b></p><ol>{items}</ol>"


def _gain_words(answers: list[TwoAnswers]) -> str:
    total = len(answers)
    first = sum(bool(each.first) for each in answers)
    second = sum(bool(each.second) for each in answers)
    twice = [each for each in answers if each.first and each.second]
    if not first and not second:
        return "None of them is answered yet."
    if not second:
        return f"{first} of {total} are answered once. `inventory(again=True)` asks them again."
    if not twice:
        right = sum(each.second == RIGHT for each in answers)
        return f"{right} of {second} are right now. There is no first answer to compare with."
    before = {each.question.name for each in twice if each.first == RIGHT}
    now = {each.question.name for each in twice if each.second == RIGHT}
    return (
        f"Of {len(twice)} that are answered twice, {len(before)} were right at first and "
        f"{len(now)} are now: {len(now - before)} gained, {len(before - now)} lost. “I do not know "
        f"yet” was the answer to {sum(each.first == NOT_KNOWN for each in twice)} at first, and is "
        f"to {sum(each.second == NOT_KNOWN for each in twice)} now."
    )


def _belief_rows(answers: list[TwoAnswers], met: list[Met]) -> list[tuple[str, str, str, str]]:
    """(belief, answers that stood for it at first, those now, where else it was met)."""
    first = [each.first for each in answers]
    second = [each.second for each in answers]
    rows = []
    for code in dict.fromkeys([*second, *first]):
        if is_belief(code):
            where = _where([each for each in met if each.belief == code])
            rows.append((MISCONCEPTIONS[code], _times(code, first), _times(code, second), where))
    return rows


def _times(code: str, codes: list[str]) -> str:
    return str(codes.count(code)) if any(codes) else "not asked"


def _where(met: list[Met]) -> str:
    predictions = dict.fromkeys(each.item for each in met if each.kind == "prediction")
    units = dict.fromkeys(each.item[:2] for each in met if each.kind == "review")
    parts = [f"prediction {name}" for name in predictions]
    parts += [f"warm-up question on {unit}" for unit in units]
    return ", ".join(parts)


def _calibration_words(found: Calibration) -> str:
    if not found.count:
        return "No prediction with a confidence has come out yet."
    words = (
        f"In {found.count} prediction{'s' * (found.count > 1)} you were "
        f"{100 * found.mean_confidence:.0f} % sure on average and right in "
        f"{sum(found.hits)} ({100 * found.hit_rate:.0f} %)."
    )
    if found.count < ENOUGH:
        words += (
            f" Brier score {found.brier:.3f}, log score {_number(found.log_score)} nats. With "
            f"fewer than {ENOUGH} predictions it cannot be told how much of that is chance."
        )
    return words


def _score_rows(found: Calibration) -> list[tuple[str, str, str, str]]:
    """(score, its value, where it may lie, what to compare with), if there is enough for it."""
    if found.count < ENOUGH:
        return []
    low, high = map(_points, mean_interval(found.gaps))
    gap = _points(found.mean_confidence - found.hit_rate)
    return [
        ("surer than right, in points", gap, f"{low} to {high}", "0 if calibrated"),
        (
            "Brier score",
            _number(found.brier),
            _span(found.squared_gaps),
            "0.250 for always 50 %",
        ),
        (
            "log score, in nats",
            _number(found.log_score),
            _span(found.surprises),
            "0.693 for always 50 %",
        ),
    ]


def _span(values: list[float]) -> str:
    if any(map(math.isinf, values)):
        return f"{sum(map(math.isinf, values))} gave 0 % to what came"
    low, high = mean_interval(values)
    return f"{_number(low)} to {_number(high)}"


def _points(share: float) -> str:
    return f"{100 * share:+.0f}".replace("-", "−")


def _number(value: float) -> str:
    return "infinite" if math.isinf(value) else f"{value:.3f}"
