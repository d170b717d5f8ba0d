"""The command line: `python -m website OUT`, which `course.py site` calls."""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from website.python_files import PYODIDE, NotFetched, WrongFile, fetch, python_files
from website.serve import serve


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="course.py site",
        description="Write the course as a folder of plain files, to be read in any browser.",
    )
    parser.add_argument(
        "out", type=Path, nargs="?", help="the folder; it is new, or was written by this"
    )
    parser.add_argument(
        "--unit", action="append", metavar="NN", help="leave out all other units (for authors)"
    )
    parser.add_argument(
        "--serve", action="store_true", help="then show it on this machine until Ctrl-C"
    )
    parser.add_argument(
        "--python", type=Path, metavar="FOLDER",
        help="has the files of Pyodide with which the exercises are checked in the page",
    )  # fmt: skip
    parser.add_argument(
        "--fetch-python", type=Path, metavar="FOLDER", help="download those files, and end"
    )
    choices = parser.parse_args(words)
    if choices.fetch_python:
        return _fetch(choices.fetch_python)
    if choices.out is None:
        parser.error("name the folder to write into")
    out = choices.out.resolve()
    # A notebook records what is done in it, and that is not to be the learner's record; so this
    # stands before klteach is imported.
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["KLTEACH_PROGRESS"] = str(Path(scratch) / "progress.jsonl")
        os.environ["MPLBACKEND"] = "agg"
        failed = _build(out, choices.unit, choices.python)
    if choices.serve and not failed:
        serve(out)
    return failed


def _fetch(folder: Path) -> int:
    try:
        fetch(folder)
    except (NotFetched, WrongFile) as problem:
        print(f"course.py site: {problem}.", file=sys.stderr)
        return 1
    print(f"{folder} has the files of Pyodide {PYODIDE}, each as locked.")
    return 0


def _build(out: Path, codes: list[str] | None, python: Path | None) -> int:
    from klteach.units import UNITS
    from website.build import FolderTaken, build

    by_code = {unit.code: unit for unit in UNITS}
    unknown = [code for code in codes or [] if code not in by_code]
    if unknown:
        print(f"course.py site: no unit is called {unknown[0]!r}.", file=sys.stderr)
        return 2
    started = time.process_time()
    try:
        files = python_files(python) if python else None
        build(out, tuple(by_code[code] for code in codes) if codes else None, files)
    except (FolderTaken, WrongFile) as problem:
        print(f"course.py site: {problem}.", file=sys.stderr)
        return 1
    sizes = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    seconds = time.process_time() - started
    print(
        f"{len(sizes)} files, {sum(sizes) / 1e6:.1f} MB, in {seconds:.0f} s of computing."
        f" Open {out / 'index.html'}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
