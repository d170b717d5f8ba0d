"""What the browser tests do with a sheet of questions: answer it, commit, read what is revealed."""

from playwright.sync_api import expect


def answer(cell, most=None):
    """Answer and commit the questions of the cell, or the first ones; none is revealed before."""
    sheets = cell.locator("fieldset").all()
    for sheet in sheets[:most]:
        number = sheet.get_by_role("textbox")
        if number.count():
            number.fill("0,5")  # as half of Europe writes it
        else:
            sheet.get_by_role("radio").first.check()
        _say_how_sure(sheet)
    buttons, reveals = cell.locator(".klq-commit button"), cell.locator(".klq-reveal")
    expect(reveals).to_have_text([""] * len(sheets))
    expect(buttons).to_have_text(["Commit"] * len(sheets))
    for place, button in enumerate(buttons.all()[:most]):
        expect(reveals.nth(place)).to_be_empty()  # the others' commits do not reveal this one
        button.click()
        expect(button).to_have_text("Committed")
        expect(reveals.nth(place)).not_to_be_empty()


def _say_how_sure(sheet):
    """Where the slider starts is no opinion; it becomes one by the first key that moves it."""
    slider = sheet.get_by_role("slider")
    if slider.count():
        said = sheet.locator(".klq-percent")
        expect(said).to_contain_text("not said")
        slider.press("ArrowRight")
        expect(said).to_contain_text("%")


def what_was_committed_stands(cell):
    """The cell has been run again: the answer is still given, and the reveal is shown with it."""
    expect(cell.locator(".klq-commit button")).to_have_text("Committed")
    expect(cell.locator(".klq-reveal")).not_to_be_empty()
