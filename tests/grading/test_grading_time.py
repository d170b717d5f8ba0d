"""Time is processor time: what others compute on the machine takes nothing from anybody."""

import multiprocessing
import os
from contextlib import contextmanager

import pytest

from klteach.grading.grade import NO_VERDICT, grade
from klteach.grading.limits import Limits
from klteach.grading.session import Learner, Warm
from tests.grading.submissions import as_bytes, submission
from tests.units.known_answers import RIGHT

FULL = 9.0
BUSY = 3
TIGHT = Limits(cell_seconds=0.6, call_seconds=0.6, submission_seconds=30.0)
COMPUTE = """import time

def compute(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
"""

one_processor = pytest.mark.skipif(
    not hasattr(os, "sched_setaffinity") or not os.path.exists("/proc/self/schedstat"),
    reason="processes cannot be kept on one processor here, or their waits are not told",
)


def spin():
    while True:
        pass


@contextmanager
def beside_busy_processes(processor):
    context = multiprocessing.get_context("fork")
    busy = [context.Process(target=spin, daemon=True) for _ in range(BUSY)]
    for process in busy:
        process.start()
        os.sched_setaffinity(process.pid, {processor})
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.join()


@pytest.fixture(scope="module")
def warm():
    with Warm(TIGHT) as process:
        yield process


def answer(work):
    """A right answer that does something besides, each time that it is called."""
    return f"{COMPUTE}\n{RIGHT['kl'].rstrip()}\n".replace(
        "    p, q =", f"    {work}\n    p, q =", 1
    )


def question(record, name="kl"):
    (found,) = (q for q in record["questions"] if q["name"] == name)
    return found


@one_processor
def test_the_same_marks_beside_busy_processes():
    slow = answer("compute(0.02)")  # of all calls together a good half of the time
    cell = f"{COMPUTE}\ncompute(0.35)\nreached = True"
    needs = RIGHT["cross_entropy"].replace("return ", "return reached * ")
    data = as_bytes(submission({"kl": slow, "cross_entropy": needs}, before=[cell]))
    processor = min(os.sched_getaffinity(0))
    with Warm(TIGHT) as warm:
        alone = grade(data, warm, "a seed")
        os.sched_setaffinity(warm._process.pid, {processor})
        with beside_busy_processes(processor):
            beside = grade(data, warm, "a seed")
    assert alone["score"] == FULL and alone["notes"] == []
    assert beside == alone


@pytest.mark.parametrize(
    "work", ["compute(60)", "time.sleep(60)", "while True: time.sleep(0.01)", "input()"]
)
def test_an_answer_that_takes_too_long_is_told_and_no_person_is_needed(warm, work):
    record = grade(as_bytes(submission({"kl": answer(work)})), warm, "a seed")
    assert question(record)["state"] == ("raised" if work == "input()" else "too slow")
    assert (record["score"], record["human"]) == (FULL - 2, [])


IMPORTED = """%%writefile takes_long_to_import.py
import time
end = time.thread_time() + 0.9
while time.thread_time() < end:
    pass
def one():
    return 1.0
"""


@pytest.mark.parametrize(
    "how",
    [
        "from takes_long_to_import import one",
        "import importlib; one = importlib.import_module('takes_long_to_import').one",
    ],
)
def test_an_import_within_an_answer_is_not_counted(warm, how):
    kl = RIGHT["kl"].replace("return ", f"{how}\n    return one() * ")
    record = grade(as_bytes(submission({"kl": kl}, before=[IMPORTED])), warm, "a seed")
    assert record["score"] == FULL, question(record)["message"]


def test_an_import_without_an_end_is_ended(warm):
    endless = IMPORTED.replace("0.9", "1e9")
    kl = RIGHT["kl"].replace("return ", "import takes_long_to_import\n    return ")
    record = grade(as_bytes(submission({"kl": kl}, before=[endless])), warm, "a seed")
    assert (question(record)["state"], record["score"]) == ("too slow", FULL - 2)


def test_a_library_within_an_answer_is_not_counted(warm):
    kl = "def kl(p, q):\n    import pandas\n    from scipy import stats, signal\n"
    kl += "    return stats.entropy(p, q)\n"
    assert question(grade(as_bytes(submission({"kl": kl})), warm, "a seed"))["state"] == "correct"


def test_where_a_wait_cannot_be_told_from_a_busy_machine_a_person_is_asked(warm, monkeypatch):
    monkeypatch.setattr(Learner, "knows_held_up", property(lambda self: False))
    record = grade(as_bytes(submission({"kl": answer("time.sleep(60)")})), warm, "a seed")
    assert (record["status"], record["score"]) == (NO_VERDICT, None)
    assert question(record)["score"] is None and "nothing else runs" in record["human"][0]
    # what has computed for all of its time is too slow wherever it runs
    record = grade(as_bytes(submission({"kl": answer("compute(60)")})), warm, "a seed")
    assert (record["status"], record["score"]) == ("graded", FULL - 2)
