"""What holds for every test and every notebook run: an empty learner's history, honest skipping.

It stands at the top, since the notebooks of notebooks/, solutions/ and exercises/ are tests as
well. What it brings to pytest is in tests/plugins/, a file for each thing.
"""

import os
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import hypothesis_profiles

# Two workers whose linear algebra starts a thread for each core wait for each other's threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent / "tools"))  # the author's commands are tested too

pytest_plugins = [
    "tests.plugins.unit_option",
    "tests.plugins.notebook_runs",
    "tests.plugins.schedule",
    "tests.plugins.processor_time",
    "tests.plugins.chromium",
]


def pytest_configure(config):
    hypothesis_profiles.load()
    scratch = TemporaryDirectory(prefix="klteach-")
    config.add_cleanup(scratch.cleanup)
    # no test may write into a learner's own record
    os.environ["KLTEACH_PROGRESS"] = str(Path(scratch.name) / "progress.jsonl")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A run in the background inherits an ignored Ctrl-C and would hand it on to the programs
        # that the tests start; a learner's shell does not.
        signal.signal(signal.SIGINT, signal.default_int_handler)
