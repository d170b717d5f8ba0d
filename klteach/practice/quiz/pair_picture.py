"""Two small distributions side by side as bars and numbers, for a question that shows pairs."""

from html import escape

from klteach.practice.quiz.items import Pair

SLOT, HEIGHT, TALLEST = 36, 84, 0.5  # pixels for one outcome and for the tallest share


def pairs_html(pairs: tuple[Pair, ...]) -> str:
    """The pairs as small figures: bars for the eye, and below them a table with the numbers."""
    figures = "".join(_figure(pair) for pair in pairs)
    return f'<div class="klteach-pairs">{figures}</div>'


def _figure(pair: Pair) -> str:
    numbers = range(1, len(pair.p) + 1)
    head = "".join(f'<th scope="col">{number}</th>' for number in numbers)
    rows = "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f"<td>{share:.2f}</td>" for share in shares)
        + "</tr>"
        for name, shares in (("P", pair.p), ("Q", pair.q))
    )
    return (
        f"<figure><figcaption>Pair {escape(pair.name)}</figcaption>{_bars(pair)}"
        f'<table><thead><tr><th scope="col">{escape(pair.outcome)}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></figure>"
    )


def _bars(pair: Pair) -> str:
    # The numbers are in the table below, so a screen reader need not hear them twice.
    width, thick = SLOT * len(pair.p), 0.36 * SLOT
    shapes = []
    for place, (p, q) in enumerate(zip(pair.p, pair.q, strict=True)):
        left = (place + 0.5) * SLOT
        for share, x, style in (
            (p, left - thick - 1, 'fill="#0072b2"'),
            (q, left + 1, 'fill="none" stroke="#d55e00" stroke-width="2" stroke-dasharray="4 2"'),
        ):
            tall = HEIGHT * share / TALLEST
            shapes.append(
                f'<rect x="{x:.1f}" y="{HEIGHT - tall + 1:.1f}" width="{thick:.1f}" '
                f'height="{tall:.1f}" {style}/>'
            )
    return (
        f'<svg aria-hidden="true" width="{width}" height="{HEIGHT + 3}" '
        f'viewBox="0 0 {width} {HEIGHT + 3}">{"".join(shapes)}'
        f'<path d="M0 {HEIGHT + 1.5}H{width}" stroke="currentColor"/></svg>'
    )
