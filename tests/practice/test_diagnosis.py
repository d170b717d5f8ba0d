"""Each row of the structural diagnosis: what it names, and what it must not name."""

import inspect
from dataclasses import replace
from functools import wraps

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice import diagnosis
from klteach.practice.checker import check_answer
from klteach.practice.diagnosis import Evidence, diagnose
from klteach.practice.question import case
from klteach.units.lookup import questions
from tests.practice.typed_answers import notebook, wrapped

# The questions without their named mistakes, so that the rows have to do the work.
PLAIN = {name: replace(question, mistakes=()) for name, question in questions().items()}


def entropy(p):
    return stats.entropy(p, base=2)


def kl(p, q):
    return stats.entropy(p, q)


def cross(p, q):
    return -special.xlogy(p, q).sum()


def jensen_shannon(p, q):
    return (kl(p, (p + q) / 2) + kl(q, (p + q) / 2)) / 2


def growing(p, memory=[]):  # noqa: B006
    memory.append(1)
    return entropy(p) + len(memory)


def kl_sorted(p, q):
    return kl(np.sort(p), np.sort(q))


def growth_by_a_long_product(p, q, winners):
    return np.log(np.prod((p / q)[winners])) / len(winners)


def zero_rows_cost_one(p, q):
    return kl(p, q) + np.count_nonzero(p == 0)


def finite_only(p, q):
    """Right but where q = 0 < p."""
    return np.sum(np.where(q > 0, special.rel_entr(p, np.where(q > 0, q, 1)), 0))


ROWS = [
    # the row that is found, the question, an answer, words of the message
    ("not_repeatable", "entropy_bits", growing, "two different values"),
    ("always_the_same", "entropy_bits", lambda p: 1.75, "whatever goes in"),
    ("always_the_same", "kl", lambda p, q: 0.0, "whatever goes in"),
    ("sign", "entropy_bits", lambda p: -entropy(p), "sign"),
    ("sign", "kl", lambda p, q: -kl(p, q), "log(q/p)"),
    ("sign", "kl_contributions", lambda p, q: -special.rel_entr(p, q), "sign"),
    ("unit_of_the_logarithm", "entropy_bits", stats.entropy, "nats"),
    ("unit_of_the_logarithm", "entropy_bits", lambda p: stats.entropy(p, base=10), "base 10"),
    ("unit_of_the_logarithm", "entropy_bits", lambda p: entropy(p) / np.log(2), "once too often"),
    ("unit_of_the_logarithm", "entropy_bits", lambda p: -stats.entropy(p), "sign is off as well"),
    ("unit_of_the_logarithm", "kl", lambda p, q: kl(p, q) / np.log(2), "bits"),
    ("unit_of_the_logarithm", "kl", lambda p, q: kl(p, q) / np.log(10), "base 10"),
    ("unit_of_the_logarithm", "kl", lambda p, q: kl(p, q) * np.log(2), "multiplied by log 2"),
    ("unit_of_the_logarithm", "to_bits", lambda x: x, "log 2"),
    ("mean_for_sum", "entropy_bits", lambda p: entropy(p) / len(p), "mean"),
    ("mean_for_sum", "kl", lambda p, q: kl(p, q) / len(p), "mean"),
    ("mean_for_sum", "kl_contributions", lambda p, q: special.rel_entr(p, q) / len(p), "mean"),
    ("some_factor", "kl", lambda p, q: 2 * kl(p, q), "same factor"),
    ("some_factor", "shares", lambda counts: 100 * counts / counts.sum(), "same factor"),
    ("constant_added", "entropy_bits", lambda p: entropy(p) + 1, "same amount"),
    ("constant_added", "cross_entropy", lambda p, q: cross(p, q) - 0.5, "same amount"),
    ("zeros_in_p", "kl", zero_rows_cost_one, "wrong where some p is 0"),
    ("only_infinity_missing", "kl", finite_only, "q = 0"),
    ("order_of_outcomes", "kl", lambda p, q: special.rel_entr(p, np.sort(q)).sum(), "sorted"),
    ("order_of_outcomes", "kl", lambda p, q: special.rel_entr(p, q)[:-1].sum(), "cut off"),
    (
        "order_of_outcomes",
        "kl_contributions",
        lambda p, q: np.cumsum(special.rel_entr(p, q)),
        "another order",
    ),
    ("not_zero_at_equality", "kl", lambda p, q: kl(p, q) + 1e-6, "small number"),
    ("not_zero_at_equality", "kl", lambda p, q: kl(p, q) + np.sum(p**2), "left over"),
    ("symmetric", "kl", jensen_shannon, "change places"),
    ("symmetric", "kl", lambda p, q: np.abs(p - q).sum(), "change places"),
    ("negative", "kl", lambda p, q: np.sum(q * p) - np.sum(p * p), "Gibbs"),
    ("negative", "entropy_bits", lambda p: -np.sum(p * np.log2(p + 3e-7)), "by a hair"),
    ("negative", "entropy_bits", lambda p: entropy(p) - np.sum(p**2), "never is"),
    ("last_argument_unused", "cross_entropy", lambda p, q: 1 + np.sum(p**2), "used at all"),
    ("last_argument_unused", "kl", kl_sorted, "sorted"),
    ("overflow", "kelly_growth", growth_by_a_long_product, "long product"),
    ("infinity_missing", "cross_entropy", lambda p, q: np.sum(p * (2 - q) ** 2), "removed"),
]


@pytest.mark.parametrize(
    ("row", "name", "answer", "words"),
    [pytest.param(*row, id=f"{row[0]} {number}") for number, row in enumerate(ROWS)],
)
def test_a_row_of_the_table(row, name, answer, words):
    feedback = check_answer(PLAIN[name], wrapped(name, answer))
    assert feedback.state == "diagnosed", str(feedback)
    assert feedback.mistake == row.replace("_", " "), str(feedback)
    assert words in feedback.message
    assert "Yours" in feedback.evidence
    assert feedback.score == 0


def test_every_row_has_a_test():
    assert {row[0] for row in ROWS} == {row.__name__ for row in diagnosis.ROWS}


# What the shown input must show


def shown_value(feedback):
    return feedback.evidence.split("gives `")[1].rstrip(".`")


def test_negative_shows_a_negative_value():
    feedback = check_answer(PLAIN["kl"], wrapped("kl", lambda p, q: np.sum(q * p) - np.sum(p * p)))
    assert float(shown_value(feedback)) < 0


def test_not_zero_at_equality_shows_an_equal_pair():
    feedback = check_answer(PLAIN["kl"], wrapped("kl", lambda p, q: kl(p, q) + np.sum(p**2)))
    assert "for a right model: `kl([0.2, 0.8], [0.2, 0.8])`" in feedback.evidence


def test_a_missing_infinity_shows_the_input_with_the_zero():
    feedback = check_answer(PLAIN["kl"], wrapped("kl", finite_only))
    assert "q calls impossible" in feedback.evidence
    assert np.isfinite(float(shown_value(feedback)))


# What is said of nan

WITHOUT_THE_HALF = """
def passage_test(passages, current):
    def kl(a, b):
        p, q = a / np.sum(a), b / np.sum(b)
        return np.sum(p * np.log(p / q))

    total = passages.sum(axis=0)
    null = np.array([kl(passage, total - passage) for passage in passages])
    observed = kl(current, total)
    return [observed, (1 + np.sum(null >= observed)) / (1 + len(passages))]
"""


def test_a_zero_among_counts_is_not_met_by_the_advice_on_shares():
    """Passages begin with p and are no shares: what is missing is the half, not a mask."""
    question = questions()["passage_test"]
    feedback = check_answer(question, notebook(WITHOUT_THE_HALF))
    assert feedback.state == "nan"
    assert question.where_p_is_zero not in feedback.message
    assert "Add ½ to each count" in feedback.message


@pytest.mark.parametrize(
    "answer",
    [
        lambda p: np.sum(p * np.log(p)),
        lambda p, q: np.sum(p * np.log(p / q)),
        lambda lam, q: np.sum(q * np.log(q)),
        lambda p1, q1: np.sum(q1 * np.log(q1)),
        lambda lam, p12: np.sum(p12 * np.log(p12)),
    ],
    ids=lambda answer: str(inspect.signature(answer)),
)
def test_a_zero_among_shares_is_met_by_the_advice_on_them(answer):
    count = len(inspect.signature(answer).parameters)
    question = replace(
        PLAIN["kl"],
        reference=wraps(answer)(lambda *_: 1.0),
        visible=[case(*[[0.5, 0.5, 0.0]] * count)],
        inputs=[],
    )
    feedback = check_answer(question, {question.name: answer})
    assert feedback.state == "nan"
    assert question.where_p_is_zero in feedback.message


# What rows must not name


def evidence(values, references, cases=None, names=("p", "q"), **more):
    cases = cases or [case([0.5, 0.5], [0.1 * (n + 1), 0.9 - 0.1 * n]) for n in range(len(values))]
    values = [np.asarray(v, float) for v in values]
    references = [np.asarray(r, float) for r in references]
    right = [bool(np.allclose(v, r)) for v, r in zip(values, references, strict=True)]
    return Evidence(cases, names, values, references, right, **more)


def test_one_number_is_no_proof_of_a_factor():
    assert diagnosis.common_ratio(evidence([2.0], [1.0])) is None
    assert diagnosis.common_ratio(evidence([2.0, 2.0], [1.0, 1.0])) is None
    assert diagnosis.common_ratio(evidence([2.0, 4.0], [1.0, 2.0])) == 2


def test_a_factor_needs_zeros_and_infinities_in_their_places():
    assert diagnosis.common_ratio(evidence([2.0, 4.0, 0.0], [1.0, 2.0, 0.0])) == 2
    assert diagnosis.common_ratio(evidence([2.0, 4.0, 0.1], [1.0, 2.0, 0.0])) is None
    assert diagnosis.common_ratio(evidence([2.0, 4.0, np.inf], [1.0, 2.0, np.inf])) == 2
    assert diagnosis.common_ratio(evidence([2.0, 4.0, 9.0], [1.0, 2.0, np.inf])) is None


def test_a_mean_needs_inputs_of_different_sizes():
    same_size = [case([0.5, 0.5]), case([0.2, 0.8])]
    one_size = evidence([0.5, 1.0], [1.0, 2.0], same_size)
    assert diagnosis.mean_for_sum(one_size) is None
    assert "same factor" in diagnosis.some_factor(one_size)
    two_sizes = [case([0.5, 0.5]), case([0.2, 0.2, 0.6])]
    assert diagnosis.mean_for_sum(evidence([0.5, 1.0], [1.0, 3.0], two_sizes)) is not None
    assert diagnosis.mean_for_sum(evidence([0.5, 1.0], [1.0, 2.0], two_sizes)) is None


def test_a_hair_s_breadth_is_no_constant():
    assert diagnosis.constant_added(evidence([1.0001, 2.0001, 3.0001], [1, 2, 3])) is None
    assert diagnosis.constant_added(evidence([1.5, 2.5, 3.5], [1, 2, 3])) is not None
    assert diagnosis.constant_added(evidence([1.5, 2.5, 3.6], [1, 2, 3])) is None
    with_infinity = evidence([1.5, np.inf, 3.5, 4.5], [1, np.inf, 3, 4])
    assert diagnosis.constant_added(with_infinity) is not None
    assert diagnosis.constant_added(evidence([1.5, 2.5, 3.5, 7.0], [1, 2, 3, np.inf])) is None


def test_wrong_zeros_are_blamed_only_if_all_else_is_right():
    cases = [case([0.5, 0.5]), case([0.2, 0.8]), case([1.0, 0.0])]
    assert diagnosis.zeros_in_p(evidence([1, 2, 9], [1, 2, 3], cases, ("p",))) is not None
    assert diagnosis.zeros_in_p(evidence([1, 8, 9], [1, 2, 3], cases, ("p",))) is None
    assert diagnosis.zeros_in_p(evidence([1, 8, 3], [1, 2, 3], cases, ("p",))) is None
    assert diagnosis.zeros_in_p(evidence([1, 2, 9], [1, 2, 3], cases, ("counts",))) is None


def test_negative_values_are_no_fault_where_right_ones_are_negative():
    assert diagnosis.negative(evidence([-1.0, 2.0], [-1.5, 2.0])) is None


def test_symmetry_needs_an_asymmetric_question():
    values, references = [1.0, 2.0, 3.0], [1.5, 2.5, 3.0]

    def swapped(*swapped):
        swapped = [s if s is None else np.asarray(s) for s in swapped]
        return diagnosis.symmetric(evidence(values, references, swapped=swapped))

    assert "change places" in swapped(1.0, 2.0, 3.0)
    assert swapped(1.0, 2.2, 3.0) is None
    assert swapped(None, None, 3.0) is None


def test_failed_further_calls_prove_nothing():
    nothing = [None, None, None]
    e = evidence(
        [1.0, 2.5, 9.0],
        [1.1, 2.0, 3.0],
        again=nothing,
        swapped=nothing,
        permuted=nothing,
        misaligned=nothing,
    )
    assert diagnose(e) is None


def test_a_right_answer_fits_no_row():
    question = PLAIN["kl"]
    cases = question.cases()
    values = [np.asarray(kl(*c.copies())) for c in cases]
    e = Evidence(
        cases,
        ("p", "q"),
        values,
        values,
        [True] * len(cases),
        "nats",
        again=values,
        permuted=values,
    )
    assert diagnose(e) is None


@pytest.mark.parametrize("decimals", range(2, 7))
def test_rounding_is_told_by_its_decimals(decimals):
    references = [np.array(np.pi), np.array(np.e)]
    values = [np.round(r, decimals) for r in references]
    assert diagnosis.rounded_to(values, references) == decimals
    assert diagnosis.rounded_to([v + 1e-4 for v in values], references) is None
