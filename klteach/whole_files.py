"""Files that are whole or not there, and the name of what wrote them."""

import os
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


@cache  # a profile is made of each window, and the answer is read from a file
def made_with() -> str:
    """The name and version of this library: "klteach 1.0.0"."""
    try:
        return f"klteach {version('klteach')}"
    except PackageNotFoundError:  # a copy that runs from its folder
        return "klteach"


def replace_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds all of it, or what was there before.

    Errors: OSError if it cannot be written.
    """
    # in the same folder, as only there a file is replaced in one step
    unfinished = path.with_name(f".{path.name[:100]}.{os.getpid()}.unfinished")
    try:
        with open(unfinished, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
