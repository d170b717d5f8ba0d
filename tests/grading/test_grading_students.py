"""Whose notebook a path is, in every layout, and file names that are safe for any name."""

import itertools
import re

import pytest

from klteach.grading.collecting.students import safe_name, students

LESSONS = ["02_cross_entropy_and_kl", "03_never_negative"]
SLUG = "02_cross_entropy_and_kl.ipynb"


def owners(*paths, source="class"):
    found = students([tuple(path.split("/")) for path in paths], source, LESSONS)
    return [one.student for one in found]


@pytest.mark.parametrize(
    "paths, expected",
    [
        (["ada.ipynb", "bob.ipynb.txt"], ["ada", "bob"]),
        ([f"ada/{SLUG}", "bob/kl (1).ipynb"], ["ada", "bob"]),
        (["ada/exercises/kl.ipynb", "ada/x/y/z.ipynb", "bob.ipynb"], ["ada", "ada", "bob"]),
        ([f"02_cross_entropy_and_kl/ada/{SLUG}", "03_never_negative/bob.ipynb"], ["ada", "bob"]),
        ([SLUG], ["class"]),
        ([f"Submissions/{SLUG}", "Submissions/ada.ipynb"], ["class", "ada"]),
        # the lesson in a name is not the learner's
        (["02_cross_entropy_and_kl-ada.ipynb", "bob_02_Cross_entropy_and_kl.ipynb"],
         ["ada", "bob"]),
        (["02_cross_entropy_and_kl (2).ipynb", "02_cross_entropy_and_kl - Copy.ipynb"],
         ["class", "class"]),
        # a copy is its learner's where the learner is there too
        (["ada.ipynb", "ada (1).ipynb", "ada - Copy.ipynb"], ["ada"] * 3),
        (["ada (1).ipynb", "bob.ipynb"], ["ada (1)", "bob"]),
        # folders that hold the class
        (["submitted/ada/02_cross_entropy_and_kl/a.ipynb", "submitted/bob/b.ipynb"],
         ["ada", "bob"]),
        (["class/ada.ipynb", "class/bob.ipynb"], ["ada", "bob"]),
        (["spring/ada/1.ipynb", "spring/bob/1.ipynb"], ["ada", "bob"]),
        (["ada/1.ipynb", "ada/2.ipynb"], ["ada", "ada"]),
        # learning platforms
        (["Ada Lovelace_123_assignsubmission_file_/x.ipynb",
          "Ada Lovelace_124_assignsubmission_file/x.zip"], ["Ada Lovelace_123",
                                                            "Ada Lovelace_124"]),
        (["Ada_Byron_1_assignsubmission_file_kl_2_assignsubmission_file_.ipynb"],
         ["Ada_Byron_1"]),
        (["Course/Ada_1_assignsubmission_file_/x.ipynb"], ["Ada_1"]),
        (["lovelaceada_LATE_123_4567_x.ipynb", "lovelaceada_123_4568_x-1.ipynb",
          "anon_x1y2z_4567_x.ipynb"], ["lovelaceada_123", "lovelaceada_123", "anon_x1y2z"]),
        (["downloads/lovelaceada_1_2_x.ipynb", "downloads/bob_3_4_x.ipynb"],
         ["lovelaceada_1", "bob_3"]),
        (["Exercises 02_ada_attempt_2024-05-01-10-15-00_kl_2.ipynb"], ["ada"]),
        (["338-512 - Ada Lovelace - May 1, 2024 1015 AM/kl.ipynb",
          "339-513 - Bob - Jr - May 12, 2024 905 PM - kl.ipynb"], ["Ada Lovelace_338",
                                                                  "Bob - Jr_339"]),
        (["ada+02_cross_entropy_and_kl+2024-05-01 10:15:00 UTC+xyz/kl.ipynb"], ["ada"]),
        (["Lovelace, Ada(ada9)/Submission attachment(s)/kl.ipynb", "B(b)/Text.ipynb"],
         ["Lovelace, Ada(ada9)", "B(b)"]),
    ],
)  # fmt: skip
def test_layouts(paths, expected):
    assert owners(*paths) == expected
    assert owners(*reversed(paths)) == expected[::-1]


def test_a_few_files_that_look_like_canvas_are_not():
    assert owners("kl_2024_05_final.ipynb", "ada.ipynb", "bob.ipynb")[0] == "kl_2024_05_final"


def test_a_learner_cannot_hand_in_for_another():
    forged = "Bob_2_assignsubmission_file_/kl.ipynb"
    assert owners(f"ada/{forged}", "bob/kl.ipynb") == ["ada", "bob"]
    assert owners(f"Ada_1_assignsubmission_file_/{forged}", forged) == ["Ada_1", "Bob_2"]
    # nor where nobody else has a folder, or several names of others are in one
    assert owners(f"eve/{forged}", "bob.ipynb", "ada.ipynb")[0] == "eve"
    both = [f"eve/{forged}", "eve/Ada_1_assignsubmission_file_/kl.ipynb"]
    assert owners(*both, "bob/kl.ipynb", "ada/kl.ipynb") == ["eve", "eve", "bob", "ada"]
    assert owners("ada/x_bob_attempt_2030-05-01-10-15-00_kl.ipynb", "bob/kl.ipynb")[0] == "ada"


def test_names_are_kept_as_they_are_written():
    names = ["=cmd()", "a,b", "Ada", "ada", "😀", "x" * 300, " ada ", "Zoe\u0308", "Zo\u00eb"]
    assert owners(*[f"{name}/kl.ipynb" for name in names]) == names


def test_names_of_any_length_take_no_time():
    long = ["_1" * 30_000, "_" * 60_000, "1 - " * 15_000, "+" * 60_000, "a/" * 30_000 + "a.ipynb"]
    found = students([tuple(path.split("/")) for path in long], "class", LESSONS)
    assert [one.student for one in found] == [*long[:4], "a"]


NAMES = [
    "ada", "Ada", "ADA", "ada lovelace", "ada-lovelace", "Ada_Lovelace_12345", "../ada", "..", ".",
    "", "-ada", "ada.", "ada ", "=cmd()", "a,b", "a/b", "a\\b", "a:b", "con", "CON", "nul.txt",
    "com1.ada", "Con", "x" * 300, "x" * 299, "X" * 300, "😀", "😁", "Zoe\u0308", "Zo\u00eb",
    "zoe", "\ud800", "\n", "index", ".hidden", "ada..bob", "a\u202eb", "%2e%2e", "~", "ß", "ss",
    "İ", "i",
]  # fmt: skip


def test_25_file_names_are_safe_and_nobody_elses():
    made = {name: safe_name(name) for name in NAMES}
    # what is made for one may be the name of another
    made.update({name: safe_name(name) for name in list(made.values())})
    for file in made.values():
        assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", file) and len(file) < 90
        assert ".." not in file
        assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)", file)
    for one, other in itertools.combinations(made, 2):
        assert made[one].casefold() != made[other].casefold(), (one, other)
    assert made["ada"] == "ada" and made["ada-lovelace"] == "ada-lovelace"
    assert made["a/b"].startswith("a-b-")
