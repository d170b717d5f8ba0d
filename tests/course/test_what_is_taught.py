"""The table of what is taught names cells that exist, and numbers that stand in them."""

import re

import pytest

from klteach.units import WRITTEN
from normalise_notebooks import read_notebook
from notebook_running import ROOT
from tests.units.lesson_text import output, plain

NAMES = {unit.code: unit.name for unit in WRITTEN}
ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| \[(?P<unit>\d\d)\]\(\.\./notebooks/(?P<name>\w+)\.ipynb\) "
    r"\| `(?P<cell>[\w-]+)` \| (?P<shown>[^|]+) \|$"
)
# or the name of something that was computed
NUMBER = re.compile(r"-?\b\d+(?:\.\d+)?%?(?!\w)|\b(?:inf|[0-9a-f]{8})\b")


def rows():
    table = (ROOT / "docs" / "what_is_taught.md").read_text(encoding="utf-8").split("\n")
    return [line for line in table if line.startswith("| ")][1:]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.split(" | ")[0].strip("| "))
def test_the_cell_exists_and_holds_the_numbers(row):
    match = ROW.match(row)
    assert match, row
    assert NAMES[match["unit"]] == match["name"] and match["cell"].startswith(match["unit"])
    cells = {
        cell.id: cell for cell in read_notebook(ROOT / f"notebooks/{match['name']}.ipynb").cells
    }
    cell = cells[match["cell"]]
    said = plain([cell.source, output(cell) if cell.cell_type == "code" else ""])
    numbers = NUMBER.findall(match["shown"].replace("−", "-"))
    assert numbers
    assert not [number for number in numbers if not stands_in(number, said)]


def stands_in(number, text):
    """Whether the text has this number, and not only a longer one that holds it."""
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\d|\.\d)", text)


def test_a_number_is_not_found_inside_of_another():
    assert stands_in("0.5", "is 0.5.") and stands_in("-0.5", "-0.5 nats")
    assert not stands_in("0.5", "0.55") and not stands_in("5", "0.5") and not stands_in("1", "1.5")
