"""A class: the same marks in every order, whoever else is in it, and after every interruption."""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from klteach.grading import run
from klteach.grading.collecting.collect import find_submissions
from klteach.grading.errors import GradingError
from klteach.grading.grade import grade
from klteach.grading.records import NAME, Records
from klteach.grading.run import grade_batch, grade_class, in_this_process, on_processes
from klteach.grading.session import Warm
from tests.grading.patience import HASTY, PATIENT, wait_until
from tests.grading.processes import command_of, descendants, has_ended
from tests.grading.submissions import LESSON, SWAPPED, as_bytes, exercise, submission

FULL = 9.0
ROOT = Path(__file__).parents[2]
SEED = "the seed of this course"
ENDLESS = "import time\nwhile True:\n    time.sleep(0.01)\n"
STUBBORN = f"""import signal
for name in ("SIGALRM", "SIGPROF"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
{ENDLESS}"""
FORGED = "import os\nos.write(3, b'x' * 10_000)"


def duplicated():
    notebook = submission()
    notebook["cells"] += notebook["cells"][-4:]
    return notebook


# What a class hands in: a name, the file's bytes, and what the grader makes of it.
HANDED_IN = {
    "ada": (as_bytes(submission()), FULL),
    "ben": (as_bytes(submission({"kl": SWAPPED})), FULL - 2),
    "cleo": (as_bytes(exercise()), 0),
    "dora, the second": (as_bytes(submission(after=["x = 1"])), FULL),
    "endless": (as_bytes(submission(after=[ENDLESS])), FULL),
    "stubborn": (as_bytes(submission(before=[STUBBORN])), FULL),
    "exits": (as_bytes(submission(before=["import os\nos._exit(1)"])), FULL),
    "forges": (as_bytes(submission({"kl": SWAPPED}, before=[FORGED])), FULL - 2),
    "patches": (as_bytes(submission({"kl": SWAPPED}, before=["np.allclose = max"])), FULL - 2),
    "twice": (as_bytes(duplicated()), FULL),
    "cut": (as_bytes(submission())[:5000], None),
    "empty": (b"", None),
    "noise": (bytes(range(256)) * 40, None),
    "no notebook": (b'{"cells": 7}', None),
    "deep": (b"[" * 100_000, None),
    "other": (as_bytes({**exercise(), "cells": []}), None),
    "=cmd()": (as_bytes(submission(after=["y = 1"])), FULL),
    "zoë 🎓": (as_bytes(submission(after=["z = 1"])), FULL),
}


SLOW = {"endless", "stubborn"}  # their time has to pass; all others are graded at once
FEW = ["ada", "ben", "cleo", "exits", "forges", "cut", "zoë 🎓"]


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for student, (data, _) in HANDED_IN.items():
        (folder / student).mkdir()
        (folder / student / f"{LESSON}.ipynb").write_bytes(data)
    return folder


def found(class_folder, students=HANDED_IN):
    everything = find_submissions([class_folder], HASTY)
    return [submission for submission in everything if submission.student in students]


@pytest.fixture(scope="module")
def graded(class_folder, tmp_path_factory):
    """The class graded once, one after the other: its folder and its records."""
    folder = tmp_path_factory.mktemp("marks")
    records, times = grade_class(found(class_folder), folder, SEED, HASTY)
    assert set(times) == {record["key"] for record in records if record["status"] != "refused"}
    return folder, records


@pytest.fixture(scope="module")
def lines(graded):
    """What stands in the results of the class: student -> line."""
    written = (graded[0] / NAME).read_bytes().splitlines(keepends=True)
    return {json.loads(line)["student"]: line for line in written}


def of_class(lines, students):
    """The results of these students, as they stand in those of the class."""
    return b"".join(line for student, line in lines.items() if student in students)


def test_each_gets_what_the_answers_are_worth(graded):
    _, records = graded
    assert {record["student"]: record["score"] for record in records} == {
        student: score for student, (_, score) in HANDED_IN.items()
    }


def test_nobody_gets_a_zero_for_a_file_that_could_not_be_graded(graded):
    for record in graded[1]:
        if HANDED_IN[record["student"]][1] is None:
            assert record["status"] != "graded" and record["score"] is None
            assert record["problem"] and record["human"]


def test_who_needs_a_person_is_said_and_why(graded):
    flagged = {record["student"] for record in graded[1] if record["human"]}
    assert {"forges", "patches", "cut", "empty", "noise", "no notebook", "deep", "other"} <= flagged
    assert not {"ada", "ben", "cleo", "endless", "exits"} & flagged


def test_in_another_order_and_on_two_processes_the_same_bytes(class_folder, graded, tmp_path):
    submissions = found(class_folder)
    random.Random(1).shuffle(submissions)
    grade_class(submissions, tmp_path, SEED, HASTY, on_processes(2))
    assert (tmp_path / NAME).read_bytes() == (graded[0] / NAME).read_bytes()


def test_whoever_is_graded_before_the_same_bytes(class_folder, lines, tmp_path):
    quick = HANDED_IN.keys() - SLOW
    grade_class(found(class_folder, quick)[::-1], tmp_path, SEED, HASTY)
    assert (tmp_path / NAME).read_bytes() == of_class(lines, quick)


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = warm_processes()
    with Warm(HASTY) as warm:
        for student in HANDED_IN.keys() - {"endless"}:
            grade(HANDED_IN[student][0], warm, SEED)
        assert not list(tmp_path.rglob("*.*"))
        assert warm._process.pid in warm_processes() - before
    assert list(tmp_path.iterdir()) == []
    assert warm_processes() == before


def warm_processes():
    """The warm processes that this one has started, and the learners' that they have forked."""
    return {pid for pid in descendants(os.getpid()) if b"warm.py" in command_of(pid)}


def test_a_warm_process_that_dies_costs_the_others_nothing():
    data = HANDED_IN["ada"][0]
    grade_batch([(0, data)], HASTY, SEED)
    warm = run._mine.processes[HASTY]._process.pid
    started = [warm, *descendants(warm)]
    for process in started:
        os.kill(process, signal.SIGKILL)
    wait_until(lambda: all(map(has_ended, started)), "they have ended")
    records = [record for _, record, _ in grade_batch([(1, data), (2, data)], HASTY, SEED)]
    assert [record["status"] for record in records] == ["failed", "graded"]
    assert records[0]["score"] is None and records[0]["human"]


class Stop(Exception):
    """Stands for an interruption."""


def test_an_interrupted_run_goes_on_and_grades_nothing_twice(class_folder, lines, tmp_path):
    seen = []

    def counting(waiting, limits, seed):
        for item in waiting:
            seen.append(item[0])
            yield from grade_batch([item], limits, seed)

    def stop(done, total):
        if done >= 3:
            raise Stop

    with pytest.raises(Stop):
        grade_class(found(class_folder, FEW), tmp_path, SEED, HASTY, counting, stop)
    first = list(seen)
    assert 0 < len(first) < len(FEW)
    grade_class(found(class_folder, FEW), tmp_path, SEED, HASTY, counting)
    assert len(seen) == len(set(seen)) and len(set(seen)) == len(FEW)
    assert (tmp_path / NAME).read_bytes() == of_class(lines, FEW)
    grade_class(found(class_folder, FEW), tmp_path, SEED, HASTY, counting)
    assert len(seen) == len(FEW)


def test_a_run_that_is_killed_loses_nothing_that_was_done(class_folder, lines, tmp_path):
    program = f"""
import os, signal
from pathlib import Path
from klteach.grading.collecting.collect import find_submissions
from klteach.grading.limits import Limits
from klteach.grading.run import grade_class

def die(done, total):
    os.kill(os.getpid(), signal.SIGKILL)

everything = find_submissions([Path({str(class_folder)!r})], Limits())
few = [submission for submission in everything if submission.student in {FEW!a}]
grade_class(few, Path({str(tmp_path)!r}), {SEED!r}, {HASTY!r}, progress=die)
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT)
    assert ran.returncode == -signal.SIGKILL
    results = tmp_path / NAME
    done = results.read_bytes()
    assert done.count(b"\n") == 1  # as soon as it is graded, and no batch is waited for
    with open(results, "ab") as file:
        file.write(b'{"student": "half a li')  # what a power cut leaves
    assert len(Records(tmp_path).of_earlier_runs()) == 1
    grade_class(found(class_folder, FEW), tmp_path, SEED, HASTY)
    assert results.read_bytes() == of_class(lines, FEW)


def test_another_seed_or_a_damaged_file_is_refused(class_folder, graded, tmp_path):
    folder, _ = graded
    with pytest.raises(GradingError, match="another seed"):
        grade_class(found(class_folder), folder, "another seed", HASTY)
    (tmp_path / NAME).write_text("no record\n" + (folder / NAME).read_text())
    with pytest.raises(GradingError, match="line 1"):
        Records(tmp_path)


def test_a_changed_file_is_graded_again(class_folder, tmp_path):
    place = tmp_path / "class" / "ada"
    place.mkdir(parents=True)
    file = place / f"{LESSON}.ipynb"
    for answers, scores in (({}, [FULL]), ({"kl": SWAPPED}, [FULL - 2, None])):
        file.write_bytes(as_bytes(submission(answers)))
        records, _ = grade_class(found(tmp_path / "class"), tmp_path, SEED, HASTY)
        assert [record["score"] for record in records] == scores
    assert [record["status"] for record in records] == ["graded", "superseded"]
    assert not any(record["human"] for record in records)


def test_of_two_versions_the_newer_counts(tmp_path):
    place = tmp_path / "class" / "ada"
    place.mkdir(parents=True)
    for name, answers, age in (("kl (1).ipynb", {}, 0), ("kl.ipynb", {"kl": SWAPPED}, 1000)):
        (place / name).write_bytes(as_bytes(submission(answers)))
        os.utime(place / name, (time.time() - age,) * 2)
    records, _ = grade_class(found(tmp_path / "class"), tmp_path, SEED, HASTY)
    assert {
        Path(record["file"]).name: (record["status"], record["score"]) for record in records
    } == {
        "kl (1).ipynb": ("graded", FULL),
        "kl.ipynb": ("superseded", None),
    }


def test_equal_files_are_told_and_names_are_not(tmp_path):
    for student in ("ada", "ben"):
        (tmp_path / "class" / student).mkdir(parents=True)
        (tmp_path / "class" / student / "a.ipynb").write_bytes(as_bytes(submission()))
    records, _ = grade_class(found(tmp_path / "class"), tmp_path, SEED, HASTY)
    assert [record["human"] for record in records] == [
        [f"byte for byte the file of {other} ({tmp_path}/class/{other}/a.ipynb)"]
        for other in ("ben", "ada")
    ]
    for line, record in zip((tmp_path / NAME).read_text().splitlines(), records, strict=True):
        assert json.loads(line).items() <= {**record, "human": []}.items()


def test_the_memory_of_the_grader_stays_small(tmp_path):
    noisy = submission(
        after=["for _ in range(300):\n    print('x' * 10**6)", "raise ValueError('y' * 10**8)"]
    )
    place = tmp_path / "class" / "loud"
    place.mkdir(parents=True)
    (place / "a.ipynb").write_bytes(as_bytes(noisy))
    program = f"""
from pathlib import Path
from klteach.grading.collecting.collect import find_submissions
from klteach.grading.limits import Limits
from klteach.grading.run import grade_class

submissions = find_submissions([Path({str(tmp_path / "class")!r})], Limits())
grade_class(submissions, Path({str(tmp_path)!r}), "a", {PATIENT!r})
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "ValueError" in (tmp_path / NAME).read_text()
    kilobytes = int(ran.stdout)
    assert kilobytes < 200_000


def test_in_this_process_is_one_after_the_other():
    data = HANDED_IN["ada"][0]
    ((number, record, seconds),) = in_this_process()([(5, data)], HASTY, SEED)
    assert (number, record["score"]) == (5, FULL) and seconds > 0
