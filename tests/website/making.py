"""Builds a site for a test, and shows it over HTTP."""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from tests.browser import lab
from website.serve import address_of, server_of


def make_site(folder: Path, *options: str, seed: str = "0") -> Path:
    """Build in a process of its own, whose order of hashes is another with another seed."""
    subprocess.run(
        [sys.executable, "-m", "website", str(folder), *options],
        cwd=lab.ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder


@contextlib.contextmanager
def served(site: Path):
    """The site's address over HTTP.

    Whoever leaves a page in a moment after something was kept in it does so over HTTP. From the
    disk Chromium may show the next page in another process, and on a busy machine that does not
    know yet, or never will, what the first one kept: so it was in 6 of 165 tries beside a dozen
    busy processes, and in none of 170 over HTTP.
    """
    with server_of(site, port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield address_of(server)
        server.shutdown()
