"""Notebooks as tests: one run of a notebook serves every check that needs it run.

nbval runs the cells and compares their outputs. From the same run follow two more tests: the file
is in the form in which notebooks are committed, and each control of each explorer moves it.
"""

from copy import deepcopy
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import nbval.plugin
import pytest
from jupyter_client.manager import KernelManager

from normalise_notebooks import committed_form, differences
from notebook_running import EXPLORER_IMPORT, sockets
from tests.course.slider_sweep import explorers, sweep

PATIENCE = 240  # seconds to wait for the kernel: the machine may be busy


class Notebook(nbval.plugin.IPyNbFile):
    """nbval's notebook, which keeps what the run made, for the tests after its cells."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.widgets = {}  # model id -> its state as the kernel sent it
        self.failed = None  # the first test that failed

    def get_kernel_message(self, timeout=None, stream="iopub"):
        message = super().get_kernel_message(timeout, stream)
        if message["msg_type"] == "comm_open":
            state = message["content"]["data"].get("state", {})
            self.widgets[message["content"]["comm_id"]] = state
        return message

    def collect(self):
        self.cells = []
        for cell in super().collect():
            cell.output_timeout = PATIENCE
            self.cells.append(cell)
            yield cell
        yield CommittedForm.from_parent(self, name="committed form")
        if self.path.parent.name == "notebooks":
            yield EveryControl.from_parent(self, name="every control moves its explorer")


class AfterTheRun(pytest.Item):
    """A test on a notebook whose cells have been run."""

    def setup(self):
        if any(cell.test_outputs is None for cell in self.parent.cells):
            pytest.skip("not all cells of this notebook were run")

    def runtest(self):
        problems = self.problems()
        if problems:
            pytest.fail("\n".join(problems), pytrace=False)

    def reportinfo(self):
        return self.path, 0, f"{self.parent.nodeid}::{self.name}"


class CommittedForm(AfterTheRun):
    """The normaliser would change nothing in the file."""

    def problems(self):
        executed = deepcopy(self.parent.nb)
        code = [cell for cell in executed.cells if cell.cell_type == "code"]
        for cell, run in zip(code, self.parent.cells, strict=True):
            cell.outputs = deepcopy(run.test_outputs)
        changes = differences(self.path, committed_form(executed, self.parent.nb, self.path))
        return changes and [f"tools/normalise_notebooks.py {self.path.name} changes:", *changes]


class EveryControl(AfterTheRun):
    """Each control of each explorer is moved, as the browser would, and moves the picture."""

    def problems(self):
        shown = any(EXPLORER_IMPORT.search(cell.cell.source) for cell in self.parent.cells)
        if shown and not explorers(self.parent.widgets):
            return ["explorers are imported and no model of one was opened"]
        return sweep(self.parent.widgets, self.parent.kernel.km)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    found = yield
    return [
        Notebook.from_parent(parent, path=file_path)
        if type(node) is nbval.plugin.IPyNbFile
        else node
        for node in found
    ]


class NotebookRules:
    """An empty learner's history for every notebook, and one failure for each that fails."""

    def __init__(self, scratch):
        self.scratch = Path(scratch)
        self.started = 0

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item):
        notebook = item.parent
        if not isinstance(notebook, Notebook):
            return (yield)
        if notebook.failed:
            pytest.skip(f"{notebook.failed} of this notebook failed before")
        if notebook.kernel is not None:
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
        if isinstance(item.parent, Notebook) and report.failed and not item.parent.failed:
            item.parent.failed = item.name
        return report


def pytest_configure(config):
    scratch = TemporaryDirectory(prefix="klteach-")
    config.add_cleanup(scratch.cleanup)
    config.pluginmanager.register(NotebookRules(scratch.name), "klteach-notebook-rules")
