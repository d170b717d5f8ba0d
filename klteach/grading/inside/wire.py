"""Frames between the grader and a learner's process, and values as plain text inside them.

Nothing here trusts the other side. A frame is a length and JSON of at most so many bytes; a value
keeps its exact type, a float its last bit, and what is no number, text or list of these travels as
the name of its type.
"""

import binascii
import json
import struct
from collections.abc import Callable

import numpy as np

MOST_BYTES = 2**20  # of one frame
MOST_ITEMS = 100_000  # in one list
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
    """Messages over a socket, JSON objects each."""

    def __init__(self, socket):
        self.socket = socket
        self._left = b""  # read already, and not taken yet

    def send(self, *messages: dict) -> None:
        """Send messages, all at once."""
        frames = [_encode_json(message).encode() for message in messages]
        self.socket.sendall(b"".join(_LENGTH.pack(len(frame)) + frame for frame in frames))

    def receive(self, most: int = MOST_BYTES) -> dict | None:
        """The next message; None at the end.

        Errors:  ProtocolError for a frame that is too long, is cut off or is no JSON object.
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
        parts, there = [self._left], len(self._left)
        while there < length:
            part = self.socket.recv(65536)
            if not part:
                if there:
                    raise ProtocolError("a frame was cut off")
                return None
            parts.append(part)
            there += len(part)
        data = b"".join(parts) if len(parts) > 1 else self._left
        self._left = data[length:]
        return data[:length]


# Values


class Opaque:
    """Stands for a value that was not sent; `type(value).__name__` is the name of its type."""

    def __repr__(self):
        return type(self).__name__


def encode(value, functions: list | None = None, depth: int = DEPTH) -> list:
    """A value as JSON.

    Functions are sent only where `functions` is there to keep them: as a number, and with the plain
    values of their `attributes`, if they have any.
    """
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
    if kind in (list, tuple) and depth and len(value) <= MOST_ITEMS:
        return [kind.__name__, [encode(item, functions, depth - 1) for item in value]]
    if functions is not None and callable(value):
        functions.append(value)
        attributes = getattr(value, "attributes", {})
        plain = {name: encode(attribute) for name, attribute in attributes.items()}
        return ["function", len(functions) - 1, plain]
    return ["other", str(kind.__name__)[:MOST_TEXT]]


def decode(data, function=None):
    """The value that `encode` was given.

    `function` makes a callable of its number and attributes; without it functions are refused.

    Errors:  ProtocolError for anything that `encode` does not make.
    """
    try:
        kind, *rest = data
        return _DECODE[kind](*rest, function)
    except ProtocolError:
        raise
    except Exception:  # whatever is wrong with it, it is not ours
        raise ProtocolError("a value that cannot be read") from None


def _packed(value) -> str:
    return _to_base64(value.tobytes(), newline=False).decode()


def _numbers(code, text, shape):
    dtype = _dtype(code)
    if type(code) is not str or dtype.kind not in _KINDS or dtype.hasobject:
        raise ProtocolError(f"an array of {code}")
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


def _function(number, attributes, function):
    if function is None:
        raise ProtocolError("a function")
    return function(_whole(number), {name: decode(data) for name, data in attributes.items()})


_DECODE: dict[str, Callable] = {
    "none": lambda _: None,
    "bool": lambda value, _: _exact(bool, value),
    "int": lambda text, _: int(_exact(str, text), 16),
    "float": lambda text, _: float.fromhex(_exact(str, text)),
    "text": lambda text, _: _exact(str, text),
    "scalar": lambda code, text, _: _numbers(code, text, [1])[0],
    "array": lambda code, shape, text, _: _numbers(code, text, shape),
    "list": lambda items, function: [decode(item, function) for item in items],
    "tuple": lambda items, function: tuple(decode(item, function) for item in items),
    "function": _function,
    "other": lambda name, _: type(_exact(str, name), (Opaque,), {})(),
}
