"""What lesson 09 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math
from functools import cache

import numpy as np
import pytest
from scipy import special, stats

from klteach.measures import mutual_information
from klteach.units.lookup import find_question
from klteach.units.u09_mutual_information import explorer as unit_09
from tests.units.lesson_text import says
from tests.units.second_route import LN_2, distributions, interleaved, kl, nats

LESSON = "notebooks/09_mutual_information"
EXERCISES = LESSON.replace("notebooks", "solutions")

RAIN = np.array([[0.3, 0.1], [0.1, 0.5]])
PUBLISHED = np.array([[0.1, 0.5], [0.1, 0.3]])
STRAIGHT = np.diag([0.3, 0.4, 0.3])  # of the explorer, at its start half of this and half product


def entropies(table):
    """H(X), H(Y), H(X, Y)."""
    return nats(table.sum(axis=1)), nats(table.sum(axis=0)), nats(table)


def information(table):
    """Mutual information from three entropies; klteach takes a KL for each row."""
    x, y, both = entropies(np.asarray(table, dtype=float))
    return x + y - both


def of_normals(rho):
    """The average of the log ratio over the plane, by Gauss and Hermite: it is a polynomial."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(8)
    x, v = np.meshgrid(nodes, nodes)
    y = rho * x + math.sqrt(1 - rho**2) * v
    ratio = stats.norm.logpdf(v) - math.log(1 - rho**2) / 2 - stats.norm.logpdf(y)
    return float(weights @ ratio @ weights) / (2 * math.pi)


def plug_in(x, y):
    """Of the counts of the pairs: log n and averages of logarithms of counts, with no shares."""
    n = len(x)

    def term(counts):
        return float(special.xlogy(counts, counts).sum()) / n

    x, y = (np.unique(column, return_inverse=True)[1] for column in (x, y))
    pairs = np.bincount(x * (y.max() + 1) + y)
    return math.log(n) + term(pairs) - term(np.bincount(x)) - term(np.bincount(y))


HALF = 0.5 * STRAIGHT + 0.5 * np.outer(STRAIGHT.sum(axis=0), STRAIGHT.sum(axis=1))
CORRELATIONS = (0.1, 0.5, 0.9, 0.99)
INDENTS = (" ", " ", " ", " ", "", "")  # before the numbers of rows
RAIN_PRODUCT = np.outer(RAIN.sum(axis=1), RAIN.sum(axis=0))


@cache
def table_of_chance():
    """The rows that the lesson prints: the same random numbers, another way to count."""
    random = np.random.default_rng(3)
    rows = []
    for n in (200, 2000, 20000):
        for copied in (0, 0.1):
            x, y = random.integers(10, size=(2, n))
            y = np.where(random.random(n) < copied, x, y)
            observed = plug_in(x, y)
            null = np.array([plug_in(x, random.permutation(y)) for _ in range(199)])
            p_value = (1 + sum(null >= observed - 1e-12)) / 200
            rows += [n, copied, observed, null.mean(), np.sort(null)[188:190], p_value]
            # the quantile at 0.95 lies at 188.1 of the numbers 0, ..., 198
            low, high = rows[-2]
            rows[-2] = low + 0.1 * (high - low)
    return rows


@cache
def table_of_normals():
    """The rows of the exercises' last cell."""
    random = np.random.default_rng(10)
    rows = []
    for n, rho in itertools.product((200, 5000), (0.0, 0.3, 0.6)):
        z = random.multivariate_normal([0, 0], [[1, rho], [rho, 1]], size=n)
        x, y = np.minimum(stats.norm.cdf(z.T) * 10, 9).astype(int)
        orders = random.permuted(np.tile(np.arange(n), (200, 1)), axis=1)
        observed = plug_in(x, y)
        null = np.array([plug_in(x, y[order]) for order in orders])
        p_value = (1 + np.sum(null >= observed)) / 201
        rows += [n, rho, observed, observed - null.mean(), p_value, abs(of_normals(rho))]
    return rows


def old_score(true, predicted):
    """Normalised mutual information as the library computed it before the correction."""
    counts = np.array(
        [[np.sum((true == a) & (predicted == b)) for b in np.unique(predicted)]
         for a in np.unique(true)], dtype=float,
    )  # fmt: skip
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    nonzero = np.nonzero(counts)
    seen, total = counts[nonzero], counts.sum()
    outer = rows.astype(int)[nonzero[0]] * columns.astype(int)[nonzero[1]]
    log_outer = -np.log(outer) + math.log(rows.sum()) + math.log(columns.sum())
    found = (seen / total * (np.log(seen) - math.log(total)) + seen / total * log_outer).sum()
    floor = np.finfo(float).eps
    return found / max(math.sqrt(nats(rows / total) * nats(columns / total)), floor)


SAID = {}
SAID[LESSON, "text"] = [
    # Why it matters
    ("finds a PSI of **{:.3f}** in these two", 0.0),
    # Explore
    (
        "Keep the correlation at {:.2f}. How small, and how large",
        0.2,
    ),
    (
        "Here, at a correlation of {:.2f}, it goes from {:.3f} to {:.3f} nats.",
        0.2,
        information(0.2 * STRAIGHT + 0.8 * np.outer([0.3, 0.4, 0.3], [0.3, 0.4, 0.3])),
        information(0.2 * STRAIGHT + 0.8 * unit_09.BENT),
    ),
    # By hand
    (
        "Margins ({:.1f}, {:.1f}) twice, so the product has {:.2f}, {:.2f}, {:.2f} and {:.2f}:",
        *RAIN.sum(axis=0),
        *RAIN_PRODUCT.ravel(),
    ),
    (
        r"${:.1f} \log \frac{{{:.1f}}}{{{:.2f}}} + 2 \cdot {:.1f} \log "
        r"\frac{{{:.1f}}}{{{:.2f}}} + {:.1f} \log \frac{{{:.1f}}}{{{:.2f}}}$",
        *(0.3, 0.3, 0.16),
        *(0.1, 0.1, 0.24),
        *(0.5, 0.5, 0.36),
    ),
    (
        "$= {:.3f} - {:.3f} + {:.3f} = {:.3f}$ nats, or {:.3f} bits",
        special.rel_entr(0.3, 0.16),
        -2 * special.rel_entr(0.1, 0.24),
        special.rel_entr(0.5, 0.36),
        information(RAIN),
        information(RAIN) / LN_2,
    ),
    (
        "Of the {:.3f} nats of surprise in the umbrella, the weather takes {:.0f} %.",
        entropies(RAIN)[1],
        100 * information(RAIN) / entropies(RAIN)[1],
    ),
    # Predict again
    (
        "The truth is 0 nats without copies and {:.3f} nats with them.",
        information(0.1 * np.eye(10) / 10 + 0.9 / 100),
    ),
    ("for $n$ rows of data: {:.4f} at 20 000, and {:.2f} at 200", 81 / 40000, 81 / 400),
    # Where this bites
    ("**A score of {:.3f} on a scale to 1.**", 511 / 128),
    ("whatever the data are: {:.3f} for 256 independent pairs", 8 * LN_2),
]
SAID[LESSON, "printed"] = lambda: [
    # Explore
    (
        "The correlation is {:.2f}, and whoever knows X saves {:.3f} of the {:.3f} nats of Y, "
        "{:.0f} %.",
        0.5,
        information(HALF),
        nats(HALF.sum(axis=0)),
        100 * information(HALF) / nats(HALF.sum(axis=0)),
    ),
    (
        "mutual information, KL(P‖Q): {:.3f} nats; correlation of X and Y: {:.3f}; X and Y by "
        "themselves stay as they were: holds, margin {:.3f}; mutual information ≥ 0: holds, "
        "margin {:.3f}; mutual information ≤ H(Y): holds, margin {:.3f}",
        information(HALF),
        0.5,
        0.0,
        information(HALF),
        nats(HALF.sum(axis=0)) - information(HALF),
    ),
    # The idea
    (
        "A code for each column by itself costs {:.3f} nats too much, and whoever knows the "
        "weather saves the same on Y: {:.3f} of its {:.3f} nats are left.",
        information(RAIN),
        entropies(RAIN)[2] - entropies(RAIN)[0],
        entropies(RAIN)[1],
    ),
    (
        "cross-entropy H(P, Q): {:.3f} nats; entropy H(P): {:.3f} nats; KL(P‖Q), mutual "
        "information: {:.3f} nats; H(P) + KL = H(X) + H(Y): holds, margin {:.3f}; KL ≥ 0: holds, "
        "margin {:.3f}; H(Y|X) ≥ 0: holds, margin {:.3f}",
        sum(entropies(RAIN)[:2]),
        entropies(RAIN)[2],
        information(RAIN),
        0.0,
        information(RAIN),
        entropies(RAIN)[2] - entropies(RAIN)[0],
    ),
    # By code
    ("from scratch {:.6f}\n", information(RAIN)),
    ("library {:.6f} {:.6f} bits", information(RAIN), information(RAIN) / LN_2),
    ("X and Y exchanged {:.6f}", information(RAIN.T)),
    ("three entropies {:.6f}", information(RAIN)),
    ("P and Q exchanged {:.6f}", kl(RAIN_PRODUCT, RAIN)),
    (
        "kl_mvn\n" + "\n".join(4 * ["{:g} {:.4f} {:.4f}"]),
        *interleaved(CORRELATIONS, *2 * [[of_normals(rho) for rho in CORRELATIONS]]),
    ),
    # Predict again
    (
        "their {} % p-value\n"
        + "\n".join(
            f"{indent}{{}} {{:g}} {{:.4f}} {{:.4f}} {{:.4f}} {{:.3f}}" for indent in INDENTS
        ),
        95,
        *table_of_chance(),
    ),
    # Where this bites
    ("[[{:.2f} {:.1f} ]\n [{:.2f} {:.1f} ]] sums to {:.1f}", *2 * [0.15, 0.2], 0.7),
    (
        "with it {:.6f} bits",
        special.xlogy(PUBLISHED, PUBLISHED / np.array([0.15, 0.2])).sum() / LN_2,
    ),
    ("in truth {:.6f} bits", information(PUBLISHED) / LN_2),
    ("at the most {:.6f} bits", stats.entropy([0.2, 0.8], base=2)),
]
SAID[EXERCISES, "text"] = [
    (
        "in a hundred cells {:.2f} nats are chance, whatever the correlation: {:.1f} can be told "
        "from 0, and {:.1f} cannot.",
        table_of_normals()[2] - table_of_normals()[3],
        0.6,
        0.3,
    ),
]
SAID[EXERCISES, "printed"] = [
    (
        "p-value exact\n"
        + "\n".join(
            f"{indent}{{}} {{:.1f}} {{:.3f}} {{:.3f}} {{:.3f}} {{:.3f}}"
            for indent in (" ", " ", " ", "", "", "")
        ),
        *table_of_normals(),
    ),
]

# Why it matters


def test_a_join_without_its_key_leaves_each_column_as_it_was():
    says(LESSON, "each column still holds exactly the values that it held before")
    random = np.random.default_rng(0)
    plan = random.integers(3, size=500)
    usage = plan + random.integers(2, size=500)
    shuffled = random.permutation(usage)
    assert np.array_equal(np.bincount(usage), np.bincount(shuffled))  # so its PSI is 0
    assert plug_in(plan, usage) > 0.5 > 0.05 > plug_in(plan, shuffled)


# Explore


def every_joint():
    shape, strength = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(0, 1, 51))
    return shape, strength, unit_09._joint(shape.ravel(), strength.ravel())


def test_what_the_tasks_of_the_explorer_promise():
    says(LESSON, "Choose *bent* and move up.", "the same for *rising* and for *falling*")
    offered = {p["name"]: p["state"] for p in unit_09.joint_beside_product().spec["presets"]}
    assert offered["bent"] == {"shape": 0.0}
    assert (offered["rising"], offered["falling"]) == ({"shape": 1.0}, {"shape": -1.0})
    up = [information(table) for table in unit_09._joint(np.zeros(51), np.linspace(0, 1, 51))]
    assert (np.diff(up) > 0).all()  # "X tells more and more about Y"
    for strength in (0.2, 0.5, 1.0):
        rising, falling = unit_09._joint(np.array([1.0, -1.0]), np.full(2, strength))
        assert information(rising) == pytest.approx(information(falling))
    shape, strength, tables = every_joint()
    at = np.isclose(shape * strength, 0.2).ravel()
    found = [information(table) for table in tables[at]]
    assert f"{min(found):.3f} {max(found):.3f}" == "0.038 0.301"


def test_the_solid_bar_shrinks_as_the_dependence_grows():
    says(LESSON, "the solid bar of P gets shorter as X and Y come to depend on each other")
    says(LESSON, "It is 0 only where all cuts are level.")
    shape, _, tables = every_joint()
    both = np.array([nats(table) for table in tables]).reshape(shape.shape)
    assert (np.diff(both, axis=0) < 0).all()
    level = np.ptp(tables / tables.sum(axis=2, keepdims=True), axis=1).max(axis=-1) < 1e-12
    assert (level == (np.array([information(table) for table in tables]) < 1e-12)).all()


# The idea


def tables(rows, columns, count=100):
    drawn = distributions(rows * columns, count)
    return drawn.reshape(-1, rows, columns)


def test_no_product_is_nearer_than_that_of_the_margins():
    says(LESSON, r"\mathrm{KL}(P \Vert r s) = I(X; Y) + \mathrm{KL}(P_X \Vert r) + \mathrm{KL}")
    for table, r, s in zip(tables(3, 4), distributions(3), distributions(4), strict=False):
        whole = kl(table, np.outer(r, s))
        parts = information(table) + kl(table.sum(axis=1), r) + kl(table.sum(axis=0), s)
        assert whole == pytest.approx(parts)


def test_the_forms_of_mutual_information_are_one_number():
    says(LESSON, r"\Vert\, p(y)\bigr) = H(Y) - H(Y \mid X)$$", r"$I(X; Y) \le H(Y)$")
    says(LESSON, "reads $H(X) + H(Y) = H(X, Y) + I(X; Y)$", "X tells about Y exactly as much as Y")
    for table in tables(3, 4):
        of_x, of_y = table.sum(axis=1), table.sum(axis=0)
        product = np.outer(of_x, of_y)
        direct = kl(table, product)
        by_rows = sum(share * kl(row / share, of_y) for share, row in zip(of_x, table, strict=True))
        left = sum(share * nats(row / share) for share, row in zip(of_x, table, strict=True))
        assert direct == pytest.approx(by_rows)
        assert direct == pytest.approx(nats(of_y) - left)
        assert direct == pytest.approx(information(table)) == pytest.approx(information(table.T))
        assert 0 <= direct <= min(nats(of_x), nats(of_y))
        assert -special.xlogy(table, product).sum() == pytest.approx(nats(of_x) + nats(of_y))
        assert mutual_information(table) == pytest.approx(direct)
        assert kl(product, table) != pytest.approx(direct)  # P and Q must not be exchanged


def test_what_the_second_picture_does_at_its_ends():
    says(LESSON, "Drag the cut to the dashed line, and both vanish; drag it to the top")
    level, top = unit_09._of_umbrella(np.array([0.4, 1.0]))
    assert information(level) == pytest.approx(0, abs=1e-12)
    assert information(top) == pytest.approx(nats(top.sum(axis=0))) == pytest.approx(nats(top))


# By code


def test_two_normals():
    says(LESSON, r"I(X; Y) = -\tfrac12 \log (1 - \rho^2)", r"has $\operatorname{tr} - d = 0$ here")
    says(LESSON, r"Read backwards, $\lvert \rho \rvert = \sqrt{1 - e^{-2 I}}$")
    for rho in (-0.6, 0.0, 0.3, 0.9):
        value = of_normals(rho)
        assert value == pytest.approx(-0.5 * math.log(1 - rho**2), abs=1e-8)
        assert math.sqrt(abs(1 - math.exp(-2 * value))) == pytest.approx(abs(rho), abs=1e-4)
    for rho in (0.1, 0.01):
        assert -0.5 * math.log(1 - rho**2) == pytest.approx(rho**2 / 2, rel=rho**2)


# Predict again


def test_the_words_about_the_table_of_chance():
    says(LESSON, "At 200 rows both drown in what chance puts there; at 2000 the copies stand out")
    says(LESSON, "and the number is still too large by nearly half")
    rows = np.array(table_of_chance()).reshape(6, 6)
    n, copied, observed, shuffled, _, p = rows.T
    small, middle = n == 200, n == 2000
    assert (p[small] > 0.1).all() and (p[(n > 200) & (copied > 0)] == 1 / 200).all()
    assert (p[copied == 0] > 0.05).all()
    truth = information(0.1 * np.eye(10) / 10 + 0.9 / 100)
    assert 1.4 < observed[middle & (copied > 0)][0] / truth < 1.6
    assert shuffled[small].mean() > 81 / 400  # "where it is still too small"
    assert np.allclose(shuffled[n == 20000], 81 / 40000, rtol=0.03)


def test_the_bias_of_independent_columns_is_about_the_formula():
    random = np.random.default_rng(4)
    for r, c, n in ((3, 3, 900), (4, 6, 2000), (2, 5, 800)):
        found = [
            plug_in(random.integers(r, size=n), random.integers(c, size=n)) for _ in range(400)
        ]
        error = np.std(found) / 20
        assert abs(np.mean(found) - (r - 1) * (c - 1) / (2 * n)) < 4 * error
        assert min(found) > 0 or min(found) == pytest.approx(0, abs=1e-12)


# Where this bites


def test_the_published_margins_and_the_ceiling():
    says(LESSON, "The second margin is not that of the table, and a row times a row is no table")
    assert not np.allclose(PUBLISHED.sum(axis=1), [0.75, 0.25])
    assert np.allclose(PUBLISHED.sum(axis=0), [0.2, 0.8])
    ceiling = min(stats.entropy(m, base=2) for m in (PUBLISHED.sum(axis=0), PUBLISHED.sum(axis=1)))
    assert ceiling == pytest.approx(stats.entropy([0.2, 0.8], base=2))


def test_the_score_above_its_ceiling_comes_from_two_roundings():
    says(LESSON, "Where one of two labellings is constant, mutual information is 0.")
    says(LESSON, "9e-16, by a normaliser that was 0 as well but for a floor of 2e-16")
    found = []
    for length in range(2, 700):
        one = np.zeros(length, dtype=int)
        other = one.copy()
        other[0] = 1
        found.append(old_score(one, other))
        assert information(np.array([[1 / length, 1 - 1 / length]])) == pytest.approx(0, abs=1e-12)
    eps = np.finfo(float).eps
    assert f"{eps:.0e}" == "2e-16"
    sizes = np.abs(found)
    assert 3.9 < sizes.max() < 4 and f"{sizes.max() * eps:.0e}" == "9e-16"
    assert np.isclose(sizes, 511 / 128).any()


def test_labels_that_are_real_numbers():
    says(LESSON, r"and the answer is $\log n$ whatever the data are")
    random = np.random.default_rng(1)
    for n in (100, 256):
        assert plug_in(*random.normal(size=(2, n))) == pytest.approx(math.log(n))
    assert plug_in(np.arange(256), random.integers(3, size=256)) == pytest.approx(
        plug_in(np.arange(256), np.arange(256)), rel=1
    )


def test_an_identifier_tells_all_that_there_is():
    says(LESSON, "Drop identifiers from a ranking of features, or they win it.")
    random = np.random.default_rng(2)
    target = random.integers(2, size=300)
    ceiling = nats(np.bincount(target) / 300)
    assert plug_in(np.arange(300), target) == pytest.approx(ceiling)
    assert plug_in(random.integers(5, size=300), target) < ceiling


# The exercises


def test_the_words_about_normals_in_cells():
    says(EXERCISES, "0.6 can be told from 0, and 0.3 cannot")
    rows = np.array(table_of_normals()).reshape(6, 6)
    n, _, observed, excess, p, exact = rows.T
    assert (p[:3] > 0.05).tolist() == [True, True, False]
    assert np.ptp((observed - excess)[:3]) < 0.005  # "whatever the correlation"
    assert (np.abs(observed - excess)[n == 5000] < 0.01).all()
    assert (excess < exact)[n == 5000][1:].all()
    # cut into the same cells, at so many rows that there is no bias to speak of
    random = np.random.default_rng(5)
    z = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=300_000)
    x, y = np.minimum(stats.norm.cdf(z.T) * 10, 9).astype(int)
    assert plug_in(x, y) < 0.95 * of_normals(0.6)  # "lost in the cells"


def test_the_promises_of_the_tasks_are_kept_by_the_reference():
    says(EXERCISES, "Entries may be 0, and a whole row or column may.")
    tried = [c.arguments[0] for c in find_question("mutual_information").cases()]
    assert any((p.sum(axis=1) == 0).any() for p in tried)
    assert any(p.shape[0] != p.shape[1] for p in tried)
    assert all(p.sum() == pytest.approx(1) for p in tried)
    for x, y, orders in (c.arguments for c in find_question("beyond_chance").cases()):
        assert len(x) == len(y) == orders.shape[1]
        assert (np.sort(orders, axis=1) == np.arange(len(x))).all()


def test_each_order_stands_beside_the_one_that_undoes_it():
    """So shuffling x in the place of y gives the same two numbers."""
    for x, y, orders in (c.arguments for c in find_question("beyond_chance").cases()):
        one = np.sort([plug_in(x, y[order]) for order in orders])
        other = np.sort([plug_in(x[order], y) for order in orders])
        assert np.allclose(one, other)
        near = [v for v in one if abs(v - plug_in(x, y)) < 1e-9]
        itself = sum((order == np.arange(len(x))).all() for order in orders)
        assert len(near) == itself  # no other shuffle reaches the data by rounding
