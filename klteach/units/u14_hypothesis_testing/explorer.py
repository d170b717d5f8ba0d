"""Explorers of unit 14: a walk between two thresholds, and one threshold on many flips.

Nothing here is simulated but the four walks that are drawn. A walk stands where its number of heads
puts it, so the probabilities of all places are carried from flip to flip until next to nothing is
left between the thresholds.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Note,
    Readout,
    Table,
    Task,
    diamond,
    each,
    line,
    number,
)
from klteach.explorers.look import INK, MUTED, P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture
from klteach.measures import kl_bernoulli

P, Q = 0.8, 0.5  # heads of the bent coin and of the fair one
HEADS, TAILS = math.log(P / Q), math.log((1 - P) / (1 - Q))  # what a flip adds to the walk
KL_P, KL_Q = float(kl_bernoulli(P, Q)), float(kl_bernoulli(Q, P))
SMALL = {"fontsize": 9, "ha": "center", "va": "center"}

# -- the exact test -------------------------------------------------------------------------------

LEFT_OVER = 1e-15  # the test ends where less than this is undecided, whichever coin is flipped
LONGEST = 5000


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a sequential test does, for every pair of thresholds and each coin.

    says_p, says_q, mean_flips, mean_walk  (pairs, 2): if P is true, if Q is true
    decided  (pairs, 2, 2, flips + 1): if P or Q is true, the share that has said P, or Q, by then
    """

    says_p: np.ndarray
    says_q: np.ndarray
    mean_flips: np.ndarray
    mean_walk: np.ndarray
    decided: np.ndarray


def sequential_test(upper, lower, shown=0):
    """The outcome of flipping until the walk is at `upper` or above, or at `lower` or below.

    Only places between the outermost thresholds are kept, some ten numbers of heads at each flip.
    """
    upper, lower = np.asarray(upper, float)[:, None], np.asarray(lower, float)[:, None]
    # one flip beyond the outermost thresholds, on either side
    bottom, top = lower.min() + TAILS, upper.max() + HEADS
    width = math.ceil((top - bottom) / (HEADS - TAILS)) + 2

    def least_heads(flips):
        return math.floor((bottom - flips * TAILS) / (HEADS - TAILS))

    alive = np.zeros((len(upper), width))
    alive[:, -least_heads(0)] = 1.0  # no flip and no heads yet
    says = np.zeros((len(upper), 2, 2))
    mean_flips, mean_walk = np.zeros((len(upper), 2)), np.zeros((len(upper), 2))
    under_both = np.ones((len(upper), 2, 1))
    decided = np.zeros((len(upper), 2, 2, shown + 1))
    for flips in range(1, LONGEST):
        mean_flips += under_both.sum(axis=-1)
        shift = least_heads(flips) - least_heads(flips - 1)
        padded = np.pad(alive, ((0, 0), (1, 2)))
        first = 1 + shift
        tails, heads = padded[:, first : first + width], padded[:, first - 1 : first - 1 + width]
        alive = (1 - P) * tails + P * heads
        number_of_heads = least_heads(flips) + np.arange(width)
        walk = number_of_heads * HEADS + (flips - number_of_heads) * TAILS
        # P is exp(walk) times as likely as Q to have got here
        under_both = np.stack([alive, alive * np.exp(-walk)], axis=1)
        ends_p, ends_q = walk >= upper, walk <= lower
        stopped = under_both * (ends_p | ends_q)[:, None]
        mean_walk += (stopped * walk).sum(axis=-1)
        says[:, :, 0] += (under_both * ends_p[:, None]).sum(axis=-1)
        says[:, :, 1] += (under_both * ends_q[:, None]).sum(axis=-1)
        if flips <= shown:
            decided[:, :, :, flips] = says
        alive = np.where(ends_p | ends_q, 0.0, alive)
        under_both = under_both - stopped
        if under_both.sum(axis=-1).max() < LEFT_OVER:
            return Outcome(says[:, :, 0], says[:, :, 1], mean_flips, mean_walk, decided)
    raise ValueError(f"after {LONGEST} flips some walks are still between the thresholds")


# -- two thresholds: drawn once -------------------------------------------------------------------

LEAST, MOST, STEP = 0.5, 6.0, 0.25  # nats; 23 × 23 pairs of thresholds
FLIPS = 60  # as far as the picture goes
CURVE = np.arange(0, FLIPS + 1, 2)
WALKS = 4
SEED = 14


def two_thresholds():
    """Drag the two thresholds between which the walk of the log likelihood ratio goes on."""
    return Explorer(
        title="A walk between two thresholds",
        description=(
            "Above: flips across, the log likelihood ratio of P against Q up, written as odds. "
            "Four walks, P's solid and Q's dashed, go on until they meet one of two lines, which "
            "you drag; a dotted line is the mean walk up to there. Below: the share of all walks "
            "that has said P by then, from below, and the share that has said Q, from above; what "
            "is left between them is undecided."
        ),
        controls=[
            Slider("upper", "Say P at", LEAST, MOST, STEP, start=1.0, unit="nats"),
            Slider("lower", "Say Q at", -MOST, -LEAST, STEP, start=-1.0, unit="nats"),
            Choice("truth", "What is flipped", ("P: 80 % heads", "Q: a fair coin")),
        ],
        presets={
            "20:1 both ways": {"upper": 3.0, "lower": -3.0},
            "400:1 both ways": {"upper": 6.0, "lower": -6.0},
            "quick to say Q": {"upper": 6.0, "lower": -1.0},
        },
        draw=_draw_walks,
        update=_update_walks,
    )


def _draw_walks():
    picture = Picture(6.4, 3.4, [["walk"], ["decided"]], height_ratios=[2.3, 1])
    walk, decided = picture.axes["walk"], picture.axes["decided"]
    odds = (1 / 400, 1 / 20, 1, 20, 400)
    walk.set(xlim=(0, FLIPS), ylim=(-7.6, 7.4), xticks=[])
    walk.set_yticks([math.log(x) for x in odds], ["1:400", "1:20", "1:1", "20:1", "400:1"])
    walk.set(ylabel="P : Q", title="Likelihood ratio, flip by flip: drag the lines")
    walk.plot([0, FLIPS], [0, 0], color=MUTED, linewidth=0.8)
    for name, colour, style in (("p", P_COLOUR, "solid"), ("q", Q_COLOUR, (0, (4, 2)))):
        line_style = {"facecolor": "none", "edgecolor": colour, "linewidth": 1.1}
        picture.shapes(f"walks_{name}", walk, WALKS, closed=False, linestyle=style, **line_style)
        picture.shapes(f"ends_{name}", walk, WALKS, facecolor=colour, linewidth=0)
    picture.shapes(
        "drift", walk, closed=False, facecolor="none", edgecolor=INK, linewidth=1.2, linestyle=":"
    )
    picture.line("upper", walk, "y", (0, FLIPS), edgecolor=P_COLOUR, linewidth=2)
    picture.line(
        "lower", walk, "y", (0, FLIPS), edgecolor=Q_COLOUR, linewidth=2, linestyle=(0, (4, 2))
    )
    picture.texts("thresholds", walk, 2, ha="right", fontsize=9, fontweight="bold")
    decided.set(xlim=(0, FLIPS), ylim=(0, 1), xlabel="flips")
    decided.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    decided.set_title("Share that has said P (filled), Q (hatched)", fontsize=9.5)
    picture.shapes("said_p", decided, facecolor=P_COLOUR, edgecolor=P_COLOUR, linewidth=1.2)
    picture.shapes(
        "said_q",
        decided,
        facecolor="none",
        edgecolor=Q_COLOUR,
        linewidth=1.2,
        linestyle=(0, (4, 2)),
        hatch="\\\\\\\\",
    )
    return picture


def walks():
    """(2, WALKS, FLIPS + 1): four walks of P's coin, then the same four streams for Q's."""
    uniform = np.random.default_rng(SEED).random((WALKS, FLIPS))
    steps = np.where(uniform < np.array([P, Q])[:, None, None], HEADS, TAILS)
    return np.concatenate([np.zeros((2, WALKS, 1)), steps.cumsum(axis=-1)], axis=-1)


# -- two thresholds: every state ------------------------------------------------------------------


def _update_walks(state):
    pairs, pair = np.unique(
        np.stack([state.upper, state.lower], axis=-1), axis=0, return_inverse=True
    )
    outcome = sequential_test(pairs[:, 0], pairs[:, 1], FLIPS)
    pair = pair.reshape(-1)
    says_p, says_q = outcome.says_p[pair], outcome.says_q[pair]
    flips, walk = outcome.mean_flips[pair], outcome.mean_walk[pair]
    type_one, type_two = says_q[:, 0], says_p[:, 1]
    truth = state.truth.astype(int)
    return Frame(
        shapes=_walk_shapes(state, truth) | _decided_shapes(outcome.decided[pair, truth]),
        texts={
            "thresholds": (
                np.full((len(pair), 2), FLIPS - 1.0),
                np.stack([state.upper + 0.35, state.lower - 1.25], axis=-1),
                each(
                    lambda up, low: [f"say P at {_odds(up)}", f"say Q at {_odds(low)}"],
                    state.upper,
                    state.lower,
                ),
            ),
        },
        readouts=[
            Readout("P true: mean flips", flips[:, 0], digits=1),
            Readout("P true: says Q (type I)", 100 * type_one, "%", digits=2),
            Readout("P true: mean walk at the stop", walk[:, 0], "nats", digits=2),
            Readout("Q true: mean flips", flips[:, 1], digits=1),
            Readout("Q true: says P (type II)", 100 * type_two, "%", digits=2),
        ],
        invariants=[
            Invariant("type I ≤ exp(lower)", np.exp(state.lower) - type_one, digits=4),
            Invariant("type II ≤ exp(−upper)", np.exp(-state.upper) - type_two, digits=4),
        ],
        sentence=each(_walk_sentence, flips[:, 0], type_one, flips[:, 1], type_two),
        table=Table(
            ("P is true", "Q is true"),
            {"says P": says_p, "says Q": says_q, "mean flips": flips, "mean walk": walk},
            digits=4,
        ),
        tasks=[
            Task(
                "Say P at 20:1 (3.0 nats), with the lower line at its end.",
                (state.upper == 3) & (state.lower == -MOST),
            ),
            Task(
                "Twenty times as sure: say P at 400:1 (6.0 nats), the lower line at its end.",
                (state.upper == MOST) & (state.lower == -MOST),
            ),
        ],
    )


def _walk_shapes(state, truth):
    """The four walks of the coin that is flipped, each up to its end; the other coin's nowhere."""
    paths = walks()[truth]  # (states, WALKS, FLIPS + 1)
    ends = (paths >= state.upper[:, None, None]) | (paths <= state.lower[:, None, None])
    stop = np.where(ends.any(axis=-1), ends.argmax(axis=-1), FLIPS)
    places = np.minimum(np.arange(FLIPS + 1), stop[..., None])
    drawn = np.stack([places, np.take_along_axis(paths, places, axis=-1)], axis=-1)
    diamonds = drawn[:, :, -1:] + np.array([(-1, 0), (0, 1), (1, 0), (0, -1)]) * [0.55, 0.38]
    diamonds = np.where(ends.any(axis=-1)[..., None, None], diamonds, np.nan)
    shapes = {}
    for index, name in enumerate("pq"):
        flipped = (truth == index)[:, None, None, None]
        shapes[f"walks_{name}"] = np.where(flipped, drawn, np.nan)
        shapes[f"ends_{name}"] = np.where(flipped, diamonds, np.nan)
    slope = np.where(truth == 0, KL_P, -KL_Q)
    far = np.where(truth == 0, state.upper / KL_P, -state.lower / KL_Q)  # at the threshold
    x = np.stack([np.zeros(len(truth)), far], axis=-1)
    return shapes | {"drift": line(x, x * slope[:, None])}


def _decided_shapes(decided):
    """Areas under the share that has said P and above 1 minus the share that has said Q."""
    said_p, said_q = decided[:, 0, CURVE], decided[:, 1, CURVE]
    x = np.concatenate([CURVE, [FLIPS, 0]])
    flat = np.zeros((len(decided), 2))
    return {
        "said_p": line(x, np.concatenate([said_p, flat], axis=-1)),
        "said_q": line(x, np.concatenate([1 - said_q, 1 + flat], axis=-1)),
    }


def _odds(nats):
    """A threshold as odds of P against Q.

    >>> _odds(3.0), _odds(-1.0)
    ('20:1', '1:2.7')
    """
    times = f"{math.exp(abs(nats)):.0f}" if abs(nats) > 2.2 else f"{math.exp(abs(nats)):.1f}"
    return f"{times}:1" if nats > 0 else f"1:{times}"


def _percent(share):
    return f"{100 * share:.1f} %" if share >= 0.001 else f"{100 * share:.2f} %"


def _walk_sentence(flips_p, type_one, flips_q, type_two):
    return (
        f"If P is true, a decision takes {flips_p:.1f} flips on average and is wrong in "
        f"{_percent(type_one)} of all cases; if Q is true, {flips_q:.1f} flips and "
        f"{_percent(type_two)}."
    )


# -- one threshold on many flips ------------------------------------------------------------------

SHARES = np.arange(100, 161) / 200  # thresholds from 0.5 to 0.8 that many flips can meet exactly
COUNTS = (200, 2000, 20000)
MIDDLE = -TAILS / (HEADS - TAILS)  # the share of heads at which the walk ends where it began
CHERNOFF = float(kl_bernoulli(MIDDLE, P))
TOP = 0.25
DOT = (0.0032, 0.0062)  # half the width and the height of a diamond


def one_threshold():
    """Drag the share of heads from which on the test says P, and weigh the two errors."""
    return Explorer(
        title="One threshold, two errors",
        description=(
            "Across is the share of heads from which on a test says P, up is how fast an error "
            "falls: minus its logarithm, divided by the flips. Thick: in the limit of many flips, "
            "type I solid, falling to 0 at P's 0.8, and type II dashed, rising from 0 at Q's 0.5. "
            "Thin: the exact values for so many flips. The thick curves cross at 0.0528."
        ),
        controls=[
            Slider("share", "Say P from", 0.5, 0.8, 0.005, start=0.7),
            Choice("count", "Flips", ("200", "2000", "20 000")),
        ],
        presets={
            "Q's coin": {"share": 0.5},
            "where they cross": {"share": 0.66},
            "P's coin": {"share": 0.8},
        },
        draw=_draw_errors,
        update=_update_errors,
    )


def _draw_errors():
    picture = Picture(6.4, 3.1, [["errors"]])
    axes = picture.axes["errors"]
    axes.set(xlim=(0.492, 0.808), ylim=(0, TOP), xlabel="say P from this share of heads on")
    axes.set(ylabel="nats a flip", title="How fast the two errors fall: drag the line")
    x = np.linspace(0.5, 0.8, 121)
    axes.plot(x, kl_bernoulli(x, P), color=P_COLOUR, linewidth=2.4)
    axes.plot(x, kl_bernoulli(x, Q), color=Q_COLOUR, linewidth=2.4, linestyle=(0, (4, 2)))
    axes.plot([P, MIDDLE], [KL_P, CHERNOFF], "o", markersize=9, mfc="none", color=INK, ls="none")
    axes.text(0.602, 0.178, "type I:\nKL(share‖P)", **SMALL)
    axes.text(0.738, 0.178, "type II:\nKL(share‖Q)", **SMALL)
    axes.text(MIDDLE, 0.02, "Chernoff 0.0528", **SMALL)
    axes.text(0.776, 0.217, "Stein 0.193", **SMALL)
    thin = {"facecolor": "none", "linewidth": 1.1}
    picture.shapes("exact_one", axes, closed=False, edgecolor=P_COLOUR, **thin)
    picture.shapes(
        "exact_two", axes, closed=False, edgecolor=Q_COLOUR, linestyle=(0, (4, 2)), **thin
    )
    picture.line("share", axes, "x", (0, TOP), edgecolor=INK, linewidth=1.6)
    picture.shapes("at_one", axes, facecolor=P_COLOUR, linewidth=0)
    picture.shapes("at_two", axes, facecolor=Q_COLOUR, linewidth=0)
    return picture


@cache
def log_errors():
    """(log type I, log type II), each (counts, shares): exact, by adding up logarithms."""
    from scipy.stats import binom

    first, second = [], []
    for flips in COUNTS:
        heads = np.arange(flips + 1)
        least = np.rint(SHARES * flips).astype(int)
        fewer = np.logaddexp.accumulate(binom.logpmf(heads, flips, P))
        at_least = np.logaddexp.accumulate(binom.logpmf(heads, flips, Q)[::-1])[::-1]
        first.append(fewer[least - 1])
        second.append(at_least[least])
    return np.array(first), np.array(second)


def _update_errors(state):
    count = state.count.astype(int)
    place = np.rint((state.share - SHARES[0]) / (SHARES[1] - SHARES[0])).astype(int)
    flips = np.array(COUNTS)[count]
    log_one, log_two = log_errors()
    exact_one, exact_two = -log_one[count] / flips[:, None], -log_two[count] / flips[:, None]
    states = np.arange(len(count))
    one, two = exact_one[states, place], exact_two[states, place]
    limit_one = kl_bernoulli(state.share, np.full(len(count), P))
    limit_two = kl_bernoulli(state.share, np.full(len(count), Q))
    last = np.minimum(place + 1, len(SHARES) - 1)
    type_one = np.exp(log_one[count, place])
    next_type_one = np.exp(log_one[count, last])
    return Frame(
        shapes={
            "exact_one": line(SHARES, np.minimum(exact_one, TOP)),
            "exact_two": line(SHARES, np.minimum(exact_two, TOP)),
            "at_one": diamond(state.share, one, DOT),
            "at_two": diamond(state.share, two, DOT),
        },
        readouts=[
            Note("type I: P true, says Q", each(_tiny, log_one[count, place])),
            Readout("type I: exponent", one, "nats a flip", digits=4),
            Readout("type I: limit, KL(share‖P)", limit_one, digits=4),
            Note("type II: Q true, says P", each(_tiny, log_two[count, place])),
            Readout("type II: exponent", two, "nats a flip", digits=4),
            Readout("type II: limit, KL(share‖Q)", limit_two, digits=4),
        ],
        invariants=[
            Invariant(
                "the smaller limit ≤ 0.0528", CHERNOFF - np.minimum(limit_one, limit_two), digits=4
            ),
            Invariant(
                "error ≤ exp(−flips × limit)",
                np.minimum(one - limit_one, two - limit_two),
                digits=4,
            ),
        ],
        sentence=each(_error_sentence, state.share, flips, one, two, log_one[count, place]),
        table=Table(
            ("type I", "type II"),
            {
                "exact": np.stack([one, two], axis=-1),
                "limit": np.stack([limit_one, limit_two], axis=-1),
            },
            digits=4,
        ),
        tasks=[
            Task(
                "With 20 000 flips, bring the two exponents within 0.002 of each other.",
                (count == 2) & (abs(one - two) < 0.002),
            ),
            Task(
                "With 2000 flips, make type II as small as you can while type I stays below 5 %.",
                (count == 1) & (type_one <= 0.05) & (next_type_one > 0.05),
            ),
        ],
    )


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _tiny(log_probability):
    """A probability that floats may have no room for, from its natural logarithm.

    >>> _tiny(-2000.0), _tiny(-2.0)
    ('2.6·10⁻⁸⁶⁹', '13.5 %')
    """
    if log_probability > math.log(0.001):
        return f"{100 * math.exp(log_probability):.1f} %"
    decades = log_probability / math.log(10)
    power = math.floor(decades)
    factor = f"{10 ** (decades - power):.1f}"
    if factor == "10.0":
        power, factor = power + 1, "1.0"
    return f"{factor}·10{str(power).translate(_RAISED)}"


def _error_sentence(share, flips, one, two, log_one):
    if share == P:
        return (
            f"The threshold is P's own {P}: type I stays near one half ({_tiny(log_one)}), and "
            f"type II falls as fast as it can, {number(two, 4)} nats a flip."
        )
    if share == Q:
        return (
            f"The threshold is Q's own {Q}: type II stays near one half, and type I falls as fast "
            f"as it can, {number(one, 4)} nats a flip."
        )
    slower, name = (one, "type I") if one < two else (two, "type II")
    return (
        f"Saying P from {share:g} on, {flips} flips make the errors fall by {number(one, 4)} "
        f"(type I) and {number(two, 4)} (type II) nats a flip. The slower one counts: {name}, "
        f"{number(slower, 4)}."
    )
