"""The command line: exit codes that a cron job can trust, one line for whatever goes wrong."""

import io
import json
import subprocess
import sys

import numpy as np
import pytest

from klteach.cli import main
from klteach.cli.progress import Progress

polars = pytest.importorskip("polars")

ROWS = 2000


def table(seed, shift=0.0, rows=ROWS):
    random = np.random.default_rng(seed)
    return polars.DataFrame(
        {
            "day": [f"2024-05-{1 + row % 25:02d}" for row in range(rows)],
            "income": random.normal(shift, 1, rows),
            "visits": random.integers(0, 5, rows),
            "city": random.choice(["Ulm", "Bern"], rows),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drift")
    table(0).write_csv(folder / "train.csv")
    table(0).write_parquet(folder / "train.parquet")
    table(1).write_parquet(folder / "same.parquet")
    table(2, shift=0.5).write_csv(folder / "drifted.csv")
    table(3, rows=5).write_csv(folder / "few.csv")
    (folder / "broken.parquet").write_bytes((folder / "train.parquet").read_bytes()[:-200])
    (folder / "cut.csv").write_bytes((folder / "drifted.csv").read_bytes()[:-4])
    assert run("baseline", folder / "train.csv", "--out", folder / "b.json", "--window", "day") == 0
    return folder


def run(*arguments):
    return main(["drift", *map(str, arguments)])


@pytest.mark.parametrize(
    "file, code", [("train.parquet", 0), ("same.parquet", 0), ("drifted.csv", 1), ("few.csv", 2)]
)
@pytest.mark.parametrize("null", ["permutation", "chi2"])
def test_the_exit_code_is_the_verdict(folder, file, code, null, capsys):
    assert run("check", folder / "b.json", folder / file, "--null", null) == code
    output = capsys.readouterr()
    assert {0: "no drift", 1: "drift in 1 of 3", 2: "too few rows"}[code] in output.out
    said = "klteach: cannot tell: too few rows in income, visits, city; --ignore"
    assert output.err.startswith(said) if code == 2 else output.err == ""


def test_reports_are_written_whole_and_replaced(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")  # else they carry the time of the check
    page, plain = tmp_path / "r.html", tmp_path / "r.json"
    check = ["check", folder / "b.json", folder / "drifted.csv"]
    arguments = [*check, "--html", page, "--json", plain]
    page.write_text("the report of yesterday")
    assert run(*arguments) == 1
    first = plain.read_bytes(), page.read_bytes()
    timeline = json.loads(first[0])
    report = timeline["windows"][0]
    assert timeline["verdict"] == "drift" and len(timeline["windows"]) == 25
    assert [column["column"] for column in report["columns"]] == ["income", "visits", "city"]
    assert b"income" in first[1] and b"yesterday" not in first[1]
    assert run(*arguments) == 1
    assert (plain.read_bytes(), page.read_bytes()) == first  # the same seed, the same bytes
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json"]
    capsys.readouterr()


def test_options_reach_the_report(folder, tmp_path, capsys):
    plain = tmp_path / "r.json"
    run(
        "check", folder / "b.json", folder / "drifted.csv", "--json", plain, "--divergence", "js",
        "--smoothing", "merge-empty", "--null", "chi2", "--rate", "0.01", "--seed", "9",
        "--multiplicity", "bonferroni", "--quiet",
    )  # fmt: skip
    report = json.loads(plain.read_text())
    expected = {
        "divergence": "js", "smoothing": "merge-empty", "null": "chi2", "rate": 0.01, "seed": 9,
        "multiplicity": "bonferroni",
    }  # fmt: skip
    assert {name: report[name] for name in expected} == expected
    assert capsys.readouterr() == ("", "")


def test_windows_of_the_baseline_are_used(folder, capsys):
    code = run(
        "check", folder / "b.json", folder / "drifted.csv", "--null", "windows",
        "--multiplicity", "max",
    )  # fmt: skip
    assert code in (0, 1) and "window" in capsys.readouterr().out
    plain = folder / "without.json"
    assert run("baseline", folder / "train.parquet", "--without", "day", "--out", plain) == 0
    assert run("check", plain, folder / "same.parquet", "--null", "windows") == 2
    assert "keeps no windows" in capsys.readouterr().err


def test_the_options_of_a_baseline(folder, tmp_path, capsys):
    out = tmp_path / "b.json"
    arguments = ["baseline", folder / "train.csv", "--out", out, "--columns", "income, visits",
                 "--categorical", "visits", "--cells", "4"]  # fmt: skip
    assert run(*arguments) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"{out}: 2 columns, {ROWS} rows" and len(said) == 5
    assert said[4].split() == "visits categories 5 0 % 5 values, and unseen ones".split()
    income, visits = json.loads(out.read_text())["columns"]
    assert len(income["binning"]["edges"]) == 5
    assert sorted(visits["binning"]["values"]) == list("01234")
    before = out.read_bytes()
    assert run(*arguments) == 2
    assert "exists already; --force replaces it" in capsys.readouterr().err
    assert out.read_bytes() == before
    assert run(*arguments, "--force", "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def bad_input(folder):
    baseline, good = folder / "b.json", folder / "same.parquet"
    check, lock = ["check", baseline], ["baseline"]
    yield [*check, folder / "nothing.csv"], "there is no file"
    yield [*check, folder / "none"], "there is no file"
    yield [*check, folder / "*.txt"], "no file matches"
    yield [*check, folder / "broken.parquet"], "was cut off"
    yield [*check, folder / "cut.csv"], "the last row of"
    yield ["check", folder / "nothing.json", good], "cannot be read: No such file"
    yield ["check", good, good], "BASELINE and FILE are both"
    yield ["check", folder / "train.parquet", good], "is no baseline"
    yield ["check", folder / "edited.json", good], "was edited by hand or cut off"
    yield ["check", folder / "future.json", good], "has the format 3"
    yield [*check, folder / "twice.csv"], "the name 'income' more than once"
    yield [*check, folder / "header.csv"], "a header and no rows"
    yield [*check, folder / "empty.csv"], "is empty"
    yield [*check, good, "--null", "magic"], "'magic' is not known"
    yield [*check, good, "--divergence", "magic"], "'magic' is not known"
    yield [*check, good, "--smoothing", "1e-12"], "smoothing '1e-12' cannot be read"
    yield [*check, good, "--multiplicity", "magic"], "'magic' is not known"
    yield [*check, good, "--rate", "5"], "between 0 and 1"
    yield [*check, good, "--seed", "-1"], "random is a seed"
    yield [*check, good, "--json", baseline], "BASELINE and --json are both"
    yield [*check, good, "--html", good], "FILE and --html are both"
    yield [*check, good, "--html", "r", "--json", "r"], "--html and --json are both r"
    yield [*check, good, "--json", folder / "no" / "r.json"], "there is no such folder"
    yield [*check, good, "--json", folder], "is a folder"
    yield [*lock, good, "--out", folder / "new.json", "--columns", "incom"], "did you mean 'income'"
    yield [*lock, good, "--out", folder / "new.json", "--cells", "1"], "two cells or more"
    yield [*lock, good, "--out", folder / "no" / "new.json"], "there is no such folder"
    yield [*lock, good, "--out", good, "--force"], "FILE and --out are both"
    yield (
        [*lock, folder / "dates.parquet", "--out", folder / "new.json"],
        "'day' has dates or times",
    )


@pytest.fixture(scope="module")
def bad_files(folder):
    content = json.loads((folder / "b.json").read_text())
    (folder / "edited.json").write_text(json.dumps(content | {"rows": 7}))
    (folder / "future.json").write_text(json.dumps(content | {"format": 3}))
    (folder / "twice.csv").write_text("income,visits,income\n1,2,3\n")
    (folder / "header.csv").write_text("income,visits,city,day\n")
    (folder / "empty.csv").write_text("")
    dated = table(0).with_columns(polars.col("day").str.to_date())
    dated.write_parquet(folder / "dates.parquet")
    return folder


def test_bad_input_is_one_line_and_the_code_2(bad_files, capsys):
    for arguments, message in bad_input(bad_files):
        assert run(*arguments) == 2, arguments
        output = capsys.readouterr()
        assert message in output.err, (arguments, output.err)
        assert output.err.startswith("klteach: ") and output.err.count("\n") == 1
        assert output.out == ""
    assert not (bad_files / "new.json").exists()


@pytest.mark.parametrize(
    "today, verdict, reason",
    [
        (lambda t: t.rename({"income": "Income"}), "not there", "income: it is not there"),
        (lambda t: t.with_columns(income=polars.lit("lots")), "other kind", "held numbers and"),
    ],
    ids=["lost", "text"],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("moved", [False, True])
def test_one_column_that_is_gone_takes_no_other_with_it(
    folder, tmp_path, capsys, today, verdict, reason, ending, moved
):
    file = tmp_path / f"today.{ending}"
    frame = today(table(5))
    if moved:
        frame = frame.with_columns(city=polars.lit("Ulm"))
    getattr(frame, f"write_{ending}")(file)
    code = run("check", folder / "b.json", file, "--null", "permutation")
    output = capsys.readouterr()
    assert code == (1 if moved else 2)
    assert verdict in output.out and reason in output.out
    assert ("columns that the baseline does not know: 'Income'" in output.out) == (
        verdict == "not there"
    )


@pytest.mark.parametrize("shape", ["all missing", "infinities", "unseen categories"])
def test_odd_data_alarms_and_is_never_waved_through(folder, tmp_path, shape, capsys):
    odd = {
        "all missing": table(1).with_columns(polars.lit(None, polars.Float64).alias("income")),
        "infinities": table(1).with_columns(polars.lit(float("inf")).alias("income")),
        "unseen categories": table(1).with_columns(
            polars.Series("city", [f"town {row}" for row in range(ROWS)])
        ),
    }[shape]
    odd.write_parquet(tmp_path / "odd.parquet")
    assert run("check", folder / "b.json", tmp_path / "odd.parquet") == 1
    assert capsys.readouterr().out.startswith(("drift in 25 of 25", "cannot tell"))


@pytest.mark.parametrize("arguments", [[], ["drift"], ["drift", "check"], ["swim"]])
def test_a_command_that_is_none_ends_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: klteach" in capsys.readouterr().err


@pytest.mark.parametrize(
    "error, message, code",
    [
        (ZeroDivisionError("deep inside"), "a fault of the program, please report it: Zero", 2),
        (ValueError("deep inside"), "a fault of the program, please report it: ValueError in", 2),
        (MemoryError(), "not enough memory", 2),
        (OSError(5, "Input/output error"), "Input/output error", 2),
        (KeyboardInterrupt(), "stopped", 130),
    ],
)
def test_a_fault_never_looks_like_drift(folder, monkeypatch, capsys, error, message, code):
    from klteach.drift.profile import Profile

    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr(Profile, "count", fail)
    assert run("check", folder / "b.json", folder / "same.parquet") == code
    output = capsys.readouterr()
    assert message in output.err and output.err.count("\n") == 1


def test_the_bar_moves_on_a_terminal_and_nowhere_else():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal, pipe = Terminal(), io.StringIO()
    for stream in (terminal, pipe):
        with Progress("today.csv", "rows", quiet=False, stream=stream) as progress:
            progress(250, 1000)
            progress(1000, 1000)
    assert pipe.getvalue() == ""
    drawn = terminal.getvalue().split("\r")
    assert drawn[1].startswith("today.csv [########......................]  25% 250 rows")
    assert drawn[2].startswith("today.csv [##############################] 100% 1,000 rows")
    assert drawn[-2].strip() == "" and drawn[-1] == ""  # and the line is clean again
    quiet = Terminal()
    with Progress("x", "rows", quiet=True, stream=quiet) as progress:
        progress(1, 1)
    assert quiet.getvalue() == ""


def shell(*arguments, **options):
    command = [sys.executable, "-m", "klteach", "drift", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, **options)


def test_as_a_process(folder, tmp_path):
    made = shell("baseline", folder / "train.parquet", "--window", "day", "--out", tmp_path / "b")
    assert (made.returncode, made.stderr) == (0, "")
    checks = {"same.parquet": 0, "drifted.csv": 1, "few.csv": 2, "broken.parquet": 2}
    for file, code in checks.items():
        done = shell("check", tmp_path / "b", folder / file)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr and "\r" not in done.stderr
        assert done.stderr.count("\n") == (code == 2)


def test_a_reader_that_stops_reading_gets_no_traceback(folder):
    command = [sys.executable, "-m", "klteach", "drift", "check", folder / "b.json"]
    process = subprocess.Popen(
        [*map(str, command), str(folder / "drifted.csv")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()  # as `| head` does
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 2


def test_without_polars_the_message_names_the_extra(folder):
    code = (
        "import sys; sys.modules['polars'] = None\n"
        "from klteach.cli import main\n"
        f"sys.exit(main(['drift', 'check', {str(folder / 'b.json')!r}, "
        f"{str(folder / 'same.parquet')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == 'klteach: reading files needs Polars: pip install "klteach[drift]".\n'
