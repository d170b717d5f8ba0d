"""Chernoff information, against exact arithmetic and against the errors of exact tests."""

import math

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import binom

from klteach import kl_divergence, normalize
from klteach.inference import chernoff_information
from tests.inference.inference_exact import exact_chernoff, near
from tests.refusals import refusal


def coin(p):
    return [p, 1 - p]


PAIRS = {
    ".8 and .5": (coin(0.8), coin(0.5)),
    ".6 and .5": (coin(0.6), coin(0.5)),
    ".9 and .2": (coin(0.9), coin(0.2)),
    "three outcomes": ([0.7, 0.2, 0.1], [0.1, 0.3, 0.6]),
    "absent on one side": ([0.5, 0.5, 0.0], [0.2, 0.3, 0.5]),
    "absent on both sides": ([0.5, 0.5, 0.0, 0.0], [0.0, 0.3, 0.7, 0.0]),
    "one certain": ([1.0, 0.0], [0.5, 0.5]),
    "barely overlapping": ([1.0, 1e-300], [1e-300, 1.0]),
    "tiny under q": ([0.5, 0.5], [1.0, 1e-300]),
    "tiny under both": ([1.0, 3e-300], [1.0, 1e-300]),
    "subnormal": ([0.5, 0.5, 1e-310], [0.3, 0.7, 1e-320]),
    "almost all on one side": ([1 - 1e-9, 1e-9], [0.5, 0.5]),
}


@pytest.mark.parametrize("kind", PAIRS)
def test_it_is_that_of_exact_arithmetic(kind):
    p, q = PAIRS[kind]
    exact = exact_chernoff(p, q, 700)
    assert near(chernoff_information(p, q), exact)
    assert near(chernoff_information(q, p), exact)


@pytest.mark.parametrize("size", [0.3, 1e-2, 1e-4, 1e-6, 1e-8, 1e-11])
def test_it_keeps_its_digits_where_p_is_near_q(size):
    random = np.random.default_rng(4)
    p = random.dirichlet(np.ones(6))
    q = p * (1 + size * random.standard_normal(6))
    q[2] += 1 - math.fsum(q)
    assert near(chernoff_information(p, q), exact_chernoff(p, q, 100), 1e-12)
    quarter = kl_divergence(p, q) / 4
    assert chernoff_information(p, q) == pytest.approx(quarter, rel=max(2 * size, 1e-6))


def test_near_equality_beside_an_outcome_that_is_far_apart():
    p = np.array([0.5, 0.5, 1e-250])
    q = np.array([0.5 * (1 + 1e-9), 0.5 * (1 - 1e-9), 1e-280])
    assert near(chernoff_information(p, q), exact_chernoff(p, q, 600))


def test_equal_is_0_and_disjoint_is_inf():
    p = np.random.default_rng(1).dirichlet(np.ones(50))
    assert chernoff_information(p, p.copy()) == 0
    assert chernoff_information([1.0], [1.0]) == 0
    assert chernoff_information([1e-300, 1.0, 0.0], [1e-300, 1.0, 0.0]) == 0
    assert chernoff_information([1, 0], [0, 1]) == math.inf
    assert chernoff_information([0.5, 0.5, 0, 0], [0, 0, 0.1, 0.9]) == math.inf


def test_where_the_best_weight_is_0_or_1_it_is_met_exactly():
    for pair in (([1, 0], [0.5, 0.5]), ([0.5, 0.5], [1, 0])):
        assert chernoff_information(*pair) == pytest.approx(math.log(2), rel=1e-15)


def test_the_numbers_of_the_course():
    assert chernoff_information(coin(0.6), coin(0.5)) == pytest.approx(0.0050767705, abs=5e-11)
    assert chernoff_information(coin(0.8), coin(0.5)) == pytest.approx(0.052753, abs=5e-7)
    for pair in ((0.6, 0.5), (0.8, 0.5)):
        p, q = map(coin, pair)
        halfway = -math.log(sum(math.sqrt(a * b) for a, b in zip(p, q, strict=True)))
        assert halfway < chernoff_information(p, q)
    assert -math.log(math.sqrt(0.3) + math.sqrt(0.2)) == pytest.approx(0.0050767117, abs=5e-11)


@pytest.mark.parametrize("p, q", [(0.8, 0.5), (0.9, 0.2)])
def test_the_error_of_the_best_test_falls_at_this_rate(p, q):
    """The sum of both errors of n flips is Σ min(P, Q) over the counts, times 1/√n in the limit."""
    rates = []
    for n in (500, 2000, 8000):
        heads = np.arange(n + 1)
        errors = np.minimum(binom.logpmf(heads, n, p), binom.logpmf(heads, n, q))
        rates.append(-logsumexp(errors) / n)
    information = chernoff_information(coin(p), coin(q))
    # log √n / n more, and a constant over n
    excess = np.array(rates) - information
    assert (excess > 0).all() and excess[-1] < 0.001
    assert (np.diff(excess) < 0).all()


def test_a_batch_gives_one_number_for_each_pair():
    random = np.random.default_rng(2)
    p, q = random.dirichlet(np.ones(4), (2, 3)), random.dirichlet(np.ones(4))
    batch = chernoff_information(p, q)
    assert batch.shape == (2, 3)
    assert batch[1, 2] == pytest.approx(chernoff_information(p[1, 2], q), rel=1e-13)
    np.testing.assert_allclose(chernoff_information(np.moveaxis(p, -1, 0), q, axis=0), batch)
    assert isinstance(chernoff_information(p[0, 0], q), float)


def test_totals_that_are_off_by_rounding_do_not_matter():
    p = np.array([0.7, 0.2, 0.1])
    assert chernoff_information(p * (1 + 1e-9), p) < 1e-30
    far = coin(0.999), coin(0.001)
    assert chernoff_information(np.array(far[0]) * (1 + 1e-9), far[1]) == pytest.approx(
        chernoff_information(*far), rel=1e-13
    )
    single = p.astype(np.float32), np.array([0.1, 0.3, 0.6], dtype=np.float32)
    expected = chernoff_information(normalize(single[0]), normalize(single[1]))
    assert chernoff_information(*single) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "p, q, parts",
    [
        ([0.5, 0.6], [0.5, 0.5], ["p sums to 1.1", "normalize(p)"]),
        ([0.5, 0.5], [5, 5], ["q holds whole numbers that sum to 10"]),
        ([0.5, 0.5], [0.2, 0.3, 0.5], ["p has 2 outcomes and q has 3 outcomes"]),
        ([0.5, 0.5], [1.5, -0.5], ["q[1] is -0.5"]),
        (0.5, [0.5, 0.5], ["p is the single number 0.5"]),
    ],
)
def test_what_is_no_pair_of_distributions_is_refused(p, q, parts):
    message = refusal(chernoff_information, p, q)
    assert all(part in message for part in parts), message
