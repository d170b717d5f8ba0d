"""Grades a class: every submission once, on several processes, going on where a run stopped."""

import atexit
import hashlib
import multiprocessing
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path

from klteach.grading.collect import Submission, newest
from klteach.grading.errors import GradingError
from klteach.grading.grade import empty_record, grade
from klteach.grading.limits import Limits
from klteach.grading.records import Records
from klteach.grading.session import Lost, Warm

BATCH = 5
APART = {"namespaces", "Landlock"}  # without one of them a notebook can read what it likes

Item = tuple[int, bytes]  # a submission's number, and its bytes
Done = tuple[int, dict, float]  # its number, its record, the seconds that it took
Map = Callable[[Iterable[list[Item]], Limits, str], Iterator[list[Done]]]

_mine = threading.local()  # the warm processes of a thread, by their limits


def grade_batch(batch: list[Item], limits: Limits, seed: str) -> list[Done]:
    """Grade some submissions in the warm process of this thread, which stays for the next ones."""
    done = []
    for number, data in batch:
        start = time.perf_counter()
        record = _grade(data, limits, seed)
        done.append((number, record, time.perf_counter() - start))
    return done


def _grade(data, limits, seed):
    processes = vars(_mine).setdefault("processes", {})
    if limits not in processes:
        processes[limits] = Warm(limits)
        atexit.register(processes[limits].close)
    try:
        return grade(data, processes[limits], seed)
    except Exception as error:  # a fault of ours must not end a class, nor reach the next one
        processes.pop(limits).close()
        problem = f"the grader failed ({type(error).__name__}: {error}); please report it"
        key = hashlib.sha256(data).hexdigest()
        return {**empty_record(key, seed), "problem": problem, "human": [problem]}


def isolation(limits: Limits) -> tuple[str, ...]:
    """The layers of isolation that hold on this machine."""
    with Warm(limits) as warm:
        try:
            return warm.start().ready()
        except Lost:
            raise GradingError("a process for notebooks does not start here.") from None
        finally:
            warm.end()


def grade_class(
    submissions: list[Submission],
    folder: Path,
    seed: str,
    limits: Limits = Limits(),
    each: Map | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[list[dict], dict[str, float]]:
    """Grade submissions into folder/results.jsonl; the records, and the seconds of each key.

    `each` maps batches over processes, in any order; by default one after the other. What stands in
    the folder already, with the same bytes and the same seed, is not graded again.
    """
    records = Records(folder)
    empty = empty_record("", seed)
    records.require(empty["seed"], empty["made_with"])
    found: dict[int, dict] = {}
    with records:
        waiting = _waiting(submissions, records, seed, found)
        for done in (each or in_this_process)(waiting, limits, seed):
            for number, record, seconds in done:
                record = _named(record, submissions[number])
                records.add(record, seconds)
                found[number] = record
            progress(len(found), len(submissions))
        progress(len(submissions), len(submissions))
        graded = [found[number] for number in range(len(submissions))]
        records.finish(graded)
    return _compared(graded, submissions), records.times


def _waiting(submissions, records, seed, found) -> Iterator[list[Item]]:
    """Batches of what has to be graded; records of all else go into `found` on the way."""
    batch: list[Item] = []
    for number, submission in enumerate(submissions):
        data = _read(submission, seed)
        if isinstance(data, dict):
            found[number] = data
            continue
        key = hashlib.sha256(data).hexdigest()
        known = records.find(submission.student, submission.label, key)
        if known:
            found[number] = known
            continue
        batch.append((number, data))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def in_this_process(batches, limits: Limits, seed: str) -> Iterator[list[Done]]:
    """One batch after the other."""
    return (grade_batch(batch, limits, seed) for batch in batches)


def on_processes(jobs: int) -> Map:
    """Batches on so many processes of this machine."""

    def each(batches, limits, seed):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            try:
                yield from _windowed(pool, batches, limits, seed, 2 * jobs)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    return each


def _windowed(pool, batches, limits, seed, most):
    """Only a few batches are read ahead, so that a large class stays on the disk."""
    running = set()
    for batch in batches:
        running.add(pool.submit(grade_batch, batch, limits, seed))
        if len(running) >= most:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    while running:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


def usual_jobs() -> int:
    """As many processes as there are cores for us."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1


def _read(submission: Submission, seed: str) -> bytes | dict:
    """The bytes of a submission, or its record where it cannot be read."""
    problem = submission.problem
    if not problem:
        try:
            return submission.read()
        except GradingError as error:
            problem = str(error)
    key = hashlib.sha256(submission.label.encode(errors="replace")).hexdigest()
    refused = {"status": "refused", "problem": problem, "human": [problem]}
    return _named({**empty_record(key, seed), **refused}, submission)


def _named(record, submission):
    notes = [*submission.notes, *record["notes"]]
    return {**record, "student": submission.student, "file": submission.label, "notes": notes}


def _compared(records, submissions) -> list[dict]:
    """What only the whole class shows: several versions of one exercise, and equal files."""
    versions, students = defaultdict(list), defaultdict(set)
    for record, submission in zip(records, submissions, strict=True):
        if record["status"] == "graded":
            versions[_work(record)].append((submission, record["kind"]))
        if record["score"]:
            students[record["key"]].add(record["student"])
    chosen = {work: newest(rivals) for work, rivals in versions.items()}
    return [_with_remarks(record, chosen, students) for record in records]


def _work(record) -> tuple[str, str]:
    return record["student"], record["lesson"]


def _with_remarks(record, chosen, students):
    if record["status"] != "graded":
        return record
    choice = chosen[_work(record)]
    if choice.submission.label != record["file"]:
        problem = f"Another notebook of the same exercise counts: {choice.submission.label}"
        return {**record, "status": "superseded", "problem": problem, "score": None}
    remarks = [choice.reason] if choice.doubt else []
    same = len(students.get(record["key"], ())) - 1
    if same > 0:
        remarks.append(f"byte for byte the file of {same} other student{'s' * (same != 1)}")
    notes = [choice.reason] if choice.reason and not choice.doubt else []
    return {
        **record,
        "notes": [*record["notes"], *notes],
        "human": [*record["human"], *remarks],
    }
