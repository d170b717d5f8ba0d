"""Verdicts: what they rest on, what is said where nothing can be said, and the rows behind them."""

import json
import math

import numpy as np
import pytest

import klteach
from klteach.drift.binning import Binning
from klteach.drift.comparison import compare
from klteach.drift.divergence import DIVERGENCES
from klteach.drift.errors import DriftError
from klteach.drift.histogram import Histogram
from klteach.drift.null import chi2_null
from klteach.drift.profile import Profile
from klteach.drift.report_page import report_page
from klteach.drift.smoothing import Smoothing
from tests.drift.drift_tables import days, normal_shares, of_windows, profile, table_counts

RATE = 0.05


WORKED = ([500, 300, 150, 50, 0], [450, 300, 180, 60, 10])


@pytest.mark.parametrize(
    "smoothing, psi, kl_of_reference, kl_of_current",
    [
        ("infinite", math.inf, 0.016216, math.inf),
        ("additive:1", 0.0363, 0.0137, 0.0226),
        ("additive:0.5", 0.0429, 0.0146, 0.0282),
        # the empty cell and the rarest other one become one cell of 50 and of 70
        ("merge-empty", 0.0175, 0.0085, 0.0090),
    ],
)
def test_the_worked_example(smoothing, psi, kl_of_reference, kl_of_current):
    reference, current = (profile({"x": counts}) for counts in WORKED)
    report = compare(reference, current, smoothing=smoothing)
    found = report["x"]
    assert (found.smoothing, report.smoothing) == (smoothing, smoothing)
    assert smoothing in str(report) and smoothing in report._repr_html_()
    for value, printed in (
        (found.value, psi),
        (found.kl, kl_of_current),
        (found.reverse_kl, kl_of_reference),
    ):
        digits = 6 if printed == 0.016216 else 4
        assert value == printed or round(value, digits) == printed


def test_the_worked_example_by_the_policy_error():
    reference, current = (profile({"price": counts}) for counts in WORKED)
    with pytest.raises(DriftError, match="column 'price': the cell 'v4' is empty in the baseline"):
        compare(reference, current, smoothing=Smoothing.error())


@pytest.mark.parametrize("name", DIVERGENCES)
def test_a_column_says_everything_it_rests_on(name):
    reference, current = (profile({"x": counts}) for counts in WORKED)
    found = compare(reference, current, divergence=name)["x"]
    p, q = (np.array(counts) + 0.5 for counts in (WORKED[1], WORKED[0]))
    p, q = p / p.sum(), q / q.sum()
    assert found.kl == pytest.approx(klteach.kl_divergence(p, q), rel=1e-9)
    assert found.reverse_kl == pytest.approx(klteach.kl_divergence(q, p), rel=1e-9)
    expected = {"psi": found.kl + found.reverse_kl, "kl": found.kl, "reverse kl": found.reverse_kl}
    expected["js"] = klteach.js_divergence(p, q)
    assert found.value == pytest.approx(expected[name], rel=1e-9)
    assert found.bits == pytest.approx(klteach.to_bits(found.value))
    assert sum(found.contributions.values()) == pytest.approx(found.value)
    assert list(found.contributions) == ["v0", "v1", "v2", "v3", "v4"]
    assert found.current_shares["v2"] == 0.18 and found.baseline_shares["v4"] == 0
    assert (found.n, found.m, found.cells, found.null) == (1000, 1000, 5, "permutation")
    # KL has a direction, and it is written out
    assert {"kl": "KL(current‖baseline)", "reverse kl": "KL(baseline‖current)"}.get(
        name, found.direction
    ) == found.direction


SHIFTS = [0.3] * 3 + [0] * 31
SEEDS = range(10)  # benchmarks.drift_calibration takes a hundred


def test_three_drifting_of_34_are_flagged_in_every_seed():
    drifting = {"f0", "f1", "f2"}
    found_all, false_share, any_false = [], [], []
    for seed in SEEDS:
        generator = np.random.default_rng(seed)
        baseline = profile(table_counts(generator, [0] * 34, 2000))
        current = profile(table_counts(generator, SHIFTS, 2000))
        by_method = {
            method: {
                column.column
                for column in compare(
                    baseline, current, null="chi2", multiplicity=method, random=seed
                ).with_verdict("drift")
            }
            for method in ("benjamini-hochberg", "bonferroni")
        }
        flagged = by_method["benjamini-hochberg"]
        found_all.append(drifting <= flagged and drifting <= by_method["bonferroni"])
        false_share.append(len(flagged - drifting) / len(flagged))
        any_false.append(bool(by_method["bonferroni"] - drifting))
    assert all(found_all)
    assert np.mean(false_share) <= RATE + 2 * np.std(false_share) / math.sqrt(len(SEEDS))
    assert np.mean(any_false) <= RATE + 2 * math.sqrt(RATE * (1 - RATE) / len(SEEDS))


@pytest.mark.parametrize("multiplicity", ["benjamini-hochberg", "bonferroni", "max"])
def test_the_same_by_permutation(multiplicity):
    false_share, any_false = [], []
    for seed in SEEDS:
        generator = np.random.default_rng([7, seed])
        baseline = profile(table_counts(generator, [0] * 34, 2000))
        current = profile(table_counts(generator, SHIFTS, 2000))
        report = compare(baseline, current, multiplicity=multiplicity, random=seed)
        flagged = {column.column for column in report.with_verdict("drift")}
        assert {"f0", "f1", "f2"} <= flagged and report.verdict == "drift"
        false_share.append(1 - 3 / len(flagged))
        any_false.append(len(flagged) > 3)
    assert np.mean(false_share) <= RATE + 2 * np.std(false_share) / math.sqrt(len(SEEDS))
    if multiplicity != "benjamini-hochberg":
        assert np.mean(any_false) <= RATE + 2 * math.sqrt(RATE * (1 - RATE) / len(SEEDS))


@pytest.mark.parametrize("multiplicity", ["benjamini-hochberg", "bonferroni", "max"])
@pytest.mark.parametrize("null", ["permutation", "chi2", "windows"])
def test_drift_is_exactly_above_the_threshold(null, multiplicity):
    generator = np.random.default_rng(5)
    shifts = [0, 0.05, 0.1, 0.15, 0.2, 0.3]
    names = [f"f{place}" for place in range(len(shifts))]
    windows = {name: generator.multinomial(500, normal_shares(0), 130) for name in names}
    current = profile(table_counts(generator, shifts, 500))
    report = compare(of_windows(windows), current, null=null, multiplicity=multiplicity)
    verdicts = [column.verdict for column in report.columns]
    assert "drift" in verdicts and "no drift" in verdicts
    for column in report.columns:
        drifts = column.verdict == "drift"
        assert drifts == (column.value > column.threshold) == (column.adjusted_p <= RATE)
        assert column.p_value <= column.adjusted_p + 1e-12


def test_the_largest_over_columns_takes_each_column_by_itself():
    # if all were drawn alike, each column would be held to 5 % instead of to 0.15 %
    generator = np.random.default_rng(8)
    baseline, current = (profile(table_counts(generator, [0] * 34, 2000)) for _ in "QP")
    report = compare(baseline, current, null="chi2", multiplicity="max", draws=2000)
    null = chi2_null("psi", [200] * 10, [200] * 10)
    levels = [null.p_value(column.threshold) for column in report.columns]
    assert np.mean(levels) == pytest.approx(1 - (1 - RATE) ** (1 / 34), rel=0.4)


def test_draws_are_raised_until_a_small_rate_can_be_reached():
    columns = {f"f{place}": [200, 300, 500] for place in range(60)}
    moved = columns | {"f7": [500, 300, 200]}
    report = compare(profile(columns), profile(moved))
    assert report.draws == 1199 and report["f7"].p_value == pytest.approx(0.05 / 60)
    assert [column.column for column in report.with_verdict("drift")] == ["f7"]
    assert compare(profile(columns), profile(moved), multiplicity="max").draws == 1170
    assert compare(profile(columns), profile(columns)).draws == 1000  # nothing hinges on more
    with pytest.raises(DriftError, match="needs 59999999 draws"):
        compare(profile(columns), profile(moved), rate=1e-6)


# What cannot be judged


EVEN = {"x": [100, 100, 100]}
UNEVEN = {"x": [20, 100, 180]}


@pytest.mark.parametrize("null", ["permutation", "chi2"])
@pytest.mark.parametrize(
    "baseline, current, note",
    [
        ({"x": [100, 100]}, {"x": [0, 0]}, "current data has no rows"),
        ({"x": [0, 0]}, {"x": [100, 100]}, "baseline has no rows"),
        ({"x": [100, 100]}, {"x": [1, 0]}, "current data has 1 rows; 10 are needed for 2 cells"),
        ({"x": [5, 4]}, {"x": [900, 900]}, "baseline has 9 rows; 10 are needed for 2 cells"),
    ],
)
def test_too_few_rows_is_never_no_drift(baseline, current, note, null):
    report = compare(profile(baseline), profile(current), null=null)
    found = report["x"]
    assert report.verdict == found.verdict == "too few rows"
    assert note in found.note and note in str(report) and note in report._repr_html_()
    assert math.isnan(found.threshold) and math.isnan(found.p_value)
    assert report.headline.startswith("cannot tell")
    assert found.review == ()
    assert json.loads(report.to_json())["columns"][0]["threshold"] is None


def all_missing(rows):
    column = profile({"x": [0, 0, 0]})
    counts = np.array([0, 0, 0, 0, rows])
    column.histograms["x"] = Histogram(column.histograms["x"].binning, counts)
    return column


def test_a_column_that_is_all_missing_now_has_drifted():
    # its rows are there, in a cell of their own
    report = compare(profile(EVEN), all_missing(300))
    assert report.verdict == "drift" and report["x"].review == ("missing",)
    assert compare(profile(EVEN), all_missing(3)).verdict == "too few rows"


def test_a_column_that_was_always_missing_cannot_be_judged():
    report = compare(all_missing(500), all_missing(300))
    assert report.verdict == "too few rows"
    assert report["x"].note == "every value is missing on both sides"


def test_a_column_with_one_value_on_both_sides_has_not_drifted():
    for null in ("permutation", "chi2"):
        report = compare(profile({"x": [90, 0]}), profile({"x": [70, 0]}), null=null)
        assert report.verdict == "no drift" and report["x"].p_value == 1


def test_least_rows_is_the_callers_choice():
    baseline, current = profile({"x": [100, 100]}), profile({"x": [3, 3]})
    assert compare(baseline, current).verdict == "too few rows"
    assert compare(baseline, current, least_rows=6).verdict == "no drift"
    assert compare(baseline, current, least_rows=7).verdict == "too few rows"
    with pytest.raises(DriftError, match="one row shows no distribution"):
        compare(baseline, current, least_rows=1)


def test_one_drifting_column_outweighs_those_that_cannot_be_judged():
    baseline = profile(EVEN | {"empty": [10, 10]})
    verdicts = {}
    for name, counts in (("drifting", UNEVEN), ("quiet", EVEN)):
        report = compare(baseline, profile(counts | {"empty": [0, 0]}))
        verdicts[name] = report.verdict
    assert verdicts == {"drifting": "drift", "quiet": "too few rows"}


def windows_of(rows, count, seed=1, columns=("x",), sd=0.1):
    return {name: days(np.random.default_rng(seed), count, rows, sd=sd) for name in columns}


def test_too_few_windows_are_named_with_how_many_it_takes():
    same = profile({"x": windows_of(1000, 1)["x"][0]})
    report = compare(of_windows(windows_of(1000, 18)), same, null="windows")
    assert report.verdict == "too few windows" and math.isnan(report["x"].threshold)
    assert "18 windows have enough rows, and a rate of 0.05 needs 19" in report["x"].note
    assert compare(of_windows(windows_of(1000, 19)), same, null="windows").verdict == "no drift"


def test_many_columns_need_more_windows_unless_their_largest_is_taken():
    names = [f"f{place}" for place in range(34)]
    baseline = of_windows(windows_of(1000, 40, columns=names))
    current = profile({name: windows_of(1000, 1, 2)["x"][0] for name in names})
    for multiplicity in ("benjamini-hochberg", "bonferroni"):
        report = compare(baseline, current, null="windows", multiplicity=multiplicity)
        assert report.verdict == "too few windows"
        assert 'over 34 columns needs 679; multiplicity="max" needs 19' in report["f0"].note
    report = compare(baseline, current, null="windows", multiplicity="max")
    assert report.verdict == "no drift"
    moved = {name: (1000 * normal_shares(1)).astype(int) for name in names}
    # all columns at once can be flagged even where one alone could not be
    assert compare(baseline, profile(moved), null="windows").headline == "drift in 34 of 34 columns"


def test_one_row_windows_are_too_few_rows():
    baseline = of_windows(windows_of(1, 2000))
    current = profile({"x": windows_of(1000, 1)["x"][0]})
    found = compare(baseline, current, null="windows")["x"]
    assert found.verdict == "too few windows"
    assert "0 windows have enough rows" in found.note and "2000 of 2000 windows" in found.note


@pytest.mark.parametrize("multiplicity", ["benjamini-hochberg", "max"])
def test_windows_with_too_few_rows_do_not_count_as_windows(multiplicity):
    windows = windows_of(1000, 15)["x"], windows_of(3, 15)["x"]
    baseline = of_windows({"x": np.vstack(windows)})
    current = profile({"x": windows_of(1000, 1)["x"][0]})
    found = compare(baseline, current, null="windows", multiplicity=multiplicity)["x"]
    assert found.verdict == "too few windows"
    assert "15 windows have enough rows" in found.note and "15 of 30 windows" in found.note


def test_windows_that_were_not_kept_are_asked_for():
    with pytest.raises(DriftError, match="window="):
        compare(profile(EVEN), profile(EVEN), null="windows")
    partly = profile(EVEN | {"y": [50, 50]}, {"x": [[50, 50, 50]] * 30})
    with pytest.raises(DriftError, match="no windows of column 'y'"):
        compare(partly, partly, null="windows")


def test_kept_windows_and_a_null_of_independent_rows_are_warned_of():
    baseline = of_windows(windows_of(1000, 20))
    current = profile({"x": windows_of(1000, 1)["x"][0]})
    warned = compare(baseline, current, null="permutation").notes[0]
    assert 'null="windows" does not' in warned
    assert compare(baseline, current).null == "windows"
    assert compare(baseline, current).notes == ()


# What is refused


def test_columns_that_are_missing_or_extra_are_named():
    baseline = profile({"age": [9, 9], "tax": [9, 9]})
    current = profile({"age": [9, 9], "vat": [9]})
    with pytest.raises(DriftError, match="lacks 'tax'.*has 'vat'.*Rename"):
        compare(baseline, current)
    with pytest.raises(DriftError, match="no columns"):
        compare(profile({}), profile({}))


def test_other_cells_are_refused_by_fingerprint():
    here, there = profile({"x": [50, 50]}), profile({"x": [50, 50, 0]})
    with pytest.raises(DriftError) as refused:
        compare(here, there)
    for side in (here, there):
        assert side.histograms["x"].binning.fingerprint[:12] in str(refused.value)


@pytest.mark.parametrize(
    "options, said",
    [
        ({"divergence": "wasserstein"}, "'wasserstein'"),
        ({"null": "bootstrap"}, "'bootstrap'.*'permutation'"),
        ({"multiplicity": "none"}, "'none'.*'bonferroni'"),
        ({"smoothing": "eps"}, "'eps'"),
        ({"rate": 5}, "between 0 and 1, not 5"),
        ({"random": -1}, "seed"),
        ({"random": 0.5}, "seed"),
        ({"draws": 0}, "draws"),
    ],
)
def test_options_that_are_not_there(options, said):
    with pytest.raises(DriftError, match=said):
        compare(profile(EVEN), profile(EVEN), **options)


# What is handed on


def mixed_report(**options):
    baseline = profile(
        EVEN | {"<b>quiet</b>": [50, 50], "empty": [10, 10]}, window={"from": "2020-01-06"}
    )
    current = profile(UNEVEN | {"<b>quiet</b>": [52, 48], "empty": [0, 0]})
    return compare(baseline, current, **options)


def test_the_same_seed_gives_the_same_bytes():
    texts = [mixed_report(random=seed).to_json() for seed in (None, 0, 3, 3)]
    assert texts[0] == texts[1] and texts[2] == texts[3] != texts[0]


def test_another_column_does_not_change_the_draws_of_this_one():
    alone = compare(profile({"x": [95, 105, 110]}), profile({"x": [100, 120, 80]}), random=4)
    together = compare(
        profile({"a": [50, 60], "x": [95, 105, 110]}),
        profile({"a": [60, 50], "x": [100, 120, 80]}),
        random=4,
    )
    assert alone["x"].p_value == together["x"].p_value


def test_the_json_is_strict_and_complete():
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    report = mixed_report(random=3, smoothing="infinite")
    saved = json.loads(report.to_json(), parse_constant=refuse)
    assert saved["verdict"] == "drift" and saved["seed"] == 3 and saved["draws"] == 1000
    assert saved["baseline_window"] == {"from": "2020-01-06"}
    assert saved["made_with"].startswith("klteach")
    verdicts = [column["verdict"] for column in saved["columns"]]
    assert verdicts == ["drift", "no drift", "too few rows"]
    assert saved["columns"][0]["value"] == report["x"].value
    assert saved["columns"][0]["review"] == ["v2"]
    assert saved["columns"][2]["value"] is None and "binning" not in saved["columns"][2]
    reference, current = (profile({"x": counts}) for counts in WORKED)
    saved = json.loads(compare(reference, current, smoothing="infinite").to_json())
    assert saved["columns"][0]["value"] == "infinite"


def test_the_text_names_the_policy_the_null_the_rate_and_the_seed():
    text = str(mixed_report(random=3))
    assert text.startswith("drift in 1 of 3 columns; 1 column with too few rows\n")
    for said in (
        "smoothing additive:0.5",
        "permutation null, 1000 draws a column, seed 3",
        "0.05",
        "Benjamini-Hochberg",
        "P is the current data",
        "baseline: from 2020-01-06",
    ):
        assert said in text
    lines = text.splitlines()
    assert [line.split()[0] for line in lines if line.startswith(("x ", "<b>", "empty "))] == [
        "x", "empty", "<b>quiet</b>",
    ]  # fmt: skip
    assert max(map(len, lines)) < 120


def test_the_notebooks_table_escapes_names_and_takes_its_colours_from_the_page():
    shown = mixed_report()._repr_html_()
    assert "&lt;b&gt;quiet" in shown and "<b>quiet" not in shown
    assert shown.count('scope="row"') == 3 and 'scope="col"' in shown and "<caption" in shown
    assert "color:inherit" in shown and "#" not in shown


def test_a_report_without_this_column():
    with pytest.raises(DriftError, match="no column 'y'.*'x'"):
        mixed_report()["y"]


def test_one_html_file():
    report = mixed_report()
    assert report.to_html() == report_page(report)


# Rows to look at


def counted(binnings, table):
    histograms = {name: binning.count(table[name]) for name, binning in binnings.items()}
    return Profile(histograms, rows=len(table["age"]))


@pytest.fixture
def people():
    generator = np.random.default_rng(6)
    table = {
        "age": generator.normal(40, 10, 2000),
        "town": generator.choice(["Riga", "Turku", "Split"], 2000),
    }
    binnings = {
        "age": Binning.of_numbers("age", table["age"]),
        "town": Binning.of_categories("town", table["town"]),
    }
    now = {
        "age": np.append(generator.normal(40, 10, 1500), np.full(300, 80.0)),
        "town": generator.choice(["Riga", "Turku", "Split"], 1800),
    }
    return counted(binnings, table), binnings, now


def test_the_rows_to_review_are_those_in_the_cells_that_carry_the_drift(people):
    baseline, binnings, now = people
    report = compare(baseline, counted(binnings, now))
    assert [column.column for column in report.with_verdict("drift")] == ["age"]
    rows = report.rows_to_review(now)
    assert list(rows) == ["age"]
    assert report["age"].review == (binnings["age"].cells[9],)
    assert set(range(1500, 1800)) <= set(rows["age"].tolist())
    assert (now["age"][rows["age"]] >= binnings["age"].edges[-1]).all()


def test_the_rows_to_review_where_merged_cells_have_no_order(people):
    baseline, binnings, now = people
    now["age"][0] = np.nan  # merged with the rarest cell, and not the drift
    report = compare(baseline, counted(binnings, now), smoothing="merge-empty")
    assert report["age"].review == (binnings["age"].cells[9],)


def test_the_rows_to_review_where_a_cell_is_infinite(people):
    baseline, binnings, now = people
    now["age"][::3] = np.nan
    report = compare(baseline, counted(binnings, now), smoothing="infinite")
    assert report["age"].value == math.inf and report["age"].review == ("missing",)
    assert report.rows_to_review(now)["age"].tolist() == list(range(0, 1800, 3))


def test_one_row_that_makes_every_draw_infinite_is_no_all_clear(people):
    # half of all permutations put this row on the other side, so nothing else can be seen
    baseline, binnings, now = people
    now["age"][0] = np.nan
    found = compare(baseline, counted(binnings, now), smoothing="infinite")["age"]
    assert found.verdict == "too few rows" and "infinite more often than" in found.note
    assert compare(baseline, counted(binnings, now))["age"].verdict == "drift"


def test_the_rows_to_review_are_the_same_from_every_frame():
    pytest.importorskip("narwhals")
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    count = 900
    then = {"age": np.arange(count) % 50, "town": ["Riga", "Turku", None] * 300}
    baseline = Profile.of(then, categorical=["town"])
    ages = [None if row % 3 == 0 else row % 50 for row in range(count)]
    now = {"age": ages, "town": [None if row % 2 else "Riga" for row in range(count)]}
    frames = {
        "dict": now,
        "masked": {name: np.ma.array([v or 0 for v in values], mask=[v is None for v in values])
                   for name, values in {"age": ages, "town": ages}.items()} | {"town": now["town"]},
        "pandas": pandas.DataFrame(now),
        "pandas, nullable": pandas.DataFrame(now).convert_dtypes(),
        "polars": polars.DataFrame(now),
        "polars, lazy": polars.LazyFrame(now),
    }  # fmt: skip
    for name, frame in frames.items():
        report = compare(baseline, now)
        rows = report.rows_to_review(frame)
        # row % 50 is 0 where a masked age is 0 as well; only the missing ones are more frequent
        assert rows["age"].tolist() == [row for row in range(count) if ages[row] is None], name
        assert sorted(report["town"].review) == ["Riga", "missing"][: len(report["town"].review)]
        expected = [
            row for row, town in enumerate(now["town"])
            if ("missing" if town is None else town) in report["town"].review
        ]  # fmt: skip
        assert rows["town"].tolist() == expected, name


@pytest.mark.parametrize("kind", ["dict", "pandas", "polars", "structured"])
def test_rows_to_review_of_another_table_are_refused(people, kind):
    baseline, binnings, now = people
    report = compare(baseline, counted(binnings, now))
    renamed = {"years": now["age"], "town": now["town"]}
    if kind == "structured":
        renamed = np.zeros(3, dtype=[("years", float)])
    elif kind != "dict":
        renamed = pytest.importorskip(kind).DataFrame(renamed)
    with pytest.raises(DriftError, match="no column 'age'"):
        report.rows_to_review(renamed)


def test_rows_to_review_of_a_path_say_how_to_open_it(people):
    baseline, binnings, now = people
    with pytest.raises(DriftError, match="this is str. Open a file first"):
        compare(baseline, counted(binnings, now)).rows_to_review("today.parquet")


def test_without_drift_no_rows_are_to_review(people):
    baseline, binnings, now = people
    same = {name: values[:1500] for name, values in now.items()}
    assert compare(baseline, counted(binnings, same)).rows_to_review(same) == {}


def test_a_table_is_counted_in_the_cells_of_the_baseline(people):
    baseline, binnings, now = people
    assert compare(baseline, now).to_json() == compare(baseline, counted(binnings, now)).to_json()
    assert compare(baseline, {"town": now["town"]})["age"].verdict == "not there"
    with pytest.raises(DriftError, match="no column 'age'"):
        baseline.count({"town": now["town"]})
    empty = {name: values[:0] for name, values in now.items()}
    assert compare(baseline, empty).verdict == "too few rows"
