"""Take the README's picture of an explorer, as a learner sees it in JupyterLab.

    python tools/take_pictures.py

Writes docs/wrong_code.png. Needs Chromium, and the same driver as the browser tests.
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import lab  # noqa: E402

PICTURE = ROOT / "docs" / "wrong_code.png"


def main():
    if lab.chromium() is None:
        sys.exit(lab.NO_CHROMIUM)
    with tempfile.TemporaryDirectory() as folder:
        course = lab.copy_course(Path(folder))
        with lab.running_lab(course) as address, lab.running_browser() as browser:
            notebook = lab.NotebookPage(browser, address, height=1200)
            notebook.open("notebooks/02_cross_entropy_and_kl.ipynb")
            notebook.run_cell("wrong_code()")
            PICTURE.parent.mkdir(exist_ok=True)
            notebook.explorer("The price of the wrong code").screenshot(path=PICTURE)
    print(f"{PICTURE.relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
