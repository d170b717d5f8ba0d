"""Clusters that do not raise false alarms by themselves: what goes wrong without rows held out."""

import json

import numpy as np
import pytest

from klteach.drift import DriftError, Profile, compare
from klteach.drift.clusters import Clusters, Embedder

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


# The embedder


def of_a_model(turn=0.0, name="mini 1, mean pooling", rows=400, probes=True):
    """Vectors of a model, and its embedder; `turn` turns every vector in its plane."""
    around = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    vectors = np.random.default_rng(11).normal(size=(rows, 2)) @ around
    texts = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]]) @ around
    return vectors, Embedder(name, texts if probes else None)


READERS = {
    "assign": lambda clusters, vectors, by: clusters.assign(vectors, **by),
    "count": lambda clusters, vectors, by: clusters.count(vectors, **by),
    "count_windows": lambda clusters, vectors, by: clusters.count_windows(
        vectors, [0] * len(vectors), **by
    ),
}


@pytest.mark.parametrize("read", READERS.values(), ids=list(READERS))
def test_vectors_of_another_model_are_refused_and_not_measured(read):
    vectors, was = of_a_model()
    clusters = Clusters.of(vectors, count=4, embedder=was)
    assert read(clusters, vectors, {"embedder": of_a_model()[1]}) is not None
    turned, pooled_otherwise = of_a_model(turn=0.5)  # the same name, the same length
    with pytest.raises(DriftError, match="another model made these vectors: probe . has moved"):
        read(clusters, turned, {"embedder": pooled_otherwise})
    with pytest.raises(
        DriftError, match="embedded by 'mini 1, mean pooling' and these by 'mini 2'"
    ):
        read(clusters, vectors, {"embedder": of_a_model(name="mini 2")[1]})
    with pytest.raises(DriftError, match="Which model made these vectors"):
        read(clusters, vectors, {})
    with pytest.raises(DriftError, match="come without: embed the same texts"):
        read(clusters, vectors, {"embedder": of_a_model(probes=False)[1]})


def test_without_an_embedder_another_model_is_measured_as_if_it_were_data():
    """What the fingerprint is for: nothing in the vectors says that they are of another model."""
    vectors, _ = of_a_model()
    turned, _ = of_a_model(turn=3.0)
    clusters = Clusters.of(vectors, count=4)
    assert clusters.count(turned).total == clusters.count(vectors).total


def test_a_model_that_is_not_exact_has_a_tolerance():
    texts = np.random.default_rng(12).normal(size=(5, 30))
    shaken = texts * (1 + np.random.default_rng(13).normal(0, 0.002, texts.shape))
    assert Embedder("m", texts).refusal(Embedder("m", shaken)) == ""
    far = texts + np.random.default_rng(14).normal(0, 0.05, texts.shape)
    assert "has moved by" in Embedder("m", texts).refusal(Embedder("m", far))
    assert Embedder("m", texts, tolerance=0.2).refusal(Embedder("m", far)) == ""
    assert "have the shape (4, 30) and had (5, 30)" in (
        Embedder("m", texts).refusal(Embedder("m", texts[1:]))
    )


def test_one_probe_that_moved_is_enough():
    texts = np.eye(8)
    other = texts.copy()
    other[5] = [0, 0, 0, 0, 0, 0, 0, 1]
    assert (
        Embedder("m", texts)
        .refusal(Embedder("m", other))
        .startswith("probe 5 has moved by 141 % of its length, and 1 % is allowed")
    )


@pytest.mark.parametrize("probes", [True, False])
def test_the_embedder_is_saved_with_the_clusters(probes):
    vectors, was = of_a_model(probes=probes)
    clusters = Clusters.of(vectors, count=4, embedder=was)
    again = Clusters.from_dict(json.loads(json.dumps(clusters.to_dict())))
    assert again.embedder.fingerprint == was.fingerprint
    assert again.count(vectors, was).counts.tolist() == clusters.count(vectors, was).counts.tolist()
    with pytest.raises(DriftError, match="another model"):
        again.count(vectors, Embedder("mini 2", was.probes))


@pytest.mark.parametrize(
    ("key", "value"),
    [("name", "mini 2"), ("tolerance", 0.9), ("probes", [[1.0, 0.0], [0.0, 1.0], [2.0, 2.5]])],
)
def test_an_embedder_that_was_changed_in_the_file_is_refused(key, value):
    vectors, was = of_a_model()
    saved = Clusters.of(vectors, count=4, embedder=was).to_dict()
    saved["embedder"][key] = value
    with pytest.raises(DriftError, match="have been changed in the file"):
        Clusters.from_dict(saved)


def test_clusters_that_were_saved_without_an_embedder_are_still_read():
    vectors, now = of_a_model()
    clusters = Clusters.of(vectors, count=4)
    saved = clusters.to_dict()
    assert set(saved) == {"centres", "radius", "fingerprint", "baseline"}
    old = Clusters.from_dict(json.loads(json.dumps(saved)))
    for by in ({}, {"embedder": now}):
        assert old.count(vectors, **by).counts.tolist() == clusters.count(vectors).counts.tolist()


@pytest.mark.parametrize(
    ("name", "probes", "word"),
    [
        ("", None, "needs a name"),
        (None, None, "needs a name"),
        ("m", [[0.0, 0.0]], "not finite"),
        ("m", [[np.nan, 1.0]], "not finite"),
        ("m", np.empty((0, 3)), "empty"),
        ("m", [1.0, 2.0], "shape"),
    ],
)
def test_an_embedder_without_a_name_or_with_useless_probes_is_refused(name, probes, word):
    with pytest.raises(DriftError, match=word):
        Embedder(name, probes)
