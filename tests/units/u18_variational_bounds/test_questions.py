"""What is special about the questions of unit 18."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook
from tests.units.second_route import P, Q, kl


def mistake(question, name):
    return next(m for m in find_question(question).mistakes if m.name == name)


def values(question, function):
    question = find_question(question)
    with np.errstate(all="ignore"):
        return [float(question.values(function, case)) for case in question.cases()]


def normals(mean, n=500, runs=2000, seed=1):
    """Critic values log p/q of N(mean, 1) against N(0, 1), at samples of both."""
    x, y = np.random.default_rng(seed).normal([[[mean]], [[0]]], 1, (2, runs, n))
    return mean * x - mean**2 / 2, mean * y - mean**2 / 2


# E1: Donsker and Varadhan


def test_the_estimate_of_the_course():
    """About 2.03 where the truth is 2, for samples of 500."""
    reference = find_question("dv_bound").reference
    found = [reference(*pair) for pair in zip(*normals(2), strict=True)]
    assert np.mean(found) == pytest.approx(2.034, abs=3 * 0.27 / math.sqrt(len(found)))


def test_the_bound_never_changes_with_a_constant():
    reference = find_question("dv_bound").reference
    for case in find_question("dv_bound").cases():
        a, b = case.arguments
        assert reference(a + 3, b + 3) == pytest.approx(reference(a, b), abs=1e-9)


def test_the_logarithm_of_a_mean_is_too_small_on_average():
    """What the insight says, by Jensen."""
    _, at_q = normals(1.5, n=20)
    z = np.exp(at_q).mean(axis=1)
    assert np.log(z).mean() < math.log(z.mean())


def test_the_cases_have_large_values_negative_bounds_and_two_lengths():
    cases = find_question("dv_bound").cases()
    bounds = values("dv_bound", find_question("dv_bound").reference)
    assert min(bounds) < -1
    assert any(len(a) != len(b) for a, b in (case.arguments for case in cases))
    assert any(b.max() > 710 for _, b in (case.arguments for case in cases))
    assert any(b.max() < -750 for _, b in (case.arguments for case in cases))
    assert any(a.max() - b.max() > 750 for a, b in (case.arguments for case in cases))


def test_where_exp_breaks():
    """As the message says: infinite from 710 on, 0 at -750."""
    with np.errstate(over="ignore"):
        assert np.exp(709.0) < np.inf == np.exp(710.0)
    assert np.exp(-740.0) > 0 == np.exp(-750.0)


def test_the_other_objective_bounds_jensen_shannon():
    """With its best critic softplus gives 2 JS - 2 log 2, as the message says of it."""
    p, q = np.array(P), np.array(Q)
    best = np.log(p / q)
    value = -p @ np.logaddexp(0, -best) - q @ np.logaddexp(0, best)
    m = (p + q) / 2
    assert value + 2 * math.log(2) == pytest.approx(kl(p, m) + kl(q, m))


def test_nwj_is_never_above_the_bound_that_is_asked_for():
    (other,) = mistake("dv_bound", "nwj").variants
    right = values("dv_bound", find_question("dv_bound").reference)
    assert all(nwj <= dv for nwj, dv in zip(values("dv_bound", other), right, strict=True))


# E2: the constant


def test_the_two_numbers_of_the_course():
    """NWJ of log p/q is 2 - 1/e, and of 1 + log p/q it is 2: by quadrature."""
    for constant, wanted in ((0, 2 - 1 / math.e), (1, 2.0)):
        mean = integrate.quad(lambda x, c=constant: (2 * x - 2 + c) * stats.norm.pdf(x, 2), -8, 12)
        z = integrate.quad(
            lambda x, c=constant: math.exp(2 * x - 3 + c) * stats.norm.pdf(x), -9, 13
        )
        assert mean[0] - z[0] == pytest.approx(wanted, abs=1e-9)


def test_the_best_constant_is_where_a_search_finds_it():
    question = find_question("best_constant")
    for case in question.cases():
        a, b = case.arguments
        top = b.max()

        def minus_bound(shift, a=a, b=b, top=top):
            return np.exp(b - top + shift - 1).mean() - shift - a.mean()

        found = optimize.minimize_scalar(minus_bound, bracket=(-1, 5)).x - top
        assert question.reference(a, b) == pytest.approx(found, abs=1e-5)


def test_with_it_nwj_becomes_dv():
    for case in find_question("dv_bound").cases():
        a, b = case.arguments
        c = find_question("best_constant").reference(a, b)
        nwj = np.mean(a + c) - np.mean(np.exp(b + c - 1))
        assert nwj == pytest.approx(find_question("dv_bound").reference(a, b), abs=1e-9)


def test_the_slope_at_0_is_what_its_message_says():
    (slope,) = mistake("best_constant", "slope at 0").variants
    a, b = np.array([1.0, 2.0]), np.array([0.0, -1.0])
    step = 1e-6
    bound = [np.mean(a) + c - np.mean(np.exp(b + c - 1)) for c in (-step, step)]
    assert slope(a, b) == pytest.approx((bound[1] - bound[0]) / (2 * step))


def test_a_search_that_ends_too_early_is_told_so():
    source = (
        "def best_constant(critic_p, critic_q):\n"
        "    tried = np.linspace(-10, 10, 2001)\n"
        "    bounds = [c - np.mean(np.exp(critic_q + c - 1)) for c in tried]\n"
        "    return tried[np.argmax(bounds)]\n"
    )
    feedback = check_answer(find_question("best_constant"), notebook(source))
    assert "a search that does not reach so far" in feedback.message


# E3: InfoNCE


def test_no_table_is_above_log_n():
    question = find_question("infonce")
    for case in question.cases():
        (scores,) = case.arguments
        assert question.reference(scores) <= math.log(len(scores)) + 1e-12
    (scores,) = question.cases()[-1].arguments  # true pairs that score 30 more
    assert question.reference(scores) == pytest.approx(math.log(len(scores)), abs=1e-9)


def test_without_the_true_pair_it_passes_log_n():
    """As the message says: it is no bound any more."""
    scores = np.full((2, 2), 0.0) + np.diag([9.0, 9.0])
    for variant in mistake("infonce", "true pair left out").variants:
        assert variant(scores) > math.log(2)


def test_blind_guessing_costs_log_n():
    reference = find_question("infonce").reference
    assert reference(np.zeros((5, 5))) == pytest.approx(0, abs=1e-12)
    found = mistake("infonce", "log N left out")
    assert "never above 0" in found.message
    assert all(value <= 0 for value in values("infonce", found.variants[0]))


def test_a_batch_of_64_ends_at_the_number_of_the_insight():
    assert f"{math.log(64):.2f} nats" in find_question("infonce").insight


def test_rows_and_columns_differ_and_both_are_bounds():
    reference = find_question("infonce").reference
    scores = np.array([[5.0, 4.0], [0.0, 3.0]])
    assert reference(scores) != pytest.approx(reference(scores.T), abs=0.01)
    assert max(reference(scores), reference(scores.T)) <= math.log(2)


# E4: the twin


def test_the_twin_is_never_above_log_n_and_below_the_divergence():
    question = find_question("twin_kl")
    for case in question.cases():
        p, q, n = case.arguments
        value = question.reference(p, q, n)
        assert -1e-12 <= value <= min(math.log(n), special.rel_entr(p, q).sum()) + 1e-12
        assert value <= (1 - 1 / n) * special.rel_entr(p, q).sum() + 1e-12  # convexity


def test_with_nothing_in_common_it_is_log_n():
    question = find_question("twin_kl")
    assert question.reference(np.array([0.0, 1.0]), np.array([1.0, 0.0]), 100) == pytest.approx(
        math.log(100)
    )


def test_the_cases_have_all_kinds_of_zeros():
    cases = [case.arguments for case in find_question("twin_kl").cases()]
    assert any(((p == 0) & (q > 0)).any() for p, q, _ in cases)
    assert any(((p > 0) & (q == 0)).any() for p, q, _ in cases)
    assert any(np.array_equal(p, q) for p, q, _ in cases)


def test_q_to_the_twin_is_small_for_a_large_n():
    found = mistake("twin_kl", "from q to the twin").variants[0]
    p, q = np.array(P), np.array(Q)
    assert found(p, q, 500) < 1e-5
