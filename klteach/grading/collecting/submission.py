"""One file that was handed in: whose it is, where it lies, and how its bytes are read."""

import errno
import io
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from klteach.grading.collecting.archive import Member, read_member, too_large
from klteach.grading.collecting.platform_names import FOLDER
from klteach.grading.errors import GradingError
from klteach.grading.limits import MEGABYTE, Limits

NESTED = 64 * MEGABYTE  # an archive within an archive is held in memory while it is read


@dataclass(frozen=True)
class Submission:
    """One file that was handed in, not yet read.

    student   as written in the path; two that differ in case are two
    label     the path as its user would write it, with / between the steps, into archives as well
    member    the path within the archive `path`; None for a file of its own
    modified  seconds, 0.0 if unknown; by the archive's own clock for a member
    notes     what the learning platform says ("handed in late")
    place     the folder or archive in which the learner's own folder lies, or the file itself
    by        what says whose it is: PLATFORM, FOLDER (its own) or NAME (of a file among others')
    doubt     why a person should look whether it is this learner's; "" if nobody need
    problem   a sentence on why it is not read; "" for a file that `read` tries to read
    """

    student: str
    label: str
    path: Path
    member: str | None = None
    size: int = 0
    modified: float = 0.0
    notes: tuple[str, ...] = ()
    place: str = ""
    by: str = FOLDER
    doubt: str = ""
    problem: str = ""
    most: int = Limits.notebook_bytes
    order: str = field(default="", repr=False)  # by the platform: the greater is the newer
    name: str = field(default="", repr=False)  # the learner's, if a platform renamed it
    packed: tuple[Member, ...] = field(default=(), repr=False)
    empty: bool = field(default=False, repr=False)  # an archive without any notebook

    def read(self) -> bytes:
        """The bytes of the file, never more than the limit.

        Errors: GradingError with a sentence, if there are more or the file cannot be read.
        """
        if self.problem:
            raise GradingError(self.problem)
        try:
            with opened(self.path) as file:
                if not self.packed:
                    return _bounded(file, self.most)
                *archives, member = self.packed
                for archive in archives:
                    file = io.BytesIO(read_member(file, archive, NESTED))
                return read_member(file, member, self.most)
        except GradingError as error:
            raise GradingError(f"the file {error}") from None
        except OSError as error:
            raise GradingError(f"the file {unreadable(error)}") from None


def opened(path: Path):
    """An ordinary file, open for reading; it is looked at again, as it may have been exchanged."""
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise GradingError(not_a_file(mode))
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


def unreadable(error: OSError) -> str:
    """Why a path could not be read, as the end of a sentence."""
    if error.errno == errno.ENOENT:
        return "does not exist."
    if error.errno == errno.ELOOP:
        return "is a link; it was not followed."
    return f"cannot be opened: {error.strerror}."


def not_a_file(mode: int) -> str:
    """What it is that is not an ordinary file, as the end of a sentence."""
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    kind = kinds.get(stat.S_IFMT(mode), "a socket")
    return f"is {kind} and no file; it was not opened."
