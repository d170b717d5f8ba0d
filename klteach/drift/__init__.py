"""A drift monitor: locked cells, named smoothing, thresholds that know what no drift looks like.

P is the current data, which supplies the samples; Q is the baseline, which is the model. Everything
is in nats.

>>> baseline = Profile.of({"price": list(range(1000))}, cells=4)
>>> compare(baseline, {"price": list(range(200, 1200))}).headline
'drift in 1 of 1 column'

Where to look:

    choosing, binning                          which cells a column has, and what falls into them
    counting, histogram, profile               from a table to counts in locked cells
    engines: arrays, frames, files, sources    the same counts from arrays, data frames, large files
    csv_…                                      how a CSV is written
    values, windows, time_parts                what a value, a window and a part of a time are
    smoothing, divergence                      from two rows of counts to one number
    null, multiplicity                         how large that number gets without drift
    decisions, verdicts                        which of the columns drift, by that
    comparison, report, timeline               all of it, for one window and for many
    …_page, …_picture                          the same as one HTML file
    summary                                    a column in a few numbers
    overview, outliers, seasons                what a baseline watches; odd windows; like with like
    tokens, clusters, trajectories             other sources of cells
"""

from klteach.drift.binning import Binning
from klteach.drift.comparison import compare, compare_windows
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.null import NullModel
from klteach.drift.profile import Profile
from klteach.drift.report import DriftReport
from klteach.drift.smoothing import Smoothing
from klteach.drift.timeline import Timeline

__all__ = [
    "Binning",
    "DriftError",
    "DriftReport",
    "Histogram",
    "NullModel",
    "Profile",
    "Smoothing",
    "Timeline",
    "compare",
    "compare_windows",
]
