"""What the design of unit 05 says of its questions, recomputed."""

import itertools

import numpy as np
import pytest
from scipy.stats import entropy

from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from klteach.units.u05_two_directions.questions import PHRASES
from tests.practice.typed_answers import function
from tests.units.known_answers import mistake, right_value, wrong_value
from tests.units.lesson_text import read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("half of it", 1.051986),
        ("jensen-shannon", 0.230645),
        ("forward only", 1.101868),
        ("reverse only", 1.002104),
        ("root of jensen-shannon", 0.480256),
    ],
)
def test_the_wrong_values_are_those_of_the_course(name, value):
    assert wrong_value("jeffreys", name) == pytest.approx(value, abs=6e-7)


def test_the_right_value_is_that_of_the_course():
    assert right_value("jeffreys") == pytest.approx(2.103972, abs=5e-7)


def test_half_of_jeffreys_is_not_called_jensen_shannon():
    assert "This is J/2, and not JS either" in mistake("jeffreys", "half of it").message


# E1: judged by its property


def fault(p, q):
    found = questions()["balanced_partner"].judge(np.array(p), np.array(q))
    return found and found[0]


def test_the_mirror_image_is_right_and_little_else():
    question = questions()["balanced_partner"]
    for case in question.cases():
        (p,) = case.copies()
        assert abs(1 - 2 * p[0]) > 0.1 and p.min() > 0
        mirrored = p[::-1]
        assert entropy(p, mirrored) == pytest.approx(entropy(mirrored, p), abs=1e-12)
        assert question.judge(p, mirrored) is None
        assert fault(p, p) == "p itself"
        assert fault(p, p + [0.05, -0.05]) in ("too near", "no distribution")
        assert fault(p, mirrored + np.array([1e-3, -1e-3]) * (1 - 2 * (mirrored[0] > 0.5)))


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ([0.7, 0.3], "p itself"),
        ([0.72, 0.28], "too near"),
        ([0.6, 0.4], "too near"),
        ([0.4, 0.6], "not equal"),
        ([0.301, 0.699], "nearly equal"),
        ([1.0, 0.0], "not equal"),
        ([0.3, 0.8], "no distribution"),
        ([1.3, -0.3], "no distribution"),
        ([np.inf, 0.0], "no distribution"),
        ([0.3, 0.7], None),
    ],
)
def test_every_way_to_miss_the_partner_has_its_name(q, found):
    assert fault([0.7, 0.3], q) == found


def test_single_precision_and_a_search_come_near_enough_and_are_told_how_near_that_is():
    question = questions()["balanced_partner"]
    for answer in (
        lambda p: p[::-1].astype(np.float32),
        lambda p: 1 - p.astype(np.float32),
        lambda p: np.round(1 - p, 6),
    ):
        assert check_answer(question, {"balanced_partner": answer}).state == "correct"
    feedback = check_answer(question, {"balanced_partner": lambda p: np.round(1 - p, 2)})
    assert feedback.mistake == "nearly equal"
    assert "differ by 0.0032, and up to 6.7e-06 is allowed" in feedback.message


def test_an_infinite_gap_is_not_within_any_tolerance():
    for p in ([0.7, 0.3], [0.2, 0.8]):
        assert fault(p, [1.0, 0.0]) == fault(p, [0.0, 1.0]) == "not equal"


# E3: eight phrases


def test_both_directions_are_asked_equally_often():
    assert sorted(direction for direction, _ in PHRASES) == ["AB"] * 4 + ["BA"] * 4
    assert len({says for _, says in PHRASES}) == len(PHRASES)


def answered(directions):
    return check_answer(questions()["directions"], function("directions", "", repr(directions)))


def test_how_many_are_wrong_is_said_and_the_first_of_them_explained():
    """With two words to choose from, a list of all that are wrong would be the key."""
    right = [direction for direction, _ in PHRASES]
    other = {"AB": "BA", "BA": "AB"}
    for wrong in (*itertools.combinations(range(8), 1), *itertools.combinations(range(8), 3)):
        answer = [other[d] if place in wrong else d for place, d in enumerate(right)]
        feedback = answered(answer)
        assert (feedback.state, feedback.score) == ("diagnosed", 0)
        for place, (_, says) in enumerate(PHRASES):
            assert (says in feedback.message) == (place == min(wrong))
        assert feedback.mistake == f"{len(wrong)} wrong"
        assert feedback.message.startswith("Seven of the" if len(wrong) == 1 else "3 of the 8")
    assert answered(right).state == "correct"


def test_all_eight_reversed_is_one_mistake_and_not_eight():
    feedback = answered([{"AB": "BA", "BA": "AB"}[direction] for direction, _ in PHRASES])
    assert feedback.mistake == "all reversed"
    assert not any(says in feedback.message for _, says in PHRASES)


def test_a_symmetric_wrong_answer_is_not_blamed_for_its_symmetry():
    # the right one is symmetric as well
    def triangular(p, q):
        return np.nansum((p - q) ** 2 / (p + q))

    feedback = check_answer(questions()["jeffreys"], {"jeffreys": triangular})
    assert feedback.state != "correct" and "change places" not in str(feedback)


def test_the_chi_square_divergence_is_called_by_its_name():
    def chi_square(p, q):
        return np.sum((p - q) ** 2 / q)

    p, q = (np.array(shares) for shares in questions()["jeffreys"].visible[0].arguments)
    assert chi_square(p, q) == pytest.approx(np.sum((p - q) * (p / q)))
    feedback = check_answer(questions()["jeffreys"], {"jeffreys": chi_square})
    assert feedback.mistake == "chi-square"


def test_the_set_up_of_the_exercise_imports_nothing_that_an_answer_must_not_use():
    code = read("solutions/05_two_directions").code
    assert "from klteach import" not in code.replace("from klteach.practice import", "")
    assert "klteach.kl_divergence" in code
