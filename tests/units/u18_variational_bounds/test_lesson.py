"""What lesson 18 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math
from functools import cache

import numpy as np
import pytest
from scipy import integrate, special, stats

from klteach.units.u18_variational_bounds import explorer as unit_18
from tests.units.lesson_text import says
from tests.units.second_route import P, Q, kl

LESSON = "notebooks/18_variational_bounds"
EXERCISES = LESSON.replace("notebooks", "solutions")
N, RUNS = 500, 4000

# By hand: the critic (2, 0, 0) on the pair of the course
MEAN_T = sum(p * t for p, t in zip(P, (2, 0, 0), strict=True))
PARTS = [q * math.exp(t) for q, t in zip(Q, (2, 0, 0), strict=True)]
Z = math.fsum(PARTS)
BENT = [part / Z for part in PARTS]
DV_BY_HAND = MEAN_T - math.log(Z)

# The theorem
NO_DRAW = (1 - 1 / N) ** N
FAR = 4.27  # beyond it Q puts one draw in a hundred thousand


def log_ratio(x, mean):
    return stats.norm.logpdf(x, mean) - stats.norm.logpdf(x)


def twin_truth():
    """KL(P‖Q') of N(6, 1) and its twin, by quadrature."""

    def integrand(x):
        twin = np.logaddexp(
            stats.norm.logpdf(x) + math.log1p(-1 / N), stats.norm.logpdf(x, 6) - math.log(N)
        )
        return stats.norm.pdf(x, 6) * (stats.norm.logpdf(x, 6) - twin)

    return integrate.quad(integrand, -3, 15, limit=200)[0]


def exact_mean_of_dv(mean, n):
    """What the sample's DV is on average, by Frullani's integral for the logarithm of a sum."""
    y = np.linspace(-9, 9, 4001)
    weight = stats.norm.pdf(y) * (y[1] - y[0])
    u = np.arange(-80, 80, 0.5)
    parts = [np.exp(-np.exp(a + mean * y - mean**2 / 2) / n) @ weight for a in u]
    log_mean = np.sum(np.exp(-np.exp(u)) - np.array(parts) ** n) * 0.5
    return mean**2 / 2 - float(log_mean)


@cache
def runs():
    """What the lesson's code prints, from the same noise by other formulas."""
    random = np.random.default_rng(18)
    x, y = random.normal(2, 1, N), random.normal(0, 1, N)
    at_p, at_q = log_ratio(x, 2), log_ratio(y, 2)
    rows = [
        t - np.logaddexp.reduce(np.concatenate([at_q[:i], [t], at_q[i + 1 :]])) + math.log(N)
        for i, t in enumerate(at_p)
    ]
    one = {
        "DV": math.fsum(at_p) / N - math.log(math.fsum(np.exp(at_q)) / N),
        "NWJ": math.fsum(at_p + 1) / N - math.fsum(np.exp(at_q)) / N,
        "InfoNCE": math.fsum(rows) / N,
    }
    many = {}
    for mean in (2, 6):
        x, y = random.normal(mean, 1, (RUNS, N)), random.normal(0, 1, (RUNS, N))
        means = mean * x.mean(axis=1) - mean**2 / 2
        z = np.exp(mean * y).mean(axis=1) * math.exp(-(mean**2) / 2)
        many[mean] = {
            "DV": means - np.log(z),
            "NWJ": means - z / math.e,
            "NWJ + 1": means + 1 - z,
            "z": z,
        }
    return one, many


def of(mean, bound):
    values = runs()[1][mean][bound]
    return values.mean(), values.std(), 100 * (values > mean**2 / 2).mean()


def shape_of_the_highest():
    """The critic that makes the most of the explorer's first sample, each of them tried."""
    x, y = (points[0] for points in unit_18.samples())
    levels = range(-5, 7)
    shapes = list(itertools.product(levels, repeat=3))
    return max(shapes, key=lambda shape: dv_of_points(shape, x, y))


def critic(shape, x):
    left, middle, right = shape
    return np.where(
        x < 1, middle + (middle - left) / 2 * (x - 1), middle + (right - middle) / 2 * (x - 1)
    )


def dv_of_points(shape, x, y):
    return critic(shape, x).mean() - special.logsumexp(critic(shape, y)) + math.log(len(y))


def dv_exactly(shape):
    pieces = list(itertools.pairwise((-14, 1, 3, 16)))
    mean, z = (
        sum(integrate.quad(f, *ends, limit=200)[0] for ends in pieces)
        for f in (
            lambda x: float(critic(shape, x)) * stats.norm.pdf(x, 2),
            lambda x: math.exp(float(critic(shape, x)) + stats.norm.logpdf(x)),
        )
    )
    return mean - math.log(z)


def reports(truth, n):
    """DV, NWJ and InfoNCE in the second explorer's 200 samples."""
    noise = np.random.default_rng(18).standard_normal((2, 200, 2048))[:, :, :n]
    mean = math.sqrt(2 * truth)
    at_p, at_q = log_ratio(noise[0] + mean, mean), log_ratio(noise[1], mean)
    log_z = special.logsumexp(at_q, axis=1) - math.log(n)
    others = special.logsumexp(at_q[:, : n - 1], axis=1)[:, None]
    nce = (at_p - np.logaddexp(at_p, others)).mean(axis=1) + math.log(n)
    return np.stack([at_p.mean(axis=1) - log_z, at_p.mean(axis=1) + 1 - np.exp(log_z), nce], -1)


HIGHEST = shape_of_the_highest()
REPORTS = reports(4, 512)
REPORTED = np.median(REPORTS, axis=0)
SAMPLES = unit_18.samples()

SAID = {}

SAID[LESSON, "text"] = [
    # Why it matters
    ("A small photograph has {} 528 numbers", 224 * 224 * 3 // 1000),
    # Explore
    ("In none of the {} shapes", 12**3),
    ("without the 1 it is {:.3f}. That was the first prediction", 2 - 1 / math.e),
    (
        "can be made to say {:.2f} and no more, by a critic that is worth {:.2f} nats",
        dv_of_points(HIGHEST, SAMPLES[0][0], SAMPLES[1][0]),
        dv_exactly(HIGHEST),
    ),
    ("the last one at {:.2f}. The fresh sample", SAMPLES[1][0].max()),
    (
        "The fresh sample has one at {:.2f}, and says {:.2f}",
        SAMPLES[1][1].max(),
        dv_of_points(HIGHEST, SAMPLES[0][1], SAMPLES[1][1]),
    ),
    # The idea
    (
        "At 18 nats {:.0f} % of it comes from points beyond {:.2f}",
        100 * stats.norm.sf(FAR, 6),
        stats.norm.isf(1e-5) + 0.005,
    ),
    (r"and then $\hat Z$ is about {:.3f}", float(np.median(runs()[1][6]["z"]))),
    # By hand
    (
        "$P = ({:.1f}, {:.1f}, {:.1f})$, $Q = ({:.1f}, {:.1f}, {:.1f})$, with KL(P‖Q) = {:.3f} "
        "nats. Take",
        *P,
        *Q,
        kl(P, Q),
    ),
    (r"$\mathbb{{E}}_P[T] = {:.1f}$ and $Z = {:.1f}\, e^2 + {:.1f} = {:.3f}$", MEAN_T, 0.1, 0.9, Z),
    (r"$\mathrm{{DV}} = {:.1f} - \log {:.3f} = {:.3f}$", MEAN_T, Z, DV_BY_HAND),
    (r"$\mathrm{{NWJ}} = {:.1f} - {:.3f} / e = {:.3f}$", MEAN_T, Z, MEAN_T - Z / math.e),
    (
        "$({:.3f}, {:.1f}, {:.1f}) / {:.3f} = ({:.3f}, {:.3f}, {:.3f})$, and KL from P to it is "
        "{:.3f}, just",
        *PARTS,
        Z,
        *BENT,
        kl(P, BENT),
    ),
    # By code
    ("At 2 nats DV is off by {:.2f}", exact_mean_of_dv(2, N) - 2),
    ("exactly, 2 - 1/e = {:.3f}. At 18", 2 - 1 / math.e),
    (
        "At 18 nats DV says {:.1f} with a standard deviation of {:.1f}.",
        exact_mean_of_dv(6, N),
        of(6, "DV")[1],
    ),
    # Predict again
    ("to report 5 nats to within {:.1f}?", 0.5),
    # Where this bites
    ("for every pair it is wrong in at most {} % of cases", 5),
    ("which is {:.1f} % for $n = 500$", 100 * NO_DRAW),
    (r"in at least ${:.3f}\, s$", NO_DRAW),
    (
        r"So $s \le {:.2f} / {:.3f} = {:.1f}$ %",
        0.05,
        NO_DRAW,
        100 * 0.05 / NO_DRAW,
    ),
    ("For 18 nats it takes $e^{{18}}$, {:.0f} million samples", math.exp(18) / 1e6),
    ("more than log 500 = {:.2f} nats in each of the {} samples", math.log(N), RUNS),
    ("whose truth is {:.2f} nats, it says", twin_truth()),
    ("it says {:.1f} on average whenever no draw came from P", exact_mean_of_dv(6, N)),
    ("18 nats and 500 samples have a standard deviation of {:.1f}", of(6, "DV")[1]),
    ("Here that gives 18 ± {:.2f}", 6 / math.sqrt(N)),
]

SAID[LESSON, "printed"] = [
    # the explorers' first states
    ("The bent Q is {:.3f} nats from P, and so much DV lacks", 2.0),
    ("The first sample says {:.3f}: {:.3f} below the truth", 0.0, 2.0),
    ("| DV: {:.3f} nats; DV of the sample: {:.3f} nats; NWJ: {:.3f} nats", 0, 0, -1 / math.e),
    ("InfoNCE, 1 of 4: {:.3f} nats; KL(P‖bent Q): {:.3f} nats", 0.0, 2.0),
    ("DV ≤ truth: holds, margin {:.3f}; NWJ ≤ DV: holds, margin {:.3f}", 2.0, 1 / math.e),
    ("InfoNCE ≤ log 4: holds, margin {:.3f}", math.log(4)),
    ("log N = {:.2f} is above the truth", math.log(512)),
    ("and DV, NWJ and InfoNCE report {:.2f}, {:.2f} and {:.2f}. |", *REPORTED),
    (
        "DV, median: {:.2f} nats; NWJ, median: {:.2f} nats; InfoNCE, median: {:.2f} nats",
        *REPORTED,
    ),
    ("DV above the truth: {:.0f} % of samples", 100 * (REPORTS[:, 0] > 4).mean()),
    (
        "InfoNCE ≤ log N: holds, margin {:.3f}; NWJ ≤ DV: holds, margin {:.3f}",
        math.log(512) - np.quantile(REPORTS[:, 2], 0.95),
        min(-np.diff(np.quantile(REPORTS[:, :2], share, axis=0))[0] for share in (0.05, 0.5, 0.95)),
    ),
    ("; log N: {:.2f} nats", math.log(512)),
    # By code
    ("DV {:.3f} {:.3f}\nNWJ", *2 * [runs()[0]["DV"]]),
    ("NWJ {:.3f} {:.3f}\n", *2 * [runs()[0]["NWJ"]]),
    ("InfoNCE {:.3f} {:.3f}\n", *2 * [runs()[0]["InfoNCE"]]),
    ("\n 2 DV {:.2f} {:.2f} {:.1f}%", *of(2, "DV")),
    ("\n 2 NWJ {:.2f} {:.2f} {:.1f}%", *of(2, "NWJ")),
    ("\n 18 DV {:.2f} {:.2f} {:.1f}%", *of(6, "DV")),
    # Predict again
    (
        "median {:.2f}, lowest {:.0f}, mean {:.2f}",
        np.median(runs()[1][6]["NWJ + 1"]),
        runs()[1][6]["NWJ + 1"].min(),
        runs()[1][6]["NWJ + 1"].mean(),
    ),
    ("above {:.1f} nats in {:.0f}%", 18.5, 100 * (runs()[1][6]["NWJ + 1"] > 18.5).mean()),
    (
        "by the formula: {:.1f}e+06 nats",
        math.sqrt((math.exp(36) - 1 + 36) / N) / 1e6,
    ),
]


def exercise_compare():
    """What the last cell of the exercises prints."""
    random = np.random.default_rng(0)
    x, y = random.normal(6, 1, 500), random.normal(0, 1, 500)
    dv = log_ratio(x, 6).mean() - special.logsumexp(log_ratio(y, 6)) + math.log(500)
    scores = np.random.default_rng(1).normal(0, 1, (8, 8)) + 5 * np.eye(8)
    return dv, np.diag(special.log_softmax(scores, axis=1)).mean() + math.log(8)


COMPARED = exercise_compare()

SAID[EXERCISES, "text"] = [
    (r"the bound of Nguyen, Wainwright and Jordan is {:.3f}, with $T + 1$ it is 2", 2 - 1 / math.e),
]

SAID[EXERCISES, "printed"] = [
    ("can never report more than {:.2f} nats", math.log(64)),
    ("DV {:.4f} {:.4f} of a truth of 18", *2 * [COMPARED[0]]),
    ("NWJ {:.4f} with your constant", COMPARED[0]),
    ("InfoNCE {:.4f} {:.4f} below log 8 = {:.4f}", *2 * [COMPARED[1]], math.log(8)),
    (
        "the twin {:.4f} below log 500 = {:.4f}, where",
        kl([0.2, 0.8], [(1 - 1 / 500) + 0.2 / 500, 0.8 / 500]),
        math.log(500),
    ),
]


# The claims


def test_what_dv_lacks_is_the_divergence_to_the_bent_model():
    says(LESSON, "What DV lacks is a KL itself")
    for seed in range(20):
        random = np.random.default_rng(seed)
        p, q = random.dirichlet(np.ones(4), 2)
        t = random.normal(0, 2, 4)
        z = q @ np.exp(t)
        bent = q * np.exp(t) / z
        assert kl(p, q) - (p @ t - math.log(z)) == pytest.approx(kl(p, bent))
        assert p @ t - z / math.e <= p @ t - math.log(z) + 1e-12
        # equal where the mean of the exponential is e
        shifted = t + 1 - math.log(z)
        assert p @ shifted - q @ np.exp(shifted - 1) == pytest.approx(p @ t - math.log(z))


def test_the_critics_of_the_first_prediction():
    assert MEAN_T - Z / math.e < DV_BY_HAND < kl(P, Q)
    ratio = np.log(np.divide(P, Q))
    for constant in (0, 1, 3):
        t = ratio + constant
        assert P @ t - math.log(Q @ np.exp(t)) == pytest.approx(kl(P, Q))
        assert P @ t - Q @ np.exp(t - 1) == pytest.approx(
            kl(P, Q) + constant - math.exp(constant - 1)
        )


def every_info_nce(p, q, t, n):
    """InfoNCE by enumeration: one outcome of p and n - 1 of q, each of them tried."""
    total = 0.0
    for x, *others in itertools.product(range(len(p)), repeat=n):
        ratio = math.exp(t[x]) / (sum(math.exp(t[y]) for y in (x, *others)) / n)
        total += p[x] * math.prod(q[y] for y in others) * math.log(ratio)
    return total


def test_info_nce_is_below_the_truth_and_below_log_n():
    says(LESSON, r"so $R \le N$ and $I_N \le \log N$. Always.")
    for seed in range(6):
        random = np.random.default_rng(seed)
        p, q = random.dirichlet(np.full(3, 0.4), 2)
        for t in (np.log(p / q), random.normal(0, 3, 3)):
            for n in (2, 4):
                assert every_info_nce(p, q, t, n) <= min(kl(p, q), math.log(n)) + 1e-12
    near, far = [0.999, 0.001], [0.001, 0.999]
    best = np.log(np.divide(near, far))
    assert every_info_nce(near, far, best, 4) == pytest.approx(math.log(4), abs=0.02)


def test_the_ratios_with_all_points_from_q_have_the_mean_1():
    q, t = [0.1, 0.3, 0.6], [2.0, -1.0, 0.5]
    mean = sum(
        math.prod(q[y] for y in four) * math.exp(t[four[0]]) / np.mean(np.exp([t[y] for y in four]))
        for four in itertools.product(range(3), repeat=4)
    )
    assert mean == pytest.approx(1)


def test_the_dv_of_a_sample_is_too_high_on_average():
    says(LESSON, "**the DV of a sample is too high on average**")
    for mean, n in ((0.5, 10), (1, 30), (2, 500), (6, 500)):
        assert exact_mean_of_dv(mean, n) > mean**2 / 2
    # and what the lesson prints is this mean, within three standard errors
    for mean in (2, 6):
        values = runs()[1][mean]["DV"]
        error = values.std() / math.sqrt(RUNS)
        assert abs(values.mean() - exact_mean_of_dv(mean, N)) < 3 * error
    assert exact_mean_of_dv(2, 5000) == pytest.approx(2.005, abs=1e-3)


def test_frullani_agrees_with_a_sum_of_two():
    """The mean of the logarithm of the mean of two ratios, by a double integral."""
    z = np.linspace(-9, 9, 721)
    weight = stats.norm.pdf(z) * (z[1] - z[0])
    logs = np.logaddexp.outer(z - 0.5, z - 0.5) - math.log(2)
    assert exact_mean_of_dv(1, 2) == pytest.approx(0.5 - weight @ logs @ weight, abs=1e-6)


def test_where_the_mean_of_the_ratio_is_made():
    assert 0.9e-5 < stats.norm.sf(FAR) < 1.01e-5
    ratio = lambda x: stats.norm.pdf(x) * math.exp(6 * x - 18)  # noqa: E731
    beyond = integrate.quad(ratio, FAR, 16)[0]
    assert beyond == pytest.approx(stats.norm.sf(FAR, 6)) and beyond > 0.955
    # "A sample of 500 has none of them"
    assert stats.norm.cdf(FAR) ** N > 0.99


def test_the_optimum_of_the_sample_rises_where_it_has_few_points_of_q():
    says(LESSON, "It rises to the right of 1, where that sample has three points of Q")
    assert HIGHEST == (-5, -5, 6)
    assert (SAMPLES[1] > 1).sum(axis=1).tolist() == [3, 6]


def test_which_bounds_a_constant_moves():
    says(LESSON, "Which bounds stay, and which one moves?")
    x, y = (points[0] for points in SAMPLES)
    for shape in ((-5, -5, 5), (-4, 0, 4)):
        lifted = tuple(height + 1 for height in shape)
        assert dv_exactly(lifted) == pytest.approx(dv_exactly(shape))
        assert dv_of_points(lifted, x, y) == pytest.approx(dv_of_points(shape, x, y))


def test_a_plain_exponential_of_a_large_critic_is_infinite():
    says(LESSON, "At a critic value of 800 the plain")
    with np.errstate(over="ignore"):
        assert np.log(np.mean(np.exp([800.0, 1.0]))) == np.inf


def test_nwj_goes_on_one_nat_above_the_truth():
    says(LESSON, "NWJ goes on 1 nat above the truth")
    for truth in (10, 14, 18, 20):
        assert np.median(reports(truth, 512)[:, 1]) - truth == pytest.approx(1, abs=0.25)
    # its own critic under P
    assert 18 + 1 == pytest.approx(
        integrate.quad(lambda x: (6 * x - 18 + 1) * stats.norm.pdf(x, 6), -4, 16)[0]
    )


def test_they_part_where_the_truth_passes_log_n():
    says(LESSON, r"Where the truth passes the dashed line, $\log N$, they part")
    for n in (16, 128, 1024):
        near, far = math.log(n) / 3, 2 * math.log(n)
        assert np.ptp(np.median(reports(near, n), axis=0)) < 0.35
        dv, nwj, nce = np.median(reports(far, n), axis=0)
        assert dv > nwj + 1 > far and math.log(n) > nce > 0.9 * math.log(n)


def test_how_many_samples_five_nats_take():
    says(LESSON, "How many samples does InfoNCE need to report 5 nats to within")
    enough = [n for n in (256, 512, 1024, 2048) if np.median(reports(5, n)[:, 2]) >= 4.5]
    assert enough == [1024, 2048]


def test_the_twin_of_a_model():
    says(LESSON, r"\mathrm{KL}(P \Vert Q') \;\le\; \log n")
    for seed in range(20):
        random = np.random.default_rng(seed)
        p, q = random.dirichlet(np.full(4, 0.3), 2)
        for n in (2, 10, 500):
            assert kl(p, (1 - 1 / n) * q + p / n) <= math.log(n)
    assert twin_truth() < math.log(N)
    # the chance of no draw, by the binomial law
    assert stats.binom.pmf(0, N, 1 / N) == pytest.approx(NO_DRAW)
    assert 1 / 3 < NO_DRAW < 1 / math.e
    # and no sample of the lesson's says less than log 500
    assert runs()[1][6]["DV"].min() > math.log(N)


def test_shuffled_pairs_have_the_truth_0():
    says(LESSON, "Run everything once on shuffled pairs, where the truth is 0")
    assert kl(P, P) == 0


def test_the_insight_of_the_twin_exercise():
    assert next(n for n in range(2, 200) if (1 - 1 / n) ** n > 1 / 3) == 6
    assert all((1 - 1 / n) ** n > 1 / 3 for n in range(6, 5000))
