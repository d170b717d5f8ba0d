"""Explorers of unit 18: a critic drawn by hand, and three bounds of the best critic on samples."""

import math
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.special import log_ndtr, logsumexp, ndtr

from klteach.explorers.controls import Choice, Slider
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
    DIFFERENCE_COLOUR,
    DIFFERENCE_STYLE,
    FAINT,
    INK,
    MUTED,
    P_COLOUR,
    Q_COLOUR,
)
from klteach.explorers.picture import Picture

OPEN = {"closed": False, "facecolor": "none"}
DASHED = (0, (4, 2))


# A critic, drawn by hand


MEAN = 2.0  # P = N(2, 1) and Q = N(0, 1)
TRUTH = MEAN**2 / 2  # KL(P‖Q) in nats; log p/q is 2x - 2
KNOTS = np.array([-1.0, 1.0, 3.0])  # where the three points stand
LOWEST, HIGHEST = -5, 6
AMONG = 4  # InfoNCE: one point from P among so many
SAMPLE = 30  # points from P, and as many from Q
ROWS = np.array([2.0, 1.0, 0.0])  # where the bars of DV, NWJ and InfoNCE stand
BOUNDS = ("DV", "NWJ", "InfoNCE")
LEFT_END, RIGHT_END = -1.5, 4.4  # where a bar leaves its axis
X = np.linspace(-3.2, 5.2, 57)


def draw_the_critic():
    """Drag three points of a critic: exact bounds under the truth, and those of a sample."""
    return Explorer(
        title="A critic, drawn by hand",
        description=(
            "Upper left: the critic T, straight between three points to drag, at x = −1, 1 and 3. "
            "Lower left: P solid, Q dashed and, dash-dotted, Q bent by the critic: q · exp(T), "
            "normalised; below them 30 points from P and 30 from Q. Right: for DV, NWJ and InfoNCE "
            "the exact bound, hatched, and what the sample says, open; an upright line at the "
            "truth, KL(P‖Q) = 2 nats, and a dotted one at log 4, InfoNCE's ceiling."
        ),
        controls=[
            Slider("left", "Critic at x = −1", LOWEST, HIGHEST, 1, start=0),
            Slider("middle", "Critic at x = 1", LOWEST, HIGHEST, 1, start=0),
            Slider("right", "Critic at x = 3", LOWEST, HIGHEST, 1, start=0),
            Choice("sample", "Sample", ("the first", "a fresh one")),
        ],
        presets={
            "log p/q": {"left": -4, "middle": 0, "right": 4},
            "half of it": {"left": -2, "middle": 0, "right": 2},
            "upside down": {"left": 4, "middle": 0, "right": -4},
        },
        draw=_draw_critic,
        update=_update_critic,
    )


def _draw_critic():
    picture = Picture(
        7.2,
        3.6,
        [["critic", "bars"], ["curves", "bars"]],
        width_ratios=[1.15, 1],
        height_ratios=[1.35, 1],
    )
    critic, curves, bars = (picture.axes[name] for name in ("critic", "curves", "bars"))
    critic.set(xlim=(-3.2, 5.2), ylim=(-6.4, 7.4), xticks=[], yticks=[-4, 0, 4])
    critic.set_title("The critic T(x): drag the points")
    critic.axhline(0, color=FAINT, linewidth=0.8)
    picture.shapes("critic", critic, **OPEN, edgecolor=INK, linewidth=1.8)
    for place, control in zip(KNOTS.tolist(), ("left", "middle", "right"), strict=True):
        picture.point(critic, place, control, color=INK)

    curves.set(xlim=(-3.2, 5.2), ylim=(-0.13, 0.62), yticks=[], xticks=[-2, 0, 2, 4])
    curves.set_title("P solid, Q dashed, Q bent by T dash-dotted")
    curves.fill_between(X, 0, _normal(X, MEAN), color=P_COLOUR, alpha=0.15, linewidth=0)
    curves.plot(X, _normal(X, MEAN), color=P_COLOUR, linewidth=1.6)
    curves.plot(X, _normal(X, 0.0), color=Q_COLOUR, linewidth=1.8, linestyle=DASHED)
    picture.shapes("bent", curves, **OPEN, edgecolor=INK, linestyle="-.", linewidth=1.8)
    picture.shapes("from_p", curves, **OPEN, edgecolor=P_COLOUR, linewidth=0.9)
    picture.shapes("from_q", curves, **OPEN, edgecolor=Q_COLOUR, linewidth=0.9)

    bars.set(xlim=(LEFT_END, 6.0), ylim=(-0.75, 2.95), xticks=[0, 1, 2, 3, 4], xlabel="nats")
    bars.set(yticks=ROWS, yticklabels=BOUNDS)
    bars.tick_params(axis="y", length=0)
    bars.set_title("Hatched: exact. Open: the sample")
    bars.plot([0, 0], [-0.6, 2.5], color=MUTED, linewidth=0.8)
    bars.plot([TRUTH, TRUTH], [-0.6, 2.55], color=INK, linewidth=2)
    bars.text(TRUTH, 2.62, "truth", ha="center", fontsize=9.5)
    bars.plot([math.log(AMONG)] * 2, [-0.6, 0.45], color=INK, linewidth=1.2, linestyle=":")
    bars.text(math.log(AMONG) - 0.1, -0.6, "log 4", ha="right", fontsize=9)
    picture.shapes("exact", bars, count=3, **DIFFERENCE_STYLE)
    picture.shapes("seen", bars, count=3, facecolor="none", edgecolor=INK, linewidth=1.3)
    picture.texts("exact", bars, count=3, offset=(0, -3), ha="right", fontsize=9.5)
    picture.texts("seen", bars, count=3, offset=(0, -3), ha="right", fontsize=9.5)
    return picture


def _normal(x, mean):
    return np.exp(-0.5 * (x - mean) ** 2) / math.sqrt(2 * math.pi)


def _log_normal(x):
    return -0.5 * x**2 - 0.5 * math.log(2 * math.pi)


def _critic(points, x):
    """T at x: straight between the points and straight on beyond them."""
    left, middle, right = np.moveaxis(points[:, None], -1, 0)
    slope = np.where(x < KNOTS[1], middle - left, right - middle) / 2
    return middle + slope * (x - KNOTS[1])


def _log_mean_exp(points):
    """log of the mean of exp(T) under Q, exactly: of each half of T the integral is an area."""
    left, middle, right = points.T
    down, up = (middle - left) / 2, (right - middle) / 2
    # exp(slope x) times the normal density is a normal with its mean at the slope
    below = middle - down + down**2 / 2 + log_ndtr(KNOTS[1] - down)
    above = middle - up + up**2 / 2 + log_ndtr(up - KNOTS[1])
    return np.logaddexp(below, above)


def _mean_under_p(points):
    """The mean of T under P, exactly: the middle, and a slope times a half-line's mean of x - 1."""
    left, middle, right = points.T
    z = KNOTS[1] - MEAN
    # of x - 1 where it is positive, and where it is negative
    above = -z * ndtr(-z) + _normal(z, 0.0)
    below = -z * ndtr(z) - _normal(z, 0.0)
    return middle + (middle - left) / 2 * below + (right - middle) / 2 * above


def _info_nce(points):
    """InfoNCE exactly: log 4 - E[log(exp T(x) + exp T(y1) + exp T(y2) + exp T(y3)) - T(x)].

    The logarithm of a sum of independent terms by Frullani's integral: log a is the integral over
    s > 0 of (exp(-s) - exp(-s a))/s, and the mean of exp(-s a) is a product.
    """
    x, width = _nodes()
    heights = np.exp(_critic(points, x))
    weights = np.stack([_normal(x, MEAN) * width, _normal(x, 0.0) * width], axis=-1)
    step = 0.75
    total = np.zeros(len(points))
    for s in np.exp(np.arange(-36.0, 36.0, step)):
        p, q = (np.exp(-s * heights) @ weights).T
        total += (math.exp(-s) - p * q ** (AMONG - 1)) * step
    return math.log(AMONG) - (total - _mean_under_p(points))


def _nodes():
    """Gauss and Legendre's nodes and weights, on each side of the bend of T."""
    ends = (-5.5, -2.5, -0.5, KNOTS[1], 2.5, 4.5, 7.5)
    node, weight = np.polynomial.legendre.leggauss(10)
    pieces = [((b - a) / 2 * node + (a + b) / 2, (b - a) / 2 * weight) for a, b in pairwise(ends)]
    x, width = np.concatenate(pieces, axis=-1)
    return x, width


@cache
def samples():
    """Two samples, each of 30 points from P and 30 from Q: (2, 30) and (2, 30)."""
    random = np.random.default_rng(3)
    noise = random.standard_normal((2, 2, SAMPLE))
    return noise[:, 0] + MEAN, noise[:, 1]


def _of_sample(points, which):
    """DV, NWJ and InfoNCE of the sample, each (states,): the same formulas, means for exact ones.

    In InfoNCE each point from P stands among the three next ones from Q.
    """
    x, y = (points_of[which] for points_of in samples())
    at_x, at_y = _critic(points, x), _critic(points, y)
    log_mean = logsumexp(at_y, axis=-1) - math.log(SAMPLE)
    next_ones = [np.roll(at_y, -shift, axis=-1) for shift in range(AMONG - 1)]
    together = logsumexp(np.stack([at_x, *next_ones]), axis=0) - math.log(AMONG)
    return (
        at_x.mean(axis=-1) - log_mean,
        at_x.mean(axis=-1) - np.exp(log_mean - 1),
        (at_x - together).mean(axis=-1),
    )


def _update_critic(state):
    points = np.stack([state.left, state.middle, state.right], axis=-1)
    log_z, mean = _log_mean_exp(points), _mean_under_p(points)
    dv, nwj, nce = mean - log_z, mean - np.exp(log_z - 1), _info_nce(points)
    exact = np.stack([dv, nwj, nce], axis=-1)
    seen = np.stack(_of_sample(points, state.sample), axis=-1)
    bent = np.exp(_critic(points, X) + _log_normal(X) - log_z[:, None])
    ends = np.array([-3.2, KNOTS[1], 5.2])
    x, y = (points_of[state.sample] for points_of in samples())
    return Frame(
        shapes={
            "critic": line(ends, _critic(points, ends)),
            "bent": line(X, np.minimum(bent, 1.0)),
            "from_p": _rug(x, -0.055, -0.008),
            "from_q": _rug(y, -0.115, -0.068),
            "exact": _bars(exact, 0.19),
            "seen": _bars(seen, -0.19),
        },
        texts={
            "exact": (5.95, ROWS + 0.19, each(_numbers, exact)),
            "seen": (5.95, ROWS - 0.19, each(_numbers, seen)),
        },
        readouts=[
            Readout("DV", dv, "nats"),
            Readout("DV of the sample", seen[:, 0], "nats"),
            Readout("NWJ", nwj, "nats"),
            Readout("InfoNCE, 1 of 4", nce, "nats"),
            Readout("KL(P‖bent Q)", TRUTH - dv, "nats"),
        ],
        invariants=[
            Invariant("DV ≤ truth", TRUTH - dv),
            Invariant("NWJ ≤ DV", dv - nwj),
            Invariant("InfoNCE ≤ log 4", math.log(AMONG) - nce),
        ],
        sentence=each(_critic_sentence, dv, nwj, seen[:, 0], state.sample),
        table=Table(
            BOUNDS, {"exact": exact, "of the sample": seen, "truth − exact": TRUTH - exact}
        ),
        tasks=[
            Task(
                "Bring DV to the truth with a critic other than log p/q.",
                (TRUTH - dv < 1e-9) & (state.middle != 0),
            ),
            Task("Bring NWJ there as well.", TRUTH - nwj < 1e-9),
            Task(
                "Push the first sample's DV above 5 nats.",
                (seen[:, 0] > 5) & (state.sample == 0),
            ),
        ],
    )


def _bars(values, above):
    ends = np.clip(values, LEFT_END, RIGHT_END)
    left, right = np.minimum(ends, 0), np.maximum(ends, 0)
    return rectangles(left, ROWS + above - 0.15, right - left, 0.3)


def _rug(x, low, high):
    """Ticks at the points, as one line that runs along `low` and up and down at each of them."""
    x = np.sort(x, axis=-1)
    return line(np.repeat(x, 3, axis=-1), np.tile([low, high, low], x.shape[-1]))


def _numbers(values):
    return [_with_arrow(value) for value in values]


def _with_arrow(value):
    """The number, with an arrow where its bar leaves the axis."""
    if value > 99.5 or value < -99.5:
        return "← far below" if value < 0 else "far above →"
    text = number(value, 2)
    return f"← {text}" if value < LEFT_END else f"{text} →" if value > RIGHT_END else text


def _critic_sentence(dv, nwj, seen, sample):
    gap = TRUTH - dv
    bent = (
        f"The bent Q is P, so DV is the truth, {number(TRUTH)} nats."
        if gap < 5e-4
        else f"The bent Q is {number(gap)} nats from P, and so much DV lacks to the truth."
    )
    which = ("first", "fresh")[sample]
    side = "above" if seen > TRUTH else "below"
    return (
        f"{bent} The {which} sample says {number(seen)}: {number(abs(seen - TRUTH))} {side} the "
        "truth."
    )


# The best critic, on samples


TRUTHS = np.arange(1.0, 21.0)  # KL(P‖Q) in nats, of N(√(2 KL), 1) and N(0, 1)
DOUBLINGS = 11  # N = 2, 4, 8, ... 2048 points from P, and as many from Q
RUNS = 200
SHARES = (0.05, 0.5, 0.95)
TOP = 29.0
COLOURS = [DIFFERENCE_COLOUR, MUTED, INK]  # of DV, NWJ and InfoNCE
STYLES = ["-", "-.", (0, (1, 1))]


def best_critic_on_samples():
    """Drag the truth and the number of samples: what each bound reports, with the best critic."""
    return Explorer(
        title="The best critic, on N samples",
        description=(
            "Across the truth, KL(P‖Q) from 1 to 20 nats; up what DV (solid), NWJ (dash-dotted) "
            "and InfoNCE (dotted) report from N points of P and N of Q, each with its best critic: "
            "the median of 200 samples as a line and the middle 90 % as a band. Between them the "
            "diagonal, where report and truth are equal. A dashed level line to drag stands at "
            "log N, an upright one at the truth that the numbers are for."
        ),
        controls=[
            Slider("truth", "Truth, KL(P‖Q)", 1, 20, 1, start=4, unit="nats"),
            Slider(
                "doublings",
                "Samples N",
                1,
                DOUBLINGS,
                1,
                start=9,
                names=[str(2**k) for k in range(1, DOUBLINGS + 1)],
            ),
        ],
        presets={
            "a truth of 18 nats, N = 512": {"truth": 18, "doublings": 9},
            "a batch of 32": {"doublings": 5},
        },
        draw=_draw_best,
        update=_update_best,
    )


def _draw_best():
    picture = Picture(6.6, 3.8, [["plane"]])
    plane = picture.axes["plane"]
    plane.set(xlim=(0, 22.8), ylim=(-0.5, TOP), xticks=[0, 5, 10, 15, 20], yticks=[0, 10, 20])
    plane.set(xlabel="truth, KL(P‖Q) in nats", ylabel="reported, in nats")
    plane.set_title("What N samples report: drag either line")
    plane.plot([0, 20.5], [0, 20.5], color=INK, linewidth=2)
    plane.text(20.7, 18.2, "truth", fontsize=9.5)
    picture.shapes("bands", plane, count=3, facecolor=COLOURS, alpha=0.25, linewidth=0)
    medians = {"edgecolor": COLOURS, "linestyle": STYLES, "linewidth": 2}
    picture.shapes("medians", plane, count=3, **OPEN, **medians)
    picture.shapes("dots", plane, count=3, facecolor=COLOURS, linewidth=0)
    picture.texts("names", plane, count=3, offset=(0, -3), ha="left", fontsize=9.5)
    picture.texts("ceiling", plane, offset=(0, 4), ha="right", fontsize=9.5)
    picture.line("truth", plane, "x", (-0.5, TOP - 1), grip=0.06, edgecolor=MUTED, linestyle=":")
    level = At("doublings", scale=math.log(2))
    picture.line(level, plane, "y", (0, 20.5), grip=0.06, edgecolor=INK, linestyle="--")
    return picture


@cache
def reports():
    """What the bounds report: shares of the runs, (3 bounds, truths, N, quantiles), and how often
    DV is above the truth, (truths, N).

    The N points of a run are the first ones of 2048, the same noise for every truth.
    """
    random = np.random.default_rng(18)
    most = 2**DOUBLINGS
    of_p, of_q = random.standard_normal((2, RUNS, most))
    found = np.empty((3, len(TRUTHS), DOUBLINGS, RUNS))
    for row, truth in enumerate(TRUTHS):
        log_ratio = math.sqrt(2 * truth) * of_p + truth  # log p/q at the points from P
        ratios = np.exp(math.sqrt(2 * truth) * of_q - truth)  # p/q at those from Q
        sums_p, sums_q = np.cumsum(log_ratio, axis=-1), np.cumsum(ratios, axis=-1)
        for column in range(DOUBLINGS):
            n = 2 ** (column + 1)
            mean, z = sums_p[:, n - 1] / n, sums_q[:, n - 1] / n
            others = sums_q[:, n - 2, None] * np.exp(-log_ratio[:, :n])  # of n - 1 points from Q
            nce = math.log(n) - np.log1p(others).mean(axis=-1)
            found[:, row, column] = mean - np.log(z), mean + 1 - z, nce
    quantiles = np.moveaxis(np.quantile(found, SHARES, axis=-1), 0, -1)
    return quantiles, (found[0] > TRUTHS[:, None, None]).mean(axis=-1)


def _update_best(state):
    quantiles, above = reports()
    row, column = (state.truth - 1).astype(int), (state.doublings - 1).astype(int)
    every = np.moveaxis(quantiles[:, :, column], 2, 0)  # (states, bounds, truths, quantiles)
    low, median, high = np.moveaxis(every, -1, 0)
    here = quantiles[:, row, column]  # (bounds, states, quantiles)
    log_n = state.doublings * math.log(2)
    ends = median[:, :, -1].copy()
    ends[:, 0] = np.minimum(ends[:, 0], TOP - 1.2)
    ends[:, 1] = np.minimum(ends[:, 1], ends[:, 0] - 1.8)  # NWJ's name below DV's
    there_and_back = np.concatenate([TRUTHS, TRUTHS[::-1]])
    band = np.concatenate([low, high[:, :, ::-1]], axis=-1)
    dv, nwj, nce = here[..., 1]
    share = above[row, column]
    return Frame(
        shapes={
            "bands": np.stack(np.broadcast_arrays(there_and_back, band), axis=-1),
            "medians": np.stack(np.broadcast_arrays(TRUTHS, median), axis=-1),
            "dots": _dots(state.truth, here[..., 1]),
        },
        texts={
            "names": (20.7, ends, [BOUNDS] * len(row)),
            "ceiling": (
                np.full((len(row), 1), 20.3),
                log_n[:, None],
                each(lambda n: [f"log N = {number(n, 2)}"], log_n),
            ),
        },
        readouts=[
            Readout("DV, median", dv, "nats", 2),
            Readout("NWJ, median", nwj, "nats", 2),
            Readout("InfoNCE, median", nce, "nats", 2),
            Readout("DV above the truth", 100 * share, "% of samples", 0),
            Readout("log N", log_n, "nats", 2),
        ],
        invariants=[
            Invariant("InfoNCE ≤ log N", log_n - quantiles[2, row, column, 2]),
            Invariant("NWJ ≤ DV", (here[0] - here[1]).min(axis=-1)),
        ],
        sentence=each(_best_sentence, state.truth, state.doublings, dv, nwj, nce),
        table=Table(
            BOUNDS,
            {
                "5 % below": here[..., 0].T,
                "median": here[..., 1].T,
                "5 % above": here[..., 2].T,
            },
            digits=2,
        ),
        tasks=[
            Task(
                "Let InfoNCE report a truth of 5 nats or more, 0.5 nats off at most.",
                (state.truth >= 5) & (state.truth - nce <= 0.5),
            ),
            Task("Let DV lie above the truth in 95 % of the samples.", share >= 0.95),
            Task(
                "Let NWJ and DV differ by more than 10 nats.",
                dv - nwj > 10,
            ),
        ],
    )


def _dots(x, heights):
    """A diamond on each median at the truth: (states, 3, 4, 2)."""
    corners = np.array([(-0.22, 0), (0, 0.55), (0.22, 0), (0, -0.55)])
    places = np.stack(np.broadcast_arrays(x, heights), axis=-1).swapaxes(0, 1)
    return places[:, :, None] + corners


def _best_sentence(truth, doublings, dv, nwj, nce):
    n = 2 ** int(doublings)
    log_n = doublings * math.log(2)
    start = f"Truth {number(truth, 0)} nats, {n} samples of each: "
    if truth <= log_n - 1:
        return (
            f"{start}log N = {number(log_n, 2)} is above the truth, and DV, NWJ and InfoNCE report "
            f"{number(dv, 2)}, {number(nwj, 2)} and {number(nce, 2)}."
        )
    return (
        f"{start}DV reports {number(dv, 2)} and NWJ {number(nwj, 2)}, in the median. InfoNCE "
        f"reports {number(nce, 2)}, as it cannot pass log N = {number(log_n, 2)}."
    )
