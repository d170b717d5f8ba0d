"""One picture, made in the ways that courses make it: two normal densities and three divergences.

Both densities have 400 points; the mean of Q moves. Every function shows the picture in a notebook.
"""

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Readout, each, line, number
from klteach.explorers.look import P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence, normalize

X = np.linspace(-6, 6, 400)
START, LOW, HIGH, STEP = 1.0, -3.0, 3.0, 0.05


def density(mean):
    return np.exp(-0.5 * (X - mean) ** 2) / np.sqrt(2 * np.pi)


def divergences(mean):
    """KL, reverse KL and JS of the two densities on the grid of 400 points."""
    p = normalize(density(0.0))
    q = normalize(density(np.asarray(mean)[..., None]))
    middle = (p + q) / 2
    js = (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2
    return kl_divergence(p, q), kl_divergence(q, p), js


# -- explorers ------------------------------------------------------------------------------------


def precomputed():
    return _explorer(precompute=True)


def live():
    return _explorer(precompute=False)


def _explorer(precompute):
    return Explorer(
        title="Two normals",
        description="Two normal densities; the mean of Q moves.",
        controls=[Slider("mean", "mean of Q", LOW, HIGH, STEP, start=START)],
        draw=_draw,
        update=_update,
        precompute=precompute,
    )


def _draw():
    picture = Picture(7.0, 3.5, [["densities"]])
    axes = picture.axes["densities"]
    axes.set(xlim=(-6, 6), ylim=(0, 0.45), xlabel="x", ylabel="density")
    axes.plot(X, density(0.0), color=P_COLOUR)
    picture.shapes("q", axes, closed=False, facecolor="none", edgecolor=Q_COLOUR, linestyle="--")
    return picture


def _update(state):
    forward, reverse, js = divergences(state.mean)
    return Frame(
        shapes={"q": line(X, density(state.mean[:, None]))},
        readouts=[
            Readout("KL(P‖Q)", forward, "nats"),
            Readout("KL(Q‖P)", reverse, "nats"),
            Readout("JS", js, "nats"),
        ],
        sentence=each(_sentence, state.mean, forward),
    )


def _sentence(mean, forward):
    return f"With Q at {number(mean, 2)} the divergence is {number(forward)} nats."


# -- the ways to compare with ---------------------------------------------------------------------


def _slider():
    from ipywidgets import FloatSlider

    return FloatSlider(START, min=LOW, max=HIGH, step=STEP)


def _title(mean):
    forward, reverse, js = divergences(mean)
    return f"KL {forward:.3f}, reverse {reverse:.3f}, JS {js:.3f} nats"


def _draw_with_pyplot(mean):
    from matplotlib import pyplot

    _, axes = pyplot.subplots(figsize=(7.0, 3.5))
    axes.set(xlim=(-6, 6), ylim=(0, 0.45), xlabel="x", ylabel="density", title=_title(mean))
    axes.plot(X, density(0.0), color=P_COLOUR)
    axes.plot(X, density(mean), color=Q_COLOUR, linestyle="--")
    pyplot.show()


def with_interact():
    from ipywidgets import interact

    interact(_draw_with_pyplot, mean=_slider())


def with_interactive_output():
    from ipywidgets import VBox, interactive_output

    slider = _slider()
    return VBox([slider, interactive_output(_draw_with_pyplot, {"mean": slider})])


def with_ipympl():
    """The figure is kept, and its line and title are moved (needs ipympl)."""
    from ipywidgets import VBox
    from matplotlib import pyplot

    pyplot.switch_backend("module://ipympl.backend_nbagg")
    with pyplot.ioff():
        figure, axes = pyplot.subplots(figsize=(7.0, 3.5))
    axes.set(xlim=(-6, 6), ylim=(0, 0.45), xlabel="x", ylabel="density", title=_title(START))
    axes.plot(X, density(0.0), color=P_COLOUR)
    (moving,) = axes.plot(X, density(START), color=Q_COLOUR, linestyle="--")
    slider = _slider()

    def move(change):
        moving.set_ydata(density(change["new"]))
        axes.set_title(_title(change["new"]))
        figure.canvas.draw_idle()

    slider.observe(move, "value")
    return VBox([slider, figure.canvas])


def with_bqplot():
    """The curve's data are sent, the browser draws (needs bqplot)."""
    import bqplot
    from ipywidgets import VBox

    scales = {"x": bqplot.LinearScale(min=-6, max=6), "y": bqplot.LinearScale(min=0, max=0.45)}
    fixed = bqplot.Lines(x=X, y=density(0.0), scales=scales, colors=[P_COLOUR])
    moving = bqplot.Lines(x=X, y=density(START), scales=scales, colors=[Q_COLOUR])
    axes = [bqplot.Axis(scale=scales["x"]), bqplot.Axis(scale=scales["y"], orientation="vertical")]
    figure = bqplot.Figure(marks=[fixed, moving], axes=axes, title=_title(START))
    slider = _slider()

    def move(change):
        moving.y = density(change["new"])
        figure.title = _title(change["new"])

    slider.observe(move, "value")
    return VBox([slider, figure])
