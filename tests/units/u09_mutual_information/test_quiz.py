"""What the quiz items of unit 09 claim, each claim recomputed by a route of its own."""

import math
import re

import numpy as np
import pytest
from scipy.stats import entropy

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def information(table):
    table = np.asarray(table, dtype=float)
    return entropy(table.sum(axis=0)) + entropy(table.sum(axis=1)) - entropy(table.ravel())


def plug_in(x, y, side):
    return information(np.bincount(side * x + y, minlength=side**2).reshape(side, side))


# Predictions


def test_x_and_its_square():
    table = np.array([[0, 1], [1, 0], [0, 1]]) / 3  # X = -1, 0, 1 down, Y = 0, 1 across
    x, y = np.array([-1, 0, 1]), np.array([0, 1])
    covariance = x @ table @ y - (x @ table.sum(axis=1)) * (table.sum(axis=0) @ y)
    assert covariance == pytest.approx(0)
    value = information(table)
    assert right("09-square").startswith(f"H(Y) = {value:.3f} nats")
    assert value == pytest.approx(entropy([1 / 3, 2 / 3]))
    reveal = PREDICTIONS["09-square"].reveal
    assert f"⅔ · log 2 = {2 / 3 * math.log(2):.3f} nats" in reveal
    assert f"{math.log(3):.3f} − {2 / 3 * math.log(2):.3f} = {value:.3f}" in reveal
    all_of_x = options("09-square")["cause-is-shared-in-full"].text
    assert f"H(X) = {math.log(3):.3f} nats" in all_of_x
    assert value < math.log(3)


def test_exchanging_x_and_y_changes_nothing():
    assert right("09-exchange").startswith("Nothing")
    for table in np.random.default_rng(1).dirichlet(np.ones(12), 50).reshape(-1, 3, 4):
        product = np.outer(table.sum(axis=1), table.sum(axis=0))
        one = entropy(table.ravel(), product.ravel())
        other = entropy(table.T.ravel(), product.T.ravel())
        assert one == pytest.approx(other)
        assert entropy(product.ravel(), table.ravel()) != pytest.approx(one)


def test_what_chance_puts_into_a_table_of_a_hundred_cells():
    random = np.random.default_rng(2)
    found = np.array([plug_in(*random.integers(10, size=(2, 200)), 10) for _ in range(2000)])
    error = found.std() / math.sqrt(len(found))
    assert abs(found.mean() - 0.2375) < 4 * error + 5e-4
    assert right("09-chance").startswith(f"about {found.mean():.2f} nats")
    assert found.min() > 0  # "never 0 or below"
    reveal = PREDICTIONS["09-chance"].reveal
    assert f"81/400 = {81 / 400:.2f}" in reveal
    assert f"have {-0.5 * math.log(1 - 0.6**2):.2f} nats" in reveal
    assert math.sqrt(1 - math.exp(-2 * found.mean())) == pytest.approx(0.6, abs=0.05)
    assert f"{1 / 200:g} nats" in options("09-chance")["bias-knows-no-cells"].text
    assert f"about {math.log(10):.1f} nats" in options("09-chance")["bias-fills-the-scale"].text


# Review questions


def test_x_decides_y():
    for (values, twice, *_), answers in variants("09-decides"):
        table = np.zeros((int(twice), int(values)))
        table[np.arange(int(twice)), np.arange(int(twice)) // 2] = 1 / twice
        assert f"= {information(table):.3f} nats" in answers[RIGHT].text
        assert f"= {math.log(twice):.3f}" in answers["cause-is-shared-in-full"].text
        both = math.log(values) + math.log(twice)
        assert f"= {both:.3f}" in answers["mi-is-the-sum-of-entropies"].text


def test_a_plug_in_number_as_large_as_that_of_chance():
    random = np.random.default_rng(3)
    for (side, rows, number), answers in variants("09-too-small"):
        assert number == pytest.approx((side - 1) ** 2 / (2 * rows), abs=6e-4)
        assert answers[RIGHT].text.startswith("nothing")
        assert f"is {number:.3f} nats here" in answers[RIGHT].says
    for side in (5, 6, 8, 10):
        rows = 10 * side**2
        found = [plug_in(*random.integers(side, size=(2, rows)), side) for _ in range(300)]
        assert np.mean(found) == pytest.approx((side - 1) ** 2 / (2 * rows), rel=0.06)
        assert np.mean(found) < 0.1  # "below 0.1"


def test_three_entropies():
    for (x, y, both), answers in variants("09-three-entropies"):
        assert max(x, y) <= both <= x + y
        assert answers[RIGHT].text == f"{x + y - both:.2f} nats"
        assert answers["mi-is-what-is-left"].text == f"{both - x:.2f} nats"
        assert answers["mi-is-the-sum-of-entropies"].text == f"{x + y:.2f} nats"
        assert len({answer.text for answer in answers.values()}) == 3


def test_a_weaker_correlation():
    for (_, weaker), answers in variants("09-weaker"):
        ratio = math.log(1 - 0.01) / math.log(1 - weaker**2)
        said = int(re.search(r"about (\d+) times", answers[RIGHT].text)[1])
        assert ratio == pytest.approx(said, rel=0.01)
        assert f"about {0.1 / weaker:.0f} times" in answers["mi-is-linear-in-correlation"].text


def test_what_a_shuffle_keeps():
    assert right("09-shuffle").startswith("each column by itself")
    random = np.random.default_rng(4)
    x = random.integers(4, size=5000)
    y = (x + random.integers(2, size=5000)) % 4
    shuffled = random.permutation(y)
    assert np.array_equal(np.bincount(y), np.bincount(shuffled))
    assert plug_in(x, y, 4) > 0.5 > 0.01 > plug_in(x, shuffled, 4)
    assert abs(np.corrcoef(x, shuffled)[0, 1]) < 0.05


def test_no_information_is_independence():
    assert right("09-zero").startswith("X and Y are independent")
    for table in np.random.default_rng(5).dirichlet(np.ones(6), 200).reshape(-1, 2, 3):
        product = np.outer(table.sum(axis=1), table.sum(axis=0))
        assert information(product) == pytest.approx(0, abs=1e-12)
        assert information(table) > 1e-6
