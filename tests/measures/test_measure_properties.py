"""What is true of every distribution, tried on whatever hypothesis finds."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from klteach import cross_entropy, entropy, kl_divergence, kl_terms, normalize, perplexity

# derandomize: the same examples for everybody, and nothing kept on disk.
PROPERTY = settings(deadline=None, max_examples=150, derandomize=True, database=None)

WEIGHT = st.one_of(
    st.just(0.0),
    st.floats(0, 1),
    st.floats(-300, 0).map(lambda exponent: 10.0**exponent),
    st.integers(1, 5).map(float),
)
NEARLY_NOTHING = 1e-300


def distributions(count, lengths=(1, 12)):
    """Tuples of `count` distributions of one length."""

    def of_one_length(length):
        row = st.lists(WEIGHT, min_size=length, max_size=length).filter(any).map(normalize)
        return st.tuples(*[row] * count)

    return st.integers(*lengths).flatmap(of_one_length)


def alike(left, right, tolerance=1e-12):
    return left == right or abs(left - right) <= tolerance * max(abs(left), abs(right))


@PROPERTY
@given(distributions(2))
def test_a_divergence_is_never_negative(pair):
    assert kl_divergence(*pair) >= 0
    assert (kl_terms(*pair) >= 0).all()


@PROPERTY
@given(distributions(1), st.integers(-52, 0), st.integers(0, 2**32))
def test_a_divergence_is_never_negative_however_near_equality(single, exponent, seed):
    (p,) = single
    q = normalize(p * (1 + 2.0**exponent * np.random.default_rng(seed).random(len(p))))
    assert kl_divergence(p, q) >= 0
    assert (kl_terms(p, q) >= 0).all()


@PROPERTY
@given(distributions(1))
def test_exactly_zero_at_equality(single):
    (p,) = single
    assert kl_divergence(p, p.copy()) == 0


@PROPERTY
@given(distributions(2))
def test_the_terms_sum_to_the_divergence(pair):
    assert alike(kl_terms(*pair).sum(), kl_divergence(*pair))


@PROPERTY
@given(distributions(2), st.randoms(use_true_random=False))
def test_the_order_of_the_outcomes_does_not_matter(pair, random):
    p, q = pair
    order = random.sample(range(len(p)), len(p))
    assert alike(kl_divergence(p[order], q[order]), kl_divergence(p, q))
    assert alike(entropy(p[order]), entropy(p))
    assert alike(cross_entropy(p[order], q[order]), cross_entropy(p, q))


@PROPERTY
@given(distributions(2))
def test_an_outcome_that_never_occurs_changes_nothing(pair):
    p, q = pair
    assert alike(kl_divergence([*p, 0.0], [*q, 0.0]), kl_divergence(p, q))
    assert alike(entropy([*p, 0.0]), entropy(p))


@PROPERTY
@given(distributions(2))
def test_cross_entropy_is_entropy_plus_divergence(pair):
    p, q = pair
    assert alike(cross_entropy(p, q), entropy(p) + kl_divergence(p, q))
    assert cross_entropy(p, q) >= entropy(p) * (1 - 1e-14)


@PROPERTY
@given(distributions(1))
def test_entropy_lies_between_certainty_and_uniformity(single):
    (p,) = single
    assert 0 <= entropy(p) <= math.log(len(p)) * (1 + 1e-14)
    assert 1 <= perplexity(p) <= len(p) * (1 + 1e-13)
    uniform = np.full(len(p), 1 / len(p))
    assert abs(kl_divergence(p, uniform) - (math.log(len(p)) - entropy(p))) <= 1e-14


@PROPERTY
@given(distributions(2, lengths=(2, 12)), st.integers(1, 11))
def test_merging_outcomes_never_raises_a_divergence(pair, cut):
    p, q = pair
    cut = min(cut, len(p) - 1)

    def merged(values):
        return np.array([values[:cut].sum(), *values[cut:]])

    assert kl_divergence(merged(p), merged(q)) <= kl_divergence(p, q) * (1 + 1e-12) + NEARLY_NOTHING
    assert entropy(merged(p)) <= entropy(p) * (1 + 1e-12) + NEARLY_NOTHING


@PROPERTY
@given(distributions(2, lengths=(1, 6)), distributions(2, lengths=(1, 6)))
def test_independent_parts_add_up(first, second):
    together = [np.outer(one, other).ravel() for one, other in zip(first, second)]
    total = kl_divergence(*first) + kl_divergence(*second)
    # np.outer rounds every product, which moves p against q by about 1e-16 of each.
    assert alike(kl_divergence(*together), total, 1e-9) or abs(kl_divergence(*together) - total) < (
        1e-15 + 1e-7 * total
    )
    assert abs(entropy(together[0]) - entropy(first[0]) - entropy(second[0])) <= 1e-12


@PROPERTY
@given(distributions(2, lengths=(3, 3)), distributions(6, lengths=(4, 4)))
def test_the_chain_rule(first, rows):
    (p, q), given_p, given_q = first, np.array(rows[:3]), np.array(rows[3:])
    joint_p, joint_q = p[:, np.newaxis] * given_p, q[:, np.newaxis] * given_q
    conditional = kl_divergence(given_p, given_q)
    # A row that p never reaches costs nothing, even where the divergence there is infinite.
    total = kl_divergence(p, q) + sum(a * b for a, b in zip(p, conditional) if a > 0)
    whole = kl_divergence(joint_p.ravel(), joint_q.ravel())
    if np.any((joint_p == 0) != (p[:, np.newaxis] * given_p.astype(bool) == 0)):
        return  # a product was too small to be stored
    if np.any((joint_q == 0) != (q[:, np.newaxis] * given_q.astype(bool) == 0)):
        return
    assert alike(whole, total, 1e-9) or abs(whole - total) < 1e-14


@PROPERTY
@given(distributions(4), st.floats(0, 1))
def test_the_divergence_is_jointly_convex(four, weight):
    p1, p2, q1, q2 = four
    mixed = kl_divergence(weight * p1 + (1 - weight) * p2, weight * q1 + (1 - weight) * q2)
    parts = [
        share * kl_divergence(p, q)
        for share, p, q in ((weight, p1, q1), (1 - weight, p2, q2))
        if share > 0
    ]
    assert mixed <= sum(parts) * (1 + 1e-12) + 1e-15
