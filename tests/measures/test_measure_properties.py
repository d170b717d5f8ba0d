"""What is true of every distribution, tried on whatever hypothesis finds."""

import itertools
import math
from functools import partial

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from klteach import (
    chi_square_divergence,
    cross_entropy,
    entropy,
    f_divergence,
    hellinger_distance,
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    kl_terms,
    mutual_information,
    normalize,
    perplexity,
    total_variation,
    wasserstein_distance,
)
from klteach.measures import f_divergences

# A chi-square value above 1.8e308 is inf, with a warning: test_divergences asks for both.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in square")

WEIGHT = st.one_of(
    st.just(0.0),
    st.floats(0, 1),
    st.floats(-300, 0).map(lambda exponent: 10.0**exponent),
    st.integers(1, 5).map(float),
)
# Between these, a ratio can be squared without leaving the range of float64.
MODERATE = st.one_of(st.just(0.0), st.floats(-100, 0).map(lambda exponent: 10.0**exponent))
NEARLY_NOTHING = 1e-300

GENERATORS = {
    name: value
    for name, value in vars(f_divergences).items()
    if isinstance(value, f_divergences.Generator)
}
F_DIVERGENCES = {name: partial(f_divergence, value) for name, value in GENERATORS.items()}
METRICS = {
    "js_distance": js_distance,
    "hellinger_distance": hellinger_distance,
    "total_variation": total_variation,
}
MEASURES = {
    **METRICS,
    **F_DIVERGENCES,
    "kl_divergence": kl_divergence,
    "jeffreys_divergence": jeffreys_divergence,
    "js_divergence": js_divergence,
    "chi_square_divergence": chi_square_divergence,
}


def distributions(count, lengths=(1, 12), weight=WEIGHT):
    """Tuples of `count` distributions of one length."""

    def of_one_length(length):
        row = st.lists(weight, min_size=length, max_size=length).filter(any).map(normalize)
        return st.tuples(*[row] * count)

    return st.integers(*lengths).flatmap(of_one_length)


@st.composite
def near_pairs(draw):
    """Two distributions that rounding alone may have made different, or a factor up to two."""
    (p,) = draw(distributions(1))
    exponent, seed = draw(st.integers(-52, 0)), draw(st.integers(0, 2**32))
    return p, normalize(p * (1 + 2.0**exponent * np.random.default_rng(seed).random(len(p))))


def failing(measures, holds):
    """The names of those for which it does not hold: an example costs more than all of them."""
    return [name for name, measure in measures.items() if not holds(measure)]


def alike(left, right, tolerance=1e-12):
    return left == right or abs(left - right) <= tolerance * max(abs(left), abs(right))


@given(distributions(2))
def test_a_divergence_is_never_negative(pair):
    assert kl_divergence(*pair) >= 0
    assert (kl_terms(*pair) >= 0).all()


@given(near_pairs())
def test_a_divergence_is_never_negative_however_near_equality(pair):
    p, q = pair
    assert kl_divergence(p, q) >= 0
    assert (kl_terms(p, q) >= 0).all()


@given(distributions(1))
def test_exactly_zero_at_equality(single):
    (p,) = single
    assert kl_divergence(p, p.copy()) == 0


@given(distributions(2))
def test_the_terms_sum_to_the_divergence(pair):
    assert alike(kl_terms(*pair).sum(), kl_divergence(*pair))


@given(distributions(2), st.randoms(use_true_random=False))
def test_the_order_of_the_outcomes_does_not_matter(pair, random):
    p, q = pair
    order = random.sample(range(len(p)), len(p))
    assert alike(kl_divergence(p[order], q[order]), kl_divergence(p, q))
    assert alike(entropy(p[order]), entropy(p))
    assert alike(cross_entropy(p[order], q[order]), cross_entropy(p, q))


@given(distributions(2) | near_pairs())
def test_an_outcome_that_never_occurs_changes_nothing(pair):
    p, q = pair
    assert alike(kl_divergence([*p, 0.0], [*q, 0.0]), kl_divergence(p, q))
    assert alike(entropy([*p, 0.0]), entropy(p))


@given(distributions(2))
def test_cross_entropy_is_entropy_plus_divergence(pair):
    p, q = pair
    assert alike(cross_entropy(p, q), entropy(p) + kl_divergence(p, q))
    assert cross_entropy(p, q) >= entropy(p) * (1 - 1e-14)


@given(distributions(1))
def test_entropy_lies_between_certainty_and_uniformity(single):
    (p,) = single
    assert 0 <= entropy(p) <= math.log(len(p)) * (1 + 1e-14)
    assert 1 <= perplexity(p) <= len(p) * (1 + 1e-13)
    uniform = np.full(len(p), 1 / len(p))
    assert abs(kl_divergence(p, uniform) - (math.log(len(p)) - entropy(p))) <= 1e-14


@given(distributions(2, lengths=(2, 12)), st.integers(1, 11))
def test_merging_outcomes_never_raises_a_divergence(pair, cut):
    p, q = pair
    cut = min(cut, len(p) - 1)

    def merged(values):
        return np.array([values[:cut].sum(), *values[cut:]])

    assert kl_divergence(merged(p), merged(q)) <= kl_divergence(p, q) * (1 + 1e-12) + NEARLY_NOTHING
    assert entropy(merged(p)) <= entropy(p) * (1 + 1e-12) + NEARLY_NOTHING


@given(distributions(2, lengths=(1, 6)), distributions(2, lengths=(1, 6)))
def test_independent_parts_add_up(first, second):
    together = [np.outer(one, other).ravel() for one, other in zip(first, second, strict=True)]
    total = kl_divergence(*first) + kl_divergence(*second)
    # np.outer rounds every product, which moves p against q by about 1e-16 of each.
    assert alike(kl_divergence(*together), total, 1e-9) or abs(kl_divergence(*together) - total) < (
        1e-15 + 1e-7 * total
    )
    assert abs(entropy(together[0]) - entropy(first[0]) - entropy(second[0])) <= 1e-12


@given(distributions(2, lengths=(3, 3)), distributions(6, lengths=(4, 4)))
def test_the_chain_rule(first, rows):
    (p, q), given_p, given_q = first, np.array(rows[:3]), np.array(rows[3:])
    joint_p, joint_q = p[:, np.newaxis] * given_p, q[:, np.newaxis] * given_q
    conditional = kl_divergence(given_p, given_q)
    # A row that p never reaches costs nothing, even where the divergence there is infinite.
    total = kl_divergence(p, q) + sum(a * b for a, b in zip(p, conditional, strict=True) if a > 0)
    whole = kl_divergence(joint_p.ravel(), joint_q.ravel())
    if np.any((joint_p == 0) != (p[:, np.newaxis] * given_p.astype(bool) == 0)):
        return  # a product was too small to be stored
    if np.any((joint_q == 0) != (q[:, np.newaxis] * given_q.astype(bool) == 0)):
        return
    assert alike(whole, total, 1e-9) or abs(whole - total) < 1e-14


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


def test_the_named_generators_are_all_there():
    assert len(GENERATORS) == 8


@given(distributions(2))
def test_no_measure_is_negative_and_all_are_zero_at_equality(pair):
    p, q = pair
    assert not failing(MEASURES, lambda measure: measure(p, q) >= 0)
    assert not failing(MEASURES, lambda measure: measure(p, p.copy()) == 0)


@given(near_pairs())
def test_no_measure_is_negative_however_near_equality(pair):
    p, q = pair
    assert not failing(MEASURES, lambda measure: measure(p, q) >= 0)


@given(distributions(2))
def test_what_is_symmetric(pair):
    p, q = pair
    symmetric = METRICS | {"jeffreys": jeffreys_divergence, "js": js_divergence}
    assert not failing(symmetric, lambda measure: alike(measure(p, q), measure(q, p)))


@given(distributions(2))
def test_bounds_hold_to_the_last_digit(pair):
    p, q = pair
    assert js_divergence(p, q) <= math.log(2)
    assert js_distance(p, q) <= math.sqrt(math.log(2))
    assert total_variation(p, q) <= 1
    assert hellinger_distance(p, q) <= 1


@given(distributions(2))
def test_the_measures_keep_each_other_within_bounds(pair):
    p, q = pair
    kl, tv, h = kl_divergence(p, q), total_variation(p, q), hellinger_distance(p, q)
    js, jeffreys, chi = js_divergence(p, q), jeffreys_divergence(p, q), chi_square_divergence(p, q)
    little = 1e-15
    assert tv <= math.sqrt(kl / 2) * (1 + 1e-12) + little  # Pinsker
    assert tv <= math.sqrt(-math.expm1(-kl)) * (1 + 1e-12) + little  # Bretagnolle-Huber
    assert js <= math.log(2) * tv * (1 + 1e-12) + NEARLY_NOTHING
    assert h**2 <= tv * (1 + 1e-12) + NEARLY_NOTHING
    assert tv <= h * math.sqrt(2 - h**2) * (1 + 1e-12) + NEARLY_NOTHING
    assert kl <= math.log1p(chi) * (1 + 1e-12) + NEARLY_NOTHING
    assert js <= jeffreys / 4 * (1 + 1e-12) + NEARLY_NOTHING
    assert 2 * h**2 <= kl * (1 + 1e-12) + NEARLY_NOTHING


@given(distributions(2), st.randoms(use_true_random=False))
def test_relabelling_changes_no_measure(pair, random):
    p, q = pair
    order = random.sample(range(len(p)), len(p))
    for others in ((p[order], q[order]), ([*p, 0.0], [*q, 0.0])):
        assert not failing(MEASURES, lambda m, others=others: alike(m(*others), m(p, q)))


@given(distributions(2), st.data())
def test_splitting_an_outcome_at_random_changes_no_measure(pair, data):
    # The coin that decides between the two halves is the same for p and q.
    p, q = pair
    place = data.draw(st.integers(0, len(p) - 1))
    split_p, split_q = (
        np.concatenate([values[:place], [values[place] / 2] * 2, values[place + 1 :]])
        for values in (p, q)
    )

    def holds(measure):
        split, whole = measure(split_p, split_q), measure(p, q)
        return split == whole or abs(split - whole) <= 1e-12 * whole + 1e-150

    assert not failing(MEASURES, holds)


@given(distributions(2, lengths=(2, 12)), st.data())
def test_merging_outcomes_never_raises_any_measure(pair, data):
    p, q = pair
    cells = data.draw(st.lists(st.integers(0, 3), min_size=len(p), max_size=len(p)))
    merged_p, merged_q = (np.bincount(cells, values, minlength=4) for values in (p, q))
    assert not failing(MEASURES, lambda m: m(merged_p, merged_q) <= m(p, q) * (1 + 1e-12) + 1e-15)


@given(distributions(2, lengths=(3, 3)), distributions(3, lengths=(4, 4)))
def test_noise_never_raises_any_measure(pair, channel):
    (p, q), channel = pair, np.array(channel)
    noisy_p, noisy_q = p @ channel, q @ channel
    assume(((noisy_q > 0) == (q > 0) @ (channel > 0)).all())  # no product too small to be stored
    assume(((noisy_p > 0) == (p > 0) @ (channel > 0)).all())
    assert not failing(MEASURES, lambda m: m(noisy_p, noisy_q) <= m(p, q) * (1 + 1e-12) + 1e-15)


@given(distributions(4), st.floats(0, 1))
def test_f_divergences_are_jointly_convex(four, weight):
    p1, p2, q1, q2 = four
    mixed = weight * p1 + (1 - weight) * p2, weight * q1 + (1 - weight) * q2
    shares = [(weight, p1, q1), (1 - weight, p2, q2)]

    def holds(measure):
        parts = sum(share * measure(p, q) for share, p, q in shares if share > 0)
        return measure(*mixed) <= parts * (1 + 1e-12) + 1e-15

    assert not failing(F_DIVERGENCES, holds)


@given(distributions(3))
def test_no_detour_is_shorter(three):
    def holds(metric):
        return all(
            metric(p, r) <= (metric(p, q) + metric(q, r)) * (1 + 1e-12)
            for p, q, r in itertools.permutations(three)
        )

    assert not failing(METRICS, holds)


@given(distributions(2, lengths=(1, 6)), distributions(2, lengths=(1, 6)))
def test_how_measures_of_independent_parts_combine(first, second):
    p, q = (np.outer(one, other).ravel() for one, other in zip(first, second, strict=True))
    total = jeffreys_divergence(*first) + jeffreys_divergence(*second)
    assume(((p > 0) == np.outer(first[0] > 0, second[0] > 0).ravel()).all())
    assume(((q > 0) == np.outer(first[1] > 0, second[1] > 0).ravel()).all())
    close = partial(math.isclose, rel_tol=1e-7, abs_tol=1e-14)
    assert close(jeffreys_divergence(p, q), total)
    affinity = (1 - hellinger_distance(*first) ** 2) * (1 - hellinger_distance(*second) ** 2)
    assert close(1 - hellinger_distance(p, q) ** 2, affinity)
    chi = (1 + chi_square_divergence(*first)) * (1 + chi_square_divergence(*second))
    assert close(1 + chi_square_divergence(p, q), chi)
    parts = total_variation(*first), total_variation(*second)
    assert max(parts) - 1e-14 <= total_variation(p, q) <= sum(parts) + 1e-14


@given(distributions(2, weight=MODERATE), st.floats(-5, 5))
def test_generators_of_one_divergence_agree(pair, slope):
    p, q = pair

    def holds(generator):
        expected = f_divergence(generator, p, q)
        tilted = f_divergences.Generator(
            lambda t: generator.function(t) + slope * (t - 1),
            generator.value_at_zero - slope,
            generator.final_slope + slope,
        )
        value = f_divergence(tilted, p, q)
        return alike(f_divergence(generator.conjugate, q, p), expected) and (
            value == expected or abs(value - expected) <= 1e-12 * expected + 1e-13
        )

    assert not failing(GENERATORS, holds)


@given(distributions(1, lengths=(6, 6)))
def test_mutual_information_is_symmetric_and_bounded(single):
    joint = np.reshape(single, (2, 3))
    value = mutual_information(joint)
    assert 0 <= value <= min(entropy(joint.sum(axis=0)), entropy(joint.sum(axis=1))) * (1 + 1e-12)
    assert abs(mutual_information(joint.T) - value) <= 1e-12 * value + 1e-30
    merged = np.stack([joint[:, 0] + joint[:, 1], joint[:, 2]], axis=-1)
    assert mutual_information(merged) <= value * (1 + 1e-12) + 1e-30


@given(distributions(2) | near_pairs(), st.data())
def test_wasserstein_is_a_metric_below_the_range_times_total_variation(pair, data):
    (p, q), number = pair, st.floats(-1e3, 1e3)
    length = len(p)
    (r,) = data.draw(distributions(1, lengths=(length, length)))
    x = np.array(data.draw(st.lists(number, min_size=length, max_size=length)))
    value = wasserstein_distance(x, x, p, q)
    assert alike(value, wasserstein_distance(x, x, q, p))
    assert wasserstein_distance(x, x, p, p.copy()) == 0
    detour = wasserstein_distance(x, x, p, r) + wasserstein_distance(x, x, r, q)
    assert 0 <= value <= detour * (1 + 1e-12) + 1e-300
    assert value <= np.ptp(x) * total_variation(p, q) * (1 + 1e-12) + 1e-300
    order = np.argsort(x)[::-1]
    assert abs(wasserstein_distance(x[order], x, p[order], q) - value) <= 1e-12 * np.ptp(x)
