"""Every state of an explorer in one compressed block, so that the browser needs no kernel.

Most numbers of a picture never change and many change together (the four corners of a rectangle),
so each distinct column of numbers is sent once, and each distinct string once.
"""

import json
import zlib
from collections.abc import Hashable

import numpy as np

ALIGNMENT = 4  # a Float32Array in the browser must start at a multiple of its item size


def pack(keys, numbers, strings):
    """Compress a grid: whole `keys` (states, parts), `numbers` (states, V), `strings` S lists.

    Returns bytes that `unpack` in static/states.js reads: the length of a JSON header, the
    header, keys (uint16), distinct columns of numbers (float32), indices of strings (uint16).
    """
    column_of, columns = _distinct([column.tobytes() for column in np.ascontiguousarray(numbers.T)])
    tables, indices = [], []
    for texts in strings:
        index, distinct = _distinct(texts)
        tables.append(distinct)
        indices.append(np.array(index, dtype="<u2"))
    header = json.dumps(
        {
            "states": len(keys),
            "parts": len(keys[0]),
            "columns": len(columns),
            "columnOf": column_of,
            "strings": tables,
        },
        ensure_ascii=False,
    ).encode()
    blocks = [
        len(header).to_bytes(4, "little"),
        header,
        np.array(keys, dtype="<u2").tobytes(),
        b"".join(columns),
        np.array(indices, dtype="<u2").tobytes(),
    ]
    # level 1: the block is made while the learner waits, and level 9 saves only a few per cent
    return zlib.compress(b"".join(_aligned(block) for block in blocks), level=1)


def smaller(packed):
    """The same grid in fewer bytes, for a file that is made once and loaded often."""
    return zlib.compress(zlib.decompress(packed), level=9)


def _distinct(items):
    """(index of each item among the distinct ones, the distinct ones in order of appearance)."""
    places: dict[Hashable, int] = {}
    index = [places.setdefault(item, len(places)) for item in items]
    return index, list(places)


def _aligned(block):
    return block + b"\0" * (-len(block) % ALIGNMENT)
