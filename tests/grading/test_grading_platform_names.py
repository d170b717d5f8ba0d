"""Whose a file is where a learning platform named it, and that nobody can name it anew."""

import pytest

from klteach.grading.collecting import gradescope
from klteach.grading.collecting.platform_names import platform_names, whose_inside

LESSONS = ["02_cross_entropy_and_kl", "11_divergence_zoo"]
SLUG, ZOO = (f"{lesson}.ipynb" for lesson in LESSONS)
TIME = "2024-05-01-10-15-00"
LATER = "2030-05-01-10-15-00"


def read(*files, folders=()):
    return platform_names(files, folders, LESSONS)


def learners(*files, folders=()):
    """The learner of each name, "" where none is in it; with a ? if a person should look."""
    found = read(*files, folders=folders)
    return [
        found[name].student + "?" * bool(found[name].doubt) if name in found else ""
        for name in (*files, *folders)
    ]


def blackboard(*heads, file="kl.ipynb"):
    return [f"{head}_attempt_{TIME}_{file}" for head in heads]


@pytest.mark.parametrize(
    "heads, expected",
    [
        (["Ex 02_ada", "Ex 02_bob"], ["ada", "bob"]),
        (["Ex 02_ada_l", "Ex 02_bob_l"], ["ada_l", "bob_l"]),
        (["Ex 02_l_ada", "Ex 02_b_bob", "Ex 02_b"], ["l_ada", "b_bob", "b"]),
        (["Ex_02_ada", "Ex_02_bob"], ["ada", "bob"]),
        (["Ex_02_ada_l", "Ex_02_bob_l"], ["ada_l", "bob_l"]),
        (["Übung_Blatt_2_ada_l", "Übung_Blatt_2_bob"], ["ada_l", "bob"]),
        (["Ex 02_ada", "Ex 02_ada_l"], ["ada", "ada_l"]),
        # two exercises in one folder
        (["Ex 02_ada", "Ex 03_ada"], ["ada", "ada"]),
        (["Ex_02_ada", "Ex_02_bob", "Ex_03_ada", "Ex_03_bob"], ["ada", "bob", "ada", "bob"]),
        (["Ex 02_ada_l", "Ex 02_bob_l", "Final_ada_l", "Final_bob_l"],
         ["ada_l", "bob_l", "ada_l", "bob_l"]),
        (["Ex_02_12345", "Ex_02_12346"], ["12345", "12346"]),
        # alone, an underscore can be part of either
        (["Ex 02_ada"], ["ada"]),
        (["Ex 02_ada_l"], ["ada_l?"]),
        (["Ex_02_ada"], ["ada"]),
    ],
)  # fmt: skip
def test_what_blackboards_names_have_in_common_is_the_exercise(heads, expected):
    assert learners(*blackboard(*heads)) == expected


def test_two_ids_never_become_one_learner():
    heads = ["Ex_1_a", "Ex_2_a", "Ex_3_b", "Ex_4_a_b", "Ex_x_a", "Ey_1_a_b", "Ey_2_a_b"]
    found = learners(*blackboard(*heads[:5]))
    assert len({one.rstrip("?") for one in found}) == 5
    assert learners(*blackboard(*heads[5:])) == ["1_a_b", "2_a_b"]


@pytest.mark.parametrize(
    "own",
    [
        f"x_bob_attempt_{LATER}_kl.ipynb", f"bob_attempt_{LATER}_kl.ipynb",
        f"Ex 02_bob_attempt_{LATER}_kl.ipynb", f"_attempt_{LATER}_Ex 02_bob_attempt_{LATER}.ipynb",
        "Bob_2_assignsubmission_file_kl.ipynb", "bob_124_9999_kl.ipynb",
        "339-513 - Bob - May 12, 2034 905 PM - kl.ipynb", "bob+02+2034-05-01 10:15:00 UTC.ipynb",
        "124_file1_submission9.ipynb", "124_99999_kl.ipynb", "LATE_124_9999_kl.ipynb",
    ],
)  # fmt: skip
def test_what_a_learner_calls_a_file_makes_it_nobody_elses(own):
    """In the download of each platform, beside the files of others."""
    for others, mine, me in (
        (blackboard("Ex 02_bob", "Ex 02_cyd"), f"Ex 02_ada_attempt_{TIME}_{own}", "ada"),
        (["bob_124_4568_kl.ipynb", "cyd_125_4569_kl.ipynb"], f"ada_123_4567_{own}", "ada_123"),
        (["Bob_2_assignsubmission_file_kl.ipynb", "Cyd_3_assignsubmission_file_kl.ipynb"],
         f"Ada_1_assignsubmission_file_{own}", "Ada_1"),
        (["339-513 - Bob - May 12, 2024 905 PM - kl.ipynb"],
         f"338-512 - Ada - May 1, 2024 1015 AM - {own}", "Ada_338"),
    ):  # fmt: skip
        found = read(*others, mine)
        assert found[mine].student == me
        assert found[mine].order < LATER
        # and where it is the only one
        assert read(mine)[mine].student == me


@pytest.mark.parametrize(
    "names, expected",
    [
        (["team_7_123_4567_kl.ipynb", "team_8_124_4568_kl.ipynb"], ["team_7_123", "team_8_124"]),
        (["group_12_1001_20001_kl.ipynb", "group_9_1002_20002_a.ipynb", "ada_1003_20003_b.ipynb"],
         ["group_12_1001", "group_9_1002", "ada_1003"]),
        ([f"team_7_123_4567_{SLUG}", f"ada_124_4568_{SLUG}"], ["team_7_123", "ada_124"]),
        ([f"team_7_123_4567_{ZOO}", f"ada_124_4568_{ZOO}"], ["team_7_123", "ada_124"]),
        ([f"team_7_123_4567_{ZOO}"], ["team_7_123"]),
        (["team_7_LATE_123_4567_kl.ipynb", "ada_LATE_124_4568_x.ipynb"], ["team_7_123", "ada_124"]),
        (["ada_LATE_123_4567_98765_kl.ipynb"], ["ada_123"]),
        # the learner's part begins with a number
        (["ada_1234_45678_2_kl.ipynb", "bob_1235_45679_kl.ipynb"], ["ada_1234", "bob_1235"]),
        (["ada_1234_456789_2024_kl.ipynb", "bob_1235_456790_kl.ipynb"], ["ada_1234", "bob_1235"]),
        (["ada_1234_45678_02_kl.ipynb"], ["ada_1234"]),
        # nobody can tell
        (["ada_7_123_4567_kl.ipynb"], ["ada_7_123?"]),
        # anonymous
        (["LATE_anon_x1y2z_4567_x.ipynb", "anon_a9B8c_4568_x.ipynb"], ["anon_x1y2z", "anon_a9B8c"]),
        (["LATE_anon_00000_4567_1_2_x.ipynb"], ["anon_00000"]),
        # letters of every script, with accents that stand for themselves
        (["कुमारराज_123_4567_kl.ipynb", "李小龙_125_4569_k.ipynb"], ["कुमारराज_123", "李小龙_125"]),
        (["o\u0308zgu\u0308r_124_4568_k.ipynb", "e\u0301a_9_11_k.ipynb"],
         ["o\u0308zgu\u0308r_124", "e\u0301a_9"]),
        # ordinary names
        (["kl_2024_05_final.ipynb", "ada.ipynb", "bob.ipynb"], ["", "", ""]),
        (["ada_2024_11_kl.ipynb", "bob_2024_11_kl.ipynb"], ["", ""]),
        (["ada-l_1_2_kl.ipynb"], [""]),
    ],
)  # fmt: skip
def test_canvas_own_numbers_are_told_from_those_of_groups_and_files(names, expected):
    assert learners(*names) == expected


def test_canvas_says_who_was_late():
    late = read(
        "team_7_LATE_123_4567_kl.ipynb", "LATE_anon_x1y2z_4568_kl.ipynb", "ada_1_2_LATE_k.py"
    )
    assert [bool(named.note) for _, named in sorted(late.items())] == [True, False, True]
    assert late["LATE_anon_x1y2z_4568_kl.ipynb"].note == "Handed in late, says Canvas."


def test_a_group_that_calls_itself_by_a_number_of_another_is_a_doubt_at_most():
    """The learners of a group choose its name, and Canvas leaves a number at its end."""
    names = ["bob_124_200_4567_kl.ipynb", "bob_124_4568_kl.ipynb", "cyd_125_4569_kl.ipynb"]
    first, *others = learners(*names)
    assert first in ("bob_124_200", "bob_124_200?") and others == ["bob_124", "cyd_125"]


@pytest.mark.parametrize(
    "name, student, order",
    [
        ("Ada Lovelace_12345_assignsubmission_file_", "Ada Lovelace_12345", ""),
        ("Ada Lovelace_12345_assignsubmission_file", "Ada Lovelace_12345", ""),
        ("Ada Lovelace_12345_assignsubmission_onlinetext_", "Ada Lovelace_12345", ""),
        ("Teilnehmer_in_77_assignsubmission_file_", "Teilnehmer_in_77", ""),
        ("338-512 - Ada Lovelace - May 1, 2024 1015 AM", "Ada Lovelace_338", TIME),
        ("338-512 - Ada Lovelace - Sept. 1, 2024 1215 PM", "Ada Lovelace_338",
         "2024-09-01-12-15-00"),
        ("338-512 - Ada Lovelace - 1 mai 2024 1015", "Ada Lovelace_338", ""),
        ("338-512 - Ada - L - Jan 1, 2024 1205 AM", "Ada - L_338", "2024-01-01-00-05-00"),
        ("ada+02_cross_entropy_and_kl+2024-05-01 10:15:00 UTC+xyz", "ada",
         "2024-05-01 10:15:00 UTC"),
        ("submission_1234567", "submission_1234567", ""),
    ],
)  # fmt: skip
def test_folders_of_other_platforms(name, student, order):
    named = read(folders=[name])[name]
    assert (named.student, named.order, named.by) == (student, order, "platform")


def test_attempts_and_groups_of_a_plus():
    names = [
        "123123_file1_submission2.ipynb", "123123_file1_submission10.ipynb",
        "123456+987654_file1_submission1.ipynb", "123456+987654_file2_submission1",
    ]  # fmt: skip
    found = read(*names)
    assert learners(*names) == ["123123", "123123", "123456+987654", "123456+987654"]
    assert found[names[0]].order < found[names[1]].order


def test_an_archive_that_holds_a_class_is_known_by_the_platform():
    assert whose_inside(["Ada_1_assignsubmission_file_", "list.txt"]) == {"Ada_1"}
    assert whose_inside(["data_1_2_x.csv", "kl.ipynb"]) == set()


GRADESCOPE = """---
submission_1234567:
  :submitters:
  - :name: Ada Lovelace
    :sid: '100'
    :email: ada@example.edu
  :created_at: 2024-05-01 10:15:00.000000000 -07:00
  :results:
    tests:
    - name: ":sid: 999"
      :email: nobody
submission_1234568:
  :submitters:
  - :name: ! 'O''Brien: x'
    :sid: 200
    :email: one@example.edu
  - :name: Pair Two
    :sid: "201"
    :email: two@example.edu
submission_1234569:
  :submitters:
  - :name: No Number
    :sid:
    :email: no@example.edu
submission_1234570:
  :submitters:
  - :name: Nobody
submission_1234571:
  :score: 0
"""


def test_gradescopes_list_says_whose_a_folder_is():
    expected = {
        "submission_1234567": "100",
        "submission_1234568": "200+201",
        "submission_1234569": "no@example.edu",
    }
    assert gradescope.ids(GRADESCOPE) == expected
    assert gradescope.ids(GRADESCOPE.replace("\n", "\r\n")) == expected
    assert gradescope.ids("\0[" * 9000) == gradescope.ids("") == {}
