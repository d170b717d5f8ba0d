"""The tables of marks: nothing without a score becomes a 0, and nothing becomes a formula."""

import csv
import io
import random

import pandas
import pytest

from klteach.grading.collecting.platforms import canvas_id, moodle_id
from klteach.grading.errors import GradingError
from klteach.grading.marking.marks import (
    CANVAS_COLUMNS,
    FIRST_COLUMNS,
    MOODLE_COLUMNS,
    NBGRADER_COLUMNS,
    percent_of,
    table,
)
from klteach.units.lookup import questions
from tests.grading.class_records import (
    LESSON,
    NAMES,
    OTHER_LESSON,
    answers,
    class_of_thirty,
    record,
    without_score,
    write_marks,
)

STATUSES = (
    "unreadable",
    "not a notebook",
    "wrong language",
    "unknown lesson",
    "refused",
    "failed",
    "superseded",
)
HOSTILE = (
    "=cmd()|' /C calc'!A0",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "a,b",
    'a"b',
    "a;=1",
    "line\nbreak",
    "nul\0l",
    "../x",
    "x" * 300,
    "🦊",
    "ada",
    "Ada",
    "\u202eevil",
    "\x1b[2J",
    "\udce9",
    "</script>",
)


def written(records, folder):
    """The tables that are written, by file name, as lists of rows."""
    tables = {}
    for path in write_marks(records, folder):
        text = path.read_bytes().decode("utf-8")
        tables[path.name] = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    return tables


def rows_by_student(rows):
    return {row[0]: dict(zip(rows[0], row, strict=True)) for row in rows[1:]}


@pytest.mark.parametrize("status", STATUSES)
def test_what_has_no_score_is_blank_and_in_no_file_for_a_program(status, tmp_path):
    records = [
        record("ada", answers("right")),
        without_score(
            "eve", status, "why", lesson=LESSON, questions=answers("untouched"), points=9
        ),
    ]
    tables = written(records, tmp_path)
    row = rows_by_student(tables["grades.csv"])["eve"]
    assert row["status"] == status
    others = [
        value for key, value in row.items() if key not in ("student", "lesson", "file", "status")
    ]
    assert set(others) == {""}
    for name, rows in tables.items():
        if name != "grades.csv":
            assert any("ada" in row for row in rows) and not any("eve" in row for row in rows)


def test_a_score_of_nothing_is_a_zero(tmp_path):
    tables = written([record("ada", answers("untouched"))], tmp_path)
    row = rows_by_student(tables["grades.csv"])["ada"]
    assert (row["score"], row["percent"], row["kl"]) == ("0", "0", "0")
    assert tables[f"canvas_{LESSON}.csv"][-1][-1] == "0"


def test_a_row_has_the_scores_of_its_lesson_and_blanks_for_the_others(tmp_path):
    right, almost = answers("right"), answers("almost")
    records = [
        record("ada", [*right[:1], *almost[1:2], *right[2:]]),
        record(
            "ada", answers("right", OTHER_LESSON), OTHER_LESSON, file="submissions/01/ada.ipynb"
        ),
    ]
    rows = written(records, tmp_path)["grades.csv"]
    names = [name for name, q in questions().items() if q.lesson in (OTHER_LESSON, LESSON)]
    assert rows[0] == [*FIRST_COLUMNS, *names]
    first, second = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
    assert (first["lesson"], first["percent"], first["kl"]) == (OTHER_LESSON, "100", "")
    assert (second["score"], second["points"], second["percent"]) == ("8", "9", "88.9")
    assert (second["cross_entropy"], second["kl"], second["to_bits"]) == ("2", "1", "")


def test_no_question_is_named_like_another_column():
    assert not set(questions()) & set(FIRST_COLUMNS)


@pytest.mark.parametrize("student", HOSTILE)
def test_no_cell_is_a_formula_and_each_id_is_whole(student, tmp_path):
    nasty = record(student, answers("right"), file=f"=HYPERLINK(1)/{student}")
    for name, rows in written([nasty], tmp_path).items():
        widths = {len(row) for row in rows}
        assert len(widths) == 1, name
        assert len(rows) == (3 if name.startswith("canvas") else 2)
        cells = [cell for row in rows for cell in row]
        assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in cells)
        shown = student.replace("\0", "\ufffd").replace("\udce9", "\\udce9")
        assert shown in cells or f"'{shown}" in cells


def test_every_cell_is_in_quotes():
    assert table([["a", 1.5, 2, None]]) == '"a","1.5","2",""\r\n'


def test_a_program_that_reads_tables_finds_numbers_and_gaps(tmp_path):
    records, _ = class_of_thirty()
    write_marks(records, tmp_path)
    grades = pandas.read_csv(tmp_path / "grades.csv")
    assert list(grades["student"]) == sorted([*NAMES, "Ada", "Bao"], key=str.casefold)
    graded = grades[grades["status"] == "graded"]
    assert graded["score"].dtype == float and not graded["score"].isna().any()
    assert grades[grades["status"] != "graded"]["score"].isna().all()
    in_records = sum(made["score"] or 0 for made in records)
    assert graded["score"].sum() == in_records == grades.iloc[:, len(FIRST_COLUMNS) :].sum().sum()


def test_only_the_table_for_people_has_a_byte_order_mark(tmp_path):
    for path in write_marks([record("Zoë", answers("right"))], tmp_path):
        data = path.read_bytes()
        assert data.startswith(b"\xef\xbb\xbf") == (path.name == "grades.csv")
        assert "Zoë".encode() in data


def test_the_order_of_the_records_changes_nothing(tmp_path):
    records, _ = class_of_thirty()
    first = [path.read_bytes() for path in write_marks(records, tmp_path / "first")]
    for seed in range(3):
        random.Random(seed).shuffle(records)
        again = [path.read_bytes() for path in write_marks(records, tmp_path / "again")]
        assert again == first


def test_without_a_notebook_there_are_headings_alone(tmp_path):
    tables = written([], tmp_path)
    assert {name: len(rows) for name, rows in tables.items()} == {
        "grades.csv": 1,
        "nbgrader.csv": 1,
    }


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "marks").write_text("a file")
    with pytest.raises(GradingError, match="grades.csv cannot be written"):
        write_marks([], tmp_path / "marks")


def test_nothing_unfinished_is_left(tmp_path):
    paths = write_marks([record("ada", answers("right"))], tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted(paths)


# What each program looks for


def test_canvas_finds_its_columns_and_the_points(tmp_path):
    rows = written([record("ada", answers("right"))], tmp_path)[f"canvas_{LESSON}.csv"]
    # its importer reads these places: name first, ID second, Section last before the marks
    assert tuple(rows[0][:-1]) == CANVAS_COLUMNS
    assert (rows[0][0], rows[0][1], rows[0][-2]) == ("Student", "ID", "Section")
    assert "Points Possible" in rows[1][0] and rows[1][-1] == "9"
    assert rows[2] == ["ada", "", "", "ada", "", "9"]


@pytest.mark.parametrize(
    ("student", "file", "number"),
    [
        ("lovelaceada_123", "download/lovelaceada_123_4567_kl.ipynb", "123"),
        ("lovelaceada_123", "download.zip/lovelaceada_LATE_123_4567_kl-1.ipynb", "123"),
        ("lovelaceada_123", "lovelaceada_123_4567_mine.zip/kl.ipynb", "123"),
        ("123", "download/123_4567_kl.ipynb", "123"),
        ("anon_7Xa2q", "download/anon_7Xa2q_4567_kl.ipynb", None),
        ("ada", "download/ada.ipynb", None),
        ("ada_123", "submissions/ada_123/kl.ipynb", None),
        ("ada_123", "submissions/ada_123.ipynb", None),
        ("ada_12", "download/ada_123_4567_kl.ipynb", None),
    ],
)
def test_the_number_of_canvas_comes_from_canvas_alone(student, file, number, tmp_path):
    made = record(student, answers("right"), file=file)
    assert canvas_id(made) == number
    row = written([made], tmp_path)[f"canvas_{LESSON}.csv"][-1]
    assert row[1] == (number or "") and row[3] == ("" if number else student)


@pytest.mark.parametrize(
    ("student", "file", "expected"),
    [
        ("Ada Lovelace_12345", "all.zip/Ada Lovelace_12345_assignsubmission_file_/kl.ipynb", True),
        ("Ada Lovelace_12345", "Ada Lovelace_12345_assignsubmission_file_kl.ipynb", True),
        ("Ada Lovelace_12345", "submissions/Ada Lovelace_12345/kl.ipynb", False),
        ("Ada Lovelace", "submissions/Ada Lovelace/kl.ipynb", False),
    ],
)
def test_the_number_of_moodle_comes_from_moodle_alone(student, file, expected, tmp_path):
    made = record(student, answers("right"), file=file)
    assert moodle_id(made) == (("Ada Lovelace", "12345") if expected else None)
    rows = written([made], tmp_path)[f"moodle_{LESSON}.csv"]
    assert tuple(rows[0]) == MOODLE_COLUMNS
    named = ["Participant 12345", "Ada Lovelace"] if expected else ["", student]
    assert rows[1] == [*named, "9", ""]


def test_nbgraders_columns_hold_all_lessons(tmp_path):
    records = [
        record("ada", answers("almost")),
        record("ada", answers("right", OTHER_LESSON), OTHER_LESSON, file="01.ipynb"),
    ]
    rows = written(records, tmp_path)["nbgrader.csv"]
    assert tuple(rows[0]) == NBGRADER_COLUMNS
    first, second = (dict(zip(rows[0], row, strict=True)) for row in rows[1:])
    assert (first["assignment"], second["assignment"]) == (OTHER_LESSON, LESSON)
    assert (second["student_id"], second["raw_score"], second["score"]) == ("ada", "4.5", "4.5")
    assert (second["max_score"], second["late_submission_penalty"]) == ("9", "0")


def test_per_cent_has_one_decimal():
    made = record("ada", answers("right"))
    assert percent_of(made | {"score": 1.0, "points": 3.0}) == 33.3
    assert percent_of(made | {"score": None}) is None


def test_of_several_notebooks_that_count_a_program_takes_none(tmp_path):
    records = [
        record("kim", answers("right"), file="A/kim.ipynb"),
        record("kim", answers("wrong"), file="B/kim.ipynb", key="another"),
        record("ada", answers("right")),
    ]
    tables = written(records, tmp_path)
    assert [row[0] for row in tables["grades.csv"]] == ["student", "ada", "kim", "kim"]
    for name in (f"canvas_{LESSON}.csv", f"moodle_{LESSON}.csv", "nbgrader.csv"):
        cells = [cell for row in tables[name] for cell in row]
        assert "ada" in cells and "kim" not in cells


def test_answers_that_were_called_have_their_marks_where_others_were_not(tmp_path):
    right, other, *rest = answers("right")
    questions = [right, other | {"score": None, "state": "not called"}, *rest]
    made = without_score(
        "ada", "no verdict", "kl was not called", lesson=LESSON, questions=questions, points=9.0
    )
    row = rows_by_student(written([made], tmp_path)["grades.csv"])["ada"]
    assert (row["score"], row["points"], row["percent"]) == ("", "", "")
    assert (row["cross_entropy"], row["kl"]) == ("2", "")
