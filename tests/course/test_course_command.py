"""course.py on a small stand-in for the course: real venv, real pip, no network.

The stand-in has packages called jupyterlab and pytest that print what they were started with.
Both commands are set up once as a learner sets them up. Most of that time goes into ensurepip, so
the tests of what can go wrong later borrow a pip that is unpacked already.
"""

import ast
import ctypes
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import course

REPOSITORY = Path(course.__file__).resolve().parent
POSIX_ONLY = pytest.mark.skipif(os.name == "nt", reason="signals work otherwise on Windows")

REPORT_THE_START = """\
import json, os, sys
import klteach
print(json.dumps({
    "program": __package__, "arguments": sys.argv[1:], "environment": dict(os.environ),
    "process": os.getpid(), "klteach": klteach.__file__,
}))
"""
PATIENCE = 600  # seconds after which something is taken never to happen, on the busiest machine

# A build back end that makes the editable install. It notes the variables that it sees, and then
# waits for as long as a test holds it.
BUILD_BACK_END = f"""\
import json, os, time, zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    with open(os.environ["BUILD_NOTES"], "a") as notes:
        notes.write(json.dumps(dict(os.environ)) + "\\n")
    end = time.monotonic() + {PATIENCE}
    while os.path.exists(os.environ["BUILD_HOLD"]) and time.monotonic() < end:
        time.sleep(0.05)
    with zipfile.ZipFile(os.path.join(folder, "klteach-1.0-py3-none-any.whl"), "w") as wheel:
        wheel.writestr("klteach.pth", os.getcwd())
        wheel.writestr("klteach-1.0.dist-info/METADATA",
                       "Metadata-Version: 2.1\\nName: klteach\\nVersion: 1.0\\n")
        wheel.writestr("klteach-1.0.dist-info/WHEEL",
                       "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("klteach-1.0.dist-info/RECORD",
                       "klteach.pth,,\\nklteach-1.0.dist-info/METADATA,,\\n"
                       "klteach-1.0.dist-info/WHEEL,,\\nklteach-1.0.dist-info/RECORD,,\\n")
    return "klteach-1.0-py3-none-any.whl"
"""
# course.py in which one step is another: ensurepip leaves no pip of its own in the new environment
# but a path file that leads to the borrowed one.
BORROW_PIP = """\
import os, runpy, subprocess

start = subprocess.Popen
path_file = (
    "import pathlib, sys, sysconfig;"
    "pathlib.Path(sysconfig.get_path('purelib'), 'borrowed.pth').write_text(sys.argv[1])"
)

def start_but_borrow_pip(command, **options):
    if command[1:4] == ["-I", "-m", "ensurepip"]:
        command = [command[0], "-I", "-c", path_file, os.environ["BORROWED_PIP"]]
    return start(command, **options)

subprocess.Popen = start_but_borrow_pip
runpy.run_path("course.py", run_name="__main__")
"""


def write_wheel(folder: Path, name: str, files: dict[str, str]) -> str:
    """Write a wheel that pip installs; return its line for a lock."""
    information = f"{name}-1.0.dist-info"
    files = files | {
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{information}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{information}/RECORD"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
        wheel.writestr(record, "".join(f"{file},,\n" for file in [*files, record]))
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


def wait_for(happened, process: subprocess.Popen) -> None:
    """Wait for something that can only come while a process runs."""
    end = time.monotonic() + PATIENCE
    while not happened():
        ended = process.poll() is not None  # asked first: the last thing it did still counts
        if ended and not happened():
            pytest.fail(f"the process ended with {process.returncode} before it happened")
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


class Run:
    """A run of course.py whose output can be read before its end."""

    def __init__(self, process: subprocess.Popen, output: Path, errors: Path):
        self.process = process
        self.files = (output, errors)

    def output(self) -> str:
        return self.files[0].read_text(encoding="utf-8")

    def result(self) -> subprocess.CompletedProcess:
        self.process.wait(timeout=PATIENCE)
        texts = [file.read_text(encoding="utf-8") for file in self.files]
        return subprocess.CompletedProcess(self.process.args, self.process.returncode, *texts)


class StandIn:
    """A folder with course.py, two locks and one exercise, and pip told where the wheels are."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.root = folder / "le cours é"
        self.command = ["course.py"]
        self.runs = []
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PIP_")},
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": (folder / "wheels").as_uri(),
            "BUILD_NOTES": str(folder / "builds"),
            "BUILD_HOLD": str(folder / "hold"),
        }
        for subfolder in ("klteach", "exercises"):
            (self.root / subfolder).mkdir(parents=True)
        (self.root / "klteach" / "__init__.py").touch()
        shutil.copy(REPOSITORY / "course.py", self.root)
        self.write_locks()
        self.write(
            "pyproject.toml",
            '[build-system]\nrequires = []\nbuild-backend = "stand_in_back_end"\n'
            '[project]\nname = "klteach"\nversion = "1.0"\n',
        )
        self.write("exercises/01_surprise.ipynb", "blank 01")

    def write_locks(self) -> None:
        wheels = self.folder / "wheels"
        wheels.mkdir()
        lab_line = write_wheel(
            wheels,
            "lab_stand_in",
            {
                "jupyterlab/__init__.py": "",
                "jupyterlab/__main__.py": REPORT_THE_START,
                "stand_in_back_end.py": BUILD_BACK_END,
            },
        )
        test_line = write_wheel(
            wheels,
            "test_stand_in",
            {"pytest/__init__.py": "", "pytest/__main__.py": REPORT_THE_START},
        )
        self.write("requirements.lock", lab_line)
        self.write("requirements-test.lock", lab_line + test_line)

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def start(self, *words: str, command=None, variables=None, **options) -> Run:
        files = [self.folder / f"{kind}-{len(self.runs)}" for kind in ("output", "errors")]
        with files[0].open("w") as output, files[1].open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, *(command or self.command), *words],
                cwd=self.root,
                env=self.environment | (variables or {}),
                stdout=output,
                stderr=errors,
                **options,
            )
        self.runs.append(Run(process, *files))
        return self.runs[-1]

    def run(self, *words: str, **options) -> subprocess.CompletedProcess:
        return self.start(*words, **options).result()

    def started(self, *words: str, **options) -> dict:
        """What the stand-in for JupyterLab or pytest reports after a run that must succeed."""
        result = self.run(*words, **options)
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout.splitlines()[-1]) | {"output": result.stdout}

    def hold_builds(self) -> None:
        (self.folder / "hold").touch()

    def let_builds_go_on(self) -> None:
        (self.folder / "hold").unlink(missing_ok=True)

    def builds(self) -> list[dict]:
        """The variables that each build of the editable install has seen."""
        notes = self.folder / "builds"
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """Leave no process behind, also after a test that failed."""
        self.let_builds_go_on()
        for run in self.runs:
            run.process.kill()
            run.process.wait()


@pytest.fixture
def stand_in(tmp_path):
    stand_in = StandIn(tmp_path)
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A stand-in that is set up for both commands, for tests that leave its .venv as it is."""
    stand_in = StandIn(tmp_path_factory.mktemp("ready"))
    result = stand_in.run("test")
    assert result.returncode == 0, result.stderr
    yield stand_in
    stand_in.close()


@pytest.fixture(scope="module")
def pip_alone(ready, tmp_path_factory):
    """A folder with the pip that ensurepip has unpacked, and none of the packages beside it."""
    folder = tmp_path_factory.mktemp("pip")
    [pip] = (ready.root / ".venv").rglob("site-packages/pip")
    for part in pip.parent.glob("pip*"):  # the package and what is written about it
        shutil.copytree(part, folder / part.name)
    return folder


@pytest.fixture
def with_pip(stand_in, pip_alone):
    """A stand-in whose set-up borrows pip; everything else in it is real."""
    stand_in.command = ["-c", BORROW_PIP]
    stand_in.environment["BORROWED_PIP"] = str(pip_alone)
    return stand_in


def one_line(result: subprocess.CompletedProcess) -> str:
    """The single line that a failed command leaves on the standard error."""
    assert result.returncode != 0
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def files_of_the_environment(stand_in) -> dict[Path, tuple[int, int]]:
    """Every file in .venv, and what shows that it was written again or replaced."""
    return {
        path: (path.lstat().st_mtime_ns, path.lstat().st_ino)
        for path in (stand_in.root / ".venv").rglob("*")
    }


def test_the_first_start_sets_up_and_the_second_has_nothing_to_do(stand_in):
    first = stand_in.started("lab", "--no-browser", "--port", "8899")
    assert "Setting up the course" in first["output"]
    assert "New in my-work: 01_surprise" in first["output"]
    assert first["program"] == "jupyterlab"
    assert Path(first["klteach"]).parent == stand_in.root / "klteach"

    made = files_of_the_environment(stand_in)
    second = stand_in.started("lab", "--no-browser", "--port", "8899")
    assert len(second["output"].splitlines()) == 1
    assert files_of_the_environment(stand_in) == made

    # The larger environment is made on top of the smaller, and serves both commands.
    configuration = stand_in.root / ".venv" / "pyvenv.cfg"
    assert stand_in.started("test")["program"] == "pytest"
    assert files_of_the_environment(stand_in)[configuration] == made[configuration]
    assert len(stand_in.started("lab")["output"].splitlines()) == 1


def test_the_first_start_may_be_that_of_the_tests_and_serves_the_lab_too(ready):
    result = ready.runs[0].result()
    assert "Setting up the course" in result.stdout
    assert json.loads(result.stdout.splitlines()[-1])["program"] == "pytest"
    assert "Setting up" not in ready.started("lab")["output"]


def test_lab_starts_in_the_root_of_the_course_with_the_learners_options(ready):
    arguments = ready.started("lab", "--no-browser", "--port=8899")["arguments"]
    assert f"--ServerApp.root_dir={ready.root}" in arguments
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in arguments
    assert arguments[-2:] == ["--no-browser", "--port=8899"]


def test_test_passes_its_options_to_pytest(ready):
    assert ready.started("test", "tests/measures", "-k", "kl")["arguments"] == [
        "tests/measures", "-k", "kl",
    ]  # fmt: skip


FOREIGN = {
    "PYTHONPATH": "/elsewhere",
    "JUPYTER_PATH": "/elsewhere/share",
    "JUPYTER_CONFIG_PATH": "/elsewhere/etc",
    "JUPYTERLAB_DIR": "/elsewhere/lab",
    "MPLBACKEND": "elsewhere",
    "KLTEACH_PROGRESS": "/elsewhere/progress.jsonl",
}


def test_lab_keeps_the_learners_jupyter_paths_after_its_own(ready):
    environment = ready.started("lab", variables=FOREIGN)["environment"]
    assert environment["JUPYTER_CONFIG_PATH"] == os.pathsep.join(
        [str(ready.root / "etc" / "jupyter"), "/elsewhere/etc"]
    )
    assert environment["JUPYTER_PATH"].split(os.pathsep)[0].startswith(str(ready.root / ".venv"))
    assert environment["KLTEACH_PROGRESS"] == "/elsewhere/progress.jsonl"
    assert "PYTHONPATH" not in environment and "JUPYTERLAB_DIR" not in environment
    assert environment["PATH"].startswith(str(ready.root / ".venv"))


def test_tests_see_nothing_of_the_learners_settings_and_progress(ready):
    environment = ready.started("test", variables=FOREIGN)["environment"]
    for name in ("KLTEACH_PROGRESS", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR"):
        assert environment[name].startswith(str(ready.root / ".venv"))
    assert not [name for name, value in environment.items() if value.startswith("/elsewhere")]
    assert "MPLBACKEND" not in environment


@POSIX_ONLY
def test_course_py_becomes_the_program_so_that_ending_one_ends_the_other(ready):
    run = ready.start("lab")
    report = json.loads(run.result().stdout.splitlines()[-1])
    assert report["process"] == run.process.pid


def files_in(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_a_learners_notebook_is_never_overwritten(ready):
    ready.started("lab")
    ready.write("my-work/copy_01_surprise.ipynb", "an hour of work")
    ready.write("exercises/02_cross_entropy.ipynb", "blank 02")
    assert "New in my-work: 02_cross_entropy\n" in ready.started("lab")["output"]
    assert files_in(ready.root / "my-work") == {
        "copy_01_surprise.ipynb": "an hour of work",
        "copy_02_cross_entropy.ipynb": "blank 02",
    }


@pytest.fixture
def exercises(tmp_path, monkeypatch):
    """The folder of the exercises, in a course of one."""
    monkeypatch.setattr(course, "ROOT", tmp_path)
    folder = tmp_path / "exercises"
    folder.mkdir()
    (folder / "01_surprise.ipynb").write_text("blank 01")
    return folder


def test_links_between_exercises_lead_from_copy_to_copy(exercises):
    links = "[01](01_surprise.ipynb), [a term](../notebooks/B_glossary.ipynb#x), [é](02_x.ipynb#y)"
    (exercises / "02_x.ipynb").write_text(links, encoding="utf-8")
    course.copy_exercises()
    assert files_in(exercises.parent / "my-work") == {
        "copy_01_surprise.ipynb": "blank 01",
        "copy_02_x.ipynb": "[01](copy_01_surprise.ipynb), "
        "[a term](../notebooks/B_glossary.ipynb#x), [é](copy_02_x.ipynb#y)",
    }


def test_a_copy_called_like_its_lesson_as_at_first_gets_a_name_of_its_own(exercises, capsys):
    work = exercises.parent / "my-work"
    work.mkdir()
    (work / "01_surprise.ipynb").write_text("an hour of work")
    course.copy_exercises()
    assert files_in(work) == {"copy_01_surprise.ipynb": "an hour of work"}
    assert capsys.readouterr().out == (
        'Renamed in my-work, with "copy_" before the name: 01_surprise\n'
    )
    # a tab that was open may save it under its first name once more
    (work / "01_surprise.ipynb").write_text("two hours of work")
    course.copy_exercises()
    assert files_in(work) == {
        "copy_01_surprise.ipynb": "an hour of work",
        "01_surprise.ipynb": "two hours of work",
    }
    assert 'with and without "copy_"' in capsys.readouterr().out


def test_a_new_lock_and_a_moved_folder_ask_for_a_new_environment(with_pip):
    with_pip.started("lab")
    with (with_pip.root / "requirements.lock").open("a") as lock:
        lock.write("# another version\n")
    assert "Setting up" in with_pip.started("lab")["output"]
    moved = with_pip.root.with_name("moved")
    with_pip.root.rename(moved)
    with_pip.root = moved
    started = with_pip.started("lab")
    assert "Setting up" in started["output"]
    assert Path(started["klteach"]).parent == moved / "klteach"
    assert not (moved / ".venv-retired").exists()


@POSIX_ONLY
def test_a_set_up_killed_inside_pip_is_made_again(with_pip):
    with_pip.hold_builds()
    killed = with_pip.start("lab")
    wait_for(with_pip.builds, killed.process)
    killed.process.kill()
    killed.result()
    repaired = with_pip.start("lab")
    wait_for(repaired.output, repaired.process)
    # The pip of the killed one is still at work, and its files must not be deleted under it.
    assert "waiting" in repaired.output()
    assert "Setting up" not in repaired.output()
    with_pip.let_builds_go_on()
    result = repaired.result()
    assert result.returncode == 0, result.stderr
    assert "Setting up" in result.stdout
    assert len(with_pip.started("lab")["output"].splitlines()) == 1


def heed_ctrl_c():
    """A shell that starts the tests in the background has them, and so course.py, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@POSIX_ONLY
def test_ctrl_c_during_the_set_up_says_how_to_go_on(with_pip):
    with_pip.hold_builds()
    run = with_pip.start("lab", start_new_session=True, preexec_fn=heed_ctrl_c)
    wait_for(with_pip.builds, run.process)
    os.killpg(run.process.pid, signal.SIGINT)
    result = run.result()
    assert result.stderr == "course.py: stopped. The same command goes on from here.\n"
    assert result.returncode != 0
    with_pip.let_builds_go_on()
    assert "Setting up" in with_pip.started("lab")["output"]


def test_two_starts_at_the_same_time_make_one_environment(with_pip):
    with_pip.hold_builds()
    runs = [with_pip.start("lab") for _ in range(2)]
    for run in runs:
        wait_for(run.output, run.process)
    with_pip.let_builds_go_on()
    results = [run.result() for run in runs]
    assert [result.returncode for result in results] == [0, 0]
    assert sum("Setting up" in result.stdout for result in results) == 1
    assert sum("waiting" in result.stdout for result in results) == 1
    assert len(with_pip.builds()) == 1


NO_NETWORK = {
    "PIP_NO_INDEX": "0",
    "PIP_FIND_LINKS": "",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",  # nothing listens there
}


def test_no_network_is_one_line_and_the_same_command_goes_on_later(with_pip):
    line = one_line(with_pip.run("lab", variables=NO_NETWORK))
    assert line.startswith("course.py: the packages could not be downloaded")
    assert "the same command again" in line
    assert "Setting up" in with_pip.started("lab")["output"]


def test_pip_gives_up_in_seconds_and_heeds_no_setting_that_leads_elsewhere(with_pip):
    names = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PYTHONPATH")
    elsewhere = str(with_pip.folder / "elsewhere")
    foreign = dict.fromkeys(names, elsewhere) | {"PIP_USER": "1"}
    assert "Setting up" in with_pip.started("lab", variables=foreign)["output"]
    [seen] = with_pip.builds()
    assert (seen["PIP_DEFAULT_TIMEOUT"], seen["PIP_RETRIES"]) == ("15", "2")
    assert elsewhere not in seen.values()


def test_no_network_for_the_test_tools_leaves_the_lab_as_it_was(with_pip):
    with_pip.started("lab")
    one_line(with_pip.run("test", variables=NO_NETWORK))
    assert len(with_pip.started("lab", variables=NO_NETWORK)["output"].splitlines()) == 1


def test_a_failure_of_pip_shows_the_end_of_its_log(with_pip):
    with_pip.write("requirements.lock", "no_such_package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    result = with_pip.run("lab")
    assert result.returncode == 1
    assert "course-set-up.log" in result.stderr.splitlines()[0]
    assert "No matching distribution found for no_such_package" in result.stderr


def test_a_python_without_ensurepip_names_the_package_to_install(stand_in):
    # As on Debian without python3-venv, where the module is not there.
    without = (
        "import importlib.util, runpy; find = importlib.util.find_spec;"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else find(name);"
        "runpy.run_path('course.py', run_name='__main__')"
    )
    line = one_line(stand_in.run("lab", command=["-c", without]))
    assert f"sudo apt install python3.{sys.version_info[1]}-venv" in line
    assert not (stand_in.root / ".venv").exists()


def test_an_environment_of_somebody_else_is_left_alone(stand_in):
    (stand_in.root / ".venv").mkdir()
    stand_in.write(".venv/pyvenv.cfg", "precious")
    line = one_line(stand_in.run("lab"))
    assert "was not made by course.py" in line
    assert (stand_in.root / ".venv" / "pyvenv.cfg").read_text() == "precious"


def drop_the_right_to_write_everywhere():
    """Make root heed the permissions of a folder: 24 is PR_CAPBSET_DROP, 1 is CAP_DAC_OVERRIDE."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="the permissions are set as on Linux")
def test_a_folder_that_cannot_be_written_is_one_line(stand_in):
    stand_in.root.chmod(0o555)
    try:
        result = stand_in.run("lab", preexec_fn=drop_the_right_to_write_everywhere)
    finally:
        stand_in.root.chmod(0o755)
    assert one_line(result).startswith(f"course.py: Permission denied: {stand_in.root}")
    assert "copy the course to where you may write" in result.stderr


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["lob"], 'there is no command "lob"; did you mean "lab"?'),
        (["tests"], 'there is no command "tests"; did you mean "test"?'),
        (["grade"], 'there is no command "grade"; there are lab, site and test.'),
        (["lab", "--prot", "8899"], "JupyterLab has no option --prot. Did you mean --port?"),
        (["lab", "--nobrowser"], "no option --nobrowser. Did you mean --no-browser?"),
        (["lab", "--port"], "--port needs a value"),
        (["lab", "--port", "--no-browser"], "--port needs a value"),
        (["lab", "--port", "many"], "--port needs a number from 1 to 65535, not 'many'."),
        (["lab", "--port=99999"], "--port needs a number from 1 to 65535, not '99999'."),
    ],
)
def test_a_slip_in_the_command_is_one_line_before_any_set_up(stand_in, words, expected):
    assert expected in one_line(stand_in.run(*words))
    assert not (stand_in.root / ".venv").exists()


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_the_usage_names_all_commands(stand_in, words):
    result = stand_in.run(*words)
    assert result.returncode == 0
    assert all(f"course.py {command} " in result.stdout for command in course.COMMANDS)


def test_site_starts_the_builder_of_this_course_with_the_authors_words(monkeypatch):
    """Wherever the author stands, and with nothing of the author's own progress."""
    started = []
    monkeypatch.setattr(course, "set_up", started.append)
    monkeypatch.setattr(course, "become", lambda *start: started.append(start))
    course.main(["site", "pages", "--unit", "02"])
    command, environment = started[1]
    assert started[0] == "site"
    assert command == [
        str(course.venv_python()), "-P", "-m", "website", "pages", "--unit", "02"
    ]  # fmt: skip
    assert environment["PYTHONPATH"] == str(course.ROOT)
    assert environment["KLTEACH_PROGRESS"].startswith(str(course.VENV))


def test_an_old_python_is_told_so_by_a_file_that_it_can_read(monkeypatch):
    ast.parse((REPOSITORY / "course.py").read_text(encoding="utf-8"), feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 10, 13, "final", 0))
    with pytest.raises(course.CourseError, match=r"needs Python 3\.11 or newer and this is 3\.10"):
        course.main(["lab"])


def test_the_options_that_course_py_lets_through_are_jupyterlabs():
    from jupyter_server import serverapp
    from jupyterlab.labapp import LabApp

    flags = {*LabApp.flags, *serverapp.flags, "help", "help-all", "version"} - {"y"}
    settings = {*LabApp.aliases, *serverapp.aliases} - flags
    assert sorted(course.LAB_SETTINGS) == sorted(settings)
    assert sorted(course.LAB_FLAGS) == sorted(flags)
