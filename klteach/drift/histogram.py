"""Counts in locked cells. The histogram of two parts is the sum of their histograms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from klteach.drift.errors import DriftError


class Cells(Protocol):
    """What a histogram has to know of its cells; a Binning knows it."""

    @property
    def column(self) -> str:
        """The name of the column."""

    @property
    def cells(self) -> tuple[str, ...]:
        """A name for each cell, in the order of the counts."""

    @property
    def fingerprint(self) -> str:
        """The same for the same cells, another for others."""


SomeCells = TypeVar("SomeCells", bound=Cells)


@dataclass(frozen=True, eq=False)
class Histogram(Generic[SomeCells]):
    """How many rows fall into each cell of a binning.

    Errors: DriftError if there is not one whole number, 0 or more, for each cell.
    """

    binning: SomeCells
    counts: np.ndarray

    def __post_init__(self):
        counts = np.asarray(self.counts)
        column, cells = self.binning.column, len(self.binning.cells)
        if counts.shape != (cells,):
            raise DriftError(f"column {column!r} has {cells} cells, and {counts.size} counts.")
        if counts.dtype.kind not in "iu" or (counts < 0).any():
            raise DriftError(
                f"column {column!r}: counts are whole numbers from 0 on. Shares or weights cannot "
                "be compared with a threshold that depends on the number of rows."
            )
        counts = counts.astype(np.int64)
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)

    @property
    def total(self) -> int:
        """The number of rows."""
        return int(self.counts.sum())

    def __add__(self, other: Histogram[SomeCells]) -> Histogram[SomeCells]:
        self.require_same_cells(other)
        return Histogram(self.binning, self.counts + other.counts)

    def __eq__(self, other) -> bool:
        return (
            isinstance(other, Histogram)
            and self.binning == other.binning
            and np.array_equal(self.counts, other.counts)
        )

    def require_same_cells(self, other: Histogram) -> None:
        """DriftError, with both fingerprints, if the other histogram has other cells."""
        mine, theirs = self.binning, other.binning
        if mine.fingerprint != theirs.fingerprint:
            raise DriftError(
                f"column {mine.column!r} has the cells {mine.fingerprint[:12]} here and column "
                f"{theirs.column!r} the cells {theirs.fingerprint[:12]} there. Counts in different "
                "cells cannot be compared: count both in the cells of the baseline."
            )
