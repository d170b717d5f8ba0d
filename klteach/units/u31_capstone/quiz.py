"""Unit 31: predictions and review questions on choosing a measure, its unit and its null."""

import math
from statistics import NormalDist

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "31-nine",
        "A normal variable moves away from its baseline, in standard deviations. Nine common "
        "measures of that are each compared with a cutoff of 0.1, and each reaches it at a shift "
        "of its own. How many times the smallest of these nine shifts is the largest?",
        Choice(
            (
                Option(
                    "about once: all nine measure the same difference",
                    "They do, and each has its own scale for it.",
                    "divergences-share-a-scale",
                ),
                Option(
                    "1.44 times, as bits and nats differ",
                    "That factor is there too, between two of the nine. Others grow with the "
                    "square of the shift and not with the shift.",
                    "factor-is-the-unit",
                ),
                Option(
                    "about 9 times",
                    "The first one rings at a tenth of a standard deviation, and the last one at "
                    "nearly a whole.",
                ),
                Option(
                    "that depends on the number of rows",
                    "No rows are drawn here: the two laws are known exactly.",
                    "effect-shrinks-with-rows",
                ),
            )
        ),
        reveal="The Wasserstein distance in standard deviations reaches 0.1 at a shift of 0.10, "
        "Jensen–Shannon in nats at 0.94. The other seven lie between them.",
    ),
    Prediction(
        "31-gate",
        "A test suite repeats six measurements. If nothing has changed, each is as likely to go "
        "up as down. The alarm is to ring if at least 80 % of them go the same way, all up or all "
        "down. How often does it ring by chance?",
        Choice(
            (
                Option(
                    "in 3.1 %: all six go the same way",
                    "2 of the 64 cases. But five of six are 83 %, which is enough.",
                    "any-is-all",
                ),
                Option(
                    "in 10.9 %: five or six go up",
                    "7 of the 64 cases, and 7 more in which five or six go down.",
                    "one-side-is-both",
                ),
                Option("in 21.9 %", "14 of the 64 cases: five or six, up or down."),
                Option(
                    "in 5 %, as a test usually does",
                    "A rate belongs to a rule, and this rule has another one. Count the cases.",
                    "cutoff-means-five-percent",
                ),
            )
        ),
        reveal="Five of six are 83 %, so five are enough: 2 · (6 + 1) = 14 of 64 cases. That is "
        "one false alarm in five runs.",
    ),
    Prediction(
        "31-rows",
        "Another line for the same days: the χ² law of the rows, as if each flight were on its "
        "own, at 5 %. On how many of the 28 days is PSI above that line?",
        Choice(
            (
                Option(
                    "on 1 or 2, which are 5 % of 28",
                    "So it would be if the flights of a day had nothing in common.",
                    "rows-are-independent",
                ),
                Option(
                    "on the same 4: a storm is a storm",
                    "On these too. The line is twenty times lower than that of the days.",
                    "one-threshold-for-all",
                ),
                Option(
                    "on about 9: some days are busier",
                    "The number of flights is in the law already. What it leaves out is that they "
                    "share a day.",
                    "few-weeks-average-out",
                ),
                Option(
                    "on 25", "Flights of a day share its weather, and the χ² law does not know."
                ),
            )
        ),
        reveal="On 25 of 28. The line is at 0.02, and PSI of an ordinary day at 0.05: a day "
        "differs from other days by more than its 900 flights alone would make it.",
    ),
]


def _same_number(hundredths) -> tuple[str, Choice]:
    """One number, of PSI and of total variation: which normal shift does each stand for?"""
    value = hundredths / 100
    by_psi, by_tv = math.sqrt(value), 2 * NormalDist().inv_cdf((1 + value) / 2)
    return (
        f"Two tools report {value:.2f} for a normal variable that has moved, one as PSI and one as "
        "total variation. Is it the same shift?",
        Choice(
            (
                Option(
                    "yes: equal divergences, equal shifts",
                    f"PSI says {by_psi:.2f} standard deviations, total variation {by_tv:.2f}.",
                    "divergences-share-a-scale",
                ),
                Option(
                    "no: that of PSI is the larger one",
                    f"{by_psi:.2f} standard deviations, against {by_tv:.2f}.",
                ),
                Option(
                    "no: that of total variation is the larger one",
                    f"For values above 0.16 it is so. Here PSI says {by_psi:.2f} standard "
                    f"deviations, and total variation {by_tv:.2f}.",
                    "tv-is-kl-squared",
                ),
            )
        ),
    )


def _per_byte(first, first_bytes, second, second_bytes) -> tuple[str, Choice]:
    """Two losses per token and the length of a token; the second model is the better one."""
    a, b = first / first_bytes, second / second_bytes
    return (
        f"Model A has a loss of {first:.2f} nats a token and tokens of {first_bytes:.1f} bytes; B "
        f"has {second:.2f} nats and {second_bytes:.1f} bytes, on the same texts. Which one is "
        "better?",
        Choice(
            (
                Option(
                    "A: its loss is lower",
                    f"Per token. Per byte it is {a:.3f} against {b:.3f}.",
                    "lower-loss-fits-better",
                ),
                Option(
                    "that cannot be told: they have other tokens",
                    "Both have the same bytes, and a text costs the same however it is cut.",
                    "cells-change-nothing",
                ),
                Option("B", f"Per byte it is {b:.3f} nats against {a:.3f}."),
            )
        ),
    )


def _all_alike(number) -> tuple[str, Choice]:
    """The chance that so many fair coins all fall alike."""
    one, both = 0.5**number, 2 * 0.5**number
    return (
        f"All of {number} weekly numbers moved the same way. If up and down are equally likely, "
        "how often does that happen by chance?",
        Choice(
            (
                Option(f"in {100 * both:.1f} %", "All up, or all down."),
                Option(
                    f"in {100 * one:.1f} %",
                    "That is all up. All down would have been as odd.",
                    "one-side-is-both",
                ),
                Option(
                    "in 5 %, the rate of a test",
                    "The rule is all alike, and its rate is counted: two of all cases.",
                    "cutoff-means-five-percent",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "31-same-number",
        *_same_number(4),
        vary=lambda random: _same_number(random.choice([1, 2, 3, 4, 6, 9])),
    ),
    ReviewQuestion(
        "31-per-byte",
        *_per_byte(2.05, 4.0, 2.31, 4.8),
        vary=lambda random: _per_byte(
            *random.choice(
                [
                    (1.9, 3.8, 2.2, 4.7),
                    (2.4, 4.1, 2.6, 4.9),
                    (2.1, 3.5, 2.5, 4.4),
                    (1.7, 3.9, 1.8, 4.5),
                ]
            )
        ),
    ),
    ReviewQuestion(
        "31-all-alike",
        *_all_alike(6),
        vary=lambda random: _all_alike(random.choice([5, 7, 8])),
    ),
    ReviewQuestion(
        "31-floor",
        "A distillation loss, a cross-entropy with soft targets, has stood still for days, and the "
        "student gives the teacher's shares on every image. What is left to do?",
        Choice(
            (
                Option(
                    "a larger step, since the loss is not 0",
                    "It cannot be 0: the teacher's entropy is in it.",
                    "soft-loss-ends-at-zero",
                ),
                Option(
                    "look for a wrong factor in the loss",
                    "A right one ends above 0 as well.",
                    "every-gap-is-the-factor",
                ),
                Option(
                    "nothing: it is at its floor",
                    "The entropy of the soft targets, which no student can change.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "31-negative",
        "A trainer draws with top-k and logs the mean of log π − log ref. It is −0.02 over 100,000 "
        "tokens, with a standard error of 0.001. What does that say of KL(π‖ref)?",
        Choice(
            (
                Option(
                    "that it is nearly 0",
                    "A mean over the wrong tokens may be negative at any KL.",
                    "negative-kl-is-nearness",
                ),
                Option(
                    "nothing: the tokens are not drawn from π",
                    "Top-k draws from another law.",
                ),
                Option(
                    "that it is small and the sign is chance",
                    "It is 20 standard errors below 0.",
                    "negative-kl-is-chance",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "31-split",
        "An experiment planned 90:10 has a split with a PSI of 0.0003 from the plan, among 100,000 "
        "people. What follows?",
        Choice(
            (
                Option(
                    "it is stable: PSI is far below 0.1",
                    "PSI says how large it is. Chance alone would make about 0.00001.",
                    "small-psi-is-noise",
                ),
                Option(
                    "the arms are unequal, so they cannot be compared",
                    "They were planned unequal. Equal arms are no sign of a fair lot either.",
                    "half-is-randomised",
                ),
                Option(
                    "chance does not do that: n · PSI is about 30",
                    "It would be about 1, a χ² with one degree of freedom.",
                ),
            )
        ),
    ),
]
