"""Answers to the questions of unit 10: right in other words, and wrong."""

import math

import numpy as np
from scipy import special, stats


def by_scores(p):
    outcomes, chances = np.array([1, 0]), np.array([p, 1 - p])
    scores = outcomes / p - (1 - outcomes) / (1 - p)
    return chances @ scores**2


def second_difference(p, h=1e-5):
    kl = special.rel_entr([p, 1 - p], [[p + h, 1 - p - h], [p, 1 - p], [p - h, 1 - p + h]])
    return np.diff(kl.sum(axis=1), 2)[0] / h**2


def of_the_first_argument(p, h=1e-4):
    return sum(stats.entropy([p + d, 1 - p - d], [p, 1 - p]) for d in (h, -h)) / h**2


def by_entropy(p, step):
    q = p + step
    return stats.entropy([p, 1 - p], [q, 1 - q]), step**2 * (1 / p + 1 / (1 - p)) / 2


def as_an_array(p, step):
    pair = special.rel_entr([p, 1 - p], [p + step, 1 - p - step])
    return np.array([pair.sum(), 0.5 * step / (p * (1 - p)) * step])


def step_and_share(sigma_p, sigma_q, rate):
    step = rate / 2 * (sigma_p**2 - sigma_q**2) / sigma_q
    return [step, step / sigma_q]


def by_differences(sigma_p, sigma_q, rate, h=1e-5):
    def kl(s):
        return math.log(s / sigma_p) + sigma_p**2 / (2 * s**2) - 0.5

    slope = (kl(sigma_q + h) - kl(sigma_q - h)) / (2 * h)
    in_log = (kl(sigma_q * math.exp(h)) - kl(sigma_q * math.exp(-h))) / (2 * h)
    return np.array([-rate * slope * sigma_q**2 / 2, -rate * in_log / 2])


def in_a_loop(gradients):
    total = np.zeros(gradients.shape[1])
    for gradient in gradients:
        total += gradient**2
    return total / len(gradients)


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "curvature": {
        "formula": lambda p: 1 / (p * (1 - p)),
        "sum of two": lambda p: 1 / p + 1 / (1 - p),
        "mean square of the score": by_scores,
        "second difference": second_difference,
        "in the first argument": of_the_first_argument,
        "larger step": lambda p: second_difference(p, 1e-3),
    },
    "exact_and_local": {
        "entropy": by_entropy,
        "array": as_an_array,
        "log1p": lambda p, step: [
            -p * math.log1p(step / p) - (1 - p) * math.log1p(-step / (1 - p)),
            step**2 / p / (1 - p) / 2,
        ],
    },
    "natural_steps": {
        "one from the other": step_and_share,
        "by differences": by_differences,
        "in shares": lambda s, t, a: (a / 2 * t * ((s / t) ** 2 - 1), a / 2 * ((s / t) ** 2 - 1)),
    },
    "fisher_diagonal": {
        "loop": in_a_loop,
        "einsum": lambda g: np.einsum("ij,ij->j", g, g) / len(g),
        "diagonal of the matrix": lambda g: np.diag(g.T @ g) / g.shape[0],
        "list": lambda g: [float(np.mean(column**2)) for column in g.T],
        "variance and mean": lambda g: g.var(axis=0) + g.mean(axis=0) ** 2,
    },
}

SINGLE_PRECISION = {
    "curvature": lambda p: 1 / (np.float32(p) * np.float32(1 - p)),
    "fisher_diagonal": lambda g: np.mean(g.astype(np.float32) ** 2, axis=0),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("curvature", "h**2", "(2 * h**2)", "half"),
    ("curvature", "(kl(p + h) + kl(p - h)) / h**2", "1 / p * (1 - p)", "first bracket missing"),
    ("curvature", "np.log(p / q) + (1 - p) *", "np.log(p / q) + 0 *", "one side of the coin"),
    ("curvature", "h**2", "h", "power of the step"),
    ("curvature", "(kl(p + h) + kl(p - h)) / h**2", "(kl(p + h) - kl(p - h)) / (2 * h)", "slope"),
    ("curvature", "1e-4", "1e-8", "lost in rounding"),
    ("curvature", "(kl(p + h) + kl(p - h)) / h**2", "p * (1 - p)", "variance"),
    ("exact_and_local", "[exact, fisher", "[exact, 2 * fisher", "half missing"),
    ("exact_and_local", "q = p + step", "q = p - step", "step the other way"),
    ("exact_and_local", "fisher = 1 / (p * (1 - p))", "fisher = p * (1 - p)", "times the variance"),
    (
        "exact_and_local",
        "fisher = 1 / (p * (1 - p))",
        "fisher = 1 / (q * (1 - q))",
        "F after the step",
    ),
    ("exact_and_local", "step**2", "step", "step not squared"),
    (
        "exact_and_local",
        "p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))",
        "q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))",
        "swapped",
    ),
    ("natural_steps", "[-rate * slope / fisher, -rate", "[rate * slope / fisher, rate", "uphill"),
    (
        "natural_steps",
        "sigma_q * slope, sigma_q**2 * fisher",
        "slope, sigma_q**2 * fisher",
        "gradient of σ for log σ",
    ),
    (
        "natural_steps",
        "sigma_q * slope, sigma_q**2 * fisher",
        "sigma_q * slope, fisher",
        "F of σ for log σ",
    ),
    ("natural_steps", "sigma_q * slope, sigma_q**2 * fisher", "slope, fisher", "σ for log σ"),
    ("natural_steps", "2 / sigma_q**2", "1 / sigma_q**2", "F of the mean"),
    (
        "natural_steps",
        "[-rate * slope / fisher, -rate * slope_of_log / fisher_of_log]",
        "[-rate * slope, -rate * slope_of_log]",
        "plain gradient",
    ),
    (
        "natural_steps",
        "1 / sigma_q - sigma_p**2 / sigma_q**3",
        "sigma_q / sigma_p**2 - 1 / sigma_q",
        "other direction of KL",
    ),
    (
        "fisher_diagonal",
        "np.mean(gradients**2, axis=0)",
        "np.mean(gradients, axis=0) ** 2",
        "squared mean",
    ),
    (
        "fisher_diagonal",
        "np.mean(gradients**2, axis=0)",
        "np.sum(gradients, axis=0) ** 2",
        "squared sum",
    ),
    (
        "fisher_diagonal",
        "np.mean(gradients**2, axis=0)",
        "np.sum(gradients**2, axis=0)",
        "sum of squares",
    ),
    ("fisher_diagonal", "np.mean(gradients**2, axis=0)", "np.var(gradients, axis=0)", "variance"),
    (
        "fisher_diagonal",
        "np.mean(gradients**2, axis=0)",
        "np.linalg.norm(gradients, axis=0)",
        "length of a column",
    ),
]
