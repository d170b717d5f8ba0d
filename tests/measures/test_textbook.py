"""The quick sums: the same as Σ term by term, and declined wherever they would not be."""

import numpy as np
import pytest

from klteach import (
    jeffreys_divergence,
    js_distance,
    js_divergence,
    kl_divergence,
    normalize,
    population_stability_index,
)
from klteach.measures import textbook
from klteach.measures.blocks import BLOCK
from klteach.measures.distributions import Distributions
from klteach.measures.terms import jeffreys_term, js_term, kl_term
from tests.measures.measures_exact import exact_js, exact_kl, relative_error

BOOKS = {
    "KL": (textbook.KL, kl_term, kl_divergence),
    "Jeffreys": (textbook.JEFFREYS, jeffreys_term, jeffreys_divergence),
    "Jensen-Shannon": (textbook.JENSEN_SHANNON, js_term, js_divergence),
}
each_book = pytest.mark.parametrize(("book", "term", "measure"), BOOKS.values(), ids=BOOKS)


def by_terms(term, p, q):
    return Distributions(-1, p=p, q=q).sum_of_terms(term)


def drawn(random, length, zeros=0.0, apart=3.0):
    """Two distributions, `zeros` of whose outcomes are 0, each on its own side."""
    q = random.dirichlet(np.full(length, 2.0))
    p = q * np.exp(apart * random.standard_normal(length))
    for side in (p, q):
        side[1:][random.random(length - 1) < zeros] = 0
    return normalize(p), normalize(q)


@each_book
@pytest.mark.parametrize("length", [10, 1000, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
@pytest.mark.parametrize("zeros", [0.0, 0.3])
def test_the_quick_way_is_taken_and_agrees_with_the_terms(book, term, measure, length, zeros):
    random = np.random.default_rng(length)
    p, q = drawn(random, length, zeros)
    if book is not textbook.JENSEN_SHANNON:
        q = normalize(np.where(p > 0, np.maximum(q, 1e-9), 0 if book is textbook.JEFFREYS else q))
    quick = book.of_plain(p, q, -1)
    assert quick is not None and quick == measure(p, q)
    assert quick == pytest.approx(by_terms(term, p, q)[0], rel=2e-14)


@each_book
@pytest.mark.parametrize("off", [-1e-8, 1e-8])
def test_totals_that_are_off_by_rounding_change_nothing(book, term, measure, off):
    random = np.random.default_rng(5)
    for length in (3, 50):
        p, q = drawn(random, length)
        assert book.of_plain(p * (1 + off), q * (1 - off), -1) == pytest.approx(
            measure(p, q), rel=1e-14
        )
        assert measure([p * (1 + off)], [q * (1 - off)])[0] == pytest.approx(
            measure(p, q), rel=1e-14
        )


@each_book
def test_rows_are_each_taken_the_way_that_is_right(book, term, measure):
    random = np.random.default_rng(7)
    for length in (4, 300, BLOCK + 5):
        far = [drawn(random, length) for _ in range(3)]
        near = [drawn(random, length, apart=1e-5) for _ in range(3)]
        sparse = [drawn(random, length, zeros=0.4) for _ in range(3)]
        order = random.permutation(9)
        p, q = (np.array(side)[order] for side in zip(*far, *near, *sparse, strict=True))
        found = measure(p, q)
        assert found == pytest.approx(by_terms(term, p, q), rel=1e-12)
        each = [measure(*pair) for pair in zip(p, q, strict=True)]
        assert each == pytest.approx(found, rel=1e-12)


@each_book
@pytest.mark.parametrize("step", [0.05, 1e-4, 1e-9, 0])
@pytest.mark.parametrize("length", [2, 30, BLOCK, BLOCK + 1])
def test_near_equality_the_terms_are_summed_quickly_or_by_rows(book, term, measure, length, step):
    random = np.random.default_rng(length)
    p, q = drawn(random, length, apart=step)
    assert (book.of_plain(p, q, -1) is None) == (length > BLOCK)
    assert measure(p, q) == pytest.approx(by_terms(term, p, q)[0], rel=1e-13, abs=0)
    assert measure(list(p), list(q)) == pytest.approx(measure(p, q), rel=1e-13, abs=0)
    assert (measure(p, q) == 0) == (step == 0)


@each_book
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.2, 0.8 + 1e-7], [0.5, 0.5]),
        ([0.5, 0.5], [0.2, 0.8 - 1e-7]),
        ([-0.2, 1.2], [0.5, 0.5]),
        ([0.9, 0.1], [-0.2, 1.2]),
        ([0.0, 1.0], [-0.2, 1.2]),
        ([0.0, 0.0, 1.0], [-0.3, 0.2, 1.1]),
        ([0.0, 1.0], [np.nan, 1.0]),
        ([0.5, 0.5], [np.nan, 0.5]),
        ([np.nan, 0.5], [0.5, 0.5]),
        ([0.5, 0.5], [np.inf, 0.5]),
        ([1e308, 1e308], [1e308, 1e308]),
    ],
)
def test_in_any_doubt_it_declines(book, term, measure, p, q):
    p, q = np.array(p), np.array(q)
    assert book.of_plain(p, q, -1) is None


def test_wrong_values_are_refused_wherever_they_stand():
    for place in (0, BLOCK - 1, BLOCK, 2 * BLOCK):
        q = np.full(2 * BLOCK + 1, 1 / (2 * BLOCK + 1))
        p = normalize(np.arange(2 * BLOCK + 1.0) ** 4)
        p[place] = 0
        p = normalize(p)
        for measure in (kl_divergence, jeffreys_divergence, js_divergence):
            wrong = q.copy()
            wrong[place] = -wrong[place]
            with pytest.raises(ValueError, match=rf"q\[{place}\] is -.* must not be negative"):
                measure(p, wrong)


def test_ratios_beyond_float64_are_no_infinity():
    tiny = np.array([1e-320, 1.0])
    p = np.array([0.9, 0.1])
    assert relative_error(kl_divergence(p, tiny), exact_kl(p, tiny)) < 1e-13
    assert relative_error(kl_divergence([p], [tiny])[0], exact_kl(p, tiny)) < 1e-13
    both = float(exact_kl(p, tiny) + exact_kl(tiny, p))
    assert population_stability_index(p, tiny) == pytest.approx(both, rel=1e-13)
    assert population_stability_index([p], [tiny])[0] == pytest.approx(both, rel=1e-13)


def test_jensen_shannon_against_exact_numbers():
    random = np.random.default_rng(3)
    for zeros in (0, 0.5):
        p, q = drawn(random, 40, zeros)
        assert js_divergence(p, q) == pytest.approx(float(exact_js(p, q)), rel=1e-14)
        assert js_distance(p, q) == pytest.approx(float(exact_js(p, q)) ** 0.5, rel=1e-14)
    assert js_divergence([1.0, 0.0], [0.0, 1.0]) == np.log(2)
    assert js_divergence(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == np.log(2)


def test_single_precision_totals_are_too_far_apart_for_first_order():
    p = np.array([[0.3, 0.7]], np.float32) * np.float32(1 + 3e-4)
    q = np.array([[0.8, 0.2]], np.float32) * np.float32(1 - 3e-4)
    exact = float(exact_js(p[0].astype(float), q[0].astype(float)))
    assert js_divergence(p, q)[0] == pytest.approx(exact, rel=1e-13)
