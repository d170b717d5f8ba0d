"""The command `klteach`: one module of this folder for each thing that it does."""

import argparse
import os
import sys
import traceback
from importlib import metadata
from pathlib import Path

from klteach.cli import drift, grade
from klteach.cli.terminal import for_terminal
from klteach.drift.errors import DriftError
from klteach.grading.errors import GradingError

# A traceback would end with 1, which means drift; a cron job would believe it.
CANNOT_TELL = 2


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code. Whatever goes wrong is one line and the code 2."""
    parser = argparse.ArgumentParser(prog="klteach", description="Tools of the course klteach.")
    parser.add_argument("--version", action="version", version=_version())
    subjects = parser.add_subparsers(required=True, metavar="SUBJECT")
    drift.add_to(subjects)
    grade.add_to(subjects)
    chosen = parser.parse_args(arguments)
    try:
        code = chosen.run(chosen)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # whoever read the output has seen enough; nothing is left to be flushed at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_TELL
    except KeyboardInterrupt:
        print("klteach: stopped", file=sys.stderr)
        return 130
    except MemoryError:
        print("klteach: not enough memory", file=sys.stderr)
    except (DriftError, GradingError, OSError) as error:
        print(f"klteach: {_one_line(error)}", file=sys.stderr)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}, line {last.lineno}"
        print(
            "klteach: a fault of the program, please report it: "
            f"{type(error).__name__} in {where}: {_one_line(error)}",
            file=sys.stderr,
        )
    return CANNOT_TELL


def _one_line(error) -> str:
    return for_terminal(" ".join(str(error).split()))


def _version() -> str:
    try:
        return f"klteach {metadata.version('klteach')}"
    except metadata.PackageNotFoundError:
        return "klteach, a copy that is not installed"
