"""A simulated delivery service: orders day by day, a forecast of minutes, and three stories.

Nothing in here is measured. From day 29 on something is different, in each story another thing, and
a monitor that watches the recorded distances rings in all three.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

ORDERS = 400  # a day
KNOWN_GOOD = range(1, 22)  # days, three weeks: the first baseline
EVENT = 29  # the first day that is different
DAYS = 70
STORIES = ("a new district", "a week of rain", "a release")
QUIET = "nothing"
MARGIN = 5.0  # minutes; a forecast within it is right
WINDOW = 21  # days; the rolling window of a second training
KILOMETRES = 10  # cells of the model: 0 to 1 km, 1 to 2 km, ..., 9 km and more


@dataclass(frozen=True, eq=False)
class Orders:
    """Orders, one row each.

    day       the number of the day
    distance  in km, as the app records it: this is what the forecast and the monitor see
    true      in km, as the courier rode it
    minutes   what the delivery took, known in the evening
    """

    day: np.ndarray
    distance: np.ndarray
    true: np.ndarray
    minutes: np.ndarray

    def __len__(self):
        return len(self.day)

    def of_days(self, days) -> "Orders":
        return self.rows(np.isin(self.day, list(days)))

    def rows(self, chosen) -> "Orders":
        return Orders(
            self.day[chosen], self.distance[chosen], self.true[chosen], self.minutes[chosen]
        )

    def rolled_back(self, day: int) -> "Orders":
        """The same orders, with an app that records what was ridden from this day on."""
        distance = np.where(self.day >= day, self.true, self.distance)
        return Orders(self.day, distance, self.true, self.minutes)


def orders(story: str = QUIET, seed: int = 10, days: int = DAYS) -> Orders:
    """Orders of the days 1 to `days`, in a story that begins on day 29.

    "a new district"   from then on 35 % of the orders go across the river: 6 to 9 km, and a bridge
                       that costs 10 minutes more
    "a week of rain"   it keeps raining, people order from nearer shops, nothing else changes
    "a release"        the app writes 1.5 km into 30 % of the orders, whatever the distance

    The days before it are the same in all stories.

    >>> rain = orders("a week of rain")
    >>> len(rain), bool((rain.distance == rain.true).all())
    (28000, True)
    """
    if story not in (QUIET, *STORIES):
        raise ValueError(f"story {story!r} is not known; there are {', '.join((QUIET, *STORIES))}.")
    random = np.random.default_rng(seed)
    size = days * ORDERS
    day = np.repeat(np.arange(1, days + 1), ORDERS)
    usual, near = 6 * random.beta(2, 3, size), 6 * random.beta(2, 4.5, size)
    far = 6 + 3 * random.beta(2, 2, size)
    chance, luck = random.random(size), 2 * random.normal(size=size)
    after = day >= EVENT
    true = usual
    if story == "a new district":
        true = np.where(after & (chance < 0.35), far, usual)
    if story == "a week of rain":
        true = np.where(after, near, usual)
    distance = true
    if story == "a release":
        distance = released(true, chance, after)
    return Orders(day, distance, true, 8 + 6 * true + 10 * (true > 6) + luck)


def released(true, chance, after):
    """What the app records after the release: the fault meets 30 % of the orders."""
    return np.where(after & (chance < 0.3), 1.5, true)


def golden(seed: int = 290) -> Orders:
    """The golden set: 400 orders of known-good days, with the minutes that they took."""
    return orders(seed=seed, days=1)


def version(known: Orders) -> str:
    """A name for a golden set that changes with any of its orders: 8 digits of a checksum.

    To the metre and the second, so that it is the same on every machine.
    """
    rounded = np.round([1000 * known.true, 60 * known.minutes]).astype(np.int64)
    return hashlib.sha256(rounded.astype("<i8").tobytes()).hexdigest()[:8]


def through_the_app(known: Orders, day: int, story: str) -> Orders:
    """The golden orders as the app of that day records them."""
    chance = np.random.default_rng(291).random(len(known))
    if story != "a release":
        return known
    distance = released(known.true, chance, np.full(len(known), day >= EVENT))
    return Orders(known.day, distance, known.true, known.minutes)


@dataclass(frozen=True, eq=False)
class Forecast:
    """The model: for each kilometre the mean minutes of the orders that it was trained on."""

    minutes: np.ndarray

    @classmethod
    def trained_on(cls, past: Orders) -> "Forecast":
        """A kilometre without an order gets the mean of the next shorter one."""
        place = _kilometre(past.distance)
        rows = np.bincount(place, minlength=KILOMETRES)
        sums = np.bincount(place, past.minutes, KILOMETRES)
        known = np.maximum.accumulate(np.where(rows > 0, np.arange(KILOMETRES), 0))
        return cls((sums / np.maximum(rows, 1))[known])

    def right(self, now: Orders) -> np.ndarray:
        """For each order whether the forecast is within 5 minutes: the score of a row."""
        return abs(self.minutes[_kilometre(now.distance)] - now.minutes) <= MARGIN


def _kilometre(distance):
    return np.minimum(distance.astype(int), KILOMETRES - 1)
