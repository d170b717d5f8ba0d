"""Values and frames between the grader and a learner's process."""

import json
import math
import socket
import struct
import threading
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra import numpy as arrays

from klteach.grading.inside import wire
from klteach.grading.inside.wire import (
    MOST_BYTES,
    MOST_ITEMS,
    MOST_NAMES,
    Channel,
    ProtocolError,
    decode,
    encode,
)


def there_and_back(value):
    return decode(json.loads(json.dumps(encode(value))))


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return one == other or (one != one and other != other)


numbers = some.floats(width=64) | some.integers() | some.booleans() | some.none()
scalars = arrays.from_dtype(np.dtype("f4")) | arrays.from_dtype(np.dtype("i8"))
tables = arrays.arrays(some.sampled_from("?iIdf"), arrays.array_shapes(min_dims=0, max_side=4))
leaves = numbers | scalars | tables | some.text(max_size=20)


@given(some.recursive(leaves, lambda inner: some.lists(inner) | some.tuples(inner), max_leaves=6))
def test_what_is_sent_keeps_its_type_and_its_last_bit(value):
    def depth(item):
        return 1 + max(map(depth, item), default=0) if isinstance(item, (list, tuple)) else 0

    if depth(value) <= 3:
        assert same(there_and_back(value), value)


def test_floats_without_a_decimal_form():
    for value in (math.inf, -math.inf, 5e-324, -0.0):
        assert math.copysign(1, there_and_back(value)) == math.copysign(1, value)
        assert there_and_back(value) == value


class Same(float):
    def __eq__(self, other):
        return True


@pytest.mark.parametrize(
    "value",
    [Same(1), {}, {1}, b"", 1j, object(), np.ma.masked, np.array(["a"]), np.array([None]), open],
)
def test_what_is_no_number_travels_as_the_name_of_its_type(value):
    assert type(there_and_back(value)).__name__ == type(value).__name__
    assert type(there_and_back(value)) is not type(value)


def test_numbers_without_an_end_are_not_sent():
    assert type(there_and_back(10**5000)).__name__ == "int" and there_and_back(10**1000)
    assert type(there_and_back(np.zeros(10**6))).__name__ == "ndarray"


def test_a_list_of_objects_needs_no_class_for_each():
    assert encode([object()] * 20_000) == ["other", "list"]
    found = there_and_back([object()] * 900)
    assert len(found) == 900 and len({type(item) for item in found}) == 1
    assert type(found[0]).__name__ == "object"


def test_what_is_in_a_list_is_told_by_no_more_names_than_a_person_reads():
    different = [type(f"Kind{number}", (), {})() for number in range(200)]
    names = {type(item).__name__ for item in there_and_back(different)}
    assert names == {f"Kind{number}" for number in range(MOST_NAMES)} | {"object"}


nested = [[[1.0] * 100] * 100] * 100
LONG = {
    "numbers": [0.1] * 10**6,
    "small numbers": list(range(MOST_ITEMS + 1)),
    "texts": ["x" * 1000] * 2000,
    "texts of signs that take more room": ["\U0001f389" * 1000] * 200,
    "controls": ["\0" * 1000] * 200,
    "lists in lists": nested,
    "arrays": [np.zeros(1000)] * 1000,
    "arrays of many dimensions": [np.zeros((1,) * 60)] * 20_000,
    "whole numbers": [2**4000] * 2000,
    "tuples of nothing": [()] * (MOST_ITEMS + 1),
    "objects": [object()] * (MOST_ITEMS + 1),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_value_that_is_too_long_travels_as_the_name_of_its_type(kind):
    data = encode(LONG[kind])
    assert data == ["other", "list"]


@pytest.mark.parametrize("kind", LONG)
def test_a_value_that_is_just_short_enough_fits_into_a_message(kind):
    short = LONG[kind]
    while encode(short) == ["other", "list"]:
        short = short[: len(short) * 3 // 4]
    assert len(short) > 0 or kind == "lists in lists"
    assert len(json.dumps(encode(short))) < MOST_BYTES - 2**15
    assert same(there_and_back(short), short) or kind == "objects"


class Named(type):
    __name__ = "a\0b\ud800" * 1000


def test_odd_names_of_types_are_readable():
    for odd in (type("a\ud7ff\n", (), {}), Named("x", (), {})):
        name = type(there_and_back(odd())).__name__
        assert len(name) <= wire.MOST_TEXT and "\0" not in name


@pytest.mark.parametrize(
    "data",
    [
        ["list", [["none"]] * (MOST_ITEMS + 1)],
        ["tuple", [["list", [["none"]] * 1000]] * 100],
        ["list", [["other", str(number)] for number in range(2 * MOST_NAMES)]],
        ["text", "x" * (wire.MOST_TEXT + 1)], ["other", "x" * (wire.MOST_TEXT + 1)],
        ["int", "0x" + "f" * wire.MOST_BITS], ["float", "0" * 1000],
        ["_class__"], ["numbers", "<f8", "", [0]], [["none"]], [True], {"none": 1}, ("none",),
    ],
)  # fmt: skip
def test_what_takes_more_memory_than_a_value_needs_is_refused(data):
    with pytest.raises(ProtocolError):
        decode(data)


def test_functions_stay_and_are_numbered():
    kept = []
    assert encode(math.log, kept)[:2] == ["function", 0] and kept == [math.log]
    assert decode(["function", 0, {}], lambda number, _: number + 7) == 7
    with pytest.raises(ProtocolError):
        decode(["function", 0, {}])


@pytest.mark.parametrize(
    "data",
    [
        None, [], ["unknown"], "text", ["float", 1.5], ["float", "one"], ["int", 3], ["bool", 1],
        ["array", "|O", [1], "AAAA"], ["array", "<f8", [2], "AAAAAAAAAAA="],
        ["array", "<f8", [-1], ""], ["array", ["f8", "f8"], [0], ""], ["scalar", "<U1", "AAAA"],
        ["array", "<f8", [1.0], "AAAAAAAAAAA="], ["list", 3], ["other", 3], ["other", "a\0b"],
        ["array", "<f8", [2**40, 2**40], ""], ["scalar", "<f8", ""], ["text", ["a"]],
    ],
)  # fmt: skip
def test_what_no_honest_process_sends_is_refused(data):
    with pytest.raises(ProtocolError):
        decode(data)


@given(some.recursive(some.text() | some.integers(), some.lists, max_leaves=5))
def test_nothing_but_a_protocol_error_comes_of_any_json(data):
    with suppress(ProtocolError):
        decode(data)


def sent(data: bytes):
    """What `receive` makes of these bytes and the end of the connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=lambda: (theirs.sendall(data), theirs.close()))
        thread.start()
        try:
            return Channel(ours).receive()
        finally:
            ours.close()
            thread.join()


def framed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def test_a_message_and_the_end():
    assert sent(framed(b'{"a": 1}')) == {"a": 1}
    assert sent(b"") is None


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0", framed(b'{"a": 1}')[:-1], framed(b"[1]"), framed(b"\xff"), framed(b"{"),
        framed(b"[" * 100_000), framed(b'{"a": NaN' + b"}" * 3),
    ],
)  # fmt: skip
def test_broken_frames(data):
    with pytest.raises(ProtocolError):
        sent(data)


def test_a_long_frame_is_refused_before_it_is_read():
    with pytest.raises(ProtocolError, match=str(2**31)):
        sent(struct.pack(">I", 2**31))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        long, short = {"a": "x" * (MOST_BYTES - 100)}, {"b": 1}
        thread = threading.Thread(target=Channel(theirs).send, args=(short, long, short))
        thread.start()
        channel = Channel(ours)
        assert [channel.receive() for _ in range(3)] == [short, long, short]
        thread.join()
