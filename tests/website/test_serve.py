"""`course.py site FOLDER --serve`: the site on this machine, over HTTP."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from tests.browser import lab
from tests.website import making
from website.build import MARK
from website.serve import server_of

PATIENCE = 600  # seconds after which something is taken never to happen, on the busiest machine


@pytest.fixture
def served(tmp_path):
    """A folder, and the address at which it is shown."""
    with making.served(tmp_path) as address:
        yield tmp_path, address


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("site.js", "text/javascript"),
        ("worker.mjs", "text/javascript"),
        ("pyodide.asm.wasm", "application/wasm"),
        ("site.css", "text/css"),
    ],
)
def test_a_file_comes_as_what_a_browser_takes_it_for(served, name, kind):
    folder, address = served
    (folder / name).write_bytes(b"content")
    with urllib.request.urlopen(address + name) as answer:
        assert answer.headers["Content-Type"] == kind
        assert answer.read() == b"content"


def test_nothing_beside_the_folder_is_shown(served):
    folder, address = served
    (folder.parent / "private.txt").write_text("mine")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(address + "../private.txt")


def test_a_port_that_is_taken_is_no_obstacle(tmp_path):
    with server_of(tmp_path, port=0) as one, server_of(tmp_path, one.server_port) as other:
        assert other.server_port != one.server_port


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C comes in another way on Windows")
def test_the_command_says_where_it_shows_the_site_and_ctrl_c_ends_it_quietly(tmp_path):
    site = tmp_path / "site"
    command = [sys.executable, "-m", "website", str(site), "--unit", "00", "--serve"]
    with subprocess.Popen(
        command, cwd=lab.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()  # the sizes
        address = re.search(r"http://localhost:\d+/", process.stdout.readline())[0]
        with urllib.request.urlopen(address) as answer:
            assert b"<title>klteach</title>" in answer.read()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    assert (site / MARK).is_file()


def test_the_command_refuses_a_folder_of_somebody_else_by_name(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    result = subprocess.run(
        [sys.executable, "-m", "website", str(tmp_path), "--serve"],
        cwd=lab.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert str(tmp_path) in result.stderr and len(result.stderr.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
