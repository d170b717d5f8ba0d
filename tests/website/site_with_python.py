"""A site whose exercises are checked in the page, shown over HTTP as a page's Python needs it."""

import contextlib
import os

import pytest

from tests.website import making

VARIABLE = "KLTEACH_PYODIDE"


@contextlib.contextmanager
def served(folder, *units):
    """Build the site, or that of these units, and serve it; its address.

    Skips the test where nobody says which folder has the files of the browser's Python.
    """
    python = os.environ.get(VARIABLE)
    if not python:
        pytest.skip(f"{VARIABLE} does not name a folder; course.py site --fetch-python makes one")
    options = [word for unit in units for word in ("--unit", unit)]
    site = making.make_site(folder / "site", "--python", python, *options)
    with making.served(site) as address:
        yield address
