"""Unit 17: predictions and review questions on how KL is estimated from samples."""

import math

from klteach.practice.quiz.items import Band, Choice, Number, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "17-how-many",
        "P and Q are nearly equal: KL(P‖Q) = 0.005 nats. You average log(p/q) over n samples from "
        "P. How many does it take for a standard error of a tenth of KL?",
        Choice(
            (
                Option(
                    "100, since 1/√100 is a tenth",
                    "That holds for what scatters about as much as it is large. A log ratio "
                    "scatters far more than its average.",
                    "hundred-for-a-tenth",
                ),
                Option(
                    "200",
                    "One log ratio scatters by 20 times KL, so 200 is right if errors fell like "
                    "1/n. They fall like 1/√n.",
                    "error-goes-with-n",
                ),
                Option("40 000", "One log ratio scatters by 0.1 nats, and 0.1/√40 000 = 0.0005."),
                Option(
                    "that depends on P and Q, not on KL alone",
                    "Near P = Q it does not: the variance of log(p/q) is then about 2 KL, whatever "
                    "P and Q are.",
                    "spread-needs-the-law",
                ),
            )
        ),
        reveal="40 000. For P near Q the variance of log(p/q) is about 2 KL: the spread shrinks "
        "with the root of KL only, and KL drowns in it. One log ratio has the average 0.005 and "
        "the standard deviation 0.1.",
    ),
    Prediction(
        "17-sharper",
        "Both log(p/q), called k1, and q/p − 1 + log(p/q), called k3, average to KL(P‖Q) over "
        "samples from P; a single k1 has either sign, k3 is never negative. P is sharper than Q: a "
        "bell of the same centre and three quarters of the width. Which of the two scatters more?",
        Choice(
            (
                Option(
                    "k1, since its terms of both signs have to cancel",
                    "The signs say nothing about the size. k3 has no negative terms, but a few "
                    "enormous ones.",
                    "one-sign-is-calmer",
                ),
                Option(
                    "both alike, since they have the same average",
                    "The average says where the values lie, not how far apart.",
                    "same-mean-same-spread",
                ),
                Option(
                    "k3",
                    "Far from the centre q/p is enormous, and P seldom goes there: k3 waits for "
                    "rare, large values.",
                ),
                Option(
                    "that depends on the number of samples",
                    "Both errors fall like 1/√n, so their ratio stays.",
                    "ratio-depends-on-n",
                ),
            )
        ),
        reveal="k3: one value of it scatters by 8.5 times KL, one of k1 by 4.5 times. In the tails "
        "q/p is enormous. A little sharper still, and the variance of k3 is infinite.",
    ),
    Prediction(
        "17-plug-in",
        "P = Q: ten outcomes, equally likely, so KL is 0. Fifty rows come from P, and KL of their "
        "shares from Q is computed. What is it on average?",
        Number(
            truth=0.0945,
            tolerance=0.02,
            low=0.0,
            high=1.0,
            label="On average",
            unit="nats",
            out_of_range="Between 0 and 1 nats, please: KL of any shares from ten equal ones is at "
            "most log 10, and nowhere near that here.",
            says="About 9 free shares with ½ of 1/50 each.",
            bands=(
                Band(
                    0.0,
                    0.005,
                    "The shares of fifty rows are not equal, and every difference counts as "
                    "positive: KL has no negative values that could balance it.",
                    "same-law-is-zero",
                ),
                Band(
                    0.16,
                    0.22,
                    "The right size, without a ½: KL ≈ ½ Σ (p̂ − p)²/p, and each of 9 free shares "
                    "adds 1/n to that sum.",
                    "bias-without-half",
                ),
                Band(
                    0.0,
                    0.0745,
                    "More than that: with five rows an outcome, the shares differ a good deal.",
                    "bias-is-small",
                ),
                Band(
                    0.0745,
                    1.0,
                    "Less than that: it is about one half of 1/50 for each share that is free.",
                    "bias-is-large",
                ),
            ),
        ),
        reveal="0.094 nats on average, though nothing differs. To first order it is (k − 1)/2n = "
        "9/100, whatever P and Q are.",
    ),
]


def _one_sample(tenths) -> tuple[str, Choice]:
    """k3 of one sample whose log ratio is so many tenths."""
    ratio = tenths / 10
    log_p = -1.5
    log_q = log_p - ratio
    k1, k2 = ratio, ratio**2 / 2
    k3, other = math.expm1(-ratio) + ratio, math.expm1(ratio) - ratio
    return (
        f"A sample from P has log p = {log_p:.1f} and log q = {log_q:.1f}. What is its k3, with "
        "r = q/p?".replace("-", "−"),
        Choice(
            (
                Option(f"{k1:.3f}".replace("-", "−"), "That is k1, log(p/q) alone.", "k1-for-k3"),
                Option(f"{other:.3f}", "The ratio was turned round: r is q/p.", "ratio-turned"),
                Option(
                    f"{k3:.3f}",
                    f"r − 1 − log r with log r = {-ratio:.1f}.".replace("= -", "= −"),
                ),
                Option(
                    f"{k2:.3f}",
                    "That is k2, half of the square, which is near k3 only for r near 1.",
                    "k2-is-k3",
                ),
            )
        ),
    )


def _bias(outcomes, rows) -> tuple[str, Choice]:
    """The bias of plug-in KL to first order."""
    return (
        f"Rows are counted in {outcomes} cells, {rows} of them, and KL of the shares from a fixed "
        "Q is computed. By about how much is it too large on average?",
        Choice(
            (
                Option(
                    f"{(outcomes - 1) / (2 * rows):.3f} nats",
                    "(k − 1)/2n, whatever P and Q are, once n is large.",
                ),
                Option(
                    f"{(outcomes - 1) / rows:.3f} nats",
                    "That is twice too much: (k − 1)/2n.",
                    "bias-without-half",
                ),
                Option(
                    "not at all: shares are right on average",
                    "They are, and KL of them is not: it bends, so scatter makes it larger.",
                    "plug-in-is-right-on-average",
                ),
                Option(
                    "that depends on Q",
                    "Only the entropy of the shares has a bias, and Q takes no part in it.",
                    "bias-depends-on-q",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "17-one-sample",
        *_one_sample(10),
        vary=lambda random: _one_sample(random.choice([-10, -8, 8, 12, 15])),
    ),
    ReviewQuestion(
        "17-bias",
        *_bias(21, 200),
        vary=lambda random: _bias(random.choice([5, 11, 31, 51]), random.choice([100, 250, 500])),
    ),
    ReviewQuestion(
        "17-wrong-samples",
        "Somebody averages log(p/q) over many samples from Q. What does the average tend to?",
        Choice(
            (
                Option(
                    "KL(P‖Q): the formula is the same",
                    "The samples decide over what is averaged, and these come from Q.",
                    "samples-of-either",
                ),
                Option(
                    "KL(Q‖P)",
                    "Nearly: KL(Q‖P) is the average of log(q/p) under Q, and this is log(p/q).",
                    "swapped-roles",
                ),
                Option("−KL(Q‖P)", "It is the average of log(q/p) under Q, with a minus."),
                Option("0", "Only if P = Q.", "log-ratio-averages-to-zero"),
            )
        ),
    ),
    ReviewQuestion(
        "17-minus",
        "A dashboard shows k1 averaged over 100 answers of a policy: KL = −0.006 nats. What is to "
        "be done?",
        Choice(
            (
                Option(
                    "look for the bug: KL cannot be negative",
                    "KL cannot. An average of log ratios over a hundred samples can.",
                    "estimate-is-never-negative",
                ),
                Option(
                    "show 0, as the truth cannot be below",
                    "Then the readings are too large on average, and most so where KL is small.",
                    "cutting-at-zero-is-harmless",
                ),
                Option(
                    "show its standard error beside it, or average k3",
                    "Near the reference k3 is far less noisy, and there it may be used.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "17-tail",
        "A policy is much sharper than its reference. From 1000 samples of the policy, k3 gives "
        "KL = 0.17 with a standard error of 0.02 that was computed from the same samples. What is "
        "that error worth?",
        Choice(
            (
                Option(
                    "it is right: 1000 samples are enough for a standard error",
                    "Not where the variance comes from values so rare that they are not among the "
                    "samples yet.",
                    "sample-variance-is-the-variance",
                ),
                Option(
                    "it is too small as a rule, and KL as well",
                    "What is missing in most samples are the rare, enormous values of q/p.",
                ),
                Option(
                    "it is too large: k3 has less variance than k1",
                    "That is so near the reference. A sharper policy makes it the other way round.",
                    "one-sign-is-calmer",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "17-below-zero",
        "Two samples of 1000 points come from one density, so KL is 0. How often is a "
        "nearest-neighbour estimate from two such samples below 0?",
        Choice(
            (
                Option(
                    "never: KL is not negative",
                    "KL is not. An estimate may be, and has to be if it is to be right on average "
                    "where KL is 0.",
                    "estimate-is-never-negative",
                ),
                Option(
                    "in about one run of twenty",
                    "5 % is what one asks of a test. Nobody asked it of this estimate.",
                    "cutoff-means-five-percent",
                ),
                Option("in about half of the runs", "It scatters to both sides of the truth."),
                Option(
                    "nearly always: the distances are too small",
                    "The distances to both samples are alike, and it is their ratio that counts.",
                    "neighbours-are-too-near",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "17-jitter",
        "Points were rounded, some distances are 0, and a nearest-neighbour KL is infinite. "
        "Somebody adds noise of the size 1e-10 to every coordinate. What comes out?",
        Choice(
            (
                Option(
                    "what unrounded points would have given",
                    "For that the noise has to be as wide as the rounding, which it replaces.",
                    "tiny-noise-repairs",
                ),
                Option(
                    "a number that the size of the noise has a part in",
                    "Its logarithm stands in the place of that of a 0, like an ε under a KL.",
                ),
                Option(
                    "still infinity",
                    "No distance is 0 any more, so it is a number. That it is finite makes it no "
                    "better.",
                    "noise-changes-nothing",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "17-unit-of-points",
        "Two samples have two coordinates, a temperature and a length in metres. The length is "
        "rewritten in millimetres. What changes?",
        Choice(
            (
                Option(
                    "neither KL nor its nearest-neighbour estimate",
                    "KL does not. Distances do: from now on the length decides who is near.",
                    "estimate-has-no-unit-either",
                ),
                Option(
                    "the estimate, not KL",
                    "The neighbours are other points now, and the estimate is mostly worse.",
                ),
                Option(
                    "KL and the estimate",
                    "KL compares densities at one point, and a unit cancels.",
                    "density-kl-has-a-unit",
                ),
            )
        ),
    ),
]
