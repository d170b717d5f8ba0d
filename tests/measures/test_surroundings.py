"""Measures in the surroundings that people have: other processes, strict NumPy, busy machines."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest

import klteach
from klteach import (
    brier_score,
    f_divergence,
    mutual_information,
    wasserstein_distance,
)
from klteach.measures import f_divergences
from klteach.measures.f_divergences import Generator

PROBE = ([0.7, 0.2, 0.1], [0.1, 0.3, 0.6])
GENERATORS = [name for name, value in vars(f_divergences).items() if isinstance(value, Generator)]
TWO = ["kl_divergence", "kl_terms", "jeffreys_divergence", "js_divergence", "js_distance",
       "total_variation", "hellinger_distance", "cross_entropy", "perplexity",
       "population_stability_index"]  # fmt: skip


@pytest.mark.parametrize("name", GENERATORS)
def test_a_ready_generator_and_its_conjugate_can_be_sent_to_another_process(name):
    generator = getattr(f_divergences, name)
    for own in (generator, generator.conjugate):
        sent = pickle.loads(pickle.dumps(own))
        assert f_divergence(sent, *PROBE) == f_divergence(own, *PROBE)
        assert sent(np.array([0.5, 2.0])).tolist() == own(np.array([0.5, 2.0])).tolist()


@pytest.mark.parametrize("name", TWO)
def test_tiny_probabilities_raise_nothing_where_numpy_is_told_to_raise(name):
    measure = getattr(klteach, name)
    tiny = [np.array([value, 1.0]) for value in (1e-310, 1e-300, 1e-200, 1e-160, 1e-20)]
    with np.errstate(all="raise"):
        for p in tiny:
            for q in tiny:
                assert np.all(measure(p, q) >= 0) and np.all(measure(p[None], q[None]) >= 0)


def test_scores_and_sums_of_tiny_probabilities_raise_nothing_either():
    with np.errstate(all="raise"):
        for tiny in (1e-310, 1e-300, 1e-170):
            assert klteach.log_score([1, 0], [tiny, tiny]) > 0
            assert brier_score([0, 0], [tiny, tiny]) >= 0
            assert klteach.entropy([tiny, 1.0]) >= 0
            assert klteach.to_bits(tiny) > 0
            joint = np.array([[tiny, 0.25], [0.25, 0.5]])
            assert mutual_information(joint) > 0


def test_no_measure_gives_blas_more_than_a_block(monkeypatch):
    """From 10,000 numbers on a dot product wakes threads, and waits for all on a busy machine."""
    vecdot, longest = np.vecdot, []

    def watched(a, b, **options):
        longest.append(max(np.shape(a)[-1:], default=0))
        return vecdot(a, b, **options)

    monkeypatch.setattr(np, "vecdot", watched)
    random = np.random.default_rng(1)
    p, q = random.dirichlet(np.ones(30_000), 2)
    near = klteach.normalize(p * np.exp(1e-4 * random.standard_normal(len(p))))
    for name in [*TWO, "chi_square_divergence"]:
        for other in (q, near):
            getattr(klteach, name)(p, other)
            getattr(klteach, name)(p[None], other[None])
    klteach.entropy(p)
    wasserstein_distance(p * 9, q * 9)
    mutual_information(np.outer(p[:20_000], [0.5, 0.5]) / p[:20_000].sum())
    assert longest and max(longest) < 10_000


@pytest.mark.parametrize(
    "outcomes",
    [
        [True, False, True],
        (True, False, True),
        np.array([True, False, True]),
        pd.Series([True, False, True]),
        pd.array([True, False, True], dtype="boolean"),
        pd.Series([True, False, True], dtype=object),
    ],
    ids=["list", "tuple", "array", "Series", "nullable", "objects"],
)
def test_whether_it_came_may_be_true_and_false(outcomes):
    assert brier_score(outcomes, [0.9, 0.2, 0.6]) == brier_score([1, 0, 1], [0.9, 0.2, 0.6])


def test_a_missing_outcome_is_neither_true_nor_false():
    with pytest.raises(ValueError, match="outcomes holds Python objects"):
        brier_score(pd.array([True, None, True], dtype="boolean"), [0.9, 0.2, 0.6])


def test_a_crosstab_with_its_margins_is_refused_and_without_them_is_right():
    a = pd.Series(list("xxyyzzzz"))
    b = pd.Series(list("ssttsttt"))
    table = pd.crosstab(a, b, normalize=True, margins=True)
    with pytest.raises(ValueError, match="has its margins.*without its last row and its last"):
        mutual_information(table)
    right = mutual_information(pd.crosstab(a, b, normalize=True))
    assert mutual_information(table.iloc[:-1, :-1]) == right
    counts = pd.crosstab(a, b, margins=True)
    with pytest.raises(ValueError, match="has its margins"):
        mutual_information(counts)


def test_probabilities_in_the_place_of_positions_are_told():
    p, q = [0.5, 0.5, 0, 0], [0, 0, 0.5, 0.5]
    with pytest.warns(UserWarning, match=r"taken for positions.*\(x, x, p, q\)") as told:
        assert wasserstein_distance(p, q) == 0
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert wasserstein_distance(range(4), range(4), p, q) == 2
        wasserstein_distance([0.2, 0.9], [0.1, 0.4])
        wasserstein_distance([1.0], [1.0])
