"""What is special about the questions of unit 10: values of the course, and what messages claim."""

import math

import numpy as np
import pytest
from scipy import optimize, special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import wrapped
from tests.units.known_answers import mistake, right_value, wrong_value

RANDOM = np.random.default_rng(10)


def kl(p, q):
    return special.rel_entr([p, 1 - p], [q, 1 - q]).sum()


# E1


def test_the_curvature_of_the_coin_of_the_course():
    assert right_value("curvature") == pytest.approx(4.761905, abs=1e-6)
    assert wrong_value("curvature", "half") == pytest.approx(2.380952, abs=1e-6)
    assert wrong_value("curvature", "twice") == pytest.approx(9.523810, abs=1e-6)
    assert wrong_value("curvature", "variance") == pytest.approx(stats.bernoulli(0.3).var())


@pytest.mark.parametrize("step", [1e-3, 1e-4, 1e-5, 1e-6])
def test_a_second_difference_with_any_sensible_step_is_right(step):
    def answer(p):
        return (kl(p, p + step) + kl(p, p - step)) / step**2

    assert check_answer(find_question("curvature"), wrapped("curvature", answer)).state == "correct"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda p, h=1e-9: (kl(p, p + h) + kl(p, p - h)) / h**2, "lost in rounding"),
        (lambda p, h=1e-3: (kl(p, p + h) - kl(p, p - h)) / (2 * h), "slope"),
        (lambda p, h=1e-3: (kl(p, p + h) + kl(p, p - h)) / h, "power of the step"),
        (lambda p, h=1e-3: (kl(p, p + h) + kl(p, p - h)) / h**4, "power of the step"),
        (lambda p, h=1e-3: kl(p, p + h) / h**2, "factor but for the step"),
        (lambda p, h=0.1: (kl(p, p + h) + kl(p, p - h)) / h**2, "step too large"),
    ],
)
def test_what_a_difference_can_do_wrong_is_told(answer, said):
    feedback = check_answer(find_question("curvature"), wrapped("curvature", answer))
    assert feedback.mistake == said


def test_a_random_answer_is_not_called_rounding():
    def answer(p):
        return 1 / (p * (1 - p)) * (1 + 0.2 * RANDOM.normal())

    feedback = check_answer(find_question("curvature"), wrapped("curvature", answer))
    assert feedback.mistake == "not repeatable"


def test_a_smooth_wrong_answer_is_neither_rounding_nor_a_slope():
    for answer in (lambda p: (p * (1 - p)) ** 2, lambda p: 3 + p, lambda p: 1e-2 * p):
        feedback = check_answer(find_question("curvature"), wrapped("curvature", answer))
        assert feedback.mistake not in ("lost in rounding", "slope", "power of the step")


def test_an_entropy_and_a_log_likelihood_bend_downwards_as_much():
    assert "An entropy or a log likelihood bends downwards" in (
        mistake("curvature", "bends downwards").message
    )
    p, h = 0.3, 1e-4
    entropies = [stats.entropy([p + d, 1 - p - d]) for d in (-h, 0, h)]
    likelihoods = [p * math.log(p + d) + (1 - p) * math.log(1 - p - d) for d in (-h, 0, h)]
    for values in (entropies, likelihoods):
        assert np.diff(values, 2)[0] / h**2 == pytest.approx(-1 / 0.21, rel=1e-5)


# E2


def test_the_two_numbers_of_the_course():
    (first, second) = (right_value("exact_and_local", case) for case in (0, 1))
    assert first == pytest.approx([kl(0.3, 0.4), 0.5 * 0.1**2 / 0.21])
    assert np.round(first, 6) == pytest.approx([0.021601, 0.023810])
    assert np.round(second, 8) == pytest.approx([0.00023517, 0.00023810])
    assert wrong_value("exact_and_local", "swapped")[0] == pytest.approx(0.022582, abs=1e-6)


def test_the_error_shrinks_as_the_insight_says():
    reference = find_question("exact_and_local").reference

    def error(p, step):
        return abs(np.subtract(*reference(p, step)))

    assert error(0.3, 0.1) / error(0.3, 0.01) == pytest.approx(755, abs=1)
    assert error(0.3, 0.01) / error(0.3, 0.001) == pytest.approx(971, abs=1)
    assert error(0.5, 0.01) / error(0.5, 0.001) == pytest.approx(10_000, rel=0.01)
    assert reference(0.5, 0.2)[0] == pytest.approx(
        reference(0.5, -0.2)[0]
    )  # up costs what down does


def test_two_mistakes_at_once_are_both_told():
    def answer(p, step):
        return [kl(p + step, p), step**2 / (p * (1 - p))]

    feedback = check_answer(find_question("exact_and_local"), wrapped("exact_and_local", answer))
    assert feedback.mistake == "each number alone"
    for name in ("swapped", "half missing"):
        assert mistake("exact_and_local", name).message in feedback.message


def test_a_right_number_beside_an_unknown_one_is_called_right():
    def answer(p, step):
        return [kl(p, p + step), 7 * step**2 + p]

    feedback = check_answer(find_question("exact_and_local"), wrapped("exact_and_local", answer))
    assert feedback.message.startswith("Of the two numbers the first, the exact KL, is right on")


def test_pinskers_bound_is_the_local_form_of_a_fair_coin():
    assert "for a fair coin alone" in mistake("exact_and_local", "pinsker").message
    _, local = right_value("exact_and_local", 2)
    assert wrong_value("exact_and_local", "pinsker", 2)[1] == pytest.approx(local)


# E3


def natural(sigma_p, sigma_q, rate):
    return find_question("natural_steps").reference(sigma_p, sigma_q, rate)


def test_the_steps_against_differences_of_kl():
    def divergence(t, s):
        return math.log(t / s) + s**2 / (2 * t**2) - 0.5

    for s, t, rate in ((1, 2, 0.1), (3, 1.5, 0.4), (2, 0.7, 1.0)):
        in_sigma = optimize.approx_fprime([t], lambda x, s=s: divergence(x[0], s), 1e-7)[0]
        in_log = optimize.approx_fprime(
            [math.log(t)], lambda x, s=s: divergence(math.exp(x[0]), s), 1e-7
        )[0]
        assert natural(s, t, rate) == pytest.approx(
            [-rate * in_sigma / (2 / t**2), -rate * in_log / 2], rel=1e-5
        )


def test_the_case_that_is_worked_by_hand():
    assert right_value("natural_steps") == pytest.approx([-0.075, -0.0375])


def test_both_steps_move_the_model_alike_up_to_the_square_of_the_rate():
    gaps = []
    for rate in (1e-2, 1e-3):
        step, step_of_log = natural(3.0, 1.5, rate)
        gaps.append(abs(1.5 + step - 1.5 * math.exp(step_of_log)))
    assert gaps[0] / gaps[1] == pytest.approx(100, rel=0.02)


def test_a_right_model_stays_and_one_with_a_wrong_gradient_moves():
    assert natural(2.0, 2.0, 0.5) == [0, 0]
    assert "Without it a right model would still move" in (
        mistake("natural_steps", "slope of the logarithm missing").message
    )
    for name in ("slope of the logarithm missing", "factor inside the gradient"):
        for wrong in mistake("natural_steps", name).variants:
            assert abs(wrong(2.3, 2.3, 0.5)[0]) > 1e-3


def test_f_of_a_variance_and_of_a_mean():
    """1/(2σ⁴) and 1/σ², as the messages say: the second derivative of KL by each of them."""
    sigma, h = 1.7, 1e-4

    def bend(divergence):
        return (divergence(h) + divergence(-h)) / h**2

    def of_variance(d):
        ratio = sigma**2 / (sigma**2 + d)
        return (ratio - 1 - math.log(ratio)) / 2

    assert bend(of_variance) == pytest.approx(1 / (2 * sigma**4), rel=1e-5)
    assert bend(lambda d: d**2 / (2 * sigma**2)) == pytest.approx(1 / sigma**2)


def test_steps_that_are_multiples_of_the_plain_gradient_are_recognised():
    def answer(sigma_p, sigma_q, rate):
        slope = 1 / sigma_q - sigma_p**2 / sigma_q**3
        return [-rate * slope * 5, -rate * slope * sigma_q * 5]

    feedback = check_answer(find_question("natural_steps"), wrapped("natural_steps", answer))
    assert feedback.mistake == "like the plain gradient" and "times 5," in feedback.message


def test_wrong_in_both_ways_is_told_in_both():
    def answer(sigma_p, sigma_q, rate):
        slope = 1 / sigma_q - sigma_p**2 / sigma_q**3
        return [rate * slope * sigma_q**2 / 2, -rate * slope / 2]

    feedback = check_answer(find_question("natural_steps"), wrapped("natural_steps", answer))
    assert feedback.mistake == "each number alone"
    for name in ("uphill in σ", "gradient of σ for log σ"):
        assert mistake("natural_steps", name).message in feedback.message


# E4


def test_the_squared_mean_of_a_batch_is_smaller_by_its_size_where_the_model_fits():
    """As the insight says: exactly, over all batches of so many flips."""
    p = 0.3
    for size in (2, 10, 100):
        heads = np.arange(size + 1)
        mean = heads / size / p - (1 - heads / size) / (1 - p)
        squared = stats.binom.pmf(heads, size, p) @ mean**2
        assert squared == pytest.approx(1 / 0.21 / size)


def test_at_an_optimum_the_squared_mean_is_0_and_the_mean_of_squares_is_not():
    asked = find_question("fisher_diagonal")
    optimum = next(case for case in asked.cases() if case.label.startswith("an optimum"))
    (squared_mean,) = mistake("fisher_diagonal", "squared mean").variants
    assert abs(asked.values(squared_mean, optimum)).max() < 1e-20
    assert asked.values(asked.reference, optimum).min() > 0.1


def test_no_table_has_as_many_examples_as_weights():
    """So that a mean over the wrong axis has the wrong shape and is told so."""
    for case in find_question("fisher_diagonal").cases():
        examples, weights = case.arguments[0].shape
        assert examples != weights or examples == 2
    shapes = {case.arguments[0].shape for case in find_question("fisher_diagonal").cases()}
    assert any(examples != weights for examples, weights in shapes)


def test_under_the_models_own_samples_variance_and_mean_square_agree():
    assert "for there the mean is 0" in mistake("fisher_diagonal", "variance").message
    p = 0.3
    scores, chances = np.array([1 / p, -1 / (1 - p)]), np.array([p, 1 - p])
    assert chances @ scores == pytest.approx(0, abs=1e-15)
    assert chances @ scores**2 == pytest.approx(1 / (p * (1 - p)))


# What is looked at where nothing else explains an answer


def times_its_length(gradients):
    return np.mean(gradients**2, axis=0) * np.linalg.norm(gradients)


@pytest.mark.parametrize(
    ("question", "answer", "said"),
    [
        ("curvature", lambda p: 1 / (p * (1 - p**2)), "mirrored"),
        ("curvature", lambda p: 2 * kl(p, p + 0.01) / 0.01**2, "mirrored"),
        ("curvature", lambda p: math.log(p / (1 - p)) ** 2, "not steeper outwards"),
        ("curvature", lambda p: 2 * p * (1 - p), "not steeper outwards"),
        (
            "exact_and_local",
            lambda p, d: [kl(p, p + d) / 2, d**2 / (2 * p * (1 - p))],
            "each number alone",
        ),
        ("natural_steps", lambda s, t, a: [s - t, (s - t) / t], "not in proportion to the rate"),
        ("natural_steps", lambda s, t, a: [a * s, a * s / t], "moves a right model"),
        ("fisher_diagonal", lambda g: (g[::2] ** 2).mean(axis=0), "order of the examples"),
        ("fisher_diagonal", lambda g: np.maximum(g, 0).mean(axis=0) ** 2, "sign of the gradients"),
        ("fisher_diagonal", times_its_length, "other weights"),
        ("fisher_diagonal", lambda g: (g**2).mean(axis=0) + 0.02, "something added"),
    ],
)
def test_a_property_that_is_broken_is_told(question, answer, said):
    feedback = check_answer(find_question(question), wrapped(question, answer))
    assert feedback.mistake == said and feedback.score == 0


@pytest.mark.parametrize("name", ["curvature", "natural_steps", "fisher_diagonal"])
def test_the_right_answer_has_the_properties(name):
    """Of an answer that is right but for a factor no row says that a property is broken."""
    asked = find_question(name)

    def answer(*arguments):
        return 1.3 * np.asarray(asked.reference(*arguments))

    feedback = check_answer(asked, wrapped(name, answer))
    assert feedback.mistake in ("some factor", "like the plain gradient")
