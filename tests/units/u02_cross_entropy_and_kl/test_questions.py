"""What the design of unit 02 says of its questions, recomputed."""

import numpy as np
import pytest

from klteach.measures import kl_divergence
from klteach.units.lookup import questions
from tests.units.known_answers import right_value, wrong_value


@pytest.mark.parametrize(
    ("name", "mistake", "value"),
    [
        ("kl", "swapped", 1.002104),
        ("kl", "expectation under q", -1.002104),
        ("kl", "weights missing", -0.251314),
        ("kl", "mean", 0.367289),
        ("kl", "bits", 1.589660),
        ("kl", "log10", 0.478535),
        ("kl", "abs of each term", 1.622406),
    ],
)
def test_the_wrong_values_are_those_of_the_course(name, mistake, value):
    assert wrong_value(name, mistake) == pytest.approx(value, abs=6e-7)


@pytest.mark.parametrize(("name", "value"), [("kl", 1.101868), ("cross_entropy", 1.903687)])
def test_the_right_values_are_those_of_the_course(name, value):
    assert right_value(name) == pytest.approx(value, abs=5e-7)


def test_the_terms_are_those_of_the_course():
    right = right_value("kl_contributions")
    assert right == pytest.approx([1.362, -0.081, -0.179], abs=5e-4)
    assert wrong_value("kl_contributions", "kl_div")[0] == pytest.approx(0.762, abs=5e-4)


def test_the_bettor_grows_by_the_divergence_within_three_standard_errors():
    question = questions()["kelly_growth"]
    long = [case for case in question.cases() if len(case.arguments[2]) >= 20_000]
    assert long
    for case in long:
        p, q, winners = case.copies()
        logs = np.log(p / q)[winners]
        error = logs.std(ddof=1) / np.sqrt(len(winners))
        assert abs(question.reference(p, q, winners) - kl_divergence(p, q)) < 3 * error
