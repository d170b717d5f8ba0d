"""A learner's record of an earlier version is read by this one: what it held still counts."""

import re

import pytest

from klteach.practice import predict, progress
from klteach.practice.quiz.verbs import warm_up_questions

# as version 0.1.0 wrote them
RECORD = """\
{"time": "2026-11-20T08:00:00+00:00", "kind": "check", "question": "shares", "outcome": "named mistake", "mistake": "divided by length", "score": 0, "points": 1}
{"time": "2026-11-20T08:01:00+00:00", "kind": "check", "question": "shares", "outcome": "correct", "mistake": null, "score": 1, "points": 1}
{"time": "2026-11-20T08:05:00+00:00", "kind": "seen", "question": "kl"}
{"time": "2026-11-20T08:10:00+00:00", "kind": "prediction", "unit": "13", "item": "13-small", "answer": "by about 0.1, five times as much", "confidence": 0.8, "truth": "by about 0.1, five times as much", "hit": true, "code": "right"}
{"time": "2026-11-20T08:15:00+00:00", "kind": "prediction", "unit": "25", "item": "25-forgets", "answer": "KL(baseline‖current): the answers now are scored on what came before", "confidence": 0.6, "truth": "KL(baseline‖current): the answers now are scored on what came before", "hit": true, "code": "right"}
{"time": "2026-11-20T08:20:00+00:00", "kind": "review", "unit": "00", "item": "00-is-it-one", "warm_up": "01", "answer": "0.5, 0.3, 0.2", "hit": false, "code": "shares-need-not-sum"}
{"time": "2026-11-20T08:30:00+00:00", "kind": "inventory", "unit": "00", "item": "00-inventory-units", "answer": "1", "code": "right"}
"""  # noqa: E501  an event is a line


@pytest.fixture(autouse=True)
def record(tmp_path, monkeypatch):
    path = tmp_path / "progress.jsonl"
    path.write_text(RECORD, encoding="utf-8")
    monkeypatch.setenv("KLTEACH_PROGRESS", str(path))


def test_what_was_done_stands_in_the_overview():
    said = f"{progress()!r} {progress()._repr_html_()}"
    first = r"1 of \d+ correct, 1 of \d+ points\. Predictions: 2 committed, 2 of 2 right"
    assert re.search(first, said)
    assert "solution seen" in said and "0 of 1 answers right" in said
    assert "could not be read" not in said
    assert "25-forgets" in said  # a prediction that the course no longer asks


def test_what_was_committed_stays_committed():
    assert "You said: by about 0.1, five times as much, 80 % sure. Right." in repr(
        predict("13-small")
    )


def test_what_was_answered_wrongly_comes_back_first():
    asked = warm_up_questions("02")
    assert asked[0].name == "00-is-it-one"
