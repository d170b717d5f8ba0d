"""How fast a picture follows the hand: explorers beside the usual ways, on the same picture.

    .venv/bin/python -m benchmarks.widget_latency [--presses 30] [--delay 150]

One real JupyterLab, one real Chromium; the ways take turns, so that a busy machine slows all alike.
For each way: from key press to painted picture (median and 95th percentile), a drag of 3 s with 60
events a second (pictures a second; lag, from the last event to the last picture), bytes that the
kernel's websocket carries for each event, frames without a picture, console errors. Then again with
a network delay. Before that, how long the first picture of each unit takes. ipympl and bqplot are
measured where they are installed. Needs Chromium.
"""

import argparse
import importlib.util
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from benchmarks.delay import delayed
from tests.browser.lab import NO_CHROMIUM, NotebookPage, chromium, running_browser, running_lab

HERE = Path(__file__).parent
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
DRAG_SECONDS = 3
EVENTS_A_SECOND = 60

IMAGE = ".jp-OutputArea .jp-OutputArea, .widget-output"
CURVE = '[id$="shape-q-0"] path'
WAYS = {  # name -> (function of two_normals, slider, what changes with the picture, package)
    "explorer, precomputed": ("precomputed", "input[type=range]", CURVE, None),
    "explorer, live": ("live", "input[type=range]", CURVE, None),
    "interact + pyplot": ("with_interact", ".noUi-handle", IMAGE, None),
    "interactive_output": ("with_interactive_output", ".noUi-handle", IMAGE, None),
    "ipympl": ("with_ipympl", ".noUi-handle", "canvas", "ipympl"),
    "bqplot": ("with_bqplot", ".noUi-handle", ".bqplot svg", "bqplot"),
}
PEER = "interact + pyplot"

# Watches a picture: `frames` are the times at which a changed picture was painted, `blank` counts
# frames without one. A bitmap counts when it is decoded; a canvas tells by itself when it is drawn.
WATCH = """(node) => {
  const watch = { frames: [], blank: 0, key: null };
  let changed = false;
  const source = () => node.querySelector('img')?.src;
  let before = source();
  const look = async () => {
    if (before !== undefined) {
      const image = node.querySelector('img');
      if (!image || image.src === before) return;
      before = image.src;
      await image.decode().catch(() => {});
    }
    changed = true;
  };
  new MutationObserver(look).observe(node, { subtree: true, childList: true, attributes: true });
  if (node.tagName === 'CANVAS') {
    const draw = CanvasRenderingContext2D.prototype.drawImage;
    CanvasRenderingContext2D.prototype.drawImage = function (...arguments_) {
      changed = true;
      return draw.apply(this, arguments_);
    };
  }
  document.addEventListener('keydown', (event) => { watch.key ??= event.timeStamp; }, true);
  const channel = new MessageChannel();  // its message comes after the frame is painted
  channel.port1.onmessage = () => { if (changed) watch.frames.push(performance.now());
                                    changed = false; };
  const tick = () => {
    const image = before !== undefined ? node.querySelector('img') : node;
    if (!image || (image.tagName === 'IMG' && !image.complete)) watch.blank += 1;
    if (changed) channel.port2.postMessage(0);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
  return watch;
}"""


@dataclass
class Result:
    key_to_paint: list = field(default_factory=list)
    pictures_a_second: float = 0.0
    lag: float = 0.0
    bytes_an_event: float = 0.0
    blank: int = 0
    errors: int = 0


def available_ways():
    return {
        way: parts
        for way, parts in WAYS.items()
        if parts[3] is None or importlib.util.find_spec(parts[3])
    }


def write_notebook(function, path):
    cells = [
        nbformat.v4.new_code_cell("import two_normals"),
        nbformat.v4.new_code_cell(f"two_normals.{function}()"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


def measure(ways, presses, delay):
    """{way: Result}, all in one server and one browser, with `delay` seconds of network."""
    results = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for function, *_ in ways.values():
            write_notebook(function, folder / f"{function}.ipynb")
        path = os.pathsep.join([str(HERE), str(HERE.parent)])
        with (
            running_lab(folder, PYTHONPATH=path) as lab,
            delayed(int(lab.address.rsplit(":", 1)[1]), delay) as far_port,
            running_browser() as browser,
        ):
            address = f"http://127.0.0.1:{far_port}" if delay else lab.address
            pages = {way: open_page(browser, address, parts) for way, parts in ways.items()}
            results = {way: Result() for way in ways}
            for press in range(presses + 3):
                for way, page in pages.items():
                    took = one_press(page, press)
                    if press >= 3:  # the first ones warm all of them up
                        results[way].key_to_paint.append(took)
            for way in ways:
                one_drag(pages[way], results[way])
            for way, (lesson, *_) in pages.items():
                results[way].errors = len(lesson.errors)
    return results


def open_page(browser, address, parts):
    """(page, slider, watch, bytes carried so far) of one way, its cell run."""
    function, slider, changing, _ = parts
    lesson = NotebookPage(browser, address)
    carried = [0]

    def count(payload):
        carried[0] += len(payload)

    lesson.page.on(
        "websocket",
        lambda socket: (socket.on("framereceived", count), socket.on("framesent", count)),
    )
    lesson.open(f"{function}.ipynb")
    lesson.run_all()
    cell = lesson.cell(f"two_normals.{function}()")
    cell.locator(slider).wait_for()
    picture = cell.locator(changing).last
    picture.wait_for(state="attached")
    lesson.page.wait_for_timeout(1000)
    watch = lesson.page.evaluate_handle(f"(node) => ({WATCH})(node)", picture.element_handle())
    return lesson, cell.locator(slider), watch, carried


def one_press(page, press):
    lesson, slider, watch, _ = page
    lesson.page.bring_to_front()
    slider.focus()
    watch.evaluate("(watch) => { watch.frames.length = 0; watch.key = null; }")
    lesson.page.keyboard.press("ArrowRight" if press % 40 < 20 else "ArrowLeft")
    for _ in range(200):
        lesson.page.wait_for_timeout(25)
        took = watch.evaluate("(watch) => watch.frames.length ? watch.frames[0] - watch.key : null")
        if took is not None:
            break
    else:
        raise RuntimeError("the picture did not follow the key")
    lesson.page.wait_for_timeout(150)
    return took


def one_drag(page, result):
    """Move the mouse over the slider for 3 s, 60 times a second."""
    lesson, slider, watch, carried = page
    mouse = lesson.page.mouse
    lesson.page.bring_to_front()
    slider.scroll_into_view_if_needed()
    hold = track = slider.bounding_box()
    if track["width"] < 40:  # a handle on its track
        track = slider.locator("xpath=ancestor::*[contains(@class, 'noUi-target')]").bounding_box()
    middle = hold["y"] + hold["height"] / 2
    mouse.move(hold["x"] + hold["width"] / 2, middle)
    mouse.down()
    lesson.page.wait_for_timeout(500)
    watch.evaluate("(watch) => { watch.frames.length = 0; watch.blank = 0; }")
    carried[0] = 0
    start = time.perf_counter()
    events = DRAG_SECONDS * EVENTS_A_SECOND
    for event in range(events):
        share = abs((event / 60) % 1 - 0.5) * 2  # to and fro, one second each way
        mouse.move(track["x"] + (0.1 + 0.8 * share) * track["width"], middle)
        time.sleep(max(0.0, start + event / EVENTS_A_SECOND - time.perf_counter()))
    end = lesson.page.evaluate("() => performance.now()")
    took = time.perf_counter() - start
    lesson.page.wait_for_timeout(1500)
    mouse.up()
    frames = watch.evaluate("(watch) => watch.frames")
    result.pictures_a_second = sum(frame <= end for frame in frames) / took
    result.lag = max(0.0, max(frames, default=end) - end)
    result.bytes_an_event = carried[0] / events
    result.blank = watch.evaluate("(watch) => watch.blank")


# Resolves with the milliseconds from the key that runs a cell to its explorer's first painted
# frame.
FIRST_PICTURE = """() => new Promise((resolve) => {
  let key;
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') key = event.timeStamp;
  }, true);
  const old = new Set(document.querySelectorAll('.klx svg'));
  const tick = () => {
    const fresh = [...document.querySelectorAll('.klx svg')].some((svg) => !old.has(svg));
    if (!fresh) return requestAnimationFrame(tick);
    const channel = new MessageChannel();
    channel.port1.onmessage = () => resolve(performance.now() - key);
    channel.port2.postMessage(0);
  };
  tick();
})"""


def first_pictures(repeats=5):
    """{explorer: median ms from running its cell to its first picture}, Matplotlib imported."""
    cells = {
        f"from klteach.units.{unit}.explorer import {name}": f"{name}()"
        for unit, name in (
            ("u00_start_here", "reach_one_half"),
            ("u01_surprise_entropy_bits", "surprise_areas"),
            ("u02_cross_entropy_and_kl", "wrong_code"),
        )
    }
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
    notebook.cells = [nbformat.v4.new_code_cell("\n".join(cells))]
    notebook.cells += [nbformat.v4.new_code_cell(call) for call in cells.values()]
    medians = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        nbformat.write(notebook, folder / "first.ipynb")
        with running_lab(folder) as lab, running_browser() as browser:
            lesson = NotebookPage(browser, lab.address)
            lesson.open("first.ipynb")
            lesson.run_all()  # imports everything
            for call in cells.values():
                times = []
                for _ in range(repeats):
                    lesson.cell(call).locator(".cm-content").click()
                    answer = lesson.page.evaluate_handle(f"() => ({{ done: ({FIRST_PICTURE})() }})")
                    lesson.page.keyboard.press("Control+Enter")
                    times.append(answer.evaluate("(answer) => answer.done"))
                    lesson.page.wait_for_timeout(500)
                medians[call] = statistics.median(times)
    return medians


def show(results, delay):
    peer = statistics.median(results[PEER].key_to_paint)
    print(f"\nnetwork delay {1000 * delay:.0f} ms, there and back")
    print(
        f"{'':24}{'key to paint, ms':>18}{'ratio':>7}{'pictures':>10}{'lag':>7}"
        f"{'bytes an':>10}{'blank':>7}{'console':>9}\n"
        f"{'':24}{'median':>10}{'95 %':>8}{'':7}{'a second':>10}{'ms':>7}"
        f"{'event':>10}{'frames':>7}{'errors':>9}"
    )
    for way, result in results.items():
        median = statistics.median(result.key_to_paint)
        high = statistics.quantiles(result.key_to_paint, n=20)[-1]
        print(
            f"{way:24}{median:10.1f}{high:8.1f}{peer / median:7.1f}"
            f"{result.pictures_a_second:10.1f}{result.lag:7.0f}{result.bytes_an_event:10.0f}"
            f"{result.blank:7}{result.errors:9}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=30, help="key presses per way (default 30)")
    parser.add_argument(
        "--delay", type=float, default=150, help="network delay in ms (default 150)"
    )
    options = parser.parse_args()
    if options.presses < 2:
        parser.error("--presses must be at least 2, to have a median and a 95th percentile")
    if not 0 <= options.delay <= 5000:
        parser.error("--delay must be between 0 and 5000 ms")
    if chromium() is None:
        sys.exit(NO_CHROMIUM)
    print("from running a cell to its first picture, Matplotlib imported")
    for call, median in first_pictures().items():
        print(f"{call:24}{median:10.0f} ms")
    ways = available_ways()
    for way in WAYS.keys() - ways.keys():
        print(f"{way}: not installed, left out")
    for delay in (0.0, options.delay / 1000):
        show(measure(ways, options.presses, delay), delay)


if __name__ == "__main__":
    main()
