"""What the browser tests do with an explorer: read it, drag it."""


def readout(widget, label):
    """The number beside a label, under the picture."""
    return widget.locator(".klx-readouts div", has_text=label).locator("dd")


def handle(widget, name):
    """The handle in the picture with this name, as a screen reader knows it."""
    return widget.locator(f'.klx-handle[aria-label="{name}"]')


def sentence(widget):
    return widget.locator(".klx-sentence")


def drag(page, grip, right=0, down=0, steps=12):
    """Take hold of a handle's grip and move the mouse by so many pixels."""
    grip.locator(".klx-grip").scroll_into_view_if_needed()
    box = grip.locator(".klx-grip").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=steps)
    page.mouse.up()


def drag_bar_to(page, bar, share):
    """Drag the top of a bar to a share between 0 and 1."""
    hit = bar.locator(".klx-hit")
    box = hit.bounding_box()
    scale = box["height"] / float(hit.get_attribute("height"))
    full = box["height"] - 16 * scale  # 8 units above and below belong to the hand, not the bar
    least, most = (float(bar.get_attribute(f"aria-value{end}")) for end in ("min", "max"))
    way = (share - least) / (most - least)
    grip = bar.locator(".klx-grip").bounding_box()
    bottom = box["y"] + box["height"] - 8 * scale
    top = grip["y"] + grip["height"] / 2
    drag(page, bar, down=bottom - way * full - top)
