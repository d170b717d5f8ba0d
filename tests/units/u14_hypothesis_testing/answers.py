"""Answers to the questions of unit 14: right in other words, and wrong."""

import math
from functools import partial

import numpy as np
from scipy import optimize, special, stats


def flip_by_flip(flips, heads_p, heads_q):
    total, walk = 0.0, []
    for flip in flips:
        p, q = (heads_p, heads_q) if flip else (1 - heads_p, 1 - heads_q)
        total += math.log(p) - math.log(q)
        walk.append(total)
    return walk


def by_counts(flips, heads_p, heads_q):
    heads = np.cumsum(flips)
    tails = np.arange(1, len(flips) + 1) - heads
    return heads * np.log(heads_p / heads_q) + tails * np.log((1 - heads_p) / (1 - heads_q))


def by_logpmf(flips, heads_p, heads_q):
    return np.cumsum(stats.bernoulli.logpmf(flips, heads_p)) - np.cumsum(
        stats.bernoulli.logpmf(flips, heads_q)
    )


def log_choose(n, k):
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)


def by_gammaln(n, heads, least):
    k = np.arange(least, n + 1)
    logs = log_choose(n, k) + k * np.log(heads) + (n - k) * np.log(1 - heads)
    return -(logs.max() + np.log(np.sum(np.exp(logs - logs.max())))) / n


def added_one_by_one(n, heads, least):
    total = -np.inf
    for k in range(least, n + 1):
        ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        total = np.logaddexp(total, ways + k * math.log(heads) + (n - k) * math.log(1 - heads))
    return -total / n


def exact_integers(n, heads, least):
    """Whole numbers and powers of two for the fair coin, SciPy for the others."""
    if heads == 0.5 and n <= 600:
        ways = sum(math.comb(n, k) for k in range(least, n + 1))
        return (n * math.log(2) - math.log(ways)) / n
    return by_gammaln(n, heads, least)


def searched(n, heads_p, heads_q, alpha):
    """The threshold found by trying, from the top."""
    k = np.arange(n + 1)
    below = np.concatenate([[0.0], stats.binom.cdf(k, n, heads_p)])  # P(K < 0), P(K < 1), ...
    least = max(k[below[:-1] <= alpha])
    return -special.logsumexp(stats.binom.logpmf(np.arange(least, n + 1), n, heads_q)) / n


def counted_up(n, heads_p, heads_q, alpha):
    least = 0
    while stats.binom.cdf(least, n, heads_p) <= alpha:
        least += 1
    return by_gammaln(n, heads_q, least)


def log_overlap(p, q, weight):
    return np.log(np.sum(p**weight * q ** (1 - weight)))


def by_brent(p, q):
    return -optimize.minimize_scalar(partial(log_overlap, p, q)).fun


def on_a_grid(p, q):
    """On a fine grid, and on a finer one around its best place."""
    low, high = 0.0, 1.0
    for _ in range(4):
        weights = np.linspace(low, high, 101)
        values = np.array([-log_overlap(p, q, weight) for weight in weights])
        best = values.argmax()
        low, high = weights[max(best - 1, 0)], weights[min(best + 1, 100)]
    return values.max()


def by_equal_divergences(p, q):
    """KL from the product of powers that is as far from the one as from the other."""

    def middle(weight):
        mixed = p**weight * q ** (1 - weight)
        return mixed / mixed.sum()

    def gap(weight):
        return special.rel_entr(middle(weight), p).sum() - special.rel_entr(middle(weight), q).sum()

    if np.allclose(p, q):
        return 0.0
    weight = optimize.brentq(gap, 0, 1, xtol=1e-14)
    return special.rel_entr(middle(weight), p).sum()


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "evidence": {
        "flip by flip": flip_by_flip,
        "by counts": by_counts,
        "by logpmf": by_logpmf,
        "flips as weights": lambda flips, p, q: np.cumsum(
            flips * np.log(p / q) + (1 - flips) * np.log((1 - p) / (1 - q))
        ),
        "picked by index": lambda flips, p, q: np.cumsum(np.log([(1 - p) / (1 - q), p / q])[flips]),
        "tuple": lambda flips, p, q: tuple(flip_by_flip(flips, p, q)),
    },
    "tail_exponent": {
        "gammaln": by_gammaln,
        "added one by one": added_one_by_one,
        "whole numbers": exact_integers,
        "incomplete beta, where a float holds it": lambda n, h, k: (
            -np.log(special.betainc(k, n - k + 1, h)) / n if n < 1000 else by_gammaln(n, h, k)
        ),
    },
    "type_two_exponent": {"searched": searched, "counted up": counted_up},
    "chernoff": {
        "brent": by_brent,
        "grid within a grid": on_a_grid,
        "equal divergences": by_equal_divergences,
        "roles exchanged": lambda p, q: by_brent(q, p),
        "logsumexp": lambda p, q: (
            -optimize.minimize_scalar(
                lambda w: special.logsumexp(w * np.log(p) + (1 - w) * np.log(q)),
                bounds=(0, 1),
                method="bounded",
            ).fun
        ),
    },
}

SINGLE_PRECISION = {
    "evidence": lambda flips, p, q: np.cumsum(
        np.where(flips == 1, np.log(p / q), np.log((1 - p) / (1 - q))), dtype=np.float64
    )
}

# the question, what is replaced in its right answer, by what, and what is recognised
_EACH = "np.where(flips == 1, np.log(heads_p / heads_q), np.log((1 - heads_p) / (1 - heads_q)))"
_BRENT = 'return -minimize_scalar(log_sum, bounds=(0, 1), method="bounded").fun'
TYPED_MISTAKES = [
    ("evidence", "return np.cumsum(each)", "return -np.cumsum(each)", "turned round"),
    ("evidence", "return np.cumsum(each)", "return each", "not added up"),
    ("evidence", "np.log((1 - heads_p) / (1 - heads_q))", "0", "tails add nothing"),
    ("evidence", _EACH, "flips * np.log(heads_p / heads_q)", "tails add nothing"),
    ("evidence", "np.log(heads_p / heads_q)", "0", "heads add nothing"),
    ("evidence", _EACH, "(2 * flips - 1) * np.log(heads_p / heads_q)", "tails undo heads"),
    ("evidence", "(1 - heads_p) / (1 - heads_q)", "heads_p / heads_q", "every flip a head"),
    (
        "evidence",
        "(1 - heads_p) / (1 - heads_q)",
        "(1 - heads_q) / (1 - heads_p)",
        "ratio of tails turned",
    ),
    ("evidence", "flips == 1", "flips == 0", "heads and tails exchanged"),
    (
        "evidence",
        "np.cumsum(each)",
        "np.cumsum(each) / np.arange(1, len(flips) + 1)",
        "mean so far",
    ),
    ("evidence", "np.cumsum(each)", "np.cumsum(each) - each", "one flip late"),
    ("evidence", "np.cumsum(each)", "np.cumsum(each[::-1])[::-1]", "summed from the end"),
    (
        "evidence",
        "return np.cumsum(each)",
        "return np.log(np.cumprod(np.exp(each)))",
        "product that overflows",
    ),
    (
        "evidence",
        _EACH,
        "np.where(flips == 1, np.log(heads_p), np.log(1 - heads_p))",
        "p alone",
    ),
    (
        "evidence",
        _EACH,
        "np.where(flips == 1, np.log(heads_q), np.log(1 - heads_q))",
        "q alone",
    ),
    (
        "evidence",
        _EACH,
        "np.where(flips == 1, heads_p * np.log(heads_p / heads_q), "
        "(1 - heads_p) * np.log((1 - heads_p) / (1 - heads_q)))",
        "weighted steps",
    ),
    (
        "evidence",
        _EACH,
        "np.where(flips == 1, heads_p - heads_q, heads_q - heads_p)",
        "difference of probabilities",
    ),
    (
        "tail_exponent",
        "-logsumexp(binom.logpmf(k, n, heads)) / n",
        "-binom.logsf(least - 1, n, heads) / n",
        "underflow",
    ),
    (
        "tail_exponent",
        "-logsumexp(binom.logpmf(k, n, heads)) / n",
        "-np.log(binom.pmf(k, n, heads).sum()) / n",
        "underflow",
    ),
    ("tail_exponent", "np.arange(least, n + 1)", "np.arange(least, least + 1)",
     "one number of heads alone"),
    ("tail_exponent", "np.arange(least, n + 1)", "np.arange(least + 1, n + 1)", "more than least"),
    ("tail_exponent", "np.arange(least, n + 1)", "np.arange(least - 1, n + 1)", "from one below"),
    ("tail_exponent", "np.arange(least, n + 1)", "np.arange(0, least)", "other side"),
    ("tail_exponent", "np.arange(least, n + 1)", "np.arange(0, least + 1)", "other side"),
    ("tail_exponent", ") / n", ")", "not divided by n"),
    (
        "tail_exponent",
        "-logsumexp(binom.logpmf(k, n, heads)) / n",
        "2 * (least / n - heads) ** 2",
        "hoeffding",
    ),
    (
        "type_two_exponent",
        "-logsumexp(binom.logpmf(k, n, heads_q)) / n",
        "-binom.logsf(least - 1, n, heads_q) / n",
        "underflow",
    ),
    ("type_two_exponent", "np.arange(least, n + 1)", "np.arange(least + 1, n + 1)", "one above"),
    ("type_two_exponent", "np.arange(least, n + 1)", "np.arange(least - 1, n + 1)", "one below"),
    ("type_two_exponent", "np.arange(least, n + 1)", "np.arange(0, least)", "right decisions"),
    (
        "type_two_exponent",
        "logpmf(k, n, heads_q)",
        "logpmf(k, n, heads_p)",
        "right decisions under p",
    ),
    ("type_two_exponent", "ppf(alpha, ", "ppf(alpha / 2, ", "two-sided"),
    ("type_two_exponent", ") / n", ")", "not divided by n"),
    ("chernoff", _BRENT, "return -log_sum(0.5)", "bhattacharyya"),
    ("chernoff", _BRENT, "return -2 * log_sum(0.5)", "twice the value at one half"),
    ("chernoff", _BRENT, "return np.exp(log_sum(0.5))", "sum at one half"),
    ("chernoff", _BRENT, "return 1 - np.exp(log_sum(0.5))", "one minus the sum"),
    ("chernoff", _BRENT, "return -max(log_sum(0), log_sum(1))", "smallest"),
    ("chernoff", _BRENT, "return np.sum(p * np.log(p / q))", "kl"),
    ("chernoff", _BRENT, "return np.sum(q * np.log(q / p))", "kl reversed"),
    (
        "chernoff",
        _BRENT,
        "return min(np.sum(p * np.log(p / q)), np.sum(q * np.log(q / p)))",
        "smaller kl",
    ),
    (
        "chernoff",
        "p**weight * q ** (1 - weight)",
        "p**weight * q**weight",
        "same power twice",
    ),
]  # fmt: skip

# What changes nothing: more heads than flips have no probability; another end of an interval that
# still holds the largest value.
EQUIVALENT_MUTANTS = {
    "tail_exponent": {"n + 2"},
    "type_two_exponent": {"n + 2"},
    "chernoff": {"bounds=(0, 2)"},
}
