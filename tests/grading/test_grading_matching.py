"""The lesson of a notebook: found by any of its traces, and nothing in the file is believed."""

import json
import time
from pathlib import Path

import pytest

from klteach.grading.notebooks.cell_code import bound_names
from klteach.grading.notebooks.matching import match
from klteach.grading.notebooks.notebook import Cell, Notebook, read_notebook
from klteach.units.lookup import questions

ROOT = Path(__file__).parents[2]
LESSON = "02_cross_entropy_and_kl"
NAMES = ["cross_entropy", "kl", "kl_contributions", "kelly_growth"]
WITH_QUESTIONS = sorted({question.lesson for question in questions().values()})


def raw(lesson=LESSON, folder="exercises"):
    return json.loads((ROOT / folder / f"{lesson}.ipynb").read_text(encoding="utf-8"))


def matched(content):
    return match(read_notebook(json.dumps(content).encode()))


def of_cells(*sources):
    cells = [Cell(number, "code", source) for number, source in enumerate(sources, start=1)]
    return match(Notebook(tuple(cells)))


def graded(content, grade_id):
    """The cell with a grade id."""
    return next(
        cell
        for cell in content["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id
    )


def stripped(content, title=True):
    """As Colab or an exporter saves it: no ids, no metadata."""
    cells = [
        {"cell_type": cell["cell_type"], "source": cell["source"]} for cell in content["cells"]
    ]
    return {"nbformat": 4, "cells": cells[not title :]}


@pytest.mark.parametrize(
    "lesson", [path.stem for path in sorted((ROOT / "exercises").glob("*.ipynb"))]
)
def test_every_exercise_is_of_its_lesson_with_every_trace_and_with_none_but_one(lesson):
    asked = [question.name for question in questions().values() if question.lesson == lesson]
    whole = matched(raw(lesson))
    assert (whole.lesson, whole.kind, whole.notes, whole.doubts) == (lesson, "exercise", (), ())
    assert [question.name for question in whole.questions] == asked
    assert list(whole.defined) == asked
    assert matched(stripped(raw(lesson))).lesson == lesson
    functions = matched(stripped(raw(lesson), title=False))
    assert (functions.lesson, functions.doubts) == (lesson, ())
    for kept in (("id",), ("metadata",)):
        content = raw(lesson)
        for cell in content["cells"]:
            for trace in {"id", "metadata"} - set(kept):
                cell.pop(trace)
            cell["source"] = "" if cell["cell_type"] == "code" else "text"
        assert matched(content).lesson == lesson, kept


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_10_a_lesson_is_not_its_exercises_and_is_named(path):
    found = match(read_notebook(path.read_bytes()))
    number = path.stem.split("_")[0]
    assert (found.lesson, found.questions) == (None, ())
    assert f"the notebook of lesson {number}, not its exercises" in found.problem
    assert (f"(exercises/{path.stem}.ipynb)" in found.problem) == (path.stem in WITH_QUESTIONS)


def test_answers_written_into_a_lesson_are_found():
    lesson = raw(folder="notebooks")
    lesson["cells"] += [cell for cell in raw()["cells"] if cell["id"] == "02-kl"]
    assert matched(lesson).lesson == LESSON
    typed = stripped(raw(folder="notebooks"))
    for name in ("kl", "cross_entropy"):
        typed["cells"].append({"cell_type": "code", "source": f"def {name}(p, q): return 1"})
    assert matched(typed).lesson == LESSON
    typed["cells"].pop()  # one function alone may be the lesson's own
    assert matched(typed).lesson is None and "it defines kl; a person" in matched(typed).problem


def test_the_courses_own_solution_is_known():
    found = matched(raw(folder="solutions"))
    assert (found.lesson, found.kind) == (LESSON, "solution")
    assert "the course's own solution" in found.notes[0]
    renamed = raw(folder="solutions")
    renamed["cells"][0]["source"] = "# Exercises 02 · mine"
    assert matched(renamed).kind == "solution"


def test_nothing_of_the_course():
    assert of_cells("print(1)", "def f(): ...").problem.startswith("no title, cell id or function")
    empty = match(Notebook((Cell(1, "markdown", "# My thoughts"),)))
    assert (empty.lesson, empty.problem) == (None, "the notebook has no code cells.")
    # headings of learners are no titles of lessons
    assert (
        "no title"
        in match(Notebook((Cell(1, "markdown", "# Ada · notes"), Cell(2, "code", "1")))).problem
    )


def test_little_evidence_is_doubted_and_enough_is_not():
    few = of_cells("def kl(p, q): ...")
    assert few.lesson == LESSON and len(few.doubts) == 1
    assert "nothing but kl says that the notebook is of 02" in few.doubts[0]
    assert of_cells("def shares(counts): ...").doubts == ()  # the only question of its lesson
    most = of_cells("def kl(p, q): ...", "cross_entropy = lambda p, q: 1", "def kelly_growth(): 1")
    assert (most.lesson, most.doubts) == (LESSON, ())
    assert most.defined == {"cross_entropy": (2,), "kl": (1,), "kelly_growth": (3,)}


def test_helpers_of_another_lesson_do_not_outvote_the_exercise():
    content = stripped(raw("13_pinsker"), title=False)
    for name in ("kl", "tv", "js", "w1"):
        content["cells"].append({"cell_type": "code", "source": f"def {name}(p, q): ..."})
    # four questions of lesson 13, three functions of lesson 11
    assert matched(content).lesson == "13_pinsker"
    several = of_cells("js = 0.3", "from klteach import kl_divergence as tv", "def pinsker(): ...")
    assert several.lesson == "13_pinsker"


def test_a_tie_is_told_and_is_always_broken_alike():
    for sources in (("def js(): 1", "def kl(): 1"), ("def kl(): 1", "def js(): 1")):
        tie = of_cells(*sources)
        assert tie.lesson == LESSON
        assert f"fits {LESSON} and 11_divergence_zoo equally well" in tie.doubts[0]


def test_two_exercises_in_one_notebook_are_doubted():
    content = raw()
    content["cells"] += raw("03_never_negative")["cells"][:-5]
    found = matched(content)
    assert found.lesson == LESSON
    assert found.doubts == (
        "exercises of 03_never_negative are in it too (tangent_terms, broken_pair, "
        f"convexity_margin); only those of {LESSON} are graded",
    )


def test_7_cells_that_are_missing():
    content = raw()
    content["cells"].remove(graded(content, "check_kl"))
    content["cells"].remove(graded(content, "kelly_growth"))
    found = matched(content)
    assert found.lesson == LESSON and len(found.questions) == 4
    assert found.notes == (
        "The check of kl was removed; kl is graded all the same.",
        "No cell that can be read defines kelly_growth.",
    )
    assert "kelly_growth" not in found.defined


def test_7_an_answer_in_another_cell():
    content = raw()
    starter = graded(content, "kl")
    content["cells"].append({"cell_type": "code", "source": starter["source"], "id": "new"})
    starter["source"] = ["# below"]
    found = matched(content)
    assert found.notes == (f"The function kl is in cell {len(content['cells'])} and not in the "
                           "cell made for it.",)  # fmt: skip
    starter["metadata"] = {}
    assert "The cell of kl lost its grade id; it was found by its name." in matched(content).notes


def test_8_cells_that_are_repeated_split_or_reordered():
    content = raw()
    starter = graded(content, "kl")
    content["cells"].insert(1, starter)
    found = matched(content)
    assert found.lesson == LESSON and found.defined["kl"] == (2, 9)
    assert found.notes == (
        "The name kl is bound in cells 2 and 9; the last one counts.",
        "Cells 2 and 9 have the id '02-kl' in common.",
        "Cells 2 and 9 have the grade id 'kl' in common.",
    )
    content = raw()
    content["cells"].reverse()
    assert (matched(content).lesson, matched(content).notes) == (LESSON, ())
    many = raw()
    many["cells"] += [starter] * 1000
    assert "cells 8, 23, 24, 25, 26, 27, 28, 29 and 993 more;" in matched(many).notes[0]


def test_9_without_metadata_one_sentence_says_so():
    found = matched(stripped(raw()))
    assert (found.lesson, found.doubts) == (LESSON, ())
    assert found.notes == (
        "The metadata of the exercise are gone; its functions were found by their names.",
    )


def test_15_edited_points_checks_and_checksums_are_told_and_decide_nothing():
    content = raw()
    check = graded(content, "check_kl")
    check["metadata"]["nbgrader"]["points"] = 1000
    check["source"] = ["assert True"]
    other = graded(content, "check_kelly_growth")["metadata"]["nbgrader"]
    other.update(checksum="0" * 32, grade=False)
    found = matched(content)
    assert found.questions == matched(raw()).questions
    assert found.notes == (
        "The check of kl was edited (cell 9); the course's own was used.",
        "The points of kl were edited (cell 9 says 1000); they are 2.",
        "The checksum of the check of kelly_growth was edited (cell 17); it decides nothing.",
        "The check of kelly_growth is marked as not graded (cell 17); it is graded all the same.",
    )


@pytest.mark.parametrize("points", [float("nan"), "2", -1, 1e308, True])
def test_15_points_of_any_kind(points):
    content = raw()
    graded(content, "check_kl")["metadata"]["nbgrader"]["points"] = points
    assert sum("points of kl were edited" in note for note in matched(content).notes) == 1


def test_grade_ids_of_text_and_of_nobody_are_no_votes():
    content = raw()
    for cell in content["cells"]:
        if cell["cell_type"] == "markdown":
            cell["metadata"] = {"nbgrader": {"grade_id": "js"}}
    content["cells"].append(
        {"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": "none"}}}
    )
    assert matched(content).lesson == LESSON


@pytest.mark.parametrize(
    "source, functions, others",
    [
        ("def kl(p, q): ...", {"kl"}, set()),
        ("async def kl(): ...\nclass tv: ...", {"kl", "tv"}, set()),
        ("kl = lambda p, q: 0", {"kl"}, set()),
        ("kl = 3\ntv: float = 2\na, js = 1, 2", set(), {"kl", "tv", "a", "js"}),
        ("import kl.sub\nfrom x import y as tv", set(), {"kl", "tv"}),
        ("if 1:\n  def kl(): ...\nelse:\n  def tv(): ...", {"kl", "tv"}, set()),
        ("try:\n  import a\nexcept E:\n  def kl(): ...", {"kl"}, {"a"}),
        ("with w:\n  for i in x:\n    def kl(): ...", {"kl"}, set()),
        ("match x:\n  case 1:\n    def kl(): ...", {"kl"}, set()),
        ("def f():\n  def kl(): ...", {"f"}, set()),
        ("kl.x = 1\nkl[0] = 2", set(), set()),
        ("%matplotlib inline\n!pip install x\nnp?\ndef kl(): ...", {"kl"}, set()),
        ("files = !ls\nx = %timeit 1\ndef kl(): ...", {"kl"}, set()),
        ("if 1:\n    %time f()\ndef kl(): ...", {"kl"}, set()),
        ("%%time\ndef kl(): ...", {"kl"}, set()),
        ("%%bash\nkl=1", set(), set()),
        ("%%writefile a.py\ndef kl(): ...", set(), set()),
        ("await f()\ndef kl(): ...", {"kl"}, set()),
        ("def kl(:", set(), set()),
        ("def kl(): '\\d'", {"kl"}, set()),
        ("\0def kl(): ...", set(), set()),
        ("print 'hello'\ndef kl(): ...", set(), set()),
    ],
)
def test_what_a_cell_binds(source, functions, others):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert bound_names(source) == (functions, others)


def test_a_learners_escapes_are_no_warnings_of_ours(recwarn):
    assert of_cells("def shares(c): '\\d'").lesson == "00_start_here"
    assert not recwarn.list


HOSTILE = {
    "brackets": "(kl" * 16_000,
    "minus": "-" * 49_000 + "kl",
    "chain": "kl" + ".kl" * 16_000,
    "statements": "kl;" * 16_000,
    "lambdas": "lambda kl:" * 4_900 + "1",
    "blanks": " " * 49_000 + "kl?",
    "questions": "? " * 24_000 + "kl",
    "per cents": "kl\n" + "%" * 49_000,
    "signs": "kl\n" + "a=" * 20_000 + "!",
    "commas": "kl[0]," * 8_000 + "=1",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_code_takes_no_time_and_hides_no_function(name):
    start = time.process_time()
    found = of_cells(*[HOSTILE[name]] * 40, "def kl(p, q): ...")
    # what is left of the allowance for all code does not count what cannot be read
    assert found.lesson in (LESSON, None)
    assert time.process_time() - start < 6  # .01 to 1 on a slow core


def test_a_cell_that_is_too_long_is_told():
    found = of_cells("kl = 1\n" + "# kl" * 20_000, "def kl(p, q): ...")
    assert found.defined == {"kl": (2,)}
    assert found.notes[0].startswith("Cell 1 could not be searched for functions: of a cell 50,000")
    lines = "# kl\n" * 5000
    assert "Cells 17, 18 and 19 could not" in of_cells("def kl(): ...", *[lines] * 18).notes[0]


def test_reading_and_matching_take_two_milliseconds():
    data = (ROOT / "exercises" / f"{LESSON}.ipynb").read_bytes()
    match(read_notebook(data))
    times = []
    for _ in range(30):
        start = time.process_time()
        match(read_notebook(data))
        times.append(time.process_time() - start)
    assert min(times) < 0.002  # .0007 on a slow core
