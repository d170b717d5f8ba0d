"""Landlock: the kernel refuses files outside of what Python needs, and TCP.

From version 6 on it also refuses signals to processes outside. What it leaves open in every version
(the owner and the mode of a file, its times) and in old ones (cutting a file off) is seccomp's.
"""

import os
import struct

from klteach.grading.inside.kernel import call, libc, result, word

SIGNALS_SINCE, CUTTING_SINCE = 6, 3  # versions

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_READ_FILES = 1 << 0 | 1 << 2 | 1 << 3  # execute, read a file, read a folder
_READ_ONE = 1 << 0 | 1 << 2
_WRITE_ONE = 1 << 1 | 1 << 2 | 1 << 14
_RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}


def version() -> int:
    """The version of Landlock in this kernel, or 0."""
    if not libc:
        return 0
    return max(0, result("syscall", _CREATE, None, word(0), 1))


def rules(readable, hidden, work: str, own_root: bool) -> int:
    """The descriptor of the rules, or -1: files may be read, and written to in `work` alone."""
    here = version()
    if not here:
        return -1
    known = max(v for v in _RIGHTS_OF_VERSION if v <= here)
    every = _RIGHTS_OF_VERSION[known]
    network = 3 if here >= 4 else 0  # TCP: bind and connect
    scopes = 3 if here >= SIGNALS_SINCE else 0  # abstract sockets and signals of others
    attributes = struct.pack("QQQ", every, network, scopes)
    size = 8 if here < 4 else 16 if here < SIGNALS_SINCE else 24
    made = result("syscall", _CREATE, attributes, word(size), 0)
    if made < 0:
        return -1
    try:
        if own_root:
            _allow(made, "/", _READ_FILES & every)
        else:
            for path in readable:
                _allow_but(made, path, hidden, every)
        _allow(made, work, every)
        for device in ("/dev/null", "/dev/zero"):
            _allow(made, device, _WRITE_ONE & every)
    except OSError:
        os.close(made)
        return -1
    return made


def hold(made: int) -> bool:
    """Put this process behind the rules, for good; whether they hold."""
    if made < 0:
        return False
    holds = result("syscall", _RESTRICT, made, 0) == 0
    os.close(made)
    return holds


def _allow(made, path, rights):
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        call("syscall", _ADD, made, 1, struct.pack("=QI", rights, place), 0)
    finally:
        os.close(place)


def _allow_but(made, path, hidden, every):
    """Allow to read `path`, entry by entry where something hidden is in it."""
    if path in hidden:
        return
    if any(folder.startswith(path + "/") for folder in hidden):
        for entry in os.listdir(path):
            _allow_but(made, f"{path}/{entry}", hidden, every)
    elif not os.path.islink(path):
        _allow(made, path, (_READ_FILES if os.path.isdir(path) else _READ_ONE) & every)
