"""The README tells the truth: its example runs, its links lead somewhere.

Its map of the units is made from the course's table; test_course_lists.py holds it to that.
"""

import doctest
import re
from pathlib import Path

import pytest

from website.build import BINDER

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_example_runs():
    test = doctest.DocTestParser().get_doctest(TEXT, {}, "README", "README.md", 0)
    assert len(test.examples) == 4
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)#]+)", TEXT))
def test_its_links_lead_somewhere(link):
    assert (ROOT / link).exists()


def test_its_picture_says_what_it_shows():
    (alt,) = re.findall(r"^!\[([^\]]+)\]\(docs/", TEXT, flags=re.MULTILINE)
    assert "KL(P‖Q)" in alt


def test_binder_opens_the_release_that_the_pages_are_made_from():
    (badge,) = re.findall(r"\((https://mybinder\.org/v2/[^)]*)\)", TEXT)
    assert badge == f"{BINDER}/notebooks/00_start_here.ipynb"
