"""One explorer of each kind, by keyboard, by mouse and by typing."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.explorers import drag, drag_bar_to, handle, readout, sentence


@pytest.fixture
def gallery(notebook):
    notebook.open("gallery/gallery.ipynb")
    notebook.run_all()
    return notebook


@pytest.fixture
def narrow(gallery):
    """The same where the file browser leaves a notebook hardly 300 px."""
    size = gallery.page.viewport_size
    gallery.page.set_viewport_size({**size, "width": 700})
    yield gallery
    gallery.page.set_viewport_size(size)


def value(widget, label):
    return float(readout(widget, label).inner_text().split()[0])


def test_a_line_is_dragged_along_its_axis(gallery):
    widget = gallery.explorer("A dragged line")
    line = handle(widget, "Mean")
    line.focus()
    for key, expected in [
        ("ArrowRight", "0.05"),
        ("ArrowUp", "0.10"),
        ("PageDown", "−0.40"),
        ("End", "2.00"),
        ("Home", "−2.00"),
    ]:
        gallery.page.keyboard.press(key)
        expect(readout(widget, "mean")).to_have_text(expected)
    drag(gallery.page, line, right=100, down=40)
    expect(readout(widget, "mean")).not_to_have_text("−2.00")
    widget.get_by_role("button", name="right").click()
    expect(readout(widget, "mean")).to_have_text("1.00")
    expect(line).to_have_attribute("aria-valuetext", "1.00")


def test_a_slider_beside_the_picture_moves_it(gallery):
    widget = gallery.explorer("A dragged line")
    slider = widget.get_by_role("slider", name="Standard deviation")
    expect(readout(widget, "height")).to_have_text("0.399")  # 1 / (σ √2π)
    slider.focus()
    gallery.page.keyboard.press("End")
    expect(readout(widget, "height")).to_have_text("0.199")
    expect(slider).to_have_attribute("aria-valuetext", "2.0")
    gallery.page.keyboard.press("ArrowLeft")
    expect(readout(widget, "height")).to_have_text("0.210")


def test_an_edge_on_a_logarithmic_axis_follows_the_mouse(gallery):
    widget = gallery.explorer("A dragged edge")
    edge = handle(widget, "Right edge")
    ticks = widget.locator("svg").evaluate(
        "(svg) => svg.getScreenCTM().a"  # screen pixels per unit of the picture
    )
    layout = edge.evaluate("(node) => node.getBoundingClientRect().x")
    drag(gallery.page, edge, right=60)
    moved = (edge.evaluate("(node) => node.getBoundingClientRect().x") - layout) / ticks
    assert moved == pytest.approx(60 / ticks, abs=2)
    assert value(widget, "edge") > 0.015


def test_a_point_moves_in_two_directions(gallery):
    widget = gallery.explorer("A dragged point")
    point = handle(widget, "Heads under P and Heads under Q")
    point.focus()
    gallery.page.keyboard.press("ArrowRight")
    gallery.page.keyboard.press("ArrowDown")
    expect(point).to_have_attribute("aria-valuetext", "0.525, 0.875")
    p, q = np.array([0.525, 0.475]), np.array([0.875, 0.125])
    expect(readout(widget, "KL")).to_have_text(f"{(p * np.log(p / q)).sum():.3f} nats")
    drag(gallery.page, point, right=-50, down=60)
    x, y = (float(text) for text in point.get_attribute("aria-valuetext").split(", "))
    assert x < 0.5 and y < 0.85
    widget.get_by_label("KL(Q‖P)").check()
    p, q = np.array([x, 1 - x]), np.array([y, 1 - y])
    expect(readout(widget, "KL")).to_have_text(f"{(q * np.log(q / p)).sum():.3f} nats")


def test_bars_end_where_the_hand_ends_and_the_kernel_agrees(gallery):
    widget = gallery.explorer("Dragged bars")
    drag_bar_to(gallery.page, handle(widget, "Q: c"), 0.7)
    q = np.array([float(box.input_value()) for box in widget.get_by_role("spinbutton").all()])
    assert q[2] == pytest.approx(0.7, abs=0.02)
    kl = (0.2 * np.log(0.2 / q)).sum()
    expect(readout(widget, "KL(P‖Q)")).to_have_text(f"{kl:.3f} nats")


def test_a_handle_follows_at_once_even_where_the_kernel_computes(gallery):
    bar = handle(gallery.explorer("Dragged bars"), "Q: a")
    before, after = bar.evaluate(
        """(bar) => { const place = () => bar.querySelector('.klx-grip').getAttribute('transform');
             const before = place();
             bar.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowUp', bubbles: true}));
             return [before, place()]; }"""  # no frame and no message can come between
    )
    assert before != after


def test_a_failing_update_says_so_and_recovers(gallery):
    widget = gallery.explorer("A broken update")
    bar = handle(widget, "Height")
    bar.focus()
    gallery.page.keyboard.press("End")
    expect(widget.locator("[role=alert]")).to_contain_text("broken on purpose")
    gallery.page.keyboard.press("Home")
    expect(widget.locator("[role=alert]")).to_be_hidden()
    expect(sentence(widget)).to_have_text("The bar stands at 0.000.")


def test_the_table_and_the_text_hold_the_numbers(gallery):
    gallery.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    widget = gallery.explorer("Dragged bars")
    widget.get_by_text("Show as table").click()
    expect(widget.get_by_role("row", name="c")).to_contain_text("0.200")
    # "Copied." goes away again, so what is said is written down
    widget.locator(".klx-foot [role=status]").evaluate(
        """(status) => { window.said = [];
             new MutationObserver(() => window.said.push(status.textContent))
               .observe(status, {childList: true, characterData: true, subtree: true}); }"""
    )
    widget.get_by_role("button", name="Copy as text").click()
    gallery.page.wait_for_function("() => window.said.includes('Copied.')", polling=100)
    text = gallery.page.evaluate("() => navigator.clipboard.readText()")
    assert text.splitlines()[:3] == [
        "Dragged bars",
        "The divergence is 0.000 nats.",
        "KL(P‖Q): 0.000 nats",
    ]
    assert "c\t0.200\t0.000" in text
    gallery.page.context.clear_permissions()


def test_two_copies_of_an_explorer_live_side_by_side(gallery):
    gallery.run_cell("dragged_edge()", "dragged_line()")
    widgets = gallery.page.locator('figure.klx[aria-label="Explorer: A dragged line"]')
    expect(widgets).to_have_count(2)
    widgets.nth(1).get_by_role("button", name="left").click()
    expect(readout(widgets.nth(1), "mean")).to_have_text("−1.00")
    expect(readout(widgets.nth(0), "mean")).to_have_text("0.00")
    assert (
        widgets.nth(0)
        .locator("svg [id]")
        .evaluate_all(
            "(nodes) => nodes.every((node) => document.querySelectorAll('#' + CSS.escape(node.id))"
            ".length === 1)"
        )
    )


def test_nothing_around_the_picture_moves_while_it_is_dragged(gallery):
    widget = gallery.explorer("A dragged point")
    before = widget.bounding_box()
    drag(gallery.page, handle(widget, "Heads under P and Heads under Q"), right=-80, down=120)
    assert widget.bounding_box() == before


def test_a_task_ticks_itself_where_the_learner_rests_and_a_ghost_stays_at_the_start(gallery):
    page, widget = gallery.page, gallery.explorer("A dragged point")
    point = handle(widget, "Heads under P and Heads under Q")
    equal, large = widget.locator(".klx-tasks li").all()
    ghost = widget.locator(".klx-ghost")
    expect(ghost).to_be_hidden()
    place = point.locator(".klx-grip").bounding_box()
    box = widget.get_by_label("Heads under Q, as a number")
    box.fill("0.5")
    box.press("Enter")
    expect(equal).to_have_class("klx-done")
    expect(large).not_to_have_class("klx-done")
    expect(widget.get_by_text("1 of 2 done")).to_be_visible()
    expect(ghost).to_be_visible()
    assert ghost.bounding_box()["y"] == pytest.approx(place["y"], abs=2)
    # passing over what the second one asks for is not enough, and what is done stays done
    page.evaluate(
        """(box) => { for (const value of ["0.025", "0.9"]) {
             box.value = value; box.dispatchEvent(new Event("change")); } }""",
        box.element_handle(),
    )
    expect(box).to_have_value("0.900")
    page.wait_for_timeout(1500)
    expect(large).not_to_have_class("klx-done")
    expect(equal).to_have_class("klx-done")
    widget.get_by_role("button", name="↺ Start").click()
    expect(ghost).to_be_hidden()
    colour = "(grip) => getComputedStyle(grip).fill"
    assert point.locator(".klx-grip").evaluate(colour) != widget.evaluate(
        "(figure) => getComputedStyle(figure).color"
    ), "the grip of Q has Q's colour"


def test_a_shape_that_follows_from_the_state_is_dragged_itself(gallery):
    widget = gallery.explorer("A dragged point")
    point = handle(widget, "Heads under P and Heads under Q")
    held = widget.locator(".klx-handle[aria-hidden]")
    before = point.locator(".klx-grip").bounding_box()
    square = held.locator(".klx-grip").bounding_box()
    drag(gallery.page, held, right=-60, down=-40)
    moved = held.locator(".klx-grip").bounding_box()
    step = before["width"]  # a step of the grid is about as wide as a grip
    assert moved["x"] - square["x"] == pytest.approx(-60, abs=step)
    assert moved["y"] - square["y"] == pytest.approx(-40, abs=step)
    # the exchanged coins have moved left and up, so the coins themselves right and down
    after = point.locator(".klx-grip").bounding_box()
    assert after["x"] > before["x"] + 20 and after["y"] > before["y"] + 30


# What a learner sees of an explorer: the size in px of the smallest letters in the picture, the
# words that are wider or narrower than drawn, and what is not inside the frame.
SEEN = """(figure) => {
  const frame = figure.getBoundingClientRect();
  const texts = [...figure.querySelectorAll(".klx-svg text")].filter((text) =>
    text.textContent.trim() && getComputedStyle(text).visibility === "visible");
  const scale = (text) => { const { a, b, c, d } = text.getScreenCTM();
                            return [Math.hypot(a, b), Math.hypot(c, d)]; };
  const parts = [...texts, ...figure.querySelectorAll(".klx-grip, dt, dd, label, button, li")];
  const outside = ({ left, right }) => left < frame.left - 1 || right > frame.right + 1;
  return {
    smallest: Math.min(...texts.map((text) =>
      parseFloat(getComputedStyle(text).fontSize) * scale(text)[1])),
    bent: texts.filter((text) => Math.abs(scale(text)[0] / scale(text)[1] - 1) > 0.01)
               .map((text) => text.textContent),
    outside: parts.filter((part) => outside(part.getBoundingClientRect()))
                  .map((part) => part.textContent || part.getAttribute("class")),
  };
}"""


def test_where_there_is_little_width_all_is_legible_in_the_frame_and_under_the_hand(narrow):
    expect(narrow.explorer("A dragged line")).to_have_class(re.compile("klx-flowing"))
    for widget in narrow.page.locator("figure.klx").all():
        widget.scroll_into_view_if_needed()
        seen = widget.evaluate(SEEN)
        assert seen["smallest"] > 10.9, seen
        assert seen["bent"] == seen["outside"] == [], widget.get_attribute("aria-label")

    line = handle(narrow.explorer("A dragged line"), "Mean")  # its panel is squeezed
    line.locator(".klx-grip").scroll_into_view_if_needed()
    before = line.locator(".klx-grip").bounding_box()
    drag(narrow.page, line, right=40)
    after = line.locator(".klx-grip").bounding_box()
    assert after["x"] - before["x"] == pytest.approx(40, abs=2)
    assert after["width"] < after["height"] / 2
    hit = line.locator(".klx-hit").bounding_box()
    assert min(hit["width"], hit["height"]) >= 24


def test_forced_colours_are_those_of_the_picture_too_whatever_the_theme(gallery):
    gallery.use_theme("dark")
    gallery.page.emulate_media(forced_colors="active", color_scheme="light")
    colours = gallery.explorer("A dragged line").evaluate(
        """(figure) => [getComputedStyle(figure).color,
             getComputedStyle(figure.querySelector(".klx-svg text")).fill]"""
    )
    gallery.page.emulate_media(forced_colors="none", color_scheme="light")
    assert colours == 2 * ["rgb(0, 0, 0)"]
