"""exercises/ is made from solutions/, and says so when it cannot be."""

import json
from copy import deepcopy

import pytest
from nbformat import v4

import build_exercises
from build_exercises import checksum, exercise_of
from klteach.units import UNITS, WRITTEN
from klteach.units.lookup import questions_of
from normalise_notebooks import committed_form, differences, read_notebook
from notebook_running import ROOT, NotebookProblem, course_path
from tests.course.notebook_lint import exercise_questions
from tests.plugins.unit_option import chosen


def starter(source, **changes):
    metadata = {
        "grade": False,
        "grade_id": "kl",
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    return v4.new_code_cell(source, metadata={"nbgrader": metadata | changes})


def check_cell(**changes):
    metadata = {"grade": True, "solution": False, "locked": True, "points": 2}
    return starter('check("kl")', grade_id="check_kl", **(metadata | changes))


KL = '''def kl(p, q):
    """KL(p‖q) in nats."""
    ### BEGIN SOLUTION
    terms = [a * log(a / b) for a, b in zip(p, q)]
    if terms:
        return sum(terms)
    ### END SOLUTION'''
STUB = '''def kl(p, q):
    """KL(p‖q) in nats."""
    # YOUR CODE HERE
    raise NotImplementedError()'''


def solution_notebook(*cells):
    title = v4.new_markdown_cell("# Solutions 02 · Cross-entropy\n\nSolutions are yours to keep.")
    return v4.new_notebook(cells=[title, *(cells or (starter(KL), check_cell()))])


# The committed notebooks

each_unit = pytest.mark.parametrize("unit", chosen(), ids=lambda unit: unit.name)
each_written_unit = pytest.mark.parametrize(
    "unit", [unit for unit in chosen() if unit.written], ids=lambda unit: unit.name
)


def exercise_path(unit):
    """Where the exercise is; a draft has none, so that no learner is given it."""
    path = ROOT / "exercises" / f"{unit.name}.ipynb"
    if unit.written and not path.exists():
        command = f"python tools/build_exercises.py solutions/{unit.name}.ipynb"
        pytest.fail(f"{course_path(path)} is missing: {command}", pytrace=False)
    return path


@each_written_unit
def test_regenerating_gives_no_difference(unit):
    """Of the text and the cells; the outputs are compared where the exercise is run."""
    solution, exercise = ROOT / "solutions" / f"{unit.name}.ipynb", exercise_path(unit)
    committed = read_notebook(exercise)
    made = exercise_of(read_notebook(solution), solution)
    outputs = {cell.id: cell.get("outputs", []) for cell in committed.cells}
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs.get(cell.id, [])
    changes = differences(exercise, committed_form(made, committed, exercise))
    assert not changes, "\n".join(["tools/build_exercises.py changes:", *changes])


@each_unit
def test_an_exercise_asks_the_questions_of_its_lesson(unit):
    points = {question.name: question.points for question in questions_of(unit)}
    assert points, "the unit has no question"
    solution = ROOT / "solutions" / f"{unit.name}.ipynb"
    findings = exercise_questions(exercise_of(read_notebook(solution), solution), points)
    assert not findings, "\n".join(findings)


def test_every_lesson_has_its_solution_and_its_exercise_and_a_draft_has_no_exercise():
    lessons, drafts = {f"{unit.name}.ipynb" for unit in WRITTEN}, {f"{u.name}.ipynb" for u in UNITS}
    solutions, exercises = (
        {path.name for path in (ROOT / folder).glob("*.ipynb")}
        for folder in ("solutions", "exercises")
    )
    assert lessons <= solutions <= lessons | drafts
    assert exercises == lessons


@each_written_unit
def test_an_untouched_exercise_scores_nothing_and_says_so(unit):
    notebook = read_notebook(exercise_path(unit))
    checks = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade")]
    assert checks
    for cell in checks:
        (answer,) = cell.outputs
        assert answer.data["text/plain"] == "0"
        assert "not attempted" in answer.data["text/html"].lower()


@each_unit
def test_a_solution_scores_full_marks(unit):
    notebook = read_notebook(ROOT / "solutions" / f"{unit.name}.ipynb")
    for cell in notebook.cells:
        grading = cell.metadata.get("nbgrader", {})
        if grading.get("grade"):
            (answer,) = cell.outputs
            assert float(answer.data["text/plain"]) == grading["points"], grading["grade_id"]


# What the builder does to a notebook


def test_a_solution_becomes_a_stub_at_its_indent():
    exercise = exercise_of(solution_notebook(), "02_x.ipynb")
    assert exercise.cells[1].source == STUB


def test_every_region_is_replaced_and_the_rest_is_kept():
    source = (
        "def kl(p):\n"
        "    for a in p:\n"
        "        ### BEGIN SOLUTION\n"
        "        b = a\n"
        "        ### END SOLUTION\n"
        "    c = 1\n"
        "    ### BEGIN SOLUTION\n"
        "    return b\n"
        "    ### END SOLUTION\n"
        "\n"
        "kept = True"
    )
    exercise = exercise_of(solution_notebook(starter(source)), "02_x.ipynb")
    assert exercise.cells[1].source == (
        "def kl(p):\n"
        "    for a in p:\n"
        "        # YOUR CODE HERE\n"
        "        raise NotImplementedError()\n"
        "    c = 1\n"
        "    # YOUR CODE HERE\n"
        "    raise NotImplementedError()\n"
        "\n"
        "kept = True"
    )


def test_only_the_title_changes_in_the_text():
    exercise = exercise_of(solution_notebook(), "02_x.ipynb")
    assert exercise.cells[0].source == (
        "# Exercises 02 · Cross-entropy\n\nSolutions are yours to keep."
    )


def test_the_source_is_left_as_it_was():
    solution = solution_notebook()
    before = deepcopy(solution)
    exercise_of(solution, "02_x.ipynb")
    assert solution == before


@pytest.mark.parametrize(
    ("cell", "nbgraders"),  # computed with nbgrader 0.9.6
    [
        (starter(STUB), "32bfe1794e441b58730037007aa0d429"),
        (check_cell(), "48b0419de2e941d5352a07e953db0184"),
        (check_cell(points=1.5, locked=False), "c0d750367191cbac1cd8566bef82946b"),
    ],
)
def test_checksums_are_those_of_nbgrader(cell, nbgraders):
    assert checksum(cell) == nbgraders


def test_the_graded_cells_carry_their_checksums():
    exercise = exercise_of(solution_notebook(), "02_x.ipynb")
    graders = [cell.metadata.nbgrader for cell in exercise.cells[1:]]
    assert [grading.checksum for grading in graders] == [
        "32bfe1794e441b58730037007aa0d429",
        "48b0419de2e941d5352a07e953db0184",
    ]
    assert [grading.cell_type for grading in graders] == ["code", "code"]


def test_cell_ids_come_from_the_lesson_and_the_question():
    text = v4.new_markdown_cell("## E1 · kl · 8 min · difficulty 2/5")
    verbs = v4.new_code_cell('# hint("kl")\n# solution("kl")')
    more = v4.new_code_cell("kl([1], [1])")
    closing = v4.new_markdown_cell("## What next?")
    notebook = solution_notebook(text, starter(KL), check_cell(), verbs, more, closing)
    exercise = exercise_of(notebook, "02_x.ipynb")
    assert [cell.id for cell in exercise.cells] == [
        "02-start-text",
        "02-kl-text",
        "02-kl",
        "02-check_kl",
        "02-kl-code",
        "02-kl-code-2",
        "02-what-next-text",
    ]


def without(cell, key):
    cell = deepcopy(cell)
    del cell.metadata.nbgrader[key]
    return cell


REGION = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([starter("### BEGIN SOLUTION\nx = 1")], "cell 2 (kl): line 1: ### BEGIN SOLUTION without"),
        ([starter("x = 1\n### END SOLUTION")], "line 2: ### END SOLUTION without ### BEGIN"),
        ([starter("### BEGIN SOLUTION\n" + REGION)], "line 2: ### BEGIN SOLUTION inside"),
        ([starter("# BEGIN SOLUTION\nx\n# END SOLUTION")], "line 1: the marker must stand alone"),
        ([starter("x = 1")], "a solution cell must be code with a region"),
        ([v4.new_code_cell(REGION)], "cell 2 (### BEGIN SOLUTION): line 1: ### BEGIN SOLUTION in"),
        ([v4.new_code_cell('check("kl")')], "calls check(...) but has no nbgrader metadata"),
        ([starter(KL), check_cell(), check_cell()], "cell 4 (check_kl): the grade_id 'check_kl'"),
        ([without(starter(KL), "locked")], "nbgrader metadata needs 'locked' (bool)"),
        ([without(check_cell(), "points")], "a graded cell needs 'points'"),
        ([check_cell(points="2")], "a graded cell needs 'points'"),
        ([starter(KL, schema_version=2)], "schema 2, not 3"),
        ([starter(KL, grade_id="k l")], "the grade_id 'k l' must be letters"),
    ],
)
def test_a_source_with_a_fault_is_refused_by_file_and_cell(cells, message):
    with pytest.raises(NotebookProblem) as problem:
        exercise_of(solution_notebook(*cells), "02_x.ipynb")
    assert "02_x.ipynb, cell " in str(problem.value)
    assert message in str(problem.value)


def test_a_source_without_its_title_is_refused():
    notebook = solution_notebook()
    with pytest.raises(NotebookProblem, match='cell 1 .*must begin with "# Solutions 03 · Title"'):
        exercise_of(notebook, "03_x.ipynb")
    with pytest.raises(NotebookProblem, match="has no cells"):
        exercise_of(v4.new_notebook(), "03_x.ipynb")


# The command, on a course of one notebook


def test_the_command_writes_once_and_checks(tmp_path, capsys):
    source = tmp_path / "solutions" / "02_x.ipynb"
    exercise = tmp_path / "exercises" / "02_x.ipynb"
    source.parent.mkdir()

    def run(*arguments):
        code = build_exercises.main([*arguments], root=tmp_path)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    use = v4.new_code_cell("try:\n    kl([], [])\nexcept NotImplementedError:\n    print('blank')")
    source.write_text(v4.writes(solution_notebook(starter(KL), use)), encoding="utf-8")

    code, printed = run("--check")
    assert code == 1 and "the file is missing" in printed and not exercise.exists()

    code, printed = run()
    assert code == 0 and "written" in printed
    cells = json.loads(exercise.read_text(encoding="utf-8"))["cells"]
    assert cells[2]["outputs"][0]["text"] == ["blank\n"]
    first = exercise.read_bytes()

    code, printed = run()
    assert code == 0 and "unchanged" in printed and exercise.read_bytes() == first

    changed = solution_notebook(starter(KL.replace("KL(p‖q)", "KL")), use)
    source.write_text(v4.writes(changed), encoding="utf-8")
    code, printed = run("--check")
    assert code == 1 and exercise.read_bytes() == first
    assert "02_x.ipynb: would change" in printed
    assert "cell 2 (02-kl): metadata, source" in printed

    at_module_level = starter("### BEGIN SOLUTION\nkl = sum\n### END SOLUTION")
    source.write_text(v4.writes(solution_notebook(at_module_level)), encoding="utf-8")
    code, printed = run()
    assert code == 1 and exercise.read_bytes() == first
    assert "cell 2 (kl)" in printed and "NotImplementedError" in printed

    source.unlink()
    code, printed = run()
    assert code == 1 and "has no source in solutions/" in printed and exercise.exists()
