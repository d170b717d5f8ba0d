"""Mutual information against mpmath, closed forms, SciPy's contingency tables and permutations."""

import math

import numpy as np
import pytest
import scipy.stats

from klteach import entropy, kl_divergence, mutual_information, normalize, to_bits
from tests.measures.measures_exact import EXTREME, NEAR, exact_mutual_information, relative_error


def joint_distribution(generator, shape):
    return normalize(generator.exponential(size=shape).ravel()).reshape(shape)


def test_the_printed_number():
    table = [[0.3, 0.1], [0.1, 0.5]]
    assert mutual_information(table) == pytest.approx(0.177741, abs=5e-7)
    assert to_bits(mutual_information(table)) == pytest.approx(0.256426, abs=5e-7)
    assert type(mutual_information(table)) is float


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (1, 4), (4, 1), (20, 30)])
def test_ordinary_tables_against_mpmath(shape):
    generator = np.random.default_rng(1)
    for _ in range(5):
        joint = joint_distribution(generator, shape)
        value, truth = mutual_information(joint), exact_mutual_information(joint, NEAR)
        if 1 in shape:
            assert 0 <= value < 1e-30
        else:
            assert relative_error(value, truth) <= 1e-12


def test_the_likelihood_ratio_statistic_of_a_table_of_counts():
    counts = np.array([[12, 5, 7], [3, 21, 9]])
    statistic = scipy.stats.contingency.chi2_contingency(
        counts, correction=False, lambda_="log-likelihood"
    ).statistic
    joint = counts / counts.sum()
    assert 2 * counts.sum() * mutual_information(joint) == pytest.approx(statistic, rel=1e-12)


def test_it_is_the_divergence_from_independence():
    joint = joint_distribution(np.random.default_rng(2), (4, 6))
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    assert mutual_information(joint) == pytest.approx(
        kl_divergence(joint.ravel(), product.ravel()), rel=1e-13
    )


def test_values_that_are_known_without_arithmetic():
    assert mutual_information(np.eye(8) / 8) == pytest.approx(math.log(8), rel=1e-15)
    assert mutual_information(np.full((4, 8), 1 / 32)) == 0
    # X, uniform on -1, 0, 1, and its square: uncorrelated, yet the square is known from X.
    table = np.array([[0, 1], [1, 0], [0, 1]]) / 3
    assert mutual_information(table) == pytest.approx(entropy([1 / 3, 2 / 3]), rel=1e-15)


@pytest.mark.parametrize("dependence", [0.1, 1e-3, 1e-5, 1e-7, 1e-9])
def test_nearly_independent_tables(dependence):
    # Sums of the table are rounded, by 1e-16: that is lost relative to the dependence.
    generator = np.random.default_rng(3)
    for _ in range(5):
        a, b = generator.dirichlet(np.ones(3)), generator.dirichlet(np.ones(4))
        joint = np.outer(a, b) * np.exp(dependence * generator.standard_normal((3, 4)))
        joint /= joint.sum()
        value, truth = mutual_information(joint), exact_mutual_information(joint, NEAR)
        assert value >= 0
        assert relative_error(value, truth) <= 1e-14 / dependence + 1e-12


def test_independent_tables_are_at_zero_up_to_the_square_of_rounding():
    generator = np.random.default_rng(4)
    for shape in ((2, 2), (5, 7), (30, 40)):
        a, b = (generator.dirichlet(np.ones(length)) for length in shape)
        assert 0 <= mutual_information(np.outer(a, b)) < 1e-30


@pytest.mark.parametrize(
    "joint",
    [
        [[1e-200, 0], [0, 1]],
        [[1e-300, 1e-310], [1e-305, 1]],
        [[0, 0.5], [5e-324, 0.5]],
        [[0, 0], [0.5, 0.5]],
        [[0, 0.5, 0], [0, 0, 0.5]],
        [[1e-160, 1e-160], [1e-160, 1]],
    ],
)
def test_zeros_and_tiny_probabilities(joint):
    value, truth = mutual_information(joint), exact_mutual_information(joint, EXTREME)
    assert relative_error(value, truth) <= 1e-12 or abs(value - truth) <= 1e-300


def test_symmetry_and_bounds():
    generator = np.random.default_rng(5)
    for _ in range(20):
        joint = joint_distribution(generator, (3, 5)) * (generator.random((3, 5)) < 0.6)
        if joint.sum() == 0:
            continue
        joint /= joint.sum()
        value = mutual_information(joint)
        assert mutual_information(joint.T) == pytest.approx(value, rel=1e-12, abs=1e-30)
        smaller = min(entropy(joint.sum(axis=0)), entropy(joint.sum(axis=1)))
        assert 0 <= value <= smaller * (1 + 1e-14)


def test_batches():
    generator = np.random.default_rng(6)
    tables = np.array([[joint_distribution(generator, (3, 4)) for _ in range(2)] for _ in range(5)])
    tables[0, 0, 1] = 0
    tables[0, 0] /= tables[0, 0].sum()
    values = mutual_information(tables)
    assert values.shape == (5, 2)
    for index in np.ndindex(5, 2):
        assert values[index] == pytest.approx(mutual_information(tables[index]), rel=1e-14)


@pytest.mark.parametrize("off", [1e-12, 1e-9, 1e-8])
def test_sums_that_differ_from_one_by_rounding(off):
    joint = np.array([[0.3, 0.1], [0.1, 0.5]]) * (1 + off)
    assert relative_error(mutual_information(joint), exact_mutual_information(joint)) <= 1e-13


def test_other_types_and_a_large_table():
    joint = joint_distribution(np.random.default_rng(7), (6, 5)).astype(np.float32)
    assert relative_error(mutual_information(joint), exact_mutual_information(joint)) <= 1e-12
    # A thousand copies of a table, side by side, each with its share: nothing more to be known.
    table = np.array([[0.3, 0.1], [0.1, 0.5]])
    wide = np.tile(table, (1, 1000)) / 1000
    assert mutual_information(wide) == pytest.approx(mutual_information(table), rel=1e-12)
    assert mutual_information(wide.T) == pytest.approx(mutual_information(table), rel=1e-12)
