"""Explorer of unit 25: which words carry the divergence between two groups of addresses."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from klteach.data import state_of_the_union
from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Note, Readout, Table, each, number, rectangles
from klteach.explorers.look import DIFFERENCE_STYLE, FAINT, INK, MUTED, P_STYLE, Q_STYLE
from klteach.explorers.picture import Picture
from klteach.measures import total_variation

# (name, first year, last year, form; None for both forms)
GROUPS = (
    ("1860–80", 1860, 1880, None),
    ("1900–12", 1900, 1912, None),
    ("1961–69", 1961, 1969, None),
    ("Carter 1978–80 (spoken)", 1978, 1980, "spoken"),
    ("Carter 1978–80 (written)", 1978, 1980, "written"),
    ("1981–2000 (spoken)", 1981, 2000, "spoken"),
    ("2001–08", 2001, 2008, None),
    ("2009–16", 2009, 2016, None),
    ("2017–20", 2017, 2020, None),
    ("2022–24", 2022, 2024, None),
    ("2025–26 (one address)", 2025, 2026, None),
)
NAMES = tuple(group[0] for group in GROUPS)
BASELINES = (5, 3)
SIZES = (100, 400, 700, 1000)
# (name, α on each count, ε in the place of a share of 0)
POLICIES = (
    ("α = ½ on counts", 0.5, 0.0),
    ("α = 0.01 on counts", 0.01, 0.0),
    ("α = 5 on counts", 5.0, 0.0),
    ("ε = 1e-6 in empty shares", 0.0, 1e-6),
    ("ε = 1e-12 in empty shares", 0.0, 1e-12),
    ("none", 0.0, 0.0),
)
WAYS = ("KL(current‖baseline)", "KL(baseline‖current)")
SHOWN = 8
RIGHTMOST = 0.6  # nats, of the bar of all words
LONGEST = 0.01  # nats, of the bar of one word
LEAST = 1e-6  # the share at which the logarithmic axis begins


def words_that_moved():
    """Pick a baseline and a cohort of addresses, and see which words carry their divergence."""
    return Explorer(
        title="Which words moved",
        description=(
            "Top: the divergence as one bar, split into what OTHER carries, the eight words shown "
            "and all the rest, with a dotted line where the baseline's own alternate addresses "
            "stand. Below left: the eight words that carry most, as hatched bars. Below right: "
            "their shares on a logarithmic axis, P solid and Q dashed."
        ),
        controls=[
            Choice("baseline", "Baseline Q", tuple(NAMES[place] for place in BASELINES)),
            Choice("cohort", "Current data P", NAMES, start=6),
            Choice("way", "Direction", WAYS),
            Choice("policy", "Unseen words", tuple(policy[0] for policy in POLICIES)),
            Slider("size", "Words in the vocabulary", 100, 1000, 300, start=1000),
        ],
        presets={
            "politics": {"cohort": 6},
            "the same president": {"baseline": 1, "cohort": 4},
            "the other direction": {"baseline": 1, "cohort": 4, "way": 1},
            "the other direction, ε": {"baseline": 1, "cohort": 4, "way": 1, "policy": 4},
            "one address": {"cohort": 10},
        },
        draw=_draw,
        update=_update,
    )


def _draw():
    picture = Picture(
        7.8, 4.9, [["all", "all"], ["words", "shares"]], height_ratios=[1, 3.1],
        width_ratios=[1.25, 1],
    )  # fmt: skip
    whole, words, shares = (picture.axes[name] for name in ("all", "words", "shares"))
    whole.set(xlim=(0, RIGHTMOST), ylim=(-0.2, 1.75), yticks=[], xlabel="nats")
    whole.set_title("The divergence, and who carries it; dotted: the baseline against itself")
    whole.spines["left"].set_visible(False)
    grey = {"facecolor": FAINT, "edgecolor": INK, "linewidth": 1.0}
    picture.shapes("other", whole, **grey)
    picture.shapes("eight", whole, **DIFFERENCE_STYLE)
    picture.shapes("rest", whole, facecolor="none", edgecolor=INK, linewidth=1.0)
    picture.shapes("floor", whole, closed=False, edgecolor=INK, linestyle=":", linewidth=1.6)
    picture.texts("parts", whole, count=3, fontsize=9)
    picture.texts("total", whole, ha="left", fontsize=9)

    words.set(xlim=(-0.0055, LONGEST * 1.25), ylim=(-0.7, SHOWN - 0.3), yticks=[], xlabel="nats")
    words.set(xticks=[0, 0.005, 0.01])
    words.spines["left"].set_visible(False)
    words.invert_yaxis()
    words.axvline(0, color=MUTED, linewidth=0.8)
    words.set_title("The eight words that carry most")
    picture.shapes("words", words, count=SHOWN, **DIFFERENCE_STYLE)
    picture.texts("words", words, count=SHOWN, offset=(-4, -3), ha="right", fontsize=9)
    picture.texts("nats", words, count=SHOWN, offset=(4, -3), ha="left", fontsize=8.5)

    shares.set(xscale="log", xlim=(LEAST, 0.3), ylim=(-0.7, SHOWN - 0.3), yticks=[])
    shares.set(xlabel="share of all words, logarithmic")
    shares.set(xticks=[1e-6, 1e-4, 1e-2], xticklabels=["1e-6", "1e-4", "1e-2"])
    shares.minorticks_off()
    shares.invert_yaxis()
    shares.set_title("Their shares: P solid, Q dashed")
    picture.shapes("p", shares, count=SHOWN, **P_STYLE)
    picture.shapes("q", shares, count=SHOWN, **Q_STYLE)
    return picture


@cache
def _counts():
    """For each baseline its words, and the counts in its vocabulary of each size.

    counts[baseline][size] is (groups, words + 1), with OTHER last; halves are those of the
    baseline's own addresses, every second one against the others.
    """
    data = state_of_the_union()
    rows = [
        np.flatnonzero(
            (data.year >= first) & (data.year <= last) & ((data.form == form) | (form is None))
        )
        for _, first, last, form in GROUPS
    ]
    counted = []
    for place in BASELINES:
        words = data.commonest(rows[place], most=max(SIZES))
        every = data.in_vocabulary(words)
        groups = np.array([every[chosen].sum(axis=0) for chosen in rows])
        halves = np.array([every[rows[place][start::2]].sum(axis=0) for start in (1, 0)])
        counted.append(
            SimpleNamespace(
                words=np.array([*words, "OTHER"]),
                groups={size: _narrowed(groups, size) for size in SIZES},
                halves={size: _narrowed(halves, size) for size in SIZES},
            )
        )
    return counted


def _narrowed(counts, size):
    """The words beyond the first `size` go into OTHER."""
    return np.column_stack([counts[:, :size], counts[:, size:].sum(axis=1)])


def _shares(counts, alpha, eps):
    shares = counts + alpha
    shares = shares / shares.sum(axis=-1, keepdims=True)
    shares = np.where(shares == 0, eps, shares)
    return shares / shares.sum(axis=-1, keepdims=True)


def _terms(p, q):
    """p log(p/q) − p + q of each cell: never negative, and the sum is KL(p‖q)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * np.log(p / q), 0.0) - p + q
    return np.maximum(terms, 0)


@cache
def _compared(baseline, way, policy, size):
    """One baseline, vocabulary, policy and direction: the numbers of every group, a row each."""
    counted, (_, alpha, eps) = _counts()[baseline], POLICIES[policy]
    counts = counted.groups[size]
    p = _shares(counts, alpha, eps)
    q = _shares(counts[BASELINES[baseline]], alpha, eps)
    pair = (p, q) if way == 0 else (q, p)
    terms = _terms(*np.broadcast_arrays(*pair))
    of_words = terms[:, :-1]
    order = np.argsort(-of_words, axis=1, kind="stable")[:, :SHOWN]
    halves = _shares(counted.halves[size], alpha, eps)
    empty = (counts == 0) != (counts[BASELINES[baseline]] == 0)
    with np.errstate(invalid="ignore"):
        return SimpleNamespace(
            kl=terms.sum(axis=1),
            other=terms[:, -1],
            eight=np.take_along_axis(of_words, order, axis=1),
            p=np.take_along_axis(p, order, axis=1),
            q=q[order],
            words=counted.words[order],
            floor=np.full(len(p), _terms(*halves[:: 1 - 2 * way]).sum()),
            empty=empty.sum(axis=1),
            in_empty=np.where(empty, terms, 0).sum(axis=1),
            total=counts.sum(axis=1),
            tv=total_variation(p, np.broadcast_to(q, p.shape)),
        )


def _gathered(state):
    """The rows of `_compared` that belong to the states."""
    keys = np.stack([state.baseline, state.way, state.policy, state.size.astype(int)], axis=1)
    distinct, inverse = np.unique(keys, axis=0, return_inverse=True)
    inverse = inverse.ravel()
    found = [_compared(*key) for key in distinct.tolist()]
    return SimpleNamespace(
        **{
            name: np.stack([getattr(one, name) for one in found])[inverse, state.cohort]
            for name in vars(found[0])
        }
    )


def _update(state):
    seen = _gathered(state)
    n = seen.total
    lengths = [
        counted.groups[SIZES[0]][place].sum()
        for counted, place in zip(_counts(), BASELINES, strict=True)
    ]
    m = np.array(lengths)[state.baseline]
    eight = seen.eight.sum(axis=1)
    ends = np.minimum(np.cumsum(np.stack([seen.other, eight], axis=1), axis=1), RIGHTMOST)
    ends = np.column_stack([np.zeros(len(n)), ends, np.minimum(seen.kl, RIGHTMOST)])
    widths = np.diff(ends, axis=1)
    named = np.array(["OTHER", "these 8", "all the rest"])
    rows = np.arange(SHOWN)
    bars = np.minimum(seen.eight, LONGEST)
    floor = np.minimum(seen.floor, 2 * RIGHTMOST)[:, None]
    return Frame(
        shapes={
            **{
                name: rectangles(ends[:, [i]], 0.0, widths[:, [i]], 1.0)
                for i, name in enumerate(("other", "eight", "rest"))
            },
            "floor": np.stack(
                [np.concatenate([floor, floor], axis=1), np.broadcast_to([-0.2, 1.4], (len(n), 2))],
                axis=-1,
            )[:, None],
            "words": rectangles(0.0, rows - 0.36, bars, 0.72),
            "p": _share_bars(rows - 0.38, seen.p),
            "q": _share_bars(rows + 0.02, seen.q),
        },
        texts={
            "parts": (
                (ends[:, :-1] + ends[:, 1:]) / 2,
                np.full((len(n), 3), 1.12),
                # a name stands over its part where there is room for it
                np.where(widths > [0.045, 0.06, 0.085], named, "").tolist(),
            ),
            "total": (
                np.minimum(ends[:, [-1]] + 0.006, RIGHTMOST - 0.05),
                np.full((len(n), 1), 0.38),
                each(lambda kl: [f"{number(kl)}{' →' if kl > RIGHTMOST else ''}"], seen.kl),
            ),
            "words": (np.zeros((len(n), SHOWN)), np.tile(rows, (len(n), 1)), seen.words.tolist()),
            "nats": (
                bars,
                np.tile(rows, (len(n), 1)),
                [[_nats(nats) for nats in row] for row in seen.eight.tolist()],
            ),
        },
        readouts=[
            Readout("divergence", seen.kl, "nats"),
            Readout("the baseline's alternate addresses", seen.floor, "nats"),
            Readout("words in P", n, digits=0),
            Readout("words in Q", m, digits=0),
            Readout("cells empty on one side", seen.empty, digits=0),
            Note("in order", [", ".join(row) for row in seen.words.tolist()]),
        ],
        invariants=[
            Invariant("KL ≥ 0", seen.kl),
            Invariant("TV ≤ √(KL/2)", np.sqrt(seen.kl / 2) - seen.tv),
        ],
        sentence=each(
            _sentence,
            *(seen.kl, seen.other, eight, seen.empty, seen.in_empty, seen.words[:, :3]),
            *(state.way, state.policy, state.cohort, np.array(BASELINES)[state.baseline]),
        ),
        table=Table(
            [f"{place}." for place in range(1, SHOWN + 1)],
            {"adds, nats": seen.eight, "p": seen.p, "q": seen.q},
            digits=5,
        ),
    )


def _share_bars(bottom, shares):
    return rectangles(LEAST, bottom, np.maximum(shares - LEAST, 0), 0.36)


def _nats(nats):
    return f"{number(nats, 4)}{' →' if nats > LONGEST else ''}"


def _sentence(kl, other, eight, empty, in_empty, words, way, policy, cohort, baseline):
    sides = f"with {NAMES[cohort]} as P and {NAMES[baseline]} as Q"
    if cohort == baseline:
        return f"The current data are the baseline itself, so {WAYS[way]} is 0."
    if kl == np.inf:
        return (
            f"{WAYS[way]} is infinite, {sides}: one side uses words that the other lacks, such as "
            f"{words[0]}, and nothing is done about the {empty} cells that are empty there."
        )
    if way == 1 and POLICIES[policy][2] and in_empty > 0:
        said = f"{number(in_empty)} of it is in cells that are empty in P: that part is the ε's."
    else:
        said = (
            f"OTHER carries {number(100 * other / kl, 0)} % of it and the eight words shown "
            f"{number(100 * eight / kl, 0)} %, led by {words[0]}, {words[1]} and {words[2]}."
        )
    return f"{WAYS[way]} is {number(kl)} nats, {sides}. {said}"
