"""The questions of unit 30: five functions in which eight exhibits are repaired."""

import math

import numpy as np

from klteach.measures import entropy, js_divergence, kl_divergence
from klteach.practice.common_mistakes import SMALL_NUMBERS, terms
from klteach.practice.inputs import (
    dirichlet_pairs,
    equal_pair,
    tiny_mass,
    zero_in_both,
    zero_in_p,
    zero_in_q,
)
from klteach.practice.question import Mistake, Question, case
from klteach.units.u30_bug_museum import exhibits
from klteach.units.u30_bug_museum.property_suite import (
    CAUSES,
    another,
    bound,
    exchanged,
    in_another_unit,
    infinite_where_it_must,
    never_negative,
    symmetry,
    zero_exactly_if,
    zero_exactly_if_equal,
)

LESSON = "30_bug_museum"
PROBE = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
LARGEST = np.finfo(float).max  # what `np.nan_to_num` puts in the place of infinity


def disjoint(random):
    """Two distributions that share no outcome."""
    p, q = random.dirichlet(np.ones(3)), random.dirichlet(np.ones(2))
    return [
        case([1.0, 0.0], [0.0, 1.0], label="no outcome in common"),
        case(np.r_[p, 0, 0], np.r_[0, 0, 0, q]),
    ]


def padded(value):
    """A function of p, q and ε with each of the small numbers that people add."""
    return tuple(lambda p, q, small=small: value(p, q, small) for small in SMALL_NUMBERS)


# E1: KL, from the exhibits B10 and B4


def both_occur(p, q):
    return np.sum(terms(p, q)[(p > 0) & (q > 0)])


def renormalised(p, q, small):
    p, q = p + small, q + small
    return np.sum(terms(p / p.sum(), q / q.sum()))


KL = Question(
    "kl_repaired",
    points=2,
    reference=kl_divergence,
    unit="nats",
    visible=[
        case(*PROBE),
        case([0.25, 0.75], [0.25, 0.75], label="p = q"),
        case([0.5, 0.5], [1.0, 0.0], label="an outcome that q calls impossible"),
    ],
    inputs=[dirichlet_pairs(), zero_in_p, zero_in_both, zero_in_q, tiny_mass, equal_pair, disjoint],
    rows=(*CAUSES, zero_exactly_if_equal, infinite_where_it_must, never_negative),
    mistakes=[
        Mistake(
            "logarithm missing",
            (
                exhibits.b10_published,
                lambda p, q: np.sum((p * (p / q))[(p > 0) & (q > 0)]),
                lambda p, q: exhibits.b10_published(p, q) - 1,
            ),
            "Red: two tosses cost twice as much. The logarithm is still missing, as in B10: "
            "ratios of independent tosses multiply, and only their logarithms add up.",
        ),
        Mistake(
            "logarithm around the sum",
            lambda p, q: np.log(exhibits.b10_published(p, q)),
            "The logarithm stands around the sum. That is 0 if p = q, never negative, and "
            "infinite where it must be, but larger than KL: the average of logarithms is asked "
            "for, not the logarithm of an average.",
        ),
        Mistake(
            "small number",
            (
                *padded(lambda p, q, s: np.sum(terms(p, q + s))),
                *padded(lambda p, q, s: np.sum(p * np.log((p + s) / (q + s)))),
                *padded(lambda p, q, s: np.sum((p + s) * np.log((p + s) / (q + s)))),
                *padded(renormalised),
                *padded(lambda p, q, s: np.sum(terms(p, np.maximum(q, s)))),
                *padded(lambda p, q, s: np.sum(terms(p, np.where(q == 0, s, q)))),
                *padded(lambda p, q, s: np.sum(terms(np.maximum(p, s), np.maximum(q, s)))),
            ),
            "Red: ∞ exactly where it must be. A small number is in there, added to a share or put "
            "in the place of a zero: where q calls impossible what p does, the answer is whatever "
            "that number makes it.",
        ),
        Mistake(
            "rare taken for impossible",
            (
                *padded(exhibits.b4_published),
                *padded(
                    lambda p, q, s: (
                        np.inf if np.any((p > s) & (q < s)) else np.sum(terms(p, q)[p > s])
                    )
                ),
            ),
            "Red: ∞ exactly where it must be. As in B4, an outcome whose q is below some ε counts "
            "as impossible. It is rare and costs much, but not infinitely much. (Where ε stands in "
            "the logarithm too, KL(p‖p) comes out below 0.)",
        ),
        Mistake(
            "impossible outcomes left out",
            (both_occur, lambda p, q: np.sum(terms(p, q)[q > 0])),
            "Red: ∞ exactly where it must be. What q calls impossible was left out, and if p does "
            "it, that is the one outcome that matters. Mask p, not q.",
        ),
        Mistake(
            "infinity replaced",
            (
                lambda p, q: min(np.sum(terms(p, q)), LARGEST),
                lambda p, q: 0.0 if np.isinf(np.sum(terms(p, q))) else np.sum(terms(p, q)),
            ),
            "Red: ∞ exactly where it must be. Infinity was replaced by a number. It is the "
            "answer, and a caller who gets a finite one cannot know.",
        ),
        Mistake(
            "other direction",
            lambda p, q: kl_divergence(q, p),
            "Red: ∞ exactly where it must be. This is KL(q‖p): infinite where p rules out what q "
            "does. All other lights are green, so only a case with a zero, or a known value, "
            "shows the direction.",
        ),
        Mistake(
            "sign",
            lambda p, q: -kl_divergence(p, q),
            "Red: never negative. Every value has the wrong sign: log(p/q), not log(q/p).",
        ),
        Mistake(
            "absolute terms",
            lambda p, q: np.sum(np.abs(terms(p, q))),
            "You added up absolute values. Every light is green, and the value is wrong: terms "
            "where q is larger than p are negative, and KL lets them be.",
        ),
        Mistake(
            "absolute value",
            tuple(lambda p, q, s=s: np.abs(np.sum(terms(p, q + s))) for s in (1e-10, 1e-12, 1e-8)),
            "Red: ∞ exactly where it must be. An absolute value hides that KL(p‖p) is below 0; "
            "the small number is still there.",
        ),
        Mistake(
            "both directions",
            (
                lambda p, q: kl_divergence(p, q) + kl_divergence(q, p),
                lambda p, q: (kl_divergence(p, q) + kl_divergence(q, p)) / 2,
            ),
            "This has both directions in it. KL(p‖q) has one: p supplies the samples, q is scored.",
        ),
        Mistake(
            "cross-entropy",
            lambda p, q: np.sum(terms(p, q)) + entropy(p),
            "Red: 0 if the two are equal. This is the cross-entropy, from which the entropy of p "
            "has still to be taken.",
        ),
        Mistake(
            "weights missing",
            lambda p, q: np.sum(np.log(p[p > 0] / q[p > 0])),
            "The logarithms are added up without their weights. Each counts with p, which is how "
            "often it is met.",
        ),
        Mistake(
            "mean of the terms",
            lambda p, q: kl_divergence(p, q) / np.count_nonzero(p),
            "A mean over the outcomes that occur stands where the sum belongs. p holds the weights "
            "already.",
        ),
        Mistake(
            "weights of q",
            lambda p, q: -kl_divergence(q, p),
            "Red: never negative. The logarithms are weighted by q. p supplies the samples, so "
            "the weights are p.",
        ),
    ],
    hints=[
        "What does the published code give for p = q? And for p = (0.5, 0.5), q = (1, 0)?",
        "KL(p‖q) = Σ p log(p/q), over the outcomes with p > 0 only",
        "`s = p > 0`, then `return np.sum(p[s] * np.log(p[s] / q[s]))`",
    ],
    insight="One input shows both exhibits, an equal pair. And a q of 1e-30 is rare, not "
    "impossible: ∞ belongs to q = 0 alone.",
    lesson=LESSON,
    section="By code",
)


# E2: JS, from the exhibits B8 and B26


def middle(p, q):
    return (p + q) / 2


def outward(p, q):
    return exhibits.b8_published(p, q)


def where_both(p, q):
    both, m = (p > 0) & (q > 0), middle(p, q)
    return (np.sum(terms(p, m)[both]) + np.sum(terms(q, m)[both])) / 2


def second_sum(p, q):
    return kl_divergence(q, middle(p, q))


JS = Question(
    "js_repaired",
    points=2,
    reference=js_divergence,
    unit="nats",
    where_p_is_zero="In each of the two sums, what its first argument never shows adds 0: mask p "
    "where p is averaged, and q where q is.",
    visible=[
        case([0.3, 0.3, 0.4], [0.5, 0.5, 0.0], label="the pair of B26"),
        case(*PROBE),
        case([1.0, 0.0], [0.0, 1.0], label="no outcome in common"),
    ],
    inputs=[dirichlet_pairs(), zero_in_p, zero_in_both, zero_in_q, tiny_mass, equal_pair, disjoint],
    rows=(
        *CAUSES,
        infinite_where_it_must,
        bound(math.log(2), "log 2"),
        symmetry,
        never_negative,
        zero_exactly_if_equal,
    ),
    mistakes=[
        Mistake(
            "middle first",
            (outward, lambda p, q: 2 * outward(p, q)),
            "Red: the bound. This is still B8: the middle is averaged, and p and q are scored. "
            "Where p has a 0, that is infinite. p and q supply the samples; the middle is scored.",
        ),
        Mistake(
            "one of them the wrong way round",
            (
                lambda p, q: (kl_divergence(p, middle(p, q)) + kl_divergence(middle(p, q), q)) / 2,
                lambda p, q: (kl_divergence(middle(p, q), p) + kl_divergence(q, middle(p, q))) / 2,
            ),
            "Red: symmetry, and the bound. One of the two sums has the middle first, the other has "
            "it last. In both, the middle is scored.",
        ),
        Mistake(
            "one sum only",
            (
                second_sum,
                lambda p, q: kl_divergence(p, middle(p, q)),
                lambda p, q: second_sum(p, q) / 2,
                lambda p, q: kl_divergence(p, middle(p, q)) / 2,
            ),
            "Red: symmetry. Only one of the two sums is in it: exchange p and q, and it changes.",
        ),
        Mistake(
            "mean of both directions",
            (exhibits.b9_published, lambda p, q: 2 * exhibits.b9_published(p, q)),
            "Red: the bound. p and q are compared with each other, as in B9. In JS both are "
            "compared with their middle, which rules out nothing that either does.",
        ),
        Mistake(
            "half forgotten",
            lambda p, q: 2 * js_divergence(p, q),
            "Red: the bound. The two sums are added in full, so two distributions that share "
            "nothing get 2 log 2. JS is their mean.",
        ),
        Mistake(
            "halved twice",
            lambda p, q: js_divergence(p, q) / 2,
            "Red: the bound is reached. There is one half too many: two distributions that share "
            "nothing must get log 2.",
        ),
        Mistake(
            "root",
            (
                lambda p, q: np.sqrt(js_divergence(p, q)),
                lambda p, q: np.sqrt(js_divergence(p, q) / np.log(2)),
            ),
            "Red: the bound. You took the root, the metric of B18, which SciPy returns too. The "
            "divergence is its square.",
        ),
        Mistake(
            "in bits",
            lambda p, q: js_divergence(p, q) / np.log(2),
            "Red: the bound. This is in bits, where the bound is 1. In nats nothing is above "
            "log 2.",
        ),
        Mistake(
            "zeros left out",
            where_both,
            "Red: the bound is reached. Outcomes that only one of the two has were left out, as "
            "after the first repair of B26, and they carry the most. Mask each sum by its own "
            "weights alone.",
        ),
        Mistake(
            "cut at the bound",
            (
                lambda p, q: min(outward(p, q), np.log(2)),
                lambda p, q: min(exhibits.b9_published(p, q), np.log(2)),
            ),
            "Cut off at log 2: the light is green, and the bug is as it was. Below the bound the "
            "values are still those of the published program.",
        ),
        Mistake(
            "middle not halved",
            lambda p, q: (np.sum(terms(p, p + q)) + np.sum(terms(q, p + q))) / 2,
            "Red: never negative. The middle is p + q, which sums to 2 and is no distribution. "
            "Half of it is.",
        ),
        Mistake(
            "small number",
            (
                *padded(lambda p, q, s: outward(p + s, q + s)),
                *padded(lambda p, q, s: outward(np.maximum(p, s), np.maximum(q, s))),
                *padded(
                    lambda p, q, s: (
                        (
                            np.sum(middle(p, q) * np.log((middle(p, q) + s) / (p + s)))
                            + np.sum(middle(p, q) * np.log((middle(p, q) + s) / (q + s)))
                        )
                        / 2
                    )
                ),
            ),
            "Red: the bound. This is B8 with a small number for its zeros: finite, and as large as "
            "that number makes it. The middle must be scored; then nothing is ruled out.",
        ),
        Mistake(
            "entropies exchanged",
            lambda p, q: -js_divergence(p, q),
            "Red: never negative. The entropy of the middle is the larger one: mixing adds "
            "uncertainty.",
        ),
    ],
    hints=[
        "Which distribution supplies the samples in each sum, and can the other one rule them out?",
        "JS = ½ KL(p‖m) + ½ KL(q‖m), m = (p + q)/2, each sum over its own positive weights",
        "`m = (p + q) / 2`, `f = lambda a: np.sum(a[a > 0] * np.log(a[a > 0] / m[a > 0]))`, then "
        "`return (f(p) + f(q)) / 2`",
    ],
    insight="A disjoint pair is the sharpest test of JS: it must give log 2, neither ∞ nor less.",
    lesson=LESSON,
    section="By code",
)


# E3: Hellinger, from the exhibit B24


def roots(p, q):
    return (np.sqrt(p) - np.sqrt(q)) ** 2


def over(kept):
    return lambda p, q: np.sqrt(np.sum(roots(p, q)[kept(p, q)]) / 2)


def hellinger_pairs(random):
    """Pairs with zeros on either side; equal ones whose roots are exact."""
    return [
        case([0.5, 0.5, 0.0], [0.25, 0.25, 0.5], label="an outcome that only q has"),
        case([0.25, 0.75, 0.0], [0.0, 0.5, 0.5], label="an outcome that only p has, and one of q"),
        case([0.75, 0.25, 0.0], [0.25, 0.75, 0.0], label="an outcome that both rule out"),
        case([0.25, 0.75], [0.25, 0.75], label="p = q"),
    ]


HELLINGER = Question(
    "hellinger_repaired",
    points=1,
    reference=exhibits.hellinger,
    visible=[
        case([0.36, 0.64, 0.0], [0.0, 0.36, 0.64], label="each has an outcome of its own"),
        case([1.0, 0.0], [0.36, 0.64], label="q has what p has not"),
        case([1.0, 0.0], [0.0, 1.0], label="no outcome in common"),
    ],
    inputs=[hellinger_pairs, dirichlet_pairs(), disjoint, zero_in_q, zero_in_p],
    rows=(
        *CAUSES,
        symmetry,
        bound(1.0, "1"),
        never_negative,
        zero_exactly_if_equal,
        infinite_where_it_must,
    ),
    where_p_is_zero="An outcome that p rules out adds q to the sum.",
    mistakes=[
        Mistake(
            "outcomes of p only",
            over(lambda p, q: p > 0),
            "Red: symmetry. The sum is still over the outcomes of p alone, as in B24: what only q "
            "has is not seen.",
        ),
        Mistake(
            "outcomes of q only",
            over(lambda p, q: q > 0),
            "Red: symmetry. Now the sum is over the outcomes of q alone: what only p has is not "
            "seen.",
        ),
        Mistake(
            "outcomes of both only",
            over(lambda p, q: (p > 0) & (q > 0)),
            "Red: the bound is reached. Symmetric now, but what only one of the two has is left "
            "out: two distributions that share nothing would be at 0.",
        ),
        Mistake(
            "made symmetric",
            (
                lambda p, q: (over(lambda p, q: p > 0)(p, q) + over(lambda p, q: p > 0)(q, p)) / 2,
                lambda p, q: max(over(lambda p, q: p > 0)(p, q), over(lambda p, q: p > 0)(q, p)),
                lambda p, q: np.sqrt(
                    (over(lambda p, q: p > 0)(p, q) ** 2 + over(lambda p, q: p > 0)(q, p) ** 2) / 2
                ),
            ),
            "Red: the bound is reached. Both directions of B24 were made into one number. That is "
            "symmetric, and it still misses a part of what only one of the two has.",
        ),
        Mistake(
            "shared outcomes twice",
            lambda p, q: np.sqrt((np.sum(roots(p, q)[p > 0]) + np.sum(roots(p, q)[q > 0])) / 2),
            "Outcomes that both have are counted twice, once for each side. Each outcome counts "
            "once, whoever has it.",
        ),
        Mistake(
            "half forgotten",
            lambda p, q: np.sqrt(np.sum(roots(p, q))),
            "Red: the bound. Without the half, two distributions that share nothing get √2. The "
            "convention here has a largest value of 1.",
        ),
        Mistake(
            "half outside the root",
            lambda p, q: np.sqrt(np.sum(roots(p, q))) / 2,
            "Red: the bound is reached. The half stands outside the root, as in B23. It belongs "
            "inside, so that two distributions that share nothing get 1.",
        ),
        Mistake(
            "squared",
            (
                lambda p, q: np.sum(roots(p, q)) / 2,
                lambda p, q: 1 - np.sum(np.sqrt(p * q)),
            ),
            "This is the square of it: the lights are green, but the metric is its root.",
        ),
        Mistake(
            "overlap",
            (
                lambda p, q: np.sum(np.sqrt(p * q)),
                lambda p, q: np.sqrt(np.sum(np.sqrt(p * q))),
                lambda p, q: 1 - np.sqrt(np.sum(roots(p, q)) / 2),
            ),
            "Red: 0 if the two are equal. This is how much they share: 1 if they are equal, and 0 "
            "if they share nothing.",
        ),
        Mistake(
            "roots missing",
            (
                lambda p, q: np.sqrt(np.sum((p - q) ** 2) / 2),
                lambda p, q: np.sqrt(np.sum((p - q) ** 2)),
                lambda p, q: np.linalg.norm(p - q),
            ),
            "The shares are compared themselves, not their roots: the Euclidean length of p − q, "
            "or a multiple of it.",
        ),
        Mistake(
            "total variation",
            (lambda p, q: np.abs(p - q).sum() / 2, lambda p, q: np.abs(p - q).sum()),
            "You added up absolute differences of the shares: total variation, or twice it. Here "
            "it is the roots of the shares that are compared, and squared.",
        ),
        Mistake(
            "absolute differences of roots",
            lambda p, q: np.sum(np.abs(np.sqrt(p) - np.sqrt(q))) / 2,
            "The differences of the roots are added up, not squared.",
        ),
    ],
    hints=[
        "Which outcomes does the published sum never look at? Exchange p and q and look again.",
        "√(½ Σ (√p − √q)²), over all outcomes",
        "`return np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2) / 2)`",
    ],
    insight="Symmetry is the cheapest property there is, two calls of one function. It sees "
    "nothing as long as no outcome is missing on one side.",
    lesson=LESSON,
    section="By code",
)


# E4: two normals, from the exhibit B25


def normal_pairs(random):
    draws = [(*random.normal(0, 2, 1), random.uniform(0.3, 3)) for _ in range(12)]
    pairs = [case(*map(float, (*a, *b))) for a, b in zip(draws[::2], draws[1::2], strict=True)]
    return [
        *pairs,
        case(1.0, 2.0, 1.0, 2.0, label="equal normals"),
        case(0.5, 1.5, -1.0, 1.5, label="equal sds"),
        case(3.0, 0.5, 3.0, 4.0, label="equal means"),
        case(0.0, 3.0, 0.0, 0.25, label="a wide P and a narrow Q"),
    ]


def normal(log=1.0, ratio=2, shift=2, over=2, one=1.0, half=0.5, log_half=1.0, sd=2):
    """The closed form with one of its parts otherwise; `sd` 1 or 2 says whose divides the shift."""

    def value(m1, s1, m2, s2):
        scale = s1 if sd == 1 else s2
        square = np.abs(m1 - m2) ** shift / scale**over
        return log * log_half * np.log(s2 / s1) + half * ((s1 / s2) ** ratio + square - one)

    return value


normal_kl = normal()

NORMAL = Question(
    "normal_kl_repaired",
    points=2,
    reference=normal_kl,
    unit="nats",
    exchangeable=False,
    visible=[
        case(0.0, 2.0, 0.0, 1.0, label="N(0, 2) against N(0, 1)"),
        case(1.0, 1.0, 0.0, 1.0, label="equal sds"),
        case(0.0, 0.5, 0.0, 0.5, label="equal normals"),
    ],
    inputs=[normal_pairs],
    rows=(
        *CAUSES,
        another(
            in_another_unit,
            "Measure means and sds in another unit, ten times as large in numbers",
            "the same in every unit",
        ),
        never_negative,
        zero_exactly_if_equal,
    ),
    mistakes=[
        Mistake(
            "bracket",
            exhibits.b25_published,
            "Red: 0 if the two are equal. This is still B25: only the shift is divided by 2 s2², "
            "and s1² stands outside the bracket, with a unit of its own.",
        ),
        Mistake(
            "ratio not squared",
            normal(ratio=1),
            "Red: never negative. The ratio s1/s2 is not squared. Variances are compared here, and "
            "the arguments are standard deviations.",
        ),
        Mistake(
            "cut at zero",
            (
                lambda *a: max(0.0, exhibits.b25_published(*a)),
                lambda *a: abs(exhibits.b25_published(*a)),
                lambda *a: exhibits.b25_published(*a) ** 2,
            ),
            "Negative values of B25 were cut off, turned round or squared: one light is green, and "
            "the bracket stands where it stood. Two equal normals of sd 1 must give 0.",
        ),
        Mistake(
            "other direction",
            lambda m1, s1, m2, s2: normal_kl(m2, s2, m1, s1),
            "This is KL(Q‖P). All lights are green, so only a known value shows it: the first "
            "pair, mean m1 and sd s1, is P and supplies the samples.",
        ),
        Mistake(
            "both directions",
            (
                lambda m1, s1, m2, s2: normal_kl(m1, s1, m2, s2) + normal_kl(m2, s2, m1, s1),
                lambda m1, s1, m2, s2: (normal_kl(m1, s1, m2, s2) + normal_kl(m2, s2, m1, s1)) / 2,
            ),
            "Both directions are in it. P = N(m1, s1) supplies the samples, and Q is scored: one "
            "direction is asked for.",
        ),
        Mistake(
            "shift not squared",
            (
                normal(shift=1, over=1),
                lambda m1, s1, m2, s2: normal(shift=1, over=2)(m1, s1, m2, s2),
            ),
            "The shift of the means is not squared. By the square, a small shift costs next to "
            "nothing.",
        ),
        Mistake(
            "shift over the sd",
            normal(over=1),
            "Red: the same in every unit. The square of the shift is divided by s2, which leaves a "
            "unit behind: metres squared over metres. Divide by its square.",
        ),
        Mistake(
            "shift not divided",
            normal(over=0),
            "Red: the same in every unit. The shift of the means is not divided by anything, so "
            "it counts more in millimetres than in metres.",
        ),
        Mistake(
            "shift in the truth's sds",
            normal(sd=1),
            "The shift is measured in the sds of P. Q is scored, and what counts is how surprised "
            "it is: divide by the sd of Q.",
        ),
        Mistake(
            "logarithm upside down",
            normal(log=-1.0),
            "Red: never negative. The logarithm has the wrong sign: log(s2/s1), large for a wide "
            "Q, balances the ratio (s1/s2)², which is small then.",
        ),
        Mistake(
            "log of the variances in full",
            normal(log_half=2.0),
            "Red: never negative. The logarithm of the ratio of the variances stands there in "
            "full. It has its half, or is taken of the sds.",
        ),
        Mistake(
            "logarithm halved",
            normal(log_half=0.5),
            "The logarithm of the sds is halved. Halve that of the variances, or take that of the "
            "sds as it is.",
        ),
        Mistake(
            "minus one missing",
            (normal(one=0.0), normal(ratio=1, one=0.0)),
            "Red: 0 if the two are equal. Equal normals get one half: the 1 that is taken off is "
            "missing.",
        ),
        Mistake(
            "half missing",
            (
                normal(half=1.0),
                lambda m1, s1, m2, s2: (
                    np.log(s2 / s1) + (s1 / s2) ** 2 / 2 + ((m1 - m2) / s2) ** 2 - 0.5
                ),
                lambda m1, s1, m2, s2: (
                    np.log(s2 / s1) + ((s1 / s2) ** 2 + ((m1 - m2) / s2) ** 2) / 2 - 1
                ),
            ),
            "A half is missing: it belongs to the ratio, to the shift and to the 1.",
        ),
        Mistake(
            "half too much",
            (lambda *a: normal_kl(*a) / 2, lambda *a: 2 * normal_kl(*a)),
            "Right but for a factor of 2, in the whole. All lights are green, since none of the "
            "properties knows the scale: only a known value does.",
        ),
        Mistake(
            "sds taken for variances",
            lambda m1, s1, m2, s2: normal_kl(m1, np.sqrt(s1), m2, np.sqrt(s2)),
            "Red: the same in every unit. s1 and s2 were taken for variances. They are standard "
            "deviations.",
        ),
        Mistake(
            "fourth power",
            normal(ratio=4),
            "The ratio of the variances is squared, which is the fourth power of that of the sds. "
            "s1 and s2 are sds: their ratio is squared once.",
        ),
        Mistake(
            "sds exchanged",
            lambda m1, s1, m2, s2: (
                normal_kl(m1, s2, m2, s1) + ((m1 - m2) / s2) ** 2 / 2 - ((m1 - m2) / s1) ** 2 / 2
            ),
            "The sds of P and Q have changed places in the ratio and in the logarithm. Q is "
            "scored: its sd is below in the ratio, and above in the logarithm.",
        ),
        Mistake(
            "logarithm in bits",
            (normal(log=1 / np.log(2)), normal(log=1 / np.log(10))),
            "The logarithm has another base than e, and the rest is in nats, so that the sum is "
            "in no unit at all.",
        ),
        Mistake(
            "shift missing",
            lambda m1, s1, m2, s2: normal_kl(0.0, s1, 0.0, s2),
            "Red: 0 only if the two are equal. The means are in no part of it.",
        ),
        Mistake(
            "in bits",
            lambda *a: normal_kl(*a) / np.log(2),
            "This is in bits. The question asks for nats.",
        ),
    ],
    hints=[
        "What does the published formula give for two equal normals with an sd of 0.5?",
        "log(s2/s1) + ½ [ (s1² + (m1 − m2)²)/s2² − 1 ]",
        "`return np.log(s2 / s1) + (s1**2 + (m1 - m2) ** 2) / (2 * s2**2) - 0.5`",
    ],
    insight="Equal normals show it in every unit but one. Where Q has an sd of √½ both forms "
    "agree, and a test there sees nothing.",
    lesson=LESSON,
    section="By code",
)


# E5: mutual information, from the exhibits B20 and B19


def tables(random):
    """Joint tables: counts, weights that sum to something else, zeros, independent ones."""
    margins = random.dirichlet(np.ones(3)), random.dirichlet(np.ones(4))
    return [
        case(np.outer(*margins), label="independent variables"),
        case(random.integers(1, 20, (2, 3)), label="counts"),
        case(random.integers(1, 20, (4, 2))),
        case(random.dirichlet(np.ones(9)).reshape(3, 3)),
        case(random.dirichlet(np.ones(4)).reshape(2, 2)),
        case(3.0 * random.dirichlet(np.ones(6)).reshape(3, 2)),
        case([[0.5, 0.0], [0.0, 0.5]], label="Y is X"),
        case([[0.25, 0.25, 0.0], [0.0, 0.25, 0.25]], label="cells that never occur"),
        case([[12.0, 0.0], [3.0, 5.0]]),
    ]


def shares(joint):
    return joint / joint.sum()


def information(joint):
    joint = shares(joint)
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    return np.sum(terms(joint, product))


def as_given(joint):
    """From the table as it came, with the margins that it has."""
    return np.sum(terms(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0))))


def with_product(product, prepare=shares):
    """What becomes of it with something else in the place of the product of the margins."""

    def value(joint):
        joint = prepare(joint)
        return np.sum(terms(joint, np.broadcast_to(product(joint), joint.shape)))

    return value


def of_entropies(value):
    def combined(joint):
        joint = shares(joint)
        return value(entropy(joint.sum(axis=1)), entropy(joint.sum(axis=0)), entropy(joint.ravel()))

    return combined


def _from_product(joint, value):
    """What a function makes of the joint and of the product of its margins."""
    joint = shares(joint)
    return value(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0)))


def reversed_kl(joint):
    joint = shares(joint)
    return np.sum(terms(np.outer(joint.sum(axis=1), joint.sum(axis=0)), joint))


INFORMATION = Question(
    "information_repaired",
    points=2,
    reference=information,
    unit="nats",
    exchangeable=False,
    where_p_is_zero="A cell that never occurs adds 0.",
    visible=[
        case([[0.1, 0.5], [0.1, 0.3]], label="the table of B19"),
        case([[0.1, 0.5], [0.2, 0.3]], label="the table of B20, which sums to 1.1"),
        case([[3, 1], [6, 2]], label="counts of independent variables"),
    ],
    inputs=[tables],
    rows=(
        *CAUSES,
        another(in_another_unit, "Take ten times all counts", "sums to 1"),
        another(exchanged, "Let X and Y change places", "symmetry"),
        zero_exactly_if("independent", "X and Y are independent", "X and Y depend on each other"),
        never_negative,
        infinite_where_it_must,
    ),
    mistakes=[
        Mistake(
            "does not sum to one",
            (
                as_given,
                lambda joint: np.sum(
                    terms(joint, np.outer(shares(joint).sum(axis=1), shares(joint).sum(axis=0)))
                ),
                lambda joint: np.sum(
                    terms(joint, np.outer(joint.sum(axis=1), joint.sum(axis=0)) / joint.sum())
                ),
            ),
            "Red: sums to 1. The table is used as it comes, as in B20, and counts are no shares: "
            "ten times all counts, and the value changes. Divide by the total first.",
        ),
        Mistake(
            "row times row",
            (
                with_product(lambda j: j.sum(axis=0) ** 2),
                with_product(lambda j: j.sum(axis=1, keepdims=True) ** 2),
                with_product(lambda j: j.sum(axis=0) ** 2, np.asarray),
                with_product(lambda j: j.sum(axis=1, keepdims=True) ** 2, np.asarray),
            ),
            "Red: sums to 1. As in B19, what stands in the place of the product of the margins is "
            "one margin times itself, along one axis. It does not sum to 1, so it is no "
            "distribution.",
        ),
        Mistake(
            "one margin only",
            (
                with_product(lambda j: j.sum(axis=0)),
                with_product(lambda j: j.sum(axis=1, keepdims=True)),
            ),
            "The joint is divided by one margin only, and that gives minus a conditional entropy. "
            "It takes the product of both.",
        ),
        Mistake(
            "rows normalised",
            (
                lambda joint: information(joint / joint.sum(axis=1, keepdims=True)),
                lambda joint: as_given(joint / joint.sum(axis=1, keepdims=True)),
                lambda joint: information(joint / joint.sum(axis=0)),
                lambda joint: as_given(joint / joint.sum(axis=0)),
            ),
            "Each row, or each column, was made to sum to 1. That is a conditional distribution, "
            "which has lost how often the row comes. The whole table sums to 1.",
        ),
        Mistake(
            "divided by the largest",
            lambda joint: as_given(joint / joint.max()),
            "Red: sums to 1. You divided by the largest cell. Divide by the total.",
        ),
        Mistake(
            "uniform margins",
            with_product(lambda j: 1 / j.size),
            "Red: 0 if independent. The joint is compared with equal shares for all cells. "
            "Independent means the product of its own margins.",
        ),
        Mistake(
            "in bits",
            lambda joint: information(joint) / np.log(2),
            "This is in bits. The question asks for nats.",
        ),
        Mistake(
            "other direction",
            reversed_kl,
            "This is KL of the product from the joint. The joint is what happens, so it supplies "
            "the samples and stands first.",
        ),
        Mistake(
            "logarithm missing",
            lambda joint: np.sum(
                shares(joint) ** 2 / np.outer(shares(joint).sum(axis=1), shares(joint).sum(axis=0))
            ),
            "Red: 0 if independent. The logarithm is missing, and independent variables get 1.",
        ),
        Mistake(
            "sign",
            lambda joint: -information(joint),
            "Red: never negative. Every value has the wrong sign: joint over product, or the "
            "margins' entropies less that of the joint.",
        ),
        Mistake(
            "entropies",
            (
                of_entropies(lambda x, y, xy: x + y),
                of_entropies(lambda x, y, xy: x + y + xy),
                of_entropies(lambda x, y, xy: xy),
                of_entropies(lambda x, y, xy: xy - x),
                of_entropies(lambda x, y, xy: xy - y),
                of_entropies(lambda x, y, xy: x),
                of_entropies(lambda x, y, xy: y),
            ),
            "Red: 0 if independent. This is an entropy, or a sum of them. By the chain rule it is "
            "H(X) + H(Y) − H(X, Y): what the variables have in common.",
        ),
        Mistake(
            "normalised",
            (
                of_entropies(lambda x, y, xy: (x + y - xy) / min(x, y)),
                of_entropies(lambda x, y, xy: (x + y - xy) / max(x, y)),
                of_entropies(lambda x, y, xy: (x + y - xy) / xy),
                of_entropies(lambda x, y, xy: 2 * (x + y - xy) / (x + y)),
                of_entropies(lambda x, y, xy: (x + y - xy) / np.sqrt(x * y)),
            ),
            "This is divided by an entropy: a normalised score between 0 and 1. The question asks "
            "for nats.",
        ),
        Mistake(
            "absolute terms",
            lambda joint: np.sum(
                np.abs(
                    terms(
                        shares(joint),
                        np.outer(shares(joint).sum(axis=1), shares(joint).sum(axis=0)),
                    )
                )
            ),
            "You added up absolute values. Cells that are rarer than independence would have them "
            "are negative terms, and the sum lets them be.",
        ),
        Mistake(
            "chi-square",
            (
                lambda joint: _from_product(joint, lambda j, m: np.sum((j - m) ** 2 / m)),
                lambda joint: _from_product(joint, lambda j, m: np.sum((j - m) ** 2 / m)) / 2,
            ),
            "This is χ² of the shares, or half of it: near to the information where the two depend "
            "little, since a logarithm is nearly a line there. The logarithm itself is asked for.",
        ),
        Mistake(
            "total variation",
            (
                lambda joint: _from_product(joint, lambda j, m: np.sum(np.abs(j - m)) / 2),
                lambda joint: _from_product(joint, lambda j, m: np.sum(np.abs(j - m))),
            ),
            "You added up how far the joint is from the product, cell by cell: total variation, "
            "or twice it. It is 0 if they are independent, too, but it is not the information.",
        ),
        Mistake(
            "mean of the terms",
            (
                lambda joint: information(joint) / np.count_nonzero(joint),
                lambda joint: information(joint) / np.size(joint),
            ),
            "A mean over the cells stands where the sum belongs. The shares are the weights "
            "already.",
        ),
        Mistake(
            "weights missing",
            lambda joint: np.sum(
                np.log(
                    shares(joint) / np.outer(shares(joint).sum(axis=1), shares(joint).sum(axis=0))
                )
            ),
            "The logarithms are added up without their weights. Each cell counts as often as it "
            "comes.",
        ),
    ],
    hints=[
        "What do the cells of the table sum to? And those of the product it is compared with?",
        "j = joint/total, then Σ j log(j / (row sum × column sum)) over the cells with j > 0",
        "`j = joint / joint.sum()`, `m = np.outer(j.sum(1), j.sum(0))`, `s = j > 0`, then "
        "`return np.sum(j[s] * np.log(j[s] / m[s]))`",
    ],
    insight="A joint that sums to 1 and a product that sums to 1: two assertions, and neither "
    "exhibit would have been printed.",
    lesson=LESSON,
    section="By code",
)

QUESTIONS = [KL, JS, HELLINGER, NORMAL, INFORMATION]
