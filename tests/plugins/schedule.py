"""Which worker runs what, and in which order.

The browser's tests share one JupyterLab and one Chromium, so they are one piece of work; elsewhere
a file is, for a notebook's cells share a kernel and a file's tests their fixtures. What takes
longest begins first, so that no worker ends long after the other.

The browser's tests take as long as everything else, and wait a good deal. Two more workers run in
what they leave idle: one would leave a tenth of two cores unused, and without standing back two
would hold the browser up.
"""

import os

import pytest
from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser/"
STANDING_BACK = 2  # how nice the other workers are to it; more would starve them on a busy machine
# the parts in the order in which they begin; all others follow as they were found
LONGEST_FIRST = (
    BROWSER, "tests/grading/", "tests/course/", "tests/website/", "tests/units/", "notebooks/",
    "tests/drift/",
)  # fmt: skip


class ByFile(LoadScopeScheduling):
    """All tests of a file in one worker, and all browser tests in one."""

    def _split_scope(self, nodeid):
        return BROWSER if nodeid.startswith(BROWSER) else nodeid.split("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    if config.getvalue("dist") == "loadfile":
        config.option.loadscopereorder = False
        return ByFile(config, log)
    return None


def pytest_collection_modifyitems(items):
    def rank(item):
        places = [i for i, part in enumerate(LONGEST_FIRST) if item.nodeid.startswith(part)]
        return places[0] if places else len(LONGEST_FIRST)

    items.sort(key=rank)  # a stable sort: within a part the order stays


def pytest_runtest_setup(item):
    """A worker that is not the browser's stands back from its first test on."""
    in_a_worker = hasattr(item.config, "workerinput")
    if in_a_worker and not item.nodeid.startswith(BROWSER) and hasattr(os, "nice"):
        os.nice(max(0, STANDING_BACK - os.nice(0)))
