"""What the design of unit 22 says of its questions, recomputed, and its judge."""

import math

import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from klteach.units.u22_rlhf import questions as unit_22
from tests.practice.typed_answers import notebook, wrapped
from tests.units.known_answers import mistake, right_value, wrong_value

REF, REWARD = np.array([0.4, 0.3, 0.2, 0.1]), np.array([0.0, 1.0, 2.0, 4.0])


# E1


def test_the_best_policy_is_that_of_the_course():
    policy = right_value("tilted_policy")
    assert policy.round(4).tolist() == [0.0491, 0.1, 0.1813, 0.6697]
    kl = stats.entropy(policy, REF)
    assert f"{policy @ REWARD - kl:.4f} {kl:.4f}" == "2.0984 1.0428"
    assert math.log(REF @ np.exp(REWARD)) == pytest.approx(2.0984, abs=5e-5)


def test_what_the_messages_of_the_best_policy_say():
    equal = np.full(4, 0.7)
    forgets = mistake("tilted_policy", "reference forgotten").variants
    assert all(np.allclose(wrong(REF, equal, 0.5), 0.25) for wrong in forgets)
    (tempers,) = mistake("tilted_policy", "reference tempered").variants
    assert not np.allclose(tempers(REF, equal, 0.5), REF)
    for wrong in mistake("tilted_policy", "not normalised").variants:
        assert wrong(REF, REWARD, 0.5).sum() != pytest.approx(1)
    for keeps in mistake("tilted_policy", "mixture").variants:
        assert keeps(np.array([0.5, 0.5, 0.0]), np.array([1.0, 0.0, 3.0]), 0.5)[2] > 0
    for wrong in mistake("tilted_policy", "step of gradient").variants:
        assert wrong(REF, np.array([-3.0, 1.0, 2.0, 4.0]), 0.5).min() < 0


def test_the_exponential_alone_overflows_on_some_case():
    naive = "def tilted_policy(ref, reward, beta):\n    w = ref * np.exp(reward / beta)\n"
    feedback = check_answer(
        find_question("tilted_policy"), notebook(naive + "    return w / w.sum()")
    )
    assert feedback.state == "nan"
    assert "∞/∞" in feedback.message


# E2


def test_the_three_gradients_are_those_of_the_course():
    """By finite differences: 0, KL(π‖ref) and KL(ref‖π), to 1e-6."""
    question = find_question("loss_gradients")
    for case in question.cases():
        logits, ref = case.arguments
        claimed = question.reference(logits, ref)
        held = special.softmax(logits)
        for row, loss in enumerate(
            (
                lambda p, ref=ref, held=held: held @ np.log(p / ref),
                lambda p, ref=ref: stats.entropy(p, ref),
                lambda p, ref=ref: stats.entropy(ref, p),
            )
        ):
            steps = 1e-6 * np.eye(len(ref))
            ends = [
                [loss(special.softmax(logits + sign * step)) for step in steps] for sign in (1, -1)
            ]
            np.testing.assert_allclose(np.subtract(*ends) / 2e-6, claimed[row], atol=1e-6)


def test_a_case_has_the_six_outcomes_of_the_course():
    sizes = [len(case.arguments[0]) for case in find_question("loss_gradients").cases()]
    assert sizes.count(6) >= 2


def test_through_the_weights_k1_and_k3_come_out_as_one_wants_them():
    """So the message says that this is the gradient people want, and not what a program gets."""
    logits, ref = find_question("loss_gradients").cases()[2].arguments
    k1, k2, k3 = unit_22.through_the_weights(logits, ref)
    wanted = find_question("loss_gradients").reference(logits, ref)[1]
    np.testing.assert_allclose(k1, wanted, atol=1e-12)
    np.testing.assert_allclose(k3, wanted, atol=1e-12)
    assert np.abs(k2 - wanted).max() > 0.01
    said = mistake("loss_gradients", "through the weights").message
    assert "for k1 and k3 it is the gradient of KL(π‖ref)" in said
    # by differences, too
    for row, k in zip(
        (k1, k2, k3),
        (lambda d: d, lambda d: d**2 / 2, lambda d: np.exp(-d) - 1 + d),
        strict=True,
    ):
        ends = [
            [
                p @ k(np.log(p / ref))
                for p in (special.softmax(logits + sign * s) for s in 1e-6 * np.eye(len(ref)))
            ]
            for sign in (1, -1)
        ]
        np.testing.assert_allclose(np.subtract(*ends) / 2e-6, row, atol=1e-6)


def by_differences(weights, step=1e-5):
    """An answer by central differences, whose weights are `held` or `moved` with the logits."""
    return f"""
def loss_gradients(logits, ref):
    def softmax(t):
        e = np.exp(t - t.max())
        return e / e.sum()
    ks = [lambda d: d, lambda d: d**2 / 2, lambda d: np.exp(-d) - 1 + d]
    held = softmax(logits)
    rows = np.zeros((3, len(ref)))
    for i, k in enumerate(ks):
        for j in range(len(ref)):
            for sign in (1, -1):
                t = logits.copy()
                t[j] += sign * {step}
                moved = softmax(t)
                rows[i, j] += sign * ({weights} @ k(np.log(moved / ref))) / (2 * {step})
    return rows
"""


@pytest.mark.parametrize(
    ("code", "state", "name"),
    [
        (by_differences("held"), "correct", None),
        (by_differences("moved"), "diagnosed", "through the weights"),
        (by_differences("ref"), "diagnosed", "weighted by ref"),
        (by_differences("np.ones(len(ref))"), "diagnosed", "every outcome once"),
    ],
)
def test_differences_are_told_what_formulas_are_told(code, state, name):
    feedback = check_answer(find_question("loss_gradients"), notebook(code))
    assert (feedback.state, feedback.mistake) == (state, name)
    if name:
        assert feedback.message == mistake("loss_gradients", name).message


def test_differences_that_are_too_coarse_are_told_so():
    question = find_question("loss_gradients")

    def forward(logits, ref):
        held, rows = special.softmax(logits), []
        for k in (lambda d: d, lambda d: d**2 / 2, lambda d: np.exp(-d) - 1 + d):
            start, row = held @ k(np.log(held / ref)), []
            for step in 1e-3 * np.eye(len(ref)):
                moved = special.softmax(logits + step)
                row.append((held @ k(np.log(moved / ref)) - start) / 1e-3)
            rows.append(row)
        return rows

    feedback = check_answer(question, wrapped("loss_gradients", forward))
    assert feedback.state in ("diagnosed", "almost")
    assert "Nearly" in feedback.message or feedback.state == "almost"


def with_row(row, change):
    """A right answer but for one row."""

    def answer(logits, ref):
        rows = unit_22.loss_gradients(logits, ref)
        policy, ratio = unit_22.parts(logits, ref)
        rows[row] = change(policy, ratio, ref)
        return rows

    return answer


@pytest.mark.parametrize(
    ("row", "change", "words"),
    [
        (2, lambda p, d, ref: p * (d - p @ d), "k3 is the gradient of KL(π‖ref)"),
        (1, lambda p, d, ref: p - ref, "k2 is the gradient of KL(ref‖π)"),
        (2, lambda p, d, ref: ref - p, "k3 has the wrong sign"),
        (1, lambda p, d, ref: -p * (d - p @ d), "k2 has the wrong sign"),
        (0, lambda p, d, ref: p * (d - p @ d), "k1"),
        (0, lambda p, d, ref: p, "k1 is the derivative in log π(x)"),
        (1, lambda p, d, ref: 0 * p, "k2 is 0"),
        (1, lambda p, d, ref: p * (d**2 / 2 - p @ d**2 / 2), "as if it were a reward"),
        (2, lambda p, d, ref: p + 0.3, "adds up to"),
        (2, lambda p, d, ref: 1.5 * (p - ref), "is not right yet"),
    ],
)
def test_a_wrong_row_is_named(row, change, words):
    feedback = check_answer(
        find_question("loss_gradients"), wrapped("loss_gradients", with_row(row, change))
    )
    assert feedback.state == "diagnosed"
    assert words in feedback.message


# E3


def test_the_best_of_four_is_that_of_the_course():
    assert f"{float(right_value('best_of_n_kl')):.4f}" == "0.5871"
    assert f"{float(wrong_value('best_of_n_kl', 'bound taken for the value')):.4f}" == "0.6363"
    reference = find_question("best_of_n_kl").reference
    for n, exact in ((2, 0.157199), (8, 1.124108)):
        assert reference(REF, REWARD, n) == pytest.approx(exact, abs=5e-7)


def test_the_bound_is_above_the_value_in_every_case_but_one_draw():
    question = find_question("best_of_n_kl")
    for case in question.cases():
        ref, reward, n = case.arguments
        value = question.reference(ref, reward, n)
        assert value <= unit_22.bound(n) + 1e-12
        assert value <= -math.log(ref[np.argmax(reward)]) + 1e-12
        assert len(set(reward.tolist())) == len(reward) and (ref > 0).all()
    # "Sixteen draws cost less than 2 nats"
    assert unit_22.bound(16) < 2


def test_the_law_of_the_best_sums_to_one_and_is_what_draws_show():
    best = unit_22.best_shares(REF[::-1], REWARD[::-1], 3)
    drawn = np.random.default_rng(1).choice(4, p=REF[::-1], size=(100_000, 3)).min(axis=1)
    np.testing.assert_allclose(best, np.bincount(drawn) / 100_000, atol=0.01)


# E4


def test_the_penalty_by_hand():
    # (-1 + 1.5) + (-0.5 + 0.75) + (-2 + 1) = -0.25, and -0.25 + 1.25 = 1: on average 0.375
    assert right_value("batch_penalty") == pytest.approx(0.5 * 0.375)


def test_a_penalty_may_be_negative_as_its_message_says():
    question = find_question("batch_penalty")
    assert min(question.reference(*case.arguments) for case in question.cases()) < 0
    assert (
        "an estimate from a few answers may be" in mistake("batch_penalty", "cut off at 0").message
    )


def test_what_doubles_with_the_batch_is_not_the_penalty_of_an_answer():
    log_policy, log_ref, mask, beta = find_question("batch_penalty").visible[0].arguments
    twice = [np.concatenate([array, array]) for array in (log_policy, log_ref, mask)]
    reference = find_question("batch_penalty").reference
    assert reference(*twice, beta) == pytest.approx(reference(log_policy, log_ref, mask, beta))
    summed = mistake("batch_penalty", "summed over answers").variants[0]
    assert summed(*twice, beta) == pytest.approx(2 * summed(log_policy, log_ref, mask, beta))
