"""Explorers of unit 20: a bound that touches its ceiling; the latent plane of a small VAE."""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from klteach.data import digits, digits_vae
from klteach.data.digits_vae import BETAS, training_rows
from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    each,
    line,
    number,
    rectangles,
)
from klteach.explorers.handles import At
from klteach.explorers.look import (
    DIFFERENCE_STYLE,
    FAINT,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_COLOUR,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.measures import kl_normal
from klteach.units.u20_elbo_and_vae.vae import (
    NOISE,
    VAE,
    all_measures,
    images,
    squared_distances,
)

# -- one observation, one latent ------------------------------------------------------------------

X = 1.5  # what was observed: x = z + noise
NOISE_VARIANCE = 0.5
POSTERIOR_VARIANCE = 1 / (1 + 1 / NOISE_VARIANCE)
POSTERIOR = (POSTERIOR_VARIANCE * X / NOISE_VARIANCE, np.sqrt(POSTERIOR_VARIANCE))
EVIDENCE = -0.5 * (np.log(2 * np.pi * (1 + NOISE_VARIANCE)) + X**2 / (1 + NOISE_VARIANCE))
Z = np.linspace(-3, 4, 141)
BELL = np.linspace(-3.6, 3.6, 49)  # where q is drawn, in its standard deviations
LOWEST = -7.6  # where the axis of the bars ends
NAMES = ("expected\nlog p(x|z)", "KL from\nprior", "KL from\nposterior")
HEIGHT = 1 / np.sqrt(2 * np.pi)  # of a normal density, over its standard deviation
SMALL = {"fontsize": 9.5, "ha": "center"}
DASHED = {"linewidth": 1.8, "linestyle": (0, (4, 2))}


def touch_the_ceiling():
    """Drag q over the latent of one observation: the ELBO and its gap add up to log p(x)."""
    return Explorer(
        title="A floor under log p(x)",
        description=(
            "Left: densities of the latent z, the prior dotted, the posterior given x = 1.5 solid, "
            "and q dashed; the top of q is dragged, across for its mean, downwards for a larger "
            "standard deviation. Right, in nats: a solid bar from 0 down to the expected "
            "log p(x|z), from there an empty bar down by KL of q from the prior, which ends at the "
            "ELBO, and a hatched bar up by KL of q from the posterior, which ends at log p(x)."
        ),
        controls=[
            Slider("mean", "Mean of q", -0.5, 2.5, 0.05, start=2.3),
            Slider("sd", "Standard deviation of q", 0.2, 1.5, 0.05, start=0.35),
        ],
        presets={
            "a guess": {"mean": 0.5, "sd": 0.3},
            "all on x": {"mean": 1.5, "sd": 0.2},
            "too wide": {"mean": 1.0, "sd": 1.5},
        },
        draw=_draw_floor,
        update=_update_floor,
    )


def _draw_floor():
    picture = Picture(6.6, 3.5, [["latent", "bars"]], width_ratios=[1.15, 1])
    latent, bars = picture.axes["latent"], picture.axes["bars"]
    latent.set(xlim=(-3, 4), ylim=(0, 2.2), yticks=[0, 1, 2], xlabel="latent z")
    latent.set_title("Drag the top of q")
    latent.plot(Z, _density(Z, 0.0, 1.0), color=P_COLOUR, linewidth=1.8, linestyle=":")
    latent.fill_between(Z, _density(Z, *POSTERIOR), alpha=0.45, **P_STYLE)
    latent.text(-1.75, 0.32, "prior p(z)", color=P_COLOUR, **SMALL)
    latent.text(1.0, 0.42, "p(z|x)", color=INK, **SMALL)
    picture.shapes("q", latent, closed=False, ghost=True, **Q_STYLE)
    picture.point(latent, "mean", At("sd", scale=HEIGHT, power=-1), color=Q_COLOUR)
    picture.texts("q", latent, offset=(0, 9), color=Q_COLOUR, fontweight="bold")
    bars.set(xlim=(-0.6, 2.6), ylim=(LOWEST, 0.5), xticks=range(3), xticklabels=NAMES)
    bars.set_title("From 0 to log p(x), in nats")
    bars.axhline(0, color=MUTED, linewidth=0.8)
    bars.axhline(EVIDENCE, color=INK, linewidth=1.8)
    bars.text(-0.55, EVIDENCE + 0.12, "log p(x)", fontsize=9.5)
    picture.shapes("fit", bars, facecolor=FAINT, edgecolor=MUTED, linewidth=1.2)
    picture.shapes("to prior", bars, facecolor="none", edgecolor=INK, linewidth=1.6)
    picture.shapes("gap", bars, **DIFFERENCE_STYLE)
    picture.shapes("floor", bars, closed=False, facecolor="none", edgecolor=Q_COLOUR, **DASHED)
    picture.texts("floor", bars, offset=(0, -12), fontsize=9.5)
    return picture


def _update_floor(state):
    fit, to_prior, gap = parts(state.mean, state.sd)
    floor = fit - to_prior
    far = np.full(len(gap), 2.4)
    return Frame(
        shapes={
            "q": line(
                state.mean[:, None] + state.sd[:, None] * BELL,
                _density(BELL, 0.0, 1.0) / state.sd[:, None],
            ),
            "fit": _bar(0, fit, -fit),
            "to prior": _bar(1, floor, to_prior),
            "gap": _bar(2, floor, gap),
            "floor": line(np.array([0.7, 2.55]), np.stack([floor, floor], axis=-1)),
        },
        texts={
            "q": (state.mean, HEIGHT / state.sd, [["q(z)"]] * len(gap)),
            "floor": (np.full(len(gap), 1.0), floor, [["ELBO"]] * len(gap)),
        },
        readouts=[
            Readout("expected log p(x|z)", fit, "nats"),
            Readout("KL(q‖prior)", to_prior, "nats"),
            Readout("ELBO", floor, "nats"),
            Readout("KL(q‖posterior)", gap, "nats"),
            Readout("log p(x)", np.full(len(gap), EVIDENCE), "nats"),
        ],
        invariants=[
            Invariant("ELBO ≤ log p(x)", EVIDENCE - floor),
            Invariant("ELBO + KL(q‖posterior) = log p(x)", -np.abs(floor + gap - EVIDENCE)),
        ],
        sentence=each(_floor_sentence, floor, gap),
        table=Table(
            ("prior p(z)", "posterior p(z|x)", "q(z)"),
            {
                "mean": np.stack([0 * far, 0 * far + POSTERIOR[0], state.mean], axis=-1),
                "sd": np.stack([0 * far + 1, 0 * far + POSTERIOR[1], state.sd], axis=-1),
            },
        ),
        tasks=[
            Task("Touch the ceiling: a gap below 0.01 nats.", gap < 0.01),
            Task("Put q on the prior. How large is the gap?", (state.mean == 0) & (state.sd == 1)),
            Task(
                "Bring expected log p(x|z) above −0.65 nats. What became of the ELBO?", fit > -0.65
            ),
        ],
    )


def parts(mean, sd):
    """(E_q[log p(x|z)], KL(q‖prior), KL(q‖posterior)) for a normal q, in nats."""
    squares = (X - mean) ** 2 + sd**2
    fit = -0.5 * (np.log(2 * np.pi * NOISE_VARIANCE) + squares / NOISE_VARIANCE)
    return fit, kl_normal(mean, sd, 0.0, 1.0), kl_normal(mean, sd, *POSTERIOR)


def _floor_sentence(floor, gap):
    if gap < 0.01:
        return (
            f"q is all but the posterior: the ELBO, {number(floor)} nats, touches log p(x) = "
            f"{number(EVIDENCE)}."
        )
    return (
        f"The ELBO is {number(floor)} nats, {number(gap)} below log p(x) = {number(EVIDENCE)}: "
        "so far is q from the posterior."
    )


def _density(z, mean, sd):
    return HEIGHT / sd * np.exp(-0.5 * ((z - mean) / sd) ** 2)


def _bar(place, bottom, height):
    return rectangles(place - 0.3, bottom[:, None], 0.6, height[:, None])


# -- the latent plane -----------------------------------------------------------------------------

HALF = 50  # so many of the hundred posteriors are drawn
EDGE = 4.6  # of the plane
REACH, STEP = 3.0, 0.5  # where z can be dragged
AROUND = np.linspace(0, 2 * np.pi, 18, endpoint=False)  # the vertices of an ellipse
ELLIPSE = 2.0  # standard deviations
SEEN_SHOWN, OTHERS_SHOWN = (30, 77), (222,)  # which images stand on the right
SHOWN = len(SEEN_SHOWN + OTHERS_SHOWN)
INKS = 16  # steps of a pixel in the picture
BETWEEN = np.arange(7) + 0.5  # lines between the rows of pixels
LOST = 0.001  # nats: a KL below is none
NO_DIGIT, CLEAR = 40.0, 12.0  # nats to the nearest real image
START = BETAS.index(1.0)


class Drawn(NamedTuple):
    """What the models make of everything the picture shows, β by β."""

    mean: np.ndarray  # (β, 50, 2) of the posteriors of half of the images that were seen
    sd: np.ndarray
    again: np.ndarray  # (β, shown, 64) the shown images, decoded from the mean of their posterior
    of_z: np.ndarray  # (β, z, 64) what is drawn for each z of the grid, z₂ fastest
    off: np.ndarray  # (β, z) nats to the nearest real image
    nearest: np.ndarray  # (β, z) which digit that is


def latent_plane():
    """Move β over nine trained models, and a point through their latent plane."""
    names = tuple(f"{beta:g}" for beta in BETAS)
    return Explorer(
        title="A hundred images in a plane",
        description=(
            "Left: the latent plane, circles of one and two standard deviations of the prior, and "
            "for fifty of a hundred images a dashed ellipse of two standard deviations of the "
            "posterior; a digit stands above ten of them. A point z is dragged. Right above: the "
            "image that the decoder draws for z, in lines whose thickness is the ink. Below: "
            "two images that the model was trained on and one that it was not, each above what the "
            "model makes of it."
        ),
        controls=[
            Slider("beta", "β", 0, len(BETAS) - 1, 1, start=START, names=names),
            Slider("z1", "z₁", -REACH, REACH, STEP, start=-1.5),
            Slider("z2", "z₂", -REACH, REACH, STEP, start=1.5),
        ],
        presets={
            "honest, β = 1": {"beta": START},
            "β near 0": {"beta": 0},
            "large β": {"beta": len(BETAS) - 1},
        },
        draw=_draw_plane,
        update=_update_plane,
    )


@cache
def drawn():
    """Computed once, for all β and all z."""
    seen, _, everything = images()
    shown = shown_images()
    labels = digits().labels
    models = [VAE(weights) for weights in digits_vae().values()]
    posteriors = [model.encode(seen[_half()]) for model in models]
    of_z = np.stack([model.decode(places()) for model in models])
    squares = [squared_distances(rows, everything) for rows in of_z]
    return Drawn(
        np.stack([mean for mean, _ in posteriors]),
        np.stack([sd for _, sd in posteriors]),
        np.stack([model.decode(model.encode(shown)[0]) for model in models]),
        of_z,
        np.stack([rows.min(axis=1) for rows in squares]) / (2 * NOISE**2),
        np.stack([labels[rows.argmin(axis=1)] for rows in squares]),
    )


def places():
    """Every z of the grid, (z, 2), the second latent fastest."""
    steps = np.arange(-REACH, REACH + STEP / 2, STEP)
    return np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)


def shown_images():
    """The images on the right."""
    seen, others, _ = images()
    return np.concatenate([seen[list(SEEN_SHOWN)], others[list(OTHERS_SHOWN)]])


def _draw_plane():
    picture = Picture(
        6.6,
        3.6,
        [["plane", "drawn"], ["plane", "rows"]],
        width_ratios=[1.28, 1],
        height_ratios=[1.15, 1],
    )
    plane, one, rows = (picture.axes[name] for name in ("plane", "drawn", "rows"))
    plane.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE), aspect="equal", xlabel="z₁", ylabel="z₂")
    plane.set(xticks=range(-4, 5, 2), yticks=range(-4, 5, 2))
    plane.set_title("Posteriors dashed, prior solid: drag z")
    angle = np.linspace(0, 2 * np.pi, 121)
    for radius in (1, 2):
        plane.plot(radius * np.cos(angle), radius * np.sin(angle), color=P_COLOUR, linewidth=1.4)
    style = {"facecolor": "none", "edgecolor": Q_COLOUR, "linewidth": 1.0}
    picture.shapes("posteriors", plane, count=HALF, linestyle=(0, (3, 1)), **style)
    picture.texts("digits", plane, count=10, fontsize=9.5, color=INK, offset=(0, 3))
    picture.point(plane, "z1", "z2", color=INK, marker="P", markersize=10)
    for axes in (one, rows):
        axes.set(aspect="equal", xticks=[], yticks=[])
        axes.spines[["left", "bottom"]].set_visible(False)
    one.set(xlim=(-0.3, 8.3), ylim=(8.3, -0.3), title="The decoder's image of z")
    one.plot([-0.2, 8.2, 8.2, -0.2, -0.2], [-0.2, -0.2, 8.2, 8.2, -0.2], color=FAINT, linewidth=1)
    picture.shapes("of z", one, facecolor=INK, linewidth=0)
    rows.set(xlim=(-2.2, 28.2), ylim=(17.6, -2.2))
    for place in range(SHOWN):
        rows.add_patch(_still(shown_images()[place], _left(place), 0.0))
        picture.shapes(f"again {place}", rows, facecolor=INK, linewidth=0)
    rows.text(8.5, -0.6, "trained on", **SMALL)
    rows.text(_left(SHOWN - 1) + 4, -0.6, "another", **SMALL)
    rows.text(-0.7, 4.7, "x", ha="right", fontsize=9.5)
    rows.text(-0.7, 14.2, "x̂", ha="right", fontsize=9.5)
    return picture


def _left(place):
    """Where an image of the lower row begins; the one that was not trained on stands apart."""
    return 9.0 * place + (2.0 if place == len(SEEN_SHOWN) else 0)


def _still(image, left, top):
    (vertices,) = _engraved(image[None], left, top)[0]
    return PathPatch(Path(vertices), facecolor=INK, linewidth=0)


def _engraved(pixels, left=0.0, top=0.0):
    """Images as lines that are as thick as the image is dark, (states, 1, vertices, 2).

    All lines are one path: each begins and ends on the left edge, along which it goes to the next.
    """
    ink = np.round(pixels.reshape(-1, 8, 8) * INKS) / INKS
    between = (ink[:, :-1] + ink[:, 1:]) / 2
    lines = np.concatenate([ink, between], axis=1)[:, np.argsort([*range(8), *BETWEEN])] / 4
    lines = np.pad(lines, ((0, 0), (0, 0), (1, 1)))  # thin out to nothing at both ends
    y = (np.arange(15.0)[:, None] + 1) / 2 + top
    x = np.concatenate([[0.0], np.arange(8) + 0.5, [8.0]]) + left
    x, y, lines = np.broadcast_arrays(x, y, lines)
    there = np.stack([x, y - lines], axis=-1)
    back = np.stack([x, y + lines], axis=-1)[..., ::-1, :]
    return np.concatenate([there, back], axis=-2).reshape(len(ink), 1, -1, 2)


def _update_plane(state):
    all_drawn = drawn()
    beta = state.beta.astype(int)
    z = _index(state.z1) * round(2 * REACH / STEP + 1) + _index(state.z2)
    worth = np.array([all_measures()[value] for value in BETAS])
    seen, others, kl, information, gap, samples = worth[beta].T
    mean, sd = all_drawn.mean[beta], all_drawn.sd[beta]
    off, nearest = all_drawn.off[beta, z], all_drawn.nearest[beta, z]
    circle = ELLIPSE * np.stack([np.cos(AROUND), np.sin(AROUND)], axis=-1)
    labelled = np.arange(2, HALF, HALF // 10)  # the third of the five of each digit
    again = all_drawn.again[beta]
    return Frame(
        shapes={
            "posteriors": mean[:, :, None] + sd[:, :, None] * circle,
            "of z": _engraved(all_drawn.of_z[beta, z]),
            **{f"again {k}": _engraved(again[:, k], _left(k), 9.5) for k in range(SHOWN)},
        },
        texts={
            "digits": (
                mean[:, labelled, 0],
                mean[:, labelled, 1] + ELLIPSE * sd[:, labelled, 1],
                [_in_sight(*row) for row in zip(mean[:, labelled], kl, strict=True)],
            )
        },
        readouts=[
            Readout("error, trained on", seen, "nats", 1),
            Readout("error, others", others, "nats", 1),
            Readout("KL(q(z|x)‖prior)", kl, "nats", 2),
            Readout("its information", information, "nats", 2),
            Readout("its gap", gap, "nats", 2),
            Readout("samples off by", samples, "nats", 1),
        ],
        invariants=[
            Invariant("information ≤ log 100", np.log(100) - information),
            Invariant("gap ≥ 0", gap),
        ],
        sentence=each(_plane_sentence, beta, seen, others, kl, off, nearest),
        table=Table(
            tuple(_a(digit) for digit in range(10)),
            {
                "mean of z₁": mean[:, labelled, 0],
                "mean of z₂": mean[:, labelled, 1],
                "sd of z₁": sd[:, labelled, 0],
                "sd of z₂": sd[:, labelled, 1],
            },
        ),
        tasks=[
            Task("Let the decoder draw a clear 0.", (nearest == 0) & (off < CLEAR)),
            Task("Let it draw what is no digit, 40 nats from any.", off > NO_DIGIT),
            Task("Find the β that is best for other images.", others == worth[:, 1].min()),
            Task("Find a β at which no image leaves a trace.", kl < LOST),
        ],
    )


def _index(z):
    return np.round((z + REACH) / STEP).astype(int)


def _in_sight(means, kl):
    """The digits above these means; none outside of the plane, or where all stand in one place."""
    inside = (np.abs(means) < EDGE - 0.4).all(axis=-1) & (kl > LOST)
    return [str(digit) if seen else "" for digit, seen in enumerate(inside)]


@cache
def _half():
    """Five of the ten images of each digit that were seen, digit by digit."""
    data = digits()
    labels = data.labels[training_rows(data.labels)]
    return np.concatenate([np.flatnonzero(labels == digit)[::2] for digit in range(10)])


def _a(digit):
    return f"an {digit}" if digit == 8 else f"a {digit}"


def _plane_sentence(beta, seen, others, kl, off, nearest):
    name = f"β = {BETAS[beta]:g}"
    if kl < LOST:
        return (
            f"{name}: every posterior is the prior, and the decoder draws the same grey mean of "
            "all images wherever z is."
        )
    what = (
        f"no digit: the nearest real image, {_a(nearest)}, is {number(off, 1)} nats away"
        if off > NO_DIGIT
        else f"something like {_a(nearest)}, {number(off, 1)} nats from the nearest real image"
    )
    return (
        f"{name}: images that were trained on come back with an error of {number(seen, 1)} nats, "
        f"others with {number(others, 1)}. For your z the decoder draws {what}."
    )
