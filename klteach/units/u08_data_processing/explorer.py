"""Explorer of unit 08: two normals, two edges to drag, and what the cells keep of KL."""

import numpy as np
from scipy.special import ndtr
from scipy.stats import norm

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, Table, Task, each, number, rectangles
from klteach.explorers.look import (
    DIFFERENCE_STYLE,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_COLOUR,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.measures import kl_normal

MEAN_P, MEAN_Q = 0.0, 1.0  # both normals have a standard deviation of 1
LEFT_END, RIGHT_END, STEP = -2.6, 3.6, 0.1  # 63 × 63 pairs of edges
CEILING = kl_normal(MEAN_P, 1.0, MEAN_Q, 1.0)  # the same in both directions
CELLS = ("cell 1", "cell 2", "cell 3")
FUNNELS = {"forward": 0.0, "reverse": 1.3}  # where they begin
SMALL = {"fontsize": 9, "ha": "center", "va": "center"}


def beat_the_ceiling():
    """Drag two edges over N(0, 1) and N(1, 1), and keep as much of KL as you can."""
    return Explorer(
        title="What the cells keep",
        description=(
            "Top left: two normal densities, P solid around 0 and Q dashed around 1, and two "
            "edges to drag; an edge at either end of the axis cuts nothing off. Below, the shares "
            "of P and Q in the cells between the edges, and their ratio. Right: two funnels, one "
            "for each direction of KL, from the 0.5 nats of the numbers themselves down to what "
            "the cells keep, with the share that is kept; what is lost is hatched."
        ),
        controls=[
            Slider("one", "One edge", LEFT_END, RIGHT_END, STEP, start=-1.0),
            Slider("other", "Other edge", LEFT_END, RIGHT_END, STEP, start=RIGHT_END),
        ],
        presets={
            "one edge where the curves cross": {"one": 0.5, "other": RIGHT_END},
            "one edge far out": {"one": -2.5, "other": RIGHT_END},
            "two edges, the middles of P and Q": {"one": MEAN_P, "other": MEAN_Q},
            "no edge": {"one": RIGHT_END, "other": RIGHT_END},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(
        6.4,
        3.6,
        [["densities", "funnels"], ["cells", "funnels"]],
        width_ratios=[1.3, 1],
        height_ratios=[1.25, 1],
    )
    _draw_densities(picture, picture.axes["densities"])
    _draw_cells(picture, picture.axes["cells"])
    _draw_funnels(picture, picture.axes["funnels"])
    return picture


def _draw_densities(picture, axes):
    x = np.linspace(LEFT_END - 0.2, RIGHT_END + 0.2, 200)
    axes.set(xlim=(LEFT_END - 0.2, RIGHT_END + 0.2), ylim=(0, 0.55), yticks=[])
    axes.set(xticks=range(-2, 4), title="The numbers: drag the edges")
    axes.plot(x, norm.pdf(x, MEAN_P), color=P_COLOUR, linewidth=2)
    axes.plot(x, norm.pdf(x, MEAN_Q), color=Q_COLOUR, linewidth=2, linestyle=(0, (4, 2)))
    axes.text(-1.5, 0.22, "P", color=P_COLOUR, **SMALL | {"fontsize": 11})
    axes.text(2.5, 0.22, "Q", color=Q_COLOUR, **SMALL | {"fontsize": 11})
    axes.text(RIGHT_END + 0.1, 0.51, "an edge at an end is off", **SMALL | {"ha": "right"})
    for control in ("one", "other"):
        picture.line(control, axes, "x", (0, 0.45), edgecolor=INK, linewidth=2)


def _draw_cells(picture, axes):
    axes.set(xlim=(-0.55, 2.55), ylim=(0, 1.3), yticks=[0, 0.5, 1])
    axes.set_xticks(range(3), CELLS)
    axes.set_title("What the monitor sees of them")
    picture.shapes("p", axes, count=3, **P_STYLE)
    picture.shapes("q", axes, count=3, **Q_STYLE)
    picture.texts("ratio", axes, count=3, offset=(0, 4), fontsize=9)


def _draw_funnels(picture, axes):
    axes.set(xlim=(-0.05, 2.35), ylim=(0, 0.56), yticks=[0, 0.1, 0.2, 0.3, 0.4, 0.5])
    axes.set_xticks([left + 0.5 for left in FUNNELS.values()], ["KL(P‖Q)", "KL(Q‖P)"])
    axes.set_title("KL in nats, before → after")
    axes.plot([-0.05, 2.35], [CEILING, CEILING], color=INK, linewidth=1, linestyle=":")
    axes.text(1.15, CEILING + 0.025, "ceiling", **SMALL)
    for name in FUNNELS:
        style = {"facecolor": MUTED, "alpha": 0.3, "edgecolor": INK, "linewidth": 1.2}
        picture.shapes(f"{name} kept", axes, **style)
        picture.shapes(f"{name} lost", axes, **DIFFERENCE_STYLE)
        picture.texts(f"{name} share", axes, va="center", fontsize=9.5, fontweight="bold")


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    edges = np.sort(np.stack([state.one, state.other], axis=-1), axis=-1)
    p, q = shares(edges, MEAN_P), shares(edges, MEAN_Q)
    forward, reverse = terms(p, q).sum(axis=-1), terms(q, p).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = p / q
    place = np.arange(3)
    single = (np.diff(np.isinf(beyond(edges)), axis=-1) != 0)[:, 0]
    return Frame(
        shapes={
            # no width where there is no cell, or a dash would be seen there
            "p": rectangles(place - 0.34, 0.0, 0.32 * (p > 0), p),
            "q": rectangles(place + 0.02, 0.0, 0.32 * (q > 0), q),
            **_funnel("forward", forward),
            **_funnel("reverse", reverse),
        },
        texts={
            "ratio": (
                np.broadcast_to(place, p.shape),
                np.maximum(p, q),
                each(lambda *three: [_ratio(x) for x in three], *ratio.T),
            ),
            **_share("forward", forward),
            **_share("reverse", reverse),
        },
        readouts=[
            Readout("KL(P‖Q) of the cells", forward, "nats"),
            Readout("KL(Q‖P) of the cells", reverse, "nats"),
            Readout("both added, Jeffreys", forward + reverse, "nats"),
        ],
        invariants=[
            Invariant("KL(P‖Q) of the cells ≤ 0.5", CEILING - forward),
            Invariant("KL(Q‖P) of the cells ≤ 0.5", CEILING - reverse),
        ],
        sentence=each(_sentence, edges[:, 0], edges[:, 1], forward, reverse),
        table=Table(
            CELLS,
            {"P": p, "Q": q, "P/Q": ratio, "p log(p/q)": terms(p, q), "q log(q/p)": terms(q, p)},
        ),
        tasks=[
            Task("With one edge, keep 0.318 nats of KL(P‖Q).", single & (forward >= 0.318)),
            Task("With one edge, keep 0.318 nats of KL(Q‖P).", single & (reverse >= 0.318)),
            Task("With two edges, keep 0.4 nats of KL(P‖Q).", forward >= 0.4),
        ],
    )


def beyond(edges):
    """The edges, those at an end of the axis moved to infinity."""
    edges = np.where(edges < LEFT_END + STEP / 2, -np.inf, edges)
    return np.where(edges > RIGHT_END - STEP / 2, np.inf, edges)


def shares(edges, mean):
    """The probabilities of the three cells, (states, 3)."""
    below = ndtr(beyond(edges) - mean)
    nothing, all_of_it = np.zeros((len(edges), 1)), np.ones((len(edges), 1))
    return np.diff(np.concatenate([nothing, below, all_of_it], axis=-1), axis=-1)


def terms(p, q):
    """p log(p/q), cell by cell, 0 where a cell is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log(p / q), 0.0)


def _funnel(name, kept):
    """The two parts of a funnel: what flows through, and the wedge that is lost."""
    left = np.full_like(kept, FUNNELS[name])
    right, bottom, full = left + 1, np.zeros_like(kept), np.full_like(kept, CEILING)
    parts = {
        "kept": [(left, bottom), (left, full), (right, kept), (right, bottom)],
        "lost": [(left, full), (right, full), (right, kept)],
    }
    return {
        f"{name} {part}": np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)[
            :, None
        ]
        for part, corners in parts.items()
    }


def _share(name, kept):
    """How much is kept, in the middle of what flows through."""
    words = each(lambda nats: [_percent(nats)], kept)
    place = np.full((len(kept), 1), FUNNELS[name] + 0.34)
    return {f"{name} share": (place, np.maximum((CEILING + kept) / 4, 0.08)[:, None], words)}


def _percent(nats):
    return f"{100 * nats / CEILING:.0f} %"


def _ratio(ratio):
    return "" if np.isnan(ratio) else f"P/Q {number(ratio, 2)}"


def _sentence(low, high, forward, reverse):
    inside = [x for x in (low, high) if LEFT_END + STEP / 2 < x < RIGHT_END - STEP / 2]
    if not inside:
        return "Without an edge one cell holds all of P and all of Q: nothing is kept."
    if len(inside) == 1 or low == high:
        edges = f"One edge at {number(inside[0], 1)} keeps"
    else:
        edges = f"Edges at {number(low, 1)} and {number(high, 1)} keep"
    return (
        f"{edges} {number(forward)} of the 0.5 nats of KL(P‖Q), {_percent(forward)}, and "
        f"{number(reverse)} of those of KL(Q‖P), {_percent(reverse)}."
    )
