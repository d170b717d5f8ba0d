"""One Chromium for all tests of a process that need one; Playwright starts only once in it."""

import os

import pytest


@pytest.fixture(scope="session")
def browser():
    from tests.browser import lab  # here, for most processes have no use for it

    if lab.chromium() is None:
        if os.environ.get("KLTEACH_REQUIRE_ALL"):
            pytest.fail(lab.NO_CHROMIUM)
        pytest.skip(lab.NO_CHROMIUM)
    with lab.running_browser() as running:
        yield running
