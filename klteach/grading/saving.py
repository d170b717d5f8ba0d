"""Files that are whole or not there."""

import os
from pathlib import Path

from klteach.grading.errors import GradingError


def write_whole(path: Path, text: str) -> None:
    """Write a file, over an older one if there is one, so that a reader finds all of it.

    Errors: GradingError if the folder or the file cannot be written.
    """
    # in the same folder, as only there a file is replaced in one step
    unfinished = path.with_name(f".{os.getpid()}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # a name of a file need not be text; what UTF-8 has no bytes for is written as \udcff
            unfinished.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise GradingError(f"{path} cannot be written: {error.strerror}.") from None
