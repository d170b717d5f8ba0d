"""Explorer of unit NN: TODO: what is moved, and what it shows."""

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, Table, each, number
from klteach.explorers.look import P_STYLE
from klteach.explorers.picture import Picture


def share_and_odds():
    """TODO: One line on the explorer, which the lesson imports and calls."""
    return Explorer(
        title="TODO: a title of the explorer of unit NN",
        description="TODO: what the picture shows, for a reader who does not see it.",
        controls=[Slider("share", "Share", 0.05, 0.95, 0.05, start=0.5)],
        draw=_draw,
        update=_update,
        presets={"TODO: a preset": {"share": 0.8}},
    )


def _draw():
    """The picture without its moving parts; every colour comes from klteach.explorers.look."""
    picture = Picture(4.0, 2.6, [["share"]])
    picture.axes["share"].set(xlim=(-0.7, 0.7), ylim=(0, 1), xticks=[], title="TODO: what to do")
    # dragged bars have the name of their control; what `_update` draws are shapes() and texts()
    picture.bars("share", picture.axes["share"], positions=[0], width=0.7, **P_STYLE)
    return picture


def _update(state):
    """The frame of many states at once: each array has a row for each state."""
    odds = state.share / (1 - state.share)
    return Frame(
        readouts=[Readout("odds", odds)],
        # a margin, 0 or more where it holds
        invariants=[Invariant("odds are never negative", odds)],
        sentence=each(_sentence, state.share, odds),
        table=Table(["share"], {"share": state.share[:, None]}, digits=2),
    )


def _sentence(share, odds):
    return f"TODO: a share of {number(share, 2)} has odds of {number(odds)}."
