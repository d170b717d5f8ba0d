"""A real Dask cluster of processes on this machine grades a class, and loses one of its workers."""

import os
import signal

import pytest
from tests.grading.submissions import LESSON, SWAPPED, as_bytes, submission

from klteach.cli import main
from klteach.grading.cluster import on_cluster
from klteach.grading.collect import find_submissions
from klteach.grading.errors import GradingError
from klteach.grading.limits import Limits
from klteach.grading.records import NAME
from klteach.grading.run import grade_class

distributed = pytest.importorskip("distributed")

LIMITS = Limits(cell_seconds=2.0, call_seconds=2.0, submission_seconds=20.0)
MANY = 60


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=":0",
        silence_logs=50,
    ) as local:
        yield local


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    for number in range(MANY):
        place = folder / f"student {number:02d}"
        place.mkdir()
        answers = {"kl": SWAPPED} if number % 7 == 0 else {}
        notebook = submission(answers, after=[f"number = {number}"])
        (place / f"{LESSON}.ipynb").write_bytes(as_bytes(notebook))
    return folder


def test_a_worker_that_is_killed_in_the_middle_costs_nobody_a_mark(cluster, class_folder, tmp_path):
    submissions = find_submissions([class_folder], LIMITS)
    grade_class(submissions, tmp_path / "here", "seed", LIMITS)

    with distributed.Client(cluster) as client:
        workers = list(client.run(os.getpid).values())

    def kill_one(done, total):
        if workers and done:
            os.kill(workers.pop(), signal.SIGKILL)
            workers.clear()

    each = on_cluster(cluster.scheduler_address)
    grade_class(submissions, tmp_path / "there", "seed", LIMITS, each, kill_one)
    assert not workers
    here, there = ((tmp_path / name / NAME).read_bytes() for name in ("here", "there"))
    assert here == there and here.count(b"\n") == MANY


def test_the_same_command_on_a_cluster(cluster, class_folder, tmp_path, capsys):
    address = cluster.scheduler_address
    folder = str(class_folder / "student 07")
    assert main(["grade", folder, "--out", str(tmp_path), "--dask", address]) == 0
    assert "1 of 1 notebooks graded" in capsys.readouterr().out


def test_a_scheduler_that_is_not_there():
    with pytest.raises(GradingError, match="no scheduler answers"):
        list(on_cluster("tcp://127.0.0.1:9", seconds=1)(iter([[(0, b"")]]), LIMITS, "seed"))
