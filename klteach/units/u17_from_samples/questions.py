"""The questions of unit 17: k1, k2 and k3, plug-in KL without its bias, nearest neighbours."""

import math

import numpy as np

from klteach.practice.common_mistakes import SMALL_NUMBERS, terms
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import named_numbers

LESSON = "17_from_samples"
LN_2 = math.log(2)


# E1: three estimates from log-probabilities


def estimates(ratios):
    """k1, k2 and k3, averaged over samples with these log ratios, log p - log q."""
    return [k1(ratios), k2(ratios), k3(ratios)]


def k1(ratios):
    return np.mean(ratios)


def k2(ratios):
    return np.mean(ratios**2) / 2


def k3(ratios):
    return np.mean(np.expm1(-ratios) + ratios)


def three_estimates(log_p, log_q):
    return estimates(log_p - log_q)


def log_probabilities(random):
    """Samples of one token, of a whole answer, of equal models; the average ratio of each sign."""
    cases = []
    for size, level, mean, spread in (
        (4, -2.0, 0.3, 1.0),
        (7, -1.5, -0.4, 0.8),
        (40, -4.0, 0.05, 0.3),
        (200, -3.0, 0.5, 1.0),
    ):
        log_q = level - random.gamma(2.0, 0.5, size)
        log_p = np.minimum(log_q + random.normal(mean, spread, size), -0.05)
        cases.append(case(log_p, log_q))
    log_q = random.normal(-1500, 40, 30)
    log_p = log_q + random.normal(0.4, 1.5, 30)
    cases.append(case(log_p, log_q, label="whole answers, each hundreds of tokens long"))
    same = -random.gamma(2.0, 1.0, 5)
    return [*cases, case(same, same.copy(), label="two models that agree on every sample")]


def weighted(to_one):
    """The three values of each sample, weighted by p(x) once more."""

    def wrong(log_p, log_q):
        ratios = log_p - log_q
        weights = softmax(log_p) if to_one else np.exp(log_p)
        return list(each_sample(ratios) @ weights)

    return wrong


def of_ratios(function):
    """A wrong answer that is a function of the log ratios."""
    return lambda log_p, log_q: function(log_p - log_q)


def each_sample(ratios):
    """k1, k2 and k3 of every sample, one row each."""
    return np.stack([ratios, ratios**2 / 2, np.expm1(-ratios) + ratios])


def padded(small):
    """The log ratios of probabilities to which a small number was added."""

    def wrong(log_p, log_q):
        return estimates(np.log((np.exp(log_p) + small) / (np.exp(log_q) + small)))

    return wrong


def softmax(logarithms):
    weights = np.exp(logarithms - logarithms.max())
    return weights / weights.sum()


def normalised(function):
    """The arguments made into two distributions over the samples, and what is done with them."""
    return lambda log_p, log_q: function(softmax(log_p), softmax(log_q))


def clipped(e):
    """Right where all log ratios are small: was the ratio cut off?"""
    largest = [np.abs(case.arguments[0] - case.arguments[1]).max() for case in e.cases]
    wrong = [largest[i] for i in e.wrong]
    right = [size for size, is_right in zip(largest, e.right, strict=True) if is_right]
    if len(right) < 3 or max(right) >= min(wrong):
        return None
    return (
        f"Right on every input whose log ratios all lie within ±{max(right):.2g}, and wrong on all "
        "others. Was the ratio clipped, or anything added to it?"
    )


THREE_ESTIMATES = Question(
    "three_estimates",
    points=3,
    reference=three_estimates,
    visible=[
        case([-1.0, -2.0, -0.5], [-1.5, -1.0, -0.75], label="three samples"),
        case([-2.0, -3.0], [-2.0, -1.0], label="two samples, one of them likelier under q"),
    ],
    inputs=[log_probabilities],
    mistakes=[
        Mistake(
            "upside down",
            of_ratios(lambda ratios: estimates(-ratios)),
            "All is upside down: log q - log p. The samples come from p, so k1 is log p - log q, "
            "and the ratio r of k3 is q/p.",
        ),
        Mistake(
            "k1 upside down",
            of_ratios(lambda ratios: [-k1(ratios), k2(ratios), k3(ratios)]),
            "k2 and k3 are right, and k1 has the wrong sign. KL(p‖q) is the average of "
            "log p - log q; the average of log r, with r = q/p, is minus that.",
        ),
        Mistake(
            "k3 upside down",
            of_ratios(lambda ratios: [k1(ratios), k2(ratios), k3(-ratios)]),
            "k1 and k2 are right. In k3 the ratio is upside down: r must average to 1 over samples "
            "from p, and that is q/p. The average of p/q is larger than 1.",
        ),
        Mistake(
            "sign inside k3",
            (
                of_ratios(lambda ratios: [k1(ratios), k2(ratios), k3(ratios) - 2 * k1(ratios)]),
                of_ratios(lambda ratios: [k1(ratios), k2(ratios), k3(-ratios) + 2 * k1(ratios)]),
            ),
            "k1 and k2 are right. In k3 the logarithm has the sign that does not belong to its "
            "ratio: with r = q/p it is r - 1 - log r, and log r is log q - log p.",
        ),
        Mistake(
            "1 missing in k3",
            of_ratios(lambda ratios: [k1(ratios), k2(ratios), k3(ratios) + 1]),
            "k1 and k2 are right. Your k3 has r - log r: without the - 1 it is too large by 1, and "
            "equal models do not get 0.",
        ),
        Mistake(
            "logarithm missing in k3",
            of_ratios(lambda ratios: [k1(ratios), k2(ratios), np.mean(np.expm1(-ratios))]),
            "k1 and k2 are right. Your k3 is the average of r - 1 alone, whose true average is 0: "
            "it is what k3 adds to k1. The - log r is missing.",
        ),
        Mistake(
            "half missing in k2",
            of_ratios(lambda ratios: [k1(ratios), 2 * k2(ratios), k3(ratios)]),
            "k1 and k3 are right, and k2 lacks its ½: near r = 1 the gap r - 1 - log r is half of "
            "the square of log r.",
        ),
        Mistake(
            "square of the mean",
            of_ratios(lambda ratios: [k1(ratios), k1(ratios) ** 2 / 2, k3(ratios)]),
            "k1 and k3 are right. In k2 you squared the average; the squares are averaged. Ratios "
            "of both signs cancel in the one and not in the other.",
        ),
        Mistake(
            "averaged too early",
            (
                of_ratios(lambda ratios: estimates(np.atleast_1d(k1(ratios)))),
                of_ratios(lambda ratios: [k1(ratios), k2(ratios), k3(np.atleast_1d(k1(ratios)))]),
            ),
            "You averaged the log ratio first and put that into the formula. Each sample has its "
            "own value of the formula, and these are averaged.",
        ),
        Mistake(
            "sums",
            of_ratios(lambda ratios: [len(ratios) * value for value in estimates(ratios)]),
            "You added up over the samples. An estimate of KL is their average, whatever the "
            "number of samples is.",
        ),
        Mistake(
            "weighted by p",
            (weighted(False), weighted(True)),
            "You weighted each sample by p(x). The samples come from p, so what is likely is in "
            "the list more often already: the plain average is right.",
        ),
        Mistake(
            "absolute values",
            of_ratios(lambda ratios: [np.mean(np.abs(ratios)), k2(ratios), k3(ratios)]),
            "k2 and k3 are right. In k1 you took the absolute value of each ratio. Then the signs "
            "no longer cancel, and the average is far above KL where p is near q.",
        ),
        Mistake(
            "k1 made positive",
            (
                of_ratios(lambda ratios: [abs(k1(ratios)), k2(ratios), k3(ratios)]),
                of_ratios(lambda ratios: [max(0.0, k1(ratios)), k2(ratios), k3(ratios)]),
                of_ratios(lambda ratios: [np.mean(np.maximum(ratios, 0)), k2(ratios), k3(ratios)]),
            ),
            "k2 and k3 are right. You made k1 positive. KL is not negative, but this estimate may "
            "be: only as it is, both signs included, is it right on average.",
        ),
        Mistake(
            "bits",
            (
                of_ratios(lambda ratios: [value / LN_2 for value in estimates(ratios)]),
                of_ratios(
                    lambda ratios: [
                        k1(ratios) / LN_2,
                        k2(ratios) / LN_2**2,
                        np.mean(np.expm1(-ratios) + ratios / LN_2),
                    ]
                ),
            ),
            "The log ratio was turned into bits. The arguments are natural logarithms, and the "
            "answer is in nats: nothing is to be converted.",
        ),
        Mistake(
            "logarithm twice",
            lambda log_p, log_q: estimates(np.log(log_p / log_q)),
            "You took the logarithm of the arguments' ratio. They are log-probabilities already: "
            "log(p/q) is log_p - log_q.",
        ),
        Mistake(
            "half inside the square",
            of_ratios(lambda ratios: [k1(ratios), k2(ratios) / 2, k3(ratios)]),
            "k1 and k3 are right, and k2 is half of what it should be: the ½ stands outside the "
            "square.",
        ),
        Mistake(
            "variance for the square",
            (
                of_ratios(lambda ratios: [k1(ratios), np.var(ratios) / 2, k3(ratios)]),
                of_ratios(lambda ratios: [k1(ratios), np.var(ratios, ddof=1) / 2, k3(ratios)]),
            ),
            "k1 and k3 are right. In k2 stands half of the variance of the log ratios. k2 averages "
            "their squares, from which no mean is taken off.",
        ),
        Mistake(
            "r log r in k3",
            of_ratios(
                lambda ratios: [
                    k1(ratios),
                    k2(ratios),
                    np.mean(-ratios * np.exp(-ratios) - np.expm1(-ratios)),
                ]
            ),
            "k1 and k2 are right. Your k3 averages r log r - (r - 1), the gap of another curve: "
            "over samples from p that is KL(q‖p). k3 has r - 1 - log r.",
        ),
        Mistake(
            "one sample only",
            (
                of_ratios(lambda ratios: estimates(ratios[:1])),
                of_ratios(lambda ratios: estimates(ratios[-1:])),
            ),
            "The values are those of one sample. Does `return` stand inside the loop, or does each "
            "round of the loop overwrite the last one in the place of adding to it?",
        ),
        Mistake(
            "divided by n - 1",
            of_ratios(
                lambda ratios: [
                    value * len(ratios) / (len(ratios) - 1) for value in estimates(ratios)
                ]
            ),
            "You divided the sums by n - 1. That is for a variance, where a mean was taken off "
            "before; here it makes every estimate too large.",
        ),
        Mistake(
            "spread for mean",
            (
                of_ratios(lambda ratios: list(each_sample(ratios).std(axis=1))),
                of_ratios(lambda ratios: list(each_sample(ratios).std(axis=1, ddof=1))),
                of_ratios(lambda ratios: list(each_sample(ratios).var(axis=1))),
                of_ratios(lambda ratios: list(each_sample(ratios).var(axis=1, ddof=1))),
            ),
            "This is how far the samples scatter. It tells how good an estimate is; the estimate "
            "is their average.",
        ),
        Mistake(
            "medians",
            of_ratios(lambda ratios: list(np.median(each_sample(ratios), axis=1))),
            "These are medians. KL is an average, and the few samples that make the difference "
            "count in an average alone.",
        ),
        Mistake(
            "small number added",
            tuple(padded(small) for small in SMALL_NUMBERS),
            "A small number was added to the probabilities. Those of whole answers are smaller "
            "than any such number; stay with the logarithms and subtract.",
        ),
        Mistake(
            "normalised over the samples",
            (
                normalised(lambda p, q: [np.sum(p * np.log(p / q))] * 3),
                normalised(lambda p, q: estimates(np.log(p / q))),
                normalised(lambda p, q: list(each_sample(np.log(p / q)) @ p)),
            ),
            "You made the arguments into two distributions over the samples. They are the "
            "log-probabilities under p and q themselves, of a few outcomes out of very many, and "
            "need not add up to anything.",
        ),
        Mistake(
            "k2 and k3 exchanged",
            of_ratios(lambda ratios: [k1(ratios), k3(ratios), k2(ratios)]),
            "The right numbers in another order: k2 is half of the square, and k3 the one with "
            "the ratio itself.",
        ),
    ],
    hints=[
        "What are the samples drawn from, p or q? And what is the ratio r whose average over these "
        "samples is 1?",
        "With r = q/p: k1 = -log r, k2 = (log r)²/2, k3 = r - 1 - log r; each averaged over the "
        "samples",
        "`log_r = log_q - log_p`, then "
        "`return [np.mean(-log_r), np.mean(log_r**2) / 2, np.mean(np.exp(log_r) - 1 - log_r)]`",
    ],
    insight="Three averages over the same samples, and only one of them can be negative. That says "
    "nothing about which is nearest: where p is sharper than q, it may be that one.",
    lesson=LESSON,
    returns=named_numbers("k1", "k2", "k3"),
    unit="nats",
    rows=(clipped,),
)


# E2: the plug-in estimate, its bias taken off


def plug_in(counts, q):
    return terms(counts / counts.sum(), q).sum()


def corrected_kl(counts, q):
    return plug_in(counts, q) - (len(counts) - 1) / (2 * counts.sum())


def counted(random):
    """Counts of a few and of many rows, with and without an outcome that did not come."""
    cases = []
    for size, rows in ((3, 20), (4, 200), (10, 50), (25, 60)):
        p = random.dirichlet(np.full(size, 2.0))
        q = random.dirichlet(np.full(size, 4.0))
        counts = random.multinomial(rows, p)
        counts[0] += 1  # so that the number of rows is another for each
        cases.append(case(counts, q))
    full = 3 + random.multinomial(40, random.dirichlet(np.full(5, 4.0)))
    cases.append(case(full, random.dirichlet(np.full(5, 4.0)), label="every outcome came"))
    full = 2 + random.multinomial(90, random.dirichlet(np.full(8, 4.0)))
    cases.append(case(full, random.dirichlet(np.full(8, 4.0)), label="every outcome came"))
    return cases


def with_correction(correction):
    """The plug-in estimate less `correction(k, n)`."""
    return lambda counts, q: plug_in(counts, q) - correction(len(counts), counts.sum())


def smoothed(alpha, corrected):
    def wrong(counts, q):
        k, n = len(counts), counts.sum()
        kl = terms((counts + alpha) / (n + alpha * k), q).sum()
        return kl - (k - 1) / (2 * n) if corrected else kl

    return wrong


def padded_shares(function):
    """The shares without a 0, by a small number, and the correction as it should be."""

    def wrong(counts, q):
        p = function(counts / counts.sum())
        return np.sum(p * np.log(p / q)) - (len(counts) - 1) / (2 * counts.sum())

    return wrong


def added(small):
    return padded_shares(lambda p: p + small)


def raised(small):
    return padded_shares(lambda p: np.maximum(p, small))


def mean_of_terms(counts, q):
    return terms(counts / counts.sum(), q).mean() - (len(counts) - 1) / (2 * counts.sum())


def mean_of_what_came(counts, q):
    total = terms(counts / counts.sum(), q).sum() / (counts > 0).sum()
    return total - (len(counts) - 1) / (2 * counts.sum())


def cross_entropy(counts, q):
    return -np.sum(counts / counts.sum() * np.log(q))


def jackknife(counts, q):
    """n times the estimate less n - 1 times the average of those without one row."""
    n, without = counts.sum(), 0.0
    for i in np.flatnonzero(counts):
        fewer = counts.copy()
        fewer[i] -= 1
        without += counts[i] / n * plug_in(fewer, q)
    return n * plug_in(counts, q) - (n - 1) * without


def other_direction(corrected):
    def wrong(counts, q):
        kl = np.inf if (counts == 0).any() else terms(q, counts / counts.sum()).sum()
        return kl - (len(counts) - 1) / (2 * counts.sum()) if corrected else kl

    return wrong


CORRECTED_KL = Question(
    "corrected_kl",
    points=2,
    reference=corrected_kl,
    visible=[
        case([7, 2, 1], [0.5, 0.3, 0.2], label="ten rows"),
        case([6, 3, 1, 0], [0.25, 0.25, 0.25, 0.25], label="an outcome that did not come"),
        case([20, 30], [0.5, 0.5], label="fifty flips"),
    ],
    inputs=[counted],
    mistakes=[
        Mistake(
            "no correction",
            plug_in,
            "This is the plug-in estimate itself: its bias has not been taken off. Was (k - 1)/2n "
            "left out, or did a `//` make it 0?",
        ),
        Mistake(
            "half missing",
            with_correction(lambda k, n: (k - 1) / n),
            "You took off (k - 1)/n, twice too much: its ½ is missing. The same ½ stands in "
            "KL ≈ ½ Σ(p̂ - p)²/p, from which the bias comes.",
        ),
        Mistake(
            "added",
            with_correction(lambda k, n: -(k - 1) / (2 * n)),
            "You added the bias. Shares of a sample scatter around P, and KL cannot become "
            "smaller than 0: on average it is too large, so the bias goes off.",
        ),
        Mistake(
            "k for k - 1",
            with_correction(lambda k, n: k / (2 * n)),
            "You took off k/2n. The shares add up to 1, so only k - 1 of them are free to scatter.",
        ),
        Mistake(
            "outcomes that came",
            (
                lambda counts, q: (
                    plug_in(counts, q) - ((counts > 0).sum() - 1) / (2 * counts.sum())
                ),
                lambda counts, q: plug_in(counts, q) - (counts > 0).sum() / (2 * counts.sum()),
            ),
            "You counted only the outcomes that came. Here k is the number of those that can come: "
            "a count of 0 is chance as well, and scatters like the others.",
        ),
        Mistake(
            "n missing",
            (
                with_correction(lambda k, n: (k - 1) / 2),
                with_correction(lambda k, n: (k - 1) / 2 * n),
            ),
            "The correction does not shrink with n. It is (k - 1)/(2n), with n in the denominator; "
            "in Python a bracket must hold `2 * n` together.",
        ),
        Mistake(
            "k for n",
            with_correction(lambda k, n: (k - 1) / (2 * k)),
            "n was taken for the number of outcomes. It is the number of rows, the sum of the "
            "counts.",
        ),
        Mistake(
            "n - 1 for n",
            (
                with_correction(lambda k, n: (k - 1) / (2 * (n - 1))),
                with_correction(lambda k, n: (k - 1) / (2 * n - 1)),
            ),
            "n lost a 1 in the denominator. That belongs to the variance of a sample; here it is "
            "(k - 1)/(2n).",
        ),
        Mistake(
            "cut off at 0",
            (
                lambda counts, q: max(0.0, corrected_kl(counts, q)),
                lambda counts, q: abs(corrected_kl(counts, q)),
            ),
            "You kept the answer from being negative. KL is not, but this estimate may be: cut off "
            "or turned round, it is too large on average again.",
        ),
        Mistake(
            "other direction",
            (other_direction(True), other_direction(False)),
            "You scored q on the shares. The rows come from P, so their shares stand first: "
            "KL(p̂‖q), weighted by p̂.",
        ),
        Mistake(
            "smoothed",
            tuple(smoothed(a, corrected) for a in (1, 0.5) for corrected in (True, False)),
            "You added a number to every count first. That pulls the shares towards equal ones and "
            "is another estimate, with a bias of its own; nothing here needs it, as q has no 0.",
        ),
        Mistake(
            "bits",
            (
                lambda counts, q: corrected_kl(counts, q) / LN_2,
                lambda counts, q: (
                    plug_in(counts, q) / LN_2 - (len(counts) - 1) / (2 * counts.sum())
                ),
                lambda counts, q: plug_in(counts, q) / LN_2,
            ),
            "The divergence is in bits. The answer is in nats, and so is (k - 1)/2n.",
        ),
        Mistake(
            "counts for shares",
            (
                lambda counts, q: (
                    terms(counts.astype(float), q).sum() - (len(counts) - 1) / (2 * counts.sum())
                ),
                lambda counts, q: (
                    terms(counts.astype(float), q).sum() / counts.sum()
                    - (len(counts) - 1) / (2 * counts.sum())
                ),
            ),
            "You put the counts themselves into KL. Divide them by their sum first.",
        ),
        Mistake(
            "corrected each term",
            lambda counts, q: (
                plug_in(counts, q) - (len(counts) * (len(counts) - 1) / (2 * counts.sum()))
            ),
            "You took the correction off every term, so k times. It belongs to the sum, once.",
        ),
        Mistake(
            "small number added",
            (*map(added, (1e-2, 1e-3, 1e-4, 1e-5)), *map(raised, (1e-2, 1e-3, 1e-4))),
            "A small number was added to the shares, or put in the place of a 0. A share of 0 has "
            "a term of 0 as it is: mask it, and add nothing.",
        ),
        Mistake(
            "mean for sum",
            (mean_of_terms, mean_of_what_came),
            "You averaged the terms. The shares are weights already: KL is the sum of the terms.",
        ),
        Mistake(
            "multiplied by 1 less the bias",
            lambda counts, q: plug_in(counts, q) * (1 - (len(counts) - 1) / (2 * counts.sum())),
            "You multiplied by 1 - (k - 1)/2n. The bias is so many nats, however large KL is, and "
            "no share of it: subtract it.",
        ),
        Mistake(
            "cross-entropy",
            (
                lambda counts, q: cross_entropy(counts, q) - (len(counts) - 1) / (2 * counts.sum()),
                cross_entropy,
            ),
            "The p̂ log p̂ part is missing: -Σ p̂ log q is the cross-entropy, which has no bias "
            "at all. It is the entropy of the shares that has one.",
        ),
        Mistake(
            "root of n",
            with_correction(lambda k, n: (k - 1) / (2 * np.sqrt(n))),
            "You divided by the root of n. Standard errors shrink with the root; the bias shrinks "
            "with n itself.",
        ),
        Mistake(
            "jackknife",
            jackknife,
            "This is the jackknife, which finds a bias by leaving out one row at a time and needs "
            "no k. A fair estimate, and another one: here (k - 1)/2n is taken off.",
        ),
        Mistake(
            "half of chi-square",
            lambda counts, q: (
                np.sum((counts / counts.sum() - q) ** 2 / q) / 2
                - (len(counts) - 1) / (2 * counts.sum())
            ),
            "In the place of KL stands ½ Σ(p̂ - q)²/q, which is near it only where the shares are "
            "near q.",
        ),
    ],
    hints=[
        "What would KL of the shares be on average if P were q? Is that 0?",
        "Σ p̂ log(p̂/q) - (k - 1)/(2n), with p̂ = counts/n and a term of 0 for a count of 0",
        "`n, p = counts.sum(), counts / counts.sum()`, `came = p > 0`, then "
        "`return np.sum(p[came] * np.log(p[came] / q[came])) - (len(counts) - 1) / (2 * n)`",
    ],
    insight="The correction needs k and n alone: neither P nor q. It takes off the bias and leaves "
    "the scatter, so an answer below 0 is no fault.",
    lesson=LESSON,
    unit="nats",
    where_p_is_zero="An outcome that did not come adds nothing to the sum: mask it (`counts > 0`) "
    "before you take the logarithm. It still counts in k.",
)


# E3: nearest neighbours


def distances(x, y, power=2):
    """The distance of each row of x to each row of y."""
    apart = np.abs(x[:, np.newaxis] - y)
    return apart.max(axis=-1) if power == np.inf else (apart**power).sum(axis=-1) ** (1 / power)


def nearest(x, y, k, power=2):
    """For each row of x the k-th smallest distance to a row of y."""
    return np.sort(distances(x, y, power), axis=1)[:, k - 1]


def formula(own, other, dimensions, n, m):
    return dimensions * np.mean(np.log(other / own)) + np.log(m / (n - 1))


def knn(x, y, own, other):
    return formula(own, other, x.shape[1], len(x), len(y))


def knn_kl(x, y, k):
    return knn(x, y, nearest(x, x, k + 1), nearest(x, y, k))


def two_samples(random):
    """Normal points in one to four dimensions, never as many of q as of p."""
    cases = []
    for n, m, dimensions, shift, k in (
        (6, 9, 1, 1.0, 1),
        (12, 7, 2, 1.0, 2),
        (40, 90, 2, 1.0, 5),
        (70, 30, 3, 0.5, 3),
        (50, 80, 4, 0.0, 4),
    ):
        x = random.normal(size=(n, dimensions))
        y = random.normal(scale=1.5, size=(m, dimensions))
        y[:, 0] += shift
        cases.append(case(x, y, k))
    return cases


def with_distances(own_k, other_k, power=2):
    """Other neighbours than the k-th, or another distance."""
    return lambda x, y, k: knn(
        x, y, nearest(x, x, k + own_k, power), nearest(x, y, k + other_k, power)
    )


def with_formula(function):
    """function(mean of log(ν/ρ), dimensions, n, m)"""

    def wrong(x, y, k):
        mean = np.mean(np.log(nearest(x, y, k) / nearest(x, x, k + 1)))
        return function(mean, x.shape[1], len(x), len(y))

    return wrong


def of_one_point(i):
    """The formula for the i-th point of x alone."""

    def wrong(x, y, k):
        own, other = nearest(x, x, k + 1)[i], nearest(x, y, k)[i]
        return formula(own, other, x.shape[1], len(x), len(y))

    return wrong


def padded_distances(small):
    return lambda x, y, k: knn(x, y, nearest(x, x, k) + small, nearest(x, y, k) + small)


def two_normals(ddof):
    """KL of the normal distributions with the means and variances of the coordinates."""

    def wrong(x, y, k):
        of_p, of_q = x.var(axis=0, ddof=ddof), y.var(axis=0, ddof=ddof)
        apart = (x.mean(axis=0) - y.mean(axis=0)) ** 2
        return 0.5 * np.sum(np.log(of_q / of_p) + (of_p + apart) / of_q - 1)

    return wrong


def self_match(x, y, k):
    with np.errstate(divide="ignore"):
        return knn(x, y, nearest(x, x, k), nearest(x, y, k))


KNN_KL = Question(
    "knn_kl",
    points=3,
    reference=knn_kl,
    visible=[
        case([[0.0], [1.0], [3.0]], [[4.0], [5.0], [6.0], [8.0]], 1, label="points on a line"),
        case(
            [[0.0, 0.0], [1.0, 0.0], [0.0, 2.0], [3.0, 1.0]],
            [[1.0, 1.0], [2.0, 2.0], [4.0, 0.0]],
            2,
            label="points in a plane",
        ),
        case(
            [[0.0], [4.0], [9.0]],
            [[0.5], [3.5], [9.5], [20.0]],
            1,
            label="a point of y beside each of x",
        ),
    ],
    inputs=[two_samples],
    mistakes=[
        Mistake(
            "self-match",
            self_match,
            "Among the points of x each one finds itself first, at distance 0, and you counted it: "
            "the k-th neighbour is then the (k - 1)-th other point. With k = 1 every distance is "
            "0.",
        ),
        Mistake(
            "log(m/(n - 1)) missing",
            with_formula(lambda mean, d, n, m: d * mean),
            "The term log(m/(n - 1)) is missing. The more points there are of y, the nearer the "
            "k-th one is, whatever the densities are.",
        ),
        Mistake(
            "d missing",
            (
                with_formula(lambda mean, d, n, m: mean + np.log(m / (n - 1))),
                with_formula(lambda mean, d, n, m: mean),
            ),
            "The dimension is missing: the volume of a ball grows with its radius to the power d, "
            "so the average of log(ν/ρ) is multiplied by d.",
        ),
        Mistake(
            "d on everything",
            with_formula(lambda mean, d, n, m: d * (mean + np.log(m / (n - 1)))),
            "You multiplied all of it by d. Only the log ratio of the distances has that factor; "
            "log(m/(n - 1)) stands alone.",
        ),
        Mistake(
            "n for n - 1",
            (
                with_formula(lambda mean, d, n, m: d * mean + np.log(m / n)),
                with_formula(lambda mean, d, n, m: d * mean + np.log((m - 1) / (n - 1))),
                with_formula(lambda mean, d, n, m: d * mean + np.log((m - 1) / n)),
            ),
            "Of the points of x there are n - 1 others to be neighbours, and of y all m: the last "
            "term is log(m/(n - 1)).",
        ),
        Mistake(
            "last term upside down",
            (
                with_formula(lambda mean, d, n, m: d * mean - np.log(m / (n - 1))),
                with_formula(lambda mean, d, n, m: d * mean + np.log(n / (m - 1))),
                with_formula(lambda mean, d, n, m: d * mean + np.log(n / m)),
            ),
            "The last term is upside down: m, the number of points of y, belongs above the line. "
            "More points of y make ν smaller, and the term makes up for that.",
        ),
        Mistake(
            "distances upside down",
            (
                with_formula(lambda mean, d, n, m: -d * mean + np.log(m / (n - 1))),
                with_formula(lambda mean, d, n, m: -d * mean - np.log(m / (n - 1))),
            ),
            "The distances are upside down: ν, to the points of y, belongs above ρ. Where q is "
            "thin its points are far away, ν is large, and so is log(p/q).",
        ),
        Mistake(
            "other direction",
            (
                lambda x, y, k: knn_kl(y, x, k),
                lambda x, y, k: formula(
                    nearest(y, y, k + 1), nearest(y, x, k), x.shape[1], len(x), len(y)
                ),
            ),
            "You went through the points of y, which leads to KL(q‖p). The average runs over the "
            "points of x, the sample of p.",
        ),
        Mistake(
            "sum for mean",
            with_formula(lambda mean, d, n, m: d * n * mean + np.log(m / (n - 1))),
            "You added up the log ratios of the points. Their average is wanted.",
        ),
        Mistake(
            "logarithm of the mean",
            (
                lambda x, y, k: (
                    x.shape[1] * np.log(np.mean(nearest(x, y, k) / nearest(x, x, k + 1)))
                    + np.log(len(y) / (len(x) - 1))
                ),
                lambda x, y, k: (
                    x.shape[1] * np.log(nearest(x, y, k).mean() / nearest(x, x, k + 1).mean())
                    + np.log(len(y) / (len(x) - 1))
                ),
            ),
            "You averaged before the logarithm. Each point has its own log ratio, and these are "
            "averaged.",
        ),
        Mistake(
            "squares of distances",
            with_formula(lambda mean, d, n, m: 2 * d * mean + np.log(m / (n - 1))),
            "The first part is twice as large as it should be: these are squares of distances. "
            "Was the root left out?",
        ),
        Mistake(
            "next neighbour in y",
            with_distances(1, 1),
            "Between x and y you went one neighbour too far. A point of x is no point of y, so "
            "nothing is to be skipped there: its k-th nearest is the k-th smallest distance.",
        ),
        Mistake(
            "one neighbour too far",
            with_distances(2, 1),
            "You went one neighbour too far in both samples.",
        ),
        Mistake(
            "another distance",
            (with_distances(1, 0, 1), with_distances(1, 0, np.inf)),
            "Your distances are not the Euclidean ones: you added up or compared the coordinates "
            "one by one. That works as an estimate too, and is not the one that is asked for.",
        ),
        Mistake(
            "k ignored",
            lambda x, y, k: knn_kl(x, y, 1),
            "You took the nearest point, whatever k is.",
        ),
        Mistake(
            "n for d",
            (
                with_formula(lambda mean, d, n, m: n * mean + np.log(m / (n - 1))),
                with_formula(
                    lambda mean, d, n, m: n * mean + (np.log(m / (d - 1)) if d > 1 else np.inf)
                ),
            ),
            "You multiplied by the number of points where the number of coordinates belongs: "
            "`x.shape` is (n, d).",
        ),
        Mistake(
            "from the points of y",
            lambda x, y, k: (
                x.shape[1] * (np.log(nearest(y, x, k)).mean() - np.log(nearest(x, x, k + 1)).mean())
                + np.log(len(y) / (len(x) - 1))
            ),
            "ν was looked for from the wrong side: for each point of y the k-th nearest point of "
            "x. For each point of x the k-th nearest of y is wanted; which axis was sorted?",
        ),
        Mistake(
            "within y",
            lambda x, y, k: (
                x.shape[1]
                * (np.log(nearest(y, y, k + 1)).mean() - np.log(nearest(x, x, k + 1)).mean())
                + np.log(len(y) / (len(x) - 1))
            ),
            "You compared distances within x to distances within y, which tell of two entropies. "
            "ν goes from a point of x to the points of y.",
        ),
        Mistake(
            "one point only",
            (
                of_one_point(0),
                of_one_point(-1),
            ),
            "Only one point of x counts. Does `return` stand inside the loop, or does each round "
            "of the loop overwrite the last one?",
        ),
        Mistake(
            "small number added",
            tuple(padded_distances(small) for small in SMALL_NUMBERS),
            "A small number was added to the distances, and that of each point to itself is among "
            "them: it is 0, and then it is whatever was added. Leave the point itself out.",
        ),
        Mistake(
            "two normal distributions",
            tuple(two_normals(ddof) for ddof in (0, 1)),
            "You fitted a normal distribution to each sample and took the KL of the two. That is "
            "right for normal data alone; here distances are asked for, and no model.",
        ),
        Mistake(
            "all k neighbours",
            (
                lambda x, y, k: formula(
                    np.sort(distances(x, x), axis=1)[:, 1 : k + 1],
                    np.sort(distances(x, y), axis=1)[:, :k],
                    x.shape[1],
                    len(x),
                    len(y),
                ),
                lambda x, y, k: knn(
                    x,
                    y,
                    np.sort(distances(x, x), axis=1)[:, 1 : k + 1].mean(axis=1),
                    np.sort(distances(x, y), axis=1)[:, :k].mean(axis=1),
                ),
            ),
            "You averaged the distances to all k nearest points. Only the distance to the k-th one "
            "is wanted.",
        ),
        Mistake(
            "farthest",
            lambda x, y, k: knn(
                x,
                y,
                np.sort(distances(x, x), axis=1)[:, -k],
                np.sort(distances(x, y), axis=1)[:, -k],
            ),
            "You took the k-th farthest point. Sort from the smallest distance upwards.",
        ),
        Mistake(
            "bits",
            lambda x, y, k: knn_kl(x, y, k) / LN_2,
            "The answer is in bits. Take the natural logarithm: nats are asked for.",
        ),
        Mistake(
            "cut off at 0",
            (
                lambda x, y, k: max(0.0, knn_kl(x, y, k)),
                lambda x, y, k: abs(knn_kl(x, y, k)),
            ),
            "You kept the answer from being negative. KL is not, but this estimate may be, and "
            "without that it is too large on average.",
        ),
    ],
    hints=[
        "Which is the nearest point of x to a point of x?",
        "d · mean of log(ν/ρ) + log(m/(n - 1)), where ρ is the distance to the (k + 1)-th smallest "
        "in x, the point itself included, and ν to the k-th smallest in y",
        "`(n, d), m = x.shape, len(y)`, "
        "`rho = np.sort(np.linalg.norm(x[:, None] - x, axis=-1), axis=1)[:, k]`, "
        "`nu = np.sort(np.linalg.norm(x[:, None] - y, axis=-1), axis=1)[:, k - 1]`, then "
        "`return d * np.mean(np.log(nu / rho)) + np.log(m / (n - 1))`",
    ],
    insight="No density was estimated and no bin was chosen: two distances a point are enough. "
    "They must not be 0, and their unit must make sense.",
    lesson=LESSON,
    unit="nats",
    exchangeable=False,
)


QUESTIONS = [THREE_ESTIMATES, CORRECTED_KL, KNN_KL]
