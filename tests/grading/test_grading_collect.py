"""Finding what a class handed in: the layouts of real classes, and what must never be opened."""

import io
import os
import pickle
import socket
import sys
import time
import tracemalloc
import zipfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from klteach.grading.collecting.collect import find_submissions
from klteach.grading.errors import GradingError
from klteach.grading.limits import MEGABYTE, Limits

SLUG = "02_cross_entropy_and_kl"
LIMITS = Limits()
NOTEBOOK = b'{"nbformat": 4, "cells": []}'
POSIX = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes and links as POSIX has them")


def written(root, files):
    """Files below a folder: a list of names, or a dict of name -> bytes."""
    files = files if isinstance(files, dict) else dict.fromkeys(files, NOTEBOOK)
    for name, content in files.items():
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Path(root)


def packed(files):
    files = files if isinstance(files, dict) else dict.fromkeys(files, NOTEBOOK)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def found(*paths, limits=LIMITS):
    """(student, label) of what can be read, and what cannot: student -> problem."""
    everything = find_submissions(list(paths), limits)
    assert everything == sorted(everything, key=lambda one: (one.student, one.label))
    for one in everything:
        if not one.problem:
            assert one.read() == NOTEBOOK
        else:
            with pytest.raises(GradingError) as caught:
                one.read()
            assert str(caught.value) == one.problem
            assert one.problem.startswith("the file ") and one.problem.endswith(".")
    return (
        [(one.student, one.label) for one in everything if not one.problem],
        {one.student: one.problem for one in everything if one.problem},
    )


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Path()


LAYOUTS = {
    "notebooks side by side": (["ada.ipynb", "bob.ipynb"], ["ada", "bob"]),
    "a folder for each": ([f"ada/{SLUG}.ipynb", "bob/kl (1).ipynb"], ["ada", "bob"]),
    "nbgrader": (
        [f"submitted/ada/{SLUG}/{SLUG}.ipynb", f"submitted/bob/{SLUG}/{SLUG}.ipynb"],
        ["ada", "bob"],
    ),
    "Moodle": (
        ["Ada B_1_assignsubmission_file_/x.ipynb", "Ada B_2_assignsubmission_file_/x.ipynb"],
        ["Ada B_1", "Ada B_2"],
    ),
    "Canvas": (
        ["lovelaceada_LATE_123_4567_x.ipynb", "bob_124_4568_x-1.ipynb"],
        ["bob_124", "lovelaceada_123"],
    ),
    "Blackboard": (
        [f"E_{student}_attempt_2024-05-01-10-15-00_x.ipynb" for student in ("ada", "bob")],
        ["ada", "bob"],
    ),
    "names that are no file names elsewhere": (
        ["=cmd()/x.ipynb", "a,b/x.ipynb", "😀/x.ipynb", "x" * 200 + "/x.ipynb"],
        ["=cmd()", "a,b", "x" * 200, "😀"],
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_class_is_found_in_a_folder_and_in_a_zip(here, layout):
    files, students = LAYOUTS[layout]
    written("class", files)
    Path("class.zip").write_bytes(packed(files))
    Path("wrapped.zip").write_bytes(packed([f"wrapped/{name}" for name in files]))
    for root, inner in (("class", ""), ("class.zip", ""), ("wrapped.zip", "wrapped/")):
        readable, problems = found(Path(root))
        assert [student for student, _ in readable] == students and problems == {}
        assert {label for _, label in readable} == {f"{root}/{inner}{name}" for name in files}
        assert found(Path(root).resolve())[0] == [
            (student, f"{here.resolve().as_posix()}/{label}") for student, label in readable
        ]


def test_zips_of_learners_in_a_folder_or_an_archive(here):
    theirs = {"ada.zip": packed([f"mine/{SLUG}.ipynb"]), "bob.zip": packed(["kl.ipynb", "a.txt"])}
    written("class", theirs)
    Path("class.zip").write_bytes(packed(theirs))
    for root in ("class", "class.zip"):
        assert found(Path(root))[0] == [
            ("ada", f"{root}/ada.zip/mine/{SLUG}.ipynb"),
            ("bob", f"{root}/bob.zip/kl.ipynb"),
        ]
    assert found(*Path("class").glob("*.zip"))[0] == found(Path("class"))[0]
    moodle = {f"{name}_1_assignsubmission_file_/w.zip": packed(["kl.ipynb"]) for name in "AB"}
    Path("moodle.zip").write_bytes(packed(moodle))
    assert [student for student, _ in found(Path("moodle.zip"))[0]] == ["A_1", "B_1"]


def test_files_that_are_named_one_by_one(here):
    written(".", [f"ada/{SLUG}.ipynb", "bob/kl.ipynb", "eve.ipynb", f"x/exercises/{SLUG}.ipynb"])
    assert found(Path("eve.ipynb"))[0] == [("eve", "eve.ipynb")]
    assert found(Path(f"ada/{SLUG}.ipynb"))[0] == [("ada", f"ada/{SLUG}.ipynb")]
    assert found(Path(f"x/exercises/{SLUG}.ipynb"))[0] == [("x", f"x/exercises/{SLUG}.ipynb")]
    assert [student for student, _ in found(*Path().glob("*/*.ipynb"))[0]] == ["ada", "bob"]
    Path("answers.json").write_bytes(NOTEBOOK)  # their user says that it is one
    assert found(Path("answers.json"))[0] == [("answers.json", "answers.json")]


def test_what_is_named_twice_is_found_once(here):
    written("class", [f"ada/{SLUG}.ipynb", "bob.ipynb"])
    once = found(Path("class"))
    assert found(Path("class"), Path("class"), Path("class/bob.ipynb")) == once
    assert found(Path("class").resolve(), Path("./class/../class"))[0][0][0] == "ada"
    assert len(found(Path("class").resolve(), Path("class"))[0]) == 2


def test_what_editors_and_systems_leave_is_not_handed_in(here):
    theirs = [
        "ada/kl.ipynb", "ada/.ipynb_checkpoints/kl-checkpoint.ipynb", "ada/._kl.ipynb",
        "__MACOSX/ada/._kl.ipynb", "ada/venv/lib/site-packages/x/demo.ipynb", ".hidden/b.ipynb",
        "ada/__pycache__/a.ipynb", "README.md", "marks.csv",
    ]  # fmt: skip
    Path("class.zip").write_bytes(packed(theirs))
    assert found(written("class", theirs)) == ([("ada", "class/ada/kl.ipynb")], {})
    assert len(found(Path("class.zip"))[0]) == 1


def test_the_rest_of_a_course_of_nbgrader_was_not_handed_in(here):
    parts = ("source", "release", "autograded/ada", "feedback/ada", "submitted/ada")
    written("course", [f"{part}/{SLUG}/{SLUG}.ipynb" for part in parts])
    assert found(Path("course"))[0] == [("ada", f"course/submitted/ada/{SLUG}/{SLUG}.ipynb")]
    assert found(Path("course/submitted/ada"))[0][0][0] == "ada"


def test_whoever_handed_in_no_notebook_is_told_too(here):
    files = {
        "A_1_assignsubmission_file_/kl.ipynb": NOTEBOOK,
        "B_2_assignsubmission_file_/kl.pdf": b"%PDF",
        "C_3_assignsubmission_file_/work.zip": packed(["kl.py", "data.csv", "a.txt"]),
        "D_4_assignsubmission_file_/work.rar": b"Rar!",
        "D_4_assignsubmission_file_/note.txt": b"hello",
        "E_5_assignsubmission_file_/work.zip": b"no zip",
        "F_6_assignsubmission_file_/kl.ipynb": NOTEBOOK,
        "F_6_assignsubmission_file_/data.zip": packed(["data.csv"]),
        "list.txt": b"",
    }
    Path("class.zip").write_bytes(packed(files))
    for root in (written("class", files), Path("class.zip")):
        readable, problems = found(root)
        assert [student for student, _ in readable] == ["A_1", "F_6"]
        assert set(problems) == {"B_2", "C_3", "D_4", "E_5"}
        assert problems["B_2"] == "the file is no notebook (.ipynb), and none was handed in."
        assert "no notebook (.ipynb), but a.txt, data.csv and 1 more" in problems["C_3"]
        assert "(and 1 more files)" in problems["D_4"]
        assert "cannot be opened as a zip" in problems["E_5"]
    theirs = [f"{student}/kl.ipynb" for student in ("ada", "bob", "cyd")]
    written("plain", [*theirs, "eve/kl.html", "figures/a/b.png"])
    assert set(found(Path("plain"))[1]) == {"eve", "figures"}
    # where folders are no learners, other files are nobody's
    written("repository", ["exercises/ada.ipynb", "docs/a.md", "src/a.py", "tests/b.py"])
    assert found(Path("repository")) == ([("ada", "repository/exercises/ada.ipynb")], {})


def test_a_learner_cannot_hand_in_for_another(here):
    forged = "Bob_2_assignsubmission_file_/kl.ipynb"
    written("class", {
        "Eve_1_assignsubmission_file_/e.zip": packed([forged]),
        f"Eve_1_assignsubmission_file_/{forged}": NOTEBOOK,
        forged: NOTEBOOK,
    })  # fmt: skip
    assert [student for student, _ in found(Path("class"))[0]] == ["Bob_2", "Eve_1", "Eve_1"]
    # nor with an archive that looks like that of a class
    both = packed(["A_1_assignsubmission_file_/k.ipynb", "B_2_assignsubmission_file_/k.ipynb"])
    written("zips", {"eve.zip": both, "bob.zip": packed(["kl.ipynb"])})
    readable, problems = found(Path("zips"))
    assert [student for student, _ in readable] == ["bob"]
    assert problems["eve"].endswith(
        "looks like the download of a class. If it is one, name it as a path of its own: klteach "
        "grade 'zips/eve.zip'."
    )
    assert [student for student, _ in found(Path("zips/eve.zip"))[0]] == ["A_1", "B_2"]


def test_paths_that_cannot_be_used(here):
    with pytest.raises(GradingError, match="nowhere does not exist"):
        find_submissions([Path("nowhere")], Limits())
    with pytest.raises(GradingError, match="is no path"):
        find_submissions([Path("a\0b")], Limits())
    written("empty", {"readme.txt": b""})
    with pytest.raises(GradingError, match=r"no notebook \(.ipynb\) .* is in empty."):
        find_submissions([Path("empty")], Limits())
    with pytest.raises(GradingError, match="no notebook"):
        find_submissions([], Limits())


@contextmanager
def little_is_read():
    """Two gigabytes that are read take either seconds of the processor or memory."""
    tracemalloc.start()
    start = time.process_time()
    try:
        yield
    finally:
        seconds, (_, memory) = time.process_time() - start, tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert seconds < 1 and memory < 100 * MEGABYTE


def test_6_two_gigabytes_are_refused_by_their_size(here):
    written("class", ["ada.ipynb", "bob.ipynb"])
    os.truncate("class/ada.ipynb", 2**31)  # sparse: no disk is used
    with little_is_read():
        readable, problems = found(Path("class"))
    assert [student for student, _ in readable] == ["bob"]
    assert "has 2 GB; notebooks of at most 10 MB are read. Clear the outputs" in problems["ada"]
    # and one that grew after it was found
    [bob] = [one for one in find_submissions([Path("class")], Limits()) if one.student == "bob"]
    os.truncate("class/bob.ipynb", 2**31)
    with little_is_read(), pytest.raises(GradingError, match="has 2 GB"):
        bob.read()


@POSIX
def test_6_pipes_devices_and_sockets_are_never_opened(here):
    written("class", ["ada.ipynb"])
    os.mkfifo("class/bob.ipynb")
    os.mkfifo("class/cyd.zip")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("class/dee.ipynb")
    readable, problems = found(Path("class"))  # opening a pipe would wait for ever
    listener.close()
    assert [student for student, _ in readable] == ["ada"]
    assert problems["bob"] == "the file is a pipe and no file; it was not opened."
    assert "a pipe" in problems["cyd"] and "a socket" in problems["dee"]
    assert "a device" in found(Path("/dev/zero"))[1]["zero"]
    # one that took a file's place after it was found
    [ada] = find_submissions([Path("class/ada.ipynb")], Limits())
    os.remove("class/ada.ipynb")
    os.mkfifo("class/ada.ipynb")
    with pytest.raises(GradingError, match="is a pipe and no file"):
        ada.read()


@POSIX
def test_6_links_lead_nowhere_but_into_the_same_folder(here):
    written("secret", ["kl.ipynb", "x/kl.ipynb"])
    written("class", ["ada/kl.ipynb"])
    os.symlink(Path("secret/kl.ipynb").resolve(), "class/bob.ipynb")
    os.symlink("../secret", "class/cyd")
    os.symlink("ada/kl.ipynb", "class/dee.ipynb")
    os.symlink("nowhere", "class/eve.ipynb")
    os.symlink(".", "class/round")
    os.symlink("..", "class/ada/up")
    readable, problems = found(Path("class"))
    assert readable == [("ada", "class/ada/kl.ipynb"), ("dee", "class/dee.ipynb")]
    assert problems["bob"] == "the file is a link that leads out of the folder."
    assert len(problems) <= 3 and all("a link" in problem for problem in problems.values())
    # what their user names may be a link
    os.symlink("class", "link")
    assert found(Path("link"))[0] == [("ada", "link/ada/kl.ipynb"), ("dee", "link/dee.ipynb")]
    # a link that took a file's place after it was found
    [ada] = find_submissions([Path("class/ada/kl.ipynb")], Limits())
    os.remove("class/ada/kl.ipynb")
    os.symlink(Path("secret/kl.ipynb").resolve(), "class/ada/kl.ipynb")
    with pytest.raises(GradingError, match="is a link; it was not followed"):
        ada.read()


def test_6_paths_out_of_a_zip_and_links_in_it_are_refused_and_the_others_read(here):
    link = zipfile.ZipInfo("eve/kl.ipynb")
    link.external_attr = 0o120777 << 16
    Path("class.zip").write_bytes(packed({
        "ada/kl.ipynb": NOTEBOOK,
        "../bob/kl.ipynb": NOTEBOOK,
        "/cyd/kl.ipynb": NOTEBOOK,
        link: b"/etc/passwd",
    }))  # fmt: skip
    readable, problems = found(Path("class.zip"))
    assert readable == [("ada", "class.zip/ada/kl.ipynb")]
    assert set(problems) == {"bob", "cyd", "eve"}
    assert ".." in problems["bob"] and "absolute" in problems["cyd"] and "link" in problems["eve"]


def test_6_bombs_are_refused_in_every_layer(here):
    zeros = bytes(9 * MEGABYTE)
    small = Limits(archive_bytes=40 * MEGABYTE, notebook_bytes=MEGABYTE)
    bomb = packed({f"{number}.ipynb": zeros for number in range(5)})
    one = packed({"kl.ipynb": zeros})
    written("class", {"ada.ipynb": NOTEBOOK, "bob.zip": bomb, "cyd.zip": one})
    readable, problems = found(Path("class"), limits=small)
    assert [student for student, _ in readable] == ["ada"]
    assert "unpacks to 45 MB; at most 40 MB" in problems["bob"]
    assert "has 9 MB" in problems["cyd"]
    # nested: what all of them unpack to is counted together
    nested = {"ada.ipynb": NOTEBOOK}
    nested.update({f"x{number}.zip": packed({"a.txt": zeros}) for number in range(5)})
    Path("nested.zip").write_bytes(packed(nested))
    readable, problems = found(Path("nested.zip"), limits=small)
    assert [student for student, _ in readable] == ["ada"]
    assert "unpacks to more than 40 MB, with what is around it" in problems["x4"]
    # and a third layer is not looked into
    deep = packed({"c.zip": packed({"kl.ipynb": NOTEBOOK})})
    written("deep", {"ada.zip": packed({"b.zip": deep}), "bob.ipynb": NOTEBOOK})
    assert "archive in an archive in an archive" in found(Path("deep"))[1]["ada"]
    many = packed([f"{number}.ipynb" for number in range(201)])
    written("many", {"ada.zip": many, "bob.ipynb": NOTEBOOK})
    assert "holds 201 notebooks; of one learner 200" in found(Path("many"))[1]["ada"]


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_25_file_names_that_are_no_text(tmp_path):
    os.mkdir(os.fsencode(tmp_path) + b"/class")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/class/\xff.ipynb")).write_bytes(NOTEBOOK)
    [(student, label)] = found(tmp_path / "class")[0]
    assert student == "\\xff" and label.encode("utf-8").endswith(b"/class/\\xff.ipynb")


def test_25_ids_that_differ_in_case_are_two(here):
    Path("class.zip").write_bytes(packed(["Ada/kl.ipynb", "ada/kl.ipynb"]))
    assert [student for student, _ in found(Path("class.zip"))[0]] == ["Ada", "ada"]


def test_the_order_of_the_disk_changes_nothing(here, monkeypatch):
    files = [f"{student}/{name}.ipynb" for student in "cab" for name in "yx"]
    written("class", files)
    first = find_submissions([Path("class")], Limits())
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: list(scandir(path))[::-1])
    assert find_submissions([Path("class")], Limits()) == first


def test_a_submission_is_small_and_travels(here):
    Path("class.zip").write_bytes(packed({"ada.zip": packed(["kl.ipynb"]), "bob.ipynb": NOTEBOOK}))
    everything = find_submissions([Path("class.zip")], Limits())
    copies = pickle.loads(pickle.dumps(everything))
    assert copies == everything and [one.read() for one in copies] == [NOTEBOOK] * 2
    assert everything[0].member == "ada.zip/kl.ipynb" and len(pickle.dumps(everything)) < 2000


def test_a_thousand_are_found_and_read_in_a_second(here):
    names = [f"learner_{number:04}/{SLUG}.ipynb" for number in range(1000)]
    written("class", names)
    Path("class.zip").write_bytes(packed(names))
    for root in ("class", "class.zip"):
        start = time.process_time()
        everything = find_submissions([Path(root)], Limits())
        assert sum(len(one.read()) for one in everything) == 1000 * len(NOTEBOOK)
        assert time.process_time() - start < 2  # .1 to .2 on a slow core
