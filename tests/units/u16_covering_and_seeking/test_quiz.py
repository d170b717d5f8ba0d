"""What the quiz items of unit 16 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from scipy.special import logsumexp

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants

Z, STEP = np.linspace(-9, 9, 1201, retstep=True)


def reverse(mu, sigma, means, weights=(0.5, 0.5)):
    """KL(N(mu, sigma²)‖P) for bells of standard deviation 1."""
    x = mu + sigma * Z
    log_p = logsumexp(stats.norm.logpdf(x[:, None], means, 1), b=weights, axis=1)
    return STEP * np.sum(stats.norm.pdf(Z) * (stats.norm.logpdf(Z) - math.log(sigma) - log_p))


def ends(means, start):
    """(mean, sd, KL) where a search from this start ends."""
    found = optimize.minimize(
        lambda at: reverse(at[0], math.exp(at[1]), means), (start[0], math.log(start[1]))
    )
    return found.x[0], math.exp(found.x[1]), found.fun


# Predictions


def test_the_best_fit_stays_in_the_middle_for_long_and_then_jumps():
    assert right("16-apart").startswith("it stays in the middle for long, then jumps")
    reveal = PREDICTIONS["16-apart"].reveal

    def ahead(a):
        return ends((-a, a), (a, 1.0))[2] - ends((-a, a), (0.0, 2.5))[2]

    jump = optimize.brentq(ahead, 2.6, 3.0, xtol=1e-4)
    assert f"up to a = {jump:.2f}" in reveal
    after, before = ends((-jump, jump), (jump, 1.0))[1], ends((-jump, jump), (0.0, 2.5))[1]
    assert f"standard deviation is {after:.2f} in the place of {before:.2f}" in reveal
    # "P has two hills from a = 1 on": the curvature of its density at 0 changes its sign there
    for a, hills in ((0.98, 1), (1.05, 2)):
        density = stats.norm.pdf(np.linspace(-4, 4, 4001)[:, None], (-a, a)).sum(axis=1)
        peaks = (density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])
        assert peaks.sum() == hills
    # "and never half way": over many separations the best mean is small or large
    for a in np.arange(1.0, 4.0, 0.25):
        best = min(
            (ends((-a, a), start) for start in ((0.0, 0.87 * a), (a, 1.0))), key=lambda f: f[2]
        )
        assert abs(best[0]) < 1e-3 or abs(best[0]) > 0.9 * a


def test_a_start_near_the_middle_ends_there():
    assert right("16-start") == "at mean 0, though another normal has a smaller KL(Q‖P)"
    reveal = PREDICTIONS["16-start"].reveal
    h = 1e-5

    def downhill(_, place):
        steps = h * np.eye(2)
        rise = [
            reverse(*fit(place + at), (-3, 3)) - reverse(*fit(place - at), (-3, 3)) for at in steps
        ]
        return -np.array(rise) / (2 * h)

    flow = integrate.solve_ivp(downhill, (0, 100), (0.5, math.log(3.0)), method="LSODA")
    place = flow.y[:, -1]
    assert abs(place[0]) < 1e-3
    sd, kl = math.exp(place[1]), reverse(*fit(place), (-3, 3))
    assert f"standard deviation {sd:.3f}, a minimum with {kl:.3f} nats" in reveal
    assert f"one with {ends((-3, 3), (3.0, 1.0))[2]:.3f} nats" in reveal
    # "from there KL(Q‖P) falls towards the middle", and the ridge is on the other side
    assert reverse(0.4, 3.0, (-3, 3)) < reverse(0.5, 3.0, (-3, 3))
    heights = [min(reverse(mu, s, (-3, 3)) for s in np.geomspace(0.8, 3.5, 40)) for mu in (0, 2, 3)]
    assert heights[1] > heights[0] > heights[2]


def fit(place):
    return place[0], math.exp(place[1])


def test_the_standard_deviations_of_a_mean_field():
    assert right("16-mean-field") == "1 under KL(P‖Q), about 0.44 under KL(Q‖P)"
    draws = np.random.default_rng(16).multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 200_000)
    held = draws[abs(draws[:, 1]) < 0.05, 0]
    assert held.std() == pytest.approx(math.sqrt(0.19), abs=0.02)
    assert f"√(1 − 0.81) = {math.sqrt(0.19):.3f}" in PREDICTIONS["16-mean-field"].reveal
    assert f"{math.sqrt(0.1):.2f}" in options("16-mean-field")["one-minus-rho"].text


# Review questions


def test_what_it_costs_to_sit_on_one_bell():
    for (share, *_), answers in variants("16-lost-mode"):
        w = share / 100
        for far in (20, 40):
            cost = reverse(far, 1.0, (-far, far), (1 - w, w))
            assert cost == pytest.approx(-math.log(w), abs=1e-9)
        assert answers[RIGHT].text == f"log(1/{w:.2f}) = {cost:.2f} nats"
        assert len({answer.text for answer in answers.values()}) == 4
        assert f"= {-math.log(1 - w):.2f} nats" in answers["price-is-of-the-lost-share"].text


def test_the_spread_of_two_bells():
    for numbers, answers in variants("16-covering-sd"):
        a = numbers[-1]
        means = np.array([-a, a])
        second = np.mean([stats.norm(mean, 1).moment(2) for mean in means])
        assert answers[RIGHT].text == f"√(1 + {a:.0f}²) = {math.sqrt(second):.2f}"
        assert answers["sds-add-up"].text.startswith(f"{1 + a:.0f},")
        assert answers["spread-of-centres-only"].text.startswith(f"{a:.0f},")


def test_how_narrow_a_mean_field_is():
    for numbers, answers in variants("16-mean-field-sd"):
        r = numbers[-1]
        inverse = np.linalg.inv([[1, r], [r, 1]])
        sd = 1 / math.sqrt(inverse[0, 0])
        assert answers[RIGHT].text.endswith(f" = {sd:.2f}")
        assert answers["variance-is-the-sd"].text.endswith(f" = {sd**2:.2f}")
        assert answers["one-minus-rho"].text.endswith(f" = {1 - r:.2f}")
        assert len({answer.text.split("= ")[-1] for answer in answers.values()}) == 4


def test_a_constant_factor_of_p_does_not_change_which_q_is_best():
    assert right("16-who-draws") == "KL(Q‖P)"
    fits = [(0.0, 2.0), (3.0, 1.0), (1.0, 1.5)]
    plain = [reverse(*each, (-3, 3)) for each in fits]
    times_five = [reverse(*each, (-3, 3), (2.5, 2.5)) for each in fits]
    assert np.ptp(np.subtract(plain, times_five)) < 1e-9


def test_two_runs_and_what_minima_are():
    assert right("16-two-runs") == "keep the second, and try more starts"
    three = {
        round(ends((-3, 3), start)[0], 2)
        for start in ((0.0, 2.5), (3.0, 1.0), (-3.0, 1.0), (1.0, 2.0))
    }
    one = {
        round(ends((-2, 2), start)[0], 2) + 0.0
        for start in ((0.0, 2.5), (2.0, 1.0), (-2.0, 1.0), (1.0, 2.0))
    }
    assert len({place + 0.0 for place in three}) == 3 and one == {0.0}
    says = options("16-two-runs")["minima-are-modes"].says
    assert "at ±3 have three minima, and at ±2 they have one" in says
    depths = ends((-3, 3), (0.0, 2.5))[2], ends((-3, 3), (3.0, 1.0))[2]
    assert [f"{depth:.2f}" for depth in depths] == ["0.84", "0.69"]


def test_too_simple_a_model_covers_what_lies_between():
    assert right("16-too-simple") == "it makes images unlike any in the data"
    # two far bells: half a standard deviation around the middle, in the fit and in the truth
    of_fit = np.diff(stats.norm(0, math.sqrt(26)).cdf([-1, 1]))[0]
    of_truth = np.mean([np.diff(stats.norm(mean, 1).cdf([-1, 1]))[0] for mean in (-5, 5)])
    assert of_fit > 1000 * of_truth
