"""Whose a notebook is in every layout of a class, in folders, in archives and in several of these.

Each class is found and marked as `klteach grade` does it, but for running the notebooks.
"""

import os
import shlex
from pathlib import Path

import pytest

from klteach.grading.collecting.platforms import canvas_id
from klteach.grading.hand_ins import said_to_be_late
from tests.grading.class_files import (
    LESSON,
    OTHER_LESSON,
    POINTS,
    asked,
    graded,
    learners,
    marks,
    packed,
    work,
    written,
)

SLUG, OTHER = f"{LESSON}.ipynb", f"{OTHER_LESSON}.ipynb"
ALL = "all of them were graded"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def found(files):
    """The learner of each file, in the order of `files`; the same in a folder and in a zip."""
    written("class", files)
    Path("class.zip").write_bytes(packed(files))
    Path("wrapped.zip").write_bytes(packed([f"wrapped/{name}" for name in files]))
    in_folder = [learners("class")[f"class/{name}"] for name in files]
    assert [learners("class.zip")[f"class.zip/{name}"] for name in files] == in_folder
    assert [learners("wrapped.zip")[f"wrapped.zip/wrapped/{name}"] for name in files] == in_folder
    return in_folder


def each(folder, names, file=SLUG):
    return [f"{folder}/{name}/{file}" for name in names]


SECTIONS = {
    "sections": (
        each("section A", "abc") + each("section B", "de"),
        [*"abcde"],
    ),
    "sections of any name": (
        each("Mon 10-12", ["ada", "bob"]) + each("Wed", ["cyd", "dan"]) + each("Prof. X", ["eve"]),
        ["ada", "bob", "cyd", "dan", "eve"],
    ),
    "weeks": (
        each("week 2", ["ada", "bob"]) + each("week 3", ["ada", "bob"], OTHER),
        ["ada", "bob"] * 2,
    ),
    "weeks in German": (
        each("Woche 2", ["ada", "bob"]) + each("Woche 3", ["ada", "cyd"], OTHER),
        ["ada", "bob", "ada", "cyd"],
    ),
    "weeks of any name": (
        each("October", ["ada", "bob"]) + each("November", ["ada", "bob"], OTHER),
        ["ada", "bob"] * 2,
    ),
    "weeks with one learner each": (
        [f"week 2/ada/{SLUG}", f"week 3/ada/{OTHER}"],
        ["ada", "ada"],
    ),
    "weeks with notebooks side by side": (
        ["week 2/ada.ipynb", "week 2/bob.ipynb", f"week 3/ada_{OTHER}", "week 3/cyd.ipynb"],
        ["ada", "bob", "ada", "cyd"],
    ),
    "sections with notebooks side by side": (
        ["section 1/ada.ipynb", "section 1/bob.ipynb", "section 2/cyd.ipynb"],
        ["ada", "bob", "cyd"],
    ),
    "groups with learners and lessons in the names of files": (
        [f"red/ada_{SLUG}", f"red/bob_{SLUG}", f"blue/cyd_{SLUG}"],
        ["ada", "bob", "cyd"],
    ),
    "groups of weeks": (
        [f"A/week 2/ada/{SLUG}", f"A/week 2/bob/{SLUG}", f"A/week 3/ada/{OTHER}",
         f"B/week 2/cyd/{SLUG}", f"B/week 2/dan/{SLUG}"],
        ["ada", "bob", "ada", "cyd", "dan"],
    ),
    "lessons of groups": (
        each(f"{LESSON}/A", ["ada", "bob"]) + each(f"{LESSON}/B", ["cyd", "dan"]),
        ["ada", "bob", "cyd", "dan"],
    ),
    "sections of Moodle's folders": (
        [f"{section}/{name}_{number}_assignsubmission_file_/kl.ipynb"
         for section, name, number in (("A", "Ada", 1), ("A", "Bob", 2), ("B", "Cyd", 3))],
        ["Ada_1", "Bob_2", "Cyd_3"],
    ),
    "sections of Canvas' files": (
        ["A/ada_101_2001_kl.ipynb", "A/bob_102_2002_x.ipynb", "B/cyd_103_2003_kl.ipynb"],
        ["ada_101", "bob_102", "cyd_103"],
    ),
    "groups with one hand-in each that a platform named": (
        ["red/ada_101_2001_kl.ipynb", "blue/bob_102_2002_kl.ipynb"],
        ["ada_101", "bob_102"],
    ),
    "a group with one hand-in that a platform named, beside a week": (
        ["week 1/ada_101_2001_kl.ipynb", "blue/bob_102_2002_kl.ipynb"],
        ["ada_101", "bob_102"],
    ),
    "sections with one learner each": (
        [f"Tutorial 1/ada/{SLUG}", "Tutorium 2/bob/x.ipynb", f"TP3/cyd_{SLUG}", "Kurs A/dan.ipynb"],
        ["ada", "bob", "cyd", "dan"],
    ),
    "a section beside learners": (
        [f"section 1/ada/{SLUG}", f"section 1/bob/{SLUG}", f"zoe/{SLUG}"],
        ["ada", "bob", "zoe"],
    ),
    "one learner beside many sections": (
        each("A", ["ada", "bob"]) + each("B", ["cyd", "dan"]) + [f"zoe/{SLUG}"],
        ["ada", "bob", "cyd", "dan", "zoe"],
    ),
    "learners with a folder for each lesson": (
        [f"ada/{LESSON}/{SLUG}", f"ada/{OTHER_LESSON}/{OTHER}", f"bob/{LESSON}/{SLUG}"],
        ["ada", "ada", "bob"],
    ),
    "learners with a folder for each week": (
        [f"ada/week 2/{SLUG}", f"ada/week 3/{OTHER}", f"bob/week 2/{SLUG}"],
        ["ada", "ada", "bob"],
    ),
    "learners with folders of their own": (
        [f"ada/kl/{SLUG}", f"ada/gibbs/{OTHER}", f"bob/my work/{SLUG}", f"cyd/{SLUG}"],
        ["ada", "ada", "bob", "cyd"],
    ),
    "a learner with an old and a new one": (
        [f"ada/old/{SLUG}", f"ada/new/{SLUG}", f"bob/{SLUG}", f"cyd/{SLUG}"],
        ["ada", "ada", "bob", "cyd"],
    ),
    "learners with a folder of their own, and one with two": (
        [f"kl-{name}/my work/{SLUG}" for name in "abcdef"] + [f"kl-f/again/{SLUG}"],
        [*(f"kl-{name}" for name in "abcdef"), "kl-f"],
    ),
    "learners with a folder of any name, and one with two": (
        [f"{name}/{name * 3}/{SLUG}" for name in "abcdef"] + [f"f/again/{SLUG}"],
        [*"abcdef", "f"],
    ),
    "a section with one learner": (
        each("red", ["ada", "bob"]) + each("blue", ["cyd"]),
        ["ada", "bob", "cyd"],
    ),
    "repositories": (
        [f"kl-{name}/{folder}/{SLUG}" for name in ("ada", "bob") for folder in ("src", "backup")],
        ["kl-ada", "kl-ada", "kl-bob", "kl-bob"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", SECTIONS)
def test_learners_are_looked_for_below_sections_and_weeks(layout):
    files, expected = SECTIONS[layout]
    assert found(files) == expected


ILIAS = {
    "in German": ("Uebung 2/Abgaben", ["Lovelace_Ada_ada9_123", "Babbage_Bob_bob1_124"]),
    "in English": ("Exercise 2/Submissions", ["Lovelace_Ada_ada9_123", "Babbage_Bob_bob1_124"]),
    "with a title of its own": ("Kreuzentropie, Teil 2/Abgaben", ["A_a_1", "B_b_2", "C_c_3"]),
    "in French": ("Entropie/Soumissions", ["A_a_1", "B_b_2"]),
    "of one learner": ("Kreuzentropie/Abgaben", ["Lovelace_Ada_ada9_123"]),
    "of teams": ("Blatt 2/Abgaben/Team 17", ["Lovelace_Ada_ada9_123"]),
}


@pytest.mark.parametrize("download", ILIAS)
def test_a_download_of_ilias_is_a_folder_for_each_learner(download):
    folder, names = ILIAS[download]
    expected = ["Team 17"] if "teams" in download else names
    assert found(each(folder, names)) == expected
    files = each(folder, names, "meine Lösung.ipynb")
    Path("other.zip").write_bytes(packed(files))
    assert list(learners("other.zip").values()) == sorted(expected)


def test_several_exercises_of_ilias_are_several_lessons_of_the_same_learners():
    files = each("T1/Abgaben", ["A_a_1", "B_b_2"]) + each("T2/Abgaben", ["A_a_1"], OTHER)
    assert found(files) == ["A_a_1", "B_b_2", "A_a_1"]
    records = graded("class.zip")
    assert marks(records) == {"A_a_1": [POINTS] * 2, "B_b_2": [POINTS]} and not asked(records)


def test_an_export_of_gradescope_is_a_folder_for_each_learner_whom_its_list_names():
    names = ["submission_1234", "submission_1235", "submission_1236"]
    files = each("assignment_1_export", names, "kl.ipynb")
    assert found(files) == names
    told = "".join(f"{one}:\n  :submitters:\n  - :sid: s{one[-1]}\n" for one in names[:2])
    written("export", dict.fromkeys(files, work("")) | {
        "assignment_1_export/submission_metadata.yml": told.encode(),
        "assignment_1_export/submission_1235/kl.ipynb": work("other"),
        "assignment_1_export/submission_1236/kl.pdf": b"?",
    })  # fmt: skip
    Path(f"export/{files[2]}").unlink()
    assert list(learners("export").values()) == ["s4", "s5", "-submission_1236"]
    # a list of a learner's own says nothing
    own = {
        f"assignment_1_export/{names[2]}/submission_metadata.yml": told.replace("s4", "s5").encode()
    }
    assert list(learners(written("export", own)).values()) == ["s4", "s5", "-submission_1236"]


def test_two_folders_of_gradescope_under_one_id_are_both_marked_and_asked_about():
    names = ["submission_1234", "submission_1235"]
    told = "".join(f"{one}:\n  :submitters:\n  - :sid: 7\n" for one in names)
    written("export", [f"{name}/kl.ipynb" for name in names])
    written("export", {"submission_metadata.yml": told.encode()})
    records = graded("export")
    assert marks(records) == {"7": [POINTS] * 2} and len(asked(records)) == 2


def test_a_name_that_holds_anothers_attempt_takes_nobodys_mark():
    own = "x_bob_attempt_2030-05-01-10-15-00_kl.ipynb"
    written("class", {
        f"Ex 02_ada_attempt_2024-05-01-10-15-00_{own}": work("ada", score=0.0),
        "Ex 02_bob_attempt_2024-05-01-11-00-00_kl.ipynb": work("bob"),
    })  # fmt: skip
    records = graded("class")
    assert marks(records) == {"ada": [0.0], "bob": [POINTS]} and not asked(records)


def test_canvas_own_number_of_a_group_goes_into_the_import_file():
    written("class", ["team_7_123_4567_kl.ipynb", "team_8_LATE_124_4568_kl.ipynb"])
    records = graded("class")
    assert [canvas_id(record) for record in records] == ["123", "124"]
    assert [said_to_be_late(record) for record in records] == [False, True]
    written("anonymous", ["LATE_anon_x1y2z_4567_kl.ipynb", "anon_aB3dE_4568_kl.ipynb"])
    records = graded("anonymous")
    assert {record["student"]: said_to_be_late(record) for record in records} == {
        "anon_x1y2z": True, "anon_aB3dE": False,
    }  # fmt: skip


def test_of_the_attempts_of_a_plus_the_last_counts():
    attempts = {
        "123_file1_submission1.ipynb": work("1", score=3.0),
        "123_file1_submission2.ipynb": work("2", score=7.0),
        "124+125_file1_submission1.ipynb": work("3"),
    }
    written("aplus", attempts)
    records = graded("aplus")
    assert marks(records) == {"123": [7.0], "124+125": [POINTS]} and not asked(records)


@pytest.mark.parametrize(
    "names, expected",
    [
        (["ada.ipynb", "ada-Copy1.ipynb", "bob.ipynb"], ["ada", "ada", "bob"]),
        (["ada-Copy1.ipynb", "bob.ipynb"], ["ada", "bob"]),
        (["ada - Copy (2).ipynb", "bob copy 3.ipynb"], ["ada", "bob"]),
        (["Copy of ada.ipynb", "Kopie von bob.ipynb"], ["ada", "bob"]),
        ([f"{LESSON}-Copy1.ipynb"], ["class"]),
        ([f"Copy of {SLUG}"], ["class"]),
        ([f"Copy of {LESSON} (1)-Copy2.ipynb"], ["class"]),
        ([f"Ada Lovelace - {SLUG}", f"Ada Lovelace - Copy of {SLUG}",
          f"Cyd Fox - {LESSON} (1).ipynb"], ["Ada Lovelace", "Ada Lovelace", "Cyd Fox"]),
        ([f"{LESSON}-Copy1_ada.ipynb", f"{LESSON} (2)-bob.ipynb"], ["ada", "bob"]),
        ([f"ada_{LESSON} - Kopie.ipynb", f"Copie de {LESSON}_bob.ipynb"], ["ada", "bob"]),
        ([f"{LESSON}_1234567.ipynb", f"{LESSON}_1234568.ipynb"], ["1234567", "1234568"]),
        ([f"{LESSON}_2.ipynb"], ["class"]),
        # a browser's number may be in the place of another learner's name
        (["ada (1).ipynb", "bob.ipynb"], ["ada (1)", "bob"]),
    ],
)  # fmt: skip
def test_a_copy_is_its_learners(names, expected):
    written("class", names)
    assert [learners("class")[f"class/{name}"] for name in names] == expected


def test_of_a_learner_and_a_copy_of_their_own_the_newest_counts_and_nobody_is_asked():
    written("class", {"ada.ipynb": work("1", score=2.0)})
    os.utime("class/ada.ipynb", (1, 1))
    written("class", {"ada-Copy1.ipynb": work("2"), "bob.ipynb": work("3")})
    records = graded("class")
    assert marks(records) == {"ada": [POINTS], "bob": [POINTS]} and not asked(records)


# Several paths


def zips(**files):
    for name, content in files.items():
        Path(f"{name}.zip").write_bytes(packed(content))
    return [f"{name}.zip" for name in files]


def moodle(*names):
    return [f"{name}_assignsubmission_file_/kl.ipynb" for name in names]


TWO_CLASSES = {
    "plain": (each("x", ["ada", "bob"]), each("y", ["cyd", "dan"])),
    "plain, without a folder around": (
        [f"ada/{SLUG}", f"bob/{SLUG}"], [f"cyd/{SLUG}", f"dan/{SLUG}"],
    ),
    "plain, of other names": (["ada/kl.ipynb", "bob/kl.ipynb"], ["cyd/a.ipynb", "dan/a (1).ipynb"]),
    "Moodle": (moodle("Ada_1", "Bob_2"), moodle("Cyd_3", "Dan_4")),
    "Moodle with one learner": (moodle("Ada_1", "Bob_2"), moodle("Cyd_3")),
    "plain and Moodle": ([f"ada/{SLUG}", f"bob/{SLUG}"], moodle("Cyd_3", "Dan_4")),
    "Blackboard": tuple(
        [f"E_{name}_attempt_2024-05-01-10-15-00_kl.ipynb" for name in names]
        for names in (("ada", "bob"), ("cyd", "dan"))
    ),
    "files of learners and lesson": (
        [f"ada_{SLUG}", f"bob_{SLUG}"], [f"{LESSON}_cyd.ipynb", f"{LESSON}_dan.ipynb"],
    ),
    "ILIAS": (each("U 2/Abgaben", ["A_a_1", "B_b_2"]), each("V/Submissions", ["C_c_3"])),
}  # fmt: skip


@pytest.mark.parametrize("classes", TWO_CLASSES)
def test_two_archives_of_classes_that_are_named_together_are_two_groups(classes):
    first, second = TWO_CLASSES[classes]
    paths = zips(a=first, b=second)
    records = graded(*paths)
    apart = {**learners("a.zip"), **learners("b.zip")}
    assert {record["file"]: record["student"] for record in records} == apart
    assert len(marks(records)) == len(first + second) and not asked(records)
    assert learners(*reversed(paths)) == apart


def test_archives_of_learners_that_are_named_together_are_a_learner_each():
    paths = zips(
        ada=[f"mine/{SLUG}"],
        bob=["kl.ipynb"],
        cyd=[SLUG, OTHER],
        dan=[f"exercises/{SLUG}", f"exercises/{OTHER}"],
        eve=[f"week 2/{SLUG}", f"week 3/{OTHER}"],
    )
    records = graded(*paths)
    assert {name: len(found) for name, found in marks(records).items()} == {
        "ada": 1, "bob": 1, "cyd": 2, "dan": 2, "eve": 2,
    }  # fmt: skip
    assert not asked(records)


def test_an_archive_like_that_of_a_class_among_those_of_learners_is_graded_and_asked_about():
    paths = zips(ada=["kl.ipynb"], cyd=["a.ipynb"], eve=moodle("Ada_1", "Bob_2"))
    records = graded(*paths)
    assert set(marks(records)) == {"ada", "cyd", "Ada_1", "Bob_2"}
    assert {file.split("/")[0] for file in asked(records)} == {"eve.zip"}
    for reason in asked(records).values():
        assert "eve.zip was taken as a class" in reason and "a command of its own" in reason


def test_an_archive_of_a_late_learner_beside_that_of_the_class_is_graded_and_asked_about():
    paths = zips(all=[f"ada/{SLUG}", f"bob/{SLUG}"], cyd=[f"mine/{SLUG}"], dan=moodle("Dan_1"))
    records = graded(*paths)
    assert set(marks(records)) == {"ada", "bob", "cyd", "Dan_1"}
    [(file, reason)] = asked(records).items()
    assert file == f"cyd.zip/mine/{SLUG}" and "cyd.zip was taken as one learner's" in reason


def test_archives_of_classes_in_a_folder_lose_nobodys_mark():
    written("downloads", {
        "a.zip": packed([f"ada/{SLUG}", f"bob/{SLUG}"]),
        "b.zip": packed([f"cyd/{SLUG}", f"dan/{SLUG}"]),
        "c.zip": packed(moodle("Eve_1", "Fay_2")),
    })  # fmt: skip
    records = graded("downloads")
    assert marks(records) == {"a": [POINTS] * 2, "b": [POINTS] * 2}
    assert len(asked(records)) == 5
    assert "klteach grade downloads/a.zip" in asked(records)[f"downloads/a.zip/ada/{SLUG}"]
    assert "klteach grade 'downloads/c.zip'" in asked(records)["downloads/c.zip"]
    # what the sentences say is what helps
    records = graded(*(f"downloads/{name}.zip" for name in "abc"))
    assert set(marks(records)) == {"ada", "bob", "cyd", "dan", "Eve_1", "Fay_2"}
    assert not asked(records)


SAME_ID = {
    "two folders": (
        "group A", "group B", [f"kim/{SLUG}", f"lee/{SLUG}"], [f"kim/{SLUG}", f"max/{SLUG}"],
    ),
    "files side by side": ("A", "B", ["kim.ipynb", "lee.ipynb"], ["kim.ipynb", "max.ipynb"]),
    "Moodle's folders": ("A", "B", moodle("Kim_1", "Lee_2"), moodle("Kim_1")),
    "Blackboard's attempts": (
        "A", "B",
        [f"E_{name}_attempt_2024-05-01-10-15-00_kl.ipynb" for name in ("kim", "lee")],
        [f"E_{name}_attempt_2024-05-02-10-15-00_kl.ipynb" for name in ("kim", "max")],
    ),
    "other names of files": ("A", "B", ["kim/a.ipynb", "lee/a.ipynb"], ["kim/b.ipynb"]),
    "other folders": ("A", "B", ["kim/a/w.ipynb", "lee/w.ipynb"], ["kim/w.ipynb", "x/w.ipynb"]),
}  # fmt: skip


@pytest.mark.parametrize("case", SAME_ID)
def test_one_id_in_two_of_the_paths_is_marked_twice_and_asked_about(case):
    one, two, first, second = SAME_ID[case]
    written(one, first)
    written(two, second)
    kim = "Kim_1" if "Moodle" in case else "kim"
    for paths in ([one, two], zips(a=first, b=second)):
        if "file" in case and paths[0].endswith(".zip"):
            continue  # side by side in an archive they may be one learner's
        records = graded(*paths)
        assert marks(records)[kim] == [POINTS] * 2
        assert len(asked(records)) == 2
        for reason in asked(records).values():
            assert kim in reason and ALL in reason
            assert paths[0] in reason and paths[1] in reason
        assert graded(*reversed(paths)) == graded(*paths)


@pytest.mark.parametrize(
    "files",
    [
        each("section A", ["kim", "lee"]) + each("section B", ["kim", "max"]),
        each("A", ["kim", "lee", "ada"]) + each("B", ["bob", "kim"]),
        ["section A/kim.ipynb", "section A/lee.ipynb", "section B/kim.ipynb"],
        each("week 2", ["kim", "lee"]) + each("week 3", ["kim"]),
        [f"{LESSON}/kim.ipynb", f"{OTHER_LESSON}/kim_{SLUG}".replace(OTHER_LESSON, "unit 3")],
        [f"red/kim_{SLUG}", f"red/lee_{SLUG}", f"blue/kim_{SLUG}", f"blue/max_{SLUG}"],
    ],
)
def test_one_id_in_two_sections_is_marked_twice_and_asked_about(files):
    written("class", files)
    Path("class.zip").write_bytes(packed(files))
    for path in ("class", "class.zip"):
        records = graded(path)
        assert marks(records)["kim"] == [POINTS] * 2
        assert len(asked(records)) == 2 and all(ALL in why for why in asked(records).values())


def test_one_id_in_two_groups_with_other_lessons_is_one_learner():
    written("A", [f"kim/{SLUG}", f"lee/{SLUG}"])
    written("B", [f"kim/{OTHER}", f"lee/{OTHER}"])
    records = graded("A", "B")
    assert marks(records) == {"kim": [POINTS] * 2, "lee": [POINTS] * 2} and not asked(records)


def test_folders_of_learners_that_are_named_one_by_one_are_a_learner_each():
    for name, file in (("ada", "kl.ipynb"), ("bob", "kl.ipynb"), ("cyd", "mine.ipynb")):
        written(f"class/{name}", {file: work(name)})
    records = graded("class/ada", "class/bob", "class/cyd")
    assert marks(records) == {"ada": [POINTS], "bob": [POINTS], "cyd": [POINTS]}
    assert not asked(records)
    for name in ("dan", "eve"):
        written(f"two/{name}", {"a.ipynb": work(name), "b.ipynb": work(name, OTHER_LESSON)})
    records = graded("two/dan", "two/eve")
    assert marks(records) == {"dan": [POINTS] * 2, "eve": [POINTS] * 2} and not asked(records)


def test_sections_that_are_named_one_by_one_are_no_learners():
    written("section A", ["ada.ipynb"])
    written("section B", ["bob.ipynb"])
    assert set(learners("section A", "section B").values()) == {"ada", "bob"}


# What remains a doubt


@pytest.mark.parametrize(
    "files, learner",
    [
        ([f"kim/a/{SLUG}", f"kim/b/{SLUG}", f"lee/{SLUG}", f"max/{SLUG}"], "kim"),
        (["kim/x.ipynb", "kim/y.ipynb", "lee/z.ipynb"], "kim"),
        (["group 1/ada.ipynb", "group 1/bob.ipynb", "group 2/cyd.ipynb"], "group 1"),
        ([f"red/ada/{SLUG}", f"red/bob/{SLUG}", f"zoe/{SLUG}"], "red"),
        (["red/ada/one.ipynb", "red/bob/two.ipynb", "zoe/mine.ipynb"], "red"),
        ([SLUG, f"{LESSON} (1).ipynb"], "class"),
        (["kl.ipynb", "kl (1).ipynb"], "kl"),
    ],
)
def test_notebooks_of_one_lesson_that_may_be_several_learners_are_all_marked(files, learner):
    written("class", files)
    Path("class.zip").write_bytes(packed(files))
    for path in ("class", "class.zip"):
        records = graded(path)
        assert len(records) == sum(map(len, marks(records).values())) == len(files)
        assert marks(records)[learner] == [POINTS] * 2
        assert len(asked(records)) == 2 and all(ALL in why for why in asked(records).values())


def test_a_path_that_a_doubt_names_ends_it():
    written("class", ["red/ada.ipynb", "red/bob.ipynb", "blue/cyd.ipynb", "blue/dan.ipynb"])
    reasons = asked(graded("class"))
    assert "klteach grade class/red" in reasons["class/red/ada.ipynb"]
    assert "klteach grade class/blue" in reasons["class/blue/dan.ipynb"]
    for paths in (["class/red", "class/blue"], ["class", "class/red", "class/blue"]):
        records = graded(*paths)
        assert set(marks(records)) == {"ada", "bob", "cyd", "dan"} and not asked(records)


def test_a_doubt_names_a_path_as_a_shell_reads_it():
    written("my class", ["group 'x'/ada.ipynb", "group 'x'/bob.ipynb"])
    written("my class", ["y/cyd.ipynb", "y/dan.ipynb"])
    reason = asked(graded("my class"))["my class/group 'x'/ada.ipynb"]
    assert shlex.split(reason.split("klteach grade ")[1]) == ["my class/group 'x'"]


def test_a_folder_beside_sections_is_a_learner_and_asked_about():
    files = each("red", ["ada", "bob"]) + each("blue", ["cyd", "dan"]) + ["zoe/mine.ipynb"]
    written("class", files)
    records = graded("class")
    assert set(marks(records)) == {"ada", "bob", "cyd", "dan", "zoe"}
    [reason] = asked(records).values()
    assert "'zoe' was taken as a learner's" in reason


def test_a_folder_with_one_learner_beside_one_with_several_is_asked_about():
    written("class", each("red", ["ada", "bob"]) + each("blue", ["cyd"]))
    records = graded("class")
    assert set(marks(records)) == {"ada", "bob", "cyd"}
    assert list(asked(records)) == [f"class/blue/cyd/{SLUG}"]
    written("named", each("section 1", ["ada", "bob"]) + each("section 2", ["cyd"]))
    assert not asked(graded("named"))


def test_archives_of_one_name_but_for_a_number_may_be_two_learners():
    written("class", {"work.zip": packed({"kl.ipynb": work("1")}),
                      "work (1).zip": packed({"kl.ipynb": work("2")})})  # fmt: skip
    records = graded("class")
    assert marks(records) == {"work": [POINTS] * 2} and len(asked(records)) == 2


def test_later_attempts_that_a_platform_tells_apart_are_no_doubt():
    exchange = {
        f"ada+x+2024-05-0{day} 10:15:00 UTC/{SLUG}": work(str(day), score=float(day))
        for day in (1, 2, 3)
    }
    desk = {
        f"338-512 - Ada - May {day}, 2024 {hour} PM/{SLUG}": work(str(day), score=score)
        for day, hour, score in ((1, 905, 1.0), (12, 110, 3.0), (2, 1015, 2.0))
    }
    for number, files in enumerate((exchange, desk)):
        written(f"class{number}", files)
        records = graded(f"class{number}")
        assert list(marks(records).values()) == [[3.0]] and not asked(records)


# The same class in every download


def test_a_class_of_sixty_has_the_same_learners_in_every_download():
    names = [f"{first}{number}" for number in range(20) for first in ("ada", "bob", "cyd")]
    scores = {name: float(place % 10) for place, name in enumerate(names)}
    ids = {name: 101 + place for place, name in enumerate(names)}
    late = set(names[::20])
    content = {name: work(name, score=scores[name]) for name in names}
    files = [
        "kl.ipynb",
        SLUG,
        "Copy of kl (1).ipynb",
        "2_kl.ipynb",
        "x_bob_1_2_kl.ipynb",
        "ü.ipynb",
    ]
    own = {name: files[place % len(files)] for place, name in enumerate(names)}
    layouts = {
        "folders": {f"{name}/{own[name]}": content[name] for name in names},
        "sections": {f"section {place % 3}/{name}/{own[name]}": content[name]
                     for place, name in enumerate(names)},
        "moodle": {f"{name}_{ids[name]}_assignsubmission_file_/{own[name]}": content[name]
                   for name in names},
        "flat moodle": {f"{name}_{ids[name]}_assignsubmission_file_{own[name]}": content[name]
                        for name in names},
        "canvas": {f"{name}_{'LATE_' * (name in late)}{ids[name]}_{ids[name] + 40_000}_{own[name]}":
                   content[name] for name in names},
        "blackboard": {f"Ex_2_{name}_attempt_2024-05-01-10-15-00_{own[name]}": content[name]
                       for name in names},
        "ilias": {f"Uebung/Abgaben/{name}_{ids[name]}/{own[name]}": content[name]
                  for name in names},
        "archives": {f"{name}.zip": packed({own[name]: content[name]}) for name in names},
    }  # fmt: skip
    for layout, files in layouts.items():
        written(layout, files)
        Path(f"{layout}.zip").write_bytes(packed(files))
        for path in (layout, f"{layout}.zip"):
            records = graded(path)
            numbered = any(record["student"] == f"{names[0]}_101" for record in records)
            expected = {f"{n}_{ids[n]}" if numbered else n: [scores[n]] for n in names}
            assert marks(records) == expected, path
            assert not asked(records), path
            told = {r["student"] for r in records if any("late" in note for note in r["notes"])}
            assert told == ({f"{n}_{ids[n]}" for n in late} if layout == "canvas" else set())
