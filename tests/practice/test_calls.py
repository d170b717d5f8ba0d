"""The time limit and the safe call by themselves."""

import signal
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from klteach.practice.calls import OutOfTime, TimeLimit, Transcript, call_all
from klteach.practice.question import case

needs_timer = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system has no interval timer"
)


def compute(seconds):
    """Be busy for so many seconds of this thread's processor time."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


@needs_timer
@pytest.mark.parametrize(
    ("number", "timer"),
    [(signal.SIGALRM, signal.ITIMER_REAL), (signal.SIGPROF, signal.ITIMER_PROF)],
)
def test_a_timer_is_given_back(number, timer):
    def mine(*_):
        pass

    old = signal.signal(number, mine)
    try:
        signal.setitimer(timer, 5000)
        with TimeLimit(1):
            pass
        assert signal.getsignal(number) is mine
        assert 1000 < signal.getitimer(timer)[0] < 5001
    finally:
        signal.setitimer(timer, 0)
        signal.signal(number, old)


@needs_timer
def test_a_bare_except_does_not_swallow_the_limit_for_ever():
    with pytest.raises(OutOfTime), TimeLimit(0.1):
        try:  # noqa: SIM105 - as an answer would have it
            compute(30)
        except BaseException:
            pass
        compute(30)


@needs_timer
def test_what_others_compute_is_not_the_answers():
    """A wait is no computing: a machine that is busy with others takes nothing from an answer."""
    with TimeLimit(0.2, waiting=600):
        time.sleep(1)
        compute(0.05)


@needs_timer
def test_a_wait_ends_too_and_is_told_apart():
    with pytest.raises(OutOfTime) as found, TimeLimit(30, waiting=0.3):
        time.sleep(60)
    assert found.value.waiting
    with pytest.raises(OutOfTime) as found, TimeLimit(0.1, waiting=600):
        compute(30)
    assert not found.value.waiting


@needs_timer
def test_time_that_others_have_the_processor_is_no_wait(monkeypatch):
    # a machine on which this thread was ready all the time, and hardly ever had its turn
    monkeypatch.setattr(TimeLimit, "_held_up", lambda self: time.monotonic())
    with TimeLimit(10, waiting=0.05):
        time.sleep(0.3)
    with pytest.raises(OutOfTime) as ended, TimeLimit(0.05, waiting=0.01):
        compute(60)
    assert not ended.value.waiting


@needs_timer
@pytest.mark.parametrize("door", [TimeLimit.__enter__, TimeLimit.__exit__])
def test_a_ring_on_the_way_in_or_out_leaves_no_timer_behind(door):
    with TimeLimit(60) as limit:
        limit.seconds = -1  # the time is up
        limit._interrupt(signal.SIGALRM, SimpleNamespace(f_code=door.__code__))
        with pytest.raises(OutOfTime):
            limit._interrupt(signal.SIGALRM, sys._getframe())
    assert signal.getitimer(signal.ITIMER_REAL) == signal.getitimer(signal.ITIMER_PROF) == (0, 0)


@needs_timer
def test_an_import_is_not_counted(tmp_path, monkeypatch):
    """A module that computes for a second while it is imported stands for SciPy."""
    busy = "import time\nend = time.thread_time() + 1\nwhile time.thread_time() < end:\n    pass\n"
    (tmp_path / "takes_long_to_import.py").write_text(busy)
    monkeypatch.syspath_prepend(tmp_path)
    with TimeLimit(0.3, waiting=600):
        import takes_long_to_import

        compute(0.1)
    with pytest.raises(OutOfTime), TimeLimit(0.3, waiting=600):
        exec(busy)
    assert takes_long_to_import.end


def test_without_a_timer_the_limit_is_seen_between_calls():
    seen = []

    def work():
        try:
            with TimeLimit(0.5, waiting=600) as limit:
                for number in range(1000):
                    compute(0.2)
                    seen.append(number)
                    limit.check()
        except OutOfTime:
            seen.append("out of time")

    thread = threading.Thread(target=work)  # signals reach the main thread alone
    thread.start()
    thread.join()
    assert seen == [0, 1, 2, "out of time"]


def call(function, case):
    return call_all(function, [case.arguments], 5, {})[0]


def test_the_answer_gets_copies():
    one = case([1.0, 2.0], 3.0)

    def change(array, number):
        array += number
        return array

    outcome = call(change, one)
    assert outcome.changed_its_input
    assert outcome.value.tolist() == [4, 5]
    assert one.arguments[0].tolist() == [1, 2]
    assert not call(lambda array, number: number, one).changed_its_input


def test_a_change_of_shape_is_seen():
    assert call(lambda array: array.resize(3, refcheck=False), case([1.0])).changed_its_input


def test_a_transcript_keeps_the_beginning():
    transcript = Transcript()
    for _ in range(1000):
        print("word " * 1000, file=transcript)
    assert transcript.text.startswith("word word")
    assert len(transcript.text) < 1000


def test_cases_hold_arrays_that_nobody_can_change():
    with pytest.raises(ValueError, match="read-only"):
        case([0.5, 0.5]).arguments[0][0] = 1
    assert np.array_equal(case([1, 2]).copies()[0], [1, 2])
