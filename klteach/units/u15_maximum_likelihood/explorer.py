"""Explorer of unit 15: the loss of some rows and its KL over one parameter, a constant apart."""

import numpy as np

from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    diamond,
    each,
    line,
    number,
    rectangles,
)
from klteach.explorers.look import (
    DIFFERENCE_COLOUR,
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

VALUES = np.arange(13)
# how many of twenty days had 0, 1, 2, ... incidents; the first three are draws from one Poisson
DAYS = {
    "twenty days": (0, 2, 5, 3, 3, 4, 1, 1, 1, 0, 0, 0, 0),
    "twenty more": (1, 4, 3, 3, 3, 5, 1, 0, 0, 0, 0, 0, 0),
    "another twenty": (0, 2, 2, 3, 3, 4, 5, 1, 0, 0, 0, 0, 0),
    "two kinds of day": (3, 5, 2, 0, 0, 0, 0, 0, 1, 3, 4, 2, 0),
    "steady days": (0, 0, 0, 12, 8, 0, 0, 0, 0, 0, 0, 0, 0),
}
ROWS = 20
SHARES = np.array(list(DAYS.values())) / ROWS
MEANS = SHARES @ VALUES
FAMILIES = ("Poisson", "geometric")
LEAST, MOST, STEP = 0.4, 9.0, 0.1  # of the model's mean; the rows have means of whole steps
ACROSS = np.linspace(0.3, 9.2, 90)  # where the curves are drawn
LAST_ON_THE_RIGHT = 7.9  # mean with a label on its right, which the names of the curves need
HIGHEST = 4.6  # where the axis of nats ends
DOT = np.array([0.11, 0.11])  # half the width and the height of a dot on a curve
NEAR = 0.01  # how far apart two means are that are the same but for rounding
LOG_FACTORIAL = np.concatenate([[0.0], np.cumsum(np.log(VALUES[1:]))])


def one_valley():
    """Drag the mean of a model over some rows: the loss and KL rise and fall together."""
    return Explorer(
        title="Two curves, one valley",
        description=(
            "Above: a tick for each row, the incidents of one day, the shares of the rows as solid "
            "bars and the model as dashed bars; a dotted line, to drag, is the model's mean. "
            "Below, over the same axis, the mean of −log q over the rows as the upper curve and "
            "KL of the shares from the model as the lower one, with a dot on each at the model's "
            "mean. A bar between the axis and the lower dot is KL, hatched, and a solid one "
            "between the dots is the entropy of the shares."
        ),
        controls=[
            Slider("mean", "Mean of the model", LEAST, MOST, STEP, start=6.0),
            Choice("days", "Rows", tuple(DAYS)),
            Choice("family", "Model", FAMILIES),
        ],
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.4, 3.9, [["rows"], ["curves"]], height_ratios=[1, 1.35])
    rows, curves = picture.axes["rows"], picture.axes["curves"]
    for axes in (rows, curves):
        axes.set(xlim=(-0.7, 12.7), xticks=range(0, 13, 2))
    rows.set(ylim=(-0.1, 0.66), yticks=[0, 0.3, 0.6])
    rows.set_title("Shares P̂ solid, model Q dashed: drag its mean")
    rows.axhline(0, color=MUTED, linewidth=0.8)
    picture.shapes("rug", rows, count=ROWS, facecolor=P_COLOUR, edgecolor=P_COLOUR, linewidth=0.6)
    picture.shapes("p", rows, count=len(VALUES), alpha=0.55, **P_STYLE)
    picture.shapes("q", rows, count=len(VALUES), **Q_STYLE)
    picture.line(
        "mean", rows, "x", (-0.1, 0.66), grip=0.9, edgecolor=Q_COLOUR, ls=":", linewidth=1.8
    )
    curves.set(ylim=(0, HIGHEST), yticks=[0, 1, 2, 3, 4], ylabel="nats a row")
    curves.set(xlabel="incidents a day; mean of the model")
    curves.set_title("Loss above, KL(P̂‖Q) below: the same shape?")
    picture.shapes("kl", curves, **DIFFERENCE_STYLE)
    picture.shapes("entropy", curves, alpha=0.55, **P_STYLE)
    curve = {"facecolor": "none", "linewidth": 2.0, "closed": False}
    picture.shapes("loss curve", curves, edgecolor=INK, **curve)
    picture.shapes("kl curve", curves, edgecolor=DIFFERENCE_COLOUR, **curve)
    picture.shapes("loss dot", curves, facecolor=INK, linewidth=0)
    picture.shapes("kl dot", curves, facecolor=DIFFERENCE_COLOUR, linewidth=0)
    picture.held("loss dot", "mean")
    picture.texts("names", curves, count=2, offset=(4, 0), ha="left", fontsize=9.5)
    picture.texts("parts", curves, count=2, offset=(0, -3.5), fontsize=9.5)
    return picture


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    shares, mean_of_rows = SHARES[state.days], MEANS[state.days]
    q = np.exp(-_surprise(state.family, state.mean))
    entropy = _entropy(shares)
    loss = _losses(shares, state.family, state.mean[:, None])[:, 0]
    kl = loss - entropy
    curve = _losses(shares, state.family, ACROSS[None])
    least = _losses(shares, state.family, mean_of_rows[:, None])[:, 0]
    left = (state.mean - 0.16)[:, None]
    at_the_least = np.abs(state.mean - mean_of_rows) < NEAR
    poisson = state.family == 0
    return Frame(
        shapes={
            "rug": _rug(state.days),
            "p": rectangles(VALUES - 0.4, 0.0, 0.8, shares),
            "q": rectangles(VALUES - 0.4, 0.0, 0.8, q),
            "kl": rectangles(left, 0.0, 0.32, kl[:, None]),
            "entropy": rectangles(left, kl[:, None], 0.32, entropy[:, None]),
            "loss curve": line(ACROSS, curve),
            "kl curve": line(ACROSS, curve - entropy[:, None]),
            "loss dot": diamond(state.mean, loss, DOT),
            "kl dot": diamond(state.mean, kl, DOT),
        },
        texts={
            "names": _names(curve[:, -1], entropy),
            "parts": _parts(state, shares, entropy),
        },
        readouts=[
            Readout("loss, mean of −log q", loss, "nats"),
            Readout("H(P̂)", entropy, "nats"),
            Readout("KL(P̂‖Q)", kl, "nats"),
        ],
        invariants=[
            Invariant("KL ≥ 0", kl),
            Invariant("loss = H(P̂) + KL", -np.abs(loss - entropy - _direct(shares, q))),
            Invariant("nowhere lower than at the mean of the rows", loss - least),
        ],
        sentence=each(_sentence, state.mean, mean_of_rows, loss, entropy, kl),
        table=Table(
            tuple(map(str, VALUES)),
            {"rows": ROWS * shares, "P̂": shares, "Q": q, "−log q": -np.log(q)},
        ),
        tasks=[
            Task("Find the lowest loss of the Poisson.", at_the_least & poisson),
            Task("Then that of the geometric.", at_the_least & ~poisson),
            Task("Get the loss below 1.7 and KL above 0.5 nats.", (loss < 1.7) & (kl > 0.5)),
        ],
    )


def _surprise(family, mean):
    """-log q of every value, (states, values), for the family and the mean of each state."""
    return np.where(
        (family == 0)[:, None],
        mean[:, None] - VALUES * np.log(mean[:, None]) + LOG_FACTORIAL,
        np.log1p(mean[:, None]) + VALUES * np.log1p(1 / mean[:, None]),
    )


def _losses(shares, family, means):
    """The mean of -log q over the rows, (states, means), from what both families look at."""
    average, log_factorials = shares @ VALUES, shares @ LOG_FACTORIAL
    average, log_factorials = average[:, None], log_factorials[:, None]
    return np.where(
        (family == 0)[:, None],
        means - average * np.log(means) + log_factorials,
        np.log1p(means) + average * np.log1p(1 / means),
    )


def _entropy(shares):
    there = np.where(shares > 0, shares, 1.0)
    return -(there * np.log(there)).sum(axis=-1)


def _direct(shares, q):
    """KL of the shares from the model, the rest of the model's outcomes as one more of them."""
    rest = 1 - q.sum(axis=-1, keepdims=True)
    return kl_divergence(
        np.concatenate([shares, np.zeros_like(rest)], axis=-1), np.concatenate([q, rest], axis=-1)
    )


def _rug(days):
    """A tick for each row below the axis, those of one value side by side."""
    ticks = []
    for counts in DAYS.values():
        places = [
            value + (place - (count - 1) / 2) * 0.065
            for value, count in enumerate(counts)
            for place in range(count)
        ]
        ticks.append(rectangles(np.array(places) - 0.008, -0.075, 0.016, 0.05))
    return np.array(ticks)[days]


def _names(ends, entropy):
    """What the curves are called, at their right ends, or where they leave the picture."""
    heights = np.stack([np.minimum(ends, HIGHEST - 0.3), ends - entropy], axis=-1)
    return ACROSS[-1], heights, [["loss", "KL(P̂‖Q)"]] * len(ends)


def _parts(state, shares, entropy):
    """What the two parts of the bar are called, beside it and between the curves there."""
    beside = np.where(state.mean > LAST_ON_THE_RIGHT, -0.75, 0.75)
    loss, there = (
        _losses(shares, state.family, place[:, None])[:, 0]
        for place in (state.mean, state.mean + beside)
    )
    kl = there - entropy
    heights = np.stack([kl / 2, kl + entropy / 2], axis=-1)
    room = entropy - np.abs(there - loss)  # a name must not touch the curves where they are steep
    return (state.mean + beside)[:, None], heights, each(_part_names, kl, there, room)


def _part_names(kl, loss, room):
    return [
        "KL" if 0.5 < kl < HIGHEST else "",
        "H(P̂)" if room > 0.4 and loss < HIGHEST else "",
    ]


def _sentence(mean, mean_of_rows, loss, entropy, kl):
    parts = f"{number(entropy)} of H(P̂) and {number(kl)} of KL"
    if abs(mean - mean_of_rows) < NEAR:
        return (
            f"The lowest point of both curves: Q has the mean of the rows, {mean_of_rows:.1f}. The "
            f"loss is {number(loss)} nats a row, {parts}."
        )
    side = "left" if mean > mean_of_rows else "right"
    return (
        f"The loss is {number(loss)} nats a row, {parts}. Only KL depends on Q; further {side} it "
        "is smaller."
    )
