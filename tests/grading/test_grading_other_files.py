"""Files that are no notebooks: told where they may be somebody's work, and nowhere else."""

import shutil
from pathlib import Path

import pytest

from klteach.grading.collecting.collect import find_submissions
from klteach.grading.errors import GradingError
from tests.grading.class_files import LESSON, LIMITS, asked, graded, packed, work, written

SLUG = f"{LESSON}.ipynb"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def told(files):
    """Learner -> file and problem of what is not graded; the same in a folder and in a zip."""
    files = {name: work(name) if name.endswith(".ipynb") else b"?" for name in files}
    shutil.rmtree("class", ignore_errors=True)
    written("class", files)
    Path("class.zip").write_bytes(packed(files))
    found = []
    for root in ("class", "class.zip"):
        problems = [one for one in find_submissions([Path(root)], LIMITS) if one.problem]
        assert len({one.student for one in problems}) == len(problems)
        found.append({one.student: (one.label[len(root) + 1 :], one.problem) for one in problems})
    assert found[0] == found[1]
    return found[0]


def files_told(files):
    return {student: file for student, (file, _) in told(files).items()}


def test_files_that_lie_loose_are_told():
    files = ["ada.ipynb", "bob.rar", "cyd.py", "dan.pdf", "eve.ipynb.gz"]
    assert files_told(files) == {name.split(".")[0]: name for name in files[1:]}
    records = graded("class")
    assert len(asked(records)) == 4 and len(records) == 5
    assert asked(records)["class/bob.rar"] == (
        "the file is no notebook (.ipynb), and none was handed in."
    )


@pytest.mark.parametrize(
    "name",
    ["bob.7z", "bob.tar.gz", "bob.tgz", "bob.ipynb.rar", "bob.ipynb.html", "bob.html", "bob.docx",
     "bob.odt", "bob.jpg", "bob.HEIC", "bob", "bob.R", "bob.ipynb.crdownload", "bob.IPYNB.gz",
     "bob.pages", "bob.gdoc", "bob.ipynb~", "bob.ipynb (1)", "bob.webloc", f"bob_{LESSON}.pdf",
     "Copy of bob.pdf", "bob - Kopie.py"],
)  # fmt: skip
def test_whatever_somebody_handed_in_instead_is_told(name):
    assert files_told(["ada.ipynb", name]) == {"bob": name}


@pytest.mark.parametrize("ending", ["pdf", "py", "rar", "html", "docx", "ipynb.gz", "csv", "txt"])
def test_folders_without_a_notebook_are_told_where_they_are_the_most(ending):
    files = ["ada/kl.ipynb", *(f"{name}/kl.{ending}" for name in ("bob", "cyd", "dan", "eve"))]
    assert files_told(files) == {
        name: f"{name}/kl.{ending}" for name in ("bob", "cyd", "dan", "eve")
    }
    # and beside notebooks that lie loose
    if ending not in ("csv", "txt"):
        written("loose", {"ada.ipynb": work(""), f"bob/kl.{ending}": b"?"})
        found = {one.student for one in find_submissions([Path("loose")], LIMITS)}
        assert found == {"ada", "bob"}


@pytest.mark.parametrize(
    "files, expected",
    [
        # sections, one of them without a single notebook
        ([f"A/ada/{SLUG}", f"A/bob/{SLUG}", f"B/cyd/{SLUG}", "B/dan/kl.pdf", "C/eve/kl.py"],
         {"dan": "B/dan/kl.pdf", "eve": "C/eve/kl.py"}),
        ([f"week 2/ada/{SLUG}", "week 2/bob/kl.pdf", f"week 3/ada/{SLUG}", "week 3/cyd/kl.rar"],
         {"bob": "week 2/bob/kl.pdf", "cyd": "week 3/cyd/kl.rar"}),
        ([f"Uebung 2/Abgaben/A_a_1/{SLUG}", "Uebung 2/Abgaben/B_b_2/kl.py", "Uebung 2/status.xlsx"],
         {"B_b_2": "Uebung 2/Abgaben/B_b_2/kl.py"}),
        ([f"submitted/ada/{LESSON}/{SLUG}", f"submitted/bob/{LESSON}/kl.pdf", f"source/{SLUG}"],
         {"bob": f"submitted/bob/{LESSON}/kl.pdf"}),
        # platforms
        (["A_1_assignsubmission_file_/kl.ipynb", "B_2_assignsubmission_onlinetext_/text.html"],
         {"B_2": "B_2_assignsubmission_onlinetext_/text.html"}),
        (["ada_101_2001_kl.ipynb", "bob_102_2002_kl.pdf", "cyd_103_2003_text.html"],
         {"bob_102": "bob_102_2002_kl.pdf", "cyd_103": "cyd_103_2003_text.html"}),
        (["Ex_2_ada_l_attempt_2024-05-01-10-15-00_kl.ipynb",
          "Ex_2_ada_l_attempt_2024-05-01-10-15-00.txt",
          "Ex_2_bob_l_attempt_2024-05-01-10-15-00.txt"],
         {"bob_l": "Ex_2_bob_l_attempt_2024-05-01-10-15-00.txt"}),
        (["123_file1_submission1.ipynb", "124_file1_submission1"],
         {"124": "124_file1_submission1"}),
    ],
)  # fmt: skip
def test_files_are_told_in_every_layout(files, expected):
    assert files_told(files) == expected


def test_a_point_in_a_name_is_no_ending():
    assert files_told(["ada.l.ipynb", "bob.r.pdf", "cyd.f.tar.gz", "dan.2"]) == {
        "bob.r": "bob.r.pdf", "cyd.f": "cyd.f.tar.gz", "dan.2": "dan.2",
    }  # fmt: skip


def test_a_learner_who_handed_in_several_other_files_is_told_once():
    files = ["ada/kl.ipynb", "bob/kl.pdf", "bob/kl.py", "bob/data/x.csv"]
    assert told(files) == {
        "bob": (
            "bob/data/x.csv",
            "the file is no notebook (.ipynb), and none was handed in (and 2 more files).",
        )
    }


def test_data_beside_notebooks_is_nothing_to_speak_of():
    names = [f"learner{number}" for number in range(20)]
    within = ["kl.ipynb", "data.csv", "model.npz", "plot.png", "helper.py", "kl.pdf", "a/b.txt"]
    assert told([f"{name}/{file}" for name in names for file in within]) == {}
    beside = ["{}.ipynb", "{}.pdf", "{}_plot.png", "{}-data.csv", "{} helper.py", "{}_photo.jpg"]
    assert told([file.format(name) for name in names for file in beside]) == {}


def test_what_a_teacher_puts_beside_a_class_is_nobodys():
    teachers = ["marks.csv", "README.md", "list.xlsx", "notes.txt", "submission_metadata.yml",
                "info.json", "logo.png"]  # fmt: skip
    assert told(["ada.ipynb", "bob.ipynb", *teachers]) == {}
    assert told(["ada/kl.ipynb", "bob/kl.ipynb", *teachers, "solutions/sheet.pdf"]) == {}
    # and neither are the other parts of a repository
    assert told([f"exercises/{SLUG}", "docs/a.md", "src/a.py", "tests/b.py"]) == {}


def test_what_may_hold_another_notebook_is_told_beside_one():
    for name, words in (
        ("gibbs.ipynb.gz", "a notebook in a form that is not read"),
        ("gibbs.ipynb.html", "a notebook in a form that is not read"),
        ("rest.rar", "an archive of a kind that is not read"),
        ("rest.7z", "an archive of a kind that is not read"),
    ):
        [(student, (file, problem))] = told(["ada/kl.ipynb", f"ada/{name}", "bob/kl.ipynb"]).items()
        assert (student, file) == ("ada", f"ada/{name}") and words in problem


def test_an_archive_that_everybody_was_given_is_told_once():
    names = [f"learner{number}" for number in range(9)]
    found = told([f"{name}/{file}" for name in names for file in ("kl.ipynb", "data.tar.gz")])
    [(_, problem)] = found.values()
    assert "(9 learners have a file of this name)" in problem


def test_where_there_is_no_notebook_at_all_that_is_said():
    written("class", {"ada/kl.pdf": b"?", "bob.rar": b"?"})
    with pytest.raises(GradingError, match="no notebook"):
        find_submissions([Path("class")], LIMITS)


def test_names_of_any_length_take_no_time():
    files = ["ada/kl.ipynb", *(f"{letter * 200}/{letter * 200}.pdf" for letter in "bc")]
    assert len(told(files)) == 2
