"""A real JupyterLab and a real Chromium: what the browser tests, the benchmark and the pictures of
the README drive."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

import course

ROOT = Path(__file__).parents[2]
NO_CHROMIUM = "no Chromium here; on Debian and Ubuntu: apt-get install chromium"
QUIET = (  # a browser that talks to nobody
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PATIENCE = 60_000  # ms; the machine may be busy


def chromium():
    """The path of the browser, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def copy_course(folder):
    """A copy of the notebooks to work in, so that a run never writes into the repository."""
    for name in ("notebooks", "exercises", "solutions"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "exercises", folder / "my-work")
    shutil.copytree(ROOT / "tests" / "gallery", folder / "gallery")
    return folder


@contextlib.contextmanager
def running_lab(folder, dark=False, **variables):
    """Start the server as `course.py lab` does, on `folder`; gives its address."""
    private = folder / ".jupyter"
    if dark:
        settings = private / "settings/@jupyterlab/apputils-extension"
        settings.mkdir(parents=True)
        (settings / "themes.jupyterlab-settings").write_text('{"theme": "JupyterLab Dark"}')
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root, course.ROOT = course.ROOT, folder
    try:
        command = course.lab_command(
            sys.executable,
            ["--no-browser", f"--port={port}", "--port-retries=0", "--IdentityProvider.token="],
        )
    finally:
        course.ROOT = root
    environment = {
        **course.environment_for_lab(),
        "JUPYTER_CONFIG_DIR": str(private),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "KLTEACH_PROGRESS": str(folder / "progress.jsonl"),
        **variables,
    }
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(address, server, log):
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api", timeout=1)
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")


@contextlib.contextmanager
def running_browser():
    """Headless Chromium under Playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield browser
        browser.close()


class NotebookPage:
    """One notebook open in JupyterLab, and what a learner does with it."""

    def __init__(self, browser, address, width=1200, height=900):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.set_default_timeout(PATIENCE)
        self.address = address
        self.errors = []
        self.strangers = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._on_request)

    def _on_console(self, message):
        if message.type == "error":
            self.errors.append(message.text)

    def _on_request(self, request):
        here = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(here):
            self.strangers.append(request.url)

    def open(self, path, keep_outputs=False):
        """Open a notebook without its saved outputs, unless they are to be kept."""
        self.page.goto(f"{self.address}/lab/tree/{path}?reset")
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        # a cell that is run before the kernel is connected is forgotten without a word
        self.page.get_by_text(re.compile(r"\| Idle$")).wait_for()
        if not keep_outputs:
            self.menu("Edit", "Clear Outputs of All Cells")

    def menu(self, menu, item):
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()

    def run_all(self):
        self.menu("Run", "Run All Cells")
        self.wait_until_idle()

    def wait_until_idle(self):
        # a cell shows [*] until it has run; off-screen cells count too
        self.page.wait_for_function(
            """() => ![...document.querySelectorAll('.jp-InputPrompt')]
                      .some((prompt) => prompt.textContent.includes('*'))"""
        )

    def failed_cells(self):
        """How many cells show an error."""
        return self.page.locator('.jp-OutputArea-output[data-mime-type*="error"]').count()

    def restart_and_run_all(self):
        self.menu("Kernel", "Restart Kernel and Run All Cells…")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.page.get_by_text(re.compile(r"\| Idle$")).wait_for()
        self.wait_until_idle()

    def save(self):
        self.page.keyboard.press("Control+S")
        self.page.locator(".lm-TabBar-tab.jp-mod-current:not(.jp-mod-dirty)").first.wait_for()

    def shut_down_kernel(self):
        self.menu("Kernel", "Shut Down Kernel")
        self.page.get_by_text("No Kernel").first.wait_for()

    def explorer(self, title):
        """The live widget with this title, scrolled into view."""
        widget = self.page.locator(f'figure.klx[aria-label="Explorer: {title}"]')
        widget.scroll_into_view_if_needed()
        return widget

    def cell(self, text):
        """The code cell whose source holds this text, scrolled into view."""
        cell = self.page.locator(".jp-CodeCell").filter(
            has=self.page.locator(".jp-InputArea-editor", has_text=text)
        )
        cell.first.scroll_into_view_if_needed()
        return cell.first

    def run_cell(self, text, source=None):
        """Run a cell, after writing `source` into it where that is given; returns its output area."""
        # by its place, since its text is about to change
        place = self.cell(text).evaluate(
            "(cell) => [...document.querySelectorAll('.jp-CodeCell')].indexOf(cell)"
        )
        cell = self.page.locator(".jp-CodeCell").nth(place)
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()  # differs afterwards, since the kernel counts on
        cell.locator(".cm-content").click()
        if source is not None:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before, timeout=PATIENCE)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=PATIENCE)
        return cell.locator(".jp-OutputArea")
