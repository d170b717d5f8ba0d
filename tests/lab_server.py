"""The server that `course.py lab` starts, for the tests, the benchmark and the pictures."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPException
from unittest import mock

import course

PATIENCE = 240  # seconds: a busy machine takes a minute or more over a start
# A server that has ended all of its work may still wait, for ever, for an idle thread that nobody
# told to end (seen on busy machines); a kernel without its server ends by itself.
PATIENCE_AT_END = 10


class LabServer:
    """A JupyterLab on a free port of this machine, with `root` as its folder."""

    def __init__(self, root, environment, log, options=()):
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = log
        with mock.patch.object(course, "ROOT", root):
            command = course.lab_command(
                sys.executable,
                ["--no-browser", f"--port={self.port}", "--port-retries=0", *options],
            )
        with log.open("w") as output:
            self.process = subprocess.Popen(
                command,
                cwd=root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def answers(self):
        """Wait until the server answers: True; or until it has died or taken minutes: False."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            # another program that took the port in between may answer in another language
            with contextlib.suppress(OSError, HTTPException):
                urllib.request.urlopen(f"{self.address}/api", timeout=10).close()
                return True
            time.sleep(0.1)
        return False

    def end(self):
        """End the server and its kernels, unless it has ended already, and wait for it."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE_AT_END)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running_server(root, environment, log, options=()):
    """Give a server that answers. One that does not come up is started once again."""
    server = LabServer(root, environment, log, options)
    try:
        if not server.answers():
            # its port may have been taken between the choice and the start
            server.end()
            server = LabServer(root, environment, log, options)
            if not server.answers():
                raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")
        yield server
    finally:
        server.end()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
