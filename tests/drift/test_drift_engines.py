"""The same counts, to the last row, from NumPy and from every engine."""

import datetime
import importlib
import sys
import time
from decimal import Decimal

import numpy as np
import pytest

from klteach.drift.binning import Binning
from klteach.drift.engines import count_table, count_windows, table_of
from klteach.drift.errors import DriftError
from klteach.drift.profile import Profile
from tests.dask_cluster import two_processes

duckdb = pytest.importorskip("duckdb")
pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
pyarrow = pytest.importorskip("pyarrow")
distributed = pytest.importorskip("distributed")
dask_frames = pytest.importorskip("dask.dataframe")

INF, NAN = float("inf"), float("nan")
BIG = 2**53  # above it, not every whole number is a 64-bit float
SINGLE = float(np.float32(0.1))  # 0.10000000149..., so 0.1 as 32 bits is not below 0.1 as 64 bits

# Lists of equal length, None for missing, and the Arrow type that they are kept in.
COLUMNS = {
    "plain": ("double", [0.5, 1.5, -3.0, 2.0, 1.0, 0.0, 7.25, 1e-9]),
    "special": ("double", [INF, -INF, NAN, None, -0.0, 0.0, 5e-324, 1.7e308]),
    "overflow": ("double", [1.7e308, 1.7e308, 1.7e308, -1.0, 1.7e308, 0.0, 1.0, 1.7e308]),
    "single": ("float", [0.1, 0.2, None, INF, 0.1, -0.1, 0.3, NAN]),
    "whole": ("int64", [BIG, BIG + 1, BIG + 2, -BIG - 1, 0, 1, 2, 3]),
    "whole, some missing": ("int64", [BIG + 1, None, 0, 1, 2, None, -1, 4]),
    "unsigned": ("uint64", [2**64 - 1, 2**63, 0, 1, BIG + 1, 2, 3, 4]),
    "small": ("int8", [-128, 127, 0, 1, 1, 1, -1, 5]),
    "money": ("decimal", [Decimal("0.10"), Decimal("0.30"), Decimal("-2.50"), None] * 2),
    "true": ("bool", [True, False, None, True, True, False, None, True]),
    "nothing": ("double", [None] * 8),
    "text": ("string", ["a", "b", None, "", "nan", "A", "a", "a very long name, with ünï©øđé"]),
    "label": ("category", ["x", "y", "x", None, "z", "x", "y", "x"]),
    "number as category": ("int64", [1, 2, 3, None, 1, 1, 9, 2]),
    "float as category": ("double", [1.0, 2.5, NAN, None, -0.0, 0.0, INF, 1.0]),
    "single as category": ("float", [0.1, 0.1, 0.25, None, 1.0, 2.0, 3.0, NAN]),
    "true as category": ("bool", [True, False, None, True, True, False, None, True]),
}
EDGES = [-INF, -1.0, 0.0, SINGLE, 0.1, 0.3, 1.0, 2.0, 2.5, float(BIG), float(BIG + 2), 2.0**63]
NUMBERS = Binning.with_edges("", sorted(EDGES[1:]))
CATEGORIES = {
    "text": ("a", "nan", "other", "b"),
    "label": ("x", "y"),
    "number as category": ("1", "3"),
    "float as category": ("1", "2.5", "0", "inf"),
    "single as category": (repr(SINGLE), "0.25", "2"),
    "true as category": ("True",),
}
BINNINGS = {
    name: Binning(name, "categories", values=CATEGORIES[name])
    if name in CATEGORIES
    else Binning.with_edges(name, NUMBERS.edges)
    for name in COLUMNS
}
WINDOWS = ["mon", "tue", "mon", "mon", "wed", "tue", "tue", "mon"]


def by_definition(name, rows=range(8)):
    """Row by row, in plain Python."""
    binning, kind = BINNINGS[name], COLUMNS[name][0]
    counts = dict.fromkeys(binning.cells, 0)
    for row in rows:
        value = COLUMNS[name][1][row]
        if value is None or value != value or value == "":
            cell = "missing"
        elif binning.kind == "numbers":
            value = float(np.float32(value)) if kind == "float" else float(value)
            inner = binning.cells[sum(value >= edge for edge in binning.edges)]
            cell = {INF: "+inf", -INF: "-inf"}.get(value, inner)
        else:
            if kind == "float":
                value = float(np.float32(value))
            if isinstance(value, float) and value == value // 1 and abs(value) < INF:
                value = int(value)
            # a category that is called "other" is written 'other', to be told from the cell
            cell = str(value) if str(value) in binning.values else "other"
        counts[cell] += 1
    return list(counts.values())


def arrow_table():
    types = {
        "decimal": pyarrow.decimal128(20, 2),
        "category": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
        "double": pyarrow.float64(),
        "float": pyarrow.float32(),
        "bool": pyarrow.bool_(),
    }
    return pyarrow.table(
        {
            name: pyarrow.array(values, type=types.get(kind) or getattr(pyarrow, kind)())
            for name, (kind, values) in COLUMNS.items()
        }
        | {"day": WINDOWS}
    )


def numpy_columns():
    dtypes = {"double": "f8", "float": "f4", "int64": "i8", "uint64": "u8", "int8": "i1"}
    arrays = {}
    for name, (kind, values) in COLUMNS.items():
        complete = None not in values
        if kind in ("double", "float"):
            arrays[name] = np.array([NAN if v is None else v for v in values], dtype=dtypes[kind])
        else:
            arrays[name] = np.array(values, dtype=dtypes.get(kind, object) if complete else object)
    return arrays | {"day": np.array(WINDOWS)}


def pandas_objects():
    """Every column of the type object, as a table is that was put together row by row."""
    return (
        pandas.DataFrame(
            {name: pandas.Series(values, dtype=object) for name, (_, values) in COLUMNS.items()}
            | {"day": WINDOWS}
        )
        .assign(single=lambda frame: frame["single"].astype("float32").astype(object))
        .assign(**{"single as category": lambda f: f["single as category"].astype("float32")})
    )


def pandas_nullable():
    """The types of pandas that have NA, and NaN beside it."""
    return arrow_table().to_pandas(
        types_mapper={
            pyarrow.int64(): pandas.Int64Dtype(),
            pyarrow.uint64(): pandas.UInt64Dtype(),
            pyarrow.bool_(): pandas.BooleanDtype(),
            pyarrow.float64(): pandas.Float64Dtype(),
            pyarrow.float32(): pandas.Float32Dtype(),
            pyarrow.string(): pandas.StringDtype(),
        }.get
    )


def pandas_arrow():
    return arrow_table().to_pandas(types_mapper=pandas.ArrowDtype)


def pandas_usual():
    whole = ["whole, some missing", "number as category"]  # as floats they would lose a digit
    frame = arrow_table().drop_columns(whole).to_pandas()
    return frame.assign(**{name: pandas.array(COLUMNS[name][1], dtype="Int64") for name in whole})


def duckdb_relation():
    arrow = arrow_table().cast(
        pyarrow.schema(
            [
                pyarrow.field(field.name, pyarrow.string())
                if pyarrow.types.is_dictionary(field.type)
                else field
                for field in arrow_table().schema
            ]
        )
    )
    return duckdb.connect().from_arrow(arrow)


ENGINES = {
    "NumPy": numpy_columns,
    "lists": lambda: {name: values for name, (_, values) in COLUMNS.items()} | {"day": WINDOWS},
    "pandas": pandas_usual,
    "pandas, nullable": pandas_nullable,
    "pandas, Arrow": pandas_arrow,
    "pandas, object": pandas_objects,
    "Polars": lambda: polars.from_arrow(arrow_table()),
    "Polars, lazy": lambda: polars.from_arrow(arrow_table()).lazy(),
    "PyArrow": arrow_table,
    "DuckDB": duckdb_relation,
    "Dask": lambda: dask_frames.from_pandas(pandas_arrow(), npartitions=3),
}


@pytest.fixture(scope="module", params=ENGINES)
def engine(request):
    return request.param, ENGINES[request.param]()


def columns_of(name):
    # a list of Python floats has no 32-bit numbers
    return [c for c in COLUMNS if not (name == "lists" and c.startswith("single"))]


def test_every_engine_counts_as_the_definition_says(engine):
    name, table = engine
    binnings = {column: BINNINGS[column] for column in columns_of(name)}
    histograms, rows = count_table(table, binnings)
    assert rows == 8
    counted = {column: found.counts.tolist() for column, found in histograms.items()}
    assert counted == {column: by_definition(column) for column in binnings}
    assert list(histograms) == list(binnings)


def test_every_engine_counts_each_window(engine):
    name, table = engine
    binnings = {column: BINNINGS[column] for column in columns_of(name)}
    windows = count_windows(table, binnings, "day")
    assert list(windows) == ["mon", "tue", "wed"]
    for day, columns in windows.items():
        rows = [row for row in range(8) if WINDOWS[row] == day]
        counted = {column: counts.tolist() for column, counts in columns.items()}
        assert counted == {column: by_definition(column, rows) for column in binnings}, day


def test_every_engine_locks_the_same_cells(engine):
    name, table = engine
    columns = [column for column in columns_of(name) if column != "nothing"]
    categorical = [column for column in columns if column.endswith("as category")]
    here = Profile.of(table, columns, cells=4, categorical=categorical, window="day")
    there = Profile.of(numpy_columns(), columns, cells=4, categorical=categorical, window="day")
    assert here == there


def test_every_engine_finds_nothing_in_a_table_without_rows(engine):
    name, table = engine
    if isinstance(table, dict):
        table = {column: values[:0] for column, values in table.items()}
    elif name == "DuckDB":
        table = table.filter("false")
    elif name == "Dask":
        table = table[table["small"] > 127]
    else:
        table = table.slice(0, 0) if name == "PyArrow" else table.head(0)
    binnings = {column: BINNINGS[column] for column in columns_of(name)}
    histograms, rows = count_table(table, binnings)
    assert rows == 0
    assert all(found.total == 0 for found in histograms.values())
    with pytest.raises(DriftError, match="no rows"):
        Profile.of(table, ["plain"])


def test_a_random_table_gives_the_same_counts_everywhere():
    random = np.random.default_rng(11)
    data = {f"x{place}": random.normal(size=20_000) for place in range(4)}
    for values in data.values():
        values[random.integers(0, 20_000, 300)] = random.choice([NAN, INF, -INF], 300)
    data["city"] = random.choice(["Ulm", "Bern", "Graz", "Brno"], 20_000, p=[0.7, 0.2, 0.09, 0.01])
    baseline = Profile.of(data, cells=10)
    frame = pandas.DataFrame(data)
    relation = duckdb.connect().from_arrow(pyarrow.table(data))
    for table in (frame, polars.DataFrame(data), polars.LazyFrame(data), relation):
        assert baseline.count(table) == baseline
        assert Profile.of(table, cells=10) == baseline


def test_numbers_that_are_all_null_and_have_no_type_are_missing():
    frame = polars.DataFrame({"x": [None, None]})
    assert frame["x"].dtype == polars.Null
    for kind in ("x", "c"):
        binning = Binning.with_edges("x", [1]) if kind == "x" else Binning.of_categories("x", "ab")
        assert count_table(frame, {"x": binning})[0]["x"].counts.tolist()[-1] == 2
        assert count_table(frame.to_arrow(), {"x": binning})[0]["x"].counts.tolist()[-1] == 2


def test_arrays_are_counted_without_a_copy():
    import tracemalloc

    data = {"x": np.random.default_rng(0).normal(size=1_000_000), "n": np.arange(1_000_000)}
    binnings = {name: Binning.with_edges(name, [0.0, 1.0]) for name in data}
    for table in (data, pandas.DataFrame(data, copy=False)):
        tracemalloc.start()
        count_table(table, binnings)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < data["x"].nbytes / 4


def test_a_structured_array_and_masked_values():
    table = np.array([(1, 2.5), (3, NAN)], dtype=[("n", "i4"), ("x", "f8")])
    edges = {name: Binning.with_edges(name, [2]) for name in ("n", "x")}
    assert count_table(table, edges)[0]["x"].counts.tolist() == [0, 1, 0, 0, 1]
    masked = np.ma.masked_array([1.0, 99.0], mask=[False, True])
    assert count_table({"n": masked}, {"n": edges["n"]})[0]["n"].counts.tolist() == [1, 0, 0, 0, 1]
    words = np.ma.masked_array(["a", "b"], mask=[False, True])
    binning = Binning.of_categories("w", ["a", "b"])
    assert count_table({"w": words}, {"w": binning})[0]["w"].counts.tolist() == [1, 0, 0, 1]


def test_a_list_of_text_and_missing_values_keeps_them_missing():
    binning = Binning.of_categories("w", ["a"])
    counts = count_table({"w": ["a", NAN, None, "nan", pandas.NA]}, {"w": binning})[0]["w"].counts
    assert counts.tolist() == [1, 1, 3]


def test_a_window_of_times_is_a_day():
    noon, night = datetime.datetime(2024, 5, 1, 12), datetime.datetime(2024, 5, 1, 23, 59)
    times = [noon, night, datetime.datetime(2024, 5, 2)] * 2
    data = {"t": times, "x": [1, 2, 3, 4, 5, 6], "c": list("abcabc")}
    tables = [
        data,
        data | {"t": np.array(times, dtype="datetime64[ns]")},
        data | {"t": [time.date() for time in times]},
        pandas.DataFrame(data),
        polars.DataFrame(data),
        polars.LazyFrame(data).with_columns(polars.col("t").dt.date()),
        duckdb.connect().from_arrow(pyarrow.table(data)),
        pandas.DataFrame(data).assign(t=lambda frame: frame["t"].dt.tz_localize("Europe/Vienna")),
    ]
    for table in tables:
        profile = Profile.of(table, window="t", cells=2)
        assert profile.window_names == ("2024-05-01", "2024-05-02")
        assert profile.window_counts["x"].sum(axis=1).tolist() == [4, 2]
        assert profile.window_counts["c"].tolist() == [[2, 2, 0, 0, 0], [0, 0, 2, 0, 0]]


def test_rows_without_a_window_are_refused():
    for day in (["mon", None], [1.0, NAN]):
        data = {"day": day, "x": [1.0, 2.0], "y": [1.0, 2.0]}
        for table in (data, pandas.DataFrame(data), polars.DataFrame(data)):
            with pytest.raises(DriftError, match="1 row has no value of 'day'"):
                Profile.of(table, window="day")


def test_an_identifier_is_no_window():
    with pytest.raises(DriftError, match="20000 different values, which are no windows"):
        Profile.of({"id": np.arange(20_000), "x": np.arange(20_000)}, window="id")


def awkward_frames():
    twice = pandas.DataFrame([[1, 2]], columns=["a", "a"])
    yield "a column name twice, pandas", twice, "more than once: 'a'"
    yield (
        "a column name twice, DuckDB",
        duckdb.connect().sql("select 1 a, 2 a"),
        "more than once: 'a'",
    )
    yield (
        "a column name twice, PyArrow",
        pyarrow.Table.from_arrays([pyarrow.array([1])] * 2, names=["a", "a"]),
        "more than once: 'a'",
    )
    yield "a column name that is a number", pandas.DataFrame({0: [1]}), "must be text"
    yield "renamed", {"age_": [1.0]}, r"no column 'a' .*it has 'age_'|no column 'a'"
    yield "another type", {"a": ["x", "y"]}, "held numbers in the baseline and holds the text 'x'"
    yield "another type, Polars", polars.DataFrame({"a": ["1"]}), "held numbers .* holds text"
    yield "another type, pandas", pandas.DataFrame({"a": ["1"]}), "held numbers .* holds text"
    yield "another type, object", {"a": [1, "x"]}, "numbers and also the text 'x'"
    yield "dates", {"a": np.array(["2024-05-01"], dtype="datetime64[ns]")}, "dates or times"
    yield "dates, pandas", pandas.DataFrame({"a": pandas.to_datetime(["2024-05-01"])}), "dates"
    yield "durations", polars.DataFrame({"a": [datetime.timedelta(1)]}), "dates or times"
    yield "lists", {"a": [[1], [2, 3]]}, "lists"
    yield "lists, Polars", polars.DataFrame({"a": [[1], [2, 3]]}), r"List\(Int64\)"
    yield "two dimensions", {"a": np.zeros((3, 2))}, r"the shape \(3, 2\)"
    yield "complex", {"a": np.array([1j])}, "complex"
    yield "an array", np.zeros((3, 2)), "pass a dict of arrays"
    yield "a list", [1, 2], "a table has columns with names"
    yield "something else", object(), "this is object"
    yield "one value", {"a": 3}, "a list or an array is expected"
    yield "lengths", {"a": [1, 2], "b": [1]}, "'b' has 1 row and 'a' 2"
    yield "nothing", {}, "no columns"


@pytest.mark.parametrize("what, table, message", [(w, t, m) for w, t, m in awkward_frames()])
def test_what_cannot_be_counted_is_refused_in_words(what, table, message):
    with pytest.raises(DriftError, match=message):
        count_table(table, {"a": Binning.with_edges("a", [1.0])})


def unwatchable():
    """Columns of all kinds, of which two can be watched."""
    when = datetime.datetime(2024, 5, 1)
    return {
        "created": [when, None],
        "day": [when.date(), when.date()],
        "tags": [["a"], ["b", "c"]],
        "address": [{"a": 1}, {"a": 2}],
        "x": [1.5, None],
        "c": ["a", "b"],
    }


@pytest.mark.parametrize("engine", ["lists", "pandas", "Polars", "lazy", "Arrow", "DuckDB", "file"])
def test_all_columns_that_cannot_be_watched_are_found_in_one_go(engine, tmp_path):
    frame = polars.DataFrame(unwatchable())
    frame.write_parquet(tmp_path / "x.parquet")
    table = table_of(
        {
            "lists": unwatchable,
            "pandas": lambda: pandas.DataFrame(unwatchable()),
            "Polars": lambda: frame,
            "lazy": frame.lazy,
            "Arrow": frame.to_arrow,
            "DuckDB": lambda: duckdb.connect().from_arrow(frame.to_arrow()),
            "file": lambda: tmp_path / "x.parquet",
        }[engine]()
    )
    kinds, reasons = table.kinds([*table.names, "nowhere"])
    assert kinds == {"x": "numbers", "c": "categories"}
    assert reasons["created"] == reasons["day"] == "dates or times"
    assert reasons["nowhere"] == "it is not there"
    assert list(reasons) == ["created", "day", "tags", "address", "nowhere"]
    assert all("\n" not in reason and len(reason) < 60 for reason in reasons.values())
    binnings = {
        "x": Binning.with_edges("x", [1.0]),
        "c": Binning.with_edges("c", [1.0]),
        "tags": Binning("tags", "categories", values=("a",)),
        "created": Binning.with_edges("created", [1.0]),
        "nowhere": Binning.with_edges("nowhere", [1.0]),
    }
    usable, reasons = table.countable(binnings)
    assert list(usable) == ["x"] and list(reasons) == ["c", "tags", "created", "nowhere"]
    assert reasons["c"].startswith("it held numbers and holds ") and "text" in reasons["c"]
    assert reasons["created"] == "it held numbers and holds dates or times now"
    assert reasons["nowhere"] == "it is not there"
    assert table.count(binnings, on_bad="skip")[None]["x"].tolist() == [0, 1, 0, 0, 1]
    assert table.skipped == reasons
    with pytest.raises(DriftError):
        table.count(binnings)


def test_a_pandas_column_of_arrays_is_unusable_and_no_riddle():
    frame = pandas.DataFrame({"x": [1.0, 2.0], "v": [np.zeros(3), np.ones(3)]})
    for embedding in (frame, frame.assign(v=[np.zeros(2), np.ones(3)]), frame.to_dict("list")):
        table = table_of(embedding)
        assert table.kinds(["x", "v"])[0] == {"x": "numbers"}
        for binning in (Binning.with_edges("v", [1.0]), Binning("v", "categories", values=("a",))):
            with pytest.raises(DriftError, match="'v'"):
                table.count({"v": binning})
        assert table.count({"x": Binning.with_edges("x", [1.5])})[None]["x"].sum() == 2


def test_a_renamed_column_is_found_by_its_new_name():
    binnings = {
        "age": Binning.with_edges("age", [1.0]),
        "city": Binning.of_categories("city", "ab"),
    }
    message = r"no column 'age' \(did you mean 'Age'\?\), 'city' \(did you mean 'citty'\?\); it has"
    for table in ({"Age": [1], "citty": [2]}, polars.DataFrame({"Age": [1], "citty": [2]})):
        with pytest.raises(DriftError, match=message):
            count_table(table, binnings)


def test_unseen_categories_by_the_thousand_are_one_cell():
    binning = Binning.of_categories("w", ["a", "b"])
    words = ["a", None, *(f"new {number}" for number in range(50_000))]
    for table in ({"w": words}, polars.LazyFrame({"w": words}), pandas.DataFrame({"w": words})):
        assert count_table(table, {"w": binning})[0]["w"].counts.tolist() == [1, 0, 50_000, 1]


def test_a_lazy_frame_too_large_for_quantiles_says_the_way_out(monkeypatch):
    monkeypatch.setattr("klteach.drift.frames.MOST_ROWS", 10)
    frame = polars.LazyFrame({"x": np.arange(100.0)})
    with pytest.raises(DriftError, match=r"Profile.of\(sample\).count\(whole\)"):
        Profile.of(frame)
    sample = Profile.of(frame.head(10).collect(), cells=2)
    assert sample.count(frame) == sample.count({"x": np.arange(100.0)})


@pytest.mark.parametrize("absent", ["polars", "narwhals"])
def test_an_engine_that_is_not_installed_is_named(absent, monkeypatch, tmp_path):
    for module in [name for name in sys.modules if name.startswith("klteach.drift.f")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, absent, None)
    path = tmp_path / "x.csv"
    path.write_text("x\n1\n2\n")
    with pytest.raises(DriftError, match=r'Polars: pip install "klteach\[drift\]"'):
        Profile.of(path)
    monkeypatch.delitem(sys.modules, "klteach.drift.sources", raising=False)
    with pytest.raises(DriftError, match=r'Polars: pip install "klteach\[drift\]"'):
        importlib.import_module("klteach.drift.sources")
    assert Profile.of({"x": [1.0, 2.0]}).rows == 2  # arrays need neither


def test_no_engine_is_loaded_for_arrays():
    import subprocess

    code = (
        "import sys; from klteach.drift.profile import Profile; Profile.of({'x': [1.0, 2.0]}); "
        "print([m for m in ('polars', 'narwhals', 'pandas', 'scipy', 'dask') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def cluster():
    with (
        two_processes() as local,
        distributed.Client(local) as client,
    ):
        yield client


def test_a_dask_cluster_counts_a_partitioned_parquet(cluster, tmp_path):
    random = np.random.default_rng(5)
    data = {"x": random.normal(size=5000), "c": random.choice(["a", "b"], 5000)}
    data["day"] = np.repeat(["mon", "tue", "wed", "thu", "fri"], 1000)
    data["x"][:100] = NAN
    frame = dask_frames.from_pandas(pandas.DataFrame(data), npartitions=5)
    frame.to_parquet(tmp_path, partition_on="day")
    baseline = Profile.of(data, window="day")
    parts = dask_frames.read_parquet(tmp_path)
    assert parts.npartitions == 5
    with distributed.get_task_stream(cluster) as stream:
        assert baseline.count(parts, window="day") == baseline
        assert Profile.of(parts, ["x", "c"], window="day") == baseline
    # it was the cluster that counted; how it shares the work among its processes is its affair
    counted = {task["worker"] for task in stream.data if "_count_partition" in str(task["key"])}
    assert counted and counted <= set(cluster.nthreads())
    # and nothing stays there; the scheduler lets go of results in its own time
    deadline = time.monotonic() + 300
    while kept := sum(map(len, cluster.who_has().values())):
        assert time.monotonic() < deadline, f"{kept} results are kept"
        time.sleep(0.05)
