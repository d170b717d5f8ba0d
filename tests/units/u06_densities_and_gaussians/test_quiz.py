"""What the quiz items of unit 06 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right


def kl_by_quadrature(p, q):
    x = np.linspace(p.ppf(1e-15), p.isf(1e-15), 20_001)
    return np.trapezoid(p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), x)


# Predictions


def test_centimetres_move_the_entropy_by_the_log_of_100_and_kl_by_nothing():
    reveal = PREDICTIONS["06-units"].reveal
    assert f"−log p grows by ln 100 = {math.log(100):.3f} nats" in reveal
    metres = [stats.norm(1.7, 0.3), stats.gamma(3)]
    models = [stats.norm(1.5, 0.4), stats.gamma(4)]
    for p, q in zip(metres, models, strict=True):
        finer_p, finer_q = (type(d)(d.dist, *scaled(d)) for d in (p, q))
        moved = finer_p.entropy() - p.entropy()
        assert moved == pytest.approx(math.log(100))
        assert kl_by_quadrature(finer_p, finer_q) == pytest.approx(kl_by_quadrature(p, q))
    assert right("06-units") == "h(X) only"


def scaled(frozen):
    """The arguments of the same distribution of 100 x."""
    if frozen.dist.name == "norm":
        return [100 * argument for argument in frozen.args]
    return [*frozen.args, 0, 100]


def test_too_narrow_costs_more_than_too_wide():
    p = stats.norm(0, 1)
    wide, narrow = (kl_by_quadrature(p, stats.norm(0, sd)) for sd in (10, 0.1))
    reveal = PREDICTIONS["06-ten"].reveal
    assert f"Too wide costs {wide:.3f} nats, too narrow {narrow:.3f}" in reveal
    assert right("06-ten") == "the one that is too narrow"
    for factor in np.linspace(1.01, 50, 200):  # whatever the factor is
        too_wide = math.log(factor) + 1 / (2 * factor**2) - 0.5
        too_narrow = -math.log(factor) + factor**2 / 2 - 0.5
        assert too_narrow > too_wide > 0
    assert "on average ½ · 100" in reveal
    assert integrate.quad(lambda x: p.pdf(x) * (x / 0.1) ** 2 / 2, -12, 12)[0] == pytest.approx(50)
    samples = np.abs(p.rvs(10_000, random_state=1))
    assert "Most samples of P lie many of its standard deviations away" in right_says("06-ten")
    assert (samples > 5 * 0.1).mean() > 0.6


def right_says(name):
    return options(name)[RIGHT].says


# Review questions


def test_a_density_of_3_is_possible():
    box = stats.uniform(0, 1 / 4)
    assert box.pdf(0.1) == 4 and box.cdf(1) == 1
    assert "a quarter of a unit has the density 4" in right_says("06-density-above-one")
    assert right("06-density-above-one") == "yes"


def test_the_entropy_of_a_narrow_normal_is_negative():
    p = stats.norm(0, 0.1)
    entropy = -integrate.quad(lambda x: p.pdf(x) * p.logpdf(x), -1, 1, points=[0])[0]
    assert entropy == pytest.approx(-0.88, abs=5e-3)
    assert p.pdf(0) > 1
    assert right("06-negative-entropy").startswith("nothing: it may be negative")


def test_feet_add_the_logarithm_of_their_number():
    texts = {code: option.text for code, option in options("06-feet").items()}
    assert texts[RIGHT] == f"{1 + math.log(3.28):.2f} nats"
    assert texts["unit-multiplies-entropy"] == f"{1 * 3.28:.2f} nats"
    assert texts["density-entropy-has-no-unit"] == "1.00 nats"


@pytest.mark.parametrize("sd", [0.3, 1.0, 4.0])
def test_equal_widths_are_a_symmetric_pair(sd):
    p, q = stats.norm(-1, sd), stats.norm(1.5, sd)
    forward, reverse = kl_by_quadrature(p, q), kl_by_quadrature(q, p)
    assert forward == pytest.approx(reverse) == pytest.approx(2.5**2 / (2 * sd**2))
    assert right("06-equal-widths") == "equal"


def test_bins_never_add():
    random = np.random.default_rng(6)
    for _ in range(100):
        p, q = (stats.norm(random.normal(0, 0.5), random.uniform(0.7, 2)) for _ in "pq")
        whole = kl_by_quadrature(p, q)
        inner = np.sort(random.uniform(-3, 3, random.integers(1, 30)))
        edges = np.r_[-np.inf, inner, np.inf]
        masses = (np.diff(d.cdf(edges)) for d in (p, q))
        assert special.rel_entr(*masses).sum() <= whole + 1e-9
    assert right("06-bins") == "at most the KL of the densities"


def test_an_interval_that_misses_mass_of_p_misses_divergence():
    p = stats.beta(0.1, 0.2)
    mass = p.cdf(1 - 1e-5) - p.cdf(1e-5)
    part, _ = integrate.quad(lambda x: p.pdf(x) * p.logpdf(x), 1e-5, 1 - 1e-5, limit=200)
    assert mass < 0.76 and part < 0.25 * -p.entropy()
    assert right("06-check-the-mass") == "that p integrates to 1 over it"


def test_a_determinant_of_zero_has_a_finite_logarithm():
    cov = 0.04 * np.eye(300)
    assert np.linalg.det(cov) == 0
    assert np.linalg.slogdet(cov).logabsdet == pytest.approx(300 * math.log(0.04))
    assert right("06-determinant") == "is finite: take it before multiplying"
    patched = math.log(np.linalg.det(cov) + 1e-300)
    assert patched == math.log(1e-300)
