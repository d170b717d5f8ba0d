"""The map of the course: which units there are, which of them the core route visits."""

from pathlib import Path

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from . import still
from .look import INK, MATPLOTLIB_STYLE, MUTED, P_COLOUR

PARTS = {
    "A  What KL is": [
        (0, "start here"),
        (1, "surprise,\nbits, nats"),
        (2, "cross-entropy\nand KL"),
        (3, "never\nnegative"),
        (4, "zeros and\nsmoothing"),
        (5, "two\ndirections"),
        (6, "densities,\nGaussians"),
    ],
    "B  Structure": [
        (7, "chain rule"),
        (8, "data\nprocessing"),
        (9, "mutual\ninformation"),
        (10, "Fisher\ninformation"),
    ],
    "C  Comparisons, limits": [
        (11, "divergence\nzoo"),
        (12, "f-divergences"),
        (13, "Pinsker"),
        (14, "hypothesis\ntesting"),
    ],
    "D  Estimating": [
        (15, "MLE is\nforward KL"),
        (16, "covering,\nseeking"),
        (17, "from\nsamples"),
        (18, "variational\nbounds"),
    ],
    "E  Machine learning": [
        (19, "classifiers,\ncalibration"),
        (20, "ELBO, VAE"),
        (21, "distillation"),
        (22, "RLHF"),
    ],
    "F  In the field": [
        (23, "PSI and\nits null"),
        (24, "tables"),
        (25, "text"),
        (26, "embeddings"),
        (27, "agents"),
        (28, "A/B groups"),
        (29, "after the\nalarm"),
    ],
    "G  Closing": [(30, "bug museum"), (31, "capstone")],
}
CORE = {0, 1, 2, 4, 5, 6, 11, 13, 15, 16, 17, 19, 23}
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


class CourseMap:
    """A picture of all units; `available` holds the numbers of those that are written."""

    def __init__(self, available):
        self.available = sorted(available)
        self._figure = _draw(self.available)

    def __repr__(self):
        units = sum(len(row) for row in PARTS.values())
        written = ", ".join(f"{number:02d}" for number in self.available)
        core = ", ".join(f"{number:02d}" for number in sorted(CORE))
        return (
            f"Map of the course | {units} units in {len(PARTS)} parts, A to G; "
            f"written so far: {written}; core route: {core}"
        )

    def _repr_mimebundle_(self, **options):
        return still.mime_bundle(self._figure, still.png(self._figure), repr(self), alt=repr(self))


def course_map():
    """The map, with the units of this checkout marked as written."""
    return CourseMap(int(path.name[:2]) for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def _draw(available):
    with rc_context(MATPLOTLIB_STYLE):
        figure = Figure(figsize=(8.2, 4.6))
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(0, 9.45), ylim=(-0.75, len(PARTS)))
        axes.axis("off")
        for row, (part, units) in enumerate(PARTS.items()):
            bottom = len(PARTS) - 1 - row
            axes.text(0.1, bottom + 0.5, part, va="center", fontsize=9.5, fontweight="bold")
            for column, (number, title) in enumerate(units):
                _box(axes, 2.15 + column * 1.03, bottom, number, title, number in available)
        _box(axes, 2.15, -0.72, 0, "written", True, height=0.5, core=False)
        _box(axes, 3.4, -0.72, 0, "planned", False, height=0.5, core=False)
        _box(axes, 4.65, -0.72, 0, "core route", False, height=0.5, core=True)
    return figure


def _box(axes, left, bottom, number, title, written, height=0.86, core=None):
    legend = core is not None
    core = core if legend else number in CORE
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
    text = title if legend else f"{number:02d}\n{title}"
    axes.text(
        left + 0.5,
        bottom + 0.05 + height / 2,
        text,
        ha="center",
        va="center",
        fontsize=7,
        linespacing=1.1,
        color="white" if written else INK,
    )
