"""Explorer of unit 00: drag one bar until a gauge reads 0.50. It proves that explorers work."""

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Readout, Table, Task, each, line, number
from klteach.explorers.look import DIFFERENCE_COLOUR, MUTED, P_STYLE
from klteach.explorers.picture import Picture

GOAL = 0.5


def reach_one_half():
    """A bar to drag, a gauge to read, and a goal: one half."""
    return Explorer(
        title="Reach one half",
        description="One bar to drag between 0 and 1, and a gauge whose needle shows its height.",
        controls=[Slider("height", "Height of the bar", 0.0, 1.0, 0.01, start=0.2)],
        draw=_draw,
        update=_update,
    )


def _draw():
    picture = Picture(6.0, 2.6, [["bar", "gauge"]], width_ratios=[1, 2])
    bar, gauge = picture.axes["bar"], picture.axes["gauge"]
    bar.set(xlim=(-0.7, 0.7), ylim=(0, 1.05), xticks=[], yticks=[0, 0.5, 1], title="Drag the bar")
    picture.bars("height", bar, positions=[0], width=0.7, **P_STYLE)

    angle = np.linspace(np.pi, 0, 61)
    gauge.plot(np.cos(angle), np.sin(angle), color=MUTED, linewidth=1)
    for tick in (0, 0.25, 0.5, 0.75, 1):
        direction = np.array(_direction(tick))
        gauge.plot(*np.outer(direction, [0.94, 1.0]), color=MUTED, linewidth=1)
        gauge.text(*(1.17 * direction), f"{tick:.2f}", ha="center", va="center")
    gauge.set(xlim=(-1.4, 1.4), ylim=(-0.4, 1.25), aspect="equal", title="Read the gauge")
    gauge.axis("off")
    picture.shapes(
        "needle", gauge, closed=False, facecolor="none", edgecolor=DIFFERENCE_COLOUR, linewidth=3
    )
    picture.texts("reading", gauge, fontsize=15, fontweight="bold")
    return picture


def _direction(share):
    return np.cos(np.pi * (1 - share)), np.sin(np.pi * (1 - share))


def _update(state):
    height = state.height
    x, y = _direction(height)
    reached = np.isclose(height, GOAL)
    return Frame(
        shapes={"needle": line(np.outer(x, [0, 0.86]), np.outer(y, [0, 0.86]))},
        texts={"reading": (np.zeros((1, 1)), np.full((1, 1), -0.3), each(_reading, height))},
        readouts=[Readout("gauge", height, digits=2)],
        sentence=each(_sentence, height, reached),
        table=Table(["bar"], {"height": height[:, None]}, digits=2),
        tasks=[Task("Bring the gauge to 0.50. A task ticks itself when it is done.", reached)],
    )


def _reading(height):
    return [number(height, 2)]


def _sentence(height, reached):
    if reached:
        return "The gauge reads 0.50: everything works, go on."
    direction = "up" if height < GOAL else "down"
    return f"The gauge reads {number(height, 2)}; drag the bar {direction} to 0.50."
