"""What the quiz items of unit 07 claim, each claim recomputed by a route of its own."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.quiz.items import RIGHT
from tests.units.quiz_content import PREDICTIONS, options, right, variants


def second_part(p_yes, q_yes):
    """KL of a pair less that of the first word, from the joint tables."""
    p = np.outer([p_yes, 1 - p_yes], [1, 1]) * [[0.8, 0.2], [0.3, 0.7]]
    q = np.outer([q_yes, 1 - q_yes], [1, 1]) * [[0.3, 0.7], [0.4, 0.6]]
    return stats.entropy(p.ravel(), q.ravel()) - stats.entropy(p.sum(axis=1), q.sum(axis=1))


# Predictions


def test_the_second_part_stays_when_q_moves_its_share_of_the_first_word():
    assert right("07-cut") == "it stays as it is"
    parts = [second_part(0.4, q_yes) for q_yes in (0.4, 0.6, 0.9)]
    assert np.ptp(parts) < 1e-12
    wholes = [parts[0] + stats.entropy([0.4, 0.6], [q, 1 - q]) for q in (0.4, 0.6, 0.9)]
    assert wholes == sorted(wholes)  # "the KL of the whole text grows"
    assert "from 0.4, as under P, to 0.9" in PREDICTIONS["07-cut"].text


def test_five_hundred_tokens_of_two_hundredths_of_a_nat():
    thousands, rest = divmod(round(math.exp(500 * 0.02)), 1000)
    assert right("07-tokens") == f"{thousands} 000 times"
    says = (options("07-tokens")[RIGHT].says, PREDICTIONS["07-tokens"].reveal)
    assert all(f"e to 10 is about {thousands} {rest:03}" in text for text in says)
    assert options("07-tokens")["kl-does-not-add-up"].text.startswith(f"{math.exp(0.02):.2f} times")
    root = math.exp(0.02 * math.sqrt(500))
    assert options("07-tokens")["kl-grows-with-the-root"].text == f"{root:.1f} times"
    assert options("07-tokens")["nats-are-factors"].text == f"{500 * 0.02:.0f} times"


def test_two_batches_of_equal_size():
    tokens = np.repeat(np.log([4, 64]), 1000)
    together = np.exp(tokens.mean())
    assert right("07-batches") == f"{together:.0f}"
    assert options("07-batches")["perplexities-average"].text == f"{(4 + 64) / 2:.0f}"
    assert options("07-batches")["perplexities-add-up"].text == f"{4 + 64}"
    assert 34 > 1.5 * together  # "too high by more than half"
    assert math.log(4) + math.log(64) == pytest.approx(2 * math.log(16))


# Review questions


def test_copies_of_a_token():
    for (one, tokens), answers in variants("07-copies"):
        assert one == 0.01
        assert answers[RIGHT].text == f"about e to {one * tokens:g}"
        assert answers["nats-are-factors"].text == f"about {one * tokens:g}"
        assert f"{math.exp(one):.2f}" in answers["kl-does-not-add-up"].text


def test_the_weights_of_the_second_part():
    for (p, q, cost), answers in variants("07-weights"):
        rows = np.array([cost, 0.0])
        assert answers[RIGHT].text == f"{np.array([p, 1 - p]) @ rows:g} nats"
        assert answers["weights-are-q"].text == f"{np.array([q, 1 - q]) @ rows:g} nats"
        assert answers["parts-need-no-weights"].text == f"{rows.mean():g} nats"
        assert answers["parts-just-add-up"].text == f"{rows.sum():g} nat"
        assert len({answer.text for answer in answers.values()}) == 4


def test_a_mean_that_became_a_sum():
    for (mean, total, tokens), answers in variants("07-mean-or-sum"):
        assert mean * tokens == pytest.approx(total)
        assert answers[RIGHT].says.startswith(f"{tokens:.0f} times 0.02 is {total:g}")
        assert f"factor of {1 / math.log(2):.2f}" in answers["factor-is-the-unit"].says


def test_right_frequencies_of_both_words_are_not_enough():
    p, q = np.array([[0.32, 0.08], [0.18, 0.42]]), np.outer([0.4, 0.6], [0.5, 0.5])
    for axis in (0, 1):
        np.testing.assert_allclose(p.sum(axis=axis), q.sum(axis=axis))
    assert stats.entropy(p.ravel(), q.ravel()) > 0.1
    assert right("07-margins").startswith("only if")
    given = q * [[0.32 / 0.2, 0.08 / 0.2], [0.18 / 0.3, 0.42 / 0.3]]
    assert stats.entropy(p.ravel(), given.ravel()) == pytest.approx(0, abs=1e-12)


def test_padding_may_add_terms_of_either_sign():
    assert right("07-padding") == "the number depends on the other texts of the batch"
    random = np.random.default_rng(2)
    p, q = special.log_softmax(random.normal(0, 1, (2, 200, 5)), axis=-1)
    terms = (p - q)[:, 0]
    assert (terms > 0).any() and (terms < 0).any()


def test_chains_with_equal_stationary_laws():
    assert right("07-chain-law").startswith("above 0")
    p, q = np.array([[0.9, 0.1], [0.1, 0.9]]), np.array([[0.5, 0.5], [0.5, 0.5]])
    laws = [np.linalg.matrix_power(chain, 200)[0] for chain in (p, q)]
    np.testing.assert_allclose(*laws)
    assert laws[0] @ special.rel_entr(p, q).sum(axis=1) > 0.3


def test_the_other_part_is_what_is_left():
    assert right("07-one-part") == f"{0.5 - 0.2:.1f} nats"
    assert options("07-one-part")["whole-is-a-part"].text == f"{0.5 + 0.2:.1f} nats"
