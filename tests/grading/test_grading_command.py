"""`klteach grade` and `klteach check`: exit codes, what they write, one line for what is wrong."""

import csv
import json
import threading
from contextlib import nullcontext

import pytest

from klteach.cli import main
from klteach.grading import run, session
from klteach.grading.limits import Limits
from tests.grading.submissions import LESSON, SWAPPED, as_bytes, exercise, submission


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for student, notebook in {
        "ada": submission(),
        "ben": submission({"kl": SWAPPED}),
        "cleo": exercise(),
    }.items():
        (folder / student).mkdir()
        (folder / student / f"{LESSON}.ipynb").write_bytes(as_bytes(notebook))
    return folder


@pytest.fixture
def no_process(monkeypatch):
    """Whatever is asked for, no process is started."""
    monkeypatch.setattr(run, "Warm", None)
    monkeypatch.setattr(run, "ProcessPoolExecutor", None)


@pytest.fixture(scope="module")
def warm():
    with session.Warm(Limits()) as process:
        yield process


@pytest.fixture
def one_process(warm, monkeypatch):
    """Several checks in one warm process, where each would start its own."""

    def again(limits):
        assert limits == warm.limits
        return nullcontext(warm)

    monkeypatch.setattr(session, "Warm", again)


def test_a_class_is_graded_with_one_command(class_folder, tmp_path, capsys):
    out = tmp_path / "marks"
    assert main(["grade", str(class_folder), "--out", str(out)]) == 0
    output = capsys.readouterr()
    assert "3 of 3 notebooks graded, of 3 students" in output.out and output.err == ""
    rows = list(csv.DictReader((out / "grades.csv").open(encoding="utf-8-sig")))
    assert {row["student"]: row["score"] for row in rows} == {"ada": "9", "ben": "7", "cleo": "0"}
    assert len((out / "results.jsonl").read_text().splitlines()) == 3
    assert "swapped" in (out / "class.html").read_text()
    assert len(list((out / "learners").iterdir())) == 3
    assert (out / "seed.txt").stat().st_mode & 0o077 == 0


def everything_in(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("jobs", [[], ["-j", "1"], ["-j", "2"]])
def test_the_same_command_once_more_changes_nothing_and_starts_nothing(
    class_folder, tmp_path, capsys, monkeypatch, jobs
):
    out = tmp_path / "marks"
    assert main(["grade", str(class_folder), "--out", str(out)]) == 0
    capsys.readouterr()
    before = everything_in(out)
    for name in ("Warm", "grade_batch"):
        monkeypatch.setattr(run, name, None)
    assert main(["grade", str(class_folder), "--out", str(out), *jobs, "--quiet"]) == 0
    assert everything_in(out) == before
    assert capsys.readouterr().out == ""


def test_one_warm_process_is_enough_to_know_the_walls_and_to_grade(
    class_folder, tmp_path, monkeypatch
):
    started = []

    class Counted(session.Warm):
        def __init__(self, limits):
            started.append(limits)
            super().__init__(limits)

    monkeypatch.setattr(run, "Warm", Counted)
    monkeypatch.setattr(run, "_mine", threading.local())
    assert main(["grade", str(class_folder), "--out", str(tmp_path), "--quiet"]) == 0
    assert len(started) == 1
    run._mine.processes.popitem()[1].close()


def test_somebody_who_needs_a_person(class_folder, tmp_path, capsys):
    broken = tmp_path / "dora.ipynb"
    broken.write_bytes(as_bytes(submission())[:-300])
    seed = tmp_path / "seed"
    seed.write_text("secret\n")
    out = tmp_path / "marks"
    paths = [str(class_folder), str(broken)]
    assert main(["grade", *paths, "--out", str(out), "--seed-file", str(seed)]) == 3
    output = capsys.readouterr()
    assert "3 of 4 notebooks graded" in output.out and "dora.ipynb" in output.err
    rows = {
        row["student"]: row
        for row in csv.DictReader((out / "grades.csv").open(encoding="utf-8-sig"))
    }
    assert (rows["dora"]["score"], rows["dora"]["status"]) == ("", "unreadable")
    assert not (out / "seed.txt").exists()
    assert "secret" not in (out / "results.jsonl").read_text()


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "name what to grade"),
        (["{class}"], "--out"),
        (["nowhere", "--out", "{out}"], "nowhere"),
        (["{class}", "--out", "{out}", "-j", "0"], "one process is the least"),
        (["{class}", "--out", "{out}", "-j", "-3"], "one process is the least"),
        (["{class}", "--out", "{out}", "--seed-file", "{out}/no"], "seed file"),
        (["{class}", "--out", "{class}/ada/" + f"{LESSON}.ipynb"], "cannot be"),
        (["{class}", "--out", "{out}", "--lesson", "99"], "there are exercises for 00, 01"),
        (["{class}", "--out", "{out}", "--lesson", "kl"], "'kl': there are exercises for"),
        (["{class}", "--out", "{out}", "--due", "tomorrow"], "2026-11-30T23:59"),
        (["{class}", "--out", "{out}", "--due", "2026-13-01"], "no date and time"),
        (["{class}", "--out", "{out}", "--roster", "{out}/who.csv"], "who.csv cannot be read"),
        (["{class}", "--out", "{out}", "--regrade", "adda"], "Did you mean 'ada'?"),
        (["{class}", "--out", "{out}", "--memory", "0"], "--memory '0': a number of MB"),
        (["{class}", "--out", "{out}", "--memory", "2 GB"], "--memory '2 GB'"),
        (["{class}", "--out", "{out}", "--seconds-per-cell", "nan"], "--seconds-per-cell 'nan'"),
        (["{class}", "--out", "{out}", "--notebook-size=-1"], "--notebook-size '-1'"),
    ],
)
def test_what_is_wrong_is_one_line_before_any_process_starts(
    class_folder, tmp_path, capsys, no_process, arguments, message
):
    names = {"class": str(class_folder), "out": str(tmp_path / "out")}
    assert main(["grade", *(argument.format(**names) for argument in arguments)]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1 and said.startswith("klteach: ")


def test_an_empty_seed_is_no_secret(class_folder, tmp_path, capsys, no_process):
    (tmp_path / "seed").write_text("\n")
    arguments = ["--out", str(tmp_path / "out"), "--seed-file", str(tmp_path / "seed")]
    assert main(["grade", str(class_folder), *arguments]) == 2
    assert "is empty" in capsys.readouterr().err


def test_limits_can_be_named(class_folder, tmp_path, capsys):
    small = ["--notebook-size", "0.001"]
    assert main(["grade", str(class_folder), "--out", str(tmp_path), *small]) == 3
    assert "0 of 3 notebooks graded" in capsys.readouterr().out
    assert main(["grade", str(class_folder), "--out", str(tmp_path)]) == 0
    assert "3 of 3 notebooks graded" in capsys.readouterr().out


def test_with_other_limits_what_was_not_all_right_is_graded_again(
    class_folder, tmp_path, monkeypatch
):
    graded = []

    def count(batch, limits, seed, trust=False):
        graded.append(limits.cell_seconds)
        return real(batch, limits, seed, trust)

    real = run.grade_batch
    monkeypatch.setattr(run, "grade_batch", count)
    arguments = ["grade", str(class_folder), "--out", str(tmp_path), "--quiet"]
    main(arguments)
    assert len(graded) == 3
    main([*arguments, "--seconds-per-cell", "77"])
    assert graded[3:] == [77.0, 77.0]  # ada has it all right
    main([*arguments, "--seconds-per-cell", "77"])
    assert len(graded) == 5


def test_the_walls_are_told(capsys):
    assert main(["grade", "--probe"]) == 0
    said = capsys.readouterr().out
    assert "namespaces" in said and "A class can be graded here." in said


def test_without_walls_a_class_is_refused(class_folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(run, "_layers", lambda warm: ("limits",))
    monkeypatch.setattr(run, "_mine", threading.local())
    arguments = ["grade", str(class_folder), "--out", str(tmp_path)]
    assert main(arguments) == 2
    assert "--trust" in capsys.readouterr().err
    assert main(["grade", "--probe"]) == 0
    assert "NOT isolated" in capsys.readouterr().out
    assert main([*arguments, "--trust", "--quiet"]) == 0
    run._mine.processes.popitem()[1].close()


def test_check_tells_a_learner_that_all_is_right(class_folder, capsys):
    assert main(["check", str(class_folder / "ada" / f"{LESSON}.ipynb")]) == 0
    assert "9 of 9 points" in capsys.readouterr().out


@pytest.mark.parametrize("student, said", [("ben", "swapped"), ("cleo", "0 of 9")])
def test_check_tells_a_learner_what_the_notebook_would(
    class_folder, capsys, one_process, student, said
):
    assert main(["check", str(class_folder / student / f"{LESSON}.ipynb")]) == 1
    assert said in capsys.readouterr().out


def test_check_of_several_notebooks(class_folder, capsys):
    assert main(["check", str(class_folder)]) == 2
    assert "several notebooks" in capsys.readouterr().err


def test_check_of_something_else(tmp_path, capsys, one_process):
    file = tmp_path / "a.ipynb"
    other = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "x = 1"}
    file.write_text(json.dumps({**exercise(), "cells": [other]}))
    assert main(["check", str(file)]) == 2
    assert "belongs to an exercise of the course" in capsys.readouterr().err
