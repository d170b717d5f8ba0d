"""`klteach drift`: lock a baseline, and hold other data against it.

klteach drift baseline train.parquet --out baseline.json
klteach drift check baseline.json today.parquet --html report.html
"""

import argparse
import datetime
import os
import sys
from dataclasses import fields, replace
from pathlib import Path

from klteach.cli.drift_settings import names_in, settings_of
from klteach.cli.progress import Progress
from klteach.drift.errors import DriftError

NO_DRIFT, DRIFT, CANNOT_TELL = 0, 1, 2
_CODES = {"no drift": NO_DRIFT, "small drift": NO_DRIFT, "drift": DRIFT}
DATA = "CSV or Parquet of any size; a folder of key=value folders; - is the standard input"


def add_to(subjects) -> None:
    """Add `drift` and its two commands to the command line."""
    drift = subjects.add_parser("drift", help="watch data for drift")
    commands = drift.add_subparsers(required=True, metavar="COMMAND")
    _add_baseline(commands)
    _add_check(commands)


def _add_baseline(commands):
    baseline = commands.add_parser(
        "baseline",
        help="lock the cells of each column on good data and keep its counts",
        description="Lock the cells of each column on good data and keep its counts as one JSON "
        "file. What each column is taken for, and how closely it is watched, is printed.",
    )
    baseline.add_argument("file", metavar="FILE", help=DATA)
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
    baseline.add_argument(
        "--period", default="day", help="of times as windows: hour, day (the default), week, month"
    )
    baseline.add_argument(
        "--without-windows", metavar="A,B", default="", help="windows that were not good"
    )
    baseline.add_argument(
        "--parts", metavar="TIME:hour,TIME:weekday", default="", help="parts of times to watch"
    )
    _add_dialect(baseline)
    baseline.add_argument("--force", action="store_true", help="replace an existing baseline")
    baseline.add_argument("--quiet", action="store_true", help="no output")
    baseline.set_defaults(run=make_baseline)


def _add_check(commands):
    check = commands.add_parser(
        "check",
        help="hold data against a baseline",
        description="Hold data against a baseline, window by window where the baseline has "
        "windows. The exit code is 0 for no drift, 1 for drift, 2 for bad input and where it "
        "cannot be told.",
    )
    check.add_argument("baseline", metavar="BASELINE", help="made by klteach drift baseline")
    check.add_argument("files", metavar="FILE", nargs="+", help=DATA + "; other folders; patterns")
    check.add_argument("--html", metavar="FILE", help="the report as one page; replaces a file")
    check.add_argument("--json", metavar="FILE", help="the report as JSON; replaces a file")
    check.add_argument(
        "--history", metavar="FILE", help="add a line of JSON for each window to this file"
    )
    check.add_argument(
        "--settings", metavar="TOML", help="a file with these options, and with some of columns"
    )
    check.add_argument(
        "--alarm", help="of several windows: more than chance (the default), any, last"
    )
    check.add_argument("--ignore", "--without", metavar="A,B", help="columns not to look at")
    check.add_argument(
        "--least-effect",
        metavar="X|COLUMN=X",
        action="append",
        help="a smaller divergence is no alarm, of all columns or of one; may come several times",
    )
    check.add_argument(
        "--least-shift",
        metavar="X|COLUMN=X",
        action="append",
        help="the same in standard deviations: 0.1 is the divergence of a normal law that moves by "
        "a tenth of one",
    )
    check.add_argument(
        "--like",
        help="hold like windows against like: weekday, weekend (the default where a baseline has "
        "enough weekends), month, hour, none",
    )
    check.add_argument("--divergence", help="psi (the default), kl, reverse kl, js")
    check.add_argument(
        "--smoothing",
        help="additive:0.5 (the default), merge-empty, infinite, error",
    )
    check.add_argument(
        "--null",
        help="windows (the default where the baseline has windows), permutation (the default where "
        "not), chi2",
    )
    check.add_argument("--rate", type=float, help="of false alarms (0.05)")
    check.add_argument(
        "--multiplicity",
        help="benjamini-hochberg (the default), bonferroni, max (the default with windows)",
    )
    check.add_argument("--seed", type=int, help="of the null distribution; without it a fixed one")
    _add_dialect(check)
    check.add_argument("--quiet", action="store_true", help="no output but the exit code")
    check.set_defaults(run=check_files)


def _add_dialect(parser):
    csv = parser.add_argument_group("how a CSV is written, if not as usual (or as the baseline)")
    csv.add_argument("--separator", metavar="C", help="between the fields; a comma")
    csv.add_argument("--decimal", metavar="C", help="the decimal mark, . or a comma")
    csv.add_argument("--thousands", metavar="C", help="what parts thousands")
    csv.add_argument("--encoding", help="of the text; utf-8")
    csv.add_argument("--comment", metavar="TEXT", help="lines that begin with it are passed over")
    csv.add_argument(
        "--missing", metavar="TEXT", action="append", help="stands for a missing value, as '-'"
    )
    csv.add_argument("--signs", metavar="CHARACTERS", help="around numbers, to be left out: '$%%'")
    csv.add_argument(
        "--last-line-open",
        action="store_true",
        default=None,
        help="the last line may end without a line break",
    )


def make_baseline(chosen: argparse.Namespace) -> int:
    """`klteach drift baseline`."""
    from klteach.drift.overview import overview
    from klteach.drift.profile import Profile

    # the data may take an hour to count, so what can fail fails before
    if Path(chosen.out).exists() and not chosen.force:
        raise DriftError(f"{chosen.out} exists already; --force replaces it.")
    _require_apart({"FILE": chosen.file, "--out": chosen.out})
    _require_folder(chosen.out)
    found = _sources([chosen.file])
    if len(found) > 1:
        raise DriftError(
            f"{chosen.file} is {len(found)} files, and a baseline is locked on one table. Write "
            "them into one file, or into folders called key=value."
        )
    dialect = _dialect(chosen, {})
    parts = _parts(chosen.parts)
    try:
        table = found[0].open(dialect=dialect)
        if parts:
            table = table.with_parts(parts)
        with Progress(found[0].name, "rows", chosen.quiet) as progress:
            profile = Profile.of(
                table,
                columns=names_in(chosen.columns) if chosen.columns is not None else None,
                cells=chosen.cells,
                categorical=names_in(chosen.categorical),
                window=chosen.window,
                without=[*names_in(chosen.without), *_times_of(parts, chosen.window)],
                without_windows=names_in(chosen.without_windows),
                period=chosen.period,
                progress=progress,
            )
        reading = {"dialect": dialect.to_dict(), "parts": parts}
        kept = {name: value for name, value in reading.items() if value}
        profile = replace(profile, reading=profile.reading | kept)
        profile.save(chosen.out, overwrite=chosen.force)
        if not chosen.quiet:
            print(overview(profile, chosen.out, table.hints()))
    finally:
        found[0].close()
    return NO_DRIFT


def check_files(chosen: argparse.Namespace) -> int:
    """`klteach drift check`."""
    from klteach.drift.failure_page import failure_json, failure_page
    from klteach.drift.saving import write_whole

    pages = {"--html": chosen.html, "--json": chosen.json}
    pages = {option: path for option, path in pages.items() if path}
    history = {"--history": chosen.history} if chosen.history else {}
    named = [file for file in chosen.files if file != "-"]
    files = {"FILE" if len(named) == 1 else f"FILE {file}": file for file in named}
    _require_apart({"BASELINE": chosen.baseline, **files, **pages, **history})
    for path in (*pages.values(), *history.values()):
        _require_folder(path)
    about = {
        "file": ", ".join(Path(file).name for file in chosen.files),
        "baseline": Path(chosen.baseline).name,
        "checked": _now(),
    }
    try:
        found = _checked(chosen, about)
    except DriftError as error:
        # the page of an earlier check would be taken for that of this one
        if chosen.html:
            write_whole(chosen.html, failure_page(str(error), about), overwrite=True)
        if chosen.json:
            write_whole(chosen.json, failure_json(str(error), about), overwrite=True)
        raise
    single = found.windows[0].report if len(found.windows) == 1 else None
    shown = single or found
    if chosen.json:
        write_whole(chosen.json, shown.to_json(), overwrite=True)
    if chosen.html:
        write_whole(chosen.html, shown.to_html(), overwrite=True)
    if chosen.history:
        with open(chosen.history, "a", encoding="utf-8") as file:
            file.write(found.to_json_lines())
    if not chosen.quiet:
        print(shown)
    verdict = shown.verdict
    if verdict not in _CODES:
        reports = [window.report for window in found.windows]
        columns = dict.fromkeys(c.column for r in reports for c in r.with_verdict(verdict))
        print(
            f"klteach: cannot tell: {verdict} in {', '.join(columns)}; "
            f"--ignore {','.join(columns)} passes over {'it' if len(columns) == 1 else 'them'}",
            file=sys.stderr,
        )
    return _CODES.get(verdict, CANNOT_TELL)


def _checked(chosen, about):
    """A Timeline of all windows of all files."""
    from klteach.drift.comparison import Options, compare, compare_windows
    from klteach.drift.profile import Profile
    from klteach.drift.timeline import ALARMS, Timeline, WindowCheck

    baseline = Profile.load(chosen.baseline)
    settings = settings_of(chosen, list(baseline.histograms))
    if settings.ignored:
        baseline = baseline.without_columns(settings.ignored)
    options = settings.options
    # a misspelt option is found before a large file is read
    checked = Options.checked(baseline, **options)
    alarm = settings.alarm or ALARMS[0]
    if alarm not in ALARMS:
        raise DriftError(f"alarm {alarm!r} is not known; there are {', '.join(ALARMS)}.")
    dialect = _dialect(chosen, baseline.reading.get("dialect", {}))
    parts = {name: tuple(part) for name, part in baseline.reading.get("parts", {}).items()}
    # a null of independent rows asks for no windows
    window = baseline.window.get("column") if checked.null == "windows" else None
    checks: list[WindowCheck] = []
    for source in _sources(chosen.files):
        try:
            table = source.open({c: b.kind for c, b in baseline.binnings.items()}, dialect)
            if parts:
                table = table.with_parts(parts)
            by = window if window in table.names else None
            with Progress(source.name, "rows", chosen.quiet) as progress:
                counted = baseline.count(table, by, progress, absent="report")
        finally:
            source.close()
        of = about | {"file": source.name}
        if by:
            checks += compare_windows(baseline, counted, about=of, **options).windows
        else:
            report = compare(baseline, counted, about=of, **options)
            checks.append(WindowCheck(source.name, source.name, report))
    return Timeline(tuple(checks), checked.rate, alarm)


def _sources(paths):
    try:
        from klteach.drift.sources import sources
    except ImportError:
        raise DriftError('reading files needs Polars: pip install "klteach[drift]".') from None
    return sources(paths)


def _now() -> str:
    """The time of the check; SOURCE_DATE_EPOCH makes a report the same every time."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed is not None and fixed.isdecimal():
        return datetime.datetime.fromtimestamp(int(fixed), datetime.UTC).isoformat()
    return datetime.datetime.now().astimezone().isoformat(timespec="seconds")


def _dialect(chosen, known):
    """The dialect of the options; what they leave open is that of the baseline."""
    from klteach.drift.csv_dialect import CsvDialect

    dialect = CsvDialect.from_dict(known)
    given = {field.name: getattr(chosen, field.name) for field in fields(CsvDialect)}
    return replace(dialect, **{name: value for name, value in given.items() if value is not None})


def _parts(text: str) -> dict[str, tuple[str, str]]:
    """{"created:hour": ("created", "hour")}"""
    parts = {}
    for name in names_in(text):
        column, colon, part = name.rpartition(":")
        if not colon:
            raise DriftError(f"--parts {name!r} is not COLUMN:hour or COLUMN:weekday.")
        parts[name] = (column, part)
    return parts


def _times_of(parts, window) -> list[str]:
    """Columns of times of which only parts are watched."""
    return [column for column in dict.fromkeys(c for c, _ in parts.values()) if column != window]


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
