"""The bounds hold for every pair that is tried, and are attained where they promise to be."""

import doctest
import math

import numpy as np
import pytest
import scipy.optimize

from klteach import kl_divergence, normalize
from klteach.measures import bounds
from klteach.measures.bounds import (
    bretagnolle_huber,
    js_upper_bound,
    pinsker,
    reverse_pinsker,
    total_variation_bounds,
)

ROUNDING = 1 + 1e-12
NAMES = [
    "bretagnolle_huber",
    "js_upper_bound",
    "pinsker",
    "reverse_pinsker",
    "total_variation_bounds",
]


def total_variation(p, q):
    return np.abs(p - q).sum(axis=-1) / 2


def squared_hellinger(p, q):
    return ((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1) / 2


def jensen_shannon(p, q):
    middle = (p + q) / 2
    return (kl_divergence(p, middle) + kl_divergence(q, middle)) / 2


def random_pairs():
    """120 000 pairs: flat and spiky, far and near, with and without zeros."""
    generator = np.random.default_rng(1)
    for length in (2, 3, 5, 20):
        for concentration in (0.05, 1.0, 20.0):
            p = generator.dirichlet(np.full(length, concentration), 10_000)
            q = generator.dirichlet(np.full(length, concentration), 10_000)
            p[:1000, 0] = 0
            q[500:1500, -1] = 0
            p, q = (normalize(values + 1e-300) for values in (p, q))
            steps = 10 ** generator.uniform(-9, 0, (3000, 1))
            q[-3000:] = (1 - steps) * p[-3000:] + steps * q[-3000:]
            yield p, normalize(q)


def test_no_pair_violates_a_bound():
    pairs = 0
    for p, q in random_pairs():
        kl, tv = kl_divergence(p, q), total_variation(p, q)
        # A probability near 1 is rounded by 1e-16, and so is the total variation.
        least, most = tv - 1e-15, np.minimum(tv + 1e-15, 1)
        assert (least <= pinsker(kl) * ROUNDING).all()
        assert (least <= bretagnolle_huber(kl) * ROUNDING).all()
        assert (kl <= reverse_pinsker(most, q.min(axis=-1)) * ROUNDING).all()
        assert (jensen_shannon(p, q) <= js_upper_bound(most) * ROUNDING).all()
        squared = squared_hellinger(p, q)
        lower, upper = total_variation_bounds(np.sqrt(np.minimum(squared, 1)))
        assert (lower <= most * ROUNDING).all()
        assert (least <= upper * ROUNDING).all()
        pairs += len(p)
    assert pairs >= 100_000


def test_every_pair_of_coins_on_a_grid_obeys_the_bounds():
    grid = np.linspace(0.005, 0.995, 199)
    first, second = (values.ravel() for values in np.meshgrid(grid, grid))
    p, q = (np.stack([values, 1 - values], axis=-1) for values in (first, second))
    kl, tv = kl_divergence(p, q), total_variation(p, q)
    assert (tv <= np.minimum(pinsker(kl), bretagnolle_huber(kl)) * ROUNDING).all()
    assert (kl <= reverse_pinsker(tv, q.min(axis=-1)) * ROUNDING).all()


def test_numbers_of_the_course():
    kl = kl_divergence([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
    assert pinsker(kl) == pytest.approx(0.7422, abs=5e-5)
    assert bretagnolle_huber(kl) == pytest.approx(0.8172, abs=5e-5)
    assert pinsker(3) == pytest.approx(1.2247, abs=5e-5)  # nothing, and not cut off at 1
    assert pinsker(2) == 1


def test_where_the_two_upper_bounds_cross():
    crossing = scipy.optimize.brentq(lambda kl: pinsker(kl) - bretagnolle_huber(kl), 1, 2)
    assert crossing == pytest.approx(1.5936, abs=5e-5)
    assert pinsker(crossing) == pytest.approx(0.8926, abs=5e-5)
    for kl in (1e-9, 0.1, 1.59):
        assert pinsker(kl) < bretagnolle_huber(kl)
    for kl in (1.6, 3, 30):
        assert bretagnolle_huber(kl) < pinsker(kl)


def test_the_constant_of_pinsker_cannot_be_smaller():
    step = 1e-4
    p, q = np.array([0.5 + step, 0.5 - step]), np.array([0.5, 0.5])
    assert total_variation(p, q) == pytest.approx(pinsker(kl_divergence(p, q)), rel=1e-7)


def test_bretagnolle_huber_keeps_its_digits_for_small_divergences():
    assert bretagnolle_huber(1e-20) == pytest.approx(1e-10, rel=1e-15)
    assert bretagnolle_huber(30) < 1


def test_the_reverse_bound_is_attained():
    assert reverse_pinsker(0.5, 0.5) == pytest.approx(kl_divergence([1, 0], [0.5, 0.5]), rel=1e-15)
    # and near equality it is, at first order, where the two outcomes are equally likely
    step = 1e-5
    p, q = np.array([0.5 + step, 0.5 - step]), np.array([0.5, 0.5])
    expected = 2 * kl_divergence(p, q)  # 4 d² against 2 d²
    assert reverse_pinsker(total_variation(p, q), 0.5) == pytest.approx(expected, rel=1e-9)


def test_the_bound_of_jensen_shannon_is_attained_without_overlap():
    p, q = np.array([0.3, 0.7, 0, 0]), np.array([0, 0, 0.2, 0.8])
    assert js_upper_bound(total_variation(p, q)) == pytest.approx(jensen_shannon(p, q), rel=1e-15)
    assert js_upper_bound(1) == math.log(2)


def test_both_bounds_of_hellinger_are_attained():
    p = np.array([0.8, 0.2])
    _, upper = total_variation_bounds(math.sqrt(squared_hellinger(p, p[::-1])))
    assert total_variation(p, p[::-1]) == pytest.approx(upper, rel=1e-14)
    assert total_variation_bounds(1) == (1, 1)  # no overlap
    assert total_variation_bounds(0) == (0, 0)


def test_the_ends_of_the_range():
    assert pinsker(0) == bretagnolle_huber(0) == reverse_pinsker(0, 0) == js_upper_bound(0) == 0
    assert pinsker(math.inf) == math.inf
    assert bretagnolle_huber(math.inf) == 1
    assert reverse_pinsker(0.1, 0) == math.inf


def test_numbers_give_floats_and_arrays_arrays():
    for bound in (pinsker, bretagnolle_huber, js_upper_bound):
        assert type(bound(0.5)) is float
        assert bound([[0.5, 0.25]]).tolist() == [[bound(0.5), bound(0.25)]]
    assert type(reverse_pinsker(0.5, 0.1)) is float
    assert reverse_pinsker([0.5, 0.2], 0.1).tolist() == [
        reverse_pinsker(0.5, 0.1),
        reverse_pinsker(0.2, 0.1),
    ]
    assert [type(bound) for bound in total_variation_bounds(0.5)] == [float, float]
    assert [bound.shape for bound in total_variation_bounds([0.5, 0.2])] == [(2,), (2,)]


@pytest.mark.parametrize(
    ("bound", "arguments", "parts"),
    [
        (pinsker, (-0.1,), ["kl is -0.1 and must be at least 0", "never negative"]),
        (pinsker, ([0.2, -1e-9],), ["kl[1] is -1e-09"]),
        (pinsker, (math.nan,), ["kl is nan"]),
        (pinsker, ("a",), ["kl holds text"]),
        (pinsker, ([],), ["kl is empty"]),
        (bretagnolle_huber, (-0.1,), ["kl is -0.1 and must be at least 0"]),
        (bretagnolle_huber, (None,), ["kl is of type NoneType"]),
        (reverse_pinsker, (1.2, 0.1), ["total_variation is 1.2 and must be between 0 and 1"]),
        (reverse_pinsker, (1.2, 0.1), ["half the sum"]),
        (reverse_pinsker, (0.2, -0.1), ["smallest_q is -0.1 and must be between 0 and 1"]),
        (reverse_pinsker, ([0.2] * 3, [0.1]), ["shape (3,)", "shape (1,)", "same shape"]),
        (reverse_pinsker, (0.2, math.nan), ["smallest_q is nan"]),
        (js_upper_bound, (-0.1,), ["total_variation is -0.1"]),
        (js_upper_bound, ([0.5, math.inf],), ["total_variation[1] is inf"]),
        (total_variation_bounds, (1.4,), ["hellinger is 1.4", "factor 1/2"]),
        (total_variation_bounds, (True,), ["hellinger holds True and False"]),
    ],
)
def test_refusals(bound, arguments, parts):
    with pytest.raises(ValueError) as caught:
        bound(*arguments)
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_runs(name):
    (found,) = doctest.DocTestFinder(recurse=False).find(getattr(bounds, name), name)
    assert len(found.examples) == 1
    assert doctest.DocTestRunner().run(found).failed == 0
