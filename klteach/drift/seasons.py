"""Like with like: a Monday is held against Mondays."""

import datetime

from klteach.drift.errors import DriftError

_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LIKE = {
    "weekday": lambda when: _NAMES[when.weekday()],
    "weekend": lambda when: "weekend" if when.weekday() >= 5 else "workday",
    "month": lambda when: f"{when.month:02}",
    "hour": lambda when: f"{when.hour:02}",
}


def like_labels(like: str, windows) -> list[str]:
    """What each window is like, from its name, which is a day or a time.

    Errors: DriftError for another way to be alike, or a window whose name is no day.

    >>> like_labels("weekday", ["2024-03-01", "2024-03-02"])
    ['Fri', 'Sat']
    """
    if like not in LIKE:
        raise DriftError(f"like {like!r} is not known; there are {', '.join(LIKE)}.")
    return [LIKE[like](_time(name, like)) for name in windows]


def _time(name, like) -> datetime.datetime:
    try:
        return datetime.datetime.fromisoformat(name)
    except (TypeError, ValueError):
        raise DriftError(
            f"the window {name!r} is no day or time, so it has no {like}; like is for windows of a "
            "column of times."
        ) from None
