"""Right answers in other words: other formulas, types and precisions."""

import numpy as np
import pytest
from scipy import stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook, wrapped
from tests.units.known_answers import RIGHT, RIGHT_FORMS, SINGLE_PRECISION, id_of


def single(function):
    """The answer in single precision throughout."""

    def narrow(*arguments):
        arguments = [
            np.asarray(a, np.float32) if np.asarray(a).dtype.kind == "f" else a for a in arguments
        ]
        return np.asarray(function(*arguments), dtype=np.float32)

    return narrow


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param(name, answer, id=id_of(name, form))
        for name, forms in RIGHT_FORMS.items()
        for form, answer in forms.items()
    ],
)
def test_an_equivalent_form_passes(name, answer):
    feedback = check_answer(find_question(name), wrapped(name, answer))
    assert feedback.state == "correct", str(feedback)


@pytest.mark.parametrize("name", RIGHT, ids=id_of)
def test_the_answer_of_the_solution_passes(name):
    assert check_answer(find_question(name), notebook(RIGHT[name])).state == "correct"


@pytest.mark.parametrize("name", SINGLE_PRECISION, ids=id_of)
def test_single_precision_passes(name):
    feedback = check_answer(find_question(name), wrapped(name, single(SINGLE_PRECISION[name])))
    assert feedback.state == "correct", str(feedback)


def test_double_precision_is_not_forgiven_what_single_precision_is():
    off = lambda p, q: stats.entropy(p, q) * (1 + 3e-5)  # noqa: E731
    question = find_question("kl")
    assert check_answer(question, wrapped("kl", single(off))).state == "correct"
    assert check_answer(question, wrapped("kl", off)).state == "almost"


def test_an_answer_may_use_other_names_of_its_notebook():
    names = notebook(
        """
def surprise(p):
    return -np.log2(p)

def entropy_bits(p):
    return sum(x * surprise(x) for x in p if x > 0)
"""
    )
    assert check_answer(find_question("entropy_bits"), names).state == "correct"


def test_minus_zero_and_infinity_are_values_like_others():
    def kl(p, q):
        value = stats.entropy(p, q)
        return -0.0 if value == 0 else value

    assert check_answer(find_question("kl"), {"kl": kl}).state == "correct"
