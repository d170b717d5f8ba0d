"""Cells that are locked on the baseline, and counts in them."""

import json

import numpy as np
import pytest

from klteach.drift.binning import Binning
from klteach.drift.counting import BLOCK, MOST_COMPARISONS, count_numbers
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.values import as_categories, as_numbers

RANDOM = np.random.default_rng(7)


def one_by_one(values, edges):
    """The counts by the definition of the cells, a value at a time."""
    counts = [0] * (len(edges) + 4)
    for value in values:
        if np.isnan(value):
            counts[-1] += 1
        elif np.isinf(value):
            counts[-3 if value < 0 else -2] += 1
        else:
            counts[sum(value >= edge for edge in edges)] += 1
    return counts


@pytest.mark.parametrize("cells", [1, 2, 10, MOST_COMPARISONS + 1, MOST_COMPARISONS + 2, 200])
@pytest.mark.parametrize("size", [0, 1, 1000])
def test_numbers_fall_into_the_cells_of_the_definition(cells, size):
    edges = np.sort(RANDOM.normal(size=cells - 1))
    values = RANDOM.normal(size=size)
    if size:
        awkward = [*edges[:1], np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, 5e-324, -1e308][:size]
        values[RANDOM.choice(size, len(awkward), replace=False)] = awkward
    assert count_numbers(values, edges).tolist() == one_by_one(values, edges)


@pytest.mark.parametrize("place", [0, BLOCK - 1, BLOCK, 2 * BLOCK + 5])
def test_a_special_value_in_any_block_is_found(place):
    values = np.ones(2 * BLOCK + 6)
    values[place] = np.nan
    assert count_numbers(values, [0.5]).tolist() == [0, len(values) - 1, 0, 0, 1]


def test_a_sum_that_overflows_is_no_special_value():
    assert count_numbers(np.full(10, 1.7e308), [0.0]).tolist() == [0, 10, 0, 0, 0]


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "u8", "f2", "f4", "f8"])
def test_counting_needs_no_particular_type(dtype):
    values = np.arange(100).astype(dtype)
    assert count_numbers(values, [10, 50]).tolist() == [10, 40, 50, 0, 0, 0]


def test_the_edges_are_the_quantiles_of_the_baseline_and_never_move():
    baseline = RANDOM.normal(size=10_000)
    binning = Binning.of_numbers("x", baseline, cells=10)
    histogram = binning.count(baseline)
    assert histogram.counts[:10].tolist() == pytest.approx([1000] * 10, abs=1)
    shifted = binning.count(np.append(baseline, 1e6))
    assert (shifted.counts - histogram.counts).tolist() == [0] * 9 + [1, 0, 0, 0]


def test_frequent_values_and_few_values_make_fewer_cells():
    many_zeros = np.r_[np.zeros(900), RANDOM.exponential(size=100)]
    binning = Binning.of_numbers("x", many_zeros)
    assert binning.edges == tuple(sorted(set(binning.edges)))
    assert binning.count(many_zeros).counts.sum() == 1000
    three = Binning.of_numbers("x", [1, 2, 2, 5, 5, 5])
    assert three.count([1, 2, 2, 5, 5, 5]).counts.tolist() == [1, 2, 3, 0, 0, 0]


def test_a_value_that_most_rows_have_does_not_hide_the_others():
    generator = np.random.default_rng(2)
    rain = np.where(generator.random(5000) < 0.94, 0.0, generator.exponential(1, 5000))
    binning = Binning.of_numbers("rain", rain)
    assert binning.cells[:3] == ("below 0", "0", "above 0")
    assert binning.count(rain).counts[:3].tolist() == [0, (rain == 0).sum(), (rain > 0).sum()]
    half = np.where(generator.random(5000) < 0.5, 3.0, generator.normal(3, 1, 5000))
    cells = Binning.of_numbers("half", half).cells
    assert "3" in cells and any(cell.startswith("above 3, below 3.") for cell in cells)


def test_a_constant_column_sees_every_other_value():
    binning = Binning.of_numbers("x", np.full(50, 3.0))
    assert binning.count([3.0, 3.0, 2.999999, 3.000001]).counts.tolist() == [1, 2, 1, 0, 0, 0]


def test_categories_are_the_commonest_and_the_rest_is_other():
    baseline = ["a"] * 5 + ["b"] * 3 + ["c"] + [None]
    binning = Binning.of_categories("x", baseline, most=2)
    assert binning.cells == ("a", "b", "other", "missing")
    assert binning.count(["b", "new", None, "c"]).counts.tolist() == [0, 1, 2, 1]


def test_a_category_named_like_a_special_cell_stays_apart():
    binning = Binning.of_categories("x", ["missing", "other", "missing"])
    assert binning.cells == ("'missing'", "'other'", "other", "missing")
    assert binning.count(["missing", None, "x"]).counts.tolist() == [1, 0, 1, 1]
    awkward = Binning.of_categories("x", ["other", "'other'", '"other"']).cells
    assert len(set(awkward)) == len(awkward)


def test_what_is_the_same_category():
    assert as_categories([1, 1.0, True, "1", 2.5, None, float("nan"), np.nan]) == [
        "1", "1", "True", "1", "2.5", None, None, None
    ]  # fmt: skip
    assert as_categories(np.array([True, False])) == ["True", "False"]


def test_what_is_missing_among_numbers():
    assert np.isnan(as_numbers("x", [None, float("nan")])).all()
    assert as_numbers("x", [True, False]).tolist() == [1, 0]
    with pytest.raises(DriftError, match="'x' should hold numbers and has 'tall' in row 1"):
        as_numbers("x", [1, "tall"])


@pytest.mark.parametrize("cells", [3, 40])
def test_the_cell_of_a_value_is_the_one_in_which_it_was_counted(cells):
    values = np.r_[RANDOM.normal(size=500), np.nan, np.inf, -np.inf]
    binning = Binning.of_numbers("x", values, cells)
    counted = np.bincount(binning.cell_of(values), minlength=len(binning.cells))
    assert counted.tolist() == binning.count(values).counts.tolist()
    names = ["a", "b", None, "z", "a"]
    binning = Binning.of_categories("x", ["a", "b"])
    assert binning.cell_of(names).tolist() == [0, 1, 3, 2, 0]


def test_the_histogram_of_two_parts_is_the_sum_of_their_histograms():
    values = RANDOM.normal(size=1000)
    binning = Binning.of_numbers("x", values)
    assert binning.count(values[:300]) + binning.count(values[300:]) == binning.count(values)


def test_histograms_in_other_cells_refuse_to_be_added():
    one, other = (Binning.with_edges("x", edges) for edges in ([0, 1], [0, 2]))
    with pytest.raises(DriftError, match="count both in the cells of the baseline"):
        one.count([1.0]) + other.count([1.0])
    assert one.fingerprint != other.fingerprint


def test_cells_survive_a_file():
    for binning in (
        Binning.of_numbers("x", RANDOM.normal(size=100)),
        Binning.of_categories("ü", ["ä", "b", "b"]),
    ):
        again = Binning.from_dict(json.loads(json.dumps(binning.to_dict())))
        assert again == binning and again.fingerprint == binning.fingerprint


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Binning.with_edges("x", [1, 1]), "do not rise"),
        (lambda: Binning.with_edges("x", [0, np.inf]), "not finite"),
        (lambda: Binning("x", "dates"), "kind 'dates'"),
        (lambda: Binning("x", "categories", values=("a", "a")), "'a' comes twice"),
        (lambda: Binning.of_numbers("x", []), "no finite value"),
        (lambda: Binning.of_numbers("x", [np.nan, np.inf]), "no finite value"),
        (lambda: Binning.of_categories("x", [None]), "no value at all"),
        (lambda: Histogram(Binning.with_edges("x", [0]), [1, 2]), "5 cells, and 2 counts"),
        (lambda: Histogram(Binning.with_edges("x", [0]), [0.5, 0.5, 0, 0, 0]), "whole numbers"),
        (lambda: Histogram(Binning.with_edges("x", [0]), [-1, 2, 0, 0, 0]), "whole numbers"),
    ],
)
def test_what_cannot_be_is_refused(make, words):
    with pytest.raises(DriftError, match=words):
        make()


def test_the_names_of_close_edges_stay_apart():
    cells = Binning.with_edges("x", [1.0, 1.0 + 1e-12]).cells
    assert len(set(cells)) == len(cells)
