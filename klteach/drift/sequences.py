"""Cells for data that come in sequences: texts of tokens, tasks of steps.

What is counted are the pieces, but what was drawn is the sequence: the pieces of one sequence
depend on each other, so a threshold for independent pieces is too low. That is why counts are kept
by window, one row for each sequence or for each day of them, for the null model `windows`.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np

from klteach.drift.binning import CATEGORIES, Binning
from klteach.drift.counting import count_categories
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram


@dataclass(frozen=True)
class Sequences:
    """Counts of pieces of sequences in cells that are locked on the baseline.

    A subclass says in `pieces` what is counted, and in `column` what it is called. A sequence that
    is None, or has no piece, counts once as missing: a source that has run dry is to be seen.
    """

    binning: Binning
    column = "piece"

    @staticmethod
    def pieces(sequence) -> Sequence[str | None]:
        """What is counted in one sequence."""
        raise NotImplementedError

    @classmethod
    def of(
        cls, sequences: Iterable | Mapping[str, int], most: int = 1000, column: str = ""
    ) -> Self:
        """A cell for each of the `most` commonest pieces of the baseline; the rest is "other".

        `sequences` may also be the counts themselves: {piece: count}. Pieces that come equally
        often are taken in the order of the alphabet. Errors: DriftError if there is no piece.
        """
        if isinstance(sequences, Mapping):
            found = Counter(sequences)
        else:
            found = Counter()
            for sequence in _each(sequences):
                found.update(cls._pieces(sequence))
        found.pop(None, None)
        if not found:
            raise DriftError(f"the baseline has no {cls.column} at all, so there are no cells.")
        if most < 1:
            raise DriftError(f"{most} cells for the column {cls.column!r}: at least 1 is needed.")
        ranked = sorted(found, key=lambda piece: (-found[piece], piece))
        return cls(Binning(column or cls.column, CATEGORIES, values=tuple(ranked[:most])))

    @classmethod
    def _pieces(cls, sequence):
        return [None] if sequence is None else cls.pieces(sequence) or [None]

    def count(self, sequences: Iterable) -> Histogram[Binning]:
        """The histogram of all pieces of all sequences."""
        pieces = chain.from_iterable(map(self._pieces, _each(sequences)))
        return Histogram(self.binning, count_categories(pieces, self.binning.values))

    def count_windows(
        self, sequences: Iterable, windows: Iterable[Hashable] | None = None
    ) -> np.ndarray:
        """A row of counts for each window: (W, k). They sum to the counts of `count`.

        `windows` names the window of each sequence, for example its day or its author; the rows
        come in the order in which windows first appear. Without it every sequence is one. Windows
        are compared with windows, so let each hold about as much as one check will.
        Errors: DriftError if there is not one name for each sequence.
        """
        sequences = list(_each(sequences))
        windows = range(len(sequences)) if windows is None else list(windows)
        if len(windows) != len(sequences):
            raise DriftError(f"{len(sequences)} sequences have {len(windows)} names of windows.")
        rows: dict[Hashable, Counter] = {}
        for window, sequence in zip(windows, sequences, strict=True):
            rows.setdefault(window, Counter()).update(self._pieces(sequence))
        counts = [count_categories(found, self.binning.values) for found in rows.values()]
        return np.array(counts, dtype=np.int64).reshape(-1, len(self.binning.cells))


def _each(sequences):
    if isinstance(sequences, str):
        raise DriftError("one text was passed where a list of sequences is needed: [text].")
    return sequences
