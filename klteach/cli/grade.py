"""`klteach grade`: mark a class; `klteach check`: look at one notebook as a learner.

klteach grade submissions/ --out marks
klteach grade --probe
klteach check exercises/02_cross_entropy_and_kl.ipynb
"""

import argparse
import secrets
import sys
from pathlib import Path

from klteach.cli.progress import Progress
from klteach.grading.errors import GradingError
from klteach.grading.limits import Limits

ALL_GRADED, NOT_ALL_RIGHT, USAGE, SOMEBODY_NEEDED = 0, 1, 2, 3
_MEANING = {
    "namespaces": "no other process, no network, and no file but what Python needs",
    "Landlock": "the kernel refuses every other file",
    "seccomp": "the kernel refuses new processes and sockets",
    "limits": "memory, files, threads and time",
}


def add_to(subjects) -> None:
    """Add `grade` and `check` to the command line."""
    grade = subjects.add_parser(
        "grade",
        help="mark the notebooks of a class",
        description="Mark notebooks: a file, a folder, an nbgrader or LMS download, a zip. What is "
        "in the output folder already is not graded again. The exit code is 0 if all could be "
        "graded, 3 if a person has to look at some, 2 if nothing could be done.",
    )
    grade.add_argument("paths", metavar="PATH", nargs="*", help="what the class handed in")
    grade.add_argument("--out", metavar="DIR", help="results.jsonl, CSV files and pages go here")
    grade.add_argument("-j", "--jobs", type=int, metavar="N", help="processes (one for each core)")
    grade.add_argument("--dask", metavar="ADDRESS", help="use the cluster of this scheduler")
    grade.add_argument(
        "--seed-file",
        metavar="FILE",
        help="the secret that the hidden inputs come from; without it DIR/seed.txt, made if needed",
    )
    grade.add_argument(
        "--trust", action="store_true", help="grade even where the notebooks cannot be walled in"
    )
    grade.add_argument("--probe", action="store_true", help="only tell which walls there are here")
    grade.add_argument("--quiet", action="store_true", help="no output")
    grade.set_defaults(run=grade_class)

    check = subjects.add_parser(
        "check",
        help="check the exercises of one notebook",
        description="Run one exercise notebook and check all of its answers. The exit code is 0 if "
        "all are right, 1 if not, 2 if the notebook cannot be read.",
    )
    check.add_argument("file", metavar="FILE", help="an exercise notebook")
    check.set_defaults(run=check_notebook)


def grade_class(chosen: argparse.Namespace) -> int:
    """`klteach grade`."""
    from klteach.grading import run
    from klteach.grading.collect import find_submissions
    from klteach.grading.marks import write_marks
    from klteach.grading.write_pages import write_pages

    limits = Limits()
    layers = run.isolation(limits)
    if chosen.probe:
        return _tell(layers)
    if not chosen.paths or not chosen.out:
        raise GradingError("name what to grade, and with --out a folder for the results.")
    if not run.APART & set(layers) and not chosen.trust:
        raise GradingError(
            "nothing on this machine keeps a notebook from your files (see klteach grade --probe). "
            "Grade on a Linux machine, or trust the notebooks: --trust."
        )
    submissions = find_submissions([Path(path) for path in chosen.paths], limits)
    folder = Path(chosen.out)
    seed = _seed(chosen.seed_file, folder)
    with Progress("grading", "notebooks", chosen.quiet) as progress:
        records, times = run.grade_class(
            submissions, folder, seed, limits, _each(chosen, len(submissions)), progress
        )
    write_marks(records, folder)
    write_pages(records, times, folder)
    human = [record for record in records if record["human"]]
    if not chosen.quiet:
        _summarise(records, human, folder)
    return SOMEBODY_NEEDED if human else ALL_GRADED


def _each(chosen, count):
    from klteach.grading import run

    if chosen.dask:
        from klteach.grading.cluster import on_cluster

        return on_cluster(chosen.dask)
    jobs = run.usual_jobs() if chosen.jobs is None else chosen.jobs
    if jobs < 1:
        raise GradingError(f"-j {jobs}: one process is the least.")
    jobs = min(jobs, -(-count // run.BATCH))
    return run.on_processes(jobs) if jobs > 1 else run.in_this_process


def _seed(file: str | None, folder: Path) -> str:
    """The secret of the course, from a file that is made where none was named."""
    path = Path(file) if file else folder / "seed.txt"
    try:
        if not file and not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16) + "\n", encoding="utf-8")
        folder.mkdir(parents=True, exist_ok=True)
        seed = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise GradingError(f"the seed file {path} cannot be used: {error}.") from None
    if not seed:
        raise GradingError(f"the seed file {path} is empty: write a secret of your own into it.")
    return seed


def _tell(layers) -> int:
    for layer, meaning in _MEANING.items():
        print(f"{'yes' if layer in layers else 'NO ':3}  {layer:11} {meaning}")
    if set(layers) & {"namespaces", "Landlock"}:
        print("A class can be graded here.")
    else:
        print("NOT isolated: a class is graded here only with --trust.")
    return ALL_GRADED


def _summarise(records, human, folder):
    graded = [record for record in records if record["status"] == "graded"]
    students = len({record["student"] for record in records})
    print(
        f"{len(graded)} of {len(records)} notebooks graded, of {students} students. "
        f"Class page: {folder / 'class.html'}"
    )
    for record in human[:20]:
        print(f"look at {record['file']!r}: {'; '.join(record['human'])}", file=sys.stderr)
    if len(human) > 20:
        print(f"… and {len(human) - 20} more, on the class page", file=sys.stderr)


def check_notebook(chosen: argparse.Namespace) -> int:
    """`klteach check`."""
    from klteach.grading.collect import find_submissions
    from klteach.grading.grade import grade
    from klteach.grading.session import Warm

    limits = Limits()
    submissions = find_submissions([Path(chosen.file)], limits)
    if len(submissions) > 1:
        raise GradingError(f"{chosen.file} holds several notebooks: name one.")
    data = submissions[0].read()
    with Warm(limits) as warm:
        record = grade(data, warm, secrets.token_hex(16))
    if record["status"] != "graded":
        raise GradingError(f"{chosen.file}: {record['problem']}")
    for question in record["questions"]:
        print(_in_words(question), end="\n\n")
    for note in record["notes"]:
        print(f"Note: {note}")
    print(f"{record['score']:g} of {record['points']:g} points")
    return ALL_GRADED if record["score"] == record["points"] else NOT_ALL_RIGHT


def _in_words(question) -> str:
    from klteach.practice.feedback import STATES, plain

    look = STATES[question["state"]]
    marks = f"{question['score']:g} of {question['points']:g}"
    parts = (question["message"], question["evidence"], *question["notes"])
    head = f"{look.icon} {look.words}: {question['name']}, {marks}"
    return "\n".join([head, *(plain(part) for part in parts if part)])
