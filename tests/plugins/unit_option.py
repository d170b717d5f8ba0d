"""`--unit 13`: everything that concerns one unit, and nothing else.

A test concerns a unit if the unit's code begins a word of its id: the unit's folder or notebook, or
a parameter such as "13 pinsker: bits" or "13-small". Tests over the units take them from
`chosen()`, so that a run for one unit imports no other. A unit that is not written yet is tested
only so.
"""

import os
import re

import pytest

from klteach.units import UNITS, WRITTEN
from klteach.units.lookup import at_hand

VARIABLE = "KLTEACH_TEST_UNIT"  # how the workers and the tests' modules know
# what a run for one unit collects, beside its own folder and notebooks
SHARED = ("tests/units/test_", "tests/course/test_notebooks.py", "tests/course/test_exercises.py",
          "tests/course/test_reference_notebooks.py", "tests/browser/test_lessons.py")  # fmt: skip


def chosen():
    """The units that this run tests: all that are written, or the one of `--unit`."""
    code = os.environ.get(VARIABLE)
    return tuple(unit for unit in UNITS if unit.code == code) if code else WRITTEN


def concerns(unit, nodeid):
    """Whether a test is about the unit."""
    return re.search(rf"(?<![\w.]){unit.code}(?=[\s_:-])|/u{unit.name}/", nodeid) is not None


def pytest_addoption(parser):
    parser.addoption(
        "--unit", metavar="NN", action="append", help="only what concerns this unit of the course"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    os.environ.pop(VARIABLE, None)
    codes = config.getoption("--unit")
    if not codes:
        return
    if len(codes) > 1:
        raise pytest.UsageError(f"--unit is given {len(codes)} times; a run tests one unit or all")
    code = codes[0].zfill(2)
    if code not in {unit.code for unit in UNITS}:
        raise pytest.UsageError(
            f"--unit {code}: the units go from {UNITS[0].code} to {UNITS[-1].code}"
        )
    if code not in at_hand():
        command = f".venv/bin/python tools/new_unit.py {code}"
        raise pytest.UsageError(f"unit {code} has no files yet; {command} lays them out")
    os.environ[VARIABLE] = code


def pytest_ignore_collect(collection_path, config):
    """Leave out what cannot concern the unit before it is imported, and units that are drafts."""
    place = collection_path.relative_to(config.rootpath).as_posix()
    units = chosen()
    for unit in UNITS:
        if unit not in units and (
            place == f"tests/units/u{unit.name}" or _is_notebook(place, unit)
        ):
            return True
    if os.environ.get(VARIABLE) and collection_path.is_file():
        own = any(concerns(unit, place) for unit in units)
        if not (own or place.startswith(SHARED)):
            return True
    return None


def _is_notebook(place, unit):
    return re.fullmatch(rf"(notebooks|solutions|exercises)/{unit.name}\.ipynb", place) is not None


def pytest_collection_modifyitems(config, items):
    if not os.environ.get(VARIABLE):
        return
    (unit,) = chosen()
    kept = [item for item in items if concerns(unit, item.nodeid)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept
