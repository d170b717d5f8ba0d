"""Grades a class: every submission once, on several processes, going on where a run stopped."""

import atexit
import hashlib
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import astuple
from pathlib import Path

from klteach.grading.collecting.submission import Submission
from klteach.grading.errors import GradingError
from klteach.grading.grade import empty_record, grade
from klteach.grading.hand_ins import handed_in, together
from klteach.grading.inside.isolation import gaps
from klteach.grading.limits import Limits
from klteach.grading.records import Records
from klteach.grading.remarks import remarked
from klteach.grading.session import Lost, Warm

WORTH_A_PROCESS = 20  # notebooks: starting a process costs as much as grading so many

Item = tuple[int, bytes]  # a submission's number, and its bytes
Done = tuple[int, dict, float]  # its number, its record, the seconds that it took
Map = Callable[[Iterable[Item], Limits, str], Iterator[Done]]

_mine = threading.local()  # the warm processes of a thread, by their limits


def grade_batch(
    batch: Iterable[Item], limits: Limits, seed: str, trust: bool = False
) -> list[Done]:
    """Grade some submissions in the warm process of this thread, which stays for the next ones.

    Errors: GradingError if nothing here keeps a notebook apart, unless `trust`.
    """
    done = []
    for number, data in batch:
        warm = _warm(limits, trust)  # whose start is nobody's time
        start = time.perf_counter()
        record = _grade(data, warm, seed)
        done.append((number, record, time.perf_counter() - start))
    return done


def _warm(limits, trust) -> Warm:
    """The warm process of this thread, started if there is none."""
    processes = vars(_mine).setdefault("processes", {})
    if limits not in processes:
        processes[limits] = _walled(limits, trust)
        atexit.register(processes[limits].close)
    return processes[limits]


def _grade(data, warm, seed):
    try:
        return grade(data, warm, seed)
    except Exception as error:  # a fault of ours must not end a class, nor reach the next one
        _mine.processes.pop(warm.limits).close()
        problem = f"the grader failed ({type(error).__name__}: {error}); please report it"
        key = hashlib.sha256(data).hexdigest()
        return {**empty_record(key, seed), "problem": problem, "human": [problem]}


def _walled(limits, trust) -> Warm:
    """A warm process, once it is known which walls there are on this machine."""
    warm = Warm(limits)
    try:
        open_ = gaps(_layers(warm))
        if open_ and not trust:
            raise GradingError(
                f"on this machine {'; '.join(open_)} (see klteach grade --probe). Grade on a "
                "Linux machine, or trust the notebooks: --trust."
            )
    except BaseException:
        warm.close()
        raise
    return warm


def _layers(warm) -> tuple[str, ...]:
    try:
        return warm.start().ready()
    except Lost:
        raise GradingError("a process for notebooks does not start here.") from None
    finally:
        warm.end()


def isolation(limits: Limits) -> tuple[str, ...]:
    """The layers of isolation that hold on this machine."""
    with Warm(limits) as warm:
        return _layers(warm)


def grade_class(
    submissions: list[Submission],
    folder: Path,
    seed: str,
    limits: Limits = Limits(),
    each: Map | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[list[dict], dict[str, float]]:
    """The records of a class with what only the whole class shows, and the seconds of each key."""
    records, times = grade_hand_ins(submissions, folder, seed, limits, each, progress)
    return remarked(records), times


def grade_hand_ins(
    submissions: list[Submission],
    folder: Path,
    seed: str,
    limits: Limits = Limits(),
    each: Map | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    *,
    lesson: str = "",
    anew: Collection[str] = (),
    replace: bool = False,
    paths: Iterable[Path] = (),
) -> tuple[list[dict], dict[str, float]]:
    """Grade submissions into folder/results.jsonl; the records, and the seconds of each key.

    What stands in the folder already, with the same bytes and the same seed, is not graded again.
    The records are of these submissions and of earlier runs, whose records have "earlier" True.

    each      maps submissions over processes, in any order; by default one after the other
    lesson    the lesson that was set, if it is known
    anew      students whose notebooks are graded again
    replace   the records of earlier runs do not count any more
    paths     where the submissions were found
    """
    records = Records(folder, replace)
    empty = empty_record("", seed)
    records.require(empty["seed"], empty["made_with"])
    earlier = records.of_earlier_runs()
    found: dict[int, dict] = {}
    with records:
        waiting = _waiting(submissions, records, seed, limits, anew, lesson, found)
        for number, record, seconds in (each or in_this_process())(waiting, limits, seed):
            found[number] = handed_in(record, submissions[number], lesson)
            records.add(found[number], seconds, _told(limits))
            progress(len(found), len(submissions))
        progress(len(submissions), len(submissions))
        now = [found[number] for number in range(len(submissions))]
        all_of_them = together(now, earlier, paths)
        records.finish(all_of_them)
    return [
        {**record, "earlier": place >= len(submissions)} for place, record in enumerate(all_of_them)
    ], records.times


def _waiting(submissions, records, seed, limits, anew, lesson, found) -> Iterator[Item]:
    """What has to be graded, read one by one; records of all else go into `found` on the way."""
    limits_of, told = records.limits, _told(limits)
    for number, submission in enumerate(submissions):
        data = _read(submission, seed)
        if isinstance(data, dict):
            found[number] = handed_in(data, submission, lesson)
            continue
        key = hashlib.sha256(data).hexdigest()
        known = None if submission.student in anew else records.find(key)
        if known and known["score"] != known["points"] and limits_of.get(key, told) != told:
            known = None  # with other limits it may go further
        if known:
            found[number] = handed_in(known, submission, lesson)
        else:
            yield number, data


def _told(limits):
    return list(astuple(limits))


def in_this_process(trust: bool = False) -> Map:
    """One submission after the other."""

    def each(waiting, limits, seed):
        for item in waiting:
            yield from grade_batch([item], limits, seed, trust)

    return each


def on_processes(jobs: int, trust: bool = False) -> Map:
    """Submissions on so many processes of this machine, which start when there is work for them."""

    def each(waiting, limits, seed):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            try:
                for done in _windowed(pool, waiting, limits, seed, trust, 4 * jobs):
                    yield from done
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    return each


def _windowed(pool, waiting, limits, seed, trust, most):
    """Only a few submissions are read ahead, so that a large class stays on the disk."""
    running = set()
    try:
        for item in waiting:
            running.add(pool.submit(grade_batch, [item], limits, seed, trust))
            if len(running) >= most:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    except KeyboardInterrupt:
        # what is graded by now is kept
        yield from (future.result() for future in running if _has_result(future))
        raise


def _has_result(future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def usual_jobs(count: int) -> int:
    """As many processes as there are cores for us, and as so many submissions are worth."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        cores = os.cpu_count() or 1
    return max(1, min(cores, count // WORTH_A_PROCESS))


def _read(submission: Submission, seed: str) -> bytes | dict:
    """The bytes of a submission, or its record where it cannot be read."""
    problem = submission.problem
    if not problem:
        try:
            return submission.read()
        except GradingError as error:
            problem = str(error)
    key = hashlib.sha256(submission.label.encode(errors="replace")).hexdigest()
    return {
        **empty_record(key, seed),
        "status": "refused",
        "problem": problem,
        "human": [problem],
    }
