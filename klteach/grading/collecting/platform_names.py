"""Whose a file or a folder is, where a learning platform named it in a download.

A platform puts the learner first and what the learner called the file last. So the first place that
fits is the platform's, and all after it is the learner's, who may have written anything there, the
name of another learner too. For the same reason names that lie side by side are read in the way in
which most of them can be read.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from klteach.grading.collecting.canvas_names import CanvasName, canvas_names

PLATFORM, FOLDER, NAME = "platform", "folder", "name"

_LONGEST = 500  # characters of a name in which a platform's pattern is looked for

# Ada Lovelace_12345_assignsubmission_file_/kl.ipynb, or all of it as the file's name; what was
# typed on the page is beside it, as …_assignsubmission_onlinetext_/onlinetext.html
_MOODLE = re.compile(r"(?P<student>.+?_\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?", re.DOTALL)
# Exercises 02_ada_attempt_2024-05-01-10-15-00_kl.ipynb
_BLACKBOARD = re.compile(
    r"(?P<head>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:[_.](?P<file>.*))?", re.DOTALL
)
# 338-512 - Ada Lovelace - May 1, 2024 1015 AM/kl.ipynb: learner and submission, name, time
_BRIGHTSPACE = re.compile(
    r"(?P<number>\d+)-\d+ - (?P<name>.+?) - "
    r"(?P<time>[^-]*\b\d{4}\b[^-]*?\b\d{3,4}(?: ?[AaPp]\.?[Mm]\.?)?)(?: - (?P<file>.*))?",
    re.DOTALL,
)
_BRIGHTSPACE_TIME = re.compile(
    r"(?P<month>[A-Z][a-z]{2})[a-z.]* (?P<day>\d{1,2}), (?P<year>\d{4}) "
    r"(?P<hour>\d{1,2})(?P<minute>\d\d) ?(?P<half>[AP])M"
)
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
# ada+02_cross_entropy_and_kl+2024-05-01 10:15:00 UTC, in nbgrader's exchange
_NBGRADER = re.compile(
    r"(?P<student>[^+]+)\+[^+]+\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?: UTC)?).*", re.DOTALL
)
# 123123+456456_file1_submission2.ipynb: the learners of a group, the file, the attempt
_A_PLUS = re.compile(
    r"(?P<student>\d+(?:\+\d+)*)_(?P<file>file\d+)_submission(?P<time>\d+)(?:\..*)?"
)
# submission_123456/kl.ipynb: who it is stands in submission_metadata.yml
_GRADESCOPE = re.compile(r"(?P<student>submission_\d{3,})")

_NUMBER_OF_AN_EXERCISE = re.compile(r"\d{1,4}")


@dataclass(frozen=True)
class Named:
    """Whose a file is, and what a learning platform says of it in the file's or a folder's name.

    file    what the learner called it
    order   of two files of one learner, the one with the greater is the newer
    by      what says whose it is: PLATFORM, a FOLDER of the learner's own, or the NAME of a file
            that lies among those of others
    doubt   why a person should look whether it is this learner's; "" if nobody need
    entry   how many steps of a path lead to what is the learner's own, a folder or the file
    """

    student: str
    file: str = ""
    note: str = ""
    order: str = ""
    by: str = PLATFORM
    doubt: str = ""
    entry: int = 0


def platform_names(
    files: Collection[str], folders: Collection[str] = (), lessons: Collection[str] = ()
) -> dict[str, Named]:
    """What platforms say of files and folders that lie side by side, for those that they named.

    >>> found = platform_names(["x.ipynb", "Ada L_123_assignsubmission_file_kl.ipynb"])
    >>> [(named.student, named.file) for named in found.values()]
    [('Ada L_123', 'kl.ipynb')]
    """
    short = sorted({name for name in (*files, *folders) if len(name) <= _LONGEST})
    read = [
        _by_pattern(_MOODLE, short),
        _blackboard(short),
        _brightspace(short),
        _by_pattern(_NBGRADER, short),
        _a_plus(short),
        _by_pattern(_GRADESCOPE, [name for name in short if name in folders]),
    ]
    # Canvas' names are ordinary enough to be anybody's
    canvas = canvas_names([name for name in short if name in files], lessons)
    if 2 * len(canvas) > len(set(files)):
        read.append({name: _of_canvas(one) for name, one in canvas.items()})
    found: dict[str, Named] = {}
    for way in sorted(read, key=_how_well, reverse=True):
        found = {**way, **found}
    return found


def _how_well(way: Mapping[str, Named]):
    """The way that most names can be read in is first, and of several the one that fits earlier."""
    return len(way), sum(len(named.file) for named in way.values())


def _by_pattern(pattern, names) -> dict[str, Named]:
    found = {}
    for name in names:
        if matched := pattern.fullmatch(name):
            parts = matched.groupdict(default="")
            found[name] = Named(parts["student"], parts.get("file", ""), "", parts.get("time", ""))
    return found


def _a_plus(names):
    found = _by_pattern(_A_PLUS, names)
    return {
        name: Named(one.student, one.file, "", one.order.zfill(8)) for name, one in found.items()
    }


def _brightspace(names):
    found = {}
    for name in names:
        if matched := _BRIGHTSPACE.fullmatch(name):
            student = f"{matched['name']}_{matched['number']}"
            order = _brightspace_time(matched["time"])
            found[name] = Named(student, matched["file"] or "", "", order)
    return found


def _brightspace_time(text) -> str:
    """The time so that the later is the greater; "" where the month is not in English."""
    found = _BRIGHTSPACE_TIME.fullmatch(text)
    if not found or found["month"] not in _MONTHS:
        return ""
    month = _MONTHS.index(found["month"]) + 1
    hour = int(found["hour"]) % 12 + 12 * (found["half"] == "P")
    return f"{found['year']}-{month:02}-{int(found['day']):02}-{hour:02}-{found['minute']}-00"


def _of_canvas(one: CanvasName) -> Named:
    note = "Handed in late, says Canvas." if one.late else ""
    doubt = ""
    if one.doubt:
        doubt = (
            f"Canvas' name can be read in two ways; it was taken as that of {one.student}: compare "
            "the number with Canvas' own of the learner"
        )
    return Named(one.student, one.file, note, doubt=doubt)


def _blackboard(names):
    found = {name: match for name in names if (match := _BLACKBOARD.fullmatch(name))}
    learners: dict[str, tuple[str, str]] = {}
    of_exercise = defaultdict(set)
    for match in found.values():
        # what an exercise is called comes first, and may go on after an underscore
        of_exercise[match["head"].split("_")[0]].add(match["head"])
    for heads in of_exercise.values():
        learners.update(_blackboard_learners(sorted(heads)))
    return {
        name: Named(
            learners[match["head"]][0],
            match["file"] or "",
            order=match["time"],
            doubt=learners[match["head"]][1],
        )
        for name, match in found.items()
    }


def _blackboard_learners(heads: list[str]) -> dict[str, tuple[str, str]]:
    """Of "EXERCISE_LEARNER", with underscores in either: the learner, and the doubt if it is one.

    What all have in common is the exercise, and so are numbers that follow it.
    """
    steps = {head: head.split("_") for head in heads}
    shared = 1
    if len(heads) > 1:
        columns = zip(*(parts[:-1] for parts in steps.values()), strict=False)
        shared = len(list(takewhile(lambda column: len(set(column)) == 1, columns)))
    rests = {head: parts[shared:] or parts for head, parts in steps.items()}
    while all(
        len(rest) > 1 and _NUMBER_OF_AN_EXERCISE.fullmatch(rest[0]) for rest in rests.values()
    ):
        rests = {head: rest[1:] for head, rest in rests.items()}
    learners = {head: "_".join(rest) for head, rest in rests.items()}
    if _merges_strangers(learners):
        learners = {head: "_".join(steps[head][shared:]) for head in heads}
    doubt = ""
    if len(heads) == 1 and "_" in learners[heads[0]]:
        doubt = (
            "Blackboard's name does not tell where the exercise ends and the learner begins; it "
            f"was taken as that of {learners[heads[0]]}"
        )
    return {head: (learner, doubt) for head, learner in learners.items()}


def _begins_with_a_number(rest):
    return len(rest) > 1 and _NUMBER_OF_AN_EXERCISE.fullmatch(rest[0])


def _merges_strangers(learners: Mapping[str, str]) -> bool:
    """Whether two heads became one learner, though not every number is that of an exercise."""
    if len(set(learners.values())) == len(learners):
        return False
    handed_in = defaultdict(set)
    for head, learner in learners.items():
        handed_in[head.removesuffix(learner)].add(learner)
    return any(len(several) < 2 for several in handed_in.values())


def whose_inside(names: Iterable[str]) -> set[str]:
    """The learners that platforms name among the outermost steps of an archive."""
    return {named.student for named in platform_names((), set(names)).values()}
