"""What a class has handed in over several runs: who is new, who stays, and what counts for whom.

A hand-in is known by its learner and its bytes, so that it does not matter how a path is typed. A
later run adds to the earlier ones. Of one learner and lesson one notebook counts; where those of
two runs meet, the choice is kept with the record (`replaced`), so that it stays as it was when a
later run knows only one of them.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from klteach.grading.collecting.platform_names import PLATFORM
from klteach.grading.collecting.submission import Submission
from klteach.grading.collecting.versions import SAME_TIME, Choice, newest
from klteach.grading.pages.class_summary import NO_ANSWER, outcome

_TIME = re.compile(r"(\d{4})" + r"\D(\d\d)" * 5 + r"(?P<utc> ?UTC)?")
_LATE = "Handed in late"  # so begins what a learning platform says of it
# What is known of the file, and `newest` decides by
_OF_THE_FILE = ("modified", "order", "place", "by", "doubt", "name")
_OF_THE_HAND_IN = (
    "student",
    "file",
    "time",
    "clock",
    "said",
    "set",
    "again",
    "replaced",
    "taken_out",
)


def of_content(record: dict) -> dict:
    """A record without what belongs to one hand-in alone."""
    own = {*_OF_THE_FILE, *_OF_THE_HAND_IN}
    return {key: value for key, value in record.items() if key not in own}


def handed_in(content: dict, submission: Submission, wanted: str) -> dict:
    """The record of a hand-in: what its content is worth, and what is known of the file.

    modified, order, place, by, doubt, name   as Submission has them
    time, clock   when it was handed in, and who says so: "platform", "archive" or "file"
    said          what the learning platform says
    set           the lesson that was set, if the command named one
    again         a lesson that was set when this notebook, marked already, was handed in again
    replaced      the file that counts in its place, since a later run
    taken_out     whether it was replaced because its file was gone from its folder
    """
    time, clock = _time(submission)
    return {
        **of_content(content),
        "student": submission.student,
        "file": submission.label,
        **{key: getattr(submission, key) for key in _OF_THE_FILE},
        "time": time,
        "clock": clock,
        "said": list(submission.notes),
        "set": wanted,
        "again": "",
        "replaced": "",
        "taken_out": False,
    }


def said_to_be_late(record: dict) -> bool:
    """Whether the learning platform says that it was handed in late."""
    return any(note.startswith(_LATE) for note in record["said"])


def _time(submission):
    """Seconds since 1970 for a file; date and time by somebody's clock otherwise."""
    if found := _TIME.search(submission.order):
        date, clock = "-".join(found.groups()[:3]), ":".join(found.groups()[3:6])
        return f"{date}T{clock}{'+00:00' if found['utc'] else ''}", "platform"
    if not submission.modified:
        return "", ""
    return submission.modified, "archive" if submission.member else "file"


def together(now: list[dict], earlier: list[dict], paths: Iterable[Path] = ()) -> list[dict]:
    """The hand-ins of this run and of all earlier ones, with the choice between them.

    `paths` were looked through in this run: what an earlier one found in them and is not there any
    more was renamed, if its bytes are new under another name, or taken out, if another notebook is
    there for it. Else it stays.
    """
    known = {_identity(record): record for record in earlier}
    new = {record["key"] for record in now if _identity(record) not in known}
    now = [_found_again(record, known.get(_identity(record))) for record in now]
    here, places = set(map(_identity, now)), set(map(_stands_at, now))
    bases = [os.path.join(os.path.abspath(path), "") for path in paths]
    stay, gone = [], set()
    for record in earlier:
        is_gone = (
            _stands_at(record)[1].startswith(tuple(bases)) and _stands_at(record) not in places
        )
        renamed = is_gone and record["key"] in new and _is_somebodys(record)
        # what could not be opened and is here once more has this run's word for it
        told_anew = record["status"] == "refused" and _stands_at(record) in places
        if _identity(record) not in here and not renamed and not told_anew:
            stay.append(dict(record))
            gone |= {_identity(record)} if is_gone else set()
    files = {(record["student"], record["file"]) for record in now + stay}
    for record in now + stay:
        if (record["student"], record["replaced"]) not in files:
            record["replaced"] = ""  # what counted in its place is there no more
    _choose(now, stay, gone)
    for record in stay:
        out = record["taken_out"] or _identity(record) in gone
        record["taken_out"] = out and bool(record["replaced"])
    return now + stay


def _is_somebodys(record):
    """Whether there is an answer in it; of an exercise as it was handed out there are many."""
    return any(outcome(question["state"]) != NO_ANSWER for question in record["questions"])


def _identity(record):
    # a file that was not opened is known by its name alone
    return record["student"], record["key"]


def _found_again(record, known):
    if known is None:
        return record
    legitimate = known["set"] and known["set"] == record["lesson"]
    if record["set"] and record["set"] != record["lesson"] and legitimate:
        return {**record, "set": known["set"], "again": record["set"]}
    return {**record, "set": record["set"] or known["set"], "replaced": known["replaced"]}


def _choose(now, earlier, gone):
    """Mark whatever of one run is replaced by a notebook of another."""
    by_student = defaultdict(list)
    for record in earlier:
        by_student[record["student"]].append(record)
    for record in now:
        for other in by_student.get(record["student"], ()):
            nothing = other["score"] is None and record["score"] is not None
            overwritten = _same_place(other, record) and other["lesson"] in (None, record["lesson"])
            if (nothing and not _has_lesson(other, record)) or overwritten:
                other["replaced"] = other["replaced"] or record["file"]
            if overwritten and record["replaced"] == other["file"]:
                record["replaced"] = ""  # the file that was here before is back
    _choose_newest(now, earlier, gone)


def _has_lesson(other, record):
    """Whether a notebook without a score is known to be of another lesson."""
    return other["lesson"] not in (None, record["lesson"])


def _choose_newest(now, earlier, gone):
    rivals: defaultdict[tuple[str, str], tuple[list, list]] = defaultdict(lambda: ([], []))
    for place, records in enumerate((now, earlier)):
        for record in records:
            if counts(record):
                rivals[record["student"], record["lesson"]][place].append(record)
    for new, old in rivals.values():
        if not (new and old):
            continue
        for record in [record for record in old if _identity(record) in gone]:
            record["replaced"] = _chosen(new).submission.label
            old.remove(record)
        if not old:
            continue
        newest_now, newest_then = _one(new), _one(old)
        if newest_now and newest_then:  # otherwise they may be several people's, and all stay
            wins, losers = (newest_now, old)
            if _is_newer(newest_then, newest_now):
                wins, losers = (newest_then, new)
            for record in losers:
                record["replaced"] = wins.label


def _one(records) -> Submission | None:
    """The one that counts of these; None if they may be the work of several learners."""
    choice = _chosen(records)
    return None if choice.apart else choice.submission


def _chosen(records) -> Choice:
    return newest([(submission_of(record), record["kind"]) for record in records])


def _is_newer(one, other) -> bool:
    if one.order and other.order:
        return one.order > other.order
    return bool(other.modified) and one.modified - other.modified > SAME_TIME


def counts(record: dict) -> bool:
    """Whether it may be the notebook that counts: graded, of the lesson set, and not replaced."""
    return record["status"] == "graded" and not record["replaced"] and not of_another_lesson(record)


def of_another_lesson(record: dict) -> bool:
    """Whether another lesson was set than the one that the notebook holds."""
    return bool(record["set"] and record["lesson"] and record["set"] != record["lesson"])


def submission_of(record: dict) -> Submission:
    """What `newest` needs to know of a hand-in."""
    known = {key: record[key] for key in _OF_THE_FILE}
    return Submission(record["student"], record["file"], Path(), **known)


def surely_of_one_learner(record: dict, other: dict) -> bool:
    """Whether two hand-ins under one name are one learner's: the platform or the place says so."""
    return _same_place(record, other) or record["by"] == other["by"] == PLATFORM


def _same_place(record, other):
    return _stands_at(record)[1] == _stands_at(other)[1]


def _stands_at(record):
    return record["student"], os.path.abspath(record["file"])


def unclear(record: dict, others: Iterable[dict]) -> str:
    """Why a person should look whether `record` may count in the place of others; "" if it may.

    `others` are the replaced notebooks of the learner.
    """
    for other in others:
        if other["replaced"] != record["file"] or other["score"] is None or other["taken_out"]:
            continue
        if not surely_of_one_learner(record, other):
            return (
                f"it counts in place of {other['file']}, which another run graded with "
                f"{other['score']:g} of {other['points']:g}. If that is another person of the "
                "same name, rename one of the two and grade both again; if not, take the old file "
                "out and grade its folder again"
            )
    return ""
