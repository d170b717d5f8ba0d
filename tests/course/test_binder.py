"""Binder can build the course from environment.yml and postBuild."""

import os
import shutil
import site
import subprocess
import venv
from pathlib import Path

import pytest

import course

ROOT = course.ROOT
NO_REPO2DOCKER = (
    "jupyter-repo2docker is not on the PATH; it needs an environment of its own:"
    " python3 -m venv DIR && DIR/bin/pip install jupyter-repo2docker, then add DIR/bin to the PATH"
)


def copy_of_the_course(folder: Path) -> Path:
    """What a clone has of the things that a build looks at."""
    for name in ("klteach", "exercises", "etc"):
        ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in ("course.py", "environment.yml", "LICENSE", "postBuild", "pyproject.toml",
                 "README.md", "requirements.lock", "requirements-test.lock"):  # fmt: skip
        shutil.copy(ROOT / name, folder)
    return folder


def test_repo2docker_accepts_the_repository(tmp_path):
    tool = shutil.which("jupyter-repo2docker")
    if tool is None:
        if os.environ.get("KLTEACH_REQUIRE_ALL") == "1":
            pytest.fail(NO_REPO2DOCKER)
        pytest.skip(NO_REPO2DOCKER)
    folder = copy_of_the_course(tmp_path / "course")
    result = subprocess.run(
        [tool, "--no-build", "--debug", "."],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stdout
    (python,) = [
        line.split("=")[1]
        for line in (ROOT / "environment.yml").read_text(encoding="utf-8").splitlines()
        if line.strip().startswith("- python=")
    ]
    assert f"Building conda environment for python={python}" in result.stdout
    assert 'env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"' in result.stdout
    assert "RUN ./postBuild" in result.stdout


@pytest.mark.skipif(os.name == "nt", reason="Binder runs postBuild on Linux")
def test_post_build_installs_the_project_its_settings_and_the_exercises(tmp_path):
    folder = copy_of_the_course(tmp_path / "le cours é")
    # A stand-in for the conda environment: it sees the packages that environment.yml would bring,
    # and what postBuild installs goes nowhere else.
    prefix = tmp_path / "conda"
    venv.EnvBuilder(symlinks=True).create(prefix)
    own_packages = site.getsitepackages([str(prefix)])[0]
    (Path(own_packages) / "packages.pth").write_text("\n".join(site.getsitepackages()))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "NB_PYTHON_PREFIX")
    }
    environment["CONDA_PREFIX"] = str(prefix)
    environment["PATH"] = os.pathsep.join([str(prefix / "bin"), environment["PATH"]])
    result = subprocess.run(
        [str(folder / "postBuild")], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr

    where = "import klteach; print(klteach.__file__)"
    found = subprocess.run(
        [str(prefix / "bin" / "python"), "-P", "-c", where],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    # The folder beside the package holds the solutions, so it has to be this one.
    assert Path(found.stdout.strip()).parent == folder / "klteach"
    for settings in (ROOT / "etc" / "jupyter").rglob("*.*"):
        copied = prefix / "etc" / "jupyter" / settings.relative_to(ROOT / "etc" / "jupyter")
        assert copied.read_bytes() == settings.read_bytes()
    work = {path.name for path in (folder / "my-work").iterdir()}
    assert work == {f"copy_{path.name}" for path in (ROOT / "exercises").glob("*.ipynb")}
    assert work
