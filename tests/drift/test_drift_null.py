"""What no drift looks like: the rate that was asked for is the rate that comes.

`benchmarks.drift_calibration` measures the rates more closely, and for more rows and cells.
"""

import math
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import chi2

from klteach.drift.divergence import DIVERGENCES, divergence
from klteach.drift.errors import DriftError
from klteach.drift.null import (
    LEAST_EXPECTED,
    DrawnNull,
    chi2_null,
    permutation_null,
    windows_needed,
    windows_null,
)
from klteach.drift.smoothing import Smoothing
from tests.drift.drift_tables import days

HALF = Smoothing.additive(0.5)
RATE = 0.05


def measured(name, current, baseline, smoothing=HALF):
    return divergence(name, *smoothing.shares(current, baseline))


def within(found, expected, trials, errors=2):
    """`found` is `expected` up to so many standard errors."""
    return abs(found - expected) <= errors * math.sqrt(expected * (1 - expected) / trials)


@pytest.mark.parametrize("rows, cells", [(200, 20), (1000, 10), (10_000, 5)])
def test_the_permutation_null_alarms_at_the_rate_asked_for(rows, cells):
    generator = np.random.default_rng([rows, cells])
    trials, shares = 500, np.ones(cells) / cells
    current, baseline = generator.multinomial(rows, shares, (2, trials))
    values = measured("psi", current, baseline)
    alarms = 0
    for value, now, then in zip(values, current, baseline, strict=True):
        null = permutation_null("psi", HALF, now, then, draws=199, random=generator)
        alarms += null.p_value(value) <= RATE
    assert within(alarms / trials, RATE, trials)


# The law itself is within two standard errors of 2000 trials; it is known here from 20 000.
@pytest.mark.parametrize(
    "name, expected",
    [(name, rows) for name in DIVERGENCES for rows in (LEAST_EXPECTED[name], 1000)],
)
@pytest.mark.parametrize("cells", [5, 10, 20])
def test_chi2_alarms_at_the_rate_asked_for_where_a_cell_expects_enough(name, expected, cells):
    generator = np.random.default_rng([expected, cells])
    shares, n, m = np.full(cells, 1 / cells), expected * cells, 2 * expected * cells
    current, baseline = (generator.multinomial(rows, shares, 20_000) for rows in (n, m))
    null = chi2_null(name, n * shares, m * shares)
    assert null.note == ""
    assert null.threshold(RATE) == chi2_null(name, current[0], baseline[0]).threshold(RATE)
    alarms = measured(name, current, baseline) > null.threshold(RATE)
    assert within(alarms.mean(), RATE, trials=2000)


def test_chi2_says_so_where_a_cell_expects_too_few_rows():
    current, baseline = [15, 85], [150, 850]
    null = chi2_null("psi", current, baseline)
    assert "expects 15 rows" in null.note and 'null="permutation"' in null.note
    assert chi2_null("psi", [20, 80], [200, 800]).note == ""
    assert "χ² wants 50" in chi2_null("kl", [20, 80], [200, 800]).note
    assert chi2_null("kl", [50, 50], [500, 500]).note == ""


def test_chi2_fails_where_it_says_so():
    # Two rows are expected in each of nine cells, and without smoothing 98 % of all comparisons of
    # equal laws are infinite or too large.
    generator = np.random.default_rng(4)
    shares = [0.982, *[0.002] * 9]
    current, baseline = generator.multinomial(1000, shares, (2, 200))
    nulls = [chi2_null("psi", now, then) for now, then in zip(current, baseline, strict=True)]
    values = measured("psi", current, baseline, Smoothing.infinite())
    alarms = np.mean(
        [null.p_value(value) <= RATE for null, value in zip(nulls, values, strict=True)]
    )
    assert all(null.note for null in nulls) and alarms > 0.5


def test_chi2_counts_the_cells_that_are_used():
    with_empty = chi2_null("psi", [50, 50, 0, 60], [500, 400, 0, 0])
    assert with_empty == chi2_null("psi", [50, 50, 60], [500, 400, 0])
    assert with_empty.degrees == 2
    scale = 1 / 160 + 1 / 900
    assert with_empty.threshold(0.01) == pytest.approx(scale * chi2(2).isf(0.01), rel=1e-12)
    assert with_empty.p_value(0.1) == pytest.approx(chi2(2).sf(0.1 / scale), rel=1e-12)


def test_chi2_of_one_cell_never_alarms():
    null = chi2_null("kl", [70, 0], [90, 0])
    assert (null.p_value(0.0), null.threshold(0.05)) == (1.0, 0.0)


@pytest.mark.parametrize("name", DIVERGENCES)
@pytest.mark.parametrize("text", ["additive:0.5", "additive:1", "infinite", "merge-empty"])
def test_drawing_counts_is_the_law_of_shuffling_rows(name, text):
    # Every split of these rows, each as often as shuffling gives it.
    smoothing = Smoothing.parse(text)
    pool, n = [4, 3, 2, 1], 4
    cell_of_row = np.repeat(np.arange(4), pool)
    splits = map(list, combinations(range(10), n))
    chosen = [np.bincount(cell_of_row[rows], minlength=4) for rows in splits]
    exact = np.array([measured(name, now, np.array(pool) - now, smoothing) for now in chosen])
    null = permutation_null(name, smoothing, [2, 1, 1, 0], [2, 2, 1, 1], draws=4000, random=5)
    assert len(null.values) == 4000
    for value in np.unique(exact.round(9)):
        chance = np.mean(exact >= value - 1e-9)
        found = np.mean(null.values >= value - 1e-9)
        # up to forty comparisons of one law: four standard errors
        assert within(found, chance, 4000, errors=4) if chance < 1 else found == 1


def test_ties_count_as_ties_in_whatever_order_the_cells_are_summed():
    # The same four shares in any order have the same divergence up to the last digits.
    null = DrawnNull("permutation", np.array([0.1 + 0.2 + 0.3, 0.3 + 0.2 + 0.1, 0.6]))
    assert len(set(null.values)) > 1
    assert [null.p_value(value) for value in null.values] == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("draws", [19, 99, 999, 1000])
@pytest.mark.parametrize("rate", [0.001, 0.01, 0.05, 0.2, 0.99])
def test_the_threshold_is_where_the_p_value_falls_to_the_rate(draws, rate):
    generator = np.random.default_rng(draws)
    values = generator.integers(0, 40, draws) / 7  # many ties
    null = DrawnNull("permutation", values)
    for observed in [*np.unique(values), 100.0]:
        alarms = null.p_value(observed) <= rate
        assert alarms == (observed > null.threshold(rate)), observed


def test_the_observation_counts_as_one_of_the_draws():
    null = DrawnNull("permutation", np.zeros(99))
    assert null.p_value(1.0) == null.smallest_p == 0.01


def test_the_policy_error_does_not_refuse_its_own_draws():
    counts = [30, 20, 2], [28, 25, 1]
    refused = permutation_null("psi", Smoothing.error(), *counts)
    infinite = permutation_null("psi", Smoothing.infinite(), *counts)
    assert refused.values.tolist() == infinite.values.tolist()
    assert np.isinf(refused.values).any()


def test_cells_that_are_empty_on_both_sides_change_nothing():
    full = permutation_null("psi", HALF, [30, 20], [28, 25], random=1)
    sparse = permutation_null("psi", HALF, [0, 30, 0, 20, 0], [0, 28, 0, 25, 0], random=1)
    assert full.values.tolist() == sparse.values.tolist()


def test_draws_are_made_in_blocks_of_bounded_size():
    null = permutation_null("psi", HALF, [30, 20], [28, 25], draws=25_001, random=1)
    assert null.values.shape == (25_001,)
    # every block is filled, and with draws of the one law
    means = [np.mean(null.values[part] > 0.02) for part in (slice(10_000), slice(20_000, None))]
    assert within(means[1], means[0], 5001, 3)


def test_a_thousand_million_rows_are_left_to_chi2_by_name():
    current, baseline = [400_000_000, 100_000_000], [400_100_000, 99_900_000]
    null = permutation_null("psi", HALF, current, baseline)
    assert null.name == "chi2" and "10⁹ rows" in null.note
    assert null.threshold(RATE) == chi2_null("psi", current, baseline).threshold(RATE)
    assert permutation_null("psi", HALF, [400_000_000], [599_999_999]).name == "permutation"


def test_a_side_without_rows_has_no_null():
    for null in (chi2_null, lambda *given: permutation_null(given[0], HALF, *given[1:])):
        with pytest.raises(DriftError, match="without rows"):
            null("psi", [0, 0], [5, 5])


def test_windows_alarm_at_the_rate_asked_for_under_a_day_effect():
    generator = np.random.default_rng(8)
    trials, alarms = 300, 0
    for _ in range(trials):
        current, *windows = days(generator, 40, rows=1000)
        value = measured("psi", current, np.sum(windows, axis=0))
        alarms += windows_null("psi", HALF, windows, rows=1000).p_value(value) <= RATE
    # 39 windows: exactly two ranks of forty are 5 %, and leaving one out makes it a little less
    assert within(alarms / trials, RATE, trials)


@pytest.mark.parametrize("rows", [100, 1000])
def test_a_part_of_a_day_is_held_against_parts_of_days(rows):
    # Against whole windows of 1000 rows, 100 rows of the same day alarm in 76 % of all cases.
    generator = np.random.default_rng(9)
    trials, thinned, whole = 200, 0, 0
    for _ in range(trials):
        current, *windows = days(generator, 40, rows=1000)
        current = generator.multivariate_hypergeometric(current, rows, method="marginals")
        value = measured("psi", current, np.sum(windows, axis=0))
        # thinned anew each time, as trials that are thinned alike are not independent
        null = windows_null("psi", HALF, windows, rows=rows, random=generator)
        thinned += null.p_value(value) <= RATE
        whole += windows_null("psi", HALF, windows).p_value(value) <= RATE
    assert within(thinned / trials, RATE, trials)
    assert whole / trials > 0.5 if rows == 100 else whole == thinned


def test_every_window_is_left_out_of_its_own_baseline():
    windows = np.array([[30, 20], [20, 30], [40, 10]])
    null = windows_null("kl", HALF, windows)
    expected = [measured("kl", windows[w], windows.sum(0) - windows[w]) for w in range(3)]
    assert null.values.tolist() == pytest.approx(expected, rel=1e-12)
    assert null.smallest_p == 0.25 and null.threshold(0.05) == math.inf


def test_windows_with_too_few_rows_are_left_out_and_counted():
    windows = [[30, 20], [1, 0], [0, 0], [25, 25]]
    null = windows_null("psi", HALF, windows, least_rows=10)
    assert np.isnan(null.values).tolist() == [False, True, True, False]
    assert null.smallest_p == 1 / 3 and null.note.startswith("2 of 4 windows have too few rows")
    # a window that is alone has nothing to be held against
    assert windows_null("psi", HALF, [[30, 20]]).smallest_p == 1


def test_many_windows_at_once_are_not_one_window():
    windows = [[30, 20], [25, 25], [28, 22]]
    assert "one window at a time" in windows_null("psi", HALF, windows, rows=150).note
    assert windows_null("psi", HALF, windows, rows=55).note == ""


@pytest.mark.parametrize("level, windows", [(0.05, 19), (0.05 / 34, 679), (0.3, 3), (0.01, 99)])
def test_how_many_windows_a_level_needs(level, windows):
    assert windows_needed(level) == windows
    assert DrawnNull("windows", np.zeros(windows)).threshold(level) < math.inf
    assert DrawnNull("windows", np.zeros(windows - 1)).threshold(level) == math.inf
