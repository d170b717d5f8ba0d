"""Explorer of unit 16: two bells, the normals nearest to them in both directions, a landscape."""

from functools import cache

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Note,
    Readout,
    Table,
    Task,
    each,
    line,
    number,
)
from klteach.explorers.handles import At
from klteach.explorers.look import (
    DIFFERENCE_COLOUR,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_COLOUR,
    Q_STYLE,
)
from klteach.explorers.picture import Picture

PEAK = 1 / np.sqrt(2 * np.pi)  # of a bell with standard deviation 1
X = np.linspace(-6, 6, 61)  # where densities are drawn
MEANS = np.linspace(-5.4, 5.4, 73)  # of Q, where the landscape is computed
TOP = 1.95  # nats; where the axis of the landscape ends
SPAN = np.linspace(0, 1, 17)  # along the way of the ball
RIM = np.linspace(0, 2 * np.pi, 10, endpoint=False)
ROUND = np.array([0.105, 0.084])  # half the width and the height of what looks round there
TIED = 1e-9  # nats; minima that are mirror images are equally deep
NOWHERE = np.inf  # a vertex there lies outside the picture
DASHES = (0, (4, 2))


def two_bells():
    """Drag two bells apart and see which normal is nearest, in each direction of KL."""
    return Explorer(
        title="One bell for two",
        description=(
            "Above: P, solid, is a mixture of two bells of standard deviation 1 at −a and a; the "
            "tops are dragged, across for a and up for the share. Dotted: the normal Q with the "
            "least KL(P‖Q). Dashed: every normal at which KL(Q‖P) has a minimum, the best one "
            "bold. Below: KL(Q‖P) for every mean of Q, with the best standard deviation for it; "
            "minima are rings, the best one filled. A ball, to drag, rolls downhill "
            "along a thick line."
        ),
        controls=[
            Slider("a", "Bells at −a and a", 1.0, 3.2, 0.1, start=2.0),
            Slider("w", "Share of the right bell", 0.2, 0.8, 0.1, start=0.5),
            Slider("start", "Start of the ball, in units of a", -1.0, 1.0, 0.1, start=-0.8),
        ],
        presets={
            "hardly two": {"a": 1.0, "w": 0.5},
            "far apart": {"a": 3.2, "w": 0.5},
            "60 to 40": {"w": 0.6},
            "80 to 20": {"w": 0.8},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(6.4, 3.85, [["densities"], ["landscape"]], height_ratios=[1, 1.05])
    _draw_densities(picture, picture.axes["densities"])
    _draw_landscape(picture, picture.axes["landscape"])
    return picture


def _draw_densities(picture, densities):
    densities.set(xlim=(-6, 6), ylim=(0, 0.6), xticks=range(-6, 7, 2), yticks=[0, 0.2, 0.4])
    densities.set_title("P: drag its tops. Q, the nearest by each KL")
    picture.shapes("p", densities, alpha=0.5, ghost=True, **P_STYLE)
    thin = Q_STYLE | {"linewidth": 1.2}
    picture.shapes("forward", densities, closed=False, **thin | {"linestyle": (0, (1, 1.4))})
    picture.shapes("minima", densities, count=3, closed=False, **thin)
    picture.shapes("best", densities, count=2, closed=False, **Q_STYLE | {"linewidth": 3.0})
    picture.texts("shares", densities, count=2, color=P_COLOUR, fontsize=10)
    picture.point(densities, "a", At("w", scale=PEAK), color=P_COLOUR)
    top = {"facecolor": P_COLOUR, "edgecolor": P_COLOUR, "linewidth": 1.0}
    picture.shapes("left_top", densities, **top)
    picture.held("left_top", "a", "w")
    words = {"fontsize": 9.5, "va": "center"}
    for place, text, style in (
        (-5.7, "KL(P‖Q)", {"linewidth": 1.2, "linestyle": (0, (1, 1.4))}),
        (-1.9, "KL(Q‖P)", {"linewidth": 3.0, "linestyle": DASHES}),
        (1.9, "other minima", {"linewidth": 1.2, "linestyle": DASHES}),
    ):
        densities.plot([place, place + 0.7], [0.565, 0.565], color=Q_COLOUR, **style)
        densities.text(place + 0.85, 0.565, text, **words)


def _draw_landscape(picture, landscape):
    landscape.set(xlim=(-6, 6), ylim=(-0.12, TOP), xticks=range(-6, 7, 2), yticks=[0, 0.5, 1, 1.5])
    landscape.set(xlabel="mean of Q", ylabel="nats")
    landscape.set_title("KL(Q‖P) at the best width of Q: drag the ball")
    landscape.axhline(0, color=MUTED, linewidth=0.8)
    picture.shapes("curve", landscape, closed=False, facecolor="none", edgecolor=INK, linewidth=1.4)
    picture.shapes(
        "way",
        landscape,
        closed=False,
        facecolor="none",
        edgecolor=DIFFERENCE_COLOUR,
        linewidth=4.5,
        alpha=0.75,
    )
    ring = {"facecolor": "none", "edgecolor": Q_COLOUR, "linewidth": 1.8}
    picture.shapes("rings", landscape, count=3, **ring)
    picture.shapes("discs", landscape, count=2, facecolor=Q_COLOUR, edgecolor=Q_COLOUR)
    picture.texts("depths", landscape, count=3, offset=(0, 9), fontsize=9.5)
    picture.shapes("ball", landscape, facecolor=INK, edgecolor=INK, linewidth=1.0)
    picture.held("ball", "start")


# -- the normals ----------------------------------------------------------------------------------


def _log_p(x, a, w):
    """The log density of the two bells at x, and the share of the right one in it."""
    left, right = np.log1p(-w) - (x + a) ** 2 / 2, np.log(w) - (x - a) ** 2 / 2
    total = np.logaddexp(left, right)
    return total + np.log(PEAK), np.exp(right - total)


def _nodes(step):
    """Places z and weights for the mean over a standard normal; a plain sum, and far better."""
    z = np.arange(-6.5, 6.5 + step / 2, step)
    weights = np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def _divergence(mu, log_sigma, a, w, step=0.12):
    """KL(N(mu, sigma)‖P), its slopes in mu and log sigma, and its curvatures, for arrays.

    With l the log density of P they are means of l, l' and l'' over x = mu + sigma z.
    """
    z, weights = _nodes(step)
    sigma = np.exp(log_sigma)
    log_p, right = _log_p(
        mu[..., None] + sigma[..., None] * z, np.expand_dims(a, -1), np.expand_dims(w, -1)
    )
    slope = (2 * right - 1) * np.expand_dims(a, -1) - (mu[..., None] + sigma[..., None] * z)
    bend = 4 * right * (1 - right) * np.expand_dims(a, -1) ** 2 - 1
    kl = -log_sigma - 0.5 * (1 + np.log(2 * np.pi)) - log_p @ weights
    by_mu, by_sigma = -(slope @ weights), -1 - sigma * (slope @ (weights * z))
    second = -(bend @ weights), -sigma * (bend @ (weights * z))
    last = -sigma * (slope @ (weights * z)) - sigma**2 * (bend @ (weights * z * z))
    return kl, (by_mu, by_sigma), (*second, last)


def _landscape(a, w):
    """KL(Q‖P) at the best standard deviation of each of MEANS, (pairs, means), and its slope."""
    a, w = a[:, None], w[:, None]
    mu = np.broadcast_to(MEANS, (len(a), len(MEANS)))
    log_sigma = np.full(mu.shape, 0.5)
    for _ in range(7):
        kl, (by_mu, by_sigma), (*_, curvature) = _divergence(mu, log_sigma, a, w)
        step = np.clip(-by_sigma / np.maximum(curvature, 0.5), -0.4, 0.4)
        if np.abs(step).max() < 1e-4:
            break
        log_sigma = log_sigma + step
    return kl, by_mu, log_sigma


def _minima(a, w, slopes, log_sigma):
    """(pairs, 3) means, log standard deviations and KL: left, middle, right; nan where none is."""
    pair, place = np.nonzero((slopes[:, :-1] < 0) & (slopes[:, 1:] >= 0))
    before, after = slopes[pair, place], slopes[pair, place + 1]
    mu = MEANS[place] - before / (after - before) * np.diff(MEANS)[0]
    spread, a, w = log_sigma[pair, place], a[pair], w[pair]
    for _ in range(8):  # Newton's method; every step doubles the digits
        kl, (by_mu, by_sigma), (first, across, last) = _divergence(mu, spread, a, w, 0.05)
        determinant = first * last - across**2
        mu = mu - (last * by_mu - across * by_sigma) / determinant
        spread = spread - (first * by_sigma - across * by_mu) / determinant
    found = np.full((3, len(slopes), 3), np.nan)
    # a minimum is in the middle where Q is wide enough to reach both bells
    where = np.where(np.exp(spread) > 1.2, 1, np.where(mu < 0, 0, 2))
    found[:, pair, where] = mu, spread, kl
    return found


@cache
def _fits():
    """{(a, w) in tenths: row}, and of every pair of them the landscape and the minima.

    Half of the shares are computed; the others are mirror images.
    """
    pairs = [(a, w) for a in range(10, 33) for w in range(2, 9)]
    rows = {pair: row for row, pair in enumerate(pairs)}
    light = [pair for pair in pairs if pair[1] <= 5]
    a, w = np.array(light).T / 10
    kl, slopes, log_sigma = _landscape(a, w)
    minima = _minima(a, w, slopes, log_sigma)
    curves, found = np.empty((len(pairs), len(MEANS))), np.empty((3, len(pairs), 3))
    for row, pair in enumerate(light):
        mirror = rows[pair[0], 10 - pair[1]]
        curves[mirror], found[:, mirror] = kl[row, ::-1], minima[:, row, ::-1]
        found[0, mirror] *= -1
        curves[rows[pair]], found[:, rows[pair]] = kl[row], minima[:, row]
    return rows, curves, found


def _forward(a, w):
    """Mean and standard deviation of P, which are those of the fit under KL(P‖Q)."""
    mean = (2 * w - 1) * a
    return mean, np.sqrt(1 + a**2 - mean**2)


def _entropy_of_p(a, w):
    x = np.arange(-11, 11, 0.1)
    log_p, _ = _log_p(x, a[:, None], w[:, None])
    return -0.1 * (np.exp(log_p) * log_p).sum(axis=-1)


def _forward_kl(mean, sd, a, w):
    """KL(P‖N(mean, sd)): the cross-entropy knows no more of P than its mean and its variance."""
    of_p, spread = _forward(a, w)
    squares = (spread**2 + (of_p - mean) ** 2) / (2 * sd**2)
    return np.log(sd / PEAK) + squares - _entropy_of_p(a, w)


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    """All pairs of bells once, then each row of the batch from its pair."""
    rows, curves, minima = _fits()
    keys = zip(np.rint(10 * state.a).astype(int), np.rint(10 * state.w).astype(int), strict=True)
    row = np.array([rows[key] for key in keys])
    curve, (mu, log_sigma, kl) = curves[row], minima[:, row]
    sd = np.exp(log_sigma)
    least = np.nanmin(kl, axis=-1)
    is_best = kl <= least[:, None] + TIED
    # of two that are equally good, the right one
    best = 2 - np.argmax(is_best[:, ::-1], axis=-1)
    taken = np.arange(len(row)), best
    others = np.where(is_best, np.nan, mu)
    start = state.start * state.a
    end = _end(start, curve, mu)
    ends_in = np.nanargmin(abs(mu - end[:, None]), axis=-1)
    lost = kl[np.arange(len(row)), ends_in] - least
    forward = _forward(state.a, state.w)
    covering = _forward_kl(forward[0], forward[1], state.a, state.w)
    at_forward, *_ = _divergence(forward[0], np.log(forward[1]), state.a, state.w, 0.05)
    seeking = _forward_kl(mu[taken], sd[taken], state.a, state.w)
    heavier = np.maximum(state.w, 1 - state.w)
    aside = is_best[:, 0] | is_best[:, 2]
    equal = np.abs(state.w - 0.5) < 1e-9
    return Frame(
        shapes={
            "p": _area(X, np.exp(_log_p(X, state.a[:, None], state.w[:, None])[0])),
            "forward": line(X, _bell(*forward)),
            "minima": np.stack(
                [line(X, _bell(others[:, i], sd[:, i]))[:, 0] for i in range(3)], axis=1
            ),
            "best": np.stack(_best_bells(mu, sd, is_best), axis=1),
            "left_top": _round(-state.a, (1 - state.w) * PEAK, ROUND * [1.2, 0.31])[:, None],
            "curve": line(MEANS, curve),
            "way": _way(start, end, curve),
            "rings": np.stack([_round(mu[:, i], kl[:, i]) for i in range(3)], axis=1),
            "discs": np.stack(_best_discs(mu, kl, is_best), axis=1),
            "ball": _round(start, _height(start, curve), ROUND * 1.15)[:, None],
        },
        texts={
            "shares": (
                np.stack([-state.a, state.a], axis=-1),
                np.full((1, 2), 0.44),
                each(_shares, state.w),
            ),
            "depths": (mu, kl, each(_depths, kl)),
        },
        readouts=[
            Readout("least KL(P‖Q)", covering, "nats"),
            Note("dotted Q", each(_normal, *forward)),
            Readout("least KL(Q‖P)", least, "nats"),
            Note("bold Q", each(_best_normal, mu[taken], sd[taken], aside & equal)),
            Readout("the ball ends at", end, digits=2),
        ],
        invariants=[
            Invariant("the dotted Q has the smaller KL(P‖Q)", seeking - covering),
            Invariant("the bold Q has the smaller KL(Q‖P)", at_forward - least),
            Invariant("least KL(Q‖P) ≤ log(1/larger share)", -np.log(heavier) - least),
        ],
        sentence=each(_sentence, best, aside & equal, least, mu[taken], end, lost),
        table=Table(
            ("by KL(P‖Q)", "minimum on the left", "minimum in the middle", "minimum on the right"),
            {
                "mean": np.column_stack([forward[0], mu]),
                "sd": np.column_stack([forward[1], sd]),
                "KL(Q‖P)": np.column_stack([at_forward, kl]),
                "KL(P‖Q)": np.column_stack(
                    [covering]
                    + [_forward_kl(mu[:, i], sd[:, i], state.a, state.w) for i in range(3)]
                ),
            },
        ),
        tasks=[
            Task(
                "At 50 to 50, find the first a at which a side is best.",
                equal & aside & np.isclose(state.a, _first_aside()),
            ),
            Task("Let the ball end in a minimum that is not the best.", lost > TIED),
            Task(
                "Let the ball end in the minimum on the lighter bell.",
                ~equal & (ends_in == np.where(state.w > 0.5, 0, 2)),
            ),
        ],
    )


def _first_aside():
    """The smallest separation of the slider at which two equal bells have their best fit aside."""
    rows, _, (_, _, kl) = _fits()
    apart = [a for a in range(10, 33) if kl[rows[a, 5], 2] < kl[rows[a, 5], 1] - TIED]
    return apart[0] / 10


def _end(start, curve, mu):
    """Where a ball ends that rolls down the landscape as it is drawn."""
    step = MEANS[1] - MEANS[0]
    cell = np.floor((start - MEANS[0]) / step + 1e-6).astype(int)
    on_a_corner = np.abs(start - MEANS[cell]) < 1e-6
    rows = np.arange(len(start))
    leftwards = on_a_corner | (curve[rows, cell] < curve[rows, cell + 1])
    ends = np.empty(len(start))
    for row, at in enumerate(np.where(leftwards, cell, cell + 1).tolist()):
        heights = curve[row]
        while (lower := at - 1 + int(np.argmin(heights[at - 1 : at + 2]))) != at:
            at = lower
        ends[row] = mu[row, np.nanargmin(np.abs(mu[row] - MEANS[at]))]
    return ends


def _height(place, curve):
    """The height of the landscape at one place in each row."""
    step = MEANS[1] - MEANS[0]
    at = np.clip(((place - MEANS[0]) / step).astype(int), 0, len(MEANS) - 2)
    share = (place - MEANS[at]) / step
    rows = np.arange(len(place))
    return curve[rows, at] * (1 - share) + curve[rows, at + 1] * share


def _way(start, end, curve):
    places = start[:, None] + (end - start)[:, None] * SPAN
    heights = [_height(places[:, i], curve) for i in range(len(SPAN))]
    return line(places, np.stack(heights, axis=-1))


def _bell(mean, sd):
    """The density of a normal at X; outside the picture where there is none."""
    z = (X - mean[:, None]) / sd[:, None]
    return np.nan_to_num(np.exp(-(z**2) / 2) * PEAK / sd[:, None], nan=NOWHERE)


def _best_bells(mu, sd, is_best):
    """The best one, and its mirror image where that is as good."""
    first = 2 - np.argmax(is_best[:, ::-1], axis=-1)
    last = np.argmax(is_best, axis=-1)
    rows = np.arange(len(mu))
    return [line(X, _bell(mu[rows, at], sd[rows, at]))[:, 0] for at in (first, last)]


def _best_discs(mu, kl, is_best):
    first = 2 - np.argmax(is_best[:, ::-1], axis=-1)
    last = np.argmax(is_best, axis=-1)
    rows = np.arange(len(mu))
    return [_round(mu[rows, at], kl[rows, at]) for at in (first, last)]


def _round(x, y, size=ROUND):
    """What looks round at (x, y), (states, vertices, 2); out of sight where there is none."""
    rim = np.stack([np.cos(RIM), np.sin(RIM)], axis=-1) * size
    centre = np.nan_to_num(np.stack([x, y], axis=-1), nan=NOWHERE)
    return centre[:, None] + rim


def _area(x, heights):
    """The area between heights at x and the axis, as one closed path per state."""
    x, heights = np.broadcast_arrays(x, heights)
    return line(np.pad(x, ((0, 0), (1, 1)), mode="edge"), np.pad(heights, ((0, 0), (1, 1))))


# -- in words -------------------------------------------------------------------------------------


def _shares(w):
    return [f"{100 * share:.0f} %" for share in (1 - w, w)]


def _depths(kl):
    return ["" if np.isnan(depth) else number(depth) for depth in kl]


def _normal(mean, sd):
    return f"mean {number(mean, 2)}, sd {number(sd, 2)}"


def _best_normal(mean, sd, mirrored):
    return ("mean ±" if mirrored else "mean ") + _normal(mean, sd).removeprefix("mean ")


def _sentence(best, mirrored, least, mean, end, lost):
    if best == 1:
        where = "in the middle and covers both bells"
    elif mirrored:
        where = "on one bell, either one, and leaves the other out"
    else:
        where = f"on the {'left' if best == 0 else 'right'} bell and hardly sees the other"
    first = f"By KL(Q‖P) the best Q sits {where}, at {number(least)} nats."
    if lost > TIED:
        return (
            f"{first} The ball stays at {number(end, 2)}, {number(lost)} nats above: a minimum, "
            "but not the best."
        )
    return f"{first} The ball finds {'one of them' if mirrored else 'it'}."
