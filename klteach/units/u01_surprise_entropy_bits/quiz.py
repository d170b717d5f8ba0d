"""Unit 01: predictions and review questions on surprise, entropy, bits and nats."""

import math

from klteach.practice.quiz.items import (
    Band,
    Choice,
    Number,
    Option,
    Prediction,
    ReviewQuestion,
)

PREDICTIONS = [
    Prediction(
        "01-peak",
        "A symbol of probability p adds −p log p to the entropy. For which p does it add most?",
        Number(
            truth=0.367879441171,
            tolerance=0.02,
            low=0.0,
            high=1.0,
            label="p =",
            out_of_range="A probability lies between 0 and 1.",
            says="You found the balance between rare and cheap.",
            bands=(
                Band(
                    0.48,
                    0.52,
                    "At ½ a coin is most uncertain. But a coin has two symbols, and at ½ each of "
                    "them adds 0.347 nats, less than the 0.368 at the peak.",
                    "half-is-the-peak",
                ),
                Band(
                    0.0,
                    0.2,
                    "So rare a symbol surprises a lot, but it comes too seldom to add much: "
                    "0.230 nats at p = 0.1.",
                    "rarest-costs-most",
                ),
                Band(
                    0.52,
                    1.0,
                    "So likely a symbol comes often, but it hardly surprises: "
                    "0.095 nats at p = 0.9.",
                    "likeliest-costs-most",
                ),
                Band(
                    0.2,
                    0.52,
                    "Close: the curve is flat up here, so little is lost, but this is not the "
                    "peak.",
                    "peak-in-the-neighbourhood",
                ),
            ),
        ),
        reveal="The peak is at p = 1/e ≈ 0.368. The slope of −p log p is −log p − 1, and that is "
        "zero where log p = −1. Rarer symbols surprise more but come too seldom; likelier ones "
        "come often and surprise little. Bits or nats change the height of the curve, not the "
        "place of its peak.",
    ),
    Prediction(
        "01-die",
        "Which is more uncertain: the roll of one fair die, or the toss of two fair coins, one "
        "after the other?",
        Choice(
            (
                Option(
                    "two fair coins",
                    "Two things are thrown, but they can fall in 4 ways only; a die falls in 6.",
                    "more-things-more-entropy",
                ),
                Option("one fair die", "Six equally likely outcomes against four."),
                Option(
                    "both the same, since both are fair",
                    "Fair means that the outcomes are equally likely. How many there are decides.",
                    "all-fair-is-equal",
                ),
            )
        ),
        reveal="n equally likely outcomes have entropy log n. The die has log₂ 6 = 2.585 bits, the "
        "two coins have log₂ 4 = 2 bits: 1 bit each, and the bits of independent things add up.",
    ),
]


def _one_in(number) -> tuple[str, Choice]:
    bits = number.bit_length() - 1
    heads = ("two", "three", "four", "five")[bits - 2]
    return f"An outcome has probability 1/{number}. How large is its surprise in bits?", Choice(
        (
            Option(
                f"{number}",
                "That is 1/p. The surprise is its logarithm.",
                "surprise-is-one-over-p",
            ),
            Option(
                f"{math.log(number):.2f}",
                f"That is log {number} with the natural logarithm, so it is in nats.",
                "nats-for-bits",
            ),
            Option(f"{bits}", f"log₂ {number} = {bits}: as surprising as {heads} heads in a row."),
        )
    )


def _in_nats(bits) -> tuple[str, Choice]:
    nats = f"{bits * math.log(2):.3f}"
    return f"An entropy of {nats} nats is how many bits?", Choice(
        (
            Option(
                f"{float(nats) * math.log(2):.3f}",
                "Divide by log 2 = 0.693, do not multiply.",
                "unit-upside-down",
            ),
            Option(
                f"{bits}",
                f"{nats} / 0.693 = {bits}. Bits are smaller than nats, so there are more.",
            ),
            Option(
                nats, "A bit is 0.693 nats, so the number changes with the unit.", "unit-is-a-name"
            ),
        )
    )


REVIEW = [
    ReviewQuestion(
        "01-one-in-eight", *_one_in(8), vary=lambda random: _one_in(random.choice([4, 8, 16, 32]))
    ),
    ReviewQuestion(
        "01-half-as-likely",
        "One outcome is half as likely as another. It is …",
        Choice(
            (
                Option("one bit more surprising", "log₂ 2 = 1: each halving adds one bit."),
                Option(
                    "twice as surprising",
                    "The surprise is a logarithm: a factor of 2 in p adds 1 bit.",
                    "surprise-is-linear",
                ),
                Option(
                    "one nat more surprising",
                    "A factor of 2 adds log 2 = 0.693 nats, which is 1 bit.",
                    "bits-for-nats",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "01-never-occurs",
        "What does a symbol with p = 0 add to the entropy?",
        Choice(
            (
                Option(
                    "infinity, since log 0 is infinite",
                    "p goes to 0 faster than log p goes to −∞: the product goes to 0.",
                    "zero-is-infinite",
                ),
                Option(
                    "nan, so the entropy is undefined",
                    "That is what 0 * log(0) gives in floating point. The limit is 0: mask it.",
                    "zero-is-undefined",
                ),
                Option("nothing", "A symbol that never occurs costs nothing."),
            )
        ),
    ),
    ReviewQuestion(
        "01-nats-to-bits", *_in_nats(2), vary=lambda random: _in_nats(random.choice([2, 3, 4, 5]))
    ),
    ReviewQuestion(
        "01-most-uncertain",
        "Which of these has the largest entropy?",
        Choice(
            (
                Option("(0.25, 0.25, 0.25, 0.25)", "Equal shares are the most uncertain: 2 bits."),
                Option(
                    "(0.97, 0.01, 0.01, 0.01)",
                    "The rare ones surprise, but almost always it is the first: 0.24 bits.",
                    "skewed-is-uncertain",
                ),
                Option(
                    "(0.4, 0.3, 0.2, 0.1)",
                    "Shares that differ help you to guess: 1.85 bits, against 2 for equal ones.",
                    "variety-is-uncertain",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "01-dyadic-code",
        "A source has the shares (1/2, 1/4, 1/8, 1/8). What does its best prefix code need on "
        "average?",
        Choice(
            (
                Option(
                    "2 bits, for four symbols",
                    "That is a code of fixed length. Short words for frequent symbols do better.",
                    "fixed-length-code",
                ),
                Option(
                    "2.25 bits",
                    "The lengths are 1, 2, 3, 3, but they are not used equally often: weight them.",
                    "unweighted-mean",
                ),
                Option("1.75 bits", "Lengths 1, 2, 3, 3, weighted by the shares: the entropy."),
            )
        ),
    ),
    ReviewQuestion(
        "01-kraft",
        "Is there a prefix code whose codewords have the lengths 1, 1 and 2?",
        Choice(
            (
                Option("no", "1/2 + 1/2 + 1/4 = 1.25 is more than 1: two codewords collide."),
                Option(
                    "yes",
                    "0 and 1 use up everything: whatever begins with either is taken. Kraft's sum "
                    "is 1.25, and must be at most 1.",
                    "kraft-forgotten",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "01-certain",
        "One symbol has probability 1. What is the entropy of the source?",
        Choice(
            (
                Option(
                    "1",
                    "The probability is 1, its logarithm is 0: nothing is uncertain.",
                    "certainty-is-one",
                ),
                Option("0", "No surprise is left: log 1 = 0."),
                Option(
                    "infinite, because of the others",
                    "The others never occur, and cost nothing.",
                    "zero-is-infinite",
                ),
            )
        ),
    ),
]
