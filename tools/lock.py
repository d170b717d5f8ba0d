"""Remake requirements.lock and requirements-test.lock from pyproject.toml.

    python tools/lock.py              bring the locks into step with pyproject.toml
    python tools/lock.py --upgrade    and take the newest versions that its bounds allow
    python tools/lock.py --check      write nothing; exit 1 if a lock would change

An author's command: it needs uv (any recent version) and the network. Both locks hold versions and
hashes for Linux, macOS and Windows and for Python 3.11 to 3.14, and no address of a package index.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# JupyterLab needs these in any case, so naming them adds nothing to a lock.
HELD_BACK = [
    # newer versions have no wheel for Macs with an Intel processor, and a learner there may have no
    # compiler
    "argon2-cffi-bindings<26",
    # newer versions build a grammar when they are imported, which takes every start of JupyterLab
    # and every test process a second or two
    "jsonschema<4.24",
]

HEADER = """\
# Made by `python tools/lock.py` from pyproject.toml; do not edit by hand.
# {purpose}
"""
PURPOSES = {
    "requirements-test.lock": "For `course.py test`: all of requirements.lock, and the test tools.",
    "requirements.lock": "For `course.py lab`.",
}


def compile_lock(folder: Path, name: str, *options: str) -> None:
    """Write folder/name from pyproject.toml; the pins that stand in it already are kept."""
    build_tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    target = folder / name
    command = [
        "uv", "pip", "compile", "pyproject.toml", "-", "--extra", "course",
        "--universal", "--python-version", "3.11", "--generate-hashes",
        # without the extras pip would take the newest version for "name[extra]", which has no hash
        "--no-strip-extras",
        "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate",
        "--quiet", "--output-file", str(target), *options,
    ]  # fmt: skip
    # "-" is this: course.py installs the project without build isolation, so that the lock has to
    # bring the build back end as well.
    more = "\n".join(build_tools + HELD_BACK)
    result = subprocess.run(command, cwd=ROOT, input=more, text=True)
    if result.returncode != 0:
        sys.exit(f"tools/lock.py: uv could not make {name}; the files are as they were.")
    target.write_text(HEADER.format(purpose=PURPOSES[name]) + target.read_text())


def make_locks(folder: Path, *options: str) -> None:
    """Make both locks in folder; the larger comes first, so that the smaller follows its pins."""
    compile_lock(folder, "requirements-test.lock", "--extra", "test", *options)
    constraint = folder / "requirements-test.lock"
    compile_lock(folder, "requirements.lock", "--constraint", str(constraint), *options)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upgrade", action="store_true", help="take the newest allowed versions")
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    choices = parser.parse_args()
    if shutil.which("uv") is None:
        sys.exit("tools/lock.py: uv is not on the PATH; `python -m pip install uv` brings it.")

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in PURPOSES:
            if (ROOT / name).exists():
                shutil.copy(ROOT / name, folder)
        make_locks(folder, *(["--upgrade"] if choices.upgrade else []))
        changed = [
            name
            for name in PURPOSES
            if not (ROOT / name).exists()
            or (folder / name).read_bytes() != (ROOT / name).read_bytes()
        ]
        if choices.check:
            if changed:
                sys.exit(f"{', '.join(changed)} would change: run `python tools/lock.py`.")
            return
        for name in changed:
            shutil.copy(folder / name, ROOT)
    print(f"remade: {', '.join(changed)}" if changed else "the locks are in step already")


if __name__ == "__main__":
    main()
