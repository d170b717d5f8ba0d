"""The code reads alike everywhere and its types fit: Ruff's two checks and mypy's find nothing.

What they look for is in pyproject.toml.
"""

import subprocess
import sys

import pytest

import course


def require_success(*command):
    """Run a module of this Python in the course's folder; show what it says if it fails."""
    result = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=course.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    if result.returncode:
        pytest.fail(f"{' '.join(command)}\n{result.stdout}", pytrace=False)


def test_ruff_finds_nothing_in_the_code():
    require_success("ruff", "check", ".")


def test_the_code_has_the_form_that_ruff_gives_it():
    require_success("ruff", "format", "--check", ".")


def test_the_types_of_the_library_fit():
    require_success("mypy")
