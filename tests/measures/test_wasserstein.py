"""Wasserstein distance: mpmath's carrying of mass, SciPy, linear programming, shifts and scales."""

import math

import mpmath
import numpy as np
import pytest
import scipy.optimize
import scipy.stats

from klteach import normalize, wasserstein_distance
from tests.measures.measures_exact import NEAR, exact_wasserstein, relative_error

SECOND_PROBE = ([0.4, 0.3, 0.2, 0.1], [0.1, 0.15, 0.25, 0.5])


def test_the_printed_number():
    assert wasserstein_distance(range(4), range(4), *SECOND_PROBE) == pytest.approx(1.15, rel=1e-15)
    assert wasserstein_distance([0, 1], [5, 6]) == 5
    assert type(wasserstein_distance([0, 1], [5, 6])) is float


@pytest.mark.parametrize("sizes", [(1, 1), (1, 5), (4, 4), (7, 3), (40, 60)])
def test_against_mpmath_and_scipy(sizes):
    generator = np.random.default_rng(1)
    for _ in range(5):
        x, y = (generator.standard_normal(size) for size in sizes)
        p, q = (generator.dirichlet(np.ones(size)) for size in sizes)
        for weights in ((p, q), (p, None), (None, q), (None, None)):
            full = [
                np.full(size, 1.0) if w is None else w
                for size, w in zip(sizes, weights, strict=True)
            ]
            value = wasserstein_distance(x, y, *weights)
            assert relative_error(value, exact_wasserstein(x, y, *full)) <= 1e-13
            assert value == pytest.approx(scipy.stats.wasserstein_distance(x, y, *full), rel=1e-12)


def test_it_is_the_cheapest_plan():
    generator = np.random.default_rng(2)
    x, y = generator.integers(0, 9, 4), generator.integers(0, 9, 5)
    p, q = generator.dirichlet(np.ones(4)), generator.dirichlet(np.ones(5))
    costs = np.abs(x[:, np.newaxis] - y)
    margins = [np.kron(np.eye(4), np.ones(5)), np.kron(np.ones(4), np.eye(5))]
    plan = scipy.optimize.linprog(
        costs.ravel(), A_eq=np.vstack(margins), b_eq=np.concatenate([p, q]), bounds=(0, None)
    )
    assert wasserstein_distance(x, y, p, q) == pytest.approx(plan.fun, rel=1e-9)


@pytest.mark.parametrize("step", [1e-3, 1e-6, 1e-9, 1e-12, 1e-15])
def test_near_equality_on_the_same_positions(step):
    generator = np.random.default_rng(3)
    for length in (2, 10, 100):
        x = generator.standard_normal(length)
        p = generator.dirichlet(np.ones(length))
        q = normalize(p * np.exp(step * generator.standard_normal(length)))
        value, truth = wasserstein_distance(x, x, p, q), exact_wasserstein(x, x, p, q, NEAR)
        assert relative_error(value, truth) <= 1e-12


@pytest.mark.parametrize("step", [1e-3, 1e-9, 1e-15])
def test_near_equality_of_samples(step):
    generator = np.random.default_rng(4)
    x = generator.standard_normal(50)
    y = x + step * generator.random(50)
    ones = np.ones(50)
    assert relative_error(wasserstein_distance(x, y), exact_wasserstein(x, y, ones, ones)) <= 1e-13


def test_exactly_zero_for_the_same_distribution():
    generator = np.random.default_rng(5)
    for length in (1, 2, 30, 999):
        x, p = generator.standard_normal(length), generator.dirichlet(np.ones(length))
        order = generator.permutation(length)
        assert wasserstein_distance(x, x) == wasserstein_distance(x, x, p, p) == 0
        assert wasserstein_distance(x, x[order]) == 0
        assert wasserstein_distance(x, x[order], p, p[order]) == 0
        assert wasserstein_distance(x, np.repeat(x, 3)) == 0
    value = wasserstein_distance([2.0], [2.0])
    assert value == 0 and math.copysign(1, value) == 1


def test_shift_scale_and_reflection():
    generator = np.random.default_rng(6)
    x, y = generator.standard_normal(20), generator.standard_normal(30)
    p, q = generator.dirichlet(np.ones(20)), generator.dirichlet(np.ones(30))
    value = wasserstein_distance(x, y, p, q)
    assert wasserstein_distance(x + 7, y + 7, p, q) == pytest.approx(value, rel=1e-13)
    assert wasserstein_distance(3 * x, 3 * y, p, q) == pytest.approx(3 * value, rel=1e-13)
    assert wasserstein_distance(-x, -y, p, q) == pytest.approx(value, rel=1e-13)
    assert wasserstein_distance(y, x, q, p) == pytest.approx(value, rel=1e-13)
    assert wasserstein_distance(x, x + 2.5, p, p) == pytest.approx(2.5, rel=1e-14)


def test_the_triangle_inequality_and_the_difference_of_the_means():
    generator = np.random.default_rng(7)
    for _ in range(50):
        x, y, z = (generator.standard_cauchy(size) for size in (5, 6, 7))
        direct = wasserstein_distance(x, z)
        detour = wasserstein_distance(x, y) + wasserstein_distance(y, z)
        assert direct <= detour * (1 + 1e-14)
        assert abs(x.mean() - y.mean()) <= wasserstein_distance(x, y) * (1 + 1e-13)


def test_a_position_without_probability_changes_nothing():
    value = wasserstein_distance([0, 1], [3, 5], [0.5, 0.5], [0.25, 0.75])
    assert wasserstein_distance([0, 1, 99], [3, 5], [0.5, 0.5, 0], [0.25, 0.75]) == value == 4


@pytest.mark.parametrize("off", [1e-12, 1e-8])
def test_sums_that_differ_from_one_by_rounding(off):
    p, q = (np.array(values) for values in SECOND_PROBE)
    for x, y in ((range(4), range(4)), (range(4), [0.5, 1, 4, 7])):
        value = wasserstein_distance(x, y, p * (1 + off), q * (1 - off))
        assert value == pytest.approx(wasserstein_distance(x, y, p, q), rel=1e-14)


def test_batches_beside_single_lists():
    generator = np.random.default_rng(8)
    x, y = generator.standard_normal((2, 3, 4)), generator.standard_normal((2, 3, 5))
    p, q = generator.dirichlet(np.ones(4), (2, 3)), generator.dirichlet(np.ones(5), (2, 3))
    values = wasserstein_distance(x, y, p, q)
    assert values.shape == (2, 3)
    for index in np.ndindex(2, 3):
        one = wasserstein_distance(x[index], y[index], p[index], q[index])
        assert values[index] == pytest.approx(one, rel=1e-14)
    alone = wasserstein_distance(x, y[0, 0], p[0, 0], q)
    repeated = wasserstein_distance(
        x, np.broadcast_to(y[0, 0], y.shape), np.broadcast_to(p[0, 0], p.shape), q
    )
    assert np.array_equal(alone, repeated)
    moved = [np.moveaxis(array, -1, 0) for array in (x, y, p, q)]
    assert np.array_equal(wasserstein_distance(*moved, axis=0), values)
    assert np.array_equal(
        wasserstein_distance(moved[0], y[0, 0], axis=0), wasserstein_distance(x, y[0, 0])
    )


def test_a_batch_of_models_on_one_list_of_positions():
    positions = np.arange(4)
    p, q = (np.array(values) for values in SECOND_PROBE)
    models = np.array([p, q, (p + q) / 2])
    values = wasserstein_distance(positions, positions, p, models)
    assert values == pytest.approx([0, 1.15, 0.575], rel=1e-14)
    assert values[0] == 0
    batch = np.array([positions, positions + 10.0])
    assert wasserstein_distance(batch, batch, p, q) == pytest.approx([1.15, 1.15], rel=1e-14)


def test_positions_far_apart_and_the_arguments_are_left_alone():
    x, p = np.array([1e300, -1e300]), np.array([0.5, 0.5])
    assert wasserstein_distance(x, -x[::-1], p, p) == pytest.approx(0)
    assert wasserstein_distance(x, [8e307], p) == pytest.approx(8e307)
    assert x.tolist() == [1e300, -1e300] and p.tolist() == [0.5, 0.5]
    assert wasserstein_distance(np.array([1, 2], np.int8), [120], [0.5, 0.5]) == 118.5


def test_many_samples():
    n = 200_000
    x = (np.arange(n) + 0.5) / n
    assert wasserstein_distance(x, x**2) == pytest.approx(1 / 6, rel=1e-9)
    p = normalize(np.random.default_rng(9).exponential(size=n))
    q = p * (1 + 2.0**-30 * (-1.0) ** np.arange(n))
    q[-1] += p.sum() - q.sum()
    gap = np.abs(np.cumsum((p - q).astype(np.longdouble)))[:-1] @ np.diff(x)
    assert wasserstein_distance(x, x, p, q) == pytest.approx(float(gap), rel=1e-6)


def test_mpmath_s_route_knows_the_shift_of_a_box():
    box = [mpmath.mpf(k) / 8 for k in range(8)]
    shifted = [value + 3 for value in box]
    assert exact_wasserstein(box, shifted, [1] * 8, [1] * 8) == 3
