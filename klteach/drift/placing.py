"""From categories as they are found to the cells of a binning: the same on every engine."""

from collections import Counter
from collections.abc import Callable

import numpy as np

from klteach.drift.binning import Binning
from klteach.drift.values import flag_spellings


def placer(binning: Binning) -> Callable[[str | None], int]:
    """What gives the number of the cell of a canonical text; of None, that of missing."""
    flags = flag_spellings(binning.values)
    return lambda text: binning.place(text if text is None else flags.get(text, text))


def cell_counts(binning: Binning, found: Counter) -> np.ndarray:
    """The counts of the cells, from how often each canonical text comes."""
    place = placer(binning)
    counts = np.zeros(len(binning.cells), dtype=np.int64)
    for text, rows in found.items():
        counts[place(text)] += rows
    return counts


def named_values(binning: Binning) -> list[str]:
    """The texts that are told from each other; all others may be counted as one if it is closed."""
    return [*binning.values, *flag_spellings(binning.values)]
