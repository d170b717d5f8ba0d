"""What holds for every test and every notebook run: an empty learner's history, honest skipping.

It stands at the top, since the notebooks of notebooks/, solutions/ and exercises/ are tests as well.
"""

import os
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

# Two workers whose linear algebra starts a thread for each core wait for each other's threads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT / "tools"))  # the author's commands are tested too

from notebook_running import sockets  # noqa: E402


class NotebookRules:
    """For nbval: an empty learner's history for every notebook, one failure for every notebook."""

    def __init__(self, scratch):
        self.scratch = Path(scratch)
        self.failed = {}  # notebook -> the cell that failed
        self.started = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        if not is_cell(item):
            return (yield)
        if item.parent in self.failed:
            pytest.skip(f"{self.failed[item.parent]} of this notebook failed before")
        if item.parent.kernel is not None:
            return (yield)
        # the kernel that starts now keeps the variables it finds: what another notebook's checks
        # recorded must not choose this one's warm-up questions
        self.started += 1
        folder = self.scratch / str(self.started)
        folder.mkdir()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KLTEACH_PROGRESS", str(folder / "progress.jsonl"))
            patch.setattr("nbval.kernel.KernelManager", partial(KernelManager, **sockets(folder)))
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item):
        report = yield
        if is_cell(item) and report.failed:
            self.failed[item.parent] = item.name
        return report


def is_cell(item):
    return type(item).__name__ == "IPyNbCell"


def pytest_configure(config):
    scratch = tempfile.TemporaryDirectory(prefix="klteach-")
    config.add_cleanup(scratch.cleanup)
    # no test may write into a learner's own record
    os.environ["KLTEACH_PROGRESS"] = str(Path(scratch.name) / "progress.jsonl")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A run in the background inherits an ignored Ctrl-C and would hand it on to the programs
        # that the tests start; a learner's shell does not.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.pluginmanager.register(NotebookRules(scratch.name), "klteach-notebook-rules")
