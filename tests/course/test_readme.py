"""The README tells the truth: its example runs, its links lead somewhere, its map is up to date."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def test_its_example_runs():
    test = doctest.DocTestParser().get_doctest(TEXT, {}, "README", "README.md", 0)
    assert len(test.examples) == 4
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("link", re.findall(r"\]\(((?!http)[^)#]+)", TEXT))
def test_its_links_lead_somewhere(link):
    assert (ROOT / link).exists()


def test_its_map_links_every_unit_that_is_written():
    assert re.findall(r"\(notebooks/([^)]+)\)", TEXT) == NOTEBOOKS
    written = re.findall(r"^\| [A-G] .*\|([ \d]*)\|$", TEXT, flags=re.MULTILINE)
    assert len(written) == 7
    assert " ".join(written).split() == [name[:2] for name in NOTEBOOKS]


def test_its_picture_says_what_it_shows():
    (alt,) = re.findall(r"^!\[([^\]]+)\]\(docs/", TEXT, flags=re.MULTILINE)
    assert "KL(P‖Q)" in alt
