"""Explorers of unit 09: a joint beside the product of its margins, and the family of entropies."""

import numpy as np

from klteach.explorers.controls import Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import (
    Frame,
    Invariant,
    Readout,
    Table,
    Task,
    each,
    number,
    rectangles,
)
from klteach.explorers.look import (
    DIFFERENCE_STYLE,
    INK,
    MUTED,
    P_COLOUR,
    P_STYLE,
    Q_COLOUR,
    Q_STYLE,
)
from klteach.explorers.picture import Picture
from klteach.measures import cross_entropy, entropy, kl_divergence

SAME = 1e-9  # equal but for rounding
SMALL = {"fontsize": 9, "ha": "center", "va": "center"}
DASHED = {"color": Q_COLOUR, "linewidth": 1.8, "linestyle": (0, (4, 2))}
BAR = 0.7  # how high a bar is in its row

# -- the joint beside the product -----------------------------------------------------------------

# X and Y take the values -1, 0 and 1 with these probabilities, whatever the dependence is
VALUES = np.array([-1, 0, 1])
NAMES = ("−1", "0", "1")
MARGIN = np.array([0.3, 0.4, 0.3])
PRODUCT = np.outer(MARGIN, MARGIN)
# three joint tables with these margins, X down and Y across
RISING = np.diag(MARGIN)
FALLING = RISING[:, ::-1]
BENT = np.array([[0, 0.15, 0.15], [0.3, 0.1, 0], [0, 0.15, 0.15]])
PAIRS = tuple(f"X = {x}, Y = {y}" for x in NAMES for y in NAMES)
SHADES = [0.75, 0.4, 0.12]  # of Y = -1, 0, 1, from the bottom
ALL = 2 * float(entropy(MARGIN))  # H(X) + H(Y)


def joint_beside_product():
    """Make two columns depend on each other while neither of them changes by itself."""
    return Explorer(
        title="The joint beside the product",
        description=(
            "Two squares of area 1, each cut into nine areas: the probabilities of the pairs of X "
            "and Y. A column is a value of X, the cuts in it share out Y. Left the joint P, solid, "
            "with the cuts of Q across it, dashed; in the middle Q, the product of the margins, "
            "dashed, whose cuts are level. Right a point to drag: across the shape of the "
            "dependence, from falling by bent to rising, up how strong it is. Below two bars of "
            "equal length: H(X) and H(Y) end to end, and H(X, Y) with KL(P‖Q) hatched at its end."
        ),
        controls=[
            Slider("shape", "Shape (−1 falling, 0 bent, 1 rising)", -1.0, 1.0, 0.1, start=1.0),
            Slider("strength", "Strength of the dependence", 0.0, 1.0, 0.02, start=0.5),
        ],
        presets={
            "rising": {"shape": 1.0},
            "falling": {"shape": -1.0},
            "bent": {"shape": 0.0},
            "as strong as can be": {"strength": 1.0},
            "independent": {"strength": 0.0},
        },
        draw=_draw_joint,
        update=_update_joint,
    )


def _draw_joint():
    picture = Picture(
        6.4,
        3.75,
        [["joint", "product", "pad"], ["bars", "bars", "bars"]],
        height_ratios=[1.75, 1],
        width_ratios=[1, 1, 0.9],
    )
    joint, product, pad, bars = (picture.axes[n] for n in ("joint", "product", "pad", "bars"))
    _draw_square(joint, "P: the joint")
    picture.shapes("joint", joint, count=9, alpha=3 * SHADES, facecolor=P_COLOUR, linewidth=0)
    picture.shapes("edges", joint, count=9, facecolor="none", edgecolor=P_COLOUR, linewidth=1.2)
    for cut in np.cumsum(MARGIN)[:2]:
        joint.plot([0, 1], [cut, cut], **DASHED)
    _draw_square(product, "Q: the product")
    # the product is the same in every state, since the margins are
    for area, shade in zip(_mosaic(PRODUCT[None])[0], 3 * SHADES, strict=True):
        product.fill(*area.T, facecolor=Q_COLOUR, alpha=shade * 0.6, linewidth=0)
    for cut in np.cumsum(MARGIN)[:2]:
        product.plot([0, 1, np.nan, cut, cut], [cut, cut, np.nan, 0, 1], **DASHED)
    product.fill([0, 1, 1, 0], [0, 0, 1, 1], **Q_STYLE)
    pad.set(xlim=(-1.15, 1.15), ylim=(-0.07, 1.07), xlabel="shape", title="Drag ●")
    pad.set_xticks([-1, 0, 1], ["falling", "bent", "rising"])
    pad.set_yticks([0, 1], ["none", "full"])
    pad.set_ylabel("dependence", labelpad=-22)
    pad.plot([0, 0], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    picture.point(pad, "shape", "strength", color=INK)
    bars.set(xlim=(0, 3.05), ylim=(-0.1, 2), xlabel="nats")
    bars.set_yticks([1.35, 0.35], ["Q's code", "P's code"])
    bars.tick_params(axis="y", length=0)
    half = ALL / 2
    for left, words in ((0, "H(X)"), (half, "H(Y)")):
        bars.fill(*rectangles(left, 1.0, half, BAR).T, **Q_STYLE)
        bars.text(left + half / 2, 1.35, words, **SMALL)
    bars.text(ALL + 0.05, 1.35, "H(P, Q)", **SMALL | {"ha": "left"})
    picture.shapes("entropy", bars, alpha=0.4, **P_STYLE)
    picture.shapes("kl", bars, **DIFFERENCE_STYLE)
    picture.texts("entropy", bars, va="center", fontsize=9)
    picture.texts("kl", bars, offset=(6, 0), ha="left", va="center", fontsize=9, fontweight="bold")
    return picture


def _draw_square(axes, title):
    axes.set(xlim=(0, 1), ylim=(0, 1), title=title)
    middles = np.cumsum(MARGIN) - MARGIN / 2
    axes.set_xticks(middles, NAMES)
    axes.set_yticks(middles, NAMES)
    axes.tick_params(length=0)
    axes.set_xlabel("X", labelpad=1)
    axes.set_ylabel("Y", labelpad=1)
    axes.spines[:].set_visible(False)


def _joint(shape, strength):
    """Tables (states, X, Y): a mixture of the product with what is rising or falling, and bent."""
    shape, strength = shape[:, None, None], strength[:, None, None]
    straight = np.where(shape > 0, RISING, FALLING)
    dependent = np.abs(shape) * straight + (1 - np.abs(shape)) * BENT
    return (1 - strength) * PRODUCT + strength * dependent


def _mosaic(joint):
    """Corners of nine areas (states, 9, 4, 2): a column for each X, Y from the bottom up."""
    columns = joint.sum(axis=-1)
    shares = joint / columns[..., None]
    left = np.repeat(np.cumsum(columns, axis=-1) - columns, 3, axis=-1)
    bottom = (np.cumsum(shares, axis=-1) - shares).reshape(len(joint), 9)
    width = np.repeat(columns, 3, axis=-1)
    return rectangles(left, bottom, width, shares.reshape(len(joint), 9))


def _update_joint(state):
    joint = _joint(state.shape, state.strength)
    p = joint.reshape(-1, 9)
    q = np.broadcast_to(PRODUCT.ravel(), p.shape)
    together, information = entropy(p), kl_divergence(p, q)
    correlation = joint @ VALUES @ VALUES / (MARGIN @ VALUES**2)
    off = np.abs(joint.sum(axis=1) - MARGIN) + np.abs(joint.sum(axis=2) - MARGIN)
    areas = _mosaic(joint)
    high = BAR * (information > SAME)  # an area of no width would show as a line
    uncorrelated = np.abs(correlation) < SAME
    ceiling = ALL / 2
    return Frame(
        shapes={
            "joint": areas,
            "edges": areas,
            "entropy": rectangles(0.0, 0.0, together[:, None], BAR),
            "kl": rectangles(together[:, None], 0.0, information[:, None], high[:, None]),
        },
        texts={
            "entropy": (together[:, None] / 2, 0.35, [["entropy H(P) = H(X, Y)"]] * len(p)),
            "kl": (ALL, 0.35, each(lambda x: [f"KL = MI = {number(x)}"], information)),
        },
        readouts=[
            Readout("mutual information, KL(P‖Q)", information, "nats"),
            Readout("correlation of X and Y", correlation),
        ],
        invariants=[
            Invariant("X and Y by themselves stay as they were", -off.max(axis=-1)),
            Invariant("mutual information ≥ 0", information),
            Invariant("mutual information ≤ H(Y)", ceiling - information),
        ],
        sentence=each(_joint_sentence, correlation, information),
        table=Table(PAIRS, {"p(x, y)": p, "p(x) p(y)": q, "p log(p/q)": _terms(p, q)}),
        tasks=[
            Task(
                "Make the correlation 0 and the mutual information larger than 0.3 nats.",
                uncorrelated & (information > 0.3),
            ),
            Task(
                "Let X decide Y: bring the mutual information up to H(Y).",
                information > ceiling - SAME,
            ),
            Task(
                "At a correlation of 0.20, make the mutual information larger than 0.25 nats.",
                (np.abs(correlation - 0.2) < SAME) & (information > 0.25),
            ),
        ],
    )


def _terms(p, q):
    """p log(p/q), side by side: 0 where p is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p > 0, p * np.log(p / q), 0.0)


def _joint_sentence(correlation, information):
    if information < SAME:
        return (
            "All cuts are level: whatever X is, Y is shared out in the same way. P is the product "
            "of its margins, and KL is 0."
        )
    share = 100 * information / (ALL / 2)
    known = f"whoever knows X saves {number(information)} of the {number(ALL / 2)} nats of Y"
    if abs(correlation) < SAME:
        return f"The correlation is 0, and yet {known}, {share:.0f} %."
    return f"The correlation is {number(correlation, 2)}, and {known}, {share:.0f} %."


# -- one family -----------------------------------------------------------------------------------

RAIN, UMBRELLA = 0.4, 0.4  # the margins: X is the weather, Y what is carried
MARGINS = np.array([RAIN, 1 - RAIN]), np.array([UMBRELLA, 1 - UMBRELLA])
EACH = float(entropy(MARGINS[0])), float(entropy(MARGINS[1]))  # H(X), H(Y)
WEATHER = ("rain, umbrella", "rain, none", "dry, umbrella", "dry, none")
ROWS = (3.0, 2.0, 1.0, 0.0)  # where the four bars stand


def one_family():
    """Drag how often rain brings an umbrella; entropy, cross-entropy, KL and MI in one picture."""
    return Explorer(
        title="One family",
        description=(
            "Left a square of area 1, cut into the probabilities of four pairs: X is rain or dry, "
            "Y an umbrella or none; the cut in the column of rain can be dragged, the other one "
            "follows so that Y stays as it is, and a dashed line shows where they were level. "
            "Right four bars. First the cross-entropy H(P, Q), dashed: H(X), then H(Y). Below it "
            "the entropy H(P), solid, and KL(P‖Q), hatched, of the same length together. Then H(X) "
            "from the left and H(Y) up to the end of H(P): where these two overlap, hatched, is "
            "the mutual information, as long as KL(P‖Q)."
        ),
        controls=[Slider("given", "Umbrella, given rain", 0.0, 1.0, 0.025, start=0.75)],
        presets={
            "independent": {"given": 0.4},
            "an umbrella for every rain": {"given": 1.0},
            "never in the rain": {"given": 0.0},
        },
        draw=_draw_family,
        update=_update_family,
    )


def _draw_family():
    picture = Picture(6.4, 3.3, [["square", "bars"]], width_ratios=[1, 2.1])
    square, bars = picture.axes["square"], picture.axes["bars"]
    square.set(xlim=(0, 1), ylim=(0, 1), title="P: drag the cut")
    square.set_xticks([RAIN / 2, (1 + RAIN) / 2], ["rain", "dry"])
    square.set_yticks([0.04, 0.96], ["umbrella", "none"], rotation=90)
    for label, place in zip(square.get_yticklabels(), ("bottom", "top"), strict=True):
        label.set_verticalalignment(place)
    square.tick_params(length=0)
    square.spines[:].set_visible(False)
    picture.shapes("areas", square, count=4, alpha=[0.65, 0.15] * 2, facecolor=P_COLOUR, lw=0)
    picture.shapes("edges", square, count=4, facecolor="none", edgecolor=P_COLOUR, linewidth=1.2)
    square.plot([0, 1], [UMBRELLA, UMBRELLA], **DASHED)
    picture.line("given", square, "y", (0, RAIN), edgecolor=P_COLOUR, linewidth=3)
    bars.set(xlim=(0, 1.8), ylim=(-0.15, 4), xlabel="nats", yticks=[])
    bars.spines["left"].set_visible(False)
    for left, width, words in ((0, EACH[0], "H(X)"), (EACH[0], EACH[1], "H(Y)")):
        bars.fill(*rectangles(left, ROWS[0], width, BAR).T, **Q_STYLE)
        bars.text(left + width / 2, ROWS[0] + BAR / 2, words, **SMALL)
    right, end = sum(EACH) + 0.04, {"ha": "left", "va": "center", "fontsize": 9}
    for row, words in zip(ROWS, ("H(P, Q)", "H(P) + KL", "H(X)", "H(Y)"), strict=True):
        bars.text(right, row + BAR / 2, words, **end)
    bars.text(right, (ROWS[2] + ROWS[3] + BAR) / 2, "overlap: MI", **end, fontweight="bold")
    picture.shapes("entropy", bars, alpha=0.4, **P_STYLE)
    picture.shapes("sides", bars, count=2, facecolor="none", edgecolor=P_COLOUR, linewidth=1.6)
    picture.shapes("kl", bars, count=3, **DIFFERENCE_STYLE)
    picture.shapes("overlap", bars, count=2, closed=False, edgecolor=MUTED, linestyle=":")
    picture.texts("entropy", bars, va="center", fontsize=9)
    picture.texts("rest", bars, count=2, va="center", fontsize=9)
    return picture


def _of_umbrella(given):
    """Tables (states, X, Y) with fixed margins, from how often rain brings an umbrella."""
    both = RAIN * given
    table = [both, RAIN - both, UMBRELLA - both, 1 - RAIN - UMBRELLA + both]
    return np.stack(table, axis=-1).clip(0, 1).reshape(-1, 2, 2)


def _update_family(state):
    joint = _of_umbrella(state.given)
    p = joint.reshape(-1, 4)
    q = np.broadcast_to(np.outer(*MARGINS).ravel(), p.shape)
    together, information = entropy(p)[:, None], kl_divergence(p, q)[:, None]
    x_given_y, y_given_x = together - EACH[1], together - EACH[0]
    high = BAR * (information > SAME)
    none = np.full_like(together, np.nan)  # what has no room is not written
    room = 0.2
    return Frame(
        shapes={
            "areas": _quarters(joint),
            "edges": _quarters(joint),
            "entropy": rectangles(0.0, ROWS[1], together, BAR),
            "kl": np.concatenate(
                [
                    rectangles(together, ROWS[1], information, high),
                    rectangles(x_given_y, ROWS[2], information, high),
                    rectangles(x_given_y, ROWS[3], information, high),
                ],
                axis=1,
            ),
            "sides": np.concatenate(
                [
                    rectangles(0 * together, ROWS[2], EACH[0], BAR),
                    rectangles(x_given_y, ROWS[3], EACH[1], BAR),
                ],
                axis=1,
            ),
            "overlap": _upright(np.concatenate([x_given_y, together], axis=1)),
        },
        texts={
            "entropy": (together / 2, ROWS[1] + BAR / 2, [["H(P) = H(X, Y)"]] * len(p)),
            "rest": (
                np.concatenate(
                    [
                        np.where(x_given_y > room, x_given_y / 2, none),
                        np.where(y_given_x > room, together - y_given_x / 2, none),
                    ],
                    axis=1,
                ),
                np.array([ROWS[2], ROWS[3]]) + BAR / 2,
                [["H(X|Y)", "H(Y|X)"]] * len(p),
            ),
        },
        readouts=[
            Readout("cross-entropy H(P, Q)", cross_entropy(p, q), "nats"),
            Readout("entropy H(P)", together[:, 0], "nats"),
            Readout("KL(P‖Q), mutual information", information[:, 0], "nats"),
        ],
        invariants=[
            Invariant("H(P) + KL = H(X) + H(Y)", -np.abs(together + information - sum(EACH))[:, 0]),
            Invariant("KL ≥ 0", information[:, 0]),
            Invariant("H(Y|X) ≥ 0", y_given_x[:, 0]),
        ],
        sentence=each(_family_sentence, state.given, information[:, 0], y_given_x[:, 0]),
        table=Table(WEATHER, {"p(x, y)": p, "p(x) p(y)": q, "p log(p/q)": _terms(p, q)}),
        tasks=[
            Task("Make Q right: nothing is left for KL.", information[:, 0] < SAME),
            Task(
                "Let the bars of H(X) and H(Y) overlap by more than half.",
                information[:, 0] > max(EACH) / 2,
            ),
            Task(
                "Make an umbrella rarer in rain than in the dry, with a KL of more than 0.2.",
                (state.given < UMBRELLA) & (information[:, 0] > 0.2),
            ),
        ],
    )


def _quarters(joint):
    """Corners of the four areas: a column for rain and one for dry, umbrellas below."""
    shares = joint / joint.sum(axis=2, keepdims=True)
    bottom = (np.cumsum(shares, axis=2) - shares).reshape(-1, 4)
    left, width = np.array([0, 0, RAIN, RAIN]), np.array([RAIN, RAIN, 1 - RAIN, 1 - RAIN])
    return rectangles(left, bottom, width, shares.reshape(-1, 4))


def _upright(x):
    """Lines from the bar of H(P) down to that of H(Y): where MI begins and where H(P) ends."""
    ends = np.broadcast_to(np.array([ROWS[3], ROWS[1]]), (*x.shape, 2))
    return np.stack([np.stack([x, x], axis=-1), ends], axis=-1)


def _family_sentence(given, information, y_given_x):
    if information < SAME:
        return "Rain or dry, umbrellas are as frequent: Q is right, KL is 0, and nothing overlaps."
    if y_given_x < SAME:
        return (
            "The weather decides on the umbrella and the umbrella tells the weather: the mutual "
            f"information is all of H(Y), {number(EACH[1])} nats."
        )
    more = "more" if given > UMBRELLA else "less"
    return (
        f"In the rain an umbrella is {more} likely than in the dry. A code for each column by "
        f"itself costs {number(information)} nats too much, and whoever knows the weather saves "
        f"the same on Y: {number(y_given_x)} of its {number(EACH[1])} nats are left."
    )
