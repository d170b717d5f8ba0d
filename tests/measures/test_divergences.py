"""Jeffreys, JS, total variation, Hellinger, chi-square: against mpmath, SciPy and enumeration."""

import itertools
import math
from functools import partial

import mpmath
import numpy as np
import pytest
import scipy.spatial.distance
import scipy.stats

from klteach import (
    chi_square_divergence,
    f_divergence,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    normalize,
    population_stability_index,
    total_variation,
)
from klteach.measures.blocks import BLOCK
from klteach.measures.f_divergences import SQUARED_HELLINGER
from tests.measures.measures_exact import (
    EXTREME,
    NEAR,
    exact_chi_square,
    exact_hellinger,
    exact_jeffreys,
    exact_js,
    exact_js_distance,
    exact_squared_hellinger,
    exact_total_variation,
    relative_error,
)

SMALLEST = 5e-324
PROBE = ([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
SECOND_PROBE = ([0.4, 0.3, 0.2, 0.1], [0.1, 0.15, 0.25, 0.5])

TRUTH = {
    jeffreys_divergence: exact_jeffreys,
    js_divergence: exact_js,
    js_distance: exact_js_distance,
    total_variation: exact_total_variation,
    hellinger_distance: exact_hellinger,
    chi_square_divergence: exact_chi_square,
}
SYMMETRIC = [measure for measure in TRUTH if measure is not chi_square_divergence]
LARGEST = {
    js_divergence: math.log(2),
    js_distance: math.sqrt(math.log(2)),
    total_variation: 1,
    hellinger_distance: 1,
}

each_measure = pytest.mark.parametrize(
    "measure", [pytest.param(measure, id=measure.__name__) for measure in TRUTH]
)
each_bounded_measure = pytest.mark.parametrize(
    "measure", [pytest.param(measure, id=measure.__name__) for measure in LARGEST]
)


@pytest.mark.parametrize(
    ("measure", "pair", "printed"),
    [
        (jeffreys_divergence, PROBE, 2.103972),
        (js_divergence, PROBE, 0.230645),
        (js_distance, PROBE, 0.480256),
        (chi_square_divergence, PROBE, 4.05),
        (total_variation, PROBE, 0.6),
        (total_variation, SECOND_PROBE, 0.45),
        (population_stability_index, PROBE, 2.103972),
    ],
)
def test_the_printed_numbers(measure, pair, printed):
    assert measure(*pair) == pytest.approx(printed, abs=5e-7)


def test_the_two_conventions_of_hellinger():
    # The course prints the squared Hellinger divergence without the half: 0.491054.
    assert f_divergence(SQUARED_HELLINGER, *PROBE) == pytest.approx(0.491054, abs=5e-7)
    assert exact_squared_hellinger(*PROBE) == pytest.approx(0.491054, abs=5e-7)
    assert hellinger_distance(*PROBE) == pytest.approx(math.sqrt(0.491054 / 2), abs=5e-7)


def test_psi_of_the_course_is_jeffreys_and_not_kl():
    p, q = [0.1] * 10, [0.05] * 4 + [0.1, 0.1] + [0.15] * 4
    assert population_stability_index(p, q) == jeffreys_divergence(p, q)
    total = kl_divergence(p, q) + kl_divergence(q, p)
    assert population_stability_index(p, q) == pytest.approx(total, rel=1e-14)
    near = normalize(np.array(p) * np.exp(1e-3 * np.arange(10)))
    index = population_stability_index(p, near)
    assert index == pytest.approx(2 * kl_divergence(p, near), rel=0.01)
    assert index == pytest.approx(8 * js_divergence(p, near), rel=0.01)


def test_total_variation_is_the_largest_gap_over_all_events():
    p, q = SECOND_PROBE
    events = itertools.product([0, 1], repeat=4)
    assert total_variation(p, q) == pytest.approx(
        max(np.dot(event, p) - np.dot(event, q) for event in events), rel=1e-14
    )
    assert total_variation(p, q) > np.abs(np.subtract(p, q)).max()


@pytest.mark.parametrize("length", [2, 3, 10, 200])
@pytest.mark.parametrize("concentration", [0.1, 1, 10])
@each_measure
def test_ordinary_input_against_mpmath(measure, length, concentration):
    generator = np.random.default_rng(length)
    for _ in range(3):
        p, q = generator.dirichlet(np.full(length, concentration), 2)
        p, q = normalize(p + 1e-9), normalize(q + 1e-9)
        assert relative_error(measure(p, q), TRUTH[measure](p, q)) <= 2e-13


def test_ordinary_input_against_scipy():
    generator = np.random.default_rng(1)
    for length in (2, 5, 50):
        p, q = generator.dirichlet(np.ones(length), 2)
        assert js_distance(p, q) == pytest.approx(
            scipy.spatial.distance.jensenshannon(p, q), rel=1e-12
        )
        assert js_divergence(p, q) == pytest.approx(
            scipy.spatial.distance.jensenshannon(p, q) ** 2, rel=1e-12
        )
        assert jeffreys_divergence(p, q) == pytest.approx(
            scipy.stats.entropy(p, q) + scipy.stats.entropy(q, p), rel=1e-12
        )
        assert hellinger_distance(p, q) == pytest.approx(
            np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2), rel=1e-12
        )
        assert total_variation(p, q) == pytest.approx(
            scipy.spatial.distance.cityblock(p, q) / 2, rel=1e-12
        )
        assert 1000 * chi_square_divergence(p, q) == pytest.approx(
            scipy.stats.chisquare(1000 * p, 1000 * q).statistic, rel=1e-12
        )


@pytest.mark.parametrize("step", [0.5, 0.2, 0.1, 0.03, 0.01, 1e-3, 1e-5, 1e-7, 1e-9, 1e-12, 1e-15])
@each_measure
def test_near_equality_against_mpmath(measure, step):
    generator = np.random.default_rng(7)
    for length in (2, 10, 100):
        p = generator.dirichlet(np.ones(length))
        q = normalize(p * np.exp(step * generator.standard_normal(length)))
        value, truth = measure(p, q), TRUTH[measure](p, q, NEAR)
        assert value >= 0
        assert relative_error(value, truth) <= 2e-13


@each_measure
def test_where_the_plain_forms_have_no_digit_left(measure):
    step = 1e-9
    p = np.full(2, 0.5)
    q = np.array([0.5 * (1 + step), 0.5 * (1 - step)])
    assert relative_error(measure(p, q), TRUTH[measure](p, q, NEAR)) <= 1e-14
    surprise = scipy.stats.entropy
    plain = {
        jeffreys_divergence: np.sum(p * np.log(p / q)) + np.sum(q * np.log(q / p)),
        js_divergence: surprise((p + q) / 2) - surprise(q) / 2 - np.log(2) / 2,
        hellinger_distance: np.sqrt(np.maximum(1 - np.sum(np.sqrt(p * q)), 0)),
        chi_square_divergence: np.sum(p**2 / q) - 1,
    }
    if measure in plain:  # what the forms in `terms` are for
        assert relative_error(plain[measure], TRUTH[measure](p, q, NEAR)) > 0.1


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([1, 1e-300], [1, 1.1e-300]),
        ([1, 1e-300], [1, 1e-200]),
        ([1, 1e-200], [1, 1e-300]),
        ([1, 0], [1, 1e-300]),
        ([1 - 1e-10, 1e-10], [1 - 2e-10, 2e-10]),
        ([0.5, 0.5, 0], [0.5, 0.5, 1e-310]),
        ([0.5, 0.5], [1, 1e-305]),
        ([1e-5, 1 - 1e-5], [1e-310, 1]),
        ([SMALLEST, 1], [1, 1e-10]),
        ([1e-310, 1], [0.5, 0.5]),
        ([1e-162, 1], [2e-162, 1]),
        ([1e-100, 1e-200, 1], [1e-200, 1e-100, 1]),
    ],
)
@each_measure
def test_tiny_probabilities_against_mpmath(measure, p, q):
    value, truth = measure(p, q), TRUTH[measure](p, q, EXTREME)
    # Values below 1e-290 are made of subnormal numbers; there only the size is asked for. The
    # distances are square roots, so that theirs begins at 1e-145.
    allowed = 1e-145 if measure in (js_distance, hellinger_distance) else 1e-290
    assert relative_error(value, truth) <= 1e-12 or abs(value - truth) <= allowed * 1e-10


@pytest.mark.filterwarnings("error")
def test_values_beyond_the_largest_number():
    assert chi_square_divergence([0.5, 0.5], [1, 0]) == math.inf
    with pytest.raises(RuntimeWarning, match="overflow"):
        chi_square_divergence([0.5, 0.5], [1, 1e-310])
    assert (
        relative_error(
            chi_square_divergence([1e-10, 1 - 1e-10], [1e-310, 1]),
            exact_chi_square([1e-10, 1 - 1e-10], [1e-310, 1], EXTREME),
        )
        <= 1e-12
    )
    assert jeffreys_divergence([0.5, 0.5], [1, SMALLEST]) == pytest.approx(372.3, abs=0.1)


@pytest.mark.parametrize("off", [1e-16, 1e-12, 1e-9, 1e-8])
@each_measure
def test_sums_that_differ_from_one_by_rounding(measure, off):
    p = np.array([0.5, 0.3, 0.2]) * (1 + off)
    for q in ([0.1, 0.3, 0.6], [0.5001, 0.2999, 0.2], [0.5 + 1e-9, 0.3 - 1e-9, 0.2]):
        for one, other in ((p, q), (q, p)):
            truth = TRUTH[measure](one, other, NEAR)
            assert relative_error(measure(one, other), truth) <= 1e-12


@each_measure
def test_a_factor_apart_is_no_divergence(measure):
    assert measure([1 + 1e-9], [1 - 1e-9]) == 0
    # The stored products differ from true multiples by rounding, which is all that may remain.
    p = np.array([0.3, 0.7])
    rounding = 1e-15 if measure in (js_distance, hellinger_distance, total_variation) else 1e-30
    assert 0 <= measure(p * (1 + 1e-8), p) < rounding


@each_measure
def test_zeros(measure):
    truth = TRUTH[measure]
    for p, q in (
        ([0, 1], [0.5, 0.5]),
        ([0, 0.5, 0.5], [0, 0.25, 0.75]),
        ([0, 0, 0.5, 0.5], [0, 0.25, 0.25, 0.5]),
        ([-0.0, 1.0], [0.25, 0.75]),
    ):
        if measure is jeffreys_divergence and p[:1] != q[:1]:
            assert measure(p, q) == measure(q, p) == math.inf
        elif measure is jeffreys_divergence and 0 in p[1:]:
            assert measure(p, q) == math.inf
        else:
            assert relative_error(measure(p, q), truth(p, q)) <= 1e-14


@pytest.mark.parametrize("length", [2, 3, 10, 1001, 3 * BLOCK])
@each_bounded_measure
def test_without_a_common_outcome_every_bounded_measure_is_at_its_bound(measure, length):
    generator = np.random.default_rng(length)
    p, q = np.zeros((2, 2 * length))
    p[:length], q[length:] = generator.dirichlet(np.ones(length), 2)
    assert measure(p, q) <= LARGEST[measure]
    assert measure(p, q) == pytest.approx(LARGEST[measure], rel=1e-15)
    assert jeffreys_divergence(p, q) == chi_square_divergence(p, q) == math.inf


@pytest.mark.parametrize("length", [1, 2, 7, 1000, 3 * BLOCK + 5])
@each_measure
def test_exactly_zero_at_equality(measure, length):
    p = np.random.default_rng(length).dirichlet(np.ones(length))
    value = measure(p, p.copy())
    assert value == 0 and math.copysign(1, value) == 1


@pytest.mark.parametrize("measure", SYMMETRIC)
def test_symmetry(measure):
    generator = np.random.default_rng(5)
    for length in (2, 10, 300):
        p, q = generator.dirichlet(np.ones(length), 2)
        near = normalize(p * (1 + 1e-8 * generator.random(length)))
        assert measure(p, q) == pytest.approx(measure(q, p), rel=1e-14)
        assert measure(p, near) == pytest.approx(measure(near, p), rel=1e-12)


@each_measure
def test_batches_agree_with_their_rows(measure):
    generator = np.random.default_rng(3)
    p = generator.dirichlet(np.ones(5), (4, 3))
    q = generator.dirichlet(np.ones(5), (4, 3))
    q[0, 0] = p[0, 0]
    q[1, 1] = [0, 0.25, 0.25, 0.25, 0.25]
    q[2, 2] = normalize(p[2, 2] * (1 + 1e-9 * np.arange(5)))
    values = measure(p, q)
    assert values.shape == (4, 3)
    for index in np.ndindex(4, 3):
        assert values[index] == pytest.approx(measure(p[index], q[index]), rel=1e-14, abs=0)
    for axis in (0, 1, -3):
        moved_p, moved_q = np.moveaxis(p, -1, axis), np.moveaxis(q, -1, axis)
        assert np.array_equal(measure(moved_p, moved_q, axis=axis), values)
    single = p[0, 0]
    repeated = np.broadcast_to(single, q.shape)
    assert np.array_equal(measure(q, single), measure(q, repeated))
    assert np.array_equal(measure(single, q), measure(repeated, q))


@each_measure
def test_a_float_for_two_distributions_and_lists_are_left_alone(measure):
    p, q = list(PROBE[0]), list(PROBE[1])
    assert type(measure(p, q)) is float
    assert type(measure(np.array(p), np.array(q))) is float
    assert (p, q) == PROBE


@each_measure
def test_float32_is_taken_at_its_stored_values(measure):
    generator = np.random.default_rng(8)
    p, q = generator.dirichlet(np.ones(50), 2).astype(np.float32)
    assert relative_error(measure(p, q), TRUTH[measure](p, q)) <= 1e-12
    near = (p * (1 + 1e-3 * generator.standard_normal(50))).astype(np.float32)
    near /= near.sum()
    assert relative_error(measure(p, near), TRUTH[measure](p, near)) <= 1e-12


@pytest.mark.parametrize("shape", [(1, BLOCK + 1), (2, 2 * BLOCK + 3), (BLOCK, 3), (700, 100)])
@each_measure
def test_blocks_agree_with_short_rows(measure, shape):
    # A row that is repeated, each time with an equal part of the probability, changes nothing.
    generator = np.random.default_rng(6)
    rows, length = shape
    p, q = generator.dirichlet(np.ones(length), (2, rows))
    split_p, split_q = (np.repeat(array / 2, 2, axis=-1) for array in (p, q))
    assert measure(split_p, split_q) == pytest.approx(measure(p, q), rel=1e-13)
    swapped = np.roll(p, length // 2, axis=-1), np.roll(q, length // 2, axis=-1)
    assert measure(*swapped) == pytest.approx(measure(p, q), rel=1e-13)


def test_ten_million_entries():
    repeats = 2_500_000
    p, q = (np.tile(values, repeats) / repeats for values in SECOND_PROBE)
    for measure, exact in TRUTH.items():
        assert relative_error(measure(p, q), exact(*SECOND_PROBE)) <= 1e-12, measure.__name__


def test_eight_million_entries_near_equality():
    step = mpmath.mpf(2) ** -30
    p = np.full(2**23, 2.0**-23)
    q = p * (1 + 2.0**-30)
    q[::2] = p[::2] * (1 - 2.0**-30)
    assert relative_error(total_variation(p, q), step / 2) <= 1e-12
    assert relative_error(jeffreys_divergence(p, q), step * mpmath.atanh(step)) <= 1e-12
    assert relative_error(chi_square_divergence(q, p), step**2) <= 1e-12
    with mpmath.workdps(NEAR):
        root = (mpmath.sqrt(1 + step) + mpmath.sqrt(1 - step)) / 2
        assert relative_error(hellinger_distance(p, q), mpmath.sqrt(1 - root)) <= 1e-12
        half = [1 + step / 2, 1 - step / 2]
        middle = sum(-value * mpmath.log(value) for value in half) / 2
        own = sum(-value * mpmath.log(value) for value in (1 + step, 1 - step)) / 2
        assert relative_error(js_divergence(p, q), middle - own / 2) <= 1e-12


def test_the_terms_are_summed_with_small_error_over_many_outcomes():
    generator = np.random.default_rng(11)
    p, q = generator.dirichlet(np.ones(300_000), 2)
    exact = math.fsum(np.abs(p - q) / 2)
    assert total_variation(p, q) == pytest.approx(exact, rel=1e-14)
    roots = np.sqrt(p) - np.sqrt(q)
    assert hellinger_distance(p, q) == pytest.approx(math.sqrt(math.fsum(roots**2) / 2), rel=1e-14)


def test_the_partial_forms_of_a_measure_are_the_measure_itself():
    squared = partial(f_divergence, SQUARED_HELLINGER)
    p, q = np.random.default_rng(12).dirichlet(np.ones(6), (2, 7))
    assert squared(p, q) == pytest.approx(2 * hellinger_distance(p, q) ** 2, rel=1e-14)
    assert js_distance(p, q) ** 2 == pytest.approx(js_divergence(p, q), rel=1e-14)
