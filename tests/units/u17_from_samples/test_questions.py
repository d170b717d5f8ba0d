"""What the design of unit 17 says of its questions, recomputed, and what their messages claim."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import function
from tests.units.known_answers import mistake


def reference(name, *arguments):
    return find_question(name).reference(*arguments)


def wrong(question, name, *arguments, variant=0):
    return mistake(question, name).variants[variant](*arguments)


def shifted(shift, size=400_000, seed=17):
    """Log-probabilities under P, a normal that is shifted, and under Q, of samples from P."""
    x = np.random.default_rng(seed).normal(shift, 1, size)
    return stats.norm(shift).logpdf(x), stats.norm.logpdf(x)


def points(seed, d=1, n=400, m=400, shift=1.0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)), random.normal(size=(m, d)) + shift * np.eye(d)[0]


# E1: three estimates


def test_the_estimates_of_shifted_normals_are_those_of_the_design():
    first, second, third = reference("three_estimates", *shifted(1.0))
    assert first == pytest.approx(0.5, abs=0.01)
    assert second == pytest.approx(0.5 * 1.25, abs=0.01)
    assert third == pytest.approx(0.5, abs=0.01)


def test_upside_down_is_no_estimate_of_the_other_direction():
    """Samples of P with the ratio turned round: minus KL(P‖Q), and χ²(P‖Q) less KL(P‖Q)."""
    turned = wrong("three_estimates", "upside down", *shifted(0.5))
    assert turned[0] == pytest.approx(-0.125, abs=0.01)
    assert turned[2] == pytest.approx(math.exp(0.25) - 1 - 0.125, abs=0.02)
    assert (
        "The average of p/q is larger than 1"
        in mistake("three_estimates", "k3 upside down").message
    )


def test_r_log_r_is_the_other_direction_as_its_message_says():
    random = np.random.default_rng(1)
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    sample = random.choice(3, 200_000, p=p)
    value = wrong("three_estimates", "r log r in k3", np.log(p[sample]), np.log(q[sample]))[2]
    assert value == pytest.approx(special.rel_entr(q, p).sum(), abs=0.01)


def test_half_of_the_square_is_what_the_gap_is_near_1():
    assert "half of the square of log r" in mistake("three_estimates", "half missing in k2").message
    for log_r in (1e-2, -1e-3):
        assert math.exp(log_r) - 1 - log_r == pytest.approx(log_r**2 / 2, rel=0.01)


def test_absolute_values_are_far_above_kl_where_p_is_near_q():
    message = mistake("three_estimates", "absolute values").message
    assert "far above KL where p is near q" in message
    assert wrong("three_estimates", "absolute values", *shifted(0.1))[0] > 10 * 0.005


def test_probabilities_of_whole_answers_give_nan_and_are_told_where():
    body = "r = np.exp(log_q) / np.exp(log_p)\nk = -np.log(r)\nreturn [k.mean()] * 3"
    feedback = check_answer(
        find_question("three_estimates"), function("three_estimates", "log_p, log_q", body)
    )
    assert feedback.state == "nan" and "whole answers" in feedback.evidence
    case = next(c for c in find_question("three_estimates").cases() if "whole" in c.label)
    assert np.exp(case.arguments[0]).max() == 0.0


def test_all_log_probabilities_are_below_0_and_their_mean_ratio_has_both_signs():
    signs = set()
    for case in find_question("three_estimates").cases():
        log_p, log_q = case.arguments
        assert (log_p < 0).all() and (log_q < 0).all()
        signs.add(np.sign(np.round(np.mean(log_p - log_q), 12)))
    assert signs == {-1.0, 0.0, 1.0}


def test_a_clipped_ratio_is_told_up_to_where_it_is_right():
    body = (
        "d = np.clip(log_q - log_p, -1, 1)\n"
        "return [-d.mean(), (d**2).mean() / 2, (np.exp(d) - 1 - d).mean()]"
    )
    feedback = check_answer(
        find_question("three_estimates"), function("three_estimates", "log_p, log_q", body)
    )
    assert feedback.mistake == "clipped" and "±1," in feedback.message


# E2: counts


def test_the_bias_that_is_taken_off_is_that_of_the_design():
    counts = np.random.default_rng(2).multinomial(50, np.full(10, 0.1), 20_000)
    q = np.full(10, 0.1)
    plain = np.array([wrong("corrected_kl", "no correction", c, q) for c in counts[:4000]])
    corrected = np.array([reference("corrected_kl", c, q) for c in counts[:4000]])
    np.testing.assert_allclose(plain - corrected, 9 / 100)
    error = plain.std() / math.sqrt(4000)
    assert abs(plain.mean() - 0.0945) < 3 * error
    assert (corrected < 0).mean() > 0.3  # "an answer below 0 is no fault"


def test_a_counted_k_takes_off_too_little_where_outcomes_did_not_come():
    counts, q = np.array([6, 3, 1, 0]), np.full(4, 0.25)
    by_what_came = wrong("corrected_kl", "outcomes that came", counts, q)
    assert by_what_came - reference("corrected_kl", counts, q) == pytest.approx(1 / 20)


def test_cross_entropy_has_no_bias_and_the_jackknife_little():
    random = np.random.default_rng(3)
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    counts = random.multinomial(60, p, 3000)
    crosses = [wrong("corrected_kl", "cross-entropy", c, q, variant=1) for c in counts]
    truth = -np.dot(p, np.log(q))
    assert abs(np.mean(crosses) - truth) < 3 * np.std(crosses) / math.sqrt(3000)
    knives = np.array([wrong("corrected_kl", "jackknife", c, q) for c in counts])
    nats = special.rel_entr(p, q).sum()
    assert abs(knives.mean() - nats) < 3 * knives.std() / math.sqrt(3000) + 1e-3


def test_half_of_chi_square_is_near_kl_near_equality_only():
    near, far = np.array([101, 99]), np.array([190, 10])
    q = np.array([0.5, 0.5])
    for counts, close in ((near, True), (far, False)):
        chi = wrong("corrected_kl", "half of chi-square", counts, q)
        assert (chi == pytest.approx(reference("corrected_kl", counts, q), abs=1e-5)) == close


def test_the_first_answers_are_of_both_signs():
    """So that a cut at 0 shows at once, on an input small enough to work by hand."""
    question = find_question("corrected_kl")
    values = [question.reference(*case.arguments) for case in question.visible]
    assert min(values) < 0 < max(values)


# E3: nearest neighbours


def test_a_counted_self_match_and_a_missing_dimension_are_those_of_the_design():
    x, y = points(4, n=1000, m=1000)
    right = reference("knn_kl", x, y, 5)
    # ψ(5) - ψ(4) = 1/4 nearer for each dimension, so .25 more than the .48 of one dimension
    assert wrong("knn_kl", "self-match", x, y, 5) - right == pytest.approx(0.25, abs=0.05)
    assert wrong("knn_kl", "self-match", x, y, 1) == np.inf
    plane = points(5, d=2, n=1000, m=1000)
    half = wrong("knn_kl", "d missing", *plane, 5)
    assert half == pytest.approx(reference("knn_kl", *plane, 5) / 2, abs=0.002)


def test_the_last_term_shows_only_where_the_samples_differ_in_size():
    same, more = points(6, n=300, m=300), points(6, n=300, m=1200)
    for (x, y), gap in ((same, math.log(300 / 299)), (more, math.log(1200 / 299))):
        missing = wrong("knn_kl", "log(m/(n - 1)) missing", x, y, 5)
        assert reference("knn_kl", x, y, 5) - missing == pytest.approx(gap)
    for case in find_question("knn_kl").cases():
        x, y, k = case.arguments
        assert len(x) != len(y) and x.shape[1] == y.shape[1]
        assert len(x) > k + 1 and len(y) > k


def test_another_distance_is_an_estimate_as_well():
    assert "That works as an estimate too" in mistake("knn_kl", "another distance").message
    for variant in (0, 1):
        found = [
            wrong("knn_kl", "another distance", *points(seed, d=2), 5, variant=variant)
            for seed in range(6)
        ]
        assert np.mean(found) == pytest.approx(0.44, abs=0.12)


def test_two_normal_distributions_are_right_for_normal_data():
    assert wrong("knn_kl", "two normal distributions", *points(7, n=4000, m=4000), 5) == (
        pytest.approx(0.5, abs=0.06)
    )


def test_the_points_of_y_lead_to_the_other_direction():
    random = np.random.default_rng(8)
    x, y = random.normal(size=(1500, 1)), random.normal(0, 1.3, (900, 1))
    backwards = wrong("knn_kl", "other direction", x, y, 5)
    assert backwards == pytest.approx(reference("knn_kl", y, x, 5))
    assert backwards == pytest.approx(-math.log(1.3) + 1.3**2 / 2 - 0.5, abs=0.1)
    other_sizes = wrong("knn_kl", "other direction", x, y, 5, variant=1)
    assert other_sizes - backwards == pytest.approx(math.log(900 / 1499) - math.log(1500 / 899))


def test_a_visible_case_has_a_negative_answer_so_that_a_cut_shows():
    question = find_question("knn_kl")
    assert min(question.reference(*case.arguments) for case in question.visible) < 0
