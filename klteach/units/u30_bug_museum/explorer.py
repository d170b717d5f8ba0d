"""Explorer of unit 30: nine published programs on two coins, and a light for each property."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace

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
    number,
    rectangles,
)
from klteach.explorers.look import BROKEN_COLOUR, DIFFERENCE_COLOUR, INK, MUTED
from klteach.explorers.picture import Picture
from klteach.units.u30_bug_museum import exhibits

STEP = 0.05  # 21 × 21 pairs of coins for each exhibit
END = 1.5  # of the bars; a longer one is cut there
EXACT, ROUGH = 1e-12, 1e-6  # what rounding, and what an ε of 1e-10, may leave
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LIGHTS = (
    "never negative",
    "0 exactly if P = Q",
    "∞ exactly where it must be",
    "bound kept, and reached if disjoint",
    "the same if P and Q change places",
    "triangle: no shorter by the middle",
    "two tosses count twice",
    "the same for another ε",
)
NEGATIVE, EQUAL, INFINITE, BOUND, SYMMETRY, TRIANGLE, TOSSES, EPSILON = range(len(LIGHTS))


@dataclass(frozen=True)
class Shown:
    """An exhibit on two coins.

    published, right   functions of p and q, with the outcomes along the last axis
    promised           the lights of the quantity that the program is said to compute
    bound              its largest value, if it has one
    other              the program with another ε, if it has one
    twice              the program on two tosses, where it is not `published` of their product
    """

    name: str
    quantity: str
    published: Callable
    right: Callable
    promised: tuple[int, ...]
    bound: float = math.inf
    other: Callable | None = None
    twice: Callable | None = None
    right_twice: bool = False


SHOWN = (
    Shown(
        "B4 · ε in the logarithm",
        "KL(P‖Q)",
        exhibits.b4_published,
        exhibits.kl,
        (NEGATIVE, EQUAL, INFINITE, TOSSES),
    ),
    Shown(
        "B9 · mean of both directions, as JS",
        "JS(P, Q)",
        exhibits.b9_published,
        exhibits.js,
        (NEGATIVE, EQUAL, BOUND, SYMMETRY),
        bound=math.log(2),
    ),
    Shown(
        "B10 · logarithm missing",
        "KL(P‖Q)",
        exhibits.b10_published,
        exhibits.kl,
        (NEGATIVE, EQUAL, INFINITE, TOSSES),
    ),
    Shown(
        "B16 · ε in an empty cell",
        "PSI(P, Q)",
        exhibits.b16_published,
        exhibits.psi,
        (NEGATIVE, EQUAL, INFINITE, SYMMETRY, EPSILON),
        other=lambda p, q: exhibits.b16_published(p, q, 1e-9),
    ),
    Shown(
        "B17 · mean over two tosses",
        "KL of two tosses",
        exhibits.kl,
        exhibits.kl,
        (NEGATIVE, EQUAL, INFINITE, TOSSES),
        twice=exhibits.kl,
        right_twice=True,
    ),
    Shown(
        "B18 · JS, taken for a metric",
        "root of JS",
        exhibits.js,
        lambda p, q: np.sqrt(exhibits.js(p, q)),
        (NEGATIVE, EQUAL, BOUND, SYMMETRY, TRIANGLE),
        bound=math.log(2),
    ),
    Shown(
        "B23 · a root too many",
        "1 − overlap I",
        exhibits.b23_published,
        exhibits.b23_right,
        (NEGATIVE, EQUAL, BOUND, SYMMETRY),
        bound=1.0,
    ),
    Shown(
        "B24 · only what P has",
        "Hellinger(P, Q)",
        exhibits.b24_published,
        exhibits.hellinger,
        (NEGATIVE, EQUAL, BOUND, SYMMETRY, TRIANGLE),
        bound=1.0,
    ),
    Shown(
        "B28 · probabilities as positions",
        "W1(P, Q)",
        exhibits.b28_published,
        exhibits.b28_right,
        (NEGATIVE, EQUAL, BOUND, SYMMETRY, TRIANGLE),
        bound=1.0,
    ),
)
B4, B9, B24, B28 = 0, 1, 7, 8  # those that a task names


def property_lights():
    """Drag two coins until a property of a published program turns red."""
    return Explorer(
        title="Which light turns red?",
        description=(
            "Left: the square of all pairs of coins with the diagonal P = Q, and your pair as a "
            "point to drag. Right, above: what the published program gives, dashed, and what is "
            "right, solid. Below: eight properties, each with a light. A ring: it holds for this "
            "pair; a filled square with a cross: it is broken; nothing: it was not promised."
        ),
        controls=[
            Choice("exhibit", "Exhibit", tuple(shown.name for shown in SHOWN)),
            Slider("p", "Heads under P", 0.0, 1.0, STEP, start=0.5),
            Slider("q", "Heads under Q", 0.0, 1.0, STEP, start=0.7),
        ],
        presets={
            "inside": {"p": 0.5, "q": 0.7},
            "equal": {"p": 0.4, "q": 0.4},
            "Q rules out": {"p": 0.5, "q": 0.0},
            "mirrored": {"p": 0.2, "q": 0.8},
            "disjoint": {"p": 1.0, "q": 0.0},
        },
        draw=_draw,
        update=_update,
    )


# -- what is judged -------------------------------------------------------------------------------


def coin(heads):
    """The two shares of a coin, along a new last axis."""
    heads = np.asarray(heads, dtype=float)
    return np.stack([heads, 1 - heads], axis=-1)


def two_tosses(p):
    """The four shares of two independent tosses."""
    return (p[..., :, None] * p[..., None, :]).reshape(*p.shape[:-1], 4)


def same(a, b, tolerance):
    """Whether two values agree, or both are infinite."""
    with np.errstate(invalid="ignore"):
        return (a == b) | (np.abs(a - b) <= tolerance)


def judged(shown, heads_p, heads_q):
    """(published, right, broken): two values and a row of lights for each pair of coins."""
    p, q = coin(heads_p), coin(heads_q)
    middle = (p + q) / 2
    value, right = shown.published(p, q), shown.right(p, q)
    equal = (p == q).all(axis=-1)
    disjoint = ((p == 0) | (q == 0)).all(axis=-1)
    if shown.twice:
        twice = shown.twice(p, q)
    elif TOSSES in shown.promised:
        twice = shown.published(two_tosses(p), two_tosses(q))
    else:
        twice = 2 * value
    bound_kept = (value <= shown.bound + EXACT) & (~disjoint | same(value, shown.bound, ROUGH))
    detour = shown.published(p, middle) + shown.published(middle, q)
    other = shown.other(p, q) if shown.other else value
    holds = {
        NEGATIVE: value >= -EXACT,
        EQUAL: (np.abs(value) <= EXACT) == equal,
        INFINITE: np.isinf(value) == np.isinf(right),
        BOUND: bound_kept,
        SYMMETRY: same(value, shown.published(q, p), ROUGH),
        TRIANGLE: value <= detour + EXACT,
        TOSSES: same(twice, 2 * value, ROUGH),
        EPSILON: same(value, other, 1e-3),
    }
    broken = [~holds[n] if n in shown.promised else np.zeros_like(equal) for n in range(8)]
    if shown.right_twice:
        value, right = twice, 2 * right
    return value, right, np.stack(broken, axis=-1)


@cache
def _all():
    """Everything about every pair of coins: arrays (exhibits, 21, 21, ...)."""
    grid = np.round(np.arange(0, 1 + STEP / 2, STEP), 2)
    p, q = np.meshgrid(grid, grid, indexing="ij")
    parts = [judged(shown, p, q) for shown in SHOWN]
    value, right, broken = (np.stack(part) for part in zip(*parts, strict=True))
    promised = np.array([[n in shown.promised for n in range(8)] for shown in SHOWN])
    return SimpleNamespace(
        value=value,
        right=right,
        broken=broken,
        promised=promised,
        share=broken.any(axis=-1).mean(axis=(1, 2)),
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(
        6.6, 3.6, [["square", "values"], ["square", "lights"]],
        width_ratios=[1, 1.18], height_ratios=[1, 3.1],
    )  # fmt: skip
    square, values, lights = (picture.axes[name] for name in ("square", "values", "lights"))
    square.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), aspect="equal")
    square.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    square.set(xlabel="heads under P", ylabel="heads under Q", title="Your coins: drag the point")
    square.plot([0, 1], [0, 1], color=MUTED, linewidth=1.0)
    square.text(0.28, 0.35, "P = Q", rotation=45, fontsize=9, ha="center", va="center")
    square.axhline(0, color=MUTED, linewidth=0.6)
    square.axhline(1, color=MUTED, linewidth=0.6)
    square.axvline(1, color=MUTED, linewidth=0.6)
    picture.point(square, "p", "q", color=INK)
    _draw_values(picture, values)
    _draw_lights(picture, lights)
    return picture


def _draw_values(picture, values):
    values.set(xlim=(0, END + 0.55), ylim=(-0.6, 1.6), xticks=[0, 0.5, 1, 1.5])
    values.set_yticks([1, 0], ["published", "right"])
    values.tick_params(axis="y", length=0)
    picture.shapes("published", values, facecolor="none", edgecolor=INK, lw=1.6, ls=(0, (4, 2)))
    picture.shapes("right", values, facecolor=MUTED, edgecolor=INK, linewidth=1.2, alpha=0.8)
    picture.texts("values", values, count=2, offset=(5, -4), ha="left", fontsize=10)


def _draw_lights(picture, lights):
    count = len(LIGHTS)
    lights.set(xlim=(0, 1), ylim=(count - 0.4, -0.6), xticks=[], yticks=[])
    for side in lights.spines.values():
        side.set_visible(False)
    for row, name in enumerate(LIGHTS):
        lights.text(0.14, row, name, fontsize=9.5, va="center")
    green = {"facecolor": "none", "edgecolor": DIFFERENCE_COLOUR, "linewidth": 2.0}
    picture.shapes("holds", lights, count=count, **green)
    picture.shapes(
        "broken",
        lights,
        count=count,
        facecolor=BROKEN_COLOUR,
        edgecolor=BROKEN_COLOUR,
        linewidth=1.0,
    )
    picture.shapes(
        "crosses", lights, count=count, closed=False, facecolor="none", edgecolor="white", lw=1.8
    )


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    place = (
        state.exhibit,
        np.rint(state.p / STEP).astype(int),
        np.rint(state.q / STEP).astype(int),
    )
    seen = _all()
    value, right, broken = seen.value[place], seen.right[place], seen.broken[place]
    promised = seen.promised[state.exhibit]
    apart = state.p != state.q
    bars = np.clip(np.stack([value, right], axis=-1), 0, END)
    words = each(lambda a, b: [_value(a), _value(b)], value, right)
    on = state.exhibit
    return Frame(
        shapes={
            "published": rectangles(0.0, 0.68, bars[:, :1], 0.64),
            "right": rectangles(0.0, -0.32, bars[:, 1:], 0.64),
            **_lights(promised & ~broken, broken),
        },
        texts={"values": (bars, np.array([1.0, 0.0]), words)},
        readouts=[
            Note("published", each(_value, value)),
            Note("right", each(_value, right)),
            Readout("red lights", broken.sum(axis=1), digits=0),
            Readout("pairs of coins with one", 100 * seen.share[on], "%", digits=0),
        ],
        invariants=[Invariant("right value ≥ 0", right)],
        sentence=each(_sentence, on, value, right, broken),
        table=Table(
            LIGHTS,
            {"promised": promised.astype(float), "broken": broken.astype(float)},
            digits=0,
        ),
        tasks=[
            Task("B4: turn “never negative” red.", (on == B4) & broken[:, NEGATIVE]),
            Task("B9: turn any light red.", (on == B9) & broken.any(axis=1)),
            Task("B24: turn a light red.", (on == B24) & broken.any(axis=1)),
            Task(
                "B28: get 0 for two different coins.",
                (on == B28) & apart & (np.abs(value) <= EXACT),
            ),
        ],
    )


def _lights(holds, broken):
    """A ring or a filled square with a cross for each light; a point where there is none."""
    rows = np.broadcast_to(np.arange(len(LIGHTS)), broken.shape)
    turn = np.linspace(0, 2 * np.pi, 17)[:-1]
    ring = np.stack([0.032 * np.cos(turn), 0.26 * np.sin(turn)], axis=-1)
    box = np.array([(-0.04, -0.33), (0.04, -0.33), (0.04, 0.33), (-0.04, 0.33)])
    cross = np.array([(-1, -1), (1, 1), (0, 0), (-1, 1), (1, -1)]) * (0.024, 0.2)
    middle = np.stack([np.full(rows.shape, 0.06), rows], axis=-1)[..., None, :]
    return {
        "holds": middle + holds[..., None, None] * ring,
        "broken": middle + broken[..., None, None] * box,
        "crosses": middle + broken[..., None, None] * cross,
    }


def _value(value):
    """Three decimals, or one digit and a power of ten where they would show nothing."""
    if 0 < abs(value) < 5e-4:
        digits, power = f"{value:.0e}".split("e")
        return f"{digits.replace('-', '−')}·10{str(int(power)).translate(RAISED)}"
    return number(value)


def _sentence(exhibit, value, right, broken):
    shown = SHOWN[exhibit]
    lights = [f"“{name}”" for name, red in zip(LIGHTS, broken, strict=True) if red]
    code = shown.name.split(" ")[0]
    gives = f"{code} gives {_value(value)} for {shown.quantity}, which is {_value(right)}"
    if not lights:
        return f"{gives}: no light is red for this pair."
    red = lights[0] if len(lights) == 1 else f"{', '.join(lights[:-1])} and {lights[-1]}"
    return f"{gives}. Red: {red}."
