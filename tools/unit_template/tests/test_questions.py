"""What is special about the questions of unit NN."""

import pytest

from klteach.units.lookup import find_question


def test_the_value_of_the_course():
    assert find_question("odds_NN").reference(0.2) == pytest.approx(0.25)  # TODO
