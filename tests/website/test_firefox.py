"""The site in Firefox: a lesson from the disk and over HTTP, and an exercise."""

import os

import pytest

from tests.browser.firefox import NO_FIREFOX, firefox, running_firefox
from tests.website.making import make_site, served

LESSON = "lessons/02_cross_entropy_and_kl.html"
PREDICTION = "document.querySelector('[data-cell=\"02-predict-code\"]')"
BRING_TO_LIFE = """(async () => {
  for (const place of document.querySelectorAll("[data-widget]")) {
    place.scrollIntoView();
    while (!("alive" in place.dataset)) await new Promise((done) => setTimeout(done, 50));
  }
})()"""
PAGE_DOWN = "\ue00f"  # as WebDriver writes the key


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if firefox() is None:
        (pytest.fail if os.environ.get("KLTEACH_REQUIRE_ALL") else pytest.skip)(NO_FIREFOX)
    with running_firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return make_site(tmp_path_factory.mktemp("site") / "site", "--unit", "00", "--unit", "02")


@pytest.fixture(scope="module")
def addresses(site):
    """Where the site is, by the way to it."""
    with served(site) as address:
        yield {"http": address, "file": f"{site.as_uri()}/"}


@pytest.mark.parametrize("way", ["http", "file"])
def test_a_lesson_lives_and_an_exercise_opens(page, addresses, way):
    site = addresses[way]
    page.asked.clear()
    page.open(f"{site}{LESSON}")
    page.run(BRING_TO_LIFE)

    drawing = "document.querySelector('figure.klx svg').outerHTML"
    before = page.run(drawing)
    page.run("document.querySelector('figure.klx .klx-handle').focus()")
    page.press(PAGE_DOWN)
    page.wait_for("document.querySelector('figure.klx.klx-moved')")
    assert page.run(drawing) != before

    page.run(f"{PREDICTION}.querySelector('input[type=radio]').click()")
    page.run(f"{PREDICTION}.querySelector('button').click()")
    page.wait_for(f"{PREDICTION}.querySelector('.klq-headline')")

    page.open(f"{site}{LESSON.replace('lessons', 'exercises')}")
    assert "02" in page.run("document.querySelector('h1').textContent")
    assert page.problems == []
    assert [url for url in page.asked if not url.startswith((site, "data:", "blob:"))] == []
