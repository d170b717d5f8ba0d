"""`klteach grade`: mark a class; `klteach check`: look at one notebook as a learner.

klteach grade submissions/ --out marks
klteach grade --probe
klteach check exercises/02_cross_entropy_and_kl.ipynb
"""

import argparse
import difflib
import secrets
import sys
from dataclasses import replace
from pathlib import Path

from klteach.cli.grade_options import Options, add_options, limits_of, read_file_of
from klteach.cli.progress import Progress
from klteach.cli.terminal import for_terminal, lines_for_terminal
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
        description="Mark notebooks: a file, a folder, an nbgrader or LMS download, a zip. A run "
        "adds to what earlier ones left in the output folder, and grades nothing twice. Marks and "
        "comments of your own go into DIR/adjustments.csv. The exit code is 0 if all could be "
        "graded, 3 if a person has to look at some, 2 if nothing could be done.",
    )
    add_options(grade)
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
    from klteach.grading.collecting.collect import find_submissions
    from klteach.grading.records import alone

    if chosen.probe:
        return _tell(run.isolation(limits_of(chosen)))
    options = Options.of(chosen)
    folder = Path(chosen.out)
    submissions = find_submissions([Path(path) for path in chosen.paths], options.limits)
    with alone(folder):
        return _grade_into(folder, submissions, options, chosen)


def _grade_into(folder, submissions, options, chosen):
    from klteach.grading import run
    from klteach.grading.marking.adjustments import read_adjustments, require_students
    from klteach.grading.records import Records
    from klteach.grading.report import write_report

    settings = _settings(chosen, folder)
    adjustments = read_adjustments(folder)
    anew = _students_named(chosen.regrade, submissions)
    earlier = Records(folder, chosen.replace).of_earlier_runs()
    known = {one.student for one in submissions} | {entry.id for entry in settings.roster}
    require_students(adjustments, known | {record["student"] for record in earlier}, folder)
    seed = _seed(chosen.seed_file, folder)
    each = _each(chosen, len(submissions))
    with Progress("grading", "notebooks", chosen.quiet) as progress:
        graded, times = run.grade_hand_ins(
            submissions,
            folder,
            seed,
            options.limits,
            each,
            progress,
            lesson=options.lesson,
            anew=anew,
            replace=chosen.replace,
            paths=map(Path, chosen.paths),
        )
    if chosen.due:
        settings = settings.with_due(options.due, options.lesson, graded)
    report = write_report(graded, times, folder, seed, settings, adjustments)
    human = [record for record in report.records if record["human"]]
    if not chosen.quiet:
        _summarise(report, human, folder)
    return SOMEBODY_NEEDED if human else ALL_GRADED


def _settings(chosen, folder):
    """What earlier runs were told, and what this one is."""
    from klteach.grading.marking.roster import read_roster
    from klteach.grading.report import read_settings

    settings = read_settings(folder)
    if chosen.roster is not None:
        path = read_file_of(chosen.roster)
        settings = replace(settings, roster=tuple(read_roster(path)) if path else ())
    if chosen.anonymous is not None:
        settings = replace(settings, anonymous=chosen.anonymous)
    return settings


def _students_named(names, submissions) -> set[str]:
    """The learners who are named, by their ids as they were found."""
    found, students = set(), {submission.student for submission in submissions}
    for name in names:
        like = {student for student in students if student.casefold() == name.casefold()}
        if name not in students and len(like) != 1:
            near = difflib.get_close_matches(name, students, 1)
            meant = f" Did you mean {near[0]!r}?" if near else ""
            raise GradingError(f"--regrade {name!r}: nobody in these paths is called so.{meant}")
        found |= {name} if name in students else like
    return found


def _each(chosen, count):
    from klteach.grading import run

    if chosen.dask:
        from klteach.grading.cluster import on_cluster

        return on_cluster(chosen.dask, chosen.trust)
    jobs = run.usual_jobs(count) if chosen.jobs is None else min(chosen.jobs, count)
    return run.on_processes(jobs, chosen.trust) if jobs > 1 else run.in_this_process(chosen.trust)


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
    from klteach.grading.inside.isolation import gaps

    for layer, meaning in _MEANING.items():
        print(f"{'yes' if layer in layers else 'NO ':3}  {layer:11} {meaning}")
    open_ = gaps(layers)
    if open_:
        print(f"NOT isolated: {'; '.join(open_)}. A class is graded here only with --trust.")
    else:
        print("A class can be graded here.")
    return ALL_GRADED


def _summarise(report, human, folder):
    from klteach.grading.pages.page_parts import several

    records = report.records
    scored = sum(record["score"] is not None for record in records)
    learners = len({record["student"] for record in records})
    earlier = sum(record["earlier"] for record in records)
    print(
        f"{scored} of {several(len(records), 'notebook')} graded, of {several(learners, 'student')}"
        + (f", {earlier} from earlier runs" if earlier else "")
        + f". Class page: {for_terminal(folder / 'class.html')}"
    )
    for lesson, entries in report.attendance.missing.items() if report.attendance else ():
        if entries:
            about = f" in {lesson}" if lesson else ""
            names = ", ".join(entry.id for entry in entries[:20])
            more = f" and {len(entries) - 20} more" if len(entries) > 20 else ""
            said = f"{len(entries)} of the roster handed in nothing{about}: {names}{more}"
            print(for_terminal(said))
    late = sum(r["late"] == "yes" and r["status"] != "superseded" for r in records)
    for due in dict.fromkeys(report.due.values()):
        print(f"Due on {due}.")
    if report.due or late:
        print(f"{several(late, 'notebook')} late." if late else "Nobody is known to be late.")
    for sentence in report.told:
        print(for_terminal(sentence), file=sys.stderr)
    for record in human[:20]:
        what = record["file"] or record["student"]
        said = f"look at {what!r}: {'; '.join(record['human'])}"
        print(for_terminal(said), file=sys.stderr)
    if len(human) > 20:
        print(f"… and {len(human) - 20} more, on the class page", file=sys.stderr)


def check_notebook(chosen: argparse.Namespace) -> int:
    """`klteach check`."""
    from klteach.grading.collecting.collect import find_submissions
    from klteach.grading.grade import grade
    from klteach.grading.session import Warm

    limits = Limits()
    submissions = find_submissions([Path(chosen.file)], limits)
    if len(submissions) > 1:
        raise GradingError(f"{chosen.file} holds several notebooks: name one.")
    data = submissions[0].read()
    with Warm(limits) as warm:
        record = grade(data, warm, secrets.token_hex(16))
    if not record["questions"]:
        raise GradingError(f"{chosen.file}: {record['problem']}")
    for question in record["questions"]:
        print(_in_words(question), end="\n\n")
    for note in record["notes"]:
        print(f"Note: {for_terminal(note)}")
    if record["score"] is None:
        print(f"No score: {for_terminal(record['problem'])}")
        return NOT_ALL_RIGHT
    print(f"{record['score']:g} of {record['points']:g} points")
    return ALL_GRADED if record["score"] == record["points"] else NOT_ALL_RIGHT


def _in_words(question) -> str:
    from klteach.practice.feedback import STATES, plain

    look = STATES[question["state"]]
    score = "no score" if question["score"] is None else f"{question['score']:g}"
    marks = f"{score} of {question['points']:g}"
    parts = (question["message"], question["evidence"], *question["notes"])
    head = f"{look.icon} {look.words}: {question['name']}, {marks}"
    said = "\n".join([head, *(plain(part) for part in parts if part)])
    return lines_for_terminal(said)
