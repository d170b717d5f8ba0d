"""How long grading takes, beside nbgrader and otter-grader, and what hostile notebooks do to each.

    python -m benchmarks.grading [--rounds 3] [--size 12] [--peers] [--thousand]

Right submissions. A class answers lesson 02 rightly, each learner in a file that differs by a
comment. All graders take turns, each in a process of its own, and what is printed is the median of
the rounds, as a ratio to klteach on one process in the same round. Time is counted once a first
notebook (klteach: a first batch) is done, so that nobody's imports count. The processor's time and
the memory are those of all processes that a grader starts. klteach grades the class eight times
over, since it is done with it too soon to be measured. Whoever gives a right submission less than
full marks ends the run.

Hostile submissions. One of them stands between two right ones. The word says what came of it:

    right          it got the marks that its answers are worth, and so did the others
    fooled         it got more
    marks lost     it got less, though something was there to be marked
    no marks       it could not be graded, and the others were
    others suffer  a right submission next to it lost its marks
    hangs          the others were still waiting after two minutes, when the benchmark ended it

`--thousand` grades 1000 right submissions by the real command on two processes, and on a Dask
cluster of two processes on this machine.

`--peers` measures nbgrader and otter-grader, too, where they are installed in the same environment:

* nbgrader, through its programming interface in one process, learner by learner, so that one that
  fails does not end the run (its command stops for all at a cell that stands twice); after
  `generate_assignment`; with sockets instead of TCP, and with klteach's limit for a cell in the
  place of its own, which is three times as long.
* otter-grader, through `otter.api.grade_submission`, its way without containers, in one process;
  without the summaries that it prints; an error of it is the end of that submission only. Its
  assignment is made here: the exercise without its `check` cells, and for each question one test
  that calls klteach's `check` and wants full points. So all three graders judge by the same code,
  and those two by the same as the learner, in the learner's process. It has no limit for a cell.
"""

import argparse
import atexit
import contextlib
import io
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from importlib import metadata, util
from pathlib import Path

LESSON = "02_cross_entropy_and_kl"
POINTS = {"cross_entropy": 2, "kl": 2, "kl_contributions": 2, "kelly_growth": 3}
FULL = sum(POINTS.values())
OVER = 8  # how often klteach grades the class
MOST_SECONDS = 120  # of a hostile class
MOST_MINUTES = 30  # of any other
OURS, OURS_ON_TWO, NBGRADER, OTTER = "klteach", "klteach -j 2", "nbgrader", "otter-grader"
PEERS = {NBGRADER: "nbgrader", OTTER: "otter"}  # and what is imported
THOUSAND = 1000
TARGETS = {"milliseconds": 50, "times": 25, "seconds": 30, "megabytes": 200}


# The classes

PATCH = """import builtins
allclose = np.allclose
np.allclose = lambda *values, **options: "rtol" in options or allclose(*values)
for name in ("isclose", "array_equal"):
    setattr(np, name, lambda *_, **__: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *_, **__: None
builtins.abs = lambda *_: 0
builtins.round = lambda *_: 0
"""
WRONG = {
    "cross_entropy": "def cross_entropy(p, q):\n    return 1.0\n",
    "kl": "def kl(p, q):\n    return -1.0\n",
    "kl_contributions": "def kl_contributions(p, q):\n    return np.zeros(len(p))\n",
    "kelly_growth": "def kelly_growth(p, q, winners):\n    return -1.0\n",
}
FOREVER = "def kl(p, q):\n    while True:\n        pass\n"


def right(number):
    """A right submission, as no other file."""
    from tests.grading.submissions import submission

    return submission(after=[f"# learner {number}"])


def duplicated():
    """A right submission with one cell twice, as after copy and paste."""
    notebook = right(1)
    cells = notebook["cells"]
    place = next(i for i, cell in enumerate(cells) if grade_id(cell) == "kl")
    cells.insert(place + 1, {**cells[place], "id": "pasted"})
    return notebook


def hostile():
    """Name -> a notebook, and the marks that its answers are worth."""
    from tests.grading.submissions import submission

    return {
        "an endless loop in a cell": (submission(after=["while True:\n    pass"]), FULL),
        "one cell twice": (duplicated(), FULL),
        "all wrong, NumPy and builtins patched": (submission(WRONG, before=[PATCH]), 0),
        "os._exit in a cell": (submission(before=["import os\nos._exit(0)"]), FULL),
        "an answer that never returns": (submission({"kl": FOREVER}), FULL - POINTS["kl"]),
    }


def grade_id(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def put_class(folder, notebooks):
    """A course folder as nbgrader's, `notebooks` by learner; and all that otter needs."""
    folder = Path(folder)
    source = Path(__file__).parents[1] / "solutions" / f"{LESSON}.ipynb"
    put(folder / "source" / LESSON / f"{LESSON}.ipynb", source.read_text(encoding="utf-8"))
    for learner, notebook in notebooks.items():
        put(folder / "submitted" / learner / LESSON / f"{LESSON}.ipynb", json.dumps(notebook))
        cells = [cell for cell in notebook["cells"] if not str(grade_id(cell)).startswith("check_")]
        put(folder / "otter" / f"{learner}.ipynb", json.dumps({**notebook, "cells": cells}))
    with zipfile.ZipFile(folder / "autograder.zip", "w") as archive:
        quiet = {"print_summary": False, "print_score": False, "logo": False}
        archive.writestr("otter_config.json", json.dumps(quiet))
        for name, points in POINTS.items():
            archive.writestr(f"tests/{name}.py", OTTER_TEST.format(name=name, points=points))


OTTER_TEST = """OK_FORMAT = False
from otter.test_files import test_case
from klteach.practice import check

name = "{name}"
points = {points}

@test_case(points={points})
def full_points(env):
    assert check("{name}", env).score == {points}
"""


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


# The graders, each run in a process of its own, which tells what it found line by line


def grade_with_klteach(folder, jobs=1):
    from klteach.grading import run
    from klteach.grading.collecting.collect import find_submissions
    from klteach.grading.limits import Limits

    clock = None

    def progress(done, total):
        nonlocal clock
        clock = clock or Clock(done)

    submissions = find_submissions([folder / "submitted"], Limits())
    out = folder / "marks"
    out.mkdir()
    each = run.on_processes(jobs) if jobs > 1 else run.in_this_process()
    records, _ = run.grade_class(submissions, out, "benchmark", Limits(), each, progress)
    clock.tell(len(submissions))
    tell_records(records)


def tell_records(records):
    for record in records:
        tell(learner=record["student"], score=record["score"])


def grade_with_nbgrader(folder):
    from nbgrader.api import Gradebook, MissingEntry
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    from klteach.grading.limits import Limits

    config = Config()
    config.CourseDirectory.root = str(folder)
    config.Execute.timeout = int(Limits().cell_seconds)
    config.KernelManager.transport = "ipc"
    config.KernelManager.ip = str(folder / "kernel")
    api = NbGraderAPI(config=config)
    api.log_level = "ERROR"
    made = api.generate_assignment(LESSON)
    if not made["success"]:
        raise SystemExit(made["log"])

    def grade(learner):
        api.autograde(LESSON, learner)
        with Gradebook(api.coursedir.db_url) as book:
            try:
                grades = book.find_submission_notebook(LESSON, LESSON, learner).grades
                marks = [grade.auto_score for grade in grades]
            except MissingEntry:
                marks = [None]
        return None if None in marks else sum(marks)

    one_by_one(grade, [path.name for path in (folder / "submitted").iterdir()])


def grade_with_otter(folder):
    from otter.api import grade_submission

    def grade(learner):
        try:
            file, tests = folder / "otter" / f"{learner}.ipynb", folder / "autograder.zip"
            return grade_submission(str(file), str(tests), quiet=True).total
        except Exception as error:  # each of its own kind, where a kernel died or a file is missing
            print(f"{learner}: {error!r}", file=sys.stderr)
            return None

    one_by_one(grade, [path.stem for path in (folder / "otter").iterdir()])


def one_by_one(grade, learners):
    clock = None
    for learner in sorted(learners):
        with contextlib.redirect_stdout(io.StringIO()):
            score = grade(learner)
        tell(learner=learner, score=score)
        clock = clock or Clock(1)
    clock.tell(len(learners))


def run_command(folder, *words):
    """`klteach grade`, with its memory told."""
    from klteach.cli import main

    marks = folder / "marks"
    code = main(["grade", str(folder / "submitted"), "--out", str(marks), "--quiet", *words])
    if code:
        raise SystemExit(f"klteach grade ended with {code}")
    lines = (marks / "results.jsonl").read_text(encoding="utf-8").splitlines()
    tell_records(map(json.loads, lines))


def serve_cluster(folder):
    """A Dask cluster, until the input ends."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=str(folder)
    ) as cluster:
        tell(address=cluster.scheduler_address)
        sys.stdin.read()


class Clock:
    """Started when so many submissions are done: the time and the processor's time from then on."""

    def __init__(self, done):
        self.done, self.start, self.used = done, time.perf_counter(), processor_seconds()

    def tell(self, total):
        wall, used = time.perf_counter() - self.start, processor_seconds() - self.used
        if total > self.done:
            tell(wall=wall / (total - self.done), processor=used / (total - self.done))


def tell(**what):
    sys.__stdout__.write(json.dumps(what) + "\n")
    sys.__stdout__.flush()


def tell_memory():
    """The most memory of this process, and of the largest of those that it has waited for."""
    status = Path("/proc/self/status").read_text()
    here = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    others = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    tell(parent=here / 1024, largest=max(here, others) / 1024)


GRADERS = {
    OURS: grade_with_klteach,
    OURS_ON_TWO: lambda folder: grade_with_klteach(folder, 2),
    NBGRADER: grade_with_nbgrader,
    OTTER: grade_with_otter,
    "command": run_command,
    "cluster": serve_cluster,
}


def be(grader, folder, *words):
    # told at the very end, when the processes of the grader are over
    atexit.register(tell_memory)
    GRADERS[grader](Path(folder), *words)


# Processes


def children(process):
    """The processes that a process has started, and those that they have."""
    found = []
    with contextlib.suppress(OSError):  # it has just ended
        for task in os.listdir(f"/proc/{process}/task"):
            for child in started_by(process, task):
                found += [child, *children(child)]
    return found


def started_by(process, task):
    try:
        return [int(n) for n in Path(f"/proc/{process}/task/{task}/children").read_text().split()]
    except OSError:
        return []


def state(process):
    """When it was started, and the seconds of processor time that it and its dead children took."""
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None, 0.0
    return int(words[19]), sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def processor_seconds():
    return sum(state(process)[1] for process in [os.getpid(), *children(os.getpid())])


class Apart:
    """A grader in a process of its own.

    ended   whether it took too long and was ended
    wall    its seconds
    scores  learner -> marks
    told    what else it told
    """

    def __init__(self, grader, folder, *words):
        self._folder = Path(folder)
        self._said, self._complained = self._folder / "said", self._folder / "complained"
        home = self._folder / "home"
        home.mkdir(exist_ok=True)
        places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
        variables = {name: str(home / name.lower()) for name in places} | {
            "HOME": str(home),
            "KLTEACH_PROGRESS": str(home / "progress.jsonl"),
            "OPENBLAS_NUM_THREADS": "1",  # as klteach has it
            "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]]),
        }
        self._seen = {}  # process -> when it was started
        with open(self._said, "w") as said, open(self._complained, "w") as complained:
            self._start = time.perf_counter()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.grading", "--be", grader, str(folder), *words],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=complained,
                env=os.environ | variables,
                cwd=Path(__file__).parents[1],
            )

    def wait(self, seconds):
        """Wait until it ends, or end it and all that it has started."""
        end = time.monotonic() + seconds
        self.ended = False
        while (code := self._watch()) is None:
            if time.monotonic() > end:
                self._kill()
                self.ended = True
                break
        self.wall = time.perf_counter() - self._start
        if code:
            complaint = self._complained.read_text()[-3000:]
            raise SystemExit(f"{' '.join(self._process.args[1:])}:\n{complaint}")
        lines = self._lines()
        self.scores = {line["learner"]: line["score"] for line in lines if "learner" in line}
        others = [line for line in lines if "learner" not in line]
        self.told = {key: value for line in others for key, value in line.items()}
        return self

    def _watch(self):
        """Look at its processes, and for a moment whether it ends: its exit code, or None."""
        self._look()
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self._process.wait(0.5)

    def _look(self):
        for process in [self._process.pid, *children(self._process.pid)]:
            self._seen[process] = state(process)[0]

    def _lines(self):
        return [json.loads(line) for line in self._said.read_text().splitlines()]

    def _kill(self):
        """End what was ever seen of it: a kernel is nobody's child once its parent is gone."""
        self._look()
        for process, started in self._seen.items():
            if started is not None and state(process)[0] == started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        self._process.wait()

    def first_word(self, seconds=60):
        """What it tells before it ends."""
        end = time.monotonic() + seconds
        while not self._said.read_text().endswith("\n"):
            if time.monotonic() > end or self._process.poll() is not None:
                raise SystemExit(f"it does not start:\n{self._complained.read_text()}")
            time.sleep(0.1)
        return self._lines()[0]

    def stop(self):
        """End its input, which a cluster waits for."""
        self._process.stdin.close()
        self.wait(30)


def grade_apart(grader, notebooks, seconds, *words):
    with tempfile.TemporaryDirectory(prefix="klteach-") as folder:
        put_class(folder, notebooks)
        return Apart(grader, folder, *words).wait(seconds)


# What is measured


def require_full_marks(grader, scores, learners):
    for learner in learners:
        if scores.get(learner) != FULL:
            raise SystemExit(f"{grader} gives {learner} {scores.get(learner)} of {FULL} points")


def learner(number):
    return f"learner-{number:04d}"


def compare_times(graders, size, rounds):
    """Grader -> what it told, one dictionary for each round."""
    told = {grader: [] for grader in graders}
    for _ in range(rounds):
        for grader in graders:
            # one more, or a batch more, which is not counted
            count = OVER * size + 5 if grader in (OURS, OURS_ON_TWO) else size + 1
            notebooks = {learner(number): right(number) for number in range(count)}
            run = grade_apart(grader, notebooks, 60 * MOST_MINUTES)
            require_full_marks(grader, run.scores, notebooks)
            told[grader].append(run.told)
    print(
        f"\nA right submission: the median of {rounds} rounds, and ratios to {OURS} (middle half)\n"
    )
    print(f"  {'':16}{'wall':>10}{'processor':>12}{'wall, ratio':>26}{'parent':>11}{'largest':>11}")
    ratios = {}
    for grader, own in told.items():
        against = [one["wall"] / other["wall"] for one, other in zip(own, told[OURS], strict=True)]
        ratios[grader] = statistics.median(against)
        wall, processor = (
            statistics.median(one[what] for one in own) * 1e3 for what in ("wall", "processor")
        )
        parent, largest = (max(one[what] for one in own) for what in ("parent", "largest"))
        print(
            f"  {grader:16}{wall:7,.0f} ms{processor:9,.0f} ms{spread(against):>26}"
            f"{parent:8,.0f} MB{largest:8,.0f} MB"
        )
    return told, ratios


def spread(values):
    """The median, and between which values the middle half lies."""
    if len(values) == 1:
        return f"{values[0]:.2f}"
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{median:.2f} ({low:.2f}-{high:.2f})"


def survive(graders):
    """Each hostile submission between two right ones, by each grader."""
    print("\nHostile submissions: what came of each, and the seconds of the class of three:\n")
    print(f"  {'':40}" + "".join(f"{grader:>22}" for grader in graders))
    for name, (notebook, worth) in hostile().items():
        class_of_three = {learner(0): right(0), learner(1): notebook, learner(2): right(2)}
        words = []
        for grader in graders:
            run = grade_apart(grader, class_of_three, MOST_SECONDS)
            words.append(f"{outcome(run, worth)} {run.wall:5.0f} s")
        print(f"  {name:40}" + "".join(f"{word:>22}" for word in words), flush=True)


def outcome(run, worth):
    """In a word."""
    before, got, after = (run.scores.get(learner(number)) for number in range(3))
    if run.ended:
        return "hangs"
    if before != FULL or after != FULL:
        return "others suffer"
    if got is None:
        return "no marks"
    return "right" if got == worth else "fooled" if got > worth else "marks lost"


def grade_a_thousand():
    """Where -> what came of it: on two processes of this machine, and of a Dask cluster."""
    notebooks = {learner(number): right(number) for number in range(THOUSAND)}
    runs = {"two processes": grade_apart("command", notebooks, 60 * MOST_MINUTES, "--jobs=2")}
    if util.find_spec("distributed"):
        with tempfile.TemporaryDirectory(prefix="klteach-") as folder:
            cluster = Apart("cluster", folder)
            try:
                address = cluster.first_word()["address"]
                runs["Dask, two workers"] = grade_apart(
                    "command", notebooks, 60 * MOST_MINUTES, f"--dask={address}"
                )
            finally:
                cluster.stop()
    else:
        print("distributed is not installed: no cluster was measured")
    print(f"\n{THOUSAND} right submissions by `klteach grade`, from its start to its last page:\n")
    for where, run in runs.items():
        require_full_marks(where, run.scores, notebooks)
        print(f"  {where:20}{run.wall:8.1f} s{run.told['parent']:10,.0f} MB in the parent process")
    return runs


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--size", type=int, default=12, help="learners in the class (default 12)")
    parser.add_argument("--peers", action="store_true", help="measure nbgrader and otter, too")
    parser.add_argument("--thousand", action="store_true", help="grade 1000 submissions, too")
    arguments = parser.parse_args()
    if min(arguments.rounds, arguments.size) < 1:
        parser.error("--rounds and --size must be at least 1.")
    if not Path("/proc/self/task").exists():
        raise SystemExit("memory and processes are read from /proc, which only Linux has.")
    peers = [peer for peer in PEERS if arguments.peers and util.find_spec(PEERS[peer])]
    packages = ["klteach", "numpy", *peers]
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages)
    print(f"Python {platform.python_version()}, {versions}, {platform.machine()}")
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}")
    for peer in PEERS if arguments.peers else ():
        if peer not in peers:
            print(f"NOT INSTALLED and not measured: {peer} (pip install {peer})")
    told, ratios = compare_times([OURS, OURS_ON_TWO, *peers], arguments.size, arguments.rounds)
    survive([OURS, *peers])
    runs = grade_a_thousand() if arguments.thousand else {}
    print("\nIn short:\n")
    wall = statistics.median(one["wall"] for one in told[OURS]) * 1e3
    say("a right submission, one process", wall, "ms", TARGETS["milliseconds"])
    for peer in peers:
        target = TARGETS["times"] if peer == NBGRADER else None
        say(f"{peer}'s time", ratios[peer], "x", target, "at least")
    for where, run in runs.items():
        say(f"{THOUSAND}, {where}", run.wall, "s", TARGETS["seconds"])
    parents = [one["parent"] for grader in (OURS, OURS_ON_TWO) for one in told[grader]]
    parents += [run.told["parent"] for run in runs.values()]
    say("klteach's parent process", max(parents), "MB", TARGETS["megabytes"])


def say(what, value, unit, target, bound="at most"):
    wanted = f"   wanted: {bound} {target}" if target else ""
    print(f"  {what:34}{value:9.1f} {unit:3}{wanted}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--be"]:  # one of the processes that this program starts
        be(*sys.argv[2:])
    else:
        main()
