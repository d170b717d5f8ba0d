"""What lesson 19 and its exercises say: numbers by a second route, claims in words."""

import itertools
import math

import numpy as np
import pytest
from scipy import optimize, special

from klteach.data import employment
from klteach.measures import brier_score, log_score
from klteach.units.u19_classifiers import explorer as unit_19
from tests.units.lesson_text import says
from tests.units.second_route import distributions, interleaved, kl

LESSON = "notebooks/19_classifiers"
EXERCISES = LESSON.replace("notebooks", "solutions")


def coin(chance):
    return np.array([chance, 1 - chance])


def coin_kl(o, f):
    return special.rel_entr(o, f) + special.rel_entr(1 - o, 1 - f)


def coin_entropy(o):
    return special.entr(o) + special.entr(1 - o)


def mean_surprise(came, f):
    return -np.mean(special.xlogy(came, f) + special.xlog1py(1 - came, -f))


# the simulated network of the explorer

TRUE = special.expit(np.array([-2.7, -2.1, -1.5, -0.9, -0.3, 0.3, 0.9, 1.5, 2.1, 2.7]))


def network(temperature, bias=0.0):
    """(log loss, its calibration KL, Brier score, its calibration part)"""
    f = special.expit(2.5 * special.logit(TRUE) / temperature + bias)
    cost = -np.mean(TRUE * np.log(f) + (1 - TRUE) * np.log(1 - f))
    brier = np.mean(TRUE * (1 - f) ** 2 + (1 - TRUE) * f**2)
    return cost, coin_kl(TRUE, f).mean(), brier, np.mean((f - TRUE) ** 2)


START = network(1.0)
RECKLESS = network(0.3)
SUREST = special.expit(2.5 * special.logit(TRUE[-1]))

# the survey

PEOPLE = employment()
CAME, SCORE = PEOPLE.employed, PEOPLE.score
CODE = PEOPLE.columns
EVERYBODY = np.ones(len(CAME), dtype=bool)
NON_CITIZENS, QUARTERS = CODE["CIT"] == "5", CODE["RELP"] == "17"


def tenths(came, score):
    """(mean score, how often it came, number of people) of each tenth of the scale."""
    inside = [(score >= k / 10) & (score < (k + 1) / 10) for k in range(9)] + [score >= 0.9]
    return np.array([(score[i].mean(), came[i].mean(), i.sum()) for i in inside if i.any()]).T


def calibration(came, score):
    f, o, n = tenths(came, score)
    return n @ coin_kl(o, f) / n.sum()


SAYS, COMES, COUNTS = tenths(CAME, SCORE)
REFINEMENT = COUNTS @ coin_entropy(COMES) / COUNTS.sum()
RESOLUTION = COUNTS @ coin_kl(COMES, CAME.mean()) / COUNTS.sum()
GROUPS = (EVERYBODY, NON_CITIZENS, QUARTERS)
OF_GROUPS = interleaved(
    [int(who.sum()) for who in GROUPS],
    [SCORE[who].mean() for who in GROUPS],
    [CAME[who].mean() for who in GROUPS],
    [calibration(CAME[who], SCORE[who]) for who in GROUPS],
)
COARSE = np.rint(SCORE / 0.05) / 20
MODELS = {
    "score": SCORE,
    "timid": special.expit(special.logit(SCORE) / 2),
    "reckless": special.expit(2 * special.logit(SCORE)),
    "coarse": COARSE,
    "base rate": np.full(len(CAME), CAME.mean()),
}
LOG_LOSS = {name: mean_surprise(CAME, f) for name, f in MODELS.items()}
BRIER = {name: np.mean((CAME - f) ** 2) for name, f in MODELS.items()}
PAID = {name: calibration(CAME, f) for name, f in MODELS.items()}


def kept_away(eps):
    return mean_surprise(CAME, np.minimum(np.maximum(COARSE, eps), 1 - eps))


# three classes

LOGITS = np.array([[2.0, 1.0, 0.0], [0.5, 2.5, 1.0], [1.0, 0.0, 3.0]])
LABELS = [0, 1, 0]


def cross_entropy(logits, labels, smoothing=0.0):
    """The mean over rows of -Σ target log softmax, with the target as PyTorch documents it."""
    total = 0.0
    for row, label in zip(logits, labels, strict=True):
        logs = row - special.logsumexp(row)
        for j, log in enumerate(logs):
            total -= ((1 - smoothing) * (j == label) + smoothing / len(row)) * log
    return total / len(labels)


BRIER_OF_CLASSES = np.mean(
    [
        sum((p - (j == label)) ** 2 for j, p in enumerate(special.softmax(row)))
        for row, label in zip(LOGITS, LABELS, strict=True)
    ]
)

# the temperature that stops on its way


def network_of_ten_classes():
    random = np.random.default_rng(19)
    honest = random.normal(0, 1.5, (2000, 10))
    shares = special.softmax(honest, axis=1)
    return 2.5 * honest, (shares.cumsum(axis=1) < random.random((2000, 1))).sum(axis=1)


TEN, OF_TEN = network_of_ten_classes()


def loss_at(temperature):
    return -special.log_softmax(TEN / temperature, axis=1)[np.arange(2000), OF_TEN].mean()


def slope_at(temperature):
    """The derivative of the log loss by T, through the derivative by each logit."""
    share = special.softmax(TEN / temperature, axis=1)
    share[np.arange(2000), OF_TEN] -= 1
    return -(share * TEN).sum() / 2000 / temperature**2


def l_bfgs(rate, steps, at=1.5):
    """L-BFGS with all of its history, in two loops, as in PyTorch, for one number."""
    moves, changes, slope = [], [], slope_at(at)
    for _ in range(steps):
        direction, weights = -slope, []
        for s, y in zip(reversed(moves), reversed(changes), strict=True):
            weights.append(s * direction / (s * y))
            direction -= weights[-1] * y
        if moves:
            direction *= moves[-1] * changes[-1] / changes[-1] ** 2
        for s, y, weight in zip(moves, changes, reversed(weights), strict=True):
            direction += s * (weight - y * direction / (s * y))
        step = rate * direction if moves else min(1.0, 1 / abs(slope)) * rate * direction
        moves.append(step)
        changes.append(slope_at(at + step) - slope)
        at, slope = at + step, slope_at(at + step)
    return at


BEST = optimize.minimize_scalar(loss_at, bounds=(0.5, 9), method="bounded", options={"xatol": 1e-9})
# as many steps as the lesson takes, each at its rate
RUNS = [(rate, steps, l_bfgs(rate, steps)) for rate, steps in ((0.01, 50), (0.01, 100), (1, 7))]

SAID = {}

SAID[LESSON, "text"] = lambda: [
    # Why it matters
    ('A network is "{:.1f} % sure" of a tenth of its cases', 100 * SUREST),
    # Explore
    ("look for the dot near {:.2f}", tenths(CAME[QUARTERS], SCORE[QUARTERS])[0][7]),
    ("The answers: {:.1f}. No: T = {:.1f} and b = -{:.1f} leave", 2.5, 1.3, 0.2),
    (
        "leave {:.4f} nats of {:.4f}, and the dot stays out",
        unit_19._update(
            unit_19.keep_your_word()._numeric([{"who": 2, "temperature": 1.3, "bias": -0.2}])
        )
        .readouts[1]
        .values[0],
        calibration(CAME[QUARTERS], SCORE[QUARTERS]),
    ),
    (
        "of those to whom the score gave {:.0f} %, {:.0f} % have work.",
        *(100 * tenths(CAME[QUARTERS], SCORE[QUARTERS])[:2, 7]),
    ),
    (
        "And T = {:.1f} makes the network reckless: {:.3f} nats, where the base rate costs {:.3f}, "
        "and a Brier score of {:.3f}, where it costs {:.3f}.",
        0.3,
        RECKLESS[0],
        coin_entropy(TRUE.mean()),
        RECKLESS[2],
        TRUE.mean() * (1 - TRUE.mean()),
    ),
    # By hand
    (
        "come with a chance of {:.1f}, the others with {:.2f}. Model A says {:.1f} and {:.2f}, "
        "model B says {:.1f} and {:.4f}.",
        *(0.5, 0.01, 0.6, 0.01, 0.5, 0.0002),
    ),
    (
        r"A: ${:.1f} \ln \dfrac{{{:.1f}}}{{{:.1f}}} + {:.1f} \ln \dfrac{{{:.1f}}}{{{:.1f}}} = "
        r"{:.4f} + {:.4f} = {:.4f}$ nats; Brier $({:.1f} - {:.1f})^2 = {:.2f}$",
        *(0.5, 0.5, 0.6, 0.5, 0.5, 0.4),
        *special.rel_entr(coin(0.5), coin(0.6)),
        coin_kl(0.5, 0.6),
        *(0.6, 0.5, (0.6 - 0.5) ** 2),
    ),
    (
        r"B: ${:.2f} \ln \dfrac{{{:.2f}}}{{{:.4f}}} + {:.2f} \ln \dfrac{{{:.2f}}}{{{:.4f}}} = "
        r"{:.4f} - {:.4f} = {:.4f}$ nats; Brier $({:.2f} - {:.4f})^2 = {:.4f}$",
        *(0.01, 0.01, 0.0002, 0.99, 0.99, 0.9998),
        *abs(special.rel_entr(coin(0.01), coin(0.0002))),
        coin_kl(0.01, 0.0002),
        *(0.01, 0.0002, (0.01 - 0.0002) ** 2),
    ),
    # By code
    (
        "Of {:.3f} nats of uncertainty the score tells {:.3f}, and it pays {:.4f} for not keeping "
        "its word.",
        coin_entropy(CAME.mean()),
        RESOLUTION,
        PAID["score"],
    ),
    ("Chance alone would make it about {:.4f} among so few", 9 / (2 * QUARTERS.sum())),
    ("* *In steps of {:.0f} %*, as a report prints them", 5),
    (
        "But {},{} people got a plain {:.0f} %, and {} of them have work.",
        *divmod(int((COARSE == 0).sum()), 1000),
        0,
        int(CAME[COARSE == 0].sum()),
    ),
    ("torch.tensor(labels))\n# {:.4f}\n", cross_entropy(LOGITS, LABELS)),
    (
        "label_smoothing={:.1f})\n# {:.4f}\n",
        0.1,
        cross_entropy(LOGITS, LABELS, smoothing=0.1),
    ),
    # Predict again
    ("Brier has a ceiling, {:.2f} here", 0.3**2),
    (r"adds nearly $0.3 \ln 10 = {:.2f}$ nats", 0.3 * math.log(10)),
    (r"adds nearly ${:.1f} \ln 10 = ", 0.3),
    # Where this bites
    ("starts at T = {:.1f} and takes 50 steps of L-BFGS with a rate of {:.2f}.", 1.5, 0.01),
    ("A user saw T move by {:.3f}", 1.5 - 1.495),
    (
        "Somebody got {:.2f} for four cases, with {:.2f} in its place {:.2f}, and preferred that",
        -math.log(1e-15) / 4,
        0.01,
        (-math.log(0.01) - 3 * math.log(0.99)) / 4,
    ),
    ("Our survey, in steps of {:.0f} %:", 5),
    ("look up who was told {:.0f} %.", 0),
]
SAID[LESSON, "printed"] = [
    (
        "The log loss is {:.3f} nats: {:.3f} that no T and no b can change, and {:.3f} for "
        "forecasts that do not keep their word.",
        START[0],
        START[0] - START[1],
        START[1],
    ),
    (
        "log loss: {:.3f} nats; its calibration KL: {:.4f} nats; Brier score: {:.3f}; "
        "its calibration part: {:.4f};",
        *START,
    ),
    (
        "calibration KL ≥ 2 × Brier's part: holds, margin {:.4f}; the rest of the log loss stays: "
        "holds, margin {:.3f}",
        START[1] - 2 * START[3],
        0,
    ),
    (
        "\n{:.4f} + {:.4f} = {:.4f}\n",
        REFINEMENT,
        PAID["score"],
        -COUNTS @ (COMES * np.log(SAYS) + (1 - COMES) * np.log(1 - SAYS)) / COUNTS.sum(),
    ),
    ("\n{:.4f} - {:.4f} + {:.4f}\n", coin_entropy(CAME.mean()), RESOLUTION, PAID["score"]),
    (
        "calibration KL\neverybody {} {:.3f} {:.3f} {:.4f}\nnot a citizen {} {:.3f} {:.3f} {:.4f}\n"
        "group quarters {} {:.3f} {:.3f} {:.4f}",
        *OF_GROUPS,
    ),
    *(
        (f"\n{label} {{:.4f}} {{:.4f}} {{:.4f}}", LOG_LOSS[name], BRIER[name], PAID[name])
        for label, name in (
            ("the score", "score"),
            ("timid, T = 2", "timid"),
            ("reckless, T = 1/2", "reckless"),
            ("base rate", "base rate"),
        )
    ),
    (
        "in steps of {:.0f} % {} {:.4f} {:.4f}",
        5,
        LOG_LOSS["coarse"],
        BRIER["coarse"],
        PAID["coarse"],
    ),
    ("\nlog loss {:.4f}\nBrier", cross_entropy(LOGITS, LABELS)),
    ("Brier {:.4f}, a sum over the classes", BRIER_OF_CLASSES),
    (
        "beyond saying what is true:\n" + "\n".join(3 * ["says {} % log loss {:.4f} Brier {:.4f}"]),
        *interleaved(
            (10, 1, 0.1),
            [coin_kl(0.3, f) for f in (0.1, 0.01, 0.001)],
            [(f - 0.3) ** 2 for f in (0.1, 0.01, 0.001)],
        ),
    ),
    ("best T {:.3f}, log loss {:.4f}", BEST.x, BEST.fun),
    (
        "\n".join(3 * ["rate {:g} {} steps: T {:.3f}, {:.0f}% of the way, excess {:.4f} nats"]),
        *interleaved(
            *zip(*RUNS, strict=True),
            [100 * (at - 1.5) / (BEST.x - 1.5) for *_, at in RUNS],
            [loss_at(at) - BEST.fun for *_, at in RUNS],
        ),
    ),
    ("eps 1e-15 {:.4f}", kept_away(1e-15)),
    ("\neps {:.4f} {:.4f}", 1e-4, kept_away(1e-4)),
]

# the exercises compare with the library


def in_groups(came, score):
    """The three parts of the Brier score, each forecast a group of its own, in a loop."""
    rate, total = came.mean(), len(came)
    own = [(f, came[score == f]) for f in sorted(set(score.tolist()))]
    reliability = sum(len(group) * (f - group.mean()) ** 2 for f, group in own) / total
    resolution = sum(len(group) * (group.mean() - rate) ** 2 for _, group in own) / total
    return reliability, resolution, came.var()


def best_of_quarters():
    logit, came = special.logit(SCORE[QUARTERS]), CAME[QUARTERS]
    slope = lambda cold: np.mean(logit * (special.expit(cold * logit) - came))  # noqa: E731
    return 1 / optimize.brentq(slope, 0.1, 10)


SAID[EXERCISES, "text"] = [("All T between {:.1f} and 10 are possible", 0.1)]
SAID[EXERCISES, "printed"] = [
    ("T yours {:.3f}, library {:.3f}", *2 * [best_of_quarters()]),
    *(
        (f"{name} yours {{:.5f}}, library {{:.5f}}", *2 * [value])
        for name, value in zip(
            ("reliability", "resolution", "uncertainty"),
            in_groups(CAME[QUARTERS], SCORE[QUARTERS].round(1)),
            strict=True,
        )
    ),
]


# Why it matters, Explore


def test_the_hook_is_the_surest_forecast_of_the_simulated_network():
    says(LESSON, "and right in 94 of 100 of them", "one failure in a thousand meets one in 16")
    assert round(100 * TRUE[-1]) == 94
    assert round(100 * SUREST, 1) == 99.9 and round(1 / (1 - TRUE[-1])) == 16


def test_only_the_calibration_part_moves_with_temperature_and_bias():
    says(LESSON, "The plain part of each bar stays to the last digit")
    left = [(log - kl_part, brier - gap)
            for log, kl_part, brier, gap in itertools.starmap(
                network, itertools.product((0.3, 1, 2.5, 4), (-1.2, 0, 0.7)))]  # fmt: skip
    assert np.ptp(left, axis=0).max() < 1e-12
    assert network(2.5)[1] < 1e-15  # "only the hatched part can go to 0"


def test_no_temperature_brings_the_lone_dot_onto_the_diagonal_with_the_others():
    says(LESSON, "and the dot stays out")
    f, o, n = tenths(CAME[QUARTERS], SCORE[QUARTERS])
    said = special.expit(special.logit(f) / 1.3 - 0.2)
    away = abs(said - o)
    assert away[7] > 0.2 and away[[2, 3, 4, 5]].max() < 0.05
    # and 46 of 110 differ from 75 % by far more than chance
    assert n[7] == 110 and round(n[7] * o[7]) == 46
    assert abs(o[7] - f[7]) > 7 * math.sqrt(f[7] * (1 - f[7]) / n[7])


def test_by_one_score_the_reckless_network_is_worse_than_none_and_by_the_other_better():
    says(LESSON, "By one score it is worse than no model, by the other better")
    assert RECKLESS[0] > math.log(2) and RECKLESS[2] < 0.25


# The idea


def test_what_one_forecast_costs_splits_into_the_event_and_a_divergence():
    says(LESSON, r"= H(o) + \mathrm{KL}(o \Vert f)", r"= o\,(1 - o) + (f - o)^2")
    for o, f in distributions(3)[:, :2]:
        cost = -o * math.log(f) - (1 - o) * math.log(1 - f)
        assert cost == pytest.approx(coin_entropy(o) + coin_kl(o, f))
        assert o * (1 - f) ** 2 + (1 - o) * f**2 == pytest.approx(o * (1 - o) + (f - o) ** 2)
        for loss in (coin_kl, lambda o, f: (f - o) ** 2):  # proper: least at the truth
            least = optimize.minimize_scalar(
                lambda f, loss=loss, o=o: loss(o, f), bounds=(1e-6, 1 - 1e-6), method="bounded"
            )
            assert least.x == pytest.approx(o, abs=1e-4)


def test_near_the_truth_kl_is_half_the_fisher_information_times_the_square():
    says(LESSON, r"KL is $(f - o)^2 / (2\,o\,(1 - o))$: half the [Fisher information]")
    for o in (0.01, 0.2, 0.5):
        step = 1e-4 * o
        assert coin_kl(o, o + step) / step**2 == pytest.approx(0.5 / (o * (1 - o)), rel=1e-3)


def test_one_way_there_is_a_bound_and_the_other_way_none():
    says(LESSON, r"$(f - o)^2 \le \tfrac12 \mathrm{KL}(o \Vert f)$", "however small the gap")
    for o, f in distributions(3)[:, :2]:
        assert (f - o) ** 2 <= coin_kl(o, f) / 2
    assert coin_kl(1e-6, 0.0) == math.inf


def test_many_forecasts_have_a_refinement_and_a_calibration_part():
    says(LESSON, r"\underbrace{H(Y) - I(Y; F)}_{\text{refinement}}")
    random = np.random.default_rng(1)
    for _ in range(50):
        share = random.dirichlet(np.ones(6))
        o, f = random.uniform(0.01, 0.99, (2, 6))
        loss = -share @ (o * np.log(f) + (1 - o) * np.log(1 - f))
        joint = np.stack([share * o, share * (1 - o)])  # of what comes and what is said
        told = kl(joint.ravel(), np.outer(joint.sum(1), joint.sum(0)).ravel())
        refinement = special.entr(joint.sum(axis=1)).sum() - told
        assert refinement == pytest.approx(share @ coin_entropy(o))
        assert loss == pytest.approx(refinement + share @ coin_kl(o, f))
        brier = share @ (o * (1 - f) ** 2 + (1 - o) * f**2)
        assert brier == pytest.approx(share @ (o * (1 - o)) + share @ (f - o) ** 2)


def test_the_base_rate_keeps_its_word_and_tells_nothing():
    says(LESSON, "saying the base rate in every case has a calibration KL of 0 and tells nothing")
    assert PAID["base rate"] < 1e-15
    assert LOG_LOSS["base rate"] == pytest.approx(coin_entropy(CAME.mean()))


def numeric_slope(loss, at, step=1e-5):
    """Central differences of a function of an array."""
    slope = np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        moved = np.zeros(at.shape)
        moved[place] = step
        slope[place] = (loss(at + moved) - loss(at - moved)) / (2 * step)
    return slope


def test_the_slope_of_the_log_loss_by_a_logit_is_forecast_less_outcome():
    says(LESSON, "the slope of its log loss by $z_j$ is $f_j - y_j$: largest where it is certain")
    random = np.random.default_rng(2)
    for row in random.normal(0, 2, (30, 4)):
        for label in range(4):
            numeric = numeric_slope(lambda z, y=label: special.logsumexp(z) - z[y], row)
            exact = special.softmax(row) - np.eye(4)[label]
            assert np.abs(numeric - exact).max() < 1e-6
    # the library's mean over rows has the same slope, divided by the number of rows
    numeric = numeric_slope(lambda z: log_score(LABELS, special.softmax(z, axis=1)), LOGITS)
    exact = (special.softmax(LOGITS, axis=1) - np.eye(3)[LABELS]) / 3
    assert np.abs(numeric - exact).max() < 1e-6


def test_the_slope_of_the_brier_score_goes_to_zero_where_the_network_is_certain_and_wrong():
    says(LESSON, "and there its slope goes to 0: a reason to train on the log loss")
    one_hot = np.eye(3)[LABELS]
    f = special.softmax(LOGITS, axis=1)
    inner = (f * (f - one_hot)).sum(axis=1, keepdims=True)
    exact = 2 * f * (f - one_hot - inner) / 3
    numeric = numeric_slope(lambda z: brier_score(one_hot, special.softmax(z, axis=1)), LOGITS)
    assert np.abs(numeric - exact).max() < 1e-6
    sizes = []
    for sure in (2.0, 5.0, 10.0):
        wrong = np.array([[sure, 0.0, -sure]])
        brier = numeric_slope(lambda z: brier_score([2], special.softmax(z, axis=1)), wrong)
        log = numeric_slope(lambda z: log_score([2], special.softmax(z, axis=1)), wrong)
        sizes.append((np.abs(brier).max(), np.abs(log).max()))
    briers, logs = zip(*sizes, strict=True)
    assert briers[0] > 10 * briers[1] > 100 * briers[2] and min(logs) > 0.8


def test_brier_of_two_classes_is_twice_that_of_one_event():
    says(LESSON, "(of two classes twice that of one event)")
    random = np.random.default_rng(3)
    f, came = random.random(40), random.integers(2, size=40)
    classes = np.stack([1 - f, f], axis=1)
    assert brier_score(came, classes) == pytest.approx(2 * np.mean((f - came) ** 2))


def test_the_log_loss_is_convex_in_the_inverse_temperature_and_flat_at_the_best():
    says(LESSON, "The log loss is convex in $1/T$, so where its slope is 0 is the best T.")
    cold = np.linspace(0.02, 3, 300)
    losses = np.array([loss_at(1 / c) for c in cold])
    assert (np.diff(losses, 2) > -1e-12).all()
    assert abs(slope_at(BEST.x)) < 1e-6
    for temperature in (1.5, 2.0, 4.0):
        numeric = (loss_at(temperature + 1e-5) - loss_at(temperature - 1e-5)) / 2e-5
        assert abs(numeric - slope_at(temperature)) < 1e-6


def test_label_smoothing_adds_a_pull_and_a_constant_and_moves_the_best_forecast():
    says(
        LESSON,
        r"(1 - \varepsilon)\,(-\log f_y) + \varepsilon\, \mathrm{KL}(u \Vert f) + "
        r"\varepsilon \log k",
        r"The best forecast is $(1 - \varepsilon)\,o + \varepsilon u$",
    )
    for epsilon, row, label in ((0.1, LOGITS[0], 0), (0.3, LOGITS[1], 2)):
        f = special.softmax(row)
        split = -(1 - epsilon) * math.log(f[label]) + epsilon * (
            kl(np.full(3, 1 / 3), f) + math.log(3)
        )
        assert cross_entropy([row], [label], epsilon) == pytest.approx(split)
    truth, epsilon = np.array([0.7, 0.2, 0.1]), 0.2

    def expected(z):
        return sum(p * cross_entropy([z], [y], epsilon) for y, p in enumerate(truth))

    best = special.softmax(optimize.minimize(expected, np.zeros(3), tol=1e-12).x)
    assert best == pytest.approx((1 - epsilon) * truth + epsilon / 3, abs=1e-5)


# By hand, By code


def test_the_model_with_the_lower_kl_has_a_hundred_times_the_brier_loss():
    says(LESSON, "A has the lower KL and, by Brier, a hundred times the loss.")
    assert coin_kl(0.5, 0.6) < coin_kl(0.01, 0.0002)
    assert 0.1**2 / (0.01 - 0.0002) ** 2 == pytest.approx(104, abs=0.5)


def test_what_the_groups_of_the_survey_show():
    says(
        LESSON,
        "there the calibration KL is nineteen times as large",
        "Non-citizens have work more often than it says, people in group quarters less often",
        "Both groups are small, and the diagram of all does not show them.",
    )
    paid = {name: calibration(CAME[who], SCORE[who])
            for name, who in zip("enq", GROUPS, strict=True)}  # fmt: skip
    assert paid["q"] / paid["e"] == pytest.approx(19, abs=0.1)
    assert CAME[NON_CITIZENS].mean() > SCORE[NON_CITIZENS].mean()
    assert CAME[QUARTERS].mean() < SCORE[QUARTERS].mean()
    assert (NON_CITIZENS | QUARTERS).mean() < 0.12
    assert np.abs(SAYS - COMES).max() < 0.02  # the promise of the prediction


def test_by_chance_alone_the_group_would_pay_a_twentieth_of_what_it_pays():
    says(LESSON, "the bias of unit 09")
    random, score = np.random.default_rng(4), SCORE[QUARTERS]
    drawn = [calibration(random.random(len(score)) < score, score) for _ in range(200)]
    error = np.std(drawn) / math.sqrt(200)
    assert np.mean(drawn) == pytest.approx(9 / (2 * len(score)), abs=4 * error)
    assert max(drawn) < 0.25 * calibration(CAME[QUARTERS], score)


def test_the_two_scores_rank_the_models_of_the_survey_differently():
    says(
        LESSON,
        "the log loss prefers the timid one, Brier the reckless one",
        "by Brier next to nothing is lost",
        "the lowest KL of all, 0, and by far the poorest Brier score",
    )
    assert LOG_LOSS["timid"] < LOG_LOSS["reckless"] and BRIER["reckless"] < BRIER["timid"]
    assert LOG_LOSS["coarse"] == math.inf and BRIER["coarse"] - BRIER["score"] < 3e-4
    assert min(PAID, key=PAID.get) == "base rate" == max(BRIER, key=BRIER.get)
    assert BRIER["base rate"] > 1.8 * sorted(BRIER.values())[-2]


def test_labels_and_one_hot_rows_are_one_and_the_same():
    shares = special.softmax(LOGITS, axis=1)
    assert brier_score(np.eye(3)[LABELS], shares) == brier_score(LABELS, shares)
    assert log_score(np.eye(3)[LABELS], shares) == pytest.approx(cross_entropy(LOGITS, LABELS))


# Predict again, Where this bites


def test_every_further_factor_of_ten_adds_nearly_the_same():
    says(LESSON, "every further factor of ten adds nearly")
    added = [coin_kl(0.3, f / 10) - coin_kl(0.3, f) for f in (0.01, 1e-3, 1e-6)]
    assert added == pytest.approx(3 * [0.3 * math.log(10)], rel=0.01)
    assert max((f - 0.3) ** 2 for f in (0.1, 0.01, 0.0)) <= 0.09


def test_with_one_parameter_l_bfgs_takes_the_bend_from_the_last_two_points():
    says(LESSON, "Newton's method with the bend taken from the last two points")
    says(LESSON, "After 50 steps a fifth of the way is done; whole steps need seven in all.")
    for rate, steps, at in RUNS:
        old, new = 1.5, 1.5 - rate * slope_at(1.5)
        for _ in range(steps - 1):
            bend = (slope_at(new) - slope_at(old)) / (new - old)
            old, new = new, new - rate * slope_at(new) / bend
        assert new == pytest.approx(at, rel=1e-9)
    (_, _, first), _, (_, _, whole) = RUNS
    assert (first - 1.5) / (BEST.x - 1.5) == pytest.approx(0.2, abs=0.01)
    assert abs(whole - BEST.x) < 1e-4 < abs(l_bfgs(1, 5) - BEST.x)


def test_what_pytorch_s_l_bfgs_gave():
    """Run once with PyTorch 2.14.1 on these logits, at 0.01 for 50 and 100 steps."""
    says(LESSON, "PyTorch's own L-BFGS gives the same temperatures.")
    assert [at for _, _, at in RUNS[:2]] == pytest.approx([1.708562080, 1.900034132], abs=1e-8)


def test_what_a_hidden_epsilon_does_in_single_precision():
    says(LESSON, r"in single precision $1 - 10^{-15}$ is 1")
    assert np.float32(1) - np.float32(1e-15) == 1
    with np.errstate(all="ignore"):
        assert np.isnan(np.float32(0) * np.log(np.float32(1) - np.float32(1)))
    says(LESSON, "Both look good, and which one you see depends on the library.")
    assert max(kept_away(1e-15), kept_away(1e-4)) < 1.03 * LOG_LOSS["score"]
