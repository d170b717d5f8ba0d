"""Explorer of unit 13: the plane of KL and total variation, and two curves that no pair crosses."""

import math

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Note,
    Readout,
    Table,
    Task,
    diamond,
    each,
    line,
    number,
)
from klteach.explorers.look import DIFFERENCE_COLOUR, FAINT, INK, MUTED
from klteach.explorers.picture import Picture
from klteach.measures import (
    bretagnolle_huber,
    kl_divergence,
    pinsker,
    reverse_pinsker,
    total_variation,
)

STEP = 0.02  # 51 × 51 pairs of coins, those with an infinite KL among them
CROSSING = 1.59362426  # nats; where the two bounds are equal
VACUOUS = 2.0  # nats; from here on Pinsker's bound is 1 or more
END = 4.15  # nats; the largest finite KL of the grid is 3.912
INFINITY = 4.55  # where a pair stands whose KL is infinite
TOP = 1.3
DOT = np.array([0.055, 0.0185])  # half the width and the height of the diamond, the learner's pair
SIZES = (2, 3, 5, 10, 50)  # outcomes of the pairs in the cloud
CONCENTRATIONS = (0.3, 0.5, 1.0, 2.0)  # from spiky to flat
EACH = 24  # pairs of every size and concentration
SMALL = {"fontsize": 9, "ha": "center", "va": "center"}


def touch_the_curve():
    """Drag a pair of coins through the (KL, TV) plane and try to touch a curve."""
    return Explorer(
        title="Two curves that no pair crosses",
        description=(
            "Left: KL(P‖Q) across, total variation up, a cloud of random pairs of distributions "
            "under two curves, Pinsker's solid and Bretagnolle and Huber's dashed; they cross at "
            "KL = 1.594. A diamond, to drag, is your pair of coins, a thick line what it lacks to "
            "the lower curve. Hatched: where Pinsker's bound is above 1. Right: the square of all "
            "pairs of coins, with the same pair as a point to drag, hatched where the dashed curve "
            "is the lower one."
        ),
        controls=[
            Slider("p", "Heads under P", 0.0, 1.0, STEP, start=0.5),
            Slider("q", "Heads under Q", 0.0, 1.0, STEP, start=0.9),
        ],
        presets={
            "nearly equal": {"p": 0.48, "q": 0.5},
            "near the crossing": {"p": 0.02, "q": 0.84},
            "a sure coin": {"p": 0.0, "q": 0.98},
            "never against rarely": {"p": 0.02, "q": 0.0},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.6, 3.9, [["plane", "square"]], width_ratios=[2.3, 1])
    _draw_plane(picture, picture.axes["plane"])
    _draw_square(picture, picture.axes["square"])
    return picture


def _draw_plane(picture, plane):
    plane.set(xlim=(-0.06, 4.8), ylim=(-0.02, TOP), yticks=[0, 0.25, 0.5, 0.75, 1])
    plane.set_xticks([0, 1, 2, 3, 4, INFINITY], ["0", "1", "2", "3", "4", "∞"])
    plane.set(xlabel="KL(P‖Q) in nats", ylabel="TV(P, Q)")
    plane.set_title("Random pairs, both bounds; drag your pair ◆")
    kl = np.linspace(0, math.sqrt(END), 120) ** 2  # closer together where the curves are steep
    plane.fill_between([VACUOUS, 4.8], 1, TOP, facecolor="none", edgecolor=FAINT, hatch="///", lw=0)
    plane.plot([-0.06, 4.8], [1, 1], color=MUTED, linewidth=0.8)
    plane.plot(kl, pinsker(kl), color=INK, linewidth=1.8)
    plane.plot(kl, bretagnolle_huber(kl), color=INK, linewidth=1.8, linestyle=(0, (5, 2)))
    plane.plot([CROSSING, CROSSING], [0, pinsker(CROSSING)], color=MUTED, lw=0.9, linestyle=":")
    plane.plot([CROSSING], [pinsker(CROSSING)], "o", markersize=9, mfc="none", color=INK)
    plane.text(1.02, 1.13, "crossing\n1.594, 0.893", **SMALL)
    plane.plot([1.2, 1.53], [1.05, 0.92], color=MUTED, linewidth=0.8)
    plane.text(0.85, 0.06, "Pinsker tighter", **SMALL)
    plane.text(2.25, 0.06, "B–H tighter", **SMALL)
    plane.text(2.38, 1.22, "Pinsker", **SMALL)
    plane.text(4.0, 1.15, "above 1:\nPinsker is vacuous", **SMALL)
    plane.text(3.45, 0.91, "Bretagnolle–Huber (B–H)", **SMALL)
    plane.add_patch(_cloud())
    gap = {"facecolor": "none", "edgecolor": DIFFERENCE_COLOUR, "linewidth": 3.5}
    picture.shapes("gap", plane, closed=False, zorder=3, **gap)
    picture.shapes("pair", plane, zorder=4, facecolor=INK, linewidth=0)
    picture.held("pair", "p", "q")
    picture.texts("share", plane, offset=(9, -4), ha="left", fontsize=9.5, fontweight="bold")


def _cloud():
    """Random pairs as one path of dots: strokes of no length with round ends."""
    kl, tv = cloud()
    dots = np.repeat(np.stack([kl, tv], axis=-1), 2, axis=0)
    dots[1::2, 0] += 1e-4
    path = Path(dots, np.tile([Path.MOVETO, Path.LINETO], len(kl)))
    path.should_simplify = False  # that would leave such strokes out, and so would snapping
    style = {"facecolor": "none", "edgecolor": MUTED, "alpha": 0.55, "linewidth": 2.6}
    return PathPatch(path, capstyle="round", snap=False, **style)


def cloud():
    """KL and total variation of some hundreds of random pairs, the same ones every time."""
    random = np.random.default_rng(13)
    found = []
    for size in SIZES:
        for concentration in CONCENTRATIONS:
            p = random.dirichlet(np.full(size, concentration), EACH)
            q = random.dirichlet(np.full(size, concentration), EACH)
            nearness = random.uniform(0, 0.6, (EACH, 1)) ** 2  # some pairs close, some far apart
            q = nearness * p + (1 - nearness) * q
            found.append((kl_divergence(p, q), total_variation(p, q)))
    kl, tv = np.concatenate(found, axis=-1)
    return kl[kl < END], tv[kl < END]


def _draw_square(picture, square):
    square.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    square.set(xlabel="heads under P", ylabel="heads under Q", title="Its two coins")
    inside = np.linspace(0.0005, 0.9995, 81)
    p, q = np.meshgrid(inside, inside)
    kl = kl_divergence(_coins(p), _coins(q))
    square.contour(p, q, kl, [CROSSING], colors=[MUTED], linewidths=0.9, linestyles=":")
    beyond = square.contourf(p, q, kl, [CROSSING, 1e9], colors="none", hatches=["\\\\\\"])
    beyond.set(edgecolor=FAINT, linewidth=0)
    square.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9)
    square.text(0.5, 0.57, "P = Q", rotation=45, **SMALL)
    for place in (0.08, 0.92):
        square.text(place, 1.02 - place, "B–H", **SMALL)
    square.text(0.68, 0.22, "Pinsker", **SMALL)
    picture.point(square, "p", "q", color=INK)


def _coins(heads):
    return np.stack([heads, 1 - heads], axis=-1)


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    p, q = _coins(state.p), _coins(state.q)
    kl, tv = kl_divergence(p, q), total_variation(p, q)
    first, second = pinsker(kl), bretagnolle_huber(kl)
    bound = np.minimum(first, second)
    reverse = reverse_pinsker(tv, q.min(axis=-1))
    with np.errstate(invalid="ignore"):
        room_below = np.where(np.isinf(reverse), np.inf, reverse - kl)
        # a bound of 1 that comes from an infinite KL says nothing, and no share of it does
        share = np.where((bound > 0) & np.isfinite(kl), tv / bound, np.nan)
    place = np.where(np.isinf(kl), INFINITY, kl)
    tighter = each(_tighter, kl, first, second)
    return Frame(
        shapes={
            "gap": line(np.stack([place, place], axis=-1), np.stack([tv, bound], axis=-1)),
            "pair": diamond(place, tv, DOT),
        },
        texts={
            # on the left of the pair where the words would leave the picture
            "share": (
                (place - np.where(place > 3.2, 1.62, 0))[:, None],
                np.clip(tv, 0.14, 0.78)[:, None],  # clear of the words below and the curve above
                each(_share, share),
            )
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("TV(P, Q)", tv),
            Readout("Pinsker", first),
            Readout("Bretagnolle–Huber", second),
            Note("tighter here", tighter),
        ],
        invariants=[
            Invariant("TV ≤ Pinsker", first - tv, digits=4),
            Invariant("TV ≤ B–H", second - tv, digits=4),
            Invariant("KL ≤ log(1 + 2 TV²/min q)", room_below),
        ],
        sentence=each(_sentence, kl, tv, first, second, bound),
        table=Table(
            ("heads", "tails"),
            {"p": p, "q": q, "|p − q|": abs(p - q), "p · log(p/q)": _terms(p, q)},
        ),
        tasks=[
            Task("Reach 99.9 % of a curve.", share >= 0.999),
            Task("Reach 95 % beyond 2 nats.", (share >= 0.95) & (kl > VACUOUS)),
            Task("Make KL infinite with a TV below 0.05.", np.isinf(kl) & (tv < 0.05)),
        ],
    )


def _terms(p, q):
    """p log(p/q), side by side: 0 where p is 0, ∞ where only q is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log(p / q), 0.0)


def _share(share):
    return ["" if math.isnan(share) else f"{_percent(share)} of the bound"]


def _percent(share):
    """In whole percent, with decimals where it would round to 100 too early."""
    return f"{100 * share:.2f} %" if 0.995 <= share < 1 else f"{100 * share:.0f} %"


def _tighter(kl, first, second):
    if kl == 0:
        return "both are 0"
    if math.isinf(kl):
        return "neither"
    by = number(abs(first - second))
    return f"Pinsker, by {by}" if first < second else f"B–H, by {by}"


def _sentence(kl, tv, first, second, bound):
    if kl == 0:
        return "P = Q: KL and TV are 0, and both bounds say so."
    if math.isinf(kl):
        return (
            f"TV is only {number(tv, 2)} and KL is infinite: neither bound says anything. "
            if tv < 1
            else "TV is 1 and KL infinite, where the dashed curve ends. "
        ) + "P does what Q says never."
    name = "Pinsker" if first < second else "Bretagnolle–Huber"
    other = (
        f"Pinsker allows {number(first)}, which says nothing."
        if first >= 1
        else f"The other bound allows {number(max(first, second))}."
    )
    return (
        f"With KL = {number(kl)} nats, {name} allows a TV of at most {number(bound)}, and your "
        f"pair has {number(tv)}. {other}"
    )
