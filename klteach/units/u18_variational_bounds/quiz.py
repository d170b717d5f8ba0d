"""Unit 18: predictions and review questions on bounds from a critic, exact and from samples."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "18-shift",
        "T = log p/q makes DV equal to the truth. Take this critic and add 3 to it everywhere, "
        "with exact means. What becomes of the two bounds?",
        Choice(
            (
                Option(
                    "both rise by 3",
                    "Then one could get above the truth by adding a number. The second part of "
                    "each bound is there to prevent it.",
                    "higher-critic-higher-bound",
                ),
                Option(
                    "both stay as they are",
                    "In DV the logarithm takes off what was added. In NWJ there is no logarithm.",
                    "constants-never-matter",
                ),
                Option(
                    "DV stays at the truth, and NWJ falls",
                    "The logarithm of DV takes off again what was added. In NWJ an exponential "
                    "punishes it.",
                ),
                Option(
                    "both fall, as T is log p/q no longer",
                    "For DV any constant will do: log p/q + 3 is as good as log p/q.",
                    "only-the-log-ratio",
                ),
            )
        ),
        reveal="DV: the mean of T rises by 3, and so does the logarithm of the mean of exp(T). "
        "NWJ: it gains 3, and the mean of exp(T − 1) is exp(2) = 7.39 now, after exp(−1) = 0.37. "
        "So it falls by 4.02 nats. Its best critic is 1 + log p/q.",
    ),
    Prediction(
        "18-above",
        "The truth is KL(P‖Q) = 18 nats, for two normals with standard deviation 1. You have the "
        "best critic, T = log p/q itself, and 500 samples of each. You compute DV with means over "
        "these samples, again and again with new ones. Where does it lie?",
        Choice(
            (
                Option(
                    "at 18 or below it, as a lower bound must",
                    "It is a lower bound where the means are exact. Means over samples are not.",
                    "lower-bound-survives-sampling",
                ),
                Option(
                    "about as often above 18 as below",
                    "That would be so if only the mean of T were estimated. The logarithm of a "
                    "sample's mean is too small much more often than too large.",
                    "estimates-scatter-evenly",
                ),
                Option(
                    "far below 18: 500 samples cannot show so much",
                    "They cannot, and yet DV reports more and not less: what the samples miss is "
                    "in the part that is taken away.",
                    "few-samples-see-little",
                ),
                Option(
                    "nearly always above 18, by several nats",
                    "What the samples miss is in the part that is taken away.",
                ),
            )
        ),
        reveal="Above in 99 % of all cases, and 23.5 on average, 5.5 nats too high. Nearly all of "
        "the mean of exp(T) under Q comes from points that Q shows less than once in a hundred "
        "thousand draws. The 500 miss them, the logarithm comes out too small, and it is taken "
        "away.",
    ),
    Prediction(
        "18-nwj",
        "The truth is 18 nats again, with 500 samples of each, and now NWJ with its best critic, "
        "1 + log p/q. Averaged over all samples that there could be it is exactly 18. What does a "
        "single one report, as a rule?",
        Choice(
            (
                Option(
                    "about 18",
                    "Unbiased is a word about the average. Here samples rarer than two in a "
                    "thousand drag the average down.",
                    "unbiased-means-near",
                ),
                Option(
                    "about 19",
                    "The mean of T is 19. What is to be taken off is 1 on average and next to "
                    "nothing in nearly every sample.",
                ),
                Option(
                    "about 23.5, as DV does",
                    "DV takes the logarithm of the mean, which may be −5. NWJ takes the mean "
                    "itself, which is never below 0.",
                    "bounds-miss-alike",
                ),
                Option(
                    "about 6.2, the logarithm of 500",
                    "Nothing in NWJ stops it there. One bound of this unit has such a ceiling; "
                    "you meet it below.",
                    "every-bound-is-capped",
                ),
            )
        ),
        reveal="19.0 in the median. The mean of p/q under Q is 1, but it is made by draws so rare "
        "that 500 samples see 0.003 of it. That the average is 18 after all is mostly the work of "
        "rare samples that report minus thousands and less: the standard deviation is 2.9 million "
        "nats.",
    ),
]


def _ceiling(pairs) -> tuple[str, Choice]:
    """What InfoNCE can report at most from a batch of so many pairs."""
    return (
        f"Mutual information is 12 nats. A contrastive model is trained with batches of {pairs} "
        "pairs. What is the most that InfoNCE can report?",
        Choice(
            (
                Option(
                    "12 nats, if the critic is good enough",
                    f"Picking one of {pairs} cannot be better than certain, and that is worth "
                    f"log {pairs}.",
                    "infonce-reaches-all",
                ),
                Option(
                    f"{math.log(pairs):.2f} nats",
                    f"log {pairs}: the true pair found with certainty among {pairs}.",
                ),
                Option(
                    f"{pairs} nats",
                    f"Its logarithm. To find one of {pairs} takes log {pairs} nats.",
                    "ceiling-is-n",
                ),
                Option(
                    f"{math.log2(pairs):.0f} nats",
                    f"That many bits: {math.log2(pairs):.0f} is the logarithm to base 2.",
                    "unit-is-a-name",
                ),
            )
        ),
    )


def _shifted(truth, constant) -> tuple[str, Choice]:
    """NWJ with exact means and a constant too much."""
    value = truth + constant - math.exp(constant - 1)
    return (
        f"The truth is {truth} nats, and your critic is log p/q + {constant}. What is NWJ, with "
        "exact means?",
        Choice(
            (
                Option(
                    f"{truth:.2f}",
                    "That would be DV. In NWJ the constant counts, and only 1 is right.",
                    "constants-never-matter",
                ),
                Option(
                    f"{truth + constant:.2f}",
                    f"The mean of T is that. The mean of exp(T − 1), {math.exp(constant - 1):.2f}, "
                    "is still to be taken off.",
                    "higher-critic-higher-bound",
                ),
                Option(
                    f"{value:.2f}",
                    f"{truth} + {constant} − exp({constant} − 1).",
                ),
            )
        ),
    )


def _certify(nats) -> tuple[str, Choice]:
    """How many samples it takes at least before anybody can vouch for so many nats."""
    samples = {10: "22 thousand", 12: "160 thousand", 15: "3.3 million", 18: "66 million"}[nats]
    return (
        "Nothing is known of P and Q but their samples. Roughly how many samples of Q does it take "
        f"at the very least, before anybody can vouch for {nats} nats?",
        Choice(
            (
                Option(
                    f"{nats * nats * 100}",
                    "Standard errors shrink with the root of the number. But what no sample shows "
                    "cannot be averaged.",
                    "samples-grow-squared",
                ),
                Option(
                    samples,
                    f"exp({nats}): no bound that deserves the name reports more than log n.",
                ),
                Option(
                    f"{nats * 100}",
                    "Each further nat takes e times as many samples.",
                    "samples-grow-with-nats",
                ),
            )
        ),
    )


def _from_loss(tenths) -> tuple[str, Choice]:
    """InfoNCE from the loss of a contrastive model with batches of 256."""
    loss = tenths / 10
    return (
        f"A contrastive model with batches of 256 has a loss, the cross-entropy of picking the "
        f"true pair, of {loss:.1f} nats. What is its InfoNCE?",
        Choice(
            (
                Option(
                    f"{loss:.1f} nats",
                    "A loss of log 256 is blind guessing, and tells nothing: the bound is what is "
                    "saved.",
                    "loss-is-the-bound",
                ),
                Option(f"{math.log(256) - loss:.2f} nats", f"log 256 − {loss:.1f}."),
                Option(
                    f"{8 - loss:.2f} nats",
                    "8 is log 256 in bits. The loss is in nats.",
                    "unit-is-a-name",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "18-gap",
        "With exact means a critic T gives DV = 1.6 nats where KL(P‖Q) is 2. What are the missing "
        "0.4?",
        Choice(
            (
                Option(
                    "noise: more samples would bring it to 2",
                    "The means are exact. Another critic would.",
                    "gap-is-noise",
                ),
                Option(
                    "KL from P to Q bent by T, that is to q · exp(T), normalised",
                    "The critic is perfect where the bent Q is P.",
                ),
                Option(
                    "a constant that T lacks",
                    "Any constant drops out of DV. It counts in NWJ.",
                    "dv-needs-its-constant",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "18-ceiling",
        *_ceiling(64),
        vary=lambda random: _ceiling(random.choice([16, 32, 128, 256, 512, 1024])),
    ),
    ReviewQuestion(
        "18-shifted",
        *_shifted(2, 2),
        vary=lambda random: _shifted(random.choice([3, 4, 5]), random.choice([2, 3])),
    ),
    ReviewQuestion(
        "18-log-of-mean",
        "The mean of exp(T) over a sample is right on average. What of its logarithm?",
        Choice(
            (
                Option(
                    "right on average as well",
                    "A logarithm bends down: what it loses below the mean it does not gain above.",
                    "log-of-mean-is-fair",
                ),
                Option(
                    "too large on average, so DV is too small",
                    "Jensen says the opposite: a logarithm bends down.",
                    "log-of-mean-is-large",
                ),
                Option(
                    "too small on average, so DV is too large",
                    "Jensen: the mean of a logarithm is at most the logarithm of the mean.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "18-fresh",
        "A critic is trained on 500 pairs until DV on them is 9.1 nats. On 500 fresh pairs it is "
        "6.9. What can you say?",
        Choice(
            (
                Option(
                    "the truth is at least 9.1, for training only tightens a bound",
                    "It fits the critic to this sample, and to its luck.",
                    "train-it-higher",
                ),
                Option(
                    "6.9 is free of the fitting, and may still be too high",
                    "log 500 is 6.2: more than that 500 samples cannot vouch for.",
                ),
                Option(
                    "the truth is at least 6.9, since the pairs are fresh",
                    "Fresh pairs cure the fitting. The logarithm of a sample's mean is too small "
                    "all the same.",
                    "fresh-samples-make-a-bound",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "18-certify",
        *_certify(12),
        vary=lambda random: _certify(random.choice([10, 15, 18])),
    ),
    ReviewQuestion(
        "18-from-loss",
        *_from_loss(21),
        vary=lambda random: _from_loss(random.choice([9, 13, 17, 24, 32])),
    ),
]
