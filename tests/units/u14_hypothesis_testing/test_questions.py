"""What the design of unit 14 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy import optimize, special, stats
from scipy.stats import binom, entropy

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from klteach.units.u14_hypothesis_testing import questions as unit_14
from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT, mistake

BENT, FAIR = [0.8, 0.2], [0.5, 0.5]


def cases(name):
    return [case.arguments for case in find_question(name).cases()]


# E1: the walk


def test_the_drift_of_the_walk_is_kl_within_three_standard_errors():
    flips = np.random.default_rng(5).binomial(1, 0.8, 100_000)
    walk = find_question("evidence").reference(flips, 0.8, 0.5)
    steps = np.diff(walk, prepend=0.0)
    error = steps.std() / math.sqrt(len(steps))
    assert abs(walk[-1] / len(flips) - entropy(BENT, FAIR)) < 3 * error
    walk = find_question("evidence").reference(1 - np.arange(1000) % 2, 0.8, 0.5)
    assert walk[-1] / 1000 == pytest.approx(-entropy(FAIR, BENT))


def test_the_walk_is_the_difference_of_two_log_likelihoods():
    for flips, p, q in cases("evidence"):
        expected = binom.logpmf(flips, 1, p).cumsum() - binom.logpmf(flips, 1, q).cumsum()
        np.testing.assert_allclose(unit_14.walk(flips, p, q), expected, rtol=1e-9)


def test_the_long_stream_is_too_much_for_a_product():
    flips, p, q = cases("evidence")[-1]
    assert len(flips) == 4000
    assert unit_14.walk(flips, p, q)[-1] > math.log(np.finfo(float).max)


# E2: the exact tail


def test_the_values_of_the_course():
    reference = find_question("tail_exponent").reference
    assert f"{reference(500, 0.5, 350):.4f}" == "0.0877"
    assert f"{reference(100, 0.5, 70):.5f}" == "0.10146"
    assert f"{reference(5000, 0.5, 3500):.5f}" == "0.08305"
    assert f"{entropy([0.7, 0.3], FAIR):.5f}" == "0.08228"


def test_the_tail_is_that_of_the_incomplete_beta_function():
    for n, heads, least in cases("tail_exponent"):
        value = unit_14.exact_tail(n, heads, least)
        if n * value < 700:
            exact = -np.log(special.betainc(least, n - least + 1, heads)) / n
            assert value == pytest.approx(exact, rel=1e-9)
        else:
            terms = binom.logpmf(np.arange(least, n + 1), n, heads)
            assert value == pytest.approx(-np.logaddexp.reduce(terms) / n, rel=1e-9)
            assert binom.logsf(least - 1, n, heads) == -math.inf


def test_no_probability_lies_where_floats_lose_their_digits():
    """So that an answer by probabilities is either right or infinite."""
    for name, logarithms in (
        ("tail_exponent", [n * unit_14.exact_tail(n, h, k) for n, h, k in cases("tail_exponent")]),
        (
            "type_two_exponent",
            [a[0] * unit_14.exact_type_two(*a) for a in cases("type_two_exponent")],
        ),
    ):
        assert not any(690 < nats < 760 for nats in logarithms), name
        assert sum(nats > 760 for nats in logarithms) == 1


def test_the_wrong_exponents_are_what_their_messages_say():
    n, heads, least = 100, 0.5, 70
    wrong = {m.name: m for m in find_question("tail_exponent").mistakes}

    def value(name, variant=0):
        return wrong[name].variants[variant](n, heads, least)

    assert value("hoeffding") == pytest.approx(2 * 0.2**2)
    assert value("limit") == pytest.approx(entropy([0.7, 0.3], FAIR))
    assert value("limit in the other direction") == pytest.approx(entropy(FAIR, [0.7, 0.3]))
    assert value("more than least") == pytest.approx(-binom.logsf(70, n, heads) / n)
    assert value("other side") == pytest.approx(-binom.logcdf(69, n, heads) / n)
    assert value("normal approximation") == pytest.approx(-stats.norm.logsf(20 / 5) / n)
    assert value("parabola") == pytest.approx((20 / 5) ** 2 / (2 * n))
    # "a bound": the exact exponent is never below it, nor below the limit
    assert value("hoeffding") < value("limit") < unit_14.exact_tail(n, heads, least)


# E3: Stein


@pytest.mark.parametrize(("n", "value"), [(100, 0.129627), (400, 0.157610), (2000, 0.174396)])
def test_the_non_randomised_exponents_of_the_course(n, value):
    assert find_question("type_two_exponent").reference(n, 0.8, 0.5, 0.05) == pytest.approx(
        value, abs=6e-7
    )


@pytest.mark.parametrize(("n", "value"), [(100, 0.135999), (400, 0.157918), (2000, 0.174933)])
def test_the_randomised_exponents_of_the_course(n, value):
    (randomised,) = mistake("type_two_exponent", "randomised").variants
    assert randomised(n, 0.8, 0.5, 0.05) == pytest.approx(value, abs=6e-7)


def test_the_other_numbers_of_the_course():
    second_order, third = mistake("type_two_exponent", "second order").variants
    assert second_order(2000, 0.8, 0.5, 0.05) == pytest.approx(0.172350, abs=6e-7)
    assert third(2000, 0.8, 0.5, 0.05) == pytest.approx(0.1742, abs=1e-4)
    (other,) = mistake("type_two_exponent", "limit in the other direction").variants
    assert f"{other(100, 0.8, 0.5, 0.05):.4f}" == "0.2231"
    (limit,) = mistake("type_two_exponent", "limit").variants
    assert f"{limit(100, 0.8, 0.5, 0.05):.6f}" == "0.192745"
    # "at 2000 flips it is still a tenth below"
    assert unit_14.exact_type_two(2000, 0.8, 0.5, 0.05) == pytest.approx(0.9 * 0.192745, rel=0.01)


def test_the_threshold_is_the_largest_that_keeps_type_one():
    for n, p, q, alpha in cases("type_two_exponent"):
        least = unit_14.least_heads(n, p, alpha)
        assert binom.cdf(least - 1, n, p) <= alpha < binom.cdf(least, n, p)
        assert least == binom.ppf(alpha, n, p)
        assert q < p and 0 < alpha < 0.5
        # far enough from alpha that rounding decides nothing
        for type_one in binom.cdf([least - 1, least], n, p):
            assert abs(type_one / alpha - 1) > 1e-6


def test_what_is_missing_at_4000_flips_for_the_pair_that_the_course_does_not_take():
    value = unit_14.exact_type_two(4000, 0.6, 0.5, 0.05)
    assert value / entropy([0.6, 0.4], FAIR) == pytest.approx(0.7991, abs=5e-4)


# E4: Chernoff


def test_the_values_of_chernoff_and_bhattacharyya():
    reference = find_question("chernoff").reference
    (even,) = mistake("chernoff", "bhattacharyya").variants
    for p, q, value, half in (
        ([0.8, 0.2], [0.5, 0.5], 0.052753, 0.052680),
        ([0.6, 0.4], [0.5, 0.5], 0.0050767705, 0.0050767117),
    ):
        p, q = np.array(p), np.array(q)
        assert reference(p, q) == pytest.approx(value, rel=2e-5 if value > 0.01 else 1e-8)
        assert even(p, q) == pytest.approx(half, rel=2e-5 if value > 0.01 else 1e-8)


def test_chernoff_by_another_search_and_never_above_a_kl():
    for p, q in cases("chernoff"):
        found = optimize.minimize_scalar(
            lambda w, p=p, q=q: special.logsumexp(w * np.log(p) + (1 - w) * np.log(q)),
            bounds=(0, 1),
            method="bounded",
            options={"xatol": 1e-10},
        )
        value = unit_14.chernoff_by_sections(p, q)
        assert value == pytest.approx(-found.fun, rel=1e-9, abs=1e-13)
        assert value <= min(entropy(p, q), entropy(q, p)) + 1e-12
        assert value == pytest.approx(unit_14.chernoff_by_sections(q, p), rel=1e-9, abs=1e-13)


def test_chernoff_does_not_depend_on_one_library_alone():
    from klteach.inference import chernoff_information

    for p, q in cases("chernoff"):
        assert chernoff_information(p, q) == pytest.approx(
            unit_14.chernoff_by_sections(p, q), rel=1e-9, abs=1e-13
        )


def test_near_equality_a_quarter_of_kl_and_an_eighth_of_the_sum():
    """As the messages on fixed parts say, and not far from equality."""
    p, q = np.array([0.5, 0.5]), np.array([0.505, 0.495])
    value = unit_14.chernoff_by_sections(p, q)
    assert value == pytest.approx(entropy(p, q) / 4, rel=0.01)
    assert value == pytest.approx((entropy(p, q) + entropy(q, p)) / 8, rel=0.001)
    p, q = np.array([0.5, 0.5]), np.array([0.999, 0.001])
    assert abs(unit_14.chernoff_by_sections(p, q) / (entropy(p, q) / 4) - 1) > 0.3


def replaced(name, old, new):
    assert old in RIGHT[name]
    return check_answer(find_question(name), notebook(RIGHT[name].replace(old, new)))


@pytest.mark.parametrize(
    ("name", "old", "new", "row"),
    [
        (
            "chernoff",
            'return -minimize_scalar(log_sum, bounds=(0, 1), method="bounded").fun',
            'return minimize_scalar(log_sum, bounds=(0, 1), method="bounded").x',
            "place of the largest",
        ),
        ("chernoff", "return np.log(", "return -np.log(", "next to nothing"),
        ("chernoff", "bounds=(0, 1)", "bounds=(0, 0.5)", "half of the interval"),
        ("chernoff", "bounds=(0, 1)", "bounds=(0.5, 1)", "half of the interval"),
        (
            "chernoff",
            "return np.log(np.sum(p**weight * q ** (1 - weight)))",
            "return np.log(np.sum(p**weight * q ** (1 - weight))) / max(1 - weight, 1e-3)",
            "next to kl",
        ),
        (
            "tail_exponent",
            "-logsumexp(binom.logpmf(k, n, heads))",
            "-np.log(max(binom.pmf(k, n, heads).sum(), 1e-320))",
            "rows of small probabilities",
        ),
        (
            "tail_exponent",
            "-logsumexp(binom.logpmf(k, n, heads))",
            "-np.log(1 - binom.cdf(least - 1, n, heads))",
            "rows of small probabilities",
        ),
        (
            "type_two_exponent",
            "-logsumexp(binom.logpmf(k, n, heads_q))",
            "-np.log(1 - binom.cdf(least - 1, n, heads_q))",
            "rows of small probabilities",
        ),
    ],
)
def test_what_is_off_by_no_fixed_rule_is_told_by_its_pattern(name, old, new, row):
    assert replaced(name, old, new).mistake == row
