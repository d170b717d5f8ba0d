"""The options of `klteach grade`, each understood before anything is read or started."""

import argparse
import math
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from klteach.grading.errors import GradingError
from klteach.grading.limits import MEGABYTE, Limits

NONE = "none"  # takes back what an earlier run was told

_LIMITS = {
    "cell_seconds": ("--seconds-per-cell", "SECONDS", 1, "of one cell"),
    "call_seconds": ("--seconds-per-answer", "SECONDS", 1, "of all calls of one answer"),
    "submission_seconds": ("--seconds-per-notebook", "SECONDS", 1, "of a whole notebook"),
    "memory_bytes": ("--memory", "MB", MEGABYTE, "memory of a notebook"),
    "notebook_bytes": ("--notebook-size", "MB", MEGABYTE, "largest file that is read"),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Everything that can be said about a class."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="what the class handed in")
    parser.add_argument("--out", metavar="DIR", help="results.jsonl, CSV files and pages go here")

    about = parser.add_argument_group(
        "about the class", "--roster, --due and --anonymous hold for later runs into DIR as well"
    )
    about.add_argument("--lesson", metavar="NN", help="the lesson that was set, as 02")
    about.add_argument(
        "--roster", metavar="FILE", help="who is in the class, an id a line or a CSV; none: no more"
    )
    about.add_argument(
        "--due",
        metavar="DATE",
        help="list who is later than 2026-11-30T23:59, here or with +01:00 elsewhere; none: nobody",
    )
    about.add_argument(
        "--anonymous",
        action=argparse.BooleanOptionalAction,
        help="pages with codes for names; key.csv tells whose they are",
    )

    again = parser.add_argument_group("about earlier runs")
    again.add_argument(
        "--regrade", metavar="STUDENT", action="append", default=[], help="grade anew (repeatable)"
    )
    again.add_argument(
        "--replace",
        action="store_true",
        help="let only these paths count; the earlier results are kept in DIR/earlier",
    )

    limits = parser.add_argument_group("limits of one notebook")
    for name, (option, unit, factor, meaning) in _LIMITS.items():
        usual = f"{getattr(Limits(), name) / factor:g}"
        limits.add_argument(option, dest=name, metavar=unit, help=f"{meaning} ({usual})")

    how = parser.add_argument_group("how it runs")
    how.add_argument("-j", "--jobs", type=int, metavar="N", help="processes (up to one a core)")
    how.add_argument("--dask", metavar="ADDRESS", help="use the cluster of this scheduler")
    how.add_argument(
        "--seed-file",
        metavar="FILE",
        help="the secret that the hidden inputs come from; without it DIR/seed.txt, made if needed",
    )
    how.add_argument(
        "--trust", action="store_true", help="grade even where the notebooks cannot be walled in"
    )
    how.add_argument("--probe", action="store_true", help="only tell which walls there are here")
    how.add_argument("--quiet", action="store_true", help="no output")


@dataclass(frozen=True)
class Options:
    """What was said, understood."""

    limits: Limits
    lesson: str  # its slug, or ""
    due: datetime | None

    @classmethod
    def of(cls, chosen: argparse.Namespace) -> "Options":
        """Errors: GradingError if an option makes no sense."""
        from klteach.grading.marking.due import read_due

        if not chosen.paths or not chosen.out:
            raise GradingError("name what to grade, and with --out a folder for the results.")
        if chosen.jobs is not None and chosen.jobs < 1:
            raise GradingError(f"-j {chosen.jobs}: one process is the least.")
        due = None if chosen.due in (None, NONE) else read_due(chosen.due)
        return cls(limits_of(chosen), _lesson(chosen.lesson) if chosen.lesson else "", due)


def limits_of(chosen: argparse.Namespace) -> Limits:
    """The limits, with those that were named.

    Errors: GradingError if one is no positive number.
    """
    changed: dict[str, Any] = {}
    for name, (option, unit, factor, _) in _LIMITS.items():
        said = getattr(chosen, name)
        if said is None:
            continue
        try:
            value = float(said)
        except ValueError:
            value = math.nan
        if not 0 < value < 10**7:
            raise GradingError(f"{option} {said!r}: a number of {unit} above 0 is needed.")
        changed[name] = value if factor == 1 else int(value * factor)
    return replace(Limits(), **changed)


def _lesson(said: str) -> str:
    from klteach.units.lookup import questions

    lessons = sorted({question.lesson for question in questions().values()})
    for lesson in lessons:
        number = lesson.split("_")[0]
        if said.strip().casefold() in (lesson.casefold(), number, number.lstrip("0") or "0"):
            return lesson
    numbers = ", ".join(lesson.split("_")[0] for lesson in lessons)
    raise GradingError(f"--lesson {said!r}: there are exercises for {numbers}.")


def read_file_of(said: str | None) -> Path | None:
    """The file of an option, or None where it was taken back or not named."""
    return None if said in (None, NONE) else Path(said)
