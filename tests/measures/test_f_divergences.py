"""f-divergences: the named generators against their measures, functions of one's own, limits."""

import math

import numpy as np
import pytest

from klteach import f_divergence, kl_divergence, normalize
from klteach.measures.f_divergences import (
    CHI_SQUARE,
    JEFFREYS,
    JENSEN_SHANNON,
    KL,
    REVERSE_CHI_SQUARE,
    REVERSE_KL,
    SQUARED_HELLINGER,
    TOTAL_VARIATION,
    Generator,
)
from tests.measures.measures_exact import (
    EXTREME,
    NEAR,
    exact_chi_square,
    exact_jeffreys,
    exact_js,
    exact_kl,
    exact_squared_hellinger,
    exact_total_variation,
    relative_error,
)

P, Q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]


def backwards(exact):
    return lambda p, q, digits: exact(q, p, digits)


# generator, truth, value on the standard probe, second derivative at 1
NAMED = {
    "KL": (KL, exact_kl, 1.10187, 1),
    "REVERSE_KL": (REVERSE_KL, backwards(exact_kl), 1.00210, 1),
    "JEFFREYS": (JEFFREYS, exact_jeffreys, 2.103972, 2),
    "JENSEN_SHANNON": (JENSEN_SHANNON, exact_js, 0.23065, 1 / 4),
    "TOTAL_VARIATION": (TOTAL_VARIATION, exact_total_variation, 0.6, None),
    "SQUARED_HELLINGER": (SQUARED_HELLINGER, exact_squared_hellinger, 0.49105, 1 / 2),
    "CHI_SQUARE": (CHI_SQUARE, exact_chi_square, 4.05, 2),
    "REVERSE_CHI_SQUARE": (REVERSE_CHI_SQUARE, backwards(exact_chi_square), 3.064286, 2),
}
each_name = pytest.mark.parametrize("name", NAMED)


@each_name
def test_the_printed_numbers(name):
    generator, _, printed, _ = NAMED[name]
    assert f_divergence(generator, P, Q) == pytest.approx(printed, abs=5e-6)
    assert f_divergence(generator.function, P, Q) == pytest.approx(printed, abs=5e-6)


@each_name
def test_against_mpmath(name):
    generator, truth, _, _ = NAMED[name]
    source = np.random.default_rng(1)
    for length in (2, 5, 60):
        p, q = (normalize(p + 1e-6) for p in source.dirichlet(np.ones(length), 2))
        assert relative_error(f_divergence(generator, p, q), truth(p, q, NEAR)) <= 1e-13
        assert relative_error(f_divergence(generator.function, p, q), truth(p, q, NEAR)) <= 1e-12
        for step in (0.1, 1e-3, 1e-6, 1e-9, 1e-12):
            near = normalize(p * np.exp(step * source.standard_normal(length)))
            value = f_divergence(generator, p, near)
            assert relative_error(value, truth(p, near, NEAR)) <= 2e-13


@each_name
def test_a_function_of_one_s_own_is_right_up_to_rounding_near_equality(name):
    generator, truth, _, _ = NAMED[name]
    source = np.random.default_rng(2)
    p = source.dirichlet(np.ones(20))
    for step in (1e-3, 1e-6, 1e-9):
        near = normalize(p * np.exp(step * source.standard_normal(20)))
        value = f_divergence(generator.function, p, near)
        assert value >= 0
        assert abs(value - truth(p, near, NEAR)) <= 1e-15


@each_name
def test_equal_distributions(name):
    generator, _, _, _ = NAMED[name]
    p = np.random.default_rng(3).dirichlet(np.ones(9), 4)
    p[0, :3] = 0
    p[0] /= p[0].sum()
    assert f_divergence(generator, p, p.copy()).tolist() == [0] * 4
    assert f_divergence(generator.function, p, p.copy()).tolist() == [0] * 4


@each_name
def test_the_conjugate_gives_the_reverse(name):
    generator, _, _, _ = NAMED[name]
    p, q = np.random.default_rng(4).dirichlet(np.ones(7), (2, 5))
    q[0, 0] = 0
    q[0] /= q[0].sum()
    expected = f_divergence(generator, q, p)
    for turned in (generator.conjugate, Generator(generator.function).conjugate):
        assert f_divergence(turned, p, q) == pytest.approx(expected, rel=1e-12)
        assert f_divergence(turned.conjugate, q, p) == pytest.approx(expected, rel=1e-12)
    ratios = np.array([0.1, 0.5, 1, 3, 20])
    assert generator.conjugate(ratios) == pytest.approx(ratios * generator(1 / ratios), abs=1e-14)
    near = normalize(p * (1 + 1e-9 * np.arange(7)))
    assert f_divergence(generator.conjugate, p, near) == pytest.approx(
        f_divergence(generator, near, p), rel=1e-12
    )


@each_name
def test_a_multiple_of_t_minus_1_changes_nothing(name):
    generator, _, _, _ = NAMED[name]
    source = np.random.default_rng(5)
    p, q = source.dirichlet(np.ones(6), (2, 20))
    expected = f_divergence(generator, p, q)
    for slope in (-3.0, 0.5, 5.0):
        tilted = Generator(lambda t, slope=slope: generator.function(t) + slope * (t - 1))
        assert f_divergence(tilted, p, q) == pytest.approx(expected, rel=1e-11)


@each_name
def test_the_local_law(name):
    generator, _, _, curvature = NAMED[name]
    if curvature is None:
        return  # |t - 1| has a kink
    p = np.random.default_rng(6).dirichlet(np.ones(5))
    errors = []
    for step in (1e-2, 1e-3, 1e-4):
        q = p * (1 + step * np.array([1, -1, 1, -1, 0]))
        q[4] -= q.sum() - 1
        law = curvature / 2 * f_divergence(CHI_SQUARE, p, q)
        errors.append(abs(f_divergence(generator, p, q) / law - 1))
    assert errors[2] < 1e-3 and (errors[2] <= errors[0] / 50 or errors[0] < 1e-12)


@each_name
def test_the_limits_found_from_the_values_are_those_that_are_stated(name):
    generator, _, _, _ = NAMED[name]
    found = Generator(generator.function)
    assert found.value_at_zero == pytest.approx(generator.at_zero, rel=1e-12, abs=1e-40)
    assert found.final_slope == pytest.approx(generator.slope_at_infinity, rel=1e-12, abs=1e-40)
    assert generator(0.0) == generator.at_zero
    assert generator([0.0, 1.0]).tolist() == [generator.at_zero, 0]


@pytest.mark.parametrize(
    ("function", "at_zero", "slope"),
    [
        (lambda t: (t - 1) ** 2 / (t + 1), 1, 1),  # triangular discrimination
        (lambda t: np.maximum(t - 2, 0), 0, 1),  # hockey stick
        (lambda t: t**3 - 1, -1, math.inf),
        (lambda t: np.exp(t) - np.e, 1 - math.e, math.inf),
        (lambda t: t**1.01 - 1, -1, math.inf),
        (lambda t: t * np.log(t) - np.log(t), math.inf, math.inf),
        (lambda t: 1 / t - 1, math.inf, 0),
        (lambda t: 3.0 * (t - 1), -3, 3),
        (lambda t: 0.0, 0, 0),
    ],
)
def test_limits_of_functions_of_one_s_own(function, at_zero, slope):
    generator = Generator(function)
    assert generator.value_at_zero == pytest.approx(at_zero)
    assert generator.final_slope == pytest.approx(slope)


@each_name
def test_zeros_in_every_place(name):
    generator, truth, _, _ = NAMED[name]
    for p, q in (
        ([0, 0.5, 0.5], [0, 0.25, 0.75]),
        ([0, 1], [0.5, 0.5]),
        ([0.5, 0.5], [0, 1]),
        ([0, 0.2, 0.3, 0.5], [0, 0.6, 0, 0.4]),
        ([1, 0], [0, 1]),
        ([-0.0, 0.5, 0.5], [0.5, -0.0, 0.5]),
    ):
        expected = truth(p, q, NEAR)
        assert relative_error(f_divergence(generator, p, q), expected) <= 1e-14
        assert relative_error(f_divergence(generator.function, p, q), expected) <= 1e-12


@each_name
def test_tiny_probabilities(name):
    generator, truth, _, _ = NAMED[name]
    for p, q in (
        ([1, 1e-300], [1, 1e-200]),
        ([1e-100, 1], [1e-200, 1]),
        ([1e-162, 1], [2e-162, 1]),
    ):
        value = f_divergence(generator, p, q)
        assert relative_error(value, truth(p, q, EXTREME)) <= 1e-12


@pytest.mark.parametrize(
    ("generator", "largest"),
    [(JENSEN_SHANNON, math.log(2)), (TOTAL_VARIATION, 1), (SQUARED_HELLINGER, 2)],
)
def test_the_bound_is_the_sum_of_the_two_limits(generator, largest):
    assert generator.value_at_zero + generator.final_slope == pytest.approx(largest, rel=1e-15)
    for length in (2, 3, 10, 1001):
        p, q = np.zeros((2, 2 * length))
        p[:length], q[length:] = np.random.default_rng(length).dirichlet(np.ones(length), 2)
        assert f_divergence(generator, p, q) <= generator.value_at_zero + generator.final_slope
        assert f_divergence(generator, p, q) == pytest.approx(largest, rel=1e-15)


def test_a_function_sees_neither_zero_nor_infinity():
    seen = []

    def function(t):
        seen.append(t.ravel().copy())
        return t * np.log(t)

    generator = Generator(function, at_zero=0.0, slope_at_infinity=np.inf)
    assert f_divergence(generator, [0, 0.5, 0, 0.5], [0, 0, 0.5, 0.5]) == math.inf
    seen = np.concatenate(seen)
    assert (seen > 0).all() and (seen < np.inf).all()


def test_batches_axes_and_blocks():
    source = np.random.default_rng(7)
    p, q = source.dirichlet(np.ones(6), (2, 4, 3))
    for generator in (KL, KL.function):
        expected = kl_divergence(p, q)
        assert f_divergence(generator, p, q) == pytest.approx(expected, rel=1e-12)
        moved = np.moveaxis(p, -1, 0), np.moveaxis(q, -1, 0)
        assert f_divergence(generator, *moved, axis=0) == pytest.approx(expected, rel=1e-12)
        assert type(f_divergence(generator, p[0, 0], q[0, 0])) is float
        single = f_divergence(generator, p, q[0, 0])
        assert single == pytest.approx(kl_divergence(p, q[0, 0]), rel=1e-12)
    p, q = source.dirichlet(np.ones(50_000), 2)
    assert f_divergence(KL.function, p, q) == pytest.approx(kl_divergence(p, q), rel=1e-12)


def test_a_constant_and_whole_numbers_are_accepted_as_values():
    assert f_divergence(lambda t: 0, P, Q) == 0
    step = Generator(lambda t: np.maximum(np.ceil(t - 1).astype(int), 0) * 0)
    assert f_divergence(step, P, Q) == 0
