"""The progress file: appended to by many, damaged by accidents, never a danger to feedback."""

import json
import math
import os
import subprocess
import sys

import numpy as np
import pytest

from klteach.practice import course_folder
from klteach.practice.events import history, record
from klteach.practice.progress import progress
from klteach.units.lookup import questions


@pytest.fixture(autouse=True)
def path(tmp_path, monkeypatch):
    path = tmp_path / "work" / "progress.jsonl"
    monkeypatch.setenv("KLTEACH_PROGRESS", str(path))
    return path


def test_nothing_is_written_before_something_happens(path):
    assert history() == []
    repr(progress())
    assert not path.parent.exists()


def test_events_come_back_oldest_first_and_by_kind(path):
    assert record("check", question="kl", score=0.0) == ""
    assert record("seen", question="kl") == ""
    assert record("check", question="kl", score=2.0) == ""
    assert [event["kind"] for event in history()] == ["check", "seen", "check"]
    assert [event["score"] for event in history("check")] == [0.0, 2.0]
    assert len(path.read_text("utf-8").splitlines()) == 3


def test_numpy_values_and_other_objects_become_plain():
    assert record("check", score=np.float64(1.5), outcomes=np.arange(3), thing=object) == ""
    (event,) = history()
    assert event["score"] == 1.5
    assert event["outcomes"] == [0, 1, 2]
    assert event["thing"] == "<class 'object'>"


def test_text_of_any_kind_stays_on_one_line(path):
    nasty = 'a\nb\r\n"c"\u2028é\x00 </script>'
    record("prediction", item="x", answer=nasty)
    assert history()[0]["answer"] == nasty
    assert path.read_bytes().count(b"\n") == 1


def test_what_cannot_be_written_as_json_is_a_sentence_and_not_an_exception():
    endless = []
    endless.append(endless)
    assert record("check", answer=endless).startswith("This was not saved")
    assert record("check", answer={(1, 2): 3}).startswith("This was not saved")
    assert record("check", answer="\ud800").startswith("This was not saved")
    assert history() == []


UNREADABLE = [
    b"not json",
    b"\xff\xfe\x00",
    b"[1, 2]",
    b'"text"',
    b'{"kind": "check"}',
    b'{"time": "now", "kind": 7}',
    b'{"time": "now", "kind": "review", "item": ["a list"]}',
    b'{"time": "now", "kind": "check", "question": {}}',
    b"[" * 100_000,
]


@pytest.mark.parametrize("line", UNREADABLE)
def test_an_unreadable_line_is_skipped_with_a_note_and_stays(path, line):
    record("seen", question="kl")
    with open(path, "ab") as file:
        file.write(line + b"\n")
    before = path.read_bytes()
    record("seen", question="shares")
    assert [event["question"] for event in history()] == ["kl", "shares"]
    assert "Line 2 of your progress file could not be read" in repr(progress())
    assert "Line 2 of your progress file could not be read" in progress()._repr_html_()
    assert path.read_bytes().startswith(before)


def test_a_mark_at_the_beginning_that_an_editor_left_costs_no_line(path):
    record("seen", question="kl")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    record("seen", question="shares")
    assert [event["question"] for event in history()] == ["kl", "shares"]
    assert "could not be read" not in repr(progress())


def test_a_prediction_that_predict_does_not_take_is_not_counted():
    record("prediction", item="01-die", answer="one fair die", confidence="sure", hit=True)
    assert "Predictions: 0 committed" in repr(progress())


def test_a_line_cut_short_does_not_swallow_the_next_one(path):
    record("seen", question="kl")
    with open(path, "ab") as file:
        file.write(b'{"time": "2026-01-01T00:00:00+00:00", "kind": "che')
    record("seen", question="shares")
    assert [event["question"] for event in history()] == ["kl", "shares"]


def test_a_folder_in_the_place_of_the_file_is_told_in_words(path):
    path.mkdir(parents=True)
    assert record("seen", question="kl").startswith("This was not saved to your progress file: ")
    assert history() == []
    assert "could not be read" in repr(progress())


def test_a_file_in_the_place_of_the_folder_is_told_in_words(path):
    path.parent.write_text("in the way")
    assert record("seen", question="kl").startswith("This was not saved")
    assert history() == []


def test_a_full_disk_is_told_in_words(monkeypatch):
    monkeypatch.setattr(os, "write", lambda descriptor, line: len(line) // 2)
    assert record("seen", question="kl") == (
        "This was not saved to your progress file: the disk is full."
    )


WRITER = """
import sys
from klteach.practice.events import record
for number in range(300):
    problem = record("check", question="kl", writer=sys.argv[1], number=number, filler="x" * 500)
    assert not problem, problem
"""


def test_four_processes_at_once_lose_nothing(path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name]) for name in "abcd"]
    assert [writer.wait(timeout=600) for writer in writers] == [0, 0, 0, 0]
    # A writer that looks while another's line is half visible begins a new one: an empty line is
    # no loss.
    written = path.read_text("utf-8").splitlines()
    lines = [json.loads(line) for line in written if line]
    assert len(lines) == len(history()) == 1200
    for name in "abcd":
        numbers = [line["number"] for line in lines if line["writer"] == name]
        assert numbers == list(range(300))


def test_where_the_file_is(tmp_path, monkeypatch):
    assert course_folder.progress_path() == tmp_path / "work" / "progress.jsonl"
    monkeypatch.setenv("KLTEACH_PROGRESS", "~/mine.jsonl")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert course_folder.progress_path() == tmp_path / "mine.jsonl"
    monkeypatch.delenv("KLTEACH_PROGRESS")
    course = tmp_path / "a cours é"
    package = course / "klteach" / "practice"
    package.mkdir(parents=True)
    monkeypatch.setattr(course_folder, "__file__", str(package / "course_folder.py"))
    assert course_folder.course_root() is None
    assert course_folder.solutions_folder() is None
    assert course_folder.progress_path() == tmp_path / ".klteach" / "progress.jsonl"
    (course / "course.py").write_text("")
    assert course_folder.course_root() == course
    assert course_folder.solutions_folder() is None
    (course / "solutions").mkdir()
    assert course_folder.solutions_folder() == course / "solutions"
    assert course_folder.progress_path() == course / "my-work" / "progress.jsonl"


# The page


def predicted(item, confidence, hit, **fields):
    fields = {"unit": item[:2], "answer": "yes", "truth": "no", "code": "right"} | fields
    record("prediction", item=item, confidence=confidence, hit=hit, **fields)


def row(name):
    html = progress()._repr_html_()
    return next(part for part in html.split("<tr>") if f">{name}<" in part)


def test_the_empty_page_is_the_same_everywhere():
    page = progress()
    assert repr(page).startswith("Nothing recorded yet.")
    assert page._repr_html_().startswith("<p>Nothing recorded yet.")
    assert "Kept in" not in page._repr_html_()


def test_a_newcomers_page_is_short():
    """Units in which no exercise was tried are one line."""
    record("check", question="kl", outcome="swapped", score=0)
    html = progress()._repr_html_()
    names = [question.name for question in questions().values() if question.lesson[:2] == "02"]
    assert html.count("<tr>") == 1 + len(names)
    assert all(f">{name}<" in html for name in names)
    others = sorted({question.lesson[:2] for question in questions().values()} - {"02"})
    assert f"No exercise tried yet in {', '.join(others[:-1])} and {others[-1]}." in html
    record("prediction", item="01-die", answer="one fair die")
    assert "tried yet in 00, 01, 03" in progress()._repr_html_()


def test_with_no_exercise_tried_there_is_no_table_of_them():
    record("prediction", item="01-die", answer="one fair die")
    html = progress()._repr_html_()
    assert "<b>Exercises</b>" not in html and "tried yet in 00, 01, 02" in html


def test_after_an_exercise_in_each_unit_none_is_left():
    for question in questions().values():
        record("check", question=question.name, outcome="correct", score=question.points)
    html = progress()._repr_html_()
    assert "tried yet" not in html
    assert html.count(">correct<") == len(questions())


def test_the_states_of_a_question():
    record("check", question="shares", outcome="swapped", score=0)
    record("check", question="kl_contributions", outcome="swapped", score=0)
    assert "not attempted" in row("kl")
    assert ">tried<" in row("shares")
    record("check", question="kl", outcome="almost", score=1)
    assert ">1 / 2<" in row("kl")
    record("check", question="kl", outcome="correct", score=2)
    record("seen", question="kl")
    assert ">correct<" in row("kl") and ">2 / 2<" in row("kl")
    record("seen", question="cross_entropy")
    assert ">solution seen<" in row("cross_entropy")
    record("check", question="cross_entropy", outcome="correct", score=2)
    assert ">correct, solution seen before<" in row("cross_entropy")
    record("seen", question="shares")
    assert ">tried, then solution seen<" in row("shares")
    assert "Exercises: 2 of " in repr(progress())


@pytest.mark.parametrize("score", ["2", None, math.nan, math.inf, -1, 99, [2]])
def test_a_score_that_makes_no_sense_counts_nothing(score):
    record("check", question="kl", outcome="tried", score=score)
    assert ">0 / 2<" in row("kl")


def test_calibration_against_scores_worked_by_hand():
    predicted("01-peak", 0.8, True)
    predicted("01-die", 0.6, False)
    predicted("02-symbols", 0.9, True)
    record("prediction", item="00-order", answer="A", confidence=0.3, truth=None, hit=None)
    html = progress()._repr_html_()
    brier = (0.2**2 + 0.6**2 + 0.1**2) / 3
    log_score = -(math.log(0.8) + math.log(0.4) + math.log(0.9)) / 3
    assert "77 % sure on average and right in 2 of 3 (67 %)" in html
    assert f"Brier score {brier:.3f}, log score {log_score:.3f} nats" in html
    assert "unit 19" in html and "<svg" not in html
    assert "4 committed, 2 of 3 right, 77 % sure" in repr(progress())
    assert "kept for later" in row("00-order")


def test_certain_and_wrong_has_an_infinite_log_score():
    predicted("01-die", 1.0, False)
    assert "log score infinite" in progress()._repr_html_()


@pytest.mark.parametrize("confidence", ["0.5", None, math.nan, math.inf, -0.1, 1.1, True, [1]])
def test_a_confidence_that_makes_no_sense_is_left_out(confidence):
    predicted("01-peak", 0.8, True)
    predicted("01-die", confidence, True)
    assert "right in 1 of 1 " in progress()._repr_html_()


def test_the_picture_says_its_numbers_and_sits_on_the_right_spots():
    for place, (confidence, hit) in enumerate(
        [(0.5, True), (0.5, False), (0.9, True), (1.0, True), (0.9, True)]
    ):
        predicted(f"0{place}-x", confidence, hit)
    html = progress()._repr_html_()
    assert "2 predictions at 50 % on average, 50 % of them right" in html
    assert "3 predictions at 93 % on average, 100 % of them right" in html
    assert 'role="img" aria-label="Confidence against success' in html
    # the plot runs from x = 46 to 196 and from y = 158 up to 8
    assert '<circle cx="121.0" cy="83.0"' in html
    assert '<circle cx="186.0" cy="8.0"' in html


def test_everything_recorded_is_escaped():
    nasty = '<script>alert(1)</script>"&'
    predicted("01-" + nasty, 0.5, True, answer=nasty, truth=nasty)
    html = progress()._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_the_page_can_be_taken_along(path):
    import base64

    predicted("01-die", 0.5, True)
    html = progress()._repr_html_()
    link = html.split('href="data:application/x-ndjson;base64,')[1].split('"')[0]
    assert base64.b64decode(link) == path.read_bytes()
    assert 'download="progress.jsonl"' in html
    with open(path, "ab") as file:
        file.write(b"\n" * 300_000)
    assert "base64" not in progress()._repr_html_()
