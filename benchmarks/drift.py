"""How long counting and a whole drift report take, beside np.histogram and what people use.

    python -m benchmarks.drift [--rounds 5] [--without-1e6] [--file 20000000]

34 columns of 1e5 and of 1e6 rows in 10 cells, and one beyond either end, locked on the baseline.
All ways run in one process and take turns, so that a busy machine slows all alike; what is printed
is the median of the rounds, as a ratio to one pass of np.histogram over the same table in the same
round. Every way that counts has to give the same counts, or the run stops. The floor is the time of
adding all values up once. pandas, Polars, DuckDB, boost-histogram, evidently and nannyml are
measured where they are installed. Memory is what a way takes on top of the table, as far as Python
and NumPy see it. `--file` checks a Parquet file of so many rows, and tells the memory of the whole
process.
"""

import argparse
import importlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import warnings
from importlib import metadata, util
from pathlib import Path

import numpy as np

from klteach.drift import Profile, Smoothing, compare
from klteach.drift.divergence import divergence
from klteach.drift.null import permutation_null

COLUMNS, CELLS = 34, 10
REGULAR = CELLS + 2  # with those beyond either end
SIZES = (100_000, 1_000_000)
PEER, FLOOR = "np.histogram", "adding up once"
OURS, REPORT = "klteach count", "klteach report, 1000 draws a column"
TARGET, MOST_MILLISECONDS = 0.6, 2.0
SLOW = ("evidently report", "nannyml calculate")  # one round is enough
PACKAGES = ("pandas", "polars", "duckdb", "boost-histogram", "evidently", "nannyml")
MEGABYTE = 2**20


class Case:
    """A baseline, a table of the same law, and both in the forms that the others read."""

    def __init__(self, rows):
        generator = np.random.default_rng(5)
        names = [f"feature_{place:02d}" for place in range(COLUMNS)]
        self.reference = {name: generator.standard_normal(rows) for name in names}
        self.table = {name: generator.standard_normal(rows) for name in names}
        self.profile = Profile.of(self.reference, cells=CELLS)
        self.edges = {
            name: np.array(histogram.binning.edges)
            for name, histogram in self.profile.histograms.items()
        }
        self.open_edges = {
            name: np.concatenate([[-np.inf], edges, [np.inf]]) for name, edges in self.edges.items()
        }
        if util.find_spec("pandas"):
            import pandas

            self.pandas = pandas.DataFrame(self.table)
        if util.find_spec("polars"):
            import polars

            self.polars = polars.DataFrame(self.table)


def klteach_count(case):
    histograms = case.profile.count(case.table).histograms
    return [histogram.counts[:REGULAR] for histogram in histograms.values()]


def numpy_histogram(case):
    return [np.histogram(case.table[name], edges)[0] for name, edges in case.open_edges.items()]


def searchsorted(case):
    return [
        np.bincount(np.searchsorted(edges, case.table[name], side="right"), minlength=REGULAR)
        for name, edges in case.edges.items()
    ]


def add_up(case):
    for values in case.table.values():
        values.sum()


def klteach_report(case):
    compare(case.profile, case.table)


def counting_ways():
    """Name -> function of a case that returns the counts of its columns."""
    found = {
        PEER: numpy_histogram,
        OURS: klteach_count,
        "searchsorted and bincount": searchsorted,
    }
    if util.find_spec("pandas"):
        import pandas

        found["pandas.cut and value_counts"] = lambda case: [
            pandas.cut(case.pandas[name], edges, right=False, labels=False)
            .value_counts(sort=False)
            .reindex(range(REGULAR), fill_value=0)
            .to_numpy()
            for name, edges in case.open_edges.items()
        ]
        found["klteach count, pandas"] = lambda case: counts_of(case, case.pandas)
    if util.find_spec("polars"):
        found["polars cut and value_counts"] = polars_cut
        found["klteach count, polars"] = lambda case: counts_of(case, case.polars)
    if util.find_spec("duckdb") and util.find_spec("pandas"):
        found["duckdb case and group by"] = duckdb_case
        found["klteach count, duckdb"] = lambda case: counts_of(case, duckdb_relation(case))
    if util.find_spec("boost_histogram"):
        found["boost-histogram"] = boost_histogram
    return found


def counts_of(case, frame):
    histograms = case.profile.count(frame).histograms
    return [histogram.counts[:REGULAR] for histogram in histograms.values()]


def polars_cut(case):
    found = []
    for name, edges in case.edges.items():
        # to_physical: the cells are numbered in the order of the edges
        cells = case.polars[name].cut(list(edges), left_closed=True).to_physical().rename("cell")
        found.append(of_all_cells(cells.value_counts().iter_rows()))
    return found


def of_all_cells(found):
    """Counts of all cells from pairs of a cell and its count, where an empty one has none."""
    counts = np.zeros(REGULAR, dtype=np.int64)
    for cell, count in found:
        counts[cell] = count
    return counts


def duckdb_relation(case):
    import duckdb

    return duckdb.from_df(case.pandas)


def duckdb_case(case):
    relation, found = duckdb_relation(case), []
    for name, edges in case.edges.items():
        branches = " ".join(
            f"when {name} < {edge!r} then {cell}" for cell, edge in enumerate(edges.tolist())
        )
        cells = relation.aggregate(
            f"case {branches} else {len(edges)} end as cell, count(*)", "cell"
        )
        found.append(of_all_cells(cells.fetchall()))
    return found


def boost_histogram(case):
    import boost_histogram as bh

    found = []
    for name, edges in case.edges.items():
        histogram = bh.Histogram(bh.axis.Variable(edges), storage=bh.storage.Int64())
        found.append(histogram.fill(case.table[name]).values(flow=True).astype(int))
    return found


def reporting_ways():
    """Name -> function of a case that judges all columns."""
    found = {REPORT: klteach_report}
    found["klteach report, chi2"] = lambda case: compare(case.profile, case.table, null="chi2")
    # these two may be there and not fit the other packages
    for package, name, way in (
        ("evidently", "evidently report", evidently_report),
        ("nannyml", "nannyml calculate", nannyml_calculate),
    ):
        if util.find_spec(package):
            try:
                importlib.import_module(package)
            except ImportError as error:
                print(f"{package} is installed and cannot be imported: {error}")
            else:
                found[name] = way
    return found


def evidently_report(case):
    import pandas
    from evidently import Report
    from evidently.presets import DataDriftPreset

    if not hasattr(case, "pandas_reference"):
        case.pandas_reference = pandas.DataFrame(case.reference)
    Report([DataDriftPreset(num_method="psi")]).run(case.pandas, case.pandas_reference)


def nannyml_calculate(case):
    import nannyml
    import pandas

    if not hasattr(case, "calculator"):
        case.calculator = nannyml.UnivariateDriftCalculator(
            column_names=list(case.table),
            continuous_methods=["jensen_shannon"],
            chunk_number=1,
        ).fit(pandas.DataFrame(case.reference))
    case.calculator.calculate(case.pandas)


def require_equal_counts(ways, case):
    wanted = numpy_histogram(case)
    for name, way in ways.items():
        for column, counts, right in zip(case.table, way(case), wanted, strict=True):
            if not np.array_equal(counts, right):
                raise SystemExit(f"{name}: {column} has the counts {counts}, and not {right}")


def take_turns(ways, case, rounds):
    """Name -> seconds of a call, one number for each round."""
    times = {name: [] for name in ways}
    for place in range(rounds):
        for name, way in ways.items():
            if place and name in SLOW:
                continue
            start = time.perf_counter()
            way(case)
            times[name].append(time.perf_counter() - start)
    return times


def memory(way, case):
    """The most that is taken on top of the table, in megabytes."""
    tracemalloc.start()
    way(case)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / MEGABYTE


def spread(values):
    """The median, and between which values the middle half lies."""
    if len(values) == 1:
        return f"{values[0]:.2f}"
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{median:.2f} ({low:.2f}-{high:.2f})"


def compare_times(rows, rounds):
    case = Case(rows)
    counting = counting_ways()
    require_equal_counts(counting, case)
    ways = counting | reporting_ways() | {FLOOR: add_up}
    times = take_turns(ways, case, rounds)
    print(f"\n{COLUMNS} columns x {rows:,} rows: time, ratio to {PEER} (middle half), memory\n")
    medians = {}
    for name, own in times.items():
        ratios = [one / other for one, other in zip(own, times[PEER], strict=True)]
        medians[name] = statistics.median(ratios)
        taken = "" if name in SLOW else f"{memory(ways[name], case):10.1f} MB"
        print(f"  {name:36}{statistics.median(own) * 1e3:12,.1f} ms {spread(ratios):>22}{taken}")
    return medians


def compare_permutations(rows, shuffles):
    """1000 draws of counts, and shuffles of rows: how long, and whether the law is the same."""
    generator = np.random.default_rng(6)
    smoothing = Smoothing.additive(0.5)
    codes = generator.integers(0, CELLS, size=2 * rows)
    current, baseline = (
        np.bincount(part, minlength=CELLS) for part in (codes[:rows], codes[rows:])
    )
    seconds = []
    for seed in range(11):
        start = time.perf_counter()
        null = permutation_null("psi", smoothing, current, baseline, 1000, seed)
        seconds.append(time.perf_counter() - start)
    drawn = statistics.median(seconds)
    values = []
    start = time.perf_counter()
    for _ in range(shuffles):
        generator.shuffle(codes)
        now = np.bincount(codes[:rows], minlength=CELLS)
        values.append(divergence("psi", *smoothing.shares(now, current + baseline - now)))
    shuffled = (time.perf_counter() - start) * 1000 / shuffles
    gap = np.mean(values) - null.values.mean()
    error = np.sqrt(np.var(values) / len(values) + np.var(null.values) / len(null.values))
    print(
        f"  {rows:>9,} rows on either side: {drawn * 1e3:.2f} ms for 1000 draws of counts, "
        f"{shuffled * 1e3:,.0f} ms for\n  {'':9} 1000 shuffles of the rows "
        f"({shuffled / drawn:,.0f} x); the means differ by {gap / error:+.1f} standard errors"
    )
    return drawn


def check_file(rows):
    """A Parquet file through the command line: how long, and how much memory in all."""
    import pyarrow
    import pyarrow.parquet

    part = 1_000_000
    generator = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        path, baseline = Path(folder, "table.parquet"), Path(folder, "baseline.json")
        names = [f"feature_{place}" for place in range(8)]
        writer = None
        for start in range(0, rows, part):
            here = min(part, rows - start)
            table = pyarrow.table({name: generator.standard_normal(here) for name in names})
            writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
        writer.close()
        size = path.stat().st_size / MEGABYTE
        print(f"\n{rows:,} rows x {len(names)} columns, a Parquet file of {size:,.0f} MB:\n")
        run = [sys.executable, "-m", "klteach", "drift"]
        commands = (
            ["baseline", str(path), "--out", str(baseline)],
            ["check", str(baseline), str(path)],
        )
        for words in commands:
            start = time.perf_counter()
            # with a process of its own around it, which tells the memory of this one command
            code = (
                "import resource, subprocess, sys; found = subprocess.run(sys.argv[1:], "
                "stdout=subprocess.DEVNULL).returncode; "
                "print(found, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            )
            found = subprocess.run(
                [sys.executable, "-c", code, *run, *words],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout.split()
            took = time.perf_counter() - start
            print(
                f"  klteach drift {words[0]:10} exit code {found[0]}, {took:6.1f} s, "
                f"{int(found[1]) / 1024:,.0f} MB at most"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="rounds per size (default 5)")
    parser.add_argument("--without-1e6", action="store_true", help="leave out the longer table")
    parser.add_argument("--file", type=int, metavar="ROWS", help="check a Parquet file, too")
    arguments = parser.parse_args()
    if arguments.rounds < 2:
        parser.error("--rounds must be at least 2: the spread is printed, too.")
    installed = [name for name in ("numpy", *PACKAGES) if _version(name)]
    versions = ", ".join(f"{name} {_version(name)}" for name in installed)
    print(f"Python {platform.python_version()}, {versions}, {platform.machine()}")
    missing = [name for name in PACKAGES if name not in installed]
    if missing:
        print(f"not installed and not measured: {', '.join(missing)}")
    warnings.filterwarnings("ignore")  # the others' warnings about each other
    summary = []
    for rows in SIZES[: 1 if arguments.without_1e6 else None]:
        medians = compare_times(rows, arguments.rounds)
        # with fewer rows the draws, which cost the same for any number of rows, take most of it
        target = TARGET if rows == SIZES[-1] else None
        summary.append((f"report, {COLUMNS} x {rows:,}", medians[REPORT], target, f"x {PEER}"))
    print("\nThe permutation null of one column, 10 cells:\n")
    for rows, shuffles in ((1_000, 2000), (100_000, 200)):
        drawn = compare_permutations(rows, shuffles)
        summary.append((f"1000 draws, {rows:,}", drawn * 1e3, MOST_MILLISECONDS, "ms"))
    if arguments.file:
        check_file(arguments.file)
    print("\nIn short:\n")
    for what, value, target, unit in summary:
        wanted = f"   wanted: {target:.1f} at most" if target else ""
        print(f"  {what:28}{value:8.2f} {unit}{wanted}")


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
