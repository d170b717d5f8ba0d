"""What a learner takes hold of in a picture: bars, lines (and edges), points.

A handle stands where its controls say. The browser moves it at once, from the numbers that `layout`
gives; `draw` moves Matplotlib's artist for the still picture.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from .frame import rectangles


@dataclass(frozen=True)
class Bar:
    """A vertical bar between `left` and `right`, as high as value `index` of the control."""

    axes: Axes
    patch: PathPatch
    control: str
    index: int
    left: float
    right: float

    def layout(self, pixels):
        corners = pixels(self.axes, np.array([[self.left, 0.0], [self.right, 0.0]]))
        (left, _), (right, _) = corners.tolist()
        motion = _motion(self.axes, "y", self.control, self.index, pixels)
        return {"kind": "bar", "id": self.patch.get_gid(), "y": motion, "ends": [left, right]}

    def draw(self, state):
        height = np.atleast_1d(getattr(state, self.control)[0])[self.index]
        corners = rectangles(self.left, 0.0, self.right - self.left, height)
        self.patch.set_path(Path(np.vstack([corners, corners[:1]]), closed=True))


@dataclass(frozen=True)
class Line:
    """A straight line across `span`, at the control's value on `axis` ("x" or "y")."""

    axes: Axes
    patch: PathPatch
    control: str
    axis: str
    span: tuple[float, float]

    def layout(self, pixels):
        across = 1 if self.axis == "x" else 0
        ends = np.ones((2, 2))
        ends[:, across] = self.span
        motion = _motion(self.axes, self.axis, self.control, 0, pixels)
        return {
            "kind": "line",
            "id": self.patch.get_gid(),
            self.axis: motion,
            "ends": pixels(self.axes, ends)[:, across].tolist(),
        }

    def draw(self, state):
        value = getattr(state, self.control)[0]
        ends = [(value, end) if self.axis == "x" else (end, value) for end in self.span]
        self.patch.set_path(Path(ends))


@dataclass(frozen=True)
class Point:
    """A point; each of `x` and `y` is the name of a control, or a number where it stays."""

    axes: Axes
    artist: Line2D
    x: str | float
    y: str | float

    def layout(self, pixels):
        fixed = [1.0 if isinstance(part, str) else part for part in (self.x, self.y)]
        place = dict(zip("xy", pixels(self.axes, np.array([fixed]))[0].tolist(), strict=True))
        for axis in "xy":
            if isinstance(getattr(self, axis), str):
                place[axis] = _motion(self.axes, axis, getattr(self, axis), 0, pixels)
        return {"kind": "point", "id": self.artist.get_gid(), **place}

    def draw(self, state):
        place = [
            getattr(state, part)[0] if isinstance(part, str) else part for part in (self.x, self.y)
        ]
        self.artist.set_data([place[0]], [place[1]])


def _motion(axes, axis, control, index, pixels):
    """How a value becomes a pixel: zero + value · (one - zero), of its logarithm on a log scale."""
    log = getattr(axes, f"get_{axis}scale")() == "log"
    low, high = (1.0, 10.0) if log else (0.0, 1.0)
    other = {"x": axes.get_ylim, "y": axes.get_xlim}[axis]()[1]
    ends = [(value, other) if axis == "x" else (other, value) for value in (low, high)]
    zero, one = pixels(axes, np.array(ends))[:, "xy".index(axis)].tolist()
    return {"control": control, "index": index, "zero": zero, "one": one, "log": log}
