"""A written unit has nothing left that the pattern of new units marks as to be written."""

import pytest

from notebook_running import ROOT
from tests.plugins.unit_option import chosen

FILES = (
    "klteach/units/u{}/*.py",
    "tests/units/u{}/*.py",
    "notebooks/{}.ipynb",
    "solutions/{}.ipynb",
)


@pytest.mark.parametrize("unit", chosen(), ids=lambda unit: unit.name)
def test_nothing_is_left_to_do(unit):
    paths = [path for pattern in FILES for path in sorted(ROOT.glob(pattern.format(unit.name)))]
    left = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1)
        if "TODO" in line
    ]
    assert len(paths) > 4
    if left:
        pytest.fail("\n".join([f"{len(left)} lines to write:", *left]), pytrace=False)
