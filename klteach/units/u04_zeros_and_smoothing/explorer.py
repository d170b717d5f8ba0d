"""Explorer of unit 04: a word that Q has never seen, and what is done about it."""

import numpy as np

from klteach.explorers.controls import Choice, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Note,
    Readout,
    Table,
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
TOTAL = 100
# 100 words drawn from P; what "scam" gains or loses comes from "app", so that the total stays
CORPUS = np.random.default_rng(23).multinomial(TOTAL, P)
TREATMENTS = ("nothing", "ε to each share", "α to each count")
NOTHING, EPSILON, ALPHA = range(3)
TOP = 0.58  # of the axis of KL
LOWEST = -12.9  # of the axis of shares, as a power of ten
EPSILONS = np.linspace(-12, -2, 41)
ALPHAS = np.linspace(-2, 1, 37)
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def smoothing_a_zero():
    """Take a word's last count away, watch KL leave its axis, and choose what to do about it."""
    return Explorer(
        title="Smoothing a zero",
        description=(
            "Twelve words. Top left: how often P sends each in 100 words, and the counts of a "
            "corpus of 100 words that Q is made from; the count of scam can be dragged, and app "
            "takes up the difference. Top right: the shares p and q on a logarithmic scale. Below: "
            "KL(P‖Q) as a meter, against ε, and against α."
        ),
        controls=[
            Slider("count", "Count of scam", 0, 8, 1, start=2),
            Choice("treatment", "What is added", TREATMENTS),
            Slider("epsilon", "ε, as a power of ten", -12, -2, 1, start=-9),
            Slider("alpha", "α, as a power of ten", -2, 1, 0.5, start=0),
        ],
        presets={
            "the word is unseen": {"count": 0, "treatment": NOTHING},
            "ε = 1e-12": {"count": 0, "treatment": EPSILON, "epsilon": -12},
            "α = 1": {"count": 0, "treatment": ALPHA, "alpha": 0},
        },
        draw=_draw,
        update=_update,
        precompute=True,
    )


def _power(exponent):
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def _draw():
    rows = [["counts", "counts", "shares", "shares"], ["meter", "epsilon", "epsilon", "alpha"]]
    picture = Picture(7.8, 5.3, rows, width_ratios=[1, 2.6, 0.4, 2.5], height_ratios=[1.15, 1])
    counts, shares = picture.axes["counts"], picture.axes["shares"]
    places = np.arange(len(WORDS))
    others = [word for word in places if word not in (0, RARE)]

    counts.bar(places - 0.2, TOTAL * P, width=0.36, **P_STYLE)
    counts.bar(places[others] + 0.22, CORPUS[others], width=0.36, **Q_STYLE)
    counts.set(xlim=(-0.6, 11.7), ylim=(0, 29), yticks=[0, 10, 20])
    counts.set_xticks(places, WORDS, fontsize=8)
    counts.set_title("In 100 words: P sends (solid), Q's corpus has (dashed)")
    picture.shapes("added", counts, count=len(WORDS), **DIFFERENCE_STYLE)
    picture.shapes("app", counts, **Q_STYLE)
    picture.bars("count", counts, positions=[RARE + 0.22], width=0.36, **Q_STYLE)
    picture.texts("added", counts, ha="right", fontsize=9)
    picture.texts("count", counts, offset=(3, 7), fontsize=9)

    powers = [0, -3, -6, -9, -12]
    shares.set(xlim=(-0.7, 11.7), ylim=(LOWEST, 0.4))
    shares.set_xticks([0, RARE], ["app", "scam"], fontsize=8.5)
    shares.set_yticks(powers, [_power(power) for power in powers])
    shares.set_title("Share, logarithmic: p solid, q dashed")
    shares.plot(places, np.log10(P), "s", color=P_COLOUR, markersize=4.5)
    picture.shapes("gap", shares, **DIFFERENCE_STYLE)
    picture.shapes("q", shares, count=len(WORDS), **(Q_STYLE | {"linewidth": 1.4}))
    picture.texts("gap", shares, count=2, offset=(-10, 0), ha="right", fontsize=9)

    for name in ("meter", "epsilon", "alpha"):
        axes = picture.axes[name]
        axes.set(ylim=(0, TOP), yticks=[0, 0.2, 0.4])
        axes.axhline(0, color=MUTED, linewidth=0.8)
    meter, epsilon, alpha = (picture.axes[name] for name in ("meter", "epsilon", "alpha"))
    meter.set(xlim=(0, 1), xticks=[], title="KL, nats")
    picture.shapes("meter", meter, **DIFFERENCE_STYLE)
    picture.shapes("arrow", meter, facecolor=INK, edgecolor=INK)
    picture.texts("meter", meter, offset=(0, 4), fontsize=10.5, fontweight="bold")

    epsilon.set(xlim=(-12.5, -1.6), title="KL with ε added to each share")
    epsilon.set_xticks([-12, -9, -6, -3], [_power(power) for power in (-12, -9, -6, -3)])
    epsilon.set_xlabel("ε", labelpad=-6)
    alpha.set(xlim=(-2.15, 1.15), title="KL with α added to each count")
    alpha.set_xticks([-2, -1, 0, 1], ["0.01", "0.1", "1", "10"])
    alpha.set_xlabel("α", labelpad=-6)
    for name, axes in (("epsilon", epsilon), ("alpha", alpha)):
        axes.tick_params(labelleft=False)
        for height in (0.2, 0.4):
            axes.axhline(height, color=FAINT, linewidth=0.8, zorder=0)
        curve = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.8}
        picture.shapes(f"{name} curve", axes, closed=False, **curve)
        picture.line(
            name, axes, "x", (0, 0.93 * TOP), edgecolor=MUTED, linestyle=":", linewidth=1.6
        )
        picture.shapes(f"{name} point", axes, facecolor=INK, edgecolor=INK)
        picture.texts(name, axes, offset=(7, 5), ha="left", fontsize=9)
    return picture


def counts_of(count):
    """The corpus with so many times "scam", (states, words)."""
    corpus = np.tile(CORPUS, (len(count), 1))
    corpus[:, 0] += CORPUS[RARE] - count.astype(int)
    corpus[:, RARE] = count
    return corpus


def _update(state):
    corpus = counts_of(state.count)
    epsilon, alpha = 10.0**state.epsilon, 10.0**state.alpha
    added = np.choose(state.treatment, [np.zeros_like(alpha), TOTAL * epsilon, alpha])
    q = normalize(corpus + added[:, None])
    kl = kl_divergence(P, q)
    with np.errstate(divide="ignore"):  # log 0 = -inf is what this unit is about
        price = -np.log(q)
        power = np.log10(q)
    terms = P * (np.log(P) + price)
    infinite = np.isinf(kl)

    # an ε on shares of 100 words is an α of 100 ε
    here_epsilon = _kl_with(corpus, TOTAL * epsilon)
    next_epsilon = _kl_with(corpus, TOTAL * epsilon / 1000)
    here_alpha = _kl_with(corpus, alpha)
    blocks = np.where(state.treatment == ALPHA, alpha, 0.0)[:, None]
    below = np.maximum(power[:, RARE], LOWEST - 1)
    # the meter turns into an arrow where there is no number to show
    left, right = np.where(infinite, [[0.2], [0.4]], [[0.25], [0.75]])
    height = np.where(infinite, 0.85 * TOP, kl)
    return Frame(
        shapes={
            # a block of height 0 gets width 0 too, or its edges would show as a line
            "added": rectangles(np.arange(12) + 0.04, corpus, 0.36 * (blocks > 0), blocks),
            "app": rectangles(0.04, 0.0, 0.36, corpus[:, :1]),
            "gap": rectangles(RARE - 0.3, below[:, None], 0.6, np.log10(P[RARE]) - below[:, None]),
            "q": rectangles(np.arange(12) - 0.3, power - 0.34, 0.6, 0.68),
            "meter": rectangles(left[:, None], 0.0, (right - left)[:, None], height[:, None]),
            "arrow": _arrow(infinite),
            "epsilon curve": line(EPSILONS, _kl_curve(corpus, TOTAL * 10.0**EPSILONS)),
            "epsilon point": _diamond(state.epsilon, here_epsilon, 0.16, 0.014),
            "alpha curve": line(ALPHAS, _kl_curve(corpus, 10.0**ALPHAS)),
            "alpha point": _diamond(state.alpha, here_alpha, 0.06, 0.014),
        },
        texts={
            "added": (np.full((1, 1), 11.6), np.full((1, 1), 26.0), each(_added, state.treatment)),
            "count": (
                np.full((1, 1), RARE + 0.22),
                corpus[:, RARE:] + blocks,
                [[str(count)] for count in corpus[:, RARE]],
            ),
            "gap": (
                np.full((1, 2), float(RARE)),
                np.array([[-5.6, -6.9]]),
                each(_gap, price[:, RARE] + np.log(P[RARE]), terms[:, RARE]),
            ),
            "meter": (
                np.where(infinite, 0.75, 0.5)[:, None],
                height[:, None],
                [[number(x)] for x in kl],
            ),
            "epsilon": _label(state.epsilon, here_epsilon),
            "alpha": _label(state.alpha, here_alpha),
        },
        readouts=[
            Readout("KL(P‖Q)", kl, "nats"),
            Readout("of it, scam", terms[:, RARE], "nats"),
            Note("q(scam)", each(_share, q[:, RARE])),
            Readout("ε ÷ 1000 adds", next_epsilon - here_epsilon, "nats"),
        ],
        invariants=[
            Invariant("KL ≥ 0", kl),
            Invariant("Q sums to 1", -np.abs(q.sum(axis=-1) - 1)),
        ],
        sentence=each(_sentence, state.treatment, state.count, kl, terms, q, epsilon, alpha),
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
    )


def _kl_with(corpus, added):
    """KL with a number added to every count, another one in each state."""
    return kl_divergence(P, normalize(corpus + added[:, None]))


def _kl_curve(corpus, added):
    """KL for each of several numbers added to every count, (states, numbers)."""
    corpora, place = np.unique(corpus, axis=0, return_inverse=True)
    q = normalize(corpora[:, None, :] + added[:, None])
    return kl_divergence(np.broadcast_to(P, q.shape), q)[place]


def _diamond(x, y, width, height):
    """A point's mark, (states, 1, 4, 2)."""
    corners = np.array([[-width, 0], [0, height], [width, 0], [0, -height]])
    return (np.stack([x, y], axis=-1)[:, None, :] + corners)[:, None]


def _label(x, kl):
    return x[:, None], kl[:, None], [[number(value)] for value in kl]


def _arrow(infinite):
    """The head of an arrow that leaves the meter at the top; of no size where KL is finite."""
    corners = np.array([[0.05, 0.85 * TOP], [0.3, TOP], [0.55, 0.85 * TOP]])
    return np.where(infinite[:, None, None], corners, [0.5, 0.0])[:, None]


def _added(treatment):
    return ["hatched: α added to each count" if treatment == ALPHA else ""]


def _gap(nats, term):
    if nats == np.inf:
        return ["q(scam) = 0:", "below every axis ↓"]
    if nats < 3:
        return ["", ""]
    return [f"gap: {number(nats, 1)} nats", f"{P[RARE]} × gap = {number(term)}"]


def _share(share):
    """0.0089 as it is, smaller numbers as 1e-12."""
    return f"{share:.4f}" if share >= 1e-3 else f"{share:.0e}" if share else "0"


def _sentence(treatment, count, kl, terms, q, epsilon, alpha):
    """Who pays."""
    bill = f"KL is {number(kl)} nats"
    if treatment == NOTHING:
        if count == 0:
            return "Q has no word for scam, and P sends it: KL is infinite, as it should be."
        return f"Q has seen every word, so {bill}, with nothing added."
    if treatment == EPSILON:
        if count:
            return f"Q has seen every word, so ε = {epsilon:.0e} changes little: {bill}."
        return (
            f"Scam pays, and ε sets the price: {bill}, {number(terms[RARE])} of it for a share of "
            f"{_share(q[RARE])} that no data stand behind."
        )
    weight = alpha * len(WORDS)
    taken = number(100 * weight / (TOTAL + weight), 1)
    return (
        f"All counts pay: {number(alpha, 2)} more for each word makes {taken} % of Q; "
        f"scam gets {_share(q[RARE])}, and {bill}."
    )
