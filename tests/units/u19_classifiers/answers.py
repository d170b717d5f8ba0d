"""Answers to the questions of unit 19: right in other words, and wrong."""

import math
from collections import defaultdict

import numpy as np
from scipy import optimize, special


def by_cross_entropies(chance, forecast):
    def cost(f):
        return special.xlogy(chance, 1 / f if f else np.inf) + special.xlogy(
            1 - chance, 1 / (1 - f) if f < 1 else np.inf
        )

    with np.errstate(invalid="ignore"):
        return cost(forecast) - cost(chance)


def summed_in_a_loop(chance, forecast):
    total = 0.0
    for p, q in [(chance, forecast), (1 - chance, 1 - forecast)]:
        if p > 0:
            if q == 0:
                return float("inf")
            total += p * (math.log(p) - math.log(q))
    return total


def by_slope(logits, labels, trained_on):
    z, y = logits[~trained_on], labels[~trained_on]

    def slope(cold):
        return np.mean((special.softmax(cold * z, axis=1) * z).sum(axis=1) - z[range(len(y)), y])

    return 1 / optimize.brentq(slope, 1e-3, 1e3)


def over_a_grid(logits, labels, trained_on):
    best, least = None, np.inf
    rows = np.array([i for i in range(len(labels)) if not trained_on[i]])
    for T in np.arange(0.05, 15, 0.02):
        f = np.exp(logits[rows] / T)
        f = f / f.sum(axis=1)[:, None]
        loss = -np.log(f[range(len(rows)), labels[rows]]).mean()
        if loss < least:
            best, least = T, loss
    return best


def over_log_temperature(logits, labels, trained_on):
    z, y = logits[trained_on == 0], labels[trained_on == 0]

    def loss(log_t):
        log_f = special.log_softmax(z / np.exp(log_t[0]), axis=1)
        return -np.take_along_axis(log_f, y[:, None], axis=1).mean()

    return np.exp(optimize.minimize(loss, [0.0]).x[0])


def in_dictionaries(outcomes, forecasts):
    came = defaultdict(list)
    for y, f in zip(outcomes, forecasts, strict=True):
        came[f].append(y)
    n, rate = len(outcomes), sum(outcomes) / len(outcomes)
    means = {f: sum(ys) / len(ys) for f, ys in came.items()}
    reliability = sum(len(ys) * (f - means[f]) ** 2 for f, ys in came.items()) / n
    resolution = sum(len(ys) * (means[f] - rate) ** 2 for f, ys in came.items()) / n
    return reliability, resolution, rate * (1 - rate)


def case_by_case(outcomes, forecasts):
    own = np.array([outcomes[forecasts == f].mean() for f in forecasts])
    return np.array([
        np.mean((forecasts - own) ** 2), np.var(own), np.var(outcomes)
    ])  # fmt: skip


def from_the_smoothed_target(forecast, label, epsilon):
    k = len(forecast)
    uniform = np.full(k, 1 / k)
    with np.errstate(divide="ignore"):
        kl = np.sum(uniform * np.log(uniform / forecast))
        loss = -np.log(forecast)[label]
    return np.array([(1 - epsilon) * loss, epsilon * kl, epsilon * np.log(k)])


def by_rel_entr(forecast, label, epsilon):
    k = len(forecast)
    kl = special.rel_entr(1 / k, forecast).sum()
    return [-(1 - epsilon) * float(special.xlogy(1, forecast[label])), epsilon * kl,
            math.log(k) * epsilon]  # fmt: skip


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "excess_log_loss": {
        "a loop": summed_in_a_loop,
        "difference of two costs": by_cross_entropies,
        "kl_div": lambda c, f: special.kl_div([c, 1 - c], [f, 1 - f]).sum(),
    },
    "held_out_temperature": {
        "root of the slope": by_slope,
        "a fine grid": over_a_grid,
        "over log T": over_log_temperature,
    },
    "brier_parts": {
        "dictionaries": in_dictionaries,
        "case by case": case_by_case,
        "a list": lambda y, f: list(case_by_case(y, f)),
    },
    "smoothed_loss_parts": {
        "arrays": from_the_smoothed_target,
        "scipy": by_rel_entr,
    },
}

SINGLE_PRECISION = {
    "brier_parts": lambda y, f: np.float32(in_dictionaries(y, f)),
    "smoothed_loss_parts": lambda f, y, e: np.float32(from_the_smoothed_target(f, y, e)),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    (
        "excess_log_loss",
        "term(chance, forecast) + term(1 - chance, 1 - forecast)",
        "term(forecast, chance) + term(1 - forecast, 1 - chance)",
        "swapped",
    ),
    ("excess_log_loss", "np.log(p / q)", "np.log2(p / q)", "bits"),
    ("excess_log_loss", "np.log(p / q)", "-np.log(q)", "the log loss itself"),
    ("excess_log_loss", "np.log(p / q)", "np.log(q / p)", "sign"),
    ("excess_log_loss", " + term(1 - chance, 1 - forecast)", "", "the event alone"),
    (
        "excess_log_loss",
        "p * np.log(p / q) if q > 0 else np.inf",
        "p * np.log(p / (q + 1e-9))",
        "clipped",
    ),
    ("held_out_temperature", "~trained_on", "trained_on", "training rows"),
    (
        "held_out_temperature",
        "logits[~trained_on], labels[~trained_on]",
        "logits, labels",
        "all rows",
    ),
    ("held_out_temperature", "z / temperature", "z * temperature", "upside down"),
    (
        "held_out_temperature",
        "z / temperature",
        "np.exp(z - logsumexp(z, axis=1, keepdims=True)) / temperature",
        "probabilities divided",
    ),
    (
        "brier_parts",
        "share, rate = cases / cases.sum()",
        "share, rate = cases",
        "counts for shares",
    ),
    ("brier_parts", "[reliability, resolution,", "[resolution, reliability,", "order"),
    (
        "brier_parts",
        "share, rate = cases / cases.sum()",
        "share, rate = np.ones(len(said)) / len(said)",
        "unweighted",
    ),
    ("brier_parts", "share @ (said - came) ** 2", "share @ abs(said - came)", "absolute gaps"),
    (
        "brier_parts",
        "rate * (1 - rate)]",
        "share @ (came * (1 - came))]",
        "uncertainty within the groups",
    ),
    ("brier_parts", "np.mean(outcomes)", "np.mean(came)", "rate as a mean of groups"),
    ("smoothed_loss_parts", "(1 - epsilon) * surprise", "surprise", "label in full"),
    ("smoothed_loss_parts", "np.mean(surprise) - np.log(k)", "np.mean(surprise)", "constant twice"),
    ("smoothed_loss_parts", "epsilon * to_uniform", "to_uniform", "divergence without epsilon"),
    ("smoothed_loss_parts", "epsilon * np.log(k)]", "0.0]", "constant left out"),
    (
        "smoothed_loss_parts",
        "np.mean(surprise) - np.log(k)",
        "np.log(k) - np.sum(forecast * np.where(forecast > 0, surprise, 0))",
        "reversed",
    ),
]

# Nothing is added to 0 by a factor or a sign. A temperature may be off by a little, what the search
# minimises by a constant or a factor, and its bounds may be others. 2 is as true as True.
EQUIVALENT_MUTANTS = {
    "excess_log_loss": {"return 0.0 * 1.0001", "return -0.0"},
    "held_out_temperature": {
        "bounds=(0.01, 101)",
        "bounds=(0.01, 100), method='bounded').x + 0.001",
        "bounds=(0.01, 100), method='bounded').x * 1.0001",
        "y]) + 0.001",
        "y]) * 1.0001",
        "np.sum(logsumexp",
    },
    "brier_parts": {"return_inverse=2"},
}
