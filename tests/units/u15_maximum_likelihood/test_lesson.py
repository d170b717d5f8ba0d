"""What lesson 15 and its exercises say: numbers by a second route, claims in words."""

import math

import mpmath
import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.data import state_of_the_union
from klteach.inference import fit_normal_forward
from klteach.units.u15_maximum_likelihood import explorer as unit_15
from tests.units.lesson_text import says
from tests.units.second_route import P, Q, cross, kl, nats

LESSON = "notebooks/15_maximum_likelihood"
EXERCISES = LESSON.replace("notebooks", "solutions")

# Explore: the days of the explorer, one by one


def days(name):
    return np.repeat(np.arange(13), unit_15.DAYS[name])


def poisson_loss(rows, mean):
    return -stats.poisson.logpmf(rows, mean).mean()


def geometric_loss(rows, mean):
    return -stats.geom.logpmf(rows + 1, 1 / (1 + mean)).mean()


def floor(rows):
    return stats.entropy(np.bincount(rows))


def lowest(loss, rows):
    """Where a loss is least, by a search, and how low."""
    found = optimize.minimize_scalar(
        lambda mean: loss(rows, mean), bounds=(0.05, 12), method="bounded"
    )
    return found.x, found.fun


START = days("twenty days")

# By hand: the horse kicks

KICKS = np.repeat(np.arange(5), [109, 65, 22, 3, 1])
RATE = KICKS.sum() / 200
KICKS_FLOOR = floor(KICKS)
GAPS = [poisson_loss(KICKS, RATE) - KICKS_FLOOR, geometric_loss(KICKS, RATE) - KICKS_FLOOR]

# By code: rows in ever narrower bins

ROWS = np.random.default_rng(1922).normal(size=20)
MIDDLE, SPREAD = ROWS.mean(), math.sqrt(((ROWS - ROWS.mean()) ** 2).mean())
WIDTHS = [4.0**-power for power in range(5)]


def in_bins(width, shift):
    """(H(P̂), KL) with bins of a width, against the fit moved by `shift`; masses by quadrature."""
    cells = np.floor(ROWS / width)
    terms = []
    for cell in np.unique(cells):
        share = np.mean(cells == cell)
        mass = integrate.quad(
            lambda x: stats.norm.pdf(x, MIDDLE + shift, SPREAD), cell * width, (cell + 1) * width
        )[0]
        terms.append((-share * math.log(share), share * math.log(share / mass)))
    return np.sum(terms, axis=0)


def bins():
    for width in WIDTHS:
        (entropy, near), (_, far) = in_bins(width, 0), in_bins(width, 1)
        yield width, entropy, near, far, far - near


# the difference of two mean log densities with one spread, from the squares alone
BY_DENSITIES = (((ROWS - MIDDLE - 1) ** 2 - (ROWS - MIDDLE) ** 2).mean()) / (2 * SPREAD**2)

# By code: the words of the addresses

DATA = state_of_the_union()
OLD = [y in range(1981, 2001) and f == "spoken" for y, f in zip(DATA.year, DATA.form, strict=True)]
NEW = [y in range(2001, 2009) for y in DATA.year]
TRAIN, FRESH = DATA.counts[OLD].sum(axis=0), DATA.counts[NEW].sum(axis=0)
SHARES = FRESH / FRESH.sum()


def model(alpha):
    return (TRAIN + alpha) / (TRAIN.sum() + alpha * len(TRAIN))


def loss_of(counts, alpha):
    return cross(counts / counts.sum(), model(alpha))


GAIN = loss_of(FRESH, 0.5) - loss_of(FRESH, 2)
TOKENS = int(FRESH.sum())

# Where this bites: sepal length (R's iris) on sepal width, from the (co)variances with n - 1

VARIANCE_LENGTH, VARIANCE_WIDTH, COVARIANCE = 0.6856935, 0.1899794, -0.0424340
RESIDUAL = 149 / 150 * (VARIANCE_LENGTH - COVARIANCE**2 / VARIANCE_WIDTH)
LOG_LIKELIHOOD = -150 / 2 * (math.log(2 * math.pi * RESIDUAL) + 1)

SAID = {}

SAID[LESSON, "text"] = [
    ("* say what {:.2f} nats a token are worth", 0.01),
    # Why it matters
    ("goes from {:.2f} to **{:.2f}** nats a token", loss_of(FRESH, 0.5), loss_of(FRESH, 2)),
    # Explore
    ("the mean of the rows, {:.1f}. (For", START.mean()),
    ("(For *two kinds of day* it is {:.1f}, where no day is.)", days("two kinds of day").mean()),
    ("easier to guess, H(P̂) = {:.3f}, while", floor(days("steady days"))),
    ("KL stays above {:.1f}.", 0.9),
    (
        "have their lowest points at {:.1f}, {:.1f} and {:.1f}: a fit",
        *(lowest(poisson_loss, days(name))[0] for name in list(unit_15.DAYS)[:3]),
    ),
    # The idea
    ("with sd {:.2f} and its peak", math.sqrt(10)),
    (
        "KL is still {:.3f} nats",
        -integrate.quad(
            lambda x: (
                stats.norm.pdf(x, 3)
                * (
                    stats.norm.logpdf(x, 0, math.sqrt(10))
                    - np.logaddexp(stats.norm.logpdf(x, 3), stats.norm.logpdf(x, -3))
                    + math.log(2)
                )
            ),
            -8,
            14,
        )[0],
    ),
    # By hand
    (r"$\bar k = (65 + 44 + 9 + 4)/200 = {:.2f}$", RATE),
    (r"Loss: $\theta - {:.2f} \log \theta + \tfrac{{1}}", RATE),
    (r"with slope $1 - {:.2f}/\theta$, which is 0 at θ = {:.2f}.", RATE, RATE),
    (
        r"There it is ${:.2f} + {:.3f} + {:.3f} = {:.3f}$ nats, and $H(\hat P) = {:.3f}$.",
        RATE,
        -RATE * math.log(RATE),
        float(mpmath.fsum(mpmath.log(mpmath.factorial(k)) for k in KICKS)) / 200,
        poisson_loss(KICKS, RATE),
        KICKS_FLOOR,
    ),
    ("So KL = {:.3f}.", GAPS[0]),
    # By code
    ("leaves {:.4f} nats over, where the Poisson leaves {:.4f}", GAPS[1], GAPS[0]),
    ("over 200 rows {:.1f} nats", 200 * (GAPS[1] - GAPS[0])),
    ("the table is {:.0f} times likelier", math.exp(200 * (GAPS[1] - GAPS[0]))),
    (
        "H(P̂, Q), as it must be: {:.4f} + {:.4f} for α = 2. Without context no model gets below "
        "{:.4f}",
        nats(SHARES),
        loss_of(FRESH, 2) - nats(SHARES),
        nats(SHARES),
    ),
    # Predict again
    ("From α = {:g} to α = 2 the fresh loss falls by about {:.2f} nats", 0.5, GAIN),
    ("| unit | {:.2f} nats a token are |", 0.01),
    ("| perplexity | {:.0f} % less, at every level |", 100 * (1 - math.exp(-0.01))),
    ("a factor of e to {:.2f} × tokens, which grows with the text", 0.01),
    (
        "| compressed size | {:.4f} bytes a token, {:.1f} GB in a trillion tokens |",
        0.01 / math.log(2) / 8,
        0.01 / math.log(2) / 8 * 1e12 / 1e9,
    ),
    ("| the loss | {:.1f} % of it", 100 * GAIN / loss_of(FRESH, 0.5)),
    (
        "| what is left to learn | {:.0f} % of KL",
        100 * GAIN / (loss_of(FRESH, 0.5) - nats(SHARES)),
    ),
    ("a [likelihood ratio] of {} digits", len(str(int(mpmath.exp(GAIN * TOKENS))))),
    (
        "by {:.3f} to {:.3f} nats a token.",
        *(f([loss_of(c, 0.5) - loss_of(c, 2) for c in DATA.counts[NEW]]) for f in (np.min, np.max)),
    ),
    # Where this bites
    ("gives the AIC {:.2f} and R {:.2f}", 4 - 2 * LOG_LIKELIHOOD, 6 - 2 * LOG_LIKELIHOOD),
    # Main take-away
    (
        "* {:.2f} nats a token are {:.0f} % of perplexity at any level, and e to {:.2f} × tokens",
        0.01,
        100 * (1 - math.exp(-0.01)),
        0.01,
    ),
]
SAID[LESSON, "printed"] = [
    # Explore
    (
        "The loss is {:.3f} nats a row, {:.3f} of H(P̂) and {:.3f} of KL. Only KL",
        poisson_loss(START, 6),
        floor(START),
        poisson_loss(START, 6) - floor(START),
    ),
    (
        "loss, mean of -log q: {:.3f} nats; H(P̂): {:.3f} nats; KL(P̂‖Q): {:.3f} nats; "
        "KL ≥ 0: holds, margin {:.3f}; loss = H(P̂) + KL: holds, margin {:.3f}; "
        "nowhere lower than at the mean of the rows: holds, margin {:.3f}",
        poisson_loss(START, 6),
        floor(START),
        poisson_loss(START, 6) - floor(START),
        poisson_loss(START, 6) - floor(START),
        0,
        poisson_loss(START, 6) - lowest(poisson_loss, START)[1],
    ),
    # By code
    (
        "\n".join(
            f"{name} {{:.2f}} loss {{:.4f}} KL {{:.4f}} loss - KL {{:.4f}}"
            for name in (*3 * ["Poisson"], "geometric")
        ),
        *(
            value
            for loss, mean in (
                *((poisson_loss, m) for m in (0.5, RATE, 0.75)),
                (geometric_loss, RATE),
            )
            for value in (mean, loss(KICKS, mean), loss(KICKS, mean) - KICKS_FLOOR, KICKS_FLOOR)
        ),
    ),
    (
        " width H(shares) KL, fit KL, other difference\n"
        + "\n".join(5 * ["{:.4f} {:.3f} {:.3f} {:.3f} {:.4f}"]),
        *(value for line in bins() for value in line),
    ),
    ("mean log density, fit - other {:.4f}", BY_DENSITIES),
    (
        "alpha 0 train {:.4f} fresh inf, of it KL inf\n"
        + "\n".join(2 * ["alpha {:g} train {:.4f} fresh {:.4f}, of it KL {:.4f}"]),
        loss_of(TRAIN, 0),
        *(
            value
            for alpha in (0.5, 2)
            for value in (
                alpha,
                loss_of(TRAIN, alpha),
                loss_of(FRESH, alpha),
                kl(SHARES, model(alpha)),
            )
        ),
    ),
    ("floor train {:.4f} fresh {:.4f}", nats(TRAIN / TRAIN.sum()), nats(SHARES)),
    # Predict again
    ("perplexity {:.1f} -> {:.1f}", *(math.exp(loss_of(FRESH, alpha)) for alpha in (0.5, 2))),
    ("{} tokens {:.0f} nats, at {:.4f} each", TOKENS, GAIN * TOKENS, GAIN),
    ("a number of {} digits", len(str(int(mpmath.exp(GAIN * TOKENS))))),
    ("share of KL {:.1f}%", 100 * GAIN / kl(SHARES, model(0.5))),
    # Where this bites
    *(
        (
            f"{program} {{}} parameters AIC {{:.4f}} BIC {{:.4f}}",
            parameters,
            2 * parameters - 2 * LOG_LIKELIHOOD,
            parameters * math.log(150) - 2 * LOG_LIKELIHOOD,
        )
        for program, parameters in (("statsmodels", 2), ("R", 3))
    ),
]
SAID[EXERCISES, "printed"] = [
    ("KL from an even model {:.4f} {:.4f}", *2 * [math.log(5) - KICKS_FLOOR]),
    (
        "loss {:.4f}, perplexity {:.4f}",
        -(math.log(0.7) + math.log(0.6)) / 2,
        1 / math.sqrt(0.7 * 0.6),
    ),
    ("two places, mean {:.2f} and sd {:.2f}", 0, 3),
    ("left over: Poisson {:.4f}, geometric {:.4f}", *GAPS),
]


# Why it matters


def test_both_voices_of_the_hook_have_computed_rightly():
    says(LESSON, '"A fifth of a per cent", says one.', '"More than e to 300 times likelier"')
    assert 100 * GAIN / loss_of(FRESH, 0.5) == pytest.approx(0.2, abs=0.005)
    assert GAIN * TOKENS > 300


# Explore


def test_both_curves_have_their_lowest_point_at_the_mean_of_the_rows():
    says(LESSON, "both curves have their lowest point in the same place")
    says(LESSON, "In 1 and 2 the answer is the same: the mean of the rows")
    for name in unit_15.DAYS:
        for loss in (poisson_loss, geometric_loss):
            assert lowest(loss, days(name))[0] == pytest.approx(days(name).mean(), abs=1e-4)


def test_steady_days_have_a_lower_loss_and_a_worse_fit():
    says(LESSON, "In 3 the loss is lower because these days are easier to guess")
    says(LESSON, "no Poisson comes near them: KL stays above 0.9")
    steady = days("steady days")
    loss, start_loss = lowest(poisson_loss, steady)[1], lowest(poisson_loss, START)[1]
    assert loss < start_loss
    assert loss - floor(steady) > 0.9 > 0.5 > start_loss - floor(START)
    assert floor(steady) < floor(START)
    says(LESSON, "The first three sets of rows were drawn from one Poisson, with mean 3")
    assert unit_15.DAYS["two kinds of day"][5] == unit_15.DAYS["two kinds of day"][6] == 0


# The idea


def test_the_likelihood_is_e_to_minus_n_times_floor_and_kl():
    says(LESSON, r"= H(\hat P) + \mathrm{KL}(\hat P \Vert Q_\theta)$$")
    rows = np.repeat([0, 1, 2], [7, 2, 1])
    product = math.prod(Q[row] for row in rows)
    assert -math.log(product) / 10 == pytest.approx(nats(P) + kl(P, Q))
    assert math.exp(-10 * (nats(P) + kl(P, Q))) == pytest.approx(product)


def test_a_free_table_becomes_the_shares():
    says(LESSON, "A table of free probabilities becomes the shares in the data, with 0 for what")
    says(LESSON, "Adding α (unit 04) is a step away from maximum likelihood.")
    counts = np.array([5, 0, 3])
    best = special.xlogy(counts, counts / 8).sum()
    for q in np.random.default_rng(1).dirichlet([1, 1, 1], 500):
        assert special.xlogy(counts, q).sum() < best
    added = [special.xlogy(counts, (counts + a) / (8 + 3 * a)).sum() for a in (0.01, 0.5, 1, 2)]
    assert added == sorted(added, reverse=True) and added[0] < best


def test_the_loss_of_a_normal_sees_mean_and_spread_alone():
    says(LESSON, r"\log \sigma + \frac{s^2 + (\bar x - \mu)^2}{2 \sigma^2} + \tfrac12 \log 2\pi")
    says(LESSON, r"then the slope in σ, $1/\sigma - s^2/\sigma^3$, is 0 at σ = $s$")
    says(LESSON, "$n - 1$ makes it unbiased, and the rows less likely")
    for mu, sigma in ((0.1, 0.5), (-1, 2), (MIDDLE, SPREAD)):
        direct = -stats.norm.logpdf(ROWS, mu, sigma).mean()
        formula = math.log(sigma) + (SPREAD**2 + (MIDDLE - mu) ** 2) / (2 * sigma**2)
        assert direct == pytest.approx(formula + math.log(2 * math.pi) / 2)
        slope = mpmath.diff(lambda x: mpmath.log(x) + SPREAD**2 / (2 * x**2), sigma)
        assert float(slope) == pytest.approx(1 / sigma - SPREAD**2 / sigma**3, abs=1e-9)
    best = -stats.norm.logpdf(ROWS, MIDDLE, SPREAD).mean()
    assert best < -stats.norm.logpdf(ROWS, MIDDLE, ROWS.std(ddof=1)).mean()


def two_heaps(x):
    return (stats.norm.pdf(x, -3) + stats.norm.pdf(x, 3)) / 2


def test_the_fit_to_two_heaps_peaks_where_hardly_any_row_is():
    says(LESSON, "its peak where P has next to nothing. That was the first prediction.")
    assert two_heaps(0) < 0.005 < 0.1 < stats.norm.pdf(0, 0, math.sqrt(10))

    def divergence(parameters):
        mean, log_sd = parameters
        x = np.linspace(-12, 12, 4001)
        p = two_heaps(x)
        return np.trapezoid(p * (np.log(p) - stats.norm.logpdf(x, mean, math.exp(log_sd))), x)

    found = optimize.minimize(divergence, [2.0, 0.0])
    assert found.x == pytest.approx([0, math.log(10) / 2], abs=1e-3)
    assert found.fun == pytest.approx(0.462, abs=5e-4)
    says(LESSON, "`klteach.inference.fit_normal_forward` fits a normal to any mixture of them")
    assert fit_normal_forward([0.5, 0.5], [-3, 3], [1, 1]) == pytest.approx((0, math.sqrt(10)))


def test_a_softmax_layer_with_a_bias_keeps_the_shares_of_the_labels():
    says(LESSON, "averaged over the training rows, its probabilities are the shares of the labels")
    random = np.random.default_rng(2)
    x = np.column_stack([np.ones(60), random.normal(size=60)])
    labels = random.choice(3, 60, p=P)
    one_hot = np.eye(3)[labels]

    def loss(weights):
        log_q = special.log_softmax(x @ weights.reshape(2, 3), axis=1)
        slope = x.T @ (np.exp(log_q) - one_hot) / 60
        return -(one_hot * log_q).sum() / 60, slope.ravel()

    fitted = optimize.minimize(loss, np.zeros(6), jac=True, options={"gtol": 1e-10})
    q = special.softmax(x @ fitted.x.reshape(2, 3), axis=1)
    np.testing.assert_allclose(q.mean(axis=0), one_hot.mean(axis=0), atol=1e-6)
    assert np.ptp(q[:, 0]) > 0.01  # each row has its own, and their mean is held


def test_the_loss_of_contexts_splits_and_a_text_by_heart_has_none():
    says(
        LESSON,
        r"\sum_c \hat p(c)\, H(\hat P_c) + \sum_c \hat p(c)\, \mathrm{KL}(\hat P_c \Vert Q_c)$$",
    )
    says(LESSON, "A long context comes once.", "the floor of the *training* loss is 0")
    random = np.random.default_rng(3)
    contexts, tokens = random.choice(4, 500), random.choice(3, 500)
    models = random.dirichlet(np.ones(3), 4)
    loss = -np.log(models[contexts, tokens]).mean()
    table = np.histogram2d(contexts, tokens, (np.arange(5), np.arange(4)))[0]
    weights, rows = table.sum(axis=1) / 500, table / table.sum(axis=1, keepdims=True)
    parts = [(w * nats(p), w * kl(p, q)) for w, p, q in zip(weights, rows, models, strict=True)]
    assert loss == pytest.approx(np.sum(parts))
    once = np.eye(3)[tokens]  # a context for each token alone
    assert sum(map(nats, once)) == 0


def test_two_losses_on_fresh_text_differ_by_what_the_divergences_differ_by():
    says(
        LESSON, "the difference of two losses on the same fresh text estimates a difference of KLs"
    )
    other = np.array([0.5, 0.25, 0.25])
    text = np.random.default_rng(4).choice(3, 200_000, p=P)
    gains = np.log(other / np.array(Q))[text]
    error = gains.std() / math.sqrt(len(text))
    assert abs(gains.mean() - (kl(P, Q) - kl(P, other))) < 3 * error
    assert cross(P, Q) - cross(P, other) == pytest.approx(kl(P, Q) - kl(P, other))


def test_the_divergence_from_points_to_a_density_grows_without_end():
    says(LESSON, "KL(P̂‖Q) is infinite for *every* θ")
    says(LESSON, "H(P̂) stays at log 20 and each KL grows by log 4 from line to line, for ever.")
    says(LESSON, "Their difference settles, on the difference of the mean log densities.")
    last = [in_bins(4.0**-power, 0) for power in range(4, 9)]
    assert [entropy for entropy, _ in last] == pytest.approx([math.log(20)] * 5)
    growth = np.diff([near for _, near in last])
    assert growth == pytest.approx([math.log(4)] * 4, abs=0.005)
    far = in_bins(4.0**-8, 1)[1]
    assert far - last[-1][1] == pytest.approx(BY_DENSITIES, abs=1e-4)
    np.testing.assert_allclose(
        BY_DENSITIES,
        np.mean(
            stats.norm(MIDDLE, SPREAD).logpdf(ROWS) - stats.norm(MIDDLE + 1, SPREAD).logpdf(ROWS)
        ),
    )


def test_the_line_for_the_truth_holds_for_densities():
    says(LESSON, r"on average $h(P) + \mathrm{KL}(P \Vert Q_\theta)$")
    x = np.linspace(-9, 9, 6001)
    p, log_q = stats.norm.pdf(x, 0.5, 0.8), stats.norm.logpdf(x, 0, 1.3)
    average = np.trapezoid(-p * log_q, x)
    divergence = np.trapezoid(p * (np.log(p) - log_q), x)
    assert average == pytest.approx(float(stats.norm(0.5, 0.8).entropy()) + divergence)


# By hand


def test_the_table_of_the_horse_kicks():
    says(LESSON, "0 deaths in 109, 1 in 65, 2 in 22, 3 in 3 and 4 in 1", "200 corps-years")
    assert len(KICKS) == 200 and KICKS.sum() == 65 + 44 + 9 + 4
    says(LESSON, r"\tfrac{1}{200}(22 \log 2 + 3 \log 6 + \log 24)$")
    assert [math.factorial(k) for k in (2, 3, 4)] == [2, 6, 24]
    assert lowest(poisson_loss, KICKS)[0] == pytest.approx(0.61, abs=1e-4)


# By code


def test_what_is_said_of_the_addresses():
    says(LESSON, "17 of them for training, spoken 1981–2000, and 7 fresh ones, 2001–08")
    says(LESSON, "40 words of the fresh addresses are in none of the old ones")
    says(LESSON, "The mean over 35 880 labels is H(P̂, Q)")
    assert (sum(OLD), sum(NEW), TOKENS) == (17, 7, 35_880)
    assert ((TRAIN == 0) & (FRESH > 0)).sum() == 40


def test_maximum_likelihood_is_best_on_its_own_rows_and_infinite_on_others():
    says(LESSON, "On its own rows it is at the floor, and on fresh ones infinite")
    says(LESSON, "The larger α is worse on the training rows and better on the fresh.")
    assert loss_of(TRAIN, 0) == pytest.approx(nats(TRAIN / TRAIN.sum()))
    assert loss_of(TRAIN, 0) < loss_of(TRAIN, 0.5) < loss_of(TRAIN, 2)
    assert loss_of(FRESH, 2) < loss_of(FRESH, 0.5)


# Predict again


def test_the_gain_is_one_in_every_single_address():
    says(LESSON, "α = 2 is better in each of the seven")
    assert all(loss_of(counts, 2) < loss_of(counts, 0.5) for counts in DATA.counts[NEW])


# Where this bites


def test_a_fit_flatters_itself_by_about_k_over_n():
    says(LESSON, "by about $k/n$ nats a row for $k$ parameters and $n$ rows, if the model is right")
    n = 50
    # a fitted normal: k = 2; exactly, from the law of n s²/σ², chi-square with n - 1
    exactly = ((n + 1) / (n - 3) - 1) / 2
    assert exactly == pytest.approx(2 / n, rel=0.1)
    random = np.random.default_rng(6)
    rows = random.normal(size=(20_000, n))
    mean, sd = rows.mean(axis=1), rows.std(axis=1)
    on_own = np.log(sd) + 0.5
    on_fresh = np.log(sd) + (1 + mean**2) / (2 * sd**2)
    gap = on_fresh - on_own
    assert abs(gap.mean() - exactly) < 3 * gap.std() / math.sqrt(len(gap))


def test_the_criterion_is_2n_times_the_loss_and_k_over_n():
    says(LESSON, r"AIC = $2n\,(\text{loss} + k/n)$")
    for k in (2, 3):
        loss = -LOG_LIKELIHOOD / 150
        assert 2 * 150 * (loss + k / 150) == pytest.approx(2 * k - 2 * LOG_LIKELIHOOD)
    assert LOG_LIKELIHOOD == pytest.approx(-182.995836, abs=5e-6)  # as the code has it


# The exercises


def test_chance_alone_leaves_more_over_than_the_horse_kicks():
    says(EXERCISES, "leave more over in nine cases out of ten: by chance alone")
    draws = np.random.default_rng(7).poisson(RATE, (4000, 200))
    k = np.arange(draws.max() + 1)
    shares = (draws[..., None] == k).mean(axis=1)
    means = draws.mean(axis=1)[:, None]
    left = special.rel_entr(shares, stats.poisson.pmf(k, means)).sum(axis=1)
    assert np.mean(left > GAPS[0]) == pytest.approx(0.935, abs=0.02)
