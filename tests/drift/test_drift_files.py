"""CSV and Parquet: the counts of the table that was written, and no counts of a damaged one."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from klteach.drift.errors import DriftError
from klteach.drift.profile import Profile

polars = pytest.importorskip("polars")

from klteach.drift import csv_parts, files, tables  # noqa: E402
from klteach.drift.binning import Binning  # noqa: E402
from klteach.drift.engines import count_table, table_of  # noqa: E402
from klteach.drift.sampling import Sample  # noqa: E402

NAN, INF = float("nan"), float("inf")


def table(rows=500, seed=3):
    random = np.random.default_rng(seed)
    age = random.normal(40, 12, rows)
    age[:3] = [NAN, INF, -INF]
    city = random.choice(["Ulm", "Bern", 'the "old" town', "two\nlines", "a, b"], rows).tolist()
    city[5] = None
    return {
        "age": age,
        "visits": random.integers(0, 2**62, rows),
        "city": city,
        "day": np.repeat(["2024-05-01", "2024-05-02"], [rows // 2, rows - rows // 2]).tolist(),
    }


@pytest.fixture
def small_parts(monkeypatch):
    """Files of a few thousand bytes come in many parts."""
    monkeypatch.setattr(csv_parts, "PART_BYTES", 1000)
    monkeypatch.setattr(csv_parts.CsvParts.__init__, "__defaults__", (1000,))
    monkeypatch.setattr(files, "PART", 200)
    monkeypatch.setattr(files, "LEAST_ROWS", 50)


@pytest.fixture(params=["csv", "tsv", "parquet", "pq"])
def written(request, tmp_path):
    path, frame = tmp_path / f"table.{request.param}", polars.DataFrame(table(), nan_to_null=True)
    if request.param in ("csv", "tsv"):
        frame.write_csv(path, separator="," if request.param == "csv" else "\t")
    else:
        frame.write_parquet(path, row_group_size=70)
    return path


def test_a_file_counts_as_the_table_in_it(written, small_parts):
    baseline = Profile.of(table(), cells=5, window="day")
    assert Profile.of(written, cells=5, window="day") == baseline
    assert baseline.count(written, window="day") == baseline
    assert baseline.count(str(written)).histograms == baseline.histograms


def test_progress_moves_and_ends_at_the_number_of_rows(written, small_parts):
    steps = []
    Profile.of(table(), window="day").count(written, progress=lambda *step: steps.append(step))
    done = [step[0] for step in steps]
    assert len(steps) > 5 and done == sorted(set(done))
    assert steps[-1] == (500, 500)
    # what is left is known from the start, of a CSV roughly
    assert all(350 < total < 700 and so_far <= total for so_far, total in steps)


def test_the_size_of_the_parts_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "x.csv"
    polars.DataFrame(table()).write_csv(path)
    baseline = Profile.of(table(), window="day")
    lengths = {}
    for size in (200, 1000, 1 << 20):
        monkeypatch.setattr(csv_parts.CsvParts.__init__, "__defaults__", (size,))
        steps = []
        found = baseline.count(path, progress=lambda *step, steps=steps: steps.append(step))
        assert found == baseline.count(table())
        lengths[size] = len(steps)
    assert lengths[200] > lengths[1000] > lengths[1 << 20] == 1


def csv_file(tmp_path, text, name="x.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


GOOD = "".join(f"{row},{row % 3}.5,name {row % 4}\n" for row in range(100))
HEADER = "id,score,name\n"


def damaged_csv():
    whole = HEADER + GOOD
    yield "empty", "", "is empty: it has not even a header"
    yield "header only", HEADER, "has a header and no rows"
    yield "header only, no line break", HEADER[:-1], "the last row of .* does not end"
    yield "header and empty lines", HEADER + "\n\n", "has a header and no rows"
    yield "an empty first line", "\n" + whole, "first line of .* is empty"
    yield "cut in a row", whole[:-15], "the last row of .* does not end"
    yield "cut behind a comma", HEADER + GOOD[: GOOD.rfind(",") + 1], "the last row .* does not end"
    yield "cut in the last value", whole[:-2], "its last value may be half a value"
    yield "cut, and a line break put behind it", whole + "100,1\n", "line 102 .* 2 fields .* has 3"
    yield "a row too short", HEADER + "1,2,a\n1,2\n" + GOOD, "line 3 of .* has 2 fields"
    yield "a row too long", HEADER + "1,2,a\n" + "1,2,a,\n" + GOOD, "line 3 of .* has 4 fields"
    yield "one short, one long", HEADER + "1,2\n1,2,a,b\n" + GOOD, "line 2 of .* has 2 fields"
    yield "one long, one short", HEADER + "1,2,a,b\n1,2\n" + GOOD, "line 2 of .* has 4 fields"
    yield "an empty line inside", HEADER + "1,2,a\n\n" + GOOD, "line 3 of .* has 0 fields"
    yield "a quotation mark left open", HEADER + '1,2,"a\n' + GOOD, "mark on line 2 .* not closed"
    yield "a stray quotation mark", HEADER + '1,2,a"b\n1,2,c"d\n' + GOOD, "lines? 2"
    yield "a name twice", "id,score,id\n" + GOOD, "the name 'id' more than once"
    yield "no name", "id,,name\n" + GOOD, "column 2 of .* has no name"
    yield "semicolons", whole.replace(",", ";"), "';' between the names"
    yield "UTF-16", whole.encode("utf-16"), "no text in UTF-8"
    yield "Latin-1", (HEADER + GOOD + "1,2,Zürich\n").encode("latin-1"), "line 102 .* UTF-8"
    yield "Latin-1 header", "größe,b,c\n1,2,3\n".encode("latin-1"), "no text in UTF-8"
    yield "text late", whole + "100,oops,name 0\n", r"'score' .* 'oops' on line 102 of"
    yield (
        "text late, after lines in quotation marks",
        HEADER + '1,2,"two\nlines"\n' + GOOD + "100,oops,x\n",
        "'oops' on line 104 of",
    )
    yield "much text", HEADER + GOOD + "1,x,b\n2,y,b\n", "'score' holds numbers and also the text"
    yield "a date", "id,score,name\n2024-05-01,1,a\n2024-05-02,2,b\n", "'id' ha.* dates or times"
    yield "Parquet inside", b"PAR1" + whole.encode() + b"PAR1", "is a Parquet file; rename it"


@pytest.mark.parametrize(
    "text, message", [pytest.param(*rest, id=what) for what, *rest in damaged_csv()]
)
def test_a_damaged_csv_is_refused_in_words(text, message, tmp_path, small_parts):
    with pytest.raises(DriftError, match=message) as refusal:
        Profile.of(csv_file(tmp_path, text))
    assert "\n" not in str(refusal.value) and "x.csv" in str(refusal.value) + "x.csv" * (
        "dates" in message
    )


@pytest.mark.parametrize(
    "text, message",
    [
        pytest.param(*rest, id=what)
        for what, *rest in damaged_csv()
        if what not in ("a date", "a name twice", "no name", "Latin-1 header")
    ],
)
def test_a_damaged_csv_is_refused_by_a_check_as_well(text, message, tmp_path, small_parts):
    baseline = Profile.of(csv_file(tmp_path, HEADER + GOOD, "good.csv"))
    with pytest.raises(DriftError):
        baseline.count(csv_file(tmp_path, text))


def test_a_csv_that_is_cut_anywhere_never_counts(tmp_path):
    """Cut at every byte: it counts only where a whole number of rows is left."""
    text = 'a,b\n1,"x,\ny"\n2,z\n3,"u ""v"" w"\n'
    baseline = Profile.of(csv_file(tmp_path, text, "good.csv"), cells=2)
    ends = {len('a,b\n1,"x,\ny"\n'): 1, len('a,b\n1,"x,\ny"\n2,z\n'): 2, len(text): 3}
    for size in range(len(text) + 1):
        path = csv_file(tmp_path, text[:size])
        if size in ends:
            assert baseline.count(path).rows == ends[size]
        else:
            with pytest.raises(DriftError):
                baseline.count(path)


def test_harmless_variants_of_csv_count_the_same(tmp_path):
    plain = HEADER + GOOD
    baseline = Profile.of(csv_file(tmp_path, plain, "good.csv"))
    variants = {
        "Windows": plain.replace("\n", "\r\n"),
        "empty lines at the end": plain + "\n\n\r\n",
        "byte order mark": b"\xef\xbb\xbf" + plain.encode(),
        "spaces": plain.replace(",", ", ").replace(", name", ",name"),
        "quoted": HEADER + "".join(f'"{r}","{r % 3}.5","name {r % 4}"\n' for r in range(100)),
        "another order": "name,id,score\n"
        + "".join(f"name {r % 4},{r},{r % 3}.5\n" for r in range(100)),
        "one more column": "id,score,name,new\n" + GOOD.replace("\n", ",?\n"),
        "other spellings": plain.replace(".5", ".50e0"),
    }
    for what, text in variants.items():
        assert baseline.count(csv_file(tmp_path, text)) == baseline, what
        if what != "one more column":
            made = Profile.of(csv_file(tmp_path, text), columns=["id", "score", "name"])
            assert made == baseline, what


def test_missing_values_of_csv(tmp_path):
    text = "x,c\n1,a\n,\nNA,NA\nnan,b\n2,a\n N/A ,a\nNULL,a\ninf,a\n-inf,a\n"
    profile = Profile.of(csv_file(tmp_path, text), cells=2)
    x, c = profile.histograms["x"], profile.histograms["c"]
    assert dict(zip(x.binning.cells[-3:], x.counts[-3:].tolist(), strict=True)) == {
        "-inf": 1,
        "+inf": 1,
        "missing": 5,
    }
    # of a text nobody knows whether NA is missing, or Namibia
    assert dict(zip(c.binning.cells, c.counts.tolist(), strict=True)) == {
        "a": 6,
        "NA": 1,
        "b": 1,
        c.binning.rest: 0,
        "missing": 1,
    }


def test_one_column_may_have_empty_lines(tmp_path):
    binning = Binning.with_edges("x", [1.5])
    counts, rows = count_table(csv_file(tmp_path, "x\n1\n\n2\n\n"), {"x": binning})
    assert counts["x"].counts.tolist() == [1, 1, 0, 0, 2] and rows == 4


def test_the_baseline_decides_how_a_csv_is_read(tmp_path):
    baseline = Profile.of({"code": ["1", "x", "2"], "age": [1.0, 2.0, 3.0]}, cells=2)
    path = csv_file(tmp_path, "code,age\n1,1\n2,2\n2,3\n")
    assert baseline.count(path).histograms["code"].counts.tolist() == [1, 2, 0, 0, 0]
    path = csv_file(tmp_path, "code,age\n1,old\n")
    with pytest.raises(DriftError, match="'age' holds numbers and also the text 'old' on line 2"):
        baseline.count(path)
    chosen = Profile.of(csv_file(tmp_path, "code\n1\n2\n2\n"), categorical=["code"])
    assert chosen.histograms["code"].binning.values == ("2", "1")


def damaged_parquet():
    buffer = io.BytesIO()
    polars.DataFrame({"x": np.arange(1000.0), "c": ["a", "b"] * 500}).write_parquet(buffer)
    whole = buffer.getvalue()
    yield "empty", b"", "is empty"
    yield "cut off", whole[:-100], "was cut off"
    yield "cut in the middle", whole[: len(whole) // 2], "was cut off"
    yield "one byte", b"P", "no Parquet file"
    yield "text", b"x,c\n1,a\n", "no Parquet file"
    yield "only the marks", b"PAR1PAR1", "damaged or cut off"
    yield "the middle cut out", whole[:40] + whole[-200:], "damaged|cut off"
    yield "an end without a table", whole[:-40] + b"\0" * 36 + b"PAR1", "damaged"
    yield "zeros for data", whole[:4] + b"\0" * 300 + whole[304:], "damaged"


@pytest.mark.parametrize(
    "content, message", [pytest.param(*rest, id=what) for what, *rest in damaged_parquet()]
)
def test_a_damaged_parquet_is_refused_in_words(content, message, tmp_path):
    path = csv_file(tmp_path, content, "x.parquet")
    baseline = Profile.of({"x": np.arange(1000.0), "c": ["a", "b"] * 500})
    for use in (Profile.of, baseline.count):
        with pytest.raises(DriftError, match=message) as refusal:
            use(path)
        assert "\n" not in str(refusal.value) and "x.parquet" in str(refusal.value)


def test_a_parquet_without_rows_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    polars.DataFrame({"x": [1.0]}).head(0).write_parquet(path)
    with pytest.raises(DriftError, match="has no rows"):
        Profile.of(path)


def test_a_parquet_of_another_type_is_refused_before_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "x.parquet"
    polars.DataFrame({"x": ["1", "2"]}).write_parquet(path)
    monkeypatch.setattr(files.ParquetFile, "parts", None)
    with pytest.raises(DriftError, match="'x' held numbers in the baseline and holds text"):
        Profile.of({"x": [1.0, 2.0]}).count(path)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(DriftError, match="there is no file"):
        Profile.of(tmp_path / "nothing.csv")
    with pytest.raises(DriftError, match="is a folder"):
        Profile.of(tmp_path)
    for name in ("x.xlsx", "x", "x.parquet.gz", "x.gz"):
        with pytest.raises(DriftError, match="only .csv, .tsv, .parquet, .pq files are read"):
            Profile.of(csv_file(tmp_path, "a\n1\n", name))


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrays", "Polars", "Polars, lazy"])
def test_values_of_a_column_of_identifiers_are_not_kept(kind, tmp_path, monkeypatch, small_parts):
    monkeypatch.setattr(tables, "MOST_CATEGORIES", 50)
    columns = {"who": [f"person {n}" for n in range(100)], "c": ["a", "b"] * 50}
    source = {
        "csv": lambda: polars.DataFrame(columns).write_csv(tmp_path / "x.csv"),
        "parquet": lambda: polars.DataFrame(columns).write_parquet(tmp_path / "x.parquet"),
        "arrays": lambda: columns,
        "Polars": lambda: polars.DataFrame(columns),
        "Polars, lazy": lambda: polars.LazyFrame(columns),
    }[kind]()
    found = table_of(tmp_path / f"x.{kind}" if source is None else source).values(["who", "c"])
    assert found == {"who": None, "c": {"a": 50, "b": 50}}


def test_a_sample_is_all_rows_of_a_small_table():
    sample = Sample(most=10)
    for start in (0, 4, 8):
        sample.add({"x": np.arange(start, min(10, start + 4))})
    assert sample.values()["x"].tolist() == list(range(10)) and not sample.thinned


def test_a_sample_is_the_same_rows_whatever_parts_they_come_in():
    found = []
    for size in (1, 7, 1000, 10_000):
        sample = Sample(most=1000)
        for start in range(0, 10_000, size):
            sample.add({"x": np.arange(start, start + size)})
        found.append(sample.values()["x"].tolist())
    assert found[0] == found[1] == found[2] == found[3]
    assert 500 - 3 * 22 < len(found[0]) <= 1000  # half of at most 1000, three standard errors
    # a row is as likely to be kept at the end as at the beginning: 3.3 standard errors
    assert abs(np.mean(found[0]) - 5000) < 3.3 * 10_000 / np.sqrt(12 * len(found[0]))


def test_edges_of_a_large_file_are_quantiles_of_its_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(Sample.__init__, "__defaults__", (2000,))
    values = np.random.default_rng(9).normal(size=50_000)
    sparse = np.full(50_000, NAN)
    sparse[[7, 40_000]] = [1.0, 2.0]
    path = tmp_path / "x.parquet"
    polars.DataFrame({"x": values, "sparse": sparse}).write_parquet(path, row_group_size=3000)
    profile = Profile.of(path)
    assert profile.rows == 50_000
    # 10 cells of a tenth each, to 4 standard errors of a quantile from a thousand rows
    below = np.searchsorted(np.sort(values), profile.histograms["x"].binning.edges[1:-1]) / 50_000
    assert np.abs(below - np.arange(1, 10) / 10).max() < 4 * np.sqrt(0.25 / 1000)
    assert np.abs(below - np.arange(1, 10) / 10).max() > 0
    # two values in 50 000 rows, most likely both outside the sample
    sparse_counts = profile.histograms["sparse"].counts
    assert sparse_counts[:-3].sum() == 2 and sparse_counts[-3:].tolist() == [0, 0, 49_998]
    assert Profile.of(path) == profile


PEAK = """
import sys
from pathlib import Path
from klteach.drift import files
from klteach.drift.binning import Binning
from klteach.drift.engines import count_table

def peak():
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

edges = {f"x{n}": Binning.with_edges(f"x{n}", [0.0]) for n in range(20)}
files.PART = files.LEAST_ROWS = 20 * 1000
count_table(sys.argv[1], edges)
before = peak()
files.PART, files.LEAST_ROWS = int(sys.argv[3]), 1
assert count_table(sys.argv[2], edges)[1] == 1_000_000
print(peak() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is asked of Linux")
def test_memory_is_bounded_by_the_parts(tmp_path):
    """A table of 160 MB takes 160 MB more than a small one as one part, and little in many."""
    random = np.random.default_rng(0)
    columns = {f"x{n}": random.normal(size=1_000_000) for n in range(20)}
    small, large = tmp_path / "small.parquet", tmp_path / "large.parquet"
    polars.DataFrame(columns).head(5000).write_parquet(small)
    polars.DataFrame(columns).write_parquet(large, row_group_size=50_000)
    peaks = []
    for part in (20_000_000, 1_000_000):
        command = [sys.executable, "-c", PEAK, str(small), str(large), str(part)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        peaks.append(float(done.stdout))
    whole, parts = peaks
    assert whole > 150 and parts < 80, peaks
