"""Every refusal, and that it names the argument, the place, the value or sum, and the remedy."""

import math
from fractions import Fraction
from functools import partial

import numpy as np
import pytest

from klteach import (
    chi_square_divergence,
    cross_entropy,
    entropy,
    f_divergence,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    kl_terms,
    mutual_information,
    normalize,
    perplexity,
    population_stability_index,
    to_bits,
    to_nats,
    total_variation,
    wasserstein_distance,
)
from klteach.measures.f_divergences import KL, Generator
from tests.refusals import refusal

GOOD = [0.1, 0.3, 0.6]
MASKED = np.ma.array([0.7, 0.2, 0.1], mask=[False, True, False])

# What is passed for p, and what the message must say, with NAME for the argument.
NOT_DISTRIBUTIONS = {
    "negative": ([0.7, -0.2, 0.5], ["NAME[1] is -0.2", "negative", "normalize(NAME)"]),
    "slightly negative": ([1, -1e-17, 0.0], ["NAME[1] is -1e-17", "negative"]),
    "NaN": ([0.7, 0.3, np.nan], ["NAME[2] is nan", "normalize(NAME)"]),
    "infinite": ([0.7, np.inf, 0.3], ["NAME[1] is inf", "normalize(NAME)"]),
    "minus infinity": ([-np.inf, 0.7, 0.3], ["NAME[0] is -inf", "normalize(NAME)"]),
    "all infinite": ([np.inf] * 3, ["NAME[0] is inf"]),
    "sum too large": ([0.7, 0.2, 0.2], ["NAME sums to 1.1,", "normalize(NAME)"]),
    "sum too small": ([0.333, 0.333, 0.333], ["NAME sums to 0.999,", "normalize(NAME)"]),
    "sum just off": ([0.5, 0.5, 2e-8], ["NAME sums to 1.00000002,", "normalize(NAME)"]),
    "sum overflows": ([1e308] * 3, ["NAME sums to inf", "normalize(NAME)"]),
    "counts": ([7, 2, 1], ["NAME holds whole numbers that sum to 10", "normalize(NAME)"]),
    "zero total": ([0.0, 0.0, 0.0], ["NAME sums to 0", "no outcome can occur"]),
    "zero counts": ([0, 0, 0], ["NAME sums to 0", "no outcome can occur"]),
    "empty": ([], ["NAME is empty", "(0,)", "at least one outcome"]),
    "empty batch": (np.zeros((0, 3)), ["NAME is empty", "(0, 3)"]),
    "a number": (0.3, ["NAME is the single number 0.3", "[x, 1 - x]"]),
    "a row of a batch": (
        [[0.1, 0.3, 0.6], [0.2, 0.3, 0.4]],
        ["NAME[1, :] sums to 0.9,", "normalize(NAME)"],
    ),
    "a value of a batch": ([[0.1, 0.3, 0.6], [0.2, -0.3, 1.1]], ["NAME[1, 1] is -0.3"]),
    "a row of counts": ([[0, 0, 1], [1, 2, 3]], ["NAME[1, :] holds whole numbers that sum to 6"]),
    "percentages": ([70.0, 20, 10], ["NAME holds values that sum to 100", "are percentages"]),
    "rounded percentages": ([33.3, 33.3, 33.3], ["that sum to 99.9", "normalize(NAME)"]),
    "whole percentages": ([70, 20, 10], ["whole numbers", "counts or percentages"]),
}

NOT_NUMBERS = {
    "a string": ("abc", ["NAME holds text", "dtype=float"]),
    "strings": (["0.1", "0.3", "0.6"], ["NAME holds text", "np.asarray(NAME, dtype=float)"]),
    "bytes": ([b"0.1", b"0.9"], ["NAME holds bytes", "np.asarray(NAME, dtype=float)"]),
    "booleans": ([True, False, False], ["NAME holds True and False", "dtype=float"]),
    "complex": ([1 + 0j, 0, 0], ["NAME holds complex numbers", "pass real numbers"]),
    "fractions": ([Fraction(1, 3)] * 3, ["NAME holds Python objects", "dtype=float"]),
    "huge integers": ([10**30, 1, 1], ["NAME holds Python objects", "dtype=float"]),
    "dates": (np.array(["2020", "2021"], dtype="M8[Y]"), ["NAME holds dates"]),
    "None": (None, ["NAME is of type NoneType", "list or an array"]),
    "a dictionary": ({"a": 0.5, "b": 0.5}, ["NAME is of type dict", "list or an array"]),
    "ragged": ([[0.5, 0.5], [1.0]], ["NAME cannot be read", "differ in length"]),
    "masked": (MASKED, ["NAME has masked entries", "fill them"]),
}

BAD = {**NOT_DISTRIBUTIONS, **NOT_NUMBERS}
ONE_ARGUMENT = [entropy, perplexity]
TWO_ARGUMENTS = [
    chi_square_divergence,
    cross_entropy,
    pytest.param(partial(f_divergence, KL), id="f_divergence"),
    pytest.param(partial(f_divergence, lambda t: t * np.log(t)), id="f_divergence-function"),
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    kl_terms,
    perplexity,
    population_stability_index,
    total_variation,
]


def require(message, name, parts):
    for part in parts:
        assert part.replace("NAME", name) in message


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("measure", ONE_ARGUMENT)
def test_bad_single_argument(measure, kind):
    values, parts = BAD[kind]
    require(refusal(measure, values), "p", parts)


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("measure", TWO_ARGUMENTS)
def test_bad_argument_beside_a_good_one(measure, kind):
    values, parts = BAD[kind]
    shape = np.shape(values) if kind in NOT_DISTRIBUTIONS else ()
    good = [1.0] if shape in ((), (0,)) else np.broadcast_to(GOOD, shape[-1:])
    require(refusal(measure, values, good), "p", parts)
    if not (measure is perplexity and values is None):  # which asks for the perplexity of p
        require(refusal(measure, good, values), "q", parts)


@pytest.mark.parametrize("kind", NOT_DISTRIBUTIONS)
def test_what_is_bad_as_a_list_is_bad_as_an_array(kind):
    # kl_divergence has a quick way for arrays, which must let nothing pass.
    values, parts = NOT_DISTRIBUTIONS[kind]
    array = np.asarray(values)
    good = np.broadcast_to(GOOD, array.shape) if array.size and array.ndim else np.ones(1)
    require(refusal(kl_divergence, array, good), "p", parts)
    require(refusal(kl_divergence, good, array), "q", parts)


@pytest.mark.parametrize("measure", TWO_ARGUMENTS)
@pytest.mark.parametrize(
    ("p", "q", "parts"),
    [
        (GOOD, [1.0], ["p has 3 outcomes and q has 1 outcome", "the same outcomes"]),
        ([1.0], GOOD, ["p has 1 outcome and q has 3 outcomes"]),
        (GOOD, [0.5, 0.5], ["p has 3 outcomes and q has 2 outcomes"]),
        ([GOOD] * 2, [0.5, 0.5], ["p has 3 outcomes and q has 2 outcomes"]),
        ([GOOD] * 2, [GOOD], ["shape (2,)", "shape (1,)", "same shape"]),
        ([GOOD], [GOOD] * 2, ["shape (1,)", "shape (2,)", "same shape"]),
        ([[GOOD] * 2] * 2, [GOOD] * 2, ["shape (2, 2)", "shape (2,)", "single distribution"]),
    ],
)
def test_shapes_that_do_not_match(measure, p, q, parts):
    require(refusal(measure, p, q), "", parts)


@pytest.mark.parametrize("axis", [1, -2, None, 1.0, "a", True])
def test_an_axis_that_is_not_there(axis):
    for measure in (*ONE_ARGUMENT, normalize):
        assert f"axis is {axis!r}" in refusal(measure, GOOD, axis=axis)
    for good in (GOOD, np.array(GOOD)):
        message = refusal(kl_divergence, good, good, axis=axis)
        assert f"axis is {axis!r}, but p has" in message
    assert f"axis is {axis!r}, but p has" in refusal(js_divergence, GOOD, GOOD, axis=axis)
    assert f"axis is {axis!r}, but x has" in refusal(wasserstein_distance, [1, 2], [1], axis=axis)


def test_the_place_is_given_in_the_caller_s_own_axes():
    batch = np.full((4, 2, 3), 0.25)
    batch[2, 1, 0] = 0.5
    assert "p[:, 1, 0] sums to 1.25," in refusal(entropy, batch, axis=0)
    assert "q[:, 1, 0] sums to 1.25," in refusal(kl_divergence, [0.25] * 4, batch, axis=-3)
    batch[2, 1, 0] = -0.25
    assert "p[2, 1, 0] is -0.25" in refusal(entropy, batch, axis=0)
    assert "p sums to 1.1," in refusal(kl_divergence, [0.5, 0.6], [[0.5, 0.5], [0.2, 0.8]])


def test_a_bad_value_far_into_a_long_input_is_found():
    p = np.full(10**6, 1e-6)
    p[765_432] = -1e-6
    assert "p[765432] is -1e-06" in refusal(kl_divergence, p, np.abs(p))
    assert "q[765432] is -1e-06" in refusal(kl_divergence, np.abs(p), p)
    p[765_432] = np.nan
    assert "p[765432] is nan" in refusal(entropy, p)


def test_two_negatives_at_one_place_do_not_hide_each_other():
    bad = [1.2, -0.2]
    assert "p[1] is -0.2" in refusal(kl_divergence, bad, bad)


def test_how_much_rounding_is_allowed():
    for dtype, allowed, refused in (
        (np.float64, 1e-8, 2e-8),
        (np.float32, 3e-4, 4e-4),
        (np.float16, 0.03, 0.04),
    ):
        assert entropy(np.array([0.5 + allowed, 0.5], dtype)) > 0.69
        assert "sums to 1.0" in refusal(entropy, np.array([0.5 + refused, 0.5], dtype))
    # A probability that was stored in float32 is judged by that type, also beside float64.
    third = np.full(3, 1 / 3, np.float32)
    assert abs(third.astype(float).sum() - 1) > 1.5e-8
    assert kl_divergence(third, np.full(3, 1 / 3)) == 0
    assert "q sums to" in refusal(kl_divergence, np.full(3, 1 / 3), third.astype(float))


def test_whole_numbers_that_sum_to_one_are_probabilities():
    assert entropy([0, 1, 0]) == 0
    assert entropy(np.array([0, 1], dtype=np.uint8)) == 0


def test_the_axis_cannot_be_given_by_place():
    # SciPy's habit of entropy(p, q) must not turn q into an axis.
    with pytest.raises(TypeError):
        entropy(GOOD, GOOD)


@pytest.mark.parametrize("generator", [KL, lambda t: -np.log(t)])
def test_a_generator_does_not_hide_bad_values(generator):
    p = np.full(10**5, 1e-5)
    p[54_321] = -1e-5
    assert "p[54321] is -1e-05" in refusal(f_divergence, generator, p, np.abs(p))
    assert "q[54321] is -1e-05" in refusal(f_divergence, generator, np.abs(p), p)


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        ("kl", ["of type str", "lambda t: t * np.log(t)"]),
        (None, ["of type NoneType"]),
        (lambda t: t * np.log(t) + 0.5, ["f(1) is 0.5", "must be 0", "subtract 0.5"]),
        (lambda t: t, ["f(1) is 1"]),
        (lambda t: 1 - t**2, ["not convex", "slope falls from", "convex f"]),
        (np.log, ["not convex"]),
        (lambda t: np.abs(t - 1) - 0.01 * np.abs(t - 3) + 0.02, ["not convex", "at t = 3"]),
        (lambda t: t * math.log(t), ["cannot be called with an array", "np.log for math.log"]),
        (lambda t: max(t - 1, 0), ["cannot be called with an array", "np.maximum for max"]),
        (lambda t: np.sqrt(t - 1), ["is nan", "every ratio above 0"]),
        (lambda t: "abc", ["makes <U3 values", "one real number for each ratio"]),
        (lambda t: t[:3] - 1, ["shape (3,)", "one real number for each ratio"]),
        (lambda t: (t - 1) + 0j, ["complex128", "one real number"]),
    ],
)
def test_generators_that_are_none(function, parts):
    require(refusal(Generator, function), "", parts)
    require(refusal(f_divergence, function, GOOD, GOOD[::-1]), "", parts)


def test_a_generator_that_is_convex_wherever_one_looks_but_not_between():
    def function(t):
        return np.where(np.abs(t - 1.005) < 1e-3, -1.0, (t - 1) ** 2)

    message = refusal(f_divergence, function, [0.5025, 0.4975], [0.5, 0.5])
    assert "cannot be for a convex f" in message


def test_limits_that_cannot_be_told():
    # f(0) = 1, which 1 - t^(1/100) approaches too slowly; the conjugate has the slope 1.
    slow = Generator(lambda t: np.where(t == 0, np.nan, 1 - t**0.01))
    assert f_divergence(slow, GOOD, GOOD[::-1]) > 0
    message = refusal(f_divergence, slow, [0, 1], [0.5, 0.5])
    require(message, "", ["limit of f(t) for t to 0", "Generator(f, at_zero=...)"])
    told = Generator(slow.function, at_zero=1.0)
    assert f_divergence(told, [0, 1], [0.5, 0.5]) == pytest.approx(0.5 + 0.5 * (1 - 2**0.01))
    slow = Generator(lambda t: t - t**0.99)
    message = refusal(f_divergence, slow, [0.5, 0.5], [0, 1])
    require(message, "", ["limit of f(t)/t for t to inf", "Generator(f, slope_at_infinity=...)"])
    told = Generator(slow.function, slope_at_infinity=1.0)
    assert f_divergence(told, [0.5, 0.5], [0, 1]) == pytest.approx(1 - 0.5**0.99)


@pytest.mark.parametrize("kind", NOT_NUMBERS)
def test_tables_that_are_not_numbers(kind):
    values, parts = NOT_NUMBERS[kind]
    require(refusal(mutual_information, values), "joint", parts)


@pytest.mark.parametrize(
    ("joint", "parts"),
    [
        ([0.5, 0.5], ["joint has shape (2,)", "a row for each value of X"]),
        (1.0, ["joint has shape ()"]),
        (np.zeros((0, 2)), ["joint has shape (0, 2)"]),
        ([[0.5, -0.1], [0.3, 0.3]], ["joint[0, 1] is -0.1", "pass joint / joint.sum()"]),
        ([[0.5, np.nan], [0.3, 0.2]], ["joint[0, 1] is nan"]),
        ([[0.5, np.inf], [0.3, 0.2]], ["joint[0, 1] is inf"]),
        ([[0.5, 0.5], [0.5, 0.5]], ["joint sums to 2,", "pass joint / joint.sum()"]),
        ([[1e308, 1e308], [1e308, 0.5]], ["joint sums to inf"]),
        ([[1, 2], [3, 4]], ["whole numbers that sum to 10", "counts"]),
        ([[10.0, 20.0], [30.0, 40.0]], ["sum to 100", "percentages"]),
        ([[0.0, 0.0]], ["joint sums to 0"]),
        (
            [[[0.5, 0.5]], [[0.5, 0.6]]],
            ["joint[1, :, :] sums to 1.1", "sum(axis=(-2, -1), keepdims=True)"],
        ),
        ([[[0.5, 0.5]], [[0.5, -0.6]]], ["joint[1, 0, 1] is -0.6"]),
    ],
)
def test_tables_that_are_not_joint_distributions(joint, parts):
    require(refusal(mutual_information, joint), "joint", parts)


@pytest.mark.parametrize("kind", NOT_NUMBERS)
def test_positions_that_are_not_numbers(kind):
    values, parts = NOT_NUMBERS[kind]
    require(refusal(wasserstein_distance, values, [1, 2]), "x", parts)
    require(refusal(wasserstein_distance, [1, 2], values), "y", parts)


@pytest.mark.parametrize("kind", BAD)
def test_bad_probabilities_of_positions(kind):
    values, parts = BAD[kind]
    if values is None:
        return  # which asks for equal probabilities
    positions = np.arange(3.0)
    require(refusal(wasserstein_distance, positions, [1], values), "p", parts)
    require(refusal(wasserstein_distance, [1], positions, None, values), "q", parts)


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((3, [1]), ["x is the single number 3", "list of positions"]),
        (([1], 0.5), ["y is the single number 0.5"]),
        (([], [1]), ["x is empty (shape (0,))"]),
        (([1, np.nan], [1]), ["x[1] is nan", "not a finite position"]),
        (([1], [[1, 2], [-np.inf, 2]]), ["y[1, 0] is -inf"]),
        (([1], [1e308]), ["y[0] is 1e+308", "8.9e307"]),
        (([1, 2], [1], [0.2, 0.3, 0.5]), ["x has 2 positions and p has 3 outcomes"]),
        (([1], [1, 2], None, [1.0]), ["y has 2 positions and q has 1 outcome", "position in y"]),
        (([1], [1], None, [0.5, 0.5]), ["y has 1 position and q has 2 outcomes"]),
        (([[1, 2]], [[1, 2]] * 2), ["x is a batch of shape (1,) and y one of shape (2,)"]),
        (([1, 2], [1], [[0.5, 0.5]], [[1], [1]]), ["p is a batch", "q one of shape (2,)"]),
        (([1, 2], [1], [[0.5, 0.6]]), ["p[0, :] sums to 1.1,"]),
    ],
)
def test_positions_and_probabilities_that_do_not_match(arguments, parts):
    require(refusal(wasserstein_distance, *arguments), "", parts)


def test_the_place_of_a_probability_is_given_in_the_caller_s_own_axes():
    p = [[0.5, 0.5], [0.5, 0.6]]
    assert "p[:, 1] sums to 1.1," in refusal(wasserstein_distance, [1, 2], [1], p, axis=0)


@pytest.mark.parametrize("kind", NOT_NUMBERS)
def test_normalize_refuses_what_is_not_numbers(kind):
    values, parts = NOT_NUMBERS[kind]
    require(refusal(normalize, values), "counts", parts)


@pytest.mark.parametrize(
    ("counts", "options", "parts"),
    [
        ([7, -2, 1], {}, ["counts[1] is -2", "negative"]),
        ([7, np.nan], {}, ["counts[1] is nan"]),
        ([np.inf, 1], {}, ["counts[0] is inf"]),
        ([0, 0], {}, ["the total of counts is 0"]),
        ([[1, 2], [0, 0]], {}, ["the total of counts[1, :] is 0"]),
        ([[1, 0], [2, 0]], {"axis": 0}, ["the total of counts[:, 1] is 0"]),
        ([], {}, ["counts is empty"]),
        (3, {}, ["counts is the single number 3"]),
    ],
)
def test_normalize_refuses_what_cannot_be_shared_out(counts, options, parts):
    require(refusal(normalize, counts, **options), "counts", parts)


@pytest.mark.parametrize("convert", [to_bits, to_nats])
@pytest.mark.parametrize("kind", NOT_NUMBERS)
def test_units_refuse_what_is_not_numbers(convert, kind):
    values, parts = NOT_NUMBERS[kind]
    require(refusal(convert, values), "x", parts)


@pytest.mark.parametrize("convert", [to_bits, to_nats])
def test_units_refuse_nan(convert):
    assert "x is nan" in refusal(convert, np.nan)
    assert "x[1, 0] is nan" in refusal(convert, [[1, 2], [np.nan, 0]])


@pytest.mark.parametrize("convert", [to_bits, to_nats])
def test_units_refuse_a_truth_value(convert):
    assert "x holds True and False" in refusal(convert, True)
