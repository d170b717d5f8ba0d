"""One category is one text, on every engine and however a program has written it."""

import io
from decimal import Decimal

import numpy as np
import pytest

from klteach.drift.binning import Binning
from klteach.drift.engines import count_table, count_windows, table_of
from klteach.drift.errors import DriftError
from klteach.drift.values import as_categories, as_pieces, canonical, category_counts

pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
duckdb = pytest.importorskip("duckdb")
pyarrow = pytest.importorskip("pyarrow")
dask_frames = pytest.importorskip("dask.dataframe")


@pytest.mark.parametrize(
    "spellings, category",
    [
        ([1, 1.0, "1", "1.0", "1.00", " 1 ", np.float32(1), np.int8(1), Decimal("1.0")], "1"),
        ([True, np.True_, "True", "true", "TRUE", " true"], "True"),
        ([False, "false", "FALSE", "False "], "False"),
        ([-3, -3.0, "-3", "-3.0"], "-3"),
        ([0, 0.0, -0.0, "0", "-0.0", "0.0"], "0"),
        (["DE", " DE", "DE ", "\tDE\n", "\xa0DE"], "DE"),
        ([2.5, "2.5", Decimal("2.5")], "2.5"),
        ([10**20, 1e20, str(10**20)], str(10**20)),
        ([None, float("nan"), np.nan, pandas.NA, pandas.NaT, "", "  ", "\t"], None),
    ],
)
def test_spellings_of_one_category(spellings, category):
    assert as_categories(spellings) == [category] * len(spellings)
    assert {canonical(spelling) for spelling in spellings} == {category}
    assert category_counts(spellings) == {category: len(spellings)}


def test_names_that_look_like_numbers_are_names():
    """A postal code keeps its zero, a version its last digit, and a word its case."""
    names = ["007", "01067.0", "1.10", "1.1", "1e5", "+1", "NA", "nan", "Yes", "yes", "t", "1,0"]
    assert as_categories(names) == names
    assert as_categories([1, True, "1", "x"]) == ["1", "True", "1", "x"]


def test_tokens_are_kept_as_they_are():
    assert as_pieces([" the", "the", "true", "1.0", 1.0, None]) == [
        " the", "the", "true", "1.0", "1", None
    ]  # fmt: skip


def test_what_is_no_category_is_refused():
    with pytest.raises(DriftError, match=r"\['a'\] is no category: it is of the type list"):
        as_categories([["a"]])


TEXTS = ["1", "1.0", " 1", "2.0", "true", "TRUE", "False", " DE", "DE", "", " ", None, "new", "007"]
COUNTS = {
    ("1", "True", "DE"): [3, 2, 2, 4, 3],
    ("1.5", "False", "007"): [0, 1, 1, 9, 3],
    ("True", "False"): [5, 1, 5, 3],  # the three of 1 are the same flag
    ("1", "0"): [5, 1, 5, 3],
    ("True",): [5, 6, 3],
}


def tables_of(values):
    """The same column on every engine."""
    frame = polars.DataFrame({"c": values, "day": ["a"] * len(values)})
    arrow = frame.to_arrow()
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    yield "lists", frame.to_dict(as_series=False)
    yield "pandas", pandas.DataFrame(frame.to_dict(as_series=False))
    yield "pandas, object", pandas.DataFrame(frame.to_dict(as_series=False), dtype=object)
    yield "pandas, Arrow", arrow.to_pandas(types_mapper=pandas.ArrowDtype)
    yield "Polars", frame
    yield "Polars, lazy", frame.lazy()
    yield "PyArrow", arrow
    yield "DuckDB", duckdb.connect().from_arrow(arrow)
    yield "Dask", dask_frames.from_pandas(arrow.to_pandas(), npartitions=2)


@pytest.mark.parametrize("values", COUNTS, ids=",".join)
def test_every_engine_takes_spellings_of_a_category_for_it(values, tmp_path):
    binning = {"c": Binning("c", "categories", values=values)}
    rows = sum(COUNTS[values])
    frame = polars.DataFrame({"c": TEXTS, "day": ["a"] * rows})
    frame.write_csv(tmp_path / "x.csv", quote_style="non_numeric")
    frame.write_parquet(tmp_path / "x.parquet")
    files = [(path.name, path) for path in tmp_path.iterdir()]
    for name, table in [*tables_of(TEXTS), *files]:
        assert count_table(table, binning)[0]["c"].counts.tolist() == COUNTS[values], name
        windows = count_windows(table, binning, "day")
        assert windows["a"]["c"].tolist() == COUNTS[values], name
        assert table_of(table, {"c": "categories"}).values(["c"])["c"] == {
            "1": 3, "2": 1, "True": 2, "False": 1, "DE": 2, None: 3, "new": 1, "007": 1
        }, name  # fmt: skip


def test_a_binning_with_groups_counts_the_same_everywhere():
    """Where unseen values part into cells, every engine hands them out."""
    values = [*TEXTS, *(f"unseen {number}" for number in range(40))]
    binning = Binning("c", "categories", values=("1", "DE"), groups=4, rest="unseen")
    found = {
        name: count_table(table, {"c": binning})[0]["c"].counts.tolist()
        for name, table in tables_of(values)
    }
    assert len(set(map(tuple, found.values()))) == 1, found
    assert sum(found["lists"]) == len(values) and min(found["lists"][2:6]) > 0


@pytest.mark.parametrize(
    "column, counts",
    [
        ([True, False, None, True], [2, 1, 0, 1]),
        ([1, 0, None, 1], [2, 1, 0, 1]),
        ([1.0, 0.0, None, 2.0], [1, 1, 1, 1]),
        (["1", "0.0", "", "TRUE"], [2, 1, 0, 1]),
        (["yes", "no", None, "True"], [1, 0, 2, 1]),
    ],
)
def test_a_flag_is_the_same_flag_as_a_number(column, counts, tmp_path):
    for values in (("True", "False"), ("1", "0")):
        binning = {"c": Binning("c", "categories", values=values)}
        polars.DataFrame({"c": column, "x": 1}).write_csv(tmp_path / "x.csv")
        for name, table in [*tables_of(column), ("CSV", tmp_path / "x.csv")]:
            assert count_table(table, binning)[0]["c"].counts.tolist() == counts, (name, values)


def test_flags_of_a_csv_are_numbers_where_the_baseline_had_numbers(tmp_path):
    binning = {"c": Binning.with_edges("c", [0.5])}
    for text, counts in [
        ("true\nfalse\nTrue\n\n", [1, 2, 0, 0, 1]),
        ("1\n0\nTRUE\n", [1, 2, 0, 0, 0]),
        ("1.0\n0.0\n", [1, 1, 0, 0, 0]),
    ]:
        (tmp_path / "x.csv").write_text("c\n" + text)
        assert count_table(tmp_path / "x.csv", binning)[0]["c"].counts.tolist() == counts
    # one word among other numbers is no flag
    (tmp_path / "x.csv").write_text("c\n17\ntrue\n")
    with pytest.raises(DriftError, match="'c' holds numbers and also the text 'true' on line 3"):
        count_table(tmp_path / "x.csv", binning)
