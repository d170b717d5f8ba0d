"""Clusters that do not raise false alarms by themselves: what goes wrong without rows held out."""

import numpy as np
import pytest

from klteach.drift import Profile, compare
from klteach.drift.clusters import Clusters

DIMENSIONS, ROWS, COUNT = 100, 600, 8


def p_value(clusters, baseline, current):
    column = clusters.binning.column
    sides = [Profile({column: side}, side.total) for side in (baseline, current)]
    return compare(*sides, draws=199)[column].p_value


def test_in_many_dimensions_the_rows_that_made_the_centres_are_no_baseline():
    # One law on both sides, so 5 % of the comparisons may alarm.
    random = np.random.default_rng(8)
    seen, held_out, runs = 0, 0, 30
    for seed in range(runs):
        vectors = random.normal(size=(ROWS, DIMENSIONS))
        current = random.normal(size=(ROWS, DIMENSIONS))
        clusters = Clusters.of(vectors, COUNT, seed)
        fitted = np.setdiff1d(np.arange(ROWS), clusters.held_out)
        now = clusters.count(current)
        seen += p_value(clusters, clusters.count(vectors[fitted]), now) <= 0.05
        held_out += p_value(clusters, clusters.baseline, now) <= 0.05
    # two standard errors of 30 comparisons at 5 % are 2.4
    assert held_out <= 0.05 * runs + 2.4
    # measured: a third of all, and more in more dimensions
    assert seen > 4 * 0.05 * runs


def test_missing_rows_have_the_same_share_in_the_baseline():
    random = np.random.default_rng(9)
    vectors = random.normal(size=(20_000, 2))
    vectors[random.random(len(vectors)) < 0.2, 1] = np.nan
    baseline = Clusters.of(vectors, count=4).baseline
    # 10,000 rows are held out: two standard errors are 0.008
    assert baseline.counts[-1] / baseline.total == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("dimensions", [1, 2, 6, 40])
def test_equal_rows_are_a_cluster_each_and_never_far(dimensions):
    # from five dimensions on distances come from differences of squares, and are not quite 0
    corners = 1e6 + np.arange(3.0)[:, None] * np.ones(dimensions)
    vectors = np.repeat(corners, 40, axis=0)
    clusters = Clusters.of(vectors, count=5)
    assert np.array_equal(clusters.centres, corners)
    assert clusters.radius == 0
    assert clusters.count(vectors).counts.tolist() == [40, 40, 40, 0, 0, 0]
    assert clusters.assign(corners + 0.25) == ["far"] * 3


def test_rows_are_given_to_the_nearest_centre_in_blocks():
    random = np.random.default_rng(10)
    vectors = random.normal(size=(20_000, 3)).astype("f4")
    clusters = Clusters.of(vectors, count=6)
    distances = np.linalg.norm(vectors[:, None].astype(float) - clusters.centres, axis=2)
    names = np.array([*clusters.binning.values])
    expected = np.where(
        distances.min(axis=1) > clusters.radius, "far", names[distances.argmin(axis=1)]
    )
    assert clusters.assign(vectors) == expected.tolist()
    far = clusters.baseline.counts[6]
    assert far == len(clusters.held_out) // 1000  # one in a thousand of the rows held out


def test_a_profile_may_call_the_clusters_as_it_likes():
    vectors = np.random.default_rng(0).normal(size=(400, 3))
    found = Clusters.of(vectors, 4)
    sides = [Profile({"vectors": counts}, 200) for counts in (found.baseline, found.count(vectors))]
    assert compare(*sides, least_effect=0.1).verdict == "no drift"
