"""results.jsonl: one line for each submission, added as soon as it is graded.

A run that was interrupted goes on where it stopped, and a later run adds to what is there: nobody
is lost because somebody else was graded alone. When all is done the lines are put in order, so
that the same submissions and the same seed give the same bytes. How long each took is never the
same twice, so that stands in a file of its own, times.jsonl, with the limits that held.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from klteach.grading.errors import GradingError
from klteach.grading.grade import FORMAT
from klteach.grading.saving import write_whole

try:
    import fcntl
except ImportError:  # Windows, where nothing is graded
    fcntl = None  # type: ignore[assignment]

NAME, TIMES, EARLIER, LOCK = "results.jsonl", "times.jsonl", "earlier", ".running"
_ANEW = (
    "--replace grades all that the paths hold anew and keeps the old results in a folder "
    f"{EARLIER}/; or name another folder"
)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The only run into this folder, as long as it takes: of two each would leave out the other.

    Errors: GradingError if another one is at it, or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise GradingError(f"{folder} cannot be written: {error.strerror}.") from None
    try:
        if fcntl is not None:
            _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)  # which gives the lock back, as the end of the process would


def _lock(descriptor, folder) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise GradingError(
            f"another run is writing into {folder}. Wait for it to end, or name another folder."
        ) from None
    except OSError:  # a file system that knows no locks
        pass


class Records:
    """The records of a class in a folder.

    replace   what earlier runs found does not count any more; a copy of it is kept
    """

    def __init__(self, folder: Path, replace: bool = False):
        self.path = folder / NAME
        self._replace = replace
        self._times = folder / TIMES
        self._records = {_place(record): record for record in self._read()}
        self._of_key = {record["key"]: record for record in self._records.values()}

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
        return {key: seconds for key, (seconds, _) in self._ways().items()}

    @property
    def limits(self) -> dict[str, list]:
        """The limits that held for each file, by its key, as far as they are known."""
        return {key: limits for key, (_, limits) in self._ways().items()}

    def _ways(self):
        try:
            lines = self._times.read_text(encoding="utf-8").splitlines()
            return {
                key: (float(seconds), list(limits[0]) if limits else [])
                for key, seconds, *limits in map(json.loads, lines)
            }
        except (OSError, ValueError, TypeError):
            return {}  # only the page of the class shows them

    def require(self, seed: str, made_with: str) -> None:
        """GradingError unless what is there was made with this seed and this version.

        With `replace`, what was not is put aside.
        """
        for record in self._records.values():
            made = record["seed"], record["made_with"], record.get("format")
            if made != (seed, made_with, FORMAT):
                if self._replace:
                    return self._put_aside()
                raise GradingError(
                    f"{self.path} was made with another seed or by another version "
                    f"({record['made_with']}, form {record.get('format')}), whose marks may differ "
                    f"from this one's. {_ANEW}, or use the same seed."
                )

    def _put_aside(self):
        self._keep_a_copy()
        try:
            self.path.unlink()
            self._times.unlink(missing_ok=True)
        except OSError as error:
            raise GradingError(f"{self.path} cannot be removed: {error.strerror}.") from None
        self._records, self._of_key = {}, {}

    def _keep_a_copy(self):
        text = "".join(map(_line, self._records.values()))
        number = 1
        while (copy := self.path.parent / EARLIER / f"results-{number}.jsonl").exists():
            number += 1
        write_whole(copy, text)

    def find(self, key: str) -> dict | None:
        """The record of a file with these very bytes, whosever it is, if it was graded already."""
        record = self._of_key.get(key)
        # that the grader failed may have been the machine's fault
        return record if record and record["status"] != "failed" else None

    def of_earlier_runs(self) -> list[dict]:
        """The records that were there when this run began, and still count."""
        return [] if self._replace else list(self._records.values())

    def add(self, record: dict, seconds: float, limits: list) -> None:
        """Keep a record; it is on the disk when this returns."""
        with open(self._times, "a", encoding="utf-8") as times:
            times.write(json.dumps([record["key"], round(seconds, 4), limits]) + "\n")
        self._file.write(_line(record))
        self._file.flush()
        os.fsync(self._file.fileno())

    def finish(self, records: list[dict]) -> None:
        """Leave these records and no others, in order."""
        if self._replace and not self._records.keys() <= set(map(_place, records)):
            self._keep_a_copy()
        write_whole(self.path, "".join(map(_line, sorted(records, key=_place))))

    def _read(self):
        if not self.path.exists():
            return
        lines = self.path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines, 1):
            try:
                if line:
                    record = json.loads(line)
                    _place(record), record["seed"], record["made_with"], record["status"]
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


def _place(record) -> tuple[str, str, str]:
    return record["student"], record["file"], record["key"]


def _line(record) -> str:
    return json.dumps(record, ensure_ascii=True, sort_keys=True, allow_nan=False) + "\n"
