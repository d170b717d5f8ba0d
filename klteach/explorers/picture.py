"""A Matplotlib figure drawn once, whose live parts are then moved without drawing it again.

The figure goes to the browser as SVG. What moves is declared here: `shapes` (areas and lines) and
`texts`, which `update` moves, and the handles `bars`, `line` and `point`, which a learner drags.
For a batch of states `vertices` gives the pixel coordinates of all shapes and texts as one array of
numbers, `strings` the words, in the order of `layout`.
"""

import io
import re

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from . import look
from .frame import Frame
from .handles import At, Bar, Held, Line, Point, at

# Matplotlib writes SVG in points; drawing at 72 dots per inch makes its pixels the same unit.
SVG_DPI = 72
FAR = 1e5  # a vertex at infinity is drawn this far outside the picture


class Picture:
    """A figure of `width` × `height` inches; `axes` holds the panels that `mosaic` names."""

    def __init__(self, width, height, mosaic, **ratios):
        self.figure = Figure(figsize=(width, height), dpi=SVG_DPI, layout="constrained")
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.subplot_mosaic(mosaic, **ratios)
        for index, axes in enumerate(self.axes.values()):
            axes.set_gid(f"panel-{index}")
        self._shapes = {}  # name -> (axes, patches, closed)
        self._ghosts = set()  # names of the shapes whose first place stays in sight
        self._texts = {}  # name -> (axes, artists, offset)
        self._handles = []

    # -- declared by the author -----------------------------------------------------------------

    def shapes(self, name, axes, count=1, closed=True, ghost=False, **style):
        """`count` paths that move; a style value that is a list holds one value per path.

        With `ghost` a thin outline stays where they were at the start, as it does for all handles.
        """
        if ghost:
            self._ghosts.add(name)
        self._shapes[name] = (axes, self._patches(name, axes, count, style), closed)

    def texts(self, name, axes, count=1, offset=(0, 0), **style):
        """`count` texts that move, shifted by `offset` points; their place is the baseline."""
        style = {"ha": "center", "va": "baseline", **style}
        artists = [axes.text(0, 0, "·", **_style_of(style, index)) for index in range(count)]
        for index, artist in enumerate(artists):
            artist.set_gid(f"text-{name}-{index}")
            artist.set_in_layout(False)
        self._texts[name] = (axes, artists, np.array(offset, dtype=float))

    def bars(self, control, axes, positions, width, **style):
        """One draggable vertical bar per value of the control; its height is that value."""
        left = np.atleast_1d(np.asarray(positions, dtype=float)) - width / 2
        patches = self._patches(f"bar-{control}", axes, len(left), style)
        for index, patch in enumerate(patches):
            top = At(control, index)
            self._handles.append(Bar(axes, patch, top, left[index], left[index] + width))

    def line(self, control, axes, axis, span, grip=0.5, **style):
        """A line or an edge across `span`, dragged along `axis` ("x" or "y").

        control is a name or an `At`; grip says how far along the span the grip sits.
        """
        style = {"facecolor": "none", **style}
        (patch,) = self._patches(f"line-{len(self._handles)}", axes, 1, style)
        self._handles.append(Line(axes, patch, at(control), axis, span, grip))

    def point(self, axes, x, y, **style):
        """A draggable point; x and y are each a control's name, an `At`, or a number that stays."""
        style = {"marker": "o", "markersize": 9, "linestyle": "none", **style}
        (artist,) = axes.plot([0.5], [0.5], **style)
        artist.set_gid(f"point-{len(self._handles)}")
        artist.set_in_layout(False)
        self._handles.append(Point(axes, artist, at(x), at(y)))

    def held(self, name, *controls):
        """Let the one path of the `shapes` of that name be dragged, which moves these controls."""
        axes, (patch,), _ = self._shapes[name]
        self._handles.append(Held(axes, patch, controls))

    @property
    def needs_grid(self):
        """Whether something is dragged that only a grid can follow."""
        return any(isinstance(handle, Held) for handle in self._handles)

    def _patches(self, name, axes, count, style):
        nowhere = Path([(0, 0), (0, 0)])
        patches = [PathPatch(nowhere, **_style_of(style, index)) for index in range(count)]
        for index, patch in enumerate(patches):
            patch.set_gid(f"shape-{name}-{index}")
            patch.set_in_layout(False)
            axes.add_patch(patch)
        return patches

    # -- a batch of states ----------------------------------------------------------------------

    def freeze(self):
        """Settle the layout once; from here on nothing but the live parts may change."""
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine(None)

    def vertices(self, frame: Frame):
        """Pixel coordinates of every live shape and text, float32 (states, numbers)."""
        _same_names("shapes", frame.shapes, self._shapes)
        _same_names("texts", frame.texts, self._texts)
        parts = []
        for name, (axes, patches, _) in self._shapes.items():
            parts.append(self._pixels(axes, _shape_of(frame, name, len(patches))))
        for name, (axes, _, offset) in self._texts.items():
            parts.append(self._pixels(axes, self._places(frame, name), offset))
        states = max((len(part) for part in parts), default=1)
        parts = [np.broadcast_to(part, (states, *part.shape[1:])) for part in parts]
        flat = [part.reshape(states, -1) for part in parts]
        return np.concatenate(flat, axis=1) if flat else np.zeros((states, 0), np.float32)

    def _places(self, frame, name):
        """Where the texts of one name stand, (states, count, 2)."""
        x, y, _ = frame.texts[name]
        count = len(self._texts[name][1])
        return np.stack(np.broadcast_arrays(x, y), axis=-1).reshape(-1, count, 2)

    def _pixels(self, axes, points, offset=(0, 0)):
        transform = axes.transData
        pixels = transform.transform(points.reshape(-1, 2)) + offset
        pixels[:, 1] = self.figure.bbox.height - pixels[:, 1]  # SVG counts downwards
        pixels = np.nan_to_num(pixels, nan=FAR, posinf=FAR, neginf=-FAR)
        return np.clip(pixels, -FAR, FAR).reshape(points.shape).astype(np.float32)

    def layout(self, frame: Frame):
        """What the numbers of `vertices` belong to, in their order, for the browser."""
        shapes = [
            {
                "id": patch.get_gid(),
                "vertices": frame.shapes[name].shape[-2],
                "closed": closed,
                "ghost": name in self._ghosts,
            }
            for name, (_, patches, closed) in self._shapes.items()
            for patch in patches
        ]
        texts = [artist.get_gid() for _, artists, _ in self._texts.values() for artist in artists]
        panels = list(self.axes.values())
        handles = [
            handle.layout(self._pixels) | {"panel": panels.index(handle.axes)}
            for handle in self._handles
        ]
        return {"shapes": shapes, "texts": texts, "handles": handles, "panels": self._panels()}

    def _panels(self):
        """The id of each panel, the box that it fills with its titles, and where in it the axes
        begin and end: where there is little width, the browser puts one below the other."""
        height, panels = self.figure.bbox.height, []
        for axes in self.axes.values():
            box = axes.get_tightbbox()
            corner = [box.x0, height - box.y1, box.width, box.height]
            panels.append(
                {
                    "id": axes.get_gid(),
                    "box": [round(float(x), 2) for x in corner],
                    "axes": [round(float(x), 2) for x in axes.bbox.intervalx],
                }
            )
        return panels

    def strings(self, frame: Frame):
        """The strings of the live texts, one list of strings per text, each with one per state."""
        columns = []
        for name, (_, artists, _) in self._texts.items():
            rows = frame.texts[name][2]
            columns += [[row[index] for row in rows] for index in range(len(artists))]
        return columns

    # -- drawing --------------------------------------------------------------------------------

    def draw(self, frame: Frame, state):
        """Move Matplotlib's own artists to the first of the states."""
        for name, (_, patches, closed) in self._shapes.items():
            for patch, points in zip(patches, frame.shapes[name][0], strict=True):
                patch.set_path(_path(points, closed))
        for name, (axes, artists, offset) in self._texts.items():
            places = axes.transData.transform(self._places(frame, name)[0]) + offset
            # Matplotlib leaves the group of a text without a place open, with all that follows
            # inside: such a text stands in a corner and says nothing
            somewhere = np.isfinite(places).all(axis=-1)
            places = np.where(somewhere[:, None], places, axes.bbox.p0)
            texts = np.where(somewhere, frame.texts[name][2][0], "")
            places = axes.transData.inverted().transform(places)
            for artist, place, text in zip(artists, places, texts, strict=True):
                artist.set_position(place)
                artist.set_text(text)
        for handle in self._handles:
            handle.draw(state)

    def svg(self):
        """The picture as it stands, with theme variables for colours and no outer size."""
        texts = [artist for _, artists, _ in self._texts.values() for artist in artists]
        empty = [artist for artist in texts if not artist.get_text()]
        for artist in empty:
            artist.set_text("·")  # Matplotlib would leave an empty text out of the SVG
        buffer = io.StringIO()
        self.figure.savefig(buffer, format="svg", metadata={"Date": None})
        for artist in empty:
            artist.set_text("")
        svg = buffer.getvalue()
        svg = svg[svg.index("<svg") :]
        svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
        # Matplotlib's style rule is for every element of a page; keep it inside the picture
        svg = svg.replace("*{", ".klx-svg *{")
        svg = re.sub(r"font-family: [^;\"]*;?", "", svg)
        svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
        for colour, variable in look.CSS_VARIABLES.items():
            svg = svg.replace(colour, variable)
        width, height = self.figure.bbox.size
        inner = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
        return f'<svg class="klx-svg" viewBox="0 0 {width:g} {height:g}">{inner}</svg>'


def _style_of(style, index):
    return {key: value[index] if isinstance(value, list) else value for key, value in style.items()}


def _shape_of(frame, name, count):
    points = np.asarray(frame.shapes[name], dtype=float)
    if points.ndim != 4 or points.shape[1] != count or points.shape[3] != 2:
        raise ValueError(
            f"shapes[{name!r}] must have the shape (states, {count}, vertices, 2), "
            f"got {points.shape}"
        )
    return points


def _same_names(what, given, declared):
    if set(given) != set(declared):
        raise ValueError(
            f"update returned {what} {sorted(given)}, the picture has {sorted(declared)}"
        )


def _path(points, closed):
    points = np.clip(points, -FAR, FAR)
    return Path(np.vstack([points, points[:1]]), closed=True) if closed else Path(points)
