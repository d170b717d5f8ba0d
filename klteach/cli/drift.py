"""`klteach drift`: lock a baseline, and hold other files against it.

klteach drift baseline train.parquet --out baseline.json
klteach drift check baseline.json today.parquet --html report.html
"""

import argparse
import sys
from pathlib import Path

from klteach.cli.progress import Progress
from klteach.drift.errors import DriftError

NO_DRIFT, DRIFT, CANNOT_TELL = 0, 1, 2
_CODES = {"no drift": NO_DRIFT, "drift": DRIFT}


def add_to(subjects) -> None:
    """Add `drift` and its two commands to the command line."""
    drift = subjects.add_parser("drift", help="watch data for drift")
    commands = drift.add_subparsers(required=True, metavar="COMMAND")
    _add_baseline(commands)
    _add_check(commands)


def _add_baseline(commands):
    baseline = commands.add_parser(
        "baseline",
        help="lock the cells of each column on a good file and keep its counts",
        description="Lock the cells of each column on a good CSV or Parquet file and keep its "
        "counts as one JSON file.",
    )
    baseline.add_argument("file", metavar="FILE", help="CSV or Parquet of any size")
    baseline.add_argument("--out", required=True, metavar="JSON", help="the baseline to write")
    baseline.add_argument("--columns", metavar="A,B", help="only these columns")
    baseline.add_argument("--without", metavar="A,B", default="", help="all columns but these")
    baseline.add_argument(
        "--categorical", metavar="A,B", default="", help="columns of numbers that are categories"
    )
    baseline.add_argument("--cells", type=int, default=10, help="of each column of numbers (10)")
    baseline.add_argument(
        "--window", metavar="COLUMN", help="rows of one value belong together: a day, a class"
    )
    baseline.add_argument("--force", action="store_true", help="replace an existing baseline")
    baseline.add_argument("--quiet", action="store_true", help="no output")
    baseline.set_defaults(run=make_baseline)


def _add_check(commands):
    check = commands.add_parser(
        "check",
        help="hold a file against a baseline",
        description="Hold a CSV or Parquet file against a baseline. The exit code is 0 for no "
        "drift, 1 for drift, 2 for bad input and where it cannot be told.",
    )
    check.add_argument("baseline", metavar="BASELINE", help="made by klteach drift baseline")
    check.add_argument("file", metavar="FILE", help="CSV or Parquet")
    check.add_argument("--html", metavar="FILE", help="the report as one page; replaces a file")
    check.add_argument("--json", metavar="FILE", help="the report as JSON; replaces a file")
    check.add_argument("--divergence", default="psi", help="psi (the default), kl, reverse kl, js")
    check.add_argument(
        "--smoothing",
        default="additive:0.5",
        help="additive:0.5 (the default), merge-empty, infinite, error",
    )
    check.add_argument(
        "--null", default="permutation", help="permutation (the default), chi2, windows"
    )
    check.add_argument("--rate", type=float, default=0.05, help="of false alarms (0.05)")
    check.add_argument(
        "--multiplicity",
        help="benjamini-hochberg (the default), bonferroni, max (the default with windows)",
    )
    check.add_argument("--seed", type=int, help="of the null distribution; without it a fixed one")
    check.add_argument("--quiet", action="store_true", help="no output but the exit code")
    check.set_defaults(run=check_file)


def make_baseline(chosen: argparse.Namespace) -> int:
    """`klteach drift baseline`."""
    from klteach.drift.profile import Profile

    # the data may take an hour to count, so what can fail fails before
    if Path(chosen.out).exists() and not chosen.force:
        raise DriftError(f"{chosen.out} exists already; --force replaces it.")
    _require_apart({"FILE": chosen.file, "--out": chosen.out})
    _require_folder(chosen.out)
    with Progress(Path(chosen.file).name, "rows", chosen.quiet) as progress:
        profile = Profile.of(
            chosen.file,
            columns=_listed(chosen.columns) if chosen.columns is not None else None,
            cells=chosen.cells,
            categorical=_listed(chosen.categorical),
            window=chosen.window,
            without=_listed(chosen.without),
            progress=progress,
        )
    profile.save(chosen.out, overwrite=chosen.force)
    if not chosen.quiet:
        windows = f", {len(profile.window_names)} windows" if chosen.window else ""
        print(f"{chosen.out}: {len(profile.histograms)} columns, {profile.rows} rows{windows}")
    return NO_DRIFT


def check_file(chosen: argparse.Namespace) -> int:
    """`klteach drift check`."""
    from klteach.drift.comparison import compare
    from klteach.drift.profile import Profile
    from klteach.drift.saving import write_whole

    outputs = {"--html": chosen.html, "--json": chosen.json}
    outputs = {option: path for option, path in outputs.items() if path}
    _require_apart({"BASELINE": chosen.baseline, "FILE": chosen.file, **outputs})
    for path in outputs.values():
        _require_folder(path)
    baseline = Profile.load(chosen.baseline)
    options = {
        "divergence": chosen.divergence,
        "smoothing": chosen.smoothing,
        "null": chosen.null,
        "rate": chosen.rate,
        "multiplicity": chosen.multiplicity,
        "random": chosen.seed,
    }
    # a misspelt option is found on the baseline itself, before a large file is read
    compare(baseline, baseline, **options)
    with Progress(Path(chosen.file).name, "rows", chosen.quiet) as progress:
        current = baseline.count(chosen.file, progress=progress)
    report = compare(baseline, current, **options)
    if chosen.json:
        write_whole(chosen.json, report.to_json(), overwrite=True)
    if chosen.html:
        write_whole(chosen.html, report.to_html(), overwrite=True)
    if not chosen.quiet:
        print(report)
    if report.verdict not in _CODES:
        print(f"klteach: cannot tell: {report.verdict}", file=sys.stderr)
    return _CODES.get(report.verdict, CANNOT_TELL)


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _require_apart(files: dict[str, str]) -> None:
    """DriftError if a report would be written over the data, the baseline or the other report."""
    seen: dict[Path, str] = {}
    for option, path in files.items():
        place = Path(path).resolve()
        if place in seen:
            raise DriftError(f"{seen[place]} and {option} are both {path}.")
        seen[place] = option


def _require_folder(path: str) -> None:
    if not Path(path).resolve().parent.is_dir():
        raise DriftError(f"{path} cannot be written: there is no such folder.")
