"""A class whose notebooks say in words what they are worth, so that nothing has to be run.

What a file holds ("02 right", "01 almost, by ada", "broken") stands for what the grader would find;
everything around it is the command's own: paths, runs, files that are written.
"""

import csv
import hashlib
import io
import os
from pathlib import Path

from klteach.cli import main
from klteach.grading import run
from klteach.grading.grade import empty_record
from tests.grading.class_records import answers

LESSONS = {
    "00": "00_start_here",
    "01": "01_surprise_entropy_bits",
    "02": "02_cross_entropy_and_kl",
    "03": "03_never_negative",
}
FULL = 9.0


class Quick:
    """The command on such a class; `graded` are the files that were graded, in order."""

    def __init__(self, folder: Path, monkeypatch):
        self.folder = folder
        self.out = folder / "marks"
        self.graded: list[str] = []
        monkeypatch.chdir(folder)
        for name in ("in_this_process", "on_processes"):
            monkeypatch.setattr(run, name, lambda *_: self._each)

    def _each(self, waiting, limits, seed):
        for number, data in waiting:
            self.graded.append(data.decode())
            yield number, worth(data, seed), 0.01

    def hand_in(self, path: str, words: str, time: float | None = 1_800_000_000.0) -> Path:
        """Put a file into the class; without an ending it is a folder with a notebook of 02."""
        file = self.folder / path
        if file.suffix != ".ipynb":
            file = file / f"{LESSONS['02']}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(words)
        if time is not None:
            os.utime(file, (time, time))
        return file

    def grade(self, *arguments: str) -> int:
        """Run the command; without --out it writes into `marks`."""
        out = () if "--out" in arguments else ("--out", str(self.out))
        return main(["grade", *arguments, *out])

    def rows(self, name: str = "grades.csv") -> list[dict]:
        """The rows of a table."""
        text = (self.out / name).read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def scores(self) -> dict[str, str]:
        """What each learner has in grades.csv; of a notebook that does not count nothing."""
        rows = [row for row in self.rows() if row["status"] != "superseded"]
        assert len({row["student"] for row in rows}) == len(rows)
        return {row["student"]: row["score"] for row in rows}

    def page(self, name: str = "class.html") -> str:
        """A page as it is written."""
        return (self.out / name).read_text(encoding="utf-8")

    def adjust(self, *lines: str, encoding: str = "utf-8-sig", heading=True) -> None:
        """Write adjustments.csv."""
        self.out.mkdir(exist_ok=True)
        heads = ["student,question,points,comment"] if heading else []
        text = "\r\n".join([*heads, *lines, ""])
        (self.out / "adjustments.csv").write_bytes(text.encode(encoding))


def worth(data: bytes, seed: str) -> dict:
    """The record of a file: "02 right", "02 almost", "broken"; what follows makes others bytes."""
    record = empty_record(hashlib.sha256(data).hexdigest(), seed)
    lesson, _, kind = data.decode().partition(" ")
    if lesson not in LESSONS:
        problem = "the file ends in the middle of a word."
        return {**record, "status": "unreadable", "problem": problem, "human": [problem]}
    given = [dict(answer) for answer in answers(kind.split(",")[0].split()[0], LESSONS[lesson])]
    return {
        **record,
        "status": "graded",
        "lesson": LESSONS[lesson],
        "kind": "exercise",
        "questions": given,
        "score": float(sum(answer["score"] for answer in given)),
        "points": float(sum(answer["points"] for answer in given)),
        "isolation": "none",
    }
