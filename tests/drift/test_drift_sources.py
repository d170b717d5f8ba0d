"""Which tables a path stands for: files, folders, patterns, partitions, the standard input."""

import gzip
import io

import numpy as np
import pytest

from klteach.drift.binning import Binning
from klteach.drift.engines import count_windows
from klteach.drift.errors import DriftError

polars = pytest.importorskip("polars")

from klteach.drift import files  # noqa: E402
from klteach.drift.sources import natural, sources  # noqa: E402

BINNING = {"x": Binning.with_edges("x", [0.5])}


def day(folder, name, x=(0, 1)):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = polars.DataFrame({"x": list(x)})
    frame.write_parquet(path) if path.suffix == ".parquet" else frame.write_csv(path)
    return path


def names(found):
    return [source.name for source in found]


def test_files_stay_in_the_order_in_which_they_are_named(tmp_path):
    paths = [day(tmp_path, name) for name in ("b.csv", "a.csv", "c.parquet")]
    assert names(sources(paths)) == ["b.csv", "a.csv", "c.parquet"]
    assert names(sources(str(paths[0]))) == ["b.csv"]
    assert [source.open().rows for source in sources(paths)] == [2, 2, 2]


def test_a_folder_and_a_pattern_are_their_files_in_natural_order(tmp_path):
    for name in ("day-10.csv", "day-2.csv", "day-1.parquet", "notes.txt", ".day-3.csv", "_old.csv"):
        day(tmp_path, name)
    day(tmp_path, "inside/day-4.csv")
    assert names(sources([tmp_path])) == ["day-1.parquet", "day-2.csv", "day-10.csv"]
    assert names(sources([tmp_path / "day-*.csv"])) == ["day-2.csv", "day-10.csv"]
    assert names(sources([f"{tmp_path}/**/day-4.csv"])) == ["day-4.csv"]
    assert names(sources([tmp_path / "day-?.*", tmp_path / "day-10.csv"])) == [
        "day-1.parquet", "day-2.csv", "day-10.csv"
    ]  # fmt: skip


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    paths = [day(tmp_path, "a/day.csv"), day(tmp_path, "b/day.csv"), day(tmp_path, "other.csv")]
    assert names(sources(paths)) == [str(paths[0]), str(paths[1]), "other.csv"]


def test_a_file_whose_name_looks_like_a_pattern_is_a_file(tmp_path):
    assert names(sources([day(tmp_path, "day[1].csv")])) == ["day[1].csv"]


def test_numbers_in_names_are_compared_as_numbers():
    in_order = ["a", "a1", "a2b1", "a2b10", "a10", "B1", "2024-05-01"]
    assert sorted(set(in_order), key=natural) == ["2024-05-01", *in_order[:-1]]


@pytest.mark.parametrize(
    "path, message",
    [
        ("nothing.csv", "there is no file"),
        ("*.csv", "no file matches"),
        ("empty", "has no CSV or Parquet file"),
        ("hive", "have no Parquet file"),
        ("uneven", "not in folders of the same kind"),
    ],
)
def test_what_finds_nothing_is_refused(path, message, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "hive" / "day=1").mkdir(parents=True)
    day(tmp_path, "uneven/day=1/x.parquet")
    day(tmp_path, "uneven/month=1/x.parquet")
    with pytest.raises(DriftError, match=message):
        sources([tmp_path / path])


def test_no_path_and_the_standard_input_twice_are_refused():
    with pytest.raises(DriftError, match="no file is named"):
        sources([])
    with pytest.raises(DriftError, match="read only once"):
        sources(["-", "-"], io.BytesIO(b"x\n1\n"))


def test_a_partitioned_folder_is_one_table_with_its_partitions_as_columns(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PART", 30)
    monkeypatch.setattr(files, "LEAST_ROWS", 7)
    random = np.random.default_rng(3)
    rows = {"x": random.random(100), "day": [f"2024-05-{1 + n % 9:02d}" for n in range(100)]}
    rows["shop"] = [n % 2 for n in range(100)]
    frame = polars.DataFrame(rows)
    for (when, shop), part in frame.group_by("day", "shop"):
        folder = tmp_path / "orders" / f"day={when}" / f"shop={shop}"
        folder.mkdir(parents=True)
        part.drop("day", "shop").write_parquet(folder / "part-0.parquet")
    (tmp_path / "orders" / "_SUCCESS").write_text("")
    (source,) = sources([tmp_path / "orders"])
    assert source.name == "orders"
    table = source.open()
    assert table.names == ["x", "day", "shop"] and table.rows == 100
    for window in ("day", "shop"):
        found = count_windows(table, BINNING, window)
        expected = count_windows(rows, BINNING, window)
        assert list(found) == list(expected)
        assert all(found[name]["x"].tolist() == expected[name]["x"].tolist() for name in found)
    binning = {"shop": Binning("shop", "categories", values=("0", "1"))}
    assert table.count(binning)[None]["shop"].tolist() == [50, 50, 0, 0]


def test_a_damaged_part_of_a_partitioned_folder_is_refused(tmp_path):
    day(tmp_path, "orders/day=1/x.parquet")
    broken = day(tmp_path, "orders/day=2/x.parquet")
    broken.write_bytes(broken.read_bytes()[:-20])
    (source,) = sources([tmp_path / "orders"])
    with pytest.raises(DriftError, match=r"day=2/x.parquet is damaged or cut off"):
        source.open().count(BINNING)


@pytest.mark.parametrize("kind", ["csv", "parquet", "gzip"])
def test_the_standard_input_is_copied_and_the_copy_is_removed(kind):
    frame, buffer = polars.DataFrame({"x": [0.0, 1.0, 2.0]}), io.BytesIO()
    frame.write_parquet(buffer) if kind == "parquet" else frame.write_csv(buffer)
    content = buffer.getvalue()
    if kind == "gzip":
        content = gzip.compress(content)
    (source,) = sources(["-"], io.BytesIO(content))
    assert source.name == "standard input" and source.path.exists()
    assert source.open({"x": "numbers"}).count(BINNING)[None]["x"].tolist() == [1, 2, 0, 0, 0]
    source.close()
    assert not source.path.exists() and not source.path.parent.exists()


def test_a_fault_in_the_standard_input_is_told_by_that_name():
    with pytest.raises(DriftError, match="the standard input is empty"):
        sources(["-"], io.BytesIO(b""))
    (source,) = sources(["-"], io.BytesIO(b"x\n1\n2"))
    with pytest.raises(DriftError, match="last row of standard input does not end"):
        source.open()
    source.close()
