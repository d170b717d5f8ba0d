"""Hour, weekday and week of NumPy times, as whole numbers to group by."""

import numpy as np

# NumPy counts days from 1 January 1970, a Thursday, and weeks run from Monday.
DAYS_BEFORE_FIRST_MONDAY = 4


def hour_of_day(time) -> np.ndarray:
    """The hour on the clock, 0 to 23.

    >>> int(hour_of_day(np.datetime64("2019-12-31T23", "h")))
    23
    """
    return np.asarray(time, dtype="datetime64[h]").astype(np.int64) % 24


def weekday(time) -> np.ndarray:
    """The day of the week: 0 is Monday, 6 is Sunday.

    >>> int(weekday(np.datetime64("2019-01-07", "D")))
    0
    """
    days = np.asarray(time, dtype="datetime64[D]").astype(np.int64)
    return (days - DAYS_BEFORE_FIRST_MONDAY) % 7


def week(time) -> np.ndarray:
    """The number of the week, Monday to Sunday, counted from the one of 5 January 1970.

    >>> int(week(np.datetime64("2019-01-14", "D")) - week(np.datetime64("2019-01-13", "D")))
    1
    """
    days = np.asarray(time, dtype="datetime64[D]").astype(np.int64)
    return (days - DAYS_BEFORE_FIRST_MONDAY) // 7
