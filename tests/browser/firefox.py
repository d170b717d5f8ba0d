"""Debian's Firefox, driven over WebDriver BiDi: the protocol that it speaks without a driver."""

import contextlib
import json
import re
import shutil
import subprocess
from itertools import count

import websocket

PATIENCE = 600  # seconds after which something is taken never to happen, on the busiest machine
NO_FIREFOX = "no Firefox here; on Debian: apt-get install firefox-esr"
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
# It talks to nobody: what is not on this machine goes to a proxy that is not there.
PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


def firefox():
    """The path of the browser, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


@contextlib.contextmanager
def running_firefox(folder):
    """A page of a headless Firefox whose profile is in `folder`."""
    profile = folder / "profile"
    profile.mkdir()
    lines = [f"user_pref({json.dumps(n)}, {json.dumps(v)});\n" for n, v in PREFERENCES.items()]
    (profile / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [firefox(), "--headless", "--no-remote", "--profile", str(profile)]
    with subprocess.Popen(
        [*command, "--remote-debugging-port=0", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            address = next(found[1] for line in process.stderr if (found := LISTENS.search(line)))
            yield FirefoxPage(f"{address}/session")
        finally:
            process.terminate()


class FirefoxPage:
    """The first tab: what it is told, what it asks for and what goes wrong in it."""

    def __init__(self, address):
        self._socket = websocket.create_connection(address, timeout=PATIENCE, suppress_origin=True)
        self._ids = count(1)
        self.problems, self.asked = [], []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        (tab, *_) = self._ask("browsingContext.getTree")["contexts"]
        self._tab = tab["context"]

    def _ask(self, method, **parameters):
        """What Firefox answers; events that come before it are noted."""
        number = next(self._ids)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
            self._note(message)

    def _note(self, message):
        event = message.get("params", {})
        if message.get("method") == "network.beforeRequestSent":
            self.asked.append(event["request"]["url"])
        elif message.get("method") == "log.entryAdded" and event["level"] in ("error", "warn"):
            self.problems.append(event["text"])

    def open(self, url):
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def run(self, script):
        """What an expression gives, or the promise that it gives; text, a number or true."""
        answer = self._ask(
            "script.evaluate",
            expression=script,
            target={"context": self._tab},
            awaitPromise=True,
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return answer["result"].get("value")

    def wait_for(self, condition):
        """Until an expression is true."""
        self.run(
            f"""new Promise((done) => {{
              const look = () => (({condition}) ? done(true) : setTimeout(look, 50));
              look();
            }})"""
        )

    def press(self, key):
        actions = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self._ask(
            "input.performActions",
            context=self._tab,
            actions=[{"type": "key", "id": "keys", "actions": actions}],
        )
