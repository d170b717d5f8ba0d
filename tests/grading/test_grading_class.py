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
from tests.grading.submissions import LESSON, SWAPPED, as_bytes, exercise, submission

from klteach.grading.collect import find_submissions
from klteach.grading.errors import GradingError
from klteach.grading.grade import grade
from klteach.grading.limits import Limits
from klteach.grading.records import NAME, Records
from klteach.grading.run import grade_batch, grade_class, in_this_process, on_processes
from klteach.grading.session import Warm

FULL = 9.0
LIMITS = Limits(cell_seconds=0.5, call_seconds=1.0, submission_seconds=20.0)
SEED = "the seed of this course"
STUBBORN = """import signal
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    pass
"""
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
    "endless": (as_bytes(submission(after=["while True:\n    pass"])), FULL),
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


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for student, (data, _) in HANDED_IN.items():
        (folder / student).mkdir()
        (folder / student / f"{LESSON}.ipynb").write_bytes(data)
    return folder


def found(class_folder):
    return find_submissions([class_folder], LIMITS)


@pytest.fixture(scope="module")
def graded(class_folder, tmp_path_factory):
    """The class graded once, one after the other: its folder and its records."""
    folder = tmp_path_factory.mktemp("marks")
    records, times = grade_class(found(class_folder), folder, SEED, LIMITS)
    assert set(times) == {record["key"] for record in records if record["status"] != "refused"}
    return folder, records


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


@pytest.mark.parametrize("order", [1, 2])
def test_in_any_order_and_on_two_processes_the_same_bytes(class_folder, graded, tmp_path, order):
    submissions = found(class_folder)
    random.Random(order).shuffle(submissions)
    grade_class(submissions, tmp_path, SEED, LIMITS, on_processes(2))
    assert (tmp_path / NAME).read_bytes() == (graded[0] / NAME).read_bytes()


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = children()
    with Warm(LIMITS) as warm:
        for data, _ in HANDED_IN.values():
            grade(data, warm, SEED)
        assert not list(tmp_path.rglob("*.*"))
        assert warm._process.pid in set(children()) - set(before)
    assert list(tmp_path.iterdir()) == []
    assert children() == before


def children():
    """The processes that this one has started, and those that they have."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, parent, *_ = status.read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue  # it has just ended
        parents.setdefault(int(parent), []).append(int(status.parent.name))
    found, new = [], parents.get(os.getpid(), [])
    while new:
        found += new
        new = [child for one in new for child in parents.get(one, [])]
    return [pid for pid in found if b"warm.py" in commands_of(pid)]


def commands_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_a_warm_process_that_dies_costs_the_others_nothing():
    data = as_bytes(submission())
    limits = Limits(cell_seconds=3.0)
    before = set(children())
    grade_batch([(0, data)], limits, SEED)
    warm = set(children()) - before
    assert warm
    for process in warm:
        os.kill(process, signal.SIGKILL)
    records = [record for _, record, _ in grade_batch([(1, data), (2, data)], limits, SEED)]
    assert [record["status"] for record in records] == ["failed", "graded"]
    assert records[0]["score"] is None and records[0]["human"]


class Stop(Exception):
    """Stands for an interruption."""


def test_an_interrupted_run_goes_on_and_grades_nothing_twice(class_folder, graded, tmp_path):
    seen = []

    def counting(batches, limits, seed):
        for batch in batches:
            for item in batch:
                seen.append(item[0])
                yield grade_batch([item], limits, seed)

    def stop(done, total):
        if done >= 7:
            raise Stop

    with pytest.raises(Stop):
        grade_class(found(class_folder), tmp_path, SEED, LIMITS, counting, stop)
    first = list(seen)
    assert 0 < len(first) < len(HANDED_IN)
    grade_class(found(class_folder), tmp_path, SEED, LIMITS, counting)
    assert len(seen) == len(set(seen)) and len(set(seen)) == len(HANDED_IN)
    assert (tmp_path / NAME).read_bytes() == (graded[0] / NAME).read_bytes()
    grade_class(found(class_folder), tmp_path, SEED, LIMITS, counting)
    assert len(seen) == len(HANDED_IN)


def test_a_run_that_is_killed_loses_nothing_that_was_done(class_folder, graded, tmp_path):
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from klteach.grading.collect import find_submissions\n"
        "from klteach.grading.limits import Limits\n"
        "from klteach.grading.run import grade_class\n"
        f"limits = Limits(1.0, 1.0, 20.0)\n"
        f"submissions = find_submissions([Path({str(class_folder)!r})], limits)\n"
        f"grade_class(submissions, Path({str(tmp_path)!r}), {SEED!r}, limits)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    results = tmp_path / NAME
    for _ in range(600):
        if results.exists() and results.read_bytes().count(b"\n") >= 3:
            break
        time.sleep(0.05)
    running.send_signal(signal.SIGKILL)
    running.wait()
    done = results.read_bytes()
    with open(results, "ab") as file:
        file.write(b'{"student": "half a li')  # what a power cut leaves
    records = Records(tmp_path)
    assert len(records._records) == done.count(b"\n")
    grade_class(found(class_folder), tmp_path, SEED, LIMITS)
    assert results.read_bytes() == (graded[0] / NAME).read_bytes()


def test_another_seed_or_a_damaged_file_is_refused(class_folder, graded, tmp_path):
    folder, _ = graded
    with pytest.raises(GradingError, match="another seed"):
        grade_class(found(class_folder), folder, "another seed", LIMITS)
    (tmp_path / NAME).write_text("no record\n" + (folder / NAME).read_text())
    with pytest.raises(GradingError, match="line 1"):
        Records(tmp_path)


def test_a_changed_file_is_graded_again(class_folder, tmp_path):
    place = tmp_path / "class" / "ada"
    place.mkdir(parents=True)
    file = place / f"{LESSON}.ipynb"
    for answers, score in (({}, FULL), ({"kl": SWAPPED}, FULL - 2)):
        file.write_bytes(as_bytes(submission(answers)))
        records, _ = grade_class(found(tmp_path / "class"), tmp_path, SEED, LIMITS)
        assert [record["score"] for record in records] == [score]
    assert len((tmp_path / NAME).read_text().splitlines()) == 1


def test_of_two_versions_the_newer_counts(tmp_path):
    place = tmp_path / "class" / "ada"
    place.mkdir(parents=True)
    for name, answers, age in (("kl (1).ipynb", {}, 0), ("kl.ipynb", {"kl": SWAPPED}, 1000)):
        (place / name).write_bytes(as_bytes(submission(answers)))
        os.utime(place / name, (time.time() - age,) * 2)
    records, _ = grade_class(found(tmp_path / "class"), tmp_path, SEED, LIMITS)
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
    records, _ = grade_class(found(tmp_path / "class"), tmp_path, SEED, LIMITS)
    assert [record["human"] for record in records] == [
        ["byte for byte the file of 1 other student"]
    ] * 2
    for line, record in zip((tmp_path / NAME).read_text().splitlines(), records, strict=True):
        assert json.loads(line) == {**record, "human": []}


def test_the_memory_of_the_grader_stays_small(tmp_path):
    noisy = submission(
        after=["for _ in range(300):\n    print('x' * 10**6)", "raise ValueError('y' * 10**8)"]
    )
    place = tmp_path / "class" / "loud"
    place.mkdir(parents=True)
    (place / "a.ipynb").write_bytes(as_bytes(noisy))
    program = (
        "from pathlib import Path\n"
        "from klteach.grading.collect import find_submissions\n"
        "from klteach.grading.limits import Limits\n"
        "from klteach.grading.run import grade_class, on_processes\n"
        "if __name__ == '__main__':\n"
        "    limits = Limits(1.0, 1.0, 20.0)\n"
        f"    submissions = find_submissions([Path({str(tmp_path / 'class')!r})], limits)\n"
        f"    grade_class(submissions, Path({str(tmp_path)!r}), 'a', limits, on_processes(2))\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    print(status.split('VmHWM:')[1].split()[0])\n"
    )
    script = tmp_path / "run.py"
    script.write_text(program)
    ran = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    kilobytes = int(ran.stdout)
    assert kilobytes < 200_000


def test_in_this_process_is_one_after_the_other(class_folder):
    data = HANDED_IN["ada"][0]
    ((done,),) = in_this_process([[(5, data)]], LIMITS, SEED)
    number, record, seconds = done
    assert (number, record["score"]) == (5, FULL) and 0 < seconds < 20
