"""Windows of times and parts of times: the same days on every engine, however they are written."""

import datetime

import numpy as np
import pytest

from klteach.drift.binning import Binning
from klteach.drift.engines import count_windows, table_of
from klteach.drift.errors import DriftError
from klteach.drift.windows import Windows, is_dated, window_text

duckdb = pytest.importorskip("duckdb")
pandas = pytest.importorskip("pandas")
polars = pytest.importorskip("polars")
dask_frames = pytest.importorskip("dask.dataframe")

from klteach.drift import csv_parts, files  # noqa: E402

START = datetime.datetime(2024, 2, 27, 21, 15, 30)
TIMES = [START + datetime.timedelta(hours=7 * step, seconds=step) for step in range(60)]
NUMBERS = [step % 5 for step in range(60)]
BINNINGS = {
    "x": Binning.with_edges("x", [2.0]),
    "c": Binning("c", "categories", values=("0", "1")),
}
PERIODS = {
    "hour": "%Y-%m-%d %H:00",
    "day": "%Y-%m-%d",
    "week": "%G-W%V",
    "month": "%Y-%m",
}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(csv_parts.CsvParts.__init__, "__defaults__", (300,))
    monkeypatch.setattr(files, "PART", 50)
    monkeypatch.setattr(files, "LEAST_ROWS", 25)


def expected(period="day"):
    """{window: counts}, row by row."""
    found = {}
    for when, number in zip(TIMES, NUMBERS, strict=True):
        x, c = found.setdefault(
            when.strftime(PERIODS[period]), (np.zeros(5, int), np.zeros(4, int))
        )
        x[int(number >= 2)] += 1
        c[min(number, 2)] += 1
    return {name: (x.tolist(), c.tolist()) for name, (x, c) in sorted(found.items())}


def counted(table, period="day"):
    kinds = {column: binning.kind for column, binning in BINNINGS.items()}
    windows = count_windows(table_of(table, kinds), BINNINGS, "when", period=period)
    return {name: (of["x"].tolist(), of["c"].tolist()) for name, of in windows.items()}


def tables_of(times, folder, few=False):
    """The same table on every engine, or on a few, and in both kinds of files."""
    columns = {"when": times, "x": NUMBERS, "c": list(map(str, NUMBERS))}
    frame = polars.DataFrame(columns)
    frame.write_csv(folder / "x.csv")
    frame.write_parquet(folder / "x.parquet")
    yield "CSV", folder / "x.csv"
    yield "Parquet", folder / "x.parquet"
    yield "lists", columns
    yield "DuckDB", duckdb.connect().from_arrow(frame.to_arrow())
    if few:
        return
    yield "pandas", pandas.DataFrame(columns)
    yield "pandas, objects", pandas.DataFrame(columns, dtype=object)
    yield "pandas, Arrow", frame.to_arrow().to_pandas(types_mapper=pandas.ArrowDtype)
    yield "Polars", frame
    yield "Polars, lazy", frame.lazy()
    yield "PyArrow", frame.to_arrow()
    yield "Dask", dask_frames.from_pandas(pandas.DataFrame(columns), npartitions=2)


@pytest.mark.parametrize("period", PERIODS)
def test_times_are_windows_of_a_period_on_every_engine(period, tmp_path):
    for name, table in tables_of(TIMES, tmp_path):
        assert counted(table, period) == expected(period), name
    array = {"when": np.array(TIMES, "datetime64[ns]"), "x": NUMBERS, "c": list(map(str, NUMBERS))}
    assert counted(array, period) == expected(period)


FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M:%S.250Z",
    "%Y-%m-%d %H:%M:%S+02:00",
    "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    " %d-%m-%Y %H:%M ",
]


@pytest.mark.parametrize("form", FORMATS)
def test_times_as_text_are_the_same_windows(form, tmp_path):
    times = [when.strftime(form) for when in TIMES]
    for name, table in tables_of(times, tmp_path, few=form != FORMATS[-1]):
        assert counted(table) == expected(), name
    for name in ("x.csv", "x.parquet"):
        assert counted(tmp_path / name, "hour") == expected("hour"), name
        assert counted(tmp_path / name, "week") == expected("week"), name


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y"])
def test_dates_as_text_come_as_time_goes(form, tmp_path):
    times = [when.strftime(form) for when in TIMES]
    for name, table in tables_of(times, tmp_path, few=form != "%d.%m.%Y"):
        assert counted(table) == expected(), name


def test_single_digits_and_spaces_are_understood():
    data = {"when": ["3.1.2024", "03.01.2024 7:05", " 3.01.2024 23:59 "], "x": [1, 2, 3]}
    windows = count_windows(data, {"x": BINNINGS["x"]}, "when")
    assert list(windows) == ["2024-01-03"]


@pytest.mark.parametrize(
    "texts, message",
    [
        (["03/01/2024", "04/01/2024"], "'03/01/2024', which may be 2024-01-03 or 2024-03-01"),
        (["03/01/2024 10:00", "04/05/2024 11:00"], "which may be .*Write them with the year first"),
        (["13/01/2024", "01/13/2024"], "'01/13/2024' among its dates"),
        (["31.12.2024", "12.31.2024"], "'12.31.2024' among its dates"),
        (["2024-02-30", "2024-02-28"], "'2024-02-30' among its dates, which is none"),
        (["01.02.2024", "holiday"], "dates such as '01.02.2024' and also 'holiday'"),
    ],
)
def test_dates_that_cannot_be_told_are_refused(texts, message, tmp_path):
    frame = polars.DataFrame({"when": texts, "x": [1, 2]})
    frame.write_csv(tmp_path / "x.csv")
    for table in (frame, frame.to_dict(as_series=False), tmp_path / "x.csv"):
        with pytest.raises(DriftError, match=message):
            count_windows(table, {"x": BINNINGS["x"]}, "when")


def test_a_late_row_tells_how_all_dates_are_written(tmp_path):
    """The first part of a file can be read in two ways, and its last row in one."""
    texts = [f"0{1 + n % 9}/02/2024 10:00" for n in range(60)] + ["13/02/2024 10:00"]
    polars.DataFrame({"when": texts, "x": 1}).write_csv(tmp_path / "x.csv")
    windows = count_windows(tmp_path / "x.csv", {"x": BINNINGS["x"]}, "when")
    assert list(windows) == [*(f"2024-02-0{n}" for n in range(1, 10)), "2024-02-13"]


def test_windows_that_are_no_times_keep_their_names(tmp_path):
    for texts, names in [
        (["b", "a ", "a"], ["a", "b"]),
        (["10", "2", "2.0"], ["2", "10"]),
        (["1.2.24", "1.10.24", "v2"], ["1.10.24", "1.2.24", "v2"]),
        (["2024-05-01", "holiday", "2024-05-01"], ["2024-05-01", "holiday"]),
        (["2024-W05", "2024-W18", "2023-W51"], ["2023-W51", "2024-W05", "2024-W18"]),
    ]:
        frame = polars.DataFrame({"when": texts, "x": 1})
        frame.write_csv(tmp_path / "x.csv")
        for table in (frame, frame.to_pandas(), tmp_path / "x.csv"):
            assert list(count_windows(table, {"x": BINNINGS["x"]}, "when")) == names
    with pytest.raises(DriftError, match="no dates or times, so it has no windows of a week"):
        count_windows({"when": ["a"], "x": [1]}, {"x": BINNINGS["x"]}, "when", period="week")
    with pytest.raises(DriftError, match="the period is 'year'; there are hour, day, week, month"):
        count_windows({"when": ["a"], "x": [1]}, {"x": BINNINGS["x"]}, "when", period="year")


def test_the_name_of_one_window():
    assert window_text(START) == window_text(START.date()) == window_text(" 2024-02-27 21:15")
    assert window_text(START, "hour") == "2024-02-27 21:00"
    assert window_text(np.datetime64("2024-12-30").item(), "week") == "2025-W01"
    assert [window_text(v) for v in (None, float("nan"), pandas.NaT, " ", 3.0, "x ")] == [
        None, None, None, None, "3", "x"
    ]  # fmt: skip
    assert not any(map(is_dated, ["1.5", "12:30", "may", "2024", "1.2.24", "v2024-05-01"]))


def test_times_of_duckdb_with_a_zone_are_those_of_utc():
    """It has the zone of the session, so the day would depend on who asks."""
    for zone in ("America/New_York", "Asia/Tokyo", "UTC"):
        connection = duckdb.connect()
        connection.sql(f"set timezone = '{zone}'")
        relation = connection.sql(
            'select timestamptz \'2024-03-01 02:30:00+00\' as "the ""time""", 1 as x union all '
            "select timestamptz '2024-03-01 23:30:00+00', 3"
        )
        windows = count_windows(relation, {"x": BINNINGS["x"]}, 'the "time"')
        assert {name: of["x"].tolist() for name, of in windows.items()} == {
            "2024-03-01": [1, 1, 0, 0, 0]
        }
        table = table_of(relation).with_parts({"h": ('the "time"', "hour")})
        assert table.values(["h"])["h"] == {"02": 1, "23": 1}


PARTS = {"when:hour": ("when", "hour"), "when:weekday": ("when", "weekday")}


def test_parts_of_times_are_categories_on_every_engine(tmp_path):
    times = [*TIMES[:-1], None]
    hours = {name: sum(w.strftime("%H") == name for w in TIMES[:-1]) for name in ("03", "04", "21")}
    days = ("Mon", "Tue", "Sun")
    weekdays = {name: sum(w.strftime("%a") == name for w in TIMES[:-1]) for name in days}
    binnings = {
        "when:hour": Binning("when:hour", "categories", values=tuple(hours)),
        "when:weekday": Binning("when:weekday", "categories", values=days),
        "x": BINNINGS["x"],
    }
    expected_counts = {
        name: [*of.values(), 59 - sum(of.values()), 1]
        for name, of in (("when:hour", hours), ("when:weekday", weekdays))
    }
    for name, source in tables_of(times, tmp_path):
        table = table_of(source).with_parts(PARTS)
        assert table.names[-2:] == list(PARTS), name
        kinds, reasons = table.kinds(table.names)
        assert kinds["when:hour"] == kinds["when:weekday"] == "categories", name
        assert reasons == {"when": "dates or times"}, name
        counts = table.count(binnings)[None]
        found = {column: counts[column].tolist() for column in PARTS}
        assert found == expected_counts, name
        assert list(counts) == list(binnings)
        values = table.values(list(PARTS))
        named = [when.strftime("%a") for when in TIMES[:-1]]
        assert values["when:weekday"] == {None: 1} | {d: named.count(d) for d in named}, name


@pytest.mark.parametrize("form", FORMATS)
def test_parts_of_times_in_a_csv(form, tmp_path):
    frame = polars.DataFrame({"when": [when.strftime(form) for when in TIMES], "x": NUMBERS})
    frame.write_csv(tmp_path / "x.csv")
    table = table_of(tmp_path / "x.csv").with_parts(PARTS)
    found = table.values(list(PARTS))
    for column, code in (("when:hour", "%H"), ("when:weekday", "%a")):
        texts = [when.strftime(code) for when in TIMES]
        assert found[column] == {text: texts.count(text) for text in texts}


def test_parts_of_what_is_no_time_are_refused_and_skipped(tmp_path):
    frame = polars.DataFrame({"when": ["2024-05-01 10:00", "soon"], "x": [1, 2]})
    frame.write_csv(tmp_path / "x.csv")
    binnings = {"h": Binning("h", "categories", values=("10",)), "x": BINNINGS["x"]}
    for source in (frame, frame.lazy(), frame.to_dict(as_series=False), frame.to_pandas(),
                   tmp_path / "x.csv"):  # fmt: skip
        table = table_of(source, {"x": "numbers"}).with_parts({"h": ("when", "hour")})
        assert list(table.kinds(["h", "x"])[1]) == ["h"]
        with pytest.raises(DriftError, match="column 'when' holds .*which has no hour"):
            table.count(binnings)
        assert list(table.count(binnings, on_bad="skip")[None]) == ["x"]
        assert list(table.skipped) == ["h"]
    with pytest.raises(DriftError, match="'age' is no part of a time; there are hour, weekday"):
        table_of({"when": TIMES}).with_parts({"a": ("when", "age")})
    with pytest.raises(DriftError, match="there is a column 'x' already"):
        table_of({"when": TIMES, "x": NUMBERS}).with_parts({"x": ("when", "hour")})


def test_a_window_of_many_times_in_pandas_makes_no_object_of_each(monkeypatch):
    asked = []
    key = Windows.key
    monkeypatch.setattr(Windows, "key", lambda self, value: asked.append(value) or key(self, value))
    times = pandas.Series(np.arange(400_000), dtype="datetime64[s]").dt.tz_localize("Europe/Vienna")
    frame = pandas.DataFrame({"when": times, "x": pandas.array([1, None] * 200_000, "Int64")})
    for table in (frame, frame.convert_dtypes(dtype_backend="pyarrow"), polars.from_pandas(frame)):
        asked.clear()
        windows = count_windows(table, {"x": BINNINGS["x"]}, "when")
        assert len(asked) == len(windows) == 5
        assert sum(int(of["x"][-1]) for of in windows.values()) == 200_000
