"""Builds a site for a test."""

import os
import subprocess
import sys
from pathlib import Path

from tests.browser import lab


def make_site(folder: Path, *options: str, seed: str = "0") -> Path:
    """Build in a process of its own, whose order of hashes is another with another seed."""
    subprocess.run(
        [sys.executable, "-m", "website", str(folder), *options],
        cwd=lab.ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return folder
