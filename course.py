"""The commands of the course; each does all of the set-up that it needs.

    python3 course.py lab  [JupyterLab options]   open the course
    python3 course.py site FOLDER [--serve]       write the course as pages for any browser
    python3 course.py test [pytest options]       run every test

For example:

    python3 course.py lab --no-browser --port 8899
    python3 course.py site ../klteach-site --serve
    python3 course.py site --fetch-python ../pyodide           for exercises checked in the page:
    python3 course.py site ../klteach-site --python ../pyodide
    python3 course.py test --unit 13
    python3 course.py test tests/measures -k entropy

On Windows write "py" for "python3". The set-up happens once, takes about a minute, needs Python
3.11 or newer and the network, and goes into the folder .venv beside this file: delete that to start
afresh. Your own copies of the exercises are in my-work, which is yours and never overwritten.
"""

from __future__ import annotations

import contextlib
import difflib
import errno
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "course-set-up.json"
LOG = VENV / "course-set-up.log"
START_PAGE = "notebooks/00_start_here.ipynb"

# An environment made from one of these is good for the command. The first is what gets installed:
# a learner who only reads does not download the test tools.
LOCKS = {
    "lab": ("requirements.lock", "requirements-test.lock"),
    "site": ("requirements-test.lock",),
    "test": ("requirements-test.lock",),
}

# JupyterLab ignores an option that it does not know, so a slip of the finger would go unnoticed.
LAB_FLAGS = (
    "allow-root autoreload collaborative core-mode custom-css debug dev-mode expose-app-in-browser "
    "extensions-in-dev-mode generate-config help help-all no-browser no-script script show-config "
    "show-config-json skip-dev-build splice-source version watch"
).split()
LAB_SETTINGS = (
    "app-dir browser certfile client-ca config gateway-url ip keyfile log-level notebook-dir port "
    "port-retries preferred-dir pylab sock sock-mode transport"
).split()

NO_NETWORK = (
    "NewConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "NameResolutionError",
    "ProxyError", "Max retries exceeded",
)  # fmt: skip


class CourseError(Exception):
    """What went wrong and the way out, in words for the learner."""


# --- the environment in .venv ---------------------------------------------------------------------


def scripts_folder() -> Path:
    return VENV / ("Scripts" if os.name == "nt" else "bin")


def venv_python() -> Path:
    return scripts_folder() / ("python.exe" if os.name == "nt" else "python")


def stamp(lock_name: str) -> str:
    """What a finished set-up was made from; any change of it asks for a new one."""
    digest = hashlib.sha256()
    for name in (lock_name, "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    version = "{}.{}".format(*sys.version_info)  # another bug-fix release is the same to .venv
    return json.dumps({"made from": digest.hexdigest(), "Python": version, "folder": str(ROOT)})


def made_from(lock_names: tuple[str, ...]) -> bool:
    """Does .venv hold a finished set-up from one of these locks?"""
    if not (STAMP.exists() and venv_python().exists()):
        return False
    return STAMP.read_text(encoding="utf-8") in [stamp(name) for name in lock_names]


def set_up(command: str) -> None:
    """Bring .venv into step with the locks; where it is already, this takes no time."""
    if made_from(LOCKS[command]):
        return
    with only_one_set_up() as guard:
        if made_from(LOCKS[command]):  # the one that we waited for has made it
            return
        # The test tools go on top of the learner's environment: JupyterLab may be running from it.
        from_nothing = not made_from(LOCKS["lab"])
        if from_nothing:
            check_that_venv_can_be_made()
        started = time.monotonic()
        print("Setting up the course (once, about a minute) ", end="", flush=True)
        try:
            build(LOCKS[command][0], from_nothing, guard)
        except BaseException:
            print()
            raise
        print(f" done in {time.monotonic() - started:.0f} s.", flush=True)


def build(lock_name: str, from_nothing: bool, guard: int) -> None:
    """Install a lock and the project. The stamp comes last, so that half a set-up is never used."""
    if from_nothing:
        make_empty_venv(guard)
    before = STAMP.read_text(encoding="utf-8")
    STAMP.write_text("unfinished", encoding="utf-8")
    pip = [str(venv_python()), "-m", "pip", "install"]
    try:
        run_step([*pip, "--require-hashes", "--requirement", str(ROOT / lock_name)], guard)
        run_step([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], guard)
    except CourseError:
        # Without a network the test tools do not arrive, and the lab is as good as it was.
        STAMP.write_text(before, encoding="utf-8")
        raise
    STAMP.write_text(stamp(lock_name), encoding="utf-8")


def check_that_venv_can_be_made() -> None:
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        package = "python{}.{}-venv".format(*sys.version_info)
        raise CourseError(
            "this Python comes without its venv module. On Debian and Ubuntu,"
            f' "sudo apt install {package}" brings it; then run the same command again.'
        )
    if VENV.exists() and not STAMP.exists() and any(VENV.iterdir()):
        raise CourseError(
            f"{VENV} was not made by course.py, so it is left alone."
            " Rename or delete it, then run the same command again."
        )


def make_empty_venv(guard: int) -> None:
    """Put a new environment with nothing but pip in the place of .venv."""
    import venv  # here, since Debian's Python may lack it

    # Renaming comes first because it is all or nothing: a kill in the middle of the deletion leaves
    # no half-deleted .venv, and Windows refuses here while JupyterLab runs from it.
    retired = ROOT / ".venv-retired"
    shutil.rmtree(retired, ignore_errors=True)
    if VENV.exists():
        VENV.rename(retired)
        shutil.rmtree(retired, ignore_errors=True)
    VENV.mkdir()
    STAMP.write_text("unfinished", encoding="utf-8")
    try:
        venv.EnvBuilder(symlinks=os.name != "nt", prompt="klteach").create(VENV)
    except ValueError as error:  # a folder name that no environment can have
        raise CourseError(f"{error}") from error
    run_step([str(venv_python()), "-I", "-m", "ensurepip", "--default-pip"], guard)


def run_step(command: list[str], guard: int) -> None:
    """Run one step of the set-up; its output goes to a log, the learner sees a dot at times."""
    environment = clean_environment()
    # pip's own patience is minutes: without a network the learner should know in seconds.
    environment.setdefault("PIP_DEFAULT_TIMEOUT", "15")
    environment.setdefault("PIP_RETRIES", "2")
    environment.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1", PIP_USER="0")
    for name in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT"):
        environment.pop(name, None)
    with LOG.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # The step holds the guard too: if course.py is killed, the next one waits for the
            # orphan instead of deleting the files under it.
            pass_fds=() if os.name == "nt" else (guard,),
        )
        try:
            while process.poll() is None:
                print(".", end="", flush=True)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=5)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode != 0:
        raise CourseError(what_failed(LOG.read_text(encoding="utf-8", errors="replace")))


def what_failed(log: str) -> str:
    if any(sign in log for sign in NO_NETWORK):
        return (
            "the packages could not be downloaded, pip reached no package index. Check the network"
            " or the proxy, then run the same command again; what has arrived is kept."
        )
    if "No space left on device" in log:
        return "the disk is full. Make room (about 1 GB), then run the same command again."
    tail = "\n".join(log.strip().splitlines()[-15:])
    return f"the set-up failed; the whole of pip's report is {LOG}. Its end:\n{tail}"


@contextlib.contextmanager
def only_one_set_up():
    """Let one set-up of this folder run at a time; the system frees the guard of a killed one."""
    with (ROOT / ".venv.guard").open("w") as guard:
        waiting = False
        while not take(guard.fileno()):
            if not waiting:
                print("Another course.py is setting up this folder; waiting for it ...", flush=True)
            waiting = True
            time.sleep(0.5)
        yield guard.fileno()


def take(guard: int) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(guard, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


# --- what JupyterLab and pytest are started with --------------------------------------------------


def clean_environment() -> dict[str, str]:
    """The caller's variables without those that lead Python to other packages than .venv's."""
    environment = dict(os.environ)
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        environment.pop(name, None)
    environment["PATH"] = os.pathsep.join([str(scripts_folder()), environment.get("PATH", "")])
    environment["VIRTUAL_ENV"] = str(VENV)
    return environment


def lab_command(python: str, options: list[str]) -> list[str]:
    """The command line that opens the course."""
    command = [python, "-P", "-m", "jupyterlab", "-y"]  # -y: Ctrl-C asks no question
    # Without the root directory, opening a page would make its own folder the root and hide the
    # exercises.
    command += [f"--ServerApp.root_dir={ROOT}", f"--LabApp.default_url=/lab/tree/{START_PAGE}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command += ["--allow-root"]  # in a container the learner often is root
    return command + options


def environment_for_lab() -> dict[str, str]:
    """The course's settings before the learner's own, and nothing written to the learner's."""
    environment = clean_environment()
    for name, first in (
        ("JUPYTER_CONFIG_PATH", ROOT / "etc" / "jupyter"),
        ("JUPYTER_PATH", VENV / "share" / "jupyter"),  # so that "python3" is this kernel
    ):
        own = environment.get(name)
        environment[name] = os.pathsep.join([str(first)] + ([own] if own else []))
    # The open tabs of other projects stay out of the course, and its tabs out of them.
    environment["JUPYTERLAB_WORKSPACES_DIR"] = str(VENV / "var" / "workspaces")
    environment.pop("JUPYTERLAB_DIR", None)
    return environment


def environment_for_tests() -> dict[str, str]:
    """Nothing of the learner's: own settings must not change a result, nor tests the progress."""
    settings = VENV / "var" / "test"
    environment = {
        name: value
        for name, value in clean_environment().items()
        # a run starts hundreds of processes, each of which would compile the course anew
        if not name.startswith(("JUPYTER", "IPYTHON", "MPL", "PYTHONDONTWRITEBYTECODE"))
    }
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR",
                 "MPLCONFIGDIR"):  # fmt: skip
        environment[name] = str(settings / name.lower())
    environment["KLTEACH_PROGRESS"] = str(settings / "progress.jsonl")
    # each worker has a core at most: more threads for linear algebra would only wait for each other
    environment["OPENBLAS_NUM_THREADS"] = "1"
    return environment


def check_lab_options(options: list[str]) -> None:
    """Refuse what JupyterLab would ignore or answer with a traceback."""
    values = iter(options)
    for option in values:
        name, equals, value = option.lstrip("-").partition("=")
        if not option.startswith("--") or "." in name or name in LAB_FLAGS:
            continue
        if name not in LAB_SETTINGS:
            close = difflib.get_close_matches(name, LAB_FLAGS + LAB_SETTINGS, n=1)
            meant = f" Did you mean --{close[0]}?" if close else ""
            raise CourseError(f"JupyterLab has no option --{name}.{meant}")
        value = value if equals else next(values, "")
        if not value or value.startswith("--"):
            raise CourseError(f"--{name} needs a value, as in --{name}=...")
        if name == "port" and not (value.isdecimal() and 1 <= int(value) <= 65535):
            raise CourseError(f"--port needs a number from 1 to 65535, not {value!r}.")


# --- the learner's copies of the exercises --------------------------------------------------------


def copy_exercises() -> None:
    """Give my-work every exercise that it has not got; what is there is never overwritten.

    A copy has a name of its own, since the tabs of JupyterLab show nothing else: its lesson and its
    blank original have theirs in common. Copies were called like them at first, and are renamed.
    """
    folder = ROOT / "my-work"
    folder.mkdir(exist_ok=True)
    new, renamed, twice = [], [], []
    for notebook in sorted((ROOT / "exercises").glob("*.ipynb")):
        copy, as_at_first = folder / f"copy_{notebook.name}", folder / notebook.name
        if copy.exists():
            twice += [notebook.stem] if as_at_first.exists() else []
        elif as_at_first.exists():
            as_at_first.rename(copy)
            renamed.append(notebook.stem)
        else:
            copy_exercise(notebook, copy)
            new.append(notebook.stem)
    for words, names in (
        ("New in my-work", new),
        ('Renamed in my-work, with "copy_" before the name', renamed),
        ('In my-work with and without "copy_", which is the one that lessons lead to', twice),
    ):
        if names:
            print(f"{words}: {', '.join(names)}", flush=True)


def copy_exercise(notebook: Path, copy: Path) -> None:
    """Copy one exercise; its links to other exercises lead to the copies of those."""
    text = notebook.read_text(encoding="utf-8")
    text = re.sub(r"\]\((\d\d_\w+\.ipynb)", r"](copy_\1", text)
    # By way of a second name, so that a kill in the middle leaves no half notebook.
    partial = copy.with_name(f".{copy.name}.part")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, copy)


# --- the commands ---------------------------------------------------------------------------------


def become(command: list[str], environment: dict[str, str]) -> int:
    """Go over into another program, so that whoever ends course.py ends the program."""
    if os.name != "nt":
        os.execve(command[0], command, environment)
    process = subprocess.Popen(command, env=environment)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # the program has got the Ctrl-C as well
            return process.wait()


def lab(options: list[str]) -> int:
    check_lab_options(options)
    set_up("lab")
    copy_exercises()
    return become(lab_command(str(venv_python()), options), environment_for_lab())


def site(options: list[str]) -> int:
    set_up("site")
    environment = environment_for_tests() | {"PYTHONPATH": str(ROOT)}
    # -P: a folder called website where the author stands is another one
    return become([str(venv_python()), "-P", "-m", "website", *options], environment)


def test(options: list[str]) -> int:
    set_up("test")
    environment = environment_for_tests()
    progress = Path(environment["KLTEACH_PROGRESS"])
    progress.parent.mkdir(parents=True, exist_ok=True)
    progress.unlink(missing_ok=True)
    os.chdir(ROOT)  # pytest finds its settings and the default paths in pyproject.toml here
    return become([str(venv_python()), "-m", "pytest", *options], environment)


COMMANDS = {"lab": lab, "site": site, "test": test}


def main(words: list[str]) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python is told here that it is
        version = "{}.{}.{}".format(*sys.version_info)
        raise CourseError(
            f"the course needs Python 3.11 or newer and this is {version} ({sys.executable})."
            ' Run it with a newer one, for example "python3.12 course.py lab".'
        )
    if not words or words[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0
    command, *options = words
    if command not in COMMANDS:
        close = difflib.get_close_matches(command, COMMANDS, n=1, cutoff=0.4)
        meant = f'did you mean "{close[0]}"?' if close else "there are lab, site and test."
        print(f'course.py: there is no command "{command}"; {meant}', file=sys.stderr)
        return 2
    return COMMANDS[command](options)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a path with letters that the console has not got
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("course.py: stopped. The same command goes on from here.")
    except CourseError as error:
        sys.exit(f"course.py: {error}")
    except OSError as error:
        way_out = ""
        if isinstance(error, PermissionError) or error.errno == errno.EROFS:
            way_out = (
                " Close a JupyterLab that runs from here,"
                " or copy the course to where you may write."
            )
        sys.exit(f"course.py: {error.strerror or error}: {error.filename or ROOT}.{way_out}")
