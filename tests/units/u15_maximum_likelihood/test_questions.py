"""What the design of unit 15 says of its questions, and what their messages claim, recomputed."""

import math

import numpy as np
import pytest
from scipy import optimize, special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import find_question
from tests.practice.typed_answers import wrapped
from tests.units.known_answers import mistake, right_value, wrong_value

TEN_ROWS = np.array([7, 2, 1])
PROBE = np.array([0.1, 0.3, 0.6])
KICKS = np.array([109, 65, 22, 3, 1])


def cases_of(name):
    return [case.arguments for case in find_question(name).cases()]


# E1


def test_the_first_case_of_counts_is_the_pair_of_the_course():
    assert right_value("kl_of_counts") == pytest.approx(1.101868, abs=5e-7)
    assert wrong_value("kl_of_counts", "swapped") == pytest.approx(1.002104, abs=5e-7)
    assert wrong_value("kl_of_counts", "loss") == pytest.approx(1.903687, abs=5e-7)
    assert wrong_value("kl_of_counts", "floor") == pytest.approx(0.801819, abs=5e-7)


def test_smoothing_the_counts_is_no_likelihood_of_the_rows():
    smooth = (TEN_ROWS + 1) / 13
    expected = special.rel_entr(smooth, PROBE).sum()
    assert wrong_value("kl_of_counts", "smoothed") == pytest.approx(expected)
    loss = -np.log(PROBE).repeat(TEN_ROWS).mean()
    assert loss - stats.entropy(TEN_ROWS) == pytest.approx(right_value("kl_of_counts"))


def test_the_model_that_makes_kl_of_counts_least_is_the_shares():
    counts, _ = cases_of("kl_of_counts")[1]
    reference = find_question("kl_of_counts").reference
    shares = counts / counts.sum()
    assert reference(counts, shares) == pytest.approx(0, abs=1e-15)
    for q in np.random.default_rng(1).dirichlet(np.ones(len(counts)), 200):
        assert reference(counts, q) > 0


def test_the_inputs_of_counts_have_each_kind_of_zero():
    kinds = {
        (bool(((c == 0) & (q > 0)).any()), bool(((c > 0) & (q == 0)).any()),
         bool(((c == 0) & (q == 0)).any()))
        for c, q in cases_of("kl_of_counts")
    }  # fmt: skip
    assert {any(kind[place] for kind in kinds) for place in range(3)} == {True}
    assert (False, False, False) in kinds


# E2


def test_the_loss_is_the_log_likelihood_of_the_labels():
    reference = find_question("token_loss").reference
    for logits, labels in cases_of("token_loss"):
        chances = special.log_softmax(logits, axis=1)
        product = sum(row[label] for row, label in zip(chances, labels, strict=True))
        assert reference(logits, labels) == pytest.approx(-product / len(labels), rel=1e-12)


def test_one_model_for_all_rows_has_the_cross_entropy_of_the_shares():
    labels = np.repeat(np.arange(3), TEN_ROWS)
    logits = np.tile(np.log(PROBE) + 4, (10, 1))
    loss = find_question("token_loss").reference(logits, labels)
    assert loss == pytest.approx(1.903687, abs=5e-7)


def test_a_softmax_of_probabilities_cannot_come_near_0():
    """As its message says: with K classes at least log(1 + (K - 1)/e)."""
    (twice,) = mistake("token_loss", "softmax twice").variants
    sure = np.eye(5) * 1000
    assert twice(sure, np.arange(5)) == pytest.approx(math.log(1 + 4 / math.e))
    assert find_question("token_loss").reference(sure, np.arange(5)) == 0


def test_some_probability_is_too_small_for_a_float_and_the_loss_is_finite():
    logits, labels = cases_of("token_loss")[-1]
    chances = special.softmax(logits, axis=1)[np.arange(len(labels)), labels]
    assert (chances == 0).sum() == 1
    assert 30 < find_question("token_loss").reference(logits, labels) < 60


def test_a_shift_of_all_logits_of_a_row_changes_nothing():
    logits, labels = cases_of("token_loss")[3]
    reference = find_question("token_loss").reference
    moved = logits + np.linspace(-300, 300, len(labels))[:, None]
    assert reference(moved, labels) == pytest.approx(reference(logits, labels), rel=1e-10)


# E3


def log_likelihood(values, counts, mean, sd):
    return stats.norm.logpdf(np.repeat(values, counts), mean, sd).sum()


@pytest.mark.parametrize("place", range(3))
def test_every_other_answer_makes_the_rows_less_likely(place):
    question = find_question("fit_normal")
    values, counts = question.visible[place].arguments
    best = log_likelihood(values, counts, *question.reference(values, counts))
    for wrong in question.mistakes:
        for variant in wrong.variants:
            mean, sd = variant(values, counts)
            if sd > 0 and not np.allclose([mean, sd], question.reference(values, counts)):
                assert log_likelihood(values, counts, mean, sd) < best, wrong.name


def test_n_minus_one_is_unbiased_and_less_likely():
    assert right_value("fit_normal") == pytest.approx([1, 3])
    assert wrong_value("fit_normal", "n - 1") == pytest.approx([1, math.sqrt(10)])
    random = np.random.default_rng(5)
    samples = random.normal(0, 2, (40_000, 4))
    assert samples.var(axis=1, ddof=1).mean() == pytest.approx(4, abs=0.06)
    assert samples.var(axis=1).mean() == pytest.approx(3, abs=0.05)


def test_the_median_is_the_best_middle_of_a_laplace_distribution():
    values, counts = cases_of("fit_normal")[1]
    rows = np.repeat(values, counts)
    places = np.linspace(rows.min(), rows.max(), 401)
    losses = [-stats.laplace.logpdf(rows, place, 1).mean() for place in places]
    assert places[np.argmin(losses)] == pytest.approx(np.median(rows), abs=0.011)


# E4


def expected_gaps(counts):
    """By an optimiser over the mean, and with models that go far beyond the largest number."""
    k = np.arange(len(counts) + 400)
    p = np.r_[counts, np.zeros(400)] / counts.sum()
    return [
        optimize.minimize_scalar(
            lambda mean, log_pmf=log_pmf: special.rel_entr(p, np.exp(log_pmf(k, mean))).sum(),
            bounds=(0.05, 30),
            method="bounded",
            options={"xatol": 1e-9},
        ).fun
        for log_pmf in (
            stats.poisson.logpmf,
            lambda k, mean: stats.geom.logpmf(k + 1, 1 / (1 + mean)),
        )
    ]


def test_what_is_left_over_is_the_least_of_each_family():
    for (counts,) in cases_of("left_over"):
        assert find_question("left_over").reference(counts) == pytest.approx(
            expected_gaps(counts), rel=1e-6
        )
        assert np.average(np.arange(len(counts)), weights=counts) > 1  # as the exercise says


def test_now_the_one_family_is_nearer_and_now_the_other():
    nearer = {np.argmin(expected_gaps(counts)) for (counts,) in cases_of("left_over")}
    assert nearer == {0, 1}


def test_the_best_rate_does_not_depend_on_the_factorial():
    days = np.repeat(np.arange(5), KICKS)
    rates = np.linspace(0.3, 1.2, 901)
    with_it = [-stats.poisson.logpmf(days, rate).mean() for rate in rates]
    without = [(rate - days * math.log(rate)).mean() for rate in rates]
    assert np.argmin(with_it) == np.argmin(without)
    assert rates[np.argmin(with_it)] == pytest.approx(0.61)


def test_models_that_end_at_the_largest_number_seem_nearer():
    for (counts,) in cases_of("left_over"):
        (cut,) = mistake("left_over", "cut off").variants
        assert (cut(counts) < find_question("left_over").reference(counts)).all()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda right: [right[0], right[1] * 1.5], "The number of the Poisson is right on every"),
        (lambda right: [right[0] * 1.5, right[1]], "The number of the geometric is right on"),
    ],
)
def test_one_right_number_of_two_is_told(wrong, says):
    question = find_question("left_over")
    feedback = check_answer(question, wrapped("left_over", lambda c: wrong(question.reference(c))))
    assert feedback.message.startswith(says)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda right: [right[0], right[1] * 1.5], "The mean is right on every input, the sta"),
        (lambda right: [right[0] * 1.5, right[1]], "The standard deviation is right on every"),
    ],
)
def test_one_right_moment_of_two_is_told(wrong, says):
    question = find_question("fit_normal")
    feedback = check_answer(
        question, wrapped("fit_normal", lambda v, c: wrong(question.reference(v, c)))
    )
    assert feedback.message.startswith(says)
