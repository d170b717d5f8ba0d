"""Explorer of unit 01: a source of four symbols, and its entropy as an area."""

import math

import numpy as np

from klteach.explorers.controls import Choice, Simplex
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    each,
    number,
    rectangles,
)
from klteach.explorers.look import FAINT, INK, MUTED, P_COLOUR, P_STYLE
from klteach.explorers.picture import Picture
from klteach.measures import entropy, to_bits

SYMBOLS = ("a", "b", "c", "d")
TOTAL = 200  # steps of 0.005, so that 1/8 is one of them
COARSER = 40  # and of these, which without a kernel are few enough
UNITS = ("bits", "nats")
LARGEST = to_bits(1 / math.e)  # p · log p at its peak
WIDEST = 8.0  # bits; the rarest share, 1/200, costs 7.64


def surprise_areas():
    """Drag the shares of four symbols: surprise is a width, share a height, entropy an area."""
    return Explorer(
        title="Surprise areas",
        description=(
            "Left: the shares of four symbols, as bars to drag. Right: one rectangle for each "
            "symbol, as high as its share and as wide as its surprise; the areas add up to the "
            "entropy H, which is also the width of the dashed rectangle of height 1."
        ),
        controls=_controls(TOTAL),
        coarser=_controls(COARSER),
        presets={
            "uniform": {"p": [50, 50, 50, 50]},
            "halves of halves": {"p": [100, 50, 25, 25]},
            "one symbol only": {"p": [200, 0, 0, 0]},
        },
        draw=_draw,
        update=_update,
    )


def _controls(total):
    # a start that does not show where p · log p peaks: the lesson asks for it before
    start = [total * share // 10 for share in (6, 2, 1, 1)]
    return [
        Simplex("p", "Share of each symbol", SYMBOLS, total, start=start),
        Choice("unit", "Unit", UNITS),
    ]


def _draw():
    picture = Picture(8.0, 3.3, [["shares", "areas"]], width_ratios=[1, 1.7])
    shares, areas = picture.axes["shares"], picture.axes["areas"]
    shares.set(
        xlim=(-0.6, 3.6),
        ylim=(0, 1.08),
        xticks=range(4),
        xticklabels=SYMBOLS,
        yticks=[0, 0.25, 0.5, 0.75, 1],
        title="Share p of each symbol",
    )
    picture.bars("p", shares, positions=range(4), width=0.7, **P_STYLE)
    picture.texts("shares", shares, count=4, offset=(0, 8), fontsize=9)

    areas.set(
        xlim=(0, WIDEST),
        ylim=(-0.17, 1.08),
        xticks=[],
        yticks=[0, 0.25, 0.5, 0.75, 1],
        title="Height p × width −log p = area",
    )
    areas.spines["bottom"].set_visible(False)
    picture.shapes(
        "entropy", areas, facecolor="none", edgecolor=INK, linewidth=1.6, linestyle=(0, (2, 2))
    )
    alphas = [0.85, 0.65, 0.5, 0.35]
    picture.shapes(
        "areas", areas, count=4, facecolor=P_COLOUR, edgecolor=INK, linewidth=0.8, alpha=alphas
    )
    picture.texts("symbols", areas, count=4, offset=(5, -3.5), ha="left", fontsize=9)
    picture.texts("entropy", areas, offset=(3, 3), ha="left", fontsize=9, fontweight="bold")
    # the ruler changes with the unit, the rectangles do not
    picture.shapes("ruler", areas, count=9, closed=False, facecolor="none", edgecolor=MUTED)
    picture.texts("ruler", areas, count=9, offset=(0, -12), fontsize=9, color=MUTED)
    picture.texts("unit", areas, offset=(0, -23), ha="right", fontsize=9, color=MUTED)
    areas.axhline(0, color=FAINT, linewidth=0.8)
    return picture


def _update(state):
    p, in_nats = state.p, state.unit == 1
    surprise = to_bits(-np.log(np.where(p > 0, p, 1.0)))  # a symbol that never occurs has no width
    area = p * surprise
    total = to_bits(entropy(p))
    scale = np.where(in_nats, np.log(2), 1.0)  # from bits to the unit that is shown
    units = [UNITS[index] for index in state.unit]
    below = 1 - np.cumsum(p, axis=-1)

    # a label starts beside its rectangle, or beside the line of H where that would cross it
    crossed = (surprise < total[:, None]) & (total[:, None] < surprise + 1.1)
    beside = np.where(crossed, total[:, None], surprise)

    marks = np.arange(9) / scale[:, None]
    ends = np.stack(np.broadcast_arrays(-0.03, 0.0), axis=-1)
    ruler = np.stack(
        np.broadcast_arrays(marks[..., None], np.broadcast_to(ends, (*marks.shape, 2))), axis=-1
    )
    return Frame(
        shapes={
            "entropy": rectangles(0.0, 0.0, total[:, None], 1.0),
            "areas": rectangles(0.0, below, surprise, p),
            "ruler": ruler,
        },
        texts={
            "shares": (np.arange(4.0), p, each(_shares, p)),
            "symbols": (beside, below + p / 2, each(_symbols, p, area * scale[:, None])),
            "entropy": (total[:, None], np.ones((1, 1)), each(_entropy, total * scale)),
            "ruler": (marks, np.zeros((1, 9)), each(_numbers_in_sight, marks)),
            "unit": (
                np.full((1, 1), WIDEST),
                np.zeros((1, 1)),
                [[f"surprise in {u}"] for u in units],
            ),
        },
        readouts=[
            Readout("entropy H(p)", total * scale, units),
            Readout("largest surprise", surprise.max(axis=-1) * scale, units),
        ],
        invariants=[
            Invariant("H ≥ 0", total * scale),
            Invariant("H ≤ log 4", (2 - total) * scale),
        ],
        sentence=each(_sentence, p, total * scale, area * scale[:, None], units),
        table=Table(
            SYMBOLS,
            {
                "share p": p,
                "surprise −log p": surprise * scale[:, None],
                "area": area * scale[:, None],
            },
        ),
        tasks=[
            Task("Make the rectangle of a as large as it gets.", area[:, 0] > LARGEST - 1e-4),
            Task("Reach the highest entropy of four symbols.", np.isclose(total, 2)),
            Task("Bring the entropy down to 0.", total < 1e-12),
        ],
    )


def _shares(p):
    return [number(share) for share in p]


def _numbers_in_sight(marks):
    return [str(number) if mark <= WIDEST else "" for number, mark in enumerate(marks)]


def _symbols(p, area):
    # a rectangle lower than its label stays without one; the table has its number
    return [
        f"{symbol} {number(part)}" if share >= 0.06 else ""
        for symbol, share, part in zip(SYMBOLS, p, area, strict=True)
    ]


def _entropy(total):
    return [f"H = {number(total)}"]


def _sentence(p, total, area, unit):
    if total < 1e-12:
        return "Only one symbol ever comes: no surprise, no area, entropy 0."
    most = [i for i, part in enumerate(area) if math.isclose(part, max(area), rel_tol=1e-9)]
    contribution = number(area[most[0]])
    if len(most) == 1:
        named = f"{SYMBOLS[most[0]]}, with share {number(p[most[0]])}, contributes most"
        return f"On average a symbol carries {number(total)} {unit}; {named}: {contribution}."
    *others, last = (SYMBOLS[i] for i in most)
    named = f"{', '.join(others)} and {last} contribute most"
    return f"On average a symbol carries {number(total)} {unit}; {named}: {contribution} each."
