"""Folders of this machine that notebooks write to where they have no file system of their own."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress

MOST_ENTRIES = 1000


def new_folder(scratch: str) -> str:
    """A folder for one submission, which need not belong to our user."""
    folder = tempfile.mkdtemp(dir=scratch)
    os.chmod(scratch, 0o711)
    os.chmod(folder, 0o777)
    return folder


def is_too_full(folder: str, most_bytes: int) -> bool:
    """Whether there is more in a folder than one submission may write."""
    room, entries = most_bytes, MOST_ENTRIES
    try:
        for entry in _all_in(folder):
            entries -= 1
            with suppress(FileNotFoundError):
                room -= 512 * entry.stat(follow_symlinks=False).st_blocks
            if room < 0 or entries < 0:
                return True
    except OSError:  # folders in folders without an end
        return True
    return False


def _all_in(folder) -> Iterator[os.DirEntry]:
    waiting = [folder]
    while waiting:
        with suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            for entry in os.scandir(waiting.pop()):
                yield entry
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def remove(folder: str) -> None:
    """Remove a folder, also where folders in it are closed to us or nested without an end."""
    # Each folder is moved up before it is emptied, so that no path gets long.
    waiting, number = [folder], 0
    while waiting:
        emptied = waiting.pop()
        with suppress(OSError):
            os.chmod(emptied, stat.S_IRWXU)
            for entry in list(os.scandir(emptied)):
                if entry.is_dir(follow_symlinks=False):
                    number += 1
                    above = f"{folder}-{number}"
                    os.chmod(entry.path, stat.S_IRWXU)
                    os.rename(entry.path, above)
                    waiting.append(above)
                else:
                    os.unlink(entry.path)
            os.rmdir(emptied)
