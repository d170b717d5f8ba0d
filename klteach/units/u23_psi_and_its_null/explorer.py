"""Explorer of unit 23: PSI of simulated comparisons, two old lines, and the line of the null."""

from functools import cache

import numpy as np
from scipy.special import chdtri, ndtr, ndtri

from klteach.drift import Smoothing
from klteach.drift.divergence import divergence
from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, Table, Task, each, line, number
from klteach.explorers.look import (
    DIFFERENCE_COLOUR,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_COLOUR,
    Q_STYLE,
)
from klteach.explorers.picture import Picture

COMPARISONS = 100
SHIFTS = np.round(np.arange(7) * 0.1, 1)  # standard deviations
FEWEST_ROWS = 50
DOUBLINGS = np.arange(12)
ROWS = FEWEST_ROWS * 2**DOUBLINGS
CELLS = (5, 10, 20)
FINEST = CELLS[-1]
EPS = 1e-6
POLICIES = (
    "½ row added to each cell",
    "none: an empty cell is infinite",
    "empty cells merged",
    "ε = 1e-6 in empty cells",
)
OLD_LINES = (0.1, 0.25)  # alert and action, by custom
RATE = 0.05
LOWEST, HIGHEST, INFINITY = -4.6, 1.75, 1.45  # of the axis of PSI, in powers of ten
WIDEST = 3.6  # standard deviations, of the axis of the densities
TALLEST = 3.2  # of the bars, in expected shares
SMALL = {"fontsize": 9}


def psi_and_its_null():
    """Shift a law, change the rows and the cells, and see which line knows a drift."""
    return Explorer(
        title="PSI and its null, simulated",
        description=(
            "Simulated data. Top left: the normal law of the baseline, dashed, and of the current "
            "data, solid, its mean to drag, with the locked cells as ticks. Bottom left: one pair "
            "of samples in these cells, current as solid bars, baseline as a dashed outline. "
            "Right: PSI up and rows on each side across, both axes logarithmic; a dash for each of "
            "100 comparisons, horizontal lines at 0.1 and 0.25, the 95 % line of the null falling "
            "with the rows, and the rows to drag."
        ),
        controls=[
            Slider("shift", "Shift of the current law", 0.0, 0.6, 0.1, start=0.0, unit="sd"),
            Slider("doublings", "Rows on each side: 50, doubled so often", 0, 11, 1, start=5),
            Choice("cells", "Cells", tuple(map(str, CELLS)), start=1),
            Choice("policy", "Smoothing", POLICIES),
        ],
        presets={
            "no drift, 200 rows": {"doublings": 2},
            "no drift, 20 cells": {"doublings": 2, "cells": 2},
            "0.1 sd, 102 400 rows": {"shift": 0.1, "doublings": 11},
            "empty cells": {"doublings": 0, "cells": 2, "policy": 1},
            "0.3 sd, 400 rows": {"shift": 0.3, "doublings": 3},
        },
        draw=_draw,
        update=_update,
    )


# -- the simulation, once -------------------------------------------------------------------------


def shares_in_cells(shift, cells):
    """The shares of N(shift, 1) in the cells that hold 1/cells of N(0, 1) each."""
    edges = ndtri(np.arange(1, cells) / cells)
    below = ndtr(edges - np.asarray(shift)[..., None])
    ends = np.zeros((*below.shape[:-1], 1))
    return np.diff(np.concatenate([ends, below, ends + 1], axis=-1))


@cache
def counts():
    """(current, baseline) rows in the finest cells: (shifts, rows, comparisons, FINEST) each."""
    random = np.random.default_rng(23)
    size = (len(SHIFTS), len(ROWS), COMPARISONS)
    rows = ROWS[None, :, None]
    current = random.multinomial(rows, shares_in_cells(SHIFTS, FINEST)[:, None, None], size)
    # the same baselines for every shift, so that only the current data change with it
    baseline = random.multinomial(rows[0], np.full(FINEST, 1 / FINEST), size[1:])
    return current, np.broadcast_to(baseline, current.shape)


def in_cells(finest, cells):
    """The finest counts added up to so many cells."""
    return finest.reshape(*finest.shape[:-1], cells, -1).sum(axis=-1)


@cache
def simulated():
    """PSI of every comparison: (shifts, rows, len(CELLS), len(POLICIES), comparisons)."""
    return np.stack([_by_policy(cells) for cells in CELLS], axis=2)


def _by_policy(cells):
    current, baseline = (in_cells(side, cells) for side in counts())
    half, none = (
        divergence("psi", *policy.shares(current, baseline))
        for policy in (Smoothing.additive(0.5), Smoothing.infinite())
    )
    # the other two differ from none only where a cell is empty, which is seldom
    empty = np.isinf(none)
    merged, filled = none.copy(), none.copy()
    current, baseline = current[empty], baseline[empty]
    merged[empty] = divergence("psi", *Smoothing.merge_empty().shares(current, baseline))
    shares = (np.maximum(side / side.sum(axis=-1, keepdims=True), EPS) for side in
              (current, baseline))  # fmt: skip
    filled[empty] = divergence("psi", *shares)
    return np.stack([half, none, merged, filled], axis=2)


def null_line(rows, cells):
    """(1/n + 1/m) times the 95 % point of χ² with B - 1 degrees, n = m."""
    return 2 / rows * chdtri(cells - 1, RATE)


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(8.6, 4.6, [["laws", "plane"], ["shares", "plane"]], width_ratios=[1, 1.55])
    _draw_laws(picture, picture.axes["laws"])
    _draw_shares(picture, picture.axes["shares"])
    _draw_plane(picture, picture.axes["plane"])
    return picture


def _draw_laws(picture, laws):
    laws.set(xlim=(-WIDEST, WIDEST), ylim=(-0.035, 0.44), yticks=[], xticks=[-2, 0, 2])
    laws.set_title("Laws: current solid, baseline dashed")
    laws.spines["left"].set_visible(False)
    x = np.linspace(-WIDEST, WIDEST, 121)
    laws.plot(x, _density(x), color=Q_COLOUR, linewidth=2, linestyle=(0, (4, 2)))
    picture.shapes("law", laws, closed=False, facecolor="none", edgecolor=P_COLOUR, linewidth=1.8)
    edges = {"facecolor": "none", "edgecolor": MUTED, "linewidth": 1.0}
    picture.shapes("edges", laws, count=FINEST - 1, closed=False, **edges)
    picture.line("shift", laws, "x", (0, 0.4), edgecolor=P_COLOUR, linestyle=":", linewidth=1.6)


def _density(x):
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _draw_shares(picture, shares):
    shares.set(xlim=(0, 1), ylim=(0, TALLEST), xticks=[], yticks=[0, 1, 2, 3])
    shares.set_title("One comparison: shares by cell")
    shares.set(xlabel="cells, locked on the baseline", ylabel="1 = expected")
    picture.shapes("p", shares, **P_STYLE | {"alpha": 0.75})
    picture.shapes("q", shares, **Q_STYLE)


def _draw_plane(picture, plane):
    plane.set(xlim=(-0.6, 11.6), ylim=(LOWEST, HIGHEST))
    ticks = DOUBLINGS[::2]
    plane.set_xticks(ticks, [f"{rows:,}".replace(",", " ") for rows in ROWS[ticks]])
    powers = (0.0001, 0.001, 0.01, 0.1, 1, 10)
    plane.set_yticks([*np.log10(powers), INFINITY], [*(f"{power:g}" for power in powers), "∞"])
    plane.set(xlabel="rows on each side", ylabel="PSI in nats")
    plane.set_title("100 comparisons")
    for value in OLD_LINES:
        plane.plot([-0.6, 11.6], 2 * [np.log10(value)], color=INK, linewidth=1.2, linestyle="-.")
    below = {"ha": "right", "color": INK, **SMALL}
    plane.text(11.5, np.log10(0.25) + 0.07, "0.25, by custom", va="bottom", **below)
    plane.text(11.5, np.log10(0.1) - 0.07, "0.1, by custom", va="top", **below)
    thick = {"facecolor": "none", "edgecolor": DIFFERENCE_COLOUR, "linewidth": 2.6}
    picture.shapes("null", plane, closed=False, **thick)
    picture.shapes(
        "limit", plane, closed=False, facecolor="none", edgecolor=MUTED, linewidth=1.2,
        linestyle=":",
    )  # fmt: skip
    dashes = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.2, "alpha": 0.5}
    picture.shapes("dashes", plane, count=COMPARISONS, closed=False, **dashes)
    picture.texts("null", plane, ha="right", fontsize=9.5, color=INK, fontweight="bold")
    picture.texts("limit", plane, ha="left", fontsize=9)
    here = {"edgecolor": MUTED, "linestyle": ":", "linewidth": 1.4}
    picture.shapes("here", plane, closed=False, facecolor="none", **here)
    # the handle is in the middle of its line, so the line to drag begins above the dashes
    picture.line("doublings", plane, "x", (0.2, HIGHEST), **here)


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    step = np.rint(state.shift / SHIFTS[1]).astype(int)
    doublings = np.rint(state.doublings).astype(int)
    rows, cells = ROWS[doublings], np.array(CELLS)[state.cells]
    psi = simulated()[step, doublings, state.cells, state.policy]
    null = null_line(rows, cells)
    limit = _limits()[step, state.cells]
    above = {value: (psi > value).sum(axis=-1) for value in OLD_LINES}
    above_null = (psi > null[:, None]).sum(axis=-1)
    infinite = np.isinf(psi).sum(axis=-1)
    current, baseline = (_skyline(side, step, doublings, state.cells, rows) for side in counts())
    curve = np.log10(null_line(ROWS, np.array(CELLS)[:, None]))[state.cells]
    return Frame(
        shapes={
            "law": _law(state.shift),
            "edges": _edges()[state.cells],
            "p": current,
            "q": baseline,
            "null": line(DOUBLINGS.astype(float), curve),
            "limit": line(np.array([-0.6, 11.6]), _power(limit)[:, None] + np.zeros(2)),
            "dashes": _dashes(doublings, psi),
            "here": line(state.doublings[:, None], np.array([LOWEST, 0.2])),
        },
        texts={
            # above the panel, where nothing else ever comes
            "null": (np.array([[11.6]]), np.array([[HIGHEST + 0.14]]), each(_null_label, null)),
            "limit": (np.array([[-0.4]]), np.array([[LOWEST + 0.15]]), each(_limit_label, limit)),
        },
        readouts=[
            Readout("rows on each side", rows, digits=0),
            Readout("rows a cell expects", rows / cells, digits=1),
            Readout("95 % line of the null", null, "nats", digits=4),
            Readout("above 0.1, of 100", above[0.1], digits=0),
            Readout("above the null, of 100", above_null, digits=0),
            Readout("PSI with endless rows", limit, "nats", digits=4),
        ],
        invariants=[
            Invariant("PSI ≥ 0", psi.min(axis=-1), digits=5),
            Invariant("PSI in cells ≤ PSI of the laws, shift²", state.shift**2 - limit, digits=4),
        ],
        sentence=each(_sentence, state.shift, rows, cells, above[0.1], above_null, null, infinite),
        table=Table(
            ("by custom: 0.1", "by custom: 0.25", "95 % line of the null"),
            {
                "PSI in nats": np.stack([0.1 + 0 * null, 0.25 + 0 * null, null], axis=-1),
                "share of comparisons above": np.stack([*above.values(), above_null], axis=-1)
                / 100,
            },
            digits=4,
        ),
        tasks=[
            Task(
                "No drift at all: let 0.1 alarm in 20 of 100.",
                (state.shift == 0) & (above[0.1] >= 20),
            ),
            Task(
                "A true drift: keep all below 0.1 and 95 above the null.",
                (state.shift > 0) & (above[0.1] == 0) & (above_null >= 95),
            ),
            Task("Make a comparison infinite.", infinite > 0),
        ],
    )


@cache
def _limits():
    """PSI of the shares themselves: (shifts, len(CELLS)); exactly 0 without a shift."""
    found = [
        divergence("psi", shares_in_cells(SHIFTS, cells), np.full(cells, 1 / cells))
        for cells in CELLS
    ]
    return np.where(SHIFTS[:, None] > 0, np.stack(found, axis=-1), 0.0)


def _power(psi):
    """Where a PSI stands on the axis; one of 0 far below it."""
    with np.errstate(divide="ignore"):
        return np.where(np.isinf(psi), INFINITY, np.log10(psi))


def _law(shift):
    x = np.linspace(-WIDEST, WIDEST, 61)
    return line(x, _density(x - shift[:, None]))


@cache
def _edges():
    """Ticks at the inner edges for each number of cells; those not needed lie outside."""
    ticks = np.full((len(CELLS), FINEST - 1, 2, 2), -10.0)
    for place, cells in enumerate(CELLS):
        ticks[place, : cells - 1, :, 0] = ndtri(np.arange(1, cells) / cells)[:, None]
        ticks[place, :, :, 1] = [-0.03, 0.02]
    return ticks


def _skyline(side, step, doublings, cells, rows):
    """The shares of the first comparison as one outline, in units of what is expected."""
    first = side[step, doublings, 0]
    counted = [in_cells(first, size).repeat(FINEST // size, axis=-1) * size for size in CELLS]
    heights = np.stack(counted)[cells, np.arange(len(cells))] / rows[:, None]
    tops = heights.repeat(2, axis=-1).clip(max=TALLEST)
    ends = np.zeros((len(tops), 1))
    x = np.arange(FINEST + 1).repeat(2) / FINEST
    return line(x, np.concatenate([ends, tops, ends], axis=-1))


def _dashes(doublings, psi):
    """A dash for each comparison; heights in hundredths of a power of ten, which pack better."""
    heights = np.round(np.maximum(_power(psi), LOWEST), 2)
    x = doublings[:, None] + np.array([-0.3, 0.3])
    x, y = np.broadcast_arrays(x[:, None], heights[..., None])
    return np.stack([x, y], axis=-1)


def _null_label(null):
    return [f"95 % line: {_short(null)}"]


def _limit_label(limit):
    return [f"dotted: PSI with endless rows, {_short(limit)}" if limit else ""]


def _short(value):
    """Two digits or three, as a label has room for."""
    return f"{value:.3f}" if value >= 0.01 else f"{value:.2g}"


def _sentence(shift, rows, cells, above, above_null, null, infinite):
    drift = f"A shift of {shift:g} sd" if shift else "No drift"
    said = (
        f"{drift}, {rows} rows on each side, {cells} cells: of 100 simulated comparisons {above} "
        f"are above 0.1, and {above_null} above the null's line at {number(null, 4)}."
    )
    if infinite:
        said += f" An empty cell makes {infinite} of them infinite."
    return said
