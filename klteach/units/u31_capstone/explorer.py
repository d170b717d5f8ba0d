"""Explorer of unit 31: one shift, nine measures of it, and one cutoff for all."""

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Note, Readout, Table, Task, each, line, number
from klteach.explorers.look import (
    BROKEN_COLOUR,
    FAINT,
    INK,
    MUTED,
    P_COLOUR,
    Q_COLOUR,
)
from klteach.explorers.picture import Picture
from klteach.units.u31_capstone.scales import NAMES, nine_scales

SHIFT_STEP, CUTOFF_STEP = 0.02, 0.02  # 61 × 20 states
END = 0.44  # of the common axis; a dot that is farther out stays there
TV, PSI, KL, JS = (NAMES.index(name) for name in ("total variation", "PSI", "KL", "JS (nats)"))
X = np.linspace(-3, 3, 49)  # of the curve of P, around its mean
PEAK = 1 / np.sqrt(2 * np.pi)


def nine_dots():
    """Drag a normal away from the baseline and watch nine dots pass one cutoff."""
    return Explorer(
        title="One cutoff for nine scales",
        description=(
            "Above: the baseline Q, a normal drawn dashed, and today's P, solid, with a point on "
            "its peak to drag. Below: nine rows, one for each measure of the two, and in each row "
            "a dot at its value on one common axis, hollow below the cutoff and filled above it. "
            "The cutoff is a vertical line to drag."
        ),
        controls=[
            Slider("shift", "Shift of P", 0.0, 1.2, SHIFT_STEP, start=0.2, unit="sd"),
            Slider("cutoff", "Cutoff", 0.02, 0.4, CUTOFF_STEP, start=0.1),
        ],
        presets={
            "no shift": {"shift": 0.0},
            "half an sd": {"shift": 0.5},
            "cutoff 0.2": {"cutoff": 0.2},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.5, 3.7, [["laws"], ["scales"]], height_ratios=[1, 2.5])
    _draw_laws(picture, picture.axes["laws"])
    _draw_scales(picture, picture.axes["scales"])
    return picture


def _draw_laws(picture, laws):
    laws.set(xlim=(-3.1, 4.3), ylim=(0, 0.5), yticks=[], xticks=[0, 1])
    laws.set_title("Baseline Q, dashed; today P, solid: drag its peak")
    laws.set_xlabel("in standard deviations", labelpad=1)
    laws.spines["left"].set_visible(False)
    laws.plot(X, _density(X), color=Q_COLOUR, linewidth=2.0, linestyle=(0, (4, 2)))
    picture.shapes("p", laws, closed=False, facecolor="none", edgecolor=P_COLOUR, linewidth=2.0)
    picture.point(laws, "shift", PEAK, color=P_COLOUR)


def _density(x):
    return np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)


def _draw_scales(picture, scales):
    rows = len(NAMES)
    scales.set(xlim=(0, END + 0.07), ylim=(rows - 0.3, -0.7), xticks=[0, 0.1, 0.2, 0.3, 0.4])
    scales.set_yticks(range(rows), NAMES)
    scales.tick_params(axis="y", length=0)
    scales.set_title("Each in its own unit, all on one axis; drag the cutoff")
    for row in range(rows):
        scales.plot([0, END], [row, row], color=FAINT, linewidth=0.8, zorder=0)
    picture.line("cutoff", scales, "x", (rows - 0.3, -0.7), grip=0.06, edgecolor=INK, lw=1.8)
    picture.shapes("below", scales, count=rows, facecolor="none", edgecolor=MUTED, linewidth=1.8)
    above = {"facecolor": BROKEN_COLOUR, "edgecolor": BROKEN_COLOUR, "linewidth": 1.4}
    picture.shapes("above", scales, count=rows, **above)
    picture.texts("values", scales, count=rows, offset=(0, -3.5), ha="left", fontsize=9)


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    values = nine_scales(state.shift)
    cutoff = state.cutoff
    above = values >= cutoff[:, None] - 1e-12
    count = above.sum(axis=1)
    rows = np.broadcast_to(np.arange(len(NAMES)), values.shape)
    place = np.minimum(values, END)
    at_tenth = np.isclose(cutoff, 0.1)
    before = nine_scales(np.maximum(state.shift - SHIFT_STEP, 0)) >= cutoff[:, None] - 1e-12
    return Frame(
        shapes={
            "p": line(state.shift[:, None] + X, _density(X)[None]),
            "below": _dots(place, rows, ~above),
            "above": _dots(place, rows, above),
        },
        texts={"values": (np.full(values.shape, END + 0.014), rows, each(_labels, values))},
        readouts=[
            Readout("shift", state.shift, "sd", digits=2),
            Readout("cutoff", cutoff, digits=2),
            Note("above the cutoff", [f"{number} of {len(NAMES)}" for number in count.tolist()]),
        ],
        invariants=[
            Invariant("TV² ≤ KL/2", values[:, KL] / 2 - values[:, TV] ** 2),
            Invariant("JS ≤ PSI/4", values[:, PSI] / 4 - values[:, JS]),
        ],
        sentence=each(_sentence, state.shift, cutoff, above),
        table=Table(NAMES, {"value": values, "above": above.astype(float)}),
        tasks=[
            Task("At a cutoff of 0.1, let exactly five ring.", at_tenth & (count == 5)),
            Task(
                "At a cutoff of 0.1, find the smallest shift at which all nine ring.",
                at_tenth & above.all(axis=1) & ~before.all(axis=1),
            ),
            Task("Let PSI ring where total variation does not.", above[:, PSI] & ~above[:, TV]),
        ],
    )


def _dots(x, y, shown):
    """An octagon in each row, or a point where it is not shown."""
    turn = np.pi / 8 + np.linspace(0, 2 * np.pi, 9)[:-1]
    ring = np.stack([0.0062 * np.cos(turn), 0.3 * np.sin(turn)], axis=-1)
    middle = np.stack([x, y], axis=-1)[..., None, :]
    return middle + shown[..., None, None] * ring


def _labels(values):
    return [number(value) for value in values]


def _sentence(shift, cutoff, above):
    ring = [name for name, rings in zip(NAMES, above, strict=True) if rings]
    quiet = [name for name, rings in zip(NAMES, above, strict=True) if not rings]
    start = f"A shift of {number(shift, 2)} sd and a cutoff of {number(cutoff, 2)}: "
    if not ring:
        return start + "none of the nine rings."
    if not quiet:
        return start + "all nine ring."
    if len(ring) <= len(quiet):
        verb = "rings" if len(ring) == 1 else "ring"
        return f"{start}{', '.join(ring)} {verb}; the other {len(quiet)} do not."
    verb = "does" if len(quiet) == 1 else "do"
    return f"{start}{len(ring)} ring; {', '.join(quiet)} {verb} not."
