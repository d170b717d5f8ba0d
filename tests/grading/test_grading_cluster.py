"""A real Dask cluster of processes on this machine grades a class, and loses one of its workers."""

import os
import signal
from importlib.util import find_spec

import pytest

from klteach.cli import main
from klteach.grading import run
from klteach.grading.cluster import BATCH, on_cluster
from klteach.grading.collecting.collect import find_submissions
from klteach.grading.errors import GradingError
from klteach.grading.records import NAME
from klteach.grading.run import grade_batch, grade_class
from tests.dask_cluster import two_processes
from tests.grading.patience import PATIENT
from tests.grading.submissions import LESSON, SWAPPED, as_bytes, submission

pytestmark = pytest.mark.skipif(
    not find_spec("distributed"),
    reason="distributed is in the extra `test`, which is not installed",
)

MANY = 60
assert MANY > 2 * BATCH  # more tasks than workers: one of them gets a second task


@pytest.fixture(scope="module")
def cluster():
    with two_processes() as local:
        yield local


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    """Sixty students, of whom every fifth has handed in a notebook that can be read."""
    folder = tmp_path_factory.mktemp("class")
    for number in range(MANY):
        place = folder / f"student {number:02d}"
        place.mkdir()
        answers = {"kl": SWAPPED} if number % 7 == 0 else {}
        notebook = as_bytes(submission(answers, after=[f"number = {number}"]))
        readable = notebook if number % 5 == 0 else notebook[: -10 - number]
        (place / f"{LESSON}.ipynb").write_bytes(readable)
    return folder


def test_a_worker_that_is_killed_in_the_middle_costs_nobody_a_mark(
    cluster, class_folder, tmp_path, monkeypatch
):
    submissions = find_submissions([class_folder], PATIENT)
    grade_class(submissions, tmp_path / "here", "seed", PATIENT)

    (tmp_path / "workers").mkdir()
    dies_once = killed_in_its_second_task(tmp_path / "workers")
    monkeypatch.setattr("klteach.grading.cluster.grade_batch", dies_once)
    each = on_cluster(cluster.scheduler_address)
    grade_class(submissions, tmp_path / "there", "seed", PATIENT, each)
    assert (tmp_path / "workers" / "killed").exists()
    here, there = ((tmp_path / name / NAME).read_bytes() for name in ("here", "there"))
    assert here == there and here.count(b"\n") == MANY


def killed_in_its_second_task(folder):
    """A `grade_batch` that ends its process in the middle of its second batch, in one worker."""

    def grade(batch, limits, seed, trust):  # travels as it is, since no worker could import it
        mine, killed = folder / str(os.getpid()), folder / "killed"
        if mine.exists() and not killed.exists():
            killed.touch()
            grade_batch(batch[: len(batch) // 2], limits, seed, trust)
            os.kill(os.getpid(), signal.SIGKILL)
        mine.touch()
        return grade_batch(batch, limits, seed, trust)

    return grade


def test_the_same_command_on_a_cluster(cluster, class_folder, tmp_path, capsys, monkeypatch):
    for local in ("in_this_process", "on_processes"):
        monkeypatch.setattr(run, local, None)
    address = cluster.scheduler_address
    folder = str(class_folder / "student 05")
    assert main(["grade", folder, "--out", str(tmp_path), "--dask", address]) == 0
    assert "1 of 1 notebook graded" in capsys.readouterr().out


def test_a_scheduler_that_is_not_there():
    with pytest.raises(GradingError, match="no scheduler answers"):
        list(on_cluster("tcp://127.0.0.1:9", seconds=1)(iter([(0, b"")]), PATIENT, "seed"))


def test_where_nothing_is_to_be_graded_no_scheduler_is_asked():
    assert list(on_cluster("tcp://127.0.0.1:9", seconds=1)(iter([]), PATIENT, "seed")) == []
