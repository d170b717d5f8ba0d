"""Every wait for a learner's process ends, and none takes anything from a process that has to wait.

The clocks are made here: no test measures the time of this machine.
"""

import json
import os
import socket
import struct
import threading
from contextlib import suppress

import pytest

from klteach.grading import own_time, session
from klteach.grading.grade import grade
from klteach.grading.limits import Limits
from klteach.grading.own_time import MOST, UNTOLD, OwnTime
from klteach.grading.run import grade_batch
from klteach.grading.session import Learner, Lost, Warm
from tests.grading.submissions import as_bytes, submission

FULL = 9.0
# cells and answers of honest notebooks take milliseconds of their own time, however busy it is
HURRIED = Limits(cell_seconds=0.4, call_seconds=0.4, submission_seconds=900.0)


# The clock


class Clock:
    """The seconds on the wall."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(own_time, "time", made)
    monkeypatch.setattr(own_time, "_of_this_thread", lambda: None)
    return made


@pytest.fixture
def schedule(tmp_path):
    """What the kernel tells of a process: write(seconds computed, seconds held up)."""
    path = tmp_path / "schedstat"

    def write(computed, held_up):
        path.write_text(f"{int(computed * 1e9)} {int(held_up * 1e9)} 5\n")

    write(0.001, 0.5)
    write.descriptor = os.open(path, os.O_RDONLY)
    return write


def test_time_in_which_others_had_the_processor_is_not_counted(clock, schedule):
    own = OwnTime(schedule.descriptor)
    assert own.told
    clock.now += 10
    assert own.passed() == 10  # it slept
    clock.now += 50
    schedule(0.001, 50.5)  # it was held up
    assert own.passed() == 10
    own.close()


def test_the_graders_own_waiting_is_not_counted_either(clock, schedule, monkeypatch, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("1 0 1\n")
    monkeypatch.setattr(own_time, "_of_this_thread", lambda: os.open(mine, os.O_RDONLY))
    own = OwnTime(schedule.descriptor)
    clock.now += 30
    mine.write_text("1 20000000000 1\n")
    assert own.passed() == 10
    own.close()


def test_a_process_that_makes_itself_wait_ends_too(clock, schedule):
    own = OwnTime(schedule.descriptor)
    clock.now += 600
    schedule(0.001, 600.5)
    assert own.passed() == 600 / MOST
    own.close()


@pytest.mark.parametrize("told", [None, "0 0 0\n", "", "no numbers\n"])
def test_where_the_system_tells_nothing_the_clock_counts_in_part(clock, tmp_path, told):
    descriptor = None
    if told is not None:
        (tmp_path / "told").write_text(told)
        descriptor = os.open(tmp_path / "told", os.O_RDONLY)
    own = OwnTime(descriptor)
    clock.now += 40
    assert not own.told and own.passed() == 40 / UNTOLD
    own.close()


def test_a_process_that_has_ended_keeps_the_time_that_it_had(clock, schedule, monkeypatch):
    own = OwnTime(schedule.descriptor)
    clock.now += 20
    schedule(0.001, 5.5)
    assert own.passed() == 15

    def gone(*_):
        raise ProcessLookupError

    monkeypatch.setattr(own_time.os, "pread", gone)
    clock.now += 1
    assert own.passed() == 16
    own.close()


# Messages


class Ticking:
    """Time that goes on by half a second whenever somebody looks."""

    told = True

    def __init__(self):
        self.seconds = 0.0

    def passed(self):
        self.seconds += 0.5
        return self.seconds

    def close(self):
        pass


def frame(message) -> bytes:
    data = json.dumps(message).encode()
    return struct.pack(">I", len(data)) + data


@pytest.fixture
def talk(monkeypatch):
    """A learner's process of which only the connection is there, and the other end of that."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    monkeypatch.setattr(session, "GRACE", 0.0)
    learner = Learner(ours, Limits(cell_seconds=0.2, call_seconds=0.6))
    learner._time.close()
    learner._time = Ticking()
    yield learner, theirs
    learner.close()
    theirs.close()


def dripping(theirs, data, enough):
    """Send bytes one by one, until it is enough."""
    with suppress(OSError):
        for byte in data:
            theirs.send(bytes([byte]))
            if enough.wait(0.001):
                return


DRIPS = {
    "spaces after a header": struct.pack(">I", 2**18) + b" " * 2**18,
    "a header": struct.pack(">I", 2**18)[:3],
    "an honest message": frame({"cell": 1, "notes": ["x" * 2**18]}),
    "a header that says little": struct.pack(">I", 100) + b" " * 99,
    "brackets": struct.pack(">I", 2**18) + b"[" * 2**18,
}


@pytest.mark.parametrize("kind", DRIPS)
def test_a_message_that_comes_byte_by_byte_has_the_time_of_one_message(talk, kind):
    learner, theirs = talk
    enough = threading.Event()
    thread = threading.Thread(target=dripping, args=(theirs, DRIPS[kind], enough))
    thread.start()
    try:
        with pytest.raises(Lost) as lost:
            list(learner.run([(1, "")]))
        assert lost.value.why == "time"
        assert learner._time.seconds < 100
    finally:
        enough.set()
        thread.join()


def test_what_came_in_time_is_taken_by_a_grader_that_comes_late(talk):
    learner, theirs = talk
    said = {"cell": 1, "stopped": False, "error": None, "notes": [], "wanting": []}
    theirs.sendall(frame(said))
    cells = learner.run([(1, "")])
    learner._time.seconds = 0.0
    number, _ = next(cells)
    assert number == 1


def test_who_does_not_listen_is_not_talked_to_for_ever(talk):
    learner, _ = talk
    with pytest.raises(Lost) as lost:
        list(learner.run([(1, "x" * 10**7)]))
    assert lost.value.why == "time"


@pytest.mark.parametrize(
    ("most", "message"),
    [
        ("a cell", {"cell": 1, "notes": ["x" * 2**19]}),
        ("what is found", {"found": {}, "changed": ["x" * 2**18]}),
    ],
)
def test_no_message_is_longer_than_what_it_says_can_be(talk, most, message):
    learner, theirs = talk
    theirs.sendall(frame(message)[:1000])
    with pytest.raises(Lost) as lost:
        if most == "a cell":
            list(learner.run([(1, "")]))
        else:
            learner.find([])
    assert lost.value.why == "protocol" and "bytes" in str(lost.value)


# Notebooks

DRIP = """import os, signal, struct, time
for name in ("SIGALRM", "SIGPROF", "SIGINT"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
"""
HOSTILE = {
    "a byte now and then": "os.write(3, struct.pack('>I', 2**18))\n"
    "while True:\n    os.write(3, b' ')\n    time.sleep(0.1)\n",
    "as many bytes as go": "os.write(3, struct.pack('>I', 2**19))\n"
    "for _ in range(2**19 - 1):\n    os.write(3, b' ')\ntime.sleep(10**6)\n",
    "half a header": "os.write(3, b'\\0\\0')\ntime.sleep(10**6)\n",
    "nothing": "time.sleep(10**6)\n",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)\nwhile True:\n    time.sleep(1)\n",
    "threads that keep it waiting": "import threading\ndef spin():\n    while True:\n        pass\n"
    "for _ in range(20):\n    threading.Thread(target=spin, daemon=True).start()\nspin()\n",
}


def test_whoever_keeps_the_grader_waiting_ends_and_costs_nobody_a_mark(monkeypatch):
    monkeypatch.setattr(session, "GRACE", 0.4)
    cells = [as_bytes(submission(before=[DRIP + body])) for body in HOSTILE.values()]
    answer = f"def kl(p, q):\n{''.join(f'    {line}' for line in drip_lines())}    return 0.0\n"
    batch = [as_bytes(submission()), *cells, as_bytes(submission({"kl": answer}))]
    batch.append(as_bytes(submission(after=["# the last"])))
    done = grade_batch(enumerate(batch), HURRIED, "course")
    scores = [record["score"] for _, record, _ in done]
    assert [number for number, *_ in done] == list(range(len(batch)))
    assert scores == [FULL] * (len(batch) - 2) + [FULL - 2, FULL]


def drip_lines():
    return (DRIP + HOSTILE["a byte now and then"]).splitlines(keepends=True)


def test_the_time_of_a_submission_is_the_time_of_all_of_its_waits():
    # every cell waits for a time that one cell may wait, and the answers come before the time is up
    limits = Limits(cell_seconds=0.4, call_seconds=0.4, submission_seconds=3.0)
    cell = DRIP + "time.sleep(10**6)"
    with Warm(limits) as warm:
        record = grade(as_bytes(submission(before=[cell] * 40)), warm, "course")
        assert record["status"] in ("graded", "no verdict")
        assert grade(as_bytes(submission()), warm, "course")["score"] == FULL
