"""The question of unit 00: counts become shares."""

import numpy as np

from klteach.practice.inputs import counts
from klteach.practice.question import Mistake, Question, case
from klteach.practice.returns import ARRAY


def shares_of(counts):
    return counts / counts.sum()


def _min_max(counts):
    span = counts.max() - counts.min()
    return (counts - counts.min()) / span if span else 0.0 * counts


def _standard_scores(counts, ddof=0):
    deviation = counts.std(ddof=ddof)
    return (counts - counts.mean()) / deviation if deviation else 0.0 * counts


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
        tolerance=1e-10,  # so that a small number added to the total shows
        mistakes=[
            Mistake(
                "divided by the number of kinds",
                lambda counts: counts / len(counts),
                "You divided by how many kinds there are. A share is a part of the total: add the "
                "counts up first.",
            ),
            Mistake(
                "divided by the mean",
                lambda counts: counts / counts.mean(),
                "This is each count over the mean count, n times the share: a kind that is as "
                "frequent as the average comes out as 1. A share is a part of the total.",
            ),
            Mistake(
                "divided by the largest",
                lambda counts: counts / counts.max(),
                "These are the counts as parts of the largest one, which comes out as 1. Shares "
                "add up to 1 together: they are parts of the total.",
            ),
            Mistake(
                "divided by the first",
                lambda counts: counts / (counts[0] or 1),
                "You divided by the first count. A share is a part of the total: add the counts up "
                "first.",
            ),
            Mistake(
                "one more or less",
                (
                    lambda counts: counts / (counts.sum() + 1),
                    lambda counts: counts / (counts.sum() - 1),
                ),
                "The total is off by one. Divide by the sum of the counts as it is.",
            ),
            Mistake(
                "divided twice",
                lambda counts: counts / counts.sum() / len(counts),
                "You divided by the total, and by the number of kinds as well. Shares add up to 1, "
                "and these to 1/n.",
            ),
            Mistake(
                "per cent",
                lambda counts: 100 * counts / counts.sum(),
                "These are per cent: they add up to 100. Shares add up to 1.",
            ),
            Mistake(
                "rounded to whole numbers",
                (
                    lambda counts: counts // counts.sum(),
                    lambda counts: np.round(counts / counts.sum()),
                ),
                "Only whole numbers came out. Is there a `//` in the place of `/`, a rounding, or "
                "an array with `dtype=int`? Each throws the fraction away.",
            ),
            Mistake(
                "an array of whole numbers",
                lambda counts: shares_of(counts).astype(counts.dtype),
                "Only whole numbers came out, but for counts that are floats. An array made by "
                "`np.zeros_like(counts)`, or a copy of `counts`, is as whole as the counts are and "
                "cuts every fraction off. Make it of floats: `np.zeros(len(counts))`.",
            ),
            Mistake(
                "total over count",
                lambda counts: counts.sum() / counts,
                "Upside down: you divided the total by each count. A share is never above 1.",
            ),
            Mistake(
                "one minus",
                lambda counts: 1 - counts / counts.sum(),
                "This is 1 minus each share, which belongs to all the other kinds together.",
            ),
            Mistake(
                "odds",
                lambda counts: counts / (counts.sum() - counts),
                "These are odds: each count over the sum of the others. The total has the count "
                "itself in it, too.",
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
                "squares",
                lambda counts: counts**2 / np.sum(counts**2),
                "These are the shares of the squared counts. A share goes up with the count, not "
                "with its square.",
            ),
            Mistake(
                "min-max scaling",
                _min_max,
                "You subtracted the smallest count and divided by the largest less the smallest, "
                "which scales to the range from 0 to 1. Shares keep the ratios of the counts and "
                "add up to 1.",
            ),
            Mistake(
                "standard scores",
                (_standard_scores, lambda counts: _standard_scores(counts, ddof=1)),
                "You subtracted the mean and divided by the standard deviation, which gives scores "
                "around 0. A share is a part of the total and never negative.",
            ),
            Mistake(
                "sorted",
                (
                    lambda counts: np.sort(counts) / counts.sum(),
                    lambda counts: np.sort(counts)[::-1] / counts.sum(),
                ),
                "The shares are sorted by size. Each one has to stand where its count stood.",
            ),
            Mistake(
                "running total",
                lambda counts: np.cumsum(counts) / counts.sum(),
                "These add up on the way: each number is the share of its kind and of all before "
                "it. Each share is one count over the total.",
            ),
            Mistake(
                "softmax",
                lambda counts: np.exp(counts - counts.max()) / np.exp(counts - counts.max()).sum(),
                "This is a softmax. Counts are no logarithms: twice the count is twice the share.",
            ),
            Mistake(
                "smoothed",
                (
                    lambda counts: (counts + 1) / (counts + 1).sum(),
                    lambda counts: (counts + 0.5) / (counts + 0.5).sum(),
                    lambda counts: (counts + 1) / counts.sum(),
                    lambda counts: (counts + 1) / (counts.sum() + 1),
                ),
                "Something was added to every count. That is smoothing, the subject of unit 04; "
                "here a count of 0 gives a share of 0.",
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
