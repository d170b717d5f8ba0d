"""Entropy, cross-entropy and perplexity against mpmath, closed forms, SciPy and enumeration."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats

from klteach import cross_entropy, entropy, kl_divergence, normalize, perplexity, to_bits
from klteach.measures.blocks import BLOCK
from tests.measures.measures_exact import (
    EXTREME,
    exact_cross_entropy,
    exact_entropy,
    relative_error,
)

SMALLEST = 5e-324
P, Q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]


def positive_zero(value):
    return value == 0 and math.copysign(1, value) == 1


def test_the_standard_probe():
    assert entropy(P) == pytest.approx(0.801819, abs=5e-7)
    assert cross_entropy(P, Q) == pytest.approx(1.903687, abs=5e-7)
    assert perplexity(P, Q) / perplexity(P) == pytest.approx(3.0098, abs=5e-5)
    assert relative_error(entropy(P), exact_entropy(P)) <= 1e-15
    assert relative_error(cross_entropy(P, Q), exact_cross_entropy(P, Q)) <= 1e-15


def test_values_that_are_known_without_arithmetic():
    assert to_bits(entropy([0.5, 0.25, 0.125, 0.125])) == 1.75
    assert to_bits(entropy(np.full(8, 1 / 8))) == pytest.approx(3, rel=1e-15)
    assert perplexity(np.full(6, 1 / 6)) == pytest.approx(6, rel=1e-14)
    assert perplexity([0, 1]) == 1


@pytest.mark.parametrize("point", [[1.0], [1, 0, 0], [0, 0, 1], [0.0, 1.0, -0.0], [1 + 1e-9, 0]])
def test_a_point_mass_has_no_surprise_at_all(point):
    assert positive_zero(entropy(point))
    assert positive_zero(cross_entropy(point, point))


def test_entropy_is_the_mean_surprise_of_all_words_of_three_letters():
    words = list(itertools.product(P, repeat=3))
    chances = [math.prod(word) for word in words]
    mean = math.fsum(-chance * math.log(chance) for chance in chances)
    assert 3 * entropy(P) == pytest.approx(mean, rel=1e-14)
    assert entropy(chances) == pytest.approx(mean, rel=1e-14)


@pytest.mark.parametrize("length", [2, 3, 10, 200])
def test_ordinary_input_against_mpmath_and_scipy(length):
    generator = np.random.default_rng(length)
    for concentration in (0.1, 1, 10):
        p, q = generator.dirichlet(np.full(length, concentration), 2)
        p, q = normalize(p + 1e-9), normalize(q + 1e-9)
        assert relative_error(entropy(p), exact_entropy(p)) <= 1e-12
        assert relative_error(cross_entropy(p, q), exact_cross_entropy(p, q)) <= 1e-12
        assert entropy(p) == pytest.approx(scipy.stats.entropy(p), rel=1e-12)


@pytest.mark.parametrize("rest", [1e-2, 1e-3, 1e-6, 1e-10, 1e-15, 1e-17, 1e-100, 1e-300])
def test_nearly_a_point_mass_against_mpmath(rest):
    p = [rest / 3, 1 - rest, rest / 2, rest / 6]
    q = [rest / 4, 1 - rest, rest / 4, rest / 2]
    assert relative_error(entropy(p), exact_entropy(p, EXTREME)) <= 1e-12
    assert relative_error(cross_entropy(p, q), exact_cross_entropy(p, q, EXTREME)) <= 1e-12
    assert (
        relative_error(
            cross_entropy([0, 1, 0, 0], q), exact_cross_entropy([0, 1, 0, 0], q, EXTREME)
        )
        <= 1e-12
    )


def test_tiny_probabilities():
    p, q = [0.5, 0.5], [1, SMALLEST]
    assert relative_error(cross_entropy(p, q), exact_cross_entropy(p, q, EXTREME)) <= 1e-15
    assert entropy([0.5, 0.5, SMALLEST]) == pytest.approx(math.log(2), rel=1e-15)
    assert cross_entropy([1, 0], [SMALLEST, 1]) == pytest.approx(1074 * math.log(2), rel=1e-15)


@pytest.mark.parametrize("off", [1e-16, 1e-12, 1e-8])
def test_sums_that_differ_from_one_by_rounding(off):
    p, q = np.array(P) * (1 + off), np.array(Q) * (1 - off)
    assert relative_error(entropy(p), exact_entropy(p)) <= 1e-12
    assert relative_error(cross_entropy(p, q), exact_cross_entropy(p, q)) <= 1e-12
    p, q = np.array([1 - 1e-6, 1e-6]) * (1 + off), np.array([1 - 1e-7, 1e-7]) * (1 - off)
    assert relative_error(entropy(p), exact_entropy(p)) <= 1e-12
    assert relative_error(cross_entropy(p, q), exact_cross_entropy(p, q)) <= 1e-12


def test_zeros():
    assert entropy([0, 0.5, 0.5]) == pytest.approx(math.log(2), rel=1e-15)
    assert cross_entropy([0.5, 0.5, 0], [0.25, 0.75, 0]) == cross_entropy([0.5, 0.5], [0.25, 0.75])
    assert cross_entropy([0.5, 0.5], [1, 0]) == math.inf
    assert cross_entropy([1, 0], [0.25, 0.75]) == pytest.approx(math.log(4), rel=1e-15)


def test_perplexity_beyond_the_largest_number():
    assert perplexity([0.5, 0.5], [1, 0]) == math.inf
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert perplexity([1, 0], [SMALLEST, 1]) == math.inf


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_batches_and_axes(axis):
    generator = np.random.default_rng(2)
    p, q = (normalize(generator.random((6, 4, 5)), axis=axis) for _ in range(2))
    rows_p, rows_q = np.moveaxis(p, axis, -1), np.moveaxis(q, axis, -1)
    for index in np.ndindex(rows_p.shape[:-1]):
        one, other = rows_p[index], rows_q[index]
        assert entropy(p, axis=axis)[index] == pytest.approx(entropy(one), rel=1e-14)
        assert perplexity(p, axis=axis)[index] == pytest.approx(perplexity(one), rel=1e-14)
        assert cross_entropy(p, q, axis=axis)[index] == pytest.approx(
            cross_entropy(one, other), rel=1e-14
        )
    single = rows_q[0, 0]
    expected = entropy(p, axis=axis) + kl_divergence(p, single, axis=axis)
    assert cross_entropy(p, single, axis=axis) == pytest.approx(expected, rel=1e-13)


def test_rows_of_one_batch_may_need_different_sums():
    batch = np.array([[0.5, 0.5], [1 - 1e-12, 1e-12], [1, 0]])
    assert entropy(batch).tolist() == [entropy(row) for row in batch]


@pytest.mark.parametrize("shape", [(BLOCK + 1,), (2, 2 * BLOCK + 3), (BLOCK, 3)])
def test_blocks_agree_with_plain_sums(shape):
    generator = np.random.default_rng(9)
    p, q = normalize(generator.random(shape)), normalize(generator.random(shape))
    p_long, q_long = p.astype(np.longdouble), q.astype(np.longdouble)
    expected = -(p_long * np.log(q_long)).sum(axis=-1)
    assert np.allclose(cross_entropy(p, q), expected.astype(float), rtol=1e-13, atol=0)
    expected = -(p_long * np.log(p_long)).sum(axis=-1)
    assert np.allclose(entropy(p), expected.astype(float), rtol=1e-13, atol=0)


def test_a_long_row_that_is_nearly_a_point_mass():
    length, rest = 3 * BLOCK, 1e-12
    p = np.full(length, rest / (length - 1))
    p[BLOCK + 7] = 1 - rest
    truth = rest * (1 + math.log((length - 1) / rest))  # and terms of the order of rest²
    assert entropy(p) == pytest.approx(truth, rel=1e-11)


def test_two_distributions_give_a_float():
    values = entropy(P), cross_entropy(P, Q), perplexity(P), perplexity(P, Q)
    assert {type(value) for value in values} == {float}


def test_millions_of_entries():
    p = np.tile(P, 10**6) / 10**6
    assert entropy(p) == pytest.approx(entropy(P) + math.log(10**6), rel=1e-12)
    q = np.tile(Q, 10**6) / 10**6
    assert cross_entropy(p, q) == pytest.approx(cross_entropy(P, Q) + math.log(10**6), rel=1e-12)
