"""Who is in a class, from a file of theirs: who is missing, and who is not on it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from klteach.grading.collecting.platforms import canvas_id, moodle_id
from klteach.grading.errors import GradingError
from klteach.grading.marking.sheets import as_typed, read_sheet

_IDS = (
    "id", "student", "student id", "student_id", "studentid", "user", "username", "user name",
    "login", "login id", "sis login id", "sis user id", "id number", "idnumber", "email",
    "email address", "e-mail",
)  # fmt: skip
_NAMES = ("name", "full name", "fullname", "student name", "display name")
_PARTS = (("first name", "firstname", "given name"), ("surname", "last name", "lastname"))
_HEADINGS = frozenset((*_IDS, *_NAMES, *_PARTS[0], *_PARTS[1]))


@dataclass(frozen=True)
class Enrolled:
    """One who is on the roster; `name` may be blank."""

    id: str
    name: str = ""


def read_roster(path: Path) -> list[Enrolled]:
    """The roster in a file: an id in each line, with a name after it if there is one.

    With headings, the ids are in the first of the columns that is named like one, and names in
    "name", or in "first name" and "last name".

    Errors: GradingError if the file cannot be read, is empty or names one id twice.
    """
    rows, _ = read_sheet(path, _HEADINGS)
    columns = [cell.casefold() for cell in rows[0][1]] if rows else []
    id_place, name_places = _places(columns)
    headed = id_place is not None
    found: dict[str, int] = {}
    roster = []
    for line, cells in rows[headed:]:
        cells = [*cells, *[""] * len(columns)]
        own = cells[id_place or 0]
        name = " ".join(filter(None, (cells[place] for place in name_places)))
        if not own:
            raise GradingError(f"line {line} of {path} has no id.")
        if own in found:
            raise GradingError(f"line {line} of {path} names {own!r} again, as line {found[own]}.")
        found[own] = line
        roster.append(Enrolled(own, name))
    if not roster:
        raise GradingError(f"{path} names nobody: write an id in each line, with a name after it.")
    return roster


def _places(columns) -> tuple[int | None, list[int]]:
    ids = [columns.index(name) for name in _IDS if name in columns]
    names = [columns.index(name) for name in _NAMES if name in columns][:1]
    parts = [columns.index(name) for part in _PARTS for name in part if name in columns]
    if ids:
        return ids[0], [place for place in names or parts if place != ids[0]]
    if names or len(parts) == 2:
        return (names or parts)[0], parts[1:] if not names else []
    return None, [1] if len(columns) > 1 else []


@dataclass(frozen=True)
class Attendance:
    """Who of a roster handed in (student -> entry), who did not by lesson, and who is not on it."""

    enrolled: Mapping[str, Enrolled]
    missing: Mapping[str, tuple[Enrolled, ...]]
    unknown: tuple[str, ...]


def attendance(
    roster: Iterable[Enrolled], records: Iterable[dict], lessons: Iterable[str]
) -> Attendance:
    """Compare a roster with the learners of a class, lesson by lesson.

    A learner is on it with the very id or name, or with the one that a learning platform put into
    the file's name; capitals and blanks make no difference where that leaves no doubt. Whoever
    handed in a file that nobody can read is not missing.
    """
    roster, records = list(roster), list(records)
    students = {record["student"] for record in records}
    enrolled = _enrolled(roster, records)
    missing = {}
    for lesson in lessons:
        here = {
            enrolled[record["student"]].id
            for record in records
            if record["student"] in enrolled
            and (record["lesson"] in (None, lesson) or record["set"] == lesson)
        }
        missing[lesson] = tuple(entry for entry in roster if entry.id not in here)
    return Attendance(enrolled, missing, tuple(sorted(students - enrolled.keys())))


def _enrolled(roster, records) -> dict[str, Enrolled]:
    names: dict[str, set[str]] = {}
    for record in records:
        names.setdefault(record["student"], set()).update(_called(record))
    exact = {entry.id: entry for entry in roster}
    loose: dict[str, set[Enrolled]] = {}
    for entry in roster:
        for word in {_loosely(entry.id), _loosely(entry.name)} - {""}:
            loose.setdefault(word, set()).add(entry)
    claimed: dict[Enrolled, list[str]] = {}
    found = {student: exact[as_typed(student)] for student in names if as_typed(student) in exact}
    for student in names.keys() - found.keys():
        entries = {e for word in names[student] for e in loose.get(_loosely(word), ())}
        if len(entries) == 1:
            claimed.setdefault(entries.pop(), []).append(student)
    for entry, students in claimed.items():
        # of two who may be meant neither is known, nor is anybody beside the very id
        if len(students) == 1 and entry not in found.values():
            found[students[0]] = entry
    return found


def _called(record):
    yield record["student"]
    if moodle := moodle_id(record):
        yield from moodle
    if number := canvas_id(record):
        yield number
        yield record["student"].rpartition("_")[0]


def _loosely(word: str) -> str:
    return re.sub(r"[\s_]+", " ", as_typed(word)).strip().casefold()
