"""Answers to the questions of unit 08: right in other words, and wrong."""

import math
from statistics import NormalDist

import numpy as np
from scipy import integrate, optimize, special, stats

# E1


def with_loops(p, q, channel):
    n = len(p)
    after_p, after_q = [0.0] * n, [0.0] * n
    for x in range(n):
        for y in range(n):
            after_p[y] += p[x] * channel[x][y]
            after_q[y] += q[x] * channel[x][y]

    def kl(a, b):
        total = 0.0
        for x, y in zip(a, b, strict=True):
            if x > 0 and y == 0:
                return math.inf
            if x > 0:
                total += x * math.log(x / y)
        return total

    return [kl(p, q), kl(after_p, after_q)]


def by_pairs(p, q, channel):
    """The joint law of input and output, summed over the input."""
    before = stats.entropy(p, q)
    after = stats.entropy((p[:, None] * channel).sum(axis=0), (q[:, None] * channel).sum(axis=0))
    return before, after


def by_what_is_lost(p, q, channel):
    """KL before, less what is still to be told of x when y is known; from below where that is ∞."""
    before, a, b = special.rel_entr(p, q).sum(), channel.T @ p, channel.T @ q
    if np.isinf(before):
        return before, special.rel_entr(a, b).sum()
    lost = 0.0
    for y in np.flatnonzero(a > 0):
        lost += a[y] * special.rel_entr(p * channel[:, y] / a[y], q * channel[:, y] / b[y]).sum()
    return np.array([before, before - lost])


# E2


def by_a_normal_distribution(cut, shift):
    p, q = NormalDist(0, 1).cdf(cut), NormalDist(shift, 1).cdf(cut)
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def by_quadrature(cut, shift):
    total = 0.0
    for low, high in ((-np.inf, cut), (cut, np.inf)):
        p, q = (integrate.quad(stats.norm(mean).pdf, low, high)[0] for mean in (0, shift))
        total += p * np.log(p / q)
    return total


def by_logarithms(cut, shift):
    log_p = np.array([special.log_ndtr(cut), special.log_ndtr(-cut)])
    log_q = np.array([special.log_ndtr(cut - shift), special.log_ndtr(shift - cut)])
    return float(np.sum(np.exp(log_p) * (log_p - log_q)))


def in_single_precision(cut, shift):
    one = np.float32(1)
    p, q = special.ndtr(cut), special.ndtr(cut - shift)
    return p * np.log(p / q) + (one - p) * np.log((one - p) / (one - q))


def by_a_minimiser(shift):
    ends = sorted((0, shift))
    return optimize.minimize_scalar(lambda c: -by_logarithms(c, shift), bounds=ends).x


def by_the_logarithmic_mean(shift):
    """Where the ratio of the densities is the logarithmic mean of those of the two cells."""

    def excess(cut):
        a = special.ndtr(cut) / special.ndtr(cut - shift)
        b = special.ndtr(-cut) / special.ndtr(shift - cut)
        return np.exp(shift**2 / 2 - shift * cut) - (a - b) / np.log(a / b)

    return optimize.brentq(excess, 1e-9 * shift, shift / 2)


def by_trying(shift):
    best, kept = None, -1.0
    for step in range(-7000, 7001, 25):
        found = by_logarithms(step / 1000, shift)
        if found > kept:
            best, kept = step / 1000, found
    return best


WORDS = ["keeps", "loses", "keeps", "loses", "keeps", "keeps", "loses", "keeps"]

# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "before_and_after": {
        "loops": with_loops,
        "pairs of input and output": by_pairs,
        "what is lost, subtracted": by_what_is_lost,
        "einsum": lambda p, q, channel: np.array(
            [
                special.rel_entr(p, q).sum(),
                special.rel_entr(
                    np.einsum("x,xy->y", p, channel), np.einsum("x,xy->y", q, channel)
                ).sum(),
            ]
        ),
        "two at once": lambda p, q, channel: [
            stats.entropy(a, b) for a, b in ((p, q), np.array([p, q]) @ channel)
        ],
    },
    "kept_by_cut": {
        "statistics": by_a_normal_distribution,
        "quadrature": by_quadrature,
        "logarithms": by_logarithms,
        "entropy": lambda cut, shift: stats.entropy(
            [stats.norm.cdf(cut), stats.norm.sf(cut)],
            [stats.norm.cdf(cut, shift), stats.norm.sf(cut, shift)],
        ),
    },
    "best_cut": {
        "minimiser": by_a_minimiser,
        "logarithmic mean": by_the_logarithmic_mean,
        "trying": by_trying,
        "one of the tolerated": lambda shift: 0.9 * by_the_logarithmic_mean(shift),
    },
    "keeps_all": {
        "tuple": lambda: tuple(WORDS),
        "capitals": lambda: [word.upper() for word in WORDS],
        "keep and lose": lambda: [word.rstrip("s") for word in WORDS],
    },
}

SINGLE_PRECISION = {"kept_by_cut": in_single_precision}

WHOLE = "return kl(p, q), kl(p @ channel, q @ channel)"

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    (
        "before_and_after",
        "kl(p @ channel, q @ channel)",
        "kl(channel @ p, channel @ q)",
        "transposed",
    ),
    ("before_and_after", "q @ channel)", "q)", "p only"),
    ("before_and_after", "kl(p @ channel, q @ channel)", "kl(p, q @ channel)", "q only"),
    ("before_and_after", "kl(p @ channel, q @ channel)", "kl(p, q)", "nothing lost"),
    ("before_and_after", "return kl(p, q), ", "return kl(p, q), kl(p, q) - ", "what is lost"),
    (
        "before_and_after",
        WHOLE,
        "return kl(p @ channel, q @ channel), kl(p, q)",
        "order of the two",
    ),
    (
        "before_and_after",
        WHOLE,
        "p, q = p @ channel, q @ channel; return kl(p, q), kl(p, q)",
        "after twice",
    ),
    (
        "before_and_after",
        WHOLE,
        "a, b = (p @ channel)[p > 0], (q @ channel)[p > 0]; return kl(p, q), kl(a, b)",
        "mask of before",
    ),
    ("before_and_after", WHOLE, "return kl(q, p), kl(q @ channel, p @ channel)", "swapped"),
    (
        "before_and_after",
        "kl(p @ channel, q @ channel)",
        "kl(q @ channel, p @ channel)",
        "swapped after",
    ),
    (
        "before_and_after",
        "kl(p @ channel, q @ channel)",
        "kl(p @ channel @ channel, q @ channel @ channel)",
        "twice",
    ),
    ("before_and_after", "np.log(", "np.log2(", "bits"),
    ("before_and_after", "np.log(", "np.log10(", "log10"),
    ("before_and_after", "np.sum(p[occurs]", "np.sum(-p[occurs]", "sign"),
    ("before_and_after", "np.sum(p[occurs] * ", "np.sum(", "weights missing"),
    (
        "before_and_after",
        "p[occurs] * np.log(p[occurs] / q[occurs])",
        "np.abs(p[occurs] * np.log(p[occurs] / q[occurs]))",
        "absolute terms",
    ),
    ("before_and_after", "np.log(p[occurs] / q[occurs])", "-np.log(q[occurs])", "cross-entropies"),
    ("before_and_after", "occurs = p > 0", "q = q + 1e-9; occurs = p > 0", "small number added"),
    ("before_and_after", "occurs = p > 0", "occurs = (p > 0) & (q > 0)", "outcomes removed"),
    ("kept_by_cut", "p * np.log(p / q)", "q * np.log(q / p)", "swapped"),
    ("kept_by_cut", "np.sum(p * np.log(p / q))", "(p * np.log(p / q))[0]", "left cell only"),
    ("kept_by_cut", "np.sum(p * np.log(p / q))", "(p * np.log(p / q))[1]", "right cell only"),
    (
        "kept_by_cut",
        "q = np.array([ndtr(cut - shift), ndtr(shift - cut)])",
        "q = p",
        "Q not shifted",
    ),
    (
        "kept_by_cut",
        "[ndtr(cut - shift), ndtr(shift - cut)]",
        "[ndtr(cut + shift), ndtr(-shift - cut)]",
        "shifted the wrong way",
    ),
    (
        "kept_by_cut",
        "[ndtr(cut - shift), ndtr(shift - cut)]",
        "[ndtr(shift - cut), ndtr(cut - shift)]",
        "cells crossed",
    ),
    ("kept_by_cut", "return np.sum", "return shift**2 / 2 - np.sum", "what is lost"),
    ("kept_by_cut", "return np.sum", "return 2 / shift**2 * np.sum", "share"),
    ("kept_by_cut", "p * np.log", "np.log", "weights missing"),
    ("kept_by_cut", "np.sum", "np.mean", "mean of the terms"),
    ("kept_by_cut", "p * np.log", "(p - q) * np.log", "Jeffreys"),
    ("kept_by_cut", "p * np.log(p / q)", "abs(p - q) / 2", "total variation"),
    ("kept_by_cut", "np.sum(p", "np.sum(-p", "sign"),
    ("kept_by_cut", "p * np.log(p / q)", "abs(p * np.log(p / q))", "absolute terms"),
    ("kept_by_cut", "np.log(", "np.log2(", "bits"),
    ("best_cut", "np.sum(p * np.log(p / q), axis=0)", "abs(p - q)[0]", "crossing"),
    ("best_cut", "p * np.log(p / q)", "q * np.log(q / p)", "mirror"),
    ("best_cut", "np.sum(p * np.log(p / q), axis=0)", "-abs(cuts)", "middle of p"),
    ("best_cut", "np.argmax", "np.argmin", "middle of q"),
    ("best_cut", "p * np.log(p / q)", "(p - q) * np.log(p / q)", "crossing"),
    ("keeps_all", '"keeps", "loses", "keeps",', '"keeps", "loses", "loses",', "1 wrong"),
    ("keeps_all", '"keeps", "loses", "keeps",', '"loses", "keeps", "keeps",', "2 wrong"),
]

# Mutants that change nothing: infinity stays infinity; p / 0 is infinite without being asked for;
# of the best cut nothing but its place counts, and that to 99 % of what it keeps.
EQUIVALENT_MUTANTS = {
    "before_and_after": {
        "return np.inf + 0.001",
        "return np.inf * 1.0001",
        "if (p[occurs] == 0).any()",
    },
    "best_cut": {
        "axis=0))] + 0.001",
        "axis=0))] * 1.0001",
        "np.linspace(0, shift, 1002)",
        "np.mean(p * np.log(p / q)",
        "np.max(p * np.log(p / q)",
        "np.log2(",
        "np.log10(",
    },
}
