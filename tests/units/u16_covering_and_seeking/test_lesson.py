"""What lesson 16 and its exercises say: numbers by a second route, claims in words."""

import math
from functools import cache

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, stats

from klteach.units.u16_covering_and_seeking import explorer as unit_16
from tests.units.lesson_text import read, says
from tests.units.second_route import interleaved

LESSON = "notebooks/16_covering_and_seeking"
EXERCISES = LESSON.replace("notebooks", "solutions")

LOG_2 = integrate.quad(lambda x: 1 / x, 1, 2)[0]


def log_p(x, a, w=0.5):
    """The log density of two bells."""
    right, left = -((x - a) ** 2) / 2, -((x + a) ** 2) / 2
    return np.logaddexp(np.log(w) + right, np.log1p(-w) + left) - 0.5 * math.log(2 * math.pi)


X, STEP = np.linspace(-25, 25, 25001, retstep=True)
Z = np.arange(-9, 9, 0.03)
SHARES = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()


def reverse(mu, sigma, a, w=0.5):
    """KL(N(mu, sigma²)‖P): the entropy in closed form, the rest as a sum."""
    return -math.log(sigma) - 0.5 * math.log(2 * math.pi * math.e) - SHARES @ log_p(
        mu + sigma * Z, a, w
    )  # fmt: skip


def by_simpson(f):
    return integrate.simpson(f, dx=STEP)


def forward(mu, sigma, a, w=0.5):
    """KL(P‖N(mu, sigma²))"""
    logs = log_p(X, a, w)
    return by_simpson(np.exp(logs) * (logs - stats.norm.logpdf(X, mu, sigma)))


def minimum(a, w, mu, sigma):
    """(mean, sd, KL) of the local minimum below a start, by a simplex search."""
    found = optimize.minimize(
        lambda at: reverse(at[0], math.exp(at[1]), a, w),
        (mu, math.log(sigma)),
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 2000},
    )
    return found.x[0], math.exp(found.x[1]), found.fun


def middle(a, w=0.5):
    return minimum(a, w, (2 * w - 1) * 0.6 * a, 0.87 * a)


def side(a, w=0.5):
    return minimum(a, w, a, 1.0)


@cache
def jump(w, low, high):
    """Where the minimum on the heavier bell gets as deep as the one in the middle."""
    return optimize.brentq(lambda a: side(a, w)[2] - middle(a, w)[2], low, high, xtol=1e-6)


@cache
def first_three():
    """From where on there is a minimum on a bell, beside the one in the middle."""

    def has_it(a):
        return abs(side(a)[0]) > 1

    low, high = 2.3, 2.5
    assert has_it(high) and not has_it(low)
    while high - low > 1e-4:
        a = (low + high) / 2
        low, high = (low, a) if has_it(a) else (a, high)
    return high


def sd_of_p(a):
    return math.sqrt(by_simpson(np.exp(log_p(X, a)) * X**2))


def entropy(a):
    return -by_simpson(np.exp(log_p(X, a)) * log_p(X, a))


def within_half_an_hour(cdf):
    return 100 * (cdf(0.5) - cdf(-0.5))


def two_bells_cdf(x):
    return (stats.norm.cdf(x, -3) + stats.norm.cdf(x, 3)) / 2


AT_JUMP = jump(0.5, 2.6, 3.0)
AT_3, BEST_3 = middle(3.0), side(3.0)

TONS = np.array([
    2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78, 5.25,
    5.424, 5.345, 2.2, 1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14, 1.513, 3.17,
    2.77, 3.57, 2.78,
])  # fmt: skip
MILES = np.array([
    21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4,
    14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7, 15, 21.4,
])  # fmt: skip
LINE = stats.linregress(TONS, MILES)
RESIDUAL = math.sqrt(np.sum((MILES - LINE.intercept - LINE.slope * TONS) ** 2) / 30)
# of the intercept and the slope of a line, by the textbook's sums
SPREAD = float(np.sum((TONS - TONS.mean()) ** 2))
EXACT = RESIDUAL * math.sqrt(1 / 32 + TONS.mean() ** 2 / SPREAD)
CORRELATION = -TONS.mean() / math.sqrt(np.mean(TONS**2))
HELD = RESIDUAL / math.sqrt(32)  # the intercept's, with the slope held


def narrow(rho):
    """The standard deviation of one coordinate while the other is held: the root of 1 − ρ²."""
    return float(mpmath.sqrt(1 - mpmath.mpf(rho) ** 2))


SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    (
        "expects **{:.1f} %** of all parcels within half an hour of noon. Of the real ones "
        "**{:.1f} %** come then",
        within_half_an_hour(stats.norm(0, math.sqrt(10)).cdf),
        within_half_an_hour(two_bells_cdf),
    ),
    # Explore
    (
        "up to $a = {:.2f}$. There it *jumps* onto one of the bells: its standard deviation falls "
        "from {:.2f} to {:.2f}. Its KL does not jump; it is {:.3f} nats on both sides",
        AT_JUMP,
        middle(AT_JUMP)[1],
        side(AT_JUMP)[1],
        side(AT_JUMP)[2],
    ),
    ("From $a = {:.2f}$ on there are three", first_three()),
    ("at {:.2f} they get lower than the one in the middle", AT_JUMP),
    (
        "at mean 0 and standard deviation {:.3f}, with {:.3f} nats, and on the bells there are "
        "{:.3f}",
        AT_3[1],
        AT_3[2],
        BEST_3[2],
    ),
    (
        "With 60 to 40 the jump comes at {:.2f}, onto the heavier bell, and with 70 to 30 at "
        "{:.2f}.",
        jump(0.6, 2.45, 2.6),
        jump(0.7, 2.172, 2.3),
    ),
    # The idea
    (r"for two equal bells $\log 2 = {:.3f}$, **however far away", LOG_2),
    # By hand
    (
        "| N(0, 10), standard deviation {:.3f} | {:.3f} | {:.3f} |",
        sd_of_p(3.0),
        forward(0.0, sd_of_p(3.0), 3.0),
        reverse(0.0, sd_of_p(3.0), 3.0),
    ),
    (
        r"| the right bell, N(3, 1) | {:.3f} | {:.3f}, at most $\log 2 = {:.3f}$ |",
        forward(3.0, 1.0, 3.0),
        reverse(3.0, 1.0, 3.0),
        LOG_2,
    ),
    (
        r"The entropy of P is {:.3f} nats, that of one bell, {:.3f}, plus nearly $\log 2$",
        entropy(3.0),
        stats.norm.entropy(),
    ),
    (
        r"$-{:.3f} + \log({:.3f} \sqrt{{2\pi}}) + \tfrac{{10}}{{20}} = {:.3f}$, and "
        r"$-{:.3f} + \log \sqrt{{2\pi}} + \tfrac{{10 + 9}}{{2}} = {:.3f}$",
        entropy(3.0),
        sd_of_p(3.0),
        forward(0.0, sd_of_p(3.0), 3.0),
        entropy(3.0),
        forward(3.0, 1.0, 3.0),
    ),
    # By code
    ("the mean goes from 0 to {:.3f}", side(2.81)[0]),
    # Predict again
    ("with a correlation of {:.1f}. Q may be", 0.9),
    (r"For $\rho = {:.1f}$ these are {:.2f} and 1", 0.9, narrow(0.9) ** 2),
    # Where this bites
    ("with a residual standard deviation of {:.3f}. With a flat prior", RESIDUAL),
    (
        r"a correlation of {:.3f}, so the mean field keeps $\sqrt{{1 - {:.3f}^2}}$, or {:.0f} %,",
        CORRELATION,
        -CORRELATION,
        100 * HELD / EXACT,
    ),
    # Main take-away
    ("two equal bells are covered up to $a = {:.2f}$", AT_JUMP),
]
SAID[LESSON, "code"] = [("rows.T @ rows / {:.3f}**2", RESIDUAL)]
SAID[LESSON, "printed"] = [
    # Explore
    (
        "in the middle and covers both bells, at {:.3f} nats. The ball finds it. | least KL(P‖Q): "
        "{:.3f} nats; dotted Q: mean {:.2f}, sd {:.2f}; least KL(Q‖P): {:.3f} nats; bold Q: mean "
        "{:.2f}, sd {:.2f}; the ball ends at: {:.2f};",
        middle(2.0)[2],
        forward(0.0, sd_of_p(2.0), 2.0),
        0.0,
        sd_of_p(2.0),
        middle(2.0)[2],
        0.0,
        middle(2.0)[1],
        0.0,
    ),
    (
        "KL(P‖Q): holds, margin {:.3f}; the bold Q has the smaller KL(Q‖P): holds, margin {:.3f}; "
        "least KL(Q‖P) ≤ log(1/larger share): holds, margin {:.3f}",
        forward(0.0, middle(2.0)[1], 2.0) - forward(0.0, sd_of_p(2.0), 2.0),
        reverse(0.0, sd_of_p(2.0), 2.0) - middle(2.0)[2],
        LOG_2 - middle(2.0)[2],
    ),
    # By code
    (
        "start mean sd KL(Q‖P)\n {:.1f}, {:.1f} {:.3f} {:.3f} {:.4f}\n {:.1f}, {:.1f} {:.3f} "
        "{:.3f} {:.4f}\n{:.1f}, {:.1f} {:.3f} {:.3f} {:.4f}\n",
        *(0.5, 3.0, 0.0, AT_3[1], AT_3[2]),
        *(2.0, 1.0, *BEST_3),
        *(-2.0, 1.0, -BEST_3[0], *BEST_3[1:]),
    ),
    (
        "sd, forward\n"
        + "\n".join([" {:g} {:.3f} {:.3f} {:.4f} {:.3f}"] * 2)
        + "\n{:g} {:.3f} {:.3f} {:.4f} {:.3f}\n {:.1f} {:.3f} {:.3f} {:.4f} {:.3f}",
        *(2.7, 0.0, *middle(2.7)[1:], sd_of_p(2.7)),
        *(2.8, 0.0, *middle(2.8)[1:], sd_of_p(2.8)),
        *(2.81, *side(2.81), sd_of_p(2.81)),
        *(3.0, *BEST_3, sd_of_p(3.0)),
    ),
    # Predict again
    (
        "by correlation\n"
        + "\n".join(
            f"{start}{{}}: sd {{:.3f}} by KL(P‖Q), {{:.3f}} by KL(Q‖P)"
            for start in (" ", " ", " ", "")
        ),
        *interleaved(
            ("0.0", "0.5", "0.9", "0.99"),
            [1.0] * 4,
            [narrow(rho) for rho in ("0", "0.5", "0.9", "0.99")],
        ),
    ),
    # Where this bites
    ("weights as they are sd of the intercept {:.3f}, mean field {:.3f}", EXACT, HELD),
    ("weights less their mean sd of the intercept {:.3f}, mean field {:.3f}", HELD, HELD),
    ("the first intercept from the second fit: {:.3f}", EXACT),
]
SAID[EXERCISES, "text"] = [
    ("within {:.5f} nats of the least", 1e-5),
    ("At {:.1f} both fits cover both bells", 2.6),
]
SAID[EXERCISES, "printed"] = [
    (
        "\n".join(
            f"a = {{:.1f}} {name} |mean| {{:.3f}} sd {{:.3f}} KL(Q‖P) {{:.3f}}"
            for name in ("covering", "seeking") * 2
        ),
        *(2.6, 0.0, sd_of_p(2.6), reverse(0.0, sd_of_p(2.6), 2.6)),
        *(2.6, 0.0, *middle(2.6)[1:]),
        *(3.0, 0.0, sd_of_p(3.0), reverse(0.0, sd_of_p(3.0), 3.0)),
        *(3.0, *BEST_3),
    ),
    (
        "\n".join(["correlation {}: sd {:.3f} one way, {:.3f} the other"] * 3),
        *interleaved(
            ("0.5", "0.9", "0.99"), [1.0] * 3, [narrow(rho) for rho in ("0.5", "0.9", "0.99")]
        ),
    ),
    # what a right answer has earned
    ("Two equal bells at ±{:.1f} are covered, at ±3 one of them is left out", 2.6),
]
ALLOWED = {
    (LESSON, "text"): [("Section 10.1.2 has", "the number of a section")],
}


# Explore


def test_the_dotted_fit_moves_smoothly_and_the_bold_one_is_a_little_narrower():
    says(
        LESSON,
        "The dotted fit moves smoothly and always spans both bells.",
        "a little narrower than the dotted one",
    )
    for a in np.arange(1.0, 2.81, 0.2):
        assert 0.85 < middle(a)[1] / sd_of_p(a) < 1
        assert abs(middle(a)[0]) < 1e-6
        assert sd_of_p(a) == pytest.approx(math.sqrt(1 + a * a), abs=1e-6)


def test_the_best_fit_jumps_and_its_kl_does_not():
    says(LESSON, "Its KL does not jump", "another valley has become the deepest")
    before, after = AT_JUMP - 0.01, AT_JUMP + 0.01
    assert middle(before)[2] < side(before)[2]
    assert side(after)[2] < middle(after)[2]
    assert side(after)[2] - middle(before)[2] < 0.01
    assert side(after)[0] - middle(before)[0] > 2.7


def test_the_side_valleys_are_higher_at_first():
    says(LESSON, "Those on the sides are higher at first")
    for a in (first_three() + 0.01, 2.6, 2.75):
        assert side(a)[2] > middle(a)[2] and side(a)[0] > 1.5


def test_the_middle_stays_a_minimum_after_the_jump():
    says(LESSON, "it is a genuine minimum", "a minimum, but only a local one. Try another start.")
    for a in (2.9, 3.0, 3.5, 4.0):
        mean, sd, kl = middle(a)
        assert abs(mean) < 1e-6
        for turn in np.linspace(0, 2 * np.pi, 12, endpoint=False):
            assert reverse(0.05 * math.cos(turn), sd * math.exp(0.05 * math.sin(turn)), a) > kl


def test_descent_from_the_start_of_the_prediction_ends_in_the_middle():
    place = np.array([0.5, math.log(3.0)])
    for _ in range(600):
        h = 1e-5
        gradient = [
            reverse(place[0] + h, math.exp(place[1]), 3.0)
            - reverse(place[0] - h, math.exp(place[1]), 3.0),
            reverse(place[0], math.exp(place[1] + h), 3.0)
            - reverse(place[0], math.exp(place[1] - h), 3.0),
        ]
        place = place - 0.2 * np.array(gradient) / (2 * h)
    assert abs(place[0]) < 1e-3 and math.exp(place[1]) == pytest.approx(AT_3[1], abs=1e-4)


def test_where_the_other_shares_jump_and_where_none_does():
    says(LESSON, "With 80 to 20 there is none: Q slides over.", "onto the heavier bell")
    for w, a in ((0.6, jump(0.6, 2.45, 2.6)), (0.7, jump(0.7, 2.172, 2.3))):
        left = min((middle(a - 0.01, w), side(a - 0.01, w)), key=lambda fit: fit[2])
        right = min((middle(a + 0.01, w), side(a + 0.01, w)), key=lambda fit: fit[2])
        assert right[0] - left[0] > 0.9
    means = [
        min((middle(a, 0.8), side(a, 0.8)), key=lambda fit: fit[2])[0]
        for a in np.arange(1.4, 2.4, 0.02)
    ]
    assert 0 < np.diff(means).max() < 0.06


def test_the_presets_and_tasks_that_the_lesson_names():
    says(LESSON, "Choose *hardly two*, then *80 to 20*", "Do the three tasks")
    explorer = unit_16.two_bells()
    offered = {preset["name"]: preset["state"] for preset in explorer.spec["presets"]}
    assert offered["80 to 20"] == {"w": 0.8} and offered["hardly two"] == {"a": 1.0, "w": 0.5}
    assert len(explorer.spec["words"]["tasks"]) == 3


# The idea


def test_what_a_normal_sees_of_p():
    says(LESSON, r"\frac{v + (m - \mu)^2}{2 \sigma^2}", "is 0 at $\\sigma^2 = v$ only")
    for a, w, mu, sigma in ((2.0, 0.5, 0.3, 1.5), (3.0, 0.7, -1.0, 2.0)):
        p = np.exp(log_p(X, a, w))
        m, h = by_simpson(p * X), -by_simpson(p * log_p(X, a, w))
        v = by_simpson(p * (X - m) ** 2)
        formula = (
            -h + math.log(sigma * math.sqrt(2 * math.pi)) + (v + (m - mu) ** 2) / (2 * sigma**2)
        )
        assert formula == pytest.approx(forward(mu, sigma, a, w), abs=1e-9)
        best = optimize.minimize(
            lambda at, a=a, w=w: forward(at[0], math.exp(at[1]), a, w), (2.0, 0.0)
        )
        assert best.x[0] == pytest.approx(m, abs=1e-3)
        assert math.exp(best.x[1]) == pytest.approx(math.sqrt(v), abs=1e-3)


def test_a_lost_mode_costs_at_most_log_one_over_w():
    says(
        LESSON,
        r"\mathrm{KL}(Q \Vert P) \le \mathrm{KL}(Q \Vert b) + \log \frac1w",
        "The explorer holds this bound in every state.",
    )
    random = np.random.default_rng(16)
    for _ in range(60):
        a, w = random.uniform(0.5, 5), random.uniform(0.05, 0.95)
        mu, sigma = random.uniform(-5, 5), random.uniform(0.3, 4)
        to_bell = 0.5 * (sigma**2 + (mu - a) ** 2 - 1) - math.log(sigma)
        assert reverse(mu, sigma, a, w) <= to_bell - math.log(w) + 1e-9
    for a in (5.0, 50.0):
        assert reverse(a, 1.0, a) == pytest.approx(LOG_2, abs=1e-4)  # however far away


def test_the_forgotten_bell_ruins_the_other_direction_and_the_valley_the_middle():
    says(LESSON, "and KL(P‖Q) grows like $a^2$", "where $-\\log p$ is about $a^2/2$")
    says(LESSON, "Its KL grows without end")
    for a in (4.0, 6.0):
        assert forward(a, 1.0, a) / a**2 == pytest.approx(1, abs=0.05)
    a = mpmath.mpf(50)
    density = mpmath.exp(-(a**2) / 2) / mpmath.sqrt(2 * mpmath.pi)
    assert -mpmath.log(density) / (a**2 / 2) == pytest.approx(1, abs=1e-3)
    depths = [middle(a)[2] for a in (3.0, 6.0, 12.0)]
    assert depths[1] > 3 * depths[0] and depths[2] > 3 * depths[1]


def test_each_direction_prefers_its_own_fit():
    says(LESSON, "Each direction prefers its own Q, and by a lot.")
    wide, bell = (0.0, math.sqrt(10)), (3.0, 1.0)
    assert forward(*bell, 3.0) > 10 * forward(*wide, 3.0)
    assert reverse(*wide, 3.0) > 1.3 * reverse(*bell, 3.0)
    assert entropy(3.0) - stats.norm.entropy() == pytest.approx(LOG_2, abs=0.005)


# Predict again


def test_the_divergence_of_an_independent_fit():
    says(LESSON, r"\tfrac12 \sum_i \bigl(\Lambda_{ii}\, d_i - \log d_i\bigr) + \text{a constant}")
    says(LESSON, r"For two coordinates that is $\sigma_i^2 (1 - \rho^2)$")
    says(LESSON, "Its means will be right under both directions.")
    random = np.random.default_rng(7)
    root = random.normal(size=(4, 4))
    cov = root @ root.T
    precision = np.linalg.inv(cov)

    def kl(p, q, apart=0):
        inverse = np.linalg.inv(q)
        logs = np.linalg.slogdet(q)[1] - np.linalg.slogdet(p)[1]
        return 0.5 * (np.trace(inverse @ p) - 4 + logs + np.sum(inverse * np.outer(apart, apart)))

    draws = random.uniform(0.2, 3.0, (5, 4))
    left = [kl(np.diag(d), cov) for d in draws]
    right = [0.5 * np.sum(np.diag(precision) * d - np.log(d)) for d in draws]
    assert np.ptp(np.subtract(left, right)) < 1e-9
    d = draws[0]
    for apart in np.eye(4):  # both directions are least where the means are equal
        assert kl(np.diag(d), cov, apart) > left[0]
        assert kl(cov, np.diag(d), apart) > kl(cov, np.diag(d))
    two = np.array([[4.0, 1.2], [1.2, 1.0]])
    rho = 1.2 / 2
    assert 1 / np.diag(np.linalg.inv(two)) == pytest.approx(np.diag(two) * (1 - rho**2))


# Where this bites


def test_the_line_through_the_cars():
    says(LESSON, "Draw a straight line through 32 old cars", "and nothing else.")
    assert len(TONS) == 32 and f"{LINE.intercept:.2f} {LINE.slope:.2f}" == "37.29 -5.34"
    code = read(LESSON).code
    listed = code[code.index("weight = np.array([") :].split("])")[0]
    numbers = [
        float(part) for part in listed.split("[")[1].replace("\n", " ").split(",") if part.strip()
    ]
    assert numbers == TONS.tolist()
    # the intercept's standard error of a library, and the mean field by sampling one of the two
    assert LINE.intercept_stderr == pytest.approx(EXACT, rel=1e-9)
    assert pytest.approx(math.sqrt(1 - CORRELATION**2)) == HELD / EXACT
    centred = stats.linregress(TONS - TONS.mean(), MILES)
    assert centred.intercept_stderr == pytest.approx(HELD)
    assert math.hypot(HELD, TONS.mean() * centred.stderr) == pytest.approx(EXACT)


# Exercises


def test_at_2_6_both_fits_cover_and_cost_about_the_same():
    says(EXERCISES, "both fits cover both bells and cost about the same")
    says(EXERCISES, "At 3 one of them has moved and the other has not")
    assert reverse(0.0, sd_of_p(2.6), 2.6) - middle(2.6)[2] < 0.07
    assert reverse(0.0, sd_of_p(3.0), 3.0) - BEST_3[2] > 0.2
