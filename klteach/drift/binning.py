"""The cells of one column, locked on the baseline.

Whoever bins the current data anew compares two different questions: one outlier moves every edge,
and a shift disappears. So the cells are made once, from the baseline, and carry a fingerprint.
"""

import base64
import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from klteach.drift.choosing import (
    OTHER,
    UNSEEN,
    cells_of_categories,
    cells_of_numbers,
    commonest,
    digest_of,
    plain_edges,
)
from klteach.drift.counting import SPECIAL_NUMBERS, count_numbers
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.values import as_categories, as_numbers, flag_spellings

NUMBERS, CATEGORIES = "numbers", "categories"
MISSING = "missing"


@dataclass(frozen=True)
class Binning:
    """The cells of one column.

    column      the name of the column
    kind        "numbers" or "categories"
    edges       of numbers: cell i holds edges[i-1] <= x < edges[i], and the outer cells are open;
                −∞, +∞ and missing values have cells of their own
    labels      names of those cells; made from the edges if there are none
    quantiles   whether the edges are values of the baseline itself, the smallest and the largest
                among them: then how many rows the baseline has in a cell is no chance
    values      of categories: a cell each; then the groups, one for all others, and one for missing
    groups      so many cells share the values that are in `known`, or all others if none is known
    known       digests of values of the baseline that are too rare for a cell of their own
    rest        what the cell for all others is called: "other", or "unseen" where every value that
                the baseline has belongs to another cell

    Errors: DriftError if the edges do not rise, a value comes twice, or the kind is unknown.

    >>> Binning.with_edges("age", [18, 65]).cells
    ('below 18', '18 to 65', '65 or more', '-inf', '+inf', 'missing')
    """

    column: str
    kind: str
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    quantiles: bool = False
    groups: int = 0
    known: tuple[int, ...] = ()
    rest: str = OTHER

    def __post_init__(self):
        if self.kind not in (NUMBERS, CATEGORIES):
            raise DriftError(
                f"column {self.column!r}: cells of the kind {self.kind!r}; there are {NUMBERS!r} "
                f"and {CATEGORIES!r}."
            )
        if not all(map(math.isfinite, self.edges)):
            raise DriftError(
                f"column {self.column!r}: an edge is not finite. The outer cells are open anyway."
            )
        if any(a >= b for a, b in pairwise(self.edges)):
            raise DriftError(f"column {self.column!r}: the edges {self.edges} do not rise.")
        if self.labels and len(self.labels) != len(self.edges) + 1:
            raise DriftError(
                f"column {self.column!r} has {len(self.labels)} names for {len(self.edges) + 1} "
                "cells."
            )
        if len(set(self.values)) < len(self.values):
            twice = [value for value, count in Counter(self.values).items() if count > 1]
            raise DriftError(f"column {self.column!r}: the category {twice[0]!r} comes twice.")
        if self.rest not in (OTHER, UNSEEN):
            raise DriftError(f"column {self.column!r}: all others are called {self.rest!r}.")

    @classmethod
    def with_edges(cls, column: str, edges: Sequence[float]) -> "Binning":
        """Cells between the given inner edges."""
        return cls(column, NUMBERS, edges=tuple(float(edge) for edge in edges))

    @classmethod
    def of_numbers(cls, column: str, values, cells: int = 10) -> "Binning":
        """The usual cells of numbers, open at both ends: edges at the quantiles of the baseline.

        A monitor sees more with `watching_numbers`.
        """
        return cls(column, NUMBERS, edges=plain_edges(column, values, cells))

    @classmethod
    def of_categories(cls, column: str, values, most: int = 50) -> "Binning":
        """A cell for each of the `most` commonest values of the baseline, and one for all others.

        A monitor sees more, and alarms less, with `watching_categories`.
        """
        return cls.of_category_counts(column, Counter(as_categories(values)), most)

    @classmethod
    def of_category_counts(cls, column: str, found: Counter, most: int = 50) -> "Binning":
        """The same from how often each value comes, None being missing."""
        return cls(column, CATEGORIES, values=commonest(column, found, most))

    @classmethod
    def watching_numbers(cls, column: str, values, cells: int = 10) -> "Binning":
        """Cells that see what is new, as `choosing.cells_of_numbers` says."""
        return cls(column, NUMBERS, **cells_of_numbers(column, values, cells))

    @classmethod
    def watching_categories(
        cls, column: str, found: Counter | None, most: int = 50
    ) -> "tuple[Binning, np.ndarray | None]":
        """Cells that see what is new, as `choosing.cells_of_categories` says.

        `found` is how often each value comes, None being missing; instead of it None if there
        are too many different ones to count. If half of the rows chose the
        cells, the counts of the others come with them.
        """
        chosen, others = cells_of_categories(column, found, most)
        binning = cls(column, CATEGORIES, **chosen)
        return binning, None if others is None else binning.count_found(others)

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """A name for each cell, in the order of the counts."""
        if self.kind == CATEGORIES:
            groups = tuple(f"group {place}" for place in range(1, 1 + self.groups))
            special = (*groups, self.rest, MISSING)
            # a category may be called "missing" itself, or 'missing' in quotes
            reserved = {*special, *map(repr, special)}
            names = (repr(v) if v in reserved else v for v in self.values)
            return (*names, *special)
        if self.labels:
            return (*self.labels, *SPECIAL_NUMBERS)
        if not self.edges:
            return ("any number", *SPECIAL_NUMBERS)
        return (*_interval_names(self.edges), *SPECIAL_NUMBERS)

    @property
    def regular(self) -> int:
        """How many cells come before the special ones."""
        return len(self.edges) + 1 if self.kind == NUMBERS else len(self.values)

    @cached_property
    def single(self) -> np.ndarray:
        """Of numbers, which of the cells between the edges hold but one value."""
        edges = np.array(self.edges)
        inner = np.nextafter(edges[:-1], np.inf) == edges[1:]
        return np.concatenate([[False], inner, [False]])

    @property
    def named(self) -> list[str]:
        """The texts of categories that have a cell of their own, other spellings of flags too."""
        return list(self._places)

    @property
    def closed(self) -> bool:
        """Whether all categories without a cell of their own fall into one cell."""
        return not self.groups

    @cached_property
    def fingerprint(self) -> str:
        """The same for the same cells, on every machine: 64 hexadecimal digits."""
        text = json.dumps(self.to_dict(), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()

    def count(self, values) -> "Histogram[Binning]":
        """The histogram of the values in these cells."""
        if self.kind == NUMBERS:
            counts = count_numbers(as_numbers(self.column, values), self.edges)
        else:
            counts = self.count_found(Counter(as_categories(values)))
        return Histogram(self, counts)

    def count_found(self, found: Mapping[str | None, int]) -> np.ndarray:
        """The counts from how often each category comes, None being missing."""
        counts = np.zeros(len(self.cells), dtype=np.int64)
        for value, rows in found.items():
            counts[self.place(value)] += rows
        return counts

    def cell_of(self, values) -> np.ndarray:
        """The number of the cell that each value falls into."""
        if self.kind == CATEGORIES:
            return np.array([self.place(value) for value in as_categories(values)], dtype=int)
        values = as_numbers(self.column, values)
        cells = np.searchsorted(self.edges, values, side="right")
        if values.dtype.kind == "f":
            special = (values == -np.inf, values == np.inf, values != values)
            for place, found in enumerate(special):
                cells[found] = self.regular + place
        return cells

    def place(self, value: str | None) -> int:
        """The number of the cell of one category, in its canonical text; None is missing."""
        if value is None:
            return len(self.cells) - 1
        place = self._places.get(value)
        if place is not None:
            return place
        digest = digest_of(value)
        if self.groups and (not self.known or digest in self._known):
            return len(self.values) + digest % self.groups
        return len(self.values) + self.groups

    @cached_property
    def _places(self) -> dict[str, int]:
        places = {value: place for place, value in enumerate(self.values)}
        spelled = flag_spellings(self.values)
        return {text: places[value] for text, value in spelled.items() if value in places} | places

    @cached_property
    def _known(self) -> frozenset[int]:
        return frozenset(self.known)

    def to_dict(self) -> dict:
        """The cells as plain values for a JSON file."""
        said: dict = {"column": self.column, "kind": self.kind}
        if self.kind == NUMBERS:
            said["edges"] = list(self.edges)
            if self.labels:
                said["labels"] = list(self.labels)
            if self.quantiles:
                said["quantiles"] = True
            return said
        said["values"] = list(self.values)
        if self.groups:
            said["groups"] = self.groups
        if self.known:
            packed = np.array(self.known, dtype="<u4").tobytes()
            said["known"] = base64.b64encode(packed).decode("ascii")
        if self.rest != OTHER:
            said["rest"] = self.rest
        return said

    @classmethod
    def from_dict(cls, saved: dict) -> "Binning":
        """The cells that `to_dict` described."""
        packed = base64.b64decode(saved.get("known", ""), validate=True)
        return cls(
            saved["column"],
            saved["kind"],
            edges=tuple(float(edge) for edge in saved.get("edges", ())),
            values=tuple(saved.get("values", ())),
            labels=tuple(saved.get("labels", ())),
            quantiles=bool(saved.get("quantiles", False)),
            groups=int(saved.get("groups", 0)),
            known=tuple(np.frombuffer(packed, dtype="<u4").tolist()),
            rest=saved.get("rest", OTHER),
        )


def _interval_names(edges) -> list[str]:
    """Names of the cells between edges; a cell from a number to the next one holds that alone."""
    after = {float(np.nextafter(edge, np.inf)): edge for edge in edges}
    plain = [edge for edge in edges if after.get(edge) not in edges]
    short = {edge: f"{edge:.6g}" for edge in plain}
    if len(set(short.values())) < len(plain):
        short = {edge: repr(edge) for edge in plain}
    names = [f"below {short[edges[0]]}"]
    for low, high in pairwise((*edges, math.inf)):
        if after.get(high) == low:
            names.append(short[low])
        elif low in short:
            names.append(
                f"{short[low]} or more" if high == math.inf else f"{short[low]} to {short[high]}"
            )
        else:
            above = f"above {short[after[low]]}"
            names.append(above if high == math.inf else f"{above}, below {short[high]}")
    return names
