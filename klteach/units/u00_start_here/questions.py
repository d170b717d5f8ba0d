"""The question of unit 00: counts become shares."""

import numpy as np

from klteach.practice.inputs import counts
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import ARRAY


def shares_of(counts):
    return counts / counts.sum()


QUESTIONS = [
    Question(
        "shares",
        points=1,
        reference=shares_of,
        returns=ARRAY,
        visible=[
            case([3, 1], label="three of one kind and one of another"),
            case([2, 0, 6]),
            case([5.0, 5.0, 5.0, 5.0]),
        ],
        inputs=[counts()],
        mistakes=[
            Mistake(
                "divided by the number of kinds",
                lambda counts: counts / len(counts),
                "You divided by how many kinds there are. A share is a part of the total: add the "
                "counts up first.",
            ),
            Mistake(
                "divided by the largest",
                lambda counts: counts / counts.max(),
                "You divided by the largest count, so the largest share comes out as 1. Shares add "
                "up to 1 together.",
            ),
            Mistake(
                "per cent",
                lambda counts: 100 * counts / counts.sum(),
                "These are per cent: they add up to 100. Shares add up to 1.",
            ),
            Mistake(
                "rounded down",
                (
                    lambda counts: counts // counts.sum(),
                    lambda counts: np.round(counts / counts.sum()),
                ),
                "Only whole numbers came out. Was it `//`, which throws the fraction away, where "
                "`/` was meant?",
            ),
            Mistake(
                "total over count",
                lambda counts: counts.sum() / counts,
                "Upside down: you divided the total by each count. A share is never above 1.",
            ),
            Mistake(
                "unchanged",
                lambda counts: counts * 1.0,
                "These are still the counts. Divide them by something, so that they add up to 1.",
            ),
            Mistake(
                "unit length",
                lambda counts: counts / np.sqrt(np.sum(counts**2)),
                "You divided by the length of the vector, so the squares add up to 1. It is the "
                "shares themselves that should.",
            ),
            Mistake(
                "softmax",
                lambda counts: np.exp(counts - counts.max()) / np.exp(counts - counts.max()).sum(),
                "This is a softmax. Counts are no log-odds: twice the count is twice the share.",
            ),
            Mistake(
                "smoothed",
                lambda counts: (counts + 1) / (counts + 1).sum(),
                "One was added to every count. That is smoothing, the subject of unit 04; here a "
                "count of 0 gives a share of 0.",
            ),
        ],
        hints=[
            "If 3 of 4 marbles are red, which share is red, and what did you divide by?",
            "share[i] = counts[i] / Σ counts",
            "`return counts / counts.sum()`",
        ],
        insight="Shares add up to 1, whatever the counts: they are a distribution now.",
        lesson="00_start_here",
        section="Three verbs",
    )
]
