"""Answers that learners gave or might give, kept beside each unit: one line of JSON each.

`learner_answers.jsonl` in a unit's folder has the question, the kind ("right", "wrong", or
"borderline" for what may be either), a label, and the code of the cell. Each is run after the
first cell of its exercise notebook, as a learner would, and checked.
"""

import json
import linecache
import warnings
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from klteach.practice.checker import check_answer
from klteach.practice.feedback import Feedback
from klteach.units.lookup import find_question

UNITS = Path(__file__).parent
EXERCISES = UNITS.parents[1] / "exercises"
SECONDS = 3.0  # an answer without an end takes so long, and no other one as long as that
RIGHT, WRONG, BORDERLINE = "right", "wrong", "borderline"


@dataclass(frozen=True)
class LearnerAnswer:
    """One answer: its question, whether it is right, what is special about it, and its code."""

    question: str
    kind: str
    label: str
    code: str

    def feedback(self) -> Feedback:
        """What `check` says after this cell; where the cell stops, its names up to there count."""
        question = find_question(self.question)
        names = {"__name__": "__main__"}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(_first_cell(question.lesson), names)
            place = f"<answer {self.label}>"
            lines = self.code.splitlines(keepends=True)
            linecache.cache[place] = (len(self.code), None, lines, place)
            with suppress(Exception):
                exec(compile(self.code, place, "exec"), names)
        return check_answer(question, names, SECONDS)


def answers_of(unit) -> list[LearnerAnswer]:
    """All answers that are kept of a unit; none if it has no such file."""
    path = UNITS / f"u{unit.name}" / "learner_answers.jsonl"
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [LearnerAnswer(**json.loads(line)) for line in lines if line.strip()]


@cache
def _first_cell(lesson):
    notebook = json.loads((EXERCISES / f"{lesson}.ipynb").read_text(encoding="utf-8"))
    source = next("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    return compile(source, f"<first cell of {lesson}>", "exec")
