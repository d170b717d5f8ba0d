"""Walls around a learner's process, on Linux and without privileges: in layers, each said by name.

    namespaces   of its own: users, processes, network, mounts, messages; so it sees no other
                 process, no network, and of the file system what Python needs, without klteach
    Landlock     the kernel refuses files outside of what Python needs, and TCP
    seccomp      the kernel refuses new processes, sockets, mounts and debugging
    limits       memory, files, threads, processor time

The warm process settles in namespaces of its own once, with a file system put together for it; each
learner's process then gets further ones. A layer that the system refuses is left out, and `enter`
tells which ones hold. Started by root, it becomes an unprivileged user first. Only the system's own
interfaces are used, through ctypes.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

LAYERS = ("namespaces", "Landlock", "seccomp", "limits")
WORK = "/submission"  # in a file system of its own, the only place that can be written to

_NEW_MOUNTS, _NEW_IPC, _NEW_USERS = 0x00020000, 0x08000000, 0x10000000
_NEW_PROCESSES, _NEW_NETWORK, _NEW_NAMES = 0x20000000, 0x40000000, 0x04000000
_READ_ONLY, _NO_SUID, _NO_DEVICES, _REMOUNT = 0x1, 0x2, 0x4, 0x20
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 0x1000, 0x4000, 0x40000, 0x2
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES, _SUBREAPER, _SET_SECCOMP, _NOT_DUMPABLE = 1, 38, 36, 22, 4
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446

# One unprivileged user for each warm process that root starts, so that none counts another's
# threads. These numbers are those that systemd keeps for users without a name.
_FIRST_USER, _USERS = 61184, 4000

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _result(name, *arguments):
    return getattr(_libc, name)(*arguments)


def _call(name, *arguments):
    result = _result(name, *arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def _word(value):
    return ctypes.c_ulong(value)


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
    if "namespaces" not in plan.layers or not _libc:
        _be_parent_of_strays()
        return None
    try:
        if user is None:
            _become_root_of_nothing()
        else:
            _call("unshare", _NEW_MOUNTS)
        own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
        _new_root(plan, place)
        return own
    except (OSError, KeyError):  # KeyError: a machine whose numbers are not in the table
        _result("umount2", os.fsencode(place), _DETACH)
        _be_parent_of_strays()
        return None


def _be_parent_of_strays():
    # what a learner's process starts and leaves comes back to be ended
    if _libc:
        _call("prctl", _SUBREAPER, _word(1), 0, 0, 0)


def _become_root_of_nothing():
    """Enter a space of users of which this one is the only one, and may therefore make others."""
    me, group = os.geteuid(), os.getegid()
    _call("unshare", _NEW_USERS | _NEW_MOUNTS | _NEW_PROCESSES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{me} {me} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    # only a child is in the new space of processes, and goes on; this one waits for its end
    child = os.fork()
    if child:
        os.closerange(3, 1024)
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)
    _die_with_parent()


def _die_with_parent():
    _call("prctl", _DEATH_SIGNAL, _word(signal.SIGKILL), 0, 0, 0)


def fork(own: int | None) -> int:
    """Fork a process that is the first in its space of processes. `own` is what `settle` gave."""
    if own is None:
        return os.fork()
    _call("unshare", _NEW_PROCESSES)
    try:
        return os.fork()
    finally:
        # for the parent: the next child is the first in another space
        _result("setns", own, _NEW_PROCESSES)


def enter(plan: Plan, apart: bool, user: int | None, work: str, limits: dict) -> list[str]:
    """Build the walls around this process, for good; the names of the layers that hold."""
    held = {"limits"}
    if apart:
        _call("unshare", _NEW_MOUNTS | _NEW_IPC | _NEW_NETWORK | _NEW_NAMES)
        options = f"mode=1777,size={limits['files_bytes']},nr_inodes=1k"
        _mount("tmpfs", WORK, "tmpfs", _NO_SUID | _NO_DEVICES, options)
        work = WORK
        held.add("namespaces")
    os.chdir(work)
    # opened before the user changes, who may have no way to where Python is
    rules = _landlock_rules(plan, work, apart) if "Landlock" in plan.layers else -1
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    if _libc:
        _drop_capabilities()
        _call("prctl", _NO_NEW_PRIVILEGES, _word(1), 0, 0, 0)
        _die_with_parent()  # after the user has changed, which forgets it
        _call("prctl", _NOT_DUMPABLE, _word(0), 0, 0, 0)
    _limit(limits, alone=apart or user is not None)
    if rules >= 0 and _result("syscall", _LANDLOCK_RESTRICT, rules, 0) == 0:
        os.close(rules)
        held.add("Landlock")
    if "seccomp" in plan.layers and _libc and _seccomp():
        held.add("seccomp")
    return [layer for layer in LAYERS if layer in held]


# A file system of its own


def _new_root(plan, root):
    """Put together, in memory, a file system of what Python needs, and make it the root.

    `root` is an empty folder, which it is mounted on until it takes the place of all others.
    """
    _mount("none", "/", None, _RECURSIVE | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755,size=4m,nr_inodes=4k")
    for path in plan.readable:
        place = root + path
        if os.path.isdir(path):
            os.makedirs(place, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            open(place, "w").close()
        _mount(path, place, None, _BIND | _RECURSIVE)
        if not path.startswith("/dev/"):
            _make_read_only(place)
    for name in ("/lib", "/lib32", "/lib64", "/bin"):  # links to folders of /usr
        if os.path.islink(name) and not os.path.lexists(root + name):
            os.symlink(os.readlink(name), root + name)
    for path in plan.hidden:
        _mount("tmpfs", root + path, "tmpfs", _READ_ONLY | _NO_SUID | _NO_DEVICES, "size=4k")
    os.makedirs(root + WORK, exist_ok=True)
    os.chdir(root)
    _call("syscall", _NUMBERS["pivot_root"], b".", b".")
    _call("umount2", b".", _DETACH)
    os.chdir("/")


def _mount(source, target, kind, flags, options=""):
    encode = os.fsencode
    _call(
        "mount",
        encode(source),
        encode(target),
        encode(kind) if kind else None,
        _word(flags),
        encode(options) if options else None,
    )


def _make_read_only(place):
    flags = _REMOUNT | _BIND | _READ_ONLY | _NO_SUID
    for more in (_NO_DEVICES, 0):
        try:
            return _mount("none", place, None, flags | more)
        except OSError:
            continue  # a mount may carry flags that only its owner takes away; Landlock is there
    return None


def _drop_capabilities():
    # header: version 3, this process; no effective, permitted or inheritable capability
    _call("capset", struct.pack("II", 0x20080522, 0), bytes(24))


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


# Landlock

_READ_FILES = 1 << 0 | 1 << 2 | 1 << 3  # execute, read a file, read a folder
_READ_ONE = 1 << 0 | 1 << 2
_WRITE_ONE = 1 << 1 | 1 << 2 | 1 << 14
_RIGHTS_OF_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}


def landlock_version() -> int:
    """The version of Landlock in this kernel, or 0."""
    if not _libc:
        return 0
    return max(0, _result("syscall", _LANDLOCK_CREATE, None, _word(0), 1))


def _landlock_rules(plan, work, own_root) -> int:
    """The descriptor of the rules, or -1."""
    version = landlock_version()
    if not version:
        return -1
    known = max(v for v in _RIGHTS_OF_VERSION if v <= version)
    every = _RIGHTS_OF_VERSION[known]
    network = 3 if version >= 4 else 0  # TCP: bind and connect
    scopes = 3 if version >= 6 else 0  # abstract sockets and signals of others
    attributes = struct.pack("QQQ", every, network, scopes)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = _result("syscall", _LANDLOCK_CREATE, attributes, _word(size), 0)
    if rules < 0:
        return -1
    try:
        if own_root:
            _allow(rules, "/", _READ_FILES & every)
        else:
            for path in plan.readable:
                _allow_but(rules, path, plan.hidden, every)
        _allow(rules, work, every)
        for device in ("/dev/null", "/dev/zero"):
            _allow(rules, device, _WRITE_ONE & every)
    except OSError:
        os.close(rules)
        return -1
    return rules


def _allow(rules, path, rights):
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        _call("syscall", _LANDLOCK_ADD, rules, 1, struct.pack("=QI", rights, place), 0)
    finally:
        os.close(place)


def _allow_but(rules, path, hidden, every):
    """Allow to read `path`, entry by entry where something hidden is in it."""
    if path in hidden:
        return
    if any(folder.startswith(path + "/") for folder in hidden):
        for entry in os.listdir(path):
            _allow_but(rules, f"{path}/{entry}", hidden, every)
    elif not os.path.islink(path):
        _allow(rules, path, (_READ_FILES if os.path.isdir(path) else _READ_ONE) & every)


# seccomp

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NAMES = {
    "x86_64": {
        "socket": 41, "connect": 42, "accept": 43, "bind": 49, "listen": 50, "clone": 56,
        "fork": 57, "vfork": 58, "execve": 59, "ptrace": 101, "setsid": 112, "pivot_root": 155,
        "chroot": 161, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169,
        "init_module": 175, "setpriority": 141, "add_key": 248, "request_key": 249, "keyctl": 250,
        "unshare": 272, "accept4": 288, "perf_event_open": 298, "open_by_handle_at": 304,
        "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313,
        "bpf": 321, "execveat": 322, "userfaultfd": 323, "memfd_create": 319,
    },
    "aarch64": {
        "socket": 198, "connect": 203, "accept": 202, "bind": 200, "listen": 201, "clone": 220,
        "execve": 221, "ptrace": 117, "setsid": 157, "pivot_root": 41, "chroot": 51, "mount": 40,
        "umount2": 39, "swapon": 224, "reboot": 142, "init_module": 105, "setpriority": 140,
        "add_key": 217, "request_key": 218, "keyctl": 219, "unshare": 97, "accept4": 242,
        "perf_event_open": 241, "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270,
        "process_vm_writev": 271, "finit_module": 273, "bpf": 280, "execveat": 281,
        "userfaultfd": 282, "memfd_create": 279,
    },
}  # fmt: skip
# The same number on every machine: io_uring, clone3, new mounts, other processes' descriptors.
_NEWER = {"pidfd_send_signal": 424, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429,
          "fsopen": 430, "clone3": 435, "pidfd_getfd": 438, "mount_setattr": 442}  # fmt: skip
_MACHINE = platform.machine()
_NUMBERS = _NAMES.get(_MACHINE, {})
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NOT_PERMITTED, _NOT_THERE = 1, 38
_THREAD = 0x00010000  # the flag of clone that makes a thread, not a process


def _seccomp() -> bool:
    """Refuse the calls that no exercise needs; programs see "operation not permitted"."""
    if _MACHINE not in _MACHINES:
        return False
    refused = {**_NUMBERS, **_NEWER}
    clone, clone3 = refused.pop("clone"), refused.pop("clone3")
    deny = (_RETURN, 0, 0, _ERROR | _NOT_PERMITTED)
    program = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _MACHINES[_MACHINE]),
        deny,
        (_LOAD, 0, 0, 0),
        # numbers of the x32 interface would get around the table
        (_AT_LEAST, 0, 1, 0x40000000),
        deny,
        # the C library falls back on clone, whose flags can be looked at
        (_EQUAL, 0, 1, clone3),
        (_RETURN, 0, 0, _ERROR | _NOT_THERE),
        (_EQUAL, 0, 4, clone),
        (_LOAD, 0, 0, 16),
        (_ANY_BIT, 0, 1, _THREAD),
        (_RETURN, 0, 0, _ALLOW),
        deny,
    ]
    for number in sorted(refused.values()):
        program += [(_EQUAL, 0, 1, number), deny]
    program.append((_RETURN, 0, 0, _ALLOW))
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    return _result("prctl", _SET_SECCOMP, _word(2), header, 0, 0) == 0
