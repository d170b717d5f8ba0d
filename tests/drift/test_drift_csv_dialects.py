"""CSV files that are written in other ways: counted as the option says, refused without it."""

import gzip
import io
import re

import numpy as np
import pytest

from klteach.drift.binning import Binning
from klteach.drift.csv_dialect import CsvDialect
from klteach.drift.engines import table_of
from klteach.drift.errors import DriftError

polars = pytest.importorskip("polars")

from klteach.drift import csv_parts  # noqa: E402

BINNINGS = {
    "price": Binning.with_edges("price", [2.0, 1000.0]),
    "city": Binning("city", "categories", values=("Ulm", "Zürich")),
}
KINDS = {"price": "numbers", "city": "categories"}
COUNTS = {"price": [2, 2, 1, 0, 0, 1], "city": [3, 1, 1, 1]}
PLAIN = "price,city\n1.5,Ulm\n2.25,Ulm\n-3,Zürich\n1234.5,Bern\n,Ulm\n12,\n"

# how it is written, and the dialect that reads it
WRITTEN = {
    "as usual": (PLAIN, CsvDialect()),
    "semicolons": (PLAIN.replace(",", ";"), CsvDialect(separator=";")),
    "tabs": (PLAIN.replace(",", "\t"), CsvDialect(separator="\\t")),
    "bars": (PLAIN.replace(",", "|"), CsvDialect(separator="|")),
    "decimal commas": (
        PLAIN.replace(",", ";").replace(".", ","),
        CsvDialect(separator=";", decimal=","),
    ),
    "thousands with dots": (
        PLAIN.replace(",", ";").replace(".", ",").replace("1234", "1.234"),
        CsvDialect(separator=";", decimal=",", thousands="."),
    ),
    "thousands with commas": (
        PLAIN.replace("1234.5", '"1,234.50"'),
        CsvDialect(thousands=","),
    ),
    "dollars and percent": (
        PLAIN.replace("1.5", "$1.5").replace("2.25", "2.25 %").replace("-3", "-$3"),
        CsvDialect(signs="$%"),
    ),
    "Latin-1": (PLAIN.encode("latin-1"), CsvDialect(encoding="latin-1")),
    "UTF-16": (PLAIN.encode("utf-16"), CsvDialect(encoding="utf-16")),
    "UTF-16 of big machines": (PLAIN.encode("utf-16-be"), CsvDialect(encoding="utf-16-be")),
    "comments": (
        "# made by hand, in May\n" + PLAIN.replace("-3", "# not sure\n-3"),
        CsvDialect(comment="#"),
    ),
    "a dash for nothing": (
        PLAIN.replace("\n,", "\n-,").replace("12,\n", "12, - \n"),
        CsvDialect(missing=("-", "#N/A")),
    ),
    "database": (
        PLAIN.replace("\n,", "\n\\N,").replace("12,\n", "12,\\N\n"),
        CsvDialect(missing=("\\N",)),
    ),
    "an open end": (PLAIN + "12,", CsvDialect(last_line_open=True)),
    "gzip": (gzip.compress(PLAIN.encode()), CsvDialect()),
    "gzip, semicolons, Latin-1": (
        gzip.compress(PLAIN.replace(",", ";").encode("latin-1")),
        CsvDialect(separator=";", encoding="latin-1"),
    ),
}


def csv_file(tmp_path, content, name="x.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def counted(path, dialect, binnings=BINNINGS):
    counts = table_of(path, KINDS, dialect).count(binnings)[None]
    return {column: found.tolist() for column, found in counts.items()}


@pytest.mark.parametrize("size", [13, csv_parts.PART_BYTES])
@pytest.mark.parametrize("content, dialect", WRITTEN.values(), ids=list(WRITTEN))
def test_a_dialect_counts_what_was_meant(content, dialect, size, tmp_path, monkeypatch):
    monkeypatch.setattr(csv_parts.CsvParts.__init__, "__defaults__", (size,))
    expected = COUNTS
    if dialect.last_line_open:  # its last row, once more
        expected = {"price": [2, 3, 1, 0, 0, 1], "city": [3, 1, 1, 2]}
    assert counted(csv_file(tmp_path, content), dialect) == expected
    assert CsvDialect.from_dict(dialect.to_dict()) == dialect


@pytest.mark.parametrize(
    "what, option",
    [
        ("semicolons", '--separator ";"'),
        ("tabs", r'--separator "\\t"'),
        ("bars", r'--separator "\|"'),
        ("decimal commas", '--separator ";" --decimal ","'),
        ("thousands with commas", '--thousands ","'),
        ("Latin-1", '--encoding "latin-1"'),
        ("UTF-16", '--encoding "utf-16"'),
        ("UTF-16 of big machines", '--encoding "utf-16-be"'),
        ("a dash for nothing", '--missing="-"'),
        ("database", r'--missing "\\N"'),
        ("an open end", "--last-line-open"),
    ],
)
def test_without_the_dialect_the_refusal_names_the_option(what, option, tmp_path):
    content, _ = WRITTEN[what]
    path = csv_file(tmp_path, content)
    with pytest.raises(DriftError, match=option) as refusal:
        counted(path, None)
    assert "\n" not in str(refusal.value)
    # others show in the values alone
    if what not in ("thousands with commas", "a dash for nothing", "database", "Latin-1"):
        with pytest.raises(DriftError, match=option):
            table_of(path)


def test_the_options_of_a_dialect_are_those_that_make_it():
    dialect = CsvDialect(";", ",", ".", "cp1252", "#", ("-", "#N/A"), "%", True)
    assert dialect.options == (
        '--separator ";" --decimal "," --thousands "." --encoding "cp1252" --comment "#" '
        '--missing="-" --missing "#N/A" --signs "%" --last-line-open'
    )
    assert CsvDialect().options == "" and CsvDialect().to_dict() == {}


@pytest.mark.parametrize(
    "options, message",
    [
        ({"separator": ";;"}, "one character"),
        ({"separator": "a"}, "one character"),
        ({"separator": '"'}, "one character"),
        ({"decimal": ";"}, "a comma"),
        ({"decimal": ",", "thousands": ","}, "',' is the decimal mark and that of thousands"),
        ({"thousands": "1"}, "one character"),
        ({"encoding": "utf-99"}, "'utf-99' is not known"),
        ({"comment": '"'}, "a comment cannot begin"),
    ],
)
def test_a_dialect_that_cannot_be_is_refused(options, message):
    with pytest.raises(DriftError, match=message):
        CsvDialect(**options)


def test_numbers_of_another_dialect_are_no_numbers():
    """What is taken for a number in two ways would drift by a factor of a thousand."""
    from klteach.drift.csv_numbers import numbers

    def read(text, **options):
        return numbers(polars.Series([text]), CsvDialect(**options))[0]

    assert read("12,34", thousands=",") is None and read("1,234", thousands=",") == 1234
    assert read("1.234", decimal=",") is None
    assert read("1.234", decimal=",", thousands=".") == 1234
    assert read("1.234,5", decimal=",", thousands=".") == 1234.5
    assert read("1,23,456", thousands=",") is None
    assert read("1 234,5", decimal=",", thousands=" ") == 1234.5
    assert read("€ 5", signs="€") == 5 and read("€ 5") is None


def test_compression_is_seen_by_the_content_and_a_cut_archive_is_refused(tmp_path):
    packed = gzip.compress((PLAIN + "1,Ulm\n" * 5000).encode())
    for name in ("x.csv.gz", "x.csv", "X.CSV.GZ", "day.1.csv.gz"):
        assert counted(csv_file(tmp_path, packed, name), None)["city"][0] == 5003
    for cut in (packed[:-4], packed[: len(packed) // 2], packed[:60] + b"\0" * 9 + packed[69:]):
        with pytest.raises(DriftError, match="cut off, and cannot be unpacked"):
            counted(csv_file(tmp_path, cut, "x.csv.gz"), None)
    with pytest.raises(DriftError, match="is empty: it has not even a header"):
        table_of(csv_file(tmp_path, gzip.compress(b""), "x.csv.gz"))
    # of a text that is whole, the last line is looked at all the same
    with pytest.raises(DriftError, match="does not end.*--last-line-open"):
        counted(csv_file(tmp_path, gzip.compress(PLAIN.encode()[:-1]), "x.csv.gz"), None)


def test_zstandard_is_read_as_well(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    packed = pyarrow.compress(PLAIN.encode(), "zstd", asbytes=True)
    assert counted(csv_file(tmp_path, packed, "x.csv.zst"), None) == COUNTS
    with pytest.raises(DriftError, match="cut off, and cannot be unpacked"):
        counted(csv_file(tmp_path, packed[:-5], "x.csv.zst"), None)


def test_text_that_is_not_in_the_encoding_is_refused(tmp_path):
    path = csv_file(tmp_path, PLAIN.encode("utf-16")[:-1])
    with pytest.raises(DriftError, match="no text in utf-16"):
        counted(path, CsvDialect(encoding="utf-16"))


def numbers_as_text():
    amounts = np.random.default_rng(1).lognormal(7, 1, 200)
    yield "dollars", [f"${a:.2f}" for a in amounts], r"looks like numbers .*--signs \"\$\""
    yield "euros", [f"{a:.2f} €" for a in amounts], '--signs "€"'
    yield "percent", [f"{a / 500:.2f}%" for a in amounts], '--signs "%"'
    yield "decimal comma", [f"{a / 500:.2f}".replace(".", ",") for a in amounts], '--decimal ","'
    yield "thousands", [f"{a + 1000:,.2f}" for a in amounts], '--thousands ","'
    yield "whole thousands", [f"{a + 1000:,.0f}" for a in amounts], '--thousands ","'
    yield (
        "German",
        [f"{a + 1000:,.2f}".translate(str.maketrans(",.", ".,")) for a in amounts],
        '--decimal "," --thousands "."',
    )


@pytest.mark.parametrize("what, values, hint", list(numbers_as_text()))
def test_numbers_that_are_written_as_text_are_told(what, values, hint, tmp_path):
    plain = [str(place) for place in range(len(values))]
    names = [f"name {place}" for place in range(len(values))]
    frame = polars.DataFrame({"c": values, "plain": plain, "name": names})
    path = tmp_path / "x.csv"
    frame.write_csv(path)
    hints = table_of(path).hints()
    assert list(hints) == ["c"]
    assert re.search(hint, hints["c"]), hints
    frame.write_parquet(tmp_path / "x.parquet")
    assert list(table_of(tmp_path / "x.parquet").hints()) == ["c"]


def test_words_dates_and_codes_get_no_hint(tmp_path):
    text = "c,d,e,f\n" + "".join(f"A{n},2024-01-0{1 + n % 9},v{n}.1,{n}-{n}\n" for n in range(50))
    assert table_of(csv_file(tmp_path, text)).hints() == {}
    assert table_of({"c": ["$1"]}).hints() == {}


def test_the_index_that_pandas_writes_has_a_name_and_a_hint(tmp_path):
    pandas = pytest.importorskip("pandas")
    buffer = io.StringIO()
    pandas.DataFrame({"price": [1.5, 2.5], "city": ["Ulm", "Bern"]}).to_csv(buffer)
    table = table_of(csv_file(tmp_path, buffer.getvalue()))
    assert table.names == ["column 1", "price", "city"]
    assert "looks like the index" in table.hints()["column 1"]
    assert "--without 'column 1'" in table.hints()["column 1"]
    assert table.numbers(["column 1"])["column 1"].tolist() == [0, 1]


def test_a_column_that_turns_into_text_is_skipped_and_the_others_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_parts.CsvParts.__init__, "__defaults__", (60,))
    rows = [f"{n},{n % 3},day {n % 2},{n}\n" for n in range(60)]
    rows[40] = "abc,1,day 0,40\n"
    rows[50] = "50,1,day 0,oops\n"
    path = csv_file(tmp_path, "x,y,day,z\n" + "".join(rows))
    binnings = {name: Binning.with_edges(name, [1.0]) for name in "xyz"}
    kinds = dict.fromkeys("xyz", "numbers")
    table = table_of(path, kinds)
    for window in (None, "day"):
        counts = table.count(binnings, window, on_bad="skip")
        assert {tuple(columns) for columns in counts.values()} == {("y",)}
        assert sum(int(columns["y"].sum()) for columns in counts.values()) == 60
        assert table.skipped == {
            "x": "it held numbers and holds the text 'abc' now",
            "z": "it held numbers and holds the text 'oops' now",
        }
    with pytest.raises(DriftError, match="'x' holds numbers and also the text 'abc' on line 42"):
        table.count(binnings)
    assert list(table.count({"y": binnings["y"]})[None]) == ["y"] and table.skipped == {}


@pytest.mark.parametrize(
    "values, reason",
    [
        (["1"] * 9 + ["-"], "numbers and also the text '-' .*add --missing=\"-\""),
        (["12"] * 9 + ["1,234"], "numbers and also the text '1,234' .*with --thousands \",\""),
        (["12"] * 9 + ["12,5"], "numbers and also the text '12,5' .*with --decimal \",\""),
        (["1"] * 9 + ["abc"], "numbers and also the text 'abc'$"),
        (["2024-01-01"] * 10, "dates or times$"),
        (["01.02.2024 10:00"] * 10, "dates or times$"),
        (["10:00:00"] * 10, "dates or times$"),
    ],
)
def test_the_reason_why_a_column_of_a_csv_is_not_watched_has_the_cure(values, reason, tmp_path):
    polars.DataFrame({"c": values, "x": 1}).write_csv(tmp_path / "x.csv")
    kinds, reasons = table_of(tmp_path / "x.csv").kinds(["c", "x"])
    assert kinds == {"x": "numbers"} and re.match(reason, reasons["c"]), reasons


def test_the_separator_hint_has_only_what_the_file_needs(tmp_path):
    path = csv_file(tmp_path, "a;b\n1,5;x\n2,25;y\n")
    with pytest.raises(DriftError, match='add --separator ";" --decimal ","\\.$'):
        table_of(path)


def test_quotation_marks_in_comments_quote_nothing(tmp_path, monkeypatch):
    text = (
        '# the 5" screens\nprice,city\n1.5,Ulm\n2.25,"Ulm"\n# say "hi\n-3,Zürich\n1234.5,"Bern\n'
        '# no comment, ""but"" a line of a name"\n#"\n,Ulm\n12,\n'
    )
    for size in (7, 40, csv_parts.PART_BYTES):
        monkeypatch.setattr(csv_parts.CsvParts.__init__, "__defaults__", (size,))
        path = csv_file(tmp_path, text)
        assert counted(path, CsvDialect(comment="#")) == COUNTS
        kinds = dict.fromkeys(["price", "city"], "categories")
        found = table_of(path, kinds, CsvDialect(comment="#")).values(["city"])["city"]
        assert found['Bern\n# no comment, "but" a line of a name'] == 1


def test_a_file_of_comments_has_no_rows(tmp_path):
    with pytest.raises(DriftError, match="has a header and no rows"):
        table_of(csv_file(tmp_path, "# a\nx,y\n# b\n# c\n"), None, CsvDialect(comment="#"))
    with pytest.raises(DriftError, match="where the header should be"):
        table_of(csv_file(tmp_path, "# a\n# b\n"), None, CsvDialect(comment="#"))


def test_a_fault_behind_comments_is_on_its_own_line(tmp_path):
    path = csv_file(tmp_path, "# a\nprice,city\n# b\n1,Ulm\n# c\noops,Ulm\n")
    with pytest.raises(DriftError, match="'oops' on line 6 of"):
        counted(path, CsvDialect(comment="#"))
    path = csv_file(tmp_path, "# a\nprice,city\n# b\n1,Ulm\n# c\n2\n")
    with pytest.raises(DriftError, match="line 6 of .* has 1 field and the header has 2"):
        counted(path, CsvDialect(comment="#"))
