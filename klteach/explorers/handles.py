"""What a learner takes hold of in a picture: bars, lines (and edges), points, moving shapes.

A handle stands where its controls say. The browser moves it at once, from the numbers that `layout`
gives; `draw` moves Matplotlib's artist for the still picture.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib import colors
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from .frame import rectangles
from .look import CSS_VARIABLES, INK


@dataclass(frozen=True)
class At:
    """A place on an axis that follows from a control: scale · value ** power, power 1 or -1.

    `index` is that of the share where the control is a distribution.
    """

    control: str
    index: int = 0
    scale: float = 1.0
    power: int = 1

    def place(self, state):
        value = np.atleast_1d(getattr(state, self.control)[0])[self.index]
        return self.scale * float(value) ** self.power

    def motion(self, axes, axis, pixels):
        """How a place becomes a pixel: zero + place · (one - zero), on a log scale of its log."""
        log = getattr(axes, f"get_{axis}scale")() == "log"
        low, high = (1.0, 10.0) if log else (0.0, 1.0)
        other = {"x": axes.get_ylim, "y": axes.get_xlim}[axis]()[1]
        ends = [(value, other) if axis == "x" else (other, value) for value in (low, high)]
        zero, one = pixels(axes, np.array(ends))[:, "xy".index(axis)].tolist()
        return vars(self) | {"zero": zero, "one": one, "log": log}


def at(where):
    """Where a handle stands: the name of a control means its value itself."""
    return At(where) if isinstance(where, str) else where


@dataclass(frozen=True)
class Bar:
    """A vertical bar between `left` and `right`, as high as `top`."""

    axes: Axes
    patch: PathPatch
    top: At
    left: float
    right: float

    def layout(self, pixels):
        corners = pixels(self.axes, np.array([[self.left, 0.0], [self.right, 0.0]]))
        (left, _), (right, _) = corners.tolist()
        return {
            "kind": "bar",
            "id": self.patch.get_gid(),
            "colour": _colour(self.patch.get_edgecolor()),
            "y": self.top.motion(self.axes, "y", pixels),
            "ends": [left, right],
        }

    def draw(self, state):
        corners = rectangles(self.left, 0.0, self.right - self.left, self.top.place(state))
        self.patch.set_path(Path(np.vstack([corners, corners[:1]]), closed=True))


@dataclass(frozen=True)
class Line:
    """A straight line across `span`, on `axis` ("x" or "y"); `grip` is the grip's share of it."""

    axes: Axes
    patch: PathPatch
    place: At
    axis: str
    span: tuple[float, float]
    grip: float

    def layout(self, pixels):
        across = 1 if self.axis == "x" else 0
        ends = np.ones((2, 2))
        ends[:, across] = self.span
        return {
            "kind": "line",
            "id": self.patch.get_gid(),
            "colour": _colour(self.patch.get_edgecolor()),
            self.axis: self.place.motion(self.axes, self.axis, pixels),
            "ends": pixels(self.axes, ends)[:, across].tolist(),
            "grip": self.grip,
        }

    def draw(self, state):
        place = self.place.place(state)
        ends = [(place, end) if self.axis == "x" else (end, place) for end in self.span]
        self.patch.set_path(Path(ends))


@dataclass(frozen=True)
class Point:
    """A point; each of `x` and `y` follows from a control, or is a number where it stays."""

    axes: Axes
    artist: Line2D
    x: At | float
    y: At | float

    def layout(self, pixels):
        fixed = [1.0 if isinstance(part, At) else part for part in (self.x, self.y)]
        place = dict(zip("xy", pixels(self.axes, np.array([fixed]))[0].tolist(), strict=True))
        for axis, part in zip("xy", (self.x, self.y), strict=True):
            if isinstance(part, At):
                place[axis] = part.motion(self.axes, axis, pixels)
        colour = _colour(self.artist.get_markerfacecolor())
        return {"kind": "point", "id": self.artist.get_gid(), "colour": colour, **place}

    def draw(self, state):
        place = [part.place(state) if isinstance(part, At) else part for part in (self.x, self.y)]
        self.artist.set_data([place[0]], [place[1]])


@dataclass(frozen=True)
class Held:
    """A live shape that is dragged itself, where its place is computed from `controls`.

    The state becomes the one of the grid whose shape lies nearest to the hand, so there must be a
    grid. It has no keys: whoever uses them moves the controls.
    """

    axes: Axes
    patch: PathPatch
    controls: tuple[str, ...]

    def layout(self, pixels):
        return {
            "kind": "held",
            "id": self.patch.get_gid(),
            "colour": _colour(self.patch.get_edgecolor()),
            "controls": list(self.controls),
        }

    def draw(self, state):
        """Nothing: the shape is drawn with the other shapes."""


def _colour(of):
    """What the grip is filled with: the theme's colour for that of the thing that is held."""
    return CSS_VARIABLES.get(colors.to_hex(of), CSS_VARIABLES[INK])
