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
    expect(readout(widget, "KL(P‖Q)")).to_have_text("1.102 nats")
    notebook.shut_down_kernel()

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
    expect(widget.get_by_role("status")).to_contain_text("Waiting for the kernel")


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
