"""The processes of this machine, as /proc tells them."""

from pathlib import Path


def commands() -> list[bytes]:
    """The command lines of all processes; those that have ended have none."""
    return [command for path in Path("/proc").glob("[0-9]*/cmdline") if (command := _read(path))]


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        if status := _after_the_name(path):
            children.setdefault(int(status[1]), []).append(int(path.parent.name))
    found, new = [], children.get(pid, [])
    while new:
        found += new
        new = [child for one in new for child in children.get(one, [])]
    return found


def command_of(pid: int) -> bytes:
    """The command line of a process, or nothing if it has ended."""
    return _read(Path(f"/proc/{pid}/cmdline"))


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or waits only for its parent to ask how it ended."""
    status = _after_the_name(Path(f"/proc/{pid}/stat"))
    return not status or status[0] in (b"Z", b"X")


def _after_the_name(path) -> list[bytes]:
    # state, parent, ...: the name before them may hold blanks and brackets
    return _read(path).rpartition(b")")[2].split()


def _read(path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has just ended
        return b""
