"""The questions of unit 08: before and after a channel, one cut, the best cut, what keeps all."""

import math

import numpy as np

from klteach.practice.common_mistakes import PADDED, REMOVED, SMALL_NUMBERS, terms
from klteach.practice.diagnosis import common_ratio, transformed
from klteach.practice.evidence import Evidence, Found, same
from klteach.practice.question import Case, Mistake, Question, case
from klteach.practice.returns import choices, named_numbers

LESSON = "08_data_processing"


# E1: before and after a channel


def kl(p, q):
    with np.errstate(divide="ignore"):
        return terms(p, q).sum()


def before_and_after(p, q, channel):
    return np.array([kl(p, q), kl(p @ channel, q @ channel)])


def _both(measure):
    """A pair in which this stands in the place of KL, before and after."""
    return lambda p, q, channel: np.array([measure(p, q), measure(p @ channel, q @ channel)])


def _after(function):
    """A pair whose first number is right, and whose second is this."""
    return lambda p, q, channel: np.array([kl(p, q), function(p, q, channel)])


def _with_channel(change):
    """A pair for which another channel was used."""
    return _after(lambda p, q, channel: kl(p @ change(channel), q @ change(channel)))


def _rows(chosen):
    """A pair for which only these rows of the channel were used, given their number."""

    def after(p, q, channel):
        rows = list(chosen(len(p)))
        return kl(p[rows] @ channel[rows], q[rows] @ channel[rows])

    return _after(after)


def _lost(before, after):
    """Before less after; where both are infinite an answer has nan, which is told apart."""
    return before - after if after < np.inf else 0.0


def _share(before, after):
    return after / before if 0 < before < np.inf else 0.0


def _normalised(p):
    return p / p.sum() if p.sum() > 0 else p


def _hard(channel):
    """Each outcome goes where it goes most often."""
    return np.eye(len(channel))[channel.argmax(axis=1)]


def _rooted(measure):
    return lambda p, q: np.sqrt(measure(p, q))


def _cross(p, q):
    with np.errstate(divide="ignore"):
        return np.sum(np.where(p > 0, -p * np.log(q), 0.0))


def _log_ratios(p, q):
    both = (p > 0) & (q > 0)
    ratios = np.where(both, np.log(np.where(both, p, 1) / np.where(both, q, 1)), 0.0)
    return np.where((p > 0) & (q == 0), np.inf, ratios)


def channels(random: np.random.Generator) -> list[Case]:
    """Random channels of many sizes, some with zeros; whole numbers and floats; one that forgets"""
    cases = []
    for size in (2, 3, 4, 7):
        p, q = random.dirichlet(np.ones(size), size=2)
        cases.append(case(p, q, random.dirichlet(np.full(size, 0.6), size=size)))
    p, q = random.dirichlet(np.ones(5), size=2)
    groups = np.array([0, 1, 1, 3, 0])
    cases += [
        case(p, q, np.eye(5, dtype=int)[groups], label="five outcomes in three groups"),
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [[1, 0, 0], [0, 1, 0], [0, 1, 0]]),
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]),
        case([0.2, 0.8], [0.2, 0.8], [[0.7, 0.3], [0.1, 0.9]], label="p = q"),
    ]
    return cases


def channels_with_zeros(random: np.random.Generator) -> list[Case]:
    """An outcome that p rules out, or both, or q: infinite, until it is merged with another."""
    p, q = random.dirichlet(np.ones(6), size=2)
    q[2] = 0.0
    groups = np.array([0, 1, 1, 3, 3, 5])
    return [
        case([0.5, 0.5, 0.0], [0.1, 0.4, 0.5], [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]]),
        case([0.75, 0.25, 0.0], [0.25, 0.75, 0.0], [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]),
        case(
            [0.5, 0.0, 0.5],
            [0.2, 0.3, 0.5],
            [[0.5, 0.5, 0], [0, 1, 0], [0, 0.25, 0.75]],
            label="an outcome that p rules out, and that others are misread as",
        ),
        case(
            [0.5, 0.25, 0.25],
            [0.5, 0.5, 0.0],
            [[1, 0, 0], [0, 1, 0], [0, 1, 0]],
            label="an outcome that q rules out, merged with one that it allows",
        ),
        case(
            [0.5, 0.25, 0.25],
            [0.5, 0.5, 0.0],
            [[0, 1, 0], [1, 0, 0], [0, 0, 1]],
            label="an outcome that q rules out, and new names",
        ),
        case(p, _normalised(q), np.eye(6)[groups]),
    ]


def one_number_is_right(e: Evidence) -> Found:
    """Of the two numbers one is right on every input, and the other is not."""
    pairs = list(zip(e.values, e.references, strict=True))
    before, after = (all(same(v[i], r[i]) for v, r in pairs) for i in (0, 1))
    at = e.small(e.wrong) or 0
    if all(e.cases[i].arguments[2].dtype.kind == "i" for i in e.wrong):
        return None  # arrays of whole numbers: there is a row for them
    if before and not after:
        grown = [i for i in e.wrong if e.values[i][1] > e.values[i][0] + 1e-9]
        if grown:
            return (
                "The first number is right on every input and the second is not. Here it is "
                "larger than the first, which no channel can make of KL. Print `p @ channel` and "
                "`q @ channel`: does each sum to 1, and did both go through the same channel?",
                e.small(grown) or 0,
            )
        return (
            "The first number, before, is right on every input, and the second is not. Print "
            "`p @ channel` and `q @ channel`: does each sum to 1, and are its zeros dealt with as "
            "those of p and q are?",
            at,
        )
    if after and not before:
        return (
            "The second number, after, is right on every input, and the first is not. It is the KL "
            "of p and q as they come, and infinite where q is 0 and p is not.",
            at,
        )
    return None


BEFORE_AND_AFTER = Question(
    "before_and_after",
    points=3,
    reference=before_and_after,
    returns=named_numbers("before", "after"),
    exchangeable=False,
    rows=[one_number_is_right],
    unit="nats",
    visible=[
        case(
            [0.5, 0.5],
            [0.9, 0.1],
            [[1.0, 0.0], [0.5, 0.5]],
            label="the second outcome is misread half of the time",
        ),
        case([0.6, 0.4], [0.2, 0.8], [[0.0, 1.0], [0.0, 1.0]], label="both become one"),
        case([0.6, 0.4], [0.2, 0.8], [[0.0, 1.0], [1.0, 0.0]], label="the names exchanged"),
    ],
    inputs=[channels, channels_with_zeros],
    mistakes=[
        Mistake(
            "transposed",
            (
                _with_channel(np.transpose),
                _after(
                    lambda p, q, channel: kl(_normalised(channel @ p), _normalised(channel @ q))
                ),
            ),
            "The channel was used the wrong way round, as `channel @ p` or with a sum over its "
            "columns. Row x says where outcome x goes, so p runs over the rows: "
            "Σ p(x) · channel[x, y]. Check that what comes out sums to 1 before anybody "
            "normalises it.",
        ),
        Mistake(
            "p only",
            _after(lambda p, q, channel: kl(p @ channel, q)),
            "Only p went through the channel, and q stayed as it was. After the channel both are "
            "other distributions, and only those two can be compared.",
        ),
        Mistake(
            "q only",
            _after(lambda p, q, channel: kl(p, q @ channel)),
            "Only q went through the channel, and p stayed as it was. After the channel both are "
            "other distributions, and only those two can be compared.",
        ),
        Mistake(
            "nothing lost",
            _after(lambda p, q, channel: kl(p, q)),
            "Your second number is the KL before, once more. Either the channel was not used, or "
            "something went through it that forgets nothing: the terms of KL, or the pairs (x, y). "
            "Who stands behind the channel sees y alone: add up over x first, for p and for q, "
            "then take KL.",
        ),
        Mistake(
            "what is lost",
            _after(lambda p, q, channel: _lost(*before_and_after(p, q, channel))),
            "Your second number is what gets lost, before minus after. The question asks for what "
            "is left.",
        ),
        Mistake(
            "share",
            _after(lambda p, q, channel: _share(*before_and_after(p, q, channel))),
            "Your second number is a share, after divided by before. The question asks for both "
            "numbers in nats.",
        ),
        Mistake(
            "order of the two",
            lambda p, q, channel: before_and_after(p, q, channel)[::-1],
            "These are the right two numbers in the other order. First the KL before the channel, "
            "then the one after it.",
        ),
        Mistake(
            "after twice",
            lambda p, q, channel: np.full(2, before_and_after(p, q, channel)[1]),
            "Both are the KL after the channel. Was p or q overwritten before the first KL was "
            "taken?",
        ),
        Mistake(
            "swapped",
            _both(lambda p, q: kl(q, p)),
            "You averaged under q, before and after: this is KL(q‖p). P supplies the samples, so "
            "p comes first.",
        ),
        Mistake(
            "swapped after",
            _after(lambda p, q, channel: kl(q @ channel, p @ channel)),
            "Before is right. After the channel p and q have changed places: that is the other "
            "direction.",
        ),
        Mistake(
            "twice",
            _with_channel(lambda channel: channel @ channel),
            "The channel was used twice in a row. What comes out then has been misread two times.",
        ),
        Mistake(
            "likeliest only",
            _with_channel(_hard),
            "You sent each outcome where it goes most often (an argmax of its row). It goes "
            "everywhere its row says, a little of its probability with each entry.",
        ),
        Mistake(
            "no sum",
            (
                _after(lambda p, q, channel: kl(p * channel[0], q * channel[0])),
                _after(lambda p, q, channel: kl(p * np.diag(channel), q * np.diag(channel))),
                _after(
                    lambda p, q, channel: kl(
                        _normalised(p * np.diag(channel)), _normalised(q * np.diag(channel))
                    )
                ),
            ),
            "You multiplied entry by entry and left no sum over x. What comes out at y comes from "
            "every x: Σ p(x) · channel[x, y].",
        ),
        Mistake(
            "weights of before",
            _after(
                lambda p, q, channel: np.sum(
                    p[p > 0] * _log_ratios(p @ channel, q @ channel)[p > 0]
                )
            ),
            "In your second number the log ratios are those after the channel, and the weights are "
            "still p. After the channel y comes as often as `p @ channel` says.",
        ),
        Mistake(
            "mask of before",
            _after(
                lambda p, q, channel: np.sum(
                    (p @ channel)[p > 0] * _log_ratios(p @ channel, q @ channel)[p > 0]
                )
            ),
            "After the channel you left out the places where p is 0 before it. What comes out has "
            "its zeros in other places: make the mask anew, from `p @ channel`.",
        ),
        Mistake(
            "q made from p",
            _after(lambda p, q, channel: kl(p @ channel, p @ channel @ channel)),
            "Your second number has no q in it: it compares p after the channel with p after the "
            "channel twice. Was p overwritten and then used for q?",
        ),
        Mistake(
            "mean after",
            _after(lambda p, q, channel: kl(p @ channel, q @ channel) / len(p)),
            "Your second number is the right one divided by the number of outcomes. What arrives "
            "at y is a sum over x, not a mean.",
        ),
        Mistake(
            "one row only",
            (
                _rows(lambda n: [n - 1]),
                _rows(lambda n: [0]),
            ),
            "What comes out has one row of the channel in it, and the others are lost. Does each "
            "turn of the loop overwrite (`=`) where it should add (`+=`), or does it end with the "
            "first?",
        ),
        Mistake(
            "a row left out",
            (
                _rows(lambda n: range(n - 1)),
                _rows(lambda n: range(1, n)),
            ),
            "One row of the channel was left out, the last or the first, so that what comes out "
            "does not sum to 1. Does a loop or a slice end one too early, or begin one too late?",
        ),
        Mistake(
            "one value only",
            (
                _after(lambda p, q, channel: kl((p @ channel)[:1], (q @ channel)[:1])),
                _after(lambda p, q, channel: kl((p @ channel)[-1:], (q @ channel)[-1:])),
            ),
            "Only one of the values that come out has a term in your second number. Does a "
            "`return` stand inside the loop, or is the result overwritten in it?",
        ),
        Mistake(
            "all added up",
            _after(lambda p, q, channel: 0.0),
            "Your second number is 0 on every input. Was all of p, and all of q, added up into "
            "one number? The sum runs over x alone, and leaves one number for each y "
            "(`axis=0`).",
        ),
        Mistake(
            "columns weighted",
            _after(lambda p, q, channel: kl(p * channel.sum(axis=0), q * channel.sum(axis=0))),
            "In `p * channel` NumPy puts p beside the columns, so y was weighted by p(y), and the "
            "sum over the rows has only the channel in it. `p[:, None] * channel` puts p beside "
            "the rows; `p @ channel` does the whole sum.",
        ),
        Mistake(
            "columns normalised",
            _with_channel(
                lambda channel: channel / np.where(channel.sum(axis=0) > 0, channel.sum(axis=0), 1)
            ),
            "You divided the columns by their sums. The rows are what sums to 1 here, and they do "
            "so already: an outcome x must go somewhere.",
        ),
        Mistake(
            "bits",
            _both(lambda p, q: kl(p, q) / np.log(2)),
            "Right but for the unit: these are bits (a logarithm to base 2), and the question asks "
            "for nats.",
        ),
        Mistake(
            "log10",
            _both(lambda p, q: kl(p, q) / np.log(10)),
            "Right but for the unit: these come from a logarithm to base 10, and nats come from "
            "`np.log`.",
        ),
        Mistake(
            "sign",
            _both(lambda p, q: -kl(p, q)),
            "Right but for the sign, twice: it is log(p/q), not log(q/p).",
        ),
        Mistake(
            "mean of the terms",
            _both(lambda p, q: kl(p, q) / len(p)),
            "You took a mean over the outcomes. The probabilities are weights already: add the "
            "terms up.",
        ),
        Mistake(
            "weights missing",
            _both(lambda p, q: _log_ratios(p, q).sum()),
            "These are sums of log ratios without weights. Each is weighted by its p.",
        ),
        Mistake(
            "absolute terms",
            _both(lambda p, q: np.abs(terms(p, q)).sum()),
            "You took absolute values of the terms. A term may be negative; their sum never is.",
        ),
        Mistake(
            "cross-entropies",
            _both(_cross),
            "These are cross-entropies, H(p, q). Each has an entropy in it that is not the model's "
            "fault; KL is what is left without it.",
        ),
        Mistake(
            "root",
            _both(_rooted(kl)),
            "You took roots. KL is the sum itself.",
        ),
        Mistake(
            "Jeffreys",
            (
                _both(lambda p, q: kl(p, q) + kl(q, p)),
                _both(lambda p, q: (kl(p, q) + kl(q, p)) / 2),
            ),
            "Both directions are in it: this is Jeffreys' divergence or half of it, before and "
            "after. Only KL(p‖q) is asked for.",
        ),
        Mistake(
            "total variation",
            (
                _both(lambda p, q: np.abs(p - q).sum() / 2),
                _both(lambda p, q: np.abs(p - q).sum()),
            ),
            "These are sums of |p - q|, total variation or twice that. It cannot grow either, but "
            "the question asks for KL.",
        ),
        Mistake(
            "infinite at every zero",
            _both(lambda p, q: np.inf if (q == 0).any() else kl(p, q)),
            "Infinite wherever q has a 0, before or after. Where p is 0 as well nobody pays for "
            "it: such an outcome adds 0.",
        ),
        Mistake(
            "small number added",
            (
                *(_both(lambda p, q, small=small: kl(p, q + small)) for small in SMALL_NUMBERS),
                *(
                    _both(lambda p, q, small=small: kl(p + small, q + small))
                    for small in SMALL_NUMBERS
                ),
                *(
                    _both(lambda p, q, small=small: kl(p, np.maximum(q, small)))
                    for small in SMALL_NUMBERS
                ),
                *(
                    _both(lambda p, q, small=small: kl(np.maximum(p, small), np.maximum(q, small)))
                    for small in SMALL_NUMBERS
                ),
            ),
            PADDED,
        ),
        Mistake(
            "outcomes removed",
            _both(lambda p, q: np.sum(terms(p, q)[(p > 0) & (q > 0)])),
            REMOVED,
        ),
    ],
    hints=[
        "How much of P arrives at y? It comes from every x, from each with the share that the row "
        "of x has for y.",
        "p'(y) = Σ p(x) · channel[x, y], the same for q; then KL(p‖q) and KL(p'‖q'), with 0 for "
        "p = 0",
        "`a, b = p @ channel, q @ channel` and "
        "`first = sum(x * np.log(x / y) if y > 0 else np.inf for x, y in zip(p, q) if x > 0)` and "
        "`second = sum(x * np.log(x / y) if y > 0 else np.inf for x, y in zip(a, b) if x > 0)` and "
        "`return first, second`",
    ],
    insight="The second never exceeds the first: whatever the channel, nobody behind it can tell P "
    "from Q any better. It may even turn infinite into finite, and then an infinity was lost.",
    lesson=LESSON,
    section="The idea",
)


# E2a: one cut


def below(x):
    """The probability of N(0, 1) below x."""
    return math.erfc(-x / math.sqrt(2)) / 2


def density(x):
    return math.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)


def _cells(cut, shift):
    """(P left of the cut, P right of it, Q left, Q right)"""
    return below(cut), below(-cut), below(cut - shift), below(shift - cut)


def _of_two(left_p, right_p, left_q, right_q):
    return left_p * math.log(left_p / left_q) + right_p * math.log(right_p / right_q)


def kept_by_cut(cut, shift):
    return _of_two(*_cells(cut, shift))


def _reverse(cut, shift):
    left_p, right_p, left_q, right_q = _cells(cut, shift)
    return _of_two(left_q, right_q, left_p, right_p)


def _left(cut, shift):
    left_p, _, left_q, _ = _cells(cut, shift)
    return left_p * math.log(left_p / left_q)


def _right(cut, shift):
    _, right_p, _, right_q = _cells(cut, shift)
    return right_p * math.log(right_p / right_q)


def _crossed(cut, shift):
    left_p, right_p, left_q, right_q = _cells(cut, shift)
    return _of_two(left_p, right_p, right_q, left_q)


def _density_for_area(cut, shift):
    """The heights of the two curves at the cut, taken for the probabilities below it."""
    p, q = density(cut), density(cut - shift)
    return _of_two(p, 1 - p, q, 1 - q)


def _weightless(cut, shift):
    left_p, right_p, left_q, right_q = _cells(cut, shift)
    return math.log(left_p / left_q) + math.log(right_p / right_q)


def _below_the_cut(cut, shift):
    """The integral of p log(p/q) over all x below the cut."""
    return shift**2 / 2 * below(cut) + shift * density(cut)


def _of_coins(p, q):
    return _of_two(p, 1 - p, q, 1 - q)


def _jensen_shannon(cut, shift):
    p, q = below(cut), below(cut - shift)
    return (_of_coins(p, (p + q) / 2) + _of_coins(q, (p + q) / 2)) / 2


def _total_variation(cut, shift):
    return abs(below(cut) - below(cut - shift))


def cuts(random: np.random.Generator) -> list[Case]:
    """Cuts on both sides of both middles, Q on the right and on the left, and one far out."""
    return [
        *(case(float(c), float(s)) for c, s in random.uniform([-2, 0.3], [2.5, 3], (5, 2))),
        *(case(float(c), float(-s)) for c, s in random.uniform([-2, 0.3], [2, 3], (3, 2))),
        case(-4.0, 1.0, label="a cut far out"),
        case(3.5, 1.0, label="a cut far out on the other side"),
    ]


def above_the_ceiling(e: Evidence) -> Found:
    """More than the numbers themselves have."""
    if common_ratio(e) is not None or transformed(e):
        return None  # rows that say more
    over = [i for i in e.wrong if e.values[i] > e.cases[i].arguments[1] ** 2 / 2 * (1 + 1e-6)]
    if not over:
        return None
    return (
        "Here it is above shift²/2, the KL of the numbers themselves, and no cut keeps more than "
        "there was. Is the probability of each cell the right one, under P and under Q, and does "
        "each term have the weight of its own cell?",
        over[0],
    )


def mirrored_cut(e: Evidence) -> Found:
    """The same for a cut and for its mirror image: P and Q are treated alike."""
    mirrored = [Case((c.arguments[1] - c.arguments[0], c.arguments[1])) for c in e.cases]
    values = e.call(mirrored)
    if any(v is None or not same(v, own) for v, own in zip(values, e.values, strict=True)):
        return None
    return (
        "Yours is the same for a cut and for its mirror image, shift - cut: it treats P and Q "
        "alike, as symmetric measures do. KL(P‖Q) does not: P supplies the samples."
    )


KEPT_BY_CUT = Question(
    "kept_by_cut",
    points=2,
    rows=[above_the_ceiling, mirrored_cut],
    reference=kept_by_cut,
    unit="nats",
    visible=[
        case(0.5, 1.0, label="where the curves cross"),
        case(-1.0, 1.0, label="a cut to the left of both middles"),
        case(-0.5, -2.0, label="Q on the left of P"),
    ],
    inputs=[cuts],
    mistakes=[
        Mistake(
            "swapped",
            _reverse,
            "You averaged under Q: this is what the cut keeps of KL(Q‖P). P supplies the samples.",
        ),
        Mistake(
            "left cell only",
            _left,
            "This is the term of the cell below the cut alone. There are two cells, and the other "
            "one has a term too: a term alone may even be negative.",
        ),
        Mistake(
            "right cell only",
            _right,
            "This is the term of the cell above the cut alone. There are two cells, and the other "
            "one has a term too: a term alone may even be negative.",
        ),
        Mistake(
            "density for area",
            _density_for_area,
            "You used the heights of the two curves at the cut (`pdf`). A cell holds an area: the "
            "probability below the cut, `cdf`.",
        ),
        Mistake(
            "densities alone",
            lambda cut, shift: density(cut) * math.log(density(cut) / density(cut - shift)),
            "This is p log(p/q) at the one point `cut`, from the heights of the curves. A cell "
            "holds an area, and there are two of them: `cdf`, and 1 minus it.",
        ),
        Mistake(
            "Q not shifted",
            lambda cut, shift: 0.0,
            "0 for every cut: both cells got the same share of P and of Q. Q has its middle at "
            "`shift`, so below the cut it has Φ(cut - shift).",
        ),
        Mistake(
            "shifted the wrong way",
            lambda cut, shift: kept_by_cut(cut, -shift),
            "Q went the wrong way: you have its middle at -shift. Below the cut N(shift, 1) has "
            "Φ(cut - shift).",
        ),
        Mistake(
            "cells crossed",
            _crossed,
            "One of the two was counted below the cut and the other above it. Put P and Q of the "
            "same cell into one ratio.",
        ),
        Mistake(
            "before",
            lambda cut, shift: shift**2 / 2,
            "This is shift²/2, the KL of the numbers themselves: the cut plays no part in it. "
            "An integral of p log(p/q) over both cells gives that again. First the probabilities "
            "of the cells, then their ratio.",
        ),
        Mistake(
            "what is lost",
            lambda cut, shift: shift**2 / 2 - kept_by_cut(cut, shift),
            "This is what the cut loses, shift²/2 minus what it keeps.",
        ),
        Mistake(
            "share",
            (
                lambda cut, shift: kept_by_cut(cut, shift) / (shift**2 / 2),
                lambda cut, shift: 100 * kept_by_cut(cut, shift) / (shift**2 / 2),
            ),
            "You divided by shift²/2, the KL before. That is the share that is kept; the question "
            "asks for nats.",
        ),
        Mistake(
            "integral below the cut",
            _below_the_cut,
            "You integrated p log(p/q) over all x below the cut. The monitor doesn't know the "
            "ratio at each x: of the whole cell it knows one probability under P and one under Q.",
        ),
        Mistake(
            "integral above the cut",
            lambda cut, shift: shift**2 / 2 - _below_the_cut(cut, shift),
            "You integrated p log(p/q) over all x above the cut. The monitor doesn't know the "
            "ratio at each x: of the whole cell it knows one probability under P and one under Q.",
        ),
        Mistake(
            "weights missing",
            _weightless,
            "The two log ratios were added up without weights. Each counts as often as P falls "
            "into its cell.",
        ),
        Mistake(
            "mean of the terms",
            lambda cut, shift: kept_by_cut(cut, shift) / 2,
            "Half of the right value: a mean over the two cells? The probabilities are weights "
            "already, so add the two terms up.",
        ),
        Mistake(
            "Jeffreys",
            lambda cut, shift: kept_by_cut(cut, shift) + _reverse(cut, shift),
            "Both directions were added up. This is Jeffreys' divergence of the two cells; only "
            "KL(P‖Q) is asked for.",
        ),
        Mistake(
            "total variation",
            (_total_variation, lambda cut, shift: 2 * _total_variation(cut, shift)),
            "This is made of the differences of the probabilities, without a logarithm: total "
            "variation of the two cells, or twice that.",
        ),
        Mistake(
            "sign",
            lambda cut, shift: -kept_by_cut(cut, shift),
            "Right but for the sign: it is log(p/q), not log(q/p), with the weights p.",
        ),
        Mistake(
            "absolute terms",
            lambda cut, shift: abs(_left(cut, shift)) + abs(_right(cut, shift)),
            "You took absolute values of the two terms. One of them is negative, and that is as it "
            "should be.",
        ),
        Mistake(
            "bits",
            lambda cut, shift: kept_by_cut(cut, shift) / math.log(2),
            "Right but for the unit: this is in bits (a logarithm to base 2), and the question "
            "asks for nats.",
        ),
        Mistake(
            "shift without its sign",
            lambda cut, shift: kept_by_cut(cut, abs(shift)),
            "Right where `shift` is above 0. Where it is below, Q lies to the left of P; yours has "
            "it on the right.",
        ),
        Mistake(
            "terms subtracted",
            (
                lambda cut, shift: _left(cut, shift) - _right(cut, shift),
                lambda cut, shift: _right(cut, shift) - _left(cut, shift),
            ),
            "The terms of the two cells were subtracted. KL adds them up, each with the sign that "
            "its logarithm gives it.",
        ),
        Mistake(
            "weight of the second cell",
            (
                lambda cut, shift: _left(cut, shift) + math.log(below(-cut) / below(shift - cut)),
                lambda cut, shift: below(cut) * _weightless(cut, shift),
                lambda cut, shift: below(-cut) * _weightless(cut, shift),
            ),
            "One of the two log ratios does not have the weight of its own cell. Below the cut "
            "that is Φ(cut), above it 1 - Φ(cut).",
        ),
        Mistake(
            "cross-entropy",
            lambda cut, shift: (
                -below(cut) * math.log(below(cut - shift))
                - below(-cut) * math.log(below(shift - cut))
            ),
            "This is the cross-entropy of the two cells. It has the entropy of P in it, which is "
            "not Q's fault: the ratio p/q belongs into the logarithm.",
        ),
        Mistake(
            "shift itself",
            lambda cut, shift: _of_coins(below(cut), below(shift)),
            "For Q you took Φ(shift). Below the cut N(shift, 1) has Φ(cut - shift): the cut, seen "
            "from the middle of Q.",
        ),
        Mistake(
            "distance without sign",
            (
                lambda cut, shift: _of_coins(below(cut), below(-abs(cut - shift))),
                lambda cut, shift: _of_coins(below(cut), below(abs(cut - shift))),
            ),
            "For Q the gap between cut and middle has lost its sign (`abs`). It matters on "
            "which side of the middle the cut lies.",
        ),
        Mistake(
            "shift squared",
            lambda cut, shift: _of_coins(below(cut), below(cut - shift**2)),
            "The shift was squared. Q has its middle at `shift` and the standard deviation 1.",
        ),
        Mistake(
            "Jensen-Shannon",
            _jensen_shannon,
            "P and Q of the cells were compared with their middle: that is Jensen-Shannon. KL(P‖Q) "
            "compares them with each other.",
        ),
        Mistake(
            "chi-square",
            lambda cut, shift: (
                (below(cut) - below(cut - shift)) ** 2
                * (1 / below(cut - shift) + 1 / below(shift - cut))
            ),
            "This is the χ² divergence of the two cells, Σ (p - q)²/q. KL has a logarithm in it.",
        ),
        Mistake(
            "cut and shift exchanged",
            lambda cut, shift: kept_by_cut(shift, cut),
            "`cut` and `shift` have changed places: the cut comes first, and Q has its middle at "
            "`shift`.",
        ),
    ],
    hints=[
        "The cut makes two outcomes of a number. How likely is each of them under P, and how "
        "likely under Q?",
        "a = Φ(cut) and b = Φ(cut - shift), then a log(a/b) + (1 - a) log((1 - a)/(1 - b))",
        "`from scipy.stats import norm`, `a, b = norm.cdf(cut), norm.cdf(cut - shift)`, "
        "`c, d = norm.sf(cut), norm.sf(cut - shift)`, "
        "`return a * np.log(a / b) + c * np.log(c / d)`",
    ],
    insight="Two cells are two outcomes, and their KL is that of two coins. However the cut lies, "
    "it stays below shift²/2.",
    lesson=LESSON,
    section="Explore",
)


# E2b: the best cut

ENOUGH = 0.99  # of what the best cut keeps
NEXT_TO_IT = 0.01  # of the shift
NEXT_TO_NOTHING = 0.05  # of what the best cut keeps


def best_cut(shift):
    """The cut that keeps most of KL(P‖Q), by golden section between the middle of P and shift."""
    low, high = sorted((0.0, shift))
    golden = (math.sqrt(5) - 1) / 2
    for _ in range(60):
        first, second = high - golden * (high - low), low + golden * (high - low)
        if kept_by_cut(first, shift) < kept_by_cut(second, shift):
            low = first
        else:
            high = second
    return (low + high) / 2


def judge_cut(shift, cut):
    """None for a cut that keeps 99 % of what the best one keeps."""
    cut = float(cut)
    if not math.isfinite(cut):
        return "not finite", "A cut at infinity leaves one cell, and one cell keeps nothing."
    best = best_cut(shift)
    share = _kept_anywhere(cut, shift) / kept_by_cut(best, shift)
    if share >= ENOUGH:
        return None
    keeps = f"It keeps {100 * share:.1f} % of what the best cut keeps, and 99 % are asked for."
    for name, place, sentence in PLACES:
        if abs(cut - place(shift)) <= NEXT_TO_IT * abs(shift):
            return name, f"{sentence} {keeps}"
    if share < NEXT_TO_NOTHING:
        return "next to nothing", (
            f"{keeps} Was the least looked for, by a minimiser that needs minus what is kept? Or "
            "is this an index, as `argmax` gives it, and not the cut that stands there?"
        )
    if not min(0, shift) <= cut <= max(0, shift):
        return "outside", f"This cut does not lie between the middles of P and Q. {keeps}"
    middle = "Q" if (cut < best) == (shift > 0) else "P"
    return "not enough", f"{keeps} It keeps more when it moves towards the middle of {middle}."


# where people cut: a name, the place, and what to say of a cut that stands there or next to it
PLACES = (
    (
        "crossing",
        lambda shift: shift / 2,
        "The curves cross here. That is where total variation is largest; the best cut for "
        "KL(P‖Q) lies elsewhere.",
    ),
    (
        "mirror",
        lambda shift: shift - best_cut(shift),
        "This is a very good cut for the other direction, KL(Q‖P). P supplies the samples, so "
        "weight by P.",
    ),
    (
        "middle of p",
        lambda shift: 0.0,
        "This cut goes through the middle of P. Does a search look on one side of 0 alone, or in "
        "steps that are too large?",
    ),
    ("middle of q", lambda shift: shift, "This cut goes through the middle of Q."),
    (
        "what is kept",
        lambda shift: kept_by_cut(best_cut(shift), shift),
        "This is how many nats the best cut keeps. The question asks where the cut stands.",
    ),
    (
        "other side",
        lambda shift: -best_cut(shift),
        "Has the cut the wrong sign? Q lies on the other side of P, and the best cut lies between "
        "the two.",
    ),
)


def _kept_anywhere(cut, shift):
    """`kept_by_cut`, and 0 where a cell is too small for a float."""
    cells = _cells(cut, shift)
    return _of_two(*cells) if min(cells) > 0 else 0.0


def shifts(random: np.random.Generator) -> list[Case]:
    """Q to the right and to the left of P, near and far."""
    drawn = random.uniform([1.2, 2.2, 3.5], [1.8, 3.0, 5.0])
    return [*(case(float(s)) for s in drawn), *(case(float(-s)) for s in drawn), case(-6.0)]


BEST_CUT = Question(
    "best_cut",
    points=2,
    reference=best_cut,
    judge=judge_cut,
    may_call_klteach=True,
    visible=[
        case(1.0, label="the pair of the lesson"),
        case(-2.0, label="Q on the left of P"),
        case(6.0, label="Q far away"),
    ],
    inputs=[shifts],
    mistakes=[
        Mistake(
            "crossing",
            lambda shift: shift / 2,
            "Half of the shift is where the curves cross. There total variation is largest. For "
            "KL(P‖Q) another cut keeps more, on every input.",
        ),
        Mistake(
            "mirror",
            lambda shift: shift - best_cut(shift),
            "This is the best cut for KL(Q‖P), the mirror image of the one that is asked for. "
            "Which distribution weights your two terms?",
        ),
        Mistake(
            "middle of p",
            lambda shift: 0.0,
            "Always at 0, in the middle of P. Half of P on each side is not the best for "
            "telling it from Q.",
        ),
        Mistake(
            "middle of q",
            lambda shift: shift,
            "Always in the middle of Q, which keeps much less than the best cut. Does a search "
            "take the least where it should take the most?",
        ),
        Mistake(
            "the cut of the lesson",
            (
                lambda shift: 0.2059,
                lambda shift: 0.206,
                lambda shift: 0.2,
                lambda shift: best_cut(1.0),
            ),
            "The same cut for every shift. It is a good one for the shift 1 of the lesson and for "
            "no shift that is far from it: search anew for each.",
        ),
        Mistake(
            "in proportion",
            (
                lambda shift: 0.2059 * shift,
                lambda shift: 0.206 * shift,
                lambda shift: 0.2 * shift,
                lambda shift: shift / 5,
                lambda shift: best_cut(1.0) * shift,
            ),
            "The cut of the lesson, stretched with the shift. That is close for small shifts and "
            "too far out for large ones: the best cut moves more slowly than Q. Search for it.",
        ),
        Mistake(
            "for positive shifts",
            (
                lambda shift: best_cut(abs(shift)),
                lambda shift: abs(shift) / 2,
            ),
            "The cut is above 0 also where Q lies to the left of P. There the best one is "
            "below 0: search between 0 and the shift, whichever is the smaller.",
        ),
    ],
    hints=[
        "You have a function of E2a that says what a cut keeps. Where is it largest?",
        "Try many cuts between 0 and shift, and take the one with the largest `kept_by_cut`; or "
        "hand minus that to a minimiser.",
        "`from math import erfc, log`, "
        "`below = lambda x: erfc(-x / 2**0.5) / 2`, "
        "`kept = lambda c: sum(a * log(a / b) for a, b in ("
        "(below(c), below(c - shift)), (below(-c), below(shift - c))))`, "
        "`return max(np.linspace(0, shift, 1001), key=kept)`",
    ],
    insight="The best cut leans towards P, where the samples come from; for KL(Q‖P) it is the "
    "mirror image. A summary is good for a direction, not in itself.",
    lesson=LESSON,
    section="The idea",
)


# E3: what keeps all

# of each summary of nine flips: what it does, and what to say to somebody who says otherwise
SUMMARIES = (
    (
        "keeps",
        "1, the number of heads. Write down p/q of a sequence: what of it depends on the order?",
    ),
    (
        "loses",
        "2, the majority. Nine heads and five heads get the same answer. Have they the same p/q?",
    ),
    (
        "keeps",
        "3, the flips in a random order. The dice that shuffle know nothing of the coin. Has any "
        "sequence another p/q after it?",
    ),
    (
        "loses",
        "4, the first five flips. The four others are flips of the same coin. Do they say nothing?",
    ),
    (
        "keeps",
        "5, the log ratio. Two sequences that get the same number have the same p/q. So what "
        "could have been merged that should not?",
    ),
    (
        "keeps",
        "6, the rounded share. Write down the ten shares, 0/9 to 9/9, with one decimal. Are two of "
        "them equal?",
    ),
    (
        "loses",
        "7, the misread flips. The right number of heads can no longer be told from what is seen, "
        "and sequences with different p/q arrive at the same number.",
    ),
    (
        "keeps",
        "8, heads and the longest run. The number of heads is still in it, and what comes in "
        "addition cannot do harm.",
    ),
)


def keeps_all():
    return [word for word, _ in SUMMARIES]


WORDS = choices(
    "keeps",
    "loses",
    count=len(SUMMARIES),
    also={"keep": "keeps", "keeps all": "keeps", "lose": "loses", "loses some": "loses"},
)


def judge_summaries(values):
    """None if all are right; else how many are not, and a sentence about the first of them."""
    right = WORDS.numbers(keeps_all())
    wrong = [says for (_, says), off in zip(SUMMARIES, values != right, strict=True) if off]
    if not wrong:
        return None
    if len(wrong) == len(SUMMARIES):
        return "all reversed", (
            "All eight are the other way round, so you can tell them apart. `keeps` is for a "
            "summary that loses nothing of KL(P‖Q)."
        )
    if len(wrong) == 1:
        return "1 wrong", f"Seven of the eight are right. The other is number {wrong[0]}"
    return f"{len(wrong)} wrong", (
        f"{len(wrong)} of the {len(SUMMARIES)} are the other way round. The first of them is "
        f"number {wrong[0]}"
    )


KEEPS_ALL = Question(
    "keeps_all",
    points=2,
    reference=keeps_all,
    returns=WORDS,
    judge=judge_summaries,
    visible=[case()],
    inputs=[],
    mistakes=[],
    hints=[
        "For each summary: do two sequences that get the same value always have the same ratio "
        "p/q?",
        "p/q = (0.5/0.8)^heads · (0.5/0.2)^tails: it depends on the number of heads alone",
        f"`return {keeps_all()}`",
    ],
    insight="One question settles all eight: can the ratio p/q still be told from the summary? "
    "Order, shuffling and extras do not matter; merging unequal ratios does.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [BEFORE_AND_AFTER, KEPT_BY_CUT, BEST_CUT, KEEPS_ALL]
