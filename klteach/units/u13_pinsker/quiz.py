"""Unit 13: predictions and review questions on what KL says about total variation."""

import math

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "13-small",
        "KL(P‖Q) is 0.02 nats. By how much can P and Q differ about the probability of one event, "
        "at most?",
        Choice(
            (
                Option(
                    "by about 0.0004, the square of it",
                    "The other way round: KL grows with the square of what they differ by.",
                    "tv-is-kl-squared",
                ),
                Option(
                    "by about 0.02, the same number",
                    "KL is an average of log ratios, in which differences of both signs nearly "
                    "cancel. What is left is of the size of their square.",
                    "tv-is-kl-sized",
                ),
                Option(
                    "by about 0.1, five times as much",
                    "The root of half of it. A small KL hides a larger difference.",
                ),
                Option(
                    "by anything up to 1, KL does not tell",
                    "It does tell: a large difference about one event would make KL large.",
                    "kl-says-nothing-of-events",
                ),
            )
        ),
        reveal="At most √(0.02/2) = 0.1: this is Pinsker's inequality, TV ≤ √(KL/2). A fair coin "
        "and a 60/40 coin differ by 0.1, and their KL is 0.0204 nats one way and 0.0201 the other.",
    ),
    Prediction(
        "13-three",
        "For a pair with KL(P‖Q) = 3 nats one of the two inequalities says TV ≤ 1.22. What does "
        "it say about TV?",
        Choice(
            (
                Option(
                    "that TV is near 1: P and Q hardly overlap",
                    "A large upper bound does not make the thing large. TV may well be small here.",
                    "large-bound-large-value",
                ),
                Option(
                    "nothing",
                    "TV is at most 1 for any pair, and the bound is larger than that.",
                ),
                Option(
                    "that it cannot hold here, as TV would be above 1",
                    "It holds: whatever TV is, it is below the bound. A bound above 1 is true and "
                    "useless.",
                    "vacuous-is-false",
                ),
            )
        ),
        reveal="Pinsker's bound √(3/2) is 1.22, and TV is at most 1 anyway: true, and it says "
        "nothing. That begins at 2 nats. The second curve of the picture, √(1 − exp(−KL)), is "
        "0.975 there.",
    ),
    Prediction(
        "13-reverse",
        "The other way round: TV(P, Q) is 0.02, so no event differs by more than 0.02 in "
        "probability. How large can KL(P‖Q) be?",
        Choice(
            (
                Option(
                    "as large as you like, even infinite",
                    "What P does twice in a hundred times, Q may call as rare as you like.",
                ),
                Option(
                    "at most 0.0008, by Pinsker read backwards",
                    "KL ≥ 2 TV² says that KL is at least 0.0008. It says nothing about how large "
                    "KL can be.",
                    "pinsker-both-ways",
                ),
                Option(
                    "at most log 2 = 0.693",
                    "That is the ceiling of Jensen–Shannon. KL has none.",
                    "kl-has-a-ceiling",
                ),
                Option(
                    "about 0.02, for both are small then",
                    "A small TV allows one rare outcome whose ratio p/q is enormous, and KL takes "
                    "the logarithm of that ratio.",
                    "tv-is-kl-sized",
                ),
            )
        ),
        reveal="P does something with probability 0.02 that Q never does: TV is 0.02 and KL "
        "infinite. Pinsker has no way back, unless the probabilities of Q have a floor.",
    ),
]


def _still_speaks(tenths) -> tuple[str, Choice]:
    """Which bound says something at so many tenths of a nat."""
    kl = tenths / 10
    first, second = math.sqrt(kl / 2), math.sqrt(1 - math.exp(-kl))
    return f"KL(P‖Q) is {kl:.1f} nats. Which bound on TV still says something?", Choice(
        (
            Option(
                "Pinsker's, √(KL/2)",
                f"It is {first:.2f}, and TV is never above 1.",
                "pinsker-always-speaks",
            ),
            Option(
                "neither: KL is too large",
                f"One of them does: TV is at most {second:.3f}.",
                "large-kl-no-bound",
            ),
            Option(
                "Bretagnolle and Huber's, √(1 − exp(−KL))",
                f"It is {second:.3f}: below 1, as for every finite KL.",
            ),
        )
    )


def _best_test(hundredths) -> tuple[str, Choice]:
    """The total error of the best test at so many hundredths of total variation."""
    tv = hundredths / 100
    return (
        f"TV(P, Q) is {tv:.2f}. You see one outcome and say whether it came from P or from Q. How "
        "small can type I and type II error be, added up?",
        Choice(
            (
                Option(f"{1 - tv:.2f}", "1 − TV: the best test says P where p > q."),
                Option(
                    f"{tv:.2f}",
                    "TV is what the best test gains, not what it loses: at TV = 1 no error is "
                    "left.",
                    "tv-is-the-error",
                ),
                Option(
                    f"{(1 - tv) / 2:.2f}",
                    "That is the mean of the two errors. Added up they are 1 − TV.",
                    "errors-halved",
                ),
            )
        ),
    )


def _flips(number) -> tuple[str, Choice]:
    """The KL of so many flips of which one has 0.02 nats."""
    total = 0.02 * number
    return (
        f"One flip of two coins has KL(P‖Q) = 0.02 nats. What is the KL of {number} independent "
        "flips?",
        Choice(
            (
                Option(
                    "0.02 nats: the coins are the same",
                    "Every flip adds its log ratio, and so its average.",
                    "kl-does-not-add-up",
                ),
                Option(
                    f"{0.02 * math.sqrt(number):.2f} nats",
                    f"Standard errors go with the root of {number}. Log ratios add up.",
                    "kl-grows-with-the-root",
                ),
                Option(f"{total:.1f} nats", "Likelihoods multiply, so log ratios add up."),
            )
        ),
    )


def _both_directions(first, second) -> tuple[str, Choice]:
    """Which of two directions, in hundredths of a nat, bounds the total variation."""
    low = min(first, second) / 100
    return (
        f"KL(P‖Q) is {first / 100:.2f} nats and KL(Q‖P) is {second / 100:.2f}. What does Pinsker "
        "say about TV(P, Q)?",
        Choice(
            (
                Option(
                    f"at most {math.sqrt(max(first, second) / 200):.3f}, by the larger of the two",
                    "True, but the smaller one says more.",
                    "larger-kl-is-safer",
                ),
                Option(
                    f"at most {math.sqrt(low / 2):.3f}, by the smaller of the two",
                    "TV is the same in both directions, so both KLs bound it.",
                ),
                Option(
                    "that depends on which of the two is the truth",
                    "TV does not know: it is symmetric.",
                    "tv-has-a-direction",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "13-still-speaks",
        *_still_speaks(25),
        vary=lambda random: _still_speaks(random.randrange(22, 46)),
    ),
    ReviewQuestion(
        "13-best-test",
        *_best_test(70),
        vary=lambda random: _best_test(random.choice([10, 20, 30, 40, 60, 80, 90])),
    ),
    ReviewQuestion(
        "13-flips",
        *_flips(25),
        vary=lambda random: _flips(random.choice([25, 100, 225, 400])),
    ),
    ReviewQuestion(
        "13-both-directions",
        *_both_directions(50, 18),
        vary=lambda random: _both_directions(*random.sample([8, 18, 32, 50, 72, 98], 2)),
    ),
    ReviewQuestion(
        "13-bits",
        "A tool prints KL in bits, and you put its number into √(KL/2) as it is. What comes out?",
        Choice(
            (
                Option("a true bound on TV, but not the best", "Bits are the larger number."),
                Option(
                    "the same bound: a unit does not matter",
                    "The constant ½ belongs to nats. Another unit needs another constant.",
                    "unit-is-a-name",
                ),
                Option(
                    "a bound that some pairs break",
                    "That would be the opposite error: a number in nats, converted as if it were "
                    "in bits. 1 nat is 1.443 bits, so here the bound came out too large.",
                    "unit-upside-down",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "13-l1",
        "A paper proves Σ|p − q| ≤ √(2 KL), with KL in nats. And this course says TV ≤ √(KL/2). "
        "Which is the stronger statement?",
        Choice(
            (
                Option(
                    "the paper's, since it bounds the whole sum",
                    "TV is half of that sum. Halve both sides and compare.",
                    "l1-is-another-bound",
                ),
                Option(
                    "the course's, since its bound is smaller",
                    "And so is what it bounds: TV is half of the sum.",
                    "l1-is-tv",
                ),
                Option("they are the same", "Half of √(2 KL) is √(KL/2)."),
            )
        ),
    ),
    ReviewQuestion(
        "13-tighter",
        "Of Pinsker's and Bretagnolle and Huber's bound on TV, which is the tighter one?",
        Choice(
            (
                Option(
                    "Pinsker's up to KL = 2 nats, then the other",
                    "At 2 nats Pinsker's is 1. The other became the smaller one before, at 1.594.",
                    "tighter-until-vacuous",
                ),
                Option(
                    "Pinsker's below KL = 1.594 nats, the other above",
                    "There the two curves cross, at a TV of 0.893.",
                ),
                Option(
                    "Bretagnolle and Huber's, since it is never above 1",
                    "For a small KL it is about √KL, and Pinsker's is √2 times smaller.",
                    "bounded-is-tighter",
                ),
            )
        ),
    ),
]
