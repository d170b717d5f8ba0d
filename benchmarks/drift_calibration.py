"""How often the drift monitor is wrong, beside how often it says it is: by simulation.

    python -m benchmarks.drift_calibration [--trials 2000] [--seeds 100] [--seed 0] [section ...]

Everything is drawn from laws that are known, so that what is a false alarm is known as well. A line
says what was tried, how often it happened, what was promised, and how far outside the promise that
is, in standard errors of so many trials. More than three are marked, and the exit code is then 1;
once in ten runs or so that is bad luck, and another `--seed` tells.

Sections: permutation, chi2, quantiles, categories, windows, mixture, columns, power, story,
clusters; without any, all of them, which takes some minutes of one processor.
"""

import argparse
import math
import sys
from collections import Counter
from itertools import product

import numpy as np

from klteach.data import lifetime_value
from klteach.data.lifetime_value import BASELINE_WEEKS, DRIFTING, LATEST_WEEKS
from klteach.drift import Binning, Profile, Smoothing, compare
from klteach.drift.clusters import Clusters
from klteach.drift.divergence import DIVERGENCES, divergence
from klteach.drift.multiplicity import METHODS
from klteach.drift.null import (
    LEAST_EXPECTED,
    chi2_null,
    permutation_null,
    quantiles_null,
    windows_null,
)
from tests.drift.drift_tables import days, of_windows, profile, table_counts

RATE = 0.05
COLUMNS, ROWS, SHIFT = 34, 2000, 0.3
HALF = Smoothing.additive(0.5)
MOST_ERRORS = 3
WIDER = (0.035, 0.065)  # where the null is nearly exact
ARRAYS = 10  # times the trials, where all of them are one operation on arrays


class Findings:
    """Prints a line for each finding, and counts those that are not as promised."""

    def __init__(self):
        self.off = 0

    def heading(self, words):
        print(f"\n{words}\n\n  {'':56}{'measured':>10}{'promised':>14}{'outside':>9}")

    def rate(self, what, happened, low=RATE, high=RATE):
        """How often it happened, against a probability or the range that holds it."""
        happened = np.asarray(happened, dtype=float)
        outside = max(happened.mean() - high, low - happened.mean(), 0)
        error = math.sqrt(high * (1 - high) / len(happened))
        promised = f"{high:.1%}"
        if low < high:
            promised = f"≤ {high:.1%}" if low == 0 else f"{low:.1%} to {high:.1%}"
        self._line(what, f"{happened.mean():.2%}", promised, outside / error)

    def mean_at_most(self, what, values, bound):
        """The mean, against a bound; how far it scatters is taken from the values."""
        error = np.std(values, ddof=1) / math.sqrt(len(values))
        outside = max(np.mean(values) - bound, 0)
        self._line(what, f"{np.mean(values):.2%}", f"≤ {bound:.1%}", outside and outside / error)

    def at_least(self, what, happened, bound):
        """How often it happened, against a probability that it must reach."""
        happened = np.asarray(happened, dtype=float)
        error = math.sqrt(bound * (1 - bound) / len(happened))
        outside = max(bound - happened.mean(), 0) / error
        self._line(what, f"{happened.mean():.1%}", f"≥ {bound:.0%}", outside)

    def always(self, what, happened):
        missed = len(happened) - sum(happened)
        times = f"{sum(happened)} of {len(happened)}"
        self._line(what, times, "always", math.inf if missed else 0)

    def not_promised(self, what, happened):
        """For comparison: what another way would have done."""
        print(f"  {what:56}{np.mean(happened):10.1%}{'nothing':>14}")

    def _line(self, what, measured, promised, errors):
        off = errors > MOST_ERRORS
        self.off += off
        print(f"  {what:56}{measured:>10}{promised:>14}{errors:9.1f}{'  OFF' if off else ''}")


def psi(current, baseline):
    return divergence("psi", *HALF.shares(current, baseline))


def even(cells):
    return np.full(cells, 1 / cells)


def permutation(findings, generator, trials, seeds):
    findings.heading("The permutation null with 199 draws, one law on both sides: alarms")
    for rows, cells in product((200, 1000, 10_000), (5, 10, 20)):
        current, baseline = generator.multinomial(rows, even(cells), (2, trials))
        alarms = [
            permutation_null("psi", HALF, now, then, 199, generator).p_value(value) <= RATE
            for value, now, then in zip(psi(current, baseline), current, baseline, strict=True)
        ]
        findings.rate(f"{rows:,} rows on either side, {cells} cells", alarms)
    fixed = psi(*generator.multinomial(200, even(12), (2, trials))) > 0.1
    findings.not_promised("a fixed cutoff of 0.1, 200 rows, 12 cells", fixed)


def chi2(findings, generator, trials, seeds):
    findings.heading("The χ² null, one law on both sides, twice the rows in the baseline: alarms")
    for name, cells in product(DIVERGENCES, (5, 10, 20)):
        for expected in (LEAST_EXPECTED[name], 1000):
            n, m = expected * cells, 2 * expected * cells
            current, baseline = (
                generator.multinomial(rows, even(cells), trials * ARRAYS) for rows in (n, m)
            )
            threshold = chi2_null(name, n * even(cells), m * even(cells)).threshold(RATE)
            alarms = divergence(name, *HALF.shares(current, baseline)) > threshold
            # it is the law of many rows, and from so many on it is right within a percentage point
            findings.rate(f"{name}, {cells} cells that expect {expected}", alarms, 0.04, 0.06)


def quantiles(findings, generator, trials, seeds):
    findings.heading("Ten cells locked on the baseline itself, one law on both sides: alarms")
    laws = {
        "normal": lambda rows: generator.normal(size=rows),
        "heavy tails": lambda rows: generator.standard_t(1.5, rows),
        "rain": lambda rows: generator.exponential(size=rows) * (generator.random(rows) < 0.4),
        "one in ten missing": lambda rows: np.where(
            generator.random(rows) < 0.1, np.nan, generator.normal(size=rows)
        ),
    }
    for (law, draw), (a_cell, times) in product(laws.items(), product((5, 10, 50), (1, 10))):
        known, new = 10 * a_cell * times, 10 * a_cell
        alarms, unaware = [], []
        for _ in range(trials):
            table = draw(known)
            binning = Binning.watching_numbers("x", table)
            current, baseline = binning.count(draw(new)).counts, binning.count(table).counts
            value, counts = psi(current, baseline), ("psi", HALF, current, baseline)
            null = quantiles_null(*counts, binning.single, 199, generator)
            alarms.append(null.p_value(value) <= RATE)
            unaware.append(permutation_null(*counts, 199, generator).p_value(value) <= RATE)
        exact = law != "one in ten missing"
        findings.rate(
            f"{law}, {new:,} rows, baseline of {known:,}", alarms, *([RATE] * 2 if exact else WIDER)
        )
        if law == "normal":
            findings.not_promised("    as if the cells had been there before", unaware)


def categories(findings, generator, trials, seeds):
    findings.heading("Categories that the baseline has chosen, one law on both sides: alarms")
    for kinds, (known, new) in product((20, 200, 1000), ((2000, 2000), (10_000, 1000))):
        laws = {"equal": even(kinds), "Zipf": 1 / np.arange(1, kinds + 1)}
        for law, shares in laws.items():
            alarms, unaware = [], []
            for _ in range(trials):
                table, now = (
                    Counter(dict(enumerate_text(generator.multinomial(rows, shares / sum(shares)))))
                    for rows in (known, new)
                )
                binning, others = Binning.watching_categories("c", table)
                current, whole = binning.count_found(now), binning.count_found(table)
                baseline = whole if others is None else others
                null = permutation_null("psi", HALF, current, baseline, 199, generator)
                alarms.append(null.p_value(psi(current, baseline)) <= RATE)
                plain = Binning.of_category_counts("c", table)
                sides = plain.count_found(now), plain.count_found(table)
                null = permutation_null("psi", HALF, *sides, 199, generator)
                unaware.append(null.p_value(psi(*sides)) <= RATE)
            # few rows in a cell make few values of PSI, and a tie is no alarm
            findings.rate(f"{kinds} {law}, {new:,} rows, baseline of {known:,}", alarms)
            findings.not_promised("    the commonest fifty, counted on all rows", unaware)


def enumerate_text(counts):
    """What `enumerate` gives, with texts for numbers, and nothing that never came."""
    return ((str(place), int(count)) for place, count in enumerate(counts) if count)


def mixture(findings, generator, trials, seeds):
    findings.heading("Columns of all kinds under one windows null, 59 windows of 500 rows")
    quiet, found = [], {name: [] for name in MIXED_DRIFTS}
    for _ in range(trials):
        columns = mixed_windows(generator, 60)
        baseline = of_windows({name: counts[1:] for name, counts in columns.items()})
        now = {name: counts[0] for name, counts in columns.items()}
        quiet.append(compare(baseline, profile(now)).verdict == "drift")
        if len(quiet) > seeds:
            continue
        for name, counts in MIXED_DRIFTS.items():
            report = compare(baseline, profile(now | {name: np.array(counts)}))
            found[name].append(report[name].verdict == "drift")
    # a window that is left out of its own baseline looks a little rarer than the same one today
    findings.rate("no drift: any alarm", quiet, 0.03, RATE)
    for name, alarms in found.items():
        findings.at_least(f"found: {name}", alarms, 0.8)


MIXED_DRIFTS = {
    "constant 0": [495, 5],  # one row in a hundred has another value
    "ordinary 0": [80, 60, 50, 50, 50, 50, 50, 50, 40, 20],
    "days 0": [110, 80, 60, 50, 50, 45, 40, 30, 20, 15],
    "bursts 4 %": [450, 50],
}


def mixed_windows(generator, windows, rows=500):
    """Counts of 12 columns, {name: (windows, cells)}, all windows alike."""
    found = {f"ordinary {n}": generator.multinomial(rows, even(10), windows) for n in range(4)}
    for n in range(3):
        found[f"days {n}"] = np.array(days(generator, windows, rows))
    for n in range(2):
        found[f"constant {n}"] = np.tile([rows, 0], (windows, 1))
    for share in (0.1, 0.04, 0.01):
        active = generator.random(windows) < share
        flagged = np.where(active, generator.binomial(rows, 0.01, windows), 0)
        found[f"bursts {100 * share:g} %"] = np.stack([rows - flagged, flagged], axis=1)
    return found


def windows(findings, generator, trials, seeds):
    findings.heading("The windows null with 39 windows of 1000 rows, days that differ: alarms")
    alarms = {1000: [], 100: []}
    whole, rowwise = [], []
    for _ in range(trials):
        current, *past = days(generator, 40, rows=1000)
        for rows, found in alarms.items():
            part = generator.multivariate_hypergeometric(current, rows, method="marginals")
            value = psi(part, np.sum(past, axis=0))
            null = windows_null("psi", HALF, past, rows=rows, random=generator)
            found.append(null.p_value(value) <= RATE)
        whole.append(windows_null("psi", HALF, past).p_value(value) <= RATE)
        rows_null = permutation_null("psi", HALF, current, np.sum(past, axis=0), 99, generator)
        rowwise.append(rows_null.p_value(psi(current, np.sum(past, axis=0))) <= RATE)
    # two ranks of forty are 5 %; that each is left out of its own baseline makes it a little less
    findings.rate("a whole day", alarms[1000], 0.04, 0.05)
    findings.rate("100 rows of a day", alarms[100], 0.04, 0.05)
    findings.not_promised("100 rows of a day, against whole windows", whole)
    findings.not_promised("a whole day, by permuting rows", rowwise)


def columns(findings, generator, trials, seeds):
    findings.heading(f"{COLUMNS} columns without drift: any alarm")
    found = {method: [] for method in ("benjamini-hochberg", "bonferroni")}
    smallest = []
    for _ in range(trials // 4):
        sides = [profile(table_counts(generator, [0] * COLUMNS, ROWS)) for _ in "PQ"]
        for method, alarms in found.items():
            report = compare(*sides, null="chi2", multiplicity=method)
            alarms.append(report.verdict == "drift")
        smallest.append(min(column.p_value for column in report.columns) <= RATE)
    for method, alarms in found.items():
        findings.rate(f"χ², {method}", alarms, 0, RATE)
    findings.rate("χ², each column at 5 % by itself", smallest, *[1 - (1 - RATE) ** COLUMNS] * 2)
    names = [f"f{place}" for place in range(COLUMNS)]
    alarms = []
    for _ in range(seeds):
        drawn = {name: days(generator, 40, ROWS) for name in names}
        baseline = of_windows({name: counts[1:] for name, counts in drawn.items()})
        current = profile({name: counts[0] for name, counts in drawn.items()})
        alarms.append(compare(baseline, current, null="windows").verdict == "drift")
    findings.rate("windows, the largest over columns", alarms, 0, RATE)


def power(findings, generator, trials, seeds):
    findings.heading(f"{COLUMNS} columns, 3 of them shifted by {SHIFT} standard deviations")
    shifts = [SHIFT] * 3 + [0] * (COLUMNS - 3)
    tables = [
        [profile(table_counts(generator, each, ROWS)) for each in ([0] * COLUMNS, shifts)]
        for _ in range(seeds)
    ]
    for null, method in (("chi2", "benjamini-hochberg"), ("chi2", "bonferroni")) + tuple(
        ("permutation", method) for method in METHODS
    ):
        reports = [
            compare(*sides, null=null, multiplicity=method, random=seed)
            for seed, sides in enumerate(tables)
        ]
        judge(findings, f"{null}, {method}", method, reports, {"f0", "f1", "f2"})


def story(findings, generator, trials, seeds):
    findings.heading("The customers of the course, 34 columns of which 3 drift")
    reports = {"benjamini-hochberg": [], "bonferroni": []}
    for seed in range(seeds):
        data = lifetime_value(seed)
        baseline = Profile.of(data.in_weeks(BASELINE_WEEKS).columns)
        current = baseline.count(data.in_weeks(LATEST_WEEKS).columns)
        for method, found in reports.items():
            found.append(compare(baseline, current, null="chi2", multiplicity=method))
    for method, found in reports.items():
        judge(findings, f"chi2, {method}", method, found, set(DRIFTING))


def judge(findings, name, method, reports, drifting):
    """Whether the drifting columns were found, and how many of the others with them."""
    flagged = [{column.column for column in report.with_verdict("drift")} for report in reports]
    findings.always(f"{name}: all three found", [drifting <= found for found in flagged])
    if method == "benjamini-hochberg":
        shares = [len(found - drifting) / max(1, len(found)) for found in flagged]
        findings.mean_at_most(f"{name}: share of false ones", shares, RATE)
    else:
        findings.rate(f"{name}: any false one", [bool(f - drifting) for f in flagged], 0, RATE)


def clusters(findings, generator, trials, seeds):
    findings.heading("8 clusters of 600 rows in 100 dimensions, one law on both sides: alarms")
    held_out, seen = [], []
    for seed in range(seeds):
        vectors, current = generator.normal(size=(2, 600, 100))
        found = Clusters.of(vectors, 8, seed)
        fitted = np.setdiff1d(np.arange(len(vectors)), found.held_out)
        for alarms, baseline in ((held_out, found.baseline), (seen, found.count(vectors[fitted]))):
            sides = [
                Profile({"x": counts}, counts.total) for counts in (baseline, found.count(current))
            ]
            alarms.append(compare(*sides, draws=199).verdict == "drift")
    findings.rate("against the rows held out", held_out, 0, RATE)
    findings.not_promised("against the rows that made the centres", seen)


SECTIONS = (
    permutation,
    chi2,
    quantiles,
    categories,
    windows,
    mixture,
    columns,
    power,
    story,
    clusters,
)


def main():
    names = {section.__name__: section for section in SECTIONS}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(names))
    parser.add_argument("--trials", type=int, default=2000, help="of one rate (default 2000)")
    parser.add_argument("--seeds", type=int, default=100, help="whole tables (default 100)")
    parser.add_argument("--seed", type=int, default=0, help="of all draws (default 0)")
    arguments = parser.parse_args()
    if unknown := set(arguments.sections) - set(names):
        parser.error(f"no section {min(unknown)!r}; there are {', '.join(names)}.")
    if min(arguments.trials, arguments.seeds) < 2:
        parser.error("--trials and --seeds must be at least 2.")
    findings = Findings()
    for place, (name, section) in enumerate(names.items()):
        if not arguments.sections or name in arguments.sections:
            # a section draws the same whichever others run
            generator = np.random.default_rng([arguments.seed, place])
            section(findings, generator, arguments.trials, arguments.seeds)
    print(f"\n{findings.off} lines more than {MOST_ERRORS} standard errors outside the promise")
    sys.exit(1 if findings.off else 0)


if __name__ == "__main__":
    main()
