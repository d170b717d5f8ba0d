"""The closed forms against mpmath, quadrature, enumeration, sampling, and against each other."""

import doctest
import inspect
import math
import subprocess
import sys
import warnings

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from klteach import kl_divergence
from klteach.measures import families
from klteach.measures.families import (
    kl_bernoulli,
    kl_beta,
    kl_categorical,
    kl_dirichlet,
    kl_exponential,
    kl_gamma,
    kl_mvn,
    kl_normal,
    kl_normal_diag,
    kl_poisson,
)
from klteach.measures.families.multivariate_normal import NEARLY_SINGULAR
from tests.measures.families_exact import (
    exact_bernoulli,
    exact_beta,
    exact_dirichlet,
    exact_exponential,
    exact_gamma,
    exact_mvn,
    exact_normal,
    exact_poisson,
)
from tests.measures.measures_exact import relative_error
from tests.refusals import refusal

SHAPES = [1e-3, 1e-2, 0.1, 0.5, 1, 1.4616, 2, 3.7, 8, 15.9, 16, 16.1, 50, 1e3, 1e4, 1e6]
STEPS = [0.3, 1e-1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-15]
PAIRS = {  # families of one number, with the exact route: the parameters of p, then those of q
    kl_bernoulli: exact_bernoulli,
    kl_poisson: exact_poisson,
    kl_exponential: exact_exponential,
    kl_gamma: exact_gamma,
    kl_beta: exact_beta,
    kl_normal: exact_normal,
}


def worst_error(measure, exact, cases, **options):
    """The largest relative error over the cases, none of which may come out negative."""
    errors = [0.0]
    for case in cases:
        value = measure(*case)
        assert value >= 0
        errors.append(relative_error(value, exact(*case, **options)))
    return max(errors)


def powers_of_ten(generator, low, high, count):
    return (10 ** generator.uniform(low, high, count)).tolist()


# -- numbers of the course -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (kl_bernoulli(0.5, 0.9), 0.510826),
        (kl_bernoulli(0.9, 0.5), 0.368064),
        (kl_bernoulli(0.5, 0.6), 0.020411),
        (kl_bernoulli(0.6, 0.5), 0.020136),
        (kl_bernoulli(0.8, 0.5), 0.192745),
        (kl_bernoulli(0.7, 0.5), 0.082283),
        (kl_bernoulli(0.3, 0.01), 0.777722),
        (kl_bernoulli(0.3, 0.1), 0.153664),
        (kl_normal(0, 1, 1, 2), 0.443147),
        (kl_normal(1, 2, 0, 1), 1.306853),
        (kl_normal(1, 0.01, 0, 0.01), 5000),
        (kl_normal_diag([0.5, -1], np.exp([-0.5, 0.25]), 0, 1), 0.883300),
        (kl_normal_diag(0, 1, [0.5, -1], np.exp([-0.5, 0.25])), 1.055457),
        (kl_mvn([0, 0], [[1, 0.8], [0.8, 1]], [0, 0], np.eye(2)), 0.510826),
        (kl_categorical([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]), 1.101868),
    ],
)
def test_numbers_of_the_course(value, printed):
    assert value == pytest.approx(printed, abs=5e-7)


def test_the_quadrature_trap_of_the_course():
    assert kl_beta(0.1, 0.2, 1, 1) == pytest.approx(4.9773, abs=5e-5)


# -- accuracy --------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", [kl_poisson, kl_exponential])
def test_one_rate_on_ordinary_and_on_huge_and_tiny_input(measure):
    generator = np.random.default_rng(1)
    for reach in (6, 150):
        rates = powers_of_ten(generator, -reach, reach, 600)
        cases = list(zip(rates[::2], rates[1::2], strict=True))
        assert worst_error(measure, PAIRS[measure], cases, digits=400) <= 1e-13


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("measure", [kl_poisson, kl_exponential])
def test_one_rate_near_equality(measure, step):
    rates = powers_of_ten(np.random.default_rng(2), -100, 100, 40)
    cases = [(rate, rate * (1 + sign * step)) for rate in rates for sign in (1, -1)]
    assert worst_error(measure, PAIRS[measure], cases) <= 1e-13


@pytest.mark.parametrize(
    ("rate_p", "rate_q"),
    [(5e-324, 1.0), (1e-320, 1e300), (1e300, 1e-320), (1e-300, 1e10), (1e-320, 1.5e-320)],
)
def test_rates_whose_ratio_is_out_of_range(rate_p, rate_q):
    truth = exact_poisson(rate_p, rate_q, digits=800)
    assert abs(kl_poisson(rate_p, rate_q) - truth) <= 1e-13 * truth + 5e-324


def test_a_rate_of_zero_counts_nothing():
    assert kl_poisson(0, 3) == 3
    assert kl_poisson(3, 0) == math.inf
    assert kl_poisson(0, 0) == 0


def test_bernoulli_on_ordinary_and_on_extreme_input():
    generator = np.random.default_rng(3)
    ordinary = generator.random((300, 2)).tolist()
    assert worst_error(kl_bernoulli, exact_bernoulli, ordinary) <= 1e-13
    tiny = 10 ** generator.uniform(-300, 0, (200, 2))
    assert worst_error(kl_bernoulli, exact_bernoulli, tiny.tolist(), digits=800) <= 1e-13
    near_one = 1 - 10 ** generator.uniform(-15, 0, (200, 2))
    assert worst_error(kl_bernoulli, exact_bernoulli, near_one.tolist(), digits=800) <= 1e-13


@pytest.mark.parametrize("step", STEPS)
def test_bernoulli_near_equality(step):
    generator = np.random.default_rng(4)
    chances = [*generator.random(60), *powers_of_ten(generator, -250, 0, 30)]
    chances += [1 - rest for rest in powers_of_ten(generator, -12, 0, 30)]
    cases = [(chance, chance * (1 - step)) for chance in chances]
    assert worst_error(kl_bernoulli, exact_bernoulli, cases, digits=800) <= 1e-13


def test_bernoulli_with_certainty():
    assert kl_bernoulli(0, 0.25) == kl_bernoulli(1, 0.75) == pytest.approx(math.log(4 / 3))
    assert kl_bernoulli(1, 0.25) == pytest.approx(math.log(4))
    assert kl_bernoulli(0.5, 0) == kl_bernoulli(0.5, 1) == kl_bernoulli(1, 0) == math.inf
    assert kl_bernoulli(1e-20, 1) == math.inf
    assert kl_bernoulli(0, 0) == kl_bernoulli(1, 1) == 0


def test_gamma_over_all_shapes():
    cases = [(a, 1.0, b, 1.0) for a in SHAPES for b in SHAPES]
    assert worst_error(kl_gamma, exact_gamma, cases) <= 1e-13
    generator = np.random.default_rng(5)
    assert worst_error(kl_gamma, exact_gamma, 10 ** generator.uniform(-3, 6, (300, 4))) <= 1e-12


def test_gamma_of_equal_means():
    factors = (1.5, 2.0, 3.0, 0.1, 1e4)
    cases = [(a, rate, a * k, rate * k) for a in SHAPES for rate in (1e-200, 7.0) for k in factors]
    assert worst_error(kl_gamma, exact_gamma, cases, digits=60) <= 1e-12


@pytest.mark.parametrize("step", STEPS)
def test_gamma_near_equality(step):
    cases = [(a, 2.5, a * (1 + step), 2.5) for a in SHAPES]
    cases += [(a, 2.5, a, 2.5 * (1 - step)) for a in SHAPES]
    cases += [(a, 2.5, a * (1 + step), 2.5 * (1 + step)) for a in SHAPES]  # and of equal means
    assert worst_error(kl_gamma, exact_gamma, cases) <= 1e-12


def test_beta_over_all_shapes():
    generator = np.random.default_rng(6)
    assert worst_error(kl_beta, exact_beta, 10 ** generator.uniform(-3, 6, (300, 4))) <= 1e-12
    cases = [(a, b, a * k, b * k) for a in SHAPES[::3] for b in SHAPES[::3] for k in (3, 0.1, 1e4)]
    assert worst_error(kl_beta, exact_beta, cases) <= 1e-12


@pytest.mark.parametrize("step", STEPS)
def test_beta_near_equality(step):
    ends = SHAPES[::3]
    cases = [(a, b, a * (1 + step), b * (1 + step)) for a in ends for b in ends]
    cases += [(a, b, a, b * (1 + step)) for a in ends for b in ends]
    cases += [(a, b, a * (1 + step), b * (1 - step / 3)) for a in ends for b in ends]
    # Where b is a million times a and only b changes, the gaps of b and of a + b nearly cancel.
    assert worst_error(kl_beta, exact_beta, cases) <= 1e-11


@pytest.mark.parametrize("length", [2, 3, 30])
def test_dirichlet_on_ordinary_input_and_near_equality(length):
    generator = np.random.default_rng(length)
    for _ in range(5):
        p, q = 10 ** generator.uniform(-3, 6, (2, length))
        assert relative_error(kl_dirichlet(p, q), exact_dirichlet(p, q)) <= 1e-12
        for step in STEPS:
            moves = [generator.standard_normal(length), 1.0, np.arange(length) == 0]
            for move in moves:
                q = p * np.exp(step * move)
                if (p != q).any():
                    assert relative_error(kl_dirichlet(p, q), exact_dirichlet(p, q)) <= 1e-11


@pytest.mark.parametrize("measure", [kl_gamma, kl_beta])
def test_no_parameters_are_too_large_or_too_small(measure):
    generator = np.random.default_rng(25)
    for reach in (12, 150, 300):
        p, q = 10 ** generator.uniform(-reach, reach, (2, 2, 5000))
        near = p * (1 + 1e-6 * generator.standard_normal(p.shape))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            values = np.concatenate([measure(*p, *q), measure(*p, *near)])
        assert (values >= 0).all()  # and not NaN


@pytest.mark.parametrize(("small", "lost"), [(1e-3, 1e-11), (1e-6, 1e-9), (1e-9, 1e-6)])
def test_what_a_very_small_beta_parameter_costs(small, lost):
    cases = [(small, b, small, b * k) for b in (1.0, 1e3, 1e6) for k in (1 + 1e-6, 1.3, 10.0)]
    assert worst_error(kl_beta, exact_beta, cases) <= lost


def test_where_the_plain_gamma_formula_has_lost_the_sign():
    def plain(a, b, c, d):
        logs = scipy.special.gammaln(c) - scipy.special.gammaln(a) + c * math.log(b / d)
        return (a - c) * scipy.special.digamma(a) + logs + a * (d / b - 1)

    case = (1e6, 2.0, 1e6 * (1 + 1e-9), 2.0)
    assert abs(plain(*case) / float(exact_gamma(*case)) - 1) > 1
    assert relative_error(kl_gamma(*case), exact_gamma(*case)) <= 1e-14


def test_normal_on_ordinary_and_on_huge_and_tiny_input():
    generator = np.random.default_rng(7)
    for reach in (2, 70):
        sigmas = 10 ** generator.uniform(-reach, reach, (300, 2))
        means = generator.standard_normal((300, 2))
        cases = np.stack([means[:, 0], sigmas[:, 0], means[:, 1], sigmas[:, 1]], axis=1)
        assert worst_error(kl_normal, exact_normal, cases, digits=400) <= 1e-13


@pytest.mark.parametrize("step", STEPS)
def test_normal_near_equality(step):
    generator = np.random.default_rng(8)
    cases = []
    for mu, sigma in [(0, 1.0), (1.0, 1.0), (1e5, 3e-5), (-3e-200, 1e8), (2.0, 1e-160)]:
        first, second = generator.standard_normal(2)
        cases += [(mu, sigma, mu * (1 + step * first), sigma), (mu, sigma, mu, sigma * (1 + step))]
        cases += [(mu, sigma, mu + step * sigma * first, sigma * (1 + step * second))]
    cases = [case for case in cases if case[:2] != case[2:]]
    cases = [case for case in cases if abs(case[0] - case[2]) < 1e150 * case[3]]
    # The square of 1e-200 standard deviations is below the smallest number.
    cases = [case for case in cases if abs(case[0] - case[2]) > 1e-150 or case[1] != case[3]]
    assert worst_error(kl_normal, exact_normal, cases, digits=800) <= 1e-13


def test_normal_at_the_ends_of_the_range():
    for case in [(0, 1e-300, 0, 1e300), (0, 5e-324, 0, 1), (1.7e308, 1e308, -1.7e308, 1e308)]:
        assert relative_error(kl_normal(*case), exact_normal(*case, digits=2000)) <= 1e-14
    assert kl_normal(0, 1e300, 0, 1e-300) == kl_normal(1e200, 1, 0, 1e-100) == math.inf


@pytest.mark.parametrize("measure", PAIRS)
def test_where_the_series_of_the_gap_ends(measure):
    for step in np.linspace(0.21, 0.24, 13):  # |s| = 1/10 is at a step of 2/9
        half = [0.3] * (len(inspect.signature(measure).parameters) // 2)
        case = [*half, *[0.3 * (1 + step)] * len(half)]
        assert relative_error(measure(*case), PAIRS[measure](*case)) <= 1e-13


# -- other routes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate_p", "rate_q"), [(3, 5), (0.1, 4), (20, 2.5)])
def test_poisson_by_enumeration(rate_p, rate_q):
    counts = np.arange(400)
    p, q = scipy.stats.poisson(rate_p), scipy.stats.poisson(rate_q)
    terms = p.pmf(counts) * (p.logpmf(counts) - q.logpmf(counts))
    assert kl_poisson(rate_p, rate_q) == pytest.approx(math.fsum(terms), rel=1e-11)


def test_bernoulli_is_a_die_with_two_sides():
    for p, q in [(0.7, 0.2), (0.5, 0.5), (0, 0.3), (1, 0.3), (0.3, 1)]:
        assert kl_bernoulli(p, q) == pytest.approx(kl_divergence([p, 1 - p], [q, 1 - q]), rel=1e-13)


def test_a_sum_of_coins_has_the_divergence_of_a_coin_times_their_number():
    counts = np.arange(13)
    p, q = scipy.stats.binom(12, 0.7).pmf(counts), scipy.stats.binom(12, 0.4).pmf(counts)
    assert 12 * kl_bernoulli(0.7, 0.4) == pytest.approx(kl_divergence(p, q), rel=1e-12)


def by_quadrature(p, q, low, high):
    def integrand(x):
        return p.pdf(x) * (p.logpdf(x) - q.logpdf(x))

    value, error = scipy.integrate.quad(integrand, low, high, limit=500, epsabs=0, epsrel=1e-11)
    mass, _ = scipy.integrate.quad(p.pdf, low, high, limit=500)
    assert error < 1e-9 and mass == pytest.approx(1, abs=1e-10)
    return value


@pytest.mark.parametrize(
    ("value", "p", "q", "low", "high"),
    [
        (
            kl_exponential(2.0, 0.3),
            scipy.stats.expon(scale=0.5),
            scipy.stats.expon(scale=1 / 0.3),
            0,
            30,
        ),
        (
            kl_gamma(2.5, 1.5, 4.0, 0.5),
            scipy.stats.gamma(2.5, scale=1 / 1.5),
            scipy.stats.gamma(4.0, scale=2.0),
            0,
            60,
        ),
        (kl_beta(2.0, 3.5, 1.5, 6.0), scipy.stats.beta(2, 3.5), scipy.stats.beta(1.5, 6), 0, 1),
        (kl_normal(1, 2, -1, 0.7), scipy.stats.norm(1, 2), scipy.stats.norm(-1, 0.7), -40, 42),
    ],
)
def test_densities_by_quadrature(value, p, q, low, high):
    assert value == pytest.approx(by_quadrature(p, q, low, high), rel=1e-9)


def test_beta_by_quadrature_on_the_logit_scale():
    # Beta(0.1, 0.2) has a quarter of its mass outside 1e-5 to 1 - 1e-5; this axis loses none.
    def integrand(logit):
        log_x, log_rest = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        log_p = -0.9 * log_x - 0.8 * log_rest - scipy.special.betaln(0.1, 0.2)
        return np.exp(log_p + log_x + log_rest) * log_p

    value, _ = scipy.integrate.quad(integrand, -400, 200, limit=500, points=[0])
    assert kl_beta(0.1, 0.2, 1, 1) == pytest.approx(value, rel=1e-9)


def within_four_standard_errors(value, log_ratios):
    error = log_ratios.std(ddof=1) / math.sqrt(len(log_ratios))
    return abs(log_ratios.mean() - value) <= 4 * error and error < 0.02 * value


def test_dirichlet_by_sampling():
    p, q = scipy.stats.dirichlet([2.0, 3.5, 0.7]), scipy.stats.dirichlet([4.0, 1.0, 1.5])
    draws = p.rvs(40_000, np.random.default_rng(9)).T
    value = kl_dirichlet([2.0, 3.5, 0.7], [4.0, 1.0, 1.5])
    assert within_four_standard_errors(value, p.logpdf(draws) - q.logpdf(draws))


def test_mvn_by_sampling():
    generator = np.random.default_rng(10)
    mu_p, cov_p, mu_q, cov_q = random_pair(generator, 4)
    p = scipy.stats.multivariate_normal(mu_p, cov_p)
    q = scipy.stats.multivariate_normal(mu_q, cov_q)
    draws = p.rvs(40_000, generator)
    value = kl_mvn(mu_p, cov_p, mu_q, cov_q)
    assert within_four_standard_errors(value, p.logpdf(draws) - q.logpdf(draws))


def test_families_that_contain_each_other():
    assert kl_gamma(1, 2.0, 1, 0.3) == pytest.approx(kl_exponential(2.0, 0.3), rel=1e-14)
    assert kl_dirichlet([2, 3.5], [1.5, 6]) == kl_beta(2, 3.5, 1.5, 6)
    assert kl_mvn([1.0], [[4.0]], [-1.0], [[0.49]]) == pytest.approx(
        kl_normal(1, 2, -1, 0.7), rel=1e-14
    )


def test_the_categorical_family_is_the_discrete_measure():
    p, q = np.random.default_rng(11).dirichlet(np.ones(3), (2, 4))
    assert np.array_equal(kl_categorical(p, q), kl_divergence(p, q))
    assert np.array_equal(kl_categorical(p.T, q.T, axis=0), kl_divergence(p, q))


def test_one_proportion_of_a_dirichlet_tells_no_more_than_all():
    # Proportion 0 beside the sum of the others is beta distributed: data processing.
    p, q = [2.0, 3.5, 0.7], [4.0, 1.0, 1.5]
    assert kl_beta(p[0], sum(p[1:]), q[0], sum(q[1:])) < kl_dirichlet(p, q)


def test_independent_coordinates_add_up():
    generator = np.random.default_rng(12)
    mu_p, mu_q = generator.standard_normal((2, 5, 7))
    sigma_p, sigma_q = generator.uniform(0.2, 3, (2, 5, 7))
    single = kl_normal(mu_p, sigma_p, mu_q, sigma_q)
    diagonal = kl_normal_diag(mu_p, sigma_p, mu_q, sigma_q)
    assert diagonal == pytest.approx(single.sum(axis=-1), rel=1e-14)
    as_matrices = [np.eye(7) * sigma[:, np.newaxis] ** 2 for sigma in (sigma_p, sigma_q)]
    full = kl_mvn(mu_p, as_matrices[0], mu_q, as_matrices[1])
    assert diagonal == pytest.approx(full, rel=1e-12)


# -- multivariate normal ---------------------------------------------------------------------------


def covariance(generator, length, smallest=0.1):
    """A covariance with eigenvalues from `smallest` to 1."""
    turn, _ = np.linalg.qr(generator.standard_normal((length, length)))
    eigenvalues = np.exp(generator.uniform(math.log(smallest), 0, length))
    eigenvalues[0] = smallest
    cov = (turn * eigenvalues) @ turn.T
    return (cov + cov.T) / 2


def random_pair(generator, length, smallest=0.1):
    mu_p, mu_q = generator.standard_normal((2, length))
    cov_p, cov_q = (covariance(generator, length, smallest) for _ in range(2))
    return mu_p, cov_p, mu_q, cov_q


def by_eigenvalues(mu_p, cov_p, mu_q, cov_q):
    """An independent route: the eigenvalues of cov_p relative to cov_q."""
    relative = scipy.linalg.eigh(cov_p, cov_q, eigvals_only=True)
    distance = (mu_p - mu_q) @ np.linalg.solve(cov_q, mu_p - mu_q)
    return (relative.sum() - len(mu_p) - np.log(relative).sum() + distance) / 2


@pytest.mark.parametrize("length", [1, 2, 3, 8])
def test_mvn_against_mpmath(length):
    generator = np.random.default_rng(length)
    for _ in range(5):
        pair = random_pair(generator, length)
        assert relative_error(kl_mvn(*pair), exact_mvn(*pair)) <= 1e-13
        assert kl_mvn(*pair) == pytest.approx(by_eigenvalues(*pair), rel=1e-12)


@pytest.mark.parametrize("step", STEPS)
def test_mvn_near_equality(step):
    generator = np.random.default_rng(13)
    for smallest in (0.5, 1e-2, 1e-7):
        mu_p, cov_p, _, _ = random_pair(generator, 4, smallest)
        factor = np.linalg.cholesky(cov_p)
        noise = generator.standard_normal((4, 4))
        cov_q = cov_p + step / 10 * factor @ (noise + noise.T) @ factor.T
        cov_q = (cov_q + cov_q.T) / 2
        for mu_q in (mu_p, mu_p + step * factor[:, 0]):
            pair = mu_p, cov_p, mu_q, cov_q
            assert relative_error(kl_mvn(*pair), exact_mvn(*pair)) <= 1e-11


@pytest.mark.parametrize("rest", [1e-2, 2.6e-4, 2.4e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-14, 4e-15])
def test_nearly_singular_covariances_against_mpmath(rest):
    nearly = [[1, 1 - rest], [1 - rest, 1]]
    nearer = [[1, 1 - rest / 2], [1 - rest / 2, 1]]
    other = [[4.0, -1.9], [-1.9, 1.0]]
    for cov_p, cov_q in [
        (nearly, np.eye(2)),
        (np.eye(2), nearly),
        (nearly, nearer),
        (nearer, nearly),
        (other, nearly),
    ]:
        pair = [0.0, 0.5], cov_p, [1.0, 1.0], cov_q
        assert relative_error(kl_mvn(*pair), exact_mvn(*pair)) <= 1e-12


@pytest.mark.parametrize("smallest", [1e-3, 1e-5, 1e-7, 1e-10, 1e-13])
def test_nearly_singular_covariances_of_several_numbers(smallest):
    generator = np.random.default_rng(14)
    for _ in range(3):
        mu_p, cov_p, mu_q, cov_q = random_pair(generator, 6, smallest)
        for pair in [
            (mu_p, cov_p, mu_q, cov_q),
            (mu_p, np.eye(6), mu_q, cov_q),
            (mu_p, cov_p, mu_q, np.eye(6)),
        ]:
            assert relative_error(kl_mvn(*pair), exact_mvn(*pair)) <= 6e-12


def test_no_step_between_the_two_ways_of_calculating():
    for factor in (0.999, 1.001):
        rest = NEARLY_SINGULAR / 2 * factor
        pair = [0.0, 0.5], [[1, 1 - rest], [1 - rest, 1]], [1.0, 1.0], np.eye(2)
        assert relative_error(kl_mvn(*pair), exact_mvn(*pair)) <= 1e-12


def test_400_coordinates():
    generator = np.random.default_rng(15)
    pair = random_pair(generator, 400)
    assert kl_mvn(*pair) == pytest.approx(by_eigenvalues(*pair), rel=1e-11)
    mu, cov = pair[0], pair[1]
    assert kl_mvn(mu, cov, mu, cov.copy()) == 0
    # A determinant of 1e-600 is 0 in float64. Scaled copies have a divergence in closed form.
    tiny = kl_mvn(mu, cov * 1e-3, mu, cov * 2e-3)
    assert tiny == pytest.approx(400 * kl_normal(0, 1, 0, math.sqrt(2)), rel=1e-11)


def test_60_nearly_singular_coordinates():
    # Pairs of coordinates, each pair nearly singular in its own way: the divergences add up.
    length, truth = 60, 0
    cov_p, cov_q = np.eye(length), np.eye(length)
    for start in range(0, length, 2):
        block = slice(start, start + 2)
        for cov, exponent in ((cov_p, -30 - start % 7), (cov_q, -30 - start % 5)):
            cov[block, block] = [[1, 1 - 2.0**exponent], [1 - 2.0**exponent, 1]]
        truth += exact_mvn([0, 0], cov_p[block, block], [0, 1], cov_q[block, block])
    order = np.random.default_rng(16).permutation(length)
    mu_p, mu_q = np.zeros(length), np.tile([0.0, 1.0], length // 2)
    pair = mu_p, cov_p[order][:, order], mu_q[order], cov_q[order][:, order]
    assert relative_error(kl_mvn(*pair), truth) <= 1e-14


def test_mvn_does_not_depend_on_the_coordinates():
    generator = np.random.default_rng(17)
    for length in (2, 5, 20):
        mu_p, cov_p, mu_q, cov_q = pair = random_pair(generator, length)
        value = kl_mvn(*pair)
        order = generator.permutation(length)
        shuffled = mu_p[order], cov_p[order][:, order], mu_q[order], cov_q[order][:, order]
        assert kl_mvn(*shuffled) == pytest.approx(value, rel=1e-12)
        turn = generator.standard_normal((length, length)) + 3 * np.eye(length)
        shift = generator.standard_normal(length)
        moved = [
            (turn @ mu + shift, turn @ cov @ turn.T) for mu, cov in ((mu_p, cov_p), (mu_q, cov_q))
        ]
        assert kl_mvn(*moved[0], *moved[1]) == pytest.approx(value, rel=1e-9)
        units = 10.0 ** generator.integers(-120, 120, length)  # of metres, of light years, ...
        in_units = [
            (mu * units, cov * units[:, np.newaxis] * units)
            for mu, cov in ((mu_p, cov_p), (mu_q, cov_q))
        ]
        assert kl_mvn(*in_units[0], *in_units[1]) == pytest.approx(value, rel=1e-11)


def test_mvn_of_independent_blocks_adds_up():
    generator = np.random.default_rng(18)
    first, second = random_pair(generator, 3), random_pair(generator, 5)
    both = [
        np.concatenate([one, other]) if one.ndim == 1 else scipy.linalg.block_diag(one, other)
        for one, other in zip(first, second, strict=True)
    ]
    assert kl_mvn(*both) == pytest.approx(kl_mvn(*first) + kl_mvn(*second), rel=1e-12)


def test_leaving_out_a_coordinate_never_raises_a_divergence():
    generator = np.random.default_rng(19)
    for _ in range(20):
        mu_p, cov_p, mu_q, cov_q = pair = random_pair(generator, 5, 1e-3)
        less = mu_p[:4], cov_p[:4, :4], mu_q[:4], cov_q[:4, :4]
        assert kl_mvn(*less) <= kl_mvn(*pair)


def test_mvn_at_the_ends_of_the_range():
    zero, unit = np.zeros(2), np.eye(2)
    for pair in [
        (zero, 1e-300 * unit, zero, 1e300 * unit),
        (zero, [[1e308, -9e307], [-9e307, 1e308]], zero, [[1e308, 9e307], [9e307, 1e308]]),
        ([9e307, 0], 1e308 * unit, [-9e307, 0], 1e308 * unit * (1 + 1e-9)),
    ]:
        assert relative_error(kl_mvn(*pair), exact_mvn(*pair, digits=1000)) <= 1e-13
    assert kl_mvn(zero, 1e300 * unit, zero, 1e-300 * unit) == math.inf


def test_rounding_that_spoils_the_symmetry_is_forgiven():
    mu_p, cov_p, mu_q, cov_q = random_pair(np.random.default_rng(20), 3)
    value = kl_mvn(mu_p, cov_p, mu_q, cov_q)
    cov_q[0, 2] *= 1 + 1e-12
    assert kl_mvn(mu_p, cov_p, mu_q, cov_q) == pytest.approx(value, rel=1e-10)


def test_a_matrix_is_as_good_as_singular_where_its_asymmetry_is_larger_than_its_eigenvalue():
    cov = np.array([[1, 1 - 1e-10], [1 - 1e-10, 1]])
    assert kl_mvn([0, 0], np.eye(2), [0, 0], cov) > 1e9
    cov[0, 1] -= 1e-9
    message = refusal(kl_mvn, [0, 0], np.eye(2), [0, 0], cov)
    assert "cov_q is singular up to rounding" in message


# -- shapes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", PAIRS)
def test_arrays_agree_with_numbers(measure):
    count = len(inspect.signature(measure).parameters)
    given = np.random.default_rng(21).uniform(0.1, 0.9, (count, 2, 3))
    values = measure(*given)
    assert values.shape == (2, 3)
    for index in np.ndindex(2, 3):
        value = measure(*given[:, *index])
        assert type(value) is float
        assert values[index] == pytest.approx(value, rel=1e-13)
    beside_numbers = measure(given[0], *given[1:, 0, 0])
    assert beside_numbers[0, 1] == pytest.approx(measure(given[0, 0, 1], *given[1:, 0, 0]))


def test_lists_and_other_types_are_read_and_left_alone():
    p, q = [0.5, 1.5], [1, 2]
    assert kl_exponential(p, q).tolist() == kl_exponential(np.array(p), np.array(q)).tolist()
    assert (p, q) == ([0.5, 1.5], [1, 2])
    assert kl_normal(np.float32(0), 1, np.int8(1), 2) == kl_normal(0, 1, 1, 2)
    sigma = np.float32(0.1)  # is taken at its stored value
    assert kl_normal(0, sigma, 0, float(sigma)) == 0


def test_batches_of_lists():
    generator = np.random.default_rng(22)
    alpha_p, alpha_q = generator.uniform(0.1, 5, (2, 4, 3, 6))
    values = kl_dirichlet(alpha_p, alpha_q)
    assert values.shape == (4, 3)
    assert values[1, 2] == pytest.approx(kl_dirichlet(alpha_p[1, 2], alpha_q[1, 2]), rel=1e-13)
    single = kl_dirichlet(alpha_p, alpha_q[0, 0])
    assert single[1, 2] == pytest.approx(kl_dirichlet(alpha_p[1, 2], alpha_q[0, 0]), rel=1e-13)
    mu, sigma = generator.standard_normal((4, 3, 6)), generator.uniform(0.5, 2, (4, 3, 6))
    latent = kl_normal_diag(mu, sigma, 0, 1)
    assert latent.shape == (4, 3)
    assert latent[1, 2] == pytest.approx(kl_normal_diag(mu[1, 2], sigma[1, 2], 0, 1), rel=1e-13)
    assert np.array_equal(latent, kl_normal_diag(mu, sigma, np.zeros(6), np.ones(6)))


def test_batches_of_covariances():
    generator = np.random.default_rng(23)
    pairs = [random_pair(generator, 3, smallest) for smallest in (0.1, 1e-9, 0.5, 1e-3)]
    mu_p, cov_p, mu_q, cov_q = (np.array(values) for values in zip(*pairs, strict=True))
    values = kl_mvn(mu_p, cov_p, mu_q, cov_q)
    assert values.tolist() == [kl_mvn(*pair) for pair in pairs]
    values = kl_mvn(mu_p, cov_p[0], mu_q[0], np.eye(3))
    assert values.tolist() == [kl_mvn(mu, cov_p[0], mu_q[0], np.eye(3)) for mu in mu_p]
    values = kl_mvn(mu_p[0], cov_p.reshape(2, 2, 3, 3), mu_q[0], cov_q[0])
    assert values.shape == (2, 2)
    assert values[1, 0] == kl_mvn(mu_p[0], cov_p[2], mu_q[0], cov_q[0])


# -- what is true of all of them -------------------------------------------------------------------

POSITIVE = st.one_of(st.floats(1e-3, 1e6), st.floats(-300, 300).map(lambda x: 10.0**x))
SHAPE = st.floats(-3, 6).map(lambda x: 10.0**x)
CHANCE = st.one_of(st.floats(0, 1), st.floats(-300, 0).map(lambda x: 10.0**x))
NUMBER = st.floats(-1e300, 1e300)
PARAMETERS = {
    kl_bernoulli: [CHANCE],
    kl_poisson: [st.one_of(st.just(0.0), POSITIVE)],
    kl_exponential: [POSITIVE],
    kl_gamma: [SHAPE, POSITIVE],
    kl_beta: [SHAPE, SHAPE],
    kl_normal: [NUMBER, POSITIVE],
}


@pytest.mark.parametrize("measure", PARAMETERS)
@given(st.data())
def test_never_negative_and_exactly_zero_at_equality(measure, data):
    p, q = (data.draw(st.tuples(*PARAMETERS[measure])) for _ in range(2))
    assert measure(*p, *q) >= 0
    value = measure(*p, *p)
    assert value == 0 and math.copysign(1, value) == 1


@pytest.mark.parametrize("measure", PARAMETERS)
@given(st.data(), st.integers(-53, -1))
def test_never_negative_however_near_equality(measure, data, exponent):
    p = data.draw(st.tuples(*PARAMETERS[measure]))
    q = [value * (1 - data.draw(st.floats(0, 1)) * 2.0**exponent) for value in p]
    assert measure(*p, *q) >= 0


@given(st.lists(st.tuples(SHAPE, SHAPE), min_size=2, max_size=8), st.floats(-16, 0))
def test_dirichlet_is_never_negative_and_exactly_zero_at_equality(pairs, exponent):
    p, q = np.transpose(pairs)
    assert kl_dirichlet(p, q) >= 0
    assert kl_dirichlet(p, p + 10**exponent * (q - p)) >= 0
    assert kl_dirichlet(p, p.copy()) == 0
    assert kl_dirichlet(p, p * 2) > 0


@given(st.integers(1, 6), st.floats(-15, 0), st.integers(0, 2**32))
def test_mvn_is_never_negative_and_exactly_zero_at_equality(length, exponent, seed):
    generator = np.random.default_rng(seed)
    mu_p, cov_p, mu_q, cov_q = random_pair(generator, length, 10 ** generator.uniform(-12, 0))
    assert kl_mvn(mu_p, cov_p, mu_q, cov_q) >= 0
    assert kl_mvn(mu_p, cov_p, mu_p, cov_p.copy()) == 0
    near = (1 - 10**exponent) * cov_p + 10**exponent * cov_q
    assert kl_mvn(mu_p, cov_p, mu_p, near) >= 0


# -- refusals --------------------------------------------------------------------------------------


NOT_NUMBERS = {
    "text": ("abc", ["NAME holds text", "dtype=float"]),
    "texts": (["0.1", "0.3"], ["NAME holds text", "dtype=float"]),
    "None": (None, ["NAME is of type NoneType"]),
    "truth": (True, ["NAME holds True and False"]),
    "complex": (1j, ["NAME holds complex numbers"]),
    "NaN": (math.nan, ["NAME is nan", "where it comes from"]),
    "NaN in a list": ([0.5, math.nan], ["NAME[1] is nan"]),
    "empty": ([], ["NAME is empty (shape (0,))", "at least one number"]),
    "ragged": ([[0.5, 0.5], [1.0]], ["NAME cannot be read", "differ in length"]),
}
GOOD = {  # for every parameter of a family of one number
    kl_bernoulli: {"p": 0.5, "q": 0.5},
    kl_poisson: {"rate_p": 1.0, "rate_q": 1.0},
    kl_exponential: {"rate_p": 1.0, "rate_q": 1.0},
    kl_gamma: {"shape_p": 1.0, "rate_p": 1.0, "shape_q": 1.0, "rate_q": 1.0},
    kl_beta: {"a_p": 1.0, "b_p": 1.0, "a_q": 1.0, "b_q": 1.0},
    kl_normal: {"mu_p": 0.0, "sigma_p": 1.0, "mu_q": 0.0, "sigma_q": 1.0},
}
ALL_PARAMETERS = [(measure, name) for measure, given in GOOD.items() for name in given]
REMEDIES = {
    "p": "probability of yes",
    "q": "probability of yes",
    "rate": "rate is 1/scale",
    "shape": "mean²/variance",
    "a": "prior",
    "b": "prior",
    "sigma": "standard deviation",
}


@pytest.mark.parametrize("kind", NOT_NUMBERS)
@pytest.mark.parametrize(("measure", "name"), ALL_PARAMETERS)
def test_what_is_not_a_number_is_refused(measure, name, kind):
    value, parts = NOT_NUMBERS[kind]
    message = refusal(measure, **{**GOOD[measure], name: value})
    for part in parts:
        assert part.replace("NAME", name) in message


@pytest.mark.parametrize("value", [math.inf, -math.inf])
@pytest.mark.parametrize(("measure", "name"), ALL_PARAMETERS)
def test_infinite_parameters_are_refused(measure, name, value):
    message = refusal(measure, **{**GOOD[measure], name: value})
    assert f"{name} is {value} and must be " in message


@pytest.mark.parametrize(("measure", "name"), ALL_PARAMETERS)
def test_values_that_no_distribution_has_are_refused(measure, name):
    remedy = REMEDIES.get(name.split("_")[0])
    if measure is kl_poisson:
        remedy = "mean count, not its logarithm"
    for value in [] if name.startswith("mu") else [-0.5, 0.0]:
        if value == 0 and measure in (kl_poisson, kl_bernoulli):
            continue
        message = refusal(measure, **{**GOOD[measure], name: value})
        assert f"{name} is {value:g} and must be " in message and remedy in message
        message = refusal(measure, **{**GOOD[measure], name: [[0.5, 0.5], [0.5, value]]})
        assert f"{name}[1, 1] is {value:g} and must be " in message


def test_a_percentage_is_not_a_probability():
    assert "q is 30 and must be between 0 and 1" in refusal(kl_bernoulli, 0.3, 30)


@pytest.mark.parametrize("measure", GOOD)
def test_shapes_that_would_broadcast_by_accident_are_refused(measure):
    names = list(GOOD[measure])
    for other in ([0.5], [[0.5, 0.5, 0.5]], [0.5, 0.5]):
        message = refusal(measure, **{**GOOD[measure], names[0]: [0.5, 0.5, 0.5], names[-1]: other})
        assert f"{names[0]} has shape (3,) and {names[-1]} has shape {np.shape(other)}" in message
        assert "same shape" in message


@pytest.mark.parametrize(
    ("measure", "arguments", "parts"),
    [
        (kl_dirichlet, (2.0, [1, 1]), ["alpha_p is the single number 2", "each proportion"]),
        (kl_dirichlet, ([1, 1], 2.0), ["alpha_q is the single number 2"]),
        (kl_dirichlet, ([1.0], [1.0]), ["alpha_p lists one proportion, which is always 1"]),
        (kl_dirichlet, ([1, 1], [1, 1, 1]), ["alpha_p lists 2 and alpha_q lists 3 numbers"]),
        (kl_dirichlet, ([1, 0], [1, 1]), ["alpha_p[1] is 0 and must be positive", "prior"]),
        (kl_dirichlet, ([1, 1], [[1, 1], [1, -2]]), ["alpha_q[1, 1] is -2"]),
        (kl_dirichlet, ([1, math.inf], [1, 1]), ["alpha_p[1] is inf and must be finite"]),
        (kl_dirichlet, ([1, math.nan], [1, 1]), ["alpha_p[1] is nan"]),
        (kl_dirichlet, (np.ones((3, 2)), np.ones((1, 2))), ["shape (3,)", "shape (1,)"]),
        (kl_dirichlet, ("a", [1, 1]), ["alpha_p holds text"]),
        (kl_normal_diag, (0, 1, 0, 1), ["mu_p is the single number 0", "each coordinate"]),
        (kl_normal_diag, ([0, 0, 0], 1, 0, [1]), ["mu_p lists 3 and sigma_q lists 1 numbers"]),
        (kl_normal_diag, ([0, 0], [1, 0], 0, 1), ["sigma_p[1] is 0 and must be positive"]),
        (kl_normal_diag, ([0, 0], 1, 0, -1), ["sigma_q is -1", "standard deviation"]),
        (kl_normal_diag, ([0, math.inf], 1, 0, 1), ["mu_p[1] is inf and must be finite"]),
        (kl_normal_diag, (np.ones((3, 2)), np.ones((1, 2)), 0, 1), ["shape (3,)", "shape (1,)"]),
        (kl_normal_diag, ([0, 0], [1, 1], "a", 1), ["mu_q holds text"]),
        (kl_categorical, ([0.7, 0.2], [0.5, 0.5]), ["p sums to 0.9", "normalize(p)"]),
    ],
)
def test_refusals_of_lists(measure, arguments, parts):
    message = refusal(measure, *arguments)
    for part in parts:
        assert part in message


UNIT = np.eye(2)


@pytest.mark.parametrize("name", ["cov_p", "cov_q"])
@pytest.mark.parametrize(
    ("cov", "parts"),
    [
        ([[1, 0.5], [0.2, 1]], ["NAME[0, 1] is 0.5 but NAME[1, 0] is 0.2", "+ NAME.T) / 2"]),
        ([UNIT, [[1, 0.3], [0.2, 1]]], ["NAME[1, 0, 1] is 0.3 but NAME[1, 1, 0] is 0.2"]),
        ([[1, 2], [2, 1]], ["NAME is not positive definite", "eigenvalue", "matrix is -1."]),
        ([UNIT, [[1, 2], [2, 1]]], ["NAME[1] is not positive definite", "matrix is -1."]),
        ([[1, -3e-9], [-3e-9, 1e-18]], ["NAME is not positive definite"]),
        ([[1e-300, 1e300], [1e300, 1e-300]], ["NAME is not positive definite"]),
        ([[1, 1], [1, 1]], ["NAME is singular up to rounding", "Leave out", "diagonal"]),
        ([[4, 6], [6, 9]], ["NAME is singular up to rounding"]),
        ([[1, 1 - 1e-16], [1 - 1e-16, 1]], ["NAME is singular up to rounding", "1.11e-16"]),
        ([[1, 0], [0, 0]], ["NAME[1, 1] is 0 and must be positive", "variance"]),
        ([[1, 0], [0, -2]], ["NAME[1, 1] is -2 and must be positive", "variance"]),
        ([1, 1], ["NAME has shape (2,)", "square", "np.diag(variances)"]),
        (2.0, ["NAME has shape ()", "square"]),
        ([[1, 0, 0]], ["NAME has shape (1, 3)", "square"]),
        (np.eye(3), ["mu_p lists 2 numbers and NAME has shape (3, 3)"]),
        ([[1, math.nan], [math.nan, 1]], ["NAME[0, 1] is nan"]),
        ([[1, 0], [math.inf, 1]], ["NAME[1, 0] is inf and must be finite"]),
        ("a", ["NAME holds text"]),
        ([[1, 0], [0]], ["NAME cannot be read"]),
    ],
)
def test_refusals_of_covariances(name, cov, parts):
    good = {"mu_p": [0, 0], "cov_p": UNIT, "mu_q": [0, 0], "cov_q": UNIT}
    message = refusal(kl_mvn, **{**good, name: cov})
    for part in parts:
        assert part.replace("NAME", name) in message


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((0, UNIT, [0, 0], UNIT), ["mu_p is the single number 0", "each coordinate"]),
        (([0, 0], UNIT, 0, UNIT), ["mu_q is the single number 0"]),
        (([0, 0], UNIT, [0, 0, 0], UNIT), ["mu_p lists 2 and mu_q lists 3 numbers"]),
        (([0, math.inf], UNIT, [0, 0], UNIT), ["mu_p[1] is inf"]),
        (([0, 0], UNIT, [math.nan, 0], UNIT), ["mu_q[0] is nan"]),
        ((np.zeros((3, 2)), UNIT, np.zeros((1, 2)), UNIT), ["mu_p is a batch of shape (3,)"]),
        ((np.zeros((3, 2)), UNIT, [0, 0], [UNIT] * 2), ["cov_q one of shape (2,)"]),
        (([0, 0], [UNIT], [0, 0], [UNIT] * 2), ["cov_p is a batch of shape (1,)"]),
    ],
)
def test_refusals_of_means_and_batches(arguments, parts):
    message = refusal(kl_mvn, *arguments)
    for part in parts:
        assert part in message


def test_a_covariance_estimated_from_too_few_draws_is_refused():
    draws = np.random.default_rng(24).standard_normal((30, 50))
    cov = np.cov(draws, rowvar=False)  # of rank 29
    message = refusal(kl_mvn, np.zeros(50), np.eye(50), np.zeros(50), cov)
    assert "cov_q is singular up to rounding" in message or "positive definite" in message


# -- how they read ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", families.__all__)
def test_the_example_runs(name):
    (found,) = doctest.DocTestFinder(recurse=False).find(getattr(families, name), name)
    assert len(found.examples) == 1
    assert doctest.DocTestRunner().run(found).failed == 0


def test_loading_the_families_does_not_load_scipy():
    program = (
        "import sys, klteach.measures.families, klteach.measures.bounds, klteach.measures.scores;"
        "print([name for name in ('scipy', 'mpmath') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr
