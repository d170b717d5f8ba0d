"""Explorers of unit 03: why KL is never negative, and what mixing two pairs does to it."""

import math

import numpy as np

from klteach.explorers.controls import Choice, Simplex, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, Table, each, line, number, rectangles
from klteach.explorers.look import DIFFERENCE_STYLE, FAINT, INK, MUTED, P_STYLE, Q_STYLE
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence, kl_terms

SYMBOLS = ("a", "b", "c")


# Gibbs: the logarithm and its tangent


P = np.array([0.7, 0.2, 0.1])
TOTAL = 50  # steps of 0.02: 1176 states, few enough to need no kernel
LEFT = np.cumsum(P) - P  # where each outcome's area begins: the areas stand side by side
AREA_LABELS = LEFT + P / 2 + np.array([0, 0, 0.035])  # the last area is narrower than its label
GAP_WIDTH = 0.16  # of a hatched gap, on the axis of t
NAME_WIDTH = 0.32


def tangent_gaps():
    """Drag Q and see KL as weighted gaps between the logarithm and its tangent, none below 0."""
    return Explorer(
        title="The logarithm and its tangent",
        description=(
            "Left, from the top: P and Q as bars, Q to drag; the plain terms of KL, of both signs; "
            "the weighted gaps as areas, as wide as p and as high as the gap. Right: log t and its "
            "tangent t − 1, with a hatched gap at t = q/p for each of the three outcomes."
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
    picture = Picture(
        7.6,
        5.6,
        [["shares", "curve"], ["terms", "curve"], ["areas", "curve"]],
        width_ratios=[1, 1.3],
    )
    shares, curve, terms, areas = (
        picture.axes[name] for name in ("shares", "curve", "terms", "areas")
    )
    shares.bar(np.arange(3) - 0.2, P, width=0.36, **P_STYLE)
    shares.set(xlim=(-0.6, 2.6), ylim=(0, 1.08), yticks=[0, 0.5, 1])
    shares.set(xticks=range(3), xticklabels=SYMBOLS)
    shares.set_title("P solid, Q dashed: drag Q")
    picture.bars("q", shares, positions=np.arange(3) + 0.22, width=0.4, **Q_STYLE)

    terms.set(xlim=(-0.6, 2.6), ylim=(-1.05, 3.1), yticks=[0, 1, 2])
    terms.set(xticks=range(3), xticklabels=SYMBOLS)
    terms.set_title("Plain terms p · log(p/q): both signs")
    terms.axhline(0, color=MUTED, linewidth=0.8)
    picture.shapes("terms", terms, count=3, facecolor=FAINT, edgecolor=INK, linewidth=1.0)
    picture.texts("terms", terms, count=3, offset=(0, -3.5), fontsize=9)

    areas.set(xlim=(0, 1.06), ylim=(0, 7.6), yticks=[0, 2, 4, 6])
    areas.set(xticks=LEFT + P / 2, xticklabels=SYMBOLS)
    areas.set_title("Weighted gaps: width p × gap = area")
    picture.shapes("areas", areas, count=3, **DIFFERENCE_STYLE)
    picture.texts("areas", areas, count=3, offset=(0, 3), fontsize=9)

    t = np.geomspace(0.015, 10, 200)
    curve.set(xlim=(-0.4, 10), ylim=(-4.2, 9.2), xlabel="t = q/p", xticks=[0, 1, 2, 4, 6, 8, 10])
    curve.set_title("Tangent t − 1, never below log t")
    curve.plot(t, np.log(t), color=INK, linewidth=1.8)
    curve.plot(t, t - 1, color=MUTED, linewidth=1.4, linestyle="-.")
    curve.text(8.2, 1.35, "log t", ha="center", color=INK)
    curve.text(5.0, 4.9, "t − 1", ha="right", color=MUTED)
    picture.shapes("gaps", curve, count=3, **DIFFERENCE_STYLE)
    picture.texts("gaps", curve, count=3, offset=(-2, 6), fontsize=9)
    return picture


def _update_gaps(state):
    q = state.q
    t = q / P
    plain = -P * np.log(t)
    weighted = kl_terms(P, q)  # p (t − 1 − log t), without its rounding errors near t = 1
    gap = weighted / P
    kl = kl_divergence(P, q)
    return Frame(
        shapes={
            "terms": rectangles(np.arange(3) - 0.3, 0.0, 0.6, plain),
            "areas": rectangles(LEFT, 0.0, P, gap),
            "gaps": rectangles(t - GAP_WIDTH / 2, np.log(t), GAP_WIDTH, gap),
        },
        texts={
            # a label stands beyond the end of its bar, below it where the term is negative
            "terms": (np.arange(3.0), plain + np.where(plain < 0, -0.4, 0.3), each(_signed, plain)),
            "areas": (AREA_LABELS, gap, each(_area_labels, weighted)),
            "gaps": (*_apart(t), [list(SYMBOLS)] * len(q)),
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
    )


def _apart(t):
    """Where the names stand: on the tangent at t, but no closer than they are wide."""
    order = np.argsort(t, axis=-1, kind="stable")
    low, middle, high = np.moveaxis(np.take_along_axis(t, order, axis=-1), -1, 0)
    middle = np.maximum(middle, low + NAME_WIDTH)
    high = np.maximum(high, middle + NAME_WIDTH)
    places = np.empty_like(t)
    np.put_along_axis(places, order, np.stack([low, middle, high], axis=-1), axis=-1)
    return places, places - 1


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
    picture = Picture(7.6, 3.6, [["mixture", "curve"]], width_ratios=[1, 1.5])
    mixture, curve = picture.axes["mixture"], picture.axes["curve"]
    mixture.set(xlim=(-0.6, 2.6), ylim=(0, 1.08), yticks=[0, 0.5, 1])
    mixture.set(xticks=range(3), xticklabels=SYMBOLS)
    mixture.set_title("Mixed truth solid, mixed model dashed")
    picture.shapes("p", mixture, count=3, **P_STYLE)
    picture.shapes("q", mixture, count=3, **Q_STYLE)

    curve.set(xlim=(-0.02, 1.02), ylim=(0, HIGHEST), xticks=[0, 0.25, 0.5, 0.75, 1])
    curve.set(xlabel="λ: 0 is the second pair, 1 the first", yticks=[0, 0.5, 1])
    curve.set_title("KL in nats: chord dash-dotted, mixture solid")
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
            Readout("chord: λ · KL₁ + (1 − λ) · KL₂", chord, "nats"),
            Readout("margin", chord - kl, "nats"),
        ],
        invariants=[Invariant("KL of the mixture ≤ chord", chord - kl), Invariant("KL ≥ 0", kl)],
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
    )


def _differ(chord, kl):
    return chord - kl > 5e-7


def _beside(weight, right):
    return np.clip(weight + np.where(right, 0.07, -0.07), 0.06, 0.94)[:, None]


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
