"""Everything that is written after a class was graded: marks, pages, and what they rest on.

    settings.json    what the teacher said once and holds until it is said otherwise
    adjustments.csv  the teacher's own; only its headings are written, once

results.jsonl has what the grader found. All that a teacher adds (adjustments, a due date, a roster)
is laid over it anew by every run, so that it can be changed and taken back at any time.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from klteach.grading.errors import GradingError
from klteach.grading.grade import empty_record
from klteach.grading.marking.adjustments import (
    Adjustment,
    adjusted,
    make_template,
    require_students,
    stale,
)
from klteach.grading.marking.due import all_after, in_words, lateness
from klteach.grading.marking.marks import mark_tables, table
from klteach.grading.marking.moodle_zip import feedback_zip
from klteach.grading.marking.roster import Attendance, Enrolled, attendance
from klteach.grading.pages.all_pages import pages
from klteach.grading.pages.anonymous import codes, without_names
from klteach.grading.pages.class_lists import Around
from klteach.grading.remarks import remarked
from klteach.grading.saving import write_files, write_whole

SETTINGS = "settings.json"
_FEW = 0.2  # of those who handed in the usual lesson


@dataclass(frozen=True)
class Settings:
    """What was said about a class and holds for every later run in its folder.

    due      by lesson; "" for the files whose lesson is not known
    applied  to the bytes of which notebook each adjustment was applied first
    """

    due: Mapping[str, datetime] = field(default_factory=dict)
    roster: tuple[Enrolled, ...] = ()
    anonymous: bool = False
    applied: Mapping[str, str] = field(default_factory=dict)

    def with_due(self, due: datetime | None, lesson: str, records: Iterable[dict]) -> "Settings":
        """A due date for the lesson, or for those that were handed in now; None takes it away.

        Of a lesson that had one before and of which there are few now, the old one stays.
        """
        found = Counter(r["lesson"] for r in records if not r["earlier"] and r["lesson"])
        usual = max(found, key=lambda name: (found[name], name), default="")
        of_now = {lesson} if lesson else {usual, *(name for name in found if name not in self.due)}
        kept = {name: date for name, date in self.due.items() if name not in of_now}
        return replace(self, due=kept | dict.fromkeys(of_now, due) if due else kept)


def read_settings(folder: Path) -> Settings:
    """The settings of a folder, which has none before its first run.

    Errors: GradingError if they cannot be read.
    """
    path = folder / SETTINGS
    if not path.exists():
        return Settings()
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return Settings(
            {lesson: datetime.fromisoformat(date) for lesson, date in said["due"].items()},
            tuple(Enrolled(*entry) for entry in said["roster"]),
            bool(said["anonymous"]),
            dict(said["applied"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        raise GradingError(
            f"{path} cannot be read. Remove it, and say --due, --roster and --anonymous again."
        ) from None


def _save(folder, settings: Settings) -> None:
    said = {
        "due": {lesson: date.isoformat() for lesson, date in settings.due.items()},
        "roster": [[entry.id, entry.name] for entry in settings.roster],
        "anonymous": settings.anonymous,
        "applied": dict(settings.applied),
    }
    text = json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False)
    write_whole(folder / SETTINGS, text + "\n")


@dataclass(frozen=True)
class Report:
    """What a run found: the records as they are shown, and what it has to tell besides."""

    records: list[dict]
    attendance: Attendance | None
    due: Mapping[str, str]
    told: list[str]


def write_report(
    graded: list[dict],
    times: dict[str, float],
    folder: Path,
    seed: str,
    settings: Settings = Settings(),
    adjustments: Iterable[Adjustment] = (),
) -> Report:
    """Write all files of a class from its hand-ins.

    Errors: GradingError if an adjustment fits nobody, or a file cannot be written.
    """
    enrolled = {entry.id: entry.id for entry in settings.roster}
    here = attendance(settings.roster, graded, ()).enrolled
    enrolled |= {entry.id: student for student, entry in here.items()}
    students = {record["student"] for record in graded}
    adjustments = require_students(adjustments, students, folder, enrolled)
    records = adjusted(
        remarked(graded), adjustments, folder, enrolled, lambda: empty_record("", seed)
    )
    applied, remarks = stale(adjustments, records, settings.applied)
    records = _with_lateness(records, settings.due)
    there = _attendance(settings.roster, records)
    records = [_with_name(record, there, remarks) for record in records]
    around = _around(records, settings, there)
    files = _files(records, times, around, settings, seed)
    make_template(folder)

    def class_page(said):
        notices = _without_learners(said) if settings.anonymous else said
        return {"class.html": files.class_page(replace(around, notices=tuple(notices)))}

    told = write_files(folder, files.others, class_page)
    _save(folder, replace(settings, applied=applied))
    return Report(records, there, around.due, told)


def _without_learners(said):
    """Notices of which none names a learner, as the names of pages do that once had names."""
    others = [sentence for sentence in said if "learners/" not in sentence]
    if len(others) < len(said):
        others.append("In the folder learners/ are pages that do not belong to this run.")
    return others


def _with_lateness(records, due):
    by_record = {}
    only = next(iter(due.values())) if len(due) == 1 else None
    for lesson in {record["lesson"] for record in records}:
        own = [record for record in records if record["lesson"] == lesson]
        found = lateness(own, due.get(lesson or "", None if lesson else only))
        by_record.update({id(record): late for record, late in zip(own, found, strict=True)})
    return [
        {**record, "late": by_record[id(record)].late, "late_by": by_record[id(record)].by}
        for record in records
    ]


def _attendance(roster, records) -> Attendance | None:
    if not roster:
        return None
    return attendance(roster, records, _lessons_of_all(records) or [""])


def _lessons_of_all(records) -> list[str]:
    """The lessons that were set, as far as the hand-ins tell: one that few sent was not."""
    students = Counter(r["lesson"] for r in records if r["score"] is not None)
    few = max(students.values(), default=0) * _FEW
    named = {lesson for lesson, count in students.items() if count > few}
    return sorted(named | {record["set"] for record in records if record["set"]})


def _with_name(record, there, remarks):
    human = [*record["human"], *remarks.get((record["student"], record["file"]), ())]
    entry = there.enrolled.get(record["student"]) if there else None
    if there and entry is None and record["status"] != "superseded":
        human.append("this learner is not on the roster")
    return {**record, "human": human, "full_name": entry.name if entry else ""}


def _around(records, settings, there) -> Around:
    due = {lesson: in_words(date) for lesson, date in settings.due.items()}
    unsure = tuple(
        lesson
        for lesson, date in settings.due.items()
        if all_after([r for r in records if r["lesson"] == lesson], date)
    )
    missing = there.missing if there else None
    return Around((), due, unsure, missing, len(settings.roster), settings.anonymous)


@dataclass(frozen=True)
class _Files:
    others: dict
    class_page: Callable[[Around], str]


def _files(records, times, around, settings, seed) -> _Files:
    shown, tables = records, mark_tables(records, around.missing or {})
    key = {}
    if settings.anonymous:
        code_of = codes((record["student"] for record in records), seed)
        shown = without_names(records, code_of)
        names = {record["student"]: record["full_name"] for record in records}
        rows = [("code", "student", "name")]
        rows += sorted((code, student, names[student]) for student, code in code_of.items())
        key = {"key.csv": "\ufeff" + table(rows)}
    learners, class_page = pages(shown, times)
    zipped = feedback_zip(zip(records, shown, strict=True), learners)
    return _Files({**tables, **learners, **key, **zipped}, class_page)
