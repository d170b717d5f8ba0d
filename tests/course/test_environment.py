"""pyproject.toml, the two locks and environment.yml name the same packages."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import course

ROOT = course.ROOT
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILD = PROJECT["build-system"]["requires"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
LAB = PROJECT["project"]["dependencies"] + EXTRAS["course"]
TEST = EXTRAS["test"]
NEEDED = {"requirements.lock": BUILD + LAB, "requirements-test.lock": BUILD + LAB + TEST}

# Where the course promises to run.
MACHINES = [
    {
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.9",
        "sys_platform": platform,
        "platform_system": system,
        "os_name": os_name,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for minor in (11, 12, 13, 14)
    for platform, system, os_name in (
        ("linux", "Linux", "posix"),
        ("darwin", "Darwin", "posix"),
        ("win32", "Windows", "nt"),
    )
]


def text_of(lock_name):
    return (ROOT / lock_name).read_text(encoding="utf-8")


def pins(lock_name):
    """The requirements of a lock, each with the set of its hashes."""
    lines = [line for line in text_of(lock_name).splitlines() if not line.startswith("#")]
    found = []
    for entry in re.split(r"(?<!\\)\n", "\n".join(lines)):
        requirement, *hashes = re.split(r"\s*\\\n\s+--hash=", entry)
        found.append((Requirement(requirement), frozenset(hashes)))
    return found


def pinned_on(lock_name, machine):
    """name -> versions that a lock gives to one kind of machine."""
    versions = {}
    for requirement, _ in pins(lock_name):
        if requirement.marker is None or requirement.marker.evaluate(machine):
            (specifier,) = requirement.specifier
            versions.setdefault(canonicalize_name(requirement.name), []).append(specifier.version)
    return versions


both_locks = pytest.mark.parametrize("lock_name", sorted(NEEDED))


@both_locks
def test_a_lock_pins_what_pyproject_asks_for_within_its_bounds_everywhere(lock_name):
    for machine in MACHINES:
        versions = pinned_on(lock_name, machine)
        assert all(len(several) == 1 for several in versions.values()), machine
        for line in NEEDED[lock_name]:
            wanted = Requirement(line)
            assert versions[canonicalize_name(wanted.name)][0] in wanted.specifier, machine


@both_locks
def test_a_lock_holds_the_needs_of_these_packages_and_nothing_else(lock_name):
    # The needs are read from the installed packages, which the locks' maker never looked at.
    todo = [Requirement(line) for line in NEEDED[lock_name]]
    seen = set()
    while todo:
        requirement = todo.pop()
        for extra in requirement.extras or {""}:
            package = (canonicalize_name(requirement.name), extra)
            if package in seen:
                continue
            seen.add(package)
            for line in metadata.requires(requirement.name) or []:
                need = Requirement(line)
                if need.marker is None or need.marker.evaluate({"extra": extra}):
                    todo.append(need)
    assert {name for name, _ in seen} == set(pinned_on(lock_name, machine=None))


@both_locks
def test_a_pin_names_the_extras_that_are_asked_of_it(lock_name):
    """pip looks for "name[extra]" by itself, and takes a newer version that has no hash here."""
    pinned = {canonicalize_name(r.name): r.extras for r, _ in pins(lock_name)}
    for package in pinned_on(lock_name, machine=None):
        for line in metadata.requires(package) or []:
            need = Requirement(line)
            if need.extras and (need.marker is None or need.marker.evaluate({"extra": ""})):
                assert need.extras <= pinned[canonicalize_name(need.name)], f"{package}: {line}"


@both_locks
def test_a_lock_has_hashes_for_everything_and_no_address(lock_name):
    for requirement, hashes in pins(lock_name):
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", value) for value in hashes), requirement
    assert "tools/lock.py" in text_of(lock_name).splitlines()[0]
    for address in ("://", "--index", "--extra-index", "--find-links", " @ ", str(ROOT)):
        assert address not in text_of(lock_name)


def test_an_environment_for_the_tests_is_good_for_the_lab():
    # A package that the lab needs on some machines only may be needed by a test tool on all.
    for machine in MACHINES:
        small, large = (
            pinned_on(lock, machine) for lock in ("requirements.lock", "requirements-test.lock")
        )
        assert small.items() < large.items()
    hashes = [
        {(pin.name, str(pin.specifier)): digests for pin, digests in pins(lock)}
        for lock in ("requirements.lock", "requirements-test.lock")
    ]
    assert hashes[0].items() < hashes[1].items()


@pytest.mark.skipif(shutil.which("uv") is None, reason="remaking the locks needs uv on the PATH")
def test_remaking_the_locks_changes_nothing():
    subprocess.run([sys.executable, ROOT / "tools" / "lock.py", "--check"], check=True)


def test_environment_yml_is_in_step_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert set(environment) == {"name", "channels", "dependencies"}
    assert environment["name"] == "klteach"
    assert environment["channels"] == ["conda-forge", "nodefaults"]

    lines = environment["dependencies"]
    assert all(isinstance(line, str) for line in lines), "no pip section"
    (python,) = [line for line in lines if line.startswith("python=")]
    assert re.fullmatch(r"python=3\.\d+", python), "pinned: Binder's own choice is older"
    assert (
        python.removeprefix("python=")
        in Requirement("python" + PROJECT["project"]["requires-python"]).specifier
    )
    others = {line.replace("matplotlib-base", "matplotlib") for line in lines} - {python, "pip"}
    assert others == set(BUILD + LAB)


def test_the_version_and_the_python_are_stated_alike():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["project"]["version"]
    assert PROJECT["project"]["requires-python"] == ">=3.11"
    assert "sys.version_info < (3, 11)" in (ROOT / "course.py").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
@pytest.mark.parametrize("name", ["postBuild", ".ci/run"])
def test_what_is_run_is_executable(name):
    assert os.access(ROOT / name, os.X_OK)
