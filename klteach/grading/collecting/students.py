"""Whose notebook a file is, from its path, and a file name for whoever it is.

Each learning platform packs what it downloads in its own way. What it does to names is undone in
`platform_names`; for everything else the rule is one a teacher would guess: a folder is a
learner's, and a notebook outside of such folders is called after its learner. A folder in which
several folders hold the same notebook is that of a group, a section or a week, and the learners are
one level deeper. The names are kept as they are written: two that differ in one letter, or in its
case, are two learners.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from klteach.grading.collecting.copies import (
    stem,
    was_downloaded_beside_another,
    without_copy,
    without_copy_after,
    without_copy_before,
)
from klteach.grading.collecting.platform_names import FOLDER, NAME, Named, platform_names

# Folders that hold what all have handed in, in the languages of learning platforms
_COLLECTED = {
    "abgaben", "einreichungen", "submissions", "submitted", "rendus", "remises", "soumissions",
    "entregas", "entregues", "consegne", "elaborati", "inzendingen", "inleveringen",
    "inlämningar", "innleveringer", "afleveringer", "palautukset", "odevzdané", "zadania",
    "beadások", "teslimler", "работы", "ответы", "提出物", "提交", "제출물",
}  # fmt: skip
# Folders that say what is in them and not whose it is; so do those named after a lesson
_NOBODY = _COLLECTED | {
    "", "assignments", "backup", "backups", "drafts", "exercises", "lessons", "notebooks",
    "release", "solutions", "submission", "submission attachment(s)",
}  # fmt: skip
_OF_A_COURSE = re.compile(
    r"(?:week|wk|unit|lesson|chapter|module|exercise|assignment|homework|hw|sheet|attempt|version|"
    r"woche|einheit|lektion|kapitel|modul|(?:ü|ue)bung|(?:ü|ue)bungsblatt|aufgabe|hausaufgabe|blatt|"
    r"versuch|semaine|le[cç]on|chapitre|exercice|devoir|tentative|semana|lecci[oó]n|ejercicio|"
    r"tarea|intento|aula|exerc[ií]cio|settimana|lezione|esercizio|opgave|oefening|les|vecka|uge|"
    r"uke|oppgave|viikko|неделя|урок|задание)[ _.-]*\d{1,3}",
    re.IGNORECASE,
)
# Groups of learners who hand in each for themselves; in a "group 3" or a "team 3" they may not
_SECTION = re.compile(
    r"(?:section|sect?|tutorial|tutorium|tut|seminar|class|klasse|course|kurs|cohort|lab|"
    r"(?:ü|ue)bungsgruppe|td|tp|cours|classe|clase|secci[oó]n|turma|se[cç][aã]o|corso|klas|"
    r"werkgroep|klass|hold|ryhmä|группа|секция)[ _.-]*(?:\d{1,3}[a-z]?|[a-z]\d{0,3})",
    re.IGNORECASE,
)
_CERTAINLY = 2  # the greatest verdict
_DEEPEST = 20  # folders that a class may be wrapped in
_LONGEST = 200  # characters of a folder that may say what is in it
_SHORTEST_NUMBER = 5  # digits of a number that may be a learner's


def students(
    paths: Sequence[tuple[str, ...]], source: str, lessons: Collection[str]
) -> list[Named]:
    """Whose each path is: the steps from a folder, or an archive, to a file in it.

    source    the name of the folder or archive: the learner's, if the paths name nobody
    lessons   the slugs of the course, which are nobody's names

    >>> [found.student for found in students([("ada", "kl.ipynb"), ("eve.ipynb",)], "class", [])]
    ['ada', 'eve']
    """
    layout = _Layout(lessons)
    numbered = dict(enumerate(paths))
    layout.level(numbered, layout.wrappers(paths, source), source)
    return [layout.found[number] for number in numbered]


def says_nobody(folder: str, lessons: Collection[str]) -> bool:
    """Whether a folder is named after what is in it, and not after whose it is."""
    plain = without_copy(folder[:_LONGEST]).lower()
    return (
        folder.lower() in _NOBODY or plain in lessons or _OF_A_COURSE.fullmatch(plain) is not None
    )


def is_a_section(folder: str) -> bool:
    """Whether a folder is called after a part of a class, in which each hands in alone."""
    return _SECTION.fullmatch(folder[:_LONGEST]) is not None


def several_learners(paths: Sequence[tuple[str, ...]], lessons: Collection[str]) -> bool:
    """Whether what is in a folder or an archive is surely the work of several learners."""
    return bool(paths) and _Layout(lessons).several(paths, 0)[0] > 0


class _Layout:
    """Finds the level of a class's folders on which the learners are."""

    def __init__(self, lessons):
        self.lessons = frozenset(lesson.lower() for lesson in lessons)
        self.found: dict[int, Named] = {}
        self.nobodys: dict[str, bool] = {}

    def level(self, paths: Mapping[int, tuple[str, ...]], at: int, source: str):
        """Find whose these paths are, which have their first `at` steps in common."""
        files, folders = _entries(paths.values(), at)
        # only the outermost name is the platform's: all within it is the learner's, who may forge
        named = platform_names(files, folders, self.lessons)
        bases = Counter(map(without_copy, set(map(stem, files))))
        inside: defaultdict[str, dict[int, tuple[str, ...]]] = defaultdict(dict)
        for number, path in paths.items():
            if path[at] in named:
                self.found[number] = replace(named[path[at]], entry=at + 1)
            elif len(path) == at + 1:
                self.found[number] = self._loose(path, bases, source)
            else:
                inside[path[at]][number] = path
        nobodys = {folder for folder in inside if self._nobody(folder) and at < _DEEPEST}
        plain = {name: list(its.values()) for name, its in inside.items() if name not in nobodys}
        beside = any(self._by_platform(inside[name].values(), at + 1) for name in nobodys)
        groups, unsure = self._groups(plain, at, beside) if at < _DEEPEST else ({}, {})
        groups |= unsure
        for folder, within in inside.items():
            if folder in nobodys:
                self.level(within, at + 1, source)
            elif folder in groups:
                self.level(within, groups[folder], folder)
            else:
                learner = Named(folder, by=FOLDER, entry=at + 1)
                self.found.update(dict.fromkeys(within, learner))
        self._doubt({name: inside[name] for name in plain}, groups, unsure)

    def _doubt(self, inside, groups, unsure):
        """Ask where some folders beside each other seem to be groups', and others learners'."""
        for folder, within in inside.items() if groups else ():
            why = ""
            if folder not in groups:
                why = "was taken as a learner's, though others beside it hold those of several"
            elif folder in unsure and len(groups) == 2 and not is_a_section(folder):
                why = "was taken as a group's with one learner, as the one beside it holds several"
            for number in within if why else ():
                found = self.found[number]
                doubt = found.doubt or f"the folder {folder!r} {why}"
                self.found[number] = replace(found, doubt=doubt)

    def wrappers(self, paths, source) -> int:
        """How many folders at the beginning of all paths hold the class and are no learner's."""
        skip = 0
        while skip < _DEEPEST and paths:
            files, folders = _entries(paths, skip)
            if files or len(folders) > 1:
                break
            (folder,) = folders
            files, inside = _entries(paths, skip + 1)
            named = platform_names(files, inside, self.lessons)
            own = without_copy(folder).lower() == without_copy(source).lower()
            only_folders = not files and sum(not self._nobody(name) for name in inside) > 1
            by_platform = named.keys() == files | inside
            several = own or folder.lower() in _NOBODY or only_folders or by_platform
            several = several or self.several(paths, skip + 1)[0] > 0
            if platform_names((), {folder}) or not several:
                break
            skip += 1
        return skip

    def several(self, paths: Sequence[tuple[str, ...]], at: int) -> tuple[int, int]:
        """Whether a folder is that of several learners, and the step at which they are.

        2: its name says so. 1: what one learner hands in once is in it more than once. 0: nothing
        tells. -1: rather not.
        """
        if at and is_a_section(paths[0][at - 1]):
            return _CERTAINLY, at
        below = at
        while below < at + _DEEPEST:
            files, folders = _entries(paths, below)
            if files or len(folders) > 1:
                break
            (folder,) = folders
            below += 1
            if folder.lower() in _COLLECTED and self._go_on_in_folders(paths, below):
                return _CERTAINLY, below
        named = platform_names(files, folders, self.lessons)
        if 2 * len(named) > len(files | folders):
            return int(len({one.student for one in named.values()}) > 1), below
        work = self._work(paths, below)
        loose = work.pop("", set())
        if loose:
            passed = any(not self._nobody(step) for step in paths[0][at:below])
            learners = self._in_the_names(loose)
            return (1 if learners > 1 else 0 if learners or passed else -1), below
        often = Counter(key for keys in work.values() for key in keys)
        if any(count > 1 for count in often.values()):
            return 1, below
        return (-1 if len(work) > 1 else 0), below

    def _groups(
        self, folders: Mapping[str, Sequence], at: int, beside: bool
    ) -> tuple[dict[str, int], dict[str, int]]:
        """Those of these folders that hold several learners, and those that may hold one.

        With the step at which the learners are; both are empty if each folder is a learner's.
        `beside`: a platform's names are in a folder beside them.
        """
        looked = {folder: self.several(paths, at + 1) for folder, paths in folders.items()}
        verdicts = [verdict for verdict, _ in looked.values()]
        surely = {folder: below for folder, (verdict, below) in looked.items() if verdict > 0}
        unsure = {folder: at + 1 for folder, (verdict, _) in looked.items() if verdict == 0}
        if _CERTAINLY in verdicts:
            return surely, unsure
        by_platform = (self._by_platform(paths, at + 1) for paths in folders.values())
        if len(folders) + beside > 1 and all(by_platform):  # one may be a learner's, forged
            return dict.fromkeys(folders, at + 1), {}
        work = {
            folder: self._work(folders[folder], below)
            for folder, below in (surely | unsure).items()
        }
        learners = sum(len(work[one].get("", ())) + len(work[one].keys() - {""}) for one in surely)
        if len(surely) <= verdicts.count(-1) or learners <= len(unsure):
            return {}, {}
        often = Counter(
            (learner, key)
            for works in work.values()
            for learner, keys in works.items()
            for key in keys
        )
        # what everybody has is part of everybody's work: ada/old, ada/new, bob/old, bob/new
        if 2 * sum(count for count in often.values() if count > 1) > often.total():
            return {}, {}
        return surely, unsure

    def _by_platform(self, paths, at):
        files, folders = _entries(paths, at)
        return platform_names(files, folders, self.lessons).keys() == files | folders

    def _work(self, paths, at) -> dict[str, set[str]]:
        """Folder -> what is in it, by names that are the same for the same work; "" -> loose."""
        work = defaultdict(set)
        for path in paths:
            steps = (step for step in path[at:-1][:_DEEPEST] if not self._nobody(step))
            if folder := next(steps, ""):
                work[folder].add(self._key(path[-1]))
            else:
                work[""].add(path[-1])
        return dict(work)

    def _key(self, file):
        plain = without_copy(file).lower()
        return next((lesson for lesson in self.lessons if lesson in plain), plain)

    def _in_the_names(self, files) -> int:
        """How many learners handed in one lesson, by names of files that have both in them."""
        names = defaultdict(set)
        for file in files:
            name, lesson = self._name_in(stem(file), {}), self._key(file)
            if not name or lesson not in self.lessons:
                return 0
            names[lesson].add(name)
        return max(map(len, names.values()))

    def _go_on_in_folders(self, paths, at):
        return all(any(not self._nobody(step) for step in path[at:-1][:_DEEPEST]) for path in paths)

    def _nobody(self, folder):
        if folder not in self.nobodys:
            self.nobodys[folder] = says_nobody(folder, self.lessons)
        return self.nobodys[folder]

    def _loose(self, path, bases, source) -> Named:
        name = self._name_in(stem(path[-1]), bases)
        if not name:
            name = stem(path[-1]) if self._nobody(source) else source
        return Named(name, by=NAME, entry=len(path))

    def _name_in(self, plain, bases: Mapping[str, int]) -> str:
        """The learner in the name of a notebook outside of learners' folders; "" if none is.

        `bases` counts the names beside it, without the marks of copies.
        """
        base = without_copy(plain)
        a_copy = bases.get(base, 0) > 1 or base.lower() in self.lessons
        if a_copy or not was_downloaded_beside_another(plain):
            plain = base
        for lesson in sorted(self.lessons):
            around = re.split(re.escape(lesson), plain, maxsplit=1, flags=re.IGNORECASE)
            if len(around) > 1:
                parts = (without_copy_before(around[0]), without_copy_after(around[1]))
                rest = "_".join(filter(None, (part.strip(" _-.+") for part in parts)))
                named = re.search(rf"[^\W\d]|\d{{{_SHORTEST_NUMBER}}}", rest)
                return rest if named else ""
        return plain


def _entries(paths: Iterable[tuple[str, ...]], at: int) -> tuple[set[str], set[str]]:
    """The names of the files, and of the folders, at a step of these paths."""
    files: set[str] = set()
    folders: set[str] = set()
    for path in paths:
        (folders if len(path) > at + 1 else files).add(path[at])
    return files, folders


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
