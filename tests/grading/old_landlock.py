"""The program of the warm process as it is on a kernel with an older Landlock."""

import shutil
from pathlib import Path

import klteach

_CAP = """

_version_here = version


def version() -> int:
    return min(_version_here(), {version})
"""


def program(version: int, folder: Path) -> Path:
    """A copy of the program that finds no newer version than this."""
    package = Path(klteach.__file__).parent
    inside = folder / "grading" / "inside"
    (folder / "practice").mkdir(parents=True)
    shutil.copytree(package / "grading" / "inside", inside)
    for path in (package / "practice").glob("*.py"):
        shutil.copy(path, folder / "practice")
    with open(inside / "landlock.py", "a", encoding="utf-8") as file:
        file.write(_CAP.format(version=version))
    return inside / "warm.py"
