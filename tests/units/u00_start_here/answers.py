"""Answers to the questions of unit 00: right in other words, and wrong."""

import numpy as np

# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "shares": {
        "list": lambda counts: [c / sum(counts) for c in counts],
        "mean": lambda counts: counts / counts.mean() / len(counts),
    },
}

SINGLE_PRECISION = {
    "shares": lambda counts: counts / np.float32(counts.sum()),
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("shares", "np.sum(counts)", "len(counts)", "divided by the number of kinds"),
    ("shares", "np.sum(counts)", "counts.max()", "divided by the largest"),
    ("shares", "counts / ", "100 * counts / ", "per cent"),
]
