"""Files as a class hands them in, and what becomes of them, without running a notebook.

Every file says in itself of which lesson it is and what it is worth, in the place of a notebook
that would have to be run to find out. All else is as `klteach grade` does it.
"""

import hashlib
import io
import json
import tempfile
import zipfile
from pathlib import Path

from klteach.grading.collecting.collect import find_submissions
from klteach.grading.grade import empty_record
from klteach.grading.limits import Limits
from klteach.grading.run import grade_class

LESSON = "02_cross_entropy_and_kl"
OTHER_LESSON = "03_never_negative"
POINTS = 9.0
LIMITS = Limits()


def work(of: str, lesson: str = LESSON, score: float = POINTS) -> bytes:
    """What stands for a notebook. `of` makes it another one."""
    return json.dumps({"lesson": lesson, "score": score, "of": of}).encode()


def written(root, files) -> Path:
    """Files below a folder: a list of names, or a dict of name -> bytes."""
    for name, content in named(files).items():
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Path(root)


def packed(files, date=(2024, 5, 1, 10, 15, 0)) -> bytes:
    """A zip of such files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in named(files).items():
            archive.writestr(zipfile.ZipInfo(name, date), content)
    return data.getvalue()


def named(files) -> dict[str, bytes]:
    """A work for each name; of a lesson that its path names, or of LESSON."""
    if isinstance(files, dict):
        return files
    return {name: work(name, OTHER_LESSON if OTHER_LESSON in name else LESSON) for name in files}


def learners(*paths) -> dict[str, str]:
    """Label of each file -> its learner; "-" before whoever's file is not read."""
    return {
        one.label: ("-" if one.problem else "") + one.student
        for one in find_submissions(list(map(Path, paths)), LIMITS)
    }


def graded(*paths) -> list[dict]:
    """The records of a class, with what only the whole class shows."""
    submissions = find_submissions(list(map(Path, paths)), LIMITS)
    with tempfile.TemporaryDirectory() as folder:
        return grade_class(submissions, Path(folder), "a seed", LIMITS, _marks)[0]


def _marks(waiting, limits, seed):
    for number, data in waiting:
        said = json.loads(data)
        record = empty_record(hashlib.sha256(data).hexdigest(), seed)
        record |= {"lesson": said["lesson"], "kind": "exercise", "status": "graded"}
        yield number, record | {"score": said["score"], "points": POINTS}, 0.0


def marks(records) -> dict[str, list[float]]:
    """Learner -> the scores that stand in their records."""
    found: dict[str, list[float]] = {}
    for record in records:
        if record["score"] is not None:
            found.setdefault(record["student"], []).append(record["score"])
    return found


def asked(records) -> dict[str, str]:
    """File -> why a person should look at it."""
    return {record["file"]: "; ".join(record["human"]) for record in records if record["human"]}
