"""Who is late: by the platform's word, by a clock, or unknown; and nobody loses a point for it."""

import os
import time
import zipfile
from datetime import UTC, datetime

import pytest

from klteach.grading.errors import GradingError
from klteach.grading.marking.due import IN_TIME, LATE, UNKNOWN, in_words, lateness, read_due
from tests.grading.class_records import record
from tests.grading.quick_class import LESSONS, Quick
from tests.grading.test_grading_page import read, section

LESSON = LESSONS["02"]
DUE = read_due("2026-11-30T23:59+01:00")
BEFORE = datetime(2026, 11, 30, 22, 58, tzinfo=UTC).timestamp()
AFTER = datetime(2026, 11, 30, 23, 30, tzinfo=UTC).timestamp()


@pytest.fixture
def berlin(monkeypatch):
    """A machine in another time zone than UTC."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def quick(tmp_path, monkeypatch):
    return Quick(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "said, words, last_second",
    [
        ("2026-11-30T23:59", "30 November 2026, 23:59 (UTC+01:00)", "22:59:59"),
        ("2026-11-30 23:59", "30 November 2026, 23:59 (UTC+01:00)", "22:59:59"),
        ("2026-11-30T23:59:30", "30 November 2026, 23:59 (UTC+01:00)", "22:59:30"),
        ("2026-11-30", "30 November 2026, 23:59 (UTC+01:00)", "22:59:59"),
        ("2026-07-01T12:00", "1 July 2026, 12:00 (UTC+02:00)", "10:00:59"),
        ("2026-11-30T23:59Z", "30 November 2026, 23:59 (UTC+00:00)", "23:59:59"),
        ("2026-11-30T23:59-05:00", "30 November 2026, 23:59 (UTC-05:00)", "04:59:59"),
    ],
)
def test_a_due_date_is_said_with_its_zone(berlin, said, words, last_second):
    due = read_due(said)
    assert in_words(due) == words
    assert f"{due.astimezone(UTC):%H:%M:%S}" == last_second


@pytest.mark.parametrize("said", ["", "soon", "30.11.2026", "2026-11-31", "2026-11-30T25:00"])
def test_what_is_no_date_is_refused(said):
    with pytest.raises(GradingError, match="is no date and time"):
        read_due(said)


def late_of(*records, due=DUE):
    return [one.late for one in lateness(records, due)]


def test_the_word_of_the_platform_comes_first_and_needs_no_due_date():
    said = record("ada", said=["Handed in late, says Canvas."], time=BEFORE, clock="file")
    assert late_of(said) == late_of(said, due=None) == [LATE]


def test_clocks_on_walls_are_those_of_the_due_date():
    times = {"2026-11-30T23:58:00": IN_TIME, "2026-12-01T00:10:00": LATE}
    for clock in ("platform",):
        for moment, expected in times.items():
            assert late_of(record("ada", time=moment, clock=clock)) == [expected]
    assert late_of(record("ada", time="2026-11-30T23:30:00+00:00", clock="platform")) == [LATE]
    as_if_utc = datetime(2026, 11, 30, 23, 30, tzinfo=UTC).timestamp()
    assert late_of(record("ada", time=as_if_utc, clock="archive")) == [IN_TIME]
    assert late_of(
        record("ada", time=AFTER, clock="file"), record("b", time=1.0, clock="file")
    ) == [
        LATE,
        IN_TIME,
    ]


def test_what_is_not_known_is_blank():
    assert late_of(record("ada")) == [UNKNOWN]
    assert late_of(record("ada", time=AFTER, clock="file"), due=None) == [UNKNOWN]


def test_files_that_are_all_from_after_it_were_downloaded_then():
    downloaded = [record(name, time=AFTER + n, clock="file") for n, name in enumerate("abc")]
    assert late_of(*downloaded) == [UNKNOWN] * 3
    by_platform = record("d", time="2026-12-01T00:10:00", clock="platform")
    assert late_of(*downloaded, by_platform)[-1] == LATE


def class_of_three(quick):
    quick.hand_in("all/ada", "02 right, ada", BEFORE)
    quick.hand_in("all/bob", "02 almost, bob", AFTER)
    quick.hand_in("all/cyd", "02 right, cyd", BEFORE)


def test_the_late_are_listed_and_lose_nothing(quick):
    class_of_three(quick)
    assert quick.grade("all", "--due", "2026-11-30T23:59+01:00") == 0
    assert {row["student"]: row["late"] for row in quick.rows()} == {
        "ada": "no",
        "bob": "yes",
        "cyd": "no",
    }
    assert quick.scores()["bob"] == "4.5"
    words = section(quick.page(), "late")
    assert "30 November 2026, 23:59 (UTC+01:00)" in words and "bob 02 by the time of the" in words
    assert "Handed in late" in read(quick.page("learners/bob.html"))
    assert "late" not in read(quick.page("learners/ada.html")).lower().replace("related", "")


def test_the_due_date_holds_for_later_runs_of_that_lesson_alone(quick):
    class_of_three(quick)
    quick.grade("all", "--due", "2026-11-30T23:59+01:00")
    quick.hand_in("next/ada/a.ipynb", "03 right, ada", AFTER)
    quick.hand_in("next/bob/a.ipynb", "03 right, bob", AFTER + 9)
    quick.grade("next")
    late = {(row["student"], row["lesson"][:2]): row["late"] for row in quick.rows()}
    assert late["bob", "02"] == "yes" and late["bob", "03"] == ""
    quick.grade("next", "--due", "2026-12-09")
    late = {(row["student"], row["lesson"][:2]): row["late"] for row in quick.rows()}
    assert late["bob", "02"] == "yes" and late["bob", "03"] == "no"
    quick.grade("all", "--due", "none")
    late = {(row["student"], row["lesson"][:2]): row["late"] for row in quick.rows()}
    assert late["bob", "02"] == "" and late["bob", "03"] == "no"


def test_canvas_says_late_without_a_due_date(quick):
    for name in ("adalovelace_1_10_kl", "bobmiller_LATE_2_20_kl", "cydfox_3_30_kl"):
        quick.hand_in(f"all/{name}.ipynb", f"02 right, {name}")
    quick.grade("all")
    late = {row["student"]: row["late"] for row in quick.rows()}
    assert late == {"adalovelace_1": "", "bobmiller_2": "yes", "cydfox_3": ""}
    assert "bobmiller_2 02 says the learning platform" in section(quick.page(), "late")


def test_times_of_a_download_make_nobody_late_and_this_is_said(quick):
    for name in ("ada", "bob"):
        quick.hand_in(f"all/{name}", f"02 right, {name}", AFTER)
    quick.grade("all", "--due", "2026-11-30T23:59+01:00")
    assert [row["late"] for row in quick.rows()] == ["", ""]
    words = section(quick.page(), "late")
    assert "times of a download" in words and "Nobody is known to be late" in words


def test_an_archive_has_a_clock_on_the_wall(quick):
    path = quick.folder / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, moment in {
            "ada": (2026, 11, 30, 23, 50, 0),
            "bob": (2026, 12, 1, 0, 20, 0),
        }.items():
            archive.writestr(zipfile.ZipInfo(f"{name}/kl.ipynb", moment), f"02 right, {name}")
    os.utime(path, (AFTER, AFTER))
    quick.grade("all.zip", "--due", "2026-11-30T23:59+01:00")
    assert [row["late"] for row in quick.rows()] == ["no", "yes"]


def test_of_a_learner_only_the_notebook_that_counts_is_late_or_not(quick):
    quick.hand_in("all/ada", "02 right, ada", BEFORE)
    quick.hand_in("all/bob/a.ipynb", "02 almost, bob", BEFORE)
    quick.grade("all", "--due", "2026-11-30T23:59+01:00")
    quick.hand_in("all/bob/a.ipynb", "02 right, bob", AFTER)
    quick.grade("all")
    assert section(quick.page(), "late").count("bob") == 1
    assert [row["late"] for row in quick.rows() if row["status"] == "graded"] == ["no", "yes"]
