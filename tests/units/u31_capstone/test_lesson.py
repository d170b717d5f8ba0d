"""What lesson 31 and its exercises say: numbers by a second route, claims in words.

The nine measures by quadrature, the flights by counting one row after another.
"""

import bisect
import math
from functools import cache

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from klteach.data import flights
from klteach.units.u31_capstone.briefs import COLUMNS
from tests.units.lesson_text import read, says

LESSON = "notebooks/31_capstone"
EXERCISES = LESSON.replace("notebooks", "solutions")
LN2 = math.log(2)


# -- nine measures of two normals, by their definitions -------------------------------------------


def density(x):
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def integral(f, shift):
    """Of a function of the two densities and of log p/q at each place."""

    def at(x):
        return f(density(x - shift), density(x), shift * x - shift**2 / 2)

    return integrate.quad(at, -9, 9 + shift, limit=200, points=(0, shift / 2, shift))[0]


def kl(shift):
    return integral(lambda p, q, log_ratio: p * log_ratio, shift)


def psi(shift):
    return integral(lambda p, q, log_ratio: (p - q) * log_ratio, shift)


def js(shift):
    def gap(p, q, _):
        middle = (p + q) / 2
        return (p * math.log(p) + q * math.log(q)) / 2 - middle * math.log(middle)

    return integral(gap, shift)


def tv(shift):
    return integral(lambda p, q, _: abs(p - q) / 2, shift)


def hellinger(shift):
    return math.sqrt(integral(lambda p, q, _: (math.sqrt(p) - math.sqrt(q)) ** 2 / 2, shift))


def w1(shift):
    return integrate.quad(lambda x: special.ndtr(x) - special.ndtr(x - shift), -9, 10)[0]


MEASURES = {
    "W1 (in sds)": w1,
    "root of JS (bits)": lambda shift: math.sqrt(js(shift) / LN2),
    "total variation": tv,
    "Hellinger": hellinger,
    "root of JS (nats)": lambda shift: math.sqrt(js(shift)),
    "PSI": psi,
    "KL": kl,
    "JS (bits)": lambda shift: js(shift) / LN2,
    "JS (nats)": js,
}


@cache
def shift_at(name, value=0.1):
    """The shift at which a measure reaches a value."""
    return optimize.brentq(lambda shift: MEASURES[name](shift) - value, 0.01, 2, xtol=1e-6)


def shifts():
    return [shift_at(name) for name in MEASURES]


@cache
def crossing():
    """The shift at which PSI overtakes total variation."""
    return optimize.brentq(lambda shift: psi(shift) - tv(shift), 0.1, 1)


def slope(name, power=1, small=0.01):
    return MEASURES[name](small) / small**power


# -- the flights, row after row -------------------------------------------------------------------


@cache
def counted():
    """{day: counts in eleven cells} of January and February, the edges, and the rows of each."""
    winter = flights()
    by_day = {}
    for time, delay in zip(
        winter.time.astype("datetime64[D]").astype(str).tolist(),
        winter.columns["dep_delay"].tolist(),
        strict=True,
    ):
        by_day.setdefault(time, []).append(delay)
    january = sorted(
        x for day, delays in by_day.items() if day < "2013-02" for x in delays if x == x
    )
    edges = []
    for tenth in range(1, 10):
        place = tenth / 10 * (len(january) - 1)
        low = january[math.floor(place)]
        edges.append(low + (place % 1) * (january[math.ceil(place)] - low))
    edges = sorted(set(edges))
    table = {}
    for day, delays in by_day.items():
        if day < "2013-03":
            cells = [0] * (len(edges) + 2)
            for delay in delays:
                cells[-1 if delay != delay else bisect.bisect_left(edges, delay)] += 1
            table[day] = cells
    return table, edges


def added(rows):
    return [sum(column) for column in zip(*rows, strict=True)]


def psi_of(counts, baseline):
    n, m = sum(counts) + len(counts) / 2, sum(baseline) + len(counts) / 2
    shares = [((a + 0.5) / n, (b + 0.5) / m) for a, b in zip(counts, baseline, strict=True)]
    return sum((p - q) * math.log(p / q) for p, q in shares)


@cache
def judged(missing=True):
    """(PSI of each good day from the others, {day of February: PSI})"""
    table = {d: cells if missing else cells[:-1] for d, cells in counted()[0].items()}
    good = [cells for day, cells in table.items() if day < "2013-02"]
    null = [psi_of(day, added(good[:i] + good[i + 1 :])) for i, day in enumerate(good)]
    total = added(good)
    later = {day: psi_of(cells, total) for day, cells in table.items() if day >= "2013-02"}
    return null, later


def alarms(missing=True):
    null, later = judged(missing)
    return [day for day, effect in later.items() if effect >= 0.1 and max(null) < effect]


def p_value(effect, null):
    return (1 + sum(value >= effect for value in null)) / (1 + len(null))


def row(day):
    """What is printed of an alarm."""
    cells, effect = counted()[0][day], judged()[1][day]
    return (
        day + " PSI {:.2f} p {:.3f} missing {} of {} more than 40 minutes late {}",
        effect,
        p_value(effect, judged()[0]),
        cells[-1],
        sum(cells),
        cells[-2],
    )


def line_of_rows(day):
    cells, total = counted()[0][day], january()
    degrees = len(total) - 1
    return (1 / sum(cells) + 1 / sum(total)) * 2 * special.gammaincinv(degrees / 2, 0.95)


def january():
    return added(cells for day, cells in counted()[0].items() if day < "2013-02")


def above_their_rows():
    return [day for day, effect in judged()[1].items() if effect > line_of_rows(day)]


@cache
def origins():
    """{day: departures planned from Newark, Kennedy and LaGuardia} of the same days."""
    winter = flights()
    found = {}
    days = winter.time.astype("datetime64[D]").astype(str).tolist()
    for day, origin in zip(days, winter.columns["origin"].tolist(), strict=True):
        cells = found.setdefault(day, [0, 0, 0])
        cells["EJL".index(origin[0])] += 1
    return found


def origin_of(day):
    """(PSI, p, code) of a day in February, by the airports."""
    good = [cells for each, cells in sorted(origins().items()) if each < "2013-02"]
    null = [psi_of(cells, added(good[:i] + good[i + 1 :])) for i, cells in enumerate(good)]
    effect = psi_of(origins()[day], added(good))
    p = p_value(effect, null)
    return effect, p, int(p <= 0.05 and effect >= 0.1)


# -- the briefs -----------------------------------------------------------------------------------


def soft_entropy(logits, temperature):
    weights = [math.exp(z / temperature) for z in logits]
    return stats.entropy(weights)


FLOOR = 16 * soft_entropy((8, 4, 2, 0, 0), 4)


def ways(least):
    """How many of the 64 ways of six coins have at least so many alike."""
    return sum(max(bin(way).count("1"), 6 - bin(way).count("1")) >= least for way in range(64))


def columns(shift):
    """A row of the paper's table in E6."""
    return shift, psi(shift), js(shift), tv(shift)


SAID = {
    (LESSON, "text"): [
        (
            "At a cutoff of {:.1f}, W1 passes at a shift of {:.2f} standard deviations and "
            "Jensen–Shannon in nats at {:.2f}.",
            0.1,
            shift_at("W1 (in sds)"),
            shift_at("JS (nats)"),
        ),
        ("for a small shift | reaches {:.1f} at |", 0.1),
        ("| W1 (in sds) | $\\delta$ | $\\delta$ | {:.2f} |", shifts()[0]),
        (
            "| root of JS (bits) | no closed form | ${:.2f}\\,\\delta$ | {:.2f} |",
            slope("root of JS (bits)"),
            shifts()[1],
        ),
        (
            "| total variation | $2\\,\\Phi(\\delta/2) - 1$ | ${:.2f}\\,\\delta$ | {:.2f} |",
            slope("total variation"),
            shifts()[2],
        ),
        ("^2/8}}}}$ | ${:.2f}\\,\\delta$ | {:.2f} |", slope("Hellinger"), shifts()[3]),
        (
            "| root of JS (nats) | no closed form | ${:.2f}\\,\\delta$ | {:.2f} |",
            slope("root of JS (nats)"),
            shifts()[4],
        ),
        ("| PSI | $\\delta^2$ | $\\delta^2$ | {:.2f} |", shifts()[5]),
        ("| KL, either way | $\\delta^2/2$ | $\\delta^2/2$ | {:.2f} |", shifts()[6]),
        (
            "| JS (bits) | no closed form | ${:.2f}\\,\\delta^2$ | {:.2f} |",
            slope("JS (bits)", 2),
            shifts()[7],
        ),
        ("| JS (nats) | no closed form | $\\delta^2/8$ | {:.2f} |", shifts()[8]),
        (
            "from a shift of {:.2f} on, where both are {:.2f}, so which",
            *(crossing(), psi(crossing())),
        ),
        ("PSI: $\\delta = \\sqrt{{{:.2f}}} = {:.2f}$ standard", 0.09, shift_at("PSI", 0.09)),
        (
            "Total variation: ${:.2f}\\,\\delta = {:.2f}$, so $\\delta$ is about {:.2f}.",
            slope("total variation"),
            0.09,
            shift_at("total variation", 0.09),
        ),
        (
            "JS: $\\delta^2/8 = {:.2f}$, so $\\delta$ is about {:.2f}; the exact value is {:.2f}",
            0.09,
            math.sqrt(8 * 0.09),
            shift_at("JS (nats)", 0.09),
        ),
        ("its column would have moved by {:.2f}.", shift_at("JS (bits)", 0.09)),
        (
            "A cutoff of {:.1f} would have rung on {} of {} days",
            0.1,
            sum(value > 0.1 for value in judged()[0]),
            len(judged()[0]),
        ),
        (
            "With {} good days and a rate of {} % the line is the largest of them: "
            "${:.2f} \\cdot (1 + 31) = {:.1f}$",
            len(judged()[0]),
            5,
            0.05,
            0.05 * 32,
        ),
        ("is below {:.1f}, a shift of about {:.1f} standard", 0.1, shift_at("PSI")),
        ("at its {} late flights", counted()[0]["2013-02-27"][-2]),
        ("and a score of {:.4f} ([issue", math.sqrt(LN2)),
        (
            "With the cutoff left at {:.1f}, the change from one to the other moves the alarm "
            "from a shift of {:.2f} to one of {:.2f}. Small here; between root and divergence it "
            "is {:.2f} against {:.2f}.",
            0.1,
            shift_at("root of JS (nats)"),
            shift_at("root of JS (bits)"),
            shift_at("root of JS (bits)"),
            shift_at("JS (bits)"),
        ),
        ("happen by chance in {:.1f} % of runs", 100 * ways(6) / 64),
        ("five of six fulfil: {} of 64, seven times as often", ways(5)),
    ],
    (LESSON, "printed"): [
        (
            "A shift of {:.2f} sd and a cutoff of {:.2f}: W1 (in sds) rings; the other {} do not.",
            *(0.2, 0.1),
            sum(MEASURES[name](0.2) < 0.1 for name in MEASURES),
        ),
        (
            "shift: {:.2f} sd; cutoff: {:.2f}; above the cutoff: 1 of 9; TV² ≤ KL/2: holds, margin "
            "{:.3f}; JS ≤ PSI/4: holds, margin {:.3f}",
            *(0.2, 0.1),
            kl(0.2) / 2 - tv(0.2) ** 2,
            psi(0.2) / 4 - js(0.2),
        ),
        (
            "good days: median {:.3f} largest {:.3f}",
            np.median(judged()[0]),
            max(judged()[0]),
        ),
        ("good days above {:.1f}: {}", 0.1, sum(value > 0.1 for value in judged()[0])),
        *map(row, alarms()),
        (
            "median of the other days: {:.3f}",
            np.median([effect for day, effect in judged()[1].items() if day not in alarms()]),
        ),
        (
            "8 and 9 February: [{} {}] line: {}",
            *(round(judged(False)[1][f"2013-02-0{day}"], 2) for day in (8, 9)),
            round(max(judged(False)[0]), 2),
        ),
        ("days above the line: {} of {}", len(above_their_rows()), len(judged()[1])),
        (
            "median line {:.3f}, median PSI {:.3f}",
            np.median([line_of_rows(day) for day in judged()[1]]),
            np.median(list(judged()[1].values())),
        ),
    ],
    (EXERCISES, "text"): [
        (
            "\n".join(["| {:.1f} | {:.3f} | {:.3f} | {:.3f} |"] * 3),
            *(number for shift in (0.2, 0.4, 0.8) for number in columns(shift)),
        ),
        (
            "The loss loses {:.0f} % in ten epochs, and KL {:.0f} %.",
            100 * (1 - 20.65 / 21.90),
            100 * (1 - (20.65 - FLOOR) / (21.90 - FLOOR)),
        ),
    ],
    (EXERCISES, "printed"): [
        ("Per byte B is better, {:.2f} nats against {:.2f}: the", 2.31 / 4.8, 2.05 / 4.0),
        ("A loss of {:.2f} is a KL of {:.3f} nats and", 20.65, (20.65 - FLOOR) / 16),
        *(
            (f"{day} PSI {{:.4f}} p {{:.3f}} code {{}}", *origin_of(day))
            for day in ("2013-02-01", "2013-02-08", "2013-02-09")
        ),
        *(
            (
                f"epoch {epoch} loss {{:.2f}} KL {{:.4f}}",
                loss,
                (loss - FLOOR) / 16,
            )
            for epoch, loss in ((1, 21.90), (2, 20.90), (5, 20.66), (10, 20.65))
        ),
    ],
}
ALLOWED = {
    (LESSON, "text"): [
        ("alarm at the same number, 0.1.", "quoted"),
        ("1. Leave the cutoff at 0.1, and let", "a setting"),
        ("impossible at a cutoff of 0.1?", "a setting"),
        ("reports PSI 0.09, total variation 0.09 and JS 0.09 nats", "given"),
        ("the code said *at least 80 %*", "quoted"),
    ],
    # what a brief tells is given
    (EXERCISES, "printed"): [("a cutoff of 0.1 means three shifts", "given")],
    (EXERCISES, "text"): [
        ("A new kind that takes 0.5 % of", "given"),
        ("`cutoff` of 0.1; `days`", "given"),
        ("A has a loss of 2.05 nats a token, and its tokens are 4.0 bytes", "given"),
        ("B has 2.31 nats and 4.8 bytes", "given"),
        ("| loss | 21.90 | 20.90 | 20.66 | 20.65 | 20.65 |", "given"),
        ("another start end at 20.65, too", "given"),
        ("on 99 % of the images", "given"),
        ("it is 0.012, 0.004, -0.006, -0.013, -0.018.", "given"),
        ("a standard deviation of 0.4", "given"),
        ("2.48 % bought, of the second 2.51 %", "given"),
        ("`psi` and its cutoff of 0.1", "given"),
        ("*values above 0.1 are drift*", "given"),
    ],
}


# -- claims in words ------------------------------------------------------------------------------


def test_the_names_stand_in_the_order_in_which_they_ring():
    assert sorted(MEASURES, key=shift_at) == list(MEASURES)
    says(LESSON, "The first five go with the shift, the last four with its square")
    for name in list(MEASURES)[:5]:
        assert slope(name, small=0.02) == pytest.approx(slope(name, small=0.01), rel=1e-3)
    for name in list(MEASURES)[5:]:
        assert slope(name, 2, 0.02) == pytest.approx(slope(name, 2, 0.01), rel=1e-3)


def test_the_closed_forms_of_the_table():
    for shift in (0.1, 0.5, 1.0):
        assert w1(shift) == pytest.approx(shift, abs=1e-8)
        assert tv(shift) == pytest.approx(2 * stats.norm.cdf(shift / 2) - 1, abs=1e-8)
        assert hellinger(shift) == pytest.approx(math.sqrt(1 - math.exp(-(shift**2) / 8)))
        assert psi(shift) == pytest.approx(shift**2) == pytest.approx(2 * kl(shift))
    assert js(0.02) == pytest.approx(0.02**2 / 8, rel=1e-3)


def test_psi_never_rings_before_total_variation_at_a_tenth():
    """The third task: at larger cutoffs it does."""
    assert shift_at("PSI") > shift_at("total variation")
    assert shift_at("PSI", 0.3) < shift_at("total variation", 0.3)


def test_the_columns_by_hand_rank_as_the_lesson_says():
    says(LESSON, "The three rank as JS, PSI, TV")
    names = ("JS (nats)", "PSI", "total variation")
    by_hand = [shift_at(name, 0.09) for name in names]
    assert by_hand == sorted(by_hand, reverse=True)


def test_four_days_ring_and_without_a_cell_the_blizzard_does_not():
    days = [f"2013-02-{day}" for day in ("08", "09", "11", "27")]
    assert alarms() == days
    assert alarms(missing=False) == days[2:]
    says(LESSON, "The two days on which half of the flights were cancelled are quiet")
    for day in days[:2]:
        assert counted()[0][day][-1] / sum(counted()[0][day]) == pytest.approx(0.54, abs=0.04)
    assert "alarms in February: 08 09 11 27" in read(LESSON).printed


def test_the_edges_are_those_of_the_lesson():
    _, edges = counted()
    assert "minutes " + " ".join(f"{edge:.0f}" for edge in edges) in read(LESSON).printed
    assert edges == [round(edge) for edge in edges]


def test_the_gate_rings_seven_times_as_often_as_its_comment_says():
    says(LESSON, "fulfil: 14 of 64, seven times as often.")
    assert ways(5) == 7 * ways(6) and 5 / 6 >= 0.8 > 4 / 6


def test_the_columns_of_the_table_are_what_the_briefs_say():
    for column, measure in zip("ABC", (psi, js, tv), strict=True):
        assert measure(0.8) == pytest.approx(COLUMNS[column], abs=5e-4)
