"""What the quiz items of unit 13 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import optimize
from scipy.spatial.distance import cityblock
from scipy.stats import binom, entropy

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants

FAIR, BENT = [0.5, 0.5], [0.6, 0.4]


def tv(p, q):
    return cityblock(p, q) / 2


def crossing():
    return optimize.brentq(lambda x: x / 2 - 1 + math.exp(-x), 1, 2)


# Predictions


def test_the_largest_difference_that_a_small_kl_allows():
    assert right("13-small") == "by about 0.1, five times as much"
    says = PREDICTIONS["13-small"].reveal
    assert f"√(0.02/2) = {math.sqrt(0.01):g}" in says
    assert f"differ by {tv(FAIR, BENT):.1f}" in says
    assert f"{entropy(FAIR, BENT):.4f} nats one way and {entropy(BENT, FAIR):.4f} the other" in says
    # over all pairs of coins with a KL of at most 0.02 the largest TV is nearly that
    grid = np.linspace(0.002, 0.998, 499)
    p, q = np.meshgrid(grid, grid)
    kl = entropy(np.stack([p, 1 - p]), np.stack([q, 1 - q]))
    assert 0.095 < abs(p - q)[kl <= 0.02].max() <= 0.1
    assert f"about {0.02**2:g}, the square" in options("13-small")["tv-is-kl-squared"].text


def test_a_bound_above_one_says_nothing():
    assert right("13-three") == "nothing"
    reveal = PREDICTIONS["13-three"].reveal
    assert f"√(3/2) is {math.sqrt(1.5):.2f}" in reveal
    assert f"is {math.sqrt(1 - math.exp(-3)):.3f} there" in reveal
    assert math.sqrt(2 / 2) == 1  # "that begins at 2 nats"
    # "TV may well be small here"
    p, q = [0.05, 0.95], [1e-28, 1 - 1e-28]
    assert entropy(p, q) > 2.9 and tv(p, q) < 0.06


def test_a_small_total_variation_allows_any_kl():
    assert right("13-reverse") == "as large as you like, even infinite"
    p = [0.02, 0.98]
    assert tv(p, [0, 1]) == pytest.approx(0.02) and entropy(p, [0, 1]) == math.inf
    larger = [entropy(p, [rare, 1 - rare]) for rare in (1e-3, 1e-30, 1e-300)]
    assert larger == sorted(larger) and larger[-1] > 13
    assert f"at most {2 * 0.02**2:g}" in options("13-reverse")["pinsker-both-ways"].text
    assert f"at least {2 * 0.02**2:g}" in options("13-reverse")["pinsker-both-ways"].says
    assert f"log 2 = {math.log(2):.3f}" in options("13-reverse")["kl-has-a-ceiling"].text


# Review questions


def test_only_one_of_the_two_bounds_still_speaks():
    for (kl, *_), answers in variants("13-still-speaks"):
        first, second = math.sqrt(kl / 2), math.sqrt(1 - math.exp(-kl))
        assert second < 1 < first
        assert answers[RIGHT].text.startswith("Bretagnolle and Huber")
        assert f"It is {second:.3f}" in answers[RIGHT].says
        assert f"It is {first:.2f}" in answers["pinsker-always-speaks"].says
        assert f"at most {second:.3f}" in answers["large-kl-no-bound"].says


def test_the_error_of_the_best_test():
    for (variation,), answers in variants("13-best-test"):
        p, q = np.array([variation, 1 - variation]), np.array([0.0, 1.0])
        errors = [1 - p[list(event)].sum() + q[list(event)].sum() for event in ([], [0], [0, 1])]
        assert tv(p, q) == pytest.approx(variation)
        assert answers[RIGHT].text == f"{min(errors):.2f}"
        assert answers["tv-is-the-error"].text == f"{variation:.2f}"
        assert answers["errors-halved"].text == f"{min(errors) / 2:.2f}"
        assert len({answer.text for answer in answers.values()}) == 3


def test_kl_adds_up_over_flips():
    for (one, flips), answers in variants("13-flips"):
        # two coins with this KL, and the KL of the number of heads of so many flips
        p = 0.5
        q = optimize.brentq(lambda x, one=one: entropy([0.5, 0.5], [x, 1 - x]) - one, 0.5, 0.9)
        heads = np.arange(flips + 1)
        total = entropy(binom.pmf(heads, flips, p), binom.pmf(heads, flips, q))
        assert answers[RIGHT].text == f"{total:.1f} nats"
        assert answers["kl-grows-with-the-root"].text == f"{one * math.sqrt(flips):.2f} nats"
        assert f"root of {flips:.0f}" in answers["kl-grows-with-the-root"].says
        assert answers["kl-does-not-add-up"].text.startswith(f"{one:.2f} nats")


def test_both_directions_bound_total_variation_and_the_smaller_says_more():
    for kls, answers in variants("13-both-directions"):
        assert f"at most {math.sqrt(min(kls) / 2):.3f}" in answers[RIGHT].text
        assert f"at most {math.sqrt(max(kls) / 2):.3f}" in answers["larger-kl-is-safer"].text
        assert min(kls) < max(kls)
    random = np.random.default_rng(2)
    for p, q in random.dirichlet(np.ones(3), (200, 2)):
        assert tv(p, q) == tv(q, p)
        assert tv(p, q) <= math.sqrt(min(entropy(p, q), entropy(q, p)) / 2)


def test_bits_in_the_place_of_nats_make_the_bound_too_large():
    assert right("13-bits") == "a true bound on TV, but not the best"
    bits = entropy(FAIR, BENT, base=2)
    assert math.sqrt(bits / 2) > math.sqrt(entropy(FAIR, BENT) / 2) > tv(FAIR, BENT)
    assert f"1 nat is {1 / math.log(2):.3f} bits" in options("13-bits")["unit-upside-down"].says
    converted = entropy(FAIR, BENT) * math.log(2)  # the opposite error
    assert math.sqrt(converted / 2) < tv(FAIR, BENT)


def test_half_of_one_bound_is_the_other():
    assert right("13-l1") == "they are the same"
    for kl in (0.01, 0.5, 3.0):
        assert math.sqrt(2 * kl) / 2 == pytest.approx(math.sqrt(kl / 2))


def test_where_each_is_the_tighter():
    assert right("13-tighter").startswith(f"Pinsker's below KL = {crossing():.3f} nats")
    assert f"TV of {math.sqrt(crossing() / 2):.3f}" in options("13-tighter")[RIGHT].says
    says = options("13-tighter")["tighter-until-vacuous"].says
    assert f"before, at {crossing():.3f}" in says and math.sqrt(2 / 2) == 1
    small = 1e-6
    ratio = math.sqrt(-math.expm1(-small)) / math.sqrt(small / 2)
    assert ratio == pytest.approx(math.sqrt(2), rel=1e-6)
    assert "√2 times smaller" in options("13-tighter")["bounded-is-tighter"].says
