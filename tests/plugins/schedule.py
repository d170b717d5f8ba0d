"""Which worker runs what, and in which order.

The browser's tests share one JupyterLab and one Chromium, so they are one piece of work; elsewhere
a file is, for a notebook's cells share a kernel and a file's tests their fixtures. What takes
longest begins first, so that no worker ends long after the other.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

BROWSER = "tests/browser/"
# the parts in the order in which they begin; all others follow as they were found
LONGEST_FIRST = (BROWSER, "tests/grading/", "tests/course/", "notebooks/", "tests/drift/")


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
