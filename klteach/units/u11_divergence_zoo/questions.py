"""The questions of unit 11: JS, total variation and W1, and a detour that is shorter."""

import numpy as np

from klteach.measures import (
    chi_square_divergence,
    entropy,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    to_bits,
    total_variation,
    wasserstein_distance,
)
from klteach.practice.common_mistakes import terms
from klteach.practice.inputs import (
    dirichlet_pairs,
    equal_pair,
    tiny_mass,
    zero_in_both,
    zero_in_p,
    zero_in_q,
)
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers

LESSON = "11_divergence_zoo"
PAIRS = [dirichlet_pairs(), zero_in_p, zero_in_both, zero_in_q, tiny_mass, equal_pair]
PROBE = [0.4, 0.3, 0.2, 0.1], [0.1, 0.15, 0.25, 0.5]
APART = [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]


# E1: Jensen-Shannon


def middle(p, q):
    return (p + q) / 2


def from_geometric_middle(p, q, normalised=True):
    """What becomes of JS with √(pq) for the middle."""
    m = np.sqrt(p * q)
    if not m.any():
        return np.inf  # no outcome in common, so that this middle rules out everything
    return compared_with(m / m.sum() if normalised else m, p, q)


def compared_with(m, p, q):
    """The average of the two comparisons with some other middle m."""
    return (np.sum(terms(p, m)) + np.sum(terms(q, m))) / 2


def where_kept(p, q, kept):
    """JS of the outcomes that are kept alone."""
    m = middle(p, q)
    return (np.sum(terms(p, m)[kept]) + np.sum(terms(q, m)[kept])) / 2


def where_both_occur(p, q):
    """JS of what both of them show, made distributions again; 0 of nothing."""
    both = (p > 0) & (q > 0)
    p, q = p[both], q[both]
    return js_divergence(p / p.sum(), q / q.sum()) if both.any() else 0.0


JS = Question(
    "js",
    points=2,
    reference=js_divergence,
    unit="nats",
    where_p_is_zero="In each of the two KLs, what its first argument never shows adds 0: mask "
    "p where p is averaged, and q where q is.",
    visible=[
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]),
        case([0.5, 0.5], [0.9, 0.1], label="a fair coin and a 90/10 coin"),
        case(*APART, label="no outcome in common"),
    ],
    inputs=PAIRS,
    mistakes=[
        Mistake(
            "mean of the two directions",
            lambda p, q: jeffreys_divergence(p, q) / 2,
            "This is the mean of KL(p‖q) and KL(q‖p), which is J/2: infinite as soon as one of "
            "them is. In JS neither is compared with the other; both are compared with a third.",
        ),
        Mistake(
            "jeffreys",
            jeffreys_divergence,
            "This is KL(p‖q) + KL(q‖p), Jeffreys' divergence or PSI. In JS neither is compared "
            "with the other; both are compared with a third.",
        ),
        Mistake(
            "square root",
            (js_distance, lambda p, q: np.sqrt(to_bits(js_divergence(p, q)))),
            "You took the root, as `scipy.spatial.distance.jensenshannon` does. The root is the "
            "metric; the divergence is its square. An alarm set for one is wrong for the other.",
        ),
        Mistake(
            "root of both in full",
            lambda p, q: np.sqrt(2 * js_divergence(p, q)),
            "You added the two KLs in full and took the root. JS is their average, and without a "
            "root.",
        ),
        Mistake(
            "half forgotten",
            lambda p, q: 2 * js_divergence(p, q),
            "You added the two KLs in full. JS is their average: half of each.",
        ),
        Mistake(
            "halved twice",
            lambda p, q: js_divergence(p, q) / 2,
            "There is one half too many. The middle has its own half; then half of each KL.",
        ),
        Mistake(
            "middle first",
            (
                lambda p, q: (kl_divergence(middle(p, q), p) + kl_divergence(middle(p, q), q)) / 2,
                lambda p, q: kl_divergence(middle(p, q), p) + kl_divergence(middle(p, q), q),
            ),
            "The middle supplies the samples in yours, KL(m‖·), and what p rules out makes it "
            "infinite. p and q supply the samples; m is scored.",
        ),
        Mistake(
            "one of them the wrong way round",
            (
                lambda p, q: (kl_divergence(p, middle(p, q)) + kl_divergence(middle(p, q), q)) / 2,
                lambda p, q: (kl_divergence(middle(p, q), p) + kl_divergence(q, middle(p, q))) / 2,
            ),
            "One of your two KLs has the middle first and the other has it last. Swap p and q: "
            "does your value stay? m is the one that is scored in both.",
        ),
        Mistake(
            "one side",
            (
                lambda p, q: kl_divergence(p, middle(p, q)),
                lambda p, q: kl_divergence(q, middle(p, q)),
                lambda p, q: kl_divergence(p, middle(p, q)) / 2,
                lambda p, q: kl_divergence(q, middle(p, q)) / 2,
            ),
            "Only one of p and q is compared with the middle (or the same one twice). The other "
            "has its half as well.",
        ),
        Mistake(
            "middle not halved",
            (
                lambda p, q: js_divergence(p, q) - np.log(2),
                lambda p, q: 2 * (js_divergence(p, q) - np.log(2)),
            ),
            "Your middle is p + q, which sums to 2, and so JS came out negative. Gibbs' "
            "inequality needs distributions on both sides.",
        ),
        Mistake(
            "bracket missing in the middle",
            (
                lambda p, q: compared_with(p + q / 2, p, q),
                lambda p, q: compared_with(p / 2 + q, p, q),
            ),
            "A bracket is missing in your middle: only one of p and q is halved, and it sums to "
            "1.5. Is your value 0 for p = q?",
        ),
        Mistake(
            "bracket missing at the end",
            (
                lambda p, q: kl_divergence(p, middle(p, q)) + kl_divergence(q, middle(p, q)) / 2,
                lambda p, q: kl_divergence(p, middle(p, q)) / 2 + kl_divergence(q, middle(p, q)),
            ),
            "Only one of the two KLs is halved (a bracket?), so your value changes when p and q "
            "change places.",
        ),
        Mistake(
            "geometric middle",
            (
                lambda p, q: from_geometric_middle(p, q),
                lambda p, q: from_geometric_middle(p, q, normalised=False),
            ),
            "Your middle is √(pq), which is 0 where only one of p and q is. The average has a "
            "share for everything that either of them does.",
        ),
        Mistake(
            "bits",
            lambda p, q: to_bits(js_divergence(p, q)),
            "Right but for the unit: this is in bits, where the ceiling is 1. The question asks "
            "for nats.",
        ),
        Mistake(
            "log10",
            lambda p, q: js_divergence(p, q) / np.log(10),
            "Right but for the unit: this comes from a logarithm to base 10, and nats come from "
            "`np.log`.",
        ),
        Mistake(
            "entropies without halves",
            lambda p, q: entropy(middle(p, q)) - entropy(p) - entropy(q),
            "You took both entropies in full from that of the middle. It is their average that "
            "is subtracted.",
        ),
        Mistake(
            "entropy of the middle",
            lambda p, q: entropy(middle(p, q)),
            "This is the entropy of the middle, or the average cross-entropy with it, which is "
            "the same. What p and q cost with codes of their own is still in it.",
        ),
        Mistake(
            "sign",
            lambda p, q: -js_divergence(p, q),
            "Right but for the sign. The middle is scored, so it stands below: log(p/m).",
        ),
        Mistake(
            "mean over the outcomes",
            lambda p, q: js_divergence(p, q) / len(p),
            "You took a mean over the outcomes. The shares are weights already: add the terms up.",
        ),
        Mistake(
            "outcomes removed",
            (
                lambda p, q: where_kept(p, q, (p > 0) & (q > 0)),
                lambda p, q: where_kept(p, q, p > 0),
                lambda p, q: where_kept(p, q, q > 0),
                where_both_occur,
            ),
            "You left out outcomes that one of the two never shows (one mask for both). There the "
            "other one pays log 2 for each of its samples. Mask p and q each by itself.",
        ),
        Mistake(
            "forward KL",
            kl_divergence,
            "This is KL(p‖q): the middle is missing.",
        ),
        Mistake(
            "reverse KL",
            lambda p, q: kl_divergence(q, p),
            "This is KL(q‖p): the middle is missing.",
        ),
        Mistake(
            "larger half",
            lambda p, q: max(kl_divergence(p, middle(p, q)), kl_divergence(q, middle(p, q))),
            "You took the larger of the two KLs. JS is their average.",
        ),
        Mistake(
            "product of the halves",
            (
                lambda p, q: kl_divergence(p, middle(p, q)) * kl_divergence(q, middle(p, q)),
                lambda p, q: np.sqrt(
                    kl_divergence(p, middle(p, q)) * kl_divergence(q, middle(p, q))
                ),
            ),
            "You multiplied the two KLs. JS is their average: half of each, added.",
        ),
        Mistake(
            "total variation",
            total_variation,
            "This is half of Σ |p - q|, which E2 asks for. JS is made of KLs.",
        ),
    ],
    hints=[
        "With which third distribution are p and q compared, so that nothing can be infinite?",
        "JS(p, q) = KL(p‖m)/2 + KL(q‖m)/2 with m = (p + q)/2",
        "`kl = lambda a, b: np.sum(a[a > 0] * np.log(a[a > 0] / b[a > 0]))`, `m = (p + q) / 2`, "
        "then `return (kl(p, m) + kl(q, m)) / 2`",
    ],
    insight="What one sample tells, in nats, about which of the two it came from: never more than "
    "log 2, the answer to one fair yes-or-no question.",
    lesson=LESSON,
    section="The idea",
)


# E2: total variation


def running(p, q):
    """What p has more than q, added up from the first outcome."""
    return np.cumsum(p - q)


def neighbours(p, q):
    """The most that p and q disagree about an event of neighbouring outcomes."""
    sums = np.concatenate([[0], running(p, q)])
    return sums.max() - sums.min()


def pairs_of_outcomes(p, q):
    """The most that p and q disagree about an event of two outcomes."""
    difference = np.sort(p - q)
    return max(abs(difference[:2].sum()), abs(difference[-2:].sum()))


def relative(p, q):
    """|p - q| / q, outcome by outcome: 0 where both are 0, inf where only q is."""
    difference = np.abs(p - q)
    return np.where(difference == 0, 0.0, difference / np.where(q > 0, q, 0.0))


def log_ratios(p, q):
    """|log(p/q)|, outcome by outcome: 0 where p = q, inf where one of the two is 0."""
    return np.where(p == q, 0.0, np.abs(np.log(p) - np.log(q)))


TV = Question(
    "tv",
    points=2,
    reference=total_variation,
    where_p_is_zero="Nothing here divides, and nothing needs a mask: where one of the two is 0, "
    "|p - q| is the other one.",
    visible=[
        case(*PROBE, label="two shares up, two down"),
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6], label="one share down, two up"),
        case(*APART, label="no outcome in common"),
    ],
    inputs=PAIRS,
    mistakes=[
        Mistake(
            "not halved",
            lambda p, q: np.abs(p - q).sum(),
            "This is Σ |p - q|, which reaches 2. What some outcomes lose others gain, so every "
            "bit of mass that moves is counted twice.",
        ),
        Mistake(
            "halved twice",
            lambda p, q: total_variation(p, q) / 2,
            "There is a half too many: a sum over the outcomes with p > q alone counts the mass "
            "that moves once already.",
        ),
        Mistake(
            "largest difference",
            (
                lambda p, q: np.abs(p - q).max(),
                lambda p, q: np.abs(p - q).max() / 2,
                lambda p, q: (p - q).max(),
                lambda p, q: (q - p).max(),
            ),
            "This is the largest difference of a single outcome. An event may hold several "
            "outcomes: which event do p and q disagree about most?",
        ),
        Mistake(
            "mean",
            (lambda p, q: np.abs(p - q).mean(), lambda p, q: np.abs(p - q).mean() / 2),
            "You took a mean over the outcomes, so the value falls when an outcome is split in "
            "two. The shares are weights already: half of the sum.",
        ),
        Mistake(
            "without abs",
            lambda p, q: 0.0,
            "0 for every pair: the differences were added with their signs, and both p and q sum "
            "to 1. Take absolute values first, then add.",
        ),
        Mistake(
            "squares",
            (
                lambda p, q: np.sqrt(((p - q) ** 2).sum()),
                lambda p, q: ((p - q) ** 2).sum(),
                lambda p, q: ((p - q) ** 2).sum() / 2,
                lambda p, q: np.sqrt(((p - q) ** 2).sum() / 2),
                lambda p, q: np.sqrt(((p - q) ** 2).sum()) / 2,
            ),
            "There are squares in yours: that is the Euclidean way to measure. It makes many "
            "small differences vanish; total variation counts them in full.",
        ),
        Mistake(
            "what they share",
            lambda p, q: np.minimum(p, q).sum(),
            "This is what p and q have in common, 1 where they are equal. Total variation is the "
            "rest.",
        ),
        Mistake(
            "not subtracted",
            (lambda p, q: p[p > q].sum(), lambda p, q: q[q > p].sum()),
            "You found the event that p and q disagree about most, and this is what one of them "
            "gives it. By how much do they disagree?",
        ),
        Mistake(
            "hellinger",
            (
                lambda p, q: hellinger_distance(p, q),
                lambda p, q: hellinger_distance(p, q) ** 2,
                lambda p, q: 2 * hellinger_distance(p, q) ** 2,
                lambda p, q: np.abs(np.sqrt(p) - np.sqrt(q)).sum() / 2,
            ),
            "You compared the roots of the shares: Hellinger's way. Here the shares themselves "
            "are compared.",
        ),
        Mistake(
            "log ratios",
            (
                lambda p, q: log_ratios(p, q).sum() / 2,
                lambda p, q: log_ratios(p, q).sum(),
                lambda p, q: np.abs(terms(p, q)).sum(),
                lambda p, q: np.abs(terms(p, q)).sum() / 2,
            ),
            "There is a logarithm in yours. Total variation is about differences of shares, not "
            "about ratios: that is why it is never infinite.",
        ),
        Mistake(
            "relative to q",
            (
                lambda p, q: relative(p, q).sum() / 2,
                lambda p, q: relative(p, q).sum(),
                lambda p, q: relative(q, p).sum() / 2,
                lambda p, q: relative(p, q).max(),
                lambda p, q: relative(p, q).max() / 2,
            ),
            "You divided each difference by a share, so rare outcomes weigh most. Total "
            "variation counts mass, wherever it is.",
        ),
        Mistake(
            "chi-square",
            (chi_square_divergence, lambda p, q: chi_square_divergence(p, q) / 2),
            "Squared differences over q are χ². Total variation takes the differences as they are.",
        ),
        Mistake(
            "running sums",
            (
                lambda p, q: np.abs(running(p, q)).max(),
                lambda p, q: np.abs(running(p, q)).sum(),
                lambda p, q: np.abs(running(p, q)).sum() / 2,
            ),
            "You added the differences up from the first outcome on (`np.cumsum`). Then the "
            "order of the outcomes matters: W1 and the Kolmogorov-Smirnov statistic do that, "
            "total variation does not know the order.",
        ),
        Mistake(
            "neighbours only",
            neighbours,
            "You looked for the largest disagreement among events of neighbouring outcomes (a "
            "slice). An event may be any set of outcomes: the best one is where p > q, wherever "
            "those outcomes stand.",
        ),
        Mistake(
            "two outcomes",
            pairs_of_outcomes,
            "You looked for the largest disagreement among events of two outcomes. An event may "
            "hold any number of them: all those with p > q.",
        ),
        Mistake(
            "sorted",
            lambda p, q: total_variation(np.sort(p), np.sort(q)),
            "You sorted p and q, each by itself. Then the shares of different outcomes are "
            "compared, and two mirror images look equal.",
        ),
        Mistake(
            "sign",
            lambda p, q: -total_variation(p, q),
            "Right but for the sign: you added up where q is larger. No total variation is "
            "negative.",
        ),
        Mistake(
            "per cent",
            lambda p, q: 100 * total_variation(p, q),
            "Right but for a factor of 100. Total variation is a probability, between 0 and 1.",
        ),
        Mistake(
            "from pinsker",
            lambda p, q: np.sqrt(kl_divergence(p, q) / 2),
            "√(KL/2) is a bound on total variation (unit 13) and not total variation itself.",
        ),
        Mistake(
            "jensen-shannon",
            (js_divergence, js_distance),
            "This is Jensen-Shannon, which E1 asks for. Total variation has no logarithm.",
        ),
        Mistake(
            "outcomes removed",
            (
                lambda p, q: np.abs(p - q)[(p > 0) & (q > 0)].sum() / 2,
                lambda p, q: np.abs(p - q)[p > 0].sum() / 2,
                lambda p, q: np.abs(p - q)[q > 0].sum() / 2,
            ),
            "You left out outcomes with a 0 (a mask). Nothing here needs one: where q is 0 the "
            "difference is p.",
        ),
    ],
    hints=[
        "Which event do p and q disagree about most, and by how much?",
        "TV(p, q) = Σ |p - q| / 2",
        "`return np.sum(np.abs(p - q)) / 2`",
    ],
    insight="The mass that has to move, wherever it goes. Shown one sample, the best guesser "
    "between p and q is right with probability (1 + TV)/2.",
    lesson=LESSON,
    section="The idea",
)


# E3: the Wasserstein distance on a line


def on_a_line(random: np.random.Generator):
    """Positions that are sorted or not, evenly spaced or not; equal pairs and certain outcomes."""
    cases = [
        case([0.5, 0.0, 0.5], [0.0, 1.0, 0.0], [0, 2, 4], label="the same mean"),
        case([0.3, 0.7], [0.3, 0.7], [5.0, -5.0], label="p = q"),
        case([1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [4, 0, 1], label="two certain outcomes"),
    ]
    for size in (3, 8, 30):
        p, q = random.dirichlet(np.ones(size), size=2)
        cases.append(case(p, q, random.uniform(-5, 5, size)))
    return cases


def w1(p, q, x):
    return wasserstein_distance(x, x, p, q)


def ahead(p, q, x):
    """(what p has more than q up to each position but the last, the gaps), from left to right."""
    order = np.argsort(x)
    return np.cumsum((p - q)[order])[:-1], np.diff(x[order])


def as_given(p, q):
    return np.cumsum(p - q)[:-1]


def w2(p, q, x):
    """The Wasserstein distance of order 2: squared ways."""
    order = np.argsort(x)
    p, q, x = p[order], q[order], x[order]
    levels = np.unique(np.round(np.concatenate([[0, 1], np.cumsum(p), np.cumsum(q)]), 14))
    levels = levels[levels <= 1]
    inside = (levels[1:] + levels[:-1]) / 2
    last = len(x) - 1
    way = (
        x[np.minimum(np.searchsorted(np.cumsum(p), inside), last)]
        - x[np.minimum(np.searchsorted(np.cumsum(q), inside), last)]
    )
    return np.sqrt(np.sum(way**2 * np.diff(levels)))


def integral(heights, x):
    """The trapezoid rule, from left to right."""
    order = np.argsort(x)
    return np.trapezoid(heights[order], x[order])


def trapezoids(p, q, x):
    order = np.argsort(x)
    return np.trapezoid(np.abs(np.cumsum((p - q)[order])), x[order])


def gap_before(p, q, x):
    order = np.argsort(x)
    return np.sum(np.abs(np.cumsum((p - q)[order]))[1:] * np.diff(x[order]))


def taken_by_rank(p, q, x):
    """Where the ranks of the positions stand in the place of the order that sorts them."""
    ranks = np.argsort(np.argsort(x))
    return np.sum(np.abs(as_given(p[ranks], q[ranks])) * np.diff(np.sort(x)))


def way_to(centre):
    """Each difference times its way to one place in the middle of x."""
    return lambda p, q, x: np.sum(np.abs(p - q) * np.abs(x - centre(x)))


def single_differences(p, q, x):
    order = np.argsort(x)
    return np.sum(np.abs(p - q)[order][:-1] * np.diff(x[order]))


W1 = Question(
    "w1",
    points=2,
    reference=w1,
    visible=[
        case(*PROBE, [0, 1, 2, 3], label="steps of 1"),
        case(*PROBE, [0, 1, 2, 10], label="the last one far away"),
        case(*PROBE, [2, 0, 3, 1], label="positions in another order"),
    ],
    inputs=[on_a_line],
    mistakes=[
        Mistake(
            "spacing ignored",
            (
                lambda p, q, x: np.abs(as_given(p, q)).sum(),
                lambda p, q, x: np.abs(ahead(p, q, x)[0]).sum(),
            ),
            "You count every step as 1. What piles up at one position is carried to the next one, "
            "and that may be near or far: multiply by the gap.",
        ),
        Mistake(
            "total variation",
            (lambda p, q, x: total_variation(p, q), lambda p, q, x: np.abs(p - q).sum()),
            "The positions take no part in yours: that is how much mass moves, not how far it "
            "goes. What if the last position is ten times further away?",
        ),
        Mistake(
            "not sorted by x",
            (
                lambda p, q, x: np.sum(np.abs(as_given(p, q)) * np.abs(np.diff(x))),
                lambda p, q, x: np.sum(np.abs(as_given(p, q)) * np.diff(x)),
            ),
            "Right where the positions rise. They need not: mass is carried from left to right, "
            "so put x, p and q into the order of x first (`np.argsort`).",
        ),
        Mistake(
            "only x sorted",
            lambda p, q, x: np.sum(np.abs(as_given(p, q)) * np.diff(np.sort(x))),
            "You sorted x and left p and q as they were, so shares have lost their positions. "
            "Sort all three by the same `np.argsort(x)`.",
        ),
        Mistake(
            "added up before sorting",
            lambda p, q, x: np.sum(
                np.abs(np.cumsum(p - q)[np.argsort(x)][:-1]) * np.diff(np.sort(x))
            ),
            "You added up in the order given and sorted the sums afterwards. A running sum "
            "belongs to the order in which it ran: sort first.",
        ),
        Mistake(
            "ranks",
            taken_by_rank,
            "You indexed the shares with the ranks of the positions (`argsort` of `argsort`, or "
            "`rankdata`). A rank says where an outcome goes; `np.argsort(x)` says which one comes "
            "next, and that sorts.",
        ),
        Mistake(
            "sorted shares",
            (
                lambda p, q, x: w1(np.sort(p), np.sort(q), np.sort(x)),
                lambda p, q, x: np.abs(as_given(np.sort(p), np.sort(q))).sum(),
                lambda p, q, x: np.abs(np.sort(p) - np.sort(q)).sum(),
            ),
            "You sorted the shares. Samples are sorted to compare them; here p and q are the "
            "weights of the positions, and each must stay with its own.",
        ),
        Mistake(
            "difference of the means",
            (
                lambda p, q, x: abs(np.dot(p - q, x)),
                lambda p, q, x: np.dot(p - q, x),
                lambda p, q, x: np.dot(q - p, x),
            ),
            "This is the difference of the two means: the `abs` is missing, or it came after the "
            "sum. Mass that goes left and mass that goes right must not cancel.",
        ),
        Mistake(
            "squares",
            (
                lambda p, q, x: np.sum(ahead(p, q, x)[0] ** 2 * ahead(p, q, x)[1]),
                lambda p, q, x: np.sqrt(np.sum(ahead(p, q, x)[0] ** 2 * ahead(p, q, x)[1])),
            ),
            "There are squares in yours (Cramér's measure has them). The mass that crosses a gap "
            "counts as it is.",
        ),
        Mistake(
            "order 2",
            (w2, lambda p, q, x: w2(p, q, x) ** 2),
            "You squared the ways: that is W2, which punishes long ways. W1 counts each way as it "
            "is.",
        ),
        Mistake(
            "largest",
            (
                lambda p, q, x: np.abs(ahead(p, q, x)[0]).max(),
                lambda p, q, x: np.abs(np.multiply(*ahead(p, q, x))).max(),
                lambda p, q, x: np.abs(as_given(p, q)).max(),
            ),
            "You took the largest of the differences (without the gaps that is the "
            "Kolmogorov-Smirnov statistic). Every gap has to be crossed: add them up.",
        ),
        Mistake(
            "mean over the gaps",
            (
                lambda p, q, x: np.mean(np.abs(np.multiply(*ahead(p, q, x)))),
                lambda p, q, x: w1(p, q, x) / len(x),
            ),
            "You took a mean. Each gap is crossed by what has to cross it: it is a sum.",
        ),
        Mistake(
            "trapezoids",
            (
                trapezoids,
                lambda p, q, x: np.trapezoid(np.abs(np.cumsum(p - q)), x),
                lambda p, q, x: np.trapezoid(np.abs(np.cumsum(p - q))),
            ),
            "You integrated with the trapezoid rule. Between two positions nothing happens, so F "
            "and G are flat there and jump at the next one: rectangles, not trapezoids.",
        ),
        Mistake(
            "area between the shares",
            (
                lambda p, q, x: integral(np.abs(p - q), x),
                lambda p, q, x: integral(np.abs(p - q), x) / 2,
                lambda p, q, x: np.trapezoid(np.abs(p - q), x),
            ),
            "This is an area between p and q. It is the area between their running sums F and G "
            "that says how far mass is carried.",
        ),
        Mistake(
            "gap on the wrong side",
            gap_before,
            "Each difference is paired with the gap to its left. What has piled up at a position "
            "is carried on across the gap to its right.",
        ),
        Mistake(
            "not added up",
            (
                single_differences,
                lambda p, q, x: np.sum(np.abs(p - q)[:-1] * np.abs(np.diff(x))),
                lambda p, q, x: np.sum(np.abs(p - q)[:-1] * np.diff(x)),
            ),
            "You used the differences of the single shares. What crosses a gap is everything "
            "that is too much on its left: add up first (`np.cumsum`).",
        ),
        Mistake(
            "times positions",
            (
                lambda p, q, x: np.sum(np.abs(np.cumsum(p - q)) * x),
                lambda p, q, x: np.sum(np.abs(p - q) * x),
                lambda p, q, x: np.sum(np.abs(p - q) * np.abs(x)),
                lambda p, q, x: np.sum(np.abs(p - q) * x) / 2,
                lambda p, q, x: np.sum(np.abs((p - q) * x)) / 2,
            ),
            "You multiplied by the positions. Where the zero of the scale lies must not matter; "
            "the way from one position to the next is their difference, `np.diff`.",
        ),
        Mistake(
            "way to the middle",
            tuple(
                lambda p, q, x, way=way, share=share: share * way(p, q, x)
                for way in map(way_to, (np.mean, np.median))
                for share in (0.5, 1)
            ),
            "You multiplied each difference by its way to the middle of x. Mass is carried to "
            "where some is missing, and that may be next door: count what crosses each gap.",
        ),
        Mistake(
            "shares taken for samples",
            lambda p, q, x: wasserstein_distance(p, q),
            "SciPy's `wasserstein_distance(p, q)` reads its first two arguments as positions of "
            "samples. The positions are x, twice; p and q are the weights, third and fourth.",
        ),
        Mistake(
            "weights left out",
            lambda p, q, x: 0.0,
            "0 for every pair: x was compared with x, or the differences were added with their "
            "signs. p and q belong in it.",
        ),
        Mistake(
            "half",
            lambda p, q, x: w1(p, q, x) / 2,
            "There is a half too many. Total variation has one, since there each bit of mass is "
            "counted twice; across a gap it is counted once.",
        ),
        Mistake(
            "doubled",
            lambda p, q, x: 2 * w1(p, q, x),
            "Twice too large: the mass was counted where it leaves and where it arrives.",
        ),
        Mistake(
            "over the range",
            lambda p, q, x: w1(p, q, x) / np.ptp(x),
            "You divided by the range of x, so the value has no unit any more. The question asks "
            "for the way itself, in the unit of x.",
        ),
        Mistake(
            "over the spread",
            lambda p, q, x: w1(p, q, x) / x.std(),
            "You divided by the standard deviation of x, so the value has no unit any more. The "
            "question asks for the way itself, in the unit of x.",
        ),
        Mistake(
            "running sums not compared",
            lambda p, q, x: np.sum(np.cumsum(p[np.argsort(x)])[:-1] * ahead(p, q, x)[1]),
            "q takes no part in yours. Both are added up from the left, and the difference counts.",
        ),
    ],
    hints=[
        "Stand in the gap between two neighbouring positions. How much mass has to cross it?",
        "W1 = Σ |F - G| · gap, from left to right, where F and G are the running sums of p and q",
        "`order = np.argsort(x)`, `ahead = np.cumsum((p - q)[order])[:-1]`, then "
        "`return np.sum(np.abs(ahead) * np.diff(x[order]))`",
    ],
    insight="The one measure here that is told where the outcomes lie. Move an outcome, and W1 "
    "moves with it; the others never notice.",
    lesson=LESSON,
    section="By hand",
)


# E4: three coins on which a detour is shorter

CLEARLY = 1.1  # the direct way must be longer than the detour by this factor


def coin(heads):
    return np.array([heads, 1 - heads])


def ways(divergence, p, m, q):
    """(the direct way from p to q, the detour over m) of three coins, by their heads."""
    p, m, q = coin(p), coin(m), coin(q)
    return divergence(p, q), divergence(p, m) + divergence(m, q)


def three_coins():
    return [0.1, 0.3, 0.5]


def judge_triple(values):
    """None if the detour is clearly shorter in KL and in JS, or what is wrong with the triple."""
    p, m, q = values
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
        return "no probability", (
            "Three probabilities of heads are asked, each between 0 and 1: p, m, q, in this order."
        )
    if p == q:
        return "nowhere to go", (
            "p and q are the same coin, so the direct way is 0, and no other is shorter."
        )
    if m in (p, q):
        return "no detour", (
            "m is one of the two ends, so the detour is the direct way itself. An equality does "
            "not break the triangle inequality; go a real detour."
        )
    direct, detour = ways(kl_divergence, p, m, q)
    if np.isinf(direct) or np.isinf(detour):
        return "infinite", (
            f"Infinity is on the way: KL(p‖q) = {direct:.4g} and KL(p‖m) + KL(m‖q) = {detour:.4g}. "
            "Choose an m and a q that rule nothing out."
        )
    found = f"KL(p‖q) = {direct:.4g}, and the detour KL(p‖m) + KL(m‖q) = {detour:.4g}"
    if not min(p, q) < m < max(p, q):
        return "not between", (
            f"{found}: longer, as in a metric. Your m lies outside of p and q, so the detour "
            "overshoots and has to come back. Where would a stop on the way lie?"
        )
    direct_js, detour_js = ways(js_divergence, p, m, q)
    if direct < CLEARLY * detour or direct_js < CLEARLY * detour_js:
        return "too close", (
            f"{found}; JS(p, q) = {direct_js:.4g}, and its detour {detour_js:.4g}. "
            "Shorter, but by a hair: a tenth is asked, for both. Is your m nearly one of the ends?"
        )
    return None


TRIANGLE_VIOLATION = Question(
    "triangle_violation",
    points=2,
    reference=three_coins,
    returns=named_numbers("p", "m", "q"),
    judge=judge_triple,
    may_call_klteach=True,
    visible=[case()],
    inputs=[],
    mistakes=[],
    hints=[
        "KL grows like a square: what do half of the way and the other half cost, each, if the "
        "whole way costs 1?",
        "KL(p‖q) > KL(p‖m) + KL(m‖q), for an m half way between p and q",
        "`return [0.1, 0.3, 0.5]`",
    ],
    insight="Any coin between the two breaks the inequality, for KL and for JS: half the way costs "
    "about a quarter. Take the root of JS, and each half costs about a half: a metric.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [JS, TV, W1, TRIANGLE_VIOLATION]
