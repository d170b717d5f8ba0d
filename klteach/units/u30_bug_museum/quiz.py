"""Unit 30: predictions and review questions on properties, and on the inputs that test them."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "30-which",
        "A library returns (KL(P‖Q) + KL(Q‖P)) / 2 under the name Jensen–Shannon. Which property "
        "of JS does this break?",
        Choice(
            (
                Option(
                    "none: it is symmetric and never negative, as JS is",
                    "It has these two, and is 0 exactly if P = Q. JS has one more.",
                    "mean-of-kls-is-js",
                ),
                Option(
                    "symmetry",
                    "Both directions are in it with the same weight, so it is symmetric.",
                    "symmetry-shows-it",
                ),
                Option(
                    "never negative",
                    "Neither KL is below 0, so their mean is not.",
                    "mean-of-kls-is-negative",
                ),
                Option(
                    "never above log 2",
                    "Both KLs grow without a limit, and so does their mean.",
                ),
            )
        ),
        reveal="The bound. It is half of Jeffreys' divergence, which is above log 2 as soon as P "
        "and Q are far apart, and infinite where one of them has a zero that the other has not. "
        "All other lights stay green.",
    ),
    Prediction(
        "30-positions",
        "SciPy's wasserstein_distance takes two samples. Somebody passes the shares of two "
        "coins instead, [p, 1 − p] and [q, 1 − q]. When does it return 0?",
        Choice(
            (
                Option(
                    "only if the coins are equal",
                    "So it would if the numbers were taken as shares. They are taken as places.",
                    "lists-are-shares",
                ),
                Option(
                    "if q = p or q = 1 − p",
                    "Two lists of places, and their order does not matter.",
                ),
                Option(
                    "always: both lists sum to 1",
                    "The sums do not matter to it. The places 0.5, 0.5 and 0.9, 0.1 differ.",
                    "sorted-lists-agree",
                ),
                Option(
                    "never: numbers that are no samples raise an error",
                    "Shares are numbers like others, and nothing is raised.",
                    "bad-input-stops",
                ),
            )
        ),
        reveal="A sample has no order, so 0.2, 0.8 and 0.8, 0.2 are the same sample. A coin and "
        "its mirror image come out as equal, which is the light that turns red: 0 only if P = Q.",
    ),
    Prediction(
        "30-inside",
        "Which of these exhibits passes every one of the thousand pairs?",
        Choice(
            (
                Option(
                    "B10, KL without its logarithm",
                    "P against itself gives 1, which must be 0.",
                    "equal-pairs-are-harmless",
                ),
                Option(
                    "B24, Hellinger over the outcomes of P only",
                    "All outcomes are outcomes of P here: nothing is left out.",
                ),
                Option(
                    "B4, with 1e-10 in the logarithm",
                    "P against itself is below 0 by about 3e-10, a million times what rounding "
                    "leaves.",
                    "small-violation-is-rounding",
                ),
                Option(
                    "none: among a thousand random pairs there is one for everything",
                    "A random share is never exactly 0, however many are drawn.",
                    "random-is-varied",
                ),
            )
        ),
        reveal="B24: without a zero it is the Hellinger distance. Of the two pairs with zeros "
        "that follow, it fails on both.",
    ),
]


def _above_the_bound(p) -> tuple[str, Choice]:
    """Half of Jeffreys' divergence of a coin and its mirror image."""
    value = (2 * p - 1) * math.log(p / (1 - p))
    return (
        f"A coin shows heads with {p:g}, its mirror image with {round(1 - p, 2):g}. A program "
        f"returns {value:.3f} as their JS in nats. What is known?",
        Choice(
            (
                Option(
                    "nothing, as long as nobody computes the right value",
                    "JS is never above log 2 = 0.693, for no pair.",
                    "wrong-needs-right",
                ),
                Option("that it is wrong", "Nothing is above log 2 = 0.693 nats."),
                Option(
                    "that it is right: it is not negative",
                    "That is one property. The bound is another.",
                    "properties-decide-all",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "30-above-the-bound",
        *_above_the_bound(0.9),
        vary=lambda random: _above_the_bound(random.choice([0.8, 0.85, 0.9, 0.95])),
    ),
    ReviewQuestion(
        "30-doubled",
        "A function returns 2 KL(P‖Q). Which test sees it?",
        Choice(
            (
                Option(
                    "never negative, 0 exactly if equal, and two tosses count twice",
                    "Twice KL has all of them.",
                    "factor-shows",
                ),
                Option("one known value", "No property of KL knows the factor."),
                Option(
                    "symmetry",
                    "KL has none, and neither has twice KL.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "30-inputs",
        "Which inputs belong first into a test of a divergence?",
        Choice(
            (
                Option(
                    "an equal pair, zeros on either side, a disjoint pair",
                    "There the usual faults show, and there random pairs never are.",
                ),
                Option(
                    "many random pairs, so that every case comes up",
                    "They never have an exact zero, and never two equal distributions.",
                    "random-is-varied",
                ),
                Option(
                    "pairs that differ: an equal pair shows nothing",
                    "It shows a missing logarithm and an ε at once.",
                    "equal-pairs-are-harmless",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "30-abs",
        "A KL from code is sometimes −0.2. Somebody takes abs of it. What has that repaired?",
        Choice(
            (
                Option(
                    "the sign, which was the fault",
                    "The sign was the sign of a fault, which is still there.",
                    "silenced-is-repaired",
                ),
                Option(
                    "rounding below 0",
                    "Rounding leaves 1e-16, not 0.2.",
                    "small-violation-is-rounding",
                ),
                Option("nothing: one light is covered", "The value was wrong and still is."),
            )
        ),
    ),
    ReviewQuestion(
        "30-samples-as-shares",
        "Sorted samples are passed to a function that expects probabilities. What happens?",
        Choice(
            (
                Option(
                    "an error is raised, since they do not sum to 1",
                    "Only if somebody wrote that line. nansum and abs make a number of it.",
                    "bad-input-stops",
                ),
                Option(
                    "a number comes out that is no divergence",
                    "assert isclose(p.sum(), 1) would have stopped it.",
                ),
                Option(
                    "the KL of the two samples comes out, roughly",
                    "Samples are places, not masses.",
                    "lists-are-shares",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "30-gradient",
        "An estimate of KL is unbiased. Is it safe as a loss?",
        Choice(
            (
                Option(
                    "not by that alone: its gradient is another question",
                    "k3 has the right mean and the gradient of the other KL.",
                ),
                Option(
                    "yes: right values have right gradients",
                    "The samples depend on the parameter too, and the gradient of the estimate "
                    "leaves that out.",
                    "values-test-gradients",
                ),
                Option(
                    "no: an unbiased estimate may be negative",
                    "k3 never is, and its gradient is wrong all the same.",
                    "estimate-is-never-negative",
                ),
            )
        ),
    ),
]
