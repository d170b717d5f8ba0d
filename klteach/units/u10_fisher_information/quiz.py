"""Unit 10: predictions and review questions on what a small step costs."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "10-scale",
        "A normal with mean 0 gets a new standard deviation, larger by 0.01: once from 1 to 1.01, "
        "once from 10 to 10.01. How many times more KL(old‖new) does the first of the two steps "
        "cost? Choose the nearest.",
        Choice(
            (
                Option(
                    "no more: it is the same step",
                    "The number added is the same. But 0.01 is a hundredth of 1 and a thousandth "
                    "of 10.",
                    "step-has-a-size",
                ),
                Option(
                    "about 10 times",
                    "As a share of σ the first step is ten times as large. KL goes with the square "
                    "of that share.",
                    "price-goes-with-the-step",
                ),
                Option("about 100 times", "Ten times the share of σ, and KL goes with its square."),
                Option(
                    "about 1000 times",
                    "A power too many: KL of a small step goes with the square of the share of σ, "
                    "not with its cube.",
                    "price-goes-with-the-cube",
                ),
            )
        ),
        reveal="98.5 times, and the smaller the step, the nearer to 100. KL looks at the step as a "
        "share of σ: a hundredth against a thousandth, and then squares it.",
    ),
    Prediction(
        "10-halve",
        "A small step of a parameter costs 0.0002 nats. What does half of the step cost, about?",
        Choice(
            (
                Option(
                    "0.0002 nats: both are next to nothing",
                    "Both are small, and one is a definite share of the other.",
                    "small-steps-cost-nothing",
                ),
                Option(
                    "0.0001 nats",
                    "KL is least where nothing has moved, so its slope is 0 there, and it cannot "
                    "begin in proportion to the step.",
                    "price-goes-with-the-step",
                ),
                Option(
                    "0.00005 nats",
                    "At its least value a curve is a parabola: half the step, a quarter of the "
                    "price.",
                ),
                Option(
                    "0.000025 nats",
                    "That would be an eighth. The square comes before the cube, and it is there.",
                    "price-goes-with-the-cube",
                ),
            )
        ),
        reveal="A quarter. KL is 0 where nothing moved and larger on both sides, so it begins like "
        "a parabola: a small step costs ½ F times its square.",
    ),
    Prediction(
        "10-log",
        "A normal has the standard deviation σ. In which parameter does a step of +0.01 cost the "
        "same KL(old‖new), wherever it begins?",
        Choice(
            (
                Option(
                    "in the variance, σ²",
                    "A variance of 1 that becomes 1.01 costs about 10 000 times as much as one of "
                    "100 that becomes 100.01.",
                    "variance-has-the-ruler",
                ),
                Option(
                    "in log σ",
                    "A step of log σ is a factor on σ, and KL of two normals of one mean depends "
                    "on that factor alone.",
                ),
                Option(
                    "in σ itself",
                    "There the price falls with the square of σ: it was the first prediction.",
                    "step-has-a-size",
                ),
                Option(
                    "in none of them",
                    "In one of them F is the same number everywhere.",
                    "no-even-ruler",
                ),
            )
        ),
        reveal="In log σ. Adding 0.01 multiplies σ by e^0.01, whatever σ is, and KL knows the "
        "ratio of the widths only. There F is 2 everywhere.",
    ),
    Prediction(
        "10-batch",
        "A coin model has the right p. For each flip you could compute the slope of log p(x) by p; "
        "the mean of its square is F. A program takes batches of 100 flips, squares the mean slope "
        "of each batch, and averages. What comes out, on average?",
        Choice(
            (
                Option(
                    "F: the order of mean and square does not matter",
                    "It does: slopes of heads and of tails have opposite signs and cancel in a "
                    "mean, but not in a mean of squares.",
                    "square-after-the-mean",
                ),
                Option(
                    "100 F",
                    "That is what the squares of sums give. A mean of 100 is 100 times smaller "
                    "than the sum, and its square 10 000 times.",
                    "batches-add-up",
                ),
                Option(
                    "exactly 0, as the mean slope is 0",
                    "The mean over all flips that could be is 0. In one batch some of it is left, "
                    "by chance.",
                    "no-gradient-no-information",
                ),
                Option(
                    "F / 100",
                    "The mean of 100 slopes has a hundredth of the variance of one.",
                ),
            )
        ),
        reveal="F/100. The slopes average to 0, so the square of their mean over a batch is the "
        "variance of that mean, F divided by the size of the batch. Over all the data at the "
        "optimum even that is gone: 0.",
    ),
]


def _step_of_a_coin(hundredths) -> tuple[str, Choice]:
    """KL of a step of 0.01 of a coin with so many hundredths of heads."""
    p = hundredths / 100
    variance = p * (1 - p)
    price = 0.01**2 / variance / 2
    return (
        f"A coin shows heads with probability {p:.2f}. About how much KL does a step of 0.01 cost?",
        Choice(
            (
                Option(
                    f"{2 * price:.6f} nats",
                    "This is F step². KL has a ½ in front of it.",
                    "local-kl-without-half",
                ),
                Option(f"{price:.6f} nats", f"½ · 0.01² / ({p:.2f} · {1 - p:.2f})."),
                Option(
                    f"{0.01**2 * variance / 2:.6f} nats",
                    "F is 1 over the variance of a flip, so divide by p (1 − p).",
                    "fisher-is-a-variance",
                ),
            )
        ),
    )


def _standard_error(flips) -> tuple[str, Choice]:
    """The standard error of a share from so many flips of a coin with 20 % heads."""
    root = 0.4 / math.sqrt(flips)
    return (
        f"A coin with p = 0.2 has F = 6.25. From {flips} flips you estimate p. How large is the "
        "standard error?",
        Choice(
            (
                Option(f"{root:.3f}", f"1/√(n F) = 1/√({flips} · 6.25): n flips have n times F."),
                Option(
                    f"{0.4 / flips:.5f}",
                    "The variance of the estimate is 1/(n F). A standard error is its root.",
                    "error-goes-with-n",
                ),
                Option(
                    "0.400",
                    "That is 1/√F, for a single flip. Information adds up over flips.",
                    "error-ignores-n",
                ),
            )
        ),
    )


def _unit(name, factor) -> tuple[str, Choice]:
    """F of a mean when its unit changes."""
    return (
        f"The mean of a normal has F = 4 when it is counted in {name[0]}. And in {name[1]}?",
        Choice(
            (
                Option(
                    f"{4 / factor:g}",
                    "The number that counts a step grows by the factor, and ½ F step² has its "
                    "square in it.",
                    "information-follows-the-unit",
                ),
                Option(
                    "4: information has no unit",
                    "KL has none. F is KL for each squared unit of the parameter.",
                    "information-has-no-unit",
                ),
                Option(
                    f"{4 / factor**2:g}",
                    f"The same step is a number {factor} times as large, and ½ F step² must stay.",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "10-step-of-a-coin",
        *_step_of_a_coin(20),
        vary=lambda random: _step_of_a_coin(random.choice([10, 20, 30, 40, 60, 70, 80, 90])),
    ),
    ReviewQuestion(
        "10-standard-error",
        *_standard_error(100),
        vary=lambda random: _standard_error(random.choice([16, 64, 400, 1600, 2500])),
    ),
    ReviewQuestion(
        "10-unit",
        *_unit(("metres", "centimetres"), 100),
        vary=lambda random: _unit(
            *random.choice(
                [
                    (("metres", "centimetres"), 100),
                    (("hours", "minutes"), 60),
                    (("kilograms", "grams"), 1000),
                    (("euros", "cents"), 100),
                    (("seconds", "milliseconds"), 1000),
                ]
            )
        ),
    ),
    ReviewQuestion(
        "10-error",
        "The local form ½ F step² misses KL of a step by some error. You take a step ten times "
        "smaller. How much smaller is the error, as a rule?",
        Choice(
            (
                Option(
                    "about 10 times",
                    "What is left out begins with the third power of the step.",
                    "error-goes-with-the-step",
                ),
                Option(
                    "about 1000 times",
                    "The square is kept, so what is left out begins with the cube.",
                ),
                Option(
                    "about 100 times",
                    "KL itself falls a hundredfold, and its error faster than that.",
                    "error-goes-with-the-square",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "10-optimum",
        "A model was trained until its mean gradient over all the data is 0. What about the mean "
        "of the squared gradients of single examples?",
        Choice(
            (
                Option(
                    "it is 0 as well",
                    "Examples pull in opposite directions. Their pulls cancel, and the squares of "
                    "them do not.",
                    "no-gradient-no-information",
                ),
                Option(
                    "it is the square of the mean gradient, whatever that is",
                    "Then it would be 0. The mean of squares is the square of the mean and the "
                    "variance, added up.",
                    "square-after-the-mean",
                ),
                Option(
                    "it is above 0, unless every single gradient is 0",
                    "A mean of squares is 0 only if all of them are.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "10-both-directions",
        "KL(P‖Q) and KL(Q‖P) of two far models differ by half. Q now moves up to P, nearer and "
        "nearer. What becomes of the difference, as a share of KL?",
        Choice(
            (
                Option(
                    "it goes to 0",
                    "Both directions begin with the same ½ F step²; they differ from the cube on.",
                ),
                Option(
                    "it stays at about one half",
                    "The asymmetry sits in the cube of the step, and KL in the square.",
                    "directions-stay-apart",
                ),
                Option(
                    "KL goes to 0 in proportion to the step, and so does the difference",
                    "KL goes to 0 like the square of the step, and the difference like its cube.",
                    "price-goes-with-the-step",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "10-names",
        "You train σ of a normal, a colleague trains log σ: both start at σ = 3, with the same "
        "data and the same small learning rate. How do the models move in the first step?",
        Choice(
            (
                Option(
                    "alike, with the plain gradient and with the natural one",
                    "The plain step of log σ moves σ by σ² times as much, 9 times.",
                    "plain-step-knows-no-names",
                ),
                Option(
                    "differently, with the plain gradient and with the natural one",
                    "Dividing by F takes out how the parameter is written, up to the square of "
                    "the rate.",
                    "natural-step-needs-the-right-name",
                ),
                Option(
                    "differently with the plain gradient, about alike with the natural one",
                    "Slope and F both know how σ is written, and in their quotient it cancels.",
                ),
            )
        ),
    ),
]
