"""What a teacher changed by hand in the folder of results is never overwritten in silence."""

import pytest

from tests.grading.quick_class import LESSONS, Quick

LESSON = LESSONS["02"]


@pytest.fixture
def quick(tmp_path, monkeypatch):
    made = Quick(tmp_path, monkeypatch)
    made.hand_in("all/ada", "02 right, ada")
    made.hand_in("all/bob", "02 almost, bob")
    assert made.grade("all") == 0
    return made


def files(quick):
    return sorted(path.name for path in quick.out.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "name",
    [
        "grades.csv",
        f"canvas_{LESSON}.csv",
        f"moodle_{LESSON}.csv",
        "nbgrader.csv",
        "class.html",
        "learners/ada.html",
    ],
)
def test_an_edited_file_is_kept_under_another_name_and_told(quick, capsys, name):
    path = quick.out / name
    written = path.read_bytes()
    edited = written.replace(b"4.5", b"7").replace(b"9", b"8")
    path.write_bytes(edited)
    capsys.readouterr()
    quick.grade("all")
    copy = path.with_name(f"{path.stem}.edited{path.suffix}")
    assert copy.read_bytes() == edited
    said = capsys.readouterr().err
    assert f"{name} was changed by hand" in said and "adjustments.csv" in said
    assert copy.name in quick.page()
    if name != "class.html":
        assert path.read_bytes() == written


def test_edited_again_and_again_every_copy_stays(quick):
    for number in ("7", "8", "9"):
        (quick.out / "grades.csv").write_text(number)
        quick.grade("all")
    assert [(quick.out / f"grades.edited{n}.csv").read_text() for n in ("", "-2", "-3")] == [
        "7",
        "8",
        "9",
    ]


def test_what_nobody_edited_makes_no_copies(quick, capsys):
    capsys.readouterr()
    for _ in range(3):
        quick.grade("all")
    quick.hand_in("all/cyd", "02 right, cyd")
    quick.grade("all")
    assert not [name for name in files(quick) if "edited" in name]
    assert capsys.readouterr().err == ""


def test_the_same_edit_as_the_new_content_is_no_edit(quick, tmp_path):
    edited = (quick.out / "grades.csv").read_bytes()
    (quick.out / "grades.csv").write_bytes(edited)
    quick.grade("all")
    assert "grades.edited.csv" not in files(quick)


def test_without_the_digests_a_table_counts_as_edited_and_pages_do_not(quick):
    (quick.out / "written.json").unlink()
    quick.hand_in("all/cyd", "02 right, cyd")
    quick.grade("all")
    assert "grades.edited.csv" in files(quick) and "class.edited.html" not in files(quick)


@pytest.mark.parametrize("damaged", ["", "[1]", "{", '{"grades.csv": 7}', "\x00"])
def test_damaged_digests_lose_nothing(quick, damaged):
    (quick.out / "written.json").write_text(damaged)
    (quick.out / "grades.csv").write_text("mine")
    quick.grade("all")
    assert (quick.out / "grades.edited.csv").read_text() == "mine"


def test_a_table_that_was_there_before_the_first_run_is_kept(tmp_path, monkeypatch, capsys):
    made = Quick(tmp_path, monkeypatch)
    made.hand_in("all/ada", "02 right, ada")
    made.out.mkdir()
    (made.out / "grades.csv").write_text("of another course")
    made.grade("all")
    assert (made.out / "grades.edited.csv").read_text() == "of another course"
    assert "grades.csv was changed" in capsys.readouterr().err


def test_an_interruption_between_two_files_makes_no_copies(quick, monkeypatch):
    from klteach.grading import saving

    real, count = saving.write_whole, iter(range(100))

    def stops(path, content):
        if next(count) == 3:
            raise KeyboardInterrupt
        real(path, content)

    quick.hand_in("all/cyd", "02 right, cyd")
    monkeypatch.setattr(saving, "write_whole", stops)
    assert quick.grade("all") == 130
    monkeypatch.setattr(saving, "write_whole", real)
    quick.grade("all")
    assert not [name for name in files(quick) if "edited" in name]
    assert sorted(quick.scores()) == ["ada", "bob", "cyd"]


def test_the_edited_page_of_somebody_who_is_gone_is_kept_and_told(quick, capsys):
    page = quick.out / "learners" / "bob.html"
    page.write_text("well done")
    (quick.folder / "all" / "bob").rename(quick.folder / "all" / "robert")
    quick.grade("all", "--replace")
    assert (quick.out / "learners" / "bob.edited.html").read_text() == "well done"
    assert not page.exists()
    assert "learners/bob.html was changed" in capsys.readouterr().err


def test_a_page_that_is_nobodys_is_told_and_left(quick):
    (quick.out / "learners" / "zoe.html").write_text("from where?")
    quick.grade("all")
    assert (quick.out / "learners" / "zoe.html").exists()
    assert "learners/zoe.html belongs to nobody of this class" in quick.page()


def test_the_import_file_of_a_lesson_that_is_gone_is_gone(quick):
    quick.hand_in("week 3/ada/a.ipynb", "03 right, ada")
    quick.grade("week 3", "--replace")
    assert f"canvas_{LESSON}.csv" not in files(quick)
    assert f"canvas_{LESSONS['03']}.csv" in files(quick)


def test_the_teachers_own_files_are_never_touched(quick):
    own = {"notes.txt": "call bob", "adjustments.csv": "\ufeffstudent,question,points,comment\r\n"}
    for name, text in own.items():
        (quick.out / name).write_bytes(text.encode())
    quick.grade("all")
    quick.grade("all", "--replace")
    for name, text in own.items():
        assert (quick.out / name).read_bytes() == text.encode()
