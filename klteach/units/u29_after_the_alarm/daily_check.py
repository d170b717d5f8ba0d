"""One day against the baseline, as a script for cron.

    python -m klteach.units.u29_after_the_alarm.daily_check baseline.json day_29.csv --rows rows.csv

The exit code is 0 for a quiet day, 1 for a drift, 2 where the check cannot tell: too few rows, no
file, other columns. A drift writes the rows to review, with their numbers in the file, to --rows.
It reads the CSV by itself, so that it needs NumPy alone; `klteach drift check` does the same for
files of any size, and more.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np

from klteach.drift import DriftError, Profile, compare
from klteach.drift.verdicts import DRIFT, NO_DRIFT, SMALL

QUIET, ALARM, CANNOT_TELL = 0, 1, 2
CODES = {NO_DRIFT: QUIET, SMALL: QUIET, DRIFT: ALARM}


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(prog="daily_check", description=__doc__.split("\n")[0])
    parser.add_argument("baseline", help="made by Profile.save or klteach drift baseline")
    parser.add_argument("day", help="a CSV with a line of names")
    parser.add_argument("--least-effect", type=float, default=0.0, help="a smaller PSI is quiet")
    parser.add_argument("--rows", help="where the rows to review are written")
    parser.add_argument("--quiet", action="store_true", help="no output but the exit code")
    chosen = parser.parse_args(arguments)
    try:
        return _check(chosen)
    # whatever went wrong, nobody may take it for a quiet day
    except (DriftError, OSError, ValueError) as error:
        print(f"daily_check: cannot tell: {error}", file=sys.stderr)
        return CANNOT_TELL


def _check(chosen) -> int:
    baseline = Profile.load(chosen.baseline)
    lines, table = _read(chosen.day, baseline)
    report = compare(baseline, table, least_effect=chosen.least_effect)
    if not chosen.quiet:
        print(f"{Path(chosen.day).stem}: {report.headline}")
    if report.verdict == DRIFT and chosen.rows:
        _write_rows(chosen.rows, lines, report.rows_to_review(table))
    return CODES.get(report.verdict, CANNOT_TELL)


def _read(path, baseline):
    """(the lines, the columns of the baseline as arrays) of a CSV."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    if not lines:
        raise ValueError(f"{path} has no rows.")
    table = {}
    for name, binning in baseline.binnings.items():
        if name not in lines[0]:
            raise ValueError(f"{path} has no column {name!r}.")
        texts = [line[name] for line in lines]
        if binning.kind == "numbers":
            table[name] = np.array([float(text or "nan") for text in texts])
        else:
            table[name] = np.array(texts, dtype=object)
    return lines, table


def _write_rows(path, lines, review):
    """The lines under review, each with its column and its number in the file, from 0."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["drifting", "row", *lines[0]])
        writer.writeheader()
        for column, rows in review.items():
            for row in rows:
                writer.writerow({"drifting": column, "row": int(row), **lines[row]})


if __name__ == "__main__":
    sys.exit(main())
