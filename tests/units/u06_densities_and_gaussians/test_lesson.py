"""What lesson 06 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.units.u06_densities_and_gaussians import explorer as unit_06
from tests.units.lesson_text import read, says

LESSON = "notebooks/06_densities_and_gaussians"
EXERCISES = LESSON.replace("notebooks", "solutions")


def average(p, values):
    """The average of values(x) under a frozen normal, by the trapezoidal rule."""
    x = np.linspace(p.mean() - 12 * p.std(), p.mean() + 12 * p.std(), 20_001)
    return np.trapezoid(p.pdf(x) * values(x), x)


def kl(p, q):
    return average(p, lambda x: p.logpdf(x) - q.logpdf(x))


def h(p):
    return average(p, lambda x: -p.logpdf(x))


def masses(p, width):
    """The masses of bins from -40 to 40, each by the tail that keeps its digits."""
    low = np.arange(-40, 40, width)
    by_cdf, by_sf = p.cdf(low + width) - p.cdf(low), p.sf(low) - p.sf(low + width)
    return np.where(low >= p.mean(), by_sf, by_cdf)


def bin_kl(p, q, width):
    in_p, in_q = masses(p, width), masses(q, width)
    seen = in_p > 1e-30  # what lies further out adds nothing, but its mass under Q underflows
    return special.rel_entr(in_p[seen], in_q[seen]).sum()


def bin_entropy(p, width):
    return stats.entropy(masses(p, width))


def beta_kl(a, b, cut=0):
    """KL of Beta(a, b) from the uniform density, over [cut, 1 - cut]."""
    # in t = log(x / (1 - x)) both ends are tame; dx = x (1 - x) dt
    end = special.logit(1 - cut) if cut else 700.0
    t = np.linspace(-end, end, 200_001)
    log_x, log_rest = special.log_expit(t), special.log_expit(-t)
    log_p = (a - 1) * log_x + (b - 1) * log_rest - special.betaln(a, b)
    return np.trapezoid(np.exp(log_p + log_x + log_rest) * log_p, t)


def beta_mass(a, b, cut):
    return stats.beta(a, b).sf(cut) - stats.beta(a, b).sf(1 - cut)


def example():
    """The two values, the share of negatives and the sum, sample by sample."""
    rng = np.random.default_rng(1)
    a, b = (sorted(rng.normal(mean, 1, 10_000)) for mean in (0, 1))

    def total(p, q):
        # a logarithm of a negative ratio does not exist and is left out
        logs = [x * math.log2(x / y) for x, y in zip(p, q, strict=True) if x / y > 0]
        return abs(math.fsum(logs))

    return total(a, b), total(b, a), sum(x < 0 for x in a) / len(a), math.fsum(a)


P, Q = stats.norm(0, 1), stats.norm(1, 2)
METRES_P, METRES_Q = stats.norm(0, 0.4), stats.norm(0.4, 0.6)
ABOVE = average(P, lambda x: np.maximum(P.logpdf(x) - Q.logpdf(x), 0))
FEET = 3.28
ONE, OTHER, NEGATIVE, SUM = example()
KL_300 = 300 * kl(stats.norm(0, 0.2), stats.norm(0, 1))

SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    ("the entropy of a response time as **{:.2f} nats**", h(stats.norm(0, 0.1))),
    # Explore
    (r"sees it fall by $\ln 1000 = {:.3f}$ nats a request", math.log(1000)),
    ("With feet in place of metres, {:g} to the metre", FEET),
    (
        r"all rise by $\ln {:g} = {:.3f}$ nats",
        FEET,
        h(stats.norm(0, 0.4 * FEET)) - h(METRES_P),
    ),
    ("keeps its length of {:.3f}", kl(METRES_P, METRES_Q)),
    ("At the start the areas are {:.3f} and {:.3f}", ABOVE, ABOVE - kl(P, Q)),
    ("KL(P‖Q) is what remains, {:.3f} nats", kl(P, Q)),
    (
        "the KL of the bins is {:.3f}, {:.3f}, {:.3f}, {:.3f}, {:.3f}",
        *(bin_kl(P, Q, width) for width in (4, 2, 1, 0.5, 0.25)),
    ),
    # The idea
    (r"= {:.3f} + \ln \sigma \text{{ nats}}", h(P)),
    (
        r"Below $\sigma = {:.3f}$ it is negative",
        optimize.brentq(lambda sd: h(stats.norm(0, sd)), 0.1, 1),
    ),
    (r"the dashboard's response time has $\sigma = {:g}$ seconds", 0.1),
    # By hand
    (
        r"= {:.3f} + {:.3f} - {:.3f} = {:.3f} \text{{ nats}}$" + "\n\n" + r"$\mathrm{{KL}}(Q",
        math.log(2),
        average(P, lambda x: (x - 1) ** 2 / 8),
        1 / 2,
        kl(P, Q),
    ),
    (
        r"= -{:.3f} + {:.3f} - {:.3f} = {:.3f} \text{{ nats}}$" + "\n\nIn centimetres",
        math.log(2),
        average(Q, lambda x: x**2 / 2),
        1 / 2,
        kl(Q, P),
    ),
    # By code
    ("The determinant is ${:g}^{{{}}}$", 0.2**2, 300),
    (r"its logarithm is $300 \ln {:g}$", 0.2**2),
    # Predict again
    (r"The logarithms are $\pm {:.3f}$", math.log(10)),
    # Where this bites
    (
        r"exactly $\frac{{1^2}}{{2}} = \tfrac12$ nat $= {:.4f}$ bits",
        kl(stats.norm(0, 1), stats.norm(1, 1)) / math.log(2),
    ),
    ("For P = Beta({:g}, {:g}) and a uniform Q", 0.1, 0.2),
    ("it gives {:.4f} nats, and the exact", beta_kl(0.1, 0.2, 1e-5)),
    ("and the exact value is **{:.4f}**", beta_kl(0.1, 0.2)),
    ("the interval holds only {:.1f} % of P", 100 * beta_mass(0.1, 0.2, 1e-5)),
]
ALLOWED = {(LESSON, "text"): [('"around 40% off"', "the textbook's own words")]}
SAID[LESSON, "printed"] = [
    # Explore
    ("In metres h(P) is {:.3f} nats and KL(P‖Q) is {:.3f}", h(METRES_P), kl(METRES_P, METRES_Q)),
    (
        "h(P): {:.3f} nats; h(Q): {:.3f} nats; h(P, Q): {:.3f} nats; KL(P‖Q): {:.3f} nats; "
        "KL ≥ 0: holds, margin {:.3f}\n",
        h(METRES_P),
        h(METRES_Q),
        h(METRES_P) + kl(METRES_P, METRES_Q),
        kl(METRES_P, METRES_Q),
        kl(METRES_P, METRES_Q),
    ),
    (
        "Area /// {:.3f} less area \\\\\\ {:.3f} is KL(P‖Q) = {:.3f} nats; "
        "the other direction costs {:.3f}.",
        ABOVE,
        ABOVE - kl(P, Q),
        kl(P, Q),
        kl(Q, P),
    ),
    (
        "| KL(P‖Q): {:.3f} nats; KL of the bins: {:.3f} nats; KL(Q‖P): {:.3f} nats; "
        "KL ≥ 0: holds, margin {:.3f}; KL of the bins ≤ KL: holds, margin {:.3f}",
        kl(P, Q),
        kl(P, Q),
        kl(Q, P),
        kl(P, Q),
        0,
    ),
    # By code
    ("mass of P {:.6f}\nKL ", P.cdf(10) - P.cdf(-10)),
    ("KL {:.6f} by the integral, {:.6f} by the formula", kl(P, Q), kl(P, Q)),
    ("metres {:.6f}\ncentimetres {:.6f}", kl(P, Q), kl(P, Q)),
    (
        "300 coordinates: det {:.1f}, log det {:.1f}, KL {:.1f}",
        0,
        float(mpmath.log(mpmath.mpf("0.04") ** 300)),
        KL_300,
    ),
    ("mass of P {:.6f}\nh ", P.cdf(special.logit(0.999)) - P.cdf(special.logit(0.001))),
    (
        "h {:.4f} before, {:.4f} after",
        h(P),
        # h(Y) = h(X) + E log g'(X) for y = 1 / (1 + exp(-x)), g' = y (1 - y)
        h(P) + average(P, lambda x: special.log_expit(x) + special.log_expit(-x)),
    ),
    ("KL {:.4f} before, {:.4f} after", kl(P, Q), kl(P, Q)),
    # Predict again
    (
        "sd {}: KL(P‖Q) = {:.3f} nats\nsd {:g}: KL(P‖Q) = {:.3f} nats",
        10,
        kl(P, stats.norm(0, 10)),
        0.1,
        kl(P, stats.norm(0, 0.1)),
    ),
    # Where this bites
    (
        "{:.0f} and {:.0f} bits, {:.0f} % off",
        ONE,
        OTHER,
        100 * abs(ONE - OTHER) / ((ONE + OTHER) / 2),
    ),
    ("the 'probabilities' of P: {:.0f}% negative, sum {:.0f}", 100 * NEGATIVE, SUM),
]
SAID[EXERCISES, "text"] = [
    ("for $a = {:g}$ and $b = {:g}$: is it 1?", 0.1, 0.2),
]
SAID[EXERCISES, "code"] = [
    (">>> float(kl_normal(3.0, 0.5, 3.0, 0.5))\n {}", kl(*2 * [stats.norm(3, 0.5)])),
    (">>> float(kl_mvn(np.zeros(2), np.eye(2), np.zeros(2), np.eye(2)))\n {}", kl(P, P)),
    (">>> float(kl_beta_uniform(1.0, 1.0))\n {}", beta_kl(1, 1)),
]
INDEPENDENT = [((0, 1), (1, 2)), ((1, 2), (1, 1)), ((-2, 0.5), (-1.5, 0.5))]
SAID[EXERCISES, "printed"] = [
    (
        "one by one {:.6f}, together {:.6f} nats",
        *2 * [sum(kl(stats.norm(*p), stats.norm(*q)) for p, q in INDEPENDENT)],
    ),
]


# Explore


def states(explorer):
    return {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}


def test_the_presets_that_the_explorers_offer():
    says(LESSON, "With feet in place of metres", "Choose *equal widths*")
    assert states(unit_06.change_units())["feet (3.28)"] == {"factor": FEET}
    equal = states(unit_06.two_gaussians())["equal widths"]
    assert equal["sd_p"] == equal["sd_q"] and equal["mean_p"] != equal["mean_q"]


def test_kl_is_the_same_in_all_units_of_the_explorer():
    says(LESSON, "The explorer has 151 units, and KL is the same in all of them")
    (control,) = unit_06.change_units()._controls
    factors = control.every()
    assert len(factors) == 151
    values = [kl(stats.norm(0, 0.4 * f), stats.norm(0.4 * f, 0.6 * f)) for f in factors[::15]]
    np.testing.assert_allclose(values, kl(METRES_P, METRES_Q), rtol=1e-8)
    assert (unit_06.METRES_P, unit_06.METRES_Q) == ((0, 0.4), (0.4, 0.6))


def test_the_entropy_reaches_0_within_the_slider_and_the_cross_entropy_does_not():
    says(
        LESSON,
        "to the left until $h(P)$ is 0, then further. What is negative now, and what is not?",
    )
    (control,) = unit_06.change_units()._controls
    lowest = control.minimum
    p, q = stats.norm(0, 0.4 * lowest), stats.norm(0.4 * lowest, 0.6 * lowest)
    assert h(p) < -0.1 and h(q) > 0 and h(p) + kl(p, q) > 0 and kl(p, q) > 0


def test_only_the_ratio_of_the_widths_and_the_shift_matter():
    says(LESSON, "the ratio of the widths, and the shift of the means in widths of Q")
    assert kl(stats.norm(-3, 10), stats.norm(7, 20)) == pytest.approx(kl(P, Q))


def test_bins_see_less_never_more():
    says(LESSON, "Bins see less, never more", "closes in on it as they narrow")
    random = np.random.default_rng(8)
    for _ in range(20):
        p, q = (stats.norm(random.normal(), random.uniform(0.7, 2)) for _ in "pq")
        halved = [bin_kl(p, q, width) for width in (4, 2, 1, 1 / 2, 1 / 4, 1 / 16)]
        assert (np.diff(halved) > -1e-9).all()
        assert halved[-1] < kl(p, q) + 1e-9
        assert halved[-1] == pytest.approx(kl(p, q), rel=0.01)


# The idea


def test_a_density_may_exceed_1_and_its_integral_is_a_probability():
    says(LESSON, "it may exceed 1, and in another unit it is another number")
    narrow = stats.norm(0, 0.1)
    assert narrow.pdf(0) > 1
    assert integrate.quad(narrow.pdf, -0.05, 0.1)[0] == pytest.approx(
        narrow.cdf(0.1) - narrow.cdf(-0.05)
    )
    assert stats.norm(0, 10).pdf(0) == pytest.approx(narrow.pdf(0) / 100)


def test_the_entropy_of_the_bins_is_h_less_the_logarithm_of_their_width():
    says(LESSON, r"is then about $h(P) - \log w$ and grows without end")
    for width in (1 / 4, 1 / 16, 1 / 64):
        assert bin_entropy(P, width) == pytest.approx(h(P) - math.log(width), abs=0.3 * width**2)
    entropies = [bin_entropy(P, width) for width in (1, 1 / 4, 1 / 16)]
    np.testing.assert_allclose(np.diff(entropies), math.log(4), atol=0.04)


def test_gibbs_holds_for_densities_and_a_missing_support_is_infinite():
    says(LESSON, "Gibbs' inequality with an integral for the sum", "infinity where P has mass")
    random = np.random.default_rng(9)
    for _ in range(50):
        p, q = (stats.norm(random.normal(), random.uniform(0.3, 3)) for _ in "pq")
        assert kl(p, q) > 0
    assert special.rel_entr(0.2, 0) == math.inf


@pytest.mark.parametrize(("p", "q"), [(P, Q), (Q, P), (stats.norm(-2, 0.7), stats.norm(1, 3))])
def test_the_formula_and_each_step_to_it(p, q):
    says(
        LESSON,
        r"its square averages to $\sigma_P^2 + (\mu_P-\mu_Q)^2$, as $x-\mu_P$ averages to 0",
        r"The last square gives $\sigma_P^2$, so the last term is $\tfrac12$",
    )
    m, s, n, t = p.mean(), p.std(), q.mean(), q.std()
    x = np.linspace(-4, 4, 9)
    ratio = np.log(t / s) + (x - n) ** 2 / (2 * t**2) - (x - m) ** 2 / (2 * s**2)
    np.testing.assert_allclose(p.logpdf(x) - q.logpdf(x), ratio)
    assert average(p, lambda x: (x - m) ** 2) == pytest.approx(s**2)
    assert average(p, lambda x: (x - n) ** 2) == pytest.approx(s**2 + (m - n) ** 2)
    formula = math.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5
    assert formula == pytest.approx(kl(p, q))


def test_equal_widths_are_a_symmetric_pair():
    says(LESSON, "**Equal widths are a symmetric pair.**", "the same in both directions")
    p, q = stats.norm(0.5, 1.7), stats.norm(-2, 1.7)
    assert kl(p, q) == pytest.approx(kl(q, p)) == pytest.approx(2.5**2 / (2 * 1.7**2))


def test_the_average_of_a_square_is_a_trace():
    says(
        LESSON,
        r"\mathbb{E}[z^\top A z]",
        r"= \operatorname{tr}(A \Sigma)",
        "the sum of the diagonal",
    )
    says(LESSON, r"averages to $\operatorname{tr}(\Sigma_P^{-1} \Sigma_P) = d$")
    random = np.random.default_rng(12)
    factor, matrix = random.normal(size=(3, 3)), random.normal(size=(3, 3))
    cov = factor @ factor.T
    z = random.multivariate_normal(np.zeros(3), cov, 400_000)
    squares = np.einsum("ni,ij,nj->n", z, matrix, z)
    assert abs(squares.mean() - np.trace(matrix @ cov)) < 4 * squares.std() / math.sqrt(len(z))
    shift = np.array([0.3, -1.0, 2.0])
    moved = np.einsum("ni,ij,nj->n", z + shift, matrix, z + shift)
    expected = np.trace(matrix @ cov) + shift @ matrix @ shift
    assert abs(moved.mean() - expected) < 4 * moved.std() / math.sqrt(len(z))


def test_the_multivariate_formula_by_monte_carlo():
    says(LESSON, r"\tfrac12 \Bigl( \operatorname{tr}(\Sigma_Q^{-1}\Sigma_P) - d")
    p = stats.multivariate_normal([0, 1, -1], [[1, 0.6, 0], [0.6, 2, 0.3], [0, 0.3, 0.5]])
    q = stats.multivariate_normal([0.5, 0.5, 0], [[2, 0, 0.4], [0, 1.5, 0], [0.4, 0, 1]])
    samples = p.rvs(400_000, random_state=3)
    gains = p.logpdf(samples) - q.logpdf(samples)
    shift, precision = p.mean - q.mean, np.linalg.inv(q.cov)
    formula = 0.5 * (
        np.trace(precision @ p.cov)
        - 3
        + shift @ precision @ shift
        + math.log(np.linalg.det(q.cov) / np.linalg.det(p.cov))
    )
    assert abs(gains.mean() - formula) < 3 * gains.std() / math.sqrt(len(gains))


def test_the_trace_of_a_right_model_is_d_and_the_logarithm_comes_from_the_factor():
    says(LESSON, "less the $d$ that a right model shows", r"= 2\sum_i \log L_{ii}")
    random = np.random.default_rng(10)
    for size in (1, 3, 8):
        factor = random.normal(size=(size, size))
        cov = factor @ factor.T + np.eye(size)
        assert np.trace(np.linalg.solve(cov, cov)) == pytest.approx(size)
        lower = np.linalg.cholesky(cov)
        assert np.allclose(lower, np.tril(lower)) and np.allclose(lower @ lower.T, cov)
        eigenvalues = np.linalg.eigvalsh(cov)
        assert 2 * np.log(np.diag(lower)).sum() == pytest.approx(np.log(eigenvalues).sum())


def test_a_change_of_variables_moves_h_by_the_mean_log_derivative_and_kl_not_at_all():
    says(
        LESSON,
        "**KL is the same in $x$ and in $y$.**",
        r"$h(Y) = h(X) + \mathbb{E}\,\log|g'(X)|$",
        "prices or log prices",
    )

    def of_sinh(density):  # y = sinh x: x = arcsinh y, dx/dy = 1 / sqrt(1 + y²)
        return lambda y: density.pdf(np.arcsinh(y)) / np.sqrt(1 + y**2)

    p_y, q_y = of_sinh(P), of_sinh(stats.norm(0.3, 1.2))
    pieces = np.sinh(np.linspace(-9, 9, 37))
    h_y = kl_y = 0.0
    for low, high in itertools.pairwise(pieces):
        h_y -= integrate.quad(lambda y: special.xlogy(p_y(y), p_y(y)), low, high)[0]
        kl_y += integrate.quad(lambda y: p_y(y) * np.log(p_y(y) / q_y(y)), low, high)[0]
    assert kl_y == pytest.approx(kl(P, stats.norm(0.3, 1.2)), abs=1e-7)
    mean_log = average(P, lambda x: np.log(np.cosh(x)))
    assert h_y == pytest.approx(h(P) + mean_log, abs=1e-6)
    for factor in (0.1, 3.28, 100):
        assert h(stats.norm(0, factor)) == pytest.approx(h(P) + math.log(factor))


# By hand, by code


def test_centimetres_multiply_every_square_by_10000():
    says(LESSON, "every square grows by the factor 10 000, above and below the fraction line")
    assert 100**2 == 10_000
    assert kl(stats.norm(0, 100), stats.norm(100, 200)) == pytest.approx(kl(P, Q))


def test_the_entropy_changes_its_sign_in_the_interval_and_the_derivative_is_right():
    says(LESSON, "The entropy has changed its sign", "whose derivative is $y(1-y)$")
    x = np.linspace(-4, 4, 17)
    y = special.expit(x)
    numeric = (special.expit(x + 1e-6) - special.expit(x - 1e-6)) / 2e-6
    np.testing.assert_allclose(numeric, y * (1 - y), rtol=1e-6)
    sentence = next(s for s in SAID[LESSON, "printed"] if s[0].startswith("h {"))
    assert sentence[1] > 0 > sentence[2]


def test_the_interval_of_the_squeezed_density_holds_its_mass():
    says(LESSON, "Before you trust")
    assert "0.001, 0.999" in read(LESSON).code
    low, high = special.logit([0.001, 0.999])
    assert 1 - (P.cdf(high) - P.cdf(low)) < 1e-10


# Predict again


def test_the_fractions_of_the_wide_model_and_of_the_narrow_one():
    says(LESSON, r"the fraction is $\frac{1}{200}$ for the wide model and $\frac{100}{2}$")
    for sd, fraction in ((10, 1 / 200), (0.1, 100 / 2)):
        assert average(P, lambda x, sd=sd: (x / sd) ** 2 / 2) == pytest.approx(fraction)


# Where this bites


def test_the_example_of_the_textbook():
    says(
        LESSON,
        "It draws 10 000 samples",
        "`nansum` drops the logarithms that do not exist",
    )
    assert NEGATIVE == pytest.approx(0.5, abs=0.02)
    apart = abs(ONE - OTHER) / ((ONE + OTHER) / 2)
    assert apart == pytest.approx(0.4, abs=0.06)  # what the textbook calls "around 40% off"


@pytest.mark.parametrize(("a", "b"), [(3, 1.2), (2, 1.5), (1.5, 1.2), (5, 1), (0.9, 0.8)])
def test_the_cut_interval_is_harmless_for_most_pairs_of_the_lecture(a, b):
    says(LESSON, "That is harmless for most of its pairs.")
    assert beta_kl(a, b, 1e-5) == pytest.approx(beta_kl(a, b), abs=5e-4)
    assert beta_mass(a, b, 1e-5) > 0.999
