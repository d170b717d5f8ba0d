"""The questions of unit 20: the bound, its KL term, what that KL is made of, and its collapse."""

import math

import numpy as np

from klteach.practice.diagnosis import diagnose
from klteach.practice.evidence import Evidence, Found, same
from klteach.practice.question import Case, Mistake, Question, case
from klteach.practice.returns import Returns, named_numbers

LESSON = "20_elbo_and_vae"
LN_2 = math.log(2)
LN_2PI = math.log(2 * math.pi)


# E1: the ELBO of one observation


def expected_log_likelihood(x, noise_variance, mean, sd):
    squares = (x - mean) ** 2 + sd**2
    return -0.5 * (LN_2PI + math.log(noise_variance) + squares / noise_variance)


def kl_of_one(mean, sd):
    return 0.5 * (mean**2 + sd**2 - 1) - math.log(sd)


def elbo_of_one(x, noise_variance, mean, sd):
    return expected_log_likelihood(x, noise_variance, mean, sd) - kl_of_one(mean, sd)


def log_evidence(x, noise_variance):
    total = 1 + noise_variance
    return -0.5 * (LN_2PI + math.log(total) + x**2 / total)


def gap_of_one(x, noise_variance, mean, sd):
    return log_evidence(x, noise_variance) - elbo_of_one(x, noise_variance, mean, sd)


def at_the_mean(x, noise_variance, mean, sd):
    """log p(x|z) at the mean of q alone."""
    return expected_log_likelihood(x, noise_variance, mean, 0.0)


def observations(random):
    """Observations of either sign, quiet and noisy, and q narrow and wide, near and far."""
    cases = []
    for x in random.uniform(-3, 3, 6):
        noise, sd = np.exp(random.uniform(-1.8, 1.2, 2))
        mean = random.uniform(-2, 2)
        cases.append(case(float(x), float(noise), float(mean), float(sd)))
    return cases


def shifted(extra):
    """A mistake that is the ELBO plus something."""
    return lambda x, v, m, s: elbo_of_one(x, v, m, s) + extra(x, v, m, s)


def what_depends_on_q_alone(e: Evidence) -> Found:
    """Off by the same whatever x and the noise are."""
    if diagnose(e):
        return None
    moved = [Case((x + 1, 2 * v, m, s)) for x, v, m, s in (c.arguments for c in e.cases)]
    for tried, value, own, reference in zip(
        moved, e.call(moved), e.values, e.references, strict=True
    ):
        right = e.right_value(tried)
        if value is None or right is None or abs(value - right - own + reference) > 1e-8:
            return None
    shown = e.small(e.wrong)
    assert shown is not None
    return (
        "Your error does not change with x and the noise. So it lies in what depends on q alone: "
        "KL(q‖prior), or the prior and the entropy of q.",
        shown,
    )


def off_at_the_prior(e: Evidence) -> Found:
    """Wrong where q is the prior and no KL is left."""
    at_the_prior = [i for i, c in enumerate(e.cases) if c.arguments[2:] == (0.0, 1.0)]
    if diagnose(e) or not any(i in e.wrong for i in at_the_prior):
        return None
    return (
        "Yours is off even where q is the prior. There KL(q‖prior) is 0, and the ELBO is the "
        "expected log p(x|z) alone: which of the two parts is not what it should be?",
        at_the_prior[0],
    )


def wrong_with_the_observation(e: Evidence) -> Found:
    """Right where q is the prior, off elsewhere by something that changes with x or the noise."""
    if diagnose(e):
        return None
    shown = e.small(e.wrong)
    assert shown is not None
    return (
        "Right where q is the prior, and off elsewhere by something that changes with x or with "
        "the noise. KL(q‖prior) knows neither: look at the expected square of x - z.",
        shown,
    )


ELBO = Question(
    "elbo",
    points=2,
    rows=(what_depends_on_q_alone, off_at_the_prior, wrong_with_the_observation),
    reference=elbo_of_one,
    unit="nats",
    visible=[
        case(1.5, 0.5, 0.0, 1.0, label="q is the prior"),
        case(1.5, 0.5, 1.0, 0.5, label="q near the posterior"),
        case(0.0, 1.0, 1.0, 2.0, label="q wide and off"),
    ],
    inputs=[observations],
    mistakes=[
        Mistake(
            "reconstruction at the mean only",
            shifted(lambda x, v, m, s: s**2 / (2 * v)),
            "You took log p(x|z) at the mean of q alone. The bound has its average over q: the "
            "expected square is (x - mean)² plus the variance of q.",
        ),
        Mistake(
            "sd for its square in the reconstruction",
            shifted(lambda x, v, m, s: (s**2 - s) / (2 * v)),
            "The expected square has `sd` where `sd**2` belongs: the variance of q is added.",
        ),
        Mistake(
            "sign of KL",
            shifted(lambda x, v, m, s: 2 * kl_of_one(m, s)),
            "You added KL(q‖prior). It is a price: the ELBO is the expected log likelihood minus "
            "that KL.",
        ),
        Mistake(
            "KL left out",
            expected_log_likelihood,
            "This is the expected log p(x|z) alone. What it costs to leave the prior, KL(q‖prior), "
            "is missing.",
        ),
        Mistake(
            "at the mean, KL left out",
            at_the_mean,
            "This is log p(x|z) at the mean of q, and nothing else. Average it over q, and take "
            "KL(q‖prior) away.",
        ),
        Mistake(
            "the likelihood left out",
            (lambda x, v, m, s: -kl_of_one(m, s), lambda x, v, m, s: kl_of_one(m, s)),
            "This is KL(q‖prior) alone, in which x does not occur. The expected log p(x|z) is "
            "missing.",
        ),
        Mistake(
            "the evidence",
            lambda x, v, m, s: log_evidence(x, v),
            "This is log p(x) itself, in which q does not occur. The ELBO lies below it, by "
            "KL(q‖posterior).",
        ),
        Mistake(
            "the gap",
            (gap_of_one, lambda x, v, m, s: -gap_of_one(x, v, m, s)),
            "This is the gap, KL(q‖posterior), or minus it. The ELBO is log p(x) minus the gap.",
        ),
        Mistake(
            "the gap added",
            shifted(lambda x, v, m, s: 2 * gap_of_one(x, v, m, s)),
            "You added the gap to log p(x). The ELBO is a lower bound: the gap is taken away.",
        ),
        Mistake(
            "the loss",
            lambda x, v, m, s: -elbo_of_one(x, v, m, s),
            "This is minus the ELBO, the loss that a program minimises. The question asks for the "
            "bound itself.",
        ),
        Mistake(
            "noise variance squared",
            (
                lambda x, v, m, s: elbo_of_one(x, v**2, m, s),
                shifted(
                    lambda x, v, m, s: ((x - m) ** 2 + s**2) * (1 / v - 1 / v**2) / 2,
                ),
            ),
            "You squared the noise variance. It is s² already, not s.",
        ),
        Mistake(
            "noise sd in the exponent",
            shifted(lambda x, v, m, s: ((x - m) ** 2 + s**2) * (1 / v - 1 / math.sqrt(v)) / 2),
            "The square is divided by the standard deviation of the noise. It is divided by twice "
            "the variance, which is what you are given.",
        ),
        Mistake(
            "constant left out",
            (
                shifted(lambda x, v, m, s: 0.5 * (LN_2PI + math.log(v))),
                shifted(lambda x, v, m, s: 0.5 * LN_2PI),
                shifted(lambda x, v, m, s: 0.5 * math.log(v)),
            ),
            "A part of -½ log(2π s²) is missing. It does not depend on q, so training does not "
            "miss it, but without it the value is not below log p(x) for sure.",
        ),
        Mistake(
            "constant without the half",
            (
                shifted(lambda x, v, m, s: -0.5 * (LN_2PI + math.log(v))),
                shifted(lambda x, v, m, s: -0.5 * math.log(v)),
            ),
            "The logarithm in front lacks its ½: log of 1/√(2π s²) is -½ log(2π s²).",
        ),
        Mistake(
            "half missing in the square",
            shifted(lambda x, v, m, s: -((x - m) ** 2 + s**2) / (2 * v)),
            "The expected square is divided by s², and it is divided by 2 s².",
        ),
        Mistake(
            "half missing in KL",
            shifted(lambda x, v, m, s: -kl_of_one(m, s)),
            "You took KL(q‖prior) away twice. Is its ½ missing?",
        ),
        Mistake(
            "log of the variance",
            shifted(lambda x, v, m, s: math.log(s)),
            "In KL you have the logarithm of the variance without a ½. ½ log sd² is log sd.",
        ),
        Mistake(
            "half the log of sd",
            shifted(lambda x, v, m, s: -0.5 * math.log(s)),
            "In KL you have ½ log sd. It is ½ log sd², which is log sd.",
        ),
        Mistake(
            "sd for its square in KL",
            (
                shifted(lambda x, v, m, s: 0.5 * (s**2 - s)),
                shifted(lambda x, v, m, s: 0.5 * (s**2 - s) - 0.5 * math.log(s)),
            ),
            "In KL you have `sd` where the variance of q belongs, `sd**2`.",
        ),
        Mistake(
            "reverse KL",
            shifted(
                lambda x, v, m, s: kl_of_one(m, s) - (math.log(s) + (1 + m**2) / (2 * s**2) - 0.5),
            ),
            "You took away KL(prior‖q). The samples come from q: it is KL(q‖prior).",
        ),
        Mistake(
            "prior left out",
            shifted(lambda x, v, m, s: kl_of_one(m, s) + math.log(s) + 0.5 * (LN_2PI + 1)),
            "This is the expected log p(x|z) plus the entropy of q. The prior, log p(z), does not "
            "occur in it.",
        ),
        Mistake(
            "entropy left out",
            shifted(lambda x, v, m, s: -math.log(s) - 0.5 * (LN_2PI + 1)),
            "This is the average of log p(x, z) over q. The entropy of q, which rewards a wide q, "
            "is missing.",
        ),
        Mistake(
            "minus 1 left out",
            shifted(lambda x, v, m, s: -0.5),
            "In KL the -1 is missing: for q = prior it must be 0.",
        ),
        Mistake(
            "bits",
            lambda x, v, m, s: elbo_of_one(x, v, m, s) / LN_2,
            "This is in bits, and the question asks for nats.",
        ),
        Mistake(
            "base 2 in a part",
            (
                shifted(lambda x, v, m, s: 0.5 * (LN_2PI + math.log(v)) * (1 - 1 / LN_2)),
                shifted(lambda x, v, m, s: math.log(s) * (1 / LN_2 - 1)),
                shifted(
                    lambda x, v, m, s: (
                        0.5 * (LN_2PI + math.log(v)) * (1 - 1 / LN_2) + math.log(s) * (1 / LN_2 - 1)
                    )
                ),
            ),
            "A logarithm to base 2 stands beside squares that are in nats. Take `np.log`.",
        ),
        Mistake(
            "scale at the mean",
            lambda x, v, m, s: at_the_mean(x, v**2, m, s) - kl_of_one(m, s),
            "Two things: log p(x|z) is taken at the mean of q alone, where its average over q "
            "belongs, and with s² for the standard deviation of the noise (`scale` of "
            "`scipy.stats.norm` is a standard deviation).",
        ),
        Mistake(
            "sd for its square everywhere",
            (
                shifted(lambda x, v, m, s: (s**2 - s) * (1 + 1 / v) / 2),
                shifted(lambda x, v, m, s: (s**2 - s) * (1 + 1 / v) / 2 - 0.5 * math.log(s)),
            ),
            "You have `sd` where the variance of q belongs, `sd**2`, in the likelihood and in KL.",
        ),
        Mistake(
            "at the mean, constant left out",
            shifted(lambda x, v, m, s: s**2 / (2 * v) + 0.5 * (LN_2PI + math.log(v))),
            "Two things are missing: the variance of q in the expected square, and the constant "
            "-½ log(2π s²).",
        ),
        Mistake(
            "KL from the posterior",
            shifted(lambda x, v, m, s: kl_of_one(m, s) - gap_of_one(x, v, m, s)),
            "You took KL(q‖posterior) away. That is what the ELBO lacks to log p(x); the price in "
            "it is KL(q‖prior).",
        ),
        Mistake(
            "mean and x exchanged",
            lambda x, v, m, s: elbo_of_one(m, v, x, s),
            "You exchanged the observation and the mean of q: the prior is compared with q, not "
            "with x.",
        ),
    ],
    hints=[
        "How large is (x - z)² on average, if z has this mean and this standard deviation?",
        "-½ log(2π s²) - ((x - mean)² + sd²) / (2 s²) - ½ (mean² + sd² - 1 - log sd²)",
        "`fit = -0.5 * np.log(2 * np.pi * noise_variance) "
        "- ((x - mean)**2 + sd**2) / (2 * noise_variance)` and then "
        "`return fit - 0.5 * (mean**2 + sd**2 - 1 - np.log(sd**2))`",
    ],
    insight="The sd² in the reconstruction punishes a wide q, the logarithm in KL a narrow one. "
    "Where both are in balance q is the posterior, and the bound is log p(x).",
    lesson=LESSON,
)


# E2: the KL term of an encoder


def kl_terms_of(mean, log_variance):
    return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance)


def kl_to_prior(mean, log_variance):
    return kl_terms_of(mean, log_variance).sum(axis=1)


def encodings(random):
    """Images and latents in several numbers, as many of the one as of the other among them."""
    cases = []
    for n, d in ((4, 2), (3, 3), (2, 5), (6, 1), (5, 8)):
        mean, log_variance = random.normal(0, 1.2, (n, d)), random.uniform(-4, 1.5, (n, d))
        cases.append(case(mean, log_variance, label=f"{n} images, latents: {d}"))
    return cases


def not_a_sum_of_latents(e: Evidence) -> Found:
    """The value of several latents is not the sum of the values of each of them alone."""
    if diagnose(e):
        return None
    for i in e.wrong:
        m, v = e.cases[i].arguments
        alone = e.call([Case((m[:, [j]], v[:, [j]])) for j in range(m.shape[1])])
        if any(part is None for part in alone) or not same(sum(alone), e.values[i]):
            return (
                "Yours is not the sum of what it gives for each latent alone. KL adds up over "
                "independent latents.",
                i,
            )
    return None


def which_part_of_a_latent(e: Evidence) -> Found:
    """Off where all variances are 1, or where all means are 0, or at both."""
    if diagnose(e):
        return None
    of_mean, of_variance = (
        [Case((keep * m, (1 - keep) * v)) for m, v in (c.arguments for c in e.cases)]
        for keep in (1, 0)
    )
    off = []
    for cases in (of_mean, of_variance):
        rights = [e.question.values(e.question.reference, c) for c in cases]
        off.append(not all(map(e.is_right, e.call(cases), rights)))
    if off == [True, False]:
        return "Right where all means are 0. Look at the part with the mean."
    if off == [False, True]:
        return (
            "Right where all log variances are 0, so the part with the mean is right. Look at the "
            "part with the log variance v."
        )
    if off == [True, True]:
        return (
            "Off where all means are 0, and where all log variances are 0 as well. Begin with one "
            "latent that is the prior, mean 0 and log variance 0: KL must be 0 there."
        )
    return None


PER_IMAGE = Returns("an array with one number per image", lambda mean, *_: (len(mean),))

KL_TO_PRIOR = Question(
    "kl_to_prior",
    points=2,
    reference=kl_to_prior,
    returns=PER_IMAGE,
    rows=(not_a_sum_of_latents, which_part_of_a_latent),
    unit="nats",
    exchangeable=False,
    visible=[
        case([[0.5, -1.0]], [[-1.0, 0.5]], label="one image, two latents"),
        case([[0.0, 0.0], [2.0, 0.0]], [[0.0, 0.0], [0.0, -2.0]], label="two images"),
    ],
    inputs=[encodings],
    mistakes=[
        Mistake(
            "mean over latents",
            lambda m, v: kl_terms_of(m, v).mean(axis=1),
            "You took the mean over the latents. The KL of independent coordinates is a sum; with "
            "a mean, β depends on how many latents there are.",
        ),
        Mistake(
            "log variance taken for log sd",
            (
                lambda m, v: (0.5 * (m**2 + np.exp(2 * v) - 1) - v).sum(axis=1),
                lambda m, v: (0.5 * (m**2 + np.exp(2 * v) - 1 - v)).sum(axis=1),
            ),
            "You took the log variance for the log of the standard deviation: exp(2 v) is the "
            "variance squared. exp(v) is the variance already.",
        ),
        Mistake(
            "sd for the variance",
            lambda m, v: 0.5 * (m**2 + np.exp(v / 2) - 1 - v).sum(axis=1),
            "You have exp(v/2), the standard deviation, where the variance belongs, exp(v).",
        ),
        Mistake(
            "exponential forgotten",
            (
                lambda m, v: 0.5 * (m**2 + v - 1 - v).sum(axis=1),
                lambda m, v: 0.5 * (m**2 + v**2 - 1 - v).sum(axis=1),
                lambda m, v: 0.5 * (m**2 + v**2 - 1 - 2 * v).sum(axis=1),
            ),
            "The exponential is missing: what the encoder gives is the logarithm of the variance, "
            "and the formula has the variance as well.",
        ),
        Mistake(
            "sign",
            lambda m, v: -kl_to_prior(m, v),
            "Minus KL: a KL is never negative. Where it stands in the ELBO it has a minus of its "
            "own.",
        ),
        Mistake(
            "reverse",
            lambda m, v: 0.5 * ((1 + m**2) / np.exp(v) - 1 + v).sum(axis=1),
            "This is KL(prior‖q). Samples come from q: KL(q‖prior) is asked for.",
        ),
        Mistake(
            "half missing",
            lambda m, v: 2 * kl_to_prior(m, v),
            "Twice the value: the ½ in front of the sum is missing.",
        ),
        Mistake(
            "minus 1 missing",
            lambda m, v: 0.5 * (m**2 + np.exp(v) - v).sum(axis=1),
            "The -1 is missing: for mean 0 and log variance 0, the prior itself, KL must be 0.",
        ),
        Mistake(
            "minus 1 once",
            (
                lambda m, v: 0.5 * ((m**2 + np.exp(v) - v).sum(axis=1) - 1),
                lambda m, v: 0.5 * (m**2 + np.exp(v) - v).sum(axis=1) - 1,
            ),
            "You took 1 away once for each image. It belongs to each latent.",
        ),
        Mistake(
            "mean not squared",
            (
                lambda m, v: 0.5 * (m + np.exp(v) - 1 - v).sum(axis=1),
                lambda m, v: 0.5 * (abs(m) + np.exp(v) - 1 - v).sum(axis=1),
                lambda m, v: abs(0.5 * (m + np.exp(v) - 1 - v).sum(axis=1)),
            ),
            "The mean is not squared: +1 and -1 lie equally far from the prior.",
        ),
        Mistake(
            "bracket",
            lambda m, v: 0.5 * (m**2 + np.exp(v - 1) - v).sum(axis=1),
            "The 1 is taken off inside the exponential. It belongs behind it: exp(v) - 1.",
        ),
        Mistake(
            "arguments exchanged",
            lambda m, v: kl_to_prior(v, m),
            "You exchanged the two arguments: the mean is squared, and the log variance goes into "
            "the exponential.",
        ),
        Mistake(
            "half on a part",
            (
                lambda m, v: (m**2 + np.exp(v) - 1 - 0.5 * v).sum(axis=1),
                lambda m, v: (0.5 * m**2 + np.exp(v) - 1 - v).sum(axis=1),
                lambda m, v: (0.5 * (m**2 + np.exp(v)) - 1 - v).sum(axis=1),
                lambda m, v: (0.5 * (m**2 + np.exp(v) - 1) - v).sum(axis=1),
                lambda m, v: (0.5 * (m**2 + np.exp(v)) - 1 - 0.5 * v).sum(axis=1),
            ),
            "The ½ stands before a part of the sum only. It multiplies all four terms: is a "
            "bracket missing?",
        ),
        Mistake(
            "mean squared late",
            lambda m, v: 0.5 * (m.sum(axis=1) ** 2 + (np.exp(v) - 1 - v).sum(axis=1)),
            "You added the means up and squared the sum. Each mean is squared first.",
        ),
        Mistake(
            "sign of the log variance",
            lambda m, v: 0.5 * (m**2 + np.exp(v) - 1 + v).sum(axis=1),
            "The log variance has the wrong sign: a narrow q, with a negative one, must have the "
            "larger KL.",
        ),
        Mistake(
            "variance left out",
            (
                lambda m, v: 0.5 * (m**2).sum(axis=1),
                lambda m, v: (m**2).sum(axis=1),
            ),
            "Only the means occur. How wide q is matters as well.",
        ),
        Mistake(
            "mean left out",
            lambda m, v: 0.5 * (np.exp(v) - 1 - v).sum(axis=1),
            "Only the variances occur. How far the mean is from 0 matters as well.",
        ),
        Mistake(
            "mean over everything",
            (
                lambda m, v: np.full(len(m), kl_terms_of(m, v).sum()),
                lambda m, v: np.full(len(m), kl_to_prior(m, v).mean()),
                lambda m, v: np.full(len(m), kl_terms_of(m, v).mean()),
            ),
            "All images have the same number: each has a KL of its own.",
        ),
        Mistake(
            "divided by the images",
            lambda m, v: kl_to_prior(m, v) / len(m),
            "You divided by the number of images. Nothing is averaged here: each image keeps its "
            "own KL.",
        ),
        Mistake(
            "one latent only",
            (lambda m, v: kl_terms_of(m, v)[:, 0], lambda m, v: kl_terms_of(m, v)[:, -1]),
            "Only one latent was counted. The KL of independent coordinates is the sum over them. "
            "Is there a `return` inside a loop, or a value that is overwritten?",
        ),
        Mistake(
            "the largest latent",
            lambda m, v: kl_terms_of(m, v).max(axis=1),
            "You took the latent with the largest KL. The KL of independent coordinates is a sum.",
        ),
        Mistake(
            "bits",
            lambda m, v: kl_to_prior(m, v) / LN_2,
            "This is in bits, and the question asks for nats.",
        ),
    ],
    hints=[
        "What is KL(N(μ, σ²)‖N(0, 1)) of one latent, and what does KL do for independent ones?",
        "½ Σ (μ² + exp(v) - 1 - v), with v the log variance, summed over the latents of an image",
        "`return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=1)`",
    ],
    insight="A sum over latents, by the chain rule of unit 07: a latent that stays at the prior "
    "adds nothing, however many of them there are.",
    lesson=LESSON,
)


# E3: what the KL is made of


def xlogy_ratio(p, q):
    """p log(p/q), 0 where p is 0."""
    p, q = np.broadcast_arrays(np.asarray(p, dtype=float), np.asarray(q, dtype=float))
    terms = np.zeros(p.shape)
    with np.errstate(divide="ignore"):
        terms[p > 0] = p[p > 0] * np.log(p[p > 0] / q[p > 0])
    return terms


def kl_rows(p, q):
    return xlogy_ratio(p, q).sum(axis=-1)


def entropy_rows(p):
    return -kl_rows(p, np.ones_like(np.asarray(p, dtype=float)))


def information_and_gap(posteriors, prior):
    aggregate = posteriors.mean(axis=0)
    return [kl_rows(posteriors, aggregate).mean(), kl_rows(aggregate, prior)]


def codes(random):
    """Codes that name the image, that say nothing, and most in between; always some cells empty."""
    cases = []
    for n, k, concentration in ((2, 3, 0.5), (5, 4, 2.0), (4, 6, 0.3), (20, 5, 1.0)):
        posteriors = random.dirichlet(np.full(k, concentration), n)
        posteriors[0, 0] = 0.0
        posteriors[0] /= posteriors[0].sum()
        prior = random.dirichlet(np.full(k, 3.0))
        cases.append(case(posteriors, prior, label=f"{n} images, {k} cells"))
    same = np.tile(random.dirichlet(np.ones(4)), (3, 1))
    cases.append(case(same, random.dirichlet(np.full(4, 3.0)), label="a code that says nothing"))
    named = np.eye(5)[:3]
    cases.append(case(named, np.full(5, 0.2), label="a code that names the image"))
    return cases


def which_of_the_two(e: Evidence) -> Found:
    """One of the two numbers is right on every input."""
    if diagnose(e):
        return None
    right = [
        all(same(v[place], r[place]) for v, r in zip(e.values, e.references, strict=True))
        for place in (0, 1)
    ]
    shown = e.small(e.wrong)
    assert shown is not None
    if right == [True, False]:
        return (
            "The information is right and the gap is not. The gap compares one distribution over "
            "the cells, the mean of the posteriors, with the prior.",
            shown,
        )
    if right == [False, True]:
        return (
            "The gap is right and the information is not. Each posterior is compared with the mean "
            "of all; then comes the mean over the images.",
            shown,
        )
    whole = e.question.reference
    sums = [
        same(sum(value), sum(whole(*c.copies())))
        for value, c in zip(e.values, e.cases, strict=True)
    ]
    if all(sums):
        return (
            "Together your two numbers are right, but they are cut in another place. The gap is "
            "KL of the mean of the posteriors from the prior.",
            shown,
        )
    return (
        "Neither of the two numbers is right. Begin with the mean of the posteriors over the "
        "images, a row with one share for each cell: both need it.",
        shown,
    )


INFORMATION_AND_GAP = Question(
    "information_and_gap",
    points=3,
    rows=(which_of_the_two,),
    reference=information_and_gap,
    returns=named_numbers("information", "gap"),
    unit="nats",
    exchangeable=False,
    where_p_is_zero="A cell that q never uses costs nothing: its term is 0. Mask it before you "
    "take the logarithm.",
    visible=[
        case([[0.9, 0.1], [0.3, 0.7]], [0.5, 0.5], label="two images, two cells"),
        case([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], [0.25, 0.25, 0.5], label="a cell for each image"),
    ],
    inputs=[codes],
    mistakes=[
        Mistake(
            "exchanged",
            lambda q, p: information_and_gap(q, p)[::-1],
            "The right two numbers in the other order: the information comes first.",
        ),
        Mistake(
            "not split",
            (
                lambda q, p: [kl_rows(q, p).mean(), information_and_gap(q, p)[1]],
                lambda q, p: [information_and_gap(q, p)[0], kl_rows(q, p).mean()],
            ),
            "One of the two is the whole KL(q(z|x)‖prior), averaged over the images. That is the "
            "information and the gap together.",
        ),
        Mistake(
            "reverse gap",
            lambda q, p: [information_and_gap(q, p)[0], kl_rows(p, q.mean(axis=0))],
            "The gap is KL(prior‖mean of the posteriors) in yours. The mean of the posteriors "
            "comes first: its samples are what the decoder was trained on.",
        ),
        Mistake(
            "reverse information",
            lambda q, p: [kl_rows(q.mean(axis=0), q).mean(), information_and_gap(q, p)[1]],
            "The information has the mean of the posteriors first. Each posterior comes first, and "
            "is compared with their mean.",
        ),
        Mistake(
            "sum over images",
            lambda q, p: [kl_rows(q, q.mean(axis=0)).sum(), information_and_gap(q, p)[1]],
            "You added the information over the images. It is the mean over them.",
        ),
        Mistake(
            "sum over images everywhere",
            lambda q, p: [kl_rows(q, q.mean(axis=0)).sum(), len(q) * information_and_gap(q, p)[1]],
            "Both are multiplied by the number of images: means over images are asked for.",
        ),
        Mistake(
            "mean over cells",
            lambda q, p: [part / q.shape[1] for part in information_and_gap(q, p)],
            "You took a mean over the cells. In a KL the masses are weights already: a sum.",
        ),
        Mistake(
            "mean of the gaps",
            lambda q, p: [
                information_and_gap(q, p)[0],
                xlogy_ratio(q.mean(axis=0), p).mean(),
            ],
            "The gap is a mean over the cells in yours. The masses are weights already: a sum.",
        ),
        Mistake(
            "first image only",
            (
                lambda q, p: [kl_rows(q[0], q.mean(axis=0)), information_and_gap(q, p)[1]],
                lambda q, p: [kl_rows(q[-1], q.mean(axis=0)), information_and_gap(q, p)[1]],
            ),
            "The information of one image alone: the mean over all of them is asked for. Is there "
            "a `return` inside a loop, or a value that is overwritten?",
        ),
        Mistake(
            "sum for the aggregate",
            (
                lambda q, p: [kl_rows(q, q.sum(axis=0)).mean(), kl_rows(q.sum(axis=0), p)],
                lambda q, p: [kl_rows(q, q.sum(axis=0)).mean(), information_and_gap(q, p)[1]],
            ),
            "You added the posteriors up and did not divide by their number. That is no "
            "distribution; their mean is.",
        ),
        Mistake(
            "n - 1",
            lambda q, p: [
                kl_rows(q, q.mean(axis=0)).sum() / (len(q) - 1),
                information_and_gap(q, p)[1],
            ],
            "You divided the information by n - 1. It is the plain mean over the n images.",
        ),
        Mistake(
            "gap from halfway",
            lambda q, p: [
                information_and_gap(q, p)[0],
                0.5 * kl_rows(q.mean(axis=0), (q.mean(axis=0) + p) / 2)
                + 0.5 * kl_rows(p, (q.mean(axis=0) + p) / 2),
            ],
            "The gap is Jensen–Shannon's divergence in yours. It is KL(aggregate‖prior).",
        ),
        Mistake(
            "sign of the information",
            lambda q, p: [-information_and_gap(q, p)[0], information_and_gap(q, p)[1]],
            "The information is negative in yours: it is the entropy of the mean minus the mean of "
            "the entropies.",
        ),
        Mistake(
            "entropy of the mean",
            lambda q, p: [entropy_rows(q.mean(axis=0)), information_and_gap(q, p)[1]],
            "You returned the entropy of the mean of the posteriors as the information. How wide "
            "the posteriors are has to be taken away: the mean of their entropies.",
        ),
        Mistake(
            "mean of the entropies",
            lambda q, p: [entropy_rows(q).mean(), information_and_gap(q, p)[1]],
            "You returned the mean of the entropies as the information: that is what remains "
            "uncertain. Take it away from the entropy of the mean.",
        ),
        Mistake(
            "information from the prior",
            lambda q, p: [entropy_rows(p) - entropy_rows(q).mean(), information_and_gap(q, p)[1]],
            "The information is measured from the entropy of the prior. It is measured from that "
            "of the mean of the posteriors.",
        ),
        Mistake(
            "divergence of the entropies",
            lambda q, p: [
                information_and_gap(q, p)[0],
                entropy_rows(p) - entropy_rows(q.mean(axis=0)),
            ],
            "The gap is a difference of two entropies in yours. That is KL for a uniform prior "
            "alone.",
        ),
        Mistake(
            "bits",
            lambda q, p: [part / LN_2 for part in information_and_gap(q, p)],
            "This is in bits, and the question asks for nats.",
        ),
    ],
    hints=[
        "Which single distribution over cells do all images together have? Call it the aggregate.",
        "information = mean over images of KL(posterior‖aggregate), gap = KL(aggregate‖prior)",
        "`kl = lambda p, q: sum(a * np.log(a / b) for a, b in zip(p, q) if a > 0)` and "
        "`aggregate = posteriors.mean(axis=0)`, then "
        "`return [np.mean([kl(row, aggregate) for row in posteriors]), kl(aggregate, prior)]`",
    ],
    insight="Both are never negative, and together they are the KL of the loss. The information is "
    "at most log n: once it is there, the code names the image.",
    lesson=LESSON,
    section="By code",
)


# E4: where the posterior collapses


def covariance(rows):
    centred = rows - rows.mean(axis=0)
    return centred.T @ centred / len(rows)


def largest_variance(rows):
    return np.linalg.eigvalsh(covariance(rows))[-1]


def collapse_beta(rows, noise_sd):
    return largest_variance(rows) / noise_sd**2


def clouds(random):
    """Rows along a slanted direction, off the origin, in two to six columns."""
    cases = []
    for n, d in ((5, 2), (8, 3), (12, 6), (30, 4)):
        directions = np.linalg.qr(random.normal(size=(d, d)))[0]
        spread = np.exp(random.uniform(-1.5, 0.8, d))
        rows = random.normal(size=(n, d)) * spread @ directions + random.normal(0, 2, d)
        cases.append(case(rows, float(random.uniform(0.2, 1.8)), label=f"{n} rows, {d} columns"))
    return cases


def turned_around(rows):
    """The rows after a rotation of their first and last column into each other."""
    turned = rows.copy()
    turned[:, 0] = 0.6 * rows[:, 0] - 0.8 * rows[:, -1]
    turned[:, -1] = 0.8 * rows[:, 0] + 0.6 * rows[:, -1]
    return turned


# what leaves the answer as it is, or divides it by a known number
CHANGES = (
    (
        lambda x, s: (x, 2 * s),
        4,
        "With twice the noise your value does not become a quarter. How does the noise come in?",
    ),
    (
        lambda x, s: (2 * x, s),
        0.25,
        "With rows twice as large your value does not become four times as large, as a variance "
        "does.",
    ),
    (
        lambda x, s: (x + 3.0, s),
        1,
        "Your value changes when the same number is added to all rows. Only what varies counts.",
    ),
    (
        lambda x, s: (np.concatenate([x, x]), s),
        1,
        "Your value changes when every row is given twice. The loss is a mean over the rows.",
    ),
    (
        lambda x, s: (np.column_stack([x, np.ones(len(x))]), s),
        1,
        "Your value changes when a column is added that is the same in all rows. There is nothing "
        "to tell in it.",
    ),
    (
        lambda x, s: (turned_around(x), s),
        1,
        "Your value changes when all rows are turned by one rotation. The direction of largest "
        "variance turns with them, and its variance stays.",
    ),
)


def what_should_not_change(e: Evidence) -> Found:
    """A property of the answer that does not hold."""
    if diagnose(e):
        return None
    cases = [Case((c.arguments[0].astype(float), c.arguments[1])) for c in e.cases]
    for change, divided, sentence in CHANGES:
        changed = e.call([Case(change(*c.copies())) for c in cases])
        for place, (value, own) in enumerate(zip(changed, e.values, strict=True)):
            if value is not None and not same(value * divided, own):
                return sentence, place
    return None


COLLAPSE_BETA = Question(
    "collapse_beta",
    points=3,
    rows=(what_should_not_change,),
    reference=collapse_beta,
    exchangeable=False,
    visible=[
        case([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]], 0.5, label="three rows on a slanted line"),
        case([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0], [0.0, -3.0]], 2.0, label="four rows on a cross"),
    ],
    inputs=[clouds],
    mistakes=[
        Mistake(
            "total variance",
            lambda x, s: np.trace(covariance(x)) / s**2,
            "You added up the variances of all columns. One latent draws along one direction: the "
            "last one to go is that of the largest variance.",
        ),
        Mistake(
            "largest column",
            lambda x, s: np.diag(covariance(x)).max() / s**2,
            "You took the column with the largest variance. A latent may draw along any direction, "
            "and a slanted one can have more: an eigenvalue of the covariance.",
        ),
        Mistake(
            "mean column",
            (
                lambda x, s: np.diag(covariance(x)).mean() / s**2,
                lambda x, s: x.var() / s**2,
            ),
            "You took one variance for all columns together, or the mean of theirs. The direction "
            "of largest variance counts: an eigenvalue of the covariance.",
        ),
        Mistake(
            "n - 1",
            lambda x, s: collapse_beta(x, s) * len(x) / (len(x) - 1),
            "You divided by n - 1, as `np.cov` does by itself. The loss is a mean over these n "
            "rows, so the variance divides by n: `bias=True`.",
        ),
        Mistake(
            "noise not squared",
            lambda x, s: largest_variance(x) / s,
            "You divided by the standard deviation of the noise. A variance is divided by a "
            "variance.",
        ),
        Mistake(
            "standard deviations",
            lambda x, s: math.sqrt(largest_variance(x)) / s,
            "You divided standard deviations. β is their ratio squared: variance by variance.",
        ),
        Mistake(
            "standard deviation by variance",
            lambda x, s: math.sqrt(largest_variance(x)) / s**2,
            "The root of the variance along the direction is too much: a variance is divided by a "
            "variance.",
        ),
        Mistake(
            "upside down",
            lambda x, s: s**2 / largest_variance(x),
            "Upside down: the more there is to draw, the larger a β it takes to give it up.",
        ),
        Mistake(
            "smallest eigenvalue",
            lambda x, s: max(np.linalg.eigvalsh(covariance(x))[0], 0.0) / s**2,
            "You took the smallest eigenvalue, where the first direction is given up. All are "
            "given up only at the largest; `eigvalsh` sorts from small to large.",
        ),
        Mistake(
            "not centred",
            lambda x, s: np.linalg.eigvalsh(x.T @ x / len(x))[-1] / s**2,
            "You did not take the mean off. The decoder draws the mean without any latent; only "
            "what varies around it is to be told.",
        ),
        Mistake(
            "one mean for all columns",
            lambda x, s: np.linalg.eigvalsh((x - x.mean()).T @ (x - x.mean()) / len(x))[-1] / s**2,
            "You took one mean off all columns. Each column has its own: `mean(axis=0)`.",
        ),
        Mistake(
            "rows taken for columns",
            (
                lambda x, s: np.linalg.eigvalsh(np.cov(x, bias=True))[-1] / s**2,
                lambda x, s: np.linalg.eigvalsh(np.cov(x))[-1] / s**2,
            ),
            "You took each row for a variable, as `np.cov` does by itself: transpose, or "
            "`rowvar=False`. Rows are cases here, and columns vary.",
        ),
        Mistake(
            "correlations",
            lambda x, s: np.linalg.eigvalsh(np.corrcoef(x.T))[-1] / s**2,
            "You took correlations, which do not know how large a spread is. The covariance does.",
        ),
        Mistake(
            "divided by the columns",
            lambda x, s: collapse_beta(x, s) * len(x) / x.shape[1],
            "You divided by the number of columns. The variance is a mean over the rows.",
        ),
        Mistake(
            "determinant",
            lambda x, s: np.linalg.det(covariance(x)) / s**2,
            "You took the determinant, the product of the variances of all directions. The largest "
            "of them is asked for.",
        ),
        Mistake(
            "one standard deviation",
            lambda x, s: x.std() / s,
            "You divided the standard deviation of all entries by that of the noise. A variance is "
            "divided by a variance, and that of one direction: an eigenvalue of the covariance.",
        ),
        Mistake(
            "not divided by n",
            lambda x, s: collapse_beta(x, s) * len(x),
            "You have the sum of the squares along the direction, not their mean: divide by the "
            "number of rows.",
        ),
        Mistake(
            "singular value",
            (
                lambda x, s: np.linalg.norm(x - x.mean(axis=0), 2) / s**2,
                lambda x, s: np.linalg.norm(x - x.mean(axis=0), 2) / len(x) / s**2,
            ),
            "You took a singular value of the rows. Its square, divided by the number of rows, is "
            "the variance along the direction.",
        ),
        Mistake(
            "noise left out",
            lambda x, s: largest_variance(x),
            "This is the variance alone. How much of it is worth telling depends on the noise.",
        ),
        Mistake(
            "minus the noise",
            (
                lambda x, s: largest_variance(x) - s**2,
                lambda x, s: max(largest_variance(x) - s**2, 0.0),
            ),
            "You subtracted the noise: v - s² is the square of the best weight at β = 1. For which "
            "β does v - β s² become 0?",
        ),
        Mistake(
            "half",
            lambda x, s: collapse_beta(x, s) / 2,
            "Half of the right value: both terms of the loss have a ½, and it cancels.",
        ),
    ],
    hints=[
        "At which β does w² = v - β s² become 0? And which v is the last one to hold out?",
        "The largest eigenvalue of the covariance of the rows, divided by noise_sd²",
        "`return np.linalg.eigvalsh(np.cov(rows.T, bias=True))[-1] / noise_sd**2`",
    ],
    insight="Nothing of it depends on the network: measure it before you train, and keep β below.",
    lesson=LESSON,
    section="Predict again",
)


QUESTIONS = [ELBO, KL_TO_PRIOR, INFORMATION_AND_GAP, COLLAPSE_BETA]
