"""The questions of unit 16: the covering fit, KL the other way, the seeking fit, mean field."""

import math
from functools import cache

import numpy as np

from klteach.practice.common_mistakes import SMALL_NUMBERS
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import Returns, named_numbers

LESSON = "16_covering_and_seeking"
ROOT = math.sqrt(2 * math.pi)
FIT = named_numbers("mean", "sd")


def random_bells(random, size):
    """Weights, means and standard deviations of so many bells, none of them like another."""
    weights = random.dirichlet(np.full(size, 4.0))
    means = np.cumsum(random.uniform(1.2, 3.5, size)) - random.uniform(1.0, 8.0)
    return weights, random.permutation(means), random.uniform(0.4, 2.5, size)


# E1: the fit under KL(P‖Q)


def moments(weights, means, sds):
    mean = weights @ means
    return mean, math.sqrt(weights @ (sds**2 + (means - mean) ** 2))


def between(weights, means):
    return weights @ (means - weights @ means) ** 2


def heaviest(weights, means, sds):
    at = np.argmax(weights)
    return means[at], sds[at]


def mixtures(random):
    return [
        case(*random_bells(random, size), label=f"{size} bells at random")
        for size in (2, 3, 3, 4, 5)
    ]


COVERING_FIT = Question(
    "covering_fit",
    points=1,
    reference=moments,
    returns=FIT,
    visible=[
        case([0.5, 0.5], [-3.0, 3.0], [1.0, 1.0], label="two equal bells"),
        case([0.25, 0.75], [1.0, 5.0], [1.0, 2.0], label="two unequal bells"),
        case([1.0], [2.0], [3.0], label="one bell alone"),
    ],
    inputs=[mixtures],
    mistakes=[
        Mistake(
            "variance",
            lambda w, m, s: (w @ m, moments(w, m, s)[1] ** 2),
            "The mean is right, and the second number is a variance. A standard deviation was "
            "asked for: its root.",
        ),
        Mistake(
            "centres ignored",
            (lambda w, m, s: (w @ m, math.sqrt(w @ s**2)), lambda w, m, s: (w @ m, w @ s**2)),
            "You averaged the variances of the bells. How far the bells lie apart is in none of "
            "them: a bell whose mean is off by d adds d² to its own variance.",
        ),
        Mistake(
            "sds averaged",
            lambda w, m, s: (w @ m, w @ s),
            "You averaged the standard deviations. Variances are what adds up, and how far the "
            "bells lie apart is a part of the variance of the whole.",
        ),
        Mistake(
            "widths ignored",
            (
                lambda w, m, s: (w @ m, math.sqrt(between(w, m))),
                lambda w, m, s: (w @ m, between(w, m)),
            ),
            "You took the spread of the centres alone, as if each bell were a single point. Each "
            "has a variance of its own, too.",
        ),
        Mistake(
            "sds averaged, then squared",
            lambda w, m, s: (w @ m, math.sqrt((w @ s) ** 2 + between(w, m))),
            "You squared the average of the standard deviations. The mean of the squares is "
            "larger: square first, then average.",
        ),
        Mistake(
            "sds not squared",
            lambda w, m, s: (w @ m, math.sqrt(w @ s + between(w, m))),
            "You added the standard deviations of the bells to squared deviations. Square them "
            "first.",
        ),
        Mistake(
            "sds added to the spread",
            (
                lambda w, m, s: (w @ m, w @ s + math.sqrt(between(w, m))),
                lambda w, m, s: (w @ m, math.sqrt(w @ s**2) + math.sqrt(between(w, m))),
            ),
            "You added two standard deviations, the one inside the bells and the one between "
            "them. Their squares add up; take the root at the end.",
        ),
        Mistake(
            "mean not subtracted",
            (
                lambda w, m, s: (w @ m, math.sqrt(w @ (s**2 + m**2))),
                lambda w, m, s: (w @ m, w @ (s**2 + m**2)),
            ),
            "This is the mean of x² as it is. For a variance x is taken from the mean: "
            "take away the square of the mean.",
        ),
        Mistake(
            "weights ignored",
            (
                lambda w, m, s: moments(np.full(len(w), 1 / len(w)), m, s),
                lambda w, m, s: (m.mean(), math.sqrt((s**2).mean())),
                lambda w, m, s: (m.mean(), s.mean()),
                lambda w, m, s: (m.mean(), m.std()),
            ),
            "You averaged over the bells as if they were equally heavy. P draws from each of them "
            "as often as its weight says.",
        ),
        Mistake(
            "weights in the mean only",
            (
                lambda w, m, s: (w @ m, math.sqrt(np.mean(s**2 + (m - w @ m) ** 2))),
                lambda w, m, s: (w @ m, math.sqrt(np.sum(s**2 + (m - w @ m) ** 2))),
                lambda w, m, s: (w @ m, math.sqrt(np.mean(s**2) + between(w, m))),
                lambda w, m, s: (w @ m, math.sqrt(np.sum(s**2) + between(w, m))),
                lambda w, m, s: (w @ m, math.sqrt(w @ s**2 + np.var(m))),
            ),
            "The mean is right. In the second number something was summed or averaged over the "
            "bells without their weights.",
        ),
        Mistake(
            "heaviest bell",
            heaviest,
            "You returned the heaviest bell. That is near to what the other direction may choose. "
            "Here P is the truth: wherever it goes, Q must be ready.",
        ),
        Mistake(
            "weighted sum of variables",
            (
                lambda w, m, s: (w @ m, math.sqrt(w**2 @ s**2)),
                lambda w, m, s: (w @ m, w**2 @ s**2),
            ),
            "You squared the weights: that is the spread of a weighted sum, in which every bell "
            "is drawn from and the draws are added. A mixture draws from one bell each time.",
        ),
        Mistake(
            "first bell only",
            (
                lambda w, m, s: (w[0] * m[0], s[0]),
                lambda w, m, s: (w[0] * m[0], math.sqrt(w[0]) * s[0]),
                lambda w, m, s: (m[0], s[0]),
            ),
            "This is what the first bell alone gives. Is there a `return` inside the loop?",
        ),
        Mistake(
            "precisions averaged",
            lambda w, m, s: (w @ m, 1 / math.sqrt(w @ s**-2.0)),
            "You averaged precisions, 1/variance. Variances are what adds up in a mixture, and "
            "how far the bells lie apart comes on top.",
        ),
        Mistake(
            "median for the mean",
            (
                lambda w, m, s: (
                    np.median(m),
                    math.sqrt(w @ (s**2 + (m - np.median(m)) ** 2)),
                ),
                lambda w, m, s: (np.median(m), moments(w, m, s)[1]),
            ),
            "You took the median of the centres. The best Q has the mean of P, and the weights "
            "belong in it.",
        ),
        Mistake(
            "n - 1",
            lambda w, m, s: (
                w @ m,
                moments(w, m, s)[1] * (math.sqrt(len(w) / (len(w) - 1)) if len(w) > 1 else np.inf),
            ),
            "You divided by one less than the number of bells. That is for a variance that is "
            "estimated from a sample; here all of P is known.",
        ),
        Mistake(
            "order",
            lambda w, m, s: moments(w, m, s)[::-1],
            "Both numbers are right, in the other order: first the mean, then the standard "
            "deviation.",
        ),
    ],
    hints=[
        "KL(P‖Q) is least where the mean of log q over P is largest: maximum likelihood with "
        "endless data. Which two averages of P decide it?",
        "mean = Σ w m, and variance = Σ w (s² + (m - mean)²); return the root",
        "`mean = weights @ means`, `variance = weights @ (sds**2 + (means - mean) ** 2)`, then "
        "`return mean, np.sqrt(variance)`",
    ],
    insight="The fit takes the mean and the variance of P, and of P it knows nothing else: "
    "whatever lies between the bells is covered as well.",
    lesson=LESSON,
    section="The idea",
)


# E2a: KL the other way


@cache
def standard_normal():
    """Places z, 9 standard deviations to each side, and weights for the mean over them."""
    z = np.linspace(-9, 9, 3601)
    weights = np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def log_bells(x, means, sds):
    """The log density of each bell at x, in a last axis of its own."""
    return -(((x[..., None] - means) / sds) ** 2) / 2 - np.log(sds * ROOT)


def log_mixture(x, weights, means, sds):
    """log p at x, right where p itself is too small for a number."""
    parts = log_bells(x, means, sds) + np.log(weights)
    top = parts.max(axis=-1)
    return top + np.log(np.exp(parts - top[..., None]).sum(axis=-1))


def log_normal(x, mu, sigma):
    return -(((x - mu) / sigma) ** 2) / 2 - np.log(sigma * ROOT)


def kl_of_normal(mu, sigma, log_p):
    """KL(N(mu, sigma)‖P) from a function that gives log p, right or wrong."""
    z, shares = standard_normal()
    x = mu + sigma * z
    return float(shares @ (log_normal(x, mu, sigma) - log_p(x)))


def reverse(mu, sigma, weights, means, sds):
    return kl_of_normal(mu, sigma, lambda x: log_mixture(x, weights, means, sds))


def forward(mu, sigma, weights, means, sds):
    z, shares = standard_normal()
    x = means[:, None] + sds[:, None] * z
    ratios = log_mixture(x, weights, means, sds) - log_normal(x, mu, sigma)
    return float(weights @ (ratios @ shares))


def entropy_of(sigma):
    return math.log(sigma * ROOT) + 0.5


def kl_to_normal(mu, sigma, mean, sd):
    return np.log(sd / sigma) + (sigma**2 + (mu - mean) ** 2) / (2 * sd**2) - 0.5


def with_log_p(change):
    """KL with another function in the place of log p: change(x, weights, means, sds)."""

    def wrong(mu, sigma, weights, means, sds):
        return kl_of_normal(mu, sigma, lambda x: change(x, weights, means, sds))

    return wrong


def density(x, weights, means, sds):
    return np.exp(log_bells(x, means, sds)) @ weights


def padded(small, put):
    """A small number added to p, or put in the place of what is smaller."""
    return with_log_p(lambda x, *bells: np.log(put(density(x, *bells), small)))


def on_a_range(low, high, mu, sigma, *bells):
    x = np.linspace(low, high, 8001)
    log_q = log_normal(x, mu, sigma)
    with np.errstate(over="ignore"):
        terms = np.exp(log_q) * (log_q - log_mixture(x, *bells))
    return float(np.trapezoid(terms, x))


def on_a_fixed_range(low, high):
    return lambda *arguments: on_a_range(low, high, *arguments)


def around_the_bells(reach):
    """Over so many standard deviations to the sides of P's bells, wherever Q is."""

    def wrong(mu, sigma, weights, means, sds):
        low, high = (means - reach * sds).min(), (means + reach * sds).max()
        return on_a_range(low, high, mu, sigma, weights, means, sds)

    return wrong


def left_out(mu, sigma, weights, means, sds):
    z, shares = standard_normal()
    x = mu + sigma * z
    there = density(x, weights, means, sds) > 0
    terms = shares * (log_normal(x, mu, sigma) - log_mixture(x, weights, means, sds))
    return float(terms[there].sum())


def within(end):
    """Only so many standard deviations to each side."""

    def wrong(mu, sigma, weights, means, sds):
        z = np.linspace(-end, end, 4001)
        x = mu + sigma * z
        log_q = log_normal(x, mu, sigma)
        return float(np.trapezoid(np.exp(log_q) * (log_q - log_mixture(x, weights, means, sds)), x))

    return wrong


def variance_for_sd(q, p):
    def wrong(mu, sigma, weights, means, sds):
        return reverse(mu, q(sigma), weights, means, p(sds))

    return wrong


def squared(x):
    return x**2


def same(x):
    return x


def of_two_bells(random):
    """Q on one bell, between two, wide and narrow; then Q and P far from 0, and far apart."""
    cases = []
    for size in (2, 3, 4):
        weights, means, sds = random_bells(random, size)
        mu = float(random.choice(means) + random.uniform(0.2, 0.8))
        cases.append(case(mu, float(random.uniform(0.5, 3.0)), weights, means, sds))
    return [
        *cases,
        case(-0.5, 5.0, [0.3, 0.7], [-4.0, 4.0], [0.8, 1.5], label="a wide Q"),
        case(72.0, 2.0, [0.4, 0.6], [69.0, 75.0], [1.5, 1.0], label="bells around 72"),
        case(-85.0, 3.0, [0.7, 0.3], [-84.0, -92.0], [2.0, 1.0], label="bells around -86"),
        case(0.7, 1.2, [0.4, 0.6], [-60.0, 55.0], [1.0, 1.1], label="Q far from both bells"),
    ]


def as_a_named_mistake(evidence):
    """A named mistake on another grid than ours: near it on most inputs, and far from right."""
    count = len(evidence.cases)
    right = np.array([float(value) for value in evidence.references])
    values = np.array([float(value) for value in evidence.values])
    for mistake in REVERSE_KL.mistakes:
        for variant in mistake.variants:
            near, apart = 0, 0
            for place, case_ in enumerate(evidence.cases):
                wrong = REVERSE_KL.values(variant, case_)
                if np.isclose(values[place], wrong, rtol=2e-3, atol=1e-4):
                    near += 1
                    apart += bool(abs(wrong - right[place]) > 0.05 * abs(right[place]))
                elif place - near > 0.3 * count:
                    break
            if near >= 0.7 * count and apart >= 3:
                return mistake.message
    return None


def step_forgotten(evidence):
    """A sum or a mean over a grid that follows sigma, not multiplied by the step."""
    sigmas = np.array([case_.arguments[1] for case_ in evidence.cases])
    values = np.array([float(value) for value in evidence.values])
    right = np.array([float(value) for value in evidence.references])
    with np.errstate(all="ignore"):
        factors = values / right * sigmas
    usual = np.median(factors)
    if np.isfinite(factors).all() and np.allclose(factors, usual, rtol=2e-3) and np.ptp(sigmas) > 0:
        return (
            "Right but for a factor that goes with 1/sigma. A sum over a grid of x becomes an "
            "integral when it is multiplied by the step between two neighbours; a mean, when it is "
            "multiplied by the length of the grid."
        )
    return None


REVERSE_KL = Question(
    "reverse_kl",
    points=2,
    reference=reverse,
    unit="nats",
    tolerance=1e-5,
    rows=(step_forgotten, as_a_named_mistake),
    visible=[
        case(3.0, 1.0, [0.5, 0.5], [-3.0, 3.0], [1.0, 1.0], label="Q on one of two bells"),
        case(0.5, 2.5, [0.4, 0.6], [-3.0, 3.0], [1.0, 1.0], label="Q between two bells"),
        case(1.0, 2.0, [1.0], [2.0], [1.5], label="P is one bell"),
    ],
    inputs=[of_two_bells],
    mistakes=[
        Mistake(
            "the other direction",
            forward,
            "This is KL(P‖Q): you averaged over P. Here Q supplies the samples: average "
            "log q - log p over Q.",
        ),
        Mistake(
            "entropy left out",
            lambda mu, sigma, *bells: reverse(mu, sigma, *bells) + entropy_of(sigma),
            "This is the cross-entropy alone, the mean of -log p over Q. Take away the entropy "
            "of Q: without it the best Q would be a needle on the highest point of P.",
        ),
        Mistake(
            "entropy added",
            lambda mu, sigma, *bells: reverse(mu, sigma, *bells) + 2 * entropy_of(sigma),
            "You added the entropy of Q to the cross-entropy. It is taken away: a wide Q has a "
            "smaller KL for the same cross-entropy.",
        ),
        Mistake(
            "sign",
            lambda *arguments: -reverse(*arguments),
            "Right but for the sign: you averaged log p - log q.",
        ),
        Mistake(
            "both directions",
            (
                lambda *arguments: reverse(*arguments) + forward(*arguments),
                lambda *arguments: (reverse(*arguments) + forward(*arguments)) / 2,
            ),
            "You took both directions together. Only KL(Q‖P) was asked for, the mean over Q.",
        ),
        Mistake(
            "average of the KLs",
            lambda mu, sigma, w, m, s: float(w @ kl_to_normal(mu, sigma, m, s)),
            "You averaged the KLs to the single bells. The logarithm comes after the bells have "
            "been added up: log Σ w p, not Σ w log p. One bell near Q is enough to keep it small.",
        ),
        Mistake(
            "sum of the KLs",
            lambda mu, sigma, w, m, s: float(np.sum(kl_to_normal(mu, sigma, m, s))),
            "You added up the KLs to the single bells. Their densities are what adds up, and the "
            "logarithm comes after that.",
        ),
        Mistake(
            "nearest bell",
            (
                with_log_p(lambda x, w, m, s: (log_bells(x, m, s) + np.log(w)).max(axis=-1)),
                lambda mu, sigma, w, m, s: float(np.min(kl_to_normal(mu, sigma, m, s))),
                lambda mu, sigma, w, m, s: float(np.min(kl_to_normal(mu, sigma, m, s) - np.log(w))),
            ),
            "You let one bell at a time speak for P. p is the sum of all of them, everywhere, and "
            "between two bells both count.",
        ),
        Mistake(
            "heaviest bell",
            lambda mu, sigma, w, m, s: float(kl_to_normal(mu, sigma, *heaviest(w, m, s))),
            "You compared Q with the heaviest bell alone. P is all of them, each with its weight.",
        ),
        Mistake(
            "weights left out",
            (
                with_log_p(lambda x, w, m, s: log_mixture(x, np.ones(len(w)), m, s)),
                with_log_p(lambda x, w, m, s: log_mixture(x, np.full(len(w), 1 / len(w)), m, s)),
            ),
            "The bells were added up without their weights. p(x) = Σ w N(x; m, s).",
        ),
        Mistake(
            "one normal for P",
            lambda mu, sigma, *bells: float(kl_to_normal(mu, sigma, *moments(*bells))),
            "You put one normal, with the mean and the spread of P, in the place of P. Then the "
            "valley between the bells is gone, and with it all that this direction is about.",
        ),
        Mistake(
            "variances for standard deviations",
            (
                variance_for_sd(np.sqrt, np.sqrt),
                variance_for_sd(np.sqrt, same),
                variance_for_sd(same, np.sqrt),
                variance_for_sd(squared, squared),
                variance_for_sd(squared, same),
                variance_for_sd(same, squared),
            ),
            "Somewhere a standard deviation was taken for a variance, or the other way round: "
            "`sigma` and `sds` are standard deviations, and so is `scale` of `scipy.stats.norm`. "
            "In the exponent stands the square.",
        ),
        Mistake(
            "padded",
            tuple(padded(e, put) for e in SMALL_NUMBERS for put in (np.add, np.maximum))
            + tuple(padded(e, put) for e in (1e-100, 1e-300) for put in (np.add, np.maximum)),
            "A small number was added to p, or put in its place where it is smaller. Far from the "
            "bells that number then decides. Compute log p without p: the logarithm of a sum of "
            "exponentials has functions of its own.",
        ),
        Mistake(
            "underflow",
            with_log_p(lambda x, *bells: np.log(density(x, *bells))),
            "Infinite where Q is far from all bells: there p is so small that the computer stores "
            "0. Its logarithm is an ordinary number. Add log w to the log density of each bell, "
            "then `np.logaddexp.reduce` or `scipy.special.logsumexp`.",
        ),
        Mistake(
            "left out",
            left_out,
            "You left out the x at which p is stored as 0. There log q - log p is largest, and it "
            "is what KL(Q‖P) is about. Compute log p without p: `np.logaddexp.reduce`.",
        ),
        Mistake(
            "tails cut off",
            (within(2), within(3)),
            "Too much of Q was cut off: two or three standard deviations on each side are not "
            "enough here. log q - log p is large in the tails. Go to 10 of them.",
        ),
        Mistake(
            "fixed range",
            tuple(
                on_a_fixed_range(low, high)
                for low, high in ((-5, 5), (-6, 6), (-8, 8), (-10, 10), (-12, 12), (-15, 15))
            )
            + tuple(on_a_fixed_range(-end, end) for end in (20, 25, 30, 40, 50)),
            "Right where nearly all of Q lies in one fixed range of x, and wrong where that range "
            "cuts Q off. Let the range follow Q, from mu - 10 sigma to mu + 10 sigma.",
        ),
        Mistake(
            "range of the bells",
            tuple(around_the_bells(reach) for reach in (3, 4, 5, 6, 8, 10)),
            "Your grid of x covers the bells of P, and it cuts Q off where Q reaches further. "
            "The mean is over Q: let the grid follow it, from mu - 10 sigma to mu + 10 sigma.",
        ),
    ],
    hints=[
        "Which of the two supplies the samples, and so the weights of the average?",
        "∫ q(x) (log q(x) - log p(x)) dx, with p(x) = Σ w N(x; m, s); on a grid of x around mu, "
        "and with log p by `np.logaddexp.reduce`",
        "`x = np.linspace(mu - 9 * sigma, mu + 9 * sigma, 4001)`, "
        "`log_q = -((x - mu) / sigma) ** 2 / 2 - np.log(sigma * np.sqrt(2 * np.pi))`, "
        "`bells = -((x[:, None] - means) / sds) ** 2 / 2 - np.log(sds * np.sqrt(2 * np.pi))`, "
        "`log_p = np.logaddexp.reduce(np.log(weights) + bells, axis=1)`, then "
        "`return np.trapezoid(np.exp(log_q) * (log_q - log_p), x)`",
    ],
    insight="On one of two equal bells it is just under log 2: the bell that is left out costs no "
    "more than that, however far away it is.",
    lesson=LESSON,
    section="The idea",
)


# E2b: the fit under KL(Q‖P)

CLOSE = 1e-5  # nats above the least
NEAR = 0.01  # nats; so near it is rounding, or a search that stopped early


@cache
def coarse_normal():
    z = np.linspace(-7, 7, 281)
    weights = np.exp(-(z**2) / 2)
    return z, weights / weights.sum()


def slopes_of(mu, log_sigma, weights, means, sds):
    """KL(N(mu, sigma)‖P), its gradient and its curvature in (mu, log sigma)."""
    z, shares = coarse_normal()
    sigma = math.exp(log_sigma)
    x = mu + sigma * z
    parts = log_bells(x, means, sds) + np.log(weights)
    top = parts.max(axis=-1, keepdims=True)
    share = np.exp(parts - top)
    total = share.sum(axis=-1, keepdims=True)
    share /= total
    pulls = (means - x[:, None]) / sds**2
    first = (share * pulls).sum(axis=-1)
    second = (share * (pulls**2 - 1 / sds**2)).sum(axis=-1) - first**2
    kl = -entropy_of(sigma) - shares @ (top + np.log(total))[:, 0]
    gradient = np.array([-(shares @ first), -1 - sigma * (shares @ (z * first))])
    across = -sigma * (shares @ (z * second))
    last = -sigma * (shares @ (z * first)) - sigma**2 * (shares @ (z * z * second))
    return kl, gradient, np.array([[-(shares @ second), across], [across, last]])


def rolled_down(mu, log_sigma, *bells):
    """(kl, mu, sigma) of the minimum below a start, by Newton's method, downhill everywhere."""
    kl, gradient, curvature = slopes_of(mu, log_sigma, *bells)
    for _ in range(60):
        values, directions = np.linalg.eigh(curvature)
        step = -directions @ (directions.T @ gradient / np.maximum(np.abs(values), 1e-3))
        step *= min(1.0, 0.7 * math.exp(log_sigma) / max(np.hypot(*step), 1e-300))
        while True:
            trial = slopes_of(mu + step[0], log_sigma + step[1], *bells)
            if trial[0] <= kl + 1e-13 or np.hypot(*step) < 1e-9:
                break
            step = step / 2
        (mu, log_sigma), (kl, gradient, curvature) = (mu + step[0], log_sigma + step[1]), trial
        if np.hypot(*step) < 1e-8:
            break
    return float(kl), float(mu), math.exp(log_sigma)


@cache
def _least(weights, means, sds):
    bells = np.array(weights), np.array(means), np.array(sds)
    runs = [heaviest(*bells), moments(*bells), *zip(means, sds, strict=True)]
    order = np.argsort(bells[1])
    for size in range(2, len(means)):  # every run of neighbouring bells, as one
        for first in range(len(means) - size + 1):
            w, m, s = (each[order[first : first + size]] for each in bells)
            runs.append(moments(w / w.sum(), m, s))
    return min(rolled_down(mu, math.log(sigma), *bells) for mu, sigma in runs)


def least(weights, means, sds):
    """(kl, mu, sigma) of the deepest of all minima."""
    return _least(*(tuple(np.asarray(each, float).tolist()) for each in (weights, means, sds)))


def seeking(weights, means, sds):
    return least(weights, means, sds)[1:]


def laplace(weights, means, sds):
    """The highest point of P, and the standard deviation that its curvature there stands for."""
    x = np.linspace(means.min() - 1, means.max() + 1, 20001)
    at = x[np.argmax(log_mixture(x, weights, means, sds))]
    h = 1e-3
    around = log_mixture(np.array([at - h, at, at + h]), weights, means, sds)
    bend = -(around[0] - 2 * around[1] + around[2]) / h**2
    return at, 1 / math.sqrt(bend)


def alike(fit, other, tolerance=2e-3):
    return np.allclose(fit, other, rtol=tolerance, atol=tolerance)


def judge_seeking(weights, means, sds, fit):
    """None if KL(Q‖P) is the least there is, or what is wrong with (mean, sd)."""
    bells = (weights, means, sds)
    mu, sigma = (float(part) for part in fit)
    if not np.isfinite(fit).all():
        return "not finite", "One of the two numbers is infinite: no normal distribution."
    lowest = least(*bells)[0]
    if sigma <= 0:
        if _is_least(mu, math.exp(max(sigma, -50)), *bells):
            return "logarithm of the sd", _LOGARITHM
        return "sd not positive", (
            f"The second number is {sigma:.4g}, and a standard deviation is above 0. Let the "
            "search run over its logarithm, and return `np.exp` of that."
        )
    with np.errstate(over="ignore", invalid="ignore"):
        height = reverse(mu, sigma, *bells)
    if height <= lowest + CLOSE:
        return None
    for name, sentence, other in (
        ("variance", "The second number is a variance. Return its root.", (mu, math.sqrt(sigma))),
        ("logarithm of the sd", _LOGARITHM, (mu, math.exp(min(sigma, 50.0)))),
        ("order", "The two numbers are in the other order: first the mean.", (sigma, mu)),
    ):
        if other[1] > 0 and _is_least(*other, *bells):
            return name, sentence
    if alike(fit, moments(*bells)):
        return "the covering fit", (
            "This is the mean and the standard deviation of P, the fit under KL(P‖Q). The other "
            f"direction was asked for, and at this Q it is {height:.4f} nats, which is not the "
            "least."
        )
    if not (1e-4 < sigma < 1e4 and abs(mu) < 1e4):
        return "far off", (
            f"A mean of {mu:.4g} and a standard deviation of {sigma:.4g}: the search has run away "
            "from all bells. Print KL(Q‖P) at some places first, and start on the bells."
        )
    if height <= lowest + NEAR:
        if any(alike(fit, bell, 1e-6) for bell in zip(means, sds, strict=True)):
            return "the bell itself", (
                "This is one of the bells as it is. The best Q is near it, but the other bells "
                "reach over a little and make it wider: start there, and go downhill."
            )
        return "not exact", (
            f"Close: KL(Q‖P) is {height:.6f} nats there, and there is a Q with less, by under "
            f"{NEAR:g}. It must be within {CLOSE:.5f} of the least: no coarse grid, no rounding, "
            "and let the search go on for longer."
        )
    if height <= rolled_down(mu, math.log(sigma), *bells)[0] + CLOSE:
        return "a local minimum", (
            f"A minimum, but only a local one: whoever starts near it ends there, at {height:.4f} "
            "nats, and another start leads lower. Start on every bell and in the middle of all, "
            "and keep the best."
        )
    if any(alike(fit, bell, 1e-6) for bell in zip(means, sds, strict=True)):
        return "the bell itself", (
            f"This is one of the bells as it is; KL(Q‖P) is {height:.4f} nats there. That is a "
            "good place to start from, and the best Q may be elsewhere: go downhill from several "
            "starts."
        )
    if alike(fit, laplace(*bells), 1e-2):
        return "laplace", (
            "You took the highest point of P and the curvature there (Laplace's approximation). "
            "KL(Q‖P) is an average over all of Q, not a property of one point; there it is "
            f"{height:.4f} nats, and it can be lower."
        )
    return "not a minimum", (
        f"KL(Q‖P) is {height:.4f} nats there, and it falls if you go on from there: no minimum. "
        "Is it the function `reverse_kl` that you minimise, over mean and standard deviation?"
    )


_LOGARITHM = "The second number is the logarithm of the standard deviation. Return `np.exp` of it."


def _is_least(mu, sigma, *bells):
    return sigma < 1e3 and reverse(mu, sigma, *bells) <= least(*bells)[0] + CLOSE


def three_bells(random):
    """Three bells at random, and the same farther apart, where several minima are likely."""
    cases = []
    for stretch in (1.0, 2.5):
        weights, means, sds = random_bells(random, 3)
        cases.append(case(weights, stretch * means, sds, label="three bells at random"))
    return cases


SEEKING_FIT = Question(
    "seeking_fit",
    points=3,
    reference=seeking,
    judge=judge_seeking,
    returns=FIT,
    visible=[
        case([0.5, 0.5], [-3.0, 3.0], [1.0, 1.0], label="two equal bells, far apart"),
        case([0.5, 0.5], [-2.6, 2.6], [1.0, 1.0], label="two equal bells, nearer"),
        case([0.4, 0.6], [-3.0, 3.0], [1.0, 1.0], label="a lighter and a heavier bell"),
        case(
            [0.4, 0.3, 0.3],
            [-4.0, 3.0, 4.5],
            [1.0, 1.0, 1.0],
            label="one bell apart, two side by side",
        ),
    ],
    inputs=[three_bells],
    mistakes=[],
    hints=[
        "Where does a search end that starts in the middle? And one that starts on a bell? Which "
        "of them is lower?",
        "Minimise `reverse_kl` over mu and log sigma with `scipy.optimize.minimize`, once from "
        "each bell and once from the covering fit; keep the result with the smallest `fun`",
        "`from scipy.optimize import minimize`, "
        "`root = np.sqrt(2 * np.pi)`, "
        "`z = np.linspace(-8, 8, 801)`, "
        "`share = np.exp(-z**2 / 2) / np.exp(-z**2 / 2).sum()`, "
        "`log_p = lambda x: np.logaddexp.reduce(np.log(weights / sds / root) "
        "- ((x[:, None] - means) / sds) ** 2 / 2, axis=1)`, "
        "`cost = lambda at: -at[1] - share @ log_p(at[0] + np.exp(at[1]) * z)`, "
        "`middle = weights @ means`, "
        "`spread = np.sqrt(weights @ (sds**2 + (means - middle) ** 2))`, "
        "`starts = zip([*means, middle], np.log([*sds, spread]))`, "
        "`best = min((minimize(cost, start) for start in starts), key=lambda found: found.fun)`, "
        "then `return best.x[0], np.exp(best.x[1])`",
    ],
    insight="Two equal bells at ±2.6 are covered, at ±3 one of them is left out. No single start "
    "finds both answers, so nobody who has tried one start knows which case it is.",
    lesson=LESSON,
    section="The idea",
)


# E3: independent coordinates for a correlated normal


def two_rows(forward_variances, reverse_variances):
    return np.stack([forward_variances, reverse_variances])


def marginal(cov):
    return np.diag(cov).copy()


def conditional(cov):
    return 1 / np.diag(np.linalg.inv(cov))


def both(cov):
    return two_rows(marginal(cov), conditional(cov))


def correlation(cov):
    sd = np.sqrt(np.diag(cov))
    return cov / np.outer(sd, sd)


def given_the_earlier(cov):
    """The variance of each coordinate given those before it: the squared diagonal of Cholesky."""
    return np.diag(np.linalg.cholesky(cov)) ** 2


def second_row(wrong):
    """The forward variances right, and this in the place of the others."""
    return lambda cov: two_rows(marginal(cov), wrong(cov))


def covariances(random):
    cases = [
        case([[2.0, 0.8, 0.4], [0.8, 1.0, 0.5], [0.4, 0.5, 1.5]], label="three coordinates"),
        case([[1.0, -0.7], [-0.7, 1.0]], label="a negative correlation"),
        case([[9.0, -1.71], [-1.71, 0.36]], label="two spreads and a strong correlation"),
    ]
    for size in (2, 3, 3, 5):
        root = random.normal(size=(size, size + 2)) * random.uniform(0.3, 2.0, (size, 1))
        cases.append(case(root @ root.T, label=f"{size} coordinates at random"))
    return cases


MEAN_FIELD = Question(
    "mean_field",
    points=2,
    reference=both,
    returns=Returns(
        "two rows of variances, forward first, with one number per coordinate",
        lambda cov: (2, len(cov)),
    ),
    exchangeable=False,
    visible=[
        case([[1.0, 0.9], [0.9, 1.0]], label="a correlation of 0.9"),
        case([[4.0, 0.6], [0.6, 1.0]], label="a correlation of 0.3"),
    ],
    inputs=[covariances],
    mistakes=[
        Mistake(
            "rows exchanged",
            lambda cov: both(cov)[::-1],
            "Both rows are right, in the other order. KL(P‖Q) keeps the variance that each "
            "coordinate has by itself; KL(Q‖P) makes Q narrow.",
        ),
        Mistake(
            "precision for variance",
            (
                second_row(lambda cov: np.diag(np.linalg.inv(cov))),
                lambda cov: two_rows(np.diag(np.linalg.inv(cov)), marginal(cov)),
            ),
            "The diagonal of the inverse holds precisions, 1/variance. Take 1 over each entry.",
        ),
        Mistake(
            "forward in both rows",
            second_row(marginal),
            "The first row is right, and the second is the same. KL(Q‖P) must not put mass where "
            "P has none, so a correlation makes Q narrower than that.",
        ),
        Mistake(
            "reverse in both rows",
            lambda cov: two_rows(conditional(cov), conditional(cov)),
            "The second row is right, and the first is the same. KL(P‖Q) has its samples from P: "
            "the spread that P has in each coordinate must be there.",
        ),
        Mistake(
            "one minus rho",
            (
                second_row(lambda cov: marginal(cov) * (1 - correlation(cov)[0, 1])),
                second_row(lambda cov: marginal(cov) * (1 - abs(correlation(cov)[0, 1]))),
            ),
            "You took 1 - ρ of each variance, with the first correlation for ρ. What is left of "
            "the variance of one coordinate, once another is known, is 1 - ρ². And with more than "
            "two coordinates all the others count: look at the inverse of the matrix.",
        ),
        Mistake(
            "the first correlation only",
            second_row(lambda cov: marginal(cov) * (1 - correlation(cov)[0, 1] ** 2)),
            "Right for two coordinates. With three or more, the first correlation does not know "
            "the others: the inverse of the whole matrix does.",
        ),
        Mistake(
            "covariance for correlation",
            second_row(lambda cov: marginal(cov) * (1 - cov[0, 1] ** 2)),
            "You put a covariance in the place of a correlation. Divide it by both standard "
            "deviations first; and with more than two coordinates look at the inverse of the "
            "matrix.",
        ),
        Mistake(
            "last coordinate left out",
            lambda cov: both(cov) * (np.arange(len(cov)) < len(cov) - 1),
            "Right but for the last coordinate, which is 0 in both rows. Does the loop end one too "
            "early?",
        ),
        Mistake(
            "root of 1 - rho²",
            second_row(lambda cov: marginal(cov) * np.sqrt(1 - correlation(cov)[0, 1] ** 2)),
            "You shortened the variances by √(1 - ρ²), with the first correlation for ρ. That is "
            "what happens to standard deviations; a variance is shortened by its square.",
        ),
        Mistake(
            "standard deviations",
            (
                lambda cov: np.sqrt(both(cov)),
                lambda cov: two_rows(marginal(cov), np.sqrt(conditional(cov))),
                lambda cov: two_rows(np.sqrt(marginal(cov)), conditional(cov)),
            ),
            "There is a root too many: variances were asked for, in both rows.",
        ),
        Mistake(
            "correlations for covariances",
            (
                second_row(lambda cov: conditional(correlation(cov))),
                lambda cov: both(correlation(cov)),
            ),
            "You took the inverse of the correlations. That gives shares of each variance, 1 - "
            "R²; multiply by the variance itself.",
        ),
        Mistake(
            "squared",
            second_row(lambda cov: np.diag(np.linalg.inv(cov)) ** -2.0),
            "You squared too much: the diagonal of the inverse holds 1/variance, not 1/standard "
            "deviation.",
        ),
        Mistake(
            "diagonal inverted first",
            second_row(lambda cov: 1 / marginal(cov)),
            "You took 1 over the diagonal of the covariances. Invert the whole matrix first, then "
            "take its diagonal: only so do the correlations come in.",
        ),
        Mistake(
            "given the earlier ones only",
            second_row(given_the_earlier),
            "The diagonal of the Cholesky factor, squared, is the variance of each coordinate "
            "given those before it. In the best Q each one answers to all the others.",
        ),
        Mistake(
            "cholesky diagonal",
            second_row(lambda cov: np.diag(np.linalg.cholesky(cov))),
            "The diagonal of the Cholesky factor holds standard deviations, and of each "
            "coordinate given those before it only. Look at the inverse of the matrix.",
        ),
        Mistake(
            "eigenvalues",
            (
                second_row(lambda cov: np.linalg.eigvalsh(cov)),
                second_row(lambda cov: np.linalg.eigvalsh(cov)[::-1]),
                lambda cov: two_rows(np.linalg.eigvalsh(cov)[::-1], np.linalg.eigvalsh(cov)),
                second_row(lambda cov: np.full(len(cov), np.linalg.eigvalsh(cov)[0])),
            ),
            "Eigenvalues are variances along turned axes. Q may not turn: it is independent in "
            "the coordinates that it was given.",
        ),
        Mistake(
            "of the determinant",
            (
                second_row(lambda cov: np.linalg.det(cov) / marginal(cov)),
                second_row(lambda cov: np.full(len(cov), np.linalg.det(cov) ** (1 / len(cov)))),
                second_row(lambda cov: np.full(len(cov), np.linalg.det(cov))),
            ),
            "The second row comes from the determinant. It tells how large the whole cloud is, "
            "and not how wide it is in one coordinate while the others are held: that is 1 over "
            "the diagonal of the inverse.",
        ),
    ],
    hints=[
        "Under KL(P‖Q) each factor of Q sees one coordinate of P by itself. Under KL(Q‖P) it "
        "must stay inside P while the others are held: how wide is P there?",
        "forward: Σ_ii; reverse: 1/(Σ⁻¹)_ii",
        "`return np.array([np.diag(cov), 1 / np.diag(np.linalg.inv(cov))])`",
    ],
    insight="Marginal variances one way, conditional ones the other. They are equal where nothing "
    "is correlated, and only there.",
    lesson=LESSON,
    section="The idea",
)


QUESTIONS = [COVERING_FIT, REVERSE_KL, SEEKING_FIT, MEAN_FIELD]
