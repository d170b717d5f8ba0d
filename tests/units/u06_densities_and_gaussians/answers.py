"""Answers to the questions of unit 06: right in other words, and wrong."""

import numpy as np
from scipy import integrate, special, stats


def by_quadrature(mean_p, sd_p, mean_q, sd_q):
    p, q = stats.norm(mean_p, sd_p), stats.norm(mean_q, sd_q)
    x = np.linspace(mean_p - 10 * sd_p, mean_p + 10 * sd_p, 4001)
    return np.trapezoid(p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), x)


def solve(mean_p, cov_p, mean_q, cov_q):
    shift = mean_p - mean_q
    trace = np.trace(np.linalg.solve(cov_q, cov_p))
    square = shift @ np.linalg.solve(cov_q, shift)
    volumes = np.linalg.slogdet(cov_q)[1] - np.linalg.slogdet(cov_p)[1]
    return (trace - len(shift) + square + volumes) / 2


def inverse(mean_p, cov_p, mean_q, cov_q):
    precision, shift = np.linalg.inv(cov_q), mean_p - mean_q
    volumes = np.linalg.slogdet(cov_q).logabsdet - np.linalg.slogdet(cov_p).logabsdet
    return 0.5 * (np.trace(precision @ cov_p) - len(shift) + shift @ precision @ shift + volumes)


def eigenvalues(mean_p, cov_p, mean_q, cov_q):
    ratios = np.linalg.eigvals(np.linalg.solve(cov_q, cov_p)).real
    shift = mean_p - mean_q
    return (np.sum(ratios - 1 - np.log(ratios)) + shift @ np.linalg.solve(cov_q, shift)) / 2


def split_and_mirrored(a, b):
    def lower_half(c, d):
        def integrand(x):
            log_p = (c - 1) * np.log(x) + (d - 1) * np.log1p(-x) - special.betaln(a, b)
            return np.exp(log_p) * log_p

        return integrate.quad(integrand, 0, 0.5)[0]

    return lower_half(a, b) + lower_half(b, a)


def grid_in_the_logit(a, b):
    t = np.linspace(-400, 400, 8001)
    log_x, log_rest = -np.logaddexp(0, -t), -np.logaddexp(0, t)
    log_p = (a - 1) * log_x + (b - 1) * log_rest - special.betaln(a, b)
    return np.trapezoid(np.exp(log_p + log_x + log_rest) * log_p, t)


def algebraic_weight(a, b):
    def average(weight):
        ends = {"wvar": (a - 1, b - 1), "weight": weight}
        return integrate.quad(lambda x: 1.0, 0, 1, **ends)[0] / special.beta(a, b)

    return (a - 1) * average("alg-loga") + (b - 1) * average("alg-logb") - special.betaln(a, b)


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "kl_normal": {
        "variances": lambda m, s, n, t: (
            (np.log(t**2 / s**2) + (s**2 + (m - n) ** 2) / t**2 - 1) / 2
        ),
        "quadrature": by_quadrature,
        "cross-entropy minus entropy": lambda m, s, n, t: (
            np.log(t) + (s**2 + (m - n) ** 2) / (2 * t**2) - np.log(s) - 0.5
        ),
        "python float": lambda m, s, n, t: float(
            np.log(t / s) + s**2 / (2 * t**2) + (n - m) ** 2 / (2 * t**2) - 1 / 2
        ),
    },
    "kl_mvn": {"solve": solve, "inverse": inverse, "eigenvalues": eigenvalues},
    "kl_beta_uniform": {
        "digamma": lambda a, b: (
            (a - 1) * special.digamma(a)
            + (b - 1) * special.digamma(b)
            - (a + b - 2) * special.digamma(a + b)
            - special.betaln(a, b)
        ),
        "minus scipy's entropy": lambda a, b: -stats.beta(a, b).entropy(),
        "split and mirrored": split_and_mirrored,
        "grid in the logit": grid_in_the_logit,
        "quad with an algebraic weight": algebraic_weight,
    },
}

# answers whose every step is repeated in single precision
SINGLE_PRECISION = {
    "kl_normal": lambda m, s, n, t: np.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5,
    "kl_mvn": solve,
}

# name, what is replaced, by what, and what is recognised
TYPED_MISTAKES = [
    ("kl_normal", " - 1 / 2", "", "minus one half missing"),
    ("kl_normal", "sd_q / sd_p", "sd_p / sd_q", "logarithm upside down"),
    ("kl_normal", "(2 * sd_q**2)", "2 * sd_q**2", "times the variance"),
    ("kl_normal", "(2 * sd_q**2)", "(2 * sd_p**2)", "variance of p below"),
    ("kl_normal", "(2 * sd_q**2)", "(2 * sd_q)", "square of sd_q missing"),
    ("kl_normal", "(2 * sd_q**2)", "sd_q**2", "two below the fraction line missing"),
    ("kl_normal", "(mean_p - mean_q) ** 2", "(mean_p - mean_q)", "square of the means missing"),
    ("kl_normal", "sd_p**2 +", "sd_p +", "square of sd_p missing"),
    ("kl_normal", "second_moment / (2 * sd_q**2)",
     "sd_p**2 + (mean_p - mean_q) ** 2 / (2 * sd_q**2)", "numerator without a bracket"),
    ("kl_mvn", " - len(mean_p)", "", "minus d missing"),
    ("kl_mvn", "solve(factor_q, factor_p)", "solve(factor_p, factor_q)",
     "trace the wrong way round"),
    ("kl_mvn", "solve(factor_q, mean_p", "solve(factor_p, mean_p",
     "shift with the wrong covariance"),
    ("kl_mvn", "np.sum(np.linalg.solve(factor_q, mean_p - mean_q) ** 2)",
     "(mean_p - mean_q) @ cov_q @ (mean_p - mean_q)", "shift not inverted"),
    ("kl_mvn", "2 * np.sum(np.log(np.diag(factor_q)) - np.log(np.diag(factor_p)))",
     "np.log(np.linalg.det(cov_q) / np.linalg.det(cov_p))", "determinant underflows"),
    ("kl_mvn", "2 * np.sum(np.log(np.diag(factor_q)) - np.log(np.diag(factor_p)))",
     "np.log(np.linalg.det(cov_q)) - np.log(np.linalg.det(cov_p))", "determinant underflows"),
    ("kl_mvn", "np.log(np.diag(factor_q)) - np.log(np.diag(factor_p))",
     "np.log(np.diag(factor_p)) - np.log(np.diag(factor_q))", "logarithm upside down"),
    ("kl_mvn", "np.sum(np.linalg.solve(factor_q, factor_p) ** 2)",
     "np.trace(np.linalg.inv(cov_q) * cov_p)", "product entry by entry"),
    ("kl_mvn", " / 2", "", "one half forgotten"),
    ("kl_beta_uniform", " - betaln(a, b)", "", "not normalised"),
    ("kl_beta_uniform", "* log_p", "* -log_p", "entropy"),
]  # fmt: skip

# Mutants that change nothing: a mean has as many entries as its covariance has rows.
EQUIVALENT_MUTANTS = {"kl_mvn": {"len(cov_p)"}}
