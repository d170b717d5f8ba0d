"""Take the README's picture of an explorer, as a learner sees it in JupyterLab.

    python tools/take_pictures.py

Writes docs/wrong_code.png. Needs Chromium, and the same driver as the browser tests.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import lab as driver  # noqa: E402

PICTURE = ROOT / "docs" / "wrong_code.png"


def main():
    if driver.chromium() is None:
        sys.exit(driver.NO_CHROMIUM)
    with tempfile.TemporaryDirectory() as folder:
        course = driver.copy_course(Path(folder))
        with driver.running_lab(course) as lab, driver.running_browser() as browser:
            notebook = driver.NotebookPage(browser, lab.address, width=1366, height=1200)
            notebook.open("notebooks/02_cross_entropy_and_kl.ipynb")
            notebook.run_cell("wrong_code()")
            explorer = notebook.explorer("The price of the wrong code")
            explorer.get_by_role("button", name="a wrong code").click()
            driver.expect(explorer).to_contain_text("1.102 nats")
            PICTURE.parent.mkdir(exist_ok=True)
            explorer.screenshot(path=PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
