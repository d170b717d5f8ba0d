"""Runs one notebook in processes apart and has its answers judged, as far as its time goes.

A cell that kills or outlasts its process is left out but for its imports, and the others run again
in a new one; an answer that does is judged, and the others are called in a new one.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace

import numpy as np

from klteach.grading.notebooks.cell_code import bound_names, imports_in
from klteach.grading.notebooks.matching import Match
from klteach.grading.notebooks.notebook import Notebook
from klteach.grading.session import Learner, Lost, Warm
from klteach.practice.calls import Failure, Found, Outcome
from klteach.practice.checker import judge_answer
from klteach.practice.feedback import Feedback
from klteach.practice.question import Case, Question
from klteach.practice.wording import in_seconds

MOST_PROCESSES = 12  # for one submission
_EARLIER = (
    "names that it uses mean something else at the end of the notebook; it was called as it was "
    "where it is checked"
)
_NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")


def hidden_cases(question: Question, seed: str) -> list[Case]:
    """The inputs of a question for a course's seed: nobody without the seed can know them."""
    return question.cases(mac(seed, question.name))


def mac(seed: str, text: str) -> bytes:
    """Bytes that nobody can know without the seed."""
    return hmac.digest(seed.encode(), text.encode(), hashlib.sha256)


@dataclass
class NotebookRun:
    """What came of running one notebook.

    feedback    of each question that was called, by name
    undefined   question -> the name that its answer did not find, where that ended it
    wanting     names that the notebook would have bound, had it run where the learner works
    starved     questions that were stopped while they waited, on a machine that does not tell
                whether they slept or others had the processor
    reused      questions whose name meant something else in the end than their last function
    unanswered  why some questions were not called
    """

    notebook: Notebook
    match: Match
    warm: Warm
    seed: str
    feedback: dict[str, Feedback] = field(default_factory=dict)
    undefined: dict[str, str] = field(default_factory=dict)
    wanting: set[str] = field(default_factory=set)
    starved: set[str] = field(default_factory=set)
    reused: set[str] = field(default_factory=set)
    suspicious: list[str] = field(default_factory=list)
    layers: tuple[str, ...] = ()
    unanswered: str = "the time of the whole notebook was up before"
    _left_out: dict[int, str] = field(default_factory=dict)  # cells, and why
    _dropped: set[int] = field(default_factory=set)  # cells whose imports are left out too
    _notes: list[str] = field(default_factory=list)

    @property
    def notes(self) -> list[str]:
        """What is to be said about its cells."""
        return [*self._left_out.values(), *self._notes]

    def go(self) -> None:
        """Run it, in as many processes as it takes."""
        left = self.warm.limits.submission_seconds
        for _ in range(MOST_PROCESSES):
            learner = self.warm.start(left)
            try:
                if self._in_one_process(learner, left):
                    return
            finally:
                self.warm.end()
            left -= learner.spent()
            if left <= 0:
                return
        self.unanswered = "the notebook ended its process again and again"

    def _in_one_process(self, learner: Learner, left: float) -> bool:
        """Go as far as one process lets us; whether there is nothing left to do."""
        try:
            self.layers = learner.ready()
            self._run_cells(learner, left)
            return self._call_answers(learner, left)
        except Lost as lost:
            self._remark(lost)
            return False

    def _waiting(self) -> list[Question]:
        return [q for q in self.match.questions if q.name not in self.feedback]

    # Cells

    def _run_cells(self, learner: Learner, left: float):
        cells = list(self._cells())
        reserve = min(left / 2, self.warm.limits.call_seconds * len(self._waiting()))
        self._notes, done = [], 0
        try:
            for number, said in learner.run(cells, together=left - reserve):
                done += 1
                self._take(number, said)
        except Lost as lost:
            for number, source in cells[done : done + 1]:  # none, if there are no cells at all
                self._leave_out(number, source, lost)
            raise

    def _cells(self):
        for cell in self.notebook.cells:
            source = self.match.as_code.get(cell.number, cell.source)
            if cell.kind != "code" and cell.number not in self.match.as_code:
                continue
            if cell.number in self._left_out:
                source = "" if cell.number in self._dropped else imports_in(source)
            if cell.number not in self._left_out or source:
                yield cell.number, source

    def _leave_out(self, number, source, lost):
        if number in self._left_out:
            self._dropped.add(number)
            return
        how = {
            "time": "outlasted its time and could not be stopped",
            "ended": "ended its process",
        }
        why = how.get(lost.why, str(lost))
        self._left_out[number] = f"Cell {number} {why}; it was left out and the others ran again."
        self.wanting |= set().union(*bound_names(source))

    def _take(self, number, said):
        if said["stopped"]:
            self._notes.append(
                f"Cell {number} was stopped after {in_seconds(self.warm.limits.cell_seconds)}; "
                "what it had defined by then counts."
            )
        elif said["error"] and said["error"][0] != "NotImplementedError":
            kind, text = said["error"]
            self._notes.append(f"Cell {number} ended with {kind}: {' '.join(text.split())[:200]}")
        self._notes += [f"Cell {number}: {note}" for note in said["notes"]]
        self.wanting |= set(said["wanting"])

    # Answers

    def _call_answers(self, learner: Learner, left: float) -> bool:
        waiting = self._waiting()
        found, changed = learner.find(waiting)
        self.reused |= {name for name, it in found.items() if it.reused}
        if changed:
            self.suspect(f"it changed {', '.join(changed[:5])}, which was put back")
        for question in waiting:
            answer = _AnswerThere(question, learner, found[question.name], self.seed)
            feedback = self._judge(question, answer)
            if answer.lost and answer.lost.why == "time" and learner.spent() >= left:
                return False  # the time of all was up, and this one had not had its own
            self.feedback[question.name] = feedback
            if answer.undefined:
                self.undefined[question.name] = answer.undefined
            if answer.waited and not learner.knows_held_up:
                self.starved.add(question.name)
            if answer.lost:
                self._remark(answer.lost)
                return not self._waiting()
        return True

    def _judge(self, question: Question, answer: "_AnswerThere") -> Feedback:
        cases, seconds = hidden_cases(question, self.seed), self.warm.limits.call_seconds
        feedback = judge_answer(question, answer, cases, seconds)
        if answer.lost or not answer.found.earlier or feedback.state == "correct":
            return feedback
        earlier = judge_answer(question, answer.at_its_check(), cases, seconds)
        return (
            replace(earlier, notes=(*earlier.notes, _EARLIER))
            if (earlier.score > feedback.score)
            else feedback
        )

    def _remark(self, lost: Lost):
        if lost.why == "protocol":
            self.suspect(str(lost))

    def suspect(self, what: str) -> None:
        """Remember that this is odd, once."""
        if what not in self.suspicious:
            self.suspicious.append(what)


class _AnswerThere:
    """An answer in a learner's process.

    lost       why the process is no more, if the answer ended it
    undefined  the name that it did not find, if that ended its first call
    waited     whether it was stopped without having computed for all of its time
    """

    has_klteach = False

    def __init__(self, question: Question, learner: Learner, found: Found, seed: str):
        self.found = found
        self.lost: Lost | None = None
        self.undefined = ""
        self.waited = False
        self._earlier = False
        self._name = question.name
        self._learner = learner
        order = np.frombuffer(mac(seed, f"order of {question.name}"), np.uint32)
        self._random = np.random.default_rng(order)

    def at_its_check(self) -> "_AnswerThere":
        """The same, with all names as they were where the notebook checks it."""
        if self.found.earlier:
            self.found, self._earlier = self.found.earlier, True
        return self

    def outcomes(self, cases, seconds) -> list[Outcome | None]:
        """What it does on each case, called in an order that it cannot know."""
        nothing: list[Outcome | None] = [None] * len(cases)
        if self.lost:
            return nothing
        order = self._random.permutation(len(cases))
        try:
            calls = [cases[place].arguments for place in order]
            done = self._learner.call(self._name, calls, seconds, self._earlier)
        except Lost as lost:
            self.lost = lost
            if lost.why == "time":
                self.waited = True
                return nothing
            text = "the call ended the whole process" if lost.why == "ended" else str(lost)
            failure = Failure(("ProcessEnded",), text)
            return [Outcome(failure=failure)] * len(cases)
        outcomes = list(nothing)
        for place, outcome in zip(order, done, strict=True):
            outcomes[place] = outcome
        self._look(outcomes[0])
        self.waited |= any(o and o.failure and "OutOfTime" in o.failure.kinds for o in outcomes)
        return outcomes

    def _look(self, first: Outcome | None):
        if first and first.failure and first.failure.kinds[0] == "NameError":
            found = _NOT_DEFINED.search(first.failure.text)
            self.undefined = self.undefined or (found[1] if found else "")
