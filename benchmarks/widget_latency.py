"""From key press to painted picture: an explorer beside `interact` + pyplot, on the same picture.

    .venv/bin/python -m benchmarks.widget_latency [--presses 40]

Both run in one real JupyterLab in one real Chromium, taking turns, so that a busy machine slows both.
Prints the median and the 95th percentile of each, and the ratio of the medians. Needs Chromium.
"""

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat

from tests.browser.lab import NO_CHROMIUM, NotebookPage, chromium, running_browser, running_lab

HERE = Path(__file__).parent

# Resolves with the milliseconds between the next key press on the focused slider and the first
# frame painted after the picture changed. A bitmap counts when it is decoded.
MEASURE = """(picture) => new Promise((resolve) => {
  const before = picture.querySelector('img')?.src;
  let start;
  document.addEventListener('keydown', (event) => { start = event.timeStamp; },
                            { capture: true, once: true });
  const observer = new MutationObserver(async () => {
    const image = picture.querySelector('img');
    if (before !== undefined && (!image || image.src === before)) return;
    observer.disconnect();
    if (image) await image.decode();
    requestAnimationFrame(() => {
      const channel = new MessageChannel();  // its message comes after the frame is painted
      channel.port1.onmessage = () => resolve(performance.now() - start);
      channel.port2.postMessage(0);
    });
  });
  observer.observe(picture, { subtree: true, childList: true, attributes: true });
})"""

WAYS = {  # name -> (code of the cell, the slider, the picture)
    "explorer, precomputed": ("explorer()", "input[type=range]", ".klx-picture"),
    "interact + pyplot": ("interact_with_pyplot()", ".noUi-handle", ".jp-OutputArea .jp-OutputArea"),
}


def notebook():
    cells = [nbformat.v4.new_code_cell("from two_normals import explorer, interact_with_pyplot")]
    cells += [nbformat.v4.new_code_cell(code) for code, _, _ in WAYS.values()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def measure(presses):
    """{way: the milliseconds of every key press}."""
    times = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        nbformat.write(notebook(), folder / "latency.ipynb")
        path = os.pathsep.join([str(HERE), str(HERE.parent)])
        with running_lab(folder, PYTHONPATH=path) as address, running_browser() as browser:
            lesson = NotebookPage(browser, address, height=1600)
            lesson.open("latency.ipynb")
            lesson.run_all()
            for press in range(presses + 3):
                for way, (code, slider, picture) in WAYS.items():
                    cell = lesson.cell(code)
                    cell.locator(slider).focus()
                    target = cell.locator(picture).first.element_handle()
                    answer = lesson.page.evaluate_handle(f"(p) => ({{ done: ({MEASURE})(p) }})", target)
                    lesson.page.keyboard.press("ArrowRight" if press % 40 < 20 else "ArrowLeft")
                    time = answer.evaluate("(answer) => answer.done")
                    lesson.page.wait_for_timeout(150)
                    if press >= 3:  # the first ones warm both up
                        times[way].append(time)
            if lesson.errors:
                print("console errors:", *lesson.errors, sep="\n  ")
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=40, help="key presses per way (default 40)")
    options = parser.parse_args()
    if options.presses < 2:
        parser.error("--presses must be at least 2, to have a median and a 95th percentile")
    if chromium() is None:
        sys.exit(NO_CHROMIUM)
    times = measure(options.presses)
    print(f"{'key press to painted picture':34}{'median ms':>10}{'95 % ms':>10}")
    for way, values in times.items():
        high = statistics.quantiles(values, n=20)[-1]
        print(f"{way:34}{statistics.median(values):10.1f}{high:10.1f}")
    fast, slow = (statistics.median(values) for values in times.values())
    print(f"ratio of the medians: {slow / fast:.1f}")


if __name__ == "__main__":
    main()
