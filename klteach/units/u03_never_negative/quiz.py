"""Unit 03: predictions and review questions on why KL is never negative, and on mixtures."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "03-unused",
        "P = (0.6, 0.4, 0) never shows its third outcome. Q = (0.45, 0.3, 0.25) treats the other "
        "two in proportion to P and gives the rest to the third. How large is KL(P‖Q)?",
        Choice(
            (
                Option(
                    "0 nats: on what comes, Q agrees with P",
                    "In proportion is not enough. What Q spent on the third outcome is missing "
                    "where the outcomes come.",
                    "zero-on-support-only",
                ),
                Option(
                    "infinite: there is a 0",
                    "That 0 is in P, which is never surprised by it. Infinite is the other way "
                    "round: q = 0 where p > 0.",
                    "zero-is-infinite",
                ),
                Option(
                    "0.288 nats",
                    "Every outcome that comes has three quarters of the share that it should have, "
                    "and costs −log 0.75 more.",
                ),
            )
        ),
        reveal="Q put a quarter of its mass where P has none, so what is left is too small by the "
        "factor 0.75, and every outcome of P costs −log 0.75 = 0.288 nats more. KL sees what a "
        "model wastes on things that never happen.",
    ),
    Prediction(
        "03-pool",
        "Two groups of customers, equally large, have a model each, and KL is 1.10 nats in the one "
        "and 1.00 in the other. Both groups are put into one table, and both models are averaged "
        "in the same way. How large is the KL of the pool?",
        Choice(
            (
                Option(
                    "1.05 nats, half way between the two",
                    "That would be so if KL were linear. It bends: the pool may do better, and "
                    "never does worse.",
                    "kl-is-linear",
                ),
                Option(
                    "1.05 nats at most, and perhaps nothing",
                    "Errors of opposite sign cancel in the pool.",
                ),
                Option(
                    "1.05 nats at least: mixing adds confusion",
                    "Mixing hides differences, those between truth and model among them.",
                    "mixing-adds-divergence",
                ),
            )
        ),
        reveal="The pool never diverges more than its groups do on average, and it may not diverge "
        "at all: with P and Q exchanged in the second group, both mixtures are the same. So a "
        "check on pooled groups may find nothing although every group is off.",
    ),
    Prediction(
        "03-not-normalised",
        "A program forgets to normalise Q: its numbers are positive and sum to 1.05. P sums to 1. "
        "Can Σ p log(p/q) come out negative?",
        Choice(
            (
                Option(
                    "no, that is Gibbs' inequality",
                    "The proof used that Q sums to at most 1, and this Q does not.",
                    "gibbs-without-sums",
                ),
                Option(
                    "yes, whatever the shape of Q",
                    "The excess lowers the sum by log 1.05 at most; a Q of another shape than P "
                    "costs more than that.",
                    "excess-always-wins",
                ),
                Option(
                    "yes, if Q has nearly the shape of P",
                    "Then the divergence is small, and the excess takes more away than there is.",
                ),
            )
        ),
        reveal="Dividing Q by 1.05 makes a distribution of it and adds log 1.05 to the sum. So the "
        "sum is a true KL less log 1.05 = 0.049 nats, and it is negative for every Q whose shape "
        "is closer to P than that.",
    ),
]


def _pooled(first, second) -> tuple[str, Choice]:
    """The question on two groups of equal size whose KL is given in hundredths of a nat."""
    one, other, half = (f"{nats / 100:.2f}" for nats in (first, second, (first + second) / 2))
    text = (
        f"Two equal groups have a model each, with a KL of {one} and {other} nats. Pool the "
        "groups, and pool the models in the same way. The KL of the pool is …"
    )
    return text, Choice(
        (
            Option(
                f"{half} nats",
                "KL is convex, not linear: the mixture lies on the chord or below it.",
                "kl-is-linear",
            ),
            Option(f"at most {half} nats", "Joint convexity: mixing never adds divergence."),
            Option(
                f"at least {half} nats",
                "The other way: errors of opposite sign cancel in the pool.",
                "mixing-adds-divergence",
            ),
        )
    )


REVIEW = [
    ReviewQuestion(
        "03-signs",
        "P and Q are different distributions over three outcomes, without zeros. How many of the "
        "three terms p log(p/q) are negative?",
        Choice(
            (
                Option(
                    "none, for KL is never negative",
                    "The sum is not. A term is negative wherever q > p.",
                    "every-term-non-negative",
                ),
                Option(
                    "any number from none to three",
                    "Both sum to 1: what Q has less of in one place it has more of in another, so "
                    "neither none nor all.",
                    "differ-without-excess",
                ),
                Option(
                    "one or two, never none or all",
                    "Both sum to 1, so Q is larger than P somewhere and smaller somewhere else.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "03-only-equal",
        "Somebody finds that KL(P‖Q) is exactly 0. What do you know about P and Q?",
        Choice(
            (
                Option(
                    "they are the same",
                    "Equal on every outcome of P; and as that takes all the mass of Q, nothing is "
                    "left for other outcomes.",
                ),
                Option(
                    "surcharges and discounts cancel, so they may still differ",
                    "They never cancel exactly: if Q differs from P, the surcharges win.",
                    "zero-by-cancelling",
                ),
                Option(
                    "they agree where P is positive; elsewhere Q may have mass",
                    "Then Q would sum to more than 1. What Q has elsewhere is missing where P is "
                    "positive, and KL sees that.",
                    "zero-on-support-only",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "03-tangent",
        "One inequality about the logarithm proves that KL is never negative. Which?",
        Choice(
            (
                Option(
                    "log t ≤ t − 1",
                    "The logarithm lies below its tangent at t = 1, with t = q/p.",
                ),
                Option(
                    "log t ≥ t − 1",
                    "The logarithm bends down, so it lies below its tangent, not above.",
                    "log-above-tangent",
                ),
                Option(
                    "log t ≥ 0",
                    "That fails for t < 1, and q is somewhere below p.",
                    "every-term-non-negative",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "03-lifted",
        "To every term p log(p/q) you add q − p. Both distributions sum to 1. What does the sum "
        "become?",
        Choice(
            (
                Option(
                    "larger, for now no term is negative",
                    "What is added sums to 1 − 1 = 0. The terms change, their sum does not.",
                    "lift-changes-the-sum",
                ),
                Option(
                    "the sum of the absolute values",
                    "None is negative now, but each is the gap below a tangent and no absolute "
                    "value.",
                    "absolute-terms",
                ),
                Option("the same KL", "q − p sums to 0, and no term is negative any more."),
            )
        ),
    ),
    ReviewQuestion(
        "03-flipped",
        "Lecture notes end a proof with: the average of log(q/p) under P is never negative. "
        "What is wrong?",
        Choice(
            (
                Option(
                    "nothing",
                    "Try P = (0.7, 0.3) and Q = (0.3, 0.7): the average is −0.339.",
                    "log-ratio-either-way",
                ),
                Option(
                    "it can have either sign",
                    "It is −KL(P‖Q), and that has one sign only.",
                    "kl-can-be-negative",
                ),
                Option(
                    "it is never positive: the ratio is upside down",
                    "It is −KL(P‖Q). The average of log(p/q) under P is the one that is never "
                    "negative.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "03-hair",
        "A program gives KL(P‖P) = −0.0000000003 on three outcomes, in double precision. What is "
        "likeliest?",
        Choice(
            (
                Option(
                    "rounding",
                    "Rounding in double precision stays near 0.0000000000000001 here.",
                    "rounding-explains-it",
                ),
                Option(
                    "a small number was added to q",
                    "Adding 1e-10 to each of three q's makes them sum to more than 1.",
                ),
                Option(
                    "nothing is wrong: near P = Q it may be negative",
                    "It may not. For two distributions KL is never below 0.",
                    "kl-can-be-negative",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "03-outside",
        "P = (0.5, 0.5, 0) and Q = (0.4, 0.4, 0.2). KL(P‖Q) is …",
        Choice(
            (
                Option(
                    "infinite",
                    "Infinite is the other way round: q = 0 where p > 0.",
                    "zero-is-infinite",
                ),
                Option(
                    "log(0.5/0.4) = 0.223 nats",
                    "Q wasted 0.2 of its mass, which is missing where the outcomes come.",
                ),
                Option(
                    "0, as both treat the outcomes of P alike",
                    "In proportion is not enough: q < p on both outcomes that come.",
                    "zero-on-support-only",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "03-pooled",
        *_pooled(40, 60),
        vary=lambda random: _pooled(random.randrange(10, 60, 2), random.randrange(62, 150, 2)),
    ),
    ReviewQuestion(
        "03-bregman",
        "KL(P‖Q) is the gap between negative entropy and a tangent plane. Where does the plane "
        "touch, and where is the gap measured?",
        Choice(
            (
                Option("it touches at Q, measured at P", "At Q the gap is 0, and so is KL(Q‖Q)."),
                Option(
                    "it touches at P, measured at Q",
                    "That is KL(Q‖P): the gap is measured at the truth.",
                    "tangent-at-truth",
                ),
                Option(
                    "it touches half way between P and Q",
                    "Then the gap at P would be KL(P‖M), with M half way: another divergence.",
                    "kl-is-symmetric",
                ),
            )
        ),
    ),
]
