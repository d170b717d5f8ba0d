"""Whose notebook a file is, from its path, and a file name for whoever it is.

Each learning platform packs what it downloads in its own way. What it does to names is undone here;
for everything else the rule is one a teacher would guess: a folder is a learner's, and a notebook
outside of such folders is called after its learner. The names are kept as they are written: two
that differ in one letter, or in its case, are two learners.
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

ENDINGS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".zip")  # browsers add .txt and .json

# Folders that say what is in them and not whose it is; so do those named after a lesson
_NOBODY = {
    "",
    "assignments",
    "exercises",
    "lessons",
    "notebooks",
    "release",
    "solutions",
    "submission",
    "submission attachment(s)",  # Sakai
    "submissions",
    "submitted",
}
_DEEPEST = 20  # folders that a class may be wrapped in
_LONGEST = 500  # characters of a name in which a platform's pattern is looked for

# Ada Lovelace_12345_assignsubmission_file_/kl.ipynb, or all of it as the file's name
_MOODLE = re.compile(r"(?P<student>.+_\d+)_assignsubmission_file_?(?P<file>.*)", re.DOTALL)
# lovelaceada_LATE_123_4567_kl-1.ipynb: learner, number of the learner, number of the file; without
# a name, and anon_ before a code instead of a number, if the teacher may not know
_CANVAS = re.compile(
    r"(?:(?P<name>[^\W_]\w*?)_)?(?P<late>LATE_)?(?P<number>\d+|anon_[0-9A-Za-z]+)_\d+_(?P<file>.+)",
    re.DOTALL,
)
# Exercises 02_ada_attempt_2024-05-01-10-15-00_kl.ipynb
_BLACKBOARD = re.compile(
    r"(?:.*_)?(?P<student>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:[_.](?P<file>.*))?",
    re.DOTALL,
)
# 338-512 - Ada Lovelace - May 1, 2024 1015 AM/kl.ipynb: learner and submission, name, time
_BRIGHTSPACE = re.compile(
    r"(?P<number>\d+)-\d+ - (?P<name>.+?) - \w+ \d{1,2}, \d{4} \d{3,4} ?[AP]M(?: - (?P<file>.*))?",
    re.DOTALL,
)
# ada+02_cross_entropy_and_kl+2024-05-01 10:15:00 UTC, in nbgrader's exchange
_NBGRADER = re.compile(r"(?P<student>[^+]+)\+[^+]+\+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d.*", re.DOTALL)

# "kl (1)", "kl - Copy", "kl copy 2": the same file, saved or downloaded once more
_COPY = re.compile(r"(?: ?\((\d{1,4})\)| - Copy(?: \((\d{1,4})\))?| copy(?: (\d{1,4}))?)$")
_RESUBMITTED = re.compile(r"-(\d{1,4})$")


@dataclass(frozen=True)
class Named:
    """Whose a file is, and what a learning platform says of it in the file's or a folder's name.

    file    what the learner called it
    order   of two files of one learner, the one with the greater is the newer
    """

    student: str
    file: str = ""
    note: str = ""
    order: str = ""
    by_platform: bool = False


def platform_name(name: str, canvas: bool = False) -> Named | None:
    """Whose a file or folder is, if a learning platform named it; `canvas`: it may be Canvas.

    Canvas' names are ordinary enough to be anybody's, so its word is needed.

    >>> platform_name("Ada Lovelace_12345_assignsubmission_file_").student
    'Ada Lovelace_12345'
    >>> platform_name("lovelaceada_123_4567_kl-1.ipynb", canvas=True)
    Named(student='lovelaceada_123', file='kl-1.ipynb', note='', order='', by_platform=True)
    """
    if len(name) > _LONGEST:
        return None
    student = file = note = order = ""
    if found := _MOODLE.fullmatch(name):
        student, file = found["student"], found["file"]
    elif found := _BLACKBOARD.fullmatch(name):
        student, file, order = found["student"], found["file"], found["time"]
    elif found := _BRIGHTSPACE.fullmatch(name):
        student, file = f"{found['name']}_{found['number']}", found["file"]
    elif found := _NBGRADER.fullmatch(name):
        student = found["student"]
    elif canvas and (found := _CANVAS.fullmatch(name)):
        student = "_".join(filter(None, (found["name"], found["number"])))
        file, note = found["file"], "Handed in late, says Canvas." if found["late"] else ""
    return Named(student, file or "", note, order, True) if student else None


def from_canvas(names: Collection[str]) -> bool:
    """Whether most of these files, side by side in one folder, are named as Canvas does it."""
    short = [name for name in names if len(name) <= _LONGEST]
    return 2 * sum(_CANVAS.fullmatch(name) is not None for name in short) > len(names)


def students(
    paths: Sequence[tuple[str, ...]], source: str, lessons: Collection[str]
) -> list[Named]:
    """Whose each path is: the steps from a folder, or an archive, to a file in it.

    source    the name of the folder or archive: the learner's, if the paths name nobody
    lessons   the slugs of the course, which are nobody's names

    >>> [found.student for found in students([("ada", "kl.ipynb"), ("eve.ipynb",)], "class", [])]
    ['ada', 'eve']
    """
    lowered = {lesson.lower() for lesson in lessons}
    skip = _wrappers(paths, source, lowered)
    flat = {path[skip] for path in paths if len(path) == skip + 1}
    canvas, stems = from_canvas(flat), set(map(stem, flat))
    found = []
    for path in paths:
        # only the outermost name is the platform's: all within it is the learner's, who may forge
        named = platform_name(path[skip], canvas and len(path) == skip + 1)
        if not named:
            folders = [part for part in path[skip:-1] if not says_nobody(part, lowered)]
            name = folders[0] if folders else _name_in(stem(path[-1]), stems, lowered)
            if not name:
                name = stem(path[-1]) if says_nobody(source, lowered) else source
            named = Named(name)
        found.append(named)
    return found


def says_nobody(folder: str, lessons: Collection[str]) -> bool:
    """Whether a folder is named after what is in it, and not after whose it is."""
    return folder.lower() in _NOBODY or without_copy(folder).lower() in lessons


def stem(name: str) -> str:
    """A file's name without the endings of notebooks and archives."""
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def copy_number(name: str) -> int:
    """How often a file was saved before under this name: 2 for "kl (2).ipynb", 0 for "kl.ipynb".

    "kl-1.ipynb" is Canvas' name for the second version of "kl.ipynb".
    """
    plain = stem(name)
    found = _COPY.search(plain) or _RESUBMITTED.search(plain)
    return int(next(filter(None, found.groups()), 1)) if found else 0


def without_copy(name: str) -> str:
    """The stem of a file's name, without the mark of a copy."""
    return _COPY.sub("", stem(name))


def safe_name(student: str) -> str:
    """A file name for a learner: safe on every system, and no other's, even where case is lost.

    >>> safe_name("ada"), safe_name("../Ada")
    ('ada', 'Ada-4e4af21652b7')
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", student[:200])
    plain = re.sub(r"\.{2,}", ".", plain).strip("-._")[:60].rstrip("-._")
    if _DEVICE.match(plain):
        plain = f"learner-{plain}"
    if plain and plain == student == student.lower() and not _CODED.search(plain):
        return plain
    code = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{plain or 'learner'}-{code}"


_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # on Windows
_CODED = re.compile(r"-[0-9a-f]{12}$")  # may be the file name of another learner


def _wrappers(paths, source, lessons) -> int:
    """How many folders at the beginning of all paths hold the class and are no learner's."""
    skip = 0
    while skip < _DEEPEST:
        left = [path[skip:] for path in paths]
        first = {path[0] for path in left}
        if len(first) > 1 or not left or min(map(len, left)) < 2:
            return skip
        folder = first.pop()
        own = without_copy(folder).lower() == without_copy(source).lower()
        inside = {path[1] for path in left if not says_nobody(path[1], lessons)}
        only_folders = len(inside) > 1 and all(len(path) > 2 for path in left)
        canvas = from_canvas({path[1] for path in left if len(path) == 2})
        by_platform = all(platform_name(path[1], canvas) for path in left)
        if platform_name(folder) or not (
            own or folder.lower() in _NOBODY or only_folders or by_platform
        ):
            return skip
        skip += 1
    return skip


def _name_in(plain, neighbours, lessons):
    """The learner in the name of a notebook outside of all learners' folders; "" if none is."""
    base = without_copy(plain)
    if base != plain and (base in neighbours or base.lower() in lessons):
        plain = base
    for lesson in sorted(lessons):
        around = re.split(re.escape(lesson), plain, maxsplit=1, flags=re.IGNORECASE)
        if len(around) > 1:
            rest = "_".join(filter(None, (part.strip(" _-.+") for part in around)))
            return rest if re.search(r"[^\W\d]", rest) else ""
    return plain
