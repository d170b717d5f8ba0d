"""One server and, for most tests, one page for all browser tests of a process."""

import contextlib

import nbformat
import pytest

from build_exercises import exercise_of
from normalise_notebooks import read_notebook
from tests.browser import lab as driver
from tests.plugins.unit_option import chosen

pytest.register_assert_rewrite("tests.browser.accessibility")

FAILED = pytest.StashKey[bool]()
# What a closed notebook leaves in JupyterLab (1 to 2 MB) slows the next ones down a little, and a
# new page costs as much as three notebooks opened.
NOTEBOOKS_A_PAGE = 15


@pytest.fixture(scope="session")
def lab(browser, tmp_path_factory):
    folder = driver.copy_course(tmp_path_factory.mktemp("course"))
    add_exercises_of_drafts(folder)
    with driver.running_lab(folder) as running:
        yield running


def add_exercises_of_drafts(folder):
    """A draft has no exercise in the course, so that nobody is given it; here it is tried."""
    for unit in chosen():
        if not unit.written:
            source = driver.ROOT / "solutions" / f"{unit.name}.ipynb"
            exercise = exercise_of(read_notebook(source), source)
            nbformat.write(exercise, folder / "my-work" / f"copy_{source.name}")


class SharedPage:
    """The page in which one test after the other opens its notebooks."""

    def __init__(self, browser, lab):
        self.browser, self.lab = browser, lab
        self.notebook = None

    def visit(self):
        if self.notebook is None:
            self.notebook = driver.NotebookPage(self.browser, self.lab.address)
        return self.notebook

    def leave(self, failed):
        """Keep the page for the next test if nothing is wrong with it.

        The notebook stays open: the next test may want the same one.
        """
        notebook, self.notebook = self.notebook, None
        worn = notebook.loaded or notebook.opened >= NOTEBOOKS_A_PAGE
        if failed or notebook.errors or notebook.strangers or worn:
            close_notebooks(notebook, failed)
            notebook.page.close()
        else:
            self.notebook = notebook


def close_notebooks(notebook, failed):
    """End the kernels too; after a failure as far as that can be done."""
    with contextlib.suppress(Exception) if failed else contextlib.nullcontext():
        notebook.close_all()


@pytest.fixture(scope="session")
def shared_page(browser, lab):
    shared = SharedPage(browser, lab)
    yield shared
    if shared.notebook is not None:
        shared.notebook.page.close()


@pytest.fixture
def fresh_learner(lab):
    """A learner who has answered nothing yet: what was committed in another test stands no more."""
    lab.progress.unlink(missing_ok=True)


@pytest.fixture
def notebook(request, shared_page, fresh_learner):
    """JupyterLab in the shared page; the test opens the notebook that it needs.

    At the end, no error may have shown in the console and no request left this machine.
    """
    notebook = shared_page.visit()
    yield notebook
    shared_page.leave(failed=FAILED in request.node.stash)
    assert notebook.strangers == []
    assert not notebook.errors, "\n".join(notebook.errors)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report
