"""The time limit and the safe call by themselves."""

import builtins
import importlib
import signal
import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from klteach.practice.calls import OutOfTime, TimeLimit, Transcript, call_all, plain
from klteach.practice.question import case
from tests.practice.typed_answers import notebook

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


@needs_timer
@pytest.mark.parametrize("how", ["import_module", "__import__", "nested"])
def test_every_way_to_import_is_not_counted(tmp_path, monkeypatch, how):
    busy = (
        "import time\nend = time.thread_time() + 0.6\nwhile time.thread_time() < end:\n    pass\n"
    )
    (tmp_path / f"busy_{how}.py").write_text(busy)
    (tmp_path / f"outer_{how}.py").write_text(f"import busy_{how}\n{busy}")
    monkeypatch.syspath_prepend(tmp_path)
    load = {
        "import_module": lambda: importlib.import_module("busy_import_module"),
        "__import__": lambda: __import__("busy___import__"),
        "nested": lambda: __import__("outer_nested"),
    }
    with TimeLimit(0.3, waiting=600):
        assert load[how]().end


@needs_timer
def test_an_import_without_an_end_is_ended_by_its_wait(tmp_path, monkeypatch):
    (tmp_path / "imports_for_ever.py").write_text("while True:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(OutOfTime) as ended, TimeLimit(0.1, waiting=0.3):
        __import__("imports_for_ever")
    assert ended.value.waiting


def test_the_importers_are_given_back_whatever_happens():
    before = builtins.__import__, importlib.import_module
    with TimeLimit(60), TimeLimit(60):
        assert before[0] is not builtins.__import__ and before[1] is not importlib.import_module
    assert before == (builtins.__import__, importlib.import_module)
    with pytest.raises(ModuleNotFoundError), TimeLimit(60):
        __import__("there_is_no_such_module")
    with pytest.raises(ZeroDivisionError), TimeLimit(60):
        raise ZeroDivisionError
    assert before == (builtins.__import__, importlib.import_module)


def test_an_importer_that_a_learner_has_put_in_its_place_stays(monkeypatch):
    monkeypatch.setattr(importlib, "import_module", importlib.import_module)
    with TimeLimit(60):
        inner = importlib.import_module
        importlib.import_module = mine = lambda name: inner(name)
    assert importlib.import_module is mine
    assert mine("math") is sys.modules["math"]


def test_what_another_thread_imports_is_no_import_of_this_one(tmp_path, monkeypatch):
    (tmp_path / "waits_to_be_imported.py").write_text("import time\ntime.sleep(0.2)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with TimeLimit(60, waiting=600) as limit:
        thread = threading.Thread(target=lambda: __import__("waits_to_be_imported"))
        thread.start()
        assert not limit.importing
        thread.join()
        limit.check()
        assert not limit.importing


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


def test_numpy_tells_where_an_operation_had_no_value():
    names = notebook("""
def answer(p):
    q = np.zeros(len(p))
    logs = np.log(q)
    return p * logs
""")
    (outcome,) = call_all(names["answer"], [(np.array([0.0, 1.0]),)], 5, names)
    (met,) = outcome.undefined
    assert (met.operation, met.line, met.source) == ("multiply", 5, "return p * logs")
    (outcome,) = call_all(names["answer"], [(np.array([1.0, 1.0]),)], 5, names)
    assert outcome.undefined == ()


def test_what_numpy_met_is_told_of_each_call_by_itself():
    calls = [(np.array([-1.0]),), (np.array([1.0]),)]
    first, second = call_all(lambda p: np.log(p), calls, 5, {})
    assert [met.operation for met in first.undefined] == ["log"]
    assert second.undefined == ()


def test_a_series_counts_if_its_index_says_nothing_else():
    numbers = pd.Series([3.0, 1.0, 2.0])
    assert plain(numbers).tolist() == [3, 1, 2]
    assert type(plain(numbers.sort_values())) is pd.Series
    assert type(plain(pd.Series([1.0], index=["a"]))) is pd.Series
    assert type(plain(pd.DataFrame([[1.0]]))) is pd.DataFrame
    assert plain(pd.Index([2, 0])).tolist() == [2, 0]


class Series(list):
    """A class of the learner's, called as pandas calls its own."""


def test_only_pandas_own_series_are_taken_for_one():
    Series.__module__ = "pandas.core.series"
    assert type(plain(Series([1.0]))) is Series


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
