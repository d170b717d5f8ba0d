"""Right answers in other words: other formulas, types and precisions."""

import heapq

import numpy as np
import pytest
from scipy import special, stats

from answers import RIGHT, notebook, wrapped
from klteach.practice.checker import check_answer
from klteach.practice.question import find_question


def logsumexp(x):
    return special.logsumexp(x)


def softmax_cross_entropy(p, q):
    with np.errstate(divide="ignore"):
        logits = np.log(q) + 3.0
    log_q = logits - logsumexp(logits)
    return -np.sum(p[p > 0] * log_q[p > 0])


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


def single(function):
    """The answer in single precision throughout."""

    def narrow(*arguments):
        arguments = [
            np.asarray(a, np.float32) if np.asarray(a).dtype.kind == "f" else a for a in arguments
        ]
        return np.asarray(function(*arguments), dtype=np.float32)

    return narrow


def as_list(function):
    return lambda *arguments: list(map(float, function(*arguments)))


def reference(name):
    return find_question(name).reference


RIGHT_FORMS = {
    "entropy_bits": {
        "scipy": lambda p: stats.entropy(p, base=2),
        "special.entr": lambda p: special.entr(p).sum() / np.log(2),
        "xlogy": lambda p: -special.xlogy(p, p).sum() / np.log(2),
        "nansum": lambda p: -np.nansum(p * np.log2(p)),
        "where": lambda p: -np.sum(np.where(p > 0, p * np.log2(np.where(p > 0, p, 1)), 0)),
        "loop": lambda p: -sum(x * np.log2(x) for x in p.tolist() if x > 0),
        "one over p": lambda p: sum(x * np.log2(1 / x) for x in p if x != 0),
        "log2 n minus KL": lambda p: np.log2(len(p))
        - stats.entropy(p, np.full(len(p), 1 / len(p)), base=2),
        "0-d array": lambda p: np.array(stats.entropy(p, base=2)),
        "python float": lambda p: float(stats.entropy(p, base=2)),
        "normalised first": lambda p: stats.entropy(p / p.sum(), base=2),
    },
    "kl": {
        "scipy": stats.entropy,
        "rel_entr": lambda p, q: special.rel_entr(p, q).sum(),
        "sum of kl_div": lambda p, q: special.kl_div(p, q).sum(),
        "xlogy": lambda p, q: np.sum(special.xlogy(p, p) - special.xlogy(p, q)),
        "cross-entropy minus entropy": lambda p, q: -special.xlogy(p, q).sum()
        - special.entr(p).sum(),
        "masked": lambda p, q: np.sum(np.where(p > 0, p * np.log(p / q), 0)),
        "logsumexp": lambda p, q: softmax_cross_entropy(p, q) - special.entr(p).sum(),
        "nansum": lambda p, q: np.nansum(p * np.log(p / q)),
        "loop": lambda p, q: sum(a * np.log(a / b) for a, b in zip(p, q, strict=True) if a > 0),
    },
    "cross_entropy": {
        "xlogy": lambda p, q: -special.xlogy(p, q).sum(),
        "logsumexp": softmax_cross_entropy,
        "kl plus entropy": lambda p, q: stats.entropy(p, q) + stats.entropy(p),
    },
    "kl_contributions": {
        "rel_entr": special.rel_entr,
        "masked": lambda p, q: np.where(p > 0, p * np.log(p / q), 0),
        "xlogy": lambda p, q: special.xlogy(p, p) - special.xlogy(p, q),
        "list": as_list(special.rel_entr),
        "tuple": lambda p, q: tuple(special.rel_entr(p, q)),
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
        "integers": lambda p: np.ceil(-np.log2(p)).astype(int),
        "list of integers": lambda p: [int(np.ceil(-np.log2(x))) for x in p],
        "huffman": huffman_lengths,
    },
    "shares": {
        "list": lambda counts: [c / sum(counts) for c in counts],
        "mean": lambda counts: counts / counts.mean() / len(counts),
    },
    "kelly_growth": {
        "loop": lambda p, q, winners: sum(np.log(p[w] / q[w]) for w in winners) / len(winners),
        "counted": lambda p, q, winners: np.bincount(winners, minlength=len(p))
        @ np.log(p / q)
        / len(winners),
    },
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        pytest.param(name, answer, id=f"{name}: {form}")
        for name, forms in RIGHT_FORMS.items()
        for form, answer in forms.items()
    ],
)
def test_an_equivalent_form_passes(name, answer):
    feedback = check_answer(find_question(name), wrapped(name, answer))
    assert feedback.state == "correct", str(feedback)


@pytest.mark.parametrize("name", RIGHT)
def test_the_typed_answer_passes(name):
    assert check_answer(find_question(name), notebook(RIGHT[name])).state == "correct"


SINGLE = {
    "entropy_bits": RIGHT_FORMS["entropy_bits"]["where"],
    "kl": RIGHT_FORMS["kl"]["masked"],
    "cross_entropy": RIGHT_FORMS["cross_entropy"]["xlogy"],
    "kl_contributions": RIGHT_FORMS["kl_contributions"]["masked"],
    "to_bits": lambda x: x / np.float32(np.log(2)),
    "expected_length": RIGHT_FORMS["expected_length"]["dot"],
    "shares": lambda counts: counts / np.float32(counts.sum()),
    "kelly_growth": lambda p, q, winners: np.mean(np.log(p / q)[winners]),
}


@pytest.mark.parametrize("name", SINGLE)
def test_single_precision_passes(name):
    feedback = check_answer(find_question(name), wrapped(name, single(SINGLE[name])))
    assert feedback.state == "correct", str(feedback)


def test_double_precision_is_not_forgiven_what_single_precision_is():
    off = lambda p, q: stats.entropy(p, q) * (1 + 3e-5)  # noqa: E731
    question = find_question("kl")
    assert check_answer(question, wrapped("kl", single(off))).state == "correct"
    assert check_answer(question, wrapped("kl", off)).state == "almost"


def test_an_answer_may_use_other_names_of_its_notebook():
    names = notebook(
        """
def surprise(p):
    return -np.log2(p)

def entropy_bits(p):
    return sum(x * surprise(x) for x in p if x > 0)
"""
    )
    assert check_answer(find_question("entropy_bits"), names).state == "correct"


def test_minus_zero_and_infinity_are_values_like_others():
    def kl(p, q):
        value = stats.entropy(p, q)
        return -0.0 if value == 0 else value

    assert check_answer(find_question("kl"), {"kl": kl}).state == "correct"
