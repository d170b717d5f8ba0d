"""results.jsonl: one line for each submission, added as soon as it is graded.

A run that was interrupted goes on where it stopped. When all is done the lines are put in order, so
that the same submissions and the same seed give the same bytes. How long each took is never the
same twice, so that stands in a file of its own, times.jsonl.
"""

import json
import os
from pathlib import Path

from klteach.grading.errors import GradingError
from klteach.grading.saving import write_whole

NAME, TIMES = "results.jsonl", "times.jsonl"


class Records:
    """The records of a class in a folder."""

    def __init__(self, folder: Path):
        self.path = folder / NAME
        self._records = {_place(record): record for record in self._read()}
        self._times = folder / TIMES

    def __enter__(self):
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self.path, "a", encoding="utf-8")
        except OSError as error:
            raise GradingError(f"{self.path} cannot be written: {error.strerror}.") from None
        return self

    def __exit__(self, *_):
        self._file.close()

    @property
    def times(self) -> dict[str, float]:
        """The seconds that each file took, by its key, as far as they are known."""
        try:
            lines = self._times.read_text(encoding="utf-8").splitlines()
            return {key: float(seconds) for key, seconds in map(json.loads, lines)}
        except (OSError, ValueError, TypeError):
            return {}  # only the page of the class shows them

    def require(self, seed: str, made_with: str) -> None:
        """GradingError unless what is there was made with this seed and this version."""
        for record in self._records.values():
            if (record["seed"], record["made_with"]) != (seed, made_with):
                raise GradingError(
                    f"{self.path} was made with another seed or by another version "
                    f"({record['made_with']}). Grade into another folder, or with the same seed."
                )

    def find(self, student: str, file: str, key: str) -> dict | None:
        """The record of this submission, if these very bytes were graded already."""
        record = self._records.get((student, file))
        return record if record and record["key"] == key else None

    def add(self, record: dict, seconds: float) -> None:
        """Keep a record; it is on the disk when this returns."""
        self._records[_place(record)] = record
        with open(self._times, "a", encoding="utf-8") as times:
            times.write(json.dumps([record["key"], round(seconds, 4)]) + "\n")
        self._file.write(_line(record))
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self, records: list[dict]) -> None:
        """Leave these records and no others, in order."""
        write_whole(self.path, "".join(map(_line, sorted(records, key=_place))))

    def _read(self):
        if not self.path.exists():
            return
        lines = self.path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines, 1):
            try:
                if line:
                    record = json.loads(line)
                    _place(record), record["seed"], record["key"], record["made_with"]
                    yield record
            except (ValueError, TypeError, KeyError):
                if number == len(lines):
                    # the run was cut off in the middle of this line; what follows begins anew
                    text = "".join(f"{whole}\n" for whole in lines[:-1])
                    write_whole(self.path, text)
                    return
                raise GradingError(
                    f"line {number} of {self.path} is no record. Move the file away to grade anew."
                ) from None


def _place(record) -> tuple[str, str]:
    return record["student"], record["file"]


def _line(record) -> str:
    return json.dumps(record, ensure_ascii=True, sort_keys=True, allow_nan=False) + "\n"
