"""The explorers in the hands of a learner: mouse, keyboard, boxes, no kernel, a slow kernel."""

import re

import pytest
from playwright.sync_api import expect

from klteach.measures import entropy, kl_divergence, to_bits
from klteach.units.u02_cross_entropy_and_kl import explorer as unit_02
from tests.browser.explorers import drag_bar_to, handle, readout, sentence

HALF, AREAS, CODE = "Reach one half", "Surprise areas", "The price of the wrong code"


def test_the_bar_reaches_one_half_by_keyboard_mouse_and_typing(notebook):
    notebook.open("notebooks/00_start_here.ipynb")
    notebook.run_cell("reach_one_half()")
    widget = notebook.explorer(HALF)
    # the reader of a screen hears what the picture shows
    label = widget.locator("svg").get_attribute("aria-label")
    assert label.startswith("Reach one half.")
    assert "The gauge reads 0.20" in label

    bar = widget.locator(".klx-handle")
    bar.focus()
    for _ in range(3):
        notebook.page.keyboard.press("PageUp")
    expect(readout(widget, "gauge")).to_have_text("0.50")
    expect(sentence(widget)).to_contain_text("everything works")
    expect(bar).to_have_attribute("aria-valuetext", "0.50")

    notebook.page.keyboard.press("ArrowLeft")  # and JupyterLab stays in this cell
    expect(readout(widget, "gauge")).to_have_text("0.49")
    expect(bar).to_be_focused()

    drag_bar_to(notebook.page, bar, 0.75)
    expect(readout(widget, "gauge")).to_have_text(re.compile(r"0\.7[3-7]"))

    box = widget.get_by_role("spinbutton")
    box.fill("0.5")
    box.press("Enter")
    expect(readout(widget, "gauge")).to_have_text("0.50")
    expect(widget.locator(".klx-offscreen")).to_contain_text("everything works")


def test_a_precomputed_explorer_moves_without_a_kernel(notebook):
    notebook.open("notebooks/02_cross_entropy_and_kl.ipynb")
    notebook.run_cell("wrong_code()")
    widget = notebook.explorer(CODE)
    notebook.shut_down_kernel()
    widget.get_by_role("button", name="a wrong code").click()
    expect(readout(widget, "KL(P‖Q)")).to_have_text("1.102 nats")

    handle(widget, "Q, the distribution the code is made for: a").focus()
    notebook.page.keyboard.press("PageUp")  # ten steps of 0.02
    a, b, c = (float(box.input_value()) for box in widget.get_by_role("spinbutton").all())
    assert a == pytest.approx(0.3)
    kl = kl_divergence(unit_02.P, [a, b, c])
    expect(readout(widget, "KL(P‖Q)")).to_have_text(f"{kl:.3f} nats")

    widget.get_by_role("button", name="Q = P").click()
    expect(readout(widget, "KL(P‖Q)")).to_have_text("0.000 nats")
    widget.get_by_label("betting view").check()
    expect(sentence(widget)).to_contain_text("bettor")


def test_a_live_explorer_ends_on_the_latest_state(notebook):
    notebook.open("notebooks/01_surprise_entropy_bits.ipynb")
    notebook.run_cell("surprise_areas()")
    widget = notebook.explorer(AREAS)
    drag_bar_to(notebook.page, handle(widget, "Share of each symbol: d"), 0.6)
    p = [float(box.input_value()) for box in widget.get_by_role("spinbutton").all()]
    assert p[3] == pytest.approx(0.6, abs=0.02)
    assert sum(p) == pytest.approx(1)
    expect(readout(widget, "entropy")).to_have_text(f"{to_bits(entropy(p)):.3f} bits")
    widget.get_by_label("nats").check()
    expect(readout(widget, "entropy")).to_have_text(f"{entropy(p):.3f} nats")
    widget.get_by_text("Show as table").click()
    expect(widget.get_by_role("row", name="d")).to_contain_text(f"{p[3]:.3f}")


def test_a_live_explorer_says_so_when_the_kernel_is_away(notebook):
    notebook.open("notebooks/01_surprise_entropy_bits.ipynb")
    notebook.run_cell("surprise_areas()")
    widget = notebook.explorer(AREAS)
    notebook.shut_down_kernel()
    handle(widget, "Share of each symbol: a").focus()
    notebook.page.keyboard.press("PageUp")
    expect(widget.locator(".klx-status")).to_contain_text("No answer from the kernel yet")
    for words in (".klx-picture", ".klx-sentences", ".klx-readouts", ".klx-invariants"):
        expect(widget.locator(words)).to_have_css("opacity", "0.4")  # the numbers of before


def test_a_crash_in_update_is_shown_in_words(notebook):
    notebook.open("notebooks/01_surprise_entropy_bits.ipynb")
    notebook.run_cell(
        "surprise_areas()",
        "from klteach.units.u01_surprise_entropy_bits.explorer import surprise_areas\n"
        "broken = surprise_areas()\n"
        "broken._update = lambda state: 1 / 0\n"
        "broken",
    )
    widget = notebook.explorer(AREAS)
    handle(widget, "Share of each symbol: a").focus()
    notebook.page.keyboard.press("ArrowUp")
    expect(widget.get_by_role("alert")).to_contain_text("ZeroDivisionError: division by zero")


A_BAR = "Q, the distribution the code is made for: a"


@pytest.fixture
def wrong_code(notebook):
    """The explorer of unit 02, with its preset of a wrong code chosen."""
    notebook.open("notebooks/02_cross_entropy_and_kl.ipynb")
    notebook.run_cell("wrong_code()")
    widget = notebook.explorer(CODE)
    widget.get_by_role("button", name="a wrong code").click()
    expect(readout(widget, "KL(P‖Q)")).to_have_text("1.102 nats")
    return widget


def test_a_finger_drags_a_bar_and_does_not_scroll_the_page(notebook, wrong_code):
    bar = handle(wrong_code, A_BAR)
    bar.scroll_into_view_if_needed()
    scrolled = "() => document.querySelector('.jp-WindowedPanel-outer').scrollTop"
    before = notebook.page.evaluate(scrolled)
    box = bar.locator(".klx-grip").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = notebook.page.context.new_cdp_session(notebook.page)
    for step in range(11):
        touch.send(
            "Input.dispatchTouchEvent",
            {
                "type": "touchMove" if step else "touchStart",
                "touchPoints": [{"x": x, "y": y - 8 * step}],
            },
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    touch.detach()
    expect(bar).not_to_have_attribute("aria-valuetext", "0.10")
    assert float(bar.get_attribute("aria-valuetext")) > 0.35
    assert notebook.page.evaluate(scrolled) == before
    target = bar.locator(".klx-hit").bounding_box()
    assert min(target["width"], target["height"]) >= 24


def test_keys_are_the_explorers_and_those_with_ctrl_the_notebooks(notebook, wrong_code):
    bar = handle(wrong_code, A_BAR)
    cells = "(lab) => lab.shell.currentWidget.content.model.cells.length"
    active = "(lab) => lab.shell.currentWidget.content.activeCellIndex"
    before = notebook.in_lab(cells), notebook.in_lab(active)
    bar.focus()
    for key in ("a", "b", "x", "d", "d", "m", "Enter", "ArrowUp", "ArrowDown"):
        notebook.page.keyboard.press(key)
    expect(bar).to_be_focused()
    assert (notebook.in_lab(cells), notebook.in_lab(active)) == before
    notebook.in_lab("(lab) => { lab.shell.currentWidget.context.model.dirty = true; }")
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    notebook.page.keyboard.press("Escape")
    expect(bar).not_to_be_focused()
    notebook.page.keyboard.press("ArrowDown")  # to the next cell, as from an editor
    notebook.page.wait_for_function(
        f"() => jupyterapp.shell.currentWidget.content.activeCellIndex === {before[1] + 1}"
    )


def test_a_box_takes_numbers_as_people_write_them_and_says_what_it_does_not_take(wrong_code):
    box, bar = wrong_code.get_by_role("spinbutton").first, handle(wrong_code, A_BAR)
    complaint = wrong_code.locator(".klx-complaint").first
    for typed, value, said in (
        ("0,5", "0.50", ""),
        ("30 %", "0.30", ""),
        ("1/3", "0.34", "The nearest step is 0.34."),
        ("abc", "0.34", "“abc” is no number."),
        ("99", "0.96", "0.96 is the most here."),
        ("", "0.96", "A number is missing."),
        ("-1", "0.02", "0.02 is the least here."),
    ):
        box.fill(typed)
        box.press("Enter")
        expect(complaint).to_have_text(said)
        expect(box).to_have_value(value)
        expect(bar).to_have_attribute("aria-valuetext", value)
    box.press("ArrowUp")
    expect(box).to_have_value("0.04")
    box.hover()
    box.page.mouse.wheel(0, 200)  # over a box that has the focus
    expect(box).to_have_value("0.04")


def test_a_preset_keeps_what_it_does_not_set_and_the_start_comes_back(notebook, wrong_code):
    wrong_code.get_by_label("betting view").check()
    wrong_code.get_by_role("button", name="uniform").click()
    expect(wrong_code.get_by_label("betting view")).to_be_checked()
    wrong_code.get_by_role("button", name="Start").click()
    expect(wrong_code.get_by_label("betting view")).not_to_be_checked()
    expect(readout(wrong_code, "KL(P‖Q)")).to_have_text("0.000 nats")

    # a second view shows the same, and both follow each other
    handle(wrong_code, A_BAR).press("PageUp")
    moved = readout(wrong_code, "KL(P‖Q)").inner_text()
    assert moved != "0.000 nats"
    wrong_code.click(button="right", position={"x": 5, "y": 5})
    notebook.page.get_by_text("Create New View for Cell Output", exact=True).click()
    first, second = (
        notebook.page.locator(f"{place} figure.klx")
        for place in (".jp-Notebook", ".jp-LinkedOutputView")
    )
    expect(readout(second, "KL(P‖Q)")).to_have_text(moved)
    second.get_by_role("button", name="a wrong code").click()
    for view in (first, second):
        expect(readout(view, "KL(P‖Q)")).to_have_text("1.102 nats")
