"""How divergences add up: tables against exact sums, chains against linear algebra, texts."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from klteach import kl_divergence, mutual_information, normalize
from klteach.inference import (
    chain_rule,
    markov_kl_rate,
    sequence_log_ratio,
    stationary_distribution,
)
from tests.inference.inference_exact import (
    EXTREME,
    exact_parts,
    exact_rate,
    exact_stationary,
    near,
)
from tests.refusals import refusal

P = np.array([[0.30, 0.10, 0.05], [0.05, 0.20, 0.30]])
Q = np.array([[0.15, 0.10, 0.15], [0.20, 0.20, 0.20]])
CHAIN_P = [[0.7, 0.2, 0.1], [0.3, 0.4, 0.3], [0.2, 0.3, 0.5]]
CHAIN_Q = [[0.5, 0.3, 0.2], [0.25, 0.5, 0.25], [0.1, 0.2, 0.7]]


def nearly(table, size, seed=0):
    """The table with every entry changed by about `size` of itself."""
    noise = np.random.default_rng(seed).standard_normal(np.shape(table))
    changed = np.asarray(table) * (1 + size * noise)
    return changed / changed.sum()


TABLES = {
    "ordinary": (P, Q),
    "near by 1e-3": (P, nearly(P, 1e-3)),
    "near by 1e-7": (P, nearly(P, 1e-7)),
    "rows differ, conditionals do not": (
        np.outer([0.3, 0.7], [0.5, 0.5]),
        np.outer([0.5, 0.5], [0.5, 0.5]),
    ),
    "conditionals differ, rows do not": ([[0.25, 0.25], [0.1, 0.4]], [[0.3, 0.2], [0.2, 0.3]]),
    "one row": ([[0.2, 0.8]], [[0.6, 0.4]]),
    "one column": ([[0.2], [0.8]], [[0.6], [0.4]]),
    "absent pairs": ([[0.5, 0.0], [0.0, 0.5]], [[0.25, 0.25], [0.0, 0.5]]),
    "a row that P never has": ([[0.5, 0.5], [0.0, 0.0]], [[0.25, 0.5], [0.25, 0.0]]),
    "a row that Q never has": ([[0.25, 0.25], [0.2, 0.3]], [[0.3, 0.7], [0.0, 0.0]]),
    "disjoint": ([[0.5, 0.0], [0.0, 0.5]], [[0.0, 0.5], [0.5, 0.0]]),
    "tiny under Q": ([[0.5, 0.1], [0.1, 0.3]], [[0.5, 0.5], [1e-300, 2e-300]]),
    "tiny under P": ([[0.5, 0.5], [1e-300, 2e-300]], [[0.5, 0.1], [0.1, 0.3]]),
    "subnormal": ([[0.5, 0.5], [1e-310, 1e-305]], [[0.5, 0.5], [1e-305, 1e-310]]),
}


@pytest.mark.parametrize("kind", TABLES)
def test_both_parts_are_those_of_exact_arithmetic(kind):
    p, q = TABLES[kind]
    for part, exact in zip(chain_rule(p, q), exact_parts(p, q, 700), strict=True):
        if kind == "rows differ, conditionals do not":
            # 0.3 * 0.5 is rounded, so the conditionals of the stored tables agree to 16 digits
            assert near(part, exact) or 0 <= part < 1e-30
        else:
            assert near(part, exact)


@pytest.mark.parametrize("kind", TABLES)
def test_the_parts_add_up_to_the_divergence_of_the_tables(kind):
    p, q = (np.asarray(table) for table in TABLES[kind])
    marginal, conditional = chain_rule(p, q)
    assert marginal + conditional == pytest.approx(kl_divergence(p.ravel(), q.ravel()), rel=1e-9)


def test_equal_tables_have_no_divergence_in_either_part():
    assert chain_rule(P, P.copy()) == (0.0, 0.0)
    assert chain_rule([[1e-300, 1.0]], [[1e-300, 1.0]]) == (0.0, 0.0)


def test_against_the_product_of_its_margins_all_divergence_is_conditional():
    product = np.outer(P.sum(axis=1), P.sum(axis=0))
    marginal, conditional = chain_rule(P, product)
    assert marginal < 1e-30
    assert conditional == pytest.approx(mutual_information(P), rel=1e-12)


def test_the_rows_are_weighted_by_p_and_not_by_q():
    marginal, conditional = chain_rule(P, Q)
    rows = kl_divergence(normalize(P), normalize(Q))
    assert conditional == pytest.approx(P.sum(axis=1) @ rows, rel=1e-12)
    assert abs(conditional - Q.sum(axis=1) @ rows) > 1e-3
    assert marginal == pytest.approx(kl_divergence(P.sum(axis=1), Q.sum(axis=1)), rel=1e-12)


def test_a_batch_of_tables_gives_one_pair_for_each():
    batch = np.stack([P, Q, nearly(P, 0.1)])
    marginal, conditional = chain_rule(batch, Q)
    assert marginal.shape == conditional.shape == (3,)
    for i, table in enumerate(batch):
        assert (marginal[i], conditional[i]) == pytest.approx(chain_rule(table, Q), rel=1e-12)
    assert chain_rule(batch, batch)[0].tolist() == [0, 0, 0]


def test_totals_that_are_off_by_rounding_do_not_matter():
    single = P.astype(np.float32), Q.astype(np.float32)
    assert chain_rule(*single) == pytest.approx(chain_rule(P, Q), rel=1e-6)
    assert chain_rule(P * (1 + 1e-9), P) == pytest.approx((0, 0), abs=1e-30)


@pytest.mark.parametrize(
    "p, q, parts",
    [
        (P.ravel(), Q, ["joint_p has shape (6,)", "row for each value of X"]),
        (P, Q.T, ["joint_p has shape (2, 3)", "joint_q has shape (3, 2)"]),
        (P, np.full((1, 3), 1 / 3), ["joint_p has shape (2, 3)", "joint_q has shape (1, 3)"]),
        (P, Q * 2, ["joint_q sums to 2", "joint_q / joint_q.sum()"]),
        ((100 * P).astype(int), Q, ["joint_p holds whole numbers that sum to 100", "joint_p.sum"]),
        (P - [[0, 0.2, 0], [0, 0, 0]], Q, ["joint_p[0, 1] is -0.1", "negative"]),
        (P, Q * [[1, np.nan, 1]], ["joint_q[0, 1] is nan"]),
        (np.stack([P, 2 * P]), Q, ["joint_p[1, :, :] sums to 2", "axis=(-2, -1)"]),
        (np.stack([P, P]), np.stack([Q, Q, Q]), ["batch of shape (2,)", "one of shape (3,)"]),
        (np.zeros((0, 2)), Q, ["joint_p has shape (0, 2)"]),
        (P, Q > 0.1, ["joint_q holds True and False"]),
    ],
)
def test_what_is_no_pair_of_tables_is_refused(p, q, parts):
    message = refusal(chain_rule, p, q)
    assert all(part in message for part in parts), message


def test_tables_with_margins_or_with_rows_in_another_order_are_refused():
    a, b = pd.Series(list("xxyyzzzz")), pd.Series(list("ssttsttt"))
    table = pd.crosstab(a, b, normalize=True)
    whole = pd.crosstab(a, b, normalize=True, margins=True)
    assert "joint_q has its margins" in refusal(chain_rule, table, whole.to_numpy())
    assert "the rows of joint_p are x, y, z and those of joint_q are z" in refusal(
        chain_rule, table, table.iloc[::-1]
    )


CHAINS = {
    "ordinary": CHAIN_P,
    "two states": [[0.9, 0.1], [0.5, 0.5]],
    "one state": [[1.0]],
    "periodic": [[0, 1, 0], [0.5, 0, 0.5], [0, 1, 0]],
    "a circle": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
    "left for good": [[0.5, 0.25, 0.25], [0, 0.5, 0.5], [0, 0.1, 0.9]],
    "absorbing": [[0.5, 0.5], [0, 1]],
    "hardly ever left": [[1, 1e-300, 0], [1e-300, 1, 1e-300], [0, 1e-310, 1]],
    "rarely round": [[1, 1e-200, 0], [0, 1, 1e-200], [1e-200, 0, 1]],
    "rare state": [[1, 1e-300], [0.5, 0.5]],
    "product beyond float64": [
        [0, 1, 0, 0],
        [1, 0, 1e-200, 0],
        [0, 1, 0, 1e-100],
        [0, 0, 1, 0],
    ],
    "common last": [[0.5, 0.5], [1e-300, 1]],
    "rarest first": [[0, 1, 0, 0], [1e-110, 0, 1, 0], [0, 1e-200, 0, 1], [0, 0, 1, 0]],
    "a detour beyond float64": [[1, 0, 1e-200], [1e-300, 1, 0], [1, 1e-200, 0]],
}


@pytest.mark.parametrize("kind", CHAINS)
def test_the_stationary_law_solves_its_equations(kind):
    law = stationary_distribution(CHAINS[kind])
    for share, exact in zip(law, exact_stationary(CHAINS[kind], EXTREME), strict=True):
        assert near(share, exact)
    assert law.sum() == pytest.approx(1, abs=1e-14)


def test_a_share_that_is_too_small_for_float64_is_0():
    chain = [[0, 1, 0, 0], [1, 0, 1e-200, 0], [0, 1, 0, 1e-200], [0, 0, 1, 0]]
    assert stationary_distribution(chain).tolist() == pytest.approx([0.5, 0.5, 5e-201, 0.0])


def test_a_large_chain_stays_as_it_is_in_one_step():
    chain = np.random.default_rng(3).dirichlet(np.full(200, 0.05), 200)
    law = stationary_distribution(chain)
    np.testing.assert_allclose(law @ chain, law, rtol=1e-12, atol=1e-18)


def test_the_stationary_law_is_where_a_long_walk_spends_its_time():
    random = np.random.default_rng(11)
    walkers = np.zeros(4000, dtype=int)
    visits = np.zeros((4000, 3))
    steps = np.cumsum(CHAIN_P, axis=1)
    for _ in range(300):
        walkers = (random.random(4000)[:, None] > steps[walkers]).sum(axis=1)
        visits[np.arange(4000), walkers] += 1
    shares = visits / 300
    error = shares.std(axis=0) / math.sqrt(4000)
    # the start in state 0 is felt for a few steps: less than 0.01 of the whole
    assert (np.abs(shares.mean(axis=0) - stationary_distribution(CHAIN_P)) < 4 * error + 0.01).all()


@pytest.mark.parametrize(
    "chain, parts",
    [
        (np.eye(2), ["transitions can end in more than one part", "state 0", "state 1"]),
        (
            [[0.5, 0.25, 0.25], [0, 1, 0], [0, 0, 1]],
            ["from state 1 the chain never gets to state 2", "not unique"],
        ),
        ([[0.5, 0.5], [0.3, 0.3]], ["transitions[1, :] sums to 0.6"]),
        ([[0.9, 0.3], [0.1, 0.7]], ["the columns of transitions sum to 1", "transitions.T"]),
        ([[9, 1], [5, 5]], ["transitions[0, :] holds whole numbers", "normalize(transitions)"]),
        ([[1.5, -0.5], [0.5, 0.5]], ["transitions[0, 1] is -0.5"]),
        ([[np.nan, 1.0], [0.5, 0.5]], ["transitions[0, 0] is nan"]),
        ([0.5, 0.5], ["transitions has shape (2,)"]),
        ([[0.5, 0.5, 0], [1, 0, 0]], ["transitions has 2 rows and 3 columns"]),
        (np.zeros((0, 0)), ["transitions has shape (0, 0)"]),
        (np.full((2, 2, 2), 0.5), ["transitions has shape (2, 2, 2)"]),
    ],
)
def test_what_is_no_chain_with_one_law_is_refused(chain, parts):
    message = refusal(stationary_distribution, chain)
    assert all(part in message for part in parts), message


def test_the_rate_is_that_of_exact_arithmetic():
    assert near(markov_kl_rate(CHAIN_P, CHAIN_Q), exact_rate(CHAIN_P, CHAIN_Q))
    assert near(markov_kl_rate(CHAIN_Q, CHAIN_P), exact_rate(CHAIN_Q, CHAIN_P))
    close = normalize(np.array(CHAIN_P) * [[1 + 1e-7, 1, 1], [1, 1, 1 - 1e-7], [1, 1, 1]])
    assert near(markov_kl_rate(CHAIN_P, close), exact_rate(CHAIN_P, close, 120))
    uneven = np.random.default_rng(6).dirichlet(np.ones(5), 5)
    closer = uneven + 1e-10 * np.roll(uneven, 1, axis=1) - 1e-10 * uneven
    assert near(markov_kl_rate(uneven, closer), exact_rate(uneven, closer, 120))
    rare_p, rare_q = [[1, 1e-300], [0.5, 0.5]], [[1, 1e-290], [0.2, 0.8]]
    assert near(markov_kl_rate(rare_p, rare_q), exact_rate(rare_p, rare_q, EXTREME))


def test_the_law_is_that_of_p():
    rows = kl_divergence(CHAIN_P, CHAIN_Q)
    rate = markov_kl_rate(CHAIN_P, CHAIN_Q)
    assert rate == pytest.approx(stationary_distribution(CHAIN_P) @ rows, rel=1e-12)
    assert abs(rate - stationary_distribution(CHAIN_Q) @ rows) > 1e-3
    assert abs(rate - rows.mean()) > 1e-3


def test_equal_chains_and_chains_of_equal_rows():
    assert markov_kl_rate(CHAIN_P, CHAIN_P) == 0
    p, q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
    assert markov_kl_rate([p] * 3, [q] * 3) == pytest.approx(kl_divergence(p, q), rel=1e-12)


def test_the_rate_is_inf_where_q_forbids_what_p_does_again_and_again_and_only_there():
    # in state 0, which P leaves for good, and in what P never does
    assert math.isfinite(markov_kl_rate([[0.5, 0.5], [0.0, 1.0]], [[0.0, 1.0], [0.2, 0.8]]))
    assert markov_kl_rate([[0, 1], [1, 0]], [[0.5, 0.5], [1, 0]]) == pytest.approx(math.log(2) / 2)
    # in a state that P comes back to, however rarely
    assert markov_kl_rate([[0.5, 0.5], [0.5, 0.5]], [[1, 0], [0.5, 0.5]]) == math.inf
    assert markov_kl_rate([[1, 1e-300], [0.5, 0.5]], [[1, 1e-300], [1, 0]]) == math.inf
    # even where the share of that state is 1e-400
    p = [[0, 1, 0, 0], [1, 0, 1e-200, 0], [0, 1, 0, 1e-200], [0, 0, 1, 0]]
    q = [[0, 1, 0, 0], [1, 0, 1e-200, 0], [0, 1, 0, 1e-200], [0, 1, 0, 0]]
    assert markov_kl_rate(p, q) == math.inf


def test_the_rate_is_the_mean_log_ratio_of_a_step_of_long_texts():
    random = np.random.default_rng(5)
    texts, length, warm_up = 1500, 200, 30
    walkers, log_p, log_q = np.zeros(texts, dtype=int), [], []
    steps = np.cumsum(CHAIN_P, axis=1)
    for _ in range(warm_up + length):
        before = walkers
        walkers = (random.random(texts)[:, None] > steps[walkers]).sum(axis=1)
        log_p.append(np.log(CHAIN_P)[before, walkers])
        log_q.append(np.log(CHAIN_Q)[before, walkers])
    log_p, log_q = (np.transpose(table[warm_up:]) for table in (log_p, log_q))
    per_step = sequence_log_ratio(log_p, log_q) / length
    error = per_step.std() / math.sqrt(texts)
    assert abs(per_step.mean() - markov_kl_rate(CHAIN_P, CHAIN_Q)) < 4 * error < 0.003


@pytest.mark.parametrize(
    "p, q, parts",
    [
        (np.eye(2), CHAIN_Q, ["transitions_p has 2 states and transitions_q has 3"]),
        (np.eye(3), CHAIN_Q, ["transitions_p can end in more than one part"]),
        (CHAIN_P, np.array(CHAIN_Q) * 2, ["transitions_q[0, :] sums to 2"]),
        (np.array(CHAIN_P).T, CHAIN_Q, ["the columns of transitions_p", "transitions_p.T"]),
        (CHAIN_P, [[0.5, 0.5]], ["transitions_q has 1 rows and 2 columns"]),
    ],
)
def test_what_is_no_pair_of_chains_is_refused(p, q, parts):
    message = refusal(markov_kl_rate, p, q)
    assert all(part in message for part in parts), message


def test_q_may_be_a_chain_with_several_parts():
    assert markov_kl_rate([[0.0, 1.0], [1.0, 0.0]], np.eye(2)) == math.inf


def test_chains_whose_states_are_in_another_order_are_refused():
    p = pd.DataFrame(CHAIN_P, index=list("abc"), columns=list("abc"))
    q = pd.DataFrame(CHAIN_Q, index=list("cba"), columns=list("cba"))
    assert "transitions_p lists a, b, c" in refusal(markov_kl_rate, p, q)


LOG_P = np.log([[0.5, 0.25, 0.1], [0.2, 0.3, 0.4]])
LOG_Q = np.log([[0.4, 0.5, 0.2], [0.1, 0.6, 0.4]])


def test_the_log_ratio_of_a_text_is_the_sum_over_its_tokens():
    expected = [math.log(0.5 * 0.25 * 0.1 / (0.4 * 0.5 * 0.2)), math.log(0.2 * 0.3 / (0.1 * 0.6))]
    ratios = sequence_log_ratio(LOG_P, LOG_Q)
    assert ratios.shape == (2,) and ratios.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert sequence_log_ratio(LOG_P[0], LOG_Q[0]) == ratios[0]
    assert isinstance(sequence_log_ratio(LOG_P[0], LOG_Q[0]), float)
    assert sequence_log_ratio(LOG_P[None], LOG_Q[None]).shape == (1, 2)
    assert sequence_log_ratio(LOG_P, LOG_P).tolist() == [0, 0]


@pytest.mark.parametrize("padding", [0.0, -np.inf, np.nan, np.inf, 7.0, -1e308])
@pytest.mark.parametrize("marked", [bool, int, float])
def test_padding_is_never_touched(padding, marked):
    mask = np.array([[1, 1, 0], [1, 0, 0]]).astype(marked)
    expected = sequence_log_ratio(LOG_P[0, :2], LOG_Q[0, :2]), LOG_P[1, 0] - LOG_Q[1, 0]
    log_p, log_q = (np.where(mask == 1, table, padding) for table in (LOG_P, LOG_Q))
    with np.errstate(all="raise"):
        assert sequence_log_ratio(log_p, log_q, mask).tolist() == pytest.approx(expected, rel=1e-12)
    assert sequence_log_ratio(log_p, log_q, mask.tolist())[1] == expected[1]


def test_a_text_without_tokens_has_ratio_0():
    mask = [[True, False, False], [False, False, False]]
    assert sequence_log_ratio(LOG_P, LOG_Q, mask)[1] == 0


def test_a_token_that_q_rules_out_makes_its_text_inf_and_no_other():
    log_q = LOG_Q.copy()
    log_q[1, 2] = -np.inf
    ratios = sequence_log_ratio(LOG_P, log_q)
    assert ratios[1] == np.inf and ratios[0] == sequence_log_ratio(LOG_P, LOG_Q)[0]
    assert np.isfinite(sequence_log_ratio(LOG_P, log_q, [[1, 1, 1], [1, 1, 0]])).all()


def test_a_long_text_loses_no_digits():
    random = np.random.default_rng(2)
    log_p = np.log(random.dirichlet(np.ones(5), 100_000)[:, 0])
    for log_q in (np.log(random.dirichlet(np.ones(5), 100_000)[:, 0]), log_p * (1 + 1e-6)):
        exact = math.fsum(np.concatenate([log_p, -log_q]))
        assert sequence_log_ratio(log_p, log_q) == pytest.approx(exact, rel=1e-9)
    tiny = np.full(100_000, math.log(1e-300))
    assert sequence_log_ratio(tiny, 2 * tiny) == pytest.approx(1e5 * 300 * math.log(10), rel=1e-12)


def test_the_mean_log_ratio_over_all_texts_is_the_divergence():
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    texts = np.array(np.meshgrid(*[range(3)] * 4)).reshape(4, -1).T
    ratios = sequence_log_ratio(np.log(p)[texts], np.log(q)[texts])
    assert p[texts].prod(axis=1) @ ratios == pytest.approx(4 * kl_divergence(p, q), rel=1e-12)


@pytest.mark.parametrize(
    "log_p, log_q, mask, parts",
    [
        (LOG_P, LOG_Q[:, :2], None, ["log_p has shape (2, 3)", "log_q has shape (2, 2)"]),
        (LOG_P, LOG_Q[0], None, ["log_p has shape (2, 3)", "log_q has shape (3,)"]),
        (LOG_P, LOG_Q, [1, 1, 0], ["mask has shape (3,) and log_p has shape (2, 3)"]),
        (LOG_P, LOG_Q, [[1, 2, 0], [1, 1, 1]], ["mask[0, 1] is 2", "True or 1"]),
        (LOG_P, LOG_Q, [[1, np.nan, 0], [1, 1, 1]], ["mask[0, 1] is nan"]),
        (LOG_P, LOG_Q, "real", ["mask holds text"]),
        (-0.5, -0.5, None, ["log_p has shape ()"]),
        ([], [], None, ["log_p has shape (0,)"]),
        ([-1.0, np.nan], [-1.0, -1.0], None, ["log_p[1] is nan", "pass mask"]),
        ([-1.0, -1.0], [np.nan, -1.0], [1, 1], ["log_q[0] is nan", "mask must be False"]),
        ([0.5, 0.5], [-1.0, -1.0], None, ["log_p[0] is 0.5", "np.log of probabilities"]),
        ([-1.0, -1.0], [-1.0, 1e-3], None, ["log_q[1] is 0.001", "at most 0"]),
        ([-1.0, np.inf], [-1.0, -1.0], None, ["log_p[1] is inf", "at most 0"]),
        ([-1.0, -np.inf], [-1.0, -1.0], None, ["log_p[1] is -inf", "pass mask", "pass q first"]),
        ([-1.0, -np.inf], [-1.0, -np.inf], [1, 1], ["log_p[1] is -inf", "mask must be False"]),
        (["-1"], ["-1"], None, ["log_p holds text"]),
    ],
)
def test_what_are_no_log_probabilities_of_texts_is_refused(log_p, log_q, mask, parts):
    message = refusal(sequence_log_ratio, log_p, log_q, mask)
    assert all(part in message for part in parts), message


def test_a_softmax_in_float32_may_be_above_0_by_rounding():
    log_p = np.array([1e-7, -1.0], dtype=np.float32)
    assert sequence_log_ratio(log_p, [0.0, -2.0]) == pytest.approx(1 + 1e-7)
    assert sequence_log_ratio(log_p.tolist(), [0.0, -2.0]) == pytest.approx(1 + 1e-7)


def random_chain(size, random):
    return random.dirichlet(np.ones(size), size=size)


@pytest.mark.parametrize("size", [2, 5])
def test_the_rate_is_the_growth_of_the_divergence_of_paths(size):
    random = np.random.default_rng(3)
    p, q = random_chain(size, random), random_chain(size, random)
    # exact: KL of paths of n steps, by the law of the state at each step
    law, totals = random.dirichlet(np.ones(size)), [0.0]
    for _ in range(2000):
        totals.append(totals[-1] + law @ (p * np.log(p / q)).sum(axis=1))
        law = law @ p
    # where it began is forgotten after a thousand steps
    assert markov_kl_rate(p, q) == pytest.approx((totals[2000] - totals[1000]) / 1000, rel=1e-9)


def test_the_rate_by_listing_all_paths():
    # nothing but chances of whole paths: KL of those of nine steps, less KL of those of eight
    random = np.random.default_rng(4)
    p, q = random_chain(2, random), random_chain(2, random)
    start = stationary_distribution(p)
    divergences = []
    for steps in (8, 9):
        paths = np.array(list(itertools.product(range(2), repeat=steps + 1)))
        now, then = (
            start[paths[:, 0]] * chain[paths[:, :-1], paths[:, 1:]].prod(axis=1) for chain in (p, q)
        )
        assert now.sum() == pytest.approx(1)
        divergences.append(now @ np.log(now / then))
    assert markov_kl_rate(p, q) == pytest.approx(divergences[1] - divergences[0], rel=1e-9)
