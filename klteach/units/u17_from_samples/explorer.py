"""Explorer of unit 17: three estimates of one KL, and which of them scatters more where."""

from functools import cache

import numpy as np

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
)
from klteach.explorers.handles import At
from klteach.explorers.look import (
    DIFFERENCE_COLOUR,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.inference import k1, k2, k3
from klteach.measures import kl_normal

ESTIMATES = {"k1": k1, "k2": k2, "k3": k3}
RUNS = 40  # of each estimate: the dots of a row
SIZES = (10, 100, 400)  # samples of one run
SEED = 17
X = np.linspace(-3.6, 3.6, 145)
HIGHEST = 0.72  # of the axis of the densities
ROWS = np.array([2.0, 1.0, 0.0])  # where the dots of k1, k2 and k3 lie
BELOW = 0.36  # how far the bar of a row lies below its dots
LEFT, RIGHT = -1.0, 3.0  # of the axis of the estimates, as multiples of KL
EDGE = 0.07  # beyond the axis, where a dot stands that would lie still further out
WORDS = (3.78, 4.85)  # where the two columns of words are centred
NEAR = 0.1  # so far apart two spreads may be and count as equal
SMALL = {"fontsize": 9, "ha": "center", "va": "center"}


def three_estimates():
    """Drag the top of P; see forty estimates of KL by each of three formulas, and their spread."""
    return Explorer(
        title="Three estimates of one KL",
        description=(
            "Left: two normal densities, Q dashed and fixed, P solid, its top dragged across for "
            "the mean and upwards for a sharper P. Right: a row of forty dots for each of k1, k2 "
            "and k3, each dot one run's estimate as a multiple of KL(P‖Q), on an edge if it is "
            "beyond; a vertical line marks the truth. Below the dots a bar: the exact mean, and "
            "one standard deviation to either side. Beside it its bias and its spread."
        ),
        controls=[
            Slider("mean", "Mean of P", 0.0, 1.5, 0.1, start=0.5),
            Slider("width", "Width of P", 0.6, 1.6, 0.05, start=1.0),
            Choice("size", "Samples of a run", tuple(map(str, SIZES)), start=1),
        ],
        presets={
            "hardly apart": {"mean": 0.1, "width": 1.0},
            "wider": {"mean": 0.0, "width": 1.25},
            "sharper": {"mean": 0.0, "width": 0.75},
            "much sharper": {"mean": 0.0, "width": 0.6},
        },
        draw=_draw,
        update=_update,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(8.0, 3.5, [["densities", "estimates"]], width_ratios=[1, 1.75])
    _draw_densities(picture, picture.axes["densities"])
    _draw_estimates(picture, picture.axes["estimates"])
    return picture


def _draw_densities(picture, densities):
    densities.set(xlim=(-3.6, 3.6), ylim=(0, HIGHEST), xticks=range(-3, 4), yticks=[0, 0.3, 0.6])
    densities.set_title("P solid, Q dashed: drag the top of P")
    densities.plot(X, _density(X, 0.0, 1.0), **_as_line(Q_STYLE))
    picture.shapes("p", densities, alpha=0.5, ghost=True, **P_STYLE)
    picture.point(densities, "mean", At("width", scale=_density(0.0, 0.0, 1.0), power=-1))


def _as_line(style):
    return {
        "color": style["edgecolor"],
        "linewidth": style["linewidth"],
        "linestyle": style["linestyle"],
    }


def _draw_estimates(picture, axes):
    axes.set(xlim=(LEFT - 0.15, WORDS[1] + 0.5), ylim=(-0.7, 2.85), yticks=ROWS)
    axes.set_yticklabels(ESTIMATES)
    axes.set_xticks(range(int(LEFT), int(RIGHT) + 1), ["−KL", "0", "KL", "2 KL", "3 KL"])
    axes.tick_params(axis="y", length=0, labelsize=11)
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_bounds(LEFT, RIGHT)
    axes.set_title("Forty runs of each, exact mean ± sd below")
    axes.plot([1, 1], [-0.65, 2.45], color=MUTED, linewidth=1.1)
    axes.text(1, 2.62, "truth", color=MUTED, **SMALL)
    for place, word in zip(WORDS, ("bias", "sd"), strict=True):
        axes.text(place, 2.62, word, color=MUTED, **SMALL)
    dots = {
        "capstyle": "round",
        "facecolor": "none",
        "edgecolor": P_COLOUR,
        "alpha": 0.5,
        "snap": False,
    }
    picture.shapes("runs", axes, count=3 * RUNS, closed=False, linewidth=4.4, **dots)
    bars = {"facecolor": "none", "edgecolor": DIFFERENCE_COLOUR}
    picture.shapes("spread", axes, count=3, closed=False, linewidth=4, **bars)
    picture.shapes("mean", axes, count=3, closed=False, facecolor="none", edgecolor=INK, lw=2.2)
    picture.texts("bias", axes, count=3, fontsize=10)
    picture.texts("sd", axes, count=3, fontsize=10, fontweight="bold")


# -- what is known exactly ------------------------------------------------------------------------


def moments(mean, width):
    """KL, then mean and standard deviation of one sample's k1, k2, k3: arrays (states, 3).

    With x = mean + width z the log ratio is KL + b z + c (z² - 1), so all of it is known.
    """
    b, c = mean * width, (width**2 - 1) / 2
    kl, both = kl_normal(mean, width, 0.0, 1.0), jeffreys(mean, width)
    variance = b**2 + 2 * c**2
    third, fourth = 6 * b**2 * c + 8 * c**3, 3 * b**4 + 60 * b**2 * c**2 + 60 * c**4
    of_square = kl**2 + variance
    fourth_of_ratio = kl**4 + 6 * kl**2 * variance + 4 * kl * third + fourth
    means = np.stack([kl, of_square / 2, kl], axis=-1)
    variances = np.stack(
        [
            variance,
            (fourth_of_ratio - of_square**2) / 4,
            variance + chi_square(mean, width) - 2 * both,
        ],
        axis=-1,
    )
    return kl, means, np.sqrt(np.maximum(variances, 0))


def jeffreys(mean, width):
    return kl_normal(mean, width, 0.0, 1.0) + kl_normal(0.0, 1.0, mean, width)


def chi_square(mean, width):
    """χ²(Q‖P), the variance of r = q/p: infinite where Q is √2 times as wide as P or wider."""
    left = 2 * width**2 - 1  # of what keeps the integral of q²/p finite
    narrow = left < 1e-9
    left = np.where(narrow, 1.0, left)
    return np.where(narrow, np.inf, width**2 / np.sqrt(left) * np.exp(mean**2 / left) - 1)


# -- what chance makes of it ----------------------------------------------------------------------


@cache
def draws():
    """Standard normal numbers, one row for each run: the same ones in every state."""
    return np.random.default_rng(SEED).normal(size=(RUNS, SIZES[-1]))


def runs(mean, width):
    """What each run estimates, by its first samples: (states, sizes, 3, runs)."""
    found = np.empty((len(mean), len(SIZES), len(ESTIMATES), RUNS))
    for row, (centre, sd) in enumerate(zip(mean, width, strict=True)):
        x = centre + sd * draws()
        log_p, log_q = _log_density(x, centre, sd), _log_density(x, 0.0, 1.0)
        for column, estimate in enumerate(ESTIMATES.values()):
            sums = np.cumsum(estimate(log_p, log_q), axis=1)
            for place, size in enumerate(SIZES):
                found[row, place, column] = sums[:, size - 1] / size
    return found


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    pairs, place = np.unique(np.stack([state.mean, state.width]), axis=1, return_inverse=True)
    found = runs(*pairs)[place.ravel(), state.size]
    size = np.array(SIZES)[state.size]
    kl, means, one = moments(state.mean, state.width)
    sd = one / np.sqrt(size)[:, None]
    same = kl < 1e-12  # P = Q, where every estimate is 0, and right
    scale = np.where(same, 1.0, kl)[:, None]
    relative, bias = sd / scale, np.where(same[:, None], 0.0, means / scale - 1)
    dots = np.where(same[:, None, None], 1.0, found / scale[..., None])
    chi, both = chi_square(state.mean, state.width), jeffreys(state.mean, state.width)
    ratio = np.divide(one[:, 2], one[:, 0], out=np.ones(len(kl)), where=~same)
    return Frame(
        shapes={
            "p": _area(X, _density(X, state.mean[:, None], state.width[:, None])),
            "runs": _dots(dots),
            "spread": _across(1 + bias - relative, 1 + bias + relative),
            "mean": _upright(1 + bias),
        },
        texts={
            "bias": (WORDS[0], ROWS - BELOW / 2, each(_biases, bias)),
            "sd": (WORDS[1], ROWS - BELOW / 2, each(_spreads, relative)),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("χ²(Q‖P)", chi),
            Readout("2 J", 2 * both),
        ],
        invariants=[
            Invariant("no run of k3 below 0", found[:, 2].min(axis=-1)),
            Invariant("k3 scatters less exactly where χ² < 2 J", _rule(chi, both, one)),
        ],
        sentence=each(_sentence, kl, size, relative[:, 0], relative[:, 2], bias[:, 1]),
        table=Table(
            tuple(ESTIMATES),
            {
                "mean": means,
                "sd of a sample": one,
                "sd of a run": sd,
                "runs below KL": (found < means[:, :1, None]).mean(axis=-1),
            },
        ),
        tasks=[
            Task("Let k1 and k3 scatter alike, to a tenth.", (np.abs(ratio - 1) < NEAR) & ~same),
            Task("Give k3 an infinite spread.", np.isinf(one[:, 2])),
            Task(
                "Make k3 the noisier one with P as wide as Q.",
                (np.abs(state.width - 1) < 1e-9) & (ratio > 1) & ~same,
            ),
        ],
    )


def _rule(chi, both, one):
    """How far both sides of the rule are from contradicting each other: never below 0."""
    with np.errstate(invalid="ignore"):
        by_rule, by_spread = chi - 2 * both, one[:, 2] - one[:, 0]
    agree = np.sign(np.round(by_rule, 9)) == np.sign(np.round(by_spread, 9))
    return np.where(agree, np.minimum(np.abs(by_rule), np.abs(by_spread)), -1.0)


def _log_density(x, mean, width):
    return -0.5 * ((x - mean) / width) ** 2 - np.log(width * np.sqrt(2 * np.pi))


def _density(x, mean, width):
    return np.exp(_log_density(x, mean, width))


def _area(x, heights):
    """The area between heights at x and the axis, as one closed path per state."""
    x = np.pad(x, 1, mode="edge")
    return line(x, np.pad(heights, ((0, 0), (1, 1))))


def _dots(dots):
    """A stroke of hardly any length, with round ends, for each run."""
    x = np.clip(dots, LEFT - EDGE, RIGHT + EDGE)
    lift = 0.36 * (np.arange(RUNS) * 0.618 % 1)  # by the golden section, so that few lie together
    y = np.broadcast_to(ROWS[:, None] + lift, x.shape)
    ends = np.stack([np.stack([x, y + up], axis=-1) for up in (0, 0.02)], axis=-2)
    return ends.reshape(len(dots), -1, 2, 2)


def _across(left, right):
    """One level stroke for each row, cut off at the ends of the axis."""
    ends = np.stack(
        [np.clip(left, LEFT - EDGE, RIGHT + EDGE), np.clip(right, LEFT - EDGE, RIGHT + EDGE)],
        axis=-1,
    )
    y = np.broadcast_to((ROWS - BELOW / 2)[:, None], ends.shape)
    return np.stack([ends, y], axis=-1)


def _upright(place):
    x = np.broadcast_to(np.clip(place, LEFT - EDGE, RIGHT + EDGE)[..., None], (*place.shape, 2))
    y = (ROWS - BELOW / 2)[:, None] + np.array([-0.11, 0.11])
    return np.stack([x, np.broadcast_to(y, x.shape)], axis=-1)


def _biases(bias):
    return [f"{_signed(value)} %" for value in bias]


def _signed(share):
    """A share in whole per cent with its sign; no sign for 0."""
    rounded = round(100 * share)
    return "0" if rounded == 0 else f"{'+' if rounded > 0 else '−'}{abs(rounded)}"


def _spreads(relative):
    return [_percent(value) for value in relative]


def _percent(share):
    return "∞" if np.isinf(share) else f"{number(100 * share, 0)} %"


def _sentence(kl, size, first, third, bias):
    if kl < 1e-12:
        return "P = Q: every log ratio is 0, so all estimates are 0, and right."
    start = f"With {size:g} samples k1 scatters by {_percent(first)} of KL"
    if np.isinf(third):
        rest = ", and k3 without end: its variance is infinite."
    elif abs(third / first - 1) < 0.005:
        rest = ", and k3 as much."
    else:
        calmer = "less" if third < first else "more"
        rest = f", and k3 {calmer}, by {_percent(third)}."
    if round(100 * bias) == 0:
        return f"{start}{rest} k2 is right on average, to 1 %."
    small = "small" if bias < 0 else "large"
    return f"{start}{rest} k2 is {abs(round(100 * bias))} % too {small}, however many samples."
