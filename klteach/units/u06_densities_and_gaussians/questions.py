"""The questions of unit 06: two normals, two multivariate normals, and an integral with a trap."""

import math
import warnings
from functools import cache

import numpy as np

from klteach.measures import to_bits
from klteach.practice.question import Mistake, Question, case

LESSON = "06_densities_and_gaussians"


# Two normals. Every random mean of p is negative: feedback looks apart at inputs without a number
# below 0, which is meant for distributions with zeros.


def normals(random):
    """Random pairs, then equal widths, equal means, p = q, a small scale and a large one."""
    pairs = [
        (-float(random.uniform(0.3, 3)), sd_p, float(random.normal(0, 3)), sd_q)
        for sd_p, sd_q in random.uniform(0.3, 3, (5, 2)).tolist()
    ]
    return [
        *(case(*pair) for pair in pairs),
        case(-2.0, 1.5, 1.0, 1.5, label="equal widths"),
        case(-1.0, 0.5, -1.0, 2.0, label="equal means"),
        case(-1.0, 0.7, -1.0, 0.7, label="p = q"),
        case(-0.004, 0.001, 0.002, 0.003),
        case(-1500.0, 300.0, 900.0, 250.0),
    ]


def normal_divergence(mean_p, sd_p, mean_q, sd_q):
    return math.log(sd_q / sd_p) + (sd_p**2 + (mean_p - mean_q) ** 2) / (2 * sd_q**2) - 1 / 2


def _with(log=None, spread=None, shift=None, constant=-1 / 2):
    """The formula of two normals with some of its parts replaced.

    Each part is a function of (sd_p, sd_q, mean_p - mean_q).
    """
    log = log or (lambda s, t, d: math.log(t / s))
    spread = spread or (lambda s, t, d: s**2 / (2 * t**2))
    shift = shift or (lambda s, t, d: d**2 / (2 * t**2))

    def value(mean_p, sd_p, mean_q, sd_q):
        parts = sd_p, sd_q, mean_p - mean_q
        return log(*parts) + spread(*parts) + shift(*parts) + constant

    return value


def _of_scales(change):
    """The right formula, called with changed standard deviations."""
    return lambda m, s, n, t: normal_divergence(m, change(s), n, change(t))


def _swapped_normals(mean_p, sd_p, mean_q, sd_q):
    return normal_divergence(mean_q, sd_q, mean_p, sd_p)


def _entropy_of_normal(sd):
    return math.log(2 * math.pi * math.e * sd**2) / 2


KL_NORMAL = Question(
    "kl_normal",
    points=2,
    reference=normal_divergence,
    unit="nats",
    exchangeable=False,
    visible=[
        case(0.0, 1.0, 1.0, 2.0, label="a model too far right and too wide"),
        case(1.0, 2.0, 0.0, 1.0, label="the same two, roles exchanged"),
        case(3.0, 0.5, 3.0, 0.5, label="a right model"),
    ],
    inputs=[normals],
    mistakes=[
        Mistake(
            "swapped",
            _swapped_normals,
            "The roles are exchanged: this is KL(q‖p). The samples come from p, so the variance "
            "below, the one that sets the prices, is that of q.",
        ),
        Mistake(
            "variance for sd",
            _of_scales(lambda s: s**2),
            "You squared the standard deviations before they went into a formula that squares "
            "them itself: variances stand where standard deviations belong.",
        ),
        Mistake(
            "sd for variance",
            _of_scales(math.sqrt),
            "You read the two standard deviations as variances: your formula is for variances, so "
            "square them first.",
        ),
        Mistake(
            "squares missing",
            _with(
                spread=lambda s, t, d: s / (2 * t),
                shift=lambda s, t, d: d**2 / (2 * t),
            ),
            "The logarithm is right, but the fraction holds standard deviations where variances "
            "belong: square them, above and below.",
        ),
        Mistake(
            "square of sd_p missing",
            _with(spread=lambda s, t, d: s / (2 * t**2)),
            "One square is missing: above the fraction line stands the variance of p, and you put "
            "its standard deviation.",
        ),
        Mistake(
            "square of sd_q missing",
            _with(
                spread=lambda s, t, d: s**2 / (2 * t),
                shift=lambda s, t, d: d**2 / (2 * t),
            ),
            "One square is missing: below the fraction line stands the variance of q, and you put "
            "its standard deviation.",
        ),
        Mistake(
            "square of the means missing",
            tuple(
                _with(shift=lambda s, t, d, change=change: change(d) / (2 * t**2))
                for change in (lambda d: d, lambda d: -d, abs)
            ),
            "The difference of the means is not squared. Its square is what the average of "
            "(x - mean_q)² has more than the variance of p.",
        ),
        Mistake(
            "minus one half missing",
            _with(constant=0),
            "All values are ½ too large: -½ is missing. It is p's own average of "
            "(x - mean_p)² / (2 sd_p²). With p = q nothing may be left over.",
        ),
        Mistake(
            "minus one",
            _with(constant=-1),
            "All values are ½ too small: you subtracted 1. Is there a ½ in front of the whole "
            "bracket that the constant should share?",
        ),
        Mistake(
            "logarithm upside down",
            _with(log=lambda s, t, d: math.log(s / t)),
            "The logarithm is upside down. -log p holds +log(sd_p), and it is log p - log q that "
            "you average: which of the two stands above?",
        ),
        Mistake(
            "logarithm left out",
            _with(log=lambda s, t, d: 0.0),
            "The logarithm of the standard deviations is missing. It is what two bell curves of "
            "different width differ by at their peaks.",
        ),
        Mistake(
            "logarithm halved",
            (
                _with(log=lambda s, t, d: math.log(t / s) / 2),
                _with(log=lambda s, t, d: 2 * math.log(t / s)),
            ),
            "The logarithm has the wrong factor. It is ½ log of the ratio of the variances, which "
            "is log of the ratio of the standard deviations: one of the two, not a mixture.",
        ),
        Mistake(
            "means forgotten",
            _with(shift=lambda s, t, d: 0.0),
            "The means do not take part. A model of the right width in the wrong place is not "
            "free.",
        ),
        Mistake(
            "means added",
            lambda m, s, n, t: normal_divergence(m, s, -n, t),
            "You added the means; it is their difference that is squared.",
        ),
        Mistake(
            "variance of p below",
            _with(
                spread=lambda s, t, d: s**2 / (2 * s**2),
                shift=lambda s, t, d: d**2 / (2 * s**2),
            ),
            "You divided by the variance of p. The prices are q's: below the fraction line stands "
            "the variance of q.",
        ),
        Mistake(
            "shift over the variance of p",
            _with(shift=lambda s, t, d: d**2 / (2 * s**2)),
            "The difference of the means is measured in the width of p. It is q that is surprised, "
            "so measure it in the width of q.",
        ),
        Mistake(
            "ratio of the variances upside down",
            (
                _with(spread=lambda s, t, d: t**2 / (2 * s**2)),
                _with(
                    spread=lambda s, t, d: t**2 / (2 * s**2),
                    shift=lambda s, t, d: d**2 / (2 * s**2),
                ),
            ),
            "The logarithm is right, but the ratio of the variances is upside down: p's variance "
            "stands above, q's below.",
        ),
        Mistake(
            "two below the fraction line missing",
            _with(
                spread=lambda s, t, d: s**2 / t**2,
                shift=lambda s, t, d: d**2 / t**2,
            ),
            "A factor is missing below the fraction line: the exponent of a normal density is "
            "-(x - mean)² / (2 sd²).",
        ),
        Mistake(
            "twice",
            lambda m, s, n, t: 2 * normal_divergence(m, s, n, t),
            "Twice too large: the ½ in front of the whole bracket was forgotten.",
        ),
        Mistake(
            "times the variance",
            _with(
                spread=lambda s, t, d: s**2 / 2 * t**2,
                shift=lambda s, t, d: d**2 / 2 * t**2,
            ),
            "A bracket is missing: Python reads `a / 2 * sd_q**2` as (a / 2) times the variance. "
            "Write `a / (2 * sd_q**2)`.",
        ),
        Mistake(
            "numerator without a bracket",
            _with(spread=lambda s, t, d: s**2),
            "A bracket is missing: the fraction line runs under both squares, that of sd_p and "
            "that of the difference of the means.",
        ),
        Mistake(
            "cross-entropy",
            lambda m, s, n, t: normal_divergence(m, s, n, t) + _entropy_of_normal(s),
            "This is the cross-entropy -E[log q], which depends on the unit of x. Subtract p's own "
            "differential entropy.",
        ),
        Mistake(
            "entropies subtracted",
            lambda m, s, n, t: math.log(t / s),
            "This is h(q) - h(p), each entropy under its own distribution. KL averages both "
            "logarithms under p.",
        ),
        Mistake(
            "both directions",
            (
                lambda m, s, n, t: normal_divergence(m, s, n, t) + normal_divergence(n, t, m, s),
                lambda m, s, n, t: (
                    (normal_divergence(m, s, n, t) + normal_divergence(n, t, m, s)) / 2
                ),
            ),
            "You put both directions together. Asked is KL(p‖q) alone, whose samples come from p.",
        ),
        Mistake(
            "sign",
            lambda m, s, n, t: -normal_divergence(m, s, n, t),
            "Right but for the sign: it is the average of log p - log q, and never below 0.",
        ),
        Mistake(
            "bits",
            lambda m, s, n, t: to_bits(normal_divergence(m, s, n, t)),
            "Right but for the unit: this is in bits, and the question asks for nats.",
        ),
    ],
    hints=[
        "log p(x) - log q(x) holds two squares. What is the average under p of (x - mean_p)², and "
        "what is that of (x - mean_q)²?",
        "KL = log(sd_q / sd_p) + (sd_p² + (mean_p - mean_q)²) / (2 sd_q²) - ½",
        "`return np.log(sd_q / sd_p) + (sd_p**2 + (mean_p - mean_q)**2) / (2 * sd_q**2) - 1 / 2`",
    ],
    insight="Only the ratio of the widths and the shift in widths of q matter, so no change of "
    "unit moves it. With equal widths both directions are (mean_p - mean_q)² / (2 sd²).",
    lesson=LESSON,
    section="The idea",
)


# Two multivariate normals


def multivariate_normals(random):
    """Random pairs of several sizes, p = q, and 100 coordinates whose determinant is too small."""
    cases = []
    for size in (2, 2, 3, 6):
        means = -random.uniform(0.2, 2, size), random.normal(0, 2, size)  # see `normals`
        covariances = []
        for _ in range(2):
            factor = random.normal(size=(size, size))
            covariances.append(factor @ factor.T / size + 0.3 * np.eye(size))
        cases.append(case(means[0], covariances[0], means[1], covariances[1]))
    same = [-1.0, 2.0], [[2.0, 0.6], [0.6, 0.5]]
    return [*cases, case(*same, *same, label="p = q"), _many_coordinates(random)]


def _many_coordinates(random, size=100):
    """det cov_p is below the smallest float, det cov_q is not.

    More coordinates would do it with larger variances, but a check would take too long.
    """
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))

    def covariance(correlation, low, high):
        sd = random.uniform(low, high, size)
        return correlation**apart * np.outer(sd, sd)

    p = random.normal(-1, 0.01, size), covariance(0.5, 0.01, 0.02)
    q = random.normal(-1, 0.01, size), covariance(0.3, 0.8, 1.2)
    return case(*p, *q, label=f"{size} coordinates")


def multivariate_divergence(mean_p, cov_p, mean_q, cov_q):
    factor_p, factor_q = np.linalg.cholesky(cov_p), np.linalg.cholesky(cov_q)
    # the squares of the first columns add up to the trace, those of the last to the shift
    whitened = np.linalg.solve(factor_q, np.column_stack([factor_p, mean_p - mean_q]))
    log_ratio = 2 * np.sum(np.log(np.diag(factor_q)) - np.log(np.diag(factor_p)))
    return (np.sum(whitened**2) - len(mean_p) + log_ratio) / 2


def _log_det(cov):
    return np.linalg.slogdet(cov)[1]


def _matrices(trace=None, shift=None, log=None, dimension=1.0):
    """The multivariate formula with some of its parts replaced; ½ stands in front of all.

    Each part is a function of (cov_p, cov_q, mean_p - mean_q).
    """
    trace = trace or (lambda s, t, d: np.trace(np.linalg.solve(t, s)))
    shift = shift or (lambda s, t, d: d @ np.linalg.solve(t, d))
    log = log or (lambda s, t, d: _log_det(t) - _log_det(s))

    def value(mean_p, cov_p, mean_q, cov_q):
        parts = cov_p, cov_q, mean_p - mean_q
        total = trace(*parts) + shift(*parts) + log(*parts)
        return (total - dimension * len(mean_p)) / 2

    return value


def _trace_of_inverse_p(s, t, d):
    return np.trace(np.linalg.solve(s, t))


def _shift_of_p(s, t, d):
    return d @ np.linalg.solve(s, d)


def _only_diagonals(mean_p, cov_p, mean_q, cov_q):
    return multivariate_divergence(mean_p, np.diag(np.diag(cov_p)), mean_q, np.diag(np.diag(cov_q)))


KL_MVN = Question(
    "kl_mvn",
    points=4,
    reference=multivariate_divergence,
    unit="nats",
    exchangeable=False,
    visible=[
        case(
            [1.0, 1.0],
            [[1.0, 0.8], [0.8, 1.0]],
            [1.0, 1.0],
            [[1.0, 0.5], [0.5, 1.0]],
            label="equal means",
        ),
        case(
            [1.0, -1.0],
            [[1.0, 0.5], [0.5, 1.0]],
            [2.0, -1.0],
            [[1.0, 0.5], [0.5, 1.0]],
            label="equal covariances",
        ),
        case([-1.0], [[1.0]], [-2.0], [[4.0]], label="a single coordinate"),
    ],
    inputs=[multivariate_normals],
    mistakes=[
        Mistake(
            "determinant underflows",
            (
                _matrices(log=lambda s, t, d: np.log(np.linalg.det(t)) - np.log(np.linalg.det(s))),
                _matrices(log=lambda s, t, d: np.log(np.linalg.det(t) / np.linalg.det(s))),
            ),
            "Right while there are few coordinates. With 100 of them a determinant, a product of "
            "100 factors, is below the smallest number that a float can hold, and its logarithm "
            "is -∞. Take the logarithm before you multiply: `np.linalg.slogdet`, or the diagonal "
            "of the Cholesky factor.",
        ),
        Mistake(
            "minus d missing",
            _matrices(dimension=0.0),
            "Too large by d/2: the -d is missing. With p = q the trace alone is d, and nothing may "
            "be left over.",
        ),
        Mistake(
            "minus one for d",
            lambda m, s, n, t: multivariate_divergence(m, s, n, t) + (len(m) - 1) / 2,
            "You subtracted 1, as for one coordinate. Each of the d coordinates brings its own.",
        ),
        Mistake(
            "two for d",
            lambda m, s, n, t: multivariate_divergence(m, s, n, t) + (len(m) - 2) / 2,
            "You subtracted 2, which is d for two coordinates only. It is `len(mean_p)`.",
        ),
        Mistake(
            "swapped",
            lambda m, s, n, t: multivariate_divergence(n, t, m, s),
            "The roles are exchanged: this is KL(q‖p). The covariance that is inverted is that of "
            "q, whose prices are paid.",
        ),
        Mistake(
            "inverse of the wrong covariance",
            (
                _matrices(trace=_trace_of_inverse_p, shift=_shift_of_p),
                _matrices(trace=lambda s, t, d: np.trace(np.linalg.solve(s, s)), shift=_shift_of_p),
            ),
            "The logarithm is right, but in the trace and in the shift you inverted the covariance "
            "of p. The prices are q's: it is cov_q that is inverted.",
        ),
        Mistake(
            "trace the wrong way round",
            _matrices(trace=_trace_of_inverse_p),
            "The trace is the wrong way round: you inverted cov_p and multiplied by cov_q. The "
            "spread of p is measured in the spread of q.",
        ),
        Mistake(
            "shift with the wrong covariance",
            _matrices(shift=_shift_of_p),
            "The shift of the means is measured with the covariance of p. It is q that is "
            "surprised by it: invert cov_q there too.",
        ),
        Mistake(
            "shift without a covariance",
            _matrices(shift=lambda s, t, d: d @ d),
            "The shift of the means stands there without a covariance, in the unit of x squared. "
            "Measure it in the spread of q: Δᵀ cov_q⁻¹ Δ.",
        ),
        Mistake(
            "shift not inverted",
            _matrices(shift=lambda s, t, d: d @ t @ d),
            "You multiplied the shift of the means by cov_q. A wide model is less surprised, not "
            "more: it is the inverse that stands between.",
        ),
        Mistake(
            "shift not squared",
            _matrices(shift=lambda s, t, d: np.sqrt(d @ np.linalg.solve(t, d))),
            "You took the root of the shift, the Mahalanobis distance. Its square is what the "
            "formula holds.",
        ),
        Mistake(
            "means forgotten",
            _matrices(shift=lambda s, t, d: 0.0),
            "The means do not take part. A model of the right shape in the wrong place is not "
            "free.",
        ),
        Mistake(
            "logarithm upside down",
            _matrices(log=lambda s, t, d: _log_det(s) - _log_det(t)),
            "The logarithm of the determinants is upside down: q's volume stands above, p's below.",
        ),
        Mistake(
            "logarithm left out",
            _matrices(log=lambda s, t, d: 0.0),
            "The logarithm of the determinants is missing: a model may spread its mass over too "
            "large a volume or too small a one.",
        ),
        Mistake(
            "logarithm halved",
            _matrices(log=lambda s, t, d: (_log_det(t) - _log_det(s)) / 2),
            "The logarithm of the determinants is half of what it should be. If you took it from "
            "Cholesky factors: cov = L Lᵀ, so det cov is the square of det L.",
        ),
        Mistake(
            "logarithm outside the bracket",
            _matrices(log=lambda s, t, d: 2 * (_log_det(t) - _log_det(s))),
            "The ½ stands in front of all four terms, the logarithm of the determinants among "
            "them.",
        ),
        Mistake(
            "one half forgotten",
            lambda m, s, n, t: 2 * multivariate_divergence(m, s, n, t),
            "Twice too large: the ½ in front of the whole bracket was forgotten.",
        ),
        Mistake(
            "product entry by entry",
            (
                _matrices(trace=lambda s, t, d: np.trace(np.linalg.inv(t) * s)),
                _matrices(trace=lambda s, t, d: np.trace(s / t)),
            ),
            "In the trace two matrices are combined entry by entry. `*` and `/` do that; the "
            "matrix product is `@`, and `np.linalg.solve(cov_q, cov_p)` multiplies by an inverse.",
        ),
        Mistake(
            "ratio of traces",
            _matrices(trace=lambda s, t, d: np.trace(s) / np.trace(t)),
            "You divided one trace by the other. It is the trace of one matrix, cov_q⁻¹ cov_p.",
        ),
        Mistake(
            "sum of all entries",
            _matrices(trace=lambda s, t, d: np.sum(np.linalg.solve(t, s))),
            "You added up all entries of cov_q⁻¹ cov_p. The trace adds up its diagonal alone.",
        ),
        Mistake(
            "factors for covariances",
            (
                _matrices(
                    trace=lambda s, t, d: np.trace(
                        np.linalg.solve(np.linalg.cholesky(t), np.linalg.cholesky(s))
                    )
                ),
                _matrices(
                    trace=lambda s, t, d: np.trace(
                        np.linalg.solve(np.linalg.cholesky(t), np.linalg.cholesky(s))
                    ),
                    shift=lambda s, t, d: d @ np.linalg.solve(np.linalg.cholesky(t), d),
                ),
            ),
            "You took the trace of Cholesky factors. tr(cov_q⁻¹ cov_p) is the sum of the *squares* "
            "of all entries of L_q⁻¹ L_p.",
        ),
        Mistake(
            "only the diagonals",
            _only_diagonals,
            "You used the diagonals alone, as if the coordinates were independent. Correlations "
            "change both the volume and the inverse.",
        ),
        Mistake(
            "covariances squared",
            lambda m, s, n, t: multivariate_divergence(m, s @ s, n, t @ t),
            "You squared the covariances, as if they were standard deviations. They are variances "
            "already.",
        ),
        Mistake(
            "sign",
            lambda m, s, n, t: -multivariate_divergence(m, s, n, t),
            "Right but for the sign: it is the average of log p - log q, and never below 0.",
        ),
        Mistake(
            "bits",
            lambda m, s, n, t: to_bits(multivariate_divergence(m, s, n, t)),
            "Right but for the unit: this is in bits, and the question asks for nats.",
        ),
    ],
    hints=[
        "With one coordinate this must be E1. What becomes of a variance, of a ratio of variances "
        "and of the ½ there when there are d coordinates?",
        "KL = ½ (tr(cov_q⁻¹ cov_p) - d + Δᵀ cov_q⁻¹ Δ + log det cov_q - log det cov_p), where Δ is "
        "the difference of the means",
        "`shift = mean_p - mean_q`, `trace = np.trace(np.linalg.solve(cov_q, cov_p))`, "
        "`square = shift @ np.linalg.solve(cov_q, shift)`, "
        "`volumes = np.linalg.slogdet(cov_q)[1] - np.linalg.slogdet(cov_p)[1]`, then "
        "`return (trace - len(shift) + square + volumes) / 2`",
    ],
    insight="Spread, shift and volume, all measured in q. In many dimensions a determinant leaves "
    "the range of floats long before its logarithm does.",
    lesson=LESSON,
    section="The idea",
)


# A beta density against the uniform one


def beta_densities(random):
    """Unbounded densities, bounded ones, the mirror image of the trap, p = q."""
    unbounded = [case(*random.uniform(0.1, 0.6, 2).tolist()) for _ in range(3)]
    bounded = [case(*random.uniform(1.5, 8, 2).tolist()) for _ in range(2)]
    return [
        case(0.2, 0.1, label="the mirror image"),
        *unbounded,
        *bounded,
        case(0.3, 3.0),
        case(0.5, 0.5),
    ]


def _beta_parts(a, b):
    """log B(a, b), the average of log x and that of log(1 - x) under the beta density."""
    from scipy.special import betaln, digamma

    return betaln(a, b), digamma(a) - digamma(a + b), digamma(b) - digamma(a + b)


def beta_divergence(a, b):
    log_b, mean_log, mean_log_rest = _beta_parts(a, b)
    return (a - 1) * mean_log + (b - 1) * mean_log_rest - log_b


def _without_digamma_of_the_sum(a, b):
    from scipy.special import betaln, digamma

    return (a - 1) * digamma(a) + (b - 1) * digamma(b) - betaln(a, b)


def _density(a, b, x):
    return x ** (a - 1) * (1 - x) ** (b - 1) / math.exp(_beta_parts(a, b)[0])


def _integrand(a, b, x):
    density = _density(a, b, x)
    return density * np.log(density)


@cache
def _by_quad(a, b, low, high):
    """What `scipy.integrate.quad` makes of the integral from `low` to `high`."""
    from scipy.integrate import quad

    scale = math.exp(_beta_parts(a, b)[0])

    def integrand(x):
        density = x ** (a - 1) * (1 - x) ** (b - 1) / scale
        return density * math.log(density)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quad warns, and this mistake is not to look
        return quad(integrand, low, high)[0]


@cache
def _on_grid(a, b, cut, size, rule):
    """What a grid of `size` points makes of it, between `cut` and 1 - `cut`."""
    x = np.linspace(cut, 1 - cut, size)
    values = _integrand(a, b, x)
    if rule == "trapezoid":
        return float(np.trapezoid(values, x))
    if rule == "shares":
        density = _density(a, b, x)
        shares = density / density.sum()
        return float(np.sum(shares * np.log(shares * size)))
    return float(np.sum(values) * (x[1] - x[0]) if rule == "sum" else np.mean(values))


CUTS = tuple(10.0**-k for k in (2, 3, 4, 5, 6, 7, 8, 9, 10, 12))
INTERVALS = tuple((cut, 1 - cut) for cut in CUTS if cut != 1e-5) + tuple(
    interval for cut in CUTS[1:] for interval in ((cut, 1.0), (0.0, 1 - cut))
)
GRIDS = tuple(
    grid
    for size in (100, 101, 1000, 1001, 10_000, 10_001)
    for grid in (
        *((10.0**-k, size) for k in (3, 4, 5, 6, 8, 10)),
        (1 / (size - 1), size - 2),  # linspace(0, 1, size) without its ends
        (1 / (2 * size), size),  # the middles of equal cells
    )
)


def _from_parts(combine):
    """A function of (a, b, log B, E[log x], E[log(1 - x)]) as one of (a, b)."""
    return lambda a, b: combine(a, b, *_beta_parts(a, b))


KL_BETA_UNIFORM = Question(
    "kl_beta_uniform",
    points=3,
    reference=beta_divergence,
    unit="nats",
    exchangeable=False,
    visible=[
        case(2.0, 1.0, label="a density that rises evenly"),
        case(0.1, 0.2, label="a density without bound at both ends"),
        case(1.0, 1.0, label="the uniform density itself"),
    ],
    inputs=[beta_densities],
    mistakes=[
        Mistake(
            "interval cut at 1e-5",
            lambda a, b: _by_quad(a, b, 1e-5, 1 - 1e-5),
            "Your interval runs from 1e-5 to 1 - 1e-5. For a = 0.1, b = 0.2 it holds only 74.9 % "
            "of p's mass; check ∫p first. A quarter of the samples come from outside, where the "
            "density and its logarithm are largest.",
        ),
        Mistake(
            "interval cut",
            tuple(lambda a, b, ends=ends: _by_quad(a, b, *ends) for ends in INTERVALS),
            "Your interval stops short of 0 or of 1, and next to them lies mass. Integrate p alone "
            "over the same interval, for a = 0.1, b = 0.2: it should give 1.",
        ),
        Mistake(
            "ends not resolved",
            lambda a, b: _by_quad(a, b, 0.0, 1.0),
            "`quad` from 0 to 1 does well until the density grows fast at the upper end: there "
            "1 - x loses its digits. Look at the second number that `quad` returns, its own "
            "estimate of the error. Bring each end to 0 (split at ½ and mirror), or spread both "
            "out with another variable.",
        ),
        Mistake(
            "grid of equal steps",
            tuple(
                lambda a, b, grid=grid, rule=rule: _on_grid(a, b, *grid, rule)
                for grid in GRIDS
                for rule in ("trapezoid", "sum", "mean")
            ),
            "A grid of equal steps cannot follow a density that grows without bound: nearly all of "
            "it happens inside the first step and the last. Sum p alone over your grid, for "
            "a = 0.1, b = 0.2: it should give 1.",
        ),
        Mistake(
            "grid made to sum to 1",
            tuple(lambda a, b, grid=grid: _on_grid(a, b, *grid, "shares") for grid in GRIDS),
            "You divided the densities on the grid by their sum. The shares then sum to 1 whatever "
            "the grid has missed, so the check that would have warned you is gone. Sum p times "
            "the step instead: for a = 0.1, b = 0.2 it should give 1.",
        ),
        Mistake(
            "entropy",
            _from_parts(lambda a, b, log_b, x, rest: log_b - (a - 1) * x - (b - 1) * rest),
            "This is the differential entropy h(p), so the sign is wrong. The uniform density is "
            "1, its logarithm 0, and what is left of log(p/q) is +log p.",
        ),
        Mistake(
            "weights missing",
            _from_parts(lambda a, b, log_b, x, rest: -log_b - (a - 1) - (b - 1)),
            "The weights are missing: this is the integral of log p alone, an average under the "
            "uniform density. The samples come from p.",
        ),
        Mistake(
            "swapped",
            _from_parts(lambda a, b, log_b, x, rest: log_b + (a - 1) + (b - 1)),
            "The roles are exchanged: this is KL(uniform‖beta). The samples come from the beta "
            "density.",
        ),
        Mistake(
            "not normalised",
            (
                _from_parts(
                    lambda a, b, log_b, x, rest: np.exp(log_b) * ((a - 1) * x + (b - 1) * rest)
                ),
                _from_parts(
                    lambda a, b, log_b, x, rest: (
                        np.exp(log_b) * ((a - 1) * x + (b - 1) * rest - log_b)
                    )
                ),
            ),
            "x**(a-1) * (1-x)**(b-1) is not a density yet: integrate it, and you get B(a, b), not "
            "1. Divide by B(a, b) both times that p occurs.",
        ),
        Mistake(
            "logarithm without B",
            _from_parts(lambda a, b, log_b, x, rest: (a - 1) * x + (b - 1) * rest),
            "Inside the logarithm the density lacks its 1/B(a, b): all values are off by log "
            "B(a, b), which the average leaves as it is.",
        ),
        Mistake(
            "sign of log B",
            _from_parts(lambda a, b, log_b, x, rest: (a - 1) * x + (b - 1) * rest + log_b),
            "log B(a, b) has the wrong sign: the density is divided by B(a, b), so its logarithm "
            "is subtracted.",
        ),
        Mistake(
            "B without its logarithm",
            _from_parts(lambda a, b, log_b, x, rest: (a - 1) * x + (b - 1) * rest - np.exp(log_b)),
            "You subtracted B(a, b) itself; it is its logarithm that is subtracted (`betaln`).",
        ),
        Mistake(
            "digamma of the sum missing",
            _without_digamma_of_the_sum,
            "The average of log x under p is ψ(a) - ψ(a + b): the second ψ is missing.",
        ),
        Mistake(
            "a for a - 1",
            _from_parts(lambda a, b, log_b, x, rest: a * x + b * rest - log_b),
            "The exponents of the density are a - 1 and b - 1, not a and b.",
        ),
        Mistake(
            "bits",
            lambda a, b: to_bits(beta_divergence(a, b)),
            "Right but for the unit: this is in bits, and the question asks for nats.",
        ),
    ],
    hints=[
        "How much of p's mass lies within 1e-5 of 0 and of 1? Integrate p alone over the interval "
        "or the grid that you use: does it give 1?",
        "With x = 1 / (1 + exp(-t)) both ends move to infinity, where they are tame; dx = "
        "x (1 - x) dt. Or without an integral: "
        "KL = (a - 1) E[log x] + (b - 1) E[log(1 - x)] - log B(a, b), "
        "E[log x] = ψ(a) - ψ(a + b), E[log(1 - x)] = ψ(b) - ψ(a + b)",
        "`from scipy.special import betaln, digamma`, then "
        "`both = (a - 1) * digamma(a) + (b - 1) * digamma(b)`, then "
        "`return both - (a + b - 2) * digamma(a + b) - betaln(a, b)`",
    ],
    insight="An integral of p log p is worth what the integral of p over the same interval is "
    "worth. If that is not 1, mass is missing, and where p is large it is missing most.",
    lesson=LESSON,
    section="Where this bites",
)


QUESTIONS = [KL_NORMAL, KL_MVN, KL_BETA_UNIFORM]
