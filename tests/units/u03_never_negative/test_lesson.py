"""What lesson 03 and its exercises say: numbers by a second route, claims in words."""

import inspect
import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import special, stats

from klteach.units.u03_never_negative import explorer as unit_03
from klteach.units.u03_never_negative.questions import buggy_kl
from tests.units.lesson_text import presets, read, says
from tests.units.second_route import LN_2, TERMS, P, Q, cross, distributions, interleaved, kl, nats

LESSON = "notebooks/03_never_negative"
EXERCISES = LESSON.replace("notebooks", "solutions")

RATIOS = [q / p for p, q in zip(P, Q, strict=True)]
# the gap below the tangent is the area between 1 − 1/s and 0, from 1 to t
GAPS = [float(mpmath.quad(lambda s: 1 - 1 / s, [1, t])) for t in RATIOS]
WEIGHTED = [p * gap for p, gap in zip(P, GAPS, strict=True)]
INSIDE, OUTSIDE = [0.5, 0.5, 0.0], [0.4, 0.4, 0.2]
BELOW_0 = [0.9, 0.9, -0.8]

# the positions of the first explorer: steps of 0.02, never 0
POSITIONS = np.array([(a, b, 50 - a - b) for a in range(1, 50) for b in range(1, 50 - a)]) / 50
PAIRS = {name: np.array(shares) for name, *shares in unit_03.PAIRS}


def at(weight, name):
    """(average KL of the two pairs, KL of their mixture) by second routes."""
    p1, q1, p2, q2 = PAIRS[name]
    apart = weight * kl(p1, q1) + (1 - weight) * kl(p2, q2)
    return apart, kl(weight * p1 + (1 - weight) * p2, weight * q1 + (1 - weight) * q2)


def published_kl():
    """The KL of the issue in bits, in exact fractions and 40 digits; and what the model sums to."""
    total, padding = sum(range(1, 272)), Fraction(1, 100_000)
    truth = [Fraction(count, total) for count in range(1, 272)]
    model = [padding, *(Fraction(count, total - 1) for count in range(2, 272))]
    with mpmath.workdps(40):
        bits = mpmath.fsum(
            mpmath.mpf(p.numerator) / p.denominator
            * mpmath.log(mpmath.mpf((p / q).numerator) / (p / q).denominator, 2)
            for p, q in zip(truth, model, strict=True)
        )  # fmt: skip
    return float(bits), float(sum(model))


SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    ("gets a KL of **{:.9f} bits**", published_kl()[0]),
    # Explore
    ("P is fixed at ({:g}, {:g}, {:g}), and Q is yours", *P),
    (
        "they add up to the same KL: {:.3f} + {:.3f} + {:.3f} = {:.3f} nats at the start",
        *WEIGHTED,
        kl(P, Q),
    ),
    ("In none of the {} positions of Q", len(POSITIONS)),
    ("KL falls to {:.3f} nats", kl(P, [0.64, 0.24, 0.12])),
    (
        "they cost {:.3f} nats on average, and their mixture {:.3f}.",
        *at(0.5, "one truth, two models"),
    ),
    # The idea
    ("For $m = {:g}$ it is {:.3f}: the first prediction", 0.25, kl([0.6, 0.4], [0.45, 0.3])),
    (
        "for $P = ({:g}, {:g}, {:g})$ and $Q = ({:g}, {:g}, {:g})$ both sums are 1, and "
        r"$\sum p \log (p/q) = {:.3f}$",
        *(*INSIDE, *BELOW_0),
        math.log(0.5 / 0.9),
    ),
    (
        "For $P = ({:g}, {:g}, {:g})$ and $Q = ({:g}, {:g}, {:g})$ the curve stands at {:.3f} "
        "and the plane at {:.3f}; the gap is {:.3f} nats",
        *(*P, *Q),
        -nats(P),
        -cross(P, Q),
        kl(P, Q),
    ),
    # By hand
    ("$P = ({:g}, {:g}, {:g})$, $Q = ({:g}, {:g}, {:g})$. For the third", *P, *Q),
    (
        r"$t = {:g}/{:g} = {:g}$, the gap is ${:g} - 1 - \ln {:g} = {:g} - {:.3f} = {:.3f}$, "
        "and its weight is {:g}",
        *(Q[2], P[2], 6, 6, 6, 5),
        math.log(6),
        GAPS[2],
        P[2],
    ),
    (
        "| a | {:.3f} | {:.3f} | {:.3f} | {:.3f} |\n"
        "| b | {:.1f} | {:.3f} | {:.3f} | {:.3f} |\n"
        "| c | {:.0f} | {:.3f} | {:.3f} | {:.3f} |\n"
        "| sum | | | {:.3f} | {:.3f} |",
        *interleaved(RATIOS, GAPS, WEIGHTED, TERMS),
        *(kl(P, Q), kl(P, Q)),
    ),
    # Predict again
    ("The first is -log {:g}", 1.05),
    # Where this bites
    ("compared the counts 1, 2, …, {} with", 271),
    ("the package put {:.5f} in the place of the zero", 1e-5),
    ("The padded Q sums to {:.5f}", published_kl()[1]),
]
SAID[LESSON, "printed"] = [
    (
        "The terms of b and c are negative, but no gap is: the smallest is {:.3f}. "
        "Weighted by p, the gaps add up to KL = {:.3f} nats.",
        min(GAPS),
        kl(P, Q),
    ),
    (
        "KL(P‖Q): {:.3f} nats; sum of the plain terms: {:.3f} nats; "
        "sum of the weighted gaps: {:.3f} nats",
        kl(P, Q),
        sum(TERMS),
        sum(WEIGHTED),
    ),
    (
        "margin {:.3f}; every gap ≥ 0: holds, margin {:.3f}\n",
        kl(P, Q),
        min(GAPS),
    ),
    (
        "Apart, the two pairs cost {:.3f} nats on average; mixed, {:.3f}. "
        "Mixing took {:.3f} nats away.",
        *at(0.3, "one truth, two models"),
        -np.subtract(*at(0.3, "one truth, two models")[::-1]),
    ),
    (
        "KL of the mixture: {:.3f} nats; chord: {:.3f} nats; "
        "margin: {:.3f} nats; mixture ≤ chord: holds, margin {:.3f}; "
        "KL ≥ 0: holds, margin {:.3f}",
        *at(0.3, "one truth, two models")[::-1],
        *2 * (-np.subtract(*at(0.3, "one truth, two models")[::-1]),),
        at(0.3, "one truth, two models")[1],
    ),
    # By code
    ("plain terms [ {:.3f} {:.3f} {:.3f}]", *TERMS),
    ("weighted gaps [{:.3f} {:.3f} {:.3f}]", *WEIGHTED),
    ("sums {:.4f} and {:.4f}", kl(P, Q), kl(P, Q)),
    ("[{:.4f} {:.4f} {:.4f}] sum {:.4f}\n", *WEIGHTED, kl(P, Q)),
    (
        "[{:.4f} {:.4f} {:.1f} ] sum {:.4f}",
        *special.kl_div(INSIDE, OUTSIDE),
        math.log(0.5 / 0.4),
    ),
    ("at P: {:.4f}, the plane {:.4f}", -nats(P), -cross(P, Q)),
    ("gap {:.4f}, KL {:.4f}", cross(P, Q) - nats(P), kl(P, Q)),
    # Predict again
    ("{:g} · P as the model: {:.4f}", 1.05, -math.log(1.05)),
    ("{:g} · Q as the model: {:.4f}", 1.05, kl(P, Q) - math.log(1.05)),
    # Where this bites
    ("padded: {:.9f} bits, the model sums to {:.5f}", *published_kl()),
    ("true KL: {}", kl([0.5, 0.5], [0.0, 1.0])),
]
SAID[EXERCISES, "printed"] = [
    ("plain terms [ {:.3f} {:.3f} {:.3f}], sum {:.4f}", *TERMS, kl(P, Q)),
    ("tangent terms [{:.3f} {:.3f} {:.3f}], sum {:.4f}", *WEIGHTED, kl(P, Q)),
    ("buggy_kl of your pair: {:.10f}", -3e-10),
    ("margin of (p, q) and (q, p), half of each: {:.4f}", (kl(P, Q) + kl(Q, P)) / 2),
]

# measured numbers that need no second route: (the words that they stand in, why not)
ALLOWED = {
    (LESSON, "text"): [("Sections 2.6 and 2.7", "sections of a book")],
}


# Why it matters, and where it bites


def test_the_negative_kl_is_no_rounding_and_its_true_value_is_infinite():
    says(
        LESSON,
        "It is no rounding: exact arithmetic gives the same number.",
        "Q then rules out something that happens, so KL is infinite",
        "The theorem holds; its condition was broken.",
    )
    bits, total = published_kl()
    assert -7.181671e-08 == pytest.approx(bits, rel=1e-6)  # as the issue prints it
    assert total > 1 and bits * LN_2 > -math.log(total)
    counts = np.arange(1, 272)
    assert kl(counts / counts.sum(), np.where(counts > 1, counts, 0) / counts[1:].sum()) == math.inf


def test_the_absolute_value_makes_a_negative_sum_look_like_any_other():
    says(LESSON, "Whatever is wrong with p or q then looks like any other KL")
    broken = kl(P, 1.05 * np.array(P))
    assert broken < 0 < abs(broken)


# The explorers


def test_the_presets_that_the_text_names():
    says(
        LESSON,
        "Choose *Q = P*.",
        "Choose *close to P*",
        "Choose *two models, half of each*",
        "Choose *errors that cancel, half of each*",
    )
    offered = presets(unit_03.tangent_gaps(), "q")
    assert offered["Q = P"] == P and offered["close to P"] == [0.64, 0.24, 0.12]
    mixtures = {p["name"]: p["state"] for p in unit_03.joint_convexity().spec["presets"]}
    for preset, pairs in (
        ("two models, half of each", "one truth, two models"),
        ("errors that cancel, half of each", "errors that cancel"),
    ):
        assert mixtures[preset] == {"pairs": list(PAIRS).index(pairs), "weight": 0.5}


def test_the_curve_lies_below_its_tangent_in_every_position():
    says(
        LESSON,
        "the curve lies below its tangent and touches it only at $t = 1$",
        "In none of the 1176 positions of Q is a gap negative.",
    )
    t = POSITIONS / P
    gaps = t - 1 - np.log(t)
    assert unit_03.TOTAL == 50 and list(unit_03.P) == P
    touching = np.abs(t - 1) < 1e-9
    assert (gaps[~touching] > 1e-6).all() and (np.abs(gaps[touching]) < 1e-12).all()
    everywhere = np.geomspace(1e-12, 1e12, 100_001)
    assert (everywhere - 1 - np.log(everywhere) >= 0).all()


def test_the_things_to_find_in_the_first_explorer_are_there():
    says(
        LESSON,
        "At which $t$ do the outcomes stand",
        "At the start two plain terms are negative. Find a Q for which only one is.",
    )
    assert sum(term < 0 for term in TERMS) == 2
    negative = (POSITIONS > np.array(P) + 1e-9).sum(axis=1)
    assert (negative == 1).sum() > 50 and set(negative) == {0, 1, 2}


def test_the_mixture_never_diverges_more_than_its_pairs_do_on_average():
    says(LESSON, "The curve never rises above the chord")
    for name, weight in itertools.product(PAIRS, np.linspace(0, 1, 51)):
        apart, mixed = at(weight, name)
        assert mixed <= apart + 1e-12


def test_errors_that_cancel():
    says(LESSON, "Each pair costs more than 1 nat. What does the mixture cost, and why?")
    p1, q1, p2, q2 = PAIRS["errors that cancel"]
    assert kl(p1, q1) > 1 and kl(p2, q2) > 1
    np.testing.assert_allclose((p1 + p2) / 2, (q1 + q2) / 2)
    assert at(0.5, "errors that cancel")[1] == pytest.approx(0, abs=1e-12)


def test_one_of_four_margins_is_always_zero_and_its_ratios_are_the_same():
    says(
        LESSON,
        "In one of the four choices the margin is 0 for every λ.",
        "It is an equality only if all ratios $a_i/b_i$ are the same.",
    )
    assert len(PAIRS) == 4
    weights = np.linspace(0.02, 0.98, 49)
    flat = {name for name in PAIRS if all(np.ptp(at(w, name)) < 1e-12 for w in weights)}
    alike = {n for n, (p1, q1, p2, q2) in PAIRS.items() if np.allclose(p1 / q1, p2 / q2)}
    assert flat == alike == {"two unlike groups"}  # a name that does not tell
    for name in set(PAIRS) - flat:
        assert all(np.ptp(at(w, name)) > 1e-3 for w in weights)


# The idea


def test_the_gap_falls_rises_and_is_zero_in_between():
    says(
        LESSON,
        "has the derivative $1 - 1/t$: it falls up to $t = 1$, is 0 there, and rises from there on",
        "(Where $t = 0$ there, Q rules out what P does, and KL is infinite.)",
    )

    def gap(t):
        return t - 1 - mpmath.log(t)

    for t in (0.01, 0.5, 1, 1.5, 20):
        assert mpmath.diff(gap, t) == pytest.approx(1 - 1 / t, abs=1e-9)
        assert np.sign(1 - 1 / t) == np.sign(t - 1)
    assert gap(1) == 0


def test_every_step_of_the_proof_on_random_pairs_with_zeros():
    says(
        LESSON,
        "What the proof used.** No share is negative, P sums to 1, and Q sums to at most 1. "
        "Nothing else, and nothing less",
    )
    assert sum(INSIDE) == pytest.approx(1) == pytest.approx(sum(BELOW_0))
    assert sum(p * math.log(p / q) for p, q in zip(INSIDE, BELOW_0, strict=True) if p) < 0
    for size in (2, 3, 10):
        p, q = distributions(size), distributions(size + 20)[:, :size]  # q sums to less than 1
        p = np.where(p < 0.1, 0, p)
        p = p / p.sum(axis=1, keepdims=True)
        support = p > 0
        t = np.where(support, q / np.where(support, p, 1), 1)
        first = (p * np.log(t)).sum(axis=1)
        second = (p * (t - 1)).sum(axis=1)
        assert (q.sum(axis=1) < 1).all() and (first <= second).all() and (second <= 0).all()
        np.testing.assert_allclose(second, (q * support).sum(axis=1) - 1, atol=1e-12)
        np.testing.assert_allclose(first, -special.rel_entr(p, q).sum(axis=1), atol=1e-12)


def test_mass_outside_the_support_is_paid_for():
    says(
        LESSON,
        r"So $\mathrm{KL}(P \Vert Q) \ge -\log(1 - m)$, which is more than $m$",
        "with equality if Q is in proportion to P on the support",
    )
    for size in (3, 5, 10):
        p, q = distributions(size), distributions(size, 2000)[1000:]
        p = np.where(np.arange(size) < 2, p, 0)
        p = p / p.sum(axis=1, keepdims=True)
        outside = q[:, 2:].sum(axis=1)
        least = -np.log(1 - outside)
        assert (special.rel_entr(p, q).sum(axis=1) >= least - 1e-12).all()
        assert (least > outside).all()
        in_proportion = p * (1 - outside)[:, None] + np.where(np.arange(size) < 2, 0, q)
        np.testing.assert_allclose(special.rel_entr(p, in_proportion).sum(axis=1), least)
    assert -math.log(1 - OUTSIDE[2]) == pytest.approx(kl(INSIDE, OUTSIDE))


def test_entropy_is_at_most_the_logarithm_of_the_number_of_outcomes():
    says(LESSON, r"**So entropy is at most $\log n$,**", r"= \log n - H(P)$ for the uniform U")
    for size in (2, 3, 10):
        p = distributions(size)
        entropies = stats.entropy(p, axis=1)
        from_uniform = special.rel_entr(p, 1 / size).sum(axis=1)
        np.testing.assert_allclose(from_uniform, math.log(size) - entropies)
        assert (entropies < math.log(size)).all()
        assert stats.entropy(np.full(size, 1 / size)) == pytest.approx(math.log(size))


def test_a_negative_sum_is_a_message_and_of_what():
    says(
        LESSON,
        "So a negative KL is a message: a condition of the proof is broken.",
        "Only an estimate from samples may fall below 0 with nothing broken (unit 17).",
    )
    # a term left out, logarithms for probabilities: both sums are 1 in each
    assert kl([0.98], [1.0]) < 0
    torch_like = np.array(Q) * (np.log(Q) - np.array(P))  # F.kl_div(p, q), which wants log p
    assert torch_like.sum() < 0
    random = np.random.default_rng(0)
    draws = random.normal(0, 1, (500, 20))  # of N(0, 1), scored against N(0.1, 1)
    assert ((draws - 0.1) ** 2 - draws**2).mean(axis=1).min() < 0


def test_the_added_amounts_sum_to_zero_and_no_term_is_negative():
    says(
        LESSON,
        "What was added, $q - p$, sums to 0, so these terms sum to KL as well",
        "and $q$ where $p = 0$",
    )
    assert special.kl_div(0.0, 0.2) == 0.2
    for size in (2, 3, 10):
        p, q = distributions(size), distributions(size, 2000)[1000:]
        lifted = special.kl_div(p, q)
        np.testing.assert_allclose((q - p).sum(axis=1), 0, atol=1e-12)
        np.testing.assert_allclose(lifted.sum(axis=1), stats.entropy(p, q, axis=1), atol=1e-12)
        assert (lifted >= 0).all()


def test_the_average_logarithm_is_at_most_the_logarithm_of_the_average():
    says(LESSON, "the average of $\\log t$ is at most the logarithm of the average")
    for size in (2, 3, 10):
        p, t = distributions(size), np.exp(3 * distributions(size, 2000)[1000:])
        assert ((p * np.log(t)).sum(axis=1) <= np.log((p * t).sum(axis=1))).all()
        touch = (p * t).sum(axis=1, keepdims=True)
        assert (np.log(t) <= np.log(touch) + (t - touch) / touch).all()


def test_kl_is_the_gap_between_negative_entropy_and_its_tangent_plane():
    says(
        LESSON,
        "These are $-H(P)$ and $-H(P, Q)$: the split of unit 02",
        "With the squared length for $\\varphi$ the same gap is the squared Euclidean distance",
    )

    def gap(phi, p, q):
        slope = [mpmath.diff(phi, tuple(q), tuple(map(int, np.eye(3)[i]))) for i in range(3)]
        plane = phi(*q) + sum(s * (a - b) for s, a, b in zip(slope, p, q, strict=True))
        return float(phi(*p) - plane), float(plane)

    above, plane = gap(lambda *x: sum(y * mpmath.log(y) for y in x), P, Q)
    assert above == pytest.approx(kl(P, Q)) and plane == pytest.approx(-cross(P, Q))
    # the slopes, as the lesson gives them
    says(LESSON, r"the slopes of $\varphi$ at Q, $\log q(x) + 1$ for outcome $x$")
    for share in Q:
        assert mpmath.diff(lambda y: y * mpmath.log(y), share) == pytest.approx(math.log(share) + 1)
    squared, _ = gap(lambda *x: sum(y**2 for y in x), P, Q)
    assert squared == pytest.approx(sum((a - b) ** 2 for a, b in zip(P, Q, strict=True)))


def test_the_log_sum_inequality_on_positive_numbers():
    says(LESSON, "For $a_i, b_i > 0$ with the sums $A$ and $B$", "the log-sum inequality")
    random = np.random.default_rng(4)
    a, b = random.exponential(size=(2, 1000, 4))
    left = (a * np.log(a / b)).sum(axis=1)
    whole_a, whole_b = a.sum(axis=1), b.sum(axis=1)
    assert (left >= whole_a * np.log(whole_a / whole_b)).all()
    # Gibbs for the shares, times A, is the difference of the two sides
    gibbs = special.rel_entr(a / whole_a[:, None], b / whole_b[:, None]).sum(axis=1)
    np.testing.assert_allclose(left - whole_a * np.log(whole_a / whole_b), whole_a * gibbs)


def test_averaged_models_and_pooled_groups():
    says(
        LESSON,
        "The average of several models costs no more than they do on average",
        "a check on pooled groups may find nothing although every group is off",
    )
    p, models = distributions(5, 1000), distributions(5, 4000)[1000:].reshape(3, 1000, 5)
    apart = np.mean([stats.entropy(p, model, axis=1) for model in models], axis=0)
    assert (stats.entropy(p, models.mean(axis=0), axis=1) < apart).all()


# Predict again, and the exercises


def test_the_lowest_sum_that_a_model_with_the_total_1_05_can_reach():
    says(LESSON, "the lowest that such a model can reach")
    sums = special.rel_entr(P, 1.05 * POSITIONS).sum(axis=1)
    at_p = (np.abs(POSITIONS - P) < 1e-9).all(axis=1)
    assert sums.min() == pytest.approx(-math.log(1.05)) and sums.argmin() == at_p.argmax()


def test_the_published_formula_is_the_one_that_is_graded():
    written = inspect.getsource(buggy_kl).replace("SMALL", "1e-10").split('"""')
    body = [line.strip() for line in written[-1].strip().split("\n")]
    says(EXERCISES, "it adds 1e-10, so that nothing is divided by 0")
    assert all(line in read(EXERCISES).code for line in body)


def test_the_last_line_of_the_comparison():
    says(EXERCISES, "In the last line the mixture has P = Q, so all of the average KL is margin.")
    assert np.add(P, Q) / 2 == pytest.approx(np.add(Q, P) / 2)
