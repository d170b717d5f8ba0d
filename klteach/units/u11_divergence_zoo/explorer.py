"""Explorer of unit 11: six divergences as meters, and which of them still move."""

import numpy as np
from scipy.special import erf, ndtr

from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Note,
    Readout,
    Table,
    Task,
    each,
    number,
    rectangles,
)
from klteach.explorers.look import DIFFERENCE_STYLE, FAINT, INK, MUTED, P_STYLE, Q_COLOUR, Q_STYLE
from klteach.explorers.picture import Picture
from klteach.measures import (
    hellinger_distance,
    js_divergence,
    kl_divergence,
    kl_normal,
    total_variation,
)

SHAPES = ("boxes", "Gaussians", "boxes that never overlap")
BOXES, GAUSSIANS, APART = range(len(SHAPES))
CENTRE_P = np.array([0.0, 0.0, -2.5])  # of each of the shapes
WIDTH_P = 1.0
STEP = 0.1  # of the centre of Q; a meter moves or not with the next one
METERS = ("KL(P‖Q)", "KL(Q‖P)", "W1", "JS", "TV", "Hellinger")
UNITS = ("nats", "nats", "", "nats", "", "")
CEILINGS = np.array([np.inf, np.inf, np.inf, np.log(2), 1.0, 1.0])
OPEN, BOUNDED = slice(0, 3), slice(3, 6)  # the meters without a ceiling and with one
ROWS = np.array([2.0, 1.0, 0.0])  # where the three meters of a panel stand
BEYOND = 6.6  # where a bar leaves the axis: the largest W1 of the grid is 6.5
ARROW = 0.45
AFTER_CEILINGS = 1.06  # where the words of the bounded meters begin
HARDLY = 1e-3  # a smaller change than this cannot be seen in the readouts
Z = np.linspace(-8, 8, 161)  # standard deviations, for the averages under a Gaussian
CURVE = np.linspace(-3.5, 3.5, 57)  # standard deviations, where a Gaussian is drawn


def divergence_meters():
    """Drag Q away from P and see which of six divergences still move."""
    return Explorer(
        title="Six meters",
        description=(
            "Top: the densities of P, solid blue, and Q, dashed orange, whose centre can be "
            "dragged. Below: six meters, on the left those without a ceiling, KL(P‖Q), KL(Q‖P) and "
            "W1, on the right JS with its ceiling ln 2, and total variation and Hellinger with the "
            "ceiling 1. A hatched meter moves with the next step of Q, a grey one does not."
        ),
        controls=[
            Slider("centre", "Centre of Q", -1.0, 4.0, STEP, start=0.6),
            Slider("width", "Width of Q: a box, or two sd", 0.5, 2.0, 0.25, start=1.0),
            Choice("shape", "Shape of both", SHAPES, start=GAUSSIANS),
        ],
        presets={
            "half apart": {"centre": 0.5, "width": 1.0, "shape": BOXES},
            "out of touch": {"centre": 1.5, "width": 1.0, "shape": BOXES},
            "Q inside P": {"centre": 0.0, "width": 0.5, "shape": BOXES},
            "Q covers P": {"centre": 0.0, "width": 2.0, "shape": BOXES},
            "Gaussians, far apart": {"centre": 3.2, "width": 1.0, "shape": GAUSSIANS},
            "never overlap": {"centre": 0.0, "width": 1.0, "shape": APART},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(
        8.0, 4.5, [["densities", "densities"], ["open", "bounded"]], height_ratios=[1.05, 1]
    )
    densities, without, bounded = (picture.axes[k] for k in ("densities", "open", "bounded"))
    densities.set(xlim=(-3.7, 5.7), ylim=(0, 2.3), xticks=range(-3, 6), yticks=[0, 1, 2])
    densities.set_title("P solid, Q dashed: drag the dotted line")
    picture.shapes("p", densities, alpha=0.55, **P_STYLE)
    picture.shapes("q", densities, **Q_STYLE)
    picture.line("centre", densities, "x", (0, 2.2), edgecolor=Q_COLOUR, linestyle=":")
    picture.texts("shared", densities, offset=(0, 2), ha="right", fontsize=9.5)

    without.set(xlim=(0, 11.4), xticks=[0, 2, 4, 6])
    without.set_title("No ceiling")
    bounded.set(xlim=(0, 2.05), xticks=[0, 0.5, 1])
    bounded.set_title("With a ceiling: ln 2, 1, 1")
    for name, axes, meters in (("open", without, OPEN), ("bounded", bounded, BOUNDED)):
        axes.set(ylim=(-0.55, 2.6), yticks=ROWS, yticklabels=METERS[meters])
        axes.tick_params(axis="y", length=0)
        axes.spines["bottom"].set_bounds(*axes.get_xticks()[[0, -1]])
        picture.shapes(f"{name} moving", axes, count=3, **DIFFERENCE_STYLE)
        stuck = {"facecolor": FAINT, "edgecolor": MUTED, "linewidth": 1.2}
        picture.shapes(f"{name} stuck", axes, count=3, **stuck)
        picture.texts(f"{name} values", axes, count=3, offset=(5, -3.5), ha="left", fontsize=9.5)
    picture.shapes("arrows", without, count=2, facecolor=INK, linewidth=0)
    for ceiling, row in zip(CEILINGS[BOUNDED], ROWS, strict=True):
        bounded.plot([ceiling, ceiling], [row - 0.42, row + 0.42], color=INK, linewidth=2)
    return picture


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    values, nearby = _meters(state, state.centre), _meters(state, state.centre + STEP)
    with np.errstate(invalid="ignore"):
        change = np.where(values == nearby, 0.0, nearby - values)  # ∞ - ∞ is no change
    gaussian = (state.shape == GAUSSIANS)[:, None]
    moves = np.abs(change) >= HARDLY
    stuck = ~moves & ~gaussian  # the tails of two Gaussians always overlap a little
    distance = state.centre - CENTRE_P[state.shape]
    bars = np.minimum(values, BEYOND)
    ends = bars[:, OPEN] + ARROW * (values[:, OPEN] > BEYOND)
    words = each(_words, values, change, moves, stuck)
    places = np.stack([ends, np.full_like(ends, AFTER_CEILINGS)], axis=1)
    return Frame(
        shapes={
            "p": _density(state.shape, CENTRE_P[state.shape], np.full_like(distance, WIDTH_P)),
            "q": _density(state.shape, state.centre, state.width),
            "open moving": _bars(np.where(moves, bars, 0.0)[:, OPEN]),
            "open stuck": _bars(np.where(moves, 0.0, bars)[:, OPEN]),
            "bounded moving": _bars(np.where(moves, bars, 0.0)[:, BOUNDED]),
            "bounded stuck": _bars(np.where(moves, 0.0, bars)[:, BOUNDED]),
            "arrows": _arrows(values[:, :2]),
        },
        texts={
            "shared": (
                np.full((1, 1), 5.6),
                np.full((1, 1), 2.05),
                each(lambda tv: [f"in common: {number(100 * (1 - tv), 1)} %"], values[:, 4]),
            ),
            "open values": (places[:, 0], ROWS, [row[OPEN] for row in words]),
            "bounded values": (places[:, 1], ROWS, [row[BOUNDED] for row in words]),
        },
        readouts=[
            *(Readout(m, values[:, i], UNITS[i]) for i, m in enumerate(METERS)),
            Note("still moving", each(_moving, moves)),
        ],
        invariants=[
            Invariant("JS ≤ ln 2", np.log(2) - values[:, 3]),
            Invariant("Hellinger² ≤ TV", values[:, 4] - values[:, 5] ** 2),
            Invariant("W1 ≥ difference of the means", values[:, 2] - np.abs(distance)),
        ],
        sentence=each(_sentence, distance, values[:, 4], moves, stuck),
        table=Table(
            METERS,
            {
                "value": values,
                "ceiling": np.broadcast_to(CEILINGS, values.shape),
                "change with the next step": change,
            },
        ),
        tasks=[
            Task("Get all meters but one stuck.", stuck.sum(axis=-1) == len(METERS) - 1),
            Task(
                "Make one KL infinite and the other not.",
                np.isinf(values[:, :2]).sum(axis=-1) == 1,
            ),
            Task(
                "Bring JS above 0.69 with nothing stuck.",
                (values[:, 3] > 0.69) & ~stuck.any(axis=-1),
            ),
        ],
    )


def _meters(state, centre):
    """The six meters with Q centred there, (states, 6)."""
    values = np.empty((len(centre), len(METERS)))
    distance = centre - CENTRE_P[state.shape]
    gaussian = state.shape == GAUSSIANS
    for of_shape, chosen in ((_of_gaussians, gaussian), (_of_boxes, ~gaussian)):
        if chosen.any():
            values[chosen] = of_shape(distance[chosen], state.width[chosen])
    return values


def _of_boxes(distance, width_q):
    """The six meters of two uniform densities whose centres are `distance` apart."""
    low_p, high_p = np.full((2, len(distance)), [[-WIDTH_P / 2], [WIDTH_P / 2]])
    low_q, high_q = distance - width_q / 2, distance + width_q / 2
    edges = np.stack([low_p, high_p, low_q, high_q], axis=-1)
    edges = np.sort(np.round(edges, 9), axis=-1)  # or 0.1 + 0.2 and 0.3 would be two edges
    # between two neighbouring edges both densities are constant, so that masses tell all
    middles = (edges[:, 1:] + edges[:, :-1]) / 2
    lengths = np.diff(edges, axis=-1)
    p = lengths * (abs(middles) < WIDTH_P / 2) / WIDTH_P
    q = lengths * (abs(middles - distance[:, None]) < width_q[:, None] / 2) / width_q[:, None]
    # the way from P to Q runs evenly from that of the left edge to that of the right edge
    left, right = low_q - low_p, high_q - high_p
    crossing = left * right < 0
    there_and_back = (left**2 + right**2) / (2 * np.where(crossing, abs(right - left), 1.0))
    carried = np.where(crossing, there_and_back, abs(left + right) / 2)
    return np.stack(
        [
            kl_divergence(p, q),
            kl_divergence(q, p),
            carried,
            js_divergence(p, q),
            total_variation(p, q),
            hellinger_distance(p, q),
        ],
        axis=-1,
    )


def _of_gaussians(distance, width_q):
    """The six meters of two normal densities whose means are `distance` apart."""
    sd_p, sd_q = WIDTH_P / 2, width_q / 2
    spread = abs(sd_q - sd_p)  # the way is distance + spread · z: its mean size, folded at 0
    safe = np.where(spread > 0, spread, 1.0)
    folded = safe * np.sqrt(2 / np.pi) * np.exp(-((distance / safe) ** 2) / 2)
    folded = folded + distance * erf(distance / (safe * np.sqrt(2)))
    both = sd_p**2 + sd_q**2
    shared = np.sqrt(2 * sd_p * sd_q / both) * np.exp(-(distance**2) / (4 * both))
    return np.stack(
        [
            kl_normal(0.0, sd_p, distance, sd_q),
            kl_normal(distance, sd_q, 0.0, sd_p),
            np.where(spread > 0, folded, abs(distance)),
            (_from_middle(distance, sd_p, sd_q) + _from_middle(distance, sd_q, sd_p)) / 2,
            _variation(distance, sd_p, sd_q),
            np.sqrt(1 - shared),
        ],
        axis=-1,
    )


def _from_middle(distance, sd, other_sd):
    """KL of a normal density from its mixture, half and half, with another: under the first."""
    sd, other_sd = (np.broadcast_to(width, distance.shape)[:, None] for width in (sd, other_sd))
    # the other one on the right; to the left of it all would be the same, in the mirror
    way = sd * Z - distance[:, None]
    ratio = np.log(sd / other_sd) + Z**2 / 2 - (way / other_sd) ** 2 / 2
    weight = np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi)
    return np.trapezoid(weight * (np.log(2) - np.logaddexp(0, ratio)), Z, axis=-1)


def _variation(distance, sd_p, sd_q):
    """Total variation of two normal densities, from the points where they cross."""
    # p = q where a x² + b x + c = 0
    a = 1 / sd_p**2 - 1 / sd_q**2
    b = 2 * distance / sd_q**2
    c = -(distance**2) / sd_q**2 - 2 * np.log(sd_q / sd_p)
    equal = a == 0
    safe = np.where(equal, 1.0, a)
    root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
    low, high = np.sort([(-b - root) / (2 * safe), (-b + root) / (2 * safe)], axis=0)
    between_p = ndtr(high / sd_p) - ndtr(low / sd_p)
    between_q = ndtr((high - distance) / sd_q) - ndtr((low - distance) / sd_q)
    same_width = erf(abs(distance) / (2 * np.sqrt(2) * sd_p))
    return np.where(equal, same_width, abs(between_p - between_q))


# -- shapes and words -----------------------------------------------------------------------------


def _density(shape, centre, width):
    """The outline of a density, (states, 1, vertices, 2); that of a box rises at its two edges."""
    centre, width, gaussian = centre[:, None], width[:, None], (shape == GAUSSIANS)[:, None]
    sd = width / 2
    bell = np.exp(-(CURVE**2) / 2) / (sd * np.sqrt(2 * np.pi))
    side = np.sign(CURVE)
    x = np.where(gaussian, centre + sd * CURVE, centre + side * width / 2)
    y = np.where(gaussian, bell, 1 / width)
    x, y = np.pad(x, ((0, 0), (1, 1)), mode="edge"), np.pad(y, ((0, 0), (1, 1)))
    return np.stack([x, y], axis=-1)[:, None]


def _bars(lengths):
    """A bar of no length has no height either, or its edge would show as a line."""
    height = 0.56 * (lengths > 0)
    return rectangles(0.0, ROWS - height / 2, lengths, height)


def _arrows(values):
    """A triangle at the end of a bar that leaves the axis; nothing to see where it does not."""
    triangle = np.array([(0, -0.38), (ARROW, 0), (0, 0.38)])
    ends = np.stack([np.full(2, BEYOND), ROWS[:2]], axis=-1)[:, None]
    return np.where((values > BEYOND)[:, :, None, None], triangle, 0.0) + ends


def _words(values, change, moves, stuck):
    return [
        f"{number(value)}  {_motion(step, moving, fixed)}"
        for value, step, moving, fixed in zip(values, change, moves, stuck, strict=True)
    ]


def _motion(change, moves, stuck):
    if stuck:
        return "stuck"
    if not moves:
        return "hardly"
    if change == -np.inf:
        return "↓ from ∞"
    return f"{'↑' if change > 0 else '↓'} {number(abs(change))}"


def _listed(chosen):
    names = [name for name, wanted in zip(METERS, chosen, strict=True) if wanted]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _moving(moves):
    return "all six" if all(moves) else _listed(moves)


def _sentence(distance, tv, moves, stuck):
    where = f"Q is {number(abs(distance), 1)} to the {'right' if distance >= 0 else 'left'} of P"
    if distance == 0:
        where = "Q is centred on P"
    shared = "they have nothing in common"
    if round(tv, 9) < 1 or not any(stuck):  # two Gaussians always share a little
        shared = f"{number(100 * (1 - tv), 1)} % of their mass is in common"
    if all(moves):
        return f"{where}, and {shared}: all six meters move."
    hardly = [not (m or s) for m, s in zip(moves, stuck, strict=True)]
    still = f"only {_listed(moves)} still moves" if sum(moves) == 1 else f"{_listed(moves)} move"
    rest = f"{_listed(stuck)} {'is' if sum(stuck) == 1 else 'are'} stuck"
    if any(hardly):
        rest = f"{_listed(hardly)} hardly {'does' if sum(hardly) == 1 else 'do'}"
    return f"{where}, and {shared}: {still}; {rest}."
