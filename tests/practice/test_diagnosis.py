"""Each row of the structural diagnosis: what it names, and what it must not name."""

import inspect
from dataclasses import replace
from functools import wraps

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice import diagnosis
from klteach.practice.checker import check_answer
from klteach.practice.diagnosis import diagnose
from klteach.practice.evidence import Evidence
from klteach.practice.question import Mistake, case
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


def first_only(p, q):
    for a, b in zip(p, q, strict=True):
        return special.rel_entr(a, b)


def last_only(p, q):
    for a, b in zip(p, q, strict=True):
        total = special.rel_entr(a, b)
    return total


def shares_into_whole_numbers(counts):
    result = np.zeros_like(counts)
    result[:] = counts / counts.sum() * 0.999
    result[counts > 0] = (counts / counts.sum())[counts > 0]
    return result


def wrong_for_long_ones(p):
    return entropy(p) + (len(p) > 20)


def too_much_for_equal_outcomes(p):
    return entropy(p) * (2 if len(set(p)) == 1 and len(p) > 1 else 1)


def of_samples(p):
    drawn = np.random.default_rng(len(p)).choice(len(p), size=2000, p=p)
    return -np.mean(np.log2(p[drawn]))


def into_whole_numbers(x):
    return np.asarray(2.5 * x).astype(int)


def nearly_entropy(p):
    return max(entropy(p), 1e-6)


ROWS = [
    # the row that is found, the question, an answer, words of the message
    ("not_repeatable", "entropy_bits", growing, "two different values"),
    ("always_the_same", "entropy_bits", lambda p: 1.75, "whatever goes in"),
    ("always_the_same", "kl", lambda p, q: 0.0, "gives 0 on every input"),
    ("always_the_same", "kl", lambda p, q: np.inf, "Infinite on every input"),
    ("always_the_same", "psi", lambda current, baseline, cells: np.inf, "Infinite on every input"),
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
    ("mean_for_sum", "entropy_bits", lambda p: entropy(p) / len(p), "mean"),
    ("mean_for_sum", "kl", lambda p, q: kl(p, q) / len(p), "mean"),
    ("mean_for_sum", "kl_contributions", lambda p, q: special.rel_entr(p, q) / len(p), "mean"),
    ("some_factor", "kl", lambda p, q: 2 * kl(p, q), "Twice the right value"),
    ("some_factor", "kl", lambda p, q: 3 * kl(p, q), "base of the logarithm"),
    ("some_factor", "shares", lambda counts: 100 * counts / counts.sum(), "A hundred times"),
    ("some_factor", "shares", lambda counts: 7 * counts / counts.sum(), "the whole result."),
    ("constant_added", "entropy_bits", lambda p: entropy(p) + 1, "same amount"),
    ("constant_added", "cross_entropy", lambda p, q: cross(p, q) - 0.5, "same amount"),
    ("whole_number_arrays", "shares", shares_into_whole_numbers, "`dtype=float`"),
    ("made_whole", "entropy_bits", lambda p: int(entropy(p) + 1e-12), "after the point cut off"),
    ("made_whole", "cross_entropy", lambda p, q: np.ceil(cross(p, q)), "rounded up"),
    ("made_whole", "cross_entropy", lambda p, q: np.round(cross(p, q), 1), "one decimal"),
    ("transformed", "kl", lambda p, q: np.sqrt(kl(p, q)), "square root"),
    ("transformed", "kl", lambda p, q: np.exp(kl(p, q)), "power of e"),
    ("transformed", "entropy_bits", lambda p: min(entropy(p), 1), "cut off at 1"),
    ("transformed", "kl_contributions", lambda p, q: np.abs(special.rel_entr(p, q)), "the signs"),
    (
        "running_sum",
        "kl_contributions",
        lambda p, q: np.cumsum(special.rel_entr(p, q)),
        "running sums",
    ),
    (
        "right_numbers_in_another_order",
        "shares",
        lambda counts: np.sort(counts) / counts.sum(),
        "in another order",
    ),
    ("zeros", "kl", zero_rows_cost_one, "in which some entry of `p` is 0"),
    ("missing_infinity", "kl", finite_only, "if that outcome is deleted"),
    (
        "missing_infinity",
        "kl",
        lambda p, q: np.nan_to_num(kl(p, q)),
        "as `np.nan_to_num` and the like put it",
    ),
    ("missing_infinity", "kl", lambda p, q: min(kl(p, q), 1e3), "Was that outcome left out"),
    (
        "entries",
        "kl_contributions",
        lambda p, q: np.where(p < q, 0.5, special.rel_entr(p, q)),
        "in every entry but those where `q` is larger than `p`. Yours is too large there",
    ),
    ("one_outcome", "kl", first_only, "Only the first outcome counts"),
    ("one_outcome", "kl", last_only, "Only the last outcome counts"),
    ("one_outcome", "kl", lambda p, q: special.rel_entr(p, q)[:-1].sum(), "does not count"),
    ("one_outcome", "kl", lambda p, q: special.rel_entr(p, q)[1:].sum(), "The first outcome does"),
    ("order_of_outcomes", "kl", lambda p, q: special.rel_entr(p, np.sort(q)).sum(), "sorted"),
    ("not_zero_at_equality", "kl", lambda p, q: kl(p, q) + 1e-6, "small number"),
    ("not_zero_at_equality", "kl", lambda p, q: kl(p, q) + np.sum(p**2), "left over"),
    ("symmetric", "kl", jensen_shannon, "change places"),
    ("symmetric", "kl", lambda p, q: np.abs(p - q).sum(), "change places"),
    ("negative", "kl", lambda p, q: np.sum(q * p) - np.sum(p * p), "Gibbs"),
    ("negative", "entropy_bits", lambda p: -np.sum(p * np.log2(p + 3e-7)), "by a hair"),
    ("negative", "entropy_bits", lambda p: entropy(p) - np.sum(p**2), "never is"),
    ("negative", "cross_entropy", lambda p, q: -np.sum(p * np.log1p(q)), "never is"),
    (
        "argument_unused",
        "cross_entropy",
        lambda p, q: 1 + np.sum(p**2),
        "when `q` alone was changed",
    ),
    (
        "argument_unused",
        "cross_entropy",
        lambda p, q: 1 + np.sum(q**2),
        "when `p` alone was changed",
    ),
    ("order_of_the_last_argument", "kl", kl_sorted, "sorted"),
    ("nearly", "entropy_bits", nearly_entropy, "Here it is 0, and yours is not quite"),
    ("estimate", "entropy_bits", of_samples, "Is it an estimate"),
    ("negative", "to_bits", into_whole_numbers, "Keep the numbers floats"),
    ("overflow", "kelly_growth", growth_by_a_long_product, "a product of many numbers"),
    ("other_inputs", "entropy_bits", wrong_for_long_ones, "has more than 20 entries"),
    (
        "other_inputs",
        "entropy_bits",
        lambda p: entropy(p) or 1,
        "in which the right value is 0",
    ),
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
    rows = (*diagnosis.ROWS, *diagnosis.LAST_ROWS)
    assert {row[0] for row in ROWS} == {row.__name__ for row in rows}


def test_a_question_may_have_rows_of_its_own():
    def too_large(e):
        return "Too large somewhere.", next(i for i in e.wrong if e.values[i] > e.references[i])

    question = replace(PLAIN["kl"], rows=[too_large])
    feedback = check_answer(question, wrapped("kl", lambda p, q: 2 * kl(p, q)))
    assert (feedback.mistake, feedback.message) == ("too large", "Too large somewhere.")


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


def test_the_input_that_is_shown_is_the_shortest_where_none_is_among_the_first():
    def wrong_for_many(p):
        return entropy(p) + 0.1 * (not np.allclose(np.round(p, 3), p))

    feedback = check_answer(PLAIN["entropy_bits"], wrapped("entropy_bits", wrong_for_many))
    assert "[" in feedback.evidence and "with p of length" not in feedback.evidence


def test_a_word_about_p_and_q_needs_a_question_that_has_them():
    """Other questions have infinities and zeros as well."""
    feedback = check_answer(
        PLAIN["to_bits"], wrapped("to_bits", lambda x: np.nan_to_num(np.asarray(x) / np.log(2)))
    )
    assert feedback.mistake == "missing infinity"
    assert "q" not in feedback.message.replace("np.nan_to_num", "").split()
    assert "outcome" not in feedback.message


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


def nan_of(name, source, question=None):
    feedback = check_answer(question or PLAIN[name], notebook(source))
    assert feedback.state == "nan", str(feedback)
    return feedback.message


def test_nan_is_told_by_the_line_and_the_operation_that_it_began_with():
    message = nan_of(
        "f_divergence",
        """
def f_divergence(f, p, q):
    u = q > 0
    inside = np.sum(q[u] * f(p[u] / q[u]))
    return inside + p[~u].sum() * f.final_slope
""",
    )
    assert message.startswith(
        "`nan`: NumPy met 0·∞ in line 5 of its cell: "
        "`return inside + p[~u].sum() * f.final_slope`. That has no value."
    )


def test_nan_where_q_is_the_zero_is_not_met_by_advice_on_p():
    message = nan_of(
        "cross_entropy",
        """
def cross_entropy(p, q):
    occurs = p > 0
    value = -np.sum(p[occurs] * np.log(q[occurs]))
    return value if np.isfinite(value) else float("nan")
""",
    )
    assert "mask it" not in message
    assert "The right value is infinite there." in message


def test_advice_on_a_logarithm_is_for_those_who_take_one():
    chi_square = "def kl(p, q):\n    return np.sum((p - q) ** 2 / q)\n"
    message = nan_of("kl", chi_square)
    assert "0/0 or ∞/∞" in message and "logarithm" not in message


def test_nan_that_was_written_by_hand_is_not_explained_away():
    source = "def to_bits(x):\n    return np.where(np.isinf(x), np.nan, x / np.log(2))\n"
    assert "or it was written by hand" in nan_of("to_bits", source)
    source = "def kl_contributions(p, q):\n    return np.where(p > 0, p * np.log(p / q), np.nan)\n"
    assert "Or was the `nan` in that line meant?" in nan_of("kl_contributions", source)


def test_a_mistake_behind_nan_is_told_with_the_inputs_that_show_it():
    """Here the inputs with nan hold no zero: p = q, where all terms are 0."""
    source = """
def kl_contributions(p, q):
    terms = np.zeros(len(p))
    occurs = p > 0
    terms[occurs] = p[occurs] * np.log(p[occurs] / q[occurs])
    return terms / terms.sum()
"""
    shared = Mistake(
        "shares of KL",
        lambda p, q: special.rel_entr(p, q) / special.rel_entr(p, q).sum(),
        "You divided by the sum.",
    )
    question = replace(PLAIN["kl_contributions"], mistakes=[shared])
    message = nan_of("kl_contributions", source, question)
    assert "One more thing, where yours gives numbers: You divided by the sum." in message


def test_zeros_come_next_only_where_they_are_wrong_as_well():
    swapped = Mistake("swapped", lambda p, q: kl(q, p), "Swapped.")
    question = replace(PLAIN["kl"], mistakes=[swapped])

    def right_at_zeros(p, q):
        return kl(p, q) if (p == 0).any() or (q == 0).any() else kl(q, p)

    def wrong_at_zeros(p, q):
        return 0.3 if (p == 0).any() or (q == 0).any() else kl(q, p)

    message = check_answer(question, wrapped("kl", right_at_zeros)).message
    assert message == "Swapped.\nThat is on the inputs without a zero."
    message = check_answer(question, wrapped("kl", wrong_at_zeros)).message
    assert message.endswith("without a zero; zeros come next.")


# What rows must not name


def evidence(values, references, cases=None, name="kl", call=None):
    cases = cases or [case([0.5, 0.5], [0.1 * (n + 1), 0.9 - 0.1 * n]) for n in range(len(values))]
    values = [np.asarray(v, float) for v in values]
    references = [np.asarray(r, float) for r in references]
    right = [bool(np.allclose(v, r)) for v, r in zip(values, references, strict=True)]
    more = {"call": call} if call else {}
    return Evidence(PLAIN[name], cases, values, references, right, **more)


def test_one_number_is_no_proof_of_a_factor():
    assert diagnosis.common_ratio(evidence([2.0], [1.0])) is None
    assert diagnosis.common_ratio(evidence([2.0, 2.0], [1.0, 1.0])) is None
    assert diagnosis.common_ratio(evidence([2.0, 4.0], [1.0, 2.0])) == 2


def test_nothing_is_no_multiple():
    assert diagnosis.common_ratio(evidence([0.0, 0.0], [1.0, 2.0])) is None


def test_a_factor_needs_zeros_and_infinities_in_their_places():
    assert diagnosis.common_ratio(evidence([2.0, 4.0, 0.0], [1.0, 2.0, 0.0])) == 2
    assert diagnosis.common_ratio(evidence([2.0, 4.0, 0.1], [1.0, 2.0, 0.0])) is None
    assert diagnosis.common_ratio(evidence([2.0, 4.0, np.inf], [1.0, 2.0, np.inf])) == 2
    assert diagnosis.common_ratio(evidence([2.0, 4.0, 9.0], [1.0, 2.0, np.inf])) is None


def test_a_mean_needs_inputs_of_different_sizes():
    same_size = [case([0.5, 0.5]), case([0.2, 0.8])]
    one_size = evidence([0.5, 1.0], [1.0, 2.0], same_size, "entropy_bits")
    assert diagnosis.mean_for_sum(one_size) is None
    assert "Half of the right value" in diagnosis.some_factor(one_size)
    two_sizes = [case([0.5, 0.5]), case([0.2, 0.2, 0.6])]
    e = evidence([0.5, 1.0], [1.0, 3.0], two_sizes, "entropy_bits")
    assert diagnosis.mean_for_sum(e) is not None
    e = evidence([0.5, 1.0], [1.0, 2.0], two_sizes, "entropy_bits")
    assert diagnosis.mean_for_sum(e) is None


def test_a_hair_s_breadth_is_no_constant():
    assert diagnosis.constant_added(evidence([1.0001, 2.0001, 3.0001], [1, 2, 3])) is None
    assert diagnosis.constant_added(evidence([1.5, 2.5, 3.5], [1, 2, 3])) is not None
    assert diagnosis.constant_added(evidence([1.5, 2.5, 3.6], [1, 2, 3])) is None
    with_infinity = evidence([1.5, np.inf, 3.5, 4.5], [1, np.inf, 3, 4])
    assert diagnosis.constant_added(with_infinity) is not None
    assert diagnosis.constant_added(evidence([1.5, 2.5, 3.5, 7.0], [1, 2, 3, np.inf])) is None


def test_wrong_zeros_are_blamed_only_if_all_else_is_right():
    cases = [case([0.5, 0.5]), case([0.2, 0.8]), case([1.0, 0.0])]
    for values, blamed in (([1, 2, 9], True), ([1, 8, 9], False), ([1, 8, 3], False)):
        e = evidence(values, [1, 2, 3], cases, "entropy_bits")
        assert (diagnosis.zeros(e) is not None) == blamed


def test_the_zeros_of_q_are_not_blamed_on_p():
    """The answer has its mask on p already; what is wrong is another zero."""

    def infinite_at_any_zero_of_q(p, q):
        return np.inf if (q == 0).any() else kl(p, q)

    feedback = check_answer(PLAIN["kl"], wrapped("kl", infinite_at_any_zero_of_q))
    assert feedback.message == (
        "Right on every input but those in which `p` and `q` are both 0 for some outcome. Yours is "
        "infinite there, and the right value is not."
    )


def test_negative_values_are_no_fault_where_right_ones_are_negative():
    assert diagnosis.negative(evidence([-1.0, 2.0], [-1.5, 2.0])) is None


def test_symmetry_needs_an_asymmetric_question():
    js = questions()["js"]
    answer = lambda p, q: 3 * js.reference(p, q) ** 2 + 1  # noqa: E731
    feedback = check_answer(replace(js, mistakes=()), wrapped("js", answer))
    assert feedback.mistake != "symmetric"


def test_a_p_value_need_not_change_with_the_order_of_the_null():
    """Nor does the right one."""
    question = replace(questions()["p_value"], mistakes=(), rows=())
    answer = lambda observed, null: (1 + np.sum(null >= observed)) / (2 + len(null))  # noqa: E731
    feedback = check_answer(question, wrapped("p_value", answer))
    assert feedback.mistake not in ("order of the last argument", "argument unused")


def test_failed_further_calls_prove_nothing():
    assert diagnose(evidence([1.0, 2.5, 9.0], [1.1, 2.0, 3.0])) is None


@pytest.mark.parametrize("decimals", range(2, 7))
def test_rounding_is_told_by_its_decimals(decimals):
    references = [np.array(np.pi), np.array(np.e)]
    values = [np.round(r, decimals) for r in references]
    assert diagnosis.rounded_to(values, references) == decimals
    assert diagnosis.rounded_to([v + 1e-4 for v in values], references) is None
    single = [v.astype(np.float32).astype(float) for v in values]
    assert diagnosis.rounded_to(single, references) is None
    assert diagnosis.rounded_to(single, references, relative=1e-7) == decimals
