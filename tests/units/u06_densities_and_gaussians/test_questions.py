"""What the design of unit 06 says of its questions, recomputed."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from klteach.measures import kl_beta, kl_mvn, kl_normal
from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
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
    close = mistake("kl_beta_uniform", "interval cut close to the ends").message
    assert f"{100 * stats.beta(0.1, 0.2).cdf(1e-16):.1f} % of it within 1e-16 of 0" in close


def published(a, b, low, high):
    """The integral as a published lecture writes it: quad over an interval that it chose."""
    return integrate.quad(lambda x: integrand(a, b, x), low, high)[0]


def integrand(a, b, x):
    scale = special.gamma(a + b) / (special.gamma(a) * special.gamma(b))
    density = scale * x ** (a - 1) * (1 - x) ** (b - 1)
    return density * np.log(density)


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
        (as_typed(FORMULA, "1e-3", "0.999"), "mass next to the ends"),
        (as_typed(FORMULA, "2e-7", "1 - 2e-7"), "mass next to the ends"),
        (as_typed(FORMULA, "1e-12", "1 - 1e-12"), "interval cut close to the ends"),
        (as_typed(FORMULA, "1e-10", "1 - 1e-10"), "interval cut close to the ends"),
        (as_typed(FORMULA, "1e-5", "1"), "mass next to the ends"),
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
    value, error = integrate.quad(lambda x: integrand(a, b, x), 0, 1)
    assert abs(value - kl_beta(a, b, 1.0, 1.0)) > 5e-3
    assert error > 5e-3


@pytest.mark.parametrize(
    ("grid", "result"),
    [
        ("np.linspace(1e-6, 1 - 1e-6, 10_000)", "np.trapezoid(p * np.log(p), x)"),
        ("np.linspace(1e-9, 1 - 1e-9, 12_345)", "np.trapezoid(p * np.log(p), x)"),
        ("np.linspace(0, 1, 1001)[1:-1]", "np.trapezoid(p * np.log(p), x)"),
        ("(np.arange(1000) + 0.5) / 1000", "np.mean(p * np.log(p))"),
        # made to sum to 1, which hides what is missing
        ("np.linspace(1e-3, 0.999, 999)", "np.sum(p / p.sum() * np.log(999 * p / p.sum()))"),
    ],
)
def test_a_grid_of_any_size_is_recognised_by_where_it_fails(grid, result):
    names = notebook(f"""
def kl_beta_uniform(a, b):
    from scipy.special import beta
    x = {grid}
    p = x**(a - 1) * (1 - x)**(b - 1) / beta(a, b)
    return {result}
""")
    feedback = check_answer(questions()["kl_beta_uniform"], names)
    assert feedback.mistake == "mass next to the ends", str(feedback)
    assert "kl_beta_uniform(0.1, 0.2)" in feedback.evidence


def test_samples_that_fall_on_1_are_told_so():
    def answer(a, b):
        x = np.random.default_rng(0).beta(a, b, 20_000)
        return np.mean(stats.beta.logpdf(x, a, b))

    feedback = check_answer(questions()["kl_beta_uniform"], {"kl_beta_uniform": answer})
    assert feedback.mistake == "infinite at the ends"
    assert f"{100 * stats.beta(0.2, 0.1).sf(1 - 1e-16):.1f} % of the mass" in feedback.message


def test_a_rounded_result_is_almost_right_and_no_matter_of_the_ends():
    def answer(a, b):
        return np.round(kl_beta(a, b, 1.0, 1.0), 3)

    feedback = check_answer(questions()["kl_beta_uniform"], {"kl_beta_uniform": answer})
    assert (feedback.state, feedback.mistake) == ("almost", "rounded")


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
def test_the_integrals_that_one_writes_first_need_few_calls_of_a_density():
    """One call of a frozen density of SciPy takes some 0.1 ms, and there are 5 s for a check."""
    calls = 0

    def counted(function, low, high):
        def called(x):
            nonlocal calls
            calls += 1
            return function(x)

        return integrate.quad(called, low, high, limit=500)[0]

    for case in questions()["kl_beta_uniform"].cases():
        a, b = case.arguments
        for c, d in ((a, b), (b, a)):  # split at ½ and mirrored
            density = stats.beta(c, d)
            counted(lambda x, p=density: p.pdf(x) * p.logpdf(x), 0, 0.5)
    for case in questions()["kl_normal"].cases():
        m, s, n, t = case.arguments
        p, q = stats.norm(m, s), stats.norm(n, t)
        counted(lambda x, p=p, q=q: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), -np.inf, np.inf)
    assert calls < 10_000


@pytest.mark.parametrize("end", [10, 15, 20])
def test_an_integral_over_a_fixed_interval_is_told_by_where_it_fails(end):
    def answer(mean_p, sd_p, mean_q, sd_q):
        p, q = stats.norm(mean_p, sd_p), stats.norm(mean_q, sd_q)
        x = np.linspace(-end, end, 40_001)
        return np.trapezoid(p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), x)

    feedback = check_answer(questions()["kl_normal"], {"kl_normal": answer})
    assert feedback.mistake == "fixed interval", str(feedback)
    assert "kl_normal(1500, 300, 2400, 250)" in feedback.evidence


def test_parameters_in_another_order_are_no_zero_among_masses():
    source = """
def kl_normal(mean_p, mean_q, sd_p, sd_q):
    return np.log(sd_q / sd_p) + (sd_p**2 + (mean_p - mean_q)**2) / (2 * sd_q**2) - 1 / 2
"""
    feedback = check_answer(questions()["kl_normal"], notebook(source))
    assert feedback.mistake == "parameters in another order"
    assert all(case.arguments[2] > 0 for case in questions()["kl_normal"].cases())


def test_samples_are_called_an_estimate():
    def answer(mean_p, sd_p, mean_q, sd_q):
        p, q = stats.norm(mean_p, sd_p), stats.norm(mean_q, sd_q)
        x = p.rvs(5000, random_state=4)
        return np.mean(p.logpdf(x) - q.logpdf(x))

    assert check_answer(questions()["kl_normal"], {"kl_normal": answer}).mistake == (
        "rough estimate"
    )


def test_the_product_of_100_factors_underflows_where_its_logarithms_do_not():
    (case,) = [c for c in questions()["kl_mvn"].cases() if c.label == "100 narrow coordinates"]
    _, cov_p, _, cov_q = case.arguments
    factor_p, factor_q = (np.diag(np.linalg.cholesky(cov)) for cov in (cov_p, cov_q))
    assert np.prod(factor_p) == 0 < np.prod(factor_q)
    assert 2 * np.log(factor_p).sum() == pytest.approx(np.linalg.slogdet(cov_p).logabsdet)

    def answer(mean_p, cov_p, mean_q, cov_q):
        root_p, root_q = (np.prod(np.diag(np.linalg.cholesky(cov))) for cov in (cov_p, cov_q))
        shift, inverse = mean_p - mean_q, np.linalg.inv(cov_q)
        with np.errstate(divide="ignore"):
            volumes = 2 * np.log(root_q) - 2 * np.log(root_p)
        return (np.trace(inverse @ cov_p) - len(shift) + shift @ inverse @ shift + volumes) / 2

    feedback = check_answer(questions()["kl_mvn"], {"kl_mvn": answer})
    assert feedback.mistake == "product of the diagonal underflows"


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
