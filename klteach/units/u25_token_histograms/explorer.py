"""Explorers of unit 25: which words carry a divergence, and what is typed for those never seen."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from klteach.data import state_of_the_union
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
    rectangles,
)
from klteach.explorers.look import DIFFERENCE_STYLE, FAINT, INK, MUTED, P_COLOUR, Q_COLOUR
from klteach.explorers.picture import Picture
from klteach.measures import total_variation

# (name, first year, last year, form; None for both forms)
GROUPS = (
    ("1860–80", 1860, 1880, None),
    ("1900–12", 1900, 1912, None),
    ("1961–69", 1961, 1969, None),
    ("1981–2000 (spoken)", 1981, 2000, "spoken"),
    ("2001–08", 2001, 2008, None),
    ("2009–16", 2009, 2016, None),
    ("2017–20", 2017, 2020, None),
    ("2022–24", 2022, 2024, None),
    ("2026 (one address)", 2025, 2026, None),
    ("Carter 1978–80 (written)", 1978, 1980, "written"),
    ("Carter 1978–80 (spoken)", 1978, 1980, "spoken"),
)
NAMES = tuple(group[0] for group in GROUPS)
BASELINE = NAMES.index("1981–2000 (spoken)")
WRITTEN, SPOKEN = len(GROUPS) - 2, len(GROUPS) - 1
# (P, Q): all groups of the timeline against one, and one president against himself
PAIRS = (*((place, BASELINE) for place in range(WRITTEN)), (WRITTEN, SPOKEN))
LABELS = ("1860–\n80", "1900–\n12", "1961–\n69", "1981–\n2000", "2001–\n08", "2009–\n16",
          "2017–\n20", "2022–\n24", "2026", "Carter\nwrote")  # fmt: skip
START, ENERGETIC = NAMES.index("2001–08"), NAMES.index("2009–16")
SIZES = (100, 400, 700, 1000)
ALPHA = 0.5


@cache
def _counted():
    """For each pair its words, OTHER last, and the counts: `p`, `q` and the halves of Q."""
    data = state_of_the_union()
    rows = [
        np.flatnonzero(
            (data.year >= first) & (data.year <= last) & ((data.form == form) | (form is None))
        )
        for _, first, last, form in GROUPS
    ]
    found = []
    for p, q in PAIRS:
        words = data.commonest(rows[q], most=max(SIZES))
        counts = data.in_vocabulary(words)
        found.append(
            SimpleNamespace(
                words=np.array([*words, "OTHER"]),
                p=counts[rows[p]].sum(axis=0),
                q=counts[rows[q]].sum(axis=0),
                halves=[counts[rows[q][start::2]].sum(axis=0) for start in (1, 0)],
            )
        )
    return found


def _narrowed(counts, size):
    """The words beyond the first `size` go into OTHER."""
    return np.append(counts[:size], counts[size:].sum())


def _shares(counts, alpha):
    shares = counts + alpha
    return shares / shares.sum(axis=-1, keepdims=True)


def _terms(p, q):
    """p log(p/q) − p + q of each cell: never negative, and the sum is KL(p‖q)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / q), 0.0) - p + q
    return np.maximum(terms, 0)


# -- which words moved ----------------------------------------------------------------------------

SHOWN = 8
HIGHEST = 0.5  # nats, of the timeline
LONGEST = 0.0125  # nats, of the bar of one word
RATE_P, RATE_Q = 1.56 * LONGEST, 1.84 * LONGEST  # where the two columns of rates end


def words_that_moved():
    """Drag a line through time, and see which words carry the divergence of its addresses."""
    return Explorer(
        title="Which words moved",
        description=(
            "Above: KL(P‖Q) of the addresses of several groups of years against those of "
            "1981–2000, as columns over time, and at the right end one president, written against "
            "spoken; a line to drag chooses the column, which is split into what OTHER carries, "
            "grey, the eight words shown, hatched, and all the rest; a dotted line shows what the "
            "baseline's own alternate addresses differ by. Below: the eight words that carry most, "
            "as hatched bars, with their rates in 10 000 words of P and of Q."
        ),
        controls=[
            Slider(
                "pair",
                "Current data P",
                0,
                len(PAIRS) - 1,
                1,
                start=START,
                names=tuple(NAMES[p] for p, _ in PAIRS),
            ),
            Slider("size", "Words in the vocabulary", 100, 1000, 300, start=1000),
        ],
        presets={
            "politics": {"pair": START},
            "the same president": {"pair": len(PAIRS) - 1},
            "one address": {"pair": NAMES.index("2026 (one address)")},
        },
        draw=_draw_words,
        update=_update_words,
    )


def _draw_words():
    picture = Picture(6.2, 4.9, [["time"], ["words"]], height_ratios=[1, 1.15])
    time, words = picture.axes["time"], picture.axes["words"]
    time.set(xlim=(-0.6, len(PAIRS) - 0.4), ylim=(0, HIGHEST), yticks=[0, 0.2, 0.4])
    time.set_xticks(range(len(PAIRS)), LABELS, fontsize=8.5)
    time.set_title("KL(P‖Q), nats: drag P in time; Q is 1981–2000")
    time.axvline(len(PAIRS) - 1.5, color=FAINT, linewidth=1.0)
    time.text(BASELINE, 0.015, "Q", color=Q_COLOUR, ha="center", fontweight="bold")
    picture.shapes("columns", time, count=len(PAIRS) - 1, facecolor="none", edgecolor=MUTED)
    grey = {"facecolor": FAINT, "edgecolor": INK, "linewidth": 1.0}
    picture.shapes("other", time, **grey)
    picture.shapes("eight", time, **DIFFERENCE_STYLE)
    picture.shapes("rest", time, facecolor="none", edgecolor=INK, linewidth=1.4)
    picture.shapes("floor", time, closed=False, edgecolor=INK, linestyle=":", linewidth=1.6)
    picture.texts("kl", time, offset=(0, 4), fontsize=9.5, fontweight="bold")
    held = {"edgecolor": P_COLOUR, "linestyle": ":", "linewidth": 1.2}
    picture.line("pair", time, "x", (0, HIGHEST), grip=0.94, **held)

    words.set(xlim=(-0.55 * LONGEST, RATE_Q), ylim=(-1.7, SHOWN - 0.4), yticks=[])
    words.set_xticks([0, 0.005, 0.01], ["0", "0.005", "0.01 nats"])
    for side in ("left", "bottom"):
        words.spines[side].set_visible(False)
    words.invert_yaxis()
    words.plot([0, 0], [-0.5, SHOWN - 0.5], color=MUTED, linewidth=0.8)
    words.set_title("The eight words that carry most")
    heads = {"ha": "right", "va": "center", "fontsize": 9}
    words.text(RATE_P - 0.1 * LONGEST, -1.1, "in 10 000 words:", **heads)
    words.text(RATE_P, -1.1, "P", color=P_COLOUR, fontweight="bold", **heads)
    words.text(RATE_Q, -1.1, "Q", color=Q_COLOUR, fontweight="bold", **heads)
    picture.shapes("words", words, count=SHOWN, **DIFFERENCE_STYLE)
    row = {"count": SHOWN, "fontsize": 9}
    picture.texts("words", words, offset=(-4, -3), ha="right", **row)
    picture.texts("nats", words, offset=(4, -3), ha="left", **row)
    picture.texts("p", words, offset=(0, -3), ha="right", **row)
    picture.texts("q", words, offset=(0, -3), ha="right", **row)
    return picture


@cache
def _compared():
    """Every pair in every size of the vocabulary, arrays (sizes, pairs, ...)."""
    found = []
    for size in SIZES:
        for counted in _counted():
            p, q, *halves = (
                _shares(_narrowed(counts, size), ALPHA)
                for counts in (counted.p, counted.q, *counted.halves)
            )
            terms = _terms(p, q)
            order = np.argsort(-terms[:-1], kind="stable")[:SHOWN]
            found.append(
                (
                    terms.sum(),
                    terms[-1],
                    terms[order],
                    p[order],
                    q[order],
                    counted.words[order],
                    _terms(*halves).sum(),
                    total_variation(p, q),
                )
            )
    names = ("kl", "other", "eight", "p", "q", "words", "floor", "tv")
    shape = (len(SIZES), len(PAIRS))
    stacked = (np.array(column) for column in zip(*found, strict=True))
    return {
        name: column.reshape(shape + column.shape[1:])
        for name, column in zip(names, stacked, strict=True)
    }


def _update_words(state):
    pair = state.pair.astype(int)
    size = np.searchsorted(SIZES, state.size)
    seen = SimpleNamespace(**{name: values[size, pair] for name, values in _compared().items()})
    n, m = (np.array([counts.sum() for counts in side])[pair] for side in _both_sides())
    columns = _compared()["kl"][size, :-1]
    eight = seen.eight.sum(axis=1)
    tops = np.cumsum(np.stack([seen.other, eight, seen.kl - seen.other - eight], axis=1), axis=1)
    bottoms = np.column_stack([np.zeros(len(n)), tops[:, :-1]])
    left = (state.pair - 0.38)[:, None]
    rows = np.tile(np.arange(SHOWN), (len(n), 1))
    bars = np.minimum(seen.eight, LONGEST)
    floor = seen.floor[:, None]
    return Frame(
        shapes={
            "columns": rectangles(np.arange(len(PAIRS) - 1) - 0.38, 0.0, 0.76, columns),
            **{
                name: rectangles(left, bottoms[:, [i]], 0.76, (tops - bottoms)[:, [i]])
                for i, name in enumerate(("other", "eight", "rest"))
            },
            "floor": line(left + np.array([-0.06, 0.82]), np.concatenate([floor, floor], axis=1)),
            "words": rectangles(0.0, rows - 0.36, bars, 0.72),
        },
        texts={
            "kl": (state.pair[:, None], seen.kl[:, None], [[number(kl)] for kl in seen.kl]),
            "words": (np.zeros_like(bars), rows, seen.words.tolist()),
            "nats": (bars, rows, [[_nats(nats) for nats in row] for row in seen.eight.tolist()]),
            "p": (np.full_like(bars, RATE_P), rows, _rates(seen.p)),
            "q": (np.full_like(bars, RATE_Q), rows, _rates(seen.q)),
        },
        readouts=[
            Readout("KL(P‖Q)", seen.kl, "nats"),
            Readout("Q's alternate addresses", seen.floor, "nats"),
            Readout("words in P", n, digits=0),
            Readout("words in Q", m, digits=0),
        ],
        invariants=[
            Invariant("KL ≥ 0", seen.kl),
            Invariant("TV ≤ √(KL/2)", np.sqrt(seen.kl / 2) - seen.tv),
        ],
        sentence=each(_words_sentence, pair, seen.kl, seen.other, eight, seen.words[:, :3]),
        table=Table(
            [f"{place}." for place in range(1, SHOWN + 1)],
            {"adds, nats": seen.eight, "p": seen.p, "q": seen.q},
            digits=5,
        ),
        tasks=[
            Task("Find the years of more “energy” and less “must”.", pair == ENERGETIC),
            Task("Find what moved most since 1961.", pair == len(PAIRS) - 1),
            Task("Bring 2001–08 under 0.06 nats.", (pair == START) & (seen.kl < 0.06)),
        ],
    )


def _both_sides():
    return zip(*((counted.p, counted.q) for counted in _counted()), strict=True)


def _rates(shares):
    return [[number(10_000 * share, 1) for share in row] for row in shares.tolist()]


def _nats(nats):
    return f"{number(nats, 4)}{' →' if nats > LONGEST else ''}"


def _words_sentence(pair, kl, other, eight, words):
    p, q = PAIRS[pair]
    if p == q:
        return f"{NAMES[q]} is the baseline itself, so KL(P‖Q) is 0 and no word has moved."
    return (
        f"From {NAMES[q]} to {NAMES[p]} the words moved by {number(kl)} nats. OTHER carries "
        f"{number(100 * other / kl, 0)} % of it and the eight words shown "
        f"{number(100 * eight / kl, 0)} %, led by {words[0]}, {words[1]} and {words[2]}."
    )


# -- unseen words ---------------------------------------------------------------------------------

NOTHING = -8.0  # where the axis of what is added says 0
SMALLEST, LARGEST, STEP = -7.2, 0.7, 0.1  # of α, as a power of ten
POWERS = np.round(np.arange(NOTHING, LARGEST + STEP / 2, STEP), 1)
TOP = 0.82  # nats
BAR = 0.16  # half the width of the bar
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unseen_words():
    """Drag what is added to each count: one direction stays, the other is what you type."""
    return Explorer(
        title="Words that one side lacks",
        description=(
            "One president: P, written, and Q, spoken. Both divergences against what is added to "
            "each count, on a logarithmic axis, with the ε in an empty share that comes to the "
            "same: KL(P‖Q) solid, KL(Q‖P) dash-dotted. A line to drag; on it KL(Q‖P) as a bar, "
            "hatched where the cells carry it that are empty in P. At the far left nothing is "
            "added."
        ),
        controls=[
            Slider(
                "added",
                "Added to each count",
                NOTHING,
                LARGEST,
                STEP,
                start=-0.3,
                names=tuple(_said(alpha) for alpha in _alpha(POWERS).tolist()),
            )
        ],
        presets={
            "α = ½": {"added": -0.3},
            "α = 5": {"added": 0.7},
            "ε = 1e-12": {"added": SMALLEST},
            "nothing": {"added": NOTHING},
        },
        draw=_draw_unseen,
        update=_update_unseen,
    )


def _alpha(power):
    """What is added, to two digits, so that it is ½ and 5 exactly; nothing at the far left."""
    rounded = np.array([float(f"{10.0**one:.1e}") for one in np.ravel(power)])
    return np.where(power < SMALLEST - STEP / 2, 0.0, rounded)


def _said(alpha):
    return f"α = {alpha:g}" if alpha else "nothing"


def _draw_unseen():
    picture = Picture(6.2, 3.6, [["kl"]])
    kl = picture.axes["kl"]
    kl.set(xlim=(NOTHING - 0.4, LARGEST + 0.4), ylim=(0, TOP), yticks=[0, 0.2, 0.4, 0.6])
    powers = [-7, -5, -3, -1]
    kl.set_xticks(
        [NOTHING, *powers, 0],
        ["0", *("10" + str(power).translate(SUPERSCRIPTS) for power in powers), "1"],
    )
    kl.set_xlabel("drag: α added to each count", labelpad=1)
    kl.set_ylabel("nats")
    above = kl.secondary_xaxis("top")
    exponents = (-12, -10, -8, -6)
    size = np.log10(_counted()[-1].p.sum())
    above.set_xticks(
        [size + exponent for exponent in exponents],
        ["10" + str(exponent).translate(SUPERSCRIPTS) for exponent in exponents],
    )
    above.set_xlabel("= ε in an empty share", labelpad=3)
    for height in (0.2, 0.4, 0.6):
        kl.axhline(height, color=FAINT, linewidth=0.8, zorder=0)
    forward, back = _curves()
    kl.plot(POWERS, forward, color=INK, linewidth=1.8)
    kl.plot(POWERS[np.isfinite(back)], back[np.isfinite(back)], color=INK, lw=1.8, linestyle="-.")
    kl.text(-4.0, forward[0] - 0.02, "KL(P‖Q)", va="top", fontsize=9.5)
    kl.text(-4.0, np.interp(-4.0, POWERS, back) + 0.02, "KL(Q‖P)", va="bottom", fontsize=9.5)
    picture.shapes("empty", kl, ghost=True, **DIFFERENCE_STYLE)
    picture.shapes("rest", kl, facecolor="none", edgecolor=INK, linewidth=1.2)
    picture.shapes("arrow", kl, facecolor=INK, edgecolor=INK)
    picture.line("added", kl, "x", (0, TOP), grip=0.75, edgecolor=MUTED, linestyle=":", lw=1.6)
    picture.texts("kl", kl, offset=(0, 4), fontsize=10.5, fontweight="bold")
    return picture


@cache
def _curves():
    """KL(P‖Q) and KL(Q‖P) of one president, for each of POWERS."""
    p, q = _of_one_president(POWERS)
    return _terms(p, q).sum(axis=1), _terms(q, p).sum(axis=1)


def _of_one_president(power):
    alpha = _alpha(power)[:, None]
    counted = _counted()[-1]
    return _shares(counted.p, alpha), _shares(counted.q, alpha)


def _update_unseen(state):
    counted = _counted()[-1]
    lacking = (counted.p == 0) & (counted.q > 0)
    p, q = _of_one_president(state.added)
    forward, terms = _terms(p, q).sum(axis=1), _terms(q, p)
    back, empty = terms.sum(axis=1), terms[:, lacking].sum(axis=1)
    infinite = np.isinf(back)
    rest = terms[:, ~lacking].sum(axis=1)
    half = np.where(infinite, 0.4 * BAR, BAR)
    left, width = (state.added - half)[:, None], 2 * half[:, None]
    top = np.where(infinite, 0.88 * TOP, back)
    alpha = _alpha(state.added)
    return Frame(
        shapes={
            "rest": rectangles(left, 0.0, width, rest[:, None]),
            "empty": rectangles(left, rest[:, None], width, (top - rest)[:, None]),
            "arrow": _arrow(state.added, infinite),
        },
        texts={
            "kl": (
                (state.added + np.where(infinite, 0.4, 0.0))[:, None],
                top[:, None],
                [[number(kl)] for kl in back],
            )
        },
        readouts=[
            Readout("KL(P‖Q)", forward, "nats"),
            Readout("KL(Q‖P)", back, "nats"),
            Readout(f"of it, in the {lacking.sum()} empty cells", empty, "nats"),
            Note("each count gets", each(lambda one: f"{one:g}" if one else "nothing", alpha)),
        ],
        invariants=[Invariant("KL ≥ 0, both ways", np.minimum(forward, back))],
        sentence=each(_unseen_sentence, alpha, forward, back, empty),
        table=Table(
            ("KL(P‖Q)", "KL(Q‖P)"),
            {
                "all cells": np.stack([forward, back], axis=1),
                "those empty in P": np.stack([_terms(p, q)[:, lacking].sum(axis=1), empty], axis=1),
            },
        ),
        tasks=[
            Task("Make KL(Q‖P) infinite.", infinite),
            Task("Make it 0.5 nats: what have you said?", np.abs(back - 0.5) < 0.0025),
        ],
    )


def _arrow(x, infinite):
    """The head of an arrow that leaves the axis at the top; of no size where KL is finite."""
    corners = np.array([[-BAR, 0.88 * TOP], [0.0, TOP], [BAR, 0.88 * TOP]])
    corners = np.where(infinite[:, None, None], corners, 0.0)
    corners[..., 0] += x[:, None]
    return corners[:, None]


def _unseen_sentence(alpha, forward, back, empty):
    if back == np.inf:
        return (
            "P never uses some words of Q, and nothing is added: KL(Q‖P) is infinite, while "
            f"KL(P‖Q) is {number(forward)} nats."
        )
    return (
        f"With {alpha:g} added to each count KL(Q‖P) is {number(back)} nats, {number(empty)} of "
        f"it in cells that are empty in P; KL(P‖Q) is {number(forward)}."
    )
