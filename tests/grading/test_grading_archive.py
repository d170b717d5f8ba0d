"""Zips: what honest ones hold, and nothing more than they may of the others."""

import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from contextlib import contextmanager

import pytest

from klteach.grading.collecting.archive import amount, members, read_member
from klteach.grading.errors import GradingError
from klteach.grading.limits import MEGABYTE, Limits

LIMITS = Limits()
LINK, PIPE = 0o120777, 0o010644


def packed(*files, method=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, bytes)."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return data.getvalue()


def of_kind(name, mode):
    entry = zipfile.ZipInfo(name, (2024, 5, 1, 10, 15, 0))
    entry.external_attr = mode << 16
    return entry


def listed(data, limits=LIMITS):
    return members(io.BytesIO(data), limits)


def read(data, most=1000):
    return {member.name: read_member(io.BytesIO(data), member, most) for member in listed(data)}


def refusal(data, limits=LIMITS):
    with pytest.raises(GradingError) as caught:
        for member in listed(data, limits):
            read_member(io.BytesIO(data), member, limits.notebook_bytes)
    assert str(caught.value).endswith(".")
    return str(caught.value)


@contextmanager
def little_memory(most):
    """Fails if more bytes than that were held at once; measures nothing any more afterwards."""
    tracemalloc.start()
    try:
        yield
        held = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert held < most


def test_files_are_read_as_they_were_packed():
    files = {"b/kl.ipynb": b"x" * 500, "a.ipynb": b"", "c.txt": bytes(range(256))}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        data = packed(("b/", b""), *files.items(), method=method)
        assert read(data) == files
        assert read(b"#!a program that unpacks itself" + data) == files
        assert list(read(data)) == sorted(files)


def test_names_and_times_are_those_of_whoever_packed():
    entry = of_kind("Zo\u00eb\\kl.ipynb", 0)
    data = packed((entry, b"1"))
    [member] = listed(data)
    assert (member.name, member.modified) == ("Zo\u00eb/kl.ipynb", 1714558500.0)
    # macOS packs UTF-8 without saying so; a name that is no UTF-8 stays what zipfile says
    silent = data.replace("Zo\u00eb".encode(), b"Zo\x89r")
    flags = [place for place in range(len(data)) if data[place : place + 2] == b"\x00\x08"]
    for source, name in ((data, "Zo\u00eb"), (silent, "Zo\u00ebr")):
        source = bytearray(source)
        for place in flags:
            source[place : place + 2] = b"\0\0"
        assert listed(bytes(source))[0].name == f"{name}/kl.ipynb"
    assert listed(packed((zipfile.ZipInfo("a"), b"")))[0].modified == 0.0


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_files_with_one_name_the_last_counts():
    assert read(packed(("a", b"old"), ("a", b"new"))) == {"a": b"new"}


@pytest.mark.parametrize(
    "name, words",
    [
        ("../kl.ipynb", "a path with .."),
        ("a/../../kl.ipynb", "a path with .."),
        ("..\\kl.ipynb", "a path with .."),
        ("/etc/kl.ipynb", "an absolute path"),
        ("C:\\kl.ipynb", "an absolute path"),
        ("a/" * 600 + "kl.ipynb", "a path of 1,208 characters"),
        (of_kind("kl.ipynb", LINK), "is a link"),
        (of_kind("kl.ipynb", PIPE), "no ordinary file"),
    ],
)
def test_6_paths_out_of_the_archive_and_links_are_refused(name, words):
    assert words in refusal(packed((name, b"/etc/passwd")))


def test_6_encrypted_files_are_refused():
    data = bytearray(packed(("kl.ipynb", b"1")))
    central = data.rindex(b"PK\x01\x02")
    data[central + 8] |= 1
    assert "is encrypted" in refusal(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_6_of_uncommon_ways_of_packing_not_one_byte_is_unpacked(method):
    pytest.importorskip("bz2")
    pytest.importorskip("lzma")
    bomb = packed(("kl.ipynb", bytes(9 * MEGABYTE)), method=method)
    assert len(bomb) < 3000
    with little_memory(MEGABYTE):
        assert f"(method {method})" in refusal(bomb)


def test_6_a_bomb_that_says_so_is_refused_by_its_list():
    bomb = packed(*[(f"{i}.ipynb", bytes(10 * MEGABYTE)) for i in range(3)])
    limits = Limits(archive_bytes=25 * MEGABYTE)
    assert "unpacks to 30 MB; at most 25 MB" in refusal(bomb, limits)
    assert "has 10 MB; notebooks of at most 1 MB" in refusal(bomb, Limits(notebook_bytes=MEGABYTE))


def test_6_a_bomb_that_lies_is_unpacked_no_further_than_it_said():
    data = bytearray(packed(("kl.ipynb", bytes(200 * MEGABYTE))))
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 1000)
    with little_memory(MEGABYTE):
        assert "does not unpack to the 1,000 bytes" in refusal(bytes(data))


def test_6_a_checksum_or_an_end_that_is_wrong():
    data = bytearray(packed(("kl.ipynb", b"x" * 500), method=zipfile.ZIP_STORED))
    data[100] ^= 1
    assert "wrong checksum" in refusal(bytes(data))
    data = packed(("kl.ipynb", random.Random(1).randbytes(5000)))
    assert "cannot be opened as a zip" in refusal(data[:-100])
    assert "cannot be opened as a zip" in refusal(b"no zip")
    assert "cannot be opened as a zip" in refusal(b"")


def test_6_a_list_of_too_many_files_is_not_even_parsed():
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 65535, 65535, 46 * 300_000, 0, 0)
    entry = b"PK\x01\x02" + bytes(42)
    with little_memory(80 * MEGABYTE):  # the list itself, twice
        assert "more than 20,000 files" in refusal(entry * 300_000 + end)
    few = packed(*[(str(i), b"") for i in range(11)])
    assert "more than 10 files" in refusal(few, Limits(archive_members=10))
    assert len(listed(few, Limits(archive_members=11))) == 11


def test_6_files_that_overlap_count_in_full():
    """A bomb without nesting: many entries of one list that lead to the same bytes."""
    content = bytes(5 * MEGABYTE)
    deflated = zlib.compress(content, 9)[2:-4]
    local = struct.pack(
        "<4sHHHHHIIIHH", b"PK\x03\x04", 20, 0, 8, 0, 33, zlib.crc32(content), len(deflated),
        len(content), 1, 0,
    ) + b"a"  # fmt: skip
    body = local + deflated
    entries = b"".join(
        struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, zlib.crc32(content),
            len(deflated), len(content), 3, 0, 0, 0, 0, 0, 0,
        ) + b"%03d" % number
        for number in range(500)
    )  # fmt: skip
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 500, 500, len(entries), len(body), 0)
    bomb = body + entries + end
    assert len(bomb) < 40_000
    with pytest.raises(GradingError, match="2.4 GB; at most 2 GB|cannot be opened as a zip"):
        listed(bomb)


def test_damage_anywhere_is_a_refusal_and_no_crash():
    data = packed(("a/kl.ipynb", b"x" * 300), (of_kind("b", LINK), b"y"), ("c", b"z" * 40))
    chance = random.Random(5)
    outcomes = set()
    for _ in range(1500):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 1, 2, 8))):
            broken[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.2:
            del broken[chance.randrange(len(data)) :]
        try:
            for member in listed(bytes(broken)):
                try:
                    assert len(read_member(io.BytesIO(broken), member, 1000)) == member.size
                    outcomes.add("read")
                except GradingError:
                    outcomes.add("member")
        except GradingError:
            outcomes.add("archive")
    assert outcomes == {"read", "member", "archive"}


@pytest.mark.parametrize(
    "size, words",
    [(0, "0 bytes"), (2000, "2,000 bytes"), (10 * MEGABYTE, "10 MB"), (2**31, "2 GB"),
     (3 * 2**29, "1.5 GB")],
)  # fmt: skip
def test_amounts(size, words):
    assert amount(size) == words


def test_memory_is_not_traced_any_more_where_a_test_has_failed():
    for most, failure in ((MEGABYTE, ZeroDivisionError), (0, AssertionError)):
        with pytest.raises(failure), little_memory(most):
            if most:
                raise ZeroDivisionError
        assert not tracemalloc.is_tracing()
