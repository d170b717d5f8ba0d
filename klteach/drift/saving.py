"""Files that are whole or not there, and the name of what wrote them."""

import os
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from klteach.drift.errors import DriftError


def made_with() -> str:
    """The name and version of this library: "klteach 0.1.0"."""
    try:
        return f"klteach {version('klteach')}"
    except PackageNotFoundError:  # a copy that runs from its folder
        return "klteach"


def write_whole(path, text: str, overwrite: bool = False) -> None:
    """Write a file so that a reader finds all of it, or what was there before.

    Errors: DriftError if the file exists and may not be overwritten, or cannot be written.
    """
    path = Path(path)
    if not overwrite and path.exists():
        raise DriftError(f"{path} exists already. Name another file, or overwrite it on purpose.")
    if path.is_dir():
        raise DriftError(f"{path} is a folder; name a file.")
    # in the same folder, as only there a file is replaced in one step
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        try:
            with open(unfinished, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise DriftError(f"{path} cannot be written: {error.strerror}.") from None
