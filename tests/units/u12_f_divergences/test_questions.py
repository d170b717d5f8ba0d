"""What the design of unit 12 says of its questions, recomputed."""

import math

import numpy as np
import pytest
from scipy import special, stats

import klteach
from klteach.measures import f_divergences
from klteach.practice.checker import check_answer
from klteach.practice.wording import call_text
from klteach.units.lookup import questions
from klteach.units.u12_f_divergences import questions as unit_12
from tests.practice.typed_answers import wrapped
from tests.units.known_answers import mistake

P, Q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])


def told(name, answer):
    return check_answer(questions()[name], wrapped(name, answer))


# f_divergence


@pytest.mark.parametrize(
    ("generator", "value"),
    [
        ("KL", 1.10187),
        ("REVERSE_KL", 1.00210),
        ("TOTAL_VARIATION", 0.6),
        ("SQUARED_HELLINGER", 0.49105),
        ("CHI_SQUARE", 4.05),
        ("JENSEN_SHANNON", 0.23065),
    ],
)
def test_the_right_values_are_those_of_the_course(generator, value):
    reference = questions()["f_divergence"].reference
    assert reference(getattr(unit_12, generator), P, Q) == pytest.approx(value, abs=5e-6)


def test_weights_p_give_the_wrong_values_of_the_course():
    weights_p = mistake("f_divergence", "weights p")
    (wrong,) = weights_p.variants
    assert wrong(unit_12.KL, P, Q) == pytest.approx(9.45104, abs=5e-6)
    assert wrong(unit_12.REVERSE_KL, P, Q) == pytest.approx(-1.10187, abs=5e-6)
    assert "Ratio and weight must use the same q" in weights_p.message
    swapped = mistake("f_divergence", "swapped").variants[0]
    assert swapped(unit_12.KL, P, Q) == pytest.approx(stats.entropy(Q, P))


def test_the_references_agree_with_the_library_zeros_included():
    question = questions()["f_divergence"]
    infinite = 0
    for each in question.cases():
        f, p, q = each.copies()
        expected = klteach.f_divergence(getattr(f_divergences, f.name), p, q)
        assert question.reference(f, p, q) == pytest.approx(expected, rel=1e-9, abs=1e-12)
        infinite += math.isinf(expected)
    assert infinite >= 3


def test_three_of_the_six_have_a_finite_slope_above_0():
    words = mistake("f_divergence", "all infinite").message
    assert "three of the six have a finite one above 0" in words
    slopes = [f.final_slope for f in unit_12.SIX]
    assert sum(0 < slope < math.inf for slope in slopes) == 3
    for f in unit_12.SIX:
        far = f(1e12) / 1e12
        wanted = f.final_slope
        assert far > 20 if math.isinf(wanted) else far == pytest.approx(wanted, abs=1e-5)


def test_a_generator_is_shown_by_its_name():
    question = questions()["f_divergence"]
    assert call_text(question, question.visible[0]) == (
        "`f_divergence(KL, [0.7, 0.2, 0.1], [0.1, 0.3, 0.6])`"
    )
    feedback = told("f_divergence", lambda f, p, q: np.sum(p * f(p / q)))
    assert "gives" in feedback.evidence and "object at" not in str(feedback)


def test_a_plain_sum_is_told_about_the_zeros_in_q():
    feedback = told("f_divergence", lambda f, p, q: np.sum(q * f(p / q)))
    assert feedback.state == "nan"
    assert "p * f.final_slope" in feedback.message
    assert "two outcomes that q rules out" in feedback.evidence


def test_what_is_said_of_a_zero_is_true_of_the_answer():
    def shared_alone(f, p, q):
        both = (p > 0) & (q > 0)
        return np.sum(q[both] * f(p[both] / q[both]))

    def slope_once(f, p, q):
        used = q > 0
        total = np.sum(q[used] * f(p[used] / q[used]))
        return total + (f.final_slope if p[~used].sum() > 0 else 0)

    def f_of_0(f, p, q):
        used = q > 0
        return np.sum(q[used] * f(p[used] / q[used])) + p[~used].sum() * f.value_at_zero

    found = [told("f_divergence", answer).mistake for answer in (shared_alone, slope_once)]
    assert found == ["both zeros removed", "slope without p"]
    assert told("f_divergence", f_of_0).state != "correct"


def test_kl_alone_is_no_answer():
    assert told("f_divergence", lambda f, p, q: stats.entropy(p, q)).score == 0


@pytest.mark.parametrize("name", ["KL", "REVERSE_KL", "JENSEN_SHANNON"])
def test_a_case_passes_what_the_library_has(name):
    f, library = getattr(unit_12, name), getattr(klteach.measures.f_divergences, name)
    t = np.array([0.0, 0.3, 1.0, 4.0])
    np.testing.assert_array_equal(f(t), library(t))
    assert f.final_slope == library.final_slope and f(2.0) == library(2.0)


@pytest.mark.parametrize("name", ["conjugate", "generator", "function", "values", "plain_term"])
def test_a_case_has_nothing_of_the_library_that_marking_has_not(name):
    for f in unit_12.SIX:
        assert not hasattr(f, name)
        assert set(f.attributes) == {"name", "value_at_zero", "final_slope"}
    feedback = told("conjugate", lambda f, t: getattr(f, name)(t))
    assert feedback.state == "raised" and feedback.score == 0
    assert f"'{name}' of a generator is the library's" in feedback.message


# conjugate


def test_the_conjugate_of_kl_is_minus_log_and_0_and_infinity_change_places():
    reference = questions()["conjugate"].reference
    t = np.array([0.25, 1.0, 4.0])
    np.testing.assert_allclose(reference(unit_12.KL, t), -np.log(t))
    np.testing.assert_allclose(reference(unit_12.CHI_SQUARE, t), (1 - t) ** 2 / t)
    zero = np.zeros(1)
    assert reference(unit_12.KL, zero)[0] == math.inf  # as −log 0
    assert reference(unit_12.REVERSE_KL, zero)[0] == 0  # as 0 log 0


def test_the_conjugate_makes_the_other_direction():
    question = questions()["conjugate"]
    for f in unit_12.SIX:
        turned = np.sum(Q * question.reference(f, P / Q))
        assert turned == pytest.approx(questions()["f_divergence"].reference(f, Q, P))
    both = mistake("conjugate", "both directions").variants[0]
    jeffreys = np.sum(Q * both(unit_12.KL, P / Q))
    assert jeffreys == pytest.approx(stats.entropy(P, Q) + stats.entropy(Q, P))


def test_four_of_the_six_have_a_finite_slope():
    assert "finite for four of the six" in mistake("conjugate", "infinite at 0").message
    assert sum(math.isfinite(f.final_slope) for f in unit_12.SIX) == 4


def test_the_convex_conjugate_is_told_so():
    feedback = told("conjugate", lambda f, t: np.array([_largest(f, s) for s in t]))
    assert "This is the convex conjugate" in feedback.message


def _largest(f, s):
    grid = np.geomspace(1e-3, 1e3, 20_001)
    return np.max(s * grid - f(grid))


def test_three_generators_give_themselves_back():
    question = questions()["conjugate"]
    t = np.geomspace(0.1, 10, 9)
    own = [f.name for f in unit_12.SIX if np.allclose(question.reference(f, t), f(t))]
    assert own == ["TOTAL_VARIATION", "SQUARED_HELLINGER", "JENSEN_SHANNON"]
    assert "TV, squared Hellinger, JS" in question.insight


def test_a_function_in_place_of_values_is_told_so():
    assert told("conjugate", lambda f, t: lambda t: t * f(1 / t)).state == "wrong type"


# local_law


def test_the_local_law_up_close():
    question = questions()["local_law"]
    near = Q + 1e-3 * (P - Q)
    measures = {
        "KL": lambda p, q: stats.entropy(p, q),
        "JEFFREYS": lambda p, q: stats.entropy(p, q) + stats.entropy(q, p),
        "JENSEN_SHANNON": lambda p, q: (
            special.rel_entr(p, (p + q) / 2) + special.rel_entr(q, (p + q) / 2)
        ).sum() / 2,
        "SQUARED_HELLINGER": lambda p, q: np.square(np.sqrt(p) - np.sqrt(q)).sum(),
    }  # fmt: skip
    assert set(measures) == set(unit_12.CURVATURES)
    for name, curvature in unit_12.CURVATURES.items():
        law = question.reference(curvature, near, Q)
        assert law == pytest.approx(measures[name](near, Q), rel=5e-3)
        assert law == pytest.approx(curvature / 2 * np.sum((near - Q) ** 2 / Q))
    assert "1 for Jeffreys and PSI, ½ for KL, ⅛ for JS" in question.insight


def test_the_wrong_denominators_agree_up_close_and_not_far_away():
    right = questions()["local_law"].reference
    near = Q + 1e-3 * (P - Q)
    for name in ("divided by p", "divided by the middle"):
        wrong = mistake("local_law", name).variants[0]
        assert wrong(1.0, near, Q) == pytest.approx(right(1.0, near, Q), rel=1e-2)
        assert wrong(1.0, P, Q) < 0.8 * right(1.0, P, Q)


def test_every_curvature_is_asked_near_and_far():
    cases = questions()["local_law"].cases()
    assert set(unit_12.CURVATURES.values()) <= {each.arguments[0] for each in cases}
