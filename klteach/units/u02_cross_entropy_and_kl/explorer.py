"""Explorer of unit 02: the price of the wrong code, as an area, as a bill and as a bankroll."""

import numpy as np

from klteach.explorers.controls import Choice, Simplex
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
from klteach.measures import cross_entropy, entropy, kl_divergence

SYMBOLS = ("a", "b", "c")
P = np.array([0.7, 0.2, 0.1])
TOTAL = 50  # steps of 0.02: the whole triangle is 1176 states, few enough to need no kernel
GOAL, WITHIN = 1.0, 0.02
ROUNDS = 200
MARKS = np.arange(4, ROUNDS + 1, 4)
BELOW = 1 - np.cumsum(P)  # where each symbol's strip begins: strips are stacked from the top


def wrong_code():
    """Drag the code's distribution Q under a fixed source P and see what the wrong code costs."""
    return Explorer(
        title="The price of the wrong code",
        description=(
            "Symbols come from P; the code is made for Q. Top left: both distributions, Q to drag. "
            "Top right: each symbol's cost as an area, its own cost under P solid and what Q adds "
            "hatched. Below: the running average over 200 symbols drawn from P."
        ),
        controls=[
            # the right code at the start: what a wrong one costs is asked before it is shown
            Simplex(
                "q", "Q, the distribution the code is made for", SYMBOLS, TOTAL, (35, 10, 5), 1
            ),
            Choice("view", "Lower panel", ("cost per symbol", "betting view")),
        ],
        presets={
            "Q = P": {"q": [35, 10, 5]},
            "a wrong code": {"q": [5, 15, 30]},
            "uniform": {"q": [17, 17, 16]},
            "reversed": {"q": [5, 10, 35]},
        },
        draw=_draw,
        update=_update,
    )


def _draw():
    picture = Picture(
        7.6,
        4.9,
        [["shares", "areas"], ["bill", "bill"]],
        width_ratios=[1, 1.5],
        height_ratios=[1.5, 1],
    )
    shares, areas, bill = (picture.axes[name] for name in ("shares", "areas", "bill"))

    shares.bar(np.arange(3) - 0.2, P, width=0.36, **P_STYLE)
    shares.set(
        xlim=(-0.6, 2.6), ylim=(0, 1.08), xticks=range(3), xticklabels=SYMBOLS, yticks=[0, 0.5, 1]
    )
    shares.set_title("P solid, Q dashed: drag Q")
    picture.bars("q", shares, positions=np.arange(3) + 0.22, width=0.4, **Q_STYLE)

    areas.set(xlim=(0, 4.05), ylim=(0, 1.02), yticks=[0, 0.5, 1], xlabel="cost of one symbol, nats")
    areas.set_title("Solid: both pay; ///: surcharge; \\\\\\: discount")
    picture.shapes("own", areas, count=3, alpha=0.55, **P_STYLE)
    picture.shapes("extra", areas, count=3, **DIFFERENCE_STYLE)
    picture.shapes(
        "saved", areas, count=3, facecolor="none", edgecolor=INK, linewidth=1.0, hatch="\\\\\\\\"
    )
    picture.texts("symbols", areas, count=3, offset=(4, -3.5), ha="left", fontsize=9)

    bill.set(xlim=(0, ROUNDS * 1.16), ylim=(0, 3.7), xticks=[0, 50, 100, 150, 200])
    bill.set(xlabel="symbols so far", title=" ")  # keeps room for the live title
    picture.shapes(
        "limit", bill, closed=False, facecolor="none", edgecolor=Q_COLOUR, linestyle="--"
    )
    picture.shapes("floor", bill, closed=False, facecolor="none", edgecolor=P_COLOUR)
    picture.shapes("running", bill, closed=False, facecolor="none", edgecolor=INK, linewidth=1.8)
    picture.texts("limit", bill, offset=(4, 3), ha="left", fontsize=9)
    picture.texts("floor", bill, offset=(4, -10), ha="left", fontsize=9)
    picture.texts("title", bill, offset=(0, 9), ha="left", fontsize=10.5)
    bill.axhline(0, color=MUTED, linewidth=0.8)
    return picture


def _symbols_so_far():
    """The share of each symbol among the first n of 200 draws from P, for every mark n."""
    drawn = np.random.default_rng(2).choice(len(P), size=ROUNDS, p=P)
    counts = np.cumsum(drawn[:, None] == np.arange(len(P)), axis=0)
    return counts[MARKS - 1] / MARKS[:, None]


def _update(state):
    q, betting = state.q, state.view == 1
    own, cost = -np.log(P), -np.log(q)
    own_average, average, kl = entropy(P), cross_entropy(P, q), kl_divergence(P, q)
    so_far = _symbols_so_far()
    running = np.where(betting[:, None], (cost - own) @ so_far.T, cost @ so_far.T)
    limit = np.where(betting, kl, average)
    floor = np.where(betting, 0.0, own_average)
    everywhere = np.array([0.0, ROUNDS])
    right, top = np.full((1, 1), float(ROUNDS)), np.full((1, 1), 3.7)
    return Frame(
        shapes={
            "own": rectangles(0.0, BELOW, np.minimum(own, cost), P),
            # an area of width 0 gets height 0 too, or its edges would show as a line
            "extra": rectangles(own, BELOW, np.maximum(cost - own, 0), P * (cost > own)),
            "saved": rectangles(cost, BELOW, np.maximum(own - cost, 0), P * (own > cost)),
            "limit": line(everywhere, limit[:, None]),
            "floor": line(everywhere, floor[:, None]),
            "running": line(MARKS, running),
        },
        texts={
            "symbols": (np.maximum(own, cost), BELOW + P / 2, each(_costs, P * (cost - own))),
            "limit": (right, limit[:, None], each(_limit, betting, limit)),
            "floor": (right, floor[:, None], [["" if bet else "H(P)"] for bet in betting]),
            "title": (np.zeros((1, 1)), top, [[_TITLES[bet]] for bet in state.view]),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("H(P, Q)", average, "nats"),
            Readout("H(P)", np.full_like(kl, own_average), "nats"),
            Note(f"game: KL = {GOAL} ± {WITHIN}", each(_game, kl)),
        ],
        invariants=[
            Invariant("KL ≥ 0", kl),
            Invariant("H(P, Q) = H(P) + KL", -np.abs(average - own_average - kl)),
        ],
        sentence=each(_sentence, betting, q, kl, average, running[:, -1]),
        table=Table(
            SYMBOLS,
            {
                "p": np.broadcast_to(P, q.shape),
                "q": q,
                "−log p": np.broadcast_to(own, q.shape),
                "−log q": cost,
                "p · log(p/q)": P * (cost - own),
            },
        ),
        tasks=[
            Task("Let a cost less than with its own code.", q[:, 0] > P[0]),
            Task("Find a code that doubles the bill.", average >= 2 * own_average),
            Task(f"Make KL {GOAL:.2f} ± {WITHIN} nats.", np.abs(kl - GOAL) <= WITHIN),
        ],
    )


_TITLES = (
    "Running bill: average cost per symbol, nats",
    "Betting view: log of bankroll ÷ rounds so far",
)


def _costs(terms):
    return [
        f"{symbol} {'+' if term >= 0 else ''}{number(term)}"
        for symbol, term in zip(SYMBOLS, terms, strict=True)
    ]


def _limit(betting, limit):
    return [f"{'KL' if betting else 'H(P, Q)'} {number(limit, 2)}"]


def _game(kl):
    gap = kl - GOAL
    if abs(gap) <= WITHIN:
        return "hit"
    return f"{number(abs(gap))} too {'high' if gap > 0 else 'low'}"


def _sentence(betting, q, kl, average, last):
    if betting:
        return (
            f"A bettor who stakes P at the odds 1/Q gains {number(kl)} nats per round on average, "
            f"which is KL(P‖Q); in these {ROUNDS} rounds it was {number(last)}."
        )
    if kl == 0:
        return f"The code is made for P itself: on average it costs H(P), {number(average)} nats."
    cheaper = [symbol for symbol, p, share in zip(SYMBOLS, P, q, strict=True) if share > p]
    verb = "costs" if len(cheaper) == 1 else "cost"
    return (
        f"With the wrong code {' and '.join(cheaper)} {verb} less, yet the average rises "
        f"to {number(average)} nats per symbol: {number(kl)} nats are wasted."
    )
