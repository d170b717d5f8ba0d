"""Each wall by itself: what it keeps out, and that honest notebooks do not meet it."""

import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from klteach.cli import main
from klteach.grading import run
from klteach.grading.grade import grade
from klteach.grading.inside import landlock
from klteach.grading.inside.isolation import LAYERS, gaps, plan
from klteach.grading.session import Warm
from tests.grading.patience import PATIENT, wait_until
from tests.grading.processes import commands, has_ended
from tests.grading.submissions import as_bytes, submission

FULL = 9.0
ROOT = Path(__file__).parents[2]
NEEDED = {"Landlock": landlock.version() > 0, "namespaces": sys.platform == "linux"}


@pytest.fixture(
    scope="module",
    params=[LAYERS, ("namespaces", "limits"), ("Landlock", "limits"), ("seccomp", "limits"), ()],
    ids=lambda layers: "+".join(layers) or "none",
)
def walled(request):
    for layer in request.param:
        if not NEEDED.get(layer, True):
            pytest.skip(f"{layer} is not there on this system")
    with Warm(PATIENT, request.param) as warm:
        yield set(request.param), warm


def ended(warm, source):
    """How a cell that raises what it found came to its end."""
    record = grade(as_bytes(submission(after=[source])), warm, "course")
    assert record["score"] == FULL
    return next((note for note in reversed(record["notes"]) if note.startswith("Cell")), "")


def test_the_report_says_which_walls_hold(walled):
    layers, warm = walled
    record = grade(as_bytes(submission()), warm, "course")
    assert record["score"] == FULL
    held = set(record["isolation"].split(", "))
    assert held - {"limits"} == layers - {"limits"}
    assert "limits" in held


def test_files_are_kept_by_either_of_two_walls(walled):
    layers, warm = walled
    for path in (ROOT / "solutions/02_cross_entropy_and_kl.ipynb", "/etc/passwd"):
        note = ended(warm, f"raise RuntimeError(open({str(path)!r}).read()[:5])")
        assert ("RuntimeError" not in note) == bool(layers & {"namespaces", "Landlock"})
    for path in ("/usr/x", str(ROOT / "x")):
        if layers & {"namespaces", "Landlock"} or os.geteuid() == 0:
            assert "Error" in ended(warm, f"open({path!r}, 'w')")


def test_processes_are_kept_down_and_none_is_left(walled):
    layers, warm = walled
    start = "import subprocess\nsubprocess.Popen(['sleep', '4321'], start_new_session=True)"
    note = ended(warm, start)
    assert ("PermissionError" in note) == ("seccomp" in layers)
    assert ended(warm, "import os\nfor _ in range(3):\n    os.fork()") or "seccomp" not in layers
    asleep = b"sleep\0004321"
    wait_until(lambda: not any(asleep in command for command in commands()), "no sleep is left")


def test_no_other_process_is_seen_behind_namespaces(walled):
    layers, warm = walled
    note = ended(warm, "import os\nraise RuntimeError(f'I am {os.getpid()}')")
    assert note.endswith("I am 1") == ("namespaces" in layers)


def test_memory_is_limited_everywhere(walled):
    _, warm = walled
    assert "MemoryError" in ended(warm, "x = bytearray(6 * 2**30)")


def python_is_for_all():
    """Whether an unprivileged user gets to Python's files; not if they are in root's home."""
    folders = [Path(os.__file__).resolve(), *Path(os.__file__).resolve().parents]
    return all(folder.stat().st_mode & 0o001 for folder in folders[1:])


def test_work_is_possible_and_is_cleaned_up(walled):
    layers, warm = walled
    loads = "namespaces" in layers or os.geteuid() != 0 or python_is_for_all()
    note = ended(
        warm,
        "import tempfile, pathlib\npathlib.Path('a.txt').write_text('mine')\n"
        "with tempfile.TemporaryFile() as file:\n    file.write(b'x')\n"
        f"import {'statistics, csv' if loads else 'math'}\n"
        "raise RuntimeError(pathlib.Path('a.txt').read_text())",
    )
    assert note.endswith("mine")
    assert not os.path.exists(warm._scratch) or os.listdir(warm._scratch) == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root on Linux")
def test_root_becomes_somebody_else(walled):
    _, warm = walled
    user = ended(warm, "import os\nraise RuntimeError(str(os.getuid()))").rpartition(" ")[2]
    assert int(user) > 1000


@pytest.mark.parametrize("version", [0, 1, 5, 6, 8])
def test_a_class_is_graded_behind_walls_that_keep_what_is_promised(version, monkeypatch):
    monkeypatch.setattr(landlock, "version", lambda: version)
    for chosen in itertools.product([False, True], repeat=4):
        layers = {layer for layer, held in zip(LAYERS, chosen, strict=True) if held}
        files = bool(layers & {"namespaces", "Landlock"})
        signals = "seccomp" in layers or "namespaces" in layers
        signals |= "Landlock" in layers and version >= 6
        said = " ".join(gaps(layers))
        assert ("your files" in said) != files
        assert ("your processes" in said) != signals
        assert ("network" in said) == (not layers & {"namespaces", "seccomp"})
        assert ("more memory" in said) == ("seccomp" not in layers)
        assert (said == "") == (files and "seccomp" in layers)


@pytest.mark.parametrize("layers", [("limits",), ("namespaces", "limits"), ("Landlock", "limits")])
def test_the_probe_promises_no_more_than_holds(layers, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(run, "isolation", lambda *_: layers)
    monkeypatch.setattr(run, "_layers", lambda _: layers)
    monkeypatch.setattr(run, "_mine", threading.local())  # no process from an earlier test
    assert main(["grade", "--probe"]) == 0
    said = capsys.readouterr().out
    assert "NOT isolated" in said and all(gap in said for gap in gaps(layers))
    (tmp_path / "a.ipynb").write_bytes(as_bytes(submission()))
    assert main(["grade", str(tmp_path), "--out", str(tmp_path / "out"), "-j", "1"]) == 2
    said = capsys.readouterr().err
    assert "--trust" in said and all(gap in said for gap in gaps(layers))


def test_what_is_hidden_is_not_readable(tmp_path):
    made = plan([str(tmp_path)])
    assert str(tmp_path) not in made.readable
    inside = os.path.realpath(Path(os.__file__).parent / "json")
    assert inside in plan([inside]).hidden


def test_a_warm_process_ends_with_its_grader(tmp_path):
    program = (
        "import os\n"
        "from klteach.grading.limits import Limits\n"
        "from klteach.grading.session import Warm\n"
        "warm = Warm(Limits())\n"
        "learner = warm.start()\n"
        "learner.ready()\n"
        "print(warm._process.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    # into a file: a pipe would be waited for until the warm process closes it as well
    with open(tmp_path / "pid", "w+") as output:
        subprocess.run([sys.executable, "-c", program], stdout=output, cwd=ROOT)
        output.seek(0)
        pid = int(output.read())
    wait_until(lambda: has_ended(pid), "the warm process has ended")
