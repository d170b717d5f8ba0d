"""What hostile notebooks reach for behind each set of walls with which a class can be graded."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from klteach.grading import session
from klteach.grading.grade import grade
from klteach.grading.inside import landlock
from klteach.grading.inside.isolation import LAYERS, gaps
from klteach.grading.session import Warm
from tests.grading import hostile_cells, old_landlock
from tests.grading.patience import PATIENT
from tests.grading.submissions import as_bytes, submission

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")
FULL = 9.0
ROOT = os.geteuid() == 0
# the layers, and the version of Landlock
WALLS = {
    "all": (LAYERS, None),
    "namespaces alone": (("namespaces", "limits"), None),
    "seccomp and the first Landlock": (("Landlock", "seccomp", "limits"), 1),
    "seccomp alone": (("seccomp", "limits"), None),
}


@pytest.fixture(scope="module", params=WALLS)
def walled(request, tmp_path_factory):
    layers, version = WALLS[request.param]
    if "Landlock" in layers and not landlock.version():
        pytest.skip("Landlock is not there on this system")
    with pytest.MonkeyPatch.context() as patch:
        if version:
            folder = tmp_path_factory.mktemp("program")
            patch.setattr(session, "PROGRAM", old_landlock.program(version, folder))
        with Warm(PATIENT, layers) as warm:
            yield set(layers), warm


@pytest.fixture
def bystander(walled):
    """A process of the user that the learners' processes become."""
    _, warm = walled
    user = warm.start().ready() and user_of(warm)
    warm.end()
    with subprocess.Popen(["sleep", "600"], user=user if ROOT else None) as process:
        yield process
        process.kill()


def user_of(warm):
    return 61184 + warm._process.pid % 4000


def did(warm, *cells):
    """What cells that tell what they did have done; the answers of their notebook are right."""
    record = grade(as_bytes(submission(after=cells)), warm, "course")
    assert record["score"] == FULL
    return [note.partition("DID ")[2] for note in record["notes"] if "DID " in note]


def test_no_other_process_is_ended_slowed_down_or_read(walled, bystander):
    layers, warm = walled
    limits = Path(f"/proc/{bystander.pid}/limits").read_text()
    done = did(warm, hostile_cells.reach(bystander.pid, everybody=ROOT))
    files_are_open = not layers & {"namespaces", "Landlock"}
    assert done == [] or (done == ["read its memory"] and files_are_open)
    assert bystander.poll() is None
    assert Path(f"/proc/{bystander.pid}/limits").read_text() == limits
    assert os.getpriority(os.PRIO_PROCESS, bystander.pid) == os.getpriority(os.PRIO_PROCESS, 0)
    assert os.sched_getscheduler(bystander.pid) == os.SCHED_OTHER
    assert os.sched_getaffinity(bystander.pid) == os.sched_getaffinity(0)


def test_the_grader_and_its_warm_process_outlive_a_kill_of_everybody(walled):
    _, warm = walled
    held = warm.start().ready()
    warm.end()
    if not ROOT and not set(held) & {"namespaces", "seccomp"}:
        pytest.skip("it would end the session of whoever runs this")
    end = "import os\nfor who in (0, -1, -os.getppid(), os.getppid()):\n    os.kill(who, 9)"
    cells = [f"import os\nos.kill({who}, 9)" for who in ("0", "-1", "os.getppid()", "-os.getpid()")]
    assert did(warm, end, *cells) == []
    assert warm._process.poll() is None
    assert grade(as_bytes(submission()), warm, "course")["score"] == FULL


def test_a_process_may_send_signals_to_itself(walled):
    _, warm = walled
    cell = """import asyncio, os, signal, threading
rung = []
signal.signal(signal.SIGUSR1, lambda *_: rung.append(1))
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)
signal.setitimer(signal.ITIMER_REAL, 0)
thread = threading.Thread(target=rung.append, args=[1])
thread.start(), thread.join()
await asyncio.sleep(0)
if len(rung) == 4:
    raise RuntimeError("DID all")
"""
    assert did(warm, cell) == ["all"]


def shared():
    """The System V memory, semaphores and queues of this machine."""
    files = [Path("/proc/sysvipc") / name for name in ("shm", "sem", "msg")]
    return [line.split()[:2] for file in files for line in file.read_text().splitlines()[1:]]


def test_no_memory_is_had_beyond_the_limit_and_none_is_kept(walled):
    layers, warm = walled
    before = shared()
    done = did(warm, hostile_cells.keep())
    assert done == [] or "seccomp" not in layers
    assert shared() == before
    assert gaps(layers) != [] or "seccomp" in layers


def test_nobody_is_talked_to(walled):
    layers, warm = walled
    assert did(warm, hostile_cells.sockets()) == [] or "seccomp" not in layers


def test_nothing_planted_is_there_for_the_next_one(walled, tmp_path):
    layers, warm = walled
    tmp_path.chmod(0o777)
    folders = [str(tmp_path), "/tmp", "/var/tmp", "/dev/shm", "/etc", "/run", "/submission/.."]
    if layers & {"namespaces", "Landlock"}:
        assert did(warm, hostile_cells.plant(*folders)) == []
    assert list(tmp_path.iterdir()) == []


WITHOUT_A_NAME = "a file without a name"
# what has written too much waits to be seen
_WAIT = "\nelse:\n    __import__('time').sleep(600)"
FILL = {
    "many bytes": "for n in range(4):\n    open(str(n), 'wb').write(bytes(60 * 2**20))" + _WAIT,
    WITHOUT_A_NAME: "import tempfile\nkept = [tempfile.TemporaryFile() for _ in range(3)]\n"
    "for file in kept:\n    file.write(bytes(60 * 2**20))",
    "many files": "for n in range(1500):\n    open(str(n), 'w').close()" + _WAIT,
    "deep folders": "import os\nfor _ in range(1500):\n    os.mkdir('deep')\n"
    "    os.chdir('deep')" + _WAIT,
    "closed folders": "import os\nos.mkdir('closed')\nopen('closed/in it', 'w').close()\n"
    "os.mkdir('closed/more', 0)\nos.chmod('closed', 0)",
    "odd files": "import os\nos.mkfifo('pipe')\nos.symlink('/', 'root')\n"
    "os.symlink('self', 'self')\n"
    "open('a\\nb\\xff', 'w').close()",
}
WITHOUT_AN_END = ("many bytes", WITHOUT_A_NAME, "many files", "deep folders")


@pytest.mark.parametrize("kind", FILL)
def test_what_a_notebook_writes_is_bounded_and_gone_afterwards(walled, kind):
    layers, warm = walled
    record = grade(as_bytes(submission(after=[FILL[kind]])), warm, "course")
    assert record["score"] == FULL
    # what has no name is bounded by the number of files that may be open
    if kind in WITHOUT_AN_END and (kind != WITHOUT_A_NAME or "namespaces" in layers):
        assert "more files than it may" in record["notes"][0] or "OSError" in record["notes"][-1]
    assert not os.path.exists(warm._scratch) or os.listdir(warm._scratch) == []
