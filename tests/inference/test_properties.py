"""What is true of every table, chain, channel and policy, tried on whatever hypothesis finds."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from klteach import kl_divergence, normalize, total_variation
from klteach.inference import (
    best_of_n,
    best_of_n_bound,
    chain_rule,
    chernoff_information,
    donsker_varadhan,
    fit_normal_reverse,
    fit_temperature,
    info_nce,
    k1,
    k3,
    markov_kl_rate,
    nwj,
    push_forward,
    sequence_log_ratio,
    stationary_distribution,
    tilted_policy,
)

WEIGHT = st.one_of(
    st.just(0.0),
    st.floats(0.01, 1),
    st.floats(-250, 0).map(lambda exponent: 10.0**exponent),
)
ORDINARY = st.floats(0.01, 1)
REWARD = st.one_of(st.integers(-3, 3).map(float), st.floats(-20, 20))


def rows(length, weight=WEIGHT):
    return st.lists(weight, min_size=length, max_size=length).filter(any).map(normalize)


def same_length(count, weight=WEIGHT, lengths=(1, 6)):
    """Tuples of `count` distributions of one length."""
    return st.integers(*lengths).flatmap(lambda length: st.tuples(*[rows(length, weight)] * count))


@st.composite
def tables(draw, count=2, weight=WEIGHT):
    """Tables of joint probabilities of one shape."""
    height, width = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    return [draw(rows(height * width, weight)).reshape(height, width) for _ in range(count)]


@st.composite
def channels(draw):
    """Two distributions and a channel for them."""
    p, q = draw(same_length(2))
    width = draw(st.integers(1, 4))
    return p, q, np.array([draw(rows(width)) for _ in p])


@st.composite
def chains(draw, count=1, weight=WEIGHT):
    size = draw(st.integers(1, 6))
    return [np.array([draw(rows(size, weight)) for _ in range(size)]) for _ in range(count)]


def alike(left, right, tolerance=1e-9):
    return left == right or abs(left - right) <= tolerance * max(abs(left), abs(right))


@given(tables())
def test_the_parts_of_the_chain_rule_are_never_negative_and_add_up(pair):
    p, q = pair
    marginal, conditional = chain_rule(p, q)
    assert marginal >= 0 and conditional >= 0
    assert alike(marginal + conditional, kl_divergence(p.ravel(), q.ravel()))


@given(tables(1), st.integers(0, 2**32), st.integers(-45, -1))
def test_the_chain_rule_adds_up_however_near_equality(table, seed, exponent):
    (p,) = table
    noise = np.random.default_rng(seed).random(p.shape)
    q = p * (1 + 2.0**exponent * noise)
    q /= q.sum()
    marginal, conditional = chain_rule(p, q)
    assert marginal >= 0 and conditional >= 0
    whole = kl_divergence(p.ravel(), q.ravel())
    # the differences of the row sums are exact to 1e-16, which is seen below 1e-22 nats
    assert alike(marginal + conditional, whole) or abs(marginal + conditional - whole) < 1e-24
    assert chain_rule(p, p.copy()) == (0, 0)


@given(tables())
def test_the_divergence_of_the_rows_is_at_most_that_of_the_tables(pair):
    p, q = pair
    assert chain_rule(p, q)[0] <= kl_divergence(p.ravel(), q.ravel()) * (1 + 1e-12)


@given(channels())
def test_no_channel_enlarges_a_divergence(drawn):
    p, q, channel = drawn
    after_p, after_q = push_forward(p, channel), push_forward(q, channel)
    before = kl_divergence(p, q)
    # a product of two tiny probabilities may be 0 in float64
    assume((after_q > 0).all() or (q @ (channel > 0) == 0).any() or math.isinf(before))
    assert kl_divergence(after_p, after_q) <= before * (1 + 1e-9) + 1e-28
    assert total_variation(after_p, after_q) <= total_variation(p, q) + 1e-15
    assert alike(after_p.sum(), 1, 1e-14)


@given(chains())
def test_the_stationary_law_is_stationary(drawn):
    (chain,) = drawn
    law = one_law(chain)
    assert alike(law.sum(), 1, 1e-14) and (law >= 0).all()
    np.testing.assert_allclose(law @ chain, law, rtol=1e-9, atol=1e-300)


def one_law(chain):
    """The stationary law; a chain with more than one is refused, and is no example."""
    reached = np.linalg.matrix_power((chain > 0) + np.eye(len(chain)), len(chain)) > 0
    if not reached.all(axis=0).any():  # no state is reached from all
        with pytest.raises(ValueError, match="more than one part"):
            stationary_distribution(chain)
        assume(False)
    return stationary_distribution(chain)


@given(chains(2, ORDINARY))
def test_the_rate_is_what_one_more_step_adds(drawn):
    """KL of n + 1 and of n steps from the stationary law, by every walk."""
    p, q = drawn
    assume(len(p) <= 3)
    start = stationary_distribution(p)
    length = []
    for steps in (3, 4):
        total = 0.0
        for walk in itertools.product(range(len(p)), repeat=steps):
            moves = list(itertools.pairwise(walk))
            weight = start[walk[0]] * math.prod(p[move] for move in moves)
            total += weight * sum(math.log(p[move] / q[move]) for move in moves)
        length.append(total)
    assert math.isclose(markov_kl_rate(p, q), length[1] - length[0], rel_tol=1e-8, abs_tol=1e-14)
    assert markov_kl_rate(p, p.copy()) == 0


@given(same_length(2, ORDINARY))
def test_the_mean_of_k1_and_of_k3_over_all_outcomes_is_the_divergence(pair):
    p, q = pair
    for estimator in (k1, k3):
        assert math.isclose(
            p @ estimator(np.log(p), np.log(q)), kl_divergence(p, q), rel_tol=1e-9, abs_tol=1e-14
        )


@given(same_length(2, ORDINARY), st.integers(1, 4))
def test_the_mean_log_ratio_of_all_texts_is_their_divergence(pair, tokens):
    p, q = pair
    assume(len(p) ** tokens <= 300)
    texts = np.array(list(itertools.product(range(len(p)), repeat=tokens)))
    ratios = sequence_log_ratio(np.log(p)[texts], np.log(q)[texts])
    mean = p[texts].prod(axis=1) @ ratios
    assert math.isclose(mean, tokens * kl_divergence(p, q), rel_tol=1e-9, abs_tol=1e-13)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5), REWARD), min_size=1, max_size=6))
def test_no_critic_lifts_a_bound_above_the_divergence(outcomes):
    """Samples in exact proportions, for which the means of the bounds are exact."""
    counts_p, counts_q, critic = zip(*outcomes, strict=True)
    kl = kl_divergence(normalize(counts_p), normalize(counts_q))
    at_p, at_q = (np.repeat(critic, counts) for counts in (counts_p, counts_q))
    bound = donsker_varadhan(at_p, at_q)
    assert nwj(at_p, at_q) <= bound + 1e-12 <= kl + 1e-11


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=6))
def test_the_log_ratio_is_the_best_critic(outcomes):
    counts_p, counts_q = zip(*outcomes, strict=True)
    p, q = normalize(counts_p), normalize(counts_q)
    best = np.log(p / q)
    bounds = [
        donsker_varadhan(np.repeat(best, counts_p), np.repeat(best, counts_q)),
        nwj(1 + np.repeat(best, counts_p), 1 + np.repeat(best, counts_q)),
    ]
    kl = kl_divergence(p, q)
    assert all(math.isclose(bound, kl, rel_tol=1e-9, abs_tol=1e-14) for bound in bounds)


@given(st.integers(1, 6), st.integers(0, 2**32), st.floats(0, 50))
def test_info_nce_is_at_most_log_n(n, seed, scale):
    scores = scale * np.random.default_rng(seed).standard_normal((n, n))
    assert info_nce(scores) <= math.log(n)


@given(same_length(2), st.floats(0.05, 20), st.data())
def test_no_other_policy_earns_more_after_the_penalty(pair, beta, data):
    reference, other = pair
    reward = np.array(data.draw(st.lists(REWARD, min_size=len(other), max_size=len(other))))

    def worth(policy):
        return policy @ reward - beta * kl_divergence(policy, reference)

    best = tilted_policy(reference, reward, beta)
    assert alike(best.sum(), 1, 1e-14) and (best[reference == 0] == 0).all()
    slack = 1e-12 * (1 + beta + np.abs(reward).max())
    for share in (1.0, 0.1, 1e-3):
        assert worth(best) >= worth((1 - share) * best + share * other) - slack
    assert worth(best) >= worth(reference) - slack


@given(same_length(1), st.integers(1, 40), st.data())
def test_the_best_of_n_stays_within_its_bound_and_earns_no_less(single, n, data):
    (reference,) = single
    size = len(reference)
    reward = np.array(data.draw(st.lists(REWARD, min_size=size, max_size=size)))
    policy = best_of_n(reference, reward, n)
    assert alike(policy.sum(), 1, 1e-12) and (policy >= 0).all()
    assert kl_divergence(policy, reference) <= best_of_n_bound(n) + 1e-12
    assert policy @ reward >= reference @ reward - 1e-12
    assert best_of_n(reference, reward, n + 1) @ reward >= policy @ reward - 1e-12


@given(same_length(2))
def test_chernoff_information_is_symmetric_and_within_both_divergences(pair):
    p, q = pair
    information = chernoff_information(p, q)
    assert information >= 0 and chernoff_information(p, p.copy()) == 0
    assert alike(information, chernoff_information(q, p))
    with np.errstate(divide="ignore"):
        halfway = -np.logaddexp.reduce((np.log(p) + np.log(q)) / 2)
    assert information >= halfway * (1 - 1e-9) - 1e-15
    assert information <= min(kl_divergence(p, q), kl_divergence(q, p)) * (1 + 1e-9)


@given(
    st.lists(
        st.tuples(st.floats(0.05, 1), st.floats(-4, 4), st.floats(0.3, 3)), min_size=1, max_size=3
    )
)
def test_the_reverse_fit_is_no_worse_than_any_component_and_no_narrower_than_all(parts):
    weights, means, sigmas = map(np.array, zip(*parts, strict=True))
    weights = normalize(weights)
    mu, sigma, kl = fit_normal_reverse(weights, means, sigmas)
    # a component is within -log of its weight of the mixture
    assert 0 <= kl <= -math.log(weights.max()) + 1e-12
    # the log of the mixture is nowhere bent down by more than 1/min sigma²
    assert sigma >= sigmas.min() * (1 - 1e-9)
    assert means.min() - 1e-6 <= mu <= means.max() + 1e-6


@given(st.integers(0, 2**32), st.integers(2, 5))
def test_no_other_temperature_has_a_smaller_loss(seed, classes):
    random = np.random.default_rng(seed)
    logits, labels = random.standard_normal((30, classes)), random.integers(classes, size=30)
    if (logits.mean(axis=1) - logits[np.arange(30), labels]).mean() >= 0:
        with pytest.raises(ValueError, match="T goes to infinity"):
            fit_temperature(logits, labels)
        return
    best = fit_temperature(logits, labels)

    def loss(temperature):
        scaled = logits / temperature
        return np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(30), labels])

    assert all(loss(best) <= loss(best * factor) + 1e-14 for factor in (0.5, 0.99, 1.01, 2, 1e3))
