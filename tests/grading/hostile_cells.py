"""Cells that try what no notebook may, and raise an error that names what they managed to do.

They reach only for what a test made for them: its own processes, files and folders.
"""

from klteach.grading.inside import seccomp

_TRY = """import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
number = {numbers}
done = []
def attempt(what, function, *arguments):
    try:
        result = function(*arguments)
    except (OSError, ValueError, AttributeError):
        return
    if not isinstance(result, int) or result >= 0:
        done.append(what)
def call(what, *arguments):
    attempt(what, libc.syscall, number[what], *arguments)
"""
_TELL = """
if done:
    raise RuntimeError("DID " + " ".join(done))
"""
_REACH = """
import fcntl, resource, signal
other = {pid}
attempt("kill", os.kill, other, 9)
attempt("kill group", os.kill, -other, 9)
{everybody}
call("tkill", other, 9)
call("tgkill", other, other, 9)
information = ctypes.create_string_buffer(bytes([9, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]), 128)
call("rt_sigqueueinfo", other, 9, information)
call("rt_tgsigqueueinfo", other, other, 9, information)
def by_descriptor():
    signal.pidfd_send_signal(os.pidfd_open(other), 9)
attempt("pidfd_send_signal", by_descriptor)
read, write = os.pipe()
attempt("F_SETOWN", fcntl.fcntl, read, fcntl.F_SETOWN, other)
attempt("F_SETOWN_EX", fcntl.fcntl, read, 15, bytes([1, 0, 0, 0]) + other.to_bytes(4, "little"))
attempt("prlimit", resource.prlimit, other, resource.RLIMIT_CPU, (1, 1))
attempt("setpriority", os.setpriority, os.PRIO_PROCESS, other, 19)
attempt("sched_setaffinity", os.sched_setaffinity, other, {{0}})
attempt("sched_setscheduler", os.sched_setscheduler, other, os.SCHED_IDLE, os.sched_param(0))
call("ioprio_set", 1, other, 3 << 13)
call("ptrace", 16, other, 0, 0)
attempt("read its memory", lambda: open(f"/proc/{{other}}/environ", "rb").read())
"""
_KEEP = """
import mmap
call("shmget", 0x6B6C, 65536, 0o1666)
call("semget", 0x6B6C, 1, 0o1666)
call("msgget", 0x6B6C, 0o1666)
call("mq_open", b"klteach", os.O_CREAT | os.O_RDWR, 0o666, 0)
attempt("memfd_create", os.memfd_create, "kept")
call("memfd_secret", 0)
call("userfaultfd", 0)
call("io_setup", 8, ctypes.byref(ctypes.c_ulong(0)))
call("io_uring_setup", 8, ctypes.create_string_buffer(256))
call("inotify_init1", 0)
call("add_key", b"user", b"klteach", b"kept", 4, -5)
read, write = os.pipe()
class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]
text = ctypes.create_string_buffer(8)
part = Part(ctypes.addressof(text), 8)
call("vmsplice", write, ctypes.byref(part), 1, 0)
"""
_SOCKETS = """
import socket
attempt("socket", socket.socket, socket.AF_INET, socket.SOCK_DGRAM)
attempt("local socket", socket.socket, socket.AF_UNIX)
attempt("datagrams", socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM)
attempt("packets", socket.socketpair, socket.AF_UNIX, socket.SOCK_SEQPACKET)
"""
_PLANT = """
def plant(folder):
    path = os.path.join(folder, "planted")
    open(path, "w").close()
here = os.path.realpath(".")
for folder, inner, files in os.walk("/"):
    if folder.count("/") > 3 or folder.startswith(("/proc", "/sys")) or folder == here:
        inner[:] = []
        continue
    attempt(folder, plant, folder)
for folder in {folders}:
    attempt(folder, plant, folder)
    attempt(folder + " mkdir", os.mkdir, folder + "/planted folder")
    attempt(folder + " link", os.symlink, "/", folder + "/planted link")
"""
_SPOIL = """
def shorten(path):
    os.close(os.open(path, os.O_RDONLY | os.O_TRUNC))
for path in {paths}:
    attempt("write", open, path, "r+")
    attempt("append", open, path, "a")
    for change in (
        lambda: os.chmod(path, 0o604), lambda: os.utime(path, (1, 1)),
        lambda: os.setxattr(path, "user.klteach", b"planted"), lambda: os.truncate(path, 0),
        lambda: shorten(path), lambda: os.rename(path, path + "2"), lambda: os.unlink(path),
        lambda: os.link(path, path + "2"), lambda: os.chown(path, -1, -1),
    ):
        attempt("", change)
done = [what for what in done if what]
"""


def _cell(body: str) -> str:
    names = {**seccomp.REFUSED, **seccomp.IDLE, **seccomp.ASKED}
    numbers = {}
    for name in names:
        try:
            numbers[name] = seccomp.number(name)
        except KeyError:
            continue
    return _TRY.format(numbers=numbers) + body + _TELL


def reach(pid: int, everybody: bool) -> str:
    """A cell that tries to end, slow down or read the process `pid`; and `everybody`, by -1."""
    all_ = 'attempt("kill all", os.kill, -1, 9)' if everybody else ""
    return _cell(_REACH.format(pid=pid, everybody=all_))


def keep() -> str:
    """A cell that tries to get memory that no limit counts, or that outlives it."""
    return _cell(_KEEP)


def sockets() -> str:
    """A cell that tries to talk to others."""
    return _cell(_SOCKETS)


def plant(*folders: str) -> str:
    """A cell that tries to leave something, everywhere and in these folders."""
    return _cell(_PLANT.format(folders=list(folders)))


def spoil(*paths: str) -> str:
    """A cell that tries to change these files in any way."""
    return _cell(_SPOIL.format(paths=list(paths)))
