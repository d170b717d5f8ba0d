"""Like with like: a weekend is held against weekends, or a Monday against Mondays."""

import datetime

from klteach.drift.errors import DriftError

_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LIKE = {
    "weekday": lambda when: _NAMES[when.weekday()],
    "weekend": lambda when: "weekend" if when.weekday() >= 5 else "workday",
    "month": lambda when: f"{when.month:02}",
    "hour": lambda when: f"{when.hour:02}",
}
POOLED = "none"  # every window is held against all others
# Days of a kind, from where on what they add up to is much surer than one of them is.
ENOUGH = 8


def like_labels(like: str, windows) -> list[str]:
    """What each window is like, from its name, which is a day or a time.

    Errors: DriftError for another way to be alike, or a window whose name is no day.

    >>> like_labels("weekday", ["2024-03-01", "2024-03-02"])
    ['Fri', 'Sat']
    """
    if like not in LIKE:
        raise DriftError(f"like {like!r} is not known; there are {', '.join([*LIKE, POOLED])}.")
    return [LIKE[like](_time(name, like)) for name in windows]


def usual_like(windows) -> str | None:
    """ "weekend" where all windows are days, and enough of them of either kind; None elsewhere.

    >>> usual_like([f"2024-03-{day:02}" for day in range(1, 32)]), usual_like(["3", "4"])
    ('weekend', None)
    """
    if not all(map(is_day, windows)):
        return None
    weekends = like_labels("weekend", windows).count("weekend")
    return "weekend" if ENOUGH <= weekends <= len(windows) - ENOUGH else None


def is_day(window) -> bool:
    """Whether the name of a window is a day, as 2024-03-01 is and 2024-W09 is not."""
    try:
        return datetime.date.fromisoformat(window).isoformat() == window
    except (TypeError, ValueError):
        return False


def _time(name, like) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(name)
    except (TypeError, ValueError):
        raise DriftError(
            f"the window {name!r} is no day or time, so it has no {like}; like is for windows of a "
            "column of times."
        ) from None
