"""The files beside this module: how numbers are packed into them and read again.

Every column is of 16-bit whole numbers, split into its low and its high bytes, since each of the
two compresses better alone. Decimals are stored as multiples of their last digit.
"""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
MISSING = np.iinfo(np.int16).min


def open_extract(name: str) -> dict[str, np.ndarray]:
    """The arrays of one file, as they are stored."""
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as stored:
        return dict(stored)


def pack(values, scale: float = 1) -> np.ndarray:
    """Numbers as bytes: (..., n) gives (2, ..., n). NaN is missing.

    Errors: ValueError if a value is not a multiple of 1/scale, or does not fit.

    >>> unpack(pack([1013.2, np.nan], scale=10), scale=10).tolist()
    [1013.2, nan]
    """
    values = np.asarray(values, dtype=float) * scale
    whole = np.round(values)
    if not np.allclose(whole, values, rtol=0, atol=1e-3, equal_nan=True):
        raise ValueError(f"a value is not a multiple of 1/{scale}")
    if (np.abs(whole) > -MISSING - 1).any():
        raise ValueError(f"{np.nanmax(np.abs(whole)):g} does not fit into 16 bits")
    whole = np.where(np.isnan(whole), MISSING, whole).astype("<i2")
    return np.moveaxis(whole[..., np.newaxis].view(np.uint8), -1, 0).copy()


def unpack(planes: np.ndarray, scale: float = 1) -> np.ndarray:
    """What `pack` packed: whole numbers, or floats where a value is missing or has decimals."""
    whole = np.moveaxis(planes, 0, -1).copy().view("<i2")[..., 0]
    missing = whole == MISSING
    if scale == 1 and not missing.any():
        return whole.astype(np.int64)
    return np.where(missing, np.nan, whole / scale)


def texts(names: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The name of each code, None where it is missing: an array of Python strings."""
    named = np.array([*names.tolist(), None], dtype=object)
    return named[np.where(np.isnan(codes), -1, codes).astype(np.int64)]
