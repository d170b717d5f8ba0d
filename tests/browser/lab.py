"""A real JupyterLab and a real Chromium: what the browser tests, the benchmark and the pictures of
the README drive."""

import contextlib
import json
import re
import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import ClassVar
from unittest import mock

from playwright.sync_api import expect, sync_playwright

import course
from tests.lab_server import running_server

ROOT = Path(__file__).parents[2]
NO_CHROMIUM = "no Chromium here; on Debian and Ubuntu: apt-get install chromium"
QUIET = (  # a browser that talks to nobody
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PATIENCE = 240_000  # ms; a wait ends when the thing has happened, and the machine may be busy
expect.set_options(timeout=PATIENCE)
# What JupyterLab says when a kernel ends before it has answered JupyterLab's own questions.
CANCELLED = re.compile("Canceled future for (debug|create_subshell)_request message")
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"  # the one whose tab is in front

# Done when the notebook's kernel is connected: a cell that is run before is forgotten without a
# word. `window.unanswered` then is what the explorers have asked for and not yet been given.
OPEN_NOTEBOOK = """async (lab, path) => {
  const panel = await lab.commands.execute("docmanager:open", { path });
  await panel.revealed;
  const session = panel.sessionContext;
  await session.ready;
  const kernel = () => session.session?.kernel;
  const ready = () => kernel()?.connectionStatus === "connected" && kernel().status === "idle";
  await new Promise((resolve) => {
    const look = () => {
      if (!ready()) return;
      session.statusChanged.disconnect(look);
      session.connectionStatusChanged.disconnect(look);
      resolve();
    };
    session.statusChanged.connect(look);
    session.connectionStatusChanged.connect(look);
    look();
  });
  const unanswered = new Set();
  kernel().anyMessage.connect((_, { msg, direction }) => {
    const id = msg.content.data?.content?.id;
    if (msg.header.msg_type !== "comm_msg" || id === undefined) return;
    const request = `${msg.content.comm_id} ${id}`;
    if (direction === "send") unanswered.add(request);
    else unanswered.delete(request);
  });
  window.unanswered = unanswered;
}"""

# Whether nothing but this notebook is open and its kernel rests.
STILL_OPEN = """(lab, path) => {
  const panels = [...lab.shell.widgets("main")];
  const kernel = panels[0]?.sessionContext?.session?.kernel;
  return panels.length === 1 && panels[0].context?.path === path && kernel?.status === "idle";
}"""

TWO_FRAMES = """() => new Promise((resolve) =>
  requestAnimationFrame(() => requestAnimationFrame(resolve)))"""

# How tall the window must be so that no cell on show is scrolled away; 0 where it is. JupyterLab
# only estimates how tall a cell is that has not been on the screen yet.
HEIGHT_FOR_ALL_CELLS = """() => {
  const outside = document.querySelector(".jp-WindowedPanel-outer");
  outside.scrollTop = 0;
  const bottoms = [...outside.querySelectorAll(".jp-Cell")]
    .map((cell) => cell.getBoundingClientRect().bottom);
  const missing = Math.max(...bottoms) - outside.getBoundingClientRect().bottom;
  return missing > 0 ? Math.ceil(innerHeight + missing) : 0;
}"""


def chromium():
    """The path of the browser, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def copy_course(folder):
    """A copy of the notebooks to work in, so that a run never writes into the repository."""
    for name in ("notebooks", "exercises", "solutions"):
        shutil.copytree(ROOT / name, folder / name)
    with mock.patch.object(course, "ROOT", folder):
        course.copy_exercises()
    shutil.copytree(ROOT / "tests" / "gallery", folder / "gallery")
    return folder


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab server: its address, and the folder that it shows."""

    address: str
    folder: Path

    @property
    def progress(self):
        """The learner's record, which every kernel of the server reads and writes."""
        return self.folder / "progress.jsonl"


def write_settings(folder, part, **values):
    """Settings as JupyterLab itself keeps them of a user."""
    file = private(folder) / f"settings/@jupyterlab/{part}.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(values), encoding="utf-8")


def private(folder):
    """Where JupyterLab keeps what is not shown in the folder."""
    return folder / ".jupyter"


@contextlib.contextmanager
def running_lab(folder, **variables):
    """Start the server as `course.py lab` does, on `folder`."""
    # what a test writes into a cell must not be there in the next one, however long it takes
    write_settings(folder, "docmanager-extension/plugin", autosave=False)
    environment = {
        **course.environment_for_lab(),
        "JUPYTER_CONFIG_DIR": str(private(folder)),
        "JUPYTERLAB_SETTINGS_DIR": str(private(folder) / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(private(folder) / "workspaces"),
        "KLTEACH_PROGRESS": str(folder / "progress.jsonl"),
        **variables,
    }
    # the page gives its application to scripts, which open and close notebooks by it
    options = ["--IdentityProvider.token=", "--expose-app-in-browser"]
    with running_server(folder, environment, folder / "server.log", options) as server:
        yield Lab(server.address, folder)


@contextlib.contextmanager
def running_browser():
    """Headless Chromium under Playwright."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=QUIET, timeout=PATIENCE
        )
        yield browser
        browser.close()


class NotebookPage:
    """JupyterLab in a page of the browser, one notebook open in it, and what a learner does there.

    `load` loads JupyterLab anew with the notebook, as a link or a reload does; `open` opens the
    notebook in the JupyterLab that is there, which costs a tenth of that.
    """

    _workspaces = count()
    # the sessions and kernels that `close_all` has ended, in whatever page
    ended: ClassVar[set[str]] = set()

    def __init__(self, browser, address, width=1200, height=900):
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.set_default_timeout(PATIENCE)
        self.address = address
        # two pages in one workspace would open each other's notebooks
        self.workspace = f"{address}/lab/workspaces/page-{next(self._workspaces)}"
        self.opened = 0  # notebooks so far
        self.loaded = False  # by `load`: JupyterLab may open what its link names once more, later
        self.rewritten = False  # whether a cell is not what it is in the file
        self.errors = []
        self.strangers = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._on_error(str(error)))
        self.page.on("request", self._on_request)

    def _on_console(self, message):
        if message.type == "error":
            self._on_error(f"{message.text} ({message.location['url']})")

    def _on_error(self, text):
        # JupyterLab may still be connecting to a kernel that is ended beneath it, and a session
        # that ends with its notebook may be gone when `close_all` ends it
        about_ended = any(each in text for each in self.ended)
        if not about_ended and not CANCELLED.search(text):
            self.errors.append(text)

    def _on_request(self, request):
        here = (self.address, self.address.replace("http", "ws"), "data:", "blob:")
        if not request.url.startswith(here):
            self.strangers.append(request.url)

    def load(self, path):
        """Load JupyterLab with a notebook and its saved outputs."""
        self._go_to(f"/tree/{path}")
        self.opened += 1
        self.loaded = True
        self._when_ready(path, keep_outputs=True)

    def open(self, path, keep_outputs=False, theme="light"):
        """Open a notebook in the JupyterLab that is there; it is loaded if none is.

        What another test has open is closed; where it is the same notebook, and as in the file, it
        stays and its kernel too.
        """
        if self.page.url == "about:blank":
            self._go_to("")
        if keep_outputs or self.rewritten or not self.in_lab(STILL_OPEN, path):
            if self.opened:  # a page that has none leaves the kernels of others alone
                self.close_all()
            self.opened += 1
        self.use_theme(theme)
        self._when_ready(path, keep_outputs)

    def _go_to(self, place):
        self.page.goto(f"{self.workspace}{place}?reset")
        self.page.wait_for_function("() => window.jupyterapp !== undefined")
        self.in_lab("(lab) => lab.restored")

    def _when_ready(self, path, keep_outputs):
        self.in_lab(OPEN_NOTEBOOK, path)
        if not keep_outputs:
            self.command("notebook:clear-all-cell-outputs")

    def close_all(self):
        """Close every notebook without saving it, and end the kernels."""
        self.rewritten = False
        running = self.in_lab(
            """async ({ serviceManager: { sessions, kernels } }) => {
                 await Promise.all([sessions.refreshRunning(), kernels.refreshRunning()]);
                 return [...sessions.running(), ...kernels.running()].map(({ id }) => id);
               }"""
        )
        self.ended.update(running)
        self.in_lab(
            """async (lab) => {
                 for (const widget of [...lab.shell.widgets("main")]) {
                   if (!widget.context) continue;  // the launcher, which comes by itself
                   widget.context.model.dirty = false;  // so that no dialogue asks
                   widget.close();
                 }
                 await lab.serviceManager.sessions.shutdownAll();
                 await lab.serviceManager.kernels.shutdownAll();
               }"""
        )

    def in_lab(self, script, argument=None):
        """What a function in JavaScript gives, called with JupyterLab's application object."""
        return self.page.evaluate(
            f"""async (argument) => {{
              let timer;
              const late = new Promise((_, reject) => {{
                timer = setTimeout(() => reject(new Error("JupyterLab took too long")), {PATIENCE});
              }});
              const answer = ({script})(window.jupyterapp, argument);
              return Promise.race([answer, late]).finally(() => clearTimeout(timer));
            }}""",
            argument,
        )

    def command(self, name, **arguments):
        """Have JupyterLab do what stands behind a menu's entry, and wait until it is done."""
        self.in_lab(
            """async (lab, [name, arguments_]) => {
                 await lab.commands.execute(name, arguments_);
               }""",
            [name, arguments],
        )

    def menu(self, menu, item):
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.locator(".lm-Menu-itemLabel").get_by_text(item, exact=True).click()

    def use_theme(self, kind):
        """Change to the "light" or the "dark" theme, unless it is the one that there is."""
        light = "true" if kind == "light" else "false"
        wanted = self.page.locator(f'body[data-jp-theme-light="{light}"]')
        if wanted.count():
            return
        self.command("apputils:change-theme", theme=f"JupyterLab {kind.title()}")
        wanted.wait_for(state="attached")
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")  # it covers the page

    @contextlib.contextmanager
    def on_screen_at_once(self, selector):
        """Only the cells that hold such elements, in a window so tall that they all are on it."""
        size = self.page.viewport_size
        others = f".jp-Cell:not(:has({selector})) {{ display: none; }}"
        style = self.page.add_style_tag(content=others)
        needed = size["height"]
        try:
            while needed:
                self.page.set_viewport_size({**size, "height": needed})
                self.page.evaluate(TWO_FRAMES)
                needed = self.page.evaluate(HEIGHT_FOR_ALL_CELLS)
            yield
        finally:
            self.page.set_viewport_size(size)
            style.evaluate("(style) => style.remove()")

    def run_all(self):
        self.command("notebook:run-all-cells")
        self.wait_until_idle()

    def wait_until_idle(self):
        # a cell shows [*] until it has run; off-screen cells count too
        self.page.wait_for_function(
            """() => ![...document.querySelectorAll('.jp-InputPrompt')]
                      .some((prompt) => prompt.textContent.includes('*'))""",
            polling=100,
        )

    def wait_until_drawn(self, path):
        """Wait until this notebook is in front, all of its cells are drawn and its kernel is there.

        While JupyterLab draws a cell it only knows roughly how tall it will be, so what is on the
        screen may still be pushed off it; and a notebook that is closed before its kernel has
        started leaves an error behind.

        JupyterLab draws while the page is idle. Once the window has been made smaller, Chromium
        finds it idle every third second only, and the glossary took two minutes; while frames are
        asked for, it does between any two of them.
        """
        self.page.wait_for_function(
            """(path) => {
                 const panel = window.jupyterapp.shell.currentWidget;
                 const kernel = panel?.sessionContext?.session?.kernel;
                 return panel?.context?.path === path && panel.context.isReady &&
                   panel.content.widgets.every((cell) => !cell.placeholder) &&
                   kernel?.connectionStatus === "connected" && kernel.status === "idle";
               }""",
            arg=path,
            polling="raf",
        )
        self.page.evaluate(TWO_FRAMES)

    def wait_for_answers(self):
        """Wait until the kernel has answered every state that an explorer has asked for."""
        answered = "() => window.unanswered.size === 0"
        self.page.wait_for_function(answered, polling=50)
        self.page.evaluate(TWO_FRAMES)  # an answer may have let the next request go
        self.page.wait_for_function(answered, polling=50)

    def errors_of_cells(self):
        """What the cells that failed say; cells off the screen are not drawn, and count too."""
        return self.in_lab(
            """(lab) => lab.shell.currentWidget.content.widgets
                 .filter(({ model }) => model.type === "code")
                 .flatMap(({ model }) => model.outputs.toJSON())
                 .filter((output) => output.output_type === "error")
                 .map(({ ename, evalue }) => `${ename}: ${evalue}`)"""
        )

    def restart_and_run_all(self):
        self.in_lab(
            """(lab) => {
                 const done = lab.commands.execute("notebook:restart-run-all");
                 window.restarted = done.then(() => null);
               }"""
        )
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.in_lab("() => window.restarted")
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
        """The code cell whose source holds this text."""
        place = self.in_lab(
            """(lab, text) => lab.shell.currentWidget.content.widgets.findIndex(({ model }) =>
                 model.type === "code" && model.sharedModel.getSource().includes(text))""",
            text,
        )
        assert place >= 0, f"no code cell holds {text!r}"
        return self.page.locator(f"{NOTEBOOK} .jp-Cell").nth(place)

    def run_cell(self, text, source=None):
        """Run a cell, after writing `source` into it if that is given; returns its output area."""
        cell = self.cell(text)
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()  # differs afterwards, since the kernel counts on
        cell.locator(".cm-content").click()
        if source is not None:
            self.rewritten = True
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(before)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"))
        return cell.locator(".jp-OutputArea")
