"""Explorers of unit 26: which clusters moved, and a list of texts that its index does not know."""

from functools import cache
from types import SimpleNamespace

import numpy as np

from klteach.data import paragraph_vectors
from klteach.drift.clusters import Clusters
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
    line,
    number,
    rectangles,
)
from klteach.explorers.look import (
    DIFFERENCE_STYLE,
    FAINT,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_COLOUR,
)
from klteach.explorers.picture import Picture
from klteach.measures import total_variation
from klteach.units.u26_embedding_clusters.retriever import (
    ASKED,
    GOOD_DAYS,
    TOPICS,
    asked,
    lists,
    nearest,
    topics,
)

ALPHA = 0.5
Q_BAR = {"facecolor": "none", "edgecolor": Q_COLOUR, "linestyle": "--", "linewidth": 1.4}


def _shares(counts):
    shares = counts + ALPHA
    return shares / shares.sum(axis=-1, keepdims=True)


def _terms(current, baseline):
    """p log(p/q) − p + q of each cell, from counts: the sum is KL(current‖baseline)."""
    p, q = _shares(current), _shares(baseline)
    return np.maximum(p * np.log(p / q) - p + q, 0)


# -- which clusters moved --------------------------------------------------------------------------

COHORTS = (
    ("2001–08", 2001, 2008),
    ("2009–16", 2009, 2016),
    ("2017–20", 2017, 2020),
)
NAMES = tuple(name for name, _, _ in COHORTS)
SIZES = (10, 20, 30, 40)
STARTS = 10
DRAWS = 200
SHOWN = 8
TOP = 0.72  # nats
HIGHEST = 0.5  # share of a cluster


def clusters_that_moved():
    """Drag a line through the cohorts; set the clusters and where k-means starts."""
    return Explorer(
        title="Which clusters moved",
        description=(
            "Above: KL(P‖Q) of the cluster shares of three cohorts of addresses against those of "
            "1981–2000, as columns; of the chosen one, which a line to drag chooses, the part of "
            "the cluster that carries most is hatched. Two levels: 95 % of halves of the baseline "
            "are below the dotted one if paragraphs are dealt out, and below the dashed one if "
            "whole addresses are. Below: the shares of the eight clusters that carry most, P solid "
            "beside Q dashed."
        ),
        controls=[
            Slider("cohort", "Current data P", 0, len(COHORTS) - 1, 1, start=0, names=NAMES),
            Slider("k", "Clusters k", SIZES[0], SIZES[-1], 10, start=20),
            Slider("start", "Start of k-means", 0, STARTS - 1, 1, start=0),
        ],
        presets={"2009–16": {"cohort": 1}, "few clusters": {"k": 10}, "many clusters": {"k": 40}},
        draw=_draw_clusters,
        update=_update_clusters,
    )


def _draw_clusters():
    picture = Picture(6.2, 4.4, [["kl"], ["shares"]], height_ratios=[1.15, 1])
    kl, shares = picture.axes["kl"], picture.axes["shares"]
    kl.set(xlim=(-0.6, 3.55), ylim=(0, TOP), yticks=[0, 0.2, 0.4, 0.6])
    kl.set_xticks(range(len(COHORTS)), NAMES)
    kl.set_title("KL(P‖Q), nats: drag P in time; Q is 1981–2000")
    picture.shapes("columns", kl, count=len(COHORTS), facecolor="none", edgecolor=MUTED)
    picture.shapes("largest", kl, **DIFFERENCE_STYLE)
    picture.shapes("chosen", kl, facecolor="none", edgecolor=INK, linewidth=1.5)
    level = {"closed": False, "edgecolor": INK, "linewidth": 1.6}
    picture.shapes("paragraphs", kl, linestyle=":", **level)
    picture.shapes("addresses", kl, linestyle="--", **level)
    said = {"ha": "left", "fontsize": 9}
    picture.texts("by paragraphs", kl, offset=(4, -5), **said)
    picture.texts("by addresses", kl, offset=(4, 1), **said)
    picture.texts("kl", kl, offset=(0, 4), fontsize=10, fontweight="bold")
    held = {"edgecolor": P_COLOUR, "linestyle": ":", "linewidth": 1.2}
    picture.line("cohort", kl, "x", (0, TOP), grip=0.93, **held)

    shares.set(xlim=(-0.55, SHOWN - 0.45), ylim=(0, HIGHEST), xticks=[])
    shares.set_yticks([0, 0.2, 0.4], ["0", "20 %", "40 %"])
    shares.set_title("Shares of the eight clusters that carry most")
    shares.text(SHOWN - 0.6, 0.44, "P", color=P_COLOUR, fontweight="bold", ha="right")
    shares.text(SHOWN - 0.6, 0.37, "Q", color=Q_COLOUR, fontweight="bold", ha="right")
    picture.shapes("p", shares, count=SHOWN, **P_STYLE)
    picture.shapes("q", shares, count=SHOWN, **Q_BAR)
    picture.texts("nats", shares, count=SHOWN, offset=(0, 3), fontsize=8.5)
    return picture


@cache
def _compared():
    """All numbers of clusters and all starts, arrays (sizes, starts, cohorts, ...)."""
    data = paragraph_vectors()
    baseline = data.in_years(1981, 2000)
    years = data.year[data.spoken & (data.year <= 2000)].tolist()
    cohorts = [data.in_years(first, last) for _, first, last in COHORTS]
    found = [
        _of_clusters(Clusters.of(baseline, k, start), baseline, years, cohorts, start)
        for k in SIZES
        for start in range(STARTS)
    ]
    shape = (len(SIZES), STARTS)
    return {
        name: np.array([one[name] for one in found]).reshape(shape + np.shape(found[0][name]))
        for name in found[0]
    }


def _of_clusters(clusters, baseline, years, cohorts, seed):
    cells = len(clusters.centres) + 1  # "far" is the last
    by_year = clusters.count_windows(baseline, years)[:, :cells]
    q = clusters.baseline.counts[:cells]
    p = np.array([clusters.count(cohort).counts[:cells] for cohort in cohorts])
    terms = _terms(p, q)
    order = np.argsort(-terms, axis=1, kind="stable")[:, :SHOWN]
    places = np.pad(order, ((0, 0), (0, SHOWN - order.shape[1])), constant_values=-1)

    def shown(values):
        """In the order of what they carry; nothing beyond the last cluster."""
        values = np.broadcast_to(values, terms.shape)
        filled = np.concatenate([values, np.zeros((len(values), 1))], axis=1)
        return np.take_along_axis(filled, places, axis=1)

    paragraphs, addresses = nulls(by_year, np.random.default_rng(seed))
    return {
        "kl": terms.sum(axis=1),
        "tv": total_variation(_shares(p), _shares(q)),
        "paragraphs": np.quantile(paragraphs, 0.95),
        "addresses": np.quantile(addresses, 0.95),
        "terms": shown(terms),
        "p": shown(_shares(p)),
        "q": shown(_shares(q)),
    }


def nulls(by_year, random, draws=DRAWS):
    """KL of halves of the baseline: paragraphs dealt out, and whole addresses. (W, k) counts."""
    total = by_year.sum(axis=0)
    dealt = random.multivariate_hypergeometric(total, total.sum() // 2, draws, method="marginals")
    picks = [random.permutation(len(by_year))[: len(by_year) // 2] for _ in range(draws)]
    whole = np.array([by_year[pick].sum(axis=0) for pick in picks])
    return tuple(_terms(half, total - half).sum(axis=1) for half in (dealt, whole))


def _update_clusters(state):
    cohort, start = state.cohort.astype(int), state.start.astype(int)
    size = np.searchsorted(SIZES, state.k)
    all_of = SimpleNamespace(**{name: v[size, start] for name, v in _compared().items()})
    rows = np.arange(len(cohort))
    kl, terms = all_of.kl[rows, cohort], all_of.terms[rows, cohort]
    p, q = all_of.p[rows, cohort], all_of.q[rows, cohort]
    every = _compared()
    ringing = (every["kl"] > every["addresses"][..., None]).sum(axis=1)[size, cohort]
    left = (state.cohort - 0.3)[:, None]
    places = np.tile(np.arange(SHOWN), (len(rows), 1))
    ends = np.tile([-0.6, 2.45], (len(rows), 1))

    def level(values):
        return line(ends, np.stack([values, values], axis=1))

    by_paragraphs, by_addresses = all_of.paragraphs, all_of.addresses
    return Frame(
        shapes={
            "columns": rectangles(np.arange(len(COHORTS)) - 0.3, 0.0, 0.6, all_of.kl),
            "largest": rectangles(left, 0.0, 0.6, terms[:, :1]),
            "chosen": rectangles(left, 0.0, 0.6, kl[:, None]),
            "paragraphs": level(by_paragraphs),
            "addresses": level(by_addresses),
            "p": rectangles(places - 0.36, 0.0, np.where(p > 0, 0.34, 0.0), p),
            "q": rectangles(places + 0.02, 0.0, np.where(q > 0, 0.34, 0.0), q),
        },
        texts={
            "kl": (state.cohort[:, None], kl[:, None], [[number(one)] for one in kl]),
            "by paragraphs": _label("paragraphs", by_paragraphs),
            "by addresses": _label("addresses", by_addresses),
            "nats": (
                places,
                np.maximum(p, q),
                [[number(one) if one else "" for one in row] for row in terms.tolist()],
            ),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("95 % line, paragraphs", by_paragraphs, "nats"),
            Readout("95 % line, addresses", by_addresses, "nats"),
            Note("starts that pass the addresses' line", each(lambda n: f"{n} of 10", ringing)),
        ],
        invariants=[
            Invariant("KL ≥ 0", kl),
            Invariant("TV ≤ √(KL/2)", np.sqrt(kl / 2) - all_of.tv[rows, cohort]),
        ],
        sentence=each(
            _clusters_sentence, cohort, state.k, kl, by_paragraphs, by_addresses, terms, p, q
        ),
        table=Table(
            [f"{place}." for place in range(1, SHOWN + 1)],
            {"adds, nats": terms, "p": p, "q": q},
        ),
        tasks=[
            Task(
                "At 20 clusters, find a start in which 2009–16 is above the addresses' line.",
                (cohort == 1) & (state.k == 20) & (kl > by_addresses),
            ),
            Task(
                "And one in which it is below.",
                (cohort == 1) & (state.k == 20) & (kl < by_addresses),
            ),
            Task("Let one cluster carry more than 65 % of KL.", terms[:, 0] > 0.65 * kl),
        ],
    )


def _label(unit, values):
    places = np.full((len(values), 1), 2.45)
    return places, values[:, None], [[f"by {unit} {number(value)}"] for value in values]


def _clusters_sentence(cohort, k, kl, paragraphs, addresses, terms, p, q):
    if kl > addresses:
        where = "above both lines"
    elif kl > paragraphs:
        where = "above the line of the paragraphs and below that of the addresses"
    else:
        where = "below both lines"
    return (
        f"In {k:.0f} clusters {NAMES[cohort]} is {number(kl)} nats from 1981–2000, {where}. One "
        f"cluster carries {number(100 * terms[0] / kl, 0)} % of it: its share went from "
        f"{number(100 * q[0], 0)} % to {number(100 * p[0], 0)} %."
    )


# -- an index that does not know its list ----------------------------------------------------------

CELLS = TOPICS + 1
DAYS = tuple(range(21, 26))
STALE, REBUILT = "as it was", "rebuilt"
STEPS = 20  # of the share, in percent of 5
POINTS = 41  # of a traced curve


def stale_index():
    """Drag how many requests the new list answers, before and after the index is rebuilt."""
    return Explorer(
        title="A list that its index does not know",
        description=(
            "Above: three measures of a day's questions against the share of requests that the new "
            "list answers, traced from 0 to a line to drag: KL of the clusters of what was handed "
            "out, hatched up to its value; recall, solid; the similarity of what was handed out to "
            "the source of the question, dash-dotted. A dotted level marks the largest KL of "
            "twenty good days. Below: the share of each cluster in what was handed out, P solid, "
            "and in that of the good days, Q dashed."
        ),
        controls=[
            Slider("share", "Requests answered from the new list, %", 0, 100, 5, start=0),
            Slider("day", "Day", DAYS[0], DAYS[-1], 1, start=DAYS[0]),
            Choice("index", "Index", (STALE, REBUILT)),
        ],
        presets={"before": {"share": 0}, "everywhere": {"share": 100}},
        draw=_draw_stale,
        update=_update_stale,
    )


def _draw_stale():
    picture = Picture(6.2, 4.2, [["trace"], ["topics"]], height_ratios=[1.5, 1])
    trace, mass = picture.axes["trace"], picture.axes["topics"]
    trace.set(xlim=(-2, 128), ylim=(-0.06, 1.05), yticks=[0, 0.5, 1])
    trace.set_xticks(range(0, 101, 25), [f"{share} %" for share in range(0, 101, 25)])
    trace.set(xlabel="requests that the new list answers: drag")
    trace.set_title("Dotted: KL of the worst good day")
    trace.plot([-2, 100], [0, 0], color=FAINT, linewidth=0.8, zorder=0)
    picture.shapes("quiet", trace, closed=False, edgecolor=MUTED, linestyle=":", linewidth=1.6)
    picture.shapes("kl", trace, **DIFFERENCE_STYLE)
    curve = {"closed": False, "facecolor": "none", "edgecolor": INK, "linewidth": 2.0}
    picture.shapes("recall", trace, **curve)
    picture.shapes("score", trace, linestyle="-.", **curve)
    held = {"edgecolor": P_COLOUR, "linestyle": ":", "linewidth": 1.4}
    picture.line("share", trace, "x", (0, 1.05), grip=0.55, **held)
    said = {"ha": "left", "fontsize": 9}
    picture.texts("recall", trace, offset=(7, -3), **said)
    picture.texts("score", trace, offset=(7, -3), **said)
    picture.texts("kl", trace, offset=(7, -3), fontweight="bold", **said)

    mass.set(xlim=(-0.55, CELLS - 0.45), ylim=(0, 0.5))
    mass.set_xticks(range(CELLS), [*map(str, range(TOPICS)), "far"], fontsize=8.5)
    mass.set_yticks([0, 0.2, 0.4], ["0", "20 %", "40 %"])
    mass.set_title("Clusters of the texts that were handed out")
    mass.text(CELLS - 0.6, 0.42, "P, this day", color=P_COLOUR, ha="right", fontsize=9)
    mass.text(CELLS - 0.6, 0.33, "Q, good days", color=Q_COLOUR, ha="right", fontsize=9)
    picture.shapes("p", mass, count=CELLS, **P_STYLE)
    picture.shapes("q", mass, count=CELLS, **Q_BAR)
    return picture


@cache
def _served():
    """Counts, recall and mean similarity: arrays (index, day, share)."""
    old, new = lists()
    cells, moved = topics(), len(new) - len(old)

    def counts(texts):
        return cells.count(texts).counts[:CELLS]

    good = np.array([counts(old[nearest(asked(day)[1], old)]) for day in range(1, GOOD_DAYS + 1)])
    total = good.sum(axis=0)
    handed_out, recall, score = [], [], []
    for index in (STALE, REBUILT):
        for day in DAYS:
            sources, questions = asked(day)
            by_old = nearest(questions, old)
            rows = by_old if index == STALE else nearest(questions, new)
            right = by_old == sources
            right_now = right if index == STALE else rows == sources + moved
            for share in range(STEPS + 1):
                updated = np.arange(ASKED) < share * ASKED // STEPS
                texts = np.where(updated[:, None], new[rows], old[by_old])
                handed_out.append(counts(texts))
                recall.append(np.where(updated, right_now, right).mean())
                score.append(_cosine(texts, old[sources]).mean())
    shape = (2, len(DAYS), STEPS + 1)
    p = np.reshape(handed_out, (*shape, CELLS))
    return SimpleNamespace(
        p=p,
        q=total,
        kl=_terms(p, total).sum(axis=-1),
        recall=np.reshape(recall, shape),
        score=np.reshape(score, shape),
        quiet=_terms(good, total - good).sum(axis=1).max(),
    )


def _cosine(a, b):
    return (a * b).sum(axis=1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def _update_stale(state):
    served = _served()
    index, day = state.index.astype(int), state.day.astype(int) - DAYS[0]
    step = np.rint(state.share / 5).astype(int)
    at = index, day, step
    kl, recall, score, p = (getattr(served, name)[at] for name in ("kl", "recall", "score", "p"))
    x = np.linspace(0, 1, POINTS) * state.share[:, None]
    on = np.arange(STEPS + 1) * 5

    def traced(values):
        rows = values[index, day]
        return np.array([np.interp(xs, on, row) for xs, row in zip(x, rows, strict=True)])

    under = np.concatenate(
        [np.stack([x, traced(served.kl)], axis=-1), np.stack([x, 0 * x], axis=-1)[:, ::-1]], axis=1
    )
    p, q = _shares(p), _shares(np.tile(served.q, (len(kl), 1)))
    places = np.tile(np.arange(CELLS), (len(kl), 1))
    quiet = np.full(len(kl), served.quiet)
    before = served.kl[index, day, 0]

    heights = _apart(np.stack([recall, score, kl], axis=1))

    def beside(column, values, name, unit=""):
        words = [[f"{name} {number(value)}{unit}"] for value in values]
        return state.share[:, None], heights[:, [column]], words

    return Frame(
        shapes={
            "quiet": line(np.tile([-2.0, 100.0], (len(kl), 1)), np.stack([quiet, quiet], axis=1)),
            "kl": under[:, None],
            "recall": line(x, traced(served.recall)),
            "score": line(x, traced(served.score)),
            "p": rectangles(places - 0.36, 0.0, 0.34, p),
            "q": rectangles(places + 0.02, 0.0, 0.34, q),
        },
        texts={
            "recall": beside(0, recall, "recall"),
            "score": beside(1, score, "similarity"),
            "kl": beside(2, kl, "KL", " nats"),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("largest of 20 good days", quiet, "nats"),
            Readout("recall", recall),
            Readout("similarity to the source", score),
        ],
        invariants=[Invariant("KL ≥ 0", kl)],
        sentence=each(_stale_sentence, state.share, index, kl, quiet, recall, score),
        table=Table([*(f"cluster {place}" for place in range(TOPICS)), "far"], {"p": p, "q": q}),
        tasks=[
            Task(
                "Let KL be three times what it is at 0 %, with the old index.",
                (index == 0) & (kl >= 3 * before),
            ),
            Task(
                "Answer everything from the new list without an alarm.",
                (state.share == 100) & (kl <= quiet),
            ),
        ],
    )


def _apart(heights, gap=0.09):
    """The heights of labels, each row in its order, so far apart that none covers another."""
    order = np.argsort(heights, axis=1, kind="stable")
    placed = np.take_along_axis(heights, order, axis=1)
    for place in range(1, placed.shape[1]):
        placed[:, place] = np.maximum(placed[:, place], placed[:, place - 1] + gap)
    apart = np.empty_like(placed)
    np.put_along_axis(apart, order, placed, axis=1)
    return apart


def _stale_sentence(share, index, kl, quiet, recall, score):
    alarm = "above" if kl > quiet else "not above"
    how = "rebuilt" if index else "as it was"
    return (
        f"The new list answers {share:.0f} % of the requests, and the index is {how}: KL is "
        f"{number(kl)} nats, {alarm} that of the good days; recall is {number(recall)} and the "
        f"similarity to the source {number(score)}."
    )
