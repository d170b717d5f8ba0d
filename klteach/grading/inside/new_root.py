"""A file system of its own for the learner's processes: what Python needs, and no more of it.

All of it is read-only, so that no submission leaves anything there for the next one.
"""

import os
import re
from pathlib import Path

from klteach.grading.inside import landlock
from klteach.grading.inside.kernel import call, word
from klteach.grading.inside.seccomp import number

WORK = "/submission"  # in a file system of its own, the only place that can be written to

_READ_ONLY, _NO_SUID, _NO_DEVICES, _REMOUNT = 0x1, 0x2, 0x4, 0x20
_BIND, _RECURSIVE, _PRIVATE, DETACH = 0x1000, 0x4000, 0x40000, 0x2
# how the C library tells the flags of a mount, where that is not how mount takes them
_TOLD_AS, _RELATIVE_TIMES = 0x1000, 0x200000
_KEPT = 0x2 | 0x4 | 0x8 | 0x400 | 0x800


def move_to(readable, hidden, place: str) -> None:
    """Put a file system together in memory, and make it the root of this process.

    `place` is an empty folder, which it is mounted on until it takes the place of all others.

    Errors:  OSError if the system refuses, KeyError on a machine whose numbers are not known.
    """
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    _mount("tmpfs", place, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755,size=4m,nr_inodes=4k")
    for path in readable:
        _bind(path, place + path)
    for name in ("/lib", "/lib32", "/lib64", "/bin"):  # links to folders of /usr
        if os.path.islink(name) and not os.path.lexists(place + name):
            os.symlink(os.readlink(name), place + name)
    for path in hidden:
        _mount("tmpfs", place + path, "tmpfs", _READ_ONLY | _NO_SUID | _NO_DEVICES, "size=4k")
    os.makedirs(place + WORK, exist_ok=True)
    _make_read_only(place)
    os.chdir(place)
    call("syscall", number("pivot_root"), b".", b".")
    call("umount2", b".", DETACH)
    os.chdir("/")


def mount_work(most_bytes: int) -> None:
    """Mount a place to write to, in memory; it ends with the namespace of mounts."""
    options = f"mode=1777,size={most_bytes},nr_inodes=1k"
    _mount("tmpfs", WORK, "tmpfs", _NO_SUID | _NO_DEVICES, options)


def _bind(path, place):
    if os.path.isdir(path):
        os.makedirs(place, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        open(place, "w").close()
    _mount(path, place, None, _BIND | _RECURSIVE)
    if path.startswith("/dev/"):
        return
    for mounted in [place, *_mounts_in(place)]:  # a mount does not hand its flags down
        try:
            _make_read_only(mounted)
        except OSError:
            if not landlock.version():  # which refuses to write as well
                raise


def _mounts_in(place) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
    points = (re.sub(r"\\([0-7]{3})", _character, line.split(" ")[4]) for line in lines)
    return sorted({point for point in points if point.startswith(place + "/")})


def _character(escape) -> str:
    return chr(int(escape[1], 8))


def _make_read_only(place):
    # the flags that it has must be kept: only their owner may take them away
    told = os.statvfs(place).f_flag
    flags = told & _KEPT | (_RELATIVE_TIMES if told & _TOLD_AS else 0)
    _mount("none", place, None, _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | flags)


def _mount(source, target, kind, flags, options=""):
    encode = os.fsencode
    call(
        "mount",
        encode(source),
        encode(target),
        encode(kind) if kind else None,
        word(flags),
        encode(options) if options else None,
    )
