"""Explorer of unit 10: normals as points of a half-plane, and KL around one of them, up close."""

import math

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Readout, Table, Task, each, number
from klteach.explorers.look import FAINT, INK, MUTED, P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture
from klteach.measures import kl_normal

DOUBLINGS = 6  # of the zoom; at the last one the three curves are one to the eye
HALF = 30  # vertices of half a curve
STEP = 0.001  # in σ, whose price is shown
NEAR = 0.05  # how far off the first task allows KL to be, relative to ½ dᵀFd
FIELD = 1 / 8  # half the width of the small ellipses in the background, in units of σ
# the four ends of the ellipse, as steps in μ and in σ, in units of its half width
ENDS = np.array([(0, math.sqrt(0.5)), (1, 0), (0, -math.sqrt(0.5)), (-1, 0)])
END_NAMES = ("highest", "right", "lowest", "left")
HIGHEST, RIGHT, LOWEST, LEFT = range(4)
FORWARD = {"facecolor": "none", "edgecolor": P_COLOUR, "linewidth": 2.0}
REVERSE = {"facecolor": "none", "edgecolor": Q_COLOUR, "linewidth": 2.0, "linestyle": (0, (4, 2))}
ELLIPSE = {"facecolor": FAINT, "edgecolor": INK, "linewidth": 1.0, "alpha": 0.75}
SMALL = {"fontsize": 9, "va": "center"}


def zoom_in():
    """Drag a normal through the half-plane and zoom until KL around it becomes an ellipse."""
    return Explorer(
        title="The ruler of the half-plane",
        description=(
            "Left: every point is a normal, its mean across and its standard deviation up, with "
            "the point P to drag. Around it all models Q at one KL: KL(P‖Q) solid, KL(Q‖P) "
            "dashed, and the filled ellipse on which ½ dᵀFd has the same value; faint ellipses of "
            "one KL in the background, larger and larger upwards. Right: the three curves under a "
            "lens that keeps the ellipse at one size."
        ),
        controls=[
            Slider("mu", "Mean μ of P", -1.0, 1.0, 0.25, start=0.0),
            Slider("sigma", "Standard deviation σ of P", 0.1, 1.2, 0.1, start=1.0),
            Slider("zoom", "Zoom, in doublings", 0, DOUBLINGS, 1, start=0),
        ],
        presets={
            "half a nat": {"zoom": 0},
            "closer": {"zoom": 3},
            "very close": {"zoom": DOUBLINGS},
            "a wide normal": {"sigma": 1.2},
            "a narrow normal": {"sigma": 0.2},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.4, 3.3, [["plane", "lens"]], width_ratios=[1.72, 1])
    _draw_plane(picture, picture.axes["plane"])
    _draw_lens(picture, picture.axes["lens"])
    return picture


def _draw_plane(picture, plane):
    plane.set(xlim=(-2.6, 2.6), ylim=(0, 3.1), aspect="equal", xticks=[-2, -1, 0, 1, 2])
    plane.set(xlabel="mean μ", ylabel="standard deviation σ", yticks=[0, 1, 2, 3])
    plane.set_title("All normals: drag P ●")
    _draw_field(plane)
    picture.shapes("ellipse", plane, **ELLIPSE)
    picture.shapes("forward", plane, **FORWARD)
    picture.shapes("reverse", plane, **REVERSE)
    picture.point(plane, "mu", "sigma", color=INK)


def _draw_field(plane):
    """Small ellipses of one KL all over the half-plane: what a map shows of its own distortion."""
    across, up = _ellipse(FIELD)
    for sigma in (0.25, 0.5, 1.0, 2.0):
        for mu in np.arange(-2, 2.1, 0.5 if sigma < 1 else 1.0):
            plane.fill(mu + sigma * across, sigma * up, facecolor="none", edgecolor=MUTED, lw=0.6)


def _draw_lens(picture, lens):
    lens.set(xlim=(-1.5, 1.5), ylim=(-1.95, 1.62), aspect="equal", xticks=[], yticks=[])
    lens.set_title("P under the lens")
    for side in ("left", "bottom"):
        lens.spines[side].set_visible(False)
    picture.shapes("lens ellipse", lens, **ELLIPSE)
    picture.shapes("lens forward", lens, **FORWARD)
    picture.shapes("lens reverse", lens, **REVERSE)
    lens.plot([0], [0], "o", color=INK, markersize=5)
    rows = -1.05 - 0.37 * np.arange(3)  # what is what, below the ellipse
    for place, style in zip(rows, (FORWARD, REVERSE), strict=False):
        line = {"color": style["edgecolor"], "lw": style["linewidth"]}
        lens.plot([-1.1, -0.5], 2 * [place], ls=style.get("linestyle", "-"), **line)
    across, up = _ellipse(0.2)
    lens.fill(-0.8 + across, rows[2] + up - 1, **ELLIPSE)
    for place, words in zip(rows, ("KL(P‖Q)", "KL(Q‖P)", "½ dᵀFd"), strict=True):
        lens.text(-0.35, place, words, **SMALL)


# -- curves around P = N(0, 1), as points (a, s): the mean and the standard deviation of Q ---------


def _ellipse(radius):
    """Where ½ dᵀFd = radius²/2: (a, s), each (..., vertices)."""
    angle = np.linspace(0, 2 * math.pi, 2 * HALF, endpoint=False)
    radius = np.asarray(radius, dtype=float)[..., None]
    return radius * np.cos(angle), 1 + radius * math.sqrt(0.5) * np.sin(angle)


def _forward_square(s, nats):
    """a² of the models with KL(P‖Q) = nats and the standard deviation s; negative where none is."""
    return 2 * s**2 * (nats + 0.5 - np.log(s)) - 1


def _reverse_square(s, nats):
    """a² of those with KL(Q‖P) = nats."""
    return 2 * (nats + 0.5 + np.log(s)) - s**2


def _curve(square, nats):
    """All models at so many nats from N(0, 1): (a, s), each (..., vertices)."""
    nats = np.asarray(nats, dtype=float)[..., None]
    low, high = _root(square, nats, 1e-3), _root(square, nats, 8.0)
    angle = np.linspace(0, math.pi, HALF)
    s = (low + high) / 2 - (high - low) / 2 * np.cos(angle)
    a = np.sqrt(np.maximum(square(s, nats), 0))
    return np.concatenate([a, -a[..., ::-1]], -1), np.concatenate([s, s[..., ::-1]], -1)


def _root(square, nats, outside):
    """Where `square` is 0 between 1, where it is positive, and `outside`, by halving."""
    inside, outside = np.ones_like(nats), np.full_like(nats, outside)
    for _ in range(60):
        middle = (inside + outside) / 2
        positive = square(middle, nats) > 0
        inside, outside = np.where(positive, middle, inside), np.where(positive, outside, middle)
    return inside


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    mu, sigma, radius = state.mu, state.sigma, 0.5**state.zoom
    nats = radius**2 / 2
    curves = {
        "ellipse": _ellipse(radius),
        "forward": _curve(_forward_square, nats),
        "reverse": _curve(_reverse_square, nats),
    }
    ends = np.stack([mu, sigma], -1)[:, None] + (radius * sigma)[:, None, None] * ENDS
    forward, reverse = _both(mu[:, None], sigma[:, None], ends[..., 0], ends[..., 1])
    at_the_sides = np.concatenate([kl[:, [RIGHT, LEFT]] for kl in (forward, reverse)], axis=1)
    step, _ = _both(mu, sigma, mu, sigma + STEP)
    off = np.abs(forward / nats[:, None] - 1).max(axis=1)
    return Frame(
        shapes={
            **{name: _at(mu, sigma, *curve) for name, curve in curves.items()},
            **{f"lens {name}": _under_the_lens(radius, *c) for name, c in curves.items()},
        },
        readouts=[
            Readout("½ dᵀFd on the whole ellipse", nats, "nats", digits=6),
            Readout("KL(P‖Q) at its lowest point", forward[:, LOWEST], "nats", digits=6),
            Readout("KL(Q‖P) there", reverse[:, LOWEST], "nats", digits=6),
            Readout(f"KL of a step of {STEP} in σ", 1e6 * step, "millionths of a nat", digits=2),
        ],
        invariants=[
            Invariant(
                "both KL above ½ dᵀFd at the lowest point",
                np.minimum(forward, reverse)[:, LOWEST] - nats,
                digits=6,
            ),
            Invariant(
                "both below it at the highest",
                nats - np.maximum(forward, reverse)[:, HIGHEST],
                digits=6,
            ),
            Invariant(
                "both equal to it at the sides", -np.abs(at_the_sides - nats[:, None]).max(axis=1)
            ),
        ],
        sentence=each(_sentence, sigma, nats, forward[:, LOWEST], reverse[:, LOWEST]),
        table=Table(
            END_NAMES,
            {
                "μ of Q": ends[..., 0],
                "σ of Q": ends[..., 1],
                "½ dᵀFd": np.repeat(nats[:, None], len(ENDS), axis=1),
                "KL(P‖Q)": forward,
                "KL(Q‖P)": reverse,
            },
            digits=6,
        ),
        tasks=[
            Task("Zoom in until KL(P‖Q) is within 5 % of ½ dᵀFd on the ellipse.", off < NEAR),
            Task("Drag P to a side, then down to σ = 0.1.", (mu != 0) & (sigma == 0.1)),
        ],
    )


def _both(*parameters):
    """KL(P‖Q) and KL(Q‖P), from the mean and the standard deviation of P, then of Q."""
    mu_p, sigma_p, mu_q, sigma_q = np.broadcast_arrays(*parameters)
    return kl_normal(mu_p, sigma_p, mu_q, sigma_q), kl_normal(mu_q, sigma_q, mu_p, sigma_p)


def _at(mu, sigma, a, s):
    """A curve around N(0, 1), carried to N(mu, sigma): KL does not change when both are."""
    x, y = mu[:, None] + sigma[:, None] * a, sigma[:, None] * s
    return np.stack([x, y], axis=-1)[:, None]


def _under_the_lens(radius, a, s):
    return np.stack([a, s - 1], axis=-1)[:, None] / radius[:, None, None, None]


def _sentence(sigma, nats, forward, reverse):
    more = [100 * (kl / nats - 1) for kl in (forward, reverse)]
    digits = 0 if min(more) >= 9.5 else 1
    return (
        f"P has σ = {number(sigma, 1)}, and ½ dᵀFd says {_nats(nats)} nats on the whole ellipse. "
        f"At its lowest point KL(P‖Q) is {number(more[0], digits)} % larger than that, and KL(Q‖P) "
        f"{number(more[1], digits)} %."
    )


def _nats(nats):
    """With two digits or more, however small it is."""
    return number(nats, 3 if nats > 0.02 else 6)
