"""One column as a picture: shares now and in the baseline, and below what each cell adds.

P, the current data, is solid blue; Q, the baseline, a dashed vermilion outline; what a cell adds to
the divergence is hatched and hangs below. All three differ in form as well as in colour, and say
their numbers when pointed at. Colours come from the page's style sheet.
"""

import math
from dataclasses import dataclass

from klteach.drift.labels import distinct_labels
from klteach.html_page import text

MOST_SHOWN = 24
LONGEST_LABEL = 22
CELL, BAR = 36, 13
LEFT, TOP, RIGHT = 84, 20, 14
SHARES, GAP, COSTS = 120, 10, 60
LETTER = 6.6  # about as wide as a broad letter of the labels


@dataclass(frozen=True)
class Cell:
    """One cell: its name, its share now and in the baseline, and what it adds in nats."""

    name: str
    current: float
    baseline: float
    adds: float

    def __str__(self):
        return (
            f"{self.name}: {percent(self.current)} now, {percent(self.baseline)} in the baseline, "
            f"adds {number(self.adds)} nats"
        )


def picture(title: str, cells: list[Cell]) -> str:
    """The SVG of the cells that `shown_and_rest` draws."""
    shown, _ = shown_and_rest(cells)
    labels = distinct_labels([cell.name for cell in shown], LONGEST_LABEL)
    top_share = _round_up(max(max(cell.current, cell.baseline) for cell in shown))
    top_cost = max((cell.adds for cell in shown if math.isfinite(cell.adds)), default=0) or 1.0
    width = LEFT + CELL * len(shown) + RIGHT
    zero = TOP + SHARES  # of the shares; they grow upwards
    hang = zero + GAP  # where contributions begin; they grow downwards
    foot = hang + COSTS
    # labels lean by 45 degrees, so they are as high as wide
    height = foot + 16 + LETTER * max(map(len, labels)) * math.sqrt(0.5)
    parts = [_axes(width, zero, hang, foot, top_share, top_cost)]
    for place, (cell, label) in enumerate(zip(shown, labels, strict=True)):
        middle = LEFT + CELL * (place + 0.5)
        now, then = (SHARES * share / top_share for share in (cell.current, cell.baseline))
        cost = COSTS * min(cell.adds / top_cost, 1)
        parts.append(
            f"<g><title>{text(cell)}</title>"
            f'<rect x="{middle - BAR - 1:g}" y="{zero - now:.1f}" width="{BAR}" '
            f'height="{now:.1f}" class="p"/>'
            f'<rect x="{middle + 2:g}" y="{zero - then:.1f}" width="{BAR - 2}" '
            f'height="{then:.1f}" class="q"/>'
            f'<rect x="{middle - BAR - 1:g}" y="{hang}" width="{2 * BAR + 2}" '
            f'height="{cost:.1f}" class="cost"/>'
            + (
                f'<text x="{middle:g}" y="{foot - 4}" text-anchor="middle">∞</text>'
                if math.isinf(cell.adds)
                else ""
            )
            + f'<text transform="translate({middle + 4:g} {foot + 12}) rotate(-45)" '
            f'text-anchor="end">{text(label)}</text></g>'
        )
    return (
        f'<svg role="img" aria-label="{text(describe(title, cells))}" width="{width}" '
        f'height="{height:.0f}" viewBox="0 0 {width} {height:.0f}">{"".join(parts)}</svg>'
    )


def describe(title: str, cells: list[Cell]) -> str:
    """The picture in words: the three cells that add most."""
    most = sorted(cells, key=lambda cell: -cell.adds)[:3]
    return f"{title}. What adds most: " + "; ".join(map(str, most)) + "."


def _axes(width, zero, hang, foot, top_share, top_cost):
    lines = []
    for share in (0, top_share / 2, top_share):
        y = zero - SHARES * share / top_share
        kind = "grid" if share else "axis"
        lines.append(
            f'<path d="M{LEFT} {y:g}H{width - RIGHT}" class="{kind}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:g}" text-anchor="end" class="tick">'
            f"{percent(share)}</text>"
        )
    for cost, y in ((0, hang), (top_cost, foot)):
        kind = "grid" if cost else "axis"
        words = f"{number(cost, 2)} nats" if cost else ""
        lines.append(
            f'<path d="M{LEFT} {y:g}H{width - RIGHT}" class="{kind}"/>'
            f'<text x="{LEFT - 6}" y="{y + 2:g}" text-anchor="end" class="tick">{words}</text>'
        )
    return "".join(lines)


def shown_and_rest(cells: list[Cell]) -> tuple[list[Cell], list[Cell]]:
    """The cells that anybody is in: those that are drawn, and the rest of them.

    Of more than 24 the ones that add most are drawn, in the order of the cells.
    """
    used = [cell for cell in cells if cell.current or cell.baseline]
    ranked = sorted(range(len(used)), key=lambda place: -used[place].adds)
    drawn = set(ranked[:MOST_SHOWN])
    return (
        [cell for place, cell in enumerate(used) if place in drawn],
        [cell for place, cell in enumerate(used) if place not in drawn],
    )


def together(cells: list[Cell]) -> Cell:
    """Several cells as one."""
    return Cell(
        f"{len(cells)} more cells",
        math.fsum(cell.current for cell in cells),
        math.fsum(cell.baseline for cell in cells),
        math.fsum(cell.adds for cell in cells),
    )


def _round_up(share):
    """The next number whose half is short, too."""
    power = 10.0 ** math.floor(math.log10(share))
    steps = (1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10)
    return next(step * power for step in steps if share <= step * power)


def number(value, digits: int = 4) -> str:
    """So many significant digits; ∞ if there are none, and a dash if it is not known."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.{digits}g}"


def percent(share) -> str:
    """The share in percent.

    >>> percent(0.0512), percent(1.0), percent(0)
    ('5.12 %', '100 %', '0 %')
    """
    return f"{100 * share:.3g} %"
