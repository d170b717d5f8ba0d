"""What the design of unit 13 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy import optimize
from scipy.stats import entropy

from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from tests.practice.typed_answers import function
from tests.units.known_answers import mistake

PROBE = entropy([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
FORWARD, REVERSE = entropy([0.5, 0.5], [0.6, 0.4]), entropy([0.6, 0.4], [0.5, 0.5])


# E1 and E2a: the values of the course


def test_the_first_case_is_the_pair_of_the_course():
    for name in ("pinsker", "bretagnolle_huber"):
        (kl,) = questions()[name].visible[0].arguments
        assert kl == pytest.approx(PROBE, abs=5e-7)


@pytest.mark.parametrize(("name", "value"), [("pinsker", 0.7422), ("bretagnolle_huber", 0.8172)])
def test_the_right_values_are_those_of_the_course(name, value):
    assert questions()[name].reference(PROBE) == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize(
    ("name", "value", "computed"),
    [
        ("bits", 0.8915, math.sqrt(PROBE / math.log(2) / 2)),
        ("L1", 1.4845, math.sqrt(2 * PROBE)),
        ("root missing", 0.5509, PROBE / 2),
    ],
)
def test_the_wrong_values_of_pinsker_are_those_of_the_course(name, value, computed):
    (wrong,) = mistake("pinsker", name).variants
    assert wrong(PROBE) == pytest.approx(computed) == pytest.approx(value, abs=5e-5)


def test_which_wrong_bounds_are_true_and_which_are_broken():
    """What the messages say of them: true but too large, or broken by coins that are near."""
    p, q = np.array([0.48, 0.52]), np.array([0.5, 0.5])
    kl, tv = entropy(p, q), 0.02
    too_large = ("half missing", "L1", "bits")
    broken = ("half outside the root", "nats taken for bits", "root missing")
    for name in too_large:
        assert all(wrong(kl) > math.sqrt(kl / 2) for wrong in mistake("pinsker", name).variants)
    for name in broken:
        assert all(wrong(kl) < tv for wrong in mistake("pinsker", name).variants)
    (wrong,) = mistake("bretagnolle_huber", "root missing").variants
    assert wrong(kl) < tv
    (weaker,) = mistake("bretagnolle_huber", "weaker form").variants
    assert weaker(0.0) == 0.5  # "at KL = 0 it still allows one half"
    for x in (0.01, 1.0, 5.0):
        assert weaker(x) > math.sqrt(1 - math.exp(-x))


# E2b: judged by its property


def fault(kl):
    found = questions()["crossing"].judge(np.float64(kl))
    return found and found[0]


def test_the_crossing_is_that_of_the_course():
    crossing = optimize.brentq(lambda x: x / 2 - 1 + math.exp(-x), 1, 2, xtol=1e-14)
    assert f"{crossing:.4f} {math.sqrt(crossing / 2):.4f}" == "1.5936 0.8926"
    assert questions()["crossing"].reference() == pytest.approx(crossing, rel=1e-12)
    assert fault(crossing) is None


@pytest.mark.parametrize(
    ("kl", "found"),
    [
        (0.0, "the trivial crossing"),
        (-1e-17, "the trivial crossing"),  # where a root finder may stop
        (-1.0, "negative"),
        (np.inf, "not finite"),
        (2.0, "where pinsker becomes vacuous"),
        (2.2991138, "bits"),
        (0.8926433, "the total variation"),
        (1.5936, "not exact"),
        (1.59, "not exact"),
        (1.6, "no crossing"),
        (1.2, "no crossing"),
        (3.0, "no crossing"),
        (1.5936242, None),
        (1.593624, None),
    ],
)
def test_every_way_to_miss_the_crossing_has_its_name(kl, found):
    assert fault(kl) == found


def test_a_miss_is_told_both_bounds_at_its_own_place():
    feedback = check_answer(questions()["crossing"], function("crossing", "", "1.2"))
    assert feedback.mistake == "no crossing"
    assert f"{math.sqrt(0.6):.4f}" in feedback.message
    assert f"{math.sqrt(1 - math.exp(-1.2)):.4f}" in feedback.message


# E3: how many flips


def flips(name, variant=0, coins=(0.5, 0.6)):
    return mistake("flips_needed", name).variants[variant](*coins, 0.1)


def test_the_two_divergences_of_the_course():
    assert f"{FORWARD:.6f} {REVERSE:.6f}" == "0.020411 0.020136"


def test_the_stronger_statement_asks_for_80_flips_and_the_other_for_79():
    reference = questions()["flips_needed"].reference
    assert reference(0.5, 0.6, 0.1) == 80 == math.ceil(math.log(5) / REVERSE)
    assert reference(0.6, 0.5, 0.1) == 80
    assert flips("one direction only") == 79 == math.ceil(math.log(5) / FORWARD)
    assert flips("weaker direction") == 79
    assert 0.5 * math.exp(-79 * REVERSE) > 0.1 >= 0.5 * math.exp(-80 * REVERSE)


def test_the_wrong_numbers_of_flips_are_those_of_the_course():
    bits = {flips("bits", variant) for variant in range(4)}
    assert bits == {55, 56}  # the course has that of the larger KL
    assert flips("bits", 1) == math.ceil(math.log(5) / (FORWARD / math.log(2))) == 55
    half = {flips("one half forgotten", variant) for variant in range(4)}
    assert half == {113, 115}
    assert flips("rounded down") == 79


def test_the_bounds_that_are_stronger_or_weaker_than_the_one_asked_for():
    assert flips("sharper bound") == math.ceil(-math.log(1 - 0.9**2) / REVERSE) == 83
    assert flips("pinsker") == 81
    # "however small the error it asks for 2/KL flips at most"
    wrong = mistake("flips_needed", "pinsker").variants[0]
    assert (
        wrong(0.5, 0.6, 1e-12)
        == math.ceil(2 / REVERSE)
        < questions()["flips_needed"].reference(0.5, 0.6, 1e-12)
    )


def test_the_best_test_is_the_same_with_the_coins_exchanged():
    """So the bound holds with either direction, as the message says."""
    for case in questions()["flips_needed"].cases():
        p, q, error = case.arguments
        reference = questions()["flips_needed"].reference
        assert reference(p, q, error) == reference(q, p, error)
        assert 0 < error < 0.5 and 0 < p < 1 and 0 < q < 1 and p != q


def test_both_directions_are_the_smaller_one_in_some_case():
    smaller = {
        entropy([p, 1 - p], [q, 1 - q]) < entropy([q, 1 - q], [p, 1 - p])
        for p, q, _ in (case.arguments for case in questions()["flips_needed"].cases())
    }
    assert smaller == {True, False}


def test_the_new_wrong_bounds_are_what_their_messages_say():
    for x in (0.1, 1.0, 4.0):
        (whole,) = mistake("pinsker", "for the sum, in bits").variants
        bits = x / math.log(2)
        assert whole(bits) == pytest.approx(math.sqrt(2 * x))  # of the sum, with KL in nats
        (steep,) = mistake("bretagnolle_huber", "sign in the exponent").variants
        assert steep(x) == pytest.approx(math.sqrt(math.exp(x) - 1))
        for falls in mistake("bretagnolle_huber", "half of the exponential").variants:
            assert falls(x) < falls(x / 2)


def test_the_kl_of_heads_alone_may_be_negative_as_its_message_says():
    found = mistake("flips_needed", "heads alone")
    assert "One alone may be negative" in found.message
    assert min(wrong(0.5, 0.6, 0.1) for wrong in found.variants) < 0
