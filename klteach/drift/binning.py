"""The cells of one column, locked on the baseline.

Whoever bins the current data anew compares two different questions: one outlier moves every edge,
and a shift disappears. So the cells are made once, from the baseline, and carry a fingerprint.
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from klteach.drift.counting import SPECIAL_NUMBERS, count_categories, count_numbers
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.values import as_categories, as_numbers

NUMBERS, CATEGORIES = "numbers", "categories"
SPECIAL_CATEGORIES = ("other", "missing")


@dataclass(frozen=True)
class Binning:
    """The cells of one column.

    column   the name of the column
    kind     "numbers" or "categories"
    edges    of numbers: cell i holds edges[i-1] <= x < edges[i], and the outer cells are open;
             −∞, +∞ and missing values have cells of their own
    values   of categories: a cell each; then one for all others, rare in the baseline or never seen
             there, and one for missing

    Errors: DriftError if the edges do not rise, a value comes twice, or the kind is unknown.

    >>> Binning.with_edges("age", [18, 65]).cells
    ('below 18', '18 to 65', '65 or more', '-inf', '+inf', 'missing')
    """

    column: str
    kind: str
    edges: tuple[float, ...] = ()
    values: tuple[str, ...] = ()

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
        if len(set(self.values)) < len(self.values):
            twice = [value for value, count in Counter(self.values).items() if count > 1]
            raise DriftError(f"column {self.column!r}: the category {twice[0]!r} comes twice.")

    @classmethod
    def of_numbers(cls, column: str, values, cells: int = 10) -> "Binning":
        """Cells with about equally many of the baseline's values: edges at its quantiles.

        A value that is frequent enough to be several quantiles at once gets a cell of its own, and
        few distinct values get one each. Errors: DriftError if no finite value is there.
        """
        # a midpoint of two 32-bit numbers would be rounded to 32 bits
        values = as_numbers(column, values).astype(float, copy=False)
        finite = values[np.isfinite(values)]
        if not len(finite):
            raise DriftError(
                f"column {column!r} of the baseline has no finite value, so it has no quantiles."
            )
        distinct = np.unique(finite[: 100 * cells])  # a look at some is enough to see many
        if len(distinct) <= cells:
            distinct = np.unique(finite)
        if len(distinct) == 1:
            # everything in one cell, and a cell on either side for what is not there yet
            edges = np.array([distinct[0], np.nextafter(distinct[0], np.inf)])
        elif len(distinct) <= cells:
            edges = np.unique(distinct[1:] / 2 + distinct[:-1] / 2)
        else:
            shares = np.arange(1, cells) / cells
            edges, times = np.unique(
                np.quantile(finite, shares, method="inverted_cdf"), return_counts=True
            )
            # the rest above it would share its cell, and could do anything there unseen
            edges = np.union1d(edges, np.nextafter(edges[times > 1], np.inf))
        return cls(column, NUMBERS, edges=tuple(float(edge) for edge in edges))

    @classmethod
    def with_edges(cls, column: str, edges: Sequence[float]) -> "Binning":
        """Cells between the given inner edges."""
        return cls(column, NUMBERS, edges=tuple(float(edge) for edge in edges))

    @classmethod
    def of_categories(cls, column: str, values, most: int = 50) -> "Binning":
        """A cell for each of the `most` commonest values of the baseline."""
        return cls.of_category_counts(column, Counter(as_categories(values)), most)

    @classmethod
    def of_category_counts(cls, column: str, found: Counter, most: int = 50) -> "Binning":
        """The same from how often each value comes, None being missing."""
        known = [(value, count) for value, count in found.items() if value is not None and count]
        if not known:
            raise DriftError(f"column {column!r} of the baseline has no value at all.")
        ranked = sorted(known, key=lambda item: (-item[1], item[0]))
        return cls(column, CATEGORIES, values=tuple(value for value, _ in ranked[:most]))

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """A name for each cell, in the order of the counts."""
        if self.kind == CATEGORIES:
            # a category may be called "missing" itself, or 'missing' in quotes
            reserved = {*SPECIAL_CATEGORIES, *map(repr, SPECIAL_CATEGORIES)}
            names = (repr(v) if v in reserved else v for v in self.values)
            return (*names, *SPECIAL_CATEGORIES)
        if not self.edges:
            return ("any number", *SPECIAL_NUMBERS)
        return (*_interval_names(self.edges), *SPECIAL_NUMBERS)

    @property
    def regular(self) -> int:
        """How many cells come before the special ones."""
        return len(self.edges) + 1 if self.kind == NUMBERS else len(self.values)

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
            counts = count_categories(as_categories(values), self.values)
        return Histogram(self, counts)

    def cell_of(self, values) -> np.ndarray:
        """The number of the cell that each value falls into."""
        if self.kind == CATEGORIES:
            places: dict[str | None, int] = {value: i for i, value in enumerate(self.values)}
            places[None] = len(self.values) + 1
            return np.array(
                [places.get(value, len(self.values)) for value in as_categories(values)], dtype=int
            )
        values = as_numbers(self.column, values)
        cells = np.searchsorted(self.edges, values, side="right")
        if values.dtype.kind == "f":
            special = (values == -np.inf, values == np.inf, values != values)
            for place, found in enumerate(special):
                cells[found] = self.regular + place
        return cells

    def to_dict(self) -> dict:
        """The cells as plain values for a JSON file."""
        cells = {"edges": list(self.edges)} if self.kind == NUMBERS else {"values": self.values}
        return {"column": self.column, "kind": self.kind} | cells

    @classmethod
    def from_dict(cls, saved: dict) -> "Binning":
        """The cells that `to_dict` described."""
        return cls(
            saved["column"],
            saved["kind"],
            edges=tuple(float(edge) for edge in saved.get("edges", ())),
            values=tuple(saved.get("values", ())),
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
