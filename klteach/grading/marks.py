"""The marks as tables: one for people, and one for each place that they may be taken to.

`grades.csv` is for people and their spreadsheets. It has a row for every notebook, and where there
is no score it has a blank and the status, never a 0. It starts with a byte order mark, without
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
import re
from collections.abc import Iterable
from pathlib import Path

from klteach.grading.class_summary import by_lesson, course_order, in_order, title_of
from klteach.grading.saving import write_whole

BYTE_ORDER_MARK = "\ufeff"
FIRST_COLUMNS = ("student", "lesson", "file", "status", "score", "points", "percent")
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


def write_marks(records: Iterable[dict], folder: Path) -> list[Path]:
    """Write grades.csv and the layouts of Canvas, Moodle and nbgrader; returns the paths.

    The order of the records changes nothing. Errors: GradingError if a file cannot be written.
    """
    records = in_order(records)
    tables = {"grades.csv": BYTE_ORDER_MARK + table(_grades(records))}
    for lesson, graded in by_lesson(records).items():
        tables[f"canvas_{lesson}.csv"] = table(_canvas(lesson, graded))
        tables[f"moodle_{lesson}.csv"] = table(_moodle(graded))
    tables["nbgrader.csv"] = table(_nbgrader(by_lesson(records)))
    for name, text in tables.items():
        write_whole(folder / name, text)
    return [folder / name for name in tables]


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


def _grades(records):
    names = course_order(question["name"] for r in records for question in r["questions"])
    yield [*FIRST_COLUMNS, *names]
    for record in records:
        has_score = record["score"] is not None
        scores = {q["name"]: q["score"] for q in record["questions"] if has_score}
        yield [
            *(record[key] for key in FIRST_COLUMNS[:-2]),
            record["points"] if has_score else None,
            percent_of(record),
            *(scores.get(name) for name in names),
        ]


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


def canvas_id(record: dict) -> str | None:
    """Canvas's own number of the student, if Canvas named the file."""
    found = re.fullmatch(r"(?:(?P<name>.+)_)?(?P<number>\d+)", record["student"], re.DOTALL)
    if not found:
        return None
    name = f"{found['name']}_" if found["name"] else ""
    form = re.compile(re.escape(name) + r"(LATE_)?" + found["number"] + r"_\d+_.+", re.DOTALL)
    # the file may be in an archive that Canvas named
    return found["number"] if any(map(form.fullmatch, record["file"].split("/"))) else None


def moodle_id(record: dict) -> tuple[str, str] | None:
    """The name and Moodle's number of the participant, if Moodle named the file or its folder."""
    name, _, number = record["student"].rpartition("_")
    named = f"{record['student']}_assignsubmission_file"
    if re.fullmatch(r"[0-9]+", number) and any(
        part.startswith(named) for part in record["file"].split("/")
    ):
        return name, number
    return None
