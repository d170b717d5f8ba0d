"""Walls around a learner's process, on Linux and without privileges: in layers, each said by name.

    namespaces   of its own: users, processes, network, mounts, messages; so it sees no other
                 process, no network, and of the file system what Python needs, without klteach
    Landlock     the kernel refuses files outside of what Python needs, and TCP
    seccomp      the kernel refuses new processes, sockets, mounts, signals to others, and memory
                 that no limit counts
    limits       memory, files, threads, processor time

The warm process settles in namespaces of its own once, with a file system put together for it; each
learner's process then gets further ones. A layer that the system refuses is left out, and `enter`
tells which ones hold. Started by root, it becomes an unprivileged user first. Only the system's own
interfaces are used, through ctypes.
"""

import os
import resource
import signal
import struct
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from klteach.grading.inside import landlock, new_root, seccomp
from klteach.grading.inside.kernel import call, libc, result, word

LAYERS = ("namespaces", "Landlock", "seccomp", "limits")

_NEW_MOUNTS, _NEW_IPC, _NEW_USERS = 0x00020000, 0x08000000, 0x10000000
_NEW_PROCESSES, _NEW_NETWORK, _NEW_NAMES = 0x20000000, 0x40000000, 0x04000000
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES, _SUBREAPER, _NOT_DUMPABLE = 1, 38, 36, 4

# One unprivileged user for each warm process that root starts, so that none counts another's
# threads. These numbers are those that systemd keeps for users without a name.
_FIRST_USER, _USERS = 61184, 4000
_SECONDS_TO_END = 10  # for a thread that was told to; one that stays costs its wall all the same


def gaps(layers) -> list[str]:
    """What these layers leave open that a class has to have closed, in words."""
    apart, watched = "namespaces" in layers, "seccomp" in layers
    open_ = []
    if not apart and "Landlock" not in layers:
        open_.append("a notebook can read your files, and leave some for the next one")
    if not watched and not apart:
        open_.append("a notebook can use the network")
        if "Landlock" not in layers or landlock.version() < landlock.SIGNALS_SINCE:
            open_.append("a notebook can end your processes")
    if not watched:
        open_.append("a notebook can use more memory than its limit")
    return open_


@dataclass(frozen=True)
class Plan:
    """What the walls are made of, worked out once in the warm process.

    readable  files and folders that Python needs
    hidden    folders among them that the learner's process may not see
    layers    the layers to try
    """

    readable: tuple[str, ...]
    hidden: tuple[str, ...]
    layers: tuple[str, ...] = LAYERS


def plan(hidden, layers=LAYERS) -> Plan:
    """The plan for this Python; `hidden` are folders that nobody may read."""
    wanted = [sys.prefix, sys.base_prefix, sys.exec_prefix, *filter(None, sys.path)]
    wanted += ["/usr", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime"]
    wanted += ["/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"]
    readable: list[str] = []
    for path in sorted({os.path.realpath(path) for path in wanted if os.path.exists(path)}):
        covered = any(path == other or path.startswith(other + "/") for other in readable)
        if path != "/" and not covered and not _inside(path, hidden):
            readable.append(path)
    inside = [os.path.realpath(path) for path in hidden]
    inside = [path for path in inside if any(path.startswith(r + "/") for r in readable)]
    return Plan(tuple(readable), tuple(inside), tuple(layers))


def _inside(path, folders):
    return any(path == f or path.startswith(f"{f}/") for f in map(os.path.realpath, folders))


def unprivileged_user() -> int | None:
    """Started by root: the number of the user that the learners' processes become; else None."""
    return _FIRST_USER + os.getpid() % _USERS if os.geteuid() == 0 else None


def settle(plan: Plan, user: int | None, place: str) -> int | None:
    """Move the warm process into namespaces, where there are any; the descriptor of its own.

    `place` is an empty folder. It is not used any more afterwards.
    """
    if "namespaces" not in plan.layers or not libc:
        _be_parent_of_strays()
        return None
    try:
        if user is None:
            _become_root_of_nothing()
        else:
            call("unshare", _NEW_MOUNTS)
        own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        new_root.move_to(plan.readable, plan.hidden, place)
        return own
    except (OSError, KeyError):  # KeyError: a machine whose numbers are not in the table
        result("umount2", os.fsencode(place), new_root.DETACH)
        _be_parent_of_strays()
        return None


def _be_parent_of_strays():
    # what a learner's process starts and leaves comes back to be ended
    if libc:
        call("prctl", _SUBREAPER, word(1), 0, 0, 0)


def _become_root_of_nothing():
    """Enter a space of users of which this one is the only one, and may therefore make others."""
    me, group = os.geteuid(), os.getegid()
    _wait_until_alone()
    call("unshare", _NEW_USERS | _NEW_MOUNTS | _NEW_PROCESSES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{me} {me} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    # only a child is in the new space of processes, and goes on; this one waits for its end
    child = os.fork()
    if child:
        os.closerange(3, 1024)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    _die_with_parent()


def _wait_until_alone():
    """Let threads end that are about to: with a second one there is no space of users.

    Matplotlib has one for as long as it lists the fonts, which it does once for each user.
    """
    end = time.monotonic() + _SECONDS_TO_END
    while len(os.listdir("/proc/self/task")) > 1 and time.monotonic() < end:
        time.sleep(0.005)


def _die_with_parent():
    call("prctl", _DEATH_SIGNAL, word(signal.SIGKILL), 0, 0, 0)


def fork(own: int | None) -> int:
    """Fork a process that is the first in its space of processes. `own` is what `settle` gave."""
    if own is None:
        return os.fork()
    call("unshare", _NEW_PROCESSES)
    try:
        return os.fork()
    finally:
        # for the parent: the next child is the first in another space
        result("setns", own, _NEW_PROCESSES)


def enter(plan: Plan, apart: bool, user: int | None, work: str, limits: dict) -> list[str]:
    """Build the walls around this process, for good; the names of the layers that hold."""
    held = {"limits"}
    if apart:
        call("unshare", _NEW_MOUNTS | _NEW_IPC | _NEW_NETWORK | _NEW_NAMES)
        new_root.mount_work(limits["files_bytes"])
        work = new_root.WORK
        held.add("namespaces")
    os.chdir(work)
    os.setpgid(0, 0)  # so that a word to its own group reaches nobody else
    # opened before the user changes, who may have no way to where Python is
    rules = -1
    if "Landlock" in plan.layers:
        rules = landlock.rules(plan.readable, plan.hidden, work, apart)
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if libc:
        _drop_capabilities()
        call("prctl", _NO_NEW_PRIVILEGES, word(1), 0, 0, 0)
        _die_with_parent()  # after the user has changed, which forgets it
        call("prctl", _NOT_DUMPABLE, word(0), 0, 0, 0)
    _limit(limits, alone=apart or user is not None)
    if landlock.hold(rules):
        held.add("Landlock")
    watched = landlock.version() if "Landlock" in held else 0
    if "seccomp" in plan.layers and seccomp.hold(apart, watched):
        held.add("seccomp")
    return [layer for layer in LAYERS if layer in held]


def _drop_capabilities():
    # header: version 3, this process; no effective, permitted or inheritable capability
    call("capset", struct.pack("II", 0x20080522, 0), bytes(24))


# Limits

_RESERVE = 256 * 2**20  # bytes of memory for the calls of answers


def _limit(limits, alone):
    """`alone` where no other process counts against the number of this user's processes."""
    most = {
        resource.RLIMIT_CPU: int(limits["submission_seconds"]) + 5,
        resource.RLIMIT_FSIZE: limits["files_bytes"],
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
    }
    if hasattr(resource, "RLIMIT_MSGQUEUE"):
        most[resource.RLIMIT_MSGQUEUE] = 0
    if hasattr(resource, "RLIMIT_NPROC"):
        most[resource.RLIMIT_NPROC] = limits["processes"] + (0 if alone else _processes())
    for kind, value in most.items():
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError):
            continue
    try:
        memory = limits["memory_bytes"]
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory + _RESERVE))
    except (OSError, ValueError):
        pass  # macOS refuses it, and a smaller limit may hold already


def open_reserve() -> None:
    """Let a process whose cells have filled its memory answer all the same."""
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _processes() -> int:
    """How many processes and threads this user has now."""
    count = 0
    for status in Path("/proc").glob("[0-9]*/task/*"):
        try:
            count += status.stat().st_uid == os.getuid()
        except OSError:
            continue
    return count
