"""Explorers of unit 03: why KL is never negative, and what mixing two pairs does to it."""

import math

import numpy as np

from klteach.explorers.controls import Choice, Simplex, Slider
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
from klteach.explorers.handles import At
from klteach.explorers.look import (
    DIFFERENCE_STYLE,
    FAINT,
    INK,
    MUTED,
    P_STYLE,
    Q_COLOUR,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence, kl_terms

SYMBOLS = ("a", "b", "c")


# Gibbs: the logarithm and its tangent


P = np.array([0.7, 0.2, 0.1])
TOTAL = 50  # steps of 0.02: 1176 states, few enough to need no kernel
LONGEST = 3.7  # nats, of the two sums; the largest KL of the grid is 2.727
DEEPEST, HIGHEST_TANGENT = -3.7, 2.9  # the part of the curve that is shown
GAP_WIDTH = 0.16  # of a hatched gap, on the axis of t
LANES = (-4.15, -4.65, -5.15)  # where the names stand below the curve, one under the other
ZOOMED = (0.5, 1.75)  # of t
ROWS = np.array([2.0, 1.0, 0.0])  # the outcomes in a sum, from the top


def tangent_gaps():
    """Drag t = q/p along the axis: no gap between the logarithm and its tangent is below 0."""
    return Explorer(
        title="The logarithm and its tangent",
        description=(
            "Above: log t and its tangent t − 1, with a hatched gap at t = q/p for each of three "
            "outcomes, and once more the part around t = 1, enlarged; below the curve each t is a "
            "point to drag, which takes the other two along, since q sums to 1. Below, two sums "
            "that end at the same KL: of the plain terms, which go forwards and backwards, and of "
            "the gaps, each times p, which only go forwards."
        ),
        controls=[Simplex("q", "Q, the model", SYMBOLS, TOTAL, (5, 15, 30), minimum=1)],
        presets={
            "Q = P": {"q": [35, 10, 5]},
            "close to P": {"q": [32, 12, 6]},
            "reversed": {"q": [5, 10, 35]},
        },
        draw=_draw_gaps,
        update=_update_gaps,
    )


def _draw_gaps():
    picture = Picture(6.2, 5.4, [["curve", "curve"], ["terms", "areas"]], height_ratios=[3.2, 1])
    curve, terms, areas = (picture.axes[name] for name in ("curve", "terms", "areas"))
    t = np.geomspace(np.exp(DEEPEST), 10, 300)
    curve.set(xlim=(-0.3, 10), ylim=(LANES[-1] - 0.3, HIGHEST_TANGENT))
    curve.set(xlabel="t = q/p, to drag", xticks=range(11), yticks=[-3, -2, -1, 0, 1, 2])
    curve.set_title("log t lies below its tangent t − 1")
    curve.axhline(DEEPEST - 0.1, color=FAINT, linewidth=0.8)
    curve.plot([1, 1], [LANES[-1] - 0.3, 0], color=FAINT, linewidth=1.0)
    curve.plot(t, np.log(t), color=INK, linewidth=1.8)
    curve.plot(t, t - 1, color=MUTED, linewidth=1.4, linestyle="-.")
    curve.text(8.2, 1.7, "log t", ha="center", color=INK)
    curve.text(2.9, 2.35, "t − 1", ha="right", color=MUTED)
    stem = {"closed": False, "facecolor": "none", "edgecolor": FAINT, "linewidth": 1.2}
    picture.shapes("stems", curve, count=3, **stem)
    picture.shapes("gaps", curve, count=3, **DIFFERENCE_STYLE)
    for index, lane in enumerate(LANES):
        at = At("q", index=index, scale=1 / P[index])
        picture.point(curve, at, lane, color=Q_COLOUR)
    zoom = curve.inset_axes((3.5, -3.5, 6.3, 3.3), transform=curve.transData)
    near = np.linspace(*ZOOMED, 60)
    zoom.set(xlim=ZOOMED, ylim=(-0.7, 0.75), xticks=[0.6, 0.8, 1, 1.2, 1.4, 1.6], yticks=[0])
    zoom.plot(near, np.log(near), color=INK, linewidth=1.8)
    zoom.plot(near, near - 1, color=MUTED, linewidth=1.4, linestyle="-.")
    zoom.text(1.02, 0.55, "around t = 1", ha="right", fontsize=9)
    picture.shapes("zoomed", zoom, count=3, **DIFFERENCE_STYLE)
    picture.texts("names", curve, count=3, offset=(9, -3.5), ha="left", fontsize=9)
    picture.texts("beyond", curve, count=3, offset=(5, 0), va="top", ha="left", fontsize=9)

    for name, axes in (("terms", terms), ("areas", areas)):
        axes.set(xlim=(-0.35, LONGEST), ylim=(-0.6, 2.6), xticks=[0, 1, 2, 3])
        axes.set_yticks(ROWS, SYMBOLS)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        end = {"closed": False, "facecolor": "none", "edgecolor": INK, "linestyle": ":"}
        picture.shapes(f"{name} end", axes, **end)
        picture.texts(name, axes, count=3, offset=(0, -3.5), ha="right", fontsize=9)
    terms.set_title("Sum of p · log(p/q)")
    areas.set_title("Sum of p × gap")
    picture.shapes("terms", terms, count=3, facecolor=FAINT, edgecolor=INK, linewidth=1.0)
    picture.shapes("areas", areas, count=3, **DIFFERENCE_STYLE)
    return picture


def _update_gaps(state):
    q = state.q
    t = q / P
    plain = -P * np.log(t)
    weighted = kl_terms(P, q)  # p (t − 1 − log t), without its rounding errors near t = 1
    gap = weighted / P
    kl = kl_divergence(P, q)
    low, high = np.log(t), np.minimum(t - 1, HIGHEST_TANGENT)
    end = line(np.stack([kl, kl], axis=-1), np.array([-0.6, 2.6]))
    return Frame(
        shapes={
            "stems": np.stack(
                [np.stack([t, t], axis=-1), np.stack([np.broadcast_to(LANES, t.shape), low], -1)],
                axis=-1,
            ),
            "gaps": rectangles(t - GAP_WIDTH / 2, low, GAP_WIDTH, high - low),
            "zoomed": rectangles(t - GAP_WIDTH / 8, low, GAP_WIDTH / 4, high - low),
            "terms": rectangles(_one_after_another(plain), ROWS - 0.32, plain, 0.64),
            "areas": rectangles(_one_after_another(weighted), ROWS - 0.32, weighted, 0.64),
            "terms end": end,
            "areas end": end,
        },
        texts={
            "names": (t, np.array(LANES), [list(SYMBOLS)] * len(q)),
            "beyond": (t, np.full_like(t, HIGHEST_TANGENT), each(_beyond, t, gap)),
            "terms": (np.full_like(t, LONGEST), ROWS, each(_signed, plain)),
            "areas": (np.full_like(t, LONGEST), ROWS, each(_area_labels, weighted)),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("sum of the plain terms", plain.sum(axis=-1), "nats"),
            Readout("sum of the weighted gaps", weighted.sum(axis=-1), "nats"),
        ],
        invariants=[
            Invariant("KL ≥ 0", kl),
            Invariant("every gap ≥ 0", gap.min(axis=-1)),
        ],
        sentence=each(_gap_sentence, plain, gap, kl),
        table=Table(
            SYMBOLS,
            {
                "p": np.broadcast_to(P, q.shape),
                "q": q,
                "t = q/p": t,
                "p · log(p/q)": plain,
                "t − 1 − log t": gap,
                "p · (t − 1 − log t)": weighted,
            },
        ),
        tasks=[
            Task("Close all three gaps.", kl < 1e-12),
            Task("Make only one plain term negative.", (plain < 0).sum(axis=-1) == 1),
        ],
    )


def _one_after_another(lengths):
    """Where each bar of a sum begins: where the one before it ended."""
    return np.cumsum(lengths, axis=-1) - lengths


def _beyond(t, gap):
    """The gap in words, where the tangent has left the picture."""
    return [
        f"gap {number(height, 1)}" if place - 1 > HIGHEST_TANGENT else ""
        for place, height in zip(t, gap, strict=True)
    ]


def _signed(values):
    return [f"{'+' if value > 0 else ''}{number(value)}" for value in values]


def _area_labels(weighted):
    return [number(area) for area in weighted]


def _gap_sentence(plain, gap, kl):
    if kl == 0:
        return "Every t is 1: there the curve touches its tangent, all gaps are 0, and so is KL."
    negative = [symbol for symbol, term in zip(SYMBOLS, plain, strict=True) if term < 0]
    are = "The term of {} is" if len(negative) == 1 else "The terms of {} are"
    return (
        f"{are.format(' and '.join(negative))} negative, but no gap is: the smallest is "
        f"{number(min(gap))}. Weighted by p, the gaps add up to KL = {number(kl)} nats."
    )


# Joint convexity: a mixture of two pairs


# (name, first p, first q, second p, second q)
PAIRS = (
    ("one truth, two models", (0.7, 0.2, 0.1), (0.1, 0.3, 0.6), (0.7, 0.2, 0.1), (0.6, 0.1, 0.3)),
    ("two truths, one model", (0.7, 0.2, 0.1), (0.3, 0.3, 0.4), (0.1, 0.3, 0.6), (0.3, 0.3, 0.4)),
    ("errors that cancel", (0.7, 0.2, 0.1), (0.1, 0.3, 0.6), (0.1, 0.3, 0.6), (0.7, 0.2, 0.1)),
    ("two unlike groups", (0.4, 0.2, 0.4), (0.2, 0.4, 0.4), (0.6, 0.3, 0.1), (0.3, 0.6, 0.1)),
)
NAMES = tuple(pair[0] for pair in PAIRS)
FIRST_P, FIRST_Q, SECOND_P, SECOND_Q = (
    np.array([pair[part] for pair in PAIRS]) for part in (1, 2, 3, 4)
)
WEIGHTS = np.linspace(0, 1, 51)  # where the curve is drawn
HIGHEST = 1.3  # nats; the largest divergence of a pair is 1.102


def joint_convexity():
    """Mix two pairs (P, Q) and see the divergence of the mixture stay under the chord."""
    return Explorer(
        title="Mixing two pairs",
        description=(
            "Left: the mixture of two truths as solid bars and of their two models as dashed bars. "
            "Right: the divergence of the mixture as a curve over the weight λ of the first pair, "
            "below the chord between the two pairs; a vertical line to drag, a hatched margin."
        ),
        controls=[
            Choice("pairs", "Two pairs", NAMES),
            Slider("weight", "Weight λ of the first pair", 0.0, 1.0, 0.02, start=0.3),
        ],
        presets={
            "two models, half of each": {"pairs": 0, "weight": 0.5},
            "errors that cancel, half of each": {"pairs": 2, "weight": 0.5},
            "two truths, half of each": {"pairs": 1, "weight": 0.5},
        },
        draw=_draw_mixture,
        update=_update_mixture,
    )


def _draw_mixture():
    picture = Picture(6.2, 3.5, [["mixture", "curve"]], width_ratios=[1, 1.7])
    mixture, curve = picture.axes["mixture"], picture.axes["curve"]
    mixture.set(xlim=(-0.6, 2.6), ylim=(0, 1.08), yticks=[0, 0.5, 1])
    mixture.set(xticks=range(3), xticklabels=SYMBOLS)
    mixture.set_title("Mixed: P solid, Q dashed")
    picture.shapes("p", mixture, count=3, **P_STYLE)
    picture.shapes("q", mixture, count=3, **Q_STYLE)

    curve.set(xlim=(-0.02, 1.02), ylim=(0, HIGHEST), xticks=[0, 0.25, 0.5, 0.75, 1])
    curve.set(xlabel="λ: 0 is the second pair, 1 the first", yticks=[0, 0.5, 1])
    curve.set_title("KL, nats: chord dash-dotted, mixture solid")
    open_line = {"closed": False, "facecolor": "none"}
    picture.shapes("chord", curve, **open_line, edgecolor=MUTED, linestyle="-.", linewidth=1.4)
    picture.shapes("kl", curve, **open_line, edgecolor=INK, linewidth=1.8)
    picture.shapes("margin", curve, **DIFFERENCE_STYLE)
    picture.texts("chord", curve, offset=(0, 4), fontsize=9)
    picture.texts("kl", curve, offset=(0, -12), fontsize=9)
    picture.line("weight", curve, "x", (0, HIGHEST), edgecolor=INK, linestyle=":", linewidth=1.4)
    return picture


def _mixed(first, second, weight):
    weight = weight[..., np.newaxis]
    return weight * first + (1 - weight) * second


def _update_mixture(state):
    first_p, first_q, second_p, second_q = (
        shares[state.pairs] for shares in (FIRST_P, FIRST_Q, SECOND_P, SECOND_Q)
    )
    p = _mixed(first_p, second_p, state.weight)
    q = _mixed(first_q, second_q, state.weight)
    first, second = kl_divergence(first_p, first_q), kl_divergence(second_p, second_q)
    chord = state.weight * first + (1 - state.weight) * second
    kl = kl_divergence(p, q)
    curves = kl_divergence(
        _mixed(FIRST_P[:, None], SECOND_P[:, None], WEIGHTS),
        _mixed(FIRST_Q[:, None], SECOND_Q[:, None], WEIGHTS),
    )
    steps = np.rint(state.weight * (len(WEIGHTS) - 1)).astype(int)
    rises = np.gradient(curves, axis=-1)[state.pairs, steps] >= 0
    return Frame(
        shapes={
            "p": rectangles(np.arange(3) - 0.38, 0.0, 0.36, p),
            "q": rectangles(np.arange(3) + 0.02, 0.0, 0.4, q),
            "chord": line(np.array([0.0, 1.0]), np.stack([second, first], axis=-1)),
            "kl": line(WEIGHTS, curves[state.pairs]),
            "margin": rectangles(
                (state.weight - 0.012)[:, None], kl[:, None], 0.024, (chord - kl)[:, None]
            ),
        },
        texts={
            # beside the line to drag, on the side where the chord and the curve are out of the way
            "chord": (_beside(state.weight, first < second), chord[:, None], each(_value, chord)),
            # near the axis above the curve; where chord and curve meet, one label is enough
            "kl": (
                _beside(state.weight, rises),
                np.where(kl < 0.16, kl + 0.17, kl)[:, None],
                each(_value, np.where(_differ(chord, kl), kl, np.nan)),
            ),
        },
        readouts=[
            Readout("KL of the mixture", kl, "nats"),
            Readout("chord", chord, "nats"),
            Readout("margin", chord - kl, "nats"),
        ],
        invariants=[Invariant("mixture ≤ chord", chord - kl), Invariant("KL ≥ 0", kl)],
        sentence=each(_mixture_sentence, state.weight, chord, kl),
        table=Table(
            SYMBOLS,
            {
                "first p": first_p,
                "first q": first_q,
                "second p": second_p,
                "second q": second_q,
                "mixed p": p,
                "mixed q": q,
            },
        ),
        tasks=[
            Task("Bring the mixture to 0.", kl < 1e-12),
            Task("Find pairs that lose nothing.", _nothing_taken(state, chord, kl)),
        ],
    )


def _differ(chord, kl):
    return chord - kl > 5e-7


def _nothing_taken(state, chord, kl):
    return (state.weight > 0) & (state.weight < 1) & ~_differ(chord, kl)


def _beside(weight, right):
    return np.clip(weight + np.where(right, 0.085, -0.085), 0.07, 0.93)[:, None]


def _value(kl):
    return ["" if math.isnan(kl) else number(kl)]


def _mixture_sentence(weight, chord, kl):
    if weight in (0.0, 1.0):
        which = "first" if weight == 1 else "second"
        return f"Only the {which} pair is left: the curve meets the chord at {number(kl)} nats."
    if not _differ(chord, kl):
        return (
            "Mixing takes nothing away from these two pairs: "
            f"{number(kl)} nats on the curve and on the chord."
        )
    return (
        f"Apart, the two pairs cost {number(chord)} nats on average; mixed, {number(kl)}. "
        f"Mixing took {number(chord - kl)} nats away."
    )
