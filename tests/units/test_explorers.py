"""Every explorer that a lesson shows, in all of its states or, where they are too many, in many.

What a picture says is tested in the unit's own test_explorer.py, by a second route; here is what
every explorer promises.
"""

import json
import math
import re
from functools import cache
from importlib import import_module

import numpy as np
import pytest

from klteach.explorers.explorer import GRID_LIMIT
from normalise_notebooks import read_notebook
from notebook_running import EXPLORER_IMPORT, ROOT
from tests.plugins.unit_option import chosen
from tests.units.states import margins_hold, one_hand, state_of

LARGEST_GRID = 1_000_000  # bytes that a page has to load before it moves
LARGEST_BACKGROUND = 120_000
LARGEST_ON_A_PAGE = 650_000  # bytes, of one that has coarser steps there


def shown_by(unit):
    """[(module, function)] of the explorers that the lesson imports."""
    lesson = read_notebook(ROOT / "notebooks" / f"{unit.name}.ipynb")
    sources = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "code")
    return EXPLORER_IMPORT.findall(sources)


@cache
def made(module, function):
    """(the explorer, the arrays of its states, its frame)"""
    module = import_module(module)
    explorer = getattr(module, function)()
    _, state = state_of(explorer)
    return explorer, state, explorer._update(state)


each_explorer = pytest.mark.parametrize(
    ("module", "function"),
    [
        pytest.param(*explorer, id=f"{unit.code} {explorer[1]}")
        for unit in chosen()
        for explorer in shown_by(unit)
    ],
)


@pytest.mark.parametrize("unit", chosen(), ids=lambda unit: unit.name)
def test_a_lesson_shows_an_explorer_of_its_own(unit):
    assert any(module == f"{unit.package}.explorer" for module, _ in shown_by(unit))


@each_explorer
def test_its_invariants_hold_in_every_state(module, function):
    _, _, frame = made(module, function)
    margins_hold(frame)
    assert not any(np.isnan(invariant.margins).any() for invariant in frame.invariants)


@each_explorer
def test_it_says_something_in_every_state(module, function):
    _, state, frame = made(module, function)
    states = len(next(iter(vars(state).values())))
    assert len(frame.sentence) == states
    assert all(re.fullmatch(r"\S.*[.?]", text, re.DOTALL) for text in frame.sentence)
    words = [word for column in frame.words() for word in column]
    assert not any(re.search(r"\bnan\b", word) for word in words)


@each_explorer
def test_it_moves_without_a_kernel_where_its_states_allow_it(module, function):
    explorer, _, _ = made(module, function)
    states = math.prod(control.count() for control in explorer._controls)
    assert bool(explorer.grid) == (states <= GRID_LIMIT)
    assert len(explorer.grid) < LARGEST_GRID
    assert len(explorer.spec["svg"]) < LARGEST_BACKGROUND
    if explorer.grid:
        return
    page = explorer.static_state()
    assert page is None or len(json.dumps(page)) < LARGEST_ON_A_PAGE


@each_explorer
def test_each_of_its_tasks_can_be_done_and_takes_looking_for(module, function):
    explorer, _, frame = made(module, function)
    start = {control.name: control.describe()["value"] for control in explorer._controls}
    near = [*one_hand(explorer), *(start | preset["state"] for preset in explorer.spec["presets"])]
    others = explorer._update(explorer._numeric(near)).tasks
    for task, other in zip(frame.tasks, others, strict=True):
        assert task.reached.any() or other.reached.any(), task.text
        assert task.reached.mean() < 0.75, task.text


@each_explorer
def test_its_first_state_is_the_line_of_text_that_a_notebook_keeps(module, function):
    explorer, _, _ = made(module, function)
    title, sentence, numbers = repr(explorer).split(" | ")
    assert title == explorer.spec["title"] and numbers
    assert sentence in explorer._alt
    assert "FAILS" not in numbers
