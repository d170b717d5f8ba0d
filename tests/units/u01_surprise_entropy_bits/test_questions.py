"""What the design of unit 01 says of its questions, recomputed."""

import pytest

from klteach.units.lookup import questions
from tests.units.known_answers import mistake


def test_multiplying_where_dividing_was_meant_gives_the_ratio_of_the_course():
    question = questions()["to_bits"]
    wrong = mistake("to_bits", "multiplied").variants[0]
    assert wrong(1.0) / question.reference(1.0) == pytest.approx(0.480, abs=5e-4)
