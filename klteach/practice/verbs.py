"""The verbs of an exercise: check an answer, try a failing input, get a hint, see the solution."""

import json
import re
import sys
from dataclasses import dataclass, replace

from klteach.practice.checker import check_answer
from klteach.practice.course_folder import solutions_folder
from klteach.practice.events import record
from klteach.practice.feedback import BLUE, Feedback, box, code_block, paragraph
from klteach.practice.judged_version import with_version
from klteach.practice.question import Case, Question
from klteach.units.lookup import find_question

# How many hints of each question this session has shown. It is forgotten when the kernel restarts:
# whoever comes back the next day begins with the gentle one. So does whoever has the right answer:
# a notebook that is run to its end twice shows the same hint twice.
_hints_shown: dict[str, int] = {}
# The input that the last check of each question showed a wrong value on.
_failing: dict[str, Case] = {}


def check(name: str | None = None, namespace: dict | None = None) -> Feedback:
    """Check the function called `name` in this notebook and say what is right or wrong with it.

    name       the name in quotes, as in check("kl")
    namespace  where to look for the function; by default among the names of the notebook
    Returns:   Feedback, whose text is the score; a check of an attempted answer is remembered.
    Errors:    TypeError or UnknownQuestion if no question is meant by `name`; none from an answer.
    """
    question = _question(name, "check")
    if namespace is not None and not isinstance(namespace, dict):
        raise TypeError(
            f'one question at a time: check("{question.name}"). The second argument, seldom '
            "needed, is a dictionary of names."
        )
    names = _names_of_notebook() if namespace is None else namespace
    feedback = with_version(check_answer(question, names), names)
    _failing.pop(question.name, None)
    if feedback.case is not None:
        _failing[question.name] = feedback.case
    if feedback.state == "correct":
        _hints_shown.pop(question.name, None)
    if feedback.attempted:
        problem = record(
            "check",
            question=question.name,
            outcome=feedback.state,
            mistake=feedback.mistake,
            score=feedback.score,
            points=feedback.points,
        )
        if problem:
            feedback = replace(feedback, notes=(*feedback.notes, problem))
    return feedback


def failing_case(name: str | None = None) -> tuple:
    """The arguments on which the last check of this question found the answer wrong.

    They are fresh copies, to work with by hand: `psi(*failing_case("psi"))` is the value that the
    check complained of. What is right for them it does not tell.

    Errors:    TypeError or UnknownQuestion if no question is meant by `name`; LookupError if no
               check in this session has found a wrong value.
    """
    question = _question(name, "failing_case")
    if question.name not in _failing:
        raise LookupError(
            f'no failing input of {question.name} is known: run check("{question.name}") first'
        )
    return _failing[question.name].copies()


def hint(name: str | None = None, level: int | None = None) -> "Hint":
    """The next hint for a question, with those before it: a question, a formula, a line of code.

    level      1, 2 or 3 for that hint at once
    Errors:    TypeError or UnknownQuestion if no question is meant by `name`; ValueError for
               another level.
    """
    question = _question(name, "hint")
    last = len(question.hints)
    if level is None:
        level = min(_hints_shown.get(question.name, 0) + 1, last)
    elif type(level) is not int or not 1 <= level <= last:
        raise ValueError(f"level is a whole number from 1 to {last}, not {level!r}")
    _hints_shown[question.name] = level
    return Hint(question, level)


def solution(name: str | None = None) -> "Solution":
    """The solution of a question as the solution notebook has it. Always available.

    Looking is remembered: `progress()` shows the question as seen.

    Errors:    TypeError or UnknownQuestion if no question is meant by `name`.
    """
    question = _question(name, "solution")
    code = solution_code(question)
    problem = record("seen", question=question.name) if code else ""
    return Solution(question, code, problem)


@dataclass(frozen=True)
class Hint:
    """The hints of a question up to a level."""

    question: Question
    level: int

    @property
    def _lines(self) -> list[str]:
        total = len(self.question.hints)
        lines = [
            f"Hint {i} of {total}: {text}"
            for i, text in enumerate(self.question.hints[: self.level], start=1)
        ]
        name = self.question.name
        if self.level < total:
            return [*lines, "Run this cell again for the next hint."]
        return [*lines, f'That was the last one. `solution("{name}")` shows the solution.']

    def __repr__(self):
        return "\n".join(self._lines)

    def _repr_html_(self):
        *hints, then = self._lines
        body = "".join(paragraph(line) for line in hints) + paragraph(then, quiet=True)
        return box(BLUE, "?", "Hint", f"`{self.question.name}`", body)


@dataclass(frozen=True)
class Solution:
    """The code that solves a question; `code` is None where the solutions are not at hand."""

    question: Question
    code: str | None
    note: str = ""

    @property
    def _words(self) -> str:
        if self.code is None:
            return (
                f"The solution of `{self.question.name}` is not on this machine: klteach is "
                "installed without the course's `solutions` folder beside it."
            )
        return "One way among several. Close it, write your own from memory, and check that."

    def __repr__(self):
        return "\n".join(part for part in (self.code, self._words, self.note) if part)

    def _repr_html_(self):
        body = code_block(self.code) if self.code else ""
        body += paragraph(self._words, quiet=bool(self.code))
        if self.note:
            body += paragraph(f"Note: {self.note}")
        return box(BLUE, "i", "Solution", f"`{self.question.name}`", body)


def _question(name, verb: str) -> Question:
    if isinstance(name, str):
        return find_question(name)
    if name is None:
        raise TypeError(f'say which question, in quotes, for example {verb}("kl")')
    own_name = getattr(name, "__name__", "kl")
    raise TypeError(f'put the name in quotes: {verb}("{own_name}")')


def _names_of_notebook() -> dict:
    """The learner's names: of the running notebook, or of the script that was started."""
    if "IPython" in sys.modules:
        shell = sys.modules["IPython"].get_ipython()
        if shell is not None:
            return shell.user_ns
    return vars(sys.modules["__main__"])


_REGION = re.compile(r"^[ \t]*### (BEGIN|END) SOLUTION[ \t]*\n?", re.MULTILINE)


def solution_code(question: Question) -> str | None:
    """The cell that nbgrader knows by the question's name, without the marks of the solution."""
    folder = solutions_folder()
    for path in sorted(folder.glob("*.ipynb")) if folder else ():
        try:
            for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                if cell["metadata"].get("nbgrader", {}).get("grade_id") == question.name:
                    return _REGION.sub("", "".join(cell["source"])).rstrip()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # a damaged file must not hide the solution in another
    return None
