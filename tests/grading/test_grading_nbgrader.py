"""The same files through nbgrader: an instructor may use either, and the marks are the same."""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from klteach.grading.grade import grade
from klteach.grading.session import Warm
from klteach.units.lookup import find_question
from notebook_running import ROOT, sockets
from tests.grading.patience import PATIENT
from tests.grading.submissions import LESSON, QUESTIONS, SWAPPED, as_bytes, exercise, submission
from tests.units.known_answers import RIGHT, TYPED_MISTAKES

# not imported here: that takes two seconds of the processor
pytestmark = pytest.mark.skipif(
    not find_spec("nbgrader"), reason="nbgrader is in the extra `test`, which is not installed"
)

SECONDS = 900  # nbgrader takes 10 for all of it; many more where other tests run beside it
# The commands `nbgrader generate_assignment` and `nbgrader autograde` in one process, and what is
# in the gradebook afterwards.
NBGRADER = """
import json, sys
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderApp

lesson, *students = sys.argv[1:]
for command in ("generate_assignment", "autograde"):
    NbGraderApp.launch_instance([command, lesson, "--log-level=WARN"])
    NbGraderApp.instance().reset()

def told(handed_in):
    return {
        "grades": {grade.name: grade.auto_score for grade in handed_in.grades},
        "manual": [grade.name for grade in handed_in.grades if grade.needs_manual_grade],
        "score": handed_in.score,
        "max_score": handed_in.max_score,
    }

with Gradebook("sqlite:///gradebook.db") as book:
    cells = book.find_notebook(lesson, lesson).grade_cells
    marks = {name: told(book.find_submission_notebook(lesson, lesson, name)) for name in students}
    found = {"points": {cell.name: cell.max_score for cell in cells}, "students": marks}
with open("gradebook.json", "w") as file:
    json.dump(found, file)
"""


def solution():
    """The instructor's own notebook, handed in."""
    path = ROOT / "solutions" / f"{LESSON}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))


def mistakes(place):
    """For each question the typed mistake at this place: (the answer, the name of the mistake)."""
    found = {}
    for name in QUESTIONS:
        typed = [mistake for mistake in TYPED_MISTAKES if mistake[0] == name]
        _, right, wrong, mistake = typed[place]
        found[name] = RIGHT[name].replace(right, wrong), mistake
    return found


def with_mistakes(place):
    return submission({name: source for name, (source, _) in mistakes(place).items()})


def almost():
    """Two answers that are half a per cent too large."""
    return submission(
        {name: RIGHT[name].replace("return ", "return 1.005 * ") for name in ("kl", "kelly_growth")}
    )


def unfinished():
    """A cell that Python cannot read, one that raises, one that prints, another name."""
    return submission(
        {
            "cross_entropy": "def cross_entropy(p, q)\n    return 0.0\n",
            "kl": "def kl(p, q):\n    return p.logarithm(q)\n",
            "kl_contributions": RIGHT["kl_contributions"].replace("return terms", "print(terms)"),
            "kelly_growth": RIGHT["kelly_growth"].replace("kelly_growth", "kely_growth"),
        }
    )


def edited():
    """A wrong answer, and checks and points that the learner rewrote."""
    notebook = submission({"kl": SWAPPED})
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader", {})
        if about.get("grade"):
            about.update(points=100, checksum="0" * 32)
            cell["source"] = "100"
    return notebook


HANDED_IN = {  # student -> notebook, and the marks it is worth in the order of QUESTIONS
    "solution": (solution, (2, 2, 2, 3)),
    "untouched": (exercise, (0, 0, 0, 0)),
    "mistakes": (lambda: with_mistakes(0), (0, 0, 0, 0)),
    "other-mistakes": (lambda: with_mistakes(1), (0, 0, 0, 0)),
    "almost": (almost, (2, 1, 2, 1.5)),
    "unfinished": (unfinished, (0, 0, 0, 0)),
    "edited": (edited, (2, 0, 2, 3)),
}


def put(path, data):
    path.parent.mkdir(parents=True)
    path.write_bytes(data)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder in which nbgrader released the exercise and graded everybody."""
    folder = tmp_path_factory.mktemp("course")
    put(folder / "source" / LESSON / f"{LESSON}.ipynb", as_bytes(solution()))
    for student, (notebook, _) in HANDED_IN.items():
        file = folder / "submitted" / student / LESSON / f"{LESSON}.ipynb"
        put(file, as_bytes(notebook()))
    home = tmp_path_factory.mktemp("home")
    folders = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    variables = {name: str(home / name.lower()) for name in folders}
    variables |= {"HOME": str(home), "KLTEACH_PROGRESS": str(home / "progress.jsonl")}
    # nbgrader starts `alembic` by its name, which lies beside this Python
    variables["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    # the path of a socket may have 107 letters, and those of a test's own folder can be longer
    with tempfile.TemporaryDirectory(prefix="klteach-") as short:
        settings = [f"KernelManager.{key} = {value!r}" for key, value in sockets(short).items()]
        settings += [f"Execute.timeout = {SECONDS}", f"Execute.startup_timeout = {SECONDS}"]
        lines = ["c = get_config()", *(f"c.{setting}" for setting in settings)]
        (folder / "nbgrader_config.py").write_text("\n".join(lines))
        done = subprocess.run(
            [sys.executable, "-c", NBGRADER, LESSON, *HANDED_IN],
            cwd=folder,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def gradebook(course):
    return json.loads((course / "gradebook.json").read_text())


@pytest.fixture(scope="module")
def warm():
    with Warm(PATIENT) as process:
        yield process


def test_the_release_is_the_exercise(course):
    path = Path(course, "release", LESSON, f"{LESSON}.ipynb")
    released = json.loads(path.read_text(encoding="utf-8"))["cells"]
    ours = exercise()["cells"]
    assert [cell["cell_type"] for cell in released] == [cell["cell_type"] for cell in ours]
    # the first line of the title tells a solution from an exercise
    assert text(released[0]).split("\n")[1:] == text(ours[0]).split("\n")[1:]
    assert [text(cell) for cell in released[1:]] == [text(cell) for cell in ours[1:]]
    assert [about(cell) for cell in released] == [about(cell) for cell in ours]
    assert sum("checksum" in about(cell) for cell in released) == 2 * len(QUESTIONS)


def text(cell):
    return "".join(cell["source"])


def about(cell):
    return cell["metadata"].get("nbgrader", {})


@pytest.mark.parametrize("student", HANDED_IN)
def test_the_marks_are_those_of_nbgrader(student, gradebook, warm):
    notebook, worth = HANDED_IN[student]
    worth = dict(zip(QUESTIONS, worth, strict=True))
    record = grade(as_bytes(notebook()), warm, "course")
    assert {q["name"]: q["score"] for q in record["questions"]} == worth
    assert gradebook["students"][student] == {
        "grades": {f"check_{name}": marks for name, marks in worth.items()},
        "manual": [],
        "score": record["score"],
        "max_score": record["points"],
    }


@pytest.mark.parametrize(("student", "place"), [("mistakes", 0), ("other-mistakes", 1)])
def test_the_mistakes_are_those_that_were_typed(student, place, warm):
    record = grade(as_bytes(HANDED_IN[student][0]()), warm, "course")
    typed = {name: mistake for name, (_, mistake) in mistakes(place).items()}
    assert {q["name"]: q["mistake"] for q in record["questions"]} == typed


def test_the_points_are_those_of_the_questions(gradebook):
    assert gradebook["points"] == {
        f"check_{name}": find_question(name).points for name in QUESTIONS
    }
