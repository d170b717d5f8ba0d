"""A roster names who is missing, and who is not on it; it is read as people keep it."""

from pathlib import Path

import pytest

from klteach.grading.errors import GradingError
from klteach.grading.marking.roster import Enrolled, attendance, read_roster
from tests.grading.class_records import record
from tests.grading.quick_class import LESSONS, Quick
from tests.grading.test_grading_page import section

LESSON = LESSONS["02"]


@pytest.fixture
def quick(tmp_path, monkeypatch):
    made = Quick(tmp_path, monkeypatch)
    made.hand_in("all/ada", "02 right, ada")
    made.hand_in("all/bob", "02 almost, bob")
    return made


def put(folder, data, encoding="utf-8") -> Path:
    path = folder / "roster.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
    return path


@pytest.mark.parametrize(
    "text, encoding",
    [
        ("ada\nbob\n", "utf-8"),
        ("ada\r\nbob\r\n", "utf-8-sig"),
        ("\n  ada  \n\n bob\t\n", "utf-8"),
        ("id\nada\nbob", "utf-8"),
        ('"Username"\n"ada"\n"bob"\n', "utf-8"),
        ("Student,Section\nada,1\nbob,2\n", "utf-8"),
        ("Section;Login ID\r\n1;ada\r\n2;bob\r\n", "utf-8-sig"),
        ("ada\nbob\n", "utf-16"),
        ("ada\xa0\nbob\n", "utf-8"),
    ],
)
def test_ids_are_read_however_they_are_kept(tmp_path, text, encoding):
    assert [entry.id for entry in read_roster(put(tmp_path, text, encoding))] == ["ada", "bob"]


@pytest.mark.parametrize(
    "text",
    [
        "ada,Ada Lovelace\nbob,Bob Müller\n",
        "ada;Ada Lovelace\r\nbob;Bob Müller\r\n",
        "id,name\nada,Ada Lovelace\nbob,Bob Müller\n",
        "Full name\tid\nAda Lovelace\tada\nBob Müller\tbob\n",
        "First name,Last name,Username,Email address\n"
        "Ada,Lovelace,ada,a@x.org\nBob,Müller,bob,b@x.org\n",
        '"Surname";"First name";"ID";"Groups"\n"Lovelace";"Ada";"ada";"a, b"\n'
        '"Müller";"Bob";"bob";"c"\n',
    ],
)
def test_names_come_with_them(tmp_path, text):
    assert read_roster(put(tmp_path, text)) == [
        Enrolled("ada", "Ada Lovelace"),
        Enrolled("bob", "Bob Müller"),
    ]


@pytest.mark.parametrize(
    "data, said",
    [
        (b"", "names nobody"),
        (b"id,name\n", "names nobody"),
        (b"ada\nbob\nada\n", "line 3 of .* names 'ada' again, as line 1"),
        (b"id,name\n,Ada\n", "line 2 of .* has no id"),
        ("zoë\n".encode("cp1252"), "CSV UTF-8"),
        (b"PK\x03\x04", "spreadsheet"),
    ],
)
def test_what_is_no_roster_is_refused(tmp_path, data, said):
    with pytest.raises(GradingError, match=said):
        read_roster(put(tmp_path, data))


def test_a_roster_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(GradingError, match="cannot be read"):
        read_roster(tmp_path / "no.csv")


def test_who_is_missing_is_named_everywhere(quick, capsys):
    put(quick.folder, "ada,Ada L\nbob,Bob M\neve,Eve <N>\n=zoe,\n")
    assert quick.grade("all", "--roster", "roster.csv") == 0
    assert f"2 of the roster handed in nothing in {LESSON}: eve, =zoe" in capsys.readouterr().out
    words = section(quick.page(), "missing")
    assert "4 learners on the roster" in words and "eve (Eve <N>)" in words and "=zoe" in words
    rows = {row["student"]: row for row in quick.rows()}
    assert (rows["eve"]["status"], rows["eve"]["score"], rows["eve"]["name"]) == (
        "missing",
        "",
        "Eve <N>",
    )
    assert rows["ada"]["name"] == "Ada L" and "'=zoe" in rows
    for name in (f"canvas_{LESSON}.csv", f"moodle_{LESSON}.csv", "nbgrader.csv"):
        assert "eve" not in (quick.out / name).read_text()


def test_who_is_not_on_it_is_shown_to_a_person(quick, capsys):
    put(quick.folder, "ada\neve\n")
    assert quick.grade("all", "--roster", "roster.csv") == 3
    said = capsys.readouterr().err
    assert "bob" in said and "not on the roster" in said and "ada" not in said


def test_the_roster_holds_for_later_runs_until_it_is_taken_back(quick, capsys):
    put(quick.folder, "ada\nbob\neve\n")
    quick.grade("all", "--roster", "roster.csv")
    (quick.folder / "roster.csv").unlink()
    quick.hand_in("late/eve", "02 right, eve")
    quick.grade("late")
    assert "everybody handed something in" in section(quick.page(), "missing")
    quick.grade("late", "--roster", "none")
    assert 'id="missing"' not in quick.page()


def test_a_roster_of_other_names_misses_all_and_knows_none(quick):
    put(quick.folder, "x1\nx2\n")
    assert quick.grade("all", "--roster", "roster.csv") == 3
    assert "2 handed in nothing" in section(quick.page(), "missing")


def test_everybody_on_it_is_nobody_to_name(quick, capsys):
    put(quick.folder, "ada\nbob\n")
    assert quick.grade("all", "--roster", "roster.csv") == 0
    assert "handed in nothing" not in capsys.readouterr().out


def test_of_two_lessons_each_has_its_missing(quick):
    quick.hand_in("all/ada/b.ipynb", "03 right, ada")
    put(quick.folder, "ada\nbob\n")
    quick.grade("all", "--roster", "roster.csv")
    missing = {(r["student"], r["lesson"]) for r in quick.rows() if r["status"] == "missing"}
    assert missing == {("bob", LESSONS["03"])}


def test_whoever_handed_in_a_broken_file_is_not_missing(quick):
    quick.hand_in("all/eve", "broken")
    put(quick.folder, "ada\nbob\neve\n")
    quick.grade("all", "--roster", "roster.csv")
    assert [row["status"] for row in quick.rows()] == ["graded", "graded", "unreadable"]


def matched(roster, *students, **changes):
    records = [record(student, **changes) for student in students]
    return attendance(roster, records, [LESSON])


@pytest.mark.parametrize(
    "student, file",
    [
        ("ada", "all/ada/kl.ipynb"),
        ("Ada", "all/Ada/kl.ipynb"),
        ("Ada Lovelace", "all/Ada Lovelace/kl.ipynb"),
        ("ada_lovelace", "all/ada_lovelace/kl.ipynb"),
        ("Ada Lovelace_77", "all/Ada Lovelace_77_assignsubmission_file_/kl.ipynb"),
        ("lovelaceada_ada", "all/x.ipynb"),
    ],
)
def test_a_learner_is_known_by_id_name_and_what_the_platform_writes(student, file):
    found = matched([Enrolled("ada", "Ada Lovelace"), Enrolled("bob", "")], student, file=file)
    expected = student != "lovelaceada_ada"
    assert (student in found.enrolled) == expected
    assert [entry.id for entry in found.missing[LESSON]] == (
        ["bob"] if expected else ["ada", "bob"]
    )


def test_a_number_of_canvas_or_moodle_may_be_the_id():
    canvas = matched([Enrolled("123")], "lovelaceada_123", file="all/lovelaceada_123_4_kl.ipynb")
    assert not canvas.missing[LESSON]
    file = "all/Ada_77_assignsubmission_file_/kl.ipynb"
    assert not matched([Enrolled("77")], "Ada_77", file=file).missing[LESSON]


def test_two_that_differ_by_case_are_two_and_nobody_is_guessed():
    both = [Enrolled("ada"), Enrolled("Ada")]
    assert not matched(both, "ada", "Ada").unknown
    assert [entry.id for entry in matched(both, "ada").missing[LESSON]] == ["Ada"]
    assert matched(both, "ADA").unknown == ("ADA",)
    assert matched([Enrolled("ada")], "ada", "Ada").unknown == ("Ada",)
    assert matched([Enrolled("a1", "Kim Lee"), Enrolled("a2", "Kim Lee")], "Kim Lee").unknown


def test_a_lesson_that_one_sent_by_mistake_is_missed_by_nobody(quick):
    for name in ("cyd", "dan", "eve", "fay"):
        quick.hand_in(f"all/{name}", f"02 right, {name}")
    quick.hand_in("all/kim/a.ipynb", "00 right, kim")
    put(quick.folder, "ada\nbob\ncyd\ndan\neve\nfay\nkim\n")
    quick.grade("all", "--roster", "roster.csv")
    missing = {(r["student"], r["lesson"]) for r in quick.rows() if r["status"] == "missing"}
    assert missing == {("kim", LESSON)}
