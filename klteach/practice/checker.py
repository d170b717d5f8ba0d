"""The lower rungs of the ladder: finds the answer among the learner's names and calls it.

not attempted, missing name, not a function, wrong signature, raised or too slow, returned nothing,
wrong type, wrong shape. An answer that gives numbers on every input goes on to `verdict`.
"""

import difflib
import dis
import inspect
from dataclasses import replace
from types import FunctionType

import numpy as np

from klteach.practice.calls import OutOfTime, TimeLimit, Transcript, call, describe_error, quiet
from klteach.practice.feedback import Feedback
from klteach.practice.question import Case, Question
from klteach.practice.results import NUMBERS, Result, read_result
from klteach.practice.verdict import verdict
from klteach.practice.wording import call_text, shorten, show

SECONDS = 5.0
SECONDS_AGAIN = 1.0  # for calls that only help to explain a wrong answer

_DOES_NOTHING = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}
_SHOWABLE = (bool, complex, str, list, tuple, dict, np.ndarray, *NUMBERS)


def check_answer(question: Question, namespace: dict, seconds: float = SECONDS) -> Feedback:
    """Look for the answer to `question` among the learner's names and give feedback on it.

    Nothing that the learner's code does escapes, save their own KeyboardInterrupt.
    """
    if question.name not in namespace:
        return Feedback(question, "missing name", _missing(question, namespace))
    function = namespace[question.name]
    return _unfit(question, function) or _Trial(question, function, namespace, seconds).feedback()


# Before the first call


def _missing(question: Question, namespace: dict) -> str:
    own = [
        name
        for name, value in namespace.items()
        if type(value) is FunctionType and value.__globals__ is namespace
    ]
    likely = difflib.get_close_matches(question.name, own, n=1, cutoff=0.6)
    message = f"There is no function `{question.name}` in this notebook."
    if likely:
        return f"{message} Did you mean `{likely[0]}`? The check looks for `{question.name}`."
    return (
        f"{message} Run the cell that defines it first. If you did, look for an error below that "
        "cell."
    )


def _unfit(question: Question, value) -> Feedback | None:
    """Feedback on something that need not be called to see that it is no answer."""
    name = question.name
    if not callable(value):
        return Feedback(
            question,
            "not a function",
            f"`{name}` is no function here but an object of type `{type(value).__name__}`. Was the "
            f"result given the name of the function? Run the cell with `def {name}` once more.",
        )
    if str(getattr(value, "__module__", "")).startswith("klteach."):
        return Feedback(
            question,
            "not attempted",
            f"`{name}` is klteach's own function here. Run the cell with your definition, then "
            "check again.",
        )
    try:
        signature = inspect.signature(value)
    except Exception:  # functions written in C may not tell theirs, and odd objects may object
        return None
    try:
        signature.bind(*question.visible[0].arguments)
    except TypeError:
        return Feedback(
            question,
            "wrong signature",
            f"It is called as `{name}({', '.join(question.argument_names)})`, and yours is defined "
            f"as `{name}({', '.join(signature.parameters)})`.",
        )
    return None


def _does_nothing(function) -> bool:
    """Whether the body is empty: a docstring, `pass` or `...`."""
    return type(function) is FunctionType and all(
        step.opname in _DOES_NOTHING for step in dis.get_instructions(function)
    )


# From the first call on


class _Trial:
    """One answer, called on every case."""

    def __init__(self, question: Question, function, namespace: dict, seconds: float):
        self.question = question
        self.function = function
        # What the frames of the learner's own code have in common, wherever it was written.
        self.names = function.__globals__ if type(function) is FunctionType else namespace
        self.seconds = seconds
        self.transcript = Transcript()
        self.printed = ""  # by the first call that printed anything
        self.changed_its_input = False
        self.cases = question.cases()
        self.results: list[Result] = []

    def feedback(self) -> Feedback:
        with quiet(self.transcript):
            try:
                with TimeLimit(self.seconds) as limit:
                    feedback = self._run_cases(limit)
            except OutOfTime:
                feedback = self._too_slow()
            notes = self._notes()
            if feedback is None:
                feedback = verdict(self.question, self.cases, self.results, self._again)
                feedback = replace(feedback, notes=notes)
        return feedback

    def _run_cases(self, limit: TimeLimit) -> Feedback | None:
        """Call the answer on every case; feedback at the first one that gives no numbers."""
        for case in self.cases:
            self.transcript.clear()
            outcome = call(self.function, case)
            self.printed = self.printed or self.transcript.text
            limit.check()
            if outcome.error is not None:
                return self._raised(case, outcome.error)
            self.changed_its_input |= outcome.changed_its_input
            result = self._read(case, outcome.value)
            if result.problem:
                return self._unusable(case, result, outcome.value)
            self.results.append(result)
        return None

    def _again(self, cases: list[Case]) -> list[np.ndarray | None]:
        """The values on these cases, None where there are none or where the time is up."""
        values: list[np.ndarray | None] = [None] * len(cases)
        try:
            with TimeLimit(min(SECONDS_AGAIN, self.seconds)) as limit:
                for i, case in enumerate(cases):
                    outcome = call(self.function, case)
                    limit.check()
                    if outcome.error is None:
                        values[i] = self._read(case, outcome.value).values
        except OutOfTime:
            pass  # a verdict is reached without them
        return values

    def _read(self, case: Case, value) -> Result:
        return read_result(value, self.question.returns, case.arguments)

    def _raised(self, case: Case, error: BaseException) -> Feedback:
        if isinstance(error, NotImplementedError) and case is self.cases[0]:
            return self._not_attempted()
        return self._stopped("raised", describe_error(error, self.names), case)

    def _too_slow(self) -> Feedback:
        return self._stopped(
            "too slow",
            f"Stopped after {self.seconds:g} seconds. Is there a loop that never ends, or one over "
            "numbers where NumPy could take the whole array at once?",
            self.cases[len(self.results)],
        )

    def _not_attempted(self) -> Feedback:
        return Feedback(
            self.question,
            "not attempted",
            "Put your code in the place of `raise NotImplementedError()`, run that cell, then "
            "check again.",
        )

    def _unusable(self, case: Case, result: Result, value) -> Feedback:
        rung, message = result.problem
        if rung != "returned nothing":
            shown = show(value) if type(value) in _SHOWABLE else type(value).__name__
            called = call_text(self.question, case)
            evidence = f"Yours: {called} gives `{shown}`."
            return Feedback(self.question, rung, message, evidence=evidence, notes=self._notes())
        if _does_nothing(self.function):
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
        return Feedback(self.question, state, message, evidence=called, notes=self._notes())

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self.changed_its_input:
            notes.append(
                "your function changed the arrays that it was given. Whoever calls it next finds "
                "other numbers in them: work on a new array."
            )
        if self.printed.strip():
            notes.append(f"it printed `{shorten(self.printed)}`; only what it returns counts.")
        return tuple(notes)
