"""The course as the page's Python has it: klteach and the solutions, zipped."""

import io
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "klteach"
# What no check asks for. Pictures and predictions are shown by the page without Python, and two
# folders are wanted by few cells: `more_zip` has them.
LEFT_OUT = ("cli", "explorers", "grading", "practice/quiz")
ON_DEMAND = ("data", "drift")
OF_A_PICTURE = ("explorer.py", "quiz.py")  # in a unit's folder
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # one date for all files, so that equal files make an equal zip


def checks_zip(solutions: Iterable[Path]) -> bytes:
    """What `check`, `hint` and `solution` need, the notebooks with the solutions among it."""
    modules = [
        path
        for path in _files(LIBRARY, "*.py")
        if not path.relative_to(LIBRARY).as_posix().startswith((*LEFT_OUT, *ON_DEMAND))
        and not (path.name in OF_A_PICTURE and path.parent.parent.name == "units")
    ]
    contents = {path: path.read_bytes() for path in (*modules, *sorted(solutions))}
    contents[ROOT / "cells.py"] = (ROOT / "website" / "cells.py").read_bytes()
    contents[ROOT / "course.py"] = b""  # by which klteach knows the folder of the course
    return _zip(contents)


def more_zip() -> bytes:
    """The data sets and the drift monitor, for the cells that compare an answer with real data."""
    paths = [path for name in ON_DEMAND for path in _files(LIBRARY / name, "*")]
    return _zip({path: path.read_bytes() for path in paths})


def _files(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.rglob(pattern))
    return [path for path in found if path.is_file() and "__pycache__" not in path.parts]


def _zip(contents: dict[Path, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, content in contents.items():
            entry = zipfile.ZipInfo(path.relative_to(ROOT).as_posix(), LONG_AGO)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    return stream.getvalue()
