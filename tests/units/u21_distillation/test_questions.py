"""What is special about the questions of unit 21."""

import mpmath
import numpy as np
import pytest
from scipy import special

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook
from tests.units.known_answers import right_value, wrong_value


def exact_loss(teacher, student, temperature):
    """With fifty digits, from the definition."""
    total = mpmath.mpf(0)
    with mpmath.workdps(50):
        for t, s in zip(teacher, student, strict=True):
            p = [mpmath.exp(mpmath.mpf(float(z)) / temperature) for z in t]
            q = [mpmath.exp(mpmath.mpf(float(z)) / temperature) for z in s]
            for a, b in zip(p, q, strict=True):
                share = a / sum(p)
                total += share * mpmath.log(share / (b / sum(q)))
        return float(temperature**2 * total / len(teacher))


def test_the_loss_is_the_definition_for_logits_of_any_size():
    question = find_question("distillation_loss")
    for case in question.cases():
        expected = exact_loss(*case.arguments)
        assert question.reference(*case.arguments) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_the_gradient_is_that_of_central_differences():
    question = find_question("distillation_gradient")
    for case in question.cases():
        teacher, student, temperature = (np.asarray(a, dtype=float) for a in case.arguments)
        for place in range(len(student)):
            with mpmath.workdps(40):

                def kl(z, place=place, t=teacher, s=student, T=float(temperature)):
                    z = [z if i == place else mpmath.mpf(x) for i, x in enumerate(s.tolist())]
                    p = [mpmath.exp(x / T) for x in t.tolist()]
                    q = [mpmath.exp(x / T) for x in z]
                    shares = [(a / sum(p), b / sum(q)) for a, b in zip(p, q, strict=True)]
                    return sum(a * mpmath.log(a / b) for a, b in shares)

                step = mpmath.mpf(10) ** -12
                middle = mpmath.mpf(float(student[place]))
                slope = (kl(middle + step) - kl(middle - step)) / (2 * step)
            found = question.reference(teacher, student, float(temperature))[place]
            assert found == pytest.approx(float(slope), rel=1e-6, abs=1e-12)


def test_the_mass_outside_by_counting():
    question = find_question("mass_outside")
    for case in question.cases():
        teacher, student, k = case.arguments
        masses = []
        for t, s in zip(teacher.tolist(), student.tolist(), strict=True):
            larger = [sum(other > share for other in t) for share in t]
            masses.append(sum(q for q, n in zip(s, larger, strict=True) if n >= k))
            assert len(set(t)) == len(t) and len(set(s)) == len(s)  # as the text promises
        assert question.reference(teacher, student, k) == pytest.approx(np.mean(masses))


def test_the_numbers_of_the_first_case():
    # three rows of two classes at T = 2: half of the differences of the logits
    kls = []
    for ours, theirs in ((2, 0), (-1, 1), (3, 1)):
        p, q = p_at(ours / 2), p_at(theirs / 2)
        kls.append(special.rel_entr([p, 1 - p], [q, 1 - q]).sum())
    assert right_value("distillation_loss") == pytest.approx(4 * np.mean(kls))
    assert wrong_value("distillation_loss", "no t squared") == pytest.approx(np.mean(kls))
    assert wrong_value("distillation_loss", "sum over rows") == pytest.approx(4 * np.sum(kls))
    assert right_value("distillation_gradient")[0] == pytest.approx((0.5 - p_at(2 / 4)) / 4)


def p_at(difference):
    return 1 / (1 + np.exp(-difference))


@pytest.mark.parametrize(
    "line",
    [
        "np.log(p / q)",
        "np.log(p) - np.log(q)",
    ],
)
def test_shares_that_underflow_are_told(line):
    source = f"""
from scipy.special import softmax

def distillation_loss(teacher, student, temperature):
    p = softmax(teacher / temperature, axis=1)
    q = softmax(student / temperature, axis=1)
    return temperature**2 * np.sum(p * ({line}), axis=1).mean()
"""
    feedback = check_answer(find_question("distillation_loss"), notebook(source))
    assert feedback.state == "nan" and "logits too large for exp" in feedback.evidence, str(
        feedback
    )
