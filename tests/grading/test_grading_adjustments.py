"""adjustments.csv: what the teacher gives and says lasts, shows everywhere and adds up."""

import pytest

from klteach.grading.marking.adjustments import COLUMNS
from tests.grading.quick_class import LESSONS, Quick
from tests.grading.test_grading_page import read

LESSON = LESSONS["02"]


@pytest.fixture
def quick(tmp_path, monkeypatch):
    made = Quick(tmp_path, monkeypatch)
    made.hand_in("all/ada", "02 right, ada")
    made.hand_in("all/bob", "02 almost, bob")
    made.hand_in("all/cyd", "broken")
    return made


def row_of(quick, student):
    (row,) = [row for row in quick.rows() if row["student"] == student]
    return row


def adds_up(row):
    names = list(row)[list(row).index("comment") + 1 :]
    parts = sum(float(row[name] or 0) for name in names) + float(row["adjustment"] or 0)
    return parts == pytest.approx(float(row["score"]))


def test_the_headings_are_written_once(quick):
    quick.grade("all")
    path = quick.out / "adjustments.csv"
    assert path.read_text(encoding="utf-8-sig").strip().split(",") == list(COLUMNS)
    quick.adjust("bob,kl,2,")
    mine = path.read_bytes()
    quick.grade("all")
    assert path.read_bytes() == mine


def test_points_of_a_question_show_everywhere_and_add_up(quick):
    quick.grade("all")
    quick.adjust('bob,kl,1.75,"right idea, and a typing error"')
    for _ in range(2):
        quick.grade("all")
        row = row_of(quick, "bob")
        assert (row["kl"], row["score"], row["adjustment"]) == ("1.75", "5.25", "")
        assert adds_up(row)
        assert quick.rows("nbgrader.csv")[1]["score"] == "5.25"
        moodle = {row["Student"]: row["Grade"] for row in quick.rows(f"moodle_{LESSON}.csv")}
        assert moodle == {"ada": "9", "bob": "5.25"}
        assert '"bob","","","bob","","5.25"' in (quick.out / f"canvas_{LESSON}.csv").read_text()
        words = read(quick.page("learners/bob.html"))
        assert "5.25 of 9 points" in words and "the check had given 1" in words
        assert "right idea, and a typing error" in words
        assert "1 → 1.75 right idea" in read(quick.page())
    assert len(quick.graded) == 3


def test_a_total_is_the_whole_and_what_is_beside_the_questions_is_shown(quick):
    quick.adjust("bob,total,7,as we agreed", "ada,total,6.5,late by a week")
    quick.grade("all")
    bob, ada = row_of(quick, "bob"), row_of(quick, "ada")
    assert (bob["score"], bob["adjustment"], bob["comment"]) == ("7", "2.5", "as we agreed")
    assert (ada["score"], ada["adjustment"], ada["percent"]) == ("6.5", "-2.5", "72.2")
    assert adds_up(ada) and adds_up(bob)
    words = read(quick.page("learners/bob.html"))
    assert "your teacher gave 2.5 points" in words and "as we agreed" in words
    assert "your teacher took off 2.5 points" in read(quick.page("learners/ada.html"))


def test_points_of_a_question_and_a_total_of_one_learner_add_up(quick):
    quick.adjust("bob,total,8,", "bob,kl,2,")
    quick.grade("all")
    row = row_of(quick, "bob")
    assert (row["score"], row["kl"]) == ("8", "2") and adds_up(row)


def test_a_comment_alone_changes_no_mark(quick):
    quick.adjust("bob,,,see me on Friday <b>", "bob,kl,,nice", "ada,total,,well done")
    quick.grade("all")
    assert quick.scores()["bob"] == "4.5"
    assert "see me on Friday &lt;b&gt;" in quick.page("learners/bob.html")
    assert "nice" in read(quick.page("learners/bob.html"))
    assert row_of(quick, "ada")["comment"] == "well done"


def test_what_could_not_be_graded_can_be_given_a_mark(quick):
    quick.adjust("cyd,total 02,4,from a screenshot")
    assert quick.grade("all") == 0
    row = row_of(quick, "cyd")
    assert (row["status"], row["score"], row["points"]) == ("marked by hand", "4", "9")
    assert "cyd" in (quick.out / f"canvas_{LESSON}.csv").read_text()
    assert "4 of 9 points" in read(quick.page("learners/cyd.html"))


def test_without_its_lesson_a_file_that_cannot_be_read_gets_no_mark_by_guess(quick, capsys):
    quick.adjust("cyd,total,4,")
    assert quick.grade("all") == 2
    assert "line 2" in (said := capsys.readouterr().err) and "total 02" in said


def test_somebody_on_the_roster_who_handed_in_on_paper_gets_a_mark(quick):
    (quick.folder / "roster.txt").write_text("ada\nbob\ncyd\neve\n")
    quick.adjust("eve,total 2,5,on paper")
    quick.grade("all", "--roster", "roster.txt")
    row = row_of(quick, "eve")
    assert (row["score"], row["points"], row["file"]) == ("5", "9", "")
    assert "everybody handed something in" in read(quick.page())
    assert "on paper" in quick.page("learners/eve.html")


def test_the_learner_with_several_lessons_needs_one_named(quick, capsys):
    quick.hand_in("all/ada/a.ipynb", "01 right, ada")
    quick.adjust("ada,total,5,")
    assert quick.grade("all") == 2
    assert "notebooks of several lessons" in capsys.readouterr().err
    quick.adjust("ada,total 01,1,", "ada,kl,0,")
    quick.grade("all")
    scores = {row["lesson"]: row["score"] for row in quick.rows() if row["student"] == "ada"}
    assert scores == {LESSONS["01"]: "1", LESSON: "7"}


def test_a_resubmission_keeps_the_adjustment_and_a_person_is_asked(quick, capsys):
    quick.adjust("bob,kl,2,")
    quick.grade("all")
    capsys.readouterr()
    quick.hand_in("all/bob", "02 untouched, bob")
    quick.grade("all")
    assert row_of_graded(quick, "bob")["score"] == "2"
    assert "line 2 of adjustments.csv was written for an earlier" in capsys.readouterr().err
    quick.adjust("bob,kl,2,still right")  # the teacher has seen it
    quick.grade("all")
    assert "written for an earlier" not in capsys.readouterr().err


def row_of_graded(quick, student):
    rows = [row for row in quick.rows() if row["student"] == student]
    (row,) = [row for row in rows if row["status"] != "superseded"]
    return row


def test_an_adjustment_that_is_taken_back_is_gone(quick):
    quick.adjust("bob,kl,2,")
    quick.grade("all")
    quick.adjust()
    quick.grade("all")
    assert row_of(quick, "bob")["score"] == "4.5"
    assert "teacher" not in quick.page("learners/bob.html").replace("your teacher", "")


def test_a_late_learner_graded_alone_leaves_the_adjustments_of_the_others(quick):
    quick.grade("all")
    quick.adjust("bob,kl,2,")
    quick.hand_in("late/eve", "02 right, eve")
    quick.grade("late")
    assert quick.scores() == {"ada": "9", "bob": "5.5", "cyd": "", "eve": "9"}


@pytest.mark.parametrize(
    "line, said",
    [
        ("bbo,kl,2,", "nobody of the class is called 'bbo' (did you mean bob?)"),
        ("Bob,kl,2,", "(did you mean bob?)"),
        ("bob,KL,2,", "(did you mean kl?)"),
        ("bob,kll,2,", "no question is called 'kll' (did you mean kl?)"),
        ("bob,kl,two,", "'two' is no number of points"),
        ("bob,kl,-1,", "0 or more"),
        ("bob,kl,nan,", "0 or more"),
        ("bob,kl,inf,", "0 or more"),
        ("bob,kl,1_0,", "0 or more"),
        ("bob,kl,3,", "3 is more than the 2 points of kl"),
        ("bob,total,90,", "90 is more than the 9 points"),
        ("bob,,2,", "points for bob, and no question"),
        ("bob,kl,,", "neither points nor a comment for bob"),
        (",kl,2,", "no student"),
        ("bob,shares,0.5,", "bob has no notebook of 00_start_here that counts"),
        ("bob,total 03,1,", "bob has no notebook of 03_never_negative that counts"),
        ("bob,total 99,1,", "no lesson is called '99'"),
        ("bob,kl,1,a,b", "more than 4 columns"),
    ],
)
def test_what_is_not_understood_is_refused_by_line(quick, capsys, line, said):
    quick.adjust("ada,kl,1,fine", line)
    assert quick.grade("all") == 2
    output = capsys.readouterr().err
    assert "adjustments.csv" in output and "line 3" in output and said in output
    assert output.count("\n") == 1


@pytest.mark.parametrize("line", ["bob,kl,two,", "nobody,kl,2,"])
def test_what_is_not_understood_is_refused_before_anybody_is_graded(quick, line):
    quick.adjust(line)
    assert quick.grade("all") == 2
    assert quick.graded == []


def test_all_faults_are_told_at_once_and_two_lines_for_one_mark_are_one(quick, capsys):
    quick.adjust("bob,kl,1,", "bob,kl,2,", "bob,kll,1,", "ada,kl,x,")
    assert quick.grade("all") == 2
    said = capsys.readouterr().err
    assert "line 3: line 2 gives points for the same already" in said
    assert "line 4" in said and "line 5" in said


@pytest.mark.parametrize(
    "text, encoding",
    [
        ("student,question,points,comment\r\nbob,kl,2,gut\r\n", "utf-8-sig"),
        ("student,question,points,comment\nbob,kl,2,gut\n", "utf-8"),
        ("student;question;points;comment\r\nbob;kl;2,0;gut\r\n", "utf-8-sig"),
        ("student\tquestion\tpoints\tcomment\r\nbob\tkl\t2\tgut\r\n", "utf-16"),
        ('"student","question","points","comment"\n"bob","kl","2","gut"\n', "utf-8"),
        ("Student, Question ,POINTS,comment\n bob , kl , 2 ,gut\n\n,,,\n", "utf-8"),
        ("comment,points,question,student\ngut,2,kl,bob\n", "utf-8"),
        ("student,question,points\nbob,kl,2.0\n", "utf-8"),
        ("\n\nstudent;question;points;comment\n;;;\nbob;kl;2;gut\n", "utf-8"),
    ],
)
def test_a_table_is_read_as_spreadsheets_save_it(quick, text, encoding):
    quick.out.mkdir()
    (quick.out / "adjustments.csv").write_bytes(text.encode(encoding))
    assert quick.grade("all") == 3  # of cyd
    assert row_of(quick, "bob")["kl"] == "2"


@pytest.mark.parametrize(
    "data, said",
    [
        ("student,question,points,comment\nbob,kl,2,zoë\n".encode("cp1252"), "CSV UTF-8"),
        (b"PK\x03\x04 a workbook", "Save it as CSV"),
        (b"name,points\nbob,2\n", "student and question are not there"),
        (b"bob,kl,2,fine\n", "has to name the columns"),
    ],
)
def test_a_table_of_another_kind_is_refused(quick, capsys, data, said):
    quick.out.mkdir()
    (quick.out / "adjustments.csv").write_bytes(data)
    assert quick.grade("all") == 2
    assert said in capsys.readouterr().err


def test_an_empty_file_adjusts_nothing(quick):
    quick.out.mkdir()
    (quick.out / "adjustments.csv").write_bytes(b"")
    assert quick.grade("all") == 3 and quick.scores()["bob"] == "4.5"


def test_an_id_can_be_copied_from_the_tables(quick):
    quick.hand_in("all/=cmd()", "02 almost, cmd")
    quick.adjust("'=cmd(),kl,2,")
    quick.grade("all")
    assert quick.scores()["'=cmd()"] == "5.5"


def test_lines_of_a_comment_in_quotes_do_not_shift_the_numbers(quick, capsys):
    quick.adjust('ada,kl,1,"one', 'two"', "bob,kl,x,")
    assert quick.grade("all") == 2
    assert "line 4:" in capsys.readouterr().err


def test_a_total_settles_what_a_person_was_to_look_at(quick, capsys):
    quick.hand_in("all/dan", "02 right, ada")
    assert quick.grade("all") == 3
    quick.adjust("ada,total,9,", "dan,total,9,", "cyd,total 02,0,")
    assert quick.grade("all") == 0
    assert "None needs a person" in read(quick.page())
    quick.hand_in("all/dan", "02 almost, dan")
    assert quick.grade("all") == 3  # it was not made for this one


@pytest.mark.parametrize("typed", ["Zo\u00eb Ray", "Zoe\u0308  Ray", "Zo\u00eb\xa0Ray "])
@pytest.mark.parametrize("folder", ["Zo\u00eb Ray", "Zoe\u0308 Ray"])
def test_letters_that_look_alike_are_alike_however_a_system_writes_them(quick, folder, typed):
    quick.hand_in(f"all/{folder}", "02 almost, zoe")
    quick.adjust(f"{typed},kl,2,")
    (quick.folder / "roster.csv").write_text(f"ada\nbob\ncyd\n{typed}\n", encoding="utf-8")
    quick.grade("all", "--roster", "roster.csv")
    assert quick.scores()[folder] == "5.5"
    assert "everybody handed something in" in read(quick.page())


def test_the_lines_of_a_comment_stay_lines(quick):
    quick.adjust('bob,,,"one', "  two  <3", "", 'three"')
    quick.grade("all")
    page = quick.page("learners/bob.html")
    assert "<p>one</p>\n<p>two &lt;3</p>\n<p>three</p>" in page


def test_of_a_notebook_without_a_verdict_the_missing_points_make_one(quick, monkeypatch):
    from tests.grading import quick_class

    good = quick_class.worth

    def without_kl(data, seed):
        record = good(data, seed)
        if data.startswith(b"02 right, ada"):
            for question in record["questions"]:
                if question["name"] == "kl":
                    question.update(score=None, state="not called")
            record.update(status="no verdict", score=None, human=["kl was not called"])
        return record

    monkeypatch.setattr(quick_class, "worth", without_kl)
    quick.adjust("ada,cross_entropy,1,")
    quick.grade("all")
    row = row_of(quick, "ada")
    assert (row["score"], row["cross_entropy"], row["kl"]) == ("", "1", "")
    quick.adjust("ada,cross_entropy,1,", "ada,kl,2,called by hand")
    quick.grade("all")
    row = row_of(quick, "ada")
    assert (row["status"], row["score"], row["points"]) == ("marked by hand", "8", "9")
    assert "8 of 9 points" in read(quick.page("learners/ada.html"))


def test_a_learner_can_be_called_as_on_the_roster(quick):
    quick.hand_in("moodle/Eve Fox_77_assignsubmission_file_", "02 almost, eve")
    quick.hand_in("moodle/Gus Hay_78_assignsubmission_file_", "02 right, gus")
    (quick.folder / "roster.csv").write_text("id,name\ne.fox,Eve Fox\ng.hay,Gus Hay\n")
    quick.adjust("e.fox,kl,2,")
    assert quick.grade("moodle", "--roster", "roster.csv") == 0
    assert quick.scores() == {"Eve Fox_77": "5.5", "Gus Hay_78": "9"}
