"""Grades one submission: runs its cells in a process apart, and judges what its answers return.

The verdict is reached here, on inputs that are drawn here, by the same checks that a learner meets
in the notebook. A cell that kills or outlasts its process is left out and the others run again in
a new one; an answer that does is judged, and the others are called in a new one.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from klteach.grading.matching import Match, match
from klteach.grading.notebook import Notebook, Unreadable, read_notebook
from klteach.grading.session import Learner, Lost, Warm
from klteach.practice.calls import Failure, Outcome
from klteach.practice.checker import judge_answer
from klteach.practice.feedback import Feedback
from klteach.practice.question import Case, Question
from klteach.whole_files import made_with

MOST_PROCESSES = 12  # for one submission
FORMAT = 1
_MOST_NOTES = 20


def grade(data: bytes, warm: Warm, seed: str) -> dict:
    """The record of one notebook, as JSON types; the same for the same bytes and seed."""
    record = empty_record(hashlib.sha256(data).hexdigest(), seed)
    try:
        notebook = read_notebook(data)
    except Unreadable as error:
        return {**record, "status": error.status, "problem": str(error), "human": [str(error)]}
    found = match(notebook)
    record["notes"] = [*notebook.notes, *found.notes]
    record["kind"] = found.kind
    if found.lesson is None:
        problem = found.problem
        return {**record, "status": "unknown lesson", "problem": problem, "human": [problem]}
    graded = _Grading(notebook, found, warm, seed, human=list(found.doubts))
    return {**record, **graded.record(record["notes"])}


def empty_record(key: str, seed: str) -> dict:
    """A record in which nothing is known yet but the bytes and how they would be graded."""
    return {
        "format": FORMAT,
        "key": key,
        "student": "",
        "file": "",
        "lesson": None,
        "kind": "",
        "status": "failed",
        "problem": "",
        "score": None,
        "points": None,
        "questions": [],
        "notes": [],
        "human": [],
        "suspicious": [],
        "isolation": "",
        # its fingerprint, since whoever knows the seed knows the hidden inputs
        "seed": hashlib.sha256(seed.encode()).hexdigest()[:16],
        "made_with": made_with(),
    }


@cache
def hidden_cases(question: Question, seed: str) -> tuple[Case, ...]:
    """The inputs of a question for a course's seed: nobody without the seed can know them."""
    return tuple(question.cases(_mac(seed, question.name)))


def _mac(seed: str, text: str) -> bytes:
    return hmac.digest(seed.encode(), text.encode(), "sha256")


@dataclass
class _Grading:
    notebook: Notebook
    match: Match
    warm: Warm
    seed: str
    feedback: dict[str, Feedback] = field(default_factory=dict)
    left_out: dict[int, str] = field(default_factory=dict)  # cells, and why
    notes: list[str] = field(default_factory=list)
    human: list[str] = field(default_factory=list)
    suspicious: list[str] = field(default_factory=list)
    layers: tuple[str, ...] = ()
    unanswered: str = ""  # why some answers were not called

    def record(self, notes) -> dict:
        """The part of the record that comes from running the notebook."""
        end = time.monotonic() + self.warm.limits.submission_seconds
        for _ in range(MOST_PROCESSES):
            if self._in_one_process(end) or time.monotonic() > end:
                break
        else:
            self.unanswered = "the notebook ended its process again and again"
        questions = [self._question(question) for question in self.match.questions]
        if self.match.kind == "solution":
            self._suspect("the course's own solution is in it")
        return {
            "lesson": self.match.lesson,
            "status": "graded",
            "score": sum(question["score"] for question in questions),
            "points": sum(question["points"] for question in questions),
            "questions": questions,
            "notes": [*notes, *self.left_out.values(), *self.notes][:_MOST_NOTES],
            "human": self.human,
            "suspicious": self.suspicious,
            "isolation": ", ".join(self.layers) or "none",
        }

    def _in_one_process(self, end: float) -> bool:
        """Go as far as one process lets us; whether there is nothing left to do."""
        learner = self.warm.start(end)
        try:
            self.layers = learner.ready()
            self._run_cells(learner)
            return self._call_answers(learner)
        except Lost as lost:
            self._remark(lost)
            return False
        finally:
            self.warm.end()

    def _run_cells(self, learner: Learner):
        cells = [
            (cell.number, cell.source)
            for cell in self.notebook.cells
            if cell.kind == "code" and cell.number not in self.left_out
        ]
        self.notes = []
        done = 0
        try:
            for number, said in learner.run(cells):
                done += 1
                self._take(number, said)
        except Lost as lost:
            how = {
                "time": "outlasted its time and could not be stopped",
                "ended": "ended its process",
            }
            why = how.get(lost.why, str(lost))
            for number, _ in cells[done : done + 1]:  # none, if there are no cells at all
                self.left_out[number] = (
                    f"Cell {number} {why}; it was left out and the others ran again."
                )
            raise

    def _take(self, number, said):
        if said["stopped"]:
            self.notes.append(
                f"Cell {number} was stopped after {self.warm.limits.cell_seconds:g} seconds; what "
                "it had defined by then counts."
            )
        elif said["error"] and said["error"][0] != "NotImplementedError":
            kind, text = said["error"]
            self.notes.append(f"Cell {number} ended with {kind}: {' '.join(text.split())[:200]}")
        self.notes += [f"Cell {number}: {note}" for note in said["notes"]]

    def _call_answers(self, learner: Learner) -> bool:
        waiting = [q for q in self.match.questions if q.name not in self.feedback]
        found, changed = learner.find(waiting)
        if changed:
            self._suspect(f"it changed {', '.join(changed[:5])}, which was put back")
        for question in waiting:
            answer = _AnswerThere(question, learner, found[question.name], self.seed)
            cases = list(hidden_cases(question, self.seed))
            seconds = self.warm.limits.call_seconds
            self.feedback[question.name] = judge_answer(question, answer, cases, seconds)
            if answer.lost:
                self._remark(answer.lost)
                return len(self.feedback) == len(self.match.questions)
        return True

    def _remark(self, lost: Lost):
        if lost.why == "protocol":
            self._suspect(str(lost))

    def _suspect(self, what):
        if what not in self.suspicious:
            self.suspicious.append(what)
            self.human.append(what)

    def _question(self, question) -> dict:
        feedback = self.feedback.get(question.name)
        if feedback is None:
            why = self.unanswered or "the time of the whole notebook was up before"
            reason = f"`{question.name}` was not called: {why}"
            self.human.append(reason)
            feedback = Feedback(question, "too slow", f"{reason}.")
        return {
            "name": question.name,
            "points": question.points,
            "score": feedback.score,
            "state": feedback.state,
            "mistake": feedback.mistake,
            "message": feedback.message,
            # two calls of an answer that is not repeatable would make two records of one file
            "evidence": "" if feedback.mistake == "not repeatable" else feedback.evidence,
            "notes": list(feedback.notes),
        }


class _AnswerThere:
    """An answer in a learner's process."""

    def __init__(self, question: Question, learner: Learner, found, seed: str):
        self.found = found
        self.lost: Lost | None = None
        self._name = question.name
        self._learner = learner
        order = np.frombuffer(_mac(seed, f"order of {question.name}"), np.uint32)
        self._random = np.random.default_rng(order)

    def outcomes(self, cases, seconds) -> list[Outcome | None]:
        """What it does on each case, called in an order that it cannot know."""
        nothing: list[Outcome | None] = [None] * len(cases)
        if self.lost:
            return nothing
        order = self._random.permutation(len(cases))
        try:
            calls = [cases[place].arguments for place in order]
            done = self._learner.call(self._name, calls, seconds)
        except Lost as lost:
            self.lost = lost
            if lost.why == "time":
                return nothing
            text = "the call ended the whole process" if lost.why == "ended" else str(lost)
            failure = Failure(("ProcessEnded",), text)
            return [Outcome(failure=failure)] * len(cases)
        outcomes = list(nothing)
        for place, outcome in zip(order, done, strict=True):
            outcomes[place] = outcome
        return outcomes
