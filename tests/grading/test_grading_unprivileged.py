"""Hostile notebooks and an instructor without privileges: their user is the learner's as well."""

import json
import os
import subprocess
import sys

import pytest

from klteach.grading.inside import landlock
from klteach.grading.inside.isolation import LAYERS
from tests.grading import hostile_cells, old_landlock, unprivileged
from tests.grading.submissions import as_bytes, submission

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls are Linux's")
WALLS = {
    "namespaces": (("namespaces", "limits"), 0),
    "all": (LAYERS, 0),
    "old Landlock": (("Landlock", "seccomp", "limits"), 1),
}
# Reads how to grade, prints what the notebooks' cells told and what holds.
PROGRAM = """
import json, os, sys
from pathlib import Path
from klteach.grading import session
from klteach.grading.grade import grade
from tests.grading.patience import PATIENT
layers, program, *notebooks = json.loads(Path(sys.argv[1]).read_text())
session.PROGRAM = Path(program) if program else session.PROGRAM
said = []
with session.Warm(PATIENT, layers) as warm:
    held = warm.start().ready()
    warm.end()
    for notebook in notebooks if set(held) == set(layers) else ():  # or the cells would end this
        record = grade(notebook.encode(), warm, "course")
        did = [note for note in record["notes"] if "DID" in note or "SEEN" in note]
        said.append([record["score"], record["isolation"], did])
    scratch = os.path.exists(warm._scratch) and os.listdir(warm._scratch)
print(json.dumps([held, said, scratch or []]))
"""
LOOK = """import os
seen = [folder for folder, inner, files in os.walk("/")
        if folder.count("/") < 5 and any("planted" in name for name in inner + files)]
if seen:
    raise RuntimeError(f"SEEN {seen}")
"""
LEAVE = "import os\nos.mkdir('left')\nopen('left/in it', 'w').close()\nos.mkdir('left/more', 0)\n"


@pytest.fixture(scope="module")
def person():
    with unprivileged.person() as them:
        yield them


@pytest.mark.parametrize("walls", WALLS)
def test_nothing_of_the_instructor_is_ended_changed_or_left(person, walls, tmp_path):
    layers, version = WALLS[walls]
    if "Landlock" in layers and not landlock.version():
        pytest.skip("Landlock is not there on this system")
    folder = person.home / walls.replace(" ", "_")
    folder.mkdir()
    program = str(old_landlock.program(version, folder / "program")) if version else ""
    work, mine = folder / "work.txt", person.python.parents[1] / "lib" / "mine.txt"
    for path in (work, mine):
        path.write_text("a thesis")
    if person.user is not None:
        for path in (folder, work, mine):
            os.chown(path, person.user, person.user)
    before = [path.stat() for path in (work, mine)]
    with subprocess.Popen(["sleep", "600"], **person.identity) as bystander:
        cells = [
            hostile_cells.reach(bystander.pid, everybody=person.user is not None),
            hostile_cells.spoil(str(work), str(mine)),
            hostile_cells.plant(str(folder), str(mine.parent), "/tmp", "/var/tmp", "/dev/shm"),
            LEAVE,
        ]
        notebooks = [as_bytes(submission(after=after)).decode() for after in (cells, [LOOK])]
        (folder / "order.json").write_text(
            json.dumps([layers, program, *notebooks]), encoding="utf-8"
        )
        held, said, scratch = person.run(PROGRAM, str(folder / "order.json"))
        assert bystander.poll() is None
        bystander.kill()
    if set(held) != set(layers):
        missing = f"only {', '.join(held)} hold for somebody without privileges"
        (pytest.fail if os.environ.get("KLTEACH_REQUIRE_ALL") else pytest.skip)(missing)
    assert said == 2 * [[9.0, ", ".join(held), []]]
    assert scratch == []
    after = [path.stat() for path in (work, mine)]
    assert [(s.st_mode, s.st_mtime, s.st_size) for s in after] == [
        (s.st_mode, s.st_mtime, s.st_size) for s in before
    ]
    assert [os.listxattr(path) for path in (work, mine)] == [[], []]


# A line of this kind in a .pth file is carried out whenever that Python starts.
LATE = "import threading; threading.Timer(4, int).start()\n"
HELD = """
import json
from klteach.grading.run import isolation
from tests.grading.patience import PATIENT
print(json.dumps(isolation(PATIENT)))
"""


def test_a_thread_that_is_about_to_end_takes_no_wall_away(person):
    """Matplotlib has one while it lists the fonts, the first time; namespaces allow for none."""
    (late,) = (person.python.parents[1] / "lib").glob("python3*/site-packages")
    late /= "late.pth"
    alone = person.run(HELD)
    late.write_text(LATE)
    try:
        assert person.run(HELD) == alone
    finally:
        late.unlink()
