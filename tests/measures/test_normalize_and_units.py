"""Counts to probabilities, nats to bits and back."""

import math
from fractions import Fraction

import numpy as np
import pytest

from klteach import kl_divergence, normalize, to_bits, to_nats


def test_shares_of_small_counts_are_the_nearest_numbers():
    counts = [7, 2, 1, 0, 23]
    assert normalize(counts).tolist() == [float(Fraction(count, 33)) for count in counts]


def test_each_distribution_gets_its_own_total():
    counts = np.array([[1, 3], [6, 2]])
    assert normalize(counts).tolist() == [[0.25, 0.75], [0.75, 0.25]]
    assert normalize(counts, axis=0).tolist() == [[1 / 7, 0.6], [6 / 7, 0.4]]
    assert normalize(counts[np.newaxis], axis=-2).shape == (1, 2, 2)


def test_the_counts_are_left_as_they_were():
    counts = np.array([1.0, 3.0])
    shares = normalize(counts)
    assert counts.tolist() == [1, 3] and shares is not counts
    assert shares.dtype == normalize(np.array([1, 3], np.float32)).dtype == np.float64


def test_totals_that_overflow_and_totals_that_are_subnormal():
    assert normalize([1.5e308, 0.5e308, 1e308]).tolist() == pytest.approx([0.5, 1 / 6, 1 / 3])
    assert normalize([5e-324, 5e-324]).tolist() == [0.5, 0.5]
    both = normalize([[1.5e308, 1.5e308], [5e-324, 5e-324]])
    assert both.tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert normalize([2**63 - 1, 2**63 - 1]).tolist() == [0.5, 0.5]


def test_what_normalize_returns_is_accepted():
    generator = np.random.default_rng(1)
    for length in (1, 7, 1_000_000):
        p = normalize(generator.exponential(size=length) * 10.0 ** generator.integers(-300, 300))
        assert abs(p.sum() - 1) < 1e-12
        assert kl_divergence(p, p) == 0


def test_numbers_give_floats_and_arrays_give_arrays():
    assert type(to_bits(1)) is type(to_bits(np.float32(1))) is type(to_bits(np.array(1.0))) is float
    bits = to_bits([[1, 2], [3, 4]])
    assert bits.shape == (2, 2) and bits.dtype == np.float64
    assert to_nats(np.array([])).shape == (0,)


def test_the_values():
    assert to_bits(math.log(2)) == 1
    assert to_nats(3) == pytest.approx(math.log(8), rel=1e-15)
    assert to_bits(kl_divergence([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])) == pytest.approx(
        1.589660, abs=5e-7
    )
    assert to_bits([0, -1.5, math.inf, -math.inf]) == pytest.approx(
        [0, -1.5 / math.log(2), math.inf, -math.inf], rel=1e-15
    )


def test_there_and_back():
    values = np.random.default_rng(2).standard_cauchy(1000)
    assert to_nats(to_bits(values)) == pytest.approx(values, rel=1e-15)


def test_the_argument_is_left_as_it_was():
    values = np.array([1.0, 2.0])
    to_bits(values)
    to_nats(values)
    assert values.tolist() == [1, 2]
