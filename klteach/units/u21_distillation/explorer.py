"""Explorers of unit 21: what pulls a student's logits, and what a teacher says of an image."""

import math
from functools import cache

import numpy as np

from klteach.data import digit_teacher, digits
from klteach.data.digit_teacher import TAUGHT
from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    each,
    line,
    number,
    rectangles,
)
from klteach.explorers.look import (
    DIFFERENCE_COLOUR,
    FAINT,
    INK,
    MUTED,
    P_STYLE,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence

CLASSES = ("1", "7", "4", "9")
DRAGGED = ("one", "seven", "four")  # the teacher's fourth logit stays at 0: only differences count
STUDENT = np.array([1.0, 2.0, 0.0, 1.0])
LOW, HIGH = -2, 4  # of the teacher's logits
TEMPERATURES = 2.0 ** np.arange(5)
PULL = 2.0  # an arrow is so many times minus the gradient, in units of a logit
FLOOR, CEILING = 8e-4, 5.0  # of the panel of sizes
PLACES = np.arange(4)
SMALL = {"fontsize": 9, "ha": "center", "va": "center"}


def heat_the_teacher():
    """Drag the teacher's logits and the temperature; watch what pulls the student's logits."""
    return Explorer(
        title="One teacher, five temperatures",
        description=(
            "Left: the logits of four classes, the digits 1, 7, 4 and 9, the teacher's as solid "
            "bars of which three can be dragged, the student's dashed; an arrow on each dashed bar "
            "is its pull, minus the gradient of KL(teacher‖student). Top right: the shares that "
            "both give at temperature T; dotted ticks: the teacher's at T = 1. Bottom right: the "
            "length of the gradient against T on a logarithmic scale, solid as it is, dash-dotted "
            "times T²; a line at T to drag."
        ),
        controls=[
            *(
                Slider(name, f"Teacher's logit of {digit}", LOW, HIGH, 1, start=start)
                for name, digit, start in zip(DRAGGED, CLASSES, (4, 2, 1), strict=False)
            ),
            Slider(
                "doublings",
                "Temperature T",
                0,
                4,
                1,
                start=0,
                names=[f"{temperature:g}" for temperature in TEMPERATURES],
            ),
            Choice("weight", "Arrows", ("the gradient as it is", "× T²")),
        ],
        presets={
            "another favourite": {"one": 4, "seven": 2, "four": 1},
            "the same favourite, surer": {"one": 1, "seven": 4, "four": 0},
            "nearly undecided": {"one": 1, "seven": 0, "four": -1},
            "T = 16": {"doublings": 4},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.6, 3.4, [["logits", "shares"], ["logits", "size"]], width_ratios=[1.1, 1])
    _draw_logits(picture, picture.axes["logits"])
    _draw_shares(picture, picture.axes["shares"])
    _draw_size(picture, picture.axes["size"])
    return picture


def _draw_logits(picture, logits):
    logits.set(xlim=(-0.6, 3.6), ylim=(-2.5, 4.6), yticks=range(-2, 5, 2))
    logits.set_xticks(PLACES, CLASSES)
    logits.set(xlabel="a 1, a 7, a 4 or a 9?", title="Logits: teacher solid (drag), student dashed")
    logits.axhline(0, color=MUTED, linewidth=0.8)
    for name, place in zip(DRAGGED, PLACES, strict=False):
        picture.bars(name, logits, [place - 0.2], width=0.36, alpha=0.85, **P_STYLE)
    logits.plot([2.62, 2.98], [0, 0], color=P_STYLE["facecolor"], linewidth=4)
    logits.text(2.8, -0.55, "stays\nat 0", color=MUTED, **SMALL)
    for place, height in zip(PLACES, STUDENT, strict=True):
        logits.bar(place + 0.2, height, width=0.36, **Q_STYLE)
    picture.shapes("arrows", logits, count=4, zorder=4, facecolor=INK, linewidth=0)


def _draw_shares(picture, shares):
    shares.set(xlim=(-0.6, 3.6), ylim=(0, 1.0), yticks=[0, 0.5, 1], title="Shares at T")
    shares.set_xticks(PLACES, CLASSES)
    picture.shapes("teacher", shares, count=4, alpha=0.85, **P_STYLE)
    picture.shapes("student", shares, count=4, **Q_STYLE)
    tick = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.6, "linestyle": (0, (1, 1))}
    picture.shapes("at one", shares, count=4, closed=False, zorder=4, **tick)


def _draw_size(picture, size):
    size.set(yscale="log", xlim=(-0.3, 4.3), ylim=(FLOOR, CEILING), xlabel="temperature T")
    size.set_xticks(range(5), [f"{temperature:g}" for temperature in TEMPERATURES])
    size.set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    size.minorticks_off()
    size.set_title("Length of the gradient")
    picture.shapes("raw", size, closed=False, facecolor="none", edgecolor=INK, linewidth=1.8)
    scaled = {"edgecolor": DIFFERENCE_COLOUR, "linewidth": 1.8, "linestyle": (0, (6, 2, 1, 2))}
    picture.shapes("scaled", size, closed=False, facecolor="none", **scaled)
    size.text(2.45, 2.2, "× T²", color=DIFFERENCE_COLOUR, **SMALL)
    size.text(1.0, 0.006, "as it is", **SMALL)
    picture.line("doublings", size, "x", (FLOOR, CEILING), grip=0.12, edgecolor=MUTED, lw=1.6)
    picture.shapes("here", size, facecolor=INK, linewidth=0, zorder=5)


# -- every state ----------------------------------------------------------------------------------


def _softmax(logits):
    share = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return share / share.sum(axis=-1, keepdims=True)


def _gradient(teacher, temperature):
    """Of KL(teacher‖student) at this temperature, by the student's logits."""
    temperature = np.asarray(temperature, dtype=float)[..., None]
    return (_softmax(STUDENT / temperature) - _softmax(teacher / temperature)) / temperature


def _update(state):
    columns = [getattr(state, name) for name in DRAGGED]
    teacher = np.stack([*columns, np.zeros(len(columns[0]))], axis=-1)
    place = state.doublings.astype(int)
    temperature = TEMPERATURES[place]
    p = _softmax(teacher / temperature[:, None])
    q = np.broadcast_to(_softmax(STUDENT / temperature[:, None]), p.shape)
    at_one = _softmax(teacher)
    kl = kl_divergence(p, q)
    gradients = np.stack([_gradient(teacher, np.full(len(p), t)) for t in TEMPERATURES], axis=1)
    lengths = np.linalg.norm(gradients, axis=-1)  # (states, temperatures)
    scaled = lengths * TEMPERATURES**2
    rows = np.arange(len(p))
    length, weighted = lengths[rows, place], scaled[rows, place]
    pull = -gradients[rows, place] * np.where(state.weight == 1, temperature**2, 1.0)[:, None]
    apart = teacher - STUDENT
    limit = np.linalg.norm(apart - apart.mean(axis=-1, keepdims=True), axis=-1) / len(CLASSES)
    shown = np.where(state.weight == 1, weighted, length)
    return Frame(
        shapes={
            "arrows": _arrows(PULL * pull),
            "teacher": rectangles(PLACES - 0.38, 0.0, 0.36, p),
            "student": rectangles(PLACES + 0.02, 0.0, 0.36, q),
            "at one": np.stack(
                [
                    np.broadcast_to(PLACES[:, None] + [-0.42, 0.02], (*p.shape, 2)),
                    np.repeat(at_one[..., None], 2, axis=-1),
                ],
                axis=-1,
            ),
            "raw": line(np.arange(5.0), np.maximum(lengths, FLOOR / 2)),
            "scaled": line(np.arange(5.0), np.maximum(scaled, FLOOR / 2)),
            "here": _dot(state.doublings, np.maximum(shown, FLOOR / 2)),
        },
        readouts=[
            Readout("KL(teacher‖student) at T", kl, "nats", digits=4),
            Readout("length of the gradient", length, digits=4),
            Readout("× T²", weighted),
            Readout("× T², for T → ∞", limit),
        ],
        invariants=[
            Invariant("gradient ≤ √2/T", math.sqrt(2) / temperature - length),
        ],
        sentence=each(
            _sentence,
            temperature,
            p,
            at_one,
            length,
            lengths[:, 0],
            weighted,
            scaled[:, 0],
            state.weight == 1,
        ),
        table=Table(
            CLASSES,
            {
                "teacher's logit": teacher,
                "student's": np.broadcast_to(STUDENT, p.shape),
                "p at T": p,
                "q at T": q,
                "gradient": gradients[rows, place],
            },
        ),
        tasks=[
            Task(
                "Make the gradient less than a hundredth of what it is at T = 1.",
                (length > 0) & (length < 0.01 * lengths[:, 0]),
            ),
            Task(
                "Bring the gradient to 0 although no logit of the teacher equals the student's.",
                (length < 1e-12) & (apart != 0).all(axis=-1),
            ),
        ],
    )


def _arrows(pull):
    """A shaft and a head on each dashed bar, (states, 4, 7, 2): from its end, as long as pull."""
    size = abs(pull)
    head = np.minimum(size, 0.28)
    way = np.sign(pull)
    start = np.broadcast_to(STUDENT, pull.shape)
    neck, tip = start + way * (size - head), start + pull
    x = PLACES + 0.2 + np.array([-0.035, -0.035, -0.12, 0.0, 0.12, 0.035, 0.035])[:, None]
    y = np.stack([start, neck, neck, tip, neck, neck, start], axis=-1)
    return np.stack([np.broadcast_to(x.T, y.shape), y], axis=-1)


def _dot(x, y):
    """A diamond on a logarithmic axis."""
    corners = np.array([(-0.11, 0), (0, 0.16), (0.11, 0), (0, -0.16)])
    points = np.stack(
        [x[:, None] + corners[:, 0], y[:, None] * np.exp(corners[:, 1] * 1.6)], axis=-1
    )
    return points[:, None]


def _sentence(temperature, p, at_one, length, first, weighted, weighted_first, times):
    if length < 1e-12:
        return (
            "The teacher's logits differ from the student's by one and the same number, so both "
            "say the same and nothing pulls, at any T."
        )
    order = np.argsort(at_one)[::-1]
    second = CLASSES[order[1]]
    share = f"the teacher gives its second choice, {second}, a share of {number(p[order[1]])}"
    if temperature == 1:
        same = ", with T² and without" if times else ""
        return f"At T = 1 {share}; the gradient has the length {number(length)}{same}."
    than = "longer" if weighted > weighted_first else "shorter"
    return (
        f"At T = {temperature:g} {share}, where T = 1 gives it {number(at_one[order[1]])}. The "
        f"gradient has 1/{number(first / length, 0)} of its length at T = 1; × T² it is "
        f"{number(abs(weighted / weighted_first - 1) * 100, 0)} % {than}."
    )


# -- what a real teacher says of real images ------------------------------------------------------

DIGITS = np.arange(10)
SOME_DOUBT = 0.9


def what_the_teacher_sees():
    """Look at images that a teacher has never seen, and at its shares at several temperatures."""
    return Explorer(
        title="What a teacher says of an image",
        description=(
            "Left: a handwritten digit of 8 × 8 pixels, each pixel a square whose area is its ink. "
            "Right: the teacher's shares of the ten digits at temperature T as solid bars; a "
            "triangle below the axis marks the label. Dotted ticks: what the same share of the "
            "first digit would leave for each other one if it were spread evenly."
        ),
        controls=[
            Slider("image", "Image", 0, 9, 1, start=7, names=[f"a {digit}" for digit in DIGITS]),
            Slider(
                "doublings",
                "Temperature T",
                0,
                4,
                1,
                start=0,
                names=[f"{temperature:g}" for temperature in TEMPERATURES],
            ),
        ],
        presets={"T = 4": {"doublings": 2}},
        draw=_draw_images,
        update=_update_images,
    )


@cache
def doubtful():
    """For each digit the row of an image that the teacher gets right, and not without doubt.

    It has not been taught these; of those, the one to whose label it gives most nearly SOME_DOUBT.
    """
    labels, shares = digits().labels, _softmax(digit_teacher())
    rows = np.arange(TAUGHT, len(labels))
    apart = abs(shares[rows, labels[rows]] - SOME_DOUBT)
    return np.array([rows[np.where(labels[rows] == digit, apart, 1).argmin()] for digit in DIGITS])


def _draw_images():
    picture = Picture(6.4, 2.8, [["image", "shares"]], width_ratios=[1, 1.75])
    image, shares = picture.axes["image"], picture.axes["shares"]
    image.set(xlim=(0, 8), ylim=(8, 0), aspect="equal", xticks=[], yticks=[])
    image.set_title("The image")
    for side in image.spines.values():
        side.set(visible=True, color=FAINT)
    picture.shapes("ink", image, count=64, facecolor=INK, linewidth=0)
    shares.set(xlim=(-0.6, 9.6), ylim=(-0.09, 1.0), yticks=[0, 0.5, 1], xticks=DIGITS)
    shares.set(xlabel="digit, the label marked by a triangle", title="The teacher's shares at T")
    shares.axhline(0, color=MUTED, linewidth=0.8)
    shares.spines["bottom"].set_visible(False)
    picture.shapes("shares", shares, count=10, alpha=0.85, **P_STYLE)
    tick = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.6, "linestyle": (0, (1, 1))}
    picture.shapes("evenly", shares, count=10, closed=False, zorder=4, **tick)
    picture.shapes("label", shares, facecolor=INK, linewidth=0)
    return picture


def _update_images(state):
    which, temperature = state.image.astype(int), TEMPERATURES[state.doublings.astype(int)]
    rows = doubtful()[which]
    p = _softmax(digit_teacher()[rows] / temperature[:, None])
    first = p.argmax(axis=1)
    largest = p.max(axis=1)
    rest = (1 - largest) / 9
    evenly = np.where(DIGITS == first[:, None], largest[:, None], rest[:, None])
    entropy = -(p * np.log(p)).sum(axis=1)
    side = np.sqrt(digits().images[rows].reshape(len(rows), 64) / 16)
    down, across = np.divmod(np.arange(64), 8)
    left, top = across + (1 - side) / 2, down + (1 - side) / 2
    ends = np.array([-0.4, 0.4])
    ticks = np.broadcast_to(DIGITS[:, None] + ends, (*p.shape, 2))
    corners = np.array([(-0.28, -0.085), (0.28, -0.085), (0, -0.015)])
    marks = corners + np.stack([which, np.zeros(len(which))], axis=-1)[:, None]
    order = np.argsort(-p, axis=1)
    return Frame(
        shapes={
            "ink": rectangles(left, top, side, side),
            "shares": rectangles(DIGITS - 0.36, 0.0, 0.72, p),
            "evenly": np.stack([ticks, np.repeat(evenly[..., None], 2, axis=-1)], axis=-1),
            "label": marks[:, None],
        },
        readouts=[
            Readout("share of the label", p[np.arange(len(p)), which]),
            Readout("largest other share", p[np.arange(len(p)), order[:, 1]]),
            Readout("smallest share", p.min(axis=1), digits=5),
            Readout("entropy", entropy, "nats"),
        ],
        invariants=[Invariant("entropy ≤ log 10", math.log(10) - entropy)],
        sentence=each(_what_it_says, which, temperature, p, order),
        table=Table([str(digit) for digit in DIGITS], {"share": p, "spread evenly": evenly}),
    )


def _what_it_says(label, temperature, p, order):
    first, second, third, last = (int(order[place]) for place in (0, 1, 2, 9))
    return (
        f"The label says {label} and no more. At T = {temperature:g} the teacher gives "
        f"{number(p[first])} to {first}, {number(p[second])} to {second}, {number(p[third])} to "
        f"{third}, and least to {last}."
    )
