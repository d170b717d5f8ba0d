"""Windows of a baseline that are unlike the others: a holiday, an outage, a bad load, a weekend.

The null of windows takes every window of the baseline as one of the good ones, so a few bad ones
hide a drift that is as large as theirs, and weekends one of the workdays.
"""

import numpy as np

from klteach.drift.errors import DriftError
from klteach.drift.null import windows_null
from klteach.drift.profile import Profile
from klteach.drift.seasons import like_labels, usual_like
from klteach.drift.smoothing import Smoothing

# A window is named if its divergence (PSI) is so many times what four fifths of windows stay below,
# and too large for a drift of its size to be missed: a flag that is set now and then is no fault.
TIMES, MOST_OF = 8, 0.8
LEAST = 0.1
# Windows are of two kinds if they are so much nearer to their own kind than to all together.
NEARER = 0.5


def outlying_windows(baseline: Profile) -> dict[str, list[str]]:
    """The windows that stand out, and the columns in which they do; none without windows.

    >>> days = {"day": [d for d in range(20) for _ in range(50)], "x": list(range(50)) * 20}
    >>> days["x"][150:200] = [49] * 50
    >>> outlying_windows(Profile.of(days, window="day", cells=4))
    {'3': ['x']}
    """
    found: dict[str, list[str]] = {}
    like = usual_like(baseline.window_names)
    labels = like and like_labels(like, baseline.window_names)
    counts = baseline.window_counts or {}
    for column, windows in counts.items():
        null = windows_null("psi", Smoothing.additive(0.5), windows, like=labels)
        if not len(null.kept):
            continue
        usual = np.quantile(null.kept, MOST_OF)
        limit = max(TIMES * usual, LEAST)
        for place in np.flatnonzero(null.values > limit):
            found.setdefault(baseline.window_names[place], []).append(column)
    return {name: found[name] for name in baseline.window_names if name in found}


def seasonal_columns(baseline: Profile) -> dict[str, list[str]]:
    """The columns whose weekends are unlike their workdays: {"weekend": columns}, or none.

    None either where there are so many weekends that they are held against weekends anyway.

    >>> days = {"day": [f"2024-03-{1 + d:02}" for d in range(21) for _ in range(50)]}
    >>> days["x"] = [row % 50 + 9 * ((row // 50) % 7 in (1, 2)) for row in range(1050)]
    >>> seasonal_columns(Profile.of(days, window="day", cells=4))
    {'weekend': ['x']}
    """
    try:
        labels = like_labels("weekend", baseline.window_names)
    except DriftError:  # windows that are no days
        return {}
    if len(set(labels)) < 2 or usual_like(baseline.window_names):
        return {}
    found = []
    for column, windows in (baseline.window_counts or {}).items():
        together, apart = (
            np.median(windows_null("psi", Smoothing.additive(0.5), windows, like=like).kept)
            for like in (None, labels)
        )
        if apart < NEARER * together:
            found.append(column)
    return {"weekend": found} if found else {}
