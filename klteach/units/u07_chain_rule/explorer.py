"""Explorers of unit 07: two mosaics whose KL comes in parts, and tokens whose KL adds up."""

import math

import numpy as np
from scipy.stats import binom

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
from klteach.explorers.look import (
    DIFFERENCE_COLOUR,
    DIFFERENCE_STYLE,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_COLOUR,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence

# -- two mosaics ----------------------------------------------------------------------------------

# Texts of two words: "yes" or "no", then "please" or "thanks". P's second words stay.
PLEASE_AFTER_YES, PLEASE_AFTER_NO = 0.8, 0.3
TEXTS = ("yes please", "yes thanks", "no please", "no thanks")
SAME = 1e-9  # KLs are equal up to rounding
LONGEST = 2.65  # nats; the largest KL of the grid is 2.565
TOP = 4.1  # where the panel of the bars ends
BARS = (2.1, 0.1)  # where the two bars lie
KNOB = 0.03  # how far inside the square a knob stands
SECOND_STYLE = {
    "facecolor": "none",
    "edgecolor": DIFFERENCE_COLOUR,
    "linewidth": 1.2,
    "hatch": "\\\\\\\\",
}


def two_mosaics():
    """Drag the cuts of two mosaics; the KL of whole texts is the sum of two parts, either way."""
    return Explorer(
        title="One KL, two parts",
        description=(
            "Two squares of area 1, P solid and Q dashed, each cut into four areas: the "
            "probabilities of the texts yes please, yes thanks, no please and no thanks. An "
            "upright cut shares out the first word, a level cut in each column the second. Below, "
            "two bars of hatched pieces, as long as KL(P‖Q): on top the KL of the first word, "
            "hatched ///, then that of the second given the first, \\\\\\, for yes and for no. "
            "Under it the same the other way round, the second word first."
        ),
        controls=[
            Slider("p_yes", "P: yes", 0.1, 0.9, 0.1, start=0.4),
            Slider("q_yes", "Q: yes", 0.1, 0.9, 0.1, start=0.8),
            Slider("q_please_yes", "Q: please after yes", 0.2, 0.8, 0.1, start=0.3),
            Slider("q_please_no", "Q: please after no", 0.2, 0.8, 0.1, start=0.4),
        ],
        presets={
            "first word right": {"p_yes": 0.4, "q_yes": 0.4},
            "second word right": {"q_please_yes": 0.8, "q_please_no": 0.3},
            "a rare column": {"p_yes": 0.1, "q_please_yes": 0.2, "q_please_no": 0.3},
        },
        draw=_draw_mosaics,
        update=_update_mosaics,
    )


def _draw_mosaics():
    picture = Picture(
        6.4, 3.6, [["p", "q"], ["parts", "parts"]], height_ratios=[1.15, 1], width_ratios=[1, 1]
    )
    p, q, parts = (picture.axes[name] for name in ("p", "q", "parts"))
    for axes, name in ((p, "p"), (q, "q")):
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        picture.texts(f"areas_{name}", axes, count=4, va="center", fontsize=9)
    picture.shapes("p", p, count=4, **P_STYLE | {"alpha": [0.6, 0.2, 0.6, 0.2]})
    q.plot([0, 1, 1, 0, 0], [0, 0, 1, 1, 0], color=Q_COLOUR, linewidth=2, linestyle=(0, (4, 2)))
    picture.shapes("q", q, count=2, closed=False, **Q_STYLE)
    picture.line("p_yes", p, "x", (0, 1), edgecolor=P_COLOUR, linewidth=2.5)
    picture.line("q_yes", q, "x", (0, 1), edgecolor=Q_COLOUR, linewidth=2.5, linestyle=(0, (4, 2)))
    p.set_title("P: drag the upright cut")
    q.set_title("Q: drag the cut and both knobs")
    picture.point(q, KNOB, "q_please_yes", color=Q_COLOUR)
    picture.point(q, 1 - KNOB, "q_please_no", color=Q_COLOUR)
    parts.set(xlim=(0, LONGEST), ylim=(-0.15, TOP), yticks=[], xlabel="nats")
    parts.set_title(" ")  # keeps room for the KL of the text
    parts.spines["left"].set_visible(False)
    picture.shapes("margins", parts, count=2, **DIFFERENCE_STYLE)
    picture.shapes("given", parts, count=4, **SECOND_STYLE)
    whole = {"facecolor": "none", "edgecolor": INK, "linewidth": 2}
    picture.shapes("whole", parts, count=2, closed=False, ghost=True, **whole)
    picture.texts("words", parts, count=2, ha="left", fontsize=9)
    picture.texts("total", parts, offset=(0, 9), ha="right", fontsize=9.5, fontweight="bold")
    return picture


def _joint(yes, please_yes, please_no):
    """Probabilities of the four texts, (states, first word, second word)."""
    first = np.stack([yes, 1 - yes], axis=-1)
    please = np.stack([please_yes, please_no], axis=-1)
    return first[..., None] * np.stack([please, 1 - please], axis=-1)


def _parts(p, q):
    """(KL of the first word, P's share times KL of the second for each first word)."""
    first_p, first_q = p.sum(axis=-1), q.sum(axis=-1)
    rows = kl_divergence(p / first_p[..., None], q / first_q[..., None])
    return kl_divergence(first_p, first_q), first_p * rows


def _update_mosaics(state):
    constant = np.full_like(state.p_yes, PLEASE_AFTER_YES)
    p = _joint(state.p_yes, constant, np.full_like(constant, PLEASE_AFTER_NO))
    q = _joint(state.q_yes, state.q_please_yes, state.q_please_no)
    kl = kl_divergence(p.reshape(-1, 4), q.reshape(-1, 4))
    first, given_first = _parts(p, q)
    second, given_second = _parts(p.swapaxes(1, 2), q.swapaxes(1, 2))
    conditional = given_first.sum(axis=-1)
    margins, given = (
        _bars(margin, given, bottom)
        for margin, given, bottom in zip(
            (first, second), (given_first, given_second), BARS, strict=True
        )
    )
    right_words = (first < SAME) & (second < SAME)
    return Frame(
        shapes={
            "p": _mosaic(p),
            "q": _levels(state),
            "margins": np.concatenate([margins[:, :1], given[:, :1]], axis=1),
            "given": np.concatenate([margins[:, 1:], given[:, 1:]], axis=1),
            "whole": _ends(kl),
        },
        texts={
            "areas_p": _areas(p),
            "areas_q": _areas(q),
            "words": (
                0.0,
                np.array([3.15, 1.15]) + np.zeros((len(kl), 1)),
                each(_words, first, conditional, second, given_second.sum(axis=-1)),
            ),
            "total": (
                LONGEST,
                np.full((len(kl), 1), TOP),
                each(lambda x: [f"KL of the text {number(x)}"], kl),
            ),
        },
        readouts=[
            Readout("KL of the first word", first, "nats"),
            Readout("KL of the second, given the first", conditional, "nats"),
            Readout("KL of the whole text", kl, "nats"),
        ],
        invariants=[
            Invariant("both parts make the whole", -np.abs(first + conditional - kl)),
            Invariant("also second word first", -np.abs(second + given_second.sum(axis=-1) - kl)),
            Invariant("first word ≤ whole text", kl - first),
        ],
        sentence=each(_mosaic_sentence, first, given_first, kl),
        table=Table(TEXTS, {"P": p.reshape(-1, 4), "Q": q.reshape(-1, 4), "term": _terms(p, q)}),
        tasks=[
            Task(
                "Bring the KL of the first word to 0, but not that of the text.",
                (first < SAME) & (kl > SAME),
            ),
            Task(
                "Halve the second part by P's cut alone, with Q as it was at the start.",
                (conditional < 0.5 * _at_the_start()) & _q_as_at_the_start(state),
            ),
            Task("Make each word right by itself, but not the text.", right_words & (kl > SAME)),
        ],
    )


def _at_the_start():
    """The second part in the first state."""
    return _given_first(0.4, 0.3, 0.4)


def _given_first(yes, please_yes, please_no):
    p = _joint(*map(np.atleast_1d, (yes, PLEASE_AFTER_YES, PLEASE_AFTER_NO)))
    q = _joint(*map(np.atleast_1d, (yes, please_yes, please_no)))
    return float(_parts(p, q)[1].sum())


def _q_as_at_the_start(state):
    return (state.q_yes == 0.8) & (state.q_please_yes == 0.3) & (state.q_please_no == 0.4)


def _mosaic(joint):
    """Four rectangles: a column for each first word, please below and thanks above."""
    yes = joint[:, 0].sum(axis=-1)
    please = joint[:, :, 0] / joint.sum(axis=-1)
    left = np.stack([np.zeros_like(yes), np.zeros_like(yes), yes, yes], axis=-1)
    width = np.stack([yes, yes, 1 - yes, 1 - yes], axis=-1)
    zero = np.zeros_like(yes)
    bottom = np.stack([zero, please[:, 0], zero, please[:, 1]], axis=-1)
    height = np.stack([please[:, 0], 1 - please[:, 0], please[:, 1], 1 - please[:, 1]], axis=-1)
    return rectangles(left, bottom, width, height)


def _levels(state):
    """The level cuts of Q, one in each column."""
    cut = state.q_yes
    zero, one = np.zeros_like(cut), np.ones_like(cut)
    left = line(np.stack([zero, cut], axis=-1), np.stack(2 * [state.q_please_yes], axis=-1))
    right = line(np.stack([cut, one], axis=-1), np.stack(2 * [state.q_please_no], axis=-1))
    return np.concatenate([left, right], axis=1)


def _ends(kl):
    """Where both bars must end: a tick across each, at the KL of the four texts."""
    x = np.stack([kl, kl], axis=-1)
    ticks = [line(x, np.array([bottom - 0.1, bottom + 0.9])) for bottom in BARS]
    return np.concatenate(ticks, axis=1)


def _areas(joint):
    """A label in the middle of each area: its text where there is room, else its words alone."""
    middle = _mosaic(joint).mean(axis=2)
    widths = np.repeat(joint.sum(axis=-1), 2, axis=-1)
    return middle[..., 0], middle[..., 1], each(_area_labels, widths.tolist())


def _area_labels(widths):
    return [
        text if width > 0.35 else text.split()[1] if width > 0.15 else ""
        for text, width in zip(TEXTS, widths, strict=True)
    ]


def _bars(margin, given, bottom):
    """One bar of three pieces, end to end."""
    lengths = np.concatenate([margin[:, None], given], axis=-1)
    ends = np.cumsum(lengths, axis=-1)
    return rectangles(ends - lengths, bottom, lengths, 0.8)


def _words(first, given_first, second, given_second):
    return [
        f"first word /// {number(first)}, second given first \\\\\\ {number(given_first)}",
        f"second word /// {number(second)}, first given second \\\\\\ {number(given_second)}",
    ]


def _terms(p, q):
    return (p * np.log(p / q)).reshape(-1, 4)


def _mosaic_sentence(first, given, kl):
    if kl < SAME:
        return "Q is P: both parts are 0, and so is the whole."
    after_yes, after_no = given
    return (
        f"{number(first)} nats for the first word and {number(after_yes + after_no)} for the "
        f"second ({number(after_yes)} after yes, {number(after_no)} after no) make {number(kl)} "
        "for the text."
    )


# -- many tokens ----------------------------------------------------------------------------------

MOST = 500  # tokens
NODES = np.arange(0, MOST + 1, 10)
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LOW, HIGH = 0.05, 0.95  # of all texts, nine in ten lie between


def many_tokens():
    """Drag the length of a text and the KL of a token; see what adds up, and what stays."""
    return Explorer(
        title="Per text and per token",
        description=(
            "Texts of independent tokens, drawn from P; each token is one of two that P holds for "
            "equally likely. Left: the log ratio of the whole text against its length, its average "
            "a straight line, and a band with nine texts in ten. Right: the same divided by the "
            "length: the line is level, and the band narrows like 1/√n. Drag the length in the "
            "left picture and the KL per token in the right one."
        ),
        controls=[
            Slider("tokens", "Tokens in the text", 10, MOST, 10, start=50),
            Slider("kl", "KL per token", 0.005, 0.05, 0.0025, start=0.01, unit="nats"),
        ],
        presets={
            "one paragraph": {"tokens": 100},
            "one page": {"tokens": 500},
            "nearly equal": {"kl": 0.005},
        },
        draw=_draw_tokens,
        update=_update_tokens,
    )


def _draw_tokens():
    picture = Picture(6.4, 3.3, [["sum", "mean"]])
    total, mean = picture.axes["sum"], picture.axes["mean"]
    total.set(xlim=(0, 540), ylim=(-7, 42), xlabel="tokens", ylabel="nats per text")
    total.set_title("Log ratio, added up")
    mean.set(yticks=[-0.05, 0, 0.05, 0.1])
    mean.set(xlim=(0, 540), ylim=(-0.07, 0.14), xlabel="tokens", ylabel="nats per token")
    mean.set_title("The same, averaged")
    for axes, name in ((total, "sum"), (mean, "mean")):
        axes.axhline(0, color=MUTED, linewidth=0.8)
        picture.shapes(f"band_{name}", axes, facecolor=P_COLOUR, alpha=0.2, linewidth=0)
    rise = {"facecolor": "none", "edgecolor": DIFFERENCE_COLOUR, "linewidth": 2.5}
    picture.shapes("line", total, closed=False, **rise)
    picture.shapes("here", total, facecolor=INK, linewidth=0)
    picture.texts("ratio", total, count=2, ha="left", fontsize=9.5, fontweight="bold")
    picture.line("tokens", total, "x", (-7, 32), edgecolor=INK, linestyle=":", linewidth=1.5)
    picture.line("kl", mean, "y", (0, MOST), edgecolor=DIFFERENCE_COLOUR, linewidth=2.5)
    return picture


def _update_tokens(state):
    n, kl = state.tokens, state.kl
    low, high = _nine_in_ten(NODES[1:], kl[:, None])
    start = np.zeros((len(kl), 1))
    low, high = np.concatenate([start, low], axis=1), np.concatenate([start, high], axis=1)
    total = n * kl
    here_low, here_high = _nine_in_ten(n, kl)
    lengths = NODES[1:]
    return Frame(
        shapes={
            "band_sum": _band(NODES, low, high),
            "line": line(np.array([0.0, MOST]), np.outer(kl, [0.0, MOST])),
            "band_mean": _band(lengths, low[:, 1:] / lengths, high[:, 1:] / lengths),
            "here": rectangles((n - 5)[:, None], (total - 0.6)[:, None], 10.0, 1.2),
        },
        texts={
            "ratio": (12.0, np.array([38.0, 34.5]) + np.zeros((len(kl), 1)), each(_label, total)),
        },
        readouts=[
            Readout("per token", kl, "nats", digits=4),
            Readout("per text: n · KL", total, "nats", digits=2),
            Readout("nine texts in ten from", here_low, "nats", digits=2),
            Readout("to", here_high, "nats", digits=2),
        ],
        invariants=[
            Invariant("the band holds the average", np.minimum(total - here_low, here_high - total))
        ],
        sentence=each(_tokens_sentence, n, kl, total, here_low, here_high),
        table=Table(
            ("per text", "per token"),
            {
                "average": np.stack([total, kl], axis=-1),
                "from": np.stack([here_low, here_low / n], axis=-1),
                "to": np.stack([here_high, here_high / n], axis=-1),
            },
            digits=4,
        ),
        tasks=[
            Task(
                "Make a text of 100 tokens typically 10 times likelier, or more.",
                (n == 100) & (total >= math.log(10)),
            ),
            Task(
                "At 0.02 nats a token, find a length at which the band leaves 0 behind.",
                (kl == 0.02) & (here_low > 0),
            ),
        ],
    )


def _nine_in_ten(n, kl):
    """Quantiles of the log ratio of n tokens under P, where each of two tokens has probability ½.

    Q gives them r and 1 - r, and KL = -½ log(4 r (1 - r)).
    """
    r = (1 + np.sqrt(-np.expm1(-2 * kl))) / 2
    rarer, commoner = np.log(0.5 / (1 - r)), np.log(0.5 / r)
    return tuple(
        heads * rarer + (n - heads) * commoner
        for heads in (binom.ppf(LOW, n, 0.5), binom.ppf(HIGH, n, 0.5))
    )


def _band(x, low, high):
    x = np.broadcast_to(x, low.shape)
    return line(
        np.concatenate([x, x[:, ::-1]], axis=1), np.concatenate([low, high[:, ::-1]], axis=1)
    )


def _label(total):
    return [f"n · KL = {number(total, 2)} nats", f"e to that: {_ratio(total)}"]


def _ratio(nats):
    """e to so many nats as a reader wants it: 2.72, 22,026, 7.2 · 10¹⁰."""
    ratio = math.exp(nats)
    if ratio < 100:
        return f"{ratio:.2f}"
    if ratio < 1e7:
        return f"{ratio:,.0f}"
    power = math.floor(math.log10(ratio))
    return f"{ratio / 10**power:.1f} · 10{str(power).translate(RAISED)}"


def _tokens_sentence(n, kl, total, low, high):
    return (
        f"{n:.0f} tokens at {kl:g} nats each are {number(total, 2)} nats: such a text is typically "
        f"{_ratio(total)} times likelier under P than under Q. Nine texts in ten lie between "
        f"{number(low, 1)} and {number(high, 1)} nats."
    )
