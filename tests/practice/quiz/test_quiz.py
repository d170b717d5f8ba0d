"""Committing answers: judged in Python, recorded once, shown again, and never revealed before."""

import json
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from klteach.practice import inventory, predict, reveal, warm_up
from klteach.practice.events import history, record
from klteach.practice.quiz import verbs as quiz
from klteach.practice.quiz.sheet import Sheet
from klteach.units import WRITTEN
from klteach.units.lookup import predictions_of, review_of
from klteach.units.u00_start_here.quiz import INVENTORY

PREDICTIONS = [item.name for unit in WRITTEN for item in predictions_of(unit)]


@pytest.fixture(autouse=True)
def path(tmp_path, monkeypatch):
    path = tmp_path / "progress.jsonl"
    monkeypatch.setenv("KLTEACH_PROGRESS", str(path))
    return path


def sheet(name):
    return Sheet(f"Prediction {name}", [quiz.find_prediction(name)])


def commit(name, answer, confidence=80):
    return {"type": "commit", "item": name, "answer": answer, "confidence": confidence}


def send(widget, message):
    """What the widget answers to a message from the browser."""
    replies = []
    widget.send = replies.append
    widget._handle_custom_msg(message, [])
    return replies


# Scoring and recording


def test_a_right_choice():
    reply = sheet("01-die").answer(commit("01-die", 1))
    assert reply["type"] == "reveal" and reply["item"] == "01-die"
    reveal = reply["reveal"]
    assert reveal["headline"] == "Right."
    assert reveal["yours"] == "You said: one fair die, 80 % sure."
    assert (reveal["answer"], reveal["right"], reveal["confidence"]) == (1, 1, 80)
    assert reveal["lines"][0] == "Six equally likely outcomes against four."
    assert "2.585 bits" in reveal["lines"][1]
    assert [other["text"][:4] for other in reveal["others"]] == ["two ", "both"]
    (event,) = history()
    del event["time"]
    assert event == {
        "kind": "prediction",
        "unit": "01",
        "item": "01-die",
        "answer": "one fair die",
        "confidence": 0.8,
        "truth": "one fair die",
        "hit": True,
        "code": "right",
    }


def test_a_wrong_number_gets_the_sentence_of_its_own_error():
    reveal = sheet("01-peak").answer(commit("01-peak", 0.5))["reveal"]
    assert reveal["headline"] == "Not this time."
    assert reveal["lines"][0].startswith("At ½ a coin is most uncertain")
    (event,) = history()
    assert (event["hit"], event["code"], event["answer"]) == (False, "half-is-the-peak", 0.5)


def test_a_kept_prediction_reveals_nothing_but_is_recorded():
    kept = sheet("00-order")
    reply = kept.answer(commit("00-order", 3))
    said = json.dumps([reply, kept.state()], ensure_ascii=False) + kept.html() + kept.line()
    assert "kept until unit 11" in said
    assert "B, then C, then A" in reply["reveal"]["yours"]
    for secret in ("Wasserstein", "Total variation", "ruler", "KL(P‖Q) finds"):
        assert secret not in said
    (event,) = history()
    assert (event["hit"], event["truth"], event["code"]) == (None, None, "BCA")


def test_a_kept_prediction_is_opened_in_its_unit():
    sheet("00-order").answer(commit("00-order", 3))
    item = quiz.find_prediction("00-order")
    opened = Sheet("Prediction 00-order, opened", [item], opened=True)
    said = json.dumps(opened.state(), ensure_ascii=False) + opened.html()
    assert "B, then C, then A" in said and item.answers.options[3].says in said
    assert item.reveal in opened.html() and "kept until" not in said
    assert repr(reveal("00-order")).startswith("Prediction 00-order, opened: You said: B, then C")


def test_an_opened_prediction_may_still_be_committed():
    opened = reveal("00-order")
    assert repr(opened) == "Prediction 00-order, opened: skipped"
    (reply,) = send(opened, {"type": "commit", "item": "00-order", "answer": 0, "confidence": 50})
    assert reply["reveal"]["headline"].startswith("Opened")
    assert len(history("prediction")) == 1


@pytest.mark.parametrize("name", PREDICTIONS)
def test_the_browser_knows_nothing_before_the_commit(name):
    prediction = quiz.find_prediction(name)
    widget = predict(name)
    sent = json.dumps(widget.get_state(), ensure_ascii=False)
    shown = json.dumps(widget._repr_mimebundle_()[0], ensure_ascii=False)
    answers = prediction.answers
    judged = getattr(answers, "options", None) or answers.bands
    for secret in [prediction.reveal, *(each.says for each in judged), "0.367", '"right"']:
        assert secret not in sent
        assert secret not in shown


@pytest.mark.parametrize(
    "message, words",
    [
        (None, "this message is not an answer"),
        ([], "this message is not an answer"),
        ({}, "this message is not an answer"),
        ({"type": "reveal", "item": "01-die"}, "this message is not an answer"),
        (commit("01-peak", 0.4), "there is no question '01-peak' here"),
        (commit(["01-die"], 0), "there is no question"),
        (commit("01-die", 3), "there is no option 3"),
        (commit("01-die", -1), "there is no option -1"),
        (commit("01-die", True), "there is no option True"),
        (commit("01-die", "1"), "there is no option '1'"),
        (commit("01-die", None), "there is no option None"),
        (commit("01-die", 1, 33), "the confidence is 33 %"),
        (commit("01-die", 1, 101), "the confidence is 101 %"),
        (commit("01-die", 1, float("nan")), "the confidence is nan %"),
        (commit("01-die", 1, "80"), "the confidence is '80'"),
    ],
)
def test_a_message_that_makes_no_sense_is_refused_in_words(message, words):
    widget = predict("01-die")
    (reply,) = send(widget, message)
    assert reply["type"] == "error"
    assert words.lower() in reply["message"].lower()
    assert history() == []
    assert widget.items[0]["reveal"] is None


@pytest.mark.parametrize("number", [-0.01, 1.01, float("nan"), float("inf"), "0.4", None, True])
def test_a_number_out_of_range_is_refused_in_words(number):
    reply = sheet("01-peak").answer(commit("01-peak", number))
    assert reply["type"] == "error"
    assert "probability" in reply["message"] or "is not a number" in reply["message"]
    assert history() == []


def test_the_least_confidence_is_that_of_a_guess():
    for name, least in [("02-average", 50), ("01-die", 34), ("01-peak", 0)]:
        assert sheet(name).state()[0]["guess"] == least
        assert sheet(name).answer(commit(name, 0, least - 1))["type"] == "error"
        assert sheet(name).answer(commit(name, 0, least))["type"] == "reveal"


def test_where_there_is_no_right_answer_nobody_is_asked_how_sure():
    kept = sheet("00-order")
    assert "guess" not in kept.state()[0]  # the page shows no slider
    assert "sure" not in kept.answer(commit("00-order", 3, 90))["reveal"]["yours"]
    (event,) = history()
    assert event["confidence"] is None and event["hit"] is None


def test_a_confidence_that_nobody_gave_is_no_opinion():
    reveal = sheet("01-die").answer(commit("01-die", 1, None))["reveal"]
    assert (reveal["yours"], reveal["confidence"]) == ("You said: one fair die.", None)
    (event,) = history()
    assert event["confidence"] is None and event["hit"] is True
    assert predict("01-die").items[0]["reveal"]["yours"] == "You said: one fair die."


# Once and for all


def test_a_second_commit_changes_nothing():
    first = sheet("01-die")
    reply = first.answer(commit("01-die", 1, 80))
    assert first.answer(commit("01-die", 0, 90)) == reply
    assert len(history()) == 1


def test_another_notebook_cannot_commit_the_same_prediction_again():
    first, second = sheet("01-die"), sheet("01-die")
    first.answer(commit("01-die", 1, 80))
    reply = second.answer(commit("01-die", 0, 90))
    assert reply["reveal"]["answer"] == 1
    assert "a commitment stays" in reply["reveal"]["when"]
    assert len(history()) == 1


@pytest.mark.parametrize("name, answer", [("01-die", 0), ("01-peak", 0.5), ("00-order", 2)])
def test_a_cell_that_is_run_again_shows_the_reveal_again(name, answer):
    reveal = sheet(name).answer(commit(name, answer, 60))["reveal"]
    again = predict(name).items[0]["reveal"]
    assert again.pop("when").startswith("You committed this on ")
    reveal.pop("when")
    assert again == reveal


def test_the_latest_of_several_records_counts():
    for code, answer in (("right", "one fair die"), ("all-fair-is-equal", "both the same")):
        record("prediction", item="01-die", answer=answer, confidence=0.5, code=code)
    assert predict("01-die").items[0]["reveal"]["answer"] == 2


@pytest.mark.parametrize(
    "damaged",
    [
        {"code": "a code of an older course"},
        {"code": ["right"]},
        {"confidence": "sure"},
        {"confidence": 7},
        {"confidence": float("nan")},
    ],
)
def test_a_damaged_record_is_as_good_as_none(damaged):
    fields = {"item": "01-die", "answer": "one fair die", "confidence": 0.5, "code": "right"}
    record("prediction", **(fields | damaged))
    assert repr(predict("01-die")) == "Prediction 01-die: skipped"
    record("prediction", item="01-peak", answer="half", confidence=0.5, code="right")
    assert repr(predict("01-peak")) == "Prediction 01-peak: skipped"


def test_a_record_with_a_strange_time_is_shown(path):
    event = {"time": "once", "kind": "prediction", "item": "01-die", "confidence": 1}
    path.write_text(json.dumps(event | {"code": "right"}), "utf-8")
    assert "earlier" in predict("01-die").items[0]["reveal"]["when"]


def test_an_unwritable_place_is_told_and_the_reveal_still_comes(path):
    path.mkdir()
    reveal = sheet("01-die").answer(commit("01-die", 1))["reveal"]
    assert reveal["headline"] == "Right."
    assert reveal["alert"].startswith("This was not saved")


# The widget


def test_the_widget_answers_and_keeps_its_state_for_other_views():
    widget = predict("01-die")
    (reply,) = send(widget, commit("01-die", 1))
    assert reply["type"] == "reveal"
    assert widget.items[0]["reveal"] == reply["reveal"]


def test_an_exception_in_python_comes_back_as_words(monkeypatch):
    widget = predict("01-die")
    monkeypatch.setattr(widget.sheet, "answer", lambda message: 1 / 0)
    (reply,) = send(widget, commit("01-die", 1))
    assert reply["type"] == "error" and reply["item"] == "01-die"
    assert "ZeroDivisionError: division by zero" in reply["message"]


def test_a_fresh_cell_prints_the_same_everywhere():
    for _ in range(2):
        assert repr(predict("01-peak")) == "Prediction 01-peak: skipped"
        assert repr(warm_up("02")) == "Warm-up 02: skipped"
        assert repr(inventory()) == "Concept inventory: skipped"
    first, second = (predict("00-order")._repr_mimebundle_()[0] for _ in range(2))
    assert first["text/html"] == second["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in first


def test_a_committed_cell_prints_the_answer():
    sheet("01-die").answer(commit("01-die", 0))
    printed = repr(predict("01-die"))
    assert printed == "Prediction 01-die: You said: two fair coins, 80 % sure. Not this time."


class Balanced(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_static_page_is_well_formed_and_complete():
    for widget in [*(predict(name) for name in PREDICTIONS), warm_up("02"), inventory()]:
        html = widget._repr_mimebundle_()[0]["text/html"]
        parser = Balanced()
        parser.feed(html)
        assert parser.open == []
        assert "Run this cell to answer." in html
        for item in widget.sheet._items.values():
            assert item.text.split(" (")[0] in html.replace("&#x27;", "'")


def test_the_script_and_the_style_need_no_network():
    widget = predict("01-die")
    for source in (widget._esm, widget._css):
        assert len(source) > 1000
        assert "import(" not in source and "@import" not in source and "://" not in source


# Verbs


def test_an_unknown_name_is_met_with_a_suggestion():
    with pytest.raises(ValueError, match="called '01-pek'; did you mean '01-peak'"):
        predict("01-pek")
    with pytest.raises(ValueError, match="there are '00-order', '01-peak'"):
        predict("zzz")
    with pytest.raises(ValueError, match="no prediction is called 1"):
        predict(1)
    with pytest.raises(ValueError, match="no prediction is called"):
        predict(["01-peak"])
    with pytest.raises(ValueError, match="no unit is called '1'; did you mean '01'"):
        warm_up("1")
    with pytest.raises(ValueError, match="unit 00 is the first one"):
        warm_up("00")


def test_the_verbs_do_not_load_the_widget_library():
    code = (
        "import sys; from klteach.practice import predict, warm_up, inventory; "
        "assert 'ipywidgets' not in sys.modules, 'ipywidgets was loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)


# Warm-ups


def names(unit):
    return [question.name for question in quiz.warm_up_questions(unit)]


def test_a_first_warm_up_draws_on_every_earlier_unit():
    assert len(set(names("01"))) == 3
    assert {name[:2] for name in names("01")} == {"00"}
    assert {name[:2] for name in names("02")} == {"00", "01"}


def test_a_warm_up_records_who_asked_and_comes_back_with_other_numbers():
    widget = warm_up("01")
    asked = {item["item"]: item for item in widget.items}
    for question in quiz.warm_up_questions("01"):
        wrong = (question.answers.right + 1) % len(question.answers.options)
        send(widget, {"type": "commit", "item": question.name, "answer": wrong})
    events = history("review")
    assert [event["item"] for event in events] == list(asked)
    assert all(event["warm_up"] == "01" and event["hit"] is False for event in events)
    assert all("confidence" not in event for event in events)
    assert repr(widget) == "Warm-up 01: 3 of 3 answered"
    assert set(names("01")) != set(asked)  # the same notebook again: something new
    back = list(asked)[:2]  # the next one: two of these, since they were wrong, and a new one
    assert names("02")[:2] == back and names("02")[2] not in asked
    again = {item["item"]: item for item in warm_up("02").items}
    assert all(again[name]["options"] != asked[name]["options"] for name in back)
    assert all(item["reveal"] is None for item in again.values())


def units_asked(unit):
    return {name[:2] for name in names(unit)}


def test_a_warm_up_asks_about_units_in_which_the_learner_has_worked():
    assert units_asked("13") <= {"00", "01", "02", "04", "05", "06", "11"}  # the core
    record("check", question="psi", outcome="correct", score=2, points=2)
    record("prediction", unit="24", item="24-five", answer="x", confidence=None, code="right")
    record("seen", question="kl")
    assert units_asked("25") == {"02", "23", "24"}
    for number in range(6):  # also when most of what is due was answered wrong
        for name in names("25"):
            record("review", item=name, warm_up=f"25 {number}", hit=False, code="x")
    assert units_asked("25") <= {"02", "23", "24"}


def test_who_was_in_no_earlier_unit_is_asked_about_the_core():
    record("check", question="psi", outcome="raised", score=0, points=2)
    assert "03" not in units_asked("04") and len(names("04")) == 3
    record("check", question="a question of an older course", outcome="correct")
    assert len(names("04")) == 3


# Inventory


def test_the_inventory_is_recorded_and_not_revealed():
    widget = inventory()
    for place, item in enumerate(INVENTORY):
        (reply,) = send(widget, {"type": "commit", "item": item.name, "answer": place % 4})
        assert reply["reveal"]["right"] is None
        assert reply["reveal"]["lines"] == reply["reveal"]["others"] == []
    events = history("inventory")
    assert [event["item"] for event in events] == [item.name for item in INVENTORY]
    assert all("hit" not in event for event in events)
    for place, item in enumerate(INVENTORY):
        assert events[place]["code"] == item.answers.options[place % 4].code
    sent = json.dumps([widget.items, inventory().items], ensure_ascii=False)
    for item in INVENTORY:
        for option in item.answers.options:
            assert option.says not in sent
    assert [item["reveal"]["answer"] for item in inventory().items] == [n % 4 for n in range(10)]
    assert repr(inventory()) == "Concept inventory: 10 of 10 answered"


# For a page without Python


DEPENDS_ON_THE_LEARNER = {"answer", "confidence", "yours", "when", "alert"}


def every_sheet():
    for unit in WRITTEN:
        for item in predictions_of(unit):
            yield Sheet(f"Prediction {item.name}", [item])
            if item.kept_until:
                yield Sheet(f"Prediction {item.name}, opened", [item], opened=True)
        yield Sheet("Warm-up 99", review_of(unit), warm_up="99")
    yield Sheet("Concept inventory", INVENTORY, together=True)


@pytest.mark.parametrize("sheet", list(every_sheet()), ids=lambda sheet: sheet.title)
def test_the_reveals_are_those_that_an_answer_gets(sheet, path):
    known = json.loads(json.dumps(sheet.reveals()))
    assert set(known) == {item["item"] for item in sheet.state()}
    assert all(item["reveal"] is None for item in sheet.state()) and not path.exists()
    for item in sheet._items.values():
        for answer, told in zip(item.answers.samples(), known[item.name]["answers"], strict=True):
            path.unlink(missing_ok=True)
            asked = Sheet(sheet.title, [item], warm_up="99", opened=sheet._opened)
            sent = asked.answer(commit(item.name, answer))["reveal"]
            (event,) = history()
            assert {name: part for name, part in told.items() if name in sent} == {
                name: part for name, part in sent.items() if name not in DEPENDS_ON_THE_LEARNER
            }
            for name in ("kind", "unit", "truth", "warm_up"):
                assert known[item.name].get(name) == event.get(name)
            assert told["code"] == event["code"] and told["said"] == event["answer"]
            assert told["hit"] == event.get("hit")
            path.unlink()


def test_a_number_falls_where_its_reveal_says():
    (name,) = [item.name for unit in WRITTEN for item in predictions_of(unit)
               if item.answers.public()["form"] == "number"][:1]  # fmt: skip
    item = quiz.find_prediction(name)
    answers = sheet(name).reveals()[name]["answers"]
    for number in [
        item.answers.low + k * (item.answers.high - item.answers.low) / 997 for k in range(998)
    ]:
        first = next(reveal for reveal in answers if reveal["low"] <= number <= reveal["high"])
        assert item.answers.judge(number).says in first["lines"]
