"""Explorer of unit 04: a word that Q has never seen, and what is done about it."""

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
    rectangles,
)
from klteach.explorers.look import DIFFERENCE_STYLE, FAINT, INK, MUTED, P_COLOUR, P_STYLE, Q_STYLE
from klteach.explorers.picture import Picture
from klteach.measures import kl_divergence, normalize

WORDS = ("app", "mail", "card", "bill", "code", "link", "plan", "fee", "key", "bug", "chat", "scam")
P = np.array([14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 3, 2]) / 100
RARE = WORDS.index("scam")
OTHERS = np.arange(RARE)
TOTAL = 100
# 100 words drawn from P; what "scam" gains or loses comes from "app", so that the total stays
CORPUS = np.random.default_rng(23).multinomial(TOTAL, P)
NOTHING = -13.0  # where the axis of what is added says 0; its next number is 10⁻¹²
SMALLEST = -12.0
LARGEST = -1.0
STEP = 0.25  # of a power of ten
ADDED = np.arange(SMALLEST, LARGEST + STEP / 2, STEP)  # where the curve is drawn
IMAGINED = 0.1  # from this α on, the sightings are so many that all counts feel them
TOP = 0.58  # of the axis of KL
BAR = 0.28  # half the width of the bar of KL
LOWEST = -12.9  # of the axis of shares, as a power of ten
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def smoothing_a_zero():
    """Take a word's last count away, watch KL leave its axis, and drag what is added to mend it."""
    return Explorer(
        title="Smoothing a zero",
        description=(
            "Top left: how often P sends each of eleven words in 100, and the counts of a corpus "
            "of 100 words that Q is made from. Top middle: the same for scam, enlarged, with the "
            "bar of its count to drag; app takes up the difference. Top right: the shares p and q "
            "of scam on a logarithmic scale, and the gap between them. Below: KL(P‖Q) against what "
            "is added, ε to each share, which is α = 100 ε to each count; a line to drag, at the "
            "far left nothing is added, and on it KL as a hatched bar."
        ),
        controls=[
            Slider("count", "Count of scam", 0, 8, 1, start=2),
            Slider(
                "added",
                "Added to each share",
                NOTHING,
                LARGEST,
                STEP,
                start=NOTHING,
                names=tuple(_epsilon(power) for power in np.arange(NOTHING, LARGEST + STEP, STEP)),
            ),
        ],
        presets={
            "the word is unseen": {"count": 0, "added": NOTHING},
            "ε = 1e-12": {"count": 0, "added": -12.0},
            "α = 1": {"count": 0, "added": -2.0},
        },
        draw=_draw,
        update=_update,
        precompute=True,
    )


# -- drawn once -----------------------------------------------------------------------------------


def _draw():
    picture = Picture(
        6.4,
        4.5,
        [["words", "scam", "gap"], ["kl", "kl", "kl"]],
        width_ratios=[2.2, 1, 1.1],
        height_ratios=[1, 1.05],
    )
    _draw_words(picture, picture.axes["words"])
    _draw_scam(picture, picture.axes["scam"])
    _draw_gap(picture, picture.axes["gap"])
    _draw_kl(picture, picture.axes["kl"])
    return picture


def _draw_words(picture, words):
    words.bar(OTHERS - 0.2, TOTAL * P[:RARE], width=0.36, **P_STYLE)
    words.bar(OTHERS[1:] + 0.22, CORPUS[1:RARE], width=0.36, **Q_STYLE)
    words.set(xlim=(-0.6, 10.7), ylim=(0, 29), yticks=[0, 10, 20])
    words.set_xticks(OTHERS, WORDS[:RARE], fontsize=8.5, rotation=90)
    words.set_title("In 100 words: P sends, Q saw")
    picture.shapes("added", words, count=RARE, **DIFFERENCE_STYLE)
    picture.shapes("app", words, **Q_STYLE)
    picture.texts("added", words, ha="right", fontsize=9)


def _draw_scam(picture, scam):
    scam.bar([0], [TOTAL * P[RARE]], width=0.84, **P_STYLE)
    scam.set(xlim=(-0.6, 1.6), ylim=(0, 12.5), yticks=[0, 2, 4, 6, 8, 10])
    scam.set_xticks([0, 1], ["P", "Q: drag"])
    scam.set_title("scam")
    picture.shapes("scam added", scam, **DIFFERENCE_STYLE)
    picture.bars("count", scam, positions=[1], width=0.84, **Q_STYLE)
    picture.texts("count", scam, offset=(0, 10), fontsize=9)


def _draw_gap(picture, gap):
    powers = [0, -3, -6, -9, -12]
    gap.set(xlim=(-0.8, 1.15), ylim=(LOWEST, 0.4), xticks=[])
    gap.set_yticks(powers, [_power(power) for power in powers])
    gap.set_title("its share, log")
    picture.shapes("gap", gap, **DIFFERENCE_STYLE)
    gap.plot([-0.75, -0.05], 2 * [np.log10(P[RARE])], color=P_COLOUR, linewidth=3.5)
    picture.shapes("q", gap, **(Q_STYLE | {"linewidth": 2.5}))
    picture.texts("gap", gap, count=4, ha="left", fontsize=9)


def _draw_kl(picture, kl):
    kl.set(xlim=(NOTHING - 0.6, LARGEST + 0.45), ylim=(0, TOP), yticks=[0, 0.2, 0.4])
    powers = [-12, -10, -8, -6, -4, -2]
    kl.set_xticks([NOTHING, *powers], ["0", *(_power(power) for power in powers)])
    kl.set_xlabel("drag: ε added to each share", labelpad=1)
    kl.set_ylabel("KL(P‖Q), nats")
    above = kl.secondary_xaxis("top")
    above.set_xticks(
        [NOTHING, -12, -8, -4, -3, -2, -1], ["0", "10⁻¹⁰", "10⁻⁶", "0.01", "0.1", "1", "10"]
    )
    above.set_xlabel("= α added to each count", labelpad=3)
    for height in (0.2, 0.4):
        kl.axhline(height, color=FAINT, linewidth=0.8, zorder=0)
    picture.shapes("curve", kl, closed=False, facecolor="none", edgecolor=INK, linewidth=1.8)
    picture.shapes("kl", kl, ghost=True, **DIFFERENCE_STYLE)
    picture.shapes("arrow", kl, facecolor=INK, edgecolor=INK)
    held = {"edgecolor": MUTED, "linestyle": ":", "linewidth": 1.6}
    picture.line("added", kl, "x", (0, 0.97 * TOP), grip=0.68, **held)
    picture.texts("kl", kl, offset=(0, 4), fontsize=10.5, fontweight="bold")


def _epsilon(power):
    """What the slider says: nothing, below the smallest ε, or the ε as it is typed."""
    if power < SMALLEST:
        return "nothing"
    return f"ε = {10.0**power:.0e}" if power % 1 == 0 else f"ε = {10.0**power:.1e}"


def _power(exponent):
    return "10" + str(exponent).translate(SUPERSCRIPTS)


# -- every state ----------------------------------------------------------------------------------


def counts_of(count):
    """The corpus with so many times "scam", (states, words)."""
    corpus = np.tile(CORPUS, (len(count), 1))
    corpus[:, 0] += CORPUS[RARE] - count.astype(int)
    corpus[:, RARE] = count
    return corpus


def alpha_of(power):
    """What is added to each count of the 100 words: 100 ε, and nothing left of 10⁻¹²."""
    return np.where(power < SMALLEST, 0.0, TOTAL * 10.0**power)


def _update(state):
    corpus = counts_of(state.count)
    alpha = alpha_of(state.added)
    q = normalize(corpus + alpha[:, None])
    kl = kl_divergence(P, q)
    with np.errstate(divide="ignore"):  # log 0 = -inf is what this unit is about
        price = -np.log(q)
        power = np.log10(q)
    terms = P * (np.log(P) + price)
    infinite = np.isinf(kl)
    below = np.maximum(power[:, RARE], LOWEST - 1)[:, None]
    blocks = alpha[:, None]
    # the bar turns into an arrow where there is no number to show
    half = np.where(infinite, 0.4 * BAR, BAR)
    height = np.where(infinite, 0.85 * TOP, kl)
    unseen = state.count == 0
    silenced = unseen & (alpha < TOTAL * 0.99e-6) & (kl < 0.3)
    best = kl_divergence(P, normalize(counts_of(np.zeros(1)) + alpha_of(ADDED)[:, None])).min()
    return Frame(
        shapes={
            # a block of height 0 gets width 0 too, or its edges would show as a line
            "added": rectangles(OTHERS + 0.04, corpus[:, :RARE], 0.36 * (blocks > 0), blocks),
            "app": rectangles(0.04, 0.0, 0.36, corpus[:, :1]),
            "scam added": rectangles(0.58, corpus[:, RARE:], 0.84 * (blocks > 0), blocks),
            "gap": rectangles(-0.6, below, 0.4, np.log10(P[RARE]) - below),
            "q": rectangles(-0.75, below, 0.7, 0.0),
            "curve": line(ADDED, _kl_curve(corpus, alpha_of(ADDED))),
            "kl": rectangles(
                (state.added - half)[:, None], 0.0, 2 * half[:, None], height[:, None]
            ),
            "arrow": _arrow(state.added, infinite),
        },
        texts={
            "added": (np.full((1, 1), 10.6), np.full((1, 1), 26.0), each(_added, alpha)),
            "count": (
                np.ones((1, 1)),
                corpus[:, RARE:] + blocks,
                [[str(count)] for count in corpus[:, RARE]],
            ),
            "gap": (
                np.zeros((1, 4)),
                np.array([[-4.6, -6.0, -8.2, -9.6]]),
                each(_gap, price[:, RARE] + np.log(P[RARE]), terms[:, RARE]),
            ),
            "kl": (
                (state.added + np.where(infinite, 0.6, 0.0))[:, None],
                height[:, None],
                [[number(x)] for x in kl],
            ),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("of it, scam", terms[:, RARE], "nats"),
            Note("q(scam)", each(_share, q[:, RARE])),
            Note("each count gets", each(_alpha, alpha)),
        ],
        invariants=[Invariant("KL ≥ 0", kl)],
        sentence=each(_sentence, state.count, kl, terms, q, alpha),
        table=Table(
            WORDS,
            {
                "p": np.broadcast_to(P, q.shape),
                "share counted": corpus / TOTAL,
                "q": q,
                "−log q": price,
                "p · log(p/q)": terms,
            },
        ),
        tasks=[
            Task("Make KL infinite.", infinite),
            Task("Then, with an ε below 1e-6, bring KL under 0.3 nats.", silenced),
            Task("Find the smallest KL of an unseen scam.", unseen & (kl <= best + 1e-12)),
        ],
    )


def _kl_curve(corpus, added):
    """KL for each of several numbers added to every count, (states, numbers)."""
    corpora, place = np.unique(corpus, axis=0, return_inverse=True)
    q = normalize(corpora[:, None, :] + added[:, None])
    return kl_divergence(np.broadcast_to(P, q.shape), q)[place]


def _arrow(x, infinite):
    """The head of an arrow that leaves the axis at the top; of no size where KL is finite."""
    corners = np.array([[-BAR, 0.85 * TOP], [0.0, TOP], [BAR, 0.85 * TOP]])
    corners = np.where(infinite[:, None, None], corners, 0.0)
    corners[..., 0] += x[:, None]
    return corners[:, None]


def _added(alpha):
    return ["hatched: α more for each" if alpha >= IMAGINED else ""]


def _gap(nats, term):
    if nats == np.inf:
        return ["q = 0:", "below", "every", "axis ↓"]
    if nats < 3:
        return 4 * [""]
    return ["gap:", f"{number(nats, 1)} nats", f"× {P[RARE]}", f"= {number(term)}"]


def _share(share):
    """0.0089 as it is, smaller numbers as 1e-12."""
    return f"{share:.4f}" if share >= 1e-3 else f"{share:.0e}" if share else "0"


def _alpha(alpha):
    """The imagined sightings: 3.16 as it is, smaller numbers as 1e-10."""
    return number(alpha, 2) if alpha >= IMAGINED else f"{alpha:.0e}" if alpha else "nothing"


def _sentence(count, kl, terms, q, alpha):
    """Who pays."""
    bill = f"KL is {number(kl)} nats"
    if alpha == 0:
        if count == 0:
            return "Q has no word for scam, and P sends it: KL is infinite, as it should be."
        return f"Q has seen every word, so {bill}, with nothing added."
    if alpha < IMAGINED:
        if count:
            return f"Q has seen every word, so ε = {alpha / TOTAL:.0e} changes little: {bill}."
        return (
            f"Scam pays, and ε sets the price: {bill}, {number(terms[RARE])} of it for a share of "
            f"{_share(q[RARE])} that no data stand behind."
        )
    weight = alpha * len(WORDS)
    taken = number(100 * weight / (TOTAL + weight), 1)
    return (
        f"All counts pay: {_alpha(alpha)} more for each word makes {taken} % of Q; "
        f"scam gets {_share(q[RARE])}, and {bill}."
    )
