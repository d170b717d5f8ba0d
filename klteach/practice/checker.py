"""The lower rungs of the ladder: finds the answer to a question and calls it.

not attempted, missing name, not a function, wrong signature, raised or too slow, returned nothing,
wrong type, wrong shape. An answer that gives numbers on every input goes on to `verdict`.
"""

import difflib
import time
from dataclasses import replace
from typing import Protocol

import numpy as np

from klteach.practice.calls import Found, Outcome, call_all, find
from klteach.practice.feedback import Feedback
from klteach.practice.question import Case, Question
from klteach.practice.results import NUMBERS, Result, read_result
from klteach.practice.verdict import verdict
from klteach.practice.wording import call_text, failure_text, in_seconds, shorten, show

SECONDS = 5.0
SECONDS_AGAIN = 1.0  # for calls that only help to explain a wrong answer
SECONDS_AGAIN_IN_ALL = 3.0  # of this process; then nothing more is tried

_SHOWABLE = (bool, np.bool_, complex, str, list, tuple, dict, np.ndarray, *NUMBERS)


class Answer(Protocol):
    """A learner's function, wherever it runs."""

    found: Found
    has_klteach: bool  # whether what it calls of klteach is there

    def outcomes(self, cases: list[Case], seconds: float) -> list[Outcome | None]:
        """What it did on each case; None where the time was not enough."""


class AnswerHere:
    """An answer among names of this process."""

    has_klteach = True

    def __init__(self, question: Question, names: dict):
        self.found = find(question.name, names, len(question.visible[0].arguments))
        self._function = names.get(question.name)
        self._names = names

    def outcomes(self, cases, seconds):
        calls = [case.arguments for case in cases]
        return call_all(self._function, calls, seconds, self._names)


def check_answer(question: Question, names: dict, seconds: float = SECONDS) -> Feedback:
    """Look for the answer to `question` among the learner's names and give feedback on it.

    Nothing that the learner's code does escapes, save their own KeyboardInterrupt.
    """
    return judge_answer(question, AnswerHere(question, names), question.cases(), seconds)


def judge_answer(
    question: Question, answer: Answer, cases: list[Case], seconds: float = SECONDS
) -> Feedback:
    """Feedback on an answer, from what it does on these cases."""
    calls_klteach = answer.found.kind == "borrowed" and question.may_call_klteach
    if calls_klteach and not getattr(answer, "has_klteach", False):
        return Feedback(
            question,
            "not called",
            f"{_calls(answer.found.borrowed)}, which this question allows and which is not at hand "
            "here.",
        )
    if answer.found.kind != "function" and not calls_klteach:
        return _unfit(question, answer.found)
    return _Trial(question, answer, cases, seconds).feedback()


# Before the first call


def _unfit(question: Question, found: Found) -> Feedback:
    """Feedback on something that need not be called to see that it is no answer."""
    name = question.name
    if found.kind == "missing":
        return Feedback(question, "missing name", _missing(name, found.functions))
    if found.kind == "no function":
        return Feedback(
            question,
            "not a function",
            f"`{name}` is no function here but an object of type `{shorten(found.type_name)}`. Was "
            f"the result given the name of the function? Run the cell with `def {name}` once more.",
        )
    if found.kind == "of klteach":
        return Feedback(
            question,
            "not attempted",
            f"`{name}` is klteach's own function here. Run the cell with your definition, then "
            "check again.",
        )
    if found.kind == "borrowed":
        return Feedback(
            question,
            "borrowed",
            f"{_calls(found.borrowed)}. The library has the answer, and here it is yours to write: "
            "with NumPy, and with your own functions from before. Where marks are made, klteach is "
            "not at hand.",
        )
    return Feedback(
        question,
        "wrong signature",
        f"It is called as `{name}({', '.join(question.argument_names)})`, and yours is defined "
        f"as `{name}({shorten(', '.join(found.parameters))})`.",
    )


def _calls(borrowed: str, whose: str = "Yours") -> str:
    """That an answer calls this function of klteach."""
    name = shorten(borrowed)
    return f"{whose} calls `{name}`" + ("" if name.split(".")[0] == "klteach" else " of klteach")


def _missing(name: str, functions: tuple[str, ...]) -> str:
    likely = difflib.get_close_matches(name, functions, n=1, cutoff=0.6)
    message = f"There is no function `{name}` in this notebook."
    if likely:
        return f"{message} Did you mean `{likely[0]}`? The check looks for `{name}`."
    return (
        f"{message} Run the cell that defines it first. If you did, look for an error below that "
        "cell."
    )


# From the first call on


class _Trial:
    """One answer, called on every case."""

    def __init__(self, question: Question, answer: Answer, cases: list[Case], seconds: float):
        self.question = question
        self.answer = answer
        self.cases = cases
        self.seconds = seconds
        self.printed = ""  # by the first call that printed anything
        self.changed_its_input = False
        self.spent_again = 0.0  # processor seconds
        self.results: list[Result] = []

    def feedback(self) -> Feedback:
        """Feedback at the first case that gives no numbers, or the verdict on the numbers."""
        outcomes = self.answer.outcomes(self.cases, self.seconds)
        for case, outcome in zip(self.cases, outcomes, strict=True):
            feedback = self._take(case, outcome)
            if feedback:
                return feedback
        notes = self._notes()
        with np.errstate(all="ignore"):  # mistakes divide by zero
            feedback = verdict(self.question, self.cases, self.results, self._again)
        return replace(feedback, notes=(*feedback.notes, *notes))

    def _take(self, case: Case, outcome: Outcome | None) -> Feedback | None:
        if outcome is None:
            return self._too_slow(case)
        self.printed = self.printed or outcome.printed
        if outcome.failure:
            return self._raised(case, outcome.failure)
        self.changed_its_input |= outcome.changed_its_input
        result = self._read(case, outcome.value)
        if result.problem:
            return self._unusable(case, result.problem, outcome.value)
        self.results.append(replace(result, undefined=outcome.undefined))
        return None

    def _again(self, cases: list[Case]) -> list[np.ndarray | None]:
        """The values on these cases, None where there are none or where the time was up."""
        if self.spent_again > SECONDS_AGAIN_IN_ALL:
            return [None] * len(cases)
        begin = time.thread_time()
        outcomes = self.answer.outcomes(cases, min(SECONDS_AGAIN, self.seconds))
        self.spent_again += time.thread_time() - begin
        return [
            None if outcome is None or outcome.failure else self._read(case, outcome.value).values
            for case, outcome in zip(cases, outcomes, strict=True)
        ]

    def _read(self, case: Case, value) -> Result:
        return read_result(value, self.question.returns, case.arguments)

    def _raised(self, case: Case, failure) -> Feedback:
        if "OutOfTime" in failure.kinds:
            return self._waits(case, failure.text)
        # no subclass: IPython's own say that `input` has nobody to ask
        if failure.kinds[0] == "NotImplementedError" and case is self.cases[0]:
            return self._not_attempted()
        return self._stopped("raised", failure_text(failure, self.question, case), case)

    def _too_slow(self, case: Case) -> Feedback:
        return self._stopped(
            "too slow",
            f"Stopped after {in_seconds(self.seconds)} of computing. Is there a loop that never "
            "ends, or one over numbers where NumPy could take the whole array at once?",
            case,
        )

    def _waits(self, case: Case, seconds: str) -> Feedback:
        return self._stopped(
            "too slow",
            f"Stopped after {in_seconds(float(seconds))}, of which it computed for less than "
            f"{self.seconds:g}. Does it wait for something: `time.sleep`, `input`, a file?",
            case,
        )

    def _not_attempted(self) -> Feedback:
        return Feedback(
            self.question,
            "not attempted",
            "Put your code in the place of `raise NotImplementedError()`, run that cell, then "
            "check again.",
        )

    def _unusable(self, case: Case, problem: tuple[str, str], value) -> Feedback:
        rung, message = problem
        if rung != "returned nothing":
            shown = show(value) if type(value) in _SHOWABLE else type(value).__name__
            called = call_text(self.question, case)
            evidence = f"Yours: {called} gives `{shown}`."
            return Feedback(
                self.question, rung, message, evidence=evidence, notes=self._notes(), case=case
            )
        if self.answer.found.empty:
            return self._not_attempted()
        if not self.printed:
            return self._stopped(rung, f"{message} Is a `return` missing at the end?", case)
        message += (
            f" It printed `{shorten(self.printed)}`: a printed number is seen, but only a returned "
            "one can be used. Write `return` instead of `print`."
        )
        self.printed = ""  # said already
        return self._stopped(rung, message, case)

    def _stopped(self, state: str, message: str, case: Case) -> Feedback:
        called = f"Called as {call_text(self.question, case)}."
        return Feedback(
            self.question, state, message, evidence=called, notes=self._notes(), case=case
        )

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self.answer.found.kind == "borrowed":
            notes.append(
                f"{_calls(self.answer.found.borrowed, 'yours')}, which is not at hand where "
                "marks are made. Before you hand it in, put your own function in its place, or "
                "what you found with it."
            )
        if self.changed_its_input:
            notes.append(
                "your function changed the arrays that it was given. Whoever calls it next finds "
                "other numbers in them: work on a new array."
            )
        if self.printed.strip():
            notes.append(f"it printed `{shorten(self.printed)}`; only what it returns counts.")
        return tuple(notes)
