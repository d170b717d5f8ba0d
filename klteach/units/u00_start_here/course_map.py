"""The map of the course: which units there are, which of them the core route visits."""

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from klteach.explorers import still
from klteach.explorers.look import INK, MATPLOTLIB_STYLE, MUTED, P_COLOUR
from klteach.units import PARTS, UNITS, WRITTEN
from klteach.units.routes import CORE


class CourseMap:
    """A picture of all units, those that are written filled, those of the core route framed."""

    def __init__(self):
        self._figure = _draw()

    def __repr__(self):
        written = ", ".join(unit.code for unit in WRITTEN)
        core = ", ".join(unit.code for unit in UNITS if unit.number in CORE)
        return (
            f"Map of the course | {len(UNITS)} units in {len(PARTS)} parts, A to G; "
            f"written so far: {written}; core route: {core}"
        )

    def _repr_mimebundle_(self, **options):
        return still.mime_bundle(still.png(self._figure), repr(self), alt=repr(self))


def course_map():
    """The map of the course, to be shown in a notebook."""
    return CourseMap()


def _draw():
    with rc_context(MATPLOTLIB_STYLE):
        figure = Figure(figsize=(8.2, 4.6))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(0, 9.45), ylim=(-0.75, len(PARTS)))
        axes.axis("off")
        for row, part in enumerate(PARTS):
            bottom = len(PARTS) - 1 - row
            name = f"{part.letter}  {part.title}"
            axes.text(0.1, bottom + 0.5, name, va="center", fontsize=9.5, fontweight="bold")
            for column, unit in enumerate(part.units):
                label = f"{unit.code}\n{unit.label}"
                left = 2.15 + column * 1.03
                _box(axes, left, bottom, label, unit.written, unit.number in CORE)
        for left, label in ((2.15, "written"), (3.4, "planned"), (4.65, "core route")):
            _box(axes, left, -0.72, label, label == "written", label == "core route", height=0.5)
    return figure


def _box(axes, left, bottom, label, written, core, height=0.86):
    axes.add_patch(
        FancyBboxPatch(
            (left + 0.05, bottom + 0.05),
            0.9,
            height,
            boxstyle="round,pad=0,rounding_size=0.08",
            facecolor=P_COLOUR if written else "white",
            edgecolor=INK if core else MUTED,
            linewidth=2.2 if core else 0.7,
        )
    )
    axes.text(
        left + 0.5,
        bottom + 0.05 + height / 2,
        label,
        ha="center",
        va="center",
        fontsize=7,
        linespacing=1.1,
        color="white" if written else INK,
    )
