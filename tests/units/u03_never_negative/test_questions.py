"""What the design of unit 03 says of its questions, recomputed."""

import mpmath
import numpy as np
import pytest
from scipy import special, stats

from klteach.practice.checker import check_answer
from klteach.units.lookup import questions
from klteach.units.u03_never_negative.questions import buggy_kl
from tests.practice.typed_answers import wrapped
from tests.units.known_answers import mistake

P, Q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]


def told(name, answer):
    return check_answer(questions()[name], wrapped(name, answer))


# tangent_terms


def test_the_reference_gives_the_terms_of_scipy():
    question = questions()["tangent_terms"]
    assert question.reference(P, Q) == pytest.approx([0.762, 0.019, 0.321], abs=5e-4)
    for case in question.cases():
        p, q = case.copies()
        expected = special.kl_div(p, q)
        assert question.reference(p, q) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_right_sums_with_wrong_terms_are_told_apart():
    question = questions()["tangent_terms"]
    p, q = question.visible[0].copies()
    kl = stats.entropy(p, q)
    sums = {m.name: float(np.sum(m.variants[0](p, q))) for m in question.mistakes}
    same = {name for name, total in sums.items() if total == pytest.approx(kl)}
    assert {"plain terms", "p - q added", "spread evenly", "weighted average"} <= same
    for name in ("plain terms", "p - q added", "spread evenly", "weighted average"):
        assert mistake("tangent_terms", name).message.startswith("The right sum")
    assert sums["minus 1 forgotten"] == pytest.approx(kl + 1)
    assert sums["weights q"] == pytest.approx(float(np.sum(q * (q / p - 1 - np.log(q / p)))))
    assert sums["jeffreys terms"] == pytest.approx(kl + stats.entropy(q, p))


def test_a_zero_put_where_p_is_zero_loses_what_q_has_there():
    wrong = mistake("tangent_terms", "zero where p is 0").variants[0]
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.4, 0.4, 0.2])
    assert stats.entropy(p, q) - wrong(p, q).sum() == pytest.approx(q[2])


def test_a_logarithm_of_another_base_crosses_the_line():
    t = np.geomspace(0.05, 5, 2001)
    for log in (np.log2, np.log10):
        gap = t - 1 - log(t)
        assert gap.min() < -1e-3 and gap.max() > 0


# broken_pair


def test_the_published_formula_is_negative_where_p_is_q():
    for n in (2, 3, 10, 200):
        p = np.full(n, 1 / n)
        with mpmath.workdps(40):
            exact = n * mpmath.log(1 / (1 + n * mpmath.mpf(10) ** -10)) / n
        assert buggy_kl(p, p) == pytest.approx(float(exact), rel=1e-4)
        assert float(exact) == pytest.approx(-n * 1e-10, rel=1e-6)
    assert f"{buggy_kl(np.array(P), np.array(P)):.0e}" == "-3e-10"


def test_rounding_alone_stays_above_the_limit_of_the_judge():
    random = np.random.default_rng(8)
    for n in (2, 10, 200):
        for p in random.dirichlet(np.ones(n), 200):
            assert abs(np.sum(p * np.log(p)) - np.sum(p[::-1] * np.log(p)[::-1])) < 1e-13


@pytest.mark.parametrize(
    ("answer", "fault", "words"),
    [
        (lambda n: (np.eye(n)[0] * 2 - np.eye(n)[1],) * 2, "negative share", "p has a negative"),
        (lambda n: (np.full(n, 1 / n), np.full(n, 1.01 / n)), "sum is not 1", "q sums to 1.01"),
        (lambda n: (np.full(n, 1 / n), np.full(n, 1 / n) + 1e-9), "sum is not 1", "1 + 3e-09"),
        (lambda n: (np.full(n, 0.9 / n),) * 2, "sum is not 1", "p sums to 0.9:"),
        (
            lambda n: (np.full(n, 1 / n), np.r_[1.5 / n, 0.5 / n, np.full(n - 2, 1 / n)]),
            "too far apart",
            "outweighs",
        ),
        (
            lambda n: (np.full(n, 1 / n), np.r_[0.0, np.full(n - 1, 1 / (n - 1))]),
            "impossible outcome",
            "infinite",
        ),
    ],
)
def test_the_judge_names_the_fault(answer, fault, words):
    feedback = told("broken_pair", answer)
    assert (feedback.mistake, feedback.score) == (fault, 0)
    assert words in feedback.message


def test_a_pair_of_the_wrong_size_is_told_so():
    for answer in (
        lambda n: np.full(n, 1 / n),
        lambda n: ([0.5, 0.5], [0.5, 0.5]),
        lambda n: (np.full(n, 1 / n),) * 3,
    ):
        assert told("broken_pair", answer).state == "wrong shape"


def test_a_nearly_equal_pair_is_right_too():
    def close(n):
        p = np.full(n, 1 / n)
        return p, p + np.r_[1e-8, -1e-8, np.zeros(n - 2)]

    assert told("broken_pair", close).state == "correct"


# convexity_margin


def test_the_margin_by_the_log_sum_inequality():
    question = questions()["convexity_margin"]
    for case in question.cases():
        p1, q1, p2, q2, lam = case.copies()
        a, b = np.array([lam * p1, (1 - lam) * p2]), np.array([lam * q1, (1 - lam) * q2])
        margin = special.rel_entr(a, b).sum() - special.rel_entr(a.sum(0), b.sum(0)).sum()
        assert question.reference(*case.copies()) == pytest.approx(margin, abs=1e-12)
        assert margin > -1e-12


def test_both_ends_and_the_same_ratios_leave_no_margin():
    cases = questions()["convexity_margin"].cases()
    weights = [case.arguments[-1] for case in cases]
    assert {0.0, 1.0} <= set(weights) and any(0.05 < w < 0.45 for w in weights)
    for case in cases:
        p1, q1, p2, q2, lam = case.copies()
        none_left = lam in (0, 1) or np.allclose(p1 / q1, p2 / q2)
        margin = questions()["convexity_margin"].reference(*case.copies())
        assert (abs(margin) < 1e-12) == none_left


@pytest.mark.parametrize("small", [1e-6, 1e-10, 1e-12, 1e-16])
def test_the_bug_of_the_second_exercise_is_seen_in_the_third(small):
    """Where q is large the errors of its three divergences cancel."""

    def answer(p1, q1, p2, q2, lam):
        def kl(p, q):
            occurs = p > 0
            return np.sum(p[occurs] * np.log(p[occurs] / (q[occurs] + small)))

        p, q = lam * p1 + (1 - lam) * p2, lam * q1 + (1 - lam) * q2
        return lam * kl(p1, q1) + (1 - lam) * kl(p2, q2) - kl(p, q)

    assert told("convexity_margin", answer).mistake == "small number added"


def test_entropies_of_the_truths_alone_are_not_called_a_mixture_with_one_model():
    def answer(p1, q1, p2, q2, lam):
        mixed = stats.entropy(lam * p1 + (1 - lam) * p2)
        return mixed - lam * stats.entropy(p1) - (1 - lam) * stats.entropy(p2)

    feedback = told("convexity_margin", answer)
    assert feedback.mistake == "models without effect"
    assert "how much more entropy" in feedback.message


def test_a_form_for_small_gaps_is_right_too():
    def answer(p, q):
        less = np.divide(q - p, p, out=np.zeros(len(p)), where=p > 0)
        return np.where(p > 0, p * (less - np.log1p(less)), q)

    assert told("tangent_terms", answer).state == "correct"


def test_a_pair_in_single_precision_sums_to_1_as_well_as_it_can():
    def answer(n):
        p = np.full(n, 1 / n, dtype=np.float32)
        return p, p

    assert abs(float(answer(3)[0].astype(float).sum()) - 1) > 1e-9
    assert told("broken_pair", answer).state == "correct"
    feedback = told("broken_pair", lambda n: tuple(1.01 * p for p in answer(n)))
    assert feedback.mistake == "sum is not 1"
