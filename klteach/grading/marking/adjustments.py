"""adjustments.csv: marks and comments of the teacher, which every run applies.

    student,question,points,comment
    ada,kl,1.5,"right idea, and a typing error"
    bob,total,7,as we agreed
    eve,,,see me about question 3

`question` is the name of a question, or `total` for a whole notebook, with the lesson after it
("total 02") where the learner has several; blank with a comment on the whole notebook. `points` is
the new mark, not a difference; blank where there is only a comment. A `total` gives a mark to what
could not be graded, too, and to whoever is on the roster and handed in in another way; and it
settles whatever a person was asked to look at.

The file is the teacher's: the grader writes its headings once and then only reads it. What it does
not understand it refuses by line, since a mark that is silently left out is a mark lost.
"""

import difflib
import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from klteach.grading.collecting.submission import Submission
from klteach.grading.errors import GradingError
from klteach.grading.hand_ins import handed_in
from klteach.grading.marking.sheets import as_typed, read_sheet
from klteach.grading.saving import write_whole
from klteach.units.lookup import questions

NAME = "adjustments.csv"
COLUMNS = ("student", "question", "points", "comment")
BY_HAND = "marked by hand"  # the status of what has a score from the teacher alone
_TEMPLATE = "\ufeff" + ",".join(COLUMNS) + "\r\n"
_MOST_FAULTS = 5  # in one message
_TOTAL = re.compile(r"total(?: (?P<lesson>\S+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Adjustment:
    """One line: what is adjusted, to what, and what the learner reads about it.

    question   "" for a whole notebook
    lesson     the slug, for a whole notebook; "" if the learner's only one is meant
    points     None for a comment alone
    """

    line: int
    student: str
    question: str = ""
    lesson: str = ""
    points: float | None = None
    comment: str = ""


def make_template(folder: Path) -> None:
    """Write the headings into a folder that has no adjustments yet."""
    if not (folder / NAME).exists():
        write_whole(folder / NAME, _TEMPLATE)


def read_adjustments(folder: Path) -> list[Adjustment]:
    """The teacher's adjustments in this folder, none if there is no file.

    Errors: GradingError with the lines that are not understood, all of them at once.
    """
    path = folder / NAME
    if not path.exists():
        return []
    rows, delimiter = read_sheet(path, frozenset(COLUMNS))
    if not rows:
        return []
    (line, heads), *rows = rows
    heads = [head.casefold() for head in heads]
    lacking = [column for column in COLUMNS[:3] if column not in heads]
    if lacking:
        raise GradingError(
            f"line {line} of {path} has to name the columns {','.join(COLUMNS)}; "
            f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not there."
        )
    found, faults = [], []
    for line, cells in rows:
        values = dict(zip(heads, [*cells, *[""] * len(heads)], strict=False))
        try:
            if any(cells[len(heads) :]):
                raise ValueError(f"more than {len(heads)} columns; put a comment into quotes")
            found.append(_adjustment(line, values, delimiter))
        except ValueError as error:
            faults.append(f"line {line}: {error}")
    faults += _repeated(found)
    _refuse(path, faults)
    return found


def _adjustment(line, values, delimiter) -> Adjustment:
    student, asked = values["student"], values["question"]
    points = _points(values["points"], delimiter)
    comment = values.get("comment", "")
    if not student:
        raise ValueError("no student")
    if points is None and not comment:
        raise ValueError(f"neither points nor a comment for {student}")
    total = _TOTAL.fullmatch(asked)
    if total or not asked:
        if points is not None and not asked:
            raise ValueError(f"points for {student}, and no question: write its name, or total")
        lesson = _lesson(total["lesson"]) if total and total["lesson"] else ""
        return Adjustment(line, student, "", lesson, points, comment)
    question = questions().get(asked)
    if question is None:
        near = difflib.get_close_matches(asked.casefold(), questions(), 1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise ValueError(f"no question is called {asked!r}{meant}")
    if points is not None and points > question.points:
        raise ValueError(f"{points:g} is more than the {question.points:g} points of {asked}")
    return Adjustment(line, student, asked, question.lesson, points, comment)


def _points(said, delimiter) -> float | None:
    if not said:
        return None
    plain = said.replace(",", ".") if re.fullmatch(r"\d*,\d+", said) else said
    try:
        points = float(plain)
    except ValueError:
        raise ValueError(f"{said!r} is no number of points") from None
    if not math.isfinite(points) or points < 0 or "_" in said:
        raise ValueError(f"{said!r} is no number of points, which are 0 or more")
    return points


def _lesson(said) -> str:
    lessons = sorted({question.lesson for question in questions().values()})
    for lesson in lessons:
        if said.casefold() in (lesson.casefold(), lesson.split("_")[0], lesson[:2].lstrip("0")):
            return lesson
    raise ValueError(f"no lesson is called {said!r}")


def _repeated(found):
    seen: dict[tuple, int] = {}
    for one in found:
        what = one.student, one.question, one.lesson
        if one.points is not None:
            if what in seen:
                yield f"line {one.line}: line {seen[what]} gives points for the same already"
            seen.setdefault(what, one.line)


def _refuse(path, faults) -> None:
    faults = list(faults)
    if faults:
        more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise GradingError(f"in {path}: {'; '.join(faults[:_MOST_FAULTS])}{more}.")


def require_students(
    adjustments: Iterable[Adjustment],
    students: Iterable[str],
    folder: Path,
    enrolled: Mapping[str, str] | None = None,
) -> list[Adjustment]:
    """The adjustments with the names of learners as they are known.

    enrolled   the ids of a roster, and who of the learners each is, or the id itself

    Errors: GradingError with the lines that name nobody of the class.
    """
    known: dict[str, str] = {}
    names = [(student, student) for student in sorted(students)]
    for called, student in (*names, *(enrolled or {}).items()):
        known.setdefault(as_typed(called), student)
        # as the tables show an id that a spreadsheet would compute
        known.setdefault(f"'{as_typed(called)}", student)
    found, faults = [], []
    for one in adjustments:
        if one.student in known:
            found.append(replace(one, student=known[one.student]))
            continue
        near = [name for name in known if name.casefold() == one.student.casefold()]
        near = near or difflib.get_close_matches(one.student, known, 1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        faults.append(f"line {one.line}: nobody of the class is called {one.student!r}{meant}")
    _refuse(folder / NAME, faults)
    return found


def adjusted(
    records: list[dict],
    adjustments: Iterable[Adjustment],
    folder: Path,
    enrolled: Collection[str] = (),
    unmarked: Callable[[], dict] = dict,
) -> list[dict]:
    """The records with the teacher's marks and comments; the order stays.

    Each record gets `comment` and `adjustment`, the points that a total has beyond its questions;
    each adjusted question `graded`, what the grader gave. `enrolled` may have a mark without a
    notebook; `unmarked` makes an empty record for it.

    Errors: GradingError with the lines that fit no notebook.
    """
    records = [
        {**r, "comment": "", "adjustment": 0.0, "questions": [{**q} for q in r["questions"]]}
        for r in records
    ]
    places = defaultdict(list)
    for place, record in enumerate(records):
        places[record["student"]].append(place)
    faults = []
    # questions first, since a total is what the whole comes to
    for one in sorted(adjustments, key=lambda one: (not one.question, one.line)):
        try:
            own = [records[place] for place in places[one.student]]
            target = _target(one, own)
            if target is None and one.points is not None and one.student in enrolled:
                target = _without_notebook(one, unmarked())
                records.append(target)
                places[one.student].append(len(records) - 1)
            if target is None:
                raise ValueError(f"{one.student} has no notebook {_of(one)}")
            _apply(one, target)
        except ValueError as error:
            faults.append(f"line {one.line}: {error}")
    _refuse(folder / NAME, faults)
    return records


def _of(one):
    return f"of {one.lesson} that counts" if one.lesson else "that counts"


def _target(one, own) -> dict | None:
    """The record that is meant: the one that counts, or the one that could not be graded."""
    own = [record for record in own if record["status"] != "superseded"]
    fits = [r for r in own if not one.lesson or r["lesson"] == one.lesson]
    scored = [record for record in fits if record["score"] is not None]
    if one.question:
        fits = [r for r in fits if any(q["name"] == one.question for q in r["questions"])]
        scored = [record for record in scored if record in fits]
    elif one.lesson and not fits:
        # of a file that could not be read nobody knows the lesson
        fits = [record for record in own if record["lesson"] is None]
    candidates = scored or fits
    if len(candidates) > 1:
        if len({record["lesson"] for record in candidates}) > 1 and not one.lesson:
            raise ValueError(
                f"{one.student} has notebooks of several lessons: write total and the lesson's "
                "number, as in total 02"
            )
        raise ValueError(f"{one.student} has several notebooks that count {_of(one)}")
    return candidates[0] if candidates else None


def _without_notebook(one, empty):
    if not one.lesson:
        raise ValueError(
            f"{one.student} handed in nothing: write total and the lesson's number, as in total 02"
        )
    record = handed_in(empty, Submission(one.student, "", Path()), "")
    return {**record, "status": BY_HAND, "comment": "", "adjustment": 0.0, "earlier": False}


def _apply(one, record) -> None:
    if one.question:
        question = next(q for q in record["questions"] if q["name"] == one.question)
        question["comment"] = "\n".join(filter(None, (question.get("comment"), one.comment)))
        if one.points is None:
            return
        question["graded"] = question["score"]
        question["score"] = one.points
        scores = [q["score"] for q in record["questions"]]
        if record["status"] in ("graded", "no verdict", BY_HAND) and None not in scores:
            _give(record, sum(scores))
        return
    record["comment"] = "\n".join(filter(None, (record["comment"], one.comment)))
    if one.points is None:
        return
    lesson = one.lesson or record["lesson"]
    if not lesson:
        raise ValueError(
            f"the lesson of {one.student}'s file is not known: write total and its number, as in "
            "total 02"
        )
    most = _points_of(lesson)
    if one.points > most:
        raise ValueError(f"{one.points:g} is more than the {most:g} points of {lesson}")
    record["lesson"] = lesson
    # the teacher has decided, so nobody need look any more
    record.update(problem="", human=[], suspicious=[])
    known = [q["score"] for q in record["questions"] if q["score"] is not None]
    record["adjustment"] = one.points - sum(known)
    _give(record, one.points)


def _give(record, score) -> None:
    if record["score"] is None:
        record.update(status=BY_HAND, problem="", human=[])
    record["score"] = float(score)
    record["points"] = record["points"] or _points_of(record["lesson"])


def _points_of(lesson) -> float:
    return sum(q.points for q in questions().values() if q.lesson == lesson)


def stale(
    adjustments: Iterable[Adjustment], records: Iterable[dict], applied: Mapping[str, str]
) -> tuple[dict[str, str], dict[tuple[str, str], list[str]]]:
    """To which bytes each adjustment is applied, and remarks where it was made for others.

    `applied` is what the last run returned; a remark is for (student, file).
    """
    by_student = defaultdict(list)
    for record in records:
        if record["score"] is not None:
            by_student[record["student"]].append(record)
    now, remarks = {}, defaultdict(list)
    for one in adjustments:
        name = (
            f"{one.student}\n{one.question or 'total'}\n{one.lesson}\n{one.points}\n{one.comment}"
        )
        for record in by_student[one.student]:
            if one.points is None or (one.lesson and record["lesson"] != one.lesson):
                continue
            now[name] = applied.get(name, record["key"])
            if now[name] != record["key"]:
                remarks[record["student"], record["file"]].append(
                    f"line {one.line} of {NAME} was written for an earlier notebook of this "
                    "learner and holds for this one too; if that is right, say so in its comment, "
                    "otherwise remove it"
                )
    return now, remarks
