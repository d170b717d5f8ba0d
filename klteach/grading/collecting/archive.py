"""The files in a zip, listed and read without ever writing one to disk.

An archive says how much it holds, and may lie. What it says is checked when it is listed, and what
comes out is counted while it is read, so that nothing unpacks to more than it was allowed to. Only
the two ways of packing are read that every learning platform and every desktop uses: of the others
a few bytes can become gigabytes in one step.
"""

import calendar
import contextlib
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from klteach.grading.errors import GradingError
from klteach.grading.limits import Limits

_LONGEST_LIST = 16 << 20  # bytes of the list at the end of an archive
_LONGEST_NAME = 1000
_BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    struct.error,
    zlib.error,
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    ArithmeticError,
    LookupError,
)


@dataclass(frozen=True)
class Member:
    """A file in an archive: what its entry says, and where its bytes begin.

    problem   why it is not read; "" for an ordinary file
    """

    name: str
    size: int
    modified: float
    offset: int
    packed_size: int
    method: int
    checksum: int
    problem: str = ""


def members(file: BinaryIO, limits: Limits) -> list[Member]:
    """The files in the archive, sorted by name, of two with one name the last.

    Errors: GradingError if it is no zip, or says that it holds more than the limits allow.
    """
    careful = _Careful(file, limits.archive_members)
    try:
        with zipfile.ZipFile(careful) as archive:
            entries = archive.infolist()
    except GradingError:
        raise
    except _BROKEN as error:
        raise GradingError(
            f"cannot be opened as a zip ({_reason(error)}): it is damaged, or of another kind. "
            "Pack it again as an ordinary .zip."
        ) from None
    if len(entries) > limits.archive_members:
        raise _too_many(limits.archive_members)
    total = sum(max(entry.file_size, 0) for entry in entries)
    if total > limits.archive_bytes:
        raise GradingError(
            f"says that it unpacks to {amount(total)}; at most {amount(limits.archive_bytes)} are "
            "unpacked. Take out what is no notebook and pack it again."
        )
    found = {}
    for entry in entries:
        member = _member(entry)
        if not member.name.endswith("/"):  # a folder
            found[member.name] = member
    return sorted(found.values(), key=lambda member: member.name)


def read_member(file: BinaryIO, member: Member, most: int) -> bytes:
    """The bytes of a member; never more than `most`, whatever the archive says.

    Errors: GradingError if there are more, or if they are damaged.
    """
    if member.problem:
        raise GradingError(member.problem)
    if member.size > most:
        raise too_large(member.size, most)
    try:
        data = _unpacked(file, member)
    except _BROKEN as error:
        raise GradingError(
            f"is damaged in its archive ({_reason(error)}). Pack it again."
        ) from None
    if data is None or len(data) != member.size:
        raise GradingError(
            f"does not unpack to the {member.size:,} bytes that its archive says. Pack it again."
        )
    if zlib.crc32(data) != member.checksum:
        raise GradingError("is damaged in its archive (wrong checksum). Pack it again.")
    return data


def too_large(size: int, most: int) -> GradingError:
    """The refusal of a notebook that is larger than the limit."""
    return GradingError(
        f"has {amount(size)}; notebooks of at most {amount(most)} are read. Clear the outputs, "
        "save it and hand it in again."
    )


def amount(size: int) -> str:
    """A number of bytes as people say it.

    >>> amount(10 * 2**20)
    '10 MB'
    """
    for unit, name in ((2**30, "GB"), (2**20, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}".replace(".0 ", " ")
    return f"{size:,} bytes"


class _Careful:
    """A file that gives away no list longer than it should be: zipfile reads lists in one piece."""

    def __init__(self, file, most_members):
        self._file, self._most = file, most_members
        self.seek, self.tell = file.seek, file.tell

    def read(self, size=-1):
        most = _LONGEST_LIST + 1
        data = self._file.read(most if size is None or size < 0 else min(size, most))
        if len(data) == most or data.count(b"PK\x01\x02") > self._most:
            raise _too_many(self._most)
        return data

    def seekable(self):
        return True


def _too_many(most):
    return GradingError(
        f"holds more than {most:,} files. Take out what is no notebook and pack it again."
    )


def _member(entry: zipfile.ZipInfo) -> Member:
    name = entry.filename
    if not entry.flag_bits & 0x800:
        # macOS writes UTF-8 and does not say so; what zipfile made of it can be undone
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    name = name.replace("\\", "/")  # as some Windows programs separate folders
    kind = stat.S_IFMT(entry.external_attr >> 16)
    problem = ""
    if len(name) > _LONGEST_NAME:
        problem = f"has a path of {len(name):,} characters in its archive; pack the notebook alone."
        name = f"{name[:300]}…{name[-100:]}"
    elif name.startswith("/") or name[1:3] == ":/":
        problem = "has an absolute path in its archive; pack the folder again, from inside of it."
    elif ".." in name.split("/"):
        problem = "has a path with .. in its archive, out of it; pack the folder again."
    elif kind == stat.S_IFLNK:
        problem = "is a link in its archive, and links are not followed; pack the file itself."
    elif kind not in (0, stat.S_IFREG):
        problem = "is no ordinary file in its archive; pack the notebook itself."
    elif entry.flag_bits & 0x1:
        problem = "is encrypted; pack it again without a password."
    elif entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        problem = (
            f"is packed in an uncommon way (method {entry.compress_type}); pack it again as an "
            "ordinary .zip."
        )
    return Member(
        name,
        entry.file_size,
        _time(entry.date_time),
        entry.header_offset,
        entry.compress_size,
        entry.compress_type,
        entry.CRC,
        problem,
    )


def _time(date_time) -> float:
    """Seconds since 1970 by the clock of whoever packed it; 0 if the archive has no time."""
    year, month, day, hour, minute, second = date_time
    if year <= 1980 or not (1 <= month <= 12 and 1 <= day <= 31):
        return 0.0
    return float(calendar.timegm((year, month, day, hour, minute, second)))


def _unpacked(file, member):
    """At most one byte more than the member should have; None if it has no beginning."""
    file.seek(member.offset)
    header = file.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        return None
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    file.seek(member.offset + 30 + name_length + extra_length)
    left = member.packed_size
    if member.method == zipfile.ZIP_STORED:
        return file.read(min(left, member.size + 1))
    unpacking, pieces, size = zlib.decompressobj(-zlib.MAX_WBITS), [], 0
    while size <= member.size and not unpacking.eof:
        packed = unpacking.unconsumed_tail
        if not packed:
            packed = file.read(min(left, 1 << 16))
            left -= len(packed)
            if not packed:
                break
        piece = unpacking.decompress(packed, member.size + 1 - size)
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _reason(error):
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error) or type(error).__name__
    return text if len(text) <= 80 else f"{text[:80]}…"
