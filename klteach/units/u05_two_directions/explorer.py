"""Explorer of unit 05: two coins, and which of the two directions of KL costs more."""

import numpy as np
from matplotlib.colors import to_rgba

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    each,
    number,
    rectangles,
)
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
from klteach.measures import kl_divergence

STEP = 0.02  # 51 × 51 positions, the borders with their infinities among them
BEYOND = 4.4  # nats; where a bar leaves the axis: the largest finite KL of the grid is 3.912
ARROW = 0.25  # the length of the arrow that it ends in
LEVELS = (0, 0.01, 0.05, 0.15, 0.35, 0.7, 1e9)  # of the difference, where its shade changes
SHADES = (0.04, 0.12, 0.22, 0.34, 0.48, 0.62)
ROWS = (2.0, 1.0, 0.0)  # where the bars of KL(P‖Q), of KL(Q‖P) and of their difference stand
COLUMNS = np.array([0.0, 0.25, 0.65])  # of the compass: what is asked, KL(P‖Q), KL(Q‖P)
HERE = np.full((1, 2), 0.16)  # the height of its last row, which tells of the point's own coins
CENTRED = {"ha": "center", "va": "center", "fontsize": 9}
SIDES = ("heads", "tails")


def two_coins():
    """Drag the heads probabilities of two coins and see which direction of KL costs more."""
    return Explorer(
        title="Two coins, two directions",
        description=(
            "Left: the square of all pairs of coins, heads under P across, heads under Q up, and a "
            "point to drag. Shaded blue and hatched / where KL(P‖Q) is larger, orange and hatched "
            "\\ where KL(Q‖P) is; on the two diagonals both are equal. Right: both divergences as "
            "bars; below them, for each direction, who samples, who is scored and where it is "
            "infinite."
        ),
        controls=[
            # one coin twice: which of two is the more expensive to believe in is asked before
            Slider("p", "Heads under P, the truth", 0.0, 1.0, STEP, start=0.7),
            Slider("q", "Heads under Q, the model", 0.0, 1.0, STEP, start=0.7),
        ],
        presets={
            "fair, believed 90/10": {"p": 0.5, "q": 0.9},
            "90/10, believed fair": {"p": 0.9, "q": 0.5},
            "mirror images": {"p": 0.3, "q": 0.7},
            "a sure coin": {"p": 1.0, "q": 0.5},
            "a sure belief": {"p": 0.5, "q": 1.0},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(8.2, 4.1, [["square", "bars"], ["square", "compass"]], width_ratios=[1.1, 1])
    _draw_square(picture, picture.axes["square"])
    _draw_bars(picture, picture.axes["bars"])
    _draw_compass(picture, picture.axes["compass"])
    return picture


def _draw_square(picture, square):
    square.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    square.set(xlabel="heads under P", ylabel="heads under Q", title="Solid edges: KL(P‖Q) = ∞")
    inside = np.linspace(0.0005, 0.9995, 61)  # on the borders the difference is infinite
    p, q = np.meshgrid(inside, inside)
    forward, reverse = _both_directions(p, q)
    _shade(square, p, q, forward - reverse, P_COLOUR)
    _shade(square, p, q, reverse - forward, Q_COLOUR)
    _hatch(square, [(0, 0), (1, 0), (0.5, 0.5)], P_COLOUR, "/")
    _hatch(square, [(0, 0), (0, 1), (0.5, 0.5)], Q_COLOUR, "\\")
    square.plot([0, 1], [0, 1], color=INK, linewidth=1.4)
    square.plot([0, 1], [1, 0], color=INK, linewidth=1.4)
    for edge, inwards in ((0, 0.24), (1, 0.76)):
        square.axhline(edge, color=P_COLOUR, linewidth=4, clip_on=False)
        square.axvline(edge, color=Q_COLOUR, linewidth=4, linestyle=(0, (3, 1.5)), clip_on=False)
        square.text(0.5, inwards, "KL(P‖Q)\nlarger", **CENTRED)
        square.text(inwards, 0.5, "KL(Q‖P)\nlarger", **CENTRED)
    square.text(0.86, 0.9, "same coin", rotation=45, **CENTRED)
    square.text(0.17, 0.87, "mirror images", rotation=-45, **CENTRED)
    square.text(1.04, 0.5, "dashed edges: KL(Q‖P) = ∞", rotation=90, **CENTRED | {"ha": "left"})
    picture.point(square, "p", "q", color=INK)


def _shade(square, p, q, difference, colour):
    square.contourf(p, q, difference, LEVELS, colors=[to_rgba(colour, a) for a in SHADES])


def _hatch(square, sector, colour, hatch):
    for corners in (np.array(sector), 1 - np.array(sector)):
        square.fill(
            *corners.T, facecolor="none", edgecolor=colour, hatch=hatch, linewidth=0, alpha=0.6
        )


def _draw_bars(picture, bars):
    bars.set(xlim=(0, 5.2), ylim=(-0.5, 2.6), xticks=range(5), xlabel="nats per flip")
    bars.set(yticks=ROWS, yticklabels=["KL(P‖Q)", "KL(Q‖P)", "difference"])
    bars.tick_params(axis="y", length=0)
    picture.shapes("forward", bars, alpha=0.8, **P_STYLE)
    picture.shapes("reverse", bars, **Q_STYLE)
    picture.shapes("difference", bars, **DIFFERENCE_STYLE)
    picture.shapes("arrows", bars, count=2, facecolor=[P_COLOUR, Q_COLOUR], linewidth=0)
    picture.texts("values", bars, count=3, offset=(5, -3.5), ha="left", fontsize=10)


def _draw_compass(picture, compass):
    compass.set(xlim=(0, 1), ylim=(0, 1))
    compass.set_axis_off()
    rows = {
        0.93: ("", "KL(P‖Q)", "KL(Q‖P)"),
        0.76: ("samples", "P", "Q"),
        0.6: ("is scored", "Q", "P"),
        0.4: ("∞ where", "P happens,\nQ says never", "Q happens,\nP says never"),
        HERE[0, 0]: ("here", "", ""),
    }
    for height, words in rows.items():
        colours = (MUTED, P_COLOUR, Q_COLOUR) if height == 0.93 else (MUTED, INK, INK)
        weight = "bold" if height == 0.93 else "normal"
        for place, word, colour in zip(COLUMNS, words, colours, strict=True):
            compass.text(
                place, height, word, color=colour, fontweight=weight, fontsize=9.5, va="center"
            )
    compass.plot([0, 1], [0.85, 0.85], color=MUTED, linewidth=0.8)
    picture.texts("here", compass, count=2, offset=(0, -3.5), ha="left", fontsize=9.5)


def _coins(heads):
    return np.stack([heads, 1 - heads], axis=-1)


def _both_directions(p, q):
    """KL(P‖Q) and KL(Q‖P) of coins with these probabilities of heads."""
    return kl_divergence(_coins(p), _coins(q)), kl_divergence(_coins(q), _coins(p))


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    p, q = state.p, state.q
    truth, model = _coins(p), _coins(q)
    forward, reverse = _both_directions(p, q)
    with np.errstate(invalid="ignore"):
        difference = forward - reverse  # undefined in the two corners where both are infinite
    defined = np.isfinite(np.minimum(forward, reverse))
    bars = np.minimum([forward, reverse], BEYOND)
    shorter, longer = (np.where(defined, end, 0.0) for end in (bars.min(axis=0), bars.max(axis=0)))
    labels = np.where(np.isinf([forward, reverse]), BEYOND + ARROW, bars)
    # the coin that is nearer to certain is the more expensive one to believe in
    surer = np.sign(np.round(abs(q - 0.5) - abs(p - 0.5), 9))
    return Frame(
        shapes={
            "forward": _bar(0, bars[0], ROWS[0]),
            "reverse": _bar(0, bars[1], ROWS[1]),
            "difference": _bar(shorter, longer, ROWS[2]),
            "arrows": np.stack([_arrow(forward, ROWS[0]), _arrow(reverse, ROWS[1])], axis=1),
        },
        texts={
            "values": (
                np.stack([*labels, longer], axis=-1),
                np.array(ROWS),
                each(_values, forward, reverse, difference),
            ),
            "here": (COLUMNS[1:], HERE, each(_here, p, q, forward, reverse)),
        },
        readouts=[
            Readout("KL(P‖Q)", forward, "nats"),
            Readout("KL(Q‖P)", reverse, "nats"),
            Readout("KL(P‖Q) − KL(Q‖P)", difference, ["nats" if d else "" for d in defined]),
        ],
        invariants=[
            Invariant("both ≥ 0", np.minimum(forward, reverse)),
            Invariant("the longer bar as shaded", np.where(surer, surer * difference, 0.0)),
        ],
        sentence=each(_sentence, p, q, forward, reverse, surer),
        table=Table(
            SIDES,
            {
                "p": truth,
                "q": model,
                "p · log(p/q)": _terms(truth, model),
                "q · log(q/p)": _terms(model, truth),
            },
        ),
        tasks=[
            Task("Keep both directions equal, with two different coins.", (surer == 0) & (p != q)),
            Task(
                "Make one direction infinite and the other not.",
                np.isinf(forward + reverse) & defined,
            ),
            Task("Make both infinite.", ~defined),
        ],
    )


def _bar(left, right, row):
    return rectangles(left, row - 0.3, right - left, 0.6)[:, None]


def _arrow(kl, row):
    """A triangle at the end of a bar that leaves the axis; nothing to see where it does not."""
    triangle = np.array([(0, -0.42), (ARROW, 0), (0, 0.42)])
    return np.where(np.isinf(kl)[:, None, None], triangle, 0.0) + (BEYOND, row)


def _values(forward, reverse, difference):
    return [number(value) for value in (forward, reverse, difference)]


def _here(p, q, forward, reverse):
    return [_finite_or_not(forward, p, q), _finite_or_not(reverse, q, p)]


def _finite_or_not(kl, truth, model):
    return f"∞: {_impossible(truth, model)} comes" if np.isinf(kl) else "finite"


def _impossible(truth, model):
    """The side that the model never shows and the truth does."""
    return "tails" if model == 1 else "heads"


def _terms(p, q):
    """p log(p/q), side by side: 0 where p is 0, ∞ where only q is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log(p / q), 0.0)


def _sentence(p, q, forward, reverse, surer):
    coins = f"P shows heads with probability {number(p, 2)}, Q with {number(q, 2)}"
    if p == q:
        return f"{coins}: the same coin, so both directions are 0."
    if np.isinf(forward) and np.isinf(reverse):
        return f"{coins}: each never does what the other always does, and both directions are ∞."
    if np.isinf(forward):
        return (
            f"{coins}: P lands {_impossible(p, q)} where Q says never, so KL(P‖Q) is ∞; "
            f"KL(Q‖P) is {number(reverse)}."
        )
    if np.isinf(reverse):
        return (
            f"{coins}: Q lands {_impossible(q, p)} where P says never, so KL(Q‖P) is ∞; "
            f"KL(P‖Q) is {number(forward)}."
        )
    if surer == 0:
        return f"{coins}: mirror images, so both directions cost {number(forward)} nats a flip."
    belief, name = ("Q of P", "Q") if surer > 0 else ("P of Q", "P")
    return (
        f"{coins}: believing Q of P costs {number(forward)} nats a flip, believing P of Q "
        f"{number(reverse)}. {name} is nearer to certain, so believing {belief} costs more."
    )
