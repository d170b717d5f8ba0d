"""Bounds from critics: samples in exact proportions, where they are known, and random samples."""

import math

import mpmath
import numpy as np
import pytest
from scipy.special import logsumexp

from klteach import kl_divergence, mutual_information
from klteach.inference import donsker_varadhan, info_nce, nwj
from tests.inference.inference_exact import near
from tests.refusals import refusal

P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
AT_P, AT_Q = np.repeat([0, 1, 2], [5, 3, 2]), np.repeat([0, 1, 2], [2, 2, 6])
LOG_RATIO = np.log(P / Q)


def exact_bounds(critic_p, critic_q):
    with mpmath.workdps(60):
        mean = mpmath.fsum(map(mpmath.mpf, critic_p)) / len(critic_p)
        powers = [mpmath.exp(mpmath.mpf(value)) for value in critic_q]
        level = mpmath.fsum(powers) / len(powers)
        return mean - mpmath.log(level), mean - level / mpmath.e


@pytest.mark.parametrize("scale", [0.0, 1e-12, 1e-6, 1e-3, 1.0, 30.0, 600.0])
def test_both_bounds_are_those_of_exact_arithmetic(scale):
    random = np.random.default_rng(1)
    critic_p, critic_q = scale * random.standard_normal(40), scale * random.standard_normal(30)
    first, second = exact_bounds(critic_p, critic_q)
    assert near(donsker_varadhan(critic_p, critic_q), first)
    assert near(nwj(critic_p, critic_q), second)
    assert near(nwj(critic_p + 1, critic_q + 1), exact_bounds(critic_p + 1, critic_q + 1)[1], 1e-8)


def test_the_log_ratio_gives_the_divergence_itself():
    kl = kl_divergence(P, Q)
    assert donsker_varadhan(LOG_RATIO[AT_P], LOG_RATIO[AT_Q]) == pytest.approx(kl, rel=1e-12)
    for constant in (-1e3, 7.0, 1e6):
        shifted = LOG_RATIO + constant
        assert donsker_varadhan(shifted[AT_P], shifted[AT_Q]) == pytest.approx(kl, rel=1e-9)
    assert nwj(1 + LOG_RATIO[AT_P], 1 + LOG_RATIO[AT_Q]) == pytest.approx(kl, rel=1e-12)
    # without the 1 it is lower, by 1/e: the mean of exp(T - 1) is 1/e and not 1
    assert nwj(LOG_RATIO[AT_P], LOG_RATIO[AT_Q]) == pytest.approx(kl - 1 / math.e, rel=1e-12)


def test_a_critic_that_never_moves_gives_0():
    for level in (0.0, 0.1, -1e8, 1e300):
        assert donsker_varadhan([level] * 3, [level] * 7) == 0
    assert nwj([1.0] * 3, [1.0] * 7) == 0


def test_large_values_do_not_overflow_and_small_ones_do_not_cancel():
    assert donsker_varadhan([1000.0], [900.0]) == 100
    assert donsker_varadhan([-1000.0], [-900.0]) == -100
    assert donsker_varadhan([1e-200], [0.0]) == pytest.approx(1e-200)
    many = np.concatenate([[0.0], np.full(10**6 - 1, -800.0)])
    assert donsker_varadhan([0.0], many) == pytest.approx(6 * math.log(10), rel=1e-12)
    values = np.random.default_rng(2).standard_normal(100_000)
    expected = -(logsumexp(values) - math.log(100_000))
    assert donsker_varadhan([0.0], values) == pytest.approx(expected, rel=1e-12)


def test_what_a_critic_may_rule_out():
    assert donsker_varadhan([1.0], [-np.inf, 0.0]) == pytest.approx(1 + math.log(2))
    assert donsker_varadhan([1.0], [-np.inf]) == math.inf
    assert donsker_varadhan([np.inf, 0.0], [0.0]) == math.inf
    assert nwj([2.0], [-np.inf]) == 2.0
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert nwj([0.0], [1000.0]) == -math.inf


def simulated(bound, shift, runs, samples=500, constant=0.0):
    """The bound with the best critic for N(shift, 1) against N(0, 1), of many samples."""
    random = np.random.default_rng(6)
    results = []
    for _ in range(runs):
        x, y = random.standard_normal((2, samples))
        critic_p, critic_q = (shift * v - shift**2 / 2 + constant for v in (x + shift, y))
        results.append(bound(critic_p, critic_q))
    return np.array(results)


def test_the_numbers_of_the_course():
    """Means and spreads of 500 samples; the course's from thousands of runs."""
    bounds = simulated(donsker_varadhan, 2.0, 400)
    assert abs(bounds.mean() - 2.034) < 4 * 0.26 / 20 and bounds.std() == pytest.approx(
        0.26, rel=0.3
    )
    far = simulated(donsker_varadhan, 6.0, 400)
    assert abs(far.mean() - 23.48) < 4 * 1.94 / 20
    assert (far > 18).mean() > 0.95
    for constant, mean, spread in ((0.0, 2 - 1 / math.e, 0.15), (1.0, 2.0, 0.33)):
        values = simulated(nwj, 2.0, 400, constant=constant)
        assert abs(values.mean() - mean) < 4 * spread / 20


def test_info_nce_is_the_cross_entropy_of_picking_the_true_pair():
    scores = 3 * np.random.default_rng(3).standard_normal((6, 6))
    with mpmath.workdps(50):
        rows = [[mpmath.mpf(value) for value in row] for row in scores]
        surprises = [
            mpmath.log(mpmath.fsum(map(mpmath.exp, row))) - row[i] for i, row in enumerate(rows)
        ]
        exact = mpmath.log(6) - mpmath.fsum(surprises) / 6
    assert near(info_nce(scores), exact)
    assert info_nce(scores + 1e6) == pytest.approx(float(exact), rel=1e-9)
    # a constant of its own for each row changes nothing, one for each column does
    assert info_nce(scores + np.arange(6)[:, None]) == pytest.approx(float(exact), rel=1e-12)
    assert abs(info_nce(scores + np.arange(6)) - float(exact)) > 0.1


def test_info_nce_is_never_above_log_n():
    for n in (1, 2, 3, 7, 100):
        perfect = np.where(np.eye(n, dtype=bool), 0.0, -np.inf)
        for table in (perfect, 1e6 * np.eye(n)):
            assert info_nce(table) == pytest.approx(math.log(n), rel=1e-14)
            assert info_nce(table) <= np.log(n)
        assert info_nce(np.full((n, n), 0.3)) == 0
    assert info_nce(-1000 * np.eye(2)) == pytest.approx(math.log(2) - 1000)


def test_info_nce_with_the_log_ratio_is_a_lower_bound_of_mutual_information():
    joint = np.array([[0.3, 0.1], [0.1, 0.5]])
    log_ratio = np.log(joint / np.outer(joint.sum(axis=1), joint.sum(axis=0)))
    random = np.random.default_rng(4)
    bounds = []
    for _ in range(200):
        x, y = np.divmod(random.choice(4, 64, p=joint.ravel()), 2)
        bounds.append(info_nce(log_ratio[np.ix_(x, y)]))
    error = np.std(bounds) / math.sqrt(200)
    truth = mutual_information(joint)
    assert truth - 0.02 < np.mean(bounds) < truth + 4 * error


@pytest.mark.parametrize("bound", [donsker_varadhan, nwj])
@pytest.mark.parametrize(
    "critic_p, critic_q, parts",
    [
        ([1.0, -np.inf], [0.0], ["critic_p[1] is -inf", "rules out a sample of p"]),
        ([1.0], [0.0, np.inf], ["critic_q[1] is inf", "no finite exponential"]),
        ([1.0, np.nan], [0.0], ["critic_p[1] is nan"]),
        ([1.0], [np.nan], ["critic_q[0] is nan"]),
        ([], [0.0], ["critic_p is empty"]),
        ([1.0], [], ["critic_q is empty"]),
        (1.0, [0.0], ["critic_p has shape ()", "(n,)"]),
        ([1.0], [[0.0]], ["critic_q has shape (1, 1)"]),
        (["a"], [0.0], ["critic_p holds text"]),
    ],
)
def test_what_are_no_critic_values_is_refused(bound, critic_p, critic_q, parts):
    message = refusal(bound, critic_p, critic_q)
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    "scores, parts",
    [
        ([[1.0, 0.0]], ["scores has shape (1, 2)", "square"]),
        ([1.0, 0.0], ["scores has shape (2,)"]),
        (np.zeros((2, 2, 2)), ["scores has shape (2, 2, 2)"]),
        ([[1.0, np.nan], [0.0, 1.0]], ["scores[0, 1] is nan"]),
        ([[1.0, np.inf], [0.0, 1.0]], ["scores[0, 1] is inf"]),
        ([[1.0, 0.0], [0.0, -np.inf]], ["scores[1, 1] is -inf", "true pair"]),
        ([], ["scores is empty"]),
    ],
)
def test_what_is_no_table_of_scores_is_refused(scores, parts):
    message = refusal(info_nce, scores)
    assert all(part in message for part in parts), message
