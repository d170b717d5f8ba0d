"""Explorers of unit 12: a generator that is tilted, and one that is shaped by hand."""

import numpy as np

from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Note,
    Readout,
    Table,
    Task,
    each,
    line,
    number,
    rectangles,
)
from klteach.explorers.look import DIFFERENCE_STYLE, FAINT, INK, MUTED
from klteach.explorers.picture import Picture
from klteach.measures import f_divergence
from klteach.measures.f_divergences import (
    CHI_SQUARE,
    JENSEN_SHANNON,
    KL,
    REVERSE_KL,
    SQUARED_HELLINGER,
    TOTAL_VARIATION,
)

OUTCOMES = ("a", "b", "c")
P = np.array([0.1, 0.3, 0.6])
FAR = np.array([0.4, 0.4, 0.2])  # Q at its furthest: there the ratios p/q are 0.25, 0.75 and 3
BARS = np.array([0.0, 1.0, 2.0, 3.6])  # where the outcomes stand, and their sum
OPEN = {"closed": False, "facecolor": "none"}


def _draw_sum(axes, picture):
    """What both pictures have at the right: one bar per outcome, and their sum, hatched."""
    axes.set(xlim=(-0.6, 4.3), xticks=BARS, xticklabels=[*OUTCOMES, "sum"])
    axes.set_title("q · f(p/q), and the sum D")
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.axvline(2.8, color=FAINT, linewidth=0.8)
    picture.shapes("bars", axes, count=3, facecolor=FAINT, edgecolor=INK, linewidth=1.0)
    picture.shapes("sum", axes, **DIFFERENCE_STYLE)
    picture.texts("values", axes, count=4, offset=(0, -3), fontsize=9)


def _sum_shapes(bars, total):
    return {
        "bars": rectangles(BARS[:3] - 0.32, 0.0, 0.64, bars),
        "sum": rectangles(BARS[3] - 0.32, 0.0, 0.64, total[:, None]),
    }


def _values_at(bars, total, beyond):
    """Each number beyond the end of its bar, below it where the bar points down."""
    heights = np.column_stack([bars, total])
    places = heights + np.where(heights < 0, -beyond, beyond)
    return BARS, places, each(_numbers, heights)


def _numbers(heights):
    return [number(height) for height in heights]


# The named generators, tilted


# (choice, D(P‖Q), D(Q‖P), unit, generator)
NAMED = (
    ("KL", "KL(P‖Q)", "KL(Q‖P)", "nats", KL),
    ("reverse KL", "KL(Q‖P)", "KL(P‖Q)", "nats", REVERSE_KL),
    ("total variation", "TV(P, Q)", "TV(Q, P)", "", TOTAL_VARIATION),
    ("squared Hellinger", "H²(P, Q)", "H²(Q, P)", "", SQUARED_HELLINGER),
    ("χ²", "χ²(P‖Q)", "χ²(Q‖P)", "", CHI_SQUARE),
    ("Jensen–Shannon", "JS(P, Q)", "JS(Q, P)", "nats", JENSEN_SHANNON),
)
USED = ("f", "its conjugate t · f(1/t)")
CURVE = np.unique(np.concatenate([np.geomspace(0.02, 1, 30), np.linspace(1, 3.2, 30)]))
HANDLE = 2.0  # the t at which c (t − 1) is as high as c
LETTERS = 0.17  # two letters closer than this would overlap
DIAMOND = np.array([(-0.045, 0.0), (0.0, 0.16), (0.045, 0.0), (0.0, -0.16)])


def tilt_the_generator():
    """Tilt the generator of a divergence by c (t − 1): the curve and the bars move, D does not."""
    return Explorer(
        title="A generator and its tilt",
        description=(
            "Left: the generator f over the ratio t = p/q with c · (t − 1) added, as a solid "
            "curve; what was added as a dash-dotted line through t = 1, with a point to drag; a "
            "diamond at the ratio of each of three outcomes. Right: the outcomes' bars q · f(p/q), "
            "dotted where they were before the tilt, and their hatched sum, the divergence."
        ),
        controls=[
            Choice("generator", "Generator", [named[0] for named in NAMED]),
            Choice("used", "What is used", USED),
            Slider("tilt", "Tilt c", -1.5, 1.5, 0.25, start=0.0),
            Slider("far", "How far Q is from P", 0.0, 1.0, 0.1, start=1.0),
        ],
        presets={
            "KL, tilted up": {"generator": 0, "used": 0, "tilt": 1.5, "far": 1.0},
            "KL, touching 0": {"generator": 0, "used": 0, "tilt": -1.0, "far": 1.0},
            "KL, its conjugate": {"generator": 0, "used": 1, "tilt": 0.0, "far": 1.0},
            "χ², its conjugate": {"generator": 4, "used": 1, "tilt": 0.0, "far": 1.0},
            "Q = P, tilted": {"tilt": 1.5, "far": 0.0},
        },
        draw=_draw_tilt,
        update=_update_tilt,
    )


def _draw_tilt():
    picture = Picture(8.0, 3.9, [["curve", "sum"]], width_ratios=[1.25, 1])
    curve, total = picture.axes["curve"], picture.axes["sum"]
    curve.set(xlim=(0, 3.25), ylim=(-4.5, 7.4), xticks=[0, 1, 2, 3], yticks=[-4, -2, 0, 2, 4, 6])
    curve.set(xlabel="t = p/q")
    curve.set_title("f(t) + c · (t − 1): drag the point")
    curve.axhline(0, color=MUTED, linewidth=0.8)
    curve.axvline(1, color=FAINT, linewidth=0.8)
    picture.shapes("added", curve, **OPEN, edgecolor=MUTED, linestyle="-.", linewidth=1.4)
    picture.shapes("curve", curve, **OPEN, edgecolor=INK, linewidth=1.8)
    picture.shapes("ratios", curve, count=3, facecolor=INK, linewidth=0)
    picture.texts("ratios", curve, count=3, offset=(0, 8), fontsize=10)
    picture.point(curve, HANDLE, "tilt", color=MUTED)

    total.set(ylim=(-1.0, 1.6), yticks=[-0.5, 0, 0.5, 1, 1.5])
    _draw_sum(total, picture)
    dotted = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.0, "linestyle": ":"}
    picture.shapes("before", total, count=3, **dotted)
    return picture


def _update_tilt(state):
    q = P + state.far[:, None] * (FAR - P)
    t, tilt = P / q, state.tilt[:, None]
    chosen, rows = (state.generator, state.used), np.arange(len(q))
    each_way = _each_way(lambda f: f(t))
    values = each_way[(*chosen, rows)]
    symmetric = np.isclose(*each_way[state.generator, :, rows].swapaxes(0, 1)).all(axis=-1)
    divergences = _each_way(lambda f: f_divergence(f, P, q))
    plain = divergences[(*chosen, rows)]
    other = divergences[state.generator, 1 - state.used, rows]
    apart_from_p = state.far > 0
    before = q * values
    bars = before + tilt * (P - q)
    total = bars.sum(axis=-1)
    names = [NAMED[generator][1:3][used] for generator, used in zip(*chosen, strict=True)]
    units = [NAMED[generator][3] for generator in state.generator]
    heights = values + tilt * (t - 1)
    low, middle, high = np.moveaxis(t, -1, 0)  # whatever Q is, a has the smallest ratio
    apart = [np.minimum(low, middle - LETTERS), middle, np.maximum(high, middle + LETTERS)]
    letters = np.stack(apart, axis=-1)
    return Frame(
        shapes={
            "added": line(np.array([0.0, 3.25]), tilt * np.array([-1.0, 2.25])),
            "curve": line(CURVE, _each_way(lambda f: f(CURVE))[chosen] + tilt * (CURVE - 1)),
            "ratios": np.stack([t, heights], axis=-1)[:, :, None] + DIAMOND,
            "before": rectangles(BARS[:3] - 0.32, 0.0, 0.64, before),
            **_sum_shapes(bars, total),
        },
        texts={
            "ratios": (letters, heights, [list(OUTCOMES)] * len(t)),
            "values": _values_at(bars, total, 0.09),
        },
        readouts=[
            Note("D is", names),
            Readout("D, the sum of the bars", total, units),
            Readout("moved by the tilt", total - plain, units),
            Readout("the other direction", other, units),
        ],
        invariants=[
            Invariant("D ≥ 0", total),
            Invariant("the tilt moves nothing", -np.abs(total - plain)),
        ],
        sentence=each(_tilt_sentence, names, state.tilt, state.far, bars, bars - before, plain),
        table=Table(
            OUTCOMES,
            {
                "p": np.broadcast_to(P, q.shape),
                "q": q,
                "t = p/q": t,
                "f(t)": values,
                "c · (t − 1)": tilt * (t - 1),
                "bar": bars,
            },
        ),
        tasks=[
            Task(
                "Tilt KL until none of its bars is negative.",
                (state.generator == 0) & (state.used == 0) & apart_from_p & (bars > -1e-12).all(-1),
            ),
            Task(
                "Find a generator whose conjugate moves no bar.",
                (state.used == 1) & apart_from_p & symmetric,
            ),
        ],
    )


def _each_way(values_of):
    """values_of(f) for every generator and its conjugate, (generators, 2, ...)."""
    return np.array([[values_of(f), values_of(f.conjugate)] for *_, f in NAMED])


def _tilt_sentence(name, tilt, far, bars, moved, plain):
    if far == 0:
        return "Q is P: every ratio is 1, f(1) is 0, and no bar is left, whatever the tilt."
    parts = bars if tilt == 0 else moved
    first, second, third = (number(part) for part in parts)
    if tilt == 0:
        return f"The bars are {first}, {second} and {third}. Their sum is {name} = {number(plain)}."
    return (
        f"The tilt moves the bars by {first}, {second} and {third}. These sum to 0, so {name} "
        f"stays {number(plain)}."
    )


# A generator of one's own


RATIOS = P / FAR
HIGHEST = 2.0
STEP = 0.125


def shape_the_generator():
    """Drag three points of a generator: the lowest convex curve through them makes a divergence."""
    return Explorer(
        title="A generator of your own",
        description=(
            "Left: a generator f over the ratio t = p/q, straight between the points. Three are to "
            "drag, one at the ratio of each outcome, and f(1) = 0 stays; a point above the lowest "
            "convex curve hangs free. Right: the outcomes' bars q · f(p/q) and their hatched sum, "
            "the divergence."
        ),
        controls=[
            Slider("left", "Point at t = 0.25", 0.0, 1.5, STEP, start=0.75),
            Slider("near", "Point at t = 0.75", 0.0, 0.75, STEP, start=0.125),
            Slider("right", "Point at t = 3", 0.0, HIGHEST, STEP, start=1.5),
        ],
        presets={
            "total variation": {"left": 0.375, "near": 0.125, "right": 1.0},
            "bent on one side": {"left": 0.0, "near": 0.0, "right": 2.0},
            "a point too high": {"left": 0.75, "near": 0.625, "right": 1.5},
        },
        draw=_draw_shape,
        update=_update_shape,
    )


def _draw_shape():
    picture = Picture(8.0, 3.6, [["curve", "sum"]], width_ratios=[1.25, 1])
    curve, total = picture.axes["curve"], picture.axes["sum"]
    curve.set(xlim=(0, 3.25), ylim=(-0.3, 2.3), xticks=[0, 1, 2, 3], yticks=[0, 1, 2])
    curve.set(xlabel="t = p/q")
    curve.set_title("Your f(t): drag the points")
    curve.axhline(0, color=MUTED, linewidth=0.8)
    curve.plot([1], [0], marker="s", color=INK)
    curve.text(1.0, -0.2, "f(1) = 0", ha="center", fontsize=9, color=MUTED)
    picture.shapes("curve", curve, **OPEN, edgecolor=INK, linewidth=1.8)
    picture.texts("letters", curve, count=3, offset=(0, 9), fontsize=10)
    for place, control in zip(RATIOS, ("left", "near", "right"), strict=True):
        picture.point(curve, float(place), control, color=INK)

    total.set(ylim=(-0.04, 1.55), yticks=[0, 0.5, 1, 1.5])
    _draw_sum(total, picture)
    return picture


def _update_shape(state):
    points = np.stack([state.left, state.near, state.right], axis=-1)
    # the chord from the left point to f(1) = 0 passes t = 0.75 at a third of the left height
    used = np.stack([state.left, np.minimum(state.near, state.left / 3), state.right], axis=-1)
    free = points[:, 1] - used[:, 1]
    bars = FAR * used
    total = bars.sum(axis=-1)
    left, near, right = np.moveaxis(used, -1, 0)
    at_zero = left + (left - near) / 2  # straight on, half as far as between the two points
    slope = right / 2
    zeros = np.zeros(len(left))
    height = np.stack([at_zero, left, near, zeros, 1.125 * right], axis=-1)
    return Frame(
        shapes={
            "curve": line(np.array([0, *RATIOS[:2], 1, 3.25]), height),
            **_sum_shapes(bars, total),
        },
        texts={
            "letters": (RATIOS, points, [list(OUTCOMES)] * len(left)),
            "values": _values_at(bars, total, 0.05),
        },
        readouts=[
            Readout("D, the sum of the bars", total),
            Readout("f(0)", at_zero),
            Readout("slope at ∞", slope),
            Readout("largest D of any pair, f(0) + slope", at_zero + slope),
        ],
        invariants=[
            Invariant("D ≥ 0", total),
            Invariant("f bends up only", np.minimum(2 * left - 6 * near, 4 * near + slope)),
        ],
        sentence=each(_shape_sentence, free, total),
        table=Table(
            OUTCOMES,
            {
                "p": np.broadcast_to(P, used.shape),
                "q": np.broadcast_to(FAR, used.shape),
                "t = p/q": np.broadcast_to(RATIOS, used.shape),
                "point": points,
                "f(t)": used,
                "bar": bars,
            },
        ),
        tasks=[
            Task("Make the sum 0, although Q is not P.", total == 0),
            Task("Lift a point too high for a convex curve.", free > 0),
        ],
    )


def _shape_sentence(free, total):
    if total == 0:
        return "This f is 0 at all three ratios, so D is 0 although Q is not P."
    if free > 0:
        return (
            f"Point b hangs {number(free)} above the curve: no convex f with f(1) = 0 passes "
            f"through a and b. The curve below it gives D = {number(total)}."
        )
    return f"f is convex, and f(1) is 0. So it makes a divergence: D = {number(total)}."
