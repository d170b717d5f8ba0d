"""The marks as tables: one for people, and one for each place that they may be taken to.

`grades.csv` is for people and their spreadsheets. It has a row for every notebook, and one for each
of the roster who handed in none; where there is no score it has a blank and the status, never a 0.
The columns of the questions and `adjustment`, what the teacher gave beside them, add up to `score`;
`late` is "yes", "no" or, where nothing tells, blank. It starts with a byte order mark, without
which Excel takes UTF-8 for an older encoding.

The others are for programs. There a blank may erase a mark that a teacher has typed (Canvas,
Moodle's gradebook), so they hold graded notebooks and nothing else: whoever is missing in them is
in `grades.csv` with the status. Upload them as they are, since a spreadsheet that opens and saves
them makes 123 of the id 00123. There is one file for each lesson.

`canvas_LESSON.csv`, for Import in Canvas's gradebook, which knows a student by ID (a number of
Canvas's own), then by SIS User ID, then by SIS Login ID, then by name. The ID stands in the names
of the files that Canvas hands out ("lovelaceada_123_4567_kl.ipynb"), and is taken from there.
Elsewhere the student's id goes into SIS Login ID; if it is no login, put the ID column of an
exported gradebook in. Name the column of marks as the assignment is named there, with its number
("Exercises 02 (98765)"); otherwise Canvas asks which assignment it is, or makes a new one. The row
"Points Possible" sets the points of the assignment.

`moodle_LESSON.csv` goes two ways. As the grading worksheet of an assignment, which knows a student
by Identifier ("Participant 12345"): the number stands in the names of the folders that Moodle hands
out ("Ada Lovelace_12345_assignsubmission_file_"), and is taken from there. The assignment needs the
feedback type "Offline grading worksheet" and a maximum grade of at least the points, and whoever
uploads needs English as their language, since Moodle looks for the columns by their translated
names; tick "Allow updating records" if there are marks already. Or as a CSV import of the
gradebook: there map Student to the user name, the id number or the email address, whichever the
ids are, and Grade to the assignment. A student that Moodle does not know stops all of that import.

`nbgrader.csv` has the columns of `nbgrader export`, all lessons in one file, for scripts that read
those. nbgrader itself imports no marks. It knows of no late hand-ins, names or addresses here, and
where nbgrader writes 0 for whoever has no submission, it has no row.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from klteach.grading.collecting.platforms import canvas_id, moodle_id
from klteach.grading.marking.roster import Enrolled
from klteach.grading.pages.class_summary import (
    NO_VERDICT,
    by_lesson,
    course_order,
    in_order,
    title_of,
)

BYTE_ORDER_MARK = "\ufeff"
MISSING = "missing"  # the status of whoever is on the roster and handed in nothing
FIRST_COLUMNS = (
    "student",
    "name",
    "lesson",
    "file",
    "status",
    "score",
    "points",
    "percent",
    "late",
    "adjustment",
    "comment",
)
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_COLUMNS = ("Identifier", "Student", "Grade", "Last modified (grade)")
NBGRADER_COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)

# What a spreadsheet takes for the beginning of a formula, in both widths that characters have.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def mark_tables(
    records: Iterable[dict], missing: Mapping[str, Sequence[Enrolled]] | None = None
) -> dict[str, str]:
    """grades.csv and the layouts of Canvas, Moodle and nbgrader, by their names.

    `missing` are those of the roster who handed in nothing, by lesson. The order of the records
    changes nothing.
    """
    records = in_order(records)
    tables = {"grades.csv": BYTE_ORDER_MARK + table(_grades(records, missing or {}))}
    clear = without_rivals(records)
    for lesson, graded in by_lesson(clear).items():
        tables[f"canvas_{lesson}.csv"] = table(_canvas(lesson, graded))
        tables[f"moodle_{lesson}.csv"] = table(_moodle(graded))
    tables["nbgrader.csv"] = table(_nbgrader(by_lesson(clear)))
    return tables


def without_rivals(records: Iterable[dict]) -> list[dict]:
    """The records without those of a learner who has several that count for one lesson.

    They may be two people's, and a program would take one of the marks without a word.
    """
    records = list(records)
    count = Counter((r["student"], r["lesson"]) for r in records if r["score"] is not None)
    return [r for r in records if count[r["student"], r["lesson"]] < 2]


def table(rows: Iterable[Iterable]) -> str:
    """Rows as CSV, every cell in quotes and none of them a formula.

    >>> table([["=cmd()", 2.0, None, "a,b"]])
    '"\\'=cmd()","2","","a,b"\\r\\n'
    """
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)  # ends lines as RFC 4180 asks, \r\n
    writer.writerows(map(_cell, row) for row in rows)
    return file.getvalue()


def _cell(value):
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    value = str(value).replace("\0", "\N{REPLACEMENT CHARACTER}")  # some readers stop at it
    return f"'{value}" if value.startswith(_FORMULA) else value


def percent_of(record: dict) -> float | None:
    """The score in percent of the points, to one decimal; None where there is no score."""
    if record["score"] is None or not record["points"]:
        return None
    return round(100 * record["score"] / record["points"], 1)


def _grades(records, missing):
    names = course_order(question["name"] for r in records for question in r["questions"])
    yield [*FIRST_COLUMNS, *names]
    for record in records:
        known = record["score"] is not None
        # of a notebook in which not all could be called, the answers that were have a score
        scores = {q["name"]: q["score"] for q in record["questions"]}
        shown = known or record["status"] == NO_VERDICT
        own = {
            **record,
            "name": record["full_name"],
            "points": record["points"] if known else None,
            "percent": percent_of(record),
            "adjustment": record["adjustment"] or None,
        }
        cells = (own[key] for key in FIRST_COLUMNS)
        yield [*cells, *(scores.get(name) if shown else None for name in names)]
    for lesson, entries in missing.items():
        for entry in entries:
            own = {"student": entry.id, "name": entry.name, "lesson": lesson, "status": MISSING}
            yield [*(own.get(key) for key in FIRST_COLUMNS), *[None] * len(names)]


def _canvas(lesson, records):
    yield [*CANVAS_COLUMNS, title_of(lesson)]
    yield ["    Points Possible", *[None] * (len(CANVAS_COLUMNS) - 1), records[0]["points"]]
    for record in records:
        number = canvas_id(record)
        login = None if number else record["student"]
        yield [record["student"], number, None, login, None, record["score"]]


def _moodle(records):
    yield MOODLE_COLUMNS
    for record in records:
        name, number = moodle_id(record) or (record["student"], None)
        identifier = f"Participant {number}" if number else None
        yield [identifier, name, record["score"], None]


def _nbgrader(graded):
    yield NBGRADER_COLUMNS
    for lesson, records in graded.items():
        for record in records:
            values = {
                "assignment": lesson,
                "student_id": record["student"],
                "raw_score": record["score"],
                "late_submission_penalty": 0.0,
                "score": record["score"],
                "max_score": record["points"],
            }
            yield [values.get(column) for column in NBGRADER_COLUMNS]
