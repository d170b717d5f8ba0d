"""Unit 08: predictions and review questions on what a summary keeps of KL."""

from klteach.practice.quiz.items import Choice, Option, Prediction, ReviewQuestion

PREDICTIONS = [
    Prediction(
        "08-embedding",
        "Images of two weeks are compared. Between the histograms of their brightness KL is 0.02 "
        "nats; between the clusters of an embedding, a vector that a network makes of each image, "
        "it is 0.30 nats. How large is the KL between the images themselves?",
        Choice(
            (
                Option(
                    "0.02 nats: the other 0.28 were added by the network",
                    "The network treats both weeks by one rule, and such a rule adds nothing.",
                    "summary-adds-divergence",
                ),
                Option(
                    "something between 0.02 and 0.30 nats",
                    "Neither of the two knows everything about an image, so neither is an upper "
                    "bound.",
                    "summaries-enclose",
                ),
                Option(
                    "0.30 nats or more",
                    "Both are summaries of the images, and a summary never has more KL than what "
                    "it was made from.",
                ),
                Option(
                    "that cannot be: a network cannot find more than there is in the brightness",
                    "It could not if it saw the brightness alone. It is made from the image, and "
                    "the histogram of brightness is another summary of it.",
                    "one-summary-bounds-another",
                ),
            )
        ),
        reveal="At least 0.30 nats. Whatever is made from the rows by one rule for both sides has "
        "a KL of at most that of the rows; so every summary gives a lower bound, and the largest "
        "of them says most. Nothing follows from one summary about another.",
    ),
    Prediction(
        "08-cut",
        "P = N(0, 1) and Q = N(1, 1); the curves cross at ½. Of each x a monitor keeps one bit: "
        "below the cut or above it. Which cut keeps most of KL(P‖Q)?",
        Choice(
            (
                Option(
                    "the one at ½, where the curves cross",
                    "There total variation is largest. KL(P‖Q) weighs a cell by P, and leans to "
                    "one side.",
                    "best-cut-at-crossing",
                ),
                Option(
                    "one to the left of ½, nearer to the middle of P",
                    "By a little: the best one stands at 0.206 and keeps 0.319 nats, the one at ½ "
                    "keeps 0.309.",
                ),
                Option(
                    "one to the right of ½, nearer to the middle of Q",
                    "That is the best place for the other direction, KL(Q‖P).",
                    "best-cut-other-side",
                ),
                Option(
                    "one far out on the left, where p/q is largest",
                    "There the ratio is large and hardly anything of P. A cell counts as often as "
                    "P falls into it.",
                    "best-cut-in-the-tail",
                ),
            )
        ),
        reveal="To the left: at 0.206 the cut keeps 0.319 nats of KL(P‖Q), at ½ 0.309. For KL(Q‖P) "
        "the best cut is the mirror image, at 0.794. At ½ total variation is largest, and the two "
        "directions added up. The first draft of this course had ½; a second computation found "
        "the other.",
    ),
    Prediction(
        "08-heads",
        "A coin is flipped 100 times. P says that it is fair, Q that it shows heads eight times in "
        "ten. You keep the number of heads and throw the flips away. How much of KL(P‖Q) is left?",
        Choice(
            (
                Option(
                    "about a hundredth",
                    "It is not how many numbers are kept that matters, but whether sequences with "
                    "different ratios p/q were put together.",
                    "fewer-numbers-less-kl",
                ),
                Option(
                    "most of it, but not what the order says",
                    "Under P and under Q alike all orders of the same flips are equally likely. "
                    "Order says nothing about which of the two it was.",
                    "order-carries",
                ),
                Option(
                    "all of it",
                    "p/q of a sequence depends on the number of heads alone, so nothing that "
                    "differs was put together.",
                ),
                Option(
                    "none",
                    "The number of heads is an outcome like any other, with one distribution under "
                    "P and another one under Q.",
                    "statistic-has-no-kl",
                ),
            )
        ),
        reveal="All of it. Sequences with the same number of heads have the same p/q, and merging "
        "equal ratios costs nothing. Such a summary is called sufficient.",
    ),
]


def _impossible(hundredths) -> tuple[str, Choice]:
    """What a histogram of rows with so many hundredths of a nat cannot have."""
    rows = hundredths / 100
    return (
        f"The rows of two weeks have a KL of {rows:.2f} nats. Which value can no histogram of them "
        "have?",
        Choice(
            (
                Option(
                    "0",
                    "It can: if the difference lies inside the cells, their shares are equal.",
                    "quiet-is-equal",
                ),
                Option(
                    f"{rows:.2f} nats, all of it",
                    "It can: if p/q is the same throughout each cell, nothing is lost.",
                    "summary-always-loses",
                ),
                Option(
                    f"{1.5 * rows:.2f} nats",
                    "No summary has more KL than what it was made from.",
                ),
            )
        ),
    )


def _alarm(hundredths) -> tuple[str, Choice]:
    """What so many hundredths of a nat between cells say about the rows."""
    cells = hundredths / 100
    return (
        f"Counted on so many rows that noise does not matter, a histogram has a KL of {cells:.2f} "
        "nats. What does that say about the KL of the rows?",
        Choice(
            (
                Option(
                    f"it is at least {cells:.2f} nats",
                    "Cells can only lose, so what they show is a lower bound.",
                ),
                Option(
                    f"it is at most {cells:.2f} nats",
                    "The other way round: what the cells merged is not seen in them.",
                    "cells-bound-the-rows",
                ),
                Option(
                    f"it is about {cells:.2f} nats, if there are ten cells or more",
                    "Ten cells in the wrong places keep next to nothing. How many there are does "
                    "not settle it.",
                    "many-cells-suffice",
                ),
            )
        ),
    )


def _noise(percent) -> tuple[str, Choice]:
    """What happens to KL if so many percent of all answers are replaced at random."""
    return (
        f"In a survey {percent} % of all answers, in both groups alike, are replaced by random "
        "ones. What happens to the KL between the groups?",
        Choice(
            (
                Option(
                    "it grows: noise makes the groups differ more",
                    "The noise is the same for both, so it hides differences and makes none.",
                    "noise-adds-divergence",
                ),
                Option(
                    "it falls, or stays if it was 0",
                    "Noise by the same rule for both is a channel, and this one mixes outcomes "
                    "whose ratios differ.",
                ),
                Option(
                    "it stays: the same was done to both",
                    "Both come nearer to the same random answers, and so to each other.",
                    "same-treatment-keeps-kl",
                ),
            )
        ),
    )


REVIEW = [
    ReviewQuestion(
        "08-impossible",
        *_impossible(40),
        vary=lambda random: _impossible(random.choice([12, 20, 26, 34, 52, 80])),
    ),
    ReviewQuestion(
        "08-alarm",
        *_alarm(15),
        vary=lambda random: _alarm(random.choice([8, 12, 24, 31, 45])),
    ),
    ReviewQuestion(
        "08-noise",
        *_noise(10),
        vary=lambda random: _noise(random.choice([5, 15, 20, 30])),
    ),
    ReviewQuestion(
        "08-quiet",
        "Week after week the shares of ten cells stay exactly the same. What does that prove about "
        "the rows?",
        Choice(
            (
                Option(
                    "that they have not drifted",
                    "Inside each cell they may have moved as they like.",
                    "quiet-is-equal",
                ),
                Option(
                    "that their KL is small, at most the log of ten",
                    "It may even be infinite: inside a cell P may do what Q never does.",
                    "cells-bound-the-rows",
                ),
                Option(
                    "nothing about what goes on inside the cells",
                    "Equal shares make a KL of 0 between the cells. The rows have that or more.",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "08-finite",
        "KL(P‖Q) is infinite, since Q rules out one outcome of P. Now that outcome is merged with "
        "its neighbour, which both allow. What is the KL of the merged outcomes?",
        Choice(
            (
                Option(
                    "finite, if that was the only such outcome",
                    "The cell has mass under Q now. The infinity was lost, not mended.",
                ),
                Option(
                    "infinite still: what was infinite stays so",
                    "A channel may lose any amount, an infinite one too.",
                    "infinity-survives",
                ),
                Option(
                    "undefined, infinity less something",
                    "It is computed from the merged shares alone, and those have no zero.",
                    "infinity-is-undefined",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "08-sufficient",
        "A coin is flipped 20 times; P and Q are two different coins, neither of them sure. Which "
        "of these loses something of KL(P‖Q)?",
        Choice(
            (
                Option(
                    "the number of heads",
                    "p/q of a sequence depends on nothing else.",
                    "order-carries",
                ),
                Option(
                    "whether there were more than ten heads",
                    "Eleven heads and twenty heads are put together, and their p/q differ.",
                ),
                Option(
                    "the flips, shuffled",
                    "Shuffling knows nothing of the coin, and the number of heads survives it.",
                    "noise-always-loses",
                ),
            )
        ),
    ),
    ReviewQuestion(
        "08-direction",
        "Between N(0, 1) and N(1, 1) one cut is the best for KL(P‖Q). Is it the best for KL(Q‖P) "
        "as well?",
        Choice(
            (
                Option(
                    "yes, for the two KLs are equal here",
                    "The KLs of the numbers are, 0.5 nats each. What a cut keeps of them is not.",
                    "one-summary-for-both",
                ),
                Option(
                    "yes: both are best where the curves cross",
                    "Total variation is. Each direction of KL leans towards the one who supplies "
                    "its samples.",
                    "best-cut-at-crossing",
                ),
                Option(
                    "no: it is the mirror image that is",
                    "0.206 for the one, 0.794 for the other.",
                ),
            )
        ),
    ),
]
