"""What was not called is blank, never 0; and what can be called is, whatever a cell lacks here."""

import csv
import io

import pytest

from klteach.grading.grade import NO_VERDICT, grade
from klteach.grading.limits import Limits
from klteach.grading.marking.marks import FIRST_COLUMNS, mark_tables
from klteach.grading.notebooks.no_verdict import HANDED_OUT
from klteach.grading.session import Warm
from tests.grading.patience import PATIENT
from tests.grading.submissions import (
    LESSON,
    QUESTIONS,
    SWAPPED,
    as_bytes,
    code,
    exercise,
    submission,
)
from tests.units.known_answers import QUESTIONS as QUESTIONS_OF_ALL
from tests.units.known_answers import RIGHT

FULL = 9.0
# Of all cells together some four seconds, of each answer half a second
SHORT = Limits(cell_seconds=1.0, call_seconds=0.5, submission_seconds=6.0)


@pytest.fixture(scope="module")
def warm():
    with Warm(PATIENT) as process:
        yield process


@pytest.fixture(scope="module")
def marks(warm):
    def graded(answers=None, before=(), after=(), change=None):
        notebook = submission(answers, before, after)
        if change:
            change(notebook["cells"])
        return grade(as_bytes(notebook), warm, "a seed")

    return graded


@pytest.fixture(scope="module")
def short():
    with Warm(SHORT) as warm:
        yield lambda notebook: grade(as_bytes(notebook), warm, "a seed")


def question(record, name):
    (found,) = (q for q in record["questions"] if q["name"] == name)
    return found


def is_blank(record, *names):
    """Whether there is no score, a person is asked, and these questions have no marks."""
    assert (record["status"], record["score"]) == (NO_VERDICT, None)
    assert record["problem"] and record["problem"] in record["human"]
    blank = {q["name"] for q in record["questions"] if q["score"] is None}
    assert blank == set(names)
    assert all(q["state"] == "not called" for q in record["questions"] if q["name"] in names)
    return True


# Time


SLOW = "import time\ntime.sleep(0.9)"
ENDLESS = "import time\nwhile True:\n    time.sleep(0.01)"


@pytest.mark.parametrize("place", ["before", "after", "both"])
def test_cells_that_use_up_the_time_leave_some_for_the_answers(short, place):
    before = [SLOW] * 8 if place in ("before", "both") else []
    after = [SLOW] * 8 if place in ("after", "both") else []
    record = short(submission(before=before, after=after))
    assert (record["status"], record["score"], record["human"]) == ("graded", FULL, [])
    assert any("the time for all cells was used up" in note for note in record["notes"])


def test_a_function_below_a_loop_that_was_stopped_is_blank(short):
    record = short(submission({"kl": f"while True:\n    pass\n{RIGHT['kl']}"}))
    assert is_blank(record, "kl")
    assert "the cell that defines it did not get so far" in record["problem"]
    assert [question(record, name)["score"] for name in QUESTIONS] == [2, None, 2, 3]


def test_a_value_that_a_stopped_cell_would_have_made_is_missed_and_blank(short):
    cell = f"{ENDLESS}\nscale = 1.0"
    kl = RIGHT["kl"].replace("return ", "return scale * ")
    assert is_blank(short(submission({"kl": kl}, before=[cell])), "kl")


def test_imports_below_a_loop_that_was_stopped_are_made(short):
    kl = RIGHT["kl"].replace("np.log(", "mylib.log(")
    record = short(submission({"kl": kl}, before=[f"{ENDLESS}\nimport numpy as mylib"]))
    assert record["score"] == FULL


def test_answers_that_no_time_was_left_for_are_blank(short):
    stubborn = """import signal
def cross_entropy(p, q):
    for name in ("SIGALRM", "SIGPROF"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    while True:
        pass
"""
    loops = {name: stubborn.replace("cross_entropy", name) for name in QUESTIONS[:3]}
    record = short(submission(loops))
    assert record["score"] is None and record["human"]
    assert question(record, "kelly_growth")["score"] is None
    told = dict.fromkeys(FIRST_COLUMNS, "") | record | {"student": "ada", "full_name": ""}
    tables = mark_tables([told])
    [row] = csv.DictReader(io.StringIO(tables["grades.csv"].lstrip("\ufeff")))
    assert (row["status"], row["score"], row["kelly_growth"]) == (NO_VERDICT, "", "")
    assert not tables.keys() & {f"canvas_{LESSON}.csv", f"moodle_{LESSON}.csv"}


def test_cells_that_nothing_stops_leave_some_time_for_the_answers():
    stubborn = """import signal, time
for name in ("SIGALRM", "SIGPROF"):
    signal.signal(getattr(signal, name), signal.SIG_IGN)
while True:
    time.sleep(0.01)
"""
    limits = Limits(cell_seconds=4.0, call_seconds=1.5, submission_seconds=19.0)
    with Warm(limits) as warm:
        record = grade(as_bytes(submission(before=[stubborn, stubborn])), warm, "a seed")
    assert (record["score"], record["human"]) == (FULL, [])
    assert sum("could not be stopped" in note for note in record["notes"]) == 2


def test_a_notebook_that_ends_its_process_again_and_again_is_blank(marks):
    record = marks(after=["import os\nos._exit(1)"] * 13)
    assert is_blank(record, *QUESTIONS)


# Cells that are no code any more


def turned(kind, name="kl", fence="", keep=("id", "grade_id")):
    """Change the answer's cell into one of another kind."""

    def change(cells):
        for cell in cells:
            about = cell["metadata"].get("nbgrader", {})
            if about.get("grade_id") == name:
                cell.update(cell_type=kind)
                cell.pop("outputs")
                cell.pop("execution_count")
                if fence:
                    cell["source"] = f"{fence}python\n{cell['source'].rstrip()}\n{fence}"
                if "grade_id" not in keep:
                    cell["metadata"] = {}
                if "id" not in keep:
                    cell["id"] = "abc"

    return change


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("fence", ["", "```", "~~~"])
@pytest.mark.parametrize("keep", [("id", "grade_id"), ("id",), ("grade_id",), ()])
def test_an_answer_that_became_text_is_run_as_code(marks, kind, fence, keep):
    record = marks(change=turned(kind, fence=fence, keep=keep))
    assert (record["status"], record["score"]) == ("graded", FULL)
    assert any("it was run as code" in note for note in record["notes"])


def test_a_wrong_answer_that_became_text_is_wrong(marks):
    record = marks({"kl": SWAPPED}, change=turned("markdown"))
    assert record["score"] == FULL - 2 and question(record, "kl")["mistake"]


def test_an_answer_that_became_text_and_is_no_python_is_blank(marks):
    record = marks({"kl": "def kl(p, q)\n    return 0"}, change=turned("markdown"))
    assert is_blank(record, "kl") and "Markdown" in record["problem"]


def test_text_about_an_answer_stays_text(marks):
    about = {"cell_type": "markdown", "metadata": {}, "source": f"My first try:\n\n{SWAPPED}"}
    old = {"cell_type": "raw", "metadata": {}, "source": SWAPPED}
    for cell in (about, old):
        record = marks(change=lambda cells, cell=cell: cells.append(cell))
        assert (record["score"], record["notes"]) == (FULL, [])


def test_imports_that_became_text_are_made(marks):
    def change(cells):
        first = next(cell for cell in cells if cell["cell_type"] == "code")
        first.update(cell_type="raw")

    record = marks(change=change)
    assert record["score"] == FULL and "it was run as code" in record["notes"][0]


# A first cell in which something fails


LACKING = {  # a line, and whether it is told
    "google.colab": ("from google.colab import drive\ndrive.mount('/content/drive')", False),
    "google.colab, all of it": ("import google.colab\ngoogle.colab.drive.mount('/x')", False),
    "google.colab, files": ("from google.colab import files\nfiles.upload()['a']", False),
    "google.colab, secrets": ("from google.colab import userdata\nuserdata.get('KEY')", False),
    "google.colab, output": (
        "from google.colab.output import enable_custom_widget_manager as enable\nenable()",
        False,
    ),
    "a folder of Colab's": ("import os\nos.chdir('/content/drive/MyDrive')", True),
    "%cd": ("%cd /content/drive/MyDrive", False),
    "a library": ("import seaborn as sns\nsns.set_theme()", True),
    "a part of a library": ("from sklearn.linear_model import Ridge", True),
    "a name that a library lost": ("from numpy import float_, log", True),
    "among others": ("import os, torch, math", True),
    "a helper file": ("from my_helpers import plot_two", True),
    "%run": ("%run helpers.py", True),
    "a data file": ("rows = open('data.csv').read()\nrows = rows.splitlines()", True),
    "a data file with pandas": ("with open('data.csv') as file:\n    rows = file.read()", True),
    "a download": ("from urllib.request import urlopen\nurlopen('http://192.0.2.1/x')", True),
    "locale": ("import locale\nlocale.setlocale(locale.LC_ALL, 'tlh_QO.UTF-8')", True),
    "the environment": ("import os\nuser = os.environ['USER']", True),
    "input": ("name = input('Your name? ')", True),
    "get_ipython": (
        "from IPython import get_ipython\nget_ipython().run_line_magic('matplotlib', 'inline')",
        False,
    ),
    "an explorer": (
        "from klteach.explorers.unit_02 import explore\nwidget = explore()\nwidget.children",
        True,
    ),
    "a function of klteach": ("import klteach\nprint(klteach.kl_divergence([1], [1]))", True),
    "a program": ("import subprocess\nsubprocess.run(['ls'])", True),
    "pip": ("!pip install seaborn\nimport seaborn", True),
    "a style": ("import matplotlib.pyplot as plt\nplt.style.use('my.mplstyle')", True),
    "within an if": ("if True:\n    import seaborn\n    import math", True),
    "on one line": ("import seaborn; import math", True),
}


def setup(line):
    """The notebook's imports, with this before them in their cell, and a use of what follows."""

    def change(cells):
        first = next(cell for cell in cells if cell["cell_type"] == "code")
        first["source"] = f"{line}\n{''.join(first['source'])}\nAFTER = 1"
        cells.append(code("assert AFTER == 1"))

    return change


@pytest.mark.parametrize("what", LACKING)
def test_what_is_not_here_costs_nobody_the_rest_of_the_cell(marks, what):
    line, told = LACKING[what]
    record = marks(change=setup(line))
    assert (record["status"], record["score"]) == ("graded", FULL)
    assert not any("AssertionError" in note or "NameError" in note for note in record["notes"])
    assert bool(record["notes"]) == told


@pytest.mark.parametrize(
    "error", ["1 / 0", "raise ValueError('mine')", "import sys\nsys.exit()", "undefined_name"]
)
def test_after_an_error_of_the_learners_own_the_imports_run_and_nothing_else(marks, error):
    record = marks(change=setup(error))
    assert record["score"] == FULL
    assert any("AFTER" in note for note in record["notes"])  # the last cell misses it


def test_the_imports_of_a_cell_that_ends_its_process_are_made(marks):
    assert marks(change=setup("import os\nos._exit(1)"))["score"] == FULL


def test_a_name_that_could_not_be_had_here_leaves_its_answer_blank(marks):
    kl = f"import torch\n{RIGHT['kl'].replace('np.log(', 'torch.log(')}"
    record = marks({"kl": kl})
    assert is_blank(record, "kl") and "`torch`" in record["problem"]
    record = marks({"kl": kl.replace("import torch\n", "")}, before=["import torch"])
    assert is_blank(record, "kl")


def test_every_answer_with_a_name_error_is_blank(marks):
    def change(cells):
        first = next(cell for cell in cells if cell["cell_type"] == "code")
        first["source"] = "from klteach.practice import check, hint, solution"

    record = marks(change=change)
    assert is_blank(record, *QUESTIONS) and "`np`" in record["problem"]
    assert "NameError" in question(record, "kl")["message"]


def test_one_answer_with_a_name_error_is_the_learners_own(marks):
    record = marks({"kl": RIGHT["kl"].replace("np.log(", "nq.log(")})
    assert (record["score"], question(record, "kl")["state"]) == (FULL - 2, "raised")


def test_an_untouched_answer_beside_name_errors_is_not_attempted(marks):
    def change(cells):
        first = next(cell for cell in cells if cell["cell_type"] == "code")
        first["source"] = ""

    record = marks({"kl": None}, change=change)
    assert is_blank(record, *(name for name in QUESTIONS if name != "kl"))
    assert question(record, "kl")["score"] == 0


def test_the_only_question_of_a_lesson_with_a_name_error_is_blank(warm):
    shares = RIGHT["shares"].replace("np.", "numpie.")
    record = grade(as_bytes(submission({"shares": shares}, lesson="00_start_here")), warm, "a seed")
    assert is_blank(record, "shares") and "`numpie`" in record["problem"]


@pytest.mark.parametrize("lesson", sorted({q.lesson for q in QUESTIONS_OF_ALL}))
def test_every_exercise_begins_with_the_import_that_is_missed(lesson):
    first = next(cell for cell in exercise(lesson)["cells"] if cell["cell_type"] == "code")
    assert f"import numpy as {HANDED_OUT}" in "".join(first["source"])


def test_one_answer_that_misses_the_imports_of_the_exercise_is_blank(marks):
    others = {name: None for name in QUESTIONS if name != "kl"}
    record = marks({**others, "kl": f"del np\n{RIGHT['kl']}"})
    assert is_blank(record, "kl") and "first cell of every exercise" in record["problem"]
