"""Calls to the kernel that Python has no words for, through ctypes."""

import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def result(name: str, *arguments) -> int:
    """What the C library's function gives; below zero if it failed."""
    return getattr(libc, name)(*arguments)


def call(name: str, *arguments) -> int:
    """What it gives.

    Errors:  OSError if it failed.
    """
    given = result(name, *arguments)
    if given < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return given


def word(value: int) -> ctypes.c_ulong:
    """A whole number as wide as an address."""
    return ctypes.c_ulong(value)
