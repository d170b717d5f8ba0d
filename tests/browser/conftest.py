import os

import pytest

from tests.browser import lab as driver


@pytest.fixture(scope="session")
def browser():
    if driver.chromium() is None:
        if os.environ.get("KLTEACH_REQUIRE_ALL"):
            pytest.fail(driver.NO_CHROMIUM)
        pytest.skip(driver.NO_CHROMIUM)
    with driver.running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def address(browser, tmp_path_factory):
    folder = driver.copy_course(tmp_path_factory.mktemp("course"))
    with driver.running_lab(folder) as running:
        yield running


@pytest.fixture
def notebook(browser, address):
    """A notebook page; at the end, no error may have shown in the console, no request left here."""
    notebook = driver.NotebookPage(browser, address)
    yield notebook
    notebook.page.close()
    assert notebook.errors == []
    assert notebook.strangers == []
