"""The zip of feedback for Moodle: the folders that Moodle made, with a page in each."""

import zipfile

import pytest

from tests.grading.quick_class import Quick

ADA, BOB = "Ada Lovelace_12345_assignsubmission_file", "Bob_7_assignsubmission_file"


@pytest.fixture
def quick(tmp_path, monkeypatch):
    return Quick(tmp_path, monkeypatch)


def unzipped(quick):
    with zipfile.ZipFile(quick.out / "moodle_feedback.zip") as packed:
        return {name: packed.read(name).decode() for name in packed.namelist()}


@pytest.mark.parametrize("ending", ["", "_"])
def test_each_folder_of_the_download_has_its_learners_page(quick, ending):
    quick.hand_in(f"all/{ADA}{ending}/kl.ipynb", "02 right, ada")
    quick.hand_in(f"all/{BOB}{ending}/kl.ipynb", "02 almost, bob")
    quick.grade("all")
    files = unzipped(quick)
    assert sorted(files) == [f"{ADA}{ending}/feedback.html", f"{BOB}{ending}/feedback.html"]
    assert "9 of 9 points" in files[f"{ADA}{ending}/feedback.html"]


def test_files_side_by_side_stay_side_by_side(quick):
    quick.hand_in(f"all/{ADA}_kl.ipynb", "02 right, ada")
    quick.hand_in(f"all/{BOB}_kl.ipynb", "02 right, bob")
    quick.grade("all")
    assert sorted(unzipped(quick)) == [f"{ADA}_feedback.html", f"{BOB}_feedback.html"]


def test_without_moodle_there_is_none(quick):
    quick.hand_in("all/ada", "02 right, ada")
    quick.hand_in("all/bob", "02 right, bob")
    quick.grade("all")
    assert not (quick.out / "moodle_feedback.zip").exists()


def test_the_same_pages_make_the_same_bytes(quick):
    quick.hand_in(f"all/{ADA}_/kl.ipynb", "02 right, ada")
    quick.hand_in(f"all/{BOB}_/kl.ipynb", "02 right, bob")
    quick.grade("all")
    before = (quick.out / "moodle_feedback.zip").read_bytes()
    quick.grade("all")
    assert (quick.out / "moodle_feedback.zip").read_bytes() == before


def test_anonymous_pages_are_anonymous_in_it(quick):
    quick.hand_in(f"all/{ADA}_/kl.ipynb", "02 right, ada")
    quick.hand_in(f"all/{BOB}_/kl.ipynb", "02 right, bob")
    quick.grade("all", "--anonymous")
    page = unzipped(quick)[f"{ADA}_/feedback.html"]
    assert "Lovelace" not in page and "12345" not in page
