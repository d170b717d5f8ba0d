"""What the design of unit 01 says of its questions, recomputed."""

import re

import numpy as np
import pytest

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question, questions
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.practice.typed_answers import notebook
from tests.units.docstring_examples import failures
from tests.units.known_answers import RIGHT, mistake


def check(question, answer):
    return check_answer(find_question(question), {question: answer})


def test_the_example_of_the_docstring_holds_for_the_third_hint():
    assert failures(find_question("entropy_bits")) == ""


OWN_ENTROPY = """
def entropy(p):
    p = p[p > 0]
    return -np.sum(p * np.log(p))

def entropy_bits(p):
    return entropy(p) / np.log(2)
"""
SCIPY_ENTROPY = """
from scipy import stats

def entropy_bits(p):
    return stats.entropy(p, base=2)
"""


@pytest.mark.parametrize("answer", [OWN_ENTROPY, SCIPY_ENTROPY])
def test_the_last_cell_of_the_exercises_makes_no_answer_a_borrowed_one(answer):
    """Its `from klteach import entropy` gave the learner's own `entropy` another meaning."""
    cells = read_notebook(ROOT / "solutions/01_surprise_entropy_bits.ipynb").cells
    (compare,) = (cell.source for cell in cells if "expected_length(p, code_lengths" in cell.source)
    names = notebook(answer + RIGHT["expected_length"] + RIGHT["code_lengths"])
    exec(compare, names)
    assert check_answer(find_question("entropy_bits"), names).state == "correct"


@pytest.mark.parametrize("lesson", ["00_start_here", "01_surprise_entropy_bits"])
def test_the_exercises_import_nothing_of_klteach_by_name_but_the_verbs(lesson):
    cells = read_notebook(ROOT / f"solutions/{lesson}.ipynb").cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert re.findall(r"from (klteach\S*) import", code) == ["klteach.practice"]


def test_an_amount_beyond_the_reach_of_the_exponential_is_asked_for():
    feedback = check("to_bits", lambda x: np.log2(np.exp(x)))
    assert feedback.mistake == "through the exponential"
    assert "`to_bits(1000)` gives `inf`" in feedback.evidence


def test_a_code_that_costs_a_whole_bit_more_is_no_answer():
    """The exercise says "below the entropy plus one bit", and lets what is nearly so pass."""
    feedback = check("code_lengths", lambda p: np.floor(-np.log2(p)) + 1)
    assert feedback.mistake == "rounded down and one added"
    assert "[2, 3, 4, 4]" in feedback.evidence  # of 1/2, 1/4, 1/8, 1/8: 2.75 bits for 1.75
    judged = find_question("code_lengths").judge(np.array([0.5, 0.5]), np.array([2.0, 2.0]))
    assert (
        judged[0] == "too long" and "2 bits" in judged[1] and "not below the entropy" in judged[1]
    )
    nearly_one = np.array([0.5 + 1e-6, 0.5 - 1e-6])  # rounded up: nearly half a bit more
    assert find_question("code_lengths").judge(nearly_one, np.ceil(-np.log2(nearly_one))) is None


@pytest.mark.parametrize(
    "answer",
    [
        lambda p: -np.sum(np.clip(p, 1e-9, 1) * np.log2(np.clip(p, 1e-9, 1))),
        lambda p: -np.sum(np.maximum(p, 1e-10) * np.log2(np.maximum(p, 1e-10))),
        lambda p: -np.sum((p + 1e-9) * np.log2(p + 1e-9)),
        lambda p: -np.sum(p * np.log2(p + 1e-12)),
    ],
)
def test_a_small_number_in_place_of_a_mask_is_named(answer):
    assert check("entropy_bits", answer).mistake == "small number added"


@pytest.mark.parametrize(
    ("guard", "words"),
    [(abs, "an `abs`"), (lambda total: max(0.0, -total), "cut off at 0")],
)
def test_what_hides_a_sign_is_right_with_a_note(guard, words):
    def entropy_bits(p):
        return guard(np.sum(p[p > 0] * np.log2(p[p > 0])))

    feedback = check("entropy_bits", entropy_bits)
    assert (feedback.state, feedback.score) == ("correct", 2)
    assert words in feedback.notes[0]
    assert "`entropy_bits([3, 1])` gives" in feedback.notes[0]


def test_multiplying_where_dividing_was_meant_gives_the_ratio_of_the_course():
    question = questions()["to_bits"]
    wrong = mistake("to_bits", "multiplied").variants[0]
    assert wrong(1.0) / question.reference(1.0) == pytest.approx(0.480, abs=5e-4)
