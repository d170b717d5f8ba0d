"""What the quiz items of unit 00 claim, each claim recomputed by a route of its own."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.stats import entropy, wasserstein_distance

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants

# The three pairs: kept, and every ruler has an order of its own

DAYS = [1, 2, 3, 4]
RULERS = {
    "KL(P‖Q)": lambda p, q: float(sum(a * mpmath.log(a / b) for a, b in zip(p, q, strict=True))),
    "KL(Q‖P)": lambda p, q: float(sum(b * mpmath.log(b / a) for a, b in zip(p, q, strict=True))),
    "TV": lambda p, q: max(
        abs(sum(p[i] - q[i] for i in event))
        for size in range(5)
        for event in itertools.combinations(range(4), size)
    ),
    "W1": lambda p, q: wasserstein_distance(DAYS, DAYS, p, q),
    "JS": lambda p, q: sum(entropy(x, np.add(p, q) / 2) for x in (p, q)) / 2,
    "Hellinger": lambda p, q: np.square(np.sqrt(p) - np.sqrt(q)).sum(),
    "chi-square": lambda p, q: (np.subtract(p, q) ** 2 / q).sum(),
    "reverse chi-square": lambda p, q: (np.subtract(p, q) ** 2 / p).sum(),
    "Jeffreys": lambda p, q: entropy(p, q) + entropy(q, p),
}


def order(ruler):
    sizes = {pair.name: RULERS[ruler](pair.p, pair.q) for pair in PREDICTIONS["00-order"].pairs}
    return "".join(sorted(sizes, key=sizes.get)), sizes


def test_the_pairs_are_distributions():
    for pair in PREDICTIONS["00-order"].pairs:
        for shares in (pair.p, pair.q):
            assert len(shares) == 4 and min(shares) > 0
            assert math.isclose(sum(shares), 1, abs_tol=1e-12)


def test_three_rulers_give_three_orders_with_a_clear_margin():
    assert order("KL(P‖Q)")[0] == "CBA"
    assert order("TV")[0] == "ACB"
    assert order("W1")[0] == "ABC"
    for ruler in ("KL(P‖Q)", "TV", "W1"):
        small, middle, large = sorted(order(ruler)[1].values())
        assert middle > 1.2 * small and large > 1.2 * middle


def test_the_sentences_of_the_orders():
    said = {code: option.says for code, option in options("00-order").items()}
    assert set(said) == {"".join(letters) for letters in itertools.permutations("ABC")}
    for code, option in options("00-order").items():
        assert option.text == "{}, then {}, then {}".format(*code)
    assert "Wasserstein" in said[order("W1")[0]]
    assert "total variation" in said[order("TV")[0]]
    assert "KL(P‖Q)" in said[order("KL(P‖Q)")[0]]
    assert "KL(Q‖P)" in said[order("KL(Q‖P)")[0]]
    assert "Jensen-Shannon" in said[order("JS")[0]]
    taken = {order(ruler)[0] for ruler in RULERS}
    assert {code for code, says in said.items() if "none of the" in says} == set(said) - taken


def test_the_numbers_of_the_kept_reveal():
    reveal = PREDICTIONS["00-order"].reveal
    for ruler in ("KL(P‖Q)", "TV", "W1"):
        letters, sizes = order(ruler)
        assert ", ".join(f"{letter} {sizes[letter]:.2f}" for letter in letters) in reveal
    assert PREDICTIONS["00-order"].kept_until == "11"
    assert PREDICTIONS["00-order"].answers.right is None


# Review questions


def shown(values):
    return ", ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in values)


def test_the_numbers_of_the_review_questions():
    for counts, answers in variants("00-zero-count"):
        counts = np.array(counts)
        shares = counts / counts.sum()
        assert answers[RIGHT].text == shown(shares)
        assert f"total of {counts.sum():g}," in answers[RIGHT].says
        assert answers["divided-by-largest"].text == shown(counts / counts.max())
        assert answers["divided-by-length"].text == shown(counts / counts.size)
        assert answers["eps-is-smoothing"].text == f"{shown(shares[:2])}, 0.000001"
        assert f"is 0 of {counts.sum():g}." in answers["eps-is-smoothing"].says
    assert math.isclose(sum([0.5, 0.3, 0.3]), 1.1)
    assert right("00-is-it-one").endswith("1.1")
    assert right("00-calibrated") == f"{0.7 * 10:g}"


# The inventory


def test_zeros():
    assert right("00-inventory-model-zero") == "infinite"
    assert entropy([0.98, 0.02], [1.0, 0.0]) == math.inf
    assert right("00-inventory-impossible-symbol") == "nothing"
    assert entropy([1.0, 0.0], [0.98, 0.02]) == pytest.approx(-math.log(0.98))
    assert right("00-inventory-new-name") == "stays as it is"
    assert entropy([0.5, 0.5, 0.0]) == entropy([0.5, 0.5])
    with_eps = [0.02 * math.log(0.02 / eps) for eps in (1e-9, 1e-12)]
    assert with_eps[1] - with_eps[0] == pytest.approx(0.02 * math.log(1000))


def coin_at(kl):
    """The coin whose divergence from a fair one is `kl`."""
    found = mpmath.findroot(
        lambda p: p * mpmath.log(2 * p) + (1 - p) * mpmath.log(2 - 2 * p) - kl,
        (0.6, 0.999),
        solver="anderson",
    )
    return [float(found), 1 - float(found)]


def test_the_claims_of_the_inventory():
    # the reverse of 0.4 nats may be larger, smaller, or infinite
    assert right("00-inventory-symmetry") == "it cannot be told from that"
    left_out = 1 - math.exp(-0.4)
    p, q = [1.0, 0.0], [1 - left_out, left_out]
    assert (entropy(p, q), entropy(q, p)) == (pytest.approx(0.4), math.inf)
    assert entropy(coin_at(0.4), [0.5, 0.5]) == pytest.approx(0.4)
    assert entropy([0.5, 0.5], coin_at(0.4)) > 0.5

    p, q = np.array([0.7, 0.2, 0.1]), np.array([0.1, 0.3, 0.6])
    assert (p * np.log(p / q)).min() < 0 < (p * np.log(p / q)).sum()
    assert right("00-inventory-terms") == "single terms, but not the sum"

    assert right("00-inventory-units") == "1"
    assert 0.693 / math.log(2) == pytest.approx(1, abs=1e-3)
    wrong = options("00-inventory-units")["unit-upside-down"]
    assert wrong.text == f"{0.693 * math.log(2):.2f}"

    a, b = np.array([0.5, 0.5, 0, 0]), np.array([0, 0, 0.9, 0.1])
    assert sum(entropy(x, (a + b) / 2) for x in (a, b)) / 2 == pytest.approx(math.log(2))
    assert right("00-inventory-jensen-shannon") == "log 2"


def test_psi_alarms_without_any_drift_depend_on_rows_and_bins():
    random = np.random.default_rng(11)

    def alarms(rows, bins):
        p, q = (random.multinomial(rows, np.full(bins, 1 / bins), 4000) / rows for _ in "pq")
        fair = (p > 0).all(axis=1) & (q > 0).all(axis=1)
        psi = ((p - q)[fair] * np.log(p[fair] / q[fair])).sum(axis=1)
        return (psi > 0.2).mean()

    assert alarms(100, 10) > 2 * alarms(200, 10)
    assert alarms(100, 20) > 2 * alarms(100, 10)
    assert right("00-inventory-psi") == "the number of rows and of bins"


def test_maximum_likelihood_makes_the_forward_direction_small():
    # P is not among the models: the count of heads in two flips of a coin with heads t
    p = np.array([0.5, 0.1, 0.4])
    t = np.linspace(0.01, 0.99, 981)
    models = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2], axis=1)
    sample = np.random.default_rng(12).multinomial(1_000_000, p)
    fitted = t[np.argmax(np.log(models) @ sample)]
    assert fitted == pytest.approx(t[np.argmin(entropy(p[None], models, axis=1))], abs=0.003)
    assert abs(fitted - t[np.argmin(entropy(models, p[None], axis=1))]) > 0.1
    assert right("00-inventory-direction") == "KL(P‖Q)"


def test_centimetres_move_the_entropy_of_a_density_and_not_kl():
    def entropy_of_normal(sigma):
        return 0.5 * math.log(2 * math.pi * math.e * sigma**2)

    def kl_by_quadrature(m1, s1, m2, s2):
        x = np.linspace(m1 - 12 * s1, m1 + 12 * s1, 200_001)
        log_p = -0.5 * ((x - m1) / s1) ** 2 - math.log(s1)
        log_q = -0.5 * ((x - m2) / s2) ** 2 - math.log(s2)
        p = np.exp(log_p) / math.sqrt(2 * math.pi)
        return np.trapezoid(p * (log_p - log_q), x)

    assert entropy_of_normal(200) - entropy_of_normal(2) == pytest.approx(math.log(100))
    assert f"{math.log(100):.3f}" in options("00-inventory-density")[RIGHT].says
    metres = kl_by_quadrature(0, 2, 1, 3)
    assert metres == pytest.approx(kl_by_quadrature(0, 200, 100, 300), rel=1e-9)
    assert right("00-inventory-density") == "h(P) only"
