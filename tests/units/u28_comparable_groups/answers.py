"""Answers to the questions of unit 28: right in other words, and wrong."""

import math

import numpy as np
from scipy import stats


def by_power_divergence(counts, plan):
    """G, the log-likelihood ratio, of SciPy."""
    found = stats.power_divergence(counts, counts.sum() * plan, lambda_="log-likelihood")
    return found.statistic / 2, found.pvalue


def arm_after_arm(counts, plan):
    nats = 0.0
    for count, share in zip(counts, plan, strict=True):
        if count:
            nats += count * math.log(count / (sum(counts) * share))
    return nats, stats.chi2.sf(2 * nats, len(counts) - 1)


def by_cross_entropy(counts, plan):
    """Cross-entropy less entropy, of all people."""
    share = counts / counts.sum()
    nats = counts.sum() * (-(share @ np.log(plan)) - stats.entropy(share))
    return np.array([nats, stats.chi2(len(plan) - 1).sf(2 * nats)])


def covariate_after_covariate(psi, cells, n, m):
    found = []
    for value, cell in zip(psi, cells, strict=True):
        p = stats.chi2.sf(value * n * m / (n + m), cell - 1)
        found.append(min(1.0, len(psi) * p))
    return found


def by_gamma(psi, cells, n, m):
    """The χ² law is a gamma law."""
    p = stats.gamma.sf(psi / (1 / n + 1 / m) / 2, (cells - 1) / 2)
    return np.clip(psi.size * p, 0, 1)


def by_products(counts, treated, lots):
    """All lots at once, the one that was drawn in the first row."""
    every = np.vstack([treated, lots])
    a, b = every @ counts, (1 - every) @ counts
    a, b = (side / side.sum(axis=1, keepdims=True) for side in (a, b))
    psi = ((a - b) * np.log(a / b)).sum(axis=1)
    return psi[0], np.mean(psi >= psi[0] - 1e-12)


def by_both_directions(counts, treated, lots):
    def psi(lot):
        chosen = np.array(lot, dtype=bool)
        a, b = counts[chosen].sum(axis=0), counts[~chosen].sum(axis=0)
        return stats.entropy(a, b) + stats.entropy(b, a)

    seen, reached = psi(treated), 1
    for lot in lots:
        if psi(lot) >= seen - 1e-12:
            reached += 1
    return [seen, reached / (len(lots) + 1)]


def by_average(people, hits):
    rates = hits / people
    return np.average(rates[0] - rates[1], weights=people.sum(axis=0))


def standardised(people, hits):
    """What each arm would have if it were made up as all people are."""
    everybody = people[0] + people[1]
    first, second = (np.sum(everybody * hits[arm] / people[arm]) for arm in (0, 1))
    return (first - second) / everybody.sum()


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "split_test": {
        "power divergence": by_power_divergence,
        "arm after arm": arm_after_arm,
        "cross-entropy": by_cross_entropy,
    },
    "balance": {
        "covariate after covariate": covariate_after_covariate,
        "gamma": by_gamma,
    },
    "class_lots": {
        "products": by_products,
        "both directions": by_both_directions,
    },
    "adjusted_difference": {
        "average": by_average,
        "standardised": standardised,
    },
}


def split_in_single_precision(counts, plan):
    share, plan = (counts / counts.sum()).astype(np.float32), plan.astype(np.float32)
    occurs = share > 0
    terms = share[occurs] * np.log(share[occurs] / plan[occurs])
    nats = np.float32(counts.sum()) * terms.sum()
    p_value = np.float32(stats.chi2.sf(2 * nats, len(counts) - 1))
    return np.array([nats, p_value], dtype=np.float32)


SINGLE_PRECISION = {
    "balance": lambda psi, cells, n, m: by_gamma(psi, cells, n, m).astype(np.float32),
    "class_lots": lambda *arguments: np.array(by_products(*arguments), dtype=np.float32),
    "adjusted_difference": lambda people, hits: np.float32(by_average(people, hits)),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("split_test", "rel_entr(counts / n, plan)", "rel_entr(plan, counts / n)", "swapped"),
    ("split_test", "n * np.sum(", "np.sum(", "per person"),
    ("split_test", "2 * nats", "nats", "2 forgotten"),
    ("split_test", "return [nats,", "return [2 * nats,", "twice the nats returned"),
    ("split_test", "plan))", "plan)) / np.log(2)", "bits"),
    ("split_test", "len(counts) - 1", "len(counts)", "degrees of freedom"),
    ("split_test", "chdtrc(len(counts) - 1, 2 * nats)", "1 - chdtrc(len(counts) - 1, 2 * nats)",
     "the other tail"),
    ("split_test", "chdtrc(len(counts) - 1, 2 * nats)", "chdtrc(len(counts) - 1, 2 * nats) / 2",
     "half the p-value"),
    ("split_test", "chdtrc(len(counts) - 1, 2 * nats)", "2 * chdtrc(len(counts) - 1, 2 * nats)",
     "twice the p-value"),
    ("split_test", "rel_entr(counts / n, plan)", "(counts / n - plan) ** 2 / plan / 2", "pearson"),
    ("split_test", "rel_entr(counts / n, plan)",
     "(counts / n - plan) * np.log(counts / n / plan)", "psi"),
    ("split_test", "rel_entr(counts / n, plan)", "rel_entr(counts / n, 1 / len(plan))",
     "plan ignored"),
    (
        "split_test",
        "    return [nats,",
        "    from scipy import stats\n\n    nats = n * rel_entr(counts / n, plan)[0]\n"
        "    return [nats, stats.chi2.sf(2 * nats, len(counts) - 1)]\n    return [nats,",
        "one arm alone",
    ),
    ("balance", "np.minimum(1, len(psi) * p_values)", "p_values", "not corrected"),
    ("balance", "np.minimum(1, len(psi) * p_values)", "len(psi) * p_values", "not cut off at 1"),
    ("balance", "len(psi) * p_values", "p_values / len(psi)", "divided"),
    ("balance", "np.minimum(1, len(psi) * p_values)", "1 - (1 - p_values) ** len(psi)", "šidák"),
    ("balance", "cells - 1", "cells", "degrees of freedom"),
    ("balance", "cells - 1", "len(psi) - 1", "one law for all"),
    ("balance", "psi / (1 / n + 1 / m)", "psi * (n + m)", "people added up"),
    ("balance", "psi / (1 / n + 1 / m)", "psi * n", "one arm's noise"),
    ("balance", "psi / (1 / n + 1 / m)", "psi * (n + m) / 2", "mean size"),
    ("balance", "psi / (1 / n + 1 / m)", "psi * (1 / n + 1 / m)",
     "not divided by the noise"),
    ("balance", "psi / (1 / n + 1 / m)", "psi", "not divided by the noise"),
    ("balance", "return np", "return 1 - np", "the other tail"),
    ("balance", "psi / (1 / n + 1 / m)", "2 * psi / (1 / n + 1 / m)", "doubled"),
    ("balance", "np.minimum(1, len(psi) * p_values)", "1 * (len(psi) * p_values <= 0.05)",
     "flags"),
    ("balance", "len(psi) * p_values", "len(psi) * np.full(len(psi), p_values.min())",
     "the smallest for all"),
    ("class_lots", "(1 + np.sum(null >= observed)) / (1 + len(null))",
     "np.mean(null >= observed)", "the observed one not counted"),
    ("class_lots", "/ (1 + len(null))", "/ len(null)", "counted above only"),
    ("class_lots", "null >= observed", "null > observed", "ties left out"),
    ("class_lots", "null >= observed", "null <= observed", "the other side"),
    ("class_lots", "(p - q) * np", "p * np", "one direction"),
    ("class_lots", "(p - q) * np", "(p - q) / 2 * np", "half of it"),
    ("class_lots", "np.log(", "np.log2(", "bits"),
    ("class_lots", "counts[lot == 0].sum(axis=0)", "counts.sum(axis=0)", "against everybody"),
    ("class_lots", "p, q = p / p.sum(), q / q.sum()", "pass", "counts"),
    ("class_lots", "p / p.sum(), q / q.sum()",
     "(p + 0.5) / (p + 0.5).sum(), (q + 0.5) / (q + 0.5).sum()", "smoothed"),
    ("adjusted_difference", "weights * (", "people.sum(axis=0) * (", "weights not divided"),
    ("adjusted_difference", "np.sum(weights * (rates[0] - rates[1]))",
     "np.mean(rates[0] - rates[1])", "every group the same weight"),
    ("adjusted_difference", "people.sum(axis=0) / people.sum()", "people[1] / people[1].sum()",
     "weights of one arm"),
    ("adjusted_difference", "people.sum(axis=0) / people.sum()", "hits.sum(axis=0) / hits.sum()",
     "weights of the hits"),
    ("adjusted_difference", "rates[0] - rates[1]", "rates[1] - rates[0]", "Q less P"),
    ("adjusted_difference", "return np", "return 100 * np", "per cent"),
    ("adjusted_difference", "weights * (", "(", "differences only added up"),
]  # fmt: skip

# Mutants that change nothing: there are as many arms as planned shares, and as many covariates as
# numbers of cells; a mean is divided by its total as a sum is.
EQUIVALENT_MUTANTS = {
    "split_test": {"len(plan)"},
    "balance": {"len(cells)"},
    "class_lots": {"counts[lot == 1].mean(axis=0)", "counts[lot == 0].mean(axis=0)"},
}
