"""A lesson exported to HTML: precomputed explorers move with no kernel, no server, no network."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.explorers import handle, readout, sentence
from tests.browser.lab import PATIENCE, ROOT

EXPORT = [
    *("-m", "nbconvert", "--to", "html", "--execute", "--log-level=ERROR"),
    f"--ExecutePreprocessor.startup_timeout={PATIENCE // 1000}",
]


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")

    def make(notebook):
        environment = os.environ | {"JUPYTER_CONFIG_PATH": str(ROOT / "etc" / "jupyter")}
        subprocess.run(
            [sys.executable, *EXPORT, f"--output-dir={folder}", ROOT / notebook],
            env=environment,
            check=True,
        )
        return folder / notebook.split("/")[-1].replace(".ipynb", ".html")

    return make


@pytest.fixture
def offline(browser):
    context = browser.new_context(offline=True, viewport={"width": 1100, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    # without a network the page shows at once instead of waiting for MathJax
    context.route("http*://**", lambda route: route.abort())
    yield page
    context.close()


def test_a_precomputed_explorer_is_alive_in_the_page(export, offline):
    offline.goto(export("notebooks/02_cross_entropy_and_kl.ipynb").as_uri())
    widget = offline.locator("figure.klx")
    expect(widget).to_have_count(1)
    widget.get_by_role("button", name="a wrong code").click()
    expect(readout(widget, "KL(P‖Q)")).to_have_text("1.102 nats")
    handle(widget, "Q, the distribution the code is made for: a").focus()
    offline.keyboard.press("PageUp")
    expect(readout(widget, "KL(P‖Q)")).not_to_have_text("1.102 nats")
    widget.get_by_role("button", name="Q = P").click()
    expect(sentence(widget)).to_contain_text("made for P itself")


def test_a_live_explorer_shows_its_figure_and_no_dead_handle(export, offline):
    offline.goto(export("notebooks/01_surprise_entropy_bits.ipynb").as_uri())
    expect(offline.locator("figure.klx")).to_have_count(0)
    picture = offline.locator("img[alt^='Surprise areas.']")
    expect(picture).to_be_visible()
    expect(offline.get_by_text("Prediction 01-peak").first).to_be_visible()
