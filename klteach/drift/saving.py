"""Reports and baselines as files."""

from pathlib import Path

from klteach.drift.errors import DriftError
from klteach.whole_files import replace_whole


def write_whole(path, text: str, overwrite: bool = False) -> None:
    """Write a file so that a reader finds all of it, or what was there before.

    Errors: DriftError if the file exists and may not be overwritten, or cannot be written.
    """
    path = Path(path)
    if not overwrite and path.exists():
        raise DriftError(f"{path} exists already. Name another file, or overwrite it on purpose.")
    if path.is_dir():
        raise DriftError(f"{path} is a folder; name a file.")
    try:
        replace_whole(path, text.encode("utf-8"))
    except OSError as error:
        raise DriftError(f"{path} cannot be written: {error.strerror}.") from None
