"""What the quiz items of unit 12 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def kl(p, q):
    return special.rel_entr(p, q).sum()


def js(p, q):
    middle = (np.array(p) + q) / 2
    return (kl(p, middle) + kl(q, middle)) / 2


def squared_hellinger(p, q):
    return 2 - 2 * np.sqrt(np.multiply(p, q)).sum()


# as averages of a function of t = p/q with the weights q, and by their own formulas
GENERATED = {
    "KL": (special.xlogy, kl),
    "reverse KL": (lambda t, _: -np.log(t), lambda p, q: kl(q, p)),
    "TV": (lambda t, _: np.abs(t - 1) / 2, lambda p, q: np.abs(p - q).sum() / 2),
    "H²": (lambda t, _: (np.sqrt(t) - 1) ** 2, squared_hellinger),
    "JS": (
        lambda t, _: (t * np.log(2 * t / (t + 1)) - np.log((t + 1) / 2)) / 2,
        js,
    ),
}


# Predictions


def test_five_of_the_six_are_averages_of_a_function_of_the_ratio():
    assert right("12-meters").startswith("W1")
    random = np.random.default_rng(12)
    for p, q in random.dirichlet(np.ones(5), (200, 2)):
        t = p / q
        for f, measure in GENERATED.values():
            assert (q * f(t, t)).sum() == pytest.approx(measure(p, q))
        np.testing.assert_allclose((p + q) / 2, q * (t + 1) / 2)
        np.testing.assert_allclose(np.abs(p - q), q * np.abs(t - 1))


def test_w1_changes_when_two_outcomes_change_places_and_the_ratios_do_not():
    p, q, x = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6]), np.arange(3)
    order = [1, 0, 2]
    before = stats.wasserstein_distance(x, x, p, q)
    after = stats.wasserstein_distance(x, x, p[order], q[order])
    assert before != pytest.approx(after)
    assert sorted(zip(p / q, q, strict=True)) == sorted(zip(p[order] / q[order], q[order],
                                                            strict=True))  # fmt: skip


def test_a_tilt_changes_the_bars_and_not_their_sum():
    assert right("12-tilt") == "nothing"
    random = np.random.default_rng(13)
    for p, q in random.dirichlet(np.ones(4), (200, 2)):
        t = p / q
        added = q * 5 * (t - 1)
        np.testing.assert_allclose(added, 5 * (p - q), atol=1e-12)
        assert abs(added.sum()) < 1e-12 and np.abs(added).max() > 1e-3
        assert (added[t > 1] > 0).all() and (added[t < 1] < 0).all()
        assert (q * (special.xlogy(t, t) + 5 * (t - 1))).sum() > 0


def test_the_ruled_out_outcome():
    p, q = np.array([0.45, 0.45, 0.1]), np.array([0.5, 0.5, 0.0])
    item = PREDICTIONS["12-zero"]
    assert "P = (0.45, 0.45, 0.1), and Q = (0.5, 0.5, 0)" in item.text
    assert right("12-zero") == "KL and χ²"
    assert kl(p, q) == math.inf
    for tiny in (1e-6, 1e-9):  # Pearson's sum, as Q's share goes to 0
        near = np.array([(1 - tiny) / 2, (1 - tiny) / 2, tiny])
        assert ((p - near) ** 2 / near).sum() == pytest.approx(0.01 / tiny, rel=1e-2)
    said = (
        f"{kl(q, p):.3f} for reverse KL, {np.abs(p - q).sum() / 2:.3f} for TV, "
        f"{squared_hellinger(p, q):.3f} for squared Hellinger and {js(p, q):.3f} for JS"
    )
    assert said in item.reveal


def test_the_slopes_at_infinity_of_the_reveal():
    assert (
        "infinite for t log t and (t − 1)², 0 for −log t, ½ for TV, 1 for squared Hellinger and "
        "½ log 2 for JS"
    ) in PREDICTIONS["12-zero"].reveal
    slope = {name: f(1e12, 1e12) / 1e12 for name, (f, _) in GENERATED.items()}
    assert slope["KL"] > 20 and (1e12 - 1) ** 2 / 1e12 > 20
    for name, value in (("reverse KL", 0), ("TV", 0.5), ("H²", 1), ("JS", math.log(2) / 2)):
        assert slope[name] == pytest.approx(value, abs=1e-5)


# Review questions


def test_the_weights_are_those_under_which_the_average_ratio_is_1():
    assert right("12-weights").startswith("q")
    for p, q in np.random.default_rng(14).dirichlet(np.ones(5), (100, 2)):
        assert (q * (p / q)).sum() == pytest.approx(1)
        assert (p * special.xlogy(q / p, q / p)).sum() == pytest.approx(kl(q, p))


def test_the_generator_of_kl_is_negative_between_0_and_1():
    t = np.linspace(0.01, 0.99, 99)
    assert (t * np.log(t) < 0).all()
    assert right("12-never-negative").startswith("f is convex")


def test_psi_from_js_up_close():
    for (value,), answers in variants("12-near"):
        assert answers[RIGHT].text == f"{8 * value:.3f}"
        assert answers["jeffreys-is-js"].text == f"{2 * value:.3f}"
        assert answers["divergences-share-a-scale"].text == f"{value:.3f}"
        # a pair with this JS: its PSI is nearer to the right answer than to the others
        tilt = math.sqrt(8 * value)
        p, q = np.array([0.5, 0.5]), np.array([0.5 + tilt / 2, 0.5 - tilt / 2])
        psi, scale = kl(p, q) + kl(q, p), js(p, q)
        assert psi / scale == pytest.approx(8, rel=0.07)


def test_the_generators_of_the_conjugate_question():
    t = np.geomspace(0.05, 20, 50)
    np.testing.assert_allclose(t * special.xlogy(1 / t, 1 / t), -np.log(t), atol=1e-12)
    assert right("12-conjugate") == "−log t"
    assert set(options("12-conjugate")) == {
        RIGHT,
        "swapping-flips-the-sign",
        "conjugate-is-reciprocal",
        "kl-is-symmetric",
    }


def test_the_ceiling_of_squared_hellinger():
    assert right("12-ceiling") == "2"
    assert squared_hellinger([0.3, 0.7, 0], [0, 0, 1]) == 2


def test_a_tilt_with_other_sums():
    assert right("12-unnormalised") == "it falls by 0.1"
    p, q = np.array([0.7, 0.2, 0.1]), 1.1 * np.array([0.1, 0.3, 0.6])
    assert (q * (p / q - 1)).sum() == pytest.approx(-0.1)
