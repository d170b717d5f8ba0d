"""The widget: a pure function from a state to a picture and words, moved by the learner's hands.

Where the controls span a grid of a few thousand states, all of them are computed when the cell runs
and the browser needs no kernel from then on. Where there are more, the dragged bars follow in the
browser at once and the rest comes from the kernel, one request at a time, the latest state next.
"""

import base64
import itertools
import math
from functools import cached_property
from pathlib import Path
from types import SimpleNamespace

import anywidget
import numpy as np
import traitlets
from matplotlib import rc_context

from klteach.front_end import module

from . import still
from .grid import pack, smaller
from .look import MATPLOTLIB_STYLE

STATIC = Path(__file__).parent / "static"
SCRIPTS = [
    STATIC / f"{name}.js"
    for name in ("states", "page", "layout", "painting", "boxes", "hands", "explorer")
]
# a picture that says "drag" and does not move would be a riddle
NOTE = "Saved picture: run this cell to move it."
GRID_LIMIT = 4000  # states
GRID_BYTES = 2_000_000


class Explorer(anywidget.AnyWidget):
    """An interactive picture.

    title, description  what it is called and what it shows; with the sentence of the current state
                        they are the picture's text alternative
    controls            a list of `Slider`, `Simplex`, `Choice`
    draw()              returns the `Picture`, its live parts declared
    update(state)       returns the `Frame` of a batch of states: `state.NAME` is the array of a
                        control's values, one row per state
    presets             {name: {control name: raw value}}
    precompute          True for a grid in any case, False for the kernel in any case; None chooses
    coarser             the controls again, with larger steps and the same starts: where the states
                        of `controls` are too many, these span the grid of a page without a kernel

    Raises ValueError where a control, a preset or the frame does not fit, and where a grid would be
    too large.
    """

    _esm = STATIC / "loader.js"
    _css = STATIC / "explorer.css"

    code = traitlets.Unicode().tag(sync=True)
    # where the learner has moved it, which the browser alone reads and writes
    state: traitlets.Dict = traitlets.Dict().tag(sync=True)
    spec = traitlets.Dict().tag(sync=True)
    first = traitlets.Bytes().tag(sync=True)
    grid = traitlets.Bytes().tag(sync=True)
    # which of the tasks have been done
    reached: traitlets.List = traitlets.List().tag(sync=True)

    def __init__(
        self,
        *,
        title,
        description,
        controls,
        draw,
        update,
        presets=None,
        precompute=None,
        coarser=None,
    ):
        self._controls = controls
        self._update = update
        start = {control.name: control.describe()["value"] for control in controls}
        state = self._numeric([start])
        frame = update(state)
        with rc_context(MATPLOTLIB_STYLE):
            self._picture = draw()
            self._picture.freeze()
            numbers, strings = self._parts(frame, 1)
            self._picture.draw(frame, state)
            svg = self._picture.svg()
        self._line = _line(title, frame)
        self._alt = f"{title}. {description} {frame.sentence[0]}"
        self._at_the_start(frame)
        super().__init__(
            code=module(*SCRIPTS),
            spec={
                "title": title,
                "description": description,
                "svg": svg,
                "controls": _described(controls),
                "presets": [
                    {"name": name, "state": self._preset(start, preset)}
                    for name, preset in (presets or {}).items()
                ],
                "layout": self._picture.layout(frame),
                "words": frame.word_layout(),
                "strings": [column[0] for column in strings],
            },
            first=numbers.tobytes(),
            grid=self._grid(precompute),
        )
        self._coarser = None if coarser is None else self._fitting(coarser)
        self.on_msg(self._answer)

    @staticmethod
    def _at_the_start(frame):
        """Refuse a task that is done before anything was moved."""
        for task in frame.tasks:
            if task.reached[0]:
                raise ValueError(f"the task {task.text!r} is done at the start: there is no task")

    def _numeric(self, raws):
        """The arrays that `update` computes with, from a list of raw states."""
        return _arrays(self._controls, raws)

    def _checked(self, raw):
        names = {control.name for control in self._controls}
        if not isinstance(raw, dict) or set(raw) != names:
            raise ValueError(f"a state must name exactly the controls {sorted(names)}, got {raw!r}")
        return {control.name: control.check(raw[control.name]) for control in self._controls}

    def _preset(self, start, preset):
        """What a preset sets: its own controls, and no others that the learner has moved."""
        checked = self._checked(start | preset)
        return {name: checked[name] for name in preset}

    def _parts(self, frame, states):
        """(pixel numbers, strings) of a frame, checked for one row per state."""
        numbers = self._picture.vertices(frame)
        strings = self._picture.strings(frame) + frame.words()
        if len(numbers) not in (1, states) or any(len(column) != states for column in strings):
            raise ValueError(f"update must return one row per state ({states}) in every part")
        return numbers, strings

    def _grid(self, wanted):
        """Every state, packed; empty where the kernel is to answer."""
        states = math.prod(control.count() for control in self._controls)
        if wanted is None:
            wanted = states <= GRID_LIMIT
        if not wanted and self._picture.needs_grid:
            raise ValueError("a shape can be held only where all states are computed beforehand")
        if not wanted:
            return b""
        if states > GRID_LIMIT:
            factors = " × ".join(f"{each.name}: {each.count()}" for each in self._controls)
            raise ValueError(
                f"the grid would have {states} states ({factors}), and {GRID_LIMIT} is the limit: "
                "take larger steps, or leave out precompute=True and let the kernel answer"
            )
        return self._packed(self._controls)

    def _packed(self, controls):
        raws = [
            dict(zip((control.name for control in controls), values, strict=True))
            for values in itertools.product(*(control.every() for control in controls))
        ]
        keys = [
            [part for control in controls for part in control.key(raw[control.name])]
            for raw in raws
        ]
        frame = self._update(_arrays(controls, raws))
        for task in frame.tasks:
            if not task.reached.any():
                raise ValueError(f"the task {task.text!r} cannot be done: no state fulfils it")
        numbers, strings = self._parts(frame, len(raws))
        packed = pack(keys, numbers, strings)
        if len(packed) > GRID_BYTES:
            raise ValueError(
                f"the grid takes {len(packed) / 1e6:.1f} MB, and {GRID_BYTES / 1e6:.0f} MB is the "
                "limit: move fewer vertices, take larger steps, or set precompute=False"
            )
        return packed

    def _fitting(self, coarser):
        """The coarser controls, checked: what stands beside the picture holds for them as well."""
        if [(c.name, c.kind) for c in coarser] != [(c.name, c.kind) for c in self._controls]:
            raise ValueError("coarser must name the same controls, each of the same kind")
        start = {control["name"]: control["value"] for control in self.spec["controls"]}
        if self._on(coarser, start) != {c.name: c.describe()["value"] for c in coarser}:
            raise ValueError("coarser controls must start where the others do")
        for preset in self.spec["presets"]:
            self._on(coarser, preset["state"])
        return coarser

    def _on(self, coarser, state):
        """A state, or the part that a preset sets, in the raw values of coarser controls."""
        raws = {}
        for control, coarse in zip(self._controls, coarser, strict=True):
            if control.name in state:
                (value,) = control.numeric([state[control.name]])
                raws[control.name] = coarse.raw(value)
                if not np.allclose(coarse.numeric([raws[control.name]]), value, atol=1e-9):
                    raise ValueError(f"{state} lies between the steps of coarser {control.name!r}")
        return raws

    def static_state(self):
        """What a page without a kernel needs to show the explorer and to move it, ready for JSON.

        {"spec", "first", "grid"}, the last two packed arrays in base64; None where the states are
        too many to be computed beforehand, and no `coarser` controls were given: a kernel must
        answer there.
        """
        spec, grid = self.spec, self.grid
        if not grid and self._coarser is not None:
            grid = self._packed(self._coarser)
            spec = spec | {
                "controls": _described(self._coarser),
                "presets": [
                    preset | {"state": self._on(self._coarser, preset["state"])}
                    for preset in spec["presets"]
                ],
            }
        if not grid:
            return None
        packed = {"first": self.first, "grid": smaller(grid)}
        return {"spec": spec} | {
            name: base64.b64encode(content).decode("ascii") for name, content in packed.items()
        }

    def _answer(self, _, content, __):
        """Answer the browser's {"type": "state", "id", "state"} with a frame or with an error."""
        if content.get("type") != "state":
            return
        answer = {"type": "frame", "id": content.get("id")}
        try:
            raw = self._checked(content.get("state"))
            numbers, strings = self._parts(self._update(self._numeric([raw])), 1)
        except Exception as error:  # whatever an author's update raises belongs in the widget
            self.send({**answer, "type": "error", "text": f"{type(error).__name__}: {error}"})
            return
        self.send({**answer, "strings": [column[0] for column in strings]}, [numbers.tobytes()])

    @cached_property
    def _png(self):
        """The picture of the first state, drawn where it is shown and not before."""
        with rc_context(MATPLOTLIB_STYLE):
            return still.png(self._picture.figure, NOTE)

    def _repr_mimebundle_(self, **options):
        live, live_metadata = super()._repr_mimebundle_(**options) or ({}, {})
        data, metadata = still.mime_bundle(self._png, self._line, self._alt)
        return live | data, live_metadata | metadata

    def __repr__(self):
        return self._line


def _arrays(controls, raws):
    return SimpleNamespace(
        **{
            control.name: control.numeric([raw[control.name] for raw in raws])
            for control in controls
        }
    )


def _described(controls):
    return [
        {"name": control.name, "kind": control.kind, "label": control.label} | control.describe()
        for control in controls
    ]


def _line(title, frame):
    """The first state in one line of text: what a test, a terminal or a code host shows."""
    items = (*frame.readouts, *frame.invariants)
    numbers = "; ".join(f"{item.label}: {item.texts()[0]}" for item in items)
    return f"{title} | {frame.sentence[0]} | {numbers}"
