"""What the quiz items of unit 11 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import integrate
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from scipy.stats import norm, wasserstein_distance

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def tv(p, q):
    return np.abs(np.subtract(p, q)).sum(axis=-1) / 2


def js(p, q):
    m = np.add(p, q) / 2
    return (rel_entr(p, m) + rel_entr(q, m)).sum(axis=-1) / 2


def hellinger(p, q):
    return math.sqrt(1 - np.sqrt(np.multiply(p, q)).sum())


def chi_square(p, q):
    return (np.subtract(p, q) ** 2 / q).sum()


# Predictions


def test_of_two_disjoint_boxes_only_w1_moves():
    assert right("11-boxes") == "W1 alone"
    reveal = PREDICTIONS["11-boxes"].reveal
    readings = []
    for start in (20, 50):
        p, q = np.zeros((2, 100))
        p[:10] = q[start : start + 10] = 0.1
        w1 = wasserstein_distance(range(100), range(100), p, q)
        readings.append([rel_entr(p, q).sum(), rel_entr(q, p).sum(), js(p, q), tv(p, q),
                         hellinger(p, q), w1])  # fmt: skip
    near, far = readings
    assert near[:5] == pytest.approx(far[:5]) and far[5] > near[5]
    assert near[:5] == pytest.approx([math.inf, math.inf, math.log(2), 1, 1])
    assert f"log 2 = {near[2]:.3f} nats" in reveal
    says = options("11-boxes")["js-feels-distance"].says
    assert "JS stands at log 2, total variation and Hellinger at 1" in says
    six = "KL(P‖Q), KL(Q‖P), JS, total variation, Hellinger and W1"
    assert six in PREDICTIONS["11-boxes"].text
    assert options("11-boxes")["js-feels-distance"].text == "the four finite ones"
    assert np.isfinite(near).sum() == 4


def test_the_detour_over_a_fair_coin():
    assert right("11-triangle") == "yes for JS, no for its root √JS"
    reveal = PREDICTIONS["11-triangle"].reveal
    heads, fair, tails = [1, 0], [0.5, 0.5], [0, 1]
    direct, step = js(heads, tails), js(heads, fair)
    assert js(fair, tails) == pytest.approx(step) and 2 * step < direct
    assert f"Directly JS is {direct:.3f} nats" in reveal
    assert f"add up to {step:.3f} + {step:.3f} = {2 * step:.3f}: shorter" in reveal
    root, root_step = math.sqrt(direct), math.sqrt(step)
    assert 2 * root_step > root
    assert f"Their roots are {root:.3f} and " in reveal
    assert f"{root_step:.3f} + {root_step:.3f} = {2 * root_step:.3f}: longer" in reveal
    # √JS is a metric: no detour of many is shorter
    a, m, b = np.random.default_rng(5).dirichlet(np.ones(4), size=(3, 20_000))
    assert (np.sqrt(js(a, b)) <= np.sqrt(js(a, m)) + np.sqrt(js(m, b)) + 1e-12).all()


def test_squeezing_two_gaussians():
    assert right("11-squeeze") == "KL rises from 0.5 to 5000 nats, W1 stays 1"
    reveal = PREDICTIONS["11-squeeze"].reveal
    values = []
    for sd in (1, 0.1, 0.01):
        p, q = norm(0, sd), norm(1, sd)
        kl = integrate.quad(
            lambda x, p=p, q=q: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)),
            *(-10 * sd, 10 * sd),
            points=[0],
        )[0]
        values.append(kl)
        assert kl == pytest.approx(1 / (2 * sd**2))
        carried = integrate.quad(lambda u, p=p, q=q: abs(p.ppf(u) - q.ppf(u)), 0, 1)[0]
        assert carried == pytest.approx(1)
    assert "{:.1f} nats at σ = 1, {:.0f} at 0.1 and {:.0f} at 0.01".format(*values) in reveal
    variation = [norm.cdf(0.5 / sd) - norm.cdf(-0.5 / sd) for sd in (1, 0.01)]
    assert f"Total variation goes from {variation[0]:.3f} to its ceiling 1" in reveal
    assert variation[1] == pytest.approx(1)
    assert "100 σ from the centre of Q" in options("11-squeeze")["kl-has-a-ceiling"].says


# Review questions


def test_the_two_delays():
    assert right("11-two-shifts") == "W1"
    before = np.linspace(4.6, 5.4, 101)
    near, far = np.linspace(5.6, 6.4, 101), np.linspace(59.6, 60.4, 101)
    assert before.max() < near.min()
    assert wasserstein_distance(before, near) == pytest.approx(1)
    assert wasserstein_distance(before, far) == pytest.approx(55)
    assert "About 1 minute and about 55" in options("11-two-shifts")[RIGHT].says


def test_js_is_flat_where_nothing_overlaps():
    assert right("11-flat") == "flat"
    p, q = np.zeros((2, 50))
    p[:5], q[20:25] = 0.2, 0.2
    assert js(p, q) == js(p, np.roll(q, 1)) == pytest.approx(math.log(2))


def test_the_root_that_scipy_returns():
    for (root,), answers in variants("11-root"):
        assert answers[RIGHT].text == f"{root**2:.4f} nats"
        assert answers["root-is-the-divergence"].text == f"{root:.2f} nats"
        assert answers["root-taken-twice"].text == f"{math.sqrt(root):.4f} nats"
        assert len({answer.text for answer in answers.values()}) == 3
        assert root**2 < math.log(2)  # there is such a pair
    p, q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
    assert jensenshannon(p, q) ** 2 == pytest.approx(js(p, q))


def test_how_often_the_best_guess_is_right():
    for (value,), answers in variants("11-guess"):
        p = np.array([0.5 + value / 2, 0.5 - value / 2])
        q = p[::-1]
        assert tv(p, q) == pytest.approx(value)
        best = np.maximum(p, q).sum() / 2  # guess the one that makes the outcome likelier
        assert answers[RIGHT].text == f"{100 * best:.0f} times in 100"
        assert answers["tv-is-the-hit-rate"].text == f"{100 * value:.0f} times in 100"
        shared = np.minimum(p, q).sum()
        assert answers["tv-is-the-overlap"].text == f"{100 * shared:.0f} times in 100"
        assert len({answer.text for answer in answers.values()}) == 3


def test_which_of_three_is_a_metric():
    assert right("11-detour") == "total variation"
    a, m, b = np.random.default_rng(6).dirichlet(np.ones(4), size=(3, 20_000))

    def kl(p, q):
        return rel_entr(p, q).sum(axis=-1)

    broken = [
        (measure(a, m) + measure(m, b) < measure(a, b) - 1e-12).any() for measure in (js, kl, tv)
    ]
    assert broken == [True, True, False]
    says = options("11-detour")["symmetric-is-a-metric"].says
    assert "half the way costs about a quarter" in says


def test_a_hundred_times_more_of_the_same_law():
    assert right("11-same-law") == "falls by a factor of about 100"
    random = np.random.default_rng(7)
    means = {measure: [] for measure in (js, tv)}
    for n in (200, 20_000):
        p, q = random.multinomial(n, np.full(10, 0.1), size=(2, 2000)) / n
        for measure, values in means.items():
            values.append(measure(p, q).mean())
    assert means[js][0] / means[js][1] == pytest.approx(100, rel=0.1)
    assert means[tv][0] / means[tv][1] == pytest.approx(10, rel=0.1)


def test_the_rare_outcome():
    assert right("11-rare") == "χ²"
    p, q = np.array([0.99, 0.01]), np.array([0.9999, 0.0001])
    added = (p[1] - q[1]) ** 2 / q[1]
    assert f"this outcome alone adds {added:.2f}" in options("11-rare")[RIGHT].says
    assert chi_square(p, q) > 50 * tv(p, q)
    assert tv(p, q) <= 0.01
    next_to_it = wasserstein_distance([0, 1], [0, 1], p, q)
    assert next_to_it == pytest.approx(tv(p, q))
