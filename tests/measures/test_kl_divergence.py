"""KL and its terms against mpmath, closed forms and SciPy; zeros, tiny values, long input."""

import math

import mpmath
import numpy as np
import pytest
import scipy.special
import scipy.stats

from klteach import kl_divergence, kl_terms, normalize
from klteach.measures import textbook
from klteach.measures.blocks import BLOCK
from tests.measures.measures_exact import EXTREME, exact_kl, exact_kl_terms, relative_error

SMALLEST = 5e-324

PROBE = ([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
SECOND_PROBE = ([0.4, 0.3, 0.2, 0.1], [0.1, 0.15, 0.25, 0.5])


@pytest.mark.parametrize(
    ("p", "q", "printed"),
    [
        (*PROBE, 1.101868),
        (*reversed(PROBE), 1.002104),
        (*SECOND_PROBE, 0.556889),
        (*reversed(SECOND_PROBE), 0.617903),
    ],
)
def test_the_standard_probes(p, q, printed):
    assert kl_divergence(p, q) == pytest.approx(printed, abs=5e-7)
    assert relative_error(kl_divergence(p, q), exact_kl(p, q)) < 1e-14


def test_the_terms_of_the_standard_probe():
    assert kl_terms(*PROBE) == pytest.approx([0.762137, 0.018907, 0.320824], abs=5e-7)
    assert np.allclose(kl_terms(*PROBE), scipy.special.kl_div(*PROBE), rtol=1e-13, atol=0)


def test_two_distributions_give_a_float_and_lists_are_left_alone():
    p, q = list(PROBE[0]), list(PROBE[1])
    assert type(kl_divergence(p, q)) is float
    assert type(kl_terms(p, q)) is np.ndarray
    assert (p, q) == PROBE


@pytest.mark.parametrize("length", [2, 3, 10, 200])
@pytest.mark.parametrize("concentration", [0.1, 1, 10])
def test_ordinary_input_against_mpmath(length, concentration):
    generator = np.random.default_rng(length)
    for _ in range(10):
        p, q = generator.dirichlet(np.full(length, concentration), 2)
        p, q = normalize(p + 1e-9), normalize(q + 1e-9)
        assert relative_error(kl_divergence(p, q), exact_kl(p, q)) <= 1e-12


@pytest.mark.parametrize("step", [1e-1, 3e-2, 1e-2, 1e-3, 1e-5, 1e-7, 1e-9, 1e-12, 1e-15])
def test_near_equality_against_mpmath(step):
    generator = np.random.default_rng(7)
    for length in (2, 10, 100):
        p = generator.dirichlet(np.ones(length))
        q = normalize(p * np.exp(step * generator.standard_normal(length)))
        value, truth = kl_divergence(p, q), exact_kl(p, q, digits=120)
        assert value >= 0
        assert relative_error(value, truth) <= 1e-12


def test_where_scipy_has_the_wrong_sign():
    step = 1e-9
    p = np.full(2, 0.5)
    q = np.array([0.5 * (1 + step), 0.5 * (1 - step)])
    truth = exact_kl(p, q, digits=120)
    assert truth == pytest.approx(5e-19, rel=1e-6)
    assert scipy.stats.entropy(p, q) <= 0
    assert relative_error(kl_divergence(p, q), truth) <= 1e-8


@pytest.mark.parametrize("switch", [1e-2, 1e-4])
def test_the_switches_between_the_three_sums_leave_no_step(switch):
    for target in switch * np.linspace(0.98, 1.02, 9):
        shift = math.sqrt(target / 2)
        p, q = np.array([[0.5 + shift, 0.5 - shift], [0.5, 0.5]])
        assert relative_error(kl_divergence(p, q), exact_kl(p, q)) <= 2e-13
        thousand_p, thousand_q = np.repeat(p, 500) / 500, np.repeat(q, 500) / 500
        expected = exact_kl(thousand_p, thousand_q)
        assert relative_error(kl_divergence(thousand_p, thousand_q), expected) <= 2e-13


@pytest.mark.parametrize("step", [3.0, 0.5, 0.1, 0.02, 1e-3, 1e-8])
@pytest.mark.parametrize("zeros", [0, 3])
def test_one_long_row_may_need_a_different_sum_in_every_block(step, zeros):
    # Equal in one block, near in the next, far in the third; with or without zeros in p.
    generator = np.random.default_rng(10)
    steps = np.repeat([0.0, step, 1e-12, 0.3 * step, 1e-5], BLOCK)
    q = generator.dirichlet(np.ones(5 * BLOCK))
    p = q * np.exp(steps * generator.standard_normal(5 * BLOCK))
    p[generator.integers(0, 5 * BLOCK, zeros)] = 0
    p = normalize(p)
    assert relative_error(kl_divergence(p, q), math.fsum(kl_terms(p, q))) <= 1e-12
    pieces = slice(BLOCK - 5, BLOCK + 5), slice(3 * BLOCK - 5, 3 * BLOCK + 5)
    for piece in pieces:
        short_p, short_q = normalize(p[piece]), normalize(q[piece])
        truth = exact_kl(short_p, short_q, digits=120)
        assert relative_error(kl_divergence(short_p, short_q), truth) <= 2e-13


def test_the_quick_way_and_the_long_way_agree():
    generator = np.random.default_rng(12)
    quick = 0
    for length in (1, 2, 10, 1000, BLOCK, BLOCK + 1):
        for _ in range(10):
            p, q = generator.dirichlet(np.ones(length), 2)
            quick += textbook.KL.of_plain(p, q, -1) is not None
            long = kl_divergence(p, q, axis=0)  # the last axis by another name: the long way
            assert kl_divergence(p, q) == pytest.approx(long, rel=1e-14, abs=0)
    assert quick >= 45  # all lengths but 1, up to results that are too small


@pytest.mark.parametrize(
    ("p", "q", "axis"),
    [
        ([0.2, 0.8 + 1e-7], [0.5, 0.5], -1),
        ([0.5, 0.5], [0.2, 0.8 - 1e-7], -1),
        ([-0.2, 1.2], [0.5, 0.5], -1),
        ([0.5, 0.5], [np.nan, 0.5], -1),
        ([0.2, 0.8], [0.5, 0.5], 0),
        ([0.2, 0.8], [0.5, 0.5], -1.0),
        ([0.2, 0.8], [0.5, 0.25, 0.25], -1),
        ([1e308, 1e308], [1e308, 1e308], -1),
        ([], [], -1),
        ([[0.2, 0.8]], [[0.5, 0.5]], -1),
    ],
)
@pytest.mark.filterwarnings("error")
def test_in_any_doubt_the_quick_way_leaves_it_to_the_long_way(p, q, axis):
    assert textbook.KL.of_plain(np.array(p), np.array(q), axis) is None


@pytest.mark.parametrize("p", [[0.5, 0.5, 0.0], [1e-310, 1, 0.0], [0.0, 0.0, 1.0]])
@pytest.mark.parametrize("q", [[0.2, 0.3, 0.5], [1e-310, 1e-5, 1 - 1e-5], [0.5, 0.5 - 1e-9, 1e-9]])
@pytest.mark.filterwarnings("error")
def test_zeros_tiny_values_and_small_results_are_taken_the_quick_way(p, q):
    p, q = np.array(p), np.array(q)
    value = textbook.KL.of_plain(p, q, -1)
    assert relative_error(value, exact_kl(p, q, EXTREME)) <= 1e-12
    assert textbook.KL.of_plain(p, p, -1) == 0
    assert textbook.KL.of_plain(q, np.array([0.5, 0.5, 0.0]), -1) == np.inf


def test_the_quick_way_is_for_float64_arrays_only():
    p, q = np.array([0.2, 0.8]), np.array([0.5, 0.5])
    assert textbook.KL.of_plain(p, q, -1) == pytest.approx(float(exact_kl(p, q)), rel=1e-15)
    for other in (q.tolist(), q.astype(np.float32), np.ma.array(q), np.array([0, 1])):
        assert textbook.KL.of_plain(p, other, -1) is None
        assert textbook.KL.of_plain(other, p, -1) is None


@pytest.mark.parametrize("s", [0.01 * (1 - 1e-9), 0.01, 0.01 * (1 + 1e-9), 0.003, 0.03, 0.2])
def test_the_terms_on_both_sides_of_the_series(s):
    q = normalize([1 - s, 1 + s, 1])
    p = normalize([1 + s, 1 - s, 1])
    for value, truth in zip(kl_terms(p, q)[:2], exact_kl_terms(p, q)[:2], strict=True):
        assert relative_error(value, truth) <= 1e-13


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([1, 1e-300], [1, 1.1e-300]),
        ([1, 1e-300], [1, 1e-200]),
        ([1, 1e-200], [1, 1e-300]),
        ([1, 0], [1, 1e-300]),
        ([1 - 1e-10, 1e-10], [1 - 2e-10, 2e-10]),
        ([0.5, 0.5, 0], [0.5, 0.5, SMALLEST]),
        ([0.5, 0.5], [1, SMALLEST]),  # p/q overflows
        ([0.5, 0.5], [1, 1e-310]),
        ([1e-5, 1 - 1e-5], [1e-320, 1]),  # p/q overflows although KL is small
        ([SMALLEST, 1], [1, SMALLEST]),
        ([1e-310, 1], [0.5, 0.5]),
        ([1e-162, 1], [2e-162, 1]),  # (p - q)² underflows
    ],
)
def test_tiny_probabilities_against_mpmath(p, q):
    assert relative_error(kl_divergence(p, q), exact_kl(p, q, EXTREME)) <= 1e-12
    for value, truth in zip(kl_terms(p, q), exact_kl_terms(p, q, EXTREME), strict=True):
        # Terms below 1e-290 are subnormal sooner or later; there only the size is asked for.
        assert abs(value - truth) <= 1e-12 * truth + 1e-290


@pytest.mark.parametrize("off", [1e-16, 1e-12, 1e-9, 1e-8])
def test_sums_that_differ_from_one_by_rounding(off):
    p = np.array([0.5, 0.3, 0.2]) * (1 + off)
    for q in ([0.1, 0.3, 0.6], [0.5001, 0.2999, 0.2], [0.5 + 1e-9, 0.3 - 1e-9, 0.2]):
        assert relative_error(kl_divergence(p, q), exact_kl(p, q, digits=120)) <= 1e-12
        for value, truth in zip(kl_terms(p, q), exact_kl_terms(p, q, digits=120), strict=True):
            # Where p = q, the term is the square of how far the sums are off: about 1e-33.
            assert abs(value - truth) <= 1e-12 * truth + 1e-30


def test_one_outcome_or_one_factor_apart_is_no_divergence():
    assert kl_divergence([1 + 1e-9], [1 - 1e-9]) == 0
    # The stored products differ from true multiples by rounding, which is all that may remain.
    p = np.array([0.3, 0.7])
    assert 0 <= kl_divergence(p * (1 + 1e-8), p) < 1e-30


def test_zeros():
    assert kl_divergence([0, 1], [0.5, 0.5]) == pytest.approx(math.log(2), rel=1e-15)
    assert kl_divergence([0.5, 0.5], [0, 1]) == math.inf
    assert kl_divergence([0, 0.5, 0.5], [0, 0.25, 0.75]) == pytest.approx(
        kl_divergence([0.5, 0.5], [0.25, 0.75]), rel=1e-15
    )
    assert kl_divergence([1, 0], [0, 1]) == math.inf
    for zero in (0.0, -0.0):
        assert kl_divergence([zero, 1.0], [0.25, 0.75]) == kl_divergence([0, 1], [0.25, 0.75])
        assert kl_divergence([0.25, 0.75], [zero, 1.0]) == math.inf
        assert kl_divergence([1e-9, 1 - 1e-9], [zero, 1.0]) == math.inf
        assert kl_divergence([zero, 1.0], [-zero, 1.0]) == 0
        assert kl_terms([0.25, 0.75], [zero, 1.0])[0] == math.inf


def test_the_terms_at_zeros():
    terms = kl_terms([0, 0, 0.5, 0.5], [0, 0.5, 0, 0.5])
    assert terms.tolist() == [0, 0.5, math.inf, 0]


@pytest.mark.parametrize("length", [1, 2, 7, 1000, 3 * BLOCK + 5])
def test_exactly_zero_at_equality(length):
    p = np.random.default_rng(length).dirichlet(np.ones(length))
    value = kl_divergence(p, p.copy())
    assert value == 0 and math.copysign(1, value) == 1
    assert not kl_terms(p, p.copy()).any()


def test_batches_agree_with_their_rows():
    generator = np.random.default_rng(3)
    p = generator.dirichlet(np.ones(5), (4, 3))
    q = generator.dirichlet(np.ones(5), (4, 3))
    q[0, 0] = p[0, 0]  # the rows of one batch may need different sums
    q[1, 1] = [0, 0.25, 0.25, 0.25, 0.25]
    values, terms = kl_divergence(p, q), kl_terms(p, q)
    assert values.shape == (4, 3) and terms.shape == (4, 3, 5)
    for index in np.ndindex(4, 3):
        assert values[index] == pytest.approx(kl_divergence(p[index], q[index]), rel=1e-14)
        assert terms[index] == pytest.approx(kl_terms(p[index], q[index]), rel=1e-14)
    assert values[0, 0] == 0 and values[1, 1] == math.inf


def test_every_row_of_a_batch_gets_the_sum_that_it_needs():
    generator = np.random.default_rng(13)
    steps = np.array([1, 0.05, 1e-3, 1e-6, 1e-9, 1e-12])
    p = generator.dirichlet(np.ones(8), len(steps))
    q = normalize(p * np.exp(steps[:, np.newaxis] * generator.standard_normal(p.shape)))
    for value, *pair in zip(kl_divergence(p, q), p, q, strict=True):
        assert relative_error(value, exact_kl(*pair, digits=120)) <= 2e-13


def test_the_axis_of_the_outcomes():
    generator = np.random.default_rng(4)
    p, q = generator.dirichlet(np.ones(5), (2, 4, 3))
    for axis in (0, 1, -2, -3):
        moved_p, moved_q = np.moveaxis(p, -1, axis), np.moveaxis(q, -1, axis)
        assert np.array_equal(kl_divergence(moved_p, moved_q, axis=axis), kl_divergence(p, q))
        expected = np.moveaxis(kl_terms(p, q), -1, axis)
        assert np.array_equal(kl_terms(moved_p, moved_q, axis=axis), expected)


def test_a_single_distribution_beside_a_batch():
    generator = np.random.default_rng(5)
    batch, single = generator.dirichlet(np.ones(5), (2, 4)), generator.dirichlet(np.ones(5))
    repeated = np.broadcast_to(single, batch.shape)
    assert np.array_equal(kl_divergence(batch, single), kl_divergence(batch, repeated))
    assert np.array_equal(kl_divergence(single, batch), kl_divergence(repeated, batch))
    assert np.array_equal(
        kl_divergence(np.moveaxis(batch, -1, 0), single, axis=0), kl_divergence(batch, single)
    )
    assert kl_terms(single, batch).shape == batch.shape


@pytest.mark.parametrize(
    "shape",
    [(1, BLOCK - 1), (1, BLOCK), (1, BLOCK + 1), (2, 2 * BLOCK + 3), (BLOCK, 3), (700, 100)],
)
@pytest.mark.parametrize("step", [1.0, 1e-3])
def test_blocks_agree_with_plain_sums(shape, step):
    generator = np.random.default_rng(6)
    p = normalize(generator.random(shape))
    q = normalize(p * np.exp(step * generator.standard_normal(shape)))
    plain = scipy.special.kl_div(p, q).sum(axis=-1)
    lost = 4e-16  # by rounding in the plain sum
    assert (np.abs(kl_divergence(p, q) - plain) <= 1e-13 * plain + lost).all()
    assert np.allclose(kl_divergence(p, q), kl_terms(p, q).sum(axis=-1), rtol=1e-13, atol=0)


def test_views_and_other_types_give_the_same_value():
    p, q = (np.array(values) for values in SECOND_PROBE)
    expected = kl_divergence(p, q)
    spread = np.zeros((4, 2))
    spread[:, 1] = p
    assert kl_divergence(spread[:, 1], q) == expected
    assert kl_divergence(p.astype(">f8"), q) == expected
    assert kl_divergence(p.astype(np.longdouble), q) == expected
    assert kl_divergence(p[::-1], q[::-1]) == pytest.approx(expected, rel=1e-15)
    assert kl_divergence([1, 0], [0.5, 0.5]) == pytest.approx(math.log(2), rel=1e-15)


def test_float32_is_taken_at_its_stored_values():
    generator = np.random.default_rng(8)
    p, q = generator.dirichlet(np.ones(50), 2).astype(np.float32)
    assert relative_error(kl_divergence(p, q), exact_kl(p, q)) <= 1e-12
    near = (p * (1 + 1e-3 * generator.standard_normal(50))).astype(np.float32)
    near /= near.sum()
    assert relative_error(kl_divergence(p, near), exact_kl(p, near)) <= 1e-12


def test_ten_million_entries():
    repeats = 2_500_000
    p, q = (np.tile(values, repeats) / repeats for values in SECOND_PROBE)
    assert relative_error(kl_divergence(p, q), exact_kl(*SECOND_PROBE)) <= 1e-12


def test_eight_million_entries_near_equality():
    step = 2.0**-30
    p = np.full(2**23, 2.0**-23)
    q = p * (1 + step)
    q[::2] = p[::2] * (1 - step)
    truth = -mpmath.log1p(-(mpmath.mpf(step) ** 2)) / 2
    assert relative_error(kl_divergence(p, q), truth) <= 1e-12
