"""How well a learner's confidences agree with what came out."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from klteach.practice.events import is_confidence

Interval = tuple[float, float]


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
        return sum(self.squared_gaps) / self.count

    @property
    def log_score(self) -> float:
        """Mean surprise in nats at what came out: −log c for a hit, −log(1 − c) for a miss."""
        return sum(self.surprises) / self.count

    @property
    def gaps(self) -> list[float]:
        """Confidence − outcome of each prediction."""
        return [confidence - hit for confidence, hit in self._pairs()]

    @property
    def squared_gaps(self) -> list[float]:
        return [gap**2 for gap in self.gaps]

    @property
    def surprises(self) -> list[float]:
        given = [c if hit else 1 - c for c, hit in self._pairs()]
        return [-math.log(each) if each > 0 else math.inf for each in given]

    def groups(self) -> list["Calibration"]:
        """The predictions in each fifth of the scale of confidence that has any."""
        found = []
        for fifth in range(5):
            members = [(c, hit) for c, hit in self._pairs() if min(int(5 * c), 4) == fifth]
            if members:
                found.append(Calibration(*map(tuple, zip(*members, strict=True))))
        return found

    def _pairs(self):
        return zip(self.confidences, self.hits, strict=True)


def latest_predictions(events: list[dict]) -> dict[str, dict]:
    """The latest committed answer to each prediction, by its name.

    What has a confidence that makes no sense is left out: `predict` takes no such event.
    """
    return {
        event["item"]: event
        for event in events
        if event["kind"] == "prediction"
        and "item" in event
        and (event.get("confidence") is None or is_confidence(event["confidence"]))
    }


def calibration_of(events: list[dict]) -> Calibration:
    """The calibration of all predictions of a record that have a confidence and an outcome."""
    scored = [
        (float(event["confidence"]), event["hit"])
        for event in latest_predictions(events).values()
        if isinstance(event.get("hit"), bool) and is_confidence(event.get("confidence"))
    ]
    return Calibration(tuple(c for c, _ in scored), tuple(hit for _, hit in scored))


def reliability_diagram(
    found: Calibration, interval: Callable[[int, int], Interval] | None = None
) -> str:
    """Confidence across, hit rate upwards, as an SVG; on the diagonal the two agree.

    `interval(hits, count)` is where the true rate may lie, drawn as a bar through each dot.
    """
    side, left, top = 150, 46, 8
    marks, sentences = [], []
    for group in found.groups():
        percent, rate = 100 * group.mean_confidence, group.hit_rate
        x, y = left + side * group.mean_confidence, top + side * (1 - rate)
        sentence = f"{group.count} predictions at {percent:.0f} % on average, "
        sentence += f"{100 * rate:.0f} % of them right"
        if interval:
            low, high = interval(sum(group.hits), group.count)
            marks.append(
                f'<path d="M{x:.1f} {top + side * (1 - low):.1f}V{top + side * (1 - high):.1f}" '
                'stroke="#0072b2" stroke-width="2"/>'
            )
            sentence += f" (from {100 * low:.0f} to {100 * high:.0f} %)"
        marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{min(3 + math.sqrt(group.count), 10):.1f}" '
            'fill="#0072b2" stroke="currentColor"/>'
        )
        sentences.append(sentence)
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
        + "".join(marks)
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
