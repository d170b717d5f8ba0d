"""One column over the windows as a picture: its value, its threshold, and where it drifts.

The value is a solid blue line with points, the threshold a dashed vermilion one. A window that
drifts is a triangle on a band, one that could not be judged a question mark, so all differ in form
as well as in colour. Each window says its numbers when pointed at.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from klteach.drift.labels import distinct_labels, spread
from klteach.drift.page_parts import BLIND, KINDS, NOT_JUDGED, kind
from klteach.drift.picture import number
from klteach.drift.verdicts import DRIFT
from klteach.html_page import text

LEFT, TOP, RIGHT = 48, 22, 12
USUAL, LEAST_STEP, MOST_STEP = 252, 7, 40  # as wide as a telephone shows
HEIGHT = 96
LONGEST_LABEL = 14
LETTER = 6.8  # about as wide as a broad letter of the labels
# A threshold lower than this share of the picture is not told from the axis.
READABLE = 1 / 8


@dataclass(frozen=True)
class Point:
    """One window: its name, what was found, and what it says when pointed at."""

    window: str
    value: float
    threshold: float
    verdict: str
    words: str


@dataclass(frozen=True)
class Scale:
    """From nats to heights, 0 at the foot and 1 at the top.

    Linear from 0, or logarithmic where the largest value would press the threshold to the foot.
    """

    low: float
    high: float
    logarithmic: bool

    def height(self, value: float) -> float:
        """The height of a value; what is out of the picture lies on its edge."""
        if math.isinf(value):
            return 1.0
        if self.logarithmic:
            value, low, high = (math.log(max(x, self.low)) for x in (value, self.low, self.high))
        else:
            low, high = self.low, self.high
        return min(max((value - low) / (high - low), 0.0), 1.0)

    @property
    def ticks(self) -> list[float]:
        """Two to four round numbers."""
        if not self.logarithmic:
            return [0.0, self.high / 2, self.high]
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for steps in ((1,), (1, 3), (1, 2, 5)):
            found = [step * 10.0**power for power in powers for step in steps]
            found = [tick for tick in found if self.low <= tick <= self.high]
            if len(found) >= 2:
                return found[:: math.ceil(len(found) / 4)]
        return [self.low, self.high]


def scale_of(points: Sequence[Point]) -> Scale:
    """The scale on which both the values and the thresholds can be read."""
    values, thresholds = (
        [x for x in numbers if 0 < x < math.inf]
        for numbers in ([p.value for p in points], [p.threshold for p in points])
    )
    top = max([*values, *thresholds], default=1.0)
    line = min(thresholds, default=top)
    if line >= READABLE * top:
        return Scale(0.0, _round_up(1.05 * top), False)
    # a tenth of the threshold is as good as nothing, so the picture ends there, unless the top is
    # so far up that the threshold would be pressed to the foot again
    low, high = max(line / 10, min([*values, line / 2])) / 1.3, top * 1.3
    lowest = (math.log(line) - READABLE * math.log(high)) / (1 - READABLE)
    return Scale(min(low, math.exp(lowest)), high, True)


def _round_up(top: float) -> float:
    """The next number whose half is short, too."""
    power = 10.0 ** math.floor(math.log10(top))
    steps = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10, 12)
    return next(step * power for step in steps if top <= step * power)


def timeline_picture(title: str, points: Sequence[Point]) -> str:
    """The SVG of one column over the windows."""
    step = min(MOST_STEP, max(LEAST_STEP, USUAL / len(points)))
    width = LEFT + max(step * len(points), 2 * step) + RIGHT
    foot = TOP + HEIGHT
    scale = scale_of(points)

    def across(place):
        return LEFT + step * (place + 0.5)

    def up(value):
        return foot - HEIGHT * scale.height(value)

    drifting = [place for place, point in enumerate(points) if point.verdict == DRIFT]
    parts = [
        *(
            f'<rect x="{across(place) - step / 2:.1f}" y="{TOP}" width="{step:.1f}" '
            f'height="{HEIGHT}" class="band"/>'
            for place in drifting
        ),
        _axes(scale, width, up, foot),
        _threshold(points, across, up, step),
        _value(points, across, up),
        *(_mark(point, across(place), up, foot, step) for place, point in enumerate(points)),
        _labels(points, across, foot, width, drifting),
    ]
    return (
        f'<svg role="img" aria-label="{text(describe(title, points))}" width="{width:.0f}" '
        f'height="{foot + 20}" viewBox="0 0 {width:.0f} {foot + 20}">{"".join(parts)}</svg>'
    )


def describe(title: str, points: Sequence[Point]) -> str:
    """The picture in words: where it drifts, and its largest value."""
    drifting = [point for point in points if point.verdict == DRIFT]
    blind = sum(kind(point.verdict) == BLIND for point in points)
    said = f"{title}. Drift in {len(drifting)} of {len(points)} windows"
    if drifting:
        said += f", first in {drifting[0].window}, last in {drifting[-1].window}"
    if blind:
        said += f"; {blind} could not be judged"
    known = [point for point in points if not math.isnan(point.value)]
    if known:
        said += f". The largest: {max(known, key=lambda point: point.value).words}"
    return said + "."


def _axes(scale, width, up, foot):
    lines = []
    for tick in scale.ticks:
        y = up(tick)
        lines.append(
            f'<path d="M{LEFT} {y:.1f}H{width - RIGHT:.0f}" class="grid"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end" class="tick">'
            f"{number(tick, 2)}</text>"
        )
    kind_of_scale = ""
    if scale.logarithmic:
        kind_of_scale = (
            f'<text x="{width - RIGHT:.0f}" y="9" text-anchor="end" class="tick">log scale</text>'
        )
    return (
        "".join(lines)
        + f'<path d="M{LEFT} {foot}H{width - RIGHT:.0f}" class="axis"/>'
        + f'<text x="{LEFT - 6}" y="9" text-anchor="end" class="tick">nats</text>{kind_of_scale}'
    )


def _threshold(points, across, up, step):
    """A step as wide as its window, as each window has a threshold of its own."""
    steps = []
    for place, point in enumerate(points):
        if math.isnan(point.threshold):
            continue
        joined = place and not math.isnan(points[place - 1].threshold)
        start, y = across(place) - step / 2, up(point.threshold)
        steps.append(f"{'L' if joined else 'M'}{start:.1f} {y:.1f}H{start + step:.1f}")
    return f'<path d="{"".join(steps)}" class="limit"/>' if steps else ""


def _value(points, across, up):
    lines, joined = [], False
    for place, point in enumerate(points):
        if known := not math.isnan(point.value):
            lines.append(f"{'L' if joined else 'M'}{across(place):.1f} {up(point.value):.1f}")
        joined = known
    return f'<path d="{"".join(lines)}" class="value"/>' if lines else ""


def _mark(point, x, up, foot, step):
    """What can be pointed at, from top to foot, with the form that the verdict has."""
    y = foot - 8 if math.isnan(point.value) else up(point.value)
    size = min(6.0, 0.6 * step)
    if kind(point.verdict) == KINDS[DRIFT]:
        form = (
            f'<path d="M{x:.1f} {y - size:.1f}l{size:.1f} {1.7 * size:.1f}h{-2 * size:.1f}z" '
            'class="alarm"/>'
        )
    elif kind(point.verdict) == BLIND:
        form = (
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" class="unknown">'
            f"{NOT_JUDGED}</text>"
        )
    else:
        form = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{min(2.8, 0.35 * step):.1f}" class="p"/>'
    infinite = ""
    if math.isinf(point.value):
        infinite = f'<text x="{x:.1f}" y="{TOP - 4}" text-anchor="middle">∞</text>'
    return (
        f"<g><title>{text(point.words)}</title>"
        f'<rect x="{x - step / 2:.1f}" y="{TOP}" width="{step:.1f}" height="{HEIGHT}" '
        f'class="target"/>{form}{infinite}</g>'
    )


def _labels(points, across, foot, width, drifting):
    """The windows' names below, as many as fit; where a drift begins comes first."""
    names = distinct_labels([point.window for point in points], LONGEST_LABEL)
    middles, spans = [], []
    for place, label in enumerate(names):
        half = LETTER * len(label) / 2
        middle = min(max(across(place), half), max(half, width - half))
        middles.append(middle)
        spans.append((middle - half - 3, middle + half + 3))
    shown = spread(spans, [*drifting[:1], len(points) - 1, 0])
    return "".join(
        f'<path d="M{across(place):.1f} {foot}v4" class="axis"/>'
        f'<text x="{middles[place]:.1f}" y="{foot + 15}" text-anchor="middle" '
        f'class="{"first" if place in drifting[:1] else "tick"}">{text(names[place])}</text>'
        for place in shown
    )
