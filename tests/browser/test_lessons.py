"""A learner goes through every lesson and its exercises, in a real JupyterLab."""

import re

import pytest
from playwright.sync_api import expect

from klteach.units.registry import find_question, questions
from tests.browser.lab import ROOT
from tests.units.known_answers import RIGHT, TYPED_MISTAKES

LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
FEEDBACK = "[role=status]"
# a right answer becomes a wrong one: {question: (old, new, name of the mistake)}
WRONG = {name: (old, new, mistake) for name, old, new, mistake in reversed(TYPED_MISTAKES)}


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_gone_through(notebook, lesson):
    """Run all, work every control of every explorer by keyboard, answer every question."""
    notebook.open(f"notebooks/{lesson}.ipynb")
    notebook.run_all()
    assert notebook.failed_cells() == 0
    source = (ROOT / "notebooks" / f"{lesson}.ipynb").read_text(encoding="utf-8")
    explorers = _scroll_through(notebook)
    assert len(explorers) == len(re.findall(r"klteach\.explorers\.unit_", source))
    for title in explorers:
        _work_by_keyboard(notebook, notebook.explorer(title))
    predictions = re.findall(r'predict\(\\"([^"\\]+)\\"\)', source)
    assert predictions
    for call in [f'predict("{name}")' for name in predictions]:
        _answer(notebook.cell(call))
        again = notebook.run_cell(call)  # what was committed stands, and the reveal with it
        expect(again.locator(".klq-commit button")).to_have_text("Committed")
        expect(again.locator(".klq-reveal")).not_to_be_empty()
    if "warm_up(" in source:
        _answer(notebook.cell("warm_up("))


def _scroll_through(notebook):
    """The titles of the explorers; on the way down JupyterLab draws what was off the screen."""
    titles = []
    for place in range(notebook.page.locator(".jp-Cell").count()):
        notebook.page.locator(".jp-Cell").nth(place).scroll_into_view_if_needed()
        for widget in notebook.page.locator(".jp-Cell").nth(place).locator("figure.klx").all():
            titles.append(widget.get_attribute("aria-label").removeprefix("Explorer: "))
    return titles


def _work_by_keyboard(notebook, widget):
    handles = widget.locator(".klx-handle").all()
    sliders = widget.locator("input[type=range]").all()
    assert handles + sliders
    for handle in handles:
        _moves(notebook, handle, lambda handle=handle: handle.get_attribute("aria-valuetext"))
    for slider in sliders:
        _moves(notebook, slider, slider.input_value)
    for option in widget.get_by_role("radio").all():
        option.focus()
        notebook.page.keyboard.press("Space")
        expect(option).to_be_checked()
    for preset in widget.locator("fieldset", has_text="Try").get_by_role("button").all():
        preset.press("Enter")
    expect(widget.locator(".klx-error")).to_be_hidden()
    assert "FAILS" not in widget.inner_text()


def _moves(notebook, control, value):
    """An arrow key changes the value, unless it stands at that end: then the other one does."""
    control.focus()
    before = value()
    for key in ("ArrowUp", "ArrowDown", "ArrowRight", "ArrowLeft"):
        notebook.page.keyboard.press(key)
        if value() != before:
            return
    pytest.fail(f"no arrow key moves {control}")


def _answer(cell):
    """Commit an answer to each question of the cell: nothing is revealed before."""
    for reveal in cell.locator(".klq-reveal").all():
        expect(reveal).to_be_empty()
    for sheet in cell.locator("fieldset").all():
        number = sheet.get_by_role("spinbutton")
        if number.count():
            number.fill(number.get_attribute("max"))
        else:
            sheet.get_by_role("radio").first.check()
    for button in cell.locator(".klq-commit button").all():
        expect(button).to_have_text("Commit")
        button.click()
        expect(button).to_have_text("Committed")
    for reveal in cell.locator(".klq-reveal").all():
        expect(reveal).not_to_be_empty()


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_exercise_is_done_wrongly_and_then_rightly(notebook, lesson):
    notebook.open(f"my-work/{lesson}.ipynb")
    notebook.run_cell("from klteach.practice import")
    names = [name for name, question in questions().items() if question.lesson == lesson]
    assert names
    for name in names:
        definition, check = f"def {name}(", f'check("{name}")'
        notebook.run_cell(definition)
        output = notebook.run_cell(check)
        expect(output.locator(FEEDBACK)).to_contain_text("Not attempted")

        old, new, mistake = WRONG[name]
        assert old in RIGHT[name]
        notebook.run_cell(definition, RIGHT[name].replace(old, new).strip())
        output = notebook.run_cell(check)
        expect(output.locator(FEEDBACK)).to_contain_text("0 of ")
        expect(output.locator(FEEDBACK)).to_contain_text(_beginning_of_message(name, mistake))

        notebook.run_cell(definition, RIGHT[name].strip())
        output = notebook.run_cell(check)
        expect(output.locator(FEEDBACK)).to_contain_text("Correct")


def _beginning_of_message(name, mistake):
    """The first words of a named mistake, up to any mark-up."""
    found = [each.message for each in find_question(name).mistakes if each.name == mistake]
    return re.split(r"[`*\n]", found[0])[0].strip() if found else ""
