"""What an explorer's `update` returns: the moving parts of the picture, and the words with them.

Every array has one row per state first, so that one call answers for a whole grid of states.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

DONE = "done"  # what a state says of a task that it fulfils


@dataclass(frozen=True)
class Readout:
    """A number under the picture, such as KL(P‖Q) = 1.102 nats."""

    label: str
    values: np.ndarray
    unit: str | Sequence[str] = ""
    digits: int = 3

    def texts(self):
        units = self.unit if not isinstance(self.unit, str) else [self.unit] * len(self.values)
        return [
            f"{text} {unit}".rstrip()
            for text, unit in zip(numbers(self.values, self.digits), units, strict=True)
        ]


@dataclass(frozen=True)
class Note:
    """A readout in words."""

    label: str
    strings: Sequence[str]

    def texts(self):
        return list(self.strings)


@dataclass(frozen=True)
class Invariant:
    """A statement that must hold in every state, with its margin: how far it is from failing."""

    label: str
    margins: np.ndarray
    digits: int = 3
    tolerance: float = 1e-9

    def texts(self):
        return [
            f"{'holds' if margin >= -self.tolerance else 'FAILS'}, margin {text}"
            for margin, text in zip(
                self.margins.tolist(), numbers(self.margins, self.digits), strict=True
            )
        ]


@dataclass(frozen=True)
class Table:
    """The picture in numbers: one row label per row, one array (states, rows) per column."""

    rows: Sequence[str]
    columns: dict[str, np.ndarray]
    digits: int = 3

    def texts(self):
        """One list of strings (one per state) per cell, row by row."""
        return [
            numbers(np.asarray(values)[:, row], self.digits)
            for row in range(len(self.rows))
            for values in self.columns.values()
        ]


@dataclass(frozen=True)
class Task:
    """Something to try: what, and in which states it has been done. It ticks itself."""

    text: str
    reached: np.ndarray

    def texts(self):
        return [DONE if reached else "" for reached in self.reached.tolist()]


@dataclass(frozen=True)
class Frame:
    """The moving parts for every state.

    shapes     {name: vertices (states, paths, vertices, 2)}, in the coordinates of their axes
    texts      {name: (x, y, strings)}, x and y of shape (states, count), strings a list of lists
    readouts, invariants, table, tasks
    sentence   one sentence per state that says what the picture shows
    """

    shapes: dict[str, np.ndarray] = field(default_factory=dict)
    texts: dict[str, tuple] = field(default_factory=dict)
    readouts: Sequence[Readout | Note] = ()
    invariants: Sequence[Invariant] = ()
    sentence: Sequence[str] = ()
    table: Table | None = None
    tasks: Sequence[Task] = ()

    def words(self):
        """Every string outside the picture: one list per place, with one string per state."""
        columns = [item.texts() for item in (*self.readouts, *self.invariants)]
        columns.append(list(self.sentence))
        columns += self.table.texts() if self.table else []
        return columns + [task.texts() for task in self.tasks]

    def word_layout(self):
        """The places that `words` fills, in the same order, the sentence after the invariants."""
        return {
            "readouts": [item.label for item in self.readouts],
            "invariants": [item.label for item in self.invariants],
            "rows": list(self.table.rows) if self.table else [],
            "columns": list(self.table.columns) if self.table else [],
            "tasks": [task.text for task in self.tasks],
        }


def number(value, digits=3):
    """A number as a reader wants it: fixed digits, a true minus sign, ∞ in one glyph.

    >>> number(1.10187), number(-0.00004), number(float("inf"))
    ('1.102', '0.000', '∞')
    """
    if math.isfinite(value):
        text = f"{value:.{digits}f}"
        if text.startswith("-"):
            text = text[1:] if float(text) == 0 else "−" + text[1:]
        return text
    if math.isnan(value):
        return "undefined"
    return "∞" if value > 0 else "−∞"


def numbers(values, digits=3):
    """`number` of every value; in a grid most values come often, so each is written once."""
    distinct, index = np.unique(values, return_inverse=True)
    texts = [number(value, digits) for value in distinct.tolist()]
    return [texts[place] for place in index.tolist()]


def each(sentence, *columns):
    """One sentence per state: `sentence` is called with one row of every column."""
    rows = (column.tolist() if isinstance(column, np.ndarray) else column for column in columns)
    return [sentence(*row) for row in zip(*rows, strict=True)]


def rectangles(left, bottom, width, height):
    """The corners of rectangles, (states, paths, 4, 2); the arguments broadcast."""
    left, bottom, width, height = np.broadcast_arrays(left, bottom, width, height)
    right, top = left + width, bottom + height
    x = np.stack([left, right, right, left], axis=-1)
    y = np.stack([bottom, bottom, top, top], axis=-1)
    return np.stack([x, y], axis=-1)


def diamond(x, y, size):
    """A diamond around a place, (states, 1, 4, 2); size is half its width and height."""
    corners = np.array([(-1, 0), (0, 1), (1, 0), (0, -1)]) * size
    return (corners + np.stack([x, y], axis=-1)[:, None])[:, None]


def line(x, y):
    """One polyline per state, (states, 1, vertices, 2); x may be the same for all states."""
    x, y = np.broadcast_arrays(x, y)
    return np.stack([x, y], axis=-1)[:, None]
