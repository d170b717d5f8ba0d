"""Small profiles for the tests, made from counts: the law of rows without the rows."""

import numpy as np
from scipy.special import ndtr, ndtri

from klteach.drift.binning import Binning
from klteach.drift.histogram import Histogram
from klteach.drift.profile import Profile


def profile(columns, windows=None, window=None):
    """Counts of regular cells, or of all, for each column."""
    histograms = {}
    for name, counts in columns.items():
        values = tuple(f"v{place}" for place in range(len(counts)))
        binning = Binning(name, "categories", values=values)
        histograms[name] = Histogram(binning, np.array([*counts, 0, 0]))
    if windows is not None:
        windows = {name: np.pad(counts, ((0, 0), (0, 2))) for name, counts in windows.items()}
    rows = max((histogram.total for histogram in histograms.values()), default=0)
    return Profile(histograms, rows, window or {}, windows)


def of_windows(windows):
    """A baseline from the windows (W, k) of each column."""
    return profile({name: np.sum(w, axis=0) for name, w in windows.items()}, windows)


def normal_shares(shift, cells=10):
    """What a normal column with this shift puts into the deciles of one without."""
    below = ndtr(ndtri(np.arange(1, cells) / cells) - shift)
    return np.diff(below, prepend=0, append=1)


def table_counts(generator, shifts, rows):
    return {
        f"f{place}": generator.multinomial(rows, normal_shares(shift))
        for place, shift in enumerate(shifts)
    }


def days(generator, days, rows, cells=10, sd=0.1):
    """Counts of days (days, cells) whose normal values share a shift of `sd`."""
    shifts = generator.normal(0, sd, days)
    return np.array([generator.multinomial(rows, normal_shares(shift, cells)) for shift in shifts])
