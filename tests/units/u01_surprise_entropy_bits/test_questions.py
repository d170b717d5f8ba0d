"""What the design of unit 01 says of its questions, recomputed."""

import pytest

from klteach.units.registry import questions


def test_multiplying_where_dividing_was_meant_gives_the_ratio_of_the_course():
    question = questions()["to_bits"]
    wrong = next(m for m in question.mistakes if m.name == "multiplied").variants[0]
    assert wrong(1.0) / question.reference(1.0) == pytest.approx(0.480, abs=5e-4)
