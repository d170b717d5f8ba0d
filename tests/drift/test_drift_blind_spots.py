"""Where monitors are blind, or alarm for nothing: ten inputs and more of each kind, all different.

A drift that has to be found is large enough to be found with any seed. Data without drift alarms
once in twenty times, as promised; such a case has a fixed seed that does not, among 3 that were
tried, or is drawn several times and may alarm a few times only.
"""

import datetime
import functools

import numpy as np
import polars
import pytest

from klteach.drift.comparison import compare, compare_windows
from klteach.drift.errors import DriftError
from klteach.drift.outliers import outlying_windows
from klteach.drift.profile import Profile
from tests.drift.review_cases import Desk

SEED = 2024


def each(*cases):
    """A test for each case, a function; it is called as the function is."""
    names = [case.__name__.strip("_") for case in cases]
    return pytest.mark.parametrize("case", cases, ids=names)


def drifting(report) -> set[str]:
    return {column.column for column in report.with_verdict("drift")}


def days(first, count, rows):
    return np.repeat(np.arange(first, first + count), rows)


def effects(random, day, size):
    """A number for each row that all rows of its day share."""
    _, places = np.unique(day, return_inverse=True)
    return random.normal(0, size, places.max() + 1)[places]


def mixed(random, names, shares, rows):
    return random.choice(names, rows, p=np.array(shares) / np.sum(shares)).tolist()


# 1. One column must not blind another one, nor itself. Each case makes a baseline with windows, a
# window to check, and the columns that have to be found; all others have to be quiet.


def a_number_that_was_always_the_same(random):
    def table(first, count, other):
        day = days(first, count, 100)
        level = np.where(random.random(len(day)) < other, 8, 7)
        return {"day": day, "level": level, "x": random.normal(size=len(day))}

    return table(0, 40, 0), table(40, 1, 0.2), {"level"}


def a_text_that_was_always_the_same_after_twenty_ordinary_columns(random):
    def table(first, count, other):
        day = days(first, count, 200)
        columns = {f"x{place}": random.normal(size=len(day)) for place in range(20)}
        unit = mixed(random, ["km", "mi"], [1 - other, other], len(day))
        return {"day": day, **columns, "unit": unit}

    return table(0, 60, 0), table(60, 1, 0.05), {"unit"}


def a_flag_that_was_never_set(random):
    def table(first, count, set_):
        day = days(first, count, 300)
        flag = random.random(len(day)) < set_
        return {"flag": flag, "day": day, "n": random.poisson(3, len(day))}

    return table(0, 30, 0), table(30, 1, 0.1), {"flag"}


def a_text_that_was_never_missing(random):
    def table(first, count, missing):
        day = days(first, count, 150)
        city = np.array(mixed(random, ["Ulm", "Bern", "Rome"], [5, 3, 2], len(day)), object)
        city[random.random(len(day)) < missing] = None
        return {"city": city.tolist(), "day": day, "constant": np.zeros(len(day), int)}

    return table(0, 45, 0), table(45, 1, 0.08), {"city"}


def a_flag_on_four_days_before_a_distance(random):
    def table(first, count, times):
        day = days(first, count, 400)
        error = np.isin(day, [3, 17, 18, 40]) & (random.random(len(day)) < 0.01)
        return {"error": error, "day": day, "km": random.gamma(3, 2, len(day)) * times}

    return table(0, 60, 1), table(60, 1, 1.4), {"km"}


def a_campaign_on_three_days_after_a_price(random):
    def table(first, count, shift):
        day = days(first, count, 250)
        price = random.lognormal(3 + shift, 0.5, len(day))
        rebate = np.where(np.isin(day, [8, 9, 30]), price * random.random(len(day)) / 4, 0)
        return {"day": day, "price": price, "rebate": rebate}

    return table(0, 40, 0), table(40, 1, 0.3), {"price"}


def days_with_heavy_tails_beside_a_score(random):
    def table(first, count, shift):
        day = days(first, count, 200)
        wild = random.standard_t(2, day.max() + 1)[day] * 0.1
        return {
            "day": day,
            "wild": random.normal(size=len(day)) + (wild if count > 1 else 0),
            "score": random.beta(2, 5, len(day)) + shift,
        }

    return table(0, 80, 0), table(80, 1, 0.1), {"score"}


def the_same_rows_every_day(random):
    def table(first, count, least):
        day = days(first, count, 240)
        hour = np.tile(np.arange(240) // 10, count)
        return {"day": day, "hour": np.maximum(hour, least), "x": random.normal(size=len(day))}

    return table(0, 50, 0), table(50, 1, 4), {"hour"}


def uneven_classes_of_pupils(random):
    def table(names, sizes, other):
        group = np.repeat(names, sizes)
        rows = len(group)
        language = mixed(random, ["de", "fr"], [1 - other, other], rows)
        return {"grade": random.integers(1, 7, rows), "language": language, "day": group}

    names = [f"class {number}" for number in range(25)]
    sizes = random.integers(60, 900, 25)
    return table(names, sizes, 0), table(["class 26"], [300], 0.08), {"language"}


def a_burst_that_is_a_hundred_times_the_usual_one(random):
    def table(first, count, burst):
        day = days(first, count, 500)
        hot = np.isin(day, [5, 20, 33, 34, 55]) | (count == 1)
        retries = np.where(hot & (random.random(len(day)) < burst), random.poisson(4, len(day)), 0)
        return {"day": day, "retries": retries, "x": random.standard_cauchy(len(day))}

    return table(0, 60, 0.003), table(60, 1, 0.3), {"retries"}


def words_of_zipf_between_constants(random):
    words = np.array([f"word{rank}" for rank in range(60)])
    shares = 1 / np.arange(1, 61)

    def table(first, count, order):
        day = days(first, count, 400)
        word = mixed(random, words[::order], shares, len(day))
        constants = {f"c{place}": ["only"] * len(day) for place in range(3)}
        return {**constants, "word": word, "zero": np.zeros(len(day)), "day": day}

    return table(0, 40, 1), table(40, 1, -1), {"word"}


def one_odd_row_in_a_column_that_was_always_the_same(random):
    then, now, _ = a_number_that_was_always_the_same(random)
    return then, now | {"level": np.array([8] + [7] * 99)}, set()


def one_odd_row_in_a_thousand(random):
    def table(first, count, odd):
        day = days(first, count, 1000)
        unit = ["km"] * (len(day) - odd) + ["mi"] * odd
        return {"unit": unit, "day": day, "x": random.normal(size=len(day))}

    return table(0, 60, 0), table(60, 1, 1), set()


def a_burst_like_the_known_ones(random):
    then, now, _ = a_burst_that_is_a_hundred_times_the_usual_one(random)
    retries = np.where(random.random(500) < 0.003, random.poisson(4, 500), 0)
    return then, now | {"retries": retries}, set()


def nothing_moves_among_constant_bursty_wild_and_ordinary_columns(random):
    def table(first, count):
        day = days(first, count, 200)
        rows = len(day)
        return {
            "constant": ["a"] * rows,
            "bursty": (day % 13 == 4) & (random.random(rows) < 0.02),
            "wild": random.pareto(1, rows),
            "day": day,
            "text": mixed(random, list("abcdef"), [30, 20, 10, 5, 2, 1], rows),
            "moving": random.normal(size=rows) + effects(random, day, 0.2),
            "x": random.normal(size=rows),
        }

    return table(0, 60), table(60, 1), set()


ONE_COLUMN_BLINDS_ANOTHER = each(
    a_number_that_was_always_the_same,
    a_text_that_was_always_the_same_after_twenty_ordinary_columns,
    a_flag_that_was_never_set,
    a_text_that_was_never_missing,
    a_flag_on_four_days_before_a_distance,
    a_campaign_on_three_days_after_a_price,
    days_with_heavy_tails_beside_a_score,
    the_same_rows_every_day,
    uneven_classes_of_pupils,
    a_burst_that_is_a_hundred_times_the_usual_one,
    words_of_zipf_between_constants,
    one_odd_row_in_a_column_that_was_always_the_same,
    one_odd_row_in_a_thousand,
    a_burst_like_the_known_ones,
    nothing_moves_among_constant_bursty_wild_and_ordinary_columns,
)


@ONE_COLUMN_BLINDS_ANOTHER
def test_1_a_column_is_judged_by_its_own_null_among_constant_and_bursty_ones(case):
    then, now, expected = case(np.random.default_rng(SEED))
    report = compare(Profile.of(then, window="day"), now)
    assert drifting(report) == expected and report.null == "windows"
    backwards = dict(reversed(then.items()))
    assert drifting(compare(Profile.of(backwards, window="day"), now)) == expected


@each(
    one_odd_row_in_a_column_that_was_always_the_same,
    one_odd_row_in_a_thousand,
    a_number_that_was_always_the_same,
    a_flag_that_was_never_set,
    a_burst_that_is_a_hundred_times_the_usual_one,
)
def test_1_a_column_by_itself_is_judged_as_among_others(case):
    then, now, expected = case(np.random.default_rng(SEED))
    for column in then:
        if column != "day":
            alone = Profile.of({"day": then["day"], column: then[column]}, window="day")
            report = compare(alone, {column: now[column]})
            assert drifting(report) == expected & {column}


# 2. What was never there is seen, wherever it lies. Each case makes a baseline, a table to check
# and the columns that have to be found.


def a_status_that_was_never_sent(random):
    def table(status):
        return {"status": random.choice(status, 1000), "bytes": random.pareto(2, 1000)}

    return (
        table([200] * 16 + [404, 500] * 2),
        table([200] * 15 + [206] + [404, 500] * 2),
        {"status"},
    )


def a_thirteenth_month(random):
    then = {"month": random.integers(1, 13, 2400)}
    return then, {"month": np.append(random.integers(1, 13, 1170), [13] * 30)}, {"month"}


def a_quarter_where_there_were_halves(random):
    then = {"stars": random.integers(2, 11, 900) / 2}
    now = random.integers(2, 11, 600) / 2
    now[:40] += 0.25
    return then, {"stars": now}, {"stars"}


def a_third_answer(random):
    then = {"agreed": mixed(random, ["yes", "no"], [7, 3], 500), "zip": ["00000"] * 500}
    now = {"agreed": mixed(random, ["yes", "no", "maybe"], [66, 28, 6], 500), "zip": ["0"] * 500}
    return then, now, {"agreed", "zip"}


def a_country_in_place_of_the_rare_ones(random):
    names = np.array([f"C{number}" for number in range(70)])
    shares = np.append(np.full(50, 0.018), np.full(20, 0.005))

    def table(rows, new=None):
        country = random.choice(names, rows, p=shares)
        country[np.isin(country, names[50:]) & (new is not None)] = new or ""
        return {"n": random.poisson(9, rows), "country": country.tolist()}

    return table(6000), table(1500, "XX"), {"country"}


def a_new_catalogue_of_what_is_seldom_sold(random):
    def table(prefix, rows=4000):
        rank = np.minimum(random.zipf(1.3, rows), 3000)
        return {"sku": [f"{prefix if number > 50 else 'A'}{number}" for number in rank]}

    return table("A"), table("B"), {"sku"}


def one_user_does_everything(random):
    def table(users):
        return {"user": [f"u-{number}" for number in users], "x": random.normal(size=len(users))}

    return table(random.permutation(5000)), table([17] * 400), {"user"}


def three_remarks_for_all(random):
    then = {"remark": [f"text number {number}" for number in random.permutation(3000)]}
    return then, {"remark": mixed(random, ["ok", "n/a", "see above"], [1, 1, 1], 300)}, {"remark"}


def negative_durations(random):
    then = {"ms": random.gamma(2, 50, 3000)}
    now = random.gamma(2, 50, 1500)
    now[:40] *= -1
    return then, {"ms": now}, {"ms"}


def percentages_above_a_hundred(random):
    then = {"percent": random.uniform(0, 100, 5000), "share": random.beta(0.5, 0.5, 5000)}
    now = random.uniform(0, 100, 1000)
    now[now > 97] += 10
    return then, {"percent": now, "share": random.beta(0.5, 0.5, 1000)}, {"percent"}


def claims_that_are_seldom_and_ten_times_as_large(random):
    def table(rows, times):
        paid = random.lognormal(5, 1, rows) * times
        return {"claim": np.where(random.random(rows) < 0.96, 0, paid)}

    return table(6000, 1), table(3000, 10), {"claim"}


def a_sentinel_for_missing(random):
    then = {"temperature": random.normal(12, 8, 4000).round(1)}
    now = random.normal(12, 8, 1000).round(1)
    now[::100] = -999
    return then, {"temperature": now}, {"temperature"}


def ratios_to_nearly_nothing(random):
    then = {"ratio": random.lognormal(0, 1, 2000)}
    now = random.lognormal(0, 1, 1000)
    now[:15] = 1e300
    return then, {"ratio": now}, {"ratio"}


def hours_that_no_day_has(random):
    def table(rows, late):
        hours = random.integers(0, 24, rows) + np.where(random.random(rows) < late, 24, 0)
        return polars.DataFrame({"hour": hours, "even": hours % 2 == 0})

    return table(2400, 0), table(1200, 0.03), {"hour"}


def the_largest_counts_grow(random):
    then = {"visits": random.poisson(8, 3000)}
    now = random.poisson(8, 1500)
    now[now >= 13] += 20
    return then, {"visits": now}, {"visits"}


@each(
    a_status_that_was_never_sent,
    a_thirteenth_month,
    a_quarter_where_there_were_halves,
    a_third_answer,
    a_country_in_place_of_the_rare_ones,
    a_new_catalogue_of_what_is_seldom_sold,
    one_user_does_everything,
    three_remarks_for_all,
    negative_durations,
    percentages_above_a_hundred,
    claims_that_are_seldom_and_ten_times_as_large,
    a_sentinel_for_missing,
    ratios_to_nearly_nothing,
    hours_that_no_day_has,
    the_largest_counts_grow,
)
def test_2_what_was_never_there_is_seen(case):
    then, now, expected = case(np.random.default_rng(SEED))
    assert drifting(compare(Profile.of(then), now)) == expected


def cauchy(random, rows):
    return random.standard_cauchy(rows)


def pareto_without_a_mean(random, rows):
    return random.pareto(0.7, rows)


def lognormal_over_many_powers_of_ten(random, rows):
    return random.lognormal(0, 4, rows)


def rounded_amounts(random, rows):
    return random.lognormal(2, 1, rows).round(1)


def counts_with_a_long_tail(random, rows):
    return random.negative_binomial(1, 0.1, rows)


def numbers_that_are_nearly_all_zero(random, rows):
    return np.where(random.random(rows) < 0.97, 0, random.pareto(1, rows))


def three_codes_of_which_one_is_rare(random, rows):
    return random.choice([1, 2, 99], rows, p=[0.6, 0.395, 0.005])


def a_third_is_missing(random, rows):
    return np.where(random.random(rows) < 1 / 3, np.nan, random.exponential(1, rows))


def words_of_which_some_are_always_new(random, rows):
    return [f"w{rank}" for rank in np.minimum(random.zipf(1.5, rows), 10**9)]


def big_numbers_close_together(random, rows):
    return 2**52 + random.integers(0, 50, rows)


LAWS_WITH_TAILS = each(
    cauchy,
    pareto_without_a_mean,
    lognormal_over_many_powers_of_ten,
    rounded_amounts,
    counts_with_a_long_tail,
    numbers_that_are_nearly_all_zero,
    three_codes_of_which_one_is_rare,
    a_third_is_missing,
    words_of_which_some_are_always_new,
    big_numbers_close_together,
)


def alarms(law, baseline_rows, current_rows, tables, **options):
    """How many of so many pairs of tables of one law alarm."""
    found = 0
    for table in range(tables):
        random = np.random.default_rng([SEED, table])
        baseline = Profile.of({"x": law(random, baseline_rows)}, **options)
        found += compare(baseline, {"x": law(random, current_rows)}).verdict == "drift"
    return found


@LAWS_WITH_TAILS
def test_2_new_extremes_of_the_same_law_are_no_drift(case):
    # of twelve, four or more alarm with a probability of 0.2 %
    assert alarms(case, 1500, 700, 12) <= 3


# 3. Cells that were chosen on the baseline fit it better than other data of the same law.


def _uniform(values):
    def law(random, rows):
        return [f"v{number}" for number in random.integers(0, values, rows)]

    law.__name__ = f"{values}_texts"
    return law


def postal_codes_in_numbers(random, rows):
    return random.integers(100, 500, rows) * 37


def names_by_zipf(random, rows):
    shares = np.arange(1, 3001) ** -0.7
    return [f"n{rank}" for rank in random.choice(3000, rows, p=shares / shares.sum())]


def session_tokens(random, rows):
    return [f"{number:015x}" for number in random.integers(0, 2**60, rows)]


def addresses(random, rows):
    return [f"p{number}@example.com" for number in random.integers(0, 900, rows)]


def mostly_one_text(random, rows):
    rare = random.integers(0, 400, rows)
    return np.where(random.random(rows) < 0.8, "usual", [f"r{n}" for n in rare]).tolist()


def two_hundred_numbers(random, rows):
    return random.integers(0, 200, rows)


def plain_numbers(random, rows):
    return random.normal(size=rows)


MANY_CATEGORIES = [
    (_uniform(20), {}),
    (_uniform(60), {}),
    (_uniform(200), {}),
    (_uniform(1000), {}),
    (postal_codes_in_numbers, {"categorical": ["x"]}),
    (names_by_zipf, {}),
    (session_tokens, {}),
    (addresses, {}),
    (mostly_one_text, {}),
    (two_hundred_numbers, {}),
    (plain_numbers, {"cells": 20}),
    (plain_numbers, {"cells": 4}),
]


@pytest.mark.parametrize(
    "law, options",
    MANY_CATEGORIES,
    ids=[law.__name__ + "".join(map(str, options)) for law, options in MANY_CATEGORIES],
)
@pytest.mark.parametrize("rows", [(1000, 1000), (3000, 600)])
def test_3_cells_that_were_chosen_on_the_baseline_are_no_drift(law, options, rows):
    # of twelve, four or more alarm with a probability of 0.2 %
    assert alarms(law, *rows, 12, **options) <= 3


def half_of_the_codes_are_gone(random):
    law = _uniform(200)
    return law(random, 3000), _uniform(100)(random, 1000)


def names_lose_their_order(random):
    shares = np.arange(1, 3001) ** -1.0
    now = [f"n{2999 - rank}" for rank in random.choice(3000, 1000, p=shares / shares.sum())]
    return names_by_zipf(random, 3000), now


def the_usual_text_is_less_usual(random):
    return mostly_one_text(random, 2000), mostly_one_text(random, 500) + ["r7"] * 60


def a_tenth_of_the_tokens_is_one_token(random):
    return session_tokens(random, 3000), session_tokens(random, 900) + ["0" * 15] * 100


def a_fifth_of_the_addresses_is_new(random):
    new = [f"q{number}@example.org" for number in range(200)]
    return addresses(random, 4000), addresses(random, 800) + new


def numbers_crowd_at_one_end(random):
    now = np.minimum(two_hundred_numbers(random, 800), two_hundred_numbers(random, 800))
    return two_hundred_numbers(random, 1600), now


@each(
    half_of_the_codes_are_gone,
    names_lose_their_order,
    the_usual_text_is_less_usual,
    a_tenth_of_the_tokens_is_one_token,
    a_fifth_of_the_addresses_is_new,
    numbers_crowd_at_one_end,
)
def test_3_and_they_still_see_a_drift(case):
    then, now = case(np.random.default_rng(SEED))
    assert compare(Profile.of({"x": then}), {"x": now}).verdict == "drift"


# 4. Whoever keeps windows has them used. A case is the names of windows, and how the values of one
# move with a number that all of its rows share.


def _names(kind, count):
    start = datetime.datetime(2024, 1, 1)
    if kind in ("hour", "week", "month"):
        # rows of one window differ in their seconds; the 28th is in every month
        step = {"hour": 1, "week": 7 * 24, "month": 0}[kind]
        return [
            datetime.datetime(2020 + n // 12, 1 + n % 12, 28)
            if kind == "month"
            else start + datetime.timedelta(hours=step * n)
            for n in range(count)
        ]
    made = {
        "days as numbers": lambda n: n,
        "days as text": lambda n: str((start + datetime.timedelta(days=n)).date()),
        "dates": lambda n: (start + datetime.timedelta(days=n)).date(),
        "times": lambda n: start + datetime.timedelta(days=n, hours=n % 24),
        "classes": lambda n: f"class {chr(65 + n % 26)}{n // 26}",
        "umlauts": lambda n: f"Größe №{n}, «a»",
        "floats": lambda n: n / 4,
    }[kind]
    return [made(n) for n in range(count)]


def _texts(random, share, rows):
    return np.where(random.random(rows) < share, "a", "b").tolist()


def _seldom(random, share, rows):
    return np.where(random.random(rows) < share, random.pareto(1, rows), 0)


def _often_missing(random, share, rows):
    return np.where(random.random(rows) < share, np.nan, random.normal(size=rows))


def _few_codes(random, shift, rows):
    weights = np.exp(-shift * np.arange(6))
    return random.choice(6, rows, p=weights / weights.sum())


def _words(random, share, rows):
    return [f"w{rank}" for rank in np.minimum(random.geometric(share, rows), 40)]


WINDOWED = [
    ("days as numbers", lambda random, s, rows: random.normal(s, 1, rows)),
    ("days as text", lambda random, s, rows: _texts(random, 0.3 + s / 4, rows)),
    ("dates", lambda random, s, rows: random.poisson(np.exp(1 + s / 2), rows)),
    ("times", lambda random, s, rows: random.lognormal(s, 1, rows)),
    ("hour", lambda random, s, rows: random.random(rows) < 0.4 + s / 3),
    ("week", lambda random, s, rows: _seldom(random, 0.35 + s / 2, rows)),
    ("month", lambda random, s, rows: _often_missing(random, 0.3 + s / 3, rows)),
    ("classes", lambda random, s, rows: random.beta(2, 5 * np.exp(-s), rows)),
    ("umlauts", _few_codes),
    ("floats", lambda random, s, rows: _words(random, min(0.9, 0.2 * np.exp(s)), rows)),
]


@functools.cache
def _windowed(place):
    """A baseline of 60 windows that differ, and tables of a window like them and of one unlike."""
    kind, law = WINDOWED[place]
    random = np.random.default_rng([SEED, place])
    shifts = random.normal(0, 0.2, 60)
    rows = random.integers(400, 700, 60)
    names = _names(kind, 60)
    values = [law(random, shift, count) for shift, count in zip(shifts, rows, strict=True)]
    columns = {
        "window": [name for name, count in zip(names, rows, strict=True) for _ in range(count)],
        "x": [value for part in values for value in part],
    }
    table = polars.DataFrame(columns, strict=False)
    period = kind if kind in ("hour", "week", "month") else "day"
    baseline = Profile.of(table, window="window", period=period)
    return baseline, {"x": law(random, 0.3, 600)}, {"x": law(random, 1.2, 600)}


KINDS = pytest.mark.parametrize("place", range(len(WINDOWED)), ids=[kind for kind, _ in WINDOWED])


@KINDS
def test_4_a_window_like_the_others_is_no_drift_by_default(place):
    baseline, quiet, _ = _windowed(place)
    report = compare(baseline, quiet)
    assert (report.null, report.verdict) == ("windows", "no drift")
    assert baseline.window["windows"] == 60
    # rows that share a window are not independent, and whoever takes them as such is told so
    rows = compare(baseline, quiet, null="permutation")
    assert rows.verdict == "drift" and "alarms too often" in " ".join(rows.notes)


@KINDS
def test_4_a_window_unlike_the_others_is_drift_by_default(place):
    baseline, _, shifted = _windowed(place)
    assert compare(baseline, shifted).verdict == "drift"


# 5. Several windows in one file. A case gives the windows of a baseline and those of a file, the
# options of the check, the exit code, and how many windows drift at least and at most.


def _rows(random, names, shifts, rows=120):
    window = [name for name in names for _ in range(rows)]
    own = np.repeat(shifts, rows)
    return polars.DataFrame({"day": window, "x": random.normal(size=len(own)) + own})


def _dates(first, count):
    start = datetime.date(2024, 1, 1)
    return [start + datetime.timedelta(days=first + day) for day in range(count)]


def fourteen_days_all_a_little_off(random):
    base = _rows(random, range(60), random.normal(0, 0.05, 60))
    return base, _rows(random, range(60, 74), np.full(14, 0.4)), (), 1, (8, 14)


def six_of_fourteen_dates(random):
    base = _rows(random, _dates(0, 40), np.zeros(40))
    return base, _rows(random, _dates(40, 14), [0] * 8 + [0.8] * 6), (), 1, (6, 8)


def classes_that_all_went_wrong(random):
    base = _rows(random, [f"class {n}" for n in range(30)], random.normal(0, 0.1, 30), 60)
    return base, _rows(random, ["7a", "7b", "7c"], [2, 2, 2], 60), (), 1, (3, 3)


def rows_in_no_order(random):
    base, now, *rest = six_of_fourteen_dates(random)
    mixed_up = [
        table.sample(fraction=1, shuffle=True, seed=seed) for seed, table in enumerate([base, now])
    ]
    return *mixed_up, *rest


def hours_of_a_bad_night(random):
    start = datetime.datetime(2024, 2, 1)
    hours = [start + datetime.timedelta(hours=hour) for hour in range(24 * 8)]
    base = _rows(random, hours[:168], np.zeros(168), 60)
    return base, _rows(random, hours[168:], [1] * 6 + [0] * 18, 60), (), 1, (6, 10)


def the_last_day_only(random):
    base = _rows(random, range(60), np.zeros(60))
    now = _rows(random, range(60, 67), [0] * 6 + [1])
    return base, now, ("--alarm", "last"), 1, (1, 3)


def any_day_when_asked(random):
    base = _rows(random, range(60), np.zeros(60))
    return base, _rows(random, range(60, 67), [0, 0, 1, 0, 0, 0, 0]), ("--alarm", "any"), 1, (1, 3)


def the_last_day_is_good_again(random):
    base = _rows(random, range(60), np.zeros(60))
    now = _rows(random, range(60, 67), [1] * 6 + [0])
    return base, now, ("--alarm", "last"), 0, (6, 6)


def two_days_both_off(random):
    base = _rows(random, range(25), np.zeros(25))
    return base, _rows(random, [25, 26], [1, 1]), (), 1, (2, 2)


def twenty_quiet_days(random):
    base = _rows(random, range(100), random.normal(0, 0.1, 100))
    return base, _rows(random, range(100, 120), random.normal(0, 0.1, 20)), (), 0, (0, 3)


def a_quiet_week_of_dates(random):
    base = _rows(random, _dates(0, 60), random.normal(0, 0.1, 60))
    return base, _rows(random, _dates(60, 7), random.normal(0, 0.1, 7)), (), 0, (0, 1)


@each(
    fourteen_days_all_a_little_off,
    six_of_fourteen_dates,
    classes_that_all_went_wrong,
    rows_in_no_order,
    hours_of_a_bad_night,
    the_last_day_only,
    any_day_when_asked,
    the_last_day_is_good_again,
    two_days_both_off,
    twenty_quiet_days,
    a_quiet_week_of_dates,
)
def test_5_each_window_of_a_file_is_judged_and_the_file_has_one_verdict(case, tmp_path):
    base, now, options, code, (least, most) = case(np.random.default_rng(SEED))
    desk = Desk(tmp_path)
    desk.put("base.parquet", base)
    desk.put("now.parquet", now)
    period = ["--period", "hour"] if base["day"].dtype == polars.Datetime else []
    assert desk.baseline("base.parquet", "--window", "day", *period).code == 0
    found = desk.check("now.parquet", *options)
    assert found.code == code, found.out
    windows = desk.reports("now.parquet", *options)
    assert len(windows) == now["day"].n_unique()
    drift = [window for window in windows if window["verdict"] == "drift"]
    assert least <= len(drift) <= most


def test_5_several_days_without_their_column_are_no_all_clear(tmp_path):
    # 0.3 standard deviations, seen on any ten days by eye, and less than one day alone scatters
    random = np.random.default_rng(SEED)
    desk = Desk(tmp_path)
    desk.put("base.parquet", _rows(random, range(30), np.zeros(30), 100))
    desk.put("now.parquet", _rows(random, range(30, 44), np.full(14, 0.3), 100).drop("day"))
    assert desk.baseline("base.parquet", "--window", "day").code == 0
    found = desk.check("now.parquet")
    assert found.code in (1, 2), found.out


@pytest.mark.parametrize("days_checked", [3, 7, 14])
def test_5_one_day_that_is_far_out_is_no_all_clear_for_the_file(days_checked, tmp_path):
    # all else is quiet, and one day is further out than any day of the baseline ever was
    random = np.random.default_rng(SEED)
    shifts = np.zeros(days_checked)
    shifts[1] = 20
    baseline = Profile.of(_rows(random, range(60), random.normal(0, 0.05, 60)), window="day")
    now = _rows(random, range(60, 60 + days_checked), shifts)
    timeline = compare_windows(baseline, baseline.count(now, window="day"))
    assert timeline.drifting and timeline.verdict == "drift", timeline.headline


# 6. Windows that stand out are named when the baseline is made. A case changes the columns of a
# good baseline in some windows, and says in which.


def _good(random, count=50, rows=200):
    day = days(0, count, rows)
    total = len(day)
    return {
        "day": day,
        "x": random.normal(size=total) + effects(random, day, 0.1),
        "amount": random.lognormal(3, 1, total),
        "city": np.array(mixed(random, ["Ulm", "Bern", "Rome"], [5, 3, 2], total), object),
        "items": random.poisson(3, total),
    }


def _in(table, *which):
    return np.isin(table["day"], which)


def a_shift_on_three_days(table, random):
    table["x"] = table["x"] + 2 * _in(table, 4, 5, 30)
    return {"4": "x", "5": "x", "30": "x"}


def cents_instead_of_euros_on_one_day(table, random):
    table["amount"] = table["amount"] * np.where(_in(table, 20), 100, 1)
    return {"20": "amount"}


def a_day_without_values(table, random):
    table["city"][_in(table, 0)] = None
    return {"0": "city"}


def a_day_with_one_value(table, random):
    table["items"][_in(table, 49)] = 3
    return {"49": "items"}


def a_day_of_unseen_text(table, random):
    table["city"][_in(table, 7)] = "unknown"
    return {"7": "city"}


def a_day_with_numbers_missing(table, random):
    table["amount"][_in(table, 12) & (random.random(len(table["day"])) < 0.5)] = np.nan
    return {"12": "amount"}


def two_days_of_double_loads(table, random):
    table["items"] = table["items"] * np.where(_in(table, 40, 41), 2, 1)
    return {"40": "items", "41": "items"}


def a_holiday_on_which_all_columns_are_odd(table, random):
    holiday = _in(table, 25)
    table["x"] = np.where(holiday, 5, table["x"])
    table["amount"] = np.where(holiday, 1, table["amount"])
    table["city"][holiday] = "Ulm"
    return {"25": "x"}


def infinite_numbers_on_one_day(table, random):
    table["x"][_in(table, 33) & (random.random(len(table["day"])) < 0.4)] = np.inf
    return {"33": "x"}


def five_bad_days_of_fifty(table, random):
    table["x"] = table["x"] - 3 * _in(table, 1, 11, 21, 31, 41)
    return dict.fromkeys(["1", "11", "21", "31", "41"], "x")


BAD_WINDOWS = each(
    a_shift_on_three_days,
    cents_instead_of_euros_on_one_day,
    a_day_without_values,
    a_day_with_one_value,
    a_day_of_unseen_text,
    a_day_with_numbers_missing,
    two_days_of_double_loads,
    a_holiday_on_which_all_columns_are_odd,
    infinite_numbers_on_one_day,
    five_bad_days_of_fifty,
)


@BAD_WINDOWS
def test_6_windows_that_stand_out_are_named_and_can_be_left_out(case):
    random = np.random.default_rng(SEED)
    table = _good(random)
    expected = case(table, random)
    baseline = Profile.of(table, window="day")
    found = outlying_windows(baseline)
    assert list(found) == list(expected)
    assert all(column in found[window] for window, column in expected.items())
    good = Profile.of(table, window="day", without_windows=list(found))
    assert outlying_windows(good) == {} and len(good.window_names) == 50 - len(expected)
    # what the bad windows would have hidden is found without them
    bad = {name: values[_in(table, int(next(iter(expected))))] for name, values in table.items()}
    del bad["day"]
    assert set(expected.values()) <= drifting(compare(good, bad))


def days_that_move(random):
    return {"x": lambda day: random.normal(size=len(day)) + effects(random, day, 0.3)}


def days_with_weekends(random):
    return {"x": lambda day: random.normal(size=len(day)) + 0.5 * (day % 7 >= 5)}


def a_rare_flag(random):
    return {"flag": lambda day: (day % 9 == 0) & (random.random(len(day)) < 0.01)}


def wild_numbers(random):
    return {"x": lambda day: random.standard_cauchy(len(day))}


def many_codes(random):
    return {"c": lambda day: [f"c{number}" for number in random.integers(0, 300, len(day))]}


@each(days_that_move, days_with_weekends, a_rare_flag, wild_numbers, many_codes)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_6_windows_that_are_as_usual_are_not_named(case, seed):
    random = np.random.default_rng(seed)
    day = days(0, 56, 200)
    table = {name: values(day) for name, values in case(random).items()}
    assert outlying_windows(Profile.of({"day": day, **table}, window="day")) == {}


# 7. What is too few is said. A case gives a baseline, a table, options, the verdict and the words.


def _plain(random, rows, windows=0):
    table = {"x": random.normal(size=rows), "c": mixed(random, list("abc"), [3, 2, 1], rows)}
    return table | ({"day": np.arange(rows) * windows // rows} if windows else {})


def few_rows_now(random):
    return _plain(random, 1000), _plain(random, 12), {}, "too few rows", "the current data has 12"


def few_rows_then(random):
    return _plain(random, 12), _plain(random, 1000), {}, "too few rows", "the baseline has 12 rows"


def no_rows(random):
    return _plain(random, 1000), {"x": [], "c": []}, {}, "too few rows", "has no rows"


def one_row(random):
    return _plain(random, 1000), _plain(random, 1), {}, "too few rows", "the current data has 1 row"


def rows_for_the_cells_of_many_texts(random):
    then = {"c": _uniform(60)(random, 6000)}
    return then, {"c": _uniform(60)(random, 100)}, {}, "too few rows", "cells, 5 each"


def eighteen_windows(random):
    return _plain(random, 1800, 18), _plain(random, 100), {}, "too few windows", "needs 19"


def windows_for_a_smaller_rate(random):
    then, now = _plain(random, 6000, 60), _plain(random, 100)
    return then, now, {"rate": 0.01}, "too few windows", "60 windows have enough rows"


def windows_for_many_columns_by_bonferroni(random):
    then, now = _plain(random, 3000, 30), _plain(random, 100)
    options = {"multiplicity": "bonferroni"}
    return then, now, options, "too few windows", 'multiplicity="max" needs 19'


def rows_in_each_window(random):
    then, now = _plain(random, 600, 60), _plain(random, 100)
    return then, now, {}, "too few windows", "60 of 60 windows have too few rows"


def every_value_is_missing(random):
    then = {"x": random.normal(size=500), "y": [None] * 499 + ["a"]}
    now = {"x": random.normal(size=500), "y": [None] * 3}
    return then, now | {"x": [0.0] * 3}, {}, "too few rows", "3 rows"


def fewer_rows_than_were_asked_for(random):
    then, now = _plain(random, 1000), _plain(random, 400)
    return then, now, {"least_rows": 500}, "too few rows", "500 are needed"


def a_smoothing_that_is_always_infinite(random):
    then = {"c": mixed(random, list("abcdefgh"), [99] * 7 + [1], 800)}
    now = {"c": mixed(random, list("abcdefgh"), [99] * 7 + [0], 60)}
    return then, now, {"smoothing": "infinite"}, "too few rows", "additive:0.5 does"


@each(
    few_rows_now,
    few_rows_then,
    no_rows,
    one_row,
    rows_for_the_cells_of_many_texts,
    eighteen_windows,
    windows_for_a_smaller_rate,
    windows_for_many_columns_by_bonferroni,
    rows_in_each_window,
    every_value_is_missing,
    fewer_rows_than_were_asked_for,
    a_smoothing_that_is_always_infinite,
)
def test_7_cannot_tell_says_what_is_too_few(case):
    then, now, options, verdict, words = case(np.random.default_rng(SEED))
    baseline = Profile.of(then, window="day" if "day" in then else None)
    report = compare(baseline, now, **options)
    assert report.verdict == verdict
    assert any(words in column.note for column in report.columns), str(report)
    assert words in str(report) and "no drift seen" not in report.headline


@pytest.fixture(scope="module")
def with_a_small_window(tmp_path_factory):
    """A check of three quiet windows and one of five rows, and of two columns in each."""
    random = np.random.default_rng(6)
    desk = Desk(tmp_path_factory.mktemp("small"))

    def table(names, rows=120):
        day = np.repeat(names, rows)
        return polars.DataFrame({"day": day, "x": random.normal(size=len(day)), "one": 1})

    desk.put("base.csv", table(range(40)))
    desk.baseline("base.csv", "--window", "day")
    desk.put("now.csv", polars.concat([table([40, 41, 42]), table([43], rows=5)]))
    return desk


def test_7_a_small_window_of_a_file_is_not_judged_and_the_others_are(with_a_small_window):
    found = with_a_small_window.check("now.csv")
    assert found.code == 2 and "cannot tell: too few rows" in found.out
    verdicts = [window["verdict"] for window in with_a_small_window.reports("now.csv")]
    assert verdicts == ["no drift"] * 3 + ["too few rows"]


def test_7_of_several_windows_too_it_is_said_which_column_has_how_many_rows(with_a_small_window):
    found = with_a_small_window.check("now.csv")
    assert "has 5 rows" in found.out and "needed" in found.out


def test_7_that_no_window_is_alike_is_said():
    random = np.random.default_rng(SEED)
    base = _rows(random, _dates(0, 31), np.zeros(31))
    baseline = Profile.of(base, window="day")
    now = baseline.count(_rows(random, [datetime.date(2024, 7, 1)], [0.0]), window="day")
    with pytest.raises(DriftError, match="no window like '2024-07-01'"):
        compare_windows(baseline, now, like="month")
