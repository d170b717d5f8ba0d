"""One explorer of each kind, for authors to look at and tests to drive. No part of the course."""

import numpy as np

from klteach.explorers.controls import Choice, Simplex, Slider
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
from klteach.explorers.look import DIFFERENCE_STYLE, INK, P_COLOUR, P_STYLE, Q_COLOUR, Q_STYLE
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence

X = np.linspace(-4, 4, 161)


def density(mean, sigma):
    return np.exp(-0.5 * ((X - mean) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


def dragged_line():
    """A line on a linear axis and a slider beside it, precomputed: a normal."""

    def draw():
        picture = Picture(6.0, 2.4, [["curve"]])
        axes = picture.axes["curve"]
        axes.set(xlim=(-4, 4), ylim=(0, 0.45))
        picture.shapes("curve", axes, closed=False, facecolor="none", edgecolor=P_COLOUR)
        picture.line("mean", axes, "x", (0, 0.42), edgecolor=INK, linestyle=":")
        return picture

    def update(state):
        height = density(state.mean[:, None], state.sigma[:, None])
        return Frame(
            shapes={"curve": line(X, height)},
            readouts=[
                Readout("mean", state.mean, digits=2),
                Readout("height", height.max(axis=-1)),
            ],
            sentence=each(lambda mean: f"The curve is centred at {number(mean, 2)}.", state.mean),
        )

    return Explorer(
        title="A dragged line",
        description="A normal density and a dotted line at its mean, to drag.",
        controls=[
            Slider("mean", "Mean", -2.0, 2.0, 0.05, start=0.0),
            Slider("sigma", "Standard deviation", 1.0, 2.0, 0.1, start=1.0),
        ],
        draw=draw,
        update=update,
        presets={"left": {"mean": -1.0}, "right": {"mean": 1.0}},
    )


def dragged_edge():
    """The edge of an area on a logarithmic axis, precomputed."""

    def draw():
        picture = Picture(6.0, 2.4, [["area"]])
        axes = picture.axes["area"]
        axes.set(xscale="log", xlim=(1e-4, 1), ylim=(0, 1), yticks=[])
        picture.shapes("area", axes, ghost=True, **DIFFERENCE_STYLE)
        picture.line("edge", axes, "x", (0, 0.8), edgecolor=INK, linewidth=2)
        return picture

    def update(state):
        edge = state.edge
        return Frame(
            shapes={"area": rectangles(1e-4, 0.0, edge[:, None] - 1e-4, 0.8)},
            readouts=[Readout("edge", edge, digits=4)],
            sentence=each(lambda x: f"The area ends at {number(x, 4)}.", edge),
        )

    return Explorer(
        title="A dragged edge",
        description="An area on a logarithmic axis, whose right edge is dragged.",
        controls=[Slider("edge", "Right edge", 0.0005, 0.9995, 0.0005, start=0.01)],
        draw=draw,
        update=update,
    )


def dragged_point():
    """A point in two directions and a choice, precomputed: two coins."""

    def draw():
        picture = Picture(4.5, 3.6, [["square"]])
        axes = picture.axes["square"]
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="heads under P", ylabel="heads under Q")
        axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8)
        picture.texts("kl", axes, offset=(12, 8), ha="left", fontsize=9)
        picture.point(axes, "p", "q", color=Q_COLOUR)
        picture.shapes("mirror", axes, edgecolor=P_COLOUR, facecolor="none", linewidth=1.5)
        picture.held("mirror", "p", "q")
        return picture

    def update(state):
        p, q = (np.stack([x, 1 - x], axis=-1) for x in (state.p, state.q))
        kl = np.where(state.way == 0, kl_divergence(p, q), kl_divergence(q, p))
        return Frame(
            # the coins exchanged
            shapes={"mirror": rectangles(state.q - 0.03, state.p - 0.03, 0.06, 0.06)[:, None]},
            texts={"kl": (state.p[:, None], state.q[:, None], each(lambda x: [number(x)], kl))},
            readouts=[Readout("KL", kl, "nats")],
            invariants=[Invariant("KL ≥ 0", kl)],
            sentence=each(lambda x: f"The divergence is {number(x)} nats.", kl),
            tasks=[
                Task("Make the two coins equal.", state.p == state.q),
                Task("Make KL larger than 1.5 nats.", kl > 1.5),
            ],
        )

    return Explorer(
        title="A dragged point",
        description=(
            "A square of two coins; the point says how often each shows heads, and a small square "
            "stands where the coins are exchanged."
        ),
        controls=[
            Slider("p", "Heads under P", 0.025, 0.975, 0.025, start=0.5),
            Slider("q", "Heads under Q", 0.025, 0.975, 0.025, start=0.9),
            Choice("way", "Direction", ("KL(P‖Q)", "KL(Q‖P)")),
        ],
        draw=draw,
        update=update,
    )


def dragged_bars():
    """The bars of a distribution, computed by the kernel while they are dragged."""
    p = np.full(5, 0.2)

    def draw():
        picture = Picture(6.0, 2.6, [["bars", "terms"]])
        bars, terms = picture.axes["bars"], picture.axes["terms"]
        bars.bar(np.arange(5) - 0.2, p, width=0.36, **P_STYLE)
        bars.set(xlim=(-0.6, 4.6), ylim=(0, 1.05), xticks=range(5), xticklabels="abcde")
        picture.bars("q", bars, np.arange(5) + 0.22, width=0.4, **Q_STYLE)
        terms.set(xlim=(-0.6, 4.6), ylim=(-0.5, 1.2), xticks=range(5), xticklabels="abcde")
        picture.shapes("terms", terms, count=5, facecolor=Q_COLOUR, alpha=0.6)
        return picture

    def update(state):
        q = state.q
        terms = p * np.log(p / q)
        kl = kl_divergence(p, q)
        return Frame(
            shapes={"terms": rectangles(np.arange(5) - 0.3, 0.0, 0.6, terms)},
            readouts=[Readout("KL(P‖Q)", kl, "nats"), Note("kernel", ["yes"] * len(kl))],
            invariants=[Invariant("KL ≥ 0", kl)],
            sentence=each(lambda x: f"The divergence is {number(x)} nats.", kl),
            table=Table("abcde", {"q": q, "p log(p/q)": terms}),
        )

    return Explorer(
        title="Dragged bars",
        description="A uniform P, a Q to drag, and the terms of KL(P‖Q).",
        controls=[Simplex("q", "Q", "abcde", 100, (20, 20, 20, 20, 20), minimum=1)],
        draw=draw,
        update=update,
    )


def broken():
    """An author's mistake: `update` fails in some states."""

    def draw():
        picture = Picture(4.0, 1.6, [["bar"]])
        picture.axes["bar"].set(xlim=(-1, 1), ylim=(0, 1))
        picture.bars("x", picture.axes["bar"], [0], width=0.5, **P_STYLE)
        return picture

    def update(state):
        if (state.x > 0.5).any():
            raise ZeroDivisionError("this state is broken on purpose")
        return Frame(sentence=each(lambda x: f"The bar stands at {number(x)}.", state.x))

    return Explorer(
        title="A broken update",
        description="A bar; above one half its update fails.",
        controls=[Slider("x", "Height", 0.0, 1.0, 0.01, start=0.2)],
        draw=draw,
        update=update,
        precompute=False,
    )
