"""Answers to the questions of unit 15: right in other words, and wrong."""

import math

import numpy as np
from scipy import optimize, special, stats


def rows_one_by_one(logits, labels):
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        top = max(row)
        total += top + math.log(sum(math.exp(z - top) for z in row)) - row[label]
    return total / len(labels)


def by_search(values, counts):
    """The likeliest normal, found by a general optimiser; in units in which that is easy."""
    rows = np.repeat(values, counts)
    middle, unit = np.median(rows), np.ptp(rows)

    def loss(parameters):
        scaled = (rows - middle) / unit
        return -stats.norm.logpdf(scaled, parameters[0], math.exp(parameters[1])).mean()

    found = optimize.minimize(loss, [0.0, -1.0], method="BFGS", options={"gtol": 1e-9}).x
    return [middle + unit * found[0], unit * math.exp(found[1])]


def expanded(counts):
    """With a list of the days, and models tabulated far beyond the largest number."""
    days = np.repeat(np.arange(len(counts)), counts)
    mean = days.mean()
    p = np.bincount(days, minlength=len(counts) + 200) / len(days)
    k = np.arange(len(p))
    poisson = stats.poisson(mean).pmf(k)
    geometric = stats.geom(1 / (1 + mean), loc=-1).pmf(k)
    return [special.rel_entr(p, q).sum() for q in (poisson, geometric)]


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "kl_of_counts": {
        "rel_entr": lambda counts, q: special.rel_entr(counts / counts.sum(), q).sum(),
        "scipy entropy": lambda counts, q: stats.entropy(counts, q),
        "loss less floor": lambda counts, q: (
            -special.xlogy(counts, q).sum() / counts.sum() - stats.entropy(counts)
        ),
        "loop": lambda counts, q: sum(
            c / sum(counts) * np.log(c / sum(counts) / b)
            for c, b in zip(counts, q, strict=True)
            if c > 0
        ),
    },
    "token_loss": {
        "one by one": rows_one_by_one,
        "log_softmax": lambda logits, labels: (
            -special.log_softmax(logits, axis=1)[range(len(labels)), labels].mean()
        ),
        "one hot": lambda logits, labels: (
            -np.sum(np.eye(logits.shape[1])[labels] * special.log_softmax(logits, axis=-1))
            / len(labels)
        ),
        "gathered": lambda logits, labels: np.mean(
            special.logsumexp(logits, axis=1)
            - np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
        ),
    },
    "fit_normal": {
        "repeat": lambda values, counts: [
            np.repeat(values, counts).mean(),
            np.repeat(values, counts).std(),
        ],
        "norm.fit": lambda values, counts: stats.norm.fit(np.repeat(values, counts)),
        "average": lambda values, counts: (
            np.average(values, weights=counts),
            np.sqrt(np.cov(values, fweights=counts, ddof=0)),
        ),
        "by search": by_search,
    },
    "left_over": {
        "expanded": expanded,
        "array": lambda counts: np.array(expanded(counts)),
    },
}


def single_kl(counts, q):
    p = (counts / counts.sum()).astype(np.float32)
    return special.rel_entr(p, q).sum()


def single_loss(logits, labels):
    return -special.log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()


def single_fit(values, counts):
    p = (counts / counts.sum()).astype(np.float32)
    mean = (p * values).sum()
    return [mean, np.sqrt((p * (values - mean) ** 2).sum())]


SINGLE_PRECISION = {
    "kl_of_counts": single_kl,
    "token_loss": single_loss,
    "fit_normal": single_fit,
}

KL = "np.sum(p[occurs] * np.log(p[occurs] / q[occurs]))"
LOSS = "-np.mean(log_q[np.arange(len(labels)), labels])"
FIT = "[mean, np.sqrt(np.sum(p * (values - mean) ** 2))]"
GAPS = "[-np.sum(p * log_q) - entropy for log_q in (poisson.logpmf(k, mean), log_geometric)]"

# the question, what is replaced in its solution, by what, and what is recognised
TYPED_MISTAKES = [
    ("kl_of_counts", "counts / counts.sum(), counts > 0",
     "(counts + 1) / (counts + 1).sum(), counts > -1", "smoothed"),
    ("kl_of_counts", "counts / counts.sum(), counts > 0", "counts, counts > 0",
     "counts as they are"),
    ("kl_of_counts", KL, "np.sum(counts[occurs] * np.log(p[occurs] / q[occurs]))",
     "weighted by counts"),
    ("kl_of_counts", KL, "np.sum(p[occurs] * np.log(counts[occurs] / q[occurs]))",
     "ratio of counts"),
    ("kl_of_counts", KL, "-np.sum(p[occurs] * np.log(q[occurs]))", "loss"),
    ("kl_of_counts", KL, "np.sum(counts[occurs] * np.log(q[occurs]))", "log-likelihood"),
    ("kl_of_counts", KL, "-np.sum(p[occurs] * np.log(p[occurs]))", "floor"),
    ("kl_of_counts", KL, "-np.sum(p[occurs] * np.log(p[occurs] * q[occurs]))", "entropy added"),
    ("kl_of_counts", KL, "np.sum(np.log(p[occurs] / q[occurs]))", "without weights"),
    ("kl_of_counts", KL, "2 * counts.sum() * " + KL, "likelihood-ratio statistic"),
    ("kl_of_counts", KL, "np.nansum((p - q) ** 2 / q)", "chi-square"),
    ("kl_of_counts", KL, "np.sum(p[occurs] * np.log(p[occurs] / (q[occurs] + 1e-9)))", "padded"),
    ("kl_of_counts", "counts > 0", "(counts > 0) & (q > 0)", "removed"),
    ("kl_of_counts", KL, KL + " / len(q)", "mean over outcomes"),
    ("kl_of_counts", KL, "np.sum(np.where(q > 0, q * np.log(q / p), 0))", "swapped"),
    ("kl_of_counts", KL,
     "np.sum((q * np.log(p / q))[occurs & (q > 0)])", "weighted by q"),
    ("token_loss", LOSS, "np.exp(-np.mean(log_q[np.arange(len(labels)), labels]))", "perplexity"),
    ("token_loss", LOSS, "-np.sum(log_q[np.arange(len(labels)), labels])", "sum"),
    ("token_loss", "logits - np.logaddexp.reduce(logits, axis=1)[:, None]", "logits",
     "no softmax"),
    ("token_loss", "axis=1)[:, None]", "axis=0)", "softmax over tokens"),
    ("token_loss", "reduce(logits, axis=1)[:, None]", "reduce(logits.ravel())",
     "softmax over everything"),
    ("token_loss", LOSS, "-np.log(np.exp(log_q[np.arange(len(labels)), labels]).mean())",
     "logarithm after the mean"),
    ("token_loss", LOSS, "1 - np.exp(log_q[np.arange(len(labels)), labels]).mean()",
     "no logarithm"),
    ("token_loss", LOSS, LOSS + " / logits.shape[1]", "mean over classes too"),
    ("token_loss", LOSS, "-np.mean(log_q[:, labels])", "every label for every token"),
    ("token_loss", LOSS, "-np.mean(np.take(log_q, labels))", "every label in the first row"),
    ("token_loss", LOSS, "-np.mean(log_q)", "all classes"),
    ("token_loss", LOSS, "-np.sum(np.exp(log_q) * log_q) / len(labels)", "entropy of the model"),
    ("token_loss", LOSS, "-np.mean(np.log(np.exp(log_q)[np.arange(len(labels)), labels]))",
     "underflow"),
    ("token_loss", LOSS,
     "-np.mean(np.log(np.exp(log_q)[np.arange(len(labels)), labels] + 1e-8))",
     "small number in the logarithm"),
    ("token_loss", LOSS, "np.mean(logits.argmax(axis=1) != labels)", "wrong share"),
    ("token_loss", LOSS, "np.mean(logits.argmax(axis=1) == labels)", "right share"),
    ("token_loss", LOSS, "-np.mean(log_q[:-1][np.arange(len(labels) - 1), labels[1:]])",
     "shifted"),
    ("token_loss", LOSS, LOSS + " * len(labels) / (len(labels) - 1)", "divided by one less"),
    ("token_loss", LOSS, "np.mean(log_q[np.arange(len(labels)), labels])", "sign"),
    ("token_loss", LOSS, "np.mean(np.logaddexp.reduce(logits, axis=1))",
     "labels' logits missing"),
    ("token_loss", "log_q = logits -",
     "logits = np.exp(logits - np.logaddexp.reduce(logits, axis=1)[:, None])\n"
     "    log_q = logits -", "softmax twice"),
    ("fit_normal", FIT, "[mean, np.sqrt(np.sum(counts * (values - mean) ** 2) "
     "/ (counts.sum() - 1))]", "n - 1"),
    ("fit_normal", FIT, "[mean, np.sum(p * (values - mean) ** 2)]", "variance"),
    ("fit_normal", FIT, "[mean, np.sum(counts * (values - mean) ** 2) / (counts.sum() - 1)]",
     "variance, n - 1"),
    ("fit_normal", FIT, "[values.mean(), values.std()]", "counts ignored"),
    ("fit_normal", FIT, "[mean, values.std()]", "spread of the values"),
    ("fit_normal", FIT, "[mean, np.sqrt(np.sum(p * values**2))]", "root of the mean square"),
    ("fit_normal", FIT, "[mean, np.sqrt(np.sum(counts * (values - mean) ** 2))]", "not divided"),
    ("fit_normal", FIT, "[mean, np.sqrt(np.mean(counts * (values - mean) ** 2))]",
     "divided by the number of values"),
    ("fit_normal", "mean = np.sum(p * values)", "mean = values[np.argmax(counts)]", "one heap"),
    ("fit_normal", "mean = np.sum(p * values)", "mean = np.median(np.repeat(values, counts))",
     "median"),
    ("fit_normal", FIT, "[mean, np.sum(p * abs(values - mean))]", "mean absolute deviation"),
    ("fit_normal", FIT,
     "[mean, np.sqrt(np.sum(p * (values - mean) ** 2) / counts.sum())]", "standard error"),
    ("fit_normal", FIT, "[np.sqrt(np.sum(p * (values - mean) ** 2)), mean]", "order"),
    ("fit_normal", FIT, "[mean, np.sqrt(np.sum(p * (values - values.mean()) ** 2))]",
     "around the plain mean"),
    ("left_over", " - entropy", "", "losses"),
    ("left_over", GAPS, GAPS + "[::-1]", "order"),
    ("left_over", "poisson.logpmf(k, mean)", "k * np.log(mean) - mean", "factorial missing"),
    ("left_over", "k * np.log(mean / (1 + mean)) - np.log(1 + mean)",
     "(k - 1) * np.log(1 - 1 / mean) - np.log(mean)", "geometric from 1"),
    ("left_over", "k * np.log(mean / (1 + mean))", "(k - 1) * np.log(mean / (1 + mean))",
     "geometric one step early"),
    ("left_over", "k * np.log(mean / (1 + mean)) - np.log(1 + mean)",
     "np.log(mean / (1 + mean)) - k * np.log(1 + mean)", "geometric turned round"),
    ("left_over", " - np.log(1 + mean)", "", "geometric without its first factor"),
    ("left_over", "poisson.logpmf(k, mean)",
     "poisson.logpmf(k, np.sum(p * (k - mean) ** 2))", "variance matched"),
    ("left_over", "mean = np.sum(p * k)", "mean = np.argmax(counts)", "most common number"),
    ("left_over", "mean = np.sum(p * k)", "mean = k.mean()", "mean of the numbers"),
    ("left_over", "mean = np.sum(p * k)", "mean = counts.mean()", "mean of the counts"),
    ("left_over", "mean = np.sum(p * k)", "mean = np.sum(p * (k + 1))", "numbers from 1"),
    ("left_over", GAPS,
     "[-np.sum(p * (log_q - np.log(np.exp(log_q).sum()))) - entropy "
     "for log_q in (poisson.logpmf(k, mean), log_geometric)]", "cut off"),
    ("left_over", GAPS, "[np.sum(np.exp(log_q) * (log_q - np.log(p))) "
     "for log_q in (poisson.logpmf(k, mean), log_geometric)]", "swapped"),
    ("left_over", GAPS, "[counts.sum() * (-np.sum(p * log_q) - entropy) "
     "for log_q in (poisson.logpmf(k, mean), log_geometric)]", "sums"),
    ("left_over", GAPS, "[np.sum(counts * log_q) "
     "for log_q in (poisson.logpmf(k, mean), log_geometric)]", "log-likelihoods"),
    ("left_over", "np.arange(len(counts)), counts / counts.sum()",
     "np.arange(len(counts)), (counts + 1) / (counts + 1).sum()", "smoothed"),
    ("left_over", "-np.sum(p * log_q) - entropy", "entropy", "floor"),
    ("left_over", "-np.sum(p * log_q) - entropy", "-np.sum(p * log_q) + entropy",
     "entropy added"),
]  # fmt: skip

# there are as many rows of logits as there are labels
EQUIVALENT_MUTANTS = {"token_loss": ["np.arange(len(logits))"]}
