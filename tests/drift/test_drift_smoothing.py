"""Smoothing by name, and the divergences, against the measures of the library."""

import numpy as np
import pytest

import klteach
from klteach.drift.divergence import CHI2_FACTOR, DIVERGENCES, contributions, divergence, formula
from klteach.drift.errors import DriftError
from klteach.drift.smoothing import Smoothing

RANDOM = np.random.default_rng(11)
REFERENCE, CURRENT = [500, 300, 150, 50, 0], [450, 300, 180, 60, 10]
MEASURES = {
    "psi": klteach.population_stability_index,
    "kl": klteach.kl_divergence,
    "reverse kl": lambda p, q: klteach.kl_divergence(q, p),
    "js": klteach.js_divergence,
}


@pytest.mark.parametrize("name", DIVERGENCES)
def test_divergences_are_those_of_the_library(name):
    p, q = RANDOM.dirichlet(np.ones(8), size=(2, 100))
    p[:50, 3] = 0
    p /= p.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(divergence(name, p, q), MEASURES[name](p, q), rtol=1e-9)
    parts = contributions(name, p, q)
    assert (parts >= 0).all()
    assert divergence(name, p, p).max() == 0


def test_an_empty_cell_is_infinite_in_the_direction_that_meets_it():
    p, q = [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]
    found = {name: float(divergence(name, p, q)) for name in DIVERGENCES}
    assert found["kl"] == found["psi"] == np.inf
    assert found["reverse kl"] == pytest.approx(np.log(2))
    assert found["js"] < np.log(2)


@pytest.mark.parametrize(
    ("smoothing", "psi", "reference_first", "current_first"),
    [
        (Smoothing.infinite(), np.inf, 0.016216, np.inf),
        (Smoothing.additive(1), 0.0363, 0.0137, 0.0226),
        (Smoothing.additive(0.5), 0.0429, 0.0146, 0.0282),
    ],
)
def test_the_worked_example(smoothing, psi, reference_first, current_first):
    p, q = smoothing.shares(CURRENT, REFERENCE)
    assert divergence("psi", p, q) == pytest.approx(psi, abs=5e-5)
    assert divergence("reverse kl", p, q) == pytest.approx(reference_first, abs=5e-5)
    assert divergence("kl", p, q) == pytest.approx(current_first, abs=5e-5)


def test_a_clipped_share_is_what_no_policy_does():
    clipped = np.maximum(np.array(REFERENCE) / 1000, 1e-12)
    p = np.array(CURRENT) / 1000
    assert ((p - clipped) * np.log(p / clipped)).sum() == pytest.approx(0.2428, abs=5e-5)
    assert (p * np.log(p / clipped)).sum() == pytest.approx(0.2266, abs=5e-5)


def test_cells_that_nobody_uses_change_nothing():
    for smoothing in (Smoothing.additive(1), Smoothing.infinite(), Smoothing.merge_empty()):
        for a, b in zip(
            smoothing.shares(CURRENT, REFERENCE),
            smoothing.shares([*CURRENT, 0, 0, 0], [*REFERENCE, 0, 0, 0]),
            strict=True,
        ):
            assert b[:5].tolist() == a.tolist() and not b[5:].any()


def test_additive_smoothing_adds_to_counts_and_fades():
    small, large = (Smoothing.additive(1).shares([0, n], [n, 0])[0][0] for n in (10, 1000))
    assert (small, large) == (pytest.approx(1 / 12), pytest.approx(1 / 1002))


@pytest.mark.parametrize(
    ("current", "baseline", "p", "q"),
    [
        # an empty cell on one side takes in the rarest of the others
        ([5, 5, 0], [4, 3, 3], [0.5, 0.5, 0], [0.4, 0.6, 0]),
        # empty on opposite sides: the two make one cell
        ([8, 2, 0], [9, 0, 1], [0.8, 0.2, 0], [0.9, 0.1, 0]),
        # nothing in common: one cell is left, and no divergence
        ([10, 0], [0, 10], [1, 0], [1, 0]),
    ],
)
def test_empty_cells_are_merged(current, baseline, p, q):
    found = Smoothing.merge_empty().shares(current, baseline)
    np.testing.assert_allclose([sorted(x) for x in found], [sorted(p), sorted(q)])
    assert ((found[0] > 0) == (found[1] > 0)).all()


def test_many_rows_at_once_are_rows_one_by_one():
    current, baseline = RANDOM.multinomial(30, np.ones(6) / 6, size=(2, 40))
    for smoothing in (Smoothing.additive(0.5), Smoothing.infinite(), Smoothing.merge_empty()):
        together = smoothing.shares(current, baseline)
        for row in range(40):
            single = smoothing.shares(current[row], baseline[row])
            assert all((many[row] == one).all() for many, one in zip(together, single, strict=True))


def test_the_policy_error_names_the_cell_and_the_side():
    with pytest.raises(DriftError, match="'e' is empty in the baseline"):
        Smoothing.error().shares(CURRENT, REFERENCE, cells="abcde")
    with pytest.raises(DriftError, match="number 4"):
        Smoothing.error().shares(CURRENT, REFERENCE)


def test_no_rows_have_no_shares():
    with pytest.raises(DriftError, match="without rows"):
        Smoothing.additive().shares([0, 0], [1, 2])


@pytest.mark.parametrize("text", ["additive:0.5", "additive:1", "infinite", "error", "merge-empty"])
def test_a_policy_is_written_and_read(text):
    assert str(Smoothing.parse(text)) == text


@pytest.mark.parametrize("text", ["eps", "additive:0", "additive:-1", "additive:x", "", "1e-12"])
def test_what_is_no_policy_is_refused(text):
    with pytest.raises(DriftError):
        Smoothing.parse(text)


def test_names_and_factors():
    assert set(CHI2_FACTOR) == set(DIVERGENCES)
    assert formula("kl") == "KL(current‖baseline)"
    with pytest.raises(DriftError, match="'tv' is not known"):
        formula("tv")


def test_near_equality_the_factors_make_the_divergences_agree():
    p = RANDOM.dirichlet(np.ones(10))
    q = p + 1e-4 * (RANDOM.dirichlet(np.ones(10)) - p)
    values = [CHI2_FACTOR[name] * divergence(name, p, q) for name in DIVERGENCES]
    np.testing.assert_allclose(values, values[0], rtol=1e-3)
