"""check, hint and solution as a learner calls them, in a notebook and outside."""

import json

import nbformat
import pytest
from nbclient import NotebookClient

from klteach.practice import check, failing_case, hint, solution, verbs
from klteach.practice.course_folder import solutions_folder
from klteach.practice.events import history
from klteach.units.lookup import UnknownQuestion, questions
from tests.practice.typed_answers import notebook
from tests.units.known_answers import RIGHT


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "progress.jsonl"))
    monkeypatch.setattr(verbs, "_hints_shown", {})
    monkeypatch.setattr(verbs, "_failing", {})
    return tmp_path / "progress.jsonl"


# check


def test_a_check_is_remembered():
    check("kl", notebook("def kl(p, q):\n    return -1.0\n"))
    check("kl", notebook(RIGHT["kl"]))
    wrong, right = history("check")
    assert (wrong["question"], wrong["outcome"], wrong["score"]) == ("kl", "diagnosed", 0)
    assert wrong["mistake"] == "always the same"
    assert (right["outcome"], right["mistake"], right["score"]) == ("correct", None, 2)


@pytest.mark.parametrize("source", ["", "def kl(p, q):\n    raise NotImplementedError()\n"])
def test_nothing_is_remembered_before_an_attempt(source, own_progress):
    check("kl", notebook(source))
    assert not own_progress.exists()


def test_a_progress_file_that_cannot_be_written_leaves_the_feedback(tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("KLTEACH_PROGRESS", str(tmp_path / "file" / "progress.jsonl"))
    feedback = check("kl", notebook(RIGHT["kl"]))
    assert feedback.state == "correct"
    assert "not saved" in feedback.notes[-1]
    assert capsys.readouterr() == ("", "")  # nbgrader takes text on stderr for a failure


@pytest.mark.parametrize("verb", [check, failing_case, hint, solution])
def test_without_a_name_in_quotes(verb):
    def kl(p, q):
        return 0

    with pytest.raises(TypeError, match=rf'in quotes: {verb.__name__}\("kl"\)'):
        verb(kl)
    with pytest.raises(TypeError, match="which question"):
        verb()
    with pytest.raises(TypeError, match="in quotes"):
        verb(3)
    with pytest.raises(UnknownQuestion, match="Did you mean 'entropy_bits'"):
        verb("entropy_bit")


def test_two_names_in_one_check_are_met_with_a_sentence():
    with pytest.raises(TypeError, match=r'one question at a time: check\("kl"\)'):
        check("kl", "entropy_bits")


def test_the_names_of_a_script_are_found(monkeypatch):
    monkeypatch.setattr("__main__.kl", notebook(RIGHT["kl"])["kl"], raising=False)
    assert check("kl").state == "correct"


# failing_case

WRONG_FOR_MANY = """
def kl(p, q):
    occurs = p > 0
    value = np.sum(p[occurs] * np.log(p[occurs] / q[occurs]))
    return value if len(p) < 10 else value + 1
"""


def test_a_failing_case_is_the_input_that_the_check_showed():
    """It can be too large for the feedback, which then says how to get it."""
    names = notebook(WRONG_FOR_MANY)
    feedback = check("kl", names)
    assert "with p of length" in feedback.evidence
    assert 'To try it: `kl(*failing_case("kl"))`.' in str(feedback)
    assert "failing_case(" in feedback._repr_html_()
    p, q = failing_case("kl")
    assert len(p) == len(q) >= 10
    shown = feedback.evidence.split("gives `")[1].rstrip(".`")
    assert names["kl"](p, q) == pytest.approx(float(shown))


def test_a_failing_case_may_be_changed_and_is_whole_again():
    check("kl", notebook("def kl(p, q):\n    return -1.0\n"))
    failing_case("kl")[0][:] = 7
    assert failing_case("kl")[0].sum() == pytest.approx(1)


def test_a_small_input_is_shown_and_not_offered():
    feedback = check("kl", notebook("def kl(p, q):\n    return -1.0\n"))
    assert "failing_case" not in str(feedback)
    assert len(failing_case("kl")) == 2


def test_an_input_on_which_it_stopped_is_a_failing_case_as_well():
    check("kl", notebook("def kl(p, q):\n    return 1 / 0\n"))
    assert len(failing_case("kl")) == 2


def test_without_a_wrong_value_there_is_no_failing_case():
    with pytest.raises(LookupError, match=r'run check\("kl"\) first'):
        failing_case("kl")
    check("kl", notebook("def kl(p, q):\n    return -1.0\n"))
    check("kl", notebook(RIGHT["kl"]))
    with pytest.raises(LookupError, match="no failing input"):
        failing_case("kl")


# hint


def test_each_hint_goes_one_step_further_and_keeps_those_before():
    first, second, third, again = (hint("kl") for _ in range(4))
    assert repr(first).splitlines()[0].startswith("Hint 1 of 3: Which distribution")
    assert "Hint 2" not in repr(first)
    assert "Hint 1 of 3" in repr(second) and "Σ p log(p/q)" in repr(second)
    assert "Hint 3 of 3" in repr(third) and 'solution("kl")' in repr(third)
    assert repr(again) == repr(third)
    assert "Hint 1 of 3" in repr(hint("shares"))  # counted for each question by itself


def test_a_level_can_be_asked_for():
    assert "Hint 2 of 3" in repr(hint("kl", 2))
    assert "Hint 3 of 3" in repr(hint("kl"))


def test_a_right_answer_begins_the_hints_anew_so_that_run_all_spends_none():
    for _ in range(2):
        check("kl", notebook("def kl(p, q):\n    return -1.0\n"))
        assert "Hint 2" not in repr(hint("kl"))
        check("kl", notebook(RIGHT["kl"]))


@pytest.mark.parametrize("level", [0, 4, -1, 1.0, "2", True])
def test_another_level_is_refused(level):
    with pytest.raises(ValueError, match="from 1 to 3"):
        hint("kl", level)


def test_a_hint_is_no_verdict_and_is_not_remembered(own_progress):
    assert "role" in hint("kl")._repr_html_()
    assert not own_progress.exists()


# solution


def solution_notebook(folder, source, name="02_x.ipynb"):
    cell = nbformat.v4.new_code_cell(source, metadata={"nbgrader": {"grade_id": "kl"}})
    cells = [nbformat.v4.new_markdown_cell("text"), cell]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / name)


SOURCE = (
    'def kl(p, q):\n    """Text."""\n    ### BEGIN SOLUTION\n    return p < q\n    ### END SOLUTION'
)


def test_the_solution_is_shown_and_remembered(tmp_path, monkeypatch):
    solution_notebook(tmp_path, SOURCE)
    monkeypatch.setattr(verbs, "solutions_folder", lambda: tmp_path)
    shown = solution("kl")
    assert shown.code == 'def kl(p, q):\n    """Text."""\n    return p < q'
    assert "return p &lt; q" in shown._repr_html_() or "&lt;" in shown._repr_html_()
    assert repr(shown).startswith("def kl")
    assert [event["question"] for event in history("seen")] == ["kl"]


def test_a_damaged_solution_file_does_not_hide_another(tmp_path, monkeypatch):
    (tmp_path / "00_broken.ipynb").write_text("{")
    (tmp_path / "01_list.ipynb").write_text("[]")
    (tmp_path / "01_odd.ipynb").write_text(json.dumps({"cells": [1, {}, {"metadata": None}]}))
    solution_notebook(tmp_path, SOURCE)
    monkeypatch.setattr(verbs, "solutions_folder", lambda: tmp_path)
    assert solution("kl").code


@pytest.mark.parametrize("there", [True, False])
def test_without_the_solutions_it_says_so(tmp_path, monkeypatch, there):
    monkeypatch.setattr(verbs, "solutions_folder", lambda: tmp_path if there else None)
    shown = solution("kl")
    assert shown.code is None
    assert "not on this machine" in repr(shown)
    assert "not on this machine" in shown._repr_html_()
    assert history("seen") == []


@pytest.mark.skipif(solutions_folder() is None, reason="klteach is installed without the course")
@pytest.mark.parametrize("name", questions())
def test_every_question_has_a_solution_and_it_is_right(name):
    code = solution(name).code
    assert "SOLUTION" not in code
    assert check(name, notebook(code)).state == "correct"


# In a real kernel

CELLS = [
    "from klteach.practice import check, hint, solution\nimport numpy as np",
    'check("kl")',
    "def kl(p, q):\n    # YOUR CODE HERE\n    raise NotImplementedError()",
    'check("kl")',
    "def helper(p, q):\n    return p[9] / q\n\ndef kl(p, q):\n    return helper(p, q).sum()",
    'check("kl")',
    "def kl(p, q):\n    print('step')\n    return np.nansum(p * np.log2(p / q))",
    'check("kl")',
    "def kl(p, q):\n    print('step')\n    return np.nansum(p * np.log(p / q))",
    'check("kl")',
    'hint("kl")',
]
NEWER_THAT_FAILS = ["def kl(p, q):\n    return (p", 'check("kl")', 'check("kl")']


def test_in_a_notebook():
    cells = [nbformat.v4.new_code_cell(source) for source in (*CELLS, *NEWER_THAT_FAILS)]
    cells[len(CELLS)].metadata["tags"] = ["raises-exception"]
    done = NotebookClient(nbformat.v4.new_notebook(cells=cells), timeout=600).execute()
    outputs = [cell.outputs for cell in done.cells]
    assert outputs.pop(len(CELLS))[0].ename == "SyntaxError"
    results = {}
    for number, cell_outputs in enumerate(outputs):
        if cell_outputs:
            (only,) = cell_outputs  # no warning, no print, no traceback beside it
            results[number] = (only.data["text/plain"], only.data["text/html"])
    assert "Run the cell that defines it first" in results[1][1]
    assert results[3][0] == "0" and "Not attempted yet" in results[3][1]
    assert results[5][0] == "0"
    assert "IndexError" in results[5][1]
    assert "in line 2 of its cell: <code>return p[9] / q</code>" in results[5][1]
    assert results[7][0] == "0" and "in bits" in results[7][1]
    assert results[9][0] == "2" and "it printed <code>step</code>" in results[9][1]
    assert "Hint 1 of 3" in results[10][0]
    assert "Cell [12] holds the newest <code>kl</code>, and it did not run" in results[11][1]
    assert results[11][0] == "2" and "Judged is the one of cell [9]" in results[11][1]
