"""The questions of unit 06: two normals, two multivariate normals, and an integral with a trap."""

import math
import warnings

import numpy as np

from klteach.measures import to_bits
from klteach.practice.question import Mistake, Question, case

LESSON = "06_densities_and_gaussians"


# Two normals. Every mean of q is positive: whoever takes the parameters in the order mean, mean,
# sd, sd finds it in the place of a standard deviation, and is to hear that and no error.


def normals(random):
    """Random pairs, then equal widths, equal means, p = q, a small scale and a large one."""
    pairs = [
        (float(random.normal(0, 2)), sd_p, float(random.uniform(0.3, 4)), sd_q)
        for sd_p, sd_q in random.uniform(0.3, 3, (3, 2)).tolist()
    ]
    return [
        *(case(*pair) for pair in pairs),
        case(-2.0, 1.5, 1.0, 1.5, label="equal widths"),
        case(1.0, 0.5, 1.0, 2.0, label="equal means"),
        case(0.004, 0.001, 0.01, 0.003, label="a small unit"),
        case(1500.0, 300.0, 2400.0, 250.0, label="a large unit"),
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


def _from_the_log_of_the_variance(mean_p, sd_p, mean_q, sd_q):
    """The term of a VAE as it stands in code, with sd_p where the logarithm of a variance goes."""
    return -(1 + sd_p - mean_p**2 - math.exp(min(sd_p, 700.0))) / 2


def fixed_interval(e):
    """Right where p lies near 0 and next to nothing where it lies far out."""
    # a density that is much narrower than the interval is missed for another reason
    wide = [i for i, tried in enumerate(e.cases) if tried.arguments[1] > 0.05]
    # an integral up to L is right if L is some five standard deviations beyond the mean
    near = [_reach(e.cases[i], 4) for i in wide if e.right[i]]
    far = {_reach(e.cases[i], 6): i for i in wide if not e.right[i]}
    if len(near) < 3 or not far or max(near) > min(far):
        return None
    at = far[max(far)]
    if abs(e.values[at]) > 0.01 * e.references[at]:
        return None
    return (
        "Right where p lies near 0, and next to nothing where it lies far out. So it is with an "
        "integral over a fixed interval, such as -10 to 10: it knows the mass inside and no other. "
        "Integrate p alone over it, for this input: is it 1? Let the interval follow mean_p and "
        "sd_p, or use the formula.",
        at,
    )


def _reach(tried, deviations):
    """How far from 0 a normal has mass: up to so many standard deviations from its mean."""
    mean, sd = tried.arguments[:2]
    return abs(mean) + deviations * sd


def rough_estimate(e):
    """Near the right values, now above and now below: samples, bins or too few steps."""
    values, references = np.array(e.values), np.array(e.references)
    off = (values - references) / (references + 0.02)
    near, clear = np.abs(off) <= 0.25, np.abs(off) > 1e-4
    both_sides = (off[clear] > 0).any() and (off[clear] < 0).any()
    if np.mean(near) < 0.75 or np.mean(clear) < 0.5 or not both_sides:
        return None
    return (
        "Near the right value on most inputs, above it on some and below it on others. So it is "
        "with an estimate: from samples, from bins, or from a rule with too few points. For "
        "normals there is a formula."
    )


def not_zero_for_a_right_model(e):
    """Something is left over where p and q are the same."""
    for at, tried in enumerate(e.cases):
        p, q = tried.arguments[:2], tried.arguments[2:]
        if all(map(np.array_equal, p, q)) and abs(e.values[at]) > 1e-9:
            return (
                "Not 0 for this input, where p and q are the same: a right model costs nothing "
                "extra. Put it into your formula by hand: which terms should cancel there?",
                at,
            )
    return None


KL_NORMAL = Question(
    "kl_normal",
    points=2,
    reference=normal_divergence,
    unit="nats",
    exchangeable=False,
    rows=[fixed_interval, rough_estimate, not_zero_for_a_right_model],
    visible=[
        case(2.0, 1.0, 3.0, 2.0, label="a model too far right and too wide"),
        case(3.0, 2.0, 2.0, 1.0, label="the same two, roles exchanged"),
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
            "parameters in another order",
            lambda m, s, n, t: normal_divergence(m, n, s, t),
            "Your parameters come in another order, both means first: mean_p, mean_q, sd_p, sd_q. "
            "The call hands over mean_p, sd_p, mean_q, sd_q, so your sd_p is the mean of q.",
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
            "minus one, cut at 0",
            lambda m, s, n, t: max(0.0, _with(constant=-1)(m, s, n, t)),
            "You subtracted 1 where ½ belongs, and `max` put 0 wherever that went below 0. KL does "
            "not go below 0 by itself, so a `max` hides what it should show.",
        ),
        Mistake(
            "logarithm to another base",
            (
                _with(log=lambda s, t, d: math.log2(t / s)),
                _with(log=lambda s, t, d: math.log10(t / s)),
            ),
            "The logarithm has another base than e, and the other terms are in nats: they come "
            "from the exponent of e. Use `np.log`.",
        ),
        Mistake(
            "against a standard normal",
            (
                lambda m, s, n, t: normal_divergence(m, s, 0.0, 1.0),
                _from_the_log_of_the_variance,
            ),
            "This is the term of a VAE, KL from N(0, 1): mean_q and sd_q take no part. Here q has "
            "a mean and a standard deviation of its own. (A VAE often holds log sd²; here it is "
            "sd.)",
        ),
        Mistake(
            "wasserstein",
            (
                lambda m, s, n, t: math.hypot(m - n, s - t),
                lambda m, s, n, t: (m - n) ** 2 + (s - t) ** 2,
            ),
            "This measures how far the mass must be carried, the Wasserstein distance W2 of two "
            "normals or its square. KL has a logarithm in it and no unit.",
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
            "You put both directions together. The question is KL(p‖q) alone, whose samples come "
            "from p.",
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
        means = random.normal(0, 1, size), random.normal(0, 2, size)
        covariances = []
        for _ in range(2):
            factor = random.normal(size=(size, size))
            covariances.append(factor @ factor.T / size + 0.3 * np.eye(size))
        cases.append(case(means[0], covariances[0], means[1], covariances[1]))
    same = [-1.0, 2.0], [[2.0, 0.6], [0.6, 0.5]]
    return [
        *cases,
        case(*same, *same, label="p = q"),
        _many_coordinates(random, (0.01, 0.02), (0.8, 1.2), label="100 coordinates"),
        _many_coordinates(random, (1e-4, 2e-4), (0.04, 0.06), label="100 narrow coordinates"),
    ]


def _many_coordinates(random, sd_p, sd_q, label, size=100):
    """det cov_p is below the smallest float, det cov_q is not.

    For the narrow ones the product of the diagonal of cov_p's Cholesky factor is below it, too.
    More coordinates would do it with larger variances, but a check would take too long.
    """
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))

    def covariance(correlation, between):
        sd = random.uniform(*between, size)
        return correlation**apart * np.outer(sd, sd)

    p = random.normal(-1, sd_p[0], size), covariance(0.5, sd_p)
    q = random.normal(-1, sd_p[0], size), covariance(0.3, sd_q)
    return case(*p, *q, label=label)


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


def _product_of_diagonal(cov):
    return np.prod(np.diag(np.linalg.cholesky(cov)))


def _entry_by_entry(s, t, d):
    """The trace with 1 / cov_q, entry by entry, in the place of the inverse."""
    return np.trace((1 / t) @ s)


SMALL_DETERMINANTS = (1e-6, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30, 1e-100, 1e-300)


def _only_diagonals(mean_p, cov_p, mean_q, cov_q):
    return multivariate_divergence(mean_p, np.diag(np.diag(cov_p)), mean_q, np.diag(np.diag(cov_q)))


KL_MVN = Question(
    "kl_mvn",
    points=4,
    reference=multivariate_divergence,
    unit="nats",
    exchangeable=False,
    rows=[rough_estimate, not_zero_for_a_right_model],
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
            "product of the diagonal underflows",
            _matrices(
                log=lambda s, t, d: (
                    2 * np.log(_product_of_diagonal(t)) - 2 * np.log(_product_of_diagonal(s))
                )
            ),
            "Right until the coordinates are many and narrow. The product of the diagonal of a "
            "Cholesky factor is the root of the determinant and holds out a little longer, but "
            "with 100 factors near 1e-4 it is below the smallest float as well. Add up logarithms: "
            "`np.sum(np.log(np.diag(L)))`.",
        ),
        Mistake(
            "small number added to the determinant",
            tuple(
                _matrices(
                    log=lambda s, t, d, x=x: (
                        np.log(np.linalg.det(t) + x) - np.log(np.linalg.det(s) + x)
                    )
                )
                for x in SMALL_DETERMINANTS
            ),
            "A small number was added to the determinants. Where a determinant is smaller than "
            "that, it is the number whose logarithm you take. Take logarithms before you multiply: "
            "`np.linalg.slogdet`.",
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
            "shift by broadcasting",
            _matrices(shift=lambda s, t, d: np.sum(d * np.linalg.inv(t) * d)),
            "In the shift `*` multiplies entry by entry: `d * inverse * d` weights each column by "
            "d², so that a product of two different coordinates never occurs. The matrix product "
            "is `@`: `d @ inverse @ d`.",
        ),
        Mistake(
            "one over each entry",
            (
                _matrices(trace=_entry_by_entry, shift=lambda s, t, d: d @ (1 / t) @ d),
                _matrices(trace=_entry_by_entry),
            ),
            "`1 / cov_q` divides 1 by each entry. The inverse of a matrix is "
            "`np.linalg.inv(cov_q)`, or leave it to `np.linalg.solve`.",
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
            "The logarithm of the determinants is missing or always 0: a model may spread its mass "
            "over too large a volume or too small a one. (`np.linalg.slogdet` returns two numbers, "
            "the sign and the logarithm: it is the second one.)",
        ),
        Mistake(
            "logarithm to another base",
            (
                _matrices(log=lambda s, t, d: to_bits(_log_det(t) - _log_det(s))),
                _matrices(log=lambda s, t, d: (_log_det(t) - _log_det(s)) / np.log(10)),
            ),
            "The logarithm of the determinants has another base than e, and the other terms are in "
            "nats: they come from the exponent of e.",
        ),
        Mistake(
            "one half only in front of the first term",
            lambda m, s, n, t: (
                2 * multivariate_divergence(m, s, n, t) - np.trace(np.linalg.solve(t, s)) / 2
            ),
            "Only the trace is halved: a bracket is missing. The ½ stands in front of all four "
            "terms.",
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
    """Unbounded densities, a bounded one and the mirror image of the trap."""
    return [
        case(0.2, 0.1, label="the mirror image"),
        *(case(*random.uniform(0.15, 0.6, 2).tolist()) for _ in range(2)),
        case(*random.uniform(1.5, 8, 2).tolist()),
        case(0.3, 3.0),
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


def _off_by(e, i):
    """The relative error of case i; where little is to be found, in units of 0.3 nats."""
    return abs(e.values[i] - e.references[i]) / max(abs(e.references[i]), 0.3)


def _close(e, part, limit):
    return all(_off_by(e, i) <= limit for i in part)


def _by_bounds(e):
    """The cases with a bounded density, and those with one that grows without bound."""
    bounded = [i for i, case in enumerate(e.cases) if min(case.arguments) >= 1]
    return bounded, [i for i in range(len(e.cases)) if i not in bounded]


# cuts after which little is missing; what loses more is told by where it fails
CUTS = tuple(
    interval
    for cut in (1e-9, 1e-10, 1e-11, 1e-12)
    for interval in ((cut, 1 - cut), (cut, 1.0), (0.0, 1 - cut))
)

LOST = 5e-4  # a relative error that comes from no rounding of the result


def infinite_at_the_ends(e):
    """Infinite where the density has no bound, and nowhere else."""
    bounded, unbounded = _by_bounds(e)
    at = next((i for i in unbounded if np.isinf(e.values[i])), None)
    if at is None or not _close(e, bounded, limit=0.05):
        return None
    return (
        "Infinite where p grows without bound, and fine where it is bounded. So it is if a point "
        "or a sample falls on 0 or on 1 itself, where p is infinite. Next to 1 a float comes no "
        "nearer than 1e-16, and for a = 0.2, b = 0.1 there lies 1.7 % of the mass. Bring each end "
        "to 0 (split at ½ and mirror: 1 - x has the density of beta(b, a)), or spread both out "
        "with another variable.",
        at,
    )


def mass_next_to_the_ends(e):
    """Close where the density is bounded, off where it is not, whatever the rule."""
    bounded, unbounded = _by_bounds(e)
    at = next((i for i in unbounded if _off_by(e, i) > LOST), None)
    if at is None or not _close(e, bounded, limit=0.01):
        return None
    return (
        "Close where p is bounded (a and b at least 1), off where it grows without bound. Next to "
        "0 and to 1 the mass is not what your rule takes it for: an interval stops short there, a "
        "first step or a bin is too wide, or the points are too few. Integrate p alone in the same "
        "way, for a = 0.1 and b = 0.2: is it 1? Who divides by that integral hides the fault and "
        "does not mend it.",
        at,
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
    rows=[infinite_at_the_ends, mass_next_to_the_ends],
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
            "interval cut close to the ends",
            tuple(lambda a, b, ends=ends: _by_quad(a, b, *ends) for ends in CUTS),
            "Your interval stops a little short of 0 or of 1, and next to them lies mass: for "
            "a = 0.1 and b = 0.2, 1.7 % of it within 1e-16 of 0. Integrate p alone over the same "
            "interval: is it 1 to six digits?",
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
