"""Small inputs on which a monitor was wrong without a word, each with what it has to say.

They go through the command, as people do: the exit code first, then the words.
"""

import builtins
import os
import re
import subprocess
import sys

import klteach_command
import polars
import pytest

from klteach.drift.errors import DriftError
from klteach.drift.profile import Profile
from tests.drift import review_cases as cases
from tests.drift.review_cases import Desk


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture(scope="module")
def plain_desk(tmp_path_factory):
    """A desk with a baseline of the plain table, which several cases use."""
    desk = Desk(tmp_path_factory.mktemp("plain"))
    desk.put("base.csv", cases.plain())
    desk.put("same.parquet", cases.plain(seed=213))
    shifted = cases.plain(seed=215).with_columns(polars.col("x") + 3)
    desk.put("lost.parquet", shifted.drop("y"))
    desk.put("retyped.parquet", shifted.with_columns(polars.col("k").cast(polars.String)))
    assert desk.baseline("base.csv").code == 0
    return desk


def lay_out(desk, tables, ending="parquet", options=()):
    """Write a baseline and the table of today, and lock the baseline."""
    then, now = tables
    desk.put(f"base.{ending}", then)
    desk.put(f"today.{ending}", now)
    made = desk.baseline(f"base.{ending}", *options)
    assert (made.code, made.err) == (0, "")
    return made


@pytest.mark.parametrize("null", [(), ("--null", "windows"), ("--null", "permutation")])
def test_01_a_new_value_in_a_column_that_was_always_the_same_is_drift(desk, null):
    lay_out(desk, cases.constant_in_all_windows(), options=["--window", "day"])
    found = desk.check("today.parquet", *null)
    assert found.code == 1
    assert found.verdict("currency") == "drift" and found.verdict("amount") == "no drift"


@pytest.mark.parametrize("without", [(), ("error",)])
def test_02_a_rare_flag_hides_no_drift_of_another_column(desk, without):
    tables = [table.drop(without) for table in cases.rare_flag()]
    lay_out(desk, tables, options=["--window", "day"])
    (report,) = desk.reports("today.parquet")
    assert report["null"] == "windows"
    km = next(column for column in report["columns"] if column["column"] == "km")
    assert km["verdict"] == "drift" and km["threshold"] < km["value"] / 10
    found = desk.check("today.parquet")
    assert found.code == 1 and found.verdict("km") == "drift"


def test_03_codes_that_were_never_there_are_drift(desk):
    lay_out(desk, cases.codes_in_whole_numbers())
    found = desk.check("today.parquet")
    assert found.code == 1 and "drift in 3 of 3 columns" in found.out
    assert "between 200 and 301" in found.out and "above 1" in found.out


def test_04_all_rows_with_one_text_are_drift_and_the_baseline_says_how_little_it_sees(desk):
    made = lay_out(desk, cases.all_rows_one_text())
    assert made.out.count("nearly every row has its own") == 2
    found = desk.check("today.parquet")
    assert found.code == 1 and "drift in 2 of 2 columns" in found.out
    kept = (desk.folder / "b.json").read_text()
    assert "example.com" not in kept and "remark number" not in kept
    assert "example.com" not in found.out


@pytest.mark.parametrize(
    "column, option, sign",
    [("dollars", "--signs", "$"), ("comma", "--decimal", ","), ("percent", "--signs", "%")],
)
def test_05_numbers_that_are_written_as_text_are_named_with_the_cure(desk, column, option, sign):
    made = lay_out(desk, cases.numbers_written_as_text(), "csv", ["--columns", column])
    assert f"{column}: looks like numbers that are written as text" in made.out
    assert f'{option} "{sign}"' in made.out
    assert desk.check("today.csv").code == 1
    made = desk.baseline("base.csv", "--columns", column, option, sign)
    assert made.code == 0 and re.search(rf"^{column} +numbers", made.out, re.MULTILINE)
    assert desk.check("today.csv").code == 1  # the baseline remembers how it was read
    assert desk.check("base.csv").code == 0


@pytest.mark.parametrize("column", ["amount", "score", "paid"])
def test_06_what_lies_beyond_the_last_edge_is_seen(desk, column):
    lay_out(desk, cases.beyond_the_last_edge(), options=["--columns", column])
    found = desk.check("today.parquet")
    assert found.code == 1 and "above " in found.out


@pytest.mark.parametrize("column", ["postal_code", "order_id"])
@pytest.mark.parametrize("seed", [7, 8, 9])
def test_07_many_categories_of_the_same_law_are_no_drift(desk, column, seed):
    lay_out(desk, cases.many_categories(seed), options=["--columns", column])
    assert desk.check("today.parquet").code == 0


def test_08_a_missing_value_makes_no_other_categories_of_whole_numbers(desk):
    stores = [1 + row % 3 for row in range(600)]
    texts = [f"{store}.0" for store in stores]
    texts[5] = ""  # this is how pandas writes whole numbers with one of them missing
    for name, column in (("base.csv", stores), ("today.csv", texts)):
        lines = ["store,x", *(f"{store},{row % 7}" for row, store in enumerate(column))]
        (desk.folder / name).write_text("\n".join(lines) + "\n")
    assert desk.baseline("base.csv", "--categorical", "store").code == 0
    assert desk.check("today.csv").code == 0


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_09_the_windows_of_times_are_days_in_every_format(desk, ending):
    desk.put(f"base.{ending}", cases.times_as_windows())
    made = desk.baseline(f"base.{ending}", "--window", "created_at")
    assert made.code == 0 and "1 column, 2000 rows, 40 windows" in made.out


def test_10_several_days_in_one_file_are_judged_day_by_day(desk):
    lay_out(desk, cases.fourteen_shifted_days(), options=["--window", "day"])
    found = desk.check("today.parquet")
    assert found.code == 1 and "of 14 windows" in found.out.splitlines()[0]
    days = [line.split()[0] for line in found.out.splitlines() if line[:2] in ("60", "73")]
    assert days == ["60", "73"]  # a line each


@pytest.mark.parametrize("yes, no", [("true", "false"), ("1", "0"), ("TRUE", "FALSE")])
def test_11_true_and_false_may_be_written_in_other_ways(desk, yes, no):
    for name, words in (("base.csv", ("True", "False")), ("today.csv", (yes, no))):
        lines = ["flag,k", *(f"{words[row % 3 > 0]},{row % 50}" for row in range(600))]
        (desk.folder / name).write_text("\n".join(lines) + "\n")
    assert desk.baseline("base.csv").code == 0
    assert desk.check("today.csv").code == 0


def test_12_a_new_column_is_mentioned(plain_desk):
    plain_desk.put("new.parquet", cases.plain(seed=213).with_columns(surprise=polars.lit("new")))
    found = plain_desk.check("new.parquet")
    assert found.code == 0
    assert "columns that the baseline does not know: 'surprise'" in found.out
    (report,) = plain_desk.reports("new.parquet")
    assert report["new_columns"] == ["surprise"]


@pytest.mark.parametrize(
    "file, column, verdict, said",
    [
        ("lost.parquet", "y", "not there", "1 column not there"),
        ("retyped.parquet", "k", "other kind", "1 column of another kind now"),
    ],
)
def test_13_the_others_are_judged_when_a_column_is_lost(plain_desk, file, column, verdict, said):
    found = plain_desk.check(file)
    assert found.code == 1 and f"drift in 1 of 3 columns; {said}" in found.out
    assert found.verdict("x") == "drift" and found.verdict(column) == verdict


def test_13_a_lost_column_is_no_all_clear(plain_desk):
    plain_desk.put("quiet.parquet", cases.plain(seed=213).drop("y"))
    found = plain_desk.check("quiet.parquet")
    assert found.code == 2 and found.verdict("x") == "no drift"
    assert found.err == "klteach: cannot tell: not there in y; --ignore y passes over it\n"


def semicolons(text):
    return text.replace(",", ";")


def decimal_commas(text):
    return semicolons(text).replace(".", ",")


@pytest.mark.parametrize(
    "name, rewritten, options, cure",
    [
        ("a.csv", semicolons, ["--separator", ";"], '--separator ";"'),
        (
            "b.csv",
            decimal_commas,
            ["--separator", ";", "--decimal", ","],
            '--separator ";" --decimal ","',
        ),
        ("c.csv", str.rstrip, ["--last-line-open"], "--last-line-open"),
    ],
)
def test_14_a_csv_that_is_written_otherwise_is_read_when_asked(
    plain_desk, name, rewritten, options, cure
):
    text = cases.plain(seed=213).write_csv()
    (plain_desk.folder / name).write_text(rewritten(text))
    refused = plain_desk.check(name)
    assert refused.code == 2 and cure in refused.err and refused.err.count("\n") == 1
    assert plain_desk.check(name, *options).code == 0


def test_14_a_packed_csv_is_read(plain_desk):
    import gzip

    packed = gzip.compress(cases.plain(seed=213).write_csv().encode())
    (plain_desk.folder / "d.csv.gz").write_bytes(packed)
    assert plain_desk.check("d.csv.gz").code == 0


def test_15_all_columns_that_cannot_be_watched_are_named_at_once(desk):
    desk.put("base.parquet", cases.unusable_columns())
    refused = desk.baseline("base.parquet")
    assert refused.code == 2 and refused.err.count("\n") == 1
    names = ["created", "updated", "tags", "address", "legacy"]
    assert all(repr(name) in refused.err for name in names)
    option = re.search(r"--without ([\w,]+)", refused.err)[1]
    assert sorted(option.split(",")) == sorted(names)
    made = desk.baseline("base.parquet", "--without", option)
    assert made.code == 0 and "1 column, 200 rows" in made.out


def test_16_days_of_the_baseline_that_stand_out_are_named_and_can_be_left_out(desk):
    made = lay_out(desk, cases.three_bad_days(), options=["--window", "day"])
    assert "3 windows far from the others: 11 ('x'); 12 ('x'); 47 ('x')" in made.out
    assert "--without-windows 11,12,47" in made.out
    # they hide a drift of their size; whoever reads the report sees which they are
    found = desk.check("today.parquet")
    assert found.code == 0 and "'x' in the window" in found.out
    options = ["--window", "day", "--without-windows", "11,12,47"]
    made = desk.baseline("base.parquet", *options)
    assert "57 windows" in made.out and "far from the others" not in made.out
    found = desk.check("today.parquet")
    assert found.code == 1 and found.verdict("x") == "drift" and found.verdict("y") == "no drift"


def test_17_arrays_in_a_column_of_pandas_are_refused_by_name():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"x": [1.0, 2.0] * 50})
    table["embedding"] = list(table[["x", "x"]].to_numpy())
    with pytest.raises(DriftError, match="'embedding'.*--without embedding"):
        Profile.of(table)


def test_18_labels_that_begin_alike_stay_apart_on_the_page(desk):
    lay_out(desk, cases.long_labels())
    page = desk.folder / "page.html"
    assert desk.check("today.parquet", "--html", page).code == 1
    texts = re.findall(r"<text[^>]*>(.*?)</text>", page.read_text(encoding="utf-8"))
    cut = [text for text in texts if "…" in text]
    assert len(cut) >= 10 and len(set(cut)) == len(cut)


def test_19_days_that_differ_are_no_drift_by_default(desk):
    lay_out(desk, cases.days_that_differ(), options=["--window", "day"])
    assert desk.check("today.parquet").code == 0
    assert desk.check("today.parquet", "--null", "permutation").code == 1


def test_20_a_library_that_cannot_be_loaded_is_the_code_2_and_one_line(tmp_path):
    (tmp_path / "numpy.py").write_text("raise ImportError('libblas.so.3: no such file')\n")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, klteach_command; sys.exit(klteach_command.main())",
            "drift", "check", "b.json", "today.parquet", "--quiet",
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )  # fmt: skip
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == "klteach: cannot be loaded: ImportError: libblas.so.3: no such file\n"


def test_20_a_stop_while_the_command_is_loaded_is_the_code_130(monkeypatch, capsys):
    import_as_usual = builtins.__import__

    def stopped(name, *arguments, **options):
        if name == "klteach.cli":
            raise KeyboardInterrupt
        return import_as_usual(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", stopped)
    assert klteach_command.main() == 130
    assert capsys.readouterr() == ("", "klteach: stopped\n")


def test_21_a_check_that_fails_leaves_no_page_that_says_no_drift(plain_desk):
    page, plain = plain_desk.folder / "page.html", plain_desk.folder / "page.json"
    reports = ["--html", page, "--json", plain]
    assert plain_desk.check("same.parquet", *reports).code == 0
    before = page.read_text(encoding="utf-8")
    assert "No drift seen" in before
    for named in ("same.parquet", "b.json"):
        assert named in before and named in plain.read_text(encoding="utf-8")
    plain_desk.put("unlike.parquet", polars.DataFrame({"other": [1, 2]}))
    assert plain_desk.check("unlike.parquet", *reports).code == 2
    after = page.read_text(encoding="utf-8")
    assert "No drift" not in after and "unlike.parquet" in after
    assert '"cannot tell"' in plain.read_text(encoding="utf-8")


def test_a_fortnight_of_orders_is_quiet_until_the_day_on_which_it_drifts(tmp_path):
    desk = Desk(tmp_path)
    days = cases.orders(seed=1)
    desk.put("base.parquet", polars.concat(days[:60]))
    made = desk.baseline("base.parquet", "--window", "day", "--without", "created_at")
    assert made.code == 0 and "13 columns" in made.out and "60 windows" in made.out
    codes, drifting = [], []
    for day in days[60:]:
        desk.put("today.parquet", day)
        found = desk.check("today.parquet")
        codes.append(found.code)
        drifting.append(re.findall(r"^(\w+) +drift ", found.out, re.MULTILINE))
    # the seed is fixed; one quiet day in twenty may alarm, and over many seeds does
    assert codes[:8].count(1) <= 1 and codes[8] == 1
    assert "delivery_km" in drifting[8] and not any("delivery_km" in d for d in drifting[:8])
    desk.put("fortnight.parquet", polars.concat(days[60:]))
    whole = desk.check("fortnight.parquet")
    assert whole.code == 1 and "of 14 windows" in whole.out.splitlines()[0]
    assert [
        line for line in whole.out.splitlines() if "2024-05-08" in line and "delivery_km" in line
    ]
