"""The page of `closing()`: whatever a record holds, it says what is in it and how sure that is."""

import base64
import json
import math

import pytest

from klteach.practice import closing, inventory
from klteach.practice.beliefs import is_belief, two_answers
from klteach.practice.events import history, record
from klteach.practice.quiz.misconceptions import MISCONCEPTIONS
from klteach.practice.revisit import ideas_to_revisit
from klteach.units import WRITTEN
from klteach.units.lookup import inventory_questions
from normalise_notebooks import read_notebook
from notebook_running import ROOT

INVENTORY = inventory_questions()


@pytest.fixture(autouse=True)
def path(tmp_path, monkeypatch):
    path = tmp_path / "progress.jsonl"
    monkeypatch.setenv("KLTEACH_PROGRESS", str(path))
    return path


def html():
    return closing()._repr_html_()


def answered(place, code, **fields):
    record("inventory", unit="00", item=INVENTORY[place].name, answer="said", code=code, **fields)


def predicted(number, confidence, hit, **fields):
    fields = {"unit": "01", "answer": "yes", "truth": "no", "code": "right"} | fields
    record("prediction", item=f"01-x{number}", confidence=confidence, hit=hit, **fields)


def test_an_empty_record_makes_a_page_that_is_the_same_everywhere(path):
    assert repr(closing()).startswith("Nothing recorded yet. Three things will stand here")
    assert html().startswith("<p>Nothing recorded yet.") and "Kept in" not in html()
    assert not path.exists()


# The ten questions


def test_the_second_asking_shows_nothing_of_the_first_and_reveals_once_it_is_recorded():
    first = inventory()
    for item in INVENTORY:
        first.sheet.answer({"type": "commit", "item": item.name, "answer": 0})
    again = inventory(again=True)
    assert repr(again) == "Concept inventory, again: skipped"
    assert all(item["reveal"] is None for item in again.items)
    reply = again.sheet.answer({"type": "commit", "item": INVENTORY[0].name, "answer": 2})
    assert reply["reveal"]["headline"] == "Right." and reply["reveal"]["right"] == 2
    assert reply["reveal"]["lines"] == [INVENTORY[0].answers.options[2].says]
    assert [event["again"] for event in history("inventory")] == [False] * 10 + [True]
    # each asking finds its own answers again, and takes no second one
    again.sheet.answer({"type": "commit", "item": INVENTORY[0].name, "answer": 1})
    assert len(history("inventory")) == 11
    assert repr(inventory(again=True)) == "Concept inventory, again: 1 of 10 answered"
    assert repr(inventory()) == "Concept inventory: 10 of 10 answered"
    assert all(item["reveal"]["answer"] == 0 for item in inventory().items)


def test_a_record_from_before_there_was_a_second_asking_is_the_first():
    answered(0, "kl-is-symmetric")
    assert repr(inventory()) == "Concept inventory: 1 of 10 answered"
    assert repr(inventory(again=True)) == "Concept inventory, again: skipped"
    assert "1 of 10 are answered once. `inventory(again=True)` asks them again." in repr(closing())
    answered(0, "right", again=True)
    assert "0 were right at first and 1 are now: 1 gained, 0 lost" in repr(closing())
    assert "“KL is the same in both directions”: answers at first 1, now 0" in repr(closing())


def test_without_a_first_answer_there_is_nothing_to_compare_with():
    answered(0, "right", again=True)
    answered(1, "not-known-yet", again=True)
    answered(0, "kl-is-symmetric", again=False)  # came later, so it is no starting point
    assert "1 of 2 are right now. There is no first answer to compare with." in repr(closing())


def test_a_belief_is_counted_in_each_asking_and_where_it_was_met():
    answered(0, "kl-is-symmetric")
    answered(8, "kl-is-symmetric")
    answered(0, "right", again=True)
    answered(8, "kl-is-symmetric", again=True)
    record("prediction", item="02-swap", hit=False, code="kl-is-symmetric", confidence=0.8)
    record("review", item="00-compass", warm_up="03", hit=False, code="kl-is-symmetric")
    record("review", item="00-compass", warm_up="05", hit=True, code="right")
    line = f"“{MISCONCEPTIONS['kl-is-symmetric']}”: answers at first 2, now 1; "
    assert line + "prediction 02-swap, warm-up question on 00" in repr(closing())
    cells = [f">{cell}<" for cell in ("2", "1", "prediction 02-swap, warm-up question on 00")]
    assert all(cell in html() for cell in cells)


def test_every_cell_that_answers_a_question_of_the_inventory_is_there():
    units = {unit.code: unit for unit in WRITTEN}
    for item in INVENTORY:
        unit = units[item.taught[:2]]
        ids = [cell.id for cell in read_notebook(ROOT / f"notebooks/{unit.name}.ipynb").cells]
        assert item.taught in ids, item.name


# Confidence


def test_with_few_predictions_it_says_that_nothing_can_be_told():
    for number in range(9):
        predicted(number, 0.8, True)
    assert "With fewer than 10 predictions it cannot be told how much of that is chance" in repr(
        closing()
    )
    assert "Brier score 0.040, log score 0.223 nats." in repr(closing())
    assert "May be" not in html() and "<svg" in html()
    predicted(9, 0.8, False)
    assert "cannot be told" not in repr(closing()) and "May be" in html()
    assert "surer than right, in points: −10 (" in repr(closing())


def test_what_came_and_was_given_0_percent_makes_the_log_score_infinite():
    for number in range(12):
        predicted(number, 1.0, number > 1)
    assert "log score, in nats: infinite (2 gave 0 % to what came)" in repr(closing())
    assert "nan" not in html()


def test_the_bars_of_the_diagram_are_exact_intervals():
    for number in range(10):
        predicted(number, 0.9, number < 8)
    # by Clopper and Pearson: P(8 or more of 10 | low) = P(8 or less of 10 | high) = 5 %
    low, high = (float(x) / 100 for x in html().split("(from ")[1].split(" %")[0].split(" to "))
    above = sum(math.comb(10, k) * low**k * (1 - low) ** (10 - k) for k in range(8, 11))
    below = sum(math.comb(10, k) * high**k * (1 - high) ** (10 - k) for k in range(9))
    assert (above, below) == pytest.approx((0.05, 0.05), abs=0.012)  # whole percent are shown


# To revisit


def about():
    events = history()
    ideas = ideas_to_revisit(events, two_answers(events, INVENTORY))
    return [(idea.about, idea.cell) for idea in ideas]


def test_a_belief_of_the_second_asking_comes_before_those_met_on_the_way():
    record("prediction", item="02-swap", hit=False, code="kl-is-symmetric", confidence=1.0)
    answered(3, "more-names-more-entropy", again=True)
    record("review", item="00-is-it-one", warm_up="01", hit=False, code="shares-need-not-sum")
    assert [cell for _, cell in about()] == [
        "01-the-idea-text-2",
        "02-predict-again-code",
        "00-three-verbs-text",
    ]


def test_a_belief_that_was_given_up_later_is_not_named():
    record("review", item="00-compass", warm_up="03", hit=False, code="kl-is-symmetric")
    record("review", item="00-compass", warm_up="05", hit=True, code="right")
    answered(0, "kl-is-symmetric")
    answered(0, "right", again=True)
    assert about() == []
    assert "This record names nothing to revisit." in repr(closing())


def test_what_was_not_known_is_named_by_its_question():
    answered(7, "not-known-yet", again=True)
    ((said, cell),) = about()
    assert INVENTORY[7].text in said and cell == "23-the-idea-text-2"


def test_exercises_left_open_and_doubts_fill_up_what_beliefs_leave():
    record("check", question="kl", outcome="named mistake", score=0, points=2)
    record("prediction", item="13-small", hit=True, code="right", confidence=0.4)
    record("prediction", item="13-three", hit=True, code="right", confidence=1.0)
    assert [said for said, _ in about()] == ["the exercise `kl`", "the prediction 13-small"]
    answered(0, "kl-is-symmetric")
    assert about()[0][0] == f"the belief “{MISCONCEPTIONS['kl-is-symmetric']}”"


def test_without_the_lessons_beside_the_library_the_unit_is_named(monkeypatch):
    monkeypatch.setattr("klteach.practice.revisit.course_root", lambda: None)
    record("prediction", item="02-swap", hit=False, code="kl-is-symmetric", confidence=1.0)
    assert [cell for _, cell in about()] == ["02-the-idea-text"]


# Records of every kind

DAMAGED = [
    {"kind": "inventory", "item": "00-inventory-units", "code": ["right"]},
    {"kind": "inventory", "item": "00-inventory-units", "code": "a code of an older course"},
    {"kind": "inventory", "code": "right", "again": True},
    {"kind": "prediction", "hit": False, "code": "kl-is-symmetric"},
    {"kind": "prediction", "item": "99-gone", "hit": False, "code": "kl-is-symmetric"},
    {"kind": "prediction", "item": "", "hit": True, "code": "right", "confidence": 0.5},
    {"kind": "prediction", "item": "02-gone", "hit": False, "code": {}, "confidence": math.nan},
    {"kind": "review", "item": "zz", "hit": False, "code": "kl-is-symmetric"},
    {"kind": "review", "item": "02-gone", "hit": "no", "code": "kl-is-symmetric"},
    {"kind": "check", "question": "of an older course", "outcome": "wrong"},
    {"kind": "of a later version"},
]


@pytest.mark.parametrize("event", DAMAGED, ids=str)
def test_a_strange_event_spoils_nothing(path, event):
    answered(0, "kl-is-symmetric")
    answered(0, "right", again=True)
    line = json.dumps({"time": "2026-01-01T00:00:00+00:00"} | event)
    path.write_text(f"{path.read_text('utf-8')}{line}\nnot json\n", encoding="utf-8")
    assert "1 gained, 0 lost" in repr(closing()) and "1 gained, 0 lost" in html()
    assert "Line 4 of your progress file could not be read" in html()


def test_a_record_from_a_browser_is_read(path):
    """As website/static/record.js writes it."""
    lines = [
        '{"time":"2026-11-20T08:00:00+00:00","kind":"inventory","unit":"00","item":"00-inventory-symme'
        'try","answer":"0.4 nats","again":false,"code":"kl-is-symmetric"}',
        '{"time":"2026-11-27T08:00:00+00:00","kind":"inventory","unit":"00","item":"00-inventory-symme'
        'try","answer":"it cannot be told from that","again":true,"code":"right"}',
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "0 were right at first and 1 are now: 1 gained" in repr(closing())


def test_what_is_recorded_is_escaped_and_the_record_can_be_taken_along(path):
    nasty = '02-<script>"&'
    record("prediction", item=nasty, hit=False, code="kl-is-symmetric", confidence=0.9)
    answered(0, "kl-is-symmetric")
    assert "<script" not in html() and "02-&lt;script&gt;" in html()
    link = html().split('href="data:application/x-ndjson;base64,')[1].split('"')[0]
    assert base64.b64decode(link) == path.read_bytes()


def test_what_stands_for_a_belief():
    assert is_belief("kl-is-symmetric")
    for other in ("right", "not-known-yet", "CBA", "", None, ["kl-is-symmetric"], 3):
        assert not is_belief(other)
