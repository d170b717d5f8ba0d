"""The question of unit 00: what it lets pass, and the example that it shows."""

import numpy as np
import pytest

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.units.docstring_examples import failures

QUESTION = find_question("shares")


def test_the_example_of_the_docstring_holds_for_the_third_hint():
    assert failures(QUESTION) == ""


@pytest.mark.parametrize("small", [1e-9, 1e-6, 1e-3])
def test_a_small_number_added_to_the_total_is_not_let_pass(small):
    feedback = check_answer(QUESTION, {"shares": lambda counts: counts / (counts.sum() + small)})
    assert feedback.state == "almost"
    assert "small number" in feedback.message


def test_rounding_errors_are_let_pass():
    """The logarithm and the power each lose a few digits."""
    for answer in (
        lambda counts: np.exp(np.log(counts) - np.log(counts.sum())),
        lambda counts: [float(count) * (1 / float(sum(counts))) for count in counts],
    ):
        assert check_answer(QUESTION, {"shares": answer}).state == "correct"
