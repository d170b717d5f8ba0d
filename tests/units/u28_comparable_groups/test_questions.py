"""What is special about the questions of unit 28."""

import numpy as np
import pytest
from scipy import special, stats

from klteach.units.lookup import find_question


def cases(question):
    return [case.copies() for case in find_question(question).cases()]


def test_the_split_is_half_of_what_scipy_calls_g():
    for counts, plan in cases("split_test"):
        nats, p_value = find_question("split_test").reference(counts, plan)
        g = stats.power_divergence(counts, counts.sum() * plan, lambda_="log-likelihood")
        # SciPy takes 0 log 0 as 0, too
        assert 2 * nats == pytest.approx(g.statistic, abs=1e-12)
        assert p_value == pytest.approx(g.pvalue)


def test_twice_the_nats_follow_the_law_under_the_plan():
    random = np.random.default_rng(0)
    plan = np.array([0.2, 0.3, 0.5])
    drawn = [find_question("split_test").reference(random.multinomial(2000, plan), plan)[1]
             for _ in range(4000)]  # fmt: skip
    assert np.mean(np.array(drawn) <= 0.05) == pytest.approx(0.05, abs=4 * np.sqrt(0.0475 / 4000))


def test_no_split_is_so_far_out_that_its_p_value_tells_nothing():
    p_values = [find_question("split_test").reference(*case)[1] for case in cases("split_test")]
    assert min(p_values) > 1e-9


def test_the_covariates_lie_on_either_side_of_five_per_cent():
    single = [special.chdtrc(cells - 1, psi / (1 / n + 1 / m))
              for psi, cells, n, m in cases("balance")]  # fmt: skip
    adjusted = np.concatenate([np.minimum(1, len(p) * p) for p in single])
    assert (adjusted < 0.05).any() and (adjusted > 0.05).any()
    # the place where Bonferroni, Holm, Šidák and Benjamini-Hochberg differ
    assert any((len(p) * p > 1).any() for p in single)


def test_rounding_decides_no_case_of_the_lots():
    """A lot reaches the one that was drawn clearly, not at all, or is the same lot."""
    for counts, treated, lots in cases("class_lots"):
        seen = psi(counts, treated)
        for lot in lots:
            assert np.array_equal(lot, treated) or abs(psi(counts, lot) / seen - 1) > 1e-6
    assert any((lots == treated).all(axis=1).any() for _, treated, lots in cases("class_lots"))


def psi(counts, lot):
    p, q = (counts[lot == arm].sum(axis=0) for arm in (1, 0))
    return stats.entropy(p, q) + stats.entropy(q, p)


def test_no_cell_of_an_arm_is_empty_and_no_group_without_people():
    for counts, treated, lots in cases("class_lots"):
        for lot in (treated, *lots):
            assert min(counts[lot == arm].sum(axis=0).min() for arm in (0, 1)) > 0
    for people, hits in cases("adjusted_difference"):
        assert people.min() > 0 and (hits <= people).all()


def test_adjusting_gives_what_was_put_in():
    """Rates that differ by a tenth in every group differ by a tenth, whoever joins which arm."""
    people = np.array([[100, 300, 50], [400, 100, 200]])
    rates = np.array([[0.3, 0.6, 0.9], [0.2, 0.5, 0.8]])
    assert find_question("adjusted_difference").reference(people, people * rates) == pytest.approx(
        0.1
    )
