"""What must hold in the server that `course.py lab` starts, with the installed JupyterLab."""

import asyncio
import json
import os
import re
import signal
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import websocket
from nbconvert import HTMLExporter
from tornado.web import HTTPError
from traitlets.config import PyFileConfigLoader

import course
from tests.lab_server import PATIENCE, running_server

TOKEN = "a-token-of-the-test"

# Runs inside the server: writes down, for each message of a browser, what its socket is set to.
PROBE = """
import socket
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

answer = KernelWebsocketHandler.on_message

def on_message(self, message):
    connection = self.ws_connection.stream.socket
    with open({report!r}, "w") as file:
        file.write(str(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
    return answer(self, message)

KernelWebsocketHandler.on_message = on_message
"""


def ask(server, path, method="GET"):
    """What the server answers to a request with its token."""
    request = urllib.request.Request(
        f"{server.address}{path}", method=method, headers={"Authorization": f"token {TOKEN}"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return response.read().decode()


@pytest.fixture(scope="module")
def nodelay_report(tmp_path_factory):
    return tmp_path_factory.mktemp("report") / "nodelay"


@pytest.fixture(scope="module")
def server(tmp_path_factory, nodelay_report):
    folder = tmp_path_factory.mktemp("server")
    (folder / "jupyter_server_config.py").write_text(PROBE.format(report=str(nodelay_report)))
    environment = course.environment_for_lab()
    # The probe takes the place of the learner's own settings, after the course's.
    course_settings = environment["JUPYTER_CONFIG_PATH"].split(os.pathsep)[0]
    environment["JUPYTER_CONFIG_PATH"] = os.pathsep.join([course_settings, str(folder)])
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_WORKSPACES_DIR"):
        environment[name] = str(folder / name.lower())
    options = [f"--IdentityProvider.token={TOKEN}"]
    with running_server(course.ROOT, environment, folder / "server.log", options) as server:
        yield server


def test_it_serves_jupyterlab_and_the_whole_course(server):
    assert "JupyterLab" in ask(server, "/lab")
    names = [item["name"] for item in json.loads(ask(server, "/api/contents"))["content"]]
    assert {"notebooks", "exercises", "solutions", "course.py"} <= set(names)


def test_it_opens_at_the_start_page(server):
    assert f"{server.address}/lab/tree/{course.START_PAGE}" in server.log.read_text()
    assert (course.ROOT / course.START_PAGE).is_file()


def test_it_asks_for_no_news_and_no_list_of_extensions(server):
    notification = "@jupyterlab/apputils-extension:notification"
    setting = json.loads(ask(server, f"/lab/api/settings/{notification}"))
    assert setting["schema"]["properties"]["fetchNews"]["default"] == "false"
    assert "Extension Manager is 'readonly'" in server.log.read_text()


def test_the_export_menu_gives_what_the_command_line_gives(server):
    """Both without running it: the menu exports what was saved."""
    notebook = "notebooks/01_surprise_entropy_bits.ipynb"
    settings = course.ROOT / "etc" / "jupyter"
    config = PyFileConfigLoader("jupyter_nbconvert_config.py", str(settings)).load_config()
    page, _ = HTMLExporter(config=config).from_filename(str(course.ROOT / notebook))
    assert ask(server, f"/nbconvert/html/{notebook}?download=true") == page
    assert '<img alt="Surprise areas.' in page
    assert "No description has been provided" not in page
    assert not re.search(r"<script[^>]* src=.?https://(?!\S*mathjax)", page, re.IGNORECASE)


@pytest.mark.parametrize(
    ("folder", "writable"), [("exercises", False), ("notebooks", True), ("solutions", True)]
)
def test_only_the_blank_originals_of_exercises_cannot_be_changed(server, folder, writable):
    """Nobody's work ends up in a tab that is called like that of the lesson."""
    model = json.loads(ask(server, f"/api/contents/{folder}/00_start_here.ipynb"))
    assert model["writable"] is writable


def test_a_file_that_goes_away_does_not_hide_its_folder(tmp_path, monkeypatch):
    """The server alone answers "no such folder", and JupyterLab shows a dialog."""
    settings = course.ROOT / "etc" / "jupyter"
    config = PyFileConfigLoader("jupyter_server_config.py", str(settings)).load_config()
    contents = config.ServerApp.contents_manager_class(root_dir=str(tmp_path))
    for name in ("here", "gone"):
        (tmp_path / name).touch()

    def removed_meanwhile(self, name):
        if name == "gone":
            (tmp_path / name).unlink()
        return True

    monkeypatch.setattr(type(contents), "should_list", removed_meanwhile)
    listed = outcome(contents.get(""))["content"]
    assert [each["name"] for each in listed] == ["here"]
    with pytest.raises(HTTPError, match="404"):
        outcome(contents.get("nowhere"))


def outcome(coroutine):
    """What it gives, run in another thread: in this one the loop of Playwright may be running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def test_the_kernels_websocket_is_sent_without_delay(server, nodelay_report):
    kernel = json.loads(ask(server, "/api/kernels", method="POST"))["id"]
    connection = websocket.create_connection(
        f"ws://127.0.0.1:{server.port}/api/kernels/{kernel}/channels?session_id=test",
        header=[f"Authorization: token {TOKEN}"],
        timeout=PATIENCE,
    )
    header = {"msg_id": "1", "msg_type": "kernel_info_request", "username": "", "session": "test"}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": {}}
    connection.send(json.dumps({**message, "channel": "shell"}))
    assert connection.recv()
    connection.close()
    assert nodelay_report.read_text() != "0"


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_it_without_a_question(server):
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(PATIENCE) == 0
