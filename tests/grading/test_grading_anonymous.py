"""Anonymous pages name nobody, and a key tells the teacher whose they are."""

import re

import pytest

from klteach.grading.pages.anonymous import codes, without_names
from tests.grading.class_records import answers, class_of_thirty, record
from tests.grading.quick_class import Quick
from tests.grading.test_grading_page import read


@pytest.fixture
def quick(tmp_path, monkeypatch):
    made = Quick(tmp_path, monkeypatch)
    made.hand_in("all/ada.lovelace", "02 right")
    made.hand_in("all/Bob Miller", "02 right")
    made.hand_in("all/cyd", "broken")
    made.hand_in("all/dan/a.ipynb", "02 almost, old", 1e9)
    made.hand_in("all/dan/b.ipynb", "02 right, new", 1.1e9)
    return made


NAMES = ("ada", "lovelace", "Bob", "Miller", "cyd", "dan")


def test_no_page_has_a_name_and_the_key_has_all(quick, capsys):
    assert quick.grade("all", "--anonymous") == 3
    pages = [quick.out / "class.html", *(quick.out / "learners").iterdir()]
    assert len(pages) == 5
    for path in pages:
        words = read(path.read_text(encoding="utf-8")) + path.name
        assert not re.search(rf"\b({'|'.join(NAMES)})\b", words, re.IGNORECASE), path.name
    key = {row["student"]: row["code"] for row in quick.rows("key.csv")}
    assert sorted(key) == ["Bob Miller", "ada.lovelace", "cyd", "dan"]
    assert {f"{code}.html" for code in key.values()} == {path.name for path in pages[1:]}
    assert {row["student"] for row in quick.rows()} == set(key)
    words = read(quick.page())
    assert f"byte for byte the file of {key['Bob Miller']}" in words
    assert f"{key['cyd']} no score: unreadable" in words


def test_codes_stay_and_the_setting_holds_until_it_is_taken_back(quick):
    quick.grade("all", "--anonymous")
    key = quick.rows("key.csv")
    quick.hand_in("late/eve", "02 right, eve")
    quick.grade("late")
    assert [row for row in quick.rows("key.csv") if row["student"] != "eve"] == key
    assert not re.search(r"\beve\b", read(quick.page()))
    quick.grade("late", "--no-anonymous")
    assert re.search(r"\beve\b", read(quick.page())) and not (quick.out / "key.csv").exists()
    assert sorted(path.stem for path in (quick.out / "learners").iterdir())[-2:] == ["dan", "eve"]
    quick.grade("late", "--anonymous")
    assert not {path.stem for path in (quick.out / "learners").iterdir()} & {"dan", "eve"}


def test_who_is_missing_is_counted_and_not_named(quick):
    (quick.folder / "roster.csv").write_text("cyd,Cyd Fox\nzoe,Zoe Ray\n")
    quick.grade("all", "--anonymous", "--roster", "roster.csv")
    words = read(quick.page())
    assert "1 learner handed in nothing" in words
    assert not re.search("Zoe|zoe|Ray|Fox", words)
    assert "zoe" in {row["student"] for row in quick.rows()}


def test_a_comment_of_the_teacher_does_not_name_the_learner(quick):
    quick.adjust('Bob Miller,kl,1,"Bob, this is half of it; ask dan"')
    quick.grade("all", "--anonymous")
    key = {row["student"]: row["code"] for row in quick.rows("key.csv")}
    words = read(quick.page(f"learners/{key['Bob Miller']}.html"))
    assert f"{key['Bob Miller']}, this is half of it" in words


def test_what_a_learner_signed_is_not_shown():
    given = [answers("right")[0] | {"code": "# by Ada Lovelace (al99)\nx = 'lovelace'\nadapt = 1"}]
    made = record("al99", given, full_name="Ada Lovelace", comment="")
    (shown,) = without_names([made], {"al99": "k7q4m"})
    assert shown["questions"][0]["code"] == "# by k7q4m (k7q4m)\nx = 'k7q4m'\nadapt = 1"
    assert shown["file"] == "k7q4m-1.ipynb" and shown["full_name"] == ""


def test_names_of_questions_are_not_taken_for_learners():
    made = record("kl", answers("right"), notes=["No cell that can be read defines kl."])
    (shown,) = without_names([made], {"kl": "abcde"})
    assert "kl" in [question["name"] for question in shown["questions"]]


def test_codes_are_different_short_and_the_secret_of_the_course():
    students = [f"student {number}" for number in range(3000)]
    found = codes(students, "seed")
    assert len(set(found.values())) == 3000 and max(map(len, found.values())) <= 8
    assert codes(students, "another seed") != found
    assert all(re.fullmatch("[a-z2-9]+", code) for code in found.values())
    assert codes([], "seed") == {}


def test_a_class_keeps_its_counts():
    records, _ = class_of_thirty()
    shown = without_names(records, codes({r["student"] for r in records}, "seed"))
    assert len({r["student"] for r in shown}) == len({r["student"] for r in records})
    assert len({r["file"] for r in shown}) == len(records)
    assert [r["score"] for r in shown] == [r["score"] for r in records]


def test_edited_pages_that_had_names_are_not_named_on_anonymous_ones(quick):
    quick.grade("all")
    (quick.out / "learners" / "cyd.html").write_text("see me")
    quick.grade("all", "--anonymous")
    assert (quick.out / "learners" / "cyd.edited.html").exists()
    words = read(quick.page())
    assert "cyd" not in words and "pages that do not belong to this run" in words
