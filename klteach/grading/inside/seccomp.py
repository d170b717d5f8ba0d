"""seccomp: the kernel refuses calls that no exercise needs.

What is refused: new processes, sockets, mounts and debugging; a word to another process (a signal,
a limit, a place in the queue for the processor); memory that belongs to no process and so counts
against no limit; whatever would outlive its process.
"""

import ctypes
import os
import platform
import struct

from klteach.grading.inside.kernel import libc, result, word
from klteach.grading.inside.landlock import CUTTING_SINCE

# The numbers on x86_64 and on aarch64; None where there is no such call.
REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "kcmp": (312, 272), "tkill": (200, 130), "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438), "process_madvise": (440, 440), "process_mrelease": (448, 448),
    "migrate_pages": (256, 238), "move_pages": (279, 239), "perf_event_open": (298, 241),
    "setsid": (112, 157), "setpgid": (109, 154),
    # the queue for the processor, in which a process could make itself wait and claim that time
    "setpriority": (141, 140), "sched_setparam": (142, 118), "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274), "sched_setaffinity": (203, 122), "ioprio_set": (251, 30),
    # the network
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "accept4": (288, 242),
    "bind": (49, 200), "listen": (50, 201),
    # mounts, namespaces, and the system as a whole
    "pivot_root": (155, 41), "chroot": (161, 51), "mount": (165, 40), "umount2": (166, 39),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "open_tree_attr": (467, 467), "unshare": (272, 97),
    "setns": (308, 268), "open_by_handle_at": (304, 265), "swapon": (167, 224),
    "swapoff": (168, 225), "reboot": (169, 142), "init_module": (175, 105),
    "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "syslog": (103, 116), "bpf": (321, 280),
    # memory that no limit counts, and what stays when its process has ended
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195), "shmdt": (67, 197),
    "semget": (64, 190), "semctl": (66, 191), "semop": (65, 193), "semtimedop": (220, 192),
    "msgget": (68, 186), "msgctl": (71, 187), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "mq_open": (240, 180), "mq_unlink": (241, 181), "mq_timedsend": (242, 182),
    "mq_timedreceive": (243, 183), "mq_notify": (244, 184), "mq_getsetattr": (245, 185),
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "vmsplice": (278, 75),
    "userfaultfd": (323, 282), "io_setup": (206, 0), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "inotify_init": (253, None),
    "inotify_init1": (294, 26), "fanotify_init": (300, 262), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219),
}  # fmt: skip
# Landlock does not watch these. They do nothing and say that all is well: `shutil.copy` calls them.
IDLE: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
# These depend on what they are asked for.
ASKED: dict[str, tuple[int | None, int | None]] = {
    "clone": (56, 220), "clone3": (435, 435), "kill": (62, 129), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "prlimit64": (302, 261),
    "socketpair": (53, 199), "fcntl": (72, 25), "ioctl": (16, 29), "truncate": (76, 45),
    "open": (2, None), "openat": (257, 56), "openat2": (437, 437),
}  # fmt: skip

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ERROR = (_RETURN, 0, 0, 0x7FFF0000), 0x00050000
_DENY, _NOT_THERE, _DO_NOTHING = ((_RETURN, 0, 0, _ERROR | number) for number in (1, 38, 0))
_THREAD = 0x00010000  # the flag of clone that makes a thread, not a process
_LOCAL, _STREAM = 1, 1
# F_SETOWN, F_SETSIG, F_SETOWN_EX; FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX: signals to others, and
# letters typed for them
_OWNERS, _SIGNALS_AND_LETTERS = (8, 10, 15), (0x8901, 0x8902, 0x5412, 0x541C)
_ACCESS, _CUT = 0o3, 0o1000  # bits of the flags of open

Line = tuple[int, int, int, int]
_SET, _FILTER = 22, 2


def number(name: str) -> int:
    """The number of a call on this machine.

    Errors:  KeyError if the machine, or the call, is not in the table.
    """
    place, _ = _MACHINES[platform.machine()]
    found = {**REFUSED, **IDLE, **ASKED}[name][place]
    if found is None:
        raise KeyError(name)
    return found


def hold(apart: bool, landlock: int) -> bool:
    """Refuse from now on, for good; whether that holds. See `program`."""
    machine = platform.machine()
    if machine not in _MACHINES or not libc:
        return False
    lines = program(machine, os.getpid(), apart, landlock)
    code = b"".join(struct.pack("HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxP", len(lines), ctypes.addressof(buffer))
    return result("prctl", _SET, word(_FILTER), header, 0, 0) == 0


def program(machine: str, pid: int, apart: bool, landlock: int) -> list[Line]:
    """The kernel's program for the process `pid`.

    apart     whether it has a file system of its own; else modes and times of files stay as they
              are, and those that Landlock does not watch in its version (`landlock`) are not cut
    """
    place, code = _MACHINES[machine]
    lines: list[Line] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, code),
        _DENY,
        (_LOAD, 0, 0, 0),
        # numbers of the x32 interface would get around the table
        (_AT_LEAST, 0, 1, 0x40000000),
        _DENY,
    ]
    answers: dict[str, list[Line]] = {name: [_DENY] for name in REFUSED}
    if not apart:
        answers |= {name: [_DO_NOTHING] for name in IDLE}
    answers |= _asked(pid, cutting=apart or landlock >= CUTTING_SINCE)
    table = {**REFUSED, **IDLE, **ASKED}
    for name, answer in answers.items():
        here = table[name][place]
        if here is not None:
            lines += [(_EQUAL, 0, len(answer), here), *answer]
    return [*lines, _ALLOW]


def _asked(pid: int, cutting: bool) -> dict[str, list[Line]]:
    answers = {
        # the C library falls back on clone, whose flags can be looked at
        "clone3": [_NOT_THERE],
        "clone": [_argument(0), (_ANY_BIT, 0, 1, _THREAD), _ALLOW, _DENY],
        "socketpair": [
            *(_argument(0), (_EQUAL, 1, 0, _LOCAL), _DENY),
            # a datagram can go to whoever listens, by name
            *(_argument(1), (_AND, 0, 0, 0xF), (_EQUAL, 1, 0, _STREAM), _DENY, _ALLOW),
        ],
        "fcntl": _unless(1, _OWNERS),
        "ioctl": _unless(1, _SIGNALS_AND_LETTERS),
        "prlimit64": _only(0, (0, pid)),
    }
    answers |= dict.fromkeys(
        ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"), _only(0, (pid,))
    )
    if not cutting:
        answers |= {
            "truncate": [_DENY],
            "open": _not_cut_while_reading(1),
            "openat": _not_cut_while_reading(2),
            "openat2": [_NOT_THERE],
        }
    return answers


def _argument(place: int) -> Line:
    # the lower half, which is all that the kernel takes of a process's number, flags and the like
    return (_LOAD, 0, 0, 16 + 8 * place)


def _only(place: int, values) -> list[Line]:
    tests = [(_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_argument(place), *tests, _DENY, _ALLOW]


def _unless(place: int, values) -> list[Line]:
    tests = [(_EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
    return [_argument(place), *tests, _ALLOW, _DENY]


def _not_cut_while_reading(place: int) -> list[Line]:
    return [
        *(_argument(place), (_ANY_BIT, 1, 0, _CUT), _ALLOW),
        *((_AND, 0, 0, _ACCESS), (_EQUAL, 0, 1, 0), _DENY, _ALLOW),
    ]
