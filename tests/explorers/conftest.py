import json
import subprocess

import pytest
from playwright._impl._driver import compute_driver_executable

from klteach.explorers.explorer import SCRIPTS
from klteach.front_end import SHARED, module


@pytest.fixture(scope="session")
def javascript(tmp_path_factory):
    """Run an expression with the explorer's module as `explorer`, and readNumber; gives its value.

    The Node.js that Playwright brings runs it, so the tests need no other.
    """
    node, _ = compute_driver_executable()
    folder = tmp_path_factory.mktemp("javascript")
    for name, text in {
        "explorer": module(*SCRIPTS),
        "numbers": SHARED[0].read_text(encoding="utf-8"),
    }.items():
        (folder / f"{name}.mjs").write_text(text, encoding="utf-8")

    def run(expression):
        script = folder / "run.mjs"
        script.write_text(
            'import * as explorer from "./explorer.mjs";\n'
            'import { readNumber } from "./numbers.mjs";\n'
            f"console.log(JSON.stringify(await ({expression})));\n",
            encoding="utf-8",
        )
        done = subprocess.run([node, script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
