"""What the design of unit 06 says of its questions, recomputed."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from klteach.measures import kl_beta, kl_mvn, kl_normal
from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from klteach.units.u06_densities_and_gaussians import questions as unit_06
from tests.practice.typed_answers import notebook
from tests.units.known_answers import mistake, right_value, wrong_value


@pytest.mark.parametrize(
    ("question", "name", "case", "value"),
    [
        ("kl_normal", "variance for sd", 0, 0.948794),
        ("kl_normal", "minus one half missing", 0, 0.943147),
        ("kl_normal", "swapped", 0, 1.306853),
        ("kl_beta_uniform", "interval cut at 1e-5", 1, 1.003638),
    ],
)
def test_the_wrong_values_are_those_of_the_course(question, name, case, value):
    assert wrong_value(question, name, case) == pytest.approx(value, abs=6e-7)


@pytest.mark.parametrize(
    ("name", "case", "value"),
    [
        ("kl_normal", 0, 0.443147),
        ("kl_normal", 1, 1.306853),
        ("kl_mvn", 2, 0.443147),
        ("kl_beta_uniform", 1, 4.977342),
    ],
)
def test_the_right_values_are_those_of_the_course(name, case, value):
    assert right_value(name, case) == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize(
    ("name", "library"),
    [
        ("kl_normal", kl_normal),
        ("kl_mvn", kl_mvn),
        ("kl_beta_uniform", lambda a, b: kl_beta(a, b, 1.0, 1.0)),
    ],
)
def test_the_library_agrees_on_every_case(name, library):
    question = questions()[name]
    for case in question.cases():
        expected = library(*case.copies())
        assert question.reference(*case.copies()) == pytest.approx(expected, rel=1e-9, abs=1e-13)


def test_the_message_names_the_mass_that_the_cut_interval_holds():
    message = mistake("kl_beta_uniform", "interval cut at 1e-5").message
    density = stats.beta(0.1, 0.2).pdf
    mass, _ = integrate.quad(density, 1e-5, 1 - 1e-5, limit=200)
    assert f"only {100 * mass:.1f} % of p's mass" in message
    assert "A quarter of the samples come from outside" in message
    assert 1 - mass == pytest.approx(0.25, abs=0.002)


def published(a, b, low, high):
    """The integral as a published lecture writes it: quad over an interval that it chose."""
    scale = special.gamma(a + b) / (special.gamma(a) * special.gamma(b))

    def integrand(x):
        density = scale * x ** (a - 1) * (1 - x) ** (b - 1)
        return density * np.log(density)

    return integrate.quad(integrand, low, high)[0]


def as_typed(density, low="0", high="1"):
    return notebook(f"""
def kl_beta_uniform(a, b):
    from scipy.integrate import quad
    from scipy.special import beta
    from scipy import stats
    def p(x):
        return {density}
    return quad(lambda x: p(x) * np.log(p(x)), {low}, {high})[0]
""")


FORMULA, LIBRARY = "x**(a - 1) * (1 - x)**(b - 1) / beta(a, b)", "stats.beta.pdf(x, a, b)"


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@pytest.mark.parametrize(
    ("names", "name"),
    [
        (as_typed(FORMULA, "1e-5", "1 - 1e-5"), "interval cut at 1e-5"),
        (as_typed(FORMULA, "1e-3", "0.999"), "interval cut"),
        (as_typed(FORMULA, "1e-8", "1 - 1e-8"), "interval cut"),
        (as_typed(FORMULA, "1e-12", "1 - 1e-12"), "interval cut"),
        (as_typed(FORMULA, "1e-5", "1"), "interval cut"),
        (as_typed(FORMULA), "ends not resolved"),
        (as_typed(LIBRARY), "ends not resolved"),
        ({"kl_beta_uniform": lambda a, b: published(a, b, 1e-5, 1 - 1e-5)}, "interval cut at 1e-5"),
    ],
)
def test_an_integral_is_recognised_however_its_density_is_written(names, name):
    feedback = check_answer(questions()["kl_beta_uniform"], names)
    assert feedback.mistake == name, str(feedback)


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
def test_quad_from_0_to_1_is_off_for_the_visible_case_and_says_so_itself():
    case = questions()["kl_beta_uniform"].visible[1]
    a, b = case.arguments
    value, error = integrate.quad(lambda x: unit_06._integrand(a, b, x), 0, 1)
    assert abs(value - kl_beta(a, b, 1.0, 1.0)) > 5e-3
    assert error > 5e-3


@pytest.mark.parametrize(
    ("grid", "result", "name"),
    [
        ("np.linspace(1e-6, 1 - 1e-6, 10_000)", "np.trapezoid(p * np.log(p), x)", "steps"),
        ("np.linspace(0, 1, 10_001)[1:-1]", "np.trapezoid(p * np.log(p), x)", "steps"),
        ("np.linspace(0, 1, 1001)[1:-1]", "np.trapezoid(p * np.log(p), x)", "steps"),
        ("(np.arange(1000) + 0.5) / 1000", "np.mean(p * np.log(p))", "steps"),
        (
            "np.linspace(1e-3, 0.999, 1000)",
            "np.sum(p / p.sum() * np.log(1000 * p / p.sum()))",
            "sum",
        ),
    ],
)
def test_a_typed_grid_is_recognised(grid, result, name):
    names = notebook(f"""
def kl_beta_uniform(a, b):
    from scipy.special import beta
    x = {grid}
    p = x**(a - 1) * (1 - x)**(b - 1) / beta(a, b)
    return {result}
""")
    feedback = check_answer(questions()["kl_beta_uniform"], names)
    wanted = {"steps": "grid of equal steps", "sum": "grid made to sum to 1"}[name]
    assert feedback.mistake == wanted, str(feedback)


def test_the_determinant_of_100_coordinates_underflows_and_its_logarithm_does_not():
    (case,) = [c for c in questions()["kl_mvn"].cases() if c.label == "100 coordinates"]
    _, cov_p, _, cov_q = case.arguments
    assert cov_p.shape == (100, 100)
    assert np.linalg.det(cov_p) == 0 < np.linalg.det(cov_q)
    assert np.linalg.cond(cov_p) < 100
    assert -1000 < np.linalg.slogdet(cov_p).logabsdet < -745
    for cov in (cov_p, cov_q):
        # correlations that fall off as powers of rho have this determinant
        rho = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
        by_the_formula = 99 * np.log(1 - rho**2) + np.log(np.diag(cov)).sum()
        assert np.linalg.slogdet(cov).logabsdet == pytest.approx(by_the_formula)


def test_a_single_coordinate_is_the_first_exercise():
    one, many = questions()["kl_normal"], questions()["kl_mvn"]
    for case in one.cases():
        m, s, n, t = case.arguments
        value = many.reference(np.array([m]), np.array([[s**2]]), np.array([n]), np.array([[t**2]]))
        assert value == pytest.approx(one.reference(m, s, n, t), abs=1e-12)
