"""Answers to the questions of unit 01: right in other words, and wrong."""

import heapq

import numpy as np
from scipy import special, stats


def huffman_lengths(p):
    """Lengths of an optimal prefix code: shorter than the rounded surprises."""
    heap = [(x, i, [i]) for i, x in enumerate(p)]
    heapq.heapify(heap)
    lengths, fresh = [0] * len(p), len(p)
    while len(heap) > 1:
        a, b = heapq.heappop(heap), heapq.heappop(heap)
        for i in a[2] + b[2]:
            lengths[i] += 1
        heapq.heappush(heap, (a[0] + b[0], fresh, a[2] + b[2]))
        fresh += 1
    return lengths


# the same in other formulas, types and precisions
RIGHT_FORMS = {
    "entropy_bits": {
        "scipy": lambda p: stats.entropy(p, base=2),
        "special.entr": lambda p: special.entr(p).sum() / np.log(2),
        "xlogy": lambda p: -special.xlogy(p, p).sum() / np.log(2),
        "nansum": lambda p: -np.nansum(p * np.log2(p)),
        "where": lambda p: -np.sum(np.where(p > 0, p * np.log2(np.where(p > 0, p, 1)), 0)),
        "loop": lambda p: -sum(x * np.log2(x) for x in p.tolist() if x > 0),
        "one over p": lambda p: sum(x * np.log2(1 / x) for x in p if x != 0),
        "log2 n minus KL": lambda p: (
            np.log2(len(p)) - stats.entropy(p, np.full(len(p), 1 / len(p)), base=2)
        ),
        "0-d array": lambda p: np.array(stats.entropy(p, base=2)),
        "python float": lambda p: float(stats.entropy(p, base=2)),
        "normalised first": lambda p: stats.entropy(p / p.sum(), base=2),
    },
    "to_bits": {
        "log2 e": lambda x: x * np.log2(np.e),
        "list": lambda x: (np.asarray(x) / np.log(2)).tolist(),
    },
    "expected_length": {
        "dot": lambda p, lengths: p @ lengths,
        "average": lambda p, lengths: np.average(lengths, weights=p),
    },
    "code_lengths": {
        "floats": lambda p: np.ceil(-np.log2(p)),
        "list of integers": lambda p: [int(np.ceil(-np.log2(x))) for x in p],
        "huffman": huffman_lengths,
    },
}

SINGLE_PRECISION = {
    "entropy_bits": RIGHT_FORMS["entropy_bits"]["where"],
    "to_bits": lambda x: x / np.float32(np.log(2)),
    "expected_length": RIGHT_FORMS["expected_length"]["dot"],
}

# the question, what is replaced in its right answer, by what, and what is recognised
TYPED_MISTAKES = [
    ("entropy_bits", "np.log2(used)", "np.log2(used + 1e-9)", "small number added"),
    ("entropy_bits", "-np.sum(used * np.log2(used))", "-np.sum(p * np.log2(p))", None),
    ("entropy_bits", "np.log2", "np.log", "nats"),
    ("entropy_bits", "-np.sum", "np.sum", "sign"),
    ("entropy_bits", "used * np.log2(used)", "np.log2(used)", "weights missing"),
    ("to_bits", "/ np.log(2)", "* np.log(2)", "multiplied"),
    ("expected_length", "np.asarray(p, dtype=float) * np.asarray(lengths, dtype=float)", "lengths",
     "sum of lengths"),
    ("code_lengths", "np.ceil", "np.floor", "rounded down"),
    ("code_lengths", "np.ceil(surprise).astype(int)", "surprise", "not rounded"),
    ("code_lengths", "np.ceil(surprise)", "surprise", "rounded down"),
]  # fmt: skip
