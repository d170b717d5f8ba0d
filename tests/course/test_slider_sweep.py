"""The sweep that moves every control of every explorer: what a browser's user would see as broken
must be found. The lessons' explorers are swept where their notebooks are run, in tests/plugins.
"""

from pathlib import Path

import pytest
from nbformat import v4

from notebook_running import running_notebook
from tests.course.slider_sweep import explorers, settings, sweep

BROKEN_EXPLORERS = """
import numpy as np
from klteach.explorers.controls import Choice, Simplex, Slider
from klteach.explorers.explorer import Explorer
from klteach.explorers.frame import Frame, Invariant, Readout
from klteach.explorers.picture import Picture


def draw():
    picture = Picture(3, 2, [["only"]])
    picture.axes["only"].plot([0, 1])
    return picture


def explorer(title, update, *more):
    # too many states for a precomputed grid, which would raise before anybody moved anything
    slider = Slider("height", "Height", 0.0, 1.0, 0.0001, start=0.2)
    return Explorer(title=title, description="For a test.", controls=[slider, *more],
                    draw=draw, update=update)


def frame(values, margins=0.0):
    return Frame(readouts=[Readout("value", values)],
                 invariants=[Invariant("holds", margins + 0 * values)],
                 sentence=["A sentence."] * len(values))


def crashes(state):
    if np.any(state.height > 0.9):
        raise ZeroDivisionError("no height above 0.9")
    return frame(state.height)
"""
SHOWN_EXPLORERS = """
sound = explorer("sound", lambda s: frame(s.height + s.p @ [1, 2, 4] + 8 * s.view),
                 Simplex("p", "P", ["a", "b", "c"], 10, [2, 3, 5], minimum=1),
                 Choice("view", "View", ["near", "far", "wide"]))
dead = explorer("dead", lambda s: frame(s.height),
                Choice("view", "View", ["near", "far"]))
crashing = explorer("crashing", crashes)
untrue = explorer("untrue", lambda s: frame(s.height, margins=0.5 - s.height))
"""


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    notebook = v4.new_notebook(
        cells=[v4.new_code_cell(BROKEN_EXPLORERS), v4.new_code_cell(SHOWN_EXPLORERS)]
    )
    path = tmp_path_factory.mktemp("sweep") / "01_broken.ipynb"
    with running_notebook(notebook, path) as client:
        assert len(explorers(client.widget_state)) == 4
        yield sweep(client.widget_state, client.km)


def test_a_sound_explorer_passes(problems):
    assert [problem for problem in problems if problem.startswith("sound")] == []


def test_a_dead_control_is_found(problems):
    found = [problem for problem in problems if problem.startswith("dead")]
    assert found == ["dead: view = 1: the picture stays as it was"]


def test_a_crashing_update_is_found(problems):
    found = [problem for problem in problems if problem.startswith("crashing")]
    assert found == ["crashing: height = 1.0: ZeroDivisionError: no height above 0.9"]


def test_a_broken_invariant_is_found(problems):
    found = [problem for problem in problems if problem.startswith("untrue")]
    assert found == ["untrue: height = 1.0: an invariant FAILS, margin −0.500"]


def test_a_widget_that_answers_nothing_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.course.slider_sweep.ANSWER_SECONDS", 2)
    mute = (
        "import anywidget, traitlets\n"
        "class Mute(anywidget.AnyWidget):\n"
        "    spec = traitlets.Dict().tag(sync=True)\n"
        "mute = Mute(spec={'title': 'mute', 'controls': []})\n"
    )
    notebook = v4.new_notebook(cells=[v4.new_code_cell(mute)])
    with running_notebook(notebook, Path(tmp_path) / "01_mute.ipynb") as client:
        assert sweep(client.widget_state, client.km) == ["mute: at the start: no answer within 2 s"]


def test_settings_are_states_that_the_control_allows():
    slider = {"name": "x", "kind": "slider", "min": -1, "max": 2, "step": 0.5, "value": 0}
    assert settings(slider) == [-1, 0.5, 2]
    choice = {"name": "v", "kind": "choice", "options": ["a", "b"], "value": 1}
    assert settings(choice) == [0, 1]
    simplex = {"name": "p", "kind": "simplex", "labels": "abc", "total": 10, "minimum": 1}
    tried = settings(simplex)
    assert len(tried) == 9
    assert all(sum(shares) == 10 and min(shares) >= 1 for shares in tried)
    assert [1, 5, 4] in tried and [8, 1, 1] in tried and [1, 1, 8] in tried
    with pytest.raises(ValueError, match="'dial'"):
        settings({"name": "x", "kind": "dial"})
