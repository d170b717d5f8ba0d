"""Explorer of unit 28: who joins which arm, and how far apart that puts the arms."""

from functools import cache
from types import SimpleNamespace

import numpy as np
from scipy.special import chdtrc, chdtri

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
    DIFFERENCE_COLOUR,
    FAINT,
    INK,
    MUTED,
    P_STYLE,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.units.u28_comparable_groups.people import people

STEEPEST, STEP = 40, 2  # how many points above one half the oldest join
LEANS = np.arange(0, STEEPEST + 1, STEP)
TOSSES = 20
SIZES = (400, 4000, 40000)
RATE = 0.05
RULES = ("each at 5 %", "all eleven at 5 % (Bonferroni)")
ALPHA = 0.5  # half a person in each cell
LEAST, MOST = 1e-5, 3.0  # the axis of PSI
SEED = 5


def love_plot():
    """Drag who joins, from a coin to a choice, and see which covariates leave their bands."""
    return Explorer(
        title="Are the arms comparable? (real people, simulated arms)",
        description=(
            "Left, above: the chance to join arm P, from the youngest person to the oldest, a line "
            "that is level for a coin; its right end is a point to drag. Left, below: how many "
            "people each arm has, P solid blue, Q dashed orange. Right: eleven covariates, one in "
            "a row, with the PSI between the arms as a diamond on a logarithmic axis, and the band "
            "that a coin keeps to in grey. A diamond outside its band is filled."
        ),
        controls=[
            Slider(
                "lean",
                "The oldest join P with",
                0,
                STEEPEST,
                STEP,
                start=0,
                names=tuple(f"{50 + lean} %" for lean in LEANS),
            ),
            Slider("toss", "Toss", 1, TOSSES, 1, start=1),
            Choice("people", "People", tuple(f"{size:,}" for size in SIZES), start=1),
            Choice("rule", "Bands", RULES),
        ],
        presets={
            "a coin": {"lean": 0},
            "a slight leaning": {"lean": 4},
            "people choose": {"lean": 20},
        },
        draw=_draw,
        update=_update,
    )


# -- who is in which arm --------------------------------------------------------------------------


@cache
def _counted():
    """{covariate: counts of arm P (sizes, tosses, leans, cells)}, and all counts (sizes, cells).

    Whoever has drawn u joins P where u < 1/2 + lean · age_rank. As the lean grows each person
    changes sides at most once, so one count of the changes gives the arms of all leans.
    """
    counts, totals = {}, {}
    for name, values in people().cells.items():
        cells = values.max() + 1
        counts[name] = np.empty((len(SIZES), TOSSES, len(LEANS), cells))
        totals[name] = np.array([np.bincount(values[:size], minlength=cells) for size in SIZES])
    for toss in range(TOSSES):
        uniform = np.random.default_rng([SEED, toss]).random(max(SIZES))
        for place, size in enumerate(SIZES):
            everybody = people().first(size)
            level, changes = _changes(uniform[:size], everybody.age_rank)
            for name, values in everybody.cells.items():
                cells = counts[name].shape[-1]
                weights = np.r_[uniform[:size] < 0.5, changes]
                where = np.r_[values, level * cells + values]
                added = np.bincount(where, weights, minlength=(len(LEANS) + 1) * cells)
                steps = added.reshape(-1, cells)[: len(LEANS)]
                counts[name][place, toss] = np.cumsum(steps, axis=0)
    return counts, totals


def _changes(uniform, age_rank):
    """(the first lean at which each person is on the other side, 1 who joins then or -1)."""
    behind = (uniform >= 0.5) & (age_rank > 0)
    ahead = (uniform < 0.5) & (age_rank < 0)
    margins = LEANS[:, None] / 100 * age_rank - (uniform - 0.5)  # above 0: in P
    joins = (margins > 0).sum(axis=0)
    level = np.where(behind, len(LEANS) - joins, np.where(ahead, joins, len(LEANS)))
    return level, np.where(behind, 1.0, np.where(ahead, -1.0, 0.0))


@cache
def compared():
    """PSI, thresholds and p-values (sizes, tosses, leans, covariates), and both arms' sizes."""
    counts, totals = _counted()
    first = next(iter(counts))
    n = counts[first].sum(axis=-1)
    m = totals[first].sum(axis=-1)[:, None, None] - n
    noise = 1 / n + 1 / m
    psi, p_values, edges = [], [], []
    for name, inside in counts.items():
        p, q = (_shares(x) for x in (inside, totals[name][:, None, None] - inside))
        degrees = p.shape[-1] - 1
        psi.append(((p - q) * np.log(p / q)).sum(axis=-1))
        p_values.append(chdtrc(degrees, psi[-1] / noise))
        edges.append(noise[..., None] * chdtri(degrees, np.array([RATE, RATE / len(counts)])))
    n_, m_ = n.astype(int), m.astype(int)
    return SimpleNamespace(
        names=tuple(counts),
        psi=np.stack(psi, axis=-1),
        p_values=np.stack(p_values, axis=-1),
        edges=np.stack(edges, axis=-2),  # the last axis: the rules
        n=n_,
        m=m_,
    )


def _shares(counts):
    counts = counts + ALPHA
    return counts / counts.sum(axis=-1, keepdims=True)


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(
        6.4,
        4.05,
        [["who", "love"], ["arms", "love"]],
        width_ratios=[1, 1.9],
        height_ratios=[1.5, 1],
    )
    who, arms, love = (picture.axes[name] for name in ("who", "arms", "love"))
    _draw_who(picture, who)
    arms.set(xlim=(0, 1.05), ylim=(-0.6, 1.6), xticks=[0, 0.5], yticks=[])
    arms.set_xticks([0, 0.5], ["0", "half"], fontsize=9)
    arms.set_title("People in each arm", fontsize=10)
    arms.axvline(0.5, color=MUTED, linewidth=0.8, linestyle=":")
    picture.shapes("p_arm", arms, **P_STYLE)
    picture.shapes("q_arm", arms, **Q_STYLE)
    picture.texts("p_arm", arms, offset=(6, -3), ha="left", fontsize=9)
    picture.texts("q_arm", arms, offset=(6, -3), ha="left", fontsize=9)
    _draw_love(picture, love)
    return picture


def _draw_who(picture, who):
    who.set(xlim=(-0.05, 1.08), ylim=(-50, 50), xlabel="age")
    who.set_xticks([0, 1], ["youngest", "oldest"], fontsize=9)
    who.set_yticks([-40, -20, 0, 20, 40], ["10 %", "30 %", "50 %", "70 %", "90 %"], fontsize=9)
    for label, side in zip(who.get_xticklabels(), ("left", "right"), strict=True):
        label.set_horizontalalignment(side)
    who.set_title("Chance to join P:\ndrag the end", fontsize=10)
    who.axhline(0, color=MUTED, linewidth=0.8, linestyle=":")
    picture.shapes("chance", who, closed=False, facecolor="none", edgecolor=INK, linewidth=2.0)
    picture.point(who, 1.0, "lean", color=INK)


def _draw_love(picture, love):
    names = compared().names
    love.set(xscale="log", xlim=(LEAST, MOST), ylim=(len(names) - 0.4, -0.6))
    love.set_xticks([1e-4, 1e-3, 1e-2, 0.1, 1], ["0.0001", "0.001", "0.01", "0.1", "1"], fontsize=9)
    love.tick_params(axis="x", which="minor", length=0)
    love.set_yticks(range(len(names)), names, fontsize=9)
    love.tick_params(axis="y", length=0)
    love.set_xlabel("PSI between the arms")
    love.set_title("Love plot; grey: where a coin stays", fontsize=10)
    count = len(names)
    picture.shapes("bands", love, count=count, facecolor=FAINT, edgecolor="none")
    ink = {"edgecolor": INK, "linewidth": 1.2}
    picture.shapes("inside", love, count=count, facecolor="none", **ink)
    picture.shapes("outside", love, count=count, facecolor=DIFFERENCE_COLOUR, **ink)


# -- every state ----------------------------------------------------------------------------------


def _update(state):
    place = (
        state.people,
        state.toss.astype(int) - 1,
        np.rint(state.lean / STEP).astype(int),
    )
    seen = compared()
    names = seen.names
    psi, n, m = seen.psi[place], seen.n[place], seen.m[place]
    both = seen.edges[place]
    edges = both[np.arange(len(n)), :, state.rule]
    outside = psi > edges
    out = outside.sum(axis=1)
    plain, strict = ((psi > both[..., rule]).sum(axis=1) for rule in (0, 1))
    split = chdtrc(1, 2 * (n + m) * _kl_from_half(n / (n + m)))
    rows = np.broadcast_to(np.arange(len(names)), psi.shape)
    ends = np.stack([-state.lean, state.lean], axis=-1)
    share = n / (n + m)
    labels = [[f"P  {count:,}"] for count in n.tolist()]
    return Frame(
        shapes={
            "chance": line(np.array([0.0, 1.0]), ends),
            "p_arm": rectangles(0.0, 0.65, share[:, None], 0.7),
            "q_arm": rectangles(0.0, -0.35, 1 - share[:, None], 0.7),
            "bands": rectangles(LEAST, rows - 0.38, edges - LEAST, 0.76),
            "inside": _diamonds(psi, rows, ~outside),
            "outside": _diamonds(psi, rows, outside),
        },
        texts={
            "p_arm": (share[:, None], np.ones((len(n), 1)), labels),
            "q_arm": (
                1 - share[:, None],
                np.zeros((len(n), 1)),
                [[f"Q  {count:,}"] for count in m.tolist()],
            ),
        },
        readouts=[
            Readout("outside their bands, of 11", out, digits=0),
            Readout("largest PSI", psi.max(axis=1), digits=4),
            Note("arms", [f"{a:,} and {b:,}" for a, b in zip(n.tolist(), m.tolist(), strict=True)]),
            Readout("p of the split", split, digits=2),
        ],
        invariants=[
            Invariant("PSI ≥ 0", psi.min(axis=1), digits=5),
            Invariant("Bonferroni flags no more", plain - strict, digits=0),
        ],
        sentence=each(_sentence, state.lean, out, psi.max(axis=1), names_of_largest(psi, edges)),
        table=Table(names, {"PSI": psi, "band ends at": edges, "p": seen.p_values[place]}, 5),
        tasks=[
            Task(
                "Leave it to the coin, and toss until a band is left.",
                (state.lean == 0) & (out > 0),
            ),
            Task(
                "Let people choose, with every diamond in its band.", (state.lean > 0) & (out == 0)
            ),
        ],
    )


def names_of_largest(psi, edges):
    """The covariate that lies furthest beyond its band, or nearest to its end, for each state."""
    return [compared().names[place] for place in np.argmax(psi / edges, axis=1).tolist()]


def _kl_from_half(share):
    """KL of a split from one half, in nats for each person."""
    return share * np.log(2 * share) + (1 - share) * np.log(2 * (1 - share))


def _diamonds(psi, rows, shown):
    """A diamond around each PSI, which shrinks to a point where it is not shown."""
    x = np.clip(psi, 1.25 * LEAST, MOST / 1.25)
    wide, high = np.where(shown, 1.22, 1.0), np.where(shown, 0.3, 0.0)
    corners = [(x / wide, rows), (x, rows + high), (x * wide, rows), (x, rows - high)]
    return np.stack([np.stack(np.broadcast_arrays(*xy), axis=-1) for xy in corners], axis=-2)


def _sentence(lean, out, largest, name):
    if lean == 0:
        who = "A coin decides"
    else:
        who = (
            f"The oldest join P with {number(50 + lean, 0)} %, the youngest with "
            f"{number(50 - lean, 0)} %"
        )
    if out == 0:
        return f"{who}: all eleven covariates stay in their bands."
    leave = (
        "1 of 11 covariates leaves its band"
        if out == 1
        else (f"{out} of 11 covariates leave their bands")
    )
    return f"{who}: {leave}, {name} by most."
