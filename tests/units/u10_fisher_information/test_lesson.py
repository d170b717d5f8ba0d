"""What lesson 10 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math
import re

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, stats

from tests.units.lesson_text import read, says
from tests.units.second_route import interleaved, kl

LESSON = "notebooks/10_fisher_information"
EXERCISES = LESSON.replace("notebooks", "solutions")
TRUTH, START, RATES = 10, 2.0, (0.1, 0.01, 0.001)


def coins(p, q):
    return kl([p, 1 - p], [q, 1 - q])


def normals(old, new):
    """KL(N(0, old)‖N(0, new)) in fifty digits."""
    with mpmath.workdps(50):
        ratio = (mpmath.mpf(old) / mpmath.mpf(new)) ** 2
        return float((ratio - 1 - mpmath.log(ratio)) / 2)


def by_quadrature(old, new):
    ends = old.mean() - 12 * old.std(), old.mean() + 12 * old.std()
    return integrate.quad(lambda x: old.pdf(x) * (old.logpdf(x) - new.logpdf(x)), *ends)[0]


def information(divergence, at):
    """The second derivative of a divergence between `at` and what lies beside it."""
    h = mpmath.mpf("1e-10")
    with mpmath.workdps(60):
        return float((divergence(at, at + h) + divergence(at, at - h)) / h**2)


def of_coins(p, q):
    return p * mpmath.log(p / q) + (1 - p) * mpmath.log((1 - p) / (1 - q))


def of_widths(s, t):
    return mpmath.log(t / s) + s**2 / (2 * t**2) - mpmath.mpf(1) / 2


def slope_of_kl(sigma):
    """The derivative of KL(N(0, TRUTH)‖N(0, sigma)), by differences."""
    h = 1e-5 * sigma
    return (normals(TRUTH, sigma + h) - normals(TRUTH, sigma - h)) / (2 * h)


def descent(rate, natural, in_log):
    """σ after a time of 1 in steps of the rate, by a loop of its own."""
    parameter = math.log(START) if in_log else START
    for _ in range(round(1 / rate)):
        sigma = math.exp(parameter) if in_log else parameter
        slope = (sigma**2 - TRUTH**2) / sigma**3 * (sigma if in_log else 1)
        fisher = 2 if in_log else 2 / sigma**2
        parameter -= rate * (slope / fisher if natural else slope)
    return math.exp(parameter) if in_log else parameter


def flow(speed):
    """Where a width goes in a time of 1 with this speed, by an integrator."""
    path = integrate.solve_ivp(lambda _, s: speed(s), (0, 1), [START], rtol=1e-10, atol=1e-12)
    return path.y[0, -1]


def squared_means(p, size):
    """The mean square of the mean score of a batch: the variance of the share of heads, scaled."""
    return stats.binom(size, p).var() / size**2 / (p * (1 - p)) ** 2


# the lowest point of the ellipse at so many doublings
LOWEST = [1 - math.sqrt(0.5) * 0.5**zoom for zoom in range(7)]
PRICES = [0.5 * 0.25**zoom for zoom in range(7)]
OFF = [normals(1, s) / nats - 1 for s, nats in zip(LOWEST, PRICES, strict=True)]
FIRST_STEP = START - 0.1 * slope_of_kl(START), START * math.exp(-0.1 * START * slope_of_kl(START))
TABLE = [
    [descent(rate, natural, in_log) for natural in (False, True) for in_log in (False, True)]
    for rate in RATES
]
STEPS = [
    [1e6 * normals(s, new) for new in (s + 0.01, math.sqrt(s**2 + 0.01), s * math.exp(0.01))]
    for s in (0.1, 1, 10)
]
SAMPLE = np.random.default_rng(10).normal(0, 2, 1_000_000)

SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    ("same learning rate, {:.1f}. After one step", 0.1),
    ("the first model has σ = {:.2f} and the second **σ = {:.2f}**", *FIRST_STEP),
    # Explore
    (
        "at the lowest point of the ellipse KL(P‖Q) is {:.2f} nats and KL(Q‖P) {:.2f}",
        normals(1, LOWEST[0]),
        normals(LOWEST[0], 1),
    ),
    ("after six of them the larger one is {:.1f} %", 100 * OFF[6]),
    ("Zoom in until KL(P‖Q) is within {} % of ½ dᵀFd", 5),
    ("then down to σ = {:.1f}. What has changed", 0.1),
    ("what does the step of {:.3f} in σ cost now", 0.001),
    (
        "{:.1f} millionths of a nat, against {:.2f} at σ = 1",
        1e6 * normals(0.1, 0.101),
        1e6 * normals(1, 1.001),
    ),
    # By hand
    ("A coin moves from $p = {:.1f}$ to ${:.2f}$", 0.2, 0.25),
    (
        r"\dfrac{{1}}{{{:.1f} \cdot {:.1f}}} = {:.2f}$, so the step costs about "
        r"$\tfrac12 \cdot {:.2f} \cdot {:.2f}^2 = {:.5f}$ nats",
        0.2,
        0.8,
        information(of_coins, mpmath.mpf("0.2")),
        information(of_coins, mpmath.mpf("0.2")),
        0.05,
        information(of_coins, mpmath.mpf("0.2")) * 0.05**2 / 2,
    ),
    (
        r"${:.1f} \ln \dfrac{{{:.1f}}}{{{:.2f}}} + {:.1f} \ln \dfrac{{{:.1f}}}{{{:.2f}}} = "
        r"{:.5f} + {:.5f} = {:.5f}$ nats",
        0.2,
        0.2,
        0.25,
        0.8,
        0.8,
        0.75,
        -0.2 * math.log(1.25),
        -0.8 * math.log1p(-0.0625),
        coins(0.2, 0.25),
    ),
    (
        r"From {:.1f} to {:.2f} it would be about $\tfrac12 \cdot 4 \cdot {:.2f}^2 = {:.5f}$ nats",
        0.5,
        0.55,
        0.05,
        information(of_coins, mpmath.mpf("0.5")) * 0.05**2 / 2,
    ),
    # By code
    ("the natural columns meet, at {:.3f}, and", flow(lambda s: (TRUTH**2 / s - s) / 2)),
    # Where this bites
    ("For a coin with p = {:.1f}, exactly", 0.3),
]
SAID[LESSON, "printed"] = [
    # Explore
    ("P has σ = {:.1f}, and ½ dᵀFd says {:.3f} nats on the whole ellipse", 1, 0.5),
    (
        "KL(P‖Q) is {:.0f} % larger than that, and KL(Q‖P) {:.0f} %",
        100 * OFF[0],
        100 * (normals(LOWEST[0], 1) / 0.5 - 1),
    ),
    ("½ dᵀFd on the whole ellipse: {:.6f} nats", 0.5),
    ("KL(P‖Q) at its lowest point: {:.6f} nats", normals(1, LOWEST[0])),
    ("KL(Q‖P) there: {:.6f} nats", normals(LOWEST[0], 1)),
    ("KL of a step of {:.3f} in σ: {:.2f} millionths", 0.001, 1e6 * normals(1, 1.001)),
    (
        "above ½ dᵀFd at the lowest point: holds, margin {:.6f}",
        min(normals(LOWEST[0], 1), normals(1, LOWEST[0])) - 0.5,
    ),
    (
        "both below it at the highest: holds, margin {:.6f}",
        0.5 - max(normals(1 + math.sqrt(0.5), 1), normals(1, 1 + math.sqrt(0.5))),
    ),
    ("both equal to it at the sides: holds, margin {:.3f}", 0),
    # By code
    ("second derivative of KL {:.4f}", information(of_widths, mpmath.mpf(2))),
    ("mean square of the score {:.4f}", np.mean(((SAMPLE / 2) ** 2 - 1) ** 2) / 4),
    ("[[{:.2f} 0. ]\n [0. {:.1f} ]]", 1 / 4, information(of_widths, mpmath.mpf(2))),
    (
        "error / d³" + 3 * "\n{:g} {:.9f} {:.4f} {:.4f}",
        *interleaved(
            (0.1, 0.01, 0.001),
            [normals(1, 1 + d) for d in (0.1, 0.01, 0.001)],
            [normals(1, 1 + d) / d**2 for d in (0.1, 0.01, 0.001)],
            [(normals(1, 1 + d) - d**2) / d**3 for d in (0.1, 0.01, 0.001)],
        ),
    ),
    (
        "natural: σ log σ" + 3 * "\n{:g} {:.3f} {:.3f} {:.3f} {:.3f}",
        *interleaved(RATES, *np.transpose(TABLE).tolist()),
    ),
    # Predict again
    (
        " \n ".join(3 * ["{:g} σ: {:.6g} σ²: {:.6g} log σ: {:.6g}"]),
        *interleaved((0.1, 1, 10), *np.transpose(STEPS).tolist()),
    ),
    # Where this bites
    ("mean of squares {:.3f}", information(of_coins, mpmath.mpf("0.3"))),
    *(
        (f"squared mean, batches of {size} {{:.4f}}", squared_means(0.3, size))
        for size in (1, 10, 100, 1000)
    ),
]

SAID[EXERCISES, "text"] = [("For p = {:.1f} the error goes with the cube of the step", 0.3)]
FLIPS = np.random.default_rng(10).permutation(np.repeat([1, 0], [300, 700])).reshape(10, 100)
SHARES = FLIPS.mean(axis=1)  # of heads in ten batches


def error(p, step):
    return abs(coins(p, p + step) - step**2 / (2 * p * (1 - p)))


def fall(p, step):
    return error(p, step) / error(p, step / 10)


SAID[EXERCISES, "printed"] = [
    (
        "\n".join(2 * ["p = {:.1f}, F {:.3f}, error divided by {:.0f} and {:.0f}"]),
        *(
            number
            for p in (0.3, 0.5)
            for number in (p, 1 / p + 1 / (1 - p), fall(p, 0.1), fall(p, 0.01))
        ),
    ),
    (
        "σ = 2 becomes {:.5f}, or {:.5f} by log σ",
        START - 0.001 * slope_of_kl(START) / (2 / START**2),
        START * math.exp(-0.001 * START * slope_of_kl(START) / 2),
    ),
    (
        "mean of squares {:.3f}, of ten batches {:.3f}, of all {:.3f}",
        information(of_coins, mpmath.mpf("0.3")),
        np.mean((SHARES - 0.3) ** 2) / 0.21**2,
        (SHARES.mean() - 0.3) ** 2 / 0.21**2,
    ),
]


# The claims in words


def test_up_close_both_directions_are_one_ellipse_and_the_error_halves():
    says(
        LESSON,
        "Towards the end every doubling of the zoom halves the error",
        "**Up close KL is an ellipse, the same one in both directions.**",
    )
    ratios = [far / near for far, near in itertools.pairwise(OFF)]
    assert ratios[-2:] == pytest.approx([2, 2], abs=0.1)
    reverse = [normals(s, 1) / nats - 1 for s, nats in zip(LOWEST, PRICES, strict=True)]
    assert all(0 < other < one for one, other in zip(OFF, reverse, strict=True))


def test_the_answers_to_the_tasks():
    says(LESSON, "The answers: five doublings; nothing;")
    assert OFF[4] > 0.05 > OFF[5]
    # measured in σ the half-plane looks the same from every point
    for mu, sigma in ((0, 1), (1, 0.1), (-0.5, 1.2)):
        shift, ratio = 0.3, 1.2
        new = stats.norm(mu + shift * sigma, ratio * sigma)
        price = by_quadrature(stats.norm(mu, sigma), new)
        assert price == pytest.approx(normals(1, ratio) + shift**2 / (2 * ratio**2), rel=1e-7)


def test_a_small_step_costs_half_of_the_sum_of_squares_over_p():
    says(
        LESSON,
        r"= \tfrac12 \sum \frac{\delta^2}{p} + O(d^3)",
        "both directions begin alike",
    )
    p, direction = np.array([0.5, 0.3, 0.2]), np.array([0.2, -0.3, 0.1])
    left = []
    for d in (1e-2, 1e-3):
        local = (d * direction) ** 2 @ (1 / p) / 2
        forward, reverse = kl(p, p + d * direction), kl(p + d * direction, p)
        left.append((abs(forward - local), abs(reverse - local)))
    for far, near in zip(*left, strict=True):
        assert far / near == pytest.approx(1000, rel=0.1)


def test_the_score_has_mean_0_and_its_square_has_the_mean_f():
    says(LESSON, r"$F$ is the variance of the score", r"F = \sum p\, s^2 = \mathbb{E}[s^2]")
    x = np.arange(200)
    rate, h = 3.5, 1e-5
    score = (stats.poisson.logpmf(x, rate + h) - stats.poisson.logpmf(x, rate - h)) / (2 * h)
    chances = stats.poisson.pmf(x, rate)
    assert chances @ score == pytest.approx(0, abs=1e-8)
    assert chances @ score**2 == pytest.approx(1 / rate, rel=1e-7)  # as the table says
    # "the second derivative of KL by d at d = 0"
    beside = [kl(chances, stats.poisson.pmf(x, rate + d)) for d in (1e-3, -1e-3)]
    assert sum(beside) / 1e-6 == pytest.approx(1 / rate, rel=1e-5)


def test_the_table_of_f():
    says(
        LESSON,
        r"| coin | $p$ | $1 / (p (1-p))$ |",
        r"| Poisson | $\lambda$ | $1 / \lambda$ |",
        r"so a step costs $(d_\mu^2 + 2 d_\sigma^2) / (2 \sigma^2)$: the ellipse of the picture",
        r"$\sqrt\lambda$ for a rate",
        r"| normal | $\mu$ | $1 / \sigma^2$ |",
        r"| normal | $\sigma$ | $2 / \sigma^2$ |",
    )
    bends = {p: information(of_coins, mpmath.mpf(p)) for p in (0.1, 0.3, 0.5, 0.6)}
    for p, bend in bends.items():
        assert bend == pytest.approx(1 / p + 1 / (1 - p))
    for sigma in (0.5, 2.0):
        assert information(of_widths, mpmath.mpf(sigma)) == pytest.approx(2 / sigma**2)
        means = information(lambda a, b, s=sigma: (a - b) ** 2 / (2 * s**2), mpmath.mpf(1))
        assert means == pytest.approx(1 / sigma**2)

    def poisson(a, b):
        return a * mpmath.log(a / b) - a + b

    # equal steps of the root cost about the same, with F = 4
    for rate in (0.5, 4.0, 50.0):
        in_roots = information(lambda a, b: poisson(a**2, b**2), mpmath.sqrt(rate))
        assert in_roots == pytest.approx(4)


def test_the_off_diagonal_of_a_normal_is_0():
    h = 1e-4

    def price(a, s):
        return float(np.log(s) + (1 + a**2) / (2 * s**2) - 0.5)

    mixed = price(h, 1 + h) - price(h, 1 - h) - price(-h, 1 + h) + price(-h, 1 - h)
    assert mixed / (4 * h**2) == pytest.approx(0, abs=1e-6)


def test_a_step_of_one_standard_error_costs_half_a_nat():
    says(
        LESSON,
        r"A step of $1/\sqrt{n F}$ then costs half a nat",
        r"for the coin $\sqrt{p (1-p) / n}$",
    )
    n, p = 100_000, 0.3
    step = stats.binom(n, p).std() / n
    assert step == pytest.approx(1 / math.sqrt(n / (p * (1 - p))))
    assert n * coins(p, p + step) == pytest.approx(0.5, rel=0.01)


def test_f_of_another_name():
    says(
        LESSON,
        r"F_\varphi = g'(\varphi)^2\, F_\theta",
        r"F_{\log\sigma} = \sigma^2 \cdot 2/\sigma^2 = 2",
        r"$F_v = 2 / (4 \sigma^4) = 1/(2 v^2)$",
    )

    def by_log(a, b):
        return of_widths(mpmath.exp(a), mpmath.exp(b))

    for sigma in (0.2, 1, 30):
        assert information(by_log, mpmath.log(sigma)) == pytest.approx(2, rel=1e-6)
        by_variance = information(
            lambda v, w: of_widths(mpmath.sqrt(v), mpmath.sqrt(w)), mpmath.mpf(sigma) ** 2
        )
        assert by_variance == pytest.approx(1 / (2 * sigma**4), rel=1e-6)


def test_f_of_several_parameters_under_other_names():
    """(μ, σ) of a normal as (μ/σ, log σ): JᵀFJ against differences of KL."""
    says(LESSON, r"F_\varphi = J^\top F_\theta J")
    mu, sigma, h = 0.7, 1.6, 1e-4

    def price(step):
        level, width = mu / sigma + step[0], math.log(sigma) + step[1]
        m, s = level * math.exp(width), math.exp(width)
        return math.log(s / sigma) + (sigma**2 + (mu - m) ** 2) / (2 * s**2) - 0.5

    bend = np.empty((2, 2))
    for i, e in enumerate(np.eye(2) * h):
        for j, f in enumerate(np.eye(2) * h):
            bend[i, j] = (price(e + f) - price(e - f) - price(f - e) + price(-e - f)) / (4 * h**2)
    jacobian = np.array([[sigma, mu], [0, sigma]])  # of (μ, σ) by (μ/σ, log σ)
    expected = jacobian.T @ np.diag([1 / sigma**2, 2 / sigma**2]) @ jacobian
    np.testing.assert_allclose(bend, expected, rtol=1e-4)


def test_the_natural_gradient_falls_most_for_its_price():
    says(LESSON, r"d = -\eta\, F^{-1} \nabla L")
    fisher, slope = np.array([[2.0, 0.6], [0.6, 0.5]]), np.array([1.0, -0.4])
    natural = -np.linalg.solve(fisher, slope)
    natural *= math.sqrt(2 * 0.01 / (natural @ fisher @ natural))
    angles = np.linspace(0, 2 * math.pi, 20_000)
    steps = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    steps *= np.sqrt(0.02 / np.einsum("ni,ij,nj->n", steps, fisher, steps))[:, None]
    assert slope @ natural == pytest.approx((steps @ slope).min(), rel=1e-6)


def test_the_natural_columns_meet_and_the_plain_ones_do_not():
    says(
        LESSON,
        "With smaller steps the natural columns meet",
        "the plain gradient in log σ is twice the natural one",
    )
    limit = math.sqrt(TRUTH**2 - (TRUTH**2 - START**2) * math.exp(-1))  # the flow in closed form
    assert limit == pytest.approx(flow(lambda s: (TRUTH**2 / s - s) / 2), rel=1e-8)
    gaps = [(abs(row[2] - limit), abs(row[3] - limit)) for row in TABLE]
    assert all(np.max(near) < np.min(far) for far, near in itertools.pairwise(gaps))
    assert np.max(gaps[-1]) < 0.005
    assert TABLE[-1][1] - TABLE[-1][0] > 4


def test_the_error_is_minus_five_thirds_of_the_cube():
    says(LESSON, r"the error is a cube, here $-\tfrac53 d^3$")
    with mpmath.workdps(50):
        d = mpmath.mpf("1e-10")
        error_of_width = mpmath.log(1 + d) + 1 / (2 * (1 + d) ** 2) - mpmath.mpf(1) / 2 - d**2
        assert float(error_of_width / d**3) == pytest.approx(-5 / 3, rel=1e-6)


def test_a_fair_coin_may_move_further():
    says(LESSON, "a fair coin may move further for the same price")
    far = optimize.brentq(lambda q: coins(0.5, q) - coins(0.2, 0.25), 0.5, 0.9)
    assert far - 0.5 > 0.05


def test_the_samples_give_two_digits():
    says(LESSON, "A million samples give two digits")
    squares = ((SAMPLE / 2) ** 2 - 1) ** 2 / 4
    standard_error = squares.std() / 1000
    assert abs(squares.mean() - 0.5) < 3 * standard_error < 0.006


def test_a_batch_leaves_a_share_of_f():
    says(LESSON, r"A batch of $b$ gives $F/b$")
    for size in (1, 10, 100, 1000):
        assert squared_means(0.3, size) == pytest.approx(1 / 0.21 / size)
    assert re.search(r"squared mean, all of the data 0$", read(LESSON).printed, re.MULTILINE)


def test_the_empirical_information_agrees_where_the_model_is_right():
    says(LESSON, "The two agree where the model is right, and may be far apart elsewhere")
    model = np.array([0.3, 0.7])
    scores = np.array([1 / 0.3, -1 / 0.7])
    for labels, same in ((model, True), (np.array([0.9, 0.1]), False)):
        assert (labels @ scores**2 == pytest.approx(1 / 0.21)) == same
    assert np.array([0.9, 0.1]) @ scores**2 > 2 / 0.21


def test_for_a_fair_coin_the_cube_is_missing():
    says(EXERCISES, "for a fair coin the cube is missing, and the error goes with the fourth power")
    assert fall(0.5, 0.01) == pytest.approx(10_000, rel=0.01)
    assert fall(0.3, 0.01) == pytest.approx(1000, rel=0.05)
