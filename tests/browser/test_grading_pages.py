"""The grader's pages in a real browser: narrow and wide, light and dark, with hostile names."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.lab import PATIENCE
from tests.grading.class_records import answers, class_of_thirty, record, write_pages

NASTY = ("</script><script>alert(1)</script>", "x" * 300, "\u202e\x1b[31mevil", "=cmd()")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    records, times = class_of_thirty()
    for name in NASTY:
        records.append(record(name, answers("error"), notes=[name], human=[name]))
    folder = tmp_path_factory.mktemp("marks")
    paths = write_pages(records, times, folder)
    learners = {path.name.partition("-")[0]: path for path in paths}
    return {
        "class": paths[0],
        "graded": learners["Emil"],
        "two notebooks": learners["Bao"],
        "without a score": learners["Anneke"],
        "long": learners["x" * 60],
        "hostile": learners["script"],
    }


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1000, "light")])
@pytest.mark.parametrize(
    "kind", ["class", "graded", "two notebooks", "without a score", "long", "hostile"]
)
def test_a_page_fits_is_accessible_and_stays_at_home(browser, pages, kind, width, scheme):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.set_default_timeout(PATIENCE)
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[kind].as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert len(found.response["passes"]) > 10  # it did look at something
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found.response["violations"]] == []
    assert said == [] and asked == [pages[kind].as_uri()]
    page.close()


def test_each_name_on_the_class_page_leads_to_a_page(browser, pages):
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(pages["class"].as_uri())
    for name in ("Anneke", "=cmd()"):
        page.get_by_role("link", name=name, exact=True).first.click()
        assert page.locator("h1").inner_text() == f"Feedback for {name}"
        page.go_back()
    page.close()
