"""What was handed in and is no notebook: told, so that nobody's work is missing without a word.

Whoever has no notebook at all is told with a file that was handed in instead. Of learners who have
one, only what may hold another is told: archives that are not looked into, and notebooks in other
wrappings. Data, pictures and scripts beside a notebook are nothing to speak of, nor are lists and
notes of the teacher beside the class.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from klteach.grading.collecting.copies import without_copy
from klteach.grading.collecting.found_files import FoundFile
from klteach.grading.collecting.platform_names import FOLDER, NAME, Named, platform_names
from klteach.grading.collecting.students import says_nobody, students

_PACKED = (
    ".rar",
    ".7z",
    ".tar",
    ".gz",
    ".tgz",
    ".bz2",
    ".xz",
    ".zst",
    ".zipx",
    ".lz",
    ".ace",
    ".z",
)
_ENDING = re.compile(r"(?<=.)(?:\.tar)?\.(?!\d+$)[^\W_]{1,12}$", re.IGNORECASE)
# What lies beside a class and is nobody's: lists, notes, data, figures
_BESIDE_A_CLASS = {
    "csv", "tsv", "txt", "md", "rst", "json", "jsonl", "yml", "yaml", "xml", "xls", "xlsx", "ods",
    "log", "ini", "cfg", "toml", "lock", "db", "sqlite", "css", "js", "png", "gif", "svg", "npy",
    "npz", "parquet", "pkl", "pickle", "h5", "mat", "dat", "ics", "bib", "url", "lnk",
}  # fmt: skip
_DEEPEST = 50  # folders below which no learner's own begins
_USUAL = 3  # learners who have a file of one name: it was handed out to them, or is asked for


@dataclass(frozen=True)
class NotGraded:
    """A file that is told as not graded, whose it is, and why."""

    file: FoundFile
    owner: Named
    problem: str


def not_graded(
    files: Sequence[FoundFile],
    owned: Sequence[tuple[FoundFile, Named]],
    lessons: Collection[str],
) -> Iterator[NotGraded]:
    """Of files that are no notebooks and no archives, those that are told.

    `owned` are the notebooks and archives beside them, with their learners.
    """
    beside = _Beside(files, owned, lessons)
    theirs = defaultdict(list)
    for file in files:
        if owner := beside.owner(file):
            theirs[owner.student].append((file, owner))
    known = {owner.student for _, owner in owned}
    names = Counter(
        name for several in theirs.values() for name in {file.steps[-1] for file, _ in several}
    )
    told = set()
    for student, several in theirs.items():
        if student not in known:
            file, owner = next((one for one in several if one[0].problem), several[0])
            more = f" (and {len(several) - 1} more files)" if len(several) > 1 else ""
            problem = f"is no notebook (.ipynb), and none was handed in{more}."
            yield NotGraded(file, owner, file.problem or problem)
            continue
        for file, owner in several:
            name = file.steps[-1]
            often = names[name] if names[name] >= _USUAL and not _is_a_notebook(file) else 0
            if _may_hold_a_notebook(file) and not (often and name in told):
                told.add(name)
                more = f" ({often} learners have a file of this name)" if often else ""
                yield NotGraded(file, owner, f"{_kind(file)}; it was not looked into{more}.")


def _may_hold_a_notebook(file):
    packed = file.steps[-1].lower().endswith(_PACKED)
    return packed or _is_a_notebook(file) or bool(file.problem)


def _is_a_notebook(file):
    return ".ipynb" in file.steps[-1].lower()


def _kind(file):
    if file.problem:
        return file.problem.removesuffix(".")
    if _is_a_notebook(file):
        return "is a notebook in a form that is not read (only .ipynb is)"
    return "is an archive of a kind that is not read (only .zip is)"


class _Beside:
    """Where the learners of a class are, and whose another file there is."""

    def __init__(self, files, owned, lessons):
        self.lessons = {lesson.lower() for lesson in lessons}
        self.entries = {file.steps[: owner.entry]: owner for file, owner in owned}
        self.known = {owner.student for _, owner in owned}
        # the folders in which learners are, and by what these are known there
        self.places: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for file, owner in owned:
            self.places[file.steps[: owner.entry - 1]].add(owner.by)
        # without one notebook nothing but a platform tells a class from anything else
        self.only_platforms = not owned
        if not owned:
            self.places.update({place: {FOLDER} for place in _levels(files)})
        self._add_groups_without_a_notebook(files)
        self.named = self._named([file.steps for file in files] + [file.steps for file, _ in owned])

    def _add_groups_without_a_notebook(self, files):
        """A group's folder beside those of other groups holds learners, too."""
        groups = Counter(
            place[:-1] for place in self.places if place and not self._nobody(place[-1])
        )
        for file in files:
            for at in range(min(len(file.steps) - 2, _DEEPEST)):
                folder = file.steps[: at + 1]
                if groups[folder[:-1]] > 1 and folder not in self.entries:
                    self.places.setdefault(folder, {FOLDER})

    def _named(self, paths) -> dict[tuple[str, ...], Mapping[str, Named]]:
        """Of each place, what platforms say of the names in it."""
        loose: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        folders: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for steps in paths:
            for at in range(min(len(steps), _DEEPEST)):
                if steps[:at] in self.places:
                    (folders if len(steps) > at + 1 else loose)[steps[:at]].add(steps[at])
        return {
            place: platform_names(loose[place], folders[place], self.lessons)
            for place in self.places
        }

    def owner(self, file: FoundFile) -> Named | None:
        """Whose this file is; None if it is nobody's."""
        steps = file.steps
        for at in range(min(len(steps), _DEEPEST), 0, -1):
            if owner := self.entries.get(steps[:at]):
                return replace(owner, entry=at)
            place, step = steps[: at - 1], steps[at - 1]
            if place not in self.places:
                continue
            if named := self.named[place].get(step):
                return replace(named, entry=at)
            if self.only_platforms:
                return None
            if at < len(steps):
                return self._of_folder(file, place, step)
            return self._loose(file)
        return None

    def _of_folder(self, file, place, folder) -> Named | None:
        # where all learners are known by the names of files, a folder is somebody's only if work
        # lies in it
        folders = self.places[place] != {NAME} or not _is_beside_a_class(file.steps[-1])
        if self._nobody(folder) or not folders:
            return None
        return Named(folder, by=FOLDER, entry=len(place) + 1)

    def _loose(self, file) -> Named | None:
        name = file.steps[-1]
        if _is_beside_a_class(name) and not file.problem:
            return None
        [owner] = students([(_with_one_ending(name),)], "", self.lessons)
        student = self._known_in(owner.student) or owner.student
        return Named(student, by=NAME, entry=len(file.steps))

    def _known_in(self, name) -> str:
        """The learner whose name is followed by something else: ada in "ada_plot"."""
        found = [
            one
            for one in self.known
            if name.startswith(one) and name[len(one) : len(one) + 1] in (" ", "_", "-", ".")
        ]
        return max(found, key=len, default="")

    def _nobody(self, folder):
        return says_nobody(folder, self.lessons)


def _levels(files: Iterable[FoundFile]) -> set[tuple[str, ...]]:
    """The folders in which learners would be, where there is not one notebook."""
    left = {file.steps for file in files}
    at = 0
    while left and min(map(len, left)) > at + 1 and len({steps[at] for steps in left}) == 1:
        at += 1
    return {steps[:at] for steps in left}


def _is_beside_a_class(name):
    return name.rpartition(".")[2].lower() in _BESIDE_A_CLASS and ".ipynb" not in name.lower()


def _with_one_ending(name):
    """The name with all that follows the learner's part cut off: "ada" for "ada.tar.gz"."""
    plain, cut = name, name.lower().find(".ipynb")
    if cut > 0:
        plain = name[:cut]
    elif _ENDING.search(name):
        plain = _ENDING.sub("", name)
    return without_copy(plain) or name
