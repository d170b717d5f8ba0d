"""Explorers of unit 06: two normals, their integrand and its bins; one axis in several units."""

import numpy as np
from scipy.special import log_ndtr

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

NEGATIVE_STYLE = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.2, "hatch": "\\\\\\\\"}

# -- two normals ----------------------------------------------------------------------------------

WIDTHS = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)  # of a bin; 0 for the integral, with no bins
BINS = Choice("bins", "Bins", ("none", "width ¼", "width ½", "width 1", "width 2", "width 4"))
X = np.linspace(-7, 7, 449)  # steps of 1/32, so that every edge of a bin is one of them
HIGHEST_TERM = 0.85  # where the axis of the integrand ends
FAR = 40.0  # beyond it lies no mass that a readout could show; the two outer bins begin there
FINE = np.linspace(-9, 9, 3001)  # standard deviations of P, for the two parts of the integral


def two_gaussians():
    """Drag two bells; see p log(p/q) as an area, whole or in bins."""
    return Explorer(
        title="Two normals",
        description=(
            "Above: two normal densities, P solid and Q dashed; the top of each is dragged, across "
            "for its mean, downwards for a larger standard deviation. Below: the integrand "
            "p log(p/q), hatched /// where it is positive and \\\\\\ where it is negative; the "
            "first area less the second is KL(P‖Q). With bins, heights are masses and terms of "
            "the bins, over their width."
        ),
        controls=[
            Slider("mean_p", "Mean of P", -2.0, 2.0, 0.05, start=0.0),
            Slider("sd_p", "Standard deviation of P", 0.5, 2.5, 0.05, start=1.0),
            Slider("mean_q", "Mean of Q", -2.0, 2.0, 0.05, start=1.0),
            Slider("sd_q", "Standard deviation of Q", 0.5, 2.5, 0.05, start=2.0),
            BINS,
        ],
        coarser=[
            Slider("mean_p", "Mean of P", -1.0, 1.0, 1.0, start=0.0),
            Slider("sd_p", "Standard deviation of P", 1.0, 2.0, 1.0, start=1.0),
            Slider("mean_q", "Mean of Q", -2.0, 2.0, 1.0, start=1.0),
            Slider("sd_q", "Standard deviation of Q", 0.5, 2.5, 0.5, start=2.0),
            BINS,
        ],
        presets={
            "Q = P": {"mean_p": 0.0, "sd_p": 1.0, "mean_q": 0.0, "sd_q": 1.0},
            "equal widths": {"mean_p": 0.0, "sd_p": 1.0, "mean_q": 1.0, "sd_q": 1.0},
            "too wide": {"mean_p": 0.0, "sd_p": 1.0, "mean_q": 0.0, "sd_q": 2.0},
            "too narrow": {"mean_p": 0.0, "sd_p": 1.0, "mean_q": 0.0, "sd_q": 0.5},
        },
        draw=_draw_gaussians,
        update=_update_gaussians,
    )


def _draw_gaussians():
    picture = Picture(6.2, 4.4, [["densities"], ["terms"]], height_ratios=[1.3, 1])
    densities, terms = picture.axes["densities"], picture.axes["terms"]
    for axes in (densities, terms):
        axes.set(xlim=(-7, 7), xticks=range(-6, 7, 2))
    densities.set(ylim=(0, 0.92), yticks=[0, 0.4, 0.8])
    densities.set_title("Densities: P solid, Q dashed. Drag their tops")
    picture.shapes("p", densities, alpha=0.55, ghost=True, **P_STYLE)
    picture.shapes("q", densities, closed=False, ghost=True, **Q_STYLE)
    terms.set(ylim=(-0.35, HIGHEST_TERM), yticks=[0, 0.4, 0.8], xlabel="x")
    terms.set_title("Integrand p log(p/q): /// above 0, \\\\\\ below")
    picture.shapes("positive", terms, **DIFFERENCE_STYLE)
    picture.shapes("negative", terms, **NEGATIVE_STYLE)
    picture.texts("cut", terms, offset=(-4, -10), ha="right", fontsize=9)
    terms.axhline(0, color=MUTED, linewidth=0.8)
    for name, colour in (("p", P_COLOUR), ("q", Q_COLOUR)):
        top = At(f"sd_{name}", scale=_peak(1.0), power=-1)
        picture.point(densities, f"mean_{name}", top, color=colour)
        picture.texts(
            name.upper(), densities, offset=(0, 9), color=colour, fontweight="bold", zorder=5
        )
    return picture


def _update_gaussians(state):
    p, q = (state.mean_p, state.sd_p), (state.mean_q, state.sd_q)
    width = np.array(WIDTHS)[state.bins]
    kl, reverse = kl_normal(*p, *q), kl_normal(*q, *p)
    rows = [_one(*row) for row in zip(*p, *q, width, kl, strict=True)]
    heights_p, heights_q, terms, above, total = map(np.stack, zip(*rows, strict=True))
    return Frame(
        shapes={
            "p": _area(X, heights_p),
            "q": _area(X, heights_q),
            "positive": _area(X, np.maximum(terms, 0)),
            "negative": _area(X, np.minimum(terms, 0)),
        },
        texts={
            "P": (state.mean_p, _peak(state.sd_p), [["P"]] * len(kl)),
            "Q": (state.mean_q, _peak(state.sd_q), [["Q"]] * len(kl)),
            "cut": (X[-1], HIGHEST_TERM, each(_cut, terms.max(axis=-1))),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("KL of the bins", total, "nats"),
            Readout("KL(Q‖P)", reverse, "nats"),
        ],
        invariants=[
            Invariant("KL ≥ 0", kl),
            Invariant("KL of the bins ≤ KL", kl - total),
        ],
        sentence=each(_gaussians_sentence, *p, *q, width, kl, reverse, above, total),
        table=Table(
            ("P", "Q"),
            {
                "mean": np.stack([state.mean_p, state.mean_q], axis=-1),
                "sd": np.stack([state.sd_p, state.sd_q], axis=-1),
                "highest density": np.stack([_peak(state.sd_p), _peak(state.sd_q)], axis=-1),
            },
        ),
        tasks=[
            Task("Make both directions cost the same, above 0.5 nats.", _same(kl, reverse)),
            Task("Choose bins that lose under 1 % of KL.", (width > 0) & (total > 0.99 * kl)),
        ],
    )


def _one(mean_p, sd_p, mean_q, sd_q, width, kl):
    """Heights of P and Q and of the terms at X, the positive part of the sum, and the sum."""
    if width == 0:
        log_p, log_q = _log_density(X, mean_p, sd_p), _log_density(X, mean_q, sd_q)
        fine = mean_p + sd_p * FINE
        fine_p = _log_density(fine, mean_p, sd_p)
        gain = np.exp(fine_p) * np.maximum(fine_p - _log_density(fine, mean_q, sd_q), 0)
        above = np.trapezoid(gain, fine)
        return np.exp(log_p), np.exp(log_q), np.exp(log_p) * (log_p - log_q), above, kl
    edges = np.r_[-np.inf, np.arange(-FAR, FAR + width, width), np.inf]
    log_p, log_q = _log_masses(edges, mean_p, sd_p), _log_masses(edges, mean_q, sd_q)
    mass = np.exp(log_p)
    terms = mass * (log_p - log_q)
    at = np.searchsorted(edges, X, side="right") - 1
    heights = [values[at] / width for values in (mass, np.exp(log_q), terms)]
    return *heights, np.maximum(terms, 0).sum(), terms.sum()


def _log_density(x, mean, sd):
    return -0.5 * ((x - mean) / sd) ** 2 - np.log(sd * np.sqrt(2 * np.pi))


def _log_masses(edges, mean, sd):
    """The logarithm of the mass between neighbouring edges, also where the mass underflows."""
    z = (edges - mean) / sd
    low, high = z[:-1], z[1:]
    flip = low > 0  # right of the mean, mirror: the two tails below are then the small ones
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    tail, rest = log_ndtr(high), log_ndtr(low)
    return tail + np.log1p(-np.exp(rest - tail))


def _same(kl, reverse):
    return (np.abs(kl - reverse) < 1e-9) & (kl > 0.5)


def _cut(highest):
    return [f"cut off: it rises to {number(highest, 1)}" if highest > HIGHEST_TERM else ""]


def _peak(sd):
    return 1 / (sd * np.sqrt(2 * np.pi))


def _area(x, heights):
    """The area between heights at x and the axis, as one closed path per state."""
    x, heights = np.broadcast_arrays(x, heights)
    heights = np.pad(heights, ((0, 0), (1, 1)))  # the path begins and ends on the axis
    return line(np.pad(x, ((0, 0), (1, 1)), mode="edge"), heights)


def _gaussians_sentence(mean_p, sd_p, mean_q, sd_q, width, kl, reverse, above, total):
    if (mean_p, sd_p) == (mean_q, sd_q):
        return "Q is P: the integrand is 0 everywhere, and both directions are 0."
    if width:
        return (
            f"Bins of width {width:g} tell P and Q apart by {number(total)} nats: "
            f"{number(kl - total)} less than the densities do."
        )
    start = f"Area /// {number(above)} less area \\\\\\ {number(above - kl)} is KL(P‖Q) ="
    if sd_p == sd_q:
        return f"{start} {number(kl)} nats; with equal widths KL(Q‖P) is the same."
    return f"{start} {number(kl)} nats; the other direction costs {number(reverse)}."


# -- a change of units ----------------------------------------------------------------------------

METRES_P, METRES_Q = (0.0, 0.4), (0.4, 0.6)  # mean and standard deviation
METRES = np.linspace(-2.0, 3.2, 121)  # where the curves are drawn
METRES_FINE = np.linspace(-6.0, 6.0, 2001)  # where they are integrated
TALLEST = 2.15  # of the axis of the densities
STICK = 0.2  # the height of the metre stick, below that axis


def change_units():
    """Drag the end of the metre: entropies move by the log of the factor, the bar of KL slides."""
    return Explorer(
        title="A change of units",
        description=(
            "Above: the densities of a position error, P solid and Q dashed, on an axis in the "
            "chosen unit, with a stick of one metre below them, whose end is a dotted line to "
            "drag. Below, in nats: the differential entropy h(P) as a bar from 0, and KL as the "
            "hatched bar from h(P) to the cross-entropy h(P, Q)."
        ),
        controls=[Slider("factor", "Units per metre", 0.5, 3.5, 0.02, start=1.0)],
        presets={
            "metres": {"factor": 1.0},
            "feet (3.28)": {"factor": 3.28},
            "half as many": {"factor": 0.5},
        },
        draw=_draw_units,
        update=_update_units,
    )


def _draw_units():
    picture = Picture(6.2, 4.4, [["densities"], ["scale"]], height_ratios=[2.3, 1])
    densities, scale = picture.axes["densities"], picture.axes["scale"]
    densities.set(xlim=(-5, 8), xticks=range(-4, 9, 2), xlabel="x in the chosen unit")
    densities.set(ylim=(-0.42, TALLEST), yticks=[0, 1, 2])
    densities.set_title("P solid, Q dashed: drag the end of the metre")
    densities.axhline(0, color=MUTED, linewidth=0.8)
    picture.shapes("p", densities, alpha=0.55, ghost=True, **P_STYLE)
    picture.shapes("q", densities, closed=False, **Q_STYLE)
    picture.shapes("stick", densities, facecolor=FAINT, edgecolor=INK, linewidth=1.0)
    picture.texts("stick", densities, offset=(0, -3.5), fontsize=9)
    picture.line(
        "factor", densities, "x", (-0.38, TALLEST), edgecolor=INK, linestyle=":", linewidth=1.6
    )

    scale.set(xlim=(-0.5, 2.5), ylim=(-0.1, 2.1), yticks=[], xlabel="nats")
    scale.set_xticks([0, 1, 2])
    scale.set_title("h(P) solid; KL hatched, from h(P) to h(P, Q)")
    scale.spines["left"].set_visible(False)
    scale.axvline(0, color=MUTED, linewidth=0.8)
    picture.shapes("h_p", scale, alpha=0.55, ghost=True, **P_STYLE)
    picture.shapes("kl", scale, ghost=True, **DIFFERENCE_STYLE)
    picture.texts("bars", scale, count=2, offset=(6, -3.5), ha="left", fontsize=9.5)
    return picture


def _update_units(state):
    factor = state.factor[:, None]
    log_p, log_q = (
        _log_density(METRES, *metres) - np.log(factor) for metres in (METRES_P, METRES_Q)
    )
    x = METRES * factor
    h_p, h_q, cross, kl = moved = _integrals(state.factor)
    start = np.concatenate(_integrals(np.ones(1)))
    zero = np.zeros((1, 1))
    return Frame(
        shapes={
            "p": _area(x, np.exp(log_p)),
            "q": _area(x, np.exp(log_q)),
            "stick": rectangles(zero, -0.1 - STICK, factor, STICK),
            "h_p": rectangles(zero, 1.15, h_p[:, None], 0.8),
            "kl": rectangles(h_p[:, None], 0.15, kl[:, None], 0.8),
        },
        texts={
            "stick": (factor / 2, np.full_like(factor, -0.1 - STICK / 2), [["1 m"]] * len(kl)),
            "bars": (
                np.maximum(np.stack([h_p, cross], axis=-1), 0),
                np.array([1.55, 0.55]),
                each(_bars, h_p, kl),
            ),
        },
        readouts=[
            Readout("h(P)", h_p, "nats"),
            Readout("h(Q)", h_q, "nats"),
            Readout("h(P, Q)", cross, "nats"),
            Readout("KL(P‖Q)", kl, "nats"),
        ],
        invariants=[Invariant("KL ≥ 0", kl)],
        sentence=each(_units_sentence, state.factor, h_p, h_p - start[0], kl),
        table=Table(
            ("h(P)", "h(Q)", "h(P, Q)", "KL(P‖Q)"),
            {
                "in metres": np.broadcast_to(start, (len(h_p), 4)),
                "in this unit": np.stack(moved, axis=-1),
                "change": np.stack(moved, axis=-1) - start,
            },
        ),
        tasks=[
            Task("Make h(P) negative. Is KL?", h_p < 0),
            Task("Let h(P) grow by 1 nat.", np.abs(h_p - start[0] - 1) < 0.005),
        ],
    )


def _integrals(factor):
    """h(P), h(Q), h(P, Q) and KL, integrated anew over the stretched densities."""
    scale = factor[:, None]
    log_p, log_q = (
        _log_density(METRES_FINE, *metres) - np.log(scale) for metres in (METRES_P, METRES_Q)
    )
    p, q, x = np.exp(log_p), np.exp(log_q), METRES_FINE * scale
    integrands = -p * log_p, -q * log_q, -p * log_q, p * (log_p - log_q)
    return tuple(np.trapezoid(values, x, axis=-1) for values in integrands)


def _bars(h_p, kl):
    return [f"h(P) {number(h_p)}", f"KL {number(kl)}"]


def _units_sentence(factor, h_p, change, kl):
    if factor == 1:
        return f"In metres h(P) is {number(h_p)} nats and KL(P‖Q) is {number(kl)}."
    return (
        f"With {factor:g} units per metre h(P) moves by log {factor:g} = {number(change)} to "
        f"{number(h_p)} nats; KL(P‖Q) stays {number(kl)}."
    )
