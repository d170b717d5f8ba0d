"""Results of a class as files: whole or not there, and nothing that a person changed is lost.

Every run writes its tables and pages anew. `written.json` keeps the digest of each, so that a file
which somebody has edited since is known: it is kept under another name, and told. Files of earlier
runs that belong to nobody any more, such as the page of a learner who was renamed, are removed if
they are as we wrote them, and otherwise kept and told as well.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from klteach.grading.errors import GradingError
from klteach.whole_files import replace_whole

WRITTEN = "written.json"
_EDITED = re.compile(r"\.edited(-\d+)?(?=\.\w+$)")
Files = Mapping[str, str | bytes]  # what is in each file, by its name in the folder


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, over an older one if there is one, so that a reader finds all of it.

    Errors: GradingError if the folder or the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, _bytes(content))
    except OSError as error:
        raise GradingError(f"{path} cannot be written: {error.strerror}.") from None


def write_files(folder: Path, files: Files, page: Callable[[list[str]], Files]) -> list[str]:
    """Make these the files that were written into the folder; sentences on what was kept.

    page   the files in which these sentences stand, from them

    Errors: GradingError if one cannot be written.
    """
    before = _written(folder)
    names = {*files, *page([])}
    digests = {name: _digest(_bytes(content)) for name, content in files.items()}
    told = [
        _give_way(folder, name, before, names, digests) for name in sorted(before.keys() | names)
    ]
    files = {**files, **page(_left(folder, names))}
    now = {name: {_digest(_bytes(content))} for name, content in files.items()}
    # a run that is interrupted from here on must not take its own files for edited ones
    every = before.keys() | names
    _remember(folder, {n: {*before.get(n, ()), *now.get(n, ())} for n in every})
    for name, content in files.items():
        if not _is_there(folder / name, now[name]):
            write_whole(folder / name, content)
    _remember(folder, now)
    return list(filter(None, told))


def _is_there(path, digests) -> bool:
    try:
        return _digest(path.read_bytes()) in digests
    except OSError:
        return False


def _give_way(folder, name, before, names, digests) -> str:
    """Make room for a file, or for its absence; a sentence, if somebody had changed it."""
    path = folder / name
    if not before and path.suffix == ".html":
        return ""  # a folder of an earlier version, which kept no digests; nobody edits pages
    try:
        found = _digest(path.read_bytes())
        if found == digests.get(name):
            return ""
        if found in before.get(name, ()):
            if name not in names:
                path.unlink()
            return ""
        kept = _free_name(path)
        path.rename(kept)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise GradingError(f"{path} cannot be replaced: {error.strerror}.") from None
    return _kept_copy(name, kept.relative_to(folder).as_posix())


def _kept_copy(name, kept):
    return (
        f"{name} was changed by hand since it was written; that copy is kept as {kept}, and counts "
        f"for nothing. A mark or a comment that is to last goes into adjustments.csv."
    )


def _free_name(path: Path) -> Path:
    number = 1
    while True:
        ending = f".edited-{number}" if number > 1 else ".edited"
        kept = path.with_name(f"{path.stem}{ending}{path.suffix}")
        if not kept.exists():
            return kept
        number += 1


def _left(folder, names) -> list[str]:
    """What lies there beside our files: copies that were kept, and pages that are none of ours.

    Whoever sends out the pages would send these too.
    """
    said = []
    for path in sorted([*folder.glob("*.edited*"), *(folder / "learners").glob("*.html")]):
        name = path.relative_to(folder).as_posix()
        if found := _EDITED.search(name):
            said.append(_kept_copy(name[: found.start()] + path.suffix, name))
        elif name not in names:
            said.append(f"{name} belongs to nobody of this class; it was left where it is.")
    return said


def _written(folder: Path) -> dict[str, set[str]]:
    try:
        said = json.loads((folder / WRITTEN).read_text(encoding="utf-8"))
        return {str(name): set(map(str, digests)) for name, digests in said.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}  # then every file that is there counts as somebody's


def _remember(folder, digests) -> None:
    said = {name: sorted(filter(None, digests[name])) for name in sorted(digests)}
    write_whole(folder / WRITTEN, json.dumps(said, indent=0) + "\n")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _bytes(content: str | bytes) -> bytes:
    # a name of a file need not be text; what UTF-8 has no bytes for is written as \udcff
    return content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
