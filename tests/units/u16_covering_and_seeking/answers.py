"""Answers to the questions of unit 16: right in other words, and wrong."""

import numpy as np
from scipy import integrate, optimize, special, stats


def by_loops(weights, means, sds):
    mean = sum(w * m for w, m in zip(weights, means, strict=True))
    second = sum(w * (s**2 + m**2) for w, m, s in zip(weights, means, sds, strict=True))
    return [mean, (second - mean**2) ** 0.5]


def by_cov(weights, means, sds):
    mean = np.average(means, weights=weights)
    inside = np.average(sds**2, weights=weights)
    return mean, np.sqrt(inside + np.average((means - mean) ** 2, weights=weights))


def log_mixture(x, weights, means, sds):
    logs = stats.norm.logpdf(np.asarray(x)[..., None], means, sds)
    return special.logsumexp(logs, b=weights, axis=-1)


def by_quad(mu, sigma, weights, means, sds):
    def term(x):
        log_q = -(((x - mu) / sigma) ** 2) / 2 - np.log(sigma * np.sqrt(2 * np.pi))
        logs = -(((x - means) / sds) ** 2) / 2 - np.log(sds * np.sqrt(2 * np.pi))
        return np.exp(log_q) * (log_q - np.logaddexp.reduce(np.log(weights) + logs))

    ends = mu - 9 * sigma, mu + 9 * sigma
    return integrate.quad(term, *ends, limit=200, epsabs=1e-7, epsrel=1e-8)[0]


def from_the_entropy(mu, sigma, weights, means, sds):
    z = np.arange(-8, 8, 0.004)
    share = stats.norm.pdf(z)
    cross = -np.sum(share * log_mixture(mu + sigma * z, weights, means, sds)) / share.sum()
    return cross - stats.norm.entropy(mu, sigma)


def by_legendre(mu, sigma, weights, means, sds):
    nodes, shares = np.polynomial.legendre.leggauss(240)
    x = mu + 9 * sigma * nodes
    log_q = stats.norm.logpdf(x, mu, sigma)
    terms = np.exp(log_q) * (log_q - log_mixture(x, weights, means, sds))
    return 9 * sigma * (shares @ terms)


def many_starts(weights, means, sds):
    x = np.arange(-60, 60, 0.04)
    log_p = log_mixture(x, weights, means, sds)

    def cost(place):
        log_q = stats.norm.logpdf(x, place[0], np.exp(place[1]))
        return np.sum(np.exp(log_q) * (log_q - log_p)) * 0.04

    starts = [(mu, s) for mu in np.linspace(means.min(), means.max(), 4) for s in (0.0, 1.0)]
    found = [optimize.minimize(cost, start, method="Nelder-Mead") for start in starts]
    best = min(found, key=lambda each: each.fun)
    return [best.x[0], np.exp(best.x[1])]


def a_map_and_then_a_search(weights, means, sds):
    z = np.linspace(-7, 7, 281)
    share = stats.norm.pdf(z) / stats.norm.pdf(z).sum()

    def cost(mu, sigma):
        return -np.log(sigma) - share @ log_mixture(mu + sigma * z, weights, means, sds)

    places = [
        (mu, s)
        for mu in np.linspace(means.min(), means.max(), 25)
        for s in np.geomspace(0.3, 8, 15)
    ]
    start = min(places, key=lambda place: cost(*place))
    found = optimize.minimize(lambda at: cost(at[0], abs(at[1])), start, method="Nelder-Mead")
    return found.x[0], abs(found.x[1])


def by_solving(cov):
    precision = np.linalg.solve(cov, np.eye(len(cov)))
    return np.vstack([cov.diagonal(), 1 / precision.diagonal()])


def by_schur(cov):
    narrow = []
    for i in range(len(cov)):
        others = [j for j in range(len(cov)) if j != i]
        known = cov[np.ix_(others, others)]
        narrow.append(cov[i, i] - cov[i, others] @ np.linalg.solve(known, cov[others, i]))
    return [[cov[i][i] for i in range(len(cov))], narrow]


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "covering_fit": {
        "loops and the mean of squares": by_loops,
        "np.average": by_cov,
        "array": lambda w, m, s: np.array(by_cov(w, m, s)),
    },
    "reverse_kl": {
        "quad": by_quad,
        "cross-entropy less entropy": from_the_entropy,
        "gauss-legendre": by_legendre,
    },
    "seeking_fit": {
        "nelder-mead from eight starts": many_starts,
        "a map, then one search": a_map_and_then_a_search,
    },
    "mean_field": {
        "solve": by_solving,
        "one coordinate given the others": by_schur,
    },
}

SINGLE_PRECISION = {"covering_fit": by_cov}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("covering_fit", "np.sqrt(variance)", "variance", "variance"),
    ("covering_fit", "(sds**2 + (means - mean) ** 2)", "sds**2", "centres ignored"),
    ("covering_fit", "(sds**2 + (means - mean) ** 2)", "((means - mean) ** 2)", "widths ignored"),
    ("covering_fit", "sds**2 +", "sds +", "sds not squared"),
    ("covering_fit", "(means - mean) ** 2", "means**2", "mean not subtracted"),
    ("covering_fit", "mean, np.sqrt(variance)", "np.sqrt(variance), mean", "order"),
    (
        "covering_fit",
        "variance = weights @ (sds**2 + (means - mean) ** 2)",
        "variance = np.mean(sds**2 + (means - mean) ** 2)",
        "weights in the mean only",
    ),
    (
        "covering_fit",
        "return mean, np.sqrt(variance)",
        "return means[np.argmax(weights)], sds[np.argmax(weights)]",
        "heaviest bell",
    ),
    ("reverse_kl", "log_q - log_p", "log_p - log_q", "sign"),
    ("reverse_kl", "(log_q - log_p)", "(-log_p)", "entropy left out"),
    ("reverse_kl", "np.log(weights) + bells", "bells", "weights left out"),
    (
        "reverse_kl",
        "np.logaddexp.reduce(np.log(weights) + bells, axis=1)",
        "np.log(np.exp(bells) @ weights)",
        "underflow",
    ),
    (
        "reverse_kl",
        "np.logaddexp.reduce(np.log(weights) + bells, axis=1)",
        "np.log(np.exp(bells) @ weights + 1e-12)",
        "padded",
    ),
    (
        "reverse_kl",
        "np.logaddexp.reduce(np.log(weights) + bells, axis=1)",
        "bells @ weights",
        "average of the KLs",
    ),
    (
        "reverse_kl",
        "np.logaddexp.reduce(np.log(weights) + bells, axis=1)",
        "np.max(np.log(weights) + bells, axis=1)",
        "as a named mistake",
    ),
    (
        "reverse_kl",
        "np.linspace(mu - 9 * sigma, mu + 9 * sigma, 4001)",
        "np.linspace(-10, 10, 4001)",
        "fixed range",
    ),
    (
        "reverse_kl",
        "np.linspace(mu - 9 * sigma, mu + 9 * sigma, 4001)",
        "np.linspace(np.min(means - 5 * sds), np.max(means + 5 * sds), 4001)",
        "range of the bells",
    ),
    (
        "reverse_kl",
        "return ",
        "sigma = np.sqrt(sigma)\n"
        "    x = np.linspace(mu - 9 * sigma, mu + 9 * sigma, 4001)\n"
        "    log_q = -(((x - mu) / sigma) ** 2) / 2 - np.log(sigma * np.sqrt(2 * np.pi))\n"
        "    bells = -(((x[:, None] - means) / sds) ** 2) / 2 - np.log(sds * np.sqrt(2 * np.pi))\n"
        "    log_p = np.logaddexp.reduce(np.log(weights) + bells, axis=1)\n"
        "    return ",
        "variances for standard deviations",
    ),
    (
        "seeking_fit",
        "[*zip(means, sds), (weights @ means, np.ptp(means))]",
        "[(weights @ means, np.ptp(means))]",
        "a local minimum",
    ),
    (
        "seeking_fit",
        "[*zip(means, sds), (weights @ means, np.ptp(means))]",
        "[*zip(means, sds)]",
        "a local minimum",
    ),
    ("seeking_fit", "np.exp(best.x[1])\n", "np.exp(best.x[1]) ** 2\n", "variance"),
    ("seeking_fit", "np.exp(best.x[1])\n", "best.x[1]\n", "logarithm of the sd"),
    (
        "seeking_fit",
        "return best.x[0], np.exp(best.x[1])",
        "return np.exp(best.x[1]), best.x[0]",
        "order",
    ),
    (
        "seeking_fit",
        "return best.x[0], np.exp(best.x[1])",
        "return means[0], sds[0]",
        "the bell itself",
    ),
    (
        "seeking_fit",
        "return best.x[0], np.exp(best.x[1])",
        "return weights @ means, np.sqrt(weights @ (sds**2 + (means - weights @ means) ** 2))",
        "the covering fit",
    ),
    (
        "seeking_fit",
        "return best.x[0], np.exp(best.x[1])",
        "return round(best.x[0], 1), round(np.exp(best.x[1]), 1) + 0.05",
        "not exact",
    ),
    ("seeking_fit", "return best.x[0], np", "return best.x[0] + 0.5, np", "not a minimum"),
    (
        "mean_field",
        "1 / np.diag(np.linalg.inv(cov))",
        "np.diag(np.linalg.inv(cov))",
        "precision for variance",
    ),
    ("mean_field", "np.linalg.inv(cov)", "cov", "diagonal inverted first"),
    ("mean_field", "1 / np.diag(np.linalg.inv(cov))", "np.diag(cov)", "forward in both rows"),
    (
        "mean_field",
        "[np.diag(cov), 1 / np.diag(np.linalg.inv(cov))]",
        "[1 / np.diag(np.linalg.inv(cov)), np.diag(cov)]",
        "rows exchanged",
    ),
    ("mean_field", "1 / np.diag(np.linalg.inv(cov))", "np.linalg.eigvalsh(cov)", "eigenvalues"),
    (
        "mean_field",
        "1 / np.diag(np.linalg.inv(cov))",
        "np.diag(cov) * (1 - cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1]))",
        "one minus rho",
    ),
    ("mean_field", "np.array([", "np.sqrt([", "standard deviations"),
]

# Mutants that change nothing: a wider or finer grid, a constant that is added to the cost or
# multiplies it, the same grid from its other end, another start that leads into the same valley.
EQUIVALENT_MUTANTS = {
    "reverse_kl": {", 4002)", "mu - 10 * sigma", "mu + 10 * sigma"},
    "seeking_fit": {
        "axis=1) + 0.001",
        "axis=1)) * 1.0001",
        "(-8, 9, 401)",
        "(-9, 8, 401)",
        "(-8, 8, 402)",
        "mu - np.exp(log_sigma) * z",
        "zip(means, weights)",
        "weights @ sds",
        "np.log2(sigma)",
        "np.log10(sigma)",
        "np.log1p(sigma)",
    },
}
