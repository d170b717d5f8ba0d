"""Answers to the questions of unit 20: right in other words, and wrong."""

import math

import numpy as np
from scipy import integrate, special, stats


def from_the_evidence(x, noise_variance, mean, sd):
    evidence = stats.norm.logpdf(x, 0, math.sqrt(1 + noise_variance))
    variance = noise_variance / (1 + noise_variance)
    center = x / (1 + noise_variance)
    gap = 0.5 * (math.log(variance / sd**2) + (sd**2 + (mean - center) ** 2) / variance - 1)
    return evidence - gap


def by_the_joint(x, noise_variance, mean, sd):
    squares = (x - mean) ** 2 + sd**2
    likelihood = -0.5 * math.log(2 * math.pi * noise_variance) - squares / (2 * noise_variance)
    prior = -0.5 * math.log(2 * math.pi) - (mean**2 + sd**2) / 2
    return likelihood + prior + stats.norm.entropy(mean, sd)


def by_quadrature(x, noise_variance, mean, sd):
    def integrand(z):
        q = math.exp(-0.5 * ((z - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))
        log_q = -0.5 * ((z - mean) / sd) ** 2 - math.log(sd * math.sqrt(2 * math.pi))
        log_joint = (
            -0.5 * z**2
            - 0.5 * (x - z) ** 2 / noise_variance
            - math.log(2 * math.pi)
            - 0.5 * math.log(noise_variance)
        )
        return q * (log_joint - log_q)

    return integrate.quad(integrand, mean - 12 * sd, mean + 12 * sd, points=[mean])[0]


def image_by_image(mean, log_variance):
    totals = []
    for m, v in zip(mean, log_variance, strict=True):
        total = 0
        for a, b in zip(m, v, strict=True):
            total += (a * a + math.exp(b) - b - 1) / 2
        totals.append(total)
    return totals


def by_sds(mean, log_variance):
    sd = np.exp(0.5 * log_variance)
    return np.sum(-np.log(sd) + (sd**2 + mean**2) / 2 - 0.5, axis=-1)


def by_entropies(posteriors, prior):
    aggregate = posteriors.mean(axis=0)
    information = special.entr(aggregate).sum() - special.entr(posteriors).sum(axis=1).mean()
    return information, special.rel_entr(aggregate, prior).sum()


def by_the_whole(posteriors, prior):
    whole = np.mean([stats.entropy(row, prior) for row in posteriors])
    gap = stats.entropy(posteriors.mean(axis=0), prior)
    return np.array([whole - gap, gap])


def by_singular_values(rows, noise_sd):
    values = np.linalg.svd(rows - rows.mean(axis=0), compute_uv=False)
    return values[0] ** 2 / len(rows) / noise_sd**2


def by_power_iteration(rows, noise_sd):
    covariance = np.cov(rows, rowvar=False, ddof=0)
    direction = np.ones(len(covariance)) + np.arange(len(covariance))
    for _ in range(5000):
        direction = covariance @ direction
        direction /= np.linalg.norm(direction)
    return direction @ covariance @ direction / noise_sd**2


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "elbo": {
        "evidence minus gap": from_the_evidence,
        "joint plus entropy": by_the_joint,
        "quadrature": by_quadrature,
        "array": lambda x, v, m, s: np.array(by_the_joint(x, v, m, s)),
    },
    "kl_to_prior": {
        "loops": image_by_image,
        "standard deviations": by_sds,
        "einsum": lambda m, v: (
            0.5 * (np.einsum("ij,ij->i", m, m) + (np.exp(v) - v).sum(1) - m.shape[1])
        ),
    },
    "information_and_gap": {
        "entropies": by_entropies,
        "whole minus gap": by_the_whole,
        "tuple": lambda q, p: tuple(by_the_whole(q, p)),
    },
    "collapse_beta": {
        "singular values": by_singular_values,
        "power iteration": by_power_iteration,
        "spectral norm": lambda x, s: np.linalg.norm(np.cov(x.T, ddof=0), 2) / s**2,
    },
}

SINGLE_PRECISION = {
    "elbo": lambda x, v, m, s: np.float32(from_the_evidence(x, v, m, s)),
    "kl_to_prior": lambda m, v: by_sds(np.float32(m), np.float32(v)),
    "information_and_gap": lambda q, p: np.float32(by_entropies(q, p)),
    "collapse_beta": lambda x, s: np.float32(by_singular_values(x, s)),
}

# the question, what is replaced in its solution, by what, and what is recognised
TYPED_MISTAKES = [
    ("elbo", "(x - mean) ** 2 + sd**2", "(x - mean) ** 2", "reconstruction at the mean only"),
    (
        "elbo",
        "(x - mean) ** 2 + sd**2",
        "(x - mean) ** 2 + sd",
        "sd for its square in the reconstruction",
    ),
    ("elbo", "likelihood - kl", "likelihood + kl", "sign of KL"),
    ("elbo", "return likelihood - kl", "return likelihood", "KL left out"),
    ("elbo", "return likelihood - kl", "return -kl", "the likelihood left out"),
    ("elbo", "return likelihood - kl", "return kl - likelihood", "the loss"),
    ("elbo", "/ (2 * noise_variance)", "/ (2 * noise_variance**2)", "noise variance squared"),
    (
        "elbo",
        "/ (2 * noise_variance)",
        "/ (2 * np.sqrt(noise_variance))",
        "noise sd in the exponent",
    ),
    ("elbo", "-0.5 * np.log(2 * np.pi * noise_variance) - ", "-", "constant left out"),
    (
        "elbo",
        "-0.5 * np.log(2 * np.pi * noise_variance)",
        "-0.5 * np.log(2 * np.pi)",
        "constant left out",
    ),
    (
        "elbo",
        "-0.5 * np.log(2 * np.pi * noise_variance)",
        "-np.log(2 * np.pi * noise_variance)",
        "constant without the half",
    ),
    ("elbo", "/ (2 * noise_variance)", "/ noise_variance", "half missing in the square"),
    ("elbo", "- np.log(sd)", "- np.log(sd**2)", "log of the variance"),
    ("elbo", "- np.log(sd)", "- 0.5 * np.log(sd)", "half the log of sd"),
    ("elbo", "mean**2 + sd**2 - 1", "mean**2 + sd - 1", "sd for its square in KL"),
    ("elbo", "sd**2 - 1)", "sd**2)", "minus 1 left out"),
    ("elbo", "- np.log(sd)", "- np.log2(sd)", "base 2 in a part"),
    ("elbo", "return likelihood - kl", "return (likelihood - kl) / np.log(2)", "bits"),
    ("kl_to_prior", "terms.sum(axis=1)", "terms.mean(axis=1)", "mean over latents"),
    (
        "kl_to_prior",
        "np.exp(log_variance) - 1 - log_variance",
        "np.exp(2 * log_variance) - 1 - 2 * log_variance",
        "log variance taken for log sd",
    ),
    ("kl_to_prior", "np.exp(log_variance)", "np.exp(log_variance / 2)", "sd for the variance"),
    ("kl_to_prior", "np.exp(log_variance)", "log_variance", "exponential forgotten"),
    ("kl_to_prior", "return 0.5", "return -0.5", "sign"),
    ("kl_to_prior", "return 0.5 * terms", "return terms", "half missing"),
    ("kl_to_prior", " - 1 - log", " - log", "minus 1 missing"),
    ("kl_to_prior", "mean**2", "mean", "mean not squared"),
    ("kl_to_prior", "- log_variance", "+ log_variance", "sign of the log variance"),
    ("kl_to_prior", "mean**2 + ", "", "mean left out"),
    ("kl_to_prior", "terms.sum(axis=1)", "terms[:, 0]", "one latent only"),
    ("kl_to_prior", "terms.sum(axis=1)", "terms.max(axis=1)", "the largest latent"),
    ("kl_to_prior", "terms.sum(axis=1)", "terms.sum(axis=1) / np.log(2)", "bits"),
    (
        "information_and_gap",
        "[information / len(posteriors), gap]",
        "[gap, information / len(posteriors)]",
        "exchanged",
    ),
    ("information_and_gap", "information / len(posteriors)", "information", "sum over images"),
    ("information_and_gap", "row[used] / aggregate[used]", "row[used] / prior[used]", "not split"),
    ("collapse_beta", ".max()", ".sum()", "total variance"),
    ("collapse_beta", ".max()", ".mean()", "mean column"),
    ("collapse_beta", ".max()", ".min()", "smallest eigenvalue"),
    ("collapse_beta", "len(rows)", "(len(rows) - 1)", "n - 1"),
    ("collapse_beta", "noise_sd**2", "noise_sd", "noise not squared"),
    ("collapse_beta", "rows - rows.mean(axis=0)", "rows", "not centred"),
    ("collapse_beta", " / len(rows)", "", "not divided by n"),
    ("collapse_beta", " / noise_sd**2", "", "noise left out"),
]
