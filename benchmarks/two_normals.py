"""One picture, made twice: as an explorer, and with pyplot the way `interact` redraws it.

Two normal densities of 400 points and three divergences between them; the mean of Q moves.
"""

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Readout, each, line, number
from klteach.explorers.look import P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence, normalize

X = np.linspace(-6, 6, 400)
STEP = 0.05


def density(mean):
    return np.exp(-0.5 * (X - mean) ** 2) / np.sqrt(2 * np.pi)


def divergences(mean):
    """KL, reverse KL and JS of the two densities on the grid of 400 points."""
    p = normalize(density(0.0))
    q = normalize(density(np.asarray(mean)[..., None]))
    middle = (p + q) / 2
    middle /= middle.sum(axis=-1, keepdims=True)
    js = (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2
    return kl_divergence(p, q), kl_divergence(q, p), js


def explorer():
    """The picture as a precomputed explorer."""
    return Explorer(
        title="Two normals",
        description="Two normal densities; the mean of Q moves.",
        controls=[Slider("mean", "mean of Q", -3.0, 3.0, STEP, start=1.0)],
        draw=_draw,
        update=_update,
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


def draw_with_pyplot(mean):
    """The same picture drawn afresh, as a function for `interact`."""
    from matplotlib import pyplot

    forward, reverse, js = divergences(mean)
    figure, axes = pyplot.subplots(figsize=(7.0, 3.5))
    axes.set(xlim=(-6, 6), ylim=(0, 0.45), xlabel="x", ylabel="density")
    axes.plot(X, density(0.0), color=P_COLOUR)
    axes.plot(X, density(mean), color=Q_COLOUR, linestyle="--")
    axes.set_title(f"KL {forward:.3f}, reverse {reverse:.3f}, JS {js:.3f} nats")
    pyplot.show()


def interact_with_pyplot():
    """What most courses do."""
    from ipywidgets import FloatSlider, interact

    interact(draw_with_pyplot, mean=FloatSlider(1.0, min=-3, max=3, step=STEP))
