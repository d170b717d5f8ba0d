"""What a unit holds is found by its name, and nothing else is imported on the way."""

import subprocess
import sys
from importlib import import_module

import pytest

from klteach.units import WRITTEN
from klteach.units.lookup import (
    UnknownQuestion,
    find_question,
    predictions_of,
    questions,
    questions_of,
    review_of,
)
from notebook_running import ROOT
from tests.plugins.unit_option import chosen

each_unit = pytest.mark.parametrize("unit", chosen(), ids=lambda unit: unit.name)


@each_unit
def test_the_package_of_a_unit_names_its_questions(unit):
    declared = [question.name for question in questions_of(unit)]
    assert list(import_module(unit.package).QUESTION_NAMES) == declared
    assert all(question.lesson == unit.name for question in questions_of(unit))
    assert all(find_question(question.name) is question for question in questions_of(unit))


@each_unit
def test_the_quiz_of_a_unit_bears_its_code(unit):
    assert all(item.unit == unit.code for item in [*predictions_of(unit), *review_of(unit)])


def test_the_questions_come_in_the_order_of_the_units():
    lessons = [question.lesson for question in questions().values()]
    assert lessons == sorted(lessons) and set(lessons) == {unit.name for unit in WRITTEN}


def test_a_name_that_is_nearly_right_is_suggested():
    with pytest.raises(UnknownQuestion, match="Did you mean 'pinsker'"):
        find_question("pinskers")
    with pytest.raises(UnknownQuestion, match="The questions are: shares, "):
        find_question("ｑ")


def modules_after(program):
    """The modules that a fresh Python has imported after these lines, the learner's as __main__."""
    program = f"import numpy as np\n{program}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n")[-2].split())


def units_of(modules):
    """The units of which more than the list of questions was imported."""
    parts = [name.split(".") for name in modules if name.startswith("klteach.units.u")]
    return {part[2] for part in parts if len(part) > 3}


CHECK_KL = """
from klteach.practice import check
def kl(p, q):
    p, q = np.asarray(p), np.asarray(q)
    with np.errstate(all="ignore"):
        return np.sum(p[p > 0] * np.{log}(p[p > 0] / q[p > 0]))
assert check("kl").state == "{state}"
"""


@pytest.mark.parametrize(("log", "state"), [("log", "correct"), ("log2", "named mistake")])
def test_a_check_imports_one_unit_and_neither_scipy_nor_a_picture(log, state):
    modules = modules_after(CHECK_KL.format(log=log, state=state))
    assert units_of(modules) == {"u02_cross_entropy_and_kl"}
    assert not modules & {"scipy", "matplotlib", "ipywidgets", "anywidget", "klteach.explorers"}


def test_a_unit_that_needs_scipy_imports_it_when_a_mistake_is_looked_for():
    modules = modules_after("from klteach.practice import hint\nhint('psi')\nhint('carriers')")
    assert units_of(modules) == {"u23_psi_and_its_null", "u25_token_histograms"}
    assert "scipy" not in modules


def test_a_prediction_imports_the_quiz_of_its_unit():
    find = "from klteach.practice.quiz.verbs import find_prediction\nfind_prediction('13-small')"
    modules = modules_after(find)
    assert units_of(modules) == {"u13_pinsker"}
    assert "klteach.units.u13_pinsker.quiz" in modules
    assert "klteach.units.u13_pinsker.questions" not in modules
