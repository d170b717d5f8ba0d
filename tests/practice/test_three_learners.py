"""Three learners go through the course: one answers all rightly, one wrongly, one stops half-way.

Whatever they do goes through the verbs of the notebooks; what `progress()`, the map, the inventory
and `closing()` make of it is compared with what they did.
"""

import math
import re

import pytest

from klteach.practice import check, closing, inventory, predict, progress, warm_up
from klteach.practice.quiz.items import Number
from klteach.practice.quiz.misconceptions import MISCONCEPTIONS
from klteach.practice.verbs import solution_code
from klteach.units import WRITTEN
from klteach.units.lookup import inventory_questions, predictions_of, question_names, questions
from klteach.units.u00_start_here.course_map import course_map
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.practice.typed_answers import notebook
from tests.units.known_answers import unknown_answer

SURE = 90  # percent


class Learner:
    """Answers through the verbs; `rightly` of each thing says how."""

    def __init__(self, path, monkeypatch):
        monkeypatch.setenv("KLTEACH_PROGRESS", str(path))
        self.confidences = []  # (confidence, hit) of each prediction that has an outcome

    def solve(self, unit, rightly):
        for name in question_names(unit):
            question = questions()[name]
            right = rightly and notebook(solution_code(question) + "\n")
            feedback = check(name, right or {name: unknown_answer(question)})
            assert (feedback.state == "correct") == rightly, name

    def predict(self, unit, rightly, sure=SURE):
        for item in predictions_of(unit):
            confidence = sure if item.asks_confidence else None
            answer(predict(item.name), item, answer_to(item, rightly), confidence)
            if item.asks_confidence:
                self.confidences.append((sure / 100, rightly))

    def warm_up(self, unit, rightly):
        widget = warm_up(unit.code)
        for item in widget.sheet._items.values():
            answer(widget, item, answer_to(item, rightly))

    def take_inventory(self, place_of, again=False, most=10):
        widget = inventory(again=again)
        for item in inventory_questions()[:most]:
            answer(widget, item, place_of(item))
        return widget

    @property
    def brier(self):
        return sum((c - hit) ** 2 for c, hit in self.confidences) / len(self.confidences)

    @property
    def log_score(self):
        given = [c if hit else 1 - c for c, hit in self.confidences]
        return -sum(map(math.log, given)) / len(given)


def answer(widget, item, value, confidence=None):
    message = {"type": "commit", "item": item.name, "answer": value, "confidence": confidence}
    reply = widget.sheet.answer(message)
    assert reply["type"] == "reveal", reply


def answer_to(item, rightly):
    answers = item.answers
    if isinstance(answers, Number):
        return answers.samples()[0 if rightly else 1]
    if answers.right is None:
        return 0
    return answers.right if rightly else (answers.right + 1) % len(answers.options)


def right(item):
    return item.answers.right


def not_known(item):
    return len(item.answers.options) - 1


def wrong(item):
    """The first option that stands for a belief."""
    return 1 if item.answers.right == 0 else 0


def codes(place_of):
    return [item.answers.options[place_of(item)].code for item in inventory_questions()]


def html(page):
    return page._repr_html_()


def ideas(page):
    """[(notebook, cell)] of what the page of `closing()` names to be revisited."""
    return re.findall(r'<li>.*?href="\.\./notebooks/(\w+)\.ipynb#cell-id=([\w-]+)"', html(page))


def exist(found):
    for name, cell in found:
        cells = read_notebook(ROOT / f"notebooks/{name}.ipynb").cells
        assert cell in [each.id for each in cells], f"{name}: {cell}"
    return True


@pytest.fixture
def learner(tmp_path, monkeypatch):
    return Learner(tmp_path / "progress.jsonl", monkeypatch)


TOTAL = sum(question.points for question in questions().values())


def test_who_answers_all_rightly(learner):
    learner.take_inventory(not_known)
    for unit in WRITTEN:
        if unit.number:
            learner.warm_up(unit, rightly=True)
        learner.predict(unit, rightly=True)
        learner.solve(unit, rightly=True)
    learner.take_inventory(right, again=True)

    count = len(questions())
    assert f"Exercises: {count} of {count} correct, {TOTAL:g} of {TOTAL:g} points." in repr(
        progress()
    )
    assert f"done: {', '.join(unit.code for unit in WRITTEN)}; begun: none" in repr(course_map())
    page = closing()
    assert (
        "10 that are answered twice, 0 were right at first and 10 are now: 10 gained, 0 lost"
        in repr(page)
    )
    assert "“I do not know yet” was the answer to 10 at first, and is to 0 now" in repr(page)
    assert "What the other answers stood for" not in html(page)  # no belief to name
    hits = len(learner.confidences)
    assert f"In {hits} predictions you were 90 % sure on average and right in {hits}" in repr(page)
    assert (learner.brier, learner.log_score) == pytest.approx((0.1**2, -math.log(0.9)))
    for said in (repr(progress()) + html(progress()), repr(page)):
        assert f"{learner.brier:.3f}" in said and f"{learner.log_score:.3f}" in said
    assert "surer than right, in points: −10 (−10 to −10)" in repr(page)
    # nothing went wrong, so what was right and least sure is named
    assert len(ideas(page)) == 3 and exist(ideas(page))
    assert repr(page).count("right, and only 90 % sure") == 3


def test_who_answers_all_wrongly(learner):
    learner.take_inventory(wrong)
    for unit in WRITTEN:
        if unit.number:
            learner.warm_up(unit, rightly=False)
        learner.predict(unit, rightly=False)
        learner.solve(unit, rightly=False)
    learner.take_inventory(wrong, again=True)

    count = len(questions())
    assert f"Exercises: 0 of {count} correct, 0 of {TOTAL:g} points." in repr(progress())
    assert html(progress()).count(">tried<") == count
    assert "; done: none; begun: 00, 01, 02" in repr(course_map())
    page = closing()
    assert "0 were right at first and 0 are now: 0 gained, 0 lost" in repr(page)
    held = codes(wrong)
    for code in set(held):
        times = held.count(code)
        line = f"“{MISCONCEPTIONS[code]}”: answers at first {times}, now {times}"
        assert line in repr(page)
    assert "; prediction 02-swap" in repr(page)  # the same belief, met again
    hits = len(learner.confidences)
    assert f"In {hits} predictions you were 90 % sure on average and right in 0 (0 %)" in repr(page)
    assert (learner.brier, learner.log_score) == pytest.approx((0.9**2, -math.log(0.1)))
    for said in (html(progress()), repr(page)):
        assert f"{learner.brier:.3f}" in said and f"{learner.log_score:.3f}" in said
    assert "surer than right, in points: +90 (+90 to +90)" in repr(page)
    assert len(ideas(page)) == 3 and exist(ideas(page))
    assert repr(page).count("the belief “") == 3


def test_who_stops_half_way(learner):
    """Half of the units, every other prediction right, and four of the ten questions again."""
    learner.take_inventory(lambda item: wrong(item) if right(item) else right(item))
    before = codes(lambda item: wrong(item) if right(item) else right(item))
    half = WRITTEN[: len(WRITTEN) // 2]
    for unit in half:
        rightly = unit.number % 2 == 0
        learner.predict(unit, rightly, sure=SURE if rightly else 60)
        if rightly:
            learner.solve(unit, rightly=True)
    widget = learner.take_inventory(right, again=True, most=4)
    assert repr(widget) == "Concept inventory, again: 4 of 10 answered"
    assert repr(inventory()) == "Concept inventory: 10 of 10 answered"

    solved = [unit for unit in half if unit.number % 2 == 0]
    count = sum(len(question_names(unit)) for unit in solved)
    points = sum(questions()[name].points for unit in solved for name in question_names(unit))
    said = f"Exercises: {count} of {len(questions())} correct, {points:g} of {TOTAL:g} points."
    assert said in repr(progress())
    assert f"done: {', '.join(unit.code for unit in solved)}; begun: 01, 03" in repr(course_map())
    page = closing()
    at_first = before[:4].count("right")
    assert f"Of 4 that are answered twice, {at_first} were right at first and 4 are now" in repr(
        page
    )
    hits = sum(hit for _, hit in learner.confidences)
    assert f"right in {hits} ({100 * hits / len(learner.confidences):.0f} %)" in repr(page)
    for said in (html(progress()), repr(page)):
        assert f"{learner.brier:.3f}" in said and f"{learner.log_score:.3f}" in said
    assert len(ideas(page)) == 3 and exist(ideas(page))
    assert "10 predictions" not in repr(page) and "download=" in html(page)
