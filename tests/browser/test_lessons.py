"""A learner goes through every lesson, and through exercises, in a real JupyterLab."""

import re
from itertools import cycle

import pytest
from playwright.sync_api import expect

from klteach.units.lookup import find_question
from tests.browser.accessibility import ABOUT_COLOURS, nothing_serious
from tests.browser.lab import ROOT
from tests.browser.predictions import answer, what_was_committed_stands
from tests.plugins.unit_option import chosen
from tests.units.known_answers import QUESTIONS, RIGHT, TYPED_MISTAKES

LESSONS = [unit.name for unit in chosen()]
# Only the first and the last unit's exercises are done here, or those of the one that is tested:
# all have the same cells, and what is said to an answer needs no browser.
WITH_EXERCISES = {LESSONS[0], LESSONS[-1]}
FEEDBACK = "[role=status]"
# a right answer becomes a wrong one: {question: (old, new, name of the mistake)}
WRONG = {name: (old, new, mistake) for name, old, new, mistake in reversed(TYPED_MISTAKES)}
# Each lesson is drawn in the theme in which the one before it was left: a change costs as much as
# a question answered.
THEMES = [("light", "dark"), ("dark", "light")]


@pytest.mark.parametrize(
    ("lesson", "themes"), list(zip(LESSONS, cycle(THEMES), strict=False)), ids=LESSONS
)
def test_a_lesson_is_gone_through(notebook, lesson, themes):
    """One visit, since opening a notebook costs more than most of what is done in it."""
    source = (ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8")
    notebook.open(f"notebooks/{lesson}.ipynb", theme=themes[0])
    notebook.run_all()
    assert notebook.errors_of_cells() == []
    explorers = notebook.page.locator("figure.klx")
    expect(explorers).to_have_count(explorers_in(source))
    nothing_serious(notebook)
    for explorer in explorers.all():
        _work_by_keyboard(notebook, explorer)
    predictions = re.findall(r'predict\(\\"([^"\\]+)\\"\)', source)
    assert predictions
    for name in predictions:
        answer(notebook.cell(f'predict("{name}")'))
    if "warm_up(" in source:
        # its questions are those of other lessons; test_accessibility.py answers all of one
        answer(notebook.cell("warm_up("), most=1)
    what_was_committed_stands(notebook.run_cell(f'predict("{predictions[0]}")'))
    notebook.use_theme(themes[1])
    nothing_serious(notebook, ABOUT_COLOURS)
    if lesson in WITH_EXERCISES:
        _do_the_exercises(notebook, lesson)


def explorers_in(source):
    """How many explorers the code cells of a lesson show."""
    return len(re.findall(r"from klteach\.units\.\w+\.explorer import", source))


def _work_by_keyboard(notebook, explorer):
    """Move every control by keys; then there is no error, and nothing that must hold fails."""
    explorer.scroll_into_view_if_needed()
    handles = explorer.locator(".klx-handle:not([aria-hidden])").all()
    sliders = explorer.locator("input[type=range]").all()
    assert handles + sliders
    for control in handles + sliders:
        # a slider's own value would change without the explorer; its text shows the state
        _moves(notebook, control, lambda control=control: _said(control))
    for option in explorer.get_by_role("radio").all():
        option.focus()
        notebook.page.keyboard.press("Space")
        expect(option).to_be_checked()
    for preset in explorer.locator("fieldset", has_text="Choose").get_by_role("button").all():
        preset.press("Enter")
    notebook.wait_for_answers()
    expect(explorer.locator(".klx-error")).to_be_hidden()
    assert "FAILS" not in explorer.inner_text()


def _said(control):
    """What the state makes of it; two steps of a handle may share a name, and have two numbers."""
    return [control.get_attribute(f"aria-value{part}") for part in ("text", "now")]


def _moves(notebook, control, value):
    """An arrow key changes the value, unless it stands at that end: then the other one does."""
    control.focus()
    before = value()
    for key in ("ArrowUp", "ArrowDown", "ArrowRight", "ArrowLeft"):
        notebook.page.keyboard.press(key)
        if value() != before:
            return
    pytest.fail(f"no arrow key moves {control}")


def _do_the_exercises(notebook, lesson):
    """No question is attempted at first; the first one is answered wrongly and then rightly.

    What is said to all other answers, tests/units/ asks without a browser.
    """
    notebook.open(f"my-work/copy_{lesson}.ipynb")
    notebook.run_all()
    names = [question.name for question in QUESTIONS if question.lesson == lesson]
    assert names
    for name in names:
        feedback = notebook.cell(f'check("{name}")').locator(FEEDBACK)
        expect(feedback).to_contain_text("Not attempted")

    name = names[0]
    old, new, mistake = WRONG[name]
    assert old in RIGHT[name]
    feedback = _feedback_on(notebook, name, RIGHT[name].replace(old, new))
    expect(feedback).to_contain_text("0 of ")
    expect(feedback).to_contain_text(_beginning_of_message(name, mistake))
    expect(_feedback_on(notebook, name, RIGHT[name])).to_contain_text("Correct")


def _feedback_on(notebook, name, answer):
    notebook.run_cell(f"def {name}(", answer.strip())
    return notebook.run_cell(f'check("{name}")').locator(FEEDBACK)


def _beginning_of_message(name, mistake):
    """The first words of a named mistake, up to any mark-up; a judge's fault has none here."""
    found = [each.message for each in find_question(name).mistakes if each.name == mistake]
    return re.split(r"[`*\n]", found[0])[0].strip() if found else ""
