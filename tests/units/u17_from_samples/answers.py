"""Answers to the questions of unit 17: right in other words, and wrong."""

import math

import numpy as np
from scipy import spatial, special, stats


def by_expm1(log_p, log_q):
    ratio = log_p - log_q
    return np.array([ratio.mean(), (ratio**2).mean() / 2, (np.expm1(-ratio) + ratio).mean()])


def by_ratio(log_p, log_q):
    r = np.exp(log_q - log_p)
    return np.mean(-np.log(r)), 0.5 * np.mean(np.log(r) ** 2), np.mean((r - 1) - np.log(r))


def in_a_loop(log_p, log_q):
    sums = [0.0, 0.0, 0.0]
    for p, q in zip(log_p, log_q, strict=True):
        log_r = q - p
        sums[0] -= log_r
        sums[1] += log_r**2 / 2
        sums[2] += math.exp(log_r) - 1 - log_r
    return [total / len(log_p) for total in sums]


def by_mean_of_ratios(log_p, log_q):
    k1 = np.mean(log_p) - np.mean(log_q)
    return [k1, np.mean((log_p - log_q) ** 2) / 2, np.mean(np.exp(log_q - log_p)) - 1 + k1]


def by_scipy(counts, q):
    return stats.entropy(counts, q) - (len(q) - 1) / 2 / counts.sum()


def by_entropy(counts, q):
    n = counts.sum()
    entropy = special.entr(counts / n).sum()
    return -(counts / n) @ np.log(q) - entropy - (counts.size - 1) / (2 * n)


def term_by_term(counts, q):
    n, kl = sum(counts), 0.0
    for count, share in zip(counts, q, strict=True):
        if count > 0:
            kl += count / n * math.log(count / n / share)
    return kl - (len(counts) - 1) / (2 * n)


def log_of_counts(counts, q):
    n = counts.sum()
    expected = n * q
    return special.xlogy(counts, counts / expected).sum() / n - 0.5 * (len(counts) - 1) / n


def by_trees(x, y, k):
    rho = spatial.cKDTree(x).query(x, k=k + 1)[0][:, k]
    nu = spatial.cKDTree(y).query(x, k=[k])[0].ravel()
    n, d = x.shape
    return d / n * np.sum(np.log(nu / rho)) + np.log(len(y) / (n - 1))


def by_cdist(x, y, k):
    within = spatial.distance.cdist(x, x)
    np.fill_diagonal(within, np.inf)
    rho = np.partition(within, k - 1, axis=1)[:, k - 1]
    nu = np.partition(spatial.distance.cdist(x, y), k - 1, axis=1)[:, k - 1]
    return x.shape[1] * (np.log(nu) - np.log(rho)).mean() + np.log(len(y)) - np.log(len(x) - 1)


def point_by_point(x, y, k):
    n, m, d = len(x), len(y), len(x[0])
    total = 0.0
    for i in range(n):
        rho = sorted(math.dist(x[i], x[j]) for j in range(n) if j != i)[k - 1]
        nu = sorted(math.dist(x[i], point) for point in y)[k - 1]
        total += math.log(nu / rho)
    return d / n * total + math.log(m / (n - 1))


def by_densities(x, y, k):
    """k over the number and the volume, for each density; what both have cancels."""
    (n, d), m = x.shape, len(y)
    rho = np.sort(np.sqrt(((x[:, None] - x[None]) ** 2).sum(axis=2)))[:, k]
    nu = np.sort(np.sqrt(((x[:, None] - y[None]) ** 2).sum(axis=2)))[:, k - 1]
    return np.mean(np.log(k / ((n - 1) * rho**d)) - np.log(k / (m * nu**d)))


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "three_estimates": {
        "expm1, an array": by_expm1,
        "the ratio and its logarithm, a tuple": by_ratio,
        "a loop": in_a_loop,
        "averages of the parts": by_mean_of_ratios,
    },
    "corrected_kl": {
        "scipy": by_scipy,
        "entropies": by_entropy,
        "a loop": term_by_term,
        "observed and expected": log_of_counts,
    },
    "knn_kl": {
        "trees": by_trees,
        "cdist and partition": by_cdist,
        "point by point": point_by_point,
        "two densities": by_densities,
    },
}

SINGLE_PRECISION = {
    "corrected_kl": lambda counts, q: np.float32(by_scipy(counts, q)),
    "knn_kl": lambda x, y, k: np.float32(by_cdist(x, y, k)),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("three_estimates", "log_q - log_p", "log_p - log_q", "upside down"),
    ("three_estimates", "k1 = -log_r", "k1 = log_r", "k1 upside down"),
    (
        "three_estimates",
        "np.exp(log_r) - 1 - log_r",
        "np.exp(-log_r) - 1 + log_r",
        "k3 upside down",
    ),
    ("three_estimates", "np.exp(log_r) - 1 - log_r", "np.exp(log_r) - 1 + log_r", "sign inside k3"),
    (
        "three_estimates",
        "np.exp(log_r) - 1 - log_r",
        "np.exp(-log_r) - 1 - log_r",
        "sign inside k3",
    ),
    ("three_estimates", "np.exp(log_r) - 1 -", "np.exp(log_r) -", "1 missing in k3"),
    (
        "three_estimates",
        "np.exp(log_r) - 1 - log_r",
        "np.exp(log_r) - 1",
        "logarithm missing in k3",
    ),
    ("three_estimates", "log_r**2 / 2", "log_r**2", "half missing in k2"),
    ("three_estimates", "np.mean(k2)", "np.mean(k1) ** 2 / 2", "square of the mean"),
    ("three_estimates", "log_q - log_p", "np.mean(log_q - log_p)", "averaged too early"),
    (
        "three_estimates",
        "np.mean(k1), np.mean(k2), np.mean(k3)",
        "np.sum(k1), np.sum(k2), np.sum(k3)",
        "sums",
    ),
    (
        "three_estimates",
        "[np.mean(k1), np.mean(k2), np.mean(k3)]",
        "[np.sum(np.exp(log_p) * k) for k in (k1, k2, k3)]",
        "weighted by p",
    ),
    ("three_estimates", "k1 = -log_r", "k1 = np.abs(log_r)", "absolute values"),
    ("three_estimates", "[np.mean(k1)", "[max(0, np.mean(k1))", "k1 made positive"),
    ("three_estimates", "[np.mean(k1)", "[abs(np.mean(k1))", "k1 made positive"),
    (
        "three_estimates",
        "[np.mean(k1), np.mean(k2), np.mean(k3)]",
        "[np.mean(k) / np.log(2) for k in (k1, k2, k3)]",
        "bits",
    ),
    ("three_estimates", "log_q - log_p", "np.log(log_q / log_p)", "logarithm twice"),
    (
        "three_estimates",
        "np.mean(k2), np.mean(k3)",
        "np.mean(k3), np.mean(k2)",
        "k2 and k3 exchanged",
    ),
    ("corrected_kl", "plug_in - (len(counts) - 1) / (2 * n)", "plug_in", "no correction"),
    ("corrected_kl", "/ (2 * n)", "// (2 * n)", "no correction"),
    ("corrected_kl", "/ (2 * n)", "/ n", "half missing"),
    ("corrected_kl", "plug_in - (", "plug_in + (", "added"),
    ("corrected_kl", "(len(counts) - 1)", "len(counts)", "k for k - 1"),
    ("corrected_kl", "(len(counts) - 1)", "(came.sum() - 1)", "outcomes that came"),
    ("corrected_kl", "/ (2 * n)", "/ 2 * n", "n missing"),
    ("corrected_kl", "/ (2 * n)", "/ 2", "n missing"),
    ("corrected_kl", "(2 * n)", "(2 * len(counts))", "k for n"),
    ("corrected_kl", "(2 * n)", "(2 * (n - 1))", "n - 1 for n"),
    (
        "corrected_kl",
        "plug_in - (len(counts) - 1) / (2 * n)",
        "max(0, plug_in - (len(counts) - 1) / (2 * n))",
        "cut off at 0",
    ),
    (
        "corrected_kl",
        "came = p > 0",
        "came = p >= 0; p, q = q, p",
        "other direction",
    ),
    (
        "corrected_kl",
        "counts.sum(), counts / counts.sum()",
        "counts.sum(), (counts + 1) / (counts + 1).sum()",
        "smoothed",
    ),
    ("corrected_kl", "np.log(", "np.log2(", "bits"),
    (
        "corrected_kl",
        "counts.sum(), counts / counts.sum()",
        "counts.sum(), counts",
        "counts for shares",
    ),
    (
        "corrected_kl",
        "plug_in - (len(counts) - 1)",
        "plug_in - len(counts) * (len(counts) - 1)",
        "corrected each term",
    ),
    ("knn_kl", "axis=1)[:, k] ", "axis=1)[:, k - 1] ", "self-match"),
    ("knn_kl", " + np.log(m / (n - 1))", "", "log(m/(n - 1)) missing"),
    ("knn_kl", "d * np.mean", "np.mean", "d missing"),
    (
        "knn_kl",
        "d * np.mean(np.log(nu / rho)) + np.log(m / (n - 1))",
        "d * (np.mean(np.log(nu / rho)) + np.log(m / (n - 1)))",
        "d on everything",
    ),
    ("knn_kl", "(n - 1)", "n", "n for n - 1"),
    ("knn_kl", "m / (n - 1)", "(n - 1) / m", "last term upside down"),
    ("knn_kl", "nu / rho", "rho / nu", "distances upside down"),
    (
        "knn_kl",
        "(n, d), m = x.shape, len(y)",
        "x, y = y, x; (n, d), m = x.shape, len(y)",
        "other direction",
    ),
    ("knn_kl", "np.mean", "np.sum", "sum for mean"),
    ("knn_kl", "np.mean(np.log(nu / rho))", "np.log(np.mean(nu / rho))", "logarithm of the mean"),
    ("knn_kl", "[:, k - 1]", "[:, k]", "next neighbour in y"),
    ("knn_kl", "axis=-1)", "ord=1, axis=-1)", "another distance"),
    ("knn_kl", "nu / rho", "(nu / rho) ** 2", "squares of distances"),
    ("knn_kl", "axis=1)[:, k] ", "axis=1)[:, k + 1] ; k = k + 1", "one neighbour too far"),
    (
        "knn_kl",
        "np.log(nu / rho)) + np.log(m / (n - 1))",
        "np.log2(nu / rho)) + np.log2(m / (n - 1))",
        "bits",
    ),
    (
        "knn_kl",
        "return d * np.mean(np.log(nu / rho)) + np.log(m / (n - 1))",
        "return max(0, d * np.mean(np.log(nu / rho)) + np.log(m / (n - 1)))",
        "cut off at 0",
    ),
]

# Mutants that change nothing: counts and q are of one length.
EQUIVALENT_MUTANTS = {"corrected_kl": {"(len(q) - 1)"}}
