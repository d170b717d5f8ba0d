"""What the design of unit 09 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy.stats import entropy

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import wrapped
from tests.units.known_answers import mistake, right_value, wrong_value

JOINT = np.array([[0.3, 0.1], [0.1, 0.5]])
PRODUCT = np.array([[0.16, 0.24], [0.24, 0.36]])


# E1: the table of the course


def test_the_value_of_the_course():
    value = right_value("mutual_information")
    assert value == pytest.approx(entropy(JOINT.ravel(), PRODUCT.ravel()))
    assert f"{value:.6f} {value / math.log(2):.6f}" == "0.177741 0.256426"


@pytest.mark.parametrize(
    ("name", "value"),
    [("product first", 0.201386), ("sum of both entropies", 1.346023)],
)
def test_the_wrong_values_of_the_course(name, value):
    assert wrong_value("mutual_information", name) == pytest.approx(value, abs=5e-7)


def test_the_second_case_is_independent_and_has_no_information():
    table = find_question("mutual_information").visible[1].arguments[0]
    assert np.allclose(table, np.outer(table.sum(axis=1), table.sum(axis=0)))
    assert right_value("mutual_information", 1) == pytest.approx(0, abs=1e-12)


def test_what_the_messages_say_of_other_numbers():
    of_course = JOINT.ravel()
    # "which is also the cross-entropy of the joint under the product"
    cross = -np.sum(of_course * np.log(PRODUCT.ravel()))
    assert wrong_value("mutual_information", "sum of both entropies") == pytest.approx(cross)
    # half of chi-square is close for a weak dependence
    weak = np.array([[0.2505, 0.2495], [0.2495, 0.2505]])
    half, whole = mistake("mutual_information", "chi-square").variants
    reference = find_question("mutual_information").reference
    assert half(weak) == pytest.approx(reference(weak), rel=1e-4)
    assert whole(weak) == pytest.approx(2 * half(weak))


# E2: two normals


def test_the_values_of_the_course_for_two_normals():
    assert right_value("normal_information") == pytest.approx(0.510826, abs=5e-7)
    assert wrong_value("normal_information", "half missing") == pytest.approx(1.0217, abs=5e-5)
    not_squared = [wrong_value("normal_information", "not squared", 0, i) for i in (0, 1)]
    assert not_squared == pytest.approx([1.609438, 0.804719], abs=5e-7)


def test_the_sign_of_a_correlation_takes_no_part():
    reference = find_question("normal_information").reference
    assert reference(0.6) == reference(-0.6)
    for variant in mistake("normal_information", "not squared").variants:
        assert variant(0.6) != variant(-0.6)  # as the message says


def test_the_other_direction_for_normals_is_longer():
    (reversed_,) = mistake("normal_information", "product first").variants
    for rho in (0.1, 0.5, -0.9):
        covariance = np.array([[1, rho], [rho, 1]])
        trace = np.trace(np.linalg.inv(covariance))
        kl = (trace - 2 + np.log(np.linalg.det(covariance))) / 2
        assert reversed_(rho) == pytest.approx(kl)
        assert kl > find_question("normal_information").reference(rho)


# E3: beyond chance


def by_hand(case):
    """From pairs as strings: their shares, and the KL from the product."""
    x, y, orders = case.arguments

    def information(x, y):
        pairs = [f"{a} {b}" for a, b in zip(x, y, strict=True)]
        shares = {pair: pairs.count(pair) / len(pairs) for pair in set(pairs)}
        return sum(
            share * math.log(share / np.mean(x == int(pair.split()[0])))
            - share * math.log(np.mean(y == int(pair.split()[1])))
            for pair, share in shares.items()
        )

    observed = information(x, y)
    null = [information(x, y[order]) for order in orders]
    reached = sum(value > observed - 1e-9 for value in null)
    return observed, observed - sum(null) / len(null), (1 + reached) / (1 + len(null))


def test_the_reference_does_what_it_says():
    question = find_question("beyond_chance")
    for case in question.cases():
        assert question.values(question.reference, case) == pytest.approx(by_hand(case))


def test_comparing_with_zero_finds_information_in_independent_columns():
    assert (wrong_value("beyond_chance", "compared with 0", 0)[1] > 0).all()
    hidden = find_question("beyond_chance").cases()[4]
    assert by_hand(hidden)[0] > 0.05 > abs(by_hand(hidden)[1])


def test_some_excess_is_negative_and_some_p_value_is_small():
    numbers = np.array([by_hand(case) for case in find_question("beyond_chance").cases()])
    assert (numbers[:, 1] < 0).any() and (numbers[:, 1] > 0.1).any()
    assert numbers[:, 2].min() < 0.1 and numbers[:, 2].max() == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (lambda a, b, c: (a, b, 0.3 * c + 0.1), "and the excess are right, the p-value is not."),
        (lambda a, b, c: (a, b, 4 + c), "no share between 0 and 1"),
        (lambda a, b, c: (a, 0.3 * b + 0.1, c), "and the p-value are right, the excess is not"),
        (lambda a, b, c: (a, 0.3 * b + 0.1, 0.3 * c + 0.1), "Do both come from the shuffles"),
        (lambda a, b, c: (a + 1, b, c), "something is missing from it"),
        (lambda a, b, c: (0.3 * a + 1, 0.3 * b + 0.1, c), "the other two are made from it"),
    ],
)
def test_a_wrong_answer_is_told_which_of_the_three_is_right(changed, words):
    question = find_question("beyond_chance")
    answer = wrapped("beyond_chance", lambda *given: changed(*question.reference(*given)))
    feedback = check_answer(question, answer)
    assert feedback.mistake == "which of the three"
    assert words in feedback.message
