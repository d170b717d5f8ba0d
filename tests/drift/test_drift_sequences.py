"""Tokens, steps and clusters as cells: locked on the baseline, windows are whole units."""

import json

import numpy as np
import pytest

from klteach.drift import DriftError, Profile, compare
from klteach.drift.clusters import Clusters
from klteach.drift.tokens import Vocabulary, tokens
from klteach.drift.trajectories import States, Transitions, transition_counts
from klteach.inference import stationary_distribution

RANDOM = np.random.default_rng(3)


# Tokens


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The cat's 2 mats, THE MATS.", ["the", "cat's", "mats", "the", "mats"]),
        ("it’s re\u0301sume\u0301", ["it's", "résumé"]),
        ("snake_case 'quoted' --", ["snake", "case", "quoted"]),
        ("", []),
    ],
)
def test_what_a_word_is(text, words):
    assert tokens(text) == words


def test_the_vocabulary_is_locked_on_the_baseline():
    vocabulary = Vocabulary.of(["a a a b b c", "a b d"], most=3)
    assert vocabulary.binning.cells == ("a", "b", "c", "other", "missing")
    counts = vocabulary.count(["new words a", "", None]).counts
    assert counts.tolist() == [1, 0, 0, 2, 2]


def test_counts_instead_of_texts_give_the_same_vocabulary():
    texts = ["x y x", "z x"]
    assert Vocabulary.of(texts) == Vocabulary.of({"x": 3, "y": 1, "z": 1})


def test_the_windows_of_texts_add_up_to_the_whole():
    texts, days = ["a b", "a", "b b", ""], ["mon", "tue", "mon", "tue"]
    vocabulary = Vocabulary.of(texts)
    windows = vocabulary.count_windows(texts, days)
    assert windows.tolist() == [[3, 1, 0, 0], [0, 1, 0, 1]]
    assert windows.sum(axis=0).tolist() == vocabulary.count(texts).counts.tolist()
    assert len(vocabulary.count_windows(texts)) == len(texts)
    with pytest.raises(DriftError, match="4 sequences have 1 names of windows"):
        vocabulary.count_windows(texts, ["mon"])


def test_one_text_is_no_list_of_texts():
    with pytest.raises(DriftError, match="one text was passed"):
        Vocabulary.of("the cat")
    with pytest.raises(DriftError, match="no token at all"):
        Vocabulary.of(["", None])


def test_a_change_of_words_is_found_with_documents_as_windows():
    topics = RANDOM.dirichlet(np.full(30, 5.0), size=40)
    words = np.array([first + second for first in "abcdef" for second in "vwxyz"])

    def documents(shares):
        return [" ".join(RANDOM.choice(words, size=200, p=share)) for share in shares]

    texts = documents(topics)
    vocabulary = Vocabulary.of(texts)
    windows = vocabulary.count_windows(texts)
    column = vocabulary.binning.column
    baseline = Profile(
        {column: vocabulary.count(texts)}, len(texts), {}, {column: windows}, tuple(range(40))
    )

    def check(text):
        now = Profile({column: vocabulary.count([text])}, 1)
        return compare(baseline, now, null="windows", least_rows=50).verdict

    (same,) = documents(RANDOM.dirichlet(np.full(30, 5.0), size=1))
    (other,) = documents([np.r_[np.full(3, 1 / 3), np.zeros(27)]])
    assert (check(same), check(other)) == ("no drift", "drift")


# Trajectories


def test_states_are_blind_to_order_and_transitions_are_not():
    before = [["search", "read", "write"]] * 50
    after = [["write", "read", "search"]] * 50
    states, transitions = States.of(before), Transitions.of(before)
    assert states.count(before) == states.count(after)
    assert transitions.count(before) != transitions.count(after)
    assert transitions.count(after).counts[-2] == 200  # none of these steps was seen before


def test_names_that_could_be_mistaken_are_quoted():
    assert Transitions.pieces(["begin", None, "a -> b"]) == [
        "begin -> 'begin'",
        "'begin' -> missing",
        "missing -> 'a -> b'",
        "'a -> b' -> end",
    ]
    assert Transitions.pieces([]) == ["begin -> end"]
    with pytest.raises(DriftError, match="is a text"):
        States.of(["search"])


def test_counted_transitions_have_a_stationary_law():
    counts, names = transition_counts([["a", "b"], ["a"], ["b", "b", "a"]])
    rows = counts / counts.sum(axis=1, keepdims=True)
    law = stationary_distribution(rows)
    # the share of each state among all the steps that were counted
    np.testing.assert_allclose(law, counts.sum(axis=1) / counts.sum())
    again, _ = transition_counts([["a", "a"]], names)
    assert again.shape == counts.shape
    with pytest.raises(DriftError, match="'c' is not among the 2 states"):
        transition_counts([["c"]], names)


# Clusters


def blobs(rows, shares, spread=0.3):
    centres = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    chosen = RANDOM.choice(3, size=rows, p=shares)
    return centres[chosen] + RANDOM.normal(scale=spread, size=(rows, 2))


def test_centres_are_fitted_on_the_baseline_and_stay():
    vectors = blobs(3000, [0.5, 0.3, 0.2])
    clusters = Clusters.of(vectors, count=3)
    assert np.array_equal(clusters.centres, Clusters.of(vectors, count=3).centres)
    shares = np.sort(clusters.baseline.counts[:3]) / clusters.baseline.total
    np.testing.assert_allclose(shares, [0.2, 0.3, 0.5], atol=0.05)
    assert clusters.baseline.total == len(clusters.held_out) == 1500


def test_rows_from_nowhere_are_far_and_broken_ones_missing():
    clusters = Clusters.of(blobs(3000, [0.5, 0.3, 0.2]), count=3)
    assert clusters.assign([[50.0, 50.0], [np.nan, 0.0], [np.inf, 0.0]]) == ["far", None, None]


def test_no_drift_and_drift_of_clusters():
    shares = [0.5, 0.3, 0.2]
    clusters = Clusters.of(blobs(4000, shares), count=3)
    column = clusters.binning.column
    baseline = Profile({column: clusters.baseline}, clusters.baseline.total)

    def verdict(vectors):
        return compare(baseline, Profile({column: clusters.count(vectors)}, len(vectors))).verdict

    alarms = [verdict(blobs(500, shares)) for _ in range(40)].count("drift")
    assert alarms <= 6  # nominal 5 %, two of 40; three standard errors are 4
    assert verdict(blobs(500, [0.3, 0.3, 0.4])) == "drift"


def test_other_centres_are_other_columns():
    one, other = (Clusters.of(blobs(500, [0.5, 0.3, 0.2]), count=3, seed=s) for s in (1, 2))
    assert one.binning.column != other.binning.column
    with pytest.raises(DriftError, match="other cells|lacks|cannot be compared"):
        one.baseline + other.baseline


def test_clusters_survive_a_file_and_a_changed_one_is_refused():
    clusters = Clusters.of(blobs(500, [0.5, 0.3, 0.2]), count=3)
    saved = json.loads(json.dumps(clusters.to_dict()))
    again = Clusters.from_dict(saved)
    assert again.fingerprint == clusters.fingerprint and again.baseline == clusters.baseline
    saved["centres"][0][0] += 1
    with pytest.raises(DriftError, match="they have been changed"):
        Clusters.from_dict(saved)


def test_windows_of_vectors_add_up():
    vectors = blobs(600, [0.5, 0.3, 0.2])
    clusters = Clusters.of(vectors, count=3)
    windows = clusters.count_windows(vectors, np.repeat(["mon", "tue"], 300))
    assert windows.sum(axis=0).tolist() == clusters.count(vectors).counts.tolist()


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        ([[1.0, 2.0]] * 5, "4 rows for each"),
        ([1.0, 2.0], "pass a row for each"),
        ([["a", "b"]], "not a table of numbers"),
    ],
)
def test_vectors_that_cannot_be_clustered(vectors, words):
    with pytest.raises(DriftError, match=words):
        Clusters.of(vectors, count=3)


def test_vectors_of_another_model_are_refused():
    clusters = Clusters.of(blobs(500, [0.5, 0.3, 0.2]), count=3)
    with pytest.raises(DriftError, match="3 dimensions and the centres 2"):
        clusters.count(np.zeros((4, 3)))
