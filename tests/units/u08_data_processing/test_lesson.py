"""What lesson 08 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.units.u08_data_processing import explorer as unit_08
from tests.units.lesson_text import read, says
from tests.units.second_route import P, Q, distributions, interleaved, kl

LESSON = "notebooks/08_data_processing"
EXERCISES = LESSON.replace("notebooks", "solutions")

# the positions of the explorer
STEPS = np.round(np.arange(-26, 37) * 0.1, 1)
FIRST, LAST = STEPS[0], STEPS[-1]


def normal(mean, low, high):
    """The probability of N(mean, 1) between two numbers, by the error function."""
    low, high = ((x - mean) / math.sqrt(2) for x in (low, high))
    return float(mpmath.erf(high) - mpmath.erf(low)) / 2


def cells(edges, mean):
    ends = [-math.inf, *sorted(edges), math.inf]
    return [normal(mean, *pair) for pair in itertools.pairwise(ends)]


def kept(*edges):
    return kl(cells(edges, 0), cells(edges, 1))


def kept_of_the_other(*edges):
    return kl(cells(edges, 1), cells(edges, 0))


def equal_cells(number):
    """So many cells: the two outer ones open, the others of equal width from -4 to 5."""
    return [-4 + 9 * i / (number - 2) for i in range(number - 1)]


def ratios(cut):
    """a and b, P/Q of the cells left and right of a cut."""
    return [p / q for p, q in zip(cells([cut], 0), cells([cut], 1), strict=True)]


def logarithmic_mean(cut):
    a, b = ratios(cut)
    return (a - b) / (math.log(a) - math.log(b))


def best_cut():
    """Where the ratio of the densities is the logarithmic mean of those of the cells."""
    return optimize.brentq(lambda x: math.exp(0.5 - x) - logarithmic_mean(x), 0, 0.5, xtol=1e-12)


BEST = best_cut()
NATS = kl(P, Q)
MERGED = [[0.7, 0.3], [0.1, 0.9]]
OTHER = [[0.9, 0.1], [0.4, 0.6]]
REPLACED = [[0.8 * share + 0.2 / 3 for share in side] for side in (P, Q)]
FLIP = kl([0.5, 0.5], [0.8, 0.2])


def of_nine(*groups):
    """KL(P‖Q) of nine flips when these groups of numbers of heads are told apart."""
    laws = [stats.binom.pmf(np.arange(10), 9, heads) for heads in (0.5, 0.8)]
    return kl(*([sum(law[group]) for group in map(list, groups)] for law in laws))


def unit_in_cells(edges, weight):
    """KL between the cells of max(0, weight x), by integrals over x."""
    sides = []
    for mean in (0, 1):
        ends = [*edges, math.inf]
        side = []
        for low, high in itertools.pairwise(ends):
            share = normal(mean, max(low, 0) / weight, high / weight) if high > 0 else 0.0
            if low <= 0 < high:
                share += normal(mean, -math.inf, 0)  # all outputs that are 0
            side.append(share)
        sides.append(side)
    return kl(*sides)


def unit_itself():
    """KL of max(0, x): one cell for all x below 0, the integral of p log(p/q) above."""
    at_zero = normal(0, -math.inf, 0)
    above, _ = integrate.quad(lambda x: stats.norm.pdf(x) * (0.5 - x), 0, np.inf)
    return at_zero * math.log(at_zero / normal(1, -math.inf, 0)) + above


WEIGHTS = (0.3, 1, 3, 10)
NARROW, WIDE = (
    [low + (high - low) * i / 29 for i in range(30)] for low, high in ((-1, 1), (0, 10))
)

SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    ("Last week they were {} % of all, this week they are {} %", 5, 5),
    ("prints a KL of **{:.3f}** and stays quiet", kl([0.05, 0.95], [0.05, 0.95])),
    # Explore
    ("Their KL is {:.1f} nats in both directions.", 1**2 / 2),
    ("what is left of the {:.1f} nats, one for each direction", 1**2 / 2),
    (
        "in none of the {} positions of the edges do the cells have more than {:.1f} nats",
        len(STEPS) ** 2,
        1**2 / 2,
    ),
    ("the other at an end, keep {:.3f} nats of KL(P‖Q)", 0.318),
    ("With two edges, keep {:.1f} nats of KL(P‖Q).", 0.4),
    (
        "For KL(P‖Q) it is the edge at {:.1f}, for KL(Q‖P) its mirror image, {:.1f}.",
        max(STEPS, key=kept),
        max(STEPS, key=kept_of_the_other),
    ),
    (
        "At the crossing each direction keeps {:.3f}; there their sum (Jeffreys, {:.3f}) and total "
        "variation are largest",
        kept(0.5),
        kept(0.5) + kept_of_the_other(0.5),
    ),
    (
        "Two edges reach {:.3f} nats",
        max(kept(*pair) for pair in itertools.combinations(STEPS[15:45], 2)),
    ),
    (
        "The first cell has a ratio P/Q of {:.0f}, and the whole histogram keeps {:.0f} %",
        ratios(-2.5)[0],
        100 * kept(-2.5) / 0.5,
    ),
    # The idea
    (
        "With the cut at ½, $a = {:.3f}$ and $b = {:.3f}$, and that mean is {:.3f}.",
        *ratios(0.5),
        logarithmic_mean(0.5),
    ),
    (
        "up to {:.3f}, where the ratio of the slice and the mean are both {:.3f}",
        BEST,
        math.exp(0.5 - BEST),
    ),
    # By hand
    (
        "$P = ({:g}, {:g}, {:g})$ and $Q = ({:g}, {:g}, {:g})$, with KL(P‖Q) = {:.4f} nats.",
        *P,
        *Q,
        NATS,
    ),
    (
        r"= {:.1f} \ln\frac{{{:.1f}}}{{{:.1f}}} + {:.1f} \ln\frac{{{:.1f}}}{{{:.1f}}} "
        r"= {:.4f} - {:.4f} = {:.4f}$",
        0.7,
        0.7,
        0.1,
        0.3,
        0.3,
        0.9,
        0.7 * math.log(7),
        0.3 * math.log(3),
        kl(*MERGED),
    ),
    (
        r"${:.1f} \cdot \bigl(\tfrac23 \ln 2 - \tfrac13 \ln 2\bigr) "
        r"= {:.1f} \cdot {:.4f} = {:.4f}$",
        0.3,
        0.3,
        kl([2 / 3, 1 / 3], [1 / 3, 2 / 3]),
        0.3 * kl([2 / 3, 1 / 3], [1 / 3, 2 / 3]),
    ),
    ("Together {:.4f}.", kl(*MERGED) + 0.3 * math.log(2) / 3),
    ("lie further apart, and only {:.4f} is left", kl(*OTHER)),
    # By code
    ("They close in on {:.1f} and never reach it.", 0.5),
    # Predict again
    (r"has the ratio $({:.1f}/{:.1f})^h\,({:.1f}/{:.1f})^{{9-h}}$", 0.5, 0.8, 0.5, 0.2),
    # Where this bites
    (
        "with {:.4f} nats as the most that one bit can keep. A second computation found {:.4f}",
        kept(0.5),
        kept(BEST),
    ),
]
SAID[LESSON, "printed"] = [
    # Explore
    (
        "One edge at {:.1f} keeps {:.3f} of the {:.1f} nats of KL(P‖Q), {:.0f} %, and {:.3f} of "
        "those of KL(Q‖P), {:.0f} %.",
        -1.0,
        kept(-1.0),
        0.5,
        200 * kept(-1.0),
        kept_of_the_other(-1.0),
        200 * kept_of_the_other(-1.0),
    ),
    (
        "KL(P‖Q) of the cells: {:.3f} nats; KL(Q‖P) of the cells: {:.3f} nats; both added, "
        "Jeffreys: {:.3f} nats; KL(P‖Q) of the cells ≤ {:.1f}: holds, margin {:.3f}; KL(Q‖P) of "
        "the cells ≤ {:.1f}: holds, margin {:.3f}",
        kept(-1.0),
        kept_of_the_other(-1.0),
        kept(-1.0) + kept_of_the_other(-1.0),
        0.5,
        0.5 - kept(-1.0),
        0.5,
        0.5 - kept_of_the_other(-1.0),
    ),
    # By code
    ("before {:.4f}\nmerge 2 and 3 {:.4f} {:.4f}\n", NATS, *2 * [kl(*MERGED)]),
    ("merge 1 and 2 {:.4f} {:.4f}\nnew names {:.4f} {:.4f}\n", *2 * [kl(*OTHER)], *2 * [NATS]),
    ("one in five replaced {:.4f} {:.4f}\nforget all {:.4f} {:.4f}", *2 * [kl(*REPLACED)], 0, 0),
    (
        "one cut at -4 {:.4f}\none cut at 0 {:.4f}\none cut at {:.3f} {:.4f}\n"
        "one cut at {:.1f} {:.4f}\none cut at {:.3f} {:.4f}\n",
        kept(-4),
        kept(0),
        *interleaved((0.206, 0.5, 0.794), [kept(cut) for cut in (0.206, 0.5, 0.794)]),
    ),
    (
        "\n {} cells {:.5f}\n {} cells {:.5f}\n {} cells {:.5f}\n{} cells {:.5f}\n",
        *interleaved((4, 16, 64, 256), [kept(*equal_cells(n)) for n in (4, 16, 64, 256)]),
    ),
    # Predict again
    (
        "in nats\nall nine flips {:.4f}\nnumber of heads {:.4f}\nmore heads than tails {:.4f}\n"
        "the first five flips {:.4f}",
        9 * FLIP,
        of_nine(*([heads] for heads in range(10))),
        of_nine(range(5), range(5, 10)),
        5 * FLIP,
    ),
    # Where this bites
    ("the unit itself, at any weight: {:.3f} nats", unit_itself()),
    (
        "on [0, 10]\n" + "\n".join(" {:g} {:.0f}% {:.3f} {:.3f}" for _ in WEIGHTS),
        *interleaved(
            WEIGHTS,
            [200 * normal(0, 1 / weight, math.inf) for weight in WEIGHTS],
            [unit_in_cells(NARROW, weight) for weight in WEIGHTS],
            [unit_in_cells(WIDE, weight) for weight in WEIGHTS],
        ),
    ),
]
DIE = ([0.30, 0.25, 0.20, 0.15, 0.07, 0.03], [0.05, 0.10, 0.15, 0.20, 0.22, 0.28])


def of_the_die(last):
    """KL(p‖q) and KL(q‖p) of a die that is cut after so many outcomes."""
    sides = [[sum(side[:last]), sum(side[last:])] for side in DIE]
    return kl(*sides), kl(*sides[::-1])


SAID[EXERCISES, "printed"] = [
    (
        "KL(q‖p)\n" + "\n".join(5 * [" {} {:.4f} {:.4f}"]),
        *itertools.chain(*([last, *of_the_die(last)] for last in range(1, 6))),
    ),
]
SAID[EXERCISES, "text"] = [
    ("keeps at least {} % of what the best one keeps", 99),
]
ALLOWED = {
    (LESSON, "text"): [("Section 2.8 has", "the number of a section"),
                       ("section 2.9 sufficient", "the number of a section")],
    (EXERCISES, "text"): [("shows heads with probability 0.8", "the coin of the exercise"),
                          ("with probability 0.1.", "an assumption of the exercise")],
}  # fmt: skip


# Explore


def test_no_pair_of_edges_gets_through_the_ceiling_and_the_tasks_have_one_place_each():
    says(LESSON, "Try as you like, a funnel only narrows", "Do the curves cross at either place?")
    forward, reverse = np.array([[f(x) for x in STEPS[1:-1]] for f in (kept, kept_of_the_other)])
    assert STEPS[1:-1][forward >= 0.318].tolist() == [0.2]
    assert STEPS[1:-1][reverse >= 0.318].tolist() == [0.8]
    assert stats.norm.pdf(0.5, 0) == pytest.approx(stats.norm.pdf(0.5, 1))
    assert STEPS[1:-1][np.argmax(forward + reverse)] == 0.5
    variation = [abs(cells([x], 0)[0] - cells([x], 1)[0]) for x in STEPS]
    assert STEPS[np.argmax(variation)] == 0.5
    pairs = [kept(*pair) for pair in itertools.combinations(STEPS[10:50:3], 2)]
    assert max(pairs) < 0.5
    assert (unit_08.LEFT_END, unit_08.RIGHT_END) == (FIRST, LAST)


def test_the_sum_of_both_directions_is_largest_at_the_crossing_off_the_grid_too():
    cuts = np.linspace(-4, 5, 901)
    both = [kept(x) + kept_of_the_other(x) for x in cuts]
    assert cuts[np.argmax(both)] == pytest.approx(0.5)
    assert f"{max(both):.6f}" == "0.618014"


def test_one_edge_far_out_is_the_preset_of_that_name():
    says(LESSON, "choose *one edge far out*")
    presets = {p["name"]: p["state"] for p in unit_08.beat_the_ceiling().spec["presets"]}
    assert presets["one edge far out"] == {"one": -2.5, "other": LAST}
    assert cells([-2.5], 0)[0] < 0.01  # "a nearly empty cell"


def test_two_edges_off_the_grid_reach_no_more():
    found = optimize.minimize(lambda x: -kept(*x), [-0.5, 0.8], method="Nelder-Mead")
    assert f"{-found.fun:.3f}" == "0.405"
    assert found.x == pytest.approx([-0.4553, 0.7779], abs=1e-3)


# The idea


def channels(size, count):
    random = np.random.default_rng(size)
    for p, q in random.dirichlet(np.ones(size), (count, 2)):
        yield p, q, random.dirichlet(np.full(3, 0.5), size)


def what_is_told_later(p, q, channel):
    """Σ p'(y) KL(P of x given y ‖ Q of x given y), by its definition."""
    joint_p, joint_q = p[:, None] * channel, q[:, None] * channel
    total = 0.0
    for y in range(channel.shape[1]):
        a, b = joint_p[:, y].sum(), joint_q[:, y].sum()
        total += a * kl(joint_p[:, y] / a, joint_q[:, y] / b)
    return total


def test_the_chain_rule_in_both_orders_and_the_inequality():
    says(
        LESSON,
        r"\mathrm{KL}(P \Vert Q) + 0 \;=\; \mathrm{KL}(P' \Vert Q') + \sum_y p'(y)\,",
        r"\mathrm{KL}(P' \Vert Q') \le \mathrm{KL}(P \Vert Q)",
        "What is lost is the average KL among the $x$ that became the same $y$",
    )
    for p, q, channel in channels(5, 100):
        before, after = kl(p, q), kl(p @ channel, q @ channel)
        assert after <= before
        assert before - after == pytest.approx(what_is_told_later(p, q, channel), abs=1e-12)
        pairs = kl((p[:, None] * channel).ravel(), (q[:, None] * channel).ravel())
        assert pairs == pytest.approx(before)  # y after x adds 0


def test_it_may_lose_everything_and_an_infinity():
    says(LESSON, "It may be everything, and it may be infinite.")
    assert kl([1.0], [1.0]) == 0  # one cell
    p, q = np.array([0.5, 0.25, 0.25]), np.array([0.5, 0.5, 0.0])
    merge = np.array([[1, 0], [0, 1], [0, 1]])
    assert kl(p, q) == math.inf > kl(p @ merge, q @ merge)


def test_nothing_is_lost_exactly_if_the_ratio_is_the_same_inside_each_cell():
    says(
        LESSON, "all its $x$ have the same ratio $p(x)/q(x)$", "So is the ratio $p(x)/q(x)$ itself"
    )
    merge = np.array([[1, 0], [1, 0], [0, 1]])
    for a, b, inside in distributions(3, 100):
        # within the first cell both have the shares (inside, 1 - inside)
        p = np.array([a * inside, a * (1 - inside), 1 - a])
        q = np.array([b * inside, b * (1 - inside), 1 - b])
        assert kl(p @ merge, q @ merge) == pytest.approx(kl(p, q))
        q[:2] = q[1::-1]
        assert kl(p @ merge, q @ merge) < kl(p, q) or inside == pytest.approx(0.5)


def test_what_moving_a_slice_changes():
    says(
        LESSON,
        r"$$dp\,(\log a - \log b) - dq\,(a - b)$$",
        r"above $\frac{a - b}{\log a - \log b}$, the *logarithmic mean*",
    )

    def cells_keep(p, q):
        return p * mpmath.log(p / q) + (1 - p) * mpmath.log((1 - p) / (1 - q))

    for p, q in distributions(3, 60)[:, :2]:
        a, b = p / q, (1 - p) / (1 - q)
        by_p = mpmath.diff(lambda x, q=q: cells_keep(x, q), p)
        by_q = mpmath.diff(lambda x, p=p: cells_keep(p, x), q)
        assert float(by_p) == pytest.approx(math.log(a) - math.log(b), rel=1e-6)
        assert float(by_q) == pytest.approx(-(a - b), rel=1e-6)


def test_the_best_cut_by_three_routes():
    says(LESSON, "it belongs to the right, and the cut goes to the left")
    found = optimize.minimize_scalar(lambda x: -kept(x), bounds=(-1, 2), method="bounded")
    assert found.x == pytest.approx(BEST, abs=1e-5)
    assert -found.fun == pytest.approx(kept(BEST), rel=1e-9)
    assert f"{BEST:.5f} {kept(BEST):.6f}" == "0.20590 0.318566"
    assert logarithmic_mean(BEST) == pytest.approx(math.exp(0.5 - BEST))
    assert kept_of_the_other(1 - BEST) == pytest.approx(kept(BEST))
    assert logarithmic_mean(0.5) > 1  # the slice at the crossing, of ratio 1, belongs to the right


def test_no_cleverer_bit_keeps_more():
    """Of 12 outcomes with the shares of a fine histogram, every one of the 2^11 bits."""
    says(LESSON, "No cleverer bit keeps more.")
    edges = [-1.5, -1, -0.6, -0.2, BEST, 0.6, 1, 1.4, 1.8, 2.2, 2.6]
    p, q = (np.array(cells(edges, mean)) for mean in (0, 1))
    sides = np.array(list(itertools.product((0, 1), repeat=11)))
    sides = np.concatenate([np.ones((len(sides), 1)), sides], axis=1)[:-1]
    a, b = sides @ p, sides @ q
    nats = special.rel_entr(a, b) + special.rel_entr(1 - a, 1 - b)
    assert nats.max() == pytest.approx(kept(BEST))
    assert sides[nats.argmax()].tolist() == [1] * 5 + [0] * 7  # all that lies left of the cut


def test_of_two_summaries_neither_bounds_the_other():
    says(LESSON, "of two summaries neither bounds the other")
    # merging the last two keeps more of this pair, merging the first two more of its mirror image
    for sides, first_wins in (((P, Q), False), ((P[::-1], Q[::-1]), True)):
        first_two = [[side[0] + side[1], side[2]] for side in sides]
        last_two = [[side[0], side[1] + side[2]] for side in sides]
        assert (kl(*first_two) > kl(*last_two)) == first_wins


def test_an_estimate_is_too_large_on_average_and_more_so_with_more_cells():
    """The average of the KL of the shares of 200 rows, exact: each count is binomial."""
    says(LESSON, "from a few rows is too large on average, and more so with more cells")
    rows, biases = 200, []
    shares = np.arange(rows + 1) / rows
    for number in (4, 8, 16, 64):
        p, q = (np.array(cells(equal_cells(number), mean)) for mean in (0, 1))
        weights = stats.binom.pmf(np.arange(rows + 1), rows, p[:, None])
        average = (weights * special.rel_entr(shares, q[:, None])).sum()
        biases.append(average - kl(p, q))
    assert biases == sorted(biases) and biases[0] > 0


def test_the_example_of_the_glossary():
    says("notebooks/B_glossary", "or N(1, 1) their sum is sufficient; how many of them are above 0")
    draws = np.random.default_rng(8).normal(size=(50, 4))
    ratio = (stats.norm.logpdf(draws) - stats.norm.logpdf(draws, 1)).sum(axis=1)
    assert ratio == pytest.approx(4 / 2 - draws.sum(axis=1))
    assert 4 * kept(0) < 4 / 2 - 0.7  # of four draws, their signs


# By hand


def test_the_shares_and_ratios_by_hand():
    says(LESSON, r"P has the shares $(\tfrac23, \tfrac13)$ and Q has $(\tfrac13, \tfrac23)$")
    says(LESSON, r"whose ratios 7 and $\tfrac23$ lie further apart")
    assert [share / 0.3 for share in P[1:]] == pytest.approx([2 / 3, 1 / 3])
    assert [share / 0.9 for share in Q[1:]] == pytest.approx([1 / 3, 2 / 3])
    ratio = [p / q for p, q in zip(P, Q, strict=True)]
    assert ratio == pytest.approx([7, 2 / 3, 1 / 6])
    assert math.log(ratio[0] / ratio[1]) > math.log(ratio[1] / ratio[2])


# By code


def test_four_cells_in_the_wrong_places_keep_less_than_one_cut_in_the_right_one():
    says(LESSON, "four cells in the wrong places keep less than one cut in the right place")
    assert kept(*equal_cells(4)) < kept(BEST)
    rising = [kept(*equal_cells(n)) for n in (4, 16, 64, 256)]
    assert rising == sorted(rising) and rising[-1] < 0.5


def test_a_transposed_table_is_refused_by_the_library():
    says(LESSON, "it refuses a transposed table")
    from klteach.inference import push_forward

    with pytest.raises(ValueError, match=r"channel"):
        push_forward([0.7, 0.2, 0.1], [[1, 0, 0], [0, 1, 1]])


# Predict again


def test_the_majority_loses_more_than_a_third_and_five_flips_keep_five_ninths():
    says(LESSON, "The majority merges five heads with nine, and loses more than a third.")
    says(LESSON, "The first five flips keep five ninths.")
    whole = of_nine(*([heads] for heads in range(10)))
    assert whole == pytest.approx(9 * FLIP)
    assert 1 / 3 < 1 - of_nine(range(5), range(5, 10)) / whole < 0.4


def test_streaks_make_the_number_of_heads_insufficient():
    says(LESSON, "if one of the two coins flips in streaks, order says something")
    sequences = np.array(list(itertools.product((0, 1), repeat=9)))
    repeats = (sequences[:, 1:] == sequences[:, :-1]).sum(axis=1)
    p, q = np.full(512, 0.5**9), 0.5 * 0.8**repeats * 0.2 ** (8 - repeats)
    assert q.sum() == pytest.approx(1)
    heads = sequences.sum(axis=1)
    assert kl(np.bincount(heads, p), np.bincount(heads, q)) < 0.5 * kl(p, q)


# Where this bites


def test_what_the_unit_knows_does_not_depend_on_its_weight():
    says(LESSON, "What the unit knows does not depend on its weight: a factor can be undone.")
    for weight in WEIGHTS:
        fine = [0, 1e-9, *np.linspace(0, 8 * weight, 2001)[1:]]
        assert unit_in_cells(fine, weight) == pytest.approx(unit_itself(), abs=1e-5)


def test_it_seems_to_forget_in_one_ruler_and_mostly_to_learn_in_the_other():
    says(LESSON, "In the first cells it seems to forget as it is trained, in the others mostly to")
    narrow, wide = ([unit_in_cells(edges, w) for w in WEIGHTS] for edges in (NARROW, WIDE))
    assert narrow == sorted(narrow, reverse=True)
    assert wide[:3] == sorted(wide[:3]) and wide[3] < wide[2]
    assert max(narrow + wide) < unit_itself()


def test_the_report_of_the_thread_by_its_own_numbers():
    """Of max(0, 3 x): the entropy of the binned unit, in bits, with the old and the new cells."""
    found = []
    for edges in (NARROW, WIDE):
        ends = [*edges, math.inf]
        side = [
            normal(0, max(low, 0) / 3, high / 3) + (0.5 if low <= 0 < high else 0)
            for low, high in itertools.pairwise(ends)
            if high > 0
        ]
        assert sum(side) == pytest.approx(1)
        found.append(stats.entropy(side, base=2))
    assert [f"{bits:.2f}" for bits in found] == ["1.88", "2.86"]
    assert f"{2 * normal(0, 1 / 3, math.inf):.0%}" == "74%"


# Exercises


def test_the_best_cut_of_the_die_is_one_place_earlier_for_the_first_direction():
    says(EXERCISES, "The best cut is one place earlier for KL(p‖q) than for KL(q‖p)")
    found = np.array([of_the_die(last) for last in range(1, 6)])
    assert found[:, 1].argmax() - found[:, 0].argmax() == 1
    ratio = np.divide(*DIE)
    assert (np.diff(ratio) < 0).all()  # "in the order of their ratio"
    assert [sum(side) for side in DIE] == pytest.approx([1, 1])


def test_what_the_exercises_promise_of_their_inputs():
    from klteach.units.lookup import find_question

    says(EXERCISES, "Shifts run from −6 to 6".replace("−", "-"), "none is nearer to 0 than 1")
    shifts = [case.arguments[0] for case in find_question("best_cut").cases()]
    assert min(shifts) == -6 and max(shifts) == 6 and min(map(abs, shifts)) >= 1
    says(EXERCISES, "`shift` is not 0 and may be negative")
    assert {np.sign(case.arguments[1]) for case in find_question("kept_by_cut").cases()} == {-1, 1}
    assert read(LESSON).text.count("**On Monday**") == 1
