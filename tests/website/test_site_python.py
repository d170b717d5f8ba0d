"""Exercises in the page: their editors, which need no Python, and the Python that checks them."""

import json
import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect

from klteach.units import UNITS
from tests.browser import lab
from tests.browser.accessibility import ABOUT_COLOURS
from tests.units.known_answers import RIGHT
from tests.website import site_with_python
from tests.website.making import served
from tests.website.test_site import ALL_RULES, RUN_AXE
from website.build import build

EXERCISES = "exercises/02_cross_entropy_and_kl.html"
SWAPPED = "def kl(p, q):\n    return np.sum(q[q > 0] * np.log(q[q > 0] / p[q > 0]))\n"


class Learner:
    """Somebody on an exercise page, whose browser reaches nothing but the site."""

    def __init__(self, browser, site, **options):
        self.site = site
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(lab.PATIENCE)
        self.context.route(re.compile("^https?:"), self._only_the_site)
        self.page = self.context.new_page()
        self.problems = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._listen)

    def _only_the_site(self, route):
        if route.request.url.startswith(self.site):
            route.continue_()
        else:
            self.problems.append(route.request.url)
            route.abort()

    def _listen(self, message):
        if message.type in ("error", "warning"):
            self.problems.append(message.text)

    def open(self, path):
        self.page.goto(f"{self.site}{path}")

    def editor(self, question):
        return self.page.get_by_label(f"Your {question}", exact=True)

    def cell(self, question):
        return self.page.locator(".cell.code").filter(has=self.editor(question))

    def press(self, button, question):
        """Press a button of a question; what stands below it when it has been done."""
        cell = self.cell(question)
        cell.get_by_role("button", name=button).click()
        return self.answer(cell)

    def answer(self, cell):
        expect(self.page.locator("article")).not_to_have_attribute("data-busy", "")
        return cell.locator(".answer")

    def record(self):
        lines = self.page.evaluate("localStorage.getItem('klteach.progress')") or ""
        return [json.loads(line) for line in lines.splitlines()]


# -- without Python


@pytest.fixture(scope="module")
def without_python(tmp_path_factory):
    """A site with editors, whose Python is not there."""
    folder = tmp_path_factory.mktemp("site") / "site"
    build(folder, (UNITS[2],), {"pyodide.mjs": b""})
    return folder


@pytest.fixture(scope="module")
def over_http(without_python):
    with served(without_python) as address:
        yield address


@pytest.fixture
def reader(browser, without_python):
    """Makes a reader of that site on the disk, or at another address."""
    made = []

    def make(address=None, **options):
        made.append(Learner(browser, address or f"{without_python.as_uri()}/", **options))
        made[-1].open(EXERCISES)
        return made[-1]

    yield make
    for each in made:
        each.context.close()
        assert each.problems == []


def test_an_editor_is_worked_by_keys_and_can_be_left_by_them(reader):
    learner = reader()
    editor, keys = learner.editor("kl"), learner.page.keyboard
    editor.fill("")
    editor.focus()
    keys.type("def kl(p, q):")
    keys.press("Enter")
    keys.type("for x in p:")
    keys.press("Enter")
    keys.type("pass")
    keys.press("Enter")
    keys.press("Tab")
    expect(editor).to_have_value("def kl(p, q):\n    for x in p:\n        pass\n            ")
    expect(editor).to_be_focused()
    keys.press("Escape")
    keys.press("Tab")
    expect(learner.cell("kl").get_by_role("button", name="Check")).to_be_focused()


def test_what_is_written_is_kept_until_it_is_started_over_and_that_can_be_undone(reader, over_http):
    learner = reader(over_http)
    starter = learner.editor("kl").input_value()
    assert starter.startswith("def kl(p, q):") and starter.endswith("raise NotImplementedError()")
    learner.editor("kl").fill(SWAPPED)
    learner.page.reload()
    expect(learner.editor("kl")).to_have_value(SWAPPED)
    below = learner.press("Start over", "kl")
    expect(learner.editor("kl")).to_have_value(starter)
    below.get_by_role("button", name="Undo").click()
    expect(learner.editor("kl")).to_have_value(SWAPPED)
    learner.press("Start over", "kl")
    learner.page.reload()
    expect(learner.editor("kl")).to_have_value(starter)


def test_from_the_disk_the_page_says_how_its_exercises_can_be_checked(reader):
    learner = reader()
    expect(learner.page.locator(".notice")).to_contain_text("course.py site FOLDER --serve")
    expect(learner.press("Check", "kl")).to_contain_text("course.py site FOLDER --serve")


def test_without_scripts_the_exercises_are_read_and_solved_elsewhere(reader):
    learner = reader(java_script_enabled=False)
    expect(learner.page.locator(".notice")).to_contain_text("Solve them in the notebook")
    expect(learner.page.get_by_text("def kl(p, q):")).to_be_visible()
    expect(learner.page.locator("article button")).to_have_count(0)


@pytest.mark.parametrize(("theme", "rules"), [("light", ALL_RULES), ("dark", ABOUT_COLOURS)])
def test_axe_finds_nothing_on_an_exercise_page_as_wide_as_a_phone(reader, theme, rules):
    learner = reader(viewport={"width": 320, "height": 640}, color_scheme=theme)
    learner.press("Check", "kl")
    learner.page.evaluate(AXE_SCRIPT)
    assert learner.page.evaluate(RUN_AXE, rules) == []
    assert learner.page.evaluate("document.documentElement.scrollWidth") == 320


# -- with Python


@pytest.fixture(scope="module")
def python_over_http(tmp_path_factory):
    with site_with_python.served(tmp_path_factory.mktemp("site"), "02", "21") as address:
        yield address


@pytest.fixture
def learner(browser, python_over_http):
    made = Learner(browser, python_over_http, viewport={"width": 1100, "height": 900})
    yield made
    made.context.close()
    assert made.problems == []


def test_an_answer_is_wrong_then_helped_then_right_and_all_of_it_is_recorded(learner):
    learner.open(EXERCISES)
    learner.editor("kl").fill(SWAPPED)
    expect(learner.press("Check", "kl")).to_contain_text("The arguments are swapped")
    expect(learner.press("Hint", "kl")).to_contain_text("Hint 1 of 3")
    expect(learner.press("Hint", "kl")).to_contain_text("Hint 2 of 3")
    expect(learner.press("Solution", "kl")).to_contain_text("occurs = p > 0")
    learner.editor("kl").fill(RIGHT["kl"])
    below = learner.press("Check", "kl")
    expect(below).to_contain_text("Correct")
    found = [(event["kind"], event.get("outcome")) for event in learner.record()]
    assert found == [("check", "named mistake"), ("seen", None), ("check", "correct")]
    below.get_by_role("link", name="lesson 02").click()
    expect(learner.page.locator("h1")).to_contain_text("Cross-entropy")


def test_cells_run_as_in_a_notebook_and_an_error_names_its_line(learner):
    learner.open(EXERCISES)
    learner.editor("cross_entropy").fill("def mean(p, x):\n    print('mine')\n    return p @ x\n")
    learner.editor("kl").fill("def kl(p, q):\n    return mean(p, np.log(p / q)\n")
    below = learner.press("Check", "kl")
    expect(below).to_contain_text('File "your kl", line 2')
    expect(below).to_contain_text("SyntaxError")
    learner.editor("kl").fill("print('seen')\ndef kl(p, q):\n    return mean(p, np.log(p / q))\n")
    below = learner.press("Check", "kl")
    expect(below.locator("pre.output")).to_have_text("seen")
    expect(below).to_contain_text("it printed mine")  # by the cell above
    expect(learner.press("Check", "kelly_growth")).to_contain_text("Not attempted yet")


def test_an_endless_loop_is_ended_and_the_next_check_works(learner):
    learner.open(EXERCISES)
    learner.editor("kl").fill("def kl(p, q):\n    while True:\n        pass\n")
    expect(learner.press("Check", "kl")).to_contain_text("Is there a loop that never ends?")
    learner.editor("kl").fill(RIGHT["kl"])
    expect(learner.press("Check", "kl")).to_contain_text("Correct")


def test_with_scipy_and_real_data_a_solved_page_compares_as_the_notebook_does(learner):
    learner.open("exercises/21_distillation.html")
    for question in ("distillation_loss", "distillation_gradient", "mass_outside"):
        learner.editor(question).fill(RIGHT[question])
        expect(learner.press("Check", question)).to_contain_text("Correct")
    compare = learner.page.locator("[id='21-compare-code-3']")
    expect(compare.locator(".answer")).to_have_text("not attempted yet")
    compare.get_by_role("button", name="Run").click()
    expect(learner.answer(compare)).to_contain_text("reverse: KL(teacher‖student)")
