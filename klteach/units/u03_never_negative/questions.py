"""The questions of unit 03: terms that are never negative, a KL that is, and mixtures of pairs."""

import numpy as np

from klteach.measures import jeffreys_divergence, kl_divergence, kl_terms, to_bits
from klteach.practice.common_mistakes import PADDED, REMOVED, SMALL_NUMBERS, terms
from klteach.practice.inputs import (
    dirichlet_pairs,
    equal_pair,
    zero_in_both,
    zero_in_p,
    zero_in_q,
)
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import ARRAY, PAIR

LESSON = "03_never_negative"


# E1: terms that are never negative


def gap(numerator, denominator):
    """t - 1 - log t with t = numerator / denominator; inf where t is 0 or has no value."""
    t = np.divide(numerator, denominator, out=np.zeros(len(numerator)), where=denominator > 0)
    result = np.full(len(t), np.inf)
    result[t > 0] = t[t > 0] - 1 - np.log(t[t > 0])
    return result


def weighted(weights, values):
    """weights · values, and 0 where the weight is 0."""
    result = np.zeros(len(weights))
    result[weights > 0] = (weights * values)[weights > 0]
    return result


def half_square(p, q):
    """(q - p)² / 2p, to which the gap is close near t = 1; inf where only p is 0."""
    square = (q - p) ** 2 / 2
    return np.where(p > 0, square / np.where(p > 0, p, 1), np.where(q > 0, np.inf, 0))


def with_small_number(p, q, small):
    return q - p + terms(p, q + small)


def with_small_number_in_t(p, q, small, where_p_is_0=1):
    """p (t - 1 - log(t + small)), and q or 0 where p is 0."""
    t = np.divide(q, p, out=np.zeros(len(p)), where=p > 0)
    return np.where(p > 0, q - p - p * np.log(t + small), q * where_p_is_0)


def softmax(p):
    return np.exp(p) / np.exp(p).sum()


def minus_log(p, q):
    """-log t: inf where only q is 0, -inf where only p is."""
    return np.where((p == 0) & (q == 0), 0, np.log(p) - np.log(q))


def small_mass(random):
    """Some outcome has little mass. With less, log1p(t - 1) would lose t, and it is a good form."""
    return [
        case([0.5, 0.5], [1 - 1e-9, 1e-9], label="an outcome of mass 1e-9 in q"),
        case([1.0, 1e-30], [0.5, 0.5], label="an outcome of mass 1e-30 in p"),
    ]


TANGENT_TERMS = Question(
    "tangent_terms",
    points=2,
    reference=kl_terms,
    returns=ARRAY,
    where_p_is_zero="Where p is 0, all of q is outside p: the term is q.",
    unit="nats",
    visible=[
        case([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]),
        case([0.5, 0.5], [0.25, 0.75], label="a fair coin"),
        case([0.5, 0.5, 0.0], [0.4, 0.4, 0.2], label="mass where p has none"),
        case([0.2, 0.8], [0.2, 0.8], label="a right model"),
    ],
    inputs=[dirichlet_pairs(), zero_in_p, zero_in_both, zero_in_q, small_mass, equal_pair],
    mistakes=[
        Mistake(
            "plain terms",
            terms,
            "The right sum, but these are the plain terms p log(p/q), and some are negative. What "
            "can be added to each of them so that the sum does not change?",
        ),
        Mistake(
            "zero where p is 0",
            lambda p, q: np.where(p > 0, kl_terms(p, q), 0),
            "Right where p is positive, but you put 0 where p is 0. Then the added q - p no longer "
            "sums to 0, and the terms no longer sum to KL. What is left of q - p + p log(p/q) "
            "there?",
        ),
        Mistake(
            "weights q",
            lambda p, q: weighted(q, gap(q, p)),
            "You weighted the gaps by q. The points t = q/p are right, but the outcomes come from "
            "p, so p gives the weights.",
        ),
        Mistake(
            "weights missing",
            lambda p, q: gap(q, p),
            "These are the gaps t - 1 - log t themselves. Each counts as often as its outcome "
            "comes: the weights p are missing.",
        ),
        Mistake(
            "ratio upside down",
            lambda p, q: weighted(p, gap(p, q)),
            "Gaps of the wrong points: you took t = p/q. No term is negative, but they do not sum "
            "to KL. Which ratio has the average 1 under p?",
        ),
        Mistake(
            "swapped",
            lambda p, q: kl_terms(q, p),
            "p and q are swapped: these are the terms of KL(q‖p). The outcomes come from p, and t "
            "is q/p.",
        ),
        Mistake(
            "sign",
            lambda p, q: -kl_terms(p, q),
            "Right but for the sign: you took log t - (t - 1), which is never above 0. The tangent "
            "lies above the curve.",
        ),
        Mistake(
            "sign of the logarithm",
            lambda p, q: q - p - terms(p, q),
            "You added log t where the gap subtracts it: the gap is t - 1 less log t.",
        ),
        Mistake(
            "p - q added",
            lambda p, q: terms(p, q) + p - q,
            "The right sum, but you added p - q to the plain terms. That is the wrong way: a term "
            "is negative where q > p, and there it needs to be lifted.",
        ),
        Mistake(
            "minus 1 forgotten",
            lambda p, q: q + terms(p, q),
            "These are p · (t - log t): the height above the line t - 1 became a height above t. "
            "They sum to KL + 1.",
        ),
        Mistake(
            "bracket missing",
            (
                lambda p, q: np.where(p > 0, q - 1 + minus_log(p, q), q),
                lambda p, q: np.where(p > 0, q - p + minus_log(p, q), q),
            ),
            "A bracket is missing: p multiplies all of (t - 1 - log t), and in yours only what "
            "stands first.",
        ),
        Mistake(
            "logarithm left out",
            lambda p, q: q - p,
            "These are the differences q - p, which sum to 0: no logarithm is left. (`exp` undoes "
            "a `log`.)",
        ),
        Mistake(
            "absolute values",
            lambda p, q: np.abs(terms(p, q)),
            "You took absolute values of the plain terms. None is negative now, but the sum is no "
            "longer KL.",
        ),
        Mistake(
            "negative terms cut",
            lambda p, q: np.maximum(terms(p, q), 0),
            "You cut the negative plain terms off. None is negative now, but the sum is no longer "
            "KL.",
        ),
        Mistake(
            "spread evenly",
            lambda p, q: np.full(len(p), kl_divergence(p, q) / len(p)),
            "The right sum, and none is negative, but every outcome got the same. Term i is what "
            "outcome i itself adds: p[i] times its gap.",
        ),
        Mistake(
            "weighted average",
            lambda p, q: weighted(p, np.full(len(p), kl_divergence(p, q))),
            "The right sum, and none is negative, but each is p times the whole KL. Term i is p[i] "
            "times the gap of outcome i.",
        ),
        Mistake(
            "jeffreys terms",
            lambda p, q: terms(p, q) + terms(q, p),
            "None of (p - q) log(p/q) is negative, but they sum to KL(p‖q) + KL(q‖p). Use the gap "
            "between log t and its tangent.",
        ),
        Mistake(
            "half of a square",
            half_square,
            "This is (q - p)² / 2p, close to the term where t is near 1 and not elsewhere. Use the "
            "gap t - 1 - log t itself.",
        ),
        Mistake(
            "another base inside",
            (
                lambda p, q: q - p + to_bits(terms(p, q)),
                lambda p, q: q - p + terms(p, q) / np.log(10),
            ),
            "The logarithm has another base than e. The line t - 1 is the tangent of the natural "
            "logarithm; another one crosses it, and some gaps become negative.",
        ),
        Mistake(
            "bits",
            lambda p, q: to_bits(kl_terms(p, q)),
            "Right but for the unit: these are bits, and the question asks for nats.",
        ),
        Mistake(
            "small number added",
            tuple(lambda p, q, s=s: with_small_number(p, q, s) for s in SMALL_NUMBERS)
            + tuple(lambda p, q, s=s: q - p + terms(p, np.maximum(q, s)) for s in SMALL_NUMBERS)
            + tuple(
                lambda p, q, s=s, kept=kept: with_small_number_in_t(p, q, s, kept)
                for s in SMALL_NUMBERS
                for kept in (0, 1)
            ),
            PADDED,
        ),
        Mistake(
            "softmax first",
            lambda p, q: kl_terms(softmax(p), softmax(q)),
            "You put p and q through a softmax. They are probabilities already; a softmax is for "
            "logits.",
        ),
        Mistake(
            "outcomes removed",
            lambda p, q: np.where(q > 0, kl_terms(p, q), 0),
            REMOVED,
        ),
    ],
    hints=[
        "With t = q/p, how high is the tangent t - 1 above log t? And how often does outcome i "
        "come?",
        "term[i] = p[i] (t - 1 - log t) = q[i] - p[i] + p[i] log(p[i] / q[i]), and q[i] where p[i] "
        "is 0",
        "`terms = q - p`, `occurs = p > 0`, then "
        "`terms[occurs] += p[occurs] * np.log(p[occurs] / q[occurs])`",
    ],
    insight="The same KL, cut so that no part is negative: Gibbs, outcome by outcome. Averaged "
    "over samples, t - 1 - log t is the estimator k3 of unit 17.",
    lesson=LESSON,
    section="The idea",
)


# E2: a pair on which a published formula comes out negative


SMALL = 1e-10  # what the published formula adds to q
BELOW = -1e-12  # rounding alone stays above this
TOTAL_ALLOWANCE, IN_SINGLE_PRECISION = 1e-12, 1e-6


def buggy_kl(p, q):
    """The published formula: KL with 1e-10 added to q."""
    occurs = p > 0
    return np.sum(p[occurs] * np.log(p[occurs] / (q[occurs] + SMALL)))


def equal_shares(n):
    return np.full((2, n), 1 / n)


def judge_pair(n, pair):
    """None for two distributions on which `buggy_kl` is negative, or what is wrong."""
    allowance = IN_SINGLE_PRECISION if pair.dtype == np.float32 else TOTAL_ALLOWANCE
    pair = pair.astype(float)
    for name, shares in zip("pq", pair, strict=True):
        fault = _no_distribution(name, shares, allowance)
        if fault:
            return fault
    value = buggy_kl(*pair)
    if value < BELOW:
        return None
    true = kl_divergence(*(shares / shares.sum() for shares in pair))
    if np.isinf(true):
        return "impossible outcome", (
            f"q is 0 where p is not. There KL(p‖q) is infinite, and the 1e-10 makes {value:.3g} of "
            "it: far too small, but not negative."
        )
    return "too far apart", (
        f"`buggy_kl` gives {value:.3g} here. Two distributions, but too far apart: KL(p‖q) "
        "outweighs what the 1e-10 takes away. For which pairs is KL smallest?"
    )


def _no_distribution(name, shares, allowance):
    if (shares < 0).any():
        return "negative share", (
            f"{name} has a negative share, {shares.min():.3g}: no distribution. Gibbs speaks of "
            "distributions only, so this breaks nothing."
        )
    total = shares.sum()
    if abs(total - 1) > allowance:
        more = f"1 {'+' if total > 1 else '-'} {abs(total - 1):.3g}"
        return "sum is not 1", (
            f"{name} sums to {more if abs(total - 1) < 1e-3 else f'{total:.6g}'}: no "
            "distribution. Any formula for KL may then be negative; break this one with p and q "
            "that each sum to 1."
        )
    return None


BROKEN_PAIR = Question(
    "broken_pair",
    points=2,
    reference=equal_shares,
    returns=PAIR,
    judge=judge_pair,
    may_call_klteach=True,
    visible=[case(3, label="three outcomes"), case(2), case(10)],
    inputs=[lambda random: [case(int(n)) for n in (4, 25, *random.integers(5, 200, size=2))]],
    mistakes=[
        Mistake(
            "not divided by n",
            lambda n: np.ones((2, n)),
            "Equal numbers, but every one of them is 1, and they sum to n. Divide by n.",
        ),
        Mistake(
            "q not normalised",
            (
                lambda n: np.stack([np.full(n, 1 / n), np.ones(n)]),
                lambda n: np.stack([np.full(n, 1 / n), np.full(n, 2 / n)]),
            ),
            "You made q larger than a distribution can be: it sums to more than 1. That breaks any "
            "formula. Here the formula itself adds too much to q; find the pair that shows it.",
        ),
        Mistake(
            "one outcome in q",
            lambda n: np.stack([np.full(n, 1 / n), np.eye(n)[0]]),
            "q has all its mass on one outcome. KL(p‖q) is infinite then, and 1e-10 makes a large "
            "number of it, not a negative one. Go the other way: when is KL smallest?",
        ),
        Mistake(
            "one outcome in p",
            lambda n: np.stack([np.eye(n)[0], np.full(n, 1 / n)]),
            "p has all its mass on one outcome and q spreads it: KL(p‖q) is log n, and 1e-10 is "
            "nothing against that. When is KL smallest?",
        ),
        Mistake(
            "two different outcomes",
            lambda n: np.eye(n)[:2],
            "p and q have no outcome in common: KL(p‖q) is infinite, and 1e-10 makes a large "
            "number of it. Go the other way: when is KL smallest?",
        ),
    ],
    hints=[
        "1e-10 takes only a little away from KL. Which pairs have a KL so small that a little is "
        "too much?",
        "q = p, with p any distribution: then every term is p log(p / (p + 1e-10)) < 0",
        "`p = np.full(n, 1 / n)` and then `return p, p`",
    ],
    insight="With q = p on n outcomes the formula gives -n · 1e-10: q + 1e-10 sums to more than 1, "
    "and Gibbs promises nothing any more. Too small to notice, but a test of KL(p‖p) = 0 would.",
    lesson=LESSON,
    section="Where this bites",
)


# E3: how much a mixture saves


def mixed(first, second, lam):
    return lam * first + (1 - lam) * second


def chord(p1, q1, p2, q2, lam):
    return mixed(kl_divergence(p1, q1), kl_divergence(p2, q2), lam)


def of_mixture(p1, q1, p2, q2, lam):
    return kl_divergence(mixed(p1, p2, lam), mixed(q1, q2, lam))


def margin(p1, q1, p2, q2, lam):
    return chord(p1, q1, p2, q2, lam) - of_mixture(p1, q1, p2, q2, lam)


def random_mixtures(random):
    """Two random pairs, mixed in some proportion, the ends included."""
    weights = [0.0, 1.0, *random.uniform(0.05, 0.45, size=2), *random.uniform(0.55, 0.95, size=2)]
    sizes = (2, 3, 2, 3, 7, 40)
    return [
        case(*random.dirichlet(np.ones(size), size=4), float(weight))
        for size, weight in zip(sizes, weights, strict=True)
    ]


def nearly_ruled_out(random):
    """A model hardly expects an outcome that comes: a small number added to q would show."""
    return [
        case(
            [0.5, 0.5],
            [1 - mass, mass],
            [0.3, 0.7],
            [0.6, 0.4],
            weight,
            label=f"an outcome of mass {mass:g} in q1",
        )
        for mass, weight in ((1e-9, 0.4), (1e-15, 0.6))
    ]


def of_padded(pad):
    """The margin with a small number added by `pad` to p and q of each divergence."""

    def value(p1, q1, p2, q2, lam):
        def kl(p, q):
            return np.sum(terms(*pad(p, q)))

        return mixed(kl(p1, q1), kl(p2, q2), lam) - kl(mixed(p1, p2, lam), mixed(q1, q2, lam))

    return value


def added(p, q, small):
    return p, q + small


def added_to_both(p, q, small):
    return p + small, q + small


def at_least(p, q, small):
    return p, np.maximum(q, small)


def both_at_least(p, q, small):
    return np.maximum(p, small), np.maximum(q, small)


# a pad, and the smallest number of which it makes something that is seen beside a q of 1e-15
PADS = ((added, 1e-16), (added_to_both, 1e-16), (at_least, 1e-12), (both_at_least, 1e-12))


def zero_in_first_truth(random):
    """The first truth rules an outcome out."""
    p = np.append(random.dirichlet(np.ones(4)), 0.0)
    return [
        case([1.0, 0.0], [0.5, 0.5], [0.25, 0.75], [0.5, 0.5], 0.4, label="a zero in p1"),
        case(p, *random.dirichlet(np.ones(5), size=3), 0.7),
    ]


CONVEXITY_MARGIN = Question(
    "convexity_margin",
    points=3,
    reference=margin,
    unit="nats",
    exchangeable=False,  # the last argument is a number, with no outcomes to put in another order
    visible=[
        case(
            [0.7, 0.2, 0.1],
            [0.1, 0.3, 0.6],
            [0.7, 0.2, 0.1],
            [0.6, 0.1, 0.3],
            0.3,
            label="one truth, two models",
        ),
        case([0.8, 0.2], [0.2, 0.8], [0.2, 0.8], [0.8, 0.2], 0.5, label="errors that cancel"),
        case([0.5, 0.5], [0.25, 0.75], [0.2, 0.8], [0.4, 0.6], 1.0, label="the first pair alone"),
        case(
            [0.4, 0.2, 0.4],
            [0.2, 0.4, 0.4],
            [0.6, 0.3, 0.1],
            [0.3, 0.6, 0.1],
            0.25,
            label="the same ratios p/q",
        ),
    ],
    inputs=[random_mixtures, zero_in_first_truth, nearly_ruled_out],
    mistakes=[
        Mistake(
            "only q mixed",
            (
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p2, q2, lam) - kl_divergence(p1, mixed(q1, q2, lam))
                ),
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p1, q2, lam) - kl_divergence(p1, mixed(q1, q2, lam))
                ),
            ),
            "You mixed q1 and q2 and left p1 as it is. Both sides are mixed with the same weights: "
            "p1 with p2, and q1 with q2.",
        ),
        Mistake(
            "only p mixed",
            lambda p1, q1, p2, q2, lam: (
                chord(p1, q1, p2, q2, lam) - kl_divergence(mixed(p1, p2, lam), q1)
            ),
            "You mixed p1 and p2 and left q1 as it is. Both sides are mixed with the same weights: "
            "p1 with p2, and q1 with q2.",
        ),
        Mistake(
            "models without effect",
            lambda p1, q1, p2, q2, lam: (
                chord(p1, q1, p2, q1, lam) - kl_divergence(mixed(p1, p2, lam), q1)
            ),
            "The models have no effect here: this is how much more entropy the mixture of p1 and "
            "p2 has than the two have on average. Each p is to be compared with its own q, and the "
            "mixture of the p's with that of the q's.",
        ),
        Mistake(
            "small number added",
            tuple(
                of_padded(lambda p, q, pad=pad, small=small: pad(p, q, small))
                for pad, smallest in PADS
                for small in SMALL_NUMBERS
                if small >= smallest
            ),
            "A small number was added inside the logarithm, as in `buggy_kl`, or put in the place "
            "of what is smaller. q is positive here, so nothing needs it, and where q is small the "
            "number is what you measure. For the zeros of p a mask is enough.",
        ),
        Mistake(
            "weights crossed",
            (
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p2, q2, lam)
                    - kl_divergence(mixed(p1, p2, lam), mixed(q2, q1, lam))
                ),
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p2, q2, lam)
                    - kl_divergence(mixed(p2, p1, lam), mixed(q1, q2, lam))
                ),
            ),
            "p and q are mixed with different weights: λ for one side and 1 - λ for the other. A "
            "pair stays together, so p1 and q1 both get λ.",
        ),
        Mistake(
            "chord reversed",
            lambda p1, q1, p2, q2, lam: (
                chord(p2, q2, p1, q1, lam) - of_mixture(p1, q1, p2, q2, lam)
            ),
            "In the chord λ and 1 - λ have changed places. The first pair has the weight λ, in the "
            "mixture and in the chord.",
        ),
        Mistake(
            "mixture reversed",
            lambda p1, q1, p2, q2, lam: (
                chord(p1, q1, p2, q2, lam) - of_mixture(p2, q2, p1, q1, lam)
            ),
            "In the mixture λ and 1 - λ have changed places. The first pair has the weight λ, in "
            "the mixture and in the chord.",
        ),
        Mistake(
            "weights exchanged",
            lambda p1, q1, p2, q2, lam: margin(p2, q2, p1, q1, lam),
            "λ and 1 - λ have changed places everywhere: this is the margin at 1 - λ. The first "
            "pair has the weight λ.",
        ),
        Mistake(
            "weights missing in the chord",
            lambda p1, q1, p2, q2, lam: (
                kl_divergence(p1, q1) + kl_divergence(p2, q2) - of_mixture(p1, q1, p2, q2, lam)
            ),
            "You added both divergences in full. The chord is their average, with the weights λ "
            "and 1 - λ.",
        ),
        Mistake(
            "half of each in the chord",
            lambda p1, q1, p2, q2, lam: (
                chord(p1, q1, p2, q2, 0.5) - of_mixture(p1, q1, p2, q2, lam)
            ),
            "You averaged the two divergences half and half. The weights of the chord are those of "
            "the mixture, λ and 1 - λ.",
        ),
        Mistake(
            "half of each",
            lambda p1, q1, p2, q2, lam: margin(p1, q1, p2, q2, 0.5),
            "You mixed half and half, whatever λ is. The first pair has the weight λ.",
        ),
        Mistake(
            "half of each in the mixture",
            lambda p1, q1, p2, q2, lam: (
                chord(p1, q1, p2, q2, lam) - of_mixture(p1, q1, p2, q2, 0.5)
            ),
            "You mixed the distributions half and half. Their weights are λ and 1 - λ, as in the "
            "chord.",
        ),
        Mistake(
            "one weight for both in the chord",
            lambda p1, q1, p2, q2, lam: (
                lam * (kl_divergence(p1, q1) + kl_divergence(p2, q2))
                - of_mixture(p1, q1, p2, q2, lam)
            ),
            "Both divergences have the weight λ in your chord. The second one has 1 - λ.",
        ),
        Mistake(
            "sums for mixtures",
            (
                lambda p1, q1, p2, q2, lam: (
                    kl_divergence(p1, q1) + kl_divergence(p2, q2) - np.sum(terms(p1 + p2, q1 + q2))
                ),
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p2, q2, lam) - np.sum(terms(p1 + p2, q1 + q2))
                ),
            ),
            "You added the distributions without weights, so the result sums to 2. A mixture has "
            "the weights λ and 1 - λ.",
        ),
        Mistake(
            "bracket missing",
            (
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p2, q2, lam)
                    - np.sum(terms(lam * p1 + 1 - lam * p2, mixed(q1, q2, lam)))
                ),
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p2, q2, lam)
                    - np.sum(terms(mixed(p1, p2, lam), lam * q1 + 1 - lam * q2))
                ),
                lambda p1, q1, p2, q2, lam: (
                    chord(p1, q1, p2, q2, lam)
                    - np.sum(terms(lam * p1 + 1 - lam * p2, lam * q1 + 1 - lam * q2))
                ),
            ),
            "A bracket is missing: `1 - lam * p2` is not `(1 - lam) * p2`. Does your mixture sum "
            "to 1?",
        ),
        Mistake(
            "bracket missing in the chord",
            lambda p1, q1, p2, q2, lam: (
                lam * kl_divergence(p1, q1)
                + 1
                - lam * kl_divergence(p2, q2)
                - of_mixture(p1, q1, p2, q2, lam)
            ),
            "A bracket is missing in the chord: `1 - lam * b` is not `(1 - lam) * b`.",
        ),
        Mistake(
            "one weight missing",
            lambda p1, q1, p2, q2, lam: (
                lam * kl_divergence(p1, q1)
                + kl_divergence(p2, q2)
                - of_mixture(p1, q1, p2, q2, lam)
            ),
            "The second divergence counts in full in your chord. Its weight is 1 - λ.",
        ),
        Mistake(
            "sign",
            lambda *arguments: -margin(*arguments),
            "Right but for the sign: you subtracted the chord from the divergence of the mixture. "
            "The chord is the larger of the two.",
        ),
        Mistake(
            "swapped",
            lambda p1, q1, p2, q2, lam: margin(q1, p1, q2, p2, lam),
            "p and q are swapped in every divergence: these are KL(q‖p). The truth p comes first.",
        ),
        Mistake(
            "chord alone",
            chord,
            "This is the chord, the average of the two divergences. Subtract the divergence of the "
            "mixture.",
        ),
        Mistake(
            "mixture alone",
            of_mixture,
            "This is the divergence of the mixture. By how much is it below the chord?",
        ),
        Mistake(
            "minus the mixture",
            lambda *arguments: -of_mixture(*arguments),
            "This is minus the divergence of the mixture: the chord is missing.",
        ),
        Mistake(
            "bits",
            lambda *arguments: to_bits(margin(*arguments)),
            "Right but for the unit: this is in bits (a logarithm to base 2) and the question asks "
            "for nats.",
        ),
        Mistake(
            "log10",
            lambda *arguments: margin(*arguments) / np.log(10),
            "Right but for the unit: this comes from a logarithm to base 10, and nats come from "
            "`np.log`.",
        ),
        Mistake(
            "ratio",
            lambda *arguments: of_mixture(*arguments) / chord(*arguments),
            "You divided the divergence of the mixture by the chord. The margin is a difference: "
            "chord less mixture.",
        ),
        Mistake(
            "jeffreys",
            lambda p1, q1, p2, q2, lam: (
                mixed(jeffreys_divergence(p1, q1), jeffreys_divergence(p2, q2), lam)
                - jeffreys_divergence(mixed(p1, p2, lam), mixed(q1, q2, lam))
            ),
            "You added both directions of every divergence: that is Jeffreys'. The margin is made "
            "of KL(p‖q) alone.",
        ),
    ],
    hints=[
        "Which two distributions does the mixture consist of? And what would the two pairs cost on "
        "average, each left by itself?",
        "margin = λ KL(p1‖q1) + (1 - λ) KL(p2‖q2) - KL(λ p1 + (1 - λ) p2 ‖ λ q1 + (1 - λ) q2)",
        "`mix = lambda a, b: lam * a + (1 - lam) * b`, "
        "`kl = lambda p, q: np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0]))`, then "
        "`return mix(kl(p1, q1), kl(p2, q2)) - kl(mix(p1, p2), mix(q1, q2))`",
    ],
    insight="Never negative, and 0 where both pairs have the same ratios p/q. So a mixture of "
    "models costs no more than the models do on average, and pooling groups hides what is wrong "
    "in each.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [TANGENT_TERMS, BROKEN_PAIR, CONVEXITY_MARGIN]
