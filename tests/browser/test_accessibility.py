"""For every eye and hand: axe-core, keyboard alone, contrast in both themes, words for pictures."""

from itertools import pairwise

from playwright.sync_api import expect

from tests.browser.accessibility import nothing_serious
from tests.browser.explorers import readout
from tests.browser.lab import TWO_FRAMES
from tests.browser.predictions import answer

CUT_OFF = """(root) =>
  [...root.querySelectorAll('p, dt, dd, label, legend, button, summary')]
    .filter((node) => node.scrollWidth > node.clientWidth + 1 &&
            node.clientWidth > 1 && getComputedStyle(node).display !== 'inline')
    .map((node) => node.outerHTML.slice(0, 100))"""


def test_axe_finds_nothing_serious_in_the_gallery_drawn_in_the_dark_and_then_in_light(notebook):
    notebook.open("gallery/gallery.ipynb", theme="dark")
    notebook.run_all()
    nothing_serious(notebook)
    notebook.use_theme("light")
    nothing_serious(notebook)


def test_axe_finds_nothing_serious_in_a_prediction_before_and_after_its_answer(notebook):
    notebook.open("notebooks/01_surprise_entropy_bits.ipynb")
    calls = ("warm_up(", 'predict("01-peak")')
    for call in calls:
        notebook.run_cell(call)
    for theme in ("light", "dark"):
        notebook.use_theme(theme)
        nothing_serious(notebook)
    for call in calls:
        answer(notebook.cell(call))
    for theme in ("dark", "light"):
        notebook.use_theme(theme)
        nothing_serious(notebook)


def test_every_control_is_reached_by_the_tab_key_and_moved_by_keys(notebook):
    notebook.open("notebooks/02_cross_entropy_and_kl.ipynb")
    notebook.run_cell("wrong_code()")
    widget = notebook.explorer("The price of the wrong code")
    expected = widget.locator(".klx-handle, input, button, summary").count()
    widget.locator(".klx-handle").first.focus()
    reached, names = set(), []
    for _ in range(expected + 5):
        place = notebook.page.evaluate(
            """() => { const controls = '.klx-handle, input, button, summary';
                 const all = [...document.querySelector('figure.klx').querySelectorAll(controls)];
                 return all.indexOf(document.activeElement); }"""
        )
        if place < 0:
            break
        reached.add(place)
        names.append(place)
        notebook.page.keyboard.press("Tab")
    radios = widget.get_by_role("radio").count()
    assert len(reached) == expected - (radios - 1)  # a group of radios is one stop

    widget.get_by_role("spinbutton").first.focus()
    notebook.page.keyboard.press("Control+A")
    notebook.page.keyboard.type("0.5")
    notebook.page.keyboard.press("Enter")
    expect(widget.locator(".klx-handle").first).to_have_attribute("aria-valuetext", "0.50")
    widget.get_by_role("radio").first.focus()
    notebook.page.keyboard.press("ArrowRight")
    expect(widget.get_by_label("betting view")).to_be_checked()
    widget.get_by_role("button", name="Q = P").focus()
    notebook.page.keyboard.press("Space")
    expect(readout(widget, "KL(P‖Q)")).to_have_text("0.000 nats")


def test_keys_meant_for_a_handle_do_not_reach_the_notebook(notebook):
    notebook.open("notebooks/00_start_here.ipynb")
    notebook.run_cell("reach_one_half()")
    cells = notebook.page.locator(".jp-Cell").count()
    notebook.explorer("Reach one half").locator(".klx-handle").focus()
    for key in ("a", "b", "x", "d", "d", "m", "Delete", "ArrowDown", "ArrowLeft"):
        notebook.page.keyboard.press(key)
    assert notebook.page.locator(".jp-Cell").count() == cells
    expect(notebook.explorer("Reach one half").locator(".klx-handle")).to_be_focused()


def test_the_live_region_waits_for_rest_and_then_says_the_sentence(notebook):
    notebook.open("notebooks/00_start_here.ipynb")
    notebook.run_cell("reach_one_half()")
    widget = notebook.explorer("Reach one half")
    region = widget.locator("[aria-live=polite]")
    expect(region).to_have_text("The gauge reads 0.20; drag the bar up to 0.50.")
    region.evaluate(
        """(region) => { window.said = []; window.pressed = [];
             new MutationObserver(() => window.said.push(region.textContent))
               .observe(region, {childList: true, characterData: true, subtree: true});
             const press = () => window.pressed.push(performance.now());
             document.addEventListener('keydown', press, true); }"""
    )
    widget.locator(".klx-handle").focus()
    for _ in range(10):
        notebook.page.keyboard.press("ArrowUp")
    expect(region).to_have_text("The gauge reads 0.30; drag the bar up to 0.50.")
    said, pressed = notebook.page.evaluate("() => [window.said, window.pressed]")
    # on a busy machine the hand itself may have rested between two keys
    rests = 1 + sum(later - earlier > 450 for earlier, later in pairwise(pressed))
    assert len(pressed) == 10
    assert 1 <= len(said) <= rests


def test_nothing_is_cut_off_at_200_per_cent(notebook):
    notebook.open("notebooks/02_cross_entropy_and_kl.ipynb")
    notebook.run_cell("wrong_code()")
    widget = notebook.explorer("The price of the wrong code")
    widget.evaluate("(node) => { node.style.fontSize = '28px'; }")  # text at twice its size
    size = notebook.page.viewport_size
    for width in (1200, 640):
        notebook.page.set_viewport_size({**size, "width": width})
        notebook.page.evaluate(TWO_FRAMES)
        assert widget.evaluate(CUT_OFF) == []
    notebook.page.set_viewport_size(size)
