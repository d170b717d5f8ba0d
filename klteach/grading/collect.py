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
    from_canvas,
    platform_name,
    safe_name,
    says_nobody,
    students,
    without_copy,
)
from klteach.practice.question import questions

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

    @property
    def label(self) -> str:
        return "/".join((self.base, *self.steps)) if self.base else "/".join(self.steps)

    @property
    def kind(self) -> str:
        return _kind(self.steps[-1])


def _kind(name):
    ending = next((ending for ending in ENDINGS if name.lower().endswith(ending)), None)
    return {None: OTHER, ".zip": ARCHIVE}.get(ending, NOTEBOOK)


def _in_folder(folder: Path, limits) -> Iterator[Submission]:
    root = folder.resolve()
    files = sorted(_walk(folder, root), key=lambda file: file.steps)
    owner = Named(_text(root.name)) if root.parent.name == _NBGRADER else None
    yield from _attributed(files, _text(root.name), limits, owner)


def _given(paths: list[Path], limits) -> Iterator[Submission]:
    """Files that were named one by one: notebooks, whatever their names end in, and archives."""
    names = [_text(path.name) for path in paths]
    canvas = from_canvas(names)
    for path, name in zip(paths, names, strict=True):
        real = path.resolve()
        folders = tuple(map(_text, path.parts[:-1]))
        file = _file("", (*folders, name), real, os.stat(real))
        named = platform_name(name, canvas) or _owner_of(name, folders, real)
        if file.kind == ARCHIVE:
            yield from _unpacked(file, named, limits, alone=len(paths) == 1)
        else:
            yield _submission(file, named, limits)


def _owner_of(name, folders, real) -> Named:
    """The learner in a file's name, or else the nearest folder that can be one's."""
    lessons = _lessons()
    if _NBGRADER in folders[:-1]:
        return Named(folders[folders.index(_NBGRADER) + 1])
    for folder in (*reversed(folders), _text(real.parent.name)):
        if named := platform_name(folder):
            return named
        if not says_nobody(folder, lessons):
            return students([(name,)], folder, lessons)[0]
    return students([(name,)], "", lessons)[0]


def _walk(folder: Path, root: Path) -> Iterator[_File]:
    """Every file below a folder that may count, without following a link to a folder."""
    base = "" if folder == Path() else _text(folder.as_posix())
    left = [(root, ())]
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


def _attributed(files: list[_File], source, limits, owner=None, budget=None):
    """Each notebook with its learner; and learners who handed in nothing that is a notebook."""
    if any(len(file.steps) > 2 and file.steps[0] == _NBGRADER for file in files):
        # the course folder of nbgrader, where only this part was handed in
        files = [file for file in files if file.steps[0] == _NBGRADER]
    wanted = [file for file in files if file.kind != OTHER]
    named = students([file.steps for file in wanted], source, _lessons())
    alone = len(wanted) == 1 and len(wanted[0].steps) == 1 and not platform_name(wanted[0].steps[0])
    found = []
    for file, its in zip(wanted, named, strict=True):
        if file.kind == ARCHIVE:
            found += _unpacked(file, owner or its, limits, alone, budget)
        else:
            found.append(_submission(file, owner or its, limits))
    if not owner:
        found += _without_notebook(files, {one.student for one in found}, source, limits)
    whole = {one.student for one in found if not one.problem}
    # an archive of data beside a notebook is nothing to speak of
    return [one for one in found if not (one.empty and one.student in whole)]


def _without_notebook(files, seen, source, limits) -> Iterator[Submission]:
    """Learners of whom a platform, or most of the folders, say that they are, with other files."""
    flat = [file.steps[0] for file in files if len(file.steps) == 1]
    canvas = from_canvas(flat)
    deep = [file for file in files if len(file.steps) > 1]
    owners = students([file.steps for file in deep], source, _lessons())
    folders = {
        its.student
        for file, its in zip(deep, owners, strict=True)
        if its.student in file.steps[:-1]
    }
    usual = len(folders & seen) > len(folders) / 2
    others = [
        (file, platform_name(file.steps[0], canvas)) for file in files if len(file.steps) == 1
    ]
    for file, its in zip(deep, owners, strict=True):
        by_platform = any(map(platform_name, file.steps))
        of_learner = usual and its.student in folders
        others.append((file, its if by_platform or of_learner else None))
    handed_in = defaultdict(list)
    for file, its in others:
        if its and file.kind == OTHER and its.student not in seen:
            handed_in[its].append(file)
    for its, theirs in handed_in.items():
        first = next((file for file in theirs if file.problem), theirs[0])
        more = f" (and {len(theirs) - 1} more files)" if len(theirs) > 1 else ""
        problem = first.problem or f"is no notebook (.ipynb), and none was handed in{more}."
        yield _submission(replace(first, problem=problem), its, limits)


def _unpacked(file: _File, named: Named, limits, alone, budget=None):
    """The notebooks in an archive: those of one learner, or of a class.

    An archive that stands alone holds a class, and so does one in which a platform named things;
    archives side by side hold one learner each.
    """
    budget = [limits.archive_bytes] if budget is None else budget
    try:
        inside = _members(file, limits, budget)
    except GradingError as error:
        return [_submission(replace(file, problem=file.problem or str(error)), named, limits)]
    wanted = [one for one in inside if one.kind != OTHER]
    if _by_platform(inside) or (alone and wanted):
        return _attributed(inside, _source(file), limits, budget=budget)
    notebooks = [one for one in wanted if one.kind == NOTEBOOK]
    problem = ""
    if not wanted:
        problem = f"holds no notebook (.ipynb), but {_what(inside)}."
    elif len(wanted) > _MOST_NOTEBOOKS:
        problem = f"holds {len(wanted)} notebooks; of one learner {_MOST_NOTEBOOKS} are read."
    if problem:
        return [_submission(replace(file, problem=problem), named, limits, empty=not wanted)]
    if notebooks:
        return [_submission(one, named, limits) for one in notebooks]
    return [found for one in wanted for found in _unpacked(one, named, limits, False, budget)]


def _what(inside):
    if not inside:
        return "nothing at all"
    more = f" and {len(inside) - 2} more" if len(inside) > 2 else ""
    return ", ".join(one.steps[-1] for one in inside[:2]) + more


def _by_platform(inside):
    flat = [one.steps[0] for one in inside if len(one.steps) == 1]
    return from_canvas(flat) or any(platform_name(one.steps[0]) for one in inside)


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
