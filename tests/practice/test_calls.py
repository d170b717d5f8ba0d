"""The time limit and the safe call by themselves."""

import signal
import threading
import time

import numpy as np
import pytest

from klteach.practice.calls import OutOfTime, TimeLimit, Transcript, call_all
from klteach.practice.question import case

needs_timer = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="this system has no interval timer"
)


@needs_timer
def test_the_alarm_is_given_back():
    def mine(*_):
        pass

    old = signal.signal(signal.SIGALRM, mine)
    try:
        signal.setitimer(signal.ITIMER_REAL, 50)
        with TimeLimit(1):
            pass
        assert signal.getsignal(signal.SIGALRM) is mine
        assert 40 < signal.getitimer(signal.ITIMER_REAL)[0] <= 50
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


@needs_timer
def test_a_bare_except_does_not_swallow_the_limit_for_ever():
    with pytest.raises(OutOfTime), TimeLimit(0.1):
        try:
            time.sleep(5)
        except BaseException:
            pass
        time.sleep(5)


def test_without_a_timer_the_limit_is_seen_between_calls():
    seen = []

    def work():
        try:
            with TimeLimit(0.05) as limit:
                for number in range(100):
                    time.sleep(0.02)
                    seen.append(number)
                    limit.check()
        except OutOfTime:
            seen.append("out of time")

    thread = threading.Thread(target=work)  # signals reach the main thread alone
    thread.start()
    thread.join()
    assert seen[-1] == "out of time"
    assert len(seen) < 10


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
