"""What a class handed in, found in files, folders and archives.

Everything is found before anything is read, and told in one list: what cannot be graded is in it
too, with the reason, so that nobody's work is missing without a word. A path may come from anybody:
links that lead out of the folder, pipes, devices and archives within archives are never opened.
"""

import errno
import io
import os
import stat
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from klteach.grading.archive import Member, amount, members, read_member, too_large
from klteach.grading.errors import GradingError
from klteach.grading.limits import MEGABYTE, Limits
from klteach.grading.students import (
    ENDINGS,
    Named,
    copy_number,
    platform_name,
    safe_name,
    says_nobody,
    students,
    without_copy,
)
from klteach.units.lookup import questions

__all__ = ["Choice", "Submission", "find_submissions", "newest", "safe_name"]

NOTEBOOK, ARCHIVE, OTHER = "notebook", "archive", "other"

_NBGRADER = "submitted"  # its folder of what was handed in
_NESTED = 64 * MEGABYTE  # an archive within an archive is held in memory while it is read
_MOST_NOTEBOOKS = 200  # of one learner; the whole course has some eighty
_SAME_TIME = 2.0  # seconds: archives keep times to two
# What editors, systems and package managers put beside a learner's own files
_SKIPPED = {"__macosx", "__pycache__", "site-packages", "node_modules"}


@dataclass(frozen=True)
class Submission:
    """One file that was handed in, not yet read.

    student   as written in the path; two that differ in case are two
    label     the path as its user would write it, with / between the steps, into archives as well
    member    the path within the archive `path`; None for a file of its own
    modified  seconds, 0.0 if unknown; by the archive's own clock for a member
    notes     what the learning platform says ("handed in late")
    problem   a sentence on why it is not read; "" for a file that `read` tries to read
    """

    student: str
    label: str
    path: Path
    member: str | None = None
    size: int = 0
    modified: float = 0.0
    notes: tuple[str, ...] = ()
    problem: str = ""
    most: int = Limits.notebook_bytes
    order: str = field(default="", repr=False)  # by the platform's word: the greater is the newer
    packed: tuple[Member, ...] = field(default=(), repr=False)
    empty: bool = field(default=False, repr=False)  # an archive without any notebook

    def read(self) -> bytes:
        """The bytes of the file, never more than the limit.

        Errors: GradingError with a sentence, if there are more or the file cannot be read.
        """
        if self.problem:
            raise GradingError(self.problem)
        try:
            with _opened(self.path) as file:
                if not self.packed:
                    return _bounded(file, self.most)
                *archives, member = self.packed
                for archive in archives:
                    file = io.BytesIO(read_member(file, archive, _NESTED))
                return read_member(file, member, self.most)
        except GradingError as error:
            raise GradingError(f"the file {error}") from None
        except OSError as error:
            raise GradingError(f"the file {_unreadable(error)}") from None


@dataclass(frozen=True)
class Choice:
    """Which of several versions counts, why, and whether a person should look (`doubt`)."""

    submission: Submission
    reason: str = ""
    doubt: bool = False


def find_submissions(paths: Sequence[Path], limits: Limits) -> list[Submission]:
    """Every notebook in these files, folders and zips, by learner and path; the same every time.

    Errors: GradingError if a path does not exist, or no notebook is found anywhere.
    """
    loose, found = [], []
    for path in map(Path, paths):
        try:
            kind = os.stat(path).st_mode
        except OSError as error:
            raise GradingError(f"{path} {_unreadable(error)}") from None
        except ValueError:  # a zero byte
            raise GradingError(f"{str(path)!r} is no path.") from None
        if stat.S_ISDIR(kind):
            found += _in_folder(path, limits)
        else:
            loose.append(path)
    found += _given(loose, limits)
    # one file may be named twice, or beside the folder that holds it
    unique = {(one.student, one.path, one.member, one.problem and one.label): one for one in found}
    if not unique:
        names = ", ".join(map(str, paths))
        raise GradingError(f"no notebook (.ipynb) and no zip with one is in {names}.")
    return sorted(unique.values(), key=lambda one: (one.student, one.label))


def newest(versions: Sequence[tuple[Submission, str]]) -> Choice:
    """Which of several notebooks by one learner of one lesson counts.

    `versions` holds each with the kind that `match` found: exercises count before a solution that
    was handed in beside them. Of equals the newest counts, by the platform's word, then the time of
    the file, then the number in its name; where these do not say, a person should.
    """
    exercises = [one for one, kind in versions if kind != "solution"]
    rivals = exercises or [one for one, _ in versions]
    if len(versions) == 1:
        return Choice(rivals[0])
    which = f"of {len(versions)} notebooks of this lesson"
    if len(rivals) == 1:
        return Choice(rivals[0], f"{which} this one counts; the others are the course's solution")
    rivals = sorted(rivals, key=_age)
    chosen, second = rivals[-1], rivals[-2]
    one_file = len({without_copy(one.label.split("/")[-1]) for one in rivals}) == 1
    if chosen.order > second.order:
        why, doubt = "the last attempt counts", False
    elif second.modified and chosen.modified - second.modified > _SAME_TIME:
        # files of different names may be those of two learners, whose folder it is not
        why, doubt = "the one saved last counts", not one_file
    else:
        rivals = [one for one in rivals if chosen.modified - one.modified <= _SAME_TIME]
        chosen = max(rivals, key=lambda one: (_copy(one), one.label))
        why, doubt = "none is known to be the newest; this one was graded", True
    others = ", ".join(one.label for one, _ in versions if one is not chosen)
    return Choice(chosen, f"{which} {why}; not graded: {others}", doubt)


def _age(one):
    return one.order, one.modified, _copy(one), one.label


def _copy(one):
    return copy_number(one.label.split("/")[-1])


@dataclass(frozen=True)
class _File:
    """A file that was found, before anyone knows whose it is. `steps` lead to it from `base`."""

    base: str
    steps: tuple[str, ...]
    path: Path
    size: int = 0
    modified: float = 0.0
    problem: str = ""
    packed: tuple[Member, ...] = ()
    shown: str = ""
    taken_as: str = ""

    @property
    def label(self) -> str:
        return self.shown or "/".join(filter(None, (self.base, *self.steps)))

    @property
    def kind(self) -> str:
        name = self.steps[-1].lower()
        if self.taken_as or not name.endswith(ENDINGS):
            return self.taken_as or OTHER
        return ARCHIVE if name.endswith(".zip") else NOTEBOOK


def _in_folder(folder: Path, limits) -> list[Submission]:
    root = folder.resolve()
    files = sorted(_walk(folder, root), key=lambda file: file.steps)
    return _attributed(files, _name_of(root), limits)


def _given(paths: list[Path], limits) -> list[Submission]:
    """Files that were named one by one, as if the folder that holds them all had been named.

    They are read whatever their names end in: that they are notebooks is their user's word.
    """
    if not paths:
        return []
    places = [Path(os.path.abspath(path)) for path in paths]
    base = Path(os.path.commonpath([place.parent for place in places]))
    files = []
    for path, place in zip(paths, places, strict=True):
        steps = tuple(map(_text, place.relative_to(base).parts))
        file = _file("", steps, path.resolve(), os.stat(path))
        kind = ARCHIVE if file.kind == ARCHIVE else NOTEBOOK
        files.append(replace(file, shown=_text(path.as_posix()), taken_as=kind))
    return _attributed(files, _name_of(base), limits)


def _name_of(folder: Path) -> str:
    """The name of a folder, or of one around it if its own says what is in it and not whose."""
    names = [_text(place.name) for place in (folder, *folder.parents[:2])]
    return next((name for name in names if not says_nobody(name, _lessons())), "")


def _walk(folder: Path, root: Path) -> Iterator[_File]:
    """Every file below a folder that may count, without following a link to a folder."""
    base = "" if folder == Path() else _text(folder.as_posix())
    left: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    while left:
        place, steps = left.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as error:
            if not steps:
                raise GradingError(f"{folder} {_unreadable(error)}") from None
            yield _File(base, (*steps, "*"), place, problem=_unreadable(error))
            continue
        for entry in entries:
            name = _text(entry.name)
            if _is_skipped(name):
                continue
            path, here = Path(entry.path), (*steps, name)
            if entry.is_symlink():
                yield from _linked(base, here, path, root)
            elif entry.is_dir(follow_symlinks=False):
                left.append((path, here))
            else:
                yield _file(base, here, path, entry.stat(follow_symlinks=False))


def _linked(base, steps, path, root):
    """What a link leads to: a file in the same folder is as good as any other."""
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(root):
        within = ("*",) if real.is_dir() else ()  # whatever it holds
        yield _File(
            base, (*steps, *within), path, problem="is a link that leads out of the folder."
        )
    elif real.is_file():  # a folder in the same folder is found by itself
        yield _file(base, steps, real, os.stat(real))


def _file(base, steps, path, status):
    problem = "" if stat.S_ISREG(status.st_mode) else _not_a_file(status.st_mode)
    return _File(base, steps, path, status.st_size, status.st_mtime, problem)


def _not_a_file(mode):
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    kind = kinds.get(stat.S_IFMT(mode), "a socket")
    return f"is {kind} and no file; it was not opened."


def _is_skipped(name):
    return name.startswith(".") or name.lower() in _SKIPPED


def _attributed(files: list[_File], source, limits, budget=None) -> list[Submission]:
    """Each notebook with its learner; and learners who handed in nothing that is a notebook."""
    if any(len(file.steps) > 2 and file.steps[0] == _NBGRADER for file in files):
        # the course folder of nbgrader, where only this part was handed in
        files = [file for file in files if file.steps[0] == _NBGRADER]
    wanted = [file for file in files if file.kind != OTHER]
    owners = students([file.steps for file in wanted], source, _lessons())
    found = []
    for file, owner in zip(wanted, owners, strict=True):
        if file.kind == ARCHIVE:
            alone = len(wanted) == len(file.steps) == 1 and not owner.by_platform
            found += _unpacked(file, owner, limits, alone, budget)
        else:
            found.append(_submission(file, owner, limits))
    found += _without_notebook(files, {one.student for one in found}, source, limits)
    whole = {one.student for one in found if not one.problem}
    # an archive of data beside a notebook is nothing to speak of
    return [one for one in found if not (one.empty and one.student in whole)]


def _without_notebook(files, seen, source, limits) -> Iterator[Submission]:
    """Learners of whom a platform, or most of the folders, say that they are, with other files."""
    owners = students([file.steps for file in files], source, _lessons())
    of_folders = {
        owner.student
        for file, owner in zip(files, owners, strict=True)
        if owner.student in file.steps[:-1]
    }
    usual = len(of_folders & seen) > len(of_folders) / 2
    handed_in = defaultdict(list)
    for file, owner in zip(files, owners, strict=True):
        known = owner.by_platform or (usual and owner.student in of_folders)
        if known and owner.student not in seen:
            handed_in[owner.student].append((file, owner))
    for theirs in handed_in.values():
        file, owner = next((one for one in theirs if one[0].problem), theirs[0])
        more = f" (and {len(theirs) - 1} more files)" if len(theirs) > 1 else ""
        problem = file.problem or f"is no notebook (.ipynb), and none was handed in{more}."
        yield _submission(replace(file, problem=problem), owner, limits)


def _unpacked(file: _File, owner: Named, limits, alone, budget=None) -> list[Submission]:
    """The notebooks in an archive. One that stands alone holds a class, any other one learner's.

    What is in a learner's archive is the learner's, whatever names it bears.
    """
    budget = [limits.archive_bytes] if budget is None else budget
    try:
        inside = _members(file, limits, budget)
    except GradingError as error:
        return [_submission(replace(file, problem=str(error)), owner, limits)]
    wanted = [one for one in inside if one.kind != OTHER]
    named = {name.student for one in inside if (name := platform_name(one.steps[0]))}
    if alone and (wanted or named):
        return _attributed(inside, _source(file), limits, budget)
    notebooks = [one for one in wanted if one.kind == NOTEBOOK]
    problem = ""
    if not wanted:
        problem = f"holds no notebook (.ipynb), but {_what(inside)}."
    elif len(wanted) > _MOST_NOTEBOOKS:
        problem = f"holds {len(wanted)} notebooks; of one learner {_MOST_NOTEBOOKS} are read."
    elif len(named) > 1:
        problem = "looks like the download of a class. If it is one, grade it alone."
    if problem:
        return [_submission(replace(file, problem=problem), owner, limits, empty=not wanted)]
    if notebooks:
        return [_submission(one, owner, limits) for one in notebooks]
    return [found for one in wanted for found in _unpacked(one, owner, limits, False, budget)]


def _what(inside):
    if not inside:
        return "nothing at all"
    more = f" and {len(inside) - 2} more" if len(inside) > 2 else ""
    return ", ".join(one.steps[-1] for one in inside[:2]) + more


def _source(file):
    named = platform_name(file.steps[-1], canvas=True)
    return Path(named.file if named and named.file else file.steps[-1]).stem


def _members(file: _File, limits, budget) -> list[_File]:
    """The files in an archive. `budget` is what it and those within it may unpack to."""
    if file.problem:
        raise GradingError(file.problem)
    if len(file.packed) > 1:
        raise GradingError("is an archive in an archive in an archive; unpack it by hand.")
    try:
        with _opened(file.path) as opened:
            for outer in file.packed:
                if outer.size > _NESTED:
                    raise GradingError(
                        f"is an archive of {amount(outer.size)} within another; unpack it by hand."
                    )
                opened = io.BytesIO(read_member(opened, outer, _NESTED))
            found = members(opened, limits)
    except OSError as error:
        raise GradingError(_unreadable(error)) from None
    budget[0] -= sum(member.size for member in found)
    if budget[0] < 0:
        raise GradingError(
            f"unpacks to more than {amount(limits.archive_bytes)}, with what is around it."
        )
    inside = []
    for member in found:
        steps = tuple(part for part in member.name.split("/") if part not in ("", ".", ".."))
        if steps and not any(map(_is_skipped, steps)):
            inside.append(
                _File(
                    file.label,
                    steps,
                    file.path,
                    member.size,
                    member.modified,
                    member.problem,
                    (*file.packed, member),
                )
            )
    return inside


def _submission(file: _File, named: Named, limits, empty=False) -> Submission:
    problem = file.problem
    if not problem and file.size > limits.notebook_bytes:
        problem = str(too_large(file.size, limits.notebook_bytes))
    return Submission(
        named.student,
        file.label,
        file.path,
        "/".join(member.name for member in file.packed) or None,
        file.size,
        file.modified,
        (named.note,) if named.note else (),
        f"the file {problem}" if problem else "",
        limits.notebook_bytes,
        named.order,
        file.packed,
        empty,
    )


def _opened(path: Path):
    """An ordinary file, open for reading; it is looked at again, as it may have been exchanged."""
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise GradingError(_not_a_file(mode))
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _bounded(file, most):
    size = os.fstat(file.fileno()).st_size
    data = file.read(most + 1) if size <= most else b""
    if max(size, len(data)) > most:
        raise too_large(max(size, len(data)), most)
    return data


def _unreadable(error):
    if error.errno == errno.ENOENT:
        return "does not exist."
    if error.errno == errno.ELOOP:
        return "is a link; it was not followed."
    return f"cannot be opened: {error.strerror}."


def _text(name: str) -> str:
    """A name as text that can be written: bytes of a file name need not be any."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _lessons() -> set[str]:
    return {question.lesson for question in questions().values()}
