"""Where the course lives on this machine, and where the learner's progress is kept."""

import os
from pathlib import Path


def course_root() -> Path | None:
    """The folder that holds `course.py` beside the package, or None when there is none.

    None means that klteach was installed as a library, without the course around it.
    """
    root = Path(__file__).resolve().parents[2]
    return root if (root / "course.py").is_file() else None


def solutions_folder() -> Path | None:
    """The folder with the solution notebooks, or None when it is not on this machine."""
    root = course_root()
    if root is None or not (root / "solutions").is_dir():
        return None
    return root / "solutions"


def progress_path() -> Path:
    """The file that the learner's progress goes to; it need not exist yet.

    The first that applies: the environment variable KLTEACH_PROGRESS,
    `my-work/progress.jsonl` in the course folder, `~/.klteach/progress.jsonl`.
    """
    chosen = os.environ.get("KLTEACH_PROGRESS")
    if chosen:
        return Path(chosen).expanduser()
    root = course_root()
    if root is not None:
        return root / "my-work" / "progress.jsonl"
    return Path.home() / ".klteach" / "progress.jsonl"
