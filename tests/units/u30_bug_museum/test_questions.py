"""What is special about the questions of unit 30: the published code, and the property suite."""

import numpy as np
import pytest
from scipy import integrate, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import notebook


def said(name, body, arguments="p, q"):
    source = f"import numpy as np\ndef {name}({arguments}):\n    {body}\n"
    return check_answer(find_question(name), notebook(source))


@pytest.mark.parametrize(
    ("name", "arguments", "code", "mistake"),
    [
        ("kl_repaired", "p, q", "np.sum(p * (p / q))", "logarithm missing"),
        ("kl_repaired", "p, q", "np.nansum(p * np.log(p / (q + 1e-10)))", "small number"),
        (
            "kl_repaired",
            "p, q",
            "np.inf if np.any((p > 1e-10) & (q < 1e-10)) else "
            "np.sum(p[p > 1e-10] * np.log(p[p > 1e-10] / (q[p > 1e-10] + 1e-10)))",
            "rare taken for impossible",
        ),
        (
            "js_repaired",
            "p, q",
            "0.5 * np.nansum((p+q)/2 * np.log((p+q)/2/p)) "
            "+ 0.5 * np.nansum((p+q)/2 * np.log((p+q)/2/q))",
            "middle first",
        ),
        (
            "hellinger_repaired",
            "p, q",
            "np.sqrt(0.5 * sum((np.sqrt(a) - np.sqrt(b)) ** 2 for a, b in zip(p, q) if a > 0))",
            "outcomes of p only",
        ),
        (
            "normal_kl_repaired",
            "m1, s1, m2, s2",
            "np.log(s2) - np.log(s1) + (s1**2 + (m1 - m2) ** 2 / (2 * s2**2)) - 0.5",
            "bracket",
        ),
    ],
)
def test_the_published_code_is_recognised(name, arguments, code, mistake):
    assert said(name, f"return {code}", arguments).mistake == mistake


def test_the_nan_of_b26_is_told_where_it_begins():
    code = "m = (p + q) / 2; return (np.sum(p * np.log(p / m)) + np.sum(q * np.log(q / m))) / 2"
    feedback = said("js_repaired", code)
    assert feedback.state == "nan" and "0·∞" in feedback.message


def test_what_no_mistake_explains_gets_the_property_that_it_breaks():
    for name, body, arguments, property_ in (
        ("kl_repaired", "return np.sum((p - q) ** 2) + 0.3", "p, q", "0 if the two are equal"),
        ("js_repaired", "return np.sum((p - q) ** 2)", "p, q", "the bound"),
        ("hellinger_repaired", "return np.sqrt(np.sum(np.abs(p - q) * p))", "p, q", "symmetry"),
        (
            "normal_kl_repaired",
            "return (m1 - m2) ** 2 + (s1 - s2) ** 2",
            "m1, s1, m2, s2",
            "the same in every unit",
        ),
        ("information_repaired", "return np.var(joint)", "joint", "sums to 1"),
    ):
        feedback = said(name, body, arguments)
        assert feedback.state == "diagnosed", str(feedback)
        assert feedback.message.startswith(f"Red: {property_}"), feedback.message


def test_the_closed_form_of_two_normals_is_the_integral():
    reference = find_question("normal_kl_repaired").reference
    for m1, s1, m2, s2 in ((0.0, 2.0, 0.0, 1.0), (0.5, 1.5, -1.0, 0.7)):
        p, q = stats.norm(m1, s1), stats.norm(m2, s2)
        found = integrate.quad(
            lambda x, p=p, q=q: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), m1 - 12 * s1, m1 + 12 * s1
        )[0]
        assert reference(m1, s1, m2, s2) == pytest.approx(found, rel=1e-8)


def test_the_information_is_kl_from_the_product():
    table = np.array([[3.0, 1.0, 4.0], [1.0, 5.0, 9.0]])
    joint = table / table.sum()
    product = np.outer(joint.sum(axis=1), joint.sum(axis=0))
    reference = find_question("information_repaired").reference
    assert reference(table) == pytest.approx(stats.entropy(joint.ravel(), product.ravel()))
