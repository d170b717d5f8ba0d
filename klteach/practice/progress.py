"""The page that `progress()` shows: exercises, predictions, and how well sureness met success."""

import math
from html import escape

from klteach.practice.calibration import calibration_of, latest_predictions, reliability_diagram
from klteach.practice.events import is_confidence, read
from klteach.practice.record_page import table, where_it_is_kept
from klteach.practice.wording import listed
from klteach.units.lookup import questions

NOTHING_YET = "Nothing recorded yet."
WHAT_WILL_APPEAR = (
    "Exercises that you check, solutions that you look at and predictions that you commit will "
    "appear here, and how well your confidence agrees with what came out. All of it stays in a "
    "file on this machine."
)
NOT_ATTEMPTED = "not attempted"
ENOUGH_FOR_A_PICTURE = 5
FEW = 20


def progress():
    """What you have done so far: exercises, predictions, and how well calibrated you were.

    Returns a page that the notebook shows, with one line of text for everything else.
    """
    return ProgressPage(*read())


class ProgressPage:
    """What the learner has done so far, as a page and as a short line of text."""

    def __init__(self, events: list[dict], notes: list[str]):
        self._notes = notes
        self._exercises = exercise_states(events)
        self._predictions = latest_predictions(events)
        self._reviews = [event for event in events if event["kind"] == "review"]
        self._calibration = calibration_of(events)
        self._empty = not events

    def __repr__(self) -> str:
        if self._empty:
            return " ".join([NOTHING_YET, WHAT_WILL_APPEAR, *self._notes])
        states = [state for _, _, state, _, _ in self._exercises]
        earned = sum(score for *_, score, _ in self._exercises)
        possible = sum(points for *_, points in self._exercises)
        correct = sum(state.startswith("correct") for state in states)
        words = [
            f"Exercises: {correct} of {len(states)} correct, {earned:g} of {possible:g} points.",
            f"Predictions: {len(self._predictions)} committed",
        ]
        if self._calibration.count:
            words[-1] += (
                f", {sum(self._calibration.hits)} of {self._calibration.count} right, "
                f"{100 * self._calibration.mean_confidence:.0f} % sure on average"
            )
        words[-1] += "."
        return " ".join([*words, *self._notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes)
        if self._empty:
            return f"<p>{NOTHING_YET} {WHAT_WILL_APPEAR}</p>{notes}"
        parts = [
            self._exercise_table(),
            self._prediction_table(),
            self._calibration_words(),
            self._review_words(),
            notes,
            where_it_is_kept(),
        ]
        return "\n".join(part for part in parts if part)

    def _exercise_table(self) -> str:
        """The questions of the units in which one was tried, and the other units in a line."""
        begun = {unit for unit, _, state, _, _ in self._exercises if state != NOT_ATTEMPTED}
        rows = [
            (unit, name, state, f"{score:g} / {points:g}")
            for unit, name, state, score, points in self._exercises
            if unit in begun
        ]
        others = [unit for unit, *_ in self._exercises if unit not in begun]
        columns = ("Unit", "Question", "State", "Points")
        tried = table("Exercises", columns, rows) if rows else ""
        if not others:
            return tried
        return f"{tried}<p>No exercise tried yet in {listed(list(dict.fromkeys(others)))}.</p>"

    def _prediction_table(self) -> str:
        if not self._predictions:
            return "<p>No prediction is committed yet.</p>"
        rows = [
            (name, _brief(event.get("answer")), _percent(event), _truth(event), _hit(event))
            for name, event in sorted(self._predictions.items())
        ]
        columns = ("Prediction", "You said", "How sure", "Truth", "Right?")
        return table("Predictions", columns, rows)

    def _calibration_words(self) -> str:
        found = self._calibration
        if not found.count:
            return ""
        log_score = f"{found.log_score:.3f} nats"
        if math.isinf(found.log_score):
            log_score = "infinite, since something that you gave 0 % came out"
        words = [
            f"<p><b>Your confidence against what came out.</b> You were "
            f"{100 * found.mean_confidence:.0f} % sure on average and right "
            f"in {sum(found.hits)} of {found.count} ({100 * found.hit_rate:.0f} %).",
            f"Brier score {found.brier:.3f}, log score {log_score}.",
            "The Brier score is the mean squared gap between confidence and outcome (always "
            "saying 50 % scores 0.25), the log score the mean surprise at what came out (always "
            "saying 50 % scores 0.693 nats); lower is better, and unit 19 explains both.",
        ]
        if found.count < FEW:
            words.append("With so few predictions, chance alone moves these numbers a lot.")
        picture = reliability_diagram(found) if found.count >= ENOUGH_FOR_A_PICTURE else ""
        return " ".join(words) + "</p>" + picture

    def _review_words(self) -> str:
        if not self._reviews:
            return ""
        right = sum(event.get("hit") is True for event in self._reviews)
        return f"<p>Warm-up questions: {right} of {len(self._reviews)} answers right.</p>"


def exercise_states(events: list[dict]) -> list[tuple[str, str, str, float, float]]:
    """(unit, question, state, best score, full marks) of every question of the course."""
    rows = []
    for name, question in questions().items():
        state, best, seen = NOT_ATTEMPTED, 0.0, False
        for event in events:
            if event.get("question") != name or state.startswith("correct"):
                continue
            if event["kind"] == "seen":
                seen = True
                state = "tried, then solution seen" if state == "tried" else state
                state = "solution seen" if state == NOT_ATTEMPTED else state
            elif event["kind"] == "check":
                score = event.get("score")
                if isinstance(score, (int, float)) and 0 <= score <= question.points:
                    best = max(best, float(score))
                if event.get("outcome") == "correct":
                    state = "correct, solution seen before" if seen else "correct"
                elif state == NOT_ATTEMPTED:
                    state = "tried"
        rows.append((question.lesson[:2], name, state, best, question.points))
    return rows


def _brief(value) -> str:
    text = f"{value:.3g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 100 else text[:99] + "…"


def _percent(event: dict) -> str:
    confidence = event.get("confidence")
    return f"{100 * confidence:.0f} %" if is_confidence(confidence) else ""


def _truth(event: dict) -> str:
    return "kept for later" if event.get("truth") is None else _brief(event["truth"])


def _hit(event: dict) -> str:
    hit = event.get("hit")
    return ("yes" if hit else "no") if isinstance(hit, bool) else ""
