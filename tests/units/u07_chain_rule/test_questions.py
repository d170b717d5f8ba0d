"""What is special about the questions of unit 07, recomputed."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import function, wrapped
from tests.units.known_answers import mistake, right_value, wrong_value


def cases(name):
    return [case.arguments for case in find_question(name).cases()]


# E1


def test_the_parts_of_the_printed_table_add_up():
    p, q = cases("both_parts")[0]
    first, second = right_value("both_parts")
    assert first == pytest.approx(stats.entropy([0.4, 0.6], [0.7, 0.3]))
    assert first + second == pytest.approx(stats.entropy(p.ravel(), q.ravel()))
    assert f"{first:.4f} {second:.4f}" == "0.1920 0.3826"


def test_the_conditional_part_weighted_by_q_is_another_number():
    assert f"{wrong_value('both_parts', 'rows weighted by q')[1]:.4f}" == "0.2998"


def test_every_row_of_every_table_has_some_probability():
    for p, q in cases("both_parts"):
        assert (p.sum(axis=1) > 0).all() and (q.sum(axis=1) > 0).all()
        assert p.sum() == pytest.approx(1) and q.sum() == pytest.approx(1)


def test_the_tables_have_zeros_of_both_kinds_and_equal_tables():
    zeros = {((p == 0).any(), bool(((q == 0) & (p > 0)).any())) for p, q in cases("both_parts")}
    assert {(True, False), (False, True)} <= zeros
    assert any(np.array_equal(p, q) for p, q in cases("both_parts"))


def test_what_the_messages_say_of_the_second_number():
    for p, q in cases("both_parts")[:2]:
        whole = stats.entropy(p.ravel(), q.ravel())
        whole_again = mistake("both_parts", "whole for the second").variants[0](p, q)[1]
        assert whole_again == pytest.approx(whole)
        by_column = mistake("both_parts", "columns first").variants[0](p, q)
        assert sum(by_column) == pytest.approx(whole)  # "they add up to the same"
        by_itself = mistake("both_parts", "column by itself").variants[0](p, q)[1]
        assert by_itself == pytest.approx(stats.entropy(p.sum(axis=0), q.sum(axis=0)))
    below = [
        mistake("both_parts", "averaged under q").variants[0](p, q)[1]
        for p, q in cases("both_parts")
    ]
    assert min(below) < 0  # "it may even come out negative"


def test_a_column_by_itself_is_right_for_independent_rows_and_columns():
    p = np.outer([0.3, 0.7], [0.2, 0.5, 0.3])
    q = np.outer([0.6, 0.4], [0.4, 0.4, 0.2])
    wrong = mistake("both_parts", "column by itself").variants[0](p, q)
    np.testing.assert_allclose(wrong, find_question("both_parts").reference(p, q))


# E2


def long_run(p):
    return np.linalg.matrix_power(p, 1000)[0]


def test_the_rate_is_that_of_long_texts():
    for p, q in cases("kl_rate"):
        by_hand = long_run(p) @ special.rel_entr(p, q).sum(axis=1)
        assert find_question("kl_rate").reference(p, q) == pytest.approx(by_hand)
    # its chain is in the first state five times as often as in the second: 0.1 · 5 = 0.5 · 1
    rows = stats.entropy([0.9, 0.1], [0.8, 0.2]), stats.entropy([0.5, 0.5], [0.3, 0.7])
    assert right_value("kl_rate") == pytest.approx((5 * rows[0] + rows[1]) / 6)


def test_the_rows_of_a_chain_sum_to_one_and_it_forgets_its_start():
    for p, q in cases("kl_rate"):
        np.testing.assert_allclose([p.sum(axis=1), q.sum(axis=1)], 1)
        second = sorted(np.abs(np.linalg.eigvals(p)))[-2]
        assert second < 0.8


def test_the_wrong_weights_are_what_their_messages_say():
    p, q = cases("kl_rate")[0]
    rows = special.rel_entr(p, q).sum(axis=1)
    vector = np.linalg.eig(p)[1]
    constant = vector[:, np.argmax(np.linalg.eig(p)[0])]
    assert constant[0] == pytest.approx(constant[1])  # "which are constant"
    assert wrong_value("kl_rate", "every state the same") == pytest.approx(rows.mean())
    for variant in mistake("kl_rate", "weights not normalised").variants:
        law = long_run(p)
        assert abs(variant(p, q)) == pytest.approx(law @ rows / math.hypot(*law))
    pair_p, pair_q = long_run(p)[:, None] * p, long_run(q)[:, None] * q
    pairs = stats.entropy(pair_p.ravel(), pair_q.ravel())
    assert wrong_value("kl_rate", "pairs of states") == pytest.approx(pairs)
    assert wrong_value("kl_rate", "half of a pair") == pytest.approx(pairs / 2)


def test_two_chains_may_have_equal_stationary_laws():
    """The insight: single states cannot tell them apart, and steps can."""
    p, q = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[0.2, 0.8], [0.8, 0.2]])
    np.testing.assert_allclose(long_run(p), long_run(q))
    assert find_question("kl_rate").reference(p, q) > 1


# E3


def test_the_word_0_is_text_in_every_row_that_can_tell():
    told = 0
    for tokens, _, _, mask in cases("text_log_ratio"):
        told += bool(((tokens[1:] == 0) & (mask[1:] == 1)).any() and (mask == 0).any())
        assert (tokens[mask == 0] == 0).all()
        assert (np.diff(mask) <= 0).all()  # padding stands behind the text
    assert told >= 3


def test_the_log_probabilities_are_those_of_distributions():
    for _, log_p, log_q, _ in cases("text_log_ratio"):
        np.testing.assert_allclose(np.exp([log_p, log_q]).sum(axis=-1), 1)


def test_the_log_ratio_is_that_of_the_probabilities_multiplied():
    for tokens, log_p, log_q, mask in cases("text_log_ratio"):
        ratio = 1.0
        for t in range(1, int(mask.sum())):
            ratio *= np.exp(log_p[t - 1, tokens[t]]) / np.exp(log_q[t - 1, tokens[t]])
        value = find_question("text_log_ratio").reference(tokens, log_p, log_q, mask)
        assert value == pytest.approx(math.log(ratio), abs=1e-12)


def test_what_stands_in_the_padding_does_not_matter():
    tokens, log_p, log_q, mask = cases("text_log_ratio")[0]
    reference = find_question("text_log_ratio").reference
    changed = np.array(log_p)
    changed[mask == 0] -= 5.0
    assert reference(tokens, changed, log_q, mask) == reference(tokens, log_p, log_q, mask)


def test_the_joint_perplexity_is_that_of_the_tokens_one_by_one():
    for losses, tokens in cases("joint_perplexity"):
        each = np.repeat(losses, tokens)
        value = find_question("joint_perplexity").reference(losses, tokens)
        assert value == pytest.approx(np.exp(each.mean()))


def test_the_mean_of_perplexities_is_never_smaller_for_equal_batches():
    losses, tokens = cases("joint_perplexity")[1]
    assert len(set(tokens)) == 1
    (mean,) = mistake("joint_perplexity", "mean of perplexities").variants
    assert mean(losses, tokens) > find_question("joint_perplexity").reference(losses, tokens)


def test_an_array_of_the_rows_is_not_taken_for_the_answer():
    body = "(p * np.log(p / q)).sum(axis=1)"
    feedback = check_answer(find_question("kl_rate"), function("kl_rate", "p, q", body))
    assert feedback.state in ("wrong shape", "nan")


# What is said where nothing general fits


def said(name, answer):
    return check_answer(find_question(name), wrapped(name, answer)).message


def row_parts(p, q):
    """KL of the row sums, the row sums of p, and the KL of each row."""
    rows_p, rows_q = p.sum(axis=1), q.sum(axis=1)
    rows = special.rel_entr(p / rows_p[:, None], q / rows_q[:, None]).sum(axis=1)
    return special.rel_entr(rows_p, rows_q).sum(), rows_p, rows


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda first, weights, rows: (first, weights**3 @ rows), "Your first number is right"),
        (lambda first, weights, rows: (3 * first, weights @ rows), "Your second number is right"),
        (
            lambda first, weights, rows: (first / 2, weights @ rows + first / 2),
            "Your two numbers add up to the KL of the whole tables",
        ),
        (
            lambda first, weights, rows: (first**2, weights @ rows**2),
            "Neither of your two numbers",
        ),
    ],
)
def test_which_of_the_two_numbers_is_right_is_said(change, words):
    assert said("both_parts", lambda p, q: change(*row_parts(p, q))).startswith(words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows, p: np.sort(rows)[len(p) // 2], "Yours lies between"),
        (lambda rows, p: rows.sum() * (1 + p[0, 0]), "Yours is larger here"),
        (lambda rows, p: rows.min() * p[0].max() ** 2, "Yours is smaller here"),
    ],
)
def test_where_a_rate_lies_beside_the_rows_is_said(change, words):
    def answer(p, q):
        return change(special.rel_entr(p, q).sum(axis=1), p)

    assert said("kl_rate", answer).startswith(words)


SCORES = "sum(w * (log_p[t - 1, tokens[t]] - log_q[t - 1, tokens[t]]) for t, w in {} if mask[t])"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            SCORES.format("((t, 1) for t in range(2, len(tokens)))"),
            "Yours stays the same when `log_p[0, 0]` alone is raised. The token after token 0 is "
            "0, and it is text.",
        ),
        (
            SCORES.format("((t, 1) for t in range(1, len(tokens)))")
            + " + log_p[2, 1] - log_q[0, 1]",
            "Yours changes when `log_p[2, 1]` alone is raised. After token 2 padding comes.",
        ),
        (
            SCORES.format("((t, 1) for t in range(1, len(tokens)))")
            + " + log_p[-1, 1] - log_q[0, 1]",
            "Yours changes when `log_p[3, 1]` alone is raised. After token 3, the last one, "
            "nothing comes.",
        ),
        (
            SCORES.format("((t, 0.9**t) for t in range(1, len(tokens)))"),
            "Yours changes with the right entries of `log_p` and with no others, but not as a sum",
        ),
        (
            SCORES.format("((t, 1) for t in range(1, len(tokens)))") + " + log_q[0, 1] ** 2",
            "The right entries of `log_p` count, each once.",
        ),
    ],
)
def test_which_log_probability_counts_is_said(body, words):
    answer = function("text_log_ratio", "tokens, log_p, log_q, mask", body)
    assert check_answer(find_question("text_log_ratio"), answer).message.startswith(words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda losses, tokens: np.average(losses, weights=np.sqrt(tokens)), "Yours lies between"),
        (lambda losses, tokens: losses.max() + (losses @ tokens) / 1e5, "Yours is larger here"),
        (lambda losses, tokens: losses.min() - (losses @ tokens) / 1e5, "Yours is smaller here"),
    ],
)
def test_where_a_perplexity_lies_beside_the_batches_is_said(change, words):
    def answer(losses, tokens):
        return np.exp(change(losses, tokens))

    assert said("joint_perplexity", answer).startswith(words)
