"""When a class had to hand in, and who did so later, as far as that is known."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from klteach.grading.errors import GradingError
from klteach.grading.hand_ins import said_to_be_late

_MINUTE_ONLY = re.compile(r"[T ]\d\d:\d\d(?:Z|[+-]\d\d:?\d\d)?$")
_BY = {
    "platform": "by the time in the platform's file name",
    "archive": "by the clock of the archive",
    "file": "by the time of the file, which is when it was saved or unpacked",
}
LATE, IN_TIME, UNKNOWN = "yes", "no", ""


def read_due(said: str) -> datetime:
    """A due date with its time zone, the one of this machine if none is said.

    A date alone means the end of that day, and a time without seconds all of that minute.

    Errors: GradingError if it is no date.
    """
    try:
        due = datetime.fromisoformat(said.strip())
    except ValueError:
        raise GradingError(
            f"--due {said!r} is no date and time: write 2026-11-30T23:59, with +01:00 after it for "
            "another time zone than this machine's."
        ) from None
    if len(said.strip()) <= 10:
        due += timedelta(days=1, seconds=-1)
    elif _MINUTE_ONLY.search(said.strip()):
        due += timedelta(seconds=59)
    return due if due.tzinfo else due.astimezone()


def in_words(due: datetime) -> str:
    """The date, the time and the zone.

    >>> in_words(read_due("2026-11-30T23:59+01:00"))
    '30 November 2026, 23:59 (UTC+01:00)'
    """
    zone = due.strftime("%z")
    return f"{due.day} {due:%B %Y, %H:%M} (UTC{zone[:3]}:{zone[3:5]})"


@dataclass(frozen=True)
class Lateness:
    """Whether a hand-in was late: LATE, IN_TIME or UNKNOWN, and by whose word."""

    late: str
    by: str = ""


def lateness(records: Iterable[dict], due: datetime | None) -> list[Lateness]:
    """Of each record, whether it was late.

    A platform's own word comes first. The times of the files are no evidence where all of them are
    after the due date: then they are the times of the download.
    """
    records = list(records)
    download = all_after(records, due)
    found = []
    for record in records:
        clock = record.get("clock")
        if said_to_be_late(record):
            found.append(Lateness(LATE, "says the learning platform"))
        elif due is None or not clock or (download and clock == "file"):
            found.append(Lateness(UNKNOWN))
        else:
            found.append(Lateness(LATE if _after(record, due) else IN_TIME, _BY[clock]))
    return found


def all_after(records: Iterable[dict], due: datetime | None) -> bool:
    """Whether all files are from after the due date, so that their times tell nothing."""
    by_file = [r for r in records if r.get("clock") == "file" and not said_to_be_late(r)]
    return len(by_file) > 1 and due is not None and all(_after(record, due) for record in by_file)


def _after(record, due) -> bool:
    return _moment(record, due) > due.replace(microsecond=999_999)


def _moment(record, due) -> datetime:
    time = record["time"]
    if isinstance(time, str):
        moment = datetime.fromisoformat(time)
        # by a clock on some wall, which is taken to be the one of the due date
        return moment if moment.tzinfo else moment.replace(tzinfo=due.tzinfo)
    moment = datetime.fromtimestamp(time, UTC)
    # an archive's times are read as if its clock showed UTC
    return moment.replace(tzinfo=due.tzinfo) if record["clock"] == "archive" else moment
