"""Every file in a folder or an archive that may be somebody's, before it is known whose.

Nothing is opened but archives, and of these only the list. A path may come from anybody: links that
lead out of the folder, pipes, devices and archives within archives within archives are never
opened.
"""

import io
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from klteach.grading.collecting.archive import Member, amount, members, read_member
from klteach.grading.collecting.copies import ENDINGS
from klteach.grading.collecting.submission import NESTED, not_a_file, opened, unreadable
from klteach.grading.errors import GradingError
from klteach.grading.limits import Limits

NOTEBOOK, ARCHIVE, OTHER = "notebook", "archive", "other"

# What editors, systems and package managers put beside a learner's own files
_SKIPPED = {"__macosx", "__pycache__", "site-packages", "node_modules"}


@dataclass(frozen=True)
class FoundFile:
    """A file that was found. `steps` lead to it from `base`."""

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
        return self.shown or self.up_to(len(self.steps))

    @property
    def kind(self) -> str:
        name = self.steps[-1].lower()
        if self.taken_as or not name.endswith(ENDINGS):
            return self.taken_as or OTHER
        return ARCHIVE if name.endswith(".zip") else NOTEBOOK

    def up_to(self, step: int) -> str:
        """The label of the folder that so many steps lead to."""
        return "/".join(filter(None, (self.base, *self.steps[:step])))


def files_in(folder: Path, root: Path) -> list[FoundFile]:
    """Every file below a folder that may count, without following a link to a folder.

    `root` is the folder with all links in its path resolved. Errors: GradingError if it cannot be
    read; of a folder in it that cannot be read there is an entry with the problem.
    """
    return sorted(_walk(folder, root), key=lambda file: file.steps)


def _walk(folder, root) -> Iterator[FoundFile]:
    base = "" if folder == Path() else as_text(folder.as_posix())
    left: list[tuple[Path, tuple[str, ...]]] = [(root, ())]
    while left:
        place, steps = left.pop()
        try:
            entries = sorted(os.scandir(place), key=lambda entry: entry.name)
        except OSError as error:
            if not steps:
                raise GradingError(f"{folder} {unreadable(error)}") from None
            yield FoundFile(base, (*steps, "*"), place, problem=unreadable(error))
            continue
        for entry in entries:
            name = as_text(entry.name)
            if _is_skipped(name):
                continue
            path, here = Path(entry.path), (*steps, name)
            if entry.is_symlink():
                yield from _linked(base, here, path, root)
            elif entry.is_dir(follow_symlinks=False):
                left.append((path, here))
            else:
                yield file_at(base, here, path, entry.stat(follow_symlinks=False))


def _linked(base, steps, path, root):
    """What a link leads to: a file in the same folder is as good as any other."""
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(root):
        within = ("*",) if real.is_dir() else ()  # whatever it holds
        problem = "is a link that leads out of the folder."
        yield FoundFile(base, (*steps, *within), path, problem=problem)
    elif real.is_file():  # a folder in the same folder is found by itself
        yield file_at(base, steps, real, os.stat(real))


def file_at(base: str, steps: tuple[str, ...], path: Path, status: os.stat_result) -> FoundFile:
    """A file of the disk, with the problem if it is a pipe or a device."""
    problem = "" if stat.S_ISREG(status.st_mode) else not_a_file(status.st_mode)
    return FoundFile(base, steps, path, status.st_size, status.st_mtime, problem)


def _is_skipped(name):
    return name.startswith(".") or name.lower() in _SKIPPED


def as_text(name: str) -> str:
    """A name as text that can be written: bytes of a file name need not be any."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def files_in_archive(file: FoundFile, limits: Limits, budget: list[int]) -> list[FoundFile]:
    """The files in an archive. `budget` holds what it and those within it may unpack to.

    Errors: GradingError if it cannot be read, or holds more than it may.
    """
    if file.problem:
        raise GradingError(file.problem)
    if len(file.packed) > 1:
        raise GradingError("is an archive in an archive in an archive; unpack it by hand.")
    try:
        with opened(file.path) as archive:
            for outer in file.packed:
                if outer.size > NESTED:
                    raise GradingError(
                        f"is an archive of {amount(outer.size)} within another; unpack it by hand."
                    )
                archive = io.BytesIO(read_member(archive, outer, NESTED))
            found = members(archive, limits)
    except OSError as error:
        raise GradingError(unreadable(error)) from None
    budget[0] -= sum(member.size for member in found)
    if budget[0] < 0:
        raise GradingError(
            f"unpacks to more than {amount(limits.archive_bytes)}, with what is around it."
        )
    return [inside for member in found if (inside := _member_of(file, member))]


def _member_of(file, member):
    steps = tuple(part for part in member.name.split("/") if part not in ("", ".", ".."))
    if not steps or any(map(_is_skipped, steps)):
        return None
    packed = (*file.packed, member)
    size, modified, problem = member.size, member.modified, member.problem
    return FoundFile(file.label, steps, file.path, size, modified, problem, packed)
