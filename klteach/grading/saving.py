"""Results of a class as files."""

from pathlib import Path

from klteach.grading.errors import GradingError
from klteach.whole_files import replace_whole


def write_whole(path: Path, text: str) -> None:
    """Write a file, over an older one if there is one, so that a reader finds all of it.

    Errors: GradingError if the folder or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # a name of a file need not be text; what UTF-8 has no bytes for is written as \udcff
        replace_whole(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise GradingError(f"{path} cannot be written: {error.strerror}.") from None
