"""Frames between the grader and a learner's process, and values as plain text inside them.

Nothing here trusts the other side. A frame is a length and JSON of at most so many bytes; a value
keeps its exact type, a float its last bit, and what is no number, text or list of these travels as
the name of its type.
"""

import binascii
import contextlib
import json
import struct
from collections.abc import Callable

import numpy as np

MOST_BYTES = 2**20  # of one frame
MOST_BYTES_OF_VALUE = MOST_BYTES - 2**16  # beside it, a frame holds what was printed or raised
MOST_ITEMS = 25_000  # in one value, in all of its lists
MOST_OTHERS = 1000  # items of a value in which something is that is no number and no text
MOST_NAMES = 20  # of types in one value
MOST_BITS = 4096  # of one whole number
MOST_TEXT = 1000
DEPTH = 3  # of lists in lists

_LENGTH = struct.Struct(">I")
_SCALARS = tuple(np.dtype(code).type for code in "?bhilqBHILQefdg")
_KINDS = "biuf"
# Bound now, since a learner's code may put other things into the modules later.
_array, _frombuffer, _dtype = np.ndarray, np.frombuffer, np.dtype
_encode_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_decode_json = json.JSONDecoder().decode
_to_base64, _from_base64 = binascii.b2a_base64, binascii.a2b_base64


class ProtocolError(Exception):
    """The other side sent what no honest process sends."""


# Frames


class Channel:
    """Messages over a socket, JSON objects each.

    `wait(writing)` is called before anything is read or written, on a socket that does not block:
    it returns when that is possible, and may raise TimeoutError. Whoever sends a byte now and then
    is so no faster than its message as a whole.
    """

    def __init__(self, socket, wait: Callable[[bool], None] | None = None):
        self.socket = socket
        self.taken = 0  # bytes of messages so far
        self._wait = wait
        self._left = bytearray()  # read already, and not taken yet

    def send(self, *messages: dict) -> None:
        """Send messages, all at once."""
        frames = [_encode_json(message).encode() for message in messages]
        data = b"".join(_LENGTH.pack(len(frame)) + frame for frame in frames)
        if self._wait is None:
            return self.socket.sendall(data)
        left = memoryview(data)
        while left:
            self._wait(True)
            with contextlib.suppress(BlockingIOError):
                left = left[self.socket.send(left) :]
        return None

    def receive(self, most: int = MOST_BYTES) -> dict | None:
        """The next message; None at the end.

        Errors:  ProtocolError for a frame that is too long, is cut off or is no JSON object;
                 TimeoutError
        """
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        (length,) = _LENGTH.unpack(head)
        if length > most:
            raise ProtocolError(f"a frame of {length} bytes")
        data = self._exactly(length)
        if data is None:
            raise ProtocolError("a frame was cut off")
        self.taken += length
        try:
            message = _decode_json(data.decode())
        except (ValueError, RecursionError):
            raise ProtocolError("a frame that is no JSON") from None
        if type(message) is not dict:
            raise ProtocolError("a frame that is no object")
        return message

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _exactly(self, length):
        while len(self._left) < length:
            part = self._part()
            if part is None:
                continue
            if not part:
                if self._left:
                    raise ProtocolError("a frame was cut off")
                return None
            self._left += part
        data = bytes(self._left[:length])
        del self._left[:length]
        return data

    def _part(self):
        if self._wait is None:
            return self.socket.recv(65536)
        self._wait(False)
        try:
            return self.socket.recv(65536)
        except BlockingIOError:
            return None


# Values


class Opaque:
    """Stands for a value that was not sent; `type(value).__name__` is the name of its type."""

    def __repr__(self):
        return type(self).__name__


class _TooLong(Exception):
    """A value has more in it than a message holds."""


def encode(value, functions: list | None = None) -> list:
    """A value as JSON.

    Functions are sent only where `functions` is there to keep them: as a number, and with the plain
    values of their `attributes`, if they have any. A value that is too long for a message is the
    name of its type, and so is a long one of things that have no form here.
    """
    try:
        return _Encoder(functions).encode(value, DEPTH)
    except _TooLong:
        return ["other", _name(value)]


class _Encoder:
    def __init__(self, functions):
        self.functions = functions
        self.items, self.bytes = MOST_ITEMS, MOST_BYTES_OF_VALUE
        self.names: set[str] = set()

    def encode(self, value, depth):
        data = self._encode(value, depth)
        # brackets, commas and quotes, and what a character may take
        self.bytes -= 8 + sum(_room(part) for part in data)
        if self.bytes < 0:
            raise _TooLong
        return data

    def _encode(self, value, depth):
        kind = type(value)
        if value is None:
            return ["none"]
        if kind is bool:
            return ["bool", value]
        if kind is int:
            return ["int", hex(value)] if value.bit_length() <= MOST_BITS else ["other", "int"]
        if kind is float:
            return ["float", value.hex()]
        if kind is str:
            return ["text", value[:MOST_TEXT].encode(errors="replace").decode()]
        if kind in _SCALARS:
            return ["scalar", value.dtype.str, _packed(value)]
        if kind is _array and value.dtype.kind in _KINDS and value.nbytes <= MOST_BYTES // 4:
            return ["array", value.dtype.str, list(value.shape), _packed(value)]
        if kind in (list, tuple) and depth:
            self.items -= len(value)
            if self.items < 0:
                raise _TooLong
            return [kind.__name__, [self.encode(item, depth - 1) for item in value]]
        if self.functions is not None and callable(value):
            self.functions.append(value)
            attributes = getattr(value, "attributes", {})
            plain = {name: encode(attribute) for name, attribute in attributes.items()}
            return ["function", len(self.functions) - 1, plain]
        return ["other", self._one_name(value)]

    def _one_name(self, value):
        if MOST_ITEMS - self.items > MOST_OTHERS:
            raise _TooLong
        name = _name(value)
        if name not in self.names and len(self.names) == MOST_NAMES:
            return "object"
        self.names.add(name)
        return name


def _name(value) -> str:
    name = str(type(value).__name__)[:MOST_TEXT]
    return name.replace("\0", "").encode(errors="replace").decode()


def _room(part) -> int:
    if type(part) is list:
        return 3 * len(part) + 44  # items of their own are counted by themselves
    if type(part) is not str:
        return 24
    if len(part) > MOST_TEXT:  # numbers, packed
        return len(part) + 4
    return len(part) + 4 if part.isascii() and part.isprintable() else 12 * len(part) + 4


def decode(data, function=None):
    """The value that `encode` was given.

    `function` makes a callable of its number and attributes; without it functions are refused.

    Errors:  ProtocolError for anything that `encode` does not make.
    """
    try:
        return _Decoder(function).decode(data)
    except ProtocolError:
        raise
    except Exception:  # whatever is wrong with it, it is not ours
        raise ProtocolError("a value that cannot be read") from None


class _Decoder:
    def __init__(self, function):
        self.function = function
        self.items = MOST_ITEMS
        self.kinds: dict[str, type] = {}  # a class is made once for each name

    def decode(self, data):
        kind, *rest = data
        if type(data) is not list:
            raise ProtocolError("a value")
        return _READ[_exact(str, kind)](self, *rest)

    def _none(self):
        return None

    def _bool(self, value):
        return _exact(bool, value)

    def _int(self, text):
        return int(_short(text, MOST_BITS // 4 + 3), 16)

    def _float(self, text):
        return float.fromhex(_short(text, 100))

    def _text(self, text):
        return _short(text, MOST_TEXT)

    def _scalar(self, code, text):
        return _numbers(code, text, [1])[0]

    def _array(self, code, shape, text):
        return _numbers(code, text, shape)

    def _list(self, items):
        self.items -= len(_exact(list, items))
        if self.items < 0:
            raise ProtocolError("a list without an end")
        return [self.decode(item) for item in items]

    def _tuple(self, items):
        return tuple(self._list(items))

    def _function(self, number, attributes):
        if self.function is None:
            raise ProtocolError("a function")
        plain = {name: decode(data) for name, data in attributes.items()}
        return self.function(_whole(number), plain)

    def _other(self, name):
        if _short(name, MOST_TEXT) not in self.kinds:
            if len(self.kinds) > MOST_NAMES:
                raise ProtocolError("types without an end")
            self.kinds[name] = type(name, (Opaque,), {})
        return self.kinds[name]()


_READ: dict[str, Callable] = {
    "none": _Decoder._none,
    "bool": _Decoder._bool,
    "int": _Decoder._int,
    "float": _Decoder._float,
    "text": _Decoder._text,
    "scalar": _Decoder._scalar,
    "array": _Decoder._array,
    "list": _Decoder._list,
    "tuple": _Decoder._tuple,
    "function": _Decoder._function,
    "other": _Decoder._other,
}


def _packed(value) -> str:
    return _to_base64(value.tobytes(), newline=False).decode()


def _numbers(code, text, shape):
    dtype = _dtype(code)
    if type(code) is not str or dtype.kind not in _KINDS or dtype.hasobject:
        raise ProtocolError("an array of something else")
    numbers = _frombuffer(_from_base64(text, strict_mode=True), dtype)
    return numbers.reshape([_whole(length) for length in shape]).copy()


def _whole(number) -> int:
    if type(number) is not int or number < 0:
        raise ProtocolError("a shape")
    return number


def _exact(kind, value):
    if type(value) is not kind:
        raise ProtocolError(f"no {kind.__name__}")
    return value


def _short(text, most) -> str:
    if len(_exact(str, text)) > most:
        raise ProtocolError("a text without an end")
    return text
