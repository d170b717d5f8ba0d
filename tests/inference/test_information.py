"""Fisher information, against the curvature of the exact divergence at equal parameters."""

import math

import mpmath
import numpy as np
import pytest

from klteach import kl_bernoulli, kl_normal, kl_poisson
from klteach.inference import (
    fisher_information_bernoulli,
    fisher_information_normal,
    fisher_information_poisson,
)
from tests.refusals import refusal


def curvature(divergence, at):
    """The second derivative of KL(at‖t) in t, at t = at."""
    with mpmath.workdps(60):
        return mpmath.diff(lambda t: divergence(mpmath.mpf(at), t), mpmath.mpf(at), 2)


def coin(p, q):
    return p * mpmath.log(p / q) + (1 - p) * mpmath.log((1 - p) / (1 - q))


def rare(p, q):
    return p * mpmath.log(p / q) - p + q


def normal(p, q):
    """KL of two normal distributions given as (mu, sigma)."""
    (mu_p, sigma_p), (mu_q, sigma_q) = p, q
    spread = (sigma_p**2 + (mu_p - mu_q) ** 2) / (2 * sigma_q**2)
    return mpmath.log(sigma_q / sigma_p) + spread - mpmath.mpf(1) / 2


@pytest.mark.parametrize("p", [0.3, 0.5, 0.01, 0.999])
def test_of_a_coin_it_is_the_curvature_of_the_divergence(p):
    assert fisher_information_bernoulli(p) == pytest.approx(float(curvature(coin, p)), rel=1e-9)


@pytest.mark.parametrize("rate", [0.1, 1.0, 30.0])
def test_of_a_rate_it_is_the_curvature_of_the_divergence(rate):
    assert fisher_information_poisson(rate) == pytest.approx(float(curvature(rare, rate)), rel=1e-9)


@pytest.mark.parametrize("mu, sigma", [(0.0, 1.0), (-3.0, 0.1), (100.0, 10.0)])
def test_of_a_normal_it_is_the_table_of_second_derivatives(mu, sigma):
    with mpmath.workdps(60):
        at = (mpmath.mpf(mu), mpmath.mpf(sigma))
        exact = [
            [float(mpmath.diff(lambda m, s: normal(at, (m, s)), at, order)) for order in orders]
            for orders in ([(2, 0), (1, 1)], [(1, 1), (0, 2)])
        ]
    np.testing.assert_allclose(fisher_information_normal(mu, sigma), exact, rtol=1e-9, atol=1e-20)


def test_half_of_it_times_a_small_step_squared_is_the_divergence():
    step = 1e-6
    information = fisher_information_normal(2.0, 0.5)
    assert kl_normal(2, 0.5, 2 + step, 0.5) == pytest.approx(information[0, 0] * step**2 / 2)
    assert kl_normal(2, 0.5, 2, 0.5 + step) == pytest.approx(
        information[1, 1] * step**2 / 2, rel=1e-5
    )
    assert kl_bernoulli(0.3, 0.3 + step) == pytest.approx(
        fisher_information_bernoulli(0.3) * step**2 / 2, rel=1e-5
    )
    assert kl_poisson(4, 4 + step) == pytest.approx(
        fisher_information_poisson(4) * step**2 / 2, rel=1e-5
    )


def test_the_numbers_of_the_course():
    assert fisher_information_bernoulli(0.3) == pytest.approx(4.761905, abs=5e-7)
    ratio = fisher_information_normal(0, 1)[1, 1] / fisher_information_normal(0, 10)[1, 1]
    assert ratio == pytest.approx(100)


def test_at_the_edge_it_is_inf_without_a_warning():
    with np.errstate(all="raise"):
        assert fisher_information_bernoulli([0, 1, -0.0, 1e-310]).tolist() == [math.inf] * 4
        assert fisher_information_poisson([0, -0.0, 1e-310]).tolist() == [math.inf] * 3
        assert fisher_information_normal(0.0, 1e-200)[0, 0] == math.inf


def test_extreme_parameters():
    assert fisher_information_bernoulli(1e-300) == pytest.approx(1e300, rel=1e-12)
    assert fisher_information_poisson(1e300) == pytest.approx(1e-300, rel=1e-12)
    assert fisher_information_normal(1e300, 1e-150)[1, 1] == pytest.approx(2e300, rel=1e-12)
    assert fisher_information_normal(0, 1e100)[0, 0] == pytest.approx(1e-200, rel=1e-12)


def test_arrays_give_arrays():
    assert isinstance(fisher_information_bernoulli(0.3), float)
    assert fisher_information_bernoulli([0.5, 0.2]).tolist() == pytest.approx([4, 6.25])
    assert fisher_information_poisson([[1, 2]]).tolist() == [[1, 0.5]]
    tables = fisher_information_normal([0.0, 1.0], 2)
    assert tables.shape == (2, 2, 2)
    assert tables[1].tolist() == fisher_information_normal(1, 2).tolist()
    assert fisher_information_normal(0, [1, 2, 3]).shape == (3, 2, 2)


@pytest.mark.parametrize(
    "function, arguments, parts",
    [
        (fisher_information_bernoulli, (1.2,), ["p is 1.2", "between 0 and 1", "percentage"]),
        (fisher_information_bernoulli, ([0.5, -0.1],), ["p[1] is -0.1"]),
        (fisher_information_bernoulli, (np.nan,), ["p is nan"]),
        (fisher_information_bernoulli, ([],), ["p is empty"]),
        (fisher_information_bernoulli, (True,), ["p holds True and False"]),
        (fisher_information_poisson, (-1,), ["rate is -1", "logarithm"]),
        (fisher_information_poisson, (np.inf,), ["rate is inf", "finite"]),
        (fisher_information_normal, (0, 0), ["sigma is 0", "positive", "standard deviation"]),
        (fisher_information_normal, (0, -1), ["sigma is -1"]),
        (fisher_information_normal, (np.inf, 1), ["mu is inf"]),
        (fisher_information_normal, ([0, 1], [1, 2, 3]), ["mu has shape (2,)", "sigma has shape"]),
    ],
)
def test_bad_parameters_are_refused(function, arguments, parts):
    message = refusal(function, *arguments)
    assert all(part in message for part in parts), message
