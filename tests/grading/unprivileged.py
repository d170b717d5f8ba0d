"""Programs of an unprivileged user, as instructors start them, also where the tests run as root."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

COURSE = Path(__file__).parents[2]
_FIRST_USER = 3_000_000  # no system has so many


@dataclass(frozen=True)
class Person:
    """A user with a folder and a Python of their own."""

    user: int | None  # None if it is the one that runs the tests
    home: Path
    python: Path

    def run(self, program: str, *arguments: str):
        """What a program prints as JSON."""
        done = subprocess.run(
            [str(self.python), "-c", program, *arguments],
            capture_output=True,
            text=True,
            cwd=self.home,
            env={
                "PYTHONPATH": str(COURSE), "PYTHONDONTWRITEBYTECODE": "1", "HOME": str(self.home),
                "TMPDIR": str(self.home / "tmp"), "OPENBLAS_NUM_THREADS": "1",
            },
            **self.identity,
        )  # fmt: skip
        assert done.returncode == 0, f"ended with {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    @property
    def identity(self) -> dict:
        """What makes subprocess start a process of theirs."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.user, "extra_groups": []}


@contextmanager
def person() -> Iterator[Person]:
    """Somebody without privileges; the test is skipped where there is no Python for them."""
    root = os.geteuid() == 0
    python = _python() if root else Path(sys.executable)
    user = _FIRST_USER + os.getpid() % 100_000 if root else None
    home = Path(tempfile.mkdtemp(prefix="klteach-test-"))
    try:
        (home / "tmp").mkdir()
        them = Person(user, home, home / "python" / "bin" / "python")
        if user is not None:
            for folder in (home, home / "tmp"):
                os.chown(folder, user, user)
        make = [str(python), "-m", "venv", "--without-pip", str(home / "python")]
        subprocess.run(make, check=True, cwd=home, **them.identity)
        (site,) = (home / "python").glob("lib/python3*/site-packages")
        (site / "libraries.pth").write_text(f"{Path(np.__file__).parents[1]}\n")
        yield them
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _python() -> Path:
    """A Python of this version that everybody may start."""
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for folder in (Path(sys.base_prefix) / "bin", Path("/usr/bin"), Path("/usr/local/bin")):
        path = (folder / name).resolve()
        if path.exists() and all(parent.stat().st_mode & 0o001 for parent in path.parents):
            return path
    pytest.skip("there is no Python here for somebody without privileges")
