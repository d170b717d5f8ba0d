"""The page that `progress()` shows: exercises, predictions, and how well sureness met success."""

import base64
import math
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from klteach.practice.course_folder import course_root, progress_path
from klteach.practice.events import is_confidence, read
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
LARGEST_DOWNLOAD = 200_000  # bytes: the link carries the whole file, and is saved in the notebook


def progress():
    """What you have done so far: exercises, predictions, and how well calibrated you were.

    Returns a page that the notebook shows, with one line of text for everything else.
    """
    return ProgressPage(*read())


@dataclass(frozen=True)
class Calibration:
    """Confidences (0 to 1) against what came out, over the predictions that have an outcome."""

    confidences: tuple[float, ...]
    hits: tuple[bool, ...]

    @property
    def count(self) -> int:
        return len(self.hits)

    @property
    def mean_confidence(self) -> float:
        return sum(self.confidences) / self.count

    @property
    def hit_rate(self) -> float:
        return sum(self.hits) / self.count

    @property
    def brier(self) -> float:
        """Mean of (confidence − outcome)², the outcome being 1 for a hit and 0 for a miss."""
        return sum((c - hit) ** 2 for c, hit in self._pairs()) / self.count

    @property
    def log_score(self) -> float:
        """Mean surprise in nats at what came out: −log c for a hit, −log(1 − c) for a miss."""
        given = [c if hit else 1 - c for c, hit in self._pairs()]
        return sum(-math.log(each) if each > 0 else math.inf for each in given) / self.count

    def groups(self) -> list[tuple[int, float, float]]:
        """(count, mean confidence, hit rate) of the predictions in each fifth of the scale."""
        found = []
        for fifth in range(5):
            members = [(c, hit) for c, hit in self._pairs() if min(int(5 * c), 4) == fifth]
            if members:
                part = Calibration(*map(tuple, zip(*members, strict=True)))
                found.append((part.count, part.mean_confidence, part.hit_rate))
        return found

    def _pairs(self):
        return zip(self.confidences, self.hits, strict=True)


class ProgressPage:
    """What the learner has done so far, as a page and as a short line of text."""

    def __init__(self, events: list[dict], notes: list[str]):
        self._notes = notes
        self._exercises = _exercises(events)
        self._predictions = _latest(filter(_is_committed, events), "prediction", "item")
        self._reviews = [event for event in events if event["kind"] == "review"]
        self._calibration = _calibration(self._predictions.values())
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
            _where_it_is_kept(),
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
        table = _table("Exercises", columns, rows) if rows else ""
        if not others:
            return table
        return f"{table}<p>No exercise tried yet in {listed(list(dict.fromkeys(others)))}.</p>"

    def _prediction_table(self) -> str:
        if not self._predictions:
            return "<p>No prediction is committed yet.</p>"
        rows = [
            (name, _brief(event.get("answer")), _percent(event), _truth(event), _hit(event))
            for name, event in sorted(self._predictions.items())
        ]
        columns = ("Prediction", "You said", "How sure", "Truth", "Right?")
        return _table("Predictions", columns, rows)

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
        picture = _picture(found) if found.count >= ENOUGH_FOR_A_PICTURE else ""
        return " ".join(words) + "</p>" + picture

    def _review_words(self) -> str:
        if not self._reviews:
            return ""
        right = sum(event.get("hit") is True for event in self._reviews)
        return f"<p>Warm-up questions: {right} of {len(self._reviews)} answers right.</p>"


def _exercises(events: list[dict]) -> list[tuple[str, str, str, float, float]]:
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


def _is_committed(event: dict) -> bool:
    """Whether a confidence, if there is one, makes sense: `predict` takes no other event."""
    confidence = event.get("confidence")
    return confidence is None or is_confidence(confidence)


def _latest(events: Iterable[dict], kind: str, key: str) -> dict[str, dict]:
    return {event[key]: event for event in events if event["kind"] == kind and key in event}


def _calibration(predictions) -> Calibration:
    scored = [
        (float(event["confidence"]), event["hit"])
        for event in predictions
        if isinstance(event.get("hit"), bool) and is_confidence(event.get("confidence"))
    ]
    return Calibration(tuple(c for c, _ in scored), tuple(hit for _, hit in scored))


def _table(caption: str, columns, rows) -> str:
    left = 'style="text-align: left"'
    head = "".join(f'<th scope="col" {left}>{column}</th>' for column in columns)
    body = "".join(
        "<tr>" + "".join(f"<td {left}>{escape(str(cell))}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f"<p><b>{caption}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


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


def _picture(found: Calibration) -> str:
    """Confidence across, hit rate upwards; on the diagonal the two agree."""
    side, left, top = 150, 46, 8
    dots, sentences = [], []
    for count, confidence, rate in found.groups():
        x, y = left + side * confidence, top + side * (1 - rate)
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{min(3 + math.sqrt(count), 10):.1f}" '
            'fill="#0072b2" stroke="currentColor"/>'
        )
        sentences.append(
            f"{count} predictions at {100 * confidence:.0f} % on average, "
            f"{100 * rate:.0f} % of them right"
        )
    description = "Confidence against success: " + "; ".join(sentences) + "."
    bottom = top + side
    return (
        f'<svg role="img" aria-label="{description}" width="230" height="200" '
        'viewBox="0 0 230 200" font-size="11" fill="currentColor">'
        f"<desc>{description}</desc>"
        f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="none" '
        'stroke="currentColor"/>'
        f'<path d="M{left} {bottom}L{left + side} {top}" stroke="currentColor" '
        'stroke-dasharray="4 3"/>'
        + "".join(dots)
        + f'<text x="{left - 4}" y="{top + 9}" text-anchor="end">100 %</text>'
        f'<text x="{left - 4}" y="{bottom}" text-anchor="end">0 %</text>'
        f'<text x="{left}" y="{bottom + 14}">0 %</text>'
        f'<text x="{left + side}" y="{bottom + 14}" text-anchor="end">100 %</text>'
        f'<text x="{left + side / 2}" y="{bottom + 30}" text-anchor="middle">how sure</text>'
        f'<text x="14" y="{top + side / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {top + side / 2})">how often right</text></svg>'
        "<p>Each dot is a group of predictions of similar confidence, larger for more of them: "
        "below the dashed line you were surer than right, above it righter than sure.</p>"
    )


def _where_it_is_kept() -> str:
    path = progress_path()
    root = course_root()
    base, prefix = (root, "") if root and path.is_relative_to(root) else (Path.home(), "~/")
    shown = prefix + path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name
    words = f"<p>Kept in <code>{escape(shown)}</code>, on this machine only."
    try:
        content = path.read_bytes()
    except OSError:
        return words + "</p>"
    if len(content) > LARGEST_DOWNLOAD:
        return words + "</p>"
    link = "data:application/x-ndjson;base64," + base64.b64encode(content).decode("ascii")
    return words + f' <a href="{link}" download="progress.jsonl">Download my progress</a></p>'
