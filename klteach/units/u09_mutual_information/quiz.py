"""Unit 09: predictions and review questions on what two columns tell about each other."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "09-square",
        "X is −1, 0 or 1, each equally likely, and Y = X². Their correlation is 0. How large is "
        "their mutual information?",
        Choice(
            (
                Option(
                    "0: what is not correlated tells nothing",
                    "Correlation asks how well a line fits. Here no line does, and still Y is "
                    "known as soon as X is.",
                    "uncorrelated-is-independent",
                ),
                Option(
                    "less than H(Y), since the sign of X is lost",
                    "The sign is something of X that Y does not tell. Of Y itself nothing is left "
                    "open once X is known.",
                    "lost-sign-costs-information",
                ),
                Option(
                    "H(Y) = 0.637 nats, all that there is to know about Y",
                    "X decides Y, so knowing X takes away all of the surprise of Y.",
                ),
                Option(
                    "H(X) = 1.099 nats, all that there is to know about X",
                    "Y does not tell the sign of X. The two share no more than the smaller of "
                    "their entropies.",
                    "cause-is-shared-in-full",
                ),
            )
        ),
        reveal="H(Y) = 0.637 nats: X decides Y. Counted from the other side it is the same number: "
        "Y leaves open the sign in two cases of three, so H(X|Y) is ⅔ · log 2 = 0.462 nats, and "
        "1.099 − 0.462 = 0.637.",
    ),
    Prediction(
        "09-exchange",
        "KL is not symmetric. Exchange X and Y: what becomes of their mutual information, "
        "KL(joint‖product)?",
        Choice(
            (
                Option(
                    "It changes, as KL does when it is turned round.",
                    "Another pair is exchanged: X and Y, not P and Q. The joint stays in front.",
                    "mi-inherits-asymmetry",
                ),
                Option(
                    "It depends on which of the two is the cause.",
                    "Cause takes no part in it: the table does not know.",
                    "mi-knows-the-cause",
                ),
                Option(
                    "Nothing: X tells about Y as much as Y about X.",
                    "Rows become columns in both tables, so each pair keeps its term.",
                ),
            )
        ),
        reveal="Nothing changes: the joint and the product are turned over together, and the sum "
        "runs over the same terms. The asymmetry of KL is between joint and product, P and Q, and "
        "these keep their places.",
    ),
    Prediction(
        "09-chance",
        "Two columns with ten values each, drawn independently of each other: 200 rows. How large "
        "is their plug-in information, on average over many such tables?",
        Choice(
            (
                Option(
                    "0 nats: they are independent",
                    "The truth is 0. But a table of 200 rows is not even, and KL counts every "
                    "unevenness as positive.",
                    "plug-in-is-unbiased",
                ),
                Option(
                    "about 0.005 nats, one over the number of rows",
                    "One over n is the order for one degree of freedom. Here 9 · 9 = 81 of them "
                    "add up, each by about 1/2n.",
                    "bias-knows-no-cells",
                ),
                Option(
                    "about 0.24 nats, as for normals with a correlation of 0.6",
                    "A hundred cells share 200 rows: two a cell. Chance alone makes that table "
                    "very uneven.",
                ),
                Option(
                    "about 2.3 nats, log 10, the most that there can be",
                    "That is what comes out if no value comes twice. Here each comes about twenty "
                    "times.",
                    "bias-fills-the-scale",
                ),
            )
        ),
        reveal="About 0.24 nats, and never 0 or below. (r − 1)(c − 1)/2n = 81/400 = 0.20 is near, "
        "and too small while cells hold only two rows each. Two normals with a correlation of 0.6 "
        "have 0.22 nats.",
    ),
]


def _decides(values) -> tuple[str, Choice]:
    """X decides Y, which takes so many equally likely values."""
    every = math.log(values)
    return (
        f"X decides Y, and Y takes {values} values, equally often. X takes {2 * values} values, "
        "equally often. What is I(X; Y)?",
        Choice(
            (
                Option(
                    f"log {2 * values} = {math.log(2 * values):.3f} nats",
                    "That is H(X). Y cannot tell two values of X apart that lead to the same Y.",
                    "cause-is-shared-in-full",
                ),
                Option(f"log {values} = {every:.3f} nats", "All of H(Y), for H(Y|X) is 0."),
                Option(
                    f"log {values} + log {2 * values} = {every + math.log(2 * values):.3f} nats",
                    "That is H(X) + H(Y). H(X, Y) has to be taken away from it.",
                    "mi-is-the-sum-of-entropies",
                ),
            )
        ),
    )


def _threshold(side) -> tuple[str, Choice]:
    """Independent columns with so many values each, and ten times as many rows as cells."""
    rows = 10 * side**2
    bias = (side - 1) ** 2 / (2 * rows)
    return (
        f"Two columns with {side} values each, {rows} rows, plug-in information {bias:.3f} nats. "
        "What does that say?",
        Choice(
            (
                Option(
                    "a weak dependence, since it is above 0",
                    f"Independent columns have about (r − 1)(c − 1)/2n = {bias:.3f} nats, too.",
                    "plug-in-is-unbiased",
                ),
                Option(
                    "no dependence, since it is below 0.1",
                    "No fixed number decides: with many rows a much smaller one would be no "
                    "accident.",
                    "one-cutoff-for-mi",
                ),
                Option(
                    "nothing: independent columns have about as much",
                    f"(r − 1)(c − 1)/2n is {bias:.3f} nats here.",
                ),
            )
        ),
    )


def _of_entropies(x, y, both) -> tuple[str, Choice]:
    """From three entropies, in hundredths of a nat."""
    x, y, both = x / 100, y / 100, both / 100
    return (
        f"H(X) = {x:.2f}, H(Y) = {y:.2f} and H(X, Y) = {both:.2f} nats. What is I(X; Y)?",
        Choice(
            (
                Option(
                    f"{x + y - both:.2f} nats",
                    "Cross-entropy less entropy: H(X) + H(Y) − H(X, Y).",
                ),
                Option(
                    f"{both - x:.2f} nats",
                    "That is H(X, Y) − H(X) = H(Y|X), what is left of Y when X is known.",
                    "mi-is-what-is-left",
                ),
                Option(
                    f"{x + y:.2f} nats",
                    "That is the cross-entropy, the whole bill of a code for each by itself.",
                    "mi-is-the-sum-of-entropies",
                ),
            )
        ),
    )


def _weaker(factor) -> tuple[str, Choice]:
    """Two weak correlations, the second so many times smaller."""
    return (
        f"Two normals correlate with 0.1, two others with {0.1 / factor:g}. How much less is the "
        "mutual information of the second pair?",
        Choice(
            (
                Option(
                    f"about {factor} times less",
                    "−½ log(1 − ρ²) is about ρ²/2: the square counts.",
                    "mi-is-linear-in-correlation",
                ),
                Option(
                    "none: both are too weak to be told from 0",
                    "That is a question of rows. The information of the distributions differs.",
                    "weak-is-zero",
                ),
                Option(f"about {factor**2} times less", "For weak correlations it is about ρ²/2."),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "09-decides", *_decides(3), vary=lambda random: _decides(random.choice([2, 3, 4, 5]))
    ),
    ReviewQuestion(
        "09-too-small",
        *_threshold(6),
        vary=lambda random: _threshold(random.choice([5, 6, 8, 10])),
    ),
    ReviewQuestion(
        "09-three-entropies",
        *_of_entropies(110, 90, 160),
        vary=lambda random: _of_entropies(
            *random.choice([(110, 90, 160), (69, 69, 120), (130, 60, 175), (100, 80, 145)])
        ),
    ),
    ReviewQuestion(
        "09-weaker",
        *_weaker(10),
        vary=lambda random: _weaker(random.choice([2, 4, 5, 10])),
    ),
    ReviewQuestion(
        "09-shuffle",
        "One column of a table is shuffled. What is sure to stay as it was?",
        Choice(
            (
                Option(
                    "the mutual information of the two columns",
                    "Shuffling breaks the pairs up: what they had in common goes.",
                    "shuffling-keeps-pairs",
                ),
                Option(
                    "each column by itself, and its PSI of 0",
                    "The same values, as often as before, in another order.",
                ),
                Option(
                    "the correlation of the two columns",
                    "It goes with the pairs, too: after a shuffle it is near 0.",
                    "correlation-survives-a-shuffle",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "09-zero",
        "I(X; Y) = 0 nats, for the true distribution. What follows?",
        Choice(
            (
                Option(
                    "X and Y are independent, and so their correlation is 0",
                    "KL is 0 only where both are equal: the joint is the product.",
                ),
                Option(
                    "their correlation is 0, and they may still depend on each other",
                    "That is what a correlation of 0 leaves open. Mutual information does not.",
                    "mi-zero-is-correlation-zero",
                ),
                Option(
                    "X does not cause Y, but Y may cause X",
                    "Mutual information has no direction: if X tells nothing about Y, Y tells "
                    "nothing about X.",
                    "mi-knows-the-cause",
                ),
            )
        ),
    ),
]
